// SPDX-License-Identifier: GPL-3.0-or-later
// How Governor looks after quotas.
#include "helper/engine/governor.h"
#include "helper/engine/history_keeper.h"

#include <algorithm>

namespace weir {

using namespace std::chrono;

namespace {

/// So much short of its line a quota that the gate reached counts as used up: what is left holds less than
/// one merged packet, and the gate drops such a packet whole.
constexpr quint64 kLastBytes = 32 * 1024;
/// Of a small quota a part of it.
constexpr quint64 kLastPart = 16;
/// What passed between two looks that are further apart than this is not known to have passed evenly.
constexpr auto kSeen = 5s;
/// A line that is armed stays while it is no later than this and not much earlier than it could be: each new
/// one is a message to the kernel.
constexpr quint64 kLateBytes = 4 * 1024;
constexpr quint64 kEarlyPart = 64;

/// A quota that acts, not only counts.
bool acts(const QuotaPolicy &quota)
{
    return quota.enabled && quota.overflow != Overflow::Notify;
}

/// Where the gate's count of this epoch meets the quota.
quint64 lineOf(const QuotaGate &gate, size_t way)
{
    return gate.consumed[way] + gate.remaining[way];
}

bool isAsGood(const QuotaGate &armed, const QuotaGate &next)
{
    if (armed.epoch != next.epoch)
        return false;
    for (const size_t way : {0U, 1U}) {
        const quint64 was = lineOf(armed, way);
        const quint64 could = lineOf(next, way);
        if (was > could + kLateBytes || could > was + next.remaining[way] / kEarlyPart)
            return false;
    }
    return true;
}

} // namespace

void Governor::observeQuota(Entry &entry, const WatchRecord &record, const Moment &now)
{
    Allowance &state = entry.quota;
    const auto &quota = record.spec.policies.quota;
    if (!quota) {
        state = {};
        return;
    }
    if (state.policy != quota) {
        state.policy = quota;
        state.isOver = false;
        beginEpoch(state);
    }
    followPeriod(state, record, now);
    if (!state.isKnown)
        return;
    state.passed = growth(record.guard.atPeriodStart, historyOf(record));
    state.standing = standingOf(*quota, now.zone, state.passed, record.createdS, now.nowS);
    readQuota(state, record);
    if (!acts(*quota)) {
        state.isOver = quota->enabled && state.standing.remainingBytes == 0;
        return;
    }
    decideOver(state);
    // With scope internet local traffic stays as fast as it was: the gate tells the scopes apart, a rate
    // cannot.
    if (state.isOver && quota->overflow == Overflow::Throttle && quota->scope == BillingScope::All) {
        state.gate.reset();
        entry.down.lower(quota->throttleBitsPerSecond, RateReason::Quota);
        entry.up.lower(quota->throttleBitsPerSecond, RateReason::Quota);
        return;
    }
    armQuota(state, record);
}

/// Knows from where on the period of now counts.
void Governor::followPeriod(Allowance &state, const WatchRecord &record, const Moment &now)
{
    const BillingPeriod period = periodAt(state.policy->rule(now.zone), now.nowS);
    if (record.guard.periodStartS == period.startS) {
        state.isKnown = true;
        return;
    }
    const qint64 ageS = now.nowS - period.startS;
    const bool wasSeen = state.isKnown && now.sinceBoot - m_lookedAt <= kSeen && ageS <= kSeen.count();
    const bool isYounger = record.createdS >= period.startS;
    state.isOver = false;
    state.isKnown = wasSeen || isYounger;
    beginEpoch(state);
    if (state.isKnown) {
        GuardState guard = record.guard;
        guard.periodStartS = period.startS;
        guard.atPeriodStart = wasSeen ? historyOf(record) : HistoryTraffic();
        guard.dropped = {};
        return m_watches.setGuard(record.id, guard);
    }
    if (std::exchange(state.isAsked, true))
        return;
    Question question;
    question.watch = record.id;
    question.periodStartS = period.startS;
    question.total = historyOf(record);
    // to the end, for a clock that was set back has left minutes behind now
    question.query = {seriesOf(record), {period.startS, period.endS}, {}, false};
    m_questions.push_back(std::move(question));
}

void Governor::answerPeriod(const WatchRecord &record, const Question &question,
                            const std::vector<HistoryPoint> &points)
{
    HistoryTraffic sum;
    for (const HistoryPoint &point : points)
        sum += point.traffic;
    GuardState guard = record.guard;
    guard.periodStartS = question.periodStartS;
    guard.atPeriodStart = growth(sum, question.total);
    guard.dropped = {};
    m_watches.setGuard(record.id, guard);
}

/// The gate counts from zero, with an object of its own.
void Governor::beginEpoch(Allowance &state)
{
    state.epoch = {m_lastEpoch + 1, m_lastEpoch + 2};
    m_lastEpoch += 2;
    state.reading.reset();
    state.gate.reset();
}

/// Takes what the gate counted for this quota since it was last asked.
void Governor::readQuota(Allowance &state, const WatchRecord &record)
{
    const auto found = m_readings.find(record.id);
    if (found == m_readings.end())
        return;
    const QuotaReading &reading = found->second;
    const Traffic dropped{reading.droppedRxBytes, reading.droppedTxBytes, 0, 0};
    const Traffic before = state.droppedGeneration == m_readGeneration ? state.dropped : Traffic();
    if (const Traffic more = growth(before, dropped); more != Traffic()) {
        GuardState guard = record.guard;
        guard.dropped += more;
        m_watches.setGuard(record.id, guard);
    }
    state.dropped = dropped;
    state.droppedGeneration = m_readGeneration;

    if (!state.gate)
        return;
    if (state.reading && state.readingGeneration != m_readGeneration)
        return beginEpoch(state); // it was built anew, with another line than the one that was armed
    const HistoryTraffic total = historyOf(record);
    const auto passed = countedBytes(*state.policy, growth(state.readingTotal, total));
    std::array<bool, 2> crossed{};
    for (const size_t way : {0U, 1U}) {
        if (reading.epoch[way] != state.epoch[way] || (way == 1 && !state.gate->apart))
            continue; // of before the last crossing
        crossed[way] = reading.consumed[way] >= lineOf(*state.gate, way);
        const auto &before = state.reading;
        if (before && before->epoch[way] == reading.epoch[way] && !crossed[way]
            && reading.consumed[way] > before->consumed[way])
            state.expansion[way].observe(passed[way], reading.consumed[way] - before->consumed[way]);
    }
    state.reading = reading;
    state.readingGeneration = m_readGeneration;
    state.readingTotal = total;
    if (state.isOver || crossed == std::array{false, false})
        return;
    // the gate came to its line a little early: it gets what is left, or it is over
    state.isOver = roomOf(*state.policy, state.passed, state.standing).least() < kLastBytes;
    if (state.isOver)
        return beginEpoch(state);
    // The other direction goes on under its own line: packets that pass just now are counted there.
    for (const size_t way : {0U, 1U})
        if (crossed[way])
            state.epoch[way] = ++m_lastEpoch;
    state.gate.reset();
}

void Governor::decideOver(Allowance &state)
{
    const QuotaPolicy &quota = *state.policy;
    const quint64 room = roomOf(quota, state.passed, state.standing).least();
    const quint64 size = scaled(quota.sizeBytes, 1000, quint64(quota.factorThousandths));
    const bool was = state.isOver;
    if (state.standing.remainingBytes == 0 || room < std::min(kLastBytes, size / kLastPart))
        state.isOver = true;
    else if (room >= kLastBytes)
        state.isOver = false; // a restored total
    if (state.isOver != was)
        beginEpoch(state);
}

void Governor::armQuota(Allowance &state, const WatchRecord &record) const
{
    const QuotaPolicy &quota = *state.policy;
    const QuotaRoom room = roomOf(quota, state.passed, state.standing);
    QuotaGate gate;
    gate.watch = record.id;
    gate.countsDown = quota.mode != BillingMode::Out;
    gate.countsUp = quota.mode != BillingMode::In;
    gate.apart = room.isApart;
    gate.internetOnly = quota.scope == BillingScope::Internet;
    gate.epoch = state.epoch;
    gate.isOver = state.isOver;
    gate.then = quota.overflow == Overflow::Block ? QuotaGate::Then::Drop : QuotaGate::Then::Slow;
    gate.exemptLocal = quota.exempt.local;
    gate.exemptPorts = quota.exempt.ports;
    if (!state.isOver) {
        for (const size_t way : {0U, 1U}) {
            gate.remaining[way] = state.expansion[way].toGate(room.bytes[way]);
            const bool isRead = state.reading && state.reading->epoch[way] == state.epoch[way];
            gate.consumed[way] = isRead ? state.reading->consumed[way] : 0;
        }
        gate.generation = state.reading ? state.readingGeneration : 0;
        if (state.gate && isAsGood(*state.gate, gate))
            return;
    }
    state.gate = gate;
}

std::optional<HistoryTraffic> Governor::passed(const WatchRecord &record, qint64 periodStartS) const
{
    const auto found = m_entries.find(record.id);
    if (found == m_entries.end() || !found->second.quota.isKnown || record.guard.periodStartS != periodStartS)
        return {};
    return found->second.quota.passed;
}

std::optional<quint64> Governor::billed(const WatchRecord &record) const
{
    const auto found = m_entries.find(record.id);
    const auto &quota = record.spec.policies.quota;
    if (!quota || found == m_entries.end() || !found->second.quota.isKnown)
        return {};
    const HistoryTraffic &passed = found->second.quota.passed;
    return billedBytes(passed.scoped, quota->rule(CivilZone()), passed.rest);
}

} // namespace weir
