// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/limit_rows.h"

#include "helper/service/rows.h"

#include <algorithm>
#include <cmath>

namespace weir {

namespace {

QString nameOf(RateReason reason)
{
    switch (reason) {
    case RateReason::None:
        return {};
    case RateReason::Limit:
        return QStringLiteral("limit");
    case RateReason::Quota:
        return QStringLiteral("quota");
    case RateReason::Burst:
        return QStringLiteral("burst");
    }
    Q_UNREACHABLE();
}

QString nameOf(QuotaStage stage)
{
    switch (stage) {
    case QuotaStage::Off:
        return QStringLiteral("off");
    case QuotaStage::Counting:
        return QStringLiteral("counting");
    case QuotaStage::Over:
        return QStringLiteral("over");
    case QuotaStage::Throttled:
        return QStringLiteral("throttled");
    case QuotaStage::Blocked:
        return QStringLiteral("blocked");
    }
    Q_UNREACHABLE();
}

QString nameOf(BurstStage stage)
{
    switch (stage) {
    case BurstStage::Off:
        return QStringLiteral("off");
    case BurstStage::Armed:
        return QStringLiteral("armed");
    case BurstStage::Throttled:
        return QStringLiteral("throttled");
    }
    Q_UNREACHABLE();
}

/// What is told of a projection: three digits of it, and no less than what is used already. All of it would
/// move with each second, even where nothing passes, and so each row of a quota be sent each second.
quint64 rounded(quint64 projectedBytes, quint64 usedBytes)
{
    quint64 unit = 1;
    while (projectedBytes / unit >= 1000)
        unit *= 10;
    const quint64 digits = projectedBytes / unit + (projectedBytes % unit >= unit - unit / 2 ? 1 : 0);
    return std::max(digits * unit, usedBytes);
}

dbus::QuotaState quotaState(const QuotaPolicy &quota, const QuotaStanding &standing)
{
    dbus::QuotaState row;
    row.set = true;
    row.enabled = quota.enabled;
    row.sizeBytes = quota.sizeBytes;
    row.resetDay = resetDayText(quota.resetDay);
    row.billing = toString(quota.mode);
    row.factor = factorText(quota.factorThousandths);
    row.scope = toString(quota.scope);
    row.alerts = alertPercentsText(quota.alertPercents);
    row.overflow = toString(quota.overflow);
    row.throttleBitsPerSecond = quota.throttleBitsPerSecond;
    row.exempt = exemptionText(quota.exempt);
    row.periodStart = standing.period.startS;
    row.periodEnd = standing.period.endS;
    row.begunByHand = standing.period.begunByHand;
    row.calibrated = standing.isCalibrated;
    row.usedBytes = standing.usedBytes;
    row.remainingBytes = standing.remainingBytes;
    row.projectedBytes =
        standing.projection ? rounded(standing.projection->atEndBytes, standing.usedBytes) : 0;
    return row;
}

} // namespace

dbus::LimitState toLimitState(const WatchStatus &watch)
{
    dbus::LimitState row;
    if (const auto &limit = watch.record.spec.policies.limit) {
        row.set = true;
        row.enabled = limit->enabled;
        row.downBitsPerSecond = limit->downBitsPerSecond.value_or(0);
        row.upBitsPerSecond = limit->upBitsPerSecond.value_or(0);
        row.when = limit->when.text();
    }
    const PolicyStatus &policy = watch.policy;
    row.downInForceBitsPerSecond = policy.down.bitsPerSecond.value_or(0);
    row.upInForceBitsPerSecond = policy.up.bitsPerSecond.value_or(0);
    row.downReason = nameOf(policy.down.reason);
    row.upReason = nameOf(policy.up.reason);
    row.problem = policy.problem;
    return row;
}

dbus::QuotaState toQuotaState(const WatchStatus &watch)
{
    const auto &quota = watch.record.spec.policies.quota;
    if (!quota)
        return {};
    dbus::QuotaState row = quotaState(*quota, watch.policy.quota);
    row.droppedRxBytes = watch.policy.dropped.rxBytes;
    row.droppedTxBytes = watch.policy.dropped.txBytes;
    row.state = nameOf(watch.policy.quotaStage);
    return row;
}

dbus::BurstState toBurstState(const WatchStatus &watch)
{
    const auto &burst = watch.record.spec.policies.burst;
    if (!burst)
        return {};
    dbus::BurstState row;
    row.set = true;
    row.enabled = burst->enabled;
    row.triggerBitsPerSecond = burst->triggerBitsPerSecond;
    row.direction = toString(burst->direction);
    row.windowS = uint(burst->window.count());
    row.throttleBitsPerSecond = burst->throttleBitsPerSecond;
    row.holdS = uint(burst->hold.count());
    row.state = nameOf(watch.policy.burstStage);
    row.averageBitsPerSecond = qulonglong(std::llround(watch.policy.averageBitsPerSecond));
    row.throttledSince = watch.policy.throttledSinceS;
    row.throttledUntil = watch.policy.throttledUntilS;
    return row;
}

dbus::LimitRow toRow(const LimitStatus &limit)
{
    dbus::LimitRow row;
    row.name = limit.name;
    row.direction = limit.isDown ? QStringLiteral("down") : QStringLiteral("up");
    row.bitsPerSecond = limit.rate.bitsPerSecond.value_or(0);
    row.reason = nameOf(limit.rate.reason);
    row.bytes = limit.bytes;
    row.packets = limit.packets;
    row.droppedPackets = limit.droppedPackets;
    row.backlogBytes = limit.backlogBytes;
    if (row.bitsPerSecond != 0)
        row.delayMs = double(limit.backlogBytes) * 8 * 1000 / double(row.bitsPerSecond);
    return row;
}

dbus::TriggerRow toRow(const BurstTrigger &trigger)
{
    return {trigger.startS, trigger.endS, qulonglong(std::llround(trigger.averageBitsPerSecond))};
}

dbus::QuotaState toRow(const Engine::QuotaPreview &preview)
{
    dbus::QuotaState row = quotaState(preview.quota, preview.standing);
    const bool isOver = preview.standing.remainingBytes == 0;
    row.state = nameOf(!preview.quota.enabled                             ? QuotaStage::Off
                           : !isOver                                      ? QuotaStage::Counting
                           : preview.quota.overflow == Overflow::Block    ? QuotaStage::Blocked
                           : preview.quota.overflow == Overflow::Throttle ? QuotaStage::Throttled
                                                                          : QuotaStage::Over);
    return row;
}

} // namespace weir
