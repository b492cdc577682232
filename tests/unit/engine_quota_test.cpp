// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/govern_edits.h"

using namespace std::chrono_literals;

namespace weir::test {

namespace {

const QString kWeb = QStringLiteral("web");
const QString kLine = QStringLiteral("line");
constexpr quint16 kPort = 80;
constexpr qint64 kDay = 86400;
constexpr qint64 kStart = 1'700'000'000;    // 2023-11-14 22:13:20 UTC, a Tuesday
constexpr qint64 kNovember = 1'698'796'800; // 2023-11-01 00:00 UTC
constexpr qint64 kDecember = 1'701'388'800;
constexpr quint64 kTolerance = 64 * 1024;

/// A merged packet of 45 segments of 1,448 bytes behind headers of 52, on the wire and as the stack holds it:
/// the expansion is 1.0445.
constexpr quint64 kSegments = 45;
constexpr quint64 kMergedWire = kSegments * (14 + 52 + 1448);
constexpr quint64 kMergedPlain = 14 + 52 + kSegments * 1448;

QuotaPolicy quotaOf(quint64 size, Overflow overflow = Overflow::Block)
{
    QuotaPolicy quota;
    quota.sizeBytes = size;
    quota.overflow = overflow;
    if (overflow == Overflow::Throttle)
        quota.throttleBitsPerSecond = kMbit;
    return quota;
}

WatchEdit sizeEdit(quint64 size)
{
    return quotaEdit(quotaOf(size));
}

Packets merged(int link, Direction direction, bool v6 = false, quint8 protocol = 6, bool isLocal = false)
{
    Packets packets;
    packets.link = link;
    packets.direction = direction;
    packets.protocol = protocol;
    packets.localPort = kPort;
    packets.remote = parseAddress(v6            ? isLocal ? u"fd00::9" : u"2001:db8::7"
                                      : isLocal ? u"192.168.1.9"
                                                : u"198.51.100.7")
                         .value();
    packets.bytes = kMergedWire;
    packets.packets = kSegments;
    packets.plain =
        direction == Direction::Received ? Traffic{kMergedPlain, 0, 1, 0} : Traffic{0, kMergedPlain, 0, 1};
    return packets;
}

} // namespace

class EngineQuotaTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qputenv("TZ", "UTC"); }
    void init();
    void cleanup() { m_rig.reset(); }

    void whatAQuotaBillsNeverPassesTheLine_data();
    void whatAQuotaBillsNeverPassesTheLine();
    void aQuotaThatOnlyTellsLetsEverythingPass();
    void packetsThatAreNotMergedPassUpToTheLine();
    void aChangeOfExpansionNearTheLineIsMet();
    void whatWasDroppedIsCountedOverRebuildsAndRestarts();
    void whatIsOverStaysSoThoughALittleIsMissing();
    void aSmallQuotaIsUsedToItsEnd();
    void aLargerSizeOpensAtOnceAndASmallerOneCloses();
    void aCalibrationClosesAtOnceAndItsUndoOpens();
    void beginningThePeriodNowOpensAndItsUndoCloses();
    void aPeriodThatCannotBeBegunInTheKernelIsTheOldOne();
    void anotherResetDayIsDerivedFromHistory();
    void aPeriodEndsByItself();
    void aPeriodThatEndsWhileTheHelperIsAwayIsDerivedFromHistory();
    void aMachineThatWasOffForTwoMonthsBeginsAfresh();
    void aClockThatLeapsForwardAndBackFindsThePeriodAgain();
    void aGuardStateThatWasLostIsDerivedFromHistory();
    void anArchiveThatCannotAnswerIsAskedAgain();
    void aQuotaIsInForceWithTheReplyThoughThePastIsAsked();
    void aTickDoesNotTakeAnEditsPlanFromIt();
    void aThrottleIsArmedAsASlowerClassAndThenTheRateInForce();
    void aThrottleOfTheInternetKeepsLocalTrafficFree();
    void whatIsExemptPassesABlock();
    void framesThatAreNotIpCountForALink();
    void aWatchThatIsYoungerThanThePeriodCountsSinceItsCreation();
    void eachOfTwoQuotasOnOnePortHolds();
    void aQuotaThatIsSwitchedOffBlocksNothingAndGoesOn();
    void aWatchThatIsPausedBlocksNothing();
    void theSumsAreThoseOfTheStatus();
    void aQuotaWithTrafficIsNotSentEachSecond();
    void aPreviewIsWhatTheQuotaWouldBe();
    void aPartThatIsHeldLowerIsOnlyCounted();

private:
    qint64 addQuota(const QuotaPolicy &quota, const QString &name = kWeb);
    PolicyStatus policy(const QString &name = kWeb) const { return m_rig->watch(name).policy; }
    std::optional<QuotaGate> gate(qint64 id) const { return gateOf(m_rig->machine->governPlan(), id); }
    void receive(quint64 bytes) { m_rig->pass(kPort, bytes, 0); }
    quint64 classPackets() const;
    void goTo(qint64 instantS);

    std::unique_ptr<EngineRig> m_rig;
};

