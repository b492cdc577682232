// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/client.h"

#include <QMap>
#include <QTimer>

#include <optional>

namespace weir::client {

/// Reads all watches where they are too many for one message: a subscription brings them in parts, until
/// there are as many as the helper's status says. Deletes itself when it has answered.
class WatchParts : public QObject
{
public:
    /// `client` outlives this. `refusal` is the answer when they are not all there within the time of a read.
    WatchParts(Client &client, CallError refusal, QObject *parent, OnAnswer<dbus::WatchRows> done);
    void start();

private:
    void onFrame(bool reset, const dbus::WatchRows &changed, const QStringList &removed);
    /// Watches come and go meanwhile, so this is asked again.
    void askCount();
    void check();
    void answer(Answer<dbus::WatchRows> answer);

    Client &m_client;
    const CallError m_refusal;
    OnAnswer<dbus::WatchRows> m_done;
    WatchSubscription m_topic;
    QMap<QString, dbus::WatchRow> m_rows; ///< by name
    std::optional<qsizetype> m_count;
    QTimer m_again;
    QTimer m_late;
};

} // namespace weir::client
