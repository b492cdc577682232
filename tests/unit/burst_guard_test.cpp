// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/burst_guard.h"

#include <QTest>

#include <random>

using namespace std::chrono_literals;

namespace weir {

namespace {

using Time = std::chrono::milliseconds;

constexpr quint64 kMegabyte = 1'000'000;

/// Above 10 MB in 10 seconds; 30 seconds of hold.
BurstPolicy tenSeconds()
{
    BurstPolicy policy;
    policy.triggerBitsPerSecond = 8'000'000;
    policy.window = 10s;
    policy.throttleBitsPerSecond = 1'000'000;
    policy.hold = 30s;
    return policy;
}

BurstSample down(Time at, quint64 bytes, Time span = 1s)
{
    return {at, span, bytes, 0};
}

/// Samples of one second each, the first one ending at `from`.
void addSeconds(BurstGuard &guard, std::chrono::seconds from, int count, quint64 bytesEach)
{
    for (int i = 0; i < count; ++i)
        guard.add(down(from + std::chrono::seconds(i), bytesEach));
}

/// A guard that throttles from 6 s to 36 s.
BurstGuard throttled(BurstPolicy policy = tenSeconds())
{
    BurstGuard guard(policy);
    addSeconds(guard, 1s, 6, 2 * kMegabyte);
    return guard;
}

/// The average by the samples themselves, each spread over its span.
double plainAverage(const std::vector<BurstSample> &samples, std::chrono::seconds window)
{
    const Time start = samples.back().at - window;
    double bytes = 0;
    for (const BurstSample &sample : samples) {
        const Time from = std::max(sample.at - sample.span, start);
        if (sample.at > from)
            bytes += double(sample.rxBytes + sample.txBytes) * double((sample.at - from).count())
                / double(sample.span.count());
    }
    return bytes * 8 / double(window.count());
}

} // namespace

class BurstGuardTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void anAverageAboveTheTriggerThrottlesForTheHold();
    void anAverageAtTheTriggerDoesNotThrottle();
    void whatWasBeforeTheFirstSampleCountsAsNothing();
    void whatIsRecalledDecidesNothingButCounts();
    void whatIsRecalledOfAHoldDoesNotCount();
    void aHoldEndsAtItsInstant();
    void aHoldEndsWithASampleToo();
    void whatTriggeredOnceDoesNotTriggerAgain();
    void whatPassesDuringAHoldDoesNotCountAfterIt();
    void ofASampleAcrossTheHoldsEndOnlyWhatIsBehindItCounts();
    void aSampleFromBeforeTheHoldsEndThatComesLateDoesNotCount();
    void aTrafficThatGoesOnIsThrottledAgainAfterANewWindow();

    void restoringEndsAHoldAndBeginsTheWindowAnew();
    void restoringWithoutAHoldLeavesTheWindowAlone();
    void aHoldGoesOnAfterARestart();
    void aHoldThatIsOverAfterARestartEndsAtOnce();

    void aShorterHoldEndsEarlier();
    void aHoldThatWouldHaveEndedAlreadyEndsNow();
    void aLongerHoldDoesNotExtendOneThatRuns();
    void aHigherTriggerDoesNotEndAHold();
    void aLowerTriggerIsLookedAtWithTheNextSample();
    void aShorterWindowForgetsWhatIsOlder();
    void samplesStayWhenTheDirectionChanges();
    void eachDirectionIsAveragedByItself_data();
    void eachDirectionIsAveragedByItself();

    void aSampleHalfInTheWindowCountsHalf();
    void aGapCountsAsNothing();
    void samplesWithoutASpanCountWhole();
    void theAverageGoesOnDuringAHold();
    void averagesOfRandomSamplesMatchALookAtAll();
    void averagesOverLongWindowsAreRightToASlot();
    void minutesOfHistoryTriggerInTheMinuteInWhichSecondsDo();
    void aWindowOfADayTakesNoMoreMemoryThanAShortOne();
};

void BurstGuardTest::anAverageAboveTheTriggerThrottlesForTheHold()
{
    BurstGuard guard(tenSeconds());
    // 2 MB a second: 10 MB after five seconds are just at the trigger, 12 MB are above
    addSeconds(guard, 1s, 5, 2 * kMegabyte);
    QCOMPARE(guard.average(), 8e6);
    QVERIFY(!guard.isThrottled());
    QVERIFY(!guard.throttledSince());
    QVERIFY(!guard.throttledUntil());
    addSeconds(guard, 6s, 1, 2 * kMegabyte);
    QCOMPARE(guard.average(), 9.6e6);
    QVERIFY(guard.isThrottled());
    QVERIFY(guard.throttledSince() == Time(6s));
    QVERIFY(guard.throttledUntil() == Time(36s));
}

