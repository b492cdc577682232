// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/contract_lab_real.h"

#include "helper/kernel/real_kernel.h"
#include "tests/support/netns.h"
#include "tests/support/sockets.h"

#include <QDir>

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace weir::test {

namespace {

void require(bool done, const char *what)
{
    if (!done)
        qFatal("cannot %s: %s", what, std::strerror(errno));
}

/// What a host's own capture sees of the TCP port of another host.
class Capture
{
public:
    Capture(const Netns &netns, const char *link, quint16 port) : m_port(port)
    {
        netns.run([&] {
            m_descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
            require(m_descriptor >= 0, "open a capture");
            sockaddr_ll address{};
            address.sll_family = AF_PACKET;
            address.sll_protocol = htons(ETH_P_ALL);
            address.sll_ifindex = int(if_nametoindex(link));
            require(bind(m_descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0,
                    "bind a capture");
        });
    }
    ~Capture() { close(m_descriptor); }
    Q_DISABLE_COPY_MOVE(Capture)

    /// As seen from the host whose port it is: what the capturing host sends is received there.
    Traffic seen()
    {
        unsigned char frame[128];
        sockaddr_ll from{};
        socklen_t size = sizeof from;
        ssize_t length = 0;
        while ((length = recvfrom(m_descriptor, frame, sizeof frame, MSG_TRUNC,
                                  reinterpret_cast<sockaddr *>(&from), &size))
               > 0) {
            const bool sent = from.sll_pkttype == PACKET_OUTGOING;
            if (portOf(frame, sent) == m_port)
                m_seen += sent ? Traffic{quint64(length), 0, 1, 0} : Traffic{0, quint64(length), 0, 1};
        }
        return m_seen;
    }

private:
    /// The TCP port at the other host: destination of what the capturing host sends, source of what it
    /// receives.
    static int portOf(const unsigned char *frame, bool sent)
    {
        const int type = frame[12] << 8 | frame[13];
        const unsigned char *ip = frame + 14;
        const unsigned char *tcp = nullptr;
        if (type == ETH_P_IP && ip[9] == IPPROTO_TCP)
            tcp = ip + (ip[0] & 0xf) * 4;
        else if (type == ETH_P_IPV6 && ip[6] == IPPROTO_TCP)
            tcp = ip + 40;
        if (!tcp)
            return 0;
        return sent ? tcp[2] << 8 | tcp[3] : tcp[0] << 8 | tcp[1];
    }

    const quint16 m_port;
    int m_descriptor = -1;
    Traffic m_seen;
};

class RealConnection : public ContractLab::Connection
{
public:
    RealConnection(const Netns &here, const Netns &there, const char *captureLink, const Endpoint &local,
                   const Endpoint &remote)
        : m_capture(there, captureLink, local.port), m_listener(Socket::listener(here, local)),
          m_theirs(Socket::connection(there, remote, local)), m_ours(m_listener.accept())
    { }

    // One segment at a time, each read before the next: nothing is merged.
    void receive(int segments, size_t payload) override
    {
        for (int i = 0; i < segments; ++i) {
            m_theirs->write(payload);
            m_ours->read(payload);
        }
    }
    void send(int segments, size_t payload) override
    {
        for (int i = 0; i < segments; ++i) {
            m_ours->write(payload);
            m_theirs->read(payload);
        }
    }
    void close() override
    {
        m_theirs->endSending();
        m_ours->readToEnd();
        m_ours.reset();
        m_theirs->readToEnd();
        m_theirs.reset();
    }
    Traffic wire() override { return m_capture.seen(); }

private:
    Capture m_capture;
    Socket m_listener;
    std::optional<Socket> m_theirs;
    std::optional<Socket> m_ours;
};

class RealLab : public ContractLab
{
public:
    explicit RealLab(Meter::Attach attach) : m_attach(attach)
    {
        join(m_wanHost, 0, QStringLiteral("wan0"));
        join(m_lanHost, 1, QStringLiteral("lan0"));
        m_here.command(QStringLiteral("sysctl"),
                       {QStringLiteral("-qw"), QStringLiteral("net.ipv4.ip_forward=1"),
                        QStringLiteral("net.ipv6.conf.all.forwarding=1")});
        m_here.enter();
    }

    std::unique_ptr<Kernel> kernel() override
    {
        return std::make_unique<RealKernel>(Meter::Options{m_bpffs.pinDirectory(), m_attach});
    }

    void receiveDatagrams(const Conversation &conversation, size_t payload, int count) override
    {
        const Socket ours = Socket::udp(m_here, local(conversation));
        const Socket theirs = Socket::udp(host(conversation), remote(conversation));
        transfer(theirs, ours, local(conversation), payload, count);
    }

    void sendDatagrams(const Conversation &conversation, size_t payload, int count) override
    {
        const Socket ours = Socket::udp(m_here, local(conversation));
        const Socket theirs = Socket::udp(host(conversation), remote(conversation));
        transfer(ours, theirs, remote(conversation), payload, count);
    }

    std::unique_ptr<Connection> connect(const Conversation &conversation) override
    {
        return std::make_unique<RealConnection>(m_here, host(conversation), "eth0", local(conversation),
                                                remote(conversation));
    }

    void forwardDatagrams(Family family, quint16 sourcePort, quint16 destinationPort, size_t payload,
                          int count) override
    {
        const Endpoint from = remote({family, 0, sourcePort, QStringLiteral("wan0")});
        const Endpoint to = remote({family, 0, destinationPort, QStringLiteral("lan0")});
        transfer(Socket::udp(m_wanHost, from), Socket::udp(m_lanHost, to), to, payload, count);
    }

    void addLink(const QString &name) override { joinByVeth({m_here, name}, {m_wanHost, name}); }
    void removeLink(const QString &name) override { m_here.ip(QStringLiteral("link del %1").arg(name)); }
    void renameLink(const QString &from, const QString &to) override
    {
        setUp(from, false); // older kernels rename only links that are down
        m_here.ip(QStringLiteral("link set %1 name %2").arg(from, to));
        setUp(to, true);
    }
    void setUp(const QString &name, bool up) override
    {
        m_here.ip(
            QStringLiteral("link set %1 %2").arg(name, up ? QStringLiteral("up") : QStringLiteral("down")));
    }

    void addBridge(const QString &name, const QString &port) override
    {
        m_here.ip(QStringLiteral("link add %1 type bridge").arg(name));
        m_here.ip(QStringLiteral("addr flush dev %1").arg(port));
        m_here.ip(QStringLiteral("link set %1 master %2").arg(port, name));
        m_here.ip(QStringLiteral("link set %1 up").arg(name));
        for (const QString &address : addresses(0, 1))
            addAddress(m_here, name, address);
    }

    QStringList traces() override
    {
        QStringList traces;
        if (QDir().exists(m_bpffs.pinDirectory()))
            traces += m_bpffs.pinDirectory();
        const QByteArray qdiscs =
            m_here.command(QStringLiteral("tc"), {QStringLiteral("qdisc"), QStringLiteral("show")});
        if (qdiscs.contains("clsact"))
            traces += QString::fromUtf8(qdiscs);
        const struct if_nameindex *const names = if_nameindex();
        for (const struct if_nameindex *name = names; name->if_index != 0; ++name) {
            for (const quint32 direction : {46u, 47u}) {
                if (const int programs = tcxPrograms(name->if_index, direction))
                    traces +=
                        QStringLiteral("%1 programs on %2").arg(programs).arg(QLatin1String(name->if_name));
            }
        }
        if_freenameindex(const_cast<struct if_nameindex *>(names));
        return traces;
    }

private:
    static QStringList addresses(int net, int host)
    {
        return {QStringLiteral("10.9.%1.%2/24").arg(net).arg(host),
                QStringLiteral("2001:db8:9:%1::%2/64").arg(net).arg(host)};
    }

    static void addAddress(const Netns &netns, const QString &link, const QString &address)
    {
        const QString atOnce = address.contains(QLatin1Char(':')) ? QStringLiteral(" nodad") : QString();
        netns.ip(QStringLiteral("addr add %1 dev %2%3").arg(address, link, atOnce));
    }

    void join(const Netns &host, int net, const QString &link)
    {
        // Without a link-local address a router asks for no IPv6 neighbour.
        const QStringList linkLocal = {QStringLiteral("fe80::1/64"), QStringLiteral("fe80::2/64")};
        joinByVeth({m_here, link, addresses(net, 1) + linkLocal.mid(0, 1)},
                   {host, QStringLiteral("eth0"), addresses(net, 2) + linkLocal.mid(1, 1)});
        host.ip(QStringLiteral("route add default via 10.9.%1.1").arg(net));
        host.ip(QStringLiteral("-6 route add default via 2001:db8:9:%1::1").arg(net));
    }

    /// How many programs a TCX hook of a link holds. Attach types 46 and 47 are younger than some systems'
    /// headers.
    static int tcxPrograms(quint32 link, quint32 direction)
    {
        bpf_attr attributes{};
        attributes.query.target_fd = link;
        attributes.query.attach_type = direction;
        if (syscall(SYS_bpf, BPF_PROG_QUERY, &attributes, sizeof attributes) != 0)
            return 0;
        return int(attributes.query.prog_cnt);
    }

    const Netns &host(const Conversation &conversation) const
    {
        return conversation.link == QLatin1String("lan0") ? m_lanHost : m_wanHost;
    }

    static Endpoint at(const Conversation &conversation, int host, quint16 port)
    {
        const int net = conversation.link == QLatin1String("lan0") ? 1 : 0;
        const QString address = addresses(net, host).at(conversation.family == Family::V4 ? 0 : 1);
        return endpoint(address.section(QLatin1Char('/'), 0, 0).toLatin1().constData(), port);
    }
    static Endpoint local(const Conversation &conversation)
    {
        return at(conversation, 1, conversation.localPort);
    }
    static Endpoint remote(const Conversation &conversation)
    {
        return at(conversation, 2, conversation.remotePort);
    }

    static void transfer(const Socket &from, const Socket &to, const Endpoint &destination, size_t payload,
                         int count)
    {
        // In small lots, so that no queue overflows.
        for (int left = count; left > 0; left -= 32) {
            from.sendTo(destination, payload, std::min(left, 32));
            to.receive(std::min(left, 32));
        }
    }

    const Meter::Attach m_attach;
    PrivateBpffs m_bpffs;
    Netns m_here;
    Netns m_wanHost;
    Netns m_lanHost;
};

} // namespace

std::unique_ptr<ContractLab> makeRealLab(Meter::Attach attach)
{
    return std::make_unique<RealLab>(attach);
}

} // namespace weir::test
