// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/civil_text.h"

#include <QDateTime>

#include <algorithm>

namespace weir::client {

namespace {

QString patternOf(Step step)
{
    switch (step) {
    case Step::Minute:
    case Step::Quarter:
    case Step::Hour:
        return QStringLiteral("yyyy-MM-dd HH:mm");
    case Step::Day:
        return QStringLiteral("yyyy-MM-dd");
    case Step::Month:
        return QStringLiteral("yyyy-MM");
    }
    Q_UNREACHABLE();
}

} // namespace

QString civilTime(qint64 instant, const CivilZone &zone, const QString &format)
{
    return QDateTime::fromSecsSinceEpoch(instant, Qt::OffsetFromUTC, zone.offsetAt(instant)).toString(format);
}

QString stepText(qint64 instant, Step step, const CivilZone &zone)
{
    return civilTime(instant, zone, patternOf(step));
}

QString offsetText(qint64 instant, const CivilZone &zone)
{
    const int minutes = zone.offsetAt(instant) / 60;
    return QStringLiteral("%1%2:%3")
        .arg(minutes < 0 ? QLatin1Char('-') : QLatin1Char('+'))
        .arg(std::abs(minutes) / 60, 2, 10, QLatin1Char('0'))
        .arg(std::abs(minutes) % 60, 2, 10, QLatin1Char('0'));
}

QString minuteText(qint64 instant, const CivilZone &zone)
{
    return stepText(instant, Step::Minute, zone);
}

QStringList stepTexts(const dbus::HistoryRows &steps, const ReportPeriod &period)
{
    // without their offset two hours of an autumn night would look alike
    const bool withOffset =
        period.span.step <= Step::Hour
        && std::any_of(steps.begin(), steps.end(), [&](const dbus::HistoryRow &step) {
               return period.zone.offsetAt(step.start) != period.zone.offsetAt(steps.first().start);
           });
    QStringList texts;
    for (const dbus::HistoryRow &step : steps) {
        QString text = stepText(step.start, period.span.step, period.zone);
        if (withOffset)
            text += offsetText(step.start, period.zone);
        if (step.away)
            text += QStringLiteral(" *");
        texts << text;
    }
    return texts;
}

QString isoText(qint64 instant, const CivilZone &zone)
{
    return civilTime(instant, zone, QStringLiteral("yyyy-MM-dd'T'HH:mm:ss")) + offsetText(instant, zone);
}

QString periodText(const ReportPeriod &period)
{
    return QStringLiteral("%1 to %2 (%3), by %4")
        .arg(minuteText(period.span.from, period.zone), minuteText(period.span.to, period.zone),
             period.zone.name(), nameOfStep(period.span.step));
}

} // namespace weir::client
