// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/gate_rules.h"

#include "helper/kernel/gate_atoms.h"
#include "helper/kernel/gate_fragments.h"
#include "helper/kernel/gate_headers.h"
#include "helper/kernel/gate_quotas.h"

#include <algorithm>
#include <iterator>
#include <set>

#include <linux/netfilter.h>

namespace weir {

namespace {

using namespace nft;

constexpr char kServiceClasses[] = "service_classes"; // what services' packets may have chosen
constexpr quint32 kLoopback = 1;                      // the loopback's index, everywhere

constexpr FlowDirection kDirections[] = {FlowDirection::Down, FlowDirection::Up};

QByteArray named(const char *begin, FlowDirection direction)
{
    return begin + endingOf(direction);
}

QByteArray atomName(quint32 id, FlowDirection direction)
{
    return GatePorts{{}, endingOf(direction)}.chain(id);
}

const GovernedPath &pathOf(const auto &governed, FlowDirection direction)
{
    return direction == FlowDirection::Down ? governed.down : governed.up;
}

/// The table for packets on links.
class LinkRules
{
public:
    LinkRules(const GateWish &wish, const GateQuotas &quotas, const GateStanding *standing)
        : m_wish(wish), m_quotas(quotas), m_shaping{wish.priorities, wish.shaperDevice}, m_standing(standing)
    { }

    GateTable make();

private:
    void addPorts(FlowDirection direction);
    void addAtom(const GovernedPorts &atom, FlowDirection direction);
    void addDispatch(FlowDirection direction);
    const GateChain *standingChain(const QByteArray &name) const;
    void addServiceClasses();
    void addLink(int index, FlowDirection direction);
    bool hasPorts(FlowDirection direction) const { return m_table.ports.contains(named("ports", direction)); }

