// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/client.h"
#include "app/gui/burst_dialog.h"
#include "app/gui/capsule.h"
#include "app/gui/data_table.h"
#include "app/gui/language.h"
#include "app/gui/limit_cell.h"
#include "app/gui/limit_dialog.h"
#include "app/gui/main_window.h"
#include "app/gui/overview_page.h"
#include "app/gui/policy_actions.h"
#include "app/gui/policy_columns.h"
#include "app/gui/quota_card.h"
#include "app/gui/quota_dialog.h"
#include "app/gui/watches_page.h"
#include "dbus/names.h"
#include "tests/gui/policy_rows.h"
#include "tests/support/private_bus.h"
#include "tests/support/stub_helper.h"

#include <QAction>
#include <QHelpEvent>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QToolTip>

#include <memory>

using namespace weir;
using namespace weir::test;
using gui::Direction;
using gui::Page;
using gui::WatchModel;

/// Limits, quotas and burst guards in the window: cells that are edited in place, what is sent, and undo.
class PolicyCellsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void aClickEditsTheLimitInPlace();
    void theKeyboardEditsAndSwitches();
    void anEmptyEditorRemovesTheDirection();
    void theLastDirectionGoesWithTheLimit();
    void whatWasUnderstoodIsEchoedAndAWrongValueStaysOpen();
    void framesLeaveWhatIsTyped();
    void theBoxSwitchesTheLimit();
    void aRefusedRateIsTypedAgain();
    void whileTheServiceIsAwayNothingTypedIsLost();
    void aRateAboveTheLinksSpeedIsAWarningInTheCellToo();
    void twoDirectionsTypedInOneSecondBothHold();
    void theTipAsksWhatTheShaperDoes();

    void undoPutsBackExactlyWhatWasBefore_data();
    void undoPutsBackExactlyWhatWasBefore();
    void theYoungestChangeIsUndoneFirst();
    void anUndoDoesNotOverwriteWhatOthersDid();
    void anUndoHoldsWhenOthersChangedSomethingElse();
    void anUndoThatIsRefusedCanBeTriedAgain();
    void aQuotaThatComesBackIsCorrectedToWhatItCounted();
    void aThrottleIsEndedFromItsCell();

    void editorsOpenForTheSelectedWatch_data();
    void editorsOpenForTheSelectedWatch();
    void theMostWantedColumnsNeedNoScrolling();
    void theOverviewShowsQuotasAndLeadsToTheirEditor();

private:
    void open(Page page = Page::Watches);
    QModelIndex cell(const char *watch, WatchModel::Column column) const;
    gui::LimitEditor *edit(const char *watch, WatchModel::Column column);
    gui::LimitEditor *editor() const { return table().findChild<gui::LimitEditor *>(); }
    gui::DataTable &table() const { return m_window->watches().table(); }
    dbus::WatchRow &row(const char *watch);
    QString told() const { return m_window->capsule().text(); }
    QVariantMap fieldsOfLast(const char *method) const
    {
        return qdbus_cast<QVariantMap>(m_helper->argumentsOfLast(method).value(2));
    }

    std::unique_ptr<PrivateBus> m_bus;
    std::unique_ptr<StubHelper> m_helper;
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<client::Client> m_client;
    std::unique_ptr<gui::MainWindow> m_window;
};

void PolicyCellsTest::initTestCase()
{
    qputenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    dbus::registerTypes();
    gui::initResources();
    QVERIFY(gui::setLanguage(QLocale(QLocale::English, QLocale::UnitedStates)));
}

