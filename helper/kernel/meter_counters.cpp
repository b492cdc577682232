// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/meter_counters.h"

#include "helper/kernel/meter_object.h"

#include <bpf/libbpf.h>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace weir {

namespace {

weir_cell cellAt(const char *counter, quint32 offset)
{
    weir_cell cell;
    memcpy(&cell, counter + offset, sizeof(cell));
    return cell;
}

/// A cell that the kernel may be adding to: both members are read whole.
weir_cell sharedCellAt(const char *counter, quint32 offset)
{
    const auto *cell = reinterpret_cast<const weir_cell *>(counter + offset);
    return {__atomic_load_n(&cell->bytes, __ATOMIC_RELAXED),
            __atomic_load_n(&cell->packets, __ATOMIC_RELAXED)};
}

void add(Traffic &traffic, int direction, const weir_cell &cell)
{
    if (direction == WEIR_RECEIVED) {
        traffic.rxBytes += cell.bytes;
        traffic.rxPackets += cell.packets;
    } else {
        traffic.txBytes += cell.bytes;
        traffic.txPackets += cell.packets;
    }
}

const PortRanges &rangesOf(const Atom &atom, int transport)
{
    return transport == WEIR_TCP ? atom.tcp : atom.udp;
}

/// Owner of each port of a transport: position in `atoms` plus one, 0 for none.
std::vector<quint32> ownersOf(const std::vector<Atom> &atoms, int transport)
{
    std::vector<quint32> owners(WEIR_PORTS, 0);
    for (size_t i = 0; i < atoms.size(); ++i) {
        for (const PortRange &range : rangesOf(atoms[i], transport))
            std::fill(owners.begin() + range.first, owners.begin() + range.last + 1, quint32(i + 1));
    }
    return owners;
}

std::map<quint32, ScopedTraffic> byId(const std::vector<Atom> &atoms, const std::vector<ScopedTraffic> &sums)
{
    std::map<quint32, ScopedTraffic> traffic;
    for (size_t i = 0; i < atoms.size(); ++i)
        traffic.emplace_hint(traffic.end(), atoms[i].id, ScopedTraffic{})->second += sums[i];
    return traffic;
}

} // namespace

MeterCounters::PortWindow::PortWindow(int map, const weir_layout &layout, int table, PortRange range)
    : m_stride((layout.port_size + 7) & ~size_t(7)), m_range(range)
{
    const size_t page = size_t(sysconf(_SC_PAGESIZE));
    const size_t begin = (size_t(table) * WEIR_PORTS + range.first) * m_stride;
    const size_t end = (size_t(table) * WEIR_PORTS + range.last + 1) * m_stride;
    const size_t mapped = begin / page * page;
    m_size = (end - mapped + page - 1) / page * page;
    void *memory = mmap(nullptr, m_size, PROT_READ, MAP_SHARED, map, off_t(mapped));
    if (memory == MAP_FAILED)
        return;
    m_memory = memory;
    m_first = static_cast<const char *>(memory) + (begin - mapped);
}

MeterCounters::PortWindow &MeterCounters::PortWindow::operator=(PortWindow &&other) noexcept
{
    std::swap(m_memory, other.m_memory);
    std::swap(m_size, other.m_size);
    std::swap(m_first, other.m_first);
    std::swap(m_stride, other.m_stride);
    std::swap(m_range, other.m_range);
    return *this;
}

MeterCounters::PortWindow::~PortWindow()
{
    if (m_memory)
        munmap(m_memory, m_size);
}

Result<MeterCounters> MeterCounters::of(const MeterObject &object)
{
    MeterCounters counters;
    counters.m_layout = object.layout();
    counters.m_links = duplicate(object.map(MeterMap::Links));
    counters.m_linkCounters = duplicate(object.map(MeterMap::LinkCounters));
    counters.m_ports = duplicate(object.map(MeterMap::Ports));
    counters.m_overlaps = duplicate(object.map(MeterMap::Overlaps));
    counters.m_stats = duplicate(object.map(MeterMap::Stats));
    counters.m_processors = libbpf_num_possible_cpus();
    if (!counters.m_stats || counters.m_processors <= 0)
        return kernelRefusal(QStringLiteral("open the meter's counters"), errno);
    return counters;
}

