// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/nft_batch.h"

#include <QtEndian>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

namespace weir {

namespace {

constexpr size_t kMaxMessage = 72 * 1024;      // attributes nest in 64 KiB at most
constexpr size_t kReceiveRoom = 64 * 1024;     // the kernel answers in pieces of at most 32 KiB
constexpr int kAnswerBuffer = 4 * 1024 * 1024; // a refusal for each of some thousand messages
constexpr int kEventBuffer = 16 * 1024 * 1024; // somebody else's large rule set; only a bound
constexpr int kDumpAttempts = 10;
constexpr quint16 kToNftables = NFNL_SUBSYS_NFTABLES;

std::unexpected<Error> refused(const QString &what, int error)
{
    return failure(ErrorKind::KernelRefused,
                   QStringLiteral("cannot %1: %2").arg(what, QString::fromLocal8Bit(std::strerror(error))));
}

/// Beyond the system's bound with CAP_NET_ADMIN, else up to it.
void setBuffer(int descriptor, int forced, int bounded, int size)
{
    if (setsockopt(descriptor, SOL_SOCKET, forced, &size, sizeof size) != 0)
        setsockopt(descriptor, SOL_SOCKET, bounded, &size, sizeof size);
}

Result<MnlSocket> openSocket(unsigned groups)
{
    const QString what = QStringLiteral("open an nftables socket");
    MnlSocket socket(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC));
    if (!socket)
        return refused(what, errno);
    if (mnl_socket_bind(socket.get(), groups, MNL_SOCKET_AUTOPID) != 0)
        return refused(what, errno);
    return socket;
}

bool setMembership(int descriptor, int option)
{
    const int group = NFNLGRP_NFTABLES;
    return setsockopt(descriptor, SOL_NETLINK, option, &group, sizeof group) == 0;
}

/// The kernel's own words behind the errno of an error message.
QString wordsOf(const nlmsghdr *message)
{
    if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
        return {};
    const auto *error = static_cast<const nlmsgerr *>(mnl_nlmsg_get_payload(message));
    // Of what was refused either the header alone comes back, or, without NETLINK_CAP_ACK, all of it.
    size_t offset = sizeof *error;
    if (!(message->nlmsg_flags & NLM_F_CAPPED) && error->error)
        offset += error->msg.nlmsg_len - sizeof error->msg;
    const nlattr *words = findAttribute(message, offset, NLMSGERR_ATTR_MSG);
    return words ? QString::fromUtf8(mnl_attr_get_str(words)) : QString();
}

} // namespace

const nlattr *findAttribute(const nlmsghdr *message, size_t offset, quint16 type)
{
    const char *end = static_cast<const char *>(mnl_nlmsg_get_payload_tail(message));
    const auto *attribute = static_cast<const nlattr *>(mnl_nlmsg_get_payload_offset(message, offset));
    while (mnl_attr_ok(attribute, int(end - reinterpret_cast<const char *>(attribute)))) {
        if (mnl_attr_get_type(attribute) == type)
            return attribute;
        attribute = mnl_attr_next(attribute);
    }
    return nullptr;
}

void CloseMnlSocket::operator()(mnl_socket *socket) const
{
    mnl_socket_close(socket);
}

NftBatch::NftBatch()
{
    addControl(NFNL_MSG_BATCH_BEGIN);
}

nlmsghdr *NftBatch::beginMessage()
{
    if (m_bytes.size() < m_used + kMaxMessage)
        m_bytes.resize(std::max(m_used + kMaxMessage, m_bytes.size() * 2));
    return mnl_nlmsg_put_header(m_bytes.data() + m_used);
}

void NftBatch::endMessage(const nlmsghdr *message)
{
    Q_ASSERT(message->nlmsg_len <= kMaxMessage);
    m_used += MNL_ALIGN(message->nlmsg_len);
}

void NftBatch::addControl(quint16 type)
{
    nlmsghdr *message = beginMessage();
    message->nlmsg_type = type;
    message->nlmsg_flags = NLM_F_REQUEST;
    auto *header = static_cast<nfgenmsg *>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    header->res_id = qToBigEndian<quint16>(kToNftables);
    endMessage(message);
}

