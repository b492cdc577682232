// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/remote_keeper.h"

#include <algorithm>
#include <utility>

namespace weir {

void RemoteKeeper::add(SeriesKey series, qint64 hourS, const Address &remote, const Bytes &bytes)
{
    Remotes &remotes = m_hours[{series, hourS}];
    auto found = remotes.find(remote);
    if (found == remotes.end()) {
        if (m_waiting >= kMaxWaiting)
            return;
        ++m_waiting;
        found = remotes.emplace(remote, Bytes{}).first;
    }
    found->second.rx += bytes.rx;
    found->second.tx += bytes.tx;
}

void RemoteKeeper::add(std::span<const SeriesKey> series, qint64 hourS, const Address &remote,
                       const Traffic &passed)
{
    if (passed.rxBytes == 0 && passed.txBytes == 0)
        return;
    for (const SeriesKey &key : series)
        add(key, hourS, remote, {passed.rxBytes, passed.txBytes});
}

void RemoteKeeper::take(HistoryChange &change)
{
    for (const auto &[hour, remotes] : m_hours) {
        std::vector<RemoteRow> rows;
        for (const auto &[remote, bytes] : remotes)
            rows.push_back({hour.first, hour.second, remote, bytes.rx, bytes.tx});
        if (rows.size() > kMaxTaken) {
            std::ranges::nth_element(rows, rows.begin() + kMaxTaken, std::greater(),
                                     [](const RemoteRow &row) { return row.rxBytes + row.txBytes; });
            rows.resize(kMaxTaken);
        }
        std::ranges::move(rows, std::back_inserter(change.remotes));
    }
    m_hours.clear();
    m_waiting = 0;
}

void RemoteKeeper::restore(const HistoryChange &change)
{
    for (const RemoteRow &row : change.remotes)
        add(row.series, row.hourS, row.remote, {row.rxBytes, row.txBytes});
}

void RemoteKeeper::forget(SeriesKey series, qint64 fromS)
{
    for (auto hour = m_hours.lower_bound({series, fromS});
         hour != m_hours.end() && hour->first.first == series;) {
        m_waiting -= hour->second.size();
        hour = m_hours.erase(hour);
    }
}

void RemoteKeeper::fold(qint64 afterS, qint64 hourS)
{
    for (auto &[hour, remotes] : std::exchange(m_hours, {})) {
        for (const auto &[remote, bytes] : remotes) {
            --m_waiting;
            add(hour.first, hour.second > afterS ? hourS : hour.second, remote, bytes);
        }
    }
}

} // namespace weir
