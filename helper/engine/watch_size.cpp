// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/watch_size.h"

#include "helper/engine/bounds.h"

#include <algorithm>

namespace weir {

WatchSize sizeOf(const WatchSpec &spec)
{
    const auto pairs = std::ranges::count_if(spec.note, [](QChar c) { return c.isLowSurrogate(); });
    return {spec.ports.size(), size_t(spec.note.size() - pairs)};
}

Result<void> checkGrowth(const WatchSize &now, const WatchSize &next)
{
    if (next.portRanges > std::max(now.portRanges, kMaxAllPortRanges))
        return failure(
            ErrorKind::LimitReached,
            QStringLiteral(
                "ports: all watches together would have %1 ports and ranges, at most %2 are allowed")
                .arg(next.portRanges)
                .arg(kMaxAllPortRanges));
    if (next.noteCharacters > std::max(now.noteCharacters, kMaxAllNoteCharacters))
        return failure(
            ErrorKind::LimitReached,
            QStringLiteral("note: all notes together would have %1 characters, at most %2 are allowed")
                .arg(next.noteCharacters)
                .arg(kMaxAllNoteCharacters));
    return {};
}

} // namespace weir
