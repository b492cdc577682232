// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/policy_rows.h"

#include "helper/store/row_values.h"

#include <limits>

namespace weir::rows {

namespace {

using Refusal = std::unexpected<QString>;

Refusal refused(const Error &why)
{
    return Refusal(why.message);
}

Refusal refused(const char *field, const QString &value)
{
    return Refusal(QStringLiteral("%1: \"%2\"").arg(QLatin1String(field), value.left(80)));
}

/// Nothing when the row holds a number that no int does: cut off it might pass for a valid one.
std::optional<int> narrowed(qint64 number)
{
    if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max())
        return {};
    return int(number);
}

std::optional<bool> flagFrom(qint64 number)
{
    if (number != 0 && number != 1)
        return {};
    return number == 1;
}

QVariant rateOrNull(const std::optional<quint64> &bitsPerSecond)
{
    return bitsPerSecond ? QVariant(qint64(*bitsPerSecond)) : QVariant();
}

std::optional<quint64> rateFrom(const QVariant &value)
{
    return value.isNull() ? std::optional<quint64>() : quint64(value.toLongLong());
}

QString instantsText(const std::vector<qint64> &instantsS)
{
    QStringList texts;
    for (const qint64 instantS : instantsS)
        texts.append(QString::number(instantS));
    return texts.join(QLatin1Char(','));
}

std::optional<std::vector<qint64>> instantsFrom(const QString &text)
{
    std::vector<qint64> instantsS;
    if (text.isEmpty())
        return instantsS;
    for (const QStringView part : QStringView(text).split(QLatin1Char(','))) {
        bool valid = false;
        instantsS.push_back(part.toLongLong(&valid));
        if (!valid || instantsS.size() > kMaxBegunPeriods)
            return {};
    }
    return instantsS;
}

} // namespace

QStringList limitColumns()
{
    return {QStringLiteral("watch"), QStringLiteral("enabled"), QStringLiteral("down_bits_per_s"),
            QStringLiteral("up_bits_per_s"), QStringLiteral("schedule")};
}

void bind(QSqlQuery &query, qint64 watch, const LimitPolicy &limit)
{
    Writer row(query);
    row.put(QVariant(watch));
    row.put(QVariant(int(limit.enabled)));
    row.put(rateOrNull(limit.downBitsPerSecond));
    row.put(rateOrNull(limit.upBitsPerSecond));
    row.put(limit.when.text());
}

std::expected<LimitPolicy, QString> limitFrom(const QSqlQuery &query)
{
    LimitPolicy limit;
    Reader row(query);
    row.take(); // the watch
    const qint64 enabled = row.takeNumber();
    const auto flag = flagFrom(enabled);
    if (!flag)
        return refused("enabled", QString::number(enabled));
    limit.enabled = *flag;
    limit.downBitsPerSecond = rateFrom(row.take());
    limit.upBitsPerSecond = rateFrom(row.take());
    const auto when = Schedule::parse(row.takeText());
    if (!when)
        return refused(when.error());
    limit.when = *when;
    if (const auto fit = checkLimit(limit); !fit)
        return refused(fit.error());
    return limit;
}

QStringList quotaColumns()
{
    return {QStringLiteral("watch"),
            QStringLiteral("enabled"),
            QStringLiteral("size_bytes"),
            QStringLiteral("reset_day"),
            QStringLiteral("begun_s"),
            QStringLiteral("billing"),
            QStringLiteral("factor_thousandths"),
            QStringLiteral("scope"),
            QStringLiteral("alert_percents"),
            QStringLiteral("overflow"),
            QStringLiteral("throttle_bits_per_s"),
            QStringLiteral("exempt"),
            QStringLiteral("calibrated_s"),
            QStringLiteral("correction_bytes")};
}

void bind(QSqlQuery &query, qint64 watch, const QuotaPolicy &quota)
{
    Writer row(query);
    row.put(QVariant(watch));
    row.put(QVariant(int(quota.enabled)));
    row.put(quota.sizeBytes);
    row.put(QVariant(quota.resetDay));
    row.put(instantsText(quota.begunS));
    row.put(toString(quota.mode));
    row.put(QVariant(quota.factorThousandths));
    row.put(toString(quota.scope));
    row.put(alertPercentsText(quota.alertPercents));
    row.put(toString(quota.overflow));
    row.put(quota.throttleBitsPerSecond);
    row.put(exemptionText(quota.exempt));
    row.put(quota.calibration ? QVariant(quota.calibration->atS) : QVariant());
    row.put(quota.calibration ? QVariant(quota.calibration->correctionBytes) : QVariant());
}

