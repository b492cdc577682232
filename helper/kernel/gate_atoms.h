// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/gate_quotas.h"

#include <vector>

namespace weir {

/// What packets of one atom and direction meet, in this order.
struct AtomRoute {
    QList<nft::Rule> meetings;                              ///< of quotas
    std::vector<std::pair<quint32, quint32>> shapedOnLinks; ///< link's index, priority
    std::vector<quint32> yieldsTo;                          ///< priorities that stay
    std::optional<quint32> shaped;                          ///< priority
    quint32 device = 0;                                     ///< the shaper's index

    QByteArray recipe() const;
    QList<nft::Rule> rules(quint32 atom, FlowDirection direction) const;
};

AtomRoute routeOf(const GovernedPath &path, FlowDirection direction, const GateQuotas &quotas,
                  const GateShaping &shaping);

} // namespace weir
