// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/gui/rows.h"

/// Watches with limits, quotas and burst guards, each with just what a test is about.
namespace weir::test {

inline constexpr qulonglong kMega = 1'000'000;
inline constexpr qulonglong kGiga = 1'000'000'000;

/// Both directions in force; 0: that one is not limited.
inline dbus::WatchRow limitedRow(const QString &name, qulonglong down, qulonglong up)
{
    dbus::WatchRow row = watchRow(name);
    dbus::LimitState &limit = row.limit;
    limit.set = limit.enabled = true;
    limit.downBitsPerSecond = limit.downInForceBitsPerSecond = down;
    limit.upBitsPerSecond = limit.upInForceBitsPerSecond = up;
    limit.downReason = down != 0 ? QStringLiteral("limit") : QString();
    limit.upReason = up != 0 ? QStringLiteral("limit") : QString();
    return row;
}

inline dbus::WatchRow quotaRow(const QString &name, qulonglong size, qulonglong used,
                               const QString &state = QStringLiteral("counting"))
{
    dbus::WatchRow row = watchRow(name);
    dbus::QuotaState &quota = row.quota;
    quota.set = true;
    quota.enabled = state != QLatin1String("off");
    quota.sizeBytes = size;
    quota.usedBytes = used;
    quota.remainingBytes = size > used ? size - used : 0;
    quota.resetDay = quota.factor = QStringLiteral("1");
    quota.billing = QStringLiteral("sum");
    quota.scope = QStringLiteral("all");
    quota.alerts = QStringLiteral("30,50,80,100");
    quota.overflow = QStringLiteral("notify");
    quota.periodStart = 1'698'796'800; // 1 November 2023, 00:00 UTC
    quota.periodEnd = 1'701'388'800;   // 1 December
    quota.state = state;
    return row;
}

inline dbus::WatchRow guardedRow(const QString &name, const QString &state = QStringLiteral("armed"))
{
    dbus::WatchRow row = watchRow(name);
    dbus::BurstState &burst = row.burst;
    burst.set = true;
    burst.enabled = state != QLatin1String("off");
    burst.triggerBitsPerSecond = 50 * kMega;
    burst.direction = QStringLiteral("sum");
    burst.windowS = 900;
    burst.throttleBitsPerSecond = 5 * kMega;
    burst.holdS = 1800;
    burst.state = state;
    return row;
}

} // namespace weir::test
