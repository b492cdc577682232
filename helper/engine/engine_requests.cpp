// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/engine_private.h"
#include "helper/engine/watch_rules.h"

#include <algorithm>

namespace weir {

namespace {

using EditStep = WatchLedger::Step;

std::unexpected<Error> nameInUse(const QString &name)
{
    return failure(ErrorKind::Conflict,
                   QStringLiteral("name: a watch %1 exists already").arg(quotedName(name)));
}

std::unexpected<Error> stopping()
{
    return failure(ErrorKind::Conflict, QStringLiteral("the helper is stopping"));
}

Result<void> checkLink(const std::vector<Link> &links, const WatchSpec &spec)
{
    if (spec.kind == WatchKind::Link && std::ranges::find(links, spec.link, &Link::name) == links.end())
        return failure(ErrorKind::NotFound,
                       QStringLiteral("watch %1: link: there is no link %2")
                           .arg(quotedName(spec.name), quotedName(spec.link)));
    return {};
}

Result<void> tooMany()
{
    return failure(ErrorKind::LimitReached,
                   QStringLiteral("watches: there would be more than %1").arg(kMaxWatches));
}

/// The watch of that name, if `revision` is the one it has.
Result<const WatchRecord *> current(const WatchLedger &watches, quint32 revision, const QString &name)
{
    const WatchRecord *record = watches.find(name);
    if (!record)
        return failure(ErrorKind::NotFound,
                       QStringLiteral("name: there is no watch %1").arg(quotedName(name)));
    if (record->revision != revision)
        return failure(
            ErrorKind::Conflict,
            QStringLiteral("revision: %1 of watch %2 is stale, it is %3 now: read it again")
                .arg(QString::number(revision), quotedName(name), QString::number(record->revision)));
    return record;
}

/// Passes an outcome on as the revision that it led to.
std::function<void(Result<void>)> replyRevision(Reply<quint32> reply, quint32 revision)
{
    return [reply = std::move(reply), revision](const Result<void> &outcome) {
        if (outcome)
            reply(revision);
        else
            reply(std::unexpected(outcome.error()));
    };
}

} // namespace

// -- checks
// ------------------------------------------------------------------------------------------------------

Result<void> Engine::checkAdd(const std::vector<WatchSpec> &watches) const
{
    if (watches.empty())
        return failure(ErrorKind::InvalidArgument, QStringLiteral("watches: at least one must be given"));
    if (watches.size() + d->watches.size() > kMaxWatches)
        return tooMany();
    WatchSize sizes = d->watches.sizes();
    std::set<QString> names;
    const auto governed =
        std::ranges::count_if(watches, [](const WatchSpec &spec) { return spec.policies != Policies(); });
    if (auto fits = d->checkGoverned(size_t(governed)); !fits)
        return fits;
    for (const WatchSpec &spec : watches) {
        if (auto valid = checkSpec(spec); !valid)
            return valid;
        if (auto can = d->checkSupport(WatchSpec(), spec); !can)
            return can;
        if (d->watches.find(spec.name))
            return nameInUse(spec.name);
        if (!names.insert(spec.name).second)
            return failure(ErrorKind::Conflict,
                           QStringLiteral("name: %1 is given twice").arg(quotedName(spec.name)));
        if (auto there = checkLink(d->present, spec); !there)
            return there;
        sizes += sizeOf(spec);
    }
    return checkGrowth(d->watches.sizes(), sizes);
}

Result<void> Engine::checkEdit(quint32 revision, const QString &name, const WatchEdit &edit) const
{
    const auto record = current(d->watches, revision, name);
    if (!record)
        return std::unexpected(record.error());
    const auto spec = d->editedSpec(**record, edit);
    if (!spec)
        return std::unexpected(spec.error());
    const bool wasGoverned = (*record)->spec.policies != Policies();
    if (auto fits = d->checkGoverned(!wasGoverned && spec->policies != Policies() ? 1 : 0); !fits)
        return fits;
    if (auto can = d->checkSupport((*record)->spec, *spec); !can)
        return can;
    if (spec->name != name && d->watches.find(spec->name))
        return nameInUse(spec->name);
    WatchSize sizes = d->watches.sizes();
    sizes -= sizeOf((*record)->spec);
    sizes += sizeOf(*spec);
    if (auto fits = checkGrowth(d->watches.sizes(), sizes); !fits)
        return fits;
    // a watch whose link is away can still be renamed or paused
    return spec->link == (*record)->spec.link ? Result<void>() : checkLink(d->present, *spec);
}

Result<void> Engine::checkRemove(quint32 revision, const QString &name) const
{
    const auto record = current(d->watches, revision, name);
    return record ? Result<void>() : std::unexpected(record.error());
}

Result<void> Engine::checkRestore(const QString &name) const
{
    const WatchRecord *removed = d->watches.findRemoved(name, d->restorableSinceS());
    if (!removed)
        return failure(ErrorKind::NotFound,
                       QStringLiteral("name: no watch %1 was removed in the last %2 minutes")
                           .arg(quotedName(name))
                           .arg(kRestoreTime.count()));
    if (d->watches.find(name))
        return nameInUse(name);
    if (d->watches.size() >= kMaxWatches)
        return tooMany();
    if (auto fits = d->checkGoverned(removed->spec.policies != Policies() ? 1 : 0); !fits)
        return fits;
    WatchSize sizes = d->watches.sizes();
    return checkGrowth(d->watches.sizes(), sizes += sizeOf(removed->spec));
}

Result<void> Engine::checkSettings(quint32 revision, const QMap<QString, QVariant> &changes) const
{
    if (revision != d->settingsRevision)
        return failure(ErrorKind::Conflict,
                       QStringLiteral("revision: %1 of the settings is stale, it is %2 now: read them again")
                           .arg(revision)
                           .arg(d->settingsRevision));
    const auto next = d->settings.changed(changes);
    if (!next)
        return std::unexpected(next.error());
    return next->meteredLinks == d->settings.meteredLinks ? Result<void>()
                                                          : checkMeteredLinks(d->present, next->meteredLinks);
}

Result<void> Engine::checkFlows(const FlowQuery &query) const
{
    for (const QString &name : query.filter.watches())
        if (!d->watches.find(name))
            return failure(ErrorKind::NotFound,
                           QStringLiteral("filter: there is no watch %1").arg(quotedName(name)));
    for (const QString &name : query.filter.links())
        if (std::ranges::find(d->present, name, &Link::name) == d->present.end())
            return failure(ErrorKind::NotFound,
                           QStringLiteral("filter: there is no link %1").arg(quotedName(name)));
    return {};
}

// -- requests
// ----------------------------------------------------------------------------------------------------

void Engine::addWatches(std::vector<WatchSpec> watches, Reply<quint32> reply)
{
    if (d->stopping)
        return reply(stopping());
    const QStringList links = linksOf(watches);
    d->enqueue(
        [this, watches = std::move(watches), reply = std::move(reply)]() mutable {
            if (const auto valid = checkAdd(watches); !valid) {
                reply(std::unexpected(valid.error()));
                return d->finish();
            }
            std::vector<EditStep> steps;
            steps.reserve(watches.size());
            for (WatchSpec &spec : watches) {
                spec.ports = normalized(std::move(spec.ports));
                steps.push_back({EditStep::Kind::Add, d->watches.takeId(), std::move(spec), d->nowS()});
            }
            d->change(std::move(steps), replyRevision(std::move(reply), WatchRecord{}.revision));
        },
        links);
}

void Engine::editWatch(quint32 revision, const QString &name, WatchEdit edit, Reply<quint32> reply)
{
    if (d->stopping)
        return reply(stopping());
    const QStringList links = linksOf(edit);
    d->enqueue(
        [this, revision, name, edit = std::move(edit), reply = std::move(reply)] {
            if (const auto valid = checkEdit(revision, name, edit); !valid) {
                reply(std::unexpected(valid.error()));
                return d->finish();
            }
            const WatchRecord &record = *d->watches.find(name);
            // a second may have passed since it was checked, and a period with it
            const auto spec = d->editedSpec(record, edit);
            if (!spec || *spec == record.spec) {
                reply(spec ? Result<quint32>(revision) : std::unexpected(spec.error()));
                return d->finish();
            }
            d->change({{EditStep::Kind::Edit, record.id, *spec, d->nowS()}},
                      replyRevision(reply, revision + 1));
        },
        links);
}

void Engine::removeWatch(quint32 revision, const QString &name, Reply<void> reply)
{
    if (d->stopping)
        return reply(stopping());
    d->enqueue([this, revision, name, reply = std::move(reply)] {
        if (const auto valid = checkRemove(revision, name); !valid) {
            reply(valid);
            return d->finish();
        }
        const WatchRecord &record = *d->watches.find(name);
        d->change({{EditStep::Kind::Remove, record.id, record.spec, d->nowS()}}, reply);
    });
}

void Engine::restoreWatch(const QString &name, Reply<quint32> reply)
{
    if (d->stopping)
        return reply(stopping());
    d->enqueue([this, name, reply = std::move(reply)] {
        if (const auto valid = checkRestore(name); !valid) {
            reply(std::unexpected(valid.error()));
            return d->finish();
        }
        const WatchRecord &record = *d->watches.findRemoved(name, d->restorableSinceS());
        d->change({{EditStep::Kind::Restore, record.id, record.spec, d->nowS()}},
                  replyRevision(reply, record.revision + 1));
    });
}

void Engine::setSettings(quint32 revision, const QMap<QString, QVariant> &changes, Reply<quint32> reply)
{
    if (d->stopping)
        return reply(stopping());
    d->enqueue(
        [this, revision, changes, reply = std::move(reply)] {
            if (const auto valid = checkSettings(revision, changes); !valid) {
                reply(std::unexpected(valid.error()));
                return d->finish();
            }
            const Settings next = d->settings.changed(changes).value();
            QMap<QString, QVariant> stored = d->storedSettings;
            const QMap<QString, QVariant> canonical = next.toMap();
            for (const QString &key : changes.keys())
                stored[key] = canonical.value(key);
            d->applySettings(next, std::move(stored), replyRevision(reply, revision + 1));
        },
        linksOf(changes));
}

void Engine::stop(Leave leave, std::function<void(Result<void>)> done)
{
    if (d->stopping)
        return done(stopping());
    d->stopping = true;
    d->timer.stop();
    if (!d->started)
        return done({});
    d->enqueue([this, leave, done = std::move(done)] { d->finishStop(leave, done); });
}

// -- how they are carried out
// ------------------------------------------------------------------------------------

void Engine::Private::enqueue(std::function<void()> request, const QStringList &links)
{
    requests.emplace_back(std::move(request), links);
    pump();
}

void Engine::Private::pump()
{
    // a loop, because a request that is refused ends before it returns
    if (std::exchange(pumping, true))
        return;
    while (!busy && !requests.empty()) {
        auto [request, links] = std::move(requests.front());
        requests.pop_front();
        busy = true;
        q.lookForLinks(links, std::move(request));
    }
    pumping = false;
}

void Engine::Private::finish()
{
    busy = false;
    pump();
}

void Engine::Private::change(std::vector<WatchLedger::Step> steps, Done done)
{
    auto change = std::make_shared<const WatchLedger::Change>(watches.prepare(std::move(steps)));
    const auto proceed = [this, change, done = std::move(done)](Result<AtomChange> answer) {
        applyChange(*change, std::move(answer), planInKernel, done);
    };
    if (!hasMeter() || !change->needsReading)
        return proceed(AtomChange{});
    const auto ofService = [](const WatchLedger::Step &step) { return step.spec.kind == WatchKind::Service; };
    const bool services = std::ranges::any_of(change->steps, ofService);
    kernel.call(
        &q,
        [plan = change->plan, tell = change->readsOtherPorts || !planInKernel, services](Kernel &port) {
            std::pair<Result<AtomChange>, std::optional<Result<ServiceSample>>> answer;
            if (tell) {
                answer.first = port.setAtoms(plan->atoms());
            } else if (auto sample = port.sample()) {
                answer.first = AtomChange{*sample, *sample};
            } else {
                answer.first = std::unexpected(sample.error());
            }
            if (services)
                answer.second = port.services();
            return answer;
        },
        [this, proceed](const std::pair<Result<AtomChange>, std::optional<Result<ServiceSample>>> &answer) {
            // what a service moved until now is not its new watch's
            if (answer.second && *answer.second)
                takeServices(**answer.second);
            proceed(answer.first);
        });
}

void Engine::Private::applyChange(const WatchLedger::Change &change, Result<AtomChange> answer,
                                  bool oldPlanWasRead, Done done)
{
    if (!answer) {
        done(std::unexpected(answer.error()));
        return finish();
    }
    const bool read = hasMeter() && change.needsReading;
    const auto oldPlan = watches.plan();
    const GovernPlan before = governor.plan(choice.metered);
    const auto undo = watches.apply(change, reading(read && oldPlanWasRead ? &answer->before : nullptr),
                                    reading(read ? &answer->after : nullptr));
    planInKernel = planInKernel || read;
    countConnections();
    // what a quota or a guard has to know of the past comes first: it is in force with the reply
    governor.observe(moment());
    changeWaits = true;
    askOfThePast([this, before, undo, oldPlan, readsOtherPorts = change.readsOtherPorts,
                  done = std::move(done)](bool) mutable {
        governChange(before, undo, readsOtherPorts, std::move(oldPlan), std::move(done));
    });
}

/// The kernel refuses what was in force before, too: an edit that asks for no more must not wait for that.
bool Engine::Private::isAsGoodAsRefused(const GovernPlan &before, const GovernPlan &wanted) const
{
    const auto isAmong = [](const auto &some, const auto &all) {
        return std::ranges::all_of(
            some, [&](const auto &each) { return std::ranges::find(all, each) != all.end(); });
    };
    return !toldPlan && isAmong(wanted.classes, before.classes) && isAmong(wanted.quotas, before.quotas)
        && isAmong(wanted.services, before.services);
}

void Engine::Private::governChange(const GovernPlan &before, const WatchLedger::Undo &undo,
                                   bool readsOtherPorts, std::shared_ptr<const ReadingPlan> oldPlan,
                                   Done done)
{
    changeWaits = false;
    const GovernPlan &wanted = wantedPlan();
    if (toldPlan == wanted || isAsGoodAsRefused(before, wanted) || (support.noGate && wanted.isEmpty()))
        return storeChange(undo, readsOtherPorts, std::move(oldPlan), std::move(done));
    // what is refused must not be on the disk
    sendPlan(
        wanted,
        [this, undo, oldPlan, readsOtherPorts, done = std::move(done)](const Result<void> &outcome) mutable {
            if (!outcome)
                return rollBack(undo, readsOtherPorts, oldPlan, outcome.error(), std::move(done));
            storeChange(undo, readsOtherPorts, oldPlan, std::move(done));
        });
}

void Engine::Private::storeChange(const WatchLedger::Undo &undo, bool readsOtherPorts,
                                  std::shared_ptr<const ReadingPlan> oldPlan, Done done)
{
    StateChange stored;
    stored.watches = watches.records(undo);
    store(std::move(stored),
          [this, undo, oldPlan, readsOtherPorts, done = std::move(done)](Result<void> outcome) mutable {
              noteStored(outcome);
              if (!outcome)
                  return rollBack(undo, readsOtherPorts, oldPlan, outcome.error(), std::move(done));
              done({});
              Q_EMIT q.watchesChanged();
              finish();
          });
}

void Engine::Private::rollBack(const WatchLedger::Undo &undo, bool readsOtherPorts,
                               std::shared_ptr<const ReadingPlan> plan, Error error, Done done)
{
    const auto end = [this, undo, plan, error = std::move(error),
                      done = std::move(done)](const AtomChange *answer) {
        watches.revert(undo, plan, reading(answer ? &answer->before : nullptr),
                       reading(answer ? &answer->after : nullptr));
        for (const auto &[kind, was] : undo.steps)
            governor.resumeHold(was.id);
        countConnections();
        govern();
        done(std::unexpected(error));
        Q_EMIT q.watchesChanged();
        finish();
    };
    if (!hasMeter() || !readsOtherPorts)
        return end(nullptr);
    kernel.call(
        &q, [plan](Kernel &port) { return port.setAtoms(plan->atoms()); },
        [this, end](const Result<AtomChange> &answer) {
            // refused: the watches are as they were, and the kernel is told each second until it takes the
            // plan
            planInKernel = answer.has_value();
            end(answer ? &*answer : nullptr);
        });
}

void Engine::Private::applySettings(const Settings &next, QMap<QString, QVariant> stored, Done done)
{
    const Settings old = settings;
    const auto putBack = [this, old, done](const Error &error) {
        settings = old;
        kernel.call(
            &q, [old, kept = choice.metered](Kernel &port) { return applyLinks(port, old, {}, kept); },
            [this, error, done](const AppliedLinks &applied) {
                tookLinks(applied);
                done(std::unexpected(error));
                finish();
            });
    };
    settings = next;
    kernel.call(
        &q, [next, kept = choice.metered](Kernel &port) { return applyLinks(port, next, {}, kept); },
        [this, stored = std::move(stored), done, putBack](const AppliedLinks &applied) {
            if (!applied.outcome)
                return putBack(applied.outcome.error());
            tookLinks(applied);
            StateChange change;
            change.settings = stored;
            change.settingsRevision = settingsRevision + 1;
            store(std::move(change), [this, stored, done, putBack](const Result<void> &outcome) {
                noteStored(outcome);
                if (!outcome)
                    return putBack(outcome.error());
                storedSettings = stored;
                ++settingsRevision;
                done({});
                finish();
            });
        });
}

void Engine::Private::finishStop(Leave leave, Done done)
{
    if (flushing) { // what it wrote may yet come back
        afterFlush = [this, leave, done = std::move(done)] { finishStop(leave, done); };
        return;
    }
    ReadingRequest request;
    request.meter = hasMeter();
    request.early = readEarly;
    request.flows = hasMeter(); // for the addresses of what passed since they were last read
    request.services = hasMeter();
    request.governed = toldPlan && !toldPlan->isEmpty();
    kernel.call(
        &q, [request](Kernel &port) { return readKernel(port, request); },
        [this, leave, done = std::move(done)](KernelReading reading) {
            Result<void> read;
            if (!reading.links)
                read = std::unexpected(reading.links.error());
            else if (reading.sample && !*reading.sample)
                read = std::unexpected(reading.sample->error());
            take(std::move(reading));
            StateChange change;
            watches.collect(change, restorableSinceS());
            links.collect(change);
            services.collect(change);
            remotes.take(change.history);
            store(std::move(change), [this, leave, read, done](const Result<void> &stored) {
                noteStored(stored);
                // what is not on the disk stays in the kernel, for the next helper to adopt
                const Result<void> lost = stored || storageRefused ? read : stored;
                if (leave == Leave::Everything || (!lost && leave == Leave::Nothing))
                    return done(lost);
                kernel.call(
                    &q, [](Kernel &port) { return port.removeEverything(); },
                    [lost, done](const Result<void> &removed) { done(removed ? lost : removed); });
            });
        });
}

} // namespace weir
