// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/report.h"

#include <QJsonObject>

/// A report for programs: exact numbers under the names and units of the API.
namespace weir::client {

/// {"made_s", "from_s", "to_s", "step", "zone", "machine": {…, "disks": [rows]}, "status": {…}, "problems":
/// [rows], "links": [rows], "watches": [rows], "watch_ranking": [rows], "service_ranking": [rows], "traffic":
/// [{"series", "link", "sum": {…}, "history": [rows], "remotes": [rows]}]}
QJsonObject reportObject(const Report &report);

/// {"report": [reportObject()]} and an end of line.
QByteArray reportJson(const Report &report);

/// One table, `section,name,field,value`, with the fields of reportObject(): what is nested there has its
/// names joined
/// ("internet_rx_bytes"), lists are joined by spaces, what is not known is empty. In a section, rows of one
/// name belong together.
///
/// | section | name |
/// |---|---|
/// | report, machine, status | empty |
/// | disk | where it is mounted |
/// | problem | its id, and behind a space its subject where it has one |
/// | link, watch | its name |
/// | watch_ranking, service_ranking | the series, such as watch:web |
/// | history:LINK | when the step begins, such as 2026-03-01T00:00:00+01:00; "sum" for all |
/// | remotes:LINK | the address; "others" for all others |
QByteArray reportCsv(const Report &report);

} // namespace weir::client
