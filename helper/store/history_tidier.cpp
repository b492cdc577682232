// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/history_tidier.h"

#include <algorithm>

namespace weir {

namespace {

constexpr qint64 kDayS = 86400;
constexpr qint64 kRowsAStep = 2000;
constexpr int kSeriesAStep = 100;

/// Traffic of an hour may be written this long after it: the longest time between two flushes.
constexpr qint64 kLateS = 900;

} // namespace

Result<bool> HistoryTidier::step()
{
    auto more = work();
    if (!more)
        m_task = Task::Begin;
    return more;
}

Result<bool> HistoryTidier::work()
{
    const HistoryState &state = m_tables.state();
    if (state.savedS == 0 || state.marker) {
        m_task = Task::Begin;
        return false;
    }
    const auto next = [this](Task task) {
        m_task = task;
        m_series.clear();
        for (const auto &[key, number] : m_tables.series())
            m_series.push_back(number);
        return true;
    };
    switch (m_task) {
    case Task::Begin:
        if (auto begun = begin(); !begun)
            return std::unexpected(begun.error());
        return next(Task::Minutes);
    case Task::Minutes: {
        const auto done = forEachSeries(&HistoryTidier::deleteMinutes);
        if (!done || !*done)
            return done ? Result<bool>(true) : done;
        m_minutesDoneS = m_tables.floors().minuteS;
        return next(Task::Quarters);
    }
    case Task::Quarters: {
        const auto done = forEachSeries(&HistoryTidier::deleteQuarters);
        if (!done || !*done)
            return done ? Result<bool>(true) : done;
        m_quartersDoneS = m_tables.floors().quarterS;
        m_trimToS = (state.savedS - kLateS) / kHourS * kHourS;
        return next(Task::Trim);
    }
    case Task::Trim: {
        const auto done = forEachSeries(&HistoryTidier::trim);
        if (!done || !*done)
            return done ? Result<bool>(true) : done;
        HistoryTables::Floors floors = m_tables.floors();
        floors.trimmedS = std::max(floors.trimmedS, m_trimToS);
        if (auto set = m_tables.setFloors(floors); !set)
            return std::unexpected(set.error());
        next(Task::RollUp);
        break;
    }
    case Task::RollUp: {
        const auto done = forEachSeries(&HistoryTidier::rollUp);
        if (!done || !*done)
            return done ? Result<bool>(true) : done;
        HistoryTables::Floors floors = m_tables.floors();
        floors.remoteS = std::max(floors.remoteS, m_day.endS);
        if (auto set = m_tables.setFloors(floors); !set)
            return std::unexpected(set.error());
        next(Task::RollUp);
        break;
    }
    }
    auto more = chooseDay();
    if (!more || !*more)
        m_task = Task::Begin;
    return more;
}

/// Moves the floors before anything below them goes: who reads in between sees whole tables.
Result<void> HistoryTidier::begin()
{
    const qint64 nowS = m_tables.state().savedS;
    HistoryTables::Floors floors = m_tables.floors();
    floors.minuteS = std::max(floors.minuteS, (nowS - m_retention.minuteDays * kDayS) / kHourS * kHourS);
    if (const auto cut = m_tables.days().cutUntil(nowS - m_retention.quarterDays * kDayS))
        floors.quarterS = std::max(floors.quarterS, *cut);
    return m_tables.setFloors(floors);
}

Result<bool> HistoryTidier::forEachSeries(Result<bool> (HistoryTidier::*part)(qint64, Allowance &))
{
    Allowance allowance{kRowsAStep, kSeriesAStep};
    while (!m_series.empty()) {
        if (allowance.isSpent())
            return false;
        const auto done = (this->*part)(m_series.back(), allowance);
        if (!done)
            return done;
        if (*done)
            m_series.pop_back();
        --allowance.series;
    }
    return true;
}

/// Runs a statement; gives how many rows it changed.
Result<qint64> HistoryTidier::change(const QString &statement)
{
    auto query = m_connection.prepare(statement);
    if (!query)
        return std::unexpected(query.error());
    if (auto ran = m_connection.run(*query, QStringLiteral("cannot thin out history")); !ran)
        return std::unexpected(ran.error());
    return std::max<qint64>(query->numRowsAffected(), 0);
}

Result<bool> HistoryTidier::deleteMinutes(qint64 series, Allowance &allowance)
{
    const qint64 floorS = m_tables.floors().minuteS;
    return floorS == m_minutesDoneS
        ? true
        : deleteOld(QStringLiteral("minute"), kMinuteS, series, floorS, allowance);
}

Result<bool> HistoryTidier::deleteQuarters(qint64 series, Allowance &allowance)
{
    const qint64 floorS = m_tables.floors().quarterS;
    return floorS == m_quartersDoneS
        ? true
        : deleteOld(QStringLiteral("quarter"), kQuarterS, series, floorS, allowance);
}

Result<bool> HistoryTidier::deleteOld(const QString &table, qint64 rowS, qint64 series, qint64 floorS,
                                      Allowance &allowance)
{
    const auto first =
        m_connection.number(QStringLiteral("SELECT coalesce(min(start_s), %1) FROM %2 WHERE series = %3")
                                .arg(floorS)
                                .arg(table)
                                .arg(series));
    if (!first)
        return std::unexpected(first.error());
    if (*first >= floorS)
        return true;
    const qint64 toS = std::min(floorS, *first + rowS * allowance.rows);
    const auto gone = change(
        QStringLiteral("DELETE FROM %1 WHERE series = %2 AND start_s < %3").arg(table).arg(series).arg(toS));
    if (!gone)
        return std::unexpected(gone.error());
    allowance.rows -= *gone;
    return toS == floorS;
}

/// Hours that are over keep their largest addresses; the others are what is missing from the series' own sum.
Result<bool> HistoryTidier::trim(qint64 series, Allowance &allowance)
{
    const auto hour =
        m_connection.number(QStringLiteral("SELECT coalesce(min(hour), -1) FROM (SELECT hour FROM "
                                           "remote_hour WHERE series = %1 AND hour >= %2 "
                                           "AND hour < %3 GROUP BY hour HAVING count(*) > %4 LIMIT 1)")
                                .arg(series)
                                .arg(m_tables.floors().trimmedS / kHourS)
                                .arg(m_trimToS / kHourS)
                                .arg(kRemotesKept));
    if (!hour)
        return std::unexpected(hour.error());
    if (*hour < 0)
        return true;
    const auto gone =
        change(QStringLiteral("DELETE FROM remote_hour WHERE series = %1 AND hour = %2 AND address IN "
                              "(SELECT address FROM remote_hour WHERE series = %1 AND hour = %2 "
                              "ORDER BY rx_bytes + tx_bytes DESC, address LIMIT %3 OFFSET %4)")
                   .arg(series)
                   .arg(*hour)
                   .arg(allowance.rows)
                   .arg(kRemotesKept));
    if (!gone)
        return std::unexpected(gone.error());
    allowance.rows -= *gone;
    return false;
}

/// The oldest local day with hours that are past their time; false when there is none.
Result<bool> HistoryTidier::chooseDay()
{
    const StoredDays &days = m_tables.days();
    const qint64 untilS = days.dayOf(m_tables.state().savedS - m_retention.remoteDays * kDayS).startS;
    const auto oldest = m_connection.number(
        QStringLiteral(
            "SELECT coalesce(min((SELECT min(hour) FROM remote_hour WHERE series = number)), %1) FROM series")
            .arg(untilS / kHourS));
    if (!oldest)
        return std::unexpected(oldest.error());
    if (*oldest >= untilS / kHourS) {
        HistoryTables::Floors floors = m_tables.floors();
        floors.remoteS = std::max(floors.remoteS, untilS);
        if (auto set = m_tables.setFloors(floors); !set)
            return std::unexpected(set.error());
        return false;
    }
    m_day = days.dayOf(*oldest * kHourS);
    // where days do not begin with an hour, the one that they share is the later day's
    if (m_day.endS / kHourS <= *oldest)
        m_day = days.dayOf(m_day.endS);
    return true;
}

Result<bool> HistoryTidier::rollUp(qint64 series, Allowance &allowance)
{
    const QString hours = QStringLiteral("series = %1 AND hour >= %2 AND hour < %3")
                              .arg(series)
                              .arg(m_day.startS / kHourS)
                              .arg(m_day.endS / kHourS);
    // total() is a floating-point sum: it cannot overflow, and is exact up to 9 petabytes
    const auto made = change(
        QStringLiteral(
            "INSERT INTO remote_day (series, start_s, address, rx_bytes, tx_bytes) "
            "SELECT series, %1, address, CAST(total(rx_bytes) AS INTEGER), CAST(total(tx_bytes) AS INTEGER) "
            "FROM remote_hour WHERE %2 GROUP BY address ORDER BY total(rx_bytes) + total(tx_bytes) DESC, "
            "address LIMIT %3 "
            "ON CONFLICT (series, start_s, address) DO UPDATE SET rx_bytes = min(rx_bytes + "
            "excluded.rx_bytes, %4), "
            "tx_bytes = min(tx_bytes + excluded.tx_bytes, %4)")
            .arg(m_day.startS)
            .arg(hours)
            .arg(kRemotesKept)
            .arg(Counters::kMost));
    if (!made)
        return std::unexpected(made.error());
    const auto gone = change(QStringLiteral("DELETE FROM remote_hour WHERE ") + hours);
    if (!gone)
        return std::unexpected(gone.error());
    allowance.rows -= *made + *gone;
    return true;
}

} // namespace weir
