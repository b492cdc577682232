// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/gate.h"

namespace weir {

/// The tables that are there, and their generation.
struct GateStanding {
    quint64 generation = 0;
    const GateModel &model;
};

/// The tables that carry out a wish; none for a plan with nothing to govern. Lines of quotas are worked out
/// from what those of `standing` have consumed; what is not in it begins at zero, without it all do.
GateModel gateModel(const GateWish &wish, const GateStanding *standing);

/// "_in" for what is received, "_out" for what is sent: how names end.
QByteArray endingOf(FlowDirection direction);

/// Names of a quota's and a policed service's objects.
QByteArray quotaName(const QuotaGate &quota, FlowDirection direction);
QByteArray droppedName(qint64 watch, FlowDirection direction);
QByteArray policedName(qint64 watch);

/// The quotas that lie in the table for services; all others are in that for links.
std::set<qint64> quotasOfServices(const GovernPlan &plan);

} // namespace weir
