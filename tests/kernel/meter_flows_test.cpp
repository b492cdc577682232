// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/meter_settings.h"
#include "tests/kernel/meter_test_bed.h"
#include "tests/support/netns.h"

#include <QDir>
#include <QFile>
#include <QtEndian>
#include <QTest>

#include <bpf/bpf.h>

#include <algorithm>

using namespace weir;
using namespace weir::test;
using namespace weir::test::packet;

namespace {

constexpr quint8 kFin = 0x01;
constexpr quint8 kSyn = 0x02;
constexpr quint8 kRst = 0x04;
constexpr quint8 kAck = 0x10;

Prefix prefix(QStringView text)
{
    return *parsePrefix(text);
}

/// One TCP connection between 203.0.113.9:5000 and this machine's 203.0.113.1:8000; each packet has 54 bytes.
struct Connection {
    MeterTestBed &bed;

    void receive(quint8 flags)
    {
        bed.feed(Hook::Ingress, v4Frame({.protocol = Tcp}, tcp(5000, 8000, flags, 0)));
    }
    void send(quint8 flags)
    {
        bed.feed(Hook::Egress,
                 v4Frame({.source = "203.0.113.1", .destination = "203.0.113.9", .protocol = Tcp},
                         tcp(8000, 5000, flags, 0)));
    }
    FlowState state() { return bed.flows().at(0).state; }
};

/// A UDP packet (42 bytes) from one of many addresses and ports.
QByteArray nthDatagram(int n)
{
    QByteArray frame = v4Frame({}, udp(0, 8000, 0));
    qToBigEndian<quint32>(quint32(0xcb000000 + n / 60000), frame.data() + 26);
    qToBigEndian<quint16>(quint16(1 + n % 60000), frame.data() + 34);
    return frame;
}

} // namespace

/// Scope, states and the table of flows, and packets that two watches see.
class MeterFlowsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_netns.enter(); }

    void anAddressIsLocalOrInternet_data();
    void anAddressIsLocalOrInternet();
    void aPacketIsInternetWhenEitherEndIs();
    void localPrefixesOfTheUserTakeEffectForKnownFlowsToo();
    void localPrefixesNest();
    void moreLocalPrefixesThanFitAreRefused();
    void aHandshakeOpensAndTwoFinsClose();
    void aResetCloses();
    void aConnectionSeenFromItsMiddleIsEstablished();
    void aNewConnectionOfTheSamePortsBeginsAnew();
    void whatIsSilentForAMinuteIsReturnedOnceMoreAndForgotten();
    void anEstablishedConnectionIsKeptHoweverSilent();
    void aTableThatGrowsKeepsEveryCount();
    void growthThatWasCutShortIsTakenUpAgain();
    void whatNoFlowHoldsIsUnattributed();
    void moreLinksThanFitTakeThePlacesOfThoseThatAreNotMetered();
    void aForwardedPacketIsNotedWhenBothOfItsPortsAreWatched();
    void anEditReadsBothSidesAtOneInstant();
    void everyPortCanBeAnAtomOfItsOwn();

private:
    Netns m_netns;
};

