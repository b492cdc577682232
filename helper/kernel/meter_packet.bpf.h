/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Finds addresses, protocol, ports and the length of headers in a packet.
 *
 * Nearly every packet is plain: its headers lie at constant offsets in the linear part, where direct access
 * is quickest. (A program without CAP_PERFMON may not add a variable to a packet pointer.) All else, VLAN
 * tags in the frame, options, extension headers, fragments, headers outside the linear part, goes through
 * bpf_skb_load_bytes. Nothing is ever pulled or changed, and a packet cut off anywhere gives what could be
 * read. */

#include "meter_layout.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum {
    TCP_HEADER = 20,
    UDP_HEADER = 8,
    SCTP_HEADER = 12,
    VLAN_TAG = 4,
    MAX_VLAN_TAGS = 2,
    MAX_EXTENSION_HEADERS = 8,
    PROTOCOL_DCCP = 33,
    PROTOCOL_MOBILITY = 135,
    PROTOCOL_UDPLITE = 136,
};

struct packet {
    __u32 source[4]; /* version 4: the first word */
    __u32 destination[4];
    __u32 header;      /* bytes of link, IP and transport header: what each segment carries anew */
    __u16 source_port; /* network order; 0 when there are none */
    __u16 destination_port;
    __u8 version; /* 4, 6, or 0: not IP */
    __u8 protocol;
    __u8 flags; /* of TCP */
    __u8 ports_known;
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, WEIR_MAX_FRAGMENTS);
    __type(key, struct weir_fragment_key);
    __type(value, struct weir_fragment);
} fragments SEC(".maps");

struct tcp_start {
    __u16 source_port;
    __u16 destination_port;
    __u32 sequence;
    __u32 acknowledgement;
    __u8 offset;
    __u8 flags;
};

static __always_inline int read_transport(const void *transport, const void *end, __u32 offset,
                                          struct packet *packet)
{
    if (packet->protocol == IPPROTO_TCP) {
        const struct tcp_start *tcp = transport;
        if (transport + TCP_HEADER > end)
            return 0;
        packet->source_port = tcp->source_port;
        packet->destination_port = tcp->destination_port;
        packet->flags = tcp->flags;
        packet->header = offset + (tcp->offset >> 4) * 4;
        packet->ports_known = 1;
        return 1;
    }
    if (packet->protocol == IPPROTO_UDP) {
        const __u16 *ports = transport;
        if (transport + UDP_HEADER > end)
            return 0;
        packet->source_port = ports[0];
        packet->destination_port = ports[1];
        packet->header = offset + UDP_HEADER;
        packet->ports_known = 1;
        return 1;
    }
    return 0;
}

/* The common case; 0 when the packet needs the thorough way. `offset` is a constant: where the IP header
 * begins. */
static __always_inline int read_plain(struct __sk_buff *skb, const __u32 offset, struct packet *packet)
{
    const void *data = (const void *)(long)skb->data;
    const void *end = (const void *)(long)skb->data_end;
    const void *network = data + offset;

    if (network + sizeof(struct iphdr) > end)
        return 0;
    const __u8 first = *(const __u8 *)network;

    if (first == 0x45) {
        const struct iphdr *ip = network;
        if (offset && *(const __u16 *)(data + 12) != bpf_htons(ETH_P_IP))
            return 0;
        if (ip->frag_off & bpf_htons(0x3fff))
            return 0;
        packet->protocol = ip->protocol;
        if (!read_transport(network + sizeof(*ip), end, offset + sizeof(*ip), packet))
            return 0;
        packet->source[0] = ip->saddr;
        packet->destination[0] = ip->daddr;
        packet->version = 4;
        return 1;
    }
    if (first >> 4 == 6) {
        const struct ipv6hdr *ip = network;
        if (network + sizeof(*ip) > end)
            return 0;
        if (offset && *(const __u16 *)(data + 12) != bpf_htons(ETH_P_IPV6))
            return 0;
        packet->protocol = ip->nexthdr;
        if (!read_transport(network + sizeof(*ip), end, offset + sizeof(*ip), packet))
            return 0;
        __builtin_memcpy(packet->source, &ip->saddr, sizeof(packet->source));
        __builtin_memcpy(packet->destination, &ip->daddr, sizeof(packet->destination));
        packet->version = 6;
        return 1;
    }
    return 0;
}

static __always_inline void load_ports(struct __sk_buff *skb, __u32 offset, struct packet *packet)
{
    struct tcp_start start = {};

    packet->header = offset;
    switch (packet->protocol) {
    case IPPROTO_TCP:
    case IPPROTO_UDP:
    case IPPROTO_SCTP:
    case PROTOCOL_DCCP:
    case PROTOCOL_UDPLITE:
        break;
    default:
        return;
    }
    if (bpf_skb_load_bytes(skb, offset, &start, 4) < 0)
        return;
    packet->source_port = start.source_port;
    packet->destination_port = start.destination_port;
    packet->ports_known = 1;
    if (packet->protocol != IPPROTO_TCP)
        packet->header += packet->protocol == IPPROTO_SCTP ? SCTP_HEADER : UDP_HEADER;
    else if (bpf_skb_load_bytes(skb, offset, &start, offsetof(struct tcp_start, flags) + 1) == 0) {
        packet->flags = start.flags;
        packet->header += (start.offset >> 4) * 4;
    }
}

