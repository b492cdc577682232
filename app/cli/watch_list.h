// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QIODevice>

#include <expected>

namespace weir::cli {

/// Reads watches of ports, one a line: NAME PORTS [tcp|udp|both] [NOTE].
///
/// Words are separated by white space; a name with white space stands in double quotes; empty lines and lines
/// that begin with # are passed over. The error names the line.
std::expected<dbus::NewWatches, QString> readWatchList(QIODevice &device);

/// Why `text` is no port list, if it is none; English.
std::expected<void, QString> checkPorts(const QString &text);

bool isProtocol(const QString &text);

} // namespace weir::cli
