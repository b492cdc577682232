// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/quota_bar.h"

#include "app/gui/policy_texts.h"
#include "app/gui/theme.h"

#include <QPainter>
#include <QPainterPath>

namespace weir::gui {

QColor quotaColour(const dbus::QuotaState &quota)
{
    const Colours &c = colours();
    switch (levelOf(quota)) {
    case QuotaLevel::Off:
        return c.rest;
    case QuotaLevel::Fine:
        return c.accent;
    case QuotaLevel::Near:
        return c.warning;
    case QuotaLevel::Over:
        return c.error;
    }
    Q_UNREACHABLE();
}

void paintQuotaBar(QPainter &painter, const QRectF &bar, const dbus::QuotaState &quota, bool stale)
{
    const QColor colour = stale ? colours().rest : quotaColour(quota);
    const qreal radius = bar.height() / 2;
    QPainterPath clip;
    clip.addRoundedRect(bar, radius, radius);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setClipPath(clip);
    painter.fillRect(bar, colours().grid);
    const auto fill = [&](double share, const QColor &with) {
        if (share > 0)
            painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * std::min(share, 1.0), bar.height()),
                             with);
    };
    if (quota.sizeBytes > 0)
        fill(double(quota.projectedBytes) / double(quota.sizeBytes), withAlpha(colour, 0.28));
    fill(shareOf(quota), colour);
    painter.restore();
}

QuotaBar::QuotaBar(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void QuotaBar::setQuota(const dbus::QuotaState &quota)
{
    m_quota = quota;
    update();
}

QSize QuotaBar::sizeHint() const
{
    return {200, std::max(8, fontMetrics().height())};
}

void QuotaBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    constexpr qreal kHeight = 8;
    paintQuotaBar(painter, QRectF(0, (height() - kHeight) / 2, width(), kHeight), m_quota, !isEnabled());
}

} // namespace weir::gui
