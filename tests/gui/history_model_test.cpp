// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_legend.h"
#include "app/gui/history_model.h"
#include "app/gui/remotes_list.h"
#include "app/gui/series_model.h"
#include "app/gui/series_picker.h"
#include "tests/gui/rows.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace weir;
using namespace weir::gui;
using test::historyRow;
using test::seriesRow;

namespace {

constexpr qint64 kBegin = 1'700'000'000 / 3600 * 3600;

/// Hours with 100, 300, 200, … bytes down and a tenth of it up.
dbus::HistoryRows hours(int count)
{
    dbus::HistoryRows rows;
    for (int i = 0; i < count; ++i)
        rows.append(historyRow(kBegin + i * 3600, kBegin + (i + 1) * 3600, qulonglong(i * 7919 % 1000) * 100,
                               qulonglong(i)));
    return rows;
}

QList<qlonglong> column(const QAbstractItemModel &model, int column)
{
    QList<qlonglong> values;
    for (int row = 0; row < model.rowCount(); ++row)
        values.append(model.index(row, column).data(kRawRole).toLongLong());
    return values;
}

} // namespace

/// The tables and lists of the History page.
class HistoryModelTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }
    void theTableHoldsTheRowsGiven();
    void columnsSortByTheBareValue();
    void aSelectionLeavesItsStepsOnly();
    void theSumOfTheTableIsTheSumOfItsRows();
    void theScopeDecidesDownUpAndTotal();
    void aFiveThousandRowTableKeepsTheModelsRules();
    void stepsInWhichTheHelperWasAwayAreMarked();
    void copiedRowsHaveBareFigures();

    void seriesStandInGroupsAndRemovedOnesApart();
    void groupTitlesCannotBeChosen();
    void seriesAreFoundByName();
    void theChoiceStaysWhenTheListIsReadAgain();
    void theSearchLineComesWithManySeries();

    void othersAreTheLastOfTheRemotes();
    void sharesAreOfAllRemotes();
};

void HistoryModelTest::theTableHoldsTheRowsGiven()
{
    HistoryModel model;
    QAbstractItemModelTester tester(&model);
    const dbus::HistoryRows rows = hours(24);
    model.setRows(rows, Step::Hour, QTimeZone::utc());
    QCOMPARE(model.rowCount(), 24);
    QCOMPARE(model.shownRows(), rows);
    for (int i = 0; i < 24; ++i) {
        QCOMPARE(model.index(i, HistoryModel::Down).data(kRawRole).toULongLong(), rows.at(i).total.rxBytes);
        QCOMPARE(model.index(i, HistoryModel::Up).data(kRawRole).toULongLong(), rows.at(i).total.txBytes);
    }
}

