// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/database.h"
#include "helper/store/repair.h"
#include "tests/unit/store_rig.h"

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <ctime>
#include <limits>

namespace weir {

namespace {

constexpr quint64 kHigh = 0xfedc'ba98'7654'3210; // more than a signed number holds

LimitPolicy limitAt(quint64 downBits)
{
    LimitPolicy limit;
    limit.downBitsPerSecond = downBits;
    return limit;
}

/// Every field differs from its default.
LimitPolicy fullLimit()
{
    LimitPolicy limit;
    limit.enabled = false;
    limit.downBitsPerSecond = kMaxRateBits;
    limit.upBitsPerSecond = kMinRateBits;
    limit.when = Schedule::parse(u"mon-fri 08:00-18:00; sat 22:00-06:00").value();
    return limit;
}

QuotaPolicy fullQuota()
{
    QuotaPolicy quota;
    quota.enabled = false;
    quota.sizeBytes = kMaxQuotaBytes;
    quota.resetDay = kLastDayOfMonth;
    for (size_t i = 0; i < kMaxBegunPeriods; ++i)
        quota.begunS.push_back(kLastInstantS - qint64(kMaxBegunPeriods) + qint64(i));
    quota.mode = BillingMode::Max;
    quota.factorThousandths = kMaxFactorThousandths;
    quota.scope = BillingScope::Internet;
    quota.alertPercents = {1, 2, 3, 4, 5, 6, 7, 8, 9, kMaxAlertPercent};
    quota.overflow = Overflow::Block;
    quota.exempt = {true, {{1, 1}, {22, 22}, {8000, 65535}}};
    quota.calibration = {kLastInstantS, -std::numeric_limits<qint64>::max()};
    return quota;
}

QuotaPolicy throttlingQuota()
{
    QuotaPolicy quota;
    quota.sizeBytes = 1;
    quota.resetDay = 31;
    quota.factorThousandths = kMinFactorThousandths;
    quota.mode = BillingMode::In;
    quota.alertPercents = {};
    quota.overflow = Overflow::Throttle;
    quota.throttleBitsPerSecond = kMaxRateBits;
    quota.calibration = {kFirstInstantS, qint64(kMaxCalibrationBytes)};
    return quota;
}

BurstPolicy burstOf(BurstDirection direction, std::chrono::seconds window, std::chrono::seconds hold)
{
    BurstPolicy burst;
    burst.enabled = direction != BurstDirection::Down;
    burst.triggerBitsPerSecond = kMaxRateBits;
    burst.direction = direction;
    burst.window = window;
    burst.throttleBitsPerSecond = kMinRateBits;
    burst.hold = hold;
    return burst;
}

/// Every counter is another one, up to the largest.
GuardState fullGuard()
{
    GuardState guard;
    guard.throttledSinceS = 1'700'000'000;
    guard.throttledUntilS = 1'700'001'800;
    guard.periodStartS = 1'699'000'000;
    guard.atPeriodStart = {{{kHigh, 2, 3, 4}, {5, 6, 7, ~quint64(0)}}, {9, 10, 11, quint64(1) << 63}};
    guard.dropped.rxBytes = ~quint64(0);
    guard.dropped.txBytes = kHigh;
    return guard;
}

WatchRecord watchOf(qint64 id, Policies policies = {}, const GuardState &guard = {})
{
    WatchRecord record;
    record.id = id;
    record.spec.name = QStringLiteral("watch %1").arg(id);
    record.spec.ports = {{quint16(id), quint16(id)}};
    record.spec.policies = std::move(policies);
    record.createdS = 1'700'000'000;
    record.guard = guard;
    return record;
}

QString problemOf(const auto &result)
{
    return result ? QString() : result.error().message;
}

Result<void> write(Database &database, std::vector<WatchRecord> watches)
{
    StateChange change;
    change.watches = std::move(watches);
    return database.write(change);
}

} // namespace

class StorePoliciesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void everyFieldIsReadBackAtItsExtremes_data();
    void everyFieldIsReadBackAtItsExtremes();
    void aWatchWithoutPoliciesHasNoRows();
    void anEditOfOnePolicyLeavesTheOthersAlone();
    void aFlushWritesNoPolicyAndNoGuardThatDidNotChange();
    void policiesThatAreTakenAwayLeaveNoRows();
    void aRemovedWatchKeepsItsPoliciesUntilItIsRestored();
    void aForgottenWatchLeavesNoPolicies();
    void aChangeThatFailsLeavesPoliciesGuardAndTotalsAsTheyWere();
    void whatCouldNotBeWrittenIsWrittenWithTheNextChange();
    void rowsThatNoHelperWritesAreLeftOutAndTold_data();
    void rowsThatNoHelperWritesAreLeftOutAndTold();
    void aPolicyThatIsSetAnewReplacesTheOneThatWasLeftOut();
    void aGuardStateThatWasLeftOutGoesWithTheNextFlush();
    void policiesOfNoWatchAreFoundAndNeverGivenToANewOne();
    void aBackupKeepsPoliciesAndIsTakenWithARowThatIsLeftOut();
    void guardsOfAThousandWatchesAreWrittenInOneChange();

private:
    State reopened()
    {
        m_database = std::make_unique<Database>(m_path);
        auto state = m_database->open();
        if (!state)
            qFatal("%s", qPrintable(state.error().message));
        return std::move(*state);
    }
    qint64 rows(const char *table) const
    {
        return numberIn(m_path, QStringLiteral("SELECT count(*) FROM ") + QLatin1String(table));
    }
    qint64 allRows() const
    {
        return rows("limit_policy") + rows("quota_policy") + rows("burst_policy") + rows("guard_state");
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    QString m_path;
    std::unique_ptr<Database> m_database;
};

void StorePoliciesTest::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_path = m_directory->filePath(QStringLiteral("weir.db"));
    reopened();
}

