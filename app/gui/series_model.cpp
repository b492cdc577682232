// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/series_model.h"

#include "app/gui/history_texts.h"
#include "app/gui/icons.h"
#include "app/gui/theme.h"

#include <QFont>

#include <algorithm>

namespace weir::gui {

namespace {

QString groupOf(const dbus::SeriesRow &row)
{
    return row.kind == QLatin1String("watch") && row.removed != 0 ? QStringLiteral("removed") : row.kind;
}

Icon iconOf(const QString &kind)
{
    return kind == QLatin1String("link")   ? Icon::Ethernet
        : kind == QLatin1String("service") ? Icon::Overview
                                           : Icon::Watches;
}

} // namespace

void SeriesModel::setSeries(const dbus::SeriesRows &series)
{
    if (series == m_series)
        return;
    m_series = series;
    arrange();
}

void SeriesModel::setFilter(const QString &text)
{
    if (text.trimmed() == m_filter)
        return;
    m_filter = text.trimmed();
    arrange();
}

void SeriesModel::arrange()
{
    QList<Line> lines;
    for (const char *group : {"link", "watch", "service", "removed"}) {
        const QString name = QLatin1String(group);
        bool titled = false;
        for (qsizetype i = 0; i < m_series.size(); ++i) {
            const dbus::SeriesRow &row = m_series.at(i);
            if (groupOf(row) != name || !row.name.contains(m_filter, Qt::CaseInsensitive))
                continue;
            if (!titled)
                lines.append({text::seriesGroup(name), -1});
            titled = true;
            lines.append({{}, i});
        }
    }
    if (lines == m_lines) {
        if (!m_lines.isEmpty())
            Q_EMIT dataChanged(index(0), index(int(m_lines.size()) - 1));
        return;
    }
    beginResetModel();
    m_lines = lines;
    endResetModel();
}

const dbus::SeriesRow *SeriesModel::find(const QString &series) const
{
    const auto found =
        std::find_if(m_series.begin(), m_series.end(), [&](const auto &row) { return row.series == series; });
    return found == m_series.end() ? nullptr : &*found;
}

int SeriesModel::rowOf(const QString &series) const
{
    for (qsizetype row = 0; row < m_lines.size(); ++row)
        if (m_lines.at(row).series >= 0 && m_series.at(m_lines.at(row).series).series == series)
            return int(row);
    return -1;
}

int SeriesModel::choosable(int row, int by) const
{
    for (; row >= 0 && row < rowCount(); row += by)
        if (m_lines.at(row).series >= 0)
            return row;
    return -1;
}

int SeriesModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_lines.size());
}

QVariant SeriesModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Line &line = m_lines.at(index.row());
    if (line.series < 0) {
        if (role == Qt::DisplayRole)
            return line.title;
        if (role == TitleRole)
            return true;
        if (role == Qt::ForegroundRole)
            return colours().dim;
        return {};
    }
    const dbus::SeriesRow &row = m_series.at(line.series);
    switch (role) {
    case Qt::DisplayRole:
        return text::seriesName(row);
    case Qt::DecorationRole:
        return lineIcon(iconOf(row.kind), colours().dim);
    case Qt::ToolTipRole:
        return text::seriesTip(row);
    case SeriesRole:
        return row.series;
    case TitleRole:
        return false;
    default:
        return {};
    }
}

Qt::ItemFlags SeriesModel::flags(const QModelIndex &index) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return Qt::NoItemFlags;
    const bool choosable = m_lines.at(index.row()).series >= 0;
    return choosable ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren
                     : Qt::ItemNeverHasChildren;
}

} // namespace weir::gui
