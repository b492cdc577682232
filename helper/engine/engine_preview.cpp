// SPDX-License-Identifier: GPL-3.0-or-later
// What policies would have come to.
#include "helper/engine/engine_private.h"
#include "helper/engine/history_keeper.h"
#include "helper/engine/watch_rules.h"

#include <algorithm>

namespace weir {

using namespace std::chrono;

namespace {

constexpr qint64 kMinuteS = 60;
constexpr qint64 kQuarterS = 900;
constexpr qint64 kDayS = 86400;

std::unexpected<Error> noSuchWatch(const QString &name)
{
    return failure(ErrorKind::NotFound, QStringLiteral("name: there is no watch %1").arg(quotedName(name)));
}

/// Bounds of quarters of an hour, and of minutes where those are kept.
std::vector<qint64> previewBounds(qint64 fromS, qint64 nowS, qint64 minutesSinceS)
{
    std::vector<qint64> bounds;
    qint64 at = fromS / kQuarterS * kQuarterS;
    const qint64 minutesFromS = std::max(at, (minutesSinceS + kQuarterS - 1) / kQuarterS * kQuarterS);
    for (; at < minutesFromS && at <= nowS; at += kQuarterS)
        bounds.push_back(at);
    for (; at <= nowS; at += kMinuteS)
        bounds.push_back(at);
    bounds.push_back(at);
    return bounds;
}

std::vector<BurstTrigger> triggersIn(const std::vector<HistoryPoint> &points, const BurstPolicy &burst,
                                     qint64 nowS)
{
    BurstGuard guard(burst);
    std::vector<BurstTrigger> triggers;
    for (const HistoryPoint &point : points) {
        const qint64 endS = std::min(point.endS, nowS);
        if (endS <= point.startS)
            continue;
        const bool was = guard.isThrottled();
        const Traffic passed = point.traffic.total();
        const seconds at(endS);
        guard.add({at, seconds(endS - point.startS), passed.rxBytes, passed.txBytes});
        if (!guard.isThrottled() || (was && !triggers.empty() && triggers.back().endS > endS))
            continue;
        triggers.push_back({floor<seconds>(*guard.throttledSince()).count(),
                            ceil<seconds>(*guard.throttledUntil()).count(), guard.average()});
    }
    if (triggers.size() > kMaxTriggers)
        triggers.erase(triggers.begin(), triggers.end() - kMaxTriggers);
    return triggers;
}

} // namespace

void Engine::previewBurst(const QString &name, const BurstPolicy &burst, qint64 fromS,
                          Reply<BurstPreview> reply)
{
    const WatchRecord *record = d->watches.find(name);
    if (!record)
        return reply(noSuchWatch(name));
    if (const auto valid = checkBurst(burst); !valid)
        return reply(std::unexpected(valid.error()));
    const qint64 now = nowS();
    const qint64 oldest = now - duration_cast<seconds>(kMaxPreview).count();
    if (fromS < oldest || fromS >= now)
        return reply(failure(
            ErrorKind::InvalidArgument,
            QStringLiteral("from_s: %1 is not within the last %2 days").arg(fromS).arg(kMaxPreview.count())));
    const qint64 minutesSinceS = now - qint64(d->settings.retention.minuteDays) * kDayS + kQuarterS;
    HistoryQuery query{seriesOf(*record), previewBounds(fromS, now, minutesSinceS), d->zone.name().toUtf8(),
                       false};
    const int stepS = int(fromS < minutesSinceS ? kQuarterS : kMinuteS);
    const qint64 createdS = record->createdS;
    series([=, this, key = seriesOf(*record),
            reply = std::move(reply)](const Result<std::vector<SeriesInfo>> &all) {
        if (!all)
            return reply(std::unexpected(all.error()));
        const auto info = std::ranges::find(*all, key, &SeriesInfo::key);
        const qint64 firstS = info == all->end() || info->firstS == 0 ? now : info->firstS;
        const qint64 knownFromS = std::clamp(std::min(firstS, std::max(createdS, fromS)), fromS, now);
        history({query}, [=](const Result<std::vector<std::vector<HistoryPoint>>> &answer) {
            if (!answer)
                return reply(std::unexpected(answer.error()));
            reply(BurstPreview{knownFromS, stepS, triggersIn(answer->front(), burst, now)});
        });
    });
}

void Engine::previewQuota(const QString &name, QuotaPolicy quota, Reply<QuotaPreview> reply)
{
    const WatchRecord *record = d->watches.find(name);
    if (!record)
        return reply(noSuchWatch(name));
    if (const auto &was = record->spec.policies.quota) {
        quota.begunS = was->begunS;
        quota.calibration = was->calibration;
    }
    if (const auto valid = checkQuota(quota); !valid)
        return reply(std::unexpected(valid.error()));
    const Governor::Moment now = d->moment();
    const BillingPeriod period = periodAt(quota.rule(now.zone), now.nowS);
    const auto standing = [quota, now, createdS = record->createdS](const HistoryTraffic &passed) {
        return QuotaPreview{quota, standingOf(quota, now.zone, passed, createdS, now.nowS)};
    };
    if (const auto passed = d->governor.passed(*record, period.startS))
        return reply(standing(*passed));
    const HistoryQuery query{
        seriesOf(*record), {period.startS, period.endS}, now.zone.name().toUtf8(), false};
    history(
        {query},
        [standing, reply = std::move(reply)](const Result<std::vector<std::vector<HistoryPoint>>> &answer) {
            if (!answer)
                return reply(std::unexpected(answer.error()));
            HistoryTraffic passed;
            for (const HistoryPoint &point : answer->front())
                passed += point.traffic;
            reply(standing(passed));
        });
}

} // namespace weir
