// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/history.h"
#include "app/client/machine.h"
#include "dbus/civil_time.h"

namespace weir::client {

class Listeners;

/// All traffic of some steps, added up.
struct ReportSum {
    dbus::Traffic total;
    dbus::Traffic internet;
    dbus::Traffic local;
    dbus::Traffic rest;
};
ReportSum sumOfSteps(const dbus::HistoryRows &steps);

/// What passed on a metered link in the period of a report.
struct ReportTraffic {
    QString link;
    dbus::HistoryRows steps;  ///< without holes; none when the link has no history yet
    dbus::RemoteRows remotes; ///< the largest, and last and without address all others

    QString series() const { return QStringLiteral("link:") + link; }
};

/// What is asked for.
struct ReportPeriod {
    HistorySpan span;
    CivilZone zone; ///< that of the span, for its times
};

/// Everything of one moment and one period that a report tells.
struct Report {
    qint64 made = 0; ///< UTC seconds
    ReportPeriod period;
    Machine machine;
    QVariantMap status; ///< as Manager.GetStatus has it
    dbus::ProblemRows problems;
    dbus::LinkRows links;
    dbus::WatchRows watches;
    dbus::RankingRows watchRanking; ///< of the period
    dbus::RankingRows serviceRanking;
    QList<ReportTraffic> traffic; ///< a metered link each
};

/// Rows of the lists of a report that could be longer.
inline constexpr uint kReportRemotes = 20;
inline constexpr uint kReportRanks = 100;

/// Asks the helper for all that it knows; `machine` and the owners of watches stay empty, see addMachine().
/// Calls come one after another, so that a report takes no more of the helper than a look at one page does.
/// The first that fails ends it. Answers on the client's thread, and not when `context` is gone.
void gatherReport(Client &client, const ReportPeriod &period, QObject *context, OnAnswer<Report> done);

/// Adds what the helper does not know: this machine, and who listens on the watched ports. Machine::read()
/// and Listeners::read() block and need no thread in particular.
void addMachine(Report &report, const Machine &machine, const Listeners &listeners);

enum class ReportFormat { Text, Html, Csv, Json };

/// "text", "html", "csv", "json".
std::optional<ReportFormat> reportFormatFromName(const QString &name);
/// By the end of a file's name: ".txt", ".html", ".htm", ".csv", ".json".
std::optional<ReportFormat> reportFormatOfFile(const QString &path);
/// "traffic_report_20260301_180500.html", by the clocks of the report.
QString reportFileName(const Report &report, ReportFormat format);

/// UTF-8.
QByteArray renderReport(const Report &report, ReportFormat format);

} // namespace weir::client
