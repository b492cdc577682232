// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_chart.h"

#include "app/client/format.h"
#include "app/gui/chart_ground.h"
#include "app/gui/history_texts.h"
#include "app/gui/theme.h"

#include <QAccessible>
#include <QApplication>
#include <QCategoryAxis>
#include <QGraphicsLayout>
#include <QLineSeries>
#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>

namespace weir::gui {

namespace {

/// A category axis drops a label that it has already; the hour of noon comes back each day.
QString unique(QString label, const QStringList &there)
{
    while (there.contains(label))
        label += QChar(0x200b); // a space without width
    return label;
}

void clearLabels(QCategoryAxis &axis)
{
    for (const QString &label : axis.categoriesLabels())
        axis.remove(label);
}

} // namespace

HistoryChart::HistoryChart(QWidget *parent)
    : QChartView(parent), m_layer(new HistoryLayer(chart())), m_timeAxis(new QCategoryAxis(this)),
      m_valueAxis(new QCategoryAxis(this))
{
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setMinimumHeight(fontMetrics().height() * 9);

    chart()->legend()->hide();
    chart()->setMargins(QMargins(0, 8, 18, 0)); // room for half of the outermost labels
    chart()->layout()->setContentsMargins(0, 0, 0, 0);
    chart()->setBackgroundRoundness(0);
    chart()->setAnimationOptions(QChart::NoAnimation);
    for (QCategoryAxis *axis : {m_timeAxis, m_valueAxis})
        axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
    m_timeAxis->setGridLineVisible(false);
    m_timeAxis->setTruncateLabels(false);
    m_valueAxis->setLineVisible(false);
    chart()->addAxis(m_timeAxis, Qt::AlignBottom);
    chart()->addAxis(m_valueAxis, Qt::AlignLeft);
    auto *nothing = new QLineSeries(this); // axes without a series are not laid out
    chart()->addSeries(nothing);
    nothing->attachAxis(m_timeAxis);
    nothing->attachAxis(m_valueAxis);

    connect(chart(), &QChart::plotAreaChanged, this, [this](const QRectF &area) {
        m_layer->setArea(area);
        const int places = picture().places;
        if (stepsPerColumn(m_rows.size(), int(area.width() / 2)) != m_perColumn || places == 0)
            build();
        else
            m_layer->update();
    });
    connect(&Theme::instance(), &Theme::changed, this, &HistoryChart::applyTheme);
    applyTheme();
    build();
}

void HistoryChart::setRows(const dbus::HistoryRows &rows, Step step, const QTimeZone &zone, qint64 now)
{
    if (rows.size() != m_rows.size() || step != m_step)
        m_cursor = m_anchor = -1;
    m_rows = rows;
    m_step = step;
    m_zone = zone;
    m_now = now;
    build();
}

void HistoryChart::setScope(Scope scope)
{
    m_scope = scope;
    build();
}

void HistoryChart::setDivision(Division division)
{
    m_division = division;
    build();
}

void HistoryChart::setView(View view)
{
    m_view = view;
    build();
}

void HistoryChart::setStale(bool stale)
{
    if (stale == m_stale)
        return;
    m_stale = stale;
    build();
}

bool HistoryChart::showsAway() const
{
    return std::any_of(picture().columns.begin(), picture().columns.end(),
                       [](const HistorySum &sum) { return sum.away; });
}

void HistoryChart::build()
{
    m_perColumn = stepsPerColumn(m_rows.size(), int(chart()->plotArea().width() / 2));
    HistoryPicture next;
    QList<qint64> starts;
    for (qsizetype row = 0; row < m_rows.size(); row += m_perColumn) {
        ++next.places;
        if (m_rows.at(row).start < m_now)
            next.columns.append(sumOf(m_rows, row, m_perColumn, m_now));
    }
    for (const dbus::HistoryRow &row : std::as_const(m_rows))
        starts.append(row.start);
    next.view = m_view;
    next.division = m_division;
    next.stale = m_stale;
    next.cursor = hasFocus() ? m_cursor : -1;
    fillValues(next);
    fitValueAxis(next);
    next.top = m_scale.top;
    markSelection(next);
    m_layer->setArea(chart()->plotArea());
    m_layer->setPicture(std::move(next));
    fitTimeAxis(starts);
    Q_EMIT columnsChanged();
}

void HistoryChart::fillValues(HistoryPicture &picture) const
{
    picture.values.resize(partColours(m_division).size());
    for (const HistorySum &sum : std::as_const(picture.columns)) {
        const QList<quint64> parts = partsOf(sum, m_scope, m_division);
        for (qsizetype part = 0; part < parts.size(); ++part)
            picture.values[part].append(m_view == View::Volume ? double(parts.at(part))
                                                               : sum.bytesPerSecond(parts.at(part)) * 8);
    }
}

void HistoryChart::fitTimeAxis(const QList<qint64> &starts)
{
    const QFontMetrics metrics(m_timeAxis->labelsFont());
    const int label = metrics.horizontalAdvance(QStringLiteral("00 MMM 0000")) + 24;
    const int most = std::max(2, int(chart()->plotArea().width()) / label);
    clearLabels(*m_timeAxis);
    const int places = std::max(1, picture().places);
    m_timeAxis->setRange(0, places);
    m_timeAxis->setStartValue(-1);
    for (const TimeTick &tick : timeTicks(starts, m_step, m_zone, most)) {
        // days and months are named in their middle, moments where they are
        const qreal middle = m_step >= Step::Day && m_perColumn == 1 ? 0.5 : 0;
        m_timeAxis->append(unique(tick.text, m_timeAxis->categoriesLabels()),
                           qreal(tick.row) / m_perColumn + middle);
    }
}

void HistoryChart::fitValueAxis(const HistoryPicture &picture)
{
    double peak = 0;
    for (qsizetype column = 0; column < picture.columns.size(); ++column) {
        double stacked = 0;
        for (const QList<double> &values : picture.values)
            stacked =
                m_view == View::Volume ? stacked + values.at(column) : std::max(stacked, values.at(column));
        peak = std::max(peak, stacked);
    }
    const RateScale scale = m_view == View::Volume ? byteScaleFor(peak) : rateScaleFor(peak / 8);
    if (scale == m_scale && m_view == m_scaleView && m_valueAxis->count() > 0)
        return;
    m_scale = scale;
    m_scaleView = m_view;
    clearLabels(*m_valueAxis);
    m_valueAxis->setStartValue(-scale.step);
    for (double value = 0; value <= scale.top * 1.0001; value += scale.step)
        m_valueAxis->append(m_view == View::Volume ? byteLabel(value) : rateLabel(value), value);
    m_valueAxis->setRange(0, scale.top);
}

void HistoryChart::markSelection(HistoryPicture &picture) const
{
    for (int column = 0; m_selection && column < picture.columns.size(); ++column) {
        const qint64 start = picture.columns.at(column).start;
        if (start < m_selection->from || start >= m_selection->to)
            continue;
        if (picture.firstSelected < 0)
            picture.firstSelected = column;
        picture.lastSelected = column;
    }
}

void HistoryChart::select(int anchor, int column)
{
    const int count = int(picture().columns.size());
    if (count == 0)
        return;
    const int first = std::clamp(std::min(anchor, column), 0, count - 1);
    const int last = std::clamp(std::max(anchor, column), 0, count - 1);
    const qsizetype lastRow = std::min<qsizetype>((qsizetype(last) + 1) * m_perColumn, m_rows.size()) - 1;
    const Interval chosen{m_rows.at(qsizetype(first) * m_perColumn).start, m_rows.at(lastRow).end};
    if (m_selection == chosen)
        return;
    m_selection = chosen;
    build();
    Q_EMIT selectionChanged();
}

void HistoryChart::clearSelection()
{
    m_anchor = -1;
    if (!m_selection)
        return;
    m_selection.reset();
    build();
    Q_EMIT selectionChanged();
}

qreal HistoryChart::chartX(const QPoint &position) const
{
    return chart()->mapFromScene(mapToScene(position)).x();
}

QPoint HistoryChart::centreOf(int column) const
{
    return mapFromScene(chart()->mapToScene(m_layer->boxOf(column).center()));
}

QString HistoryChart::columnText(int column) const
{
    if (column < 0 || column >= picture().columns.size())
        return {};
    return text::historySum(picture().columns.at(column), m_scope, m_zone);
}

void HistoryChart::tell(int column, const QPoint &globalPosition)
{
    const QString text = columnText(column);
    if (text.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(globalPosition, text, this);
}

void HistoryChart::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || picture().columns.isEmpty())
        return QChartView::mousePressEvent(event);
    m_pressed = event->pos();
    m_anchor = m_layer->columnAt(chartX(event->pos()));
    m_dragging = false;
    m_cursor = -1;
    event->accept();
}

