// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"

namespace weir::cli {

/// Goes on with `then` unless a quota of these fields (see Limits.SetQuota) would block the SSH connection
/// that this command is typed in: that is refused with what lets it through, unless `isSure`. Of any quota
/// that blocks it says beforehand what that cuts.
void withBlockAgreed(Session &session, const dbus::WatchRow &watch, const QVariantMap &fields, bool isSure,
                     const std::function<void()> &then);

} // namespace weir::cli
