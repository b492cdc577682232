// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/database.h"

#include "helper/store/rows.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSqlError>
#include <QUuid>

#include <cerrno>

namespace weir {

namespace {

/// How long a write waits for somebody who looks at the file with other tools.
constexpr int kBusyTimeoutMs = 5000;

QString schemaFile(int version)
{
    return QStringLiteral(":/weir/schema/%1.sql").arg(version, 3, 10, QLatin1Char('0'));
}

/// The statements of a schema file: each ends with a semicolon at the end of a line.
QStringList statements(const QString &text)
{
    QStringList found;
    QString statement;
    for (const QString &line : text.split(QLatin1Char('\n'))) {
        if (line.startsWith(QLatin1String("--")) || (statement.isEmpty() && line.trimmed().isEmpty()))
            continue;
        statement += line + QLatin1Char('\n');
        if (line.endsWith(QLatin1Char(';')))
            found.append(std::exchange(statement, {}));
    }
    return found;
}

QString upsert(const QString &table, const QStringList &columns)
{
    QStringList marks;
    QStringList updates;
    for (const QString &column : columns) {
        marks.append(QStringLiteral("?"));
        if (column != QLatin1String("id"))
            updates.append(column + QStringLiteral(" = excluded.") + column);
    }
    return QStringLiteral("INSERT INTO %1 (%2) VALUES (%3) ON CONFLICT (id) DO UPDATE SET %4")
        .arg(table, columns.join(QLatin1String(", ")), marks.join(QLatin1String(", ")), updates.join(QLatin1String(", ")));
}

QString select(const QString &table, const QStringList &columns)
{
    return QStringLiteral("SELECT %1 FROM %2 ORDER BY id").arg(columns.join(QLatin1String(", ")), table);
}

} // namespace

int newestSchemaVersion()
{
    int version = 0;
    while (QFile::exists(schemaFile(version + 1)))
        ++version;
    return version;
}

Database::Database(QString path)
    : m_path(std::move(path))
    , m_connection(QStringLiteral("weir-") + QUuid::createUuid().toString())
{
}

Database::~Database()
{
    if (!m_database.isValid())
        return;
    m_watchQuery = QSqlQuery();
    m_countersQuery = QSqlQuery();
    m_linkQuery = QSqlQuery();
    m_database.close();
    m_database = QSqlDatabase();
    QSqlDatabase::removeDatabase(m_connection);
}

std::unexpected<Error> Database::failed(const QString &what, const QString &why) const
{
    return failure(ErrorKind::StorageFailed, QStringLiteral("%1: %2: %3").arg(m_path, what, why));
}

Result<State> Database::open()
{
    if (auto fit = inspect(); !fit)
        return std::unexpected(fit.error());
    if (auto connected = connect(); !connected)
        return std::unexpected(connected.error());
    if (auto migrated = migrate(); !migrated)
        return std::unexpected(migrated.error());
    auto state = read();
    if (!state)
        return state;
    const auto prepare = [&](QSqlQuery &query, const QString &statement) -> Result<void> {
        query = QSqlQuery(m_database);
        if (!query.prepare(statement))
            return failed(QStringLiteral("cannot prepare"), query.lastError().text());
        return {};
    };
    const QString counters = QStringLiteral("UPDATE watch SET %1 = ? WHERE id = ?")
                                 .arg(rows::portCounterColumns().join(QLatin1String(" = ?, ")));
    for (const auto &[query, statement] :
         {std::pair(&m_watchQuery, upsert(QStringLiteral("watch"), rows::watchColumns())),
          std::pair(&m_countersQuery, counters), std::pair(&m_linkQuery, upsert(QStringLiteral("link"), rows::linkColumns()))})
        if (auto prepared = prepare(*query, statement); !prepared)
            return std::unexpected(prepared.error());
    for (const WatchRecord &record : state->watches)
        m_written[record.id] = configurationOf(record);
    m_ready = true;
    return state;
}

/// Looks at a file that is there without leaving a mark on it.
Result<void> Database::inspect()
{
    const QFileInfo info(m_path);
    if (!info.exists() || info.size() == 0)
        return {};
    const QString remedy = QStringLiteral("move it away, or restore a copy");

    // Without a log beside it the file is all there is, and SQLite need not make one to read it. With a log (a helper that was killed)
    // it must be read too: for that SQLite maps its index file, but a reader never writes the database.
    const bool log = QFileInfo(m_path + QStringLiteral("-wal")).size() > 0;
    const QString name = m_connection + QStringLiteral("-inspect");
    auto result = [&]() -> Result<void> {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
        database.setDatabaseName(QStringLiteral("file:%1%2").arg(
            QString::fromLatin1(QFile::encodeName(QFileInfo(m_path).absoluteFilePath()).toPercentEncoding("/")),
            log ? QString() : QStringLiteral("?immutable=1")));
        database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY;QSQLITE_OPEN_URI;QSQLITE_BUSY_TIMEOUT=%1").arg(kBusyTimeoutMs));
        if (!database.open())
            return failed(QStringLiteral("cannot open (%1)").arg(remedy), database.lastError().text());
        QSqlQuery query(database);
        const auto number = [&](const QString &statement) -> Result<qint64> {
            if (!query.exec(statement) || !query.next())
                return failed(QStringLiteral("is damaged or no database (%1)").arg(remedy), query.lastError().text());
            return query.value(0).toLongLong();
        };
        const auto application = number(QStringLiteral("PRAGMA application_id"));
        if (!application)
            return std::unexpected(application.error());
        const auto version = number(QStringLiteral("PRAGMA user_version"));
        if (!version)
            return std::unexpected(version.error());
        const auto tables = number(QStringLiteral("SELECT count(*) FROM sqlite_schema"));
        if (!tables)
            return std::unexpected(tables.error());
        // a file that a crash left empty is ours to fill
        if (*tables == 0 && *version == 0 && *application == 0)
            return {};
        if (*application != kApplicationId)
            return failed(QStringLiteral("is not a database of Weir"), remedy);
        if (*version > newestSchemaVersion())
            return failed(QStringLiteral("was written by a newer version of Weir (schema %1, this one knows %2)")
                              .arg(*version)
                              .arg(newestSchemaVersion()),
                          QStringLiteral("install that version again, or ") + remedy);
        if (!query.exec(QStringLiteral("PRAGMA quick_check(1)")) || !query.next())
            return failed(QStringLiteral("is damaged (%1)").arg(remedy), query.lastError().text());
        if (const QString answer = query.value(0).toString(); answer != QLatin1String("ok"))
            return failed(QStringLiteral("is damaged (%1)").arg(remedy), answer);
        return {};
    }();
    QSqlDatabase::removeDatabase(name);
    return result;
}

Result<void> Database::connect()
{
    const QByteArray file = QFile::encodeName(m_path);
    if (!QDir().mkpath(QFileInfo(m_path).absolutePath()))
        return failed(QStringLiteral("cannot make its directory"), qt_error_string(errno));
    // made here, so that nobody else may read it even for a moment; SQLite gives its other files the same mode
    const int descriptor = ::open(file.constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return failed(QStringLiteral("cannot open"), qt_error_string(errno));
    const bool closed = fchmod(descriptor, 0600) == 0;
    const int error = errno;
    close(descriptor);
    if (!closed)
        return failed(QStringLiteral("cannot set its mode to 0600"), qt_error_string(error));

    m_database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection);
    m_database.setDatabaseName(m_path);
    m_database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(kBusyTimeoutMs));
    if (!m_database.open())
        return failed(QStringLiteral("cannot open"), m_database.lastError().text());

