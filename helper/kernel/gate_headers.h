// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/govern_plan.h"
#include "helper/kernel/nft_expressions.h"

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netfilter/nf_tables.h>

/// Where things are in packets, and how the command nft numbers the types of keys in its lists.
namespace weir {

inline constexpr quint32 kIp4FragmentOffset = 6;
inline constexpr quint32 kIp4Id = 4;
inline constexpr quint32 kIp4Protocol = 9;
inline constexpr quint32 kIp4Source = 12;           ///< the destination is behind it
inline constexpr quint32 kIp6Source = 8;            ///< the destination is behind it
inline constexpr quint16 kIp4FragmentBits = 0x3fff; ///< more fragments, and the offset
inline constexpr quint16 kIp4OffsetBits = 0x1fff;
inline constexpr quint16 kIp4MoreBit = 0x2000;

// Of the fragment header.
inline constexpr quint32 kIp6FragmentOffset = 2;
inline constexpr quint32 kIp6FragmentId = 4;
inline constexpr quint16 kIp6FragmentBits = 0xfff9; ///< more fragments, and the offset
inline constexpr quint16 kIp6OffsetBits = 0xfff8;
inline constexpr quint16 kIp6MoreBit = 0x0001;

// Types of ICMPv6 messages; what finds neighbours and routers lies between.
inline constexpr quint8 kRouterSolicitation = 133;
inline constexpr quint8 kNeighbourAdvertisement = 136;

inline constexpr quint32 kTypeIp4 = 7;
inline constexpr quint32 kTypeIp6 = 8;
inline constexpr quint32 kTypeProtocol = 12;
inline constexpr quint32 kTypePort = 13;
inline constexpr quint32 kTypeMark = 19;
inline constexpr quint32 kTypeClass = 23;
inline constexpr quint32 kTypeCgroup = 46;

/// The type of keys that lie behind each other, each from a four-byte boundary on.
constexpr quint32 typeOf(std::initializer_list<quint32> parts)
{
    quint32 all = 0;
    for (const quint32 part : parts)
        all = all << 6 | part;
    return all;
}

inline nft::Rule isIp4()
{
    return nft::rule({nft::loadMeta(NFT_META_PROTOCOL), nft::equals(nft::networkOrder16(ETH_P_IP))});
}

inline nft::Rule isIp6()
{
    return nft::rule({nft::loadMeta(NFT_META_PROTOCOL), nft::equals(nft::networkOrder16(ETH_P_IPV6))});
}

/// The port on this machine's side; later fragments of a datagram have none, so what is read is not one.
inline nft::Expression ownPort(FlowDirection direction, nft::Register to = nft::Reg0)
{
    return nft::loadTransportHeader(direction == FlowDirection::Down ? 2 : 0, 2, to);
}

} // namespace weir
