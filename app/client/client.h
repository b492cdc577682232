// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QDBusConnection>
#include <QDBusError>
#include <QObject>

#include <chrono>
#include <expected>
#include <functional>
#include <memory>

namespace weir::client {

/// Why a call failed, as a person should read it.
struct CallError {
    QString name;    ///< D-Bus error name, see dbus/names.h
    QString message; ///< what the helper said, English

    bool notAuthorized() const;
    bool helperAway() const; ///< the helper is not there: not running, not installed, or the bus is gone
};

template <typename T>
using Answer = std::expected<T, CallError>;
template <typename T>
using OnAnswer = std::function<void(Answer<T>)>;

struct FlowAnswer {
    uint matching = 0;
    uint total = 0;
    dbus::FlowRows rows;

    bool isAll() const { return matching <= uint(rows.size()); }
};

struct SampleAnswer {
    qint64 endMs = 0;
    QList<double> rxBytesPerSecond; ///< NaN where none was taken
    QList<double> txBytesPerSecond;
};

struct SettingsAnswer {
    uint revision = 0;
    QVariantMap settings;
};

/// Opens the bus: a new connection each time it is called; one that is not connected when that failed.
using OpenBus = std::function<QDBusConnection()>;

class Bus;

/// The helper's API, asynchronously; the only code of the application that speaks D-Bus.
///
/// Calls never block; answers come on the thread of the object. Guarded calls allow interaction (polkit may
/// ask the person) and wait up to five minutes; others wait ten seconds. A call whose `context` is gone by
/// then is not answered.
class Client : public QObject
{
    Q_OBJECT
public:
    /// `bus`: normally QDBusConnection::systemBus(). When the system bus goes away it is opened again;
    /// another bus is not.
    explicit Client(QDBusConnection bus, QObject *parent = nullptr);
    /// Opens the bus with `open`, now and each time it was lost.
    explicit Client(OpenBus open, QObject *parent = nullptr);
    ~Client() override;

    /// How long reads (10 s) and guarded calls (5 min) wait for their answer.
    void setTimeouts(std::chrono::milliseconds read, std::chrono::milliseconds guarded);

    /// Whether the helper owns its name now. It is started on demand by the first call; known shortly after
    /// construction, when helperPresentChanged() tells.
    bool helperPresent() const;

    void status(QObject *context, OnAnswer<QVariantMap> done);
    void problems(QObject *context, OnAnswer<dbus::ProblemRows> done);
    void settings(QObject *context, OnAnswer<SettingsAnswer> done);
    void setSettings(uint revision, const QVariantMap &changes, QObject *context, OnAnswer<uint> done);
    void clean(QObject *context, OnAnswer<void> done);

    void links(QObject *context, OnAnswer<dbus::LinkRows> done);
    void services(QObject *context, OnAnswer<dbus::ServiceRows> done);
    void flows(const QVariantMap &query, QObject *context, OnAnswer<FlowAnswer> done);
    void samples(const QString &kind, const QString &name, QObject *context, OnAnswer<SampleAnswer> done);

    /// Sorted by name. Those that are too many for one message come in parts, which takes up to 20 s.
    void watches(QObject *context, OnAnswer<dbus::WatchRows> done);
    void addWatch(const QString &name, const QVariantMap &fields, QObject *context, OnAnswer<uint> done);
    void addWatches(const dbus::NewWatches &watches, QObject *context, OnAnswer<void> done);
    void editWatch(uint revision, const QString &name, const QVariantMap &fields, QObject *context,
                   OnAnswer<uint> done);
    void removeWatch(uint revision, const QString &name, QObject *context, OnAnswer<void> done);
    void restoreWatch(const QString &name, QObject *context, OnAnswer<uint> done);

Q_SIGNALS:
    /// The helper came or went. Subscriptions end with it and renew themselves when it is back.
    void helperPresentChanged(bool present);
    void problemsChanged();

private:
    friend class Subscription;
    friend class History;
    friend class Limits;
    std::unique_ptr<Bus> m_bus;
};

/// A live topic: subscribes when started, unsubscribes when stopped or destroyed, and subscribes anew by
/// itself when the helper was away. After a renewal the first frame holds every row again (`reset` is true).
///
/// start() starts a helper that is not there. A helper that goes away later is waited for and not started,
/// because whoever stopped it meant it; any call of Client starts it. What else fails (no right to see,
/// helper too slow) is tried again with growing pauses.
class Subscription : public QObject
{
    Q_OBJECT
public:
    ~Subscription() override;
    void start();
    void stop();
    /// Started and not stopped; frames may still be waited for.
    bool active() const;

Q_SIGNALS:
    /// Once for each cause, not for each attempt.
    void failed(const weir::client::CallError &error);

protected:
    Subscription(Client &client, QString topic, QString member, int intervalMs, QObject *parent);
    struct Private;
    std::unique_ptr<Private> d;
};

class LinkSubscription : public Subscription
{
    Q_OBJECT
public:
    LinkSubscription(Client &client, int intervalMs, QObject *parent = nullptr);
Q_SIGNALS:
    void frame(bool reset, qint64 timeMs, const weir::dbus::LinkRows &changed, const QStringList &removed);
};

class WatchSubscription : public Subscription
{
    Q_OBJECT
public:
    WatchSubscription(Client &client, int intervalMs, QObject *parent = nullptr);
Q_SIGNALS:
    void frame(bool reset, qint64 timeMs, const weir::dbus::WatchRows &changed, const QStringList &removed);
};

class FlowSubscription : public Subscription
{
    Q_OBJECT
public:
    FlowSubscription(Client &client, int intervalMs, QObject *parent = nullptr);
    /// Changes the query (see Live.GetFlows) at once; the next frame is a reset. failed() with
    /// InvalidArgument names what is wrong with it.
    void setQuery(const QVariantMap &query);
Q_SIGNALS:
    void frame(bool reset, qint64 timeMs, uint matching, uint total, const weir::dbus::FlowRows &changed,
               const QList<qulonglong> &removed);
};

} // namespace weir::client
