// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/connections_page.h"

#include "app/gui/data_table.h"
#include "app/gui/figures.h"
#include "app/gui/icons.h"
#include "app/gui/live_data.h"
#include "app/gui/texts.h"
#include "app/gui/theme.h"
#include "app/gui/watch_actions.h"
#include "dbus/names.h"

#include <QCheckBox>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

using namespace std::chrono_literals;

namespace weir::gui {

namespace {

/// A word of the filter line. The helper splits it at white space of any kind, so such values stand in
/// quotes, where a backslash makes a quotation mark or a backslash part of the value.
QString filterWord(const QString &key, const QString &value)
{
    const bool plain = std::none_of(value.begin(), value.end(),
                                    [](QChar c) { return c.isSpace() || c == QLatin1Char('"'); });
    if (plain)
        return key + QLatin1Char(':') + value;
    QString quoted;
    for (const QChar c : value) {
        if (c == QLatin1Char('"') || c == QLatin1Char('\\'))
            quoted += QLatin1Char('\\');
        quoted += c;
    }
    return key + QStringLiteral(":\"") + quoted + QLatin1Char('"');
}

} // namespace

ConnectionsPage::ConnectionsPage(LiveData &live, WatchActions &actions, QWidget *parent)
    : QWidget(parent), m_live(live), m_actions(actions), m_subscription(live.client(), 1000),
      m_filter(new QLineEdit), m_filterError(new QLabel), m_closed(new QCheckBox(tr("Also ended ones"))),
      m_table(new DataTable), m_status(dimLabel())
{
    m_filter->setPlaceholderText(tr("Filter, for example: port:443 state:established scope:internet"));
    m_filter->setAccessibleName(tr("Filter"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setMaxLength(dbus::kMaxFilterLength);
    m_filter->setToolTip(
        tr("<p>Words that must all match:</p>"
           "<table cellspacing='4'>"
           "<tr><td><b>port:8000</b>, <b>port:8000-8100</b></td><td>either end's port</td></tr>"
           "<tr><td><b>remote:192.0.2.0/24</b>, <b>local:…</b></td><td>address or network of an end</td></tr>"
           "<tr><td><b>state:established</b></td><td>opening, established, closing, closed, active, "
           "idle</td></tr>"
           "<tr><td><b>protocol:udp</b></td><td>tcp, udp, icmp…</td></tr>"
           "<tr><td><b>scope:internet</b></td><td>or local</td></tr>"
           "<tr><td><b>link:eth0</b></td><td>the link that carries it</td></tr>"
           "<tr><td><b>watch:web</b></td><td>the watch that counts it</td></tr>"
           "<tr><td><b>example</b></td><td>a word without key is found anywhere</td></tr>"
           "</table>"));
    m_closed->setToolTip(tr("Shows connections for 60 seconds after their end too"));
    m_filterError->setProperty("hint", true);
    m_filterError->setProperty("error", true);
    m_filterError->setWordWrap(true);
    m_filterError->hide();
    buildTable();

    auto *bar = new QHBoxLayout;
    bar->setSpacing(16);
    bar->addWidget(m_filter, 1);
    bar->addWidget(m_closed);
    auto *card = new QFrame;
    card->setProperty("card", true);
    auto *cardLayout = new QVBoxLayout(card);
    cardLayout->setContentsMargins(1, 1, 1, 1);
    cardLayout->addWidget(m_table);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 4, 24, 14);
    layout->setSpacing(12);
    layout->addLayout(bar);
    layout->addWidget(m_filterError);
    layout->addWidget(card, 1);
    layout->addWidget(m_status);

    setFocusProxy(m_table);
    m_typed.setSingleShot(true);
    m_typed.setInterval(250ms);
    connect(&m_typed, &QTimer::timeout, this, &ConnectionsPage::sendQuery);
    connect(m_filter, &QLineEdit::textChanged, &m_typed, qOverload<>(&QTimer::start));
    connect(m_filter, &QLineEdit::returnPressed, this, &ConnectionsPage::sendQuery);
    connect(m_closed, &QCheckBox::toggled, this, &ConnectionsPage::sendQuery);
    connect(m_table->horizontalHeader(), &QHeaderView::sortIndicatorChanged, this,
            &ConnectionsPage::sendQuery);
    connect(&m_subscription, &client::FlowSubscription::frame, this, &ConnectionsPage::applyFrame);
    connect(&m_subscription, &client::Subscription::failed, this, &ConnectionsPage::fail);
    connect(&live, &LiveData::reachChanged, this,
            [this] { m_model.setStale(m_live.reach() != Reach::Live); });
    connect(&live, &LiveData::retried, this, [this] {
        if (m_subscription.active()) {
            m_subscription.stop();
            m_subscription.start();
        }
    });
    connect(&Theme::instance(), &Theme::changed, this, &ConnectionsPage::applyTheme);
    applyTheme();
    m_subscription.setQuery(query());
}

void ConnectionsPage::buildTable()
{
    m_table->setAccessibleName(tr("Connections"));
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setModel(&m_model);
    m_table->sortByColumn(m_model.sortColumn(), m_model.sortOrder());
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    const std::pair<FlowModel::Column, int> widths[] = {
        {FlowModel::Remote, 26},  {FlowModel::Local, 22},     {FlowModel::Watches, 15},
        {FlowModel::Protocol, 8}, {FlowModel::State, 12},     {FlowModel::Down, 12},
        {FlowModel::Up, 12},      {FlowModel::TotalDown, 12}, {FlowModel::TotalUp, 11},
        {FlowModel::Age, 12},     {FlowModel::Scope, 10},     {FlowModel::Link, 9},
    };
    for (const auto &[column, width] : widths)
        m_table->setColumnWidth(column, unit * width);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setSortIndicatorClearable(true); // a third click: the busiest first again
    m_table->setEmptyText(tr("Nothing heard yet"),
                          tr("Connections appear here as soon as the service tells of them."));
    connect(m_table, &QWidget::customContextMenuRequested, this, &ConnectionsPage::showMenu);
    connect(m_table, &DataTable::emptyActivated, m_filter, &QLineEdit::clear);
}

void ConnectionsPage::setActive(bool active)
{
    if (active && !m_subscription.active())
        m_subscription.start();
    else if (!active && m_subscription.active())
        m_subscription.stop();
}

void ConnectionsPage::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void ConnectionsPage::setFilter(const QString &filter)
{
    m_filter->setText(filter);
    sendQuery();
}

void ConnectionsPage::showWatch(const QString &name)
{
    setFilter(filterWord(QStringLiteral("watch"), name));
}

QVariantMap ConnectionsPage::query() const
{
    return {{QStringLiteral("filter"), m_filter->text().trimmed()},
            {QStringLiteral("sort"), FlowModel::querySort(m_model.sortColumn())},
            {QStringLiteral("ascending"), m_model.sortOrder() == Qt::AscendingOrder},
            {QStringLiteral("closed"), m_closed->isChecked()},
            {QStringLiteral("limit"), uint(dbus::kMaxFlowRows)}};
}

void ConnectionsPage::sendQuery()
{
    m_typed.stop();
    m_filterError->hide();
    m_subscription.setQuery(query());
}

void ConnectionsPage::applyFrame(bool reset, qint64 timeMs, uint matching, uint total,
                                 const dbus::FlowRows &changed, const QList<qulonglong> &removed)
{
    m_filterError->hide();
    m_live.reached();
    m_model.applyFrame(reset, timeMs, changed, removed);
    const QLocale locale;
    QString status = matching == total
        ? tr("%Ln connection(s)", nullptr, int(total))
        : tr("%1 of %Ln connection(s)", nullptr, int(total)).arg(locale.toString(matching));
    if (matching > uint(dbus::kMaxFlowRows))
        status += QStringLiteral(" · ")
            + tr("the first %1 by this order are shown").arg(locale.toString(dbus::kMaxFlowRows));
    m_status->setText(status);
    if (m_filter->text().trimmed().isEmpty())
        m_table->setEmptyText(tr("No connections now"),
                              tr("Connections over metered links appear here while they last."));
    else
        m_table->setEmptyText(tr("No connection matches"),
                              tr("Nothing of now matches “%1”.").arg(m_filter->text().trimmed()),
                              tr("Clear the filter"));
}

void ConnectionsPage::fail(const client::CallError &error)
{
    if (error.name != dbus::error::kInvalidArgument) {
        m_live.failed(error);
        return;
    }
    m_filterError->setText(tr("This filter cannot be used: %1").arg(error.message));
    m_filterError->show();
}

void ConnectionsPage::showMenu(const QPoint &position)
{
    QModelIndex index = m_table->indexAt(position);
    if (!index.isValid())
        index = m_table->currentIndex(); // asked for with the keyboard
    if (!index.isValid())
        return;
    const dbus::FlowRow flow = m_model.flowAt(index.row());
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto filterBy = [this](const QString &key, const QString &value) {
        return [this, key, value] { setFilter(filterWord(key, value)); };
    };
    menu->addAction(tr("Copy the remote address %1").arg(flow.remoteAddress), this,
                    [flow] { QGuiApplication::clipboard()->setText(flow.remoteAddress); });
    menu->addAction(tr("Copy the local address %1").arg(flow.localAddress), this,
                    [flow] { QGuiApplication::clipboard()->setText(flow.localAddress); });
    menu->addSeparator();
    menu->addAction(tr("Only with %1").arg(flow.remoteAddress), this,
                    filterBy(QStringLiteral("remote"), flow.remoteAddress));
    for (const uint port : {flow.localPort, flow.remotePort})
        if (port != 0)
            menu->addAction(tr("Only port %1").arg(port), this,
                            filterBy(QStringLiteral("port"), QString::number(port)));
    for (const QString &watch : flow.watches)
        menu->addAction(tr("Only watch “%1”").arg(watch), this, filterBy(QStringLiteral("watch"), watch));
    const bool countable = flow.protocol == QLatin1String("tcp") || flow.protocol == QLatin1String("udp");
    if (flow.localPort != 0 && countable) {
        menu->addSeparator();
        menu->addAction(lineIcon(Icon::Add), tr("Add a watch on local port %1…").arg(flow.localPort), this,
                        [this, flow] { m_actions.addForPort(flow.localPort, flow.protocol); });
    }
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

void ConnectionsPage::applyTheme()
{
    for (QAction *action : m_filter->actions())
        if (action->data().toString() == QLatin1String("search"))
            return action->setIcon(lineIcon(Icon::Search, colours().dim));
    QAction *search = m_filter->addAction(lineIcon(Icon::Search, colours().dim), QLineEdit::LeadingPosition);
    search->setData(QStringLiteral("search"));
}

} // namespace weir::gui
