// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/handlers.h"

#include "app/cli/session.h"
#include "app/cli/views.h"
#include "app/cli/watch_list.h"
#include "app/client/history.h"

#include <QFile>
#include <QHash>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace weir::cli {

namespace {

/// The fields of a watch that were typed; checked as far as they can be without the helper.
std::expected<QVariantMap, QString> fieldsOf(const Arguments &arguments)
{
    QVariantMap fields;
    for (const char *name : {"ports", "protocol", "link", "service", "note", "name"}) {
        const QString key = QString::fromLatin1(name);
        if (const auto value = arguments.value(key))
            fields.insert(key, *value);
    }
    if (const auto ports = arguments.value(QStringLiteral("ports"))) {
        if (const auto good = checkPorts(*ports); !good)
            return std::unexpected(good.error());
    }
    if (const auto protocol = arguments.value(QStringLiteral("protocol")); protocol && !isProtocol(*protocol))
        return std::unexpected(QStringLiteral("--protocol: '%1' is none of tcp, udp, both").arg(*protocol));
    const bool link = arguments.has(QStringLiteral("link"));
    const bool service = arguments.has(QStringLiteral("service"));
    const bool ports = arguments.has(QStringLiteral("ports")) || arguments.has(QStringLiteral("protocol"));
    if (link && ports)
        return std::unexpected(
            QStringLiteral("--link counts all of a link; it does not go with --ports or --protocol"));
    if (service && (link || ports))
        return std::unexpected(QStringLiteral(
            "--service counts all of a service; it does not go with --link, --ports or --protocol"));
    return fields;
}

QString watchedBy(const QVariantMap &fields)
{
    const auto text = [&fields](const char *key) { return fields.value(QLatin1String(key)).toString(); };
    dbus::WatchRow watch;
    watch.ports = text("ports");
    watch.protocol = text("protocol");
    watch.link = text("link");
    watch.service = text("service");
    return whatIsWatched(watch);
}

/// Finishes; says before when a watch of this link counts nothing. `link` is empty for watches of ports.
void finishWithLink(Session &session, const QString &link)
{
    if (link.isEmpty())
        return session.finish(Exit::Ok);
    session.client().links(&session, [&session, link](const auto &links) {
        const auto row =
            links ? std::ranges::find(*links, link, &dbus::LinkRow::name) : dbus::LinkRows::const_iterator();
        if (links && row != links->cend() && !row->metered)
            session.print(printable(QStringLiteral("It counts nothing yet: link %1 is not metered (%2).")
                                        .arg(link, row->reason)));
        session.finish(Exit::Ok);
    });
}

/// Completes a service that was typed short, nginx for nginx.service; `then` also hears whether it was never
/// seen yet.
void withFullService(Session &session, QVariantMap fields,
                     std::function<void(const QVariantMap &fields, bool isNew)> then)
{
    const QString typed = fields.value(QStringLiteral("service")).toString();
    if (typed.isEmpty())
        return then(fields, false);
    session.client().services(&session, [&session, fields, typed, then](const auto &services) mutable {
        const auto isKnown = [&](const QString &name) {
            return services
                && std::ranges::find(*services, name, &dbus::ServiceRow::name) != services->cend();
        };
        const QString full = typed + QStringLiteral(".service");
        const bool isShort = !typed.contains(QLatin1Char('.')) && !typed.contains(QLatin1Char('/'));
        const bool isUnit =
            !isKnown(typed) && (isKnown(full) || (isShort && !typed.startsWith(QLatin1String("docker-"))));
        const QString service = isUnit ? full : typed;
        fields[QStringLiteral("service")] = service;
        then(fields, services && !isKnown(service));
    });
}

std::expected<Job, QString> addOne(const Arguments &arguments)
{
    auto fields = fieldsOf(arguments);
    if (!fields)
        return std::unexpected(fields.error());
    if (!arguments.has(QStringLiteral("ports")) && !arguments.has(QStringLiteral("link"))
        && !arguments.has(QStringLiteral("service")))
        return std::unexpected(
            QStringLiteral("say what to count: --ports LIST, --link IF or --service UNIT"));
    const bool paused = arguments.has(QStringLiteral("paused"));
    if (paused)
        fields->insert(QStringLiteral("enabled"), false);
    return [name = arguments.names.first(), typed = *fields, paused](Session &session) {
        withFullService(session, typed, [&session, name, paused](const QVariantMap &fields, bool isNew) {
            session.client().addWatch(
                name, fields, &session, [&session, name, fields, paused, isNew](const auto &revision) {
                    if (!revision)
                        return session.fail(
                            revision.error(),
                            QStringLiteral("cannot add watch %1").arg(inQuotes(name.left(80))));
                    session.print(printable(
                        QStringLiteral("%1 %2: %3")
                            .arg(paused ? QStringLiteral("Added, paused:") : QStringLiteral("Watching"), name,
                                 watchedBy(fields))));
                    if (isNew)
                        session.print(QStringLiteral(
                            "It has moved nothing yet; which services have: weirctl services"));
                    finishWithLink(session, fields.value(QStringLiteral("link")).toString());
                });
        });
    };
}

std::expected<dbus::NewWatches, QString> readFrom(const QString &path)
{
    QFile file(path);
    const bool opened =
        path == QLatin1String("-") ? file.open(stdin, QIODevice::ReadOnly) : file.open(QIODevice::ReadOnly);
    if (!opened)
        return std::unexpected(QStringLiteral("cannot read %1: %2").arg(path, file.errorString()));
    return readWatchList(file);
}

std::expected<Job, QString> addMany(const Arguments &arguments, const QString &path)
{
    if (!arguments.names.isEmpty() || arguments.options.size() > 1)
        return std::unexpected(QStringLiteral("--from stands alone: names, ports and notes are in the file"));
    const auto watches = readFrom(path);
    if (!watches)
        return std::unexpected(watches.error());
    if (watches->isEmpty())
        return std::unexpected(QStringLiteral("%1 holds no watch").arg(path));
    return [watches = *watches](Session &session) {
        session.client().addWatches(
            watches, &session, [&session, count = watches.size()](const auto &answer) {
                if (!answer)
                    return session.fail(answer.error(),
                                        QStringLiteral("cannot add %1 watches; none was added").arg(count));
                session.print(count == 1 ? QStringLiteral("Added 1 watch.")
                                         : QStringLiteral("Added %1 watches.").arg(count));
                session.finish(Exit::Ok);
            });
    };
}

/// Does one thing after the other to watches that are named, each with its revision of now; what fails is
/// told and the rest goes on.
class EachWatch : public QObject
{
public:
    using Done = std::function<void(const client::Answer<void> &)>;
    /// Acts on one watch; tells by itself what it did, and hands over only how it ended.
    using Act = std::function<void(const dbus::WatchRow &watch, Done done)>;

