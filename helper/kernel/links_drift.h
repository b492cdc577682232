// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/traffic.h"

#include <chrono>
#include <map>
#include <optional>

namespace weir {

/// Compares what the meter saw on each link with what the link itself counted.
///
/// The link's counters lie between the packets as the stack held them, merged ones as one, and their wire
/// bytes with a checksum at the end of each; some drivers count one way, some the other. What stays outside
/// for three windows is a drift: packets pass the meter by, or never leave after it.
class Drift
{
public:
    using Time = std::chrono::steady_clock::time_point;

    static constexpr std::chrono::milliseconds kWindow{10'000};
    static constexpr int kWindows = 3;           ///< one after the other make a drift
    static constexpr quint64 kBytes = 1'000'000; ///< less than this in a window says nothing
    static constexpr double kTolerance = 0.02;
    static constexpr quint64 kChecksumBytes = 4; ///< that some drivers count with each packet

    /// Counters of one link at one moment, cumulative.
    struct Reading {
        Traffic link;  ///< its own
        Traffic plain; ///< LinkMeter::plain
        Traffic total; ///< LinkMeter::total()
    };

    enum class Kind {
        Missed, ///< the link carried more than the meter saw
        Dropped ///< the meter saw more than the link carried
    };

    /// A window lasts `window` at least.
    explicit Drift(std::chrono::milliseconds window = kWindow) : m_window(window) { }

    /// True when a window is over and readings are wanted.
    bool isDue(Time now) const { return !m_last || now - *m_last >= m_window; }

    /// Ends a window. A link that is not in `readings` is forgotten.
    void add(Time now, const std::map<int, Reading> &readings);

    /// Begins anew: metering itself changed.
    void clear();

    /// Links that drift, by index.
    std::map<int, Kind> drifting() const;

private:
    struct State {
        Reading reading;
        std::optional<Kind> kind;
        int windows = 0;
    };
    const std::chrono::milliseconds m_window;
    std::optional<Time> m_last;
    std::map<int, State> m_links;
};

} // namespace weir