Result<MeterCounters> MeterCounters::at(const QString &directory)
{
    MeterCounters counters;
    FileDescriptor layout;
    const std::pair<MeterMap, FileDescriptor &> wanted[] = {
        {MeterMap::Layout, layout},
        {MeterMap::Links, counters.m_links},
        {MeterMap::LinkCounters, counters.m_linkCounters},
        {MeterMap::Ports, counters.m_ports},
        {MeterMap::Overlaps, counters.m_overlaps},
        {MeterMap::Stats, counters.m_stats},
    };
    for (const auto &[map, descriptor] : wanted) {
        auto opened = openPinned(directory + QLatin1Char('/') + nameOf(map));
        if (!opened)
            return kernelRefusal(QStringLiteral("open %1 in %2").arg(nameOf(map), directory), errno);
        descriptor = std::move(*opened);
    }
    // An entry may be longer or shorter than this build's: it says more, or less, at its end.
    const auto info = mapInfo(layout.get());
    QByteArray entry(info ? qsizetype(std::max<size_t>(info->value_size, sizeof(weir_layout))) : 0, '\0');
    const quint32 zero = 0;
    counters.m_processors = libbpf_num_possible_cpus();
    if (!info || !lookupElement(layout.get(), &zero, entry.data()) || counters.m_processors <= 0)
        return kernelRefusal(QStringLiteral("read the layout in %1").arg(directory), errno);
    memcpy(&counters.m_layout, entry.constData(), sizeof(counters.m_layout));
    return counters;
}

Result<std::vector<MeterCounters::Slot>> MeterCounters::slots() const
{
    std::vector<Slot> slots;
    MapEntries entries(m_links.get(), sizeof(quint32), m_layout.slot_size, 256);
    while (true) {
        const auto count = entries.next();
        if (!count)
            return std::unexpected(count.error());
        if (*count == 0)
            break;
        for (size_t i = 0; i < *count; ++i) {
            Slot slot;
            memcpy(&slot.index, entries.key(i), sizeof(slot.index));
            memcpy(&slot.number, entries.value(i) + m_layout.slot_number, sizeof(slot.number));
            slot.metered = entries.value(i)[m_layout.slot_metered] != 0;
            slot.ethernet = entries.value(i)[m_layout.slot_ethernet] != 0;
            slots.push_back(slot);
        }
    }
    std::sort(slots.begin(), slots.end(), [](const Slot &a, const Slot &b) { return a.index < b.index; });
    return slots;
}

Result<std::vector<LinkMeter>> MeterCounters::readLinks() const
{
    const auto known = slots();
    if (!known)
        return std::unexpected(known.error());
    const size_t stride = (m_layout.link_size + 7) & ~size_t(7);
    QByteArray counters(qsizetype(stride) * m_processors, Qt::Uninitialized);
    std::vector<LinkMeter> links;
    for (const Slot &slot : *known) {
        if (!lookupElement(m_linkCounters.get(), &slot.number, counters.data()))
            return kernelRefusal(QStringLiteral("read the counters of interface %1").arg(slot.index), errno);
        LinkMeter link;
        link.index = slot.index;
        for (int processor = 0; processor < m_processors; ++processor) {
            const char *counter = counters.constData() + size_t(processor) * stride;
            for (const int direction : {WEIR_RECEIVED, WEIR_SENT}) {
                add(link.v4.internet, direction, cellAt(counter, m_layout.link_v4_internet[direction]));
                add(link.v4.local, direction, cellAt(counter, m_layout.link_v4_local[direction]));
                add(link.v6.internet, direction, cellAt(counter, m_layout.link_v6_internet[direction]));
                add(link.v6.local, direction, cellAt(counter, m_layout.link_v6_local[direction]));
                add(link.other, direction, cellAt(counter, m_layout.link_other[direction]));
                add(link.plain, direction, cellAt(counter, m_layout.link_plain[direction]));
            }
        }
        links.push_back(link);
    }
    return links;
}

Result<std::vector<AtomOverlap>> MeterCounters::readOverlaps() const
{
    std::vector<AtomOverlap> overlaps;
    MapEntries entries(m_overlaps.get(), sizeof(weir_overlap_key), m_layout.overlap_size, 256);
    while (true) {
        const auto count = entries.next();
        if (!count)
            return std::unexpected(count.error());
        if (*count == 0)
            return overlaps;
        for (size_t i = 0; i < *count; ++i) {
            weir_overlap_key key;
            memcpy(&key, entries.key(i), sizeof(key));
            AtomOverlap overlap{key.received, key.sent, {}};
            add(overlap.traffic.internet, WEIR_SENT, cellAt(entries.value(i), m_layout.overlap_internet));
            add(overlap.traffic.local, WEIR_SENT, cellAt(entries.value(i), m_layout.overlap_local));
            overlaps.push_back(overlap);
        }
    }
}

