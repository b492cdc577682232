// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/policy_tables.h"

#include "helper/store/policy_rows.h"

#include <QVariant>

namespace weir {

namespace {

constexpr std::array kWords{"limit", "quota", "burst guard", "guard state"};
static_assert(kWords.size() == PolicyTables::kNames.size());

} // namespace

Result<QStringList> PolicyTables::load()
{
    m_kept.clear();
    QStringList leftOut;
    const auto version = m_connection.number(QStringLiteral("PRAGMA user_version"));
    if (!version)
        return std::unexpected(version.error());
    if (*version < kFirstVersion)
        return leftOut;
    const auto intoPolicies = [](auto member) {
        return [member](Kept &kept, auto policy) {
            if (policy)
                kept.policies.*member = std::move(*policy);
        };
    };
    auto loaded =
        loadTable(Limit, rows::limitColumns(), rows::limitFrom, intoPolicies(&Policies::limit), leftOut);
    if (loaded)
        loaded =
            loadTable(Quota, rows::quotaColumns(), rows::quotaFrom, intoPolicies(&Policies::quota), leftOut);
    if (loaded)
        loaded =
            loadTable(Burst, rows::burstColumns(), rows::burstFrom, intoPolicies(&Policies::burst), leftOut);
    if (loaded)
        loaded = loadTable(
            Guard, rows::guardColumns(), rows::guardFrom,
            [](Kept &kept, auto guard) { kept.guard = guard ? std::optional(*guard) : std::nullopt; },
            leftOut);
    if (!loaded)
        return std::unexpected(loaded.error());
    return leftOut;
}

template <typename From, typename Keep>
Result<void> PolicyTables::loadTable(Table table, const QStringList &columns, From from, Keep keep,
                                     QStringList &leftOut)
{
    auto query = m_connection.prepare(
        QStringLiteral("SELECT own.%1, watch.name FROM %2 AS own LEFT JOIN watch ON watch.id = own.watch "
                       "ORDER BY own.watch")
            .arg(columns.join(QLatin1String(", own.")), QLatin1String(kNames[table])));
    if (!query)
        return std::unexpected(query.error());
    const QString what = QStringLiteral("cannot read ") + QLatin1String(kNames[table]);
    if (auto ran = m_connection.run(*query, what); !ran)
        return ran;
    while (query->next()) {
        const qint64 watch = query->value(0).toLongLong();
        auto value = from(*query);
        if (!value)
            leftOut.append(QStringLiteral("the %1 of watch %2 (%3) is not valid: %4")
                               .arg(QLatin1String(kWords[table]), QString::number(watch),
                                    query->value(int(columns.size())).toString().left(80),
                                    value.error().left(200)));
        keep(m_kept[watch], std::move(value));
    }
    // SQLite ends a table early where it finds damage
    if (query->lastError().isValid())
        return m_connection.failed(what, query->lastError());
    return {};
}

void PolicyTables::giveTo(WatchRecord &record) const
{
    const auto kept = m_kept.find(record.id);
    if (kept == m_kept.end())
        return;
    record.spec.policies = kept->second.policies;
    record.guard = kept->second.guard.value_or(GuardState{});
}

Result<void> PolicyTables::prepare()
{
    const std::array columns{rows::limitColumns(), rows::quotaColumns(), rows::burstColumns(),
                             rows::guardColumns()};
    for (size_t table = 0; table < kNames.size(); ++table) {
        const QStringList marks(columns[table].size(), QStringLiteral("?"));
        auto prepared = m_connection.prepare(QStringLiteral("INSERT OR REPLACE INTO %1 (%2) VALUES (%3)")
                                                 .arg(QLatin1String(kNames[table]),
                                                      columns[table].join(QLatin1String(", ")),
                                                      marks.join(QLatin1String(", "))));
        if (!prepared)
            return std::unexpected(prepared.error());
        m_queries[table] = std::move(*prepared);
    }
    return {};
}

template <typename Value>
Result<void> PolicyTables::put(Table table, qint64 watch, const Value &value)
{
    rows::bind(m_queries[table], watch, value);
    return m_connection.run(
        m_queries[table],
        QStringLiteral("cannot write the %1 of watch %2").arg(QLatin1String(kWords[table])).arg(watch));
}

template <typename Policy>
Result<void> PolicyTables::replace(Table table, qint64 watch, std::optional<Policy> &kept,
                                   const std::optional<Policy> &now)
{
    if (kept == now)
        return {};
    if (auto written = now ? put(table, watch, *now) : remove(table, watch); !written)
        return written;
    kept = now;
    return {};
}

Result<void> PolicyTables::write(const WatchRecord &record)
{
    const Policies &now = record.spec.policies;
    auto found = m_kept.find(record.id);
    if (found == m_kept.end()) {
        if (now == Policies{} && record.guard == GuardState{})
            return {};
        found = m_kept.emplace(record.id, Kept{}).first;
    }
    Kept &kept = found->second;
    auto written = replace(Limit, record.id, kept.policies.limit, now.limit);
    if (written)
        written = replace(Quota, record.id, kept.policies.quota, now.quota);
    if (written)
        written = replace(Burst, record.id, kept.policies.burst, now.burst);
    if (!written || kept.guard == record.guard)
        return written;
    written = record.guard == GuardState{} ? remove(Guard, record.id) : put(Guard, record.id, record.guard);
    kept.guard = record.guard;
    return written;
}

Result<void> PolicyTables::forget(qint64 watch)
{
    if (m_kept.erase(watch) == 0)
        return {};
    for (const Table table : {Limit, Quota, Burst, Guard})
        if (auto gone = remove(table, watch); !gone)
            return gone;
    return {};
}

Result<void> PolicyTables::remove(Table table, qint64 watch)
{
    return m_connection.execute(
        QStringLiteral("DELETE FROM %1 WHERE watch = %2").arg(QLatin1String(kNames[table])).arg(watch));
}

} // namespace weir
