// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/bucket_clock.h"

#include "helper/engine/civil_time.h"

#include <algorithm>
#include <utility>

namespace weir {

namespace {

constexpr qint64 kMinuteS = 60;
constexpr qint64 kGapMs = 5000;
constexpr qint64 kToleranceMs = 2000; ///< two clocks that are read one after the other differ by less
constexpr qint64 kLeapS = 900;
constexpr qint64 kShortestAwayS = 60;
/// Between two helpers: what passed since the last one stored stands in one minute, or, for watches, nowhere.
constexpr qint64 kShortestStopS = 5;
constexpr qint64 kMarkerLifeS = 7 * 86400;

qint64 secondsOf(qint64 milliseconds)
{
    return milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0);
}

bool isInstant(qint64 seconds)
{
    return seconds >= kFirstInstantS && seconds < kLastInstantS;
}

/// The minute of a wall clock, within those that history has.
qint64 minuteOf(qint64 wallMs)
{
    const qint64 wallS = std::clamp(secondsOf(wallMs), kFirstInstantS, kLastInstantS - 1);
    return wallS - wallS % kMinuteS;
}

} // namespace

BucketClock::BucketClock(const HistoryState &stored) : m_savedS(isInstant(stored.savedS) ? stored.savedS : 0)
{
    if (isInstant(stored.newestS))
        m_newestS = stored.newestS - stored.newestS % kMinuteS;
    if (stored.marker && isInstant(stored.marker->beforeS) && isInstant(stored.marker->afterS)
        && stored.marker->beforeS < stored.marker->afterS)
        m_marker = stored.marker;
}

void BucketClock::start(const ClockReading &now)
{
    m_startedMs = now.sinceBootMs;
    const qint64 lastKnownS = std::max(m_newestS.value_or(0), m_savedS);
    if (m_marker)
        m_earliest = {m_marker->beforeS + std::max<qint64>(0, lastKnownS - m_marker->afterS),
                      now.sinceBootMs};
    else if (lastKnownS > 0)
        m_earliest = {lastKnownS, now.sinceBootMs};
    m_behind = secondsOf(now.wallMs) < m_newestS.value_or(kFirstInstantS);
}

void BucketClock::markLeap(const ClockReading &now, BucketDecision &decision)
{
    const qint64 leptMs = (now.wallMs - m_previous->wallMs) - (now.sinceBootMs - m_previous->sinceBootMs);
    const qint64 afterS = std::min(secondsOf(now.wallMs), kLastInstantS - 1);
    if (leptMs <= kLeapS * 1000 || m_behind)
        return;
    // after leaps in a row the way back leads to before the first
    const qint64 shownS = secondsOf(m_previous->wallMs);
    const qint64 beforeS =
        m_marker ? m_marker->beforeS + std::max<qint64>(0, shownS - m_marker->afterS) : shownS;
    m_marker = {beforeS, afterS};
    decision.marker = m_marker;
}

bool BucketClock::cameBack(const ClockReading &now) const
{
    const qint64 wallS = secondsOf(now.wallMs);
    if (!isInstant(wallS) || !m_newestS || !m_earliest || *m_newestS - wallS <= kLeapS)
        return false;
    return wallS >= m_earliest->wallS + (now.sinceBootMs - m_earliest->sinceBootMs) / 1000 - kLeapS;
}

void BucketClock::forgetMarker(BucketDecision &decision)
{
    if (m_marker)
        decision.marker = ClockMarker{};
    m_marker.reset();
}

std::optional<AwaySpan> BucketClock::awayUntil(const ClockReading &now)
{
    const qint64 wallS = secondsOf(now.wallMs);
    if (m_behind || !isInstant(wallS))
        return {};
    if (const qint64 savedS = std::exchange(m_savedS, 0); savedS > 0) {
        const qint64 startedS = wallS - (now.sinceBootMs - m_startedMs) / 1000;
        if (startedS - savedS > kShortestStopS)
            return AwaySpan{savedS, startedS};
    }
    if (!m_previous)
        return {};
    const qint64 passedMs = now.sinceBootMs - m_previous->sinceBootMs;
    if (passedMs <= kShortestAwayS * 1000)
        return {};
    const qint64 steppedMs = now.wallMs - m_previous->wallMs - passedMs;
    const bool steady = steppedMs <= kToleranceMs && steppedMs >= -kToleranceMs;
    return AwaySpan{secondsOf(steady ? m_previous->wallMs : now.wallMs - passedMs), wallS};
}

BucketDecision BucketClock::take(const ClockReading &now)
{
    BucketDecision decision;
    if (m_previous)
        markLeap(now, decision);
    else
        start(now);
    if (!m_earliest && isInstant(secondsOf(now.wallMs)))
        m_earliest = {secondsOf(now.wallMs), now.sinceBootMs};

    const bool follows = m_previous && now.sinceBootMs - m_previous->sinceBootMs <= kGapMs
        && now.wallMs - m_previous->wallMs <= kGapMs;
    decision.startS = minuteOf(now.wallMs);
    if (cameBack(now)) {
        decision.foldAfterS = decision.startS;
        forgetMarker(decision);
    } else {
        if (follows)
            decision.startS = std::min(decision.startS, minuteOf(m_previous->wallMs));
        decision.startS = std::max(decision.startS, m_newestS.value_or(0));
    }
    m_newestS = decision.startS;
    m_behind = secondsOf(now.wallMs) < decision.startS;

    const qint64 wallS = secondsOf(now.wallMs);
    if (m_marker && !m_behind && isInstant(wallS) && wallS - m_marker->afterS > kMarkerLifeS)
        forgetMarker(decision);
    decision.away = awayUntil(now);
    m_previous = now;
    return decision;
}

} // namespace weir
