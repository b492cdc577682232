// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <array>

namespace weir {

/// Wire bytes and packets received (rx) and sent (tx) by this machine.
struct Traffic {
    quint64 rxBytes = 0;
    quint64 txBytes = 0;
    quint64 rxPackets = 0;
    quint64 txPackets = 0;

    Traffic &operator+=(const Traffic &more)
    {
        rxBytes += more.rxBytes;
        txBytes += more.txBytes;
        rxPackets += more.rxPackets;
        txPackets += more.txPackets;
        return *this;
    }
    bool operator==(const Traffic &) const = default;
};

inline Traffic operator+(Traffic a, const Traffic &b)
{
    return a += b;
}

/// What a counter grew from `before` to `now`, member by member. A member that is lower than before gives 0:
/// within one map generation a counter only grows, and readers may race with packets by a few.
inline Traffic growth(const Traffic &before, const Traffic &now)
{
    const auto grown = [](quint64 from, quint64 to) { return to > from ? to - from : 0; };
    return {grown(before.rxBytes, now.rxBytes), grown(before.txBytes, now.txBytes),
            grown(before.rxPackets, now.rxPackets), grown(before.txPackets, now.txPackets)};
}

/// IP traffic by scope: `internet` when either end is outside the local prefixes, else `local`.
struct ScopedTraffic {
    Traffic internet;
    Traffic local;

    ScopedTraffic &operator+=(const ScopedTraffic &more)
    {
        internet += more.internet;
        local += more.local;
        return *this;
    }
    Traffic total() const { return internet + local; }
    bool operator==(const ScopedTraffic &) const = default;
};

inline ScopedTraffic growth(const ScopedTraffic &before, const ScopedTraffic &now)
{
    return {growth(before.internet, now.internet), growth(before.local, now.local)};
}

/// Bytes per second.
struct Rate {
    double rxBytesPerSecond = 0;
    double txBytesPerSecond = 0;
    bool operator==(const Rate &) const = default;
};

} // namespace weir
