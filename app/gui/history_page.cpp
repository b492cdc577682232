// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_page.h"

#include "app/gui/choice_bar.h"
#include "app/gui/data_table.h"
#include "app/gui/flow_layout.h"
#include "app/gui/history_actions.h"
#include "app/gui/history_chart.h"
#include "app/gui/history_legend.h"
#include "app/gui/history_range_bar.h"
#include "app/gui/history_texts.h"
#include "app/gui/icons.h"
#include "app/gui/live_data.h"
#include "app/gui/notice_panel.h"
#include "app/gui/remotes_list.h"
#include "app/gui/report_actions.h"
#include "app/gui/series_picker.h"
#include "app/gui/texts.h"
#include "app/gui/theme.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QResizeEvent>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

using namespace std::chrono_literals;

namespace weir::gui {

namespace {

constexpr auto kSeriesKey = "history/series";
constexpr auto kRangeKey = "history/range";
constexpr auto kScopeKey = "history/scope";
constexpr auto kViewKey = "history/view";
constexpr auto kDivisionKey = "history/division";
constexpr auto kRefresh = 60s;
constexpr auto kSlow = 400ms;

QWidget *card(QLayout *layout)
{
    auto *frame = new QFrame;
    frame->setProperty("card", true);
    frame->setLayout(layout);
    return frame;
}

} // namespace

HistoryPage::HistoryPage(LiveData &live, QSettings &settings, QWidget *parent)
    : QWidget(parent), m_live(live), m_settings(settings), m_history(live.client()),
      m_actions(new HistoryActions(live, this)), m_reports(new ReportActions(live, this)),
      m_picker(new SeriesPicker), m_scopes(new ChoiceBar(tr("Traffic"))), m_views(new ChoiceBar(tr("View"))),
      m_divisions(new ChoiceBar(tr("Divided by"))), m_ranges(new HistoryRangeBar), m_chart(new HistoryChart),
      m_legend(new HistoryLegend), m_model(new HistoryModel(this)), m_table(new DataTable),
      m_footer(new HistoryFooter), m_remotes(new RemotesList), m_notice(new NoticePanel),
      m_body(new QStackedWidget), m_lower(new QSplitter), m_progress(new QProgressBar),
      m_errorLine(new QWidget), m_error(new QLabel), m_exportButton(new QToolButton),
      m_deleteButton(new QToolButton)
{
    auto *split = new QSplitter(Qt::Vertical);
    split->setChildrenCollapsible(false);
    split->setHandleWidth(12);
    split->addWidget(buildChartCard());
    split->addWidget(buildLower());
    split->setStretchFactor(0, 5);
    split->setStretchFactor(1, 4);
    m_body->addWidget(split);
    m_body->addWidget(m_notice);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 4, 24, 14);
    layout->setSpacing(10);
    layout->addWidget(buildBar());
    layout->addWidget(m_ranges);
    layout->addWidget(m_errorLine);
    layout->addWidget(m_body, 1);
    setFocusProxy(m_chart);
    connectParts();
    applyTheme();
    showNotice();
}

HistoryPage::~HistoryPage() = default;

QWidget *HistoryPage::buildBar()
{
    m_scopes->add(tr("All"), tr("Everything: internet, local and the rest"));
    m_scopes->add(tr("Internet"), tr("Only what has an end outside this machine's local networks"));
    m_scopes->add(tr("Local"), tr("Only what has both ends inside this machine's local networks"));
    m_views->add(tr("Volume"), tr("Bars: bytes of each step"));
    m_views->add(tr("Rate"), tr("Lines: average rate in each step, its bytes by its length"));
    m_divisions->add(tr("Down / up"), tr("Bars and lines of what was received and sent"));
    m_divisions->add(tr("Internet / local"), tr("Bars and lines of internet, local and the rest"));
    m_scopes->setCurrent(m_settings.value(QLatin1String(kScopeKey)).toInt());
    m_views->setCurrent(m_settings.value(QLatin1String(kViewKey)).toInt());
    m_divisions->setCurrent(m_settings.value(QLatin1String(kDivisionKey)).toInt());
    m_chart->setScope(scope());
    m_model->setScope(scope());
    m_chart->setView(View(m_views->current()));
    m_chart->setDivision(division());
    if (const auto kind = HistoryRange::kindFromName(m_settings.value(QLatin1String(kRangeKey)).toString());
        kind && *kind != HistoryRange::Kind::Custom)
        m_ranges->setRange({*kind});
    buildExport();

    auto *box = new QWidget;
    auto *flow = new FlowLayout(14);
    for (QWidget *widget : {static_cast<QWidget *>(m_picker), static_cast<QWidget *>(m_scopes),
                            static_cast<QWidget *>(m_views), static_cast<QWidget *>(m_divisions)})
        flow->addWidget(widget);
    auto *line = new QHBoxLayout(box);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(6);
    line->addLayout(flow, 1);
    line->addWidget(m_exportButton, 0, Qt::AlignTop);
    line->addWidget(m_deleteButton, 0, Qt::AlignTop);
    return box;
}

