// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QMap>
#include <QScrollArea>
#include <QTimer>

QT_BEGIN_NAMESPACE
class QBoxLayout;
class QLabel;
class QVBoxLayout;
QT_END_NAMESPACE

namespace weir::gui {

class BusiestList;
class LinkCard;
class LinkSums;
class LiveData;
class OtherLinks;
class QuotaCard;

/// The first page: every metered link with its chart, the quotas, the busiest watches, and what is not
/// metered.
class OverviewPage : public QScrollArea
{
    Q_OBJECT
public:
    explicit OverviewPage(LiveData &live, QWidget *parent = nullptr);

    /// While it is not looked at nothing is drawn.
    void setActive(bool active);

    const QMap<QString, LinkCard *> &cards() const { return m_cards; }
    const BusiestList &busiest() const { return *m_busiest; }
    const QuotaCard &quotas() const { return *m_quotas; }

Q_SIGNALS:
    void addWatchRequested();
    void watchActivated(const QString &name);
    void allWatchesRequested();
    void quotaActivated(const QString &name);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void arrangeColumns();
    void showLinks(bool reset);
    void showSums();
    void showEmpty();
    void showWatches();
    void showReach();
    void askSamples(const QString &name);
    void tick();

    LiveData &m_live;
    LinkSums *m_sums;
    QBoxLayout *m_columns;
    QVBoxLayout *m_cardLayout;
    BusiestList *m_busiest;
    QuotaCard *m_quotas;
    OtherLinks *m_otherLinks;
    QLabel *m_empty;
    QMap<QString, LinkCard *> m_cards;
    QTimer m_tick;
    QElapsedTimer m_sinceFrame;
};

} // namespace weir::gui
