// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/govern_edits.h"

using namespace std::chrono_literals;

namespace weir::test {

namespace {

const QString kWeb = QStringLiteral("web");
constexpr quint16 kPort = 80;
constexpr qint64 kStart = 1'700'000'000; // 2023-11-14 22:13:20 UTC
constexpr qint64 kMinuteS = 60;

/// More than 60 MB within a minute: held to 1 Mbit/s for two.
BurstPolicy burstOf(BurstDirection direction = BurstDirection::Sum)
{
    BurstPolicy burst;
    burst.triggerBitsPerSecond = 8 * kMbit;
    burst.direction = direction;
    burst.window = 60s;
    burst.throttleBitsPerSecond = kMbit;
    burst.hold = 120s;
    return burst;
}

const Error kRefused{ErrorKind::KernelRefused, QStringLiteral("no memory")};

} // namespace

class EngineBurstTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qputenv("TZ", "UTC"); }
    void init();
    void cleanup() { m_rig.reset(); }

    void aBurstIsHeldAndThenReleasedExactly();
    void whatIsNotAboveTheTriggerIsLeftAlone();
    void onlyTheDirectionThatIsWatchedIsHeld();
    void aNewGuardKnowsWhatPassedBefore();
    void aWindowIsFilledFromHistoryAfterARestart();
    void aWindowIsFilledFromHistoryAfterABoot();
    void aLongerWindowIsFilledFromHistory();
    void anArchiveThatFailsIsAskedAgain();
    void aKillASecondAfterAHoldBeganKeepsIt();
    void aHoldGoesOnAfterABoot();
    void aHoldThatEndedWhileTheHelperWasAwayIsOver();
    void oldTrafficTriggersNothingAgain();
    void otherRatesAndDirectionsHoldAtOnce();
    void aShorterHoldEndsEarlierAndALongerOneDoesNot();
    void aRefusedEditLeavesTheHoldAsItWas();
    void aGuardThatIsSwitchedOffEndsItsHold();
    void aGuardThatIsTakenAwayInAPauseEndsItsHold();
    void aHoldGoesOnBehindAPause();
    void aHoldGoesOnBehindARemoval();
    void theLowestRateIsInForceAndItsReasonIsTold();
    void aHoldCanBeEndedByHand();
    void aHoldThatCannotBeEndedGoesOn();
    void aClockThatIsSetInTheHoldDoesNotChangeItsLength();
    void aClockThatWasSetBackWhileAwayDoesNotLengthenAHold();
    void aPreviewTellsWhenItWouldHaveHeld();
    void aPreviewOfOldHistoryGoesByQuarters();
    void aPreviewTellsSinceWhenItKnows();
    void aPreviewHasItsBounds();

private:
    qint64 addGuard(const BurstPolicy &burst = burstOf());
    void restart();
    PolicyStatus policy() const { return m_rig->watch(kWeb).policy; }
    bool isHeld() const { return policy().burstStage == BurstStage::Throttled; }
    std::optional<quint64> down(qint64 id) const
    {
        return classRate(m_rig->machine->governPlan(), id, FlowDirection::Down);
    }
    std::optional<quint64> up(qint64 id) const
    {
        return classRate(m_rig->machine->governPlan(), id, FlowDirection::Up);
    }
    void receive(quint64 megabytes) { m_rig->pass(kPort, megabytes * 1'000'000, 0); }
    /// A hold that began with the last second.
    void trigger()
    {
        receive(61);
        m_rig->second();
        QVERIFY(isHeld());
    }

    std::unique_ptr<EngineRig> m_rig;
};

void EngineBurstTest::init()
{
    m_rig = std::make_unique<EngineRig>();
    QVERIFY(m_rig->start());
}

qint64 EngineBurstTest::addGuard(const BurstPolicy &burst)
{
    WatchSpec spec = EngineRig::ports(kWeb, {{kPort, kPort}});
    spec.policies.burst = burst;
    if (!m_rig->add({spec}))
        qFatal("not added");
    m_rig->second();
    return m_rig->watch(kWeb).record.id;
}

