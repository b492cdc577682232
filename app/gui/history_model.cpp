// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_model.h"

#include "app/client/format.h"
#include "app/gui/icons.h"
#include "app/gui/texts.h"
#include "app/gui/theme.h"

#include <QLocale>

#include <algorithm>

namespace weir::gui {

HistoryModel::HistoryModel(QObject *parent) : HistoryTable(parent)
{
    sort(Start, Qt::AscendingOrder);
}

void HistoryModel::setRows(const dbus::HistoryRows &rows, Step step, const QTimeZone &zone)
{
    const bool renamed = step != m_step || zone != m_zone;
    m_step = step;
    m_zone = zone;
    applyFrame(true, rows, {});
    if (renamed)
        announceAll({Qt::DisplayRole});
}

void HistoryModel::setScope(Scope scope)
{
    if (scope == m_scope)
        return;
    m_scope = scope;
    announceAll({Qt::DisplayRole, kRawRole});
    Q_EMIT headerDataChanged(Qt::Horizontal, Down, Total);
    sort(sortColumn(), sortOrder());
}

void HistoryModel::setSelection(std::optional<Interval> selection)
{
    if (selection == m_selection)
        return;
    m_selection = selection;
    refilter();
}

dbus::HistoryRows HistoryModel::shownRows() const
{
    dbus::HistoryRows rows;
    rows.reserve(rowCount());
    for (int row = 0; row < rowCount(); ++row)
        rows.append(rowAt(row));
    std::sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) { return a.start < b.start; });
    return rows;
}

QString HistoryModel::text(const QList<int> &rows) const
{
    QStringList lines;
    QStringList cells;
    for (int column = 0; column < ColumnCount; ++column)
        cells.append(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
    lines.append(cells.join(QLatin1Char('\t')));
    for (const int row : rows) {
        cells = {QDateTime::fromSecsSinceEpoch(rowAt(row).start, m_zone).toString(Qt::ISODate)};
        for (int column = Down; column < ColumnCount; ++column)
            cells.append(QString::number(raw(rowAt(row), column)));
        lines.append(cells.join(QLatin1Char('\t')));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

bool HistoryModel::accepts(const HistoryEntry &entry) const
{
    return !m_selection || (entry.row.start >= m_selection->from && entry.row.start < m_selection->to);
}

int HistoryModel::compare(const HistoryEntry &a, const HistoryEntry &b, int column) const
{
    const qint64 x = raw(a.row, column);
    const qint64 y = raw(b.row, column);
    return x < y ? -1 : y < x ? 1 : 0;
}

int HistoryModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

qint64 HistoryModel::raw(const dbus::HistoryRow &row, int column) const
{
    const dbus::Traffic &traffic = trafficOf(row, m_scope);
    switch (column) {
    case Down:
        return qint64(traffic.rxBytes);
    case Up:
        return qint64(traffic.txBytes);
    case Total:
        return qint64(bytesOf(traffic));
    case Internet:
        return qint64(bytesOf(row.internet));
    case Local:
        return qint64(bytesOf(row.local));
    case Rest:
        return qint64(bytesOf(row.rest));
    default:
        return row.start;
    }
}

QVariant HistoryModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const dbus::HistoryRow &row = rowAt(index.row());
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return column == Start ? spanText(row.start, row.end, m_zone)
                               : client::formatBytes(quint64(raw(row, column)));
    case kRawRole:
        return raw(row, column);
    case Qt::TextAlignmentRole:
        return int(Qt::AlignVCenter | (column == Start ? Qt::AlignLeft : Qt::AlignRight));
    case Qt::ForegroundRole:
        return column != Start && raw(row, column) == 0 ? QVariant(colours().dim) : QVariant();
    case Qt::DecorationRole:
        return column == Start && row.away ? QVariant(lineIcon(Icon::Warning, colours().warning))
                                           : QVariant();
    case Qt::ToolTipRole:
        return tip(row, column);
    case Qt::AccessibleTextRole:
        return column == Start && row.away
            ? QVariant(tr("%1, Weir was away in part of it").arg(spanText(row.start, row.end, m_zone)))
            : QVariant();
    default:
        return {};
    }
}

QString HistoryModel::tip(const dbus::HistoryRow &row, int column) const
{
    const QString span = spanText(row.start, row.end, m_zone);
    if (column == Start)
        return row.away ? tr("%1\nIn a part of it Weir was not running. What passed then stands in the step "
                             "in which counting went on; of what passed while it was stopped watches have "
                             "nothing, and links have it as the rest.")
                              .arg(span)
                        : span;
    const dbus::Traffic &traffic = column == Internet ? row.internet
        : column == Local                             ? row.local
        : column == Rest                              ? row.rest
                                                      : trafficOf(row, m_scope);
    return span + QLatin1Char('\n') + text::exactTraffic(traffic);
}

QVariant HistoryModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignVCenter | (section == Start ? Qt::AlignLeft : Qt::AlignRight));
    const QString part = m_scope == Scope::Internet ? tr("internet traffic only")
        : m_scope == Scope::Local                   ? tr("local traffic only")
                                                    : tr("all traffic");
    const std::pair<QString, QString> titles[] = {
        {tr("Time"), tr("Beginning and end of the step")},
        {tr("Down"), tr("Received by this machine: %1").arg(part)},
        {tr("Up"), tr("Sent by this machine: %1").arg(part)},
        {tr("Total"), tr("Down and up together: %1").arg(part)},
        {tr("Internet"), tr("Down and up with an end outside this machine's local networks")},
        {tr("Local"), tr("Down and up with both ends inside this machine's local networks")},
        {tr("Rest"),
         tr("Links: what is not IP, or passed while no meter was there. Services: what went over the "
            "loopback")},
    };
    if (section < 0 || section >= ColumnCount)
        return {};
    return role == Qt::DisplayRole ? titles[section].first
        : role == Qt::ToolTipRole  ? titles[section].second
                                   : QVariant();
}

} // namespace weir::gui
