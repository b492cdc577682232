// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

/// Rows for tests of the application, each with just what the test is about.
namespace weir::test {

inline dbus::LinkRow linkRow(const QString &name, dbus::Rate rate = {}, bool metered = true)
{
    dbus::LinkRow row;
    row.name = name;
    row.kind = QStringLiteral("ethernet");
    row.state = QStringLiteral("up");
    row.metered = metered;
    row.reason = metered ? QString() : QStringLiteral("it is down");
    row.rate = rate;
    row.since = 1'700'000'000;
    return row;
}

inline dbus::WatchRow watchRow(const QString &name, const QString &ports = QStringLiteral("80"),
                               dbus::Rate rate = {}, qulonglong rxBytes = 0)
{
    dbus::WatchRow row;
    row.name = name;
    row.revision = 1;
    row.kind = QStringLiteral("ports");
    row.ports = ports;
    row.protocol = QStringLiteral("both");
    row.rate = rate;
    row.total.rxBytes = rxBytes;
    row.since = 1'700'000'000;
    return row;
}

inline dbus::FlowRow flowRow(qulonglong id, const QString &remote = QStringLiteral("203.0.113.1"),
                             dbus::Rate rate = {})
{
    dbus::FlowRow row;
    row.id = id;
    row.protocol = QStringLiteral("tcp");
    row.link = QStringLiteral("eth0");
    row.localAddress = QStringLiteral("192.0.2.1");
    row.localPort = 443;
    row.remoteAddress = remote;
    row.remotePort = 40000;
    row.state = QStringLiteral("established");
    row.scope = QStringLiteral("internet");
    row.rate = rate;
    return row;
}

/// A step that went all to the internet.
inline dbus::HistoryRow historyRow(qint64 start, qint64 end, qulonglong rxBytes, qulonglong txBytes)
{
    dbus::HistoryRow row;
    row.start = start;
    row.end = end;
    row.total = row.internet = {rxBytes, txBytes, rxBytes / 1000, txBytes / 1000};
    return row;
}

inline dbus::SeriesRow seriesRow(const QString &kind, const QString &name, qulonglong rxBytes = 0,
                                 qlonglong removed = 0)
{
    dbus::SeriesRow row;
    row.series = removed == 0 ? QStringLiteral("%1:%2").arg(kind, name)
                              : QStringLiteral("%1:#%2").arg(kind).arg(removed);
    row.kind = kind;
    row.name = name;
    row.since = row.first = 1'700'000'000;
    row.removed = removed;
    row.total.rxBytes = row.internet.rxBytes = rxBytes;
    return row;
}

} // namespace weir::test