void EngineBurstTest::restart()
{
    m_rig->kill();
    QVERIFY(m_rig->start());
    m_rig->settle();
}

void EngineBurstTest::aBurstIsHeldAndThenReleasedExactly()
{
    const qint64 id = addGuard();
    QVERIFY(policy().burstStage == BurstStage::Armed);
    receive(61);
    m_rig->second();
    const qint64 sinceS = kStart + 2;
    QVERIFY(isHeld());
    QCOMPARE(policy().throttledSinceS, sinceS);
    QCOMPARE(policy().throttledUntilS, sinceS + 120);
    QCOMPARE(std::round(policy().averageBitsPerSecond), std::round(61e6 * 8 / 60));
    QCOMPARE(down(id), kMbit);
    QCOMPARE(up(id), kMbit);
    QVERIFY(policy().down.reason == RateReason::Burst);
    m_rig->second(119s);
    QVERIFY(isHeld());
    QCOMPARE(down(id), kMbit);
    m_rig->second();
    QVERIFY(policy().burstStage == BurstStage::Armed);
    QCOMPARE(policy().throttledUntilS, 0);
    QVERIFY(m_rig->machine->governPlan().isEmpty());
    QVERIFY(!policy().down.bitsPerSecond);
}

void EngineBurstTest::whatIsNotAboveTheTriggerIsLeftAlone()
{
    addGuard();
    receive(60); // exactly the trigger
    m_rig->second();
    QVERIFY(!isHeld());
    m_rig->second(60s);
    receive(60);
    m_rig->second();
    QVERIFY(!isHeld());
    receive(1);
    m_rig->second();
    QVERIFY(isHeld());
}

void EngineBurstTest::onlyTheDirectionThatIsWatchedIsHeld()
{
    const qint64 id = addGuard(burstOf(BurstDirection::Up));
    receive(100);
    m_rig->second();
    QVERIFY(!isHeld());
    m_rig->pass(kPort, 0, 61'000'000);
    m_rig->second();
    QVERIFY(isHeld());
    QCOMPARE(up(id), kMbit);
    QVERIFY(!down(id));
}

void EngineBurstTest::aNewGuardKnowsWhatPassedBefore()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    m_rig->second(50s);
    receive(59);
    m_rig->second();
    m_rig->second(20s);
    QVERIFY(m_rig->edit(kWeb, burstEdit(burstOf())));
    QVERIFY(!isHeld());
    QCOMPARE(std::round(policy().averageBitsPerSecond), std::round(59e6 * 8 / 60));
    receive(2);
    m_rig->second();
    QVERIFY(isHeld());
    QCOMPARE(policy().throttledSinceS, m_rig->engine->nowS());
}

void EngineBurstTest::aWindowIsFilledFromHistoryAfterARestart()
{
    addGuard();
    receive(59);
    m_rig->second();
    restart();
    QVERIFY(policy().burstStage == BurstStage::Armed);
    receive(2);
    m_rig->second();
    QVERIFY(isHeld());
}

void EngineBurstTest::aWindowIsFilledFromHistoryAfterABoot()
{
    addGuard();
    receive(59);
    m_rig->second();
    QVERIFY(m_rig->stop());
    m_rig->machine->newBoot();
    m_rig->clock.skip(10s);
    QVERIFY(m_rig->start());
    m_rig->settle();
    m_rig->second();
    QVERIFY(!isHeld());
    receive(2);
    m_rig->second();
    QVERIFY(isHeld());
}

void EngineBurstTest::aLongerWindowIsFilledFromHistory()
{
    addGuard();
    m_rig->second(60s);
    receive(59);
    m_rig->second();
    m_rig->second(120s); // out of the window of a minute
    BurstPolicy longer = burstOf();
    longer.window = 600s;
    longer.triggerBitsPerSecond = 800'000; // 60 MB in 600 s
    longer.throttleBitsPerSecond = 100'000;
    QVERIFY(m_rig->edit(kWeb, burstEdit(longer)));
    m_rig->second();
    QVERIFY(!isHeld());
    receive(2);
    m_rig->second();
    QVERIFY(isHeld());
}

