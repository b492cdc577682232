// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/client.h"
#include "app/client/format.h"
#include "app/client/json.h"
#include "app/gui/capsule.h"
#include "app/gui/data_table.h"
#include "app/gui/figures.h"
#include "app/gui/history_actions.h"
#include "app/gui/history_chart.h"
#include "app/gui/history_legend.h"
#include "app/gui/history_page.h"
#include "app/gui/history_range_bar.h"
#include "app/gui/language.h"
#include "app/gui/link_card.h"
#include "app/gui/main_window.h"
#include "app/gui/notice_panel.h"
#include "app/gui/overview_page.h"
#include "app/gui/remotes_list.h"
#include "app/gui/report_actions.h"
#include "app/gui/series_picker.h"
#include "dbus/names.h"
#include "tests/gui/rows.h"
#include "tests/support/private_bus.h"
#include "tests/support/stub_helper.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QItemSelectionModel>
#include <QJsonArray>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace weir;
using namespace weir::test;
using gui::HistoryRange;
using gui::Page;

/// The History page and the sums of the overview beside a helper that the test scripts.
class HistoryWindowTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void theLargestLinkIsShownFirst();
    void theLastChoiceComesBack();
    void whatTheScreenShowsEqualsTheRowsAsJson();
    void theSelectionsSumIsTheTablesSum();
    void anotherRangeAsksWithItsOwnStep();
    void anotherRangeDropsTheSelection();
    void nothingIsAskedWhileThePageIsNotSeen();
    void anAnswerThatComesLateIsDropped();
    void remotesOfTheRangeStandBesideTheTable();
    void servicesHaveNoRemotes();
    void withoutHistoryThePageSaysWhenItBegins();
    void withoutTheHelperThePageSaysSo();
    void aPersonWithoutRightsIsTold();
    void anErrorIsToldAndGoesWithTheNextAnswer();
    void rowsAreCopiedAsText();
    void anExportFillsTheFile();
    void anExportThatFailsLeavesTheOldFile();
    void aReportOfTheRangeFillsTheFile();
    void aReportThatFailsLeavesTheOldFile();
    void deletionNamesWhatGoesAndAsksFirst();
    void theOverviewShowsTodayMonthAndYear();
    void theSumsGrowWithTheLinksTotals();

private:
    void open(Page page = Page::History);
    gui::HistoryPage &page() { return m_window->history(); }
    qint64 today() const;

    std::unique_ptr<PrivateBus> m_bus;
    std::unique_ptr<StubHelper> m_helper;
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<client::Client> m_client;
    std::unique_ptr<gui::MainWindow> m_window;
};

void HistoryWindowTest::initTestCase()
{
    // Polkit is not part of these tests: the lock then says that it cannot ask.
    qputenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    dbus::registerTypes();
    gui::initResources();
    QVERIFY(gui::setLanguage(QLocale(QLocale::English, QLocale::UnitedStates)));
}

qint64 HistoryWindowTest::today() const
{
    return QDateTime::currentDateTime().date().startOfDay(gui::displayZone()).toSecsSinceEpoch();
}

