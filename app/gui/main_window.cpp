// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/main_window.h"

#include "app/gui/banner.h"
#include "app/gui/capsule.h"
#include "app/gui/connections_page.h"
#include "app/gui/data_table.h"
#include "app/gui/figures.h"
#include "app/gui/history_page.h"
#include "app/gui/icons.h"
#include "app/gui/lock_button.h"
#include "app/gui/overview_page.h"
#include "app/gui/policy_actions.h"
#include "app/gui/problems_button.h"
#include "app/gui/theme.h"
#include "app/gui/watch_actions.h"
#include "app/gui/watches_page.h"

#include <QActionGroup>
#include <QApplication>
#include <QButtonGroup>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QSettings>
#include <QStackedWidget>
#include <QToolButton>
#include <QWindow>

namespace weir::gui {

namespace {

constexpr auto kGeometryKey = "window/geometry";
constexpr auto kWatchColumnsKey = "window/watch_columns";
constexpr auto kConnectionColumnsKey = "window/connection_columns";
constexpr auto kThemeKey = "window/theme";

QString titleOf(Page page)
{
    switch (page) {
    case Page::Overview:
        return MainWindow::tr("Overview");
    case Page::Watches:
        return MainWindow::tr("Watches");
    case Page::Connections:
        return MainWindow::tr("Connections");
    case Page::History:
        return MainWindow::tr("History");
    }
    Q_UNREACHABLE();
}

Icon iconOf(Page page)
{
    switch (page) {
    case Page::Overview:
        return Icon::Overview;
    case Page::Watches:
        return Icon::Watches;
    case Page::Connections:
        return Icon::Connections;
    case Page::History:
        return Icon::History;
    }
    Q_UNREACHABLE();
}

/// Pixels of each column, in the model's order.
QVariantList columnWidths(const DataTable &table)
{
    QVariantList widths;
    for (int column = 0; column < table.model()->columnCount(); ++column)
        widths.append(table.columnWidth(column));
    return widths;
}

/// Nothing happens when the widths are of a version with other columns.
void setColumnWidths(DataTable &table, const QVariantList &widths)
{
    if (widths.size() != table.model()->columnCount())
        return;
    const int least = table.horizontalHeader()->minimumSectionSize();
    for (int column = 0; column < widths.size(); ++column)
        if (const int width = widths.at(column).toInt(); width >= least)
            table.setColumnWidth(column, width);
}

constexpr Page kPages[] = {Page::Overview, Page::Watches, Page::Connections, Page::History};

} // namespace

std::optional<Page> pageFromName(const QString &name)
{
    if (name == QLatin1String("overview"))
        return Page::Overview;
    if (name == QLatin1String("watches"))
        return Page::Watches;
    if (name == QLatin1String("connections"))
        return Page::Connections;
    if (name == QLatin1String("history"))
        return Page::History;
    return std::nullopt;
}

MainWindow::MainWindow(client::Client &client, QSettings &settings, QWidget *parent)
    : QMainWindow(parent), m_settings(settings), m_live(new LiveData(client, this)),
      m_actions(new WatchActions(*m_live, this)), m_policies(new PolicyActions(*m_live, this)),
      m_navigation(new QButtonGroup(this)), m_pages(new QStackedWidget),
      m_overview(new OverviewPage(*m_live)), m_watches(new WatchesPage(*m_live, *m_actions, *m_policies)),
      m_connections(new ConnectionsPage(*m_live, *m_actions)), m_history(new HistoryPage(*m_live, settings)),
      m_banner(new Banner(*m_live))
{
    setWindowTitle(tr("Weir"));
    setWindowIcon(applicationIcon());
    setMinimumSize(720, 480);
    resize(1280, 800);
    restoreGeometry(m_settings.value(QLatin1String(kGeometryKey)).toByteArray());

    auto *central = new QWidget;
    auto *right = new QVBoxLayout;
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(0);
    right->addWidget(buildHeader());
    right->addWidget(m_banner);
    right->addWidget(m_pages, 1);
    auto *layout = new QHBoxLayout(central);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildNavigation());
    layout->addLayout(right, 1);
    setCentralWidget(central);
    for (QWidget *page : {static_cast<QWidget *>(m_overview), static_cast<QWidget *>(m_watches),
                          static_cast<QWidget *>(m_connections), static_cast<QWidget *>(m_history)})
        m_pages->addWidget(page);
    setColumnWidths(m_watches->table(), m_settings.value(QLatin1String(kWatchColumnsKey)).toList());
    setColumnWidths(m_connections->table(), m_settings.value(QLatin1String(kConnectionColumnsKey)).toList());
    m_capsule = new Capsule(this);
    connectParts();
    applyTheme();
    showPage(Page::Overview);
}

