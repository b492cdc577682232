// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/data_table.h"

#include "app/gui/notice_panel.h"
#include "app/gui/theme.h"

#include <QHeaderView>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>

namespace weir::gui {

namespace {

/// Cells without a focus frame, with a line below each row and the row under the pointer lit.
///
/// Painted by hand: the style would lay out the text of every cell anew, which takes several times as long.
class RowDelegate final : public QStyledItemDelegate
{
public:
    explicit RowDelegate(DataTable *table) : QStyledItemDelegate(table), m_table(table) { }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const Colours &c = colours();
        m_table->paintGround(painter, option, index);

        QRect cell = option.rect.adjusted(9, 0, -9, 0);
        if (const QVariant icon = index.data(Qt::DecorationRole); icon.isValid()) {
            constexpr int kIcon = 16;
            icon.value<QIcon>().paint(painter,
                                      QRect(cell.left(), cell.center().y() - kIcon / 2, kIcon, kIcon));
            cell.setLeft(cell.left() + kIcon + 6);
        }
        const QVariant font = index.data(Qt::FontRole);
        const QVariant colour = index.data(Qt::ForegroundRole);
        painter->setFont(font.isValid() ? font.value<QFont>().resolve(option.font) : option.font);
        painter->setPen(colour.isValid() ? colour.value<QColor>() : c.text);
        const QString text =
            painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, cell.width());
        painter->drawText(cell, index.data(Qt::TextAlignmentRole).toInt() | Qt::TextSingleLine, text);
    }

private:
    DataTable *m_table;
};

/// Column titles aligned with their cells, with the sort mark beside the text instead of over it.
class TitleHeader final : public QHeaderView
{
public:
    explicit TitleHeader(QWidget *parent) : QHeaderView(Qt::Horizontal, parent)
    {
        setSectionsClickable(true);
        setSectionsMovable(true);
        setMinimumSectionSize(48);
    }

protected:
    void paintSection(QPainter *painter, const QRect &rect, int section) const override
    {
        const Colours &c = colours();
        const bool sorted = isSortIndicatorShown() && section == sortIndicatorSection();
        const auto alignment =
            Qt::Alignment(model()->headerData(section, orientation(), Qt::TextAlignmentRole).toInt());
        const bool right = alignment & Qt::AlignRight;
        constexpr int kMark = 14;
        QFont bold = font();
        bold.setWeight(QFont::DemiBold);
        painter->save();
        painter->setFont(bold);
        painter->setPen(c.border);
        painter->drawLine(rect.bottomLeft(), rect.bottomRight());
        painter->setPen(sorted ? c.text : c.dim);
        const QRect cell = rect.adjusted(9, 0, -9, 0);
        const QString text =
            QFontMetrics(bold).elidedText(model()->headerData(section, orientation()).toString(),
                                          Qt::ElideRight, cell.width() - (sorted ? kMark : 0));
        painter->drawText(cell, int(alignment), text);
        if (sorted) {
            const int width = QFontMetrics(bold).horizontalAdvance(text);
            const qreal x = right ? cell.right() - width - kMark + 2 : cell.left() + width + 5;
            const qreal middle = rect.center().y();
            const qreal tip = sortIndicatorOrder() == Qt::AscendingOrder ? -2 : 2;
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(QPen(c.accent, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
            painter->drawPolyline(QPolygonF{{x, middle - tip}, {x + 4, middle + tip}, {x + 8, middle - tip}});
        }
        painter->restore();
    }
};

} // namespace

DataTable::DataTable(QWidget *parent) : QTableView(parent), m_empty(new NoticePanel(viewport()))
{
    setHorizontalHeader(new TitleHeader(this));
    setItemDelegate(new RowDelegate(this));
    setFrameShape(QFrame::NoFrame);
    setShowGrid(false);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSortingEnabled(true);
    setWordWrap(false);
    setTextElideMode(Qt::ElideRight);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setContextMenuPolicy(Qt::CustomContextMenu);
    setTabKeyNavigation(false);
    setMouseTracking(true);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 16);
    horizontalHeader()->setFixedHeight(fontMetrics().height() + 16);

    connect(m_empty, &NoticePanel::activated, this, &DataTable::emptyActivated);
}

void DataTable::paintGround(QPainter *painter, const QStyleOptionViewItem &option,
                            const QModelIndex &index) const
{
    const Colours &c = colours();
    const bool selected = option.state & QStyle::State_Selected;
    if (selected || index.row() == m_hoveredRow)
        painter->fillRect(option.rect, selected ? c.accentSoft : c.hover);
    painter->setPen(c.grid);
    painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
}

void DataTable::setEmptyText(const QString &title, const QString &text, const QString &button)
{
    m_empty->setNotice(title, text, button);
}

void DataTable::setModel(QAbstractItemModel *model)
{
    QTableView::setModel(model);
    connect(model, &QAbstractItemModel::rowsInserted, this, &DataTable::showEmpty);
    connect(model, &QAbstractItemModel::rowsRemoved, this, &DataTable::showEmpty);
    showEmpty();
}

void DataTable::showEmpty()
{
    m_empty->setVisible(model()->rowCount() == 0);
}

void DataTable::resizeEvent(QResizeEvent *event)
{
    QTableView::resizeEvent(event);
    m_empty->setGeometry(viewport()->rect());
}

void DataTable::mouseMoveEvent(QMouseEvent *event)
{
    setHoveredRow(indexAt(event->pos()).row());
    QTableView::mouseMoveEvent(event);
}

bool DataTable::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::Leave)
        setHoveredRow(-1);
    return QTableView::viewportEvent(event);
}

void DataTable::setHoveredRow(int row)
{
    if (row == m_hoveredRow)
        return;
    m_hoveredRow = row;
    viewport()->update();
}

} // namespace weir::gui
