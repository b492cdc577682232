// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>

/// How people read and type bytes, rates and times. One place for the whole application.
namespace weir::client {

/// "0 B", "999 B", "1.00 kB", "12.3 MB", "412 GB": powers of 1000, three significant digits.
QString formatBytes(quint64 bytes);

/// Every digit, grouped as the locale does: "1,234,567 B".
QString formatBytesExact(quint64 bytes);

/// A line's speed in bits: "0 bit/s", "8.00 kbit/s", "95.3 Mbit/s".
QString formatRate(double bytesPerSecond);

/// "—" when not known, else formatRate().
QString formatRate(bool known, double bytesPerSecond);

/// "3 s", "12 min", "2 h 05 min", "3 d 4 h".
QString formatDuration(qint64 seconds);

} // namespace weir::client
