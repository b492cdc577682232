// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"
#include "helper/engine/engine.h"
#include "helper/service/authorizer.h"
#include "helper/service/requests.h"
#include "helper/service/sent_rows.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QObject>
#include <QTimer>

#include <chrono>
#include <map>
#include <optional>

namespace weir {

/// Sends frames of live data to those who asked for them, and to nobody else.
///
/// Edits of watches are sent at once, whatever the interval: who edits again needs the new revision.
/// After each sample of the engine, a subscription whose interval has passed gets what changed since its last
/// frame. Rows are made once for all subscribers of a topic; without subscribers nothing is computed. Whether
/// an owner is still allowed is asked again every few minutes, without a prompt.
class Subscriptions : public QObject
{
    Q_OBJECT
public:
    Subscriptions(Engine &engine, Authorizer &authorizer, const QDBusConnection &bus,
                  std::chrono::milliseconds recheckInterval, QObject *parent = nullptr);

    /// Who subscribes: a client, and its user when that is known already.
    struct Owner {
        QString client;
        std::optional<uint> uid;
    };

    /// Error: LimitReached when the client, or its user with all connections, has as many as it may.
    Result<void> checkRoom(const Owner &owner, const SubscriptionRequest &request) const;

    /// Begins a subscription; its first frame is sent after control returns to the event loop, so behind the
    /// reply.
    Result<quint32> add(const Owner &owner, const QString &action, SubscriptionRequest request);

    /// Error: NotFound when `owner` has none of that number; another's is not found either.
    Result<void> checkRemove(const QString &owner, quint32 id) const;
    Result<void> remove(const QString &owner, quint32 id);

    /// The owner left the bus.
    void removeAll(const QString &owner);

private:
    using Clock = std::chrono::steady_clock;

    struct Subscription {
        quint32 id = 0;
        QString owner;
        uint uid = 0;
        QString action;
        SubscriptionRequest request;
        Clock::time_point lastFrame;
        bool isReading = false; // a flow query is under way
        SentRows<&dbus::LinkRow::name> links;
        SentRows<&dbus::WatchRow::name> watches;
        SentRows<&dbus::FlowRow::id> flows;
    };

    /// Rows of one sample, made when the first subscriber needs them.
    struct Frame {
        qint64 timeMs = 0;
        std::optional<dbus::LinkRows> links;
        std::optional<dbus::WatchRows> watches;
    };

    void sendDue(qint64 timeMs);
    void sendWatchesSoon();
    void sendWatches();
    void sendFrame(Subscription &subscription, Frame &frame);
    void sendFlows(quint32 id, qint64 timeMs, const FlowPage &page);
    void send(const QString &owner, QLatin1String interface, const QString &signal,
              const QVariantList &values);
    void sendProblemsChanged();
    void recheck();
    void end(const QString &owner, const QString &reason);
    std::map<quint32, Subscription>::iterator erase(std::map<quint32, Subscription>::iterator place);
    QStringList owners() const;

    Engine &m_engine;
    Authorizer &m_authorizer;
    QDBusConnection m_bus;
    QTimer m_recheckTimer;
    std::map<quint32, Subscription> m_subscriptions;
    quint32 m_lastId = 0;
    qint64 m_sampleTimeMs = 0;    // of the last sample; 0 before the first
    bool m_watchesAreDue = false; // they changed, and sendWatches() is on its way
};

} // namespace weir
