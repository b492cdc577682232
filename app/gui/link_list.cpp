// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/link_list.h"

namespace weir::gui {

dbus::Rate LinkList::meteredRate() const
{
    dbus::Rate sum;
    for (const dbus::LinkRow &link : m_rows) {
        if (!link.metered || !link.rate.known)
            continue;
        sum.known = true;
        sum.rxBytesPerSecond += link.rate.rxBytesPerSecond;
        sum.txBytesPerSecond += link.rate.txBytesPerSecond;
    }
    return sum;
}

void LinkList::applyFrame(bool reset, qint64 timeMs, const dbus::LinkRows &changed,
                          const QStringList &removed)
{
    if (reset)
        m_rows.clear();
    for (const QString &name : removed)
        m_rows.remove(name);
    for (const dbus::LinkRow &row : changed)
        m_rows.insert(row.name, row);
    m_timeMs = timeMs;
    Q_EMIT updated(reset);
}

} // namespace weir::gui
