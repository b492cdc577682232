// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/history_files.h"

#include "app/cli/handlers.h"
#include "app/cli/history_views.h"
#include "app/cli/output_file.h"
#include "app/cli/pipe_to_output.h"
#include "app/cli/questions.h"
#include "app/client/format.h"

#include <QDateTime>
#include <QFile>
#include <QJsonObject>
#include <QTimer>

#include <algorithm>

namespace weir::cli {

namespace {

const QString kStandardOutput = QStringLiteral("-");

OutputFile::Existing existingOf(const Arguments &arguments)
{
    return arguments.has(QStringLiteral("force")) ? OutputFile::Existing::Replace
                                                  : OutputFile::Existing::Keep;
}

/// Lets the helper write into a descriptor; it answers with what it counted.
using WriteInto = std::function<void(int descriptor, client::OnAnswer<qulonglong> done)>;

/// What is to be written where, and what is said of it.
struct Writing {
    QString path;
    OutputFile::Existing existing;
    OutputFile::Readers readers;
    QString doing;                                 ///< "cannot export the history"
    std::function<QString(qulonglong count)> told; ///< what to say when it is done
};

void writeToOutput(Session &session, const Writing &writing, const WriteInto &write)
{
    auto made = PipeToOutput::make();
    if (!made) {
        session.complain(made.error());
        return session.finish(Exit::Failed);
    }
    const std::shared_ptr<PipeToOutput> pipe = std::move(*made);
    write(pipe->descriptor(), [&session, writing, pipe](const client::Answer<qulonglong> &count) {
        if (!count)
            return session.fail(count.error(), writing.doing, Purpose::Read);
        const auto finished = pipe->finish();
        if (!finished)
            session.complain(finished.error());
        session.finish(finished ? Exit::Ok : Exit::Failed);
    });
}

void writeToFile(Session &session, const Writing &writing, const WriteInto &write)
{
    auto opened = OutputFile::open(writing.path, writing.existing, writing.readers);
    if (!opened) {
        session.complain(opened.error());
        return session.finish(Exit::Failed);
    }
    const auto file = std::make_shared<OutputFile>(std::move(*opened));
    write(file->descriptor(), [&session, writing, file](const client::Answer<qulonglong> &count) {
        if (!count)
            return session.fail(count.error(), writing.doing, Purpose::Read);
        if (const auto committed = file->commit(); !committed) {
            session.complain(committed.error());
            return session.finish(Exit::Failed);
        }
        session.print(printable(writing.told(*count)));
        session.finish(Exit::Ok);
    });
}

void letWrite(Session &session, const Writing &writing, const WriteInto &write)
{
    if (writing.path == kStandardOutput)
        writeToOutput(session, writing, write);
    else
        writeToFile(session, writing, write);
}

std::expected<client::ExportFormat, QString> formatOf(const Arguments &arguments, const QString &path)
{
    const QString format =
        arguments.value(QStringLiteral("format"))
            .value_or(path.endsWith(QLatin1String(".json")) ? QStringLiteral("json") : QStringLiteral("csv"));
    if (format == QLatin1String("csv"))
        return client::ExportFormat::Csv;
    if (format == QLatin1String("json"))
        return client::ExportFormat::Json;
    return std::unexpected(QStringLiteral("--format: '%1' is none of csv, json").arg(format.left(40)));
}

} // namespace

std::expected<Job, QString> prepareExport(const Arguments &arguments, const QString &kind)
{
    const QString path = *arguments.value(QStringLiteral("export"));
    const auto typed = readSpan(arguments, QDateTime::currentSecsSinceEpoch(), Steps::File);
    if (!typed)
        return std::unexpected(typed.error());
    const auto format = formatOf(arguments, path);
    if (!format)
        return std::unexpected(format.error());
    for (const char *option : {"json", "csv", "delete", "top", "limit", "yes"}) {
        if (arguments.has(QLatin1String(option)))
            return std::unexpected(
                QStringLiteral("--%1 does not go with --export").arg(QLatin1String(option)));
    }
    if (arguments.names.isEmpty() && !kind.isEmpty())
        return std::unexpected(
            QStringLiteral("--%1 tells a name apart: weirctl history NAME --%1 --export FILE").arg(kind));
    const Writing writing{path, existingOf(arguments), OutputFile::Readers::Anybody,
                          QStringLiteral("cannot export the history"), [path](qulonglong rows) {
                              return QStringLiteral("Wrote %1 rows to %2").arg(rows).arg(path);
                          }};
    const auto run = [writing, span = typed->span, format = *format](Session &session,
                                                                     const QStringList &series) {
        letWrite(session, writing, [&session, series, span, format](int descriptor, const auto &done) {
            client::History(session.client()).exportTo(descriptor, series, span, format, &session, done);
        });
    };
    if (arguments.names.isEmpty())
        return [run](Session &session) { run(session, {}); };
    return [name = arguments.names.first(), kind, run](Session &session) {
        withSeries(session, name, kind,
                   [&session, run](const dbus::SeriesRow &series) { run(session, {series.series}); });
    };
}

namespace {

/// The helper begins anew with another database: whoever asks next should find it.
void finishWhenBack(Session &session, int triesLeft = 50)
{
    constexpr auto kBetween = std::chrono::milliseconds(200);
    QTimer::singleShot(kBetween, &session, [&session, triesLeft] {
        session.client().status(&session, [&session, triesLeft](const auto &status) {
            if (status)
                return session.finish(Exit::Ok);
            if (triesLeft > 0)
                return finishWhenBack(session, triesLeft - 1);
            session.fail(status.error(), QStringLiteral("the helper is not back yet"), Purpose::Read);
        });
    });
}

} // namespace

std::expected<Job, QString> prepareBackup(const Arguments &arguments)
{
    const QString path = arguments.names.first();
    const Writing writing{path, existingOf(arguments), OutputFile::Readers::OwnerOnly,
                          QStringLiteral("cannot back up the database"), [path](qulonglong bytes) {
                              return QStringLiteral("Wrote %1 (%2) to %3")
                                  .arg(client::formatBytes(bytes), client::formatBytesExact(bytes), path);
                          }};
    return [writing](Session &session) {
        letWrite(session, writing, [&session](int descriptor, const auto &done) {
            client::History(session.client()).backup(descriptor, &session, done);
        });
    };
}

std::expected<Job, QString> prepareRestore(const Arguments &arguments)
{
    const QString path = arguments.names.first();
    const auto ask = Question::prepare(arguments);
    if (!ask)
        return std::unexpected(ask.error());
    const auto file = std::make_shared<QFile>(path);
    if (!file->open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return std::unexpected(QStringLiteral("cannot read %1: %2").arg(path, file->errorString()));
    return [file, ask = *ask](Session &session) {
        if (!ask.agreed(QStringLiteral("Replace watches, totals, settings and history by those in %1?")
                            .arg(file->fileName())))
            return session.finish(Exit::Failed);
        client::History(session.client())
            .restore(file->handle(), &session, [&session, file](const auto &movedTo) {
                if (!movedTo)
                    return session.fail(movedTo.error(),
                                        QStringLiteral("cannot restore %1").arg(file->fileName()));
                session.print(printable(QStringLiteral("Restored %1.").arg(file->fileName())));
                if (!movedTo->isEmpty())
                    session.print(
                        printable(QStringLiteral("The database that was there is now %1").arg(*movedTo)));
                finishWhenBack(session);
            });
    };
}

std::expected<Job, QString> prepareCheck(const Arguments &arguments)
{
    return [json = arguments.has(QStringLiteral("json"))](Session &session) {
        client::History(session.client()).check(&session, [&session, json](const auto &findings) {
            if (!findings)
                return session.fail(findings.error(), QStringLiteral("cannot check the database"),
                                    Purpose::Read);
            if (json) {
                QJsonArray rows;
                for (const QString &finding : *findings)
                    rows.append(QJsonObject{{QStringLiteral("finding"), finding}});
                session.printDocument(QStringLiteral("check"), rows);
            } else if (findings->isEmpty()) {
                session.print(QStringLiteral("The database is whole."));
            } else {
                for (const QString &finding : *findings)
                    session.print(printable(finding));
                session.complain(
                    QStringLiteral("the database is damaged"),
                    QStringLiteral(
                        "Put a copy in its place: weirctl restore FILE\n"
                        "Or begin with an empty one, the damaged one kept aside: weirctl start-afresh"));
            }
            session.finish(findings->isEmpty() ? Exit::Ok : Exit::Problems);
        });
    };
}

std::expected<Job, QString> prepareStartAfresh(const Arguments &arguments)
{
    const auto ask = Question::prepare(arguments);
    if (!ask)
        return std::unexpected(ask.error());
    return [ask = *ask](Session &session) {
        if (!ask.agreed(QStringLiteral("Begin without watches, totals and history?")))
            return session.finish(Exit::Failed);
        client::History(session.client()).startAfresh(&session, [&session](const auto &movedTo) {
            if (!movedTo)
                return session.fail(movedTo.error(), QStringLiteral("cannot start afresh"));
            session.print(printable(
                QStringLiteral("Weir counts into an empty database. The one that was there is now %1")
                    .arg(*movedTo)));
            finishWhenBack(session);
        });
    };
}

} // namespace weir::cli
