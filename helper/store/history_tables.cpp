// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/history_tables.h"

#include <algorithm>
#include <array>
#include <limits>

namespace weir {

namespace {

constexpr std::array kKinds{"link", "watch", "service"};
constexpr std::array kTablesBySeries{"minute", "quarter", "day", "remote_hour", "remote_day"};

/// Adds a row, or its counters to the one that is there. Where the sum of two numbers does not fit SQLite
/// makes it a floating-point one, which is larger than the largest number that fits.
QString upsert(const QString &table, const QStringList &keys, const QStringList &counters)
{
    QStringList marks;
    QStringList sums;
    for (qsizetype i = 0; i < keys.size() + counters.size(); ++i)
        marks.append(QStringLiteral("?"));
    for (const QString &counter : counters)
        sums.append(QStringLiteral("%1 = min(%1 + excluded.%1, %2)").arg(counter).arg(Counters::kMost));
    return QStringLiteral("INSERT INTO %1 (%2) VALUES (%3) ON CONFLICT (%4) DO UPDATE SET %5")
        .arg(table, (keys + counters).join(QLatin1String(", ")), marks.join(QLatin1String(", ")),
             keys.join(QLatin1String(", ")), sums.join(QLatin1String(", ")));
}

} // namespace

QString kindText(SeriesKind kind)
{
    return QLatin1String(kKinds.at(size_t(kind)));
}

std::optional<SeriesKind> kindFrom(const QString &text)
{
    const auto known =
        std::ranges::find_if(kKinds, [&](const char *kind) { return text == QLatin1String(kind); });
    return known == kKinds.end() ? std::optional<SeriesKind>() : SeriesKind(known - kKinds.begin());
}

QByteArray addressBytes(const Address &address)
{
    return QByteArray(reinterpret_cast<const char *>(address.bytes.data()), address.v6 ? 16 : 4);
}

Address addressFrom(const QByteArray &bytes)
{
    Address address{bytes.size() == 16, {}};
    std::copy_n(bytes.begin(), std::min<qsizetype>(bytes.size(), 16), address.bytes.begin());
    return address;
}

Result<HistoryState> HistoryTables::load()
{
    m_series.clear();
    m_state = {};
    m_floors = {};
    const QString seriesColumn = QStringLiteral("series");
    const QString startColumn = QStringLiteral("start_s");
    const QStringList &counters = Counters::columns();
    const std::array<std::pair<QSqlQuery *, QString>, 5> statements{{
        {&m_minuteQuery, upsert(QStringLiteral("minute"), {seriesColumn, startColumn}, counters)},
        {&m_quarterQuery, upsert(QStringLiteral("quarter"), {seriesColumn, startColumn}, counters)},
        {&m_dayQuery,
         upsert(QStringLiteral("day"), {seriesColumn, startColumn, QStringLiteral("zone")}, counters)},
        {&m_remoteQuery,
         upsert(QStringLiteral("remote_hour"),
                {seriesColumn, QStringLiteral("hour"), QStringLiteral("address")},
                {QStringLiteral("rx_bytes"), QStringLiteral("tx_bytes")})},
        {&m_markQuery, QStringLiteral("INSERT OR REPLACE INTO mark (what, at_s) VALUES (?, ?)")},
    }};
    for (const auto &[query, statement] : statements) {
        auto prepared = m_connection.prepare(statement);
        if (!prepared)
            return std::unexpected(prepared.error());
        *query = std::move(*prepared);
    }

    auto series = m_connection.prepare(QStringLiteral("SELECT number, kind, id FROM series"));
    auto marks = m_connection.prepare(QStringLiteral("SELECT what, at_s FROM mark"));
    if (!series || !marks)
        return std::unexpected((series ? marks : series).error());
    if (auto ran = m_connection.run(*series, QStringLiteral("cannot read series")); !ran)
        return std::unexpected(ran.error());
    while (series->next())
        m_series[{kindFrom(series->value(1).toString()).value_or(SeriesKind::Link),
                  series->value(2).toLongLong()}] = series->value(0).toLongLong();
    if (auto ran = m_connection.run(*marks, QStringLiteral("cannot read marks")); !ran)
        return std::unexpected(ran.error());
    ClockMarker marker;
    const std::array<std::pair<const char *, qint64 *>, 7> known{{{"saved_s", &m_state.savedS},
                                                                  {"clock_before_s", &marker.beforeS},
                                                                  {"clock_after_s", &marker.afterS},
                                                                  {"minute_floor_s", &m_floors.minuteS},
                                                                  {"quarter_floor_s", &m_floors.quarterS},
                                                                  {"remote_floor_s", &m_floors.remoteS},
                                                                  {"remote_trimmed_s", &m_floors.trimmedS}}};
    while (marks->next())
        for (const auto &[what, value] : known)
            if (marks->value(0).toString() == QLatin1String(what))
                *value = marks->value(1).toLongLong();
    if (marker.afterS != 0)
        m_state.marker = marker;
    auto newest =
        m_connection.number(QStringLiteral("SELECT max((SELECT start_s FROM minute WHERE series = number "
                                           "ORDER BY start_s DESC LIMIT 1)) FROM series"));
    if (!newest)
        return std::unexpected(newest.error());
    m_state.newestS = *newest;
    if (auto loaded = m_days.load(); !loaded)
        return std::unexpected(loaded.error());
    return m_state;
}

std::optional<qint64> HistoryTables::numberOf(SeriesKey key) const
{
    const auto known = m_series.find(key);
    return known == m_series.end() ? std::optional<qint64>() : known->second;
}

Result<qint64> HistoryTables::makeNumber(SeriesKey key)
{
    if (const auto known = numberOf(key))
        return *known;
    auto insert =
        m_connection.prepare(QStringLiteral("INSERT INTO series (kind, id) VALUES (?, ?) RETURNING number"));
    if (!insert)
        return std::unexpected(insert.error());
    insert->bindValue(0, kindText(key.kind));
    insert->bindValue(1, key.id);
    if (auto ran = m_connection.run(*insert, QStringLiteral("cannot write a series")); !ran)
        return std::unexpected(ran.error());
    if (!insert->next())
        return m_connection.failed(QStringLiteral("cannot write a series"), insert->lastError());
    return m_series[key] = insert->value(0).toLongLong();
}

Result<void> HistoryTables::setMark(const char *what, qint64 atS)
{
    m_markQuery.bindValue(0, QString(QLatin1String(what)));
    m_markQuery.bindValue(1, atS);
    return m_connection.run(m_markQuery, QStringLiteral("cannot write a mark"));
}

Result<void> HistoryTables::setFloors(const Floors &floors)
{
    const std::array<std::tuple<const char *, qint64, qint64>, 4> marks{{
        {"minute_floor_s", m_floors.minuteS, floors.minuteS},
        {"quarter_floor_s", m_floors.quarterS, floors.quarterS},
        {"remote_floor_s", m_floors.remoteS, floors.remoteS},
        {"remote_trimmed_s", m_floors.trimmedS, floors.trimmedS},
    }};
    for (const auto &[what, before, now] : marks)
        if (before != now)
            if (auto set = setMark(what, now); !set)
                return set;
    m_floors = floors;
    return {};
}

Result<void> HistoryTables::add(QSqlQuery &query, qint64 series, qint64 startS, const Counters &counters)
{
    query.bindValue(0, series);
    query.bindValue(1, startS);
    counters.bind(query, 2);
    return m_connection.run(query, QStringLiteral("cannot write history"));
}

Result<void> HistoryTables::addDay(qint64 series, qint64 startS, const Counters &counters)
{
    m_dayQuery.bindValue(0, series);
    m_dayQuery.bindValue(1, m_days.dayOf(startS).startS);
    m_dayQuery.bindValue(2, m_days.currentZone());
    counters.bind(m_dayQuery, 3);
    return m_connection.run(m_dayQuery, QStringLiteral("cannot write history"));
}

Result<void> HistoryTables::addRow(qint64 series, qint64 startS, const Counters &counters)
{
    if (startS >= m_floors.minuteS)
        if (auto added = add(m_minuteQuery, series, startS / kMinuteS * kMinuteS, counters); !added)
            return added;
    if (startS >= m_floors.quarterS)
        if (auto added = add(m_quarterQuery, series, startS / kQuarterS * kQuarterS, counters); !added)
            return added;
    return addDay(series, startS, counters);
}

Result<void> HistoryTables::addRemotes(const HistoryChange &change)
{
    for (const RemoteRow &row : change.remotes) {
        const auto series = makeNumber(row.series);
        if (!series)
            return std::unexpected(series.error());
        m_remoteQuery.bindValue(0, *series);
        m_remoteQuery.bindValue(1, row.hourS / kHourS);
        m_remoteQuery.bindValue(2, addressBytes(row.remote));
        m_remoteQuery.bindValue(3, qint64(std::min(row.rxBytes, Counters::kMost)));
        m_remoteQuery.bindValue(4, qint64(std::min(row.txBytes, Counters::kMost)));
        if (auto added = m_connection.run(m_remoteQuery, QStringLiteral("cannot write addresses")); !added)
            return added;
    }
    return {};
}

Result<void> HistoryTables::addAway(const AwaySpan &span)
{
    auto query = m_connection.prepare(
        QStringLiteral("INSERT INTO away (from_s, to_s) VALUES (?, ?) "
                       "ON CONFLICT (from_s) DO UPDATE SET to_s = max(to_s, excluded.to_s)"));
    if (!query)
        return std::unexpected(query.error());
    query->bindValue(0, span.fromS);
    query->bindValue(1, span.toS);
    return m_connection.run(*query, QStringLiteral("cannot write when no helper counted"));
}

Result<void> HistoryTables::write(const HistoryChange &change)
{
    if (!change.rows.empty()) {
        const auto [first, last] = std::ranges::minmax_element(change.rows, {}, &HistoryRow::startS);
        if (auto used = m_days.use(change.zone, first->startS, last->startS); !used)
            return used;
    }
    for (const HistoryRow &row : change.rows) {
        const auto series = makeNumber(row.series);
        if (!series)
            return std::unexpected(series.error());
        if (auto added = addRow(*series, row.startS, Counters(row.traffic)); !added)
            return added;
        m_state.newestS = std::max(m_state.newestS, row.startS);
    }
    if (auto added = addRemotes(change); !added)
        return added;
    for (const AwaySpan &span : change.away)
        if (auto added = addAway(span); !added)
            return added;
    if (change.foldAfterS)
        if (auto folded = fold(*change.foldAfterS, change.savedS); !folded)
            return folded;
    if (change.marker) {
        for (const auto &[what, atS] : {std::pair("clock_before_s", change.marker->beforeS),
                                        std::pair("clock_after_s", change.marker->afterS)})
            if (auto set = setMark(what, atS); !set)
                return set;
        m_state.marker = change.marker->afterS == 0 ? std::optional<ClockMarker>() : change.marker;
    }
    if (change.savedS == 0 || change.savedS == m_state.savedS)
        return {};
    m_state.savedS = change.savedS;
    return setMark("saved_s", change.savedS);
}

Result<void> HistoryTables::merge(SeriesKey key, SeriesKey into)
{
    const auto from = numberOf(key);
    if (!from)
        return {};
    auto to = makeNumber(into);
    if (!to)
        return std::unexpected(to.error());
    QStringList sums;
    for (const QString &column : Counters::columns())
        sums.append(QStringLiteral("%1 = %1 + excluded.%1").arg(column));
    const QString columns = Counters::columns().join(QLatin1String(", "));
    for (const auto &[table, keys] : {std::pair("minute", "start_s"), std::pair("quarter", "start_s"),
                                      std::pair("day", "start_s, zone")}) {
        const QString statement =
            QStringLiteral("INSERT INTO %1 (series, %2, %3) SELECT %4, %2, %3 FROM %1 WHERE series = %5 "
                           "ON CONFLICT DO UPDATE SET %6")
                .arg(QLatin1String(table), QLatin1String(keys), columns)
                .arg(*to)
                .arg(*from)
                .arg(sums.join(QLatin1String(", ")));
        if (auto added = m_connection.execute(statement); !added)
            return added;
    }
    return drop(key);
}

Result<void> HistoryTables::drop(SeriesKey key)
{
    const auto number = numberOf(key);
    if (!number)
        return {};
    for (const char *table : kTablesBySeries)
        if (auto gone = m_connection.execute(
                QStringLiteral("DELETE FROM %1 WHERE series = %2").arg(QLatin1String(table)).arg(*number));
            !gone)
            return gone;
    if (auto gone = m_connection.execute(QStringLiteral("DELETE FROM series WHERE number = %1").arg(*number));
        !gone)
        return gone;
    m_series.erase(key);
    return {};
}

Result<quint64> HistoryTables::forget(SeriesKey key, qint64 fromS, qint64 toS)
{
    const auto number = numberOf(key);
    const auto firstS = fromS <= 0 ? 0 : m_days.cutFrom(fromS);
    const auto endS = toS <= 0 ? std::numeric_limits<qint64>::max() : m_days.cutUntil(toS);
    if (!number || !firstS || !endS || *firstS >= *endS)
        return 0;
    quint64 rows = 0;
    for (const char *table : kTablesBySeries) {
        const QString name = QLatin1String(table);
        const bool hours = name == QLatin1String("remote_hour");
        auto query =
            m_connection.prepare(QStringLiteral("DELETE FROM %1 WHERE series = ? AND %2 >= ? AND %2 < ?")
                                     .arg(name, hours ? QStringLiteral("hour") : QStringLiteral("start_s")));
        if (!query)
            return std::unexpected(query.error());
        query->bindValue(0, *number);
        query->bindValue(1, hours ? *firstS / kHourS : *firstS);
        query->bindValue(2, hours ? *endS / kHourS : *endS);
        if (auto ran = m_connection.run(*query, QStringLiteral("cannot delete history")); !ran)
            return std::unexpected(ran.error());
        rows += quint64(std::max(query->numRowsAffected(), 0));
    }
    return rows;
}

} // namespace weir
