// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/client.h"
#include "app/gui/language.h"
#include "app/gui/live_data.h"
#include "app/gui/watch_actions.h"
#include "dbus/names.h"
#include "tests/gui/rows.h"
#include "tests/support/private_bus.h"
#include "tests/support/stub_helper.h"

#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace weir;
using namespace weir::test;

/// What is done to several watches at once: how it is sent, and what is said when it does not work.
class WatchActionsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void removalsAreSentOneAfterTheOther();
    void aRefusalByTheFirstIsTheOnlyOneAskedFor_data();
    void aRefusalByTheFirstIsTheOnlyOneAskedFor();
    void aRemovalThatStopsHalfwayTellsHowManyAndCanBeUndone();
    void anUndoThatIsRefusedCanBeTriedAgain();
    void watchesThatCannotBePausedDoNotKeepTheOthersFromIt();
    void whatComesWhileAnotherIsUnderWayWaitsForItsTurn();

private:
    /// Everything that was sent until now has reached the helper.
    void settle();
    QStringList names() const;
    QString told() const { return m_failed->last().at(0).toString(); }

    const QStringList m_all{QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")};
    std::unique_ptr<PrivateBus> m_bus;
    std::unique_ptr<StubHelper> m_helper;
    std::unique_ptr<client::Client> m_client;
    std::unique_ptr<gui::LiveData> m_live;
    std::unique_ptr<gui::WatchActions> m_actions;
    std::unique_ptr<QSignalSpy> m_failed;
};

void WatchActionsTest::initTestCase()
{
    dbus::registerTypes();
    gui::initResources();
    QVERIFY(gui::setLanguage(QLocale(QLocale::English, QLocale::UnitedStates)));
}

void WatchActionsTest::init()
{
    m_bus = std::make_unique<PrivateBus>();
    QVERIFY2(!m_bus->address().isEmpty(), "dbus-daemon must be there");
    m_helper = std::make_unique<StubHelper>(m_bus->connection());
    for (const QString &name : m_all)
        m_helper->watches.append(watchRow(name));
    m_helper->appear();
    m_client = std::make_unique<client::Client>(m_bus->connection());
    m_live = std::make_unique<gui::LiveData>(*m_client);
    m_live->want(true, true);
    QTRY_COMPARE(m_live->watches().entryCount(), 3);
    m_actions = std::make_unique<gui::WatchActions>(*m_live, nullptr);
    m_failed = std::make_unique<QSignalSpy>(m_actions.get(), &gui::WatchActions::failed);
}

void WatchActionsTest::cleanup()
{
    m_failed.reset();
    m_actions.reset();
    m_live.reset();
    m_client.reset();
    m_helper.reset();
    m_bus.reset();
}

void WatchActionsTest::settle()
{
    bool answered = false;
    m_client->status(this, [&answered](const client::Answer<QVariantMap> &) { answered = true; });
    QTRY_VERIFY(answered);
}

QStringList WatchActionsTest::names() const
{
    QStringList names;
    for (const dbus::WatchRow &watch : m_helper->watches)
        names.append(watch.name);
    return names;
}

void WatchActionsTest::removalsAreSentOneAfterTheOther()
{
    QSignalSpy removed(m_actions.get(), &gui::WatchActions::removed);
    m_helper->hold(QStringLiteral("RemoveWatch"));
    m_actions->remove(m_all);
    settle();
    QCOMPARE(m_helper->callsOf(QStringLiteral("RemoveWatch")), 1);
    m_helper->release(QStringLiteral("RemoveWatch"));
    QTRY_COMPARE(removed.size(), 1);
    QCOMPARE(removed.first().at(0).toStringList(), m_all);
    QCOMPARE(names(), QStringList());
    QCOMPARE(m_failed->size(), 0);

    m_helper->hold(QStringLiteral("RestoreWatch"));
    m_actions->undo();
    settle();
    QCOMPARE(m_helper->callsOf(QStringLiteral("RestoreWatch")), 1);
    m_helper->release(QStringLiteral("RestoreWatch"));
    QTRY_COMPARE(names(), m_all);
}

void WatchActionsTest::aRefusalByTheFirstIsTheOnlyOneAskedFor_data()
{
    QTest::addColumn<bool>("remove");
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("said");
    QTest::addRow("removing") << true << "RemoveWatch"
                              << "Removed 0 of 3 watches. “a” was not removed. You are not allowed";
    QTest::addRow("pausing") << false << "EditWatch"
                             << "Paused 0 of 3 watches. “a” was not paused. You are not allowed";
}

