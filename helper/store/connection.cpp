// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/connection.h"

#include <QFile>
#include <QFileInfo>
#include <QUuid>

namespace weir {

namespace {

/// How long a write waits for somebody who looks at the file with other tools.
constexpr int kBusyTimeoutMs = 5000;

/// What a person can do against one of SQLite's primary error codes.
QString remedyFor(int code)
{
    constexpr int kBusy = 5;
    constexpr int kReadOnly = 8;
    constexpr int kInputOutput = 10;
    constexpr int kCorrupt = 11;
    constexpr int kFull = 13;
    constexpr int kNotADatabase = 26;
    switch (code) {
    case kBusy:
        return QStringLiteral("another program holds the file; end it");
    case kReadOnly:
        return QStringLiteral("the file or its disk is read-only; make it writable");
    case kInputOutput:
        return QStringLiteral("the disk fails or is gone; look into the kernel's log");
    case kFull:
        return QStringLiteral("the disk is full; make room");
    case kCorrupt:
    case kNotADatabase:
        return QStringLiteral("the file is damaged; restore a copy or start afresh");
    default:
        return {};
    }
}

} // namespace

Connection::Connection(QString path)
    : m_path(std::move(path)), m_name(QStringLiteral("weir-") + QUuid::createUuid().toString())
{ }

Connection::~Connection()
{
    close();
}

void Connection::close()
{
    if (!m_database.isValid())
        return;
    m_database.close();
    m_database = QSqlDatabase();
    QSqlDatabase::removeDatabase(m_name);
}

Result<void> Connection::open(Access access)
{
    close();
    m_database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_name);
    QString options = QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(kBusyTimeoutMs);
    if (access == Access::ReadWrite) {
        m_database.setDatabaseName(m_path);
    } else {
        // Without a log beside it the file is all there is, and SQLite need not make one to read it. With a
        // log (of a helper that runs or was killed) it must be read too: for that SQLite maps its index file,
        // but a reader never writes the database.
        const bool log =
            access == Access::ReadBeside || QFileInfo(m_path + QStringLiteral("-wal")).size() > 0;
        m_database.setDatabaseName(
            QStringLiteral("file:%1%2")
                .arg(QString::fromLatin1(
                         QFile::encodeName(QFileInfo(m_path).absoluteFilePath()).toPercentEncoding("/")),
                     log ? QString() : QStringLiteral("?immutable=1")));
        options += QStringLiteral(";QSQLITE_OPEN_READONLY;QSQLITE_OPEN_URI");
    }
    m_database.setConnectOptions(options);
    if (!m_database.open())
        return failed(QStringLiteral("cannot open"), m_database.lastError());
    // a schema that somebody else wrote shall call no functions with side effects, and damaged cells are
    // found as they are read
    if (auto set = pragma(QStringLiteral("trusted_schema"), QStringLiteral("OFF"), QStringLiteral("0")); !set)
        return set;
    return pragma(QStringLiteral("cell_size_check"), QStringLiteral("ON"), QStringLiteral("1"));
}

Result<QSqlQuery> Connection::prepare(const QString &statement)
{
    QSqlQuery query(m_database);
    query.setForwardOnly(true);
    if (!query.prepare(statement))
        return failed(QStringLiteral("cannot prepare"), query.lastError());
    return query;
}

Result<void> Connection::run(QSqlQuery &query, const QString &what)
{
    if (!query.exec())
        return failed(what, query.lastError());
    return {};
}

Result<void> Connection::execute(const QString &statement)
{
    QSqlQuery query(m_database);
    if (!query.exec(statement))
        return failed(statement.section(QLatin1Char('('), 0, 0).simplified().left(60), query.lastError());
    return {};
}

Result<qint64> Connection::number(const QString &statement)
{
    QSqlQuery query(m_database);
    if (!query.exec(statement))
        return failed(QStringLiteral("cannot read"), query.lastError());
    return query.next() ? query.value(0).toLongLong() : 0;
}

Result<void> Connection::transaction(const std::function<Result<void>()> &work)
{
    if (auto begun = execute(QStringLiteral("BEGIN IMMEDIATE")); !begun)
        return begun;
    auto done = work();
    if (done)
        done = execute(QStringLiteral("COMMIT"));
    if (!done)
        m_database.rollback(); // without effect where SQLite did it itself, as when the disk is full
    return done;
}

Result<void> Connection::pragma(const QString &name, const QString &value, const QString &answer)
{
    QSqlQuery query(m_database);
    if (!query.exec(QStringLiteral("PRAGMA %1 = %2").arg(name, value)))
        return failed(QStringLiteral("cannot set %1").arg(name), query.lastError());
    query.finish();
    if (!query.exec(QStringLiteral("PRAGMA %1").arg(name)) || !query.next())
        return failed(QStringLiteral("cannot read %1").arg(name), query.lastError());
    if (const QString got = query.value(0).toString(); got != answer)
        return failed(QStringLiteral("cannot set %1 to %2").arg(name, value), QStringLiteral("it is ") + got);
    return {};
}

std::unexpected<Error> Connection::failed(const QString &what, const QString &why) const
{
    return failure(ErrorKind::StorageFailed, QStringLiteral("%1: %2: %3").arg(m_path, what, why));
}

std::unexpected<Error> Connection::failed(const QString &what, const QSqlError &error) const
{
    const QString remedy = remedyFor(error.nativeErrorCode().toInt() & 0xff);
    // the driver's own words say nothing more
    const QString text = error.databaseText().isEmpty() ? error.text() : error.databaseText();
    return failed(what, remedy.isEmpty() ? text : QStringLiteral("%1 (%2)").arg(text, remedy));
}

} // namespace weir
