// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/period.h"

#include <QDateTime>
#include <QTest>

#include <limits>

using namespace Qt::StringLiterals;

namespace weir {

namespace {

constexpr quint64 kMost = std::numeric_limits<quint64>::max();
constexpr quint64 kGB = 1'000'000'000;

qint64 at(const QString &isoUtc)
{
    return QDateTime::fromString(isoUtc, Qt::ISODate).toSecsSinceEpoch();
}

QString iso(qint64 instantS)
{
    return QDateTime::fromSecsSinceEpoch(instantS, Qt::UTC).toString(Qt::ISODate);
}

QString iso(const BillingPeriod &period)
{
    return iso(period.startS) + u" to "_s + iso(period.endS);
}

BillingRule ruleOf(const QString &zone, const QString &resetDay)
{
    BillingRule rule;
    rule.zone = CivilZone::named(zone).value();
    rule.resetDay = parseResetDay(resetDay).value();
    return rule;
}

QString refusal(const Result<void> &result)
{
    return result ? u"accepted"_s : result.error().message;
}

ScopedTraffic traffic(quint64 internetRx, quint64 internetTx, quint64 localRx, quint64 localTx)
{
    return {{internetRx, internetTx, 0, 0}, {localRx, localTx, 0, 0}};
}

/// The bytes that 100 received and 40 sent on the internet and 7 and 3 locally bill.
quint64 billedBy(BillingMode mode, BillingScope scope, int factorThousandths)
{
    BillingRule rule;
    rule.mode = mode;
    rule.scope = scope;
    rule.factorThousandths = factorThousandths;
    return billedBytes(traffic(100, 40, 7, 3), rule);
}

} // namespace

class PeriodTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aPeriodRunsFromResetDayToResetDay_data();
    void aPeriodRunsFromResetDayToResetDay();
    void periodsLeaveNoGapOnAnyResetDay_data();
    void periodsLeaveNoGapOnAnyResetDay();
    void aHostThatWasOffAtTheBoundaryIsInTheRightPeriod();
    void anotherZoneMovesThePeriodsEdges();
    void anotherResetDayMovesPastPeriodsToo();
    void aClockBeforeAllHistoryStillHasAPeriod();

    void beginningNowCutsThePeriodInTwo();
    void beginningTwiceCutsTwice();
    void theRegularResetFollowsABeginByHand();
    void undoingABeginJoinsThePeriodAgain();
    void aPeriodThatBeganRegularlyCannotBeUndone();
    void beginningAtABeginOrBeforeOneIsAConflict();
    void atMostAThousandBeginsAreKept();

    void modesAndScopesCountWhatTheyName();
    void theFactorIsExact();
    void billedBytesEndAtTheLargestNumber();
    void whatIsInNoScopeCountsInScopeAll();

    void aCalibrationMakesUsedWhatTheProviderSaid();
    void aCalibrationHoldsForItsPeriodOnly();
    void aCalibrationOfACutPeriodComesBackWithUndo();
    void usedIsNeverBelowNothing();
    void calibrationsPastAMillionTerabytesAreRefused();

    void halfOfAPeriodProjectsTwiceItsBytes();
    void countingThatBeganLateProjectsFromThere();
    void lessThanAnHourProjectsNothing();
    void anEndedPeriodEndsWithWhatWasUsed();
    void projectionsEndAtTheLargestNumber();

    void textReadsBack();
    void factorsAreReadExactly_data();
    void factorsAreReadExactly();
    void whatIsOutOfRangeIsNamed();
};

