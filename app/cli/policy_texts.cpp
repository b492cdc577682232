// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/policy_texts.h"

#include "app/cli/views.h"
#include "app/client/format.h"
#include "app/client/quantities.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>

namespace weir::cli {

using client::durationText;
using client::formatBytes;
using client::rateText;
using client::sizeText;

namespace {

constexpr qint64 kDayS = 86'400;

/// "20 Mbit/s down; up is not limited", "20 Mbit/s down and up", "20 Mbit/s down and 5 Mbit/s up"
QString bothRates(quint64 down, quint64 up)
{
    if (down == up)
        return QStringLiteral("%1 down and up").arg(rateText(down));
    if (up == 0)
        return QStringLiteral("%1 down; up is not limited").arg(rateText(down));
    if (down == 0)
        return QStringLiteral("%1 up; down is not limited").arg(rateText(up));
    return QStringLiteral("%1 down and %2 up").arg(rateText(down), rateText(up));
}

QString whyInForce(const QString &reason, const dbus::WatchRow &watch, qint64 now)
{
    if (reason == QLatin1String("burst"))
        return QStringLiteral("burst guard, %1 left").arg(countdown(watch.burst.throttledUntil - now));
    if (reason == QLatin1String("quota"))
        return QStringLiteral("its quota is used up, until %1").arg(formatTime(watch.quota.periodEnd));
    return QStringLiteral("its own limit");
}

/// What is in force in one direction where it is not the limit as it was set; empty otherwise.
QString otherRate(quint64 inForce, const QString &reason, quint64 own, const dbus::WatchRow &watch,
                  qint64 now)
{
    if (inForce == 0 || reason == QLatin1String("limit"))
        return {};
    QString text = QStringLiteral("%1 now: %2").arg(rateText(inForce), whyInForce(reason, watch, now));
    if (watch.limit.set && watch.limit.enabled && own != 0)
        text += QStringLiteral("; its own limit is %1").arg(rateText(own));
    return text;
}

/// Whether a limit that is set does nothing now.
bool isResting(const dbus::WatchRow &watch)
{
    const dbus::LimitState &limit = watch.limit;
    return limit.set && limit.enabled && watch.enabled && limit.downInForceBitsPerSecond == 0
        && limit.upInForceBitsPerSecond == 0;
}

QString pausedLine(const dbus::WatchRow &watch)
{
    return QStringLiteral("%1 is paused: nothing of it is counted or held until weirctl watch resume %2")
        .arg(watch.name, shellWord(watch.name));
}

/// "1 November", with the time where it is not midnight's.
QString dayText(qint64 instant)
{
    const QDateTime time = QDateTime::fromSecsSinceEpoch(instant);
    const QString format =
        time.time() == QTime(0, 0) ? QStringLiteral("d MMMM") : QStringLiteral("d MMMM HH:mm");
    return QLocale::c().toString(time, format);
}

QString whatHappensPast(const dbus::WatchRow &watch)
{
    const dbus::QuotaState &quota = watch.quota;
    if (quota.overflow == QLatin1String("block")) {
        const QString exempt = quota.exempt.isEmpty()
            ? QString()
            : QStringLiteral(", all but %1")
                  .arg(QString(quota.exempt).replace(QLatin1Char(','), QLatin1String(", ")));
        return QStringLiteral("%1 is blocked, down and up%2").arg(watch.name, exempt);
    }
    if (quota.overflow == QLatin1String("throttle"))
        return QStringLiteral("%1 is held to %2, down and up")
            .arg(watch.name, rateText(quota.throttleBitsPerSecond));
    return QStringLiteral("%1 goes on; its quota is shown as over").arg(watch.name);
}

/// "in and out, x1", "out only, internet only, x1.5"
QString howItCounts(const dbus::QuotaState &quota)
{
    QStringList parts;
    parts << (quota.billing == QLatin1String("in")        ? QStringLiteral("in only")
                  : quota.billing == QLatin1String("out") ? QStringLiteral("out only")
                  : quota.billing == QLatin1String("max") ? QStringLiteral("the larger of in and out")
                                                          : QStringLiteral("in and out"));
    if (quota.scope == QLatin1String("internet"))
        parts << QStringLiteral("internet only");
    parts << QStringLiteral("x") + quota.factor;
    if (quota.calibrated)
        parts << QStringLiteral("corrected by hand");
    return parts.join(QStringLiteral(", "));
}

QString quotaNow(const dbus::WatchRow &watch)
{
    const dbus::QuotaState &quota = watch.quota;
    const QString until = formatTime(quota.periodEnd);
    if (quota.state == QLatin1String("blocked"))
        return QStringLiteral("It is used up: %1 is blocked now, until %2.").arg(watch.name, until);
    if (quota.state == QLatin1String("throttled"))
        return QStringLiteral("It is used up: %1 is held to %2 now, until %3.")
            .arg(watch.name, rateText(quota.throttleBitsPerSecond), until);
    if (quota.state == QLatin1String("over"))
        return QStringLiteral("It is used up.");
    if (quota.projectedBytes != 0)
        return QStringLiteral("%1 are left; if it goes on so, %2 are used at the end.")
            .arg(formatBytes(quota.remainingBytes), formatBytes(quota.projectedBytes));
    return QStringLiteral("%1 are left.").arg(formatBytes(quota.remainingBytes));
}

/// "20M", "1.23G"
QString shortRate(quint64 bitsPerSecond)
{
    const QString text = client::formatRate(double(bitsPerSecond) / 8); // "20.0 Mbit/s"
    const QString exact = rateText(bitsPerSecond);
    const QString &best = exact.size() <= text.size() ? exact : text;
    const qsizetype space = best.indexOf(QLatin1Char(' '));
    const QChar prefix = best.at(space + 1);
    return best.first(space) + (prefix == QLatin1Char('b') ? QString() : QString(prefix).toUpper());
}

QString arrows(quint64 down, quint64 up)
{
    QStringList parts;
    if (down != 0)
        parts << QStringLiteral("↓") + shortRate(down);
    if (up != 0)
        parts << QStringLiteral("↑") + shortRate(up);
    return parts.join(QLatin1Char(' '));
}

} // namespace

QString countdown(qint64 seconds)
{
    const qint64 left = std::max<qint64>(seconds, 0);
    const QString end = QStringLiteral("%1").arg(left % 60, 2, 10, QLatin1Char('0'));
    if (left < 3600)
        return QStringLiteral("%1:%2").arg(left / 60).arg(end);
    return QStringLiteral("%1:%2:%3").arg(left / 3600).arg(left / 60 % 60, 2, 10, QLatin1Char('0')).arg(end);
}

QStringList limitLines(const dbus::WatchRow &watch, qint64 now)
{
    const dbus::LimitState &limit = watch.limit;
    QStringList lines;
    if (!limit.set) {
        lines << QStringLiteral("%1 has no limit of its own.").arg(watch.name);
    } else {
        const QString rates = bothRates(limit.downBitsPerSecond, limit.upBitsPerSecond);
        const QString when = limit.when.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(limit.when);
        lines << (limit.enabled ? QStringLiteral("%1 is held to %2%3.")
                                : QStringLiteral("The limit of %1 is off; it keeps %2%3."))
                     .arg(watch.name, rates, when);
    }
    if (limit.set && !watch.enabled)
        return lines << pausedLine(watch);
    const QString down =
        otherRate(limit.downInForceBitsPerSecond, limit.downReason, limit.downBitsPerSecond, watch, now);
    const QString up =
        otherRate(limit.upInForceBitsPerSecond, limit.upReason, limit.upBitsPerSecond, watch, now);
    if (!down.isEmpty() && down == up) {
        lines << QStringLiteral("Down and up %1.").arg(down);
    } else {
        if (!down.isEmpty())
            lines << QStringLiteral("Down %1.").arg(down);
        if (!up.isEmpty())
            lines << QStringLiteral("Up %1.").arg(up);
    }
    if (watch.quota.state == QLatin1String("blocked"))
        lines << quotaNow(watch);
    if (!limit.problem.isEmpty())
        lines << QStringLiteral("It is not in force as it was set: %1").arg(limit.problem);
    else if (isResting(watch) && !limit.when.isEmpty())
        lines << QStringLiteral("It is not that time: nothing is held now.");
    return lines;
}

QStringList quotaLines(const dbus::WatchRow &watch)
{
    const dbus::QuotaState &quota = watch.quota;
    if (!quota.set)
        return {QStringLiteral("%1 has no quota.").arg(watch.name)};
    QStringList lines{QStringLiteral("Past %1 between %2 and %3 (%4) %5; used so far %6 (%7).")
                          .arg(sizeText(quota.sizeBytes), dayText(quota.periodStart),
                               dayText(quota.periodEnd),
                               QDateTime::fromSecsSinceEpoch(quota.periodEnd).date().toString(Qt::ISODate),
                               whatHappensPast(watch), formatBytes(quota.usedBytes), howItCounts(quota))};
    if (quota.begunByHand)
        lines << QStringLiteral("This period was begun by hand.");
    if (!quota.enabled)
        return lines << QStringLiteral("It is off: nothing happens. Switch it on: weirctl quota %1 --on")
                            .arg(shellWord(watch.name));
    if (!watch.enabled)
        return lines << pausedLine(watch);
    lines << quotaNow(watch);
    if (quota.droppedRxBytes != 0 || quota.droppedTxBytes != 0)
        lines << QStringLiteral("It kept back %1 down and %2 up in this period.")
                     .arg(formatBytes(quota.droppedRxBytes), formatBytes(quota.droppedTxBytes));
    return lines;
}

QStringList burstLines(const dbus::WatchRow &watch, qint64 now)
{
    const dbus::BurstState &burst = watch.burst;
    if (!burst.set)
        return {QStringLiteral("%1 has no burst guard.").arg(watch.name)};
    const bool isSum = burst.direction != QLatin1String("down") && burst.direction != QLatin1String("up");
    QStringList lines{
        QStringLiteral("When %1 is above %2 (%3) on average over %4, it is held to %5 %6 for %7.")
            .arg(watch.name, rateText(burst.triggerBitsPerSecond),
                 isSum ? QStringLiteral("down and up together") : burst.direction,
                 durationText(burst.windowS), rateText(burst.throttleBitsPerSecond),
                 isSum ? QStringLiteral("down and up") : burst.direction, durationText(burst.holdS))};
    if (!burst.enabled)
        return lines
            << QStringLiteral("It is off. Switch it on: weirctl burst %1 --on").arg(shellWord(watch.name));
    if (!watch.enabled)
        return lines << pausedLine(watch);
    if (burst.state == QLatin1String("throttled"))
        lines << QStringLiteral("It throttles now, %1 left. To end that: weirctl burst %2 --restore-now")
                     .arg(countdown(burst.throttledUntil - now), shellWord(watch.name));
    else
        lines << QStringLiteral("It is armed; the average is %1 now.")
                     .arg(client::formatRate(double(burst.averageBitsPerSecond) / 8));
    return lines;
}

QStringList previewLines(const client::BurstPreview &preview, const dbus::BurstState &burst, qint64 from,
                         qint64 now)
{
    const qint64 days = (now - from) / kDayS;
    const auto count = preview.triggers.size();
    const QString times = count == 0 ? QStringLiteral("never")
        : count == 1                 ? QStringLiteral("once")
                                     : QStringLiteral("%1 times").arg(count);
    QString line = QStringLiteral("It would have throttled %1 in the last %2 days").arg(times).arg(days);
    // A history that begins within the first hour of the span misses nothing that matters.
    if (preview.knownFrom > from + 3600)
        line += QStringLiteral("; the history reaches back %1 only")
                    .arg(client::formatDuration(now - preview.knownFrom));
    QStringList lines{line + QLatin1Char('.')};
    if (burst.windowS < 2 * preview.stepS)
        lines << QStringLiteral(
                     "The history is kept by %1: a window as short as this is not seen well in it.")
                     .arg(durationText(preview.stepS));
    return lines;
}

QString limitCell(const dbus::WatchRow &watch)
{
    const dbus::LimitState &limit = watch.limit;
    const QString own = arrows(limit.downBitsPerSecond, limit.upBitsPerSecond);
    const QString inForce = arrows(limit.downInForceBitsPerSecond, limit.upInForceBitsPerSecond);
    if (!inForce.isEmpty() && !(limit.set && limit.enabled && own == inForce))
        return (limit.set ? own + QLatin1Char(' ') : QString()) + QStringLiteral("(now %1)").arg(inForce);
    if (!limit.set)
        return {};
    if (!limit.enabled)
        return own + QStringLiteral(" (off)");
    return inForce.isEmpty() ? own + QStringLiteral(" (not now)") : own;
}

QString quotaCell(const dbus::QuotaState &quota)
{
    if (!quota.set)
        return {};
    // Used bytes stand in the unit of the size: "0.41 of 100 GB".
    const QString size = sizeText(quota.sizeBytes);
    const QString unit = size.section(QLatin1Char(' '), 1);
    const QString used = formatBytes(quota.usedBytes);
    const QString usedText =
        used.endsWith(QLatin1Char(' ') + unit) ? used.section(QLatin1Char(' '), 0, 0) : used;
    const int percent =
        int(std::min(double(quota.usedBytes) * 100 / double(std::max(quota.sizeBytes, 1ULL)), 99'999.0));
    QString cell = QStringLiteral("%1 of %2, %3 %").arg(usedText, size).arg(percent);
    if (quota.state != QLatin1String("counting") && !quota.state.isEmpty())
        cell += QStringLiteral(", ") + quota.state;
    return cell;
}

QString burstCell(const dbus::BurstState &burst, qint64 now)
{
    if (!burst.set)
        return {};
    if (burst.state == QLatin1String("throttled"))
        return QStringLiteral("throttled, %1 left").arg(countdown(burst.throttledUntil - now));
    return burst.state;
}

client::Table limitTable(const dbus::LimitRows &limits)
{
    using Align = client::Table::Align;
    client::Table table({{QStringLiteral("WATCH"), Align::Left, 64},
                         {QStringLiteral("DIRECTION")},
                         {QStringLiteral("RATE"), Align::Right},
                         {QStringLiteral("WHY")},
                         {QStringLiteral("SENT"), Align::Right},
                         {QStringLiteral("DROPPED"), Align::Right},
                         {QStringLiteral("WAITING"), Align::Right},
                         {QStringLiteral("DELAY"), Align::Right}});
    for (const dbus::LimitRow &row : limits) {
        const bool nothingYet = row.bytes == 0 && row.packets == 0; // or policed: that tells no bytes
        table.add(
            {row.name, row.direction, rateText(row.bitsPerSecond),
             row.reason == QLatin1String("burst") ? QStringLiteral("burst guard") : row.reason,
             nothingYet ? QStringLiteral("—") : formatBytes(row.bytes),
             QStringLiteral("%1 packets").arg(row.droppedPackets), formatBytes(row.backlogBytes),
             QStringLiteral("%1 ms").arg(QLocale().toString(row.delayMs, 'f', row.delayMs < 9.95 ? 1 : 0))});
    }
    return table;
}

} // namespace weir::cli
