// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

QT_BEGIN_NAMESPACE
class QAction;
class QLabel;
class QLineEdit;
QT_END_NAMESPACE

namespace weir::gui {

class DataTable;
class LiveData;
class WatchActions;

/// All watches, one dense row each, and what can be done with them.
class WatchesPage : public QWidget
{
    Q_OBJECT
public:
    WatchesPage(LiveData &live, WatchActions &actions, QWidget *parent = nullptr);

    void focusFilter();
    QStringList selectedNames() const;
    DataTable &table() const { return *m_table; }

Q_SIGNALS:
    /// Somebody wants to see this watch's connections.
    void connectionsRequested(const QString &name);

private:
    void buildActions();
    void buildTable();
    void follow();
    void showMenu(const QPoint &position);
    void applyTheme();

    LiveData &m_live;
    WatchActions &m_actions;
    QLineEdit *m_filter;
    DataTable *m_table;
    QLabel *m_status;
    QAction *m_add;
    QAction *m_edit;
    QAction *m_pause;
    QAction *m_resume;
    QAction *m_remove;
    QAction *m_connections;
};

} // namespace weir::gui
