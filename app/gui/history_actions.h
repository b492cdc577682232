// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/history.h"
#include "app/gui/history_range.h"

#include <QObject>

QT_BEGIN_NAMESPACE
class QWidget;
QT_END_NAMESPACE

namespace weir::gui {

class LiveData;

/// What a person does with history: writes it into a file, deletes it. Dialogs open over one window.
class HistoryActions : public QObject
{
    Q_OBJECT
public:
    HistoryActions(LiveData &live, QWidget *window);

    /// Asks for a file and writes the steps of `span` into it; all series when `series` has no name.
    void chooseFile(const dbus::SeriesRow &series, const client::HistorySpan &span);
    /// Writes what the service exports into a file at `path`. An old one is replaced only when all went well.
    void exportTo(const QString &path, const QString &series, const client::HistorySpan &span);

    /// Deletes history, after a question that names what goes: the whole days in `shown`, or all of the
    /// series.
    void confirmDelete(const dbus::SeriesRow &series, const Interval &shown);
    void remove(const QString &series, const QString &name, qint64 from, qint64 to);

Q_SIGNALS:
    /// Something was done, or was not: `text` says what and why.
    void told(const QString &text);
    /// By 1: something that may take long began; by -1: it ended.
    void busy(int by);
    /// History is gone.
    void deleted();

private:
    LiveData &m_live;
    client::History m_history;
    QWidget *m_window;
};

/// The whole days of `zone` in an interval; nothing when it holds none.
std::optional<Interval> wholeDays(const Interval &interval, const QTimeZone &zone);

/// "weir_web_2026-11-23_2026-11-29": without an ending; what does not belong in the name of a file becomes
/// "-".
QString exportName(const QString &name, const Interval &interval, const QTimeZone &zone);

} // namespace weir::gui
