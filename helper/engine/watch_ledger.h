// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/accounting.h"
#include "helper/engine/atoms.h"
#include "helper/engine/engine.h"
#include "helper/engine/rates.h"
#include "helper/engine/service_ledger.h"
#include "helper/engine/watch_size.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace weir {

/// Keeps the watches: what they are, what they counted, and how their counts are read from the kernel.
///
/// Main thread. Changes go in two steps, so that one that fails later leaves no mark: prepare() says what the
/// watches would be and how they would be read, apply() makes it so with the kernel's answer, revert() takes
/// it back without losing a byte.
class WatchLedger
{
public:
    /// Removed watches that nobody can restore any more (before `restorableSinceS`) are left out.
    explicit WatchLedger(std::vector<WatchRecord> records, qint64 restorableSinceS);

    /// What an edit does to one watch. Totals and baselines are left alone.
    struct Step {
        enum class Kind { Add, Edit, Remove, Restore } kind;
        qint64 id = 0;   ///< of the record; for Add the one it will get
        WatchSpec spec;  ///< as it will be
        qint64 nowS = 0; ///< created or removed then
    };
    struct Change {
        std::vector<Step> steps;
        std::shared_ptr<const ReadingPlan> plan;
        bool readsOtherPorts = false; ///< the plan differs from the one in force: the kernel must be told
        bool needsReading = false;    ///< a baseline is to be set: read the meter
    };
    Change prepare(std::vector<Step> steps) const;
    qint64 takeId() { return m_nextId++; }

    /// One moment of the kernel, as far as watches need it.
    struct Reading {
        QString bootId;
        const MeterSample *sample = nullptr;     ///< null when there is no meter: nothing is counted then
        const ServiceLedger *services = nullptr; ///< never null
    };
    /// State of the changed watches at the moment of the change.
    struct Undo {
        std::vector<std::pair<Step::Kind, WatchRecord>> steps;
        std::vector<qint64> rebased; ///< other watches whose baselines moved without traffic
    };
    /// Credits `before` under the old plan and begins to count by the new one from `after`.
    Undo apply(const Change &change, const Reading &before, const Reading &after);
    /// Takes apply() back, with the kernel reading by the old `plan` again. Counting goes on where it was:
    /// what passed meanwhile is credited with the next reading.
    void revert(const Undo &undo, std::shared_ptr<const ReadingPlan> plan, const Reading &before,
                const Reading &after);

    const std::shared_ptr<const ReadingPlan> &plan() const { return m_plan; }

    /// Follows links: by index while they are there, by name when they come anew. `wasKnown(index)`: the link
    /// was there before this reading, so what it counted so far belongs to others.
    void followLinks(const std::vector<Link> &links, const std::function<bool(int)> &wasKnown,
                     const Reading &reading);

    /// Links that were read between two samples: a watch that is added now counts on one of them from now on.
    void noteLinks(const std::vector<Link> &links) { m_links = links; }

    /// Credits the maps of an earlier layout (see Kernel::leftovers()).
    void creditLeftover(const MeterSample &leftover, const QString &bootId);
    /// Credits watches of services with what their services' totals grew by.
    void creditServices(const ServiceLedger &services);
    /// True when a watch of a service counts: services are to be read with each sample.
    bool countsServices() const;
    bool watchesService(const QString &name) const;
    /// Credits what passed since the last reading.
    void credit(const Reading &reading);
    /// Rates for the interval that ended with the last credit(); once for each SampleInterval::advance().
    void updateRates(const SampleInterval &interval);
    void setConnections(const std::vector<quint32> &byPlanOrder, const std::map<int, quint32> &byLink);

