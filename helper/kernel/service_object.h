// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/service_sample.h"
#include "helper/kernel/bpf_call.h"
#include "helper/kernel/service_layout.h"

#include <array>
#include <map>
#include <vector>

namespace weir {

/// Maps of the programs that count services, in the order in which they are pinned: the layout last, so that
/// a directory with a layout is complete.
enum class ServiceMap { Settings, LinkHeaders, Services, Overflow, Local4, Local6, Layout };
constexpr size_t kServiceMaps = size_t(ServiceMap::Layout) + 1;

/// The programs and maps that count services, in the kernel, of this build's layout, not attached to
/// anything.
///
/// Closing it leaves in the kernel what is pinned or attached.
class ServiceObject
{
public:
    struct Failure {
        Error error;
        bool notPermitted = false; ///< the process lacks CAP_BPF or CAP_NET_ADMIN
    };

    /// Loads the programs with empty maps of a new generation.
    static std::expected<ServiceObject, Failure> load();

    /// Loads the programs with the maps that are pinned in `directory`.
    static std::expected<ServiceObject, Failure> adopt(const QString &directory);

    /// Pins the maps in `directory`, which exists.
    Result<void> pinMaps(const QString &directory) const;

    int map(ServiceMap map) const { return m_maps[size_t(map)].get(); }
    int program(Hook hook) const { return m_programs[size_t(hook)].get(); }

    /// Makes the local prefixes besides the fixed ones these. Errors: LimitReached beyond WEIR_MAX_PREFIXES
    /// of a version, KernelRefused.
    Result<void> writeLocalPrefixes(const std::vector<struct Prefix> &prefixes) const;

    /// Bytes before the network header by interface index, for links that have not those of Ethernet.
    Result<void> writeLinkHeaders(const std::map<quint32, quint32> &headers) const;

private:
    std::array<FileDescriptor, kServiceMaps> m_maps;
    std::array<FileDescriptor, 2> m_programs;

    static std::expected<ServiceObject, Failure>
    loadWith(const std::array<FileDescriptor, kServiceMaps> &pinned);
};

/// Reads the counters of one generation, of any layout: how they lie is in the maps themselves.
class ServiceCounters
{
public:
    /// Counters of an object that was loaded. Error: KernelRefused.
    static Result<ServiceCounters> of(const ServiceObject &object);

    /// Counters whose maps are pinned in `directory`. Error: KernelRefused when they are not all there.
    static Result<ServiceCounters> at(const QString &directory);

    const weir_service_layout &layout() const { return m_layout; }

    /// A counter as the kernel has it.
    struct Raw {
        ServiceKey key;
        std::vector<quint64> ancestors; ///< ids of cgroups from the top down, the own one last
        ServiceTraffic traffic;
    };
    Result<std::vector<Raw>> read() const;
    Result<ServiceTraffic> overflow() const;

    /// Takes the counter out of the kernel, with all that it counted; nothing when there is none of that
    /// beginning.
    std::optional<Raw> take(const ServiceKey &key) const;

private:
    weir_service_layout m_layout{};
    FileDescriptor m_services;
    FileDescriptor m_overflow;

    Raw decode(quint64 cgroup, const char *value) const;
};

} // namespace weir
