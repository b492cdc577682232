// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/history_layer.h"
#include "app/gui/rate_scale.h"

#include <QChartView>

QT_BEGIN_NAMESPACE
class QCategoryAxis;
QT_END_NAMESPACE

namespace weir::gui {

/// The steps of a range as stacked bars of volume or lines of rate.
///
/// Never more columns than every second pixel: where there are more steps, several stand in one column, added
/// up. A drag or shift with the arrow keys selects columns; a click or Escape clears. Pointing at a column,
/// or walking to it, tells its figures.
class HistoryChart : public QChartView
{
    Q_OBJECT
public:
    explicit HistoryChart(QWidget *parent = nullptr);

    /// `rows` in the order of time, without holes; those that begin after `now` (UTC seconds) are room only.
    void setRows(const dbus::HistoryRows &rows, Step step, const QTimeZone &zone, qint64 now);
    void setScope(Scope scope);
    void setDivision(Division division);
    void setView(View view);
    /// Greys what is drawn: it is of the past.
    void setStale(bool stale);

    /// The steps that are selected, by their time; nothing while none are.
    const std::optional<Interval> &selection() const { return m_selection; }
    void clearSelection();

    const HistoryPicture &picture() const { return m_layer->picture(); }
    int stepsInColumn() const { return m_perColumn; }
    const RateScale &scale() const { return m_scale; }
    /// Whether a column drawn is marked: the helper was away in a part of it.
    bool showsAway() const;
    /// What pointing at a column tells.
    QString columnText(int column) const;
    /// The middle of a column, in the widget.
    QPoint centreOf(int column) const;

Q_SIGNALS:
    void selectionChanged();
    /// Columns were made anew: the legend may differ.
    void columnsChanged();

protected:
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void build();
    void fillValues(HistoryPicture &picture) const;
    void fitTimeAxis(const QList<qint64> &starts);
    void fitValueAxis(const HistoryPicture &picture);
    void markSelection(HistoryPicture &picture) const;
    void select(int anchor, int column);
    void moveCursor(int column, bool extend);
    void tell(int column, const QPoint &globalPosition);
    void applyTheme();
    qreal chartX(const QPoint &position) const;

    dbus::HistoryRows m_rows;
    Step m_step = Step::Hour;
    QTimeZone m_zone = QTimeZone::utc();
    qint64 m_now = 0;
    Scope m_scope = Scope::All;
    Division m_division = Division::Direction;
    View m_view = View::Volume;
    bool m_stale = false;

    HistoryLayer *m_layer;
    QCategoryAxis *m_timeAxis;
    QCategoryAxis *m_valueAxis;
    RateScale m_scale;
    View m_scaleView = View::Volume;
    int m_perColumn = 1;
    std::optional<Interval> m_selection;
    int m_cursor = -1; ///< column
    int m_anchor = -1; ///< column where the selection under way began
    QPoint m_pressed;
    bool m_dragging = false;
};

} // namespace weir::gui
