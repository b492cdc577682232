// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/history_tables.h"
#include "helper/store/policy_tables.h"
#include "helper/store/repair.h"
#include "helper/store/schema.h"

#include <QElapsedTimer>
#include <QFileInfo>

#include <algorithm>
#include <optional>

namespace weir::repair {

namespace {

/// Rows of one series from an instant on.
struct TableSum {
    Counters counters;
    bool hasNegative = false;
};

/// The first schema with history.
constexpr int kHistoryVersion = 2;

constexpr qsizetype kMostLeftOut = 50;

quint64 bytesOf(const Counters &counters)
{
    const Traffic total = counters.traffic().total();
    return total.rxBytes + total.txBytes;
}

QString nameOf(SeriesKey key)
{
    return QStringLiteral("%1 %2").arg(kindText(key.kind)).arg(key.id);
}

/// Nothing when a sum is too large to be compared.
Result<std::optional<TableSum>> sumFrom(Connection &connection, const QString &table, qint64 series,
                                        qint64 fromS)
{
    const QStringList &columns = Counters::columns();
    auto query = connection.prepare(
        QStringLiteral(
            "SELECT total(min(%1) < 0), max(max(%1)), sum(%2) FROM %3 WHERE series = %4 AND start_s >= %5")
            .arg(columns.join(QLatin1String(", ")), columns.join(QLatin1String("), sum(")), table)
            .arg(series)
            .arg(fromS));
    if (!query)
        return std::unexpected(query.error());
    if (!query->exec() || !query->next()) {
        if (query->lastError().text().contains(QLatin1String("overflow")))
            return std::optional<TableSum>();
        return connection.failed(QStringLiteral("cannot read ") + table, query->lastError());
    }
    if (query->value(1).toULongLong() == Counters::kMost)
        return std::optional<TableSum>();
    return TableSum{Counters::from(*query, 2), query->value(0).toDouble() > 0};
}

/// Each table by time holds the same sum as the coarser one, from its floor on.
Result<void> compareTables(Connection &connection, const HistoryTables &tables, SeriesKey key, qint64 series,
                           QStringList &findings)
{
    const HistoryTables::Floors &floors = tables.floors();
    for (const auto &[finer, coarser, fromS] :
         {std::tuple("minute", "quarter", floors.minuteS), std::tuple("quarter", "day", floors.quarterS)}) {
        const auto fine = sumFrom(connection, QLatin1String(finer), series, fromS);
        const auto coarse = sumFrom(connection, QLatin1String(coarser), series, fromS);
        if (!fine || !coarse)
            return std::unexpected((fine ? coarse : fine).error());
        for (const auto &[table, sum] : {std::pair(finer, *fine), std::pair(coarser, *coarse)})
            if (sum && sum->hasNegative)
                findings.append(QStringLiteral("%1: table %2 has a negative number")
                                    .arg(nameOf(key), QLatin1String(table)));
        if (*fine && *coarse && (*fine)->counters != (*coarse)->counters)
            findings.append(QStringLiteral("%1: the sums of tables %2 and %3 differ (%4 and %5 bytes)")
                                .arg(nameOf(key), QLatin1String(finer), QLatin1String(coarser))
                                .arg(bytesOf((*fine)->counters))
                                .arg(bytesOf((*coarse)->counters)));
    }
    return {};
}

Result<void> checkHistory(Connection &connection, const QElapsedTimer &sinceStart,
                          std::chrono::milliseconds allowance, QStringList &findings)
{
    HistoryTables tables(connection);
    if (auto loaded = tables.load(); !loaded)
        return std::unexpected(loaded.error());
    const auto strays = connection.number(
        QStringLiteral("SELECT count(*) FROM day WHERE series NOT IN (SELECT number FROM series)"));
    if (!strays)
        return std::unexpected(strays.error());
    if (*strays > 0)
        findings.append(QStringLiteral("%1 rows of table day belong to no series").arg(*strays));
    size_t looked = 0;
    for (const auto &[key, number] : tables.series()) {
        if (sinceStart.elapsed() > allowance.count()) {
            findings.append(
                QStringLiteral("the check took too long: history was compared for %1 of %2 series")
                    .arg(looked)
                    .arg(tables.series().size()));
            return {};
        }
        if (auto compared = compareTables(connection, tables, key, number, findings); !compared)
            return compared;
        ++looked;
    }
    return {};
}

/// SQLite's own check does not look at a table's CHECKs through a connection that only reads.
Result<void> checkPolicies(Connection &connection, QStringList &findings)
{
    const auto leftOut = PolicyTables(connection).load();
    if (!leftOut)
        return std::unexpected(leftOut.error());
    findings += leftOut->first(std::min(leftOut->size(), kMostLeftOut));
    if (leftOut->size() > kMostLeftOut)
        findings.append(
            QStringLiteral("%1 more rows of policies are not valid").arg(leftOut->size() - kMostLeftOut));
    for (const char *table : PolicyTables::kNames) {
        const auto strays = connection.number(
            QStringLiteral("SELECT count(*) FROM %1 WHERE watch NOT IN (SELECT id FROM watch)")
                .arg(QLatin1String(table)));
        if (!strays)
            return std::unexpected(strays.error());
        if (*strays > 0)
            findings.append(QStringLiteral("%1 rows of table %2 belong to no watch")
                                .arg(QString::number(*strays), QLatin1String(table)));
    }
    return {};
}

Result<void> checkAll(const QString &path, InUse inUse, std::chrono::milliseconds allowance,
                      QStringList &findings)
{
    QElapsedTimer sinceStart;
    sinceStart.start();
    Connection reader(path);
    if (auto opened =
            reader.open(inUse == InUse::Yes ? Connection::Access::ReadBeside : Connection::Access::ReadOnly);
        !opened)
        return opened;
    // all questions see the same moment, while the helper goes on writing
    if (auto begun = reader.execute(QStringLiteral("BEGIN")); !begun)
        return begun;
    if (auto fit = schema::identify(reader); !fit)
        return fit;
    auto query = reader.prepare(QStringLiteral("PRAGMA integrity_check(50)"));
    if (!query)
        return std::unexpected(query.error());
    if (auto ran = reader.run(*query, QStringLiteral("is damaged")); !ran)
        return ran;
    while (query->next())
        if (const QString line = query->value(0).toString(); line != QLatin1String("ok"))
            findings.append(line.simplified().left(200));
    query->finish();
    if (!findings.isEmpty())
        return {};
    if (auto same = schema::compare(reader); !same)
        return same;
    const auto version = reader.number(QStringLiteral("PRAGMA user_version"));
    if (!version)
        return std::unexpected(version.error());
    if (*version >= PolicyTables::kFirstVersion)
        if (auto checked = checkPolicies(reader, findings); !checked)
            return checked;
    return *version >= kHistoryVersion ? checkHistory(reader, sinceStart, allowance, findings)
                                       : Result<void>();
}

} // namespace

QStringList check(const QString &path, InUse inUse, std::chrono::milliseconds allowance)
{
    if (!QFileInfo::exists(path))
        return {QStringLiteral("%1: there is no database").arg(path)};
    QStringList findings;
    if (const auto done = checkAll(path, inUse, allowance, findings); !done)
        findings.append(done.error().message);
    return findings;
}

} // namespace weir::repair
