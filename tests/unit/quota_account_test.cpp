// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/quota_account.h"

#include <QTest>

namespace weir {

namespace {

constexpr qint64 kNow = 1'700'000'000;      // 2023-11-14 22:13:20 UTC
constexpr qint64 kNovember = 1'698'796'800; // 2023-11-01 00:00 UTC
constexpr qint64 kDecember = 1'701'388'800;

/// Internet 1000 down and 300 up, local 50 and 20, rest 7 and 3.
HistoryTraffic passed()
{
    HistoryTraffic traffic;
    traffic.scoped.internet = {1000, 300, 9, 9};
    traffic.scoped.local = {50, 20, 9, 9};
    traffic.rest = {7, 3, 9, 9};
    return traffic;
}

QuotaPolicy quotaOf(quint64 size, BillingMode mode, BillingScope scope = BillingScope::All,
                    int factorThousandths = 1000)
{
    QuotaPolicy quota;
    quota.sizeBytes = size;
    quota.mode = mode;
    quota.scope = scope;
    quota.factorThousandths = factorThousandths;
    return quota;
}

QuotaStanding standing(const QuotaPolicy &quota, const HistoryTraffic &traffic = passed())
{
    return standingOf(quota, CivilZone(), traffic, kNovember, kNow);
}

} // namespace

class QuotaAccountTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatTheProviderSaysIsProjectedFromThePeriodsStart();
    void usedIsWhatIsBilled_data();
    void usedIsWhatIsBilled();
    void usedPastTheSizeLeavesNothing();
    void aCalibrationOfThisPeriodCounts();
    void aCalibrationOfAnotherPeriodDoesNot();
    void theEndIsProjected();
    void nothingIsProjectedBeforeAnHourWasCounted();
    void roomIsInWireBytes();
    void withMaxEachDirectionHasItsOwnRoom();
    void aCalibrationTakesRoomOfBothDirections();
    void theGateCountsBothDirectionsApartWithMax();
    void beforeAnythingWasSeenTheUsualExpansionIsTaken();
    void anExpansionThatWasSeenIsTaken();
    void aSmallExpansionIsNotReliedOn();
    void newerTrafficCountsMore();
    void theGateIsNeverToldMoreThanMayPass();
};

void QuotaAccountTest::whatTheProviderSaysIsProjectedFromThePeriodsStart()
{
    // a byte a second since the period began, said to a watch that is two hours old
    constexpr quint64 kSaid = kNow - kNovember;
    QuotaPolicy quota = quotaOf(10'000'000, BillingMode::Sum);
    quota.calibration = Calibration{kNow, qint64(kSaid - 1380)};
    const QuotaStanding now = standingOf(quota, CivilZone(), passed(), kNow - 7200, kNow);
    QCOMPARE(now.usedBytes, kSaid);
    QVERIFY(now.projection);
    QCOMPARE(now.projection->atEndBytes, quint64(kDecember - kNovember));
}

void QuotaAccountTest::usedIsWhatIsBilled_data()
{
    QTest::addColumn<BillingMode>("mode");
    QTest::addColumn<BillingScope>("scope");
    QTest::addColumn<int>("factor");
    QTest::addColumn<quint64>("used");
    const auto all = BillingScope::All;
    const auto internet = BillingScope::Internet;
    QTest::newRow("in") << BillingMode::In << all << 1000 << quint64(1057);
    QTest::newRow("out") << BillingMode::Out << all << 1000 << quint64(323);
    QTest::newRow("sum") << BillingMode::Sum << all << 1000 << quint64(1380);
    QTest::newRow("max") << BillingMode::Max << all << 1000 << quint64(1057);
    QTest::newRow("in, internet") << BillingMode::In << internet << 1000 << quint64(1000);
    QTest::newRow("out, internet") << BillingMode::Out << internet << 1000 << quint64(300);
    QTest::newRow("sum, internet") << BillingMode::Sum << internet << 1000 << quint64(1300);
    QTest::newRow("max, internet") << BillingMode::Max << internet << 1000 << quint64(1000);
    QTest::newRow("sum, half") << BillingMode::Sum << all << 500 << quint64(690);
    QTest::newRow("max, one and a half") << BillingMode::Max << internet << 1500 << quint64(1500);
}

