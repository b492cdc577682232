// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/engine_rig.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <random>

using namespace std::chrono_literals;

namespace weir::test {

namespace {

const QString kWeb = QStringLiteral("web");

/// Bytes received + sent that a watch counted.
std::pair<quint64, quint64> counted(const EngineRig &rig, const QString &name)
{
    const WatchRecord record = rig.watch(name).record;
    const Traffic total = record.total.total() + record.totalOther;
    return {total.rxBytes, total.txBytes};
}

using Bytes = std::pair<quint64, quint64>;

} // namespace

class EngineCountingTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aWatchCountsItsOwnPortsFromItsCreationOn();
    void portsOneAnd65535AreCounted();
    void overlappingWatchesEachCountAllOfTheirOwnTraffic();
    void tcpAndUdpAreToldApart();
    void aForwardedPacketIsCountedOnceByAWatchOfBothItsPorts();
    void whatWasForwardedWhileAWatchWasRemovedCountsOnceWhenItIsRestored();
    void aRateIsGrowthOverTimeAndUnknownAtFirst();
    void aGapOfMoreThanFiveSecondsGivesNoRateButKeepsItsBytes();
    void aNewGenerationIsCreditedInFull();
    void aRebootIsCreditedInFull();
    void bytesPassedWhileTheHelperWasKilledAreCountedOnce();
    void aHelperThatStopsLeavesNothingAndLosesNothing();
    void leftoversOfAnotherLayoutAreCreditedOnceAndDiscarded();
    void leftoversOfAGenerationThatWasNeverStoredAreNotCredited();
    void aPausedWatchCountsNothing();
    void aWatchPausedThroughARestartCountsNothing();
    void aRemovedWatchComesBackWithWhatPassedMeanwhile();
    void aRemovedWatchComesBackAfterARestart();
    void afterTenMinutesARemovedWatchIsGoneForGood();
    void aThousandRandomEditsUnderTrafficMatchTheOwnLedger();
    void samplesOpenWithTheRatesThatWereTaken();
    void aMeterThatIsNotPermittedLeavesLinksAndEditsWorking();
    void connectionsAreActiveFlowsOfAWatch();
    void aSecondOfAThousandWatchesAndTwoThousandFlowsIsCheapForTheMainThread();
};

void EngineCountingTest::aWatchCountsItsOwnPortsFromItsCreationOn()
{
    EngineRig rig;
    QVERIFY(rig.start());
    rig.pass(8000, 5000, 6000);
    QVERIFY(rig.add({rig.ports(kWeb, {{8000, 8000}})}));
    rig.pass(8000, 100, 20);
    rig.pass(8001, 7, 7);
    rig.second();
    QCOMPARE(counted(rig, kWeb), Bytes(100, 20));
    QCOMPARE(rig.watch(kWeb).record.total.internet.rxPackets, 1u);
}

void EngineCountingTest::portsOneAnd65535AreCounted()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("lowest"), {{1, 1}}),
                     rig.ports(QStringLiteral("highest"), {{65535, 65535}}),
                     rig.ports(QStringLiteral("all"), {{1, 65535}})}));
    rig.pass(1, 10, 1);
    rig.pass(65535, 200, 2);
    rig.pass(2, 3000, 3);
    rig.second();
    QCOMPARE(counted(rig, QStringLiteral("lowest")), Bytes(10, 1));
    QCOMPARE(counted(rig, QStringLiteral("highest")), Bytes(200, 2));
    QCOMPARE(counted(rig, QStringLiteral("all")), Bytes(3210, 6));
}

void EngineCountingTest::overlappingWatchesEachCountAllOfTheirOwnTraffic()
{
    // the example of the design: A = 8000-8099, B = 8080, C = tcp 8090-8200
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("A"), {{8000, 8099}}),
                     rig.ports(QStringLiteral("B"), {{8080, 8080}}),
                     rig.ports(QStringLiteral("C"), {{8090, 8200}}, Protocols::Tcp)}));
    rig.pass(8000, 1, 0);
    rig.pass(8080, 10, 0);
    rig.pass(8095, 100, 0);
    rig.pass(8095, 1000, 0, 0, 17);
    rig.pass(8150, 10000, 0);
    rig.second();
    QCOMPARE(counted(rig, QStringLiteral("A")), Bytes(1111, 0));
    QCOMPARE(counted(rig, QStringLiteral("B")), Bytes(10, 0));
    QCOMPARE(counted(rig, QStringLiteral("C")), Bytes(10100, 0));
}

