// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/link_choice.h"
#include "tests/unit/engine_rig.h"

using namespace std::chrono_literals;

namespace weir::test {

namespace {

Link made(int index, const QString &name, LinkKind kind)
{
    Link link;
    link.index = index;
    link.name = name;
    link.kind = kind;
    link.up = true;
    return link;
}

Link hardware(int index, const QString &name)
{
    Link link = made(index, name, LinkKind::Ethernet);
    link.hardware = true;
    return link;
}

QStringList names(const char *list)
{
    return QString::fromLatin1(list).split(QLatin1Char(','));
}

} // namespace

class EngineLinksTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theOnlyLinkStaysMeteredWhileItIsDown();
    void automaticallyHardwareAndPppThatAreUpAreChosen();
    void aMeteredLinkThatLosesItsCarrierStaysMetered();
    void aNamedLinkThatIsNotThereIsAProblem();
    void withoutHardwareTheDefaultRoutesLinkIsChosen();
    void withoutADefaultRouteLinksWithAddressesAreChosen();
    void theLowestOfABridgeAndItsPortIsChosen();
    void aVlanIsCountedOnTheLinkBelow();
    void theLoopbackIsChosenOnlyByName();
    void everyLinkThatIsNotChosenHasAReason();
    void aLinkWithItsBridgeIsRefusedNamingBoth();
    void aLinkWithTheVlanOnTheBondAboveItIsRefused();
    void twoVlansOfOneLinkMayBeChosenTogether();
    void aLinkThatIsNotThereIsNotFound();

    void aLinksTotalBeginsAtZeroWhenItIsFirstSeen();
    void scopesAndOtherFramesAddUpToTheLink();
    void aRenamedLinkKeepsItsTotals();
    void aLinkRenamedWhileNoHelperRanKeepsItsTotals();
    void aLinkThatVanishesAndComesBackGoesOn();
    void aLinkThatTakesTheNameOfAnotherHasItsOwnTotals();
    void anUnmeteredLinkShowsItsOwnCountersAndARate();
    void whatPassedBeforeMeteringBeganIsUnmetered();
    void anOwnCounterThatBeganAgainIsCreditedFromZero();
    void aLinkWatchFollowsARename();
    void aLinkWatchWaitsForItsLink();
    void aLinkWatchDoesNotInheritWhatPassedUnderAnotherName();
    void onLinkPrefixesOfMeteredLinksAreLocal();
    void aRouteForHalfTheInternetIsNoLocalNetwork();
    void aNicPutIntoABridgeIsStillCountedOnce();
    void aLinkThatAppearsIsMeteredFromTheNextSampleOn();
    void meteredLinksCanBeNamedAndAreRefusedTogetherWithTheirBridge();
};

void EngineLinksTest::theOnlyLinkStaysMeteredWhileItIsDown()
{
    Link eth = made(2, QStringLiteral("eth0"), LinkKind::Veth);
    eth.up = false;
    QCOMPARE(chooseLinks({eth}, {}).metered, std::set<int>());
    QCOMPARE(chooseLinks({eth}, {}, {2}).metered, std::set<int>({2}));
}

void EngineLinksTest::automaticallyHardwareAndPppThatAreUpAreChosen()
{
    Link down = hardware(4, QStringLiteral("eth1"));
    down.up = false;
    const auto choice =
        chooseLinks({made(1, QStringLiteral("lo"), LinkKind::Loopback), hardware(2, QStringLiteral("eth0")),
                     made(3, QStringLiteral("ppp0"), LinkKind::Ppp), down,
                     made(5, QStringLiteral("docker0"), LinkKind::Bridge),
                     made(6, QStringLiteral("wg0"), LinkKind::Wireguard)},
                    {});
    QCOMPARE(choice.metered, std::set<int>({2, 3}));
}

void EngineLinksTest::aMeteredLinkThatLosesItsCarrierStaysMetered()
{
    Link eth = hardware(2, QStringLiteral("eth0"));
    eth.up = false;
    QCOMPARE(chooseLinks({eth}, {}).metered, std::set<int>());
    QCOMPARE(chooseLinks({eth}, {}, {2}).metered, std::set<int>({2}));
    Link tunnel = made(3, QStringLiteral("tun0"), LinkKind::Tun);
    tunnel.defaultRoute = true;
    QCOMPARE(chooseLinks({eth, tunnel}, {}, {2}).metered, std::set<int>({2, 3}));
}

