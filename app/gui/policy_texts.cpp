// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/policy_texts.h"

#include "app/client/format.h"
#include "app/client/quantities.h"
#include "app/gui/texts.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

namespace weir::gui {

namespace {

struct PolicyWords {
    Q_DECLARE_TR_FUNCTIONS(weir::gui::PolicyWords)
};

constexpr double kNearShare = 0.8;

/// Why a limit that is switched on holds nothing now.
QString restingTip(const dbus::WatchRow &watch, const QString &own)
{
    if (!watch.enabled)
        return PolicyWords::tr("%1, not in force: the watch is paused.").arg(own);
    if (!watch.limit.when.isEmpty() && watch.limit.problem.isEmpty())
        return PolicyWords::tr("%1, not in force now: it holds %2.").arg(own, watch.limit.when);
    return PolicyWords::tr("%1, not in force now.").arg(own);
}

QString heldTip(const dbus::WatchRow &watch, const DirectedLimit &limit, qint64 now)
{
    const QString rate = client::rateText(limit.inForce);
    const bool burst = limit.reason == QLatin1String("burst");
    const QString until =
        burst ? text::countdown(watch.burst.throttledUntil - now) : text::day(watch.quota.periodEnd);
    if (limit.own == 0 || !limit.enabled)
        return (burst ? PolicyWords::tr("%1: burst guard, %2 left.")
                      : PolicyWords::tr("%1: the quota is used up, until %2."))
            .arg(rate, until);
    return (burst ? PolicyWords::tr("%1: burst guard, %2 left; your own limit is %3.")
                  : PolicyWords::tr("%1: the quota is used up, until %2; your own limit is %3."))
        .arg(rate, until, client::rateText(limit.own));
}

/// What happens, in one word, when the quota's end was reached; empty while it was not.
QString quotaStateName(const QString &state)
{
    if (state == QLatin1String("blocked"))
        return PolicyWords::tr("Blocked");
    if (state == QLatin1String("throttled"))
        return PolicyWords::tr("Throttled");
    if (state == QLatin1String("over"))
        return PolicyWords::tr("Used up");
    return {};
}

QString quotaStateTip(const dbus::QuotaState &quota)
{
    if (quota.state == QLatin1String("off"))
        return PolicyWords::tr("Switched off: it is counted, but nothing happens at its end.");
    if (quota.state == QLatin1String("blocked"))
        return PolicyWords::tr("Used up: blocked until %1.").arg(text::moment(quota.periodEnd));
    if (quota.state == QLatin1String("throttled"))
        return PolicyWords::tr("Used up: held to %1 until %2.")
            .arg(client::rateText(quota.throttleBitsPerSecond), text::moment(quota.periodEnd));
    if (quota.state == QLatin1String("over"))
        return PolicyWords::tr("Used up. It only tells: nothing is held back.");
    return PolicyWords::tr("%1 remaining.").arg(client::formatBytes(quota.remainingBytes));
}

} // namespace

DirectedLimit directed(const dbus::LimitState &limit, Direction direction)
{
    if (direction == Direction::Down)
        return {limit.set ? limit.downBitsPerSecond : 0, limit.downInForceBitsPerSecond, limit.downReason,
                limit.enabled};
    return {limit.set ? limit.upBitsPerSecond : 0, limit.upInForceBitsPerSecond, limit.upReason,
            limit.enabled};
}

double shareOf(const dbus::QuotaState &quota)
{
    return quota.set && quota.sizeBytes > 0 ? double(quota.usedBytes) / double(quota.sizeBytes) : 0;
}

QuotaLevel levelOf(const dbus::QuotaState &quota)
{
    if (!quota.set || !quota.enabled || quota.state == QLatin1String("off"))
        return QuotaLevel::Off;
    if (quota.state != QLatin1String("counting") || shareOf(quota) >= 1)
        return QuotaLevel::Over;
    return shareOf(quota) >= kNearShare ? QuotaLevel::Near : QuotaLevel::Fine;
}

namespace text {

QString countdown(qint64 seconds)
{
    seconds = std::max<qint64>(seconds, 0);
    const auto two = [](qint64 value) { return QStringLiteral("%1").arg(value, 2, 10, QLatin1Char('0')); };
    const qint64 hours = seconds / 3600;
    if (hours > 0)
        return QStringLiteral("%1:%2:%3").arg(hours).arg(two(seconds / 60 % 60), two(seconds % 60));
    return QStringLiteral("%1:%2").arg(seconds / 60).arg(two(seconds % 60));
}

QString day(qlonglong seconds)
{
    return QLocale().toString(
        QDateTime::fromSecsSinceEpoch(seconds),
        PolicyWords::tr("d MMM", "format of a day and its month, see QDateTime::toString()"));
}

QString policyName(client::Policy policy)
{
    switch (policy) {
    case client::Policy::Limit:
        return PolicyWords::tr("limit", "within a sentence");
    case client::Policy::Quota:
        return PolicyWords::tr("quota", "within a sentence");
    case client::Policy::Burst:
        return PolicyWords::tr("burst guard", "within a sentence");
    }
    Q_UNREACHABLE();
}

QString limitCell(const dbus::LimitState &limit, Direction direction)
{
    const DirectedLimit one = directed(limit, direction);
    if (one.heldByOther())
        return client::rateText(one.inForce);
    return one.own != 0 ? client::rateText(one.own) : QStringLiteral("—");
}

QString limitTip(const dbus::WatchRow &watch, Direction direction, qint64 now)
{
    const DirectedLimit one = directed(watch.limit, direction);
    const QString own = client::rateText(one.own);
    QStringList lines;
    if (one.heldByOther())
        lines << heldTip(watch, one, now);
    else if (one.own == 0)
        lines << (direction == Direction::Down ? PolicyWords::tr("What “%1” receives is not limited.")
                                               : PolicyWords::tr("What “%1” sends is not limited."))
                     .arg(watch.name);
    else if (!one.enabled)
        lines << PolicyWords::tr("%1, switched off.").arg(own);
    else if (one.isResting())
        lines << restingTip(watch, own);
    else
        lines << (direction == Direction::Down ? PolicyWords::tr("What “%1” receives is held to %2.")
                                               : PolicyWords::tr("What “%1” sends is held to %2."))
                     .arg(watch.name, own);
    if (one.own != 0 && !watch.limit.when.isEmpty() && !one.isResting())
        lines << PolicyWords::tr("It holds %1.").arg(watch.limit.when);
    if (!watch.limit.problem.isEmpty())
        lines << PolicyWords::tr("Not in force as it was set: %1").arg(watch.limit.problem);
    lines << PolicyWords::tr("Click or press F2 to change it, the box or Space to switch both directions.");
    return lines.join(QLatin1Char('\n'));
}

QString shaperTip(const std::optional<dbus::LimitRow> &row)
{
    if (!row)
        return {};
    const QLocale locale;
    QStringList lines;
    if (row->packets > 0)
        lines << PolicyWords::tr("Sent on: %1 in %2 packets")
                     .arg(client::formatBytes(row->bytes), locale.toString(row->packets));
    lines << PolicyWords::tr("Dropped: %1 packets").arg(locale.toString(row->droppedPackets));
    if (row->packets > 0)
        lines << PolicyWords::tr("Waiting: %1, for %2 ms")
                     .arg(client::formatBytes(row->backlogBytes), locale.toString(row->delayMs, 'f', 1));
    return lines.join(QLatin1Char('\n'));
}

QString usedOf(qulonglong used, qulonglong size)
{
    QString part = client::formatBytes(used);
    const QString whole = client::formatBytes(size);
    const qsizetype unit = whole.indexOf(QLatin1Char(' '));
    if (part.mid(part.indexOf(QLatin1Char(' '))) == whole.mid(unit))
        part.truncate(part.indexOf(QLatin1Char(' ')));
    return PolicyWords::tr("%1 of %2", "bytes used of an allowance").arg(part, whole);
}

QString quotaCell(const dbus::QuotaState &quota)
{
    if (!quota.set)
        return {};
    if (levelOf(quota) == QuotaLevel::Off)
        return PolicyWords::tr("Off, %1").arg(client::formatBytes(quota.sizeBytes));
    const QString state = quotaStateName(quota.state);
    if (state.isEmpty())
        return usedOf(quota.usedBytes, quota.sizeBytes);
    return PolicyWords::tr("%1, %2 %", "what happened, and the share that is used")
        .arg(state, QLocale().toString(shareOf(quota) * 100, 'f', 0));
}

QString quotaTip(const dbus::WatchRow &watch)
{
    const dbus::QuotaState &quota = watch.quota;
    if (!quota.set)
        return PolicyWords::tr("“%1” has no quota. Double-click or press F2 to give it one.").arg(watch.name);
    QStringList lines{
        PolicyWords::tr("Used: %1, %2 %")
            .arg(usedOf(quota.usedBytes, quota.sizeBytes), QLocale().toString(shareOf(quota) * 100, 'f', 1)),
        quotaStateTip(quota)};
    lines << PolicyWords::tr("Period: %1 to %2").arg(moment(quota.periodStart), moment(quota.periodEnd));
    if (quota.begunByHand)
        lines << PolicyWords::tr("This period was begun by hand.");
    if (quota.calibrated)
        lines << PolicyWords::tr("Corrected to what the provider says.");
    if (quota.projectedBytes > 0)
        lines << PolicyWords::tr("If it goes on so: %1 at the end of the period")
                     .arg(client::formatBytes(quota.projectedBytes));
    if (quota.droppedRxBytes + quota.droppedTxBytes > 0)
        lines << PolicyWords::tr("Dropped by the quota: down %1, up %2")
                     .arg(client::formatBytes(quota.droppedRxBytes),
                          client::formatBytes(quota.droppedTxBytes));
    lines << PolicyWords::tr("Double-click or press F2 to change it.");
    return lines.join(QLatin1Char('\n'));
}

QString quotaOutlook(const dbus::QuotaState &quota)
{
    if (quota.state == QLatin1String("blocked"))
        return PolicyWords::tr("Blocked until %1").arg(day(quota.periodEnd));
    if (quota.state == QLatin1String("throttled"))
        return PolicyWords::tr("Throttled until %1").arg(day(quota.periodEnd));
    const QString reset = PolicyWords::tr("Resets %1").arg(day(quota.periodEnd));
    if (quota.projectedBytes == 0)
        return reset;
    return PolicyWords::tr("%1 · %2 at this pace", "when it resets, and how many bytes it will be by then")
        .arg(reset, client::formatBytes(quota.projectedBytes));
}

QString burstCell(const dbus::BurstState &burst, qint64 now)
{
    if (!burst.set)
        return {};
    if (burst.state == QLatin1String("throttled"))
        return PolicyWords::tr("Throttled, %1 left").arg(countdown(burst.throttledUntil - now));
    return burst.enabled && burst.state != QLatin1String("off") ? PolicyWords::tr("Armed")
                                                                : PolicyWords::tr("Off");
}

QString burstTip(const dbus::WatchRow &watch, qint64 now)
{
    const dbus::BurstState &burst = watch.burst;
    if (!burst.set)
        return PolicyWords::tr("“%1” has no burst guard. Double-click or press F2 to give it one.")
            .arg(watch.name);
    QStringList lines;
    if (burst.state == QLatin1String("throttled"))
        lines << PolicyWords::tr("Held to %1 since %2, %3 left. Then exactly what was before applies again.")
                     .arg(client::rateText(burst.throttleBitsPerSecond), moment(burst.throttledSince),
                          countdown(burst.throttledUntil - now));
    else if (burst.enabled)
        lines << PolicyWords::tr("On guard: the average of the last %1 is %2.")
                     .arg(client::durationText(burst.windowS),
                          client::formatRate(double(burst.averageBitsPerSecond) / 8));
    else
        lines << PolicyWords::tr("Switched off.");
    lines << PolicyWords::tr("Above %1 over %2 it is held to %3 for %4.")
                 .arg(client::rateText(burst.triggerBitsPerSecond), client::durationText(burst.windowS),
                      client::rateText(burst.throttleBitsPerSecond), client::durationText(burst.holdS));
    lines << PolicyWords::tr("Double-click or press F2 to change it.");
    return lines.join(QLatin1Char('\n'));
}

} // namespace text

} // namespace weir::gui
