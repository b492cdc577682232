// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/bucket_clock.h"

#include <QDateTime>
#include <QTest>

using namespace Qt::StringLiterals;

namespace weir {

namespace {

qint64 at(const QString &isoUtc)
{
    return QDateTime::fromString(isoUtc, Qt::ISODate).toSecsSinceEpoch();
}

QString iso(qint64 instantS)
{
    return QDateTime::fromSecsSinceEpoch(instantS, Qt::UTC).toString(Qt::ISODate);
}

/// What a decision says: "MINUTE away FROM to TO fold after INSTANT marker BEFORE to AFTER", or "forget" for
/// no marker.
QString words(const BucketDecision &decision)
{
    QString text = iso(decision.startS);
    if (decision.away)
        text += u" away "_s + iso(decision.away->fromS) + u" to "_s + iso(decision.away->toS);
    if (decision.foldAfterS)
        text += u" fold after "_s + iso(*decision.foldAfterS);
    if (decision.marker)
        text += decision.marker->afterS == 0
            ? u" forget"_s
            : u" marker "_s + iso(decision.marker->beforeS) + u" to "_s + iso(decision.marker->afterS);
    return text;
}

/// A machine: its wall clock, and the one that nobody moves.
class Machine
{
public:
    explicit Machine(const QString &wall, const HistoryState &stored = {})
        : m_clock(stored), m_now{at(wall) * 1000, 77'000}
    { }
    /// `milliseconds` pass, then a sample is taken.
    QString after(qint64 milliseconds)
    {
        m_now.wallMs += milliseconds;
        m_now.sinceBootMs += milliseconds;
        return words(m_clock.take(m_now));
    }
    /// Samples every second until `seconds` have passed; what the last one said.
    QString everySecond(int seconds)
    {
        QString last;
        for (int second = 0; second < seconds; ++second)
            last = after(1000);
        return last;
    }
    /// A second later the wall clock is set, and a sample taken.
    QString set(const QString &wall)
    {
        m_now.sinceBootMs += 1000;
        m_now.wallMs = at(wall) * 1000;
        return words(m_clock.take(m_now));
    }

private:
    BucketClock m_clock;
    ClockReading m_now;
};

HistoryState stored(const QString &newest, const QString &saved)
{
    return {at(saved), at(newest), {}};
}

HistoryState stored(const QString &newest, const QString &saved, const QString &before, const QString &after)
{
    return {at(saved), at(newest), ClockMarker{at(before), at(after)}};
}

} // namespace

class BucketClockTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void growthGoesToTheMinuteInWhichItsIntervalBegan();
    void theFirstSampleGoesToTheMinuteOfNow();
    void growthOverAGapGoesToTheMinuteOfNow();
    void aSlowSampleOfFiveSecondsIsNoGap();
    void nightsOnWhichClocksChangeAreLikeAnyOther();

    void aShortRestartIsNotAway();
    void aStopOfSecondsIsAway();
    void aLateStartIsAwaySinceTheLastChange();
    void aSleepIsAway();
    void aClockThatIsCorrectedInSleepIsAwayForAsLongAsItLasted();

    void aSmallStepForwardLeavesNoMarker();
    void aSmallStepBackIsCaughtUpInTheNewestMinute();
    void aStepBackWithinTheMinuteChangesNothing();

    void aLeapForwardLeavesAMarker();
    void aLeapThatComesBackIsFolded();
    void aLeapThatComesBackByHalvesIsFoldedTwice();
    void leapsInARowLeadBackToBeforeTheFirst();
    void aLeapThatComesBackInALaterRunIsFolded();
    void aLaterRunInTheFutureKeepsTheMarker();
    void aLeapThatLastsAWeekIsTakenForRight();
    void aLeapPastAllHistoryComesBack();
    void aClockThatBootedInAnotherZonesTimeIsFolded();

    void aMachineThatBootsIn1970AddsToTheNewestMinuteUntilItsClockIsSet();
    void theAwaySpanAtStartWaitsForTheClock();
    void aFirstStartIn1970UsesTheFirstMinuteOfHistory();
    void aMachineWithoutAClockNeverFoldsItsHistoryIntoItsImagesDate();
    void aRunThatIsSetTo1970AddsToTheNewestMinute();

