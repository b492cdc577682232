// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/history_keeper.h"

#include <QTest>

namespace weir::test {

namespace {

constexpr qint64 kNoon = 1'700'000'040; // a whole minute
constexpr SeriesKey kEth0{SeriesKind::Link, 1};

HistoryTraffic received(quint64 bytes)
{
    HistoryTraffic traffic;
    traffic.scoped.internet.rxBytes = bytes;
    return traffic;
}

LinkRecord link(qint64 id, quint64 rxBytes)
{
    LinkRecord record;
    record.id = id;
    record.total.internet.rxBytes = rxBytes;
    return record;
}

StateChange changeOf(const LinkRecord &record)
{
    StateChange change;
    change.links.push_back(record);
    return change;
}

State stateOf(const LinkRecord &record)
{
    State state;
    state.links.push_back(record);
    return state;
}

} // namespace

class HistoryKeeperTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatATotalGrewByGoesIntoTheMinuteInWhichItWasSeen();
    void whatWasStoredBeforeIsNotHistoryAgain();
    void aRecordTakesItsMinutesWithItAndLeavesThoseOfOthers();
    void whatCouldNotBeStoredIsTakenAgainOnce();
    void aTotalThatWasSetBackIsNotCountedTwice();
    void everyCounterOfALinkAndAWatchIsKept();
    void minutesThatWaitAreAddedToTheSpansThatHoldThem();
    void whileTheDiskTakesNothingOldMinutesBecomeQuartersAndNoByteIsLost();
};

void HistoryKeeperTest::whatATotalGrewByGoesIntoTheMinuteInWhichItWasSeen()
{
    HistoryKeeper keeper{State{}};
    keeper.observe(kEth0, received(100), kNoon);
    keeper.observe(kEth0, received(130), kNoon);
    keeper.observe(kEth0, received(130), kNoon + 60);
    keeper.observe(kEth0, received(137), kNoon + 120);
    StateChange change = changeOf(link(1, 137));
    keeper.take(change, kNoon + 120);
    QCOMPARE(change.history.rows,
             (std::vector<HistoryRow>{{kEth0, kNoon, received(130)}, {kEth0, kNoon + 120, received(7)}}));
}

void HistoryKeeperTest::whatWasStoredBeforeIsNotHistoryAgain()
{
    HistoryKeeper keeper(stateOf(link(1, 1000)));
    StateChange change = changeOf(link(1, 1001));
    keeper.take(change, kNoon);
    QCOMPARE(change.history.rows, (std::vector<HistoryRow>{{kEth0, kNoon, received(1)}}));
}

void HistoryKeeperTest::aRecordTakesItsMinutesWithItAndLeavesThoseOfOthers()
{
    HistoryKeeper keeper{State{}};
    keeper.observe(kEth0, received(5), kNoon);
    keeper.observe({SeriesKind::Link, 2}, received(6), kNoon);
    keeper.observe({SeriesKind::Watch, 1}, received(7), kNoon);
    StateChange first = changeOf(link(1, 5));
    keeper.take(first, kNoon);
    QCOMPARE(first.history.rows, (std::vector<HistoryRow>{{kEth0, kNoon, received(5)}}));
    StateChange second = changeOf(link(2, 6));
    keeper.take(second, kNoon + 60);
    QCOMPARE(second.history.rows, (std::vector<HistoryRow>{{{SeriesKind::Link, 2}, kNoon, received(6)}}));
}

void HistoryKeeperTest::whatCouldNotBeStoredIsTakenAgainOnce()
{
    HistoryKeeper keeper{State{}};
    StateChange failed = changeOf(link(1, 50));
    keeper.take(failed, kNoon);
    StateChange meanwhile = changeOf(link(1, 60));
    keeper.take(meanwhile, kNoon);
    QCOMPARE(meanwhile.history.rows, (std::vector<HistoryRow>{{kEth0, kNoon, received(10)}}));
    keeper.restore(failed.history);
    StateChange again = changeOf(link(1, 61));
    keeper.take(again, kNoon + 60);
    QCOMPARE(again.history.rows,
             (std::vector<HistoryRow>{{kEth0, kNoon, received(50)}, {kEth0, kNoon + 60, received(1)}}));
    StateChange nothing = changeOf(link(1, 61));
    keeper.take(nothing, kNoon + 60);
    QVERIFY(nothing.history.rows.empty());
}

