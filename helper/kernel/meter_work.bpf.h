/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Memory that a program works in, and what it knows of the packet at hand.
 *
 * It is a map and not the stack for speed: in a program that was loaded without CAP_PERFMON the verifier puts
 * a barrier against speculation behind each write to a place of the stack that was not written before, and
 * behind each pointer that the compiler puts there, and every barrier waits for all loads under way. Map
 * memory has none. For the same reason, what is needed after a call of a helper is read from here anew
 * instead of being kept in a variable. */

#include "meter_layout.h"

#include <linux/bpf.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum {
    NO_PORT_COUNTER = 0xffffffff, /* beyond the end of "ports" */
};

struct tcp_start {
    __u16 source_port;
    __u16 destination_port;
    __u32 sequence;
    __u32 acknowledgement;
    __u8 offset;
    __u8 flags;
};

struct extension_start {
    __u8 next;
    __u8 length;
    __u16 fragment; /* position and flags, in a fragment header */
    __u32 identification;
};

/* A packet that is taken apart the thorough way. Addresses and ports in network order. */
struct packet {
    __u32 source[4]; /* version 4: the first word, the others 0 */
    __u32 destination[4];
    __u16 source_port; /* 0 when there are none */
    __u16 destination_port;
    __u8 ports_known;
    __u8 spare[3];
    /* Copies of headers, and keys, on the way. */
    struct iphdr ip;
    struct ipv6hdr ip6;
    struct tcp_start transport;
    struct extension_start extension;
    struct weir_fragment_key fragment;
    struct weir_fragment fragment_ports;
};

struct work {
    /* For every packet. */
    __u32 zero; /* never written: the index in a map of one entry */
    __u32 interface;
    __u32 near_index;
    __u32 link_number;
    __u64 bytes; /* on the wire */
    __u64 packets;
    union {
        struct weir_flow4_key key4;
        struct weir_flow6_key key6;
    };
    __u32 port_index; /* in "ports", or NO_PORT_COUNTER */
    __u32 header;     /* bytes of link, IP and transport header: what each segment carries anew */
    __u32 from;       /* interface by which a packet that is sent on came in, or 0 */
    __u32 scope_epoch;
    __u8 version; /* 4, 6, or 0: not IP */
    __u8 protocol;
    __u8 flags;    /* of TCP */
    __u8 internet; /* of a packet that no flow holds */
    __u8 ethernet; /* as of the link */

    /* For a new flow, or one whose scope is to be found anew. */
    struct weir_flow fresh;
    struct weir_prefix4 prefix4;
    struct weir_prefix6 prefix6;

    /* For a packet sent on. */
    __u32 received_index;
    __u32 sent_index;
    struct weir_overlap_key overlap;
    struct weir_overlap_counter fresh_overlap; /* never written: all zeros */

    struct packet packet;
};

/* One for each CPU. A program runs to its end before another begins on the CPU. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct work);
} works SEC(".maps");

static const __u32 kZero = 0;
static const __u32 kOne = 1;
