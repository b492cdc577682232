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
    /// Nothing in `points`: it could not be read, and is asked again.
    void answer(const Question &question, const std::optional<std::vector<HistoryPoint>> &points,
                const Moment &now);

    /// The plan for what was observed last.
    GovernPlan plan(const std::set<int> &meteredLinks);

    /// Default-made for a watch that is not governed.
    PolicyStatus status(const WatchRecord &record) const;
    /// What the classes in `reading` do; sorted by watch, down before up.
    std::vector<LimitStatus> limits(const GovernReading &reading) const;

    /// Ends a hold. Conflict when none runs.
    Result<void> endBurst(const WatchRecord &record, const Moment &now);
    /// The quota's period begins with the watch's totals of now.
    void beginPeriod(qint64 watch, const Moment &now);
    /// Bytes that the quota bills in this period without a calibration; nothing while that is not known.
    std::optional<quint64> billed(const WatchRecord &record) const;

    /// True once after a hold began or ended: to be stored soon.
    bool takeNews() { return std::exchange(m_news, false); }

private:
    struct Entry {
        std::optional<BurstGuard> burst;
        bool isSeeded = false;                 // the guard knows what passed before it was there
        bool isAsked = false;                  // about the period or the window
        std::chrono::milliseconds lookedAt{0}; // since boot
        Traffic lookedTotal;

        bool isPeriodKnown = false;
        QuotaStanding standing;
        HistoryTraffic passed; // in this period
        Expansion expansion;
        std::optional<QuotaReading> reading; // of this epoch
        quint64 readingGeneration = 0;
        Traffic droppedBefore; // as last read
        quint64 droppedGeneration = 0;
        HistoryTraffic readingTotal; // the watch's total with that reading
        quint64 line[2] = {0, 0};    // as last armed, in the gate's bytes
        quint32 epoch = 1;
        bool isOver = false;

        RateInForce down;
        RateInForce up;
        std::optional<QuotaGate> gate;
        QString problem;
        bool isVisited = false;
    };

    void observeBurst(Entry &entry, const WatchRecord &record, const Moment &now);
    void noteHold(Entry &entry, const WatchRecord &record, const Moment &now);
    void observeQuota(Entry &entry, const WatchRecord &record, const Moment &now);
    void followPeriod(Entry &entry, const WatchRecord &record, const Moment &now);
    void readQuota(Entry &entry, const WatchRecord &record);
    void armQuota(Entry &entry, const QuotaPolicy &quota, const WatchRecord &record);
    void ask(Entry &entry, Question question);

    WatchLedger &m_watches;
    std::map<qint64, Entry> m_entries;
    std::vector<Question> m_questions;
    std::optional<GovernReading> m_reading; // not observed yet
    std::chrono::milliseconds m_lookedAt{0};
    bool m_news = false;
};

} // namespace weir
