// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/handlers.h"

#include "app/cli/import_run.h"
#include "app/cli/import_texts.h"
#include "app/cli/questions.h"
#include "app/cli/ssh_session.h"

#include <algorithm>

namespace weir::cli {

namespace {

/// Quotas that block let the SSH connection through that this is typed in.
void exemptSsh(client::Imported &imported)
{
    const auto connection = sshConnection();
    if (!connection)
        return;
    for (client::ImportedWatch &watch : imported.watches) {
        dbus::WatchRow row;
        row.kind = QStringLiteral("ports");
        row.ports = watch.ports;
        if (!watch.quota.isEmpty() && covers(row, *connection))
            watch.quota.insert(QStringLiteral("exempt"), QString::number(connection->localPort));
    }
}

void carryOut(Session &session, const client::Imported &imported, const dbus::WatchRows &watches,
              const std::optional<Question> &question)
{
    const auto steps = client::planImport(imported, watches);
    const auto lines = planLines(imported, steps);
    for (const QString &line : lines)
        session.print(printable(line));
    if (steps.isEmpty()) {
        session.print(QStringLiteral("There is nothing to import."));
        return session.finish(Exit::Ok);
    }
    if (!question) {
        session.print(QStringLiteral("Nothing was changed: this was a dry run."));
        return session.finish(Exit::Ok);
    }
    const auto changing =
        std::ranges::count_if(steps, [](const auto &step) { return !step.changesNothing(); });
    if (changing > 0 && !question->agreed(QStringLiteral("Import this?"))) {
        session.complain(QStringLiteral("nothing was imported"));
        return session.finish(Exit::Failed);
    }
    (new ImportRun(session, steps, watches))->run();
}

} // namespace

std::expected<Job, QString> prepareImport(const Arguments &arguments)
{
    auto imported = client::readImport(arguments.names.first());
    if (!imported)
        return std::unexpected(imported.error());
    exemptSsh(*imported);
    std::optional<Question> question;
    if (!arguments.has(QStringLiteral("dry-run"))) {
        const auto asked = Question::prepare(arguments);
        if (!asked)
            return std::unexpected(
                QStringLiteral("there is no terminal to ask on: look with --dry-run, then say --yes"));
        question = *asked;
    }
    return [imported = *imported, question](Session &session) {
        session.client().watches(&session, [&session, imported, question](const auto &watches) {
            if (!watches)
                return session.fail(watches.error(), QStringLiteral("cannot read the watches"),
                                    Purpose::Read);
            carryOut(session, imported, *watches, question);
        });
    };
}

} // namespace weir::cli
