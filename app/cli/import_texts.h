// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/import_plan.h"

namespace weir::cli {

/// "limit 20 Mbit/s down and up", "quota 100 GiB from day 1 on (out only, x1), blocked past it", "burst guard
/// 50 Mbit/s over 15 min, then 5 Mbit/s for 30 min": of fields of the interface Limits.
QString limitText(const QVariantMap &fields);
QString quotaText(const QVariantMap &fields);
QString burstText(const QVariantMap &fields);

/// What would be done, watch by watch, and what would not.
QStringList planLines(const client::Imported &imported, const QList<client::ImportStep> &steps);

} // namespace weir::cli
