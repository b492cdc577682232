// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/meter_settings.h"

#include "helper/kernel/meter_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <linux/bpf.h>
#include <sys/mman.h>

#include <algorithm>
#include <bitset>
#include <cerrno>
#include <cstring>
#include <map>
#include <unordered_map>

namespace weir::meter_settings {

namespace {

weir_prefix4 keyOf4(const Prefix &prefix)
{
    weir_prefix4 key{prefix.length, 0};
    memcpy(&key.address, prefix.address.bytes.data(), sizeof(key.address));
    return key;
}

weir_prefix6 keyOf6(const Prefix &prefix)
{
    weir_prefix6 key{prefix.length, {}};
    memcpy(key.address, prefix.address.bytes.data(), sizeof(key.address));
    return key;
}

template <typename Key>
bool same(const Key &a, const Key &b)
{
    return memcmp(&a, &b, sizeof(Key)) == 0;
}

template <typename Key>
std::vector<Key> keysOf(int map)
{
    std::vector<Key> keys;
    Key key{};
    for (bool more = bpf_map_get_next_key(map, nullptr, &key) == 0; more;) {
        keys.push_back(key);
        const Key from = key;
        more = bpf_map_get_next_key(map, &from, &key) == 0;
    }
    return keys;
}

/// Makes `map` hold exactly `wanted`: first what is new, then without what is stale. True when that changed
/// something. `what` names its entries, of which there may be `limit`.
template <typename Key>
Result<bool> replaceContent(int map, const std::vector<Key> &wanted, const QString &what, int limit)
{
    const std::vector<Key> present = keysOf<Key>(map);
    const auto holds = [](const std::vector<Key> &keys, const Key &wantedKey) {
        return std::any_of(keys.begin(), keys.end(),
                           [&](const Key &other) { return same(other, wantedKey); });
    };
    bool changed = false;
    for (const Key &want : wanted) {
        if (holds(present, want))
            continue;
        if (!writeMap(map, want, quint32(1))) {
            if (errno == ENOSPC || errno == E2BIG)
                return failure(ErrorKind::LimitReached,
                               QStringLiteral("more than %1 %2").arg(limit).arg(what));
            return kernelRefusal(QStringLiteral("add to the %1").arg(what), errno);
        }
        changed = true;
    }
    for (const Key &old : present) {
        if (holds(wanted, old))
            continue;
        if (bpf_map_delete_elem(map, &old) != 0 && errno != ENOENT)
            return kernelRefusal(QStringLiteral("remove from the %1").arg(what), errno);
        changed = true;
    }
    return changed;
}

std::map<quint32, weir_slot> slotsOf(const MeterObject &object)
{
    const int links = object.map(MeterMap::Links);
    std::map<quint32, weir_slot> slots;
    for (const quint32 index : keysOf<quint32>(links)) {
        weir_slot slot{};
        if (readMap(links, index, slot))
            slots.emplace(index, slot);
    }
    return slots;
}

Result<quint32> freeNumber(const MeterObject &object, int interface)
{
    std::bitset<WEIR_MAX_LINKS> used;
    for (const auto &[index, slot] : slotsOf(object))
        used.set(slot.number);
    for (quint32 number = 0; number < WEIR_MAX_LINKS; ++number) {
        if (!used.test(number))
            return number;
    }
    return failure(ErrorKind::LimitReached,
                   QStringLiteral("interface %1 would be one more than the %2 that have counters")
                       .arg(interface)
                       .arg(WEIR_MAX_LINKS));
}

/// Lets `interface` be found the quick way when it is metered and nobody else is, and not otherwise.
bool writeNearLink(const MeterObject &object, quint32 interface, const weir_slot &slot)
{
    const int nearLinks = object.map(MeterMap::NearLinks);
    const quint32 place = interface % WEIR_NEAR_LINKS;
    weir_near_link present{};
    if (!readMap(nearLinks, place, present))
        return false;
    if (present.interface != interface && (present.interface != 0 || !slot.metered))
        return true;
    return writeMap(nearLinks, place, slot.metered ? weir_near_link{interface, slot} : weir_near_link{});
}

} // namespace

Result<void> writeLocalPrefixes(const MeterObject &object, const std::vector<Prefix> &prefixes)
{
    std::vector<weir_prefix4> wanted4;
    std::vector<weir_prefix6> wanted6;
    for (const Prefix &prefix : prefixes) {
        if (prefix.address.v6)
            wanted6.push_back(keyOf6(prefix));
        else
            wanted4.push_back(keyOf4(prefix));
    }
    const QString what = QStringLiteral("local prefixes");
    const auto changed4 = replaceContent(object.map(MeterMap::Local4), wanted4, what, WEIR_MAX_PREFIXES);
    const auto changed6 = replaceContent(object.map(MeterMap::Local6), wanted6, what, WEIR_MAX_PREFIXES);
    for (const auto *changed : {&changed4, &changed6}) {
        if (!*changed)
            return std::unexpected(changed->error());
    }
    if (!*changed4 && !*changed6)
        return {};
    weir_settings settings{};
    const quint32 zero = 0;
    readMap(object.map(MeterMap::Settings), zero, settings);
    ++settings.scope_epoch;
    if (!writeMap(object.map(MeterMap::Settings), zero, settings))
        return kernelRefusal(QStringLiteral("bring the local prefixes into use"), errno);
    return {};
}

Result<void> writePortSet(const MeterObject &object, const std::vector<Atom> &atoms)
{
    std::vector<quint32> wanted(WEIR_PORT_SETS, 0);
    for (const Atom &atom : atoms) {
        const auto mark = [&](const PortRanges &ranges, size_t transport) {
            for (const PortRange &range : ranges) {
                const auto first = wanted.begin() + qsizetype(transport * WEIR_PORTS);
                std::fill(first + range.first, first + range.last + 1, atom.id);
            }
        };
        mark(atom.tcp, WEIR_TCP);
        mark(atom.udp, WEIR_UDP);
    }
    // The kernel keeps 8 bytes for each entry of an array, however short.
    struct Entry {
        quint32 atom;
        quint32 padding;
    };
    const size_t size = wanted.size() * sizeof(Entry);
    void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, object.map(MeterMap::PortSet), 0);
    if (memory == MAP_FAILED)
        return kernelRefusal(QStringLiteral("map the meter's port set"), errno);
    auto *present = static_cast<Entry *>(memory);
    for (size_t i = 0; i < wanted.size(); ++i) {
        if (present[i].atom != wanted[i])
            __atomic_store_n(&present[i].atom, wanted[i], __ATOMIC_RELAXED);
    }
    munmap(memory, size);
    return {};
}

