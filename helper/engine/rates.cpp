// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/rates.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weir {

namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

size_t cell(quint64 slot)
{
    return size_t(slot % kSampleSeconds);
}

} // namespace

void SampleInterval::advance(std::chrono::steady_clock::time_point taken, const QString &bootId,
                             Generation generation)
{
    const bool first = !m_taken;
    const auto gap = first ? std::chrono::steady_clock::duration{} : taken - *m_taken;
    m_seconds = std::chrono::duration<double>(gap).count();
    m_known =
        !first && m_seconds > 0 && gap <= kMaxRateGap && bootId == m_bootId && generation == m_generation;
    m_taken = taken;
    m_bootId = bootId;
    m_generation = generation;

    // one sample a second: what lies between was missed
    const auto steps = quint64(std::clamp(std::llround(m_seconds), 1LL, (long long)(kSampleSeconds)));
    for (quint64 i = 1; i < steps; ++i)
        m_knownAt[cell(m_slot + i)] = false;
    m_slot += steps;
    m_knownAt[cell(m_slot)] = m_known;
}

std::optional<Rate> SampleInterval::rateOf(const Traffic &passed) const
{
    if (!m_known)
        return {};
    return Rate{double(passed.rxBytes) / m_seconds, double(passed.txBytes) / m_seconds};
}

bool SampleInterval::knownAt(quint64 slot) const
{
    return m_knownAt[cell(slot)];
}

void SampleTrack::add(const SampleInterval &now, const std::optional<Rate> &rate)
{
    const quint64 slot = now.slot();
    if (!m_begun) {
        m_begun = true;
        m_since = slot;
    }
    if (!rate) {
        // a slot that is unknown for all needs no note of its own
        if (now.known())
            m_since = slot + 1;
        if (m_rates)
            m_rates->rx[cell(slot)] = m_rates->tx[cell(slot)] = kUnknown;
        return;
    }
    const bool traffic = rate->rxBytesPerSecond > 0 || rate->txBytesPerSecond > 0;
    if (!traffic && m_rates && slot - m_lastTraffic >= kSampleSeconds)
        m_rates.reset();
    if (!traffic && !m_rates)
        return;
    if (!m_rates) {
        m_rates = std::make_unique<Rates>();
        for (quint64 past = slot - kSampleSeconds + 1; past < slot; ++past)
            m_rates->rx[cell(past)] = m_rates->tx[cell(past)] = past >= m_since ? 0 : kUnknown;
    }
    if (traffic)
        m_lastTraffic = slot;
    m_rates->rx[cell(slot)] = float(rate->rxBytesPerSecond);
    m_rates->tx[cell(slot)] = float(rate->txBytesPerSecond);
}

std::vector<Rate> SampleTrack::read(const SampleInterval &now) const
{
    std::vector<Rate> rates;
    rates.reserve(kSampleSeconds);
    for (quint64 slot = now.slot() - kSampleSeconds + 1; slot <= now.slot(); ++slot) {
        if (!m_begun || !now.knownAt(slot))
            rates.push_back({kUnknown, kUnknown});
        else if (m_rates)
            rates.push_back({m_rates->rx[cell(slot)], m_rates->tx[cell(slot)]});
        else
            rates.push_back(slot >= m_since ? Rate{} : Rate{kUnknown, kUnknown});
    }
    return rates;
}

} // namespace weir
