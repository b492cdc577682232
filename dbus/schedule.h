// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/civil_time.h"

#include <vector>

namespace weir {

/// Spans that one schedule may have.
inline constexpr size_t kMaxScheduleSpans = 16;

/// When something holds: days of the week and times of the day, on the clocks of a zone.
///
/// Pure value, any thread. Without a span it holds always.
class Schedule
{
public:
    /// From `fromMinute` to `toMinute` of the day on each of `days`. Where the end is not behind the
    /// beginning, it is the next day's: fri 22:00-06:00 ends on Saturday morning, mon 08:00-08:00 lasts 24
    /// hours.
    struct Span {
        quint8 days = 0;    ///< bit 0 is Monday, bit 6 Sunday; never 0
        int fromMinute = 0; ///< 0-1439
        int toMinute = 0;   ///< 1-1440
        bool operator==(const Span &) const = default;
    };

    /// Reads "mon-fri 08:00-18:00", "sat,sun 10:00-24:00", "daily 22:00-06:00" or "22:00-06:00" (each day);
    /// several are joined by ";". Days may wrap: "fri-mon". Whatever its case. Empty text: always.
    /// InvalidArgument naming `when`, what was not understood and an example.
    static Result<Schedule> parse(QStringView text);

    /// As parse() reads it, in one form: "mon-fri 08:00-18:00; sat 10:00-12:00". Empty when it holds always.
    QString text() const;

    bool isAlways() const { return m_spans.empty(); }

    /// Whether it holds at an instant, by the clocks of `zone`. Where clocks skip a span's beginning, it
    /// begins with the first instant after the gap; an hour that comes twice belongs to the span both times.
    bool holdsAt(const CivilZone &zone, qint64 instantS) const;

    const std::vector<Span> &spans() const { return m_spans; }

    bool operator==(const Schedule &) const = default;

private:
    std::vector<Span> m_spans;
};

} // namespace weir
