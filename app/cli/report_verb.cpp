// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/handlers.h"

#include "app/cli/history_span.h"
#include "app/cli/output_file.h"
#include "app/cli/session.h"
#include "app/client/machine_listeners.h"
#include "app/client/report.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>

#include <algorithm>

namespace weir::cli {

namespace {

using client::Report;
using client::ReportFormat;
using client::ReportPeriod;

/// What was asked for, checked.
struct ReportRun {
    ReportPeriod period;
    ReportFormat format = ReportFormat::Text;
    QString path; ///< of a file or directory; empty: standard output
    OutputFile::Existing existing = OutputFile::Existing::Keep;
};

/// Without --from the month until now; steps are hours or longer.
std::expected<ReportPeriod, QString> periodOf(const Arguments &arguments)
{
    Arguments bounded = arguments;
    if (!arguments.has(QStringLiteral("from")))
        bounded.options.insert(QStringLiteral("from"), QStringLiteral("this-month"));
    auto typed = readSpan(bounded, QDateTime::currentSecsSinceEpoch(), Steps::File);
    if (!typed)
        return std::unexpected(typed.error());
    client::HistorySpan &span = typed->span;
    if (!arguments.has(QStringLiteral("by")))
        span.step = std::max(span.step, client::Step::Hour);
    const QString step = client::nameOfStep(span.step);
    if (!bucketBoundaries(typed->zone, *parseStep(step), span.from, span.to))
        return std::unexpected(
            QStringLiteral("--by: %1 by %2 is more than %3 steps: take a longer step or a shorter span")
                .arg(formatSpan(*typed), step)
                .arg(kMaxPoints));
    return ReportPeriod{span, typed->zone};
}

std::expected<ReportFormat, QString> formatOf(const Arguments &arguments, const QString &path)
{
    const auto name = arguments.value(QStringLiteral("format"));
    if (arguments.has(QStringLiteral("json"))) {
        if (name && *name != QLatin1String("json"))
            return std::unexpected(
                QStringLiteral("--json and --format %1 do not go together").arg(name->left(40)));
        return ReportFormat::Json;
    }
    if (!name)
        return client::reportFormatOfFile(path).value_or(ReportFormat::Text);
    const auto format = client::reportFormatFromName(*name);
    if (!format)
        return std::unexpected(
            QStringLiteral("--format: '%1' is none of text, html, csv, json").arg(name->left(40)));
    return *format;
}

void write(Session &session, const ReportRun &run, const Report &report)
{
    const QByteArray document = client::renderReport(report, run.format);
    if (run.path.isEmpty()) {
        session.printBytes(document);
        return session.finish(Exit::Ok);
    }
    const QString path = QFileInfo(run.path).isDir()
        ? QDir(run.path).filePath(client::reportFileName(report, run.format))
        : run.path;
    auto file = OutputFile::open(path, run.existing);
    std::expected<void, QString> written;
    if (!file)
        written = std::unexpected(file.error());
    else if (written = file->write(document); written)
        written = file->commit();
    if (written)
        session.print(printable(QStringLiteral("Wrote the report to %1").arg(path)));
    else
        session.complain(QStringLiteral("--output: ") + written.error());
    session.finish(written ? Exit::Ok : Exit::Failed);
}

} // namespace

std::expected<Job, QString> prepareReport(const Arguments &arguments)
{
    const auto period = periodOf(arguments);
    if (!period)
        return std::unexpected(period.error());
    const auto output = arguments.value(QStringLiteral("output"));
    if (output && output->isEmpty())
        return std::unexpected(QStringLiteral("--output: say a file, a directory, or - for standard output"));
    const auto format = formatOf(arguments, output.value_or(QString()));
    if (!format)
        return std::unexpected(format.error());
    ReportRun run{*period, *format, output.value_or(QString())};
    if (run.path == QLatin1String("-"))
        run.path.clear();
    if (arguments.has(QStringLiteral("force")))
        run.existing = OutputFile::Existing::Replace;
    return [run](Session &session) {
        client::gatherReport(
            session.client(), run.period, &session, [&session, run](client::Answer<Report> report) {
                if (!report)
                    return session.fail(report.error(), QStringLiteral("cannot make the report"),
                                        Purpose::Read);
                client::addMachine(*report, client::Machine::read(), client::Listeners::read());
                write(session, run, *report);
            });
    };
}

} // namespace weir::cli
