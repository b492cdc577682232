// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/subscriptions.h"

#include "dbus/names.h"
#include "helper/service/frames.h"
#include "helper/service/rows.h"

#include <QDateTime>

#include <utility>

namespace weir {

namespace {

// Samples come once a second, give or take: an interval of 1,000 ms means every sample.
constexpr std::chrono::milliseconds kJitter(100);

bool needsFlows(Topic topic)
{
    return topic != Topic::Links; // a watch's connections are counted from the flow table
}

} // namespace

Subscriptions::Subscriptions(Engine &engine, Authorizer &authorizer, const QDBusConnection &bus,
                             std::chrono::milliseconds recheckInterval, QObject *parent)
    : QObject(parent), m_engine(engine), m_authorizer(authorizer), m_bus(bus)
{
    connect(&m_engine, &Engine::sampled, this, &Subscriptions::sendDue);
    connect(&m_engine, &Engine::watchesChanged, this, &Subscriptions::sendWatchesSoon);
    connect(&m_engine, &Engine::problemsChanged, this, &Subscriptions::sendProblemsChanged);
    m_recheckTimer.setInterval(recheckInterval);
    connect(&m_recheckTimer, &QTimer::timeout, this, &Subscriptions::recheck);
}

Result<void> Subscriptions::checkRoom(const Owner &owner, const SubscriptionRequest &request) const
{
    const auto wantsWatches = [](const SubscriptionRequest &wanted) {
        return wanted.topic == Topic::Watches;
    };
    const auto flowRows = [](const SubscriptionRequest &wanted) {
        return wanted.topic == Topic::Flows ? int(wanted.query.limit) : 0;
    };
    int ofClient = 0;
    int ofUser = 0;
    int watches = wantsWatches(request);
    int rows = flowRows(request);
    for (const auto &[id, subscription] : m_subscriptions) {
        ofClient += subscription.owner == owner.client;
        if (owner.uid != subscription.uid)
            continue;
        ++ofUser;
        watches += wantsWatches(subscription.request);
        rows += flowRows(subscription.request);
    }
    const auto refuse = [](const char *text, int there, int most) {
        return failure(ErrorKind::LimitReached,
                       QStringLiteral("subscriptions: ") + QString::fromLatin1(text).arg(there).arg(most));
    };
    if (ofClient >= dbus::kMaxSubscriptionsPerClient)
        return refuse("you have %1, and a client may have %2 at most", ofClient,
                      dbus::kMaxSubscriptionsPerClient);
    if (ofUser >= dbus::kMaxSubscriptionsPerUser)
        return refuse("your user has %1 on all connections together, and may have %2 at most", ofUser,
                      dbus::kMaxSubscriptionsPerUser);
    if (wantsWatches(request) && watches > dbus::kMaxWatchSubscriptionsPerUser)
        return refuse(
            "your user would have %1 of watches on all connections together, and may have %2 at most",
            watches, dbus::kMaxWatchSubscriptionsPerUser);
    if (request.topic == Topic::Flows && rows > dbus::kMaxFlowRowsPerUser)
        return refuse(
            "the limits of your user's of flows would add up to %1 rows on all connections together, "
            "and %2 are allowed",
            rows, dbus::kMaxFlowRowsPerUser);
    return {};
}

Result<quint32> Subscriptions::add(const Owner &owner, const QString &action, SubscriptionRequest request)
{
    Q_ASSERT(owner.uid);
    if (const auto room = checkRoom(owner, request); !room)
        return std::unexpected(room.error());
    while (++m_lastId == 0 || m_subscriptions.contains(m_lastId)) { }
    const quint32 id = m_lastId;
    if (needsFlows(request.topic))
        m_engine.wantFlows(true);
    if (m_subscriptions.empty())
        m_recheckTimer.start();
    Subscription &subscription = m_subscriptions[id];
    subscription.id = id;
    subscription.owner = owner.client;
    subscription.uid = *owner.uid;
    subscription.action = action;
    subscription.request = std::move(request);
    QMetaObject::invokeMethod(
        this,
        [this, id] {
            const auto added = m_subscriptions.find(id);
            if (added == m_subscriptions.end())
                return;
            Frame frame;
            frame.timeMs = m_sampleTimeMs != 0 ? m_sampleTimeMs : QDateTime::currentMSecsSinceEpoch();
            sendFrame(added->second, frame);
        },
        Qt::QueuedConnection);
    return id;
}

Result<void> Subscriptions::checkRemove(const QString &owner, quint32 id) const
{
    const auto place = m_subscriptions.find(id);
    if (place == m_subscriptions.end() || place->second.owner != owner)
        return failure(ErrorKind::NotFound,
                       QStringLiteral("subscription: you have none with the number %1").arg(id));
    return {};
}

Result<void> Subscriptions::remove(const QString &owner, quint32 id)
{
    const auto good = checkRemove(owner, id);
    if (good)
        erase(m_subscriptions.find(id));
    return good;
}

void Subscriptions::removeAll(const QString &owner)
{
    for (auto place = m_subscriptions.begin(); place != m_subscriptions.end();)
        place = place->second.owner == owner ? erase(place) : std::next(place);
}

std::map<quint32, Subscriptions::Subscription>::iterator
Subscriptions::erase(std::map<quint32, Subscription>::iterator place)
{
    if (needsFlows(place->second.request.topic))
        m_engine.wantFlows(false);
    place = m_subscriptions.erase(place);
    if (m_subscriptions.empty())
        m_recheckTimer.stop();
    return place;
}

void Subscriptions::sendDue(qint64 timeMs)
{
    m_sampleTimeMs = timeMs;
    const auto now = Clock::now();
    Frame frame;
    frame.timeMs = timeMs;
    for (auto &[id, subscription] : m_subscriptions) {
        if (now - subscription.lastFrame + kJitter >= subscription.request.interval)
            sendFrame(subscription, frame);
    }
}

void Subscriptions::sendWatchesSoon()
{
    if (std::exchange(m_watchesAreDue, true))
        return;
    QMetaObject::invokeMethod(this, &Subscriptions::sendWatches, Qt::QueuedConnection);
}

void Subscriptions::sendWatches()
{
    m_watchesAreDue = false;
    Frame frame;
    frame.timeMs = m_sampleTimeMs != 0 ? m_sampleTimeMs : QDateTime::currentMSecsSinceEpoch();
    for (auto &[id, subscription] : m_subscriptions) {
        if (subscription.request.topic == Topic::Watches)
            sendFrame(subscription, frame);
    }
}

void Subscriptions::sendFrame(Subscription &subscription, Frame &frame)
{
    subscription.lastFrame = Clock::now();
    switch (subscription.request.topic) {
    case Topic::Links: {
        if (!frame.links)
            frame.links = toRows(m_engine.links());
        for (const auto &part : split(subscription.links.advance(*frame.links)))
            send(subscription.owner, dbus::kLiveInterface, QStringLiteral("LinksFrame"),
                 {subscription.id, qlonglong(frame.timeMs), QVariant::fromValue(part.changed),
                  QStringList(part.removed)});
        return;
    }
    case Topic::Watches: {
        if (!frame.watches)
            frame.watches = toRows(m_engine.watches());
        for (const auto &part : split(subscription.watches.advance(*frame.watches)))
            send(subscription.owner, dbus::kLiveInterface, QStringLiteral("WatchesFrame"),
                 {subscription.id, qlonglong(frame.timeMs), QVariant::fromValue(part.changed),
                  QStringList(part.removed)});
        return;
    }
    case Topic::Flows:
        if (std::exchange(subscription.isReading, true))
            return;
        m_engine.flows(subscription.request.query,
                       [this, id = subscription.id, timeMs = frame.timeMs](Result<FlowPage> page) {
                           // What is wrong with the flow table is told by GetProblems; the next sample tries
                           // again.
                           const auto place = m_subscriptions.find(id);
                           if (place == m_subscriptions.end())
                               return;
                           place->second.isReading = false;
                           if (page)
                               sendFlows(id, timeMs, *page);
                       });
        return;
    }
    Q_UNREACHABLE();
}

void Subscriptions::sendFlows(quint32 id, qint64 timeMs, const FlowPage &page)
{
    Subscription &subscription = m_subscriptions.at(id);
    for (const auto &part : split(subscription.flows.advance(toRows(page.rows))))
        send(subscription.owner, dbus::kLiveInterface, QStringLiteral("FlowsFrame"),
             {id, qlonglong(timeMs), uint(page.matching), uint(page.total), QVariant::fromValue(part.changed),
              QVariant::fromValue(part.removed)});
}

void Subscriptions::send(const QString &owner, QLatin1String interface, const QString &signal,
                         const QVariantList &values)
{
    QDBusMessage message = QDBusMessage::createTargetedSignal(owner, dbus::kPath, interface, signal);
    message.setArguments(values);
    m_bus.send(message);
}

void Subscriptions::sendProblemsChanged()
{
    for (const QString &owner : owners())
        send(owner, dbus::kManagerInterface, QStringLiteral("ProblemsChanged"), {});
}

void Subscriptions::recheck()
{
    // by owner; every subscription is made under the same action
    std::map<QString, Authorizer::Question> questions;
    for (const auto &[id, subscription] : m_subscriptions)
        questions.emplace(
            subscription.owner,
            Authorizer::Question{subscription.owner, subscription.uid, subscription.action, false});
    for (const auto &[owner, question] : questions) {
        m_authorizer.ask(question, [this, owner = owner](const Authorizer::Verdict &verdict) {
            if (!verdict.allowed)
                end(owner, verdict.reason);
        });
    }
}

void Subscriptions::end(const QString &owner, const QString &reason)
{
    for (const auto &[id, subscription] : m_subscriptions) {
        if (subscription.owner == owner)
            send(owner, dbus::kLiveInterface, QStringLiteral("SubscriptionEnded"), {id, reason});
    }
    removeAll(owner);
}

QStringList Subscriptions::owners() const
{
    QStringList owners;
    for (const auto &[id, subscription] : m_subscriptions) {
        if (!owners.contains(subscription.owner))
            owners << subscription.owner;
    }
    return owners;
}

} // namespace weir
