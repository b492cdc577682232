// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/policy_sentences.h"

#include "app/client/format.h"
#include "app/client/quantities.h"
#include "app/gui/policy_texts.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

namespace weir::gui::text {

namespace {

struct PolicySentences {
    Q_DECLARE_TR_FUNCTIONS(weir::gui::PolicySentences)
};

constexpr qsizetype kTriggersTold = 6;
constexpr qint64 kDay = 24 * 3600;

/// The link whose speed counts; null when none tells.
const dbus::LinkRow *lineOf(const LinkList &links, const dbus::WatchRow &watch)
{
    const dbus::LinkRow *line = nullptr;
    for (const dbus::LinkRow &link : links.rows()) {
        const bool counts = watch.link.isEmpty() ? link.metered : link.name == watch.link;
        if (counts && link.speedBitsPerSecond > (line ? line->speedBitsPerSecond : 0))
            line = &link;
    }
    return line;
}

/// "1st", "22nd": a day of the month.
QString ordinal(const QString &resetDay)
{
    if (resetDay == QLatin1String("last"))
        return PolicySentences::tr("last day", "of a month");
    const int day = resetDay.toInt();
    if (day == 1 || day == 21 || day == 31)
        return PolicySentences::tr("%1st", "day of a month").arg(day);
    if (day == 2 || day == 22)
        return PolicySentences::tr("%1nd", "day of a month").arg(day);
    if (day == 3 || day == 23)
        return PolicySentences::tr("%1rd", "day of a month").arg(day);
    return PolicySentences::tr("%1th", "day of a month").arg(day);
}

QString billed(const dbus::QuotaState &quota)
{
    const bool internet = quota.scope == QLatin1String("internet");
    if (quota.billing == QLatin1String("in"))
        return internet ? PolicySentences::tr("in, from the internet") : PolicySentences::tr("in");
    if (quota.billing == QLatin1String("out"))
        return internet ? PolicySentences::tr("out, to the internet") : PolicySentences::tr("out");
    if (quota.billing == QLatin1String("max"))
        return internet ? PolicySentences::tr("in or out, whichever is more, with the internet")
                        : PolicySentences::tr("in or out, whichever is more");
    return internet ? PolicySentences::tr("in and out, with the internet")
                    : PolicySentences::tr("in and out");
}

/// "local traffic and port 22"; empty when nothing is exempt.
QString exempted(const QString &exempt)
{
    QStringList ports = exempt.split(QLatin1Char(','), Qt::SkipEmptyParts);
    const bool local = ports.removeAll(QStringLiteral("local")) > 0;
    const QString numbers = ports.join(QStringLiteral(", ")).replace(QLatin1Char('-'), QChar(0x2013));
    if (numbers.isEmpty())
        return local ? PolicySentences::tr("local traffic") : QString();
    const bool one = ports.size() == 1 && !ports.first().contains(QLatin1Char('-'));
    if (local)
        return (one ? PolicySentences::tr("local traffic and port %1")
                    : PolicySentences::tr("local traffic and ports %1"))
            .arg(numbers);
    return (one ? PolicySentences::tr("port %1") : PolicySentences::tr("ports %1")).arg(numbers);
}

QString quotaEnd(const dbus::QuotaState &quota)
{
    if (quota.overflow == QLatin1String("throttle"))
        return PolicySentences::tr("it is held to %1 in each direction until then.")
            .arg(client::rateText(quota.throttleBitsPerSecond));
    if (quota.overflow != QLatin1String("block"))
        return PolicySentences::tr("you are told, and nothing else happens.");
    const QString exempt = exempted(quota.exempt);
    if (exempt.isEmpty())
        return PolicySentences::tr("everything it carries is blocked until then.");
    return PolicySentences::tr("everything it carries is blocked until then, except %1.").arg(exempt);
}

QString triggerText(const dbus::TriggerRow &trigger)
{
    const QDateTime start = QDateTime::fromSecsSinceEpoch(trigger.start);
    const QDateTime end = QDateTime::fromSecsSinceEpoch(trigger.end);
    const QLocale locale;
    const QString format =
        PolicySentences::tr("ddd HH:mm", "format of a day of the week and a time, see QDateTime::toString()");
    return QStringLiteral("%1–%2").arg(locale.toString(start, format),
                                       start.date() == end.date() ? end.toString(QStringLiteral("HH:mm"))
                                                                  : locale.toString(end, format));
}

QString span(qint64 seconds)
{
    if (seconds >= kDay)
        return PolicySentences::tr("%Ln day(s)", nullptr, int((seconds + kDay / 2) / kDay));
    return client::formatDuration(seconds);
}

} // namespace

quint64 lineSpeed(const LinkList &links, const dbus::WatchRow &watch)
{
    const dbus::LinkRow *line = lineOf(links, watch);
    return line ? line->speedBitsPerSecond : 0;
}

QString tooFast(const LinkList &links, const dbus::WatchRow &watch)
{
    const dbus::LinkRow *line = lineOf(links, watch);
    if (!line)
        return {};
    return PolicySentences::tr("faster than %1 (%2), so it holds nothing back")
        .arg(line->name, client::rateText(line->speedBitsPerSecond));
}

QString limitSentence(const QString &name, std::optional<quint64> down, std::optional<quint64> up,
                      const QString &when)
{
    const auto rate = [](std::optional<quint64> bits) { return client::rateText(bits.value_or(0)); };
    const QString held = down && up
        ? PolicySentences::tr("What “%1” receives is held to %2, what it sends to %3.")
              .arg(name, rate(down), rate(up))
        : down ? PolicySentences::tr("What “%1” receives is held to %2; what it sends is not limited.")
                     .arg(name, rate(down))
               : PolicySentences::tr("What “%1” sends is held to %2; what it receives is not limited.")
                     .arg(name, rate(up));
    return held + QLatin1Char(' ')
        + (when.isEmpty() ? PolicySentences::tr("Connections live on.")
                          : PolicySentences::tr("This holds %1. Connections live on.").arg(when));
}

QString quotaSentence(const QString &name, const dbus::QuotaState &quota)
{
    QString sentence =
        PolicySentences::tr("When “%1” has moved more than %2, %3, between the %4 of a month and the next, ")
            .arg(name, client::sizeText(quota.sizeBytes), billed(quota), ordinal(quota.resetDay))
        + quotaEnd(quota);
    if (quota.factor != QLatin1String("1"))
        sentence += QLatin1Char(' ') + PolicySentences::tr("Each byte counts %1 times.").arg(quota.factor);
    if (!quota.alerts.isEmpty())
        sentence += QLatin1Char(' ')
            + PolicySentences::tr("It tells at %1 %.")
                  .arg(QString(quota.alerts).replace(QLatin1Char(','), QLatin1String(", ")));
    return sentence;
}

QString burstSentence(const QString &name, const dbus::BurstState &burst)
{
    const QString hold = client::durationText(burst.holdS);
    const QString rate = client::rateText(burst.throttleBitsPerSecond);
    const QString sentence = burst.direction == QLatin1String("down")
        ? PolicySentences::tr("When “%1” receives more than %2 on average over %3, what it receives is held "
                              "to %4 for %5; then exactly what was before applies again.")
        : burst.direction == QLatin1String("up")
        ? PolicySentences::tr("When “%1” sends more than %2 on average over %3, what it sends is held to %4 "
                              "for %5; then exactly what was before applies again.")
        : PolicySentences::tr("When “%1” moves more than %2, both directions together, on average over %3, "
                              "each direction is held to %4 for %5; then exactly what was before applies "
                              "again.");
    return sentence.arg(name, client::rateText(burst.triggerBitsPerSecond),
                        client::durationText(burst.windowS), rate, hold);
}

QString quotaPreview(const dbus::QuotaState &quota)
{
    return PolicySentences::tr("So far %1 since %2, %3 %. %4.")
        .arg(usedOf(quota.usedBytes, quota.sizeBytes), day(quota.periodStart),
             QLocale().toString(shareOf(quota) * 100, 'f', 1), quotaOutlook(quota));
}

QString blockNote(const dbus::QuotaState &preview, uint connections)
{
    const int count = int(connections);
    if (preview.sizeBytes > 0 && preview.usedBytes >= preview.sizeBytes)
        return PolicySentences::tr("It is used up already: saving this cuts %Ln connection(s) at once.",
                                   nullptr, count);
    return PolicySentences::tr("Blocking cuts what is open then; now that would be %Ln connection(s).",
                               nullptr, count);
}

QString burstPreview(const client::BurstPreview &preview, qint64 from, qint64 now, uint windowS)
{
    QStringList said;
    const QString asked = span(now - from);
    if (preview.triggers.isEmpty()) {
        said << PolicySentences::tr("In the last %1 it would have throttled nothing.").arg(asked);
    } else {
        QStringList times;
        for (const dbus::TriggerRow &trigger :
             preview.triggers.last(std::min(kTriggersTold, preview.triggers.size())))
            times << triggerText(trigger);
        if (preview.triggers.size() > kTriggersTold)
            times.prepend(QStringLiteral("…"));
        said << PolicySentences::tr("In the last %1 it would have throttled %Ln time(s): %2.", nullptr,
                                    int(preview.triggers.size()))
                    .arg(asked, times.join(QStringLiteral(", ")));
    }
    if (preview.knownFrom > from + kDay / 24)
        said << PolicySentences::tr("The history reaches back only %1.").arg(span(now - preview.knownFrom));
    if (windowS < 2 * preview.stepS)
        said << PolicySentences::tr(
                    "The history knows steps of %1: a window as short as this is not seen well.")
                    .arg(client::durationText(preview.stepS));
    return said.join(QLatin1Char(' '));
}

} // namespace weir::gui::text
