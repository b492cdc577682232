// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/gate_atoms.h"

#include "helper/kernel/gate_fragments.h"

#include <algorithm>
#include <iterator>

#include <linux/netfilter/nf_tables.h>

namespace weir {

using namespace nft;

AtomRoute routeOf(const GovernedPath &path, FlowDirection direction, const GateQuotas &quotas,
                  const GateShaping &shaping)
{
    AtomRoute route;
    route.device = quint32(shaping.device);
    route.meetings = meetings(quotas, path, direction);
    for (const auto &[index, key] : path.shapedOnLinks) {
        if (const auto priority = shaping.priority(key))
            route.shapedOnLinks.push_back({quint32(index), *priority});
    }
    for (const ClassKey &key : path.yieldsTo) {
        const auto priority = shaping.priority(key);
        if (direction == FlowDirection::Up && priority)
            route.yieldsTo.push_back(*priority);
    }
    if (path.shaped)
        route.shaped = shaping.priority(*path.shaped);
    return route;
}

QByteArray AtomRoute::recipe() const
{
    QByteArray recipe;
    const auto note = [&](quint32 number) { recipe += hostOrder(number); };
    note(device);
    note(quint32(shapedOnLinks.size()));
    for (const auto &[index, priority] : shapedOnLinks) {
        note(index);
        note(priority);
    }
    note(quint32(yieldsTo.size()));
    for (const quint32 priority : yieldsTo)
        note(priority);
    note(shaped.value_or(0)); // no class has that priority
    for (const Rule &meeting : meetings)
        recipe += meeting;
    return recipe;
}

QList<Rule> AtomRoute::rules(quint32 atom, FlowDirection direction) const
{
    QList<Rule> rules;
    std::ranges::copy(firstFragments(direction, atom), std::back_inserter(rules));
    rules += meetings;
    const Rule departure = departureTo(device);
    const quint32 link = direction == FlowDirection::Down ? NFT_META_IIF : NFT_META_OIF;
    for (const auto &[index, priority] : shapedOnLinks)
        rules += rule({loadMeta(link), equals(hostOrder(index)), choiceOf(priority), departure});
    for (const quint32 priority : yieldsTo)
        rules += rule({loadMeta(NFT_META_PRIORITY), equals(hostOrder(priority)), departure});
    if (shaped)
        rules += rule({choiceOf(*shaped), departure});
    return rules;
}

} // namespace weir
