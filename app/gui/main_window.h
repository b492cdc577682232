// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/live_data.h"

#include <QMainWindow>

QT_BEGIN_NAMESPACE
class QButtonGroup;
class QLabel;
class QMenu;
class QSettings;
class QStackedWidget;
class QToolButton;
QT_END_NAMESPACE

namespace weir::gui {

class Banner;
class Capsule;
class ConnectionsPage;
class HistoryPage;
class LockButton;
class OverviewPage;
class PolicyActions;
class RateLabel;
class WatchActions;
class WatchesPage;

enum class Page { Overview, Watches, Connections, History };

/// "overview", "watches", "connections", "history": as typed on the command line.
std::optional<Page> pageFromName(const QString &name);

/// The window: navigation, header and pages. While nobody can see it nothing is asked of the helper.
class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    /// `settings` outlives the window; it keeps its geometry, the widths of columns and the theme.
    MainWindow(client::Client &client, QSettings &settings, QWidget *parent = nullptr);
    ~MainWindow() override;

    void showPage(Page page);
    Page page() const;

    LiveData &live() { return *m_live; }
    OverviewPage &overview() { return *m_overview; }
    WatchesPage &watches() { return *m_watches; }
    ConnectionsPage &connections() { return *m_connections; }
    HistoryPage &history() { return *m_history; }
    WatchActions &actions() { return *m_actions; }
    PolicyActions &policies() { return *m_policies; }
    const Banner &banner() const { return *m_banner; }
    const Capsule &capsule() const { return *m_capsule; }

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void changeEvent(QEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *buildNavigation();
    QWidget *buildHeader();
    QMenu *buildMenu();
    void connectParts();
    void connectUndo();
    /// Takes back what was done last, to watches or to what governs them.
    void undo();
    void followVisibility();
    void followReach();
    void showAbout();
    void applyTheme();

    QSettings &m_settings;
    LiveData *m_live;
    WatchActions *m_actions;
    PolicyActions *m_policies;
    QButtonGroup *m_navigation;
    QStackedWidget *m_pages;
    OverviewPage *m_overview;
    WatchesPage *m_watches;
    ConnectionsPage *m_connections;
    HistoryPage *m_history;
    Banner *m_banner;
    Capsule *m_capsule;
    QLabel *m_title;
    RateLabel *m_rate;
    LockButton *m_lock;
    QToolButton *m_menuButton;
    QAction *m_undo;
};

} // namespace weir::gui