void EngineLinksTest::aNamedLinkThatIsNotThereIsAProblem()
{
    EngineRig rig;
    QVERIFY(rig.start());
    const auto missing = [&] {
        return std::ranges::count_if(rig.engine->problems(), [](const Problem &problem) {
            return problem.what.id == QStringLiteral("link-not-metered")
                && problem.what.subject == QStringLiteral("eth0");
        });
    };
    std::optional<Result<quint32>> set;
    rig.engine->setSettings(rig.engine->settingsRevision(),
                            {{QStringLiteral("metered_links"), QStringLiteral("eth0")}},
                            [&](Result<quint32> answer) { set = std::move(answer); });
    QTRY_VERIFY(set && *set);
    rig.second();
    QCOMPARE(missing(), 0);
    rig.machine->renameLink(rig.eth0, QStringLiteral("enp4s0"));
    rig.second();
    QTRY_COMPARE(missing(), 1);
}

void EngineLinksTest::withoutHardwareTheDefaultRoutesLinkIsChosen()
{
    Link eth = made(2, QStringLiteral("eth0"), LinkKind::Veth);
    eth.defaultRoute = true;
    Link other = made(3, QStringLiteral("eth1"), LinkKind::Veth);
    other.addresses = {parseAddress(u"10.0.0.2").value()};
    QCOMPARE(chooseLinks({made(1, QStringLiteral("lo"), LinkKind::Loopback), eth, other}, {}).metered,
             std::set<int>({2}));
}

void EngineLinksTest::withoutADefaultRouteLinksWithAddressesAreChosen()
{
    Link loopback = made(1, QStringLiteral("lo"), LinkKind::Loopback);
    loopback.addresses = {parseAddress(u"127.0.0.1").value()};
    Link eth = made(2, QStringLiteral("eth0"), LinkKind::Veth);
    eth.addresses = {parseAddress(u"10.0.0.2").value()};
    QCOMPARE(chooseLinks({loopback, eth, made(3, QStringLiteral("eth1"), LinkKind::Veth)}, {}).metered,
             std::set<int>({2}));
}

void EngineLinksTest::theLowestOfABridgeAndItsPortIsChosen()
{
    Link port = hardware(2, QStringLiteral("eth0"));
    port.master = 3;
    Link bridge = hardware(3, QStringLiteral("br0"));
    bridge.kind = LinkKind::Bridge;
    const auto choice = chooseLinks({port, bridge}, {});
    QCOMPARE(choice.metered, std::set<int>({2}));
    QVERIFY(choice.reasons.at(3).contains(QStringLiteral("eth0 is a port of the bridge br0")));
}

void EngineLinksTest::aVlanIsCountedOnTheLinkBelow()
{
    Link vlan = made(3, QStringLiteral("eth0.10"), LinkKind::Vlan);
    vlan.lower = 2;
    vlan.defaultRoute = true;
    const auto choice = chooseLinks({hardware(2, QStringLiteral("eth0")), vlan}, {});
    QCOMPARE(choice.metered, std::set<int>({2}));
    QVERIFY(choice.reasons.at(3).contains(QStringLiteral("eth0.10 is a VLAN on eth0")));
}

void EngineLinksTest::theLoopbackIsChosenOnlyByName()
{
    Link loopback = made(1, QStringLiteral("lo"), LinkKind::Loopback);
    loopback.hardware = true;
    loopback.addresses = {parseAddress(u"127.0.0.1").value()};
    QCOMPARE(chooseLinks({loopback}, {}).metered, std::set<int>());
    QCOMPARE(chooseLinks({loopback}, names("lo")).metered, std::set<int>({1}));
}

void EngineLinksTest::everyLinkThatIsNotChosenHasAReason()
{
    Link down = hardware(3, QStringLiteral("eth1"));
    down.up = false;
    const std::vector<Link> links{made(1, QStringLiteral("lo"), LinkKind::Loopback),
                                  hardware(2, QStringLiteral("eth0")), down,
                                  made(4, QStringLiteral("veth0"), LinkKind::Veth)};
    for (const QStringList &setting : {QStringList(), names("eth1"), names("eth9")}) {
        const auto choice = chooseLinks(links, setting);
        for (const Link &link : links)
            QCOMPARE(choice.metered.contains(link.index), !choice.reasons.contains(link.index));
    }
    QVERIFY(chooseLinks(links, {}).reasons.at(3).contains(QStringLiteral("down")));
}

