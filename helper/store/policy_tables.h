// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/records.h"
#include "helper/store/connection.h"

#include <QStringList>

#include <array>
#include <unordered_map>

namespace weir {

/// The tables limit_policy, quota_policy, burst_policy and guard_state. Used on the connection's thread.
///
/// Remembers what they hold: what did not change is not written, and a watch without policies costs nothing.
/// A row that no helper writes is left out and left alone until its policy is set anew; a guard state until
/// its watch is written.
class PolicyTables
{
public:
    /// The first schema that has them.
    static constexpr int kFirstVersion = 4;
    /// In the order of the policies in Policies; the guard states last.
    static constexpr std::array kNames{"limit_policy", "quota_policy", "burst_policy", "guard_state"};

    explicit PolicyTables(Connection &connection) : m_connection(connection) { }

    /// Reads everything; a file of an older schema has nothing. Gives what was left out, a line each: which
    /// policy of which watch, and why. Again after a transaction that failed.
    Result<QStringList> load();
    /// What load() found of a watch.
    void giveTo(WatchRecord &record) const;

    /// Before the first write(), with the newest schema.
    Result<void> prepare();
    /// Within a transaction of the caller's.
    Result<void> write(const WatchRecord &record);
    Result<void> forget(qint64 watch);

private:
    enum Table : size_t { Limit, Quota, Burst, Guard };
    struct Kept {
        Policies policies;
        std::optional<GuardState> guard = GuardState{}; ///< nothing: the row is not valid
    };

    template <typename From, typename Keep>
    Result<void> loadTable(Table table, const QStringList &columns, From from, Keep keep,
                           QStringList &leftOut);
    template <typename Value>
    Result<void> put(Table table, qint64 watch, const Value &value);
    template <typename Policy>
    Result<void> replace(Table table, qint64 watch, std::optional<Policy> &kept,
                         const std::optional<Policy> &now);
    Result<void> remove(Table table, qint64 watch);

    Connection &m_connection;
    std::unordered_map<qint64, Kept> m_kept; // by watch, of each one that has a row
    std::array<QSqlQuery, kNames.size()> m_queries;
};

} // namespace weir