    // NORMAL with a log: a crash of the helper loses nothing, power loss at most the last flushes, never the file
    if (auto set = pragma(QStringLiteral("journal_mode"), QStringLiteral("WAL"), QStringLiteral("wal")); !set)
        return set;
    if (auto set = pragma(QStringLiteral("synchronous"), QStringLiteral("NORMAL"), QStringLiteral("1")); !set)
        return set;
    return pragma(QStringLiteral("busy_timeout"), QString::number(kBusyTimeoutMs), QString::number(kBusyTimeoutMs));
}

/// Sets a pragma and reads it back: SQLite ignores what it cannot do.
Result<void> Database::pragma(const QString &name, const QString &value, const QString &answer)
{
    QSqlQuery query(m_database);
    if (!query.exec(QStringLiteral("PRAGMA %1 = %2").arg(name, value)))
        return failed(QStringLiteral("cannot set %1").arg(name), query.lastError().text());
    query.finish();
    if (!query.exec(QStringLiteral("PRAGMA %1").arg(name)) || !query.next())
        return failed(QStringLiteral("cannot read %1").arg(name), query.lastError().text());
    if (const QString got = query.value(0).toString(); got != answer)
        return failed(QStringLiteral("cannot set %1 to %2").arg(name, value), QStringLiteral("it is ") + got);
    return {};
}

