// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/shaper_tree.h"

#include <algorithm>

namespace weir::shaper {

namespace {

constexpr quint64 kNanoseconds = 1'000'000'000;
constexpr quint64 kSmallestBurst = 2000;
constexpr quint64 kGigabit = 125'000'000;

// A merged packet of 64 kB needs 26 ms at 20 Mbit/s; below, it would keep all others waiting for too long.
constexpr quint64 kSplitBelow = 2'500'000;
constexpr quint64 kKeepSplitting = 4'000'000;

// Of 100 Gbit/s a tenth of a second would be more than some machines have.
constexpr quint64 kMostMemory = 32'000'000;

constexpr quint32 kMergedPacket =
    80'000; // with headers of 122 segments; a queue that is smaller would never take one
constexpr quint32 kFewPackets = 3; // with two, BBR fills four fifths of 256 kbit/s

} // namespace

quint32 burstTicks(quint64 bytesPerSecond)
{
    const quint64 part = bytesPerSecond >= kGigabit ? 200 : 1000;
    const quint64 bytes = std::max(kSmallestBurst, bytesPerSecond / part);
    const quint64 nanoseconds = std::min(bytes * kNanoseconds / bytesPerSecond, kNanoseconds);
    return quint32(std::max<quint64>(nanoseconds / kTickNanoseconds, 1));
}

Leaf leafFor(quint64 bytesPerSecond, const Leaf &present, const LeafChoice &choice)
{
    const auto tenthOfASecond = quint32(std::min(bytesPerSecond / 10, kMostMemory));
    const quint64 splitBelow = present.kind == LeafKind::Splitting ? kKeepSplitting : kSplitBelow;
    if (choice.hasSplitting && bytesPerSecond <= splitBelow)
        return {LeafKind::Splitting, std::max(tenthOfASecond, kFewPackets * choice.largestPacket),
                choice.largestPacket};
    // The kernel counts the memory of a packet, about twice its bytes.
    if (choice.hasFairQueue)
        return {LeafKind::FairQueue, 2 * std::max(tenthOfASecond, 2 * kMergedPacket), 0};
    return {LeafKind::Fifo, std::max(tenthOfASecond, kMergedPacket), 0};
}

} // namespace weir::shaper
