// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <map>

/// What the shaper puts into the kernel, as values: the queueing discipline HTB with its classes, and the
/// queue
/// ("leaf") of each class that holds packets.
namespace weir::shaper {

/// The major number of every class. Rare on purpose: the priority stays on a packet, and an owner's own HTB
/// would obey it.
inline constexpr quint32 kMajor = 0x7765;

inline constexpr char kDeviceName[] = "weir0";

/// Of the classes that are to lose their queue: more than any limit, so that it marks them too.
inline constexpr quint64 kDrainBytesPerSecond = 125'000'000'000;

/// HTB counts time in these.
inline constexpr quint64 kTickNanoseconds = 64;

enum class LeafKind : quint8 {
    None,      ///< not one that the shaper made
    Fifo,      ///< bfifo: first come, first served
    Splitting, ///< tbf: the same, and merged packets are taken apart; its own rate is out of the way
    FairQueue  ///< fq_codel: flows share
};

/// The queue of a class.
struct Leaf {
    LeafKind kind = LeafKind::None;
    quint32 limitBytes = 0;    ///< with FairQueue, of the memory that packets take
    quint32 largestPacket = 0; ///< bytes, of Splitting: what is larger is taken apart; multiples of 80
    bool operator==(const Leaf &) const = default;
};

struct Class {
    quint16 parent = 0; ///< minor, 0: of the top
    quint64 bytesPerSecond = 0;
    quint64 ceilingBytesPerSecond = 0;
    quint32 burstTicks = 0; ///< how long it may send at once, at bytesPerSecond
    quint32 ceilingBurstTicks = 0;
    quint32 quantum = 0; ///< bytes; see shaper_places.h
    Leaf leaf;           ///< None of classes that have children
    bool isDraining() const { return ceilingBytesPerSecond == kDrainBytesPerSecond; }
    bool operator==(const Class &) const = default;
};

/// By minor.
using Tree = std::map<quint16, Class>;

/// Which leaves this kernel has, and what they must let through.
struct LeafChoice {
    bool hasSplitting = false;
    bool hasFairQueue = false;
    quint32 largestPacket = 1600; ///< bytes of the largest frame of any link; Leaf::largestPacket
};

/// How long a class may send at once at this rate: 2,000 bytes, or 1 ms where that is more, 5 ms from 1
/// Gbit/s; never longer than a second.
quint32 burstTicks(quint64 bytesPerSecond);

/// The queue for a class of this rate: about 100 ms of it, but three packets at least. `present` is kept for
/// somewhat longer than it would be chosen, since another kind begins with an empty queue.
Leaf leafFor(quint64 bytesPerSecond, const Leaf &present, const LeafChoice &choice);

} // namespace weir::shaper
