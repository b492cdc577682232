// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/flow_model.h"

#include "app/client/format.h"
#include "app/gui/texts.h"
#include "app/gui/theme.h"

#include <QLocale>

#include <arpa/inet.h>

namespace weir::gui {

namespace {

/// IPv4 before IPv6, then by number, then by port.
QByteArray orderOf(const QString &address, uint port)
{
    const QByteArray text = address.toLatin1();
    unsigned char bytes[16] = {};
    QByteArray order;
    if (inet_pton(AF_INET, text.constData(), bytes) == 1)
        order = QByteArray(1, '\4') + QByteArray(reinterpret_cast<const char *>(bytes), 4);
    else if (inet_pton(AF_INET6, text.constData(), bytes) == 1)
        order = QByteArray(1, '\6') + QByteArray(reinterpret_cast<const char *>(bytes), 16);
    else
        order = QByteArray(1, '\7') + text;
    order.append(char(port >> 8));
    order.append(char(port & 0xff));
    return order;
}

/// The bare value of a cell: what JSON shows, for sorting and tests.
QVariant raw(const dbus::FlowRow &flow, int column)
{
    switch (column) {
    case FlowModel::Remote:
        return text::endpoint(flow.remoteAddress, flow.remotePort);
    case FlowModel::Local:
        return text::endpoint(flow.localAddress, flow.localPort);
    case FlowModel::Protocol:
        return flow.protocol;
    case FlowModel::State:
        return flow.state;
    case FlowModel::Scope:
        return flow.scope;
    case FlowModel::Down:
        return flow.rate.known ? flow.rate.rxBytesPerSecond : -1.0;
    case FlowModel::Up:
        return flow.rate.known ? flow.rate.txBytesPerSecond : -1.0;
    case FlowModel::TotalDown:
        return flow.total.rxBytes;
    case FlowModel::TotalUp:
        return flow.total.txBytes;
    case FlowModel::Age:
        return flow.firstMs;
    case FlowModel::Link:
        return flow.link;
    case FlowModel::Watches:
        return flow.watches.join(QStringLiteral(", "));
    }
    return {};
}

bool isFigure(int column)
{
    return column >= FlowModel::Down && column <= FlowModel::Age;
}

bool hasEnded(const dbus::FlowRow &flow)
{
    return flow.state == QLatin1String("closed") || flow.state == QLatin1String("idle");
}

} // namespace

FlowEntry::FlowEntry(const dbus::FlowRow &r)
    : row(r), localOrder(orderOf(r.localAddress, r.localPort)),
      remoteOrder(orderOf(r.remoteAddress, r.remotePort))
{ }

FlowModel::FlowModel(QObject *parent) : FlowTable(parent)
{
    sort(kByRate, Qt::DescendingOrder);
}

void FlowModel::applyFrame(bool reset, qint64 timeMs, const dbus::FlowRows &changed,
                           const QList<qulonglong> &removed)
{
    m_timeMs = timeMs;
    FlowTable::applyFrame(reset, changed, removed);
}

void FlowModel::sort(int column, Qt::SortOrder order)
{
    FlowTable::sort(column, column == kByRate ? Qt::DescendingOrder : order);
}

void FlowModel::setStale(bool stale)
{
    if (m_stale == stale)
        return;
    m_stale = stale;
    announceAll({Qt::ForegroundRole});
}

QString FlowModel::querySort(int column)
{
    switch (column) {
    case Remote:
        return QStringLiteral("remote");
    case Local:
        return QStringLiteral("local");
    case State:
        return QStringLiteral("state");
    case TotalDown:
        return QStringLiteral("rx");
    case TotalUp:
        return QStringLiteral("tx");
    case Age:
        return QStringLiteral("age");
    default:
        return QStringLiteral("rate");
    }
}

int FlowModel::compare(const FlowEntry &a, const FlowEntry &b, int column) const
{
    const auto order = [](const auto &x, const auto &y) { return x < y ? -1 : y < x ? 1 : 0; };
    const dbus::FlowRow &x = a.row;
    const dbus::FlowRow &y = b.row;
    if (column == kByRate)
        return order(x.rate.rxBytesPerSecond + x.rate.txBytesPerSecond,
                     y.rate.rxBytesPerSecond + y.rate.txBytesPerSecond);
    switch (Column(column)) {
    case Remote:
        return order(a.remoteOrder, b.remoteOrder);
    case Local:
        return order(a.localOrder, b.localOrder);
    case Protocol:
        return order(x.protocol, y.protocol);
    case State:
        return order(x.state, y.state);
    case Scope:
        return order(x.scope, y.scope);
    case Down:
        return order(x.rate.rxBytesPerSecond, y.rate.rxBytesPerSecond);
    case Up:
        return order(x.rate.txBytesPerSecond, y.rate.txBytesPerSecond);
    case TotalDown:
        return order(x.total.rxBytes, y.total.rxBytes);
    case TotalUp:
        return order(x.total.txBytes, y.total.txBytes);
    case Age:
        return order(y.firstMs, x.firstMs); // the older the later it began
    case Link:
        return order(x.link, y.link);
    case Watches:
        return order(x.watches, y.watches);
    case ColumnCount:
        break;
    }
    return 0;
}

int FlowModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString FlowModel::display(const dbus::FlowRow &flow, int column) const
{
    switch (Column(column)) {
    case Protocol:
        return text::flowProtocol(flow.protocol);
    case State:
        return text::flowState(flow.state);
    case Scope:
        return text::scope(flow.scope);
    case Down:
        return client::formatRate(flow.rate.known, flow.rate.rxBytesPerSecond);
    case Up:
        return client::formatRate(flow.rate.known, flow.rate.txBytesPerSecond);
    case TotalDown:
        return client::formatBytes(flow.total.rxBytes);
    case TotalUp:
        return client::formatBytes(flow.total.txBytes);
    case Age:
        return client::formatDuration(std::max<qint64>(0, (m_timeMs - flow.firstMs) / 1000));
    default:
        return raw(flow, column).toString();
    }
}

QString FlowModel::tip(const dbus::FlowRow &flow, int column) const
{
    switch (Column(column)) {
    case Down:
    case Up:
        return tr("Rate of this connection in the last second.");
    case TotalDown:
    case TotalUp:
        return tr("Everything of this connection since %1, whole frames as on the wire.")
                   .arg(text::moment(flow.firstMs / 1000))
            + QStringLiteral("\n\n") + text::exactTraffic(flow.total);
    case Age:
        return tr("First packet: %1\nLast packet: %2")
            .arg(text::moment(flow.firstMs / 1000), text::moment(flow.lastMs / 1000));
    case Scope:
        return flow.scope == QLatin1String("internet")
            ? tr("The other end is outside this machine's local networks.")
            : tr("Both ends are inside this machine's local networks.");
    case Watches:
        return flow.watches.isEmpty() ? tr("No watch counts this connection.")
                                      : tr("Watches that count this connection:") + QLatin1Char('\n')
                + flow.watches.join(QLatin1Char('\n'));
    default:
        return display(flow, column);
    }
}

QVariant FlowModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const dbus::FlowRow &flow = flowAt(index.row());
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return display(flow, column);
    case kRawRole:
        return raw(flow, column);
    case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignVCenter | (isFigure(column) ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::ForegroundRole:
        if (m_stale || hasEnded(flow) || column == Protocol || column == Scope || column == Link
            || column == State)
            return colours().dim;
        if (column == Down)
            return flow.rate.rxBytesPerSecond > 0 ? colours().down : colours().dim;
        if (column == Up)
            return flow.rate.txBytesPerSecond > 0 ? colours().up : colours().dim;
        return {};
    case Qt::ToolTipRole:
        return tip(flow, column);
    case Qt::AccessibleTextRole:
        return QStringLiteral("%1: %2").arg(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(),
                                            display(flow, column));
    }
    return {};
}

