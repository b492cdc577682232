// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/names.h"

#include <QtGlobal>

#include <array>

namespace weir::client {
struct SampleAnswer;
}
namespace weir::dbus {
struct Rate;
}

namespace weir::gui {

/// The last two minutes of one rate, a value a second, for a chart.
///
/// Times are UTC milliseconds of samples, about a second apart; they are placed by their distance from the
/// newest one, so that a sample that comes some milliseconds early or late keeps its place.
class RateHistory
{
public:
    static constexpr int kSize = dbus::kSampleSeconds;

    RateHistory();

    /// Takes over what the helper remembers. Seconds that it does not know, before it was started anew, and
    /// those after its last sample stay as they are.
    void fill(const client::SampleAnswer &samples);

    /// Adds a sample, or replaces the one of the same second. A few seconds in between keep the value before:
    /// no frame came because nothing changed; more of them are a gap, for the machine slept or its clock
    /// jumped. After a jump back the sample simply becomes the next one.
    void add(qint64 timeMs, const dbus::Rate &rate);

    /// Nothing changed until `timeMs`.
    void hold(qint64 timeMs);

    /// Bytes per second, `age` seconds before the newest sample (0 to kSize - 1); NaN where none was taken.
    double down(int age) const { return m_down.at(size_t(kSize - 1 - age)); }
    double up(int age) const { return m_up.at(size_t(kSize - 1 - age)); }

    /// The greatest rate of either direction; 0 when there is none.
    double peak() const;

private:
    void push(double down, double up);
    int secondsSinceNewest(qint64 timeMs) const;

    std::array<double, kSize> m_down; ///< oldest first
    std::array<double, kSize> m_up;
    qint64 m_newestMs = 0; ///< 0: no sample yet
};

} // namespace weir::gui
