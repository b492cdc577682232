// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/gate.h"
#include "tests/support/netns.h"
#include "tests/support/sockets.h"

#include <memory>
#include <vector>

namespace weir::test {

/// What the gate counts of a datagram of `size` bytes: on arrival without the Ethernet header.
constexpr quint64 received4(quint64 size)
{
    return 20 + 8 + size;
}
constexpr quint64 sent4(quint64 size)
{
    return 14 + 20 + 8 + size;
}

inline constexpr int kShaperIndex = 999;
inline constexpr ClassKey kDown{1, FlowDirection::Down, false};
inline constexpr ClassKey kUp{1, FlowDirection::Up, false};
inline constexpr ClassKey kSlowDown{1, FlowDirection::Down, true};
inline constexpr ClassKey kSlowUp{1, FlowDirection::Up, true};
inline constexpr ClassKey kOtherDown{2, FlowDirection::Down, false};
inline constexpr ClassKey kOtherUp{2, FlowDirection::Up, false};

/// Two hosts: `here`, where the calling thread is and a gate can be, and its neighbour `there` behind s0.
/// Addresses here end in 1, there in 2: 203.0.113.0/24 and 2001:db8::/64, which are of the
/// internet, 10.9.0.0/24 and fd00::/64, which are local. Here has a shaper's device with a fast class for
/// each key above.
class GateLab
{
public:
    GateLab();

    Netns here;
    Netns there;

    /// Makes the veth pair, again when a test has deleted it.
    void join() const;
    std::unique_ptr<Gate> started() const;
    int link() const; ///< index of s0
    /// A wish for s0 and the shaper with its classes, with nothing governed yet.
    GateWish wish() const;

    /// Packets that went through the class so far.
    quint64 packets(const ClassKey &key) const;

    /// Sends datagrams from `there` (port 5000) to that port here and gives how many of `count` arrived.
    int arriving(quint16 port, int count, size_t size = 100) const;
    int arriving6(quint16 port, int count, size_t size = 100) const;
    /// The same over the local addresses.
    int arrivingLocally(quint16 port, int count, size_t size = 100) const;
    /// Sends them from that port here to port 5000 there, and gives how many arrived.
    int departing(quint16 port, int count, size_t size = 100) const;
    int departing6(quint16 port, int count, size_t size = 100) const;
    int departingLocally(quint16 port, int count, size_t size = 100) const;

    /// What the command nft prints, or does; nft("list ruleset").
    QByteArray nft(const QString &arguments) const;
    QByteArray tc(const QString &arguments) const;
    /// Runs a script of nft's.
    void nftScript(const QByteArray &script) const;
};

/// How many datagrams of `count` get from one endpoint to the other.
int passing(const Netns &from, const Endpoint &source, const Netns &to, const Endpoint &target, int count,
            size_t size);

/// Ports of both protocols whose packets go to those classes.
GovernedPorts governed(quint32 id, PortRanges ranges, std::optional<ClassKey> down,
                       std::optional<ClassKey> up);

/// The plan's quota of watch 5 on UDP port 9000, of so many bytes.
QuotaGate &addQuota(GateWish &wish, quint64 bytes);

} // namespace weir::test
