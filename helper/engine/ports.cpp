// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/ports.h"

#include <algorithm>

namespace weir {

PortRanges normalized(PortRanges ranges)
{
    std::ranges::sort(ranges);
    PortRanges merged;
    for (const PortRange &range : ranges) {
        // int, because 65535 + 1 is no port
        if (!merged.empty() && int(range.first) <= int(merged.back().last) + 1)
            merged.back().last = std::max(merged.back().last, range.last);
        else
            merged.push_back(range);
    }
    return merged;
}

bool contains(const PortRanges &ranges, quint16 port)
{
    const auto above = std::ranges::upper_bound(ranges, port, {}, &PortRange::first);
    return above != ranges.begin() && std::prev(above)->last >= port;
}

} // namespace weir
