// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/report_html.h"

#include "app/client/format.h"

#include <algorithm>

namespace weir::client {

namespace {

constexpr qsizetype kMostBars = 240;
// in units of the picture, which is as wide as the page
constexpr double kWidth = 960;
constexpr double kHeight = 220;
constexpr double kLeft = 70; ///< room for the figures of the grid
constexpr double kTop = 12;
constexpr double kBottom = 24; ///< room for the times
constexpr double kPlotWidth = kWidth - kLeft;
constexpr double kPlotHeight = kHeight - kTop - kBottom;
constexpr double kBase = kHeight - kBottom;

struct Bar {
    QString label;
    qulonglong rxBytes = 0;
    qulonglong txBytes = 0;
};

std::vector<Bar> barsOf(const dbus::HistoryRows &steps, const QStringList &labels)
{
    const qsizetype perBar = std::max<qsizetype>((steps.size() + kMostBars - 1) / kMostBars, 1);
    std::vector<Bar> bars;
    for (qsizetype i = 0; i < steps.size(); ++i) {
        if (i % perBar == 0)
            bars.push_back({labels.value(i)});
        else if (i % perBar == perBar - 1 || i == steps.size() - 1)
            bars.back().label += QStringLiteral(" … ") + labels.value(i);
        bars.back().rxBytes += steps.at(i).total.rxBytes;
        bars.back().txBytes += steps.at(i).total.txBytes;
    }
    return bars;
}

/// With a point, whatever the locale.
QString number(double value)
{
    return QString::number(value, 'f', 2);
}

QString rect(const char *kind, double x, double y, double width, double height)
{
    return QStringLiteral("<rect class=\"%1\" x=\"%2\" y=\"%3\" width=\"%4\" height=\"%5\"/>")
        .arg(QLatin1String(kind), number(x), number(y), number(width), number(height));
}

QString text(double x, double y, const char *anchor, const QString &value)
{
    return QStringLiteral("<text x=\"%1\" y=\"%2\" text-anchor=\"%3\">%4</text>")
        .arg(number(x), number(y), QLatin1String(anchor), htmlEscaped(value));
}

/// The largest, half of it and nothing.
QString grid(qulonglong largest)
{
    QString svg;
    for (const qulonglong bytes : {largest, largest / 2, 0ULL}) {
        const double y = kBase - (largest == 0 ? 0 : double(bytes) / double(largest) * kPlotHeight);
        svg += QStringLiteral("<line class=\"grid\" x1=\"%1\" x2=\"%2\" y1=\"%3\" y2=\"%3\"/>")
                   .arg(number(kLeft), number(kWidth), number(y));
        svg += text(kLeft - 6, y + 4, "end", formatBytes(bytes));
        if (largest == 0)
            break;
    }
    return svg;
}

} // namespace

QString historySvg(const dbus::HistoryRows &steps, const QStringList &labels, const QString &title)
{
    const std::vector<Bar> bars = barsOf(steps, labels);
    if (bars.empty())
        return {};
    qulonglong largest = 0;
    for (const Bar &bar : bars)
        largest = std::max(largest, bar.rxBytes + bar.txBytes);
    QString svg =
        QStringLiteral("<svg viewBox=\"0 0 %1 %2\" role=\"img\" aria-label=\"%3\"><title>%3</title>")
            .arg(number(kWidth), number(kHeight), htmlEscaped(title));
    svg += grid(largest);
    const double slot = kPlotWidth / double(bars.size());
    const double width = slot * 0.8;
    for (size_t i = 0; i < bars.size(); ++i) {
        const Bar &bar = bars[i];
        const auto heightOf = [largest](qulonglong bytes) {
            return largest == 0 ? 0.0 : double(bytes) / double(largest) * kPlotHeight;
        };
        const double x = kLeft + slot * double(i) + slot * 0.1;
        const double down = heightOf(bar.rxBytes);
        const double up = heightOf(bar.txBytes);
        svg += QStringLiteral("<g><title>%1</title>")
                   .arg(htmlEscaped(QStringLiteral("%1: %2 down, %3 up")
                                        .arg(bar.label, formatBytes(bar.rxBytes), formatBytes(bar.txBytes))));
        // as high as the plot, so that pointing above a low bar finds its title
        svg += rect("slot", x, kTop, width, kPlotHeight);
        svg += rect("down", x, kBase - down, width, down) + rect("up", x, kBase - down - up, width, up)
            + QStringLiteral("</g>");
    }
    svg += text(kLeft, kHeight - 6, "start", labels.value(0));
    if (steps.size() > 1)
        svg += text(kWidth, kHeight - 6, "end", labels.value(steps.size() - 1));
    return svg + QStringLiteral("</svg>");
}

} // namespace weir::client
