// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/watch_ledger.h"

#include "helper/engine/flow_view.h"
#include "helper/engine/history_keeper.h"

#include <algorithm>
#include <set>

namespace weir {

WatchLedger::WatchLedger(std::vector<WatchRecord> records, qint64 restorableSinceS)
    : m_plan(std::make_shared<ReadingPlan>())
{
    for (WatchRecord &record : records) {
        m_nextId = std::max(m_nextId, record.id + 1);
        if (record.removedS == 0)
            insert(std::move(record));
        else if (record.removedS >= restorableSinceS)
            m_removed.push_back(std::move(record));
    }
    usePlan(planWith({}));
}

WatchLedger::Entry &WatchLedger::insert(WatchRecord record)
{
    Entry &entry = m_entries[record.spec.name];
    entry = Entry{};
    entry.record = std::move(record);
    m_sizes += sizeOf(entry.record.spec);
    m_byId[entry.record.id] = &entry;
    noteGoverned(entry);
    return entry;
}

WatchRecord WatchLedger::takeRemoved(qint64 id)
{
    const auto found = std::ranges::find(m_removed, id, &WatchRecord::id);
    Q_ASSERT(found != m_removed.end());
    WatchRecord record = std::move(*found);
    m_removed.erase(found);
    return record;
}

WatchRecord WatchLedger::remove(qint64 id)
{
    const auto node = m_byId.extract(id);
    Q_ASSERT(!node.empty());
    WatchRecord record = std::move(node.mapped()->record);
    m_sizes -= sizeOf(record.spec);
    m_governed.erase(id);
    m_entries.erase(record.spec.name);
    return record;
}

void WatchLedger::replace(Entry &entry, WatchRecord record)
{
    if (entry.record.spec.name != record.spec.name) {
        auto node = m_entries.extract(entry.record.spec.name);
        node.key() = record.spec.name;
        m_entries.insert(std::move(node));
    }
    m_sizes -= sizeOf(entry.record.spec);
    m_sizes += sizeOf(record.spec);
    entry.record = std::move(record);
    entry.dirty = true;
    noteGoverned(entry);
}

void WatchLedger::noteGoverned(Entry &entry)
{
    if (entry.record.spec.policies == Policies{})
        m_governed.erase(entry.record.id);
    else
        m_governed[entry.record.id] = &entry;
}

void WatchLedger::eachGoverned(const std::function<void(const WatchRecord &, int)> &visit) const
{
    for (const auto &[id, entry] : m_governed)
        visit(entry->record, entry->link);
}

void WatchLedger::setGuard(qint64 id, const GuardState &guard)
{
    if (const auto found = m_byId.find(id); found != m_byId.end()) {
        found->second->record.guard = guard;
        found->second->dirty = true;
    }
}

void WatchLedger::usePlan(std::shared_ptr<const ReadingPlan> plan)
{
    m_plan = std::move(plan);
    m_index.reset();
    m_planEntries.clear();
    m_planEntries.reserve(m_plan->watches().size());
    for (const PortWatch &watch : m_plan->watches()) {
        const auto found = m_byId.find(watch.id);
        m_planEntries.push_back(found == m_byId.end() ? nullptr : found->second);
    }
    m_linkEntries.clear();
    m_serviceEntries.clear();
    for (auto &[name, entry] : m_entries) {
        if (entry.record.spec.kind == WatchKind::Link)
            m_linkEntries.push_back(&entry);
        else if (entry.record.spec.kind == WatchKind::Service)
            m_serviceEntries.push_back(&entry);
    }
}

void WatchLedger::creditEntry(Entry &entry, const CounterOrigin &origin, const ScopedTraffic &raw,
                              const Traffic &other)
{
    Baseline &baseline = entry.record.baseline;
    const bool moved = !sameOrigin(baseline, origin);
    const Credit passed = weir::credit(baseline, origin, raw, other);
    if (moved || passed.traffic != ScopedTraffic{} || passed.other != Traffic{})
        entry.dirty = true;
    entry.record.total += passed.traffic;
    entry.record.totalOther += passed.other;
}

void WatchLedger::creditLink(Entry &entry, const Reading &reading)
{
    if (entry.link == 0 || !entry.record.spec.enabled)
        return;
    const LinkMeter meter = meterOf(*reading.sample, entry.link);
    creditEntry(entry, {reading.bootId, reading.sample->generation, entry.link}, meter.ip(), meter.other);
}

void WatchLedger::creditServices(const ServiceLedger &services)
{
    for (Entry *entry : m_serviceEntries) {
        WatchRecord &record = entry->record;
        if (!record.spec.enabled)
            continue;
        const ScopedTraffic now = services.total(record.spec.service);
        // It stands below the baseline when the power went before it was stored: it grows again, and that is
        // credited already.
        const ScopedTraffic passed = growth(record.baseline.raw, now);
        if (passed == ScopedTraffic{})
            continue;
        record.baseline.raw += passed;
        record.total += passed;
        entry->dirty = true;
    }
}

bool WatchLedger::countsServices() const
{
    return std::ranges::any_of(m_serviceEntries,
                               [](const Entry *entry) { return entry->record.spec.enabled; });
}

bool WatchLedger::watchesService(const QString &name) const
{
    return std::ranges::any_of(m_serviceEntries,
                               [&](const Entry *entry) { return entry->record.spec.service == name; });
}

void WatchLedger::credit(const Reading &reading)
{
    if (!reading.sample)
        return;
    const std::vector<ScopedTraffic> sums = m_plan->sum(*reading.sample);
    const CounterOrigin origin{reading.bootId, reading.sample->generation, 0};
    for (size_t i = 0; i < sums.size(); ++i)
        if (m_planEntries[i])
            creditEntry(*m_planEntries[i], origin, sums[i], {});
    for (Entry *entry : m_linkEntries)
        creditLink(*entry, reading);
}

void WatchLedger::creditLeftover(const MeterSample &leftover, const QString &bootId)
{
    const std::vector<ScopedTraffic> sums = m_plan->sum(leftover);
    for (size_t i = 0; i < sums.size(); ++i) {
        const CounterOrigin origin{bootId, leftover.generation, 0};
        if (m_planEntries[i] && sameOrigin(m_planEntries[i]->record.baseline, origin))
            creditEntry(*m_planEntries[i], origin, sums[i], {});
    }
    for (Entry *entry : m_linkEntries) {
        const Baseline &baseline = entry->record.baseline;
        const CounterOrigin origin{bootId, leftover.generation, baseline.linkIndex};
        if (!entry->record.spec.enabled || !sameOrigin(baseline, origin))
            continue;
        const LinkMeter meter = meterOf(leftover, baseline.linkIndex);
        creditEntry(*entry, origin, meter.ip(), meter.other);
    }
}

void WatchLedger::pin(Entry &entry)
{
    const WatchRecord &record = entry.record;
    entry.link = 0;
    if (record.spec.kind != WatchKind::Link)
        return;
    const auto found = std::ranges::find(m_links, record.spec.link, &Link::name);
    entry.link = found == m_links.end() ? 0 : found->index;
}

void WatchLedger::followLinks(const std::vector<Link> &links, const std::function<bool(int)> &wasKnown,
                              const Reading &reading)
{
    m_links = links;
    for (Entry *followed : m_linkEntries) {
        Entry &entry = *followed;
        WatchRecord &record = entry.record;
        const auto same = std::ranges::find(links, entry.link, &Link::index);
        if (entry.link != 0 && same != links.end()) {
            if (record.spec.link != same->name) {
                record.spec.link = same->name;
                entry.dirty = true;
            }
            continue;
        }
        pin(entry);
        entry.ratable = false;
        if (entry.link == 0 || !reading.sample || !record.spec.enabled)
            continue;
        if (record.baseline.linkIndex != entry.link && wasKnown(entry.link))
            begin(entry, reading);
        else
            creditLink(entry, reading);
    }
}

void WatchLedger::updateRates(const SampleInterval &interval)
{
    for (auto &[name, entry] : m_entries) {
        const WatchRecord &record = entry.record;
        const Traffic total = record.total.total() + record.totalOther;
        const bool counts = record.spec.enabled && (record.spec.kind != WatchKind::Link || entry.link != 0);
        entry.rate =
            counts && entry.ratable ? interval.rateOf(growth(entry.atLastSample, total)) : std::nullopt;
        entry.ratable = counts;
        entry.atLastSample = total;
        entry.track.add(interval, entry.rate);
    }
}

void WatchLedger::setConnections(const std::vector<quint32> &byPlanOrder,
                                 const std::map<int, quint32> &byLink)
{
    for (auto &[name, entry] : m_entries) {
        const auto found = byLink.find(entry.link);
        entry.connections =
            entry.record.spec.enabled && entry.link != 0 && found != byLink.end() ? found->second : 0;
    }
    for (size_t i = 0; i < m_planEntries.size(); ++i)
        if (m_planEntries[i])
            m_planEntries[i]->connections = byPlanOrder[i];
}

const WatchRecord *WatchLedger::find(const QString &name) const
{
    const auto found = m_entries.find(name);
    return found == m_entries.end() ? nullptr : &found->second.record;
}

const WatchRecord *WatchLedger::find(qint64 id) const
{
    const auto found = m_byId.find(id);
    return found == m_byId.end() ? nullptr : &found->second->record;
}

const WatchRecord *WatchLedger::findRemoved(const QString &name, qint64 sinceS) const
{
    const WatchRecord *last = nullptr;
    for (const WatchRecord &record : m_removed)
        if (record.spec.name == name && record.removedS >= sinceS
            && (!last || record.removedS >= last->removedS))
            last = &record;
    return last;
}

WatchStatus WatchLedger::statusOf(const Entry &entry)
{
    return {entry.record, entry.rate, entry.connections, {}, {}};
}

std::vector<WatchStatus> WatchLedger::watches() const
{
    std::vector<WatchStatus> rows;
    rows.reserve(m_entries.size());
    for (const auto &[name, entry] : m_entries)
        rows.push_back(statusOf(entry));
    return rows;
}

const SampleTrack *WatchLedger::samples(const QString &name) const
{
    const auto found = m_entries.find(name);
    return found == m_entries.end() ? nullptr : &found->second.track;
}

void WatchLedger::eachCounting(const Flow &flow, const std::function<bool(const Entry &)> &visit) const
{
    bool wanted = true;
    if (const auto position = countedPosition(flow.key)) {
        if (!m_index)
            m_index = std::make_unique<PortIndex>(m_plan->watches());
        m_index->each(*position, [&](quint32 watch) {
            return wanted = !m_planEntries[watch] || visit(*m_planEntries[watch]);
        });
    }
    for (const Entry *entry : m_linkEntries) {
        if (!wanted)
            return;
        if (entry->link == flow.key.link && entry->record.spec.enabled)
            wanted = visit(*entry);
    }
}

QStringList WatchLedger::namesFor(const Flow &flow, size_t most) const
{
    QStringList names;
    eachCounting(flow, [&](const Entry &entry) {
        names.append(entry.record.spec.name);
        return size_t(names.size()) < most;
    });
    names.sort();
    return names;
}

std::vector<SeriesKey> WatchLedger::seriesFor(const Flow &flow, size_t most) const
{
    std::vector<SeriesKey> series;
    eachCounting(flow, [&](const Entry &entry) {
        series.push_back(seriesOf(entry.record));
        return series.size() < most;
    });
    return series;
}

std::vector<std::pair<QString, QString>> WatchLedger::uncounted(const std::set<int> &metered) const
{
    std::vector<std::pair<QString, QString>> watches;
    for (const Entry *entry : m_linkEntries)
        if (entry->record.spec.enabled && (entry->link == 0 || !metered.contains(entry->link)))
            watches.push_back({entry->record.spec.name, entry->record.spec.link});
    return watches;
}

void WatchLedger::eachChanged(const std::function<void(const WatchRecord &)> &visit) const
{
    for (const auto &[name, entry] : m_entries)
        if (entry.dirty)
            visit(entry.record);
}

void WatchLedger::collect(StateChange &change, qint64 restorableSinceS)
{
    for (auto &[name, entry] : m_entries)
        if (std::exchange(entry.dirty, false))
            change.watches.push_back(entry.record);
    std::erase_if(m_removed, [&](const WatchRecord &record) { return record.removedS < restorableSinceS; });
}

void WatchLedger::restore(const StateChange &change)
{
    for (const WatchRecord &record : change.watches)
        if (const auto entry = m_byId.find(record.id); entry != m_byId.end())
            entry->second->dirty = true;
}

std::vector<WatchRecord> WatchLedger::records(const Undo &undo)
{
    std::vector<WatchRecord> records;
    const auto add = [&](qint64 id) {
        if (const auto entry = m_byId.find(id); entry != m_byId.end()) {
            entry->second->dirty = false;
            records.push_back(entry->second->record);
        } else if (const auto removed = std::ranges::find(m_removed, id, &WatchRecord::id);
                   removed != m_removed.end()) {
            records.push_back(*removed);
        }
    };
    for (const auto &[kind, was] : undo.steps)
        add(was.id);
    for (const qint64 id : undo.rebased)
        add(id);
    return records;
}

} // namespace weir
