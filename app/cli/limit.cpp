// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/handlers.h"

#include "app/cli/policy_run.h"
#include "app/cli/policy_texts.h"
#include "app/cli/views.h"
#include "app/client/json.h"
#include "app/client/quantities.h"

namespace weir::cli {

namespace {

/// The fields that were typed; a rate of 0 stands for none.
std::expected<QVariantMap, QString> typedFields(const Arguments &arguments)
{
    QVariantMap fields;
    for (const QString &option : {QStringLiteral("down"), QStringLiteral("up")}) {
        const auto text = arguments.value(option);
        if (!text)
            continue;
        const auto rate =
            *text == QLatin1String("none") ? client::Understood<quint64>(0) : client::parseRate(*text);
        if (!rate)
            return wrongOption(option, rate.error());
        if (*rate == 0 && *text != QLatin1String("none"))
            return wrongOption(option, QStringLiteral("nothing would pass; for no limit write none"));
        fields.insert(option + QStringLiteral("_bits_per_s"), qulonglong(*rate));
    }
    if (const auto when = arguments.value(QStringLiteral("when")))
        fields.insert(QStringLiteral("when"), *when == QLatin1String("always") ? QString() : *when);
    return fields;
}

void setLimit(Session &session, const dbus::WatchRow &watch, const QVariantMap &typed)
{
    QVariantMap fields = watch.limit.set ? client::fieldsOf(watch.limit) : QVariantMap();
    fields.insert(typed);
    fields.removeIf([](const auto &field) {
        return field.key().endsWith(QLatin1String("_bits_per_s")) && field.value().toULongLong() == 0;
    });
    if (!fields.contains(QStringLiteral("down_bits_per_s"))
        && !fields.contains(QStringLiteral("up_bits_per_s"))) {
        session.complain(
            QStringLiteral("no rate is left to hold %1 to").arg(inQuotes(watch.name)),
            watch.limit.set
                ? QStringLiteral("To take its limit away: weirctl limit %1 --remove")
                      .arg(shellWord(watch.name))
                : QStringLiteral("Give one: weirctl limit %1 --down 20mbit").arg(shellWord(watch.name)));
        return session.finish(Exit::Usage);
    }
    client::Limits(session.client())
        .set(Policy::Limit, watch.revision, watch.name, fields, &session,
             thenShow(session, Policy::Limit, watch.name,
                      QStringLiteral("cannot limit %1").arg(inQuotes(watch.name))));
}

} // namespace

std::expected<Job, QString> prepareLimits(const Arguments &arguments)
{
    return [json = arguments.has(QStringLiteral("json"))](Session &session) {
        client::Limits(session.client()).limits(&session, [&session, json](const auto &limits) {
            if (!limits)
                return session.fail(limits.error(), QStringLiteral("cannot read the limits"), Purpose::Read);
            if (json)
                session.printDocument(QStringLiteral("limits"), client::toJson(*limits));
            else if (limits->isEmpty())
                session.print(QStringLiteral(
                    "Nothing is held to a rate now. Hold a watch: weirctl limit web --down 20mbit"));
            else
                session.print(limitTable(*limits));
            session.finish(Exit::Ok);
        });
    };
}

std::expected<Job, QString> prepareLimit(const Arguments &arguments)
{
    const auto flag = soleFlag(arguments, {"off", "on", "remove"});
    if (!flag)
        return std::unexpected(flag.error());
    const auto fields = typedFields(arguments);
    if (!fields)
        return std::unexpected(fields.error());
    const QString name = arguments.names.first();
    const bool json = arguments.has(QStringLiteral("json"));
    if (flag->isEmpty() && fields->isEmpty())
        return showingPolicy(Policy::Limit, name, json);
    if (json)
        return std::unexpected(jsonShows());
    return [name, flag = *flag, fields = *fields](Session &session) {
        readWatch(session, name, [&session, flag, fields](const dbus::WatchRow &watch) {
            if (flag.isEmpty())
                setLimit(session, watch, fields);
            else
                switchPolicy(session, Policy::Limit, watch, flag);
        });
    };
}

} // namespace weir::cli