void PolicyCellsTest::init()
{
    m_bus = std::make_unique<PrivateBus>();
    QVERIFY2(!m_bus->address().isEmpty(), "dbus-daemon must be there");
    m_helper = std::make_unique<StubHelper>(m_bus->connection());
    m_helper->watches = {
        limitedRow(QStringLiteral("web"), 50 * kMega, 20 * kMega), watchRow(QStringLiteral("mail")),
        quotaRow(QStringLiteral("backup"), 100 * kGiga, 12 * kGiga), guardedRow(QStringLiteral("proxy"))};
    m_helper->watches[0].revision = 7;
    m_helper->appear();
    m_dir = std::make_unique<QTemporaryDir>();
    m_settings =
        std::make_unique<QSettings>(m_dir->filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
    m_client = std::make_unique<client::Client>(m_bus->connection());
    m_window = std::make_unique<gui::MainWindow>(*m_client, *m_settings);
}

void PolicyCellsTest::cleanup()
{
    m_window.reset();
    m_client.reset();
    m_settings.reset();
    m_helper.reset();
    m_bus.reset();
}

void PolicyCellsTest::open(Page page)
{
    m_window->showPage(page);
    m_window->show();
    QTRY_COMPARE(m_window->live().watches().rowCount(), 4);
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
}

QModelIndex PolicyCellsTest::cell(const char *watch, WatchModel::Column column) const
{
    const WatchModel &watches = m_window->live().watches();
    return watches.index(watches.rowOf(QLatin1String(watch)), column);
}

gui::LimitEditor *PolicyCellsTest::edit(const char *watch, WatchModel::Column column)
{
    table().setFocus();
    table().setCurrentIndex(cell(watch, column));
    QTest::keyClick(&table(), Qt::Key_F2);
    return editor();
}

dbus::WatchRow &PolicyCellsTest::row(const char *watch)
{
    return *std::find_if(m_helper->watches.begin(), m_helper->watches.end(),
                         [watch](const dbus::WatchRow &row) { return row.name == QLatin1String(watch); });
}

void PolicyCellsTest::aClickEditsTheLimitInPlace()
{
    open();
    const QRect place = table().visualRect(cell("web", WatchModel::LimitDown));
    QTest::mouseClick(table().viewport(), Qt::LeftButton, {}, place.center());
    QTRY_VERIFY(editor());
    QCOMPARE(editor()->text(), QStringLiteral("50 Mbit/s"));
    QCOMPARE(editor()->accessibleName(), QStringLiteral("Limit down of web"));
    QTest::keyClicks(editor(), QStringLiteral("2.5 MB/s")); // what was there is selected
    QTest::keyClick(editor(), Qt::Key_Return);
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SetLimit")), 1);
    QCOMPARE(m_helper->argumentsOfLast("SetLimit").at(0).toUInt(), 7);
    QCOMPARE(m_helper->argumentsOfLast("SetLimit").at(1).toString(), QStringLiteral("web"));
    const QVariantMap expected{{QStringLiteral("down_bits_per_s"), 20 * kMega},
                               {QStringLiteral("up_bits_per_s"), 20 * kMega},
                               {QStringLiteral("when"), QString()},
                               {QStringLiteral("enabled"), true}};
    QCOMPARE(fieldsOfLast("SetLimit"), expected);
    QVERIFY(m_helper->calls.last().interactive);
    QTRY_COMPARE(told(), QStringLiteral("What “web” receives is held to 20 Mbit/s."));
    QTRY_VERIFY(!editor());
    QVERIFY(m_window->findChildren<QDialog *>().isEmpty()); // Return opened no editor of the watch
}

void PolicyCellsTest::theKeyboardEditsAndSwitches()
{
    open();
    table().setFocus();
    table().setCurrentIndex(cell("mail", WatchModel::LimitUp));
    QTest::keyClicks(&table(), QStringLiteral("1"));
    QVERIFY(editor());
    QTest::keyClicks(editor(), QStringLiteral(" gbit"));
    QTest::keyClick(editor(), Qt::Key_Enter);
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SetLimit")), 1);
    const QVariantMap expected{{QStringLiteral("up_bits_per_s"), kGiga}, {QStringLiteral("enabled"), true}};
    QCOMPARE(fieldsOfLast("SetLimit"), expected);

    table().setCurrentIndex(cell("web", WatchModel::LimitUp));
    QTest::keyClick(&table(), Qt::Key_Space);
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SwitchPolicy")), 1);
    QVERIFY(!edit("web", WatchModel::Name));
    gui::LimitEditor *opened = edit("web", WatchModel::LimitDown);
    QVERIFY(opened);
    QTest::keyClick(opened, Qt::Key_Escape);
    QTRY_VERIFY(!editor());
    QCOMPARE(m_helper->callsOf(QStringLiteral("SetLimit")), 1);
}

void PolicyCellsTest::anEmptyEditorRemovesTheDirection()
{
    open();
    gui::LimitEditor *opened = edit("web", WatchModel::LimitUp);
    QVERIFY(opened);
    opened->clear();
    QCOMPARE(opened->told(), QStringLiteral("No limit in this direction"));
    QTest::keyClick(opened, Qt::Key_Return);
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SetLimit")), 1);
    QVERIFY(!fieldsOfLast("SetLimit").contains(QStringLiteral("up_bits_per_s")));
    QCOMPARE(fieldsOfLast("SetLimit").value(QStringLiteral("down_bits_per_s")).toULongLong(), 50 * kMega);
    QTRY_COMPARE(told(), QStringLiteral("One direction of “web” is no longer limited."));
}

void PolicyCellsTest::theLastDirectionGoesWithTheLimit()
{
    m_helper->watches[0] = limitedRow(QStringLiteral("web"), 50 * kMega, 0);
    open();
    gui::LimitEditor *opened = edit("web", WatchModel::LimitDown);
    QVERIFY(opened);
    opened->setText(QStringLiteral("none"));
    QTest::keyClick(opened, Qt::Key_Return);
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("RemovePolicy")), 1);
    QCOMPARE(m_helper->argumentsOfLast("RemovePolicy").at(2).toString(), QStringLiteral("limit"));
    QTRY_COMPARE(told(), QStringLiteral("“web” has no limit any more."));
    m_window->policies().undo();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SetLimit")), 1);
    QTRY_COMPARE(row("web").limit.downBitsPerSecond, 50 * kMega);
}

