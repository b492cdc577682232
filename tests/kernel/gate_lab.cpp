// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/gate_lab.h"

#include <QRegularExpression>

#include <net/if.h>
#include <sys/socket.h>

namespace weir::test {

namespace {

struct LabClass {
    ClassKey key;
    quint32 minor;
};

constexpr LabClass kClasses[] = {
    {kDown, 0x8070}, {kUp, 0x70},          {kSlowDown, 0x8090},
    {kSlowUp, 0x90}, {kOtherDown, 0x80a0}, {kOtherUp, 0xa0},
};

/// No packet has to wait for a neighbour to be found, or is lost because a gate lets none be found.
void introduce(const Netns &one, const char *link, const Netns &other, const char *otherLink, int end)
{
    const QString hardware =
        QString::fromLatin1(
            other.ip(QStringLiteral("-br link show %1").arg(QLatin1String(otherLink))).simplified())
            .split(QLatin1Char(' '))
            .value(2);
    for (const char *network : {"203.0.113.", "10.9.0.", "2001:db8::", "fd00::"})
        one.ip(QStringLiteral("neigh replace %1%2 lladdr %3 dev %4")
                   .arg(QLatin1String(network), QString::number(end), hardware, QLatin1String(link)));
}

constexpr quint32 kMajor = 0x7765;

QString handleOf(quint32 minor)
{
    return QStringLiteral("7765:%1").arg(minor, 0, 16);
}

} // namespace

void GateLab::join() const
{
    joinByVeth({here,
                QStringLiteral("s0"),
                {QStringLiteral("203.0.113.1/24"), QStringLiteral("10.9.0.1/24"),
                 QStringLiteral("2001:db8::1/64"), QStringLiteral("fd00::1/64")}},
               {there,
                QStringLiteral("c0"),
                {QStringLiteral("203.0.113.2/24"), QStringLiteral("10.9.0.2/24"),
                 QStringLiteral("2001:db8::2/64"), QStringLiteral("fd00::2/64")}});
    introduce(here, "s0", there, "c0", 2);
    introduce(there, "c0", here, "s0", 1);
}

GateLab::GateLab()
{
    join();
    here.ip(QStringLiteral("link add weir0 index %1 type ifb").arg(kShaperIndex));
    here.ip(QStringLiteral("link set weir0 txqueuelen 1000 up"));
    tc(QStringLiteral("qdisc add dev weir0 root handle 7765: htb"));
    for (const LabClass &each : kClasses)
        tc(QStringLiteral("class add dev weir0 parent 7765: classid %1 htb rate 10gbit quantum 60000")
               .arg(handleOf(each.minor)));
    here.enter();
}

std::unique_ptr<Gate> GateLab::started() const
{
    auto gate = std::make_unique<Gate>();
    const auto started = gate->start();
    if (!started)
        qFatal("%s", qPrintable(started.error().message));
    if (gate->unsupported())
        qFatal("%s", qPrintable(*gate->unsupported()));
    return gate;
}

int GateLab::link() const
{
    return int(if_nametoindex("s0"));
}

GateWish GateLab::wish() const
{
    GateWish wish;
    wish.shaperDevice = kShaperIndex;
    wish.plan.links = {link()};
    wish.linkNames = {{link(), QStringLiteral("s0")}};
    for (const LabClass &each : kClasses) {
        wish.plan.classes.push_back({each.key, std::nullopt, 10'000'000'000});
        wish.priorities[each.key] = kMajor << 16 | each.minor;
    }
    return wish;
}

quint64 GateLab::packets(const ClassKey &key) const
{
    QString handle;
    for (const LabClass &each : kClasses) {
        if (each.key == key)
            handle = handleOf(each.minor);
    }
    // This command prints no JSON of classes.
    const QString shown = QString::fromLatin1(tc(QStringLiteral("-s class show dev weir0")));
    const QRegularExpression sent(
        QStringLiteral("class htb %1 .*\\n Sent \\d+ bytes (\\d+) pkt").arg(handle));
    const QRegularExpressionMatch found = sent.match(shown);
    if (!found.hasMatch())
        qFatal("no class %s: %s", qPrintable(handle), qPrintable(shown));
    return found.captured(1).toULongLong();
}

int passing(const Netns &from, const Endpoint &source, const Netns &to, const Endpoint &target, int count,
            size_t size)
{
    const Socket sender = Socket::udp(from, source);
    const Socket receiver = Socket::udp(to, target);
    sender.sendTo(target, size, count);
    // Within one machine nothing takes that long.
    int arrived = 0;
    char payload[65536];
    const timeval patience{0, 300'000};
    setsockopt(receiver.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    while (arrived < count && recv(receiver.descriptor(), payload, sizeof payload, 0) >= 0)
        ++arrived;
    return arrived;
}

int GateLab::arriving(quint16 port, int count, size_t size) const
{
    return passing(there, endpoint("203.0.113.2", 5000), here, endpoint("203.0.113.1", port), count, size);
}

int GateLab::arriving6(quint16 port, int count, size_t size) const
{
    return passing(there, endpoint("2001:db8::2", 5000), here, endpoint("2001:db8::1", port), count, size);
}

int GateLab::arrivingLocally(quint16 port, int count, size_t size) const
{
    return passing(there, endpoint("10.9.0.2", 5000), here, endpoint("10.9.0.1", port), count, size);
}

int GateLab::departing(quint16 port, int count, size_t size) const
{
    return passing(here, endpoint("203.0.113.1", port), there, endpoint("203.0.113.2", 5000), count, size);
}

int GateLab::departing6(quint16 port, int count, size_t size) const
{
    return passing(here, endpoint("2001:db8::1", port), there, endpoint("2001:db8::2", 5000), count, size);
}

int GateLab::departingLocally(quint16 port, int count, size_t size) const
{
    return passing(here, endpoint("10.9.0.1", port), there, endpoint("10.9.0.2", 5000), count, size);
}

QByteArray GateLab::nft(const QString &arguments) const
{
    return here.command(QStringLiteral("nft"), arguments.split(QLatin1Char(' ')));
}

QByteArray GateLab::tc(const QString &arguments) const
{
    return here.command(QStringLiteral("tc"), arguments.split(QLatin1Char(' ')));
}

void GateLab::nftScript(const QByteArray &script) const
{
    here.command(QStringLiteral("nft"), {QStringLiteral("-f"), QStringLiteral("-")}, script);
}

GovernedPorts governed(quint32 id, PortRanges ranges, std::optional<ClassKey> down,
                       std::optional<ClassKey> up)
{
    GovernedPorts ports{id, ranges, ranges, {}, {}};
    ports.down.shaped = down;
    ports.up.shaped = up;
    return ports;
}

QuotaGate &addQuota(GateWish &wish, quint64 bytes)
{
    QuotaGate quota;
    quota.watch = 5;
    quota.remaining[0] = quota.remaining[1] = bytes;
    wish.plan.quotas.push_back(quota);
    GovernedPorts ports{77, {}, {{9000, 9000}}, {}, {}};
    ports.down.quotas = ports.up.quotas = {5};
    wish.plan.ports.push_back(ports);
    return wish.plan.quotas.back();
}

} // namespace weir::test
