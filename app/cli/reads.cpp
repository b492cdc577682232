// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/handlers.h"

#include "app/cli/session.h"
#include "app/cli/views.h"
#include "app/client/format.h"
#include "app/client/json.h"
#include "dbus/names.h"

#include <QDateTime>
#include <QTimer>

#include <algorithm>

namespace weir::cli {

namespace {

const QStringList &sortKeys()
{
    static const QStringList keys{QStringLiteral("rate"),  QStringLiteral("rx"),     QStringLiteral("tx"),
                                  QStringLiteral("total"), QStringLiteral("remote"), QStringLiteral("local"),
                                  QStringLiteral("state"), QStringLiteral("age")};
    return keys;
}

std::expected<QVariantMap, QString> flowQuery(const Arguments &arguments)
{
    QVariantMap query;
    if (const auto filter = arguments.value(QStringLiteral("filter")))
        query.insert(QStringLiteral("filter"), *filter);
    if (const auto sort = arguments.value(QStringLiteral("sort"))) {
        if (!sortKeys().contains(*sort))
            return std::unexpected(QStringLiteral("--sort: '%1' is none of %2")
                                       .arg(*sort, sortKeys().join(QStringLiteral(", "))));
        query.insert(QStringLiteral("sort"), *sort);
    }
    if (const auto limit = arguments.value(QStringLiteral("limit"))) {
        bool isNumber = false;
        const uint count = limit->toUInt(&isNumber);
        if (!isNumber || count < 1 || count > uint(dbus::kMaxFlowRows))
            return std::unexpected(QStringLiteral("--limit: '%1' is not a number from 1 to %2")
                                       .arg(*limit)
                                       .arg(dbus::kMaxFlowRows));
        query.insert(QStringLiteral("limit"), count);
    }
    if (arguments.has(QStringLiteral("ascending")))
        query.insert(QStringLiteral("ascending"), true);
    if (arguments.has(QStringLiteral("closed")))
        query.insert(QStringLiteral("closed"), true);
    return query;
}

/// What is younger is not read anew: so long between two reads for rates.
constexpr auto kForRates = std::chrono::milliseconds(1100);

template <typename Rows>
bool lackRates(const Rows &rows)
{
    return std::ranges::any_of(rows, [](const auto &row) { return !row.rate.known; });
}

/// Reads services with their rates, as readFlows().
void readServices(Session &session, std::function<void(const dbus::ServiceRows &)> done, bool again = false)
{
    session.client().services(&session, [&session, done = std::move(done), again](const auto &services) {
        if (!services)
            return session.fail(services.error(), QStringLiteral("cannot read the services"), Purpose::Read);
        if (again || !lackRates(*services))
            return done(*services);
        QTimer::singleShot(kForRates, &session, [&session, done] { readServices(session, done, true); });
    });
}

/// Reads connections with their rates. When nobody looked in the last seconds none is known: then once more
/// after a second.
void readFlows(Session &session, const QVariantMap &query,
               std::function<void(const client::FlowAnswer &)> done, bool again = false)
{
    session.client().flows(
        query, &session, [&session, query, done = std::move(done), again](const auto &answer) {
            if (!answer)
                return session.fail(answer.error(), QStringLiteral("cannot read the connections"),
                                    Purpose::Read);
            if (again || !lackRates(answer->rows))
                return done(*answer);
            QTimer::singleShot(kForRates, &session,
                               [&session, query, done] { readFlows(session, query, done, true); });
        });
}

void showFlows(Session &session, const client::FlowAnswer &answer, const QString &filter)
{
    if (answer.rows.isEmpty()) {
        session.print(filter.isEmpty() ? QStringLiteral("No connections right now.")
                                       : QStringLiteral("No connection matches '%1'; there are %2.")
                                             .arg(printable(filter))
                                             .arg(answer.total));
        return;
    }
    session.print(flowTable(answer.rows));
    if (!answer.isAll())
        session.print(QStringLiteral("%1 of %2 are shown; see more with --limit, fewer with --filter.")
                          .arg(answer.rows.size())
                          .arg(answer.matching));
}

void showProblems(Session &session, const dbus::ProblemRows &problems)
{
    for (const dbus::ProblemRow &problem : problems) {
        const QString subject =
            problem.subject.isEmpty() ? QString() : problem.subject + QStringLiteral(": ");
        session.print(printable(QStringLiteral("%1: %2%3").arg(problem.severity, subject, problem.text)));
        if (!problem.remedy.isEmpty())
            session.print(printable(QStringLiteral("    To do: %1").arg(problem.remedy)));
        session.print(
            printable(QStringLiteral("    %1, since %2").arg(problem.id, formatTime(problem.since))));
    }
}

void showStatus(Session &session, const QVariantMap &status, const dbus::ProblemRows &problems)
{
    const auto text = [&status](const char *key) {
        return printable(status.value(QLatin1String(key)).toString());
    };
    const auto line = [&session](const char *title, const QString &value) {
        session.print(QStringLiteral("%1 %2").arg(QLatin1String(title) + QLatin1Char(':'), -16).arg(value));
    };
    const qint64 started = status.value(QStringLiteral("started_s")).toLongLong();
    const qint64 seconds = QDateTime::currentSecsSinceEpoch() - started;
    session.print(
        QStringLiteral("Weir %1 is working%2.")
            .arg(text("version"), problems.isEmpty() ? QString() : QStringLiteral(", with problems")));
    line("Running since",
         QStringLiteral("%1 (%2)").arg(formatTime(started), client::formatDuration(seconds)));
    line("Kernel", text("kernel"));
    line("Meter", text("meter"));
    const QStringList links = status.value(QStringLiteral("metered_links")).toStringList();
    line("Metered links",
         links.isEmpty() ? QStringLiteral("none") : printable(links.join(QStringLiteral(", "))));
    line("Watches", text("watches"));
    line("Connections", QStringLiteral("%1, room for %2").arg(text("flows"), text("flow_capacity")));
    if (const qulonglong bytes = status.value(QStringLiteral("unattributed_bytes")).toULongLong())
        line("Unattributed",
             QStringLiteral("%1 of connections that found no room").arg(client::formatBytes(bytes)));
    line("Database", text("database"));
    if (problems.isEmpty()) {
        line("Problems", QStringLiteral("none"));
        return;
    }
    line("Problems", QString::number(problems.size()));
    session.print();
    showProblems(session, problems);
}

} // namespace

std::expected<Job, QString> prepareLinks(const Arguments &arguments)
{
    return [json = arguments.has(QStringLiteral("json"))](Session &session) {
        session.client().links(&session, [&session, json](const auto &links) {
            if (!links)
                return session.fail(links.error(), QStringLiteral("cannot read the links"), Purpose::Read);
            if (json)
                session.printDocument(QStringLiteral("links"), client::toJson(*links));
            else if (links->isEmpty())
                session.print(QStringLiteral("This machine has no network link."));
            else
                session.print(linkTable(*links));
            session.finish(Exit::Ok);
        });
    };
}

std::expected<Job, QString> prepareWatches(const Arguments &arguments)
{
    return [json = arguments.has(QStringLiteral("json"))](Session &session) {
        session.client().watches(&session, [&session, json](const auto &watches) {
            if (!watches)
                return session.fail(watches.error(), QStringLiteral("cannot read the watches"),
                                    Purpose::Read);
            if (json)
                session.printDocument(QStringLiteral("watches"), client::toJson(*watches));
            else if (watches->isEmpty())
                session.print(
                    QStringLiteral("No watches yet. Add one: weirctl watch add web --ports 80,443"));
            else
                session.print(watchTable(*watches));
            session.finish(Exit::Ok);
        });
    };
}

std::expected<Job, QString> prepareServices(const Arguments &arguments)
{
    return [json = arguments.has(QStringLiteral("json"))](Session &session) {
        readServices(session, [&session, json](const dbus::ServiceRows &services) {
            if (json)
                session.printDocument(QStringLiteral("services"), client::toJson(services));
            else if (services.isEmpty())
                session.print(QStringLiteral(
                    "No service has moved anything yet. Are services counted here? weirctl problems"));
            else
                session.print(serviceTable(services));
            session.finish(Exit::Ok);
        });
    };
}

std::expected<Job, QString> prepareFlows(const Arguments &arguments)
{
    const auto query = flowQuery(arguments);
    if (!query)
        return std::unexpected(query.error());
    const bool json = arguments.has(QStringLiteral("json"));
    QVariantMap wanted = *query;
    if (json && !wanted.contains(QStringLiteral("limit")))
        wanted.insert(QStringLiteral("limit"), uint(dbus::kMaxFlowRows)); // a program wants all of them
    return [wanted, json](Session &session) {
        readFlows(session, wanted, [&session, json, wanted](const client::FlowAnswer &answer) {
            if (!json)
                showFlows(session, answer, wanted.value(QStringLiteral("filter")).toString());
            else
                session.printDocument(QStringLiteral("flows"), client::toJson(answer.rows));
            if (json && !answer.isAll() && wanted.value(QStringLiteral("limit")) == uint(dbus::kMaxFlowRows))
                session.complain(
                    QStringLiteral("%1 of %2 connections were printed, no more at once; use --filter")
                        .arg(answer.rows.size())
                        .arg(answer.matching));
            session.finish(Exit::Ok);
        });
    };
}

std::expected<Job, QString> prepareProblems(const Arguments &arguments)
{
    return [json = arguments.has(QStringLiteral("json"))](Session &session) {
        session.client().problems(&session, [&session, json](const auto &problems) {
            if (!problems)
                return session.fail(problems.error(), QStringLiteral("cannot read the problems"),
                                    Purpose::Read);
            if (json)
                session.printDocument(QStringLiteral("problems"), client::toJson(*problems));
            else if (problems->isEmpty())
                session.print(QStringLiteral("No problems."));
            else
                showProblems(session, *problems);
            session.finish(Exit::Ok);
        });
    };
}

std::expected<Job, QString> prepareStatus(const Arguments &arguments)
{
    return [json = arguments.has(QStringLiteral("json"))](Session &session) {
        session.client().status(&session, [&session, json](const auto &status) {
            if (!status)
                return session.fail(status.error(), QStringLiteral("cannot read the status"), Purpose::Read);
            session.client().problems(&session, [&session, json, status = *status](const auto &problems) {
                if (!problems)
                    return session.fail(problems.error(), QStringLiteral("cannot read the problems"),
                                        Purpose::Read);
                if (json)
                    session.printDocument(QStringLiteral("status"), {client::toJson(status)});
                else
                    showStatus(session, status, *problems);
                session.finish(problems->isEmpty() ? Exit::Ok : Exit::Problems);
            });
        });
    };
}

} // namespace weir::cli
