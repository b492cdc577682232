// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/link_choice.h"

#include <algorithm>
#include <functional>

namespace weir {

namespace {

using Links = std::map<int, const Link *>;

Links byIndex(const std::vector<Link> &links)
{
    Links map;
    for (const Link &link : links)
        map[link.index] = &link;
    return map;
}

/// How `upper` stands on `lower`, in words; empty when it does not.
QString standsOn(const Links &links, const Link &upper, const Link &lower)
{
    // upwards from `lower`: to its bridge or bond, and to the VLANs that name it
    std::set<int> seen{lower.index};
    std::vector<int> open{lower.index};
    while (!open.empty()) {
        const int below = open.back();
        open.pop_back();
        for (const auto &[index, link] : links) {
            const bool above = link->lower == below || links.at(below)->master == index;
            if (above && seen.insert(index).second)
                open.push_back(index);
        }
    }
    if (upper.index == lower.index || !seen.contains(upper.index))
        return {};
    if (lower.master == upper.index)
        return upper.kind == LinkKind::Bond  ? QStringLiteral("%1 is a port of the bond %2")
            : upper.kind == LinkKind::Bridge ? QStringLiteral("%1 is a port of the bridge %2")
                                             : QStringLiteral("%1 is a port of %2");
    if (upper.lower == lower.index && upper.kind == LinkKind::Vlan)
        return QStringLiteral("%2 is a VLAN on %1");
    return QStringLiteral("%2 stands on %1");
}

/// `candidates` without those that stand on another candidate; the reason of each that goes is noted.
void keepLowest(const Links &links, std::set<int> &candidates, std::map<int, QString> &reasons)
{
    const std::set<int> all = candidates;
    for (const int upper : all) {
        for (const int lower : all) {
            const QString how = standsOn(links, *links.at(upper), *links.at(lower));
            // two links that stand on each other cannot be: the kernel refuses loops
            if (how.isEmpty())
                continue;
            candidates.erase(upper);
            reasons[upper] =
                QStringLiteral("its packets are counted on %1: %2")
                    .arg(links.at(lower)->name, how.arg(links.at(lower)->name, links.at(upper)->name));
            break;
        }
    }
}

QString automaticReason(const Links &links, const Link &link, const std::set<int> &metered)
{
    if (link.kind == LinkKind::Loopback)
        return QStringLiteral("the loopback is metered only when asked for");
    for (const int index : metered) {
        const Link &other = *links.at(index);
        if (const QString how = standsOn(links, link, other); !how.isEmpty())
            return QStringLiteral("its packets are counted on %1: %2")
                .arg(other.name, how.arg(other.name, link.name));
        if (const QString how = standsOn(links, other, link); !how.isEmpty())
            return QStringLiteral("its packets are counted on %1: %2")
                .arg(other.name, how.arg(link.name, other.name));
    }
    if (!link.up)
        return QStringLiteral("it is down");
    return QStringLiteral("it is virtual: what leaves this machine is counted on the links below it");
}

} // namespace

Result<QStringList> parseMeteredLinks(const QString &setting)
{
    if (setting.trimmed() == QLatin1String("auto"))
        return QStringList{};
    QStringList names;
    for (const QString &part : setting.split(QLatin1Char(','))) {
        const QString name = part.trimmed();
        const bool valid =
            !name.isEmpty() && name.toUtf8().size() <= 15 && std::ranges::none_of(name, [](QChar c) {
                return c.isSpace() || c == QLatin1Char('/') || !c.isPrint();
            });
        if (!valid)
            return failure(
                ErrorKind::InvalidArgument,
                QStringLiteral("metered_links: \"%1\" is neither \"auto\" nor interface names of 1-15 bytes "
                               "separated by commas")
                    .arg(setting.left(80)));
        if (!names.contains(name))
            names.append(name);
    }
    return names;
}

LinkChoice chooseLinks(const std::vector<Link> &links, const QStringList &names, const std::set<int> &kept)
{
    const Links map = byIndex(links);
    LinkChoice choice;
    const auto choose = [&](const std::function<bool(const Link &)> &wanted) {
        for (const Link &link : links)
            if (wanted(link))
                choice.metered.insert(link.index);
    };
    if (!names.isEmpty()) {
        choose([&](const Link &link) { return names.contains(link.name); });
    } else {
        const auto lowest = [](const Link &link) {
            return link.kind != LinkKind::Loopback && (link.hardware || link.kind == LinkKind::Ppp);
        };
        choose([&](const Link &link) { return lowest(link) && (link.up || kept.contains(link.index)); });
        if (std::ranges::none_of(links, [&](const Link &link) { return link.up && lowest(link); }))
            choose([](const Link &link) {
                return link.up && link.kind != LinkKind::Loopback && link.defaultRoute;
            });
        if (choice.metered.empty())
            choose([](const Link &link) {
                return link.up && link.kind != LinkKind::Loopback && !link.addresses.empty();
            });
        // A container's only link that goes down comes back before anybody has chosen it anew.
        if (choice.metered.empty())
            choose([&](const Link &link) { return kept.contains(link.index); });
    }
    keepLowest(map, choice.metered, choice.reasons);
    for (const Link &link : links) {
        if (choice.metered.contains(link.index) || choice.reasons.contains(link.index))
            continue;
        choice.reasons[link.index] = names.isEmpty()
            ? automaticReason(map, link, choice.metered)
            : QStringLiteral("it is not in the setting metered_links");
    }
    return choice;
}

Result<void> checkMeteredLinks(const std::vector<Link> &links, const QStringList &names)
{
    std::vector<const Link *> chosen;
    for (const QString &name : names) {
        const auto found = std::ranges::find(links, name, &Link::name);
        if (found == links.end())
            return failure(ErrorKind::NotFound,
                           QStringLiteral("metered_links: there is no link %1").arg(name));
        chosen.push_back(&*found);
    }
    const Links map = byIndex(links);
    for (const Link *upper : chosen) {
        for (const Link *lower : chosen) {
            if (const QString how = standsOn(map, *upper, *lower); !how.isEmpty())
                return failure(
                    ErrorKind::InvalidArgument,
                    QStringLiteral("metered_links: %1 and %2 cannot be metered together: %3, so each packet "
                                   "would be counted twice")
                        .arg(lower->name, upper->name, how.arg(lower->name, upper->name)));
        }
    }
    return {};
}

} // namespace weir
