// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/clock.h"
#include "helper/engine/flow_query.h"
#include "helper/engine/kernel_thread.h"
#include "helper/engine/policy_status.h"
#include "helper/engine/records.h"

#include <QObject>
#include <QStringList>

#include <functional>
#include <memory>
#include <optional>

namespace weir {

/// Answer to a request that waits for the kernel or the disk; called on the main thread.
template <typename T>
using Reply = std::function<void(Result<T>)>;

/// A link and what passed on it.
struct LinkStatus {
    Link link;
    bool metered = false;
    QString reason; ///< why it is not metered; empty when it is
    qint64 sinceS = 0;
    ScopedTraffic total;
    Traffic other;
    Traffic unmetered;
    std::optional<Rate> rate;
};

/// A watch and what it counted.
struct WatchStatus {
    WatchRecord record; ///< with totals up to the last sample
    std::optional<Rate> rate;
    quint32 connections = 0;
    QString owner;
    QString ownerState;
    PolicyStatus policy = {};
};

struct FlowStatus {
    quint64 id = 0;
    Flow flow;
    QString linkName;
    bool active = false;
    std::optional<Rate> rate;
    qint64 firstMs = 0; ///< UTC
    qint64 lastMs = 0;
    QStringList watches; ///< sorted; kMaxFlowWatches of them when there are more
};

struct FlowPage {
    size_t matching = 0;
    size_t total = 0;
    std::vector<FlowStatus> rows;
};

/// The last kSampleSeconds one-second rates, oldest first; NaN where none was taken.
struct SampleSeries {
    qint64 endMs = 0;
    std::vector<double> rxBytesPerSecond;
    std::vector<double> txBytesPerSecond;
};

/// A problem of any part, with the time since which it is known.
struct Problem {
    KernelProblem what;
    qint64 sinceS = 0;
};

struct EngineStatus {
    QString bootId;
    QString meterMode;
    qint64 startedS = 0;
    QStringList meteredLinks;
    quint32 watches = 0;
    quint32 flows = 0;
    quint32 flowCapacity = 0;
    quint64 unattributedBytes = 0;
};

/// A service and what its sockets moved.
struct ServiceStatus {
    QString name;
    ServiceKind kind = ServiceKind::Unit;
    quint32 cgroups = 0; ///< that are there now and have moved something
    qint64 sinceS = 0;   ///< UTC seconds: when it was first seen
    ServiceTraffic total;
    std::optional<Rate> rate; ///< of total.wire
};

/// Fields of an edit; what is not given stays.
struct WatchEdit {
    std::optional<QString> name;
    std::optional<PortRanges> ports;
    std::optional<Protocols> protocols;
    std::optional<QString> link;
    std::optional<QString> service;
    std::optional<QString> note;
    std::optional<bool> enabled;

    // A policy to set, or nothing in it to take the policy away.
    std::optional<std::optional<LimitPolicy>> limit;
    std::optional<std::optional<QuotaPolicy>> quota; ///< begun periods and calibration of the one before stay
    std::optional<std::optional<BurstPolicy>> burst;
    std::optional<bool> limitEnabled; ///< NotFound where there is none to switch; so with the others
    std::optional<bool> quotaEnabled;
    std::optional<bool> burstEnabled;
    std::optional<std::optional<quint64>> usedBytes; ///< calibrates the quota, or takes that back
    enum class Period { BeginNow, UndoBegin };
    std::optional<Period> period;

    /// Whether policies are all that it changes.
    bool governs() const
    {
        return limit || quota || burst || limitEnabled || quotaEnabled || burstEnabled || usedBytes || period;
    }
};

/// When a burst guard would have throttled.
struct BurstTrigger {
    qint64 startS = 0;
    qint64 endS = 0;
    double averageBitsPerSecond = 0;
};

struct BurstPreview {
    qint64 knownFromS = 0;
    int stepS = 60;
    std::vector<BurstTrigger> triggers; ///< oldest first; kMaxTriggers of them when there are more
};

/// Turns what the kernel counts into totals, rates and rows, and keeps the watches.
///
/// Main thread. Takes a sample once a second, flushes every `flush_interval_s`. Requests are checked twice by
/// the caller's contract: the check*() functions are cheap and change nothing (before anybody is asked for a
/// password), and each request checks again against the state of now. A request that fails changed nothing.
class Engine : public QObject
{
    Q_OBJECT
public:
    /// Without an `archive` what passed is not asked for, only stored.
    Engine(KernelThread &kernel, State state, Persist persist, const Clock &clock, Archive archive = {},
           QObject *parent = nullptr);
    ~Engine() override;

    /// Takes no samples by itself: tick() is called by the owner, with a clock of its own. Before start().
    void driveByHand();

    /// Adopts or loads the meter, credits what passed since the last flush, takes the first sample and begins
    /// to tick.
    Result<void> start();

    /// Credits and stores everything. After it no more samples are taken. `leave` Nothing also takes Weir out
    /// of the kernel.
    enum class Leave {
        Everything,
        Nothing,            ///< but for what could not be stored: that stays, for the next helper to adopt
        NothingEvenUnstored ///< the error says what is lost
    };
    void stop(Leave leave, std::function<void(Result<void>)> done);

