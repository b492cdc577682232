// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/stub_helper.h"

#include "dbus/names.h"

namespace weir::test {

namespace {

template <typename T>
T argument(const QDBusMessage &message, qsizetype index)
{
    return qdbus_cast<T>(message.arguments().at(index));
}

template <typename T>
void take(T &member, const QVariantMap &fields, const char *key, const T &otherwise)
{
    member = fields.value(QLatin1String(key), QVariant::fromValue(otherwise)).template value<T>();
}

void applyLimit(dbus::LimitState &limit, const QVariantMap &fields)
{
    limit.set = true;
    take(limit.enabled, fields, "enabled", true);
    take(limit.downBitsPerSecond, fields, "down_bits_per_s", 0ULL);
    take(limit.upBitsPerSecond, fields, "up_bits_per_s", 0ULL);
    take(limit.when, fields, "when", QString());
    limit.downInForceBitsPerSecond = limit.enabled ? limit.downBitsPerSecond : 0;
    limit.upInForceBitsPerSecond = limit.enabled ? limit.upBitsPerSecond : 0;
    limit.downReason = limit.downInForceBitsPerSecond ? QStringLiteral("limit") : QString();
    limit.upReason = limit.upInForceBitsPerSecond ? QStringLiteral("limit") : QString();
}

void applyQuota(dbus::QuotaState &quota, const QVariantMap &fields)
{
    quota.set = true;
    take(quota.enabled, fields, "enabled", true);
    take(quota.sizeBytes, fields, "size_bytes", 0ULL);
    take(quota.resetDay, fields, "reset_day", QStringLiteral("1"));
    take(quota.billing, fields, "billing", QStringLiteral("sum"));
    take(quota.factor, fields, "factor", QStringLiteral("1"));
    take(quota.scope, fields, "scope", QStringLiteral("all"));
    take(quota.alerts, fields, "alerts", QStringLiteral("30,50,80,100"));
    take(quota.overflow, fields, "overflow", QStringLiteral("notify"));
    take(quota.throttleBitsPerSecond, fields, "throttle_bits_per_s", 0ULL);
    take(quota.exempt, fields, "exempt", QString());
    quota.remainingBytes = quota.sizeBytes - qMin(quota.sizeBytes, quota.usedBytes);
    quota.state = quota.enabled ? QStringLiteral("counting") : QStringLiteral("off");
}

void applyBurst(dbus::BurstState &burst, const QVariantMap &fields)
{
    burst.set = true;
    take(burst.enabled, fields, "enabled", true);
    take(burst.triggerBitsPerSecond, fields, "trigger_bits_per_s", 0ULL);
    take(burst.direction, fields, "direction", QStringLiteral("sum"));
    take(burst.windowS, fields, "window_s", 0U);
    take(burst.throttleBitsPerSecond, fields, "throttle_bits_per_s", 0ULL);
    take(burst.holdS, fields, "hold_s", 0U);
    burst.state = burst.enabled ? QStringLiteral("armed") : QStringLiteral("off");
}

/// Switches a policy, or takes it away when `enabled` is not given; false when there is none.
template <typename State>
bool change(State &state, const bool *enabled)
{
    if (!state.set)
        return false;
    if (!enabled)
        state = {};
    else if constexpr (std::is_same_v<State, dbus::LimitState>) {
        state.enabled = *enabled;
        applyLimit(state,
                   {{QStringLiteral("enabled"), *enabled},
                    {QStringLiteral("down_bits_per_s"), state.downBitsPerSecond},
                    {QStringLiteral("up_bits_per_s"), state.upBitsPerSecond},
                    {QStringLiteral("when"), state.when}});
    } else {
        state.enabled = *enabled;
        state.state = !*enabled                       ? QStringLiteral("off")
            : std::is_same_v<State, dbus::QuotaState> ? QStringLiteral("counting")
                                                      : QStringLiteral("armed");
    }
    return true;
}

bool change(dbus::WatchRow &row, const QString &policy, const bool *enabled)
{
    if (policy == QLatin1String("limit"))
        return change<dbus::LimitState>(row.limit, enabled);
    if (policy == QLatin1String("quota"))
        return change<dbus::QuotaState>(row.quota, enabled);
    return change<dbus::BurstState>(row.burst, enabled);
}

} // namespace

bool StubHelper::answerLimits(const QDBusMessage &message)
{
    const QString method = message.member();
    const auto is = [&method](const char *name) { return method == QLatin1String(name); };
    if (is("GetLimits")) {
        reply(message, {QVariant::fromValue(limits)});
    } else if (is("PreviewBurst")) {
        reply(message, {previewKnownFrom, previewStepS, QVariant::fromValue(previewTriggers)});
    } else if (is("PreviewQuota")) {
        dbus::QuotaState quota;
        if (const qsizetype index = indexOf(argument<QString>(message, 0)); index >= 0)
            quota = watches.at(index).quota;
        applyQuota(quota, argument<QVariantMap>(message, 1));
        reply(message, {QVariant::fromValue(quota)});
    } else if (is("EndBurst")) {
        const qsizetype index = indexOf(argument<QString>(message, 0));
        if (index < 0)
            return refuse(message, dbus::error::kNotFound, QStringLiteral("no such watch")), true;
        watches[index].burst.state = QStringLiteral("armed");
        watches[index].burst.throttledUntil = watches[index].burst.throttledSince = 0;
        reply(message, {});
    } else if (is("SetLimit") || is("SetQuota") || is("SetBurst") || is("SwitchPolicy") || is("RemovePolicy")
               || is("Calibrate") || is("UndoCalibrate") || is("BeginPeriod") || is("UndoBeginPeriod")) {
        changePolicy(message);
    } else {
        return false;
    }
    return true;
}

void StubHelper::changePolicy(const QDBusMessage &message)
{
    const QString method = message.member();
    const auto is = [&method](const char *name) { return method == QLatin1String(name); };
    const qsizetype index = indexOf(argument<QString>(message, 1));
    if (index < 0)
        return refuse(message, dbus::error::kNotFound, QStringLiteral("no such watch"));
    dbus::WatchRow &row = watches[index];
    if (row.revision != argument<uint>(message, 0))
        return refuse(message, dbus::error::kConflict,
                      QStringLiteral("revision: the watch was changed meanwhile"));
    bool found = true;
    if (is("SetLimit")) {
        applyLimit(row.limit, argument<QVariantMap>(message, 2));
    } else if (is("SetQuota")) {
        applyQuota(row.quota, argument<QVariantMap>(message, 2));
    } else if (is("SetBurst")) {
        applyBurst(row.burst, argument<QVariantMap>(message, 2));
    } else if (is("SwitchPolicy")) {
        const bool enabled = argument<bool>(message, 3);
        found = change(row, argument<QString>(message, 2), &enabled);
    } else if (is("RemovePolicy")) {
        found = change(row, argument<QString>(message, 2), nullptr);
    } else if (is("Calibrate")) {
        found = row.quota.set;
        row.quota.usedBytes = argument<qulonglong>(message, 2);
        row.quota.calibrated = true;
    } else if (is("UndoCalibrate")) {
        found = std::exchange(row.quota.calibrated, false);
    } else if (is("BeginPeriod")) {
        found = row.quota.set;
        row.quota.begunByHand = true;
        row.quota.periodStart = timeMs / 1000;
        row.quota.usedBytes = 0;
    } else {
        found = std::exchange(row.quota.begunByHand, false);
    }
    if (!found)
        return refuse(message, dbus::error::kNotFound, QStringLiteral("the watch has none"));
    reply(message, {++row.revision});
}

} // namespace weir::test