void StorePoliciesTest::cleanup()
{
    m_database.reset();
    m_directory.reset();
}

void StorePoliciesTest::everyFieldIsReadBackAtItsExtremes_data()
{
    QTest::addColumn<Policies>("policies");
    QTest::addColumn<GuardState>("guard");
    LimitPolicy up;
    up.upBitsPerSecond = kMaxRateBits;
    QuotaPolicy notifying;
    notifying.sizeBytes = kMaxQuotaBytes;
    notifying.mode = BillingMode::Out;
    QTest::newRow("limit") << Policies{fullLimit(), {}, {}} << GuardState{};
    QTest::newRow("limit down") << Policies{limitAt(kMinRateBits), {}, {}} << GuardState{};
    QTest::newRow("limit up") << Policies{up, {}, {}} << GuardState{};
    QTest::newRow("blocking quota") << Policies{{}, fullQuota(), {}} << fullGuard();
    QTest::newRow("throttling quota") << Policies{{}, throttlingQuota(), {}} << GuardState{};
    QTest::newRow("notifying quota") << Policies{{}, notifying, {}} << GuardState{};
    for (const BurstDirection direction : {BurstDirection::Sum, BurstDirection::Down, BurstDirection::Up})
        QTest::addRow("burst %d", int(direction))
            << Policies{{}, {}, burstOf(direction, kMinBurstWindow, kMaxBurstHold)} << fullGuard();
    QTest::newRow("longest window") << Policies{{},
                                                {},
                                                burstOf(BurstDirection::Up, kMaxBurstWindow, kMinBurstHold)}
                                    << GuardState{};
    QTest::newRow("all") << Policies{fullLimit(), fullQuota(),
                                     burstOf(BurstDirection::Sum, kMaxBurstWindow, kMaxBurstHold)}
                         << fullGuard();
    QTest::newRow("guard alone") << Policies{} << fullGuard();
}

void StorePoliciesTest::everyFieldIsReadBackAtItsExtremes()
{
    QFETCH(Policies, policies);
    QFETCH(GuardState, guard);
    const auto written = write(*m_database, {watchOf(1), watchOf(2, policies, guard), watchOf(3)});
    QVERIFY2(written, qPrintable(problemOf(written)));
    const State state = reopened();
    QCOMPARE(state.leftOut, QStringList());
    QCOMPARE(state.watches.size(), size_t(3));
    QVERIFY(state.watches[1].spec.policies == policies);
    QVERIFY(state.watches[1].guard == guard);
    for (const size_t other : {size_t(0), size_t(2)}) {
        QVERIFY(state.watches[other].spec.policies == Policies{});
        QVERIFY(state.watches[other].guard == GuardState{});
    }
    QCOMPARE(repair::check(m_path, repair::InUse::Yes), QStringList());
}

void StorePoliciesTest::aWatchWithoutPoliciesHasNoRows()
{
    QVERIFY(write(*m_database, {watchOf(1), watchOf(2)}));
    QCOMPARE(allRows(), 0);
}

