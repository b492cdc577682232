// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/history.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QTimeZone>

#include <optional>

namespace weir::gui {

using client::Step;

/// The pure arithmetic of the History page's ranges: calendar days, months and years of a zone, with their
/// days of 23 and 25 hours, as UTC seconds.
struct HistoryRange {
    Q_DECLARE_TR_FUNCTIONS(weir::gui::HistoryRange)
public:
    enum class Kind { Hours24, Day, Days7, Days30, Month, Year, Months12, All, Custom };

    Kind kind = Kind::Day;
    int back = 0;          ///< how many of it before the present one: a day with 1 is yesterday
    qint64 customFrom = 0; ///< UTC seconds; of Custom alone
    qint64 customTo = 0;

    bool operator==(const HistoryRange &) const = default;

    /// "24h", "day", …: as kept in the settings.
    QString name() const;
    static std::optional<Kind> kindFromName(const QString &name);
};

/// UTC seconds, `to` not included.
struct Interval {
    qint64 from = 0;
    qint64 to = 0;
    bool operator==(const Interval &) const = default;
};

/// What a range means at `now` in `zone`. Days, months and years are whole ones and may reach beyond `now`;
/// 24 hours end at the next quarter of an hour. `first`: when the oldest history began, for All; 0 when there
/// is none.
Interval resolve(const HistoryRange &range, qint64 now, const QTimeZone &zone, qint64 first);

/// The range before (`by` -1) or after it (1); a custom one moves by its own length, in whole days of `zone`
/// where it consists of such. Nothing for All, and nothing that begins after `now`.
std::optional<HistoryRange> moved(const HistoryRange &range, int by, qint64 now, const QTimeZone &zone);

/// The step that shows a range best: 24 hours by quarters, days and weeks by hours, months by days, years by
/// months.
Step ownStep(HistoryRange::Kind kind, const Interval &interval, qint64 now);

/// Why a step cannot be used for an interval, for a person; empty when it can. Minutes are kept for two days,
/// quarters and hours for 400 days, an answer holds 5,000 steps, and fewer than two of them show nothing.
QString whyNot(Step step, const Interval &interval, qint64 now);

/// The finest step from `wanted` on, coarser ones first, that is possible.
Step nearestPossible(Step wanted, const Interval &interval, qint64 now);

/// About how long a step is; months have 30 days here.
qint64 secondsOf(Step step);

/// "Mon 23 Nov 2026", "23 Nov – 29 Nov 2026", "November 2026", "2026", "23 Nov 2026 14:15 – 24 Nov 2026
/// 14:15".
QString describe(const Interval &interval, const QTimeZone &zone);

/// The zone that the history is asked in and shown in.
QTimeZone displayZone();

} // namespace weir::gui