void EngineLinksTest::aLinkWithItsBridgeIsRefusedNamingBoth()
{
    Link port = hardware(2, QStringLiteral("eth0"));
    port.master = 3;
    const std::vector<Link> links{port, made(3, QStringLiteral("br0"), LinkKind::Bridge)};
    const auto refused = checkMeteredLinks(links, names("br0,eth0"));
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, ErrorKind::InvalidArgument);
    QVERIFY(refused.error().message.contains(
        QStringLiteral("eth0 and br0 cannot be metered together: eth0 is a port of the bridge br0")));
    QCOMPARE(chooseLinks(links, names("br0,eth0")).metered, std::set<int>({2}));
    QVERIFY(checkMeteredLinks(links, names("br0")));
}

void EngineLinksTest::aLinkWithTheVlanOnTheBondAboveItIsRefused()
{
    Link port = hardware(2, QStringLiteral("eth0"));
    port.master = 3;
    Link vlan = made(4, QStringLiteral("bond0.5"), LinkKind::Vlan);
    vlan.lower = 3;
    const auto refused = checkMeteredLinks({port, made(3, QStringLiteral("bond0"), LinkKind::Bond), vlan},
                                           names("eth0,bond0.5"));
    QVERIFY(!refused);
    QVERIFY(refused.error().message.contains(QStringLiteral("bond0.5 stands on eth0")));
}

void EngineLinksTest::twoVlansOfOneLinkMayBeChosenTogether()
{
    Link one = made(3, QStringLiteral("eth0.1"), LinkKind::Vlan);
    Link two = made(4, QStringLiteral("eth0.2"), LinkKind::Vlan);
    one.lower = two.lower = 2;
    const std::vector<Link> links{hardware(2, QStringLiteral("eth0")), one, two};
    QVERIFY(checkMeteredLinks(links, names("eth0.1,eth0.2")));
    QCOMPARE(chooseLinks(links, names("eth0.1,eth0.2")).metered, std::set<int>({3, 4}));
}

void EngineLinksTest::aLinkThatIsNotThereIsNotFound()
{
    QCOMPARE(checkMeteredLinks({hardware(2, QStringLiteral("eth0"))}, names("eth0,eth7")).error().kind,
             ErrorKind::NotFound);
}

