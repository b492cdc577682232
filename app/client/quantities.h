// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <expected>

/// Rates, sizes and durations as people type them: units freely, and what was understood can be echoed.
///
/// Errors are one English line that says what was not understood and gives an example; ranges are the
/// caller's. Numbers may have a fraction with a point or a comma, white space around them and before the unit
/// is ignored, units are read whatever their case unless that is all that tells bits from bytes.
namespace weir::client {

template <typename T>
using Understood = std::expected<T, QString>;

/// Bits per second: "20mbit", "20 Mbit/s", "20mbps", "20m" and "20M" (bits, as lines are sold), "2.5 MB/s",
/// "64kbit", "1.5 Gbit/s", "300 KiB/s", "20000000 bit/s". A number without a unit is refused: nobody knows
/// what it means.
Understood<quint64> parseRate(QStringView text);

/// As parseRate() reads it back, exact: "20 Mbit/s", "2.5 Mbit/s", "64 kbit/s", "1.234567 Mbit/s".
QString rateText(quint64 bitsPerSecond);

/// Bytes: "100GB" (10^9), "1.5 TB", "500 MiB" (2^20), "100G" and "100g" (10^9), "1024 B".
Understood<quint64> parseSize(QStringView text);

/// As parseSize() reads it back, exact: "100 GB", "1.5 TB", "500 MiB" where that is shorter, "1234567 B".
QString sizeText(quint64 bytes);

/// Seconds: "15min", "90 s", "2h", "1h30min", "1 d", "15 m" (minutes).
Understood<quint64> parseDuration(QStringView text);

/// As parseDuration() reads it back, exact: "15 min", "1 h 30 min", "90 s" as "1 min 30 s".
QString durationText(quint64 seconds);

} // namespace weir::client
