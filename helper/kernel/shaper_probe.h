// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/netlink.h"

#include <QString>

#include <optional>

namespace weir::shaper {

/// What of the shaper's needs this kernel has.
struct KernelParts {
    bool hasIfb = false;
    bool hasHtb = false;
    bool hasTbf = false;
    bool hasFqCodel = false;

    /// One English line on what is missing without which nothing can be limited, and what that costs.
    std::optional<QString> missing() const;
};

/// Tries them out on a device of its own, `weirprobe0`, which never comes up and is gone afterwards. Modules
/// that the kernel loads for it stay loaded; the devices that the module ifb makes at once (ifb0, ifb1) do
/// not stay. Error: KernelRefused when devices cannot be made at all (without CAP_NET_ADMIN, for instance).
Result<KernelParts> probeKernel(NetlinkSocket &socket);

/// What is left of a program that died within probeKernel(); fine when there is nothing. Error:
/// KernelRefused.
Result<void> removeProbe(NetlinkSocket &socket);

} // namespace weir::shaper
