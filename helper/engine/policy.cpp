// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/policy.h"

#include "dbus/port_list.h"
#include "dbus/quoted.h"
#include "helper/engine/bounds.h"

#include <QStringList>

#include <algorithm>
#include <array>
#include <utility>

namespace weir {

namespace {

constexpr std::array<std::pair<Overflow, QStringView>, 3> kOverflows{
    {{Overflow::Notify, u"notify"}, {Overflow::Throttle, u"throttle"}, {Overflow::Block, u"block"}}};
constexpr std::array<std::pair<BurstDirection, QStringView>, 3> kDirections{
    {{BurstDirection::Sum, u"sum"}, {BurstDirection::Down, u"down"}, {BurstDirection::Up, u"up"}}};

constexpr QStringView kLocalWord = u"local";

std::unexpected<Error> invalid(const QString &message)
{
    return failure(ErrorKind::InvalidArgument, message);
}

template <typename Names>
QString nameOf(const Names &names, typename Names::value_type::first_type value)
{
    return std::ranges::find(names, value, &Names::value_type::first)->second.toString();
}

Result<void> checkRate(QStringView field, quint64 bitsPerSecond)
{
    if (bitsPerSecond < kMinRateBits || bitsPerSecond > kMaxRateBits)
        return invalid(QStringLiteral("%1: %2 is outside %3 to %4 (64 kbit/s to 100 Gbit/s)")
                           .arg(field)
                           .arg(bitsPerSecond)
                           .arg(kMinRateBits)
                           .arg(kMaxRateBits));
    return {};
}

Result<void> checkDuration(QStringView field, std::chrono::seconds given, std::chrono::seconds least,
                           std::chrono::seconds most, QStringView words)
{
    if (given < least || given > most)
        return invalid(QStringLiteral("%1: %2 is outside %3 to %4 (%5)")
                           .arg(field)
                           .arg(given.count())
                           .arg(least.count())
                           .arg(most.count())
                           .arg(words));
    return {};
}

std::unexpected<Error> tooManyAlerts()
{
    return invalid(QStringLiteral("alerts: more than %1 percents").arg(kMaxAlertPercents));
}

std::unexpected<Error> wrongAlert(const QString &text)
{
    return invalid(QStringLiteral("alerts: %1 is outside 1 to %2 (percent)")
                       .arg(text, QString::number(kMaxAlertPercent)));
}

Result<void> checkAlerts(const std::vector<int> &percents)
{
    if (percents.size() > kMaxAlertPercents)
        return tooManyAlerts();
    for (size_t i = 0; i < percents.size(); ++i) {
        if (percents[i] < 1 || percents[i] > kMaxAlertPercent)
            return wrongAlert(QString::number(percents[i]));
        if (i > 0 && percents[i] <= percents[i - 1])
            return invalid(QStringLiteral("alerts: %1 does not come after %2; give each percent once, "
                                          "ascending from 1 to %3")
                               .arg(percents[i])
                               .arg(percents[i - 1])
                               .arg(kMaxAlertPercent));
    }
    return {};
}

Result<void> checkThrottle(const QuotaPolicy &quota)
{
    if (quota.overflow == Overflow::Throttle)
        return checkRate(u"throttle_bits_per_s", quota.throttleBitsPerSecond);
    if (quota.throttleBitsPerSecond != 0)
        return invalid(QStringLiteral("throttle_bits_per_s: %1 is given with overflow %2; only overflow "
                                      "throttle has a rate (64 kbit/s to 100 Gbit/s)")
                           .arg(quota.throttleBitsPerSecond)
                           .arg(toString(quota.overflow)));
    return {};
}

Result<void> checkExemption(const QuotaPolicy &quota)
{
    const PortRanges &ports = quota.exempt.ports;
    if (quota.overflow != Overflow::Block && quota.exempt != Exemption{})
        return invalid(QStringLiteral("exempt: %1 is given with overflow %2; only overflow block lets "
                                      "something through")
                           .arg(quotedPart(exemptionText(quota.exempt)), toString(quota.overflow)));
    if (ports.size() > kMaxPortRanges)
        return invalid(QStringLiteral("exempt: more than %1 ranges").arg(kMaxPortRanges));
    for (const PortRange &range : ports)
        if (range.first < 1 || range.last < range.first)
            return invalid(
                QStringLiteral(
                    "exempt: %1-%2 is no range of ports; ports are 1 to 65535, the lower one first")
                    .arg(range.first)
                    .arg(range.last));
    if (normalized(ports) != ports)
        return invalid(QStringLiteral("exempt: the ranges of ports are not ascending and apart"));
    return {};
}

Result<void> checkCalibration(const Calibration &calibration)
{
    // a correction downwards may be as large as all that was counted; see calibrate()
    constexpr auto kMost = qint64(kMaxCalibrationBytes);
    constexpr auto kLeast = -qint64(kMaxQuotaBytes);
    if (calibration.correctionBytes < kLeast || calibration.correctionBytes > kMost)
        return invalid(QStringLiteral("used_bytes: a correction by %1 is outside %2 to %3")
                           .arg(calibration.correctionBytes)
                           .arg(kLeast)
                           .arg(kMost));
    if (calibration.atS < kFirstInstantS || calibration.atS > kLastInstantS)
        return invalid(QStringLiteral("used_bytes: said at %1, outside %2 to %3 (2000-01-01 to 2100-01-01)")
                           .arg(calibration.atS)
                           .arg(kFirstInstantS)
                           .arg(kLastInstantS));
    return {};
}

} // namespace

Result<void> checkLimit(const LimitPolicy &limit)
{
    if (!limit.downBitsPerSecond && !limit.upBitsPerSecond)
        return invalid(QStringLiteral("down_bits_per_s: neither it nor up_bits_per_s is given; give at least "
                                      "one, %1 to %2 (64 kbit/s to 100 Gbit/s)")
                           .arg(kMinRateBits)
                           .arg(kMaxRateBits));
    if (limit.downBitsPerSecond)
        if (auto down = checkRate(u"down_bits_per_s", *limit.downBitsPerSecond); !down)
            return down;
    return limit.upBitsPerSecond ? checkRate(u"up_bits_per_s", *limit.upBitsPerSecond) : Result<void>();
}

Result<void> checkQuota(const QuotaPolicy &quota)
{
    if (quota.sizeBytes < 1 || quota.sizeBytes > kMaxQuotaBytes)
        return invalid(QStringLiteral("size_bytes: %1 is outside 1 to %2 (one byte to 9.2 EB)")
                           .arg(quota.sizeBytes)
                           .arg(kMaxQuotaBytes));
    if (auto rule = checkRule(quota.rule(CivilZone())); !rule)
        return rule;
    if (auto alerts = checkAlerts(quota.alertPercents); !alerts)
        return alerts;
    if (auto throttle = checkThrottle(quota); !throttle)
        return throttle;
    if (auto exemption = checkExemption(quota); !exemption)
        return exemption;
    return quota.calibration ? checkCalibration(*quota.calibration) : Result<void>();
}

Result<void> checkBurst(const BurstPolicy &burst)
{
    if (auto trigger = checkRate(u"trigger_bits_per_s", burst.triggerBitsPerSecond); !trigger)
        return trigger;
    if (auto window = checkDuration(u"window_s", burst.window, kMinBurstWindow, kMaxBurstWindow,
                                    u"5 seconds to 24 hours");
        !window)
        return window;
    if (auto throttle = checkRate(u"throttle_bits_per_s", burst.throttleBitsPerSecond); !throttle)
        return throttle;
    if (burst.throttleBitsPerSecond > burst.triggerBitsPerSecond)
        return invalid(QStringLiteral("throttle_bits_per_s: %1 is above trigger_bits_per_s (%2)")
                           .arg(burst.throttleBitsPerSecond)
                           .arg(burst.triggerBitsPerSecond));
    return checkDuration(u"hold_s", burst.hold, kMinBurstHold, kMaxBurstHold, u"1 second to 7 days");
}

Result<Overflow> parseOverflow(QStringView text)
{
    for (const auto &[overflow, name] : kOverflows)
        if (text == name)
            return overflow;
    return invalid(QStringLiteral("overflow: %1 is none of notify, throttle, block").arg(quotedPart(text)));
}

QString toString(Overflow overflow)
{
    return nameOf(kOverflows, overflow);
}

Result<BurstDirection> parseBurstDirection(QStringView text)
{
    for (const auto &[direction, name] : kDirections)
        if (text == name)
            return direction;
    return invalid(QStringLiteral("direction: %1 is none of sum, down, up").arg(quotedPart(text)));
}

QString toString(BurstDirection direction)
{
    return nameOf(kDirections, direction);
}

Result<Exemption> parseExemption(QStringView text)
{
    Exemption exempt;
    QString ports;
    const QString list = text.toString().simplified().replace(u' ', u',');
    for (const QStringView word : QStringView(list).split(u',')) {
        if (word == kLocalWord)
            exempt.local = true;
        else if (!word.isEmpty())
            ports.append(word).append(u',');
    }
    if (ports.isEmpty())
        return exempt;
    const auto ranges = dbus::parsePortList(ports);
    if (!ranges)
        return ranges.error().kind == dbus::PortListError::Kind::TooMany
            ? invalid(QStringLiteral("exempt: more than %1 ranges").arg(kMaxPortRanges))
            : invalid(QStringLiteral("exempt: %1 is neither local nor a port from 1 to 65535 nor a range of "
                                     "them; write for example \"local,22,8000-8010\"")
                          .arg(quotedPart(ranges.error().part)));
    for (const dbus::PortRange &range : *ranges)
        exempt.ports.push_back({range.first, range.last});
    return exempt;
}

QString exemptionText(const Exemption &exempt)
{
    QList<dbus::PortRange> list;
    for (const PortRange &range : exempt.ports)
        list.append({range.first, range.last});
    QStringList pieces;
    if (exempt.local)
        pieces.append(kLocalWord.toString());
    if (!list.isEmpty())
        pieces.append(dbus::formatPortList(list));
    return pieces.join(u',');
}

Result<std::vector<int>> parseAlertPercents(QStringView text)
{
    std::vector<int> percents;
    if (text.trimmed().isEmpty())
        return percents;
    for (const QStringView piece : text.split(u',')) {
        const QStringView word = piece.trimmed();
        constexpr qsizetype kMostDigits = 4;
        const bool digits = !word.isEmpty() && word.size() <= kMostDigits
            && std::ranges::all_of(word, [](QChar c) { return c >= u'0' && c <= u'9'; });
        const int percent = digits ? word.toInt() : 0;
        if (percent < 1 || percent > kMaxAlertPercent)
            return wrongAlert(quotedPart(word));
        const auto place = std::ranges::lower_bound(percents, percent);
        if (place != percents.end() && *place == percent)
            continue;
        if (percents.size() == kMaxAlertPercents)
            return tooManyAlerts();
        percents.insert(place, percent);
    }
    return percents;
}

QString alertPercentsText(const std::vector<int> &percents)
{
    QStringList pieces;
    for (const int percent : percents)
        pieces.append(QString::number(percent));
    return pieces.join(u',');
}

} // namespace weir
