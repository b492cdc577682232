// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bus/system_bus.h"

#include "dbus/names.h"
#include "dbus/types.h"

#include <QDBusPendingCallWatcher>
#include <QEventLoop>
#include <QFile>

#include <csignal>
#include <sys/prctl.h>

namespace weir::test {

namespace {

// The distribution's system.conf without what a booted machine adds; without the receive rules every Hello
// hangs.
constexpr const char *kConfiguration =
    R"(<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <auth>EXTERNAL</auth>
  <listen>unix:path=%1</listen>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow own="org.freedesktop.PolicyKit1"/>
    <allow send_destination="org.freedesktop.PolicyKit1"/>
  </policy>
  <include>%2</include>
</busconfig>
)";

} // namespace

SystemBus::SystemBus()
{
    dbus::registerTypes();
    QFile configuration(m_directory.filePath(QStringLiteral("bus.conf")));
    if (!configuration.open(QIODevice::WriteOnly))
        return;
    configuration.write(QString::fromLatin1(kConfiguration)
                            .arg(m_directory.filePath(QStringLiteral("socket")),
                                 QStringLiteral(WEIR_SOURCE_DIR "/dbus/org.weir.Weir1.conf"))
                            .toUtf8());
    configuration.close();
    m_daemon.setChildProcessModifier([] { prctl(PR_SET_PDEATHSIG, SIGKILL); }); // also when the test crashes
    m_daemon.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_daemon.start(QStringLiteral("dbus-daemon"),
                   {QStringLiteral("--nofork"), QStringLiteral("--nopidfile"), QStringLiteral("--nosyslog"),
                    QStringLiteral("--print-address"),
                    QStringLiteral("--config-file=") + configuration.fileName()});
    if (m_daemon.waitForReadyRead())
        m_address = QString::fromLocal8Bit(m_daemon.readLine()).trimmed().section(QLatin1Char(','), 0, 0);
}

SystemBus::~SystemBus()
{
    for (const QString &name : std::as_const(m_connections))
        QDBusConnection::disconnectFromBus(name);
    stop();
}

QDBusConnection SystemBus::connection()
{
    static int opened = 0;
    m_connections << QStringLiteral("weir-test-%1").arg(++opened);
    return QDBusConnection::connectToBus(m_address, m_connections.last());
}

void SystemBus::stop()
{
    m_daemon.kill();
    m_daemon.waitForFinished();
}

QDBusPendingCall Client::send(const char *interface, const char *member, const QVariantList &arguments,
                              Interaction interaction) const
{
    QDBusMessage message = QDBusMessage::createMethodCall(
        dbus::kService, dbus::kPath, dbus::kService + QLatin1Char('.') + QLatin1String(interface),
        QLatin1String(member));
    message.setArguments(arguments);
    message.setInteractiveAuthorizationAllowed(interaction == Interaction::Allowed);
    return m_connection.asyncCall(message);
}

QDBusMessage Client::call(const char *interface, const char *member, const QVariantList &arguments) const
{
    return answerOf(send(interface, member, arguments));
}

void Client::leave()
{
    QDBusConnection::disconnectFromBus(m_connection.name());
    m_connection = QDBusConnection(QStringLiteral("left"));
}

QDBusMessage answerOf(const QDBusPendingCall &call)
{
    QDBusPendingCallWatcher watcher(call);
    if (!watcher.isFinished()) {
        QEventLoop loop;
        QObject::connect(&watcher, &QDBusPendingCallWatcher::finished, &loop, &QEventLoop::quit);
        loop.exec();
    }
    return watcher.reply();
}

} // namespace weir::test
