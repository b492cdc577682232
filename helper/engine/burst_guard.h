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
/// for `hold`. When that ends the window begins anew: what triggered once does not trigger again.
class BurstGuard
{
public:
    explicit BurstGuard(const BurstPolicy &policy);

    /// Goes on under another policy: samples stay, and so does the end of a hold that runs, unless the new
    /// hold would have ended earlier.
    void setPolicy(const BurstPolicy &policy);
    const BurstPolicy &policy() const { return m_policy; }

    /// Takes the next sample; `at` must not be before the last one's.
    void add(const BurstSample &sample);
    /// Time passes without a sample: a hold may end.
    void advance(std::chrono::milliseconds now);

    /// A hold that began before this object was there.
    void resume(std::chrono::milliseconds since, std::chrono::milliseconds until);
    /// Ends a hold now; the window begins anew.
    void restoreNow(std::chrono::milliseconds now);

    bool isThrottled() const { return m_until.has_value(); }
    std::optional<std::chrono::milliseconds> throttledSince() const { return m_since; }
    std::optional<std::chrono::milliseconds> throttledUntil() const { return m_until; }

    /// Bits per second over the window that ends at the last sample.
    double average() const;

private:
    struct Slot {
        std::chrono::milliseconds from;
        std::chrono::milliseconds to;
        quint64 bytes;
    };
    void forget(std::chrono::milliseconds now);

    BurstPolicy m_policy;
    std::deque<Slot> m_slots;
    std::chrono::milliseconds m_now{0};
    std::optional<std::chrono::milliseconds> m_since;
    std::optional<std::chrono::milliseconds> m_until;
};

} // namespace weir
