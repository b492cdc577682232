// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/bus.h"

#include <QPointer>

#include <chrono>

namespace weir::client {

/// Keeps one subscription alive: asks, listens, asks again when the helper is back, and tells the helper when
/// it is over.
///
/// A helper that is not there is started when a person opens the topic (start()). One that goes away later is
/// waited for, not started: whoever stopped it meant it. Refusals are retried with growing pauses, as rights
/// come and go with the session.
class Topic : public QObject
{
    Q_OBJECT
public:
    /// `name`: of the topic in Live.Subscribe; `member`: the signal that carries its frames.
    Topic(Bus &bus, QString name, QString member, int intervalMs);
    ~Topic() override;

    void start();
    void stop();
    bool active() const { return m_state != State::Stopped; }
    void setQuery(const QVariantMap &query);

Q_SIGNALS:
    /// `reset`: the first frame of a subscription, holding every row.
    void frame(bool reset, const QDBusMessage &message);
    /// Once for each cause, not for each attempt.
    void failed(const weir::client::CallError &error);

private:
    enum class State { Stopped, Subscribing, Live, Waiting };

    void subscribe();
    void onSubscribed(uint subscription);
    void onRefused(const CallError &error);
    void onPresent(bool present);
    void onMessage(const QDBusMessage &message);
    void deliver(const QDBusMessage &message);
    void waitAndRetry();
    void report(const CallError &error);
    static void unsubscribe(Bus &bus, uint subscription);

    QPointer<Bus> m_bus;
    const QString m_name;
    const QString m_member;
    const int m_intervalMs;
    QVariantMap m_query;
    State m_state = State::Stopped;
    uint m_attempt = 0; ///< a reply to an older attempt is not ours any more
    uint m_subscription = 0;
    bool m_first = true;
    bool m_mayActivate = false;
    bool m_queryChanged = false; ///< while the reply to Subscribe is on its way
    QList<QDBusMessage> m_early; ///< frames that overtook the reply to Subscribe
    QString m_reported;          ///< name of the error told last
    QTimer m_retry;
    std::chrono::milliseconds m_pause{}; ///< before the next attempt
};

} // namespace weir::client
