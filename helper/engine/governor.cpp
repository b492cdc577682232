// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/governor.h"

#include "helper/engine/history_keeper.h"

#include <algorithm>

namespace weir {

using namespace std::chrono;

namespace {

/// So much short of its line a quota that the gate reached counts as used up: what is left holds less than
/// one merged packet, and the gate drops such a packet whole.
constexpr quint64 kLastBytes = 32 * 1024;
/// What passed between two looks that are further apart than this is not known to have passed evenly.
constexpr auto kSeen = 5s;
constexpr qint64 kMinuteS = 60;

/// A quota that acts, not only counts.
bool acts(const QuotaPolicy &quota)
{
    return quota.enabled && quota.overflow != Overflow::Notify;
}

qint64 secondsOf(milliseconds time)
{
    return ceil<seconds>(time).count();
}

/// Bounds of spans of a minute that cover [fromS, nowS].
std::vector<qint64> minuteBounds(qint64 fromS, qint64 nowS)
{
    std::vector<qint64> bounds;
    for (qint64 at = fromS / kMinuteS * kMinuteS; at <= nowS; at += kMinuteS)
        bounds.push_back(at);
    bounds.push_back(bounds.empty() ? nowS : bounds.back() + kMinuteS);
    return bounds;
}

} // namespace

void Governor::observe(const Moment &now)
{
    for (auto &[id, entry] : m_entries)
        entry.isVisited = false;
    m_watches.eachGoverned([&](const WatchRecord &record, int) {
        if (!record.spec.enabled)
            return; // its hold and its period stay in the record
        const auto [found, isNew] = m_entries.try_emplace(record.id);
        Entry &entry = found->second;
        entry.isVisited = true;
        const Policies &policies = record.spec.policies;
        if (isNew) {
            entry.lookedAt = now.sinceBoot;
            entry.lookedTotal = historyOf(record).total();
        }
        entry.down = entry.up = {};
        if (policies.limit && policies.limit->enabled && policies.limit->when.holdsAt(now.zone, now.nowS)) {
            entry.down.lower(policies.limit->downBitsPerSecond, RateReason::Limit);
            entry.up.lower(policies.limit->upBitsPerSecond, RateReason::Limit);
        }
        observeQuota(entry, record, now);
        observeBurst(entry, record, now);
    });
    std::erase_if(m_entries, [](const auto &entry) { return !entry.second.isVisited; });
    m_lookedAt = now.sinceBoot;
    m_reading.reset();
}

void Governor::take(GovernReading reading)
{
    m_reading = std::move(reading);
}

void Governor::ask(Entry &entry, Question question)
{
    if (std::exchange(entry.isAsked, true))
        return;
    m_questions.push_back(std::move(question));
}

// -- burst guards

void Governor::observeBurst(Entry &entry, const WatchRecord &record, const Moment &now)
{
    const auto &policy = record.spec.policies.burst;
    if (!policy || !policy->enabled) {
        entry.burst.reset();
        entry.isSeeded = false;
        return noteHold(entry, record, now);
    }
    const GuardState &guard = record.guard;
    if (!entry.burst) {
        entry.burst.emplace(*policy);
        // a clock that was set back must not make a hold longer than it can be
        const seconds left = std::clamp(seconds(guard.throttledUntilS - now.nowS), 0s, policy->hold);
        if (guard.throttledSinceS != 0 && left > 0s) {
            const seconds gone = std::max(seconds(now.nowS - guard.throttledSinceS), 0s);
            entry.burst->resume(now.sinceBoot - gone, now.sinceBoot + left);
        }
    } else if (entry.burst->policy() != *policy) {
        entry.burst->setPolicy(*policy);
    }
    if (!entry.isSeeded && !entry.burst->isThrottled() && now.nowS - record.createdS > kMinuteS) {
        Question question;
        question.about = Question::About::Window;
        question.watch = record.id;
        question.total = historyOf(record);
        const qint64 fromS = std::max(now.nowS - policy->window.count(), guard.throttledUntilS);
        question.query = {seriesOf(record), minuteBounds(std::min(fromS, now.nowS), now.nowS), {}, false};
        ask(entry, std::move(question));
        return noteHold(entry, record, now); // what passes meanwhile is in the next sample
    }
    entry.isSeeded = true;
    const Traffic total = historyOf(record).total();
    const Traffic passed = growth(entry.lookedTotal, total);
    if (now.sinceBoot == entry.lookedAt)
        return noteHold(entry, record, now);
    entry.burst->add({now.sinceBoot, now.sinceBoot - entry.lookedAt, passed.rxBytes, passed.txBytes});
    entry.lookedAt = now.sinceBoot;
    entry.lookedTotal = total;
    noteHold(entry, record, now);
}

/// Keeps the record's hold as the guard has it, and lowers the rates in force while it runs.
void Governor::noteHold(Entry &entry, const WatchRecord &record, const Moment &now)
{
    GuardState guard = record.guard;
    const bool isThrottled = entry.burst && entry.burst->isThrottled();
    if (isThrottled) {
        const qint64 untilS = now.nowS + secondsOf(*entry.burst->throttledUntil() - now.sinceBoot);
        const qint64 sinceS =
            now.nowS - floor<seconds>(now.sinceBoot - *entry.burst->throttledSince()).count();
        // by the clock that nobody moves; a second more or less is rounding
        if (guard.throttledSinceS == 0 || std::abs(guard.throttledUntilS - untilS) > 1) {
            guard.throttledSinceS = sinceS;
            guard.throttledUntilS = untilS;
        }
        const BurstPolicy &policy = entry.burst->policy();
        if (policy.direction != BurstDirection::Up)
            entry.down.lower(policy.throttleBitsPerSecond, RateReason::Burst);
        if (policy.direction != BurstDirection::Down)
            entry.up.lower(policy.throttleBitsPerSecond, RateReason::Burst);
    } else if (guard.throttledSinceS != 0) {
        guard.throttledSinceS = 0;
        guard.throttledUntilS = now.nowS; // from here on the window begins anew
    }
    if (guard == record.guard)
        return;
    m_news = true;
    m_watches.setGuard(record.id, guard);
}

Result<void> Governor::endBurst(const WatchRecord &record, const Moment &now)
{
    const auto found = m_entries.find(record.id);
    if (found == m_entries.end() || !found->second.burst || !found->second.burst->isThrottled())
        return failure(ErrorKind::Conflict,
                       QStringLiteral("name: the burst guard of watch \"%1\" throttles nothing now")
                           .arg(record.spec.name));
    found->second.burst->restoreNow(now.sinceBoot);
    return {};
}

// -- quotas

void Governor::observeQuota(Entry &entry, const WatchRecord &record, const Moment &now)
{
    entry.gate.reset();
    const auto &quota = record.spec.policies.quota;
    if (!quota) {
        entry.isPeriodKnown = entry.isOver = false;
        return;
    }
    followPeriod(entry, record, now);
    if (!entry.isPeriodKnown)
        return;
    entry.passed = growth(record.guard.atPeriodStart, historyOf(record));
    entry.standing = standingOf(*quota, now.zone, entry.passed, record.createdS, now.nowS);
    readQuota(entry, record);
    if (!acts(*quota)) {
        entry.isOver = quota->enabled && entry.standing.remainingBytes == 0;
        return;
    }
    armQuota(entry, *quota, record);
    // With scope internet local traffic stays as fast as it was: the gate tells the scopes apart, a rate
    // cannot.
    if (entry.isOver && quota->overflow == Overflow::Throttle && quota->scope == BillingScope::All) {
        entry.gate.reset();
        entry.down.lower(quota->throttleBitsPerSecond, RateReason::Quota);
        entry.up.lower(quota->throttleBitsPerSecond, RateReason::Quota);
    }
}

/// Knows from where on the period of now counts.
void Governor::followPeriod(Entry &entry, const WatchRecord &record, const Moment &now)
{
    const BillingPeriod period = periodAt(record.spec.policies.quota->rule(now.zone), now.nowS);
    if (record.guard.periodStartS == period.startS) {
        entry.isPeriodKnown = true;
        return;
    }
    GuardState guard = record.guard;
    const bool wasCounting = entry.isPeriodKnown && now.sinceBoot - m_lookedAt <= kSeen
        && period.startS == entry.standing.period.endS && now.nowS - period.startS <= kSeen.count();
    const bool isYounger = record.createdS >= period.startS;
    entry.isPeriodKnown = wasCounting || isYounger;
    entry.isOver = false;
    ++entry.epoch;
    entry.reading.reset();
    if (!entry.isPeriodKnown) {
        Question question;
        question.watch = record.id;
        question.periodStartS = period.startS;
        question.total = historyOf(record);
        question.query = {
            seriesOf(record), {period.startS, std::max(now.nowS, period.startS) + kMinuteS}, {}, false};
        return ask(entry, std::move(question));
    }
    guard.periodStartS = period.startS;
    guard.atPeriodStart = wasCounting ? historyOf(record) : HistoryTraffic{};
    guard.dropped = {};
    m_watches.setGuard(record.id, guard);
}

void Governor::beginPeriod(qint64 watch, const Moment &now)
{
    const WatchRecord *record = m_watches.find(watch);
    if (!record)
        return;
    GuardState guard = record->guard;
    guard.periodStartS = now.nowS;
    guard.atPeriodStart = historyOf(*record);
    guard.dropped = {};
    m_watches.setGuard(watch, guard);
    Entry &entry = m_entries[watch];
    entry.isOver = false;
    entry.reading.reset();
    ++entry.epoch;
}

void Governor::answer(const Question &question, const std::optional<std::vector<HistoryPoint>> &points,
                      const Moment &now)
{
    const auto found = m_entries.find(question.watch);
    const WatchRecord *record = m_watches.find(question.watch);
    if (found == m_entries.end() || !record)
        return;
    Entry &entry = found->second;
    entry.isAsked = false;
    if (!points)
        return;
    if (question.about == Question::About::Window) {
        if (!entry.burst || entry.isSeeded)
            return;
        entry.isSeeded = true;
        for (const HistoryPoint &point : *points) {
            const qint64 endS = std::min(point.endS, now.nowS);
            const Traffic passed = point.traffic.total();
            if (endS > point.startS)
                entry.burst->add({now.sinceBoot - seconds(now.nowS - endS), seconds(endS - point.startS),
                                  passed.rxBytes, passed.txBytes});
        }
        // what came since the question is in the first sample
        entry.lookedTotal = question.total.total();
        entry.lookedAt = now.sinceBoot;
        return;
    }
    HistoryTraffic sum;
    for (const HistoryPoint &point : *points)
        sum += point.traffic;
    GuardState guard = record->guard;
    guard.periodStartS = question.periodStartS;
    guard.atPeriodStart = growth(sum, question.total);
    guard.dropped = {};
    m_watches.setGuard(record->id, guard);
}

/// Takes what the gate counted for this quota since it was last asked.
void Governor::readQuota(Entry &entry, const WatchRecord &record)
{
    if (!m_reading)
        return;
    const auto found = std::ranges::find(m_reading->quotas, record.id, &QuotaReading::watch);
    if (found == m_reading->quotas.end())
        return;
    const Traffic dropped{found->droppedRxBytes, found->droppedTxBytes, 0, 0};
    const Traffic before = entry.droppedGeneration == m_reading->generation ? entry.droppedBefore : Traffic{};
    if (const Traffic more = growth(before, dropped); more != Traffic{}) {
        GuardState guard = record.guard;
        guard.dropped += more;
        m_watches.setGuard(record.id, guard);
    }
    entry.droppedBefore = dropped;
    entry.droppedGeneration = m_reading->generation;

    if (found->epoch != entry.epoch)
        return; // of before the last crossing
    const HistoryTraffic total = historyOf(record);
    const QuotaPolicy &quota = *record.spec.policies.quota;
    const bool crossed = found->consumed[0] >= entry.line[0]
        || (quota.mode == BillingMode::Max && found->consumed[1] >= entry.line[1]);
    if (entry.reading && entry.readingGeneration == m_reading->generation && !crossed)
        entry.expansion.observe(countedBytes(quota, growth(entry.readingTotal, total)),
                                found->consumed[0] + found->consumed[1] - entry.reading->consumed[0]
                                    - entry.reading->consumed[1]);
    entry.reading = *found;
    entry.readingGeneration = m_reading->generation;
    entry.readingTotal = total;
    if (!crossed || entry.isOver)
        return;
    // the gate came to its line a little early: it gets what is left, or it is over
    entry.isOver = roomOf(quota, entry.passed, entry.standing).least() < kLastBytes;
    ++entry.epoch;
    entry.reading.reset();
}

void Governor::armQuota(Entry &entry, const QuotaPolicy &quota, const WatchRecord &record)
{
    const QuotaRoom room = roomOf(quota, entry.passed, entry.standing);
    if (entry.standing.remainingBytes == 0)
        entry.isOver = true;
    else if (room.least() >= kLastBytes)
        entry.isOver = false; // a larger size, a calibration
    QuotaGate gate;
    gate.watch = record.id;
    gate.countsDown = quota.mode != BillingMode::Out;
    gate.countsUp = quota.mode != BillingMode::In;
    gate.apart = room.isApart;
    gate.internetOnly = quota.scope == BillingScope::Internet;
    gate.epoch = entry.epoch;
    gate.isOver = entry.isOver;
    for (const int way : {0, 1}) {
        gate.remaining[way] = entry.isOver ? 0 : entry.expansion.toGate(room.bytes[way]);
        gate.consumed[way] = entry.reading ? entry.reading->consumed[way] : 0;
        entry.line[way] = gate.consumed[way] + gate.remaining[way];
    }
    gate.generation = entry.reading ? entry.readingGeneration : 0;
    gate.then = quota.overflow == Overflow::Block ? QuotaGate::Then::Drop : QuotaGate::Then::Slow;
    gate.exemptLocal = quota.exempt.local;
    gate.exemptPorts = quota.exempt.ports;
    entry.gate = gate;
}

std::optional<quint64> Governor::billed(const WatchRecord &record) const
{
    const auto found = m_entries.find(record.id);
    if (!record.spec.policies.quota || found == m_entries.end() || !found->second.isPeriodKnown)
        return {};
    return billedBytes(found->second.passed.scoped, record.spec.policies.quota->rule(CivilZone()),
                       found->second.passed.rest);
}

// -- what comes of it

GovernPlan Governor::plan(const std::set<int> &meteredLinks)
{
    std::vector<GovernedWatch> governed;
    m_watches.eachGoverned([&](const WatchRecord &record, int link) {
        const auto found = m_entries.find(record.id);
        if (found == m_entries.end())
            return;
        Entry &entry = found->second;
        entry.problem.clear();
        if (!entry.down.bitsPerSecond && !entry.up.bitsPerSecond && !entry.gate)
            return;
        if (record.spec.kind == WatchKind::Link && !meteredLinks.contains(link)) {
            entry.problem = QStringLiteral("link %1 is not there or not metered").arg(record.spec.link);
            return;
        }
        GovernedWatch watch;
        watch.id = record.id;
        watch.kind = record.spec.kind;
        watch.ports = record.spec.ports;
        watch.protocols = record.spec.protocols;
        watch.link = link;
        watch.service = record.spec.service;
        watch.downBitsPerSecond = entry.down.bitsPerSecond;
        watch.upBitsPerSecond = entry.up.bitsPerSecond;
        watch.quota = entry.gate;
        if (entry.gate && entry.gate->then == QuotaGate::Then::Slow)
            watch.quotaThrottleBitsPerSecond = record.spec.policies.quota->throttleBitsPerSecond;
        governed.push_back(std::move(watch));
    });
    PlannedGovernment planned = planGovernment(governed, meteredLinks);
    for (const CrossingLimits &crossing : planned.crossings) {
        for (const auto &[one, other] :
             {std::pair(crossing.one, crossing.other), std::pair(crossing.other, crossing.one)}) {
            const WatchRecord *record = m_watches.find(other);
            const auto entry = m_entries.find(one);
            if (record && entry != m_entries.end() && entry->second.problem.isEmpty())
                entry->second.problem =
                    QStringLiteral("what it has in common with \"%1\" is held to the lower of both limits")
                        .arg(record->spec.name);
        }
    }
    return std::move(planned.plan);
}

PolicyStatus Governor::status(const WatchRecord &record) const
{
    PolicyStatus status;
    const auto found = m_entries.find(record.id);
    if (found == m_entries.end())
        return status;
    const Entry &entry = found->second;
    status.down = entry.down;
    status.up = entry.up;
    status.problem = entry.problem;
    if (const auto &quota = record.spec.policies.quota) {
        status.quota = entry.standing;
        status.dropped = record.guard.dropped;
        if (!quota->enabled)
            status.quotaStage = QuotaStage::Off;
        else if (!entry.isOver)
            status.quotaStage = QuotaStage::Counting;
        else if (quota->overflow == Overflow::Block)
            status.quotaStage = QuotaStage::Blocked;
        else
            status.quotaStage =
                quota->overflow == Overflow::Throttle ? QuotaStage::Throttled : QuotaStage::Over;
        // throttled by the gate, for one scope only
        if (status.quotaStage == QuotaStage::Throttled && quota->scope == BillingScope::Internet) {
            status.down.lower(quota->throttleBitsPerSecond, RateReason::Quota);
            status.up.lower(quota->throttleBitsPerSecond, RateReason::Quota);
        }
    }
    if (entry.burst) {
        status.burstStage = entry.burst->isThrottled() ? BurstStage::Throttled : BurstStage::Armed;
        status.averageBitsPerSecond = entry.burst->average();
        if (entry.burst->isThrottled()) {
            status.throttledSinceS = record.guard.throttledSinceS;
            status.throttledUntilS = record.guard.throttledUntilS;
        }
    }
    return status;
}

std::vector<LimitStatus> Governor::limits(const GovernReading &reading) const
{
    std::map<ClassKey, const ClassReading *> classes;
    for (const ClassReading &each : reading.classes)
        classes[each.key] = &each;
    std::vector<LimitStatus> rows;
    m_watches.eachGoverned([&](const WatchRecord &record, int) {
        const PolicyStatus now = status(record);
        for (const FlowDirection direction : {FlowDirection::Down, FlowDirection::Up}) {
            const RateInForce &rate = direction == FlowDirection::Down ? now.down : now.up;
            if (!rate.bitsPerSecond)
                continue;
            LimitStatus row;
            row.name = record.spec.name;
            row.isDown = direction == FlowDirection::Down;
            row.rate = rate;
            for (const bool isSlow : {false, true}) {
                const auto found = classes.find({record.id, direction, isSlow});
                if (found == classes.end())
                    continue;
                row.bytes += found->second->bytes;
                row.packets += found->second->packets;
                row.droppedPackets += found->second->droppedPackets;
                row.backlogBytes += found->second->backlogBytes;
            }
            const auto policed = std::ranges::find(reading.policed, record.id, &PolicedReading::watch);
            if (row.isDown && policed != reading.policed.end())
                row.droppedPackets += policed->droppedPackets;
            rows.push_back(std::move(row));
        }
    });
    std::ranges::stable_sort(rows, {}, &LimitStatus::name);
    return rows;
}

} // namespace weir
