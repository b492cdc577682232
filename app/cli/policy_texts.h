// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/limits.h"
#include "app/client/table.h"

#include <QStringList>

/// Limits, quotas and burst guards as sentences and cells. Times are this machine's, `now` is UTC seconds.
namespace weir::cli {

/// What is set, and what is in force where that is something else: "web is held to 20 Mbit/s down; up is not
/// limited.", "Down 5 Mbit/s now: burst guard, 12:40 left; its own limit is 50 Mbit/s."
QStringList limitLines(const dbus::WatchRow &watch, qint64 now);

/// What happens past the line, how much is used, and what the quota does now.
QStringList quotaLines(const dbus::WatchRow &watch);

/// When it throttles, to what and for how long, and whether it does now.
QStringList burstLines(const dbus::WatchRow &watch, qint64 now);

/// "It would have throttled 3 times in the last 7 days." of a preview from `from` on, with how far the
/// history reaches back where that is less.
QStringList previewLines(const client::BurstPreview &preview, const dbus::BurstState &burst, qint64 from,
                         qint64 now);

/// "↓20M ↑5M", with "(now ↓5M)" where something else is in force; empty where there is nothing.
QString limitCell(const dbus::WatchRow &watch);
/// "12.3 of 100 GB, 12 %", with its state where that is not "counting"; empty where there is none.
QString quotaCell(const dbus::QuotaState &quota);
/// "armed", "throttled, 12:40 left", "off"; empty where there is none.
QString burstCell(const dbus::BurstState &burst, qint64 now);

/// What the limits in force do.
client::Table limitTable(const dbus::LimitRows &limits);

/// "12:40", "1:02:03"; "0:00" when it is over.
QString countdown(qint64 seconds);

} // namespace weir::cli
