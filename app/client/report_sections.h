// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/report.h"
#include "app/client/table.h"

/// A report as people read it, before it becomes text or HTML: the same tables in both.
namespace weir::client {

struct ReportSection {
    enum class Layout { Facts, Table }; ///< Facts: a name and a value a row, the columns have no titles

    QString id; ///< "links", "history-eth0"; not escaped
    QString title;
    Layout layout = Layout::Table;
    std::vector<Table::Column> columns;
    QList<QStringList> rows; ///< as many cells as columns; foreign text as it came
    bool lastIsSum = false;
    QString whenEmpty;                    ///< what to say when there is no row
    QString note;                         ///< below the table
    const ReportTraffic *chart = nullptr; ///< whose steps the section shows; lives in the report
};

/// The report outlives the sections.
std::vector<ReportSection> reportSections(const Report &report);

/// "Traffic report of proxy-1"
QString reportTitle(const Report &report);

/// The sections one below the other, for a terminal: nothing in it can drive one.
QByteArray reportText(const Report &report);

} // namespace weir::client
