// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/service.h"

#include "dbus/names.h"
#include "helper/service/bus_object.h"
#include "helper/service/history_adaptor.h"
#include "helper/service/limits_adaptor.h"
#include "helper/service/live_adaptor.h"
#include "helper/service/manager_adaptor.h"
#include "helper/service/watches_adaptor.h"

#include <QDBusConnectionInterface>
#include <QDBusError>

namespace weir {

struct Service::Private {
    Private(Engine &engine, Authorizer &authorizer, const QDBusConnection &connection, Options options)
        : bus(connection), clients(bus), calls(clients, authorizer, actions),
          subscriptions(engine, authorizer, bus, options.recheckInterval),
          object(calls, engine, subscriptions, options.database, std::move(options.end),
                 std::move(options.repair))
    {
        connect(&clients, &Clients::left, &subscriptions, &Subscriptions::removeAll);
        new ManagerAdaptor(&object); // owned by the object, as QtDBus wants it
        new LiveAdaptor(&object);
        new WatchesAdaptor(&object);
        new HistoryAdaptor(&object);
        new LimitsAdaptor(&object);
        actions.read(object);
    }

    QDBusConnection bus;
    Clients clients;
    ActionTable actions;
    Calls calls;
    Subscriptions subscriptions;
    BusObject object;
};

Service::Service(Engine &engine, Authorizer &authorizer, const QDBusConnection &bus, Options options,
                 QObject *parent)
    : QObject(parent)
{
    dbus::registerTypes();
    d = std::make_unique<Private>(engine, authorizer, bus, std::move(options));
}

Service::~Service()
{
    d->bus.unregisterService(dbus::kService);
    d->bus.unregisterObject(dbus::kPath);
}

Result<void> Service::publish()
{
    if (!d->bus.registerObject(dbus::kPath, &d->object, QDBusConnection::ExportAdaptors))
        return failure(ErrorKind::Conflict,
                       QStringLiteral("cannot put %1 on the bus: it is there already").arg(dbus::kPath));
    const QDBusReply<QDBusConnectionInterface::RegisterServiceReply> reply =
        d->bus.interface()->registerService(dbus::kService, QDBusConnectionInterface::DontQueueService,
                                            QDBusConnectionInterface::DontAllowReplacement);
    if (!reply.isValid())
        return failure(ErrorKind::Unsupported,
                       QStringLiteral("cannot take the name %1 on the bus: %2")
                           .arg(dbus::kService, reply.error().message()));
    if (reply.value() != QDBusConnectionInterface::ServiceRegistered)
        return failure(
            ErrorKind::Conflict,
            QStringLiteral("cannot take the name %1 on the bus: another program has it").arg(dbus::kService));
    return {};
}

void Service::close()
{
    d->calls.close();
}

} // namespace weir
