// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/icons.h"

#include "app/gui/theme.h"

#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>

namespace weir::gui {

namespace {

QPainterPath lines(std::initializer_list<std::initializer_list<QPointF>> strokes)
{
    QPainterPath path;
    for (const auto &stroke : strokes) {
        const QPointF *point = stroke.begin();
        path.moveTo(*point);
        while (++point != stroke.end())
            path.lineTo(*point);
    }
    return path;
}

QPainterPath padlock(bool open)
{
    QPainterPath path;
    path.addRoundedRect(5, 11, 14, 9.5, 2, 2);
    path.moveTo(8, 11);
    path.lineTo(8, 7.5);
    path.arcTo(QRectF(8, 3.5, 8, 8), 180, open ? -145 : -180);
    if (!open)
        path.lineTo(16, 11);
    return path;
}

QPainterPath rectangles(std::initializer_list<QRectF> boxes)
{
    QPainterPath path;
    for (const QRectF &box : boxes)
        path.addRoundedRect(box, 1.5, 1.5);
    return path;
}

QPainterPath strokes(Icon which)
{
    QPainterPath path;
    switch (which) {
    case Icon::Overview:
        return rectangles({{4, 4, 7, 9}, {13.5, 4, 6.5, 5}, {4, 15.5, 7, 4.5}, {13.5, 11.5, 6.5, 8.5}});
    case Icon::Watches:
        path.moveTo(2.5, 12);
        path.cubicTo(6, 4.5, 18, 4.5, 21.5, 12);
        path.cubicTo(18, 19.5, 6, 19.5, 2.5, 12);
        path.addEllipse(QPointF(12, 12), 3, 3);
        return path;
    case Icon::Connections:
        return lines({{{4, 8}, {20, 8}},
                      {{16, 4}, {20, 8}, {16, 12}},
                      {{20, 16}, {4, 16}},
                      {{8, 12}, {4, 16}, {8, 20}}});
    case Icon::Locked:
        return padlock(false);
    case Icon::Unlocked:
        return padlock(true);
    case Icon::Warning:
        path = lines(
            {{{12, 3.5}, {21.5, 20}, {2.5, 20}, {12, 3.5}}, {{12, 10}, {12, 14.5}}, {{12, 17}, {12, 17.2}}});
        return path;
    case Icon::Check:
        return lines({{{4.5, 12.5}, {10, 18}, {19.5, 6.5}}});
    case Icon::Add:
        return lines({{{12, 5}, {12, 19}}, {{5, 12}, {19, 12}}});
    case Icon::Edit:
        return lines(
            {{{4, 20}, {5, 15.5}, {16, 4.5}, {19.5, 8}, {8.5, 19}, {4, 20}}, {{13.5, 7}, {17, 10.5}}});
    case Icon::Remove:
        return lines({{{4, 6.5}, {20, 6.5}},
                      {{9, 6.5}, {9, 3.5}, {15, 3.5}, {15, 6.5}},
                      {{6, 6.5}, {7, 20.5}, {17, 20.5}, {18, 6.5}},
                      {{10, 10.5}, {10.4, 17}},
                      {{14, 10.5}, {13.6, 17}}});
    case Icon::Pause:
        return lines({{{8.5, 5}, {8.5, 19}}, {{15.5, 5}, {15.5, 19}}});
    case Icon::Resume:
        return lines({{{7, 4.5}, {19, 12}, {7, 19.5}, {7, 4.5}}});
    case Icon::Undo:
        path.moveTo(4.5, 9);
        path.lineTo(14, 9);
        path.arcTo(QRectF(8.5, 9, 11, 11), 90, -180);
        path.lineTo(9, 20);
        path.addPath(lines({{{9, 4.5}, {4.5, 9}, {9, 13.5}}}));
        return path;
    case Icon::Menu:
        return lines({{{4, 6.5}, {20, 6.5}}, {{4, 12}, {20, 12}}, {{4, 17.5}, {20, 17.5}}});
    case Icon::Search:
        path.addEllipse(QPointF(10.5, 10.5), 6, 6);
        path.addPath(lines({{{15, 15}, {20, 20}}}));
        return path;
    case Icon::Help:
        path.addEllipse(QPointF(12, 12), 9, 9);
        path.moveTo(9.3, 9.6);
        path.cubicTo(9.3, 5.8, 15, 6, 14.8, 9.8);
        path.cubicTo(14.7, 11.9, 12, 12, 12, 14.3);
        path.addPath(lines({{{12, 17}, {12, 17.2}}}));
        return path;
    case Icon::Close:
        return lines({{{6, 6}, {18, 18}}, {{18, 6}, {6, 18}}});
    case Icon::Down:
        return lines({{{12, 4}, {12, 20}}, {{5.5, 13.5}, {12, 20}, {18.5, 13.5}}});
    case Icon::Up:
        return lines({{{12, 20}, {12, 4}}, {{5.5, 10.5}, {12, 4}, {18.5, 10.5}}});
    case Icon::Ethernet:
        path = rectangles({{8.5, 3.5, 7, 5.5}, {3, 15, 7, 5.5}, {14, 15, 7, 5.5}});
        path.addPath(lines({{{12, 9}, {12, 12}}, {{6.5, 15}, {6.5, 12}, {17.5, 12}, {17.5, 15}}}));
        return path;
    case Icon::Wireless:
        for (const qreal radius : {4.0, 8.5, 13.0}) {
            path.arcMoveTo(QRectF(12 - radius, 18.5 - radius, 2 * radius, 2 * radius), 45);
            path.arcTo(QRectF(12 - radius, 18.5 - radius, 2 * radius, 2 * radius), 45, 90);
        }
        path.addPath(lines({{{12, 18.4}, {12, 18.6}}}));
        return path;
    case Icon::Link:
        path.addEllipse(QPointF(6, 12), 3, 3);
        path.addEllipse(QPointF(18, 12), 3, 3);
        path.addPath(lines({{{9, 12}, {15, 12}}}));
        return path;
    case Icon::ChevronLeft:
        return lines({{{14.5, 6}, {8.5, 12}, {14.5, 18}}});
    case Icon::ChevronRight:
        return lines({{{9.5, 6}, {15.5, 12}, {9.5, 18}}});
    case Icon::ChevronDown:
        return lines({{{6, 9.5}, {12, 15.5}, {18, 9.5}}});
    case Icon::Refresh:
        path.arcMoveTo(QRectF(4.5, 4.5, 15, 15), 30);
        path.arcTo(QRectF(4.5, 4.5, 15, 15), 30, 290);
        path.addPath(lines({{{19.5, 4}, {18.6, 8.4}, {14, 8}}}));
        return path;
    case Icon::History:
        path = rectangles({{4, 13, 3.6, 7}, {10.2, 8, 3.6, 12}, {16.4, 4, 3.6, 16}});
        return path;
    case Icon::Export:
        return lines({{{12, 4}, {12, 15}},
                      {{7, 10}, {12, 15}, {17, 10}},
                      {{4.5, 16}, {4.5, 20}, {19.5, 20}, {19.5, 16}}});
    case Icon::Limit:
        path.arcMoveTo(QRectF(3.5, 5.5, 17, 17), -20);
        path.arcTo(QRectF(3.5, 5.5, 17, 17), -20, 220);
        path.addPath(lines({{{12, 14}, {16, 9}}}));
        return path;
    case Icon::Quota:
        path.addEllipse(QPointF(12, 12), 8.5, 8.5);
        path.addPath(lines({{{12, 3.5}, {12, 12}, {18, 18}}}));
        return path;
    case Icon::Burst:
        return lines({{{13.5, 3}, {5.5, 13.5}, {11, 13.5}, {10, 21}, {18.5, 10}, {13, 10}, {13.5, 3}}});
    case Icon::Guard:
        path.moveTo(12, 3);
        path.lineTo(19.5, 6);
        path.cubicTo(19.5, 14, 17, 18.5, 12, 21);
        path.cubicTo(7, 18.5, 4.5, 14, 4.5, 6);
        path.lineTo(12, 3);
        return path;
    case Icon::Blocked:
        path.addEllipse(QPointF(12, 12), 8.5, 8.5);
        path.addPath(lines({{{6, 6}, {18, 18}}}));
        return path;
    case Icon::Clock:
        path.addEllipse(QPointF(12, 12), 8.5, 8.5);
        path.addPath(lines({{{12, 7}, {12, 12}, {15.5, 14}}}));
        return path;
    }
    Q_UNREACHABLE();
}

class LineIconEngine final : public QIconEngine
{
public:
    LineIconEngine(Icon which, QColor colour) : m_which(which), m_colour(colour) { }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        QColor colour = m_colour.isValid() ? m_colour : colours().text;
        if (mode == QIcon::Disabled)
            colour = withAlpha(colours().dim, 0.5);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const qreal scale = std::min(rect.width(), rect.height()) / 24.0;
        painter->translate(rect.x() + (rect.width() - 24 * scale) / 2,
                           rect.y() + (rect.height() - 24 * scale) / 2);
        painter->scale(scale, scale);
        painter->setPen(QPen(colour, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter->setBrush(Qt::NoBrush);
        painter->drawPath(strokes(m_which));
        painter->restore();
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    QIconEngine *clone() const override { return new LineIconEngine(*this); }

private:
    Icon m_which;
    QColor m_colour;
};

} // namespace

QIcon lineIcon(Icon which, QColor colour)
{
    return QIcon(new LineIconEngine(which, colour));
}

QIcon applicationIcon()
{
    return QIcon::fromTheme(QStringLiteral("org.weir.Weir"),
                            QIcon(QStringLiteral(":/weir/org.weir.Weir.svg")));
}

} // namespace weir::gui
