// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/topic.h"

#include "app/client/reply.h"
#include "dbus/names.h"

#include <algorithm>

namespace weir::client {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds kFirstRetry = 1s;
constexpr std::chrono::milliseconds kLastRetry = 60s;
constexpr QLatin1String kSubscriptionEnded("SubscriptionEnded");
constexpr qsizetype kMaxEarlyFrames = 64; // many rows come in several frames

} // namespace

Topic::Topic(Bus &bus, QString name, QString member, int intervalMs)
    : m_bus(&bus), m_name(std::move(name)), m_member(std::move(member)), m_intervalMs(intervalMs)
{
    m_retry.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, [this] {
        if (m_bus && (m_mayActivate || m_bus->helperPresent()))
            subscribe();
    });
    connect(&bus, &Bus::helperPresentChanged, this, &Topic::onPresent);
    connect(&bus, &Bus::subscriptionMessage, this, &Topic::onMessage);
}

Topic::~Topic()
{
    stop();
}

void Topic::start()
{
    if (m_state != State::Stopped)
        return;
    m_mayActivate = true;
    m_reported.clear();
    m_pause = kFirstRetry;
    subscribe();
}

void Topic::stop()
{
    if (m_state == State::Live && m_bus)
        unsubscribe(*m_bus, m_subscription);
    m_state = State::Stopped;
    ++m_attempt;
    m_early.clear();
    m_retry.stop();
}

void Topic::setQuery(const QVariantMap &query)
{
    if (query == m_query)
        return;
    m_query = query;
    switch (m_state) {
    case State::Stopped:
        return;
    case State::Subscribing:
        m_queryChanged = true;
        return;
    case State::Live:
        if (m_bus)
            unsubscribe(*m_bus, m_subscription);
        [[fallthrough]];
    case State::Waiting:
        m_retry.stop();
        m_reported.clear();
        subscribe();
    }
}

void Topic::subscribe()
{
    if (!m_bus)
        return;
    m_state = State::Subscribing;
    m_queryChanged = false;
    m_early.clear();
    const uint attempt = ++m_attempt;
    const QPointer<Topic> self(this);
    const QPointer<Bus> bus = m_bus;
    m_bus->call(dbus::kLiveInterface, QStringLiteral("Subscribe"), {m_name, uint(m_intervalMs), m_query},
                m_mayActivate ? CallKind::Read : CallKind::Quiet, [self, bus, attempt](const Reply &reply) {
                    const auto answer = unpack<uint>(reply);
                    const bool wanted = self && self->m_attempt == attempt;
                    if (!answer && wanted)
                        self->onRefused(answer.error());
                    else if (answer && wanted)
                        self->onSubscribed(std::get<0>(*answer));
                    else if (answer && bus)
                        unsubscribe(*bus, std::get<0>(*answer));
                });
}

void Topic::onSubscribed(uint subscription)
{
    if (m_queryChanged) {
        unsubscribe(*m_bus, subscription);
        subscribe();
        return;
    }
    m_state = State::Live;
    m_subscription = subscription;
    m_first = true;
    m_mayActivate = false;
    m_reported.clear();
    m_pause = kFirstRetry;
    const QPointer<Topic> self(this);
    const auto early = std::exchange(m_early, {});
    for (const QDBusMessage &message : early) {
        if (self)
            deliver(message);
    }
}

void Topic::onRefused(const CallError &error)
{
    if (m_queryChanged) {
        subscribe();
        return;
    }
    m_state = State::Waiting;
    // What the helper cannot make sense of stays so until another query is set.
    if (error.name != dbus::error::kInvalidArgument)
        waitAndRetry();
    report(error);
}

void Topic::waitAndRetry()
{
    m_state = State::Waiting;
    m_retry.start(m_pause);
    m_pause = std::min(m_pause * 2, kLastRetry);
}

void Topic::onPresent(bool present)
{
    if (!present && m_state == State::Live)
        m_state = State::Waiting;
    if (present && m_state == State::Waiting) {
        m_retry.stop();
        subscribe();
    }
}

void Topic::onMessage(const QDBusMessage &message)
{
    if (message.member() != m_member && message.member() != kSubscriptionEnded)
        return;
    if (m_state == State::Live)
        deliver(message);
    else if (m_state == State::Subscribing && m_early.size() < kMaxEarlyFrames)
        m_early.append(message);
}

void Topic::deliver(const QDBusMessage &message)
{
    if (m_state != State::Live || message.arguments().value(0).toUInt() != m_subscription)
        return;
    if (message.member() == kSubscriptionEnded) {
        waitAndRetry();
        report({dbus::error::kNotAuthorized, message.arguments().value(1).toString()});
        return;
    }
    Q_EMIT frame(std::exchange(m_first, false), message);
}

void Topic::report(const CallError &error)
{
    if (std::exchange(m_reported, error.name) != error.name)
        Q_EMIT failed(error);
}

void Topic::unsubscribe(Bus &bus, uint subscription)
{
    bus.call(dbus::kLiveInterface, QStringLiteral("Unsubscribe"), {subscription}, CallKind::Quiet, {});
}

} // namespace weir::client
