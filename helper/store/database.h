// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/records.h"

#include <QSqlDatabase>
#include <QSqlQuery>

#include <unordered_map>

namespace weir {

/// The open SQLite file: opened with care, migrated, read and written. Used on one thread, the one that opens it.
class Database
{
public:
    /// SQLite's application_id: tells our file from others'. "Weir" in ASCII.
    static constexpr int kApplicationId = 0x57656972;

    explicit Database(QString path);
    ~Database();
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    /// See Store::open().
    Result<State> open();

    /// Writes a change in one transaction. Error: StorageFailed; then nothing of it was written.
    Result<void> write(const StateChange &change);

private:
    Result<void> inspect();
    Result<void> connect();
    Result<void> migrate();
    Result<State> read();
    Result<void> pragma(const QString &name, const QString &value, const QString &answer);
    Result<void> execute(const QString &statement);
    std::unexpected<Error> failed(const QString &what, const QString &why) const;

    Result<void> writeAll(const StateChange &change);
    Result<void> writeWatch(const WatchRecord &record);
    Result<void> writeLink(const LinkRecord &record);

    const QString m_path;
    const QString m_connection;
    QSqlDatabase m_database;
    /// What the file says of a watch besides its counters.
    struct Configuration {
        WatchSpec spec;
        quint32 revision = 0;
        qint64 removedS = 0;
        bool operator==(const Configuration &) const = default;
    };
    static Configuration configurationOf(const WatchRecord &record);
    std::unordered_map<qint64, Configuration> m_written;    // by watch; what is not here is written in full

    QSqlQuery m_watchQuery;     // prepared once, used for each row
    QSqlQuery m_countersQuery;
    QSqlQuery m_linkQuery;
    bool m_ready = false;
};

/// Versions of the schema that this helper knows, 1 to this.
int newestSchemaVersion();

} // namespace weir
