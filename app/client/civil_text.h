// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/report.h"

/// Times as the clocks of a zone show them.
namespace weir::client {

/// `format` as QDateTime takes it.
QString civilTime(qint64 instant, const CivilZone &zone, const QString &format);

/// Of a step of minutes to hours "2026-10-25 02:30", of days "2026-10-25", of months "2026-10".
QString stepText(qint64 instant, Step step, const CivilZone &zone);

/// "+02:00"
QString offsetText(qint64 instant, const CivilZone &zone);

/// "2026-03-01 18:05"
QString minuteText(qint64 instant, const CivilZone &zone);

/// When each of the steps begins: "2026-10-25 02:00" with "+02:00" behind it where clocks change among them,
/// of days "2026-10-25", of months "2026-10"; with a star behind it where no helper counted in a part of it.
QStringList stepTexts(const dbus::HistoryRows &steps, const ReportPeriod &period);

/// "2026-03-01T00:00:00+01:00", for programs.
QString isoText(qint64 instant, const CivilZone &zone);

/// "2026-03-01 00:00 to 2026-03-15 18:05 (Europe/Berlin), by day"
QString periodText(const ReportPeriod &period);

} // namespace weir::client
