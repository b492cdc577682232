// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/bucket_clock.h"
#include "helper/engine/engine.h"
#include "helper/engine/flow_view.h"
#include "helper/engine/governor.h"
#include "helper/engine/history_keeper.h"
#include "helper/engine/link_ledger.h"
#include "helper/engine/problem_list.h"
#include "helper/engine/remote_keeper.h"
#include "helper/engine/service_ledger.h"
#include "helper/engine/settings.h"
#include "helper/engine/watch_ledger.h"

#include <QTimer>

#include <deque>

namespace weir {

/// What one trip to the kernel thread brings back.
struct KernelReading {
    Result<std::vector<Link>> links;
    std::map<int, Traffic> earlyCounters;          ///< see LinkReading
    std::optional<Result<MeterSample>> sample;     ///< nothing when there is no meter
    std::optional<Result<FlowTable>> flows;        ///< nothing when not asked for
    std::optional<Result<ServiceSample>> services; ///< likewise
    std::optional<Result<GovernReading>> governed; ///< likewise
    std::vector<KernelProblem> problems;
};

/// Which parts to read.
struct ReadingRequest {
    bool meter = true;
    bool early = false;
    bool flows = false;
    bool services = false;
    bool governed = false;
};

/// Reads everything at one moment. Kernel thread.
KernelReading readKernel(Kernel &kernel, const ReadingRequest &request);

/// What was told to the kernel about links.
struct AppliedLinks {
    Result<void> outcome;
    LinkChoice choice;
    std::vector<Prefix> prefixes;
};

/// Chooses the links to meter by the settings and tells the kernel; prefixes only when they differ from
/// `before`. Kernel thread. `kept`: links that are metered now, see chooseLinks().
AppliedLinks applyLinks(Kernel &kernel, const Settings &settings,
                        const std::optional<std::vector<Prefix>> &before, const std::set<int> &kept = {});

/// The on-link prefixes of the metered links and those that the user added; sorted.
std::vector<Prefix> localPrefixes(const std::vector<Link> &links, const std::set<int> &metered,
                                  const Settings &settings);

/// State of the engine; its functions are spread over engine.cpp (reading) and the other engine_*.cpp.
struct Engine::Private {
    Private(Engine &engine, KernelThread &thread, State state, Persist store, const Clock &time,
            Archive past);

    // sampling
    void take(KernelReading reading);
    void takeFlows(FlowTable table);
    void countConnections();
    void takeServices(const ServiceSample &sample);
    bool servicesAreDue() const;
    void takeBack(const StateChange &kept);
    void tidyAfterFlush();
    void makeRoomForServices();
    void mergeServices();
    void updateProblems(const KernelReading &reading);
    std::vector<KernelProblem> uncountedWatches() const;
    LinkChoice choiceNow(const std::vector<Link> &now, const std::vector<KernelProblem> &found) const;
    void refreshLinks();
    void tookLinks(const AppliedLinks &applied);
    void retryPlan();
    void lookAgain();
    void answerFlows();
    FlowPage flowPage(const FlowQuery &query) const;

    // storing
    void flush();
    void noteStored(const Result<void> &stored);
    void store(StateChange change, std::function<void(Result<void>)> done);

    // governing
    Governor::Moment moment();
    Governor::Moment now() const
    {
        return {nowS(), clock.sinceBoot(), zone};
    } ///< in the zone as last looked at
    /// Works the plan out anew and tells the kernel when it differs from what that was told.
    void govern();
    const GovernPlan &wantedPlan();
    void sendPlan(const GovernPlan &next, std::function<void(Result<void>)> done);
    /// Has the archive answer what the governor asks; `learnt`: something was asked and could be read.
    void askOfThePast(std::function<void(bool learnt)> then);
    void lookAtQuotas();
    Result<void> checkGoverned(size_t more) const;
    Result<void> checkSupport(const WatchSpec &before, const WatchSpec &next) const;
    Result<WatchSpec> editedSpec(const WatchRecord &record, const WatchEdit &edit) const;

    // history
    void observeHistory();
    void beginMinute();
    void foldHistory(qint64 afterS);
    void addTimeNews(HistoryChange &change);
    void giveBack(const HistoryChange &change);
    void noteRemotes(const Flow &flow, const Traffic &passed);
    bool isNewHour() const;

