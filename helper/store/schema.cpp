// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/schema.h"

#include <QFile>
#include <QStringList>

#include <algorithm>
#include <array>

namespace weir::schema {

namespace {

const char *const kRemedy = "move it away, restore a copy or start afresh";

/// Tables that grow by the quarter of an hour and are checked only when asked for: a start must not take
/// seconds.
constexpr std::array kLongTables{"minute", "quarter", "remote_hour", "remote_day"};

QString fileOf(int version)
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

Result<QStringList> objects(Connection &connection)
{
    auto query = connection.prepare(
        QStringLiteral("SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') "
                       "FROM sqlite_schema ORDER BY type, name"));
    if (!query)
        return std::unexpected(query.error());
    if (auto ran = connection.run(*query, QStringLiteral("cannot read its schema")); !ran)
        return std::unexpected(ran.error());
    QStringList found;
    while (query->next())
        found.append(query->value(0).toString());
    return found;
}

Result<void> checkWith(Connection &connection, const QString &pragma)
{
    auto check = connection.prepare(pragma);
    if (!check)
        return std::unexpected(check.error());
    if (auto ran = connection.run(*check, QStringLiteral("is damaged")); !ran)
        return ran;
    if (!check->next() || check->value(0).toString() != QLatin1String("ok"))
        return connection.failed(QStringLiteral("is damaged (%1)").arg(QLatin1String(kRemedy)),
                                 check->value(0).toString().left(200));
    return {};
}

Result<void> checkTables(Connection &connection)
{
    auto names = connection.prepare(QStringLiteral("SELECT name FROM sqlite_schema WHERE type = 'table'"));
    if (!names)
        return std::unexpected(names.error());
    if (auto ran = connection.run(*names, QStringLiteral("is damaged")); !ran)
        return ran;
    QStringList tables;
    while (names->next())
        tables.append(names->value(0).toString());
    for (const QString &table : tables) {
        const bool isLong =
            std::ranges::any_of(kLongTables, [&](const char *each) { return table == QLatin1String(each); });
        if (isLong || table.startsWith(QLatin1String("sqlite_")))
            continue;
        if (auto fit = checkWith(connection, QStringLiteral("PRAGMA quick_check('%1')").arg(table)); !fit)
            return fit;
    }
    return {};
}

} // namespace

int newestVersion()
{
    int version = 0;
    while (QFile::exists(fileOf(version + 1)))
        ++version;
    return version;
}

Result<void> migrate(Connection &connection, int version)
{
    const auto found = connection.number(QStringLiteral("PRAGMA user_version"));
    if (!found)
        return std::unexpected(found.error());
    for (int next = int(*found) + 1; next <= version; ++next) {
        QFile file(fileOf(next));
        if (!file.open(QIODevice::ReadOnly))
            return connection.failed(QStringLiteral("cannot read schema %1").arg(next), file.errorString());
        QStringList steps = statements(QString::fromUtf8(file.readAll()));
        steps += QStringLiteral("PRAGMA application_id = %1").arg(kApplicationId);
        steps += QStringLiteral("PRAGMA user_version = %1").arg(next);
        const auto migrated = connection.transaction([&]() -> Result<void> {
            for (const QString &step : steps)
                if (auto done = connection.execute(step); !done)
                    return done;
            return {};
        });
        if (!migrated)
            return migrated;
    }
    return {};
}

Result<void> identify(Connection &connection)
{
    const QString remedy = QLatin1String(kRemedy);
    std::array<qint64, 3> answers;
    const std::array questions{"PRAGMA application_id", "PRAGMA user_version",
                               "SELECT count(*) FROM sqlite_schema"};
    for (size_t i = 0; i < questions.size(); ++i) {
        const auto answer = connection.number(QLatin1String(questions[i]));
        if (!answer)
            return failure(
                ErrorKind::StorageFailed,
                QStringLiteral("%1; it is damaged or no database (%2)").arg(answer.error().message, remedy));
        answers[i] = *answer;
    }
    const auto [application, version, tables] = answers;
    // a file that a crash left empty is ours to fill
    if (tables == 0 && version == 0 && application == 0)
        return {};
    if (application != kApplicationId)
        return connection.failed(QStringLiteral("is not a database of Weir"), remedy);
    if (version > newestVersion() || version < 1)
        return connection.failed(
            QStringLiteral("was written by a newer version of Weir (schema %1, this one knows %2)")
                .arg(version)
                .arg(newestVersion()),
            QStringLiteral("install that version again, or ") + remedy);
    return {};
}

Result<void> inspect(Connection &connection)
{
    const auto known = identify(connection);
    return known ? checkTables(connection) : known;
}

Result<void> checkAll(Connection &connection)
{
    return checkWith(connection, QStringLiteral("PRAGMA quick_check(1)"));
}

Result<void> compare(Connection &connection)
{
    const auto version = connection.number(QStringLiteral("PRAGMA user_version"));
    if (!version)
        return std::unexpected(version.error());
    Connection own(QStringLiteral(":memory:"));
    if (auto opened = own.open(Connection::Access::ReadWrite); !opened)
        return opened;
    if (auto migrated = migrate(own, int(*version)); !migrated)
        return migrated;
    const auto expected = objects(own);
    const auto found = objects(connection);
    if (!expected || !found)
        return std::unexpected((expected ? found : expected).error());
    for (const QString &object : *found)
        if (!expected->contains(object))
            return connection.failed(QStringLiteral("is not as Weir writes it"),
                                     QStringLiteral("it has the foreign ") + object.simplified().left(80));
    for (const QString &object : *expected)
        if (!found->contains(object))
            return connection.failed(QStringLiteral("is not as Weir writes it"),
                                     QStringLiteral("it lacks the ") + object.simplified().left(80));
    return {};
}

} // namespace weir::schema
