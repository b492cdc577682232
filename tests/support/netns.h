// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <functional>

namespace weir::test {

/// A network namespace with its loopback up. It has no name, so it goes with the process, however that ends.
///
/// Needs root. A failure to make or enter one ends the program with its reason: no test could go on.
class Netns
{
public:
    Netns();
    ~Netns();
    Q_DISABLE_COPY_MOVE(Netns)

    /// Runs `inside` on this thread, with the thread in this namespace.
    void run(const std::function<void()> &inside) const;

    /// The thread stays in this namespace until the program ends or another is entered.
    void enter() const;

    /// Runs a program inside with `input` on its standard input and gives what it printed; a program that
    /// fails ends the test program.
    QByteArray command(const QString &program, const QStringList &arguments,
                       const QByteArray &input = {}) const;

    /// Runs `ip` inside: ip("link set a0 up").
    QByteArray ip(const QString &arguments) const;

    /// Runs many `ip` commands at once, one a line.
    void ipBatch(const QByteArray &lines) const;

    /// A path that other programs know this namespace by, for `ip link set … netns PATH`.
    QString path() const;

private:
    int m_descriptor = -1;
};

/// One end of a veth pair.
struct VethEnd {
    const Netns &netns;
    QString name;
    QStringList addresses = {}; ///< "10.9.0.1/24"; IPv6 ones are used at once, without duplicate detection
};

/// Joins two namespaces (or one with itself) by a veth pair that is up. Without link-local addresses, so that
/// few packets pass and few events come that the test did not ask for.
void joinByVeth(const VethEnd &one, const VethEnd &other);

/// A BPF file system of one's own on a temporary directory, in a mount namespace of one's own: nobody else
/// sees what is pinned there, and it goes with the process.
class PrivateBpffs
{
public:
    PrivateBpffs();
    ~PrivateBpffs();
    Q_DISABLE_COPY_MOVE(PrivateBpffs)

    /// A directory on it that does not exist yet.
    QString pinDirectory() const;

private:
    QTemporaryDir m_directory;
};

} // namespace weir::test