void EngineLinksTest::aLinksTotalBeginsAtZeroWhenItIsFirstSeen()
{
    EngineRig rig;
    rig.machine->setCounters(rig.eth0, {5'000'000, 4'000'000, 5000, 4000});
    QVERIFY(rig.start());
    const LinkStatus link = rig.link(QStringLiteral("eth0"));
    QVERIFY(link.metered);
    QCOMPARE(link.reason, QString());
    QCOMPARE(link.total, ScopedTraffic());
    QCOMPARE(link.unmetered, Traffic());
    QCOMPARE(link.sinceS, 1'700'000'000);
    QCOMPARE(rig.engine->status().meteredLinks, QStringList{QStringLiteral("eth0")});
}

void EngineLinksTest::scopesAndOtherFramesAddUpToTheLink()
{
    EngineRig rig;
    QVERIFY(rig.start());
    rig.pass(80, 1000, 200);
    Packets local;
    local.link = rig.eth0;
    local.protocol = 1;
    local.remote = parseAddress(u"192.168.1.77").value();
    local.bytes = 98;
    rig.machine->pass(local);
    local.remote = parseAddress(u"fe80::77").value();
    rig.machine->pass(local);
    rig.machine->passOther(rig.eth0, Direction::Received, 60, 1);
    rig.second();
    const LinkStatus link = rig.link(QStringLiteral("eth0"));
    QCOMPARE(link.total.internet, Traffic({1000, 200, 1, 1}));
    QCOMPARE(link.total.local, Traffic({196, 0, 2, 0}));
    QCOMPARE(link.other, Traffic({60, 0, 1, 0}));
    QCOMPARE(link.unmetered, Traffic());
    QCOMPARE(link.link.counters.rxBytes, link.total.total().rxBytes + link.other.rxBytes);
}

void EngineLinksTest::aRenamedLinkKeepsItsTotals()
{
    EngineRig rig;
    QVERIFY(rig.start());
    rig.pass(80, 100, 0);
    rig.second();
    rig.machine->renameLink(rig.eth0, QStringLiteral("wan"));
    rig.pass(80, 20, 0);
    rig.second();
    QCOMPARE(rig.link(QStringLiteral("wan")).total.internet.rxBytes, 120u);
    QCOMPARE(rig.engine->links().size(), size_t(1));
    QVERIFY(rig.link(QStringLiteral("wan")).rate);
}

void EngineLinksTest::aLinkRenamedWhileNoHelperRanKeepsItsTotals()
{
    EngineRig rig;
    const int eth1 = rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1")));
    QVERIFY(rig.start());
    rig.pass(80, 100, 0);
    rig.pass(80, 5, 0, eth1);
    QVERIFY(rig.stop());
    // the names are swapped, and the boot gives other indexes: the address tells
    rig.machine->newBoot();
    Link first = rig.machine->link(rig.eth0);
    Link second = rig.machine->link(eth1);
    rig.machine->removeLink(rig.eth0);
    rig.machine->removeLink(eth1);
    first.index = 11;
    second.index = 12;
    std::swap(first.name, second.name);
    rig.machine->addLink(first);
    rig.machine->addLink(second);
    QVERIFY(rig.start());
    QCOMPARE(rig.link(QStringLiteral("eth1")).total.internet.rxBytes, 100u);
    QCOMPARE(rig.link(QStringLiteral("eth0")).total.internet.rxBytes, 5u);
}

void EngineLinksTest::aLinkThatVanishesAndComesBackGoesOn()
{
    EngineRig rig;
    QVERIFY(rig.start());
    rig.pass(80, 100, 0);
    rig.second();
    rig.pass(80, 30, 0); // after the last sample with it
    Link stick = rig.machine->link(rig.eth0);
    rig.machine->removeLink(rig.eth0);
    rig.second();
    QCOMPARE(rig.engine->links().size(), size_t(0));
    stick.index = 0;
    stick.counters = {};
    const int again = rig.machine->addLink(stick);
    rig.second();
    rig.second();
    rig.pass(80, 7, 0, again);
    rig.second();
    const LinkStatus link = rig.link(QStringLiteral("eth0"));
    QCOMPARE(link.total.internet.rxBytes, 137u);
    QCOMPARE(link.unmetered, Traffic());
}

void EngineLinksTest::aLinkThatTakesTheNameOfAnotherHasItsOwnTotals()
{
    EngineRig rig;
    const int eth1 = rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1")));
    QVERIFY(rig.start());
    rig.pass(80, 100, 0);
    rig.pass(80, 5, 0, eth1);
    rig.second();
    rig.machine->removeLink(rig.eth0);
    rig.machine->renameLink(eth1, QStringLiteral("eth0"));
    rig.second();
    QCOMPARE(rig.link(QStringLiteral("eth0")).total.internet.rxBytes, 5u);
}

void EngineLinksTest::anUnmeteredLinkShowsItsOwnCountersAndARate()
{
    EngineRig rig;
    Link bridge = FakeMachine::ethernet(QStringLiteral("br0"));
    bridge.kind = LinkKind::Bridge;
    bridge.hardware = false;
    const int br0 = rig.machine->addLink(bridge);
    QVERIFY(rig.start());
    rig.second();
    rig.pass(80, 3000, 1000, br0);
    rig.second();
    const LinkStatus link = rig.link(QStringLiteral("br0"));
    QVERIFY(!link.metered);
    QVERIFY(!link.reason.isEmpty());
    QCOMPARE(link.total, ScopedTraffic());
    QCOMPARE(link.unmetered, Traffic({3000, 1000, 1, 1}));
    QVERIFY(link.rate && link.rate->rxBytesPerSecond > 2000 && link.rate->rxBytesPerSecond <= 3000);
    rig.kill();
    rig.pass(80, 500, 0, br0);
    QVERIFY(rig.start());
    QCOMPARE(rig.link(QStringLiteral("br0")).unmetered.rxBytes, 3500u);
}

void EngineLinksTest::whatPassedBeforeMeteringBeganIsUnmetered()
{
    EngineRig rig;
    rig.machine->setUp(rig.eth0, false);
    QVERIFY(rig.start());
    rig.pass(80, 1000, 0); // the link is not metered while it is down
    rig.second();
    rig.pass(80, 200, 0);
    rig.machine->setUp(rig.eth0, true);
    QTRY_COMPARE(rig.machine->meteredLinks(), std::set<int>({rig.eth0}));
    rig.pass(80, 30, 0);
    rig.second();
    rig.pass(80, 4, 0);
    rig.second();
    const LinkStatus link = rig.link(QStringLiteral("eth0"));
    QVERIFY(link.metered);
    QCOMPARE(link.unmetered.rxBytes, 1200u);
    QCOMPARE(link.total.internet.rxBytes, 34u);
}

void EngineLinksTest::anOwnCounterThatBeganAgainIsCreditedFromZero()
{
    EngineRig rig;
    rig.machine->setUp(rig.eth0, false);
    rig.machine->setCounters(rig.eth0, {1000, 1000, 10, 10});
    QVERIFY(rig.start());
    rig.machine->setCounters(rig.eth0, {1500, 1000, 11, 10});
    rig.second();
    QCOMPARE(rig.link(QStringLiteral("eth0")).unmetered.rxBytes, 500u);
    rig.machine->setCounters(rig.eth0, {40, 2, 1, 1}); // the driver was loaded anew
    rig.second();
    QCOMPARE(rig.link(QStringLiteral("eth0")).unmetered, Traffic({540, 2, 2, 1}));
    QVERIFY(!rig.link(QStringLiteral("eth0")).rate);
}

void EngineLinksTest::aLinkWatchFollowsARename()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.onLink(QStringLiteral("line"), QStringLiteral("eth0"))}));
    rig.pass(80, 100, 0);
    rig.second();
    rig.machine->renameLink(rig.eth0, QStringLiteral("wan"));
    rig.pass(80, 20, 0);
    rig.machine->passOther(rig.eth0, Direction::Sent, 60);
    rig.second();
    const WatchRecord record = rig.watch(QStringLiteral("line")).record;
    QCOMPARE(record.spec.link, QStringLiteral("wan"));
    QCOMPARE(record.total.internet.rxBytes, 120u);
    QCOMPARE(record.totalOther.txBytes, 60u);
    QVERIFY(rig.stop());
    QVERIFY(rig.start());
    QCOMPARE(rig.watch(QStringLiteral("line")).record.spec.link, QStringLiteral("wan"));
}

