// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/records.h"

#include <QSqlQuery>
#include <QStringList>

#include <expected>

/// Policies and guard states as rows of their tables: one order of columns for writing and reading, the watch
/// first. What is read is checked as what a caller says is: error text when no helper writes such a row.
namespace weir::rows {

QStringList limitColumns();
void bind(QSqlQuery &query, qint64 watch, const LimitPolicy &limit);
std::expected<LimitPolicy, QString> limitFrom(const QSqlQuery &query);

QStringList quotaColumns();
void bind(QSqlQuery &query, qint64 watch, const QuotaPolicy &quota);
std::expected<QuotaPolicy, QString> quotaFrom(const QSqlQuery &query);

QStringList burstColumns();
void bind(QSqlQuery &query, qint64 watch, const BurstPolicy &burst);
std::expected<BurstPolicy, QString> burstFrom(const QSqlQuery &query);

QStringList guardColumns();
void bind(QSqlQuery &query, qint64 watch, const GuardState &guard);
std::expected<GuardState, QString> guardFrom(const QSqlQuery &query);

} // namespace weir::rows
