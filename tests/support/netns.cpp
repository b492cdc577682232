// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/netns.h"

#include <QProcess>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <thread>
#include <unistd.h>

namespace weir::test {

namespace {

void require(bool done, const char *what)
{
    if (!done)
        qFatal("cannot %s: %s (these tests need root)", what, std::strerror(errno));
}

int openOwnNamespace()
{
    return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

} // namespace

Netns::Netns()
{
    std::thread maker([this] {
        require(unshare(CLONE_NEWNET) == 0, "make a network namespace");
        m_descriptor = openOwnNamespace();
    });
    maker.join();
    require(m_descriptor >= 0, "open a network namespace");
    ip(QStringLiteral("link set lo up"));
}

Netns::~Netns()
{
    close(m_descriptor);
}

void Netns::run(const std::function<void()> &inside) const
{
    const int home = openOwnNamespace();
    require(home >= 0, "open a network namespace");
    enter();
    inside();
    require(setns(home, CLONE_NEWNET) == 0, "return from a network namespace");
    close(home);
}

void Netns::enter() const
{
    require(setns(m_descriptor, CLONE_NEWNET) == 0, "enter a network namespace");
}

QByteArray Netns::command(const QString &program, const QStringList &arguments, const QByteArray &input) const
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setChildProcessModifier([this] { setns(m_descriptor, CLONE_NEWNET); });
    process.start(program, arguments);
    process.write(input);
    process.closeWriteChannel();
    const bool finished = process.waitForFinished(-1);
    const QByteArray output = process.readAll();
    if (!finished || process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        qFatal("%s %s: %s", qPrintable(program), qPrintable(arguments.join(QLatin1Char(' '))),
               output.constData());
    return output;
}

QByteArray Netns::ip(const QString &arguments) const
{
    return command(QStringLiteral("ip"), arguments.split(QLatin1Char(' ')));
}

void Netns::ipBatch(const QByteArray &lines) const
{
    command(QStringLiteral("ip"), {QStringLiteral("-batch"), QStringLiteral("-")}, lines);
}

QString Netns::path() const
{
    return QStringLiteral("/proc/%1/fd/%2").arg(getpid()).arg(m_descriptor);
}

void joinByVeth(const VethEnd &one, const VethEnd &other)
{
    one.netns.ip(QStringLiteral("link add %1 type veth peer name %2 netns %3")
                     .arg(one.name, other.name, other.netns.path()));
    for (const VethEnd *end : {&one, &other}) {
        end->netns.ip(QStringLiteral("link set %1 addrgenmode none").arg(end->name));
        for (const QString &address : end->addresses) {
            const QString atOnce = address.contains(QLatin1Char(':')) ? QStringLiteral(" nodad") : QString();
            end->netns.ip(QStringLiteral("addr add %1 dev %2%3").arg(address, end->name, atOnce));
        }
        end->netns.ip(QStringLiteral("link set %1 up").arg(end->name));
    }
}

PrivateBpffs::PrivateBpffs()
{
    require(m_directory.isValid(), "make a temporary directory");
    require(unshare(CLONE_NEWNS) == 0, "make a mount namespace");
    require(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make mounts private");
    require(mount("bpf", qPrintable(m_directory.path()), "bpf", 0, nullptr) == 0, "mount a BPF file system");
}

PrivateBpffs::~PrivateBpffs()
{
    umount2(qPrintable(m_directory.path()), MNT_DETACH);
}

QString PrivateBpffs::pinDirectory() const
{
    return m_directory.filePath(QStringLiteral("weir"));
}

} // namespace weir::test
