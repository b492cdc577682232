// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/links_parse.h"

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace weir::rtnetlink {

namespace {

template <size_t Size>
using Attributes = std::array<nlattr *, Size>;

/// The attributes behind `Header`, by type; nothing when the message is not of `type` or does not hold
/// together.
template <typename Header, int Last>
std::optional<Attributes<Last + 1>> attributesOf(nlmsghdr *message, std::initializer_list<int> types)
{
    Attributes<Last + 1> attributes{};
    if (std::ranges::find(types, int(message->nlmsg_type)) == types.end()
        || !nlmsg_valid_hdr(message, sizeof(Header))
        || nlmsg_parse(message, sizeof(Header), attributes.data(), Last, nullptr) < 0)
        return std::nullopt;
    return attributes;
}

template <typename Value>
std::optional<Value> valueOf(const nlattr *attribute)
{
    if (!attribute || nla_len(attribute) < int(sizeof(Value)))
        return std::nullopt;
    Value value;
    std::memcpy(&value, nla_data(attribute), sizeof value);
    return value;
}

QByteArray bytesOf(const nlattr *attribute)
{
    if (!attribute)
        return {};
    return QByteArray(static_cast<const char *>(nla_data(attribute)), nla_len(attribute));
}

QByteArray textOf(const nlattr *attribute)
{
    const QByteArray bytes = bytesOf(attribute);
    return bytes.left(qstrnlen(bytes.constData(), bytes.size()));
}

std::optional<Address> addressOf(const nlattr *attribute, int family)
{
    const int size = family == AF_INET6 ? 16 : 4;
    if (!attribute || nla_len(attribute) < size)
        return std::nullopt;
    Address address;
    address.v6 = family == AF_INET6;
    std::memcpy(address.bytes.data(), nla_data(attribute), size_t(size));
    return address;
}

bool isInternetFamily(int family)
{
    return family == AF_INET || family == AF_INET6;
}

quint8 longestPrefix(int family)
{
    return family == AF_INET6 ? 128 : 32;
}

LinkKind kindOf(const QByteArray &kind, int hardwareType)
{
    static constexpr std::pair<const char *, LinkKind> kKinds[] = {
        {"veth", LinkKind::Veth}, {"bridge", LinkKind::Bridge},       {"bond", LinkKind::Bond},
        {"team", LinkKind::Bond}, {"vlan", LinkKind::Vlan},           {"tun", LinkKind::Tun},
        {"ppp", LinkKind::Ppp},   {"wireguard", LinkKind::Wireguard},
    };
    for (const auto &[name, value] : kKinds) {
        if (kind == name)
            return value;
    }
    switch (hardwareType) {
    case ARPHRD_LOOPBACK:
        return LinkKind::Loopback;
    case ARPHRD_PPP:
        return LinkKind::Ppp;
    case ARPHRD_ETHER:
        return kind.isEmpty() ? LinkKind::Ethernet : LinkKind::Other;
    default:
        return LinkKind::Other;
    }
}

/// Whether a link of this kind stands on the one that IFLA_LINK names, so that each of its packets crosses
/// both. A veth's IFLA_LINK is its peer, a tunnel's the link that its outer packets should take.
bool standsOnLower(const QByteArray &kind)
{
    static constexpr const char *kKinds[] = {"vlan",   "macvlan", "macvtap", "ipvlan", "ipvtap",
                                             "macsec", "dsa",     "rmnet",   "ipoib"};
    return std::ranges::any_of(kKinds, [&](const char *name) { return kind == name; });
}

bool isZero(const QByteArray &bytes)
{
    return std::ranges::all_of(bytes, [](char byte) { return byte == 0; });
}

} // namespace

std::optional<LinkMessage> parseLink(nlmsghdr *message)
{
    const auto found = attributesOf<ifinfomsg, IFLA_MAX>(message, {RTM_NEWLINK});
    if (!found)
        return std::nullopt;
    const auto &attributes = *found;
    const auto *header = static_cast<const ifinfomsg *>(nlmsg_data(message));
    // The bridge announces the state of its ports in link messages of its own family.
    if (header->ifi_family != AF_UNSPEC || header->ifi_index <= 0 || !attributes[IFLA_IFNAME])
        return std::nullopt;

    QByteArray kind;
    if (attributes[IFLA_LINKINFO]) {
        Attributes<IFLA_INFO_MAX + 1> info{};
        if (nla_parse_nested(info.data(), IFLA_INFO_MAX, attributes[IFLA_LINKINFO], nullptr) == 0)
            kind = textOf(info[IFLA_INFO_KIND]);
    }

    LinkMessage result;
    Link &link = result.link;
    link.index = header->ifi_index;
    link.name = QString::fromUtf8(textOf(attributes[IFLA_IFNAME]));
    link.kind = kindOf(kind, header->ifi_type);
    link.up = (header->ifi_flags & IFF_UP) && (header->ifi_flags & IFF_RUNNING);
    link.hardware = attributes[IFLA_PARENT_DEV_NAME] != nullptr;
    link.ethernet = header->ifi_type == ARPHRD_ETHER || header->ifi_type == ARPHRD_LOOPBACK;
    link.master = int(valueOf<quint32>(attributes[IFLA_MASTER]).value_or(0));
    if (standsOnLower(kind) && !attributes[IFLA_LINK_NETNSID])
        link.lower = int(valueOf<quint32>(attributes[IFLA_LINK]).value_or(0));
    link.hardwareAddress = bytesOf(attributes[IFLA_PERM_ADDRESS]);
    if (link.hardwareAddress.isEmpty() || isZero(link.hardwareAddress))
        link.hardwareAddress = bytesOf(attributes[IFLA_ADDRESS]);
    if (isZero(link.hardwareAddress))
        link.hardwareAddress.clear();
    result.pointToPoint = header->ifi_flags & IFF_POINTOPOINT;
    result.scanResult = attributes[IFLA_WIRELESS] != nullptr && header->ifi_change == 0;
    return result;
}

std::optional<std::pair<int, Traffic>> parseCounters(nlmsghdr *message)
{
    const auto attributes = attributesOf<if_stats_msg, IFLA_STATS_MAX>(message, {RTM_NEWSTATS});
    if (!attributes)
        return std::nullopt;
    const auto *header = static_cast<const if_stats_msg *>(nlmsg_data(message));
    // The structure grew at its end over the years; these are its first members.
    struct Counters {
        quint64 rxPackets, txPackets, rxBytes, txBytes;
    };
    const auto counters = valueOf<Counters>((*attributes)[IFLA_STATS_LINK_64]);
    if (!counters)
        return std::nullopt;
    return std::pair{int(header->ifindex),
                     Traffic{counters->rxBytes, counters->txBytes, counters->rxPackets, counters->txPackets}};
}

std::optional<AddressMessage> parseAddress(nlmsghdr *message)
{
    const auto attributes = attributesOf<ifaddrmsg, IFA_MAX>(message, {RTM_NEWADDR});
    if (!attributes)
        return std::nullopt;
    const auto *header = static_cast<const ifaddrmsg *>(nlmsg_data(message));
    const int family = header->ifa_family;
    if (!isInternetFamily(family) || header->ifa_prefixlen > longestPrefix(family))
        return std::nullopt;
    // IFA_ADDRESS is the other end where there is one; IFA_LOCAL is then, and for IPv4 always, this end.
    const auto other = addressOf((*attributes)[IFA_ADDRESS], family);
    const auto own = addressOf((*attributes)[IFA_LOCAL], family);
    if (!other && !own)
        return std::nullopt;
    AddressMessage result;
    result.link = int(header->ifa_index);
    result.address = own ? *own : *other;
    result.prefixLength = header->ifa_prefixlen;
    result.network = prefixOf(other ? *other : *own, header->ifa_prefixlen);
    return result;
}

bool RouteMessage::hasOnLinkHop() const
{
    return std::ranges::any_of(hops, [](const Hop &hop) { return !hop.gateway; });
}

std::optional<RouteMessage> parseRoute(nlmsghdr *message)
{
    const auto found = attributesOf<rtmsg, RTA_MAX>(message, {RTM_NEWROUTE, RTM_DELROUTE});
    if (!found)
        return std::nullopt;
    const auto &attributes = *found;
    const auto *header = static_cast<const rtmsg *>(nlmsg_data(message));
    const int family = header->rtm_family;
    const quint32 table = valueOf<quint32>(attributes[RTA_TABLE]).value_or(header->rtm_table);
    if (!isInternetFamily(family) || table != RT_TABLE_MAIN || header->rtm_type != RTN_UNICAST
        || header->rtm_dst_len > longestPrefix(family) || (header->rtm_flags & RTM_F_CLONED))
        return std::nullopt;

    RouteMessage route;
    route.destination.address.v6 = family == AF_INET6;
    if (const auto destination = addressOf(attributes[RTA_DST], family))
        route.destination = prefixOf(*destination, header->rtm_dst_len);
    else if (header->rtm_dst_len != 0)
        return std::nullopt;
    if (const auto link = valueOf<quint32>(attributes[RTA_OIF]))
        route.hops.push_back({int(*link), attributes[RTA_GATEWAY] || attributes[RTA_VIA]});
    if (const nlattr *multipath = attributes[RTA_MULTIPATH]) {
        const auto *hop = static_cast<const rtnexthop *>(nla_data(multipath));
        int left = nla_len(multipath);
        while (left >= int(sizeof *hop) && RTNH_OK(hop, left)) {
            auto *first = reinterpret_cast<nlattr *>(RTNH_DATA(hop));
            const int size = hop->rtnh_len - int(RTNH_LENGTH(0));
            const bool gateway = nla_find(first, size, RTA_GATEWAY) || nla_find(first, size, RTA_VIA);
            route.hops.push_back({hop->rtnh_ifindex, gateway});
            left -= int(RTNH_ALIGN(hop->rtnh_len));
            hop = RTNH_NEXT(hop);
        }
    }
    return route;
}

} // namespace weir::rtnetlink