std::expected<QuotaPolicy, QString> quotaFrom(const QSqlQuery &query)
{
    QuotaPolicy quota;
    Reader row(query);
    row.take(); // the watch
    const qint64 enabled = row.takeNumber();
    quota.sizeBytes = quint64(row.takeNumber());
    const qint64 resetDay = row.takeNumber();
    const QString begun = row.takeText();
    const auto mode = parseBillingMode(row.takeText());
    const qint64 factor = row.takeNumber();
    const auto scope = parseBillingScope(row.takeText());
    const auto percents = parseAlertPercents(row.takeText());
    const auto overflow = parseOverflow(row.takeText());
    quota.throttleBitsPerSecond = quint64(row.takeNumber());
    const auto exempt = parseExemption(row.takeText());
    const QVariant calibratedS = row.take();
    const QVariant correctionBytes = row.take();

    const auto flag = flagFrom(enabled);
    if (!flag)
        return refused("enabled", QString::number(enabled));
    const auto day = narrowed(resetDay);
    if (!day)
        return refused("reset_day", QString::number(resetDay));
    const auto begunS = instantsFrom(begun);
    if (!begunS)
        return refused("begun", begun);
    const auto thousandths = narrowed(factor);
    if (!thousandths)
        return refused("factor", QString::number(factor));
    if (!mode || !scope)
        return refused(mode ? scope.error() : mode.error());
    if (!percents)
        return refused(percents.error());
    if (!overflow)
        return refused(overflow.error());
    if (!exempt)
        return refused(exempt.error());
    if (calibratedS.isNull() != correctionBytes.isNull())
        return refused("correction_bytes", correctionBytes.toString());

    quota.enabled = *flag;
    quota.resetDay = *day;
    quota.begunS = *begunS;
    quota.mode = *mode;
    quota.factorThousandths = *thousandths;
    quota.scope = *scope;
    quota.alertPercents = *percents;
    quota.overflow = *overflow;
    quota.exempt = *exempt;
    if (!calibratedS.isNull())
        quota.calibration = Calibration{calibratedS.toLongLong(), correctionBytes.toLongLong()};
    if (const auto fit = checkQuota(quota); !fit)
        return refused(fit.error());
    return quota;
}

QStringList burstColumns()
{
    return {QStringLiteral("watch"),     QStringLiteral("enabled"),  QStringLiteral("trigger_bits_per_s"),
            QStringLiteral("direction"), QStringLiteral("window_s"), QStringLiteral("throttle_bits_per_s"),
            QStringLiteral("hold_s")};
}

void bind(QSqlQuery &query, qint64 watch, const BurstPolicy &burst)
{
    Writer row(query);
    row.put(QVariant(watch));
    row.put(QVariant(int(burst.enabled)));
    row.put(burst.triggerBitsPerSecond);
    row.put(toString(burst.direction));
    row.put(QVariant(qint64(burst.window.count())));
    row.put(burst.throttleBitsPerSecond);
    row.put(QVariant(qint64(burst.hold.count())));
}

std::expected<BurstPolicy, QString> burstFrom(const QSqlQuery &query)
{
    BurstPolicy burst;
    Reader row(query);
    row.take(); // the watch
    const qint64 enabled = row.takeNumber();
    const auto flag = flagFrom(enabled);
    if (!flag)
        return refused("enabled", QString::number(enabled));
    burst.enabled = *flag;
    burst.triggerBitsPerSecond = quint64(row.takeNumber());
    const auto direction = parseBurstDirection(row.takeText());
    if (!direction)
        return refused(direction.error());
    burst.direction = *direction;
    burst.window = std::chrono::seconds(row.takeNumber());
    burst.throttleBitsPerSecond = quint64(row.takeNumber());
    burst.hold = std::chrono::seconds(row.takeNumber());
    if (const auto fit = checkBurst(burst); !fit)
        return refused(fit.error());
    return burst;
}

QStringList guardColumns()
{
    return QStringList{QStringLiteral("watch"), QStringLiteral("throttled_since_s"),
                       QStringLiteral("throttled_until_s"), QStringLiteral("period_start_s")}
    + trafficColumns("start_internet") + trafficColumns("start_local") + trafficColumns("start_other")
        + QStringList{QStringLiteral("dropped_rx_bytes"), QStringLiteral("dropped_tx_bytes")};
}

void bind(QSqlQuery &query, qint64 watch, const GuardState &guard)
{
    Writer row(query);
    row.put(QVariant(watch));
    row.put(QVariant(guard.throttledSinceS));
    row.put(QVariant(guard.throttledUntilS));
    row.put(QVariant(guard.periodStartS));
    row.put(guard.atPeriodStart.scoped);
    row.put(guard.atPeriodStart.rest);
    row.put(guard.dropped.rxBytes);
    row.put(guard.dropped.txBytes);
}

std::expected<GuardState, QString> guardFrom(const QSqlQuery &query)
{
    GuardState guard;
    Reader row(query);
    row.take(); // the watch
    guard.throttledSinceS = row.takeNumber();
    guard.throttledUntilS = row.takeNumber();
    guard.periodStartS = row.takeNumber();
    row.take(guard.atPeriodStart.scoped);
    row.take(guard.atPeriodStart.rest);
    guard.dropped.rxBytes = quint64(row.takeNumber());
    guard.dropped.txBytes = quint64(row.takeNumber());
    for (const auto &[field, instantS] : {std::pair("throttled_since_s", guard.throttledSinceS),
                                          std::pair("throttled_until_s", guard.throttledUntilS),
                                          std::pair("period_start_s", guard.periodStartS)})
        if (instantS < 0)
            return refused(field, QString::number(instantS));
    return guard;
}

} // namespace weir::rows