MainWindow::~MainWindow() = default;

QWidget *MainWindow::buildNavigation()
{
    auto *side = new QFrame;
    side->setProperty("side", true);
    side->setFixedWidth(std::max(188, fontMetrics().horizontalAdvance(QLatin1Char('m')) * 17));
    auto *layout = new QVBoxLayout(side);
    layout->setContentsMargins(12, 18, 12, 12);
    layout->setSpacing(4);
    auto *brand = new QHBoxLayout;
    brand->setContentsMargins(8, 0, 0, 14);
    brand->setSpacing(10);
    auto *mark = new QLabel;
    mark->setPixmap(applicationIcon().pixmap(QSize(28, 28), devicePixelRatioF()));
    auto *name = new QLabel(QStringLiteral("Weir"));
    name->setProperty("brand", true);
    brand->addWidget(mark);
    brand->addWidget(name, 1);
    layout->addLayout(brand);
    for (const Page page : kPages) {
        auto *button = new QToolButton;
        button->setText(titleOf(page));
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setIconSize(QSize(30, 20)); // the icon stands in the middle: room between it and the text
        button->setFocusPolicy(Qt::TabFocus);
        button->setCheckable(true);
        button->setProperty("navigation", true);
        button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        const QKeySequence key(Qt::CTRL | Qt::Key(Qt::Key_1 + int(page)));
        button->setShortcut(key);
        button->setToolTip(
            QStringLiteral("%1 (%2)").arg(titleOf(page), key.toString(QKeySequence::NativeText)));
        m_navigation->addButton(button, int(page));
        layout->addWidget(button);
    }
    layout->addStretch();
    return side;
}

QWidget *MainWindow::buildHeader()
{
    auto *header = new QWidget;
    m_title = new QLabel;
    m_title->setProperty("title", true);
    m_rate = new RateLabel(RateLabel::Size::Normal);
    m_rate->setToolTip(tr("All metered links together, everything that crossed them in the last second"));
    m_menuButton = new QToolButton;
    m_menuButton->setMenu(buildMenu());
    m_menuButton->setPopupMode(QToolButton::InstantPopup);
    m_menuButton->setProperty("tool", true);
    m_menuButton->setAccessibleName(tr("Menu"));
    m_menuButton->setToolTip(tr("Menu (F10)"));
    m_menuButton->setShortcut(Qt::Key_F10);

    auto *layout = new QHBoxLayout(header);
    layout->setContentsMargins(24, 16, 18, 14);
    layout->setSpacing(12);
    layout->addWidget(m_title);
    layout->addStretch();
    layout->addWidget(m_rate);
    layout->addSpacing(4);
    auto *problems = new ProblemsButton(*m_live, header);
    problems->setProperty("tool", true);
    layout->addWidget(problems);
    m_lock = new LockButton(header);
    m_lock->setProperty("tool", true);
    layout->addWidget(m_lock);
    layout->addWidget(m_menuButton);
    return header;
}

