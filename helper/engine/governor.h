// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/burst_guard.h"
#include "helper/engine/govern_planner.h"
#include "helper/engine/policy_status.h"
#include "helper/engine/watch_ledger.h"

namespace weir {

/// Works out what is in force: from what watches want, what they moved and what time it is, the plan that the
/// kernel is to carry out.
///
/// Main thread. Holds and periods are kept in the watches' records (GuardState), so they survive whatever
/// happens to the helper; everything else is worked out anew from the totals and from history.
class Governor
{
public:
    /// A limit, quota or guard is looked after for at most so many watches.
    static constexpr size_t kMaxGoverned = 1000;

    struct Moment {
        qint64 nowS = 0;                        ///< UTC seconds
        std::chrono::milliseconds sinceBoot{0}; ///< a clock that nobody moves
        CivilZone zone;                         ///< the machine's
    };

    explicit Governor(WatchLedger &watches) : m_watches(watches) { }

    /// Looks at all governed watches: after each sample, and after each edit.
    void observe(const Moment &now);
    /// What the kernel told, before the observe() of the same sample.
    void take(GovernReading reading);

    /// What has to be known of the past before a quota or a guard can go on.
    struct Question {
        enum class About { Period, Window } about = About::Period;
        qint64 watch = 0;
        HistoryQuery query;
        HistoryTraffic total; ///< of the watch when it was asked
        qint64 periodStartS = 0;
    };
    /// Questions that came up since the last call.
    std::vector<Question> takeQuestions() { return std::exchange(m_questions, {}); }
    /// Nothing in `points`: it could not be read, and is asked again by the next observe().
    void answer(const Question &question, const std::optional<std::vector<HistoryPoint>> &points,
                const Moment &now);

    /// The plan for what was observed last; empty when nothing is to be enforced.
    const GovernPlan &plan(const std::set<int> &meteredLinks);

    /// Default-made for a watch that is not governed.
    PolicyStatus status(const WatchRecord &record) const;
    /// Of a watch that is paused: nothing is in force, and its quota stands as it did.
    static PolicyStatus restingStatus(const WatchRecord &record, const Moment &now);
    /// What the classes in `reading` do; sorted by watch, down before up.
    std::vector<LimitStatus> limits(const GovernReading &reading) const;

    /// Ends a hold, and gives the guard as it was. Conflict when none runs.
    Result<BurstGuard> endBurst(const WatchRecord &record, const Moment &now);
    /// Takes endBurst() back.
    void putBack(qint64 watch, const BurstGuard &guard);
    /// An edit of the watch was taken back: its hold goes on as the record has it.
    void resumeHold(qint64 watch);

    /// What passed in the quota's period that began at `periodStartS`; nothing while that is not known.
    std::optional<HistoryTraffic> passed(const WatchRecord &record, qint64 periodStartS) const;
    /// Bytes that the quota bills in this period without a calibration; nothing while that is not known.
    std::optional<quint64> billed(const WatchRecord &record) const;

    /// True once after a hold began or ended: to be stored soon.
    bool takeNews() { return std::exchange(m_news, false); }

private:
    struct Guarding {
        std::optional<BurstGuard> guard;
        bool isSeeded = false; // the guard knows what passed before it was there
        bool isAsked = false;
        std::chrono::milliseconds lookedAt{0}; // since boot
        Traffic lookedTotal;
    };
    struct Allowance {
        std::optional<QuotaPolicy> policy; // as last looked at
        bool isKnown = false;              // from where on the period counts
        bool isAsked = false;
        QuotaStanding standing;
        HistoryTraffic passed; // in this period
        bool isOver = false;

        Expansion expansion[2];         // as QuotaReading::consumed
        std::array<quint32, 2> epoch{}; // of the governor's m_lastEpoch, as QuotaGate::epoch
        std::optional<QuotaReading> reading;
        quint64 readingGeneration = 0;
        HistoryTraffic readingTotal; // the watch's total with that reading
        Traffic dropped;             // as last read
        quint64 droppedGeneration = 0;
        std::optional<QuotaGate> gate; // as armed
    };
    struct Entry {
        bool isVisited = false;
        Guarding burst;
        Allowance quota;
        RateInForce down;
        RateInForce up;
        bool isLinkMissing = false;
        qint64 crosses = 0; // the first watch whose limits cross this one's
    };

    // governor_burst.cpp
    void observeBurst(Entry &entry, const WatchRecord &record, const Moment &now);
    void wakeGuard(Guarding &state, const WatchRecord &record, const Moment &now) const;
    void feedGuard(Guarding &state, const WatchRecord &record, const Moment &now);
    void noteHold(Entry &entry, const WatchRecord &record, const Moment &now);
    void answerWindow(Guarding &state, const Question &question, const std::vector<HistoryPoint> &points,
                      const Moment &now);

    // governor_quota.cpp
    void observeQuota(Entry &entry, const WatchRecord &record, const Moment &now);
    void followPeriod(Allowance &state, const WatchRecord &record, const Moment &now);
    void readQuota(Allowance &state, const WatchRecord &record);
    void decideOver(Allowance &state);
    void armQuota(Allowance &state, const WatchRecord &record) const;
    void beginEpoch(Allowance &state);
    void answerPeriod(const WatchRecord &record, const Question &question,
                      const std::vector<HistoryPoint> &points);

    bool ownsPlace(Entry &entry, const WatchRecord &record, int link, const std::set<int> &metered) const;
    void planAnew(std::vector<GovernedWatch> governed, const std::set<int> &meteredLinks);
    void noteCrossings(const std::vector<CrossingLimits> &crossings);
    QString problemOf(const Entry &entry, const WatchRecord &record) const;

    WatchLedger &m_watches;
    std::map<qint64, Entry> m_entries;
    std::vector<Question> m_questions;
    std::map<qint64, QuotaReading> m_readings; // not observed yet
    quint64 m_readGeneration = 0;
    std::chrono::milliseconds m_lookedAt{0};
    quint32 m_lastEpoch = 0;
    bool m_news = false;

    GovernPlan m_plan;
    std::vector<GovernedWatch> m_planned; // what m_plan was made from, but for figures of quotas
    std::set<int> m_plannedLinks;
};

} // namespace weir
