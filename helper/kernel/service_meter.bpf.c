// SPDX-License-Identifier: GPL-3.0-or-later

/* Counts the packets of each cgroup's sockets, where they enter and leave the sockets.
 *
 * Attached to a cgroup, the programs see the packets of all sockets below it, of every network namespace and
 * every IP protocol, from the network header on. Which cgroup a socket belongs to is settled when it is made,
 * so a process that lives for a moment is counted like any other. Every way out lets the packet pass. */

#include "service_scope.bpf.h"

#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stddef.h>

enum {
    PASS = 1,
    TCP_OFFSET_AT = 12,
    UDP_HEADER = 8,
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct weir_service_layout);
} layout SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct weir_service_settings);
} settings SEC(".maps");

/* Bytes before the network header by interface index, where they are not those of Ethernet. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WEIR_MAX_LINK_HEADERS);
    __type(key, __u32);
    __type(value, __u32);
} link_headers SEC(".maps");

/* No LRU: what it dropped would be missing from a sum. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WEIR_MAX_SERVICES);
    __type(key, __u64);
    __type(value, struct weir_service_counter);
} services SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct weir_service_counter);
} overflow SEC(".maps");

struct ends {
    __u32 source[4]; /* version 4: the first word */
    __u32 destination[4];
    __u32 network; /* bytes of the IP header */
    __u8 version;  /* 4 or 6 */
    __u8 protocol;
};

static const __u32 kZero = 0;

static __always_inline void take_v4(const struct iphdr *ip, struct ends *ends)
{
    ends->version = 4;
    ends->protocol = ip->protocol;
    ends->network = ip->ihl * 4;
    ends->source[0] = ip->saddr;
    ends->destination[0] = ip->daddr;
}

static __always_inline void take_v6(const struct ipv6hdr *ip, struct ends *ends)
{
    ends->version = 6;
    ends->protocol = ip->nexthdr;
    ends->network = sizeof(*ip);
    __builtin_memcpy(ends->source, &ip->saddr, sizeof(ends->source));
    __builtin_memcpy(ends->destination, &ip->daddr, sizeof(ends->destination));
}

/* For headers outside the linear part. */
static __noinline int load_ends(struct __sk_buff *skb, struct ends *ends)
{
    struct ipv6hdr ip = {};

    if (bpf_skb_load_bytes(skb, 0, &ip, sizeof(struct iphdr)) < 0)
        return 0;
    if (ip.version == 4)
        take_v4((const struct iphdr *)&ip, ends);
    else if (ip.version == 6 && bpf_skb_load_bytes(skb, 0, &ip, sizeof(ip)) == 0)
        take_v6(&ip, ends);
    return 0;
}

/* Fills `ends`, which must be zeroed. */
static __always_inline void read_ends(struct __sk_buff *skb, struct ends *ends)
{
    const void *data = (const void *)(long)skb->data;
    const void *end = (const void *)(long)skb->data_end;

    if (data + sizeof(struct iphdr) <= end && *(const __u8 *)data >> 4 == 4)
        take_v4(data, ends);
    else if (data + sizeof(struct ipv6hdr) <= end && *(const __u8 *)data >> 4 == 6)
        take_v6(data, ends);
    else
        load_ends(skb, ends);
}

/* The far end first: when that is no local one, the near end need not be looked at. */
static __always_inline int is_internet(const struct ends *ends, const int direction)
{
    const __u32 *far = direction == WEIR_RECEIVED ? ends->source : ends->destination;
    const __u32 *near = direction == WEIR_RECEIVED ? ends->destination : ends->source;

    if (ends->version == 4)
        return !is_local4(far[0]) || !is_local4(near[0]);
    return !is_local6(far) || !is_local6(near);
}

static __always_inline __u32 link_header(__u32 ifindex)
{
    const struct weir_service_settings *setting = bpf_map_lookup_elem(&settings, &kZero);

    if (setting && setting->headers_differ) {
        const __u32 *bytes = bpf_map_lookup_elem(&link_headers, &ifindex);
        if (bytes)
            return *bytes;
    }
    return WEIR_ETHERNET_HEADER;
}