void HistoryChart::mouseMoveEvent(QMouseEvent *event)
{
    const int column = m_layer->columnAt(chartX(event->pos()));
    if (event->buttons() & Qt::LeftButton && m_anchor >= 0) {
        m_dragging =
            m_dragging || (event->pos() - m_pressed).manhattanLength() >= QApplication::startDragDistance();
        if (m_dragging)
            select(m_anchor, column);
    }
    const QRectF plot = chart()->plotArea();
    const bool inside = plot.contains(chart()->mapFromScene(mapToScene(event->pos())));
    tell(inside ? column : -1, event->globalPosition().toPoint());
}

void HistoryChart::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return QChartView::mouseReleaseEvent(event);
    if (!m_dragging)
        clearSelection();
    m_dragging = false;
}

void HistoryChart::moveCursor(int column, bool extend)
{
    const int count = int(picture().columns.size());
    if (count == 0)
        return;
    const int before = m_cursor;
    m_cursor = std::clamp(column, 0, count - 1);
    if (extend) {
        if (m_anchor < 0)
            m_anchor = before >= 0 ? before : m_cursor;
        select(m_anchor, m_cursor);
    } else {
        m_anchor = -1;
    }
    build();
    const QString text = columnText(m_cursor);
    setAccessibleDescription(text);
    QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&changed);
    tell(m_cursor, mapToGlobal(centreOf(m_cursor)));
}

void HistoryChart::keyPressEvent(QKeyEvent *event)
{
    const int last = int(picture().columns.size()) - 1;
    const bool extend = event->modifiers() & Qt::ShiftModifier;
    switch (event->key()) {
    case Qt::Key_Left:
        return moveCursor(m_cursor < 0 ? last : m_cursor - 1, extend);
    case Qt::Key_Right:
        return moveCursor(m_cursor < 0 ? last : m_cursor + 1, extend);
    case Qt::Key_Home:
        return moveCursor(0, extend);
    case Qt::Key_End:
        return moveCursor(last, extend);
    case Qt::Key_Escape:
        m_cursor = -1;
        QToolTip::hideText();
        clearSelection();
        return build();
    default:
        return QChartView::keyPressEvent(event);
    }
}

void HistoryChart::focusOutEvent(QFocusEvent *event)
{
    QChartView::focusOutEvent(event);
    QToolTip::hideText();
    build();
}

void HistoryChart::resizeEvent(QResizeEvent *event)
{
    QChartView::resizeEvent(event);
    build();
}

void HistoryChart::applyTheme()
{
    paintGround(*this, {m_timeAxis, m_valueAxis});
    m_layer->update();
}

} // namespace weir::gui
