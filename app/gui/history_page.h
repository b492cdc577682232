// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/history.h"
#include "app/gui/history_columns.h"
#include "app/gui/history_model.h"

#include <QTimer>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QAction;
class QLabel;
class QProgressBar;
class QSettings;
class QSplitter;
class QStackedWidget;
class QToolButton;
QT_END_NAMESPACE

namespace weir::gui {

class ChoiceBar;
class DataTable;
class HistoryActions;
class ReportActions;
class HistoryChart;
class HistoryFooter;
class HistoryLegend;
class HistoryRangeBar;
class LiveData;
class NoticePanel;
class RemotesList;
class SeriesPicker;

/// What passed when: a chart of a series over a range, its steps as a table, and its largest remotes.
///
/// What is selected in the chart is what the table shows and adds up. A range that reaches into the present
/// is read again each minute while somebody looks.
class HistoryPage : public QWidget
{
    Q_OBJECT
public:
    /// `settings` outlives the page; it keeps what was shown last.
    HistoryPage(LiveData &live, QSettings &settings, QWidget *parent = nullptr);
    ~HistoryPage() override;

    /// While it is not looked at nothing is asked and nothing drawn.
    void setActive(bool active);

    void showSeries(const QString &series);

    HistoryChart &chart() { return *m_chart; }
    const HistoryModel &model() const { return *m_model; }
    HistoryRangeBar &rangeBar() { return *m_ranges; }
    SeriesPicker &picker() { return *m_picker; }
    const RemotesList &remotes() const { return *m_remotes; }
    const HistoryFooter &footer() const { return *m_footer; }
    const NoticePanel &notice() const { return *m_notice; }
    /// Whether the notice stands in the place of the chart.
    bool showsNotice() const;
    QString errorText() const;
    DataTable &table() { return *m_table; }
    ReportActions &reports() { return *m_reports; }
    HistoryActions &actions() { return *m_actions; }

Q_SIGNALS:
    /// Something was done, or was not: `text` says what and why.
    void told(const QString &text);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    QWidget *buildBar();
    void buildExport();
    QWidget *buildChartCard();
    QWidget *buildLower();
    void connectParts();

    void refresh();
    void askSeries();
    void applySeries(const client::Answer<dbus::SeriesRows> &answer);
    void askPoints();
    void applyPoints(const client::Answer<dbus::HistoryRows> &answer, const Interval &interval, Step step);
    void askRemotes();
    void changeQuery();
    void followSelection();
    void showNotice();
    void fail(const client::CallError &error);
    void setBusy(int by);
    client::HistorySpan span() const;
    client::HistorySpan spanUntilNow() const;
    void copyRows();
    void applyTheme();
    Scope scope() const;
    Division division() const;

    LiveData &m_live;
    QSettings &m_settings;
    client::History m_history;
    HistoryActions *m_actions;
    ReportActions *m_reports;
    bool m_active = false;
    bool m_heard = false;   ///< the list of series has come once
    bool m_listing = false; ///< the list of series is on its way
    quint64 m_asked = 0;    ///< answers to earlier questions are dropped
    int m_pending = 0;
    dbus::HistoryRows m_rows;
    Interval m_shown;          ///< that m_rows are of
    bool m_isComplete = false; ///< it was over when it was read
    QTimer m_everyMinute;
    QTimer m_slow; ///< shows that something takes long

    SeriesPicker *m_picker;
    ChoiceBar *m_scopes;
    ChoiceBar *m_views;
    ChoiceBar *m_divisions;
    HistoryRangeBar *m_ranges;
    HistoryChart *m_chart;
    HistoryLegend *m_legend;
    HistoryModel *m_model;
    DataTable *m_table;
    HistoryFooter *m_footer;
    RemotesList *m_remotes;
    NoticePanel *m_notice;
    QStackedWidget *m_body;
    QSplitter *m_lower;
    QProgressBar *m_progress;
    QWidget *m_errorLine;
    QLabel *m_error;
    QToolButton *m_exportButton;
    QToolButton *m_deleteButton;
    QAction *m_exportOne;
    QAction *m_exportAll;
};

} // namespace weir::gui