void EngineCountingTest::tcpAndUdpAreToldApart()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("tcp"), {{53, 53}}, Protocols::Tcp),
                     rig.ports(QStringLiteral("udp"), {{53, 53}}, Protocols::Udp)}));
    rig.pass(53, 40, 0);
    rig.pass(53, 500, 0, 0, 17);
    rig.second();
    QCOMPARE(counted(rig, QStringLiteral("tcp")), Bytes(40, 0));
    QCOMPARE(counted(rig, QStringLiteral("udp")), Bytes(500, 0));
}

void EngineCountingTest::aForwardedPacketIsCountedOnceByAWatchOfBothItsPorts()
{
    EngineRig rig;
    const int eth1 =
        rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1"), {QStringLiteral("10.0.0.1/8")}));
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("both"), {{1, 65535}}),
                     rig.ports(QStringLiteral("server"), {{443, 443}}),
                     rig.ports(QStringLiteral("client"), {{50000, 50000}})}));
    rig.machine->forward({rig.eth0, eth1, 6, parseAddress(u"198.51.100.7").value(), 50000,
                          parseAddress(u"10.0.0.9").value(), 443, 700});
    rig.second();
    QCOMPARE(counted(rig, QStringLiteral("both")), Bytes(700, 0));
    QCOMPARE(counted(rig, QStringLiteral("server")), Bytes(700, 0));
    QCOMPARE(counted(rig, QStringLiteral("client")), Bytes(0, 700));
}

void EngineCountingTest::whatWasForwardedWhileAWatchWasRemovedCountsOnceWhenItIsRestored()
{
    EngineRig rig;
    const int eth1 =
        rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1"), {QStringLiteral("10.0.0.1/8")}));
    QVERIFY(rig.start());
    const auto forward = [&](quint64 bytes) {
        rig.machine->forward({rig.eth0, eth1, 17, parseAddress(u"198.51.100.7").value(), 123,
                              parseAddress(u"10.0.0.9").value(), 123, bytes});
    };
    QVERIFY(rig.add({rig.ports(QStringLiteral("time"), {{123, 123}}), rig.ports(kWeb, {{80, 80}})}));
    forward(100);
    rig.second();
    QVERIFY(rig.remove(QStringLiteral("time")));
    forward(200);
    rig.second();
    // other edits, and another helper, come between
    QVERIFY(rig.add({rig.ports(QStringLiteral("other"), {{443, 443}})}));
    forward(400);
    QVERIFY(rig.remove(kWeb));
    rig.kill();
    QVERIFY(rig.start());
    forward(800);
    rig.second();
    QVERIFY(rig.restore(QStringLiteral("time")));
    forward(1600);
    rig.second();
    QCOMPARE(counted(rig, QStringLiteral("time")), Bytes(3100, 0));
}

void EngineCountingTest::aRateIsGrowthOverTimeAndUnknownAtFirst()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    QVERIFY(!rig.watch(kWeb).rate);
    rig.pass(80, 500, 0);
    rig.second();
    QVERIFY(!rig.watch(kWeb).rate); // it was not there when the interval began
    rig.pass(80, 20000, 4000);
    rig.second(2s);
    const auto rate = rig.watch(kWeb).rate;
    QVERIFY(rate);
    // 20,000 and 4,000 bytes in two seconds and the little time that the test itself took
    QVERIFY(rate->rxBytesPerSecond <= 10000 && rate->rxBytesPerSecond > 8000);
    QCOMPARE(std::round(rate->rxBytesPerSecond / rate->txBytesPerSecond), 5.0);
    QCOMPARE(rig.link(QStringLiteral("eth0")).rate->rxBytesPerSecond, rate->rxBytesPerSecond);
}

