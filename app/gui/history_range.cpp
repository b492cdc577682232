// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_range.h"

#include "dbus/names.h"

#include <QLocale>

#include <algorithm>
#include <array>

namespace weir::gui {

namespace {

using Kind = HistoryRange::Kind;

constexpr qint64 kQuarter = 900;
constexpr qint64 kHour = 3600;
constexpr qint64 kDay = 24 * kHour;
constexpr qint64 kMinutesKept = 2 * kDay;
constexpr qint64 kQuartersKept = 400 * kDay;
constexpr qint64 kLeast = 946'684'800;  ///< 2000-01-01, as the helper's bounds
constexpr qint64 kMost = 4'102'444'800; ///< 2100-01-01

constexpr std::array kNames{
    std::pair{Kind::Hours24, QLatin1String("24h")},   std::pair{Kind::Day, QLatin1String("day")},
    std::pair{Kind::Days7, QLatin1String("7d")},      std::pair{Kind::Days30, QLatin1String("30d")},
    std::pair{Kind::Month, QLatin1String("month")},   std::pair{Kind::Year, QLatin1String("year")},
    std::pair{Kind::Months12, QLatin1String("12m")},  std::pair{Kind::All, QLatin1String("all")},
    std::pair{Kind::Custom, QLatin1String("custom")},
};

QDate dateOf(qint64 seconds, const QTimeZone &zone)
{
    return QDateTime::fromSecsSinceEpoch(seconds, zone).date();
}

/// The first second of a day; not midnight where the clock jumps over it.
qint64 startOf(QDate day, const QTimeZone &zone)
{
    return day.startOfDay(zone).toSecsSinceEpoch();
}

Interval days(QDate first, QDate beyond, const QTimeZone &zone)
{
    return {startOf(first, zone), startOf(beyond, zone)};
}

bool isStartOfDay(qint64 seconds, const QTimeZone &zone)
{
    return startOf(dateOf(seconds, zone), zone) == seconds;
}

bool startsAfter(const HistoryRange &range, qint64 now, const QTimeZone &zone)
{
    return resolve(range, now, zone, 0).from > now;
}

} // namespace

QString HistoryRange::name() const
{
    return kNames.at(size_t(kind)).second;
}

std::optional<Kind> HistoryRange::kindFromName(const QString &name)
{
    for (const auto &[kind, known] : kNames)
        if (name == known)
            return kind;
    return std::nullopt;
}

Interval resolve(const HistoryRange &range, qint64 now, const QTimeZone &zone, qint64 first)
{
    const QDate today = dateOf(now, zone);
    const QDate month(today.year(), today.month(), 1);
    switch (range.kind) {
    case Kind::Hours24: {
        const qint64 to = (now / kQuarter + 1) * kQuarter - range.back * kDay;
        return {to - kDay, to};
    }
    case Kind::Day:
        return days(today.addDays(-range.back), today.addDays(1 - range.back), zone);
    case Kind::Days7:
        return days(today.addDays(-6 - 7 * range.back), today.addDays(1 - 7 * range.back), zone);
    case Kind::Days30:
        return days(today.addDays(-29 - 30 * range.back), today.addDays(1 - 30 * range.back), zone);
    case Kind::Month:
        return days(month.addMonths(-range.back), month.addMonths(1 - range.back), zone);
    case Kind::Year:
        return days(QDate(today.year() - range.back, 1, 1), QDate(today.year() + 1 - range.back, 1, 1), zone);
    case Kind::Months12:
        return days(month.addMonths(-11 - 12 * range.back), month.addMonths(1 - 12 * range.back), zone);
    case Kind::All:
        return days(first > 0 ? std::min(dateOf(first, zone), today) : today, today.addDays(1), zone);
    case Kind::Custom:
        return {range.customFrom, range.customTo};
    }
    Q_UNREACHABLE();
}

std::optional<HistoryRange> moved(const HistoryRange &range, int by, qint64 now, const QTimeZone &zone)
{
    if (range.kind == Kind::All)
        return std::nullopt;
    HistoryRange other = range;
    if (range.kind != Kind::Custom) {
        other.back -= by;
        if (other.back < 0 || resolve(other, now, zone, 0).from < kLeast)
            return std::nullopt;
        return other;
    }
    if (isStartOfDay(range.customFrom, zone) && isStartOfDay(range.customTo, zone)) {
        const QDate first = dateOf(range.customFrom, zone);
        const QDate beyond = dateOf(range.customTo, zone);
        const qint64 length = first.daysTo(beyond) * by;
        other.customFrom = startOf(first.addDays(length), zone);
        other.customTo = startOf(beyond.addDays(length), zone);
    } else {
        const qint64 length = (range.customTo - range.customFrom) * by;
        other.customFrom += length;
        other.customTo += length;
    }
    if (startsAfter(other, now, zone) || other.customFrom < kLeast || other.customTo > kMost)
        return std::nullopt;
    return other;
}

Step ownStep(Kind kind, const Interval &interval, qint64 now)
{
    Step step = Step::Hour;
    switch (kind) {
    case Kind::Hours24:
        step = Step::Quarter;
        break;
    case Kind::Day:
    case Kind::Days7:
        step = Step::Hour;
        break;
    case Kind::Days30:
    case Kind::Month:
        step = Step::Day;
        break;
    case Kind::Year:
    case Kind::Months12:
        step = Step::Month;
        break;
    case Kind::All:
    case Kind::Custom: {
        const qint64 length = interval.to - interval.from;
        step = length <= 3 * kHour ? Step::Minute
            : length <= kDay       ? Step::Quarter
            : length <= 8 * kDay   ? Step::Hour
            : length <= 93 * kDay  ? Step::Day
                                   : Step::Month;
        break;
    }
    }
    return nearestPossible(step, interval, now);
}

qint64 secondsOf(Step step)
{
    switch (step) {
    case Step::Minute:
        return 60;
    case Step::Quarter:
        return kQuarter;
    case Step::Hour:
        return kHour;
    case Step::Day:
        return kDay;
    case Step::Month:
        return 30 * kDay;
    }
    Q_UNREACHABLE();
}

QString whyNot(Step step, const Interval &interval, qint64 now)
{
    const qint64 length = interval.to - interval.from;
    if (step == Step::Minute && interval.from < now - kMinutesKept)
        return HistoryRange::tr("Minutes are kept for two days; this range begins earlier.");
    if ((step == Step::Quarter || step == Step::Hour) && interval.from < now - kQuartersKept)
        return HistoryRange::tr("Hours and quarter hours are kept for 400 days; this range begins earlier.");
    if (length / secondsOf(step) > dbus::kMaxHistoryPoints)
        return HistoryRange::tr("These would be more than %L1 steps; choose a shorter range.")
            .arg(dbus::kMaxHistoryPoints);
    // days of 23 hours and months of 28 days are whole ones too; of old days nothing finer is kept
    const bool finest = step == Step::Day && interval.from < now - kQuartersKept;
    if (length < secondsOf(step) * 3 / 2 && !finest)
        return HistoryRange::tr("The whole range would be a single step.");
    return {};
}

Step nearestPossible(Step wanted, const Interval &interval, qint64 now)
{
    for (int step = int(wanted); step <= int(Step::Month); ++step)
        if (whyNot(Step(step), interval, now).isEmpty())
            return Step(step);
    for (int step = int(wanted) - 1; step >= int(Step::Minute); --step)
        if (whyNot(Step(step), interval, now).isEmpty())
            return Step(step);
    return wanted;
}

QString describe(const Interval &interval, const QTimeZone &zone)
{
    const QLocale locale;
    const QString dayFormat = HistoryRange::tr("d MMM yyyy", "format of a date, see QDateTime::toString()");
    if (!isStartOfDay(interval.from, zone) || !isStartOfDay(interval.to, zone)) {
        const QString format =
            HistoryRange::tr("d MMM yyyy HH:mm", "format of a date with its time, see QDateTime::toString()");
        return QStringLiteral("%1 – %2").arg(
            locale.toString(QDateTime::fromSecsSinceEpoch(interval.from, zone), format),
            locale.toString(QDateTime::fromSecsSinceEpoch(interval.to, zone), format));
    }
    const QDate first = dateOf(interval.from, zone);
    const QDate last = dateOf(interval.to, zone).addDays(-1);
    if (first == last)
        return locale.toString(
            first,
            HistoryRange::tr("ddd d MMM yyyy",
                             "format of a date with its weekday, see QDateTime::toString()"));
    if (first.day() == 1 && last == QDate(first.year(), first.month(), first.daysInMonth()))
        return locale.toString(
            first,
            HistoryRange::tr("MMMM yyyy", "format of a month with its year, see QDateTime::toString()"));
    if (first == QDate(last.year(), 1, 1) && last == QDate(last.year(), 12, 31))
        return locale.toString(first,
                               HistoryRange::tr("yyyy", "format of a year, see QDateTime::toString()"));
    return QStringLiteral("%1 – %2").arg(locale.toString(first, dayFormat), locale.toString(last, dayFormat));
}

QTimeZone displayZone()
{
    return QTimeZone::systemTimeZone();
}

} // namespace weir::gui