void MeterFlowsTest::anAddressIsLocalOrInternet_data()
{
    QTest::addColumn<QByteArray>("address");
    QTest::addColumn<bool>("local");
    const std::pair<const char *, bool> cases[] = {
        {"0.0.0.0", true},      {"0.255.255.255", true},
        {"1.0.0.0", false},     {"9.255.255.255", false},
        {"10.0.0.0", true},     {"10.255.255.255", true},
        {"11.0.0.0", false},    {"100.63.255.255", false},
        {"100.64.0.0", true},   {"100.127.255.255", true},
        {"100.128.0.0", false}, {"126.255.255.255", false},
        {"127.0.0.0", true},    {"127.255.255.255", true},
        {"128.0.0.0", false},   {"169.253.255.255", false},
        {"169.254.0.0", true},  {"169.254.255.255", true},
        {"169.255.0.0", false}, {"172.15.255.255", false},
        {"172.16.0.0", true},   {"172.31.255.255", true},
        {"172.32.0.0", false},  {"192.167.255.255", false},
        {"192.168.0.0", true},  {"192.168.255.255", true},
        {"192.169.0.0", false}, {"223.255.255.255", false},
        {"224.0.0.0", true},    {"239.255.255.255", true},
        {"240.0.0.0", true},    {"255.255.255.255", true},
        {"::", true},           {"::1", true},
        {"::2", false},         {"::1:0", false},
        {"1::", false},         {"fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
        {"fc00::", true},       {"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
        {"fe00::", false},      {"fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
        {"fe80::", true},       {"febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
        {"fec0::", false},      {"feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
        {"ff00::", true},       {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
        {"2001:db8::1", false}, {"::ffff:10.0.0.1", false},
    };
    for (const auto &[address, local] : cases)
        QTest::newRow(address) << QByteArray(address) << local;
}

void MeterFlowsTest::anAddressIsLocalOrInternet()
{
    QFETCH(QByteArray, address);
    QFETCH(bool, local);
    MeterTestBed bed;
    if (address.contains(':'))
        bed.feed(Hook::Ingress,
                 v6Frame({.source = address.constData(), .destination = "fe80::1"}, udp(1, 2, 0)));
    else
        bed.feed(Hook::Ingress,
                 v4Frame({.source = address.constData(), .destination = "10.0.0.1"}, udp(1, 2, 0)));
    QCOMPARE(bed.flows().at(0).internet, !local);
    QCOMPARE(bed.link().ip().local.rxPackets, quint64(local));
    QCOMPARE(bed.link().ip().internet.rxPackets, quint64(!local));
    Atom atom{1, {}, {{2, 2}}};
    QCOMPARE(bed.sample({atom}).atoms.at(1).local.rxPackets, quint64(local));
    QCOMPARE(bed.sample({atom}).atoms.at(1).internet.rxPackets, quint64(!local));
}

void MeterFlowsTest::aPacketIsInternetWhenEitherEndIs()
{
    MeterTestBed bed;
    bed.feed(Hook::Ingress, v4Frame({.source = "10.0.0.2", .destination = "203.0.113.1"}, udp(1, 2, 0)));
    bed.feed(Hook::Ingress, v4Frame({.source = "203.0.113.1", .destination = "10.0.0.2"}, udp(1, 2, 0)));
    bed.feed(Hook::Ingress, v6Frame({.source = "fe80::1", .destination = "2001:db8::1"}, udp(1, 2, 0)));
    QCOMPARE(bed.link().ip().internet.rxPackets, quint64(3));
    QCOMPARE(bed.link().ip().local.rxPackets, quint64(0));
}

void MeterFlowsTest::localPrefixesOfTheUserTakeEffectForKnownFlowsToo()
{
    MeterTestBed bed;
    const auto feed = [&] {
        bed.feed(Hook::Ingress, v4Frame({}, udp(5000, 8000, 0))); // 42
        bed.feed(Hook::Ingress, v6Frame({}, udp(5000, 8000, 0))); // 62
    };
    feed();
    QVERIFY(meter_settings::writeLocalPrefixes(bed.object(),
                                               {prefix(u"203.0.113.0/24"), prefix(u"2001:db8::/64")}));
    feed();
    QCOMPARE(bed.link().v4.internet.rxBytes, quint64(42));
    QCOMPARE(bed.link().v4.local.rxBytes, quint64(42));
    QCOMPARE(bed.link().v6.local.rxBytes, quint64(62));
    for (const Flow &flow : bed.flows())
        QVERIFY(!flow.internet);

    QVERIFY(meter_settings::writeLocalPrefixes(bed.object(), {prefix(u"203.0.113.0/28")})); // has .9 and .1
    feed();
    QCOMPARE(bed.link().v4.local.rxBytes, quint64(84));
    QCOMPARE(bed.link().v6.internet.rxBytes, quint64(124));

    QVERIFY(meter_settings::writeLocalPrefixes(bed.object(), {}));
    feed();
    QCOMPARE(bed.link().v4.internet.rxBytes, quint64(84));
}

void MeterFlowsTest::localPrefixesNest()
{
    MeterTestBed bed;
    const std::vector<Prefix> both{prefix(u"203.0.0.0/8"), prefix(u"203.0.113.0/24"), prefix(u"203.0.113.9"),
                                   prefix(u"2001:db8::1")};
    QVERIFY(meter_settings::writeLocalPrefixes(bed.object(), both));
    bed.feed(Hook::Ingress, v4Frame({}, udp(1, 2, 0)));
    QVERIFY(meter_settings::writeLocalPrefixes(bed.object(), {both.front()}));
    bed.feed(Hook::Ingress, v4Frame({}, udp(1, 2, 0)));
    QCOMPARE(bed.link().v4.local.rxPackets, quint64(2));
}

void MeterFlowsTest::moreLocalPrefixesThanFitAreRefused()
{
    MeterTestBed bed;
    std::vector<Prefix> prefixes;
    for (quint32 i = 0; i <= WEIR_MAX_PREFIXES; ++i) {
        Prefix one{{}, 32};
        qToBigEndian(0xcb000000 + i, one.address.bytes.data());
        prefixes.push_back(one);
    }
    const auto written = meter_settings::writeLocalPrefixes(bed.object(), prefixes);
    QVERIFY(!written);
    QCOMPARE(written.error().kind, ErrorKind::LimitReached);
    prefixes.pop_back();
    QVERIFY(meter_settings::writeLocalPrefixes(bed.object(), prefixes));
}

void MeterFlowsTest::aHandshakeOpensAndTwoFinsClose()
{
    MeterTestBed bed;
    Connection connection{bed};
    connection.receive(kSyn);
    QCOMPARE(connection.state(), FlowState::Opening);
    connection.send(kSyn | kAck);
    QCOMPARE(connection.state(), FlowState::Opening);
    connection.receive(kAck);
    QCOMPARE(connection.state(), FlowState::Established);
    connection.send(kFin | kAck);
    QCOMPARE(connection.state(), FlowState::Closing);
    connection.receive(kAck);
    QCOMPARE(connection.state(), FlowState::Closing);
    connection.receive(kFin | kAck);
    QCOMPARE(connection.state(), FlowState::Closed);
    connection.send(kAck);
    QCOMPARE(connection.state(), FlowState::Closed);
    QCOMPARE(bed.flows().at(0).traffic, (Traffic{4 * 54, 3 * 54, 4, 3}));
}

void MeterFlowsTest::aResetCloses()
{
    MeterTestBed bed;
    Connection connection{bed};
    connection.send(kSyn);
    connection.receive(kRst | kAck);
    QCOMPARE(connection.state(), FlowState::Closed);
}

void MeterFlowsTest::aConnectionSeenFromItsMiddleIsEstablished()
{
    MeterTestBed bed;
    Connection connection{bed};
    connection.send(kAck);
    QCOMPARE(connection.state(), FlowState::Established);
}

void MeterFlowsTest::aNewConnectionOfTheSamePortsBeginsAnew()
{
    MeterTestBed bed;
    Connection connection{bed};
    connection.receive(kSyn);
    connection.send(kSyn | kAck);
    connection.receive(kRst);
    const auto first = bed.flows().at(0).first;
    connection.receive(kSyn);
    const Flow again = bed.flows().at(0);
    QCOMPARE(again.state, FlowState::Opening);
    QCOMPARE(again.traffic, (Traffic{54, 0, 1, 0}));
    QVERIFY(again.first >= first);
    // A SYN within a connection that lives starts nothing.
    connection.send(kSyn | kAck);
    connection.receive(kAck);
    connection.receive(kSyn);
    QCOMPARE(bed.flows().at(0).traffic, (Traffic{3 * 54, 54, 3, 1}));
    QCOMPARE(connection.state(), FlowState::Established);
}

void MeterFlowsTest::whatIsSilentForAMinuteIsReturnedOnceMoreAndForgotten()
{
    using std::chrono::seconds;
    MeterTestBed bed;
    bed.feed(Hook::Ingress, v4Frame({}, udp(5000, 8000, 0)));
    bed.feed(Hook::Ingress, v6Frame({.next = Icmp6}, zeros(8)));
    Connection connection{bed};
    connection.receive(kSyn);
    connection.send(kRst | kAck);
    QCOMPARE(bed.flows(seconds(50)).size(), size_t(3));
    QCOMPARE(bed.flows(seconds(61)).size(), size_t(3));
    QCOMPARE(bed.flows().size(), size_t(0));
}

void MeterFlowsTest::anEstablishedConnectionIsKeptHoweverSilent()
{
    using std::chrono::hours;
    MeterTestBed bed;
    Connection connection{bed};
    connection.receive(kAck);
    connection.send(kAck);
    // A packet that nobody answered makes no connection.
    bed.feed(Hook::Ingress, v4Frame({.protocol = Tcp}, tcp(5001, 8000, kAck, 0)));
    QCOMPARE(bed.flows(hours(24)).size(), size_t(2));
    const std::vector<Flow> kept = bed.flows(hours(24));
    QCOMPARE(kept.size(), size_t(1));
    QCOMPARE(int(kept[0].key.remotePort), 5000);
}

void MeterFlowsTest::aTableThatGrowsKeepsEveryCount()
{
    MeterTestBed bed;
    constexpr int kFlows = 11000; // over 60 % of 16,384
    for (int i = 0; i < kFlows; ++i)
        bed.feed(Hook::Ingress, nthDatagram(i));
    QVERIFY(bed.flows4().wantsLook(kFlows));
    QCOMPARE(bed.flows().size(), size_t(kFlows));
    bed.flows4().looked(kFlows);
    QCOMPARE(bed.flows4().capacity(), size_t(16384));
    QVERIFY(bed.flows4().grow());
    QCOMPARE(bed.flows4().capacity(), size_t(32768));
    QVERIFY(!bed.flows4().wantsLook(kFlows));

    for (int i = 0; i < kFlows; i += 2)
        bed.feed(Hook::Ingress, nthDatagram(i));
    const std::vector<Flow> flows = bed.flows();
    QCOMPARE(flows.size(), size_t(kFlows));
    quint64 bytes = 0;
    for (const Flow &flow : flows)
        bytes += flow.traffic.rxBytes;
    QCOMPARE(bytes, quint64(42 * (kFlows + kFlows / 2)));
    QCOMPARE(bed.link().plain.rxBytes, bytes);
    QCOMPARE(bed.sample().unattributedBytes, quint64(0));
}

void MeterFlowsTest::growthThatWasCutShortIsTakenUpAgain()
{
    const PrivateBpffs bpffs;
    const QString directory = bpffs.pinDirectory();
    QVERIFY(QDir().mkpath(directory));
    MeterTestBed bed;
    QVERIFY(bed.flows4().pinIn(directory));
    for (int i = 0; i < 11000; ++i)
        bed.feed(Hook::Ingress, nthDatagram(i));
    QCOMPARE(bed.flows().size(), size_t(11000));
    const QString table = directory + QStringLiteral("/flows4_table");
    const QString next = table + QStringLiteral("_next");
    const auto former = openPinned(table);
    QVERIFY(bed.flows4().grow());
    QVERIFY(!openPinned(next));
    const int tables = bed.object().map(MeterMap::Flows4);
    {
        // As a crash would leave it: the larger table in use, the name still the former one's.
        QVERIFY(QFile::rename(table, next));
        QVERIFY(pin(former->get(), table));
        auto adopted = FlowMap::adopt(FlowMap::Version::V4, tables, directory);
        QVERIFY(adopted);
        QCOMPARE(adopted->capacity(), size_t(32768));
        QVERIFY(!openPinned(next));
        std::vector<Flow> flows;
        QVERIFY(adopted->read({{0, MeterTestBed::kLoopback}}, std::chrono::steady_clock::now(), &flows));
        QCOMPARE(flows.size(), size_t(11000));
    }
    {
        // A crash before the larger table came into use.
        QVERIFY(pin(former->get(), next));
        const auto adopted = FlowMap::adopt(FlowMap::Version::V4, tables, directory);
        QVERIFY(adopted);
        QCOMPARE(adopted->capacity(), size_t(32768));
        QVERIFY(!openPinned(next));
    }
    {
        // Neither pin is the one in use: a new table is better than none.
        QVERIFY(QFile::remove(table));
        QVERIFY(pin(former->get(), table));
        auto adopted = FlowMap::adopt(FlowMap::Version::V4, tables, directory);
        QVERIFY(adopted);
        QCOMPARE(adopted->capacity(), size_t(16384));
        bed.feed(Hook::Ingress, nthDatagram(1));
        std::vector<Flow> flows;
        QVERIFY(adopted->read({{0, MeterTestBed::kLoopback}}, std::chrono::steady_clock::now(), &flows));
        QCOMPARE(flows.size(), size_t(1));
    }
}

void MeterFlowsTest::whatNoFlowHoldsIsUnattributed()
{
    MeterTestBed bed;
    const quint32 inUse = 0;
    QCOMPARE(bpf_map_delete_elem(bed.object().map(MeterMap::Flows4), &inUse), 0);
    bed.feed(Hook::Ingress, v4Frame({}, udp(5000, 8000, 100)), {}, 3); // 142
    const Atom atom{1, {}, {{8000, 8000}}};
    QCOMPARE(bed.sample({atom}).unattributedBytes, quint64(3 * 142));
    QCOMPARE(bed.sample({atom}).atoms.at(1).internet, (Traffic{3 * 142, 0, 3, 0}));
    QCOMPARE(bed.link().v4.internet, (Traffic{3 * 142, 0, 3, 0}));
    QVERIFY(bed.flows().empty());
}

void MeterFlowsTest::moreLinksThanFitTakeThePlacesOfThoseThatAreNotMetered()
{
    MeterTestBed bed;
    bed.feed(Hook::Ingress, v4Frame({}, udp(5000, 8000, 100)));
    for (int index = 2; index <= WEIR_MAX_LINKS; ++index)
        QVERIFY(meter_settings::writeLink(bed.object(), index, true, true));
    const auto refused = meter_settings::writeLink(bed.object(), 5000, true, true);
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, ErrorKind::LimitReached);
    QVERIFY(!meter_settings::forgetUnmeteredLink(bed.object()));

    QVERIFY(meter_settings::writeLink(bed.object(), MeterTestBed::kLoopback, false, true));
    QCOMPARE(bed.link().plain.rxBytes, quint64(142));
    QVERIFY(meter_settings::forgetUnmeteredLink(bed.object()));
    QVERIFY(meter_settings::writeLink(bed.object(), 5000, true, true));
    const std::vector<LinkMeter> links = bed.sample().links;
    QCOMPARE(links.size(), size_t(WEIR_MAX_LINKS));
    QCOMPARE(links.front().index, 2);
    QCOMPARE(links.back().index, 5000);
    QCOMPARE(links.back().plain, Traffic{});
}

void MeterFlowsTest::aForwardedPacketIsNotedWhenBothOfItsPortsAreWatched()
{
    MeterTestBed bed;
    const std::vector<Atom> atoms{{3, {}, {{8000, 8099}}}, {4, {}, {{5000, 5000}}}, {5, {{5000, 5000}}, {}}};
    QVERIFY(meter_settings::writePortSet(bed.object(), atoms));
    const PacketContext forwarded{.from = MeterTestBed::kLoopback};
    const QByteArray both = v4Frame({}, udp(5000, 8099, 0)); // 42
    bed.feed(Hook::Ingress, both);
    bed.feed(Hook::Egress, both, forwarded);
    bed.feed(Hook::Egress, both);                                       // of this machine
    bed.feed(Hook::Egress, v4Frame({}, udp(5000, 8100, 0)), forwarded); // 8100: not watched
    bed.feed(Hook::Egress, v4Frame({}, udp(5001, 8000, 0)), forwarded); // 5001: not watched
    bed.feed(Hook::Egress, v4Frame({.protocol = Tcp}, tcp(5000, 8000, kAck, 0)),
             forwarded); // TCP 8000: not watched
    bed.feed(Hook::Egress, v4Frame({.source = "10.0.0.1", .destination = "10.0.0.2"}, udp(8000, 8001, 0)),
             forwarded);

    const MeterSample sample = bed.sample(atoms);
    QCOMPARE(sample.overlaps.size(), size_t(2));
    auto overlaps = sample.overlaps;
    std::sort(overlaps.begin(), overlaps.end(),
              [](const AtomOverlap &a, const AtomOverlap &b) { return a.sent < b.sent; });
    const AtomOverlap within{3, 3, {{}, {0, 42, 0, 1}}};
    const AtomOverlap across{3, 4, {{0, 42, 0, 1}, {}}};
    QCOMPARE(overlaps[0], within);
    QCOMPARE(overlaps[1], across);
}

void MeterFlowsTest::anEditReadsBothSidesAtOneInstant()
{
    MeterTestBed bed;
    for (quint16 port = 8000; port < 8010; ++port)
        bed.feed(Hook::Ingress, v4Frame({}, udp(5000, port, port - 8000))); // 42 + 0 … 9
    const std::vector<Atom> before{{1, {}, {{8000, 8004}}}};
    const std::vector<Atom> after{
        {1, {}, {{8000, 8001}, {8004, 8004}}}, {2, {}, {{8002, 8003}}}, {3, {{1, 65535}}, {{8005, 8009}}}};
    const auto change = bed.counters().sample(before, after);
    QVERIFY(change);
    QCOMPARE(change->before.atoms.size(), size_t(1));
    QCOMPARE(change->before.atoms.at(1).internet.rxBytes, quint64(5 * 42 + 0 + 1 + 2 + 3 + 4));
    QCOMPARE(change->after.atoms.at(1).internet.rxBytes, quint64(3 * 42 + 0 + 1 + 4));
    QCOMPARE(change->after.atoms.at(2).internet.rxBytes, quint64(2 * 42 + 2 + 3));
    QCOMPARE(change->after.atoms.at(3).internet.rxBytes, quint64(5 * 42 + 5 + 6 + 7 + 8 + 9));
    QCOMPARE(change->before.taken, change->after.taken);
}

void MeterFlowsTest::everyPortCanBeAnAtomOfItsOwn()
{
    MeterTestBed bed;
    std::vector<Atom> atoms;
    for (quint32 port = 1; port <= 65535; ++port)
        atoms.push_back({port, {{quint16(port), quint16(port)}}, {{quint16(port), quint16(port)}}});
    QVERIFY(meter_settings::writePortSet(bed.object(), atoms));
    bed.feed(Hook::Ingress, v4Frame({}, udp(5000, 65535, 0)));
    const MeterSample sample = bed.sample(atoms);
    QCOMPARE(sample.atoms.size(), size_t(65535));
    QCOMPARE(sample.atoms.at(65535).internet, (Traffic{42, 0, 1, 0}));
    QCOMPARE(sample.atoms.at(1), ScopedTraffic{});
}

QTEST_GUILESS_MAIN(MeterFlowsTest)
#include "meter_flows_test.moc"
