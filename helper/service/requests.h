// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"
#include "helper/engine/engine.h"

#include <chrono>

/// Arguments of calls, read and checked against the bounds of dbus/names.h: what a message alone can tell.
/// What the engine checks anyway, such as the spelling of names, is left to it.
///
/// All errors are InvalidArgument and name the argument and its range.
namespace weir {

enum class Topic { Links, Watches, Flows };
enum class SampleKind { Link, Watch };

/// Watches.AddWatch.
Result<WatchSpec> readNewWatch(const QString &name, const QVariantMap &fields);

/// About what the watches of a batch take in a message, in bytes.
qsizetype batchBytes(const dbus::NewWatches &watches);

/// Watches.AddWatches: 1-65535 watches, kMaxBatchBytes; errors name the watch.
Result<std::vector<WatchSpec>> readNewWatches(const dbus::NewWatches &watches);

/// Watches.EditWatch: at least one field.
Result<WatchEdit> readWatchEdit(const QVariantMap &fields);

/// Manager.SetSettings: at least one setting.
Result<QMap<QString, QVariant>> readSettings(const QVariantMap &settings);

/// Live.GetFlows.
Result<FlowQuery> readFlowQuery(const QVariantMap &query);

/// Live.Subscribe. `query` must be empty unless the topic is flows.
struct SubscriptionRequest {
    Topic topic = Topic::Links;
    std::chrono::milliseconds interval{};
    FlowQuery query;
};
Result<SubscriptionRequest> readSubscription(const QString &topic, uint intervalMs, const QVariantMap &query);

/// Live.GetSamples.
Result<SampleKind> readSampleKind(const QString &kind);

} // namespace weir
