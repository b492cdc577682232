// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/report_actions.h"

#include "app/client/machine_listeners.h"
#include "app/client/report.h"
#include "app/gui/live_data.h"
#include "app/gui/texts.h"

#include <QDateTime>
#include <QFileDialog>
#include <QFileInfo>
#include <QPointer>
#include <QSaveFile>
#include <QStandardPaths>
#include <QThread>

#include <algorithm>
#include <memory>

namespace weir::gui {

namespace {

/// The ending that a filter of the dialog names: "Page, to read (*.html)".
QString endingOf(const QString &filter)
{
    return filter.section(QLatin1String("*."), 1).section(QLatin1Char(')'), 0, 0);
}

} // namespace

ReportActions::ReportActions(LiveData &live, QWidget *window)
    : QObject(window), m_live(live), m_window(window)
{ }

void ReportActions::chooseFile(const client::HistorySpan &span)
{
    auto *dialog = new QFileDialog(m_window, tr("Save a report"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("Page, to read (*.html)"), tr("Text (*.txt)"),
                            tr("Table, for spreadsheets (*.csv)"), tr("JSON, for programs (*.json)")});
    dialog->setDefaultSuffix(QStringLiteral("html"));
    dialog->setDirectory(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation));
    client::Report now;
    now.made = QDateTime::currentSecsSinceEpoch();
    now.period.zone = CivilZone::named(span.zone).value_or(CivilZone());
    dialog->selectFile(client::reportFileName(now, client::ReportFormat::Html));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString &filter) {
        dialog->setDefaultSuffix(endingOf(filter));
        const QFileInfo file(dialog->selectedFiles().value(0));
        dialog->selectFile(file.completeBaseName() + QLatin1Char('.') + endingOf(filter));
    });
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, span](const QString &path) { writeTo(path, span); });
    dialog->open();
}

void ReportActions::writeTo(const QString &path, const client::HistorySpan &span)
{
    const auto zone = CivilZone::named(span.zone);
    client::ReportPeriod period{span, zone.value_or(CivilZone())};
    // a report of days is a page, one of minutes a book
    period.span.step = std::max(span.step, client::Step::Hour);
    Q_EMIT busy(1);
    client::gatherReport(
        m_live.client(), period, this, [this, path](const client::Answer<client::Report> &report) {
            if (report)
                return finish(path, *report);
            Q_EMIT busy(-1);
            Q_EMIT told(tr("The report was not written. %1").arg(text::callError(report.error())));
        });
}

void ReportActions::finish(const QString &path, client::Report report)
{
    const auto format = client::reportFormatOfFile(path).value_or(client::ReportFormat::Html);
    const auto document = std::make_shared<QByteArray>();
    // who listens where is read from all processes: the window goes on meanwhile
    QThread *thread = QThread::create([report = std::move(report), format, document]() mutable {
        client::addMachine(report, client::Machine::read(), client::Listeners::read());
        *document = client::renderReport(report, format);
    });
    connect(thread, &QThread::finished, this, [this, path, document] {
        Q_EMIT busy(-1);
        QSaveFile file(path);
        const bool written =
            file.open(QIODevice::WriteOnly) && file.write(*document) == document->size() && file.commit();
        Q_EMIT told(written ? tr("The report is in “%1”.").arg(path)
                            : tr("“%1” cannot be written: %2").arg(path, file.errorString()));
    });
    connect(thread, &QThread::finished, thread, &QObject::deleteLater);
    thread->start();
}

} // namespace weir::gui
