// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/rate_scale.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace weir::gui {

RateScale rateScaleFor(double peakBytesPerSecond)
{
    constexpr int kMaxSteps = 4;
    const double peak = std::max(peakBytesPerSecond * 8, 10'000.0);
    for (double decade = std::pow(10, std::floor(std::log10(peak / kMaxSteps)));; decade *= 10) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double step = factor * decade;
            const double steps = std::ceil(peak / step - 1e-9);
            if (steps <= kMaxSteps)
                return {step, steps * step};
        }
    }
}

QString rateLabel(double bitsPerSecond)
{
    if (bitsPerSecond <= 0)
        return QStringLiteral("0");
    static constexpr const char *kUnits[] = {"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"};
    size_t unit = 0;
    while (bitsPerSecond >= 1000 && unit + 1 < std::size(kUnits)) {
        bitsPerSecond /= 1000;
        ++unit;
    }
    return QStringLiteral("%1 %2").arg(QLocale().toString(bitsPerSecond, 'g', 4), QLatin1String(kUnits[unit]));
}

} // namespace weir::gui
