// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/history_columns.h"

/// Words of the History page.
namespace weir::gui::text {

/// "link", "watch", "service": the groups of series; "removed" is one of them here.
QString seriesGroup(const QString &kind);

/// The name of a series as a person reads it: "web", "web (removed 3 Nov 2026)".
QString seriesName(const dbus::SeriesRow &row);

/// What the figures of a series include and since when.
QString seriesTip(const dbus::SeriesRow &row);

/// "minute", "quarter of an hour", …
QString stepName(Step step);

/// Every figure of a step or several, a line each, for a tip.
QString historySum(const HistorySum &sum, Scope scope, const QTimeZone &zone);

/// A figure of a period: `what` it is, every digit, and the share of the internet.
QString periodTip(const QString &what, const dbus::Traffic &all, const dbus::Traffic &internet);

/// What the internet share of a sum is: "62 %"; empty when nothing passed.
QString share(quint64 part, quint64 whole);

} // namespace weir::gui::text