void EngineLinksTest::aLinkWatchWaitsForItsLink()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.onLink(QStringLiteral("line"), QStringLiteral("eth0"))}));
    rig.pass(80, 100, 0);
    Link stick = rig.machine->link(rig.eth0);
    rig.machine->removeLink(rig.eth0);
    rig.second();
    QCOMPARE(rig.watch(QStringLiteral("line")).record.total.internet.rxBytes, 100u);
    QVERIFY(!rig.watch(QStringLiteral("line")).rate);
    QVERIFY(rig.hasProblem(QStringLiteral("watch-not-counted")));
    stick.index = 0;
    const int again = rig.machine->addLink(stick);
    rig.second();
    QTRY_COMPARE(rig.machine->meteredLinks(), std::set<int>({again}));
    rig.pass(80, 20, 0, again);
    rig.second();
    QCOMPARE(rig.watch(QStringLiteral("line")).record.total.internet.rxBytes, 120u);
    QVERIFY(!rig.hasProblem(QStringLiteral("watch-not-counted")));
}

void EngineLinksTest::aLinkWatchDoesNotInheritWhatPassedUnderAnotherName()
{
    EngineRig rig;
    const int eth1 = rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1")));
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.onLink(QStringLiteral("line"), QStringLiteral("eth0"))}));
    rig.pass(80, 7, 0);
    rig.pass(80, 5000, 0, eth1);
    rig.second();
    rig.machine->removeLink(rig.eth0);
    rig.machine->renameLink(eth1, QStringLiteral("eth0"));
    rig.second();
    rig.pass(80, 30, 0, eth1);
    rig.second();
    QCOMPARE(rig.watch(QStringLiteral("line")).record.total.internet.rxBytes, 37u);
}

void EngineLinksTest::onLinkPrefixesOfMeteredLinksAreLocal()
{
    EngineRig rig;
    Link link = rig.machine->link(rig.eth0);
    link.onLinkPrefixes = {parsePrefix(u"203.0.113.0/24").value()};
    rig.machine->setLink(link);
    QVERIFY(rig.start());
    Packets packets;
    packets.link = rig.eth0;
    packets.bytes = 100;
    packets.remote = parseAddress(u"203.0.113.9").value();
    rig.machine->pass(packets);
    rig.second();
    QCOMPARE(rig.link(QStringLiteral("eth0")).total.local.rxBytes, 100u);

    // the provider delegates another prefix
    link.onLinkPrefixes = {parsePrefix(u"198.51.100.0/24").value()};
    rig.machine->setLink(link);
    rig.second();
    rig.machine->pass(packets);
    QVERIFY(rig.set({{QStringLiteral("local_prefixes"), QStringLiteral("192.0.2.7")}}));
    packets.remote = parseAddress(u"192.0.2.7").value();
    packets.bytes = 3;
    rig.machine->pass(packets);
    packets.remote = parseAddress(u"192.0.2.8").value();
    rig.machine->pass(packets);
    rig.second();
    QCOMPARE(rig.link(QStringLiteral("eth0")).total.local.rxBytes, 103u);
    QCOMPARE(rig.link(QStringLiteral("eth0")).total.internet.rxBytes, 103u);
}

