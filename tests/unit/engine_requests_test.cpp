// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/engine_rig.h"

#include <QSignalSpy>

using namespace std::chrono_literals;

namespace weir::test {

namespace {

const QString kWeb = QStringLiteral("web");
const QString kLine = QStringLiteral("line");

WatchEdit rename(const QString &name)
{
    WatchEdit edit;
    edit.name = name;
    return edit;
}

WatchEdit move(const PortRanges &ports)
{
    WatchEdit edit;
    edit.ports = ports;
    return edit;
}

WatchEdit enable(bool enabled)
{
    WatchEdit edit;
    edit.enabled = enabled;
    return edit;
}

quint64 received(const EngineRig &rig, const QString &name)
{
    const WatchRecord record = rig.watch(name).record;
    return (record.total.total() + record.totalOther).rxBytes;
}

const Error kRefused{ErrorKind::KernelRefused, QStringLiteral("cannot set atoms: Operation not permitted")};

} // namespace

class EngineRequestsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatIsAddedIsOnTheDiskBeforeTheReply();
    void aNameInUseIsAConflict();
    void aBatchIsAddedWholeOrNotAtAll();
    void aLinkThatIsNotThereIsNotFound();
    void aLinkThatHasOnlyJustAppearedIsFound();
    void bytesOfANewLinkFromBeforeItsWatchWasAddedAreNotTheWatchs();
    void aNewLinkIsFoundByTheChecksOnceTheyLookedForIt();
    void allPortListsTogetherAreBounded();
    void allNotesTogetherAreBounded();
    void aFilterThatNamesNoWatchOrLinkIsNotFound();
    void staleRevisionsAreConflicts();
    void eachEditOfAWatchGivesTheNextRevision();
    void anEditThatChangesNothingGivesTheSameRevision();
    void aRenamedWatchKeepsItsTotals();
    void anEditOfPortsCountsTheOldOnesUntilThenAndTheNewOnesFromThen();
    void theNameOfARemovedWatchMayBeUsedAgain();
    void theLastRemovedOfANameComesBack();
    void idsAreNeverUsedAgain();
    void checksChangeNothing();
    void manyRequestsInFlightAreDoneOneAfterTheOther();
    void theSecondOfTwoEditsWithOneRevisionIsRefused();
    void whatTheKernelRefusesChangesNothing();
    void whatCannotBeStoredChangesNothing_data();
    void whatCannotBeStoredChangesNothing();
    void countingGoesOnWhileTheDiskFailsAndIsStoredLater();
    void aKernelThatRefusesTheWayBackIsToldAgain();
    void settingsThatCannotBeStoredAreAsBefore();
    void aStaleRevisionOfSettingsIsAConflict();
    void theFlushIntervalIsFollowed();
    void readingFailuresAreProblemsThatPass();
    void linksThatTheKernelRefusesToMeterAreTriedAgain();
    void afterStopRequestsAreRefused();
    void whatCannotBeStoredAtTheEndStaysInTheKernel();
    void problemsOfOthersAreKeptUntilTheyAreCleared();
    void aFlowOfManyWatchesNamesSixteenAndIsFoundByEach();
    void sixtyFiveThousandWatchesAreAddedReadAndKept();
};

void EngineRequestsTest::whatIsAddedIsOnTheDiskBeforeTheReply()
{
    EngineRig rig;
    QVERIFY(rig.start());
    WatchSpec spec = rig.ports(kWeb, {{8000, 8001}, {80, 80}}, Protocols::Tcp);
    spec.note = QStringLiteral("two\nlines");
    QCOMPARE(rig.add({spec}).value(), 1u);
    rig.kill();
    QVERIFY(rig.start());
    const WatchRecord record = rig.watch(kWeb).record;
    spec.ports = {{80, 80}, {8000, 8001}};
    QCOMPARE(record.spec, spec);
    QCOMPARE(record.revision, 1u);
    QCOMPARE(record.createdS, 1'700'000'000);
}

void EngineRequestsTest::aNameInUseIsAConflict()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}}), rig.ports(QStringLiteral("dns"), {{53, 53}})}));
    QCOMPARE(rig.add({rig.ports(kWeb, {{81, 81}})}).error().kind, ErrorKind::Conflict);
    const auto renamed = rig.edit(QStringLiteral("dns"), rename(kWeb));
    QCOMPARE(renamed.error().kind, ErrorKind::Conflict);
    QVERIFY(renamed.error().message.contains(QStringLiteral("\"web\"")));
    QCOMPARE(rig.names(), QStringList({QStringLiteral("dns"), kWeb}));
}

