// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/history_rows.h"

#include "helper/service/rows.h"

namespace weir {

namespace {

QString kindName(SeriesKind kind)
{
    switch (kind) {
    case SeriesKind::Link:
        return QStringLiteral("link");
    case SeriesKind::Watch:
        return QStringLiteral("watch");
    case SeriesKind::Service:
        return QStringLiteral("service");
    }
    Q_UNREACHABLE();
}

} // namespace

dbus::SeriesRow toRow(const SeriesInfo &series)
{
    const QString kind = kindName(series.key.kind);
    const QString name = series.removedS == 0 ? series.name : QStringLiteral("#%1").arg(series.key.id);
    dbus::SeriesRow row;
    row.series = kind + QLatin1Char(':') + name;
    row.kind = kind;
    row.name = series.name;
    row.since = series.createdS;
    row.removed = series.removedS;
    row.first = series.firstS;
    row.last = series.lastS;
    row.total = toWire(series.total.total());
    row.internet = toWire(series.total.scoped.internet);
    row.local = toWire(series.total.scoped.local);
    row.rest = toWire(series.total.rest);
    return row;
}

dbus::HistoryRow toRow(const HistoryPoint &point)
{
    dbus::HistoryRow row;
    row.start = point.startS;
    row.end = point.endS;
    row.total = toWire(point.traffic.total());
    row.internet = toWire(point.traffic.scoped.internet);
    row.local = toWire(point.traffic.scoped.local);
    row.rest = toWire(point.traffic.rest);
    row.away = point.away;
    return row;
}

dbus::RankingRow toRow(const SeriesShare &share)
{
    const dbus::SeriesRow series = toRow(share.series);
    return {series.series, series.name, toWire(share.traffic.total()), toWire(share.traffic.scoped.internet)};
}

dbus::RemoteRows toRows(const RemoteRanking &ranking)
{
    dbus::RemoteRows rows;
    for (const RemoteTotal &remote : ranking.remotes)
        rows.append({toString(remote.remote), remote.rxBytes, remote.txBytes});
    rows.append({QString(), ranking.otherRxBytes, ranking.otherTxBytes});
    return rows;
}

dbus::SumRow sumRow(const QString &series, const HistoryTraffic &today, const HistoryTraffic &month,
                    const HistoryTraffic &year)
{
    return {series,
            toWire(today.total()),
            toWire(month.total()),
            toWire(year.total()),
            toWire(today.scoped.internet),
            toWire(month.scoped.internet),
            toWire(year.scoped.internet)};
}

} // namespace weir
