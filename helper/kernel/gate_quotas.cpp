// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/gate_quotas.h"

#include "helper/kernel/gate_headers.h"
#include "helper/kernel/gate_rules.h"

#include <algorithm>

#include <linux/netfilter/nf_tables.h>

namespace weir {

namespace {

using namespace nft;

const char *const kAlwaysLocal[] = {
    "0.0.0.0/8",     "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
    "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4",   "240.0.0.0/4", "::/127",
    "fe80::/10",     "fc00::/7",       "ff00::/8",
};

constexpr char kLocal4[] = "local4";
constexpr char kLocal6[] = "local6";

constexpr quint64 kPoliceBurstMs = 50;
constexpr quint64 kMaxMergedPacket = 68000; // a bucket that cannot hold one would drop it always

/// From `first` to before `end`; without an end to the last address of all.
struct Interval {
    QByteArray first;
    QByteArray end;
};

/// The number behind, as bytes; empty behind the last.
QByteArray successor(QByteArray bytes)
{
    for (qsizetype i = bytes.size(); i-- > 0;) {
        bytes[i] = char(quint8(bytes[i]) + 1);
        if (bytes[i] != 0)
            return bytes;
    }
    return {};
}

Interval intervalOf(const Prefix &prefix)
{
    const qsizetype size = prefix.address.v6 ? 16 : 4;
    const QByteArray first(reinterpret_cast<const char *>(prefix.address.bytes.data()), size);
    QByteArray last = first;
    for (qsizetype bit = prefix.length; bit < size * 8; ++bit)
        last[bit / 8] = char(quint8(last[bit / 8]) | 0x80 >> bit % 8);
    return {first, successor(last)};
}

/// QByteArray compares its bytes as unsigned, as addresses are sorted.
void putIntervals(GateSet &set, std::vector<Interval> intervals)
{
    std::ranges::sort(intervals, {}, &Interval::first);
    std::vector<Interval> merged;
    for (const Interval &interval : intervals) {
        if (!merged.empty() && (merged.back().end.isEmpty() || interval.first <= merged.back().end)) {
            QByteArray &end = merged.back().end;
            if (!end.isEmpty())
                end = interval.end.isEmpty() ? interval.end : std::max(end, interval.end);
        } else {
            merged.push_back(interval);
        }
    }
    for (const Interval &interval : merged) {
        set.elements[{interval.first, false}];
        if (!interval.end.isEmpty())
            set.elements[{interval.end, true}];
    }
}

Rule ifBothAreLocal(const Rule &family, quint32 source, quint32 length, const char *set, const Rule &then)
{
    return rule({family, loadNetworkHeader(source, length), isIn(set),
                 loadNetworkHeader(source + length, length), isIn(set), then});
}

/// Packets of which both ends are local go back to where they came from.
void letLocalPass(GateChain &chain)
{
    chain.rules.push_back(ifBothAreLocal(isIp4(), kIp4Source, 4, kLocal4, leave()));
    chain.rules.push_back(ifBothAreLocal(isIp6(), kIp6Source, 16, kLocal6, leave()));
}

/// Fragments have no ports that could be told, the later ones none at all.
void letPortsPass(GateChain &chain, const QByteArray &set, FlowDirection direction)
{
    const Rule wholes[] = {
        rule({isIp4(), loadNetworkHeader(kIp4FragmentOffset, 2), mask(networkOrder16(kIp4FragmentBits)),
              equals(networkOrder16(0))}),
        rule({isIp6(), hasFragmentHeader(), equals(QByteArray(1, '\0'))}),
    };
    for (const Rule &whole : wholes) {
        for (const int protocol : {IPPROTO_TCP, IPPROTO_UDP}) {
            chain.rules.push_back(
                rule({whole, loadMeta(NFT_META_L4PROTO), equals(QByteArray(1, char(protocol))),
                      ownPort(direction), isIn(set), leave()}));
        }
    }
}

/// Without it a neighbour of IPv6 could not be found, and what is exempt would not pass either.
void letNeighboursBeFound(GateChain &chain)
{
    chain.rules.push_back(
        rule({isIp6(), loadMeta(NFT_META_L4PROTO), equals(QByteArray(1, char(IPPROTO_ICMPV6))),
              loadTransportHeader(0, 1), isAtLeast(QByteArray(1, char(kRouterSolicitation))),
              isAtMost(QByteArray(1, char(kNeighbourAdvertisement))), leave()}));
}

QByteArray chainName(const QuotaGate &quota, FlowDirection direction)
{
    return 'q' + QByteArray::number(quota.watch) + endingOf(direction);
}

/// The chain before the quota that lets local packets pass by it.
QByteArray scopeName(const QuotaGate &quota, FlowDirection direction)
{
    return 'i' + QByteArray::number(quota.watch) + endingOf(direction);
}

QByteArray exemptName(const QuotaGate &quota)
{
    return 'x' + QByteArray::number(quota.watch);
}

bool counts(const QuotaGate &quota, FlowDirection direction)
{
    return direction == FlowDirection::Down ? quota.countsDown : quota.countsUp;
}

bool isMet(const QuotaGate &quota, FlowDirection direction)
{
    return quota.isOver || counts(quota, direction);
}

void addExemptPorts(GateTable &table, const QuotaGate &quota)
{
    std::vector<Interval> intervals;
    for (const PortRange &range : quota.exemptPorts)
        intervals.push_back({networkOrder16(range.first), successor(networkOrder16(range.last))});
    GateSet &set = table.sets[exemptName(quota)];
    set.kind = {NFT_SET_INTERVAL, kTypePort, 2};
    putIntervals(set, intervals);
}

/// What happens to a packet that would cross the line.
GateChain overflow(const QuotaGate &quota, NftFamily family, FlowDirection direction,
                   const GateShaping &shaping)
{
    GateChain chain;
    if (quota.then == QuotaGate::Then::Slow) {
        const auto &key = direction == FlowDirection::Down ? quota.slowDown : quota.slowUp;
        const auto choice = key ? shaping.choice(*key) : std::nullopt;
        // Of what a service sends, the table for links sends the chosen class's packets to the shaper.
        if (choice && family == NftFamily::Netdev)
            chain.rules.push_back(rule({*choice, shaping.departure()}));
        else if (choice && direction == FlowDirection::Up)
            chain.rules.push_back(rule({*choice, accept()}));
        else if (direction == FlowDirection::Down && quota.policedDownBitsPerSecond)
            chain.rules.push_back(policing(quota.watch, quota.policedDownBitsPerSecond));
        return chain;
    }
    if (quota.exemptLocal)
        letLocalPass(chain);
    if (quota.exemptLocal || !quota.exemptPorts.empty())
        letNeighboursBeFound(chain);
    if (!quota.exemptPorts.empty())
        letPortsPass(chain, exemptName(quota), direction);
    chain.rules.push_back(rule({count(droppedName(quota.watch, direction)), drop()}));
    return chain;
}

/// What a packet of that direction meets of the quota; nothing when it passes by.
std::optional<Rule> meeting(const QuotaGate &quota, FlowDirection direction)
{
    if (!isMet(quota, direction))
        return std::nullopt;
    if (quota.internetOnly)
        return jump(scopeName(quota, direction));
    if (quota.isOver)
        return jump(chainName(quota, direction));
    return rule({isOver(quotaName(quota, direction)), jump(chainName(quota, direction))});
}

/// Whether the object has gone on counting since the quota's consumption was read.
bool stands(const QByteArray &name, NftFamily family, const QuotaGate &quota, const GateStanding *standing)
{
    if (!standing || standing->generation != quota.generation)
        return false;
    const auto table = standing->model.find(family);
    return table != standing->model.end() && table->second.quotas.contains(name);
}

/// remaining[i] from consumed[i] on, in the kernel's way of counting from zero.
quint64 lineOf(const QuotaGate &quota, int i, bool stands)
{
    const quint64 from = stands ? quota.consumed[i] : 0;
    return quota.remaining[i] > ~from ? ~quint64(0) : from + quota.remaining[i];
}

} // namespace

Rule policing(qint64 watch, quint64 bitsPerSecond)
{
    const quint64 bytesPerSecond = std::max<quint64>(bitsPerSecond / 8, 1);
    const quint64 burst = std::max(bytesPerSecond * kPoliceBurstMs / 1000, kMaxMergedPacket);
    return rule({exceeds(bytesPerSecond, quint32(std::min<quint64>(burst, ~quint32(0)))),
                 count(policedName(watch)), drop()});
}

Rule choiceOf(quint32 priority)
{
    return rule({immediate(hostOrder(priority)), setMeta(NFT_META_PRIORITY)});
}

Rule departureTo(quint32 device)
{
    return rule({immediate(hostOrder(device)), forward()});
}

std::optional<quint32> GateShaping::priority(const ClassKey &key) const
{
    const auto found = priorities.find(key);
    return device == 0 || found == priorities.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Rule> GateShaping::choice(const ClassKey &key) const
{
    const auto chosen = priority(key);
    if (!chosen)
        return std::nullopt;
    return choiceOf(*chosen);
}

Rule GateShaping::departure() const
{
    return departureTo(quint32(device));
}

void addLocalPrefixes(GateTable &table, const std::vector<Prefix> &prefixes)
{
    std::vector<Interval> v4;
    std::vector<Interval> v6;
    for (const char *text : kAlwaysLocal) {
        const Prefix prefix = parsePrefix(QString::fromLatin1(text)).value();
        (prefix.address.v6 ? v6 : v4).push_back(intervalOf(prefix));
    }
    for (const Prefix &prefix : prefixes)
        (prefix.address.v6 ? v6 : v4).push_back(intervalOf(prefix));
    GateSet &local4 = table.sets[kLocal4];
    local4.kind = {NFT_SET_INTERVAL, kTypeIp4, 4};
    putIntervals(local4, v4);
    GateSet &local6 = table.sets[kLocal6];
    local6.kind = {NFT_SET_INTERVAL, kTypeIp6, 16};
    putIntervals(local6, v6);
}

QList<Rule> meetings(const GateQuotas &quotas, const GovernedPath &path, FlowDirection direction)
{
    QList<Rule> rules = meetings(quotas, path.quotas, direction);
    for (const qint64 watch : path.countedBy) {
        const auto found = quotas.find(watch);
        // Of one scope only: what is left out here the meter counts, and the next arming makes up for it.
        if (found == quotas.end() || found->second->isOver || found->second->internetOnly
            || !counts(*found->second, direction))
            continue;
        rules.push_back(rule({isOver(quotaName(*found->second, direction))}));
    }
    return rules;
}

bool needsLocalPrefixes(const QuotaGate &quota)
{
    return quota.internetOnly || (quota.exemptLocal && quota.then == QuotaGate::Then::Drop);
}

void addQuota(GateTable &table, NftFamily family, const QuotaGate &quota, const struct GateStanding *standing,
              const GateShaping &shaping)
{
    if (quota.then == QuotaGate::Then::Drop && !quota.exemptPorts.empty())
        addExemptPorts(table, quota);
    for (const FlowDirection direction : {FlowDirection::Down, FlowDirection::Up}) {
        const int i = quota.apart && direction == FlowDirection::Up ? 1 : 0;
        const QByteArray name = quotaName(quota, direction);
        table.quotas[name] = lineOf(quota, i, stands(name, family, quota, standing));
        if (!isMet(quota, direction))
            continue;
        table.chains[chainName(quota, direction)] = overflow(quota, family, direction, shaping);
        if (quota.then == QuotaGate::Then::Drop)
            table.counters.insert(droppedName(quota.watch, direction));
        else if (direction == FlowDirection::Down && quota.policedDownBitsPerSecond)
            table.counters.insert(policedName(quota.watch));
        if (quota.internetOnly) {
            GateChain scope;
            letLocalPass(scope);
            QuotaGate inside = quota;
            inside.internetOnly = false;
            scope.rules.push_back(*meeting(inside, direction));
            table.chains[scopeName(quota, direction)] = scope;
        }
    }
}

QList<Rule> meetings(const GateQuotas &quotas, const std::vector<qint64> &watches, FlowDirection direction)
{
    QList<Rule> rules;
    for (const qint64 watch : watches) {
        const auto quota = quotas.find(watch);
        if (quota == quotas.end())
            continue;
        if (const auto met = meeting(*quota->second, direction))
            rules += *met;
    }
    return rules;
}

} // namespace weir
