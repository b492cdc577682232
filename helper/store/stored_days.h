// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/civil_time.h"
#include "helper/store/connection.h"

#include <map>
#include <optional>
#include <vector>

namespace weir {

/// By whose calendar the stored days were summed, and where they can be cut exactly.
///
/// A day's row holds what was written for that day while its zone was the helper's. When the zone changes,
/// rows of both lie over each other around that time; an instant at which no row has traffic on both sides is
/// a clean cut.
class StoredDays
{
public:
    explicit StoredDays(Connection &connection) : m_connection(connection) { }

    Result<void> load();

    /// Notes that rows from `firstS` to `lastS` are summed by days of `zone` from now on; an id that this
    /// machine does not know counts as UTC. Inside a transaction; load() again when that fails.
    Result<void> use(const QByteArray &zone, qint64 firstS, qint64 lastS);
    /// No row begins after `atS` any more but those at or before `savedS`.
    Result<void> fold(qint64 atS, qint64 savedS);

    int currentZone() const { return m_zone; }
    /// First instant of the day of the zone in use that holds `instantS`, and of the next one.
    struct Day {
        qint64 startS = 0;
        qint64 endS = 0;
    };
    Day dayOf(qint64 instantS) const;

    bool isCleanCut(qint64 instantS) const;
    /// The first clean cut at or after an instant, the last one at or before it; nothing when there is none
    /// within a week.
    std::optional<qint64> cutFrom(qint64 instantS) const;
    std::optional<qint64> cutUntil(qint64 instantS) const;

private:
    struct Span {
        qint64 number = 0;
        int zone = 0;
        qint64 fromS = 0;
        std::optional<qint64> untilS;
    };
    Result<int> numberOf(const QByteArray &zone);
    Result<void> store(const Span &span);
    std::optional<qint64> nearestCut(qint64 instantS, int step) const;

    Connection &m_connection;
    std::map<QByteArray, int> m_numbers;
    std::map<int, CivilZone> m_calendars;
    std::vector<Span> m_spans;
    QByteArray m_zoneName;
    int m_zone = 0;
    qint64 m_lastS = 0;        ///< of the rows written by days of the zone in use, since load()
    mutable Day m_day;         ///< the one that was asked for last
    mutable int m_dayZone = 0; ///< by whose calendar
};

} // namespace weir