void EngineRequestsTest::aBatchIsAddedWholeOrNotAtAll()
{
    EngineRig rig;
    QVERIFY(rig.start());
    const auto bad =
        rig.add({rig.ports(QStringLiteral("a"), {{1, 1}}), rig.ports(QStringLiteral("b"), {{0, 1}})});
    QCOMPARE(bad.error().kind, ErrorKind::InvalidArgument);
    QVERIFY(bad.error().message.contains(QStringLiteral("\"b\"")));
    QCOMPARE(rig.add({rig.ports(QStringLiteral("a"), {{1, 1}}), rig.ports(QStringLiteral("a"), {{2, 2}})})
                 .error()
                 .kind,
             ErrorKind::Conflict);
    QCOMPARE(rig.add({}).error().kind, ErrorKind::InvalidArgument);
    QCOMPARE(rig.names(), QStringList());
}

void EngineRequestsTest::aLinkThatIsNotThereIsNotFound()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QCOMPARE(rig.add({rig.onLink(kLine, QStringLiteral("eth9"))}).error().kind, ErrorKind::NotFound);
    QVERIFY(rig.add({rig.onLink(kLine, QStringLiteral("eth0"))}));
    WatchEdit edit;
    edit.link = QStringLiteral("eth9");
    QCOMPARE(rig.edit(kLine, edit).error().kind, ErrorKind::NotFound);
    // while the link is away the watch can still be edited
    rig.machine->removeLink(rig.eth0);
    rig.second();
    QVERIFY(rig.edit(kLine, rename(QStringLiteral("old line"))));
}

void EngineRequestsTest::aLinkThatHasOnlyJustAppearedIsFound()
{
    EngineRig rig;
    QVERIFY(rig.start());
    rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1")));
    QVERIFY(rig.add({rig.onLink(kLine, QStringLiteral("eth1"))}));
    rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth2")));
    WatchEdit edit;
    edit.link = QStringLiteral("eth2");
    QVERIFY(rig.edit(kLine, edit));
    rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth3")));
    QVERIFY(rig.set({{QStringLiteral("metered_links"), QStringLiteral("eth3")}}));
    QCOMPARE(rig.add({rig.onLink(kWeb, QStringLiteral("eth4"))}).error().kind, ErrorKind::NotFound);
}

void EngineRequestsTest::bytesOfANewLinkFromBeforeItsWatchWasAddedAreNotTheWatchs()
{
    EngineRig rig;
    QVERIFY(rig.start());
    rig.clock.skip(1s);
    const int eth1 = rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1")));
    QTRY_VERIFY(rig.machine->meteredLinks().contains(eth1)); // by its event, before a sample
    rig.pass(80, 5000, 0, eth1);
    QVERIFY(rig.add({rig.onLink(kLine, QStringLiteral("eth1"))}));
    rig.pass(80, 20, 0, eth1);
    rig.second();
    rig.pass(80, 3, 0, eth1);
    rig.second();
    QCOMPARE(received(rig, kLine), 23u);
}

void EngineRequestsTest::aNewLinkIsFoundByTheChecksOnceTheyLookedForIt()
{
    EngineRig rig;
    QVERIFY(rig.start());
    rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1")));
    QCOMPARE(rig.engine->checkAdd({rig.onLink(kLine, QStringLiteral("eth1"))}).error().kind,
             ErrorKind::NotFound);
    int looked = 0;
    for (int i = 0; i < 3; ++i) // those who ask while links are being read get the next reading
        rig.engine->lookForLinks({QStringLiteral("eth0"), QStringLiteral("eth1"), QStringLiteral("eth9")},
                                 [&] { ++looked; });
    QTRY_COMPARE(looked, 3);
    QVERIFY(rig.engine->checkAdd({rig.onLink(kLine, QStringLiteral("eth1"))}));
    QCOMPARE(rig.engine->checkAdd({rig.onLink(kLine, QStringLiteral("eth9"))}).error().kind,
             ErrorKind::NotFound);
    rig.engine->lookForLinks({QStringLiteral("eth1")}, [&] { ++looked; });
    QCOMPARE(looked, 4); // known: at once
}

