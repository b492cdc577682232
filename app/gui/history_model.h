// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/history_columns.h"
#include "app/gui/live_table_model.h"

namespace weir::gui {

/// A step of the table; its key is the moment it begins.
struct HistoryEntry {
    explicit HistoryEntry(const dbus::HistoryRow &r) : row(r) { }
    qint64 key() const { return row.start; }
    void update(const dbus::HistoryRow &r) { row = r; }
    dbus::HistoryRow row;
};

using HistoryTable = LiveTableModel<HistoryEntry, qint64>;

/// The steps of a range, those of a selection alone where there is one.
class HistoryModel : public HistoryTable
{
    Q_OBJECT
public:
    enum Column { Start, Down, Up, Total, Internet, Local, Rest, ColumnCount };

    explicit HistoryModel(QObject *parent = nullptr);

    /// All steps of a range, in the order of time; those that were there keep their place.
    void setRows(const dbus::HistoryRows &rows, Step step, const QTimeZone &zone);
    /// What the columns Down, Up and Total show.
    void setScope(Scope scope);
    Scope scope() const { return m_scope; }
    /// Shows only the steps that begin in it; all without.
    void setSelection(std::optional<Interval> selection);

    /// The steps shown, in the order of time.
    dbus::HistoryRows shownRows() const;
    const dbus::HistoryRow &rowAt(int row) const { return entryAt(row).row; }
    /// The rows as text, columns divided by tabs, figures in plain bytes; with the titles first.
    QString text(const QList<int> &rows) const;

    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    bool accepts(const HistoryEntry &entry) const override;
    int compare(const HistoryEntry &a, const HistoryEntry &b, int column) const override;

private:
    /// Bytes of a cell; the start for the first column.
    qint64 raw(const dbus::HistoryRow &row, int column) const;
    QString tip(const dbus::HistoryRow &row, int column) const;

    Scope m_scope = Scope::All;
    QTimeZone m_zone = QTimeZone::utc();
    Step m_step = Step::Hour;
    std::optional<Interval> m_selection;
};

} // namespace weir::gui
