// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_chart.h"
#include "app/gui/history_legend.h"
#include "tests/gui/rows.h"

#include <QCategoryAxis>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

using namespace weir;
using namespace weir::gui;
using test::historyRow;

namespace {

constexpr qint64 kBegin = 1'700'000'400; // a whole quarter of an hour

dbus::HistoryRows minutes(int count)
{
    dbus::HistoryRows rows;
    for (int i = 0; i < count; ++i)
        rows.append(historyRow(kBegin + i * 60, kBegin + (i + 1) * 60, qulonglong(i + 1) * 1000, 10));
    return rows;
}

qulonglong downOf(const QList<HistorySum> &columns)
{
    qulonglong sum = 0;
    for (const HistorySum &column : columns)
        sum += column.total.rxBytes;
    return sum;
}

} // namespace

/// The chart of the History page: what it draws, and what a hand or the keys select in it.
class HistoryChartTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }
    void init();

    void eachStepIsAColumn();
    void thereAreNeverMoreColumnsThanHalfThePixels();
    void fewerColumnsStillHoldEveryByte();
    void stepsOfTheFutureAreRoomOnly();
    void ratesAreBytesByTheLengthOfTheStep();
    void theAxisFollowsThePeak();
    void aDragSelectsTheStepsUnderIt();
    void aClickClearsTheSelection();
    void escapeClearsTheSelection();
    void shiftAndArrowsSelect();
    void aSelectionStaysWhenTheRangeIsReadAgain();
    void pointingTellsExactFigures();
    void stepsWithoutTheHelperAreMarked();
    void labelsThatComeTwiceAreAllShown();
    void fiveThousandStepsAreDrawnInOnePass();
    void theFooterTellsWhatIsSelected();

private:
    void drag(int from, int to);

    std::unique_ptr<HistoryChart> m_chart;
};

void HistoryChartTest::init()
{
    m_chart = std::make_unique<HistoryChart>();
    m_chart->resize(800, 300);
    m_chart->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_chart.get()));
}

void HistoryChartTest::drag(int from, int to)
{
    QWidget *view = m_chart->viewport();
    QTest::mousePress(view, Qt::LeftButton, {}, m_chart->centreOf(from));
    const QPoint target = m_chart->centreOf(to);
    QMouseEvent move(QEvent::MouseMove, target, view->mapToGlobal(target), Qt::NoButton, Qt::LeftButton, {});
    QCoreApplication::sendEvent(view, &move);
    QTest::mouseRelease(view, Qt::LeftButton, {}, target);
}

