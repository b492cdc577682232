// SPDX-License-Identifier: GPL-3.0-or-later

/* The meter: sees each packet of the links it is attached to, once in each direction, counts it and lets it
 * go.
 *
 * Uses only the stable program context and helpers. Every way out says "continue" (TC_ACT_UNSPEC), so no
 * packet fares differently for it. "Local" in a flow key is this machine's side: destination of what is
 * received, source of what is sent. */

#include "meter_flow.bpf.h"
#include "meter_packet.bpf.h"

#include <linux/if_packet.h>
#include <linux/pkt_cls.h>

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct weir_layout);
} layout SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct weir_settings);
} settings SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WEIR_MAX_LINKS);
    __type(key, __u32);
    __type(value, struct weir_slot);
} links SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, WEIR_NEAR_LINKS);
    __type(key, __u32);
    __type(value, struct weir_near_link);
} near_links SEC(".maps");

/* By interface index: what comes up through these was counted on a metered link below. Only forwarded packets
 * ask. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WEIR_MAX_UPPERS);
    __type(key, __u32);
    __type(value, __u32);
} uppers SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, WEIR_MAX_LINKS);
    __type(key, __u32);
    __type(value, struct weir_link_counter);
} link_counters SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, WEIR_PORT_COUNTERS);
    __type(key, __u32);
    __type(value, struct weir_port_counter);
} ports SEC(".maps");

/* Atom::id by transport and port; 0 where no watch covers the port. Only forwarded packets ask. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, WEIR_PORT_SETS);
    __type(key, __u32);
    __type(value, __u32);
} port_set SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WEIR_MAX_OVERLAPS);
    __type(key, struct weir_overlap_key);
    __type(value, struct weir_overlap_counter);
} overlaps SEC(".maps");

/* Chooses between two cells of one counter. The compiler would make it an addition of a variable to a map
 * pointer, which a program without CAP_PERFMON may not do. */
static __always_inline struct weir_cell *cell_of(int internet, struct weir_cell *internet_cell,
                                                 struct weir_cell *local_cell)
{
    if (internet) {
        asm volatile("" : "+r"(internet_cell));
        return internet_cell;
    }
    asm volatile("" : "+r"(local_cell));
    return local_cell;
}

static __always_inline void add_shared(struct weir_cell *cell, const struct work *work)
{
    __sync_fetch_and_add(&cell->bytes, work->bytes);
    __sync_fetch_and_add(&cell->packets, work->packets);
}

/* For counters of this CPU alone. */
static __always_inline void add_own(struct weir_cell *cell, const struct work *work)
{
    cell->bytes += work->bytes;
    cell->packets += work->packets;
}

/* On the wire, a merged packet is its segments, each with headers of its own. */
static __noinline int measure_merged(struct __sk_buff *skb, struct work *work)
{
    const __u32 tag = skb->vlan_present ? VLAN_TAG : 0;
    const __u32 header = work->header;
    const __u32 length = skb->len;
    __u32 segments = skb->gso_segs;

    if (segments == 0) {
        /* Packets of other machines' making (virtio, tun) come with a segment size alone. */
        const __u32 size = skb->gso_size;
        segments = size && length > header ? (length - header + size - 1) / size : 1;
    }
    if (segments == 0)
        segments = 1;
    work->bytes = length + (__u64)(segments - 1) * header + (__u64)segments * tag;
    work->packets = segments;
    return 0;
}

/* A packet that came in by a metered link and goes out by one was counted at both, under two ports. Which
 * ports, matters only where the same watch has both: user space subtracts. A port that NAT changed on the way
 * is taken as it leaves. A packet that came up through a bridge or a VLAN bears that one's index. */