    size_t size() const { return m_entries.size(); }
    /// What the watches that are there hold together, as kMaxAllPortRanges and kMaxAllNoteCharacters bound
    /// it.
    const WatchSize &sizes() const { return m_sizes; }
    const WatchRecord *find(const QString &name) const;
    const WatchRecord *find(qint64 id) const; ///< null when it is not there
    /// The last one of that name that was removed at or after `sinceS`; null when there is none.
    const WatchRecord *findRemoved(const QString &name, qint64 sinceS) const;
    std::vector<WatchStatus> watches() const;              ///< sorted by name
    const SampleTrack *samples(const QString &name) const; ///< null when there is no such watch
    /// Names of enabled watches that count a flow, sorted; `most` of them when there are more.
    QStringList namesFor(const Flow &flow, size_t most) const;
    /// Series of enabled watches that count a flow; `most` of them when there are more.
    std::vector<SeriesKey> seriesFor(const Flow &flow, size_t most) const;
    /// Enabled watches of links that are not there or not among `metered`: name of the watch, name of its
    /// link.
    std::vector<std::pair<QString, QString>> uncounted(const std::set<int> &metered) const;

    /// Visits watches that have a limit, a quota or a burst guard, by id, with the index of the link that a
    /// watch of a link follows, 0 while that is not there.
    void eachGoverned(const std::function<void(const WatchRecord &, int link)> &visit) const;
    size_t governed() const { return m_governed.size(); }
    void setGuard(qint64 id, const GuardState &guard);

    /// Visits the records that changed since the last collect().
    void eachChanged(const std::function<void(const WatchRecord &)> &visit) const;

    /// Records that changed since the last call. Removed ones that nobody can restore any more (before
    /// `sinceS`) are forgotten here; the store keeps them.
    void collect(StateChange &change, qint64 restorableSinceS);
    /// What was collected was not stored: collect it again.
    void restore(const StateChange &change);
    /// Records of a change, for storing it.
    std::vector<WatchRecord> records(const Undo &undo);

private:
    struct Entry {
        WatchRecord record;
        int link = 0; // index of the link that is followed; 0 when it is not there
        bool dirty = false;
        bool ratable = false; // counted through the whole interval
        Traffic atLastSample;
        std::optional<Rate> rate;
        quint32 connections = 0;
        SampleTrack track;
    };
    using Entries = std::map<QString, Entry>;

    /// Reads by another plan from now on; watches whose raw value is another under it, with nothing passed,
    /// get a baseline that fits.
    std::vector<qint64> replan(std::shared_ptr<const ReadingPlan> plan, const Reading &before,
                               const Reading &after);
    void usePlan(std::shared_ptr<const ReadingPlan> plan);
    void creditEntry(Entry &entry, const CounterOrigin &origin, const ScopedTraffic &raw,
                     const Traffic &other);
    /// A service's total is no counter that began at some time: it goes on over boots.
    inline static const CounterOrigin kServiceOrigin{QString(), 1, 0};

    void creditLink(Entry &entry, const Reading &reading);
    void begin(Entry &entry, const Reading &reading);
    void pin(Entry &entry);
    Entry &insert(WatchRecord record);
    WatchRecord takeRemoved(qint64 id);
    WatchRecord remove(qint64 id);
    void replace(Entry &entry, WatchRecord record);
    void noteGoverned(Entry &entry);
    std::shared_ptr<const ReadingPlan> planWith(const std::vector<Step> &steps) const;
    /// Visits enabled watches that count a flow, until `visit` says false.
    void eachCounting(const Flow &flow, const std::function<bool(const Entry &)> &visit) const;
    static WatchStatus statusOf(const Entry &entry);

    Entries m_entries; // by name; nodes keep their places in memory
    std::map<qint64, Entry *> m_byId;
    std::map<qint64, Entry *> m_governed; // those with a policy
    std::vector<WatchRecord> m_removed;   // that can still be restored
    std::shared_ptr<const ReadingPlan> m_plan;
    std::vector<Entry *> m_planEntries;         // in the order of the plan's watches; null for removed ones
    std::vector<Entry *> m_linkEntries;         // watches of links
    std::vector<Entry *> m_serviceEntries;      // watches of services
    mutable std::unique_ptr<PortIndex> m_index; // of the plan; made when first asked
    std::vector<Link> m_links;
    WatchSize m_sizes; // of m_entries
    qint64 m_nextId = 1;
};

} // namespace weir
