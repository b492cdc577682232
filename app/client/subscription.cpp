// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/client.h"

#include "app/client/bus.h"
#include "app/client/reply.h"
#include "app/client/topic.h"

namespace weir::client {

struct Subscription::Private {
    Private(Bus &bus, QString name, QString member, int intervalMs)
        : topic(bus, std::move(name), std::move(member), intervalMs)
    { }
    Topic topic;
};

Subscription::Subscription(Client &client, QString topic, QString member, int intervalMs, QObject *parent)
    : QObject(parent),
      d(std::make_unique<Private>(*client.m_bus, std::move(topic), std::move(member), intervalMs))
{
    connect(&d->topic, &Topic::failed, this, &Subscription::failed);
}

Subscription::~Subscription() = default;

void Subscription::start()
{
    d->topic.start();
}

void Subscription::stop()
{
    d->topic.stop();
}

bool Subscription::active() const
{
    return d->topic.active();
}

LinkSubscription::LinkSubscription(Client &client, int intervalMs, QObject *parent)
    : Subscription(client, QStringLiteral("links"), QStringLiteral("LinksFrame"), intervalMs, parent)
{
    connect(&d->topic, &Topic::frame, this, [this](bool reset, const QDBusMessage &message) {
        const auto values = unpack<uint, qlonglong, dbus::LinkRows, QStringList>(message);
        if (!values) {
            Q_EMIT failed(values.error());
            return;
        }
        const auto &[subscription, timeMs, changed, removed] = *values;
        Q_EMIT frame(reset, timeMs, changed, removed);
    });
}

WatchSubscription::WatchSubscription(Client &client, int intervalMs, QObject *parent)
    : Subscription(client, QStringLiteral("watches"), QStringLiteral("WatchesFrame"), intervalMs, parent)
{
    connect(&d->topic, &Topic::frame, this, [this](bool reset, const QDBusMessage &message) {
        const auto values = unpack<uint, qlonglong, dbus::WatchRows, QStringList>(message);
        if (!values) {
            Q_EMIT failed(values.error());
            return;
        }
        const auto &[subscription, timeMs, changed, removed] = *values;
        Q_EMIT frame(reset, timeMs, changed, removed);
    });
}

FlowSubscription::FlowSubscription(Client &client, int intervalMs, QObject *parent)
    : Subscription(client, QStringLiteral("flows"), QStringLiteral("FlowsFrame"), intervalMs, parent)
{
    connect(&d->topic, &Topic::frame, this, [this](bool reset, const QDBusMessage &message) {
        const auto values = unpack<uint, qlonglong, uint, uint, dbus::FlowRows, dbus::FlowIds>(message);
        if (!values) {
            Q_EMIT failed(values.error());
            return;
        }
        const auto &[subscription, timeMs, matching, total, changed, removed] = *values;
        Q_EMIT frame(reset, timeMs, matching, total, changed, removed);
    });
}

void FlowSubscription::setQuery(const QVariantMap &query)
{
    d->topic.setQuery(query);
}

} // namespace weir::client
