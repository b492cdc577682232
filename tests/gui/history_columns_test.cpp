// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_columns.h"
#include "app/gui/rate_scale.h"
#include "tests/gui/rows.h"

#include <QTest>

using namespace weir;
using namespace weir::gui;
using test::historyRow;

namespace {

const QTimeZone kBerlin("Europe/Berlin");

qint64 utc(const char *text)
{
    return QDateTime::fromString(QLatin1String(text), Qt::ISODate).toSecsSinceEpoch();
}

QString labels(const QList<TimeTick> &ticks)
{
    QStringList texts;
    for (const TimeTick &tick : ticks)
        texts.append(tick.text);
    return texts.join(QStringLiteral(", "));
}

} // namespace

/// From rows to what is drawn: sums, parts, labels.
class HistoryColumnsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }
    void rowsAddUp();
    void anUnfinishedStepCountsUpToNow();
    void aGapOfTheHelperMarksTheSum();
    void partsAreThoseOfTheScope();
    void columnsNeverOutnumberTheirRoom();
    void hoursAreLabelledAtWholeHours();
    void aWeekOfHoursIsLabelledByDays();
    void everyDayHasALabelWhereThereIsRoom();
    void monthsAreLabelledWithTheirYear();
    void theTwoHoursOfAnAutumnNightAreToldApart();
    void stepsAreCalledAsPeopleCallThem();
    void bytesHaveAScaleOfTheirOwn();
};

void HistoryColumnsTest::rowsAddUp()
{
    const dbus::HistoryRows rows{historyRow(0, 60, 100, 10), historyRow(60, 120, 200, 20),
                                 historyRow(120, 180, 400, 40)};
    const HistorySum sum = sumOf(rows, 1, 2, 1000);
    QCOMPARE(sum.start, 60);
    QCOMPARE(sum.end, 180);
    QCOMPARE(sum.steps, 2);
    QCOMPARE(sum.total.rxBytes, 600);
    QCOMPARE(sum.total.txBytes, 60);
    QCOMPARE(sum.bytesPerSecond(sum.total.rxBytes), 5.0); // 600 bytes in 120 seconds
    QCOMPARE(sumOf(rows, 2, 10, 1000).steps, 1);
    QCOMPARE(sumOf({}, 0, 10, 1000).bytesPerSecond(1), 0.0);
}

void HistoryColumnsTest::anUnfinishedStepCountsUpToNow()
{
    const HistorySum sum = sumOf({historyRow(0, 3600, 1000, 0)}, 0, 1, 100);
    QCOMPARE(sum.end, 100);
    QCOMPARE(sum.bytesPerSecond(1000), 10.0);
}

void HistoryColumnsTest::aGapOfTheHelperMarksTheSum()
{
    dbus::HistoryRows rows{historyRow(0, 60, 1, 1), historyRow(60, 120, 1, 1)};
    QVERIFY(!sumOf(rows, 0, 2, 1000).away);
    rows[1].away = true;
    QVERIFY(sumOf(rows, 0, 2, 1000).away);
    QVERIFY(!sumOf(rows, 0, 1, 1000).away);
}

void HistoryColumnsTest::partsAreThoseOfTheScope()
{
    dbus::HistoryRow row = historyRow(0, 60, 1000, 100);
    row.internet = {700, 70, 0, 0};
    row.local = {200, 20, 0, 0};
    row.rest = {100, 10, 0, 0};
    const HistorySum sum = sumOf({row}, 0, 1, 1000);
    QCOMPARE(partsOf(sum, Scope::All, Division::Direction), (QList<quint64>{1000, 100}));
    QCOMPARE(partsOf(sum, Scope::Internet, Division::Direction), (QList<quint64>{700, 70}));
    QCOMPARE(partsOf(sum, Scope::All, Division::Scope), (QList<quint64>{770, 220, 110}));
    QCOMPARE(partsOf(sum, Scope::Local, Division::Scope), (QList<quint64>{0, 220, 0}));
}

void HistoryColumnsTest::columnsNeverOutnumberTheirRoom()
{
    QCOMPARE(stepsPerColumn(96, 400), 1);
    QCOMPARE(stepsPerColumn(400, 400), 1);
    QCOMPARE(stepsPerColumn(401, 400), 2);
    QCOMPARE(stepsPerColumn(5000, 400), 13); // 385 columns
    QCOMPARE(stepsPerColumn(10, 0), 10);
    QCOMPARE(stepsPerColumn(0, 400), 1);
}

