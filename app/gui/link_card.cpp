// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/link_card.h"

#include "app/client/client.h"
#include "app/gui/figures.h"
#include "app/gui/history_texts.h"
#include "app/gui/icons.h"
#include "app/gui/rate_chart.h"
#include "app/gui/rate_scale.h"
#include "app/gui/texts.h"
#include "app/gui/theme.h"

#include <QHBoxLayout>
#include <QLabel>

namespace weir::gui {

LinkCard::LinkCard(const QString &name, QWidget *parent)
    : QFrame(parent), m_icon(new QLabel), m_name(new QLabel(name)), m_kind(dimLabel()), m_state(new QLabel),
      m_addresses(new ElidedLabel), m_rate(new RateLabel(RateLabel::Size::Large)), m_chart(new RateChart),
      m_today(new TotalsLabel(tr("Today"))), m_month(new TotalsLabel(tr("This month"))),
      m_year(new TotalsLabel(tr("This year"))), m_total(new TotalsLabel(tr("Total"))),
      m_internet(new TotalsLabel(tr("Internet"))), m_local(new TotalsLabel(tr("Local"))), m_since(dimLabel())
{
    setProperty("card", true);
    setAccessibleName(tr("Link %1").arg(name));
    QFont bold = font();
    bold.setPointSizeF(bold.pointSizeF() * 1.2);
    bold.setWeight(QFont::DemiBold);
    m_name->setFont(bold);
    m_name->setTextFormat(Qt::PlainText);
    m_state->setProperty("pill", true);
    m_addresses->setProperty("dim", true);
    m_chart->setMinimumHeight(fontMetrics().height() * 12);
    setMaximumHeight(fontMetrics().height() * 44);
    m_chart->setAccessibleName(tr("Chart: the last two minutes of %1").arg(name));
    m_rate->setToolTip(tr("Rate of %1 in the last second: everything that crosses it.").arg(name));

    auto *title = new QHBoxLayout;
    title->setSpacing(8);
    title->addWidget(m_icon);
    title->addWidget(m_name);
    title->addWidget(m_kind);
    title->addWidget(m_state);
    title->addStretch();
    title->addWidget(m_rate);

    auto *totals = new QGridLayout;
    totals->setHorizontalSpacing(28);
    totals->setVerticalSpacing(8);
    for (int column = 0; TotalsLabel * label : {m_today, m_month, m_year})
        totals->addWidget(label, 0, column++);
    for (int column = 0; TotalsLabel * label : {m_total, m_internet, m_local})
        totals->addWidget(label, 1, column++);
    totals->setColumnStretch(3, 1);
    totals->addWidget(m_since, 1, 3, Qt::AlignBottom | Qt::AlignRight);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(18, 14, 18, 14);
    layout->setSpacing(4);
    layout->addLayout(title);
    layout->addWidget(m_addresses);
    layout->addSpacing(6);
    layout->addWidget(m_chart, 1);
    layout->addSpacing(6);
    layout->addLayout(totals);

    connect(&Theme::instance(), &Theme::changed, this, [this] { showKind(m_kindName); });
    setSums(std::nullopt);
}

void LinkCard::showKind(const QString &kind)
{
    m_kindName = kind;
    const Icon which = kind == QLatin1String("wifi")                         ? Icon::Wireless
        : kind == QLatin1String("ethernet") || kind == QLatin1String("veth") ? Icon::Ethernet
                                                                             : Icon::Link;
    m_icon->setPixmap(lineIcon(which, colours().dim).pixmap(QSize(20, 20), devicePixelRatioF()));
}

void LinkCard::setRow(const dbus::LinkRow &row, qint64 timeMs)
{
    if (m_kindName != row.kind)
        showKind(row.kind);
    QString kind = text::linkKind(row.kind);
    if (row.speedBitsPerSecond > 0)
        kind += QStringLiteral(" · ") + rateLabel(double(row.speedBitsPerSecond));
    m_kind->setText(kind);
    m_state->setText(tr("down", "state of a link"));
    m_state->setToolTip(tr("The link is down: nothing can cross it."));
    m_state->setVisible(row.state != QLatin1String("up"));
    m_addresses->setFullText(row.addresses.isEmpty() ? tr("No address")
                                                     : row.addresses.join(QStringLiteral("   ")));
    m_rate->setRate(row.rate);
    m_total->setTraffic(row.total, text::linkTotalTip(row));
    m_internet->setTraffic(row.internet, text::linkScopeTip(row, true));
    m_local->setTraffic(row.local, text::linkScopeTip(row, false));
    m_since->setText(tr("since %1").arg(text::moment(row.since)));
    m_since->setToolTip(tr("Totals run from the first time that Weir saw this link."));
    m_history.add(timeMs, row.rate);
    m_chart->setHistory(m_history);
}

void LinkCard::setSums(const std::optional<dbus::SumRow> &sums)
{
    const std::tuple<TotalsLabel *, QString, dbus::Traffic dbus::SumRow::*, dbus::Traffic dbus::SumRow::*>
        figures[] = {
            {m_today, tr("Everything that crossed %1 since midnight."), &dbus::SumRow::today,
             &dbus::SumRow::todayInternet},
            {m_month, tr("Everything that crossed %1 in this calendar month."), &dbus::SumRow::month,
             &dbus::SumRow::monthInternet},
            {m_year, tr("Everything that crossed %1 in this calendar year."), &dbus::SumRow::year,
             &dbus::SumRow::yearInternet},
        };
    for (const auto &[label, what, all, internet] : figures) {
        if (sums)
            label->setTraffic((*sums).*all,
                              text::periodTip(what.arg(m_name->text()), (*sums).*all, (*sums).*internet));
        else
            label->setUnknown(tr("The service has not told yet."));
    }
}

void LinkCard::hold(qint64 timeMs)
{
    m_history.hold(timeMs);
    m_chart->setHistory(m_history);
}

void LinkCard::fill(const client::SampleAnswer &samples)
{
    m_history.fill(samples);
    m_chart->setHistory(m_history);
}

void LinkCard::setStale(bool stale)
{
    m_rate->setStale(stale);
    m_chart->setStale(stale);
    for (TotalsLabel *label : {m_today, m_month, m_year, m_total, m_internet, m_local})
        label->setDisabled(stale);
}

} // namespace weir::gui
