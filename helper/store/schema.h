// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/store/connection.h"

/// The layout of the database, which the program carries as numbered .sql files.
namespace weir::schema {

/// SQLite's application_id: tells our file from others'. "Weir" in ASCII.
inline constexpr int kApplicationId = 0x57656972;

/// Versions that this helper knows: 1 to this.
int newestVersion();

/// Brings an empty file or one of an older version to `version`, each step in a transaction of its own.
Result<void> migrate(Connection &connection, int version);

/// Whether a file is ours and of a version that this helper knows. Takes a file that is empty. StorageFailed,
/// naming what to do.
Result<void> identify(Connection &connection);

/// identify(), and whether it reads without damage in all but the long
/// tables by time. Takes a file that is empty. Errors: StorageFailed, naming what to do.
Result<void> inspect(Connection &connection);

/// Whether a file has exactly what our own migrations make of its version: no other table, view, trigger,
/// index or column.
Result<void> compare(Connection &connection);

/// SQLite's quick check of the whole file.
Result<void> checkAll(Connection &connection);

} // namespace weir::schema