/* IP and transport header: what each segment of a merged packet carries anew. */
static __always_inline __u32 segment_header(struct __sk_buff *skb, const struct ends *ends)
{
    __u8 offset = 0;

    if (ends->protocol == IPPROTO_UDP)
        return ends->network + UDP_HEADER;
    if (ends->protocol == IPPROTO_TCP
        && bpf_skb_load_bytes(skb, ends->network + TCP_OFFSET_AT, &offset, sizeof(offset)) == 0)
        return ends->network + (offset >> 4) * 4;
    return ends->network;
}

static __always_inline struct weir_cell wire_amount(struct __sk_buff *skb, const struct ends *ends)
{
    const __u32 length = skb->len;
    const __u32 link = link_header(skb->ifindex);
    const __u32 size = skb->gso_size;
    struct weir_cell amount = {.bytes = (__u64)length + link, .packets = 1};

    if (size) {
        const __u32 header = segment_header(skb, ends);
        __u32 segments = skb->gso_segs;
        /* Packets of other machines' making (virtio, tun) come with a segment size alone. */
        if (segments == 0)
            segments = length > header ? (length - header + size - 1) / size : 1;
        amount.bytes = length + (__u64)(segments - 1) * header + (__u64)segments * link;
        amount.packets = segments;
    }
    return amount;
}

/* The first packet of a cgroup: makes its counter. It may be gone before anybody looks for its name: then
 * those of the cgroups above it tell whose it was. */
static __noinline int create(struct __sk_buff *skb)
{
    const __u64 cgroup = bpf_skb_cgroup_id(skb);
    struct weir_service_counter fresh = {.began_ns = bpf_ktime_get_ns()};

#pragma unroll
    for (int i = 0; i < WEIR_ANCESTORS; i++)
        fresh.ancestors[i] = bpf_skb_ancestor_cgroup_id(skb, i + 1);
    /* Fails where another CPU was first, or where no place is left. */
    return bpf_map_update_elem(&services, &cgroup, &fresh, BPF_NOEXIST);
}

static __always_inline struct weir_service_counter *counter_of(struct __sk_buff *skb)
{
    const __u64 cgroup = bpf_skb_cgroup_id(skb);
    struct weir_service_counter *counter = bpf_map_lookup_elem(&services, &cgroup);

    if (counter)
        return counter;
    create(skb);
    counter = bpf_map_lookup_elem(&services, &cgroup);
    return counter ? counter : bpf_map_lookup_elem(&overflow, &kZero);
}

/* The compiler would choose between cells by adding a variable to a map pointer, which a program without
 * CAP_PERFMON may not do: each caller's pointer is kept its own. */
static __always_inline void add(struct weir_cell *cell, const struct weir_cell *amount)
{
    asm volatile("" : "+r"(cell));
    __sync_fetch_and_add(&cell->bytes, amount->bytes);
    __sync_fetch_and_add(&cell->packets, amount->packets);
}

static __always_inline int count(struct __sk_buff *skb, const int direction)
{
    struct ends ends = {};

    read_ends(skb, &ends);
    struct weir_service_counter *counter = counter_of(skb);
    if (!counter || !ends.version)
        return PASS;
    const struct weir_cell amount = wire_amount(skb, &ends);
    struct weir_service_direction *cells = &counter->direction[direction];
    if (skb->ifindex == WEIR_LOOPBACK_INDEX)
        add(&cells->loopback, &amount);
    else if (is_internet(&ends, direction))
        add(&cells->internet, &amount);
    else
        add(&cells->local, &amount);
    return PASS;
}

SEC("cgroup_skb/ingress")
int weir_service_received(struct __sk_buff *skb)
{
    return count(skb, WEIR_RECEIVED);
}

SEC("cgroup_skb/egress")
int weir_service_sent(struct __sk_buff *skb)
{
    return count(skb, WEIR_SENT);
}

char service_meter_license[] SEC("license") = "GPL";