void BurstGuardTest::anAverageAtTheTriggerDoesNotThrottle()
{
    BurstGuard guard(tenSeconds());
    addSeconds(guard, 1s, 100, kMegabyte);
    QCOMPARE(guard.average(), 8e6);
    QVERIFY(!guard.isThrottled());
    guard.add(down(101s, kMegabyte + 1));
    QVERIFY(guard.isThrottled());
}

void BurstGuardTest::whatWasBeforeTheFirstSampleCountsAsNothing()
{
    BurstGuard guard(tenSeconds());
    QCOMPARE(guard.average(), 0.0);
    guard.add(down(1000s, 5 * kMegabyte));
    QCOMPARE(guard.average(), 4e6);
    QVERIFY(!guard.isThrottled());
}

void BurstGuardTest::whatIsRecalledDecidesNothingButCounts()
{
    BurstGuard guard(tenSeconds());
    guard.recall(down(3s, 12 * kMegabyte, 3s)); // the machine has been up for five seconds
    QVERIFY(!guard.isThrottled());
    QCOMPARE(guard.average(), 12e6 * 8 / 10);
    guard.add(down(5s, 0));
    QVERIFY(guard.isThrottled());
    QVERIFY(guard.throttledSince() == 5s);
    QVERIFY(guard.throttledUntil() == 35s);
    BurstGuard booted(tenSeconds()); // what passed before the machine booted is behind zero
    booted.recall(down(-2s, 9 * kMegabyte));
    booted.add(down(3s, 2 * kMegabyte));
    QVERIFY(booted.isThrottled());
}

void BurstGuardTest::whatIsRecalledOfAHoldDoesNotCount()
{
    BurstGuard guard(tenSeconds());
    guard.resume(-30s, 2s);
    guard.advance(5s);
    guard.recall(down(4s, 40 * kMegabyte, 4s)); // a half of it behind the hold
    QCOMPARE(guard.average(), 20e6 * 8 / 10);
}

void BurstGuardTest::aHoldEndsAtItsInstant()
{
    BurstGuard guard = throttled();
    guard.advance(36s - 1ms);
    QVERIFY(guard.isThrottled());
    guard.advance(10s); // a clock that is read late
    QVERIFY(guard.isThrottled());
    guard.advance(36s);
    QVERIFY(!guard.isThrottled());
    QVERIFY(!guard.throttledSince());
    QVERIFY(!guard.throttledUntil());
}

void BurstGuardTest::aHoldEndsWithASampleToo()
{
    BurstGuard guard = throttled();
    guard.add(down(35s, 0));
    QVERIFY(guard.isThrottled());
    guard.add(down(36s, 0));
    QVERIFY(!guard.isThrottled());
}

void BurstGuardTest::whatTriggeredOnceDoesNotTriggerAgain()
{
    // a hold that is shorter than the window: what triggered still lies in the last ten seconds
    BurstPolicy policy = tenSeconds();
    policy.hold = 1s;
    BurstGuard guard = throttled(policy);
    guard.advance(7s);
    QVERIFY(!guard.isThrottled());
    QCOMPARE(guard.average(), 0.0);
    guard.add(down(8s, kMegabyte));
    QVERIFY(!guard.isThrottled());
    QCOMPARE(guard.average(), 0.8e6);
}

void BurstGuardTest::whatPassesDuringAHoldDoesNotCountAfterIt()
{
    BurstGuard guard = throttled();
    addSeconds(guard, 7s, 30, 100 * kMegabyte);
    QVERIFY(!guard.isThrottled());
    addSeconds(guard, 37s, 5, 2 * kMegabyte);
    QVERIFY(!guard.isThrottled());
    QCOMPARE(guard.average(), 8e6);
}

void BurstGuardTest::ofASampleAcrossTheHoldsEndOnlyWhatIsBehindItCounts()
{
    BurstGuard guard = throttled();
    guard.add(down(38s, 12 * kMegabyte, 8s)); // from 30 s on: two of eight seconds are behind 36 s
    QVERIFY(!guard.isThrottled());
    QCOMPARE(guard.average(), 3 * 8e6 / 10);
}

