// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/kernel.h"

#include <span>
#include <vector>

namespace weir {

/// The ports of one watch, as far as counting is concerned.
struct PortWatch {
    qint64 id = 0;    ///< WatchRecord::id
    PortRanges ports; ///< normalized
    Protocols protocols = Protocols::Both;
};

/// A port of a transport as one number: TCP first, UDP behind, so that ranges of both lie on one line.
inline constexpr quint32 kPortPositions = 2 * 65536;
inline quint32 portPosition(Transport transport, quint16 port)
{
    return (transport == Transport::Udp ? 65536u : 0u) + port;
}

/// Calls `visit(first, last)` with the port positions of each range of a watch, ascending.
template <typename Visit>
void eachRange(const PortWatch &watch, Visit visit)
{
    for (const Transport transport : {Transport::Tcp, Transport::Udp})
        if (includes(watch.protocols, transport))
            for (const PortRange &range : watch.ports)
                visit(portPosition(transport, range.first), portPosition(transport, range.last));
}

/// Which ports the kernel is to add up into which atoms, and how watches are summed from atoms again.
///
/// Pure and immutable. Cost to make: linear in ports plus ranges, however the watches overlap; to sum: linear
/// in atoms plus ranges. An atom lies wholly inside or wholly outside each watch, so its traffic may be put
/// on any one of its ports: a watch is then a sum over its ranges, taken from prefix sums.
class ReadingPlan
{
public:
    ReadingPlan() = default;
    explicit ReadingPlan(std::vector<PortWatch> watches);

    /// Sorted by id. An id is a hash of the ids of the watches that cover the atom: the same watches give the
    /// same ids after a restart. Where two atoms of one plan hash alike, the one whose wider hash is greater
    /// takes the next free id; with 65,535 atoms that happens, with dozens it does not.
    const std::vector<Atom> &atoms() const { return m_atoms; }

    const std::vector<PortWatch> &watches() const { return m_watches; }

    /// What each watch counted, in the order of watches(): its atoms, less what two of them counted twice.
    std::vector<ScopedTraffic> sum(const MeterSample &sample) const;

    /// Sums of any numbers that are given per port position (kPortPositions of them), one for each watch.
    std::vector<quint32> sumPositions(std::span<const quint32> byPosition) const;

private:
    struct Slice {
        quint32 watch;
        quint32 begin; // ranks of atoms in the order of their places
        quint32 end;
    };
    void makeAtoms();
    void makeSlices();

    std::vector<PortWatch> m_watches;
    std::vector<Atom> m_atoms;
    std::vector<quint32> m_places; // where the traffic of m_atoms[i] is put: its lowest port position
    std::vector<quint32> m_ranks;  // of m_atoms[i] among all places
    std::vector<Slice> m_slices;
};

/// Finds the watches that cover a port without looking at the others.
class PortIndex
{
public:
    PortIndex() = default;
    explicit PortIndex(const std::vector<PortWatch> &watches);

    /// Calls `visit(position in watches)` for each watch that covers the port, in no particular order, while
    /// it returns true.
    template <typename Visit>
    void each(quint32 position, Visit visit) const
    {
        if (m_starts.empty())
            return;
        for (quint32 node = position + kPortPositions; node >= 1; node /= 2)
            for (quint32 i = m_starts[node]; i < m_starts[node + 1]; ++i)
                if (!visit(m_entries[i]))
                    return;
    }

private:
    // A segment tree: a range of ports is kept at the few nodes that make it up, a port meets all nodes above
    // it.
    std::vector<quint32> m_starts; // by node, into m_entries
    std::vector<quint32> m_entries;
};

} // namespace weir
