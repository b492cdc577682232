// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/rate_history.h"

#include "app/client/client.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weir::gui {

namespace {
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr int kQuietSeconds = 4; ///< longest silence that still means "nothing changed"
} // namespace

RateHistory::RateHistory()
{
    m_down.fill(kNone);
    m_up.fill(kNone);
}

void RateHistory::fill(const client::SampleAnswer &samples)
{
    const RateHistory before = *this;
    const int ahead = before.m_newestMs == 0 ? -kSize : -before.secondsSinceNewest(samples.endMs);
    const auto known = [&](const QList<double> &values, int age) {
        return age >= 0 && age < values.size() ? values.at(values.size() - 1 - age) : kNone;
    };
    const auto kept = [&](double (RateHistory::*value)(int) const, int age) {
        return age >= 0 && age < kSize ? (before.*value)(age) : kNone;
    };
    const int shift = std::max(ahead, 0); // how many of our seconds are newer than the helper's last
    for (int age = 0; age < kSize; ++age) {
        const double down = known(samples.rxBytesPerSecond, age - shift);
        const double up = known(samples.txBytesPerSecond, age - shift);
        const int ours = age + std::min(ahead, 0);
        m_down.at(size_t(kSize - 1 - age)) = std::isnan(down) ? kept(&RateHistory::down, ours) : down;
        m_up.at(size_t(kSize - 1 - age)) = std::isnan(up) ? kept(&RateHistory::up, ours) : up;
    }
    m_newestMs = std::max(m_newestMs, samples.endMs);
}

int RateHistory::secondsSinceNewest(qint64 timeMs) const
{
    const qint64 seconds = std::llround(double(timeMs - m_newestMs) / 1000);
    return int(std::clamp<qint64>(seconds, -kSize, kSize));
}

void RateHistory::add(qint64 timeMs, const dbus::Rate &rate)
{
    const double down = rate.known ? rate.rxBytesPerSecond : kNone;
    const double up = rate.known ? rate.txBytesPerSecond : kNone;
    const int seconds = m_newestMs == 0 ? 1 : secondsSinceNewest(timeMs);
    if (seconds == 0) {
        m_down.back() = down;
        m_up.back() = up;
        return;
    }
    const bool quiet = seconds <= kQuietSeconds;
    for (int second = 1; second < seconds; ++second)
        push(quiet ? m_down.back() : kNone, quiet ? m_up.back() : kNone);
    push(down, up);
    m_newestMs = timeMs;
}

void RateHistory::hold(qint64 timeMs)
{
    if (m_newestMs == 0)
        return;
    const int seconds = secondsSinceNewest(timeMs);
    for (int second = 0; second < seconds; ++second)
        push(m_down.back(), m_up.back());
    m_newestMs += qint64(std::max(seconds, 0)) * 1000;
}

double RateHistory::peak() const
{
    double peak = 0;
    for (int age = 0; age < kSize; ++age)
        peak = std::max({peak, std::isnan(down(age)) ? 0 : down(age), std::isnan(up(age)) ? 0 : up(age)});
    return peak;
}

void RateHistory::push(double down, double up)
{
    std::shift_left(m_down.begin(), m_down.end(), 1);
    std::shift_left(m_up.begin(), m_up.end(), 1);
    m_down.back() = down;
    m_up.back() = up;
}

} // namespace weir::gui
