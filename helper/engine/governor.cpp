// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/governor.h"

#include "helper/engine/history_keeper.h"

#include <algorithm>

namespace weir {

void Governor::observe(const Moment &now)
{
    for (auto &[id, entry] : m_entries)
        entry.isVisited = false;
    m_watches.eachGoverned([&](const WatchRecord &record, int) {
        if (!record.spec.enabled)
            return; // its hold and its period stay in the record
        Entry &entry = m_entries[record.id];
        entry.isVisited = true;
        entry.down = entry.up = {};
        const auto &limit = record.spec.policies.limit;
        if (limit && limit->enabled && limit->when.holdsAt(now.zone, now.nowS)) {
            entry.down.lower(limit->downBitsPerSecond, RateReason::Limit);
            entry.up.lower(limit->upBitsPerSecond, RateReason::Limit);
        }
        observeQuota(entry, record, now);
        observeBurst(entry, record, now);
    });
    std::erase_if(m_entries, [](const auto &entry) { return !entry.second.isVisited; });
    m_lookedAt = now.sinceBoot;
    m_readings.clear();
}

void Governor::take(GovernReading reading)
{
    m_readings.clear();
    for (const QuotaReading &quota : reading.quotas)
        m_readings[quota.watch] = quota;
    m_readGeneration = reading.generation;
}

void Governor::answer(const Question &question, const std::optional<std::vector<HistoryPoint>> &points,
                      const Moment &now)
{
    const auto found = m_entries.find(question.watch);
    const WatchRecord *record = m_watches.find(question.watch);
    if (found == m_entries.end() || !record)
        return;
    Entry &entry = found->second;
    switch (question.about) {
    case Question::About::Period:
        entry.quota.isAsked = false;
        if (points)
            answerPeriod(*record, question, *points);
        return;
    case Question::About::Window:
        entry.burst.isAsked = false;
        if (points)
            answerWindow(entry.burst, question, *points, now);
        return;
    }
}

const GovernPlan &Governor::plan(const std::set<int> &meteredLinks)
{
    std::vector<GovernedWatch> governed;
    m_watches.eachGoverned([&](const WatchRecord &record, int link) {
        const auto found = m_entries.find(record.id);
        if (found == m_entries.end() || !ownsPlace(found->second, record, link, meteredLinks))
            return;
        const Entry &entry = found->second;
        GovernedWatch watch;
        watch.id = record.id;
        watch.kind = record.spec.kind;
        watch.ports = record.spec.ports;
        watch.protocols = record.spec.protocols;
        watch.link = link;
        watch.service = record.spec.service;
        watch.downBitsPerSecond = entry.down.bitsPerSecond;
        watch.upBitsPerSecond = entry.up.bitsPerSecond;
        if (const auto &gate = entry.quota.gate) {
            // where packets go does not depend on how much of it is left
            watch.quota.emplace().then = gate->then;
            if (gate->then == QuotaGate::Then::Slow)
                watch.quotaThrottleBitsPerSecond = record.spec.policies.quota->throttleBitsPerSecond;
        }
        governed.push_back(std::move(watch));
    });
    if (governed != m_planned || meteredLinks != m_plannedLinks)
        planAnew(std::move(governed), meteredLinks);
    for (QuotaGate &quota : m_plan.quotas) {
        QuotaGate gate = *m_entries.at(quota.watch).quota.gate;
        gate.slowDown = quota.slowDown;
        gate.slowUp = quota.slowUp;
        gate.policedDownBitsPerSecond = quota.policedDownBitsPerSecond;
        quota = std::move(gate);
    }
    return m_plan;
}

void Governor::planAnew(std::vector<GovernedWatch> governed, const std::set<int> &meteredLinks)
{
    PlannedGovernment made = planGovernment(governed, meteredLinks);
    noteCrossings(made.crossings);
    // of links alone there is nothing to enforce, whichever they are
    m_plan = made.plan.isEmpty() ? GovernPlan() : std::move(made.plan);
    m_planned = std::move(governed);
    m_plannedLinks = meteredLinks;
}

/// Whether something of the watch is to be enforced, and there is where.
bool Governor::ownsPlace(Entry &entry, const WatchRecord &record, int link,
                         const std::set<int> &metered) const
{
    const bool isWanted = entry.down.bitsPerSecond || entry.up.bitsPerSecond || entry.quota.gate;
    entry.isLinkMissing = isWanted && record.spec.kind == WatchKind::Link && !metered.contains(link);
    return isWanted && !entry.isLinkMissing;
}

void Governor::noteCrossings(const std::vector<CrossingLimits> &crossings)
{
    for (auto &[id, entry] : m_entries)
        entry.crosses = 0;
    const auto note = [this](qint64 one, qint64 other) {
        const auto entry = m_entries.find(one);
        if (entry != m_entries.end() && entry->second.crosses == 0)
            entry->second.crosses = other;
    };
    for (const CrossingLimits &crossing : crossings) {
        note(crossing.one, crossing.other);
        note(crossing.other, crossing.one);
    }
}

QString Governor::problemOf(const Entry &entry, const WatchRecord &record) const
{
    if (entry.isLinkMissing)
        return QStringLiteral("link %1 is not there or not metered").arg(record.spec.link);
    const WatchRecord *other = entry.crosses == 0 ? nullptr : m_watches.find(entry.crosses);
    if (!other)
        return {};
    return QStringLiteral("what it has in common with \"%1\" is held to the lower of both limits")
        .arg(other->spec.name);
}

namespace {

QuotaStage stageOf(const QuotaPolicy &quota, bool isOver)
{
    if (!quota.enabled)
        return QuotaStage::Off;
    if (!isOver)
        return QuotaStage::Counting;
    switch (quota.overflow) {
    case Overflow::Notify:
        return QuotaStage::Over;
    case Overflow::Throttle:
        return QuotaStage::Throttled;
    case Overflow::Block:
        return QuotaStage::Blocked;
    }
    Q_UNREACHABLE();
}

void addReading(LimitStatus &row, const ClassReading &reading)
{
    row.bytes += reading.bytes;
    row.packets += reading.packets;
    row.droppedPackets += reading.droppedPackets;
    row.backlogBytes += reading.backlogBytes;
}

} // namespace

PolicyStatus Governor::status(const WatchRecord &record) const
{
    PolicyStatus status;
    const auto found = m_entries.find(record.id);
    if (found == m_entries.end())
        return status;
    const Entry &entry = found->second;
    status.down = entry.down;
    status.up = entry.up;
    status.problem = problemOf(entry, record);
    if (const auto &quota = record.spec.policies.quota) {
        status.quota = entry.quota.standing;
        status.dropped = record.guard.dropped;
        status.quotaStage = stageOf(*quota, entry.quota.isOver);
        if (status.quotaStage == QuotaStage::Throttled) { // by the gate, where only one scope is
            status.down.lower(quota->throttleBitsPerSecond, RateReason::Quota);
            status.up.lower(quota->throttleBitsPerSecond, RateReason::Quota);
        }
    }
    if (const auto &guard = entry.burst.guard) {
        status.burstStage = guard->isThrottled() ? BurstStage::Throttled : BurstStage::Armed;
        status.averageBitsPerSecond = guard->average();
        if (guard->isThrottled()) {
            status.throttledSinceS = record.guard.throttledSinceS;
            status.throttledUntilS = record.guard.throttledUntilS;
        }
    }
    return status;
}

PolicyStatus Governor::restingStatus(const WatchRecord &record, const Moment &now)
{
    PolicyStatus status;
    const auto &quota = record.spec.policies.quota;
    if (!quota)
        return status;
    const BillingPeriod period = periodAt(quota->rule(now.zone), now.nowS);
    const HistoryTraffic passed = record.guard.periodStartS == period.startS
        ? growth(record.guard.atPeriodStart, historyOf(record))
        : HistoryTraffic();
    status.quota = standingOf(*quota, now.zone, passed, record.createdS, now.nowS);
    status.dropped = record.guard.dropped;
    return status;
}

std::vector<LimitStatus> Governor::limits(const GovernReading &reading) const
{
    std::map<ClassKey, const ClassReading *> classes;
    for (const ClassReading &each : reading.classes)
        classes[each.key] = &each;
    std::vector<LimitStatus> rows;
    m_watches.eachGoverned([&](const WatchRecord &record, int) {
        const auto entry = m_entries.find(record.id);
        if (entry == m_entries.end() || entry->second.isLinkMissing)
            return;
        const PolicyStatus now = status(record);
        for (const FlowDirection direction : {FlowDirection::Down, FlowDirection::Up}) {
            const bool isDown = direction == FlowDirection::Down;
            LimitStatus row;
            row.name = record.spec.name;
            row.isDown = isDown;
            row.rate = isDown ? now.down : now.up;
            if (!row.rate.bitsPerSecond)
                continue;
            for (const bool isSlow : {false, true})
                if (const auto found = classes.find({record.id, direction, isSlow}); found != classes.end())
                    addReading(row, *found->second);
            const auto policed = std::ranges::find(reading.policed, record.id, &PolicedReading::watch);
            if (isDown && policed != reading.policed.end())
                row.droppedPackets += policed->droppedPackets;
            rows.push_back(std::move(row));
        }
    });
    std::ranges::stable_sort(rows, {}, &LimitStatus::name);
    return rows;
}

} // namespace weir
