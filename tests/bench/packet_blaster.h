// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

#include <array>
#include <chrono>
#include <vector>

namespace weir::bench {

/// What the blaster sends: UDP datagrams of 64-byte frames to `server`, from `flows` different sources.
struct Load {
    std::array<quint8, 6> destinationMac{};
    quint32 server = 0;         ///< IPv4 address in network byte order
    std::vector<quint16> ports; ///< destination ports, taken in turn with each train
    int flows = 1;              ///< distinct (source address, source port) pairs
    int train = 1;              ///< packets of one flow in a row
};

/// Sends ready-made frames through AF_PACKET on one veth end. The receive path of the other end runs inside
/// the send call on the same core, so the time of sending is the time of the whole path.
class PacketBlaster
{
public:
    /// Opens the socket in the caller's network namespace. Ends the program with a message when it cannot.
    PacketBlaster(const QString &link, const Load &load);
    ~PacketBlaster();
    PacketBlaster(const PacketBlaster &) = delete;
    PacketBlaster &operator=(const PacketBlaster &) = delete;

    /// Sends `packets` frames and returns nanoseconds per packet. Frames go on where the last call ended.
    double send(int packets);

private:
    void fillNextFrame(QByteArray &frame);

    Load m_load;
    int m_socket = -1;
    int m_linkIndex = 0;
    quint64 m_sent = 0;
};

} // namespace weir::bench