void StorePoliciesTest::anEditOfOnePolicyLeavesTheOthersAlone()
{
    WatchRecord record = watchOf(
        1,
        {limitAt(1'000'000), throttlingQuota(), burstOf(BurstDirection::Up, kMinBurstWindow, kMaxBurstHold)},
        fullGuard());
    QVERIFY(write(*m_database, {record}));
    // marks that would go if the rows were written
    executeIn(m_path,
              {QStringLiteral("UPDATE quota_policy SET size_bytes = 4711"),
               QStringLiteral("UPDATE burst_policy SET hold_s = 4712"),
               QStringLiteral("UPDATE guard_state SET dropped_rx_bytes = 4713")});
    record.spec.policies.limit = limitAt(2'000'000);
    ++record.revision;
    QVERIFY(write(*m_database, {record}));
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT down_bits_per_s FROM limit_policy")), 2'000'000);
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT size_bytes FROM quota_policy")), 4711);
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT hold_s FROM burst_policy")), 4712);
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT dropped_rx_bytes FROM guard_state")), 4713);
}

void StorePoliciesTest::aFlushWritesNoPolicyAndNoGuardThatDidNotChange()
{
    WatchRecord record = watchOf(1, {fullLimit(), {}, {}}, fullGuard());
    QVERIFY(write(*m_database, {record}));
    for (int restart = 0; restart < 2; ++restart) {
        executeIn(m_path,
                  {QStringLiteral("UPDATE limit_policy SET down_bits_per_s = 4711000"),
                   QStringLiteral("UPDATE guard_state SET dropped_rx_bytes = 4713")});
        if (restart == 1)
            record = reopened().watches.at(0);
        ++record.total.internet.rxBytes;
        QVERIFY(write(*m_database, {record}));
        QCOMPARE(numberIn(m_path, QStringLiteral("SELECT down_bits_per_s FROM limit_policy")), 4'711'000);
        QCOMPARE(numberIn(m_path, QStringLiteral("SELECT dropped_rx_bytes FROM guard_state")), 4713);
    }
    // the next one that did change moves alone
    record.guard.dropped.rxBytes = 5000;
    QVERIFY(write(*m_database, {record}));
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT dropped_rx_bytes FROM guard_state")), 5000);
}

void StorePoliciesTest::policiesThatAreTakenAwayLeaveNoRows()
{
    WatchRecord record =
        watchOf(1, {fullLimit(), fullQuota(), burstOf(BurstDirection::Up, kMinBurstWindow, kMaxBurstHold)},
                fullGuard());
    QVERIFY(write(*m_database, {record, watchOf(2, {fullLimit(), {}, {}})}));
    QCOMPARE(allRows(), 5);
    record.spec.policies = {};
    record.guard = {};
    QVERIFY(write(*m_database, {record}));
    QCOMPARE(allRows(), 1);
    const State state = reopened();
    QVERIFY(state.watches[0].spec.policies == Policies{});
    QVERIFY(state.watches[1].spec.policies.limit == fullLimit());
}

void StorePoliciesTest::aRemovedWatchKeepsItsPoliciesUntilItIsRestored()
{
    WatchRecord record = watchOf(1, {fullLimit(), fullQuota(), {}}, fullGuard());
    QVERIFY(write(*m_database, {record}));
    record.removedS = 1'700'000'500;
    QVERIFY(write(*m_database, {record}));
    WatchRecord removed = reopened().watches.at(0);
    QCOMPARE(removed.removedS, record.removedS);
    QVERIFY(removed.spec.policies == record.spec.policies);
    QVERIFY(removed.guard == fullGuard());
    removed.removedS = 0;
    QVERIFY(write(*m_database, {removed}));
    const State state = reopened();
    QCOMPARE(state.watches.at(0).removedS, 0);
    QVERIFY(state.watches.at(0).spec.policies == record.spec.policies);
    QVERIFY(state.watches.at(0).guard == fullGuard());
}

void StorePoliciesTest::aForgottenWatchLeavesNoPolicies()
{
    const Policies all{fullLimit(), fullQuota(), burstOf(BurstDirection::Up, kMinBurstWindow, kMaxBurstHold)};
    QVERIFY(write(*m_database, {watchOf(1, all, fullGuard()), watchOf(2, all, fullGuard())}));
    StateChange change;
    change.forgottenWatches = {1};
    QVERIFY(m_database->write(change));
    QCOMPARE(allRows(), 4);
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT count(*) FROM limit_policy WHERE watch = 2")), 1);
    QCOMPARE(repair::check(m_path, repair::InUse::Yes), QStringList());
}

