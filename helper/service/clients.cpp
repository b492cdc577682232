// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/clients.h"

#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>

#include <utility>

namespace weir {

namespace {

constexpr QLatin1String kBus("org.freedesktop.DBus");
constexpr QLatin1String kBusPath("/org/freedesktop/DBus");

} // namespace

Clients::Clients(const QDBusConnection &bus, QObject *parent) : QObject(parent), m_bus(bus)
{
    // One match for all names that vanish: a match for each client would cost every call two more messages,
    // and the bus allows a connection 512 of them.
    m_bus.connect(kBus, kBusPath, kBus, QStringLiteral("NameOwnerChanged"),
                  {QString(), QString(), QStringLiteral("")}, QStringLiteral("sss"), this,
                  SLOT(nameVanished(QString, QString, QString)));
}

void Clients::nameVanished(const QString &name, const QString &, const QString &)
{
    forget(name);
}

void Clients::meet(const QString &name)
{
    if (m_clients.contains(name))
        return;
    m_clients.insert(name, {});
    askUid(name);
}

void Clients::withUid(const QString &name, std::function<void(std::optional<uint>)> use)
{
    const auto client = m_clients.find(name);
    if (client == m_clients.end())
        use({});
    else if (client->uid)
        use(client->uid);
    else
        client->waitingForUid.push_back(std::move(use));
}

void Clients::askUid(const QString &name)
{
    QDBusMessage call =
        QDBusMessage::createMethodCall(kBus, kBusPath, kBus, QStringLiteral("GetConnectionUnixUser"));
    call << name;
    auto *watcher = new QDBusPendingCallWatcher(m_bus.asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this,
            [this, name](QDBusPendingCallWatcher *finished) {
                finished->deleteLater();
                const QDBusPendingReply<uint> uid = *finished;
                if (uid.isError()) {
                    forget(name);
                    return;
                }
                const auto client = m_clients.find(name);
                if (client == m_clients.end())
                    return;
                client->uid = uid.value();
                for (const auto &use : std::exchange(client->waitingForUid, {}))
                    use(uid.value());
            });
}

void Clients::forget(const QString &name)
{
    if (!m_clients.contains(name))
        return;
    Q_EMIT left(name);
    for (const auto &use : m_clients.take(name).waitingForUid)
        use({});
}

} // namespace weir
