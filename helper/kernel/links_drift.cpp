// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/links_drift.h"

#include <algorithm>

namespace weir {

namespace {

/// What one direction of one window says.
struct Verdict {
    bool telling = false; ///< enough passed to say anything
    std::optional<Drift::Kind> kind;
};

Verdict judge(quint64 link, quint64 plain, quint64 total, quint64 packets)
{
    Verdict verdict;
    verdict.telling = std::max(link, total) > Drift::kBytes;
    const double most = double(total) * (1 + Drift::kTolerance) + double(packets * Drift::kChecksumBytes);
    const double least = double(plain) * (1 - Drift::kTolerance);
    if (double(link) > most && link - total > Drift::kBytes)
        verdict.kind = Drift::Kind::Missed;
    else if (double(link) < least && plain - link > Drift::kBytes)
        verdict.kind = Drift::Kind::Dropped;
    return verdict;
}

bool beganAnew(const Traffic &before, const Traffic &now)
{
    return now.rxBytes < before.rxBytes || now.txBytes < before.txBytes;
}

} // namespace

void Drift::add(Time now, const std::map<int, Reading> &readings)
{
    m_last = now;
    std::erase_if(m_links, [&](const auto &entry) { return !readings.contains(entry.first); });
    for (const auto &[index, reading] : readings) {
        const auto [found, isNew] = m_links.try_emplace(index, State{reading, {}, 0});
        if (isNew)
            continue;
        State &state = found->second;
        const Reading before = std::exchange(state.reading, reading);
        if (beganAnew(before.link, reading.link) || beganAnew(before.plain, reading.plain))
            continue;
        const Traffic link = growth(before.link, reading.link);
        const Traffic plain = growth(before.plain, reading.plain);
        const Traffic total = growth(before.total, reading.total);
        const Verdict received = judge(link.rxBytes, plain.rxBytes, total.rxBytes, total.rxPackets);
        const Verdict sent = judge(link.txBytes, plain.txBytes, total.txBytes, total.txPackets);
        const std::optional<Kind> kind = received.kind ? received.kind : sent.kind;
        if (kind) {
            state.windows = kind == state.kind ? state.windows + 1 : 1;
            state.kind = kind;
        } else if (received.telling || sent.telling) {
            state.windows = 0;
            state.kind.reset();
        }
    }
}

void Drift::clear()
{
    m_last.reset();
    m_links.clear();
}

std::map<int, Drift::Kind> Drift::drifting() const
{
    std::map<int, Kind> drifting;
    for (const auto &[index, state] : m_links) {
        if (state.kind && state.windows >= kWindows)
            drifting.emplace(index, *state.kind);
    }
    return drifting;
}

} // namespace weir
