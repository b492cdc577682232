// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/gui/weirctl_runner.h"

/// Watches "web" of port 80 that are held to something.
namespace weir::test {

inline constexpr qint64 kNovemberFirst = 1'793'487'600; // 2026-11-01 00:00 in Berlin, UTC+1
inline constexpr qint64 kDecemberFirst = 1'796'079'600; // 2026-12-01 00:00
inline constexpr qint64 kNow = kNovemberFirst + 86'400;

inline dbus::WatchRow limited(quint64 down, quint64 up)
{
    dbus::WatchRow row = portWatch("web", "80");
    row.limit.set = row.limit.enabled = true;
    row.limit.downBitsPerSecond = row.limit.downInForceBitsPerSecond = down;
    row.limit.upBitsPerSecond = row.limit.upInForceBitsPerSecond = up;
    row.limit.downReason = down ? QStringLiteral("limit") : QString();
    row.limit.upReason = up ? QStringLiteral("limit") : QString();
    return row;
}

inline dbus::WatchRow withQuota(const char *overflow)
{
    dbus::WatchRow row = portWatch("web", "80");
    row.quota.set = row.quota.enabled = true;
    row.quota.sizeBytes = 100'000'000'000;
    row.quota.resetDay = QStringLiteral("1");
    row.quota.billing = QStringLiteral("sum");
    row.quota.factor = QStringLiteral("1");
    row.quota.scope = QStringLiteral("all");
    row.quota.alerts = QStringLiteral("30,50,80,100");
    row.quota.overflow = QLatin1String(overflow);
    row.quota.periodStart = kNovemberFirst;
    row.quota.periodEnd = kDecemberFirst;
    row.quota.usedBytes = 12'300'000'000;
    row.quota.remainingBytes = 87'700'000'000;
    row.quota.state = QStringLiteral("counting");
    return row;
}

inline dbus::WatchRow guarded()
{
    dbus::WatchRow row = portWatch("web", "80");
    row.burst.set = row.burst.enabled = true;
    row.burst.triggerBitsPerSecond = 50'000'000;
    row.burst.direction = QStringLiteral("sum");
    row.burst.windowS = 900;
    row.burst.throttleBitsPerSecond = 5'000'000;
    row.burst.holdS = 1800;
    row.burst.state = QStringLiteral("armed");
    row.burst.averageBitsPerSecond = 3'200'000;
    return row;
}

inline dbus::WatchRow throttledByItsGuard()
{
    dbus::WatchRow row = guarded();
    row.limit = limited(50'000'000, 0).limit;
    row.limit.downInForceBitsPerSecond = row.limit.upInForceBitsPerSecond = 5'000'000;
    row.limit.downReason = row.limit.upReason = QStringLiteral("burst");
    row.burst.state = QStringLiteral("throttled");
    row.burst.throttledSince = kNow - 1040;
    row.burst.throttledUntil = kNow + 760;
    return row;
}

} // namespace weir::test
