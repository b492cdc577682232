/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Flows: finds the one of a packet, begins it, and counts for it. */

#include "meter_scope.bpf.h"

#include <linux/in.h>

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct weir_stats);
} stats SEC(".maps");

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

static __always_inline int is_closed(const struct weir_flow *flow)
{
    return ((flow->flags[0] | flow->flags[1]) & WEIR_RST) || (flow->flags[0] & flow->flags[1] & WEIR_FIN);
}

static __always_inline struct weir_flow *find_flow(void *tables, const void *key, const struct work *work)
{
    void *table = bpf_map_lookup_elem(tables, &work->zero);

    return table ? bpf_map_lookup_elem(table, key) : NULL;
}

/* The same memory, but the compiler does not know it: it would put addresses in it on the stack, to use them
 * again. */
static __always_inline struct work *hidden(struct work *work)
{
    asm volatile("" : "+r"(work));
    return work;
}

/* Takes the flow over from the table before, where it is in that one. */
static __always_inline void take_over(void *tables, const void *key, struct weir_flow *fresh)
{
    void *former = bpf_map_lookup_elem(tables, &kOne);
    const struct weir_flow *old = former ? bpf_map_lookup_elem(former, key) : NULL;

    if (!old)
        return;
    __builtin_memcpy(fresh->direction, old->direction, sizeof(fresh->direction));
    fresh->first_ns = old->first_ns;
    fresh->flags[0] = old->flags[0];
    fresh->flags[1] = old->flags[1];
}

/* Makes an entry for the packet's flow, if there is a place; work->internet is the packet's scope in any
 * case. */
static __always_inline int begin_flow(void *tables, const void *key, struct work *work, const int version)
{
    struct weir_flow *fresh = &work->fresh;

    work->internet = is_internet(work);
    void *table = bpf_map_lookup_elem(tables, &work->zero);
    struct weir_stats *stat = bpf_map_lookup_elem(&stats, &work->zero);
    if (!table || !stat)
        return 0;
    __builtin_memset(fresh, 0, sizeof(*fresh));
    fresh->first_ns = bpf_ktime_get_coarse_ns();
    fresh->scope_epoch = work->scope_epoch;
    fresh->internet = work->internet;
    take_over(tables, key, fresh);
    /* Fails where another CPU was first, or where no place is left. */
    if (bpf_map_update_elem(table, key, fresh, BPF_NOEXIST) != 0)
        return 0;
    if (version == 4)
        stat->flows4_created++;
    else
        stat->flows6_created++;
    return 0;
}

static __noinline int begin_flow4(struct work *work)
{
    return begin_flow(&flows4, &work->key4, work, 4);
}

static __noinline int begin_flow6(struct work *work)
{
    return begin_flow(&flows6, &work->key6, work, 6);
}

/* For a packet whose flow found no place. */
static __noinline int count_unattributed(struct work *work)
{
    struct weir_stats *stat = bpf_map_lookup_elem(&stats, &work->zero);

    if (stat)
        stat->unattributed_bytes += work->bytes;
    return work->internet;
}

static __always_inline void note_flags(struct weir_flow *flow, const struct work *work, const int direction)
{
    const __u8 flags = work->flags;
    const __u8 seen = flow->flags[direction] | (flags & (WEIR_FIN | WEIR_SYN | WEIR_RST))
        | (flags & WEIR_SYN ? 0 : WEIR_NO_SYN);

    if ((flags & (WEIR_SYN | WEIR_ACK | WEIR_RST)) == WEIR_SYN && is_closed(flow)) {
        /* The same two ports talk anew. */
        __builtin_memset(flow->direction, 0, sizeof(flow->direction));
        flow->first_ns = bpf_ktime_get_coarse_ns();
        flow->flags[!direction] = 0;
        flow->flags[direction] = WEIR_SYN;
    } else if (seen != flow->flags[direction]) {
        flow->flags[direction] = seen;
    }
}

/* Counts the packet for its flow; true when one end is not local, which is kept with the flow. */
static __always_inline int count_flow(struct work *work, const int direction)
{
    struct weir_flow *flow;

    /* A new flow is looked up again here: a pointer that a function returns, the verifier would guard with a
     * barrier. */
    if (work->version == 4) {
        flow = find_flow(&flows4, &work->key4, work);
        if (!flow) {
            begin_flow4(work);
            struct work *same = hidden(work);
            flow = find_flow(&flows4, &same->key4, same);
        }
    } else {
        flow = find_flow(&flows6, &work->key6, work);
        if (!flow) {
            begin_flow6(work);
            struct work *same = hidden(work);
            flow = find_flow(&flows6, &same->key6, same);
        }
    }
    if (!flow)
        return count_unattributed(work);
    if (flow->scope_epoch != work->scope_epoch) {
        flow->internet = is_internet(work);
        flow->scope_epoch = work->scope_epoch;
    }
    if (work->protocol == IPPROTO_TCP)
        note_flags(flow, work, direction);
    __sync_fetch_and_add(&flow->direction[direction].bytes, work->bytes);
    __sync_fetch_and_add(&flow->direction[direction].packets, work->packets);
    flow->last_ns = bpf_ktime_get_coarse_ns();
    return flow->internet;
}
