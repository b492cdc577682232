// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/engine_private.h"

#include <algorithm>

namespace weir {

using namespace std::chrono;

namespace {

/// Without anybody looking, the table is read this often: reading it makes the kernel forget ended flows.
constexpr auto kFlowHousekeeping = 30s;
/// A table that is younger is not read again: rates over a shorter time are noise.
constexpr auto kMinFlowInterval = 500ms;
/// On a machine where nothing passes the disk is left alone, but the store learns now and then that somebody
/// counted.
constexpr auto kLongestSilence = 50s;
/// Events that come in bursts are answered at most this often.
constexpr auto kMinRefreshInterval = 200ms;

/// On-link prefixes shorter than these are no networks on a link but ways through it: a default route by
/// device, or halves of the Internet sent into a tunnel.
constexpr quint8 kShortestNetwork4 = 8;
constexpr quint8 kShortestNetwork6 = 16;

/// True when nothing but counters differs: what is metered need not be thought over.
bool describeTheSame(const std::vector<Link> &before, const std::vector<Link> &now)
{
    return std::ranges::equal(before, now, [](const Link &a, const Link &b) {
        Link counted = a;
        counted.counters = b.counters;
        return counted == b;
    });
}

} // namespace

KernelReading readKernel(Kernel &kernel, const ReadingRequest &request)
{
    KernelReading reading;
    if (request.early) {
        if (const auto links = kernel.links())
            for (const Link &link : *links)
                reading.earlyCounters[link.index] = link.counters;
    }
    // ahead of the sample: what passes in between is then rather the meter's than the quota's
    if (request.governed)
        reading.governed = kernel.governed();
    // ahead of the sample: what flows add up to is then never more than what links and watches counted
    if (request.flows)
        reading.flows = kernel.flows();
    if (request.meter)
        reading.sample = kernel.sample();
    // behind the sample: what a restart later takes for unmetered is then never what the meter saw in between
    reading.links = kernel.links();
    if (request.services)
        reading.services = kernel.services();
    reading.problems = kernel.problems();
    return reading;
}

std::vector<Prefix> localPrefixes(const std::vector<Link> &links, const std::set<int> &metered,
                                  const Settings &settings)
{
    std::vector<Prefix> prefixes = settings.localPrefixes;
    for (const Link &link : links)
        if (metered.contains(link.index))
            for (const Prefix &prefix : link.onLinkPrefixes)
                if (prefix.length >= (prefix.address.v6 ? kShortestNetwork6 : kShortestNetwork4))
                    prefixes.push_back(prefix);
    std::ranges::sort(prefixes);
    prefixes.erase(std::ranges::unique(prefixes).begin(), prefixes.end());
    return prefixes;
}

AppliedLinks applyLinks(Kernel &kernel, const Settings &settings,
                        const std::optional<std::vector<Prefix>> &before, const std::set<int> &kept)
{
    AppliedLinks applied;
    const auto links = kernel.links();
    if (!links) {
        applied.outcome = std::unexpected(links.error());
        return applied;
    }
    applied.choice = chooseLinks(*links, settings.meteredLinks, kept);
    applied.prefixes = localPrefixes(*links, applied.choice.metered, settings);
    // prefixes first: a link's first packets are then of the right scope
    if (before != applied.prefixes)
        applied.outcome = kernel.setLocalPrefixes(applied.prefixes);
    if (applied.outcome)
        applied.outcome = kernel.setMeteredLinks(applied.choice.metered);
    return applied;
}

void Engine::tick()
{
    if (!d->started || d->stopping || d->sampling)
        return; // a sample that is missed costs a rate, never a byte
    if (d->refreshWanted)
        d->refreshLinks();
    if (d->hasMeter() && !d->planInKernel && !d->busy)
        d->retryPlan();
    d->sampling = true;
    const auto sinceFlows = d->clock.steady() - d->lastFlows;
    ReadingRequest request;
    request.meter = d->hasMeter();
    request.early = std::exchange(d->readEarly, false);
    request.flows = d->hasMeter()
        && (d->isNewHour() || sinceFlows >= (d->flowsWanted > 0 ? kMinFlowInterval : kFlowHousekeeping));
    request.services = d->servicesAreDue();
    request.governed = d->toldPlan && !d->toldPlan->isEmpty();
    d->kernel.call(
        this, [request](Kernel &kernel) { return readKernel(kernel, request); },
        [this](KernelReading reading) {
            d->sampling = false;
            if (!d->stopping)
                d->take(std::move(reading));
        });
}

void Engine::Private::take(KernelReading reading)
{
    updateProblems(reading);
    if (!reading.links || (reading.sample && !*reading.sample))
        return;
    const MeterSample *sample = reading.sample ? &**reading.sample : nullptr;
    interval.advance(sample ? sample->taken : clock.steady(), bootId, sample ? sample->generation : 0);

    // what a service moved until now is of the minute that may end now
    if (reading.services && *reading.services)
        takeServices(**reading.services);
    beginMinute();
    LinkReading linkReading;
    linkReading.bootId = bootId;
    linkReading.links = *reading.links;
    linkReading.earlyCounters = std::move(reading.earlyCounters);
    linkReading.sample = sample;
    linkReading.choice = choiceNow(*reading.links, reading.problems);
    linkReading.nowS = nowS();
    links.update(linkReading, interval);

    const auto watchReading = this->reading(planInKernel ? sample : nullptr);
    watches.credit(watchReading);
    watches.followLinks(
        *reading.links, [this](int index) { return links.wasKnown(index); }, watchReading);
    watches.updateRates(interval);
    if (reading.governed && *reading.governed)
        governor.take(std::move(**reading.governed));
    if (reading.flows && *reading.flows)
        takeFlows(std::move(**reading.flows));
    if (sample)
        unattributedBytes = sample->unattributedBytes;
    const bool linksChanged = !describeTheSame(present, *reading.links);
    present = std::move(*reading.links);
    meteredNow = linkReading.choice.metered;
    if (problems.replace(ProblemList::Source::Links, uncountedWatches(), nowS()))
        Q_EMIT q.problemsChanged();
    sampledMs = duration_cast<milliseconds>(clock.wall().time_since_epoch()).count();

    // its event may have been missed, or be on the way still
    if (linksChanged) {
        const LinkChoice wanted = chooseLinks(present, settings.meteredLinks, choice.metered);
        if (wanted.metered != choice.metered || localPrefixes(present, wanted.metered, settings) != prefixes)
            refreshLinks();
    }
    if (stopping)
        governor.observe(moment()); // what quotas dropped is to be stored
    else
        govern();
    if (!stopping && !busy && !flushing
        && (links.takeNews() || governor.takeNews() || clock.steady() - lastFlush >= settings.flushInterval))
        flush();
    Q_EMIT q.sampled(sampledMs);
}

LinkChoice Engine::Private::choiceNow(const std::vector<Link> &now,
                                      const std::vector<KernelProblem> &found) const
{
    LinkChoice real = choice;
    for (const Link &link : now) {
        const auto refused = std::ranges::find_if(found, [&](const KernelProblem &what) {
            return what.id == QLatin1String("link-not-metered")
                && (what.subject == link.name || what.subject == QString::number(link.index));
        });
        if (refused != found.end() && real.metered.erase(link.index))
            real.reasons[link.index] = refused->text;
        if (!hasMeter()) {
            real.metered.erase(link.index);
            real.reasons[link.index] = QStringLiteral("there is no meter: see the problems");
        } else if (!real.metered.contains(link.index) && !real.reasons.contains(link.index)) {
            real.reasons[link.index] = QStringLiteral("it has only just appeared");
        }
    }
    return real;
}

void Engine::Private::takeFlows(FlowTable table)
{
    lastFlows = clock.steady();
    flowView.update(std::move(table), clock.wall(),
                    [this](const Flow &flow, const Traffic &passed) { noteRemotes(flow, passed); });
    countConnections();
}

void Engine::Private::countConnections()
{
    watches.setConnections(watches.plan()->sumPositions(flowView.activeByPosition()),
                           flowView.activeByLink());
}

void Engine::Private::updateProblems(const KernelReading &reading)
{
    bool changed = problems.replace(ProblemList::Source::Kernel, reading.problems, nowS());
    const auto outcome = [&](const QString &id, const QString &subject, const Error *error,
                             const QString &cost) {
        if (error)
            changed |= problems.set(
                ProblemList::Source::Other,
                {id, QStringLiteral("error"), subject, cost + error->message,
                 QStringLiteral("It is tried again each second; nothing that passes meanwhile is lost.")},
                nowS());
        else
            changed |= problems.clear(ProblemList::Source::Other, id, subject);
    };
    outcome(QStringLiteral("links-not-read"), QStringLiteral("links"),
            reading.links ? nullptr : &reading.links.error(), QStringLiteral("Nothing is shown anew: "));
    const bool unread = reading.sample && !*reading.sample;
    outcome(QStringLiteral("meter-not-read"), QStringLiteral("meter"),
            unread ? &reading.sample->error() : nullptr, QStringLiteral("Nothing is shown anew: "));
    const bool noServices = reading.services && !*reading.services;
    outcome(QStringLiteral("services-not-read"), QStringLiteral("services"),
            noServices ? &reading.services->error() : nullptr,
            QStringLiteral("Services are not shown anew: "));
    const bool noQuotas = reading.governed && !*reading.governed;
    outcome(QStringLiteral("quotas-not-read"), QStringLiteral("quotas"),
            noQuotas ? &reading.governed->error() : nullptr,
            QStringLiteral("What quotas let pass is not known: "));
    if (changed)
        Q_EMIT q.problemsChanged();
}

std::vector<KernelProblem> Engine::Private::uncountedWatches() const
{
    std::map<QString, QStringList> byLink;
    for (const auto &[watch, link] : watches.uncounted(meteredNow))
        byLink[link].append(watch);
    std::vector<KernelProblem> found;
    for (const auto &[link, names] : byLink) {
        const auto namesake = std::ranges::find(present, link, &Link::name);
        const bool there = namesake != present.end();
        const auto reason = there ? choice.reasons.find(namesake->index) : choice.reasons.end();
        const QString why =
            reason == choice.reasons.end() ? QString() : QStringLiteral(" (%1)").arg(reason->second);
        const QString first = QStringLiteral("\"%1\"").arg(names.first());
        const QString who = names.size() == 1
            ? QStringLiteral("Watch %1 counts").arg(first)
            : QStringLiteral("Watch %1 and %2 more count").arg(first).arg(names.size() - 1);
        found.push_back(
            {QStringLiteral("watch-not-counted"), QStringLiteral("warning"), link,
             there ? QStringLiteral("%1 nothing: link %2 is not metered%3.").arg(who, link, why)
                   : QStringLiteral("%1 nothing: there is no link %2.").arg(who, link),
             there ? QStringLiteral(
                         "Watch a link that is metered, or name %1 in the setting metered_links instead.")
                         .arg(link)
                   : QStringLiteral("Counting begins when the link appears.")});
    }
    for (const QString &name : settings.meteredLinks) {
        if (std::ranges::find(present, name, &Link::name) == present.end())
            found.push_back(
                {QStringLiteral("link-not-metered"), QStringLiteral("warning"), name,
                 QStringLiteral("The setting metered_links names %1, but there is no such link.").arg(name),
                 QStringLiteral(
                     "Counting begins when the link appears; was it renamed, set metered_links anew.")});
    }
    return found;
}

void Engine::Private::refreshLinks()
{
    if (!started || stopping)
        return;
    const auto now = clock.steady();
    if (refreshing || now - lastRefresh < kMinRefreshInterval) {
        // the next tick looks again; nothing waits longer than a second
        refreshWanted = true;
        return;
    }
    refreshing = true;
    refreshWanted = false;
    lastRefresh = now;
    kernel.call(
        &q,
        [settings = settings, before = prefixes, kept = choice.metered](Kernel &port) {
            return applyLinks(port, settings, before, kept);
        },
        [this](const AppliedLinks &applied) {
            refreshing = false;
            tookLinks(applied);
        });
}

void Engine::lookForLinks(const QStringList &names, std::function<void()> then)
{
    const bool known = std::ranges::all_of(names, [this](const QString &name) {
        return std::ranges::find(d->present, name, &Link::name) != d->present.end();
    });
    if (known || !d->started || d->stopping)
        return then();
    d->linkQuestions.push_back(std::move(then));
    d->lookAgain();
}

void Engine::Private::lookAgain()
{
    // who asks while links are being read is answered by the next reading, and that waits: anybody may name a
    // link
    if (linkQuestions.empty() || std::exchange(lookingForLinks, true))
        return;
    kernel.call(
        &q, [](Kernel &port) { return port.links(); },
        [this, questions = std::exchange(linkQuestions, {})](const Result<std::vector<Link>> &links) {
            if (links) {
                present = *links;
                watches.noteLinks(*links);
            }
            QTimer::singleShot(kMinRefreshInterval, &q, [this] {
                lookingForLinks = false;
                lookAgain();
            });
            for (const auto &then : questions)
                then();
        });
}

void Engine::Private::tookLinks(const AppliedLinks &applied)
{
    const QString id = QStringLiteral("links-not-applied");
    if (!applied.outcome) {
        problem(
            {id, QStringLiteral("error"), QStringLiteral("links"),
             QStringLiteral("What is metered does not follow the links: ") + applied.outcome.error().message,
             QStringLiteral("It is tried again each second.")});
        refreshWanted = true;
        return;
    }
    solved(id, QStringLiteral("links"));
    readEarly |= applied.choice.metered != choice.metered;
    choice = applied.choice;
    prefixes = applied.prefixes;
    if (toldPlan)
        govern(); // the gate stands on the links that are metered
}

void Engine::Private::retryPlan()
{
    kernel.call(
        &q, [plan = watches.plan()](Kernel &port) { return std::pair(plan, port.setAtoms(plan->atoms())); },
        [this](const std::pair<std::shared_ptr<const ReadingPlan>, Result<AtomChange>> &answer) {
            if (answer.first != watches.plan() || !answer.second)
                return;
            planInKernel = true;
            solved(QStringLiteral("atoms-refused"), QStringLiteral("meter"));
        });
}

void Engine::Private::store(StateChange change, std::function<void(Result<void>)> done)
{
    history.take(change, minuteS);
    addTimeNews(change.history);
    auto taken = std::make_shared<const HistoryChange>(change.history);
    persist(std::move(change),
            [this, guard = QPointer<Engine>(&q), taken, done = std::move(done)](Result<void> stored) {
                if (!guard)
                    return;
                if (!stored)
                    giveBack(*taken);
                done(std::move(stored));
            });
}

void Engine::Private::noteStored(const Result<void> &stored)
{
    if (storageRefused)
        return;
    if (stored) {
        solved(QStringLiteral("storage-failed"), QStringLiteral("database"));
        return;
    }
    problem({QStringLiteral("storage-failed"), QStringLiteral("error"), QStringLiteral("database"),
             QStringLiteral("Totals are not stored and watches cannot be changed: ") + stored.error().message,
             QStringLiteral("Make room or mend the disk; it is tried again with each flush.")});
}

/// What was collected was not stored: the next change collects it again.
void Engine::Private::takeBack(const StateChange &kept)
{
    watches.restore(kept);
    links.restore(kept);
    services.restore(kept);
}

/// What is stored need not be kept in the kernel.
void Engine::Private::tidyAfterFlush()
{
    makeRoomForServices();
    if (!std::exchange(leftoversCredited, false))
        return;
    kernel.call(
        &q,
        [](Kernel &port) {
            port.discardLeftovers();
            return true;
        },
        [](bool) {});
}

void Engine::Private::flush()
{
    // a change that may yet be taken back must not reach the disk with a flush
    if (flushing || busy)
        return;
    lastFlush = clock.steady();
    StateChange change;
    watches.collect(change, restorableSinceS());
    links.collect(change);
    services.collect(change);
    remotes.take(change.history);
    if (change.watches.empty() && change.links.empty() && change.services.empty()
        && change.forgottenLinks.empty() && change.history.isEmpty() && timeNews.isEmpty()
        && clock.steady() - lastStored < kLongestSilence)
        return;
    lastStored = clock.steady();
    flushing = true;
    auto kept = std::make_shared<StateChange>(change);
    store(std::move(change), [this, kept](const Result<void> &stored) {
        flushing = false;
        noteStored(stored);
        if (stored)
            tidyAfterFlush();
        else
            takeBack(*kept);
        if (afterFlush)
            std::exchange(afterFlush, {})();
    });
}

} // namespace weir