void PolicyCellsTest::whatWasUnderstoodIsEchoedAndAWrongValueStaysOpen()
{
    open();
    gui::LimitEditor *opened = edit("mail", WatchModel::LimitDown);
    QVERIFY(opened);
    QTest::keyClicks(opened, QStringLiteral("20"));
    QVERIFY2(opened->told().startsWith(QStringLiteral("“20” has no unit")), qPrintable(opened->told()));
    QTest::keyClicks(opened, QStringLiteral("kbit"));
    QCOMPARE(opened->told(), QStringLiteral("It must be 64 kbit/s to 100 Gbit/s."));
    QCOMPARE(opened->accessibleDescription(), opened->told());
    for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Enter, Qt::Key_Tab})
        QTest::keyClick(opened, key);
    QCoreApplication::processEvents();
    QCOMPARE(editor(), opened);
    QCOMPARE(opened->text(), QStringLiteral("20kbit"));
    QCOMPARE(m_helper->callsOf(QStringLiteral("SetLimit")), 0);
    opened->setText(QStringLiteral("20mbit"));
    QCOMPARE(opened->told(), QStringLiteral("= 20 Mbit/s"));
    QTest::keyClick(opened, Qt::Key_Return);
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SetLimit")), 1);
}

void PolicyCellsTest::framesLeaveWhatIsTyped()
{
    open();
    gui::LimitEditor *opened = edit("web", WatchModel::LimitDown);
    QVERIFY(opened);
    QTest::keyClicks(opened, QStringLiteral("3 M"));
    row("web").total.rxBytes = 4711;
    m_helper->publish();
    QTRY_COMPARE(cell("web", WatchModel::TotalDown).data(gui::kRawRole).toULongLong(), 4711);
    QCOMPARE(editor(), opened);
    QCOMPARE(opened->text(), QStringLiteral("3 M"));
}

