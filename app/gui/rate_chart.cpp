// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/rate_chart.h"

#include "app/client/format.h"
#include "app/gui/chart_ground.h"
#include "app/gui/theme.h"

#include <QAreaSeries>
#include <QCategoryAxis>
#include <QGraphicsLayout>
#include <QLineSeries>
#include <QMouseEvent>
#include <QToolTip>

#include <cmath>

namespace weir::gui {

RateChart::RateChart(QWidget *parent)
    : QChartView(parent), m_timeAxis(new QCategoryAxis(this)), m_rateAxis(new QCategoryAxis(this))
{
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::NoFocus);
    setMouseTracking(true);
    setToolTipDuration(5000);

    chart()->legend()->hide();
    chart()->setMargins(QMargins(0, 8, 16, 0)); // room for half of the outermost labels
    chart()->layout()->setContentsMargins(0, 0, 0, 0);
    chart()->setBackgroundRoundness(0);
    chart()->setAnimationOptions(QChart::NoAnimation);

    m_timeAxis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
    m_timeAxis->setStartValue(-RateHistory::kSize);
    for (const int seconds : {90, 60, 30})
        m_timeAxis->append(tr("%1 s ago").arg(seconds), -seconds);
    m_timeAxis->append(tr("now"), 0);
    m_timeAxis->setRange(1 - RateHistory::kSize, 0);
    m_timeAxis->setGridLineVisible(false);
    m_rateAxis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
    m_rateAxis->setLineVisible(false);
    chart()->addAxis(m_timeAxis, Qt::AlignBottom);
    chart()->addAxis(m_rateAxis, Qt::AlignLeft);

    connect(&Theme::instance(), &Theme::changed, this, &RateChart::applyTheme);
    applyTheme();
    fitScale();
}

void RateChart::setHistory(const RateHistory &history)
{
    m_history = history;
    fitScale();
    draw(m_down, &RateHistory::down);
    draw(m_up, &RateHistory::up);
}

void RateChart::setStale(bool stale)
{
    m_stale = stale;
    applyTheme();
}

int RateChart::pointCount() const
{
    int count = 0;
    for (const QList<Segment> *segments : {&m_down, &m_up})
        for (const Segment &segment : *segments)
            count += int(segment.line->count());
    return count;
}

RateChart::Segment RateChart::makeSegment()
{
    auto *upper = new QLineSeries(this);
    Segment segment{new QLineSeries(this), new QAreaSeries(upper)};
    upper->setParent(segment.area);
    for (QAbstractSeries *series :
         {static_cast<QAbstractSeries *>(segment.area), static_cast<QAbstractSeries *>(segment.line)}) {
        chart()->addSeries(series);
        series->attachAxis(m_timeAxis);
        series->attachAxis(m_rateAxis);
    }
    return segment;
}

void RateChart::draw(QList<Segment> &segments, double (RateHistory::*value)(int) const)
{
    QList<QList<QPointF>> runs;
    bool inRun = false;
    for (int age = RateHistory::kSize - 1; age >= 0; --age) {
        const double rate = (m_history.*value)(age);
        if (!std::isnan(rate)) {
            if (!inRun)
                runs.append(QList<QPointF>());
            runs.last().append(QPointF(-age, rate * 8));
        }
        inRun = !std::isnan(rate);
    }
    while (segments.size() > runs.size()) {
        const Segment segment = segments.takeLast();
        for (QAbstractSeries *series :
             {static_cast<QAbstractSeries *>(segment.area), static_cast<QAbstractSeries *>(segment.line)}) {
            chart()->removeSeries(series);
            delete series;
        }
    }
    if (segments.size() < runs.size()) {
        while (segments.size() < runs.size())
            segments.append(makeSegment());
        applyTheme();
    }
    for (qsizetype i = 0; i < runs.size(); ++i) {
        segments[i].line->replace(runs.at(i));
        segments[i].area->upperSeries()->replace(runs.at(i));
    }
}

void RateChart::fitScale()
{
    const RateScale scale = rateScaleFor(m_history.peak());
    if (scale == m_scale)
        return;
    m_scale = scale;
    for (const QString &label : m_rateAxis->categoriesLabels())
        m_rateAxis->remove(label);
    m_rateAxis->setStartValue(-scale.step);
    for (double rate = 0; rate <= scale.top; rate += scale.step)
        m_rateAxis->append(rateLabel(rate), rate);
    m_rateAxis->setRange(0, scale.top);
}

void RateChart::applyTheme()
{
    const Colours &c = colours();
    paintGround(*this, {m_timeAxis, m_rateAxis});
    const auto paint = [](const QList<Segment> &segments, const QColor &colour, qreal fill) {
        for (const Segment &segment : segments) {
            segment.line->setPen(QPen(colour, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
            segment.area->setPen(Qt::NoPen);
            segment.area->setBrush(withAlpha(colour, fill));
        }
    };
    paint(m_down, m_stale ? c.dim : c.down, 0.16);
    paint(m_up, m_stale ? c.dim : c.up, 0.08);
}

void RateChart::mouseMoveEvent(QMouseEvent *event)
{
    QChartView::mouseMoveEvent(event);
    const QPointF value = chart()->mapToValue(chart()->mapFromScene(mapToScene(event->pos())));
    const int age = int(std::lround(-value.x()));
    if (!chart()->plotArea().contains(event->pos()) || age < 0 || age >= RateHistory::kSize) {
        QToolTip::hideText();
        return;
    }
    const double down = m_history.down(age);
    const double up = m_history.up(age);
    const QString when = age == 0 ? tr("Now") : tr("%1 s ago").arg(age);
    QToolTip::showText(
        event->globalPosition().toPoint(),
        std::isnan(down)
            ? tr("%1: not measured").arg(when)
            : tr("%1: down %2, up %3").arg(when, client::formatRate(down), client::formatRate(up)),
        this);
}

} // namespace weir::gui
