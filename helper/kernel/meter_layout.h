// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/* What the meter's program and its readers agree on. Read by clang for BPF (C) and by the C++ compiler.
 *
 * A change of any structure, map type or meaning here needs a new WEIR_METER_LAYOUT: maps outlive the helper,
 * and a helper finds what an earlier one left. The description of counters (struct weir_layout) must stay
 * readable for ever. */

#include <linux/types.h>

/* Layout 2 exists for tests only: the same meter with other port counters. */
#ifndef WEIR_METER_LAYOUT
#define WEIR_METER_LAYOUT 3
#endif

enum {
    WEIR_RECEIVED = 0,
    WEIR_SENT = 1,

    WEIR_TCP = 0,
    WEIR_UDP = 1,

    WEIR_MAX_LINKS = 1024,
    WEIR_NEAR_LINKS = 256,
    WEIR_MAX_UPPERS = 4096,
    WEIR_MAX_OVERLAPS = 4096,
    WEIR_MAX_FRAGMENTS = 4096,
    WEIR_MAX_PREFIXES = 4096,
    WEIR_PORTS = 65536,
    WEIR_PORT_SETS = 2 * WEIR_PORTS,     /* transport, port */
    WEIR_PORT_COUNTERS = 4 * WEIR_PORTS, /* direction, transport, port */

    WEIR_FLOW_TABLES = 2, /* the table in use; the one that it replaces while flows move over */
    WEIR_FLOWS_AT_FIRST = 16384,
    WEIR_FLOWS_AT_MOST = 262144,
};

struct weir_cell {
    __u64 bytes;
    __u64 packets;
};

/* Everything that a reader needs to know of counters; map "layout", one entry, written once before the first
 * packet. */
struct weir_layout {
    __u64 generation; /* never 0 */
    __u64 created_ns; /* CLOCK_BOOTTIME: which of two layouts is the later one */
    __u32 version;
    __u32 port_size; /* bytes of a port counter, and offsets of its cells */
    __u32 port_internet;
    __u32 port_local;
    __u32 link_size; /* bytes of a link's counters, and offsets of its cells by direction */
    __u32 link_v4_internet[2];
    __u32 link_v4_local[2];
    __u32 link_v6_internet[2];
    __u32 link_v6_local[2];
    __u32 link_other[2];
    __u32 link_plain[2];
    __u32 overlap_size; /* bytes of an overlap counter, and offsets of its cells */
    __u32 overlap_internet;
    __u32 overlap_local;
    __u32 slot_size; /* bytes of an entry of "links", and offsets of its members */
    __u32 slot_number;
    __u32 slot_metered;
    __u32 slot_ethernet;
    __u32 stats_size; /* bytes of "stats", and offset of the bytes that no flow holds */
    __u32 stats_unattributed;
    __u32 spare;
};

/* Map "links": by interface index. */
struct weir_slot {
    __u32 number;  /* index into "link_counters"; part of flow keys */
    __u8 metered;  /* attached now */
    __u8 ethernet; /* frames begin with an Ethernet header, else with the IP header */
    __u16 spare;
};

/* Map "near_links": an array, quicker than the hash "links". A metered link is at its index modulo
 * WEIR_NEAR_LINKS, unless another one is there: then only "links" knows it. */
struct weir_near_link {
    __u32 interface; /* 0 where nobody is */
    struct weir_slot slot;
};

/* What a version 4 packet touches lies together. */
struct weir_link_direction {
    struct weir_cell plain; /* as the stack held it, merged packets as one */
    struct weir_cell v4_internet;
    struct weir_cell v4_local;
    struct weir_cell other;
    struct weir_cell v6_internet;
    struct weir_cell v6_local;
};

/* Map "link_counters": by slot, one for each CPU. */
struct weir_link_counter {
    struct weir_link_direction direction[2];
};

/* Map "ports": one shared counter for each direction, transport and port. */
struct weir_port_counter {
#if WEIR_METER_LAYOUT == 2
    __u64 spare;
    struct weir_cell local;
    struct weir_cell internet;
#else
    struct weir_cell internet;
    struct weir_cell local;
#endif
};

/* Map "overlaps": packets that were received under a port of one atom and sent on under a port of another. */
struct weir_overlap_key {
    __u32 received;
    __u32 sent;
};

struct weir_overlap_counter {
    struct weir_cell internet;
    struct weir_cell local;
};

/* Map "settings", one entry. */
struct weir_settings {
    __u32 scope_epoch; /* raised when the local prefixes changed: flows look again */
};

/* Map "stats", one for each CPU. */
struct weir_stats {
    __u64 unattributed_bytes;
    __u64 overlaps_missed;
    __u64 flows4_created;
    __u64 flows6_created;
};

/* Maps "local4" and "local6": longest-prefix tries, addresses in network order. */
struct weir_prefix4 {
    __u32 length;
    __u32 address;
};

struct weir_prefix6 {
    __u32 length;
    __u32 address[4];
};

/* Flow tables. Addresses and ports in network order. */
struct weir_flow4_key {
    __u32 local;
    __u32 remote;
    __u16 local_port;
    __u16 remote_port;
    __u16 slot;
    __u8 protocol;
    __u8 spare;
};

struct weir_flow6_key {
    __u32 local[4];
    __u32 remote[4];
    __u16 local_port;
    __u16 remote_port;
    __u16 slot;
    __u8 protocol;
    __u8 spare;
};

/* TCP flags seen in one direction of a flow, as in the header; NO_SYN stands for any packet that was no SYN.
 */
enum {
    WEIR_FIN = 0x01,
    WEIR_SYN = 0x02,
    WEIR_RST = 0x04,
    WEIR_ACK = 0x10,
    WEIR_NO_SYN = 0x80,
};

/* The kernel puts 48 bytes of its own before the key: with a version 4 key, a flow is two cache lines of 64
 * bytes. */
struct weir_flow {
    struct weir_cell direction[2];
    __u64 first_ns; /* CLOCK_MONOTONIC, to the tick */
    __u64 last_ns;
    __u32 scope_epoch;
    __u8 internet;
    __u8 flags[2];
    __u8 spare[9];
};

/* Map "fragments": ports of a fragmented packet by what its fragments share. Version 4 addresses in the first
 * word. */
struct weir_fragment_key {
    __u32 source[4];
    __u32 destination[4];
    __u32 identification;
    __u8 protocol;
    __u8 version;
    __u16 spare;
};

struct weir_fragment {
    __u16 source_port;
    __u16 destination_port;
};
