// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"
#include "helper/engine/engine.h"

/// Limits, quotas and burst guards as rows of the contract.
namespace weir {

/// Of a watch: what was set, and how it stands.
dbus::LimitState toLimitState(const WatchStatus &watch);
dbus::QuotaState toQuotaState(const WatchStatus &watch);
dbus::BurstState toBurstState(const WatchStatus &watch);

dbus::QuotaState toRow(const Engine::QuotaPreview &preview);

} // namespace weir
