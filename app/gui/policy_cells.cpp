// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/policy_cells.h"

#include "app/gui/data_table.h"
#include "app/gui/icons.h"
#include "app/gui/policy_columns.h"
#include "app/gui/quota_bar.h"
#include "app/gui/theme.h"
#include "app/gui/watch_model.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace weir::gui {

namespace {

constexpr int kPadding = 9;
constexpr int kIcon = 16;
constexpr int kBar = 4;

dbus::WatchRow watchOf(const QModelIndex &index)
{
    return index.data(kWatchRole).value<dbus::WatchRow>();
}

bool canRestore(const QModelIndex &index)
{
    return index.column() == WatchModel::Burst && !index.data(kStaleRole).toBool()
        && watchOf(index).burst.state == QLatin1String("throttled");
}

QRect restoreButton(const QRect &cell)
{
    constexpr int kButton = 18;
    return {cell.right() - kButton - 4, cell.center().y() - kButton / 2, kButton, kButton};
}

} // namespace

void paintCurrent(QPainter *painter, const QStyleOptionViewItem &option)
{
    if (!(option.state & QStyle::State_HasFocus))
        return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(colours().accent, 1.4));
    painter->setBrush(Qt::NoBrush);
    painter->drawRoundedRect(QRectF(option.rect).adjusted(2, 2, -2, -3), 5, 5);
    painter->restore();
}

PolicyDelegate::PolicyDelegate(DataTable *table) : QStyledItemDelegate(table), m_table(table)
{ }

void PolicyDelegate::paintText(QPainter *painter, const QStyleOptionViewItem &option,
                               const QModelIndex &index, const QRect &place) const
{
    QRect cell = place;
    if (const QVariant icon = index.data(Qt::DecorationRole); icon.isValid()) {
        icon.value<QIcon>().paint(painter,
                                  QRect(cell.left(), cell.center().y() - kIcon / 2 + 1, kIcon, kIcon));
        cell.setLeft(cell.left() + kIcon + 5);
    }
    const QString text = index.data().toString();
    const QVariant colour = index.data(Qt::ForegroundRole);
    painter->setFont(option.font);
    painter->setPen(text.isEmpty()         ? colours().dim
                        : colour.isValid() ? colour.value<QColor>()
                                           : colours().text);
    painter->drawText(cell, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
                      text.isEmpty() ? QStringLiteral("—")
                                     : painter->fontMetrics().elidedText(text, Qt::ElideRight, cell.width()));
}

void PolicyDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                           const QModelIndex &index) const
{
    m_table->paintGround(painter, option, index);
    QRect cell = option.rect.adjusted(kPadding, 0, -kPadding, 0);
    const dbus::WatchRow watch = watchOf(index);
    if (index.column() == WatchModel::Quota && watch.quota.set) {
        const QRectF bar(cell.left(), option.rect.bottom() - kBar - 5, cell.width(), kBar);
        paintQuotaBar(*painter, bar, watch.quota, index.data(kStaleRole).toBool() || !watch.enabled);
        cell.setBottom(int(bar.top()) - 1);
        cell.setTop(cell.top() + 3);
    }
    if (canRestore(index)) {
        const QRect button = restoreButton(option.rect);
        lineIcon(Icon::Undo, colours().accent).paint(painter, button.adjusted(1, 1, -1, -1));
        cell.setRight(button.left() - 2);
    }
    paintText(painter, option, index, cell);
    paintCurrent(painter, option);
}

bool PolicyDelegate::editorEvent(QEvent *event, QAbstractItemModel *, const QStyleOptionViewItem &option,
                                 const QModelIndex &index)
{
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key != Qt::Key_F2 && key != Qt::Key_Space)
            return false;
        Q_EMIT editWanted(index);
        return true;
    }
    if (event->type() != QEvent::MouseButtonRelease)
        return false;
    const auto *mouse = static_cast<QMouseEvent *>(event);
    if (mouse->button() != Qt::LeftButton || !canRestore(index)
        || !restoreButton(option.rect).adjusted(-3, -6, 4, 6).contains(mouse->pos()))
        return false;
    Q_EMIT restoreWanted(watchOf(index).name);
    return true;
}

bool PolicyDelegate::helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option,
                               const QModelIndex &index)
{
    if (event->type() == QEvent::ToolTip && index.isValid() && canRestore(index)
        && restoreButton(option.rect).contains(event->pos())) {
        QToolTip::showText(event->globalPos(), tr("Restore now: end the throttle"), view->viewport());
        return true;
    }
    return QStyledItemDelegate::helpEvent(event, view, option, index);
}

} // namespace weir::gui
