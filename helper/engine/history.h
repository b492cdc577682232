// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/address.h"
#include "helper/engine/traffic.h"

#include <QByteArray>
#include <QString>

#include <optional>
#include <vector>

/// What passed when, as plain values. The store keeps it in tiers of minutes, quarters of an hour and local
/// days; the engine knows no SQL.
namespace weir {

enum class SeriesKind : quint8 { Link, Watch, Service };

/// Whose history: a link's, watch's or service's record. Ids are never used again.
struct SeriesKey {
    SeriesKind kind = SeriesKind::Link;
    qint64 id = 0;
    auto operator<=>(const SeriesKey &) const = default;
};

/// What passed in a span of time.
struct HistoryTraffic {
    ScopedTraffic scoped;
    Traffic rest; ///< links: what is not IP, and what passed without a meter; services: over the loopback; 0
                  ///< for ports

    HistoryTraffic &operator+=(const HistoryTraffic &more)
    {
        scoped += more.scoped;
        rest += more.rest;
        return *this;
    }
    Traffic total() const { return scoped.total() + rest; }
    bool operator==(const HistoryTraffic &) const = default;
};

inline HistoryTraffic growth(const HistoryTraffic &before, const HistoryTraffic &now)
{
    return {growth(before.scoped, now.scoped), growth(before.rest, now.rest)};
}

/// Growth of one series in one minute: added to what the store has of that minute, its quarter and its day.
struct HistoryRow {
    SeriesKey series;
    qint64 startS = 0; ///< UTC, a multiple of 60
    HistoryTraffic traffic;
    bool operator==(const HistoryRow &) const = default;
};

/// Growth of one series with one remote address in one hour.
struct RemoteRow {
    SeriesKey series;
    qint64 hourS = 0; ///< UTC, a multiple of 3600
    Address remote;
    quint64 rxBytes = 0;
    quint64 txBytes = 0;
    bool operator==(const RemoteRow &) const = default;
};

/// A span in which no helper counted by the second: it was away, or the machine slept.
struct AwaySpan {
    qint64 fromS = 0; ///< UTC
    qint64 toS = 0;
    bool operator==(const AwaySpan &) const = default;
};

/// A clock that leapt forward: what was stored at or after `afterS` may lie in the future.
struct ClockMarker {
    qint64 beforeS = 0; ///< wall clock before the leap, UTC
    qint64 afterS = 0;  ///< and right after it
    bool operator==(const ClockMarker &) const = default;
};

/// The part of a change that is history; written in the transaction that moves the totals.
struct HistoryChange {
    std::vector<HistoryRow> rows;
    std::vector<RemoteRow> remotes;
    std::vector<AwaySpan> away;
    QByteArray zone;   ///< IANA id by whose days rows are summed
    qint64 savedS = 0; ///< time of this change, UTC
    std::optional<qint64>
        foldAfterS; ///< rows that begin after it are added to the ones of savedS, and deleted
    std::optional<ClockMarker> marker; ///< to be remembered; afterS 0 forgets it
    bool isEmpty() const { return rows.empty() && remotes.empty() && away.empty() && !foldAfterS && !marker; }
};

/// What the store knows of time when it is opened.
struct HistoryState {
    qint64 savedS = 0;  ///< of the last change; 0 when there was none
    qint64 newestS = 0; ///< start of the newest minute; 0 when there is none
    std::optional<ClockMarker> marker;
};

/// How long the tiers are kept; local days are kept for ever.
struct Retention {
    int minuteDays = 2;
    int quarterDays = 400;
    int remoteDays = 3; ///< addresses by the hour; afterwards by the local day
};

/// Asks for the traffic of `series` in consecutive spans.
struct HistoryQuery {
    SeriesKey series;
    std::vector<qint64> bounds; ///< ascending UTC seconds: span n is [bounds[n], bounds[n + 1])
    QByteArray zone;            ///< IANA id whose calendar the bounds follow
    bool byDays = false;        ///< every bound is the first instant of a day of `zone`
};

struct HistoryPoint {
    qint64 startS = 0;
    qint64 endS = 0;
    HistoryTraffic traffic;
    bool away = false; ///< in a part of it no helper counted by the second
    bool operator==(const HistoryPoint &) const = default;
};

/// A series that has a history.
struct SeriesInfo {
    SeriesKey key;
    QString name; ///< the last one it had
    qint64 createdS = 0;
    qint64 removedS = 0; ///< 0 while it is there
    qint64 firstS = 0;   ///< start of its first stored minute or day; 0 when there is none
    qint64 lastS = 0;
    HistoryTraffic total; ///< since it was created
};

/// A series and what it used in a span.
struct SeriesShare {
    SeriesInfo series;
    HistoryTraffic traffic;
};

struct RemoteQuery {
    SeriesKey series;
    qint64 fromS = 0; ///< rounded down to the hour
    qint64 toS = 0;   ///< rounded up to the hour
    int limit = 50;
};

struct RemoteTotal {
    Address remote;
    quint64 rxBytes = 0;
    quint64 txBytes = 0;
};

/// Addresses with most bytes first; what all others had is `other`, so that the sum is the series' own.
struct RemoteRanking {
    qint64 fromS = 0;
    qint64 toS = 0;
    std::vector<RemoteTotal> remotes;
    quint64 otherRxBytes = 0;
    quint64 otherTxBytes = 0;
};

} // namespace weir
