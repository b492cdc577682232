// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/format.h"

#include <QLocale>

#include <array>
#include <cmath>

namespace weir::client {

namespace {

/// `value` with a unit of its size and three significant digits; a whole number below 1000.
QString scaled(double value, const QString &unit)
{
    static constexpr std::array kPrefixes{"", "k", "M", "G", "T", "P", "E"};
    size_t prefix = 0;
    const auto decimalsOf = [](double shown) { return shown < 9.995 ? 2 : shown < 99.95 ? 1 : 0; };
    // 999.6 kB would round to "1000 kB".
    while (value >= (prefix == 0 ? 1000 : 999.5) && prefix + 1 < kPrefixes.size()) {
        value /= 1000;
        ++prefix;
    }
    const int decimals = prefix == 0 ? 0 : decimalsOf(value);
    return QLocale().toString(value, 'f', decimals) + QLatin1Char(' ') + QLatin1String(kPrefixes.at(prefix))
        + unit;
}

} // namespace

QString formatBytes(quint64 bytes)
{
    return scaled(double(bytes), QStringLiteral("B"));
}

QString formatBytesExact(quint64 bytes)
{
    return QLocale().toString(qulonglong(bytes)) + QStringLiteral(" B");
}

QString formatRate(double bytesPerSecond)
{
    return scaled(std::round(bytesPerSecond * 8), QStringLiteral("bit/s"));
}

QString formatRate(bool known, double bytesPerSecond)
{
    return known ? formatRate(bytesPerSecond) : QStringLiteral("—");
}

QString formatDuration(qint64 seconds)
{
    const auto two = [](qint64 first, const char *firstUnit, qint64 second, const char *secondUnit,
                        int width) {
        return QStringLiteral("%1 %2 %3 %4")
            .arg(first)
            .arg(QLatin1String(firstUnit))
            .arg(second, width, 10, QLatin1Char('0'))
            .arg(QLatin1String(secondUnit));
    };
    seconds = std::max<qint64>(seconds, 0);
    const qint64 minutes = seconds / 60;
    const qint64 hours = minutes / 60;
    if (seconds < 60)
        return QStringLiteral("%1 s").arg(seconds);
    if (minutes < 60)
        return QStringLiteral("%1 min").arg(minutes);
    if (hours < 24)
        return two(hours, "h", minutes % 60, "min", 2);
    return two(hours / 24, "d", hours % 24, "h", 1);
}

} // namespace weir::client
