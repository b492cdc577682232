// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/handlers.h"

#include "app/cli/session.h"
#include "app/client/json.h"

#include <QJsonObject>
#include <QSocketNotifier>
#include <QTimer>

#include <sys/syscall.h>
#include <unistd.h>

namespace weir::cli {

namespace {

QString meaningOf(const QString &key)
{
    if (key == QLatin1String("metered_links"))
        return QStringLiteral("links whose packets are counted: auto, or names separated by commas");
    if (key == QLatin1String("local_prefixes"))
        return QStringLiteral(
            "networks that count as local besides those known by themselves, such as 203.0.113.0/24");
    if (key == QLatin1String("flush_interval_s"))
        return QStringLiteral(
            "seconds between writes to disk, 5 to 900; a power cut loses that much at most");
    if (key == QLatin1String("keep_minutes_days"))
        return QStringLiteral("days that history is kept by the minute, 1 to 31");
    if (key == QLatin1String("keep_quarters_days"))
        return QStringLiteral(
            "days that history is kept by the quarter of an hour, 35 to 3660; whole days are kept for ever");
    if (key == QLatin1String("keep_remotes_days"))
        return QStringLiteral("days that remote addresses are kept by the hour, 1 to 400; those of whole "
                              "days are kept for ever");
    return {};
}

QString unknownKey(const QString &key, const QVariantMap &settings)
{
    return QStringLiteral("there is no setting '%1'; known are: %2")
        .arg(key, QStringList(settings.keys()).join(QStringLiteral(", ")));
}

void show(Session &session, const client::SettingsAnswer &answer, const std::optional<QString> &key,
          bool json)
{
    if (json && key) {
        session.printDocument(QStringLiteral("settings"),
                              {QJsonObject{{*key, client::toJson(answer.settings.value(*key))}}});
    } else if (json) {
        QJsonObject object = client::toJson(answer.settings);
        object.insert(QStringLiteral("revision"), qint64(answer.revision));
        session.printDocument(QStringLiteral("settings"), {object});
    } else if (key) {
        session.print(printable(answer.settings.value(*key).toString()));
    } else {
        Table table({{QStringLiteral("SETTING")},
                     {QStringLiteral("VALUE")},
                     {QStringLiteral("MEANING"), Table::Align::Left, 100}});
        for (auto setting = answer.settings.begin(); setting != answer.settings.end(); ++setting) {
            const QString value = setting.value().toString();
            table.add({setting.key(), value.isEmpty() ? QStringLiteral("(none)") : value,
                       meaningOf(setting.key())});
        }
        session.print(table);
    }
}

/// `text` as the type that the setting has now.
std::optional<QVariant> converted(const QString &text, const QVariant &present)
{
    if (present.typeId() == QMetaType::UInt) {
        bool isNumber = false;
        const uint number = text.toUInt(&isNumber);
        return isNumber ? std::optional<QVariant>(number) : std::nullopt;
    }
    return text;
}

} // namespace

std::expected<Job, QString> prepareSettings(const Arguments &arguments)
{
    const auto key = arguments.names.isEmpty() ? std::nullopt : std::optional(arguments.names.first());
    return [key, json = arguments.has(QStringLiteral("json"))](Session &session) {
        session.client().settings(&session, [&session, key, json](const auto &answer) {
            if (!answer)
                return session.fail(answer.error(), QStringLiteral("cannot read the settings"),
                                    Purpose::Read);
            if (key && !answer->settings.contains(*key)) {
                session.complain(unknownKey(*key, answer->settings));
                return session.finish(Exit::Usage);
            }
            show(session, *answer, key, json);
            session.finish(Exit::Ok);
        });
    };
}

std::expected<Job, QString> prepareSettingsSet(const Arguments &arguments)
{
    return [key = arguments.names.at(0), text = arguments.names.at(1)](Session &session) {
        session.client().settings(&session, [&session, key, text](const auto &answer) {
            const QString doing = QStringLiteral("cannot set %1").arg(key);
            if (!answer)
                return session.fail(answer.error(), doing, Purpose::Read);
            if (!answer->settings.contains(key)) {
                session.complain(unknownKey(key, answer->settings));
                return session.finish(Exit::Usage);
            }
            const QVariant before = answer->settings.value(key);
            const auto value = converted(text, before);
            if (!value) {
                session.complain(
                    QStringLiteral("%1: '%2' is not a whole number (%3)").arg(key, text, meaningOf(key)));
                return session.finish(Exit::Usage);
            }
            const auto done = [&session, key, before, doing](const auto &revision) {
                if (!revision)
                    return session.fail(revision.error(), doing);
                // what was understood, which need not be what was typed
                session.client().settings(&session, [&session, key, before](const auto &now) {
                    if (!now)
                        return session.fail(now.error(),
                                            QStringLiteral("%1 is set, but cannot be read back").arg(key),
                                            Purpose::Read);
                    session.print(
                        printable(QStringLiteral("%1 is now '%2' (it was '%3')")
                                      .arg(key, now->settings.value(key).toString(), before.toString())));
                    session.finish(Exit::Ok);
                });
            };
            session.client().setSettings(answer->revision, {{key, *value}}, &session, done);
        });
    };
}

namespace {

/// Calls `then` when a process of this machine has ended, or after ten seconds, or at once when it cannot be
/// followed.
void whenEnded(Session &session, pid_t process, const std::function<void()> &then)
{
    constexpr auto kPatience = std::chrono::seconds(10);
    const int descriptor = process > 0 ? int(syscall(SYS_pidfd_open, process, 0)) : -1;
    if (descriptor < 0)
        return then();
    auto *notifier = new QSocketNotifier(descriptor, QSocketNotifier::Read, &session);
    const auto end = [notifier, descriptor, then] {
        if (!notifier->isEnabled())
            return;
        notifier->setEnabled(false);
        close(descriptor);
        then();
    };
    QObject::connect(notifier, &QSocketNotifier::activated, &session, end);
    QTimer::singleShot(kPatience, &session, end);
}

void clean(Session &session, pid_t helper)
{
    session.client().clean(&session, [&session, helper](const auto &answer) {
        if (!answer && answer.error().helperAway()) {
            session.complain(answer.error(), QStringLiteral("cannot clean"));
            session.complain(
                QStringLiteral("without the helper, clean with: sudo " WEIR_HELPER_PATH " --clean"));
            return session.finish(Exit::Failed);
        }
        if (!answer)
            return session.fail(answer.error(), QStringLiteral("cannot clean"));
        whenEnded(session, helper, [&session] {
            session.print(QStringLiteral(
                "Everything of Weir is out of the kernel, the totals are stored and the helper has ended.\n"
                "Nothing is counted until it is started again: sudo systemctl start weir"));
            session.finish(Exit::Ok);
        });
    });
}

} // namespace

std::expected<Job, QString> prepareClean(const Arguments &)
{
    return [](Session &session) {
        // its process is looked for first: once it has ended nobody can tell which one it was
        session.client().status(&session, [&session](const auto &status) {
            clean(session, status ? pid_t(status->value(QStringLiteral("pid")).toUInt()) : 0);
        });
    };
}

} // namespace weir::cli
