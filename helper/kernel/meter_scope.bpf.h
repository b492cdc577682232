/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Which flows are internet traffic. */

#include "local_ranges.bpf.h"
#include "meter_work.bpf.h"

static __always_inline int is_local4(struct work *work, __u32 address)
{
    if (is_always_local4(address))
        return 1;
    work->prefix4.length = 32;
    work->prefix4.address = address;
    return bpf_map_lookup_elem(&local4, &work->prefix4) != NULL;
}

static __always_inline int is_local6(struct work *work, const __u32 *address)
{
    if (is_always_local6(address))
        return 1;
    work->prefix6.length = 128;
    __builtin_memcpy(work->prefix6.address, address, sizeof(work->prefix6.address));
    return bpf_map_lookup_elem(&local6, &work->prefix6) != NULL;
}

/* Whether one end of the flow is not local. */
static __noinline int is_internet(struct work *work)
{
    if (work->version == 4)
        return !is_local4(work, work->key4.local) || !is_local4(work, work->key4.remote);
    return !is_local6(work, work->key6.local) || !is_local6(work, work->key6.remote);
}
