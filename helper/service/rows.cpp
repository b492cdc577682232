// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/rows.h"

#include "dbus/port_list.h"
#include "helper/service/limit_rows.h"

namespace weir {

dbus::Traffic toWire(const Traffic &traffic)
{
    return {traffic.rxBytes, traffic.txBytes, traffic.rxPackets, traffic.txPackets};
}

namespace {

dbus::Rate toWire(const std::optional<Rate> &rate)
{
    if (!rate)
        return {};
    return {true, rate->rxBytesPerSecond, rate->txBytesPerSecond};
}

QString kindName(LinkKind kind)
{
    switch (kind) {
    case LinkKind::Ethernet:
        return QStringLiteral("ethernet");
    case LinkKind::Wifi:
        return QStringLiteral("wifi");
    case LinkKind::Ppp:
        return QStringLiteral("ppp");
    case LinkKind::Tun:
        return QStringLiteral("tun");
    case LinkKind::Wireguard:
        return QStringLiteral("wireguard");
    case LinkKind::Bridge:
        return QStringLiteral("bridge");
    case LinkKind::Bond:
        return QStringLiteral("bond");
    case LinkKind::Vlan:
        return QStringLiteral("vlan");
    case LinkKind::Veth:
        return QStringLiteral("veth");
    case LinkKind::Loopback:
        return QStringLiteral("loopback");
    case LinkKind::Other:
        return QStringLiteral("other");
    }
    Q_UNREACHABLE();
}

QString protocolsName(Protocols protocols)
{
    switch (protocols) {
    case Protocols::Tcp:
        return QStringLiteral("tcp");
    case Protocols::Udp:
        return QStringLiteral("udp");
    case Protocols::Both:
        return QStringLiteral("both");
    }
    Q_UNREACHABLE();
}

QString portsText(const PortRanges &ranges)
{
    QList<dbus::PortRange> list;
    for (const PortRange &range : ranges)
        list.append({range.first, range.last});
    return dbus::formatPortList(list);
}

QStringList addressesOf(const Link &link)
{
    QStringList texts;
    for (size_t i = 0; i < link.addresses.size(); ++i)
        texts << QStringLiteral("%1/%2").arg(toString(link.addresses[i])).arg(link.prefixLengths.at(i));
    return texts;
}

} // namespace

dbus::LinkRow toRow(const LinkStatus &status)
{
    const Link &link = status.link;
    dbus::LinkRow row;
    row.name = link.name;
    row.index = uint(link.index);
    row.kind = kindName(link.kind);
    row.state = link.up ? QStringLiteral("up") : QStringLiteral("down");
    row.metered = status.metered;
    row.reason = status.reason;
    row.speedBitsPerSecond = link.speedBitsPerSecond;
    row.addresses = addressesOf(link);
    row.since = status.sinceS;
    row.total = toWire(status.total.total() + status.other + status.unmetered);
    row.internet = toWire(status.total.internet);
    row.local = toWire(status.total.local);
    row.other = toWire(status.other);
    row.unmetered = toWire(status.unmetered);
    row.rate = toWire(status.rate);
    return row;
}

dbus::WatchRow toRow(const WatchStatus &status)
{
    const WatchRecord &record = status.record;
    dbus::WatchRow row;
    row.name = record.spec.name;
    row.revision = record.revision;
    switch (record.spec.kind) {
    case WatchKind::Ports:
        row.kind = QStringLiteral("ports");
        row.ports = portsText(record.spec.ports);
        row.protocol = protocolsName(record.spec.protocols);
        break;
    case WatchKind::Link:
        row.kind = QStringLiteral("link");
        row.link = record.spec.link;
        break;
    case WatchKind::Service:
        row.kind = QStringLiteral("service");
        row.service = record.spec.service;
        break;
    }
    row.note = record.spec.note;
    row.enabled = record.spec.enabled;
    row.since = record.createdS;
    row.total = toWire(record.total.total() + record.totalOther);
    row.internet = toWire(record.total.internet);
    row.local = toWire(record.total.local);
    row.rate = toWire(status.rate);
    row.connections = status.connections;
    row.owner = status.owner;
    row.ownerState = status.ownerState;
    row.limit = toLimitState(status);
    row.quota = toQuotaState(status);
    row.burst = toBurstState(status);
    return row;
}

dbus::ServiceRow toRow(const ServiceStatus &status)
{
    dbus::ServiceRow row;
    row.name = status.name;
    row.kind = serviceKindName(status.kind);
    row.cgroups = status.cgroups;
    row.since = status.sinceS;
    row.total = toWire(status.total.wire.total());
    row.internet = toWire(status.total.wire.internet);
    row.local = toWire(status.total.wire.local);
    row.loopback = toWire(status.total.loopback);
    row.rate = toWire(status.rate);
    return row;
}

dbus::FlowRow toRow(const FlowStatus &status)
{
    const Flow &flow = status.flow;
    dbus::FlowRow row;
    row.id = status.id;
    row.protocol = protocolName(flow.key.protocol);
    row.link = status.linkName;
    row.localAddress = toString(flow.key.local);
    row.localPort = flow.key.localPort;
    row.remoteAddress = toString(flow.key.remote);
    row.remotePort = flow.key.remotePort;
    row.state = stateName(status);
    row.scope = flow.internet ? QStringLiteral("internet") : QStringLiteral("local");
    row.total = toWire(flow.traffic);
    row.rate = toWire(status.rate);
    row.firstMs = status.firstMs;
    row.lastMs = status.lastMs;
    row.watches = status.watches;
    return row;
}

dbus::ProblemRow toRow(const Problem &problem)
{
    return {problem.what.id,   problem.what.severity, problem.what.subject,
            problem.what.text, problem.what.remedy,   problem.sinceS};
}

} // namespace weir
