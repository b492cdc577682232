// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/limits.h"
#include "app/gui/link_list.h"

#include <optional>

/// What limits, quotas and burst guards will do, and what they would have done, in sentences.
namespace weir::gui::text {

/// Bits per second of the line that `watch` is on: of its link, or of the fastest metered one; 0 when no link
/// tells.
quint64 lineSpeed(const LinkList &links, const dbus::WatchRow &watch);

/// That a rate above lineSpeed() holds nothing back.
QString tooFast(const LinkList &links, const dbus::WatchRow &watch);

/// `when`: a schedule as it was set; empty: always. At least one of the rates is there.
QString limitSentence(const QString &name, std::optional<quint64> downBitsPerSecond,
                      std::optional<quint64> upBitsPerSecond, const QString &when);

/// Of the values that were set; how much is used does not matter.
QString quotaSentence(const QString &name, const dbus::QuotaState &quota);

QString burstSentence(const QString &name, const dbus::BurstState &burst);

/// "So far 12.3 of 100 GB since 1 Nov, 12.3 %. Resets 1 Dec · 31.4 GB at this pace."
QString quotaPreview(const dbus::QuotaState &quota);

/// What a block cuts now, and later.
QString blockNote(const dbus::QuotaState &preview, uint connections);

/// "In the last 7 days it would have throttled 3 times: Mon 20:15–20:45 …", and how far back that is known.
/// `from` is what was asked for and `now` the present, in UTC seconds.
QString burstPreview(const client::BurstPreview &preview, qint64 from, qint64 now, uint windowS);

} // namespace weir::gui::text
