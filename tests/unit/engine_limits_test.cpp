// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/govern_edits.h"

#include <QSignalSpy>

using namespace std::chrono_literals;

namespace weir::test {

namespace {

const QString kWeb = QStringLiteral("web");
const QString kMail = QStringLiteral("mail");
const QString kLine = QStringLiteral("line");
const Error kRefused{ErrorKind::KernelRefused, QStringLiteral("cannot add class 20 to weir0: no memory")};

} // namespace

class EngineLimitsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qputenv("TZ", "UTC"); }
    void init();
    void cleanup() { m_rig.reset(); }

    void aLimitIsInTheKernelBeforeTheReply();
    void whatTheKernelRefusesIsNotStoredAndTheOldLimitHolds();
    void whatCannotBeStoredIsTakenOutOfTheKernelAgain();
    void afterARestartLimitsAreInForceBeforeTheFirstTick();
    void afterABootLimitsAreInForceBeforeTheFirstTick();
    void aWatchThatIsPausedIsNotLimited();
    void aRemovedWatchIsNotLimitedAndARestoredOneIs();
    void aRenamedWatchKeepsItsClass();
    void newPortsAreLimitedAtOnce();
    void aLimitThatIsSwitchedOffKeepsItsValues();
    void aLimitThatIsTakenAwayIsGone();
    void aLinkThatGoesAndComesBackIsLimitedAgain();
    void aLinkThatIsRenamedStaysLimited();
    void aLinkThatIsNotMeteredIsAProblemOfItsLimit();
    void aScheduleBeginsAndEndsWithTheClock();
    void aScheduleFollowsTheClocksOfTheZone();
    void crossingWatchesTellEachOther();
    void aCrossingIsToldByTheNameOfNow();
    void nothingThatCannotBeEnforcedIsAccepted_data();
    void nothingThatCannotBeEnforcedIsAccepted();
    void whatCannotBeEnforcedCanBeSwitchedOffAndTakenAway();
    void aContainersServiceIsRefused();
    void aThousandWatchesAreGovernedAndNoMore();
    void aRefusalOnATickIsAProblemThatPasses();
    void aRefusalThatAnEditMendsIsNoProblemAnyMore();
    void nothingIsSentWhileNothingChanges();
    void withoutPoliciesTheKernelIsToldOnceAndNeverRead();
    void whatAnEarlierHelperLeftGoesWithoutPolicies();
    void limitsTellWhatTheirClassesDid();

private:
    /// Adds a watch of ports with a limit, and gives its id.
    qint64 addLimited(const QString &name, const PortRanges &ports, std::optional<quint64> down,
                      std::optional<quint64> up = {});
    std::optional<quint64> down(qint64 id)
    {
        return classRate(m_rig->machine->governPlan(), id, FlowDirection::Down);
    }
    std::optional<quint64> up(qint64 id)
    {
        return classRate(m_rig->machine->governPlan(), id, FlowDirection::Up);
    }

    std::unique_ptr<EngineRig> m_rig;
};

void EngineLimitsTest::init()
{
    m_rig = std::make_unique<EngineRig>();
    QVERIFY(m_rig->start());
}

qint64 EngineLimitsTest::addLimited(const QString &name, const PortRanges &ports, std::optional<quint64> down,
                                    std::optional<quint64> up)
{
    WatchSpec spec = EngineRig::ports(name, ports);
    spec.policies.limit = limitOf(down, up);
    if (!m_rig->add({spec}))
        qFatal("not added");
    return m_rig->watch(name).record.id;
}

void EngineLimitsTest::aLimitIsInTheKernelBeforeTheReply()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{80, 80}})}));
    const qint64 id = m_rig->watch(kWeb).record.id;
    QVERIFY(m_rig->machine->governPlan().isEmpty());
    const auto revision = m_rig->edit(kWeb, limitEdit(20 * kMbit, 5 * kMbit));
    QVERIFY(revision);
    QCOMPARE(*revision, 2U);
    QCOMPARE(down(id), 20 * kMbit);
    QCOMPARE(up(id), 5 * kMbit);
    const PolicyStatus status = m_rig->watch(kWeb).policy;
    QCOMPARE(status.down.bitsPerSecond, 20 * kMbit);
    QVERIFY(status.down.reason == RateReason::Limit);
    QCOMPARE(status.up.bitsPerSecond, 5 * kMbit);
    QCOMPARE(status.problem, QString());
}

