// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/records.h"

#include <map>
#include <set>
#include <vector>

namespace weir {

HistoryTraffic historyOf(const WatchRecord &record);
HistoryTraffic historyOf(const LinkRecord &record);
HistoryTraffic historyOf(const ServiceRecord &record);
inline SeriesKey seriesOf(const WatchRecord &record)
{
    return {SeriesKind::Watch, record.id};
}
inline SeriesKey seriesOf(const LinkRecord &record)
{
    return {SeriesKind::Link, record.id};
}
inline SeriesKey seriesOf(const ServiceRecord &record)
{
    return {SeriesKind::Service, record.id};
}

/// Turns totals that grow into history by the minute, until the store has it.
///
/// Main thread. Works on the totals themselves, so that what history holds and what a total grew by are the
/// same, whatever made it grow. A series' minutes are taken together with its record: the store writes both
/// in one transaction. A total that was set back by an edit that failed grows again without being counted
/// twice.
class HistoryKeeper
{
public:
    /// What was stored before is known: history begins behind these totals.
    explicit HistoryKeeper(const State &state);

    /// What `total` grew by since it was last observed passed in the minute that begins at `minuteS`.
    void observe(SeriesKey series, const HistoryTraffic &total, qint64 minuteS);

    /// Moves the minutes of the records in `change` into it, after observing these records.
    void take(StateChange &change, qint64 minuteS);
    /// What was taken was not stored: keep it.
    void restore(const HistoryChange &change);
    /// What `series` had is `into`'s from now on: its total grew by that, and nothing of it passed now.
    void merge(SeriesKey series, SeriesKey into);
    /// Drops what is not stored of a series, from a minute on.
    void forget(SeriesKey series, qint64 fromS);
    /// The clock came back: minutes that begin after `afterS` were the one that begins at `minuteS`.
    void fold(qint64 afterS, qint64 minuteS);

    /// Adds what is not stored yet to the spans between `bounds`; `points` has one for each.
    void addTo(SeriesKey series, std::vector<HistoryPoint> &points) const;
    /// The total that was last observed; null when there never was any.
    const HistoryTraffic *observed(SeriesKey series) const;
    /// True when there is, or was, a record of that series.
    bool knows(SeriesKey series) const { return m_observed.contains(series); }

private:
    using Minutes = std::map<qint64, HistoryTraffic>;

    /// While the disk takes nothing the older minutes are kept by the quarter of an hour only.
    static void bound(Minutes &minutes);
    void takePending(StateChange &change, SeriesKey series);

    std::map<SeriesKey, HistoryTraffic> m_observed;
    std::map<SeriesKey, Minutes> m_pending;
    std::set<SeriesKey> m_givenBack; // since the last take()
};

} // namespace weir