Result<void> Database::execute(const QString &statement)
{
    QSqlQuery query(m_database);
    if (!query.exec(statement))
        return failed(statement.section(QLatin1Char('('), 0, 0).simplified().left(60), query.lastError().text());
    return {};
}

Result<void> Database::migrate()
{
    QSqlQuery query(m_database);
    if (!query.exec(QStringLiteral("PRAGMA user_version")) || !query.next())
        return failed(QStringLiteral("cannot read its version"), query.lastError().text());
    const int version = query.value(0).toInt();
    query.finish();
    for (int next = version + 1; next <= newestSchemaVersion(); ++next) {
        QFile file(schemaFile(next));
        if (!file.open(QIODevice::ReadOnly))
            return failed(QStringLiteral("cannot read schema %1").arg(next), file.errorString());
        QStringList steps{QStringLiteral("BEGIN IMMEDIATE")};
        steps += statements(QString::fromUtf8(file.readAll()));
        steps += QStringLiteral("PRAGMA application_id = %1").arg(kApplicationId);
        steps += QStringLiteral("PRAGMA user_version = %1").arg(next);
        steps += QStringLiteral("COMMIT");
        for (const QString &step : steps) {
            if (auto done = execute(step); !done) {
                m_database.rollback();
                return done;
            }
        }
    }
    return {};
}

Result<State> Database::read()
{
    State state;
    QSqlQuery query(m_database);
    query.setForwardOnly(true);
    const auto run = [&](const QString &statement) -> Result<void> {
        if (!query.exec(statement))
            return failed(QStringLiteral("cannot read"), query.lastError().text());
        return {};
    };
    if (auto ran = run(select(QStringLiteral("watch"), rows::watchColumns())); !ran)
        return std::unexpected(ran.error());
    while (query.next()) {
        auto record = rows::watchFrom(query);
        if (!record)
            return failed(QStringLiteral("is damaged"), record.error());
        state.watches.push_back(std::move(*record));
    }
    if (auto ran = run(select(QStringLiteral("link"), rows::linkColumns())); !ran)
        return std::unexpected(ran.error());
    while (query.next()) {
        auto record = rows::linkFrom(query);
        if (!record)
            return failed(QStringLiteral("is damaged"), record.error());
        state.links.push_back(std::move(*record));
    }
    if (auto ran = run(QStringLiteral("SELECT key, type, value FROM setting")); !ran)
        return std::unexpected(ran.error());
    while (query.next()) {
        const QString value = query.value(2).toString();
        state.settings[query.value(0).toString()] =
            query.value(1).toString() == QLatin1String("u") ? QVariant(value.toUInt()) : QVariant(value);
    }
    if (auto ran = run(QStringLiteral("SELECT number FROM revision WHERE what = 'settings'")); !ran)
        return std::unexpected(ran.error());
    if (query.next())
        state.settingsRevision = query.value(0).toUInt();
    return state;
}

