// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <algorithm>

namespace weir {

/// Foreign text as part of an error: in quotes, at most 40 characters of it, and nothing in it that a
/// terminal would obey.
inline QString quotedPart(QStringView text)
{
    constexpr qsizetype kLongest = 40;
    QString shown = text.first(std::min(text.size(), kLongest)).toString();
    for (QChar &character : shown)
        if (!character.isPrint())
            character = u'?';
    return QStringLiteral("\"%1%2\"").arg(shown, text.size() > kLongest ? QStringLiteral("…") : QString());
}

} // namespace weir
