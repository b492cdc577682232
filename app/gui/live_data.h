// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/client.h"
#include "app/gui/link_list.h"
#include "app/gui/watch_model.h"

namespace weir::gui {

/// How the application stands with the helper.
enum class Reach {
    Connecting, ///< nothing heard yet
    Live,
    Away,   ///< not running, not installed, or the bus is gone
    Denied, ///< polkit does not let this person look
    Failed, ///< something else; see LiveData::reachError()
};

/// What all pages share: links and watches by one subscription each, running only while somebody looks.
class LiveData : public QObject
{
    Q_OBJECT
public:
    explicit LiveData(client::Client &client, QObject *parent = nullptr);

    client::Client &client() { return m_client; }
    const LinkList &links() const { return m_links; }
    LinkList &links() { return m_links; }
    WatchModel &watches() { return m_watches; }

    /// Which topics somebody looks at now; the others cost nothing.
    void want(bool links, bool watches);
    bool subscribed() const { return m_linkSubscription.active() || m_watchSubscription.active(); }

    Reach reach() const { return m_reach; }
    const client::CallError &reachError() const { return m_reachError; }
    /// Tries again at once.
    void retry();

    /// Told by whoever heard from the helper or failed to.
    void reached();
    void failed(const client::CallError &error);

    const dbus::ProblemRows &problems() const { return m_problems; }

Q_SIGNALS:
    void reachChanged();
    /// retry() was called: subscriptions of pages begin anew too.
    void retried();
    void problemsChanged();

private:
    void setReach(Reach reach);
    void askProblems();

    client::Client &m_client;
    LinkList m_links;
    WatchModel m_watches;
    client::LinkSubscription m_linkSubscription;
    client::WatchSubscription m_watchSubscription;
    dbus::ProblemRows m_problems;
    Reach m_reach = Reach::Connecting;
    client::CallError m_reachError;
};

} // namespace weir::gui