void HistoryPage::buildExport()
{
    auto *menu = new QMenu(this);
    m_exportOne = menu->addAction(tr("Export this series…"), this, [this] {
        if (const dbus::SeriesRow *row = m_picker->current())
            m_actions->chooseFile(*row, spanUntilNow());
    });
    m_exportAll = menu->addAction(tr("Export everything in this range…"), this,
                                  [this] { m_actions->chooseFile({}, spanUntilNow()); });
    menu->addSeparator();
    menu->addAction(tr("Save a report of this range…"), this,
                    [this] { m_reports->chooseFile(spanUntilNow()); });
    m_exportButton->setText(tr("Export"));
    m_exportButton->setToolTip(tr("Write the steps of this range into a file: CSV or JSON"));
    m_exportButton->setMenu(menu);
    m_exportButton->setPopupMode(QToolButton::InstantPopup);
    m_exportButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_deleteButton->setToolTip(tr("Delete history…"));
    m_deleteButton->setAccessibleName(tr("Delete history…"));
    for (QToolButton *button : {m_exportButton, m_deleteButton}) {
        button->setProperty("tool", true);
        button->setIconSize(QSize(18, 16));
        button->setFocusPolicy(Qt::TabFocus);
    }
    connect(m_deleteButton, &QToolButton::clicked, this, [this] {
        if (const dbus::SeriesRow *row = m_picker->current())
            m_actions->confirmDelete(*row, m_ranges->interval());
    });
}

QWidget *HistoryPage::buildChartCard()
{
    m_chart->setAccessibleName(
        tr("Chart of the history; arrow keys walk through it, with shift they select"));
    m_progress->setRange(0, 0);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(3);
    m_progress->setAccessibleName(tr("Reading"));
    QSizePolicy policy = m_progress->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    m_progress->setSizePolicy(policy);
    m_progress->hide();
    auto *layout = new QVBoxLayout;
    layout->setContentsMargins(14, 6, 4, 6);
    layout->setSpacing(2);
    layout->addWidget(m_progress);
    layout->addWidget(m_legend);
    layout->addWidget(m_chart, 1);
    m_legend->setContentsMargins(0, 0, 10, 0);

    m_error->setProperty("hint", true);
    m_error->setProperty("error", true);
    m_error->setWordWrap(true);
    m_error->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto *again = new QPushButton(tr("Try again"));
    connect(again, &QPushButton::clicked, this, &HistoryPage::refresh);
    auto *line = new QHBoxLayout(m_errorLine);
    line->setContentsMargins(0, 0, 0, 0);
    line->addWidget(m_error, 1);
    line->addWidget(again);
    m_errorLine->hide();
    return card(layout);
}

