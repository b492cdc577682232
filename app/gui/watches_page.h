// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QAction;
class QLabel;
class QLineEdit;
QT_END_NAMESPACE

namespace weir::gui {

class DataTable;
class LimitDelegate;
class LiveData;
class PolicyActions;
class WatchActions;

/// All watches, one dense row each, and what can be done with them.
class WatchesPage : public QWidget
{
    Q_OBJECT
public:
    WatchesPage(LiveData &live, WatchActions &actions, PolicyActions &policies, QWidget *parent = nullptr);

    void focusFilter();
    QStringList selectedNames() const;
    DataTable &table() const { return *m_table; }

Q_SIGNALS:
    /// Somebody wants to see this watch's connections.
    void connectionsRequested(const QString &name);

private:
    void buildActions();
    void buildTable();
    void buildCells();
    /// Opens what fits the cell: the editor of its quota or burst guard, or that of the watch.
    void activate(const QModelIndex &index);
    void follow();
    void showMenu(const QPoint &position);
    void applyTheme();

    LiveData &m_live;
    WatchActions &m_actions;
    PolicyActions &m_policies;
    QLineEdit *m_filter;
    DataTable *m_table;
    QLabel *m_status;
    QAction *m_add;
    QAction *m_edit;
    QAction *m_pause;
    QAction *m_resume;
    QAction *m_remove;
    QAction *m_connections;
    QAction *m_limit;
    QAction *m_quota;
    QAction *m_burst;
    QAction *m_restore;
    QTimer m_countdown; ///< repaints what counts down while the page is seen
};

} // namespace weir::gui
