// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/history.h"
#include "helper/store/counters.h"
#include "helper/store/stored_days.h"

#include <map>
#include <optional>

namespace weir {

inline constexpr qint64 kMinuteS = 60;
inline constexpr qint64 kQuarterS = 900;
inline constexpr qint64 kHourS = 3600;

/// "link", "watch", "service": how the table series tells whose id it holds.
QString kindText(SeriesKind kind);
std::optional<SeriesKind> kindFrom(const QString &text);

/// 4 or 16 bytes, and back.
QByteArray addressBytes(const Address &address);
Address addressFrom(const QByteArray &bytes);

/// The tables of history: written here, read by HistoryReader, thinned out by HistoryTidier.
///
/// Every row is in three of them at once, by the minute, the quarter of an hour and the local day, so that
/// each is the sum of the one before. A table by time is complete from its floor on; what is older lies in
/// the coarser one.
class HistoryTables
{
public:
    /// Instants before which a table by time is not complete.
    struct Floors {
        qint64 minuteS = 0;  ///< a whole quarter
        qint64 quarterS = 0; ///< a clean cut between days
        qint64 remoteS = 0;  ///< addresses by the hour; before it by the day
        qint64 trimmedS = 0; ///< hours before it hold their largest addresses only
    };

    explicit HistoryTables(Connection &connection) : m_connection(connection), m_days(connection) { }

    /// Reads what it keeps in memory, and prepares. Again after a transaction that failed.
    Result<HistoryState> load();

    /// Inside a transaction, as all that follow.
    Result<void> write(const HistoryChange &change);
    /// Adds all that a series has to another one's, and drops it.
    Result<void> merge(SeriesKey key, SeriesKey into);
    /// A series that is never asked for again.
    Result<void> drop(SeriesKey key);
    /// Deletes what lies in [fromS, toS), cut to whole days; toS 0: to the end. Gives how many rows went.
    Result<quint64> forget(SeriesKey key, qint64 fromS, qint64 toS);
    Result<void> setFloors(const Floors &floors);

    /// Nothing when nothing was ever stored of it.
    std::optional<qint64> numberOf(SeriesKey key) const;
    const std::map<SeriesKey, qint64> &series() const { return m_series; }
    const Floors &floors() const { return m_floors; }
    const StoredDays &days() const { return m_days; }
    const HistoryState &state() const { return m_state; }

private:
    Result<qint64> makeNumber(SeriesKey key);
    Result<void> setMark(const char *what, qint64 atS);
    Result<void> addRow(qint64 series, qint64 startS, const Counters &counters);
    Result<void> add(QSqlQuery &query, qint64 series, qint64 startS, const Counters &counters);
    Result<void> addDay(qint64 series, qint64 startS, const Counters &counters);
    Result<void> addRemotes(const HistoryChange &change);
    Result<void> addAway(const AwaySpan &span);

    /// What a fold moves within one table.
    Result<std::map<qint64, Counters>> takeAfter(const QString &table, qint64 afterS);
    Result<Counters> takeFrom(const QString &table, qint64 series, qint64 startS, const Counters &counters);
    Result<void> fold(qint64 afterS, qint64 savedS);
    Result<void> foldRemotes(qint64 afterS, qint64 savedS);
    Result<std::map<qint64, Counters>> sumsBetween(const QString &table, qint64 fromS, qint64 toS);

    Connection &m_connection;
    StoredDays m_days;
    std::map<SeriesKey, qint64> m_series;
    Floors m_floors;
    HistoryState m_state;
    QSqlQuery m_minuteQuery;
    QSqlQuery m_quarterQuery;
    QSqlQuery m_dayQuery;
    QSqlQuery m_remoteQuery;
    QSqlQuery m_markQuery;
};

} // namespace weir
