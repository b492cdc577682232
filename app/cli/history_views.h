// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/history_span.h"
#include "app/client/table.h"

/// What passed when, as people read it.
namespace weir::cli {

/// The series that somebody means: as it is spelled in the API ("link:eth0"), or by its name, of one `kind`
/// unless that is empty. Of watches of one name the one that is there goes before those that were removed.
/// The error is English and says what to type instead.
std::expected<dbus::SeriesRow, QString> chooseSeries(const dbus::SeriesRows &all, const QString &name,
                                                     const QString &kind);

/// "link eth0", "watch web", "watch web, removed 2026-03-01 18:05".
QString describe(const dbus::SeriesRow &series);

/// All that has a history.
client::Table seriesTable(const dbus::SeriesRows &all);

/// A step a line with a bar, what the marks mean, and the sum of the lines.
QStringList historyPage(const dbus::HistoryRows &points, const TypedSpan &typed);

client::Table remoteTable(const dbus::RemoteRows &remotes);
client::Table rankingTable(const dbus::RankingRows &ranking);

/// The traffic of all points.
struct HistorySum {
    dbus::Traffic total;
    dbus::Traffic internet;
};
HistorySum sumOf(const dbus::HistoryRows &points);

} // namespace weir::cli
