// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/accounting.h"

#include <algorithm>

namespace weir {

namespace {

Traffic largest(const Traffic &a, const Traffic &b)
{
    return {std::max(a.rxBytes, b.rxBytes), std::max(a.txBytes, b.txBytes),
            std::max(a.rxPackets, b.rxPackets), std::max(a.txPackets, b.txPackets)};
}

} // namespace

bool sameOrigin(const Baseline &baseline, const CounterOrigin &origin)
{
    return baseline.generation == origin.generation && baseline.bootId == origin.bootId
        && baseline.linkIndex == origin.link;
}

void beginAt(Baseline &baseline, const CounterOrigin &origin, const ScopedTraffic &raw,
             const Traffic &rawOther)
{
    baseline.bootId = origin.bootId;
    baseline.generation = origin.generation;
    baseline.linkIndex = origin.link;
    baseline.raw = raw;
    baseline.rawOther = rawOther;
}

Credit credit(Baseline &baseline, const CounterOrigin &origin, const ScopedTraffic &raw,
              const Traffic &rawOther)
{
    Credit passed;
    if (sameOrigin(baseline, origin)) {
        passed.traffic = growth(baseline.raw, raw);
        passed.other = growth(baseline.rawOther, rawOther);
        baseline.raw = {largest(baseline.raw.internet, raw.internet), largest(baseline.raw.local, raw.local)};
        baseline.rawOther = largest(baseline.rawOther, rawOther);
        return passed;
    }
    if (baseline.generation != 0)
        passed = {raw, rawOther};
    beginAt(baseline, origin, raw, rawOther);
    return passed;
}

LinkMeter meterOf(const MeterSample &sample, int link)
{
    const auto found = std::ranges::find(sample.links, link, &LinkMeter::index);
    return found == sample.links.end() ? LinkMeter{} : *found;
}

bool linkCounterRestarted(const Traffic &before, const Traffic &now)
{
    return now.rxBytes < before.rxBytes || now.txBytes < before.txBytes || now.rxPackets < before.rxPackets
        || now.txPackets < before.txPackets;
}

Traffic linkCounterGrowth(const Traffic &before, const Traffic &now)
{
    return linkCounterRestarted(before, now) ? now : growth(before, now);
}

Traffic unmeteredGrowth(const Traffic &kernel, const Traffic &plain, const Traffic &wire)
{
    const Traffic metered = largest(plain, wire);
    Traffic missed = growth(metered, kernel);
    // Some drivers count the FCS of each frame, or refresh their counters late: what is within that was
    // metered.
    const auto within = [](quint64 excess, quint64 bytes, quint64 packets) {
        return excess <= bytes / 50 + 4 * packets;
    };
    if (within(missed.rxBytes, metered.rxBytes, metered.rxPackets))
        missed.rxBytes = missed.rxPackets = 0;
    if (within(missed.txBytes, metered.txBytes, metered.txPackets))
        missed.txBytes = missed.txPackets = 0;
    return missed;
}

} // namespace weir
