// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/meter_settings.h"
#include "tests/kernel/meter_test_bed.h"
#include "tests/support/netns.h"

#include <QTest>

#include <random>

using namespace weir;
using namespace weir::test;
using namespace weir::test::packet;

namespace {

constexpr int kContinue = -1; // TC_ACT_UNSPEC

Traffic received(quint64 bytes, quint64 packets = 1)
{
    return {bytes, 0, packets, 0};
}

Traffic sent(quint64 bytes, quint64 packets = 1)
{
    return {0, bytes, 0, packets};
}

Atom atomOf(quint16 port, Protocols protocols = Protocols::Both)
{
    Atom atom;
    atom.id = 1;
    if (includes(protocols, Transport::Tcp))
        atom.tcp = {{port, port}};
    if (includes(protocols, Transport::Udp))
        atom.udp = {{port, port}};
    return atom;
}

} // namespace

/// What the meter makes of single packets, good and bad. Lengths: Ethernet 14, IPv4 20, IPv6 40, TCP 20, UDP
/// 8 bytes.
class MeterPacketsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_netns.enter(); }

    void aReceivedPacketCountsUnderItsDestinationPort();
    void aSentPacketCountsUnderItsSourcePort();
    void aPacketOfIpv6CountsLikeOneOfIpv4();
    void theLowestAndTheHighestPortCount();
    void protocolsWithoutWatchedPortsCountForLinkAndFlow_data();
    void protocolsWithoutWatchedPortsCountForLinkAndFlow();
    void whatIsNotIpIsOther();
    void linksThatAreNotMeteredCountNothing();
    void aLinkWhosePlaceAmongTheNearLinksIsTakenIsCountedAllTheSame();
    void vlanTagsInTheFrameAreSkipped();
    void optionsOfIpv4AreSkipped();
    void extensionHeadersOfIpv6AreSkipped();
    void aChainOfExtensionHeadersThatIsTooLongHasNoPorts();
    void fragmentsCountUnderThePortOfTheFirst();
    void fragmentsOfIpv6CountUnderThePortOfTheFirst();
    void aFragmentWhoseFirstWasNotSeenHasNoPort();
    void aPacketWithoutAnEthernetHeaderBeginsWithIp();
    void mergedPacketsCountAsTheirSegments_data();
    void mergedPacketsCountAsTheirSegments();
    void aPacketCutOffAnywhereIsStillCounted_data();
    void aPacketCutOffAnywhereIsStillCounted();
    void hostileBytesNeitherStopTheProgramNorEscapeTheLink();

private:
    Netns m_netns;
};

void MeterPacketsTest::aReceivedPacketCountsUnderItsDestinationPort()
{
    MeterTestBed bed;
    QCOMPARE(bed.feed(Hook::Ingress, v4Frame({}, udp(5000, 8000, 100))), kContinue); // 14 + 20 + 8 + 100
    const MeterSample sample = bed.sample({atomOf(8000, Protocols::Udp)});
    QCOMPARE(sample.atoms.at(1).internet, received(142));
    QCOMPARE(sample.atoms.at(1).local, Traffic{});
    QCOMPARE(bed.sample({atomOf(5000)}).atoms.at(1), ScopedTraffic{});
    QCOMPARE(bed.sample({atomOf(8000, Protocols::Tcp)}).atoms.at(1), ScopedTraffic{});

    const LinkMeter link = bed.link();
    QCOMPARE(link.v4.internet, received(142));
    QCOMPARE(link.plain, received(142));
    QCOMPARE(link.total(), received(142));

    const std::vector<Flow> flows = bed.flows();
    QCOMPARE(flows.size(), size_t(1));
    const FlowKey expected{MeterTestBed::kLoopback,       Udp, *parseAddress(u"203.0.113.1"), 8000,
                           *parseAddress(u"203.0.113.9"), 5000};
    QVERIFY(flows[0].key == expected);
    QCOMPARE(flows[0].traffic, received(142));
    QCOMPARE(flows[0].state, FlowState::Stateless);
    QVERIFY(flows[0].internet);
    QVERIFY(std::chrono::steady_clock::now() - flows[0].last < std::chrono::seconds(10));
    QVERIFY(flows[0].last <= std::chrono::steady_clock::now());
}

