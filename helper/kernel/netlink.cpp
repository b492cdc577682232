// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/netlink.h"

#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <linux/netlink.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <sys/socket.h>
#include <sys/uio.h>

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

/// The kernel's own words about an error, which lie behind the header of the request that it refused.
QString wordsOf(nlmsghdr *message)
{
    if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
        return {};
    auto *error = static_cast<nlmsgerr *>(nlmsg_data(message));
    int offset = int(sizeof *error);
    if (!(message->nlmsg_flags & NLM_F_CAPPED))
        offset += NLMSG_ALIGN(int(error->msg.nlmsg_len) - NLMSG_HDRLEN);
    nlattr *words = nlmsg_find_attr(message, offset, NLMSGERR_ATTR_MSG);
    return words ? QStringLiteral(" (%1)").arg(QString::fromUtf8(nla_get_string(words))) : QString();
}

ErrorKind kindOf(int number)
{
    switch (number) {
    case ENOENT:
    case ENODEV:
        return ErrorKind::NotFound;
    case EEXIST:
    case EBUSY:
        return ErrorKind::Conflict;
    case EOPNOTSUPP:
        return ErrorKind::Unsupported;
    default:
        return ErrorKind::KernelRefused;
    }
}

std::unexpected<Error> refused(const QString &what, nlmsghdr *message)
{
    const int number = -static_cast<nlmsgerr *>(nlmsg_data(message))->error;
    return failure(
        kindOf(number),
        QStringLiteral("cannot %1: %2%3").arg(what, QString::fromUtf8(strerror(number)), wordsOf(message)));
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
    // Errors are told without these, only less well.
    setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
    setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
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

Result<void> NetlinkSocket::request(const QString &what, NetlinkMessage message, const Each &each)
{
    std::vector<NetlinkRequest> requests;
    requests.push_back({what, std::move(message)});
    return requestAll(requests, each);
}

Result<void> NetlinkSocket::requestAll(const std::vector<NetlinkRequest> &requests, const Each &each)
{
    if (requests.empty())
        return {};
    const quint32 first = m_lastRequest + 1;
    std::vector<iovec> pieces;
    for (const NetlinkRequest &request : requests) {
        nlmsghdr *header = nlmsg_hdr(request.message.get());
        header->nlmsg_flags |= NLM_F_REQUEST;
        header->nlmsg_seq = ++m_lastRequest;
        pieces.push_back({header, NLMSG_ALIGN(header->nlmsg_len)});
    }
    // Who is refused is told in any case; that the last is done says that all are.
    nlmsg_hdr(requests.back().message.get())->nlmsg_flags |= NLM_F_ACK;
    msghdr packet{};
    packet.msg_iov = pieces.data();
    packet.msg_iovlen = pieces.size();
    if (sendmsg(descriptor(), &packet, 0) < 0)
        return refused(requests.front().what, nl_syserr2nlerr(errno));

    Result<void> outcome;
    std::vector<char> buffer(kMessageBuffer);
    for (;;) {
        const ssize_t got = recv(descriptor(), buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return refused(requests.front().what, nl_syserr2nlerr(errno));
        int left = int(got);
        for (auto *message = reinterpret_cast<nlmsghdr *>(buffer.data()); nlmsg_ok(message, left);
             message = nlmsg_next(message, &left)) {
            const size_t place = message->nlmsg_seq - first;
            if (place >= requests.size())
                continue;
            if (message->nlmsg_type != NLMSG_ERROR) {
                if (each)
                    each(message);
                continue;
            }
            if (static_cast<nlmsgerr *>(nlmsg_data(message))->error != 0 && outcome)
                outcome = refused(requests[place].what, message);
            if (place == requests.size() - 1)
                return outcome;
        }
    }
}

quint32 NetlinkSocket::portId() const
{
    return nl_socket_get_local_port(m_socket.get());
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
