// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/limit_requests.h"

#include "helper/service/field_reader.h"

namespace weir {

namespace {

constexpr int kMaxTextLength = 1000; // of schedules and exemptions

/// A text in a language of its own, when it is given; what it does not say is refused in its parser's words.
template <typename T>
void read(FieldReader &reader, const char *key, Result<T> (*parse)(QStringView), T &member)
{
    const auto text = reader.text(QLatin1String(key), kMaxTextLength);
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
    limit.downBitsPerSecond = reader.quantity(QLatin1String("down_bits_per_s"));
    limit.upBitsPerSecond = reader.quantity(QLatin1String("up_bits_per_s"));
    read(reader, "when", &Schedule::parse, limit.when);
    limit.enabled = reader.flag(QLatin1String("enabled")).value_or(true);
    return checked(reader, limit, checkLimit);
}

Result<QuotaPolicy> readQuota(const QVariantMap &fields)
{
    FieldReader reader(fields);
    QuotaPolicy quota;
    quota.sizeBytes = reader.quantity(QLatin1String("size_bytes")).value_or(0);
    read(reader, "reset_day", parseResetDay, quota.resetDay);
    read(reader, "billing", parseBillingMode, quota.mode);
    read(reader, "factor", parseFactor, quota.factorThousandths);
    read(reader, "scope", parseBillingScope, quota.scope);
    read(reader, "alerts", parseAlertPercents, quota.alertPercents);
    read(reader, "overflow", parseOverflow, quota.overflow);
    quota.throttleBitsPerSecond = reader.quantity(QLatin1String("throttle_bits_per_s")).value_or(0);
    read(reader, "exempt", parseExemption, quota.exempt);
    quota.enabled = reader.flag(QLatin1String("enabled")).value_or(true);
    return checked(reader, quota, checkQuota);
}

Result<BurstPolicy> readBurst(const QVariantMap &fields)
{
    FieldReader reader(fields);
    BurstPolicy burst;
    burst.triggerBitsPerSecond = reader.quantity(QLatin1String("trigger_bits_per_s")).value_or(0);
    read(reader, "direction", parseBurstDirection, burst.direction);
    const auto span = [&reader](const char *key, std::chrono::seconds min, std::chrono::seconds max) {
        if (!reader.has(QLatin1String(key)))
            reader.refuse(QStringLiteral("%1: must be given, %2 to %3 seconds")
                              .arg(QLatin1String(key))
                              .arg(min.count())
                              .arg(max.count()));
        return std::chrono::seconds(
            reader.number(QLatin1String(key), quint32(min.count()), quint32(max.count())).value_or(0));
    };
    burst.window = span("window_s", kMinBurstWindow, kMaxBurstWindow);
    burst.throttleBitsPerSecond = reader.quantity(QLatin1String("throttle_bits_per_s")).value_or(0);
    burst.hold = span("hold_s", kMinBurstHold, kMaxBurstHold);
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
    if (usedBytes > kMaxCalibrationBytes)
        return failure(ErrorKind::InvalidArgument,
                       QStringLiteral("used_bytes: %1 is out of range; give a number from 0 to %2")
                           .arg(usedBytes)
                           .arg(kMaxCalibrationBytes));
    WatchEdit edit;
    edit.usedBytes.emplace(usedBytes);
    return edit;
}

} // namespace weir
