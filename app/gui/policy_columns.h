// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/policy_texts.h"

#include <QVariant>

namespace weir::gui {

/// Columns of the watches' table that tell of limits, quotas and burst guards.
enum class PolicyColumn { LimitDown, LimitUp, Quota, Burst };

/// Role of the watch behind a cell: its dbus::WatchRow, for delegates that paint more than text.
inline constexpr int kWatchRole = Qt::UserRole + 2;
/// Role that tells whether the figures are of the past.
inline constexpr int kStaleRole = Qt::UserRole + 3;

/// What a cell of such a column has for `role`; `now` in the helper's UTC seconds.
QVariant policyCell(const dbus::WatchRow &watch, PolicyColumn column, int role, qint64 now);

/// The title of the column, or its tip.
QString policyTitle(PolicyColumn column, bool tip);

/// By what the column means: the lowest limit first and none last, quotas by how much of them is used, guards
/// by what they do.
int comparePolicies(const dbus::WatchRow &a, const dbus::WatchRow &b, PolicyColumn column);

} // namespace weir::gui
