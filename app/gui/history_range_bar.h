// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/history_range.h"

#include <QTimer>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QButtonGroup;
class QComboBox;
class QDateTimeEdit;
class QLabel;
class QToolButton;
QT_END_NAMESPACE

namespace weir::gui {

/// Where the person chooses the range of the history and its step: buttons, arrows to the range before and
/// after, and two moments for a range of their own.
class HistoryRangeBar : public QWidget
{
    Q_OBJECT
public:
    explicit HistoryRangeBar(QWidget *parent = nullptr);

    const HistoryRange &range() const { return m_range; }
    /// With its own step; tells.
    void setRange(const HistoryRange &range);
    Step step() const { return m_step; }
    const Interval &interval() const { return m_interval; }

    /// Time passed or another series is shown: `first` is when its oldest history began, 0 when it has none.
    /// Without telling.
    void setMoment(qint64 now, qint64 first);

    /// By -1 or 1; nothing happens where there is no such range.
    void move(int by);

Q_SIGNALS:
    /// The person chose another range or step.
    void changed();

private:
    QWidget *buildButtons();
    QWidget *buildCustom();
    void startCustom();
    void takeCustom();
    void chooseStep(int index);
    void resolveAgain();
    void showRange();
    void showSteps();
    void applyTheme();

    HistoryRange m_range;
    Interval m_interval;
    Step m_step = Step::Hour;
    std::optional<Step> m_wantedStep; ///< by the person, for this range
    qint64 m_now = 0;
    qint64 m_first = 0;

    QButtonGroup *m_buttons;
    QList<HistoryRange> m_choices; ///< by the buttons' number
    QToolButton *m_previous;
    QToolButton *m_next;
    QLabel *m_title;
    QComboBox *m_steps;
    QWidget *m_custom;
    QDateTimeEdit *m_from;
    QDateTimeEdit *m_to;
    QLabel *m_customError;
    QTimer m_typed;
};

} // namespace weir::gui
