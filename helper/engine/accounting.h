// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/records.h"

/// How raw counters become totals: each byte once, whatever restarts.
namespace weir {

/// Which incarnation of a counter a value was read from.
struct CounterOrigin {
    QString bootId;
    Generation generation = 0;
    int link = 0; ///< index of the link that a link counter belongs to; 0 for ports
};

/// True when `baseline` was read from the same incarnation: the difference to it is what passed.
bool sameOrigin(const Baseline &baseline, const CounterOrigin &origin);

/// Moves a baseline to now without crediting anything: what passed before is not wanted.
void beginAt(Baseline &baseline, const CounterOrigin &origin, const ScopedTraffic &raw,
             const Traffic &rawOther = {});

/// What passed since the baseline, which moves to now.
struct Credit {
    ScopedTraffic traffic;
    Traffic other;
    Traffic total() const { return traffic.total() + other; }
};

/// From the same incarnation the growth; from another one, which began at zero after the baseline was taken,
/// all of it. A baseline that was never set (generation 0) begins now. Within one incarnation a baseline
/// never moves back: readers race with packets by a few, and a value that dips and recovers must not be
/// credited twice.
Credit credit(Baseline &baseline, const CounterOrigin &origin, const ScopedTraffic &raw,
              const Traffic &rawOther = {});

/// True when any of a link's own counters is lower than before: the driver began again at zero.
bool linkCounterRestarted(const Traffic &before, const Traffic &now);

/// The meter of a link in a sample; zeros when it was never metered in that generation.
LinkMeter meterOf(const MeterSample &sample, int link);

/// Growth of a link's own counters: where any is lower than before all of them began again at zero, and now
/// is the growth.
Traffic linkCounterGrowth(const Traffic &before, const Traffic &now);

/// What of a link's own counters no meter saw: `kernel` less the larger of what the meter saw as merged
/// packets (as virtual links count) and as wire segments (as hardware counts), member by member, never
/// negative.
Traffic unmeteredGrowth(const Traffic &kernel, const Traffic &plain, const Traffic &wire);

} // namespace weir
