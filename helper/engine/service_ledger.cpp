// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/service_ledger.h"

#include <algorithm>

namespace weir {

const QString ServiceLedger::kOthers = QStringLiteral("other services");
const QString ServiceLedger::kUnattributed = QStringLiteral("unattributed");

namespace {

ServiceTraffic grown(const ServiceTraffic &before, const ServiceTraffic &now)
{
    return {{growth(before.wire.internet, now.wire.internet), growth(before.wire.local, now.wire.local)},
            growth(before.loopback, now.loopback)};
}

bool isSpecial(const QString &name)
{
    return name == ServiceLedger::kOthers || name == ServiceLedger::kUnattributed;
}

} // namespace

ServiceLedger::ServiceLedger(std::vector<ServiceRecord> records)
{
    for (ServiceRecord &record : records) {
        m_nextId = std::max(m_nextId, record.id + 1);
        const std::vector<ServiceBaseline> baselines = std::exchange(record.baselines, {});
        const QString name = record.name;
        const auto entry = m_entries.emplace(name, Entry{}).first;
        entry->second.record = std::move(record);
        for (const ServiceBaseline &baseline : baselines) {
            m_bootId = baseline.bootId;
            m_generation = baseline.generation;
            m_followed[baseline.key] = {entry, baseline.raw, {}, {}, false, false};
        }
    }
}

/// Counters of another incarnation began at zero: what was followed is over.
void ServiceLedger::beginOrigin(const QString &bootId, quint64 generation)
{
    if (m_bootId == bootId && m_generation == generation)
        return;
    for (auto &[key, followed] : m_followed)
        followed.entry->second.dirty = true;
    m_followed.clear();
    m_bootId = bootId;
    m_generation = generation;
}

ServiceLedger::Entries::iterator ServiceLedger::insert(const ServiceName &name, qint64 nowS)
{
    const auto entry = m_entries.emplace(name.name, Entry{}).first;
    ServiceRecord &record = entry->second.record;
    record.id = m_nextId++;
    record.name = name.name;
    record.kind = name.kind;
    record.firstSeenS = record.lastSeenS = nowS;
    return entry;
}

/// Lets the service that was quiet for longest join the others; false when none was quiet for long.
bool ServiceLedger::makeRoom(qint64 nowS)
{
    const qint64 quietBeforeS = nowS - std::chrono::seconds(kQuiet).count();
    auto quietest = m_entries.end();
    for (auto entry = m_entries.begin(); entry != m_entries.end(); ++entry) {
        const qint64 lastS = entry->second.record.lastSeenS;
        if (lastS >= quietBeforeS || isSpecial(entry->first) || (m_isKept && m_isKept(entry->first)))
            continue;
        if (quietest == m_entries.end() || lastS < quietest->second.record.lastSeenS)
            quietest = entry;
    }
    if (quietest == m_entries.end() || std::ranges::any_of(m_followed, [&](const auto &followed) {
            return followed.second.entry == quietest;
        }))
        return false;
    const ServiceRecord gone = std::move(quietest->second.record);
    m_entries.erase(quietest);
    Entry &others = entryFor({kOthers, ServiceKind::Other}, nowS)->second;
    others.record.total += gone.total;
    others.record.firstSeenS = std::min(others.record.firstSeenS, gone.firstSeenS);
    others.ratable = false;
    others.dirty = true;
    m_forgotten.push_back({gone.id, others.record.id});
    m_news.push_back(m_forgotten.back());
    return true;
}

/// What one user runs must not take the names away from all others.
ServiceName ServiceLedger::nameWithRoom(const ServiceName &name) const
{
    const qsizetype slash = name.name.indexOf(QLatin1Char('/'));
    if (!name.name.startsWith(QLatin1String("user-")) || slash < 0)
        return name;
    const QString prefix = name.name.left(slash + 1);
    size_t ofUser = 0;
    for (auto entry = m_entries.lower_bound(prefix);
         entry != m_entries.end() && entry->first.startsWith(prefix); ++entry)
        ++ofUser;
    return ofUser < kMaxServicesOfUser ? name : ServiceName{prefix + kOthers, ServiceKind::Other};
}

ServiceLedger::Entries::iterator ServiceLedger::entryFor(const ServiceName &name, qint64 nowS)
{
    if (const auto found = m_entries.find(name.name); found != m_entries.end())
        return found;
    const ServiceName fitting = nameWithRoom(name);
    if (const auto found = m_entries.find(fitting.name); found != m_entries.end())
        return found;
    if (!isSpecial(fitting.name) && m_entries.size() >= kMaxServices && !makeRoom(nowS))
        return entryFor({kOthers, ServiceKind::Other}, nowS);
    return insert(fitting, nowS);
}

void ServiceLedger::credit(const ServiceKey &key, const QString &path, const ServiceTraffic &raw, qint64 nowS)
{
    auto followed = m_followed.find(key);
    if (followed == m_followed.end()) {
        const ServiceName name =
            path.isEmpty() ? ServiceName{kUnattributed, ServiceKind::Other} : serviceName(path);
        followed = m_followed.emplace(key, Followed{entryFor(name, nowS), {}, {}, {}, false, false}).first;
        followed->second.entry->second.dirty = true;
    }
    // within an incarnation a counter only grows
    const ServiceTraffic passed = grown(followed->second.raw, raw);
    followed->second.seen = true;
    if (passed == ServiceTraffic{})
        return;
    followed->second.raw += passed;
    Entry &entry = followed->second.entry->second;
    entry.record.total += passed;
    entry.record.lastSeenS = nowS;
    entry.dirty = true;
}

void ServiceLedger::creditLeftover(const ServiceSample &leftover, const QString &bootId, qint64 nowS)
{
    // once what is stored belongs to later counters these were credited, and only wait to be discarded
    if (m_bootId != bootId || m_generation != leftover.generation)
        return;
    for (const ServiceCounter &counter : leftover.counters)
        credit(counter.key, counter.path, counter.traffic, nowS);
    if (leftover.overflow != ServiceTraffic{})
        credit({}, {}, leftover.overflow, nowS);
}

void ServiceLedger::beginAt(const ServiceSample &sample, const QString &bootId, qint64 nowS)
{
    if (sample.generation == 0)
        return;
    beginOrigin(bootId, sample.generation);
    const auto begin = [&](const ServiceKey &key, const ServiceName &name, const ServiceTraffic &raw) {
        const auto entry = entryFor(name, nowS);
        entry->second.dirty = true;
        m_followed[key] = {entry, raw, {}, {}, false, false};
    };
    for (const ServiceCounter &counter : sample.counters)
        begin(counter.key,
              counter.path.isEmpty() ? ServiceName{kUnattributed, ServiceKind::Other}
                                     : serviceName(counter.path),
              counter.traffic);
    if (sample.overflow != ServiceTraffic{})
        begin({}, {kUnattributed, ServiceKind::Other}, sample.overflow);
}

void ServiceLedger::update(const ServiceSample &sample, const QString &bootId, qint64 nowS)
{
    if (sample.generation == 0)
        return;
    beginOrigin(bootId, sample.generation);
    m_interval.advance(sample.taken, bootId, sample.generation);
    for (auto &[key, followed] : m_followed)
        followed.seen = false;
    for (const ServiceCounter &counter : sample.counters) {
        credit(counter.key, counter.path, counter.traffic, nowS);
        m_followed.at(counter.key).gone = counter.gone;
    }
    if (sample.overflow != ServiceTraffic{})
        credit({}, {}, sample.overflow, nowS);
    for (auto &[name, entry] : m_entries)
        entry.cgroups = 0;
    for (auto followed = m_followed.begin(); followed != m_followed.end();) {
        Entry &entry = followed->second.entry->second;
        if (followed->second.seen) {
            entry.cgroups += !followed->second.gone && followed->first.cgroup != 0;
            ++followed;
            continue;
        }
        // taken out before the last helper could store that it was
        entry.dirty = true;
        followed = m_followed.erase(followed);
    }
    for (auto &[name, entry] : m_entries) {
        const Traffic now = entry.record.total.wire.total();
        entry.rate = entry.ratable ? m_interval.rateOf(growth(entry.atLastSample, now)) : std::nullopt;
        entry.ratable = true;
        entry.atLastSample = now;
    }
}

void ServiceLedger::creditTaken(const std::vector<ServiceCounter> &taken, qint64 nowS)
{
    for (const ServiceCounter &counter : taken) {
        credit(counter.key, counter.path, counter.traffic, nowS);
        const auto followed = m_followed.find(counter.key);
        followed->second.entry->second.dirty = true;
        m_followed.erase(followed);
    }
}

std::vector<ServiceStatus> ServiceLedger::services() const
{
    std::vector<ServiceStatus> rows;
    rows.reserve(m_entries.size());
    for (const auto &[name, entry] : m_entries)
        rows.push_back({name, entry.record.kind, entry.cgroups, entry.record.firstSeenS, entry.record.total,
                        entry.rate});
    return rows;
}

const ServiceRecord *ServiceLedger::find(const QString &name) const
{
    const auto found = m_entries.find(name);
    return found == m_entries.end() ? nullptr : &found->second.record;
}

ScopedTraffic ServiceLedger::total(const QString &name) const
{
    const ServiceRecord *record = find(name);
    return record ? record->total.wire : ScopedTraffic{};
}

void ServiceLedger::eachChanged(const std::function<void(const ServiceRecord &)> &visit) const
{
    for (const auto &[name, entry] : m_entries)
        if (entry.dirty)
            visit(entry.record);
}

void ServiceLedger::collect(StateChange &change)
{
    std::map<QString, size_t> places;
    for (auto &[name, entry] : m_entries) {
        if (!std::exchange(entry.dirty, false))
            continue;
        places[name] = change.services.size();
        change.services.push_back(entry.record);
    }
    for (auto &[key, followed] : m_followed) {
        followed.collected = followed.raw;
        if (const auto place = places.find(followed.entry->first); place != places.end())
            change.services[place->second].baselines.push_back({key, m_bootId, m_generation, followed.raw});
    }
    change.forgottenServices = std::exchange(m_forgotten, {});
}

void ServiceLedger::restore(const StateChange &change)
{
    for (const ServiceRecord &record : change.services) {
        const auto entry = m_entries.find(record.name);
        if (entry != m_entries.end() && entry->second.record.id == record.id)
            entry->second.dirty = true;
    }
    m_forgotten.insert(m_forgotten.end(), change.forgottenServices.begin(), change.forgottenServices.end());
}

std::vector<ServiceKey> ServiceLedger::stored()
{
    std::vector<ServiceKey> spent;
    for (auto &[key, followed] : m_followed) {
        if (followed.gone && followed.stored == followed.raw)
            spent.push_back(key);
        followed.stored = followed.collected;
    }
    return spent;
}

} // namespace weir