void MeterPacketsTest::aSentPacketCountsUnderItsSourcePort()
{
    MeterTestBed bed;
    const V4 answer{.source = "203.0.113.1", .destination = "203.0.113.9", .protocol = Tcp};
    QCOMPARE(bed.feed(Hook::Egress, v4Frame(answer, tcp(8000, 5000, 0x10, 1000, 12))),
             kContinue); // 14 + 20 + 32 + 1000
    QCOMPARE(bed.sample({atomOf(8000, Protocols::Tcp)}).atoms.at(1).internet, sent(1066));
    QCOMPARE(bed.sample({atomOf(5000)}).atoms.at(1), ScopedTraffic{});

    // The other direction of the same conversation is the same flow.
    bed.feed(Hook::Ingress, v4Frame({.protocol = Tcp}, tcp(5000, 8000, 0x10, 0))); // 14 + 20 + 20
    const std::vector<Flow> flows = bed.flows();
    QCOMPARE(flows.size(), size_t(1));
    QCOMPARE(flows[0].traffic, received(54) + sent(1066));
    QCOMPARE(flows[0].state, FlowState::Established);
}

void MeterPacketsTest::aPacketOfIpv6CountsLikeOneOfIpv4()
{
    MeterTestBed bed;
    QCOMPARE(bed.feed(Hook::Ingress, v6Frame({.next = Tcp}, tcp(5000, 443, 0x18, 10))),
             kContinue);                                                           // 14 + 40 + 20 + 10
    QCOMPARE(bed.feed(Hook::Ingress, v6Frame({}, udp(5000, 443, 10))), kContinue); // 14 + 40 + 8 + 10
    QCOMPARE(bed.link().v6.internet, received(84 + 72, 2));
    QCOMPARE(bed.link().v4, ScopedTraffic{});
    QCOMPARE(bed.sample({atomOf(443)}).atoms.at(1).internet, received(84 + 72, 2));
    QCOMPARE(bed.sample({atomOf(443, Protocols::Udp)}).atoms.at(1).internet, received(72));
    const std::vector<Flow> flows = bed.flows();
    QCOMPARE(flows.size(), size_t(2));
    const FlowKey expected{MeterTestBed::kLoopback,       Tcp, *parseAddress(u"2001:db8::1"), 443,
                           *parseAddress(u"2001:db8::9"), 5000};
    QVERIFY(flows[0].key == expected);
}

void MeterPacketsTest::theLowestAndTheHighestPortCount()
{
    MeterTestBed bed;
    for (const quint16 port : {0, 1, 65534, 65535}) {
        bed.feed(Hook::Ingress, v4Frame({}, udp(5000, port, 0)));                     // 42
        bed.feed(Hook::Egress, v4Frame({.protocol = Tcp}, tcp(port, 5000, 0x10, 0))); // 54
    }
    for (const quint16 port : {1, 65534, 65535})
        QCOMPARE(bed.sample({atomOf(port)}).atoms.at(1).internet, received(42) + sent(54));
    Atom all;
    all.id = 9;
    all.tcp = all.udp = {{1, 65535}};
    QCOMPARE(bed.sample({all}).atoms.at(9).internet, received(3 * 42, 3) + sent(3 * 54, 3));
}

void MeterPacketsTest::protocolsWithoutWatchedPortsCountForLinkAndFlow_data()
{
    QTest::addColumn<int>("protocol");
    QTest::addColumn<int>("localPort");
    QTest::newRow("ICMP") << int(Icmp) << 0;
    QTest::newRow("ICMPv6") << int(Icmp6) << 0;
    QTest::newRow("protocol 253") << int(Experimental) << 0;
    QTest::newRow("ESP") << 50 << 0;
    QTest::newRow("GRE") << 47 << 0;
    QTest::newRow("SCTP") << int(Sctp) << 8000;
    QTest::newRow("DCCP") << 33 << 8000;
    QTest::newRow("UDP-Lite") << 136 << 8000;
}

