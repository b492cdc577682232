// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/engine.h"

namespace weir {

/// A watch's name as part of an error, in quotes: one that was not checked yet may be long or hold anything.
QString quotedName(const QString &name);

/// What can be said of a watch without looking at the others: name, note, ports, protocols.
/// Error: InvalidArgument naming the watch, the field and what is allowed.
Result<void> checkSpec(const WatchSpec &spec);

/// `spec` with the fields of `edit`; ports normalized.
/// Errors: InvalidArgument (a field that this kind does not have, or a value that checkSpec() refuses).
Result<WatchSpec> edited(const WatchSpec &spec, const WatchEdit &edit);

/// Links that these name, so that they can be looked for; see Engine::lookForLinks().
QStringList linksOf(const std::vector<WatchSpec> &watches);
QStringList linksOf(const WatchEdit &edit);

} // namespace weir