void HistoryWindowTest::init()
{
    m_bus = std::make_unique<PrivateBus>();
    QVERIFY2(!m_bus->address().isEmpty(), "dbus-daemon must be there");
    m_helper = std::make_unique<StubHelper>(m_bus->connection());
    m_helper->links = {linkRow(QStringLiteral("eth0"))};
    m_helper->series = {seriesRow(QStringLiteral("link"), QStringLiteral("eth0"), 1'000),
                        seriesRow(QStringLiteral("link"), QStringLiteral("eth1"), 5'000),
                        seriesRow(QStringLiteral("service"), QStringLiteral("nginx.service"), 100),
                        seriesRow(QStringLiteral("watch"), QStringLiteral("web"), 9'000)};
    for (const dbus::SeriesRow &series : std::as_const(m_helper->series)) {
        dbus::HistoryRows &rows = m_helper->history[series.series];
        for (int hour = 0; hour < 24; ++hour) { // yesterday
            const qint64 start = today() - 24 * 3600 + hour * 3600;
            rows.append(historyRow(start, start + 3600, qulonglong(hour * 7919 % 24 + 1) * 1'000'003,
                                   qulonglong(hour) * 1'001));
        }
    }
    m_helper->remotes[QStringLiteral("link:eth1")] = {{QStringLiteral("203.0.113.5"), 3'000, 1'000},
                                                      {{}, 900, 100}};
    m_helper->appear();
    m_dir = std::make_unique<QTemporaryDir>();
    m_settings =
        std::make_unique<QSettings>(m_dir->filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
    m_settings->setValue(QStringLiteral("history/range"), QStringLiteral("7d"));
    m_client = std::make_unique<client::Client>(m_bus->connection());
    m_window = std::make_unique<gui::MainWindow>(*m_client, *m_settings);
}

void HistoryWindowTest::cleanup()
{
    m_window.reset();
    m_client.reset();
    m_settings.reset();
    m_helper.reset();
    m_bus.reset();
}

void HistoryWindowTest::open(Page page)
{
    m_window->showPage(page);
    m_window->show();
    QTRY_COMPARE(m_window->live().reach(), gui::Reach::Live);
}

void HistoryWindowTest::theLargestLinkIsShownFirst()
{
    open();
    QTRY_COMPARE(page().model().rowCount(), 24);
    QCOMPARE(page().picker().current()->series,
             QStringLiteral("link:eth1")); // the watch has more, but is part of a link
}

void HistoryWindowTest::theLastChoiceComesBack()
{
    open();
    QTRY_COMPARE(page().model().rowCount(), 24);
    page().showSeries(QStringLiteral("watch:web"));
    page().rangeBar().setRange({HistoryRange::Kind::Month});
    m_window = std::make_unique<gui::MainWindow>(*m_client, *m_settings);
    open();
    QTRY_VERIFY(page().picker().current());
    QCOMPARE(page().picker().current()->series, QStringLiteral("watch:web"));
    QCOMPARE(page().rangeBar().range().kind, HistoryRange::Kind::Month);
}

void HistoryWindowTest::whatTheScreenShowsEqualsTheRowsAsJson()
{
    open();
    QTRY_COMPARE(page().model().rowCount(), 24);
    page().table().sortByColumn(gui::HistoryModel::Start, Qt::AscendingOrder);
    const QJsonArray rows = client::toJson(m_helper->history.value(QStringLiteral("link:eth1")));
    for (int row = 0; row < 24; ++row) {
        const auto shown = [&](int column) {
            return page().model().index(row, column).data(gui::kRawRole).toDouble();
        };
        QCOMPARE(shown(gui::HistoryModel::Start), rows.at(row)[QLatin1String("start_s")].toDouble());
        QCOMPARE(shown(gui::HistoryModel::Down), rows.at(row)[QLatin1String("rx_bytes")].toDouble());
        QCOMPARE(shown(gui::HistoryModel::Up), rows.at(row)[QLatin1String("tx_bytes")].toDouble());
    }
}

void HistoryWindowTest::theSelectionsSumIsTheTablesSum()
{
    open();
    QTRY_COMPARE(page().model().rowCount(), 24);
    QCOMPARE(page().chart().picture().columns.size(), 24);
    page().chart().setFocus();
    QTest::keyClick(&page().chart(), Qt::Key_Home);
    for (int i = 0; i < 4; ++i)
        QTest::keyClick(&page().chart(), Qt::Key_Right, Qt::ShiftModifier);
    QCOMPARE(page().model().rowCount(), 5);
    const dbus::HistoryRows given = m_helper->history.value(QStringLiteral("link:eth1")).mid(0, 5);
    const gui::HistorySum sum = gui::sumOf(given, 0, 5, given.last().end);
    QCOMPARE(page().model().shownRows(), given);
    QVERIFY2(page().footer().text().startsWith(QStringLiteral("Selected: ↓ %1  ↑ %2  together %3")
                                                   .arg(client::formatBytes(sum.total.rxBytes),
                                                        client::formatBytes(sum.total.txBytes),
                                                        client::formatBytes(gui::bytesOf(sum.total)))),
             qPrintable(page().footer().text()));
    QTest::keyClick(&page().chart(), Qt::Key_Escape);
    QCOMPARE(page().model().rowCount(), 24);
    QVERIFY(page().footer().text().startsWith(QStringLiteral("Sum:")));
}

void HistoryWindowTest::anotherRangeAsksWithItsOwnStep()
{
    open();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("GetHistory")), 1);
    page().rangeBar().setRange({HistoryRange::Kind::Days30});
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("GetHistory")), 2);
    const auto arguments = m_helper->argumentsOfLast("GetHistory");
    QCOMPARE(arguments.at(0).toString(), QStringLiteral("link:eth1"));
    QCOMPARE(arguments.at(2).toLongLong(),
             QDate::currentDate().addDays(1).startOfDay(gui::displayZone()).toSecsSinceEpoch());
    QCOMPARE(arguments.at(3).toString(), QStringLiteral("day"));
    QCOMPARE(arguments.at(4).toString(), QString::fromLatin1(gui::displayZone().id()));
}

void HistoryWindowTest::anotherRangeDropsTheSelection()
{
    open();
    QTRY_COMPARE(page().model().rowCount(), 24);
    QTest::keyClick(&page().chart(), Qt::Key_Home, Qt::ShiftModifier);
    QVERIFY(page().chart().selection());
    page().rangeBar().move(-1);
    QVERIFY(!page().chart().selection());
}

void HistoryWindowTest::nothingIsAskedWhileThePageIsNotSeen()
{
    open(Page::Watches);
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("watches")), 1);
    page().rangeBar().setRange({HistoryRange::Kind::Month});
    page().showSeries(QStringLiteral("watch:web"));
    QCOMPARE(m_helper->callsOf(QStringLiteral("ListSeries")), 0);
    QCOMPARE(m_helper->callsOf(QStringLiteral("GetHistory")), 0);
    QCOMPARE(m_helper->callsOf(QStringLiteral("GetSums")), 0);
    m_window->showPage(Page::History);
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("GetHistory")), 1);
}