void EngineRequestsTest::allPortListsTogetherAreBounded()
{
    EngineRig rig;
    QVERIFY(rig.start());
    PortRanges most;
    for (int port = 1; port <= 2 * 4096; port += 2)
        most.push_back({quint16(port), quint16(port)});
    // 244 * 4,096 = 999,424 ranges, 576 below 1,000,000
    std::vector<WatchSpec> specs;
    for (int i = 0; i < 244; ++i)
        specs.push_back(rig.ports(QStringLiteral("watch %1").arg(i), most));
    QVERIFY(rig.add(specs));
    const auto first = [&](qsizetype count) { return PortRanges(most.begin(), most.begin() + count); };
    const auto refused = rig.add({rig.ports(kWeb, first(577))});
    QCOMPARE(refused.error().kind, ErrorKind::LimitReached);
    QCOMPARE(
        refused.error().message,
        QStringLiteral(
            "ports: all watches together would have 1000001 ports and ranges, at most 1000000 are allowed"));
    QVERIFY(rig.add({rig.ports(kWeb, first(576))}));
    QCOMPARE(rig.engine->checkEdit(1, kWeb, test::move(first(577))).error().kind, ErrorKind::LimitReached);
    QVERIFY(rig.remove(kWeb));
    QVERIFY(rig.add({rig.ports(QStringLiteral("one"), {{1, 1}})}));
    QCOMPARE(rig.restore(kWeb).error().kind, ErrorKind::LimitReached);
    QVERIFY(rig.remove(QStringLiteral("one")));
    QVERIFY(rig.restore(kWeb));
}

void EngineRequestsTest::allNotesTogetherAreBounded()
{
    EngineRig rig;
    QVERIFY(rig.start());
    const char32_t character = 0x1f30a; // two units of UTF-16, one character
    const QString longest = QString::fromUcs4(&character, 1).repeated(1000);
    std::vector<WatchSpec> specs;
    for (int i = 0; i < 8000; ++i) {
        specs.push_back(rig.ports(QStringLiteral("watch %1").arg(i), {{80, 80}}));
        specs.back().note = longest;
    }
    WatchSpec last = rig.ports(kWeb, {{80, 80}});
    last.note = QStringLiteral("x");
    specs.push_back(last);
    QCOMPARE(rig.engine->checkAdd(specs).error().kind, ErrorKind::LimitReached);
    QVERIFY(rig.engine->checkAdd(specs).error().message.contains(
        QStringLiteral("8000001 characters, at most 8000000")));
    specs.back().note.clear();
    QVERIFY(rig.add(specs));
    WatchEdit note;
    note.note = QStringLiteral("x");
    QCOMPARE(rig.edit(kWeb, note).error().kind, ErrorKind::LimitReached);
    QVERIFY(rig.edit(kWeb, enable(false)));
    QVERIFY(rig.edit(QStringLiteral("watch 0"), note)); // 999 fewer
    QVERIFY(rig.edit(kWeb, note));
}

void EngineRequestsTest::aFilterThatNamesNoWatchOrLinkIsNotFound()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    const auto check = [&](const char *line) {
        FlowQuery query;
        query.filter = FlowFilter::parse(QString::fromUtf8(line)).value();
        const auto found = rig.engine->checkFlows(query);
        return found ? QString() : found.error().message;
    };
    QCOMPARE(check("watch:web link:eth0 port:80 nosuch"), QString());
    QCOMPARE(check("port:80 watch:nosuch"), QStringLiteral("filter: there is no watch \"nosuch\""));
    QCOMPARE(check("watch:web link:eth9"), QStringLiteral("filter: there is no link \"eth9\""));
    QVERIFY(rig.remove(kWeb));
    QCOMPARE(check("watch:web"), QStringLiteral("filter: there is no watch \"web\""));
    QCOMPARE(rig.flows(QStringLiteral("watch:web")).matching, size_t(0)); // a query that goes on is answered
}

void EngineRequestsTest::staleRevisionsAreConflicts()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    QCOMPARE(rig.edit(1, kWeb, move({{81, 81}})).value(), 2u);
    const auto stale = rig.edit(1, kWeb, move({{82, 82}}));
    QCOMPARE(stale.error().kind, ErrorKind::Conflict);
    QVERIFY(stale.error().message.contains(QStringLiteral("revision")));
    QCOMPARE(rig.remove(1, kWeb).error().kind, ErrorKind::Conflict);
    QCOMPARE(rig.watch(kWeb).record.spec.ports, PortRanges({{81, 81}}));
    QCOMPARE(rig.edit(1, QStringLiteral("nobody"), enable(false)).error().kind, ErrorKind::NotFound);
    QCOMPARE(rig.remove(1, QStringLiteral("nobody")).error().kind, ErrorKind::NotFound);
    QCOMPARE(rig.restore(QStringLiteral("nobody")).error().kind, ErrorKind::NotFound);
}

void EngineRequestsTest::eachEditOfAWatchGivesTheNextRevision()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    QCOMPARE(rig.edit(kWeb, enable(false)).value(), 2u);
    QCOMPARE(rig.edit(kWeb, move({{90, 90}})).value(), 3u);
    QVERIFY(rig.remove(kWeb));
    QCOMPARE(rig.restore(kWeb).value(), 4u);
    QCOMPARE(rig.watch(kWeb).record.revision, 4u);
}

