// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/quota_card.h"

#include "app/gui/figures.h"
#include "app/gui/icons.h"
#include "app/gui/policy_texts.h"
#include "app/gui/quota_bar.h"
#include "app/gui/theme.h"

#include <QLocale>
#include <QPainter>
#include <QVBoxLayout>

namespace weir::gui {

QuotaRow::QuotaRow(QWidget *parent) : QAbstractButton(parent)
{
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize QuotaRow::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(QLatin1Char('0')) * 36, fontMetrics().height() * 2 + 28};
}

void QuotaRow::setWatch(const dbus::WatchRow &watch)
{
    m_watch = watch;
    const dbus::QuotaState &quota = watch.quota;
    setAccessibleName(tr("%1: %2 used, %3 %; %4")
                          .arg(watch.name, text::usedOf(quota.usedBytes, quota.sizeBytes),
                               QLocale().toString(shareOf(quota) * 100, 'f', 0), text::quotaOutlook(quota)));
    setAccessibleDescription(text::quotaTip(watch));
    setToolTip(text::quotaTip(watch));
    update();
}

void QuotaRow::setStale(bool stale)
{
    m_stale = stale;
    update();
}

void QuotaRow::paintEvent(QPaintEvent *)
{
    const Colours &c = colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (underMouse() || hasFocus()) {
        painter.setPen(hasFocus() ? QPen(c.accent, 1.5) : QPen(Qt::NoPen));
        painter.setBrush(c.hover);
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
    }
    const dbus::QuotaState &quota = m_watch.quota;
    const QRect inner = rect().adjusted(10, 7, -10, -7);
    const int line = fontMetrics().height();
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.9);

    // The right text whole, the left one as far as there is room.
    const auto writeLine = [&](int top, const QString &left, const QFont &leftFont, const QColor &leftColour,
                               const QString &right, const QColor &rightColour, int indent) {
        const QRect place(inner.left() + indent, top, inner.width() - indent, line);
        painter.setFont(small);
        painter.setPen(rightColour);
        painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter, right);
        const int room = place.width() - QFontMetrics(small).horizontalAdvance(right) - 12;
        painter.setFont(leftFont);
        painter.setPen(leftColour);
        painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
                         QFontMetrics(leftFont).elidedText(left, Qt::ElideRight, room));
    };
    const QuotaLevel level = levelOf(quota);
    const bool dim = m_stale || !m_watch.enabled || level == QuotaLevel::Off;
    int indent = 0;
    if (level == QuotaLevel::Over) {
        lineIcon(quota.state == QLatin1String("blocked") ? Icon::Blocked : Icon::Warning,
                 m_stale ? c.dim : c.error)
            .paint(&painter, QRect(inner.left(), inner.top() + (line - 16) / 2, 16, 16));
        indent = 21;
    }
    writeLine(inner.top(), m_watch.name, bold, dim ? c.dim : c.text,
              text::usedOf(quota.usedBytes, quota.sizeBytes),
              dim || level == QuotaLevel::Fine ? c.dim : quotaColour(quota), indent);
    paintQuotaBar(painter, QRectF(inner.left(), inner.top() + line + 5, inner.width(), 5), quota,
                  m_stale || !m_watch.enabled);
    writeLine(
        inner.top() + line + 14, text::quotaOutlook(quota), small,
        level == QuotaLevel::Over && !m_stale ? c.error : c.dim,
        tr("%1 %", "share of a quota that is used").arg(QLocale().toString(shareOf(quota) * 100, 'f', 0)),
        c.dim, 0);
}

QuotaCard::QuotaCard(QWidget *parent) : QFrame(parent), m_more(dimLabel())
{
    setProperty("card", true);
    auto *title = new QLabel(tr("Quotas"));
    title->setProperty("heading", true);
    title->setToolTip(tr("The quotas of which the largest part is used. The light part of a bar is where it "
                         "will be at the end of the period if it goes on so."));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 14, 10, 14);
    layout->setSpacing(4);
    auto *head = new QVBoxLayout;
    head->setContentsMargins(10, 0, 10, 4);
    head->addWidget(title);
    layout->addLayout(head);
    for (int i = 0; i < kRows; ++i) {
        auto *row = new QuotaRow;
        connect(row, &QAbstractButton::clicked, this, [this, row] { Q_EMIT activated(row->watch().name); });
        layout->addWidget(row);
        m_rows.append(row);
    }
    m_more->setContentsMargins(10, 0, 10, 0);
    layout->addWidget(m_more);
    setWatches({}, 0);
}

void QuotaCard::setWatches(const QList<dbus::WatchRow> &fullest, int all)
{
    for (qsizetype i = 0; i < m_rows.size(); ++i) {
        m_rows[i]->setVisible(i < fullest.size());
        if (i < fullest.size())
            m_rows[i]->setWatch(fullest.at(i));
    }
    const int more = all - int(fullest.size());
    m_more->setVisible(more > 0);
    m_more->setText(tr("and %Ln more", nullptr, more));
    setVisible(all > 0);
}

void QuotaCard::setStale(bool stale)
{
    for (QuotaRow *row : std::as_const(m_rows))
        row->setStale(stale);
}

QList<const QuotaRow *> QuotaCard::rows() const
{
    QList<const QuotaRow *> shown;
    for (const QuotaRow *row : m_rows)
        if (!row->isHidden())
            shown.append(row);
    return shown;
}

} // namespace weir::gui
