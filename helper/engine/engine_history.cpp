// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/civil_time.h"
#include "helper/engine/engine_private.h"

#include <QTimeZone>

#include <algorithm>

namespace weir {

namespace {

constexpr qint64 kHourS = 3600;

std::unexpected<Error> noSuchSeries(const QString &series)
{
    return failure(ErrorKind::NotFound,
                   QStringLiteral("series: there is no \"%1\"; ListSeries names those that have a history")
                       .arg(series.left(100)));
}

std::unexpected<Error> noArchive()
{
    return failure(ErrorKind::StorageFailed, QStringLiteral("no history is kept: there is no database"));
}

/// The spans of a query, with nothing in them.
std::vector<HistoryPoint> emptyPoints(const HistoryQuery &query)
{
    std::vector<HistoryPoint> points;
    for (size_t i = 1; i < query.bounds.size(); ++i)
        points.push_back({query.bounds[i - 1], query.bounds[i], {}, false});
    return points;
}

/// What whole days of the store's zone a span holds is summed from days; only its ends from quarters.
std::vector<HistoryQuery> partsOf(SeriesKey series, qint64 fromS, qint64 toS, const CivilZone &zone)
{
    const QByteArray name = zone.name().toUtf8();
    const qint64 firstDay =
        zone.startOfBucket(Step::Day, fromS) == fromS ? fromS : zone.endOfBucket(Step::Day, fromS);
    const qint64 lastDay = zone.startOfBucket(Step::Day, toS);
    if (firstDay >= lastDay)
        return {{series, {fromS, toS}, name, false}};
    std::vector<HistoryQuery> parts{{series, {firstDay, lastDay}, name, true}};
    if (fromS < firstDay)
        parts.push_back({series, {fromS, firstDay}, name, false});
    if (lastDay < toS)
        parts.push_back({series, {lastDay, toS}, name, false});
    return parts;
}

} // namespace

void Engine::Private::observeHistory()
{
    watches.eachChanged(
        [this](const WatchRecord &record) { history.observe(seriesOf(record), historyOf(record), minuteS); });
    links.eachChanged(
        [this](const LinkRecord &record) { history.observe(seriesOf(record), historyOf(record), minuteS); });
    services.eachChanged([this](const ServiceRecord &record) {
        history.observe(seriesOf(record), historyOf(record), minuteS);
    });
}

void Engine::Private::beginMinute()
{
    using namespace std::chrono;
    const auto wall = duration_cast<milliseconds>(clock.wall().time_since_epoch());
    const BucketDecision decision = bucketClock.take({wall.count(), clock.sinceBoot().count()});
    if (decision.startS != minuteS) {
        if (minuteS != 0)
            observeHistory();
        minuteS = decision.startS;
    }
    if (decision.foldAfterS)
        foldHistory(*decision.foldAfterS);
    if (decision.away)
        timeNews.away.push_back(*decision.away);
    if (decision.marker)
        timeNews.marker = decision.marker;
}

void Engine::Private::foldHistory(qint64 afterS)
{
    history.fold(afterS, minuteS);
    remotes.fold(afterS, minuteS / kHourS * kHourS);
    for (AwaySpan &span : timeNews.away)
        span.toS = std::min(span.toS, afterS);
    std::erase_if(timeNews.away, [](const AwaySpan &span) { return span.fromS >= span.toS; });
    timeNews.foldAfterS = afterS;
}

void Engine::Private::addTimeNews(HistoryChange &change)
{
    change.zone = QTimeZone::systemTimeZoneId();
    change.savedS = nowS();
    change.away = timeNews.away;
    change.foldAfterS = timeNews.foldAfterS;
    change.marker = timeNews.marker;
    timeNews = {};
}

void Engine::Private::giveBack(const HistoryChange &change)
{
    history.restore(change);
    remotes.restore(change);
    timeNews.away.insert(timeNews.away.begin(), change.away.begin(), change.away.end());
    if (!timeNews.foldAfterS)
        timeNews.foldAfterS = change.foldAfterS;
    if (!timeNews.marker)
        timeNews.marker = change.marker;
}

bool Engine::Private::isNewHour() const
{
    // a first sample in a new hour ends the last interval of the hour before, and its flows are that hour's
    return minuteS != 0 && nowS() / kHourS != minuteS / kHourS;
}

void Engine::Private::noteRemotes(const Flow &flow, const Traffic &passed)
{
    std::vector<SeriesKey> series = watches.seriesFor(flow, kMaxFlowWatches);
    if (const LinkRecord *link = links.findIndex(flow.key.link))
        series.push_back(seriesOf(*link));
    remotes.add(series, minuteS / kHourS * kHourS, flow.key.remote, passed);
}

qint64 Engine::nowS() const
{
    return d->nowS();
}

Result<SeriesKey> Engine::findSeries(const QString &series) const
{
    const qsizetype colon = series.indexOf(QLatin1Char(':'));
    const QString kind = series.left(colon);
    const QString name = series.mid(colon + 1);
    if (colon < 0 || name.isEmpty())
        return noSuchSeries(series);
    if (kind == QLatin1String("link")) {
        if (const LinkRecord *record = d->links.find(name))
            return seriesOf(*record);
    } else if (kind == QLatin1String("service")) {
        if (const ServiceRecord *record = d->services.find(name))
            return seriesOf(*record);
    } else if (kind == QLatin1String("watch")) {
        if (const WatchRecord *record = d->watches.find(name))
            return seriesOf(*record);
        bool isNumber = false;
        const SeriesKey removed{SeriesKind::Watch,
                                name.startsWith(QLatin1Char('#')) ? name.mid(1).toLongLong(&isNumber) : 0};
        if (isNumber && d->history.knows(removed))
            return removed;
    }
    return noSuchSeries(series);
}

void Engine::series(Reply<std::vector<SeriesInfo>> reply)
{
    if (!d->archive.series)
        return reply(noArchive());
    d->archive.series([this, guard = QPointer<Engine>(this),
                       reply = std::move(reply)](Result<std::vector<SeriesInfo>> stored) {
        if (!guard)
            return;
        if (!stored)
            return reply(stored);
        for (SeriesInfo &info : *stored) {
            // what is stored of totals and names is up to a flush old
            if (const HistoryTraffic *total = d->history.observed(info.key))
                info.total = *total;
        }
        reply(std::move(stored));
    });
    d->observeHistory();
}

void Engine::history(std::vector<HistoryQuery> queries, Reply<std::vector<std::vector<HistoryPoint>>> reply)
{
    if (!d->archive.points)
        return reply(noArchive());
    d->observeHistory();
    // taken now: what is handed to the store from here on is behind this question
    std::vector<std::vector<HistoryPoint>> fresh;
    for (const HistoryQuery &query : queries) {
        fresh.push_back(emptyPoints(query));
        d->history.addTo(query.series, fresh.back());
    }
    d->archive.points(std::move(queries),
                      [guard = QPointer<Engine>(this), fresh = std::move(fresh),
                       reply = std::move(reply)](Result<std::vector<std::vector<HistoryPoint>>> stored) {
                          if (!guard)
                              return;
                          for (size_t i = 0; stored && i < fresh.size(); ++i)
                              for (size_t point = 0; point < fresh[i].size(); ++point)
                                  (*stored)[i][point].traffic += fresh[i][point].traffic;
                          reply(std::move(stored));
                      });
}

void Engine::ranking(SeriesKind kind, qint64 fromS, qint64 toS, size_t limit,
                     Reply<std::vector<SeriesShare>> reply)
{
    const CivilZone zone = CivilZone::named({}).value_or(CivilZone());
    fromS = zone.startOfBucket(Step::Quarter, fromS);
    if (zone.startOfBucket(Step::Quarter, toS) != toS)
        toS = zone.endOfBucket(Step::Quarter, toS);
    series([=, this, reply = std::move(reply)](Result<std::vector<SeriesInfo>> all) {
        if (!all)
            return reply(std::unexpected(all.error()));
        std::erase_if(*all, [&](const SeriesInfo &info) { return info.key.kind != kind; });
        std::vector<HistoryQuery> queries;
        for (const SeriesInfo &info : *all)
            std::ranges::copy(partsOf(info.key, fromS, toS, zone), std::back_inserter(queries));
        auto asked = std::make_shared<const std::vector<HistoryQuery>>(queries);
        history(std::move(queries),
                [limit, asked, all = std::move(*all),
                 reply](const Result<std::vector<std::vector<HistoryPoint>>> &answers) {
                    if (!answers)
                        return reply(std::unexpected(answers.error()));
                    std::map<SeriesKey, HistoryTraffic> sums;
                    for (size_t i = 0; i < asked->size(); ++i)
                        for (const HistoryPoint &point : (*answers)[i])
                            sums[(*asked)[i].series] += point.traffic;
                    std::vector<SeriesShare> shares;
                    for (const SeriesInfo &info : all)
                        if (const HistoryTraffic &traffic = sums[info.key]; traffic != HistoryTraffic{})
                            shares.push_back({info, traffic});
                    const auto bytes = [](const SeriesShare &share) {
                        const Traffic total = share.traffic.total();
                        return total.rxBytes + total.txBytes;
                    };
                    std::ranges::stable_sort(shares, std::greater(), bytes);
                    if (shares.size() > limit)
                        shares.resize(limit);
                    reply(std::move(shares));
                });
    });
}

void Engine::remotes(const RemoteQuery &query, Reply<RemoteRanking> reply)
{
    if (!d->archive.remotes)
        return reply(noArchive());
    d->archive.remotes(query, std::move(reply));
}

void Engine::forgetHistory(SeriesKey series, qint64 fromS, qint64 toS, Reply<quint64> reply)
{
    if (!d->archive.forget)
        return reply(noArchive());
    // the store deletes whole days; what is not stored yet is of today
    const CivilZone zone = CivilZone::named({}).value_or(CivilZone());
    if (zone.endOfBucket(Step::Day, nowS()) <= toS) {
        d->observeHistory();
        const qint64 keptToS =
            zone.startOfBucket(Step::Day, fromS) == fromS ? fromS : zone.endOfBucket(Step::Day, fromS);
        d->history.forget(series, keptToS);
        d->remotes.forget(series, keptToS);
    }
    d->archive.forget(series, fromS, toS, std::move(reply));
}

} // namespace weir
