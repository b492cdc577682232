// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/policy.h"

#include <QTest>

#include <functional>
#include <limits>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace weir {

namespace {

template <typename T>
QString refusal(const Result<T> &result)
{
    return result                                           ? u"accepted"_s
        : result.error().kind == ErrorKind::InvalidArgument ? result.error().message
                                                            : u"wrong kind"_s;
}

LimitPolicy limit(std::optional<quint64> down, std::optional<quint64> up = {})
{
    return {.enabled = true, .downBitsPerSecond = down, .upBitsPerSecond = up, .when = {}};
}

QuotaPolicy quota()
{
    QuotaPolicy policy;
    policy.sizeBytes = 100'000'000'000;
    return policy;
}

QuotaPolicy throttling(quint64 bitsPerSecond)
{
    QuotaPolicy policy = quota();
    policy.overflow = Overflow::Throttle;
    policy.throttleBitsPerSecond = bitsPerSecond;
    return policy;
}

QuotaPolicy blocking(const Exemption &exempt)
{
    QuotaPolicy policy = quota();
    policy.overflow = Overflow::Block;
    policy.exempt = exempt;
    return policy;
}

BurstPolicy burst()
{
    BurstPolicy policy;
    policy.triggerBitsPerSecond = 50'000'000;
    policy.throttleBitsPerSecond = 5'000'000;
    return policy;
}

template <typename Policy>
Policy with(Policy policy, const std::function<void(Policy &)> &change)
{
    change(policy);
    return policy;
}

const QString kRates = u" is outside 64000 to 100000000000 (64 kbit/s to 100 Gbit/s)"_s;

} // namespace

class PolicyTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aLimitNeedsOneDirection();
    void ratesFrom64KilobitTo100GigabitAreAllowed();
    void aQuotaIsAtLeastOneByteAndAtMost63Bits();
    void aQuotasPeriodsAreChecked();
    void alertsAreAscendingPercents_data();
    void alertsAreAscendingPercents();
    void aThrottleGoesWithOverflowThrottleOnly();
    void anExemptionGoesWithOverflowBlockOnly();
    void exemptPortsAreAscendingRanges_data();
    void exemptPortsAreAscendingRanges();
    void aCalibrationIsOneThatAProvidersFigureCanLeadTo();
    void aBurstGuardsTriggerAndThrottleAreRates();
    void aThrottleIsNotAboveItsTrigger();
    void aBurstGuardsWindowAndHoldAreBounded();

    void namesReadBack();
    void unknownNamesAreRefused();
    void exemptionsReadBackInOneForm_data();
    void exemptionsReadBackInOneForm();
    void whatIsNoExemptionIsRefused_data();
    void whatIsNoExemptionIsRefused();
    void alertPercentsAreReadSortedAndEachOnce_data();
    void alertPercentsAreReadSortedAndEachOnce();
    void whatIsNoAlertPercentIsRefused_data();
    void whatIsNoAlertPercentIsRefused();
};

void PolicyTest::aLimitNeedsOneDirection()
{
    QVERIFY(checkLimit(limit(20'000'000)));
    QVERIFY(checkLimit(limit({}, 20'000'000)));
    QVERIFY(checkLimit(limit(20'000'000, 5'000'000)));
    QCOMPARE(refusal(checkLimit(limit({}))),
             u"down_bits_per_s: neither it nor up_bits_per_s is given; give at least one, 64000 to "
             "100000000000 (64 kbit/s to 100 Gbit/s)"_s);
}