/// All but the atoms. Overlaps come before ports: a packet that passes in between is then in the ports alone,
/// and is subtracted with the next sample.
Result<MeterSample> MeterCounters::begin() const
{
    MeterSample sample;
    sample.generation = m_layout.generation;
    auto overlaps = readOverlaps();
    if (!overlaps)
        return std::unexpected(overlaps.error());
    sample.overlaps = std::move(*overlaps);
    auto links = readLinks();
    if (!links)
        return std::unexpected(links.error());
    sample.links = std::move(*links);

    const size_t stride = (m_layout.stats_size + 7) & ~size_t(7);
    QByteArray stats(qsizetype(stride) * m_processors, Qt::Uninitialized);
    const quint32 zero = 0;
    if (!lookupElement(m_stats.get(), &zero, stats.data()))
        return kernelRefusal(QStringLiteral("read the meter's own figures"), errno);
    for (int processor = 0; processor < m_processors; ++processor) {
        quint64 bytes = 0;
        memcpy(&bytes, stats.constData() + size_t(processor) * stride + m_layout.stats_unattributed,
               sizeof(bytes));
        sample.unattributedBytes += bytes;
    }
    return sample;
}

/// Maps what the atoms cover, from the lowest to the highest port of each transport.
Result<void> MeterCounters::open(const std::vector<const std::vector<Atom> *> &lists)
{
    for (const int transport : {WEIR_TCP, WEIR_UDP}) {
        PortRange range{0xffff, 0};
        for (const std::vector<Atom> *atoms : lists) {
            for (const Atom &atom : *atoms) {
                for (const PortRange &part : rangesOf(atom, transport)) {
                    range.first = std::min(range.first, part.first);
                    range.last = std::max(range.last, part.last);
                }
            }
        }
        if (range.first > range.last || m_windows[size_t(transport)].covers(range))
            continue;
        for (const int direction : {WEIR_RECEIVED, WEIR_SENT}) {
            PortWindow window(m_ports.get(), m_layout, direction * 2 + transport, range);
            if (!window.covers(range))
                return kernelRefusal(QStringLiteral("map the meter's port counters"), errno);
            m_windows[size_t(direction * 2 + transport)] = std::move(window);
        }
    }
    return {};
}

ScopedTraffic MeterCounters::readPort(int transport, quint16 port) const
{
    ScopedTraffic traffic;
    for (const int direction : {WEIR_RECEIVED, WEIR_SENT}) {
        const char *counter = m_windows[size_t(direction * 2 + transport)].counter(port);
        add(traffic.internet, direction, sharedCellAt(counter, m_layout.port_internet));
        add(traffic.local, direction, sharedCellAt(counter, m_layout.port_local));
    }
    return traffic;
}

Result<MeterSample> MeterCounters::sample(const std::vector<Atom> &atoms)
{
    if (auto opened = open({&atoms}); !opened)
        return std::unexpected(opened.error());
    auto sample = begin();
    if (!sample)
        return sample;
    std::vector<ScopedTraffic> sums(atoms.size());
    for (size_t i = 0; i < atoms.size(); ++i) {
        for (const int transport : {WEIR_TCP, WEIR_UDP}) {
            for (const PortRange &range : rangesOf(atoms[i], transport)) {
                for (quint32 port = range.first; port <= range.last; ++port)
                    sums[i] += readPort(transport, quint16(port));
            }
        }
    }
    sample->atoms = byId(atoms, sums);
    sample->taken = std::chrono::steady_clock::now();
    return sample;
}

Result<AtomChange> MeterCounters::sample(const std::vector<Atom> &before, const std::vector<Atom> &after)
{
    if (auto opened = open({&before, &after}); !opened)
        return std::unexpected(opened.error());
    auto sample = begin();
    if (!sample)
        return std::unexpected(sample.error());
    // The last place takes what has no owner.
    std::vector<ScopedTraffic> sumsBefore(before.size() + 1);
    std::vector<ScopedTraffic> sumsAfter(after.size() + 1);
    for (const int transport : {WEIR_TCP, WEIR_UDP}) {
        const std::vector<quint32> ownersBefore = ownersOf(before, transport);
        const std::vector<quint32> ownersAfter = ownersOf(after, transport);
        for (quint32 port = 1; port < WEIR_PORTS; ++port) {
            const quint32 ownerBefore = ownersBefore[port];
            const quint32 ownerAfter = ownersAfter[port];
            if (!ownerBefore && !ownerAfter)
                continue;
            const ScopedTraffic traffic = readPort(transport, quint16(port));
            sumsBefore[ownerBefore ? ownerBefore - 1 : before.size()] += traffic;
            sumsAfter[ownerAfter ? ownerAfter - 1 : after.size()] += traffic;
        }
    }
    sample->taken = std::chrono::steady_clock::now();
    AtomChange change{*sample, *sample};
    change.before.atoms = byId(before, sumsBefore);
    change.after.atoms = byId(after, sumsAfter);
    return change;
}

} // namespace weir
