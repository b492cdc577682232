// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/policy_run.h"

#include "app/cli/policy_texts.h"
#include "app/cli/views.h"
#include "app/client/json.h"
#include "app/client/quantities.h"

#include <QDateTime>

#include <algorithm>

namespace weir::cli {

namespace {

constexpr qint64 kPreviewS = 7 * 86'400;

qint64 now()
{
    return QDateTime::currentSecsSinceEpoch();
}

/// The policy as people call it.
QString calledIn(Policy policy)
{
    return policy == Policy::Burst ? QStringLiteral("burst guard") : client::nameOfPolicy(policy);
}

bool isSet(Policy policy, const dbus::WatchRow &watch)
{
    switch (policy) {
    case Policy::Limit:
        return watch.limit.set;
    case Policy::Quota:
        return watch.quota.set;
    case Policy::Burst:
        return watch.burst.set;
    }
    Q_UNREACHABLE();
}

QString exampleOf(Policy policy)
{
    switch (policy) {
    case Policy::Limit:
        return QStringLiteral("--down 20mbit");
    case Policy::Quota:
        return QStringLiteral("--size 100GB");
    case Policy::Burst:
        return QStringLiteral("--trigger 50mbit --window 15min --throttle 5mbit --hold 30min");
    }
    Q_UNREACHABLE();
}

void printLines(Session &session, const QStringList &lines)
{
    for (const QString &line : lines)
        session.print(printable(line));
}

void showJson(Session &session, Policy policy, const dbus::WatchRow &watch)
{
    QJsonObject row;
    switch (policy) {
    case Policy::Limit:
        row = client::toJson(watch.limit);
        break;
    case Policy::Quota:
        row = client::toJson(watch.quota);
        break;
    case Policy::Burst:
        row = client::toJson(watch.burst);
        break;
    }
    row.insert(QStringLiteral("name"), watch.name);
    session.printDocument(client::nameOfPolicy(policy), {row});
    session.finish(Exit::Ok);
}

/// A limit above what the link can carry holds nothing.
void showLinkSpeed(Session &session, const dbus::WatchRow &watch)
{
    const quint64 most = std::max(watch.limit.downBitsPerSecond, watch.limit.upBitsPerSecond);
    if (!watch.limit.set || watch.kind != QLatin1String("link"))
        return session.finish(Exit::Ok);
    session.client().links(&session, [&session, watch, most](const auto &links) {
        const auto link = links ? std::ranges::find(*links, watch.link, &dbus::LinkRow::name)
                                : dbus::LinkRows::const_iterator();
        if (links && link != links->cend() && link->speedBitsPerSecond != 0
            && most > link->speedBitsPerSecond)
            session.print(printable(
                QStringLiteral("Link %1 carries %2: a limit of %3 is above that.")
                    .arg(watch.link, client::rateText(link->speedBitsPerSecond), client::rateText(most))));
        session.finish(Exit::Ok);
    });
}

void showPreview(Session &session, const dbus::WatchRow &watch)
{
    if (!watch.burst.set)
        return session.finish(Exit::Ok);
    const qint64 from = now() - kPreviewS;
    QVariantMap fields = client::fieldsOf(watch.burst);
    fields.insert(QStringLiteral("enabled"), true); // what it would do, also while it is off
    client::Limits(session.client())
        .previewBurst(watch.name, fields, from, &session,
                      [&session, from, burst = watch.burst](const auto &preview) {
                          if (preview)
                              printLines(session, previewLines(*preview, burst, from, now()));
                          session.finish(Exit::Ok); // without a history there is nothing to say
                      });
}

} // namespace

void readWatch(Session &session, const QString &name, std::function<void(const dbus::WatchRow &)> then)
{
    session.client().watches(&session, [&session, name, then = std::move(then)](const auto &watches) {
        if (!watches)
            return session.fail(watches.error(), QStringLiteral("cannot read the watches"), Purpose::Read);
        const auto watch = std::ranges::find(*watches, name, &dbus::WatchRow::name);
        if (watch != watches->cend())
            return then(*watch);
        session.complain(QStringLiteral("there is no watch %1").arg(inQuotes(name.left(80))),
                         QStringLiteral("See which there are: weirctl watches"));
        session.finish(Exit::Failed);
    });
}

void showPolicy(Session &session, Policy policy, const dbus::WatchRow &watch, bool asJson)
{
    if (asJson)
        return showJson(session, policy, watch);
    switch (policy) {
    case Policy::Limit:
        printLines(session, limitLines(watch, now()));
        return showLinkSpeed(session, watch);
    case Policy::Quota:
        printLines(session, quotaLines(watch));
        return session.finish(Exit::Ok);
    case Policy::Burst:
        printLines(session, burstLines(watch, now()));
        return showPreview(session, watch);
    }
}

Job showingPolicy(Policy policy, const QString &name, bool asJson)
{
    return [=](Session &session) {
        readWatch(session, name, [&session, policy, asJson](const dbus::WatchRow &watch) {
            showPolicy(session, policy, watch, asJson);
        });
    };
}

client::OnAnswer<uint> thenShow(Session &session, Policy policy, const QString &name, const QString &doing)
{
    return [&session, policy, name, doing](const client::Answer<uint> &revision) {
        if (!revision)
            return session.fail(revision.error(), doing);
        session.client().watches(&session, [&session, policy, name](const auto &watches) {
            const auto watch = watches ? std::ranges::find(*watches, name, &dbus::WatchRow::name)
                                       : dbus::WatchRows::const_iterator();
            if (watches && watch != watches->cend())
                return showPolicy(session, policy, *watch, false);
            session.print(QStringLiteral("Done; how it stands now could not be read."));
            session.finish(Exit::Ok);
        });
    };
}

std::expected<QString, QString> soleFlag(const Arguments &arguments,
                                         std::initializer_list<const char *> flags)
{
    QString sole;
    for (const char *flag : flags) {
        if (arguments.has(QLatin1String(flag)))
            sole = QLatin1String(flag);
    }
    if (sole.isEmpty())
        return sole;
    const qsizetype beside = arguments.options.size() - 1 - (arguments.has(QStringLiteral("yes")) ? 1 : 0);
    if (beside > 0)
        return std::unexpected(QStringLiteral("--%1 stands alone: nothing else goes with it").arg(sole));
    return sole;
}

std::unexpected<QString> wrongOption(const QString &option, const QString &error)
{
    return std::unexpected(QStringLiteral("--%1: %2").arg(option, error));
}

QString jsonShows()
{
    return QStringLiteral("--json shows how it stands; it does not go with a change");
}

bool requirePolicy(Session &session, Policy policy, const dbus::WatchRow &watch)
{
    if (isSet(policy, watch))
        return true;
    session.complain(QStringLiteral("watch %1 has no %2").arg(inQuotes(watch.name), calledIn(policy)),
                     QStringLiteral("Set one: weirctl %1 %2 %3")
                         .arg(client::nameOfPolicy(policy), shellWord(watch.name), exampleOf(policy)));
    session.finish(Exit::Failed);
    return false;
}

void switchPolicy(Session &session, Policy policy, const dbus::WatchRow &watch, const QString &flag)
{
    if (!requirePolicy(session, policy, watch))
        return;
    const client::Limits limits(session.client());
    const QString doing = QStringLiteral("cannot %1 the %2 of %3");
    if (flag == QLatin1String("remove"))
        return limits.remove(
            policy, watch.revision, watch.name, &session,
            thenShow(session, policy, watch.name,
                     doing.arg(QStringLiteral("remove"), calledIn(policy), inQuotes(watch.name))));
    limits.enable(policy, watch.revision, watch.name, flag == QLatin1String("on"), &session,
                  thenShow(session, policy, watch.name,
                           doing.arg(QStringLiteral("switch"), calledIn(policy), inQuotes(watch.name))));
}

} // namespace weir::cli
