// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/client.h"
#include "app/gui/rate_chart.h"
#include "app/gui/rate_history.h"
#include "app/gui/rate_scale.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace weir;
using namespace weir::gui;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

dbus::Rate rate(double down)
{
    return {true, down, down / 10};
}

/// 120 samples that count up: 0 the oldest, 119 the newest.
client::SampleAnswer rising(qint64 endMs)
{
    client::SampleAnswer samples{endMs, {}, {}};
    for (int i = 0; i < 120; ++i) {
        samples.rxBytesPerSecond.append(i);
        samples.txBytesPerSecond.append(i / 10.0);
    }
    return samples;
}

} // namespace

/// The two minutes that a chart shows.
class ChartTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theHelpersMemoryFillsTheHistory();
    void eachSampleMovesTheHistoryByOneSecond();
    void aSampleThatComesEarlyOrLateKeepsItsPlace();
    void secondsWithoutAFrameKeepTheRateThatDidNotChange();
    void anUnknownRateIsAGap();
    void framesThatCameBeforeTheMemoryStay();
    void whatAHelperStartedAnewDoesNotKnowStays();
    void aClockThatJumpsBackAddsOneSample();
    void aMachineThatSleptLeavesAGap();

    void theChartHasAtMost120PointsForEachDirection();
    void aGapIsNotDrawnAsZero();
    void downAndUpShareOneScaleOf1And2And5();
    void axisLabelsAreShort();
};

void ChartTest::theHelpersMemoryFillsTheHistory()
{
    RateHistory history;
    history.fill(rising(1'000'000));
    QCOMPARE(history.down(0), 119.0);
    QCOMPARE(history.down(119), 0.0);
    QCOMPARE(history.up(0), 11.9);
    QCOMPARE(history.peak(), 119.0);
}

void ChartTest::eachSampleMovesTheHistoryByOneSecond()
{
    RateHistory history;
    history.fill(rising(1'000'000));
    history.add(1'001'000, rate(500));
    QCOMPARE(history.down(0), 500.0);
    QCOMPARE(history.down(1), 119.0);
    QCOMPARE(history.down(119), 1.0);
}

void ChartTest::aSampleThatComesEarlyOrLateKeepsItsPlace()
{
    RateHistory history;
    history.add(10'000, rate(1));
    history.add(11'400, rate(2));
    history.add(11'800, rate(3)); // less than half a second after the one before: the same second
    history.add(12'400, rate(4));
    QCOMPARE(history.down(0), 4.0);
    QCOMPARE(history.down(1), 3.0);
    QCOMPARE(history.down(2), 1.0);
}

void ChartTest::secondsWithoutAFrameKeepTheRateThatDidNotChange()
{
    RateHistory history;
    history.add(10'000, rate(7));
    history.hold(12'000);
    QCOMPARE(history.down(0), 7.0);
    QCOMPARE(history.down(2), 7.0);
    QVERIFY(std::isnan(history.down(3)));
    history.add(14'000, rate(9)); // the frame of 13'000 was left out as well
    QCOMPARE(history.down(0), 9.0);
    QCOMPARE(history.down(1), 7.0);
}

void ChartTest::anUnknownRateIsAGap()
{
    RateHistory history;
    history.add(10'000, rate(7));
    history.add(11'000, {});
    QVERIFY(std::isnan(history.down(0)));
    QVERIFY(std::isnan(history.up(0)));
    QCOMPARE(history.down(1), 7.0);
}

void ChartTest::framesThatCameBeforeTheMemoryStay()
{
    RateHistory history;
    history.add(1'000'000, rate(119));
    history.add(1'001'000, rate(500));
    history.fill(rising(1'000'000));
    QCOMPARE(history.down(0), 500.0);
    QCOMPARE(history.down(1), 119.0);
    QCOMPARE(history.down(2), 118.0);
    history.add(1'002'000, rate(600));
    QCOMPARE(history.down(0), 600.0);
    QCOMPARE(history.down(1), 500.0);
}

void ChartTest::whatAHelperStartedAnewDoesNotKnowStays()
{
    RateHistory history;
    history.fill(rising(1'000'000));
    client::SampleAnswer fresh{1'010'000, QList<double>(120, kNone), QList<double>(120, kNone)};
    fresh.rxBytesPerSecond.last() = 42;
    fresh.txBytesPerSecond.last() = 4;
    history.fill(fresh);
    QCOMPARE(history.down(0), 42.0);
    QVERIFY(std::isnan(history.down(1))); // it was away
    QVERIFY(std::isnan(history.down(9)));
    QCOMPARE(history.down(10), 119.0); // ten seconds ago
    QCOMPARE(history.down(11), 118.0);
}

void ChartTest::aMachineThatSleptLeavesAGap()
{
    RateHistory history;
    history.fill(rising(1'000'000));
    history.add(1'020'000, rate(500));
    QCOMPARE(history.down(0), 500.0);
    QVERIFY(std::isnan(history.down(1)));
    QVERIFY(std::isnan(history.down(19)));
    QCOMPARE(history.down(20), 119.0);
}

void ChartTest::aClockThatJumpsBackAddsOneSample()
{
    RateHistory history;
    history.fill(rising(1'000'000'000));
    history.add(500'000'000, rate(500));
    QCOMPARE(history.down(0), 500.0);
    QCOMPARE(history.down(1), 119.0);
    history.add(500'001'000, rate(600));
    QCOMPARE(history.down(0), 600.0);
    QCOMPARE(history.down(1), 500.0);
}

void ChartTest::theChartHasAtMost120PointsForEachDirection()
{
    RateHistory history;
    history.fill(rising(1'000'000));
    RateChart chart;
    chart.setHistory(history);
    QCOMPARE(chart.pointCount(), 240);
    for (int second = 1; second < 300; ++second)
        history.add(1'000'000 + second * 1000, rate(second));
    chart.setHistory(history);
    QCOMPARE(chart.pointCount(), 240);
}

void ChartTest::aGapIsNotDrawnAsZero()
{
    RateHistory history;
    client::SampleAnswer samples = rising(1'000'000);
    for (int i = 50; i < 60; ++i)
        samples.rxBytesPerSecond[i] = samples.txBytesPerSecond[i] = kNone;
    history.fill(samples);
    RateChart chart;
    chart.setHistory(history);
    QCOMPARE(chart.pointCount(), 220);
}

void ChartTest::downAndUpShareOneScaleOf1And2And5()
{
    QCOMPARE(rateScaleFor(0), (RateScale{5'000, 10'000}));
    QCOMPARE(rateScaleFor(5e6), (RateScale{10e6, 40e6}));   // 40 Mbit/s
    QCOMPARE(rateScaleFor(5.1e6), (RateScale{20e6, 60e6})); // 40.8 Mbit/s
    QCOMPARE(rateScaleFor(125e6), (RateScale{500e6, 1e9})); // 1 Gbit/s
    RateHistory history;
    history.add(10'000, {true, 1000, 5e6});
    RateChart chart;
    chart.setHistory(history);
    QCOMPARE(chart.scale(), (RateScale{10e6, 40e6}));
}

void ChartTest::axisLabelsAreShort()
{
    QCOMPARE(rateLabel(0), QStringLiteral("0"));
    QCOMPARE(rateLabel(500e3), QStringLiteral("500 kbit/s"));
    QCOMPARE(rateLabel(20e6), QStringLiteral("20 Mbit/s"));
    QCOMPARE(rateLabel(2.5e9), QStringLiteral("2.5 Gbit/s"));
}

QTEST_MAIN(ChartTest)
#include "chart_test.moc"
