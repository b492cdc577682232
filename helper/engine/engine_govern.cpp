// SPDX-License-Identifier: GPL-3.0-or-later
// How the engine has limits, quotas and burst guards carried out.
#include "helper/engine/engine_private.h"
#include "helper/engine/history_keeper.h"
#include "helper/engine/watch_rules.h"

#include <QTimeZone>

#include <algorithm>

namespace weir {

using namespace std::chrono;

namespace {

/// A machine's zone is changed by hand, if at all.
constexpr auto kZoneAge = 60s;

const QString kNotGoverned = QStringLiteral("not-governed");
const QString kLimits = QStringLiteral("limits");

std::unexpected<Error> has(const WatchRecord &record, const QString &nothing)
{
    return failure(ErrorKind::NotFound,
                   QStringLiteral("name: watch %1 has %2").arg(quotedName(record.spec.name), nothing));
}

template <typename Policy>
Result<void> switchPolicy(std::optional<Policy> &policy, const std::optional<bool> &enabled,
                          const WatchRecord &record, const QString &what)
{
    if (!enabled)
        return {};
    if (!policy)
        return has(record, QStringLiteral("no ") + what);
    policy->enabled = *enabled;
    return {};
}

template <typename Policy>
Result<void> replacePolicy(std::optional<Policy> &policy, const std::optional<std::optional<Policy>> &with,
                           const WatchRecord &record, const QString &what)
{
    if (!with)
        return {};
    if (!*with && !policy)
        return has(record, QStringLiteral("no ") + what);
    policy = *with;
    return {};
}

} // namespace

Governor::Moment Engine::Private::moment()
{
    if (!zoneRead || clock.steady() - *zoneRead > kZoneAge) {
        zoneRead = clock.steady();
        if (const QByteArray name = QTimeZone::systemTimeZoneId(); name != zone.name().toUtf8())
            zone = CivilZone::named({}).value_or(CivilZone());
    }
    return {nowS(), clock.sinceBoot(), zone};
}

const GovernPlan &Engine::Private::wantedPlan()
{
    governor.observe(moment());
    return governor.plan(choice.metered);
}

void Engine::Private::govern()
{
    if (changeWaits)
        return; // its plan must be refused or taken for itself
    governor.observe(moment());
    askOfThePast([this](bool learnt) {
        if (learnt && started && !stopping)
            govern();
    });
    const GovernPlan &wanted = governor.plan(choice.metered);
    if (toldPlan == wanted || (support.noGate && wanted.isEmpty()))
        return;
    sendPlan(wanted, [this](const Result<void> &outcome) {
        if (!outcome)
            problem({kNotGoverned, QStringLiteral("error"), kLimits,
                     QStringLiteral("Limits and quotas are not enforced as they were set: ")
                         + outcome.error().message,
                     QStringLiteral("It is tried again each second.")});
    });
}

void Engine::Private::sendPlan(const GovernPlan &next, std::function<void(Result<void>)> done)
{
    toldPlan = next;
    kernel.call(
        &q, [next](Kernel &port) { return port.govern(next); },
        [this, next, done = std::move(done)](const Result<void> &outcome) {
            if (outcome)
                solved(kNotGoverned, kLimits);
            else if (toldPlan == next)
                toldPlan.reset(); // to be told again
            done(outcome);
        });
}

void Engine::Private::askOfThePast(std::function<void(bool learnt)> then)
{
    auto questions = governor.takeQuestions();
    if (questions.empty())
        return then(false);
    if (!archive.points) { // nothing is known of the past, and never will be
        for (const Governor::Question &question : questions)
            governor.answer(question, std::vector<HistoryPoint>(), moment());
        return then(true);
    }
    std::vector<HistoryQuery> queries;
    for (const Governor::Question &question : questions) {
        queries.push_back(question.query);
        queries.back().zone = zone.name().toUtf8();
    }
    q.history(std::move(queries),
              [this, questions = std::move(questions),
               then = std::move(then)](const Result<std::vector<std::vector<HistoryPoint>>> &answers) {
                  for (size_t i = 0; i < questions.size(); ++i)
                      governor.answer(questions[i], answers ? std::optional((*answers)[i]) : std::nullopt,
                                      moment());
                  then(answers.has_value());
              });
}

/// A quota came to its line: reads what really passed and arms it anew.
void Engine::Private::lookAtQuotas()
{
    if (!started || stopping || !hasMeter())
        return;
    if (std::exchange(lookingAtQuotas, true)) {
        crossedMeanwhile = true;
        return;
    }
    kernel.call(
        &q,
        [services = watches.countsServices()](Kernel &port) {
            KernelReading reading;
            reading.governed = port.governed();
            reading.sample = port.sample();
            if (services)
                reading.services = port.services();
            return reading;
        },
        [this](KernelReading reading) {
            lookingAtQuotas = false;
            if (stopping)
                return;
            if (reading.services && *reading.services)
                takeServices(**reading.services);
            if (reading.sample && *reading.sample && planInKernel)
                watches.credit(this->reading(&**reading.sample));
            if (reading.governed && *reading.governed)
                governor.take(std::move(**reading.governed));
            govern();
            if (std::exchange(crossedMeanwhile, false))
                lookAtQuotas();
        });
}

Result<WatchSpec> Engine::Private::editedSpec(const WatchRecord &record, const WatchEdit &edit) const
{
    WatchSpec spec = record.spec;
    Policies &policies = spec.policies;
    WatchEdit merged = edit;
    if (merged.quota && *merged.quota && policies.quota) {
        (*merged.quota)->begunS = policies.quota->begunS;
        (*merged.quota)->calibration = policies.quota->calibration;
    }
    const QString limit = QStringLiteral("limit");
    const QString quota = QStringLiteral("quota");
    const QString burst = QStringLiteral("burst guard");
    for (const Result<void> &done : {replacePolicy(policies.limit, merged.limit, record, limit),
                                     replacePolicy(policies.quota, merged.quota, record, quota),
                                     replacePolicy(policies.burst, merged.burst, record, burst),
                                     switchPolicy(policies.limit, edit.limitEnabled, record, limit),
                                     switchPolicy(policies.quota, edit.quotaEnabled, record, quota),
                                     switchPolicy(policies.burst, edit.burstEnabled, record, burst)})
        if (!done)
            return std::unexpected(done.error());
    if ((edit.usedBytes || edit.period) && !policies.quota)
        return has(record, QStringLiteral("no quota"));
    if (edit.period) {
        BillingRule rule = policies.quota->rule(zone);
        const auto cut = *edit.period == WatchEdit::Period::BeginNow ? beginPeriod(rule, nowS())
                                                                     : undoBeginPeriod(rule, nowS());
        if (!cut)
            return std::unexpected(cut.error());
        policies.quota->begunS = rule.begunS;
    }
    if (edit.usedBytes && !*edit.usedBytes) {
        const BillingPeriod period = periodAt(policies.quota->rule(zone), nowS());
        if (!policies.quota->calibration || !period.contains(policies.quota->calibration->atS))
            return has(record, QStringLiteral("no calibration in this period"));
        policies.quota->calibration.reset();
    } else if (edit.usedBytes) {
        const auto billed = governor.billed(record);
        const auto said = calibrate(**edit.usedBytes, billed.value_or(0), nowS());
        if (!said)
            return std::unexpected(said.error());
        if (!billed)
            return failure(ErrorKind::Conflict,
                           record.spec.enabled
                               ? QStringLiteral("the traffic of this period is still being read; try again")
                               : QStringLiteral("name: the watch is paused; resume it first"));
        policies.quota->calibration = *said;
    }
    return edited(spec, edit);
}

Result<void> Engine::Private::checkGoverned(size_t more) const
{
    if (more == 0 || watches.governed() + more <= Governor::kMaxGoverned)
        return {};
    return failure(ErrorKind::LimitReached,
                   QStringLiteral("more than %1 watches would have a limit, a quota or a burst guard")
                       .arg(Governor::kMaxGoverned));
}

Result<void> Engine::Private::checkSupport(const WatchSpec &before, const WatchSpec &next) const
{
    const bool isElsewhere = next.service != before.service;
    const auto isNew = [isElsewhere](const auto &policy, const auto &was) {
        return policy && policy->enabled && (isElsewhere || policy != was);
    };
    const auto &[limit, quota, burst] = next.policies;
    const bool quotaActs = isNew(quota, before.policies.quota) && quota->overflow != Overflow::Notify;
    const bool holds = isNew(limit, before.policies.limit) || isNew(burst, before.policies.burst)
        || (quotaActs && quota->overflow == Overflow::Throttle);
    if (!holds && !quotaActs)
        return {};
    const auto unsupported = [](const QString &why) {
        return failure(ErrorKind::Unsupported, QStringLiteral("cannot be enforced here: ") + why);
    };
    if (support.noGate)
        return unsupported(*support.noGate);
    if (holds && support.noShaper)
        return unsupported(*support.noShaper);
    if (next.kind != WatchKind::Service)
        return {};
    if (support.noService)
        return unsupported(*support.noService);
    const ServiceRecord *service = services.find(next.service);
    if (service && (service->kind == ServiceKind::Container || service->kind == ServiceKind::Machine))
        return unsupported(
            QStringLiteral("%1 has a network of its own, and this machine's rules do not see its sockets; "
                           "limit the ports that it publishes instead")
                .arg(next.service));
    return {};
}

void Engine::limits(Reply<std::vector<LimitStatus>> reply)
{
    if (!d->started || d->stopping || !d->toldPlan || d->toldPlan->isEmpty())
        return reply(d->governor.limits({}));
    d->kernel.call(
        this, [](Kernel &kernel) { return kernel.governed(); },
        [this, reply = std::move(reply)](const Result<GovernReading> &reading) {
            if (!reading)
                return reply(std::unexpected(reading.error()));
            reply(d->governor.limits(*reading));
        });
}

Result<void> Engine::checkEndBurst(const QString &name) const
{
    const WatchRecord *record = d->watches.find(name);
    if (!record)
        return failure(ErrorKind::NotFound,
                       QStringLiteral("name: there is no watch %1").arg(quotedName(name)));
    if (!record->spec.policies.burst)
        return has(*record, QStringLiteral("no burst guard"));
    if (d->governor.status(*record).burstStage != BurstStage::Throttled)
        return failure(
            ErrorKind::Conflict,
            QStringLiteral("name: the burst guard of watch %1 throttles nothing now").arg(quotedName(name)));
    return {};
}

void Engine::endBurst(const QString &name, Reply<void> reply)
{
    d->enqueue([this, name, reply = std::move(reply)] {
        const auto refuse = [this, reply](const Error &error) {
            reply(std::unexpected(error));
            d->finish();
        };
        if (d->stopping)
            return refuse({ErrorKind::Conflict, QStringLiteral("the helper is stopping")});
        if (const auto valid = checkEndBurst(name); !valid)
            return refuse(valid.error());
        const WatchRecord &record = *d->watches.find(name);
        const Governor::Moment now = d->moment();
        const auto before = d->governor.endBurst(record, now);
        if (!before)
            return refuse(before.error());
        const auto takeBack = [this, id = record.id, before = *before, refuse](const Error &error) {
            d->governor.putBack(id, before);
            d->govern();
            refuse(error);
        };
        d->sendPlan(d->wantedPlan(), [this, id = record.id, reply, takeBack](const Result<void> &told) {
            if (!told)
                return takeBack(told.error());
            StateChange change;
            if (const WatchRecord *kept = d->watches.find(id))
                change.watches.push_back(*kept);
            d->store(std::move(change), [this, reply, takeBack](const Result<void> &stored) {
                d->noteStored(stored);
                if (!stored)
                    return takeBack(stored.error());
                reply({});
                Q_EMIT watchesChanged();
                d->finish();
            });
        });
    });
}

} // namespace weir
