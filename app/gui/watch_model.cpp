// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/watch_model.h"

#include "app/client/format.h"
#include "app/gui/icons.h"
#include "app/gui/policy_columns.h"
#include "app/gui/texts.h"
#include "app/gui/theme.h"

#include <QFont>
#include <QLocale>

namespace weir::gui {

namespace {

/// The bare value of a cell: what JSON shows, for sorting and tests.
QVariant raw(const dbus::WatchRow &watch, int column)
{
    switch (column) {
    case WatchModel::Name:
        return watch.name;
    case WatchModel::Ports:
        return watch.ports + watch.link + watch.service; // two of them are empty
    case WatchModel::Protocol:
        return watch.protocol;
    case WatchModel::Connections:
        return watch.connections;
    case WatchModel::Down:
        return watch.rate.known ? watch.rate.rxBytesPerSecond : -1.0;
    case WatchModel::Up:
        return watch.rate.known ? watch.rate.txBytesPerSecond : -1.0;
    case WatchModel::TotalDown:
        return watch.total.rxBytes;
    case WatchModel::TotalUp:
        return watch.total.txBytes;
    case WatchModel::InternetDown:
        return watch.internet.rxBytes;
    case WatchModel::InternetUp:
        return watch.internet.txBytes;
    case WatchModel::Note:
        return watch.note;
    case WatchModel::State:
        return watch.enabled;
    }
    return {};
}

int firstPort(const dbus::WatchRow &watch)
{
    const auto ranges = dbus::parsePortList(watch.ports);
    return ranges ? ranges->first().first : 0;
}

/// The column as one of limits, quotas and burst guards; none for the others.
std::optional<PolicyColumn> policyColumn(int column)
{
    if (column < WatchModel::LimitDown)
        return std::nullopt;
    return PolicyColumn(column - WatchModel::LimitDown);
}

bool isFigure(int column)
{
    return column >= WatchModel::Connections && column <= WatchModel::InternetUp;
}

} // namespace

WatchModel::WatchModel(QObject *parent) : WatchTable(parent)
{
    sort(Name, Qt::AscendingOrder);
}

const dbus::WatchRow *WatchModel::watch(const QString &name) const
{
    const WatchEntry *entry = find(name);
    return entry ? &entry->row : nullptr;
}

QList<dbus::WatchRow> WatchModel::busiest(int count) const
{
    std::vector<const dbus::WatchRow *> all;
    all.reserve(size_t(entryCount()));
    forEach([&](const WatchEntry &entry) { all.push_back(&entry.row); });
    const auto rate = [](const dbus::WatchRow &watch) {
        return watch.enabled && watch.rate.known ? watch.rate.rxBytesPerSecond + watch.rate.txBytesPerSecond
                                                 : 0;
    };
    const auto busier = [&](const dbus::WatchRow *a, const dbus::WatchRow *b) {
        if (rate(*a) != rate(*b))
            return rate(*a) > rate(*b);
        const qulonglong totalA = a->total.rxBytes + a->total.txBytes;
        const qulonglong totalB = b->total.rxBytes + b->total.txBytes;
        return totalA != totalB ? totalA > totalB : a->name < b->name;
    };
    const size_t wanted = std::min(size_t(count), all.size());
    std::partial_sort(all.begin(), all.begin() + qsizetype(wanted), all.end(), busier);
    QList<dbus::WatchRow> result;
    for (size_t i = 0; i < wanted; ++i)
        result.append(*all[i]);
    return result;
}

QList<dbus::WatchRow> WatchModel::fullestQuotas(int count, int &all) const
{
    QList<const dbus::WatchRow *> governed;
    forEach([&](const WatchEntry &entry) {
        if (entry.row.quota.set)
            governed.append(&entry.row);
    });
    all = int(governed.size());
    const auto fuller = [](const dbus::WatchRow *a, const dbus::WatchRow *b) {
        const double shareA = shareOf(a->quota);
        const double shareB = shareOf(b->quota);
        return shareA != shareB ? shareA > shareB : a->name < b->name;
    };
    const auto wanted = std::min(qsizetype(count), governed.size());
    std::partial_sort(governed.begin(), governed.begin() + wanted, governed.end(), fuller);
    QList<dbus::WatchRow> result;
    for (qsizetype i = 0; i < wanted; ++i)
        result.append(*governed.at(i));
    return result;
}

void WatchModel::applyFrame(bool reset, qint64 timeMs, const dbus::WatchRows &changed,
                            const QStringList &removed)
{
    m_timeMs = timeMs;
    m_sinceFrame.start();
    WatchTable::applyFrame(reset, changed, removed);
    Q_EMIT updated();
}

void WatchModel::setFilter(const QString &text)
{
    if (m_filter == text.trimmed())
        return;
    m_filter = text.trimmed();
    refilter();
}

void WatchModel::setStale(bool stale)
{
    if (m_stale == stale)
        return;
    if (stale && m_sinceFrame.isValid()) {
        m_timeMs += m_sinceFrame.elapsed();
        m_sinceFrame.invalidate();
    }
    m_stale = stale;
    announceAll({Qt::ForegroundRole});
}

qint64 WatchModel::now() const
{
    return (m_timeMs + (m_sinceFrame.isValid() ? m_sinceFrame.elapsed() : 0)) / 1000;
}

bool WatchModel::countsDown() const
{
    bool any = false;
    forEach([&any](const WatchEntry &entry) { any = any || entry.row.burst.throttledUntil != 0; });
    return any && !m_stale;
}

bool WatchModel::accepts(const WatchEntry &entry) const
{
    if (m_filter.isEmpty())
        return true;
    for (const QString &text :
         {entry.row.name, entry.row.ports, entry.row.link, entry.row.service, entry.row.note})
        if (text.contains(m_filter, Qt::CaseInsensitive))
            return true;
    return false;
}

int WatchModel::compare(const WatchEntry &a, const WatchEntry &b, int column) const
{
    const auto order = [](const auto &x, const auto &y) { return x < y ? -1 : y < x ? 1 : 0; };
    if (const auto policy = policyColumn(column))
        return comparePolicies(a.row, b.row, *policy);
    switch (column) {
    case Name:
        return a.row.name.compare(b.row.name, Qt::CaseInsensitive);
    case Ports:
        return order(firstPort(a.row), firstPort(b.row));
    case Protocol:
        return order(a.row.protocol, b.row.protocol);
    case Note:
        return a.row.note.compare(b.row.note, Qt::CaseInsensitive);
    default:
        return order(raw(a.row, column).toDouble(), raw(b.row, column).toDouble());
    }
}

int WatchModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant WatchModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const dbus::WatchRow &watch = watchAt(index.row());
    const int column = index.column();
    if (role == kWatchRole)
        return QVariant::fromValue(watch);
    if (role == kStaleRole)
        return m_stale;
    if (const auto policy = policyColumn(column); policy && role != Qt::TextAlignmentRole) {
        if (role == Qt::ForegroundRole && (m_stale || !watch.enabled))
            return colours().dim;
        return policyCell(watch, *policy, role, now());
    }
    switch (role) {
    case Qt::DisplayRole:
        switch (Column(column)) {
        case Name:
            return watch.name;
        case Ports: {
            const auto ranges = dbus::parsePortList(watch.ports);
            return ranges ? text::ports(*ranges) : watch.link + watch.service;
        }
        case Protocol:
            return text::watchProtocol(watch.protocol);
        case Connections:
            return QLocale().toString(watch.connections);
        case Down:
            return client::formatRate(watch.rate.known, watch.rate.rxBytesPerSecond);
        case Up:
            return client::formatRate(watch.rate.known, watch.rate.txBytesPerSecond);
        case TotalDown:
            return client::formatBytes(watch.total.rxBytes);
        case TotalUp:
            return client::formatBytes(watch.total.txBytes);
        case InternetDown:
            return client::formatBytes(watch.internet.rxBytes);
        case InternetUp:
            return client::formatBytes(watch.internet.txBytes);
        case Note:
            return watch.note.simplified();
        case State:
            return watch.enabled ? tr("Counting") : tr("Paused");
        case LimitDown:
        case LimitUp:
        case Quota:
        case Burst:
        case ColumnCount:
            break;
        }
        return {};
    case kRawRole:
        return raw(watch, column);
    case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignVCenter | (isFigure(column) ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::FontRole:
        if (column == Name) {
            QFont font;
            font.setWeight(QFont::DemiBold);
            return font;
        }
        return {};
    case Qt::DecorationRole:
        if (column == State)
            return watch.enabled ? lineIcon(Icon::Check, colours().good)
                                 : lineIcon(Icon::Pause, colours().warning);
        if (column == Name && !watch.enabled)
            return lineIcon(Icon::Pause, colours().warning);
        return {};
    case Qt::ForegroundRole:
        if (m_stale || !watch.enabled || column == Note || column == Protocol)
            return colours().dim;
        if (column == Down)
            return watch.rate.rxBytesPerSecond > 0 ? colours().down : colours().dim;
        if (column == Up)
            return watch.rate.txBytesPerSecond > 0 ? colours().up : colours().dim;
        return {};
    case Qt::ToolTipRole:
        switch (Column(column)) {
        case TotalDown:
        case TotalUp:
            return text::watchTotalTip(watch);
        case InternetDown:
        case InternetUp:
            return tr("The part of “%1” whose other end is outside this machine's local networks, since %2.")
                       .arg(watch.name, text::moment(watch.since))
                + QStringLiteral("\n\n") + text::exactTraffic(watch.internet);
        case Down:
        case Up:
            return tr("Rate of “%1” in the last second, everything it counts.").arg(watch.name);
        case Connections:
            return tr("Connections of “%1” now: TCP until closed, others until 60 seconds after their last "
                      "packet.")
                .arg(watch.name);
        case State:
            return watch.enabled ? tr("Counting since %1.").arg(text::moment(watch.since))
                                 : tr("Paused: nothing is counted until it is resumed.");
        default:
            return data(index, Qt::DisplayRole);
        }
    case Qt::AccessibleTextRole:
        return QStringLiteral("%1: %2").arg(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(),
                                            data(index, Qt::DisplayRole).toString());
    }
    return {};
}

Qt::ItemFlags WatchModel::flags(const QModelIndex &index) const
{
    const bool limit = index.column() == LimitDown || index.column() == LimitUp;
    return WatchTable::flags(index) | (limit ? Qt::ItemIsEditable : Qt::NoItemFlags);
}

QVariant WatchModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignVCenter | (isFigure(section) ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    const bool tip = role == Qt::ToolTipRole;
    if (const auto policy = policyColumn(section))
        return policyTitle(*policy, tip);
    switch (Column(section)) {
    case Name:
        return tip ? tr("Name of the watch") : tr("Name");
    case Ports:
        return tip ? tr("Ports of this machine, the link or the service that the watch counts")
                   : tr("Counts");
    case Protocol:
        return tip ? tr("Protocols that the watch counts") : tr("Protocol");
    case Connections:
        return tip ? tr("Connections now") : tr("Conn.", "column: connections now");
    case Down:
        return tip ? tr("Received per second, now") : tr("Down");
    case Up:
        return tip ? tr("Sent per second, now") : tr("Up");
    case TotalDown:
        return tip ? tr("Received since the watch was created") : tr("Total down");
    case TotalUp:
        return tip ? tr("Sent since the watch was created") : tr("Total up");
    case InternetDown:
        return tip ? tr("Received from the internet since the watch was created") : tr("Internet down");
    case InternetUp:
        return tip ? tr("Sent to the internet since the watch was created") : tr("Internet up");
    case Note:
        return tip ? tr("Your note") : tr("Note");
    case State:
        return tip ? tr("Whether the watch counts") : tr("State");
    case LimitDown:
    case LimitUp:
    case Quota:
    case Burst:
    case ColumnCount:
        break;
    }
    return {};
}

} // namespace weir::gui