void MeterPacketsTest::protocolsWithoutWatchedPortsCountForLinkAndFlow()
{
    QFETCH(int, protocol);
    QFETCH(int, localPort);
    MeterTestBed bed;
    const QByteArray payload = udp(5000, 8000, 92); // 100
    bed.feed(Hook::Ingress, v4Frame({.protocol = quint8(protocol)}, payload));
    bed.feed(Hook::Ingress, v6Frame({.next = quint8(protocol)}, payload));
    QCOMPARE(bed.link().v4.internet, received(134));
    QCOMPARE(bed.link().v6.internet, received(154));
    QCOMPARE(bed.sample({atomOf(8000)}).atoms.at(1), ScopedTraffic{});
    const std::vector<Flow> flows = bed.flows();
    QCOMPARE(flows.size(), size_t(2));
    for (const Flow &flow : flows) {
        QCOMPARE(int(flow.key.protocol), protocol);
        QCOMPARE(int(flow.key.localPort), localPort);
        QCOMPARE(flow.state, FlowState::Stateless);
    }
}

void MeterPacketsTest::whatIsNotIpIsOther()
{
    MeterTestBed bed;
    bed.feed(Hook::Ingress, ethernet(0x0806, zeros(28)));             // ARP: 42
    bed.feed(Hook::Egress, ethernet(0x88cc, zeros(86)));              // LLDP: 100
    bed.feed(Hook::Ingress, ethernet(0x0800, zeros(40)));             // says IPv4, is not: 54
    bed.feed(Hook::Ingress, ethernet(0x86dd, v4({}, udp(1, 2, 40)))); // says IPv6, is not: 82
    bed.feed(Hook::Ingress, ethernet(0x0800, v6({}, udp(1, 2, 40)))); // says IPv4, is not: 102
    const LinkMeter link = bed.link();
    QCOMPARE(link.other, received(42 + 54 + 82 + 102, 4) + sent(100));
    QCOMPARE(link.ip(), ScopedTraffic{});
    QVERIFY(bed.flows().empty());
}

void MeterPacketsTest::linksThatAreNotMeteredCountNothing()
{
    MeterTestBed bed;
    QVERIFY(meter_settings::writeLink(bed.object(), MeterTestBed::kLoopback, false, true));
    QCOMPARE(bed.feed(Hook::Ingress, v4Frame({}, udp(5000, 8000, 100))), kContinue);
    QCOMPARE(bed.link().plain, Traffic{});
    QCOMPARE(bed.sample({atomOf(8000)}).atoms.at(1), ScopedTraffic{});
}

void MeterPacketsTest::aLinkWhosePlaceAmongTheNearLinksIsTakenIsCountedAllTheSame()
{
    MeterTestBed bed;
    constexpr int kOther = MeterTestBed::kLoopback + WEIR_NEAR_LINKS;
    QVERIFY(meter_settings::writeLink(bed.object(), MeterTestBed::kLoopback, false, true));
    QVERIFY(meter_settings::writeLink(bed.object(), kOther, true, true));
    QVERIFY(meter_settings::writeLink(bed.object(), MeterTestBed::kLoopback, true, true));
    weir_near_link near{};
    QVERIFY(readMap(bed.object().map(MeterMap::NearLinks), quint32(MeterTestBed::kLoopback), near));
    QCOMPARE(near.interface, quint32(kOther));

    QCOMPARE(bed.feed(Hook::Ingress, v4Frame({}, udp(5000, 8000, 100))), kContinue);
    QCOMPARE(bed.link().plain, (Traffic{142, 0, 1, 0}));
    for (const LinkMeter &link : bed.sample().links) {
        if (link.index == kOther)
            QCOMPARE(link.plain, Traffic{});
    }
}

