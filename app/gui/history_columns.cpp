// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_columns.h"

#include <QLocale>

#include <algorithm>

namespace weir::gui {

namespace {

void add(dbus::Traffic &sum, const dbus::Traffic &part)
{
    sum.rxBytes += part.rxBytes;
    sum.txBytes += part.txBytes;
    sum.rxPackets += part.rxPackets;
    sum.txPackets += part.txPackets;
}

/// Where labels may stand, finest first: every `count` hours, days, months or years.
struct Grid {
    enum Unit { Minutes, Days, Months, Years } unit;
    int count;
};

constexpr Grid kGrids[] = {
    {Grid::Minutes, 5},   {Grid::Minutes, 15},  {Grid::Minutes, 30},  {Grid::Minutes, 60},
    {Grid::Minutes, 120}, {Grid::Minutes, 180}, {Grid::Minutes, 360}, {Grid::Minutes, 720},
    {Grid::Days, 1},      {Grid::Days, 2},      {Grid::Days, 5},      {Grid::Days, 10},
    {Grid::Months, 1},    {Grid::Months, 2},    {Grid::Months, 3},    {Grid::Months, 6},
    {Grid::Years, 1},     {Grid::Years, 2},     {Grid::Years, 5},     {Grid::Years, 10},
    {Grid::Years, 25},
};

/// Whether the row that begins at `at`, after one that began at `before`, is the first behind a line of the
/// grid.
bool crosses(const Grid &grid, const QDateTime &before, const QDateTime &at)
{
    const auto cell = [&grid](const QDateTime &time) {
        const QDate date = time.date();
        switch (grid.unit) {
        case Grid::Minutes:
            return date.toJulianDay() * 24 * 60
                + (time.time().hour() * 60 + time.time().minute()) / grid.count * grid.count;
        case Grid::Days: // days of the month, the last of them not too near to the next month
            return qint64(date.year() * 12 + date.month()) * 32
                + std::min((date.day() - 1) / grid.count, grid.count == 1 ? 30 : 30 / grid.count - 1);
        case Grid::Months:
            return qint64((date.year() * 12 + date.month() - 1) / grid.count);
        case Grid::Years:
            return qint64(date.year() / grid.count);
        }
        Q_UNREACHABLE();
    };
    return cell(before) != cell(at);
}

QString tickText(const Grid &grid, const QDateTime &time)
{
    const QLocale locale;
    if (grid.unit == Grid::Minutes && time.time() != QTime(0, 0))
        return locale.toString(time, QStringLiteral("HH:mm"));
    if (grid.unit == Grid::Years)
        return locale.toString(time, HistoryRange::tr("yyyy", "format of a year, see QDateTime::toString()"));
    if (grid.unit == Grid::Months)
        return locale.toString(
            time,
            HistoryRange::tr("MMM yyyy", "format of a short month with its year, see QDateTime::toString()"));
    return locale.toString(
        time, HistoryRange::tr("d MMM", "format of a day and its month, see QDateTime::toString()"));
}

} // namespace

const dbus::Traffic &trafficOf(const dbus::HistoryRow &row, Scope scope)
{
    return scope == Scope::Internet ? row.internet : scope == Scope::Local ? row.local : row.total;
}

const dbus::Traffic &HistorySum::of(Scope scope) const
{
    return scope == Scope::Internet ? internet : scope == Scope::Local ? local : total;
}

quint64 bytesOf(const dbus::Traffic &traffic)
{
    return traffic.rxBytes + traffic.txBytes;
}

HistorySum sumOf(const dbus::HistoryRows &rows, qsizetype first, qsizetype count, qint64 now)
{
    HistorySum sum;
    const qsizetype beyond = std::min(first + count, rows.size());
    for (qsizetype i = std::max<qsizetype>(first, 0); i < beyond; ++i) {
        const dbus::HistoryRow &row = rows.at(i);
        if (sum.steps++ == 0)
            sum.start = row.start;
        sum.end = row.end;
        add(sum.total, row.total);
        add(sum.internet, row.internet);
        add(sum.local, row.local);
        add(sum.rest, row.rest);
        sum.away = sum.away || row.away;
    }
    sum.end = std::max(sum.start, std::min(sum.end, now));
    return sum;
}

QList<quint64> partsOf(const HistorySum &sum, Scope scope, Division division)
{
    const dbus::Traffic &traffic = sum.of(scope);
    if (division == Division::Direction)
        return {traffic.rxBytes, traffic.txBytes};
    if (scope != Scope::All)
        return {scope == Scope::Internet ? bytesOf(traffic) : 0, scope == Scope::Local ? bytesOf(traffic) : 0,
                0};
    return {bytesOf(sum.internet), bytesOf(sum.local), bytesOf(sum.rest)};
}

int stepsPerColumn(qsizetype rows, int most)
{
    most = std::max(most, 1);
    return std::max(1, int((rows + most - 1) / most));
}

QList<TimeTick> timeTicks(const QList<qint64> &starts, Step step, const QTimeZone &zone, int most)
{
    QList<QDateTime> times;
    times.reserve(starts.size());
    for (const qint64 start : starts)
        times.append(QDateTime::fromSecsSinceEpoch(start, zone));
    for (const Grid &grid : kGrids) {
        if ((step == Step::Day && grid.unit == Grid::Minutes)
            || (step == Step::Month && grid.unit < Grid::Months))
            continue;
        QList<TimeTick> ticks;
        for (qsizetype i = 0; i < times.size() && ticks.size() <= most; ++i)
            if (crosses(grid, i > 0 ? times.at(i - 1) : times.at(i).addSecs(-1), times.at(i)))
                ticks.append({i, tickText(grid, times.at(i))});
        if (ticks.size() <= most)
            return ticks;
    }
    return {};
}

QString spanText(qint64 start, qint64 end, const QTimeZone &zone)
{
    const QDateTime from = QDateTime::fromSecsSinceEpoch(start, zone);
    const QDateTime to = QDateTime::fromSecsSinceEpoch(end, zone);
    const bool sameDay = from.date() == to.date() || to == from.date().addDays(1).startOfDay(zone);
    const bool wholeDays = from == from.date().startOfDay(zone) && to == to.date().startOfDay(zone);
    if (wholeDays || !sameDay)
        return describe({start, end}, zone);
    const QString day = QLocale().toString(
        from.date(), HistoryRange::tr("d MMM yyyy", "format of a date, see QDateTime::toString()"));
    const QString until =
        to.date() == from.date() ? to.time().toString(QStringLiteral("HH:mm")) : QStringLiteral("24:00");
    QString text =
        QStringLiteral("%1 %2 – %3").arg(day, from.time().toString(QStringLiteral("HH:mm")), until);
    // two hours of a night have the same name when the clock goes back
    if (from.offsetFromUtc() != to.offsetFromUtc()
        || from.toUTC().addSecs(3600).toTimeZone(zone).time() == from.time()
        || from.toUTC().addSecs(-3600).toTimeZone(zone).time() == from.time())
        text += QStringLiteral(" (%1)").arg(from.timeZoneAbbreviation());
    return text;
}

} // namespace weir::gui
