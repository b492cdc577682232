// SPDX-License-Identifier: GPL-3.0-or-later
// How Governor looks after burst guards.
#include "helper/engine/governor.h"
#include "helper/engine/history_keeper.h"
#include "helper/engine/watch_rules.h"

#include <algorithm>

namespace weir {

using namespace std::chrono;

namespace {

constexpr qint64 kMinuteS = 60;

/// Bounds of spans of a minute that cover [fromS, nowS].
std::vector<qint64> minuteBounds(qint64 fromS, qint64 nowS)
{
    std::vector<qint64> bounds;
    for (qint64 at = fromS / kMinuteS * kMinuteS; at <= nowS; at += kMinuteS)
        bounds.push_back(at);
    bounds.push_back(bounds.back() + kMinuteS);
    return bounds;
}

Traffic totalOf(const WatchRecord &record)
{
    return historyOf(record).total();
}

} // namespace

void Governor::observeBurst(Entry &entry, const WatchRecord &record, const Moment &now)
{
    Guarding &state = entry.burst;
    const auto &policy = record.spec.policies.burst;
    if (!policy || !policy->enabled) {
        state = {};
    } else if (!state.guard
               || (policy->window > state.guard->policy().window && !state.guard->isThrottled())) {
        // a longer window reaches further back than what was kept
        state = {};
        wakeGuard(state, record, now);
    } else if (state.guard->policy() != *policy) {
        state.guard->setPolicy(*policy);
    }
    if (state.guard)
        feedGuard(state, record, now);
    noteHold(entry, record, now);
}

/// A guard that knows of the hold in the record, which may be over.
void Governor::wakeGuard(Guarding &state, const WatchRecord &record, const Moment &now) const
{
    const BurstPolicy &policy = *record.spec.policies.burst;
    state.guard.emplace(policy);
    state.lookedAt = now.sinceBoot;
    state.lookedTotal = totalOf(record);
    const GuardState &kept = record.guard;
    if (kept.throttledUntilS == 0)
        return;
    // a clock that was set back must not make a hold longer than it can be
    const seconds longest = kept.throttledSinceS != 0 ? policy.hold : 0s;
    const seconds left = std::min(seconds(kept.throttledUntilS - now.nowS), longest);
    const seconds gone = std::max(seconds(now.nowS - kept.throttledSinceS), 0s);
    state.guard->resume(now.sinceBoot - gone, now.sinceBoot + left);
    state.guard->advance(now.sinceBoot);
}

void Governor::feedGuard(Guarding &state, const WatchRecord &record, const Moment &now)
{
    const Traffic total = totalOf(record);
    // what passes while it asks is in the next sample; behind a hold the window begins anew
    if (!state.isSeeded && !state.guard->isThrottled() && total != Traffic{}) {
        if (std::exchange(state.isAsked, true))
            return;
        Question question;
        question.about = Question::About::Window;
        question.watch = record.id;
        question.total = historyOf(record);
        const qint64 fromS = now.nowS - state.guard->policy().window.count();
        question.query = {seriesOf(record), minuteBounds(fromS, now.nowS), {}, false};
        m_questions.push_back(std::move(question));
        return;
    }
    state.isSeeded = true;
    if (now.sinceBoot == state.lookedAt)
        return;
    const Traffic passed = growth(state.lookedTotal, total);
    state.guard->add({now.sinceBoot, now.sinceBoot - state.lookedAt, passed.rxBytes, passed.txBytes});
    state.lookedAt = now.sinceBoot;
    state.lookedTotal = total;
}

void Governor::answerWindow(Guarding &state, const Question &question,
                            const std::vector<HistoryPoint> &points, const Moment &now)
{
    if (!state.guard || std::exchange(state.isSeeded, true))
        return;
    for (const HistoryPoint &point : points) {
        const qint64 endS = std::clamp(now.nowS, point.startS, point.endS);
        const Traffic passed = point.traffic.total();
        state.guard->recall({now.sinceBoot - seconds(now.nowS - endS), seconds(endS - point.startS),
                             passed.rxBytes, passed.txBytes});
    }
    // what came since the question is in the first sample
    state.lookedTotal = question.total.total();
    state.lookedAt = now.sinceBoot;
}

/// Keeps the record's hold as the guard has it, and lowers the rates in force while it runs.
void Governor::noteHold(Entry &entry, const WatchRecord &record, const Moment &now)
{
    GuardState kept = record.guard;
    if (const auto &guard = entry.burst.guard; guard && guard->isThrottled()) {
        const seconds left = ceil<seconds>(*guard->throttledUntil() - now.sinceBoot);
        const seconds gone = floor<seconds>(now.sinceBoot - *guard->throttledSince());
        const qint64 untilS = now.nowS + left.count();
        // by the clock that nobody moves; a second more or less is rounding
        if (kept.throttledSinceS == 0 || std::abs(kept.throttledUntilS - untilS) > 1) {
            kept.throttledSinceS = now.nowS - gone.count();
            kept.throttledUntilS = untilS;
        }
        const BurstPolicy &policy = guard->policy();
        if (policy.direction != BurstDirection::Up)
            entry.down.lower(policy.throttleBitsPerSecond, RateReason::Burst);
        if (policy.direction != BurstDirection::Down)
            entry.up.lower(policy.throttleBitsPerSecond, RateReason::Burst);
    } else {
        endHold(kept, now.nowS);
    }
    if (kept == record.guard)
        return;
    m_news = true;
    m_watches.setGuard(record.id, kept);
}

Result<BurstGuard> Governor::endBurst(const WatchRecord &record, const Moment &now)
{
    const auto found = m_entries.find(record.id);
    if (found == m_entries.end() || !found->second.burst.guard || !found->second.burst.guard->isThrottled())
        return failure(ErrorKind::Conflict,
                       QStringLiteral("name: the burst guard of watch %1 throttles nothing now")
                           .arg(quotedName(record.spec.name)));
    BurstGuard &guard = *found->second.burst.guard;
    BurstGuard before = guard;
    guard.restoreNow(now.sinceBoot);
    return before;
}

void Governor::putBack(qint64 watch, const BurstGuard &guard)
{
    if (const auto found = m_entries.find(watch); found != m_entries.end())
        found->second.burst.guard = guard;
}

void Governor::resumeHold(qint64 watch)
{
    if (const auto found = m_entries.find(watch); found != m_entries.end())
        found->second.burst = {};
}

} // namespace weir