    EachWatch(Session &session, QStringList names, QString doing, Act act)
        : QObject(&session), m_session(session), m_names(std::move(names)), m_doing(std::move(doing)),
          m_act(std::move(act))
    { }

    void run()
    {
        m_session.client().watches(this, [this](const auto &watches) {
            if (!watches)
                return m_session.fail(watches.error(), QStringLiteral("cannot read the watches"),
                                      Purpose::Read);
            for (const dbus::WatchRow &watch : *watches)
                m_watches.insert(watch.name, watch);
            next();
        });
    }

private:
    void next()
    {
        if (m_names.isEmpty())
            return m_session.finish(m_exit);
        const QString name = m_names.takeFirst();
        const auto watch = m_watches.constFind(name);
        if (watch == m_watches.cend()) {
            m_session.complain(QStringLiteral("there is no watch %1").arg(inQuotes(name.left(80))),
                               QStringLiteral("See which there are: weirctl watches"));
            m_exit = std::max(m_exit, Exit::Failed);
            return continueLater();
        }
        m_act(*watch, [this, name](const client::Answer<void> &answer) {
            if (!answer) {
                m_session.complain(answer.error(),
                                   QStringLiteral("cannot %1 watch %2").arg(m_doing, inQuotes(name)));
                m_exit = std::max(m_exit, Session::exitOf(answer.error()));
                if (answer.error().helperAway() || answer.error().notAuthorized())
                    return m_session.finish(m_exit);
            }
            continueLater();
        });
    }

    void continueLater()
    {
        QMetaObject::invokeMethod(
            this, [this] { next(); }, Qt::QueuedConnection);
    }

