// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/stored_days.h"

#include <algorithm>

namespace weir {

namespace {

StoredDays::Day dayIn(const CivilZone &zone, qint64 instantS)
{
    const QDate day = zone.dayOf(instantS);
    return {zone.startOfDay(day), zone.startOfDay(day.addDays(1))};
}

CivilZone calendarOf(const QByteArray &zone)
{
    return zone.isEmpty() ? CivilZone() : CivilZone::named(QString::fromLatin1(zone)).value_or(CivilZone());
}

} // namespace

Result<void> StoredDays::load()
{
    m_numbers.clear();
    m_calendars.clear();
    m_spans.clear();
    m_zoneName.clear();
    m_zone = m_dayZone = 0;
    auto zones = m_connection.prepare(QStringLiteral("SELECT number, name FROM zone"));
    auto spans = m_connection.prepare(
        QStringLiteral("SELECT number, zone, from_s, until_s FROM zone_span ORDER BY number"));
    if (!zones || !spans)
        return std::unexpected((zones ? spans : zones).error());
    if (auto ran = m_connection.run(*zones, QStringLiteral("cannot read zones")); !ran)
        return ran;
    while (zones->next()) {
        const QByteArray name = zones->value(1).toByteArray();
        m_numbers[name] = zones->value(0).toInt();
        m_calendars[zones->value(0).toInt()] = calendarOf(name);
    }
    if (auto ran = m_connection.run(*spans, QStringLiteral("cannot read zones")); !ran)
        return ran;
    while (spans->next()) {
        const QVariant until = spans->value(3);
        m_spans.push_back({spans->value(0).toLongLong(), spans->value(1).toInt(),
                           spans->value(2).toLongLong(),
                           until.isNull() ? std::optional<qint64>() : until.toLongLong()});
        if (!m_calendars.contains(m_spans.back().zone))
            return m_connection.failed(QStringLiteral("is damaged"),
                                       QStringLiteral("a span has an unknown zone"));
    }
    if (m_spans.empty())
        return {};
    m_zone = m_spans.back().zone;
    for (const auto &[name, number] : m_numbers)
        if (number == m_zone)
            m_zoneName = name;
    return {};
}

Result<int> StoredDays::numberOf(const QByteArray &zone)
{
    if (const auto known = m_numbers.find(zone); known != m_numbers.end())
        return known->second;
    auto insert = m_connection.prepare(QStringLiteral("INSERT INTO zone (name) VALUES (?) RETURNING number"));
    if (!insert)
        return std::unexpected(insert.error());
    insert->bindValue(0, QString::fromLatin1(zone));
    if (auto ran = m_connection.run(*insert, QStringLiteral("cannot write a zone")); !ran)
        return std::unexpected(ran.error());
    if (!insert->next())
        return m_connection.failed(QStringLiteral("cannot write a zone"), insert->lastError());
    const int number = insert->value(0).toInt();
    m_numbers[zone] = number;
    m_calendars[number] = calendarOf(zone);
    return number;
}

Result<void> StoredDays::store(const Span &span)
{
    auto query = m_connection.prepare(QStringLiteral(
        "INSERT OR REPLACE INTO zone_span (number, zone, from_s, until_s) VALUES (?, ?, ?, ?)"));
    if (!query)
        return std::unexpected(query.error());
    query->bindValue(0, span.number);
    query->bindValue(1, span.zone);
    query->bindValue(2, span.fromS);
    query->bindValue(3, span.untilS ? QVariant(*span.untilS) : QVariant());
    return m_connection.run(*query, QStringLiteral("cannot write a span of a zone"));
}

Result<void> StoredDays::use(const QByteArray &zone, qint64 firstS, qint64 lastS)
{
    const QByteArray name = zone.isEmpty() ? QByteArrayLiteral("UTC") : zone;
    if (!m_spans.empty() && name == m_zoneName) {
        m_lastS = std::max(m_lastS, lastS);
        Span &span = m_spans.back();
        if (firstS >= span.fromS)
            return {};
        span.fromS = firstS;
        return store(span);
    }
    const auto number = numberOf(name);
    if (!number)
        return std::unexpected(number.error());
    if (!m_spans.empty()) {
        // rows that were written since the last start may be behind it, when the clock went back
        auto newest =
            m_connection.number(QStringLiteral("SELECT max((SELECT start_s FROM minute WHERE series = number "
                                               "ORDER BY start_s DESC LIMIT 1)) FROM series"));
        if (!newest)
            return std::unexpected(newest.error());
        Span &former = m_spans.back();
        former.untilS = std::max({former.fromS, m_lastS, *newest}) + 1;
        if (auto stored = store(former); !stored)
            return stored;
    }
    m_spans.push_back({m_spans.empty() ? 1 : m_spans.back().number + 1, *number, firstS, {}});
    m_zone = *number;
    m_zoneName = name;
    m_lastS = lastS;
    return store(m_spans.back());
}

Result<void> StoredDays::fold(qint64 atS, qint64 savedS)
{
    for (Span &span : m_spans) {
        const Span before = span;
        if (span.fromS > atS)
            span.fromS = std::min(span.fromS, savedS);
        if (span.untilS && *span.untilS > atS)
            span.untilS = std::max(span.fromS, std::max(atS, savedS)) + 1;
        if (span.fromS == before.fromS && span.untilS == before.untilS)
            continue;
        if (auto stored = store(span); !stored)
            return stored;
    }
    m_lastS = std::min(m_lastS, std::max(atS, savedS));
    return {};
}

StoredDays::Day StoredDays::dayOf(qint64 instantS) const
{
    if (m_dayZone != m_zone || instantS < m_day.startS || instantS >= m_day.endS) {
        const auto calendar = m_calendars.find(m_zone);
        m_day = dayIn(calendar == m_calendars.end() ? CivilZone() : calendar->second, instantS);
        m_dayZone = m_zone;
    }
    return m_day;
}

bool StoredDays::isCleanCut(qint64 instantS) const
{
    return std::ranges::all_of(m_spans, [&](const Span &span) {
        if (span.untilS && *span.untilS <= instantS)
            return true;
        const Day day = dayIn(m_calendars.at(span.zone), instantS);
        return day.startS == instantS || span.fromS >= day.endS;
    });
}

/// Looks at the starts of days of all zones, nearest first.
std::optional<qint64> StoredDays::nearestCut(qint64 instantS, int step) const
{
    std::vector<qint64> starts{instantS};
    for (const auto &[number, zone] : m_calendars) {
        const QDate day = zone.dayOf(instantS);
        for (int days = 0; days <= 7; ++days)
            starts.push_back(zone.startOfDay(day.addDays(step * days)));
    }
    std::erase_if(starts, [&](qint64 startS) { return step > 0 ? startS < instantS : startS > instantS; });
    if (step > 0)
        std::ranges::sort(starts);
    else
        std::ranges::sort(starts, std::greater());
    const auto cut = std::ranges::find_if(starts, [this](qint64 startS) { return isCleanCut(startS); });
    return cut == starts.end() ? std::optional<qint64>() : *cut;
}

std::optional<qint64> StoredDays::cutFrom(qint64 instantS) const
{
    return nearestCut(instantS, 1);
}

std::optional<qint64> StoredDays::cutUntil(qint64 instantS) const
{
    return nearestCut(instantS, -1);
}

} // namespace weir
