// SPDX-License-Identifier: GPL-3.0-or-later

/* The meter: sees each packet of the links it is attached to, once in each direction, counts it and lets it
 * go.
 *
 * Uses only the stable program context and helpers. Every way out says "continue" (TC_ACT_UNSPEC), so no
 * packet fares differently for it. "Local" in a flow key is this machine's side: destination of what is
 * received, source of what is sent. */

#include "meter_packet.bpf.h"
#include "meter_scope.bpf.h"

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
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct weir_stats);
} stats SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, WEIR_MAX_LINKS);
    __type(key, __u32);
    __type(value, struct weir_slot);
} links SEC(".maps");

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

/* Tables of flows are swapped for larger ones under traffic: one write here, and every program uses the new
 * one. */
struct flow4_table {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, WEIR_FLOWS_AT_FIRST);
    __uint(key_size, sizeof(struct weir_flow4_key));
    __uint(value_size, sizeof(struct weir_flow));
};

struct flow6_table {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, WEIR_FLOWS_AT_FIRST);
    __uint(key_size, sizeof(struct weir_flow6_key));
    __uint(value_size, sizeof(struct weir_flow));
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, WEIR_FLOW_TABLES);
    __type(key, __u32);
    __array(values, struct flow4_table);
} flows4 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, WEIR_FLOW_TABLES);
    __type(key, __u32);
    __array(values, struct flow6_table);
} flows6 SEC(".maps");

struct amount {
    __u64 bytes;
    __u64 packets;
};

static const __u32 kZero = 0;
static const __u32 kOne = 1;

static __always_inline void add_shared(struct weir_cell *cell, const struct amount *amount)
{
    __sync_fetch_and_add(&cell->bytes, amount->bytes);
    __sync_fetch_and_add(&cell->packets, amount->packets);
}

/* For counters of this CPU alone: a program runs to its end before another begins on the CPU. */
static __always_inline void add_own(struct weir_cell *cell, const struct amount *amount)
{
    cell->bytes += amount->bytes;
    cell->packets += amount->packets;
}

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

/* On the wire: a merged packet is its segments, each with headers of its own. */
static __always_inline struct amount wire_amount(struct __sk_buff *skb, __u32 header, __u32 tag)
{
    const __u32 length = skb->len;
    __u32 segments = skb->gso_segs;

    if (segments == 0) {
        /* Packets of other machines' making (virtio, tun) come with a segment size alone. */
        const __u32 size = skb->gso_size;
        segments = size && length > header ? (length - header + size - 1) / size : 1;
    }
    if (segments == 0)
        segments = 1;
    return (struct amount){.bytes = length + (__u64)(segments - 1) * header + (__u64)segments * tag,
                           .packets = segments};
}

static __always_inline int is_closed(const struct weir_flow *flow)
{
    return ((flow->flags[0] | flow->flags[1]) & WEIR_RST) || (flow->flags[0] & flow->flags[1] & WEIR_FIN);
}

static __always_inline int is_internet(const struct packet *packet)
{
    if (packet->version == 4)
        return !is_local4(packet->source[0]) || !is_local4(packet->destination[0]);
    return !is_local6(packet->source) || !is_local6(packet->destination);
}

static __always_inline void touch_flow(struct weir_flow *flow, const struct packet *packet,
                                       const struct amount *amount, int direction, __u64 now)
{
    if (packet->protocol == IPPROTO_TCP) {
        const __u8 flags = packet->flags;
        const __u8 seen = flow->flags[direction] | (flags & (WEIR_FIN | WEIR_SYN | WEIR_RST))
            | (flags & WEIR_SYN ? 0 : WEIR_NO_SYN);

        if ((flags & (WEIR_SYN | WEIR_ACK | WEIR_RST)) == WEIR_SYN && is_closed(flow)) {
            /* The same two ports talk anew. */
            __builtin_memset(flow->direction, 0, sizeof(flow->direction));
            flow->first_ns = now;
            flow->flags[!direction] = 0;
            flow->flags[direction] = WEIR_SYN;
        } else if (seen != flow->flags[direction]) {
            flow->flags[direction] = seen;
        }
    }
    add_shared(&flow->direction[direction], amount);
    flow->last_ns = now;
}

