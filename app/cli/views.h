// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/table.h"
#include "dbus/types.h"

/// Rows of the API as tables for people; the same for one look and for `top`.
namespace weir::cli {

/// How much room there is: a page is as wide as it needs to be, a screen has rates where 80 columns show
/// them.
enum class Room { Page, Screen };

Table linkTable(const dbus::LinkRows &links);
Table watchTable(const dbus::WatchRows &watches, Room room = Room::Page);
Table flowTable(const dbus::FlowRows &flows, Room room = Room::Page);

/// "ports 8000, 9000-9100 (TCP and UDP)" or "link eth0".
QString whatIsWatched(const QString &ports, const QString &protocol, const QString &link);

/// Local time, "2026-03-01 18:05".
QString formatTime(qint64 utcSeconds);

} // namespace weir::cli
