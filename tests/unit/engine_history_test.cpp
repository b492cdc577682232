// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/engine_rig.h"

#include <QTimeZone>

namespace weir::test {

using namespace std::chrono_literals;

namespace {

constexpr qint64 kStart = 1'700'000'000; // of the rig's clock: 20 s into the minute that begins at kMinute
constexpr qint64 kMinute = 1'699'999'980;

} // namespace

class EngineHistoryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qputenv("TZ", "UTC"); }
    void whatPassedIsThereBeforeItIsStored();
    void whatWasStoredAndWhatWasNotAddUpToTheTotal();
    void whatPassedWhileNoHelperRanStandsInTheMinuteOfTheStartAndIsMarked();
    void aKilledHelperLosesNoByteOfHistoryThatItsTotalsHave();
    void whatTheDiskRefusedIsStoredOnceItTakesItAgain();
    void anEditTakesHistoryWithTheTotals();
    void aRemovedWatchKeepsItsHistoryUnderItsNumber();
    void aClockThatWasSetBackByALittleOpensNoMinuteTwice();
    void aClockThatLeaptAheadAndCameBackLeavesNothingInTheFuture();
    void remotesAndAllOthersAddUpToTheTotal();
    void seriesThatAreNotThereAreNotFound();
    void rankingsNameWhatPassedMost();

private:
    static HistoryTraffic sum(EngineRig &rig, const QString &series, qint64 fromS, qint64 toS);
    static std::vector<HistoryPoint> minutes(EngineRig &rig, const QString &series, qint64 fromS, int count);
};

std::vector<HistoryPoint> EngineHistoryTest::minutes(EngineRig &rig, const QString &series, qint64 fromS,
                                                     int count)
{
    HistoryQuery query;
    query.series = rig.engine->findSeries(series).value();
    for (int minute = 0; minute <= count; ++minute)
        query.bounds.push_back(fromS + minute * 60);
    query.zone = "UTC";
    return rig.history(query);
}

HistoryTraffic EngineHistoryTest::sum(EngineRig &rig, const QString &series, qint64 fromS, qint64 toS)
{
    HistoryQuery query;
    query.series = rig.engine->findSeries(series).value();
    query.bounds = {fromS, toS};
    query.zone = "UTC";
    return rig.history(query).front().traffic;
}

void EngineHistoryTest::whatPassedIsThereBeforeItIsStored()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("web"), {{80, 80}})}));
    const int writes = rig.writes;
    rig.pass(80, 1000, 10);
    rig.second();
    QCOMPARE(rig.writes, writes);
    const auto points = minutes(rig, QStringLiteral("watch:web"), kMinute, 2);
    QCOMPARE(points[0].traffic.scoped.internet.rxBytes, 1000u);
    QCOMPARE(points[0].traffic.scoped.internet.txBytes, 10u);
    QCOMPARE(points[1].traffic, HistoryTraffic{});
}

void EngineHistoryTest::whatWasStoredAndWhatWasNotAddUpToTheTotal()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("web"), {{80, 80}})}));
    for (int second = 0; second < 200; ++second) {
        rig.pass(80, 100, 7);
        rig.second();
    }
    const HistoryTraffic all = sum(rig, QStringLiteral("watch:web"), kMinute, kMinute + 600);
    QCOMPARE(all.scoped, rig.watch(QStringLiteral("web")).record.total);
    QCOMPARE(all.total().rxBytes, 20'000u);
    QCOMPARE(all.total().txBytes, 1'400u);
    // the sample at second 41 ends an interval that began in the first minute: 40 and one samples are of it
    const auto points = minutes(rig, QStringLiteral("watch:web"), kMinute, 4);
    QCOMPARE(points[0].traffic.total().rxBytes, 4'000u);
    QCOMPARE(points[1].traffic.total().rxBytes, 6'000u);
    QCOMPARE(points[2].traffic.total().rxBytes, 6'000u);
    QCOMPARE(points[3].traffic.total().rxBytes, 4'000u);
}

void EngineHistoryTest::whatPassedWhileNoHelperRanStandsInTheMinuteOfTheStartAndIsMarked()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("web"), {{80, 80}})}));
    rig.pass(80, 5, 0);
    rig.second();
    QVERIFY(rig.stop());
    rig.pass(80, 700, 0);
    rig.clock.skip(1h);
    rig.machine->skip(1h);
    QVERIFY(rig.start());
    rig.second();
    const auto points = minutes(rig, QStringLiteral("watch:web"), kMinute, 63);
    QCOMPARE(points[0].traffic.total().rxBytes, 5u);
    QCOMPARE(points[60].traffic.total().rxBytes, 700u);
    QVERIFY(points[30].away);
    QVERIFY(!points[62].away);
}

