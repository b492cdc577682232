// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/shaper_places.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace weir::shaper {

namespace {

constexpr int kDownBit = 0x8000;
constexpr int kSlowBit = 0x4000;
constexpr quint32 kMarkRange = 512; // quantum is a multiple of it plus the mark
constexpr qint64 kMarkModulus = 509;

constexpr std::array<quint8, 9> kPacketNumbers = {0, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr std::array<quint8, 7> kInnerNumbers = {1, 2, 3, 4, 5, 6, 7};
constexpr int kDeepest = 7; // classes above one another that have children (TC_HTB_MAXDEPTH - 1)

// Of the parent's rate; more classes than slots allow below one parent do not add up to it.
constexpr quint64 kGuaranteedPart = 4096;
constexpr quint64 kDrainFactor = 8;

bool holdsPackets(quint16 minor)
{
    const int number = minor & 0xf;
    return number == 0 || number >= 8;
}

int slotOf(quint16 minor)
{
    return (minor >> 4) & 0x3ff;
}

quint32 markOf(qint64 watch)
{
    return quint32(quint64(watch) % kMarkModulus);
}

/// Enough for one packet, and so little that classes with one parent take turns within a few ms of its rate.
quint32 quantumFor(quint64 sharedBytesPerSecond, qint64 watch)
{
    const quint64 bytes = std::clamp<quint64>(sharedBytesPerSecond / 250, 12 * kMarkRange, 120 * kMarkRange);
    return quint32(bytes / kMarkRange * kMarkRange) + markOf(watch);
}

/// A class of the plan as the kernel can have it.
struct Planned {
    ClassKey key;
    std::optional<ClassKey> parent;
    quint64 bytesPerSecond = 0;
    int depth = 1;
};

std::set<ClassKey> parentsIn(const std::vector<ShaperClass> &classes)
{
    std::set<ClassKey> parents;
    for (const ShaperClass &wanted : classes) {
        if (wanted.parent)
            parents.insert(*wanted.parent);
    }
    return parents;
}

std::vector<Planned> withinDepth(const std::vector<ShaperClass> &classes)
{
    const std::set<ClassKey> parents = parentsIn(classes);
    std::vector<Planned> planned;
    planned.reserve(classes.size());
    std::map<ClassKey, Planned> above;
    for (const ShaperClass &wanted : classes) {
        Planned entry{wanted.key, std::nullopt, std::max<quint64>(wanted.bitsPerSecond / 8, 1)};
        auto parent = wanted.parent ? above.find(*wanted.parent) : above.end();
        while (parent != above.end() && parent->second.depth > kDeepest) {
            entry.bytesPerSecond = std::min(entry.bytesPerSecond, parent->second.bytesPerSecond);
            parent = above.find(*parent->second.parent);
        }
        if (parent != above.end()) {
            entry.parent = parent->first;
            entry.depth = parent->second.depth + 1;
        }
        if (parents.contains(entry.key))
            above.emplace(entry.key, entry);
        planned.push_back(entry);
    }
    return planned;
}

class Arranger
{
public:
    Arranger(const Places &before, const Tree &present, const LeafChoice &leaves)
        : m_before(before), m_present(present), m_leaves(leaves)
    {
        for (const auto &[key, place] : before)
            m_owners[size_t(slotOf(place.packets))] = key.watch;
        for (const auto &[key, place] : before)
            m_slots.emplace(key.watch, slotOf(place.packets));
        for (const auto &[minor, found] : present)
            m_marks[size_t(slotOf(minor))] = found.quantum % kMarkRange;
    }

    Result<Arrangement> arrange(const std::vector<Planned> &planned)
    {
        std::set<ClassKey> parents;
        for (const Planned &entry : planned) {
            if (entry.parent)
                parents.insert(*entry.parent);
        }
        for (const Planned &entry : planned) {
            const auto place = placeFor(entry, parents.contains(entry.key));
            if (!place)
                return std::unexpected(place.error());
            put(entry, *place);
        }
        return std::move(m_done);
    }

private:
    std::optional<int> slotFor(qint64 watch)
    {
        if (const auto known = m_slots.find(watch); known != m_slots.end())
            return known->second;
        for (int step = 0; step < kSlots; ++step) {
            const int slot = int((quint64(watch - 1) + quint64(step)) % kSlots) + 1;
            const auto &mark = m_marks[size_t(slot)];
            if (m_owners[size_t(slot)] || (mark && *mark != markOf(watch)))
                continue;
            m_owners[size_t(slot)] = watch;
            m_slots.emplace(watch, slot);
            return slot;
        }
        return std::nullopt;
    }

    bool stands(quint16 minor, quint16 parent) const
    {
        const auto found = m_present.find(minor);
        return found != m_present.end() && found->second.parent == parent && !found->second.isDraining();
    }

    /// Whether the kernel has nothing of this place in a position that does not fit.
    bool fits(const Place &place, quint16 parent, bool needsInner) const
    {
        if (needsInner && !place.inner)
            return false;
        const auto isElsewhere = [&](quint16 minor, quint16 right) {
            return m_present.contains(minor) && m_present.at(minor).parent != right;
        };
        return !isElsewhere(place.outermost(), parent)
            && (!place.inner || !isElsewhere(place.packets, place.inner));
    }

    /// What another helper made for the same class.
    std::optional<Place> adopted(quint16 base, quint16 parent, bool needsInner) const
    {
        for (const quint8 number : kInnerNumbers) {
            const auto inner = quint16(base | number);
            if (!stands(inner, parent))
                continue;
            for (const quint8 packets : kPacketNumbers) {
                if (stands(quint16(base | packets), inner))
                    return Place{quint16(base | packets), inner};
            }
        }
        for (const quint8 packets : kPacketNumbers) {
            if (!needsInner && stands(quint16(base | packets), parent))
                return Place{quint16(base | packets), 0};
        }
        return std::nullopt;
    }

    template <size_t Count>
    std::optional<quint16> freeOf(quint16 base, const std::array<quint8, Count> &numbers) const
    {
        for (const quint8 number : numbers) {
            if (!m_present.contains(quint16(base | number)))
                return quint16(base | number);
        }
        return std::nullopt;
    }

    Result<Place> placeFor(const Planned &entry, bool needsInner)
    {
        const quint16 parent = entry.parent ? m_done.places.at(*entry.parent).inner : 0;
        const auto known = m_before.find(entry.key);
        if (known != m_before.end() && fits(known->second, parent, needsInner))
            return known->second;
        const auto slot = slotFor(entry.key.watch);
        if (!slot)
            return failure(ErrorKind::LimitReached,
                           QStringLiteral("cannot limit more than %1 watches at once").arg(kSlots));
        const auto base = quint16((entry.key.direction == FlowDirection::Down ? kDownBit : 0)
                                  | (entry.key.isSlow ? kSlowBit : 0) | (*slot << 4));
        if (const auto found = adopted(base, parent, needsInner))
            return *found;
        const auto packets = freeOf(base, kPacketNumbers);
        const auto inner = needsInner ? freeOf(base, kInnerNumbers) : std::optional<quint16>(0);
        if (!packets || !inner)
            return failure(ErrorKind::LimitReached,
                           QStringLiteral("cannot limit watch %1: too many of its queues still drain")
                               .arg(entry.key.watch));
        return Place{*packets, *inner};
    }

    Class classFor(const Planned &entry, quint16 parent) const
    {
        Class made;
        made.parent = parent;
        made.ceilingBytesPerSecond = entry.bytesPerSecond;
        made.bytesPerSecond = entry.bytesPerSecond;
        quint64 shared = entry.bytesPerSecond;
        if (parent) {
            const Class &above = m_done.tree.at(parent);
            shared = above.ceilingBytesPerSecond;
            made.bytesPerSecond =
                std::clamp<quint64>(above.bytesPerSecond / kGuaranteedPart, 1, entry.bytesPerSecond);
        }
        made.burstTicks = burstTicks(made.bytesPerSecond);
        made.ceilingBurstTicks = burstTicks(made.ceilingBytesPerSecond);
        made.quantum = quantumFor(shared, entry.key.watch);
        return made;
    }

    void put(const Planned &entry, const Place &place)
    {
        const quint16 parent = entry.parent ? m_done.places.at(*entry.parent).inner : 0;
        m_done.places.emplace(entry.key, place);
        if (place.inner) {
            Class inner = classFor(entry, parent);
            inner.quantum = quantumFor(0, entry.key.watch); // the kernel changes it of leaves only
            m_done.tree.emplace(place.inner, inner);
        }
        Class packets = classFor(entry, place.inner ? place.inner : parent);
        const auto present = m_present.find(place.packets);
        packets.leaf = leafFor(entry.bytesPerSecond,
                               present == m_present.end() ? Leaf{} : present->second.leaf, m_leaves);
        m_done.tree.emplace(place.packets, packets);
    }

    const Places &m_before;
    const Tree &m_present;
    const LeafChoice &m_leaves;
    std::array<std::optional<qint64>, kSlots + 1> m_owners;
    std::array<std::optional<quint32>, kSlots + 1> m_marks;
    std::map<qint64, int> m_slots;
    Arrangement m_done;
};

} // namespace

Result<Arrangement> arrange(const std::vector<ShaperClass> &classes, const Places &before,
                            const Tree &present, const LeafChoice &leaves)
{
    return Arranger(before, present, leaves).arrange(withinDepth(classes));
}

Tree drained(const Tree &present, const Tree &wanted)
{
    Tree drained;
    for (const auto &[minor, found] : present) {
        if (wanted.contains(minor))
            continue;
        Class &drain = drained.emplace(minor, found).first->second;
        if (!holdsPackets(minor))
            continue;
        auto above = present.find(found.parent);
        while (above != present.end() && !wanted.contains(above->first))
            above = present.find(above->second.parent);
        drain.ceilingBytesPerSecond = kDrainBytesPerSecond;
        drain.bytesPerSecond = above == present.end()
            ? kDrainBytesPerSecond
            : kDrainFactor * wanted.at(above->first).ceilingBytesPerSecond;
        drain.burstTicks = burstTicks(drain.bytesPerSecond);
        drain.ceilingBurstTicks = burstTicks(drain.ceilingBytesPerSecond);
    }
    return drained;
}

} // namespace weir::shaper