void EngineLinksTest::aRouteForHalfTheInternetIsNoLocalNetwork()
{
    EngineRig rig;
    Link link = rig.machine->link(rig.eth0);
    link.onLinkPrefixes = {parsePrefix(u"0.0.0.0/0").value(), parsePrefix(u"128.0.0.0/1").value(),
                           parsePrefix(u"2000::/3").value()};
    rig.machine->setLink(link);
    QVERIFY(rig.start());
    rig.pass(80, 100, 0);
    rig.second();
    QCOMPARE(rig.link(QStringLiteral("eth0")).total.internet.rxBytes, 100u);
}

void EngineLinksTest::aNicPutIntoABridgeIsStillCountedOnce()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("web"), {{80, 80}})}));
    Link bridge = FakeMachine::ethernet(QStringLiteral("br0"));
    bridge.kind = LinkKind::Bridge;
    bridge.hardware = false;
    bridge.defaultRoute = true;
    const int br0 = rig.machine->addLink(bridge);
    Link nic = rig.machine->link(rig.eth0);
    nic.master = br0;
    rig.machine->setLink(nic);
    rig.second();
    rig.pass(80, 100, 0);
    rig.pass(80, 100, 0, br0); // the same packet, one level higher
    rig.second();
    QCOMPARE(rig.machine->meteredLinks(), std::set<int>({rig.eth0}));
    QCOMPARE(rig.watch(QStringLiteral("web")).record.total.internet.rxBytes, 100u);
    QVERIFY(
        rig.link(QStringLiteral("br0")).reason.contains(QStringLiteral("eth0 is a port of the bridge br0")));
}

void EngineLinksTest::aLinkThatAppearsIsMeteredFromTheNextSampleOn()
{
    EngineRig rig;
    QVERIFY(rig.start());
    rig.second();
    const int eth1 = rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1")));
    QTRY_COMPARE(rig.machine->meteredLinks(), std::set<int>({rig.eth0, eth1}));
    rig.second();
    QVERIFY(rig.link(QStringLiteral("eth1")).metered);
}

void EngineLinksTest::meteredLinksCanBeNamedAndAreRefusedTogetherWithTheirBridge()
{
    EngineRig rig;
    Link port = FakeMachine::ethernet(QStringLiteral("eth1"));
    Link bridge = FakeMachine::ethernet(QStringLiteral("br0"));
    bridge.kind = LinkKind::Bridge;
    bridge.hardware = false;
    const int br0 = rig.machine->addLink(bridge);
    port.master = br0;
    const int eth1 = rig.machine->addLink(port);
    QVERIFY(rig.start());
    const QString key = QStringLiteral("metered_links");
    const auto refused = rig.set({{key, QStringLiteral("br0,eth1")}});
    QCOMPARE(refused.error().kind, ErrorKind::InvalidArgument);
    QVERIFY(refused.error().message.contains(QStringLiteral("eth1 is a port of the bridge br0")));
    QCOMPARE(rig.set({{key, QStringLiteral("eth9")}}).error().kind, ErrorKind::NotFound);
    QCOMPARE(rig.machine->meteredLinks(), std::set<int>({rig.eth0, eth1}));
    QCOMPARE(rig.set({{key, QStringLiteral("br0")}}).value(), 2u);
    QCOMPARE(rig.machine->meteredLinks(), std::set<int>({br0}));
    rig.kill();
    QVERIFY(rig.start());
    QCOMPARE(rig.engine->settings().value(key), QVariant(QStringLiteral("br0")));
    QCOMPARE(rig.engine->settingsRevision(), 2u);
    QCOMPARE(rig.machine->meteredLinks(), std::set<int>({br0}));
}

} // namespace weir::test

QTEST_GUILESS_MAIN(weir::test::EngineLinksTest)
#include "engine_links_test.moc"
