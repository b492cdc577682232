// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/chart_ground.h"

#include "app/gui/theme.h"

#include <QCategoryAxis>
#include <QChartView>

namespace weir::gui {

void paintGround(QChartView &view, std::initializer_list<QCategoryAxis *> axes)
{
    const Colours &c = colours();
    view.setBackgroundBrush(c.card);
    view.chart()->setBackgroundBrush(c.card);
    view.chart()->setBackgroundPen(Qt::NoPen);
    QFont small = view.font();
    small.setPointSizeF(small.pointSizeF() * 0.85);
    for (QCategoryAxis *axis : axes) {
        axis->setLabelsColor(c.dim);
        axis->setLabelsFont(small);
        axis->setLinePen(QPen(c.border, 1));
        axis->setGridLinePen(QPen(c.grid, 1));
    }
}

} // namespace weir::gui
