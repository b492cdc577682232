// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/limits.h"
#include "dbus/types.h"

#include <QString>

#include <optional>

namespace weir::gui {

enum class Direction { Down, Up };

/// One direction of a watch's limit.
struct DirectedLimit {
    qulonglong own = 0;     ///< bits per second as it was set; 0: none
    qulonglong inForce = 0; ///< the lowest of all that apply now; 0: none
    QString reason;         ///< of the rate in force: "limit", "quota", "burst"
    bool enabled = false;   ///< the limit is switched on

    /// A quota or a burst guard holds it lower than its own limit does.
    bool heldByOther() const { return inForce != 0 && reason != QLatin1String("limit"); }
    /// Switched on, and yet nothing holds it now: its schedule, a pause, a problem.
    bool isResting() const { return own != 0 && enabled && inForce == 0; }
};

DirectedLimit directed(const dbus::LimitState &limit, Direction direction);

/// How near a quota is to its end: what colours its bar.
enum class QuotaLevel { Off, Fine, Near, Over };
QuotaLevel levelOf(const dbus::QuotaState &quota);

/// Share of the allowance that is used: 1 at its end; 0 without a quota.
double shareOf(const dbus::QuotaState &quota);

/// Words for limits, quotas and burst guards: cells of tables, their tips, cards.
namespace text {

/// "12:40", "1:02:03"; "0:00" when nothing is left.
QString countdown(qint64 seconds);

/// A day of now or the near future: "1 Dec"; `seconds` in UTC seconds.
QString day(qlonglong seconds);

/// The name of a policy within a sentence: "limit", "quota", "burst guard".
QString policyName(client::Policy policy);

/// "20 Mbit/s", "5 Mbit/s" where something else holds it lower, "—" where nothing does.
QString limitCell(const dbus::LimitState &limit, Direction direction);

/// What holds one direction of `watch` and why; `now` in the helper's UTC seconds.
QString limitTip(const dbus::WatchRow &watch, Direction direction, qint64 now);

/// What the shaper does to one direction, a line each; empty when `row` is not there.
QString shaperTip(const std::optional<dbus::LimitRow> &row);

/// "12.3 of 100 GB": what is used of how much.
QString usedOf(qulonglong used, qulonglong size);

/// "12.3 of 100 GB", "Blocked, 103 %"; empty without a quota.
QString quotaCell(const dbus::QuotaState &quota);

/// Period, reset date, remaining, projected end and what was dropped.
QString quotaTip(const dbus::WatchRow &watch);

/// What comes: "Resets 1 Dec · 31.4 GB at this pace", "Blocked until 1 Dec".
QString quotaOutlook(const dbus::QuotaState &quota);

/// "Armed", "Off", "Throttled, 12:40 left"; empty without a guard.
QString burstCell(const dbus::BurstState &burst, qint64 now);

QString burstTip(const dbus::WatchRow &watch, qint64 now);

} // namespace text

} // namespace weir::gui
