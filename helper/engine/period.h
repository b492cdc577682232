// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/civil_time.h"
#include "helper/engine/traffic.h"

#include <optional>
#include <vector>

/// What a provider bills: from when to when, and what of the traffic counts.
///
/// Everything is a function of the rule and an instant. Nothing happens when a period ends, so a machine that
/// was off then misses nothing, and a rule that is changed re-derives every period, past ones too. Pure, any
/// thread; instants are UTC seconds.
namespace weir {

/// Reset day: the period begins on the last day of each month. No number that a person could mean: 0 and 32
/// are refused.
inline constexpr int kLastDayOfMonth = -1;

/// Factors are exact: thousandths, so 1.5 is 1500.
inline constexpr int kMinFactorThousandths = 10;      ///< 0.01
inline constexpr int kMaxFactorThousandths = 100'000; ///< 100

/// The most that a provider can be said to have counted: 10^18 bytes, a million TB.
inline constexpr quint64 kMaxCalibrationBytes = 1'000'000'000'000'000'000;

/// Periods begun by hand that a rule remembers.
inline constexpr size_t kMaxBegunPeriods = 1000;

/// Which direction counts. Max is the larger of a whole period's received and sent bytes.
enum class BillingMode : quint8 { In, Out, Sum, Max };

enum class BillingScope : quint8 { All, Internet };

/// How a quota's periods run and what counts in them.
struct BillingRule {
    CivilZone zone;
    /// 1 to 31, or kLastDayOfMonth. Kept as it was chosen: a month that is shorter begins its period on its
    /// last day, and the next one on the chosen day again.
    int resetDay = 1;
    std::vector<qint64> begunS; ///< instants at which a person began a period early, ascending
    BillingMode mode = BillingMode::Sum;
    int factorThousandths = 1000; ///< what a byte counts
    BillingScope scope = BillingScope::All;
};

/// [startS, endS), never empty.
struct BillingPeriod {
    qint64 startS = 0;
    qint64 endS = 0;
    bool begunByHand = false;
    bool contains(qint64 instantS) const { return startS <= instantS && instantS < endS; }
    bool operator==(const BillingPeriod &) const = default;
};

/// "My provider says 412 GB", said at an instant: what to add to the bytes that were counted.
struct Calibration {
    qint64 atS = 0;
    qint64 correctionBytes = 0; ///< negative when Weir had counted more
    bool operator==(const Calibration &) const = default;
};

/// What a period comes to if it goes on as it began.
struct Projection {
    quint64 dailyAverageBytes = 0; ///< in 24 hours
    quint64 atEndBytes = 0;        ///< of the whole period
    bool operator==(const Projection &) const = default;
};

/// "1" to "31" or "last"; InvalidArgument naming `reset_day`.
Result<int> parseResetDay(QStringView text);
QString resetDayText(int resetDay);

/// "in", "out", "sum" or "max"; InvalidArgument naming `billing`.
Result<BillingMode> parseBillingMode(QStringView text);
QString toString(BillingMode mode);

/// "all" or "internet"; InvalidArgument naming `scope`.
Result<BillingScope> parseBillingScope(QStringView text);
QString toString(BillingScope scope);

/// "0.01" to "100" with at most three decimals, in thousandths; InvalidArgument naming `factor`.
Result<int> parseFactor(QStringView text);
QString factorText(int factorThousandths);

/// InvalidArgument naming the field and its range: `reset_day`, `factor`, `begun` (kFirstInstantS …
/// kLastInstantS, ascending, at most kMaxBegunPeriods).
Result<void> checkRule(const BillingRule &rule);

/// The period that holds an instant. Regular ones begin with the first instant of the reset day in the rule's
/// zone. One that was begun by hand runs from that instant to the next begin, by hand or regular: periods
/// never overlap and leave no gap. The one before is periodAt(rule, period.startS - 1).
BillingPeriod periodAt(const BillingRule &rule, qint64 instantS);

/// Begins a period at `nowS`. InvalidArgument when that lies outside kFirstInstantS … kLastInstantS, Conflict
/// when a period begins then anyway or a later one was begun already, LimitReached after kMaxBegunPeriods.
Result<void> beginPeriod(BillingRule &rule, qint64 nowS);

/// Takes back what beginPeriod() did to the period of `nowS`, which is then as if it had never been cut.
/// NotFound when that period began regularly.
Result<void> undoBeginPeriod(BillingRule &rule, qint64 nowS);

/// value × multiplier / divisor, rounded down, at most the largest number. Multiplier and divisor are below
/// 2^32, divisor is not 0.
quint64 scaled(quint64 value, quint64 multiplier, quint64 divisor);

/// Bytes that the rule bills for what passed in a period, by direction, scope and factor; rounded down, and
/// never past the largest number. `rest` is what is in neither scope (a link's frames that are not IP): it
/// counts in scope all.
quint64 billedBytes(const ScopedTraffic &traffic, const BillingRule &rule, const Traffic &rest = {});

/// What to remember when the provider's figure at `nowS` is `saidBytes` and `billed` bytes were billed since
/// the period began. InvalidArgument naming `used_bytes` when that is more than kMaxCalibrationBytes.
Result<Calibration> calibrate(quint64 saidBytes, quint64 billed, qint64 nowS);

/// Bytes used in a period: what was billed, corrected if the calibration was made in that period. Never below
/// 0.
quint64 usedBytes(quint64 billed, const BillingPeriod &period, const std::optional<Calibration> &calibration);

/// Average and end of a period in which `used` bytes passed until `nowS`, counted since `countedFromS` (the
/// period's start, or later where counting began later). Empty until an hour was counted: less says nothing
/// about a month. After the period the end is `used`.
std::optional<Projection> project(const BillingPeriod &period, qint64 countedFromS, qint64 nowS,
                                  quint64 used);

} // namespace weir
