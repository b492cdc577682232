// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/import_values.h"

#include "dbus/names.h"

#include <QFile>
#include <QFileInfo>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>

#include <algorithm>
#include <functional>

namespace weir::client {

namespace {

using Row = QHash<QString, QVariant>; ///< by the name of the column; those that are not there are missing

/// Columns that are read of the tables that are known.
const QHash<QString, QStringList> &knownTables()
{
    static const QHash<QString, QStringList> tables{
        {QStringLiteral("ports"),
         {QStringLiteral("port"), QStringLiteral("remark"), QStringLiteral("billing_mode")}},
        {QStringLiteral("quotas"),
         {QStringLiteral("port"), QStringLiteral("limit_bytes"), QStringLiteral("reset_day")}},
        {QStringLiteral("bandwidth_limits"), {QStringLiteral("port"), QStringLiteral("rate_kbps")}},
        {QStringLiteral("burst_protection"),
         {QStringLiteral("port"), QStringLiteral("enabled"), QStringLiteral("burst_rate_kbps"),
          QStringLiteral("burst_window"), QStringLiteral("throttle_rate_kbps"),
          QStringLiteral("throttle_duration")}},
        {QStringLiteral("config"), {QStringLiteral("key"), QStringLiteral("value")}}};
    return tables;
}

/// A SQLite file that somebody else wrote, open to be read and in no other way.
class ForeignDatabase
{
public:
    explicit ForeignDatabase(const QString &path)
    {
        m_database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), kConnection);
        // immutable: neither a lock nor a log is made beside it
        m_database.setDatabaseName(
            QStringLiteral("file:%1?immutable=1")
                .arg(QString::fromLatin1(
                    QFile::encodeName(QFileInfo(path).absoluteFilePath()).toPercentEncoding("/"))));
        m_database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY;QSQLITE_OPEN_URI"));
    }
    ~ForeignDatabase()
    {
        m_database.close();
        m_database = QSqlDatabase();
        QSqlDatabase::removeDatabase(kConnection);
    }
    ForeignDatabase(const ForeignDatabase &) = delete;
    ForeignDatabase &operator=(const ForeignDatabase &) = delete;

    /// The error is what SQLite says.
    std::expected<void, QString> open()
    {
        if (!m_database.open())
            return std::unexpected(m_database.lastError().databaseText());
        // its schema shall call nothing that does more than reckon
        return each(QStringLiteral("PRAGMA trusted_schema = OFF"), [](const QSqlQuery &) {});
    }

    /// Hands over each row of a statement.
    std::expected<void, QString> each(const QString &statement,
                                      const std::function<void(const QSqlQuery &)> &row)
    {
        QSqlQuery query(m_database);
        query.setForwardOnly(true);
        if (!query.exec(statement))
            return std::unexpected(query.lastError().databaseText());
        while (query.next())
            row(query);
        if (query.lastError().isValid())
            return std::unexpected(query.lastError().databaseText());
        return {};
    }

private:
    static inline const QString kConnection = QStringLiteral("weir-import");
    QSqlDatabase m_database;
};

/// Reads the tables of one file.
class DatabaseImport
{
public:
    explicit DatabaseImport(const QString &path) : m_database(path) { }

    std::expected<Imported, QString> read()
    {
        if (auto open = m_database.open(); !open)
            return std::unexpected(open.error());
        QStringList tables;
        // views and virtual tables, which have no page of their own, would reckon what the file says
        const auto listed = m_database.each(
            QStringLiteral(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name NOT "
                "LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name LIMIT 1000"),
            [&tables](const QSqlQuery &row) { tables << row.value(0).toString(); });
        if (!listed)
            return std::unexpected(listed.error());
        if (std::ranges::none_of(tables, [](const QString &table) {
                return knownTables().value(table).contains(QStringLiteral("port"));
            }))
            return std::unexpected(QStringLiteral(
                "it is no config.db of the port-monitor scripts: it has no table of their ports"));
        for (const QString &table : tables) {
            if (!knownTables().contains(table))
                m_collector.notUnderstood(QStringLiteral("table %1").arg(shown(table)));
        }
        readTable(tables, "ports", [this](const Row &row) { readPort(row); });
        readTable(tables, "quotas", [this](const Row &row) { readQuota(row); });
        readTable(tables, "bandwidth_limits", [this](const Row &row) { readLimit(row); });
        readTable(tables, "burst_protection", [this](const Row &row) { readBurst(row); });
        readTable(tables, "config", [this](const Row &row) { readSetting(row); });
        return m_collector.take();
    }

private:
    /// What can be read of a table that is there; what cannot is told.
    void readTable(const QStringList &tables, const char *name, const std::function<void(const Row &)> &take)
    {
        const QString table = QLatin1String(name);
        if (!tables.contains(table))
            return;
        const QStringList columns = columnsOf(table);
        if (columns.isEmpty())
            return m_collector.notUnderstood(
                QStringLiteral("table %1: it has no column that is known").arg(table));
        int count = 0;
        const auto done = m_database.each(QStringLiteral("SELECT \"%1\" FROM \"%2\" LIMIT %3")
                                              .arg(columns.join(QStringLiteral("\", \"")), table)
                                              .arg(dbus::kMaxWatches + 1),
                                          [&](const QSqlQuery &query) {
                                              if (++count > dbus::kMaxWatches)
                                                  return;
                                              Row row;
                                              for (qsizetype i = 0; i < columns.size(); ++i)
                                                  row.insert(columns.at(i), query.value(int(i)));
                                              take(row);
                                          });
        if (!done)
            m_collector.notUnderstood(QStringLiteral("table %1: %2").arg(table, shown(done.error())));
        if (count > dbus::kMaxWatches)
            m_collector.notUnderstood(
                QStringLiteral("table %1: its rows after the first %2").arg(table).arg(dbus::kMaxWatches));
    }