void forgetOverlaps(const MeterObject &object, const std::vector<Atom> &before,
                    const std::vector<Atom> &after)
{
    constexpr quint8 kBefore = 1;
    constexpr quint8 kAfter = 2;
    std::unordered_map<quint32, quint8> plans;
    for (const Atom &atom : before)
        plans[atom.id] |= kBefore;
    for (const Atom &atom : after)
        plans[atom.id] |= kAfter;
    const auto plansOf = [&](quint32 atom) {
        const auto found = plans.find(atom);
        return found == plans.end() ? quint8(0) : found->second;
    };
    const int overlaps = object.map(MeterMap::Overlaps);
    for (const weir_overlap_key &key : keysOf<weir_overlap_key>(overlaps)) {
        if (!(plansOf(key.received) & plansOf(key.sent)))
            bpf_map_delete_elem(overlaps, &key);
    }
}

Result<void> writeLink(const MeterObject &object, int interface, bool metered, bool ethernet)
{
    const int links = object.map(MeterMap::Links);
    const quint32 index = quint32(interface);
    weir_slot slot{};
    if (!readMap(links, index, slot)) {
        const auto number = freeNumber(object, interface);
        if (!number)
            return std::unexpected(number.error());
        slot.number = *number;
    }
    slot.metered = metered;
    slot.ethernet = ethernet;
    if (!writeMap(links, index, slot) || !writeNearLink(object, index, slot))
        return kernelRefusal(QStringLiteral("meter interface %1").arg(interface), errno);
    return {};
}

Result<void> writeUppers(const MeterObject &object, const std::set<int> &uppers)
{
    const auto changed =
        replaceContent(object.map(MeterMap::Uppers), std::vector<quint32>(uppers.begin(), uppers.end()),
                       QStringLiteral("bridges, bonds and VLANs above metered links"), WEIR_MAX_UPPERS);
    if (!changed)
        return std::unexpected(changed.error());
    return {};
}

Result<void> forgetUnmeteredLink(const MeterObject &object)
{
    const std::map<quint32, weir_slot> slots = slotsOf(object);
    const auto oldest =
        std::find_if(slots.begin(), slots.end(), [](const auto &entry) { return !entry.second.metered; });
    if (oldest == slots.end())
        return failure(ErrorKind::LimitReached,
                       QStringLiteral("%1 interfaces are metered, which is the limit").arg(WEIR_MAX_LINKS));
    const size_t stride = (sizeof(weir_link_counter) + 7) & ~size_t(7);
    const QByteArray zeros(qsizetype(stride) * std::max(1, libbpf_num_possible_cpus()), '\0');
    if (!writeNearLink(object, oldest->first, oldest->second)
        || bpf_map_delete_elem(object.map(MeterMap::Links), &oldest->first) != 0
        || !updateElement(object.map(MeterMap::LinkCounters), &oldest->second.number, zeros.constData(),
                          BPF_ANY))
        return kernelRefusal(QStringLiteral("free the counters of interface %1").arg(oldest->first), errno);
    return {};
}

} // namespace weir::meter_settings
