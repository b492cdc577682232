// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/machine_listeners.h"

#include "dbus/port_list.h"

#include <QDir>
#include <QFile>
#include <QHash>
#include <QSet>

#include <algorithm>
#include <array>

#include <unistd.h>

namespace weir::client {

namespace {

using Protocol = Listener::Protocol;

/// A table of /proc/net and which state of its sockets means that they wait.
struct SocketTable {
    QLatin1String file;
    Protocol protocol;
    const char *waiting; ///< TCP_LISTEN; of UDP what is bound and not connected is TCP_CLOSE
                         ///< (include/net/tcp_states.h)
};
constexpr std::array kTables{
    SocketTable{QLatin1String("tcp"), Protocol::Tcp, "0A"},
    SocketTable{QLatin1String("tcp6"), Protocol::Tcp, "0A"},
    SocketTable{QLatin1String("udp"), Protocol::Udp, "07"},
    SocketTable{QLatin1String("udp6"), Protocol::Udp, "07"},
};

// columns: sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
constexpr qsizetype kLocalColumn = 1;
constexpr qsizetype kStateColumn = 3;
constexpr qsizetype kInodeColumn = 9;

struct Socket {
    Protocol protocol;
    quint16 port;
    QByteArray inode;
};

/// Whether the table could be read.
bool addSockets(QList<Socket> &sockets, const QString &path, const SocketTable &table)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return false;
    const QList<QByteArray> lines = file.readAll().split('\n');
    for (const QByteArray &line : lines.mid(1)) {
        const QList<QByteArray> columns = line.simplified().split(' ');
        if (columns.size() <= kInodeColumn || columns.at(kStateColumn) != table.waiting)
            continue;
        const QByteArray &local = columns.at(kLocalColumn);
        bool isPort = false;
        const quint16 port = local.mid(local.lastIndexOf(':') + 1).toUShort(&isPort, 16);
        if (isPort && port != 0)
            sockets.append({table.protocol, port, columns.at(kInodeColumn)});
    }
    return true;
}

/// What a link in a process's fd directory points to; not a path, so QFileInfo would make a wrong one of it.
QByteArray targetOf(const QString &link)
{
    std::array<char, 64> target{};
    const ssize_t length = ::readlink(QFile::encodeName(link).constData(), target.data(), target.size());
    return length < 0 ? QByteArray() : QByteArray(target.data(), length);
}

/// The programs that hold sockets, by inode.
QHash<QByteArray, QString> programsOf(const QString &proc, const QSet<QByteArray> &inodes)
{
    QHash<QByteArray, QString> programs;
    const QDir::Filters everything = QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot;
    const QStringList processes = QDir(proc).entryList({QStringLiteral("[0-9]*")}, QDir::Dirs);
    for (const QString &process : processes) {
        const QString directory = proc + process;
        const QDir descriptors(directory + QStringLiteral("/fd"));
        for (const QString &name : descriptors.entryList(everything, QDir::Unsorted)) {
            const QByteArray target = targetOf(descriptors.filePath(name));
            if (!target.startsWith("socket:[") || !target.endsWith(']'))
                continue;
            const QByteArray inode = target.mid(8, target.size() - 9);
            if (!inodes.contains(inode) || programs.contains(inode))
                continue;
            QFile comm(directory + QStringLiteral("/comm"));
            if (comm.open(QIODevice::ReadOnly))
                programs.insert(inode, QString::fromUtf8(comm.readAll()).trimmed());
        }
    }
    return programs;
}

bool covers(const QList<dbus::PortRange> &ranges, quint16 port)
{
    return std::any_of(ranges.begin(), ranges.end(), [port](const dbus::PortRange &range) {
        return range.first <= port && port <= range.last;
    });
}

} // namespace

Listeners Listeners::read(const QString &root)
{
    const QString proc =
        (root.endsWith(QLatin1Char('/')) ? root : root + QLatin1Char('/')) + QStringLiteral("proc/");
    QList<Socket> sockets;
    bool known = false;
    for (const SocketTable &table : kTables)
        known = addSockets(sockets, proc + QStringLiteral("net/") + table.file, table) || known;
    if (!known)
        return {};
    QSet<QByteArray> inodes;
    for (const Socket &socket : std::as_const(sockets))
        inodes.insert(socket.inode);
    const auto programs = programsOf(proc, inodes);
    QList<Listener> all;
    for (const Socket &socket : std::as_const(sockets))
        all.append({socket.protocol, socket.port, programs.value(socket.inode)});
    return Listeners(std::move(all));
}

void Listeners::describe(dbus::WatchRow &watch) const
{
    const auto ranges = dbus::parsePortList(watch.ports);
    if (watch.kind != QLatin1String("ports") || !watch.owner.isEmpty() || !watch.ownerState.isEmpty()
        || !ranges)
        return;
    const QString unknown = QStringLiteral("unknown");
    if (!m_known) {
        watch.owner = unknown;
        watch.ownerState = unknown;
        return;
    }
    QStringList owners;
    for (const Listener &listener : m_all) {
        const QLatin1String protocol(listener.protocol == Protocol::Tcp ? "tcp" : "udp");
        if ((watch.protocol != QLatin1String("both") && watch.protocol != protocol)
            || !covers(*ranges, listener.port))
            continue;
        const QString &owner = listener.program.isEmpty() ? unknown : listener.program;
        if (!owners.contains(owner))
            owners << owner;
    }
    owners.sort();
    watch.owner = owners.join(QStringLiteral(", "));
    watch.ownerState = owners.isEmpty() ? QStringLiteral("no listener") : QStringLiteral("listening");
}

} // namespace weir::client