void EngineCountingTest::aGapOfMoreThanFiveSecondsGivesNoRateButKeepsItsBytes()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    rig.second();
    rig.pass(80, 6000, 0);
    rig.second(6s);
    QVERIFY(!rig.watch(kWeb).rate);
    QVERIFY(!rig.link(QStringLiteral("eth0")).rate);
    QCOMPARE(counted(rig, kWeb), Bytes(6000, 0));
    rig.second();
    QCOMPARE(rig.watch(kWeb).rate, Rate());
}

void EngineCountingTest::aNewGenerationIsCreditedInFull()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    rig.pass(80, 1000, 0);
    rig.second();
    rig.machine->newGeneration();
    rig.pass(80, 30, 0);
    rig.second();
    QCOMPARE(counted(rig, kWeb), Bytes(1030, 0));
    QVERIFY(!rig.watch(kWeb).rate);
}

void EngineCountingTest::aRebootIsCreditedInFull()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    rig.pass(80, 1000, 0);
    rig.second();
    QVERIFY(rig.stop());
    rig.machine->newBoot();
    rig.pass(80, 500, 0); // before the helper is up: no meter
    QVERIFY(rig.start());
    rig.pass(80, 30, 0);
    rig.second();
    QCOMPARE(counted(rig, kWeb), Bytes(1030, 0));
    const LinkStatus link = rig.link(QStringLiteral("eth0"));
    QCOMPARE(link.total.total().rxBytes, 1030u);
    QCOMPARE(link.unmetered.rxBytes, 500u);
}

void EngineCountingTest::bytesPassedWhileTheHelperWasKilledAreCountedOnce()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(
        rig.add({rig.ports(kWeb, {{80, 80}}), rig.onLink(QStringLiteral("line"), QStringLiteral("eth0"))}));
    quint64 passed = 0;
    for (int round = 0; round < 5; ++round) {
        for (const quint64 bytes : {1u, 20u, 300u}) {
            rig.pass(80, bytes, bytes);
            passed += bytes;
            rig.second();
        }
        rig.pass(80, 4000, 4000); // after the last sample
        passed += 4000;
        rig.kill();
        rig.pass(80, 50000, 50000); // with no helper
        passed += 50000;
        QVERIFY(rig.start());
        QCOMPARE(counted(rig, kWeb), Bytes(passed, passed));
        QCOMPARE(counted(rig, QStringLiteral("line")), Bytes(passed, passed));
        QCOMPARE(rig.link(QStringLiteral("eth0")).total.total().rxBytes, passed);
        QCOMPARE(rig.link(QStringLiteral("eth0")).unmetered, Traffic());
    }
}

void EngineCountingTest::aHelperThatStopsLeavesNothingAndLosesNothing()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    rig.pass(80, 1000, 2000);
    QVERIFY(rig.stop(Engine::Leave::Nothing));
    QVERIFY(!rig.machine->hasTraces());
    rig.pass(80, 77, 88);
    QVERIFY(rig.start());
    rig.pass(80, 5, 6);
    rig.second();
    QCOMPARE(counted(rig, kWeb), Bytes(1005, 2006));
    const LinkStatus link = rig.link(QStringLiteral("eth0"));
    QCOMPARE(link.total.internet.rxBytes, 1005u);
    QCOMPARE(link.unmetered.rxBytes, 77u);
    QCOMPARE(link.unmetered.txBytes, 88u);
}

void EngineCountingTest::leftoversOfAnotherLayoutAreCreditedOnceAndDiscarded()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(
        rig.add({rig.ports(kWeb, {{80, 80}}), rig.onLink(QStringLiteral("line"), QStringLiteral("eth0"))}));
    rig.pass(80, 100, 0);
    rig.second();
    rig.kill();
    rig.pass(80, 2000, 0);
    rig.machine->leaveGenerationBehind();
    rig.pass(80, 30000, 0);
    for (int restart = 0; restart < 2; ++restart) {
        QVERIFY(rig.start());
        QCOMPARE(counted(rig, kWeb), Bytes(32100, 0));
        QCOMPARE(counted(rig, QStringLiteral("line")), Bytes(32100, 0));
        QCOMPARE(rig.link(QStringLiteral("eth0")).total.total().rxBytes, 32100u);
        QCOMPARE(rig.link(QStringLiteral("eth0")).unmetered.rxBytes, 0u);
        rig.second(); // the store has answered, the kernel was told
        rig.second();
        QVERIFY(FakeKernel(rig.machine).leftovers({}).empty());
        rig.kill();
    }
}

