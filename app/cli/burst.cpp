// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/handlers.h"

#include "app/cli/policy_run.h"
#include "app/cli/views.h"
#include "app/client/quantities.h"

#include <limits>

namespace weir::cli {

namespace {

std::expected<QVariantMap, QString> typedFields(const Arguments &arguments)
{
    QVariantMap fields;
    for (const QString &option : {QStringLiteral("trigger"), QStringLiteral("throttle")}) {
        if (const auto text = arguments.value(option)) {
            const auto rate = client::parseRate(*text);
            if (!rate)
                return wrongOption(option, rate.error());
            fields.insert(option + QStringLiteral("_bits_per_s"), qulonglong(*rate));
        }
    }
    for (const QString &option : {QStringLiteral("window"), QStringLiteral("hold")}) {
        if (const auto text = arguments.value(option)) {
            const auto seconds = client::parseDuration(*text);
            if (!seconds)
                return wrongOption(option, seconds.error());
            if (*seconds > std::numeric_limits<uint>::max())
                return wrongOption(option, QStringLiteral("'%1' is too long").arg(*text));
            fields.insert(option + QStringLiteral("_s"), uint(*seconds));
        }
    }
    if (const auto direction = arguments.value(QStringLiteral("direction"))) {
        if (*direction != QLatin1String("sum") && *direction != QLatin1String("down")
            && *direction != QLatin1String("up"))
            return wrongOption(QStringLiteral("direction"),
                               QStringLiteral("'%1' is none of sum, down, up").arg(*direction));
        fields.insert(QStringLiteral("direction"), *direction);
    }
    return fields;
}

void setBurst(Session &session, const dbus::WatchRow &watch, const QVariantMap &typed)
{
    QVariantMap fields = watch.burst.set ? client::fieldsOf(watch.burst) : QVariantMap();
    fields.insert(typed);
    QStringList missing;
    for (const auto &[field, option] :
         {std::pair("trigger_bits_per_s", "--trigger RATE"), std::pair("window_s", "--window TIME"),
          std::pair("throttle_bits_per_s", "--throttle RATE"), std::pair("hold_s", "--hold TIME")}) {
        if (!fields.contains(QLatin1String(field)))
            missing << QLatin1String(option);
    }
    if (!missing.isEmpty()) {
        session.complain(QStringLiteral("watch %1 has no burst guard yet; one also needs %2")
                             .arg(inQuotes(watch.name), missing.join(QStringLiteral(", "))));
        return session.finish(Exit::Usage);
    }
    client::Limits(session.client())
        .set(Policy::Burst, watch.revision, watch.name, fields, &session,
             thenShow(session, Policy::Burst, watch.name,
                      QStringLiteral("cannot guard %1").arg(inQuotes(watch.name))));
}

void restoreNow(Session &session, const dbus::WatchRow &watch)
{
    if (!requirePolicy(session, Policy::Burst, watch))
        return;
    const auto then = thenShow(session, Policy::Burst, watch.name,
                               QStringLiteral("cannot end the throttle of %1").arg(inQuotes(watch.name)));
    client::Limits(session.client())
        .endBurst(watch.name, &session, [then, revision = watch.revision](const auto &answer) {
            then(answer ? client::Answer<uint>(revision) : std::unexpected(answer.error()));
        });
}

} // namespace

std::expected<Job, QString> prepareBurst(const Arguments &arguments)
{
    const auto flag = soleFlag(arguments, {"off", "on", "remove", "restore-now"});
    if (!flag)
        return std::unexpected(flag.error());
    const auto fields = typedFields(arguments);
    if (!fields)
        return std::unexpected(fields.error());
    const QString name = arguments.names.first();
    const bool json = arguments.has(QStringLiteral("json"));
    if (flag->isEmpty() && fields->isEmpty())
        return showingPolicy(Policy::Burst, name, json);
    if (json)
        return std::unexpected(jsonShows());
    return [name, flag = *flag, fields = *fields](Session &session) {
        readWatch(session, name, [&session, flag, fields](const dbus::WatchRow &watch) {
            if (flag.isEmpty())
                setBurst(session, watch, fields);
            else if (flag == QLatin1String("restore-now"))
                restoreNow(session, watch);
            else
                switchPolicy(session, Policy::Burst, watch, flag);
        });
    };
}

} // namespace weir::cli