void BurstGuardTest::aSampleFromBeforeTheHoldsEndThatComesLateDoesNotCount()
{
    BurstGuard guard = throttled();
    guard.advance(40s);
    QVERIFY(!guard.isThrottled());
    guard.add(down(35s, 100 * kMegabyte));
    QVERIFY(!guard.isThrottled());
    QCOMPARE(guard.average(), 0.0);
}

void BurstGuardTest::aTrafficThatGoesOnIsThrottledAgainAfterANewWindow()
{
    BurstGuard guard = throttled();
    addSeconds(guard, 7s, 30 + 5, 2 * kMegabyte);
    QVERIFY(!guard.isThrottled());
    addSeconds(guard, 42s, 1, 2 * kMegabyte);
    QVERIFY(guard.throttledSince() == Time(42s));
    QVERIFY(guard.throttledUntil() == Time(72s));
}

void BurstGuardTest::restoringEndsAHoldAndBeginsTheWindowAnew()
{
    BurstGuard guard = throttled();
    guard.restoreNow(7s);
    QVERIFY(!guard.isThrottled());
    QVERIFY(!guard.throttledUntil());
    QCOMPARE(guard.average(), 0.0);
    addSeconds(guard, 8s, 5, 2 * kMegabyte);
    QVERIFY(!guard.isThrottled());
    addSeconds(guard, 13s, 1, 2 * kMegabyte);
    QVERIFY(guard.isThrottled());
}

void BurstGuardTest::restoringWithoutAHoldLeavesTheWindowAlone()
{
    BurstGuard guard(tenSeconds());
    addSeconds(guard, 1s, 5, 2 * kMegabyte);
    guard.restoreNow(5s);
    QCOMPARE(guard.average(), 8e6);
    // neither does it where the hold ended by itself and a new window fills
    guard = throttled();
    addSeconds(guard, 37s, 2, 2 * kMegabyte);
    guard.restoreNow(38s);
    QCOMPARE(guard.average(), 3.2e6);
}

void BurstGuardTest::aHoldGoesOnAfterARestart()
{
    BurstGuard guard(tenSeconds());
    guard.resume(-20s, 10s); // it began before this clock did
    QVERIFY(guard.isThrottled());
    QVERIFY(guard.throttledSince() == Time(-20s));
    addSeconds(guard, 1s, 9, 100 * kMegabyte);
    QVERIFY(guard.throttledUntil() == Time(10s));
    guard.advance(10s);
    QVERIFY(!guard.isThrottled());
    QCOMPARE(guard.average(), 0.0);
}

void BurstGuardTest::aHoldThatIsOverAfterARestartEndsAtOnce()
{
    BurstGuard guard(tenSeconds());
    guard.resume(10s, 40s);
    guard.add(down(100s, 9 * kMegabyte, 90s)); // 10 s to 100 s: a ninth of it passed in the window
    QVERIFY(!guard.isThrottled());
    QCOMPARE(guard.average(), 0.8e6);
}

void BurstGuardTest::aShorterHoldEndsEarlier()
{
    BurstGuard guard = throttled();
    BurstPolicy policy = tenSeconds();
    policy.hold = 20s;
    guard.setPolicy(policy);
    QVERIFY(guard.throttledSince() == Time(6s));
    QVERIFY(guard.throttledUntil() == Time(26s));
    guard.advance(26s);
    QVERIFY(!guard.isThrottled());
}

void BurstGuardTest::aHoldThatWouldHaveEndedAlreadyEndsNow()
{
    BurstGuard guard = throttled();
    addSeconds(guard, 7s, 14, 2 * kMegabyte); // until 20 s
    BurstPolicy policy = tenSeconds();
    policy.hold = 5s;
    guard.setPolicy(policy);
    QVERIFY(!guard.isThrottled());
    // it did hold until now: what passed meanwhile does not count
    guard.add(down(21s, 2 * kMegabyte, 2s));
    QCOMPARE(guard.average(), 0.8e6);
}

void BurstGuardTest::aLongerHoldDoesNotExtendOneThatRuns()
{
    BurstGuard guard = throttled();
    BurstPolicy policy = tenSeconds();
    policy.hold = 60s;
    guard.setPolicy(policy);
    QVERIFY(guard.throttledUntil() == Time(36s));
    QVERIFY(guard.policy() == policy);
    addSeconds(guard, 37s, 6, 2 * kMegabyte);
    QVERIFY(guard.throttledUntil() == Time(102s)); // the next one: 42 s + 60 s
}