void EngineQuotaTest::init()
{
    m_rig = std::make_unique<EngineRig>();
    QVERIFY(m_rig->start());
}

qint64 EngineQuotaTest::addQuota(const QuotaPolicy &quota, const QString &name)
{
    WatchSpec spec = EngineRig::ports(name, {{kPort, kPort}});
    spec.policies.quota = quota;
    if (!m_rig->add({spec}))
        qFatal("not added");
    return m_rig->watch(name).record.id;
}

quint64 EngineQuotaTest::classPackets() const
{
    quint64 packets = 0;
    for (const ClassReading &each : m_rig->machine->governReading().classes)
        packets += each.packets;
    return packets;
}

/// Time passes as it does for a helper that runs, but for the seconds in between.
void EngineQuotaTest::goTo(qint64 instantS)
{
    const qint64 nowS = m_rig->engine->nowS();
    if (instantS - nowS > 2)
        m_rig->second(std::chrono::seconds(instantS - nowS - 2));
    while (m_rig->engine->nowS() < instantS)
        m_rig->second();
    m_rig->settle();
}

void EngineQuotaTest::whatAQuotaBillsNeverPassesTheLine_data()
{
    QTest::addColumn<QuotaPolicy>("quota");
    QTest::addColumn<bool>("v6");
    QTest::addColumn<quint8>("protocol");
    for (const Overflow overflow : {Overflow::Block, Overflow::Throttle})
        for (const BillingMode mode : {BillingMode::In, BillingMode::Out, BillingMode::Sum, BillingMode::Max})
            for (const BillingScope scope : {BillingScope::All, BillingScope::Internet}) {
                QuotaPolicy quota = quotaOf(8'000'000, overflow);
                quota.mode = mode;
                quota.scope = scope;
                quota.factorThousandths = mode == BillingMode::Max ? 1000 : 1500;
                const QString name = toString(overflow) + QLatin1Char(' ') + toString(mode) + QLatin1Char(' ')
                    + toString(scope);
                const bool v6 = scope == BillingScope::Internet;
                QTest::newRow(qPrintable(name)) << quota << v6 << quint8(mode == BillingMode::In ? 17 : 6);
            }
}

void EngineQuotaTest::whatAQuotaBillsNeverPassesTheLine()
{
    QFETCH(QuotaPolicy, quota);
    QFETCH(bool, v6);
    QFETCH(quint8, protocol);
    addQuota(quota);
    m_rig->second();
    // twice the size in each direction, from and to the Internet, all of it between two ticks
    const int rounds = int(2 * quota.sizeBytes / kMergedWire);
    std::array<quint64, 2> crossed{0, 0};
    std::array<quint64, 2> swift{0, 0};
    for (int i = 0; i < rounds; ++i) {
        for (const Direction direction : {Direction::Received, Direction::Sent}) {
            const Traffic before = m_rig->machine->link(m_rig->eth0).counters;
            const quint64 slow = classPackets();
            quint64 dropped = 0;
            for (const QuotaReading &reading : m_rig->machine->governReading().quotas)
                dropped += reading.droppedRxBytes + reading.droppedTxBytes;
            m_rig->machine->pass(merged(m_rig->eth0, direction, v6, protocol));
            for (const QuotaReading &reading : m_rig->machine->governReading().quotas)
                dropped -= reading.droppedRxBytes + reading.droppedTxBytes;
            const size_t way = direction == Direction::Received ? 0 : 1;
            if (m_rig->machine->link(m_rig->eth0).counters != before)
                crossed[way] += kMergedWire; // also what was received and then dropped
            if (dropped == 0 && classPackets() == slow)
                swift[way] += kMergedWire;
        }
        if (i % 2 == 0)
            m_rig->settle();
    }
    m_rig->second();
    const BillingRule rule = quota.rule(CivilZone());
    const auto billed = [&](const std::array<quint64, 2> &bytes) {
        return billedBytes({{bytes[0], bytes[1], 0, 0}, {}}, rule);
    };
    QCOMPARE(policy().quota.usedBytes, billed(crossed));
    QVERIFY(policy().quotaStage
            == (quota.overflow == Overflow::Block ? QuotaStage::Blocked : QuotaStage::Throttled));
    const quint64 let = billed(swift);
    const quint64 tolerance = kTolerance * quint64(quota.factorThousandths) / 1000;
    QVERIFY2(let <= quota.sizeBytes + tolerance, qPrintable(QString::number(let)));
    if (quota.overflow == Overflow::Throttle || quota.mode == BillingMode::Out)
        // nothing that was dropped counts here, so the line itself was reached
        QVERIFY2(let + 4 * tolerance >= quota.sizeBytes, qPrintable(QString::number(let)));
}