    /// The known columns that the table has; the others are told.
    QStringList columnsOf(const QString &table)
    {
        QStringList columns;
        QStringList others;
        // table_info leaves out generated columns, which would be reckoned by what the file says
        const auto listed = m_database.each(
            QStringLiteral("PRAGMA table_info(\"%1\")").arg(table), [&](const QSqlQuery &row) {
                const QString column = row.value(1).toString();
                (knownTables().value(table).contains(column) ? columns : others) << column;
            });
        if (!listed)
            m_collector.notUnderstood(QStringLiteral("table %1: %2").arg(table, shown(listed.error())));
        if (!others.isEmpty())
            m_collector.notUnderstood(
                QStringLiteral("table %1: columns %2").arg(table, shown(others.join(QStringLiteral(", ")))));
        return columns;
    }

    static QVariant cell(const Row &row, const char *column) { return row.value(QLatin1String(column)); }

    void readPort(const Row &row)
    {
        ImportedWatch *watch = m_collector.newWatch(cell(row, "port"));
        if (!watch)
            return;
        watch->remark = textOf(cell(row, "remark")).value_or(QString()).trimmed();
        m_billing.insert(watch->ports, cell(row, "billing_mode"));
    }

    void readQuota(const Row &row)
    {
        const QVariant size = cell(row, "limit_bytes");
        if (saysNothing(size))
            return;
        if (ImportedWatch *watch = m_collector.watch(cell(row, "port")))
            m_collector.setQuota(*watch, wholeOf(size), cell(row, "reset_day"), m_billing.value(watch->ports),
                                 true);
    }

    void readLimit(const Row &row)
    {
        const QVariant rate = cell(row, "rate_kbps");
        if (saysNothing(rate))
            return;
        if (ImportedWatch *watch = m_collector.watch(cell(row, "port")))
            m_collector.setLimit(*watch, times(wholeOf(rate), 1000), true);
    }

    void readBurst(const Row &row)
    {
        const bool enabled = truthOf(cell(row, "enabled")).value_or(false);
        if (!enabled && saysNothing(cell(row, "burst_rate_kbps")))
            return;
        if (ImportedWatch *watch = m_collector.watch(cell(row, "port")))
            m_collector.setBurst(*watch,
                                 {times(wholeOf(cell(row, "burst_rate_kbps")), 1000),
                                  times(wholeOf(cell(row, "burst_window")), 60),
                                  times(wholeOf(cell(row, "throttle_rate_kbps")), 1000),
                                  times(wholeOf(cell(row, "throttle_duration")), 60)},
                                 enabled);
    }

    void readSetting(const Row &row)
    {
        const auto key = textOf(cell(row, "key"));
        if (!key)
            m_collector.notUnderstood(QStringLiteral("a setting that has no name"));
        else if (saysNothing(cell(row, "value")))
            return;
        else if (isSecret(*key))
            m_collector.notImported(QStringLiteral("%1, a secret").arg(shown(*key)));
        else
            m_collector.notUnderstood(QStringLiteral("setting %1").arg(shown(*key)));
    }

    ForeignDatabase m_database;
    ImportCollector m_collector;
    QHash<QString, QVariant> m_billing; ///< by ports
};

} // namespace

std::expected<Imported, QString> readImportDatabase(const QString &path)
{
    return DatabaseImport(path).read();
}

} // namespace weir::client