/* Counts the packet for its flow; the packet's scope is kept with the flow. */
static __always_inline int count_flow(void *tables, const void *key, const struct packet *packet,
                                      const struct amount *amount, int direction, __u32 epoch,
                                      struct weir_stats *stat, __u64 *created)
{
    const __u64 now = bpf_ktime_get_coarse_ns();
    void *table = bpf_map_lookup_elem(tables, &kZero);

    if (!table) {
        stat->unattributed_bytes += amount->bytes;
        return is_internet(packet);
    }
    struct weir_flow *flow = bpf_map_lookup_elem(table, key);
    if (!flow) {
        struct weir_flow fresh = {.first_ns = now, .last_ns = now, .scope_epoch = epoch};

        fresh.internet = is_internet(packet);
        void *former = bpf_map_lookup_elem(tables, &kOne);
        if (former) {
            const struct weir_flow *old = bpf_map_lookup_elem(former, key);
            if (old) {
                __builtin_memcpy(fresh.direction, old->direction, sizeof(fresh.direction));
                fresh.first_ns = old->first_ns;
                fresh.flags[0] = old->flags[0];
                fresh.flags[1] = old->flags[1];
            }
        }
        /* Fails where another CPU was first, or where no place is left. */
        if (bpf_map_update_elem(table, key, &fresh, BPF_NOEXIST) == 0)
            ++*created;
        flow = bpf_map_lookup_elem(table, key);
        if (!flow) {
            stat->unattributed_bytes += amount->bytes;
            return fresh.internet;
        }
    }
    if (flow->scope_epoch != epoch) {
        flow->internet = is_internet(packet);
        flow->scope_epoch = epoch;
    }
    const int internet = flow->internet;
    touch_flow(flow, packet, amount, direction, now);
    return internet;
}

static __always_inline int count_conversation(const struct packet *packet, const struct amount *amount,
                                              int direction, __u32 slot)
{
    const struct weir_settings *setting = bpf_map_lookup_elem(&settings, &kZero);
    struct weir_stats *stat = bpf_map_lookup_elem(&stats, &kZero);
    const __u32 epoch = setting ? setting->scope_epoch : 0;

    if (!stat)
        return is_internet(packet);
    if (packet->version == 4) {
        struct weir_flow4_key key = {.slot = slot, .protocol = packet->protocol};

        key.local = direction == WEIR_RECEIVED ? packet->destination[0] : packet->source[0];
        key.remote = direction == WEIR_RECEIVED ? packet->source[0] : packet->destination[0];
        key.local_port = direction == WEIR_RECEIVED ? packet->destination_port : packet->source_port;
        key.remote_port = direction == WEIR_RECEIVED ? packet->source_port : packet->destination_port;
        return count_flow(&flows4, &key, packet, amount, direction, epoch, stat, &stat->flows4_created);
    }
    struct weir_flow6_key key = {.slot = slot, .protocol = packet->protocol};

    __builtin_memcpy(key.local, direction == WEIR_RECEIVED ? packet->destination : packet->source,
                     sizeof(key.local));
    __builtin_memcpy(key.remote, direction == WEIR_RECEIVED ? packet->source : packet->destination,
                     sizeof(key.remote));
    key.local_port = direction == WEIR_RECEIVED ? packet->destination_port : packet->source_port;
    key.remote_port = direction == WEIR_RECEIVED ? packet->source_port : packet->destination_port;
    return count_flow(&flows6, &key, packet, amount, direction, epoch, stat, &stat->flows6_created);
}

