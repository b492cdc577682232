// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/kernel.h"
#include "helper/kernel/bpf_call.h"
#include "helper/kernel/meter_layout.h"

#include <array>

namespace weir {

class MeterObject;

/// Reads the counters of one generation of the meter, of any layout: how they lie is in the maps themselves.
class MeterCounters
{
public:
    /// A link that has counters, and what the program knows of it.
    struct Slot {
        int index = 0;
        quint32 number = 0;
        bool metered = false;
        bool ethernet = false;
    };

    /// Counters of an object that was loaded. Error: KernelRefused when there is no memory for it.
    static Result<MeterCounters> of(const MeterObject &object);

    /// Counters whose maps are pinned in `directory`. Error: KernelRefused when they are not all there.
    static Result<MeterCounters> at(const QString &directory);

    const weir_layout &layout() const { return m_layout; }

    Result<std::vector<Slot>> slots() const;

    /// Now, with the atoms given.
    Result<MeterSample> sample(const std::vector<Atom> &atoms);

    /// One instant with the atoms `before` and with the atoms `after`: each port's counters are read once.
    Result<AtomChange> sample(const std::vector<Atom> &before, const std::vector<Atom> &after);

private:
    /// Ports `first`..`last` of one transport in one direction, mapped into memory to read them without a
    /// system call.
    class PortWindow
    {
    public:
        PortWindow() = default;
        PortWindow(int map, const weir_layout &layout, int table, PortRange range);
        PortWindow(PortWindow &&other) noexcept { *this = std::move(other); }
        PortWindow &operator=(PortWindow &&other) noexcept;
        ~PortWindow();
        bool covers(PortRange range) const
        {
            return m_memory && m_range.first <= range.first && range.last <= m_range.last;
        }
        const char *counter(quint16 port) const { return m_first + size_t(port - m_range.first) * m_stride; }

    private:
        void *m_memory = nullptr;
        size_t m_size = 0;
        const char *m_first = nullptr;
        size_t m_stride = 0;
        PortRange m_range;
    };

    weir_layout m_layout{};
    FileDescriptor m_links;
    FileDescriptor m_linkCounters;
    FileDescriptor m_ports;
    FileDescriptor m_overlaps;
    FileDescriptor m_stats;
    std::array<PortWindow, 4> m_windows; // by direction and transport
    int m_processors = 0;

    Result<MeterSample> begin() const;
    Result<std::vector<LinkMeter>> readLinks() const;
    Result<std::vector<AtomOverlap>> readOverlaps() const;
    Result<void> open(const std::vector<const std::vector<Atom> *> &atoms);
    ScopedTraffic readPort(int transport, quint16 port) const;
};

} // namespace weir