void EngineQuotaTest::aQuotaThatOnlyTellsLetsEverythingPass()
{
    const qint64 id = addQuota(quotaOf(1'000'000, Overflow::Notify));
    receive(999'999);
    m_rig->second();
    QVERIFY(policy().quotaStage == QuotaStage::Counting);
    QCOMPARE(policy().quota.remainingBytes, 1U);
    receive(1);
    m_rig->second();
    QVERIFY(policy().quotaStage == QuotaStage::Over);
    QCOMPARE(policy().quota.usedBytes, 1'000'000U);
    QVERIFY(!gate(id));
    QVERIFY(m_rig->machine->governPlan().isEmpty());
}

void EngineQuotaTest::packetsThatAreNotMergedPassUpToTheLine()
{
    QuotaPolicy quota = quotaOf(3'000'000);
    quota.mode = BillingMode::Out;
    addQuota(quota);
    quint64 sent = 0;
    for (int i = 0; i < 4000; ++i) {
        m_rig->pass(kPort, 0, 1500);
        sent += 1500;
        if (i % 16 == 0)
            m_rig->settle();
    }
    m_rig->second();
    QVERIFY(sent == 6'000'000);
    QVERIFY(policy().quotaStage == QuotaStage::Blocked);
    QVERIFY(policy().quota.usedBytes <= 3'000'000);
    QVERIFY(policy().quota.usedBytes >= 3'000'000 - 32 * 1024);
}

void EngineQuotaTest::aChangeOfExpansionNearTheLineIsMet()
{
    QuotaPolicy quota = quotaOf(60'000'000);
    quota.mode = BillingMode::Out;
    addQuota(quota);
    for (int i = 0; i < 10; ++i) { // expands by nothing
        for (int packet = 0; packet < 2000; ++packet)
            m_rig->pass(kPort, 0, 1500);
        m_rig->second();
    }
    QCOMPARE(policy().quota.usedBytes, 30'000'000U);
    for (int i = 0; i < 600; ++i) {
        m_rig->machine->pass(merged(m_rig->eth0, Direction::Sent));
        if (i % 2 == 0)
            m_rig->settle();
    }
    m_rig->second();
    QVERIFY(policy().quotaStage == QuotaStage::Blocked);
    QVERIFY(policy().quota.usedBytes <= 60'000'000 + kTolerance);
}

void EngineQuotaTest::whatWasDroppedIsCountedOverRebuildsAndRestarts()
{
    addQuota(quotaOf(1'000'000));
    receive(1'200'000);
    m_rig->second();
    QVERIFY(policy().quotaStage == QuotaStage::Blocked);
    const quint64 first = policy().dropped.rxBytes;
    QCOMPARE(first, 1'200'000U - 14); // one packet, dropped whole
    receive(5014);
    m_rig->second();
    QCOMPARE(policy().dropped.rxBytes, first + 5000);
    m_rig->machine->disturbGate();
    receive(3014);
    m_rig->second();
    m_rig->pass(kPort, 0, 700);
    m_rig->second();
    QCOMPARE(policy().dropped.rxBytes, first + 8000);
    QCOMPARE(policy().dropped.txBytes, 700U);
    QCOMPARE(policy().quota.usedBytes, 1'200'000U + 5014 + 3014);
    receive(1014);
    QVERIFY(m_rig->stop());
    QVERIFY(m_rig->start());
    QVERIFY(policy().quotaStage == QuotaStage::Blocked);
    receive(2014);
    m_rig->second();
    m_rig->second();
    QCOMPARE(policy().dropped.rxBytes, first + 11'000);
    QCOMPARE(policy().quota.usedBytes, 1'200'000U + 5014 + 3014 + 1014 + 2014);
}

void EngineQuotaTest::whatIsOverStaysSoThoughALittleIsMissing()
{
    QuotaPolicy quota = quotaOf(10'000'000);
    quota.mode = BillingMode::Out;
    const qint64 id = addQuota(quota);
    for (int i = 0; i < 6653; ++i) // 9,979,500 bytes: 20,500 are missing
        m_rig->pass(kPort, 0, 1500), i % 8 == 0 ? m_rig->settle() : void();
    m_rig->second();
    const quint64 used = policy().quota.usedBytes;
    QVERIFY(used <= 9'979'500);
    QVERIFY(used >= 10'000'000 - 32 * 1024);
    for (int i = 0; i < 3; ++i) {
        m_rig->pass(kPort, 0, 1500);
        m_rig->second();
        QVERIFY(policy().quotaStage == QuotaStage::Blocked);
        QVERIFY(gate(id)->isOver);
    }
    m_rig->kill();
    QVERIFY(m_rig->start());
    QVERIFY(policy().quotaStage == QuotaStage::Blocked);
    QVERIFY(gate(id)->isOver);
    m_rig->pass(kPort, 0, 1500);
    m_rig->second();
    QCOMPARE(policy().quota.usedBytes, used);
}

void EngineQuotaTest::aSmallQuotaIsUsedToItsEnd()
{
    QuotaPolicy quota = quotaOf(20'900); // 13 packets, and 1,400 bytes that no packet fits into
    quota.mode = BillingMode::Out;
    const qint64 id = addQuota(quota);
    QVERIFY(policy().quotaStage == QuotaStage::Counting);
    for (int i = 0; i < 20; ++i) {
        m_rig->pass(kPort, 0, 1500);
        m_rig->settle();
    }
    m_rig->second();
    QCOMPARE(policy().quota.usedBytes, 13U * 1500);
    QVERIFY(policy().quotaStage == QuotaStage::Blocked);
    const auto epoch = gate(id)->epoch;
    m_rig->second();
    m_rig->second();
    QVERIFY(policy().quotaStage == QuotaStage::Blocked);
    QCOMPARE(gate(id)->epoch, epoch);
}

void EngineQuotaTest::aLargerSizeOpensAtOnceAndASmallerOneCloses()
{
    const qint64 id = addQuota(quotaOf(1'000'000));
    receive(1'500'000);
    m_rig->second();
    QVERIFY(gate(id)->isOver);
    QVERIFY(m_rig->edit(kWeb, sizeEdit(2'000'000)));
    QVERIFY(!gate(id)->isOver);
    QVERIFY(gate(id)->remaining[0] <= 500'000);
    QVERIFY(gate(id)->remaining[0] >= 450'000);
    QVERIFY(policy().quotaStage == QuotaStage::Counting);
    QCOMPARE(policy().quota.remainingBytes, 500'000U);
    QVERIFY(m_rig->edit(kWeb, sizeEdit(1'400'000)));
    QVERIFY(gate(id)->isOver);
    QVERIFY(policy().quotaStage == QuotaStage::Blocked);
}

void EngineQuotaTest::aCalibrationClosesAtOnceAndItsUndoOpens()
{
    const qint64 id = addQuota(quotaOf(1'000'000));
    receive(400'000);
    m_rig->second();
    WatchEdit said;
    said.usedBytes.emplace(1'100'000);
    QVERIFY(m_rig->edit(kWeb, said));
    QVERIFY(gate(id)->isOver);
    QCOMPARE(policy().quota.usedBytes, 1'100'000U);
    QVERIFY(policy().quota.isCalibrated);
    said.usedBytes.emplace(900'000);
    QVERIFY(m_rig->edit(kWeb, said));
    QVERIFY(!gate(id)->isOver);
    QCOMPARE(policy().quota.remainingBytes, 100'000U);
    said.usedBytes.emplace();
    QVERIFY(m_rig->edit(kWeb, said));
    QCOMPARE(policy().quota.usedBytes, 400'000U);
    const auto again = m_rig->edit(kWeb, said);
    QVERIFY(!again);
    QVERIFY(again.error().kind == ErrorKind::NotFound);
}

void EngineQuotaTest::beginningThePeriodNowOpensAndItsUndoCloses()
{
    const qint64 id = addQuota(quotaOf(1'000'000));
    receive(1'500'000);
    goTo(kStart + 3600);
    QVERIFY(gate(id)->isOver);
    WatchEdit edit;
    edit.period = WatchEdit::Period::BeginNow;
    QVERIFY(m_rig->edit(kWeb, edit));
    QVERIFY(!gate(id)->isOver);
    QCOMPARE(policy().quota.usedBytes, 0U);
    QCOMPARE(policy().quota.period.startS, kStart + 3600);
    QCOMPARE(policy().dropped.rxBytes, 0U);
    receive(1000);
    m_rig->second();
    QCOMPARE(policy().quota.usedBytes, 1000U);
    m_rig->kill();
    QVERIFY(m_rig->start());
    m_rig->second();
    QCOMPARE(policy().quota.usedBytes, 1000U);
    edit.period = WatchEdit::Period::UndoBegin;
    QVERIFY(m_rig->edit(kWeb, edit));
    QVERIFY(gate(id)->isOver);
    QCOMPARE(policy().quota.usedBytes, 1'501'000U);
}

void EngineQuotaTest::aPeriodThatCannotBeBegunInTheKernelIsTheOldOne()
{
    const qint64 id = addQuota(quotaOf(1'000'000));
    receive(1'500'000);
    m_rig->second();
    m_rig->machine->fail(FakeMachine::Call::Govern, {ErrorKind::KernelRefused, QStringLiteral("no memory")});
    WatchEdit edit;
    edit.period = WatchEdit::Period::BeginNow;
    QVERIFY(!m_rig->edit(kWeb, edit));
    m_rig->machine->succeed(FakeMachine::Call::Govern);
    m_rig->second();
    QCOMPARE(policy().quota.usedBytes, 1'500'000U);
    QCOMPARE(policy().quota.period.startS, kNovember);
    QVERIFY(gate(id)->isOver);
}

void EngineQuotaTest::anotherResetDayIsDerivedFromHistory()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    receive(700'000); // on the 14th
    m_rig->second();
    goTo(kNovember + 19 * kDay + 600); // the 20th
    receive(50'000);
    m_rig->second();
    QuotaPolicy quota = quotaOf(500'000);
    quota.resetDay = 1;
    QVERIFY(m_rig->edit(kWeb, quotaEdit(quota)));
    const qint64 id = m_rig->watch(kWeb).record.id;
    QCOMPARE(policy().quota.usedBytes, 750'000U);
    QVERIFY(gate(id)->isOver);
    quota.resetDay = 18;
    QVERIFY(m_rig->edit(kWeb, quotaEdit(quota)));
    QCOMPARE(policy().quota.usedBytes, 50'000U);
    QCOMPARE(policy().quota.period.startS, kNovember + 17 * kDay);
    QVERIFY(!gate(id)->isOver);
}

void EngineQuotaTest::aPeriodEndsByItself()
{
    const qint64 id = addQuota(quotaOf(1'000'000));
    receive(1'500'000);
    m_rig->second();
    goTo(kDecember - 1);
    QVERIFY(gate(id)->isOver);
    m_rig->second();
    QCOMPARE(m_rig->engine->nowS(), kDecember);
    QVERIFY(!gate(id)->isOver);
    QCOMPARE(policy().quota.usedBytes, 0U);
    QCOMPARE(policy().dropped.rxBytes, 0U);
    receive(900'000);
    m_rig->second();
    QCOMPARE(policy().quota.usedBytes, 900'000U);
}

void EngineQuotaTest::aPeriodThatEndsWhileTheHelperIsAwayIsDerivedFromHistory()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    goTo(kDecember - 600);
    QVERIFY(m_rig->edit(kWeb, sizeEdit(1'000'000)));
    receive(1'500'000);
    m_rig->second();
    const qint64 id = m_rig->watch(kWeb).record.id;
    QVERIFY(gate(id)->isOver);
    QVERIFY(m_rig->stop());
    m_rig->clock.skip(700s);
    m_rig->machine->skip(700s);
    receive(300'000); // passes while nobody looks; the gate drops it
    QVERIFY(m_rig->start());
    m_rig->settle();
    // what nobody saw is of the minute in which it was first read
    QCOMPARE(policy().quota.usedBytes, 300'000U);
    QVERIFY(!gate(id)->isOver);
    QCOMPARE(policy().quota.remainingBytes, 700'000U);
}

void EngineQuotaTest::aMachineThatWasOffForTwoMonthsBeginsAfresh()
{
    const qint64 id = addQuota(quotaOf(1'000'000));
    receive(1'500'000);
    m_rig->second();
    QVERIFY(m_rig->stop());
    m_rig->clock.leap(std::chrono::hours(62 * 24));
    m_rig->machine->newBoot();
    QVERIFY(m_rig->start());
    m_rig->settle();
    QCOMPARE(policy().quota.usedBytes, 0U);
    QCOMPARE(policy().quota.period.startS, kDecember + 31 * kDay);
    QVERIFY(!gate(id)->isOver);
}

void EngineQuotaTest::aClockThatLeapsForwardAndBackFindsThePeriodAgain()
{
    const qint64 id = addQuota(quotaOf(1'000'000));
    receive(1'500'000);
    m_rig->second();
    m_rig->second(90s);
    m_rig->clock.leap(std::chrono::hours(40 * 24));
    receive(1000);
    m_rig->second();
    m_rig->settle();
    m_rig->second();
    QCOMPARE(policy().quota.period.startS, kDecember);
    QVERIFY(!gate(id)->isOver);
    receive(2000);
    m_rig->second();
    m_rig->clock.leap(-std::chrono::hours(40 * 24));
    m_rig->second();
    m_rig->settle();
    m_rig->second();
    QCOMPARE(policy().quota.period.startS, kNovember);
    QCOMPARE(policy().quota.usedBytes, 1'503'000U);
    QVERIFY(gate(id)->isOver);
}

void EngineQuotaTest::aGuardStateThatWasLostIsDerivedFromHistory()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    receive(5'000'000); // in November
    m_rig->second();
    goTo(kDecember + 3600);
    receive(1'500'000);
    m_rig->second();
    QVERIFY(m_rig->edit(kWeb, sizeEdit(1'000'000)));
    const qint64 id = m_rig->watch(kWeb).record.id;
    QVERIFY(m_rig->stop());
    {
        // as after a repair that left the row out
        Store store(m_rig->directory.path());
        auto state = store.open();
        QVERIFY(state);
        StateChange change;
        change.watches = state->watches;
        for (WatchRecord &record : change.watches)
            record.guard = {};
        store.write(std::move(change), [](const Result<void> &stored) { QVERIFY(stored); });
        store.drain();
        QCoreApplication::processEvents();
    }
    QVERIFY(m_rig->start());
    m_rig->settle();
    QCOMPARE(policy().quota.usedBytes, 1'500'000U);
    QVERIFY(gate(id)->isOver);
}

void EngineQuotaTest::anArchiveThatCannotAnswerIsAskedAgain()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    receive(5'000'000);
    m_rig->second();
    goTo(kDecember + 3600);
    receive(400'000);
    m_rig->second();
    m_rig->archiveFails = true;
    QVERIFY(m_rig->edit(kWeb, sizeEdit(1'000'000)));
    const qint64 id = m_rig->watch(kWeb).record.id;
    QVERIFY(!gate(id));
    m_rig->second();
    m_rig->settle();
    QVERIFY(!gate(id));
    WatchEdit said;
    said.usedBytes.emplace(1);
    const auto tooEarly = m_rig->edit(kWeb, said);
    QVERIFY(!tooEarly);
    QVERIFY(tooEarly.error().kind == ErrorKind::Conflict);
    m_rig->archiveFails = false;
    m_rig->second();
    m_rig->settle();
    QCOMPARE(policy().quota.usedBytes, 400'000U);
    QVERIFY(gate(id) && !gate(id)->isOver);
}

void EngineQuotaTest::aQuotaIsInForceWithTheReplyThoughThePastIsAsked()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    receive(5'000'000);
    m_rig->second();
    goTo(kDecember + 3600);
    receive(400'000);
    m_rig->second();
    QVERIFY(m_rig->edit(kWeb, sizeEdit(300'000)));
    QVERIFY(gate(m_rig->watch(kWeb).record.id)->isOver);
    QVERIFY(policy().quotaStage == QuotaStage::Blocked);
    QCOMPARE(policy().quota.usedBytes, 400'000U);
}

void EngineQuotaTest::aTickDoesNotTakeAnEditsPlanFromIt()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    receive(5'000'000);
    m_rig->second();
    goTo(kDecember + 3600);
    m_rig->archiveWaits = true;
    std::optional<Result<quint32>> reply;
    WatchEdit edit = sizeEdit(1'000'000);
    edit.limit.emplace(limitOf(kMbit));
    m_rig->engine->editWatch(1, kWeb, edit, [&](const Result<quint32> &result) { reply = result; });
    m_rig->second();
    m_rig->second();
    m_rig->settle();
    QVERIFY(!reply);
    QVERIFY(m_rig->machine->governPlan().isEmpty());
    m_rig->machine->fail(FakeMachine::Call::Govern, {ErrorKind::KernelRefused, QStringLiteral("no memory")});
    m_rig->letArchiveAnswer();
    QTRY_VERIFY(reply);
    QVERIFY(!*reply);
    QVERIFY(reply->error().kind == ErrorKind::KernelRefused);
    QVERIFY(m_rig->watch(kWeb).record.spec.policies == Policies());
}

void EngineQuotaTest::aThrottleIsArmedAsASlowerClassAndThenTheRateInForce()
{
    const qint64 id = addQuota(quotaOf(1'000'000, Overflow::Throttle));
    const auto rate = [&](bool isSlow) {
        return classRate(m_rig->machine->governPlan(), id, FlowDirection::Down, isSlow);
    };
    QCOMPARE(rate(true), kMbit);
    QVERIFY(!rate(false));
    QVERIFY(gate(id)->then == QuotaGate::Then::Slow);
    QVERIFY(gate(id)->slowDown && gate(id)->slowUp);
    QVERIFY(!policy().down.bitsPerSecond);
    receive(1'000'000);
    m_rig->second();
    QVERIFY(!rate(true));
    QCOMPARE(rate(false), kMbit);
    QVERIFY(!gate(id));
    QVERIFY(policy().quotaStage == QuotaStage::Throttled);
    QCOMPARE(policy().up.bitsPerSecond, kMbit);
    QVERIFY(policy().up.reason == RateReason::Quota);
    // a limit that is lower still goes before it, and comes back to it
    QVERIFY(m_rig->edit(kWeb, limitEdit(kMbit / 2)));
    QCOMPARE(rate(false), kMbit / 2);
    QVERIFY(policy().down.reason == RateReason::Limit);
    QVERIFY(policy().up.reason == RateReason::Quota);
    goTo(kDecember);
    QCOMPARE(rate(false), kMbit / 2);
    QVERIFY(!policy().up.bitsPerSecond);
}

void EngineQuotaTest::aThrottleOfTheInternetKeepsLocalTrafficFree()
{
    QuotaPolicy quota = quotaOf(1'000'000, Overflow::Throttle);
    quota.scope = BillingScope::Internet;
    const qint64 id = addQuota(quota);
    Packets near = merged(m_rig->eth0, Direction::Received, false, 6, true);
    for (int i = 0; i < 20; ++i)
        m_rig->machine->pass(near);
    m_rig->second();
    QCOMPARE(policy().quota.usedBytes, 0U);
    receive(1'000'000);
    m_rig->second();
    QVERIFY(policy().quotaStage == QuotaStage::Throttled);
    QVERIFY(gate(id)->isOver && gate(id)->internetOnly);
    QVERIFY(!classRate(m_rig->machine->governPlan(), id, FlowDirection::Down));
    QCOMPARE(policy().down.bitsPerSecond, kMbit);
    const quint64 before = classPackets();
    m_rig->machine->pass(near);
    QCOMPARE(classPackets(), before);
    receive(1000);
    QCOMPARE(classPackets(), before + 1);
}

void EngineQuotaTest::whatIsExemptPassesABlock()
{
    QuotaPolicy quota = quotaOf(1'000'000);
    quota.mode = BillingMode::Out;
    quota.exempt.local = true;
    quota.exempt.ports = {{22, 22}};
    WatchSpec spec = EngineRig::onLink(kLine, QStringLiteral("eth0"));
    spec.policies.quota = quota;
    QVERIFY(m_rig->add({spec}));
    m_rig->pass(kPort, 0, 500'000);
    m_rig->pass(kPort, 0, 500'000);
    m_rig->second();
    m_rig->settle();
    m_rig->pass(kPort, 0, 600'000);
    m_rig->second();
    QVERIFY(policy(kLine).quotaStage == QuotaStage::Counting); // the packet was dropped whole
    for (int i = 0; i < 400; ++i) {
        m_rig->pass(kPort, 0, 1500);
        m_rig->settle();
    }
    m_rig->second();
    QVERIFY(policy(kLine).quotaStage == QuotaStage::Blocked);
    const quint64 used = policy(kLine).quota.usedBytes;
    m_rig->pass(22, 0, 1000);
    m_rig->machine->pass(merged(m_rig->eth0, Direction::Sent, false, 6, true));
    m_rig->pass(kPort, 0, 1000);
    m_rig->second();
    QCOMPARE(policy(kLine).quota.usedBytes, used + 1000 + kMergedWire);
}

void EngineQuotaTest::framesThatAreNotIpCountForALink()
{
    WatchSpec spec = EngineRig::onLink(kLine, QStringLiteral("eth0"));
    spec.policies.quota = quotaOf(1'000'000);
    QVERIFY(m_rig->add({spec}));
    m_rig->machine->passOther(m_rig->eth0, Direction::Received, 600'000);
    m_rig->second();
    QCOMPARE(policy(kLine).quota.usedBytes, 600'000U);
    QVERIFY(gate(m_rig->watch(kLine).record.id)->remaining[0] <= 400'000);
    m_rig->machine->passOther(m_rig->eth0, Direction::Sent, 400'000);
    m_rig->second();
    QVERIFY(policy(kLine).quotaStage == QuotaStage::Blocked);
}

void EngineQuotaTest::aWatchThatIsYoungerThanThePeriodCountsSinceItsCreation()
{
    receive(900'000); // before the watch
    m_rig->second();
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    receive(100'000);
    m_rig->second();
    QVERIFY(m_rig->edit(kWeb, sizeEdit(1'000'000)));
    QCOMPARE(policy().quota.usedBytes, 100'000U);
}

void EngineQuotaTest::eachOfTwoQuotasOnOnePortHolds()
{
    const qint64 small = addQuota(quotaOf(1'000'000));
    const qint64 large = addQuota(quotaOf(2'000'000), QStringLiteral("all"));
    const auto flood = [&](int packets) {
        for (int i = 0; i < packets; ++i) {
            m_rig->pass(kPort, 0, 1500);
            if (i % 8 == 0)
                m_rig->settle();
        }
        m_rig->second();
    };
    flood(1000);
    QVERIFY(gate(small)->isOver);
    QVERIFY(!gate(large)->isOver);
    QVERIFY(policy().quota.usedBytes <= 1'000'000);
    QCOMPARE(policy(QStringLiteral("all")).quota.usedBytes, policy().quota.usedBytes);
    QVERIFY(m_rig->edit(kWeb, sizeEdit(9'000'000)));
    flood(1000);
    QVERIFY(gate(large)->isOver);
    QVERIFY(!gate(small)->isOver);
    QVERIFY(policy().quota.usedBytes <= 2'000'000);
}

void EngineQuotaTest::aQuotaThatIsSwitchedOffBlocksNothingAndGoesOn()
{
    const qint64 id = addQuota(quotaOf(1'000'000));
    receive(1'500'000);
    m_rig->second();
    WatchEdit off;
    off.quotaEnabled = false;
    QVERIFY(m_rig->edit(kWeb, off));
    QVERIFY(!gate(id));
    QVERIFY(policy().quotaStage == QuotaStage::Off);
    receive(1000);
    m_rig->second();
    QCOMPARE(policy().quota.usedBytes, 1'501'000U);
    off.quotaEnabled = true;
    QVERIFY(m_rig->edit(kWeb, off));
    QVERIFY(gate(id)->isOver);
}

void EngineQuotaTest::aWatchThatIsPausedBlocksNothing()
{
    const qint64 id = addQuota(quotaOf(1'000'000));
    receive(1'500'000);
    m_rig->second();
    QVERIFY(m_rig->edit(kWeb, enableEdit(false)));
    QVERIFY(!gate(id));
    receive(1000); // counted for nobody
    m_rig->second();
    QVERIFY(m_rig->edit(kWeb, enableEdit(true)));
    QVERIFY(gate(id)->isOver);
    QCOMPARE(policy().quota.usedBytes, 1'500'000U);
}

void EngineQuotaTest::theSumsAreThoseOfTheStatus()
{
    QuotaPolicy quota = quotaOf(100'000'000, Overflow::Notify);
    quota.factorThousandths = 2000;
    addQuota(quota);
    m_rig->pass(kPort, 3'000'000, 2'000'000);
    goTo(kStart + 2 * 3600);
    const QuotaStanding standing = policy().quota;
    QCOMPARE(standing.usedBytes, 10'000'000U);
    QCOMPARE(standing.remainingBytes, 90'000'000U);
    QCOMPARE(standing.period.startS, kNovember);
    QCOMPARE(standing.period.endS, kDecember);
    // 10 MB in two hours
    QVERIFY(standing.projection);
    QCOMPARE(standing.projection->dailyAverageBytes, 120'000'000U);
    const quint64 leftS = quint64(kDecember - kStart - 7200);
    QCOMPARE(standing.projection->atEndBytes, 10'000'000 + 10'000'000 * leftS / 7200);
}

void EngineQuotaTest::aQuotaWithTrafficIsNotSentEachSecond()
{
    addQuota(quotaOf(1'000'000'000));
    m_rig->second();
    const int calls = m_rig->machine->governCalls();
    for (int i = 0; i < 20; ++i) {
        for (int packet = 0; packet < 10; ++packet)
            m_rig->machine->pass(merged(m_rig->eth0, Direction::Received));
        m_rig->second();
    }
    QCOMPARE(policy().quota.usedBytes, 200 * kMergedWire);
    QCOMPARE(m_rig->machine->governCalls(), calls);
}

void EngineQuotaTest::aPreviewIsWhatTheQuotaWouldBe()
{
    QVERIFY(m_rig->add({EngineRig::ports(kWeb, {{kPort, kPort}})}));
    m_rig->pass(kPort, 3'000'000, 2'000'000);
    m_rig->second();
    goTo(kDecember + 3600);
    m_rig->pass(kPort, 700'000, 100'000);
    m_rig->second();
    QuotaPolicy quota = quotaOf(1'000'000);
    quota.mode = BillingMode::In;
    auto preview = m_rig->previewQuota(kWeb, quota);
    QVERIFY(preview);
    QCOMPARE(preview->standing.usedBytes, 700'000U);
    quota.resetDay = 14; // of November
    preview = m_rig->previewQuota(kWeb, quota);
    QVERIFY(preview);
    QCOMPARE(preview->standing.usedBytes, 3'700'000U);
    QCOMPARE(preview->standing.remainingBytes, 0U);
    QCOMPARE(preview->standing.period.startS, kNovember + 13 * kDay);
    quota.sizeBytes = 0;
    const auto refused = m_rig->previewQuota(kWeb, quota);
    QVERIFY(!refused);
    QVERIFY(refused.error().kind == ErrorKind::InvalidArgument);
    QVERIFY(m_rig->previewQuota(QStringLiteral("none"), quotaOf(1)).error().kind == ErrorKind::NotFound);
    // nothing of it is in force
    QVERIFY(m_rig->machine->governPlan().isEmpty());
}

void EngineQuotaTest::aPartThatIsHeldLowerIsOnlyCounted()
{
    QuotaPolicy quota = quotaOf(1'000'000, Overflow::Throttle);
    quota.throttleBitsPerSecond = 5 * kMbit;
    WatchSpec all = EngineRig::ports(QStringLiteral("all"), {{80, 89}});
    all.policies.quota = quota;
    WatchSpec part = EngineRig::ports(kWeb, {{kPort, kPort}});
    part.policies.limit = limitOf(2 * kMbit);
    QVERIFY(m_rig->add({all, part}));
    const qint64 id = m_rig->watch(QStringLiteral("all")).record.id;
    const ClassKey slow{id, FlowDirection::Down, true};
    const auto passedSlow = [&] {
        for (const ClassReading &each : m_rig->machine->governReading().classes)
            if (each.key == slow)
                return each.packets;
        return quint64(0);
    };
    receive(1'000'000); // past the line, which is armed a little early
    QCOMPARE(passedSlow(), 0U);
    QCOMPARE(m_rig->machine->governReading().quotas.front().consumed[0],
             gate(id)->consumed[0] + gate(id)->remaining[0]);
    m_rig->pass(81, 1000, 0);
    QCOMPARE(passedSlow(), 1U);
    m_rig->second();
    QVERIFY(policy(QStringLiteral("all")).quotaStage == QuotaStage::Throttled);
}

} // namespace weir::test

QTEST_GUILESS_MAIN(weir::test::EngineQuotaTest)
#include "engine_quota_test.moc"