void PolicyCellsTest::theBoxSwitchesTheLimit()
{
    open();
    const QRect place = table().visualRect(cell("web", WatchModel::LimitUp));
    QTest::mouseClick(table().viewport(), Qt::LeftButton, {}, QPoint(place.left() + 15, place.center().y()));
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SwitchPolicy")), 1);
    const QVariantList expected{7U, QStringLiteral("web"), QStringLiteral("limit"), false};
    QCOMPARE(m_helper->argumentsOfLast("SwitchPolicy"), expected);
    QTRY_COMPARE(told(), QStringLiteral("The limit of “web” is switched off."));
    QVERIFY(!editor());
    m_helper->publish();
    QTRY_COMPARE(cell("web", WatchModel::LimitUp).data(Qt::CheckStateRole).toInt(), int(Qt::Unchecked));
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SwitchPolicy")), 2);
    QTRY_VERIFY(row("web").limit.enabled);
}

void PolicyCellsTest::aRefusedRateIsTypedAgain()
{
    m_helper->fail(QStringLiteral("SetLimit"), dbus::error::kUnsupported,
                   QStringLiteral("this kernel lacks HTB"));
    open();
    gui::LimitEditor *opened = edit("mail", WatchModel::LimitDown);
    QVERIFY(opened);
    QTest::keyClicks(opened, QStringLiteral("7mbit"));
    QTest::keyClick(opened, Qt::Key_Return);
    QTRY_COMPARE(told(),
                 QStringLiteral("The limit of “mail” was not changed. This machine cannot do that. "
                                "(The service says: this kernel lacks HTB)"));
    QTRY_VERIFY(editor());
    QCOMPARE(editor()->text(), QStringLiteral("7mbit"));
    QVERIFY(!m_window->policies().canUndo());
}

void PolicyCellsTest::whileTheServiceIsAwayNothingTypedIsLost()
{
    open();
    m_helper->vanish();
    QTRY_COMPARE(m_window->live().reach(), gui::Reach::Away);
    QVERIFY(cell("web", WatchModel::LimitDown).data(gui::kStaleRole).toBool());
    gui::LimitEditor *opened = edit("web", WatchModel::LimitDown);
    QVERIFY(opened);
    QTest::keyClicks(opened, QStringLiteral("7mbit"));
    QTest::keyClick(opened, Qt::Key_Return);
    QTRY_COMPARE(told(),
                 QStringLiteral("The limit of “web” was not changed. The Weir service is not running, "
                                "so nothing was changed."));
    QTRY_VERIFY(editor());
    QCOMPARE(editor()->text(), QStringLiteral("7mbit"));
    m_helper->appear();
    QTRY_COMPARE(m_window->live().reach(), gui::Reach::Live);
    QTest::keyClick(editor(), Qt::Key_Return);
    QTRY_COMPARE(row("web").limit.downBitsPerSecond, 7 * kMega);
}

void PolicyCellsTest::aRateAboveTheLinksSpeedIsAWarningInTheCellToo()
{
    m_helper->links = {linkRow(QStringLiteral("eth0"))};
    m_helper->links[0].speedBitsPerSecond = kGiga;
    open();
    QTRY_COMPARE(m_window->live().links().rows().size(), 1);
    gui::LimitEditor *opened = edit("mail", WatchModel::LimitDown);
    QVERIFY(opened);
    QTest::keyClicks(opened, QStringLiteral("2gbit"));
    QCOMPARE(opened->told(),
             QStringLiteral("= 2 Gbit/s · faster than eth0 (1 Gbit/s), so it holds nothing back"));
    QTest::keyClick(opened, Qt::Key_Return);
    QTRY_COMPARE(row("mail").limit.downBitsPerSecond, 2 * kGiga);
}

void PolicyCellsTest::twoDirectionsTypedInOneSecondBothHold()
{
    open();
    m_window->policies().setLimit(QStringLiteral("mail"), Direction::Down, 5 * kMega, {});
    m_window->policies().setLimit(QStringLiteral("mail"), Direction::Up, 3 * kMega, {});
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SetLimit")), 2); // and no frame told of the first
    QTRY_COMPARE(row("mail").limit.upBitsPerSecond, 3 * kMega);
    QCOMPARE(row("mail").limit.downBitsPerSecond, 5 * kMega);
    QTRY_COMPARE(told(), QStringLiteral("What “mail” sends is held to 3 Mbit/s."));
    m_window->policies().undo();
    QTRY_COMPARE(row("mail").limit.upBitsPerSecond, 0);
    QCOMPARE(row("mail").limit.downBitsPerSecond, 5 * kMega);
    m_window->policies().undo();
    QTRY_VERIFY(!row("mail").limit.set);
}

