// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_actions.h"

#include "app/gui/live_data.h"
#include "app/gui/texts.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QLocale>
#include <QMessageBox>
#include <QPushButton>
#include <QSaveFile>
#include <QStandardPaths>

#include <memory>

namespace weir::gui {

HistoryActions::HistoryActions(LiveData &live, QWidget *window)
    : QObject(window), m_live(live), m_history(live.client()), m_window(window)
{ }

std::optional<Interval> wholeDays(const Interval &interval, const QTimeZone &zone)
{
    QDate first = QDateTime::fromSecsSinceEpoch(interval.from, zone).date();
    if (first.startOfDay(zone).toSecsSinceEpoch() < interval.from)
        first = first.addDays(1);
    const QDate beyond = QDateTime::fromSecsSinceEpoch(interval.to, zone).date();
    if (first >= beyond)
        return std::nullopt;
    return Interval{first.startOfDay(zone).toSecsSinceEpoch(), beyond.startOfDay(zone).toSecsSinceEpoch()};
}

QString exportName(const QString &name, const Interval &interval, const QTimeZone &zone)
{
    QString plain = name;
    for (QChar &c : plain)
        if (!c.isLetterOrNumber() && c != QLatin1Char('.') && c != QLatin1Char('_'))
            c = QLatin1Char('-');
    const auto day = [&zone](qint64 seconds) {
        return QDateTime::fromSecsSinceEpoch(seconds, zone).date().toString(Qt::ISODate);
    };
    const QString first = day(interval.from);
    const QString last = day(interval.to - 1);
    const QString when = first == last ? first : QStringLiteral("%1_%2").arg(first, last);
    return QStringLiteral("weir_%1_%2").arg(plain.isEmpty() ? QStringLiteral("all") : plain, when);
}

void HistoryActions::chooseFile(const dbus::SeriesRow &series, const client::HistorySpan &span)
{
    const QString title = series.series.isEmpty() ? tr("Export the history of everything")
                                                  : tr("Export the history of “%1”").arg(series.name);
    auto *dialog = new QFileDialog(m_window, title);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("Table, for spreadsheets (*.csv)"), tr("JSON, for programs (*.json)")});
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->setDirectory(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation));
    dialog->selectFile(exportName(series.name, {span.from, span.to}, displayZone()) + QStringLiteral(".csv"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString &filter) {
        const QString ending =
            filter.contains(QLatin1String("json")) ? QStringLiteral("json") : QStringLiteral("csv");
        dialog->setDefaultSuffix(ending);
        const QFileInfo file(dialog->selectedFiles().value(0));
        dialog->selectFile(file.completeBaseName() + QLatin1Char('.') + ending);
    });
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, id = series.series, span](const QString &path) { exportTo(path, id, span); });
    dialog->open();
}

void HistoryActions::exportTo(const QString &path, const QString &series, const client::HistorySpan &span)
{
    const auto file = std::make_shared<QSaveFile>(path);
    if (!file->open(QIODevice::WriteOnly)) {
        Q_EMIT told(tr("“%1” cannot be written: %2").arg(path, file->errorString()));
        return;
    }
    const auto format = path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive)
        ? client::ExportFormat::Json
        : client::ExportFormat::Csv;
    const QStringList names = series.isEmpty() ? QStringList() : QStringList{series};
    Q_EMIT busy(1);
    m_history.exportTo(file->handle(), names, span, format, this,
                       [this, file, path](const client::Answer<qulonglong> &rows) {
                           Q_EMIT busy(-1);
                           if (!rows)
                               Q_EMIT told(
                                   tr("The history was not exported. %1").arg(text::callError(rows.error())));
                           else if (!file->commit())
                               Q_EMIT told(tr("“%1” cannot be written: %2").arg(path, file->errorString()));
                           else
                               Q_EMIT told(tr("%Ln row(s) written to “%1”.", nullptr, int(*rows)).arg(path));
                       });
}

void HistoryActions::confirmDelete(const dbus::SeriesRow &series, const Interval &shown)
{
    const auto days = wholeDays(shown, displayZone());
    auto *question =
        new QMessageBox(QMessageBox::Warning, tr("Delete history"),
                        tr("Delete history of “%1”?").arg(series.name), QMessageBox::Cancel, m_window);
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setTextFormat(Qt::PlainText);
    question->setInformativeText(
        tr("What is deleted is gone for good; this cannot be undone. Its total stays.")
        + QStringLiteral("\n\n")
        + (days ? tr("Whole days that are shown: %1.").arg(describe(*days, displayZone()))
                : tr("What is shown holds no whole day.")));
    if (days) {
        auto *some = question->addButton(tr("Delete the days shown"), QMessageBox::DestructiveRole);
        connect(some, &QPushButton::clicked, this,
                [this, series, days] { remove(series.series, series.name, days->from, days->to); });
    }
    auto *all = question->addButton(tr("Delete all of it"), QMessageBox::DestructiveRole);
    connect(all, &QPushButton::clicked, this, [this, series] { remove(series.series, series.name, 0, 0); });
    question->setDefaultButton(QMessageBox::Cancel);
    question->open();
}

void HistoryActions::remove(const QString &series, const QString &name, qint64 from, qint64 to)
{
    Q_EMIT busy(1);
    m_history.remove(series, from, to, this, [this, name](const client::Answer<qulonglong> &rows) {
        Q_EMIT busy(-1);
        if (!rows) {
            Q_EMIT told(
                tr("The history of “%1” was not deleted. %2").arg(name, text::callError(rows.error())));
            return;
        }
        Q_EMIT told(tr("%Ln row(s) of “%1” deleted.", nullptr, int(*rows)).arg(name));
        Q_EMIT deleted();
    });
}

} // namespace weir::gui
