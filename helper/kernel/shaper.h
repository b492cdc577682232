// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/govern_plan.h"
#include "helper/kernel/netlink.h"
#include "helper/kernel/shaper_places.h"
#include "helper/kernel/shaper_probe.h"
#include "helper/kernel/shaper_reading.h"

#include <optional>
#include <set>

namespace weir {

/// Holds packets back so that each class of a plan keeps to its rate: one ifb device, `weir0`, with one HTB
/// tree through which the gate sends what is limited, in both directions.
///
/// Kernel thread. Nothing is kept but in the kernel: a helper that restarts finds each class again (how:
/// shaper_places.h), with its queue and the same priority. Setting one class among many costs a few messages,
/// for what is in the kernel is known; verify() looks again. All that the shaper has goes with its device.
///
/// An order of calls that loses no packet and swaps none: prepare(), then the gate learns the priorities,
/// then retire() now and then until it says true. Of a class whose rate rose, what it sent in advance is
/// still paid at its old rate: up to one packet's time, 190 ms at 64 kbit/s.
class Shaper
{
public:
    /// Opens a socket in the calling thread's network namespace, tries out what the kernel can, and reads
    /// what an earlier helper left. Error: KernelRefused.
    Result<void> start();

    /// One English line: what the kernel lacks, and what it costs.
    std::optional<QString> unsupported() const;

    /// Makes device and classes such that all of `classes` (parents before children) have their rates and
    /// parents. A class whose rate changes keeps its queue, unless the kind of the queue has to change (once,
    /// below 20 and above 32 Mbit/s). Classes that are not wanted any more stay, with a rate that empties
    /// their queues at once, until retire().
    ///
    /// Gives for each class the priority that sends packets there; it stays the same as long as the class
    /// does. Without classes there need be no device, and none is made. `links` (by index) are those whose
    /// packets will come, so that the largest of them passes; without, all but the loopback.
    /// Errors: Unsupported; LimitReached for classes of more than 1,023 watches (nothing was changed then);
    /// KernelRefused, after which calling again mends what can be mended.
    Result<std::map<ClassKey, quint32>> prepare(const std::vector<ShaperClass> &classes,
                                                const std::set<int> &links = {});

    /// To be called when the gate sends no more packets to classes that are not wanted: removes those whose
    /// queue is empty, and the device with the last one. True when none is left. Error: KernelRefused.
    Result<bool> retire();

    /// Of the classes wanted now. Bytes and packets of one with children include theirs; what was dropped and
    /// what waits is its own. Error: KernelRefused.
    Result<std::vector<ClassReading>> read();

    /// Of weir0, 0 while it is not there. It may change only when another device took its index.
    int deviceIndex() const;

    /// What the kernel puts into nlmsg_pid of events that this object causes.
    quint32 portId() const;

    /// Looks into the kernel: true when all that the last prepare() wanted is there, unchanged and up, and
    /// lets the largest packets of the links through (so it should be asked when one has changed, too). After
    /// false, prepare() mends it, the device first and with the same index. Error: KernelRefused.
    Result<bool> verify();

    /// Removes the device and all in it; fine when it is not there, and without start(). Error:
    /// KernelRefused.
    Result<void> removeEverything();

private:
    Result<void> open();
    Result<std::map<ClassKey, quint32>> attempt(const std::vector<ShaperClass> &classes);
    Result<void> look();
    Result<void> lookForDevice();
    Result<void> lookForQdiscs();
    Result<void> lookForClasses();
    Result<void> readLargestPacket();
    Result<void> readLeafDrops(const std::map<quint16, shaper::FoundClass> &found);
    Result<void> makeDevice();
    Result<void> makeRoot();
    Result<void> apply(const shaper::Tree &tree);
    Result<std::set<quint16>> emptyOf(const std::set<quint16> &minors);
    Result<void> removeClasses(std::set<quint16> minors);
    Result<void> removeDevice();
    Result<void> dumpClasses(const std::function<void(const shaper::FoundClass &)> &each,
                             const std::function<void()> &restart);

    std::optional<NetlinkSocket> m_socket;
    std::optional<shaper::KernelParts> m_parts;
    shaper::LeafChoice m_leaves;
    std::set<int> m_links;
    int m_index = 0; ///< also of a weir0 that is gone, for it must come back with it
    std::optional<shaper::FoundDevice> m_device;
    bool m_hasRoot = false;
    shaper::Tree m_present; ///< in the kernel, as last seen or made
    shaper::Tree m_wanted;
    shaper::Places m_places;
    std::map<quint16, quint64> m_leafDrops; ///< packets, by the class's minor
    quint64 m_bytesAtLeafDrops = 0;         ///< of all classes when they were read
};

} // namespace weir
