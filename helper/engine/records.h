// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/history.h"
#include "helper/engine/kernel.h"
#include "helper/engine/policy.h"
#include "helper/engine/service_name.h"

#include <QMap>
#include <QStringList>
#include <QVariant>

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

/// What the engine remembers across restarts, as plain values. The store writes them; the engine knows no
/// SQL.
namespace weir {

enum class WatchKind : quint8 { Ports, Link, Service };

/// What a person asked to be counted.
struct WatchSpec {
    QString name;
    WatchKind kind = WatchKind::Ports;
    PortRanges ports;                      ///< kind Ports
    Protocols protocols = Protocols::Both; ///< kind Ports
    QString link;                          ///< kind Link: interface name
    QString service;                       ///< kind Service: see serviceName()
    QString note;
    bool enabled = true;
    Policies policies; ///< in force while enabled
    bool operator==(const WatchSpec &) const = default;
};

/// Where a counter stood when it was last credited to a total. Both move in one transaction.
struct Baseline {
    QString bootId;
    Generation generation = 0; ///< 0 while no counter was read: counting begins with the next reading
    int linkIndex = 0;         ///< link counters only: the link that the values were read from
    ScopedTraffic raw; ///< of a watch of a service: the service's own total, by generation 1 of no boot
    Traffic rawOther;  ///< link counters only
    Traffic rawKernel; ///< link counters only: the link's own counters
    Traffic rawPlain;  ///< link counters only: LinkMeter::plain
    bool operator==(const Baseline &) const = default;
};

/// Where a watch's quota and burst guard stand.
struct GuardState {
    qint64 throttledSinceS = 0;   ///< UTC seconds; 0 unless a burst guard throttles
    qint64 throttledUntilS = 0;   ///< of the last hold; 0 when there was none
    qint64 periodStartS = 0;      ///< of the quota's period that is counted in; 0 while none is
    HistoryTraffic atPeriodStart; ///< the watch's totals then
    Traffic dropped;              ///< by the quota in that period; bytes only
    bool operator==(const GuardState &) const = default;
};

/// A hold that runs ends at `nowS`; from its end on a guard's window begins anew.
inline void endHold(GuardState &guard, qint64 nowS)
{
    if (guard.throttledSinceS == 0)
        return;
    guard.throttledSinceS = 0;
    guard.throttledUntilS = std::min(guard.throttledUntilS, nowS);
}

struct WatchRecord {
    qint64 id = 0; ///< never used again, not even after removal
    WatchSpec spec;
    quint32 revision = 1;
    qint64 createdS = 0; ///< UTC seconds
    qint64 removedS = 0; ///< UTC seconds; 0 while it is there
    ScopedTraffic total;
    Traffic totalOther; ///< kind Link only
    Baseline baseline;
    GuardState guard;
};

struct LinkRecord {
    qint64 id = 0;
    QString name;
    QByteArray hardwareAddress; ///< with the kind, how a renamed link is known again after a restart
    LinkKind kind = LinkKind::Other;
    qint64 firstSeenS = 0;
    ScopedTraffic total;
    Traffic totalOther;
    Traffic totalUnmetered; ///< passed while no meter was there
    Baseline baseline;
};

/// Up to where a cgroup's counter was credited to its service.
struct ServiceBaseline {
    ServiceKey key;
    QString bootId;
    Generation generation = 0;
    ServiceTraffic raw;
    bool operator==(const ServiceBaseline &) const = default;
};

struct ServiceRecord {
    qint64 id = 0; ///< never used again
    QString name;
    ServiceKind kind = ServiceKind::Unit;
    qint64 firstSeenS = 0; ///< UTC seconds
    qint64 lastSeenS = 0;  ///< when it last moved something
    ServiceTraffic total;
    std::vector<ServiceBaseline> baselines; ///< of its cgroups' counters
    bool operator==(const ServiceRecord &) const = default;
};

/// A service that made room: what it moved is the service's with the id `into` from now on, history and all.
struct ForgottenService {
    qint64 id = 0;
    qint64 into = 0;
};

struct State {
    std::vector<WatchRecord> watches; ///< removed ones too
    std::vector<LinkRecord> links;
    std::vector<ServiceRecord> services;
    QMap<QString, QVariant> settings; ///< only those that were changed
    quint32 settingsRevision = 1;
    HistoryState history;
    std::optional<Error> notWritable; ///< it was read, and cannot be written now: each write tries again
    QStringList leftOut; ///< policies and guard states in the file that no helper writes, a line each: not in
                         ///< force
};

/// What one flush or edit writes, in one transaction.
struct StateChange {
    std::vector<WatchRecord> watches; ///< inserted or replaced by id
    std::vector<LinkRecord> links;    ///< inserted or replaced by id
    std::vector<qint64> forgottenWatches;
    std::vector<qint64> forgottenLinks;
    std::optional<QMap<QString, QVariant>> settings;
    quint32 settingsRevision = 0;             ///< with settings
    HistoryChange history;                    ///< what the totals grew by since they were last written
    std::vector<ServiceRecord> services = {}; ///< inserted or replaced by id, with all their baselines
    std::vector<ForgottenService> forgottenServices = {};
};

/// Writes a change and says how it went, on the main thread.
using Persist = std::function<void(StateChange change, std::function<void(Result<void>)> done)>;

/// Questions to what was stored; behind every change that was written before. Answers come on the main
/// thread.
struct Archive {
    template <typename T>
    using Answer = std::function<void(Result<T>)>;
    std::function<void(Answer<std::vector<SeriesInfo>>)> series;
    std::function<void(std::vector<HistoryQuery>, Answer<std::vector<std::vector<HistoryPoint>>>)> points;
    std::function<void(RemoteQuery, Answer<RemoteRanking>)> remotes;
    /// Deletes [fromS, toS) of a series, whole days of the store's zone; gives how many rows went.
    std::function<void(SeriesKey, qint64 fromS, qint64 toS, Answer<quint64>)> forget;
};

} // namespace weir
