// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/client.h"
#include "app/client/format.h"
#include "app/gui/banner.h"
#include "app/gui/busiest_list.h"
#include "app/gui/capsule.h"
#include "app/gui/connections_page.h"
#include "app/gui/data_table.h"
#include "app/gui/figures.h"
#include "app/gui/language.h"
#include "app/gui/link_card.h"
#include "app/gui/main_window.h"
#include "app/gui/overview_page.h"
#include "app/gui/problems_button.h"
#include "app/gui/rate_chart.h"
#include "app/gui/theme.h"
#include "app/gui/watch_actions.h"
#include "app/gui/watches_page.h"
#include "dbus/names.h"
#include "tests/gui/rows.h"
#include "tests/support/private_bus.h"
#include "tests/support/stub_helper.h"

#include <QCheckBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSettings>
#include <QTest>

#include <cmath>
#include <memory>

using namespace weir;
using namespace weir::test;
using gui::Page;

/// The window beside a helper that the test scripts, over a bus of its own.
class WindowTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void chartsOpenFullFromTheHelpersMemory();
    void cardsShowMeteredLinksAndFollowThem();
    void theHeaderShowsTheSumOfMeteredLinks();
    void aHiddenWindowHasNoSubscription();
    void aMinimisedWindowHasNoSubscription();
    void eachPageAsksOnlyForWhatItShows();
    void chartsAreFullAgainWhenTheWindowComesBack();
    void aBannerTellsThatTheHelperIsAwayAndGoesByItself();
    void aPersonWithoutRightsIsToldWhatToDo();
    void theBusiestWatchesLeadToTheirConnections();
    void aWatchIsOneWordOfTheFilterWhateverItsName_data();
    void aWatchIsOneWordOfTheFilterWhateverItsName();
    void whatTheTableShowsEqualsTheFrame();
    void aRemovedWatchComesBackByUndo();
    void severalRemovedWatchesComeBackByOneUndo();
    void aRemovalThatIsRefusedIsTold();
    void pausingSendsTheRevisionThatWasRead();
    void theFilterLineIsPartOfTheQuery();
    void aFilterThatIsRefusedIsToldInPlaceAndTheNextOneWorks();
    void columnsSortByTheHelpersOrderToo();
    void theStatusLineTellsHowManyMatch();
    void problemsAreCountedInTheHeader();
    void theThemeIsKept();
    void theWidthsOfColumnsAreKept();
    void widthsOfAnotherVersionsColumnsAreLeftAside();

private:
    void open(Page page = Page::Overview);
    /// The helper's next second.
    void publish();
    gui::WatchModel &watchModel() { return m_window->live().watches(); }

    std::unique_ptr<PrivateBus> m_bus;
    std::unique_ptr<StubHelper> m_helper;
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<client::Client> m_client;
    std::unique_ptr<gui::MainWindow> m_window;
};

void WindowTest::initTestCase()
{
    // Polkit is not part of these tests: the lock then says that it cannot ask.
    qputenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    dbus::registerTypes();
    gui::initResources();
    QVERIFY(gui::setLanguage(QLocale(QLocale::English, QLocale::UnitedStates)));
}

