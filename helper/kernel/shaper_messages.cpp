// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/shaper_messages.h"

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace weir::shaper {

namespace {

constexpr quint32 kTransmitQueue = 1000; // packets; HTB's queue of those without a class
constexpr quint32 kHtbVersion = 3;
constexpr quint32 kRateToQuantum = 10; // not used: each class has its quantum

// A splitting leaf sends at 80 bytes a tick, which no class reaches that has one.
constexpr quint64 kSplittingBytesPerSecond = 1'250'000'000;
constexpr quint32 kSplittingBytesPerTick = 80;

constexpr quint32 kFairFlows = 128; // of each class, 64 bytes each
constexpr quint32 kFairTargetMicroseconds = 5000;
constexpr quint32 kFairIntervalMicroseconds = 100'000;
constexpr quint64 kFairTargetBytes = 2 * 1514; // at low rates a packet alone takes longer than the target

void put(nl_msg *message, int attribute, const void *data, size_t size)
{
    if (nla_put(message, attribute, int(size), data) != 0)
        throw std::bad_alloc();
}

template <typename Value>
void put(nl_msg *message, int attribute, const Value &value)
{
    put(message, attribute, &value, sizeof value);
}

void putText(nl_msg *message, int attribute, const char *text)
{
    put(message, attribute, text, std::strlen(text) + 1);
}

/// Attributes put while it lives lie within one of this type.
class Nest
{
public:
    Nest(nl_msg *message, int attribute) : m_message(message), m_start(nla_nest_start(message, attribute))
    {
        if (!m_start)
            throw std::bad_alloc();
    }
    ~Nest() { nla_nest_end(m_message, m_start); }
    Q_DISABLE_COPY_MOVE(Nest)

private:
    nl_msg *const m_message;
    nlattr *const m_start;
};

NetlinkMessage linkMessage(int type, int device, unsigned flags = 0, unsigned change = 0)
{
    ifinfomsg header{};
    header.ifi_family = AF_UNSPEC;
    header.ifi_index = device;
    header.ifi_flags = flags;
    header.ifi_change = change;
    return netlinkMessage(type, header);
}

NetlinkMessage classMessage(int type, int device, quint32 handle, quint32 parent, int flags = 0)
{
    tcmsg header{};
    header.tcm_family = AF_UNSPEC;
    header.tcm_ifindex = device;
    header.tcm_handle = handle;
    header.tcm_parent = parent;
    NetlinkMessage message = netlinkMessage(type, header);
    nlmsg_hdr(message.get())->nlmsg_flags |= flags;
    return message;
}

quint32 handleOf(quint16 minor)
{
    return kMajor << 16 | minor;
}

/// With a link layer that needs no table of transmission times.
tc_ratespec rateOf(quint64 bytesPerSecond)
{
    tc_ratespec rate{};
    rate.linklayer = TC_LINKLAYER_ETHERNET;
    rate.rate = quint32(std::min<quint64>(bytesPerSecond, UINT32_MAX));
    return rate;
}

void putFifo(nl_msg *message, const Leaf &leaf)
{
    putText(message, TCA_KIND, "bfifo");
    put(message, TCA_OPTIONS, tc_fifo_qopt{leaf.limitBytes});
}

void putSplitting(nl_msg *message, const Leaf &leaf)
{
    putText(message, TCA_KIND, "tbf");
    tc_tbf_qopt parameters{};
    parameters.rate = rateOf(kSplittingBytesPerSecond);
    parameters.limit = leaf.limitBytes;
    parameters.buffer = leaf.largestPacket / kSplittingBytesPerTick;
    const Nest options(message, TCA_OPTIONS);
    put(message, TCA_TBF_PARMS, parameters);
}

void putFairQueue(nl_msg *message, quint64 bytesPerSecond, const Leaf &leaf, LeafKind present)
{
    putText(message, TCA_KIND, "fq_codel");
    const auto twoPackets =
        quint32(std::min<quint64>(kFairTargetBytes * 1'000'000 / bytesPerSecond, 1'000'000));
    const quint32 target = std::max(kFairTargetMicroseconds, twoPackets);
    const Nest options(message, TCA_OPTIONS);
    put(message, TCA_FQ_CODEL_TARGET, target);
    put(message, TCA_FQ_CODEL_INTERVAL, std::max(kFairIntervalMicroseconds, 2 * target));
    // The kernel refuses to hear it of one that it has.
    if (present != LeafKind::FairQueue)
        put(message, TCA_FQ_CODEL_FLOWS, kFairFlows);
    put(message, TCA_FQ_CODEL_MEMORY_LIMIT, leaf.limitBytes);
}

} // namespace

NetlinkMessage dumpLinks()
{
    return linkMessage(RTM_GETLINK, 0);
}

NetlinkMessage askDevice(const char *name)
{
    NetlinkMessage message = linkMessage(RTM_GETLINK, 0);
    putText(message.get(), IFLA_IFNAME, name);
    return message;
}

NetlinkMessage makeDevice(const char *name, int device)
{
    NetlinkMessage message = linkMessage(RTM_NEWLINK, device);
    nlmsg_hdr(message.get())->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
    putText(message.get(), IFLA_IFNAME, name);
    put(message.get(), IFLA_TXQLEN, kTransmitQueue);
    const Nest info(message.get(), IFLA_LINKINFO);
    putText(message.get(), IFLA_INFO_KIND, "ifb");
    return message;
}

NetlinkMessage raiseDevice(int device)
{
    return linkMessage(RTM_NEWLINK, device, IFF_UP, IFF_UP);
}

NetlinkMessage quietDevice(int device)
{
    NetlinkMessage message = linkMessage(RTM_NEWLINK, device);
    const Nest families(message.get(), IFLA_AF_SPEC);
    const Nest family(message.get(), AF_INET6);
    put(message.get(), IFLA_INET6_ADDR_GEN_MODE, quint8(IN6_ADDR_GEN_MODE_NONE));
    return message;
}

NetlinkMessage deleteDevice(int device)
{
    return linkMessage(RTM_DELLINK, device);
}

NetlinkMessage makeRoot(int device)
{
    NetlinkMessage message =
        classMessage(RTM_NEWQDISC, device, handleOf(0), TC_H_ROOT, NLM_F_CREATE | NLM_F_EXCL);
    putText(message.get(), TCA_KIND, "htb");
    const Nest options(message.get(), TCA_OPTIONS);
    put(message.get(), TCA_HTB_INIT, tc_htb_glob{kHtbVersion, kRateToQuantum, 0, 0, 0});
    return message;
}

NetlinkMessage deleteRoot(int device)
{
    return classMessage(RTM_DELQDISC, device, 0, TC_H_ROOT);
}

NetlinkMessage putClass(int device, quint16 minor, const Class &values)
{
    NetlinkMessage message =
        classMessage(RTM_NEWTCLASS, device, handleOf(minor), handleOf(values.parent), NLM_F_CREATE);
    tc_htb_opt parameters{};
    parameters.rate = rateOf(values.bytesPerSecond);
    parameters.ceil = rateOf(values.ceilingBytesPerSecond);
    parameters.buffer = values.burstTicks;
    parameters.cbuffer = values.ceilingBurstTicks;
    parameters.quantum = values.quantum;
    putText(message.get(), TCA_KIND, "htb");
    const Nest options(message.get(), TCA_OPTIONS);
    put(message.get(), TCA_HTB_PARMS, parameters);
    if (values.bytesPerSecond > UINT32_MAX)
        put(message.get(), TCA_HTB_RATE64, values.bytesPerSecond);
    if (values.ceilingBytesPerSecond > UINT32_MAX)
        put(message.get(), TCA_HTB_CEIL64, values.ceilingBytesPerSecond);
    return message;
}

NetlinkMessage deleteClass(int device, quint16 minor)
{
    return classMessage(RTM_DELTCLASS, device, handleOf(minor), 0);
}

NetlinkMessage askClass(int device, quint16 minor)
{
    // Without ECHO the answer goes to those only who listen to events.
    return classMessage(RTM_GETTCLASS, device, handleOf(minor), 0, NLM_F_ECHO);
}

NetlinkMessage dumpClasses(int device)
{
    return classMessage(RTM_GETTCLASS, device, 0, 0);
}

NetlinkMessage putLeaf(int device, quint16 minor, quint64 bytesPerSecond, const Leaf &leaf, LeafKind present)
{
    NetlinkMessage message =
        classMessage(RTM_NEWQDISC, device, 0, handleOf(minor), NLM_F_CREATE | NLM_F_REPLACE);
    switch (leaf.kind) {
    case LeafKind::None:
        break;
    case LeafKind::Fifo:
        putFifo(message.get(), leaf);
        break;
    case LeafKind::Splitting:
        putSplitting(message.get(), leaf);
        break;
    case LeafKind::FairQueue:
        putFairQueue(message.get(), bytesPerSecond, leaf, present);
        break;
    }
    return message;
}

NetlinkMessage dumpQdiscs()
{
    return classMessage(RTM_GETQDISC, 0, 0, 0);
}

} // namespace weir::shaper
