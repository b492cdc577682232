// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/history.h"

#include <map>
#include <span>

namespace weir {

/// Adds up by hour what series exchanged with each remote address, until the store takes it.
///
/// Main thread. Bounded: addresses beyond are not named, and count for "all others".
class RemoteKeeper
{
public:
    /// Addresses of one series in one hour that one change may bring: those with most bytes. A scan of the
    /// whole Internet must not fill the disk.
    static constexpr size_t kMaxTaken = 200;
    /// Addresses that wait, of all series together.
    static constexpr size_t kMaxWaiting = 100'000;

    /// `passed` went to and from `remote` in the hour that begins at `hourS`, and counts for each of
    /// `series`.
    void add(std::span<const SeriesKey> series, qint64 hourS, const Address &remote, const Traffic &passed);

    /// Moves what waits into the change.
    void take(HistoryChange &change);
    /// What was taken was not stored: keep it.
    void restore(const HistoryChange &change);
    /// Drops what waits of a series, from an hour on.
    void forget(SeriesKey series, qint64 fromS);
    /// The clock came back: hours that begin after `afterS` were the one that begins at `hourS`.
    void fold(qint64 afterS, qint64 hourS);

private:
    struct Bytes {
        quint64 rx = 0;
        quint64 tx = 0;
    };
    using Remotes = std::map<Address, Bytes>;

    void add(SeriesKey series, qint64 hourS, const Address &remote, const Bytes &bytes);

    std::map<std::pair<SeriesKey, qint64>, Remotes> m_hours;
    size_t m_waiting = 0;
};

} // namespace weir