void PolicyCellsTest::theTipAsksWhatTheShaperDoes()
{
    m_helper->limits = {{QStringLiteral("web"), QStringLiteral("down"), 50 * kMega, QStringLiteral("limit"),
                         12'300 * kMega, 9'000'000, 1234, 64'000, 12.5}};
    open();
    const QPoint at = table().visualRect(cell("web", WatchModel::LimitDown)).center();
    QHelpEvent help(QEvent::ToolTip, at, table().viewport()->mapToGlobal(at));
    QCoreApplication::sendEvent(table().viewport(), &help);
    QTRY_VERIFY(QToolTip::text().contains(QStringLiteral("Dropped: 1,234 packets")));
    QVERIFY(QToolTip::text().startsWith(QStringLiteral("What “web” receives is held to 50 Mbit/s.")));
    QVERIFY(QToolTip::text().contains(QStringLiteral("Sent on: 12.3 GB in 9,000,000 packets")));
    QVERIFY(QToolTip::text().contains(QStringLiteral("Waiting: 64.0 kB, for 12.5 ms")));
    QToolTip::hideText();
}

void PolicyCellsTest::undoPutsBackExactlyWhatWasBefore_data()
{
    QTest::addColumn<QString>("watch");
    QTest::addColumn<int>("policy");
    QTest::addColumn<bool>("remove");
    for (const bool remove : {false, true}) {
        const char *what = remove ? "removed" : "replaced";
        QTest::addRow("limit %s", what) << "web" << int(client::Policy::Limit) << remove;
        QTest::addRow("quota %s", what) << "backup" << int(client::Policy::Quota) << remove;
        QTest::addRow("burst guard %s", what) << "proxy" << int(client::Policy::Burst) << remove;
    }
    QTest::addRow("new limit") << "mail" << int(client::Policy::Limit) << false;
    QTest::addRow("new quota") << "mail" << int(client::Policy::Quota) << false;
    QTest::addRow("new burst guard") << "mail" << int(client::Policy::Burst) << false;
}

