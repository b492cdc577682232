// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/port_edit.h"

#include "app/gui/theme.h"

#include <QCoreApplication>
#include <QInputMethodEvent>
#include <QTextCharFormat>

namespace weir::gui {

PortEdit::PortEdit(QWidget *parent) : QLineEdit(parent)
{
    connect(&Theme::instance(), &Theme::changed, this, &PortEdit::format);
}

void PortEdit::mark(qsizetype offset, qsizetype length)
{
    m_offset = offset;
    m_length = length;
    format();
}

void PortEdit::clearMark()
{
    mark(0, 0);
}

void PortEdit::format()
{
    // A line edit formats pieces of its text only through the attributes of an input method.
    QList<QInputMethodEvent::Attribute> attributes;
    if (m_length > 0) {
        QTextCharFormat wrong;
        wrong.setForeground(colours().error);
        wrong.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        wrong.setUnderlineColor(colours().error);
        attributes.append(
            {QInputMethodEvent::TextFormat, int(m_offset) - cursorPosition(), int(m_length), wrong});
    }
    QInputMethodEvent event({}, attributes);
    QCoreApplication::sendEvent(this, &event);
}

} // namespace weir::gui
