// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QAbstractListModel>

namespace weir::gui {

/// What has a history, in groups: links, watches, services, and watches that were removed. A group's title is
/// a row of its own that cannot be chosen.
class SeriesModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role { SeriesRole = Qt::UserRole + 1, TitleRole };

    using QAbstractListModel::QAbstractListModel;

    void setSeries(const dbus::SeriesRows &series);
    const dbus::SeriesRows &series() const { return m_series; }
    /// Null when there is none of that name.
    const dbus::SeriesRow *find(const QString &series) const;
    /// Shows those whose name contains `text`, whatever its case.
    void setFilter(const QString &text);
    /// The row that shows a series; -1 when none does.
    int rowOf(const QString &series) const;
    /// The nearest row at or after `row` (before it, with `by` -1) that can be chosen; -1 when there is none.
    int choosable(int row, int by = 1) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

private:
    struct Line {
        QString title; ///< of a group; then there is no series
        qsizetype series = -1;
        bool operator==(const Line &) const = default;
    };
    void arrange();

    dbus::SeriesRows m_series;
    QString m_filter;
    QList<Line> m_lines;
};

} // namespace weir::gui
