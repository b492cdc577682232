// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/private_bus.h"

#include <QFile>

namespace weir::test {

PrivateBus::PrivateBus()
{
    QFile config(m_dir.filePath(QStringLiteral("bus.conf")));
    if (!config.open(QIODevice::WriteOnly))
        return;
    config.write(
        QStringLiteral(R"(<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%1</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
)")
            .arg(m_dir.filePath(QStringLiteral("socket")))
            .toUtf8());
    config.close();
    start();
}

PrivateBus::~PrivateBus()
{
    for (const QString &name : std::as_const(m_connections))
        QDBusConnection::disconnectFromBus(name);
    stop();
}

bool PrivateBus::start()
{
    QFile::remove(m_dir.filePath(QStringLiteral("socket")));
    m_daemon.start(QStringLiteral("dbus-daemon"),
                   {QStringLiteral("--nofork"), QStringLiteral("--print-address"),
                    QStringLiteral("--config-file=") + m_dir.filePath(QStringLiteral("bus.conf"))});
    if (!m_daemon.waitForReadyRead())
        return false;
    m_address = QString::fromLocal8Bit(m_daemon.readLine()).trimmed().section(QLatin1Char(','), 0, 0);
    return true;
}

void PrivateBus::stop()
{
    m_daemon.kill();
    m_daemon.waitForFinished();
}

QDBusConnection PrivateBus::connection()
{
    static int opened = 0;
    m_connections << QStringLiteral("weir-test-%1").arg(++opened);
    return QDBusConnection::connectToBus(m_address, m_connections.last());
}

} // namespace weir::test
