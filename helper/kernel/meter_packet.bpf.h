/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Finds addresses, protocol, ports and the length of headers in a packet.
 *
 * Nearly every packet is plain: its headers lie at constant offsets in the linear part, where direct access
 * is quickest. (A program without CAP_PERFMON may not add a variable to a packet pointer.) All else, VLAN
 * tags in the frame, options, extension headers, fragments, headers outside the linear part, goes through
 * bpf_skb_load_bytes. Nothing is ever pulled or changed, and a packet cut off anywhere gives what could be
 * read. */

#include "meter_work.bpf.h"

#include <linux/if_ether.h>
#include <linux/in.h>
#include <stddef.h>

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

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, WEIR_MAX_FRAGMENTS);
    __type(key, struct weir_fragment_key);
    __type(value, struct weir_fragment);
} fragments SEC(".maps");

/* Where the port of this machine's side is counted. */
static __always_inline __u32 port_index(__u8 protocol, __u16 port, const int direction)
{
    if (protocol == IPPROTO_TCP)
        return ((__u32)direction * 2 + WEIR_TCP) * WEIR_PORTS + bpf_ntohs(port);
    if (protocol == IPPROTO_UDP)
        return ((__u32)direction * 2 + WEIR_UDP) * WEIR_PORTS + bpf_ntohs(port);
    return NO_PORT_COUNTER;
}

/* Protocol, length of headers and flags; 0 when the packet needs the thorough way. `transport` is where the
 * transport header begins, `offset` in the frame. */
static __always_inline int read_transport(const void *transport, const void *end, const __u32 offset,
                                          __u8 protocol, struct work *work)
{
    if (protocol == IPPROTO_TCP) {
        const struct tcp_start *tcp = transport;
        if (transport + TCP_HEADER > end)
            return 0;
        work->flags = tcp->flags;
        work->header = offset + (tcp->offset >> 4) * 4;
    } else if (protocol == IPPROTO_UDP) {
        if (transport + UDP_HEADER > end)
            return 0;
        work->header = offset + UDP_HEADER;
    } else {
        return 0;
    }
    work->protocol = protocol;
    return 1;
}

/* The common case; 0 when the packet needs the thorough way. `offset` is a constant: where the IP header
 * begins. */
static __always_inline int read_plain(struct __sk_buff *skb, struct work *work, const __u32 offset,
                                      const int direction)
{
    const void *data = (const void *)(long)skb->data;
    const void *end = (const void *)(long)skb->data_end;
    const void *network = data + offset;

    if (network + sizeof(struct iphdr) + UDP_HEADER > end)
        return 0;
    const __u8 first = *(const __u8 *)network;

    if (first == 0x45) {
        const struct iphdr *ip = network;
        const struct tcp_start *ports = network + sizeof(*ip);
        struct weir_flow4_key *key = &work->key4;

        if (offset && *(const __u16 *)(data + 12) != bpf_htons(ETH_P_IP))
            return 0;
        if (ip->frag_off & bpf_htons(0x3fff))
            return 0;
        if (!read_transport(network + sizeof(*ip), end, offset + sizeof(*ip), ip->protocol, work))
            return 0;
        work->version = 4;
        key->local = direction == WEIR_RECEIVED ? ip->daddr : ip->saddr;
        key->remote = direction == WEIR_RECEIVED ? ip->saddr : ip->daddr;
        const __u16 local = direction == WEIR_RECEIVED ? ports->destination_port : ports->source_port;
        key->local_port = local;
        key->remote_port = direction == WEIR_RECEIVED ? ports->source_port : ports->destination_port;
        key->slot = work->link_number;
        key->protocol = ip->protocol;
        key->spare = 0;
        work->port_index = port_index(ip->protocol, local, direction);
        return 1;
    }
    if (first >> 4 == 6) {
        const struct ipv6hdr *ip = network;
        const struct tcp_start *ports = network + sizeof(*ip);
        struct weir_flow6_key *key = &work->key6;

        if (network + sizeof(*ip) + UDP_HEADER > end)
            return 0;
        if (offset && *(const __u16 *)(data + 12) != bpf_htons(ETH_P_IPV6))
            return 0;
        if (!read_transport(network + sizeof(*ip), end, offset + sizeof(*ip), ip->nexthdr, work))
            return 0;
        work->version = 6;
        __builtin_memcpy(key->local, direction == WEIR_RECEIVED ? &ip->daddr : &ip->saddr,
                         sizeof(key->local));
        __builtin_memcpy(key->remote, direction == WEIR_RECEIVED ? &ip->saddr : &ip->daddr,
                         sizeof(key->remote));
        const __u16 local = direction == WEIR_RECEIVED ? ports->destination_port : ports->source_port;
        key->local_port = local;
        key->remote_port = direction == WEIR_RECEIVED ? ports->source_port : ports->destination_port;
        key->slot = work->link_number;
        key->protocol = ip->nexthdr;
        key->spare = 0;
        work->port_index = port_index(ip->nexthdr, local, direction);
        return 1;
    }
    return 0;
}

