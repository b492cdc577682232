// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/busiest_list.h"

#include "app/client/format.h"
#include "app/gui/figures.h"
#include "app/gui/icons.h"
#include "app/gui/texts.h"
#include "app/gui/theme.h"

#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QVBoxLayout>

namespace weir::gui {

BusyRow::BusyRow(QWidget *parent) : QAbstractButton(parent)
{
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize BusyRow::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(QLatin1Char('0')) * 36, fontMetrics().height() * 2 + 28};
}

void BusyRow::setWatch(const dbus::WatchRow &watch, double scale)
{
    m_watch = watch;
    m_scale = scale;
    const QString down = client::formatRate(watch.rate.known, watch.rate.rxBytesPerSecond);
    const QString up = client::formatRate(watch.rate.known, watch.rate.txBytesPerSecond);
    setAccessibleName(tr("%1: down %2, up %3").arg(watch.name, down, up));
    setToolTip(text::watchTotalTip(watch) + QStringLiteral("\n\n") + tr("Click to see its connections."));
    update();
}

void BusyRow::setStale(bool stale)
{
    m_stale = stale;
    update();
}

void BusyRow::paintEvent(QPaintEvent *)
{
    const Colours &c = colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (underMouse() || hasFocus()) {
        painter.setPen(hasFocus() ? QPen(c.accent, 1.5) : QPen(Qt::NoPen));
        painter.setBrush(c.hover);
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
    }
    const QRect inner = rect().adjusted(10, 7, -10, -7);
    const int line = fontMetrics().height();
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.9);

    // Left text as far as there is room, right text whole.
    const auto writeLine = [&](int top, const QString &left, const QFont &leftFont, const QColor &leftColour,
                               const QString &right) {
        const QRect place(inner.left(), top, inner.width(), line);
        painter.setFont(small);
        painter.setPen(c.dim);
        painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter, right);
        const int room = place.width() - QFontMetrics(small).horizontalAdvance(right) - 12;
        painter.setFont(leftFont);
        painter.setPen(leftColour);
        painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
                         QFontMetrics(leftFont).elidedText(left, Qt::ElideRight, room));
    };
    const QColor colour = m_stale || !m_watch.enabled ? c.dim : c.text;
    writeLine(inner.top(), m_watch.name, bold, colour,
              tr("%Ln connection(s)", nullptr, int(m_watch.connections)));
    paintBar(painter, QRectF(inner.left(), inner.top() + line + 5, inner.width(), 5));
    const QString rates = m_watch.enabled
        ? QStringLiteral("↓ %1   ↑ %2")
              .arg(client::formatRate(m_watch.rate.known, m_watch.rate.rxBytesPerSecond),
                   client::formatRate(m_watch.rate.known, m_watch.rate.txBytesPerSecond))
        : tr("Paused");
    writeLine(
        inner.top() + line + 14, rates, font(), colour,
        tr("%1 in all", "bytes").arg(client::formatBytes(m_watch.total.rxBytes + m_watch.total.txBytes)));
}

void BusyRow::paintBar(QPainter &painter, const QRectF &bar) const
{
    const Colours &c = colours();
    QPainterPath clip;
    clip.addRoundedRect(bar, 2.5, 2.5);
    painter.save();
    painter.setClipPath(clip);
    painter.fillRect(bar, c.grid);
    if (m_scale > 0 && m_watch.rate.known && m_watch.enabled) {
        const qreal down = bar.width() * m_watch.rate.rxBytesPerSecond / m_scale;
        const qreal up = bar.width() * m_watch.rate.txBytesPerSecond / m_scale;
        painter.fillRect(QRectF(bar.left(), bar.top(), down, bar.height()), m_stale ? c.dim : c.down);
        painter.fillRect(QRectF(bar.left() + down, bar.top(), up, bar.height()), m_stale ? c.border : c.up);
    }
    painter.restore();
}

BusiestList::BusiestList(QWidget *parent)
    : QFrame(parent), m_empty(new QLabel), m_add(new QPushButton(tr("Add a watch…"))), m_all(new QPushButton)
{
    setProperty("card", true);
    setMinimumWidth(fontMetrics().horizontalAdvance(QLatin1Char('0')) * 40);
    auto *title = new QLabel(tr("Busiest watches"));
    title->setProperty("heading", true);
    title->setToolTip(
        tr("The six watches with the highest rate now; those without traffic by their totals."));
    m_empty->setText(tr("A watch counts the traffic of ports that you name, such as 443 for a web server, or "
                        "of a whole link. "
                        "Add one to see who uses your line."));
    m_empty->setWordWrap(true);
    m_empty->setProperty("dim", true);
    m_add->setProperty("primary", true);
    m_add->setIcon(lineIcon(Icon::Add, colours().card));
    m_all->setProperty("flatLink", true);
    m_all->setCursor(Qt::PointingHandCursor);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 14, 10, 14);
    layout->setSpacing(4);
    auto *head = new QVBoxLayout;
    head->setContentsMargins(10, 0, 10, 4);
    head->addWidget(title);
    head->addWidget(m_empty);
    head->addWidget(m_add, 0, Qt::AlignLeft);
    head->setSpacing(10);
    layout->addLayout(head);
    for (int i = 0; i < kRows; ++i) {
        auto *row = new BusyRow;
        connect(row, &QAbstractButton::clicked, this,
                [this, row] { Q_EMIT watchActivated(row->watch().name); });
        layout->addWidget(row);
        m_rows.append(row);
    }
    layout->addWidget(m_all, 0, Qt::AlignLeft);
    layout->addStretch();
    connect(m_add, &QPushButton::clicked, this, &BusiestList::addRequested);
    connect(m_all, &QPushButton::clicked, this, &BusiestList::allRequested);
    connect(&Theme::instance(), &Theme::changed, this,
            [this] { m_add->setIcon(lineIcon(Icon::Add, colours().card)); });
    setWatches({}, 0);
}

void BusiestList::setWatches(const QList<dbus::WatchRow> &busiest, int all)
{
    double scale = 0;
    for (const dbus::WatchRow &watch : busiest)
        if (watch.rate.known)
            scale = std::max(scale, watch.rate.rxBytesPerSecond + watch.rate.txBytesPerSecond);
    for (qsizetype i = 0; i < m_rows.size(); ++i) {
        m_rows[i]->setVisible(i < busiest.size());
        if (i < busiest.size())
            m_rows[i]->setWatch(busiest.at(i), scale);
    }
    m_empty->setVisible(all == 0);
    m_add->setVisible(all == 0);
    m_all->setVisible(all > 0);
    m_all->setText(tr("All %Ln watch(es)", nullptr, all));
}

void BusiestList::setStale(bool stale)
{
    for (BusyRow *row : std::as_const(m_rows))
        row->setStale(stale);
}

QList<const BusyRow *> BusiestList::rows() const
{
    QList<const BusyRow *> shown;
    for (const BusyRow *row : m_rows)
        if (!row->isHidden())
            shown.append(row);
    return shown;
}

} // namespace weir::gui
