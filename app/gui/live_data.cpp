// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/live_data.h"

namespace weir::gui {

namespace {
constexpr int kIntervalMs = 1000;
}

LiveData::LiveData(client::Client &client, QObject *parent)
    : QObject(parent), m_client(client), m_linkSubscription(client, kIntervalMs),
      m_watchSubscription(client, kIntervalMs)
{
    connect(&m_linkSubscription, &client::LinkSubscription::frame, &m_links, &LinkList::applyFrame);
    connect(&m_watchSubscription, &client::WatchSubscription::frame, &m_watches, &WatchModel::applyFrame);
    connect(&m_linkSubscription, &client::LinkSubscription::frame, this, &LiveData::reached);
    connect(&m_watchSubscription, &client::WatchSubscription::frame, this, &LiveData::reached);
    connect(&m_linkSubscription, &client::Subscription::failed, this, &LiveData::failed);
    connect(&m_watchSubscription, &client::Subscription::failed, this, &LiveData::failed);
    connect(&client, &client::Client::problemsChanged, this, &LiveData::askProblems);
    connect(&client, &client::Client::helperPresentChanged, this, [this](bool present) {
        if (!present)
            setReach(Reach::Away);
    });
}

void LiveData::want(bool links, bool watches)
{
    const auto run = [](client::Subscription &subscription, bool wanted) {
        if (wanted && !subscription.active())
            subscription.start();
        else if (!wanted && subscription.active())
            subscription.stop();
    };
    run(m_linkSubscription, links);
    run(m_watchSubscription, watches);
}

void LiveData::retry()
{
    for (client::Subscription *subscription : {static_cast<client::Subscription *>(&m_linkSubscription),
                                               static_cast<client::Subscription *>(&m_watchSubscription)}) {
        if (!subscription->active())
            continue;
        subscription->stop();
        subscription->start();
    }
    Q_EMIT retried();
}

void LiveData::reached()
{
    setReach(Reach::Live);
}

void LiveData::failed(const client::CallError &error)
{
    m_reachError = error;
    setReach(error.helperAway() ? Reach::Away : error.notAuthorized() ? Reach::Denied : Reach::Failed);
}

void LiveData::setReach(Reach reach)
{
    if (m_reach == reach)
        return;
    m_reach = reach;
    m_watches.setStale(reach != Reach::Live);
    if (reach == Reach::Live)
        askProblems();
    Q_EMIT reachChanged();
}

void LiveData::askProblems()
{
    m_client.problems(this, [this](const client::Answer<dbus::ProblemRows> &answer) {
        if (!answer)
            return;
        m_problems = *answer;
        Q_EMIT problemsChanged();
    });
}

} // namespace weir::gui
