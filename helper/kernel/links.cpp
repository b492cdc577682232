// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/links.h"

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <QFile>

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>

using namespace std::chrono_literals;

namespace weir {

namespace {

constexpr auto kMerge = 50ms;

/// Whether the link that sysfs shows under this name is a wireless one. rtnetlink does not tell; sysfs may
/// belong to another network namespace, so the index must agree.
bool isWireless(const Link &link)
{
    const QString directory = QStringLiteral("/sys/class/net/") + link.name;
    QFile index(directory + QStringLiteral("/ifindex"));
    return QFile::exists(directory + QStringLiteral("/phy80211")) && index.open(QIODevice::ReadOnly)
        && index.readAll().trimmed().toInt() == link.index;
}

bool matters(const rtnetlink::RouteMessage &route)
{
    return route.isDefault() || route.hasOnLinkHop();
}

} // namespace

class Links::File
{
public:
    explicit File(int descriptor) : descriptor(descriptor) { }
    ~File() { close(descriptor); }
    Q_DISABLE_COPY_MOVE(File)

    const int descriptor;
};

Links::Links() = default;
Links::~Links() = default;

Result<void> Links::start()
{
    // Events first: what changes between the first read and the first event must not be missed.
    auto events = NetlinkSocket::listen({RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
                                         RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_TC});
    if (!events)
        return std::unexpected(events.error());
    auto requests = NetlinkSocket::open();
    if (!requests)
        return std::unexpected(requests.error());
    // Any socket serves SIOCETHTOOL; of this family the unit allows one.
    const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0)
        m_ioctl = std::make_unique<File>(descriptor);
    m_events = std::move(*events);
    m_requests = std::move(*requests);
    if (m_callback)
        watch();
    return refresh();
}

void Links::onChange(std::function<void()> callback)
{
    m_callback = std::move(callback);
    if (m_events && !m_notifier)
        watch();
}

void Links::watch()
{
    m_merge = std::make_unique<QTimer>();
    m_merge->setSingleShot(true);
    m_merge->setInterval(kMerge);
    QObject::connect(m_merge.get(), &QTimer::timeout, [this] { m_callback(); });
    m_notifier = std::make_unique<QSocketNotifier>(m_events->descriptor(), QSocketNotifier::Read);
    QObject::connect(m_notifier.get(), &QSocketNotifier::activated, [this] { takeEvents(); });
}

Result<std::vector<Link>> Links::read()
{
    // A link may come or go between the counters and the descriptions: then the event is there, and the
    // second look agrees. A machine whose links change faster than that gets what the last look gave.
    for (int look = 0; look < 3; ++look) {
        if (auto done = refresh(); !done)
            return std::unexpected(done.error());
        const auto now = counters();
        if (!now)
            return std::unexpected(now.error());
        for (Link &link : m_links) {
            const auto found = now->find(link.index);
            if (found != now->end())
                link.counters = found->second;
        }
        if (std::ranges::equal(
                *now, m_links, {}, [](const auto &entry) { return entry.first; }, &Link::index))
            break;
        m_linksKnown = false;
    }
    return m_links;
}

Result<std::map<int, Traffic>> Links::counters()
{
    if_stats_msg header{};
    header.filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64);
    const NetlinkMessage request = netlinkMessage(RTM_GETSTATS, header);
    std::map<int, Traffic> counters;
    const auto done = m_requests->dump(
        QStringLiteral("read the counters of links"), request.get(),
        [&](nlmsghdr *message) {
            if (const auto entry = rtnetlink::parseCounters(message))
                counters.insert_or_assign(entry->first, entry->second);
        },
        [&] { counters.clear(); });
    if (!done)
        return std::unexpected(done.error());
    return counters;
}

void Links::takeEvents()
{
    if (m_events->receive([this](nlmsghdr *message) { takeEvent(message); }) == NetlinkSocket::Events::Lost)
        forgetEverything();
}

