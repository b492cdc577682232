// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/link.h"

#include "helper/engine/error.h"

#include <QStringList>

#include <map>
#include <set>
#include <vector>

namespace weir {

/// Which links to meter, and why the others are not.
struct LinkChoice {
    std::set<int> metered;
    std::map<int, QString> reasons; ///< for each link that is not metered; English
    bool operator==(const LinkChoice &) const = default;
};

/// The setting metered_links as names; empty for "auto".
/// Error: InvalidArgument naming the setting and what a name may be.
Result<QStringList> parseMeteredLinks(const QString &setting);

/// Chooses the links to meter, so that a packet is counted on one level only.
///
/// With no `names` (automatic): hardware and ppp links that are up, or that are metered already (`kept`: a
/// link that lost its carrier may have it back before anybody could attach anew); where none is up, also
/// those with the default route; where there is none of these either, those that are up with an address. Of a
/// link and what stands on it (bridge, bond, VLAN …) the lowest is taken. The loopback is never chosen by
/// itself. With names: these, as far as they exist, without those that stand on another one of them.
LinkChoice chooseLinks(const std::vector<Link> &links, const QStringList &names,
                       const std::set<int> &kept = {});

/// Whether the names can be chosen together now.
/// Errors: NotFound (no such link), InvalidArgument (two of them would count the same packets; names both and
/// why).
Result<void> checkMeteredLinks(const std::vector<Link> &links, const QStringList &names);

} // namespace weir
