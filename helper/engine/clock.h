// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <ctime>

namespace weir {

/// Time as the engine sees it: a seam, so that tests can move it.
class Clock
{
public:
    virtual ~Clock() = default;
    virtual std::chrono::system_clock::time_point wall() const { return std::chrono::system_clock::now(); }
    virtual std::chrono::steady_clock::time_point steady() const { return std::chrono::steady_clock::now(); }
    /// A clock that nobody moves and that, unlike steady(), goes on while the machine sleeps.
    virtual std::chrono::milliseconds sinceBoot() const
    {
        timespec now{};
        clock_gettime(CLOCK_BOOTTIME, &now);
        return std::chrono::seconds(now.tv_sec) + std::chrono::milliseconds(now.tv_nsec / 1'000'000);
    }
};

} // namespace weir
