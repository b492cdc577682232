// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QByteArray>
#include <QVariantMap>

namespace weir::cli {

/// All of one moment that is told to a monitoring system.
struct MetricsMoment {
    QVariantMap status; ///< of Manager.GetStatus
    dbus::ProblemRows problems;
    dbus::LinkRows links;
    dbus::WatchRows watches;
    dbus::ServiceRows services;
    qint64 timeMs = 0; ///< UTC: when the figures of links and watches were taken
};

/// Text exposition format 0.0.4 of Prometheus, as the textfile collector of node_exporter reads it. Names and
/// meaning are in the manual of weirctl; a name that was given out keeps its meaning.
QByteArray metricsText(const MetricsMoment &moment);

/// The same while the helper is away: weir_up alone, 0.
QByteArray metricsTextWithoutHelper();

} // namespace weir::cli
