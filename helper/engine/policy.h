// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/schedule.h"
#include "helper/engine/period.h"
#include "helper/engine/ports.h"

#include <chrono>
#include <optional>
#include <vector>

/// What a person wants of a watch beyond counting: a limit, a quota, a burst guard. Each can be switched off
/// and keeps its values. Plain values, any thread; rates are wire bits per second.
namespace weir {

inline constexpr quint64 kMinRateBits = 64'000;          ///< 64 kbit/s
inline constexpr quint64 kMaxRateBits = 100'000'000'000; ///< 100 Gbit/s
inline constexpr quint64 kMaxQuotaBytes = (quint64(1) << 63) - 1;
inline constexpr std::chrono::seconds kMinBurstWindow{5}; ///< a few samples: one alone is noise
inline constexpr std::chrono::seconds kMaxBurstWindow{24 * 3600};
inline constexpr std::chrono::seconds kMinBurstHold{1};
inline constexpr std::chrono::seconds kMaxBurstHold{7 * 24 * 3600};
inline constexpr size_t kMaxAlertPercents = 10;
inline constexpr int kMaxAlertPercent = 1000;

/// A ceiling on a watch's rate, each direction apart.
struct LimitPolicy {
    bool enabled = true;
    std::optional<quint64> downBitsPerSecond; ///< without it that direction is not limited
    std::optional<quint64> upBitsPerSecond;
    Schedule when; ///< in the machine's zone
    bool operator==(const LimitPolicy &) const = default;
};

/// What happens at a quota's end.
enum class Overflow : quint8 { Notify, Throttle, Block };

/// What a block lets through: so that nobody locks himself out.
struct Exemption {
    bool local = false; ///< packets of scope local
    PortRanges ports;   ///< this machine's side, TCP and UDP
    bool operator==(const Exemption &) const = default;
};

/// An allowance of bytes in a billing period.
struct QuotaPolicy {
    bool enabled = true;
    quint64 sizeBytes = 0; ///< 1-kMaxQuotaBytes, of billed bytes
    int resetDay = 1;      ///< see BillingRule
    std::vector<qint64> begunS;
    BillingMode mode = BillingMode::Sum;
    int factorThousandths = 1000;
    BillingScope scope = BillingScope::All;
    std::vector<int> alertPercents{30, 50, 80, 100}; ///< ascending, 1-kMaxAlertPercent
    Overflow overflow = Overflow::Notify;
    quint64 throttleBitsPerSecond = 0; ///< each direction; with overflow throttle, else 0
    Exemption exempt;                  ///< with overflow block
    std::optional<Calibration> calibration;
    bool operator==(const QuotaPolicy &) const = default;

    BillingRule rule(const CivilZone &zone) const
    {
        return {zone, resetDay, begunS, mode, factorThousandths, scope};
    }
};

/// Which traffic a burst guard averages. With Sum both directions are throttled, else the one.
enum class BurstDirection : quint8 { Sum, Down, Up };

/// Average over `window` above the trigger: throttled for `hold`, then exactly what was before.
struct BurstPolicy {
    bool enabled = true;
    quint64 triggerBitsPerSecond = 0;
    BurstDirection direction = BurstDirection::Sum;
    std::chrono::seconds window{900};
    quint64 throttleBitsPerSecond = 0; ///< of each direction that is throttled; not above the trigger
    std::chrono::seconds hold{1800};
    bool operator==(const BurstPolicy &) const = default;
};

struct Policies {
    std::optional<LimitPolicy> limit;
    std::optional<QuotaPolicy> quota;
    std::optional<BurstPolicy> burst;
    bool operator==(const Policies &) const = default;
};

/// InvalidArgument naming the field and its range: `down_bits_per_s`, `up_bits_per_s` (kMinRateBits …
/// kMaxRateBits; at least one of the two).
Result<void> checkLimit(const LimitPolicy &limit);

/// InvalidArgument naming `size_bytes`, `reset_day`, `factor`, `begun`, `alerts`, `throttle_bits_per_s`,
/// `exempt` or, for a calibration that no figure of a provider can lead to, `used_bytes`.
Result<void> checkQuota(const QuotaPolicy &quota);

/// InvalidArgument naming `trigger_bits_per_s`, `window_s`, `throttle_bits_per_s` or `hold_s`.
Result<void> checkBurst(const BurstPolicy &burst);

/// "notify", "throttle" or "block"; InvalidArgument naming `overflow`.
Result<Overflow> parseOverflow(QStringView text);
QString toString(Overflow overflow);

/// "sum", "down" or "up"; InvalidArgument naming `direction`.
Result<BurstDirection> parseBurstDirection(QStringView text);
QString toString(BurstDirection direction);

/// "local,22,8000-8010"; InvalidArgument naming `exempt`. Empty text: nothing is exempt.
Result<Exemption> parseExemption(QStringView text);
QString exemptionText(const Exemption &exempt);

/// "30,50,80,100": sorted, each once; InvalidArgument naming `alerts`. Empty text: none.
Result<std::vector<int>> parseAlertPercents(QStringView text);
QString alertPercentsText(const std::vector<int> &percents);

} // namespace weir
