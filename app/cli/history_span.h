// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/verb.h"
#include "app/client/history.h"
#include "dbus/civil_time.h"

namespace weir::cli {

/// What span of time was typed with --from, --to, --by and --zone, on the clocks of its zone.
struct TypedSpan {
    client::HistorySpan span;
    CivilZone zone;
};

/// How many steps may be asked for: an answer has its bound, a file has another.
enum class Steps { OneAnswer, File };

/// Reads the options; the errors name the option. Without --from the 24 hours before --to, without --to until
/// now, the second that runs included, without --zone the zone of who asks, without --by what suits the
/// length: see stepFor().
std::expected<TypedSpan, QString> readSpan(const Arguments &arguments, qint64 now, Steps steps);

/// Minutes up to two hours (quarters of an hour when they began more than two days ago), hours up to two
/// days, days up to 31 days, months beyond.
client::Step stepFor(qint64 from, qint64 to, qint64 now);

/// "2026-10-25 00:00 to 2026-10-26 00:00 (Europe/Berlin)"
QString formatSpan(const TypedSpan &typed);

} // namespace weir::cli
