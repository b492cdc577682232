// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/rate_scale.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace weir::gui {

namespace {

RateScale scaleFor(double peak, double least)
{
    constexpr int kMaxSteps = 4;
    peak = std::max(peak, least);
    for (double decade = std::pow(10, std::floor(std::log10(peak / kMaxSteps)));; decade *= 10) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double step = factor * decade;
            const double steps = std::ceil(peak / step - 1e-9);
            if (steps <= kMaxSteps)
                return {step, steps * step};
        }
    }
}

QString label(double value, const QString &unit)
{
    if (value <= 0)
        return QStringLiteral("0");
    static constexpr const char *kPrefixes[] = {"", "k", "M", "G", "T", "P"};
    size_t prefix = 0;
    while (value >= 1000 && prefix + 1 < std::size(kPrefixes)) {
        value /= 1000;
        ++prefix;
    }
    return QStringLiteral("%1 %2%3").arg(QLocale().toString(value, 'g', 4), QLatin1String(kPrefixes[prefix]),
                                         unit);
}

} // namespace

RateScale rateScaleFor(double peakBytesPerSecond)
{
    return scaleFor(peakBytesPerSecond * 8, 10'000);
}

QString rateLabel(double bitsPerSecond)
{
    return label(bitsPerSecond, QStringLiteral("bit/s"));
}

RateScale byteScaleFor(double peakBytes)
{
    return scaleFor(peakBytes, 1'000);
}

QString byteLabel(double bytes)
{
    return label(bytes, QStringLiteral("B"));
}

} // namespace weir::gui
