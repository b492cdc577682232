// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/report.h"

#include "app/client/civil_text.h"
#include "app/client/machine_listeners.h"
#include "app/client/report_documents.h"
#include "app/client/report_html.h"
#include "app/client/report_sections.h"

#include <array>

namespace weir::client {

namespace {

struct FormatName {
    ReportFormat format;
    QLatin1String name;
    QLatin1String suffix;
};
constexpr std::array kFormats{
    FormatName{ReportFormat::Text, QLatin1String("text"), QLatin1String("txt")},
    FormatName{ReportFormat::Html, QLatin1String("html"), QLatin1String("html")},
    FormatName{ReportFormat::Csv, QLatin1String("csv"), QLatin1String("csv")},
    FormatName{ReportFormat::Json, QLatin1String("json"), QLatin1String("json")},
};

void add(dbus::Traffic &sum, const dbus::Traffic &traffic)
{
    sum.rxBytes += traffic.rxBytes;
    sum.txBytes += traffic.txBytes;
    sum.rxPackets += traffic.rxPackets;
    sum.txPackets += traffic.txPackets;
}

} // namespace

ReportSum sumOfSteps(const dbus::HistoryRows &steps)
{
    ReportSum sum;
    for (const dbus::HistoryRow &step : steps) {
        add(sum.total, step.total);
        add(sum.internet, step.internet);
        add(sum.local, step.local);
        add(sum.rest, step.rest);
    }
    return sum;
}

void addMachine(Report &report, const Machine &machine, const Listeners &listeners)
{
    report.machine = machine;
    for (dbus::WatchRow &watch : report.watches)
        listeners.describe(watch);
}

std::optional<ReportFormat> reportFormatFromName(const QString &name)
{
    for (const FormatName &known : kFormats)
        if (name == known.name)
            return known.format;
    return std::nullopt;
}

std::optional<ReportFormat> reportFormatOfFile(const QString &path)
{
    if (path.endsWith(QLatin1String(".htm")))
        return ReportFormat::Html;
    for (const FormatName &known : kFormats)
        if (path.endsWith(QLatin1Char('.') + known.suffix))
            return known.format;
    return std::nullopt;
}

QString reportFileName(const Report &report, ReportFormat format)
{
    return QStringLiteral("traffic_report_%1.%2")
        .arg(civilTime(report.made, report.period.zone, QStringLiteral("yyyyMMdd_HHmmss")),
             kFormats.at(size_t(format)).suffix);
}

QByteArray renderReport(const Report &report, ReportFormat format)
{
    switch (format) {
    case ReportFormat::Text:
        return reportText(report);
    case ReportFormat::Html:
        return reportHtml(report);
    case ReportFormat::Csv:
        return reportCsv(report);
    case ReportFormat::Json:
        return reportJson(report);
    }
    Q_UNREACHABLE();
}

} // namespace weir::client
