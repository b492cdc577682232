// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/history.h"

#include <QObject>

QT_BEGIN_NAMESPACE
class QWidget;
QT_END_NAMESPACE

namespace weir::client {
struct Report;
}

namespace weir::gui {

class LiveData;

/// Writes reports: what passed in a period, and how this machine and its traffic are now. Dialogs open over
/// one window.
class ReportActions : public QObject
{
    Q_OBJECT
public:
    ReportActions(LiveData &live, QWidget *window);

    /// Asks for a file, gathers everything and writes it. The file's ending tells the format.
    void chooseFile(const client::HistorySpan &span);
    /// An old file is replaced only when all went well.
    void writeTo(const QString &path, const client::HistorySpan &span);

Q_SIGNALS:
    /// Something was done, or was not: `text` says what and why.
    void told(const QString &text);
    /// By 1: something that may take long began; by -1: it ended.
    void busy(int by);

private:
    void finish(const QString &path, client::Report report);

    LiveData &m_live;
    QWidget *m_window;
};

} // namespace weir::gui
