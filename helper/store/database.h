// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/records.h"
#include "helper/store/history_reader.h"
#include "helper/store/history_tidier.h"
#include "helper/store/policy_tables.h"
#include "helper/store/service_tables.h"

#include <unordered_map>

namespace weir {

/// The open SQLite file: opened with care, migrated, read and written. Used on one thread, the one that opens
/// it.
class Database
{
public:
    explicit Database(QString path);
    ~Database();
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    /// See Store::open().
    Result<State> open();

    /// Writes a change in one transaction. Error: StorageFailed; then nothing of it was written.
    Result<void> write(const StateChange &change);

    /// As Archive has them; in the order of the queries.
    Result<std::vector<std::vector<HistoryPoint>>> points(const std::vector<HistoryQuery> &queries);
    Result<std::vector<SeriesInfo>> series();
    Result<RemoteRanking> remotes(const RemoteQuery &query);
    Result<quint64> forget(SeriesKey series, qint64 fromS, qint64 toS);

    /// See Store::setRetention().
    void setRetention(const Retention &retention) { m_tidier.setRetention(retention); }
    /// One short step of thinning out what is past its time; true when there is more to do.
    Result<bool> tidy();

private:
    Result<void> inspect();
    Result<void> connect();
    Result<void> prepareToWrite();
    Result<void> openLater();
    Result<State> readWithoutWriting();
    static Result<State> readState(Connection &connection);
    static Result<State> read(Connection &connection);
    Result<void> refresh();
    template <typename Answer>
    Result<Answer> reading(const std::function<Result<Answer>(HistoryReader)> &question);
    Result<void> transaction(const std::function<Result<void>()> &work);
    Result<void> writeAll(const StateChange &change);
    Result<void> writeWatch(const WatchRecord &record);
    Result<void> writeLink(const LinkRecord &record);
    Result<void> writeSettings(const QMap<QString, QVariant> &settings, quint32 revision);

    Connection m_connection;
    HistoryTables m_tables; // its queries must go before the connection
    ServiceTables m_services;
    PolicyTables m_policies;
    HistoryTidier m_tidier;
    /// What the file says of a watch besides its counters.
    struct Configuration {
        WatchSpec spec;
        quint32 revision = 0;
        qint64 removedS = 0;
        bool operator==(const Configuration &) const = default;
    };
    static Configuration configurationOf(const WatchRecord &record);
    std::unordered_map<qint64, Configuration> m_written; // by watch; what is not here is written in full

    QSqlQuery m_watchQuery; // prepared once, used for each row
    QSqlQuery m_countersQuery;
    QSqlQuery m_linkQuery;
    bool m_ready = false;
    bool m_wasAway = false;    // there was no file to read at start
    bool m_opensLater = false; // it could be read, but not written: each write tries again
    bool m_isStale = false;    // what m_tables and m_policies keep in memory may not be what the file has
};

} // namespace weir
