// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/overview_page.h"

#include "app/gui/busiest_list.h"
#include "app/gui/link_card.h"
#include "app/gui/link_sums.h"
#include "app/gui/live_data.h"
#include "app/gui/other_links.h"
#include "app/gui/quota_card.h"

#include <QBoxLayout>
#include <QLabel>
#include <QResizeEvent>

namespace weir::gui {

OverviewPage::OverviewPage(LiveData &live, QWidget *parent)
    : QScrollArea(parent), m_live(live), m_sums(new LinkSums(live, this)),
      m_columns(new QBoxLayout(QBoxLayout::LeftToRight)), m_cardLayout(new QVBoxLayout),
      m_busiest(new BusiestList), m_quotas(new QuotaCard), m_otherLinks(new OtherLinks), m_empty(new QLabel)
{
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);

    m_empty->setProperty("dim", true);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setMinimumHeight(160);
    m_empty->hide();

    m_cardLayout->setSpacing(16);
    m_cardLayout->addWidget(m_empty);
    m_cardLayout->addStretch(1);
    m_columns->setSpacing(16);
    m_columns->addLayout(m_cardLayout, 5);
    auto *side = new QVBoxLayout;
    side->setSpacing(16);
    side->addWidget(m_quotas);
    side->addWidget(m_busiest);
    side->addStretch(1);
    m_columns->addLayout(side, 3);
    auto *content = new QWidget;
    content->setProperty("page", true);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(24, 4, 24, 24);
    layout->setSpacing(16);
    layout->addLayout(m_columns, 1);
    layout->addWidget(m_otherLinks);
    setWidget(content);

    connect(&live.links(), &LinkList::updated, this, &OverviewPage::showLinks);
    connect(m_sums, &LinkSums::updated, this, &OverviewPage::showSums);
    connect(&live.watches(), &WatchModel::updated, this, &OverviewPage::showWatches);
    connect(&live, &LiveData::reachChanged, this, &OverviewPage::showReach);
    connect(m_busiest, &BusiestList::addRequested, this, &OverviewPage::addWatchRequested);
    connect(m_busiest, &BusiestList::watchActivated, this, &OverviewPage::watchActivated);
    connect(m_busiest, &BusiestList::allRequested, this, &OverviewPage::allWatchesRequested);
    connect(m_quotas, &QuotaCard::activated, this, &OverviewPage::quotaActivated);
    m_busiest->setVisible(live.watches().isFed());
    m_tick.setInterval(1000);
    connect(&m_tick, &QTimer::timeout, this, &OverviewPage::tick);
}

void OverviewPage::setActive(bool active)
{
    if (active == m_tick.isActive())
        return;
    m_sums->setActive(active);
    if (!active) {
        m_tick.stop();
        return;
    }
    m_tick.start();
    for (const QString &name : m_cards.keys())
        askSamples(name);
}

void OverviewPage::resizeEvent(QResizeEvent *event)
{
    QScrollArea::resizeEvent(event);
    arrangeColumns();
}

void OverviewPage::arrangeColumns()
{
    const QMargins margins = widget()->layout()->contentsMargins();
    const int needed = m_cardLayout->minimumSize().width() + m_columns->spacing() + m_busiest->minimumWidth()
        + margins.left() + margins.right();
    m_columns->setDirection(viewport()->width() >= needed ? QBoxLayout::LeftToRight
                                                          : QBoxLayout::TopToBottom);
}

void OverviewPage::showLinks(bool reset)
{
    m_sinceFrame.start();
    dbus::LinkRows others;
    QMap<QString, LinkCard *> gone = m_cards;
    for (const dbus::LinkRow &link : m_live.links().rows()) {
        if (!link.metered) {
            others.append(link);
            continue;
        }
        LinkCard *card = gone.take(link.name);
        if (!card) {
            card = new LinkCard(link.name);
            m_cards.insert(link.name, card);
            const auto place =
                std::distance(m_cards.keyBegin(), std::find(m_cards.keyBegin(), m_cards.keyEnd(), link.name));
            m_cardLayout->insertWidget(int(place), card, 1000);
            askSamples(link.name);
        } else if (reset) {
            askSamples(link.name);
        }
        card->setRow(link, m_live.links().timeMs());
        card->setSums(m_sums->of(link.name));
    }
    for (const QString &name : gone.keys())
        delete m_cards.take(name);
    showEmpty();
    arrangeColumns();
    m_otherLinks->setLinks(others);
}

void OverviewPage::showSums()
{
    for (auto card = m_cards.cbegin(); card != m_cards.cend(); ++card)
        card.value()->setSums(m_sums->of(card.key()));
}

void OverviewPage::showEmpty()
{
    const bool heard = m_live.links().timeMs() != 0;
    m_empty->setText(
        heard ? tr(
            "No link is metered yet. When this machine gets a network connection it appears here by itself.")
              : tr("Links and watches appear here as soon as the service answers."));
    m_empty->setVisible(m_cards.isEmpty() && (heard || m_live.reach() != Reach::Connecting));
}

void OverviewPage::askSamples(const QString &name)
{
    m_live.client().samples(QStringLiteral("link"), name, this,
                            [this, name](const client::Answer<client::SampleAnswer> &answer) {
                                if (LinkCard *card = m_cards.value(name); card && answer)
                                    card->fill(*answer);
                            });
}

void OverviewPage::showWatches()
{
    m_busiest->show();
    m_busiest->setWatches(m_live.watches().busiest(BusiestList::kRows), m_live.watches().entryCount());
    int all = 0;
    const QList<dbus::WatchRow> fullest = m_live.watches().fullestQuotas(QuotaCard::kRows, all);
    m_quotas->setWatches(fullest, all);
}

void OverviewPage::showReach()
{
    const bool stale = m_live.reach() != Reach::Live;
    for (LinkCard *card : std::as_const(m_cards))
        card->setStale(stale);
    m_busiest->setStale(stale);
    m_quotas->setStale(stale);
    showEmpty();
}

void OverviewPage::tick()
{
    // The helper sends no frame while nothing changes; time passes all the same.
    if (m_live.reach() != Reach::Live || !m_sinceFrame.isValid() || m_sinceFrame.elapsed() < 1500)
        return;
    for (LinkCard *card : std::as_const(m_cards))
        card->hold(m_live.links().timeMs() + m_sinceFrame.elapsed() - 500);
}

} // namespace weir::gui