void QuotaAccountTest::usedIsWhatIsBilled()
{
    QFETCH(BillingMode, mode);
    QFETCH(BillingScope, scope);
    QFETCH(int, factor);
    QFETCH(quint64, used);
    const QuotaStanding now = standing(quotaOf(2000, mode, scope, factor));
    QCOMPARE(now.usedBytes, used);
    QCOMPARE(now.remainingBytes, 2000 - used);
    QCOMPARE(now.period.startS, kNovember);
    QCOMPARE(now.period.endS, kDecember);
    QVERIFY(!now.isCalibrated);
}

void QuotaAccountTest::usedPastTheSizeLeavesNothing()
{
    const QuotaStanding now = standing(quotaOf(1379, BillingMode::Sum));
    QCOMPARE(now.usedBytes, 1380U);
    QCOMPARE(now.remainingBytes, 0U);
}

void QuotaAccountTest::aCalibrationOfThisPeriodCounts()
{
    QuotaPolicy quota = quotaOf(2000, BillingMode::Sum);
    quota.calibration = Calibration{kNow - 10, 120};
    QCOMPARE(standing(quota).usedBytes, 1500U);
    QVERIFY(standing(quota).isCalibrated);
    quota.calibration = Calibration{kNow - 10, -5000};
    QCOMPARE(standing(quota).usedBytes, 0U);
}

void QuotaAccountTest::aCalibrationOfAnotherPeriodDoesNot()
{
    QuotaPolicy quota = quotaOf(2000, BillingMode::Sum);
    quota.calibration = Calibration{kNovember - 1, 120};
    QCOMPARE(standing(quota).usedBytes, 1380U);
    QVERIFY(!standing(quota).isCalibrated);
}

void QuotaAccountTest::theEndIsProjected()
{
    // a tenth of November's 30 days passed, and 1380 bytes: 460 a day
    const QuotaStanding now =
        standingOf(quotaOf(2000, BillingMode::Sum), CivilZone(), passed(), 0, kNovember + 3 * 86400);
    QVERIFY(now.projection);
    QCOMPARE(now.projection->dailyAverageBytes, 460U);
    QCOMPARE(now.projection->atEndBytes, 13800U);
    // counted since the third day only
    const QuotaStanding later = standingOf(quotaOf(2000, BillingMode::Sum), CivilZone(), passed(),
                                           kNovember + 2 * 86400, kNovember + 3 * 86400);
    QCOMPARE(later.projection->dailyAverageBytes, 1380U);
    QCOMPARE(later.projection->atEndBytes, 1380U + 27 * 1380U);
}

void QuotaAccountTest::nothingIsProjectedBeforeAnHourWasCounted()
{
    QVERIFY(
        !standingOf(quotaOf(2000, BillingMode::Sum), CivilZone(), passed(), kNow - 3599, kNow).projection);
    QVERIFY(standingOf(quotaOf(2000, BillingMode::Sum), CivilZone(), passed(), kNow - 3600, kNow).projection);
}

void QuotaAccountTest::roomIsInWireBytes()
{
    const QuotaPolicy quota = quotaOf(2000, BillingMode::Sum, BillingScope::All, 500);
    const QuotaRoom room = roomOf(quota, passed(), standing(quota));
    QVERIFY(!room.isApart);
    QCOMPARE(room.bytes[0], 2620U); // (2000 - 690) / 0.5
    QCOMPARE(room.least(), 2620U);
}

