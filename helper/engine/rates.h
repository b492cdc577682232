// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/bounds.h"
#include "helper/engine/records.h"

#include <array>
#include <memory>
#include <optional>

namespace weir {

/// The time from one sample to the next, for rates.
///
/// Unknown before the second sample, after a gap longer than kMaxRateGap, and when the counters began anew in
/// between: then nothing has a rate, though its bytes are credited.
class SampleInterval
{
public:
    /// Takes the next sample's time and origin.
    void advance(std::chrono::steady_clock::time_point taken, const QString &bootId, Generation generation);

    bool known() const { return m_known; }
    /// Rate of `passed` in this interval; empty when the interval is not known.
    std::optional<Rate> rateOf(const Traffic &passed) const;

    /// Number of this sample on a scale of seconds that goes on through gaps.
    quint64 slot() const { return m_slot; }
    /// True when the interval that ended in `slot`, one of the last kSampleSeconds, was known.
    bool knownAt(quint64 slot) const;

private:
    std::optional<std::chrono::steady_clock::time_point> m_taken;
    QString m_bootId;
    Generation m_generation = 0;
    double m_seconds = 0;
    bool m_known = false;
    quint64 m_slot = kSampleSeconds; // so that the window before the first sample has numbers too
    std::array<bool, kSampleSeconds> m_knownAt{};
};

/// The last kSampleSeconds rates of one link or watch. Without traffic in that time it holds no memory but
/// itself.
class SampleTrack
{
public:
    /// To be called once after each SampleInterval::advance().
    void add(const SampleInterval &now, const std::optional<Rate> &rate);

    /// Oldest first; NaN where no rate was known.
    std::vector<Rate> read(const SampleInterval &now) const;

    bool holdsMemory() const { return m_rates != nullptr; }

private:
    struct Rates {
        std::array<float, kSampleSeconds> rx;
        std::array<float, kSampleSeconds> tx;
    };
    quint64 m_since = 0;       // before this slot nothing is known when there are no m_rates
    quint64 m_lastTraffic = 0; // slot of the last rate above zero
    bool m_begun = false;
    std::unique_ptr<Rates> m_rates;
};

} // namespace weir
