// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/figures.h"

#include "app/client/format.h"
#include "app/gui/icons.h"
#include "app/gui/theme.h"

#include <QHBoxLayout>
#include <QResizeEvent>

namespace weir::gui {

namespace {

/// Wide enough for any rate, so that figures do not dance.
int widthOfAnyRate(const QLabel &label)
{
    return label.fontMetrics().horizontalAdvance(QStringLiteral("88.8 Mbit/s"));
}

} // namespace

RateLabel::RateLabel(Size size, QWidget *parent)
    : QWidget(parent), m_downArrow(new QLabel), m_down(new QLabel), m_upArrow(new QLabel), m_up(new QLabel),
      m_arrowSize(size == Size::Large ? 18 : 14)
{
    auto *layout = new QHBoxLayout(this);
    int width = 0;
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(size == Size::Large ? 16 : 10);
    for (auto [arrow, label] : {std::pair{m_downArrow, m_down}, std::pair{m_upArrow, m_up}}) {
        QFont font = label->font();
        font.setPointSizeF(font.pointSizeF() * (size == Size::Large ? 1.5 : 1.1));
        font.setWeight(QFont::DemiBold);
        label->setFont(font);
        auto *slot = new QHBoxLayout;
        slot->setSpacing(4);
        slot->addStretch();
        slot->addWidget(arrow);
        slot->addWidget(label);
        layout->addLayout(slot);
        layout->setStretch(layout->count() - 1, 1);
        width = std::max(width, widthOfAnyRate(*label) + m_arrowSize + 4);
    }
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    setMinimumWidth(2 * width + layout->spacing());
    m_downArrow->setToolTip(tr("Down: received by this machine"));
    m_upArrow->setToolTip(tr("Up: sent by this machine"));
    connect(&Theme::instance(), &Theme::changed, this, &RateLabel::applyColours);
    applyColours();
    setRate({});
}

void RateLabel::setRate(const dbus::Rate &rate)
{
    m_down->setText(client::formatRate(rate.known, rate.rxBytesPerSecond));
    m_up->setText(client::formatRate(rate.known, rate.txBytesPerSecond));
    m_down->setAccessibleName(tr("Down %1").arg(m_down->text()));
    m_up->setAccessibleName(tr("Up %1").arg(m_up->text()));
}

void RateLabel::setStale(bool stale)
{
    m_stale = stale;
    applyColours();
}

void RateLabel::applyColours()
{
    const Colours &c = colours();
    const QSize size(m_arrowSize, m_arrowSize);
    m_downArrow->setPixmap(lineIcon(Icon::Down, m_stale ? c.dim : c.down).pixmap(size, devicePixelRatioF()));
    m_upArrow->setPixmap(lineIcon(Icon::Up, m_stale ? c.dim : c.up).pixmap(size, devicePixelRatioF()));
    m_down->setDisabled(m_stale);
    m_up->setDisabled(m_stale);
}

TotalsLabel::TotalsLabel(const QString &caption, QWidget *parent)
    : QWidget(parent), m_caption(caption), m_figures(new QLabel)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(1);
    layout->addWidget(dimLabel(caption));
    layout->addWidget(m_figures);
}

void TotalsLabel::setTraffic(const dbus::Traffic &traffic, const QString &tip)
{
    const QString down = client::formatBytes(traffic.rxBytes);
    const QString up = client::formatBytes(traffic.txBytes);
    m_figures->setText(QStringLiteral("↓ %1   ↑ %2").arg(down, up));
    m_figures->setAccessibleName(tr("%1: down %2, up %3").arg(m_caption, down, up));
    setToolTip(tip);
}

void TotalsLabel::setUnknown(const QString &tip)
{
    m_figures->setText(QStringLiteral("—"));
    m_figures->setAccessibleName(tr("%1: not known").arg(m_caption));
    setToolTip(tip);
}

QLabel *dimLabel(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setProperty("dim", true);
    return label;
}

ElidedLabel::ElidedLabel(QWidget *parent) : QLabel(parent)
{
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    setTextFormat(Qt::PlainText);
}

void ElidedLabel::setFullText(const QString &text)
{
    if (m_text == text)
        return;
    m_text = text;
    setToolTip(text);
    setAccessibleName(text);
    elide();
}

QSize ElidedLabel::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 6, QLabel::minimumSizeHint().height()};
}

void ElidedLabel::resizeEvent(QResizeEvent *event)
{
    QLabel::resizeEvent(event);
    elide();
}

void ElidedLabel::elide()
{
    setText(fontMetrics().elidedText(m_text, Qt::ElideRight, width()));
}

} // namespace weir::gui