    const GateWish &m_wish;
    const GateQuotas &m_quotas;
    const GateShaping m_shaping;
    const GateStanding *m_standing;
    GateTable m_table;
};

void LinkRules::addAtom(const GovernedPorts &atom, FlowDirection direction)
{
    const AtomRoute route = routeOf(pathOf(atom, direction), direction, m_quotas, m_shaping);
    const QByteArray name = atomName(atom.id, direction);
    GateChain chain{{}, {}, route.recipe()};
    const GateChain *standing = standingChain(name);
    // Of a thousand atoms few are others than they were: the rules of those are not made again.
    chain.rules =
        standing && standing->recipe == chain.recipe ? standing->rules : route.rules(atom.id, direction);
    m_table.chains[name] = std::move(chain);
}

const GateChain *LinkRules::standingChain(const QByteArray &name) const
{
    if (!m_standing)
        return nullptr;
    const auto table = m_standing->model.find(NftFamily::Netdev);
    if (table == m_standing->model.end())
        return nullptr;
    const auto chain = table->second.chains.find(name);
    return chain == table->second.chains.end() ? nullptr : &chain->second;
}

void LinkRules::addPorts(FlowDirection direction)
{
    const QByteArray name = named("ports", direction);
    const QByteArray atoms = atomsName(direction);
    for (const GovernedPorts &atom : m_wish.plan.ports) {
        if (pathOf(atom, direction).isEmpty())
            continue;
        GatePorts &ports = m_table.ports[name];
        ports.ending = endingOf(direction);
        ports.atoms.resize(kGatePortIndexes);
        for (const PortRange &range : atom.tcp)
            std::fill(ports.atoms.begin() + range.first, ports.atoms.begin() + range.last + 1, atom.id);
        for (const PortRange &range : atom.udp)
            std::fill(ports.atoms.begin() + 65536 + range.first, ports.atoms.begin() + 65536 + range.last + 1,
                      atom.id);
        addAtom(atom, direction);
        m_table.sets[atoms].elements[{hostOrder(atom.id)}] = atomName(atom.id, direction);
    }
    if (!hasPorts(direction))
        return;
    m_table.sets[name].kind = {NFT_SET_MAP, typeOf({kTypeProtocol, kTypePort}), 8};
    m_table.sets[atoms].kind = {NFT_SET_MAP, kTypeMark, 4};
}

void LinkRules::addDispatch(FlowDirection direction)
{
    addFragmentChains(m_table, direction);
    GateChain &chain = m_table.chains[named("by_port", direction)];
    std::ranges::copy(laterFragments(direction), std::back_inserter(chain.rules));
    chain.rules.push_back(rule(
        {loadMeta(NFT_META_L4PROTO, Reg0), ownPort(direction, Reg1), follow(named("ports", direction))}));
}

/// Not every packet with a class of ours: one that was received may be on its way to another link.
void LinkRules::addServiceClasses()
{
    std::set<quint32> priorities;
    const auto note = [&](const std::optional<ClassKey> &key) {
        if (const auto priority = key ? m_shaping.priority(*key) : std::nullopt)
            priorities.insert(*priority);
    };
    for (const GovernedService &service : m_wish.plan.services)
        note(service.shapedUp);
    const std::set<qint64> ofServices = quotasOfServices(m_wish.plan);
    for (const QuotaGate &quota : m_wish.plan.quotas) {
        if (ofServices.contains(quota.watch))
            note(quota.slowUp);
    }
    if (priorities.empty())
        return;
    GateSet &set = m_table.sets[kServiceClasses];
    set.kind = {0, kTypeClass, 4};
    for (const quint32 priority : priorities)
        set.elements[{hostOrder(priority)}];
}

void LinkRules::addLink(int index, FlowDirection direction)
{
    const bool isUp = direction == FlowDirection::Up;
    const auto name = m_wish.linkNames.find(index);
    const auto governed = std::ranges::find(m_wish.plan.onLinks, index, &GovernedLink::index);
    if (name == m_wish.linkNames.end())
        return;
    GateChain chain;
    if (governed != m_wish.plan.onLinks.end())
        chain.rules = meetings(m_quotas, pathOf(*governed, direction), direction);
    if (hasPorts(direction))
        chain.rules.push_back(jump(named("by_port", direction)));
    if (isUp && m_table.sets.contains(kServiceClasses))
        chain.rules.push_back(
            rule({loadMeta(NFT_META_PRIORITY), isIn(kServiceClasses), m_shaping.departure()}));
    if (governed != m_wish.plan.onLinks.end()) {
        const auto &shaped = pathOf(*governed, direction).shaped;
        if (const auto choice = shaped ? m_shaping.choice(*shaped) : std::nullopt)
            chain.rules.push_back(rule({*choice, m_shaping.departure()}));
    }
    if (chain.rules.empty())
        return; // packets of that direction do not even come here
    chain.rules.insert(chain.rules.begin(),
                       rule({loadMeta(NFT_META_PROTOCOL), differs(networkOrder16(ETH_P_IP)),
                             differs(networkOrder16(ETH_P_IPV6)), accept()}));
    chain.hook = GateHook{quint32(isUp ? NF_NETDEV_EGRESS : NF_NETDEV_INGRESS), name->second.toUtf8()};
    m_table.chains[(isUp ? "out_" : "in_") + QByteArray::number(index)] = chain;
}

GateTable LinkRules::make()
{
    for (const auto &[watch, quota] : m_quotas) {
        if (needsLocalPrefixes(*quota) && !m_table.sets.contains("local4"))
            addLocalPrefixes(m_table, m_wish.localPrefixes);
        addQuota(m_table, NftFamily::Netdev, *quota, m_standing, m_shaping);
    }
    addServiceClasses();
    for (const FlowDirection direction : kDirections) {
        addPorts(direction);
        if (hasPorts(direction))
            addDispatch(direction);
        for (const int index : m_wish.plan.links)
            addLink(index, direction);
    }
    return std::move(m_table);
}

/// The table for services' packets.
class ServiceRules
{
public:
    ServiceRules(const GateWish &wish, const GateQuotas &quotas)
        : m_wish(wish), m_quotas(quotas), m_shaping{wish.priorities, wish.shaperDevice}
    { }

    GateTable make(const GateStanding *standing);

private:
    void addService(const GovernedService &service, FlowDirection direction);
    void addHook(FlowDirection direction);

