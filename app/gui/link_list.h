// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QMap>
#include <QObject>

namespace weir::gui {

/// The links of this machine as the last frame told them.
class LinkList : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    /// By name.
    const QMap<QString, dbus::LinkRow> &rows() const { return m_rows; }

    /// UTC milliseconds of the last frame; 0 before the first.
    qint64 timeMs() const { return m_timeMs; }

    /// The sum over metered links; not known while no rate of them is.
    dbus::Rate meteredRate() const;

    void applyFrame(bool reset, qint64 timeMs, const dbus::LinkRows &changed, const QStringList &removed);

Q_SIGNALS:
    /// A frame came, with or without changes; `reset`: the first one since the subscription began.
    void updated(bool reset);

private:
    QMap<QString, dbus::LinkRow> m_rows;
    qint64 m_timeMs = 0;
};

} // namespace weir::gui
