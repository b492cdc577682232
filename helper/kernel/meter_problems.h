// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/kernel.h"

/// What the meter has to say of what is missing: texts and remedies in one place.
namespace weir::meter_problems {

/// The process lacks CAP_BPF or CAP_NET_ADMIN.
KernelProblem notPermitted(const Error &error);
/// The kernel refused the programs or maps.
KernelProblem notLoaded(const Error &error);
/// Nothing can be pinned in `directory`.
KernelProblem noBpffs(const Error &error, const QString &directory);
/// Nothing of a link is counted.
KernelProblem linkNotMetered(const QString &link, const Error &error);
/// A filter of others may hide packets of a link.
KernelProblem linkPartlyMetered(const QString &link, const QString &warning);
/// Some bridges, bonds or VLANs above metered links are not known to the programs.
KernelProblem uppersUnknown(const Error &error);
/// The largest table is full, or a larger one was refused for `reason`.
KernelProblem flowTableFull(size_t capacity, const QString &reason);
/// `packets` found no place among the overlaps.
KernelProblem overlapsMissed(quint64 packets);

} // namespace weir::meter_problems
