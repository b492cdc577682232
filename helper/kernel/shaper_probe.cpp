// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/shaper_probe.h"

#include "helper/kernel/shaper_messages.h"
#include "helper/kernel/shaper_reading.h"

#include <vector>

namespace weir::shaper {

namespace {

constexpr char kName[] = "weirprobe0";
constexpr const char *kDevicesOfModule[] = {"ifb0", "ifb1"};
constexpr quint16 kMinor = 0x10;
constexpr quint64 kBytesPerSecond = 1'000'000;

/// Index of the device of that name, 0 when there is none.
int find(NetlinkSocket &socket, const char *name)
{
    int index = 0;
    // That there is none is the ordinary case.
    (void)socket.request(QStringLiteral("look for %1").arg(QLatin1String(name)), askDevice(name),
                         [&](nlmsghdr *message) {
                             if (const auto device = parseDevice(message))
                                 index = device->index;
                         });
    return index;
}

Result<void> removeDevice(NetlinkSocket &socket, const char *name)
{
    const int index = find(socket, name);
    return index ? socket.request(QStringLiteral("remove %1").arg(QLatin1String(name)), deleteDevice(index))
                 : Result<void>();
}

KernelParts tryOn(NetlinkSocket &socket, int index)
{
    const auto works = [&](NetlinkMessage message) {
        return socket.request(QStringLiteral("try the shaper"), std::move(message)).has_value();
    };
    Class values;
    values.bytesPerSecond = values.ceilingBytesPerSecond = kBytesPerSecond;
    values.burstTicks = values.ceilingBurstTicks = burstTicks(kBytesPerSecond);
    values.quantum = 6144;
    KernelParts parts;
    parts.hasIfb = true;
    parts.hasHtb = works(makeRoot(index)) && works(putClass(index, kMinor, values));
    if (!parts.hasHtb)
        return parts;
    const auto hasLeaf = [&](const Leaf &leaf) {
        return works(putLeaf(index, kMinor, kBytesPerSecond, leaf, LeafKind::None));
    };
    parts.hasTbf = hasLeaf({LeafKind::Splitting, 16'000, 1600});
    parts.hasFqCodel = hasLeaf({LeafKind::FairQueue, 272'000, 0});
    return parts;
}

} // namespace

std::optional<QString> KernelParts::missing() const
{
    if (!hasIfb)
        return QStringLiteral("this kernel has no ifb devices (module ifb): no rate can be limited");
    if (!hasHtb)
        return QStringLiteral("this kernel has no HTB queueing (module sch_htb): no rate can be limited");
    return std::nullopt;
}

Result<void> removeProbe(NetlinkSocket &socket)
{
    return removeDevice(socket, kName);
}

Result<KernelParts> probeKernel(NetlinkSocket &socket)
{
    if (auto removed = removeProbe(socket); !removed)
        return std::unexpected(removed.error());
    std::vector<const char *> unasked;
    for (const char *name : kDevicesOfModule) {
        if (!find(socket, name))
            unasked.push_back(name);
    }
    const auto made = socket.request(QStringLiteral("try ifb devices"), makeDevice(kName, 0));
    if (!made && made.error().kind == ErrorKind::Unsupported)
        return KernelParts{};
    if (!made)
        return std::unexpected(made.error());
    const KernelParts parts = tryOn(socket, find(socket, kName));
    for (const char *name : unasked) {
        if (auto removed = removeDevice(socket, name); !removed)
            return std::unexpected(removed.error());
    }
    if (auto removed = removeProbe(socket); !removed)
        return std::unexpected(removed.error());
    return parts;
}

} // namespace weir::shaper
