// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/history.h"

#include <QHash>
#include <QTimer>

namespace weir::gui {

class LiveData;

/// What passed on each link today, this month and this year.
///
/// Asked of the service twice a minute, at the change of the day and when it comes back; in between the
/// figures grow with the links' totals, so that they are what the service would say.
class LinkSums : public QObject
{
    Q_OBJECT
public:
    explicit LinkSums(LiveData &live, QObject *parent = nullptr);

    /// While nobody looks nothing is asked.
    void setActive(bool active);

    /// Nothing until the service told.
    std::optional<dbus::SumRow> of(const QString &link) const;

Q_SIGNALS:
    void updated();

private:
    struct Known {
        dbus::SumRow sums;
        bool grows = false; ///< the link's totals at that moment were known
        dbus::Traffic total;
        dbus::Traffic internet;
    };

    void ask();
    void apply(const dbus::SumRows &rows);
    void waitForMidnight();

    LiveData &m_live;
    client::History m_history;
    QHash<QString, Known> m_known; ///< by the link's name
    bool m_active = false;
    QTimer m_refresh;
    QTimer m_midnight;
};

} // namespace weir::gui
