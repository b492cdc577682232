// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

#include <array>
#include <optional>

namespace weir::client {

/// A file system on a disk of this machine.
struct Disk {
    QString mountPoint;
    QString device;
    QString fileSystem; ///< "ext4"
    quint64 sizeBytes = 0;
    quint64 usedBytes = 0;
    quint64 freeBytes =
        0; ///< for who is not root; with what is used less than the size where some is reserved

    bool operator==(const Disk &) const = default;
};

/// What this machine is and how busy, as the kernel tells everybody.
///
/// What cannot be read stays empty, zero or unset: a container may hide it.
struct Machine {
    QString hostName;
    QString system;       ///< "Debian GNU/Linux 12 (bookworm)"
    QString kernel;       ///< "Linux 6.1.0-18-amd64"
    QString architecture; ///< "x86_64"
    qint64 uptimeSeconds = 0;
    QString processor;                         ///< model
    int processors = 0;                        ///< that are at work; a core with two threads is two
    std::optional<std::array<double, 3>> load; ///< processes that run or want to, in 1, 5 and 15 minutes
    quint64 memoryBytes = 0;
    quint64 memoryAvailableBytes = 0; ///< without swapping
    quint64 swapBytes = 0;
    quint64 swapFreeBytes = 0;
    QList<Disk> disks; ///< in the order in which they were mounted, each device once

    /// Reads /proc and os-release below `root`, and asks each disk: that blocks, some milliseconds. Network
    /// file systems are left out: they are not this machine's, and one whose server is gone would never
    /// answer. Any thread.
    static Machine read(const QString &root = QStringLiteral("/"));
};

} // namespace weir::client