void MeterPacketsTest::vlanTagsInTheFrameAreSkipped()
{
    MeterTestBed bed;
    const QByteArray inner = v4({}, udp(5000, 8000, 0));               // 28
    bed.feed(Hook::Ingress, vlan(0x8100, 0x0800, inner));              // 14 + 4 + 28
    bed.feed(Hook::Ingress, vlan(0x88a8, 0x8100, tag(0x0800, inner))); // 14 + 8 + 28
    QCOMPARE(bed.sample({atomOf(8000)}).atoms.at(1).internet, received(46 + 50, 2));
    bed.feed(Hook::Ingress, vlan(0x88a8, 0x8100, tag(0x8100, tag(0x0800, inner)))); // three: 54
    QCOMPARE(bed.sample({atomOf(8000)}).atoms.at(1).internet, received(46 + 50, 2));
    QCOMPARE(bed.link().other, received(54));
    bed.feed(Hook::Ingress, vlan(0x8100, 0x86dd, v6({}, udp(5000, 8000, 0)))); // 14 + 4 + 48
    QCOMPARE(bed.link().v6.internet, received(66));
}

void MeterPacketsTest::optionsOfIpv4AreSkipped()
{
    MeterTestBed bed;
    // The options read as ports would be 4369 = 0x1111.
    for (int words = 1; words <= 10; ++words)
        bed.feed(Hook::Ingress, v4Frame({.options = QByteArray(words * 4, '\x11')}, udp(5000, 8000, 0)));
    // 10 packets of 42 bytes and 4 + 8 + … + 40 of options
    QCOMPARE(bed.sample({atomOf(8000)}).atoms.at(1).internet, received(10 * 42 + 220, 10));
    QCOMPARE(bed.sample({atomOf(0x1111)}).atoms.at(1), ScopedTraffic{});
}

void MeterPacketsTest::extensionHeadersOfIpv6AreSkipped()
{
    MeterTestBed bed;
    const QByteArray datagram = udp(5000, 8000, 0); // 8
    const auto header = [](quint8 next, quint8 length, int bytes) {
        return QByteArray(1, char(next)) + QByteArray(1, char(length)) + QByteArray(bytes - 2, '\x11');
    };
    bed.feed(Hook::Ingress, v6Frame({.next = 0}, header(Udp, 0, 8) + datagram));   // hop by hop: 70
    bed.feed(Hook::Ingress, v6Frame({.next = 43}, header(Udp, 2, 24) + datagram)); // routing: 86
    bed.feed(Hook::Ingress, v6Frame({.next = 60}, header(Udp, 1, 16) + datagram)); // destination: 78
    bed.feed(Hook::Ingress, v6Frame({.next = 51}, header(Udp, 4, 24) + datagram)); // AH, counts words: 86
    bed.feed(Hook::Ingress, v6Frame({.next = 135}, header(Udp, 0, 8) + datagram)); // mobility: 70
    // hop by hop, routing, an atomic fragment, destination: 62 + 8 + 8 + 8 + 8
    const QByteArray whole = QByteArray(1, char(60)) + zeros(7);
    bed.feed(
        Hook::Ingress,
        v6Frame({.next = 0}, header(43, 0, 8) + header(44, 0, 8) + whole + header(Udp, 0, 8) + datagram));
    QCOMPARE(bed.sample({atomOf(8000, Protocols::Udp)}).atoms.at(1).internet,
             received(70 + 86 + 78 + 86 + 70 + 94, 6));
    QCOMPARE(bed.flows().size(), size_t(1));
}

void MeterPacketsTest::aChainOfExtensionHeadersThatIsTooLongHasNoPorts()
{
    MeterTestBed bed;
    const QByteArray more = QByteArray(1, char(60)) + zeros(7);
    const QByteArray last = QByteArray(1, char(Udp)) + zeros(7);
    bed.feed(Hook::Ingress,
             v6Frame({.next = 60}, more.repeated(19) + last + udp(5000, 8000, 0))); // 54 + 160 + 8
    QCOMPARE(bed.link().v6.internet, received(222));
    QCOMPARE(bed.sample({atomOf(8000)}).atoms.at(1), ScopedTraffic{});
    QCOMPARE(int(bed.flows().at(0).key.protocol), 60);
}

