// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/history_views.h"

#include "app/cli/views.h"
#include "app/client/civil_text.h"
#include "app/client/format.h"

#include <algorithm>
#include <array>

namespace weir::cli {

using client::formatBytes;

namespace {

using Align = client::Table::Align;

constexpr int kBarWidth = 20;

qulonglong bytesOf(const dbus::Traffic &traffic)
{
    return traffic.rxBytes + traffic.txBytes;
}

void add(dbus::Traffic &sum, const dbus::Traffic &traffic)
{
    sum.rxBytes += traffic.rxBytes;
    sum.txBytes += traffic.txBytes;
    sum.rxPackets += traffic.rxPackets;
    sum.txPackets += traffic.txPackets;
}

QString percent(qulonglong part, qulonglong whole)
{
    if (whole == 0)
        return QStringLiteral("—");
    return QStringLiteral("%1 %").arg(qRound(double(part) / double(whole) * 100));
}

/// As long as its share of the largest, in eighths of a character.
QString bar(qulonglong bytes, qulonglong largest)
{
    static constexpr std::array<char16_t, 8> kParts{u' ', u'▏', u'▎', u'▍', u'▌', u'▋', u'▊', u'▉'};
    if (largest == 0)
        return {};
    const int eighths = int(std::max(double(bytes) / double(largest) * kBarWidth * 8, bytes > 0 ? 1.0 : 0.0));
    QString text(eighths / 8, QChar(u'█'));
    if (eighths % 8 > 0)
        text += QChar(kParts.at(size_t(eighths % 8)));
    return text;
}

QString timeOrNever(qint64 instant)
{
    return instant == 0 ? QStringLiteral("—") : formatTime(instant);
}

QStringList spellings(const dbus::SeriesRows &rows)
{
    QStringList names;
    for (const dbus::SeriesRow &row : rows)
        names << row.series;
    return names;
}

/// Whether clocks change among the steps, so that times alone would not tell two hours apart.
bool clocksChange(const dbus::HistoryRows &points, const CivilZone &zone)
{
    return std::any_of(points.begin(), points.end(), [&](const dbus::HistoryRow &point) {
        return zone.offsetAt(point.start) != zone.offsetAt(points.first().start);
    });
}

} // namespace

std::expected<dbus::SeriesRow, QString> chooseSeries(const dbus::SeriesRows &all, const QString &name,
                                                     const QString &kind)
{
    dbus::SeriesRows named;
    for (const dbus::SeriesRow &row : all) {
        if (!kind.isEmpty() && row.kind != kind)
            continue;
        if (row.series == name)
            return row;
        if (row.name == name)
            named.append(row);
    }
    if (std::any_of(named.begin(), named.end(), [](const auto &row) { return row.removed == 0; }))
        named.removeIf([](const dbus::SeriesRow &row) { return row.removed != 0; });
    if (named.isEmpty())
        return std::unexpected(QStringLiteral("there is no history of %1'%2'")
                                   .arg(kind.isEmpty() ? QString() : kind + QLatin1Char(' '), name.left(80)));
    if (named.size() > 1)
        return std::unexpected(QStringLiteral("'%1' is several: say which of %2")
                                   .arg(name.left(80), spellings(named).join(QStringLiteral(", "))));
    return named.first();
}

QString describe(const dbus::SeriesRow &series)
{
    QString text = series.kind + QLatin1Char(' ') + series.name;
    if (series.removed != 0)
        text += QStringLiteral(", removed ") + formatTime(series.removed);
    return text;
}

client::Table seriesTable(const dbus::SeriesRows &all)
{
    client::Table table({{QStringLiteral("SERIES")},
                         {QStringLiteral("NAME")},
                         {QStringLiteral("SINCE")},
                         {QStringLiteral("FIRST")},
                         {QStringLiteral("LAST")},
                         {QStringLiteral("TOTAL DOWN"), Align::Right},
                         {QStringLiteral("TOTAL UP"), Align::Right},
                         {QStringLiteral("INTERNET"), Align::Right},
                         {QStringLiteral("REMOVED")}});
    for (const dbus::SeriesRow &row : all)
        table.add({row.series, row.name, timeOrNever(row.since), timeOrNever(row.first),
                   timeOrNever(row.last), formatBytes(row.total.rxBytes), formatBytes(row.total.txBytes),
                   percent(bytesOf(row.internet), bytesOf(row.total)),
                   row.removed == 0 ? QString() : formatTime(row.removed)});
    return table;
}

HistorySum sumOf(const dbus::HistoryRows &points)
{
    HistorySum sum;
    for (const dbus::HistoryRow &point : points) {
        add(sum.total, point.total);
        add(sum.internet, point.internet);
    }
    return sum;
}

QStringList historyPage(const dbus::HistoryRows &points, const TypedSpan &typed)
{
    client::Table table({{QStringLiteral("START")},
                         {QStringLiteral("DOWN"), Align::Right},
                         {QStringLiteral("UP"), Align::Right},
                         {QStringLiteral("TOTAL"), Align::Right},
                         {QStringLiteral("INTERNET"), Align::Right},
                         {QString()}});
    const bool withOffset = typed.span.step <= client::Step::Hour && clocksChange(points, typed.zone);
    qulonglong largest = 0;
    bool away = false;
    for (const dbus::HistoryRow &point : points)
        largest = std::max(largest, bytesOf(point.total));
    for (const dbus::HistoryRow &point : points) {
        QString start = client::stepText(point.start, typed.span.step, typed.zone);
        if (withOffset)
            start += client::offsetText(point.start, typed.zone);
        if (point.away)
            start += QStringLiteral(" *");
        away = away || point.away;
        table.add({start, formatBytes(point.total.rxBytes), formatBytes(point.total.txBytes),
                   formatBytes(bytesOf(point.total)), percent(bytesOf(point.internet), bytesOf(point.total)),
                   bar(bytesOf(point.total), largest)});
    }
    const HistorySum sum = sumOf(points);
    table.add({QStringLiteral("SUM"), formatBytes(sum.total.rxBytes), formatBytes(sum.total.txBytes),
               formatBytes(bytesOf(sum.total)), percent(bytesOf(sum.internet), bytesOf(sum.total)),
               QString()});
    QStringList page = table.lines();
    if (away)
        page << QStringLiteral("* In a part of it Weir did not count by the second: what passed then stands "
                               "in the step in which counting went on. Of what passed while it was stopped "
                               "watches have nothing, and links have it as the rest.");
    return page;
}

client::Table remoteTable(const dbus::RemoteRows &remotes)
{
    client::Table table({{QStringLiteral("REMOTE")},
                         {QStringLiteral("DOWN"), Align::Right},
                         {QStringLiteral("UP"), Align::Right},
                         {QStringLiteral("TOTAL"), Align::Right},
                         {QStringLiteral("SHARE"), Align::Right},
                         {QString()}});
    qulonglong all = 0;
    for (const dbus::RemoteRow &row : remotes)
        all += row.rxBytes + row.txBytes;
    for (const dbus::RemoteRow &row : remotes) {
        const qulonglong bytes = row.rxBytes + row.txBytes;
        table.add({row.address.isEmpty() ? QStringLiteral("all others") : row.address,
                   formatBytes(row.rxBytes), formatBytes(row.txBytes), formatBytes(bytes),
                   percent(bytes, all), bar(bytes, all)});
    }
    return table;
}

client::Table rankingTable(const dbus::RankingRows &ranking)
{
    client::Table table({{QStringLiteral("NAME")},
                         {QStringLiteral("DOWN"), Align::Right},
                         {QStringLiteral("UP"), Align::Right},
                         {QStringLiteral("TOTAL"), Align::Right},
                         {QStringLiteral("INTERNET"), Align::Right},
                         {QString()}});
    qulonglong largest = 0;
    for (const dbus::RankingRow &row : ranking)
        largest = std::max(largest, bytesOf(row.total));
    for (const dbus::RankingRow &row : ranking)
        table.add({row.series.contains(QLatin1Char('#')) ? row.name + QStringLiteral(" (removed)") : row.name,
                   formatBytes(row.total.rxBytes), formatBytes(row.total.txBytes),
                   formatBytes(bytesOf(row.total)), percent(bytesOf(row.internet), bytesOf(row.total)),
                   bar(bytesOf(row.total), largest)});
    return table;
}

} // namespace weir::cli
