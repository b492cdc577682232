// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace weir::gui {

/// The scale of a rate axis: steps of 1, 2 or 5 times a power of ten bit/s, from 0 to `top`.
struct RateScale {
    double step = 0; ///< bit/s between two lines
    double top = 0;  ///< bit/s, a multiple of step
    bool operator==(const RateScale &) const = default;
};

/// The least scale of at most four steps that holds `peakBytesPerSecond`; at least 10 kbit/s high.
RateScale rateScaleFor(double peakBytesPerSecond);

/// "0", "500 kbit/s", "20 Mbit/s": short, for an axis.
QString rateLabel(double bitsPerSecond);

} // namespace weir::gui
