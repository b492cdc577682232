// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/rate_history.h"
#include "app/gui/rate_scale.h"

#include <QChartView>
#include <QList>

QT_BEGIN_NAMESPACE
class QAreaSeries;
class QCategoryAxis;
class QLineSeries;
QT_END_NAMESPACE

namespace weir::gui {

/// The last two minutes of a rate, down and up on one scale, at most 120 points each.
/// Seconds without a sample are gaps, not zeros. Pointing at a second tells its figures.
class RateChart : public QChartView
{
    Q_OBJECT
public:
    explicit RateChart(QWidget *parent = nullptr);

    void setHistory(const RateHistory &history);
    const RateHistory &history() const { return m_history; }

    /// Greys the lines: they are of the past.
    void setStale(bool stale);

    /// Points drawn for both directions together.
    int pointCount() const;
    const RateScale &scale() const { return m_scale; }

protected:
    void mouseMoveEvent(QMouseEvent *event) override;

private:
    /// A run of seconds without a gap.
    struct Segment {
        QLineSeries *line;
        QAreaSeries *area;
    };

    void draw(QList<Segment> &segments, double (RateHistory::*value)(int) const);
    Segment makeSegment();
    void fitScale();
    void applyTheme();

    RateHistory m_history;
    RateScale m_scale;
    QCategoryAxis *m_timeAxis;
    QCategoryAxis *m_rateAxis;
    QList<Segment> m_down;
    QList<Segment> m_up;
    bool m_stale = false;
};

} // namespace weir::gui
