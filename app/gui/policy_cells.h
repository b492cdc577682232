// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace weir::gui {

class DataTable;

/// A frame around the cell that the keyboard is on, for cells that do something of their own.
void paintCurrent(QPainter *painter, const QStyleOptionViewItem &option);

/// Cells of quotas, a bar under their text, and of burst guards, with a button that ends a throttle.
class PolicyDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    /// `table` shows a WatchModel.
    explicit PolicyDelegate(DataTable *table);

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    bool editorEvent(QEvent *event, QAbstractItemModel *model, const QStyleOptionViewItem &option,
                     const QModelIndex &index) override;
    bool helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option,
                   const QModelIndex &index) override;

Q_SIGNALS:
    /// F2 or Space on the cell.
    void editWanted(const QModelIndex &index);
    /// The throttle of this watch's burst guard shall end now.
    void restoreWanted(const QString &watch);

private:
    void paintText(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index,
                   const QRect &place) const;

    DataTable *m_table;
};

} // namespace weir::gui
