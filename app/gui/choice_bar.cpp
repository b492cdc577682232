// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/choice_bar.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QToolButton>

namespace weir::gui {

QToolButton *choiceButton(const QString &text, const QString &tip)
{
    auto *button = new QToolButton;
    button->setText(text);
    button->setToolTip(tip);
    button->setCheckable(true);
    button->setFocusPolicy(Qt::TabFocus);
    button->setProperty("choice", true);
    return button;
}

ChoiceBar::ChoiceBar(const QString &name, QWidget *parent)
    : QWidget(parent), m_buttons(new QButtonGroup(this))
{
    setAccessibleName(name);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    connect(m_buttons, &QButtonGroup::idClicked, this, &ChoiceBar::chosen);
}

void ChoiceBar::add(const QString &text, const QString &tip)
{
    auto *button = choiceButton(text, tip);
    button->setAccessibleName(QStringLiteral("%1: %2").arg(accessibleName(), text));
    const int id = int(m_buttons->buttons().size());
    m_buttons->addButton(button, id);
    layout()->addWidget(button);
    if (id == 0)
        button->setChecked(true);
}

int ChoiceBar::current() const
{
    return m_buttons->checkedId();
}

void ChoiceBar::setCurrent(int index)
{
    if (QAbstractButton *button = m_buttons->button(index))
        button->setChecked(true);
}

} // namespace weir::gui