    EngineStatus status() const;
    std::vector<Problem> problems() const;
    /// Nothing is stored in this run, and `why` says so: writes fail and are no problem of their own.
    void refuseStorage(const KernelProblem &why);
    void setProblem(const KernelProblem &problem); ///< by id and subject; of other parts, such as the store
    void clearProblem(const QString &id, const QString &subject = {});

    std::vector<LinkStatus> links() const;    ///< sorted by name
    std::vector<WatchStatus> watches() const; ///< sorted by name; without removed ones
    Result<SampleSeries> linkSamples(const QString &name) const;
    Result<SampleSeries> watchSamples(const QString &name) const;

    /// Reads the flow table unless it was read within the last second, so that what is counted of connections
    /// is of now.
    void lookAtFlows(Reply<void> then);
    /// After lookAtFlows().
    void flows(const FlowQuery &query, Reply<FlowPage> reply);

    /// All services, sorted by name. Reads their counters unless they were read within the last second.
    void services(Reply<std::vector<ServiceStatus>> reply);
    std::vector<ServiceStatus> services() const; ///< as last read

    /// While wanted (counted, as wantFlows()), services are read with each sample; else only to store them.
    void wantServices(bool wanted);

    /// While wanted (counted: one true for each false), the flow table is read with each sample, so that
    /// connections() and flows() are of the same second as the rates.
    void wantFlows(bool wanted);

    /// Calls `then` when what is known of these links is good enough for a check: at once when all of them
    /// are there, else after links were read again, because one that has just appeared is known to the engine
    /// with the next sample only.
    void lookForLinks(const QStringList &names, std::function<void()> then);

    /// Error: NotFound, naming the watch or link that the filter asks for and that is not there. For who asks
    /// anew: a query that goes on outlives what it names.
    Result<void> checkFlows(const FlowQuery &query) const;

    Result<void> checkAdd(const std::vector<WatchSpec> &watches) const;
    Result<void> checkEdit(quint32 revision, const QString &name, const WatchEdit &edit) const;
    Result<void> checkRemove(quint32 revision, const QString &name) const;
    Result<void> checkRestore(const QString &name) const;

    void addWatches(std::vector<WatchSpec> watches, Reply<quint32> reply); ///< revision of the last one
    void editWatch(quint32 revision, const QString &name, WatchEdit edit, Reply<quint32> reply);
    void removeWatch(quint32 revision, const QString &name, Reply<void> reply);
    void restoreWatch(const QString &name, Reply<quint32> reply);

    /// What the limits in force do now.
    void limits(Reply<std::vector<LimitStatus>> reply);

    Result<void> checkEndBurst(const QString &name) const;
    /// Ends the throttle of a burst guard now.
    void endBurst(const QString &name, Reply<void> reply);

    /// The guard run over what is stored since `fromS`. Errors: NotFound, InvalidArgument, StorageFailed.
    void previewBurst(const QString &name, const BurstPolicy &burst, qint64 fromS, Reply<BurstPreview> reply);
    /// How a quota would stand now. Errors: NotFound, InvalidArgument, StorageFailed.
    struct QuotaPreview {
        QuotaPolicy quota;
        QuotaStanding standing;
    };
    void previewQuota(const QString &name, QuotaPolicy quota, Reply<QuotaPreview> reply);

    quint32 settingsRevision() const;
    QMap<QString, QVariant> settings() const; ///< all keys, defaults filled in
    Result<void> checkSettings(quint32 revision, const QMap<QString, QVariant> &changes) const;
    void setSettings(quint32 revision, const QMap<QString, QVariant> &changes, Reply<quint32> reply);

    qint64 nowS() const; ///< UTC seconds, by the engine's clock

    /// Whose history: "link:eth0", "watch:web", or "watch:#12" of one that was removed. Error: NotFound.
    Result<SeriesKey> findSeries(const QString &series) const;
    /// All that has a history, removed watches too, with totals up to the last sample.
    void series(Reply<std::vector<SeriesInfo>> reply);
    /// Traffic between the bounds of each query, up to the last sample; one answer for each query.
    void history(std::vector<HistoryQuery> queries, Reply<std::vector<std::vector<HistoryPoint>>> reply);
    void remotes(const RemoteQuery &query, Reply<RemoteRanking> reply);
    /// Series of one kind that had traffic in a span, most bytes first. The span is widened to quarters of an
    /// hour.
    void ranking(SeriesKind kind, qint64 fromS, qint64 toS, size_t limit,
                 Reply<std::vector<SeriesShare>> reply);
    /// Deletes whole days of what is stored of a series; totals stay. Gives how many rows went.
    void forgetHistory(SeriesKey series, qint64 fromS, qint64 toS, Reply<quint64> reply);

public Q_SLOTS:
    /// Takes a sample unless one is being taken; sampled() follows. The engine's own timer calls it once a
    /// second.
    void tick();

Q_SIGNALS:
    /// A sample was taken and all rows are of it. Wall time in UTC milliseconds.
    void sampled(qint64 timeMs);
    /// Watches were added, edited, removed or restored; rows are up to date.
    void watchesChanged();
    void problemsChanged();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace weir
