// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/report.h"

namespace weir::client {

/// One HTML document that needs nothing else: style and charts are in it, no script, no reference to anything
/// outside, light or dark as the reader's system is. Foreign text is escaped and cannot become markup.
QByteArray reportHtml(const Report &report);

/// Text for HTML, also inside double quotes; what cannot be seen or turns the direction of writing goes.
QString htmlEscaped(const QString &text);

/// Steps as stacked bars, down below up, as SVG with a title for the whole and for each bar. Of more than 240
/// steps several stand in one bar, added up. `labels`: a text for each step.
QString historySvg(const dbus::HistoryRows &steps, const QStringList &labels, const QString &title);

} // namespace weir::client