QMenu *MainWindow::buildMenu()
{
    auto *menu = new QMenu(this);
    QAction *add = menu->addAction(tr("Add a watch…"), QKeySequence::New, m_actions, &WatchActions::add);
    m_undo = menu->addAction(tr("Undo"), QKeySequence::Undo, this, &MainWindow::undo);
    m_undo->setEnabled(false);
    QAction *find = menu->addAction(tr("Find"), QKeySequence::Find, this, [this] {
        if (page() == Page::Watches)
            return m_watches->focusFilter();
        showPage(Page::Connections);
        m_connections->focusFilter();
    });
    addActions({add, m_undo, find}); // shortcuts work with the menu closed
    menu->addSeparator();
    QMenu *view = menu->addMenu(tr("View"));
    for (const Page page : kPages)
        view->addAction(titleOf(page), this, [this, page] { showPage(page); });
    view->addSeparator();
    QMenu *themes = view->addMenu(tr("Theme"));
    auto *choices = new QActionGroup(this);
    const std::pair<ThemeChoice, QString> names[] = {{ThemeChoice::System, tr("As the desktop")},
                                                     {ThemeChoice::Light, tr("Light")},
                                                     {ThemeChoice::Dark, tr("Dark")}};
    for (const auto &[choice, name] : names) {
        QAction *action = themes->addAction(name, this, [this, choice = choice] {
            Theme::instance().setChoice(choice);
            m_settings.setValue(QLatin1String(kThemeKey), nameOfTheme(choice));
        });
        action->setCheckable(true);
        action->setChecked(Theme::instance().choice() == choice);
        choices->addAction(action);
    }
    menu->addSeparator();
    menu->addAction(tr("About Weir"), this, &MainWindow::showAbout);
    QAction *quit = menu->addAction(tr("Quit"), QKeySequence::Quit, this, &QWidget::close);
    addAction(quit);
    return menu;
}

void MainWindow::connectParts()
{
    connect(m_navigation, &QButtonGroup::idClicked, this, [this](int page) { showPage(Page(page)); });
    connect(m_overview, &OverviewPage::addWatchRequested, m_actions, &WatchActions::add);
    connect(m_overview, &OverviewPage::allWatchesRequested, this, [this] { showPage(Page::Watches); });
    const auto showConnections = [this](const QString &watch) {
        m_connections->showWatch(watch);
        showPage(Page::Connections);
    };
    connect(m_overview, &OverviewPage::watchActivated, this, showConnections);
    connect(m_watches, &WatchesPage::connectionsRequested, this, showConnections);
    connect(m_overview, &OverviewPage::quotaActivated, m_policies,
            [this](const QString &watch) { m_policies->edit(client::Policy::Quota, watch); });

    connect(&m_live->links(), &LinkList::updated, this,
            [this] { m_rate->setRate(m_live->links().meteredRate()); });
    connect(m_live, &LiveData::reachChanged, this, &MainWindow::followReach);
    connect(m_history, &HistoryPage::told, m_capsule, &Capsule::tell);
    connectUndo();
    connect(&Theme::instance(), &Theme::changed, this, &MainWindow::applyTheme);
}

void MainWindow::connectUndo()
{
    connect(m_actions, &WatchActions::removed, this, [this](const QStringList &names) {
        m_undo->setEnabled(true);
        m_capsule->offerUndo(names.size() == 1
                                 ? tr("“%1” was removed.").arg(names.first())
                                 : tr("%Ln watch(es) were removed.", nullptr, int(names.size())),
                             WatchActions::kUndoTime);
    });
    connect(m_policies, &PolicyActions::changed, this, [this](const QString &text) {
        m_undo->setEnabled(true);
        m_capsule->offerUndo(text, WatchActions::kUndoTime);
    });
    const auto exhausted = [this] {
        m_undo->setEnabled(m_actions->canUndo() || m_policies->canUndo());
        m_capsule->hide();
    };
    connect(m_actions, &WatchActions::undoExhausted, this, exhausted);
    connect(m_policies, &PolicyActions::undoExhausted, this, exhausted);
    connect(m_policies, &PolicyActions::told, m_capsule, &Capsule::tell);
    connect(m_policies, &PolicyActions::failed, m_capsule, &Capsule::tell);
    connect(m_capsule, &Capsule::undoRequested, this, &MainWindow::undo);
    connect(m_actions, &WatchActions::restored, this,
            [this](const QString &name) { m_capsule->tell(tr("“%1” is back.").arg(name)); });
    connect(m_actions, &WatchActions::failed, m_capsule, &Capsule::tell);
}

