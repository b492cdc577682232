// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/bpf_call.h"

#include <vector>

/// The meter as a filter of the clsact qdisc, for kernels before 6.6: shared with whoever else has filters
/// there.
namespace weir::clsact {

/// Ours among the filters of an interface. Priority 1 is the first that the kernel asks.
constexpr quint32 kHandle = 0x77656972; // "weir"
constexpr quint32 kPriority = 1;

struct Filter {
    quint32 priority = 0;
    quint32 handle = 0;
    QByteArray kind;
    bool ours() const { return handle == kHandle && kind == "bpf"; }
};

/// Kind of the qdisc that holds the ingress hook: "clsact", or "ingress", which excludes clsact; empty when
/// there is none.
Result<QByteArray> qdiscKind(int interface);

/// Makes a clsact qdisc; true when it was made, false when there was one.
Result<bool> makeQdisc(int interface);
void removeQdisc(int interface);

Result<std::vector<Filter>> filters(int interface, Hook hook);

/// Id of our program on the hook, 0 when it is not there.
quint32 attachedProgram(int interface, Hook hook, quint32 priority);

/// Puts our filter first, or replaces its program without a gap; gives its priority.
Result<quint32> attach(int interface, Hook hook, int program);
void detach(int interface, Hook hook);

} // namespace weir::clsact
