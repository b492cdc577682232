// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/history_columns.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QHBoxLayout;
class QLabel;
QT_END_NAMESPACE

namespace weir::gui {

/// What the colours and the hatching of the History chart mean, and how much time one of its bars stands for.
class HistoryLegend : public QWidget
{
    Q_OBJECT
public:
    explicit HistoryLegend(QWidget *parent = nullptr);

    /// `stepsInColumn`: more than 1 where there are more steps than room.
    void setParts(Division division, Scope scope, bool away, int stepsInColumn, Step step);

private:
    void rebuild();

    QHBoxLayout *m_keys;
    QLabel *m_note;
    Division m_division = Division::Direction;
    Scope m_scope = Scope::All;
    bool m_away = false;
};

/// Sum, average and peak of the steps that the table shows.
class HistoryFooter : public QWidget
{
    Q_OBJECT
public:
    explicit HistoryFooter(QWidget *parent = nullptr);

    /// `rows` in the order of time; `selected`: they are a selection of the range.
    void setRows(const dbus::HistoryRows &rows, Scope scope, Step step, const QTimeZone &zone, qint64 now,
                 bool selected);
    /// What stands there, as one line.
    QString text() const;

private:
    QLabel *m_sum;
    QLabel *m_average;
    QLabel *m_peak;
};

} // namespace weir::gui