void MeterPacketsTest::fragmentsCountUnderThePortOfTheFirst()
{
    MeterTestBed bed;
    // Payload that reads as port 4369 where a port would be.
    const QByteArray rest(800, '\x11');
    const V4 first{.identification = 77, .fragment = 0x2000};
    bed.feed(Hook::Ingress, v4Frame(first, udp(5000, 8000, 792)));                            // 34 + 800
    bed.feed(Hook::Ingress, v4Frame({.identification = 77, .fragment = 0x2000 | 100}, rest)); // 834
    bed.feed(Hook::Ingress, v4Frame({.identification = 77, .fragment = 200}, rest.left(50))); // 84
    QCOMPARE(bed.sample({atomOf(8000)}).atoms.at(1).internet, received(834 + 834 + 84, 3));
    QCOMPARE(bed.sample({atomOf(0x1111)}).atoms.at(1), ScopedTraffic{});
    QCOMPARE(bed.flows().size(), size_t(1));
}

void MeterPacketsTest::fragmentsOfIpv6CountUnderThePortOfTheFirst()
{
    MeterTestBed bed;
    const auto fragment = [](quint16 positionAndMore, const QByteArray &payload) {
        return v6Frame({.next = 44},
                       QByteArray(1, char(Tcp)) + zeros(1) + big16(positionAndMore)
                           + QByteArray("\1\2\3\4", 4) + payload);
    };
    bed.feed(Hook::Egress, fragment(0x0001, tcp(8000, 5000, 0x10, 780))); // 54 + 8 + 800
    bed.feed(Hook::Egress, fragment(800, QByteArray(100, '\x11')));       // 54 + 8 + 100
    QCOMPARE(bed.sample({atomOf(8000, Protocols::Tcp)}).atoms.at(1).internet, sent(862 + 162, 2));
    QCOMPARE(bed.flows().size(), size_t(1));
}

void MeterPacketsTest::aFragmentWhoseFirstWasNotSeenHasNoPort()
{
    MeterTestBed bed;
    const QByteArray rest(100, '\x11');
    bed.feed(Hook::Ingress, v4Frame({.identification = 1, .fragment = 0x2000}, udp(5000, 8000, 792)));
    bed.feed(Hook::Ingress, v4Frame({.identification = 2, .fragment = 100}, rest)); // another packet's: 134
    bed.feed(Hook::Ingress, v4Frame({.source = "203.0.113.8", .identification = 1, .fragment = 100}, rest));
    QCOMPARE(bed.sample({atomOf(8000)}).atoms.at(1).internet, received(834));
    QCOMPARE(bed.sample({atomOf(0x1111)}).atoms.at(1), ScopedTraffic{});
    QCOMPARE(bed.link().v4.internet, received(834 + 134 + 134, 3));
}

void MeterPacketsTest::aPacketWithoutAnEthernetHeaderBeginsWithIp()
{
    MeterTestBed bed(MeterTestBed::Framing::Ip);
    bed.feed(Hook::Ingress, v4({}, udp(5000, 8000, 10)));                    // 38
    bed.feed(Hook::Ingress, v6({.next = Tcp}, tcp(5000, 8000, 0x10, 10)));   // 70
    bed.feed(Hook::Ingress, v4({.options = zeros(8)}, udp(5000, 8000, 10))); // 46
    bed.feed(Hook::Egress, QByteArray(30, '\xff'));
    QCOMPARE(bed.sample({atomOf(8000)}).atoms.at(1).internet, received(38 + 70 + 46, 3));
    QCOMPARE(bed.link().other, sent(30));
}