void EngineCountingTest::leftoversOfAGenerationThatWasNeverStoredAreNotCredited()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    QVERIFY(rig.stop(Engine::Leave::Nothing));
    {
        FakeKernel other(rig.machine); // a helper on another state directory
        QVERIFY(other.start());
        QVERIFY(other.setMeteredLinks({rig.eth0}));
    }
    rig.pass(80, 999, 0);
    rig.machine->leaveGenerationBehind();
    QVERIFY(rig.start());
    QCOMPARE(counted(rig, kWeb), Bytes(0, 0));
}

void EngineCountingTest::aPausedWatchCountsNothing()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(
        rig.add({rig.ports(kWeb, {{80, 80}}), rig.onLink(QStringLiteral("line"), QStringLiteral("eth0"))}));
    for (const QString &name : {kWeb, QStringLiteral("line")}) {
        rig.pass(80, 100, 0);
        const quint64 before = counted(rig, name).first;
        WatchEdit pause;
        pause.enabled = false;
        QVERIFY(rig.edit(name, pause));
        const quint64 paused = counted(rig, name).first;
        QVERIFY(paused > before); // what passed until the pause is credited
        rig.pass(80, 5000, 0);
        rig.second();
        QCOMPARE(counted(rig, name).first, paused);
        QVERIFY(!rig.watch(name).rate);
        WatchEdit resume;
        resume.enabled = true;
        QVERIFY(rig.edit(name, resume));
        rig.pass(80, 7, 0);
        rig.second();
        QCOMPARE(counted(rig, name).first, paused + 7);
    }
}

void EngineCountingTest::aWatchPausedThroughARestartCountsNothing()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    WatchEdit pause;
    pause.enabled = false;
    QVERIFY(rig.edit(kWeb, pause));
    rig.kill();
    rig.pass(80, 100, 0);
    QVERIFY(rig.start());
    rig.second();
    WatchEdit resume;
    resume.enabled = true;
    QVERIFY(rig.edit(kWeb, resume));
    rig.pass(80, 20, 0);
    rig.second();
    QCOMPARE(counted(rig, kWeb), Bytes(20, 0));
}

void EngineCountingTest::aRemovedWatchComesBackWithWhatPassedMeanwhile()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(
        rig.add({rig.ports(kWeb, {{80, 80}}), rig.onLink(QStringLiteral("line"), QStringLiteral("eth0"))}));
    rig.pass(80, 100, 0);
    rig.second();
    for (const QString &name : {kWeb, QStringLiteral("line")}) {
        const quint64 before = counted(rig, name).first;
        rig.pass(80, 3, 0);
        QVERIFY(rig.remove(name));
        QVERIFY(!rig.names().contains(name));
        rig.pass(80, 20, 0);
        rig.second(9min);
        QVERIFY(rig.restore(name));
        QCOMPARE(counted(rig, name).first, before + 23);
        rig.pass(80, 1000, 0);
        rig.second();
        QCOMPARE(counted(rig, name).first, before + 1023);
    }
}

void EngineCountingTest::aRemovedWatchComesBackAfterARestart()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    rig.pass(80, 100, 0);
    QVERIFY(rig.remove(kWeb));
    rig.kill();
    rig.pass(80, 20, 0);
    QVERIFY(rig.start());
    QCOMPARE(rig.names(), QStringList());
    rig.second();
    QVERIFY(rig.restore(kWeb));
    QCOMPARE(counted(rig, kWeb), Bytes(120, 0));
}

void EngineCountingTest::afterTenMinutesARemovedWatchIsGoneForGood()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    QVERIFY(rig.remove(kWeb));
    rig.second(10min + 1s);
    QCOMPARE(rig.restore(kWeb).error().kind, ErrorKind::NotFound);
}