void EngineRequestsTest::anEditThatChangesNothingGivesTheSameRevision()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    const int writes = rig.writes;
    QCOMPARE(rig.edit(kWeb, {}).value(), 1u);
    QCOMPARE(rig.edit(kWeb, move({{80, 80}})).value(), 1u);
    QCOMPARE(rig.writes, writes);
}

void EngineRequestsTest::aRenamedWatchKeepsItsTotals()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    rig.pass(80, 100, 0);
    QVERIFY(rig.edit(kWeb, rename(QStringLiteral("alpha"))));
    rig.pass(80, 20, 0);
    rig.second();
    QCOMPARE(rig.names(), QStringList({QStringLiteral("alpha")}));
    QCOMPARE(received(rig, QStringLiteral("alpha")), 120u);
}

void EngineRequestsTest::anEditOfPortsCountsTheOldOnesUntilThenAndTheNewOnesFromThen()
{
    EngineRig rig;
    QVERIFY(rig.start());
    rig.pass(81, 5000, 0);
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}}), rig.ports(QStringLiteral("all"), {{1, 65535}})}));
    rig.pass(80, 100, 0);
    rig.pass(81, 7000, 0);
    QVERIFY(rig.edit(kWeb, move({{81, 81}})));
    QCOMPARE(received(rig, kWeb), 100u);
    rig.pass(80, 9000, 0);
    rig.pass(81, 20, 0);
    rig.second();
    QCOMPARE(received(rig, kWeb), 120u);
    QCOMPARE(received(rig, QStringLiteral("all")), 16120u);
    // killed right after the next edit's reply
    QVERIFY(rig.edit(kWeb, move({{80, 81}})));
    rig.pass(80, 3, 0);
    rig.kill();
    rig.pass(81, 4, 0);
    QVERIFY(rig.start());
    QCOMPARE(received(rig, kWeb), 127u);
    QCOMPARE(received(rig, QStringLiteral("all")), 16127u);
}

void EngineRequestsTest::theNameOfARemovedWatchMayBeUsedAgain()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    rig.pass(80, 100, 0);
    QVERIFY(rig.remove(kWeb));
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    QCOMPARE(received(rig, kWeb), 0u);
    QCOMPARE(rig.restore(kWeb).error().kind, ErrorKind::Conflict);
    QVERIFY(rig.edit(kWeb, rename(QStringLiteral("web 2"))));
    QVERIFY(rig.restore(kWeb));
    QCOMPARE(received(rig, kWeb), 100u);
    rig.kill();
    QVERIFY(rig.start());
    QCOMPARE(rig.names(), QStringList({kWeb, QStringLiteral("web 2")}));
}

void EngineRequestsTest::theLastRemovedOfANameComesBack()
{
    EngineRig rig;
    QVERIFY(rig.start());
    for (const quint16 port : {80, 81}) {
        QVERIFY(rig.add({rig.ports(kWeb, {{port, port}})}));
        QVERIFY(rig.remove(kWeb));
        rig.second();
    }
    QVERIFY(rig.restore(kWeb));
    QCOMPARE(rig.watch(kWeb).record.spec.ports, PortRanges({{81, 81}}));
}

void EngineRequestsTest::idsAreNeverUsedAgain()
{
    EngineRig rig;
    QVERIFY(rig.start());
    std::set<qint64> ids;
    for (int round = 0; round < 4; ++round) {
        QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
        QVERIFY(ids.insert(rig.watch(kWeb).record.id).second);
        QVERIFY(rig.remove(kWeb));
        rig.second(11min);
        rig.kill();
        QVERIFY(rig.start());
    }
}

void EngineRequestsTest::checksChangeNothing()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    const int writes = rig.writes;
    QSignalSpy changed(rig.engine.get(), &Engine::watchesChanged);
    QVERIFY(rig.engine->checkAdd({rig.ports(QStringLiteral("b"), {{1, 1}})}));
    QVERIFY(rig.engine->checkEdit(1, kWeb, move({{81, 81}})));
    QVERIFY(rig.engine->checkRemove(1, kWeb));
    QVERIFY(!rig.engine->checkRestore(kWeb));
    QVERIFY(rig.engine->checkSettings(1, {{QStringLiteral("flush_interval_s"), 60u}}));
    QCOMPARE(rig.names(), QStringList({kWeb}));
    QCOMPARE(rig.watch(kWeb).record.spec.ports, PortRanges({{80, 80}}));
    QCOMPARE(rig.writes, writes);
    QCOMPARE(changed.size(), 0);
}