void MeterPacketsTest::mergedPacketsCountAsTheirSegments_data()
{
    QTest::addColumn<QByteArray>("packet");
    QTest::addColumn<int>("segments");
    QTest::addColumn<int>("segmentSize");
    QTest::addColumn<int>("bytes");
    QTest::addColumn<int>("packets");
    // Each further segment has headers of its own: 14 + 20 + 32 for IPv4 and TCP with timestamps.
    QTest::newRow("TCP over IPv4") << v4Frame({.protocol = Tcp}, tcp(5000, 8000, 0x10, 2896, 12)) << 2 << 1448
                                   << 2 * (66 + 1448) << 2;
    QTest::newRow("TCP over IPv6") << v6Frame({.next = Tcp}, tcp(5000, 8000, 0x10, 3000, 12)) << 3 << 1428
                                   << 3 * 86 + 3000 << 3;
    QTest::newRow("UDP") << v4Frame({}, udp(5000, 8000, 2000)) << 20 << 100 << 20 * (42 + 100) << 20;
    QTest::newRow("count of segments not told")
        << v4Frame({.protocol = Tcp}, tcp(5000, 8000, 0x10, 2901, 12)) << 0 << 1448 << 3 * 66 + 2901 << 3;
    QTest::newRow("in a VLAN") << vlan(0x8100, 0x0800, v4({.protocol = Tcp}, tcp(5000, 8000, 0x10, 2000)))
                               << 2 << 1000 << 2 * (18 + 40 + 1000) << 2;
    QTest::newRow("with IPv4 options")
        << v4Frame({.protocol = Tcp, .options = zeros(4)}, tcp(5000, 8000, 0x10, 2000)) << 2 << 1000
        << 2 * (14 + 24 + 20 + 1000) << 2;
    QTest::newRow("not merged") << v4Frame({.protocol = Tcp}, tcp(5000, 8000, 0x10, 1000)) << 1 << 0 << 1054
                                << 1;
}

void MeterPacketsTest::mergedPacketsCountAsTheirSegments()
{
    QFETCH(QByteArray, packet);
    QFETCH(int, segments);
    QFETCH(int, segmentSize);
    QFETCH(int, bytes);
    QFETCH(int, packets);
    MeterTestBed bed;
    bed.feed(Hook::Ingress, packet, {.segments = quint32(segments), .segmentSize = quint32(segmentSize)});
    QCOMPARE(bed.sample({atomOf(8000)}).atoms.at(1).internet, received(quint64(bytes), quint64(packets)));
    QCOMPARE(bed.link().ip().internet, received(quint64(bytes), quint64(packets)));
    QCOMPARE(bed.link().plain, received(quint64(packet.size()), 1));
    QCOMPARE(bed.flows().at(0).traffic, received(quint64(bytes), quint64(packets)));
}

void MeterPacketsTest::aPacketCutOffAnywhereIsStillCounted_data()
{
    QTest::addColumn<bool>("ethernet");
    QTest::addColumn<QByteArray>("packet");
    QTest::addColumn<int>("ipFrom");   // bytes from which it is an IP packet
    QTest::addColumn<int>("portFrom"); // bytes from which it has ports
    const QByteArray datagram = udp(5000, 8000, 20);
    QTest::newRow("UDP over IPv4") << true << v4Frame({}, datagram) << 34 << 38;
    QTest::newRow("TCP over IPv4") << true << v4Frame({.protocol = Tcp}, tcp(5000, 8000, 0x18, 20, 12)) << 34
                                   << 38;
    QTest::newRow("UDP over IPv6") << true << v6Frame({}, datagram) << 54 << 58;
    QTest::newRow("TCP over IPv6") << true << v6Frame({.next = Tcp}, tcp(5000, 8000, 0x18, 20)) << 54 << 58;
    QTest::newRow("options") << true << v4Frame({.options = zeros(40)}, datagram) << 34 << 78;
    QTest::newRow("VLAN tags") << true << vlan(0x88a8, 0x8100, tag(0x0800, v4({}, datagram))) << 42 << 46;
    QTest::newRow("extension headers") << true
                                       << v6Frame({.next = 0},
                                                  QByteArray::fromHex("2b00000000000000"
                                                                      "1101")
                                                      + zeros(14) + datagram)
                                       << 54 << 82;
    QTest::newRow("UDP over IPv4 without Ethernet") << false << v4({}, datagram) << 20 << 24;
    QTest::newRow("TCP over IPv6 without Ethernet")
        << false << v6({.next = Tcp}, tcp(5000, 8000, 0x18, 20)) << 40 << 44;
    QTest::newRow("first fragment") << true << v4Frame({.identification = 5, .fragment = 0x2000}, datagram)
                                    << 34 << 38;
}

