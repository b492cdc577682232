// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/live_table_model.h"
#include "dbus/types.h"

#include <QByteArray>

namespace weir::gui {

struct FlowEntry {
    explicit FlowEntry(const dbus::FlowRow &r);
    void update(const dbus::FlowRow &r) { row = r; }
    qulonglong key() const { return row.id; }
    dbus::FlowRow row;
    QByteArray localOrder; ///< address and port as bytes that sort as numbers; a flow never changes its ends
    QByteArray remoteOrder;
};

using FlowTable = LiveTableModel<FlowEntry, qulonglong>;

/// Connections as the helper's frames tell them.
class FlowModel : public FlowTable
{
    Q_OBJECT
public:
    enum Column {
        Remote,
        Local,
        Watches,
        Protocol,
        State,
        Down,
        Up,
        TotalDown,
        TotalUp,
        Age,
        Scope,
        Link,
        ColumnCount
    };
    /// Instead of a column to sort by: the busiest first, both directions together.
    static constexpr int kByRate = -1;

    explicit FlowModel(QObject *parent = nullptr);

    const dbus::FlowRow &flowAt(int row) const { return entryAt(row).row; }

    void applyFrame(bool reset, qint64 timeMs, const dbus::FlowRows &changed,
                    const QList<qulonglong> &removed);

    /// Greys the figures: they are of the past.
    void setStale(bool stale);

    void sort(int column, Qt::SortOrder order) override;

    /// Value of `sort` in Live.GetFlows that chooses the rows for an order by `column`.
    static QString querySort(int column);

    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    int compare(const FlowEntry &a, const FlowEntry &b, int column) const override;

private:
    QString display(const dbus::FlowRow &flow, int column) const;
    QString tip(const dbus::FlowRow &flow, int column) const;

    qint64 m_timeMs = 0;
    bool m_stale = false;
};

} // namespace weir::gui
