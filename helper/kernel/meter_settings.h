// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/kernel.h"

#include <set>

namespace weir {

class MeterObject;

/// What user space tells the meter's program. Each function reads what is there and writes the difference.
namespace meter_settings {

/// The local prefixes besides the fixed ones. Flows that are known look again with their next packet.
/// Errors: LimitReached beyond WEIR_MAX_PREFIXES of a version, KernelRefused.
Result<void> writeLocalPrefixes(const MeterObject &object, const std::vector<Prefix> &prefixes);

/// The atom of each port, for packets that are forwarded.
Result<void> writePortSet(const MeterObject &object, const std::vector<Atom> &atoms);

/// Frees the places of overlaps that neither plan reads: pairs of atoms that are both in `before` or both in
/// `after` keep their counters.
void forgetOverlaps(const MeterObject &object, const std::vector<Atom> &before,
                    const std::vector<Atom> &after);

/// Lets the program count packets of an interface (`metered`), or not any more; its counters stay.
/// An interface that is new gets counters. Errors: LimitReached when WEIR_MAX_LINKS have some, KernelRefused.
Result<void> writeLink(const MeterObject &object, int interface, bool metered, bool ethernet);

/// The interfaces whose packets were counted on metered links below (uppersOf()). Errors: LimitReached beyond
/// WEIR_MAX_UPPERS, KernelRefused.
Result<void> writeUppers(const MeterObject &object, const std::set<int> &uppers);

/// Takes its counters from the interface with the lowest index that is not metered any more. Its flows are
/// the caller's matter. Errors: LimitReached when all are metered, KernelRefused.
Result<void> forgetUnmeteredLink(const MeterObject &object);

} // namespace meter_settings
} // namespace weir