/* A packet that came in by a metered link and goes out by one was counted at both, under two ports. Which
 * ports, matters only where the same watch has both: user space subtracts. A port that NAT changed on the way
 * is taken as it leaves. A packet that came up through a bridge or a VLAN bears that one's index. */
static __always_inline void note_overlap(struct __sk_buff *skb, const struct packet *packet,
                                         const struct amount *amount, __u32 transport, int internet)
{
    const __u32 from = skb->ingress_ifindex;
    if (!from)
        return;
    const struct weir_slot *slot = bpf_map_lookup_elem(&links, &from);
    if ((!slot || !slot->metered) && !bpf_map_lookup_elem(&uppers, &from))
        return;

    const __u32 received_index = transport * WEIR_PORTS + bpf_ntohs(packet->destination_port);
    const __u32 sent_index = transport * WEIR_PORTS + bpf_ntohs(packet->source_port);
    const __u32 *received = bpf_map_lookup_elem(&port_set, &received_index);
    const __u32 *sent = bpf_map_lookup_elem(&port_set, &sent_index);
    if (!received || !sent || !*received || !*sent)
        return;

    const struct weir_overlap_key key = {.received = *received, .sent = *sent};
    struct weir_overlap_counter *counter = bpf_map_lookup_elem(&overlaps, &key);
    if (!counter) {
        const struct weir_overlap_counter fresh = {};
        bpf_map_update_elem(&overlaps, &key, &fresh, BPF_NOEXIST);
        counter = bpf_map_lookup_elem(&overlaps, &key);
    }
    if (counter) {
        add_shared(cell_of(internet, &counter->internet, &counter->local), amount);
        return;
    }
    struct weir_stats *stat = bpf_map_lookup_elem(&stats, &kZero);
    if (stat)
        stat->overlaps_missed++;
}

static __always_inline int meter(struct __sk_buff *skb, const int direction)
{
    const __u32 ifindex = skb->ifindex;
    const struct weir_slot *slot = bpf_map_lookup_elem(&links, &ifindex);
    if (!slot || !slot->metered)
        return TC_ACT_UNSPEC;
    const __u32 number = slot->number;
    struct weir_link_counter *link = bpf_map_lookup_elem(&link_counters, &number);
    if (!link)
        return TC_ACT_UNSPEC;

    struct packet packet = {};
    read_packet(skb, slot->ethernet, &packet);

    const __u32 tag = skb->vlan_present ? VLAN_TAG : 0;
    const struct amount amount = wire_amount(skb, packet.header, tag);
    const struct amount plain = {.bytes = skb->len + tag, .packets = 1};
    struct weir_link_direction *counters = &link->direction[direction];
    add_own(&counters->plain, &plain);

    if (!packet.version) {
        add_own(&counters->other, &amount);
        return TC_ACT_UNSPEC;
    }
    const int internet = count_conversation(&packet, &amount, direction, number);
    if (packet.version == 4)
        add_own(cell_of(internet, &counters->v4_internet, &counters->v4_local), &amount);
    else
        add_own(cell_of(internet, &counters->v6_internet, &counters->v6_local), &amount);

    if (!packet.ports_known || (packet.protocol != IPPROTO_TCP && packet.protocol != IPPROTO_UDP))
        return TC_ACT_UNSPEC;
    const __u32 transport = packet.protocol == IPPROTO_TCP ? WEIR_TCP : WEIR_UDP;
    const __u16 own = direction == WEIR_RECEIVED ? packet.destination_port : packet.source_port;
    const __u32 index = ((__u32)direction * 2 + transport) * WEIR_PORTS + bpf_ntohs(own);
    struct weir_port_counter *port = bpf_map_lookup_elem(&ports, &index);
    if (port)
        add_shared(cell_of(internet, &port->internet, &port->local), &amount);
    if (direction == WEIR_SENT)
        note_overlap(skb, &packet, &amount, transport, internet);
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
