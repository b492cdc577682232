// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"
#include "helper/engine/engine.h"

/// The engine's values as rows of the contract.
namespace weir {

dbus::Traffic toWire(const Traffic &traffic);
dbus::LinkRow toRow(const LinkStatus &link);
dbus::WatchRow toRow(const WatchStatus &watch);
dbus::ServiceRow toRow(const ServiceStatus &service);
dbus::FlowRow toRow(const FlowStatus &flow);
dbus::ProblemRow toRow(const Problem &problem);

dbus::LimitRow toRow(const LimitStatus &limit);
dbus::TriggerRow toRow(const BurstTrigger &trigger);

template <typename Status>
auto toRows(const std::vector<Status> &all)
{
    QList<decltype(toRow(all.front()))> rows;
    rows.reserve(qsizetype(all.size()));
    for (const Status &status : all)
        rows.append(toRow(status));
    return rows;
}

} // namespace weir