void NftBatch::add(quint16 type, NftFamily family, quint16 flags, const char *attempt, const QByteArray &name,
                   const Fill &fill)
{
    m_attempts.push_back({attempt, name, family});
    nlmsghdr *message = beginMessage();
    message->nlmsg_type = quint16(kToNftables << 8 | type);
    message->nlmsg_flags = NLM_F_REQUEST | flags;
    message->nlmsg_seq = quint32(m_attempts.size());
    auto *header = static_cast<nfgenmsg *>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    header->nfgen_family = quint8(family);
    header->version = NFNETLINK_V0;
    fill(message);
    endMessage(message);
}

Error NftBatch::explain(const NftRefusal &refusal) const
{
    QString why = QString::fromLocal8Bit(std::strerror(refusal.error));
    if (!refusal.text.isEmpty())
        why += QStringLiteral(" (%1)").arg(refusal.text);
    if (refusal.message >= m_attempts.size())
        return {ErrorKind::KernelRefused, QStringLiteral("cannot change nftables rules: %1").arg(why)};
    const Attempt &attempt = m_attempts[refusal.message];
    const QLatin1String family(attempt.family == NftFamily::Netdev ? "netdev" : "inet");
    return {ErrorKind::KernelRefused,
            QStringLiteral("cannot %1 %2 in the %3 tables of nftables: %4")
                .arg(QLatin1String(attempt.what), QString::fromUtf8(attempt.name), family, why)};
}