void EngineHistoryTest::aKilledHelperLosesNoByteOfHistoryThatItsTotalsHave()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("web"), {{80, 80}})}));
    quint64 passed = 0;
    for (int life = 0; life < 12; ++life) {
        for (int second = 0; second < 7 * life; ++second) {
            rig.pass(80, 1, 0);
            ++passed;
            rig.second();
        }
        rig.kill();
        QVERIFY(rig.start());
        rig.second();
        QCOMPARE(rig.watch(QStringLiteral("web")).record.total.internet.rxBytes, passed);
        QCOMPARE(sum(rig, QStringLiteral("watch:web"), kMinute, kMinute + 3600).total().rxBytes, passed);
    }
    QCOMPARE(passed, 462u);
}

void EngineHistoryTest::whatTheDiskRefusedIsStoredOnceItTakesItAgain()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("web"), {{80, 80}})}));
    rig.storeFails = true;
    for (int second = 0; second < 100; ++second) {
        rig.pass(80, 10, 0);
        rig.second();
    }
    QVERIFY(rig.hasProblem(QStringLiteral("storage-failed")));
    QCOMPARE(sum(rig, QStringLiteral("watch:web"), kMinute, kMinute + 600).total().rxBytes, 1'000u);
    rig.storeFails = false;
    for (int second = 0; second < 40; ++second)
        rig.second();
    QVERIFY(!rig.hasProblem(QStringLiteral("storage-failed")));
    rig.kill();
    QVERIFY(rig.start());
    rig.second();
    const auto points = minutes(rig, QStringLiteral("watch:web"), kMinute, 3);
    QCOMPARE(points[0].traffic.total().rxBytes, 400u);
    QCOMPARE(points[1].traffic.total().rxBytes, 600u);
    QCOMPARE(points[2].traffic.total().rxBytes, 0u);
}

void EngineHistoryTest::anEditTakesHistoryWithTheTotals()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("web"), {{80, 80}})}));
    rig.pass(80, 10, 0);
    rig.second();
    rig.pass(80, 20, 0);
    WatchEdit edit;
    edit.ports = PortRanges{{80, 81}};
    QVERIFY(rig.edit(QStringLiteral("web"), edit));
    rig.kill(); // before any flush: the edit alone was stored
    QVERIFY(rig.start());
    rig.second();
    QCOMPARE(rig.watch(QStringLiteral("web")).record.total.internet.rxBytes, 30u);
    QCOMPARE(sum(rig, QStringLiteral("watch:web"), kMinute, kMinute + 600).total().rxBytes, 30u);
}

void EngineHistoryTest::aRemovedWatchKeepsItsHistoryUnderItsNumber()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("web"), {{80, 80}})}));
    rig.pass(80, 50, 0);
    rig.second();
    const SeriesKey web = rig.engine->findSeries(QStringLiteral("watch:web")).value();
    QVERIFY(rig.remove(QStringLiteral("web")));
    QVERIFY(rig.add({rig.ports(QStringLiteral("web"), {{80, 80}})}));
    rig.pass(80, 3, 0);
    rig.second();
    QVERIFY(rig.stop());
    QVERIFY(rig.start());
    rig.second();
    QCOMPARE(sum(rig, QStringLiteral("watch:#%1").arg(web.id), kMinute, kMinute + 600).total().rxBytes, 50u);
    QCOMPARE(sum(rig, QStringLiteral("watch:web"), kMinute, kMinute + 600).total().rxBytes, 3u);
}

