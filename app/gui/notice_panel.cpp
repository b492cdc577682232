// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/notice_panel.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace weir::gui {

NoticePanel::NoticePanel(QWidget *parent)
    : QWidget(parent), m_title(new QLabel), m_text(new QLabel), m_button(new QPushButton)
{
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.2);
    large.setWeight(QFont::DemiBold);
    m_title->setFont(large);
    m_title->setAlignment(Qt::AlignCenter);
    m_text->setAlignment(Qt::AlignCenter);
    m_text->setWordWrap(true);
    m_text->setProperty("dim", true);
    m_text->setMinimumWidth(160);
    m_text->setMaximumWidth(440);
    m_button->setProperty("primary", true);
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(10);
    layout->addStretch();
    layout->addWidget(m_title, 0, Qt::AlignHCenter);
    auto *middle = new QHBoxLayout; // an aligned label would not get the height that its wrapped text needs
    middle->addStretch();
    middle->addWidget(m_text, 100);
    middle->addStretch();
    layout->addLayout(middle);
    layout->addWidget(m_button, 0, Qt::AlignHCenter);
    layout->addStretch();
    connect(m_button, &QPushButton::clicked, this, &NoticePanel::activated);
}

void NoticePanel::setNotice(const QString &title, const QString &text, const QString &button)
{
    m_title->setText(title);
    m_text->setText(text);
    m_button->setText(button);
    m_button->setVisible(!button.isEmpty());
}

QString NoticePanel::title() const
{
    return m_title->text();
}

} // namespace weir::gui