void HistoryWindowTest::anAnswerThatComesLateIsDropped()
{
    open();
    QTRY_COMPARE(page().model().rowCount(), 24);
    m_helper->hold(QStringLiteral("GetHistory"));
    page().showSeries(QStringLiteral("link:eth0"));
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("GetHistory")), 2);
    m_helper->history[QStringLiteral("watch:web")].resize(3);
    page().showSeries(QStringLiteral("watch:web"));
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("GetHistory")), 3);
    m_helper->release(QStringLiteral("GetHistory")); // both, eth0 first
    QTRY_COMPARE(page().model().rowCount(), 3);
}

void HistoryWindowTest::remotesOfTheRangeStandBesideTheTable()
{
    open();
    QTRY_COMPARE(page().remotes().model().rowCount(), 2);
    QCOMPARE(page().remotes().model().index(0, gui::RemotesModel::Share).data().toString(),
             QStringLiteral("80 %"));
    QCOMPARE(page().remotes().model().index(1, gui::RemotesModel::Address).data().toString(),
             QStringLiteral("All others"));
}

void HistoryWindowTest::servicesHaveNoRemotes()
{
    open();
    QTRY_COMPARE(page().remotes().model().rowCount(), 2);
    const qsizetype asked = m_helper->callsOf(QStringLiteral("GetRemotes"));
    page().showSeries(QStringLiteral("service:nginx.service"));
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("GetHistory")), 2);
    QCOMPARE(page().remotes().model().rowCount(), 0);
    QCOMPARE(m_helper->callsOf(QStringLiteral("GetRemotes")), asked);
}

void HistoryWindowTest::withoutHistoryThePageSaysWhenItBegins()
{
    m_helper->series.clear();
    open();
    QTRY_COMPARE(page().notice().title(), QStringLiteral("No history yet"));
    QVERIFY(page().showsNotice());
    m_helper->series = {seriesRow(QStringLiteral("link"), QStringLiteral("eth1"))};
    m_window->live().retry();
    QTRY_VERIFY(!page().showsNotice());
}

void HistoryWindowTest::withoutTheHelperThePageSaysSo()
{
    m_helper->vanish();
    m_window->showPage(Page::History);
    m_window->show();
    QTRY_COMPARE(page().notice().title(), QStringLiteral("No history to see"));
    m_helper->appear();
    QTRY_COMPARE(page().model().rowCount(), 24);
    m_helper->vanish();
    QTRY_VERIFY(page().chart().picture().stale);
    QCOMPARE(page().model().rowCount(), 24); // the last figures stay
}