void HistoryColumnsTest::hoursAreLabelledAtWholeHours()
{
    QList<qint64> starts;
    for (int i = 0; i < 24; ++i)
        starts.append(utc("2026-11-22T23:00:00Z") + i * 3600);
    QCOMPARE(labels(timeTicks(starts, Step::Hour, kBerlin, 8)),
             QStringLiteral("23 Nov, 03:00, 06:00, 09:00, 12:00, 15:00, 18:00, 21:00"));
    QCOMPARE(timeTicks(starts, Step::Hour, kBerlin, 8).at(1).row, 3);
}

void HistoryColumnsTest::aWeekOfHoursIsLabelledByDays()
{
    QList<qint64> starts;
    for (int i = 0; i < 7 * 24; ++i)
        starts.append(utc("2026-11-16T23:00:00Z") + i * 3600);
    QCOMPARE(labels(timeTicks(starts, Step::Hour, kBerlin, 8)),
             QStringLiteral("17 Nov, 18 Nov, 19 Nov, 20 Nov, 21 Nov, 22 Nov, 23 Nov"));
}

void HistoryColumnsTest::everyDayHasALabelWhereThereIsRoom()
{
    QList<qint64> starts;
    for (int day = 0; day < 31; ++day)
        starts.append(QDate(2026, 10, 1).addDays(day).startOfDay(kBerlin).toSecsSinceEpoch());
    QCOMPARE(timeTicks(starts, Step::Day, kBerlin, 40).size(), 31);
    QCOMPARE(labels(timeTicks(starts, Step::Day, kBerlin, 8)),
             QStringLiteral("1 Oct, 6 Oct, 11 Oct, 16 Oct, 21 Oct, 26 Oct"));
}

void HistoryColumnsTest::monthsAreLabelledWithTheirYear()
{
    QList<qint64> starts;
    for (int month = 0; month < 12; ++month)
        starts.append(QDate(2025, 12, 1).addMonths(month).startOfDay(kBerlin).toSecsSinceEpoch());
    QCOMPARE(labels(timeTicks(starts, Step::Month, kBerlin, 6)),
             QStringLiteral("Jan 2026, Mar 2026, May 2026, Jul 2026, Sep 2026, Nov 2026"));
}

void HistoryColumnsTest::theTwoHoursOfAnAutumnNightAreToldApart()
{
    const qint64 first = utc("2026-10-25T00:00:00Z"); // 02:00 in summer time, and an hour later once more
    const QString summer = spanText(first, first + 3600, kBerlin);
    const QString winter = spanText(first + 3600, first + 7200, kBerlin);
    QVERIFY2(summer.startsWith(QStringLiteral("25 Oct 2026 02:00")), qPrintable(summer));
    QVERIFY2(winter.startsWith(QStringLiteral("25 Oct 2026 02:00")), qPrintable(winter));
    QVERIFY(summer != winter);
}

void HistoryColumnsTest::stepsAreCalledAsPeopleCallThem()
{
    QCOMPARE(spanText(utc("2026-11-23T13:00:00Z"), utc("2026-11-23T14:00:00Z"), kBerlin),
             QStringLiteral("23 Nov 2026 14:00 – 15:00"));
    QCOMPARE(spanText(utc("2026-11-23T22:00:00Z"), utc("2026-11-23T23:00:00Z"), kBerlin),
             QStringLiteral("23 Nov 2026 23:00 – 24:00"));
    QCOMPARE(spanText(utc("2026-11-22T23:00:00Z"), utc("2026-11-23T23:00:00Z"), kBerlin),
             QStringLiteral("Mon 23 Nov 2026"));
    QCOMPARE(spanText(utc("2026-10-31T23:00:00Z"), utc("2026-11-30T23:00:00Z"), kBerlin),
             QStringLiteral("November 2026"));
    QCOMPARE(spanText(utc("2025-12-31T23:00:00Z"), utc("2026-12-31T23:00:00Z"), kBerlin),
             QStringLiteral("2026"));
}

void HistoryColumnsTest::bytesHaveAScaleOfTheirOwn()
{
    QCOMPARE(byteScaleFor(0), (RateScale{500, 1000}));
    QCOMPARE(byteScaleFor(1'500'000), (RateScale{500'000, 1'500'000}));
    QCOMPARE(byteLabel(1'500'000), QStringLiteral("1.5 MB"));
    QCOMPARE(byteLabel(0), QStringLiteral("0"));
}

QTEST_GUILESS_MAIN(HistoryColumnsTest)
#include "history_columns_test.moc"
