// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/bpf_call.h"
#include "helper/kernel/meter_layout.h"

#include <array>

namespace weir {

/// Maps of the meter that the helper uses, in the order in which they are pinned: the layout last, so that a
/// directory with a layout is complete.
enum class MeterMap {
    Settings,
    Stats,
    Links,
    NearLinks,
    Uppers,
    LinkCounters,
    Ports,
    PortSet,
    Overlaps,
    Flows4,
    Flows6,
    Local4,
    Local6,
    Fragments,
    Layout
};
constexpr size_t kMeterMaps = size_t(MeterMap::Layout) + 1;

/// Name of a map: in the object and as a pin.
QString nameOf(MeterMap map);

/// The meter's programs and maps in the kernel, of this build's layout, not attached to anything.
///
/// Closing it leaves in the kernel what is pinned or attached.
class MeterObject
{
public:
    struct Failure {
        Error error;
        bool notPermitted = false; ///< the process lacks CAP_BPF or CAP_NET_ADMIN
    };

    /// Loads the programs with empty maps of a new generation.
    static std::expected<MeterObject, Failure> load();

    /// Loads the programs with the maps that are pinned in `directory`.
    static std::expected<MeterObject, Failure> adopt(const QString &directory);

    /// Pins the maps in `directory`, which exists. What else belongs there (flow tables) must be there
    /// before.
    Result<void> pinMaps(const QString &directory) const;

    int map(MeterMap map) const { return m_maps[size_t(map)].get(); }
    int program(Hook hook) const { return m_programs[size_t(hook)].get(); }
    const weir_layout &layout() const { return m_layout; }

private:
    std::array<FileDescriptor, kMeterMaps> m_maps;
    std::array<FileDescriptor, 2> m_programs;
    weir_layout m_layout{};

    static std::expected<MeterObject, Failure> loadWith(const std::array<FileDescriptor, kMeterMaps> &pinned);
};

/// How counters of this build lie in their maps.
weir_layout describeLayout();

} // namespace weir
