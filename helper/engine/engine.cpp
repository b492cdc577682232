// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/engine_private.h"

#include <algorithm>

namespace weir {

using namespace std::chrono;

Engine::Private::Private(Engine &engine, KernelThread &thread, State state, Persist store, const Clock &time,
                         Archive past)
    : q(engine), kernel(thread), persist(std::move(store)), clock(time), archive(std::move(past)),
      settings(Settings::fromStored(state.settings)), storedSettings(std::move(state.settings)),
      settingsRevision(state.settingsRevision), bucketClock(state.history), history(state),
      links(std::move(state.links)), watches(std::move(state.watches), restorableSinceS()),
      services(std::move(state.services)), governor(watches), isNewDatabase(state.history.savedS == 0)
{ }

Engine::Engine(KernelThread &kernel, State state, Persist persist, const Clock &clock, Archive archive,
               QObject *parent)
    : QObject(parent), d(std::make_unique<Private>(*this, kernel, std::move(state), std::move(persist), clock,
                                                   std::move(archive)))
{
    d->services.keep([this](const QString &name) { return d->watches.watchesService(name); });
    // precise timers keep their phase: the next second is counted from when this one was due
    d->timer.setTimerType(Qt::PreciseTimer);
    d->timer.setInterval(1s);
    connect(&d->timer, &QTimer::timeout, this, &Engine::tick);
    connect(&kernel, &KernelThread::changed, this, [this] { d->refreshLinks(); });
    connect(&kernel, &KernelThread::crossed, this, [this] { d->lookAtQuotas(); });
}

Engine::~Engine() = default;

void Engine::driveByHand()
{
    d->byHand = true;
}

Result<void> Engine::start()
{
    struct Started {
        Result<void> outcome;
        QString bootId;
        QString meterMode;
        GovernSupport support;
    };
    const auto started = d->kernel.callAndWait([](Kernel &kernel) {
        Started answer{kernel.start(), {}, {}, {}};
        if (answer.outcome)
            answer = {{}, kernel.bootId(), kernel.meterMode(), kernel.governSupport()};
        return answer;
    });
    if (!started.outcome)
        return started.outcome;
    d->bootId = started.bootId;
    d->meterMode = started.meterMode;
    d->support = started.support;
    d->startedS = d->nowS();
    d->lastFlush = d->lastFlows = d->lastRefresh = d->clock.steady();

    struct First {
        AppliedLinks applied;
        std::vector<MeterSample> leftovers;
        std::vector<ServiceSample> serviceLeftovers;
        Result<void> plan;
        KernelReading reading;
    };
    auto first = d->kernel.callAndWait(
        [settings = d->settings, plan = d->watches.plan(), meter = d->hasMeter()](Kernel &kernel) {
            First answer;
            if (meter) {
                answer.leftovers = kernel.leftovers(plan->atoms());
                answer.serviceLeftovers = kernel.serviceLeftovers();
                if (const auto set = kernel.setAtoms(plan->atoms()); !set)
                    answer.plan = std::unexpected(set.error());
            }
            // atoms first: what is forwarded from the first packet on must count once
            answer.applied = applyLinks(kernel, settings, {});
            answer.reading = readKernel(kernel, {meter, true, meter, meter, false});
            return answer;
        });
    if (!first.reading.links)
        return std::unexpected(first.reading.links.error());
    d->started = true;
    d->tookLinks(first.applied);
    d->planInKernel = d->hasMeter() && first.plan;
    if (!first.plan)
        d->problem({QStringLiteral("atoms-refused"), QStringLiteral("error"), QStringLiteral("meter"),
                    QStringLiteral("Watches of ports count nothing: ") + first.plan.error().message,
                    QStringLiteral("It is tried again each second.")});
    for (const MeterSample &leftover : first.leftovers) {
        d->watches.creditLeftover(leftover, d->bootId);
        d->links.creditLeftover(leftover, d->bootId);
    }
    if (!d->isNewDatabase) {
        for (const ServiceSample &leftover : first.serviceLeftovers)
            d->services.creditLeftover(leftover, d->bootId, d->nowS());
    } else if (first.reading.services && *first.reading.services) {
        d->services.beginAt(**first.reading.services, d->bootId, d->nowS());
    }
    d->mergeServices();
    d->leftoversCredited = !first.leftovers.empty() || !first.serviceLeftovers.empty();
    d->take(std::move(first.reading));
    d->kernel.callAndWait([](Kernel &) { return true; }); // what is to be in force is, from here on
    d->flush();                                           // what is known from now on must survive a crash
    if (!d->byHand)
        d->timer.start();
    return {};
}

EngineStatus Engine::status() const
{
    EngineStatus status;
    status.bootId = d->bootId;
    status.meterMode = d->meterMode;
    status.startedS = d->startedS;
    for (const LinkStatus &row : d->links.links())
        if (row.metered)
            status.meteredLinks.append(row.link.name);
    status.watches = quint32(d->watches.size());
    status.flows = quint32(d->flowView.size());
    status.flowCapacity = quint32(d->flowView.capacity());
    status.unattributedBytes = d->unattributedBytes;
    return status;
}

std::vector<Problem> Engine::problems() const
{
    return d->problems.all();
}

void Engine::refuseStorage(const KernelProblem &why)
{
    d->storageRefused = true;
    d->problem(why);
}

void Engine::setProblem(const KernelProblem &problem)
{
    d->problem(problem);
}

void Engine::clearProblem(const QString &id, const QString &subject)
{
    d->solved(id, subject);
}

void Engine::Private::problem(const KernelProblem &what)
{
    if (problems.set(ProblemList::Source::Other, what, nowS()))
        Q_EMIT q.problemsChanged();
}

void Engine::Private::solved(const QString &id, const QString &subject)
{
    if (problems.clear(ProblemList::Source::Other, id, subject))
        Q_EMIT q.problemsChanged();
}

qint64 Engine::Private::nowS() const
{
    return floor<seconds>(clock.wall()).time_since_epoch().count();
}

qint64 Engine::Private::restorableSinceS() const
{
    return nowS() - duration_cast<seconds>(kRestoreTime).count();
}

std::vector<LinkStatus> Engine::links() const
{
    return d->links.links();
}

std::vector<WatchStatus> Engine::watches() const
{
    std::vector<WatchStatus> rows = d->watches.watches();
    for (WatchStatus &row : rows) {
        if (row.record.spec.policies == Policies{})
            continue;
        row.policy = row.record.spec.enabled ? d->governor.status(row.record)
                                             : Governor::restingStatus(row.record, d->now());
        // set on another kernel than this one
        const auto &lacks = d->support.noGate ? d->support.noGate : d->support.noShaper;
        if (lacks && (row.policy.down.bitsPerSecond || row.policy.up.bitsPerSecond)) {
            row.policy.down = row.policy.up = {};
            row.policy.problem = QStringLiteral("cannot be enforced here: ") + *lacks;
        }
    }
    return rows;
}

namespace {

Result<SampleSeries> samplesOf(const SampleTrack *track, const SampleInterval &interval, qint64 endMs,
                               const QString &what)
{
    if (!track)
        return failure(ErrorKind::NotFound, QStringLiteral("there is no ") + what);
    SampleSeries samples;
    samples.endMs = endMs;
    for (const Rate &rate : track->read(interval)) {
        samples.rxBytesPerSecond.push_back(rate.rxBytesPerSecond);
        samples.txBytesPerSecond.push_back(rate.txBytesPerSecond);
    }
    return samples;
}

} // namespace

Result<SampleSeries> Engine::linkSamples(const QString &name) const
{
    return samplesOf(d->links.samples(name), d->interval, d->sampledMs,
                     QStringLiteral("link ") + name.left(64));
}

Result<SampleSeries> Engine::watchSamples(const QString &name) const
{
    return samplesOf(d->watches.samples(name), d->interval, d->sampledMs,
                     QStringLiteral("watch \"%1\"").arg(name.left(kMaxNameLength)));
}

void Engine::lookAtFlows(Reply<void> then)
{
    // with a table of each second a late tick must not make a second table within it
    const auto fresh = d->flowsWanted > 0 ? 1500ms : 1000ms;
    if (!d->hasMeter() || (d->flowView.taken() && d->clock.steady() - d->lastFlows < fresh) || d->stopping)
        return then({});
    d->flowQuestions.push_back(std::move(then));
    if (d->flowQuestions.size() > 1)
        return;
    d->kernel.call(
        this, [](Kernel &kernel) { return kernel.flows(); },
        [this](Result<FlowTable> table) {
            const auto questions = std::exchange(d->flowQuestions, {});
            const Result<void> outcome = table ? Result<void>() : std::unexpected(table.error());
            if (table)
                d->takeFlows(std::move(*table));
            for (const auto &question : questions)
                question(outcome);
        });
}

void Engine::flows(const FlowQuery &query, Reply<FlowPage> reply)
{
    lookAtFlows([this, query, reply = std::move(reply)](const Result<void> &outcome) {
        if (outcome)
            reply(d->flowPage(query));
        else
            reply(std::unexpected(outcome.error()));
    });
}

void Engine::wantFlows(bool wanted)
{
    d->flowsWanted += wanted ? 1 : -1;
    Q_ASSERT(d->flowsWanted >= 0);
}

FlowPage Engine::Private::flowPage(const FlowQuery &query) const
{
    FlowView::Context context;
    for (const Link &link : present)
        context.linkNames[link.index] = link.name;
    context.watches = [this](const Flow &flow, size_t most) { return watches.namesFor(flow, most); };
    return flowView.page(query, context);
}

quint32 Engine::settingsRevision() const
{
    return d->settingsRevision;
}

QMap<QString, QVariant> Engine::settings() const
{
    return d->settings.toMap();
}

} // namespace weir