void WindowTest::init()
{
    m_bus = std::make_unique<PrivateBus>();
    QVERIFY2(!m_bus->address().isEmpty(), "dbus-daemon must be there");
    m_helper = std::make_unique<StubHelper>(m_bus->connection());
    m_helper->links = {linkRow(QStringLiteral("eth0"), {true, 125'000, 12'500}),
                       linkRow(QStringLiteral("br0"), {}, false)};
    for (int i = 0; i < 120; ++i) {
        m_helper->rxSamples.append(1000.0 * i);
        m_helper->txSamples.append(10.0 * i);
    }
    m_helper->appear();
    m_dir = std::make_unique<QTemporaryDir>();
    m_settings =
        std::make_unique<QSettings>(m_dir->filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
    m_client = std::make_unique<client::Client>(m_bus->connection());
    m_window = std::make_unique<gui::MainWindow>(*m_client, *m_settings);
}

void WindowTest::cleanup()
{
    m_window.reset();
    m_client.reset();
    m_settings.reset();
    m_helper.reset();
    m_bus.reset();
}

void WindowTest::open(Page page)
{
    m_window->showPage(page);
    m_window->show();
    QTRY_COMPARE(m_window->live().reach(), gui::Reach::Live);
}

void WindowTest::publish()
{
    m_helper->publish();
}

void WindowTest::chartsOpenFullFromTheHelpersMemory()
{
    open();
    QTRY_COMPARE(m_window->overview().cards().size(), 1);
    const gui::RateChart &chart = m_window->overview().cards().value(QStringLiteral("eth0"))->chart();
    QTRY_COMPARE(chart.pointCount(), 240);
    QCOMPARE(chart.history().down(119), 0.0);
    QCOMPARE(chart.history().down(1), 118'000.0);
}

void WindowTest::cardsShowMeteredLinksAndFollowThem()
{
    open();
    QTRY_COMPARE(m_window->overview().cards().keys(), QStringList{QStringLiteral("eth0")});
    const gui::LinkCard *card = m_window->overview().cards().value(QStringLiteral("eth0"));
    QTRY_COMPARE(card->rate().downText(), QStringLiteral("1.00 Mbit/s"));
    QCOMPARE(card->rate().upText(), QStringLiteral("100 kbit/s"));
    m_helper->links[0].metered = false;
    m_helper->links[1].metered = true;
    publish();
    QTRY_COMPARE(m_window->overview().cards().keys(), QStringList{QStringLiteral("br0")});
}

void WindowTest::theHeaderShowsTheSumOfMeteredLinks()
{
    m_helper->links.append(linkRow(QStringLiteral("eth1"), {true, 250'000, 0}));
    open(Page::Connections);
    const auto labels = m_window->findChildren<gui::RateLabel *>();
    const auto header = std::find_if(labels.begin(), labels.end(), [](const QWidget *label) {
        return !qobject_cast<const gui::LinkCard *>(label->parentWidget());
    });
    QVERIFY(header != labels.end());
    QTRY_COMPARE((*header)->downText(), QStringLiteral("3.00 Mbit/s"));
    QCOMPARE((*header)->upText(), QStringLiteral("100 kbit/s"));
}

void WindowTest::aHiddenWindowHasNoSubscription()
{
    open();
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("links")), 1);
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("watches")), 1);
    m_window->hide();
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("links")), 0);
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("watches")), 0);
    QVERIFY(!m_window->live().subscribed());
    m_window->show();
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("links")), 1);
}

void WindowTest::aMinimisedWindowHasNoSubscription()
{
    open(Page::Connections);
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("flows")), 1);
    m_window->showMinimized();
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("flows")), 0);
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("links")), 0);
    m_window->showNormal();
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("flows")), 1);
}

void WindowTest::eachPageAsksOnlyForWhatItShows()
{
    open();
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("watches")), 1);
    QCOMPARE(m_helper->subscriptionsTo(QStringLiteral("flows")), 0);
    m_window->showPage(Page::Connections);
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("flows")), 1);
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("watches")), 0);
    QCOMPARE(m_helper->subscriptionsTo(QStringLiteral("links")), 1);
    m_window->showPage(Page::Watches);
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("flows")), 0);
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("watches")), 1);
}

void WindowTest::chartsAreFullAgainWhenTheWindowComesBack()
{
    open();
    QTRY_COMPARE(m_window->overview().cards().size(), 1);
    const gui::RateChart &chart = m_window->overview().cards().value(QStringLiteral("eth0"))->chart();
    QTRY_COMPARE(chart.pointCount(), 240);
    m_window->hide();
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("links")), 0);
    m_helper->timeMs += 60'000;
    m_helper->rxSamples.fill(42, 120);
    m_helper->txSamples.fill(24, 120);
    m_window->show();
    QTRY_COMPARE(chart.history().down(60), 42.0);
    QCOMPARE(chart.pointCount(), 240);
}

void WindowTest::aBannerTellsThatTheHelperIsAwayAndGoesByItself()
{
    open();
    QVERIFY(!m_window->banner().isVisible());
    m_helper->vanish();
    QTRY_VERIFY(m_window->banner().isVisible());
    QCOMPARE(m_window->banner().title(), QStringLiteral("The Weir service is not running."));
    QCOMPARE(m_window->overview().cards().value(QStringLiteral("eth0"))->rate().downText(),
             QStringLiteral("1.00 Mbit/s"));
    m_helper->links[0].rate.rxBytesPerSecond = 250'000;
    m_helper->appear();
    QTRY_VERIFY(!m_window->banner().isVisible());
    QTRY_COMPARE(m_window->overview().cards().value(QStringLiteral("eth0"))->rate().downText(),
                 QStringLiteral("2.00 Mbit/s"));
}

