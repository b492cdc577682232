// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/unit/engine_rig.h"

/// Edits of policies, and what a plan says of a watch.
namespace weir::test {

inline constexpr quint64 kMbit = 1'000'000;

inline LimitPolicy limitOf(std::optional<quint64> down, std::optional<quint64> up = {},
                           const QString &when = {})
{
    return {true, down, up, Schedule::parse(when).value()};
}

inline WatchEdit limitEdit(std::optional<quint64> down, std::optional<quint64> up = {},
                           const QString &when = {})
{
    WatchEdit edit;
    edit.limit.emplace(limitOf(down, up, when));
    return edit;
}

inline WatchEdit quotaEdit(const QuotaPolicy &quota)
{
    WatchEdit edit;
    edit.quota.emplace(quota);
    return edit;
}

inline WatchEdit burstEdit(const BurstPolicy &burst)
{
    WatchEdit edit;
    edit.burst.emplace(burst);
    return edit;
}

inline WatchEdit enableEdit(bool enabled)
{
    WatchEdit edit;
    edit.enabled = enabled;
    return edit;
}

/// Of the watch's own class in a plan; nothing when it has none.
inline std::optional<quint64> classRate(const GovernPlan &plan, qint64 watch, FlowDirection direction,
                                        bool isSlow = false)
{
    for (const ShaperClass &each : plan.classes)
        if (each.key == ClassKey{watch, direction, isSlow})
            return each.bitsPerSecond;
    return {};
}

inline std::optional<QuotaGate> gateOf(const GovernPlan &plan, qint64 watch)
{
    for (const QuotaGate &gate : plan.quotas)
        if (gate.watch == watch)
            return gate;
    return {};
}

} // namespace weir::test