void Links::takeEvent(nlmsghdr *message)
{
    switch (message->nlmsg_type) {
    case RTM_NEWLINK: {
        const auto link = rtnetlink::parseLink(message);
        if (link && link->scanResult)
            return;
        [[fallthrough]];
    }
    case RTM_DELLINK:
        // A link that goes down takes its IPv4 routes along without a word.
        m_linksKnown = false;
        m_routesKnown = false;
        break;
    case RTM_NEWADDR:
    case RTM_DELADDR:
        m_addressesKnown = false;
        m_routesKnown = false; // nor are the routes announced that go with a preferred source
        break;
    case RTM_NEWROUTE:
    case RTM_DELROUTE: {
        // A router with the whole internet in its table sees many changes; few of them are of what is kept
        // here.
        const auto route = rtnetlink::parseRoute(message);
        const auto replaces = [&](const rtnetlink::RouteMessage &known) {
            return known.destination == route->destination;
        };
        if (!route || (!matters(*route) && std::ranges::none_of(m_routes, replaces)))
            return;
        m_routesKnown = false;
        break;
    }
    case RTM_DELQDISC:
    case RTM_DELTFILTER:
        break;
    default:
        return;
    }
    if (m_merge && !m_merge->isActive())
        m_merge->start();
}

void Links::forgetEverything()
{
    m_linksKnown = m_addressesKnown = m_routesKnown = false;
    if (m_merge && !m_merge->isActive())
        m_merge->start();
}

Result<void> Links::refresh()
{
    takeEvents();
    if (m_linksKnown && m_addressesKnown && m_routesKnown)
        return {};
    if (!m_linksKnown) {
        if (auto done = readLinks(); !done)
            return done;
    }
    if (!m_addressesKnown) {
        if (auto done = readAddresses(); !done)
            return done;
    }
    if (!m_routesKnown) {
        if (auto done = readRoutes(); !done)
            return done;
    }
    compose();
    return {};
}