QWidget *HistoryPage::buildLower()
{
    m_table->setAccessibleName(tr("Steps of the range"));
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setModel(m_model);
    m_table->sortByColumn(HistoryModel::Start, Qt::DescendingOrder);
    m_table->setEmptyText(tr("Nothing in this range yet"), tr("Steps appear here as time passes."));
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    m_table->setColumnWidth(HistoryModel::Start, unit * 27);
    for (int column = HistoryModel::Down; column < HistoryModel::ColumnCount; ++column)
        m_table->setColumnWidth(column, unit * 9 + 4);
    m_table->horizontalHeader()->setStretchLastSection(true);
    auto *copy = new QAction(tr("Copy the rows"), m_table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &HistoryPage::copyRows);
    m_table->addAction(copy);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    auto *layout = new QVBoxLayout;
    layout->setContentsMargins(1, 1, 1, 1);
    layout->setSpacing(0);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_footer);
    m_lower->setChildrenCollapsible(false);
    m_lower->setHandleWidth(12);
    m_lower->addWidget(card(layout));
    m_lower->addWidget(m_remotes);
    m_lower->setStretchFactor(0, 2);
    m_lower->setStretchFactor(1, 1);
    m_lower->setSizes({2000, 1000});
    return m_lower;
}

void HistoryPage::connectParts()
{
    const auto keep = [this](const char *key, const QVariant &value) {
        m_settings.setValue(QLatin1String(key), value);
    };
    connect(m_picker, &SeriesPicker::chosen, this, &HistoryPage::changeQuery);
    connect(m_ranges, &HistoryRangeBar::changed, this, [this, keep] {
        keep(kRangeKey, m_ranges->range().name());
        changeQuery();
    });
    connect(m_scopes, &ChoiceBar::chosen, this, [this, keep](int index) {
        keep(kScopeKey, index);
        m_chart->setScope(scope());
        m_model->setScope(scope());
        followSelection();
    });
    connect(m_views, &ChoiceBar::chosen, this, [this, keep](int index) {
        keep(kViewKey, index);
        m_chart->setView(View(index));
    });
    connect(m_divisions, &ChoiceBar::chosen, this, [this, keep](int index) {
        keep(kDivisionKey, index);
        m_chart->setDivision(division());
    });
    connect(m_chart, &HistoryChart::selectionChanged, this, &HistoryPage::followSelection);
    connect(m_chart, &HistoryChart::columnsChanged, this, [this] {
        m_legend->setParts(division(), scope(), m_chart->showsAway(), m_chart->stepsInColumn(),
                           m_ranges->step());
    });
    connect(m_notice, &NoticePanel::activated, this,
            [this] { m_ranges->setRange({HistoryRange::Kind::All}); });
    connect(m_actions, &HistoryActions::told, this, &HistoryPage::told);
    connect(m_reports, &ReportActions::told, this, &HistoryPage::told);
    connect(m_reports, &ReportActions::busy, this, &HistoryPage::setBusy);
    connect(m_actions, &HistoryActions::busy, this, &HistoryPage::setBusy);
    connect(m_actions, &HistoryActions::deleted, this, [this] {
        m_shown = {}; // also what is of the past is another now
        refresh();
    });
    connect(&m_live, &LiveData::reachChanged, this, [this] {
        m_chart->setStale(m_live.reach() != Reach::Live);
        showNotice();
        if (m_live.reach() == Reach::Live)
            refresh();
    });
    connect(&m_live, &LiveData::retried, this, &HistoryPage::refresh);
    m_everyMinute.setInterval(kRefresh);
    connect(&m_everyMinute, &QTimer::timeout, this, &HistoryPage::refresh);
    m_slow.setSingleShot(true);
    m_slow.setInterval(kSlow);
    connect(&m_slow, &QTimer::timeout, m_progress, &QWidget::show);
    connect(&Theme::instance(), &Theme::changed, this, &HistoryPage::applyTheme);
}

Scope HistoryPage::scope() const
{
    return Scope(m_scopes->current());
}

Division HistoryPage::division() const
{
    return Division(m_divisions->current());
}

/// For files: without the steps that have not begun.
client::HistorySpan HistoryPage::spanUntilNow() const
{
    client::HistorySpan until = span();
    until.to = std::clamp(QDateTime::currentSecsSinceEpoch() + 1, until.from + 1, until.to);
    return until;
}

client::HistorySpan HistoryPage::span() const
{
    return {m_ranges->interval().from, m_ranges->interval().to, m_ranges->step(),
            QString::fromLatin1(displayZone().id())};
}

