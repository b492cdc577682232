// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/link.h"

#include <set>

namespace weir {

/// Indexes of the bridges, bonds and VLANs all of whose packets were counted on a link of `metered` below,
/// under the same ports: each port, or the link below, is in `metered` or is such a link itself.
///
/// A packet that comes up through one bears its index, not that of the link by which it came in. Links of
/// other kinds are left out: what they hand up may never have been on the link below (macvlans of one
/// parent), or was something else there (MACsec, batman-adv).
std::set<int> uppersOf(const std::vector<Link> &links, const std::set<int> &metered);

} // namespace weir
