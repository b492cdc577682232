// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/shaper_reading.h"

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <QByteArray>

#include <linux/gen_stats.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace weir::shaper {

namespace {

constexpr quint32 kSplittingBytesPerTick = 80; // as shaper_messages.cpp makes them

template <int Last>
using Attributes = std::array<nlattr *, Last + 1>;

template <typename Header, int Last>
std::optional<Attributes<Last>> attributesOf(nlmsghdr *message, int type)
{
    Attributes<Last> attributes{};
    if (message->nlmsg_type != type || !nlmsg_valid_hdr(message, sizeof(Header))
        || nlmsg_parse(message, sizeof(Header), attributes.data(), Last, nullptr) < 0)
        return std::nullopt;
    return attributes;
}

/// Those within `attribute`; none when it is not there or does not hold together.
template <int Last>
Attributes<Last> within(nlattr *attribute)
{
    Attributes<Last> attributes{};
    if (!attribute || nla_parse_nested(attributes.data(), Last, attribute, nullptr) < 0)
        attributes.fill(nullptr);
    return attributes;
}

/// Zeros when it is not there; a structure that has grown since is read as far as it is known.
template <typename Value>
Value valueOf(const nlattr *attribute)
{
    Value value{};
    if (attribute)
        std::memcpy(&value, nla_data(attribute), std::min(sizeof value, size_t(nla_len(attribute))));
    return value;
}

QByteArray textOf(const nlattr *attribute)
{
    if (!attribute)
        return {};
    const auto *text = static_cast<const char *>(nla_data(attribute));
    return QByteArray(text, qsizetype(qstrnlen(text, size_t(nla_len(attribute)))));
}

quint64 rateOf(const tc_ratespec &rate, const nlattr *wide)
{
    return wide ? valueOf<quint64>(wide) : rate.rate;
}

Leaf leafOf(const QByteArray &kind, nlattr *options)
{
    if (kind == "bfifo")
        return {LeafKind::Fifo, valueOf<tc_fifo_qopt>(options).limit, 0};
    if (kind == "tbf") {
        const auto parameters = valueOf<tc_tbf_qopt>(within<TCA_TBF_MAX>(options)[TCA_TBF_PARMS]);
        return {LeafKind::Splitting, parameters.limit, parameters.buffer * kSplittingBytesPerTick};
    }
    if (kind == "fq_codel") {
        const auto limit = valueOf<quint32>(within<TCA_FQ_CODEL_MAX>(options)[TCA_FQ_CODEL_MEMORY_LIMIT]);
        return {LeafKind::FairQueue, limit, 0};
    }
    return {};
}

} // namespace

std::optional<FoundDevice> parseDevice(nlmsghdr *message)
{
    const auto attributes = attributesOf<ifinfomsg, IFLA_MAX>(message, RTM_NEWLINK);
    if (!attributes)
        return std::nullopt;
    const auto *header = static_cast<const ifinfomsg *>(nlmsg_data(message));
    FoundDevice device;
    device.index = header->ifi_index;
    device.isUp = header->ifi_flags & IFF_UP;
    device.isLoopback = header->ifi_flags & IFF_LOOPBACK;
    device.mtu = valueOf<quint32>((*attributes)[IFLA_MTU]);
    device.isIfb = textOf(within<IFLA_INFO_MAX>((*attributes)[IFLA_LINKINFO])[IFLA_INFO_KIND]) == "ifb";
    return device;
}

std::optional<FoundClass> parseClass(nlmsghdr *message)
{
    const auto attributes = attributesOf<tcmsg, TCA_MAX>(message, RTM_NEWTCLASS);
    if (!attributes)
        return std::nullopt;
    const auto *header = static_cast<const tcmsg *>(nlmsg_data(message));
    const auto options = within<TCA_HTB_MAX>((*attributes)[TCA_OPTIONS]);
    if (header->tcm_handle >> 16 != kMajor || !options[TCA_HTB_PARMS])
        return std::nullopt;
    const auto parameters = valueOf<tc_htb_opt>(options[TCA_HTB_PARMS]);
    FoundClass found;
    found.minor = quint16(header->tcm_handle);
    found.values.parent = header->tcm_parent == TC_H_ROOT ? 0 : quint16(header->tcm_parent);
    found.values.bytesPerSecond = rateOf(parameters.rate, options[TCA_HTB_RATE64]);
    found.values.ceilingBytesPerSecond = rateOf(parameters.ceil, options[TCA_HTB_CEIL64]);
    found.values.burstTicks = parameters.buffer;
    found.values.ceilingBurstTicks = parameters.cbuffer;
    found.values.quantum = parameters.quantum;

    const auto statistics = within<TCA_STATS_MAX>((*attributes)[TCA_STATS2]);
    const auto basic = valueOf<gnet_stats_basic>(statistics[TCA_STATS_BASIC]);
    const auto queue = valueOf<gnet_stats_queue>(statistics[TCA_STATS_QUEUE]);
    found.bytes = basic.bytes;
    found.packets =
        statistics[TCA_STATS_PKT64] ? valueOf<quint64>(statistics[TCA_STATS_PKT64]) : basic.packets;
    found.droppedPackets = queue.drops;
    found.backlogBytes = queue.backlog;
    return found;
}

std::optional<FoundQdisc> parseQdisc(nlmsghdr *message)
{
    const auto attributes = attributesOf<tcmsg, TCA_MAX>(message, RTM_NEWQDISC);
    if (!attributes)
        return std::nullopt;
    const auto *header = static_cast<const tcmsg *>(nlmsg_data(message));
    FoundQdisc found;
    found.device = header->tcm_ifindex;
    found.parent = header->tcm_parent;
    const QByteArray kind = textOf((*attributes)[TCA_KIND]);
    found.leaf = leafOf(kind, (*attributes)[TCA_OPTIONS]);
    const auto htb = within<TCA_HTB_MAX>(kind == "htb" ? (*attributes)[TCA_OPTIONS] : nullptr);
    found.isOurRoot = header->tcm_parent == TC_H_ROOT && header->tcm_handle == kMajor << 16
        && htb[TCA_HTB_INIT] && valueOf<tc_htb_glob>(htb[TCA_HTB_INIT]).defcls == 0;
    const auto statistics = within<TCA_STATS_MAX>((*attributes)[TCA_STATS2]);
    found.droppedPackets = valueOf<gnet_stats_queue>(statistics[TCA_STATS_QUEUE]).drops;
    return found;
}

} // namespace weir::shaper