void MainWindow::undo()
{
    // Both keep what they did for the same time: what can be undone for longer was done later.
    const bool policy =
        m_policies->canUndo() && !(m_actions->canUndo() && m_actions->undoUntil() > m_policies->undoUntil());
    if (policy)
        m_policies->undo();
    else
        m_actions->undo();
}

void MainWindow::showPage(Page page)
{
    m_pages->setCurrentIndex(int(page));
    m_navigation->button(int(page))->setChecked(true);
    m_title->setText(titleOf(page));
    m_pages->currentWidget()->setFocus();
    followVisibility();
}

Page MainWindow::page() const
{
    return Page(m_pages->currentIndex());
}

void MainWindow::followVisibility()
{
    const QWindow *window = windowHandle();
    const bool seen = isVisible() && !isMinimized() && window && window->isExposed();
    m_live->want(seen, seen && (page() == Page::Overview || page() == Page::Watches));
    m_overview->setActive(seen && page() == Page::Overview);
    m_connections->setActive(seen && page() == Page::Connections);
    m_history->setActive(seen && page() == Page::History);
}

void MainWindow::followReach()
{
    const bool live = m_live->reach() == Reach::Live;
    m_rate->setStale(!live);
    if (live)
        m_lock->refresh();
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    windowHandle()->installEventFilter(this);
    followVisibility();
}

void MainWindow::hideEvent(QHideEvent *event)
{
    QMainWindow::hideEvent(event);
    followVisibility();
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::WindowStateChange)
        followVisibility();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    m_settings.setValue(QLatin1String(kGeometryKey), saveGeometry());
    m_settings.setValue(QLatin1String(kWatchColumnsKey), columnWidths(m_watches->table()));
    m_settings.setValue(QLatin1String(kConnectionColumnsKey), columnWidths(m_connections->table()));
    QMainWindow::closeEvent(event);
}

bool MainWindow::eventFilter(QObject *watched, QEvent *event)
{
    // Another workspace, a locked screen: the window is "visible" but nobody can see it.
    if (event->type() == QEvent::Expose && watched == windowHandle())
        QMetaObject::invokeMethod(this, &MainWindow::followVisibility, Qt::QueuedConnection);
    return QMainWindow::eventFilter(watched, event);
}

void MainWindow::showAbout()
{
    auto *about = new QMessageBox(
        QMessageBox::NoIcon, tr("About Weir"),
        tr("<h3>Weir %1</h3>"
           "<p>Measures the network traffic of this machine: by link, by port and by connection.</p>"
           "<p>Bytes are wire bytes, whole frames, each counted once.</p>"
           "<p>Free software under the GNU General Public License, version 3 or later.</p>"
           "<p>Built with Qt %2.</p>")
            .arg(QLatin1String(WEIR_VERSION), QLatin1String(qVersion())),
        QMessageBox::Close, this);
    about->setIconPixmap(applicationIcon().pixmap(QSize(64, 64), devicePixelRatioF()));
    about->setAttribute(Qt::WA_DeleteOnClose);
    about->open();
}

void MainWindow::applyTheme()
{
    for (const Page page : kPages)
        m_navigation->button(int(page))->setIcon(lineIcon(iconOf(page)));
    m_menuButton->setIcon(lineIcon(Icon::Menu));
}

} // namespace weir::gui
