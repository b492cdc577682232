// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/engine.h"
#include "helper/engine/rates.h"
#include "helper/engine/records.h"

#include <functional>
#include <map>
#include <optional>

namespace weir {

/// Keeps the totals of services: sums of their cgroups' counters, whatever restarts.
///
/// Main thread. Totals belong to a name (serviceName()), baselines to a cgroup's counter: a unit that starts
/// again has another cgroup and goes on under its name. At most kMaxServices names are kept,
/// kMaxServicesOfUser of what one user runs; those that were quiet for kQuiet make room. Of them the one that
/// was quiet for longest joins "other services", so the sum stays.
class ServiceLedger
{
public:
    static const QString kOthers; ///< "other services": those that made room, or found none
    static constexpr std::chrono::days kQuiet{30};
    static const QString
        kUnattributed; ///< "unattributed": of cgroups that found no place, or that nobody could name

    explicit ServiceLedger(std::vector<ServiceRecord> records);

    /// Names that never make room, because somebody watches them.
    void keep(std::function<bool(const QString &name)> isKept) { m_isKept = std::move(isKept); }
    /// Those that made room since the last call.
    std::vector<ForgottenService> takeNews() { return std::exchange(m_news, {}); }

    /// Credits the maps of an earlier layout (see Kernel::serviceLeftovers()).
    void creditLeftover(const ServiceSample &leftover, const QString &bootId, qint64 nowS);
    /// What is counted already was counted for another database: it begins with what comes from now on.
    void beginAt(const ServiceSample &sample, const QString &bootId, qint64 nowS);
    /// Credits what passed since the last sample; rates are of the time between the two.
    void update(const ServiceSample &sample, const QString &bootId, qint64 nowS);

    std::vector<ServiceStatus> services() const; ///< sorted by name

    /// What a service moved over wires; nothing while it was never seen.
    ScopedTraffic total(const QString &name) const;
    /// Null while it was never seen.
    const ServiceRecord *find(const QString &name) const;
    /// Visits the records that changed since the last collect().
    void eachChanged(const std::function<void(const ServiceRecord &)> &visit) const;

    /// Records that changed since the last call, and ids that may be forgotten.
    void collect(StateChange &change);
    /// What was collected was not stored: collect it again.
    void restore(const StateChange &change);
    /// What was collected is stored. Gives counters that may be taken out: their cgroups are gone, and they
    /// stood still since they were stored before.
    std::vector<ServiceKey> stored();
    /// Credits what was taken out, which will not be in samples any more.
    void creditTaken(const std::vector<ServiceCounter> &taken, qint64 nowS);

private:
    struct Entry {
        ServiceRecord record;
        quint32 cgroups = 0;
        bool dirty = false;
        bool ratable = false;
        Traffic atLastSample;
        std::optional<Rate> rate;
    };
    using Entries = std::map<QString, Entry>;
    struct Followed {
        Entries::iterator entry;
        ServiceTraffic raw; // up to here it is credited
        std::optional<ServiceTraffic> collected;
        std::optional<ServiceTraffic> stored;
        bool gone = false;
        bool seen = false; // in the sample that is being taken
    };

    void beginOrigin(const QString &bootId, quint64 generation);
    void credit(const ServiceKey &key, const QString &path, const ServiceTraffic &raw, qint64 nowS);
    Entries::iterator entryFor(const ServiceName &name, qint64 nowS);
    Entries::iterator insert(const ServiceName &name, qint64 nowS);
    bool makeRoom(qint64 nowS);
    ServiceName nameWithRoom(const ServiceName &name) const;

    Entries m_entries;
    std::map<ServiceKey, Followed> m_followed;
    QString m_bootId; // that m_followed belongs to
    quint64 m_generation = 0;
    std::vector<ForgottenService> m_forgotten;
    std::vector<ForgottenService> m_news; // of m_forgotten, since they were asked for
    std::function<bool(const QString &)> m_isKept;
    SampleInterval m_interval;
    qint64 m_nextId = 1;
};

} // namespace weir