void EngineBurstTest::anArchiveThatFailsIsAskedAgain()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    receive(59);
    m_rig->second();
    m_rig->archiveFails = true;
    QVERIFY(m_rig->edit(kWeb, burstEdit(burstOf())));
    m_rig->second();
    m_rig->settle();
    m_rig->archiveFails = false;
    m_rig->second();
    m_rig->settle();
    receive(2);
    m_rig->second();
    QVERIFY(isHeld());
}

void EngineBurstTest::aKillASecondAfterAHoldBeganKeepsIt()
{
    const qint64 id = addGuard();
    trigger();
    const qint64 untilS = policy().throttledUntilS;
    m_rig->second();
    m_rig->kill();
    QVERIFY(m_rig->start());
    QCOMPARE(down(id), kMbit); // before any tick
    QVERIFY(isHeld());
    QCOMPARE(policy().throttledUntilS, untilS);
    m_rig->second(118s);
    QVERIFY(isHeld());
    m_rig->second();
    QVERIFY(!isHeld());
}

void EngineBurstTest::aHoldGoesOnAfterABoot()
{
    const qint64 id = addGuard();
    trigger();
    const qint64 untilS = policy().throttledUntilS;
    QVERIFY(m_rig->stop());
    m_rig->machine->newBoot();
    m_rig->clock.boot(); // its clock begins anew
    m_rig->clock.skip(40s);
    QVERIFY(m_rig->start());
    QCOMPARE(down(id), kMbit);
    QCOMPARE(policy().throttledUntilS, untilS);
    m_rig->second(79s);
    QVERIFY(isHeld());
    m_rig->second();
    QVERIFY(!isHeld());
}

void EngineBurstTest::aHoldThatEndedWhileTheHelperWasAwayIsOver()
{
    const qint64 id = addGuard();
    trigger();
    QVERIFY(m_rig->stop());
    m_rig->clock.skip(150s);
    m_rig->machine->skip(150s);
    QVERIFY(m_rig->start());
    m_rig->settle();
    QVERIFY(!down(id));
    QVERIFY(policy().burstStage == BurstStage::Armed);
    m_rig->second();
    m_rig->second();
    QVERIFY(!isHeld());
    receive(61);
    m_rig->second();
    QVERIFY(isHeld());
}

void EngineBurstTest::oldTrafficTriggersNothingAgain()
{
    BurstPolicy burst = burstOf();
    burst.window = 600s;
    burst.triggerBitsPerSecond = 800'000;
    burst.throttleBitsPerSecond = 100'000;
    addGuard(burst);
    trigger();
    m_rig->second(60s);
    receive(30); // in the hold
    m_rig->second(60s);
    QVERIFY(!isHeld());
    m_rig->second();
    QVERIFY(!isHeld());
    restart();
    m_rig->second();
    m_rig->second();
    QVERIFY(!isHeld());
    // of what passed in the minute of the hold's end, history tells no better than that it was spread evenly
    receive(50);
    m_rig->second();
    QVERIFY(!isHeld());
    receive(11);
    m_rig->second();
    QVERIFY(isHeld());
}

void EngineBurstTest::otherRatesAndDirectionsHoldAtOnce()
{
    const qint64 id = addGuard();
    trigger();
    BurstPolicy burst = burstOf();
    burst.throttleBitsPerSecond = 2 * kMbit;
    QVERIFY(m_rig->edit(kWeb, burstEdit(burst)));
    QCOMPARE(down(id), 2 * kMbit);
    burst.triggerBitsPerSecond = 80 * kMbit;
    burst.direction = BurstDirection::Down;
    QVERIFY(m_rig->edit(kWeb, burstEdit(burst)));
    QVERIFY(isHeld());
    QCOMPARE(down(id), 2 * kMbit);
    QVERIFY(!up(id));
}

