// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/atoms.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

namespace weir {

namespace {

// splitmix64: spreads consecutive ids over all bits.
quint64 mixed(quint64 value)
{
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

/// Stands for a set of watches: sums of hashes, so that a watch is added and taken away in one step as the
/// line is swept. 128 bits: two sets among the 131,070 that a plan can have are never taken for one another.
struct SetHash {
    quint64 high = 0;
    quint64 low = 0;
    quint32 size = 0;
    auto operator<=>(const SetHash &) const = default;

    SetHash &operator+=(const SetHash &more)
    {
        high += more.high;
        low += more.low;
        size += more.size;
        return *this;
    }
    SetHash operator-() const { return {-high, -low, -size}; }
    bool changes() const { return high || low || size; }
};

/// Numbers sets in the order in which they are first met. An open hash table: a std::unordered_map takes
/// three times as long.
class SetNumbers
{
public:
    quint32 of(const SetHash &set)
    {
        for (size_t slot = size_t(set.high) % m_slots.size();; slot = (slot + 1) % m_slots.size()) {
            Slot &found = m_slots[slot];
            if (!found.set.size)
                found = {set, m_next++};
            if (found.set == set)
                return found.number;
        }
    }

private:
    struct Slot {
        SetHash set;
        quint32 number = 0;
    };
    std::vector<Slot> m_slots = std::vector<Slot>(2 * kPortPositions);
    quint32 m_next = 0;
};

SetHash hashOf(qint64 watch)
{
    return {mixed(quint64(watch)), mixed(~quint64(watch)), 1};
}

Traffic &operator-=(Traffic &from, const Traffic &less)
{
    from.rxBytes -= less.rxBytes;
    from.txBytes -= less.txBytes;
    from.rxPackets -= less.rxPackets;
    from.txPackets -= less.txPackets;
    return from;
}

void subtractSent(Traffic &from, const Traffic &overlap)
{
    // not below zero: the two are read a moment apart
    from.txBytes -= std::min(from.txBytes, overlap.txBytes);
    from.txPackets -= std::min(from.txPackets, overlap.txPackets);
}

} // namespace

ReadingPlan::ReadingPlan(std::vector<PortWatch> watches) : m_watches(std::move(watches))
{
    if (m_watches.empty())
        return;
    makeAtoms();
    makeSlices();
}

void ReadingPlan::makeAtoms()
{
    std::vector<SetHash> steps(kPortPositions + 1);
    for (const PortWatch &watch : m_watches) {
        const SetHash hash = hashOf(watch.id);
        eachRange(watch, [&](quint32 first, quint32 last) {
            steps[first] += hash;
            steps[last + 1] += -hash;
        });
    }

    struct Made {
        SetHash set;
        quint32 place;
        PortRanges tcp;
        PortRanges udp;
    };
    std::vector<Made> made;
    SetHash set;
    SetNumbers numbers;
    Made *open = nullptr; // atom of the position before
    for (quint32 position = 0; position < kPortPositions; ++position) {
        const bool same = !steps[position].changes();
        set += steps[position];
        if (!set.size) {
            open = nullptr;
            continue;
        }
        // position 65536 is UDP port 0, which nothing covers: a range never runs from TCP into UDP
        const auto port = quint16(position);
        if (same && open) {
            (position < 65536 ? open->tcp : open->udp).back().last = port;
            continue;
        }
        const quint32 number = numbers.of(set);
        if (number == made.size())
            made.push_back({set, position, {}, {}});
        open = &made[number];
        PortRanges &ranges = position < 65536 ? open->tcp : open->udp;
        // the set can be what it was although watches came and went
        if (!ranges.empty() && ranges.back().last + 1 == port)
            ranges.back().last = port;
        else
            ranges.push_back({port, port});
    }

    struct Wanted {
        quint32 id;
        quint32 number;
    };
    std::vector<Wanted> order;
    order.reserve(made.size());
    for (quint32 i = 0; i < made.size(); ++i) {
        // 31 bits, so that there are free numbers behind the highest
        const SetHash &hash = made[i].set;
        order.push_back({(quint32(hash.high >> 32) ^ quint32(hash.low)) >> 1, i});
    }
    std::ranges::sort(order, [&](const Wanted &a, const Wanted &b) {
        return a.id != b.id ? a.id < b.id : made[a.number].set < made[b.number].set;
    });
    m_atoms.reserve(made.size());
    m_places.reserve(made.size());
    quint32 last = 0;
    for (const auto &[id, number] : order) {
        last = std::max(id, last + 1);
        m_atoms.push_back({last, std::move(made[number].tcp), std::move(made[number].udp)});
        m_places.push_back(made[number].place);
    }
}

void ReadingPlan::makeSlices()
{
    // how many places lie before each position
    std::vector<quint32> before(kPortPositions + 1);
    for (const quint32 place : m_places)
        ++before[place + 1];
    std::partial_sum(before.begin(), before.end(), before.begin());

    m_ranks.reserve(m_places.size());
    for (const quint32 place : m_places)
        m_ranks.push_back(before[place]);
    for (quint32 i = 0; i < m_watches.size(); ++i) {
        eachRange(m_watches[i], [&](quint32 first, quint32 last) {
            if (before[first] != before[last + 1])
                m_slices.push_back({i, before[first], before[last + 1]});
        });
    }
}

std::vector<ScopedTraffic> ReadingPlan::sum(const MeterSample &sample) const
{
    std::vector<ScopedTraffic> sums(m_watches.size());
    if (m_watches.empty())
        return sums;

    // both are sorted by id; prefix sums may wrap around, their differences are right
    std::vector<ScopedTraffic> prefix(m_atoms.size() + 1);
    auto counted = sample.atoms.begin();
    for (size_t i = 0; i < m_atoms.size() && counted != sample.atoms.end(); ++i) {
        while (counted != sample.atoms.end() && counted->first < m_atoms[i].id)
            ++counted;
        if (counted != sample.atoms.end() && counted->first == m_atoms[i].id)
            prefix[m_ranks[i] + 1] = counted->second;
    }
    for (size_t i = 1; i < prefix.size(); ++i)
        prefix[i] += prefix[i - 1];
    for (const Slice &slice : m_slices) {
        ScopedTraffic part = prefix[slice.end];
        part.internet -= prefix[slice.begin].internet;
        part.local -= prefix[slice.begin].local;
        sums[slice.watch] += part;
    }

    if (sample.overlaps.empty())
        return sums;
    const PortIndex index(m_watches);
    const auto placeOf = [&](quint32 id) -> std::optional<quint32> {
        const auto found = std::ranges::lower_bound(m_atoms, id, {}, &Atom::id);
        if (found == m_atoms.end() || found->id != id)
            return {};
        return m_places[size_t(found - m_atoms.begin())];
    };
    for (const AtomOverlap &overlap : sample.overlaps) {
        const auto received = placeOf(overlap.received);
        const auto sent = placeOf(overlap.sent);
        if (!received || !sent)
            continue;
        const Transport sentOver = *sent < 65536 ? Transport::Tcp : Transport::Udp;
        index.each(*received, [&](quint32 watch) {
            if (includes(m_watches[watch].protocols, sentOver)
                && contains(m_watches[watch].ports, quint16(*sent))) {
                subtractSent(sums[watch].internet, overlap.traffic.internet);
                subtractSent(sums[watch].local, overlap.traffic.local);
            }
            return true;
        });
    }
    return sums;
}

std::vector<quint32> ReadingPlan::sumPositions(std::span<const quint32> byPosition) const
{
    std::vector<quint32> sums(m_watches.size());
    if (m_watches.empty())
        return sums;
    std::vector<quint32> prefix(kPortPositions + 1);
    std::partial_sum(byPosition.begin(), byPosition.end(), prefix.begin() + 1);
    for (size_t i = 0; i < m_watches.size(); ++i)
        eachRange(m_watches[i],
                  [&](quint32 first, quint32 last) { sums[i] += prefix[last + 1] - prefix[first]; });
    return sums;
}

PortIndex::PortIndex(const std::vector<PortWatch> &watches)
{
    if (watches.empty())
        return;
    const auto eachNode = [&](auto visit) {
        for (quint32 i = 0; i < watches.size(); ++i) {
            eachRange(watches[i], [&](quint32 first, quint32 last) {
                quint32 left = first + kPortPositions;
                quint32 right = last + 1 + kPortPositions;
                for (; left < right; left /= 2, right /= 2) {
                    if (left & 1)
                        visit(left++, i);
                    if (right & 1)
                        visit(--right, i);
                }
            });
        }
    };
    m_starts.resize(2 * kPortPositions + 1);
    eachNode([&](quint32 node, quint32) { ++m_starts[node + 1]; });
    std::partial_sum(m_starts.begin(), m_starts.end(), m_starts.begin());
    m_entries.resize(m_starts.back());
    std::vector<quint32> next(m_starts.begin(), m_starts.end() - 1);
    eachNode([&](quint32 node, quint32 watch) { m_entries[next[node]++] = watch; });
}

} // namespace weir
