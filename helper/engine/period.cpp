// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/period.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace weir {

namespace {

constexpr int kThousand = 1000;
constexpr qint64 kDay = 86400;
constexpr qint64 kLeastProjectedFromS = 3600;

constexpr std::array<std::pair<BillingMode, QStringView>, 4> kModes{{{BillingMode::In, u"in"},
                                                                     {BillingMode::Out, u"out"},
                                                                     {BillingMode::Sum, u"sum"},
                                                                     {BillingMode::Max, u"max"}}};
constexpr std::array<std::pair<BillingScope, QStringView>, 2> kScopes{
    {{BillingScope::All, u"all"}, {BillingScope::Internet, u"internet"}}};

std::unexpected<Error> invalid(const QString &message)
{
    return failure(ErrorKind::InvalidArgument, message);
}

template <typename Names>
auto parseName(QStringView text, const Names &names) -> std::optional<typename Names::value_type::first_type>
{
    const auto found = std::ranges::find(names, text, &Names::value_type::second);
    return found == names.end() ? std::nullopt : std::optional(found->first);
}

/// A number of one to `mostDigits` ASCII digits.
std::optional<int> digitsOnly(QStringView text, qsizetype mostDigits)
{
    if (text.isEmpty() || text.size() > mostDigits
        || !std::ranges::all_of(text, [](QChar c) { return c >= u'0' && c <= u'9'; }))
        return {};
    return text.toInt();
}

Result<void> checkFactor(int thousandths)
{
    if (thousandths < kMinFactorThousandths || thousandths > kMaxFactorThousandths)
        return invalid(QStringLiteral("factor: %1 is outside 0.01 to 100").arg(factorText(thousandths)));
    return {};
}

Result<void> checkResetDay(int day)
{
    if (day != kLastDayOfMonth && (day < 1 || day > 31))
        return invalid(QStringLiteral("reset_day: %1 is none of 1 to 31 or last").arg(day));
    return {};
}

quint64 added(quint64 a, quint64 b)
{
    return a > std::numeric_limits<quint64>::max() - b ? std::numeric_limits<quint64>::max() : a + b;
}

/// First instant of the reset day in the month of `anyDayOfIt`.
qint64 regularStart(const BillingRule &rule, QDate anyDayOfIt)
{
    const int last = anyDayOfIt.daysInMonth();
    const int day = rule.resetDay == kLastDayOfMonth ? last : std::min(rule.resetDay, last);
    return rule.zone.startOfDay(QDate(anyDayOfIt.year(), anyDayOfIt.month(), day));
}

/// The period as it would be without any begun by hand.
BillingPeriod regularPeriod(const BillingRule &rule, qint64 instantS)
{
    const QDate today = rule.zone.dayOf(instantS);
    const QDate thisMonth(today.year(), today.month(), 1);
    const qint64 start = regularStart(rule, thisMonth);
    if (instantS < start)
        return {regularStart(rule, thisMonth.addMonths(-1)), start};
    return {start, regularStart(rule, thisMonth.addMonths(1))};
}

} // namespace

Result<int> parseResetDay(QStringView text)
{
    if (text == u"last")
        return kLastDayOfMonth;
    const auto day = digitsOnly(text, 2);
    if (!day || *day < 1 || *day > 31)
        return invalid(QStringLiteral("reset_day: give 1 to 31 or last"));
    return *day;
}

QString resetDayText(int resetDay)
{
    return resetDay == kLastDayOfMonth ? QStringLiteral("last") : QString::number(resetDay);
}

Result<BillingMode> parseBillingMode(QStringView text)
{
    if (const auto mode = parseName(text, kModes))
        return *mode;
    return invalid(QStringLiteral("billing: give in, out, sum or max"));
}

QString toString(BillingMode mode)
{
    return std::ranges::find(kModes, mode, &std::pair<BillingMode, QStringView>::first)->second.toString();
}

Result<BillingScope> parseBillingScope(QStringView text)
{
    if (const auto scope = parseName(text, kScopes))
        return *scope;
    return invalid(QStringLiteral("scope: give all or internet"));
}

QString toString(BillingScope scope)
{
    return std::ranges::find(kScopes, scope, &std::pair<BillingScope, QStringView>::first)->second.toString();
}

Result<int> parseFactor(QStringView text)
{
    constexpr qsizetype kDecimals = 3;
    const qsizetype point = text.indexOf(u'.');
    const auto whole = digitsOnly(point < 0 ? text : text.first(point), 3);
    const QStringView decimals = point < 0 ? QStringView() : text.mid(point + 1);
    const auto fraction = point < 0 ? std::optional(0) : digitsOnly(decimals, kDecimals);
    if (!whole || !fraction)
        return invalid(QStringLiteral("factor: give 0.01 to 100 with at most three decimals"));
    int thousandths = *fraction;
    for (qsizetype digit = decimals.size(); digit < kDecimals; ++digit)
        thousandths *= 10;
    thousandths += *whole * kThousand;
    if (const auto checked = checkFactor(thousandths); !checked)
        return std::unexpected(checked.error());
    return thousandths;
}

QString factorText(int factorThousandths)
{
    QString text = QString::number(factorThousandths / kThousand);
    if (const int rest = factorThousandths % kThousand) {
        text += QStringLiteral(".%1").arg(rest, 3, 10, QLatin1Char('0'));
        while (text.endsWith(u'0'))
            text.chop(1);
    }
    return text;
}

