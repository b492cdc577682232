// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/database.h"

#include "helper/store/rows.h"
#include "helper/store/schema.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <cerrno>

namespace weir {

namespace {

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
        .arg(table, columns.join(QLatin1String(", ")), marks.join(QLatin1String(", ")),
             updates.join(QLatin1String(", ")));
}

QString select(const QString &table, const QStringList &columns)
{
    return QStringLiteral("SELECT %1 FROM %2 ORDER BY id").arg(columns.join(QLatin1String(", ")), table);
}

} // namespace

Database::Database(QString path)
    : m_connection(std::move(path)), m_tables(m_connection), m_services(m_connection),
      m_policies(m_connection), m_tidier(m_connection, m_tables)
{ }

Database::~Database() = default;

Result<State> Database::open()
{
    m_ready = m_opensLater = false;
    if (auto fit = inspect(); !fit)
        return std::unexpected(fit.error());
    const auto ready = prepareToWrite();
    auto state = ready ? readState(m_connection) : readWithoutWriting();
    if (!state)
        return std::unexpected(ready ? state.error() : ready.error());
    if (!ready) {
        state->notWritable = ready.error();
        m_opensLater = true;
        return state;
    }
    for (const WatchRecord &record : state->watches)
        m_written[record.id] = configurationOf(record);
    m_ready = true;
    return state;
}

Result<void> Database::prepareToWrite()
{
    if (auto connected = connect(); !connected)
        return connected;
    if (auto migrated = schema::migrate(m_connection, schema::newestVersion()); !migrated)
        return migrated;
    if (const auto history = m_tables.load(); !history)
        return std::unexpected(history.error());
    if (const auto policies = m_policies.load(); !policies)
        return std::unexpected(policies.error());
    if (auto prepared = m_policies.prepare(); !prepared)
        return prepared;
    const QString counters = QStringLiteral("UPDATE watch SET %1 = ? WHERE id = ?")
                                 .arg(rows::portCounterColumns().join(QLatin1String(" = ?, ")));
    for (const auto &[query, statement] :
         {std::pair(&m_watchQuery, upsert(QStringLiteral("watch"), rows::watchColumns())),
          std::pair(&m_countersQuery, counters),
          std::pair(&m_linkQuery, upsert(QStringLiteral("link"), rows::linkColumns()))}) {
        auto prepared = m_connection.prepare(statement);
        if (!prepared)
            return std::unexpected(prepared.error());
        *query = std::move(*prepared);
    }
    m_written.clear();
    return {};
}

/// What a file has that cannot be written now: a disk that is full or read-only may yet become what it was.
Result<State> Database::readWithoutWriting()
{
    const QFileInfo info(m_connection.path());
    m_wasAway = !info.exists() || info.size() == 0;
    if (m_wasAway)
        return State{};
    Connection reader(m_connection.path());
    if (auto opened = reader.open(Connection::Access::ReadOnly); !opened)
        return std::unexpected(opened.error());
    return readState(reader);
}

/// What could only be read at start is the file of now still: nobody else writes it.
Result<void> Database::openLater()
{
    const QFileInfo info(m_connection.path());
    if (m_wasAway && info.exists() && info.size() > 0)
        return m_connection.failed(
            QStringLiteral("cannot write"),
            QStringLiteral("it appeared while the helper ran without it; restart weir.service"));
    if (auto fit = inspect(); !fit)
        return fit;
    if (auto ready = prepareToWrite(); !ready)
        return ready;
    m_wasAway = m_opensLater = false;
    m_ready = true;
    return {};
}

/// Looks at a file that is there without leaving a mark on it.
Result<void> Database::inspect()
{
    const QFileInfo info(m_connection.path());
    if (!info.exists() || info.size() == 0)
        return {};
    Connection reader(m_connection.path());
    if (auto opened = reader.open(Connection::Access::ReadOnly); !opened)
        return opened;
    return schema::inspect(reader);
}