void EngineRequestsTest::manyRequestsInFlightAreDoneOneAfterTheOther()
{
    EngineRig rig;
    QVERIFY(rig.start());
    std::vector<QString> replies;
    const auto note = [&](const QString &what) {
        return [&replies, what](const auto &result) {
            replies.push_back(what + (result ? QStringLiteral(" ok") : QStringLiteral(" no")));
        };
    };
    rig.engine->addWatches({rig.ports(kWeb, {{80, 80}})}, note(QStringLiteral("add")));
    rig.engine->addWatches({rig.ports(kWeb, {{81, 81}})}, note(QStringLiteral("again")));
    rig.engine->editWatch(1, kWeb, rename(QStringLiteral("b")), note(QStringLiteral("rename")));
    rig.engine->addWatches({rig.ports(kWeb, {{82, 82}})}, note(QStringLiteral("reuse")));
    rig.engine->removeWatch(2, QStringLiteral("b"), note(QStringLiteral("remove")));
    rig.engine->restoreWatch(QStringLiteral("b"), note(QStringLiteral("restore")));
    QTRY_COMPARE(replies.size(), size_t(6));
    const std::vector<QString> expected{QStringLiteral("add ok"),    QStringLiteral("again no"),
                                        QStringLiteral("rename ok"), QStringLiteral("reuse ok"),
                                        QStringLiteral("remove ok"), QStringLiteral("restore ok")};
    QCOMPARE(replies, expected);
    QCOMPARE(rig.names(), QStringList({QStringLiteral("b"), kWeb}));
    QCOMPARE(rig.watch(kWeb).record.spec.ports, PortRanges({{82, 82}}));
}

void EngineRequestsTest::theSecondOfTwoEditsWithOneRevisionIsRefused()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    std::optional<Result<quint32>> first;
    std::optional<Result<quint32>> second;
    QVERIFY(rig.engine->checkEdit(1, kWeb, move({{81, 81}}))); // both looked fine when they were checked
    QVERIFY(rig.engine->checkEdit(1, kWeb, move({{82, 82}})));
    rig.engine->editWatch(1, kWeb, move({{81, 81}}), [&](Result<quint32> result) { first = result; });
    rig.engine->editWatch(1, kWeb, move({{82, 82}}), [&](Result<quint32> result) { second = result; });
    QTRY_VERIFY(first && second);
    QVERIFY(*first);
    QCOMPARE(second->error().kind, ErrorKind::Conflict);
    QCOMPARE(rig.watch(kWeb).record.spec.ports, PortRanges({{81, 81}}));
}

void EngineRequestsTest::whatTheKernelRefusesChangesNothing()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    rig.machine->fail(FakeMachine::Call::SetAtoms, kRefused);
    const auto refused = rig.add({rig.ports(QStringLiteral("b"), {{81, 81}})});
    QCOMPARE(refused.error().kind, ErrorKind::KernelRefused);
    QCOMPARE(refused.error().message, kRefused.message);
    QVERIFY(!rig.edit(kWeb, move({{82, 82}})));
    QVERIFY(!rig.remove(kWeb));
    rig.machine->succeed(FakeMachine::Call::SetAtoms);
    rig.pass(80, 100, 0);
    rig.second();
    QCOMPARE(rig.names(), QStringList({kWeb}));
    QCOMPARE(rig.watch(kWeb).record.revision, 1u);
    QCOMPARE(received(rig, kWeb), 100u);
}

void EngineRequestsTest::whatCannotBeStoredChangesNothing_data()
{
    QTest::addColumn<QString>("request");
    for (const char *request : {"add", "ports", "pause", "resume", "rename", "remove", "restore", "link"})
        QTest::newRow(request) << QString::fromLatin1(request);
}