void MeterPacketsTest::aPacketCutOffAnywhereIsStillCounted()
{
    QFETCH(bool, ethernet);
    QFETCH(QByteArray, packet);
    QFETCH(int, ipFrom);
    QFETCH(int, portFrom);
    MeterTestBed bed(ethernet ? MeterTestBed::Framing::Ethernet : MeterTestBed::Framing::Ip);
    for (const Hook hook : {Hook::Ingress, Hook::Egress}) {
        // Sent packets count under the source port, so that one is watched too.
        const quint16 port = hook == Hook::Ingress ? 8000 : 5000;
        const auto counted = [&](quint64 bytes) {
            return hook == Hook::Ingress ? received(bytes) : sent(bytes);
        };
        for (int length = MeterTestBed::shortest(packet); length <= packet.size(); ++length) {
            const LinkMeter before = bed.link();
            const Traffic portBefore = bed.sample({atomOf(port)}).atoms.at(1).internet;
            QCOMPARE(bed.feed(hook, packet.left(length)), kContinue);
            const LinkMeter after = bed.link();
            const Traffic portAfter = bed.sample({atomOf(port)}).atoms.at(1).internet;
            const Traffic packetOnly = counted(quint64(length));
            QCOMPARE(growth(before.plain, after.plain), packetOnly);
            QCOMPARE(growth(before.ip().internet, after.ip().internet),
                     length >= ipFrom ? packetOnly : Traffic{});
            QCOMPARE(growth(before.other, after.other), length >= ipFrom ? Traffic{} : packetOnly);
            QCOMPARE(growth(portBefore, portAfter), length >= portFrom ? packetOnly : Traffic{});
        }
    }
}

void MeterPacketsTest::hostileBytesNeitherStopTheProgramNorEscapeTheLink()
{
    MeterTestBed bed;
    std::mt19937 random(20260101);
    const auto below = [&](quint32 bound) { return random() % bound; };
    const QByteArray models[] = {
        v4Frame({.protocol = Tcp, .options = zeros(12)}, tcp(5000, 8000, 2, 100, 20)),
        v6Frame({.next = 0},
                QByteArray::fromHex("2b000000000000002c000000000000003c00000112345678110000000000000000")
                    + udp(1, 2, 50)),
        vlan(0x88a8, 0x8100, tag(0x86dd, v6({.next = 44}, zeros(60)))),
        QByteArray(200, '\0'),
    };
    quint64 bytes = 0;
    quint64 packets = 0;
    for (int i = 0; i < 20000; ++i) {
        QByteArray packet = models[below(4)];
        const quint32 changes = below(4) == 0 ? quint32(packet.size()) : below(8);
        for (quint32 change = 0; change < changes; ++change)
            packet[qsizetype(below(quint32(packet.size())))] = char(random());
        const int shortest = MeterTestBed::shortest(packet);
        packet.truncate(shortest + int(below(quint32(packet.size() - shortest + 1))));
        const Hook hook = below(2) ? Hook::Ingress : Hook::Egress;
        QCOMPARE(bed.feed(hook, packet, {.segments = 1}), kContinue);
        bytes += quint64(packet.size());
        ++packets;
    }
    const LinkMeter link = bed.link();
    QCOMPARE(link.plain.rxBytes + link.plain.txBytes, bytes);
    QCOMPARE(link.plain.rxPackets + link.plain.txPackets, packets);
    QCOMPARE(link.total(), link.plain);
}

QTEST_GUILESS_MAIN(MeterPacketsTest)
#include "meter_packets_test.moc"