void EngineHistoryTest::aClockThatWasSetBackByALittleOpensNoMinuteTwice()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("web"), {{80, 80}})}));
    rig.clock.skip(2min);
    rig.second();
    rig.pass(80, 10, 0);
    rig.second();
    rig.clock.leap(-90s);
    rig.pass(80, 4, 0);
    rig.second();
    rig.second();
    const auto points = minutes(rig, QStringLiteral("watch:web"), kMinute, 4);
    QCOMPARE(points[0].traffic.total().rxBytes + points[1].traffic.total().rxBytes, 0u);
    QCOMPARE(points[2].traffic.total().rxBytes, 14u);
}

void EngineHistoryTest::aClockThatLeaptAheadAndCameBackLeavesNothingInTheFuture()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("web"), {{80, 80}})}));
    rig.pass(80, 1, 0);
    rig.second();
    rig.clock.leap(24h * 400);
    for (int second = 0; second < 40; ++second) {
        rig.pass(80, 10, 0);
        rig.second();
    }
    rig.clock.leap(-24h * 400);
    for (int second = 0; second < 40; ++second) {
        rig.pass(80, 100, 0);
        rig.second();
    }
    QVERIFY(rig.stop());
    QVERIFY(rig.start());
    rig.second();
    QCOMPARE(sum(rig, QStringLiteral("watch:web"), kMinute, kMinute + 86'400).total().rxBytes, 4'401u);
    QCOMPARE(sum(rig, QStringLiteral("watch:web"), kMinute + 86'400, kMinute + 500 * 86'400).total().rxBytes,
             0u);
}

void EngineHistoryTest::remotesAndAllOthersAddUpToTheTotal()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(QStringLiteral("web"), {{80, 80}})}));
    rig.engine->wantFlows(true);
    rig.second();
    Packets packets;
    packets.link = rig.eth0;
    packets.localPort = 80;
    packets.remotePort = 50'000;
    for (int second = 0; second < 60; ++second) {
        packets.remote = parseAddress(second % 3 == 0 ? u"198.51.100.7" : u"2001:db8:1::9").value();
        packets.bytes = 100;
        rig.machine->pass(packets);
        rig.second();
    }
    for (int second = 0; second < 40; ++second)
        rig.second();
    RemoteQuery query;
    query.series = rig.engine->findSeries(QStringLiteral("watch:web")).value();
    query.fromS = kMinute;
    query.toS = kMinute + 600;
    const RemoteRanking ranking = rig.remotes(query);
    QCOMPARE(ranking.remotes.size(), 2u);
    QCOMPARE(toString(ranking.remotes[0].remote), QStringLiteral("2001:db8:1::9"));
    QCOMPARE(ranking.remotes[0].rxBytes, 4'000u);
    QCOMPARE(ranking.remotes[1].rxBytes, 2'000u);
    QCOMPARE(ranking.otherRxBytes, 0u);
    query.limit = 1;
    QCOMPARE(rig.remotes(query).otherRxBytes, 2'000u);
    rig.engine->wantFlows(false);
}

void EngineHistoryTest::seriesThatAreNotThereAreNotFound()
{
    EngineRig rig;
    QVERIFY(rig.start());
    for (const char *name :
         {"", "eth0", "link:", "link:eth9", "watch:web", "watch:#1", "watch:#x", "user:eth0", "link:#1"}) {
        const auto found = rig.engine->findSeries(QString::fromLatin1(name));
        QVERIFY2(!found && found.error().kind == ErrorKind::NotFound, name);
    }
    QVERIFY(rig.engine->findSeries(QStringLiteral("link:eth0")));
}

void EngineHistoryTest::rankingsNameWhatPassedMost()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(
        rig.add({rig.ports(QStringLiteral("a"), {{80, 80}}), rig.ports(QStringLiteral("b"), {{81, 81}}),
                 rig.ports(QStringLiteral("c"), {{82, 82}}), rig.ports(QStringLiteral("idle"), {{83, 83}})}));
    rig.pass(80, 10, 5);
    rig.pass(81, 0, 40);
    rig.pass(82, 20, 0);
    rig.second();
    QStringList names;
    for (const SeriesShare &share : rig.ranking(SeriesKind::Watch, kStart - 100'000, kStart + 100'000, 2))
        names.append(share.series.name);
    QCOMPARE(names, (QStringList{QStringLiteral("b"), QStringLiteral("c")}));
}

} // namespace weir::test

QTEST_GUILESS_MAIN(weir::test::EngineHistoryTest)
#include "engine_history_test.moc"