void HistoryChartTest::eachStepIsAColumn()
{
    m_chart->setRows(minutes(60), Step::Minute, QTimeZone::utc(), kBegin + 3600);
    QCOMPARE(m_chart->picture().columns.size(), 60);
    QCOMPARE(m_chart->picture().values.at(0).at(59), 60'000.0);
    QCOMPARE(m_chart->picture().values.at(1).at(59), 10.0);
}

void HistoryChartTest::thereAreNeverMoreColumnsThanHalfThePixels()
{
    for (const int width : {300, 800, 1600}) {
        m_chart->resize(width, 300);
        m_chart->setRows(minutes(5000), Step::Minute, QTimeZone::utc(), kBegin + 5000 * 60);
        QVERIFY2(m_chart->picture().columns.size() <= width / 2,
                 qPrintable(QString::number(m_chart->picture().columns.size())));
        QVERIFY(m_chart->picture().columns.size() > width / 8);
    }
}

void HistoryChartTest::fewerColumnsStillHoldEveryByte()
{
    m_chart->setRows(minutes(5000), Step::Minute, QTimeZone::utc(), kBegin + 5000 * 60);
    QVERIFY(m_chart->stepsInColumn() > 1);
    QCOMPARE(downOf(m_chart->picture().columns), 5000ULL * 5001 / 2 * 1000);
    m_chart->resize(400, 300);
    QCOMPARE(downOf(m_chart->picture().columns), 5000ULL * 5001 / 2 * 1000);
}

void HistoryChartTest::stepsOfTheFutureAreRoomOnly()
{
    m_chart->setRows(minutes(60), Step::Minute, QTimeZone::utc(), kBegin + 10 * 60 + 1);
    QCOMPARE(m_chart->picture().columns.size(), 11);
    QCOMPARE(m_chart->picture().places, 60);
}

void HistoryChartTest::ratesAreBytesByTheLengthOfTheStep()
{
    m_chart->setView(View::Rate);
    m_chart->setRows(minutes(2), Step::Minute, QTimeZone::utc(), kBegin + 75);
    QCOMPARE(m_chart->picture().values.at(0).at(0), 1000 * 8 / 60.0);
    QCOMPARE(m_chart->picture().values.at(0).at(1), 2000 * 8 / 15.0); // 15 of its seconds have passed
}

void HistoryChartTest::theAxisFollowsThePeak()
{
    m_chart->setRows({historyRow(kBegin, kBegin + 60, 3'000'000, 500'000)}, Step::Minute, QTimeZone::utc(),
                     kBegin + 60);
    QCOMPARE(m_chart->scale(), (RateScale{1e6, 4e6}));
    m_chart->setView(View::Rate); // 400 kbit/s
    QCOMPARE(m_chart->scale(), (RateScale{100e3, 400e3}));
}

void HistoryChartTest::aDragSelectsTheStepsUnderIt()
{
    m_chart->setRows(minutes(60), Step::Minute, QTimeZone::utc(), kBegin + 3600);
    drag(10, 19);
    QCOMPARE(m_chart->selection(), (Interval{kBegin + 600, kBegin + 1200}));
    QCOMPARE(m_chart->picture().firstSelected, 10);
    QCOMPARE(m_chart->picture().lastSelected, 19);
    drag(30, 25); // backwards
    QCOMPARE(m_chart->selection(), (Interval{kBegin + 1500, kBegin + 1860}));
}

void HistoryChartTest::aClickClearsTheSelection()
{
    m_chart->setRows(minutes(60), Step::Minute, QTimeZone::utc(), kBegin + 3600);
    drag(10, 19);
    QSignalSpy changed(m_chart.get(), &HistoryChart::selectionChanged);
    QTest::mouseClick(m_chart->viewport(), Qt::LeftButton, {}, m_chart->centreOf(40));
    QVERIFY(!m_chart->selection());
    QCOMPARE(changed.size(), 1);
}

void HistoryChartTest::escapeClearsTheSelection()
{
    m_chart->setRows(minutes(60), Step::Minute, QTimeZone::utc(), kBegin + 3600);
    drag(10, 19);
    QTest::keyClick(m_chart.get(), Qt::Key_Escape);
    QVERIFY(!m_chart->selection());
}

void HistoryChartTest::shiftAndArrowsSelect()
{
    m_chart->setRows(minutes(60), Step::Minute, QTimeZone::utc(), kBegin + 3600);
    QTest::keyClick(m_chart.get(), Qt::Key_Home);
    QTest::keyClick(m_chart.get(), Qt::Key_Right);
    QVERIFY(!m_chart->selection());
    QTest::keyClick(m_chart.get(), Qt::Key_Right, Qt::ShiftModifier);
    QTest::keyClick(m_chart.get(), Qt::Key_Right, Qt::ShiftModifier);
    QCOMPARE(m_chart->selection(), (Interval{kBegin + 60, kBegin + 240})); // the second to the fourth minute
    QTest::keyClick(m_chart.get(), Qt::Key_Left, Qt::ShiftModifier);
    QCOMPARE(m_chart->selection(), (Interval{kBegin + 60, kBegin + 180}));
    QVERIFY(m_chart->accessibleDescription().contains(QStringLiteral("3,000 B")));
}

void HistoryChartTest::aSelectionStaysWhenTheRangeIsReadAgain()
{
    m_chart->setRows(minutes(60), Step::Minute, QTimeZone::utc(), kBegin + 3600);
    drag(10, 19);
    dbus::HistoryRows later = minutes(61);
    later.removeFirst(); // an hour that ends a minute later
    m_chart->setRows(later, Step::Minute, QTimeZone::utc(), kBegin + 3660);
    QCOMPARE(m_chart->picture().firstSelected, 9);
    QCOMPARE(m_chart->picture().lastSelected, 18);
}

void HistoryChartTest::pointingTellsExactFigures()
{
    m_chart->setRows({historyRow(kBegin, kBegin + 60, 1'234'567, 89)}, Step::Minute, QTimeZone::utc(),
                     kBegin + 60);
    const QString text = m_chart->columnText(0);
    QVERIFY2(text.contains(QStringLiteral("1,234,567 B")) && text.contains(QStringLiteral("89 B")),
             qPrintable(text));
    QVERIFY2(text.startsWith(QStringLiteral("14 Nov 2023 22:20 – 22:21")), qPrintable(text));
    QVERIFY(m_chart->columnText(1).isEmpty());
}

void HistoryChartTest::stepsWithoutTheHelperAreMarked()
{
    dbus::HistoryRows rows = minutes(60);
    m_chart->setRows(rows, Step::Minute, QTimeZone::utc(), kBegin + 3600);
    QVERIFY(!m_chart->showsAway());
    rows[7].away = true;
    m_chart->setRows(rows, Step::Minute, QTimeZone::utc(), kBegin + 3600);
    QVERIFY(m_chart->showsAway());
    QVERIFY(m_chart->picture().columns.at(7).away);
    QVERIFY(m_chart->columnText(7).contains(QStringLiteral("not running")));
}

void HistoryChartTest::labelsThatComeTwiceAreAllShown()
{
    m_chart->resize(2000, 300);
    dbus::HistoryRows rows;
    for (int i = 0; i < 72; ++i)
        rows.append(
            historyRow(1'700'006'400 + i * 3600, 1'700'010'000 + i * 3600, 1, 1)); // from a midnight on
    m_chart->setRows(rows, Step::Hour, QTimeZone::utc(), 1'800'000'000);
    int noons = 0;
    for (QAbstractAxis *axis : m_chart->chart()->axes(Qt::Horizontal))
        for (const QString &label : qobject_cast<QCategoryAxis *>(axis)->categoriesLabels())
            noons += label.startsWith(QStringLiteral("12:00"));
    QCOMPARE(noons, 3);
}

void HistoryChartTest::fiveThousandStepsAreDrawnInOnePass()
{
    m_chart->setRows(minutes(5000), Step::Minute, QTimeZone::utc(), kBegin + 5000 * 60);
    QElapsedTimer timer;
    timer.start();
    const QPixmap picture = m_chart->grab();
    qInfo("5,000 steps drawn in %lld ms", timer.elapsed()); // a figure, no verdict
    QVERIFY(!picture.isNull());
    QCOMPARE(m_chart->chart()->series().size(), 1); // bars are no series of their own
}

void HistoryChartTest::theFooterTellsWhatIsSelected()
{
    HistoryFooter footer;
    footer.setRows({historyRow(0, 60, 6000, 600), historyRow(60, 120, 1400, 0)}, Scope::All, Step::Minute,
                   QTimeZone::utc(), 1000, true);
    const QString text = footer.text();
    // 8000 bytes in 120 seconds are 533 bit/s; the first minute has 6600 of them
    QVERIFY2(text.startsWith(QStringLiteral("Selected: ↓ 7.40 kB  ↑ 600 B  together 8.00 kB")),
             qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("Average: 533 bit/s")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("Peak: 6.60 kB, 1 Jan 1970 00:00 – 00:01")), qPrintable(text));
}

QTEST_MAIN(HistoryChartTest)
#include "history_chart_test.moc"
