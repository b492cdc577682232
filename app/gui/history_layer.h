// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/history_columns.h"

#include <QBrush>
#include <QColor>
#include <QGraphicsItem>

namespace weir::gui {

/// What the History chart draws, ready for the painter.
struct HistoryPicture {
    QList<HistorySum> columns;
    int places = 0; ///< columns that the axis has room for; those at the end may be of the future
    QList<QList<double>> values; ///< for each part, lowest first, a value for each column: bytes, or bit/s
    View view = View::Volume;
    Division division = Division::Direction;
    double top = 1;         ///< of the axis, in the unit of the values
    int firstSelected = -1; ///< columns; -1: none
    int lastSelected = -1;
    int cursor = -1; ///< column that the keyboard is at; -1: none
    bool stale = false;
};

/// Colours of the parts, as in HistoryPicture::values.
QList<QColor> partColours(Division division);
/// Behind columns in which the helper was away.
QBrush awayBrush();

/// The bars or lines over the plot of the History chart, in one item, so that a thousand bars cost one paint.
class HistoryLayer final : public QGraphicsItem
{
public:
    explicit HistoryLayer(QGraphicsItem *parent);

    void setPicture(HistoryPicture picture);
    const HistoryPicture &picture() const { return m_picture; }
    void setArea(const QRectF &area);
    /// The column at an x of the chart; beyond the ends the first or last place.
    int columnAt(qreal x) const;
    /// The box of a column, the whole height of the plot.
    QRectF boxOf(int column) const;

    QRectF boundingRect() const override { return m_area; }
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    void paintBars(QPainter &painter) const;
    void paintLines(QPainter &painter) const;
    bool isSelected(int column) const;
    qreal heightOf(double value) const;

    HistoryPicture m_picture;
    QRectF m_area;
};

} // namespace weir::gui