void PeriodTest::aPeriodRunsFromResetDayToResetDay_data()
{
    QTest::addColumn<QString>("zone");
    QTest::addColumn<QString>("resetDay");
    QTest::addColumn<QString>("now");
    QTest::addColumn<QString>("start");
    QTest::addColumn<QString>("end");
    const auto row = [](const char *zone, const char *day, const char *now, const char *start,
                        const char *end) {
        QTest::addRow("%s %s %s", zone, day, now)
            << QString::fromLatin1(zone) << QString::fromLatin1(day) << QString::fromLatin1(now)
            << QString::fromLatin1(start) << QString::fromLatin1(end);
    };
    // clang-format off
    // every reset day, in the middle of June; 31 and last fall on the 30th
    row("Asia/Shanghai",       "1",    "2026-06-15T12:00:00Z", "2026-05-31T16:00:00Z", "2026-06-30T16:00:00Z");
    row("Europe/Berlin",       "2",    "2026-06-15T12:00:00Z", "2026-06-01T22:00:00Z", "2026-07-01T22:00:00Z");
    row("America/New_York",    "3",    "2026-06-15T12:00:00Z", "2026-06-03T04:00:00Z", "2026-07-03T04:00:00Z");
    row("Asia/Kolkata",        "4",    "2026-06-15T12:00:00Z", "2026-06-03T18:30:00Z", "2026-07-03T18:30:00Z");
    row("Asia/Shanghai",       "5",    "2026-06-15T12:00:00Z", "2026-06-04T16:00:00Z", "2026-07-04T16:00:00Z");
    row("Europe/Berlin",       "6",    "2026-06-15T12:00:00Z", "2026-06-05T22:00:00Z", "2026-07-05T22:00:00Z");
    row("America/New_York",    "7",    "2026-06-15T12:00:00Z", "2026-06-07T04:00:00Z", "2026-07-07T04:00:00Z");
    row("Asia/Kolkata",        "8",    "2026-06-15T12:00:00Z", "2026-06-07T18:30:00Z", "2026-07-07T18:30:00Z");
    row("Asia/Shanghai",       "9",    "2026-06-15T12:00:00Z", "2026-06-08T16:00:00Z", "2026-07-08T16:00:00Z");
    row("Europe/Berlin",       "10",   "2026-06-15T12:00:00Z", "2026-06-09T22:00:00Z", "2026-07-09T22:00:00Z");
    row("America/New_York",    "11",   "2026-06-15T12:00:00Z", "2026-06-11T04:00:00Z", "2026-07-11T04:00:00Z");
    row("Asia/Kolkata",        "12",   "2026-06-15T12:00:00Z", "2026-06-11T18:30:00Z", "2026-07-11T18:30:00Z");
    row("Asia/Shanghai",       "13",   "2026-06-15T12:00:00Z", "2026-06-12T16:00:00Z", "2026-07-12T16:00:00Z");
    row("Europe/Berlin",       "14",   "2026-06-15T12:00:00Z", "2026-06-13T22:00:00Z", "2026-07-13T22:00:00Z");
    row("America/New_York",    "15",   "2026-06-15T12:00:00Z", "2026-06-15T04:00:00Z", "2026-07-15T04:00:00Z");
    row("Asia/Kolkata",        "16",   "2026-06-15T12:00:00Z", "2026-05-15T18:30:00Z", "2026-06-15T18:30:00Z");
    row("Asia/Shanghai",       "17",   "2026-06-15T12:00:00Z", "2026-05-16T16:00:00Z", "2026-06-16T16:00:00Z");
    row("Europe/Berlin",       "18",   "2026-06-15T12:00:00Z", "2026-05-17T22:00:00Z", "2026-06-17T22:00:00Z");
    row("America/New_York",    "19",   "2026-06-15T12:00:00Z", "2026-05-19T04:00:00Z", "2026-06-19T04:00:00Z");
    row("Asia/Kolkata",        "20",   "2026-06-15T12:00:00Z", "2026-05-19T18:30:00Z", "2026-06-19T18:30:00Z");
    row("Asia/Shanghai",       "21",   "2026-06-15T12:00:00Z", "2026-05-20T16:00:00Z", "2026-06-20T16:00:00Z");
    row("Europe/Berlin",       "22",   "2026-06-15T12:00:00Z", "2026-05-21T22:00:00Z", "2026-06-21T22:00:00Z");
    row("America/New_York",    "23",   "2026-06-15T12:00:00Z", "2026-05-23T04:00:00Z", "2026-06-23T04:00:00Z");
    row("Asia/Kolkata",        "24",   "2026-06-15T12:00:00Z", "2026-05-23T18:30:00Z", "2026-06-23T18:30:00Z");
    row("Asia/Shanghai",       "25",   "2026-06-15T12:00:00Z", "2026-05-24T16:00:00Z", "2026-06-24T16:00:00Z");
    row("Europe/Berlin",       "26",   "2026-06-15T12:00:00Z", "2026-05-25T22:00:00Z", "2026-06-25T22:00:00Z");
    row("America/New_York",    "27",   "2026-06-15T12:00:00Z", "2026-05-27T04:00:00Z", "2026-06-27T04:00:00Z");
    row("Asia/Kolkata",        "28",   "2026-06-15T12:00:00Z", "2026-05-27T18:30:00Z", "2026-06-27T18:30:00Z");
    row("Asia/Shanghai",       "29",   "2026-06-15T12:00:00Z", "2026-05-28T16:00:00Z", "2026-06-28T16:00:00Z");
    row("Europe/Berlin",       "30",   "2026-06-15T12:00:00Z", "2026-05-29T22:00:00Z", "2026-06-29T22:00:00Z");
    row("America/New_York",    "31",   "2026-06-15T12:00:00Z", "2026-05-31T04:00:00Z", "2026-06-30T04:00:00Z");
    row("Asia/Kolkata",        "last", "2026-06-15T12:00:00Z", "2026-05-30T18:30:00Z", "2026-06-29T18:30:00Z");
    // the last second of a period and the first of the next
    row("Asia/Shanghai",       "1",    "2026-06-30T15:59:59Z", "2026-05-31T16:00:00Z", "2026-06-30T16:00:00Z");
    row("Asia/Shanghai",       "1",    "2026-06-30T16:00:00Z", "2026-06-30T16:00:00Z", "2026-07-31T16:00:00Z");
    row("Asia/Kolkata",        "1",    "2026-06-30T18:29:59Z", "2026-05-31T18:30:00Z", "2026-06-30T18:30:00Z");
    row("Asia/Kolkata",        "1",    "2026-06-30T18:30:00Z", "2026-06-30T18:30:00Z", "2026-07-31T18:30:00Z");
    row("Asia/Kathmandu",      "1",    "2026-01-31T18:14:59Z", "2025-12-31T18:15:00Z", "2026-01-31T18:15:00Z");
    row("Asia/Kathmandu",      "1",    "2026-01-31T18:15:00Z", "2026-01-31T18:15:00Z", "2026-02-28T18:15:00Z");
    row("America/New_York",    "15",   "2026-06-15T03:59:59Z", "2026-05-15T04:00:00Z", "2026-06-15T04:00:00Z");
    // clocks go forward: Berlin 29 March, New York 8 March, Lord Howe 4 October by half an hour, Santiago 6 September at midnight
    row("Europe/Berlin",       "1",    "2026-03-15T12:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z");
    row("Europe/Berlin",       "1",    "2026-03-31T22:30:00Z", "2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z");
    row("Europe/Berlin",       "29",   "2026-03-28T22:59:59Z", "2026-02-27T23:00:00Z", "2026-03-28T23:00:00Z");
    row("Europe/Berlin",       "29",   "2026-03-29T00:00:00Z", "2026-03-28T23:00:00Z", "2026-04-28T22:00:00Z");
    row("America/New_York",    "8",    "2026-03-08T04:59:59Z", "2026-02-08T05:00:00Z", "2026-03-08T05:00:00Z");
    row("America/New_York",    "8",    "2026-03-08T05:00:00Z", "2026-03-08T05:00:00Z", "2026-04-08T04:00:00Z");
    row("America/New_York",    "9",    "2026-03-09T03:59:59Z", "2026-02-09T05:00:00Z", "2026-03-09T04:00:00Z");
    row("Australia/Lord_Howe", "4",    "2026-10-03T13:29:59Z", "2026-09-03T13:30:00Z", "2026-10-03T13:30:00Z");
    row("Australia/Lord_Howe", "4",    "2026-10-03T13:30:00Z", "2026-10-03T13:30:00Z", "2026-11-03T13:00:00Z");
    row("America/Santiago",    "6",    "2026-09-06T03:59:59Z", "2026-08-06T04:00:00Z", "2026-09-06T04:00:00Z");
    row("America/Santiago",    "6",    "2026-09-06T04:00:00Z", "2026-09-06T04:00:00Z", "2026-10-06T03:00:00Z");
    // clocks go back: Berlin 25 October, New York 1 November, Lord Howe 5 April by half an hour
    row("Europe/Berlin",       "25",   "2026-10-25T00:30:00Z", "2026-10-24T22:00:00Z", "2026-11-24T23:00:00Z");
    row("Europe/Berlin",       "25",   "2026-10-25T01:30:00Z", "2026-10-24T22:00:00Z", "2026-11-24T23:00:00Z");
    row("Europe/Berlin",       "26",   "2026-10-25T22:59:59Z", "2026-09-25T22:00:00Z", "2026-10-25T23:00:00Z");
    row("Europe/Berlin",       "26",   "2026-10-25T23:00:00Z", "2026-10-25T23:00:00Z", "2026-11-25T23:00:00Z");
    row("America/New_York",    "1",    "2026-11-01T05:30:00Z", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z");
    row("America/New_York",    "1",    "2026-11-01T06:30:00Z", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z");
    row("America/New_York",    "2",    "2026-11-02T04:59:59Z", "2026-10-02T04:00:00Z", "2026-11-02T05:00:00Z");
    row("Australia/Lord_Howe", "5",    "2026-04-05T00:00:00Z", "2026-04-04T13:00:00Z", "2026-05-04T13:30:00Z");
    // February, leap and not
    row("Asia/Shanghai",       "29",   "2024-02-28T15:59:59Z", "2024-01-28T16:00:00Z", "2024-02-28T16:00:00Z");
    row("Asia/Shanghai",       "29",   "2024-02-28T16:00:00Z", "2024-02-28T16:00:00Z", "2024-03-28T16:00:00Z");
    row("Asia/Shanghai",       "29",   "2026-02-27T16:00:00Z", "2026-02-27T16:00:00Z", "2026-03-28T16:00:00Z");
    row("Asia/Shanghai",       "29",   "2000-02-29T15:59:00Z", "2000-02-28T16:00:00Z", "2000-03-28T16:00:00Z");
    row("America/New_York",    "30",   "2024-02-29T05:00:00Z", "2024-02-29T05:00:00Z", "2024-03-30T04:00:00Z");
    row("America/New_York",    "31",   "2024-02-29T04:59:59Z", "2024-01-31T05:00:00Z", "2024-02-29T05:00:00Z");
    row("Europe/Berlin",       "31",   "2025-02-27T23:00:00Z", "2025-02-27T23:00:00Z", "2025-03-30T22:00:00Z");
    row("Europe/Berlin",       "last", "2024-02-28T22:59:59Z", "2024-01-30T23:00:00Z", "2024-02-28T23:00:00Z");
    row("Asia/Kolkata",        "last", "2024-02-28T18:30:00Z", "2024-02-28T18:30:00Z", "2024-03-30T18:30:00Z");
    row("Asia/Kolkata",        "last", "2023-02-27T18:30:00Z", "2023-02-27T18:30:00Z", "2023-03-30T18:30:00Z");
    // a shorter month clamps the day, the next has it again
    row("Asia/Shanghai",       "31",   "2026-04-29T16:00:00Z", "2026-04-29T16:00:00Z", "2026-05-30T16:00:00Z");
    row("Asia/Shanghai",       "31",   "2026-05-30T15:59:59Z", "2026-04-29T16:00:00Z", "2026-05-30T16:00:00Z");
    row("Asia/Shanghai",       "31",   "2026-05-30T16:00:00Z", "2026-05-30T16:00:00Z", "2026-06-29T16:00:00Z");
    row("America/New_York",    "30",   "2026-03-01T12:00:00Z", "2026-02-28T05:00:00Z", "2026-03-30T04:00:00Z");
    row("America/New_York",    "29",   "2026-03-29T03:59:59Z", "2026-02-28T05:00:00Z", "2026-03-29T04:00:00Z");
    row("Asia/Kolkata",        "30",   "2025-12-31T12:00:00Z", "2025-12-29T18:30:00Z", "2026-01-29T18:30:00Z");
    row("Asia/Kolkata",        "31",   "2026-01-30T18:30:00Z", "2026-01-30T18:30:00Z", "2026-02-27T18:30:00Z");
    row("Europe/Berlin",       "last", "2026-11-29T23:00:00Z", "2026-11-29T23:00:00Z", "2026-12-30T23:00:00Z");
    // over the year's end, and at both ends of what is kept
    row("Europe/Berlin",       "1",    "2025-12-31T22:59:59Z", "2025-11-30T23:00:00Z", "2025-12-31T23:00:00Z");
    row("Europe/Berlin",       "1",    "2025-12-31T23:00:00Z", "2025-12-31T23:00:00Z", "2026-01-31T23:00:00Z");
    row("America/New_York",    "15",   "2026-01-10T00:00:00Z", "2025-12-15T05:00:00Z", "2026-01-15T05:00:00Z");
    row("Asia/Shanghai",       "15",   "2000-01-01T00:00:00Z", "1999-12-14T16:00:00Z", "2000-01-14T16:00:00Z");
    row("Europe/Berlin",       "1",    "2060-07-15T00:00:00Z", "2060-06-30T22:00:00Z", "2060-07-31T22:00:00Z");
    row("Europe/Berlin",       "1",    "2099-12-31T23:30:00Z", "2099-12-31T23:00:00Z", "2100-01-31T23:00:00Z");
    // clang-format on
}

void PeriodTest::aPeriodRunsFromResetDayToResetDay()
{
    QFETCH(QString, zone);
    QFETCH(QString, resetDay);
    QFETCH(QString, now);
    QFETCH(QString, start);
    QFETCH(QString, end);
    QCOMPARE(iso(periodAt(ruleOf(zone, resetDay), at(now))), start + u" to "_s + end);
}

void PeriodTest::periodsLeaveNoGapOnAnyResetDay_data()
{
    QTest::addColumn<QString>("zone");
    for (const char *zone : {"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kolkata",
                             "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia"})
        QTest::newRow(zone) << QString::fromLatin1(zone);
}

void PeriodTest::periodsLeaveNoGapOnAnyResetDay()
{
    QFETCH(QString, zone);
    BillingRule rule = ruleOf(zone, u"last"_s);
    for (int day = 0; day <= 31; ++day) {
        rule.resetDay = day == 0 ? kLastDayOfMonth : day;
        BillingPeriod period = periodAt(rule, at(u"2010-12-31T12:00:00Z"_s));
        for (int month = 0; month < 60; ++month) {
            const QDate first = rule.zone.dayOf(period.startS);
            const bool skipped = first == QDate(2011, 12, 31) && zone == u"Pacific/Apia" && day == 30;
            QCOMPARE(first.day(),
                     skipped        ? 31
                         : day == 0 ? first.daysInMonth()
                                    : qMin(day, first.daysInMonth()));
            QCOMPARE(periodAt(rule, period.endS - 1), period);
            const BillingPeriod next = periodAt(rule, period.endS);
            QCOMPARE(next.startS, period.endS);
            QCOMPARE(periodAt(rule, next.startS - 1), period);
            period = next;
        }
    }
}

void PeriodTest::aHostThatWasOffAtTheBoundaryIsInTheRightPeriod()
{
    const BillingRule rule = ruleOf(u"Europe/Berlin"_s, u"31"_s);
    QCOMPARE(iso(periodAt(rule, at(u"2026-01-20T12:00:00Z"_s))),
             u"2025-12-30T23:00:00Z to 2026-01-30T23:00:00Z"_s);
    // switched on again two boundaries later
    QCOMPARE(iso(periodAt(rule, at(u"2026-04-03T07:30:00Z"_s))),
             u"2026-03-30T22:00:00Z to 2026-04-29T22:00:00Z"_s);
    // and years later
    QCOMPARE(iso(periodAt(rule, at(u"2031-02-27T22:59:59Z"_s))),
             u"2031-01-30T23:00:00Z to 2031-02-27T23:00:00Z"_s);
}

void PeriodTest::anotherZoneMovesThePeriodsEdges()
{
    const qint64 now = at(u"2026-06-30T20:00:00Z"_s);
    QCOMPARE(iso(periodAt(ruleOf(u"Asia/Shanghai"_s, u"1"_s), now)),
             u"2026-06-30T16:00:00Z to 2026-07-31T16:00:00Z"_s);
    QCOMPARE(iso(periodAt(ruleOf(u"Europe/Berlin"_s, u"1"_s), now)),
             u"2026-05-31T22:00:00Z to 2026-06-30T22:00:00Z"_s);
    QCOMPARE(iso(periodAt(ruleOf(u"America/New_York"_s, u"1"_s), now)),
             u"2026-06-01T04:00:00Z to 2026-07-01T04:00:00Z"_s);
}

void PeriodTest::anotherResetDayMovesPastPeriodsToo()
{
    BillingRule rule = ruleOf(u"UTC"_s, u"1"_s);
    QCOMPARE(iso(periodAt(rule, at(u"2026-02-10T00:00:00Z"_s))),
             u"2026-02-01T00:00:00Z to 2026-03-01T00:00:00Z"_s);
    rule.resetDay = 20;
    QCOMPARE(iso(periodAt(rule, at(u"2026-02-10T00:00:00Z"_s))),
             u"2026-01-20T00:00:00Z to 2026-02-20T00:00:00Z"_s);
}

void PeriodTest::aClockBeforeAllHistoryStillHasAPeriod()
{
    QCOMPARE(iso(periodAt(ruleOf(u"UTC"_s, u"31"_s), 30)), u"1969-12-31T00:00:00Z to 1970-01-31T00:00:00Z"_s);
}

void PeriodTest::beginningNowCutsThePeriodInTwo()
{
    BillingRule rule = ruleOf(u"UTC"_s, u"1"_s);
    QVERIFY(beginPeriod(rule, at(u"2026-06-10T09:00:00Z"_s)));
    const BillingPeriod now = periodAt(rule, at(u"2026-06-10T09:00:00Z"_s));
    QCOMPARE(iso(now), u"2026-06-10T09:00:00Z to 2026-07-01T00:00:00Z"_s);
    QVERIFY(now.begunByHand);
    const BillingPeriod before = periodAt(rule, now.startS - 1);
    QCOMPARE(iso(before), u"2026-06-01T00:00:00Z to 2026-06-10T09:00:00Z"_s);
    QVERIFY(!before.begunByHand);
}

void PeriodTest::beginningTwiceCutsTwice()
{
    BillingRule rule = ruleOf(u"UTC"_s, u"1"_s);
    QVERIFY(beginPeriod(rule, at(u"2026-06-10T09:00:00Z"_s)));
    QVERIFY(beginPeriod(rule, at(u"2026-06-20T09:00:00Z"_s)));
    QCOMPARE(iso(periodAt(rule, at(u"2026-06-05T00:00:00Z"_s))),
             u"2026-06-01T00:00:00Z to 2026-06-10T09:00:00Z"_s);
    QCOMPARE(iso(periodAt(rule, at(u"2026-06-15T00:00:00Z"_s))),
             u"2026-06-10T09:00:00Z to 2026-06-20T09:00:00Z"_s);
    QCOMPARE(iso(periodAt(rule, at(u"2026-06-25T00:00:00Z"_s))),
             u"2026-06-20T09:00:00Z to 2026-07-01T00:00:00Z"_s);
}

void PeriodTest::theRegularResetFollowsABeginByHand()
{
    BillingRule rule = ruleOf(u"UTC"_s, u"1"_s);
    QVERIFY(beginPeriod(rule, at(u"2026-06-10T09:00:00Z"_s)));
    const BillingPeriod july = periodAt(rule, at(u"2026-07-01T00:00:00Z"_s));
    QCOMPARE(iso(july), u"2026-07-01T00:00:00Z to 2026-08-01T00:00:00Z"_s);
    QVERIFY(!july.begunByHand);
}

void PeriodTest::undoingABeginJoinsThePeriodAgain()
{
    BillingRule rule = ruleOf(u"UTC"_s, u"1"_s);
    QVERIFY(beginPeriod(rule, at(u"2026-05-10T09:00:00Z"_s)));
    QVERIFY(beginPeriod(rule, at(u"2026-06-10T09:00:00Z"_s)));
    QVERIFY(undoBeginPeriod(rule, at(u"2026-06-12T00:00:00Z"_s)));
    QCOMPARE(iso(periodAt(rule, at(u"2026-06-12T00:00:00Z"_s))),
             u"2026-06-01T00:00:00Z to 2026-07-01T00:00:00Z"_s);
    QCOMPARE(rule.begunS, std::vector{at(u"2026-05-10T09:00:00Z"_s)});
}

void PeriodTest::aPeriodThatBeganRegularlyCannotBeUndone()
{
    BillingRule rule = ruleOf(u"UTC"_s, u"1"_s);
    QVERIFY(beginPeriod(rule, at(u"2026-05-10T09:00:00Z"_s)));
    const auto undone = undoBeginPeriod(rule, at(u"2026-06-12T00:00:00Z"_s));
    QVERIFY(!undone && undone.error().kind == ErrorKind::NotFound);
    QCOMPARE(rule.begunS.size(), size_t(1));
}

void PeriodTest::beginningAtABeginOrBeforeOneIsAConflict()
{
    BillingRule rule = ruleOf(u"UTC"_s, u"1"_s);
    const auto atRegular = beginPeriod(rule, at(u"2026-06-01T00:00:00Z"_s));
    QVERIFY(!atRegular && atRegular.error().kind == ErrorKind::Conflict);
    QVERIFY(beginPeriod(rule, at(u"2026-06-10T09:00:00Z"_s)));
    for (const QString &instant : {u"2026-06-10T09:00:00Z"_s, u"2026-06-10T08:59:59Z"_s}) {
        const auto again = beginPeriod(rule, at(instant));
        QVERIFY(!again && again.error().kind == ErrorKind::Conflict);
    }
    QCOMPARE(rule.begunS.size(), size_t(1));
}

void PeriodTest::atMostAThousandBeginsAreKept()
{
    BillingRule rule = ruleOf(u"UTC"_s, u"1"_s);
    const qint64 first = at(u"2026-06-01T00:00:00Z"_s);
    for (int second = 1; second <= 1000; ++second)
        QVERIFY(beginPeriod(rule, first + second));
    QVERIFY(checkRule(rule));
    const auto oneMore = beginPeriod(rule, first + 1001);
    QVERIFY(!oneMore && oneMore.error().kind == ErrorKind::LimitReached);
}

void PeriodTest::modesAndScopesCountWhatTheyName()
{
    using enum BillingMode;
    QCOMPARE(billedBy(In, BillingScope::All, 1000), quint64(107));
    QCOMPARE(billedBy(Out, BillingScope::All, 1000), quint64(43));
    QCOMPARE(billedBy(Sum, BillingScope::All, 1000), quint64(150));
    QCOMPARE(billedBy(Max, BillingScope::All, 1000), quint64(107));
    QCOMPARE(billedBy(In, BillingScope::Internet, 1000), quint64(100));
    QCOMPARE(billedBy(Out, BillingScope::Internet, 1000), quint64(40));
    QCOMPARE(billedBy(Sum, BillingScope::Internet, 1000), quint64(140));
    QCOMPARE(billedBy(Max, BillingScope::Internet, 1000), quint64(100));
    BillingRule max;
    max.mode = Max;
    QCOMPARE(billedBytes(traffic(1, 40, 7, 3), max), quint64(43));
}

void PeriodTest::theFactorIsExact()
{
    using enum BillingMode;
    QCOMPARE(billedBy(Sum, BillingScope::All, 1500), quint64(225));
    QCOMPARE(billedBy(Sum, BillingScope::All, 10), quint64(1)); // 1.5, rounded down
    QCOMPARE(billedBy(Sum, BillingScope::All, 100'000), quint64(15'000));
    BillingRule rule;
    rule.factorThousandths = 1001;
    // no double holds this product
    QCOMPARE(billedBytes(traffic(9'007'199'254'740'993'000, 0, 0, 0), rule),
             quint64(9'016'206'453'995'733'993));
}

void PeriodTest::billedBytesEndAtTheLargestNumber()
{
    BillingRule rule;
    QCOMPARE(billedBytes(traffic(kMost, kMost, kMost, kMost), rule), kMost);
    QCOMPARE(billedBytes(traffic(kMost - 1, 0, 1, 0), rule), kMost);
    rule.factorThousandths = 1001;
    QCOMPARE(billedBytes(traffic(kMost, 0, 0, 0), rule), kMost);
    rule.factorThousandths = 10;
    QCOMPARE(billedBytes(traffic(kMost, 0, 0, 0), rule), quint64(184'467'440'737'095'516));
}

void PeriodTest::whatIsInNoScopeCountsInScopeAll()
{
    BillingRule rule;
    const Traffic rest{1000, 500, 0, 0};
    QCOMPARE(billedBytes(traffic(100, 40, 7, 3), rule, rest), quint64(1650));
    rule.scope = BillingScope::Internet;
    QCOMPARE(billedBytes(traffic(100, 40, 7, 3), rule, rest), quint64(140));
}

void PeriodTest::aCalibrationMakesUsedWhatTheProviderSaid()
{
    const BillingPeriod june{at(u"2026-06-01T00:00:00Z"_s), at(u"2026-07-01T00:00:00Z"_s)};
    const auto more = calibrate(412 * kGB, 300 * kGB, at(u"2026-06-15T00:00:00Z"_s));
    QCOMPARE(more.value().correctionBytes, qint64(112 * kGB));
    QCOMPARE(usedBytes(300 * kGB, june, *more), 412 * kGB);
    QCOMPARE(usedBytes(310 * kGB, june, *more), 422 * kGB);
    const auto less = calibrate(412 * kGB, 500 * kGB, at(u"2026-06-15T00:00:00Z"_s));
    QCOMPARE(less.value().correctionBytes, -qint64(88 * kGB));
    QCOMPARE(usedBytes(510 * kGB, june, *less), 422 * kGB);
    QCOMPARE(usedBytes(510 * kGB, june, {}), 510 * kGB);
}

void PeriodTest::aCalibrationHoldsForItsPeriodOnly()
{
    const BillingRule rule = ruleOf(u"Asia/Shanghai"_s, u"1"_s);
    const qint64 now = at(u"2026-06-30T15:59:59Z"_s); // the last second of June there
    const auto calibration = calibrate(412 * kGB, 300 * kGB, now);
    QCOMPARE(usedBytes(300 * kGB, periodAt(rule, now), *calibration), 412 * kGB);
    QCOMPARE(usedBytes(kGB, periodAt(rule, now + 1), *calibration), kGB);
    QCOMPARE(usedBytes(290 * kGB, periodAt(rule, at(u"2026-05-20T00:00:00Z"_s)), *calibration), 290 * kGB);
}

void PeriodTest::aCalibrationOfACutPeriodComesBackWithUndo()
{
    BillingRule rule = ruleOf(u"UTC"_s, u"1"_s);
    const auto calibration = calibrate(412 * kGB, 300 * kGB, at(u"2026-06-09T00:00:00Z"_s));
    const qint64 now = at(u"2026-06-10T09:00:00Z"_s);
    QVERIFY(beginPeriod(rule, now));
    QCOMPARE(usedBytes(0, periodAt(rule, now), *calibration), quint64(0));
    QVERIFY(undoBeginPeriod(rule, now));
    QCOMPARE(usedBytes(300 * kGB, periodAt(rule, now), *calibration), 412 * kGB);
}

void PeriodTest::usedIsNeverBelowNothing()
{
    const BillingPeriod june{at(u"2026-06-01T00:00:00Z"_s), at(u"2026-07-01T00:00:00Z"_s)};
    const qint64 then = june.startS;
    // history of the period was deleted after the calibration
    QCOMPARE(usedBytes(10, june, Calibration{then, -11}), quint64(0));
    QCOMPARE(usedBytes(10, june, Calibration{then, std::numeric_limits<qint64>::min()}), quint64(0));
    QCOMPARE(usedBytes(kMost, june, Calibration{then, 1}), kMost);
    QCOMPARE(calibrate(0, kMost, then).value().correctionBytes, -std::numeric_limits<qint64>::max());
}

void PeriodTest::calibrationsPastAMillionTerabytesAreRefused()
{
    QVERIFY(calibrate(kMaxCalibrationBytes, 0, 0));
    const auto refused = calibrate(kMaxCalibrationBytes + 1, 0, 0);
    QVERIFY(!refused && refused.error().kind == ErrorKind::InvalidArgument);
    QCOMPARE(refused.error().message, u"used_bytes: 1000000000000000001 is more than 1000000000000000000"_s);
}

void PeriodTest::halfOfAPeriodProjectsTwiceItsBytes()
{
    const BillingPeriod june{at(u"2026-06-01T00:00:00Z"_s), at(u"2026-07-01T00:00:00Z"_s)};
    QCOMPARE(project(june, june.startS, at(u"2026-06-16T00:00:00Z"_s), 150 * kGB),
             std::optional(Projection{10 * kGB, 300 * kGB}));
}

void PeriodTest::countingThatBeganLateProjectsFromThere()
{
    const BillingPeriod june{at(u"2026-06-01T00:00:00Z"_s), at(u"2026-07-01T00:00:00Z"_s)};
    // two days at 10 GB, 20 days to go
    QCOMPARE(project(june, at(u"2026-06-09T00:00:00Z"_s), at(u"2026-06-11T00:00:00Z"_s), 20 * kGB),
             std::optional(Projection{10 * kGB, 220 * kGB}));
}

void PeriodTest::lessThanAnHourProjectsNothing()
{
    const BillingPeriod june{at(u"2026-06-01T00:00:00Z"_s), at(u"2026-07-01T00:00:00Z"_s)};
    QCOMPARE(project(june, june.startS, june.startS + 3599, kGB), std::nullopt);
    QVERIFY(project(june, june.startS, june.startS + 3600, kGB));
    QCOMPARE(project(june, june.startS, june.startS - 100, 0), std::nullopt);
    QCOMPARE(project(june, june.endS - 60, june.endS + 86400, kGB), std::nullopt);
}

void PeriodTest::anEndedPeriodEndsWithWhatWasUsed()
{
    const BillingPeriod june{at(u"2026-06-01T00:00:00Z"_s), at(u"2026-07-01T00:00:00Z"_s)};
    QCOMPARE(project(june, june.startS, at(u"2026-09-01T00:00:00Z"_s), 300 * kGB),
             std::optional(Projection{10 * kGB, 300 * kGB}));
}

void PeriodTest::projectionsEndAtTheLargestNumber()
{
    const BillingPeriod june{at(u"2026-06-01T00:00:00Z"_s), at(u"2026-07-01T00:00:00Z"_s)};
    QCOMPARE(project(june, june.startS, june.startS + 3600, kMost), std::optional(Projection{kMost, kMost}));
}

void PeriodTest::textReadsBack()
{
    for (const char *day : {"1", "15", "31", "last"})
        QCOMPARE(resetDayText(parseResetDay(QString::fromLatin1(day)).value()), QString::fromLatin1(day));
    for (const char *mode : {"in", "out", "sum", "max"})
        QCOMPARE(toString(parseBillingMode(QString::fromLatin1(mode)).value()), QString::fromLatin1(mode));
    for (const char *scope : {"all", "internet"})
        QCOMPARE(toString(parseBillingScope(QString::fromLatin1(scope)).value()), QString::fromLatin1(scope));
}

void PeriodTest::factorsAreReadExactly_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("thousandths");
    QTest::addColumn<QString>("shortest");
    QTest::newRow("least") << u"0.01"_s << 10 << u"0.01"_s;
    QTest::newRow("most") << u"100"_s << 100'000 << u"100"_s;
    QTest::newRow("one") << u"1"_s << 1000 << u"1"_s;
    QTest::newRow("one and a half") << u"1.5"_s << 1500 << u"1.5"_s;
    QTest::newRow("three decimals") << u"1.005"_s << 1005 << u"1.005"_s;
    QTest::newRow("zeros behind") << u"2.500"_s << 2500 << u"2.5"_s;
    QTest::newRow("zeros before") << u"002.05"_s << 2050 << u"2.05"_s;
}

void PeriodTest::factorsAreReadExactly()
{
    QFETCH(QString, text);
    QFETCH(int, thousandths);
    QCOMPARE(parseFactor(text).value(), thousandths);
    QTEST(factorText(thousandths), "shortest");
}

void PeriodTest::whatIsOutOfRangeIsNamed()
{
    for (const char *day : {"0", "32", "-1", "", "Last", "1.5", "011", "１"})
        QCOMPARE(parseResetDay(QString::fromUtf8(day)).error().message, u"reset_day: give 1 to 31 or last"_s);
    for (const char *factor : {"", ".", "1.", ".5", "1.0005", "-1", "+1", "1e2", "1,5", "1000", "nan", "１"})
        QCOMPARE(parseFactor(QString::fromUtf8(factor)).error().message,
                 u"factor: give 0.01 to 100 with at most three decimals"_s);
    QCOMPARE(parseFactor(u"0.009").error().message, u"factor: 0.009 is outside 0.01 to 100"_s);
    QCOMPARE(parseFactor(u"0").error().message, u"factor: 0 is outside 0.01 to 100"_s);
    QCOMPARE(parseFactor(u"100.001").error().message, u"factor: 100.001 is outside 0.01 to 100"_s);
    QCOMPARE(parseBillingMode(u"both").error().message, u"billing: give in, out, sum or max"_s);
    QCOMPARE(parseBillingScope(u"local").error().message, u"scope: give all or internet"_s);

    BillingRule rule;
    QCOMPARE(refusal(checkRule(rule)), u"accepted"_s);
    for (const int day : {0, 32, -2, std::numeric_limits<int>::min()}) {
        rule.resetDay = day;
        QCOMPARE(refusal(checkRule(rule)), u"reset_day: %1 is none of 1 to 31 or last"_s.arg(day));
    }
    rule.resetDay = kLastDayOfMonth;
    rule.factorThousandths = 9;
    QCOMPARE(refusal(checkRule(rule)), u"factor: 0.009 is outside 0.01 to 100"_s);
    rule.factorThousandths = 1000;
    rule.begunS = {kFirstInstantS - 1};
    QVERIFY(refusal(checkRule(rule)).startsWith(u"begun: 946684799 is outside"));
    rule.begunS = {kFirstInstantS, kFirstInstantS};
    QVERIFY(refusal(checkRule(rule)).startsWith(u"begun: 946684800 does not come after 946684800"));
    const auto outside = beginPeriod(rule, kLastInstantS + 1);
    QVERIFY(!outside && outside.error().kind == ErrorKind::InvalidArgument);
}

} // namespace weir

QTEST_APPLESS_MAIN(weir::PeriodTest)
#include "period_test.moc"
