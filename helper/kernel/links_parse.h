// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/link.h"

#include <optional>
#include <utility>
#include <vector>

struct nlmsghdr;

/// What rtnetlink messages say, as values. Pure functions of one message; a message that is cut short or is
/// about something else gives nothing.
namespace weir::rtnetlink {

/// RTM_NEWLINK. `link` has what the message tells: not speed, counters, addresses, routes, nor that it is
/// wireless.
struct LinkMessage {
    Link link;
    bool pointToPoint = false; ///< nothing is "on the link" but the other end
    bool scanResult = false;   ///< only news of a wireless scan, the link is as it was
};
std::optional<LinkMessage> parseLink(nlmsghdr *message);

/// RTM_NEWSTATS with IFLA_STATS_LINK_64: a link's index and its own counters.
std::optional<std::pair<int, Traffic>> parseCounters(nlmsghdr *message);

/// RTM_NEWADDR.
struct AddressMessage {
    int link = 0;
    Address address;
    quint8 prefixLength = 0;
    Prefix network; ///< of the other end, on a point-to-point link
};
std::optional<AddressMessage> parseAddress(nlmsghdr *message);

/// RTM_NEWROUTE or RTM_DELROUTE of a unicast route of the main table.
struct RouteMessage {
    struct Hop {
        int link = 0;
        bool gateway = false;
    };
    Prefix destination;
    std::vector<Hop> hops;

    bool isDefault() const { return destination.length == 0; }
    bool hasOnLinkHop() const;
};
std::optional<RouteMessage> parseRoute(nlmsghdr *message);

} // namespace weir::rtnetlink