void EngineLimitsTest::whatTheKernelRefusesIsNotStoredAndTheOldLimitHolds()
{
    const qint64 id = addLimited(kWeb, {{80, 80}}, 20 * kMbit);
    const WatchSpec before = m_rig->watch(kWeb).record.spec;
    m_rig->machine->fail(FakeMachine::Call::Govern, kRefused);
    const int writes = m_rig->writes;
    const auto refused = m_rig->edit(kWeb, limitEdit(10 * kMbit));
    QVERIFY(!refused);
    QCOMPARE(refused.error().message, kRefused.message);
    QCOMPARE(m_rig->writes, writes);
    QVERIFY(m_rig->watch(kWeb).record.spec == before);
    QCOMPARE(m_rig->watch(kWeb).record.revision, 1U);
    QCOMPARE(down(id), 20 * kMbit);
    m_rig->machine->succeed(FakeMachine::Call::Govern);
    m_rig->second();
    QCOMPARE(down(id), 20 * kMbit);
    QCOMPARE(m_rig->watch(kWeb).policy.down.bitsPerSecond, 20 * kMbit);
}

void EngineLimitsTest::whatCannotBeStoredIsTakenOutOfTheKernelAgain()
{
    const qint64 id = addLimited(kWeb, {{80, 80}}, 20 * kMbit);
    m_rig->storeFails = true;
    const auto failed = m_rig->edit(kWeb, limitEdit(10 * kMbit));
    QVERIFY(!failed);
    QVERIFY(failed.error().kind == ErrorKind::StorageFailed);
    m_rig->settle();
    QCOMPARE(down(id), 20 * kMbit);
    QCOMPARE(m_rig->watch(kWeb).policy.down.bitsPerSecond, 20 * kMbit);
}

void EngineLimitsTest::afterARestartLimitsAreInForceBeforeTheFirstTick()
{
    const qint64 id = addLimited(kWeb, {{80, 80}}, 20 * kMbit);
    m_rig->kill();
    QCOMPARE(down(id), 20 * kMbit);
    m_rig->machine->disturbGate();
    QVERIFY(m_rig->start());
    QCOMPARE(down(id), 20 * kMbit);
    QCOMPARE(m_rig->watch(kWeb).policy.down.bitsPerSecond, 20 * kMbit);
}

void EngineLimitsTest::afterABootLimitsAreInForceBeforeTheFirstTick()
{
    const qint64 id = addLimited(kWeb, {{80, 80}}, 20 * kMbit);
    m_rig->kill();
    m_rig->machine->newBoot();
    QVERIFY(m_rig->machine->governPlan().isEmpty());
    std::optional<quint64> atFirstWrite; // that is within start()
    m_rig->onWrite = [&] {
        if (!atFirstWrite)
            atFirstWrite = down(id).value_or(0);
    };
    QVERIFY(m_rig->start());
    QCOMPARE(atFirstWrite, 20 * kMbit);
    QCOMPARE(down(id), 20 * kMbit);
    m_rig->onWrite = {};
}

void EngineLimitsTest::aWatchThatIsPausedIsNotLimited()
{
    const qint64 id = addLimited(kWeb, {{80, 80}}, 20 * kMbit);
    QVERIFY(m_rig->edit(kWeb, enableEdit(false)));
    QVERIFY(m_rig->machine->governPlan() == GovernPlan());
    QVERIFY(!m_rig->watch(kWeb).policy.down.bitsPerSecond);
    QVERIFY(m_rig->edit(kWeb, enableEdit(true)));
    QCOMPARE(down(id), 20 * kMbit);
}

void EngineLimitsTest::aRemovedWatchIsNotLimitedAndARestoredOneIs()
{
    const qint64 id = addLimited(kWeb, {{80, 80}}, 20 * kMbit);
    QVERIFY(m_rig->remove(kWeb));
    QVERIFY(m_rig->machine->governPlan() == GovernPlan());
    QVERIFY(m_rig->restore(kWeb));
    QCOMPARE(down(id), 20 * kMbit);
}