void WatchActionsTest::aRefusalByTheFirstIsTheOnlyOneAskedFor()
{
    QFETCH(bool, remove);
    QFETCH(QString, method);
    QFETCH(QString, said);
    m_helper->fail(method, dbus::error::kNotAuthorized, QStringLiteral("no"));
    if (remove)
        m_actions->remove(m_all);
    else
        m_actions->setEnabled(m_all, false);
    QTRY_COMPARE(m_failed->size(), 1);
    QVERIFY2(told().startsWith(said), qPrintable(told()));
    settle();
    QCOMPARE(m_helper->callsOf(method), 1);
    QCOMPARE(m_failed->size(), 1);
    QVERIFY(!m_actions->canUndo());
}

void WatchActionsTest::aRemovalThatStopsHalfwayTellsHowManyAndCanBeUndone()
{
    m_helper->hold(QStringLiteral("RemoveWatch"));
    m_actions->remove(m_all);
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("RemoveWatch")), 1);
    m_helper->release(QStringLiteral("RemoveWatch"));
    m_helper->fail(QStringLiteral("RemoveWatch"), dbus::error::kNotAuthorized,
                   QStringLiteral("no")); // the second one
    QTRY_COMPARE(m_failed->size(), 1);
    QVERIFY2(
        told().startsWith(QStringLiteral("Removed 1 of 3 watches. “b” was not removed. You are not allowed")),
        qPrintable(told()));
    settle();
    QCOMPARE(m_helper->callsOf(QStringLiteral("RemoveWatch")), 2);
    QCOMPARE(names(), m_all.mid(1));
    QVERIFY(m_actions->canUndo());
    m_actions->undo();
    QTRY_COMPARE(names(), m_all);
}

void WatchActionsTest::anUndoThatIsRefusedCanBeTriedAgain()
{
    m_actions->remove(m_all);
    QTRY_VERIFY(m_actions->canUndo());
    m_helper->fail(QStringLiteral("RestoreWatch"), dbus::error::kNotAuthorized, QStringLiteral("no"));
    m_actions->undo();
    QTRY_COMPARE(m_failed->size(), 1);
    QVERIFY2(told().startsWith(QStringLiteral("Brought back 0 of 3 watches. “a” was not brought back.")),
             qPrintable(told()));
    settle();
    QCOMPARE(m_helper->callsOf(QStringLiteral("RestoreWatch")), 1);
    m_helper->heal();
    QVERIFY(m_actions->canUndo());
    m_actions->undo();
    QTRY_COMPARE(names(), m_all);
    QVERIFY(!m_actions->canUndo());
}

void WatchActionsTest::watchesThatCannotBePausedDoNotKeepTheOthersFromIt()
{
    m_helper->watches[1].revision = 7; // changed elsewhere: no frame has told of it
    m_actions->setEnabled(m_all, false);
    QTRY_COMPARE(m_failed->size(), 1);
    QVERIFY2(told().startsWith(
                 QStringLiteral("Paused 2 of 3 watches. “b” was not paused. It was changed meanwhile")),
             qPrintable(told()));
    QVERIFY(!m_helper->watches.at(0).enabled);
    QVERIFY(m_helper->watches.at(1).enabled);
    QVERIFY(!m_helper->watches.at(2).enabled);
}

void WatchActionsTest::whatComesWhileAnotherIsUnderWayWaitsForItsTurn()
{
    m_helper->hold(QStringLiteral("RemoveWatch"));
    m_actions->remove(m_all.mid(0, 2));
    m_actions->setEnabled(m_all.mid(2), false);
    settle();
    QCOMPARE(m_helper->callsOf(QStringLiteral("RemoveWatch")), 1);
    QCOMPARE(m_helper->callsOf(QStringLiteral("EditWatch")), 0);
    m_helper->release(QStringLiteral("RemoveWatch"));
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("EditWatch")), 1);
    QCOMPARE(names(), m_all.mid(2));
    QTRY_VERIFY(!m_helper->watches.at(0).enabled);
    QCOMPARE(m_failed->size(), 0);
}

QTEST_MAIN(WatchActionsTest)
#include "watch_actions_test.moc"
