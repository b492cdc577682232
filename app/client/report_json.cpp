// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/report_documents.h"

#include "app/client/json.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace weir::client {

namespace {

QJsonValue number(quint64 value)
{
    return toJson(QVariant::fromValue(qulonglong(value)));
}

QJsonObject diskObject(const Disk &disk)
{
    return {{QStringLiteral("mounted_at"), disk.mountPoint},
            {QStringLiteral("device"), disk.device},
            {QStringLiteral("file_system"), disk.fileSystem},
            {QStringLiteral("size_bytes"), number(disk.sizeBytes)},
            {QStringLiteral("used_bytes"), number(disk.usedBytes)},
            {QStringLiteral("free_bytes"), number(disk.freeBytes)}};
}

QJsonObject machineObject(const Machine &machine)
{
    const auto load = [&machine](size_t i) {
        return machine.load ? QJsonValue((*machine.load)[i]) : QJsonValue(QJsonValue::Null);
    };
    QJsonArray disks;
    for (const Disk &disk : machine.disks)
        disks.append(diskObject(disk));
    return {{QStringLiteral("host_name"), machine.hostName},
            {QStringLiteral("system"), machine.system},
            {QStringLiteral("kernel"), machine.kernel},
            {QStringLiteral("architecture"), machine.architecture},
            {QStringLiteral("uptime_s"), machine.uptimeSeconds},
            {QStringLiteral("processor"), machine.processor},
            {QStringLiteral("processors"), machine.processors},
            {QStringLiteral("load_1min"), load(0)},
            {QStringLiteral("load_5min"), load(1)},
            {QStringLiteral("load_15min"), load(2)},
            {QStringLiteral("memory_bytes"), number(machine.memoryBytes)},
            {QStringLiteral("memory_available_bytes"), number(machine.memoryAvailableBytes)},
            {QStringLiteral("swap_bytes"), number(machine.swapBytes)},
            {QStringLiteral("swap_free_bytes"), number(machine.swapFreeBytes)},
            {QStringLiteral("disks"), disks}};
}

QJsonObject trafficObject(const ReportTraffic &traffic)
{
    const ReportSum sum = sumOfSteps(traffic.steps);
    QJsonObject sums = toJson(sum.total);
    sums.insert(QStringLiteral("internet"), toJson(sum.internet));
    sums.insert(QStringLiteral("local"), toJson(sum.local));
    sums.insert(QStringLiteral("rest"), toJson(sum.rest));
    return {{QStringLiteral("series"), traffic.series()},
            {QStringLiteral("link"), traffic.link},
            {QStringLiteral("sum"), sums},
            {QStringLiteral("history"), toJson(traffic.steps)},
            {QStringLiteral("remotes"), toJson(traffic.remotes)}};
}

} // namespace

QJsonObject reportObject(const Report &report)
{
    const HistorySpan &span = report.period.span;
    QJsonArray traffic;
    for (const ReportTraffic &link : report.traffic)
        traffic.append(trafficObject(link));
    return {{QStringLiteral("made_s"), report.made},
            {QStringLiteral("from_s"), span.from},
            {QStringLiteral("to_s"), span.to},
            {QStringLiteral("step"), nameOfStep(span.step)},
            {QStringLiteral("zone"), report.period.zone.name()},
            {QStringLiteral("machine"), machineObject(report.machine)},
            {QStringLiteral("status"), toJson(report.status)},
            {QStringLiteral("problems"), toJson(report.problems)},
            {QStringLiteral("links"), toJson(report.links)},
            {QStringLiteral("watches"), toJson(report.watches)},
            {QStringLiteral("watch_ranking"), toJson(report.watchRanking)},
            {QStringLiteral("service_ranking"), toJson(report.serviceRanking)},
            {QStringLiteral("traffic"), traffic}};
}

QByteArray reportJson(const Report &report)
{
    const QJsonObject document{{QStringLiteral("report"), QJsonArray{reportObject(report)}}};
    return QJsonDocument(document).toJson(QJsonDocument::Compact) + '\n';
}

} // namespace weir::client