void EngineRequestsTest::whatCannotBeStoredChangesNothing()
{
    QFETCH(QString, request);
    EngineRig rig;
    const int eth1 = rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1")));
    QVERIFY(rig.start());
    const QString gone = QStringLiteral("gone");
    const QString paused = QStringLiteral("paused");
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}}), rig.ports(gone, {{81, 81}}), rig.ports(paused, {{80, 80}}),
                     rig.onLink(kLine, QStringLiteral("eth0"))}));
    QVERIFY(rig.remove(gone));
    QVERIFY(rig.edit(paused, enable(false)));
    rig.pass(80, 100, 0);
    rig.second();
    const auto before = rig.engine->watches();

    rig.storeFails = true;
    Result<void> outcome;
    const auto note = [&](const auto &result) {
        outcome = result ? Result<void>() : Result<void>(std::unexpected(result.error()));
    };
    WatchEdit otherLink;
    otherLink.link = QStringLiteral("eth1");
    if (request == QLatin1String("add"))
        note(rig.add({rig.ports(QStringLiteral("new"), {{80, 90}}),
                      rig.onLink(QStringLiteral("new line"), QStringLiteral("eth0"))}));
    else if (request == QLatin1String("ports"))
        note(rig.edit(kWeb, move({{82, 90}})));
    else if (request == QLatin1String("pause"))
        note(rig.edit(kWeb, enable(false)));
    else if (request == QLatin1String("resume"))
        note(rig.edit(paused, enable(true)));
    else if (request == QLatin1String("rename"))
        note(rig.edit(kWeb, rename(QStringLiteral("zebra"))));
    else if (request == QLatin1String("remove"))
        note(rig.remove(kWeb));
    else if (request == QLatin1String("restore"))
        note(rig.restore(gone));
    else
        note(rig.edit(kLine, otherLink));
    QVERIFY(!outcome);
    QCOMPARE(outcome.error().kind, ErrorKind::StorageFailed);
    QVERIFY(rig.hasProblem(QStringLiteral("storage-failed")));

    const auto after = rig.engine->watches();
    QCOMPARE(after.size(), before.size());
    for (size_t i = 0; i < after.size(); ++i) {
        QCOMPARE(after[i].record.id, before[i].record.id);
        QCOMPARE(after[i].record.spec, before[i].record.spec);
        QCOMPARE(after[i].record.revision, before[i].record.revision);
    }
    rig.pass(80, 20, 0);
    rig.pass(80, 5000, 0, eth1);
    rig.second();
    QCOMPARE(received(rig, kWeb), 5120u);
    QCOMPARE(received(rig, kLine), 120u);
    QCOMPARE(received(rig, paused), 0u);

    rig.storeFails = false;
    QVERIFY(rig.stop());
    QVERIFY(rig.start());
    QCOMPARE(rig.engine->watches().size(), before.size());
    QCOMPARE(received(rig, kWeb), 5120u);
    QCOMPARE(received(rig, kLine), 120u);
    QVERIFY(rig.restore(gone));
}

void EngineRequestsTest::countingGoesOnWhileTheDiskFailsAndIsStoredLater()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    rig.storeFails = true;
    for (int i = 0; i < 40; ++i) {
        rig.pass(80, 10, 0);
        rig.second();
    }
    QVERIFY(rig.hasProblem(QStringLiteral("storage-failed")));
    QCOMPARE(received(rig, kWeb), 400u);
    QVERIFY(rig.watch(kWeb).rate);
    rig.storeFails = false;
    for (int i = 0; i < 31; ++i)
        rig.second();
    QTRY_VERIFY(!rig.hasProblem(QStringLiteral("storage-failed")));
    rig.kill();
    auto stored = Store(rig.directory.path()).open();
    QVERIFY(stored);
    QCOMPARE(stored->watches.at(0).total.internet.rxBytes, 400u);
    QCOMPARE(stored->links.at(0).total.internet.rxBytes, 400u);
}

void EngineRequestsTest::aKernelThatRefusesTheWayBackIsToldAgain()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    rig.pass(80, 100, 0);
    // the disk fails, and by the time the answer is there the kernel refuses too
    rig.storeFails = true;
    rig.onWrite = [&] { rig.machine->fail(FakeMachine::Call::SetAtoms, kRefused); };
    QCOMPARE(rig.edit(kWeb, move({{90, 90}})).error().kind, ErrorKind::StorageFailed);
    QCOMPARE(rig.watch(kWeb).record.spec.ports, PortRanges({{80, 80}}));
    rig.pass(80, 20, 0);
    rig.pass(90, 5000, 0);
    rig.second();
    QCOMPARE(received(rig, kWeb), 100u); // not known yet
    rig.machine->succeed(FakeMachine::Call::SetAtoms);
    rig.second();
    QCOMPARE(received(rig, kWeb), 120u); // but not lost
}

