// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// Tells the service manager (systemd) how far the helper is. Without one, nothing happens.
///
/// The unit is of Type=notify rather than dbus: a reload re-executes the helper, which gives the bus name
/// back for a moment, and a unit of Type=dbus is stopped when its name goes.
namespace weir::service_manager {

void ready();
void reloading();
void stopping();

} // namespace weir::service_manager
