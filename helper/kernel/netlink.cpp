// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/netlink.h"

#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <fcntl.h>
#include <new>
#include <sys/socket.h>

namespace weir {

namespace {

constexpr int kMessageBuffer = 64 * 1024; // the kernel builds dumps in pieces of at most 32 KiB
constexpr int kRequestBuffer = 256 * 1024;
constexpr int kEventBuffer = 4 * 1024 * 1024; // some thousand link events
constexpr int kDumpAttempts = 10;

std::unexpected<Error> refused(const QString &what, int nlError)
{
    return failure(ErrorKind::KernelRefused,
                   QStringLiteral("cannot %1: %2").arg(what, QString::fromUtf8(nl_geterror(nlError))));
}

int handOver(nl_msg *message, void *each)
{
    (*static_cast<const NetlinkSocket::Each *>(each))(nlmsg_hdr(message));
    return NL_OK;
}

void setBuffer(nl_sock *socket, int size)
{
    const int fd = nl_socket_get_fd(socket);
    // Beyond net.core.rmem_max with CAP_NET_ADMIN, else up to it; a smaller buffer only overflows earlier.
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

} // namespace

void FreeNetlinkMessage::operator()(nl_msg *message) const
{
    nlmsg_free(message);
}

void FreeNetlinkSocket::operator()(nl_sock *socket) const
{
    nl_socket_free(socket);
}

NetlinkMessage makeNetlinkMessage(int type, const void *header, size_t size)
{
    NetlinkMessage message(nlmsg_alloc_simple(type, 0));
    if (!message || nlmsg_append(message.get(), const_cast<void *>(header), size, NLMSG_ALIGNTO) != 0)
        throw std::bad_alloc();
    return message;
}

NetlinkSocket::NetlinkSocket(nl_sock *socket) : m_socket(socket)
{ }

Result<NetlinkSocket> NetlinkSocket::open()
{
    NetlinkSocket self(nl_socket_alloc());
    if (!self.m_socket)
        throw std::bad_alloc();
    nl_sock *socket = self.m_socket.get();
    if (const int error = nl_connect(socket, NETLINK_ROUTE); error < 0)
        return refused(QStringLiteral("open a netlink socket"), error);
    setBuffer(socket, kRequestBuffer);
    nl_socket_set_msg_buf_size(socket, kMessageBuffer);
    nl_socket_disable_msg_peek(socket);
    // The kernel then looks at the filters in a dump request instead of ignoring them.
    const int on = 1;
    if (setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on) != 0)
        return refused(QStringLiteral("ask for strict checks of netlink requests"), nl_syserr2nlerr(errno));
    return self;
}

Result<NetlinkSocket> NetlinkSocket::listen(std::initializer_list<int> groups)
{
    const QString what = QStringLiteral("listen to netlink events");
    NetlinkSocket self(nl_socket_alloc());
    if (!self.m_socket)
        throw std::bad_alloc();
    nl_sock *socket = self.m_socket.get();
    nl_socket_disable_seq_check(socket);
    if (const int error = nl_connect(socket, NETLINK_ROUTE); error < 0)
        return refused(what, error);
    setBuffer(socket, kEventBuffer);
    nl_socket_set_msg_buf_size(socket, kMessageBuffer);
    nl_socket_disable_msg_peek(socket);
    for (const int group : groups) {
        if (const int error = nl_socket_add_membership(socket, group); error < 0)
            return refused(what, error);
    }
    if (const int error = nl_socket_set_nonblocking(socket); error < 0)
        return refused(what, error);
    return self;
}

Result<void> NetlinkSocket::dump(const QString &what, nl_msg *request, const Each &each,
                                 const std::function<void()> &restart)
{
    nl_sock *socket = m_socket.get();
    nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, handOver, const_cast<Each *>(&each));
    int error = 0;
    for (int attempt = 0; attempt < kDumpAttempts; ++attempt) {
        nlmsg_hdr(request)->nlmsg_flags |= NLM_F_DUMP;
        nlmsg_hdr(request)->nlmsg_seq = NL_AUTO_SEQ;
        nlmsg_hdr(request)->nlmsg_pid = NL_AUTO_PORT;
        error = nl_send_auto(socket, request);
        if (error < 0)
            return refused(what, error);
        error = nl_recvmsgs_default(socket);
        if (error != -NLE_DUMP_INTR)
            break;
        restart();
    }
    if (error == -NLE_OBJ_NOTFOUND)
        return failure(ErrorKind::NotFound, QStringLiteral("cannot %1: there is none").arg(what));
    if (error < 0)
        return refused(what, error);
    return {};
}

NetlinkSocket::Events NetlinkSocket::receive(const Each &each)
{
    nl_sock *socket = m_socket.get();
    Events events = Events::None;
    const Each note = [&](nlmsghdr *message) {
        if (events == Events::None)
            events = Events::Some;
        each(message);
    };
    nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, handOver, const_cast<Each *>(&note));
    for (;;) {
        const int error = nl_recvmsgs_default(socket);
        if (error == -NLE_AGAIN || error == -NLE_INTR)
            return events;
        if (error >= 0)
            continue;
        events = Events::Lost;
        if (error != -NLE_NOMEM) // ENOBUFS: an overflow; the socket goes on behind it
            return events;
    }
}

int NetlinkSocket::descriptor() const
{
    return nl_socket_get_fd(m_socket.get());
}

} // namespace weir
