// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/govern_planner.h"

#include "helper/engine/atoms.h"
#include "helper/engine/port_nesting.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace weir {

namespace {

constexpr std::array kDirections{FlowDirection::Down, FlowDirection::Up};

template <typename T>
using ByDirection = std::array<T, 2>;

size_t at(FlowDirection direction)
{
    return size_t(direction);
}

/// A class with what holds it: all rates on the way up from it, but for a link's above ports and services,
/// which is the same for all of them.
struct Ceiling {
    ClassKey key;
    quint64 own = 0;
    quint64 lowest = 0;
    qint64 lowestWatch = 0;

    /// A lower one holds more. Where what holds is shared, the lower one of their own.
    bool isBelow(const Ceiling &other) const
    {
        if (lowest != other.lowest)
            return lowest < other.lowest;
        return std::tie(own, key.watch) < std::tie(other.own, other.key.watch);
    }
};

using MaybeCeiling = std::optional<Ceiling>;

std::optional<quint64> rate(const GovernedWatch &watch, FlowDirection direction)
{
    return direction == FlowDirection::Down ? watch.downBitsPerSecond : watch.upBitsPerSecond;
}

/// The kernel makes what meets the quota slower, by itself.
bool willSlow(const GovernedWatch &watch)
{
    return watch.quota && watch.quota->then == QuotaGate::Then::Slow;
}

/// Of watches that hold the same packets; above all rates without any.
quint64 lowestRate(const std::vector<const GovernedWatch *> &watches, FlowDirection direction)
{
    quint64 lowest = kMaxRateBits + 1;
    for (const GovernedWatch *watch : watches)
        lowest = std::min(lowest, rate(*watch, direction).value_or(lowest));
    return lowest;
}

/// Adds watches' quotas in the order in which packets meet them. A slower class ends a packet's way: what
/// would drop it comes before, and what is slower still.
void addQuotas(std::vector<qint64> &quotas, std::vector<const GovernedWatch *> watches)
{
    std::erase_if(watches, [](const GovernedWatch *watch) { return !watch->quota; });
    std::ranges::sort(watches, {}, [](const GovernedWatch *watch) {
        return std::tuple(willSlow(*watch) ? watch->quotaThrottleBitsPerSecond : 0, watch->id);
    });
    std::ranges::transform(watches, std::back_inserter(quotas), &GovernedWatch::id);
}

bool isGoverned(const GovernedWatch &watch)
{
    return watch.downBitsPerSecond || watch.upBitsPerSecond || watch.quota;
}

GovernedPath &pathOf(auto &governed, FlowDirection direction)
{
    return direction == FlowDirection::Down ? governed.down : governed.up;
}

class Planner
{
public:
    Planner(const std::vector<GovernedWatch> &watches, const std::set<int> &meteredLinks);
    PlannedGovernment made() &&;

private:
    void planLinks();
    void planServices();
    void planService(const QString &name, const std::vector<const GovernedWatch *> &watches);
    void addYieldingLinks();

    void planPortClasses();
    MaybeCeiling lowestAround(size_t watch, FlowDirection direction);
    void planAtoms();
    void planAtom(GovernedPorts &ports, const NumberSet &cover);
    void meetQuotas(GovernedPath &path, const std::vector<qint64> &quotas, const Ceiling *ceiling,
                    FlowDirection direction) const;
    void shapePath(GovernedPath &path, const Ceiling &ceiling, FlowDirection direction);
    void shapeOnLinks(GovernedPath &path, const Ceiling &ceiling, FlowDirection direction);
    const Ceiling &lowestOf(const NumberSet &innermost, FlowDirection direction);

    /// `lowest`: what else holds all of the watch's packets.
    MaybeCeiling addClasses(const GovernedWatch &watch, FlowDirection direction, const MaybeCeiling &parent,
                            quint64 lowest = kMaxRateBits + 1);
    void addQuota(const GovernedWatch &watch);
    void cross(qint64 one, qint64 other);

    const std::set<int> m_metered;
    std::map<int, std::vector<const GovernedWatch *>> m_links;        // of metered ones; by id
    std::map<QString, std::vector<const GovernedWatch *>> m_services; // by id
    std::map<qint64, const GovernedWatch *> m_ports;

    PlannedGovernment m_made;
    std::map<qint64, ByDirection<std::optional<ClassKey>>> m_slow;
    std::map<int, ByDirection<MaybeCeiling>> m_linkCeilings;
    ByDirection<MaybeCeiling> m_root;  // the only metered link
    std::vector<Ceiling> m_servicesUp; // the lowest first

