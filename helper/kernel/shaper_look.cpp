// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/shaper.h"
#include "helper/kernel/shaper_messages.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>

// What the shaper sees when it looks into the kernel.
namespace weir {

using namespace shaper;

namespace {

constexpr quint32 kFrameHeader = 14 + 2 * 4; // Ethernet, two VLAN tags
constexpr quint32 kStep = 80;                // see Leaf::largestPacket
constexpr quint32 kOrdinaryMtu = 1500;

} // namespace

Result<void> Shaper::look()
{
    m_present.clear();
    m_hasRoot = false;
    auto done = lookForDevice();
    if (done)
        done = readLargestPacket();
    if (done && m_device)
        done = lookForClasses();
    if (done && m_device)
        done = lookForQdiscs();
    return done;
}

Result<void> Shaper::lookForDevice()
{
    m_device.reset();
    const QString name = QLatin1String(kDeviceName);
    auto done = m_socket->request(QStringLiteral("look for %1").arg(name), askDevice(kDeviceName),
                                  [&](nlmsghdr *message) { m_device = parseDevice(message); });
    if (!done && done.error().kind != ErrorKind::NotFound)
        return done;
    if (m_device && !m_device->isIfb) {
        m_device.reset();
        return failure(ErrorKind::KernelRefused,
                       QStringLiteral("cannot use %1: an interface of that name is no ifb device").arg(name));
    }
    if (m_device)
        m_index = m_device->index;
    return {};
}

Result<void> Shaper::readLargestPacket()
{
    quint32 mtu = kOrdinaryMtu;
    const NetlinkMessage request = dumpLinks();
    auto done = m_socket->dump(
        QStringLiteral("list links"), request.get(),
        [&](nlmsghdr *message) {
            const auto device = parseDevice(message);
            if (device && (m_links.empty() ? !device->isLoopback : m_links.contains(device->index)))
                mtu = std::max(mtu, device->mtu);
        },
        [&] { mtu = kOrdinaryMtu; });
    m_leaves.largestPacket = (mtu + kFrameHeader + kStep - 1) / kStep * kStep;
    return done;
}

Result<void> Shaper::lookForClasses()
{
    m_present.clear();
    return dumpClasses(
        [this](const FoundClass &found) { m_present.insert_or_assign(found.minor, found.values); },
        [this] { m_present.clear(); });
}

Result<void> Shaper::lookForQdiscs()
{
    const NetlinkMessage request = dumpQdiscs();
    m_leafDrops.clear();
    return m_socket->dump(
        QStringLiteral("list the queues of %1").arg(QLatin1String(kDeviceName)), request.get(),
        [&](nlmsghdr *message) {
            const auto found = parseQdisc(message);
            if (!found || found->device != m_index)
                return;
            m_hasRoot = m_hasRoot || found->isOurRoot;
            const auto present = m_present.find(quint16(found->parent));
            if (found->parent >> 16 != kMajor || present == m_present.end())
                return;
            present->second.leaf = found->leaf;
            m_leafDrops[present->first] = found->droppedPackets;
        },
        [] {});
}

Result<void> Shaper::dumpClasses(const std::function<void(const FoundClass &)> &each,
                                 const std::function<void()> &restart)
{
    const NetlinkMessage request = shaper::dumpClasses(m_index);
    return m_socket->dump(
        QStringLiteral("list the classes of %1").arg(QLatin1String(kDeviceName)), request.get(),
        [&](nlmsghdr *message) {
            if (const auto found = parseClass(message))
                each(*found);
        },
        restart);
}

} // namespace weir
