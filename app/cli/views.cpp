// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/views.h"

#include "app/cli/policy_texts.h"
#include "app/client/format.h"
#include "dbus/port_list.h"

#include <QDateTime>
#include <QRegularExpression>

#include <algorithm>
#include <array>
#include <functional>

namespace weir::cli {

using client::formatBytes;
using client::formatRate;

namespace {

using Align = Table::Align;

QString endpoint(const QString &address, uint port)
{
    if (port == 0)
        return address;
    return (address.contains(QLatin1Char(':')) ? QStringLiteral("[%1]:%2") : QStringLiteral("%1:%2"))
        .arg(address)
        .arg(port);
}

/// A port list as it is understood: sorted, merged, and easy to read.
QString understood(const QString &ports)
{
    const auto ranges = dbus::parsePortList(ports);
    QString list = ranges ? dbus::formatPortList(*ranges) : ports;
    return list.replace(QLatin1Char(','), QLatin1String(", "));
}

/// A column that stands only where a watch has something in it.
struct PolicyColumn {
    const char *title;
    std::function<QString(const dbus::WatchRow &)> cell;
};

QString firstOf(const QStringList &values)
{
    if (values.size() <= 1)
        return values.value(0);
    return QStringLiteral("%1 +%2").arg(values.first()).arg(values.size() - 1);
}

} // namespace

Table linkTable(const dbus::LinkRows &links)
{
    Table table({{QStringLiteral("LINK")},
                 {QStringLiteral("KIND")},
                 {QStringLiteral("STATE")},
                 {QStringLiteral("DOWN"), Align::Right},
                 {QStringLiteral("UP"), Align::Right},
                 {QStringLiteral("TOTAL DOWN"), Align::Right},
                 {QStringLiteral("TOTAL UP"), Align::Right},
                 {QStringLiteral("SPEED"), Align::Right},
                 {QStringLiteral("ADDRESS")},
                 {QStringLiteral("METERED"), Align::Left, 100}});
    for (const dbus::LinkRow &link : links) {
        table.add({link.name, link.kind, link.state, formatRate(link.rate.known, link.rate.rxBytesPerSecond),
                   formatRate(link.rate.known, link.rate.txBytesPerSecond), formatBytes(link.total.rxBytes),
                   formatBytes(link.total.txBytes),
                   formatRate(link.speedBitsPerSecond != 0, double(link.speedBitsPerSecond) / 8),
                   firstOf(link.addresses),
                   link.metered                ? QStringLiteral("yes")
                       : link.reason.isEmpty() ? QStringLiteral("no")
                                               : QStringLiteral("no: ") + link.reason});
    }
    return table;
}

Table watchTable(const dbus::WatchRows &watches, Room room)
{
    std::vector<Table::Column> columns{{QStringLiteral("WATCH"), Align::Left, room == Room::Page ? 64 : 20},
                                       {QStringLiteral("COUNTS"), Align::Left, room == Room::Page ? 36 : 16},
                                       {QStringLiteral("CONNECTIONS"), Align::Right},
                                       {QStringLiteral("DOWN"), Align::Right},
                                       {QStringLiteral("UP"), Align::Right},
                                       {QStringLiteral("TOTAL DOWN"), Align::Right},
                                       {QStringLiteral("TOTAL UP"), Align::Right}};
    // Nobody else's table widens.
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    const std::array<PolicyColumn, 3> policies{
        PolicyColumn{"LIMIT", limitCell},
        PolicyColumn{"QUOTA", [](const dbus::WatchRow &watch) { return quotaCell(watch.quota); }},
        PolicyColumn{"BURST", [now](const dbus::WatchRow &watch) { return burstCell(watch.burst, now); }}};
    std::vector<PolicyColumn> shown;
    for (const PolicyColumn &policy : policies) {
        if (std::ranges::all_of(watches, [&](const auto &watch) { return policy.cell(watch).isEmpty(); }))
            continue;
        shown.push_back(policy);
        columns.push_back({QLatin1String(policy.title)});
    }
    columns.push_back({QStringLiteral("OWNER"), Align::Left, 24});
    columns.push_back({QStringLiteral("NOTE"), Align::Left, 40});
    Table table(std::move(columns));
    for (const dbus::WatchRow &watch : watches) {
        QString counts = whatIsWatched(watch);
        if (watch.kind == QLatin1String("ports"))
            counts = watch.protocol == QLatin1String("both")
                ? understood(watch.ports)
                : watch.protocol + QLatin1Char(' ') + understood(watch.ports);
        const auto rate = [&watch](double bytesPerSecond) {
            return watch.enabled ? formatRate(watch.rate.known, bytesPerSecond) : QStringLiteral("paused");
        };
        QStringList cells{watch.name,
                          counts,
                          QString::number(watch.connections),
                          rate(watch.rate.rxBytesPerSecond),
                          rate(watch.rate.txBytesPerSecond),
                          formatBytes(watch.total.rxBytes),
                          formatBytes(watch.total.txBytes)};
        for (const PolicyColumn &policy : shown)
            cells << policy.cell(watch);
        table.add(cells << watch.owner << watch.note);
    }
    return table;
}

Table flowTable(const dbus::FlowRows &flows, Room room)
{
    const std::vector<Table::Column> ends{{QStringLiteral("PROTOCOL")},
                                          {QStringLiteral("LOCAL")},
                                          {QStringLiteral("REMOTE")},
                                          {QStringLiteral("STATE")},
                                          {QStringLiteral("SCOPE")}};
    const std::vector<Table::Column> figures{{QStringLiteral("DOWN"), Align::Right},
                                             {QStringLiteral("UP"), Align::Right},
                                             {QStringLiteral("TOTAL DOWN"), Align::Right},
                                             {QStringLiteral("TOTAL UP"), Align::Right}};
    std::vector<Table::Column> columns = room == Room::Page ? ends : figures;
    const auto &further = room == Room::Page ? figures : ends;
    columns.insert(columns.end(), further.begin(), further.end());
    columns.push_back({QStringLiteral("LINK")});
    columns.push_back({QStringLiteral("WATCHES"), Align::Left, 40});
    Table table(std::move(columns));
    for (const dbus::FlowRow &flow : flows) {
        const QStringList who{flow.protocol, endpoint(flow.localAddress, flow.localPort),
                              endpoint(flow.remoteAddress, flow.remotePort), flow.state, flow.scope};
        const QStringList howMuch{formatRate(flow.rate.known, flow.rate.rxBytesPerSecond),
                                  formatRate(flow.rate.known, flow.rate.txBytesPerSecond),
                                  formatBytes(flow.total.rxBytes), formatBytes(flow.total.txBytes)};
        table.add((room == Room::Page ? who + howMuch : howMuch + who)
                  << flow.link << flow.watches.join(QStringLiteral(", ")));
    }
    return table;
}

Table serviceTable(const dbus::ServiceRows &services)
{
    Table table({{QStringLiteral("SERVICE"), Align::Left, 64},
                 {QStringLiteral("KIND")},
                 {QStringLiteral("RUNS")},
                 {QStringLiteral("DOWN"), Align::Right},
                 {QStringLiteral("UP"), Align::Right},
                 {QStringLiteral("TOTAL DOWN"), Align::Right},
                 {QStringLiteral("TOTAL UP"), Align::Right},
                 {QStringLiteral("INTERNET"), Align::Right},
                 {QStringLiteral("LOOPBACK"), Align::Right},
                 {QStringLiteral("SINCE")}});
    const auto both = [](const dbus::Traffic &traffic) {
        return formatBytes(traffic.rxBytes + traffic.txBytes);
    };
    for (const dbus::ServiceRow &service : services)
        table.add({service.name, service.kind,
                   service.cgroups > 0 ? QStringLiteral("yes") : QStringLiteral("no"),
                   formatRate(service.rate.known, service.rate.rxBytesPerSecond),
                   formatRate(service.rate.known, service.rate.txBytesPerSecond),
                   formatBytes(service.total.rxBytes), formatBytes(service.total.txBytes),
                   both(service.internet), both(service.loopback), formatTime(service.since)});
    return table;
}

QString whatIsWatched(const dbus::WatchRow &watch)
{
    if (!watch.service.isEmpty())
        return QStringLiteral("service ") + watch.service;
    if (!watch.link.isEmpty())
        return QStringLiteral("link ") + watch.link;
    const QString protocols = watch.protocol == QLatin1String("tcp") ? QStringLiteral("TCP")
        : watch.protocol == QLatin1String("udp")                     ? QStringLiteral("UDP")
                                                                     : QStringLiteral("TCP and UDP");
    const QString list = understood(watch.ports);
    const bool several = list.contains(QLatin1Char(',')) || list.contains(QLatin1Char('-'));
    return QStringLiteral("%1 %2 (%3)")
        .arg(several ? QStringLiteral("ports") : QStringLiteral("port"), list, protocols);
}

QString shellWord(const QString &name)
{
    static const QRegularExpression plain(QStringLiteral("^[\\w.,:+@%/=-]+$"),
                                          QRegularExpression::UseUnicodePropertiesOption);
    if (plain.match(name).hasMatch())
        return name;
    return QStringLiteral("'%1'").arg(QString(name).replace(QLatin1Char('\''), QLatin1String("'\\''")));
}

QString inQuotes(const QString &name)
{
    return QStringLiteral("'%1'").arg(name);
}

QString formatTime(qint64 utcSeconds)
{
    return QDateTime::fromSecsSinceEpoch(utcSeconds).toString(QStringLiteral("yyyy-MM-dd HH:mm"));
}

} // namespace weir::cli
