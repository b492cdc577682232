// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/import.h"
#include "dbus/types.h"

namespace weir::client {

/// What an import does to one watch.
struct ImportStep {
    QString name;
    bool isNew = false; ///< to be added; else it is there and has the same ports
    QVariantMap fields; ///< of Watches.AddWatch, of a new one
    QVariantMap limit;  ///< what is to be set; empty: nothing
    QVariantMap quota;
    QVariantMap burst;
    QStringList kept; ///< "limit", "quota", "burst": the watch has one, and it stays

    bool changesNothing() const { return !isNew && limit.isEmpty() && quota.isEmpty() && burst.isEmpty(); }
};

/// A step for each watch of the file. A watch of the same ports, TCP and UDP, is used again and keeps what it
/// has; others are added under their remark, or where that is no name or taken, under their ports.
QList<ImportStep> planImport(const Imported &imported, const dbus::WatchRows &watches);

/// Whether a watch can be called so: as the helper has it.
bool isWatchName(const QString &name);

} // namespace weir::client
