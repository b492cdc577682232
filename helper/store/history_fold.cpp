// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/history_tables.h"

#include <algorithm>

/// Rows that a clock far ahead put into the future are brought back.
namespace weir {

namespace {

qint64 endOfQuarter(qint64 instantS)
{
    return (instantS / kQuarterS + 1) * kQuarterS;
}

} // namespace

/// By series: what a table has in [fromS, toS).
Result<std::map<qint64, Counters>> HistoryTables::sumsBetween(const QString &table, qint64 fromS, qint64 toS)
{
    auto rows = m_connection.prepare(
        QStringLiteral("SELECT series, %1 FROM %2 WHERE series = ? AND start_s >= ? AND start_s < ?")
            .arg(Counters::columns().join(QLatin1String(", ")), table));
    if (!rows)
        return std::unexpected(rows.error());
    std::map<qint64, Counters> sums;
    for (const auto &[key, series] : m_series) {
        rows->bindValue(0, series);
        rows->bindValue(1, fromS);
        rows->bindValue(2, toS);
        if (auto ran = m_connection.run(*rows, QStringLiteral("cannot read history")); !ran)
            return std::unexpected(ran.error());
        while (rows->next())
            sums[series] += Counters::from(*rows, 1);
    }
    return sums;
}

/// Deletes what begins after an instant; gives its sums by series.
Result<std::map<qint64, Counters>> HistoryTables::takeAfter(const QString &table, qint64 afterS)
{
    auto sums = sumsBetween(table, afterS + 1, std::numeric_limits<qint64>::max());
    if (!sums)
        return sums;
    for (const auto &[series, counters] : *sums) {
        const auto gone =
            m_connection.execute(QStringLiteral("DELETE FROM %1 WHERE series = %2 AND start_s > %3")
                                     .arg(table)
                                     .arg(series)
                                     .arg(afterS));
        if (!gone)
            return std::unexpected(gone.error());
    }
    return sums;
}

/// Takes counters off a row, as much of them as it has; gives what was taken.
Result<Counters> HistoryTables::takeFrom(const QString &table, qint64 series, qint64 startS,
                                         const Counters &counters)
{
    const QString where = QStringLiteral("WHERE series = %1 AND start_s = %2").arg(series).arg(startS)
        + (table == QLatin1String("day") ? QStringLiteral(" AND zone = %1").arg(m_days.currentZone())
                                         : QString());
    auto row = m_connection.prepare(QStringLiteral("SELECT %1 FROM %2 %3")
                                        .arg(Counters::columns().join(QLatin1String(", ")), table, where));
    auto update =
        m_connection.prepare(QStringLiteral("UPDATE %1 SET %2 = ? %3")
                                 .arg(table, Counters::columns().join(QLatin1String(" = ?, ")), where));
    if (!row || !update)
        return std::unexpected((row ? update : row).error());
    if (auto ran = m_connection.run(*row, QStringLiteral("cannot read history")); !ran)
        return std::unexpected(ran.error());
    if (!row->next())
        return Counters();
    Counters left = Counters::from(*row, 0);
    row->finish();
    const Counters taken = left.take(counters);
    left.bind(*update, 0);
    if (auto ran = m_connection.run(*update, QStringLiteral("cannot write history")); !ran)
        return std::unexpected(ran.error());
    return taken;
}

/// Each table keeps its sum: what leaves a row that begins after `afterS`, or a longer one that began before
/// and reaches behind it, goes to the row of `savedS`.
Result<void> HistoryTables::fold(qint64 afterS, qint64 savedS)
{
    const qint64 quarterS = afterS / kQuarterS * kQuarterS;
    const StoredDays::Day day = m_days.dayOf(afterS);
    // parts of the quarter and of the day that hold `afterS`, and lie behind it
    auto restOfQuarter = sumsBetween(QStringLiteral("minute"), afterS + 1, quarterS + kQuarterS);
    auto restOfDay = sumsBetween(QStringLiteral("quarter"), afterS + 1, day.endS);
    if (!restOfQuarter || !restOfDay)
        return std::unexpected((restOfQuarter ? restOfDay : restOfQuarter).error());
    auto minutes = takeAfter(QStringLiteral("minute"), afterS);
    auto quarters = takeAfter(QStringLiteral("quarter"), afterS);
    auto days = takeAfter(QStringLiteral("day"), afterS);
    for (const auto *taken : {&minutes, &quarters, &days})
        if (!*taken)
            return std::unexpected(taken->error());
    for (const auto &[series, counters] : *restOfQuarter) {
        const auto taken = takeFrom(QStringLiteral("quarter"), series, quarterS, counters);
        if (!taken)
            return std::unexpected(taken.error());
        (*quarters)[series] += *taken;
        (*restOfDay)[series] += *taken;
    }
    for (const auto &[series, counters] : *restOfDay) {
        const auto taken = takeFrom(QStringLiteral("day"), series, day.startS, counters);
        if (!taken)
            return std::unexpected(taken.error());
        (*days)[series] += *taken;
    }

    // what was thinned out by the clock that was ahead is complete from behind `savedS` on
    Floors floors = m_floors;
    floors.minuteS = std::min(floors.minuteS, endOfQuarter(savedS));
    floors.quarterS = std::min(floors.quarterS, m_days.dayOf(savedS).endS);
    floors.remoteS = std::min(floors.remoteS, m_days.dayOf(savedS).endS);
    floors.trimmedS = std::min(floors.trimmedS, endOfQuarter(savedS));
    if (auto set = setFloors(floors); !set)
        return set;

    if (savedS >= floors.minuteS)
        for (const auto &[series, counters] : *minutes)
            if (auto added = add(m_minuteQuery, series, savedS / kMinuteS * kMinuteS, counters); !added)
                return added;
    if (savedS >= floors.quarterS)
        for (const auto &[series, counters] : *quarters)
            if (auto added = add(m_quarterQuery, series, savedS / kQuarterS * kQuarterS, counters); !added)
                return added;
    for (const auto &[series, counters] : *days)
        if (auto added = addDay(series, savedS, counters); !added)
            return added;
    m_state.newestS = std::min(m_state.newestS, std::max(afterS, savedS));
    if (auto folded = foldRemotes(afterS, savedS); !folded)
        return folded;
    return m_days.fold(afterS, savedS);
}

/// The rest that only has a time: addresses, and when no helper counted.
Result<void> HistoryTables::foldRemotes(qint64 afterS, qint64 savedS)
{
    auto rows = m_connection.prepare(QStringLiteral("DELETE FROM remote_hour WHERE series = ? AND hour > ? "
                                                    "RETURNING hour, address, rx_bytes, tx_bytes"));
    if (!rows)
        return std::unexpected(rows.error());
    HistoryChange moved;
    for (const auto &[key, series] : m_series) {
        rows->bindValue(0, series);
        rows->bindValue(1, afterS / kHourS);
        if (auto ran = m_connection.run(*rows, QStringLiteral("cannot move addresses")); !ran)
            return ran;
        while (rows->next())
            moved.remotes.push_back({key, savedS / kHourS * kHourS, addressFrom(rows->value(1).toByteArray()),
                                     rows->value(2).toULongLong(), rows->value(3).toULongLong()});
        rows->finish();
    }
    if (auto added = addRemotes(moved); !added)
        return added;
    for (const QString &statement :
         {QStringLiteral("DELETE FROM away WHERE from_s > %1").arg(std::max(afterS, savedS)),
          QStringLiteral("UPDATE away SET to_s = %1 WHERE to_s > %1").arg(std::max(afterS, savedS))})
        if (auto done = m_connection.execute(statement); !done)
            return done;
    return {};
}

} // namespace weir
