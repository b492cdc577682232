// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_texts.h"

#include "app/client/format.h"
#include "app/gui/texts.h"

#include <QLocale>

namespace weir::gui::text {

namespace {

struct HistoryWords {
    Q_DECLARE_TR_FUNCTIONS(weir::gui::HistoryWords)
};

QString withDigits(quint64 bytes)
{
    return QStringLiteral("%1 (%2)").arg(client::formatBytes(bytes), client::formatBytesExact(bytes));
}

} // namespace

QString seriesGroup(const QString &kind)
{
    if (kind == QLatin1String("link"))
        return HistoryWords::tr("Links");
    if (kind == QLatin1String("watch"))
        return HistoryWords::tr("Watches");
    if (kind == QLatin1String("service"))
        return HistoryWords::tr("Services");
    if (kind == QLatin1String("removed"))
        return HistoryWords::tr("Removed watches");
    return kind;
}

QString seriesName(const dbus::SeriesRow &row)
{
    if (row.removed == 0)
        return row.name;
    return HistoryWords::tr("%1 (removed %2)").arg(row.name, moment(row.removed));
}

QString seriesTip(const dbus::SeriesRow &row)
{
    const QString what = row.kind == QLatin1String("link")
        ? HistoryWords::tr("Everything that crossed the link %1: internet, local and what is not IP.")
        : row.kind == QLatin1String("service")
        ? HistoryWords::tr(
            "Everything that sockets of %1 sent and received: internet, local and over the loopback.")
        : HistoryWords::tr("Everything that the watch “%1” counted: internet and local.");
    QString tip =
        what.arg(row.name) + QLatin1Char('\n') + HistoryWords::tr("Counted since %1.").arg(moment(row.since));
    if (row.removed != 0)
        tip += QLatin1Char('\n')
            + HistoryWords::tr("The watch was removed on %1; its history stays.").arg(moment(row.removed));
    return tip;
}

QString stepName(Step step)
{
    switch (step) {
    case Step::Minute:
        return HistoryWords::tr("Minute");
    case Step::Quarter:
        return HistoryWords::tr("Quarter of an hour");
    case Step::Hour:
        return HistoryWords::tr("Hour");
    case Step::Day:
        return HistoryWords::tr("Day");
    case Step::Month:
        return HistoryWords::tr("Month");
    }
    Q_UNREACHABLE();
}

QString historySum(const HistorySum &sum, Scope scope, const QTimeZone &zone)
{
    const dbus::Traffic &traffic = sum.of(scope);
    QStringList lines{spanText(sum.start, sum.end, zone)};
    if (scope != Scope::All)
        lines.append(scope == Scope::Internet ? HistoryWords::tr("Internet traffic only")
                                              : HistoryWords::tr("Local traffic only"));
    lines.append(HistoryWords::tr("Down: %1").arg(withDigits(traffic.rxBytes)));
    lines.append(HistoryWords::tr("Up: %1").arg(withDigits(traffic.txBytes)));
    lines.append(HistoryWords::tr("Total: %1").arg(withDigits(bytesOf(traffic))));
    if (scope == Scope::All) {
        lines.append(HistoryWords::tr("of it internet: %1").arg(client::formatBytes(bytesOf(sum.internet))));
        lines.append(HistoryWords::tr("of it local: %1").arg(client::formatBytes(bytesOf(sum.local))));
        if (bytesOf(sum.rest) > 0)
            lines.append(HistoryWords::tr("of it neither: %1").arg(client::formatBytes(bytesOf(sum.rest))));
    }
    if (sum.end > sum.start)
        lines.append(HistoryWords::tr("On average: down %1, up %2")
                         .arg(client::formatRate(sum.bytesPerSecond(traffic.rxBytes)),
                              client::formatRate(sum.bytesPerSecond(traffic.txBytes))));
    if (sum.away)
        lines.append(HistoryWords::tr("In a part of it Weir was not running."));
    return lines.join(QLatin1Char('\n'));
}

QString periodTip(const QString &what, const dbus::Traffic &all, const dbus::Traffic &internet)
{
    QString tip = what + QStringLiteral("\n\n") + exactTraffic(all) + QLatin1Char('\n')
        + HistoryWords::tr("Together: %1").arg(withDigits(bytesOf(all)));
    if (bytesOf(all) > 0)
        tip += QLatin1Char('\n')
            + HistoryWords::tr("of it internet: %1 (%2)")
                  .arg(withDigits(bytesOf(internet)), share(bytesOf(internet), bytesOf(all)));
    return tip;
}

QString share(quint64 part, quint64 whole)
{
    return whole == 0
        ? QString()
        : QStringLiteral("%1 %").arg(QLocale().toString(100.0 * double(part) / double(whole), 'f', 0));
}

} // namespace weir::gui::text
