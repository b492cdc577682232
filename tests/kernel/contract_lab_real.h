// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/meter.h"
#include "tests/kernel/contract_lab.h"

namespace weir::test {

/// The lab in network namespaces of this machine's kernel, with the meter attached in the given way. The
/// calling thread stays "here".
std::unique_ptr<ContractLab> makeRealLab(Meter::Attach attach);

} // namespace weir::test
