// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/meter.h"
#include "tests/support/netns.h"
#include "tests/support/sockets.h"

#include <QStringList>

#include <memory>
#include <utility>

namespace weir::test {

/// Bytes of the headers of a datagram in an Ethernet frame.
constexpr quint64 kUdp4 = 14 + 20 + 8;
constexpr quint64 kUdp6 = 14 + 40 + 8;

/// Three hosts and a bpffs for a meter: `here`, where the calling thread is, its neighbour `there` behind s0
/// (203.0.113.1 and 2001:db8::1 here, .2 and ::2 there), and a host `beyond` that only `here` leads to,
/// behind s1 (198.51.100.1, .2).
class MeterLab
{
public:
    explicit MeterLab(Meter::Attach way);

    Netns here;
    Netns there;
    Netns beyond;
    PrivateBpffs bpffs;
    Meter::Attach attach;

    bool tcx() const { return attach == Meter::Attach::Tcx; }
    /// As meter_tool says it.
    QString mode() const { return tcx() ? QStringLiteral("mode tcx") : QStringLiteral("mode clsact"); }
    QString pins() const { return bpffs.pinDirectory(); }
    std::unique_ptr<Meter> started() const;

    /// Runs `tc` here: tc("qdisc add dev s0 clsact").
    QByteArray tc(const QString &arguments) const;

    /// All qdiscs here and the filters of s0.
    QByteArray trafficControl() const;

    /// `count` datagrams of `size` bytes in each direction and IP version, here from port 8000 and there from
    /// 5000.
    void exchange(int count, size_t size) const;

    /// Lets `there` and `beyond` reach each other by way of `here`.
    void forward() const;

    /// Sends a frame as it is from `there`; returns when `here` has it.
    void sendFrame(const QByteArray &frame) const;

    /// Runs meter_tool or meter_tool_layout2 on s0, through the command `prefix`; the lines that it printed.
    QStringList tool(const QString &program, const QStringList &prefix = {}) const;
};

Meter::Target target(const char *link);
Atom udpAtom(quint32 id, PortRanges ranges);

MeterSample sampleOf(Meter &meter);
LinkMeter linkOf(Meter &meter, int index);
QStringList problemIds(const Meter &meter);

/// What the kernel itself counted on a link of the thread's namespace.
Traffic kernelCounters(const char *link);

/// The kernel's count and the meter's of a link, with no packet in between.
std::pair<Traffic, Traffic> bothCounts(Meter &meter, const char *link);

} // namespace weir::test
