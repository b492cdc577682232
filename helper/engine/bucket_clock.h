// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/history.h"

#include <optional>

namespace weir {

/// Two clocks, read together.
struct ClockReading {
    qint64 wallMs = 0; ///< UTC milliseconds since 1970; people, NTP and a bad battery move it
    /// Milliseconds of a clock that nobody moves and that goes on while the machine sleeps (CLOCK_BOOTTIME).
    /// One that stops in sleep, as CLOCK_MONOTONIC does, would make every sleep look like a leap of the wall
    /// clock.
    qint64 sinceBootMs = 0;
};

/// Where the growth since the reading before belongs, and what else the clocks told.
struct BucketDecision {
    qint64 startS = 0;            ///< UTC start of the minute to add to
    std::optional<AwaySpan> away; ///< nobody counted by the second in it
    /// The wall clock had leapt forward and came back: rows that begin later than this, stored or not yet,
    /// lie in the future. They are to be added to the rows of `startS` (the same minute) and deleted, away
    /// spans to be cut there.
    std::optional<qint64> foldAfterS;
    std::optional<ClockMarker> marker; ///< to be stored with the next change; afterS 0 forgets the stored one
};

/// Decides into which UTC minute the bytes between two readings go, whatever the wall clock does.
///
/// Main thread, one object for a run of the helper; call take() with every sample. Daylight saving is no
/// concern of it: UTC has none.
///
/// 1. While samples follow each other, growth goes to the minute in which its interval began: at 12:01:00 a
/// sample of one second holds
///    bytes of 12:00:59.
/// 2. At start and after a gap (no sample for over 5 s of either clock: sleep, a stalled machine) growth goes
/// to the minute of now.
///    When it passed is not known, and the minute before the gap may have been compacted into coarser tiers.
/// 3. No minute is opened in the future of the wall clock, nor before the newest one: minutes are written in
/// order. So when the
///    wall clock is behind the newest minute (it was set back a little, or a machine without a clock booted
///    in 1970 or at the date of its image), growth goes to that newest minute until the clock has caught up.
///    Bytes are kept; when they passed is told as well as is known.
/// 4. A clock that went wrong by leaping forward must not bind history to its future when it comes back. It
/// has come back when it
///    is more than 15 minutes behind the newest minute *and* shows a time that it can truly be: at least the
///    newest instant that was known at start plus the time since, by the clock that nobody moves. Then the
///    rows in the future are folded into now. Clocks that are merely wrong (1970, an image's date) show less
///    than that, and rule 3 keeps history from being folded into them. Less than 15 minutes are caught up
///    sooner than a fold is worth; clocks that run in another zone's time are off by 15 and more.
/// 5. A leap forward of over 15 minutes leaves a marker, so that a later run knows it too: then the stored
/// minutes may be wrong, and
///    what it can truly be is counted on from before the leap. There is none for a clock that was behind the
///    newest minute or before 2000: that leap was the correction. After seven days without a way back the
///    leap is taken for right and the marker forgotten.
/// 6. From the last change that was stored until the helper runs nobody counted; neither in sleep. More than
/// 60 s of it are an away span.
///    While the clock is behind (rule 3), the span at start waits until the clock is right.
/// 7. Before 2000 and after 2100 is no minute: the nearest one that is takes the bytes.
class BucketClock
{
public:
    /// `stored` is what the store knew when it was opened; instants in it that are no instants of history are
    /// ignored.
    explicit BucketClock(const HistoryState &stored);

    BucketDecision take(const ClockReading &now);

private:
    /// An instant of the wall clock that was true at a reading of the other clock.
    struct Reference {
        qint64 wallS;
        qint64 sinceBootMs;
    };
    void start(const ClockReading &now);
    void markLeap(const ClockReading &now, BucketDecision &decision);
    bool cameBack(const ClockReading &now) const;
    void forgetMarker(BucketDecision &decision);
    std::optional<AwaySpan> awayUntil(const ClockReading &now);

    std::optional<qint64> m_newestS; // newest minute, stored or opened
    qint64 m_savedS;                 // last change that was stored; 0 once the span since then is told
    std::optional<ClockMarker> m_marker;
    std::optional<ClockReading> m_previous;
    qint64 m_startedMs = 0;              // sinceBootMs of the first reading
    std::optional<Reference> m_earliest; // it cannot truly be earlier
    bool m_behind = false;               // the wall clock is before the newest minute, or before 2000
};

} // namespace weir
