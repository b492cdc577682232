// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/burst_guard.h"

#include <algorithm>
#include <cmath>

namespace weir {

namespace {

using Time = std::chrono::milliseconds;

constexpr int kSlotsOfWindow = 300;

/// The part of `bytes`, spread evenly over `whole`, that falls into `part` of it.
quint64 share(quint64 bytes, Time part, Time whole)
{
    if (part >= whole)
        return bytes;
    return std::min(bytes,
                    quint64(std::llround(double(bytes) * double(part.count()) / double(whole.count()))));
}

} // namespace

BurstGuard::BurstGuard(const BurstPolicy &policy) : m_policy(policy)
{ }

void BurstGuard::setPolicy(const BurstPolicy &policy)
{
    m_policy = policy;
    forget();
    if (!m_until)
        return;
    m_until = std::min(*m_until, std::max(m_now, *m_since + Time(policy.hold)));
    advance(m_now);
}

void BurstGuard::recall(const BurstSample &sample)
{
    m_sampled = std::max(m_sampled, sample.at);
    append(sample);
    forget();
}

void BurstGuard::add(const BurstSample &sample)
{
    advance(sample.at);
    recall(sample);
    if (!m_until && average() > double(m_policy.triggerBitsPerSecond)) {
        m_since = sample.at;
        m_until = sample.at + Time(m_policy.hold);
    }
}

void BurstGuard::advance(Time now)
{
    m_now = std::max(m_now, now);
    if (m_until && *m_until <= m_now)
        endHold(*m_until);
}

void BurstGuard::resume(Time since, Time until)
{
    m_since = since;
    m_until = until;
}

void BurstGuard::restoreNow(Time now)
{
    advance(now);
    if (m_until)
        endHold(m_now);
}

double BurstGuard::average() const
{
    quint64 bytes = 0;
    if (m_policy.direction != BurstDirection::Up)
        bytes += m_rxBytes;
    if (m_policy.direction != BurstDirection::Down)
        bytes += m_txBytes;
    // only the oldest slot can reach out of the window
    const Time start = m_sampled - m_policy.window;
    if (!m_slots.empty() && m_slots.front().from < start) {
        const Slot &oldest = m_slots.front();
        bytes -= share(counted(oldest), start - oldest.from, oldest.to - oldest.from);
    }
    return double(bytes) * 8 / double(m_policy.window.count());
}

void BurstGuard::append(const BurstSample &sample)
{
    Slot slot{sample.at - sample.span, sample.at, sample.rxBytes, sample.txBytes};
    if (m_beganAt && slot.to <= *m_beganAt)
        return;
    if (m_beganAt && slot.from < *m_beganAt) {
        const Time counted = slot.to - *m_beganAt;
        slot.rxBytes = share(slot.rxBytes, counted, sample.span);
        slot.txBytes = share(slot.txBytes, counted, sample.span);
        slot.from = *m_beganAt;
    }
    if (!m_slots.empty()) {
        slot.to = std::max(slot.to, m_slots.back().to);
        slot.from = std::clamp(slot.from, m_slots.back().to, slot.to);
    }
    // nothing is what a gap says too
    if (slot.rxBytes == 0 && slot.txBytes == 0)
        return;
    m_rxBytes += slot.rxBytes;
    m_txBytes += slot.txBytes;
    const Time longest = Time(m_policy.window) / kSlotsOfWindow;
    if (!m_slots.empty() && slot.to - m_slots.back().from <= longest) {
        m_slots.back().to = slot.to;
        m_slots.back().rxBytes += slot.rxBytes;
        m_slots.back().txBytes += slot.txBytes;
    } else {
        m_slots.push_back(slot);
    }
}

void BurstGuard::forget()
{
    const Time start = m_sampled - m_policy.window;
    while (!m_slots.empty() && m_slots.front().to <= start) {
        m_rxBytes -= m_slots.front().rxBytes;
        m_txBytes -= m_slots.front().txBytes;
        m_slots.pop_front();
    }
}

void BurstGuard::endHold(Time at)
{
    m_slots.clear();
    m_rxBytes = 0;
    m_txBytes = 0;
    m_beganAt = at;
    m_since.reset();
    m_until.reset();
}

quint64 BurstGuard::counted(const Slot &slot) const
{
    switch (m_policy.direction) {
    case BurstDirection::Sum:
        return slot.rxBytes + slot.txBytes;
    case BurstDirection::Down:
        return slot.rxBytes;
    case BurstDirection::Up:
        return slot.txBytes;
    }
    Q_UNREACHABLE();
}

} // namespace weir
