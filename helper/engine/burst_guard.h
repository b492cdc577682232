// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/policy.h"

#include <deque>

namespace weir {

/// What passed in the `span` that ends at `at`, on a clock that never goes back.
struct BurstSample {
    std::chrono::milliseconds at{0};
    std::chrono::milliseconds span{0};
    quint64 rxBytes = 0;
    quint64 txBytes = 0;
};

/// Decides when a burst guard throttles: a function of samples and time alone, the same live and over stored
/// history.
///
/// Armed: the average of the policy's direction over the last `window` is looked at with each sample; what
/// was before the first sample counts as nothing, so bytes alone decide. Above the trigger it is throttled
/// for `hold`. When that ends the window begins anew: neither what triggered nor what passed during the hold
/// counts again.
///
/// Samples are merged until a slot is a 300th of the window long, so a window of a day takes no more memory
/// than one of some minutes. Bytes are taken as spread evenly over a sample's span and over a slot: where one
/// lies half in the window half of it counts. Whether the policy is enabled is the owner's to heed. Any
/// thread, one at a time.
class BurstGuard
{
public:
    explicit BurstGuard(const BurstPolicy &policy);

    /// Goes on under another policy: samples stay, and so does the end of a hold that runs, unless the new
    /// hold would have ended earlier (where that is in the past it ends now, at the last time that was
    /// given). What a longer window reaches back to is what was kept for the shorter one.
    void setPolicy(const BurstPolicy &policy);
    const BurstPolicy &policy() const { return m_policy; }

    /// What passed before anybody looked: it counts in the window, and decides nothing by itself. Before the
    /// first add(), the oldest first.
    void recall(const BurstSample &sample);
    /// Takes the next sample; `at` must not be before the last one's. What it says of a time that an earlier
    /// one covers is taken to have passed after that.
    void add(const BurstSample &sample);
    /// Time passes without a sample: a hold may end. A time before the last one is ignored.
    void advance(std::chrono::milliseconds now);

    /// A hold that began before this object was there; one that is over already ends with the next sample or
    /// advance().
    void resume(std::chrono::milliseconds since, std::chrono::milliseconds until);
    /// Ends a hold now; the window begins anew. Nothing happens when none runs.
    void restoreNow(std::chrono::milliseconds now);

    bool isThrottled() const { return m_until.has_value(); }
    std::optional<std::chrono::milliseconds> throttledSince() const { return m_since; }
    std::optional<std::chrono::milliseconds> throttledUntil() const { return m_until; }

    /// Bits per second over the window that ends at the last sample; during a hold, of what passes meanwhile
    /// too.
    double average() const;

    /// Slots that are kept now, two for each 300th of the window at most.
    size_t slotCount() const { return m_slots.size(); }

private:
    using Time = std::chrono::milliseconds;
    struct Slot {
        Time from;
        Time to;
        quint64 rxBytes;
        quint64 txBytes;
    };
    void append(const BurstSample &sample);
    void forget();
    void endHold(Time at);
    quint64 counted(const Slot &slot) const;

    BurstPolicy m_policy;
    std::deque<Slot> m_slots; ///< ascending and apart
    quint64 m_rxBytes = 0;    ///< of all slots
    quint64 m_txBytes = 0;
    Time m_now{0};
    Time m_sampled{0};             ///< end of the last sample
    std::optional<Time> m_beganAt; ///< of the window, when a hold ended: what was before does not count
    std::optional<Time> m_since;
    std::optional<Time> m_until;
};

} // namespace weir