void WindowTest::aPersonWithoutRightsIsToldWhatToDo()
{
    m_helper->fail(QStringLiteral("Subscribe"), dbus::error::kNotAuthorized,
                   QStringLiteral("not authorized: org.weir.monitor"));
    m_window->show();
    QTRY_COMPARE(m_window->live().reach(), gui::Reach::Denied);
    QVERIFY(m_window->banner().isVisible());
    m_helper->heal();
    m_window->live().retry();
    QTRY_VERIFY(!m_window->banner().isVisible());
}

void WindowTest::theBusiestWatchesLeadToTheirConnections()
{
    m_helper->watches = {watchRow(QStringLiteral("my web"), QStringLiteral("80"), {true, 10, 0}),
                         watchRow(QStringLiteral("ssh"), QStringLiteral("22"), {true, 900, 0})};
    open();
    QTRY_COMPARE(m_window->overview().busiest().rows().size(), 2);
    QCOMPARE(m_window->overview().busiest().rows().at(0)->watch().name, QStringLiteral("ssh"));
    Q_EMIT m_window->overview().watchActivated(QStringLiteral("my web"));
    QCOMPARE(m_window->page(), Page::Connections);
    QTRY_COMPARE(m_helper->flowQuery().value(QStringLiteral("filter")).toString(),
                 QStringLiteral("watch:\"my web\""));
}

void WindowTest::aWatchIsOneWordOfTheFilterWhateverItsName_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("filter");
    QTest::addRow("plain") << "web"
                           << "watch:web";
    QTest::addRow("a space") << "my web"
                             << R"(watch:"my web")";
    QTest::addRow("an ideographic space")
        << QStringLiteral("网站\u3000一") << QStringLiteral("watch:\"网站\u3000一\"");
    QTest::addRow("a no-break space")
        << QStringLiteral("my\u00a0web") << QStringLiteral("watch:\"my\u00a0web\"");
    QTest::addRow("a quotation mark") << R"(19"rack)"
                                      << R"(watch:"19\"rack")";
    QTest::addRow("a backslash") << R"(a\b)"
                                 << R"(watch:a\b)";
    QTest::addRow("a space and a backslash") << R"(a \b)"
                                             << R"(watch:"a \\b")";
}

void WindowTest::aWatchIsOneWordOfTheFilterWhateverItsName()
{
    QFETCH(QString, name);
    QFETCH(QString, filter);
    open(Page::Connections);
    m_window->connections().showWatch(name);
    QTRY_COMPARE(m_helper->flowQuery().value(QStringLiteral("filter")).toString(), filter);
}

void WindowTest::whatTheTableShowsEqualsTheFrame()
{
    m_helper->watches = {watchRow(QStringLiteral("web"), QStringLiteral("80"), {true, 1, 2}, 10)};
    open(Page::Watches);
    QTRY_COMPARE(watchModel().rowCount(), 1);
    m_helper->watches[0].total = {123'456'789, 987'654'321, 11, 12};
    m_helper->watches[0].rate = {true, 4321.5, 99.25};
    publish();
    const auto raw = [this](int column) { return watchModel().index(0, column).data(gui::kRawRole); };
    QTRY_COMPARE(raw(gui::WatchModel::TotalDown).toULongLong(), 123'456'789);
    QCOMPARE(raw(gui::WatchModel::TotalUp).toULongLong(), 987'654'321);
    QCOMPARE(raw(gui::WatchModel::Down).toDouble(), 4321.5);
    QCOMPARE(raw(gui::WatchModel::Up).toDouble(), 99.25);
}

void WindowTest::aRemovedWatchComesBackByUndo()
{
    m_helper->watches = {watchRow(QStringLiteral("web"), QStringLiteral("80"), {}, 777)};
    open(Page::Watches);
    QTRY_COMPARE(watchModel().rowCount(), 1);
    m_window->activateWindow(); // shortcuts belong to the active window, and nobody manages windows here
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    m_window->watches().table().selectRow(0);
    QTest::keyClick(&m_window->watches().table(), Qt::Key_Delete);
    QTRY_VERIFY(m_window->capsule().isVisible());
    QCOMPARE(m_window->capsule().text(), QStringLiteral("“web” was removed."));
    publish();
    QTRY_COMPARE(watchModel().rowCount(), 0);
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("RestoreWatch")), 1);
    publish();
    QTRY_COMPARE(watchModel().rowCount(), 1);
    QCOMPARE(watchModel().watchAt(0).total.rxBytes, 777);
    QVERIFY(!m_window->actions().canUndo());
}

