// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/policy_columns.h"

#include "app/gui/icons.h"
#include "app/gui/live_table_model.h"
#include "app/gui/quantity_edit.h"
#include "app/gui/quota_bar.h"
#include "app/gui/theme.h"

#include <QCoreApplication>

#include <limits>

namespace weir::gui {

namespace {

struct PolicyTitles {
    Q_DECLARE_TR_FUNCTIONS(weir::gui::PolicyTitles)
};

Direction directionOf(PolicyColumn column)
{
    return column == PolicyColumn::LimitUp ? Direction::Up : Direction::Down;
}

bool isLimit(PolicyColumn column)
{
    return column == PolicyColumn::LimitDown || column == PolicyColumn::LimitUp;
}

QString display(const dbus::WatchRow &watch, PolicyColumn column, qint64 now)
{
    switch (column) {
    case PolicyColumn::LimitDown:
    case PolicyColumn::LimitUp:
        return text::limitCell(watch.limit, directionOf(column));
    case PolicyColumn::Quota:
        return text::quotaCell(watch.quota);
    case PolicyColumn::Burst:
        return text::burstCell(watch.burst, now);
    }
    Q_UNREACHABLE();
}

QString tip(const dbus::WatchRow &watch, PolicyColumn column, qint64 now)
{
    switch (column) {
    case PolicyColumn::LimitDown:
    case PolicyColumn::LimitUp:
        return text::limitTip(watch, directionOf(column), now);
    case PolicyColumn::Quota:
        return text::quotaTip(watch);
    case PolicyColumn::Burst:
        return text::burstTip(watch, now);
    }
    Q_UNREACHABLE();
}

QVariant raw(const dbus::WatchRow &watch, PolicyColumn column)
{
    switch (column) {
    case PolicyColumn::LimitDown:
    case PolicyColumn::LimitUp:
        return directed(watch.limit, directionOf(column)).own;
    case PolicyColumn::Quota:
        return watch.quota.set ? QVariant(watch.quota.usedBytes) : QVariant();
    case PolicyColumn::Burst:
        return watch.burst.set ? QVariant(watch.burst.state) : QVariant();
    }
    Q_UNREACHABLE();
}

QVariant mark(const dbus::WatchRow &watch, PolicyColumn column)
{
    const Colours &c = colours();
    switch (column) {
    case PolicyColumn::LimitDown:
    case PolicyColumn::LimitUp: {
        const DirectedLimit limit = directed(watch.limit, directionOf(column));
        if (limit.own != 0 && !watch.limit.problem.isEmpty())
            return lineIcon(Icon::Warning, c.warning);
        if (limit.heldByOther())
            return lineIcon(limit.reason == QLatin1String("burst") ? Icon::Burst : Icon::Quota, c.warning);
        if (limit.isResting())
            return lineIcon(Icon::Clock, c.dim);
        return {};
    }
    case PolicyColumn::Quota:
        if (levelOf(watch.quota) == QuotaLevel::Over)
            return lineIcon(watch.quota.state == QLatin1String("blocked") ? Icon::Blocked : Icon::Warning,
                            c.error);
        return {};
    case PolicyColumn::Burst:
        if (!watch.burst.set)
            return {};
        if (watch.burst.state == QLatin1String("throttled"))
            return lineIcon(Icon::Burst, c.warning);
        return watch.burst.enabled ? lineIcon(Icon::Guard, c.good) : lineIcon(Icon::Guard, c.dim);
    }
    Q_UNREACHABLE();
}

/// Invalid where the text has the usual colour.
QVariant colour(const dbus::WatchRow &watch, PolicyColumn column)
{
    const Colours &c = colours();
    switch (column) {
    case PolicyColumn::LimitDown:
    case PolicyColumn::LimitUp: {
        const DirectedLimit limit = directed(watch.limit, directionOf(column));
        if (limit.heldByOther())
            return c.warning;
        return limit.own == 0 || !limit.enabled || limit.isResting() ? QVariant(c.dim) : QVariant();
    }
    case PolicyColumn::Quota:
        switch (levelOf(watch.quota)) {
        case QuotaLevel::Off:
            return c.dim;
        case QuotaLevel::Over:
            return c.error;
        case QuotaLevel::Near:
            return c.warning;
        case QuotaLevel::Fine:
            return {};
        }
        Q_UNREACHABLE();
    case PolicyColumn::Burst:
        if (watch.burst.state == QLatin1String("throttled"))
            return c.warning;
        return watch.burst.enabled ? QVariant() : QVariant(c.dim);
    }
    Q_UNREACHABLE();
}

/// What stands in the cell, in words: also what its box, its mark and its bar say.
QString spoken(const dbus::WatchRow &watch, PolicyColumn column, qint64 now)
{
    QString said = display(watch, column, now);
    if (isLimit(column)) {
        const DirectedLimit limit = directed(watch.limit, directionOf(column));
        if (limit.own == 0 && !limit.heldByOther())
            said = PolicyTitles::tr("none", "limit");
        else if (limit.heldByOther())
            said = limit.reason == QLatin1String("burst")
                ? PolicyTitles::tr("%1 by the burst guard").arg(said)
                : PolicyTitles::tr("%1 by the quota").arg(said);
        else if (!limit.enabled)
            said = PolicyTitles::tr("%1, switched off").arg(said);
        else if (limit.isResting())
            said = PolicyTitles::tr("%1, not in force now").arg(said);
    } else if (said.isEmpty()) {
        said = PolicyTitles::tr("none", "quota or burst guard");
    }
    return QStringLiteral("%1: %2").arg(policyTitle(column, false), said);
}

int burstRank(const dbus::BurstState &burst)
{
    if (!burst.set)
        return 0;
    return burst.state == QLatin1String("throttled") ? 3 : burst.enabled ? 2 : 1;
}

/// What a limit is worth to the order: the rate in force, or the one that would be; none at the end.
qulonglong limitRank(const DirectedLimit &limit)
{
    const qulonglong rate = limit.inForce != 0 ? limit.inForce : limit.own;
    return rate != 0 ? rate : std::numeric_limits<qulonglong>::max();
}

} // namespace

QVariant policyCell(const dbus::WatchRow &watch, PolicyColumn column, int role, qint64 now)
{
    switch (role) {
    case Qt::DisplayRole:
        return display(watch, column, now);
    case Qt::EditRole: {
        const qulonglong own = isLimit(column) ? directed(watch.limit, directionOf(column)).own : 0;
        return own != 0 ? quantityText(Quantity::Kind::Rate, own) : QString();
    }
    case Qt::CheckStateRole:
        if (!isLimit(column) || directed(watch.limit, directionOf(column)).own == 0)
            return {};
        return watch.limit.enabled ? Qt::Checked : Qt::Unchecked;
    case Qt::DecorationRole:
        return mark(watch, column);
    case Qt::ForegroundRole:
        return colour(watch, column);
    case Qt::ToolTipRole:
    case Qt::AccessibleDescriptionRole:
        return tip(watch, column, now);
    case Qt::AccessibleTextRole:
        return spoken(watch, column, now);
    case kRawRole:
        return raw(watch, column);
    }
    return {};
}

QString policyTitle(PolicyColumn column, bool tip)
{
    switch (column) {
    case PolicyColumn::LimitDown:
        return tip ? PolicyTitles::tr("What the watch may receive at most per second")
                   : PolicyTitles::tr("Limit down");
    case PolicyColumn::LimitUp:
        return tip ? PolicyTitles::tr("What the watch may send at most per second")
                   : PolicyTitles::tr("Limit up");
    case PolicyColumn::Quota:
        return tip ? PolicyTitles::tr("What the watch has used of its allowance in this billing period")
                   : PolicyTitles::tr("Quota");
    case PolicyColumn::Burst:
        return tip ? PolicyTitles::tr("Whether the watch is throttled for a while when it moves too much")
                   : PolicyTitles::tr("Burst guard");
    }
    Q_UNREACHABLE();
}

int comparePolicies(const dbus::WatchRow &a, const dbus::WatchRow &b, PolicyColumn column)
{
    const auto order = [](const auto &x, const auto &y) { return x < y ? -1 : y < x ? 1 : 0; };
    switch (column) {
    case PolicyColumn::LimitDown:
    case PolicyColumn::LimitUp:
        return order(limitRank(directed(a.limit, directionOf(column))),
                     limitRank(directed(b.limit, directionOf(column))));
    case PolicyColumn::Quota:
        return order(a.quota.set ? shareOf(a.quota) : -1, b.quota.set ? shareOf(b.quota) : -1);
    case PolicyColumn::Burst:
        if (burstRank(a.burst) != burstRank(b.burst))
            return order(burstRank(a.burst), burstRank(b.burst));
        return order(a.burst.throttledUntil, b.burst.throttledUntil);
    }
    Q_UNREACHABLE();
}

} // namespace weir::gui
