// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/flow_model.h"
#include "app/gui/link_list.h"
#include "app/gui/watch_model.h"
#include "tests/gui/rows.h"

#include <QAbstractItemModelTester>
#include <QItemSelectionModel>
#include <QSignalSpy>
#include <QTest>

using namespace weir;
using namespace weir::gui;
using namespace weir::test;

namespace {

QStringList column(const QAbstractItemModel &model, int column)
{
    QStringList texts;
    for (int row = 0; row < model.rowCount(); ++row)
        texts.append(model.index(row, column).data(kRawRole).toString());
    return texts;
}

QStringList words(const char *text)
{
    return QString::fromUtf8(text).split(QLatin1Char(' '));
}

} // namespace

/// Models that are fed with frames; each runs under QAbstractItemModelTester.
class ModelTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aFirstFrameShowsEveryWatchByName();
    void changedRowsAreAnnouncedWithoutAReset();
    void removedRowsLeaveAndTheRestStays();
    void aRenewedSubscriptionDropsWhatIsNotInItsFirstFrame();
    void cellsHoldTheValuesOfTheFrame();
    void unknownRatesShowADash();
    void theFilterShowsWatchesByNamePortLinkOrNote();
    void aWatchThatIsRenamedKeepsToTheFilter();
    void theBusiestWatchesAreThoseWithTheHighestRateThenTotal();

    void addressesSortAsNumbersAndIPv4First();
    void theSelectedConnectionStaysSelectedWhenTheOrderChanges();
    void manyComeAndGoInOneFrame();
    void endedConnectionsAndStaleFiguresAreDimmed();

    void theTotalRateIsTheSumOfMeteredLinks();
};

void ModelTest::aFirstFrameShowsEveryWatchByName()
{
    WatchModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.applyFrame(true, 1000, {watchRow(words("web").first()), watchRow(words("Backup").first())}, {});
    QCOMPARE(column(model, WatchModel::Name), words("Backup web"));
    QCOMPARE(model.columnCount(), int(WatchModel::ColumnCount));
}

void ModelTest::changedRowsAreAnnouncedWithoutAReset()
{
    WatchModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.applyFrame(
        true, 1000,
        {watchRow(QStringLiteral("a")), watchRow(QStringLiteral("b")), watchRow(QStringLiteral("c"))}, {});
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    model.applyFrame(false, 2000, {watchRow(QStringLiteral("b"), QStringLiteral("80"), {true, 100, 0}, 100)},
                     {});
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed.first().at(0).toModelIndex().row(), 1);
    QCOMPARE(changed.first().at(1).toModelIndex().row(), 1);
    QCOMPARE(reset.size(), 0);
    QCOMPARE(inserted.size(), 0);
    QCOMPARE(model.index(1, WatchModel::TotalDown).data(kRawRole).toULongLong(), 100);
}

void ModelTest::removedRowsLeaveAndTheRestStays()
{
    WatchModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.applyFrame(true, 1000,
                     {watchRow(QStringLiteral("a")), watchRow(QStringLiteral("b")),
                      watchRow(QStringLiteral("c")), watchRow(QStringLiteral("d"))},
                     {});
    model.applyFrame(false, 2000, {watchRow(QStringLiteral("e"))},
                     {QStringLiteral("b"), QStringLiteral("a"), QStringLiteral("nobody")});
    QCOMPARE(column(model, WatchModel::Name), words("c d e"));
    QVERIFY(!model.watch(QStringLiteral("a")));
    QVERIFY(model.watch(QStringLiteral("e")));
}

void ModelTest::aRenewedSubscriptionDropsWhatIsNotInItsFirstFrame()
{
    WatchModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.applyFrame(true, 1000, {watchRow(QStringLiteral("a")), watchRow(QStringLiteral("b"))}, {});
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.applyFrame(true, 9000, {watchRow(QStringLiteral("b")), watchRow(QStringLiteral("c"))}, {});
    QCOMPARE(column(model, WatchModel::Name), words("b c"));
    QCOMPARE(reset.size(), 0);
}

