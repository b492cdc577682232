// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/history_export.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTime>

#include <algorithm>

namespace weir {

namespace {

/// Steps that are read and written at once; fewer than kMaxPoints, since a step may be shorter than its usual
/// length.
constexpr qint64 kStepsAtOnce = 2000;

qint64 usualLengthS(Step step)
{
    switch (step) {
    case Step::Minute:
        return 60;
    case Step::Quarter:
        return 900;
    case Step::Hour:
        return 3600;
    case Step::Day:
        return 86'400;
    case Step::Month:
        return 28 * 86'400;
    }
    Q_UNREACHABLE();
}

/// "2026-10-25T02:30:00+01:00".
QByteArray isoTime(qint64 instantS, const CivilZone &zone)
{
    const int offset = zone.offsetAt(instantS);
    const QDateTime local = QDateTime::fromSecsSinceEpoch(instantS + offset, Qt::UTC);
    const int minutes = std::abs(offset) / 60;
    return local.toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss")).toLatin1()
        + QString::asprintf("%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60).toLatin1();
}

QByteArray csvField(const QString &text)
{
    const QByteArray bytes = text.toUtf8();
    if (!bytes.contains(',') && !bytes.contains('"') && !bytes.contains('\n') && !bytes.contains('\r'))
        return bytes;
    return '"' + QByteArray(bytes).replace('"', "\"\"") + '"';
}

struct Column {
    const char *name;
    quint64 (*value)(const HistoryTraffic &traffic);
};

constexpr Column kColumns[] = {
    {"rx_bytes", [](const HistoryTraffic &t) { return t.total().rxBytes; }},
    {"tx_bytes", [](const HistoryTraffic &t) { return t.total().txBytes; }},
    {"rx_packets", [](const HistoryTraffic &t) { return t.total().rxPackets; }},
    {"tx_packets", [](const HistoryTraffic &t) { return t.total().txPackets; }},
    {"internet_rx_bytes", [](const HistoryTraffic &t) { return t.scoped.internet.rxBytes; }},
    {"internet_tx_bytes", [](const HistoryTraffic &t) { return t.scoped.internet.txBytes; }},
    {"local_rx_bytes", [](const HistoryTraffic &t) { return t.scoped.local.rxBytes; }},
    {"local_tx_bytes", [](const HistoryTraffic &t) { return t.scoped.local.txBytes; }},
    {"rest_rx_bytes", [](const HistoryTraffic &t) { return t.rest.rxBytes; }},
    {"rest_tx_bytes", [](const HistoryTraffic &t) { return t.rest.txBytes; }},
};

QByteArray csvHeader()
{
    QByteArray header = "series,start,start_s,end_s";
    for (const Column &column : kColumns)
        header += QByteArray(",") + column.name;
    return header + ",away\n";
}

QByteArray csvRow(const QByteArray &series, const HistoryPoint &point, const CivilZone &zone)
{
    QByteArray row = series + ',' + isoTime(point.startS, zone) + ',' + QByteArray::number(point.startS) + ','
        + QByteArray::number(point.endS);
    for (const Column &column : kColumns)
        row += ',' + QByteArray::number(column.value(point.traffic));
    return row + (point.away ? ",1\n" : ",0\n");
}

QByteArray jsonRow(const QByteArray &series, const HistoryPoint &point, const CivilZone &zone)
{
    QByteArray row = "{\"series\":" + series + ",\"start\":\"" + isoTime(point.startS, zone)
        + "\",\"start_s\":" + QByteArray::number(point.startS)
        + ",\"end_s\":" + QByteArray::number(point.endS);
    // by hand: a JSON number of Qt is a double, which does not hold every count of bytes
    for (const Column &column : kColumns)
        row += QByteArray(",\"") + column.name + "\":" + QByteArray::number(column.value(point.traffic));
    return row + ",\"away\":" + (point.away ? "true}" : "false}");
}

/// As a JSON string, quotes included.
QByteArray jsonText(const QString &text)
{
    const QByteArray object =
        QJsonDocument(QJsonObject{{QStringLiteral("t"), text}}).toJson(QJsonDocument::Compact);
    return object.mid(5, object.size() - 6);
}

} // namespace

struct ExportJobs::Job {
    ExportRequest request;
    std::unique_ptr<FileWriter> writer;
    Reply<quint64> reply;
    size_t series = 0; // that is written now
    qint64 cursorS = 0;
    quint64 rows = 0;
    bool finished = false; // the last part is being written
};

ExportJobs::~ExportJobs() = default;

void ExportJobs::begin(uint uid, ExportRequest request, int descriptor, Reply<quint64> reply)
{
    if (m_jobs.contains(uid))
        return reply(failure(ErrorKind::Conflict,
                             QStringLiteral("another export of yours still runs: wait for its end")));
    const quint64 steps =
        quint64((request.toS - request.fromS) / usualLengthS(request.step) + 2) * request.series.size();
    if (steps > ExportRequest::kMaxRows)
        return reply(failure(ErrorKind::InvalidArgument,
                             QStringLiteral("step: this would be %1 rows, at most %2 are allowed; "
                                            "choose a longer step or a shorter span")
                                 .arg(steps)
                                 .arg(ExportRequest::kMaxRows)));
    auto writer = FileWriter::open(descriptor);
    if (!writer)
        return reply(std::unexpected(writer.error()));
    auto job = std::make_shared<Job>();
    job->request = std::move(request);
    job->writer = std::move(*writer);
    job->reply = std::move(reply);
    job->cursorS = job->request.fromS;
    m_jobs[uid] = job;
    const bool csv = job->request.format == ExportRequest::Format::Csv;
    job->writer->write(csv ? csvHeader() : QByteArray("{\"history\":["),
                       [this, uid](const Result<void> &written) {
                           if (!written)
                               return end(uid, std::unexpected(written.error()));
                           next(uid);
                       });
}

Result<std::vector<qint64>> ExportJobs::bounds(Job &job) const
{
    const ExportRequest &request = job.request;
    const qint64 untilS = std::min(request.toS, job.cursorS + kStepsAtOnce * usualLengthS(request.step));
    auto bounds = bucketBoundaries(request.zone, request.step, job.cursorS, untilS);
    if (bounds)
        job.cursorS = bounds->back();
    return bounds;
}

void ExportJobs::next(uint uid)
{
    const std::shared_ptr<Job> job = m_jobs.at(uid);
    const ExportRequest &request = job->request;
    const bool csv = request.format == ExportRequest::Format::Csv;
    if (job->finished)
        return end(uid, job->rows);
    if (job->series == request.series.size()) {
        job->finished = true;
        return job->writer->write(csv ? QByteArray() : QByteArray("]}\n"),
                                  [this, uid](const Result<void> &written) {
                                      if (!written)
                                          return end(uid, std::unexpected(written.error()));
                                      next(uid);
                                  });
    }
    const auto &[name, key] = request.series[job->series];
    auto span = bounds(*job);
    if (!span)
        return end(uid, std::unexpected(span.error()));
    if (job->cursorS >= request.toS) {
        ++job->series;
        job->cursorS = request.fromS;
    }
    const bool byDays = request.step == Step::Day || request.step == Step::Month;
    m_engine.history(
        {{key, *span, request.zone.name().toUtf8(), byDays}},
        [this, uid, csv, name = name](const Result<std::vector<std::vector<HistoryPoint>>> &answers) {
            if (!m_jobs.contains(uid))
                return;
            if (!answers)
                return end(uid, std::unexpected(answers.error()));
            Job &job = *m_jobs.at(uid);
            QByteArray part;
            const QByteArray series = csv ? csvField(name) : jsonText(name);
            for (const HistoryPoint &point : answers->front()) {
                if (csv)
                    part += csvRow(series, point, job.request.zone);
                else
                    part += (job.rows == 0 ? "\n" : ",\n") + jsonRow(series, point, job.request.zone);
                ++job.rows;
            }
            job.writer->write(std::move(part), [this, uid](const Result<void> &written) {
                if (!written)
                    return end(uid, std::unexpected(written.error()));
                next(uid);
            });
        });
}

void ExportJobs::end(uint uid, const Result<quint64> &result)
{
    const std::shared_ptr<Job> job = m_jobs.at(uid);
    m_jobs.erase(uid);
    job->reply(result);
}

} // namespace weir
