// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <vector>

namespace weir {

enum class Transport : quint8 { Tcp, Udp };
enum class Protocols : quint8 { Tcp = 1, Udp = 2, Both = 3 };

inline bool includes(Protocols protocols, Transport transport)
{
    return quint8(protocols) & (transport == Transport::Tcp ? 1 : 2);
}

/// Ports `first`..`last`, both included, 1-65535.
struct PortRange {
    quint16 first = 0;
    quint16 last = 0;
    auto operator<=>(const PortRange &) const = default;
};

/// Sorted, disjoint, never adjacent ranges.
using PortRanges = std::vector<PortRange>;

/// `ranges` sorted and merged.
PortRanges normalized(PortRanges ranges);
bool contains(const PortRanges &ranges, quint16 port);

/// The ports covered by exactly the same watches. The kernel works on atoms, user space sums them.
struct Atom {
    quint32 id = 0; ///< never 0; the same set of watches always has the same id (see atoms.h)
    PortRanges tcp;
    PortRanges udp;
    bool operator==(const Atom &) const = default;
};

} // namespace weir