void EngineLimitsTest::aRenamedWatchKeepsItsClass()
{
    addLimited(kWeb, {{80, 80}}, 20 * kMbit);
    const int calls = m_rig->machine->governCalls();
    WatchEdit rename;
    rename.name = QStringLiteral("shop");
    QVERIFY(m_rig->edit(kWeb, rename));
    QCOMPARE(m_rig->machine->governCalls(), calls);
    QCOMPARE(m_rig->watch(QStringLiteral("shop")).policy.down.bitsPerSecond, 20 * kMbit);
}

void EngineLimitsTest::newPortsAreLimitedAtOnce()
{
    const qint64 id = addLimited(kWeb, {{80, 80}}, 20 * kMbit);
    WatchEdit ports;
    ports.ports = PortRanges{{443, 443}};
    QVERIFY(m_rig->edit(kWeb, ports));
    const GovernPlan plan = m_rig->machine->governPlan();
    QCOMPARE(plan.ports.size(), 1U);
    QVERIFY(plan.ports.front().tcp == (PortRanges{{443, 443}}));
    QVERIFY(plan.ports.front().down.shaped == (ClassKey{id, FlowDirection::Down, false}));
}

void EngineLimitsTest::aLimitThatIsSwitchedOffKeepsItsValues()
{
    const qint64 id = addLimited(kWeb, {{80, 80}}, 20 * kMbit);
    WatchEdit off;
    off.limitEnabled = false;
    QVERIFY(m_rig->edit(kWeb, off));
    QVERIFY(m_rig->machine->governPlan().isEmpty());
    QCOMPARE(m_rig->watch(kWeb).record.spec.policies.limit->downBitsPerSecond, 20 * kMbit);
    QVERIFY(!m_rig->watch(kWeb).policy.down.bitsPerSecond);
    m_rig->kill();
    QVERIFY(m_rig->start());
    QVERIFY(m_rig->machine->governPlan().isEmpty());
    off.limitEnabled = true;
    QVERIFY(m_rig->edit(kWeb, off));
    QCOMPARE(down(id), 20 * kMbit);
}

void EngineLimitsTest::aLimitThatIsTakenAwayIsGone()
{
    addLimited(kWeb, {{80, 80}}, 20 * kMbit);
    WatchEdit none;
    none.limit.emplace();
    QVERIFY(m_rig->edit(kWeb, none));
    QVERIFY(m_rig->machine->governPlan() == GovernPlan());
    const auto again = m_rig->edit(kWeb, none);
    QVERIFY(!again);
    QVERIFY(again.error().kind == ErrorKind::NotFound);
}

void EngineLimitsTest::aLinkThatGoesAndComesBackIsLimitedAgain()
{
    const int eth1 = m_rig->machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1")));
    m_rig->second();
    m_rig->second();
    WatchSpec line = EngineRig::onLink(kLine, QStringLiteral("eth1"));
    line.policies.limit = limitOf(50 * kMbit);
    QVERIFY(m_rig->add({line}));
    QCOMPARE(m_rig->machine->governPlan().onLinks.size(), 1U);
    QCOMPARE(m_rig->machine->governPlan().onLinks.front().index, eth1);

    m_rig->machine->removeLink(eth1);
    m_rig->second();
    m_rig->second();
    QVERIFY(m_rig->machine->governPlan().isEmpty());
    QCOMPARE(m_rig->watch(kLine).policy.problem, QStringLiteral("link eth1 is not there or not metered"));
    QVERIFY(m_rig->limits().empty());

    Link back = FakeMachine::ethernet(QStringLiteral("eth1"));
    back.index = 77;
    m_rig->machine->addLink(back);
    m_rig->second();
    m_rig->second();
    QCOMPARE(m_rig->machine->governPlan().onLinks.size(), 1U);
    QCOMPARE(m_rig->machine->governPlan().onLinks.front().index, 77);
    QCOMPARE(m_rig->watch(kLine).policy.problem, QString());
}

