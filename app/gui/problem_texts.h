// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

/// Problems of the helper in the language of the application. The helper's own text, with the kernel's words
/// in it, stays English.
namespace weir::gui::text {

/// "Error", "Warning", "Notice".
QString problemSeverity(const dbus::ProblemRow &problem);

/// What it is in a few words; empty when the problem is not a known one.
QString problemTitle(const dbus::ProblemRow &problem);

/// What to do; the helper's own words when the problem is not a known one.
QString problemRemedy(const dbus::ProblemRow &problem);

} // namespace weir::gui::text
