// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace weir::gui {

/// The scale of an axis: steps of 1, 2 or 5 times a power of ten, from 0 to `top`.
struct RateScale {
    double step = 0; ///< bit/s or bytes between two lines
    double top = 0;  ///< bit/s or bytes, a multiple of step
    bool operator==(const RateScale &) const = default;
};

/// The least scale of at most four steps that holds `peakBytesPerSecond`; at least 10 kbit/s high.
RateScale rateScaleFor(double peakBytesPerSecond);

/// The same for bytes: steps of 1, 2 or 5 times a power of ten bytes; at least 1 kB high.
RateScale byteScaleFor(double peakBytes);

/// "0", "500 kB", "1.5 GB": short, for an axis.
QString byteLabel(double bytes);

/// "0", "500 kbit/s", "20 Mbit/s": short, for an axis.
QString rateLabel(double bitsPerSecond);

} // namespace weir::gui
