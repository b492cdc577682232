// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/quota_account.h"

#include <QString>

namespace weir {

enum class RateReason : quint8 { None, Limit, Quota, Burst };

/// The lowest of all rates that apply to one direction of a watch now.
struct RateInForce {
    std::optional<quint64> bitsPerSecond;
    RateReason reason = RateReason::None;

    /// Another rate applies, too: of equal ones the first stays.
    void lower(const std::optional<quint64> &rate, RateReason why)
    {
        if (rate && (!bitsPerSecond || *rate < *bitsPerSecond))
            *this = {rate, why};
    }
    bool operator==(const RateInForce &) const = default;
};

enum class QuotaStage : quint8 { Off, Counting, Over, Throttled, Blocked };
enum class BurstStage : quint8 { Off, Armed, Throttled };

/// How a watch's limit, quota and burst guard stand now; what was set is in its spec.
struct PolicyStatus {
    RateInForce down;
    RateInForce up;
    QString problem; ///< why a limit is not in force as it was set, English; empty when it is
    QuotaStanding quota;
    QuotaStage quotaStage = QuotaStage::Off;
    Traffic dropped; ///< by the quota in this period; bytes
    BurstStage burstStage = BurstStage::Off;
    double averageBitsPerSecond = 0; ///< that the burst guard looks at
    qint64 throttledSinceS = 0;      ///< UTC seconds; 0 unless throttled
    qint64 throttledUntilS = 0;
};

/// What the shaper or the policer does to one direction of a watch.
struct LimitStatus {
    QString name;
    bool isDown = true;
    RateInForce rate;
    quint64 bytes = 0; ///< sent on since the class was made
    quint64 packets = 0;
    quint64 droppedPackets = 0;
    quint64 backlogBytes = 0;
};

} // namespace weir
