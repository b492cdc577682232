// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/client.h"
#include "dbus/port_list.h"
#include "dbus/types.h"

#include <QString>

/// Words of the application for what the API names in English.
namespace weir::gui::text {

/// "Ethernet", "Wi-Fi", …; `kind` of a LinkRow.
QString linkKind(const QString &kind);

/// `reason` of a LinkRow in the language of the application where it is a known one.
QString linkReason(const QString &reason);

/// `protocol` of a WatchRow: "TCP", "UDP", "TCP, UDP"; empty for a watch of a link.
QString watchProtocol(const QString &protocol);

/// `protocol` of a FlowRow in capitals: "TCP", "ICMPv6".
QString flowProtocol(const QString &protocol);

/// `state` of a FlowRow.
QString flowState(const QString &state);

/// `scope` of a FlowRow.
QString scope(const QString &scope);

/// "203.0.113.5:443", "[2001:db8::1]:443"; without port where the protocol has none.
QString endpoint(const QString &address, uint port);

/// A moment of the past, the date in short and the time: "3 Nov 2026 10:15"; `seconds` in UTC seconds.
QString moment(qlonglong seconds);

/// A port list for people: "8000, 9000–9100".
QString ports(const QList<dbus::PortRange> &ranges, int atMost = 1000);

/// How many ports the ranges hold.
int portCount(const QList<dbus::PortRange> &ranges);

/// Down and up, with every digit, one line each, for a tip.
QString exactTraffic(const dbus::Traffic &traffic);

/// What is wrong with a port list, for the one who types it.
QString portListError(const dbus::PortListError &error);

/// Why a call failed and what to do about it.
QString callError(const client::CallError &error);

/// What the figures of a link include; `since` in UTC seconds.
QString linkTotalTip(const dbus::LinkRow &link);

/// What the internet or local part of a link includes.
QString linkScopeTip(const dbus::LinkRow &link, bool internet);

/// What the figures of a watch include.
QString watchTotalTip(const dbus::WatchRow &watch);

} // namespace weir::gui::text
