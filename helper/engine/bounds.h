// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>

/// Bounds that the engine enforces. The contract on the bus quotes the same numbers (dbus/names.h).
namespace weir {

inline constexpr size_t kMaxWatches = 65535;
inline constexpr int kMaxNameLength = 64;            ///< characters (code points) of a watch's name
inline constexpr int kMaxNoteLength = 1000;          ///< characters of a note
inline constexpr size_t kMaxPortRanges = 4096;       ///< ranges in one port list
inline constexpr size_t kMaxFlowRows = 5000;         ///< rows of one flow query
inline constexpr int kMaxFilterLength = 1000;        ///< characters of a filter line
inline constexpr size_t kMaxFlowWatches = 16;        ///< names of watches in one row of a flow
inline constexpr int kSampleSeconds = 120;           ///< one-second samples kept per link and watch

inline constexpr int kMaxLocalPrefixes = 256;        ///< prefixes in the setting local_prefixes
inline constexpr unsigned kMinFlushSeconds = 5;
inline constexpr unsigned kMaxFlushSeconds = 900;
inline constexpr unsigned kDefaultFlushSeconds = 30;

/// After a longer gap between two samples the average over it says nothing about now: no rate.
inline constexpr std::chrono::seconds kMaxRateGap{5};

/// How long RestoreWatch can undo RemoveWatch.
inline constexpr std::chrono::minutes kRestoreTime{10};

/// What is not TCP counts as active this long after its last packet.
inline constexpr std::chrono::seconds kFlowIdle{60};

} // namespace weir
