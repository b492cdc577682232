// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <chrono>
#include <cstddef>

/// Bounds that the engine enforces. The contract on the bus quotes the same numbers (dbus/names.h).
namespace weir {

inline constexpr size_t kMaxWatches = 65535;
inline constexpr int kMaxNameLength = 64;              ///< characters (code points) of a watch's name
inline constexpr int kMaxNoteLength = 1000;            ///< characters of a note
inline constexpr size_t kMaxPortRanges = 4096;         ///< ranges in one port list
inline constexpr size_t kMaxAllPortRanges = 1'000'000; ///< ranges in the port lists of all watches together
inline constexpr size_t kMaxAllNoteCharacters = 8'000'000; ///< characters (code points) of all notes together
inline constexpr size_t kMaxFlowRows = 5000;               ///< rows of one flow query
inline constexpr int kMaxFilterLength = 1000;              ///< characters of a filter line
inline constexpr qsizetype kMaxFilterWords = 16;           ///< words of a filter line
inline constexpr size_t kMaxFlowWatches = 16;              ///< names of watches in one row of a flow
inline constexpr size_t kMaxServices = 1000;      ///< services that are kept by name; others are summed
inline constexpr size_t kMaxServicesOfUser = 200; ///< among them of one user
inline constexpr size_t kMaxTriggers = 1000;      ///< in the preview of a burst guard
inline constexpr std::chrono::days kMaxPreview{31};
inline constexpr int kSampleSeconds = 120; ///< one-second samples kept per link and watch

inline constexpr int kMaxLocalPrefixes = 256; ///< prefixes in the setting local_prefixes
inline constexpr unsigned kMinFlushSeconds = 5;
inline constexpr unsigned kMaxFlushSeconds = 900;
inline constexpr unsigned kDefaultFlushSeconds = 30;

// How long history is kept; days are kept for ever.
inline constexpr unsigned kMinKeepMinutesDays = 1;
inline constexpr unsigned kMaxKeepMinutesDays = 31;
inline constexpr unsigned kMinKeepQuartersDays = 35; ///< a month's chart by the hour stays possible
inline constexpr unsigned kMaxKeepQuartersDays = 3660;
inline constexpr unsigned kMinKeepRemotesDays = 1;
inline constexpr unsigned kMaxKeepRemotesDays = 400;

/// After a longer gap between two samples the average over it says nothing about now: no rate.
inline constexpr std::chrono::seconds kMaxRateGap{5};

/// How long RestoreWatch can undo RemoveWatch.
inline constexpr std::chrono::minutes kRestoreTime{10};

/// What is not TCP counts as active this long after its last packet.
inline constexpr std::chrono::seconds kFlowIdle{60};

} // namespace weir
