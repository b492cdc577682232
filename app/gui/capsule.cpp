// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capsule.h"

#include "app/gui/icons.h"
#include "app/gui/theme.h"

#include <QEvent>
#include <QGraphicsDropShadowEffect>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

using namespace std::chrono_literals;

namespace weir::gui {

Capsule::Capsule(QWidget *window)
    : QFrame(window), m_text(new QLabel), m_undo(new QPushButton(tr("Undo"))), m_close(new QToolButton)
{
    setProperty("capsule", true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(false);
    m_undo->setProperty("flatLink", true);
    m_undo->setToolTip(tr("Exactly as it was before (Ctrl+Z)"));
    m_close->setToolTip(tr("Close"));
    m_close->setAccessibleName(tr("Close"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(18, 8, 10, 8);
    layout->setSpacing(12);
    layout->addWidget(m_text);
    layout->addWidget(m_undo);
    layout->addWidget(m_close);
    auto *shadow = new QGraphicsDropShadowEffect(this);
    shadow->setBlurRadius(24);
    shadow->setOffset(0, 4);
    shadow->setColor(withAlpha(Qt::black, 0.35));
    setGraphicsEffect(shadow);
    m_over.setSingleShot(true);
    const auto dress = [this] { m_close->setIcon(lineIcon(Icon::Close, colours().window)); };
    connect(&Theme::instance(), &Theme::changed, this, dress);
    dress();
    connect(&m_over, &QTimer::timeout, this, &QWidget::hide);
    connect(m_close, &QToolButton::clicked, this, &QWidget::hide);
    connect(m_undo, &QPushButton::clicked, this, &Capsule::undoRequested);
    window->installEventFilter(this);
    hide();
}

void Capsule::offerUndo(const QString &text, std::chrono::milliseconds keep)
{
    appear(text, true, keep);
}

void Capsule::tell(const QString &text)
{
    appear(text, false, 12s);
}

QString Capsule::text() const
{
    return m_text->text();
}

void Capsule::appear(const QString &text, bool undo, std::chrono::milliseconds keep)
{
    m_text->setText(text);
    m_text->setWordWrap(m_text->sizeHint().width() > parentWidget()->width() * 2 / 3);
    m_undo->setVisible(undo);
    m_over.start(keep);
    show();
    raise();
    place();
}

void Capsule::place()
{
    const QSize room = parentWidget()->size();
    const int width = std::min(sizeHint().width(), room.width() - 40);
    const int height = layout()->hasHeightForWidth() ? layout()->heightForWidth(width) : sizeHint().height();
    setGeometry((room.width() - width) / 2, room.height() - height - 24, width, height);
}

bool Capsule::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize && isVisible())
        place();
    return QFrame::eventFilter(watched, event);
}

} // namespace weir::gui
