// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/client.h"
#include "app/client/reply.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusServiceWatcher>
#include <QObject>
#include <QTimer>

#include <chrono>
#include <functional>
#include <memory>

namespace weir::client {

/// How a call is made.
enum class CallKind {
    Read,    ///< starts the helper when it is not there, ten seconds
    Guarded, ///< starts the helper, lets polkit ask the person, five minutes
    Quiet,   ///< leaves a helper that is away alone, ten seconds
};

using OnReply = std::function<void(const Reply &)>;

/// The way to the helper: one bus connection, who owns the helper's name, calls and unicast signals.
///
/// When the bus itself goes away, it is opened anew with growing pauses; until then calls fail at once with
/// Disconnected.
class Bus : public QObject
{
    Q_OBJECT
public:
    Bus(QDBusConnection bus, OpenBus reopen, QObject *parent = nullptr);
    ~Bus() override;

    bool helperPresent() const { return !m_owner.isEmpty(); }

    /// `done` is called once, later, unless the Bus is gone by then.
    void call(QLatin1String interface, const QString &method, const QVariantList &arguments, CallKind kind,
              OnReply done);

    std::chrono::milliseconds readTimeout = std::chrono::seconds(10);
    std::chrono::milliseconds guardedTimeout = std::chrono::minutes(5);

Q_SIGNALS:
    void helperPresentChanged(bool present);
    /// LinksFrame, WatchesFrame, FlowsFrame or SubscriptionEnded; the first argument names the subscription.
    void subscriptionMessage(const QDBusMessage &message);
    void problemsChanged();

private Q_SLOTS:
    void onSignal(const QDBusMessage &message);
    void onDisconnected();

private:
    void listen();
    void reopen();
    void setOwner(const QString &owner);
    CallError errorOf(const QDBusMessage &message, std::chrono::milliseconds timeout) const;

    QDBusConnection m_bus;
    OpenBus m_reopen;
    std::unique_ptr<QDBusServiceWatcher> m_watcher;
    QString m_owner; ///< unique name of the helper; empty while it is away
    QTimer m_reopenTimer;
};

} // namespace weir::client
