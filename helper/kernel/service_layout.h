// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/* What the programs that count services and their readers agree on. Read by clang for BPF (C) and by the C++
 * compiler.
 *
 * A change of any structure, map type or meaning here needs a new WEIR_SERVICE_LAYOUT: maps outlive the
 * helper. The description of counters (struct weir_service_layout) must stay readable for ever. */

#include "meter_layout.h"

#define WEIR_SERVICE_LAYOUT 1

enum {
    WEIR_MAX_SERVICES = 16384,
    WEIR_MAX_LINK_HEADERS = 1024,
    WEIR_ANCESTORS = 8,

    WEIR_LOOPBACK_INDEX = 1, /* of the loopback device, in every network namespace */
    WEIR_ETHERNET_HEADER = 14,
};

/* How counters lie in their map; map "layout", one entry, written once before the first packet. */
struct weir_service_layout {
    __u64 generation; /* never 0 */
    __u64 created_ns; /* CLOCK_BOOTTIME: which of two layouts is the later one */
    __u32 version;
    __u32 size; /* bytes of a counter, and offsets of its members */
    __u32 began;
    __u32 ancestors;
    __u32 ancestor_count;
    __u32 internet[2]; /* by direction */
    __u32 local[2];
    __u32 loopback[2];
};

struct weir_service_direction {
    struct weir_cell internet;
    struct weir_cell local;
    struct weir_cell loopback; /* by the loopback device: never on a wire */
};

/* Map "services": by cgroup id, shared by all CPUs. Map "overflow", one entry: what found no room there. */
struct weir_service_counter {
    __u64 began_ns; /* CLOCK_MONOTONIC: tells an entry from one that is made anew under the same id */
    __u64 ancestors[WEIR_ANCESTORS]; /* ids of the cgroups above at levels 1, 2 …, with its own; then 0 */
    struct weir_service_direction direction[2];
};

/* Map "settings", one entry. */
struct weir_service_settings {
    __u32 headers_differ; /* "link_headers" has entries */
};