    // requests, one after the other
    /// `links`: names in the request, known when it begins; see lookForLinks().
    void enqueue(std::function<void()> request, const QStringList &links = {});
    void pump();
    void finish();
    using Done = std::function<void(Result<void>)>;
    void change(std::vector<WatchLedger::Step> steps, Done done);
    void applyChange(const WatchLedger::Change &change, Result<AtomChange> reading, bool oldPlanWasRead,
                     Done done);
    void governChange(const GovernPlan &before, const WatchLedger::Undo &undo, bool readsOtherPorts,
                      std::shared_ptr<const ReadingPlan> oldPlan, Done done);
    bool isAsGoodAsRefused(const GovernPlan &before, const GovernPlan &wanted) const;
    void storeChange(const WatchLedger::Undo &undo, bool readsOtherPorts,
                     std::shared_ptr<const ReadingPlan> oldPlan, Done done);
    void rollBack(const WatchLedger::Undo &undo, bool readsOtherPorts,
                  std::shared_ptr<const ReadingPlan> plan, Error error, Done done);
    void applySettings(const Settings &next, QMap<QString, QVariant> stored, Done done);
    void finishStop(Leave leave, Done done);
    WatchLedger::Reading reading(const MeterSample *sample) const { return {bootId, sample, &services}; }

    void problem(const KernelProblem &what);
    void solved(const QString &id, const QString &subject = {});
    qint64 nowS() const;
    qint64 restorableSinceS() const;
    bool hasMeter() const { return meterMode != QLatin1String("none"); }

    Engine &q;
    KernelThread &kernel;
    const Persist persist;
    const Clock &clock;
    const Archive archive;
    QTimer timer;

    Settings settings;
    QMap<QString, QVariant> storedSettings;
    quint32 settingsRevision;

    BucketClock bucketClock;
    qint64 minuteS = 0; // into which what passes now is counted
    HistoryKeeper history;
    RemoteKeeper remotes;
    HistoryChange timeNews; // what the clocks told since the last change; no rows
    LinkLedger links;
    WatchLedger watches;
    ServiceLedger services;
    Governor governor;
    GovernSupport support;
    std::optional<GovernPlan> toldPlan; // what the kernel was told last; nothing when it refused
    CivilZone zone;                     // the machine's, as last looked at
    std::optional<std::chrono::steady_clock::time_point> zoneRead;
    bool lookingAtQuotas = false;
    bool crossedMeanwhile = false;
    bool changeWaits = false; // for an answer about the past, to be governed
    const bool isNewDatabase; // nothing was ever stored in it
    FlowView flowView;
    SampleInterval interval;
    ProblemList problems;

    QString bootId;
    QString meterMode = QStringLiteral("none");
    qint64 startedS = 0;
    qint64 sampledMs = 0;
    quint64 unattributedBytes = 0;
    std::vector<Link> present;                   // links as last read
    std::set<int> meteredNow;                    // really, at the last sample
    LinkChoice choice;                           // in force
    std::optional<std::vector<Prefix>> prefixes; // in force; nothing before the first
    std::chrono::steady_clock::time_point lastRefresh;
    std::chrono::steady_clock::time_point lastFlush;
    std::chrono::steady_clock::time_point lastStored; // by a flush
    std::chrono::steady_clock::time_point lastFlows;
    int flowsWanted = 0;
    int servicesWanted = 0;
    std::optional<std::chrono::steady_clock::time_point> lastServices;
    std::vector<Reply<std::vector<ServiceStatus>>> serviceQuestions;
    std::vector<Reply<void>> flowQuestions;
    std::vector<std::function<void()>> linkQuestions; // see lookForLinks()

    bool byHand = false;
    bool started = false;
    bool stopping = false;
    bool sampling = false;
    bool flushing = false;
    bool refreshing = false;
    bool refreshWanted = false;
    bool lookingForLinks = false;     // or resting after it
    bool readEarly = false;           // metering of a link began or ended since the last sample
    std::function<void()> afterFlush; // a stop that waits for it
    bool storageRefused = false;      // see Engine::refuseStorage()
    bool planInKernel = false;        // the kernel adds up ports as watches.plan() says
    bool leftoversCredited = false;   // to be discarded when that is stored

    std::deque<std::pair<std::function<void()>, QStringList>> requests;
    bool busy = false;
    bool pumping = false;
};

} // namespace weir
