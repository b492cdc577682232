// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/history_reader.h"

#include <algorithm>
#include <limits>

/// Which series there are, and who was at the other end.
namespace weir {

namespace {

QString sumOf(const char *scope, const char *member)
{
    return QLatin1String(scope) + QLatin1Char('_') + QLatin1String(member);
}

/// Columns of a record's totals in the order of Counters; those of `rest` are summed.
QString totals(std::initializer_list<const char *> rest)
{
    QStringList columns;
    for (const char *scope : {"internet", "local", ""}) {
        for (const char *member : {"rx_bytes", "tx_bytes", "rx_packets", "tx_packets"}) {
            QStringList parts;
            if (*scope != '\0')
                parts.append(sumOf(scope, member));
            else
                for (const char *each : rest)
                    parts.append(sumOf(each, member));
            columns.append(parts.join(QLatin1String(" + ")));
        }
    }
    return columns.join(QLatin1String(", "));
}

/// A kind's records: id, name, when counting began and ended, totals.
QString recordsOf(SeriesKind kind)
{
    switch (kind) {
    case SeriesKind::Link:
        return QStringLiteral("SELECT id, name, first_seen_s, 0, %1 FROM link")
            .arg(totals({"other", "unmetered"}));
    case SeriesKind::Watch:
        return QStringLiteral("SELECT id, name, created_s, removed_s, %1 FROM watch").arg(totals({"other"}));
    case SeriesKind::Service:
        return QStringLiteral("SELECT id, name, first_seen_s, 0, %1 FROM service").arg(totals({"loopback"}));
    }
    Q_UNREACHABLE();
}

} // namespace

Result<std::vector<SeriesInfo>> HistoryReader::series()
{
    std::vector<SeriesInfo> found;
    for (const SeriesKind kind : {SeriesKind::Link, SeriesKind::Watch, SeriesKind::Service}) {
        auto query = m_connection.prepare(recordsOf(kind));
        if (!query)
            return std::unexpected(query.error());
        if (auto ran = m_connection.run(*query, QStringLiteral("cannot read series")); !ran)
            return std::unexpected(ran.error());
        while (query->next())
            found.push_back({{kind, query->value(0).toLongLong()},
                             query->value(1).toString(),
                             query->value(2).toLongLong(),
                             query->value(3).toLongLong(),
                             0,
                             0,
                             Counters::from(*query, 4).traffic()});
    }
    if (auto added = addRanges(found); !added)
        return std::unexpected(added.error());
    return found;
}

/// First and last row of each: of the finest table that reaches there.
Result<void> HistoryReader::addRanges(std::vector<SeriesInfo> &found)
{
    auto query =
        m_connection.prepare(QStringLiteral("SELECT (SELECT min(start_s) FROM minute WHERE series = ?), "
                                            "(SELECT max(start_s) FROM minute WHERE series = ?), "
                                            "(SELECT min(start_s) FROM quarter WHERE series = ?), (SELECT "
                                            "max(start_s) FROM quarter WHERE series = ?), "
                                            "(SELECT min(start_s) FROM day WHERE series = ?), (SELECT "
                                            "max(start_s) FROM day WHERE series = ?)"));
    if (!query)
        return std::unexpected(query.error());
    constexpr std::array<qint64, 3> kReachS{0, kQuarterS, 27 * kHourS};
    for (SeriesInfo &info : found) {
        const auto number = m_tables.numberOf(info.key);
        if (!number)
            continue;
        for (int i = 0; i < 6; ++i)
            query->bindValue(i, *number);
        if (auto ran = m_connection.run(*query, QStringLiteral("cannot read series")); !ran)
            return ran;
        if (!query->next())
            continue;
        // a finer row stands for a coarser one that it lies in
        for (int tier = 2; tier >= 0; --tier) {
            const QVariant first = query->value(2 * tier);
            if (first.isNull())
                continue;
            if (tier == 2 || first.toLongLong() < info.firstS + kReachS.at(size_t(tier) + 1))
                info.firstS = first.toLongLong();
            info.lastS = std::max(info.lastS, query->value(2 * tier + 1).toLongLong());
        }
        query->finish();
    }
    return {};
}

Result<std::map<Address, RemoteTotal>> HistoryReader::remoteSums(qint64 series, qint64 fromS, qint64 toS)
{
    auto query = m_connection.prepare(QStringLiteral(
        "SELECT address, rx_bytes, tx_bytes FROM remote_hour WHERE series = ? AND hour >= ? AND hour < ? "
        "UNION ALL SELECT address, rx_bytes, tx_bytes FROM remote_day WHERE series = ? AND start_s >= ? AND "
        "start_s < ?"));
    if (!query)
        return std::unexpected(query.error());
    query->bindValue(0, series);
    query->bindValue(1, fromS / kHourS);
    query->bindValue(2, (toS + kHourS - 1) / kHourS);
    query->bindValue(3, series);
    query->bindValue(4, fromS);
    query->bindValue(5, toS);
    if (auto ran = m_connection.run(*query, QStringLiteral("cannot read addresses")); !ran)
        return std::unexpected(ran.error());
    std::map<Address, RemoteTotal> sums;
    while (query->next()) {
        const Address address = addressFrom(query->value(0).toByteArray());
        RemoteTotal &sum = sums[address];
        sum.remote = address;
        sum.rxBytes = saturatingSum(sum.rxBytes, query->value(1).toULongLong());
        sum.txBytes = saturatingSum(sum.txBytes, query->value(2).toULongLong());
    }
    return sums;
}

Result<RemoteRanking> HistoryReader::remotes(const RemoteQuery &query)
{
    if (query.fromS < 0 || query.toS <= query.fromS || query.toS > kLastInstantS || query.limit < 1)
        return failure(ErrorKind::InvalidArgument, QStringLiteral("from_s, to_s, limit: out of range"));
    RemoteRanking ranking{
        query.fromS / kHourS * kHourS, (query.toS + kHourS - 1) / kHourS * kHourS, {}, 0, 0};
    // where only days are kept, whole ones: else the rows would be of another time than the total
    const qint64 floorS = m_tables.floors().remoteS;
    if (ranking.fromS < floorS)
        ranking.fromS = m_tables.days().cutUntil(ranking.fromS).value_or(ranking.fromS);
    if (ranking.toS < floorS)
        ranking.toS = m_tables.days().cutFrom(ranking.toS).value_or(ranking.toS);

    const auto total = points({query.series, {ranking.fromS, ranking.toS}, {}, false});
    if (!total)
        return std::unexpected(total.error());
    const auto number = m_tables.numberOf(query.series);
    auto sums = number ? remoteSums(*number, ranking.fromS, ranking.toS) : std::map<Address, RemoteTotal>();
    if (!sums)
        return std::unexpected(sums.error());
    for (const auto &[address, sum] : *sums)
        ranking.remotes.push_back(sum);
    std::ranges::stable_sort(ranking.remotes, std::greater(), [](const RemoteTotal &each) {
        return saturatingSum(each.rxBytes, each.txBytes);
    });
    if (ranking.remotes.size() > size_t(query.limit))
        ranking.remotes.resize(size_t(query.limit));
    const Traffic all = total->front().traffic.total();
    RemoteTotal named;
    for (const RemoteTotal &each : ranking.remotes) {
        named.rxBytes = saturatingSum(named.rxBytes, each.rxBytes);
        named.txBytes = saturatingSum(named.txBytes, each.txBytes);
    }
    ranking.otherRxBytes = all.rxBytes - std::min(all.rxBytes, named.rxBytes);
    ranking.otherTxBytes = all.txBytes - std::min(all.txBytes, named.txBytes);
    return ranking;
}

} // namespace weir
