// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>

/// What the program says on standard error: one line a message, by category, for the journal or a terminal.
namespace weir::log {

enum class Level { Debug, Info, Warning, Error };

/// "debug", "info", "warning" or "error".
std::optional<Level> parseLevel(const QString &text);

/// Sends all messages of at least `level` to standard error. Changes (weir.audit) are told at every level.
///
/// Under systemd each line begins with its priority in angle brackets, as the journal reads it; elsewhere
/// with the time.
void install(Level level);

} // namespace weir::log