    PortNesting m_nesting;
    std::vector<ByDirection<Ceiling>> m_ceilings; // of m_nesting's watches, where m_limited has them
    ByDirection<NumberSet> m_limited;
    bool m_limitedAlike = true; // in both directions
    NumberSet m_hasQuota;
    std::vector<NumberSet> m_crossed; // by the one that holds
};

std::vector<PortWatch> portWatches(const std::vector<GovernedWatch> &watches)
{
    std::vector<PortWatch> ports;
    for (const GovernedWatch &watch : watches)
        if (watch.kind == WatchKind::Ports && isGoverned(watch))
            ports.push_back({watch.id, watch.ports, watch.protocols});
    return ports;
}

Planner::Planner(const std::vector<GovernedWatch> &watches, const std::set<int> &meteredLinks)
    : m_metered(meteredLinks), m_nesting(portWatches(watches))
{
    const size_t count = m_nesting.watches().size();
    m_ceilings.resize(count);
    m_limited.fill(NumberSet(count));
    m_hasQuota = NumberSet(count);
    m_crossed.resize(count, NumberSet(count));
    std::map<qint64, const GovernedWatch *> byId;
    for (const GovernedWatch &watch : watches)
        if (isGoverned(watch) && (watch.kind != WatchKind::Link || meteredLinks.contains(watch.link)))
            byId[watch.id] = &watch;
    for (const auto &[id, watch] : byId) {
        switch (watch->kind) {
        case WatchKind::Ports:
            m_ports[id] = watch;
            break;
        case WatchKind::Link:
            m_links[watch->link].push_back(watch);
            break;
        case WatchKind::Service:
            m_services[watch->service].push_back(watch);
            break;
        }
    }
    m_made.plan.links = meteredLinks;
    planLinks();
    planServices();
    addYieldingLinks();
    planPortClasses();
    planAtoms();
    for (const auto &[id, watch] : byId)
        addQuota(*watch);
}

PlannedGovernment Planner::made() &&
{
    for (size_t holding = 0; holding < m_crossed.size(); ++holding)
        m_crossed[holding].each(
            [&](size_t other) { cross(m_nesting.watches()[holding].id, m_nesting.watches()[other].id); });
    auto &crossings = m_made.crossings;
    std::ranges::sort(crossings, {},
                      [](const CrossingLimits &pair) { return std::pair(pair.one, pair.other); });
    crossings.erase(std::ranges::unique(crossings).begin(), crossings.end());
    return std::move(m_made);
}

/// The watch's class, below `parent` or else the only link, and its slower one. Empty without a rate.
MaybeCeiling Planner::addClasses(const GovernedWatch &watch, FlowDirection direction,
                                 const MaybeCeiling &parent, quint64 lowest)
{
    const MaybeCeiling &root = m_root[at(direction)];
    const MaybeCeiling &above = parent ? parent : root;
    const auto parentKey = above ? std::optional(above->key) : std::nullopt;
    const auto own = rate(watch, direction);
    quint64 held = std::min({lowest, parent ? parent->lowest : lowest, root ? root->lowest : lowest});
    MaybeCeiling made;
    if (own) {
        const ClassKey key{watch.id, direction, false};
        m_made.plan.classes.push_back({key, parentKey, *own});
        held = std::min(held, *own);
        made = Ceiling{key, *own, *own, watch.id};
        if (parent && parent->lowest < *own) {
            made->lowest = parent->lowest;
            made->lowestWatch = parent->lowestWatch;
        }
    }
    const quint64 slow = watch.quotaThrottleBitsPerSecond;
    if (willSlow(watch) && slow < held) {
        const ClassKey key{watch.id, direction, true};
        m_made.plan.classes.push_back({key, parentKey, slow});
        m_slow[watch.id][at(direction)] = key;
    }
    return made;
}

void Planner::addQuota(const GovernedWatch &watch)
{
    if (!watch.quota)
        return;
    QuotaGate gate = *watch.quota;
    gate.watch = watch.id;
    const auto &slow = m_slow[watch.id];
    gate.slowDown = slow[at(FlowDirection::Down)];
    gate.slowUp = slow[at(FlowDirection::Up)];
    const quint64 throttle = watch.quotaThrottleBitsPerSecond;
    if (willSlow(watch) && watch.kind == WatchKind::Service
        && throttle < watch.downBitsPerSecond.value_or(~quint64(0)))
        gate.policedDownBitsPerSecond = throttle;
    m_made.plan.quotas.push_back(std::move(gate));
}

void Planner::cross(qint64 one, qint64 other)
{
    m_made.crossings.push_back({std::min(one, other), std::max(one, other)});
}

void Planner::planLinks()
{
    for (const auto &[index, watches] : m_links) {
        GovernedLink link{index, {}, {}};
        ByDirection<MaybeCeiling> innermost;
        for (const GovernedWatch *watch : watches) {
            for (const FlowDirection direction : kDirections) {
                MaybeCeiling &ceiling = innermost[at(direction)];
                if (const auto made = addClasses(*watch, direction, ceiling, lowestRate(watches, direction)))
                    ceiling = made;
            }
        }
        for (const FlowDirection direction : kDirections) {
            addQuotas(pathOf(link, direction).quotas, watches);
            if (const auto &ceiling = innermost[at(direction)])
                pathOf(link, direction).shaped = ceiling->key;
        }
        m_made.plan.onLinks.push_back(std::move(link));
        m_linkCeilings[index] = innermost;
    }
    if (m_metered.size() == 1 && !m_linkCeilings.empty())
        m_root = m_linkCeilings.begin()->second;
}

void Planner::planServices()
{
    for (const auto &[name, watches] : m_services)
        planService(name, watches);
    std::ranges::sort(m_servicesUp, &Ceiling::isBelow);
}

/// Watches of one service hold each other as link watches do, and what is received obeys the lowest.
void Planner::planService(const QString &name, const std::vector<const GovernedWatch *> &watches)
{
    GovernedService service{watches.front()->id, name, {}, {}, 0};
    MaybeCeiling ceiling;
    addQuotas(service.quotas, watches);
    for (const GovernedWatch *watch : watches) {
        const auto down = watch->downBitsPerSecond;
        if (down && (service.policedDownBitsPerSecond == 0 || *down < service.policedDownBitsPerSecond)) {
            service.watch = watch->id;
            service.policedDownBitsPerSecond = *down;
        }
        if (const auto made =
                addClasses(*watch, FlowDirection::Up, ceiling, lowestRate(watches, FlowDirection::Up))) {
            ceiling = made;
            m_servicesUp.push_back(*made);
            service.shapedUp = made->key;
        }
        if (const auto slow = m_slow.find(watch->id); slow != m_slow.end())
            if (const auto &key = slow->second[at(FlowDirection::Up)])
                m_servicesUp.push_back(
                    {*key, watch->quotaThrottleBitsPerSecond, watch->quotaThrottleBitsPerSecond, watch->id});
    }
    m_made.plan.services.push_back(std::move(service));
}

/// Links give way to services that they hold, or that are slower by themselves.
void Planner::addYieldingLinks()
{
    for (GovernedLink &link : m_made.plan.onLinks) {
        const MaybeCeiling &ceiling = m_linkCeilings[link.index][at(FlowDirection::Up)];
        if (!ceiling)
            continue;
        for (const Ceiling &service : m_servicesUp) {
            if (m_metered.size() > 1 && !service.key.isSlow)
                cross(ceiling->lowestWatch, service.key.watch);
            if (m_metered.size() == 1 || service.lowest < ceiling->lowest)
                link.up.yieldsTo.push_back(service.key);
        }
    }
}

void Planner::planPortClasses()
{
    const auto &watches = m_nesting.watches();
    for (size_t i = 0; i < watches.size(); ++i) {
        const GovernedWatch &watch = *m_ports.at(watches[i].id);
        for (const FlowDirection direction : kDirections)
            if (rate(watch, direction))
                m_limited[at(direction)].insert(i);
        m_limitedAlike &= watch.downBitsPerSecond.has_value() == watch.upBitsPerSecond.has_value();
        if (watch.quota)
            m_hasQuota.insert(i);
    }
    // the outer ones first: parents before children
    for (size_t i = watches.size(); i-- > 0;) {
        const GovernedWatch &watch = *m_ports.at(watches[i].id);
        for (const FlowDirection direction : kDirections) {
            if (!rate(watch, direction) && !willSlow(watch))
                continue;
            if (const auto made = addClasses(watch, direction, lowestAround(i, direction)))
                m_ceilings[i][at(direction)] = *made;
        }
    }
}

/// The smallest limited watch around a watch; of several, which cross, the lower one.
MaybeCeiling Planner::lowestAround(size_t watch, FlowDirection direction)
{
    const NumberSet around = m_nesting.innermost(m_nesting.holders(watch) & m_limited[at(direction)]);
    return around.isEmpty() ? MaybeCeiling() : lowestOf(around, direction);
}

const Ceiling &Planner::lowestOf(const NumberSet &innermost, FlowDirection direction)
{
    size_t lowest = 0;
    const Ceiling *ceiling = nullptr;
    innermost.each([&](size_t watch) {
        const Ceiling &its = m_ceilings[watch][at(direction)];
        if (!ceiling || its.isBelow(*ceiling)) {
            lowest = watch;
            ceiling = &its;
        }
    });
    m_crossed[lowest] |= innermost;
    m_crossed[lowest].remove(lowest);
    return *ceiling;
}

void Planner::planAtoms()
{
    const ReadingPlan reading(m_nesting.watches());
    const std::vector<Atom> &atoms = reading.atoms();
    std::vector<std::pair<quint32, size_t>> places; // the first position of each atom
    for (size_t i = 0; i < atoms.size(); ++i)
        places.emplace_back(atoms[i].tcp.empty() ? portPosition(Transport::Udp, atoms[i].udp.front().first)
                                                 : portPosition(Transport::Tcp, atoms[i].tcp.front().first),
                            i);
    std::ranges::sort(places);
    std::vector<quint32> positions;
    std::ranges::transform(places, std::back_inserter(positions), &std::pair<quint32, size_t>::first);
    const std::vector<NumberSet> covers = m_nesting.covers(positions);
    m_made.plan.ports.resize(atoms.size());
    for (size_t i = 0; i < places.size(); ++i) {
        const Atom &atom = atoms[places[i].second];
        m_made.plan.ports[places[i].second] = {atom.id, atom.tcp, atom.udp, {}, {}};
        planAtom(m_made.plan.ports[places[i].second], covers[i]);
    }
}

void Planner::planAtom(GovernedPorts &ports, const NumberSet &cover)
{
    std::vector<const GovernedWatch *> limiting;
    (cover & m_hasQuota).each([&](size_t watch) {
        limiting.push_back(m_ports.at(m_nesting.watches()[watch].id));
    });
    std::vector<qint64> quotas;
    addQuotas(quotas, std::move(limiting));
    std::optional<NumberSet> innermost;
    for (const FlowDirection direction : kDirections) {
        GovernedPath &path = pathOf(ports, direction);
        if (!innermost || !m_limitedAlike)
            innermost = m_nesting.innermost(cover & m_limited[at(direction)]);
        const Ceiling *ceiling = innermost->isEmpty() ? nullptr : &lowestOf(*innermost, direction);
        meetQuotas(path, quotas, ceiling, direction);
        if (ceiling)
            shapePath(path, *ceiling, direction);
    }
}

/// What is held lower than by a quota's slower class must not leave for that.
void Planner::meetQuotas(GovernedPath &path, const std::vector<qint64> &quotas, const Ceiling *ceiling,
                         FlowDirection direction) const
{
    for (const qint64 id : quotas) {
        const quint64 slowRate = m_ports.at(id)->quotaThrottleBitsPerSecond;
        const auto slow = m_slow.find(id);
        const bool isLower =
            ceiling && slow != m_slow.end() && slow->second[at(direction)] && ceiling->lowest <= slowRate;
        (isLower ? path.countedBy : path.quotas).push_back(id);
    }
}

void Planner::shapePath(GovernedPath &path, const Ceiling &ceiling, FlowDirection direction)
{
    path.shaped = ceiling.key;
    if (m_metered.size() > 1)
        shapeOnLinks(path, ceiling, direction);
    if (direction == FlowDirection::Up)
        for (const Ceiling &service : m_servicesUp)
            if (service.lowest < ceiling.lowest)
                path.yieldsTo.push_back(service.key);
}

void Planner::shapeOnLinks(GovernedPath &path, const Ceiling &ceiling, FlowDirection direction)
{
    for (const auto &[index, ceilings] : m_linkCeilings) {
        const MaybeCeiling &link = ceilings[at(direction)];
        if (!link)
            continue;
        cross(link->lowestWatch, ceiling.key.watch);
        if (link->lowest < ceiling.lowest)
            path.shapedOnLinks[index] = link->key;
    }
}

} // namespace

PlannedGovernment planGovernment(const std::vector<GovernedWatch> &watches, const std::set<int> &meteredLinks)
{
    return Planner(watches, meteredLinks).made();
}

} // namespace weir