void HistoryWindowTest::aPersonWithoutRightsIsTold()
{
    m_helper->fail(QStringLiteral("ListSeries"), dbus::error::kNotAuthorized,
                   QStringLiteral("not authorized: org.weir.monitor"));
    m_helper->fail(QStringLiteral("Subscribe"), dbus::error::kNotAuthorized,
                   QStringLiteral("not authorized: org.weir.monitor"));
    m_window->showPage(Page::History);
    m_window->show();
    QTRY_COMPARE(m_window->live().reach(), gui::Reach::Denied);
    QTRY_COMPARE(page().notice().title(), QStringLiteral("No history to see"));
}

void HistoryWindowTest::anErrorIsToldAndGoesWithTheNextAnswer()
{
    open();
    QTRY_COMPARE(page().model().rowCount(), 24);
    m_helper->fail(QStringLiteral("GetHistory"), dbus::error::kStorageFailed,
                   QStringLiteral("disk I/O error"));
    page().rangeBar().setRange({HistoryRange::Kind::Month});
    QTRY_VERIFY(page().errorText().contains(QStringLiteral("disk I/O error")));
    m_helper->heal();
    page().rangeBar().setRange({HistoryRange::Kind::Days7});
    QTRY_VERIFY(page().errorText().isEmpty());
}

void HistoryWindowTest::rowsAreCopiedAsText()
{
    open();
    QTRY_COMPARE(page().model().rowCount(), 24);
    // selectRow() would heed the modifier keys of events that were sent before
    page().table().selectionModel()->select(page().model().index(2, 0),
                                            QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    QCOMPARE(page().table().selectionModel()->selectedRows().value(0).row(), 2);
    page().table().setFocus();
    QCOMPARE(page().table().selectionModel()->selectedRows().value(0).row(), 2);
    QTest::keyClick(&page().table(), Qt::Key_C, Qt::ControlModifier);
    const QStringList lines =
        QGuiApplication::clipboard()->text().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 2);
    QCOMPARE(lines.at(1).section(QLatin1Char('\t'), 1, 1),
             QString::number(page().model().rowAt(2).total.rxBytes));
}

void HistoryWindowTest::anExportFillsTheFile()
{
    open();
    QTRY_COMPARE(page().model().rowCount(), 24);
    m_helper->exported = "series,start_s\n";
    m_helper->exportedRows = 24;
    const QString path = m_dir->filePath(QStringLiteral("web.csv"));
    page().actions().exportTo(path, QStringLiteral("watch:web"),
                              {today(), today() + 86400, client::Step::Hour, {}});
    QTRY_COMPARE(m_window->capsule().text(), QStringLiteral("24 rows written to “%1”.").arg(path));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("series,start_s\n"));
    const StubHelper::Call &call = m_helper->calls.last();
    QCOMPARE(call.arguments.at(1).toStringList(), QStringList{QStringLiteral("watch:web")});
    QCOMPARE(call.arguments.at(6).toString(), QStringLiteral("csv"));
}