Result<void> Database::write(const StateChange &change)
{
    if (!m_ready)
        return failed(QStringLiteral("cannot write"), QStringLiteral("it was not opened"));
    if (auto begun = execute(QStringLiteral("BEGIN IMMEDIATE")); !begun)
        return begun;
    auto written = writeAll(change);
    if (written)
        written = execute(QStringLiteral("COMMIT"));
    if (!written) {
        m_database.rollback();
        m_written.clear();      // some of it may have been noted, and is not there
    }
    return written;
}

Database::Configuration Database::configurationOf(const WatchRecord &record)
{
    return {record.spec, record.revision, record.removedS};
}

Result<void> Database::writeAll(const StateChange &change)
{
    // watches that go first: a name that becomes free may be taken in the same change
    for (const bool removed : {true, false})
        for (const WatchRecord &record : change.watches)
            if ((record.removedS != 0) == removed)
                if (auto written = writeWatch(record); !written)
                    return written;
    for (const LinkRecord &record : change.links)
        if (auto written = writeLink(record); !written)
            return written;
    for (const qint64 id : change.forgottenWatches) {
        if (auto gone = execute(QStringLiteral("DELETE FROM watch WHERE id = %1").arg(id)); !gone)
            return gone;
        m_written.erase(id);
    }
    for (const qint64 id : change.forgottenLinks)
        if (auto gone = execute(QStringLiteral("DELETE FROM link WHERE id = %1").arg(id)); !gone)
            return gone;
    if (!change.settings)
        return {};

    if (auto emptied = execute(QStringLiteral("DELETE FROM setting")); !emptied)
        return emptied;
    QSqlQuery query(m_database);
    query.prepare(QStringLiteral("INSERT INTO setting (key, type, value) VALUES (?, ?, ?)"));
    for (auto setting = change.settings->begin(); setting != change.settings->end(); ++setting) {
        const bool number = setting->typeId() == QMetaType::UInt;
        query.bindValue(0, setting.key());
        query.bindValue(1, number ? QStringLiteral("u") : QStringLiteral("s"));
        // QtSql writes a null string as NULL, and an empty list of prefixes is a null string
        const QString value = setting->toString();
        query.bindValue(2, value.isNull() ? QStringLiteral("") : value);
        if (!query.exec())
            return failed(QStringLiteral("cannot write settings"), query.lastError().text());
    }
    return execute(QStringLiteral("INSERT INTO revision (what, number) VALUES ('settings', %1) "
                                  "ON CONFLICT (what) DO UPDATE SET number = excluded.number")
                       .arg(change.settingsRevision));
}

Result<void> Database::writeWatch(const WatchRecord &record)
{
    const auto written = m_written.find(record.id);
    const Configuration now = configurationOf(record);
    if (record.spec.kind == WatchKind::Ports && written != m_written.end() && written->second == now) {
        rows::bindPortCounters(m_countersQuery, record);
        if (!m_countersQuery.exec())
            return failed(QStringLiteral("cannot write watch %1").arg(record.id), m_countersQuery.lastError().text());
        return {};
    }
    rows::bind(m_watchQuery, record);
    if (!m_watchQuery.exec())
        return failed(QStringLiteral("cannot write watch %1").arg(record.id), m_watchQuery.lastError().text());
    m_written[record.id] = now;
    return {};
}

Result<void> Database::writeLink(const LinkRecord &record)
{
    rows::bind(m_linkQuery, record);
    if (!m_linkQuery.exec())
        return failed(QStringLiteral("cannot write link %1").arg(record.id), m_linkQuery.lastError().text());
    return {};
}

} // namespace weir
