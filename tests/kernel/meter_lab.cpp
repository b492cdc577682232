// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/meter_lab.h"

#include "helper/kernel/bpf_call.h"

#include <QCoreApplication>
#include <QFile>
#include <QTest>

#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace weir::test {

MeterLab::MeterLab(Meter::Attach way) : attach(way)
{
    here.enter();
    joinByVeth(
        {here, QStringLiteral("s0"), {QStringLiteral("203.0.113.1/24"), QStringLiteral("2001:db8::1/64")}},
        {there, QStringLiteral("c0"), {QStringLiteral("203.0.113.2/24"), QStringLiteral("2001:db8::2/64")}});
    joinByVeth({here, QStringLiteral("s1"), {QStringLiteral("198.51.100.1/24")}},
               {beyond, QStringLiteral("d0"), {QStringLiteral("198.51.100.2/24")}});
}

std::unique_ptr<Meter> MeterLab::started() const
{
    auto meter = std::make_unique<Meter>(Meter::Options{pins(), attach});
    if (const auto begun = meter->start(); !begun)
        qFatal("%s", qPrintable(begun.error().message));
    return meter;
}

QByteArray MeterLab::tc(const QString &arguments) const
{
    return here.command(QStringLiteral("tc"), arguments.split(QLatin1Char(' ')));
}

QByteArray MeterLab::trafficControl() const
{
    return tc(QStringLiteral("qdisc show")) + tc(QStringLiteral("filter show dev s0 ingress"))
        + tc(QStringLiteral("filter show dev s0 egress"));
}

void MeterLab::exchange(int count, size_t size) const
{
    for (const auto &[own, other] :
         {std::pair{"203.0.113.1", "203.0.113.2"}, std::pair{"2001:db8::1", "2001:db8::2"}}) {
        const Socket server = Socket::udp(here, endpoint(own, 8000));
        const Socket client = Socket::udp(there, endpoint(other, 5000));
        for (int i = 0; i < count; ++i) {
            client.sendTo(endpoint(own, 8000), size);
            server.receive();
            server.sendTo(endpoint(other, 5000), size);
            client.receive();
        }
    }
}

void MeterLab::forward() const
{
    here.command(QStringLiteral("sh"),
                 {QStringLiteral("-c"), QStringLiteral("echo 1 > /proc/sys/net/ipv4/ip_forward")});
    there.ip(QStringLiteral("route add 198.51.100.0/24 via 203.0.113.1"));
    beyond.ip(QStringLiteral("route add 203.0.113.0/24 via 198.51.100.1"));
}

QStringList MeterLab::tool(const QString &program, const QStringList &prefix) const
{
    QStringList command = prefix;
    command << QCoreApplication::applicationDirPath() + QLatin1Char('/') + program << pins()
            << QStringLiteral("s0") << (tcx() ? QStringLiteral("tcx") : QStringLiteral("clsact"));
    const QString first = command.takeFirst();
    return QString::fromUtf8(here.command(first, command)).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
}

void MeterLab::sendFrame(const QByteArray &frame) const
{
    const Traffic before = kernelCounters("s0");
    there.run([&] {
        const FileDescriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
        sockaddr_ll address{};
        address.sll_family = AF_PACKET;
        address.sll_ifindex = int(if_nametoindex("c0"));
        if (sendto(socket.get(), frame.constData(), size_t(frame.size()), 0,
                   reinterpret_cast<sockaddr *>(&address), sizeof address)
            < 0)
            qFatal("cannot send a frame of %d bytes: %s", int(frame.size()), strerror(errno));
    });
    QTRY_VERIFY(kernelCounters("s0").rxPackets > before.rxPackets);
}

Meter::Target target(const char *link)
{
    return {int(if_nametoindex(link)), QString::fromLatin1(link), true};
}

Atom udpAtom(quint32 id, PortRanges ranges)
{
    return {id, {}, std::move(ranges)};
}

MeterSample sampleOf(Meter &meter)
{
    auto sample = meter.sample();
    if (!sample)
        qFatal("%s", qPrintable(sample.error().message));
    return *sample;
}

LinkMeter linkOf(Meter &meter, int index)
{
    for (const LinkMeter &link : sampleOf(meter).links) {
        if (link.index == index)
            return link;
    }
    return {};
}

QStringList problemIds(const Meter &meter)
{
    QStringList ids;
    for (const KernelProblem &problem : meter.problems())
        ids.append(problem.id);
    return ids;
}

Traffic kernelCounters(const char *link)
{
    QFile file(QStringLiteral("/proc/thread-self/net/dev"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("cannot read %s", qPrintable(file.fileName()));
    const QList<QByteArray> lines = file.readAll().split('\n');
    for (const QByteArray &line : lines) {
        const QList<QByteArray> words = line.simplified().split(' ');
        if (words.value(0) == QByteArray(link) + ':')
            return {words[1].toULongLong(), words[9].toULongLong(), words[2].toULongLong(),
                    words[10].toULongLong()};
    }
    qFatal("there is no link %s", link);
}

std::pair<Traffic, Traffic> bothCounts(Meter &meter, const char *link)
{
    while (true) {
        const Traffic kernel = kernelCounters(link);
        const Traffic metered = linkOf(meter, int(if_nametoindex(link))).plain;
        if (kernelCounters(link) == kernel)
            return {kernel, metered};
    }
}

} // namespace weir::test
