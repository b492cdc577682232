// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/link_ledger.h"

#include <algorithm>

namespace weir {

namespace {

const LinkMeter *meterOf(const MeterSample *sample, int index)
{
    if (!sample)
        return nullptr;
    const auto found = std::ranges::find(sample->links, index, &LinkMeter::index);
    return found == sample->links.end() ? nullptr : &*found;
}

bool isEmpty(const LinkRecord &record)
{
    return record.total == ScopedTraffic{} && record.totalOther == Traffic{};
}

struct MeterCredit {
    Credit wire;
    Traffic plain;
};

/// Moves the baseline to what the meter says and returns what it counted meanwhile.
MeterCredit creditMeter(Baseline &baseline, const CounterOrigin &origin, const LinkMeter &meter)
{
    MeterCredit passed;
    passed.plain = sameOrigin(baseline, origin) ? growth(baseline.rawPlain, meter.plain) : meter.plain;
    // a link that is known while no meter's value is: the meter's maps are younger than that
    if (baseline.generation == 0)
        beginAt(baseline, origin, {});
    passed.wire = credit(baseline, origin, meter.ip(), meter.other);
    baseline.rawPlain = meter.plain;
    return passed;
}

} // namespace

LinkLedger::LinkLedger(std::vector<LinkRecord> records)
{
    for (LinkRecord &record : records) {
        m_nextId = std::max(m_nextId, record.id + 1);
        m_knownBefore.insert(record.baseline.linkIndex);
        Entry entry;
        entry.record = std::move(record);
        m_entries.push_back(std::move(entry));
    }
}

void LinkLedger::creditLeftover(const MeterSample &leftover, const QString &bootId)
{
    for (Entry &entry : m_entries) {
        Baseline &baseline = entry.record.baseline;
        const LinkMeter *meter = meterOf(&leftover, baseline.linkIndex);
        if (!meter || !sameOrigin(baseline, {bootId, leftover.generation, baseline.linkIndex}))
            continue;
        const MeterCredit passed =
            creditMeter(baseline, {bootId, leftover.generation, baseline.linkIndex}, *meter);
        entry.record.total += passed.wire.traffic;
        entry.record.totalOther += passed.wire.other;
        entry.leftoverPlain += passed.plain;
        entry.leftoverWire += passed.wire.total();
        entry.dirty = true;
    }
}

LinkLedger::Entry *LinkLedger::adopt(const Link &link, const QString &bootId,
                                     const std::vector<Link> &unmatched)
{
    const auto find = [&](auto fits) -> Entry * {
        const auto found = std::ranges::find_if(
            m_entries, [&](const Entry &entry) { return !entry.present && fits(entry.record); });
        return found == m_entries.end() ? nullptr : &*found;
    };
    const auto sameDevice = [&](const LinkRecord &record) {
        return !link.hardwareAddress.isEmpty() && record.hardwareAddress == link.hardwareAddress
            && record.kind == link.kind;
    };
    if (Entry *entry = find([&](const LinkRecord &record) {
            return record.baseline.bootId == bootId && record.baseline.linkIndex == link.index
                && record.kind == link.kind && (record.name == link.name || sameDevice(record));
        }))
        return entry;
    if (Entry *entry =
            find([&](const LinkRecord &record) { return record.name == link.name && sameDevice(record); }))
        return entry;
    // VLANs share the address of the link below: an address tells only where it is the only one of its kind
    const auto records = std::ranges::count_if(
        m_entries, [&](const Entry &entry) { return !entry.present && sameDevice(entry.record); });
    const auto links = std::ranges::count_if(unmatched, [&](const Link &other) {
        return other.hardwareAddress == link.hardwareAddress && other.kind == link.kind;
    });
    if (records == 1 && links == 1)
        return find(sameDevice);
    return find([&](const LinkRecord &record) {
        return record.name == link.name
            // its device is here under another name: not this record's link
            && std::ranges::none_of(unmatched, [&](const Link &other) {
                   return other.index != link.index && !record.hardwareAddress.isEmpty()
                       && other.hardwareAddress == record.hardwareAddress && other.kind == record.kind;
               });
    });
}

void LinkLedger::match(const LinkReading &reading)
{
    std::vector<Link> unmatched;
    std::map<int, Entry *> present;
    for (Entry &entry : m_entries)
        if (entry.present)
            present[entry.link.index] = &entry;
    for (const Link &link : reading.links) {
        const auto same = present.find(link.index);
        if (same == present.end()
            || (same->second->link.name != link.name
                && same->second->link.hardwareAddress != link.hardwareAddress)) {
            unmatched.push_back(link);
            continue;
        }
        same->second->link = link;
        present.erase(same);
    }
    for (const auto &[index, entry] : present)
        creditVanished(*entry, reading);
    for (const Link &link : unmatched) {
        Entry *entry = adopt(link, reading.bootId, unmatched);
        if (!entry) {
            m_entries.emplace_back();
            entry = &m_entries.back();
            entry->record.id = m_nextId++;
            entry->record.firstSeenS = reading.nowS;
            m_news = true;
        }
        entry->present = true;
        entry->link = link;
    }
}

void LinkLedger::creditVanished(Entry &entry, const LinkReading &reading)
{
    if (const LinkMeter *meter = meterOf(reading.sample, entry.link.index)) {
        const MeterCredit passed = creditMeter(
            entry.record.baseline, {reading.bootId, reading.sample->generation, entry.link.index}, *meter);
        entry.record.total += passed.wire.traffic;
        entry.record.totalOther += passed.wire.other;
    }
    entry.present = false;
    entry.metered = false;
    entry.rate.reset();
    entry.track = {};
    entry.dirty = true;
}

void LinkLedger::creditPresent(Entry &entry, const LinkReading &reading, const SampleInterval &interval)
{
    LinkRecord &record = entry.record;
    Baseline &baseline = record.baseline;
    const Link &link = entry.link;
    const LinkRecord before = record;
    const bool firstSight = record.name.isEmpty();
    const bool wasMetered =
        std::exchange(entry.metered, reading.sample && reading.choice.metered.contains(link.index));
    const auto reason = reading.choice.reasons.find(link.index);
    entry.reason = reason == reading.choice.reasons.end() ? QString() : reason->second;
    record.name = link.name;
    record.kind = link.kind;
    record.hardwareAddress = link.hardwareAddress;

    const auto early = reading.earlyCounters.find(link.index);
    const Traffic own = early == reading.earlyCounters.end() ? link.counters : early->second;
    const bool sameLink = baseline.bootId == reading.bootId && baseline.linkIndex == link.index;
    const Traffic passedByKernel = sameLink ? linkCounterGrowth(baseline.rawKernel, own) : own;
    const bool restarted = !sameLink || linkCounterRestarted(baseline.rawKernel, own);

    MeterCredit metered;
    if (reading.sample) {
        const LinkMeter *meter = meterOf(reading.sample, link.index);
        LinkMeter nothing;
        nothing.index = link.index;
        const CounterOrigin origin{reading.bootId, reading.sample->generation, link.index};
        if (firstSight)
            beginAt(baseline, origin, meter ? meter->ip() : ScopedTraffic{},
                    meter ? meter->other : Traffic{});
        metered = creditMeter(baseline, origin, meter ? *meter : nothing);
    }
    baseline.bootId = reading.bootId;
    baseline.linkIndex = link.index;
    baseline.rawKernel = entry.metered ? link.counters : own;

    Traffic passed;
    if (!firstSight) {
        record.total += metered.wire.traffic;
        record.totalOther += metered.wire.other;
        passed = metered.wire.total();
        if (entry.fresh || !wasMetered || !entry.metered) {
            const Traffic unmetered = unmeteredGrowth(passedByKernel, metered.plain + entry.leftoverPlain,
                                                      metered.wire.total() + entry.leftoverWire);
            record.totalUnmetered += unmetered;
            passed += unmetered;
        }
    }
    const bool comparable =
        !firstSight && !entry.fresh && wasMetered == entry.metered && (!restarted || entry.metered);
    entry.rate = comparable ? interval.rateOf(passed) : std::nullopt;
    entry.track.add(interval, entry.rate);
    entry.fresh = false;
    entry.leftoverPlain = entry.leftoverWire = {};
    entry.dirty = entry.dirty || firstSight || record.total != before.total
        || record.totalOther != before.totalOther || record.totalUnmetered != before.totalUnmetered
        || !(baseline == before.baseline) || record.name != before.name;
}

void LinkLedger::update(const LinkReading &reading, const SampleInterval &interval)
{
    std::set<int> known;
    for (const Entry &entry : m_entries)
        known.insert(entry.present ? entry.link.index : entry.record.baseline.linkIndex);
    m_knownBefore = std::move(known);

    match(reading);
    for (Entry &entry : m_entries)
        if (entry.present)
            creditPresent(entry, reading, interval);

    // virtual pairs come and go with containers; one that never carried anything for us is not worth a record
    // for ever
    for (auto entry = m_entries.begin(); entry != m_entries.end();) {
        if (!entry->present && entry->record.kind == LinkKind::Veth && isEmpty(entry->record)) {
            m_forgotten.push_back(entry->record.id);
            entry = m_entries.erase(entry);
        } else {
            ++entry;
        }
    }
}

std::vector<LinkStatus> LinkLedger::links() const
{
    std::vector<LinkStatus> rows;
    for (const Entry &entry : m_entries) {
        if (!entry.present)
            continue;
        const LinkRecord &record = entry.record;
        rows.push_back({entry.link, entry.metered, entry.reason, record.firstSeenS, record.total,
                        record.totalOther, record.totalUnmetered, entry.rate});
    }
    std::ranges::sort(rows, {}, [](const LinkStatus &row) { return row.link.name; });
    return rows;
}

const SampleTrack *LinkLedger::samples(const QString &name) const
{
    const auto found = std::ranges::find_if(
        m_entries, [&](const Entry &entry) { return entry.present && entry.link.name == name; });
    return found == m_entries.end() ? nullptr : &found->track;
}

void LinkLedger::eachChanged(const std::function<void(const LinkRecord &)> &visit) const
{
    for (const Entry &entry : m_entries)
        if (entry.dirty)
            visit(entry.record);
}

const LinkRecord *LinkLedger::find(const QString &name) const
{
    const LinkRecord *last = nullptr;
    for (const Entry &entry : m_entries) {
        if (entry.record.name != name)
            continue;
        if (entry.present)
            return &entry.record;
        if (!last || entry.record.id > last->id)
            last = &entry.record;
    }
    return last;
}

const LinkRecord *LinkLedger::findIndex(int index) const
{
    const auto found = std::ranges::find_if(
        m_entries, [&](const Entry &entry) { return entry.present && entry.link.index == index; });
    return found == m_entries.end() ? nullptr : &found->record;
}

void LinkLedger::collect(StateChange &change)
{
    for (Entry &entry : m_entries)
        if (std::exchange(entry.dirty, false))
            change.links.push_back(entry.record);
    change.forgottenLinks = std::exchange(m_forgotten, {});
}

void LinkLedger::restore(const StateChange &change)
{
    for (const LinkRecord &record : change.links)
        for (Entry &entry : m_entries)
            if (entry.record.id == record.id)
                entry.dirty = true;
    m_forgotten.insert(m_forgotten.end(), change.forgottenLinks.begin(), change.forgottenLinks.end());
}

} // namespace weir
