// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"

namespace weir::cli {

/// Finds the series that was typed, or complains and finishes; see chooseSeries().
void withSeries(Session &session, const QString &name, const QString &kind,
                const std::function<void(const dbus::SeriesRow &)> &then);

/// `weirctl history [NAME] --export FILE`.
std::expected<Job, QString> prepareExport(const Arguments &arguments, const QString &kind);

} // namespace weir::cli
