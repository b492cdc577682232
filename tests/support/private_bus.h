// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusConnection>
#include <QProcess>
#include <QString>
#include <QTemporaryDir>

namespace weir::test {

/// A dbus-daemon of the test's own, where everybody may do everything; ends with the object.
class PrivateBus
{
public:
    /// Started; check address() first thing in a test.
    PrivateBus();
    ~PrivateBus();

    /// Empty when there is no dbus-daemon to start.
    QString address() const { return m_address; }

    /// A new connection to it, closed with the bus.
    QDBusConnection connection();

    /// Ends the daemon: every connection breaks. start() is at the same address again.
    void stop();
    bool start();

private:
    QTemporaryDir m_dir;
    QProcess m_daemon;
    QString m_address;
    QStringList m_connections;
};

} // namespace weir::test