void QuotaAccountTest::withMaxEachDirectionHasItsOwnRoom()
{
    const QuotaPolicy quota = quotaOf(2000, BillingMode::Max);
    const QuotaRoom room = roomOf(quota, passed(), standing(quota));
    QVERIFY(room.isApart);
    QCOMPARE(room.bytes[0], 943U);  // 2000 - 1057
    QCOMPARE(room.bytes[1], 1677U); // 2000 - 323
    QCOMPARE(room.least(), 943U);
    const QuotaPolicy scoped = quotaOf(2000, BillingMode::Max, BillingScope::Internet, 2000);
    const QuotaRoom half = roomOf(scoped, passed(), standing(scoped));
    QCOMPARE(half.bytes[0], 0U);   // 2 × 1000 are used
    QCOMPARE(half.bytes[1], 700U); // (2000 - 600) / 2
}

void QuotaAccountTest::aCalibrationTakesRoomOfBothDirections()
{
    QuotaPolicy quota = quotaOf(2000, BillingMode::Max);
    quota.calibration = Calibration{kNow, 43};
    const QuotaRoom room = roomOf(quota, passed(), standing(quota));
    QCOMPARE(room.bytes[0], 900U);
    QCOMPARE(room.bytes[1], 1634U);
}

void QuotaAccountTest::theGateCountsBothDirectionsApartWithMax()
{
    using Counted = std::array<quint64, 2>;
    const auto all = BillingScope::All;
    QVERIFY((countedBytes(quotaOf(1, BillingMode::Sum, all, 3000), passed()) == Counted{1380, 0}));
    QVERIFY((countedBytes(quotaOf(1, BillingMode::In), passed()) == Counted{1057, 0}));
    QVERIFY((countedBytes(quotaOf(1, BillingMode::Out), passed()) == Counted{323, 0}));
    QVERIFY((countedBytes(quotaOf(1, BillingMode::Max), passed()) == Counted{1057, 323}));
    QVERIFY(
        (countedBytes(quotaOf(1, BillingMode::Max, BillingScope::Internet), passed()) == Counted{1000, 300}));
}

void QuotaAccountTest::beforeAnythingWasSeenTheUsualExpansionIsTaken()
{
    Expansion expansion;
    // 1,000,000 / (1.06 × 1.002)
    QCOMPARE(expansion.toGate(1'000'000), 941'513U);
    expansion.observe(200'000, 100'000); // too little to say anything
    QCOMPARE(expansion.toGate(1'000'000), 941'513U);
    QCOMPARE(expansion.toGate(0), 0U);
}

void QuotaAccountTest::anExpansionThatWasSeenIsTaken()
{
    Expansion expansion;
    expansion.observe(1'250'000, 1'000'000);
    // 1,000,000 / (1.25 × 1.002)
    QCOMPARE(expansion.toGate(1'000'000), 798'403U);
    Expansion absurd;
    absurd.observe(100'000'000, 1'000'000);
    // 1,000,000 / (3 × 1.002)
    QCOMPARE(absurd.toGate(1'000'000), 332'667U);
}

void QuotaAccountTest::aSmallExpansionIsNotReliedOn()
{
    Expansion expansion;
    expansion.observe(10'000'000, 10'000'000);
    QCOMPARE(expansion.toGate(1'000'000), 941'513U);
}

void QuotaAccountTest::newerTrafficCountsMore()
{
    Expansion expansion;
    expansion.observe(1'100'000'000, 1'000'000'000);
    expansion.observe(120'000'000, 60'000'000);
    // 10^9 gate bytes were halved below 64 MiB (four times): 62.5 MB with 68.75 MB on the wire;
    // with the new ones (68.75 + 120) / (62.5 + 60) = 1.5408, and halving keeps that
    const double ratio = 1'000'000 / double(expansion.toGate(1'000'000)) / 1.002;
    QVERIFY(std::abs(ratio - 1.5408) < 0.001);
}

void QuotaAccountTest::theGateIsNeverToldMoreThanMayPass()
{
    Expansion expansion;
    expansion.observe(1'300'000, 1'250'000);
    for (const quint64 wire : {quint64(1), quint64(1000), quint64(1) << 40, ~quint64(0)})
        QVERIFY(expansion.toGate(wire) < wire);
}

} // namespace weir

QTEST_APPLESS_MAIN(weir::QuotaAccountTest)
#include "quota_account_test.moc"
