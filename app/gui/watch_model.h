// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/live_table_model.h"
#include "dbus/types.h"

#include <QElapsedTimer>

namespace weir::gui {

struct WatchEntry {
    explicit WatchEntry(dbus::WatchRow r) : row(std::move(r)) { }
    void update(const dbus::WatchRow &r) { row = r; }
    const QString &key() const { return row.name; }
    dbus::WatchRow row;
};

using WatchTable = LiveTableModel<WatchEntry, QString>;

/// Watches with their figures of now.
class WatchModel : public WatchTable
{
    Q_OBJECT
public:
    enum Column {
        Name,
        Ports,
        Protocol,
        Connections,
        Down,
        Up,
        TotalDown,
        TotalUp,
        InternetDown,
        InternetUp,
        Note,
        State,
        LimitDown, ///< from here on PolicyColumns, in their order
        LimitUp,
        Quota,
        Burst,
        ColumnCount
    };

    explicit WatchModel(QObject *parent = nullptr);

    const dbus::WatchRow &watchAt(int row) const { return entryAt(row).row; }
    /// Null when there is none of that name.
    const dbus::WatchRow *watch(const QString &name) const;

    /// The busiest ones by rate, then by total; paused ones last.
    QList<dbus::WatchRow> busiest(int count) const;

    /// Those of whose quota the largest part is used; `all`: how many have one.
    QList<dbus::WatchRow> fullestQuotas(int count, int &all) const;

    void applyFrame(bool reset, qint64 timeMs, const dbus::WatchRows &changed, const QStringList &removed);

    /// Shows only watches whose name, ports, link or note contain `text`, whatever its case.
    void setFilter(const QString &text);

    /// Greys the figures: they are of the past.
    void setStale(bool stale);

    /// UTC seconds by the helper's clock; while the figures are stale, those of the last frame.
    qint64 now() const;
    /// Whether something counts down, so that cells change without a frame.
    bool countsDown() const;

    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    /// A frame came, with or without changes.
    void updated();

protected:
    bool accepts(const WatchEntry &entry) const override;
    int compare(const WatchEntry &a, const WatchEntry &b, int column) const override;

private:
    QString m_filter;
    bool m_stale = false;
    qint64 m_timeMs = 0;
    QElapsedTimer m_sinceFrame;
};

} // namespace weir::gui