void EngineCountingTest::aThousandRandomEditsUnderTrafficMatchTheOwnLedger()
{
    EngineRig rig;
    QVERIFY(rig.start());
    std::mt19937 random(20240607);
    const auto pick = [&](int from, int to) { return std::uniform_int_distribution(from, to)(random); };
    struct Own {
        PortRanges ports;
        Protocols protocols;
        Bytes bytes;
    };
    std::map<QString, Own> own;
    const auto someTraffic = [&] {
        for (int i = pick(0, 4); i > 0; --i) {
            const auto port = quint16(pick(8000, 8030));
            const bool tcp = pick(0, 1) == 0;
            const Bytes bytes(pick(1, 1000), pick(1, 1000));
            rig.pass(port, bytes.first, bytes.second, 0, tcp ? 6 : 17);
            for (auto &[name, watch] : own) {
                if (!contains(watch.ports, port)
                    || !includes(watch.protocols, tcp ? Transport::Tcp : Transport::Udp))
                    continue;
                watch.bytes.first += bytes.first;
                watch.bytes.second += bytes.second;
            }
        }
    };
    const auto someRanges = [&] {
        PortRanges ranges;
        for (int i = pick(1, 3); i > 0; --i) {
            const int first = pick(8000, 8030);
            ranges.push_back({quint16(first), quint16(pick(first, 8030))});
        }
        return normalized(ranges);
    };
    for (int step = 0; step < 1000; ++step) {
        someTraffic();
        const int what = own.empty() ? 0 : pick(0, 9);
        auto victim = own.begin();
        std::advance(victim, own.empty() ? 0 : pick(0, int(own.size()) - 1));
        if (what < 4 && own.size() < 30) {
            const QString name = QStringLiteral("watch %1").arg(step);
            const Own watch{someRanges(), Protocols(pick(1, 3)), {}};
            QVERIFY(rig.add({rig.ports(name, watch.ports, watch.protocols)}));
            own[name] = watch;
        } else if (what < 7 || own.empty()) {
            WatchEdit edit;
            edit.ports = someRanges();
            edit.protocols = Protocols(pick(1, 3));
            QVERIFY(rig.edit(victim->first, edit));
            victim->second.ports = *edit.ports;
            victim->second.protocols = *edit.protocols;
        } else if (what < 9) {
            QVERIFY(rig.remove(victim->first));
            own.erase(victim);
        } else {
            someTraffic();
            rig.second();
        }
    }
    someTraffic();
    rig.second();
    QCOMPARE(rig.engine->watches().size(), own.size());
    for (const auto &[name, watch] : own)
        QCOMPARE(counted(rig, name), watch.bytes);

    // and the disk knows the same
    rig.kill();
    QVERIFY(rig.start());
    for (const auto &[name, watch] : own)
        QCOMPARE(counted(rig, name), watch.bytes);
}

void EngineCountingTest::samplesOpenWithTheRatesThatWereTaken()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}}), rig.ports(QStringLiteral("idle"), {{81, 81}})}));
    rig.second();
    rig.second();
    rig.pass(80, 4000, 0);
    rig.second();
    const auto web = rig.engine->watchSamples(kWeb);
    const auto idle = rig.engine->watchSamples(QStringLiteral("idle"));
    const auto line = rig.engine->linkSamples(QStringLiteral("eth0"));
    QVERIFY(web && idle && line);
    QCOMPARE(web->rxBytesPerSecond.size(), size_t(120));
    QVERIFY(web->rxBytesPerSecond[119] > 3000 && web->rxBytesPerSecond[119] <= 4000);
    QCOMPARE(web->rxBytesPerSecond[118], 0.0);
    QVERIFY(std::isnan(web->rxBytesPerSecond[117])); // made within that second
    QVERIFY(std::isnan(web->rxBytesPerSecond[0]));
    QCOMPARE(idle->rxBytesPerSecond[119], 0.0);
    QCOMPARE(line->rxBytesPerSecond[117], 0.0);
    QCOMPARE(line->rxBytesPerSecond[119], web->rxBytesPerSecond[119]);
    QCOMPARE(rig.engine->watchSamples(QStringLiteral("nobody")).error().kind, ErrorKind::NotFound);
}