void BurstGuardTest::aHigherTriggerDoesNotEndAHold()
{
    BurstGuard guard = throttled();
    BurstPolicy policy = tenSeconds();
    policy.triggerBitsPerSecond = 80'000'000;
    guard.setPolicy(policy);
    addSeconds(guard, 7s, 10, kMegabyte);
    QVERIFY(guard.throttledUntil() == Time(36s));
}

void BurstGuardTest::aLowerTriggerIsLookedAtWithTheNextSample()
{
    BurstGuard guard(tenSeconds());
    addSeconds(guard, 1s, 5, 2 * kMegabyte);
    BurstPolicy policy = tenSeconds();
    policy.triggerBitsPerSecond = 4'000'000;
    guard.setPolicy(policy);
    QVERIFY(!guard.isThrottled());
    guard.add(down(6s, 0));
    QVERIFY(guard.isThrottled());
}

void BurstGuardTest::aShorterWindowForgetsWhatIsOlder()
{
    BurstGuard guard(tenSeconds());
    addSeconds(guard, 1s, 10, kMegabyte);
    BurstPolicy policy = tenSeconds();
    policy.window = 5s;
    guard.setPolicy(policy);
    QCOMPARE(guard.average(), 8e6); // 5 MB in 5 s
    QCOMPARE(guard.slotCount(), size_t(5));
    guard.setPolicy(tenSeconds());
    QCOMPARE(guard.average(), 4e6); // 5 MB in 10 s: the rest is forgotten
}

void BurstGuardTest::samplesStayWhenTheDirectionChanges()
{
    BurstPolicy policy = tenSeconds();
    policy.direction = BurstDirection::Down;
    BurstGuard guard(policy);
    guard.add({1s, 1s, kMegabyte, 9 * kMegabyte});
    QCOMPARE(guard.average(), 0.8e6);
    policy.direction = BurstDirection::Up;
    guard.setPolicy(policy);
    QCOMPARE(guard.average(), 7.2e6);
    policy.direction = BurstDirection::Sum;
    guard.setPolicy(policy);
    QCOMPARE(guard.average(), 8e6);
}

void BurstGuardTest::eachDirectionIsAveragedByItself_data()
{
    QTest::addColumn<int>("direction");
    QTest::addColumn<double>("average");
    // 20 seconds of 1.5 MB down and 1 MB up in each sample of two: half a sample's lie outside 11 s
    QTest::newRow("sum") << int(BurstDirection::Sum) << (2.5e6 * 5.5) * 8 / 11;
    QTest::newRow("down") << int(BurstDirection::Down) << (1.5e6 * 5.5) * 8 / 11;
    QTest::newRow("up") << int(BurstDirection::Up) << (1e6 * 5.5) * 8 / 11;
}

void BurstGuardTest::eachDirectionIsAveragedByItself()
{
    QFETCH(int, direction);
    QFETCH(double, average);
    BurstPolicy policy = tenSeconds();
    policy.direction = BurstDirection(direction);
    policy.window = 11s;
    policy.triggerBitsPerSecond = 100'000'000;
    BurstGuard guard(policy);
    for (int i = 1; i <= 10; ++i)
        guard.add({std::chrono::seconds(2 * i), 2s, 1'500'000, 1'000'000});
    QCOMPARE(guard.average(), average);
}

void BurstGuardTest::aSampleHalfInTheWindowCountsHalf()
{
    BurstGuard guard(tenSeconds());
    guard.add(down(20s, 16 * kMegabyte, 20s));
    QCOMPARE(guard.average(), 6.4e6);
    guard.add(down(25s, 0, 5s));
    QCOMPARE(guard.average(), 3.2e6);
    guard.add(down(30s, 0, 5s));
    QCOMPARE(guard.average(), 0.0);
    QCOMPARE(guard.slotCount(), size_t(0));
}

void BurstGuardTest::aGapCountsAsNothing()
{
    BurstGuard guard(tenSeconds());
    addSeconds(guard, 1s, 4, 2 * kMegabyte);
    guard.add(down(9s, 2 * kMegabyte)); // 4 s to 8 s: no sample
    QCOMPARE(guard.average(), 8e6);
    guard.add(down(12s, kMegabyte)); // 0 s to 2 s have left
    QCOMPARE(guard.average(), 5.6e6);
    guard.add(down(3600s, kMegabyte));
    QCOMPARE(guard.average(), 0.8e6);
    QVERIFY(!guard.isThrottled());
}

