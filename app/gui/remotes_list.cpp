// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/remotes_list.h"

#include "app/client/format.h"
#include "app/gui/data_table.h"
#include "app/gui/history_texts.h"
#include "app/gui/theme.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace weir::gui {

namespace {

quint64 bytesOf(const dbus::RemoteRow &remote)
{
    return remote.rxBytes + remote.txBytes;
}

/// A bar of the share behind its figure, divided into down and up.
class ShareDelegate final : public QStyledItemDelegate
{
public:
    ShareDelegate(RemotesModel *model, DataTable *table)
        : QStyledItemDelegate(table), m_model(model), m_table(table)
    { }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const Colours &c = colours();
        m_table->paintGround(painter, option, index);
        const QRect cell = option.rect.adjusted(9, 0, -9, 0);
        const int figure = option.fontMetrics.horizontalAdvance(QStringLiteral("100 %")) + 6;
        QRectF bar(cell.left(), cell.center().y() - 2.5, std::max(0, cell.width() - figure), 6);
        painter->fillRect(bar, c.grid);
        if (m_model->sum() > 0) {
            const dbus::RemoteRow &remote = m_model->remoteAt(index.row());
            const qreal down = bar.width() * double(remote.rxBytes) / double(m_model->sum());
            const qreal up = bar.width() * double(remote.txBytes) / double(m_model->sum());
            const bool others = remote.address.isEmpty();
            painter->fillRect(QRectF(bar.left(), bar.top(), down, bar.height()), others ? c.dim : c.down);
            painter->fillRect(QRectF(bar.left() + down, bar.top(), up, bar.height()), others ? c.dim : c.up);
        }
        painter->setPen(c.text);
        painter->setFont(option.font);
        painter->drawText(cell, Qt::AlignRight | Qt::AlignVCenter, index.data().toString());
    }

private:
    RemotesModel *m_model;
    DataTable *m_table;
};

} // namespace

void RemotesModel::setRemotes(const dbus::RemoteRows &remotes)
{
    if (remotes == m_remotes)
        return;
    const qsizetype before = m_remotes.size();
    if (remotes.size() > before) {
        beginInsertRows({}, int(before), int(remotes.size()) - 1);
        m_remotes.append(remotes.mid(before));
        endInsertRows();
    } else if (remotes.size() < before) {
        beginRemoveRows({}, int(remotes.size()), int(before) - 1);
        m_remotes.resize(remotes.size());
        endRemoveRows();
    }
    m_remotes = remotes;
    m_sum = 0;
    for (const dbus::RemoteRow &remote : remotes)
        m_sum += bytesOf(remote);
    if (!m_remotes.isEmpty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

int RemotesModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_remotes.size());
}

int RemotesModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RemotesModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const dbus::RemoteRow &remote = m_remotes.at(index.row());
    const bool others = remote.address.isEmpty();
    const QString name = others ? tr("All others") : remote.address;
    switch (role) {
    case Qt::DisplayRole:
        switch (Column(index.column())) {
        case Address:
            return name;
        case Share:
            return text::share(bytesOf(remote), m_sum);
        case Total:
            return client::formatBytes(bytesOf(remote));
        case ColumnCount:
            break;
        }
        return {};
    case kRawRole:
        return index.column() == Address ? QVariant(remote.address) : QVariant(bytesOf(remote));
    case Qt::TextAlignmentRole:
        return int(Qt::AlignVCenter | (index.column() == Address ? Qt::AlignLeft : Qt::AlignRight));
    case Qt::ForegroundRole:
        return others ? QVariant(colours().dim) : QVariant();
    case Qt::ToolTipRole:
        return tr("%1\nDown: %2\nUp: %3\nTogether %4 of what all remotes had in this range")
            .arg(name, client::formatBytesExact(remote.rxBytes), client::formatBytesExact(remote.txBytes),
                 text::share(bytesOf(remote), m_sum));
    case Qt::AccessibleTextRole:
        return QStringLiteral("%1: %2").arg(
            headerData(index.column(), Qt::Horizontal, Qt::DisplayRole).toString(),
            data(index, Qt::DisplayRole).toString());
    default:
        return {};
    }
}

QVariant RemotesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignVCenter | (section == Address ? Qt::AlignLeft : Qt::AlignRight));
    const std::pair<QString, QString> titles[] = {
        {tr("Remote"), tr("Address of the other end")},
        {tr("Share"), tr("Part of the bytes of all remotes; the bar is divided into down and up")},
        {tr("Total"), tr("Received from it and sent to it in this range")},
    };
    return role == Qt::DisplayRole ? titles[section].first
        : role == Qt::ToolTipRole  ? titles[section].second
                                   : QVariant();
}

RemotesList::RemotesList(QWidget *parent)
    : QFrame(parent), m_model(new RemotesModel(this)), m_table(new DataTable)
{
    setProperty("card", true);
    auto *title = new QLabel(tr("Top remotes"));
    title->setProperty("heading", true);
    title->setToolTip(tr("The remote addresses with most bytes of the whole range, which is widened to full "
                         "hours; internet and "
                         "local. The 50 largest of each hour are kept, the rest stands under “All others”."));
    title->setContentsMargins(12, 10, 12, 4);
    m_table->setSortingEnabled(false);
    m_table->setAccessibleName(tr("Top remotes"));
    m_table->setModel(m_model);
    m_table->setItemDelegateForColumn(RemotesModel::Share, new ShareDelegate(m_model, m_table));
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    m_table->horizontalHeader()->setSectionResizeMode(RemotesModel::Address, QHeaderView::Stretch);
    m_table->setColumnWidth(RemotesModel::Share, unit * 15);
    m_table->setColumnWidth(RemotesModel::Total, unit * 10);
    m_table->horizontalHeader()->setSortIndicatorShown(false);
    auto *copy = new QAction(tr("Copy the address"), m_table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, [this] {
        if (const QModelIndex current = m_table->currentIndex(); current.isValid())
            QGuiApplication::clipboard()->setText(
                current.siblingAtColumn(RemotesModel::Address).data().toString());
    });
    m_table->addAction(copy);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->setSpacing(0);
    layout->addWidget(title);
    layout->addWidget(m_table, 1);
}

void RemotesList::setRemotes(const dbus::RemoteRows &remotes)
{
    m_table->setEmptyText(tr("No remotes"), tr("Nothing was counted in this range."));
    m_model->setRemotes(remotes);
}

void RemotesList::setNothing(const QString &title, const QString &text)
{
    m_table->setEmptyText(title, text);
    m_model->setRemotes({});
}

} // namespace weir::gui
