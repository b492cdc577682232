// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/kernel.h"
#include "helper/kernel/links_parse.h"
#include "helper/kernel/netlink.h"

#include <QSocketNotifier>
#include <QTimer>

#include <memory>
#include <optional>

namespace weir {

/// The links of one network namespace, with their addresses, routes and counters, by rtnetlink.
///
/// Kernel thread. Everything but the counters is remembered until an event says that it changed, so a read
/// that finds no event costs one dump of counters. It needs no privilege.
class Links
{
public:
    Links();
    ~Links();

    /// Opens the sockets in the network namespace of the calling thread. Error: KernelRefused.
    Result<void> start();

    /// `callback` is called from this thread's event loop when links, addresses, on-link or default routes
    /// may have changed, or when somebody took a qdisc or a filter away. Events of 50 ms are merged.
    void onChange(std::function<void()> callback);

    /// All links, sorted by index. Error: KernelRefused.
    Result<std::vector<Link>> read();

    /// The links' own counters, by index. Error: KernelRefused.
    Result<std::map<int, Traffic>> counters();

private:
    void takeEvents();
    void takeEvent(nlmsghdr *message);
    void forgetEverything();
    void watch();
    Result<void> refresh();
    Result<void> readLinks();
    Result<void> readAddresses();
    Result<void> readRoutes();
    Result<void> readRoutes(int family);
    quint64 speedOf(const Link &link) const;
    void compose();

    std::optional<NetlinkSocket> m_requests;
    std::optional<NetlinkSocket> m_events;
    class File;
    std::unique_ptr<File> m_ioctl; // speed is asked for by ioctl
    std::unique_ptr<QSocketNotifier> m_notifier;
    std::unique_ptr<QTimer> m_merge;
    std::function<void()> m_callback;

    bool m_linksKnown = false;
    bool m_addressesKnown = false;
    bool m_routesKnown = false;
    std::map<int, rtnetlink::LinkMessage> m_descriptions;
    std::vector<rtnetlink::AddressMessage> m_addresses;
    std::vector<rtnetlink::RouteMessage> m_routes; // those that have an on-link hop or are default
    std::vector<Link> m_links;
};

} // namespace weir