static __noinline int load_ports(struct __sk_buff *skb, __u32 offset, struct work *work)
{
    struct packet *packet = &work->packet;
    struct tcp_start *start = &packet->transport;

    work->header = offset;
    switch (work->protocol) {
    case IPPROTO_TCP:
    case IPPROTO_UDP:
    case IPPROTO_SCTP:
    case PROTOCOL_DCCP:
    case PROTOCOL_UDPLITE:
        break;
    default:
        return 0;
    }
    if (bpf_skb_load_bytes(skb, offset, start, 4) < 0)
        return 0;
    packet->source_port = start->source_port;
    packet->destination_port = start->destination_port;
    packet->ports_known = 1;
    if (work->protocol != IPPROTO_TCP)
        work->header += work->protocol == IPPROTO_SCTP ? SCTP_HEADER : UDP_HEADER;
    else if (bpf_skb_load_bytes(skb, offset, start, offsetof(struct tcp_start, flags) + 1) == 0) {
        work->flags = start->flags;
        work->header += (start->offset >> 4) * 4;
    }
    return 0;
}

/* Only the first fragment has ports: remember them for the others, which follow it. */
static __always_inline void load_fragment_ports(struct __sk_buff *skb, __u32 offset, __u32 identification,
                                                __u32 position, struct work *work)
{
    struct packet *packet = &work->packet;
    struct weir_fragment_key *key = &packet->fragment;

    __builtin_memcpy(key->source, packet->source, sizeof(key->source));
    __builtin_memcpy(key->destination, packet->destination, sizeof(key->destination));
    key->identification = identification;
    key->protocol = work->protocol;
    key->version = work->version;

    if (position == 0) {
        load_ports(skb, offset, work);
        if (!packet->ports_known)
            return;
        packet->fragment_ports.source_port = packet->source_port;
        packet->fragment_ports.destination_port = packet->destination_port;
        bpf_map_update_elem(&fragments, key, &packet->fragment_ports, BPF_ANY);
        return;
    }
    work->header = offset;
    const struct weir_fragment *known = bpf_map_lookup_elem(&fragments, key);
    if (!known)
        return;
    packet->source_port = known->source_port;
    packet->destination_port = known->destination_port;
    packet->ports_known = 1;
}

static __always_inline void load_v4(struct __sk_buff *skb, __u32 offset, struct work *work)
{
    struct packet *packet = &work->packet;
    struct iphdr *ip = &packet->ip;

    if (bpf_skb_load_bytes(skb, offset, ip, sizeof(*ip)) < 0 || ip->version != 4 || ip->ihl < 5)
        return;
    work->version = 4;
    work->protocol = ip->protocol;
    packet->source[0] = ip->saddr;
    packet->destination[0] = ip->daddr;
    offset += ip->ihl * 4;
    if (ip->frag_off & bpf_htons(0x3fff))
        load_fragment_ports(skb, offset, ip->id, ip->frag_off & bpf_htons(0x1fff), work);
    else
        load_ports(skb, offset, work);
}

static __always_inline int is_extension(__u8 protocol)
{
    return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING || protocol == IPPROTO_DSTOPTS
        || protocol == IPPROTO_AH || protocol == IPPROTO_FRAGMENT || protocol == PROTOCOL_MOBILITY;
}

static __always_inline void load_v6(struct __sk_buff *skb, __u32 offset, struct work *work)
{
    struct packet *packet = &work->packet;
    struct ipv6hdr *ip = &packet->ip6;
    struct extension_start *extension = &packet->extension;

    if (bpf_skb_load_bytes(skb, offset, ip, sizeof(*ip)) < 0 || ip->version != 6)
        return;
    work->version = 6;
    work->protocol = ip->nexthdr;
    __builtin_memcpy(packet->source, &ip->saddr, sizeof(packet->source));
    __builtin_memcpy(packet->destination, &ip->daddr, sizeof(packet->destination));
    offset += sizeof(*ip);
    work->header = offset;

    /* The verifier follows mispredicted branches too, on which a counted loop has no end. */
#pragma unroll
    for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
        const __u8 kind = work->protocol;

        if (!is_extension(kind))
            break;
        if (bpf_skb_load_bytes(skb, offset, extension, sizeof(*extension)) < 0)
            return;
        work->protocol = extension->next;
        if (kind == IPPROTO_FRAGMENT)
            offset += sizeof(*extension);
        else
            offset += kind == IPPROTO_AH ? (extension->length + 2) * 4 : (extension->length + 1) * 8;
        work->header = offset;
        /* What follows a later fragment's header is payload, whatever `next` says. */
        if (kind == IPPROTO_FRAGMENT && (extension->fragment & bpf_htons(0xfff9))) {
            load_fragment_ports(skb, offset, extension->identification,
                                extension->fragment & bpf_htons(0xfff8), work);
            return;
        }
    }
    load_ports(skb, offset, work);
}

