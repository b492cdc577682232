// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/client.h"
#include "app/gui/flow_model.h"

#include <QTimer>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QCheckBox;
class QLabel;
class QLineEdit;
QT_END_NAMESPACE

namespace weir::gui {

class DataTable;
class LiveData;
class WatchActions;

/// Every connection of now that matches the filter line, up to 5,000, live.
class ConnectionsPage : public QWidget
{
    Q_OBJECT
public:
    ConnectionsPage(LiveData &live, WatchActions &actions, QWidget *parent = nullptr);

    /// While it is not looked at there is no subscription.
    void setActive(bool active);
    bool subscribed() const { return m_subscription.active(); }

    void focusFilter();
    void setFilter(const QString &filter);
    /// Shows what the watch counts.
    void showWatch(const QString &name);

    FlowModel &model() { return m_model; }
    DataTable &table() const { return *m_table; }
    /// What is asked of the helper.
    QVariantMap query() const;

private:
    void buildTable();
    void sendQuery();
    void applyFrame(bool reset, qint64 timeMs, uint matching, uint total, const dbus::FlowRows &changed,
                    const QList<qulonglong> &removed);
    void fail(const client::CallError &error);
    void showMenu(const QPoint &position);
    void applyTheme();

    LiveData &m_live;
    WatchActions &m_actions;
    FlowModel m_model;
    client::FlowSubscription m_subscription;
    QTimer m_typed; ///< waits until typing pauses
    QLineEdit *m_filter;
    QLabel *m_filterError;
    QCheckBox *m_closed;
    DataTable *m_table;
    QLabel *m_status;
};

} // namespace weir::gui
