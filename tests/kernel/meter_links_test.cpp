// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/meter_layout.h"
#include "helper/kernel/meter_uppers.h"
#include "helper/kernel/real_kernel.h"
#include "tests/kernel/meter_lab.h"

#include <QDir>
#include <QTest>

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

using namespace weir;
using namespace weir::test;

namespace {

/// Payload that a connection sent, with what it sent again; nothing while the peer has not acknowledged all
/// of it.
std::optional<quint64> payloadSent(const Socket &connection)
{
    tcp_info info{};
    socklen_t size = sizeof info;
    if (getsockopt(connection.descriptor(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        qFatal("cannot ask for a connection's figures: %s", strerror(errno));
    if (info.tcpi_unacked || info.tcpi_notsent_bytes)
        return std::nullopt;
    return info.tcpi_bytes_sent;
}

} // namespace

/// What the meter counts on real links, whatever becomes of the helper meanwhile.
class MeterLinksTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data();
    void init();
    void cleanup() { m_lab.reset(); }

    void countsEqualTheLinksOwnToTheByte();
    void mergedTcpCountsAsWhatIsOnTheWire_data();
    void mergedTcpCountsAsWhatIsOnTheWire();
    void frameOfAVlanCountsWithItsTag();
    void framesTooShortForTheirHeadersAreCounted();
    void whatThisMachineHearsOfItsOwnMulticastIsNotReceived();
    void aHelperThatDiesInTheMiddleOfTrafficLosesNothing();
    void aLinkThatIsNoTargetAnyMoreKeepsItsCounters();
    void anotherLayoutTakesOverWithoutAGap();
    void theFlowTableGrowsUnderTraffic();
    void aForwardedPacketIsAnOverlapOfItsTwoAtoms();
    void uppersAreFoundStoreyByStorey();
    void packetsThatComeUpThroughABridgeAreOverlaps();
    void aBridgeWithAPortThatIsNotMeteredIsNoUpper();
    void aFullTableOfOverlapsIsSaidUntilAnEditMakesRoom();
    void editsUnderForwardedTrafficLeaveRoomForOverlaps();

private:
    std::unique_ptr<MeterLab> m_lab;
};

void MeterLinksTest::initTestCase_data()
{
    QTest::addColumn<Meter::Attach>("attach");
    QTest::newRow("tcx") << Meter::Attach::Tcx;
    QTest::newRow("clsact") << Meter::Attach::Clsact;
}

void MeterLinksTest::init()
{
    QFETCH_GLOBAL(Meter::Attach, attach);
    m_lab = std::make_unique<MeterLab>(attach);
}

void MeterLinksTest::countsEqualTheLinksOwnToTheByte()
{
    const auto meter = m_lab->started();
    QCOMPARE(meter->mode(), m_lab->tcx() ? QStringLiteral("tcx") : QStringLiteral("clsact"));
    meter->setTargets({target("s0")});
    const auto [kernelBefore, meteredBefore] = bothCounts(*meter, "s0");
    QVERIFY(meter->problems().empty());
    QVERIFY(meter->setAtoms({udpAtom(1, {{8000, 8000}}), udpAtom(2, {{5000, 5000}})}));
    m_lab->exchange(100, 1000);

    const MeterSample sample = sampleOf(*meter);
    const quint64 bytes = 100 * (kUdp4 + 1000) + 100 * (kUdp6 + 1000);
    QCOMPARE(sample.atoms.at(1).internet, (Traffic{bytes, bytes, 200, 200}));
    QCOMPARE(sample.atoms.at(2), ScopedTraffic{});
    // ARP and neighbour discovery too
    const auto [kernelAfter, meteredAfter] = bothCounts(*meter, "s0");
    QCOMPARE(growth(meteredBefore, meteredAfter), growth(kernelBefore, kernelAfter));
    QCOMPARE(linkOf(*meter, target("s0").index).total(), linkOf(*meter, target("s0").index).plain);
    QCOMPARE(linkOf(*meter, target("s1").index), LinkMeter{});

    const auto flows = meter->flows();
    QVERIFY(flows);
    quint64 flowBytes = 0;
    for (const Flow &flow : flows->flows) {
        if (flow.key.localPort == 8000)
            flowBytes += flow.traffic.rxBytes + flow.traffic.txBytes;
    }
    QCOMPARE(flowBytes, 2 * bytes);
}

void MeterLinksTest::mergedTcpCountsAsWhatIsOnTheWire_data()
{
    QTest::addColumn<QByteArray>("own");
    QTest::addColumn<QByteArray>("other");
    QTest::addColumn<int>("header");
    // Ethernet, IP, and TCP with its timestamps
    QTest::newRow("IPv4") << QByteArray("203.0.113.1") << QByteArray("203.0.113.2") << 14 + 20 + 32;
    QTest::newRow("IPv6") << QByteArray("2001:db8::1") << QByteArray("2001:db8::2") << 14 + 40 + 32;
}

void MeterLinksTest::mergedTcpCountsAsWhatIsOnTheWire()
{
    QFETCH(QByteArray, own);
    QFETCH(QByteArray, other);
    QFETCH(int, header);
    constexpr size_t kPayload = 20'000'000;
    // Selective acknowledgements would make some headers longer.
    for (const Netns *netns : {&m_lab->here, &m_lab->there})
        netns->command(QStringLiteral("sh"),
                       {QStringLiteral("-c"), QStringLiteral("echo 0 > /proc/sys/net/ipv4/tcp_sack")});
    const auto meter = m_lab->started();
    meter->setTargets({target("s0")});
    QVERIFY(meter->setAtoms({{1, {{8000, 8000}}, {}}}));
    quint64 received = 0;
    quint64 sent = 0;
    {
        const Socket listener = Socket::listener(m_lab->here, endpoint(own.constData(), 8000));
        Socket client =
            Socket::connection(m_lab->there, endpoint(other.constData(), 0), endpoint(own.constData(), 8000));
        Socket server = listener.accept();
        std::thread writer([&] { client.write(kPayload); });
        server.read(kPayload);
        writer.join();
        std::thread back([&] { server.write(kPayload / 2); });
        client.read(kPayload / 2);
        back.join();
        QTRY_VERIFY(payloadSent(client) && payloadSent(server));
        received = *payloadSent(client);
        sent = *payloadSent(server);
        {
            const Socket closing = std::move(client);
        }
        server.readToEnd();
    }
    // Every packet has the same header, and a SYN 8 bytes of options more; the rest is payload, some of it
    // sent twice.
    const auto rest = [&](quint64 bytes, quint64 packets) { return bytes - packets * quint64(header); };
    const auto traffic = [&] { return sampleOf(*meter).atoms.at(1).internet; };
    const auto closed = [&] {
        const auto flows = meter->flows();
        return flows && std::any_of(flows->flows.begin(), flows->flows.end(), [](const Flow &flow) {
                   return flow.state == FlowState::Closed;
               });
    };
    QTRY_VERIFY(closed());
    QCOMPARE(rest(traffic().rxBytes, traffic().rxPackets), received + 8);
    QCOMPARE(rest(traffic().txBytes, traffic().txPackets), sent + 8);
    QVERIFY(traffic().rxPackets >= kPayload / 1448);
    // The stack had merged them.
    QVERIFY(linkOf(*meter, target("s0").index).plain.rxPackets < kPayload / 1448);
}

void MeterLinksTest::frameOfAVlanCountsWithItsTag()
{
    const auto meter = m_lab->started();
    meter->setTargets({target("s0")});
    QVERIFY(meter->setAtoms({udpAtom(1, {{8000, 8000}})}));
    const Traffic before = sampleOf(*meter).atoms.at(1).total();
    // The kernel takes the tag out of the frame before the meter sees it: 14 + 4 + 20 + 8 bytes
    m_lab->sendFrame(QByteArray::fromHex("ffffffffffff"
                                         "020000000002"
                                         "8100"
                                         "002a"
                                         "0800"
                                         "4500001c0000000040110000"
                                         "cb007102"
                                         "cb007101"
                                         "13881f40"
                                         "00080000"));
    QTRY_COMPARE(growth(before, sampleOf(*meter).atoms.at(1).total()), (Traffic{46, 0, 1, 0}));
}

void MeterLinksTest::framesTooShortForTheirHeadersAreCounted()
{
    const auto meter = m_lab->started();
    const int index = target("s0").index;
    meter->setTargets({target("s0")});
    const QByteArray whole = QByteArray::fromHex("ffffffffffff"
                                                 "020000000002"
                                                 "0800"
                                                 "4500001c0000000040110000"
                                                 "cb007102"
                                                 "cb007101"
                                                 "13881f40"
                                                 "00080000");
    const LinkMeter before = linkOf(*meter, index);
    quint64 bytes = 0;
    for (int length = 14; length <= whole.size(); ++length) {
        m_lab->sendFrame(whole.left(length));
        bytes += quint64(length);
    }
    // IPv6 has words of its own on a new link (multicast reports): they are left out.
    const auto own = [](const LinkMeter &link) { return link.v4.total() + link.other; };
    const Traffic all{bytes, 0, quint64(whole.size() - 13), 0};
    QTRY_COMPARE(growth(own(before), own(linkOf(*meter, index))), all);
    const LinkMeter after = linkOf(*meter, index);
    // An IP header is whole from 34 bytes on.
    QCOMPARE(growth(before.v4.internet, after.v4.internet).rxPackets, quint64(whole.size() - 33));
    QCOMPARE(growth(before.other, after.other).rxPackets, quint64(34 - 14));
}

void MeterLinksTest::whatThisMachineHearsOfItsOwnMulticastIsNotReceived()
{
    const auto meter = m_lab->started();
    const int index = target("s0").index;
    meter->setTargets({target("s0")});
    const Socket socket = Socket::udp(m_lab->here, endpoint("0.0.0.0", 5353));
    ip_mreqn group{};
    inet_pton(AF_INET, "224.0.0.251", &group.imr_multiaddr);
    group.imr_ifindex = index;
    QCOMPARE(setsockopt(socket.descriptor(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group), 0);
    QCOMPARE(setsockopt(socket.descriptor(), IPPROTO_IP, IP_MULTICAST_IF, &group, sizeof group), 0);
    const auto [kernelBefore, before] = bothCounts(*meter, "s0");
    socket.sendTo(endpoint("224.0.0.251", 5353), 100, 3);
    socket.receive(3); // the kernel hands its copies to this machine's own listeners
    const auto [kernelAfter, after] = bothCounts(*meter, "s0");
    QCOMPARE(growth(before, after), growth(kernelBefore, kernelAfter));
    QCOMPARE(growth(before, after).rxPackets, 0u);
    QVERIFY(growth(before, after).txPackets >= 3);
}

void MeterLinksTest::aHelperThatDiesInTheMiddleOfTrafficLosesNothing()
{
    auto meter = m_lab->started();
    meter->setTargets({target("s0")});
    QVERIFY(meter->setAtoms({udpAtom(1, {{8000, 8000}})}));
    const Generation generation = sampleOf(*meter).generation;

    const Socket client = Socket::udp(m_lab->there, endpoint("203.0.113.2", 5000));
    const Socket server = Socket::udp(m_lab->here, endpoint("203.0.113.1", 8000));
    std::atomic<bool> enough = false;
    std::atomic<quint64> count = 0;
    std::thread sender([&] {
        while (!enough) {
            client.sendTo(endpoint("203.0.113.1", 8000), 100);
            server.receive();
            ++count;
        }
    });
    for (int i = 0; i < 5; ++i) {
        const quint64 reached = count;
        meter.reset();
        meter = m_lab->started();
        meter->setTargets({target("s0")});
        [&] { QTRY_VERIFY(count > reached + 100); }();
    }
    enough = true;
    sender.join();
    QVERIFY(meter->setAtoms({udpAtom(1, {{8000, 8000}})}));
    const MeterSample sample = sampleOf(*meter);
    QCOMPARE(sample.generation, generation);
    QCOMPARE(sample.atoms.at(1).internet, (Traffic{count * (kUdp4 + 100), 0, count, 0}));
    const auto flows = meter->flows();
    QVERIFY(flows);
    const auto flow = std::find_if(flows->flows.begin(), flows->flows.end(),
                                   [](const Flow &one) { return one.key.localPort == 8000; });
    QVERIFY(flow != flows->flows.end());
    QCOMPARE(flow->traffic.rxPackets, quint64(count));
}

void MeterLinksTest::aLinkThatIsNoTargetAnyMoreKeepsItsCounters()
{
    const auto meter = m_lab->started();
    const int index = target("s0").index;
    meter->setTargets({target("s0")});
    m_lab->exchange(10, 100);
    const LinkMeter counted = linkOf(*meter, index);
    meter->setTargets({});
    m_lab->exchange(10, 100);
    QCOMPARE(linkOf(*meter, index), counted);
    meter->setTargets({target("s0")});
    m_lab->exchange(10, 100);
    QVERIFY(linkOf(*meter, index).v4.internet.rxPackets == counted.v4.internet.rxPackets + 10);
}

void MeterLinksTest::anotherLayoutTakesOverWithoutAGap()
{
    auto meter = m_lab->started();
    meter->setTargets({target("s0")});
    const std::vector<Atom> all{{1, {{1, 65535}}, {{1, 65535}}}};
    QVERIFY(meter->setAtoms(all));
    const Generation first = sampleOf(*meter).generation;
    const Socket client = Socket::udp(m_lab->there, endpoint("203.0.113.2", 5000));
    const Socket server = Socket::udp(m_lab->here, endpoint("203.0.113.1", 8000));
    std::atomic<bool> enough = false;
    std::atomic<quint64> count = 0;
    std::thread sender([&] {
        while (!enough) {
            client.sendTo(endpoint("203.0.113.1", 8000), 100);
            server.receive();
            ++count;
        }
    });
    [&] { QTRY_VERIFY(count > 100); }();
    meter.reset();
    const QStringList said = m_lab->tool(QStringLiteral("meter_tool_layout2"));
    const quint64 reached = count;
    [&] { QTRY_VERIFY(count > reached + 100); }();
    enough = true;
    sender.join();

    const QStringList leftover = said.filter(QStringLiteral("leftover ")).value(0).split(QLatin1Char(' '));
    QCOMPARE(leftover.size(), qsizetype(4));
    QCOMPARE(leftover[1], QString::number(first));
    QVERIFY(leftover[3].toULongLong() > 100);
    QVERIFY(said.contains(m_lab->mode()));
    QVERIFY(!said.contains(QStringLiteral("generation %1").arg(first)));

    // Back again: the other layout's counters are the leftovers now, and both together are all.
    meter = m_lab->started();
    const std::vector<MeterSample> left = meter->leftovers(all);
    QCOMPARE(left.size(), size_t(1));
    QVERIFY(said.contains(QStringLiteral("generation %1").arg(left[0].generation)));
    const Traffic total = left[0].atoms.at(1).total();
    QCOMPARE(leftover[3].toULongLong() + total.rxPackets, quint64(count));
    QCOMPARE(leftover[2].toULongLong() + total.rxBytes, count * (kUdp4 + 100));
    // Nobody said that they were stored: they are there again for the next.
    meter.reset();
    meter = m_lab->started();
    QCOMPARE(meter->leftovers(all).size(), size_t(1));
    meter->discardLeftovers();
    QVERIFY(meter->leftovers(all).empty());
    QVERIFY(QDir(m_lab->pins())
                .entryList({QStringLiteral("old-*"), QStringLiteral("layout-2")}, QDir::Dirs)
                .isEmpty());
}

void MeterLinksTest::theFlowTableGrowsUnderTraffic()
{
    const auto meter = m_lab->started();
    meter->setTargets({target("s0")});
    QVERIFY(meter->setAtoms({udpAtom(1, {{8000, 8000}})}));
    const Socket server = Socket::udp(m_lab->here, endpoint("203.0.113.1", 8000));
    constexpr int kFlows = 14000; // over 60 % of 16,384, sampled as they come
    for (int i = 0; i < kFlows; ++i) {
        const Socket client = Socket::udp(m_lab->there, endpoint("203.0.113.2", quint16(10000 + i)));
        client.sendTo(endpoint("203.0.113.1", 8000), 10);
        server.receive();
        if (i % 1000 == 999)
            QVERIFY(meter->sample());
    }
    const auto flows = meter->flows();
    QVERIFY(flows);
    QVERIFY(flows->capacity >= 32768 + 16384);
    const auto counted = std::count_if(flows->flows.begin(), flows->flows.end(), [](const Flow &flow) {
        return flow.key.localPort == 8000 && flow.traffic == Traffic{kUdp4 + 10, 0, 1, 0};
    });
    QCOMPARE(int(counted), kFlows);
    QCOMPARE(sampleOf(*meter).atoms.at(1).internet, (Traffic{kFlows * (kUdp4 + 10), 0, kFlows, 0}));
    QVERIFY(meter->problems().empty());
}

void MeterLinksTest::aForwardedPacketIsAnOverlapOfItsTwoAtoms()
{
    m_lab->forward();
    const auto meter = m_lab->started();
    meter->setTargets({target("s0"), target("s1")});
    QVERIFY(meter->setAtoms({udpAtom(1, {{8000, 8000}}), udpAtom(2, {{5000, 5000}})}));
    const Socket client = Socket::udp(m_lab->there, endpoint("203.0.113.2", 5000));
    const Socket server = Socket::udp(m_lab->beyond, endpoint("198.51.100.2", 8000));
    client.sendTo(endpoint("198.51.100.2", 8000), 100, 10);
    server.receive(10);
    server.sendTo(endpoint("203.0.113.2", 5000), 100, 3);
    client.receive(3);

    const MeterSample sample = sampleOf(*meter);
    const quint64 size = kUdp4 + 100;
    // Ten in by s0 under 8000 and out by s1 under 5000; three the other way.
    QCOMPARE(sample.atoms.at(1).internet, (Traffic{10 * size, 3 * size, 10, 3}));
    QCOMPARE(sample.atoms.at(2).internet, (Traffic{3 * size, 10 * size, 3, 10}));
    std::vector<AtomOverlap> overlaps = sample.overlaps;
    std::sort(overlaps.begin(), overlaps.end(),
              [](const AtomOverlap &a, const AtomOverlap &b) { return a.received < b.received; });
    QCOMPARE(overlaps.size(), size_t(2));
    QCOMPARE(overlaps[0], (AtomOverlap{1, 2, {{0, 10 * size, 0, 10}, {}}}));
    QCOMPARE(overlaps[1], (AtomOverlap{2, 1, {{0, 3 * size, 0, 3}, {}}}));

    // Only one of the two links metered: nothing is counted twice.
    meter->setTargets({target("s1")});
    client.sendTo(endpoint("198.51.100.2", 8000), 100, 5);
    server.receive(5);
    QCOMPARE(sampleOf(*meter).atoms.at(2).internet.txPackets, quint64(15));
    QCOMPARE(sampleOf(*meter).overlaps.size(), size_t(2));
    QCOMPARE(sampleOf(*meter).atoms.at(1).internet.rxPackets, quint64(10));
}

void MeterLinksTest::uppersAreFoundStoreyByStorey()
{
    const auto link = [](int index, LinkKind kind, int master, int lower = 0) {
        Link made;
        made.index = index;
        made.kind = kind;
        made.master = master;
        made.lower = lower;
        return made;
    };
    // 1 and 2 make bond 10, which carries VLAN 11, a port of bridge 12 beside 3. VLAN 13 stands on the
    // bridge.
    const std::vector<Link> links{
        link(13, LinkKind::Vlan, 0, 12),  link(12, LinkKind::Bridge, 0),   link(11, LinkKind::Vlan, 12, 10),
        link(10, LinkKind::Bond, 0),      link(3, LinkKind::Ethernet, 12), link(2, LinkKind::Ethernet, 10),
        link(1, LinkKind::Ethernet, 10),  link(20, LinkKind::Other, 0, 1), // a macvlan
        link(21, LinkKind::Bridge, 0),                                     // without ports
        link(22, LinkKind::Wireguard, 0), link(23, LinkKind::Vlan, 0),     // its lower link is elsewhere
    };
    QCOMPARE(uppersOf(links, {}), std::set<int>());
    QCOMPARE(uppersOf(links, {1}), std::set<int>());
    QCOMPARE(uppersOf(links, {1, 2}), (std::set<int>{10, 11}));
    QCOMPARE(uppersOf(links, {1, 2, 3}), (std::set<int>{10, 11, 12, 13}));
    QCOMPARE(uppersOf(links, {12}), (std::set<int>{13}));
}

void MeterLinksTest::packetsThatComeUpThroughABridgeAreOverlaps()
{
    m_lab->here.ip(QStringLiteral("addr flush dev s0"));
    m_lab->here.ip(QStringLiteral("link add br0 up type bridge"));
    m_lab->here.ip(QStringLiteral("link set s0 master br0"));
    m_lab->here.ip(QStringLiteral("addr add 203.0.113.1/24 dev br0"));
    m_lab->forward();
    RealKernel kernel({m_lab->pins(), m_lab->attach});
    QVERIFY(kernel.start());
    QVERIFY(kernel.setMeteredLinks({target("s0").index, target("s1").index}));
    QVERIFY(kernel.setAtoms({udpAtom(1, {{1, 65535}})}));

    // The same port at both ends, and ports that differ.
    for (const quint16 port : {quint16(5000), quint16(8000)}) {
        const Socket client = Socket::udp(m_lab->there, endpoint("203.0.113.2", 5000));
        const Socket server = Socket::udp(m_lab->beyond, endpoint("198.51.100.2", port));
        client.sendTo(endpoint("198.51.100.2", port), 100, 10);
        server.receive(10);
        server.sendTo(endpoint("203.0.113.2", 5000), 100, 3);
        client.receive(3);
    }

    const auto sample = kernel.sample();
    QVERIFY(sample);
    const Traffic both = sample->atoms.at(1).internet;
    QCOMPARE(both.rxPackets, quint64(2 * 13));
    QCOMPARE(both.txPackets, quint64(2 * 13));
    QCOMPARE(sample->overlaps.size(), size_t(1));
    // All that was sent was counted as received before: a watch of all ports counts it once.
    const quint64 size = kUdp4 + 100;
    QCOMPARE(both.txBytes, 2 * 13 * size);
    QCOMPARE(sample->overlaps[0], (AtomOverlap{1, 1, {{0, 2 * 13 * size, 0, 2 * 13}, {}}}));
}

void MeterLinksTest::aBridgeWithAPortThatIsNotMeteredIsNoUpper()
{
    m_lab->here.ip(QStringLiteral("addr flush dev s0"));
    m_lab->here.ip(QStringLiteral("link add br0 up type bridge"));
    m_lab->here.ip(QStringLiteral("link set s0 master br0"));
    m_lab->here.ip(QStringLiteral("addr add 203.0.113.1/24 dev br0"));
    m_lab->here.ip(QStringLiteral("link add p0 type veth peer name p1"));
    m_lab->forward();
    RealKernel kernel({m_lab->pins(), m_lab->attach});
    int changes = 0;
    kernel.onChange([&] { ++changes; });
    QVERIFY(kernel.start());
    QVERIFY(kernel.setMeteredLinks({target("s0").index, target("s1").index}));
    QVERIFY(kernel.setAtoms({udpAtom(1, {{1, 65535}})}));
    const Socket client = Socket::udp(m_lab->there, endpoint("203.0.113.2", 5000));
    const Socket server = Socket::udp(m_lab->beyond, endpoint("198.51.100.2", 5000));
    const auto overlapping = [&] {
        const auto sample = kernel.sample();
        return sample && !sample->overlaps.empty() ? sample->overlaps[0].traffic.internet.txPackets : 0;
    };
    const auto sendOne = [&] {
        client.sendTo(endpoint("198.51.100.2", 5000), 100);
        server.receive();
    };
    sendOne();
    QCOMPARE(overlapping(), quint64(1));

    // What came by the other port was never counted, and cannot be told from what was. The meter learns of it
    // by the event alone.
    m_lab->here.ip(QStringLiteral("link set lo mtu 60000"));
    QTRY_VERIFY(changes > 0); // events come in order: those of the set-up are behind us
    changes = 0;
    m_lab->here.ip(QStringLiteral("link set p0 master br0"));
    QTRY_VERIFY(changes > 0);
    sendOne();
    QCOMPARE(overlapping(), quint64(1));
    QVERIFY(kernel.setMeteredLinks({target("s0").index, target("s1").index, target("p0").index}));
    sendOne();
    QCOMPARE(overlapping(), quint64(2));
    const auto links = kernel.sample()->links; // br0 itself is not metered
    QCOMPARE(links.size(), size_t(3));
}

void MeterLinksTest::aFullTableOfOverlapsIsSaidUntilAnEditMakesRoom()
{
    m_lab->forward();
    const auto meter = m_lab->started();
    meter->setTargets({target("s0"), target("s1")});
    constexpr quint16 kSide = 65; // 65 · 65 pairs are 129 more than 4,096
    std::vector<Atom> atoms;
    std::vector<Socket> clients;
    std::vector<Socket> servers;
    for (quint16 i = 0; i < kSide; ++i) {
        const quint16 own = 5000 + i;
        const quint16 other = 8000 + i;
        atoms.push_back(udpAtom(own, {{own, own}}));
        atoms.push_back(udpAtom(other, {{other, other}}));
        clients.push_back(Socket::udp(m_lab->there, endpoint("203.0.113.2", own)));
        servers.push_back(Socket::udp(m_lab->beyond, endpoint("198.51.100.2", other)));
    }
    QVERIFY(meter->setAtoms(atoms));
    for (const Socket &client : clients) {
        for (quint16 i = 0; i < kSide; ++i) {
            client.sendTo(endpoint("198.51.100.2", quint16(8000 + i)), 10);
            servers[i].receive();
        }
    }
    QCOMPARE(sampleOf(*meter).overlaps.size(), size_t(WEIR_MAX_OVERLAPS));
    QCOMPARE(problemIds(*meter), QStringList{QStringLiteral("overlap-table-full")});
    QVERIFY(meter->problems()[0].text.startsWith(QStringLiteral("129 ")));

    QVERIFY(meter->setAtoms({udpAtom(1, {{1, 65535}})}));
    QVERIFY(meter->setAtoms({udpAtom(2, {{1, 65535}})}));
    clients[0].sendTo(endpoint("198.51.100.2", 8000), 10);
    servers[0].receive();
    QCOMPARE(sampleOf(*meter).overlaps.size(), size_t(1));
    QVERIFY(meter->problems().empty());
}

void MeterLinksTest::editsUnderForwardedTrafficLeaveRoomForOverlaps()
{
    m_lab->forward();
    const auto meter = m_lab->started();
    meter->setTargets({target("s0"), target("s1")});
    const Socket client = Socket::udp(m_lab->there, endpoint("203.0.113.2", 5000));
    const Socket server = Socket::udp(m_lab->beyond, endpoint("198.51.100.2", 8000));
    // An atom of its own for each edit, as one that the same watches covered before never comes again.
    constexpr quint32 kEdits = WEIR_MAX_OVERLAPS + 100;
    for (quint32 edit = 1; edit <= kEdits; ++edit) {
        const auto change = meter->setAtoms({udpAtom(edit, {{1, 65535}})});
        QVERIFY(change);
        QVERIFY(change->after.overlaps.size() <= 2);
        client.sendTo(endpoint("198.51.100.2", 8000), 100);
        server.receive();
    }
    const MeterSample sample = sampleOf(*meter);
    QVERIFY(meter->problems().empty());
    const AtomOverlap last{kEdits, kEdits, {{0, kUdp4 + 100, 0, 1}, {}}};
    QCOMPARE(std::count(sample.overlaps.begin(), sample.overlaps.end(), last), 1);

    // An edit that is taken back finds what its plan had counted.
    QVERIFY(meter->setAtoms({udpAtom(kEdits + 1, {{1, 65535}})}));
    const auto back = meter->setAtoms({udpAtom(kEdits, {{1, 65535}})});
    QVERIFY(back);
    QCOMPARE(std::count(back->after.overlaps.begin(), back->after.overlaps.end(), last), 1);
}

QTEST_GUILESS_MAIN(MeterLinksTest)
#include "meter_links_test.moc"
