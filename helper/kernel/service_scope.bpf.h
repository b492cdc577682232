/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Which addresses are local, for programs that see a packet by itself. (The meter of links keeps the answer
 * with each flow.) */

#include "local_ranges.bpf.h"
#include "service_layout.h"

static __always_inline int is_local4(__u32 address)
{
    if (is_always_local4(address))
        return 1;
    const struct weir_prefix4 key = {.length = 32, .address = address};
    return bpf_map_lookup_elem(&local4, &key) != NULL;
}

static __always_inline int is_local6(const __u32 *address)
{
    if (is_always_local6(address))
        return 1;
    struct weir_prefix6 key = {.length = 128};
    __builtin_memcpy(key.address, address, sizeof(key.address));
    return bpf_map_lookup_elem(&local6, &key) != NULL;
}