void StorePoliciesTest::aChangeThatFailsLeavesPoliciesGuardAndTotalsAsTheyWere()
{
    const WatchRecord before = watchOf(1, {limitAt(1'000'000), throttlingQuota(), {}}, fullGuard());
    QVERIFY(write(*m_database, {before}));
    WatchRecord after = before;
    after.total.internet.rxBytes = 4711;
    after.spec.policies.limit = limitAt(2'000'000);
    after.spec.policies.quota = {};
    after.guard.dropped.rxBytes = 4713;
    // the guard's row is written behind the watch, the policies and their deletion
    executeIn(m_path,
              {QStringLiteral("CREATE TRIGGER torn BEFORE INSERT ON guard_state "
                              "BEGIN SELECT RAISE(ABORT, 'torn'); END")});
    const auto failed = write(*m_database, {after});
    QVERIFY(!failed);
    QVERIFY2(failed.error().message.contains(QStringLiteral("guard state of watch 1")),
             qPrintable(failed.error().message));
    const State state = reopened();
    QCOMPARE(state.watches.at(0).total.internet.rxBytes, 0u);
    QVERIFY(state.watches.at(0).spec.policies == before.spec.policies);
    QVERIFY(state.watches.at(0).guard == before.guard);
}

void StorePoliciesTest::whatCouldNotBeWrittenIsWrittenWithTheNextChange()
{
    WatchRecord record = watchOf(1, {limitAt(1'000'000), throttlingQuota(), {}}, fullGuard());
    QVERIFY(write(*m_database, {record}));
    record.total.internet.rxBytes = 4711;
    record.spec.policies.limit = limitAt(2'000'000);
    record.spec.policies.quota = {};
    record.guard.dropped.rxBytes = 4713;
    executeIn(m_path, {QStringLiteral("ALTER TABLE setting RENAME TO gone")});
    StateChange change;
    change.watches = {record};
    change.settings = QMap<QString, QVariant>{};
    QVERIFY(!m_database->write(change));
    executeIn(m_path, {QStringLiteral("ALTER TABLE gone RENAME TO setting")});
    const auto written = write(*m_database, {record});
    QVERIFY2(written, qPrintable(problemOf(written)));
    const State state = reopened();
    QCOMPARE(state.watches.at(0).total.internet.rxBytes, 4711u);
    QVERIFY(state.watches.at(0).spec.policies == record.spec.policies);
    QVERIFY(state.watches.at(0).guard == record.guard);
}

void StorePoliciesTest::rowsThatNoHelperWritesAreLeftOutAndTold_data()
{
    QTest::addColumn<QString>("table");
    QTest::addColumn<QString>("assignment");
    QTest::addColumn<QString>("field");
    const auto row = [](const char *table, const char *assignment, const char *field) {
        QTest::addRow("%s: %s", table, assignment)
            << QString::fromLatin1(table) << QString::fromLatin1(assignment) << QString::fromLatin1(field);
    };
    row("limit_policy", "down_bits_per_s = 63999", "down_bits_per_s");
    row("limit_policy", "up_bits_per_s = 100000000001", "up_bits_per_s");
    row("limit_policy", "down_bits_per_s = -1", "down_bits_per_s");
    row("limit_policy", "down_bits_per_s = NULL, up_bits_per_s = NULL", "down_bits_per_s");
    row("limit_policy", "schedule = 'someday'", "when");
    row("limit_policy", "enabled = 2", "enabled");
    row("quota_policy", "size_bytes = 0", "size_bytes");
    row("quota_policy", "size_bytes = -1", "size_bytes");
    row("quota_policy", "reset_day = 0", "reset_day");
    row("quota_policy", "reset_day = 4294967297", "reset_day"); // 1, if it were cut to 32 bits
    row("quota_policy", "begun_s = '1700000000,1600000000'", "begun");
    row("quota_policy", "begun_s = '1700000000,,'", "begun");
    row("quota_policy", "begun_s = '1700000000; DROP TABLE watch'", "begun");
    row("quota_policy", "billing = 'twice'", "billing");
    row("quota_policy", "factor_thousandths = 9", "factor");
    row("quota_policy", "factor_thousandths = 4294968296", "factor"); // 1000 in 32 bits
    row("quota_policy", "scope = 'moon'", "scope");
    row("quota_policy", "alert_percents = '1001'", "alerts");
    row("quota_policy", "alert_percents = 'many'", "alerts");
    row("quota_policy", "overflow = 'explode'", "overflow");
    row("quota_policy", "overflow = 'throttle', throttle_bits_per_s = 1", "throttle_bits_per_s");
    row("quota_policy", "exempt = '22,70000'", "exempt");
    row("quota_policy", "exempt = 'everything'", "exempt");
    row("quota_policy", "enabled = -1", "enabled");
    row("quota_policy", "calibrated_s = NULL", "correction_bytes");
    row("quota_policy", "correction_bytes = 9223372036854775807", "used_bytes");
    row("burst_policy", "trigger_bits_per_s = 1", "trigger_bits_per_s");
    row("burst_policy", "direction = 'sideways'", "direction");
    row("burst_policy", "window_s = 4", "window_s");
    row("burst_policy", "throttle_bits_per_s = trigger_bits_per_s + 1", "throttle_bits_per_s");
    row("burst_policy", "hold_s = 9223372036854775807", "hold_s");
    row("burst_policy", "enabled = 7", "enabled");
    row("guard_state", "throttled_until_s = -1", "throttled_until_s");
    row("guard_state", "period_start_s = -9223372036854775808", "period_start_s");
}

