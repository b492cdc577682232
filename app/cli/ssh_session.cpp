// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/ssh_session.h"

#include "dbus/port_list.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <QFile>

#include <algorithm>

namespace weir::cli {

namespace {

constexpr int kMostParents = 64;
constexpr qint64 kMostEnvironment = 4 * 1024 * 1024;

bool hasPort(const QString &list, quint16 port)
{
    const auto ranges = dbus::parsePortList(list);
    return ranges && std::ranges::any_of(*ranges, [port](const dbus::PortRange &range) {
               return range.first <= port && port <= range.last;
           });
}

bool isLocal(quint32 address)
{
    const auto within = [address](quint32 network, int bits) {
        return address >> (32 - bits) == network >> (32 - bits);
    };
    return within(0x0a000000, 8) || within(0x64400000, 10) || within(0x7f000000, 8) || within(0xa9fe0000, 16)
        || within(0xac100000, 12) || within(0xc0a80000, 16);
}

bool isLocal(const QString &text)
{
    const QByteArray address = text.section(QLatin1Char('%'), 0, 0).toLatin1();
    in_addr four{};
    if (inet_pton(AF_INET, address.constData(), &four) == 1)
        return isLocal(ntohl(four.s_addr));
    in6_addr six{};
    if (inet_pton(AF_INET6, address.constData(), &six) != 1)
        return false;
    const auto &bytes = six.s6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&six))
        return isLocal(quint32(bytes[12]) << 24 | quint32(bytes[13]) << 16 | quint32(bytes[14]) << 8
                       | quint32(bytes[15]));
    return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_LINKLOCAL(&six) || (bytes[0] & 0xfe) == 0xfc;
}

std::optional<SshConnection> connectionOf(pid_t process)
{
    QFile file(QStringLiteral("/proc/%1/environ").arg(process));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const auto variables = file.read(kMostEnvironment).split('\0');
    for (const QByteArray &variable : variables) {
        if (variable.startsWith("SSH_CONNECTION="))
            return SshConnection::parse(QString::fromLatin1(variable.sliced(qstrlen("SSH_CONNECTION="))));
    }
    return {};
}

/// 0 when that cannot be told.
pid_t parentOf(pid_t process)
{
    QFile file(QStringLiteral("/proc/%1/stat").arg(process));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray line = file.readAll();
    // the name before it may hold anything: "1 (sh) S 0 …"
    return line.mid(line.lastIndexOf(')') + 2).split(' ').value(1).toInt();
}

} // namespace

std::optional<SshConnection> SshConnection::parse(const QString &variable)
{
    const QStringList parts = variable.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    bool isNumber = false;
    const quint16 port = parts.value(3).toUShort(&isNumber);
    if (parts.size() != 4 || !isNumber || port == 0)
        return {};
    return SshConnection{parts.first(), port};
}

std::optional<SshConnection> sshConnection()
{
    if (const auto own = SshConnection::parse(qEnvironmentVariable("SSH_CONNECTION")))
        return own;
    pid_t process = getppid();
    for (int i = 0; i < kMostParents && process > 1; ++i) {
        if (const auto found = connectionOf(process))
            return found;
        process = parentOf(process);
    }
    return {};
}

bool covers(const dbus::WatchRow &watch, const SshConnection &connection)
{
    if (watch.kind == QLatin1String("link"))
        return true;
    if (watch.kind == QLatin1String("service"))
        return watch.service.startsWith(QLatin1String("ssh"));
    return watch.protocol != QLatin1String("udp") && hasPort(watch.ports, connection.localPort);
}

bool exempts(const QString &exempt, const SshConnection &connection)
{
    QStringList parts = exempt.split(QLatin1Char(','));
    for (QString &part : parts)
        part = part.trimmed();
    const bool hasLocal = parts.removeAll(QStringLiteral("local")) > 0;
    return (hasLocal && isLocal(connection.peer))
        || hasPort(parts.join(QLatin1Char(',')), connection.localPort);
}

} // namespace weir::cli
