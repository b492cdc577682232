// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/report_sections.h"

#include "app/client/civil_text.h"
#include "app/client/format.h"
#include "dbus/port_list.h"

#include <QLocale>

#include <algorithm>

namespace weir::client {

namespace {

using Align = Table::Align;
using Layout = ReportSection::Layout;

constexpr int kWholeText = 2000; ///< columns that are not elided: they tell what to do

Table::Column left(const char *title, int maxWidth = 64)
{
    return {QString::fromLatin1(title), Align::Left, maxWidth};
}

Table::Column right(const char *title)
{
    return {QString::fromLatin1(title), Align::Right};
}

ReportSection facts(const char *id, const char *title)
{
    ReportSection section;
    section.id = QString::fromLatin1(id);
    section.title = QString::fromLatin1(title);
    section.layout = Layout::Facts;
    section.columns = {left(""), left("", kWholeText)};
    return section;
}

ReportSection table(const QString &id, const QString &title, std::vector<Table::Column> columns,
                    const char *whenEmpty)
{
    ReportSection section;
    section.id = id;
    section.title = title;
    section.columns = std::move(columns);
    section.whenEmpty = QString::fromLatin1(whenEmpty);
    return section;
}

void addFact(ReportSection &section, const char *name, const QString &value)
{
    section.rows.append({QString::fromLatin1(name), value.isEmpty() ? QStringLiteral("unknown") : value});
}

qulonglong bytesOf(const dbus::Traffic &traffic)
{
    return traffic.rxBytes + traffic.txBytes;
}

QString percent(qulonglong part, qulonglong whole)
{
    return whole == 0 ? QStringLiteral("—")
                      : QStringLiteral("%1 %").arg(qRound(double(part) / double(whole) * 100));
}

/// Down, up, both and the internet's part.
QStringList figures(const dbus::Traffic &total, const dbus::Traffic &internet)
{
    return {formatBytes(total.rxBytes), formatBytes(total.txBytes), formatBytes(bytesOf(total)),
            percent(bytesOf(internet), bytesOf(total))};
}

QString usedOf(quint64 all, quint64 free)
{
    const quint64 used = all - std::min(all, free);
    return QStringLiteral("%1 of %2 used (%3)").arg(formatBytes(used), formatBytes(all), percent(used, all));
}

ReportSection machineSection(const Machine &machine)
{
    ReportSection section = facts("machine", "Machine");
    addFact(section, "Host name", machine.hostName);
    addFact(section, "System", machine.system);
    addFact(section, "Kernel", QStringLiteral("%1 %2").arg(machine.kernel, machine.architecture).trimmed());
    addFact(section, "Up for", machine.uptimeSeconds > 0 ? formatDuration(machine.uptimeSeconds) : QString());
    addFact(section, "Processor",
            machine.processors > 0
                ? QStringLiteral("%1 × %2")
                      .arg(machine.processors)
                      .arg(machine.processor.isEmpty() ? machine.architecture : machine.processor)
                : machine.processor);
    QString load;
    if (machine.load) {
        const auto shown = [&](size_t i) { return QLocale().toString((*machine.load)[i], 'f', 2); };
        load = QStringLiteral("%1 in 1 min, %2 in 5 min, %3 in 15 min").arg(shown(0), shown(1), shown(2));
    }
    addFact(section, "Load", load);
    addFact(section, "Memory",
            machine.memoryBytes > 0 ? usedOf(machine.memoryBytes, machine.memoryAvailableBytes) : QString());
    if (machine.swapBytes > 0)
        addFact(section, "Swap", usedOf(machine.swapBytes, machine.swapFreeBytes));
    return section;
}

ReportSection diskSection(const Machine &machine)
{
    ReportSection section = table(QStringLiteral("disks"), QStringLiteral("Disks"),
                                  {left("Mounted at"), left("Device"), left("Type"), right("Size"),
                                   right("Used"), right("Free"), right("Full")},
                                  "No disk can be seen from here.");
    for (const Disk &disk : machine.disks)
        section.rows.append({disk.mountPoint, disk.device, disk.fileSystem, formatBytes(disk.sizeBytes),
                             formatBytes(disk.usedBytes), formatBytes(disk.freeBytes),
                             percent(disk.usedBytes, disk.usedBytes + disk.freeBytes)});
    return section;
}

ReportSection statusSection(const Report &report)
{
    const auto value = [&report](const char *key) { return report.status.value(QLatin1String(key)); };
    ReportSection section = facts("weir", "Weir");
    addFact(section, "Version", value("version").toString());
    if (const qint64 started = value("started_s").toLongLong(); started > 0)
        addFact(section, "Running since",
                QStringLiteral("%1 (%2)").arg(minuteText(started, report.period.zone),
                                              formatDuration(report.made - started)));
    addFact(section, "Meter", value("meter").toString());
    const QStringList links = value("metered_links").toStringList();
    addFact(section, "Metered links",
            links.isEmpty() ? QStringLiteral("none") : links.join(QStringLiteral(", ")));
    addFact(section, "Watches", QString::number(report.watches.size()));
    addFact(section, "Connections", value("flows").toString());
    if (const qulonglong bytes = value("unattributed_bytes").toULongLong())
        addFact(section, "Unattributed",
                QStringLiteral("%1 of connections that found no room").arg(formatBytes(bytes)));
    addFact(section, "Database", value("database").toString());
    return section;
}

ReportSection problemSection(const Report &report)
{
    ReportSection section = table(QStringLiteral("problems"), QStringLiteral("Problems"),
                                  {left("Severity"), left("Since"), left("Subject"), left("What", kWholeText),
                                   left("To do", kWholeText)},
                                  "No problems.");
    for (const dbus::ProblemRow &problem : report.problems)
        section.rows.append({problem.severity, minuteText(problem.since, report.period.zone), problem.subject,
                             problem.text, problem.remedy});
    return section;
}

QString whetherMetered(const dbus::LinkRow &link)
{
    if (link.metered)
        return QStringLiteral("yes");
    return link.reason.isEmpty() ? QStringLiteral("no") : QStringLiteral("no: ") + link.reason;
}

ReportSection linkSection(const Report &report)
{
    ReportSection section =
        table(QStringLiteral("links"), QStringLiteral("Links"),
              {left("Link"), left("Kind"), left("State"), left("Metered", 100), right("Down now"),
               right("Up now"), right("Total down"), right("Total up"), left("Addresses", 120)},
              "This machine has no network link.");
    section.note = QStringLiteral("Totals run from when Weir first saw the link.");
    for (const dbus::LinkRow &link : report.links)
        section.rows.append({link.name, link.kind, link.state, whetherMetered(link),
                             formatRate(link.rate.known, link.rate.rxBytesPerSecond),
                             formatRate(link.rate.known, link.rate.txBytesPerSecond),
                             formatBytes(link.total.rxBytes), formatBytes(link.total.txBytes),
                             link.addresses.join(QStringLiteral(", "))});
    return section;
}

/// "tcp 80, 443", "link eth0", "service nginx.service".
QString whatIsCounted(const dbus::WatchRow &watch)
{
    if (watch.kind == QLatin1String("link"))
        return QStringLiteral("link ") + watch.link;
    if (watch.kind == QLatin1String("service"))
        return QStringLiteral("service ") + watch.service;
    const auto ranges = dbus::parsePortList(watch.ports);
    QString ports = ranges ? dbus::formatPortList(*ranges) : watch.ports;
    ports.replace(QLatin1Char(','), QLatin1String(", "));
    return watch.protocol == QLatin1String("both") ? ports : watch.protocol + QLatin1Char(' ') + ports;
}

ReportSection watchSection(const Report &report)
{
    ReportSection section =
        table(QStringLiteral("watches"), QStringLiteral("Watches"),
              {left("Watch"), left("Counts"), left("State"), right("Connections"), left("Owner"),
               left("Owner's state"), right("Total down"), right("Total up"), left("Note", 120)},
              "No watches yet.");
    section.note = QStringLiteral(
        "Totals run from when the watch was added. Watches may overlap: each counts all of its own "
        "traffic. Programs of other users are seen by root only.");
    for (const dbus::WatchRow &watch : report.watches)
        section.rows.append({watch.name, whatIsCounted(watch),
                             watch.enabled ? QStringLiteral("counting") : QStringLiteral("paused"),
                             QString::number(watch.connections), watch.owner, watch.ownerState,
                             formatBytes(watch.total.rxBytes), formatBytes(watch.total.txBytes), watch.note});
    return section;
}

ReportSection rankingSection(const char *id, const char *title, const dbus::RankingRows &ranking)
{
    ReportSection section =
        table(QString::fromLatin1(id), QString::fromLatin1(title),
              {left("Name"), right("Down"), right("Up"), right("Total"), right("Internet")},
              "Nothing passed in the period.");
    for (const dbus::RankingRow &row : ranking) {
        const bool removed = row.series.startsWith(QLatin1String("watch:#"));
        section.rows.append(QStringList{removed ? row.name + QStringLiteral(" (removed)") : row.name}
                            + figures(row.total, row.internet));
    }
    return section;
}

ReportSection historySection(const ReportTraffic &traffic, const ReportPeriod &period)
{
    ReportSection section =
        table(QStringLiteral("history-") + traffic.link,
              QStringLiteral("What passed on %1, by %2").arg(traffic.link, nameOfStep(period.span.step)),
              {left("From"), right("Down"), right("Up"), right("Total"), right("Internet")},
              "This link has no history yet.");
    section.lastIsSum = true;
    section.chart = &traffic;
    const QStringList starts = stepTexts(traffic.steps, period);
    bool away = false;
    for (qsizetype i = 0; i < starts.size(); ++i) {
        const dbus::HistoryRow &step = traffic.steps.at(i);
        away = away || step.away;
        section.rows.append(QStringList{starts.at(i)} + figures(step.total, step.internet));
    }
    if (!section.rows.isEmpty()) {
        const ReportSum sum = sumOfSteps(traffic.steps);
        section.rows.append(QStringList{QStringLiteral("Sum")} + figures(sum.total, sum.internet));
    }
    if (away)
        section.note = QStringLiteral("* In a part of it Weir did not count by the second: what passed then "
                                      "stands in the step in which counting went on. Of what passed "
                                      "while it was stopped watches have nothing, and links have it "
                                      "as the rest.");
    return section;
}

ReportSection remoteSection(const ReportTraffic &traffic)
{
    ReportSection section =
        table(QStringLiteral("remotes-") + traffic.link,
              QStringLiteral("Remote addresses with most bytes on %1").arg(traffic.link),
              {left("Remote"), right("Down"), right("Up"), right("Total"), right("Share")},
              "Nothing passed in the period.");
    qulonglong all = 0;
    for (const dbus::RemoteRow &row : traffic.remotes)
        all += row.rxBytes + row.txBytes;
    for (const dbus::RemoteRow &row : traffic.remotes) {
        const qulonglong bytes = row.rxBytes + row.txBytes;
        section.rows.append({row.address.isEmpty() ? QStringLiteral("all others") : row.address,
                             formatBytes(row.rxBytes), formatBytes(row.txBytes), formatBytes(bytes),
                             percent(bytes, all)});
    }
    return section;
}

} // namespace

QString reportTitle(const Report &report)
{
    return QStringLiteral("Traffic report of %1")
        .arg(report.machine.hostName.isEmpty() ? QStringLiteral("this machine") : report.machine.hostName);
}

std::vector<ReportSection> reportSections(const Report &report)
{
    std::vector<ReportSection> sections;
    for (const ReportTraffic &traffic : report.traffic) {
        sections.push_back(historySection(traffic, report.period));
        sections.push_back(remoteSection(traffic));
    }
    sections.push_back(
        rankingSection("watch-ranking", "Watches with most bytes in the period", report.watchRanking));
    sections.push_back(
        rankingSection("service-ranking", "Services with most bytes in the period", report.serviceRanking));
    sections.push_back(watchSection(report));
    sections.push_back(linkSection(report));
    sections.push_back(statusSection(report));
    sections.push_back(problemSection(report));
    sections.push_back(machineSection(report.machine));
    sections.push_back(diskSection(report.machine));
    return sections;
}

} // namespace weir::client