void EngineCountingTest::aMeterThatIsNotPermittedLeavesLinksAndEditsWorking()
{
    EngineRig rig;
    rig.machine->setMeterPermitted(false);
    QVERIFY(rig.start());
    QVERIFY(rig.hasProblem(QStringLiteral("meter-not-permitted")));
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    rig.second();
    rig.pass(80, 1000, 0);
    rig.second();
    const LinkStatus link = rig.link(QStringLiteral("eth0"));
    QVERIFY(!link.metered);
    QVERIFY(!link.reason.isEmpty());
    QCOMPARE(link.unmetered.rxBytes, 1000u);
    QVERIFY(link.rate && link.rate->rxBytesPerSecond > 0);
    QCOMPARE(counted(rig, kWeb), Bytes(0, 0));
    QVERIFY(rig.stop());

    // with a meter it begins to count, and only what passes then
    rig.machine->setMeterPermitted(true);
    QVERIFY(rig.start());
    rig.pass(80, 20, 0);
    rig.second();
    QCOMPARE(counted(rig, kWeb), Bytes(20, 0));
}

void EngineCountingTest::connectionsAreActiveFlowsOfAWatch()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}}), rig.ports(QStringLiteral("wide"), {{1, 1000}}),
                     rig.onLink(QStringLiteral("line"), QStringLiteral("eth0"))}));
    Packets packets;
    packets.link = rig.eth0;
    packets.localPort = 80;
    packets.bytes = 60;
    packets.remote = parseAddress(u"198.51.100.7").value();
    for (const quint16 remotePort : {40001, 40002, 40003}) {
        packets.remotePort = remotePort;
        packets.state = remotePort == 40003 ? FlowState::Closed : FlowState::Established;
        rig.machine->pass(packets);
    }
    packets.protocol = 17;
    packets.localPort = 53;
    rig.machine->pass(packets);
    rig.engine->wantFlows(true);
    rig.second();
    QCOMPARE(rig.watch(kWeb).connections, 2u);
    QCOMPARE(rig.watch(QStringLiteral("wide")).connections, 3u);
    QCOMPARE(rig.watch(QStringLiteral("line")).connections, 3u);
    QCOMPARE(rig.flows().total, 3u);
    QCOMPARE(rig.flows({}, true).total, 4u);
    QCOMPARE(rig.flows(QStringLiteral("watch:web")).matching, 2u);
    QCOMPARE(rig.flows(QStringLiteral("watch:web")).rows.at(0).watches,
             QStringList({QStringLiteral("line"), QStringLiteral("web"), QStringLiteral("wide")}));
    rig.second(61s); // the datagram's flow is idle now, the connections are not
    QCOMPARE(rig.watch(QStringLiteral("wide")).connections, 2u);
    rig.engine->wantFlows(false);
}

void EngineCountingTest::aSecondOfAThousandWatchesAndTwoThousandFlowsIsCheapForTheMainThread()
{
    EngineRig rig;
    QVERIFY(rig.start());
    std::vector<WatchSpec> specs;
    for (int i = 0; i < 1000; ++i)
        specs.push_back(
            rig.ports(QStringLiteral("watch %1").arg(i), {{quint16(1000 + i), quint16(1000 + i + i % 5)}}));
    QVERIFY(rig.add(specs));
    rig.engine->wantFlows(true);
    const auto spent = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return time.tv_sec * 1'000'000 + time.tv_nsec / 1000;
    };
    const auto pass = [&] {
        Packets packets;
        packets.link = rig.eth0;
        packets.remote = parseAddress(u"198.51.100.7").value();
        packets.bytes = 1500;
        for (int i = 0; i < 2000; ++i) {
            packets.localPort = quint16(1000 + i % 1000);
            packets.remotePort = quint16(10000 + i);
            rig.machine->pass(packets);
        }
    };
    pass();
    rig.second();
    std::vector<long> microseconds;
    for (int i = 0; i < 10; ++i) {
        pass();
        const long before = spent();
        rig.second();
        QCOMPARE(rig.engine->watches().size(), size_t(1000));
        QCOMPARE(rig.flows().total, size_t(2000));
        microseconds.push_back(spent() - before);
    }
    std::ranges::sort(microseconds);
    qInfo("%ld µs of the main thread in each second, with one reader of watches and flows", microseconds[5]);
    QVERIFY(microseconds[5] < 10'000); // 1 % of a core
    rig.engine->wantFlows(false);
}

} // namespace weir::test

QTEST_GUILESS_MAIN(weir::test::EngineCountingTest)
#include "engine_counting_test.moc"