    const GateWish &m_wish;
    const GateQuotas &m_quotas;
    const GateShaping m_shaping;
    std::map<FlowDirection, std::set<int>> m_levels; // of cgroups, deep ones last
    GateTable m_table;
};

QByteArray cgroupsName(FlowDirection direction, int level)
{
    return named("cgroups", direction) + '_' + QByteArray::number(level);
}

void ServiceRules::addService(const GovernedService &service, FlowDirection direction)
{
    GateChain chain;
    chain.rules = meetings(m_quotas, service.quotas, direction);
    if (direction == FlowDirection::Down && service.policedDownBitsPerSecond) {
        m_table.counters.insert(policedName(service.watch));
        chain.rules.push_back(policing(service.watch, service.policedDownBitsPerSecond));
    }
    if (direction == FlowDirection::Up && service.shapedUp) {
        if (const auto choice = m_shaping.choice(*service.shapedUp))
            chain.rules.push_back(*choice);
    }
    const auto places = m_wish.cgroups.find(service.service);
    if (chain.rules.empty() || places == m_wish.cgroups.end() || places->second.empty())
        return;
    const QByteArray name = 's' + QByteArray::number(service.watch) + endingOf(direction);
    m_table.chains[name] = chain;
    for (const CgroupPlace &place : places->second) {
        GateSet &cgroups = m_table.sets[cgroupsName(direction, place.level)];
        cgroups.kind = {NFT_SET_MAP, kTypeCgroup, 8};
        cgroups.elements[{hostOrder64(place.id)}] = name;
        m_levels[direction].insert(place.level);
    }
}

void ServiceRules::addHook(FlowDirection direction)
{
    if (m_levels[direction].empty())
        return;
    const bool isUp = direction == FlowDirection::Up;
    GateChain chain;
    chain.hook = GateHook{quint32(isUp ? NF_INET_LOCAL_OUT : NF_INET_LOCAL_IN), {}};
    chain.rules.push_back(
        rule({loadMeta(isUp ? NFT_META_OIF : NFT_META_IIF), equals(hostOrder(kLoopback)), accept()}));
    for (const int level : m_levels[direction])
        chain.rules.push_back(rule({loadCgroup(quint32(level)), follow(cgroupsName(direction, level))}));
    m_table.chains[isUp ? "output" : "input"] = chain;
}

GateTable ServiceRules::make(const GateStanding *standing)
{
    for (const auto &[watch, quota] : m_quotas) {
        if (needsLocalPrefixes(*quota) && !m_table.sets.contains("local4"))
            addLocalPrefixes(m_table, m_wish.localPrefixes);
        addQuota(m_table, NftFamily::Inet, *quota, standing, m_shaping);
    }
    for (const FlowDirection direction : kDirections) {
        for (const GovernedService &service : m_wish.plan.services)
            addService(service, direction);
        addHook(direction);
    }
    return std::move(m_table);
}

} // namespace

QByteArray endingOf(FlowDirection direction)
{
    return direction == FlowDirection::Down ? "_in" : "_out";
}

QByteArray quotaName(const QuotaGate &quota, FlowDirection direction)
{
    QByteArray name = 'q' + QByteArray::number(quota.watch);
    if (const quint32 epoch = quota.epoch[quota.apart && direction == FlowDirection::Up ? 1 : 0])
        name += 'e' + QByteArray::number(epoch);
    return quota.apart ? name + endingOf(direction) : name;
}

QByteArray droppedName(qint64 watch, FlowDirection direction)
{
    return 'd' + QByteArray::number(watch) + endingOf(direction);
}

QByteArray policedName(qint64 watch)
{
    return 'p' + QByteArray::number(watch);
}

std::set<qint64> quotasOfServices(const GovernPlan &plan)
{
    std::set<qint64> watches;
    for (const GovernedService &service : plan.services)
        watches.insert(service.quotas.begin(), service.quotas.end());
    return watches;
}

GateModel gateModel(const GateWish &wish, const GateStanding *standing)
{
    GateModel model;
    if (wish.plan.isEmpty())
        return model;
    const std::set<qint64> ofServices = quotasOfServices(wish.plan);
    GateQuotas onLinks;
    GateQuotas onServices;
    for (const QuotaGate &quota : wish.plan.quotas)
        (ofServices.contains(quota.watch) ? onServices : onLinks)[quota.watch] = &quota;
    GateTable links = LinkRules(wish, onLinks, standing).make();
    if (links != GateTable{})
        model[NftFamily::Netdev] = std::move(links);
    if (!wish.plan.services.empty())
        model[NftFamily::Inet] = ServiceRules(wish, onServices).make(standing);
    return model;
}

} // namespace weir
