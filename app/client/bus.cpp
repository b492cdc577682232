// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/bus.h"

#include "dbus/names.h"

#include <QCoreApplication>
#include <QDBusPendingCallWatcher>

#include <algorithm>

namespace weir::client {

using namespace std::chrono_literals;

namespace {

constexpr QLatin1String kBusService("org.freedesktop.DBus");
constexpr QLatin1String kBusPath("/org/freedesktop/DBus");
constexpr auto kFirstReopen = 500ms;
constexpr auto kLastReopen = 30s;

} // namespace

Bus::Bus(QDBusConnection bus, OpenBus reopen, QObject *parent)
    : QObject(parent), m_bus(std::move(bus)), m_reopen(std::move(reopen))
{
    m_reopenTimer.setSingleShot(true);
    m_reopenTimer.setInterval(kFirstReopen);
    connect(&m_reopenTimer, &QTimer::timeout, this, &Bus::reopen);
    if (m_bus.isConnected())
        listen();
    else if (m_reopen)
        m_reopenTimer.start();
}

Bus::~Bus() = default;

void Bus::listen()
{
    // The bus delivers unicast signals without a match rule, but QtDBus only to slots that asked. It checks
    // that they come from the owner of the name.
    const auto hear = [this](QLatin1String interface, const QString &member) {
        m_bus.connect(dbus::kService, dbus::kPath, interface, member, this, SLOT(onSignal(QDBusMessage)));
    };
    hear(dbus::kLiveInterface, QStringLiteral("LinksFrame"));
    hear(dbus::kLiveInterface, QStringLiteral("WatchesFrame"));
    hear(dbus::kLiveInterface, QStringLiteral("FlowsFrame"));
    hear(dbus::kLiveInterface, QStringLiteral("SubscriptionEnded"));
    hear(dbus::kManagerInterface, QStringLiteral("ProblemsChanged"));
    // libdbus tells of a lost connection with a signal of its own making.
    m_bus.connect(QString(), QStringLiteral("/org/freedesktop/DBus/Local"),
                  QStringLiteral("org.freedesktop.DBus.Local"), QStringLiteral("Disconnected"), this,
                  SLOT(onDisconnected()));

    m_watcher = std::make_unique<QDBusServiceWatcher>(dbus::kService, m_bus,
                                                      QDBusServiceWatcher::WatchForOwnerChange);
    connect(m_watcher.get(), &QDBusServiceWatcher::serviceOwnerChanged, this,
            [this](const QString &, const QString &, const QString &owner) { setOwner(owner); });

    auto ask =
        QDBusMessage::createMethodCall(kBusService, kBusPath, kBusService, QStringLiteral("GetNameOwner"));
    ask << QString(dbus::kService);
    auto *pending = new QDBusPendingCallWatcher(m_bus.asyncCall(ask), m_watcher.get());
    connect(pending, &QDBusPendingCallWatcher::finished, this, [this, pending] {
        pending->deleteLater();
        if (!pending->isError())
            setOwner(pending->reply().arguments().value(0).toString());
    });
}

void Bus::onDisconnected()
{
    m_watcher.reset();
    setOwner({});
    if (m_reopen && !m_reopenTimer.isActive())
        m_reopenTimer.start();
}

void Bus::reopen()
{
    m_bus = m_reopen();
    if (m_bus.isConnected()) {
        m_reopenTimer.setInterval(kFirstReopen);
        listen();
        return;
    }
    m_reopenTimer.setInterval(
        std::min<std::chrono::milliseconds>(m_reopenTimer.intervalAsDuration() * 2, kLastReopen));
    m_reopenTimer.start();
}

void Bus::setOwner(const QString &owner)
{
    if (owner == m_owner)
        return;
    if (!m_owner.isEmpty()) { // another helper in its place knows nothing of the first one's subscriptions
        m_owner.clear();
        Q_EMIT helperPresentChanged(false);
    }
    if (!owner.isEmpty()) {
        m_owner = owner;
        Q_EMIT helperPresentChanged(true);
    }
}

void Bus::onSignal(const QDBusMessage &message)
{
    if (message.interface() == dbus::kManagerInterface)
        Q_EMIT problemsChanged();
    else
        Q_EMIT subscriptionMessage(message);
}

void Bus::call(QLatin1String interface, const QString &method, const QVariantList &arguments, CallKind kind,
               OnReply done)
{
    auto message = QDBusMessage::createMethodCall(dbus::kService, dbus::kPath, interface, method);
    message.setArguments(arguments);
    message.setInteractiveAuthorizationAllowed(kind == CallKind::Guarded);
    message.setAutoStartService(kind != CallKind::Quiet);
    if (!m_bus.isConnected()) { // QtDBus would never answer
        const CallError error{QDBusError::errorString(QDBusError::Disconnected),
                              QStringLiteral("There is no connection to the bus.")};
        if (done)
            QMetaObject::invokeMethod(
                this, [done = std::move(done), error] { done(std::unexpected(error)); },
                Qt::QueuedConnection);
        return;
    }
    const auto timeout = kind == CallKind::Guarded ? guardedTimeout : readTimeout;
    auto *watcher = new QDBusPendingCallWatcher(m_bus.asyncCall(message, int(timeout.count())), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this,
            [this, watcher, timeout, done = std::move(done)] {
                watcher->deleteLater();
                if (!done)
                    return;
                const QDBusMessage reply = watcher->reply();
                if (reply.type() == QDBusMessage::ErrorMessage)
                    done(std::unexpected(errorOf(reply, timeout)));
                else
                    done(reply);
            });
}

CallError Bus::errorOf(const QDBusMessage &message, std::chrono::milliseconds timeout) const
{
    if (message.errorName() != QDBusError::errorString(QDBusError::NoReply))
        return {message.errorName(), message.errorMessage()};
    // One name for two things: the bus says it of a helper that ended, libdbus of one that takes too long.
    if (!m_bus.isConnected())
        return {QDBusError::errorString(QDBusError::Disconnected),
                QStringLiteral("The bus went away before the helper answered.")};
    if (message.service() == kBusService)
        return {QStringLiteral("org.freedesktop.DBus.Error.NameHasNoOwner"),
                QStringLiteral("The helper ended before it answered.")};
    return {message.errorName(),
            QStringLiteral("The helper did not answer within %1 s.").arg(double(timeout.count()) / 1000)};
}

} // namespace weir::client