void StorePoliciesTest::rowsThatNoHelperWritesAreLeftOutAndTold()
{
    QFETCH(QString, table);
    QFETCH(QString, assignment);
    QFETCH(QString, field);
    const Policies all{fullLimit(), fullQuota(), burstOf(BurstDirection::Up, kMinBurstWindow, kMaxBurstHold)};
    WatchRecord record = watchOf(1, all, fullGuard());
    record.total.internet.rxBytes = 4711;
    const WatchRecord other = watchOf(2, all, fullGuard());
    QVERIFY(write(*m_database, {record, other}));
    m_database.reset();
    executeIn(m_path,
              {QStringLiteral("PRAGMA ignore_check_constraints = ON"),
               QStringLiteral("UPDATE %1 SET %2 WHERE watch = 1").arg(table, assignment)});

    State state = reopened();
    QVERIFY(!state.notWritable);
    QCOMPARE(state.leftOut.size(), 1);
    QVERIFY2(state.leftOut.first().contains(QStringLiteral("of watch 1 (watch 1) is not valid: ") + field),
             qPrintable(state.leftOut.first()));
    Policies expected = all;
    if (table == QLatin1String("limit_policy"))
        expected.limit.reset();
    else if (table == QLatin1String("quota_policy"))
        expected.quota.reset();
    else if (table == QLatin1String("burst_policy"))
        expected.burst.reset();
    else
        record.guard = {};
    QVERIFY(state.watches.at(0).spec.policies == expected);
    QVERIFY(state.watches.at(0).guard == record.guard);
    QCOMPARE(state.watches.at(0).total.internet.rxBytes, 4711u);
    QVERIFY(state.watches.at(1).spec.policies == all);
    QVERIFY(state.watches.at(1).guard == fullGuard());

    QCOMPARE(repair::check(m_path, repair::InUse::Yes), state.leftOut);

    // counting goes on, and nobody's policy is lost with it
    WatchRecord next = state.watches.at(0);
    ++next.total.internet.rxBytes;
    ++next.revision;
    QVERIFY(write(*m_database, {next}));
    QCOMPARE(allRows(), table == QLatin1String("guard_state") ? 7 : 8);
    state = reopened();
    QCOMPARE(state.watches.at(0).total.internet.rxBytes, 4712u);
    QVERIFY(state.watches.at(0).spec.policies == expected);
}

void StorePoliciesTest::aPolicyThatIsSetAnewReplacesTheOneThatWasLeftOut()
{
    QVERIFY(write(*m_database, {watchOf(1, {limitAt(1'000'000), {}, {}})}));
    executeIn(m_path, {QStringLiteral("UPDATE limit_policy SET down_bits_per_s = 1")});
    WatchRecord record = reopened().watches.at(0);
    record.spec.policies.limit = limitAt(3'000'000);
    QVERIFY(write(*m_database, {record}));
    const State state = reopened();
    QCOMPARE(state.leftOut, QStringList());
    QVERIFY(state.watches.at(0).spec.policies.limit == limitAt(3'000'000));
}

