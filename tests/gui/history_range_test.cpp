// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_columns.h"
#include "app/gui/history_range.h"
#include "app/gui/rate_scale.h"

#include <QTest>

using namespace weir;
using namespace weir::gui;
using Kind = HistoryRange::Kind;

namespace {

qint64 utc(const char *text)
{
    return QDateTime::fromString(QLatin1String(text), Qt::ISODate).toSecsSinceEpoch();
}

const QTimeZone kBerlin("Europe/Berlin");
const QTimeZone kKolkata("Asia/Kolkata");
const QTimeZone kHavana("America/Havana"); // its clocks jump at midnight

} // namespace

/// What the range buttons mean, held against moments worked out by hand.
class HistoryRangeTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rangesAreWholeDaysMonthsAndYearsOfTheZone_data();
    void rangesAreWholeDaysMonthsAndYearsOfTheZone();
    void theDayOfTheChangeHas23Or25Hours();
    void aDayBeginsAtOneWhereMidnightDoesNotExist();
    void theArrowsMoveByOneRange();
    void theArrowsDoNotLeadIntoTheFuture();
    void aCustomRangeOfWholeDaysMovesByDaysOverTheChangeOfTheClock();
    void aCustomRangeOfHoursMovesByItsLength();
    void eachRangeHasItsOwnStep();
    void impossibleStepsSayWhy();
    void aStepThatIsImpossibleBecomesACoarserOne();
    void namesAreReadBack();
};

void HistoryRangeTest::rangesAreWholeDaysMonthsAndYearsOfTheZone_data()
{
    QTest::addColumn<HistoryRange>("range");
    QTest::addColumn<QTimeZone>("zone");
    QTest::addColumn<qint64>("from");
    QTest::addColumn<qint64>("to");
    // now: 23 Nov 2026 14:10 in Berlin (UTC+1), 18:40 in Kolkata (UTC+5:30)
    const auto row = [](const char *name, HistoryRange range, const QTimeZone &zone, const char *from,
                        const char *to) {
        QTest::addRow("%s", name) << range << zone << utc(from) << utc(to);
    };
    row("24 h", {Kind::Hours24}, kBerlin, "2026-11-22T13:15:00Z", "2026-11-23T13:15:00Z");
    row("today", {Kind::Day}, kBerlin, "2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z");
    row("today in Kolkata", {Kind::Day}, kKolkata, "2026-11-22T18:30:00Z", "2026-11-23T18:30:00Z");
    row("yesterday", {Kind::Day, 1}, kBerlin, "2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z");
    row("7 days", {Kind::Days7}, kBerlin, "2026-11-16T23:00:00Z", "2026-11-23T23:00:00Z");
    row("30 days, over the change of the clock", {Kind::Days30}, kBerlin, "2026-10-24T22:00:00Z",
        "2026-11-23T23:00:00Z");
    row("this month", {Kind::Month}, kBerlin, "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z");
    row("last month", {Kind::Month, 1}, kBerlin, "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z");
    row("February", {Kind::Month, 9}, kBerlin, "2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z");
    row("this year", {Kind::Year}, kBerlin, "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z");
    row("12 months", {Kind::Months12}, kBerlin, "2025-11-30T23:00:00Z", "2026-11-30T23:00:00Z");
    row("all", {Kind::All}, kBerlin, "2026-03-09T23:00:00Z", "2026-11-23T23:00:00Z");
    row("custom", {Kind::Custom, 0, 1000, 2000}, kBerlin, "1970-01-01T00:16:40Z", "1970-01-01T00:33:20Z");
}

void HistoryRangeTest::rangesAreWholeDaysMonthsAndYearsOfTheZone()
{
    QFETCH(HistoryRange, range);
    QFETCH(QTimeZone, zone);
    const Interval interval = resolve(range, utc("2026-11-23T13:10:00Z"), zone, utc("2026-03-10T15:00:00Z"));
    QTEST(interval.from, "from");
    QTEST(interval.to, "to");
}

void HistoryRangeTest::theDayOfTheChangeHas23Or25Hours()
{
    const Interval spring = resolve({Kind::Day}, utc("2026-03-29T12:00:00Z"), kBerlin, 0);
    QCOMPARE(spring.to - spring.from, 23 * 3600);
    const Interval autumn = resolve({Kind::Day}, utc("2026-10-25T12:00:00Z"), kBerlin, 0);
    QCOMPARE(autumn.to - autumn.from, 25 * 3600);
}

void HistoryRangeTest::aDayBeginsAtOneWhereMidnightDoesNotExist()
{
    // 8 March 2026: Havana's clocks go from 00:00 to 01:00, which is 05:00 UTC
    const Interval day = resolve({Kind::Day}, utc("2026-03-08T15:00:00Z"), kHavana, 0);
    QCOMPARE(day.from, utc("2026-03-08T05:00:00Z"));
    QCOMPARE(day.to, utc("2026-03-09T04:00:00Z"));
}

