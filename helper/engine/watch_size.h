// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/records.h"

#include <cstddef>

namespace weir {

/// What watches hold that is long in each of them and longer in all of them together.
struct WatchSize {
    size_t portRanges = 0;
    size_t noteCharacters = 0; ///< code points

    WatchSize &operator+=(const WatchSize &more)
    {
        portRanges += more.portRanges;
        noteCharacters += more.noteCharacters;
        return *this;
    }
    WatchSize &operator-=(const WatchSize &less)
    {
        portRanges -= less.portRanges;
        noteCharacters -= less.noteCharacters;
        return *this;
    }
};

/// Of one watch, its ports as they are given.
WatchSize sizeOf(const WatchSpec &spec);

/// Whether watches that hold `now` together may hold `next` instead. What does not grow is never refused:
/// watches that were stored under other bounds can still be edited. Error: LimitReached, saying what there
/// would be and what is allowed.
Result<void> checkGrowth(const WatchSize &now, const WatchSize &next);

} // namespace weir
