// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/watches_page.h"

#include "app/gui/data_table.h"
#include "app/gui/figures.h"
#include "app/gui/icons.h"
#include "app/gui/limit_cell.h"
#include "app/gui/live_data.h"
#include "app/gui/policy_actions.h"
#include "app/gui/policy_cells.h"
#include "app/gui/theme.h"
#include "app/gui/watch_actions.h"

#include <QAction>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

namespace weir::gui {

WatchesPage::WatchesPage(LiveData &live, WatchActions &actions, PolicyActions &policies, QWidget *parent)
    : QWidget(parent), m_live(live), m_actions(actions), m_policies(policies), m_filter(new QLineEdit),
      m_table(new DataTable), m_status(dimLabel())
{
    m_filter->setPlaceholderText(tr("Find a watch by name, port, link, service or note"));
    m_filter->setAccessibleName(tr("Filter"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setMaximumWidth(380);
    buildActions();
    buildTable();

    auto *bar = new QHBoxLayout;
    bar->setSpacing(6);
    bar->addWidget(m_filter, 1);
    bar->addStretch();
    for (QAction *action :
         {m_limit, m_quota, m_burst, m_connections, m_pause, m_resume, m_edit, m_remove, m_add}) {
        auto *button = new QToolButton;
        button->setDefaultAction(action);
        const bool primary = action == m_add;
        button->setToolButtonStyle(primary ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
        button->setIconSize(primary ? QSize(20, 14) : QSize(16, 16));
        button->setProperty("primary", primary);
        button->setProperty("tool", !primary);
        button->setAccessibleName(action->text());
        bar->addWidget(button);
    }
    auto *card = new QFrame;
    card->setProperty("card", true);
    auto *cardLayout = new QVBoxLayout(card);
    cardLayout->setContentsMargins(1, 1, 1, 1);
    cardLayout->addWidget(m_table);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 4, 24, 14);
    layout->setSpacing(12);
    layout->addLayout(bar);
    layout->addWidget(card, 1);
    layout->addWidget(m_status);

    setFocusProxy(m_table);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_live.watches().setFilter(text);
        follow();
    });
    connect(&live.watches(), &WatchModel::updated, this, &WatchesPage::follow);
    connect(&Theme::instance(), &Theme::changed, this, &WatchesPage::applyTheme);
    applyTheme();
    follow();
}

void WatchesPage::buildActions()
{
    const auto make = [this](const QString &text, const QKeySequence &key, auto slot) {
        auto *action = new QAction(text, this);
        action->setShortcut(key);
        if (key == QKeySequence(Qt::Key_Return))
            action->setShortcuts({Qt::Key_Return, Qt::Key_Enter});
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        action->setToolTip(key.isEmpty()
                               ? text
                               : QStringLiteral("%1 (%2)").arg(text, key.toString(QKeySequence::NativeText)));
        connect(action, &QAction::triggered, this, slot);
        addAction(action);
        return action;
    };
    const auto first = [this] { return selectedNames().value(0); };
    m_add = make(tr("Add a watch…"), {}, [this] { m_actions.add(); });
    m_edit = make(tr("Edit…"), Qt::Key_Return, [this, first] { m_actions.edit(first()); });
    m_pause = make(tr("Pause"), {}, [this] { m_actions.setEnabled(selectedNames(), false); });
    m_resume = make(tr("Resume"), {}, [this] { m_actions.setEnabled(selectedNames(), true); });
    m_remove = make(tr("Remove"), QKeySequence::Delete, [this] { m_actions.remove(selectedNames()); });
    m_connections =
        make(tr("Show its connections"), {}, [this, first] { Q_EMIT connectionsRequested(first()); });
    m_limit = make(tr("Limit…"), Qt::CTRL | Qt::Key_L,
                   [this, first] { m_policies.edit(client::Policy::Limit, first()); });
    m_quota = make(tr("Quota…"), Qt::CTRL | Qt::Key_U,
                   [this, first] { m_policies.edit(client::Policy::Quota, first()); });
    m_burst = make(tr("Burst guard…"), Qt::CTRL | Qt::Key_B,
                   [this, first] { m_policies.edit(client::Policy::Burst, first()); });
    m_restore = make(tr("Restore now"), {}, [this, first] { m_policies.endBurst(first()); });
    m_restore->setToolTip(tr("Ends the throttle of the burst guard"));
}

void WatchesPage::buildTable()
{
    m_table->setAccessibleName(tr("Watches"));
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setModel(&m_live.watches());
    m_table->sortByColumn(m_live.watches().sortColumn(), m_live.watches().sortOrder());
    const QFontMetrics metrics = m_table->fontMetrics();
    const int unit = metrics.horizontalAdvance(QLatin1Char('0'));
    const auto fitting = [&metrics](const QString &sample, int beside) {
        return metrics.horizontalAdvance(sample) + 20 + beside;
    };
    const int rate = fitting(QStringLiteral("88.8 Mbit/s"), 0);
    const int limit = fitting(QStringLiteral("100 Mbit/s"), 42);
    dbus::QuotaState over;
    over.set = over.enabled = true;
    over.state = QStringLiteral("throttled");
    over.sizeBytes = over.usedBytes = 1;
    const int quota = std::max(fitting(text::usedOf(999'000'000'000, 1'000'000'000'000), 0),
                               fitting(text::quotaCell(over), 21));
    dbus::BurstState throttled;
    throttled.set = true;
    throttled.state = QStringLiteral("throttled");
    throttled.throttledUntil = 12 * 60 + 40;
    const int burst = fitting(text::burstCell(throttled, 0), 42);
    // In the order in which they stand: what is wanted most is seen without scrolling.
    const std::pair<WatchModel::Column, int> widths[] = {
        {WatchModel::Name, unit * 13},
        {WatchModel::Ports, unit * 12},
        {WatchModel::Connections, unit * 8},
        {WatchModel::Down, rate},
        {WatchModel::Up, rate},
        {WatchModel::LimitDown, limit},
        {WatchModel::LimitUp, limit},
        {WatchModel::Quota, quota},
        {WatchModel::Burst, burst},
        {WatchModel::State, unit * 13},
        {WatchModel::TotalDown, unit * 12},
        {WatchModel::TotalUp, unit * 11},
        {WatchModel::Protocol, unit * 11},
        {WatchModel::InternetDown, unit * 15},
        {WatchModel::InternetUp, unit * 13},
        {WatchModel::Note, unit * 24},
    };
    int place = 0;
    for (const auto &[column, width] : widths) {
        m_table->setColumnWidth(column, width);
        QHeaderView *header = m_table->horizontalHeader();
        header->moveSection(header->visualIndex(column), place++);
    }
    m_table->horizontalHeader()->setStretchLastSection(true);
    connect(m_table, &DataTable::emptyActivated, this, [this] {
        if (m_live.watches().entryCount() == 0)
            m_actions.add();
        else
            m_filter->clear();
    });
    buildCells();
    connect(m_table, &QTableView::doubleClicked, this, &WatchesPage::activate);
    connect(m_table, &QWidget::customContextMenuRequested, this, &WatchesPage::showMenu);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &WatchesPage::follow);
}

void WatchesPage::buildCells()
{
    m_table->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::AnyKeyPressed);
    auto *limits = new LimitDelegate(m_table, m_live);
    m_table->setItemDelegateForColumn(WatchModel::LimitDown, limits);
    m_table->setItemDelegateForColumn(WatchModel::LimitUp, limits);
    auto *governed = new PolicyDelegate(m_table);
    m_table->setItemDelegateForColumn(WatchModel::Quota, governed);
    m_table->setItemDelegateForColumn(WatchModel::Burst, governed);
    connect(limits, &LimitDelegate::switched, this, [this](const QString &watch, bool enabled) {
        m_policies.enable(client::Policy::Limit, watch, enabled);
    });
    connect(limits, &LimitDelegate::entered, &m_policies, &PolicyActions::setLimit);
    connect(&m_policies, &PolicyActions::limitRefused, this,
            [this, limits](const QString &watch, Direction direction, const QString &typed) {
                const int row = m_live.watches().rowOf(watch);
                const int column = direction == Direction::Down ? WatchModel::LimitDown : WatchModel::LimitUp;
                if (row >= 0 && isVisible())
                    limits->reopen(m_live.watches().index(row, column), typed);
            });
    connect(governed, &PolicyDelegate::editWanted, this, &WatchesPage::activate);
    connect(governed, &PolicyDelegate::restoreWanted, &m_policies, &PolicyActions::endBurst);
    m_countdown.setInterval(1000);
    connect(&m_countdown, &QTimer::timeout, this, [this] {
        if (isVisible() && m_live.watches().countsDown())
            m_table->viewport()->update();
    });
    m_countdown.start();
}

void WatchesPage::activate(const QModelIndex &index)
{
    const QString name = m_live.watches().watchAt(index.row()).name;
    switch (index.column()) {
    case WatchModel::LimitDown:
    case WatchModel::LimitUp:
        return; // it is edited in place
    case WatchModel::Quota:
        return m_policies.edit(client::Policy::Quota, name);
    case WatchModel::Burst:
        return m_policies.edit(client::Policy::Burst, name);
    default:
        m_edit->trigger();
    }
}

void WatchesPage::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

QStringList WatchesPage::selectedNames() const
{
    QStringList names;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        names.append(m_live.watches().watchAt(index.row()).name);
    return names;
}

void WatchesPage::follow()
{
    const WatchModel &watches = m_live.watches();
    const QStringList names = selectedNames();
    const auto anyIs = [&](bool enabled) {
        return std::any_of(names.begin(), names.end(), [&](const QString &name) {
            const dbus::WatchRow *watch = watches.watch(name);
            return watch && watch->enabled == enabled;
        });
    };
    for (QAction *action : {m_edit, m_connections, m_limit, m_quota, m_burst})
        action->setEnabled(names.size() == 1);
    const dbus::WatchRow *only = names.size() == 1 ? watches.watch(names.first()) : nullptr;
    m_restore->setEnabled(only && only->burst.state == QLatin1String("throttled"));
    m_remove->setEnabled(!names.isEmpty());
    m_pause->setEnabled(anyIs(true));
    m_resume->setEnabled(anyIs(false));

    const int all = watches.entryCount();
    if (!watches.isFed())
        m_table->setEmptyText(tr("Nothing heard yet"),
                              tr("Watches appear here as soon as the service tells of them."));
    else if (all == 0)
        m_table->setEmptyText(
            tr("Nothing is watched yet"),
            tr("A watch counts ports that you name, such as 443 for a web server, or a whole link: bytes, "
               "rates and connections, from the moment you add it."),
            tr("Add a watch…"));
    else
        m_table->setEmptyText(tr("No watch matches"),
                              tr("Nothing has “%1” in its name, ports, link or note.").arg(m_filter->text()),
                              tr("Clear the filter"));
    const int shown = watches.rowCount();
    m_status->setText(shown == all ? tr("%Ln watch(es)", nullptr, all)
                                   : tr("%1 of %Ln watch(es)", nullptr, all).arg(shown));
}

void WatchesPage::showMenu(const QPoint &position)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (!selectedNames().isEmpty()) {
        menu->addActions({m_connections, m_edit});
        menu->addSeparator();
        menu->addActions({m_limit, m_quota, m_burst});
        if (m_restore->isEnabled())
            menu->addAction(m_restore);
        menu->addSeparator();
        menu->addActions({m_pause, m_resume});
        menu->addSeparator();
        menu->addAction(m_remove);
        menu->addSeparator();
    }
    menu->addAction(m_add);
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

void WatchesPage::applyTheme()
{
    m_add->setIcon(lineIcon(Icon::Add, colours().card));
    m_edit->setIcon(lineIcon(Icon::Edit));
    m_pause->setIcon(lineIcon(Icon::Pause));
    m_resume->setIcon(lineIcon(Icon::Resume));
    m_remove->setIcon(lineIcon(Icon::Remove));
    m_connections->setIcon(lineIcon(Icon::Connections));
    m_limit->setIcon(lineIcon(Icon::Limit));
    m_quota->setIcon(lineIcon(Icon::Quota));
    m_burst->setIcon(lineIcon(Icon::Guard));
    m_restore->setIcon(lineIcon(Icon::Undo));
}

} // namespace weir::gui
