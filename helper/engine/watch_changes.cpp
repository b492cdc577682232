// SPDX-License-Identifier: GPL-3.0-or-later
// How WatchLedger changes watches and takes changes back.
#include "helper/engine/watch_ledger.h"

#include <algorithm>

namespace weir {

namespace {

bool countsPorts(const WatchSpec &spec)
{
    return spec.kind == WatchKind::Ports && spec.enabled;
}

/// True when both count the same packets.
bool countsAlike(const WatchSpec &a, const WatchSpec &b)
{
    return a.enabled == b.enabled && a.kind == b.kind && a.ports == b.ports && a.protocols == b.protocols
        && a.link == b.link && a.service == b.service;
}

} // namespace

WatchLedger::Change WatchLedger::prepare(std::vector<Step> steps) const
{
    Change change;
    for (const Step &step : steps) {
        const auto present = m_byId.find(step.id);
        const bool counted = present != m_byId.end() && countsPorts(present->second->record.spec);
        const bool counts = step.kind != Step::Kind::Remove && countsPorts(step.spec);
        const bool alike =
            step.kind == Step::Kind::Edit && countsAlike(present->second->record.spec, step.spec);
        change.readsOtherPorts |= (counted || counts) && !alike;
        change.needsReading |= !alike;
    }
    change.plan = change.readsOtherPorts ? planWith(steps) : m_plan;
    change.steps = std::move(steps);
    return change;
}

std::shared_ptr<const ReadingPlan> WatchLedger::planWith(const std::vector<Step> &steps) const
{
    std::set<qint64> changed;
    std::vector<PortWatch> watches;
    watches.reserve(m_byId.size() + steps.size());
    const auto read = [&](qint64 id, const WatchSpec &spec) {
        if (countsPorts(spec))
            watches.push_back({id, spec.ports, spec.protocols});
    };
    for (const Step &step : steps) {
        // one that is removed is read on: should it be restored, what was forwarded meanwhile must count once
        // for it
        changed.insert(step.id);
        read(step.id, step.kind == Step::Kind::Remove ? m_byId.at(step.id)->record.spec : step.spec);
    }
    for (const auto &[id, entry] : m_byId)
        if (!changed.contains(id))
            read(id, entry->record.spec);
    for (const WatchRecord &record : m_removed)
        if (!changed.contains(record.id))
            read(record.id, record.spec);
    return std::make_shared<ReadingPlan>(std::move(watches));
}

void WatchLedger::begin(Entry &entry, const Reading &reading)
{
    entry.ratable = false;
    entry.dirty = true;
    entry.record.baseline = {};
    if (entry.record.spec.kind == WatchKind::Service)
        return beginAt(entry.record.baseline, kServiceOrigin,
                       reading.services->total(entry.record.spec.service));
    if (!reading.sample)
        return;
    if (entry.record.spec.kind == WatchKind::Link) {
        const LinkMeter meter = meterOf(*reading.sample, entry.link);
        beginAt(entry.record.baseline, {reading.bootId, reading.sample->generation, entry.link}, meter.ip(),
                meter.other);
    }
}

WatchLedger::Undo WatchLedger::apply(const Change &change, const Reading &before, const Reading &after)
{
    credit(before);
    Undo undo;
    std::map<qint64, bool>
        fresh; // changed watches: true when they begin now, false when they go on from their baseline
    for (const Step &step : change.steps) {
        switch (step.kind) {
        case Step::Kind::Add: {
            WatchRecord record;
            record.id = step.id;
            record.spec = step.spec;
            record.createdS = step.nowS;
            undo.steps.push_back({step.kind, record});
            insert(std::move(record));
            fresh[step.id] = true;
            break;
        }
        case Step::Kind::Edit: {
            Entry &entry = *m_byId.at(step.id);
            WatchRecord record = entry.record;
            undo.steps.push_back({step.kind, record});
            if (!countsAlike(record.spec, step.spec))
                fresh[step.id] = true;
            record.spec = step.spec;
            ++record.revision;
            if (!record.spec.policies.burst)
                endHold(record.guard, step.nowS);
            replace(entry, std::move(record));
            break;
        }
        case Step::Kind::Remove: {
            WatchRecord record = remove(step.id);
            undo.steps.push_back({step.kind, record});
            record.removedS = step.nowS;
            m_removed.push_back(std::move(record));
            break;
        }
        case Step::Kind::Restore: {
            WatchRecord record = takeRemoved(step.id);
            undo.steps.push_back({step.kind, record});
            record.removedS = 0;
            ++record.revision;
            insert(std::move(record)).dirty = true;
            fresh[step.id] = false;
            break;
        }
        }
    }
    undo.rebased = replan(change.plan, before, after);
    for (const auto &[id, begins] : fresh) {
        Entry &entry = *m_byId.at(id);
        pin(entry);
        if (begins)
            begin(entry, after);
        else if (after.sample)
            creditLink(entry, after);
    }
    if (!after.sample || m_planEntries.empty())
        return undo;
    if (std::ranges::none_of(
            fresh, [&](const auto &changed) { return countsPorts(m_byId.at(changed.first)->record.spec); }))
        return undo;
    const std::vector<ScopedTraffic> sums = m_plan->sum(*after.sample);
    const CounterOrigin origin{after.bootId, after.sample->generation, 0};
    for (size_t i = 0; i < sums.size(); ++i) {
        const auto changed = m_planEntries[i] ? fresh.find(m_planEntries[i]->record.id) : fresh.end();
        if (changed == fresh.end())
            continue;
        if (changed->second)
            beginAt(m_planEntries[i]->record.baseline, origin, sums[i]);
        else
            creditEntry(*m_planEntries[i], origin, sums[i], {});
    }
    return undo;
}

std::vector<qint64> WatchLedger::replan(std::shared_ptr<const ReadingPlan> plan, const Reading &before,
                                        const Reading &after)
{
    const bool shifts = before.sample && after.sample
        && (!before.sample->overlaps.empty() || !after.sample->overlaps.empty());
    std::map<qint64, ScopedTraffic> rawBefore;
    if (shifts) {
        // overlaps are counted by atom: under other atoms they begin again
        const std::vector<ScopedTraffic> sums = m_plan->sum(*before.sample);
        for (size_t i = 0; i < sums.size(); ++i)
            rawBefore[m_plan->watches()[i].id] = sums[i];
    }
    usePlan(std::move(plan));
    std::vector<qint64> rebased;
    if (!shifts)
        return rebased;
    const std::vector<ScopedTraffic> sums = m_plan->sum(*after.sample);
    for (size_t i = 0; i < sums.size(); ++i) {
        const qint64 id = m_plan->watches()[i].id;
        const auto raw = rawBefore.find(id);
        if (raw == rawBefore.end() || raw->second == sums[i])
            continue;
        Entry *entry = m_planEntries[i];
        const auto removed = entry ? m_removed.end() : std::ranges::find(m_removed, id, &WatchRecord::id);
        if (!entry && removed == m_removed.end())
            continue;
        Baseline &baseline = entry ? entry->record.baseline : removed->baseline;
        // a baseline may stand above a value that dipped: that much is credited already
        ScopedTraffic ahead = growth(raw->second, baseline.raw);
        baseline.raw = ahead += sums[i];
        if (entry)
            entry->dirty = true;
        rebased.push_back(id);
    }
    return rebased;
}

void WatchLedger::revert(const Undo &undo, std::shared_ptr<const ReadingPlan> plan, const Reading &before,
                         const Reading &after)
{
    credit(before);
    for (auto step = undo.steps.rbegin(); step != undo.steps.rend(); ++step) {
        const WatchRecord &was = step->second;
        switch (step->first) {
        case Step::Kind::Add:
            remove(was.id);
            break;
        case Step::Kind::Edit:
            replace(*m_byId.at(was.id), was);
            break;
        case Step::Kind::Remove:
            takeRemoved(was.id);
            insert(was);
            break;
        case Step::Kind::Restore:
            remove(was.id);
            m_removed.push_back(was);
            break;
        }
        if (const auto entry = m_byId.find(was.id); entry != m_byId.end()) {
            entry->second->dirty = true;
            pin(*entry->second);
        }
    }
    replan(std::move(plan), before, after);
    // reverted watches go on from the baselines that they had
    for (const auto &[kind, was] : undo.steps)
        if (const auto entry = m_byId.find(was.id); entry != m_byId.end())
            entry->second->record.baseline = was.baseline;
}

} // namespace weir