/* Only the first fragment has ports: remember them for the others, which follow it. */
static __always_inline void load_fragment_ports(struct __sk_buff *skb, __u32 offset, __u32 identification,
                                                __u32 position, struct packet *packet)
{
    struct weir_fragment_key key = {};
    struct weir_fragment ports = {};

    __builtin_memcpy(key.source, packet->source, sizeof(key.source));
    __builtin_memcpy(key.destination, packet->destination, sizeof(key.destination));
    key.identification = identification;
    key.protocol = packet->protocol;
    key.version = packet->version;

    if (position == 0) {
        load_ports(skb, offset, packet);
        if (!packet->ports_known)
            return;
        ports.source_port = packet->source_port;
        ports.destination_port = packet->destination_port;
        bpf_map_update_elem(&fragments, &key, &ports, BPF_ANY);
        return;
    }
    packet->header = offset;
    const struct weir_fragment *known = bpf_map_lookup_elem(&fragments, &key);
    if (!known)
        return;
    packet->source_port = known->source_port;
    packet->destination_port = known->destination_port;
    packet->ports_known = 1;
}

static __always_inline void load_v4(struct __sk_buff *skb, __u32 offset, struct packet *packet)
{
    struct iphdr ip = {};

    if (bpf_skb_load_bytes(skb, offset, &ip, sizeof(ip)) < 0 || ip.version != 4 || ip.ihl < 5)
        return;
    packet->version = 4;
    packet->protocol = ip.protocol;
    packet->source[0] = ip.saddr;
    packet->destination[0] = ip.daddr;
    offset += ip.ihl * 4;
    if (ip.frag_off & bpf_htons(0x3fff))
        load_fragment_ports(skb, offset, ip.id, ip.frag_off & bpf_htons(0x1fff), packet);
    else
        load_ports(skb, offset, packet);
}

static __always_inline void load_v6(struct __sk_buff *skb, __u32 offset, struct packet *packet)
{
    struct ipv6hdr ip = {};

    if (bpf_skb_load_bytes(skb, offset, &ip, sizeof(ip)) < 0 || ip.version != 6)
        return;
    packet->version = 6;
    packet->protocol = ip.nexthdr;
    __builtin_memcpy(packet->source, &ip.saddr, sizeof(packet->source));
    __builtin_memcpy(packet->destination, &ip.daddr, sizeof(packet->destination));
    offset += sizeof(ip);
    packet->header = offset;

    for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
        struct {
            __u8 next;
            __u8 length;
            __u16 fragment; /* position and flags, in a fragment header */
            __u32 identification;
        } extension = {};

        switch (packet->protocol) {
        case IPPROTO_HOPOPTS:
        case IPPROTO_ROUTING:
        case IPPROTO_DSTOPTS:
        case IPPROTO_AH:
        case IPPROTO_FRAGMENT:
        case PROTOCOL_MOBILITY:
            break;
        default:
            load_ports(skb, offset, packet);
            return;
        }
        if (bpf_skb_load_bytes(skb, offset, &extension, sizeof(extension)) < 0)
            return;
        const __u8 kind = packet->protocol;
        packet->protocol = extension.next;
        if (kind == IPPROTO_FRAGMENT) {
            offset += sizeof(extension);
            packet->header = offset;
            if (extension.fragment & bpf_htons(0xfff9)) {
                /* What follows a later fragment's header is payload, whatever `next` says. */
                load_fragment_ports(skb, offset, extension.identification,
                                    extension.fragment & bpf_htons(0xfff8), packet);
                return;
            }
            continue;
        }
        offset += kind == IPPROTO_AH ? (extension.length + 2) * 4 : (extension.length + 1) * 8;
        packet->header = offset;
    }
}

/* The thorough way, for any packet. What is not IP keeps version 0. */
static __noinline int load_any(struct __sk_buff *skb, int ethernet, struct packet *packet)
{
    __u32 offset = 0;
    __u8 first = 0;

    /* The plain way may have got half through. */
    __builtin_memset(packet, 0, sizeof(*packet));
    if (ethernet) {
        __u16 type = 0;

        offset = offsetof(struct ethhdr, h_proto);
        for (int i = 0; i <= MAX_VLAN_TAGS; i++) {
            if (bpf_skb_load_bytes(skb, offset, &type, sizeof(type)) < 0)
                return 0;
            if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
                break;
            offset += VLAN_TAG;
        }
        offset += sizeof(type);
        if (type == bpf_htons(ETH_P_IP))
            load_v4(skb, offset, packet);
        else if (type == bpf_htons(ETH_P_IPV6))
            load_v6(skb, offset, packet);
        return 0;
    }
    if (bpf_skb_load_bytes(skb, 0, &first, sizeof(first)) < 0)
        return 0;
    if (first >> 4 == 4)
        load_v4(skb, 0, packet);
    else if (first >> 4 == 6)
        load_v6(skb, 0, packet);
    return 0;
}

/* Fills `packet`, which must be zeroed. */
static __always_inline void read_packet(struct __sk_buff *skb, int ethernet, struct packet *packet)
{
    if (ethernet ? read_plain(skb, ETH_HLEN, packet) : read_plain(skb, 0, packet))
        return;
    load_any(skb, ethernet, packet);
}