void EngineRequestsTest::settingsThatCannotBeStoredAreAsBefore()
{
    EngineRig rig;
    rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1")));
    QVERIFY(rig.start());
    const auto before = rig.machine->meteredLinks();
    QCOMPARE(before.size(), size_t(2));
    rig.storeFails = true;
    QCOMPARE(rig.set({{QStringLiteral("metered_links"), QStringLiteral("eth0")}}).error().kind,
             ErrorKind::StorageFailed);
    QCOMPARE(rig.machine->meteredLinks(), before);
    QCOMPARE(rig.engine->settings().value(QStringLiteral("metered_links")), QVariant(QStringLiteral("auto")));
    QCOMPARE(rig.engine->settingsRevision(), 1u);
    rig.storeFails = false;
    rig.machine->fail(FakeMachine::Call::SetMeteredLinks, kRefused);
    QCOMPARE(rig.set({{QStringLiteral("metered_links"), QStringLiteral("eth0")}}).error().kind,
             ErrorKind::KernelRefused);
    rig.machine->succeed(FakeMachine::Call::SetMeteredLinks);
    rig.second();
    rig.second();
    QCOMPARE(rig.machine->meteredLinks(), before);
    QCOMPARE(rig.engine->settingsRevision(), 1u);
}

void EngineRequestsTest::aStaleRevisionOfSettingsIsAConflict()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QCOMPARE(rig.set({{QStringLiteral("flush_interval_s"), 60u}}).value(), 2u);
    QCOMPARE(rig.engine->checkSettings(1, {{QStringLiteral("flush_interval_s"), 70u}}).error().kind,
             ErrorKind::Conflict);
    QCOMPARE(rig.engine->settings().value(QStringLiteral("flush_interval_s")), QVariant(60u));
}

void EngineRequestsTest::theFlushIntervalIsFollowed()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    QVERIFY(rig.set({{QStringLiteral("flush_interval_s"), 5u}}));
    rig.pass(80, 10, 0);
    rig.second(5s);
    const int writes = rig.writes;
    for (int i = 0; i < 4; ++i) {
        rig.pass(80, 10, 0);
        rig.second();
    }
    QCOMPARE(rig.writes, writes);
    rig.second();
    QCOMPARE(rig.writes, writes + 1);
    for (int i = 0; i < 15; ++i) // nothing passes, and no flows are read: nothing to write
        rig.second();
    QCOMPARE(rig.writes, writes + 1);
}

void EngineRequestsTest::readingFailuresAreProblemsThatPass()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    for (const auto &[call, id] : {std::pair(FakeMachine::Call::Sample, "meter-not-read"),
                                   std::pair(FakeMachine::Call::Links, "links-not-read")}) {
        const quint64 before = received(rig, kWeb);
        const QString problem = QString::fromLatin1(id);
        rig.machine->fail(call, kRefused);
        rig.pass(80, 100, 0);
        rig.engine->tick();
        QTRY_VERIFY(rig.hasProblem(problem));
        QCOMPARE(received(rig, kWeb), before);
        rig.machine->succeed(call);
        rig.second();
        QVERIFY(!rig.hasProblem(problem));
        QCOMPARE(received(rig, kWeb), before + 100);
    }
}

void EngineRequestsTest::linksThatTheKernelRefusesToMeterAreTriedAgain()
{
    EngineRig rig;
    QVERIFY(rig.start());
    rig.machine->fail(FakeMachine::Call::SetMeteredLinks, kRefused);
    const int eth1 = rig.machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1")));
    rig.second();
    rig.second();
    QTRY_VERIFY(rig.hasProblem(QStringLiteral("links-not-applied")));
    QVERIFY(!rig.link(QStringLiteral("eth1")).metered);
    rig.machine->succeed(FakeMachine::Call::SetMeteredLinks);
    rig.second();
    rig.second();
    QTRY_VERIFY(!rig.hasProblem(QStringLiteral("links-not-applied")));
    QCOMPARE(rig.machine->meteredLinks(), std::set<int>({rig.eth0, eth1}));
}

void EngineRequestsTest::afterStopRequestsAreRefused()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    std::optional<Result<quint32>> accepted;
    std::optional<Result<void>> stopped;
    std::optional<Result<quint32>> refused;
    rig.engine->addWatches({rig.ports(QStringLiteral("b"), {{81, 81}})},
                           [&](Result<quint32> result) { accepted = result; });
    rig.pass(80, 100, 0);
    rig.engine->stop(Engine::Leave::Everything, [&](Result<void> result) { stopped = result; });
    rig.engine->addWatches({rig.ports(QStringLiteral("c"), {{82, 82}})},
                           [&](Result<quint32> result) { refused = result; });
    QTRY_VERIFY(stopped);
    QVERIFY(accepted && *accepted);
    QVERIFY(*stopped);
    QCOMPARE(refused->error().kind, ErrorKind::Conflict);
    QSignalSpy sampled(rig.engine.get(), &Engine::sampled);
    rig.engine->tick();
    rig.kill();
    QCOMPARE(sampled.size(), 0);
    const auto stored = Store(rig.directory.path()).open();
    QCOMPARE(stored->watches.size(), size_t(2));
    QCOMPARE(stored->watches.at(0).total.internet.rxBytes, 100u);
    QVERIFY(rig.machine->hasTraces());
}

