// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/port_text.h"

#include <QStringList>

namespace weir {

QString portText(const PortRanges &ranges)
{
    QString text;
    for (const PortRange &range : ranges) {
        if (!text.isEmpty())
            text += QLatin1Char(',');
        text += QString::number(range.first);
        if (range.last != range.first)
            text += QLatin1Char('-') + QString::number(range.last);
    }
    return text;
}

std::optional<PortRanges> parsePortText(const QString &text)
{
    PortRanges ranges;
    if (text.isEmpty())
        return ranges;
    const auto parts = QStringView(text).split(QLatin1Char(','));
    for (const QStringView part : parts) {
        const auto ends = part.split(QLatin1Char('-'));
        bool firstValid = false;
        bool lastValid = false;
        const PortRange range{ends.first().toUShort(&firstValid), ends.last().toUShort(&lastValid)};
        if (ends.size() > 2 || !firstValid || !lastValid || range.first < 1 || range.first > range.last)
            return {};
        ranges.push_back(range);
    }
    return normalized(std::move(ranges));
}

} // namespace weir
