// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/policy_texts.h"
#include "app/gui/quantity_edit.h"

#include <QLineEdit>
#include <QPersistentModelIndex>
#include <QStyledItemDelegate>

namespace weir::gui {

class DataTable;
class LiveData;

/// A line in a cell for a rate, units typed freely; what was understood floats beneath it.
class LimitEditor : public QLineEdit
{
    Q_OBJECT
public:
    explicit LimitEditor(QWidget *viewport);
    ~LimitEditor() override;

    /// What is told of rates above `bitsPerSecond`, 0: of none; they are allowed all the same.
    void setLineSpeed(quint64 bitsPerSecond, const QString &warning);

    const Reading &reading() const { return m_reading; }
    /// What floats beneath.
    QString told() const;

    bool event(QEvent *event) override;

protected:
    void moveEvent(QMoveEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void showReading();
    void placeBubble();

    Reading m_reading;
    quint64 m_lineSpeed = 0;
    QString m_tooFast;
    QLabel *m_bubble;
};

/// Cells of limits: a box that switches, a rate that is edited in place, a mark where another rate is in
/// force.
class LimitDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    /// `table` shows a WatchModel.
    LimitDelegate(DataTable *table, LiveData &live);

    /// Opens the editor of a cell with what was typed there before.
    void reopen(const QModelIndex &index, const QString &typed);

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QWidget *createEditor(QWidget *parent, const QStyleOptionViewItem &option,
                          const QModelIndex &index) const override;
    void setEditorData(QWidget *editor, const QModelIndex &index) const override;
    void setModelData(QWidget *editor, QAbstractItemModel *model, const QModelIndex &index) const override;
    void updateEditorGeometry(QWidget *editor, const QStyleOptionViewItem &option,
                              const QModelIndex &index) const override;
    bool editorEvent(QEvent *event, QAbstractItemModel *model, const QStyleOptionViewItem &option,
                     const QModelIndex &index) override;
    bool helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option,
                   const QModelIndex &index) override;
    bool eventFilter(QObject *editor, QEvent *event) override;

Q_SIGNALS:
    /// The box was clicked.
    void switched(const QString &watch, bool enabled);
    /// A rate was typed, or that there shall be none; `typed` as it stood there.
    void entered(const QString &watch, weir::gui::Direction direction, std::optional<quint64> bitsPerSecond,
                 const QString &typed) const;

private:
    void askShaper(const QPoint &position, const QPersistentModelIndex &index);

    DataTable *m_table;
    LiveData &m_live;
    QPersistentModelIndex m_pressed;
    QString m_typed; ///< for the editor that opens next
};

} // namespace weir::gui
