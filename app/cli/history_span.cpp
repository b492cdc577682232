// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/history_span.h"

#include "app/client/civil_text.h"

namespace weir::cli {

namespace {

constexpr qint64 kHour = 3600;
constexpr qint64 kDay = 24 * kHour;
constexpr qint64 kMinutesKept = 2 * kDay;

std::unexpected<QString> wrong(const char *option, const QString &why)
{
    return std::unexpected(QStringLiteral("--%1: %2").arg(QLatin1String(option), why));
}

std::expected<qint64, QString> instantOf(const Arguments &arguments, const char *option,
                                         const QString &otherwise, qint64 now, const CivilZone &zone)
{
    const auto typed = arguments.value(QLatin1String(option));
    const auto instant = parseInstant(typed.value_or(otherwise), now, zone);
    if (!instant)
        return wrong(option, instant.error().message);
    return *instant;
}

weir::Step civilStep(client::Step step)
{
    switch (step) {
    case client::Step::Minute:
        return weir::Step::Minute;
    case client::Step::Quarter:
        return weir::Step::Quarter;
    case client::Step::Hour:
        return weir::Step::Hour;
    case client::Step::Day:
        return weir::Step::Day;
    case client::Step::Month:
        return weir::Step::Month;
    }
    Q_UNREACHABLE();
}

} // namespace

client::Step stepFor(qint64 from, qint64 to, qint64 now)
{
    const qint64 length = to - from;
    if (length <= 2 * kHour)
        return from >= now - kMinutesKept ? client::Step::Minute : client::Step::Quarter;
    if (length <= 2 * kDay)
        return client::Step::Hour;
    // a month of 31 days has an hour more where clocks go back
    return length <= 31 * kDay + kHour ? client::Step::Day : client::Step::Month;
}

std::expected<TypedSpan, QString> readSpan(const Arguments &arguments, qint64 now, Steps steps)
{
    const auto zone = CivilZone::named(arguments.value(QStringLiteral("zone")).value_or(QString()));
    if (!zone)
        return std::unexpected(QStringLiteral("--") + zone.error().message);
    const auto untilNow = QStringLiteral("now");
    auto to = instantOf(arguments, "to", untilNow, now, *zone);
    if (!to)
        return std::unexpected(to.error());
    const auto from = instantOf(arguments, "from", QStringLiteral("-24h"),
                                arguments.has(QStringLiteral("from")) ? now : *to, *zone);
    if (!from)
        return std::unexpected(from.error());
    const client::Step step = stepFor(*from, *to, now);
    // In the first second of a minute, an hour or a month what is counted in it belongs to it already.
    if (arguments.value(QStringLiteral("to")).value_or(untilNow) == untilNow)
        ++*to;

    TypedSpan typed{{*from, *to, step, zone->name()}, *zone};
    if (*from >= *to)
        return wrong("from",
                     QStringLiteral("%1 is not before --to, %2")
                         .arg(client::minuteText(*from, *zone), client::minuteText(*to, *zone)));
    if (const auto by = arguments.value(QStringLiteral("by"))) {
        const auto step = client::stepFromName(*by);
        if (!step)
            return wrong(
                "by", QStringLiteral("'%1' is none of minute, quarter, hour, day, month").arg(by->left(40)));
        typed.span.step = *step;
    }
    if (steps == Steps::OneAnswer) {
        if (!bucketBoundaries(*zone, civilStep(typed.span.step), *from, *to))
            return wrong(
                "by",
                QStringLiteral(
                    "%1 is more than %2 steps of a %3: take a longer step or a shorter span, or --export")
                    .arg(formatSpan(typed))
                    .arg(kMaxPoints)
                    .arg(client::nameOfStep(typed.span.step)));
    }
    return typed;
}

QString formatSpan(const TypedSpan &typed)
{
    return QStringLiteral("%1 to %2 (%3)")
        .arg(client::minuteText(typed.span.from, typed.zone), client::minuteText(typed.span.to, typed.zone),
             typed.zone.name());
}

} // namespace weir::cli