    void nonsenseInTheStoreIsIgnored();
    void noMinuteIsOpenedInTheFutureWhateverTheClockDoes();
};

void BucketClockTest::growthGoesToTheMinuteInWhichItsIntervalBegan()
{
    Machine machine(u"2026-06-15T12:00:58Z"_s);
    QCOMPARE(machine.after(0), u"2026-06-15T12:00:00Z"_s);
    QCOMPARE(machine.after(1000), u"2026-06-15T12:00:00Z"_s);
    QCOMPARE(machine.after(1000), u"2026-06-15T12:00:00Z"_s); // 12:00:59 to 12:01:00
    QCOMPARE(machine.after(1000), u"2026-06-15T12:01:00Z"_s);
}

void BucketClockTest::theFirstSampleGoesToTheMinuteOfNow()
{
    Machine machine(u"2026-06-15T12:00:30Z"_s, stored(u"2026-06-15T11:59:00Z"_s, u"2026-06-15T12:00:25Z"_s));
    QCOMPARE(machine.after(0), u"2026-06-15T12:00:00Z"_s);
}

void BucketClockTest::growthOverAGapGoesToTheMinuteOfNow()
{
    Machine machine(u"2026-06-15T12:00:58Z"_s);
    machine.after(0);
    QCOMPARE(machine.after(5001), u"2026-06-15T12:01:00Z"_s);
}

void BucketClockTest::aSlowSampleOfFiveSecondsIsNoGap()
{
    Machine machine(u"2026-06-15T12:00:58Z"_s);
    machine.after(0);
    QCOMPARE(machine.after(5000), u"2026-06-15T12:00:00Z"_s);
}

void BucketClockTest::nightsOnWhichClocksChangeAreLikeAnyOther()
{
    // Europe/Berlin, both nights: to UTC nothing happens
    for (const QString &change : {u"2026-03-29T00:59:59Z"_s, u"2026-10-25T00:59:59Z"_s}) {
        Machine machine(change);
        QCOMPARE(machine.after(0), change.left(17) + u"00Z"_s);
        QCOMPARE(machine.after(1000), change.left(17) + u"00Z"_s);
        QCOMPARE(machine.after(1000), change.left(11) + u"01:00:00Z"_s);
    }
}

void BucketClockTest::aShortRestartIsNotAway()
{
    Machine machine(u"2026-06-15T12:00:35Z"_s, stored(u"2026-06-15T12:00:00Z"_s, u"2026-06-15T12:00:30Z"_s));
    QCOMPARE(machine.after(0), u"2026-06-15T12:00:00Z"_s);
}

void BucketClockTest::aStopOfSecondsIsAway()
{
    Machine machine(u"2026-06-15T12:00:39Z"_s, stored(u"2026-06-15T12:00:00Z"_s, u"2026-06-15T12:00:30Z"_s));
    QCOMPARE(machine.after(0), u"2026-06-15T12:00:00Z away 2026-06-15T12:00:30Z to 2026-06-15T12:00:39Z"_s);
}

void BucketClockTest::aLateStartIsAwaySinceTheLastChange()
{
    Machine machine(u"2026-06-18T08:00:20Z"_s, stored(u"2026-06-15T12:00:00Z"_s, u"2026-06-15T12:00:30Z"_s));
    QCOMPARE(machine.after(0), u"2026-06-18T08:00:00Z away 2026-06-15T12:00:30Z to 2026-06-18T08:00:20Z"_s);
    QCOMPARE(machine.after(1000), u"2026-06-18T08:00:00Z"_s); // told once
}

void BucketClockTest::aSleepIsAway()
{
    Machine machine(u"2026-06-15T22:00:30Z"_s);
    machine.after(0);
    QCOMPARE(machine.after(60'000), u"2026-06-15T22:01:00Z"_s); // a minute or less is not worth telling
    QCOMPARE(machine.after(9 * 3600 * 1000),
             u"2026-06-16T07:01:00Z away 2026-06-15T22:01:30Z to 2026-06-16T07:01:30Z"_s);
    QCOMPARE(machine.after(1000), u"2026-06-16T07:01:00Z"_s);
}

void BucketClockTest::aClockThatIsCorrectedInSleepIsAwayForAsLongAsItLasted()
{
    // ten minutes of sleep, and the clock five minutes further than that
    BucketClock clock({});
    clock.take({at(u"2026-06-15T22:00:00Z"_s) * 1000, 5000});
    QCOMPARE(words(clock.take({at(u"2026-06-15T22:15:00Z"_s) * 1000, 605'000})),
             u"2026-06-15T22:15:00Z away 2026-06-15T22:05:00Z to 2026-06-15T22:15:00Z"_s);
}

void BucketClockTest::aSmallStepForwardLeavesNoMarker()
{
    Machine machine(u"2026-06-15T12:00:30Z"_s);
    machine.after(0);
    QCOMPARE(machine.set(u"2026-06-15T12:15:31Z"_s), u"2026-06-15T12:15:00Z"_s); // 15 minutes, not over
}

void BucketClockTest::aSmallStepBackIsCaughtUpInTheNewestMinute()
{
    Machine machine(u"2026-06-15T12:00:30Z"_s);
    machine.after(0);
    QCOMPARE(machine.set(u"2026-06-15T11:58:30Z"_s), u"2026-06-15T12:00:00Z"_s);
    QCOMPARE(machine.everySecond(149), u"2026-06-15T12:00:00Z"_s); // 12:00:59 again
    QCOMPARE(machine.everySecond(2), u"2026-06-15T12:01:00Z"_s);
}

void BucketClockTest::aStepBackWithinTheMinuteChangesNothing()
{
    Machine machine(u"2026-06-15T12:00:30Z"_s);
    machine.after(0);
    QCOMPARE(machine.set(u"2026-06-15T12:00:10Z"_s), u"2026-06-15T12:00:00Z"_s);
    QCOMPARE(machine.everySecond(51), u"2026-06-15T12:01:00Z"_s);
}

void BucketClockTest::aLeapForwardLeavesAMarker()
{
    Machine machine(u"2026-06-15T12:00:30Z"_s);
    machine.after(0);
    QCOMPARE(machine.set(u"2027-06-15T12:00:31Z"_s),
             u"2027-06-15T12:00:00Z marker 2026-06-15T12:00:30Z to 2027-06-15T12:00:31Z"_s);
    QCOMPARE(machine.after(1000), u"2027-06-15T12:00:00Z"_s); // told once
}

void BucketClockTest::aLeapThatComesBackIsFolded()
{
    Machine machine(u"2026-06-15T12:00:30Z"_s, stored(u"2026-06-15T11:59:00Z"_s, u"2026-06-15T12:00:00Z"_s));
    machine.after(0);
    machine.set(u"2027-06-15T12:00:31Z"_s);
    machine.everySecond(600);
    QCOMPARE(machine.set(u"2026-06-15T12:10:32Z"_s),
             u"2026-06-15T12:10:00Z fold after 2026-06-15T12:10:00Z forget"_s);
    QCOMPARE(machine.after(1000), u"2026-06-15T12:10:00Z"_s);
    QCOMPARE(machine.everySecond(60), u"2026-06-15T12:11:00Z"_s);
}

void BucketClockTest::aLeapThatComesBackByHalvesIsFoldedTwice()
{
    Machine machine(u"2026-06-15T12:00:30Z"_s);
    machine.after(0);
    machine.set(u"2026-06-15T22:00:31Z"_s);
    QCOMPARE(machine.set(u"2026-06-15T17:00:32Z"_s),
             u"2026-06-15T17:00:00Z fold after 2026-06-15T17:00:00Z forget"_s);
    QCOMPARE(machine.set(u"2026-06-15T12:00:33Z"_s),
             u"2026-06-15T12:00:00Z fold after 2026-06-15T12:00:00Z"_s);
}

void BucketClockTest::leapsInARowLeadBackToBeforeTheFirst()
{
    Machine machine(u"2026-06-15T12:00:30Z"_s);
    machine.after(0);
    machine.set(u"2027-06-15T12:00:31Z"_s);
    machine.everySecond(100);
    // had the clock not leapt, it had shown 12:02:10
    QCOMPARE(machine.set(u"2028-06-15T12:00:31Z"_s),
             u"2028-06-15T12:00:00Z marker 2026-06-15T12:02:10Z to 2028-06-15T12:00:31Z"_s);
    QCOMPARE(machine.set(u"2026-06-15T12:02:12Z"_s),
             u"2026-06-15T12:02:00Z fold after 2026-06-15T12:02:00Z forget"_s);
}

void BucketClockTest::aLeapThatComesBackInALaterRunIsFolded()
{
    const HistoryState leapt = stored(u"2027-06-15T13:00:00Z"_s, u"2027-06-15T13:00:30Z"_s,
                                      u"2026-06-15T12:00:30Z"_s, u"2027-06-15T12:00:31Z"_s);
    Machine machine(u"2026-06-15T18:30:10Z"_s, leapt);
    QCOMPARE(machine.after(0), u"2026-06-15T18:30:00Z fold after 2026-06-15T18:30:00Z forget"_s);
    QCOMPARE(machine.everySecond(60), u"2026-06-15T18:31:00Z"_s);
    // an hour had passed since the leap: it cannot be 12:30 yet
    Machine wrong(u"2026-06-15T12:30:00Z"_s, leapt);
    QCOMPARE(wrong.after(0), u"2027-06-15T13:00:00Z"_s);
}

void BucketClockTest::aLaterRunInTheFutureKeepsTheMarker()
{
    Machine machine(u"2027-06-15T14:00:00Z"_s,
                    stored(u"2027-06-15T13:59:00Z"_s, u"2027-06-15T13:59:58Z"_s, u"2026-06-15T12:00:30Z"_s,
                           u"2027-06-15T12:00:31Z"_s));
    QCOMPARE(machine.after(0), u"2027-06-15T14:00:00Z"_s);
    QCOMPARE(machine.set(u"2026-06-15T14:00:30Z"_s),
             u"2026-06-15T14:00:00Z fold after 2026-06-15T14:00:00Z forget"_s);
}

void BucketClockTest::aLeapThatLastsAWeekIsTakenForRight()
{
    const HistoryState leapt = stored(u"2027-06-22T12:00:00Z"_s, u"2027-06-22T12:00:30Z"_s,
                                      u"2026-06-15T12:00:30Z"_s, u"2027-06-15T12:00:31Z"_s);
    Machine machine(u"2027-06-22T12:00:31Z"_s, leapt);
    QCOMPARE(machine.after(0), u"2027-06-22T12:00:00Z"_s);
    QCOMPARE(machine.after(1000), u"2027-06-22T12:00:00Z forget"_s);
}

void BucketClockTest::aLeapPastAllHistoryComesBack()
{
    Machine machine(u"2026-06-15T12:00:30Z"_s);
    machine.after(0);
    QCOMPARE(machine.set(u"2106-02-07T06:28:15Z"_s),
             u"2099-12-31T23:59:00Z marker 2026-06-15T12:00:30Z to 2099-12-31T23:59:59Z"_s);
    QCOMPARE(machine.set(u"2026-06-15T12:00:32Z"_s),
             u"2026-06-15T12:00:00Z fold after 2026-06-15T12:00:00Z forget"_s);

    Machine later(u"2026-06-15T12:10:00Z"_s,
                  stored(u"2099-12-31T23:59:00Z"_s, u"2106-02-07T06:30:00Z"_s, u"2026-06-15T12:00:30Z"_s,
                         u"2099-12-31T23:59:59Z"_s));
    QCOMPARE(later.after(0), u"2026-06-15T12:10:00Z fold after 2026-06-15T12:10:00Z forget"_s);
}

void BucketClockTest::aClockThatBootedInAnotherZonesTimeIsFolded()
{
    // another system keeps the clock of the board in local time, eight hours ahead; the network corrects it
    Machine machine(u"2026-06-15T16:00:00Z"_s, stored(u"2026-06-14T14:00:00Z"_s, u"2026-06-14T14:00:30Z"_s));
    QCOMPARE(machine.after(0), u"2026-06-15T16:00:00Z away 2026-06-14T14:00:30Z to 2026-06-15T16:00:00Z"_s);
    machine.everySecond(40);
    QCOMPARE(machine.set(u"2026-06-15T08:00:41Z"_s),
             u"2026-06-15T08:00:00Z fold after 2026-06-15T08:00:00Z"_s);
}

void BucketClockTest::aMachineThatBootsIn1970AddsToTheNewestMinuteUntilItsClockIsSet()
{
    Machine machine(u"1970-01-01T00:00:12Z"_s, stored(u"2026-06-15T12:00:00Z"_s, u"2026-06-15T12:00:30Z"_s));
    QCOMPARE(machine.after(0), u"2026-06-15T12:00:00Z"_s);
    QCOMPARE(machine.everySecond(300), u"2026-06-15T12:00:00Z"_s);
    // no marker: this leap was the correction. Away until the helper started, 301 s ago
    QCOMPARE(machine.set(u"2026-06-15T18:05:01Z"_s),
             u"2026-06-15T18:05:00Z away 2026-06-15T12:00:30Z to 2026-06-15T18:00:00Z"_s);
    QCOMPARE(machine.after(1000), u"2026-06-15T18:05:00Z"_s);
}

void BucketClockTest::theAwaySpanAtStartWaitsForTheClock()
{
    // a clock that was kept on disk: 40 minutes behind, and set right in two steps
    Machine machine(u"2026-06-15T11:20:30Z"_s, stored(u"2026-06-15T12:00:00Z"_s, u"2026-06-15T12:00:30Z"_s));
    QCOMPARE(machine.after(0), u"2026-06-15T12:00:00Z"_s);
    QCOMPARE(machine.set(u"2026-06-15T11:50:00Z"_s), u"2026-06-15T12:00:00Z"_s);
    QCOMPARE(machine.set(u"2026-06-15T12:30:02Z"_s),
             u"2026-06-15T12:30:00Z away 2026-06-15T12:00:30Z to 2026-06-15T12:30:00Z"_s);
}

void BucketClockTest::aFirstStartIn1970UsesTheFirstMinuteOfHistory()
{
    Machine machine(u"1970-01-01T00:00:12Z"_s);
    QCOMPARE(machine.after(0), u"2000-01-01T00:00:00Z"_s);
    QCOMPARE(machine.everySecond(120), u"2000-01-01T00:00:00Z"_s);
    QCOMPARE(machine.set(u"2026-06-15T18:05:00Z"_s), u"2026-06-15T18:05:00Z"_s);
    QCOMPARE(machine.set(u"1970-01-01T00:00:00Z"_s), u"2026-06-15T18:05:00Z"_s);
}

void BucketClockTest::aMachineWithoutAClockNeverFoldsItsHistoryIntoItsImagesDate()
{
    // first boot: the date of the image, then the network's
    Machine first(u"2024-01-01T00:00:20Z"_s);
    first.after(0);
    QCOMPARE(first.set(u"2026-06-15T12:00:00Z"_s),
             u"2026-06-15T12:00:00Z marker 2024-01-01T00:00:20Z to 2026-06-15T12:00:00Z"_s);
    // second boot, a day later: the image's date again, which it can no longer be
    Machine second(u"2024-01-01T00:00:40Z"_s,
                   stored(u"2026-06-16T12:00:00Z"_s, u"2026-06-16T12:00:30Z"_s, u"2024-01-01T00:00:20Z"_s,
                          u"2026-06-15T12:00:00Z"_s));
    QCOMPARE(second.after(0), u"2026-06-16T12:00:00Z"_s);
    QCOMPARE(second.set(u"2026-06-16T12:05:01Z"_s),
             u"2026-06-16T12:05:00Z away 2026-06-16T12:00:30Z to 2026-06-16T12:05:00Z"_s);
}

void BucketClockTest::aRunThatIsSetTo1970AddsToTheNewestMinute()
{
    Machine machine(u"2026-06-15T12:00:30Z"_s, stored(u"2026-06-15T11:59:00Z"_s, u"2026-06-15T12:00:00Z"_s));
    machine.after(0);
    QCOMPARE(machine.set(u"1970-01-01T00:00:00Z"_s), u"2026-06-15T12:00:00Z"_s);
    QCOMPARE(machine.everySecond(100), u"2026-06-15T12:00:00Z"_s);
    QCOMPARE(machine.set(u"2026-06-15T12:02:12Z"_s), u"2026-06-15T12:02:00Z"_s);
}

void BucketClockTest::nonsenseInTheStoreIsIgnored()
{
    const HistoryState nonsense{-5, at(u"9999-01-01T00:00:00Z"_s),
                                ClockMarker{at(u"2027-01-01T00:00:00Z"_s), 12}};
    Machine machine(u"2026-06-15T12:00:30Z"_s, nonsense);
    QCOMPARE(machine.after(0), u"2026-06-15T12:00:00Z"_s);
    QCOMPARE(machine.everySecond(40), u"2026-06-15T12:01:00Z"_s);
}

void BucketClockTest::noMinuteIsOpenedInTheFutureWhateverTheClockDoes()
{
    // every step from every state: a new minute is never later than the wall clock, and minutes only go back
    // by a fold
    const QList<qint64> steps{0,          1000,       -1000,       4000,           -4000,
                              61'000,     -61'000,    899'000,     -899'000,       3'600'000,
                              -3'600'000, 86'400'000, -86'400'000, 31'536'000'000, -31'536'000'000};
    for (const qint64 first : steps)
        for (const qint64 second : steps)
            for (const qint64 third : steps) {
                BucketClock clock(stored(u"2026-06-15T11:59:00Z"_s, u"2026-06-15T12:00:00Z"_s));
                ClockReading now{1'781'524'830'000, 77'000}; // 2026-06-15T12:00:30Z
                qint64 newestS = clock.take(now).startS;
                for (const qint64 step : {first, second, third, qint64(0)}) {
                    now = {now.wallMs + 1000 + step, now.sinceBootMs + 1000};
                    const BucketDecision decision = clock.take(now);
                    QCOMPARE(decision.startS % 60, 0);
                    QVERIFY(decision.startS <= now.wallMs / 1000 || decision.startS == newestS);
                    QVERIFY(decision.startS >= newestS || decision.foldAfterS == decision.startS);
                    newestS = decision.startS;
                }
            }
}

} // namespace weir

QTEST_APPLESS_MAIN(weir::BucketClockTest)
#include "bucket_clock_test.moc"