QVariant FlowModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignVCenter | (isFigure(section) ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    const bool tip = role == Qt::ToolTipRole;
    switch (Column(section)) {
    case Remote:
        return tip ? tr("The other end: address and port") : tr("Remote");
    case Local:
        return tip ? tr("This machine's end: address and port") : tr("Local", "this machine's end");
    case Protocol:
        return tip ? tr("Protocol") : tr("Proto", "column: protocol");
    case State:
        return tip
            ? tr(
                "TCP's state as seen on the wire; others are active until 60 seconds after their last packet")
            : tr("State");
    case Scope:
        return tip ? tr("Internet when either end is outside the local networks, else local") : tr("Scope");
    case Down:
        return tip ? tr("Received per second, now") : tr("Down");
    case Up:
        return tip ? tr("Sent per second, now") : tr("Up");
    case TotalDown:
        return tip ? tr("Received since the connection began") : tr("Total down");
    case TotalUp:
        return tip ? tr("Sent since the connection began") : tr("Total up");
    case Age:
        return tip ? tr("Time since the first packet") : tr("Age");
    case Link:
        return tip ? tr("Link that carries the connection") : tr("Link");
    case Watches:
        return tip ? tr("Watches that count the connection") : tr("Watches");
    case ColumnCount:
        break;
    }
    return {};
}

} // namespace weir::gui
