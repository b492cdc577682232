// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>

namespace weir::gui {

class NoticePanel;

/// A table of live rows: whole rows are selected and lit under the pointer; where there is none it says what
/// to do next.
class DataTable : public QTableView
{
    Q_OBJECT
public:
    explicit DataTable(QWidget *parent = nullptr);

    /// What an empty table says; `button` may be empty.
    void setEmptyText(const QString &title, const QString &text, const QString &button = {});
    void setModel(QAbstractItemModel *model) override;

    /// For delegates: the row lit when it is selected or under the pointer, and the line below it.
    void paintGround(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;

Q_SIGNALS:
    /// The button of the empty table.
    void emptyActivated();

protected:
    void mouseMoveEvent(QMouseEvent *event) override;
    bool viewportEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void setHoveredRow(int row);
    void showEmpty();

    int m_hoveredRow = -1;
    NoticePanel *m_empty;
};

} // namespace weir::gui