void EngineRequestsTest::whatCannotBeStoredAtTheEndStaysInTheKernel()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QVERIFY(rig.add({rig.ports(kWeb, {{80, 80}})}));
    rig.pass(80, 100, 0);
    rig.storeFails = true;
    QCOMPARE(rig.stop(Engine::Leave::Nothing).error().kind, ErrorKind::StorageFailed);
    QVERIFY(rig.machine->hasTraces());
    rig.storeFails = false;
    QVERIFY(rig.start());
    QCOMPARE(received(rig, kWeb), 100u);
}

void EngineRequestsTest::problemsOfOthersAreKeptUntilTheyAreCleared()
{
    EngineRig rig;
    QVERIFY(rig.start());
    QSignalSpy changed(rig.engine.get(), &Engine::problemsChanged);
    const KernelProblem problem{
        QStringLiteral("polkit-missing"), QStringLiteral("warning"), {}, QStringLiteral("text"), {}};
    rig.engine->setProblem(problem);
    rig.engine->setProblem(problem);
    QCOMPARE(changed.size(), 1);
    rig.machine->addProblem(
        {QStringLiteral("meter-drift"), QStringLiteral("error"), QStringLiteral("eth0"), {}, {}});
    rig.second();
    QCOMPARE(changed.size(), 2);
    rig.second();
    QCOMPARE(changed.size(), 2);
    QCOMPARE(rig.engine->problems().size(), size_t(2));
    QCOMPARE(rig.engine->problems()[0].what.id, QStringLiteral("meter-drift")); // errors first
    QCOMPARE(rig.engine->problems()[1].sinceS, 1'700'000'000);
    rig.machine->clearProblems();
    rig.second();
    rig.engine->clearProblem(problem.id);
    QCOMPARE(rig.engine->problems().size(), size_t(0));
    QCOMPARE(changed.size(), 4);
}

void EngineRequestsTest::aFlowOfManyWatchesNamesSixteenAndIsFoundByEach()
{
    EngineRig rig;
    QVERIFY(rig.start());
    std::vector<WatchSpec> specs;
    for (int i = 0; i < 12; ++i) {
        specs.push_back(rig.ports(QStringLiteral("port %1").arg(i), {{80, 80}}));
        specs.push_back(rig.onLink(QStringLiteral("link %1").arg(i), QStringLiteral("eth0")));
    }
    QVERIFY(rig.add(specs));
    rig.pass(80, 1000, 0);
    rig.second();
    const FlowPage page = rig.flows();
    QCOMPARE(page.rows.size(), size_t(1));
    const QStringList names = page.rows.at(0).watches;
    QCOMPARE(names.size(), 16);
    QVERIFY(std::is_sorted(names.begin(), names.end()));
    for (const WatchSpec &spec : specs)
        QCOMPARE(rig.flows(QStringLiteral("watch:\"%1\"").arg(spec.name)).matching, size_t(1));
}

void EngineRequestsTest::sixtyFiveThousandWatchesAreAddedReadAndKept()
{
    EngineRig rig;
    QVERIFY(rig.start());
    std::vector<WatchSpec> specs;
    for (int port = 1; port <= 65535; ++port)
        specs.push_back(rig.ports(QStringLiteral("port %1").arg(port), {{quint16(port), quint16(port)}}));
    specs[0].ports = {{1, 65535}};
    QVERIFY(rig.add(specs));
    QCOMPARE(rig.add({rig.ports(QStringLiteral("one more"), {{1, 1}})}).error().kind,
             ErrorKind::LimitReached);
    rig.pass(2, 10, 0);
    rig.pass(65535, 200, 0);
    rig.second();
    QCOMPARE(received(rig, QStringLiteral("port 1")), 210u);
    QCOMPARE(received(rig, QStringLiteral("port 2")), 10u);
    QCOMPARE(received(rig, QStringLiteral("port 3")), 0u);
    QCOMPARE(received(rig, QStringLiteral("port 65535")), 200u);
    rig.kill();
    rig.pass(2, 5, 0);
    QVERIFY(rig.start());
    QCOMPARE(rig.engine->watches().size(), size_t(65535));
    QCOMPARE(received(rig, QStringLiteral("port 2")), 15u);
    QCOMPARE(received(rig, QStringLiteral("port 1")), 215u);
}

} // namespace weir::test

QTEST_GUILESS_MAIN(weir::test::EngineRequestsTest)
#include "engine_requests_test.moc"
