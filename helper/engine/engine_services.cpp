// SPDX-License-Identifier: GPL-3.0-or-later
// How the engine reads and stores services.
#include "helper/engine/engine_private.h"

namespace weir {

using namespace std::chrono;

namespace {

/// What is younger is not read again for somebody who asks once.
constexpr auto kFresh = 1000ms;

} // namespace

std::vector<ServiceStatus> Engine::services() const
{
    return d->services.services();
}

void Engine::wantServices(bool wanted)
{
    d->servicesWanted += wanted ? 1 : -1;
    Q_ASSERT(d->servicesWanted >= 0);
}

void Engine::services(Reply<std::vector<ServiceStatus>> reply)
{
    const bool fresh = d->lastServices && d->clock.steady() - *d->lastServices < kFresh;
    if (!d->hasMeter() || fresh || d->stopping)
        return reply(services());
    d->serviceQuestions.push_back(std::move(reply));
    if (d->serviceQuestions.size() > 1)
        return;
    d->kernel.call(
        this, [](Kernel &kernel) { return kernel.services(); },
        [this](const Result<ServiceSample> &sample) {
            if (sample)
                d->takeServices(*sample);
            for (const auto &answer : std::exchange(d->serviceQuestions, {})) {
                if (sample)
                    answer(services());
                else
                    answer(std::unexpected(sample.error()));
            }
        });
}

/// Each second for somebody who looks or a watch that counts one, else when a minute of history ends and in
/// time to be stored: the next sample may be the flush's.
bool Engine::Private::servicesAreDue() const
{
    constexpr qint64 kMinuteS = 60;
    return hasMeter()
        && (servicesWanted > 0 || watches.countsServices() || nowS() / kMinuteS != minuteS / kMinuteS
            || clock.steady() - lastFlush + 1s >= settings.flushInterval);
}

void Engine::Private::takeServices(const ServiceSample &sample)
{
    lastServices = clock.steady();
    services.update(sample, bootId, nowS());
    mergeServices();
    watches.creditServices(services);
}

void Engine::Private::mergeServices()
{
    for (const ForgottenService &gone : services.takeNews())
        history.merge({SeriesKind::Service, gone.id}, {SeriesKind::Service, gone.into});
}

/// Takes counters out of the kernel that nothing will be added to: what they counted is stored.
void Engine::Private::makeRoomForServices()
{
    auto spent = services.stored();
    if (spent.empty() || stopping)
        return;
    kernel.call(
        &q, [spent = std::move(spent)](Kernel &port) { return port.takeServices(spent); },
        [this](const std::vector<ServiceCounter> &taken) {
            services.creditTaken(taken, nowS());
            mergeServices();
        });
}

} // namespace weir
