// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/packet_blaster.h"

#include <QtEndian>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::bench {

namespace {

constexpr int kFrameSize = 64;
constexpr int kBatch = 64;
constexpr int kIpOffset = 14;
constexpr int kUdpOffset = kIpOffset + 20;
constexpr quint32 kFirstSource = 0x0a800000; // 10.128.0.0, one address for each 50,000 flows
constexpr int kPortsPerSource = 50000;

[[noreturn]] void die(const char *what)
{
    std::fprintf(stderr, "bench: %s: %s\n", what, std::strerror(errno));
    std::exit(1);
}

quint16 headerChecksum(const uchar *header)
{
    quint32 sum = 0;
    for (int offset = 0; offset < 20; offset += 2)
        sum += qFromBigEndian<quint16>(header + offset);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return quint16(~sum);
}

} // namespace

PacketBlaster::PacketBlaster(const QString &link, const Load &load) : m_load(load)
{
    m_socket = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (m_socket < 0)
        die("cannot open a packet socket");
    m_linkIndex = int(if_nametoindex(link.toLocal8Bit().constData()));
    if (m_linkIndex == 0)
        die("no such link");
}

PacketBlaster::~PacketBlaster()
{
    ::close(m_socket);
}

void PacketBlaster::fillNextFrame(QByteArray &frame)
{
    const quint64 trainNumber = m_sent / quint64(m_load.train);
    const quint32 flow = quint32(trainNumber % quint64(m_load.flows));
    auto *bytes = reinterpret_cast<uchar *>(frame.data());
    qToBigEndian<quint32>(kFirstSource + flow / kPortsPerSource, bytes + kIpOffset + 12);
    qToBigEndian<quint16>(0, bytes + kIpOffset + 10);
    qToBigEndian<quint16>(headerChecksum(bytes + kIpOffset), bytes + kIpOffset + 10);
    qToBigEndian<quint16>(quint16(10000 + flow % kPortsPerSource), bytes + kUdpOffset);
    qToBigEndian<quint16>(m_load.ports[trainNumber % m_load.ports.size()], bytes + kUdpOffset + 2);
    ++m_sent;
}

double PacketBlaster::send(int packets)
{
    std::vector<QByteArray> frames(kBatch, QByteArray(kFrameSize, '\0'));
    std::vector<iovec> pieces(kBatch);
    std::vector<mmsghdr> messages(kBatch);
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_ifindex = m_linkIndex;
    to.sll_halen = 6;
    to.sll_protocol = htons(ETH_P_IP);
    for (int i = 0; i < kBatch; ++i) {
        auto *bytes = reinterpret_cast<uchar *>(frames[i].data());
        std::memcpy(bytes, m_load.destinationMac.data(), 6);
        std::memset(bytes + 6, 0x02, 6);
        qToBigEndian<quint16>(ETH_P_IP, bytes + 12);
        bytes[kIpOffset] = 0x45;
        qToBigEndian<quint16>(kFrameSize - kIpOffset, bytes + kIpOffset + 2);
        bytes[kIpOffset + 8] = 64;
        bytes[kIpOffset + 9] = IPPROTO_UDP;
        std::memcpy(bytes + kIpOffset + 16, &m_load.server, 4);
        qToBigEndian<quint16>(kFrameSize - kUdpOffset, bytes + kUdpOffset + 4);
        pieces[i] = {bytes, kFrameSize};
        messages[i].msg_hdr = {&to, sizeof to, &pieces[i], 1, nullptr, 0, 0};
    }
    std::chrono::nanoseconds spent{0};
    for (int left = packets; left > 0;) {
        const int batch = std::min(left, kBatch);
        for (int i = 0; i < batch; ++i)
            fillNextFrame(frames[i]);
        const auto begin = std::chrono::steady_clock::now();
        for (int done = 0; done < batch;) {
            const int n = sendmmsg(m_socket, messages.data() + done, unsigned(batch - done), 0);
            if (n < 0 && errno != ENOBUFS && errno != EAGAIN)
                die("cannot send");
            done += std::max(n, 0);
        }
        spent += std::chrono::steady_clock::now() - begin;
        left -= batch;
    }
    return double(spent.count()) / packets;
}

} // namespace weir::bench
