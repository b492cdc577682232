// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/history_keeper.h"

#include <algorithm>

namespace weir {

namespace {

/// More minutes than this are waiting only when the store fails: the longest flush interval is 15 minutes.
constexpr size_t kMaxPendingMinutes = 240;
constexpr qint64 kQuarterS = 900;

} // namespace

HistoryTraffic historyOf(const WatchRecord &record)
{
    return {record.total, record.totalOther};
}

HistoryTraffic historyOf(const LinkRecord &record)
{
    return {record.total, record.totalOther + record.totalUnmetered};
}

HistoryTraffic historyOf(const ServiceRecord &record)
{
    return {record.total.wire, record.total.loopback};
}

HistoryKeeper::HistoryKeeper(const State &state)
{
    for (const WatchRecord &record : state.watches)
        m_observed[seriesOf(record)] = historyOf(record);
    for (const LinkRecord &record : state.links)
        m_observed[seriesOf(record)] = historyOf(record);
    for (const ServiceRecord &record : state.services)
        m_observed[seriesOf(record)] = historyOf(record);
}

void HistoryKeeper::observe(SeriesKey series, const HistoryTraffic &total, qint64 minuteS)
{
    HistoryTraffic &observed = m_observed[series];
    const HistoryTraffic passed = growth(observed, total);
    if (passed == HistoryTraffic{})
        return;
    observed += passed;
    Minutes &minutes = m_pending[series];
    minutes[minuteS] += passed;
    bound(minutes);
}

void HistoryKeeper::bound(Minutes &minutes)
{
    if (minutes.size() <= kMaxPendingMinutes)
        return;
    Minutes coarser;
    const auto recent = std::prev(minutes.end(), kMaxPendingMinutes / 2);
    for (auto minute = minutes.begin(); minute != recent; ++minute)
        coarser[minute->first / kQuarterS * kQuarterS] += minute->second;
    minutes.erase(minutes.begin(), recent);
    for (const auto &[startS, traffic] : coarser)
        minutes[startS] += traffic;
}

void HistoryKeeper::takePending(StateChange &change, SeriesKey series)
{
    const auto pending = m_pending.find(series);
    if (pending == m_pending.end())
        return;
    for (const auto &[startS, traffic] : pending->second)
        change.history.rows.push_back({series, startS, traffic});
    m_pending.erase(pending);
}

void HistoryKeeper::merge(SeriesKey series, SeriesKey into)
{
    const auto observed = m_observed.find(series);
    if (observed != m_observed.end()) {
        m_observed[into] += observed->second;
        m_observed.erase(observed);
    }
    const auto pending = m_pending.find(series);
    if (pending == m_pending.end())
        return;
    for (const auto &[startS, traffic] : pending->second)
        m_pending[into][startS] += traffic;
    m_pending.erase(pending);
    bound(m_pending[into]);
}

void HistoryKeeper::forget(SeriesKey series, qint64 fromS)
{
    const auto pending = m_pending.find(series);
    if (pending != m_pending.end())
        pending->second.erase(pending->second.lower_bound(fromS), pending->second.end());
}

void HistoryKeeper::take(StateChange &change, qint64 minuteS)
{
    const auto takeOf = [&](const auto &record) {
        observe(seriesOf(record), historyOf(record), minuteS);
        takePending(change, seriesOf(record));
    };
    std::ranges::for_each(change.watches, takeOf);
    std::ranges::for_each(change.links, takeOf);
    std::ranges::for_each(change.services, takeOf);
    // what was given back of a series whose record does not change any more
    for (const SeriesKey &series : std::exchange(m_givenBack, {}))
        takePending(change, series);
}

void HistoryKeeper::restore(const HistoryChange &change)
{
    for (const HistoryRow &row : change.rows) {
        Minutes &minutes = m_pending[row.series];
        minutes[row.startS] += row.traffic;
        bound(minutes);
        m_givenBack.insert(row.series);
    }
}

void HistoryKeeper::fold(qint64 afterS, qint64 minuteS)
{
    for (auto &[series, minutes] : m_pending) {
        HistoryTraffic folded;
        const auto future = minutes.upper_bound(afterS);
        for (auto minute = future; minute != minutes.end(); ++minute)
            folded += minute->second;
        minutes.erase(future, minutes.end());
        if (folded != HistoryTraffic{})
            minutes[minuteS] += folded;
    }
}

const HistoryTraffic *HistoryKeeper::observed(SeriesKey series) const
{
    const auto found = m_observed.find(series);
    return found == m_observed.end() ? nullptr : &found->second;
}

void HistoryKeeper::addTo(SeriesKey series, std::vector<HistoryPoint> &points) const
{
    const auto pending = m_pending.find(series);
    if (pending == m_pending.end())
        return;
    for (const auto &[startS, traffic] : pending->second) {
        const auto after = std::ranges::upper_bound(points, startS, {}, &HistoryPoint::startS);
        if (after == points.begin())
            continue;
        HistoryPoint &point = *std::prev(after);
        if (startS < point.endS)
            point.traffic += traffic;
    }
}

} // namespace weir
