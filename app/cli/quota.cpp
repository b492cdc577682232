// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/handlers.h"

#include "app/cli/policy_run.h"
#include "app/cli/quota_block.h"
#include "app/cli/views.h"
#include "app/client/quantities.h"

namespace weir::cli {

namespace {

/// What was typed to be set.
struct TypedQuota {
    QVariantMap fields;
    std::optional<quint64> usedBytes;
    bool isSure = false; ///< --yes

    bool isEmpty() const { return fields.isEmpty() && !usedBytes; }
};

/// Options with one of few words as their value, named as the fields are.
const QList<QPair<QString, QStringList>> &choices()
{
    static const QList<QPair<QString, QStringList>> all{
        {QStringLiteral("billing"),
         {QStringLiteral("in"), QStringLiteral("out"), QStringLiteral("sum"), QStringLiteral("max")}},
        {QStringLiteral("scope"), {QStringLiteral("all"), QStringLiteral("internet")}},
        {QStringLiteral("overflow"),
         {QStringLiteral("notify"), QStringLiteral("throttle"), QStringLiteral("block")}}};
    return all;
}

/// Of --size and --used.
std::expected<std::optional<quint64>, QString> typedSize(const Arguments &arguments, const QString &option)
{
    const auto text = arguments.value(option);
    if (!text)
        return std::nullopt;
    const auto size = client::parseSize(*text);
    if (!size)
        return wrongOption(option, size.error());
    return *size;
}

std::expected<TypedQuota, QString> typedQuota(const Arguments &arguments)
{
    TypedQuota typed;
    typed.isSure = arguments.has(QStringLiteral("yes"));
    const auto size = typedSize(arguments, QStringLiteral("size"));
    const auto used = typedSize(arguments, QStringLiteral("used"));
    if (!size || !used)
        return std::unexpected(size ? used.error() : size.error());
    typed.usedBytes = *used;
    if (*size)
        typed.fields.insert(QStringLiteral("size_bytes"), qulonglong(**size));
    for (const auto &[option, words] : choices()) {
        const auto word = arguments.value(option);
        if (word && !words.contains(*word))
            return wrongOption(
                option, QStringLiteral("'%1' is none of %2").arg(*word, words.join(QStringLiteral(", "))));
        if (word)
            typed.fields.insert(option, *word);
    }
    if (const auto rate = arguments.value(QStringLiteral("throttle"))) {
        const auto bits = client::parseRate(*rate);
        if (!bits)
            return wrongOption(QStringLiteral("throttle"), bits.error());
        typed.fields.insert(QStringLiteral("throttle_bits_per_s"), qulonglong(*bits));
    }
    // what these may be is the helper's to say
    for (const auto &[option, field] : {std::pair("reset-day", "reset_day"), std::pair("factor", "factor")}) {
        if (const auto text = arguments.value(QLatin1String(option)))
            typed.fields.insert(QLatin1String(field), *text);
    }
    for (const auto &[option, field] : {std::pair("alert", "alerts"), std::pair("exempt", "exempt")}) {
        if (const auto text = arguments.value(QLatin1String(option)))
            typed.fields.insert(QLatin1String(field), *text == QLatin1String("none") ? QString() : *text);
    }
    return typed;
}

/// The fields to set: those of now with what was typed; the error says which options do not go together.
std::expected<QVariantMap, QString> merged(const dbus::WatchRow &watch, const QVariantMap &typed)
{
    QVariantMap fields = watch.quota.set ? client::fieldsOf(watch.quota) : QVariantMap();
    fields.insert(typed);
    if (!fields.contains(QStringLiteral("size_bytes")))
        return std::unexpected(
            QStringLiteral("watch %1 has no quota yet; one needs --size SIZE").arg(inQuotes(watch.name)));
    const QString overflow = fields.value(QStringLiteral("overflow"), QStringLiteral("notify")).toString();
    for (const auto &[field, option, action] :
         {std::tuple(QStringLiteral("throttle_bits_per_s"), "--throttle", "throttle"),
          std::tuple(QStringLiteral("exempt"), "--exempt", "block")}) {
        if (overflow == QLatin1String(action))
            continue;
        if (typed.contains(field))
            return std::unexpected(QStringLiteral("%1 goes with --overflow %2; it is %3")
                                       .arg(QLatin1String(option), QLatin1String(action), overflow));
        fields.remove(field);
    }
    if (overflow == QLatin1String("throttle") && !fields.contains(QStringLiteral("throttle_bits_per_s")))
        return std::unexpected(QStringLiteral("--overflow throttle needs --throttle RATE"));
    return fields;
}

/// Corrects what is used, with the revision that the change before it gave.
void calibrate(Session &session, const QString &name, quint64 usedBytes, uint revision)
{
    client::Limits(session.client())
        .calibrate(revision, name, usedBytes, &session,
                   thenShow(session, Policy::Quota, name,
                            QStringLiteral("cannot correct what %1 used").arg(inQuotes(name))));
}

void setQuota(Session &session, const dbus::WatchRow &watch, const TypedQuota &typed)
{
    if (typed.fields.isEmpty()) {
        if (!requirePolicy(session, Policy::Quota, watch))
            return;
        return withBlockAgreed(
            session, watch, client::fieldsOf(watch.quota), typed.isSure,
            [&session, watch, typed] { calibrate(session, watch.name, *typed.usedBytes, watch.revision); });
    }
    const auto fields = merged(watch, typed.fields);
    if (!fields) {
        session.complain(fields.error());
        return session.finish(Exit::Usage);
    }
    withBlockAgreed(session, watch, *fields, typed.isSure, [&session, watch, typed, fields = *fields] {
        const QString doing = QStringLiteral("cannot set the quota of %1").arg(inQuotes(watch.name));
        client::OnAnswer<uint> then = thenShow(session, Policy::Quota, watch.name, doing);
        if (typed.usedBytes)
            then = [&session, name = watch.name, used = *typed.usedBytes, doing](const auto &revision) {
                if (!revision)
                    return session.fail(revision.error(), doing);
                calibrate(session, name, used, *revision);
            };
        client::Limits(session.client())
            .set(Policy::Quota, watch.revision, watch.name, fields, &session, std::move(then));
    });
}

/// --restart-period and what takes things back.
void changePeriod(Session &session, const dbus::WatchRow &watch, const QString &flag)
{
    if (!requirePolicy(session, Policy::Quota, watch))
        return;
    const client::Limits limits(session.client());
    const auto then = [&](const char *doing) {
        return thenShow(session, Policy::Quota, watch.name,
                        QStringLiteral("cannot %1 of %2").arg(QLatin1String(doing), inQuotes(watch.name)));
    };
    if (flag == QLatin1String("restart-period"))
        limits.beginPeriod(watch.revision, watch.name, &session, then("begin the period"));
    else if (flag == QLatin1String("undo-restart"))
        limits.undoBeginPeriod(watch.revision, watch.name, &session, then("undo the restart"));
    else
        limits.undoCalibrate(watch.revision, watch.name, &session, then("undo the correction"));
}

void carryOut(Session &session, const dbus::WatchRow &watch, const QString &flag, bool isSure)
{
    const auto act = [&session, watch, flag] {
        if (flag == QLatin1String("off") || flag == QLatin1String("on") || flag == QLatin1String("remove"))
            switchPolicy(session, Policy::Quota, watch, flag);
        else
            changePeriod(session, watch, flag);
    };
    // what takes something back may put the quota over its line
    const bool mayBlock = flag == QLatin1String("on") || flag.startsWith(QLatin1String("undo-"));
    if (!watch.quota.set || !mayBlock)
        return act();
    QVariantMap fields = client::fieldsOf(watch.quota);
    if (flag == QLatin1String("on"))
        fields.insert(QStringLiteral("enabled"), true);
    withBlockAgreed(session, watch, fields, isSure, act);
}

} // namespace

std::expected<Job, QString> prepareQuota(const Arguments &arguments)
{
    const auto flag =
        soleFlag(arguments, {"off", "on", "remove", "restart-period", "undo-restart", "undo-used"});
    if (!flag)
        return std::unexpected(flag.error());
    const auto typed = typedQuota(arguments);
    if (!typed)
        return std::unexpected(typed.error());
    const QString name = arguments.names.first();
    const bool json = arguments.has(QStringLiteral("json"));
    if (flag->isEmpty() && typed->isEmpty())
        return showingPolicy(Policy::Quota, name, json);
    if (json)
        return std::unexpected(jsonShows());
    return [name, flag = *flag, typed = *typed](Session &session) {
        readWatch(session, name, [&session, flag, typed](const dbus::WatchRow &watch) {
            if (flag.isEmpty())
                setQuota(session, watch, typed);
            else
                carryOut(session, watch, flag, typed.isSure);
        });
    };
}

} // namespace weir::cli
