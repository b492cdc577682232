// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/table.h"
#include "dbus/types.h"

/// Rows of the API as tables for people; the same for one look and for `top`.
namespace weir::cli {

using client::Table;

/// How much room there is: a page is as wide as it needs to be, a screen has rates where 80 columns show
/// them.
enum class Room { Page, Screen };

Table linkTable(const dbus::LinkRows &links);
Table watchTable(const dbus::WatchRows &watches, Room room = Room::Page);
Table flowTable(const dbus::FlowRows &flows, Room room = Room::Page);

Table serviceTable(const dbus::ServiceRows &services);

/// "ports 8000, 9000-9100 (TCP and UDP)", "link eth0" or "service nginx.service": of the fields of a watch.
QString whatIsWatched(const dbus::WatchRow &watch);

/// A name as it is typed: quoted where a shell would take it apart.
QString shellWord(const QString &name);

/// A name within a sentence: 'web'.
QString inQuotes(const QString &name);

/// Local time, "2026-03-01 18:05".
QString formatTime(qint64 utcSeconds);

} // namespace weir::cli