void EngineLimitsTest::aLinkThatIsRenamedStaysLimited()
{
    WatchSpec line = EngineRig::onLink(kLine, QStringLiteral("eth0"));
    line.policies.limit = limitOf(50 * kMbit);
    QVERIFY(m_rig->add({line}));
    m_rig->machine->renameLink(m_rig->eth0, QStringLiteral("wan0"));
    m_rig->second();
    m_rig->second();
    QCOMPARE(m_rig->machine->governPlan().onLinks.size(), 1U);
    QCOMPARE(m_rig->watch(kLine).record.spec.link, QStringLiteral("wan0"));
    QCOMPARE(m_rig->watch(kLine).policy.problem, QString());
}

void EngineLimitsTest::aLinkThatIsNotMeteredIsAProblemOfItsLimit()
{
    m_rig->machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1")));
    m_rig->second();
    QVERIFY(m_rig->set({{QStringLiteral("metered_links"), QStringLiteral("eth0")}}));
    WatchSpec line = EngineRig::onLink(kLine, QStringLiteral("eth1"));
    line.policies.limit = limitOf(50 * kMbit);
    QVERIFY(m_rig->add({line}));
    QVERIFY(m_rig->machine->governPlan().isEmpty());
    QCOMPARE(m_rig->watch(kLine).policy.problem, QStringLiteral("link eth1 is not there or not metered"));
}

void EngineLimitsTest::aScheduleBeginsAndEndsWithTheClock()
{
    // it is Tuesday, 2023-11-14 22:13:20 UTC
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{80, 80}})}));
    QVERIFY(m_rig->edit(kWeb, limitEdit(20 * kMbit, {}, QStringLiteral("tue 22:15-22:16"))));
    const qint64 id = m_rig->watch(kWeb).record.id;
    QVERIFY(!down(id));
    m_rig->second(99s);
    QVERIFY(!down(id)); // 22:14:59
    m_rig->second();
    QCOMPARE(down(id), 20 * kMbit); // 22:15:00
    m_rig->second(59s);
    QCOMPARE(down(id), 20 * kMbit);
    m_rig->second();
    QVERIFY(!down(id)); // 22:16:00
    m_rig->clock.leap(-30s);
    m_rig->second();
    QCOMPARE(down(id), 20 * kMbit);
}

void EngineLimitsTest::aScheduleFollowsTheClocksOfTheZone()
{
    m_rig->kill();
    qputenv("TZ", "Europe/Berlin");
    // 2024-03-31 00:59:50 UTC: ten seconds before clocks go from 02:00 to 03:00
    m_rig->clock.leap(std::chrono::seconds(1'711'846'790 - 1'700'000'000));
    QVERIFY(m_rig->start());
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{80, 80}})}));
    QVERIFY(m_rig->edit(kWeb, limitEdit(20 * kMbit, {}, QStringLiteral("sun 02:30-03:30"))));
    const qint64 id = m_rig->watch(kWeb).record.id;
    m_rig->second(9s);
    QVERIFY(!down(id)); // 01:59:59
    m_rig->second();
    QCOMPARE(down(id), 20 * kMbit); // 03:00:00: 02:30 was skipped
    m_rig->second(1799s);
    QCOMPARE(down(id), 20 * kMbit); // 03:29:59
    m_rig->second();
    QVERIFY(!down(id));
    qputenv("TZ", "UTC");
}

void EngineLimitsTest::crossingWatchesTellEachOther()
{
    addLimited(kWeb, {{80, 90}}, 20 * kMbit);
    addLimited(kMail, {{85, 95}}, 10 * kMbit);
    QCOMPARE(m_rig->watch(kWeb).policy.problem,
             QStringLiteral("what it has in common with \"mail\" is held to the lower of both limits"));
    QCOMPARE(m_rig->watch(kMail).policy.problem,
             QStringLiteral("what it has in common with \"web\" is held to the lower of both limits"));
    WatchEdit apart;
    apart.ports = PortRanges{{91, 95}};
    QVERIFY(m_rig->edit(kMail, apart));
    QCOMPARE(m_rig->watch(kWeb).policy.problem, QString());
    QCOMPARE(m_rig->watch(kMail).policy.problem, QString());
}

