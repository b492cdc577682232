// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QProcess>
#include <QString>
#include <QTemporaryDir>

namespace weir::test {

/// How long tests wait for what must come: samples come once a second, and machines that test are busy.
inline constexpr int kPatienceMs = 30000;

/// A system bus of the test's own, with the distribution's default policy and Weir's
/// (dbus/org.weir.Weir1.conf): what is not allowed there is not allowed here. Ends with the object.
class SystemBus
{
public:
    /// Started; check address() first thing in a test.
    SystemBus();
    ~SystemBus();

    /// Empty when the daemon could not be started.
    QString address() const { return m_address; }

    /// A new connection, closed with the bus.
    QDBusConnection connection();

    /// Ends the daemon: every connection breaks.
    void stop();

private:
    QTemporaryDir m_directory;
    QProcess m_daemon;
    QString m_address;
    QStringList m_connections;
};

/// The service's object on `bus` from a client's side.
class Client
{
public:
    explicit Client(SystemBus &bus) : m_connection(bus.connection()) { }

    QDBusConnection connection() const { return m_connection; }
    QString name() const { return m_connection.baseService(); }

    enum class Interaction { Silent, Allowed };

    /// Sends a call and returns at once. `interface` is the last word of it: "Watches".
    QDBusPendingCall send(const char *interface, const char *member, const QVariantList &arguments = {},
                          Interaction interaction = Interaction::Silent) const;

    /// Sends a call and runs the event loop until its answer is there.
    QDBusMessage call(const char *interface, const char *member, const QVariantList &arguments = {}) const;

    /// Leaves the bus.
    void leave();

private:
    QDBusConnection m_connection;
};

/// Runs the event loop until the answer is there.
QDBusMessage answerOf(const QDBusPendingCall &call);

} // namespace weir::test