void BurstGuardTest::samplesWithoutASpanCountWhole()
{
    BurstGuard guard(tenSeconds());
    guard.add(down(1s, 4 * kMegabyte, 0s));
    guard.add(down(1s, 4 * kMegabyte, 0s));
    guard.add(down(1s, kMegabyte, 1s)); // overlaps them
    QCOMPARE(guard.average(), 7.2e6);
    guard.add(down(11s, 0));
    QCOMPARE(guard.average(), 0.0);
}

void BurstGuardTest::theAverageGoesOnDuringAHold()
{
    BurstGuard guard = throttled();
    addSeconds(guard, 7s, 10, 125'000);
    QCOMPARE(guard.average(), 1e6);
    QVERIFY(guard.isThrottled());
}

void BurstGuardTest::averagesOfRandomSamplesMatchALookAtAll()
{
    // a window whose 300th is shorter than any sample: nothing is merged, so all is exact
    std::mt19937 random(5);
    BurstPolicy policy = tenSeconds();
    policy.triggerBitsPerSecond = kMaxRateBits;
    for (const auto window : {5s, 17s, 60s}) {
        policy.window = window;
        BurstGuard guard(policy);
        std::vector<BurstSample> samples;
        Time at{0};
        for (int i = 0; i < 500; ++i) {
            const Time span(300 + random() % 8000);
            at += span + Time(random() % 4 ? 0 : random() % 3000);
            samples.push_back({at, span, random() % 1000000, random() % 1000000});
            guard.add(samples.back());
            const double plain = plainAverage(samples, window);
            QVERIFY(std::abs(guard.average() - plain) < 8); // a byte and a bit of rounding
        }
    }
}

void BurstGuardTest::averagesOverLongWindowsAreRightToASlot()
{
    std::mt19937 random(6);
    BurstPolicy policy = tenSeconds();
    policy.triggerBitsPerSecond = kMaxRateBits;
    policy.window = 3600s;
    BurstGuard guard(policy);
    std::vector<BurstSample> samples;
    for (int i = 1; i <= 3 * 3600; ++i) {
        samples.push_back(down(std::chrono::seconds(i), random() % 1000000));
        guard.add(samples.back());
        if (i % 97)
            continue;
        // at most a slot of 12 seconds lies across the window's edge
        QVERIFY(std::abs(guard.average() - plainAverage(samples, 3600s)) <= 12 * 1e6 * 8 / 3600);
    }
}

void BurstGuardTest::minutesOfHistoryTriggerInTheMinuteInWhichSecondsDo()
{
    BurstPolicy policy = tenSeconds();
    policy.window = 900s;
    int triggered = 0;
    for (unsigned seed = 0; seed < 40; ++seed) {
        std::mt19937 random(seed);
        BurstGuard byMinute(policy);
        BurstGuard bySecond(policy);
        for (int minute = 0; minute < 120 && !byMinute.isThrottled(); ++minute) {
            QVERIFY(!bySecond.isThrottled());
            const quint64 each = random() % 1'700'000; // bytes a second, 850,000 on average; 1 MB/s triggers
            for (int second = 1; second <= 60 && !bySecond.isThrottled(); ++second)
                bySecond.add(down(std::chrono::seconds(minute * 60 + second), each));
            byMinute.add(down(std::chrono::seconds(minute * 60 + 60), each * 60, 60s));
        }
        QCOMPARE(bySecond.isThrottled(), byMinute.isThrottled());
        if (byMinute.isThrottled()) {
            const Time earlier = *byMinute.throttledSince() - *bySecond.throttledSince();
            QVERIFY(earlier >= Time(0) && earlier < Time(60s));
            ++triggered;
        }
    }
    QVERIFY(triggered > 10 && triggered < 40);
}

void BurstGuardTest::aWindowOfADayTakesNoMoreMemoryThanAShortOne()
{
    BurstPolicy policy = tenSeconds();
    policy.triggerBitsPerSecond = kMaxRateBits;
    policy.window = 24h;
    BurstGuard guard(policy);
    std::mt19937 random(8);
    Time at{0};
    size_t most = 0;
    while (at < Time(50h)) {
        // seconds, and now and then the half hour of a gap, which fits in no slot
        const Time span(random() % 1000 ? 1000 : 1'800'000);
        at += span;
        guard.add(down(at, 1000 * quint64(span.count()) / 1000, span));
        most = std::max(most, guard.slotCount());
    }
    QVERIFY(most <= 602);
    // a steady kilobyte a second all the time
    QVERIFY(std::abs(guard.average() - 8000) < 1);
}

} // namespace weir

QTEST_APPLESS_MAIN(weir::BurstGuardTest)
#include "burst_guard_test.moc"
