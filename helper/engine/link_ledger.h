// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/accounting.h"
#include "helper/engine/engine.h"
#include "helper/engine/link_choice.h"
#include "helper/engine/rates.h"

#include <list>
#include <set>

namespace weir {

/// What one reading of the kernel says about links.
struct LinkReading {
    QString bootId;
    std::vector<Link> links; ///< read after the meter
    /// Counters by link read *before* the meter, where metering begins or began: their growth then never
    /// holds packets that the meter does not know yet. Empty: those of `links`.
    std::map<int, Traffic> earlyCounters;
    const MeterSample *sample = nullptr; ///< none when there is no meter
    LinkChoice choice;
    qint64 nowS = 0;
};

/// Keeps the totals of links: what the meter saw by scope, and from the links' own counters what passed
/// without a meter.
///
/// Main thread. A record follows its link by index while running, and is known again after a restart by index
/// and boot, by hardware address and kind, or by name.
class LinkLedger
{
public:
    explicit LinkLedger(std::vector<LinkRecord> records);

    /// Credits the meters of an earlier layout's maps (see Kernel::leftovers()).
    void creditLeftover(const MeterSample &leftover, const QString &bootId);

    /// Takes a reading: credits, and rates for `interval`.
    void update(const LinkReading &reading, const SampleInterval &interval);

    std::vector<LinkStatus> links() const;                 ///< present ones, sorted by name
    const SampleTrack *samples(const QString &name) const; ///< null when there is no such link

    /// Links that were known before the last update(), with the name they had: a link that is not among them
    /// is new.
    bool wasKnown(int index) const { return m_knownBefore.contains(index); }

    /// True when a link was seen for the first time: worth storing soon.
    bool takeNews() { return std::exchange(m_news, false); }
    /// Visits the records that changed since the last collect().
    void eachChanged(const std::function<void(const LinkRecord &)> &visit) const;
    /// The record of the link that has this name, or of the one that had it last; null when there is none.
    const LinkRecord *find(const QString &name) const;
    /// The record of the link that is there under this interface index; null when there is none.
    const LinkRecord *findIndex(int index) const;

    /// Records that changed since the last call, and ids that may be forgotten.
    void collect(StateChange &change);
    /// What was collected was not stored: collect it again.
    void restore(const StateChange &change);

private:
    struct Entry {
        LinkRecord record;
        Link link;
        bool present = false;
        bool metered = false;
        bool fresh = true; // not credited in this run yet
        bool dirty = false;
        Traffic leftoverPlain; // credited from leftovers, not yet held against the link's own counters
        Traffic leftoverWire;
        QString reason;
        std::optional<Rate> rate;
        SampleTrack track;
    };
    void match(const LinkReading &reading);
    Entry *adopt(const Link &link, const QString &bootId, const std::vector<Link> &unmatched);
    void creditPresent(Entry &entry, const LinkReading &reading, const SampleInterval &interval);
    void creditVanished(Entry &entry, const LinkReading &reading);

    std::list<Entry> m_entries;
    std::set<int> m_knownBefore;
    std::vector<qint64> m_forgotten;
    qint64 m_nextId = 1;
    bool m_news = false;
};

} // namespace weir
