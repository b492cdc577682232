// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/meter_uppers.h"

#include <algorithm>
#include <map>

namespace weir {

std::set<int> uppersOf(const std::vector<Link> &links, const std::set<int> &metered)
{
    std::map<int, std::vector<int>> ports;
    for (const Link &link : links) {
        if (link.master)
            ports[link.master].push_back(link.index);
    }
    std::set<int> uppers;
    const auto isCounted = [&](int index) { return metered.contains(index) || uppers.contains(index); };
    const auto isUpper = [&](const Link &link) {
        if (link.kind == LinkKind::Vlan)
            return isCounted(link.lower);
        const auto own = ports.find(link.index);
        return (link.kind == LinkKind::Bridge || link.kind == LinkKind::Bond) && own != ports.end()
            && std::ranges::all_of(own->second, isCounted);
    };
    // Each round goes one storey up.
    for (size_t before = 0;; before = uppers.size()) {
        for (const Link &link : links) {
            if (isUpper(link))
                uppers.insert(link.index);
        }
        if (uppers.size() == before)
            return uppers;
    }
}

} // namespace weir