void PolicyCellsTest::undoPutsBackExactlyWhatWasBefore()
{
    QFETCH(QString, watch);
    QFETCH(int, policy);
    QFETCH(bool, remove);
    row("web").limit.when = QStringLiteral("mon-fri 08:00-18:00");
    row("backup").quota.overflow = QStringLiteral("block");
    row("backup").quota.exempt = QStringLiteral("local,22");
    row("backup").quota.factor = QStringLiteral("1.5");
    row("backup").quota.alerts = QStringLiteral("50");
    row("proxy").burst.direction = QStringLiteral("up");
    open();
    const QByteArray name = watch.toLatin1();
    const auto all = [&] {
        const dbus::WatchRow &now = row(name.constData());
        return QVariantList{now.limit.set, client::fieldsOf(now.limit),
                            now.quota.set, client::fieldsOf(now.quota),
                            now.burst.set, client::fieldsOf(now.burst)};
    };
    const QVariantList before = all();
    const auto which = client::Policy(policy);
    const QVariantMap fields[] = {{{QStringLiteral("up_bits_per_s"), 64'000ULL}},
                                  {{QStringLiteral("size_bytes"), 1ULL}},
                                  {{QStringLiteral("trigger_bits_per_s"), 64'000ULL},
                                   {QStringLiteral("throttle_bits_per_s"), 64'000ULL},
                                   {QStringLiteral("window_s"), 5U},
                                   {QStringLiteral("hold_s"), 1U}}};
    bool answered = false;
    const auto done = [&answered](const client::Answer<uint> &answer) { answered = answer.has_value(); };
    if (remove)
        m_window->policies().remove(which, row(name.constData()), this, done);
    else
        m_window->policies().set(which, row(name.constData()), fields[policy], this, done);
    QTRY_VERIFY(answered);
    QVERIFY(all() != before);
    QVERIFY(m_window->capsule().isVisible());
    m_window->policies().undo();
    QTRY_COMPARE(all(), before);
    QTRY_COMPARE(told(), QStringLiteral("“%1” is as it was before.").arg(watch));
    QVERIFY(!m_window->policies().canUndo());
}

void PolicyCellsTest::theYoungestChangeIsUndoneFirst()
{
    open();
    m_window->policies().setLimit(QStringLiteral("web"), Direction::Down, kMega, {});
    QTRY_VERIFY(m_window->policies().canUndo());
    QTest::qWait(2); // deadlines count milliseconds
    m_window->actions().remove({QStringLiteral("mail")});
    QTRY_VERIFY(m_window->actions().canUndo());
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("RestoreWatch")), 1);
    QCOMPARE(row("web").limit.downBitsPerSecond, kMega);
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(row("web").limit.downBitsPerSecond, 50 * kMega);
}

void PolicyCellsTest::anUndoDoesNotOverwriteWhatOthersDid()
{
    open();
    m_window->policies().setLimit(QStringLiteral("web"), Direction::Down, kMega, {});
    QTRY_VERIFY(m_window->policies().canUndo());
    m_helper->publish();
    QTRY_COMPARE(m_window->live().watches().watch(QStringLiteral("web"))->revision, 8);
    row("web").limit.downBitsPerSecond = 9 * kMega;
    row("web").revision = 9;
    m_helper->publish();
    QTRY_COMPARE(m_window->live().watches().watch(QStringLiteral("web"))->revision, 9);
    m_window->policies().undo();
    QTRY_VERIFY(told().startsWith(QStringLiteral("“web” was not put back. It was changed meanwhile")));
    QCOMPARE(row("web").limit.downBitsPerSecond, 9 * kMega);
    QVERIFY(!m_window->policies().canUndo());
}

void PolicyCellsTest::anUndoHoldsWhenOthersChangedSomethingElse()
{
    open();
    m_window->policies().setLimit(QStringLiteral("web"), Direction::Down, kMega, {});
    QTRY_VERIFY(m_window->policies().canUndo());
    m_helper->publish();
    QTRY_COMPARE(m_window->live().watches().watch(QStringLiteral("web"))->revision, 8);
    row("web").note = QStringLiteral("ask Lin");
    row("web").revision = 9;
    m_helper->publish();
    QTRY_COMPARE(m_window->live().watches().watch(QStringLiteral("web"))->revision, 9);
    m_window->policies().undo();
    QTRY_COMPARE(row("web").limit.downBitsPerSecond, 50 * kMega);
}

void PolicyCellsTest::anUndoThatIsRefusedCanBeTriedAgain()
{
    open();
    m_window->policies().setLimit(QStringLiteral("web"), Direction::Down, kMega, {});
    QTRY_VERIFY(m_window->policies().canUndo());
    m_helper->fail(QStringLiteral("SetLimit"), dbus::error::kNotAuthorized, QStringLiteral("no"));
    m_window->policies().undo();
    QTRY_VERIFY(told().startsWith(QStringLiteral("“web” was not put back. You are not allowed")));
    QVERIFY(m_window->policies().canUndo());
    m_helper->heal();
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(row("web").limit.downBitsPerSecond, 50 * kMega);
}

void PolicyCellsTest::aQuotaThatComesBackIsCorrectedToWhatItCounted()
{
    row("backup").quota.calibrated = true;
    open();
    bool removed = false;
    m_window->policies().remove(
        client::Policy::Quota, row("backup"), this,
        [&removed](const client::Answer<uint> &answer) { removed = answer.has_value(); });
    QTRY_VERIFY(removed);
    m_window->policies().undo();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("Calibrate")), 1);
    QCOMPARE(m_helper->argumentsOfLast("Calibrate").at(2).toULongLong(), 12 * kGiga);
    QTRY_COMPARE(told(), QStringLiteral("“backup” is as it was before."));
    QVERIFY(row("backup").quota.set);
}