void ModelTest::cellsHoldTheValuesOfTheFrame()
{
    dbus::WatchRow row = watchRow(QStringLiteral("web"), QStringLiteral("8000,9000-9100"),
                                  {true, 1.5e6, 250.0}, 9'007'199'254'740'993);
    row.internet.txBytes = 77;
    row.connections = 12;
    WatchModel model;
    model.applyFrame(true, 1000, {row}, {});
    const auto raw = [&](int column) { return model.index(0, column).data(kRawRole); };
    const auto text = [&](int column) { return model.index(0, column).data().toString(); };
    QCOMPARE(raw(WatchModel::TotalDown).toULongLong(), 9'007'199'254'740'993);
    QCOMPARE(raw(WatchModel::InternetUp).toULongLong(), 77);
    QCOMPARE(raw(WatchModel::Down).toDouble(), 1.5e6);
    QCOMPARE(raw(WatchModel::Connections).toUInt(), 12);
    QCOMPARE(text(WatchModel::Down), QStringLiteral("12.0 Mbit/s"));
    QCOMPARE(text(WatchModel::Up), QStringLiteral("2.00 kbit/s"));
    QCOMPARE(text(WatchModel::Ports), QStringLiteral("8000, 9000–9100"));
}

void ModelTest::unknownRatesShowADash()
{
    WatchModel model;
    model.applyFrame(true, 1000, {watchRow(QStringLiteral("web"))}, {});
    QCOMPARE(model.index(0, WatchModel::Down).data().toString(), QStringLiteral("—"));
}

void ModelTest::theFilterShowsWatchesByNamePortLinkOrNote()
{
    WatchModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    dbus::WatchRow noted = watchRow(QStringLiteral("c"), QStringLiteral("22"));
    noted.note = QStringLiteral("Ask Lin");
    model.applyFrame(
        true, 1000,
        {watchRow(QStringLiteral("a"), QStringLiteral("8000")), watchRow(QStringLiteral("Web")), noted}, {});
    model.setFilter(QStringLiteral("800"));
    QCOMPARE(column(model, WatchModel::Name), words("a"));
    model.setFilter(QStringLiteral("wEB"));
    QCOMPARE(column(model, WatchModel::Name), words("Web"));
    model.setFilter(QStringLiteral(" lin "));
    QCOMPARE(column(model, WatchModel::Name), words("c"));
    QCOMPARE(model.entryCount(), 3);
    model.setFilter({});
    QCOMPARE(column(model, WatchModel::Name), words("a c Web"));
}

void ModelTest::aWatchThatIsRenamedKeepsToTheFilter()
{
    WatchModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.applyFrame(true, 1000, {watchRow(QStringLiteral("web")), watchRow(QStringLiteral("mail"))}, {});
    model.setFilter(QStringLiteral("web"));
    model.applyFrame(false, 2000, {watchRow(QStringLiteral("proxy")), watchRow(QStringLiteral("web2"))},
                     {QStringLiteral("web")});
    QCOMPARE(column(model, WatchModel::Name), words("web2"));
    model.setFilter({});
    QCOMPARE(column(model, WatchModel::Name), words("mail proxy web2"));
}

void ModelTest::theBusiestWatchesAreThoseWithTheHighestRateThenTotal()
{
    WatchModel model;
    dbus::WatchRow paused = watchRow(QStringLiteral("paused"), QStringLiteral("1"), {true, 1e9, 1e9}, 1);
    paused.enabled = false;
    model.applyFrame(true, 1000,
                     {watchRow(QStringLiteral("idle-small"), QStringLiteral("2"), {true, 0, 0}, 10), paused,
                      watchRow(QStringLiteral("idle-big"), QStringLiteral("3"), {true, 0, 0}, 20),
                      watchRow(QStringLiteral("fast"), QStringLiteral("4"), {true, 10, 90}),
                      watchRow(QStringLiteral("slow"), QStringLiteral("5"), {true, 60, 0})},
                     {});
    QStringList names;
    for (const dbus::WatchRow &watch : model.busiest(4))
        names.append(watch.name);
    QCOMPARE(names, words("fast slow idle-big idle-small"));
}

void ModelTest::addressesSortAsNumbersAndIPv4First()
{
    FlowModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.applyFrame(true, 1000,
                     {flowRow(1, QStringLiteral("2001:db8::1")), flowRow(2, QStringLiteral("203.0.113.20")),
                      flowRow(3, QStringLiteral("203.0.113.3")), flowRow(4, QStringLiteral("9.9.9.9"))},
                     {});
    model.sort(FlowModel::Remote, Qt::AscendingOrder);
    QCOMPARE(column(model, FlowModel::Remote),
             words("9.9.9.9:40000 203.0.113.3:40000 203.0.113.20:40000 [2001:db8::1]:40000"));
}

void ModelTest::theSelectedConnectionStaysSelectedWhenTheOrderChanges()
{
    FlowModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QString remote = QStringLiteral("203.0.113.1");
    model.applyFrame(true, 1000,
                     {flowRow(1, remote, {true, 300, 0}), flowRow(2, remote, {true, 200, 0}),
                      flowRow(3, remote, {true, 100, 0})},
                     {});
    QItemSelectionModel selection(&model);
    selection.select(model.index(2, 0), QItemSelectionModel::Select | QItemSelectionModel::Rows);
    model.applyFrame(false, 2000, {flowRow(3, remote, {true, 900, 0}), flowRow(4, remote, {true, 250, 0})},
                     {1});
    QCOMPARE(model.flowAt(0).id, 3);
    QCOMPARE(model.flowAt(1).id, 4);
    QCOMPARE(model.flowAt(2).id, 2);
    QCOMPARE(selection.selectedRows().size(), 1);
    QCOMPARE(model.flowAt(selection.selectedRows().first().row()).id, 3);
}

void ModelTest::manyComeAndGoInOneFrame()
{
    FlowModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    dbus::FlowRows first;
    for (qulonglong id = 0; id < 400; ++id)
        first.append(flowRow(id, QStringLiteral("203.0.113.1"), {true, double(id * 7919 % 401), 0}));
    model.applyFrame(true, 1000, first, {});
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    dbus::FlowRows second;
    QList<qulonglong> gone;
    for (qulonglong id = 0; id < 400; id += 2)
        gone.append(id);
    for (qulonglong id = 400; id < 500; ++id)
        second.append(flowRow(id, QStringLiteral("203.0.113.1"), {true, double(id * 104729 % 401), 0}));
    model.applyFrame(false, 2000, second, gone);
    QCOMPARE(model.rowCount(), 300);
    QCOMPARE(removed.size(), 1); // scattered over the table, taken out in one piece
    QCOMPARE(inserted.size(), 1);
    for (int row = 1; row < model.rowCount(); ++row)
        QVERIFY(model.flowAt(row - 1).rate.rxBytesPerSecond >= model.flowAt(row).rate.rxBytesPerSecond);
}

void ModelTest::endedConnectionsAndStaleFiguresAreDimmed()
{
    FlowModel model;
    dbus::FlowRow ended = flowRow(1, QStringLiteral("203.0.113.1"), {true, 0, 0});
    ended.state = QStringLiteral("closed");
    model.applyFrame(true, 1000, {ended, flowRow(2, QStringLiteral("203.0.113.2"), {true, 8, 0})}, {});
    const auto colour = [&](int row) { return model.index(row, FlowModel::Remote).data(Qt::ForegroundRole); };
    QVERIFY(!colour(0).isValid());
    QVERIFY(colour(1).isValid());
    model.setStale(true);
    QVERIFY(colour(0).isValid());
}

void ModelTest::theTotalRateIsTheSumOfMeteredLinks()
{
    LinkList links;
    QVERIFY(!links.meteredRate().known);
    links.applyFrame(
        true, 1000,
        {linkRow(QStringLiteral("eth0"), {true, 100, 10}), linkRow(QStringLiteral("eth1"), {true, 50, 5}),
         linkRow(QStringLiteral("br0"), {true, 150, 15}, false), linkRow(QStringLiteral("ppp0"))},
        {});
    QCOMPARE(links.meteredRate(), (dbus::Rate{true, 150, 15}));
    links.applyFrame(false, 2000, {linkRow(QStringLiteral("eth0"), {true, 1, 2})}, {QStringLiteral("eth1")});
    QCOMPARE(links.meteredRate(), (dbus::Rate{true, 1, 2}));
}

QTEST_MAIN(ModelTest)
#include "model_test.moc"
