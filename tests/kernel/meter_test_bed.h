// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/meter_counters.h"
#include "helper/kernel/meter_flows.h"
#include "helper/kernel/meter_object.h"

#include <QByteArray>

namespace weir::test {

/// What a packet comes with besides its bytes.
struct PacketContext {
    quint32 segments = 0;    ///< gso_segs
    quint32 segmentSize = 0; ///< gso_size
    int from = 0;            ///< index of the interface that it came in by, when it is forwarded
};

/// The meter's programs with maps of their own, attached to nothing: packets are fed to them by
/// BPF_PROG_TEST_RUN, as if they passed the loopback of the calling thread's namespace. A failure ends the
/// program with its reason.
class MeterTestBed
{
public:
    enum class Framing { Ethernet, Ip };

    explicit MeterTestBed(Framing framing = Framing::Ethernet);

    /// The kernel feeds no less of this frame: a byte behind the Ethernet header, an IP header where the type
    /// says so.
    static int shortest(const QByteArray &packet);

    /// Gives the packet to the program, `times` times; what the program returned.
    int feed(Hook hook, const QByteArray &packet, const PacketContext &context = {}, int times = 1);

    MeterSample sample(const std::vector<Atom> &atoms = {});
    LinkMeter link(); ///< of the loopback
    /// Sorted by key. The table is told that it is `later` than it is.
    std::vector<Flow> flows(std::chrono::seconds later = {});
    MeterObject &object() { return m_object; }
    MeterCounters &counters() { return m_counters; }
    FlowMap &flows4() { return m_flows4; }

    static constexpr int kLoopback = 1;

private:
    MeterObject m_object;
    MeterCounters m_counters;
    FlowMap m_flows4;
    FlowMap m_flows6;
};

/// Packets byte by byte. Addresses as text; checksums are left zero, for the meter does not look at them.
namespace packet {

enum Protocol : quint8 { Icmp = 1, Tcp = 6, Udp = 17, Icmp6 = 58, Sctp = 132, Experimental = 253 };

QByteArray ethernet(quint16 type, const QByteArray &payload);
QByteArray vlan(quint16 tagType, quint16 type, const QByteArray &payload); ///< Ethernet with one tag
QByteArray tag(quint16 type, const QByteArray &payload);                   ///< what follows a tag's type

struct V4 {
    const char *source = "203.0.113.9";
    const char *destination = "203.0.113.1";
    quint8 protocol = Udp;
    QByteArray options = {}; ///< a multiple of 4 bytes
    quint16 identification = 0;
    quint16 fragment = 0; ///< position in units of 8 bytes, 0x2000: more follow
};
QByteArray v4(const V4 &header, const QByteArray &payload);

struct V6 {
    const char *source = "2001:db8::9";
    const char *destination = "2001:db8::1";
    quint8 next = Udp;
};
QByteArray v6(const V6 &header, const QByteArray &payload);

QByteArray udp(quint16 source, quint16 destination, int payload);
QByteArray tcp(quint16 source, quint16 destination, quint8 flags, int payload, int options = 0);
QByteArray big16(quint16 value);
QByteArray zeros(int count);

/// In an Ethernet frame.
QByteArray v4Frame(const V4 &header, const QByteArray &payload);
QByteArray v6Frame(const V6 &header, const QByteArray &payload);

} // namespace packet

} // namespace weir::test
