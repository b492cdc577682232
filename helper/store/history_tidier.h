// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/store/history_tables.h"

#include <vector>

namespace weir {

/// Thins out the tables by time in small steps, so that nothing waits long behind one.
///
/// Time is that of the last change written. While the clock is suspected to have leapt ahead nothing is
/// thinned out.
class HistoryTidier
{
public:
    /// Addresses that are kept of an hour, and of a local day.
    static constexpr int kRemotesKept = 50;

    HistoryTidier(Connection &connection, HistoryTables &tables) : m_connection(connection), m_tables(tables)
    { }

    void setRetention(const Retention &retention) { m_retention = retention; }

    /// One step, inside a transaction; true when there is more to do. Begins anew after an error.
    Result<bool> step();

private:
    enum class Task { Begin, Minutes, Quarters, Trim, RollUp };
    /// What one step may do before it lets others have the thread.
    struct Allowance {
        qint64 rows;
        int series;
        bool isSpent() const { return rows <= 0 || series <= 0; }
    };

    Result<bool> work();
    Result<void> begin();
    /// Runs `part` for one series after the other; it says whether the series is done.
    Result<bool> forEachSeries(Result<bool> (HistoryTidier::*part)(qint64 series, Allowance &));
    Result<bool> deleteMinutes(qint64 series, Allowance &allowance);
    Result<bool> deleteQuarters(qint64 series, Allowance &allowance);
    Result<bool> deleteOld(const QString &table, qint64 rowS, qint64 series, qint64 floorS,
                           Allowance &allowance);
    Result<bool> trim(qint64 series, Allowance &allowance);
    Result<bool> rollUp(qint64 series, Allowance &allowance);
    Result<bool> chooseDay();
    Result<qint64> change(const QString &statement);

    Connection &m_connection;
    HistoryTables &m_tables;
    Retention m_retention;
    Task m_task = Task::Begin;
    std::vector<qint64> m_series; ///< of this round, the next one last
    qint64 m_minutesDoneS = -1;   ///< floors below which nothing is left
    qint64 m_quartersDoneS = -1;
    qint64 m_trimToS = 0;
    StoredDays::Day m_day; ///< whose hours are rolled up
};

} // namespace weir