Result<NftSocket> NftSocket::open()
{
    auto socket = openSocket(0);
    if (!socket)
        return std::unexpected(socket.error());
    const int descriptor = mnl_socket_get_fd(socket->get());
    const int on = 1;
    // Without them errors only say less.
    setsockopt(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
    setsockopt(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
    setBuffer(descriptor, SO_RCVBUFFORCE, SO_RCVBUF, kAnswerBuffer);
    return NftSocket(std::move(*socket));
}

quint32 NftSocket::port() const
{
    return mnl_socket_get_portid(m_socket.get());
}

Result<std::vector<NftRefusal>> NftSocket::tryOut(NftBatch &batch)
{
    const QString what = QStringLiteral("send nftables rules");
    batch.addControl(NFNL_MSG_BATCH_END);
    const int descriptor = mnl_socket_get_fd(m_socket.get());
    setBuffer(descriptor, SO_SNDBUFFORCE, SO_SNDBUF, int(batch.m_used));
    if (mnl_socket_sendto(m_socket.get(), batch.m_bytes.data(), batch.m_used) < 0)
        return refused(what, errno);

    // The kernel works within sendto(): all that it has to say waits here, and silence means yes.
    std::vector<NftRefusal> refusals;
    char buffer[kReceiveRoom];
    for (;;) {
        const ssize_t got = recv(descriptor, buffer, sizeof buffer, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == ENOBUFS) { // more was refused than has room
            refusals.push_back({batch.messages(), ENOBUFS, {}});
            continue;
        }
        if (got < 0 && errno != EAGAIN)
            return refused(what, errno);
        if (got <= 0)
            break;
        int left = int(got);
        for (auto *message = reinterpret_cast<const nlmsghdr *>(buffer); mnl_nlmsg_ok(message, left);
             message = mnl_nlmsg_next(message, &left)) {
            if (message->nlmsg_type != NLMSG_ERROR)
                continue;
            const auto *error = static_cast<const nlmsgerr *>(mnl_nlmsg_get_payload(message));
            const quint32 sequence = error->msg.nlmsg_seq; // 0: the batch's begin stands for all of it
            if (error->error != 0)
                refusals.push_back(
                    {sequence ? sequence - 1 : batch.messages(), -error->error, wordsOf(message)});
        }
    }
    return refusals;
}

Result<void> NftSocket::send(NftBatch &batch)
{
    const auto refusals = tryOut(batch);
    if (!refusals)
        return std::unexpected(refusals.error());
    if (refusals->empty())
        return {};
    return std::unexpected(batch.explain(refusals->front()));
}

Result<void> NftSocket::dump(const QString &what, quint16 type, NftFamily family, const NftBatch::Fill &fill,
                             const std::function<void(const nlmsghdr *)> &each)
{
    for (int attempt = 0; attempt < kDumpAttempts; ++attempt) {
        std::vector<char> buffer(kReceiveRoom);
        nlmsghdr *request = mnl_nlmsg_put_header(buffer.data());
        request->nlmsg_type = quint16(kToNftables << 8 | type);
        request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        auto *header = static_cast<nfgenmsg *>(mnl_nlmsg_put_extra_header(request, sizeof(nfgenmsg)));
        header->nfgen_family = quint8(family);
        header->version = NFNETLINK_V0;
        fill(request);
        if (mnl_socket_sendto(m_socket.get(), request, request->nlmsg_len) < 0)
            return refused(what, errno);
        const auto isWhole = takeDump(what, buffer, each);
        if (!isWhole)
            return std::unexpected(isWhole.error());
        if (*isWhole)
            return {};
    }
    return refused(what, EINTR);
}

/// Reads a dump to its end, whatever comes: what was left in the socket would be taken for the next answer.
/// False when the rules changed meanwhile.
Result<bool> NftSocket::takeDump(const QString &what, std::vector<char> &buffer,
                                 const std::function<void(const nlmsghdr *)> &each)
{
    bool isWhole = true;
    for (;;) {
        const ssize_t got = mnl_socket_recvfrom(m_socket.get(), buffer.data(), buffer.size());
        if (got < 0)
            return refused(what, errno);
        int left = int(got);
        for (auto *message = reinterpret_cast<const nlmsghdr *>(buffer.data()); mnl_nlmsg_ok(message, left);
             message = mnl_nlmsg_next(message, &left)) {
            isWhole &= (message->nlmsg_flags & NLM_F_DUMP_INTR) == 0;
            if (message->nlmsg_type == NLMSG_DONE)
                return isWhole;
            if (message->nlmsg_type == NLMSG_ERROR)
                return refused(what, -static_cast<const nlmsgerr *>(mnl_nlmsg_get_payload(message))->error);
            if (message->nlmsg_type >= NLMSG_MIN_TYPE)
                each(message);
        }
    }
}

Result<NftEvents> NftEvents::listen(quint32 ignoredPort)
{
    const QString what = QStringLiteral("listen to nftables events");
    auto socket = openSocket(0);
    if (!socket)
        return std::unexpected(socket.error());
    const int descriptor = mnl_socket_get_fd(socket->get());
    setBuffer(descriptor, SO_RCVBUFFORCE, SO_RCVBUF, kEventBuffer);
    // One datagram holds the events of one transaction only, so its first message's sender is that of all.
    // Unheard, a hundred thousand elements of our own cannot push other events out of the buffer.
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(nlmsghdr, nlmsg_pid)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, qToBigEndian<quint32>(ignoredPort), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
    };
    const sock_fprog filter{std::size(program), program};
    if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0)
        return refused(what, errno);
    if (!setMembership(descriptor, NETLINK_ADD_MEMBERSHIP))
        return refused(what, errno);
    return NftEvents(std::move(*socket));
}

void NftEvents::pause()
{
    setMembership(descriptor(), NETLINK_DROP_MEMBERSHIP);
}

void NftEvents::resume()
{
    setMembership(descriptor(), NETLINK_ADD_MEMBERSHIP);
}

NftEvents::Received NftEvents::receive(const std::function<void(const nlmsghdr *)> &each)
{
    Received received = Received::All;
    char buffer[kReceiveRoom];
    for (;;) {
        const ssize_t got = recv(descriptor(), buffer, sizeof buffer, MSG_DONTWAIT | MSG_TRUNC);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == ENOBUFS) {
            received = Received::SomeLost;
            continue;
        }
        if (got <= 0)
            return received;
        if (size_t(got) > sizeof buffer)
            received = Received::SomeLost;
        int left = std::min(int(got), int(sizeof buffer));
        for (auto *message = reinterpret_cast<const nlmsghdr *>(buffer); mnl_nlmsg_ok(message, left);
             message = mnl_nlmsg_next(message, &left))
            each(message);
    }
}

int NftEvents::descriptor() const
{
    return mnl_socket_get_fd(m_socket.get());
}

} // namespace weir
