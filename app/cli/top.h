// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"
#include "app/cli/terminal.h"

#include <QMap>
#include <QTimer>

#include <memory>
#include <optional>

namespace weir::cli {

/// What passes now, again and again: a screen on a terminal, else one JSON object a line.
///
/// The three topics of one sample carry the same time; a picture is given out when all of them are there, so
/// that its parts agree.
class Top : public QObject
{
    Q_OBJECT
public:
    struct Options {
        int intervalMs = 1000;
        std::optional<QString> link; ///< only this one, and its connections
        std::optional<int> count;    ///< pictures until it ends
        bool json = false;           ///< lines of JSON instead of tables
    };
    Top(Session &session, Options options);
    void run();

private:
    void onFrame(qint64 &timeOfTopic, qint64 timeMs);
    void onFailed(const client::CallError &error);
    void onPresence(bool present);
    void give();
    QJsonObject picture() const;
    QStringList screen() const;
    dbus::LinkRows shownLinks() const;
    dbus::WatchRows shownWatches() const;
    dbus::FlowRows shownFlows() const;

    Session &m_session;
    const Options m_options;
    client::LinkSubscription m_linkTopic;
    client::WatchSubscription m_watchTopic;
    client::FlowSubscription m_flowTopic;
    QMap<QString, dbus::LinkRow> m_links;
    QMap<QString, dbus::WatchRow> m_watches;
    QMap<qulonglong, dbus::FlowRow> m_flows;
    uint m_matching = 0;
    uint m_total = 0;
    qint64 m_linksTime = 0; ///< UTC ms of the latest frame of each; 0 before the first
    qint64 m_watchesTime = 0;
    qint64 m_flowsTime = 0;
    int m_given = 0;
    bool m_ended = false; ///< failed before the first picture
    QString m_trouble;    ///< shown while the helper is away
    QTimer m_late;        ///< a topic has nothing for this sample
    std::unique_ptr<Terminal> m_terminal;
};

} // namespace weir::cli
