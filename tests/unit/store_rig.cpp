// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/store_rig.h"

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QVariant>

namespace weir {

namespace {

/// Ends the test program when a statement fails.
qint64 run(const QString &path, const QStringList &statements)
{
    qint64 value = -1;
    const QString name = QStringLiteral("other");
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
        database.setDatabaseName(path);
        if (!database.open())
            qFatal("cannot open %s", qPrintable(path));
        QSqlQuery query(database);
        for (const QString &statement : statements)
            if (!query.exec(statement))
                qFatal("%s: %s", qPrintable(statement), qPrintable(query.lastError().text()));
        if (query.next() && !query.value(0).isNull())
            value = query.value(0).toLongLong();
    }
    QSqlDatabase::removeDatabase(name);
    return value;
}

} // namespace

void executeIn(const QString &path, const QStringList &statements)
{
    run(path, statements);
}

qint64 numberIn(const QString &path, const QString &query)
{
    return run(path, {query});
}

} // namespace weir
