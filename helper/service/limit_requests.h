// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/engine.h"

#include <QVariantMap>

/// Arguments of the interface Limits, read and checked as far as a message alone can tell. All errors are
/// InvalidArgument and name the argument and its range.
namespace weir {

Result<LimitPolicy> readLimit(const QVariantMap &fields);
Result<QuotaPolicy> readQuota(const QVariantMap &fields);
Result<BurstPolicy> readBurst(const QVariantMap &fields);

/// An edit that switches "limit", "quota" or "burst", or takes it away.
Result<WatchEdit> readSwitch(const QString &policy, bool enabled);
Result<WatchEdit> readRemoval(const QString &policy);

/// Limits.Calibrate.
Result<WatchEdit> readUsed(qulonglong usedBytes);

/// From when on Limits.PreviewBurst looks, when it is called at `nowS`; both in UTC seconds.
Result<void> checkPreviewFrom(qlonglong fromS, qint64 nowS);

} // namespace weir
