// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/records.h"

#include <QSqlQuery>
#include <QStringList>

/// Records as rows of the tables watch and link: one order of columns for writing and reading.
namespace weir::rows {

QStringList watchColumns();
void bind(QSqlQuery &query, const WatchRecord &record);

/// The columns that a watch of ports moves as it counts: half of the row, for flushes. The id is bound behind
/// them.
QStringList portCounterColumns();
void bindPortCounters(QSqlQuery &query, const WatchRecord &record);

/// Error text when the row holds what no helper writes.
std::expected<WatchRecord, QString> watchFrom(const QSqlQuery &query);

QStringList linkColumns();
void bind(QSqlQuery &query, const LinkRecord &record);
std::expected<LinkRecord, QString> linkFrom(const QSqlQuery &query);

} // namespace weir::rows
