// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_layer.h"

#include "app/gui/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weir::gui {

QList<QColor> partColours(Division division)
{
    const Colours &c = colours();
    if (division == Division::Direction)
        return {c.down, c.up};
    return {c.internet, c.local, c.rest};
}

QBrush awayBrush()
{
    return {withAlpha(colours().dim, 0.45), Qt::BDiagPattern};
}

HistoryLayer::HistoryLayer(QGraphicsItem *parent) : QGraphicsItem(parent)
{
    constexpr qreal kAboveTheGrid = 100; // Qt Charts numbers its own layers with small integers
    setZValue(kAboveTheGrid);
    setAcceptedMouseButtons(Qt::NoButton);
}

void HistoryLayer::setPicture(HistoryPicture picture)
{
    m_picture = std::move(picture);
    update();
}

void HistoryLayer::setArea(const QRectF &area)
{
    if (area == m_area)
        return;
    prepareGeometryChange();
    m_area = area;
}

int HistoryLayer::columnAt(qreal x) const
{
    if (m_picture.places == 0 || m_area.width() <= 0)
        return 0;
    const int column = int(std::floor((x - m_area.left()) / m_area.width() * m_picture.places));
    return std::clamp(column, 0, m_picture.places - 1);
}

QRectF HistoryLayer::boxOf(int column) const
{
    const qreal width = m_picture.places > 0 ? m_area.width() / m_picture.places : 0;
    return {m_area.left() + column * width, m_area.top(), width, m_area.height()};
}

bool HistoryLayer::isSelected(int column) const
{
    return column >= m_picture.firstSelected && column <= m_picture.lastSelected;
}

qreal HistoryLayer::heightOf(double value) const
{
    return m_picture.top > 0 ? value / m_picture.top * m_area.height() : 0;
}

void HistoryLayer::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    const Colours &c = colours();
    painter->save();
    painter->setClipRect(m_area.adjusted(-1, -1, 1, 1));
    if (m_picture.firstSelected >= 0)
        painter->fillRect(boxOf(m_picture.firstSelected) | boxOf(m_picture.lastSelected),
                          withAlpha(c.accent, 0.13));
    for (int i = 0; i < m_picture.columns.size(); ++i)
        if (m_picture.columns.at(i).away)
            painter->fillRect(boxOf(i), awayBrush());
    if (m_picture.view == View::Volume)
        paintBars(*painter);
    else
        paintLines(*painter);
    if (m_picture.cursor >= 0) {
        painter->setPen(QPen(c.accent, 1.5));
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(boxOf(m_picture.cursor).adjusted(0, 0.75, 0, -0.75));
    }
    painter->restore();
}

void HistoryLayer::paintBars(QPainter &painter) const
{
    const QList<QColor> paints = partColours(m_picture.division);
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (int column = 0; column < m_picture.columns.size(); ++column) {
        const QRectF box = boxOf(column);
        const qreal gap = box.width() >= 4 ? std::min(box.width() * 0.22, 12.0) : 0;
        const qreal left = std::round(box.left() + gap / 2);
        const qreal width = std::max(1.0, std::round(box.right() - gap / 2) - left);
        const bool faded = m_picture.firstSelected >= 0 && !isSelected(column);
        double sum = 0;
        qreal foot = m_area.bottom();
        for (qsizetype part = 0; part < m_picture.values.size(); ++part) {
            const double value = m_picture.values.at(part).at(column);
            if (value <= 0)
                continue;
            sum += value;
            const qreal head =
                std::min(std::round(m_area.bottom() - heightOf(sum)), foot - 1); // what is there can be seen
            const QColor colour =
                m_picture.stale ? (part == 0 ? colours().dim : colours().border) : paints.at(part);
            painter.fillRect(QRectF(left, head, width, foot - head), withAlpha(colour, faded ? 0.35 : 1));
            foot = head;
        }
    }
}

void HistoryLayer::paintLines(QPainter &painter) const
{
    const QList<QColor> paints = partColours(m_picture.division);
    painter.setRenderHint(QPainter::Antialiasing);
    for (qsizetype part = m_picture.values.size() - 1; part >= 0; --part) {
        const QList<double> &values = m_picture.values.at(part);
        if (std::all_of(values.begin(), values.end(), [](double value) { return value <= 0; }) && part > 1)
            continue;
        QPolygonF line;
        for (int column = 0; column < values.size(); ++column)
            line.append(QPointF(boxOf(column).center().x(), m_area.bottom() - heightOf(values.at(column))));
        const QColor colour = m_picture.stale ? colours().dim : paints.at(part);
        if (line.size() == 1) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(colour);
            painter.drawEllipse(line.first(), 3, 3);
            continue;
        }
        if (line.isEmpty())
            continue;
        QPolygonF area = line;
        area.append(QPointF(line.last().x(), m_area.bottom()));
        area.append(QPointF(line.first().x(), m_area.bottom()));
        painter.setPen(Qt::NoPen);
        painter.setBrush(withAlpha(colour, 0.1));
        painter.drawPolygon(area);
        painter.setPen(QPen(colour, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(line);
    }
}

} // namespace weir::gui