void WindowTest::severalRemovedWatchesComeBackByOneUndo()
{
    m_helper->watches = {watchRow(QStringLiteral("a")), watchRow(QStringLiteral("b")),
                         watchRow(QStringLiteral("c"))};
    open(Page::Watches);
    QTRY_COMPARE(watchModel().rowCount(), 3);
    m_window->actions().remove({QStringLiteral("a"), QStringLiteral("c")});
    QTRY_COMPARE(m_window->capsule().text(), QStringLiteral("2 watches were removed."));
    m_window->actions().undo();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("RestoreWatch")), 2);
    QTRY_COMPARE(m_helper->watches.size(), 3);
    QVERIFY(!m_window->actions().canUndo());
}

void WindowTest::aRemovalThatIsRefusedIsTold()
{
    m_helper->watches = {watchRow(QStringLiteral("web"))};
    open(Page::Watches);
    QTRY_COMPARE(watchModel().rowCount(), 1);
    m_helper->fail(QStringLiteral("RemoveWatch"), dbus::error::kNotAuthorized, QStringLiteral("no"));
    m_window->actions().remove({QStringLiteral("web")});
    QTRY_VERIFY(m_window->capsule().isVisible());
    QVERIFY(m_window->capsule().text().startsWith(QStringLiteral("“web” was not removed.")));
    QVERIFY(!m_window->actions().canUndo());
}

void WindowTest::pausingSendsTheRevisionThatWasRead()
{
    m_helper->watches = {watchRow(QStringLiteral("web"))};
    m_helper->watches[0].revision = 41;
    open(Page::Watches);
    QTRY_COMPARE(watchModel().rowCount(), 1);
    m_window->actions().setEnabled({QStringLiteral("web")}, false);
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("EditWatch")), 1);
    QCOMPARE(m_helper->calls.last().arguments.at(0).toUInt(), 41);
    publish();
    QTRY_VERIFY(!watchModel().watchAt(0).enabled);
    QCOMPARE(watchModel().index(0, gui::WatchModel::State).data().toString(), QStringLiteral("Paused"));
}

void WindowTest::theFilterLineIsPartOfTheQuery()
{
    open(Page::Connections);
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("flows")), 1);
    QCOMPARE(m_helper->flowQuery().value(QStringLiteral("limit")).toUInt(), 5000);
    auto *filter = m_window->connections().findChild<QLineEdit *>();
    QTest::keyClicks(filter, QStringLiteral("port:443"));
    QTRY_COMPARE(m_helper->flowQuery().value(QStringLiteral("filter")).toString(),
                 QStringLiteral("port:443"));
    QCOMPARE(m_helper->flowQuery().value(QStringLiteral("closed")).toBool(), false);
    m_window->connections().findChild<QCheckBox *>()->click();
    QTRY_COMPARE(m_helper->flowQuery().value(QStringLiteral("closed")).toBool(), true);
    QCOMPARE(m_helper->subscriptionsTo(QStringLiteral("flows")), 1);
}

void WindowTest::aFilterThatIsRefusedIsToldInPlaceAndTheNextOneWorks()
{
    m_helper->flows = {flowRow(1)};
    open(Page::Connections);
    QTRY_COMPARE(m_window->connections().model().rowCount(), 1);
    m_helper->fail(QStringLiteral("Subscribe"), dbus::error::kInvalidArgument,
                   QStringLiteral("filter: 'port:http' is not a port"));
    m_window->connections().setFilter(QStringLiteral("port:http"));
    const auto refusal = [this]() -> QString {
        for (const QLabel *label : m_window->connections().findChildren<QLabel *>())
            if (label->isVisible() && label->text().startsWith(QStringLiteral("This filter cannot be used")))
                return label->text();
        return {};
    };
    QTRY_COMPARE(refusal(), QStringLiteral("This filter cannot be used: filter: 'port:http' is not a port"));
    QVERIFY(!m_window->banner().isVisible());
    m_helper->heal();
    m_window->connections().setFilter(QStringLiteral("port:80"));
    QTRY_COMPARE(m_helper->flowQuery().value(QStringLiteral("filter")).toString(), QStringLiteral("port:80"));
    QTRY_VERIFY(refusal().isEmpty());
}