bool HistoryPage::showsNotice() const
{
    return m_body->currentWidget() == m_notice;
}

QString HistoryPage::errorText() const
{
    return m_errorLine->isHidden() ? QString() : m_error->text();
}

void HistoryPage::setActive(bool active)
{
    if (active == m_active)
        return;
    m_active = active;
    if (!active) {
        m_everyMinute.stop();
        return;
    }
    m_everyMinute.start();
    refresh();
}

void HistoryPage::showSeries(const QString &series)
{
    m_settings.setValue(QLatin1String(kSeriesKey), series);
    m_picker->setCurrent(series);
    if (m_picker->current() && m_picker->current()->series == series)
        changeQuery();
}

void HistoryPage::refresh()
{
    if (m_active)
        askSeries();
}

void HistoryPage::askSeries()
{
    if (m_listing)
        return;
    m_listing = true;
    setBusy(1);
    m_history.series(this, [this](const client::Answer<dbus::SeriesRows> &answer) {
        setBusy(-1);
        applySeries(answer);
        m_listing = false; // only now: that something was heard at all asks again
    });
}

void HistoryPage::applySeries(const client::Answer<dbus::SeriesRows> &answer)
{
    if (!answer)
        return fail(answer.error());
    m_heard = true;
    m_live.reached();
    m_picker->setSeries(*answer);
    if (!m_picker->current())
        m_picker->setCurrent(m_settings.value(QLatin1String(kSeriesKey)).toString());
    if (!m_picker->current() && !answer->isEmpty()) {
        const auto largest =
            std::max_element(answer->begin(), answer->end(), [](const auto &a, const auto &b) {
                const auto rank = [](const dbus::SeriesRow &row) {
                    return std::pair(row.kind == QLatin1String("link"), bytesOf(row.total));
                };
                return rank(a) < rank(b);
            });
        m_picker->setCurrent(largest->series);
    }
    const dbus::SeriesRow *row = m_picker->current();
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    m_ranges->setMoment(now, row ? (row->first > 0 ? row->first : row->since) : 0);
    const bool ofThePast = m_ranges->interval() == m_shown && m_isComplete && !m_rows.isEmpty();
    if (row && !ofThePast)
        askPoints();
    showNotice();
}

void HistoryPage::changeQuery()
{
    const dbus::SeriesRow *row = m_picker->current();
    if (!row)
        return;
    m_settings.setValue(QLatin1String(kSeriesKey), row->series);
    m_ranges->setMoment(QDateTime::currentSecsSinceEpoch(), row->first > 0 ? row->first : row->since);
    m_chart->clearSelection();
    m_shown = {};
    if (m_active)
        askPoints();
}

void HistoryPage::askPoints()
{
    const dbus::SeriesRow *row = m_picker->current();
    const client::HistorySpan asked = span();
    setBusy(1);
    m_history.points(row->series, asked, this,
                     [this, asked, turn = ++m_asked](const client::Answer<dbus::HistoryRows> &answer) {
                         setBusy(-1);
                         if (turn == m_asked)
                             applyPoints(answer, {asked.from, asked.to}, asked.step);
                     });
    askRemotes();
}

void HistoryPage::applyPoints(const client::Answer<dbus::HistoryRows> &answer, const Interval &interval,
                              Step step)
{
    if (!answer)
        return fail(answer.error());
    m_errorLine->hide();
    m_rows = *answer;
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    m_shown = interval;
    m_isComplete = interval.to < now; // what was read before it was over is not all yet
    m_chart->setRows(m_rows, step, displayZone(), now);
    dbus::HistoryRows past;
    std::copy_if(m_rows.begin(), m_rows.end(), std::back_inserter(past),
                 [now](const auto &row) { return row.start < now; });
    m_model->setRows(past, step, displayZone());
    followSelection();
    showNotice();
}

