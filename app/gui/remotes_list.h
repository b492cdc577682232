// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/live_table_model.h"
#include "dbus/types.h"

#include <QFrame>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace weir::gui {

class DataTable;

/// The remotes of a range, largest first, and what all others had in the last row.
class RemotesModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Address, Share, Total, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void setRemotes(const dbus::RemoteRows &remotes);
    const dbus::RemoteRow &remoteAt(int row) const { return m_remotes.at(row); }
    /// Bytes of all rows together.
    quint64 sum() const { return m_sum; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    dbus::RemoteRows m_remotes;
    quint64 m_sum = 0;
};

/// The table of remotes with a bar for each one's share.
class RemotesList : public QFrame
{
    Q_OBJECT
public:
    /// How many are asked for.
    static constexpr uint kRows = 20;

    explicit RemotesList(QWidget *parent = nullptr);

    void setRemotes(const dbus::RemoteRows &remotes);
    /// There are none, and why.
    void setNothing(const QString &title, const QString &text);
    const RemotesModel &model() const { return *m_model; }

private:
    RemotesModel *m_model;
    DataTable *m_table;
};

} // namespace weir::gui
