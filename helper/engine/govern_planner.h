// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/govern_plan.h"
#include "helper/engine/records.h"

namespace weir {

/// A watch that is governed now: with the rates in force and the quota as it stands.
struct GovernedWatch {
    qint64 id = 0;
    WatchKind kind = WatchKind::Ports;
    PortRanges ports;
    Protocols protocols = Protocols::Both;
    int link = 0; ///< kind Link: its index
    QString service;
    std::optional<quint64> downBitsPerSecond;
    std::optional<quint64> upBitsPerSecond;
    std::optional<QuotaGate> quota;         ///< slowDown and slowUp are the planner's to fill in
    quint64 quotaThrottleBitsPerSecond = 0; ///< of the slower classes, with QuotaGate::Then::Slow
    bool operator==(const GovernedWatch &) const = default;
};

/// Two watches whose limits meet on common ports without one holding the other: there the lower one holds.
struct CrossingLimits {
    qint64 one = 0;
    qint64 other = 0;
    bool operator==(const CrossingLimits &) const = default;
};

struct PlannedGovernment {
    GovernPlan plan;
    std::vector<CrossingLimits> crossings;
};

/// Makes the plan for these watches on these metered links. Watches that have neither a rate nor a quota, and
/// those of links that are not metered, are left out.
///
/// Where what one watch covers lies within another's, both limits hold: its class is the other's child (of
/// the same sets the one made first is the parent; so too of one service or link). A link holds all ports and
/// services while it is the only metered one; of several each takes what would be faster without it. Where
/// sets cross, what is common obeys the lower rate, each counted with the limits that hold it; the crossings
/// name the watch that holds there with each that does not, once, sorted. A quota applies to all that its
/// watch covers, before any limit; of several those that drop come first, then the slowest.
///
/// The slower class of a quota has the quota's rate and the parent that the watch's own class has or would
/// have. Where the watch is held as low already there is none, in that direction: packets that cross the line
/// stay where they are. The same goes for what a service receives, which has no class. Where only a part of
/// the watch's ports is held as low, by another watch, the quota only counts that part's packets.
///
/// Linear in ports plus ranges, each times a 64th of the number of watches, however they overlap.
PlannedGovernment planGovernment(const std::vector<GovernedWatch> &watches,
                                 const std::set<int> &meteredLinks);

} // namespace weir