void HistoryWindowTest::anExportThatFailsLeavesTheOldFile()
{
    open();
    QTRY_COMPARE(page().model().rowCount(), 24);
    QFile file(m_dir->filePath(QStringLiteral("all.json")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("old");
    file.close();
    m_helper->fail(QStringLiteral("Export"), dbus::error::kConflict,
                   QStringLiteral("another export still runs"));
    page().actions().exportTo(file.fileName(), {}, {today(), today() + 86400, client::Step::Hour, {}});
    QTRY_VERIFY(m_window->capsule().text().contains(QStringLiteral("another export still runs")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("old"));
}

void HistoryWindowTest::aReportOfTheRangeFillsTheFile()
{
    open();
    QTRY_COMPARE(page().model().rowCount(), 24);
    m_helper->links[0].metered = true;
    const QString path = m_dir->filePath(QStringLiteral("report.html"));
    page().reports().writeTo(path, {today() - 86400, today(), client::Step::Minute, {}});
    QTRY_COMPARE(m_window->capsule().text(), QStringLiteral("The report is in “%1”.").arg(path));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray document = file.readAll();
    QVERIFY(document.startsWith("<!DOCTYPE html>"));
    QVERIFY(document.contains("<svg"));
    QVERIFY(!document.contains("<script"));
    const StubHelper::Call *asked = nullptr;
    for (const StubHelper::Call &call : std::as_const(m_helper->calls))
        if (call.method == QLatin1String("GetHistory") && call.arguments.at(0) == QStringLiteral("link:eth0"))
            asked = &call;
    QVERIFY(asked);
    QCOMPARE(asked->arguments.at(3).toString(), QStringLiteral("hour"));
}

void HistoryWindowTest::aReportThatFailsLeavesTheOldFile()
{
    open();
    QTRY_COMPARE(page().model().rowCount(), 24);
    QFile file(m_dir->filePath(QStringLiteral("report.txt")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("old");
    file.close();
    m_helper->fail(QStringLiteral("GetStatus"), dbus::error::kStorageFailed,
                   QStringLiteral("disk I/O error"));
    page().reports().writeTo(file.fileName(), {today() - 86400, today(), client::Step::Hour, {}});
    QTRY_VERIFY(m_window->capsule().text().contains(QStringLiteral("disk I/O error")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("old"));
}

void HistoryWindowTest::deletionNamesWhatGoesAndAsksFirst()
{
    open();
    QTRY_COMPARE(page().model().rowCount(), 24);
    const gui::Interval shown{today() - 24 * 3600, today()};
    page().actions().confirmDelete(*page().picker().current(), shown);
    auto *question = page().findChild<QMessageBox *>();
    QVERIFY(question);
    QVERIFY(question->text().contains(QStringLiteral("eth1")));
    QVERIFY(question->informativeText().contains(gui::describe(shown, gui::displayZone())));
    QCOMPARE(m_helper->callsOf(QStringLiteral("DeleteHistory")), 0);
    for (QAbstractButton *button : question->buttons())
        if (button->text() == QLatin1String("Delete the days shown"))
            button->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("DeleteHistory")), 1);
    QTRY_COMPARE(m_window->capsule().text(), QStringLiteral("24 rows of “eth1” deleted."));
    QTRY_COMPARE(page().model().rowCount(), 0);
}

void HistoryWindowTest::theOverviewShowsTodayMonthAndYear()
{
    m_helper->sums = {{QStringLiteral("link:eth0"),
                       {1'000'000, 10'000, 1, 1},
                       {20'000'000, 0, 1, 1},
                       {300'000'000, 0, 1, 1},
                       {500'000, 5'000, 1, 1},
                       {},
                       {}}};
    open(Page::Overview);
    QTRY_VERIFY(m_window->overview().cards().contains(QStringLiteral("eth0")));
    const gui::LinkCard *card = m_window->overview().cards().value(QStringLiteral("eth0"));
    QTRY_COMPARE(card->today().text(), QStringLiteral("↓ 1.00 MB   ↑ 10.0 kB"));
    QCOMPARE(card->month().text(), QStringLiteral("↓ 20.0 MB   ↑ 0 B"));
    QCOMPARE(card->year().text(), QStringLiteral("↓ 300 MB   ↑ 0 B"));
    QVERIFY2(card->today().toolTip().contains(QStringLiteral("50 %")),
             qPrintable(card->today().toolTip())); // 505,000 of 1,010,000
}

void HistoryWindowTest::theSumsGrowWithTheLinksTotals()
{
    m_helper->links[0].total.rxBytes = 7'000'000;
    m_helper->sums = {{QStringLiteral("link:eth0"),
                       {1'000'000, 0, 1, 1},
                       {2'000'000, 0, 1, 1},
                       {3'000'000, 0, 1, 1},
                       {},
                       {},
                       {}}};
    open(Page::Overview);
    QTRY_VERIFY(m_window->overview().cards().contains(QStringLiteral("eth0")));
    const gui::LinkCard *card = m_window->overview().cards().value(QStringLiteral("eth0"));
    QTRY_COMPARE(card->today().text(), QStringLiteral("↓ 1.00 MB   ↑ 0 B"));
    m_helper->links[0].total.rxBytes += 500'000;
    m_helper->publish();
    QTRY_COMPARE(card->today().text(), QStringLiteral("↓ 1.50 MB   ↑ 0 B"));
    QCOMPARE(card->year().text(), QStringLiteral("↓ 3.50 MB   ↑ 0 B"));
    QCOMPARE(m_helper->callsOf(QStringLiteral("GetSums")), 1);
    m_helper->links[0].total.rxBytes = 100; // counted anew
    m_helper->publish();
    QTRY_COMPARE(card->today().text(), QStringLiteral("↓ 1.00 MB   ↑ 0 B"));
}

QTEST_MAIN(HistoryWindowTest)
#include "history_window_test.moc"
