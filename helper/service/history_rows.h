// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"
#include "helper/engine/history.h"

/// History as rows of the contract.
namespace weir {

dbus::SeriesRow toRow(const SeriesInfo &series);
dbus::HistoryRow toRow(const HistoryPoint &point);
dbus::RankingRow toRow(const SeriesShare &share);
dbus::RemoteRows toRows(const RemoteRanking &ranking);

/// Of one series: its day, month and year, each a span of its own.
dbus::SumRow sumRow(const QString &series, const HistoryTraffic &today, const HistoryTraffic &month,
                    const HistoryTraffic &year);

} // namespace weir
