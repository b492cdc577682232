// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLatin1String>

/// Names and bounds of the contract, shared by the helper and its clients.
namespace weir::dbus {

inline constexpr QLatin1String kService("org.weir.Weir1");
inline constexpr QLatin1String kPath("/org/weir/Weir1");
inline constexpr QLatin1String kManagerInterface("org.weir.Weir1.Manager");
inline constexpr QLatin1String kLiveInterface("org.weir.Weir1.Live");
inline constexpr QLatin1String kWatchesInterface("org.weir.Weir1.Watches");
inline constexpr QLatin1String kHistoryInterface("org.weir.Weir1.History");
inline constexpr QLatin1String kLimitsInterface("org.weir.Weir1.Limits");

/// Version of the contract; grows when a member is added.
inline constexpr unsigned kApiVersion = 2;

namespace error {
inline constexpr QLatin1String
    kInvalidArgument("org.weir.Error.InvalidArgument"); ///< names argument and range
inline constexpr QLatin1String kNotFound("org.weir.Error.NotFound");
inline constexpr QLatin1String kConflict("org.weir.Error.Conflict"); ///< stale revision, name in use
inline constexpr QLatin1String kLimitReached("org.weir.Error.LimitReached");
inline constexpr QLatin1String kKernelRefused("org.weir.Error.KernelRefused"); ///< with the kernel's text
inline constexpr QLatin1String kUnsupported("org.weir.Error.Unsupported");
inline constexpr QLatin1String kStorageFailed("org.weir.Error.StorageFailed");
inline constexpr QLatin1String kNotAuthorized("org.weir.Error.NotAuthorized");
} // namespace error

namespace action {
inline constexpr QLatin1String kMonitor("org.weir.monitor");
inline constexpr QLatin1String kMonitorAll("org.weir.monitor-all");
inline constexpr QLatin1String kConfigure("org.weir.configure");
inline constexpr QLatin1String kDeleteHistory("org.weir.delete-history");
} // namespace action

// Bounds; errors quote them.
inline constexpr int kMaxWatches = 65535;
inline constexpr int kMaxNameLength = 64;         ///< characters of a watch's name
inline constexpr int kMaxNoteLength = 1000;       ///< characters of a note
inline constexpr int kMaxServiceNameLength = 128; ///< characters of a service's name
inline constexpr int kMaxPortRanges = 4096;       ///< ranges in one port list
inline constexpr int kMaxFlowRows = 5000;         ///< rows of one flow query
inline constexpr int kMaxFilterLength = 1000;     ///< characters of a filter line
inline constexpr int kMaxFlowWatches = 16;        ///< names of watches in one row of a flow
inline constexpr int kMaxSettingLength = 4096;    ///< characters of a setting that is a text
inline constexpr int kMinFlushIntervalS = 5;      ///< of the setting flush_interval_s
inline constexpr int kMaxFlushIntervalS = 900;
inline constexpr int kMinKeepMinutesDays = 1; ///< of the settings keep_minutes_days and so on
inline constexpr int kMaxKeepMinutesDays = 31;
inline constexpr int kMinKeepQuartersDays = 35;
inline constexpr int kMaxKeepQuartersDays = 3660;
inline constexpr int kMinKeepRemotesDays = 1;
inline constexpr int kMaxKeepRemotesDays = 400;
inline constexpr int kMinIntervalMs = 200; ///< of a subscription
inline constexpr int kMaxIntervalMs = 60000;
inline constexpr int kMaxSubscriptionsPerClient = 16; ///< a client is a connection to the bus
inline constexpr int kMaxSubscriptionsPerUser = 32;   ///< of all connections of one user
inline constexpr int kMaxWatchSubscriptionsPerUser =
    8; ///< among them of the topic watches: each may hold 65,535 rows
inline constexpr int kMaxFlowRowsPerUser = 20000; ///< sum of the limits of a user's subscriptions to flows
inline constexpr int kMaxPendingCallsPerClient = 64;
inline constexpr int kMaxPendingCallsPerUser = 128;
inline constexpr int kMaxBatchBytes = 16 * 1024 * 1024; ///< of the watches in one call of AddWatches
inline constexpr int kMaxHistoryPoints = 5000;          ///< steps of one series in one answer
inline constexpr int kMaxSumSeries = 1000;              ///< series of one GetSums or Export
inline constexpr int kMaxRankingRows = 1000;
inline constexpr int kSampleSeconds = 120; ///< one-second samples kept per link and watch
inline constexpr qulonglong kMinRateBitsPerSecond =
    64'000; ///< of a limit, a throttle or a trigger, wire bits
inline constexpr qulonglong kMaxRateBitsPerSecond = 100'000'000'000;
inline constexpr qulonglong kMinQuotaBytes = 1; ///< of a billing period
inline constexpr qulonglong kMaxQuotaBytes = 9'223'372'036'854'775'807;
inline constexpr qulonglong kMaxCalibrationBytes = 1'000'000'000'000'000'000; ///< that a provider may say
inline constexpr int kMaxAlertPercents = 10;                                  ///< alerts of one quota
inline constexpr int kMaxAlertPercent = 1000;                                 ///< and each of them, from 1
inline constexpr uint kMinBurstWindowS = 5;
inline constexpr uint kMaxBurstWindowS = 86400;
inline constexpr uint kMinBurstHoldS = 1;
inline constexpr uint kMaxBurstHoldS = 604800;
inline constexpr int kMaxPolicyTextLength =
    1000; ///< characters of when, exempt and the other texts of policies
inline constexpr int kMaxGovernedWatches = 1000; ///< that have a limit, a quota or a burst guard
inline constexpr int kMaxPreviewDays = 31;       ///< that PreviewBurst looks back
inline constexpr int kMaxTriggers = 1000;        ///< in one answer of PreviewBurst

} // namespace weir::dbus