void StorePoliciesTest::aGuardStateThatWasLeftOutGoesWithTheNextFlush()
{
    QVERIFY(write(*m_database, {watchOf(1, {}, fullGuard())}));
    executeIn(m_path,
              {QStringLiteral("PRAGMA ignore_check_constraints = ON"),
               QStringLiteral("UPDATE guard_state SET period_start_s = -1")});
    const State state = reopened();
    QCOMPARE(state.leftOut.size(), 1);
    QVERIFY(write(*m_database, state.watches));
    QCOMPARE(rows("guard_state"), 0);
    QCOMPARE(reopened().leftOut, QStringList());
}

void StorePoliciesTest::policiesOfNoWatchAreFoundAndNeverGivenToANewOne()
{
    QVERIFY(write(*m_database, {watchOf(1, {fullLimit(), {}, {}}, fullGuard())}));
    executeIn(m_path, {QStringLiteral("DELETE FROM watch")});
    QVERIFY(reopened().watches.empty());
    QCOMPARE(repair::check(m_path, repair::InUse::Yes),
             QStringList({QStringLiteral("1 rows of table limit_policy belong to no watch"),
                          QStringLiteral("1 rows of table guard_state belong to no watch")}));
    QVERIFY(write(*m_database, {watchOf(1)}));
    const State state = reopened();
    QVERIFY(state.watches.at(0).spec.policies == Policies{});
    QVERIFY(state.watches.at(0).guard == GuardState{});
}

void StorePoliciesTest::aBackupKeepsPoliciesAndIsTakenWithARowThatIsLeftOut()
{
    QVERIFY(write(*m_database, {watchOf(1, {limitAt(1'000'000), fullQuota(), {}}, fullGuard())}));
    executeIn(m_path,
              {QStringLiteral("PRAGMA ignore_check_constraints = ON"),
               QStringLiteral("UPDATE limit_policy SET enabled = 2")});
    const std::atomic<bool> isCancelled = false;
    QFile copy(m_directory->filePath(QStringLiteral("copy.db")));
    QVERIFY(copy.open(QIODevice::ReadWrite));
    const auto sent =
        repair::backUp(m_path, repair::InUse::Yes, copy.handle(), std::chrono::seconds(30), isCancelled);
    QVERIFY2(sent, qPrintable(problemOf(sent)));
    const auto fetched =
        repair::fetch(m_directory->filePath(QStringLiteral("other.db")), copy.handle(), isCancelled);
    QVERIFY2(fetched, qPrintable(problemOf(fetched)));
    m_path = *fetched;
    const State state = reopened();
    QCOMPARE(state.leftOut.size(), 1);
    QVERIFY(state.watches.at(0).spec.policies == (Policies{{}, fullQuota(), {}}));
    QVERIFY(state.watches.at(0).guard == fullGuard());
}

void StorePoliciesTest::guardsOfAThousandWatchesAreWrittenInOneChange()
{
    constexpr int kWatches = 1000;
    std::vector<WatchRecord> watches;
    for (int i = 1; i <= kWatches; ++i)
        watches.push_back(watchOf(i, {fullLimit(), throttlingQuota(), {}}, fullGuard()));
    QVERIFY(write(*m_database, watches));
    const auto flushed = [&](bool withGuards) {
        for (WatchRecord &record : watches) {
            ++record.total.internet.rxBytes;
            if (withGuards)
                ++record.guard.dropped.rxBytes;
        }
        executeIn(m_path, {QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)")});
        const std::clock_t before = std::clock();
        if (!write(*m_database, watches))
            qFatal("cannot write");
        qInfo("a flush of %d watches %s their guards: %.1f ms, %lld bytes", kWatches,
              withGuards ? "with" : "without", 1e3 * double(std::clock() - before) / CLOCKS_PER_SEC,
              QFileInfo(m_path + QStringLiteral("-wal")).size());
    };
    flushed(false);
    flushed(true);
    const State state = reopened();
    QCOMPARE(state.watches.size(), size_t(kWatches));
    QVERIFY(state.watches.back().guard == watches.back().guard);
    QCOMPARE(state.watches.back().total.internet.rxBytes, 2u);
}

} // namespace weir

QTEST_GUILESS_MAIN(weir::StorePoliciesTest)
#include "store_policies_test.moc"