void PolicyCellsTest::aThrottleIsEndedFromItsCell()
{
    m_helper->watches[3] = guardedRow(QStringLiteral("proxy"), QStringLiteral("throttled"));
    row("proxy").burst.throttledUntil = m_helper->timeMs / 1000 + 760;
    open();
    const QRect place = table().visualRect(cell("proxy", WatchModel::Burst));
    QTest::mouseClick(table().viewport(), Qt::LeftButton, {}, QPoint(place.right() - 13, place.center().y()));
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("EndBurst")), 1);
    QTRY_COMPARE(told(), QStringLiteral("“proxy” is restored: what was before its burst applies again."));
    m_helper->publish();
    QTRY_COMPARE(cell("proxy", WatchModel::Burst).data().toString(), QStringLiteral("Armed"));
    QTest::mouseClick(table().viewport(), Qt::LeftButton, {}, QPoint(place.right() - 13, place.center().y()));
    QCOMPARE(m_helper->callsOf(QStringLiteral("EndBurst")), 1);
}

void PolicyCellsTest::editorsOpenForTheSelectedWatch_data()
{
    QTest::addColumn<QString>("action");
    QTest::addColumn<QString>("title");
    QTest::addRow("limit") << "Limit…"
                           << "Limit of “web”";
    QTest::addRow("quota") << "Quota…"
                           << "Quota of “web”";
    QTest::addRow("burst guard") << "Burst guard…"
                                 << "Burst guard of “web”";
}

void PolicyCellsTest::editorsOpenForTheSelectedWatch()
{
    QFETCH(QString, action);
    QFETCH(QString, title);
    open();
    const auto actions = m_window->watches().actions();
    const auto found = std::find_if(actions.begin(), actions.end(),
                                    [&action](const QAction *each) { return each->text() == action; });
    QVERIFY(found != actions.end());
    QVERIFY(!(*found)->isEnabled()); // nothing is selected
    table().selectRow(cell("web", WatchModel::Name).row());
    QVERIFY((*found)->isEnabled());
    QVERIFY(!(*found)->shortcut().isEmpty());
    (*found)->trigger();
    const auto *dialog = m_window->findChild<gui::PolicyDialog *>();
    QVERIFY(dialog);
    QCOMPARE(dialog->windowTitle(), title);
}

void PolicyCellsTest::theMostWantedColumnsNeedNoScrolling()
{
    m_window->resize(1280, 800);
    open();
    for (const auto column :
         {WatchModel::Name, WatchModel::Ports, WatchModel::Down, WatchModel::Up, WatchModel::LimitDown,
          WatchModel::LimitUp, WatchModel::Quota, WatchModel::Burst})
        QVERIFY2(table().columnViewportPosition(column) + table().columnWidth(column)
                     <= table().viewport()->width(),
                 qPrintable(QString::number(column)));
}

void PolicyCellsTest::theOverviewShowsQuotasAndLeadsToTheirEditor()
{
    row("backup").quota.projectedBytes = 31 * kGiga;
    open(Page::Overview);
    const gui::QuotaCard &card = m_window->overview().quotas();
    QTRY_VERIFY(card.isVisible());
    QCOMPARE(card.rows().size(), 1);
    const QString spoken = card.rows().first()->accessibleName();
    QVERIFY2(spoken.startsWith(QStringLiteral("backup: 12.0 of 100 GB used, 12 %; Resets "))
                 && spoken.endsWith(QStringLiteral("31.0 GB at this pace")),
             qPrintable(spoken));
    Q_EMIT m_window->overview().quotaActivated(QStringLiteral("backup"));
    QVERIFY(m_window->findChild<gui::QuotaDialog *>());
    row("backup").quota = {};
    m_helper->publish();
    QTRY_VERIFY(!card.isVisible());
}

QTEST_MAIN(PolicyCellsTest)
#include "policy_cells_test.moc"