void EngineBurstTest::aShorterHoldEndsEarlierAndALongerOneDoesNot()
{
    addGuard();
    trigger();
    const qint64 sinceS = policy().throttledSinceS;
    BurstPolicy burst = burstOf();
    burst.hold = 300s;
    QVERIFY(m_rig->edit(kWeb, burstEdit(burst)));
    QCOMPARE(policy().throttledUntilS, sinceS + 120);
    burst.hold = 60s;
    QVERIFY(m_rig->edit(kWeb, burstEdit(burst)));
    QCOMPARE(policy().throttledUntilS, sinceS + 60);
    m_rig->second(30s);
    burst.hold = 20s;
    QVERIFY(m_rig->edit(kWeb, burstEdit(burst)));
    QVERIFY(!isHeld());
    QVERIFY(m_rig->machine->governPlan().isEmpty());
}

void EngineBurstTest::aRefusedEditLeavesTheHoldAsItWas()
{
    const qint64 id = addGuard();
    trigger();
    const qint64 untilS = policy().throttledUntilS;
    m_rig->second(30s);
    BurstPolicy burst = burstOf();
    burst.hold = 20s;
    m_rig->machine->fail(FakeMachine::Call::Govern, kRefused);
    QVERIFY(!m_rig->edit(kWeb, burstEdit(burst)));
    m_rig->machine->succeed(FakeMachine::Call::Govern);
    m_rig->second();
    m_rig->settle();
    QVERIFY(isHeld());
    QCOMPARE(policy().throttledUntilS, untilS);
    QCOMPARE(down(id), kMbit);
}

void EngineBurstTest::aGuardThatIsSwitchedOffEndsItsHold()
{
    const qint64 id = addGuard();
    trigger();
    WatchEdit off;
    off.burstEnabled = false;
    QVERIFY(m_rig->edit(kWeb, off));
    QVERIFY(!down(id));
    QVERIFY(policy().burstStage == BurstStage::Off);
    off.burstEnabled = true;
    QVERIFY(m_rig->edit(kWeb, off));
    m_rig->second();
    m_rig->second();
    QVERIFY(policy().burstStage == BurstStage::Armed);
}

void EngineBurstTest::aGuardThatIsTakenAwayInAPauseEndsItsHold()
{
    addGuard();
    trigger();
    QVERIFY(m_rig->edit(kWeb, enableEdit(false)));
    WatchEdit none;
    none.burst.emplace();
    QVERIFY(m_rig->edit(kWeb, none));
    QVERIFY(m_rig->edit(kWeb, enableEdit(true)));
    QVERIFY(m_rig->edit(kWeb, burstEdit(burstOf())));
    QVERIFY(!isHeld());
}

void EngineBurstTest::aHoldGoesOnBehindAPause()
{
    const qint64 id = addGuard();
    trigger();
    const qint64 untilS = policy().throttledUntilS;
    QVERIFY(m_rig->edit(kWeb, enableEdit(false)));
    QVERIFY(!down(id));
    m_rig->second(20s);
    QVERIFY(m_rig->edit(kWeb, enableEdit(true)));
    QCOMPARE(down(id), kMbit);
    QCOMPARE(policy().throttledUntilS, untilS);
    QVERIFY(m_rig->edit(kWeb, enableEdit(false)));
    m_rig->second(150s);
    QVERIFY(m_rig->edit(kWeb, enableEdit(true)));
    QVERIFY(!isHeld());
    m_rig->second();
    QVERIFY(!isHeld());
}

void EngineBurstTest::aHoldGoesOnBehindARemoval()
{
    const qint64 id = addGuard();
    trigger();
    const qint64 untilS = policy().throttledUntilS;
    QVERIFY(m_rig->remove(kWeb));
    QVERIFY(!down(id));
    m_rig->second(20s);
    QVERIFY(m_rig->restore(kWeb));
    QCOMPARE(down(id), kMbit);
    QCOMPARE(policy().throttledUntilS, untilS);
}