void HistoryPage::askRemotes()
{
    const dbus::SeriesRow *row = m_picker->current();
    if (row->kind == QLatin1String("service"))
        return m_remotes->setNothing(tr("Not kept for services"),
                                     tr("Remotes are kept for links and watches."));
    const Interval interval = m_ranges->interval();
    m_history.remotes(row->series, interval.from, interval.to, RemotesList::kRows, this,
                      [this, turn = m_asked](const client::Answer<dbus::RemoteRows> &answer) {
                          if (turn != m_asked)
                              return;
                          if (answer)
                              m_remotes->setRemotes(*answer);
                          else
                              m_remotes->setNothing(tr("Remotes cannot be read"),
                                                    tr("The service says: %1").arg(answer.error().message));
                      });
}

void HistoryPage::followSelection()
{
    const auto &selection = m_chart->selection();
    m_model->setSelection(selection);
    m_footer->setRows(m_model->shownRows(), scope(), m_ranges->step(), displayZone(),
                      QDateTime::currentSecsSinceEpoch(), selection.has_value());
}

void HistoryPage::fail(const client::CallError &error)
{
    if (error.helperAway() || error.notAuthorized()) {
        m_live.failed(error); // the banner says what to do
        return showNotice();
    }
    if (m_shown == Interval()) { // what is there belongs to another series or range
        m_rows.clear();
        m_chart->setRows({}, m_ranges->step(), displayZone(), QDateTime::currentSecsSinceEpoch());
        m_model->setRows({}, m_ranges->step(), displayZone());
        followSelection();
    }
    m_error->setText(tr("The history cannot be read. The service says: %1").arg(error.message));
    m_errorLine->show();
    showNotice();
}

void HistoryPage::showNotice()
{
    const dbus::SeriesRow *row = m_picker->current();
    const bool empty = std::all_of(m_rows.begin(), m_rows.end(),
                                   [](const auto &point) { return bytesOf(point.total) == 0; });
    bool shown = true;
    if (!m_heard && m_live.reach() == Reach::Denied)
        m_notice->setNotice(tr("No history to see"),
                            tr("You may not see this machine's traffic; the line above says who may."));
    else if (!m_heard && m_live.reach() == Reach::Away)
        m_notice->setNotice(
            tr("No history to see"),
            tr("The Weir service is not running. What it stored is shown as soon as it is back."));
    else if (!m_heard)
        m_notice->setNotice(tr("Nothing heard yet"),
                            tr("The history appears here as soon as the service answers."));
    else if (!row)
        m_notice->setNotice(tr("No history yet"),
                            tr("It begins by itself with the first link that is metered, minute by minute."));
    else if (empty && !m_rows.isEmpty() && row->since >= m_shown.to)
        m_notice->setNotice(tr("Nothing was counted then"),
                            tr("“%1” has been counted since %2.").arg(row->name, text::moment(row->since)),
                            tr("Show all since then"));
    else
        shown = false;
    m_body->setCurrentIndex(shown ? 1 : 0);
    m_exportButton->setEnabled(row != nullptr);
    m_deleteButton->setEnabled(row != nullptr);
    m_ranges->setEnabled(row != nullptr);
}

void HistoryPage::setBusy(int by)
{
    m_pending += by;
    if (m_pending == 0) {
        m_slow.stop();
        m_progress->hide();
    } else if (!m_slow.isActive() && m_progress->isHidden()) {
        m_slow.start();
    }
}

void HistoryPage::copyRows()
{
    QList<int> rows;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        rows.append(index.row());
    for (int row = 0; rows.isEmpty() && row < m_model->rowCount(); ++row)
        rows.append(row);
    std::sort(rows.begin(), rows.end());
    QGuiApplication::clipboard()->setText(m_model->text(rows));
}

void HistoryPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    // side by side only where the columns of both can be read
    const bool wide = width() >= fontMetrics().horizontalAdvance(QLatin1Char('0')) * 110;
    m_lower->setOrientation(wide ? Qt::Horizontal : Qt::Vertical);
    m_remotes->setVisible(wide || height() > fontMetrics().height() * 50);
}

void HistoryPage::applyTheme()
{
    m_exportButton->setIcon(lineIcon(Icon::Export));
    m_deleteButton->setIcon(lineIcon(Icon::Remove));
}

} // namespace weir::gui
