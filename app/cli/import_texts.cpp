// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/import_texts.h"

#include "app/cli/views.h"
#include "app/client/quantities.h"

namespace weir::cli {

namespace {

quint64 number(const QVariantMap &fields, const char *key)
{
    return fields.value(QLatin1String(key)).toULongLong();
}

QString ifOff(const QVariantMap &fields)
{
    return fields.value(QStringLiteral("enabled"), true).toBool() ? QString()
                                                                  : QStringLiteral(", switched off");
}

void addList(QStringList &lines, const char *title, const QStringList &entries)
{
    if (entries.isEmpty())
        return;
    lines << QLatin1String(title);
    for (const QString &entry : entries)
        lines << QStringLiteral("    ") + entry;
}

} // namespace

QString limitText(const QVariantMap &fields)
{
    return QStringLiteral("limit %1 down and up%2")
        .arg(client::rateText(number(fields, "down_bits_per_s")), ifOff(fields));
}

QString quotaText(const QVariantMap &fields)
{
    const QString exempt = fields.value(QStringLiteral("exempt")).toString();
    return QStringLiteral("quota %1 from day %2 on (%3, x%4), blocked past it%5%6")
        .arg(client::sizeText(number(fields, "size_bytes")),
             fields.value(QStringLiteral("reset_day")).toString(),
             fields.value(QStringLiteral("billing")).toString() == QLatin1String("out")
                 ? QStringLiteral("out only")
                 : QStringLiteral("in and out"),
             fields.value(QStringLiteral("factor")).toString(),
             exempt.isEmpty() ? QString()
                              : QStringLiteral(", all but %1, which you are typing through").arg(exempt),
             ifOff(fields));
}

QString burstText(const QVariantMap &fields)
{
    return QStringLiteral("burst guard %1 over %2, then %3 for %4%5")
        .arg(client::rateText(number(fields, "trigger_bits_per_s")),
             client::durationText(number(fields, "window_s")),
             client::rateText(number(fields, "throttle_bits_per_s")),
             client::durationText(number(fields, "hold_s")), ifOff(fields));
}

QStringList planLines(const client::Imported &imported, const QList<client::ImportStep> &steps)
{
    QStringList lines;
    for (qsizetype i = 0; i < steps.size(); ++i) {
        const client::ImportStep &step = steps.at(i);
        dbus::WatchRow watch;
        watch.ports = imported.watches.at(i).ports;
        lines << QStringLiteral("%1 %2: %3")
                     .arg(step.isNew ? QStringLiteral("New watch") : QStringLiteral("Watch that is there"),
                          step.name, whatIsWatched(watch));
        if (!step.limit.isEmpty())
            lines << QStringLiteral("    ") + limitText(step.limit);
        if (!step.quota.isEmpty())
            lines << QStringLiteral("    ") + quotaText(step.quota);
        if (!step.burst.isEmpty())
            lines << QStringLiteral("    ") + burstText(step.burst);
        for (const QString &policy : step.kept)
            lines << QStringLiteral("    has a %1, which stays")
                         .arg(policy == QLatin1String("burst") ? QStringLiteral("burst guard") : policy);
        if (step.changesNothing() && step.kept.isEmpty())
            lines << QStringLiteral("    nothing to change");
    }
    addList(lines, "Not understood:", imported.notUnderstood);
    addList(lines, "Not imported:", imported.notImported);
    return lines;
}

} // namespace weir::cli
