// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/history_range.h"
#include "dbus/types.h"

#include <QList>

namespace weir::gui {

/// Which traffic is meant.
enum class Scope { All, Internet, Local };

/// What bars are divided into.
enum class Division { Direction, Scope };

/// Volume as bars or rate as lines.
enum class View { Volume, Rate };

/// The scope's part of a row.
const dbus::Traffic &trafficOf(const dbus::HistoryRow &row, Scope scope);

/// Down and up together.
quint64 bytesOf(const dbus::Traffic &traffic);

/// Rows in a row, added up: what a chart shows where one bar stands for several steps, and what a selection
/// holds.
struct HistorySum {
    qint64 start = 0; ///< of the first, UTC seconds
    qint64 end = 0;   ///< of the last; of an unfinished one the moment `now`
    int steps = 0;
    dbus::Traffic total;
    dbus::Traffic internet;
    dbus::Traffic local;
    dbus::Traffic rest;
    bool away = false; ///< in a part of one of them no helper counted by the second

    /// 0 when no time passed.
    double bytesPerSecond(quint64 bytes) const
    {
        return end > start ? double(bytes) / double(end - start) : 0;
    }
    const dbus::Traffic &of(Scope scope) const;
};

/// Sum of `count` rows from `first` on. `now` in UTC seconds: a row that is not over counts up to then.
HistorySum sumOf(const dbus::HistoryRows &rows, qsizetype first, qsizetype count, qint64 now);

/// Bytes of the stacked parts of a sum, lowest first: down and up, or internet, local and rest (of All
/// alone).
QList<quint64> partsOf(const HistorySum &sum, Scope scope, Division division);

/// How many steps one bar stands for, so that no more than `most` bars are drawn.
int stepsPerColumn(qsizetype rows, int most);

/// A label of the time axis: at the beginning of row `row`.
struct TimeTick {
    qsizetype row = 0;
    QString text;
    bool operator==(const TimeTick &) const = default;
};

/// Labels at whole hours, days, months or years of `zone`, at most `most` of them, evenly spread.
QList<TimeTick> timeTicks(const QList<qint64> &starts, Step step, const QTimeZone &zone, int most);

/// "23 Nov 2026 14:00 – 15:00", "23 Nov 2026", "November 2026": a step or several, as a person calls it.
QString spanText(qint64 start, qint64 end, const QTimeZone &zone);

} // namespace weir::gui
