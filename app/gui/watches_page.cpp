// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/watches_page.h"

#include "app/gui/data_table.h"
#include "app/gui/figures.h"
#include "app/gui/icons.h"
#include "app/gui/live_data.h"
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

WatchesPage::WatchesPage(LiveData &live, WatchActions &actions, QWidget *parent)
    : QWidget(parent), m_live(live), m_actions(actions), m_filter(new QLineEdit), m_table(new DataTable),
      m_status(dimLabel())
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
    for (QAction *action : {m_connections, m_pause, m_resume, m_edit, m_remove, m_add}) {
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
}

void WatchesPage::buildTable()
{
    m_table->setAccessibleName(tr("Watches"));
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setModel(&m_live.watches());
    m_table->sortByColumn(m_live.watches().sortColumn(), m_live.watches().sortOrder());
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    const std::pair<WatchModel::Column, int> widths[] = {
        {WatchModel::Name, 17},       {WatchModel::Ports, 17},   {WatchModel::Protocol, 11},
        {WatchModel::Connections, 8}, {WatchModel::Down, 13},    {WatchModel::Up, 13},
        {WatchModel::TotalDown, 12},  {WatchModel::TotalUp, 11}, {WatchModel::InternetDown, 15},
        {WatchModel::InternetUp, 13}, {WatchModel::Note, 24},    {WatchModel::State, 13},
    };
    for (const auto &[column, width] : widths)
        m_table->setColumnWidth(column, unit * width);
    // Whether it counts stands next to its name.
    m_table->horizontalHeader()->moveSection(WatchModel::State, 1);
    m_table->horizontalHeader()->setStretchLastSection(true);
    connect(m_table, &DataTable::emptyActivated, this, [this] {
        if (m_live.watches().entryCount() == 0)
            m_actions.add();
        else
            m_filter->clear();
    });
    connect(m_table, &QTableView::doubleClicked, this, [this] { m_edit->trigger(); });
    connect(m_table, &QWidget::customContextMenuRequested, this, &WatchesPage::showMenu);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &WatchesPage::follow);
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
    m_edit->setEnabled(names.size() == 1);
    m_connections->setEnabled(names.size() == 1);
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
}

} // namespace weir::gui
