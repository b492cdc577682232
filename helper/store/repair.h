// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/error.h"

#include <QString>
#include <QStringList>

#include <atomic>
#include <chrono>

/// Looking at a database as a whole, copying it, and putting another in its place. Works on files, on any
/// thread.
namespace weir::repair {

/// Whether a helper has the file open: then what its log holds belongs to it.
enum class InUse { No, Yes };

/// What is wrong with a database, a line each: SQLite's own check, and whether the tables by time agree.
/// Reads only. After `allowance` it stops, and a line says what was not looked at.
QStringList check(const QString &path, InUse inUse,
                  std::chrono::milliseconds allowance = std::chrono::minutes(2));

/// Writes the database, of one moment, into the caller's file; gives the number of bytes. Uses a file beside
/// it meanwhile. Errors: InvalidArgument (file), StorageFailed.
Result<quint64> backUp(const QString &path, InUse inUse, int file, std::chrono::milliseconds patience,
                       const std::atomic<bool> &isCancelled);

/// Copies the caller's file beside the database, proves that it is one of ours, and brings it up to date.
/// Gives the copy's path. Errors: InvalidArgument (file: not a regular file, not a database of Weir, damaged,
/// newer, larger than 4 GiB), StorageFailed.
Result<QString> fetch(const QString &path, int file, const std::atomic<bool> &isCancelled);

/// Moves a database that nobody has open, with its log, to a name beside it that was free:
/// "weir.db.WHY-20260131_235959". Gives that path; empty when there was none. StorageFailed.
Result<QString> moveAside(const QString &path, const QString &why);

/// Moves the database aside and puts `copy` in its place; gives where the former one is.
Result<QString> replace(const QString &path, const QString &copy);

/// Removes what a helper that was killed left beside a database.
void removeLeftovers(const QString &path);

} // namespace weir::repair
