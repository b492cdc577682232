// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/nft_batch.h"

#include <optional>

namespace weir {

/// What this kernel can enforce of the gate; a reason, in one English line, for what it cannot.
struct GateSupport {
    std::optional<QString> noGate;    ///< no rules for packets on links
    std::optional<QString> noService; ///< services cannot be told apart
};

/// Asks the kernel for one of everything that rules need, in a batch that cannot succeed: nothing is changed.
GateSupport probeGate(NftSocket &socket);

} // namespace weir
