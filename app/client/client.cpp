// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/client.h"

#include "app/client/bus.h"
#include "app/client/reply.h"
#include "app/client/watch_parts.h"
#include "dbus/names.h"

#include <algorithm>
#include <array>

namespace weir::client {

namespace {

/// The system bus is worth opening again; what another connection leads to is not known here.
OpenBus reopenOf(const QDBusConnection &bus)
{
    if (bus.name() != QDBusConnection::systemBus().name())
        return {};
    return [opened = 0]() mutable {
        const auto name = [](int number) { return QStringLiteral("weir-system-%1").arg(number); };
        if (opened > 0)
            QDBusConnection::disconnectFromBus(name(opened));
        ++opened;
        return QDBusConnection::connectToBus(QDBusConnection::SystemBus, name(opened));
    };
}

} // namespace

bool CallError::notAuthorized() const
{
    return name == dbus::error::kNotAuthorized || name == QDBusError::errorString(QDBusError::AccessDenied);
}

bool CallError::helperAway() const
{
    static constexpr std::array kNames{
        QLatin1String("org.freedesktop.DBus.Error.ServiceUnknown"),
        QLatin1String("org.freedesktop.DBus.Error.NameHasNoOwner"),
        QLatin1String("org.freedesktop.DBus.Error.Disconnected"),
        QLatin1String("org.freedesktop.DBus.Error.NoServer"),
        QLatin1String("org.freedesktop.DBus.Error.TimedOut") // the bus, of a helper that does not start
    };
    return std::any_of(kNames.begin(), kNames.end(), [this](QLatin1String known) { return name == known; })
        || name.startsWith(QLatin1String("org.freedesktop.DBus.Error.Spawn."))
        || name.startsWith(QLatin1String("org.freedesktop.systemd1."));
}

Client::Client(QDBusConnection bus, QObject *parent) : QObject(parent)
{
    dbus::registerTypes();
    OpenBus reopen = reopenOf(bus);
    m_bus = std::make_unique<Bus>(std::move(bus), std::move(reopen));
    connect(m_bus.get(), &Bus::helperPresentChanged, this, &Client::helperPresentChanged);
    connect(m_bus.get(), &Bus::problemsChanged, this, &Client::problemsChanged);
}

Client::Client(OpenBus open, QObject *parent) : QObject(parent)
{
    dbus::registerTypes();
    m_bus = std::make_unique<Bus>(open(), open);
    connect(m_bus.get(), &Bus::helperPresentChanged, this, &Client::helperPresentChanged);
    connect(m_bus.get(), &Bus::problemsChanged, this, &Client::problemsChanged);
}

Client::~Client() = default;

void Client::setTimeouts(std::chrono::milliseconds read, std::chrono::milliseconds guarded)
{
    m_bus->readTimeout = read;
    m_bus->guardedTimeout = guarded;
}

bool Client::helperPresent() const
{
    return m_bus->helperPresent();
}

void Client::status(QObject *context, OnAnswer<QVariantMap> done)
{
    m_bus->call(dbus::kManagerInterface, QStringLiteral("GetStatus"), {}, CallKind::Read,
                answering(context, std::move(done)));
}

void Client::problems(QObject *context, OnAnswer<dbus::ProblemRows> done)
{
    m_bus->call(dbus::kManagerInterface, QStringLiteral("GetProblems"), {}, CallKind::Read,
                answering(context, std::move(done)));
}

void Client::settings(QObject *context, OnAnswer<SettingsAnswer> done)
{
    m_bus->call(dbus::kManagerInterface, QStringLiteral("GetSettings"), {}, CallKind::Read,
                answering(context, std::move(done), unpackAs<SettingsAnswer, uint, QVariantMap>));
}

void Client::setSettings(uint revision, const QVariantMap &changes, QObject *context, OnAnswer<uint> done)
{
    m_bus->call(dbus::kManagerInterface, QStringLiteral("SetSettings"), {revision, changes},
                CallKind::Guarded, answering(context, std::move(done)));
}

void Client::clean(QObject *context, OnAnswer<void> done)
{
    m_bus->call(dbus::kManagerInterface, QStringLiteral("Clean"), {}, CallKind::Guarded,
                answering(context, std::move(done)));
}

void Client::links(QObject *context, OnAnswer<dbus::LinkRows> done)
{
    m_bus->call(dbus::kLiveInterface, QStringLiteral("GetLinks"), {}, CallKind::Read,
                answering(context, std::move(done)));
}

void Client::services(QObject *context, OnAnswer<dbus::ServiceRows> done)
{
    m_bus->call(dbus::kLiveInterface, QStringLiteral("GetServices"), {}, CallKind::Read,
                answering(context, std::move(done)));
}

void Client::flows(const QVariantMap &query, QObject *context, OnAnswer<FlowAnswer> done)
{
    m_bus->call(dbus::kLiveInterface, QStringLiteral("GetFlows"), {query}, CallKind::Read,
                answering(context, std::move(done), unpackAs<FlowAnswer, uint, uint, dbus::FlowRows>));
}

void Client::samples(const QString &kind, const QString &name, QObject *context, OnAnswer<SampleAnswer> done)
{
    m_bus->call(
        dbus::kLiveInterface, QStringLiteral("GetSamples"), {kind, name}, CallKind::Read,
        answering(context, std::move(done), unpackAs<SampleAnswer, qlonglong, dbus::Samples, dbus::Samples>));
}

void Client::watches(QObject *context, OnAnswer<dbus::WatchRows> done)
{
    QObject *owner = context ? context : this;
    OnAnswer<dbus::WatchRows> orInParts = [this, owner,
                                           done = std::move(done)](Answer<dbus::WatchRows> answer) {
        if (answer || answer.error().name != dbus::error::kLimitReached)
            return done(std::move(answer));
        (new WatchParts(*this, answer.error(), owner, done))->start();
    };
    m_bus->call(dbus::kWatchesInterface, QStringLiteral("GetWatches"), {}, CallKind::Read,
                answering(owner, std::move(orInParts)));
}

void Client::addWatch(const QString &name, const QVariantMap &fields, QObject *context, OnAnswer<uint> done)
{
    m_bus->call(dbus::kWatchesInterface, QStringLiteral("AddWatch"), {name, fields}, CallKind::Guarded,
                answering(context, std::move(done)));
}

void Client::addWatches(const dbus::NewWatches &watches, QObject *context, OnAnswer<void> done)
{
    m_bus->call(dbus::kWatchesInterface, QStringLiteral("AddWatches"), {QVariant::fromValue(watches)},
                CallKind::Guarded, answering(context, std::move(done)));
}

void Client::editWatch(uint revision, const QString &name, const QVariantMap &fields, QObject *context,
                       OnAnswer<uint> done)
{
    m_bus->call(dbus::kWatchesInterface, QStringLiteral("EditWatch"), {revision, name, fields},
                CallKind::Guarded, answering(context, std::move(done)));
}

void Client::removeWatch(uint revision, const QString &name, QObject *context, OnAnswer<void> done)
{
    m_bus->call(dbus::kWatchesInterface, QStringLiteral("RemoveWatch"), {revision, name}, CallKind::Guarded,
                answering(context, std::move(done)));
}

void Client::restoreWatch(const QString &name, QObject *context, OnAnswer<uint> done)
{
    m_bus->call(dbus::kWatchesInterface, QStringLiteral("RestoreWatch"), {name}, CallKind::Guarded,
                answering(context, std::move(done)));
}

} // namespace weir::client
