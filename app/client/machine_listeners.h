// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QList>
#include <QString>

namespace weir::client {

/// A socket that waits on a port for others to speak first.
struct Listener {
    enum class Protocol { Tcp, Udp };
    Protocol protocol = Protocol::Tcp;
    quint16 port = 0;
    QString program; ///< that holds it; empty when its process is not for the eyes of who asks

    bool operator==(const Listener &) const = default;
};

/// Who listens on this machine, as far as whoever asks may look: the ports are for everybody to see, the
/// programs of other users for root.
///
/// Only the network namespace of who asks is looked at; what a container listens on inside its own is not in
/// it.
class Listeners
{
public:
    /// Nothing is known.
    Listeners() = default;
    explicit Listeners(QList<Listener> all) : m_known(true), m_all(std::move(all)) { }

    /// Reads the tables of sockets below `root`/proc and what each process has open: that blocks, with many
    /// processes tens of milliseconds. Any thread.
    static Listeners read(const QString &root = QStringLiteral("/"));

    bool known() const { return m_known; }
    const QList<Listener> &all() const { return m_all; }

    /// Sets `owner` and `ownerState` of a watch of ports where the helper did not say: the programs that
    /// listen on them, sorted, "unknown" among them for one that is not seen; "listening", "no listener", or
    /// "unknown" when nothing is known.
    void describe(dbus::WatchRow &watch) const;

private:
    bool m_known = false;
    QList<Listener> m_all;
};

} // namespace weir::client