/* Addresses, ports and what else the frame says; what is not IP keeps version 0. */
static __noinline int load_frame(struct __sk_buff *skb, struct work *work)
{
    __u32 offset = 0;
    __u8 *first = (__u8 *)&work->packet.ip;

    if (work->ethernet) {
        __u16 *type = &work->packet.extension.fragment;

        offset = offsetof(struct ethhdr, h_proto);
#pragma unroll
        for (int i = 0; i <= MAX_VLAN_TAGS; i++) {
            if (bpf_skb_load_bytes(skb, offset, type, sizeof(*type)) < 0)
                return 0;
            if (*type != bpf_htons(ETH_P_8021Q) && *type != bpf_htons(ETH_P_8021AD))
                break;
            offset += VLAN_TAG;
        }
        offset += sizeof(*type);
        if (*type == bpf_htons(ETH_P_IP))
            load_v4(skb, offset, work);
        else if (*type == bpf_htons(ETH_P_IPV6))
            load_v6(skb, offset, work);
        return 0;
    }
    if (bpf_skb_load_bytes(skb, 0, first, sizeof(*first)) < 0)
        return 0;
    if (*first >> 4 == 4)
        load_v4(skb, 0, work);
    else if (*first >> 4 == 6)
        load_v6(skb, 0, work);
    return 0;
}

/* The thorough way, for any packet. */
static __noinline int load_any(struct __sk_buff *skb, struct work *work, int direction)
{
    struct packet *packet = &work->packet;

    /* The plain way may have got half through. */
    work->version = 0;
    work->protocol = 0;
    work->flags = 0;
    work->header = 0;
    work->port_index = NO_PORT_COUNTER;
    __builtin_memset(packet, 0, offsetof(struct packet, ip));
    load_frame(skb, work);

    const __u16 local = direction == WEIR_RECEIVED ? packet->destination_port : packet->source_port;
    const __u16 remote = direction == WEIR_RECEIVED ? packet->source_port : packet->destination_port;
    if (packet->ports_known)
        work->port_index = port_index(work->protocol, local, direction);
    if (work->version == 4) {
        struct weir_flow4_key *key = &work->key4;
        key->local = direction == WEIR_RECEIVED ? packet->destination[0] : packet->source[0];
        key->remote = direction == WEIR_RECEIVED ? packet->source[0] : packet->destination[0];
        key->local_port = local;
        key->remote_port = remote;
        key->slot = work->link_number;
        key->protocol = work->protocol;
        key->spare = 0;
    } else if (work->version == 6) {
        struct weir_flow6_key *key = &work->key6;
        if (direction == WEIR_RECEIVED) {
            __builtin_memcpy(key->local, packet->destination, sizeof(key->local));
            __builtin_memcpy(key->remote, packet->source, sizeof(key->remote));
        } else {
            __builtin_memcpy(key->local, packet->source, sizeof(key->local));
            __builtin_memcpy(key->remote, packet->destination, sizeof(key->remote));
        }
        key->local_port = local;
        key->remote_port = remote;
        key->slot = work->link_number;
        key->protocol = work->protocol;
        key->spare = 0;
    }
    return 0;
}

/* For links without an Ethernet header. */
static __noinline int read_without_ethernet(struct __sk_buff *skb, struct work *work, int direction)
{
    if (direction == WEIR_RECEIVED)
        return read_plain(skb, work, 0, WEIR_RECEIVED);
    return read_plain(skb, work, 0, WEIR_SENT);
}

/* Fills in what the packet says of itself: version, protocol, header, flags, the flow's key, the port's
 * index. */
static __always_inline void read_packet(struct __sk_buff *skb, struct work *work, const int direction)
{
    if (work->ethernet ? read_plain(skb, work, ETH_HLEN, direction)
                       : read_without_ethernet(skb, work, direction))
        return;
    load_any(skb, work, direction);
}
