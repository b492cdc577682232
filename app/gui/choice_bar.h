// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

QT_BEGIN_NAMESPACE
class QButtonGroup;
class QToolButton;
QT_END_NAMESPACE

namespace weir::gui {

/// A button that stays pressed while it is what was chosen.
QToolButton *choiceButton(const QString &text, const QString &tip);

/// A few buttons of which one is pressed.
class ChoiceBar : public QWidget
{
    Q_OBJECT
public:
    /// `name`: what is chosen here, for screen readers.
    explicit ChoiceBar(const QString &name, QWidget *parent = nullptr);

    void add(const QString &text, const QString &tip);
    int current() const;
    /// Without telling.
    void setCurrent(int index);

Q_SIGNALS:
    void chosen(int index);

private:
    QButtonGroup *m_buttons;
};

} // namespace weir::gui
