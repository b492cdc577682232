// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/traffic.h"

#include <QString>

#include <chrono>
#include <compare>
#include <vector>

namespace weir {

/// What the sockets of a cgroup or service moved. Wire bytes as on an Ethernet (or the link's own framing),
/// merged packets as their segments.
struct ServiceTraffic {
    ScopedTraffic wire;
    Traffic loopback; ///< within this machine: never on a wire, and in no total

    ServiceTraffic &operator+=(const ServiceTraffic &more)
    {
        wire += more.wire;
        loopback += more.loopback;
        return *this;
    }
    bool operator==(const ServiceTraffic &) const = default;
};

/// Names one counter within a generation: a cgroup whose counter was taken out gets another if its sockets go
/// on.
struct ServiceKey {
    quint64 cgroup = 0; ///< inode of the cgroup's directory; 0 for what found no place
    quint64 began = 0;
    auto operator<=>(const ServiceKey &) const = default;
};

/// What the sockets of one cgroup moved since the counter began.
struct ServiceCounter {
    ServiceKey key;
    /// From the root that services are counted below: "/system.slice/nginx.service". Of the nearest cgroup
    /// above whose name is known when the cgroup went before anybody could read its own; empty when there is
    /// none.
    QString path;
    bool gone = false; ///< the cgroup is removed: nothing or next to nothing comes any more
    ServiceTraffic traffic;
};

/// All counters of services at one moment, cumulative within the generation.
struct ServiceSample {
    quint64 generation = 0; ///< 0 when services are not counted
    std::chrono::steady_clock::time_point taken;
    std::vector<ServiceCounter> counters;
    ServiceTraffic overflow; ///< of cgroups that found no place among `capacity`
    size_t capacity = 0;
};

} // namespace weir