void EngineBurstTest::theLowestRateIsInForceAndItsReasonIsTold()
{
    const qint64 id = addGuard();
    QVERIFY(m_rig->edit(kWeb, limitEdit(20 * kMbit, kMbit / 2)));
    trigger();
    QCOMPARE(down(id), kMbit);
    QVERIFY(policy().down.reason == RateReason::Burst);
    QCOMPARE(up(id), kMbit / 2);
    QVERIFY(policy().up.reason == RateReason::Limit);
    QuotaPolicy quota;
    quota.sizeBytes = 1'000'000;
    quota.overflow = Overflow::Throttle;
    quota.throttleBitsPerSecond = kMbit / 4;
    QVERIFY(m_rig->edit(kWeb, quotaEdit(quota)));
    QCOMPARE(down(id), kMbit / 4);
    QCOMPARE(up(id), kMbit / 4);
    QVERIFY(policy().down.reason == RateReason::Quota);
    WatchEdit off;
    off.quotaEnabled = false;
    QVERIFY(m_rig->edit(kWeb, off));
    QCOMPARE(down(id), kMbit);
    restart();
    QCOMPARE(down(id), kMbit);
    QCOMPARE(up(id), kMbit / 2);
    m_rig->second(120s);
    QCOMPARE(down(id), 20 * kMbit);
    QVERIFY(policy().down.reason == RateReason::Limit);
    QCOMPARE(up(id), kMbit / 2);
}

void EngineBurstTest::aHoldCanBeEndedByHand()
{
    const qint64 id = addGuard();
    QVERIFY(m_rig->engine->checkEndBurst(kWeb).error().kind == ErrorKind::Conflict);
    QVERIFY(m_rig->engine->checkEndBurst(QStringLiteral("x")).error().kind == ErrorKind::NotFound);
    trigger();
    m_rig->second();
    QVERIFY(m_rig->endBurst(kWeb));
    QVERIFY(!down(id));
    QVERIFY(policy().burstStage == BurstStage::Armed);
    m_rig->kill();
    QVERIFY(m_rig->start());
    m_rig->settle();
    m_rig->second();
    m_rig->second();
    QVERIFY(!isHeld());
    QVERIFY(m_rig->endBurst(kWeb).error().kind == ErrorKind::Conflict);
}

void EngineBurstTest::aHoldThatCannotBeEndedGoesOn()
{
    const qint64 id = addGuard();
    trigger();
    const qint64 untilS = policy().throttledUntilS;
    m_rig->machine->fail(FakeMachine::Call::Govern, kRefused);
    QVERIFY(m_rig->endBurst(kWeb).error().kind == ErrorKind::KernelRefused);
    QVERIFY(isHeld());
    m_rig->machine->succeed(FakeMachine::Call::Govern);
    m_rig->second();
    m_rig->storeFails = true;
    QVERIFY(m_rig->endBurst(kWeb).error().kind == ErrorKind::StorageFailed);
    m_rig->storeFails = false;
    m_rig->settle();
    QVERIFY(isHeld());
    QCOMPARE(policy().throttledUntilS, untilS);
    QCOMPARE(down(id), kMbit);
}

void EngineBurstTest::aClockThatIsSetInTheHoldDoesNotChangeItsLength()
{
    addGuard();
    trigger();
    m_rig->second(20s);
    m_rig->clock.leap(3600s);
    m_rig->second(20s);
    QVERIFY(isHeld());
    QCOMPARE(policy().throttledUntilS, m_rig->engine->nowS() + 80);
    m_rig->clock.leap(-7200s);
    m_rig->second(20s);
    QVERIFY(isHeld());
    QCOMPARE(policy().throttledUntilS, m_rig->engine->nowS() + 60);
    m_rig->second(59s);
    QVERIFY(isHeld());
    m_rig->second();
    QVERIFY(!isHeld());
}

void EngineBurstTest::aClockThatWasSetBackWhileAwayDoesNotLengthenAHold()
{
    addGuard();
    trigger();
    QVERIFY(m_rig->stop());
    m_rig->clock.leap(-86400s);
    QVERIFY(m_rig->start());
    m_rig->settle();
    QVERIFY(isHeld());
    QCOMPARE(policy().throttledUntilS, m_rig->engine->nowS() + 120);
}

