// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/error.h"

#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

struct nl_msg;
struct nl_sock;
struct nlmsghdr;

namespace weir {

struct FreeNetlinkMessage {
    void operator()(nl_msg *message) const;
};
struct FreeNetlinkSocket {
    void operator()(nl_sock *socket) const;
};
using NetlinkMessage = std::unique_ptr<nl_msg, FreeNetlinkMessage>;

NetlinkMessage makeNetlinkMessage(int type, const void *header, size_t size);

/// A message of `type` that begins with `header` (ifinfomsg, rtmsg …); attributes may be put behind it.
template <typename Header>
NetlinkMessage netlinkMessage(int type, const Header &header)
{
    return makeNetlinkMessage(type, &header, sizeof header);
}

/// A request, and what it attempts, for the message of an error: "add class 7765:70 to weir0".
struct NetlinkRequest {
    QString what;
    NetlinkMessage message;
};

/// A rtnetlink socket: moves messages, knows nothing of their meaning.
///
/// It belongs to the network namespace in which its thread was when it was opened.
class NetlinkSocket
{
public:
    using Each = std::function<void(nlmsghdr *)>;

    enum class Events { None, Some, Lost };

    /// A socket for requests. Error: KernelRefused.
    static Result<NetlinkSocket> open();

    /// A non-blocking socket that hears these multicast groups (RTNLGRP_…), with a buffer for large bursts.
    /// Error: KernelRefused.
    static Result<NetlinkSocket> listen(std::initializer_list<int> groups);

    /// Sends a dump request and hands each answer to `each`. When the kernel says that the dump was
    /// interrupted by a change, `restart` is called and the dump begins anew, up to ten times. Error:
    /// KernelRefused: "cannot `what`: …"; NotFound where the kernel has no such table.
    Result<void> dump(const QString &what, nl_msg *request, const Each &each,
                      const std::function<void()> &restart);

    /// Sends a request, hands what the kernel answers to `each` and waits for its acknowledgement. Error:
    /// "cannot `what`: …" with the kernel's own words where it has some; by what the kernel says NotFound (no
    /// such object, kind or link), Conflict (there already), Unsupported, else KernelRefused.
    Result<void> request(const QString &what, NetlinkMessage message, const Each &each = {});

    /// Sends up to some hundred requests at once; the kernel carries them out in their order, those behind
    /// one that it refuses as well. Error: as request(), of the first that was refused.
    Result<void> requestAll(const std::vector<NetlinkRequest> &requests, const Each &each = {});

    /// What the kernel puts into nlmsg_pid of the events that this socket's requests cause.
    quint32 portId() const;

    /// Hands all events that wait to `each`. Lost: the buffer overflowed, so what is known may be wrong;
    /// events that were behind the gap have been handed over all the same.
    Events receive(const Each &each);

    int descriptor() const;

private:
    explicit NetlinkSocket(nl_sock *socket);

    std::unique_ptr<nl_sock, FreeNetlinkSocket> m_socket;
    quint32 m_lastRequest = 0x8000'0000; ///< sequence number; far from those that libnl gives dumps
};

} // namespace weir
