// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLocale>
#include <QStringList>

namespace weir::gui {

/// Makes style, icons and translations that are inside the library known. Call once, before anything else
/// here.
void initResources();

/// Codes of the languages that there are: "en", "zh_CN".
QStringList languages();

/// Speaks the language of `locale` from now on and writes numbers its way. False when there is none; then it
/// speaks English. Call after initResources() and before the first widget is made.
bool setLanguage(const QLocale &locale);

} // namespace weir::gui