void EngineBurstTest::aPreviewTellsWhenItWouldHaveHeld()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    m_rig->second(40s); // 22:14:00
    const qint64 base = m_rig->engine->nowS();
    QCOMPARE(base % kMinuteS, 0);
    const auto minute = [&](quint64 megabytes) {
        receive(megabytes);
        m_rig->second(1s);
        m_rig->second(59s);
    };
    minute(50);
    minute(70); // above 60 MB: held from its end, for two minutes
    minute(70);
    minute(70);
    minute(61); // held again
    minute(1);
    const auto preview = m_rig->previewBurst(kWeb, burstOf(), kStart - 600);
    QVERIFY(preview);
    QCOMPARE(preview->stepS, 60);
    QCOMPARE(preview->triggers.size(), 2U);
    QCOMPARE(preview->triggers[0].startS, base + 2 * kMinuteS);
    QCOMPARE(preview->triggers[0].endS, base + 4 * kMinuteS);
    QCOMPARE(std::round(preview->triggers[0].averageBitsPerSecond), std::round(70e6 * 8 / 60));
    QCOMPARE(preview->triggers[1].startS, base + 5 * kMinuteS);
    QCOMPARE(preview->triggers[1].endS, base + 7 * kMinuteS);
    QVERIFY(m_rig->machine->governPlan().isEmpty());
    // higher than anything that passed
    BurstPolicy calm = burstOf();
    calm.triggerBitsPerSecond = 10 * kMbit;
    QVERIFY(m_rig->previewBurst(kWeb, calm, kStart - 600)->triggers.empty());
}

void EngineBurstTest::aPreviewOfOldHistoryGoesByQuarters()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    m_rig->second(400s); // 22:20:00, in the quarter of 22:15
    receive(1000);
    m_rig->second();
    m_rig->second(std::chrono::hours(4 * 24));
    const auto preview = m_rig->previewBurst(kWeb, burstOf(), kStart - 600);
    QVERIFY(preview);
    QCOMPARE(preview->stepS, 900);
    // a thousand MB in 900 s are 66.7 MB in a minute
    QCOMPARE(preview->triggers.size(), 1U);
    QCOMPARE(preview->triggers[0].startS, kStart + 400 - 300 + 900);
}

void EngineBurstTest::aPreviewTellsSinceWhenItKnows()
{
    const qint64 createdS = m_rig->engine->nowS();
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    m_rig->second(300s);
    const auto before = m_rig->previewBurst(kWeb, burstOf(), createdS - 86400);
    QVERIFY(before);
    QCOMPARE(before->knownFromS, createdS);
    QCOMPARE(m_rig->previewBurst(kWeb, burstOf(), createdS + 100)->knownFromS, createdS + 100);
}

void EngineBurstTest::aPreviewHasItsBounds()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    const qint64 nowS = m_rig->engine->nowS();
    const qint64 monthS = 31 * 86400;
    QVERIFY(m_rig->previewBurst(kWeb, burstOf(), nowS - monthS));
    for (const qint64 fromS : {nowS - monthS - 1, nowS, nowS + 1, qint64(-1)}) {
        const auto refused = m_rig->previewBurst(kWeb, burstOf(), fromS);
        QVERIFY(!refused);
        QVERIFY(refused.error().kind == ErrorKind::InvalidArgument);
        QVERIFY(refused.error().message.startsWith(QStringLiteral("from_s:")));
    }
    QVERIFY(m_rig->previewBurst(QStringLiteral("x"), burstOf(), nowS - 60).error().kind
            == ErrorKind::NotFound);
    BurstPolicy wrong = burstOf();
    wrong.throttleBitsPerSecond = 9 * kMbit; // above the trigger
    QVERIFY(m_rig->previewBurst(kWeb, wrong, nowS - 60).error().kind == ErrorKind::InvalidArgument);
}

} // namespace weir::test

QTEST_GUILESS_MAIN(weir::test::EngineBurstTest)
#include "engine_burst_test.moc"