static __noinline int note_overlap(struct work *work, int internet)
{
    const struct weir_slot *slot = bpf_map_lookup_elem(&links, &work->from);
    if ((!slot || !slot->metered) && !bpf_map_lookup_elem(&uppers, &work->from))
        return 0;

    __u16 remote = work->key4.remote_port;
    asm volatile("" : "+r"(remote)); /* for the reason that cell_of() has */
    if (work->version != 4)
        remote = work->key6.remote_port;
    const __u32 table = work->protocol == IPPROTO_TCP ? WEIR_TCP * WEIR_PORTS : WEIR_UDP * WEIR_PORTS;
    work->received_index = table + bpf_ntohs(remote);
    work->sent_index = work->port_index - WEIR_SENT * WEIR_PORT_SETS;
    const __u32 *received = bpf_map_lookup_elem(&port_set, &work->received_index);
    const __u32 *sent = bpf_map_lookup_elem(&port_set, &work->sent_index);
    if (!received || !sent || !*received || !*sent)
        return 0;

    work->overlap.received = *received;
    work->overlap.sent = *sent;
    struct weir_overlap_counter *counter = bpf_map_lookup_elem(&overlaps, &work->overlap);
    if (!counter) {
        bpf_map_update_elem(&overlaps, &work->overlap, &work->fresh_overlap, BPF_NOEXIST);
        counter = bpf_map_lookup_elem(&overlaps, &work->overlap);
    }
    if (counter) {
        add_shared(cell_of(internet, &counter->internet, &counter->local), work);
        return 0;
    }
    struct weir_stats *stat = bpf_map_lookup_elem(&stats, &work->zero);
    if (stat)
        stat->overlaps_missed++;
    return 0;
}

static __always_inline const struct weir_slot *find_link(struct work *work, __u32 interface)
{
    work->interface = interface;
    work->near_index = interface % WEIR_NEAR_LINKS;
    const struct weir_near_link *near = bpf_map_lookup_elem(&near_links, &work->near_index);
    if (near && near->interface == work->interface)
        return &near->slot;
    return bpf_map_lookup_elem(&links, &work->interface);
}

static __always_inline int meter(struct __sk_buff *skb, const int direction)
{
    struct work *work = bpf_map_lookup_elem(&works, &kZero);
    if (!work)
        return TC_ACT_UNSPEC;
    // a copy for this machine's own listeners of the multicast or broadcast that it sends: it was never on
    // the wire
    if (direction == WEIR_RECEIVED && skb->pkt_type == PACKET_LOOPBACK)
        return TC_ACT_UNSPEC;
    const struct weir_slot *slot = find_link(work, skb->ifindex);
    if (!slot || !slot->metered)
        return TC_ACT_UNSPEC;
    work->link_number = slot->number;
    work->ethernet = slot->ethernet;
    read_packet(skb, work, direction);

    struct weir_link_counter *link = bpf_map_lookup_elem(&link_counters, &work->link_number);
    const struct weir_settings *setting = bpf_map_lookup_elem(&settings, &work->zero);
    if (!link || !setting)
        return TC_ACT_UNSPEC;
    struct weir_link_direction *counters = &link->direction[direction];
    work->scope_epoch = setting->scope_epoch;
    work->from = direction == WEIR_SENT ? skb->ingress_ifindex : 0;
    work->bytes = skb->len + (skb->vlan_present ? VLAN_TAG : 0);
    work->packets = 1;
    add_own(&counters->plain, work);
    if (skb->gso_size || skb->gso_segs > 1)
        measure_merged(skb, work);

    if (!work->version) {
        add_own(&counters->other, work);
        return TC_ACT_UNSPEC;
    }
    const int internet = count_flow(work, direction);
    if (work->version == 4)
        add_own(cell_of(internet, &counters->v4_internet, &counters->v4_local), work);
    else
        add_own(cell_of(internet, &counters->v6_internet, &counters->v6_local), work);

    struct weir_port_counter *port = bpf_map_lookup_elem(&ports, &work->port_index);
    if (!port)
        return TC_ACT_UNSPEC;
    add_shared(cell_of(internet, &port->internet, &port->local), work);
    if (direction == WEIR_SENT && work->from)
        note_overlap(work, internet);
    return TC_ACT_UNSPEC;
}

SEC("tc")
int weir_received(struct __sk_buff *skb)
{
    return meter(skb, WEIR_RECEIVED);
}

SEC("tc")
int weir_sent(struct __sk_buff *skb)
{
    return meter(skb, WEIR_SENT);
}

char meter_license[] SEC("license") = "GPL";
