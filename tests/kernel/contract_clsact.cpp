// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/contract_lab_real.h"

namespace weir::test {

std::unique_ptr<ContractLab> ContractLab::make()
{
    return makeRealLab(Meter::Attach::Clsact);
}

} // namespace weir::test
