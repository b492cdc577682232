// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/kernel.h"

#include <memory>

namespace weir {

/// Counts what the sockets of each cgroup move: loads or adopts its programs and maps, attaches them to the
/// root of the cgroups, reads the counters and names them.
///
/// Kernel thread, with an event loop. In the pin directory, which the meter of links has made:
///
///     services-N/               maps and attachments of layout N in use; complete when it has "layout"
///     services-old-GENERATION/  maps that count no more, kept until they are read out
class ServiceMeter
{
public:
    struct Options {
        QString pinDirectory; ///< on a bpffs
        QString
            cgroupRoot; ///< directory of a cgroup; empty: services are not counted, and that is no problem
    };

    explicit ServiceMeter(Options options);
    ~ServiceMeter(); ///< closes handles, leaves everything in place

    /// After the pin directory was made. What hinders it is a problem().
    void start();
    std::vector<KernelProblem> problems() const;

    Result<void> setLocalPrefixes(const std::vector<Prefix> &prefixes);
    /// Learns which links have other headers than Ethernet's.
    Result<void> setLinks(const std::vector<Link> &links);

    Result<ServiceSample> sample();
    std::vector<ServiceCounter> take(const std::vector<ServiceKey> &keys);
    std::vector<ServiceSample> leftovers();
    void discardLeftovers();

    /// Takes all out of the kernel that any Weir left in the pin directory to count services, also without
    /// start().
    Result<void> removeEverything();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// The root of this machine's cgroups, for Options; empty when there is none of version 2.
QString machineCgroupRoot();

} // namespace weir
