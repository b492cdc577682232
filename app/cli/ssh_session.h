// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <optional>

namespace weir::cli {

/// An SSH connection, seen from the machine that was logged in to.
struct SshConnection {
    QString peer; ///< address of who logged in
    quint16 localPort = 0;

    /// What SSH_CONNECTION holds: peer, its port, local address, local port; nothing of other text.
    static std::optional<SshConnection> parse(const QString &variable);
};

/// The SSH connection that this process runs in. sudo takes the variable away, so the processes above are
/// looked at as well, as far as they may be.
std::optional<SshConnection> sshConnection();

/// Whether a watch counts the connection: by its port, as its link (any link may be the one), or as the
/// service of SSH.
bool covers(const dbus::WatchRow &watch, const SshConnection &connection);

/// Whether what a block lets through ("local,22,8000-8010") has the connection in it. Local networks are
/// those that nobody routes.
bool exempts(const QString &exempt, const SshConnection &connection);

} // namespace weir::cli