void EngineLimitsTest::aCrossingIsToldByTheNameOfNow()
{
    addLimited(kWeb, {{80, 90}}, 20 * kMbit);
    addLimited(kMail, {{85, 95}}, 10 * kMbit);
    WatchEdit rename;
    rename.name = QStringLiteral("post");
    QVERIFY(m_rig->edit(kMail, rename));
    QVERIFY(m_rig->watch(kWeb).policy.problem.contains(QStringLiteral("\"post\"")));
}

void EngineLimitsTest::nothingThatCannotBeEnforcedIsAccepted_data()
{
    QTest::addColumn<GovernSupport>("support");
    QTest::addColumn<WatchEdit>("edit");
    QTest::addColumn<bool>("service");
    QTest::addColumn<QString>("why");
    const GovernSupport noGate{QStringLiteral("no nftables"), QStringLiteral("no ifb"), {}};
    const GovernSupport noShaper{{}, QStringLiteral("no ifb"), {}};
    const GovernSupport noService{{}, {}, QStringLiteral("no cgroup match")};
    QuotaPolicy block;
    block.sizeBytes = 1'000'000;
    block.overflow = Overflow::Block;
    QuotaPolicy slow = block;
    slow.overflow = Overflow::Throttle;
    slow.throttleBitsPerSecond = kMbit;
    QuotaPolicy notify;
    notify.sizeBytes = 1'000'000;
    BurstPolicy burst;
    burst.triggerBitsPerSecond = 10 * kMbit;
    burst.throttleBitsPerSecond = kMbit;
    QTest::newRow("limit, no gate") << noGate << limitEdit(kMbit) << false << QStringLiteral("no nftables");
    QTest::newRow("limit, no shaper") << noShaper << limitEdit(kMbit) << false << QStringLiteral("no ifb");
    QTest::newRow("burst, no shaper") << noShaper << burstEdit(burst) << false << QStringLiteral("no ifb");
    QTest::newRow("slow, no shaper") << noShaper << quotaEdit(slow) << false << QStringLiteral("no ifb");
    QTest::newRow("block, no gate") << noGate << quotaEdit(block) << false << QStringLiteral("no nftables");
    QTest::newRow("block, no shaper") << noShaper << quotaEdit(block) << false << QString();
    QTest::newRow("notify, no gate") << noGate << quotaEdit(notify) << false << QString();
    QTest::newRow("service, limit") << noService << limitEdit(kMbit) << true
                                    << QStringLiteral("no cgroup match");
    QTest::newRow("service, notify") << noService << quotaEdit(notify) << true << QString();
    QTest::newRow("ports, limit") << noService << limitEdit(kMbit) << false << QString();
}

void EngineLimitsTest::nothingThatCannotBeEnforcedIsAccepted()
{
    QFETCH(GovernSupport, support);
    QFETCH(WatchEdit, edit);
    QFETCH(bool, service);
    QFETCH(QString, why);
    m_rig->kill();
    m_rig->machine->setGovernSupport(support);
    QVERIFY(m_rig->start());
    WatchSpec spec = EngineRig::ports(kWeb, {{80, 80}});
    if (service) {
        spec.kind = WatchKind::Service;
        spec.ports.clear();
        spec.service = QStringLiteral("nginx.service");
    }
    QVERIFY(m_rig->add({spec}));
    const auto checked = m_rig->engine->checkEdit(1, kWeb, edit);
    WatchSpec whole = spec;
    whole.name = kMail;
    if (edit.limit)
        whole.policies.limit = *edit.limit;
    if (edit.quota)
        whole.policies.quota = *edit.quota;
    if (edit.burst)
        whole.policies.burst = *edit.burst;
    const auto added = m_rig->engine->checkAdd({whole});
    if (why.isEmpty()) {
        QVERIFY(checked);
        QVERIFY(added);
        return;
    }
    for (const auto &outcome : {checked, added}) {
        QVERIFY(!outcome);
        QVERIFY(outcome.error().kind == ErrorKind::Unsupported);
        QCOMPARE(outcome.error().message, QStringLiteral("cannot be enforced here: ") + why);
    }
}

