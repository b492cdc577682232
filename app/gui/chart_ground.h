// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <initializer_list>

QT_BEGIN_NAMESPACE
class QCategoryAxis;
class QChartView;
QT_END_NAMESPACE

namespace weir::gui {

/// The colours and the small labels that all charts have behind what they draw, of the theme of the moment.
void paintGround(QChartView &view, std::initializer_list<QCategoryAxis *> axes);

} // namespace weir::gui
