// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/handlers.h"

#include "app/cli/history_files.h"
#include "app/cli/history_views.h"
#include "app/cli/questions.h"
#include "app/cli/session.h"
#include "app/client/civil_text.h"
#include "app/client/csv.h"
#include "app/client/format.h"
#include "app/client/json.h"
#include "dbus/names.h"

#include <QDateTime>

namespace weir::cli {

namespace {

constexpr uint kDefaultRemotes = 20;

QString key(const char *name)
{
    return QLatin1String(name);
}

enum class Form { Table, Json, Csv };

Form formOf(const Arguments &arguments)
{
    if (arguments.has(key("json")))
        return Form::Json;
    return arguments.has(key("csv")) ? Form::Csv : Form::Table;
}

/// The kind that was chosen by a flag; empty for any.
std::expected<QString, QString> kindOf(const Arguments &arguments)
{
    QStringList kinds;
    for (const char *kind : {"link", "watch", "service"}) {
        if (arguments.has(key(kind)))
            kinds << key(kind);
    }
    if (kinds.size() > 1)
        return std::unexpected(
            QStringLiteral("--%1 and --%2 do not go together").arg(kinds.at(0), kinds.at(1)));
    return kinds.value(0);
}

/// Refuses options that mean nothing beside `mode`.
std::expected<void, QString> onlyWith(const Arguments &arguments, const QString &mode,
                                      const QStringList &known)
{
    QStringList given = arguments.options.keys();
    given.sort();
    for (const QString &option : std::as_const(given)) {
        if (!known.contains(option))
            return std::unexpected(QStringLiteral("--%1 does not go with %2").arg(option, mode));
    }
    return {};
}

template <typename Row>
void give(Session &session, const QList<Row> &rows, Form form, const std::function<void()> &table)
{
    switch (form) {
    case Form::Json:
        session.printDocument(QStringLiteral("history"), client::toJson(rows));
        break;
    case Form::Csv:
        session.printBytes(client::toCsv(rows));
        break;
    case Form::Table:
        table();
        break;
    }
    session.finish(Exit::Ok);
}

std::expected<Job, QString> prepareList(const Arguments &arguments, const QString &kind)
{
    if (const auto good =
            onlyWith(arguments, QStringLiteral("a list of all: say whose, weirctl history NAME"),
                     {key("json"), key("csv"), key("link"), key("watch"), key("service")});
        !good)
        return std::unexpected(good.error());
    return [kind, form = formOf(arguments)](Session &session) {
        client::History(session.client()).series(&session, [&session, kind, form](const auto &series) {
            if (!series)
                return session.fail(series.error(), QStringLiteral("cannot list the history"), Purpose::Read);
            auto rows = *series;
            rows.removeIf([&](const dbus::SeriesRow &row) { return !kind.isEmpty() && row.kind != kind; });
            give(session, rows, form, [&] {
                if (rows.isEmpty())
                    session.print(QStringLiteral("Nothing has a history yet."));
                else
                    session.print(seriesTable(rows));
            });
        });
    };
}

void showPoints(Session &session, const dbus::SeriesRow &series, const TypedSpan &typed,
                const dbus::HistoryRows &points)
{
    const HistorySum sum = sumOf(points);
    const QString what = printable(QStringLiteral("%1, %2").arg(describe(series), formatSpan(typed)));
    const bool away = std::any_of(points.begin(), points.end(), [](const auto &point) { return point.away; });
    if (sum.total.rxBytes == 0 && sum.total.txBytes == 0 && !away) {
        session.print(QStringLiteral("Nothing passed: %1.").arg(what));
        if (series.first != 0)
            session.print(QStringLiteral("There is history from %1 to %2.")
                              .arg(client::minuteText(series.first, typed.zone),
                                   client::minuteText(series.last, typed.zone)));
        return;
    }
    session.print(QStringLiteral("%1, by %2").arg(what, client::nameOfStep(typed.span.step)));
    session.print(historyPage(points, typed).join(QLatin1Char('\n')));
}

std::expected<Job, QString> preparePoints(const Arguments &arguments, const QString &kind)
{
    if (const auto good = onlyWith(arguments, QStringLiteral("a table of the history"),
                                   {key("json"), key("csv"), key("link"), key("watch"), key("service"),
                                    key("from"), key("to"), key("by"), key("zone")});
        !good)
        return std::unexpected(good.error());
    const auto typed = readSpan(arguments, QDateTime::currentSecsSinceEpoch(), Steps::OneAnswer);
    if (!typed)
        return std::unexpected(typed.error());
    return [name = arguments.names.first(), kind, typed = *typed,
            form = formOf(arguments)](Session &session) {
        withSeries(session, name, kind, [&session, typed, form](const dbus::SeriesRow &series) {
            client::History(session.client())
                .points(
                    series.series, typed.span, &session, [&session, typed, form, series](const auto &points) {
                        if (!points)
                            return session.fail(points.error(),
                                                QStringLiteral("cannot read the history of ") + series.series,
                                                Purpose::Read);
                        give(session, *points, form, [&] { showPoints(session, series, typed, *points); });
                    });
        });
    };
}

/// What of --top is asked for, with its bounds.
struct TopQuery {
    TypedSpan typed;
    uint limit = kDefaultRemotes;
    Form form = Form::Table;
};

template <typename Row, typename MakeTable>
auto topAnswer(Session &session, const TopQuery &query, MakeTable makeTable)
{
    return [&session, query, makeTable](const client::Answer<QList<Row>> &rows) {
        if (!rows)
            return session.fail(rows.error(), QStringLiteral("cannot read the ranking"), Purpose::Read);
        give(session, *rows, query.form, [&] {
            if (rows->isEmpty())
                session.print(QStringLiteral("Nothing passed: %1.").arg(formatSpan(query.typed)));
            else
                session.print(makeTable(*rows));
        });
    };
}

std::expected<TopQuery, QString> topQuery(const Arguments &arguments)
{
    if (const auto good = onlyWith(arguments, QStringLiteral("--top"),
                                   {key("top"), key("limit"), key("json"), key("csv"), key("link"),
                                    key("watch"), key("service"), key("from"), key("to"), key("zone")});
        !good)
        return std::unexpected(good.error());
    const auto typed = readSpan(arguments, QDateTime::currentSecsSinceEpoch(), Steps::File);
    if (!typed)
        return std::unexpected(typed.error());
    TopQuery query{*typed, kDefaultRemotes, formOf(arguments)};
    if (const auto limit = arguments.value(key("limit"))) {
        bool isNumber = false;
        query.limit = limit->toUInt(&isNumber);
        if (!isNumber || query.limit < 1 || query.limit > uint(dbus::kMaxRankingRows))
            return std::unexpected(QStringLiteral("--limit: '%1' is not a number from 1 to %2")
                                       .arg(limit->left(40))
                                       .arg(dbus::kMaxRankingRows));
    }
    return query;
}

std::expected<Job, QString> prepareTopOf(const Arguments &arguments, const QString &kind)
{
    const QString what = *arguments.value(key("top"));
    const auto query = topQuery(arguments);
    if (!query)
        return std::unexpected(query.error());
    if (what == QLatin1String("remotes")) {
        if (arguments.names.isEmpty())
            return std::unexpected(QStringLiteral("say whose remotes: weirctl history NAME --top remotes"));
        return [name = arguments.names.first(), kind, query = *query](Session &session) {
            withSeries(session, name, kind, [&session, query](const dbus::SeriesRow &series) {
                client::History(session.client())
                    .remotes(series.series, query.typed.span.from, query.typed.span.to, query.limit, &session,
                             topAnswer<dbus::RemoteRow>(session, query, remoteTable));
            });
        };
    }
    static const QStringList kinds{key("links"), key("watches"), key("services")};
    static const QStringList named{key("link"), key("watch"), key("service")};
    const qsizetype index = kinds.indexOf(what);
    if (index < 0)
        return std::unexpected(QStringLiteral("--top: '%1' is none of remotes, %2")
                                   .arg(what.left(40), kinds.join(QStringLiteral(", "))));
    if (!arguments.names.isEmpty() || !kind.isEmpty())
        return std::unexpected(
            QStringLiteral("--top %1 is of all of them: it takes no name and no kind").arg(what));
    return [ofKind = named.at(index), query = *query](Session &session) {
        client::History(session.client())
            .ranking(ofKind, query.typed.span.from, query.typed.span.to, query.limit, &session,
                     topAnswer<dbus::RankingRow>(session, query, rankingTable));
    };
}

void deleteSpan(Session &session, const dbus::SeriesRow &series, qint64 from, qint64 to)
{
    client::History(session.client())
        .remove(series.series, from, to, &session, [&session, series](const auto &rows) {
            if (!rows)
                return session.fail(rows.error(),
                                    QStringLiteral("cannot delete the history of ") + series.series);
            session.print(printable(
                QStringLiteral("Deleted %1 rows of the history of %2.").arg(*rows).arg(describe(series))));
            session.finish(Exit::Ok);
        });
}

std::expected<Job, QString> prepareDelete(const Arguments &arguments, const QString &kind)
{
    if (const auto good = onlyWith(arguments, QStringLiteral("--delete"),
                                   {key("delete"), key("yes"), key("link"), key("watch"), key("service"),
                                    key("from"), key("to"), key("zone")});
        !good)
        return std::unexpected(good.error());
    if (arguments.names.isEmpty())
        return std::unexpected(QStringLiteral("say whose history to delete: weirctl history NAME --delete"));
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    // without --from from the beginning: readSpan() would take a day
    Arguments bounded = arguments;
    if (!arguments.has(key("from")))
        bounded.options.insert(key("from"), QStringLiteral("2000-01-01Z"));
    const auto typed = readSpan(bounded, now, Steps::File);
    if (!typed)
        return std::unexpected(typed.error());
    const auto ask = Question::prepare(arguments);
    if (!ask)
        return std::unexpected(ask.error());
    const qint64 from = arguments.has(key("from")) ? typed->span.from : 0;
    const qint64 to = arguments.has(key("to")) ? typed->span.to : 0;
    QString span = QStringLiteral("all of it");
    if (from != 0 || to != 0)
        span = QStringLiteral("whole days from %1 to %2")
                   .arg(from == 0 ? QStringLiteral("the beginning") : client::minuteText(from, typed->zone),
                        to == 0 ? QStringLiteral("now") : client::minuteText(to, typed->zone));
    return [name = arguments.names.first(), kind, from, to, span, ask = *ask](Session &session) {
        withSeries(session, name, kind, [&session, from, to, span, ask](const dbus::SeriesRow &series) {
            if (!ask.agreed(
                    QStringLiteral("Delete the history of %1 for ever, %2?").arg(describe(series), span)))
                return session.finish(Exit::Failed);
            deleteSpan(session, series, from, to);
        });
    };
}

} // namespace

void withSeries(Session &session, const QString &name, const QString &kind,
                const std::function<void(const dbus::SeriesRow &)> &then)
{
    client::History(session.client()).series(&session, [&session, name, kind, then](const auto &all) {
        if (!all)
            return session.fail(all.error(), QStringLiteral("cannot list the history"), Purpose::Read);
        const auto series = chooseSeries(*all, name, kind);
        if (!series) {
            session.complain(series.error(), QStringLiteral("See which there are: weirctl history"));
            return session.finish(Exit::Usage);
        }
        then(*series);
    });
}

std::expected<Job, QString> prepareHistory(const Arguments &arguments)
{
    const auto kind = kindOf(arguments);
    if (!kind)
        return std::unexpected(kind.error());
    if (arguments.has(key("json")) && arguments.has(key("csv")))
        return std::unexpected(QStringLiteral("--json and --csv do not go together"));
    if (arguments.has(key("export")))
        return prepareExport(arguments, *kind);
    if (arguments.has(key("delete")))
        return prepareDelete(arguments, *kind);
    if (arguments.has(key("top")))
        return prepareTopOf(arguments, *kind);
    if (arguments.names.isEmpty())
        return prepareList(arguments, *kind);
    return preparePoints(arguments, *kind);
}

} // namespace weir::cli
