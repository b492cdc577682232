// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/report_sections.h"

#include "app/client/civil_text.h"

namespace weir::client {

namespace {

QStringList tableLines(const ReportSection &section)
{
    std::vector<Table::Column> columns = section.columns;
    for (Table::Column &column : columns)
        column.title = column.title.toUpper();
    Table table(std::move(columns));
    for (const QStringList &row : section.rows)
        table.add(row);
    QStringList lines = table.lines();
    if (section.layout == ReportSection::Layout::Facts)
        lines.removeFirst(); // of titles, which facts have none of
    return lines;
}

} // namespace

QByteArray reportText(const Report &report)
{
    QStringList lines{printable(reportTitle(report)), periodText(report.period),
                      QStringLiteral("Made %1").arg(minuteText(report.made, report.period.zone))};
    for (const ReportSection &section : reportSections(report)) {
        const QString title = printable(section.title);
        lines << QString() << title << QString(displayWidth(title), QLatin1Char('-'));
        lines << (section.rows.isEmpty() ? QStringList{section.whenEmpty} : tableLines(section));
        if (!section.note.isEmpty() && !section.rows.isEmpty())
            lines << section.note;
    }
    return (lines.join(QLatin1Char('\n')) + QLatin1Char('\n')).toUtf8();
}

} // namespace weir::client
