/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What makes an address local: ranges that are so everywhere, and in two tries those of this machine's links
 * and of the user. The keys of the tries are the caller's to place. */

#include "meter_layout.h"

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, WEIR_MAX_PREFIXES);
    __type(key, struct weir_prefix4);
    __type(value, __u32);
} local4 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, WEIR_MAX_PREFIXES);
    __type(key, struct weir_prefix6);
    __type(value, __u32);
} local6 SEC(".maps");

static __always_inline int is_always_local4(__u32 address)
{
    const __u32 a = bpf_ntohl(address);
    const __u32 top = a >> 24;

    if (top == 0 || top == 10 || top == 127 || top >= 224)
        return 1;
    return a >> 22 == 0x64400000 >> 22 || a >> 16 == 0xa9fe || a >> 20 == 0xac100000 >> 20
        || a >> 16 == 0xc0a8; /* 100.64/10, 169.254/16, 172.16/12, 192.168/16 */
}

static __always_inline int is_always_local6(const __u32 *address)
{
    const __u32 a = bpf_ntohl(address[0]);

    if (a >> 22 == 0xfe800000 >> 22 || a >> 25 == 0xfc000000 >> 25 || a >> 24 == 0xff)
        return 1; /* fe80::/10, fc00::/7, ff00::/8 */
    return !address[0] && !address[1] && !address[2] && bpf_ntohl(address[3]) <= 1; /* ::, ::1 */
}
