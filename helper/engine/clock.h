// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace weir {

/// Time as the engine sees it: a seam, so that tests can move it.
class Clock
{
public:
    virtual ~Clock() = default;
    virtual std::chrono::system_clock::time_point wall() const { return std::chrono::system_clock::now(); }
    virtual std::chrono::steady_clock::time_point steady() const { return std::chrono::steady_clock::now(); }
};

} // namespace weir
