// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/address.h"
#include "helper/engine/traffic.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace weir {

enum class LinkKind : quint8 {
    Ethernet,
    Wifi,
    Ppp,
    Tun,
    Wireguard,
    Bridge,
    Bond,
    Vlan,
    Veth,
    Loopback,
    Other
};

/// A network interface as the kernel describes it.
struct Link {
    int index = 0;
    QString name;
    LinkKind kind = LinkKind::Other;
    bool up = false;                ///< IFF_UP and running
    bool hardware = false;          ///< has a device below it (a NIC, a modem, a paravirtual NIC)
    bool ethernet = false;          ///< frames begin with a 14-byte Ethernet header; else with the IP header
    int master = 0;                 ///< bridge or bond that it is a port of, 0 for none
    int lower = 0;                  ///< link that it stands on (VLAN, macvlan) in this namespace, 0 for none
    bool defaultRoute = false;      ///< carries a default route of the main table, IPv4 or IPv6
    QByteArray hardwareAddress;     ///< permanent one where there is one
    quint64 speedBitsPerSecond = 0; ///< 0 when not told
    Traffic counters;               ///< the link's own 64-bit counters, not expanded by the meter
    std::vector<Address> addresses; ///< with their prefix lengths in `prefixes`, same order
    std::vector<quint8> prefixLengths;
    std::vector<Prefix>
        onLinkPrefixes; ///< what is reached without a gateway: addresses' networks and on-link routes
    bool operator==(const Link &) const = default;
};

} // namespace weir