void HistoryKeeperTest::aTotalThatWasSetBackIsNotCountedTwice()
{
    HistoryKeeper keeper{State{}};
    keeper.observe(kEth0, received(80), kNoon);
    keeper.observe(kEth0, received(70), kNoon); // an edit failed: what it credited will be credited again
    keeper.observe(kEth0, received(90), kNoon);
    StateChange change = changeOf(link(1, 90));
    keeper.take(change, kNoon);
    QCOMPARE(change.history.rows, (std::vector<HistoryRow>{{kEth0, kNoon, received(90)}}));
}

void HistoryKeeperTest::everyCounterOfALinkAndAWatchIsKept()
{
    LinkRecord record;
    record.total = {{1, 2, 3, 4}, {5, 6, 7, 8}};
    record.totalOther = {10, 20, 30, 40};
    record.totalUnmetered = {100, 200, 300, 400};
    QCOMPARE(historyOf(record), (HistoryTraffic{{{1, 2, 3, 4}, {5, 6, 7, 8}}, {110, 220, 330, 440}}));
    WatchRecord watch;
    watch.total = record.total;
    watch.totalOther = record.totalOther;
    QCOMPARE(historyOf(watch), (HistoryTraffic{{{1, 2, 3, 4}, {5, 6, 7, 8}}, {10, 20, 30, 40}}));
    QCOMPARE(historyOf(record).total(), (Traffic{116, 228, 340, 452}));
}

void HistoryKeeperTest::minutesThatWaitAreAddedToTheSpansThatHoldThem()
{
    HistoryKeeper keeper{State{}};
    keeper.observe(kEth0, received(1), kNoon - 60);
    keeper.observe(kEth0, received(3), kNoon);
    keeper.observe(kEth0, received(7), kNoon + 60);
    keeper.observe(kEth0, received(15), kNoon + 120);
    keeper.observe(kEth0, received(31), kNoon + 180);
    std::vector<HistoryPoint> points{{kNoon, kNoon + 120, received(100), false},
                                     {kNoon + 120, kNoon + 180, {}, true}};
    keeper.addTo(kEth0, points);
    QCOMPARE(points,
             (std::vector<HistoryPoint>{{kNoon, kNoon + 120, received(106), false},
                                        {kNoon + 120, kNoon + 180, received(8), true}}));
}

void HistoryKeeperTest::whileTheDiskTakesNothingOldMinutesBecomeQuartersAndNoByteIsLost()
{
    HistoryKeeper keeper{State{}};
    constexpr int kMinutes = 3 * 24 * 60;
    for (int minute = 1; minute <= kMinutes; ++minute)
        keeper.observe(kEth0, received(quint64(minute) * 11), kNoon + minute * 60);
    StateChange change = changeOf(link(1, quint64(kMinutes) * 11));
    keeper.take(change, kNoon + kMinutes * 60);
    QVERIFY2(change.history.rows.size() < 700, qPrintable(QString::number(change.history.rows.size())));
    quint64 sum = 0;
    for (const HistoryRow &row : change.history.rows) {
        QCOMPARE(row.startS % 60, 0);
        sum += row.traffic.scoped.internet.rxBytes;
    }
    QCOMPARE(sum, quint64(kMinutes) * 11);
    QCOMPARE(change.history.rows.back(), (HistoryRow{kEth0, kNoon + kMinutes * 60, received(11)}));
}

} // namespace weir::test

QTEST_GUILESS_MAIN(weir::test::HistoryKeeperTest)
#include "history_keeper_test.moc"
