// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bus/listener.h"

#include "dbus/names.h"

namespace weir::test {

Listener::Listener(const Client &client)
{
    const auto listen = [&](QLatin1String interface, const char *signal) {
        client.connection().connect(QString(), dbus::kPath, interface, QLatin1String(signal), this,
                                    SLOT(take(QDBusMessage)));
    };
    for (const char *signal : {"LinksFrame", "WatchesFrame", "FlowsFrame", "SubscriptionEnded"})
        listen(dbus::kLiveInterface, signal);
    listen(dbus::kManagerInterface, "ProblemsChanged");
}

QList<QDBusMessage> Listener::of(const char *signal) const
{
    QList<QDBusMessage> matching;
    for (const QDBusMessage &message : m_messages) {
        if (message.member() == QLatin1String(signal))
            matching << message;
    }
    return matching;
}

} // namespace weir::test