void HistoryModelTest::columnsSortByTheBareValue()
{
    HistoryModel model;
    QAbstractItemModelTester tester(&model);
    model.setRows(
        {historyRow(0, 60, 900, 0), historyRow(60, 120, 10'000, 0), historyRow(120, 180, 2'000'000, 0)},
        Step::Minute, QTimeZone::utc());
    model.sort(HistoryModel::Down, Qt::DescendingOrder);
    QCOMPARE(column(model, HistoryModel::Down),
             (QList<qlonglong>{2'000'000, 10'000, 900})); // as text "900 B" would be the largest
    model.sort(HistoryModel::Start, Qt::AscendingOrder);
    QCOMPARE(column(model, HistoryModel::Start), (QList<qlonglong>{0, 60, 120}));
}

void HistoryModelTest::aSelectionLeavesItsStepsOnly()
{
    HistoryModel model;
    QAbstractItemModelTester tester(&model);
    model.setRows(hours(24), Step::Hour, QTimeZone::utc());
    model.setSelection(Interval{kBegin + 3 * 3600, kBegin + 6 * 3600});
    QCOMPARE(column(model, HistoryModel::Start),
             (QList<qlonglong>{kBegin + 3 * 3600, kBegin + 4 * 3600, kBegin + 5 * 3600}));
    model.setRows(hours(24), Step::Hour, QTimeZone::utc()); // read again
    QCOMPARE(model.rowCount(), 3);
    model.setSelection(std::nullopt);
    QCOMPARE(model.rowCount(), 24);
}

void HistoryModelTest::theSumOfTheTableIsTheSumOfItsRows()
{
    HistoryModel model;
    const dbus::HistoryRows rows = hours(100);
    model.setRows(rows, Step::Hour, QTimeZone::utc());
    model.setSelection(Interval{rows.at(10).start, rows.at(19).end});
    model.sort(HistoryModel::Total, Qt::DescendingOrder);
    qulonglong given = 0;
    for (int i = 10; i < 20; ++i)
        given += rows.at(i).total.rxBytes;
    qlonglong shown = 0;
    for (const qlonglong value : column(model, HistoryModel::Down))
        shown += value;
    QCOMPARE(qulonglong(shown), given);
    QCOMPARE(sumOf(model.shownRows(), 0, model.rowCount(), rows.last().end).total.rxBytes, given);
}

void HistoryModelTest::theScopeDecidesDownUpAndTotal()
{
    HistoryModel model;
    dbus::HistoryRow row = historyRow(0, 60, 1000, 100);
    row.internet = {700, 70, 0, 0};
    row.local = {300, 30, 0, 0};
    model.setRows({row}, Step::Minute, QTimeZone::utc());
    model.setScope(Scope::Local);
    QCOMPARE(column(model, HistoryModel::Down), QList<qlonglong>{300});
    QCOMPARE(column(model, HistoryModel::Total), QList<qlonglong>{330});
    QCOMPARE(column(model, HistoryModel::Internet), QList<qlonglong>{770});
}

void HistoryModelTest::aFiveThousandRowTableKeepsTheModelsRules()
{
    HistoryModel model;
    QAbstractItemModelTester tester(&model);
    model.setRows(hours(5000), Step::Hour, QTimeZone::utc());
    model.sort(HistoryModel::Down, Qt::DescendingOrder);
    model.setRows(hours(4000), Step::Hour, QTimeZone::utc());
    QCOMPARE(model.rowCount(), 4000);
    model.setRows({}, Step::Hour, QTimeZone::utc());
    QCOMPARE(model.rowCount(), 0);
}

void HistoryModelTest::stepsInWhichTheHelperWasAwayAreMarked()
{
    HistoryModel model;
    dbus::HistoryRow row = historyRow(0, 60, 1000, 100);
    row.away = true;
    model.setRows({row, historyRow(60, 120, 1, 1)}, Step::Minute, QTimeZone::utc());
    QVERIFY(model.index(0, 0).data(Qt::DecorationRole).isValid());
    QVERIFY(model.index(0, 0).data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("away")));
    QVERIFY(!model.index(1, 0).data(Qt::DecorationRole).isValid());
}

void HistoryModelTest::copiedRowsHaveBareFigures()
{
    HistoryModel model;
    model.setRows({historyRow(0, 60, 1'234'567, 89)}, Step::Minute, QTimeZone::utc());
    const QStringList lines = model.text({0}).split(QLatin1Char('\n'));
    QCOMPARE(lines.at(0), QStringLiteral("Time\tDown\tUp\tTotal\tInternet\tLocal\tRest"));
    QCOMPARE(lines.at(1), QStringLiteral("1970-01-01T00:00:00+00:00\t1234567\t89\t1234656\t1234656\t0\t0"));
}

void HistoryModelTest::seriesStandInGroupsAndRemovedOnesApart()
{
    SeriesModel model;
    QAbstractItemModelTester tester(&model);
    model.setSeries({seriesRow(QStringLiteral("link"), QStringLiteral("eth0")),
                     seriesRow(QStringLiteral("service"), QStringLiteral("nginx.service")),
                     seriesRow(QStringLiteral("watch"), QStringLiteral("old"), 0, 1'700'000'000),
                     seriesRow(QStringLiteral("watch"), QStringLiteral("web"))});
    QStringList lines;
    for (int row = 0; row < model.rowCount(); ++row)
        lines.append(model.index(row).data().toString().section(QLatin1Char('('), 0, 0).trimmed());
    QCOMPARE(lines.join(QStringLiteral(", ")),
             QStringLiteral("Links, eth0, Watches, web, Services, nginx.service, Removed watches, old"));
}

void HistoryModelTest::groupTitlesCannotBeChosen()
{
    SeriesModel model;
    model.setSeries({seriesRow(QStringLiteral("link"), QStringLiteral("eth0")),
                     seriesRow(QStringLiteral("watch"), QStringLiteral("web"))});
    QVERIFY(!(model.flags(model.index(0)) & Qt::ItemIsSelectable));
    QCOMPARE(model.choosable(0), 1);
    QCOMPARE(model.choosable(2, -1), 1);
    QCOMPARE(model.choosable(4), -1);
}

void HistoryModelTest::seriesAreFoundByName()
{
    SeriesModel model;
    QAbstractItemModelTester tester(&model);
    model.setSeries({seriesRow(QStringLiteral("link"), QStringLiteral("eth0")),
                     seriesRow(QStringLiteral("watch"), QStringLiteral("Web")),
                     seriesRow(QStringLiteral("watch"), QStringLiteral("mail"))});
    model.setFilter(QStringLiteral("we"));
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.rowOf(QStringLiteral("watch:Web")), 1);
    QCOMPARE(model.rowOf(QStringLiteral("link:eth0")), -1);
    QVERIFY(model.find(QStringLiteral("link:eth0")));
    model.setFilter({});
    QCOMPARE(model.rowCount(), 5);
}

void HistoryModelTest::theChoiceStaysWhenTheListIsReadAgain()
{
    SeriesPicker picker;
    picker.setSeries({seriesRow(QStringLiteral("link"), QStringLiteral("eth0")),
                      seriesRow(QStringLiteral("watch"), QStringLiteral("web"))});
    picker.setCurrent(QStringLiteral("watch:web"));
    picker.setSeries({seriesRow(QStringLiteral("link"), QStringLiteral("eth0")),
                      seriesRow(QStringLiteral("watch"), QStringLiteral("a")),
                      seriesRow(QStringLiteral("watch"), QStringLiteral("web"))});
    QCOMPARE(picker.current()->series, QStringLiteral("watch:web"));
    picker.setCurrent(QStringLiteral("watch:nowhere"));
    QCOMPARE(picker.current()->series, QStringLiteral("watch:web"));
    picker.setSeries({seriesRow(QStringLiteral("link"), QStringLiteral("eth0"))});
    QVERIFY(!picker.current());
}

void HistoryModelTest::theSearchLineComesWithManySeries()
{
    SeriesPicker picker;
    picker.show();
    dbus::SeriesRows series{seriesRow(QStringLiteral("link"), QStringLiteral("eth0"))};
    picker.setSeries(series);
    picker.setCurrent(QStringLiteral("link:eth0"));
    picker.openList();
    const auto *search = picker.findChild<QWidget *>(QStringLiteral("search"));
    QVERIFY(search && !search->isVisible());
    for (int i = 0; i < SeriesPicker::kSearchFrom; ++i)
        series.append(seriesRow(QStringLiteral("watch"), QStringLiteral("w%1").arg(i)));
    picker.setSeries(series);
    picker.openList();
    QVERIFY(search->isVisible());
}

void HistoryModelTest::othersAreTheLastOfTheRemotes()
{
    RemotesModel model;
    QAbstractItemModelTester tester(&model);
    model.setRemotes(
        {{QStringLiteral("203.0.113.5"), 700, 50}, {QStringLiteral("2001:db8::1"), 100, 50}, {{}, 90, 10}});
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.index(0, RemotesModel::Address).data().toString(), QStringLiteral("203.0.113.5"));
    QCOMPARE(model.index(2, RemotesModel::Address).data().toString(), QStringLiteral("All others"));
    model.setRemotes({{{}, 5, 5}});
    QCOMPARE(model.rowCount(), 1);
}

void HistoryModelTest::sharesAreOfAllRemotes()
{
    RemotesModel model;
    model.setRemotes({{QStringLiteral("203.0.113.5"), 700, 50}, {{}, 200, 50}});
    QCOMPARE(model.sum(), 1000);
    QCOMPARE(model.index(0, RemotesModel::Share).data().toString(), QStringLiteral("75 %"));
    QCOMPARE(model.index(1, RemotesModel::Share).data().toString(), QStringLiteral("25 %"));
}

QTEST_MAIN(HistoryModelTest)
#include "history_model_test.moc"