void EngineLimitsTest::whatCannotBeEnforcedCanBeSwitchedOffAndTakenAway()
{
    addLimited(kWeb, {{80, 80}}, 20 * kMbit);
    m_rig->kill();
    m_rig->machine->setGovernSupport({QStringLiteral("no nftables"), {}, {}});
    QVERIFY(m_rig->start());
    WatchEdit edit;
    edit.limitEnabled = false;
    QVERIFY(m_rig->edit(kWeb, edit));
    edit.limitEnabled = true;
    QVERIFY(!m_rig->engine->checkEdit(2, kWeb, edit));
    edit = {};
    edit.limit.emplace();
    QVERIFY(m_rig->edit(kWeb, edit));
}

void EngineLimitsTest::aContainersServiceIsRefused()
{
    ServiceTraffic traffic;
    traffic.wire.internet.rxBytes = 1000;
    m_rig->machine->passService(QStringLiteral("/system.slice/docker-") + QString(64, QLatin1Char('a'))
                                    + QStringLiteral(".scope"),
                                traffic);
    m_rig->second();
    m_rig->engine->wantServices(true);
    m_rig->second();
    QCOMPARE(m_rig->engine->services().size(), 1U);
    const ServiceStatus service = m_rig->engine->services().front();
    QVERIFY(service.kind == ServiceKind::Container);
    WatchSpec spec;
    spec.name = kWeb;
    spec.kind = WatchKind::Service;
    spec.service = service.name;
    QVERIFY(m_rig->add({spec}));
    const auto refused = m_rig->edit(kWeb, limitEdit(kMbit));
    QVERIFY(!refused);
    QVERIFY(refused.error().kind == ErrorKind::Unsupported);
    QVERIFY(refused.error().message.contains(QStringLiteral("has a network of its own")));
    m_rig->engine->wantServices(false);

    // and not by way of another service
    spec.name = kMail;
    spec.service = QStringLiteral("postfix.service");
    spec.policies.limit = limitOf(kMbit);
    QVERIFY(m_rig->add({spec}));
    WatchEdit move;
    move.service = service.name;
    const auto moved = m_rig->edit(kMail, move);
    QVERIFY(!moved);
    QVERIFY(moved.error().kind == ErrorKind::Unsupported);
}

void EngineLimitsTest::aThousandWatchesAreGovernedAndNoMore()
{
    std::vector<WatchSpec> specs;
    for (quint16 i = 0; i < 1000; ++i) {
        specs.push_back(
            EngineRig::ports(QStringLiteral("w%1").arg(i), {{quint16(1000 + i), quint16(1000 + i)}}));
        specs.back().policies.limit = limitOf(kMbit);
    }
    QVERIFY(m_rig->add(specs));
    QCOMPARE(m_rig->machine->governPlan().classes.size(), 1000U);
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{80, 80}})}));
    const auto refused = m_rig->edit(kWeb, limitEdit(kMbit));
    QVERIFY(!refused);
    QVERIFY(refused.error().kind == ErrorKind::LimitReached);
    WatchSpec whole = EngineRig::ports(kMail, {{25, 25}});
    whole.policies.limit = limitOf(kMbit);
    const auto added = m_rig->add({whole});
    QVERIFY(!added);
    QVERIFY(added.error().kind == ErrorKind::LimitReached);
    // one that is governed already may have more
    QVERIFY(m_rig->edit(QStringLiteral("w0"), limitEdit(2 * kMbit)));
    QVERIFY(m_rig->remove(QStringLiteral("w1")));
    QVERIFY(m_rig->edit(kWeb, limitEdit(kMbit)));
    const auto restored = m_rig->restore(QStringLiteral("w1"));
    QVERIFY(!restored);
    QVERIFY(restored.error().kind == ErrorKind::LimitReached);
}

void EngineLimitsTest::aRefusalOnATickIsAProblemThatPasses()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{80, 80}})}));
    QVERIFY(m_rig->edit(kWeb, limitEdit(20 * kMbit, {}, QStringLiteral("tue 22:15-22:16"))));
    const qint64 id = m_rig->watch(kWeb).record.id;
    m_rig->machine->fail(FakeMachine::Call::Govern, kRefused);
    m_rig->second(100s);
    m_rig->settle();
    QVERIFY(!down(id));
    QVERIFY(m_rig->hasProblem(QStringLiteral("not-governed")));
    m_rig->second();
    m_rig->settle();
    QVERIFY(m_rig->hasProblem(QStringLiteral("not-governed")));
    m_rig->machine->succeed(FakeMachine::Call::Govern);
    m_rig->second();
    m_rig->settle();
    QCOMPARE(down(id), 20 * kMbit);
    QVERIFY(!m_rig->hasProblem(QStringLiteral("not-governed")));
}

