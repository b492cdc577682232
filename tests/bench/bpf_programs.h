// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/bpf_call.h"

#include <functional>

namespace weir::bench {

/// What BPF programs did, by the kernel's own statistics.
struct RunTime {
    quint64 nanoseconds = 0;
    quint64 runs = 0;
};

/// Sum over every tc program that this process holds, so that another meter on the machine does not count.
RunTime ownRunTime();

/// Runs `work` on this thread with no capability but the helper's, CAP_BPF and CAP_NET_ADMIN.
///
/// What is loaded without CAP_PERFMON is not the same program: the verifier adds barriers against
/// speculation, so one that root loaded says little of what the helper's costs.
void withRightsOfTheHelper(const std::function<void()> &work);

/// A program that does nothing, on ingress of a link for as long as it lives: what the statistics alone cost.
class EmptyProgram
{
public:
    explicit EmptyProgram(int interface);

private:
    FileDescriptor m_program;
    FileDescriptor m_link;
};

} // namespace weir::bench