Result<void> Database::connect()
{
    const QString path = m_connection.path();
    const QByteArray file = QFile::encodeName(path);
    if (!QDir().mkpath(QFileInfo(path).absolutePath()))
        return m_connection.failed(QStringLiteral("cannot make its directory"), qt_error_string(errno));
    // made here, so that nobody else may read it even for a moment; SQLite gives its other files the same
    // mode
    const int descriptor = ::open(file.constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return m_connection.failed(QStringLiteral("cannot open"), qt_error_string(errno));
    const bool closed = fchmod(descriptor, 0600) == 0;
    const int error = errno;
    ::close(descriptor);
    if (!closed)
        return m_connection.failed(QStringLiteral("cannot set its mode to 0600"), qt_error_string(error));
    if (auto opened = m_connection.open(Connection::Access::ReadWrite); !opened)
        return opened;
    if (auto set =
            m_connection.pragma(QStringLiteral("journal_mode"), QStringLiteral("WAL"), QStringLiteral("wal"));
        !set)
        return set;
    // NORMAL would leave the log to the system's cache for as long as no checkpoint is due: power loss then
    // costs many flushes, of a new database everything
    return m_connection.pragma(QStringLiteral("synchronous"), QStringLiteral("FULL"), QStringLiteral("2"));
}

Result<State> Database::readState(Connection &connection)
{
    auto state = read(connection);
    if (!state)
        return state;
    const auto history = HistoryTables(connection).load();
    if (!history)
        return std::unexpected(history.error());
    state->history = *history;
    auto services = ServiceTables(connection).load();
    if (!services)
        return std::unexpected(services.error());
    state->services = std::move(*services);
    PolicyTables policies(connection);
    auto leftOut = policies.load();
    if (!leftOut)
        return std::unexpected(leftOut.error());
    state->leftOut = std::move(*leftOut);
    for (WatchRecord &record : state->watches)
        policies.giveTo(record);
    return state;
}

Result<State> Database::read(Connection &connection)
{
    State state;
    QSqlQuery query;
    const auto run = [&](const QString &statement) -> Result<void> {
        auto prepared = connection.prepare(statement);
        if (!prepared)
            return std::unexpected(prepared.error());
        query = std::move(*prepared);
        return connection.run(query, QStringLiteral("cannot read"));
    };
    if (auto ran = run(select(QStringLiteral("watch"), rows::watchColumns())); !ran)
        return std::unexpected(ran.error());
    while (query.next()) {
        auto record = rows::watchFrom(query);
        if (!record)
            return connection.failed(QStringLiteral("is damaged"), record.error());
        state.watches.push_back(std::move(*record));
    }
    if (auto ran = run(select(QStringLiteral("link"), rows::linkColumns())); !ran)
        return std::unexpected(ran.error());
    while (query.next()) {
        auto record = rows::linkFrom(query);
        if (!record)
            return connection.failed(QStringLiteral("is damaged"), record.error());
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
    if (m_opensLater)
        if (auto opened = openLater(); !opened)
            return opened;
    if (!m_ready)
        return m_connection.failed(QStringLiteral("cannot write"), QStringLiteral("it was not opened"));
    return transaction([&] { return writeAll(change); });
}

template <typename Answer>
Result<Answer> Database::reading(const std::function<Result<Answer>(HistoryReader)> &question)
{
    if (!m_ready)
        return m_connection.failed(QStringLiteral("cannot read"), QStringLiteral("it was not opened"));
    if (auto fresh = refresh(); !fresh)
        return std::unexpected(fresh.error());
    return question(HistoryReader(m_connection, m_tables));
}

Result<std::vector<std::vector<HistoryPoint>>> Database::points(const std::vector<HistoryQuery> &queries)
{
    using Answers = std::vector<std::vector<HistoryPoint>>;
    return reading<Answers>([&](HistoryReader reader) -> Result<Answers> {
        Answers answers;
        for (const HistoryQuery &query : queries) {
            auto answer = reader.points(query);
            if (!answer)
                return std::unexpected(answer.error());
            answers.push_back(std::move(*answer));
        }
        return answers;
    });
}

Result<std::vector<SeriesInfo>> Database::series()
{
    return reading<std::vector<SeriesInfo>>([](HistoryReader reader) { return reader.series(); });
}

Result<RemoteRanking> Database::remotes(const RemoteQuery &query)
{
    return reading<RemoteRanking>([&](HistoryReader reader) { return reader.remotes(query); });
}

Result<quint64> Database::forget(SeriesKey series, qint64 fromS, qint64 toS)
{
    if (!m_ready)
        return m_connection.failed(QStringLiteral("cannot delete"), QStringLiteral("it was not opened"));
    quint64 rows = 0;
    const auto done = transaction([&]() -> Result<void> {
        const auto gone = m_tables.forget(series, fromS, toS);
        rows = gone.value_or(0);
        return gone ? Result<void>() : std::unexpected(gone.error());
    });
    if (!done)
        return std::unexpected(done.error());
    return rows;
}

Result<bool> Database::tidy()
{
    if (!m_ready)
        return false;
    bool more = false;
    const auto done = transaction([&]() -> Result<void> {
        const auto step = m_tidier.step();
        more = step.value_or(false);
        return step ? Result<void>() : std::unexpected(step.error());
    });
    if (!done)
        return std::unexpected(done.error());
    return more;
}

/// What is kept in memory follows the file again after a transaction that failed.
Result<void> Database::refresh()
{
    if (!m_isStale)
        return {};
    if (auto loaded = m_tables.load(); !loaded)
        return std::unexpected(loaded.error());
    if (auto loaded = m_policies.load(); !loaded)
        return std::unexpected(loaded.error());
    m_isStale = false;
    return {};
}

Result<void> Database::transaction(const std::function<Result<void>()> &work)
{
    if (auto fresh = refresh(); !fresh)
        return fresh;
    auto done = m_connection.transaction(work);
    if (!done) {
        m_written.clear();
        m_isStale = true;
    }
    return done;
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
    for (const WatchRecord &record : change.watches)
        if (auto written = m_policies.write(record); !written)
            return written;
    for (const LinkRecord &record : change.links)
        if (auto written = writeLink(record); !written)
            return written;
    if (auto written = m_services.write(change.services, change.forgottenServices); !written)
        return written;
    if (auto written = m_tables.write(change.history); !written)
        return written;
    for (const qint64 id : change.forgottenWatches) {
        if (auto gone = m_connection.execute(QStringLiteral("DELETE FROM watch WHERE id = %1").arg(id));
            !gone)
            return gone;
        if (auto gone = m_policies.forget(id); !gone)
            return gone;
        if (auto gone = m_tables.drop({SeriesKind::Watch, id}); !gone)
            return gone;
        m_written.erase(id);
    }
    for (const qint64 id : change.forgottenLinks) {
        if (auto gone = m_connection.execute(QStringLiteral("DELETE FROM link WHERE id = %1").arg(id)); !gone)
            return gone;
        if (auto gone = m_tables.drop({SeriesKind::Link, id}); !gone)
            return gone;
    }
    for (const ForgottenService &gone : change.forgottenServices)
        if (auto merged = m_tables.merge({SeriesKind::Service, gone.id}, {SeriesKind::Service, gone.into});
            !merged)
            return merged;
    return change.settings ? writeSettings(*change.settings, change.settingsRevision) : Result<void>();
}

Result<void> Database::writeSettings(const QMap<QString, QVariant> &settings, quint32 revision)
{
    if (auto emptied = m_connection.execute(QStringLiteral("DELETE FROM setting")); !emptied)
        return emptied;
    auto query =
        m_connection.prepare(QStringLiteral("INSERT INTO setting (key, type, value) VALUES (?, ?, ?)"));
    if (!query)
        return std::unexpected(query.error());
    for (auto setting = settings.begin(); setting != settings.end(); ++setting) {
        const bool number = setting->typeId() == QMetaType::UInt;
        query->bindValue(0, setting.key());
        query->bindValue(1, number ? QStringLiteral("u") : QStringLiteral("s"));
        // QtSql writes a null string as NULL, and an empty list of prefixes is a null string
        const QString value = setting->toString();
        query->bindValue(2, value.isNull() ? QStringLiteral("") : value);
        if (auto ran = m_connection.run(*query, QStringLiteral("cannot write settings")); !ran)
            return ran;
    }
    return m_connection.execute(QStringLiteral("INSERT INTO revision (what, number) VALUES ('settings', %1) "
                                               "ON CONFLICT (what) DO UPDATE SET number = excluded.number")
                                    .arg(revision));
}

Result<void> Database::writeWatch(const WatchRecord &record)
{
    const auto written = m_written.find(record.id);
    const Configuration now = configurationOf(record);
    if (record.spec.kind == WatchKind::Ports && written != m_written.end() && written->second == now) {
        rows::bindPortCounters(m_countersQuery, record);
        if (auto ran =
                m_connection.run(m_countersQuery, QStringLiteral("cannot write watch %1").arg(record.id));
            !ran)
            return ran;
        return {};
    }
    rows::bind(m_watchQuery, record);
    if (auto ran = m_connection.run(m_watchQuery, QStringLiteral("cannot write watch %1").arg(record.id));
        !ran)
        return ran;
    m_written[record.id] = now;
    return {};
}

Result<void> Database::writeLink(const LinkRecord &record)
{
    rows::bind(m_linkQuery, record);
    if (auto ran = m_connection.run(m_linkQuery, QStringLiteral("cannot write link %1").arg(record.id)); !ran)
        return ran;
    return {};
}

} // namespace weir