void EngineLimitsTest::aRefusalThatAnEditMendsIsNoProblemAnyMore()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{80, 80}})}));
    QVERIFY(m_rig->edit(kWeb, limitEdit(20 * kMbit, {}, QStringLiteral("tue 22:15-22:16"))));
    m_rig->machine->fail(FakeMachine::Call::Govern, kRefused);
    m_rig->second(100s);
    m_rig->settle();
    QVERIFY(m_rig->hasProblem(QStringLiteral("not-governed")));
    m_rig->machine->succeed(FakeMachine::Call::Govern);
    QVERIFY(m_rig->edit(kWeb, limitEdit(10 * kMbit)));
    m_rig->settle();
    QVERIFY(!m_rig->hasProblem(QStringLiteral("not-governed")));
}

void EngineLimitsTest::nothingIsSentWhileNothingChanges()
{
    addLimited(kWeb, {{80, 80}}, 20 * kMbit);
    QuotaPolicy quota;
    quota.sizeBytes = 10'000'000;
    quota.overflow = Overflow::Block;
    QVERIFY(m_rig->edit(kWeb, quotaEdit(quota)));
    const int calls = m_rig->machine->governCalls();
    for (int i = 0; i < 5; ++i)
        m_rig->second();
    QCOMPARE(m_rig->machine->governCalls(), calls);
    m_rig->machine->renameLink(m_rig->eth0, QStringLiteral("wan0"));
    m_rig->second();
    m_rig->second();
    QCOMPARE(m_rig->machine->governCalls(), calls);
}

void EngineLimitsTest::withoutPoliciesTheKernelIsToldOnceAndNeverRead()
{
    QCOMPARE(m_rig->machine->governCalls(), 1);
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{80, 80}})}));
    m_rig->second();
    m_rig->machine->addLink(FakeMachine::ethernet(QStringLiteral("eth1")));
    m_rig->second();
    m_rig->second();
    m_rig->second();
    QCOMPARE(m_rig->machine->meteredLinks().size(), 2U);
    QCOMPARE(m_rig->machine->governCalls(), 1);
    QCOMPARE(m_rig->machine->governReads(), 0);
}

void EngineLimitsTest::whatAnEarlierHelperLeftGoesWithoutPolicies()
{
    addLimited(kWeb, {{80, 80}}, 20 * kMbit);
    m_rig->kill();
    EngineRig fresh; // another state directory
    fresh.machine = m_rig->machine;
    QVERIFY(fresh.start());
    QVERIFY(fresh.machine->governPlan().isEmpty());
}

void EngineLimitsTest::limitsTellWhatTheirClassesDid()
{
    addLimited(kWeb, {{80, 80}}, 20 * kMbit, 5 * kMbit);
    addLimited(kMail, {{25, 25}}, {}, kMbit);
    m_rig->pass(80, 1014, 300);
    m_rig->pass(25, 0, 200);
    const std::vector<LimitStatus> rows = m_rig->limits();
    QCOMPARE(rows.size(), 3U);
    QCOMPARE(rows[0].name, kMail);
    QVERIFY(!rows[0].isDown);
    QCOMPARE(rows[0].rate.bitsPerSecond, kMbit);
    QCOMPARE(rows[0].bytes, 200U);
    QCOMPARE(rows[1].name, kWeb);
    QVERIFY(rows[1].isDown);
    QCOMPARE(rows[1].bytes, 1000U); // without the Ethernet header
    QCOMPARE(rows[1].packets, 1U);
    QVERIFY(!rows[2].isDown);
    QCOMPARE(rows[2].rate.bitsPerSecond, 5 * kMbit);
    QCOMPARE(rows[2].bytes, 300U);
}

} // namespace weir::test

QTEST_GUILESS_MAIN(weir::test::EngineLimitsTest)
#include "engine_limits_test.moc"
