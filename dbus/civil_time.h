// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/error.h"

#include <QDate>

#include <memory>
#include <vector>

/// The calendar of a time zone: days, months and hours as its people live them, and times as they write them.
///
/// Instants are UTC seconds since 1970. Pure values, any thread.
namespace weir {

/// History is kept and asked for between these two instants: 2000-01-01 and 2100-01-01, both 00:00 UTC.
inline constexpr qint64 kFirstInstantS = 946'684'800;
inline constexpr qint64 kLastInstantS = 4'102'444'800;

/// Buckets that one answer may have.
inline constexpr size_t kMaxPoints = 5000;

/// How long one bucket of a history is.
enum class Step : quint8 { Minute, Quarter, Hour, Day, Month };

/// Reads "minute", "quarter" (of an hour), "hour", "day" or "month"; InvalidArgument for anything else.
Result<Step> parseStep(QStringView text);
QString toString(Step step);

/// A time zone, read once: afterwards every question is a search among its changes of offset, without a
/// system call.
class CivilZone
{
public:
    /// UTC.
    CivilZone();

    /// The zone of an IANA id ("Europe/Berlin"); an empty name is the machine's own zone as it is now (UTC
    /// when it has none). InvalidArgument naming
    /// `zone` for what this machine's tz database does not have. Takes a millisecond or two: keep the value.
    static Result<CivilZone> named(QStringView name);

    const QString &name() const { return m_name; }

    /// Seconds that clocks are ahead of UTC.
    int offsetAt(qint64 instantS) const;

    /// The first instant of a day: midnight, or where clocks skip it the instant after. A day is the time
    /// from its first instant to that of the next day: where clocks go back over midnight, the hour that
    /// comes twice is all the later day's.
    qint64 startOfDay(QDate day) const;
    qint64 startOfMonth(QDate anyDayOfIt) const;
    qint64 startOfYear(QDate anyDayOfIt) const;
    QDate dayOf(qint64 instantS) const;

    /// The instant at which clocks show `localS` (seconds since 1970-01-01 00:00 on the clock) for the first
    /// time; where they never do, the first instant after the gap.
    qint64 firstShowing(qint64 localS) const;

    /// First instant of the bucket that holds an instant, and of the one after it. Minutes and quarters are
    /// UTC's, which are the zone's too. Hours are the zone's: they begin where its clocks show a full hour,
    /// so every hour that passes is a bucket of its own on the nights when clocks change. Where they change
    /// by half an hour, two buckets are as short.
    qint64 startOfBucket(Step step, qint64 instantS) const;
    qint64 endOfBucket(Step step, qint64 instantS) const;

    bool operator==(const CivilZone &other) const { return m_name == other.m_name; }

private:
    struct Span {
        qint64 sinceS; ///< the first one begins before everything
        int offsetS;
    };
    using Spans = std::vector<Span>;
    CivilZone(QString name, std::shared_ptr<const Spans> spans);
    Spans::const_iterator spanAt(qint64 instantS) const;

    QString m_name;
    std::shared_ptr<const Spans> m_spans; ///< never empty
};

/// First instants of the buckets that cover [fromS, toS), and the end of the last one: bucket n is [b[n], b[n
/// + 1]). The first may begin before `fromS`, the last end after `toS`. InvalidArgument naming `from_s`,
/// `to_s` or `step` and the range when from is not before to, either lies outside kFirstInstantS …
/// kLastInstantS, or there would be more than kMaxPoints buckets.
Result<std::vector<qint64>> bucketBoundaries(const CivilZone &zone, Step step, qint64 fromS, qint64 toS);

/// Reads a time as people write it, and gives the instant. `text` is one of
/// - `2026-10-25` (the first instant of that day), `2026-10-25 02:30`, `2026-10-25 02:30:15`, also with a T:
/// on the clocks of `zone`, or
///   UTC with a Z behind it. What an autumn night has twice is the first of the two; the second can be
///   written in UTC;
/// - `now`, `today`, `yesterday`, `this-month`, `last-month`, `this-year`, `last-year`: the first instant of
/// it;
/// - `-30s`, `-15min`, `-24h`, `-7d`, `-2w`: that long before now. Days and weeks are the calendar's: the
/// same time of day, or the
///   first after it where clocks skipped it.
///
/// InvalidArgument naming the value and the reason for dates and times that do not exist, for what lies
/// outside kFirstInstantS … kLastInstantS and for any other text.
Result<qint64> parseInstant(QStringView text, qint64 nowS, const CivilZone &zone);

} // namespace weir