void PolicyTest::ratesFrom64KilobitTo100GigabitAreAllowed()
{
    QVERIFY(checkLimit(limit(64'000, 100'000'000'000)));
    QVERIFY(checkLimit(limit(100'000'000'000, 64'000)));
    QCOMPARE(refusal(checkLimit(limit(63'999))), u"down_bits_per_s: 63999"_s + kRates);
    QCOMPARE(refusal(checkLimit(limit(0))), u"down_bits_per_s: 0"_s + kRates);
    QCOMPARE(refusal(checkLimit(limit({}, 100'000'000'001))), u"up_bits_per_s: 100000000001"_s + kRates);
    QCOMPARE(refusal(checkLimit(limit(64'000, std::numeric_limits<quint64>::max()))),
             u"up_bits_per_s: 18446744073709551615"_s + kRates);
    QVERIFY(checkQuota(throttling(64'000)));
    QVERIFY(checkQuota(throttling(100'000'000'000)));
    QCOMPARE(refusal(checkQuota(throttling(63'999))), u"throttle_bits_per_s: 63999"_s + kRates);
    QCOMPARE(refusal(checkQuota(throttling(100'000'000'001))),
             u"throttle_bits_per_s: 100000000001"_s + kRates);
}

void PolicyTest::aQuotaIsAtLeastOneByteAndAtMost63Bits()
{
    const auto sized = [](quint64 bytes) {
        return checkQuota(with<QuotaPolicy>(quota(), [=](QuotaPolicy &policy) { policy.sizeBytes = bytes; }));
    };
    QVERIFY(sized(1));
    QVERIFY(sized(9'223'372'036'854'775'807));
    const QString range = u" is outside 1 to 9223372036854775807 (one byte to 9.2 EB)"_s;
    QCOMPARE(refusal(sized(0)), u"size_bytes: 0"_s + range);
    QCOMPARE(refusal(sized(9'223'372'036'854'775'808u)), u"size_bytes: 9223372036854775808"_s + range);
}

void PolicyTest::aQuotasPeriodsAreChecked()
{
    const auto onDay = [](int day) {
        return checkQuota(with<QuotaPolicy>(quota(), [=](QuotaPolicy &policy) { policy.resetDay = day; }));
    };
    for (const int day : {1, 31, kLastDayOfMonth})
        QVERIFY(onDay(day));
    for (const int day : {0, 32, -2})
        QCOMPARE(refusal(onDay(day)), u"reset_day: %1 is none of 1 to 31 or last"_s.arg(day));
    const auto times = [](int thousandths) {
        return checkQuota(
            with<QuotaPolicy>(quota(), [=](QuotaPolicy &policy) { policy.factorThousandths = thousandths; }));
    };
    QVERIFY(times(10));
    QVERIFY(times(100'000));
    QCOMPARE(refusal(times(9)), u"factor: 0.009 is outside 0.01 to 100"_s);
    QCOMPARE(refusal(times(100'001)), u"factor: 100.001 is outside 0.01 to 100"_s);
    const auto begun = [](std::vector<qint64> instants) {
        return checkQuota(with<QuotaPolicy>(quota(), [=](QuotaPolicy &policy) { policy.begunS = instants; }));
    };
    QVERIFY(begun({1'700'000'000, 1'700'000'001}));
    QCOMPARE(refusal(begun({1'700'000'000, 1'700'000'000})),
             u"begun: 1700000000 does not come after 1700000000"_s);
}

void PolicyTest::alertsAreAscendingPercents_data()
{
    QTest::addColumn<std::vector<int>>("percents");
    QTest::addColumn<QString>("answer");
    const auto row = [](const char *name, const std::vector<int> &percents, const QString &answer) {
        QTest::newRow(name) << percents << answer;
    };
    const QString order = u"; give each percent once, ascending from 1 to 1000"_s;
    row("none", {}, u"accepted"_s);
    row("the bounds", {1, 1000}, u"accepted"_s);
    row("ten", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, u"accepted"_s);
    row("eleven", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, u"alerts: more than 10 percents"_s);
    row("zero", {0, 50}, u"alerts: 0 is outside 1 to 1000 (percent)"_s);
    row("negative", {-1, 50}, u"alerts: -1 is outside 1 to 1000 (percent)"_s);
    row("above", {50, 1001}, u"alerts: 1001 is outside 1 to 1000 (percent)"_s);
    row("unsorted", {50, 30}, u"alerts: 30 does not come after 50"_s + order);
    row("duplicate", {50, 50}, u"alerts: 50 does not come after 50"_s + order);
}

void PolicyTest::alertsAreAscendingPercents()
{
    QFETCH(std::vector<int>, percents);
    QFETCH(QString, answer);
    QCOMPARE(refusal(checkQuota(
                 with<QuotaPolicy>(quota(), [&](QuotaPolicy &policy) { policy.alertPercents = percents; }))),
             answer);
}

void PolicyTest::aThrottleGoesWithOverflowThrottleOnly()
{
    QCOMPARE(refusal(checkQuota(throttling(0))), u"throttle_bits_per_s: 0"_s + kRates);
    for (const auto &[overflow, name] :
         {std::pair(Overflow::Notify, u"notify"_s), std::pair(Overflow::Block, u"block"_s)}) {
        QuotaPolicy policy = throttling(1'000'000);
        policy.overflow = overflow;
        QCOMPARE(refusal(checkQuota(policy)),
                 u"throttle_bits_per_s: 1000000 is given with overflow %1; only overflow throttle has a rate "
                 "(64 kbit/s to 100 Gbit/s)"_s.arg(name));
    }
}

void PolicyTest::anExemptionGoesWithOverflowBlockOnly()
{
    QVERIFY(checkQuota(blocking({.local = true, .ports = {{22, 22}}})));
    QVERIFY(checkQuota(blocking({})));
    QuotaPolicy policy = blocking({.local = true, .ports = {{22, 22}}});
    policy.overflow = Overflow::Notify;
    QCOMPARE(
        refusal(checkQuota(policy)),
        u"exempt: \"local,22\" is given with overflow notify; only overflow block lets something through"_s);
    policy = throttling(1'000'000);
    policy.exempt.local = true;
    QCOMPARE(
        refusal(checkQuota(policy)),
        u"exempt: \"local\" is given with overflow throttle; only overflow block lets something through"_s);
}

void PolicyTest::exemptPortsAreAscendingRanges_data()
{
    QTest::addColumn<PortRanges>("ports");
    QTest::addColumn<QString>("answer");
    const auto row = [](const char *name, const PortRanges &ports, const QString &answer) {
        QTest::newRow(name) << ports << answer;
    };
    const QString noRange = u" is no range of ports; ports are 1 to 65535, the lower one first"_s;
    row("the bounds", {{1, 1}, {65535, 65535}}, u"accepted"_s);
    row("port 0", {{0, 5}}, u"exempt: 0-5"_s + noRange);
    row("reversed", {{9, 8}}, u"exempt: 9-8"_s + noRange);
    row("unsorted", {{80, 80}, {22, 22}}, u"exempt: the ranges of ports are not ascending and apart"_s);
    row("overlapping", {{80, 90}, {90, 91}}, u"exempt: the ranges of ports are not ascending and apart"_s);
    row("adjacent", {{80, 90}, {91, 91}}, u"exempt: the ranges of ports are not ascending and apart"_s);
    PortRanges many;
    for (int i = 0; i < 4096; ++i)
        many.push_back({quint16(2 * i + 1), quint16(2 * i + 1)});
    row("4,096 ranges", many, u"accepted"_s);
    many.push_back({60000, 60000});
    row("4,097 ranges", many, u"exempt: more than 4096 ranges"_s);
}

void PolicyTest::exemptPortsAreAscendingRanges()
{
    QFETCH(PortRanges, ports);
    QFETCH(QString, answer);
    QCOMPARE(refusal(checkQuota(blocking({.local = false, .ports = ports}))), answer);
}

void PolicyTest::aCalibrationIsOneThatAProvidersFigureCanLeadTo()
{
    const auto calibrated = [](qint64 atS, qint64 correction) {
        return checkQuota(with<QuotaPolicy>(quota(), [=](QuotaPolicy &policy) {
            policy.calibration = Calibration{atS, correction};
        }));
    };
    constexpr qint64 now = 1'795'000'000;
    QVERIFY(calibrated(now, 0));
    QVERIFY(calibrated(now, 1'000'000'000'000'000'000));
    // all that calibrate() can answer passes
    QVERIFY(checkQuota(with<QuotaPolicy>(quota(), [](QuotaPolicy &policy) {
        policy.calibration = calibrate(0, std::numeric_limits<quint64>::max(), now).value();
    })));
    QCOMPARE(refusal(calibrated(now, 1'000'000'000'000'000'001)),
             u"used_bytes: a correction by 1000000000000000001 is outside -9223372036854775807 to "
             "1000000000000000000"_s);
    QCOMPARE(refusal(calibrated(now, std::numeric_limits<qint64>::min())),
             u"used_bytes: a correction by -9223372036854775808 is outside -9223372036854775807 to "
             "1000000000000000000"_s);
    QCOMPARE(refusal(calibrated(946'684'799, 0)),
             u"used_bytes: said at 946684799, outside 946684800 to 4102444800 (2000-01-01 to 2100-01-01)"_s);
    QCOMPARE(refusal(calibrated(4'102'444'801, 0)),
             u"used_bytes: said at 4102444801, outside 946684800 to 4102444800 (2000-01-01 to 2100-01-01)"_s);
}

void PolicyTest::aBurstGuardsTriggerAndThrottleAreRates()
{
    const auto rated = [](quint64 trigger, quint64 throttle) {
        return checkBurst(with<BurstPolicy>(burst(), [=](BurstPolicy &policy) {
            policy.triggerBitsPerSecond = trigger;
            policy.throttleBitsPerSecond = throttle;
        }));
    };
    QVERIFY(rated(64'000, 64'000));
    QVERIFY(rated(100'000'000'000, 64'000));
    QCOMPARE(refusal(rated(0, 64'000)), u"trigger_bits_per_s: 0"_s + kRates);
    QCOMPARE(refusal(rated(100'000'000'001, 64'000)), u"trigger_bits_per_s: 100000000001"_s + kRates);
    QCOMPARE(refusal(rated(64'000, 63'999)), u"throttle_bits_per_s: 63999"_s + kRates);
}

void PolicyTest::aThrottleIsNotAboveItsTrigger()
{
    BurstPolicy policy = burst();
    policy.throttleBitsPerSecond = 50'000'000;
    QVERIFY(checkBurst(policy));
    policy.throttleBitsPerSecond = 80'000'000;
    QCOMPARE(refusal(checkBurst(policy)),
             u"throttle_bits_per_s: 80000000 is above trigger_bits_per_s (50000000)"_s);
}

void PolicyTest::aBurstGuardsWindowAndHoldAreBounded()
{
    const auto timed = [](std::chrono::seconds window, std::chrono::seconds hold) {
        return checkBurst(with<BurstPolicy>(burst(), [=](BurstPolicy &policy) {
            policy.window = window;
            policy.hold = hold;
        }));
    };
    QVERIFY(timed(5s, 1s));
    QVERIFY(timed(24h, 7 * 24h));
    const QString windows = u" is outside 5 to 86400 (5 seconds to 24 hours)"_s;
    QCOMPARE(refusal(timed(4s, 1s)), u"window_s: 4"_s + windows);
    QCOMPARE(refusal(timed(86401s, 1s)), u"window_s: 86401"_s + windows);
    const QString holds = u" is outside 1 to 604800 (1 second to 7 days)"_s;
    QCOMPARE(refusal(timed(5s, 0s)), u"hold_s: 0"_s + holds);
    QCOMPARE(refusal(timed(5s, -1s)), u"hold_s: -1"_s + holds);
    QCOMPARE(refusal(timed(5s, 604801s)), u"hold_s: 604801"_s + holds);
}

void PolicyTest::namesReadBack()
{
    for (const Overflow overflow : {Overflow::Notify, Overflow::Throttle, Overflow::Block})
        QVERIFY(parseOverflow(toString(overflow)).value() == overflow);
    QVERIFY(parseOverflow(u"block").value() == Overflow::Block);
    for (const BurstDirection direction : {BurstDirection::Sum, BurstDirection::Down, BurstDirection::Up})
        QVERIFY(parseBurstDirection(toString(direction)).value() == direction);
    QVERIFY(parseBurstDirection(u"up").value() == BurstDirection::Up);
}

void PolicyTest::unknownNamesAreRefused()
{
    QCOMPARE(refusal(parseOverflow(u"drop")), u"overflow: \"drop\" is none of notify, throttle, block"_s);
    QCOMPARE(refusal(parseOverflow(u"")), u"overflow: \"\" is none of notify, throttle, block"_s);
    QCOMPARE(refusal(parseBurstDirection(u"in")), u"direction: \"in\" is none of sum, down, up"_s);
    QCOMPARE(refusal(parseBurstDirection(u"su\0m")), u"direction: \"su\" is none of sum, down, up"_s);
}

void PolicyTest::exemptionsReadBackInOneForm_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("form");
    QTest::addColumn<bool>("local");
    QTest::addColumn<PortRanges>("ports");
    const PortRanges none;
    QTest::newRow("nothing") << u""_s << u""_s << false << none;
    QTest::newRow("white space") << u" , "_s << u""_s << false << none;
    QTest::newRow("local") << u"local"_s << u"local"_s << true << none;
    QTest::newRow("a port") << u"22"_s << u"22"_s << false << PortRanges{{22, 22}};
    QTest::newRow("all") << u"local,22,8000-8010"_s << u"local,22,8000-8010"_s << true
                         << PortRanges{{22, 22}, {8000, 8010}};
    QTest::newRow("any order") << u"8005-8010, 22 ,local,8000-8004"_s << u"local,22,8000-8010"_s << true
                               << PortRanges{{22, 22}, {8000, 8010}};
}

void PolicyTest::exemptionsReadBackInOneForm()
{
    QFETCH(QString, text);
    QFETCH(QString, form);
    QFETCH(bool, local);
    QFETCH(PortRanges, ports);
    const Exemption exempt = parseExemption(text).value();
    QCOMPARE(exempt.local, local);
    QVERIFY(exempt.ports == ports);
    QCOMPARE(exemptionText(exempt), form);
    QVERIFY(parseExemption(form).value() == exempt);
    QVERIFY(checkQuota(blocking(exempt)));
}

void PolicyTest::whatIsNoExemptionIsRefused_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("part");
    const auto row = [](const char *name, const QString &text, const QString &part) {
        QTest::newRow(name) << text << part;
    };
    row("a word", u"local,ssh"_s, u"\"ssh\""_s);
    row("capitals", u"Local"_s, u"\"Local\""_s);
    row("port 0", u"0"_s, u"\"0\""_s);
    row("port 65536", u"22,65536"_s, u"\"65536\""_s);
    row("reversed", u"90-80"_s, u"\"90-80\""_s);
    row("local in a range", u"local-22"_s, u"\"local-22\""_s);
    row("digits of another script", u"２２"_s, u"\"２２\""_s);
    row("NUL", u"22"_s + QChar() + u'3', u"\"22?3\""_s);
    row("huge", QString(1'000'000, u'9'), u'"' + QString(40, u'9') + u'"');
}

void PolicyTest::whatIsNoExemptionIsRefused()
{
    QFETCH(QString, text);
    QFETCH(QString, part);
    QCOMPARE(refusal(parseExemption(text)),
             u"exempt: "_s + part
                 + u" is neither local nor a port from 1 to 65535 nor a range of them; write for example "
                   "\"local,22,8000-8010\""_s);
    QCOMPARE(refusal(parseExemption(u"22,"_s.repeated(100'000))), u"exempt: more than 4096 ranges"_s);
}

void PolicyTest::alertPercentsAreReadSortedAndEachOnce_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("form");
    QTest::newRow("none") << u""_s << u""_s;
    QTest::newRow("blank") << u"  "_s << u""_s;
    QTest::newRow("as usual") << u"30,50,80,100"_s << u"30,50,80,100"_s;
    QTest::newRow("unsorted") << u"100, 30 ,80"_s << u"30,80,100"_s;
    QTest::newRow("twice") << u"50,50,50"_s << u"50"_s;
    QTest::newRow("the bounds") << u"1000,1"_s << u"1,1000"_s;
    QTest::newRow("ten") << u"1,2,3,4,5,6,7,8,9,10,10"_s << u"1,2,3,4,5,6,7,8,9,10"_s;
}

void PolicyTest::alertPercentsAreReadSortedAndEachOnce()
{
    QFETCH(QString, text);
    QFETCH(QString, form);
    const std::vector<int> percents = parseAlertPercents(text).value();
    QCOMPARE(alertPercentsText(percents), form);
    QVERIFY(parseAlertPercents(form).value() == percents);
    QVERIFY(checkQuota(
        with<QuotaPolicy>(quota(), [&](QuotaPolicy &policy) { policy.alertPercents = percents; })));
}

void PolicyTest::whatIsNoAlertPercentIsRefused_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("answer");
    const auto row = [](const QString &text, const QString &answer) {
        QTest::newRow(qPrintable(text.left(30))) << text << answer;
    };
    const QString range = u" is outside 1 to 1000 (percent)"_s;
    for (const QString &piece : {u"0"_s, u"1001"_s, u"99999999999"_s, u"-5"_s, u"+5"_s, u"50%"_s, u"5.5"_s,
                                 u"half"_s, u"٥٠"_s, u""_s, u"%2"_s})
        row(u"30,"_s + piece, u"alerts: \""_s + piece + u'"' + range);
    row(u","_s, u"alerts: \"\""_s + range);
    row(u"5"_s + QChar() + u'0', u"alerts: \"5?0\""_s + range);
    row(u"1,2,3,4,5,6,7,8,9,10,11"_s, u"alerts: more than 10 percents"_s);
}

void PolicyTest::whatIsNoAlertPercentIsRefused()
{
    QFETCH(QString, text);
    QFETCH(QString, answer);
    QCOMPARE(refusal(parseAlertPercents(text)), answer);
}

} // namespace weir

QTEST_APPLESS_MAIN(weir::PolicyTest)
#include "policy_test.moc"