void WindowTest::columnsSortByTheHelpersOrderToo()
{
    m_helper->flows = {flowRow(1, QStringLiteral("203.0.113.9")), flowRow(2, QStringLiteral("203.0.113.10"))};
    open(Page::Connections);
    QTRY_COMPARE(m_window->connections().model().rowCount(), 2);
    QCOMPARE(m_helper->flowQuery().value(QStringLiteral("sort")).toString(), QStringLiteral("rate"));
    m_window->connections().table().sortByColumn(gui::FlowModel::Remote, Qt::AscendingOrder);
    QTRY_COMPARE(m_helper->flowQuery().value(QStringLiteral("sort")).toString(), QStringLiteral("remote"));
    QCOMPARE(m_helper->flowQuery().value(QStringLiteral("ascending")).toBool(), true);
    QCOMPARE(m_window->connections().model().flowAt(0).remoteAddress, QStringLiteral("203.0.113.9"));
    m_window->connections().table().sortByColumn(gui::FlowModel::TotalUp, Qt::DescendingOrder);
    QTRY_COMPARE(m_helper->flowQuery().value(QStringLiteral("sort")).toString(), QStringLiteral("tx"));
}

void WindowTest::theStatusLineTellsHowManyMatch()
{
    m_helper->flows = {flowRow(1), flowRow(2)};
    m_helper->flowsTotal = 1234;
    open(Page::Connections);
    const auto status = [this] {
        QStringList texts;
        for (const QLabel *label :
             m_window->connections().findChildren<QLabel *>(QString(), Qt::FindDirectChildrenOnly))
            texts.append(label->text());
        return texts;
    };
    QTRY_VERIFY(status().contains(QStringLiteral("2 of 1,234 connections")));
}

void WindowTest::problemsAreCountedInTheHeader()
{
    open();
    const auto *button = m_window->findChild<gui::ProblemsButton *>();
    QVERIFY(button->isHidden());
    m_helper->problems = {{QStringLiteral("a"),
                           QStringLiteral("warning"),
                           {},
                           QStringLiteral("Something."),
                           QStringLiteral("Mend it."),
                           0}};
    m_helper->publishProblems();
    QTRY_VERIFY(button->isVisible());
    QCOMPARE(button->text(), QStringLiteral("1 problem"));
    m_helper->problems.clear();
    m_helper->publishProblems();
    QTRY_VERIFY(button->isHidden());
}

void WindowTest::theThemeIsKept()
{
    for (QAction *action : m_window->findChildren<QAction *>())
        if (action->text() == QStringLiteral("Dark"))
            action->trigger();
    QVERIFY(gui::Theme::instance().isDark());
    QCOMPARE(m_settings->value(QStringLiteral("window/theme")).toString(), QStringLiteral("dark"));
    gui::Theme::instance().setChoice(gui::ThemeChoice::Light);
    QVERIFY(!gui::Theme::instance().isDark());
}

void WindowTest::theWidthsOfColumnsAreKept()
{
    open(Page::Watches);
    m_window->watches().table().setColumnWidth(gui::WatchModel::Ports, 321);
    m_window->connections().table().setColumnWidth(gui::FlowModel::Remote, 234);
    m_window->close();
    m_window = std::make_unique<gui::MainWindow>(*m_client, *m_settings);
    QCOMPARE(m_window->watches().table().columnWidth(gui::WatchModel::Ports), 321);
    QCOMPARE(m_window->connections().table().columnWidth(gui::FlowModel::Remote), 234);
}

void WindowTest::widthsOfAnotherVersionsColumnsAreLeftAside()
{
    const int before = m_window->watches().table().columnWidth(gui::WatchModel::Name);
    m_settings->setValue(QStringLiteral("window/watch_columns"), QVariantList{700, 700});
    m_window = std::make_unique<gui::MainWindow>(*m_client, *m_settings);
    QCOMPARE(m_window->watches().table().columnWidth(gui::WatchModel::Name), before);
}

QTEST_MAIN(WindowTest)
#include "window_test.moc"