Result<void> Links::readLinks()
{
    const NetlinkMessage request = netlinkMessage(RTM_GETLINK, ifinfomsg{});
    nla_put_u32(request.get(), IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    m_descriptions.clear();
    const auto done = m_requests->dump(
        QStringLiteral("list the links"), request.get(),
        [this](nlmsghdr *message) {
            if (auto link = rtnetlink::parseLink(message))
                m_descriptions.insert_or_assign(link->link.index, std::move(*link));
        },
        [this] { m_descriptions.clear(); });
    if (!done)
        return done;
    for (auto &[index, description] : m_descriptions) {
        Link &link = description.link;
        if (link.kind == LinkKind::Ethernet && link.hardware && isWireless(link))
            link.kind = LinkKind::Wifi;
        link.speedBitsPerSecond = speedOf(link);
    }
    m_linksKnown = true;
    return {};
}

Result<void> Links::readAddresses()
{
    const NetlinkMessage request = netlinkMessage(RTM_GETADDR, ifaddrmsg{});
    m_addresses.clear();
    auto done = m_requests->dump(
        QStringLiteral("list the addresses of links"), request.get(),
        [this](nlmsghdr *message) {
            if (const auto address = rtnetlink::parseAddress(message))
                m_addresses.push_back(*address);
        },
        [this] { m_addresses.clear(); });
    m_addressesKnown = done.has_value();
    return done;
}

Result<void> Links::readRoutes()
{
    m_routes.clear();
    for (const int family : {AF_INET, AF_INET6}) {
        // A namespace in which nothing of a family was ever set up has no main table of it yet.
        if (auto done = readRoutes(family); !done && done.error().kind != ErrorKind::NotFound)
            return done;
    }
    m_routesKnown = true;
    return {};
}

Result<void> Links::readRoutes(int family)
{
    rtmsg header{};
    header.rtm_family = quint8(family);
    const NetlinkMessage request = netlinkMessage(RTM_GETROUTE, header);
    nla_put_u32(request.get(), RTA_TABLE, RT_TABLE_MAIN);
    const bool v6 = family == AF_INET6;
    const auto isOfFamily = [v6](const rtnetlink::RouteMessage &route) {
        return route.destination.address.v6 == v6;
    };
    return m_requests->dump(
        QStringLiteral("list the routes"), request.get(),
        [&](nlmsghdr *message) {
            // Without IPv6 in the kernel the request for its routes is answered with IPv4's.
            auto route = rtnetlink::parseRoute(message);
            if (route && isOfFamily(*route) && matters(*route))
                m_routes.push_back(std::move(*route));
        },
        [&] { std::erase_if(m_routes, isOfFamily); });
}

quint64 Links::speedOf(const Link &link) const
{
    if (!m_ioctl || !link.up || link.kind == LinkKind::Loopback)
        return 0;
    // The kernel answers the first call with how many words of link modes it wants room for, the second with
    // the settings.
    alignas(ethtool_link_settings) std::array<char, sizeof(ethtool_link_settings) + 3 * SCHAR_MAX * 4> room{};
    auto *settings = reinterpret_cast<ethtool_link_settings *>(room.data());
    ifreq request{};
    const QByteArray name = link.name.toUtf8();
    std::memcpy(request.ifr_name, name.constData(), std::min<size_t>(size_t(name.size()), IFNAMSIZ - 1));
    request.ifr_data = room.data();
    settings->cmd = ETHTOOL_GLINKSETTINGS;
    if (ioctl(m_ioctl->descriptor, SIOCETHTOOL, &request) != 0 || settings->link_mode_masks_nwords >= 0)
        return 0;
    settings->link_mode_masks_nwords = qint8(-settings->link_mode_masks_nwords);
    settings->cmd = ETHTOOL_GLINKSETTINGS;
    if (ioctl(m_ioctl->descriptor, SIOCETHTOOL, &request) != 0 || settings->speed == quint32(SPEED_UNKNOWN))
        return 0;
    return quint64(settings->speed) * 1'000'000;
}

void Links::compose()
{
    std::map<int, Traffic> counters;
    for (const Link &link : m_links)
        counters[link.index] = link.counters;
    std::map<int, Link> links;
    for (const auto &[index, description] : m_descriptions) {
        Link &link = links[index] = description.link;
        link.counters = counters[index];
    }
    for (const rtnetlink::AddressMessage &address : m_addresses) {
        const auto found = links.find(address.link);
        if (found == links.end())
            continue;
        Link &link = found->second;
        link.addresses.push_back(address.address);
        link.prefixLengths.push_back(address.prefixLength);
        link.onLinkPrefixes.push_back(address.network);
        if (!contains(address.network, address.address)) // behind a point-to-point link is only the other end
            link.onLinkPrefixes.push_back(prefixOf(address.address, address.address.v6 ? 128 : 32));
    }
    for (const rtnetlink::RouteMessage &route : m_routes) {
        for (const rtnetlink::RouteMessage::Hop &hop : route.hops) {
            const auto found = links.find(hop.link);
            if (found == links.end())
                continue;
            if (route.isDefault())
                found->second.defaultRoute = true;
            // A tunnel's routes need no gateway wherever they lead ("0.0.0.0/1 dev wg0"): they say nothing
            // about nearness.
            else if (!hop.gateway && !m_descriptions.at(hop.link).pointToPoint)
                found->second.onLinkPrefixes.push_back(route.destination);
        }
    }
    m_links.clear();
    for (auto &[index, link] : links) {
        std::ranges::sort(link.onLinkPrefixes);
        const auto [first, last] = std::ranges::unique(link.onLinkPrefixes);
        link.onLinkPrefixes.erase(first, last);
        m_links.push_back(std::move(link));
    }
}

} // namespace weir