void HistoryRangeTest::theArrowsMoveByOneRange()
{
    const qint64 now = utc("2026-11-23T13:10:00Z");
    QCOMPARE(moved({Kind::Day}, -1, now, kBerlin), (HistoryRange{Kind::Day, 1}));
    QCOMPARE(moved({Kind::Day, 1}, 1, now, kBerlin), (HistoryRange{Kind::Day}));
    const auto before = moved({Kind::Days7}, -1, now, kBerlin);
    QVERIFY(before);
    QCOMPARE(resolve(*before, now, kBerlin, 0),
             (Interval{utc("2026-11-09T23:00:00Z"), utc("2026-11-16T23:00:00Z")}));
}

void HistoryRangeTest::theArrowsDoNotLeadIntoTheFuture()
{
    const qint64 now = utc("2026-11-23T13:10:00Z");
    for (const Kind kind : {Kind::Hours24, Kind::Day, Kind::Days7, Kind::Days30, Kind::Month, Kind::Year,
                            Kind::Months12, Kind::All})
        QVERIFY(!moved({kind}, 1, now, kBerlin));
    QVERIFY(!moved({Kind::Custom, 0, now - 3600, now + 10}, 1, now, kBerlin));
    QVERIFY(!moved({Kind::All}, -1, now, kBerlin));
}

void HistoryRangeTest::aCustomRangeOfWholeDaysMovesByDaysOverTheChangeOfTheClock()
{
    // 25 and 26 October 2026 in Berlin: 25 + 24 hours; the two days before have 48
    const HistoryRange range{Kind::Custom, 0, utc("2026-10-24T22:00:00Z"), utc("2026-10-26T23:00:00Z")};
    const auto before = moved(range, -1, utc("2026-11-23T13:10:00Z"), kBerlin);
    QVERIFY(before);
    QCOMPARE(before->customFrom, utc("2026-10-22T22:00:00Z"));
    QCOMPARE(before->customTo, utc("2026-10-24T22:00:00Z"));
}

void HistoryRangeTest::aCustomRangeOfHoursMovesByItsLength()
{
    const HistoryRange range{Kind::Custom, 0, utc("2026-11-20T10:00:00Z"), utc("2026-11-20T13:30:00Z")};
    const auto after = moved(range, 1, utc("2026-11-23T13:10:00Z"), kBerlin);
    QVERIFY(after);
    QCOMPARE(after->customFrom, utc("2026-11-20T13:30:00Z"));
    QCOMPARE(after->customTo, utc("2026-11-20T17:00:00Z"));
}

void HistoryRangeTest::eachRangeHasItsOwnStep()
{
    const qint64 now = utc("2026-11-23T13:10:00Z");
    const auto step = [now](HistoryRange range) {
        return ownStep(range.kind, resolve(range, now, kBerlin, now - 30 * 86400), now);
    };
    QCOMPARE(step({Kind::Hours24}), Step::Quarter);
    QCOMPARE(step({Kind::Day}), Step::Hour);
    QCOMPARE(step({Kind::Day, 1}), Step::Hour);
    QCOMPARE(step({Kind::Days7}), Step::Hour);
    QCOMPARE(step({Kind::Days30}), Step::Day);
    QCOMPARE(step({Kind::Month}), Step::Day);
    QCOMPARE(step({Kind::Year}), Step::Month);
    QCOMPARE(step({Kind::Months12}), Step::Month);
    QCOMPARE(step({Kind::All}), Step::Day);
    QCOMPARE(step({Kind::Custom, 0, now - 3600, now}), Step::Minute);
    QCOMPARE(step({Kind::Day, 500}), Step::Day); // of which nothing finer is kept
}

void HistoryRangeTest::impossibleStepsSayWhy()
{
    const qint64 now = utc("2026-11-23T13:10:00Z");
    const Interval today = resolve({Kind::Day}, now, kBerlin, 0);
    QVERIFY(whyNot(Step::Minute, today, now).isEmpty());
    QVERIFY(whyNot(Step::Day, today, now).contains(QStringLiteral("single step")));
    QVERIFY(whyNot(Step::Minute, resolve({Kind::Days7}, now, kBerlin, 0), now)
                .contains(QStringLiteral("two days")));
    QVERIFY(whyNot(Step::Hour, {now - 401 * 86400, now}, now).contains(QStringLiteral("400 days")));
    QVERIFY(whyNot(Step::Quarter, {now - 53 * 86400, now}, now)
                .contains(QStringLiteral("5,000")));                        // 5088 quarters
    QVERIFY(whyNot(Step::Quarter, {now - 52 * 86400, now}, now).isEmpty()); // 4992
}

void HistoryRangeTest::aStepThatIsImpossibleBecomesACoarserOne()
{
    const qint64 now = utc("2026-11-23T13:10:00Z");
    QCOMPARE(nearestPossible(Step::Minute, {now - 7 * 86400, now}, now), Step::Quarter);
    QCOMPARE(nearestPossible(Step::Month, {now - 3600, now}, now), Step::Quarter);
}

void HistoryRangeTest::namesAreReadBack()
{
    for (const Kind kind : {Kind::Hours24, Kind::Day, Kind::Days7, Kind::Days30, Kind::Month, Kind::Year,
                            Kind::Months12, Kind::All, Kind::Custom})
        QCOMPARE(HistoryRange::kindFromName(HistoryRange{kind}.name()), kind);
    QVERIFY(!HistoryRange::kindFromName(QStringLiteral("fortnight")));
}

QTEST_GUILESS_MAIN(HistoryRangeTest)
#include "history_range_test.moc"
