// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/limit_requests.h"

#include "dbus/names.h"
#include "helper/engine/bounds.h"
#include "helper/engine/governor.h"
#include "helper/service/field_reader.h"

namespace weir {

namespace {

// What the contract says is what the engine does.
static_assert(dbus::kMinRateBitsPerSecond == kMinRateBits && dbus::kMaxRateBitsPerSecond == kMaxRateBits);
static_assert(dbus::kMaxQuotaBytes == kMaxQuotaBytes && dbus::kMaxCalibrationBytes == kMaxCalibrationBytes);
static_assert(dbus::kMaxAlertPercents == kMaxAlertPercents && dbus::kMaxAlertPercent == kMaxAlertPercent);
static_assert(dbus::kMinBurstWindowS == kMinBurstWindow.count()
              && dbus::kMaxBurstWindowS == kMaxBurstWindow.count());
static_assert(dbus::kMinBurstHoldS == kMinBurstHold.count() && dbus::kMaxBurstHoldS == kMaxBurstHold.count());
static_assert(dbus::kMaxGovernedWatches == Governor::kMaxGoverned);
static_assert(dbus::kMaxPreviewDays == kMaxPreview.count() && dbus::kMaxTriggers == kMaxTriggers);

using Presence = FieldReader::Presence;

std::optional<quint64> readRate(FieldReader &reader, const char *key, Presence presence = Presence::Optional)
{
    return reader.quantity(QLatin1String(key), dbus::kMinRateBitsPerSecond, dbus::kMaxRateBitsPerSecond,
                           presence);
}

std::chrono::seconds readSpan(FieldReader &reader, const char *key, uint minS, uint maxS)
{
    return std::chrono::seconds(
        reader.number(QLatin1String(key), minS, maxS, Presence::Required).value_or(minS));
}

/// A text in a language of its own, when it is given; what it does not say is refused in its parser's words.
template <typename T>
void read(FieldReader &reader, const char *key, Result<T> (*parse)(QStringView), T &member)
{
    const auto text = reader.text(QLatin1String(key), dbus::kMaxPolicyTextLength);
    if (!text)
        return;
    if (auto parsed = parse(*text))
        member = std::move(*parsed);
    else
        reader.refuse(parsed.error().message);
}

/// `policy`, unless something was wrong with its fields or it is refused as a whole.
template <typename Policy>
Result<Policy> checked(const FieldReader &reader, Policy policy, Result<void> (*check)(const Policy &))
{
    if (const auto good = reader.finish(); !good)
        return std::unexpected(good.error());
    if (const auto good = check(policy); !good)
        return std::unexpected(good.error());
    return policy;
}

std::optional<int> readPolicyName(FieldReader &reader)
{
    return reader.choice(QLatin1String("policy"),
                         {QStringLiteral("limit"), QStringLiteral("quota"), QStringLiteral("burst")});
}

} // namespace

Result<LimitPolicy> readLimit(const QVariantMap &fields)
{
    FieldReader reader(fields);
    LimitPolicy limit;
    limit.downBitsPerSecond = readRate(reader, "down_bits_per_s");
    limit.upBitsPerSecond = readRate(reader, "up_bits_per_s");
    read(reader, "when", &Schedule::parse, limit.when);
    limit.enabled = reader.flag(QLatin1String("enabled")).value_or(true);
    return checked(reader, limit, checkLimit);
}

Result<QuotaPolicy> readQuota(const QVariantMap &fields)
{
    FieldReader reader(fields);
    QuotaPolicy quota;
    quota.sizeBytes = reader
                          .quantity(QLatin1String("size_bytes"), dbus::kMinQuotaBytes, dbus::kMaxQuotaBytes,
                                    Presence::Required)
                          .value_or(0);
    read(reader, "reset_day", parseResetDay, quota.resetDay);
    read(reader, "billing", parseBillingMode, quota.mode);
    read(reader, "factor", parseFactor, quota.factorThousandths);
    read(reader, "scope", parseBillingScope, quota.scope);
    read(reader, "alerts", parseAlertPercents, quota.alertPercents);
    read(reader, "overflow", parseOverflow, quota.overflow);
    quota.throttleBitsPerSecond =
        readRate(reader, "throttle_bits_per_s",
                 quota.overflow == Overflow::Throttle ? Presence::Required : Presence::Optional)
            .value_or(0);
    read(reader, "exempt", parseExemption, quota.exempt);
    quota.enabled = reader.flag(QLatin1String("enabled")).value_or(true);
    return checked(reader, quota, checkQuota);
}

Result<BurstPolicy> readBurst(const QVariantMap &fields)
{
    FieldReader reader(fields);
    BurstPolicy burst;
    burst.triggerBitsPerSecond = readRate(reader, "trigger_bits_per_s", Presence::Required).value_or(0);
    read(reader, "direction", parseBurstDirection, burst.direction);
    burst.window = readSpan(reader, "window_s", dbus::kMinBurstWindowS, dbus::kMaxBurstWindowS);
    burst.throttleBitsPerSecond = readRate(reader, "throttle_bits_per_s", Presence::Required).value_or(0);
    burst.hold = readSpan(reader, "hold_s", dbus::kMinBurstHoldS, dbus::kMaxBurstHoldS);
    burst.enabled = reader.flag(QLatin1String("enabled")).value_or(true);
    return checked(reader, burst, checkBurst);
}

Result<WatchEdit> readSwitch(const QString &policy, bool enabled)
{
    const QVariantMap fields{{QStringLiteral("policy"), policy}};
    FieldReader reader(fields);
    const auto which = readPolicyName(reader);
    if (const auto good = reader.finish(); !good)
        return std::unexpected(good.error());
    WatchEdit edit;
    (*which == 0 ? edit.limitEnabled : *which == 1 ? edit.quotaEnabled : edit.burstEnabled) = enabled;
    return edit;
}

Result<WatchEdit> readRemoval(const QString &policy)
{
    const QVariantMap fields{{QStringLiteral("policy"), policy}};
    FieldReader reader(fields);
    const auto which = readPolicyName(reader);
    if (const auto good = reader.finish(); !good)
        return std::unexpected(good.error());
    WatchEdit edit;
    if (*which == 0)
        edit.limit.emplace();
    else if (*which == 1)
        edit.quota.emplace();
    else
        edit.burst.emplace();
    return edit;
}

Result<WatchEdit> readUsed(qulonglong usedBytes)
{
    if (usedBytes > dbus::kMaxCalibrationBytes)
        return failure(ErrorKind::InvalidArgument,
                       QStringLiteral("used_bytes: %1 is out of range; give a number from 0 to %2")
                           .arg(usedBytes)
                           .arg(dbus::kMaxCalibrationBytes));
    WatchEdit edit;
    edit.usedBytes.emplace(usedBytes);
    return edit;
}

Result<void> checkPreviewFrom(qlonglong fromS, qint64 nowS)
{
    const qint64 oldestS = nowS - qint64(dbus::kMaxPreviewDays) * 86400;
    if (fromS >= oldestS && fromS < nowS)
        return {};
    return failure(
        ErrorKind::InvalidArgument,
        QStringLiteral("from_s: %1 is out of range; give UTC seconds of the last %2 days, from %3, "
                       "before now, %4")
            .arg(fromS)
            .arg(dbus::kMaxPreviewDays)
            .arg(oldestS)
            .arg(nowS));
}

} // namespace weir
