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

/* What is needed of the headers; in registers, for the verifier puts a barrier behind each write to a new
 * place of the stack (meter_work.bpf.h). Memory per CPU would not do here: a process that sends can be
 * interrupted, on its CPU, by another one or by a packet. So only functions that are inlined may take its
 * address. */
struct head {
    __u32 network; /* bytes of the IP header */
    __u8 version;  /* 4 or 6; 0 when there is no IP header */
    __u8 protocol;
    __u8 is_internet;
};

static const __u32 kZero = 0;

/* The far end first: when that is no local one, the near end need not be looked at. */
static __always_inline void take_v4(const struct iphdr *ip, const int direction, struct head *head)
{
    const __u32 source = ip->saddr;
    const __u32 destination = ip->daddr;

    head->version = 4;
    head->protocol = ip->protocol;
    head->network = ip->ihl * 4;
    head->is_internet = !is_local4(direction == WEIR_RECEIVED ? source : destination)
        || !is_local4(direction == WEIR_RECEIVED ? destination : source);
}

static __always_inline void take_v6(const struct ipv6hdr *ip, const int direction, struct head *head)
{
    const __u32 *source = ip->saddr.in6_u.u6_addr32;
    const __u32 *destination = ip->daddr.in6_u.u6_addr32;

    head->version = 6;
    head->protocol = ip->nexthdr;
    head->network = sizeof(*ip);
    head->is_internet = !is_local6(direction == WEIR_RECEIVED ? source : destination)
        || !is_local6(direction == WEIR_RECEIVED ? destination : source);
}

static __always_inline struct head read_head(struct __sk_buff *skb, const int direction)
{
    const void *data = (const void *)(long)skb->data;
    const void *end = (const void *)(long)skb->data_end;
    struct head head = {};

    if (data + sizeof(struct iphdr) <= end && *(const __u8 *)data >> 4 == 4) {
        take_v4(data, direction, &head);
    } else if (data + sizeof(struct ipv6hdr) <= end && *(const __u8 *)data >> 4 == 6) {
        take_v6(data, direction, &head);
    } else {
        /* Headers outside the linear part. */
        struct ipv6hdr copy = {};
        if (bpf_skb_load_bytes(skb, 0, &copy, sizeof(struct iphdr)) < 0)
            return head;
        if (copy.version == 4)
            take_v4((const struct iphdr *)&copy, direction, &head);
        else if (copy.version == 6 && bpf_skb_load_bytes(skb, 0, &copy, sizeof(copy)) == 0)
            take_v6(&copy, direction, &head);
    }
    return head;
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
static __always_inline __u32 segment_header(struct __sk_buff *skb, const struct head *head)
{
    __u8 offset = 0;

    if (head->protocol == IPPROTO_UDP)
        return head->network + UDP_HEADER;
    if (head->protocol == IPPROTO_TCP
        && bpf_skb_load_bytes(skb, head->network + TCP_OFFSET_AT, &offset, sizeof(offset)) == 0)
        return head->network + (offset >> 4) * 4;
    return head->network;
}

static __always_inline struct weir_cell wire_amount(struct __sk_buff *skb, const struct head *head)
{
    const __u32 length = skb->len;
    const __u32 link = link_header(skb->ifindex);
    const __u32 size = skb->gso_size;
    struct weir_cell amount = {.bytes = (__u64)length + link, .packets = 1};

    if (size) {
        const __u32 header = segment_header(skb, head);
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
    const struct head head = read_head(skb, direction);
    struct weir_service_counter *counter = counter_of(skb);

    if (!counter || !head.version)
        return PASS;
    const struct weir_cell amount = wire_amount(skb, &head);
    struct weir_service_direction *cells = &counter->direction[direction];
    if (skb->ifindex == WEIR_LOOPBACK_INDEX)
        add(&cells->loopback, &amount);
    else if (head.is_internet)
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