    Session &m_session;
    QStringList m_names;
    QString m_doing;
    Act m_act;
    QHash<QString, dbus::WatchRow> m_watches;
    Exit m_exit = Exit::Ok;
};

Job forEachWatch(const QStringList &names, const QString &doing,
                 std::function<void(Session &, const dbus::WatchRow &, EachWatch::Done)> act)
{
    return [names, doing, act = std::move(act)](Session &session) {
        auto *each = new EachWatch(session, names, doing,
                                   [&session, act](const dbus::WatchRow &watch, EachWatch::Done done) {
                                       act(session, watch, std::move(done));
                                   });
        each->run();
    };
}

client::OnAnswer<uint> withoutValue(Session &session, EachWatch::Done done, const QString &text)
{
    return [&session, done = std::move(done), text](const client::Answer<uint> &answer) {
        if (!answer)
            return done(std::unexpected(answer.error()));
        session.print(printable(text));
        done({});
    };
}

Job setEnabled(const QStringList &names, bool enabled)
{
    const QString doing = enabled ? QStringLiteral("resume") : QStringLiteral("pause");
    return forEachWatch(
        names, doing, [enabled](Session &session, const dbus::WatchRow &watch, EachWatch::Done done) {
            if (watch.enabled == enabled) {
                session.print(printable(
                    QStringLiteral("%1 is %2 already.")
                        .arg(watch.name, enabled ? QStringLiteral("counting") : QStringLiteral("paused"))));
                return done({});
            }
            const QString text = enabled ? QStringLiteral("Watching %1 again: %2")
                                         : QStringLiteral("Paused %1: %2; its totals stay");
            session.client().editWatch(
                watch.revision, watch.name, {{QStringLiteral("enabled"), enabled}}, &session,
                withoutValue(session, std::move(done), text.arg(watch.name, whatIsWatched(watch))));
        });
}

/// The error of a watch that is removed while its history is still there.
client::CallError historyRemains(const client::CallError &error, const QString &name, const QString &series)
{
    return {error.name,
            QStringLiteral("the watch is removed, but its history remains: %1. Delete it: weirctl history %2 "
                           "--delete; or have "
                           "the watch back: weirctl watch restore %3")
                .arg(error.message, series, shellWord(name))};
}

/// The watch has no name of its own any more: of those that were removed under it, it is the last.
void deleteHistoryOfRemoved(Session &session, const QString &name, const EachWatch::Done &done)
{
    client::History(session.client()).series(&session, [&session, name, done](const auto &all) {
        if (!all)
            return done(std::unexpected(historyRemains(all.error(), name, QStringLiteral("watch:#NUMBER"))));
        const dbus::SeriesRow *removed = nullptr;
        for (const dbus::SeriesRow &row : *all) {
            if (row.kind == QLatin1String("watch") && row.name == name && row.removed != 0
                && (!removed || row.removed >= removed->removed))
                removed = &row;
        }
        if (!removed) {
            session.print(printable(QStringLiteral("Removed %1. It had no history.").arg(name)));
            return done({});
        }
        client::History(session.client())
            .remove(removed->series, 0, 0, &session,
                    [&session, name, done, series = removed->series](const auto &rows) {
                        if (!rows)
                            return done(std::unexpected(historyRemains(rows.error(), name, series)));
                        session.print(printable(
                            QStringLiteral("Removed %1 with %2 rows of its history.").arg(name).arg(*rows)));
                        done({});
                    });
    });
}

} // namespace

std::expected<Job, QString> prepareWatchAdd(const Arguments &arguments)
{
    if (const auto path = arguments.value(QStringLiteral("from")))
        return addMany(arguments, *path);
    if (arguments.names.isEmpty())
        return std::unexpected(QStringLiteral("say how to call it: weirctl watch add NAME --ports LIST"));
    return addOne(arguments);
}

std::expected<Job, QString> prepareWatchEdit(const Arguments &arguments)
{
    const auto fields = fieldsOf(arguments);
    if (!fields)
        return std::unexpected(fields.error());
    if (fields->isEmpty())
        return std::unexpected(
            QStringLiteral("say what to change: --name, --ports, --protocol, --link, --service or --note"));
    return forEachWatch(
        arguments.names, QStringLiteral("edit"),
        [fields = *fields](Session &session, const dbus::WatchRow &watch, EachWatch::Done done) {
            QVariantMap now{{QStringLiteral("name"), watch.name},
                            {QStringLiteral("ports"), watch.ports},
                            {QStringLiteral("protocol"), watch.protocol},
                            {QStringLiteral("link"), watch.link},
                            {QStringLiteral("service"), watch.service}};
            now.insert(fields);
            const QString verb =
                watch.enabled ? QStringLiteral("Watching") : QStringLiteral("Changed, paused:");
            const QString text = QStringLiteral("%1 %2: %3")
                                     .arg(verb, now.value(QStringLiteral("name")).toString(), watchedBy(now));
            session.client().editWatch(watch.revision, watch.name, fields, &session,
                                       withoutValue(session, std::move(done), text));
        });
}

std::expected<Job, QString> prepareWatchPause(const Arguments &arguments)
{
    return setEnabled(arguments.names, false);
}

std::expected<Job, QString> prepareWatchResume(const Arguments &arguments)
{
    return setEnabled(arguments.names, true);
}

std::expected<Job, QString> prepareWatchRemove(const Arguments &arguments)
{
    const bool withHistory = arguments.has(QStringLiteral("with-history"));
    return forEachWatch(
        arguments.names, QStringLiteral("remove"),
        [withHistory](Session &session, const dbus::WatchRow &watch, const EachWatch::Done &done) {
            session.client().removeWatch(
                watch.revision, watch.name, &session,
                [&session, withHistory, done, name = watch.name](const client::Answer<void> &answer) {
                    if (answer && withHistory)
                        return deleteHistoryOfRemoved(session, name, done);
                    if (answer)
                        session.print(
                            printable(QStringLiteral("Removed %1. To have it back, within 10 minutes: "
                                                     "weirctl watch restore %2")
                                          .arg(name, shellWord(name))));
                    done(answer);
                });
        });
}

std::expected<Job, QString> prepareWatchRestore(const Arguments &arguments)
{
    return [name = arguments.names.first()](Session &session) {
        session.client().restoreWatch(name, &session, [&session, name](const auto &revision) {
            if (!revision)
                return session.fail(revision.error(),
                                    QStringLiteral("cannot restore watch %1").arg(inQuotes(name.left(80))));
            session.print(printable(QStringLiteral("%1 is back, with its totals.").arg(name)));
            session.finish(Exit::Ok);
        });
    };
}

} // namespace weir::cli