Result<void> checkRule(const BillingRule &rule)
{
    if (auto day = checkResetDay(rule.resetDay); !day)
        return day;
    if (auto factor = checkFactor(rule.factorThousandths); !factor)
        return factor;
    if (rule.begunS.size() > kMaxBegunPeriods)
        return invalid(QStringLiteral("begun: %1 periods begun by hand, at most %2")
                           .arg(rule.begunS.size())
                           .arg(kMaxBegunPeriods));
    for (size_t i = 0; i < rule.begunS.size(); ++i) {
        if (rule.begunS[i] < kFirstInstantS || rule.begunS[i] > kLastInstantS)
            return invalid(QStringLiteral("begun: %1 is outside %2 to %3 (2000-01-01 to 2100-01-01)")
                               .arg(rule.begunS[i])
                               .arg(kFirstInstantS)
                               .arg(kLastInstantS));
        if (i > 0 && rule.begunS[i] <= rule.begunS[i - 1])
            return invalid(QStringLiteral("begun: %1 does not come after %2")
                               .arg(rule.begunS[i])
                               .arg(rule.begunS[i - 1]));
    }
    return {};
}

BillingPeriod periodAt(const BillingRule &rule, qint64 instantS)
{
    BillingPeriod period = regularPeriod(rule, instantS);
    const auto later = std::ranges::upper_bound(rule.begunS, instantS);
    if (later != rule.begunS.end())
        period.endS = std::min(period.endS, *later);
    if (later != rule.begunS.begin() && *std::prev(later) > period.startS) {
        period.startS = *std::prev(later);
        period.begunByHand = true;
    }
    return period;
}

Result<void> beginPeriod(BillingRule &rule, qint64 nowS)
{
    if (nowS < kFirstInstantS || nowS > kLastInstantS)
        return invalid(QStringLiteral("the clock, at %1, is outside 2000-01-01 to 2100-01-01").arg(nowS));
    if (!rule.begunS.empty() && rule.begunS.back() >= nowS)
        return failure(ErrorKind::Conflict,
                       QStringLiteral("a period was begun by hand at %1, not before %2")
                           .arg(rule.begunS.back())
                           .arg(nowS));
    if (periodAt(rule, nowS).startS == nowS)
        return failure(ErrorKind::Conflict, QStringLiteral("a period begins at %1 anyway").arg(nowS));
    if (rule.begunS.size() >= kMaxBegunPeriods)
        return failure(
            ErrorKind::LimitReached,
            QStringLiteral("%1 periods were begun by hand, no more are kept").arg(kMaxBegunPeriods));
    rule.begunS.push_back(nowS);
    return {};
}

Result<void> undoBeginPeriod(BillingRule &rule, qint64 nowS)
{
    const BillingPeriod period = periodAt(rule, nowS);
    if (!period.begunByHand)
        return failure(ErrorKind::NotFound, QStringLiteral("the period of now began regularly, not by hand"));
    std::erase(rule.begunS, period.startS);
    return {};
}

quint64 scaled(quint64 value, quint64 multiplier, quint64 divisor)
{
    const quint64 whole = value / divisor;
    if (multiplier != 0 && whole > std::numeric_limits<quint64>::max() / multiplier)
        return std::numeric_limits<quint64>::max();
    return added(whole * multiplier, value % divisor * multiplier / divisor);
}

quint64 billedBytes(const ScopedTraffic &traffic, const BillingRule &rule, const Traffic &rest)
{
    quint64 in = traffic.internet.rxBytes;
    quint64 out = traffic.internet.txBytes;
    if (rule.scope == BillingScope::All) {
        in = added(in, added(traffic.local.rxBytes, rest.rxBytes));
        out = added(out, added(traffic.local.txBytes, rest.txBytes));
    }
    const auto counted = [&]() -> quint64 {
        switch (rule.mode) {
        case BillingMode::In:
            return in;
        case BillingMode::Out:
            return out;
        case BillingMode::Sum:
            return added(in, out);
        case BillingMode::Max:
            return std::max(in, out);
        }
        Q_UNREACHABLE();
    };
    return scaled(counted(), quint64(rule.factorThousandths), kThousand);
}

Result<Calibration> calibrate(quint64 saidBytes, quint64 billed, qint64 nowS)
{
    if (saidBytes > kMaxCalibrationBytes)
        return invalid(
            QStringLiteral("used_bytes: %1 is more than %2").arg(saidBytes).arg(kMaxCalibrationBytes));
    constexpr quint64 kLargest = std::numeric_limits<qint64>::max();
    if (saidBytes >= billed)
        return Calibration{nowS, qint64(saidBytes - billed)};
    return Calibration{nowS, -qint64(std::min(billed - saidBytes, kLargest))};
}

quint64 usedBytes(quint64 billed, const BillingPeriod &period, const std::optional<Calibration> &calibration)
{
    if (!calibration || !period.contains(calibration->atS))
        return billed;
    const qint64 correction = calibration->correctionBytes;
    if (correction >= 0)
        return added(billed, quint64(correction));
    const quint64 less = quint64(0) - quint64(correction); // right for the most negative number too
    return billed > less ? billed - less : 0;
}

std::optional<Projection> project(const BillingPeriod &period, qint64 countedFromS, qint64 nowS, quint64 used)
{
    const qint64 from = std::max(period.startS, countedFromS);
    const qint64 until = std::min(nowS, period.endS);
    if (until - from < kLeastProjectedFromS)
        return {};
    const auto counted = quint64(until - from);
    return Projection{scaled(used, kDay, counted),
                      added(used, scaled(used, quint64(period.endS - until), counted))};
}

} // namespace weir
