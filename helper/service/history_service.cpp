// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/history_service.h"

#include "dbus/names.h"
#include "helper/service/field_reader.h"
#include "helper/service/history_export.h"
#include "helper/service/history_rows.h"
#include "helper/service/rows.h"

#include <algorithm>
#include <tuple>

namespace weir {

namespace {

std::unexpected<Error> wrong(const QString &message)
{
    return failure(ErrorKind::InvalidArgument, message);
}

Result<void> checkSpan(qlonglong fromS, qlonglong toS)
{
    const std::pair<const char *, qlonglong> ends[] = {{"from_s", fromS}, {"to_s", toS}};
    for (const auto &[name, instantS] : ends)
        if (instantS < kFirstInstantS || instantS > kLastInstantS)
            return wrong(QStringLiteral("%1: %2 is out of range, %3-%4 is allowed")
                             .arg(QLatin1String(name))
                             .arg(instantS)
                             .arg(kFirstInstantS)
                             .arg(kLastInstantS));
    if (fromS >= toS)
        return wrong(QStringLiteral("from_s: %1 is not before to_s, %2").arg(fromS).arg(toS));
    return {};
}

Result<void> checkLimit(uint limit)
{
    if (limit < 1 || limit > uint(dbus::kMaxRankingRows))
        return wrong(QStringLiteral("limit: %1 is out of range, 1-%2 is allowed")
                         .arg(limit)
                         .arg(dbus::kMaxRankingRows));
    return {};
}

Result<void> checkCount(const QStringList &series)
{
    if (series.size() > dbus::kMaxSumSeries)
        return wrong(QStringLiteral("series: %1 are too many, 0-%2 are allowed")
                         .arg(series.size())
                         .arg(dbus::kMaxSumSeries));
    return {};
}

Result<SeriesKind> readKind(const QString &kind)
{
    if (kind == QLatin1String("link"))
        return SeriesKind::Link;
    if (kind == QLatin1String("watch"))
        return SeriesKind::Watch;
    if (kind == QLatin1String("service"))
        return SeriesKind::Service;
    return wrong(QStringLiteral("kind: must be link, watch or service, not %1").arg(quoted(kind)));
}

Result<ExportRequest::Format> readFormat(const QString &format)
{
    if (format == QLatin1String("csv"))
        return ExportRequest::Format::Csv;
    if (format == QLatin1String("json"))
        return ExportRequest::Format::Json;
    return wrong(QStringLiteral("format: must be csv or json, not %1").arg(quoted(format)));
}

Error noRepair()
{
    return {ErrorKind::Unsupported, QStringLiteral("this helper keeps no database in a file")};
}

bool isByDays(Step step)
{
    return step == Step::Day || step == Step::Month;
}

/// Answers with rows made of what the engine gave.
template <typename T, typename Rows>
auto answerWith(const CallPointer &call, Rows rows)
{
    return [call, rows](const Result<T> &result) {
        if (result)
            call->answer({QVariant::fromValue(rows(*result))});
        else
            call->fail(result.error());
    };
}

} // namespace

HistoryService::HistoryService(const QDBusContext &context, Calls &calls, Engine &engine, Repair repair)
    : m_context(context), m_calls(calls), m_engine(engine), m_repair(std::move(repair)),
      m_exports(std::make_unique<ExportJobs>(engine))
{ }

HistoryService::~HistoryService() = default;

Result<std::vector<SeriesKey>> HistoryService::findAll(const QStringList &series) const
{
    std::vector<SeriesKey> keys;
    for (const QString &name : series) {
        const auto key = m_engine.findSeries(name);
        if (!key)
            return std::unexpected(key.error());
        keys.push_back(*key);
    }
    return keys;
}

dbus::SeriesRows HistoryService::ListSeries()
{
    if (const auto call = m_calls.admit(m_context))
        m_calls.authorize(call, [this, call] {
            m_engine.series(answerWith<std::vector<SeriesInfo>>(call, [](const auto &all) {
                dbus::SeriesRows rows;
                for (const SeriesInfo &info : all)
                    rows.append(toRow(info));
                std::ranges::sort(rows, {}, [](const dbus::SeriesRow &row) {
                    return std::tie(row.kind, row.name, row.removed);
                });
                return rows;
            }));
        });
    return {};
}

dbus::HistoryRows HistoryService::GetHistory(const QString &series, qlonglong fromS, qlonglong toS,
                                             const QString &step, const QString &zone)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    const auto length = parseStep(step);
    if (!length)
        return call->fail(length.error()), dbus::HistoryRows();
    const auto calendar = CivilZone::named(zone);
    if (!calendar)
        return call->fail(calendar.error()), dbus::HistoryRows();
    const auto bounds = bucketBoundaries(*calendar, *length, fromS, toS);
    if (!bounds)
        return call->fail(bounds.error()), dbus::HistoryRows();
    m_calls.authorize(call, [=, this] {
        const auto key = m_engine.findSeries(series);
        if (!key)
            return call->fail(key.error());
        m_engine.history({{*key, *bounds, calendar->name().toUtf8(), isByDays(*length)}},
                         answerWith<std::vector<std::vector<HistoryPoint>>>(call, [](const auto &answers) {
                             dbus::HistoryRows rows;
                             for (const HistoryPoint &point : answers.front())
                                 rows.append(toRow(point));
                             return rows;
                         }));
    });
    return {};
}

dbus::SumRows HistoryService::GetSums(const QStringList &series, const QString &zone)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    if (const auto good = checkCount(series); !good)
        return call->fail(good.error()), dbus::SumRows();
    const auto calendar = CivilZone::named(zone);
    if (!calendar)
        return call->fail(calendar.error()), dbus::SumRows();
    m_calls.authorize(call, [=, this] { sums(call, series, *calendar); });
    return {};
}

void HistoryService::sums(const CallPointer &call, const QStringList &series, const CivilZone &zone)
{
    QStringList names = series;
    if (names.isEmpty())
        for (const LinkStatus &link : m_engine.links())
            names.append(QStringLiteral("link:") + link.link.name);
    const auto keys = findAll(names);
    if (!keys)
        return call->fail(keys.error());
    const QDate today = zone.dayOf(m_engine.nowS());
    const qint64 endS = zone.startOfDay(today.addDays(1));
    std::vector<HistoryQuery> queries;
    for (const SeriesKey &key : *keys)
        for (const qint64 startS :
             {zone.startOfDay(today), zone.startOfMonth(today), zone.startOfYear(today)})
            queries.push_back({key, {startS, endS}, zone.name().toUtf8(), true});
    m_engine.history(std::move(queries),
                     answerWith<std::vector<std::vector<HistoryPoint>>>(call, [names](const auto &answers) {
                         dbus::SumRows rows;
                         for (qsizetype i = 0; i < names.size(); ++i)
                             rows.append(sumRow(names[i], answers[size_t(i) * 3].front().traffic,
                                                answers[size_t(i) * 3 + 1].front().traffic,
                                                answers[size_t(i) * 3 + 2].front().traffic));
                         return rows;
                     }));
}

dbus::RemoteRows HistoryService::GetRemotes(const QString &series, qlonglong fromS, qlonglong toS, uint limit)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    auto good = checkSpan(fromS, toS);
    if (good)
        good = checkLimit(limit);
    if (!good)
        return call->fail(good.error()), dbus::RemoteRows();
    m_calls.authorize(call, [=, this] {
        const auto key = m_engine.findSeries(series);
        if (!key)
            return call->fail(key.error());
        m_engine.remotes(
            {*key, fromS, toS, int(limit)},
            answerWith<RemoteRanking>(call, [](const RemoteRanking &ranking) { return toRows(ranking); }));
    });
    return {};
}

dbus::RankingRows HistoryService::GetRanking(const QString &kind, qlonglong fromS, qlonglong toS, uint limit)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    const auto which = readKind(kind);
    if (!which)
        return call->fail(which.error()), dbus::RankingRows();
    auto good = checkSpan(fromS, toS);
    if (good)
        good = checkLimit(limit);
    if (!good)
        return call->fail(good.error()), dbus::RankingRows();
    m_calls.authorize(call, [=, this] {
        m_engine.ranking(*which, fromS, toS, limit,
                         answerWith<std::vector<SeriesShare>>(call, [](const auto &shares) {
                             dbus::RankingRows rows;
                             for (const SeriesShare &share : shares)
                                 rows.append(toRow(share));
                             return rows;
                         }));
    });
    return {};
}

qulonglong HistoryService::Export(const QDBusUnixFileDescriptor &file, const QStringList &series,
                                  qlonglong fromS, qlonglong toS, const QString &step, const QString &zone,
                                  const QString &format)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    auto good = checkCount(series);
    if (good)
        good = checkSpan(fromS, toS);
    if (!good)
        return call->fail(good.error()), 0;
    const auto length = parseStep(step);
    if (!length)
        return call->fail(length.error()), 0;
    const auto calendar = CivilZone::named(zone);
    if (!calendar)
        return call->fail(calendar.error()), 0;
    const auto kind = readFormat(format);
    if (!kind)
        return call->fail(kind.error()), 0;
    ExportRequest request{{}, fromS, toS, *length, *calendar, *kind};
    m_calls.authorize(call, [this, call, file, series, request]() mutable {
        const auto begin = [this, call, file](ExportRequest wanted) {
            m_exports->begin(call->uid().value_or(uint(-1)), std::move(wanted), file.fileDescriptor(),
                             [call](const Result<quint64> &rows) {
                                 if (rows)
                                     call->answer({qulonglong(*rows)});
                                 else
                                     call->fail(rows.error());
                             });
        };
        if (!series.isEmpty()) {
            const auto keys = findAll(series);
            if (!keys)
                return call->fail(keys.error());
            for (size_t i = 0; i < keys->size(); ++i)
                request.series.emplace_back(series[qsizetype(i)], (*keys)[i]);
            return begin(std::move(request));
        }
        m_engine.series([call, begin, request](const Result<std::vector<SeriesInfo>> &all) mutable {
            if (!all)
                return call->fail(all.error());
            for (const SeriesInfo &info : *all)
                request.series.emplace_back(toRow(info).series, info.key);
            begin(std::move(request));
        });
    });
    return {};
}

qulonglong HistoryService::DeleteHistory(const QString &series, qlonglong fromS, qlonglong toS)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    const qint64 beginS = fromS == 0 ? kFirstInstantS : fromS;
    const qint64 endS = toS == 0 ? kLastInstantS : toS;
    if (const auto good = checkSpan(beginS, endS); !good)
        return call->fail(good.error()), 0;
    if (const auto key = m_engine.findSeries(series); !key)
        return m_calls.failForReaders(call, key.error()), 0;
    call->describe(QStringLiteral("%1 from %2 to %3").arg(quoted(series)).arg(beginS).arg(endS));
    m_calls.authorize(call, [=, this] {
        const auto key = m_engine.findSeries(series);
        if (!key)
            return call->fail(key.error());
        m_engine.forgetHistory(*key, beginS, endS,
                               answerWith<quint64>(call, [](quint64 rows) { return qulonglong(rows); }));
    });
    return {};
}

QStringList HistoryService::CheckDatabase()
{
    if (const auto call = m_calls.admit(m_context))
        m_calls.authorize(call, [this, call] {
            if (!m_repair.check)
                return call->fail(noRepair());
            m_repair.check(
                answerWith<QStringList>(call, [](const QStringList &findings) { return findings; }));
        });
    return {};
}

qulonglong HistoryService::BackupDatabase(const QDBusUnixFileDescriptor &file)
{
    if (const auto call = m_calls.admit(m_context))
        m_calls.authorize(call, [this, call, file] {
            if (!m_repair.backup)
                return call->fail(noRepair());
            m_repair.backup(file.fileDescriptor(), [call, file](const Result<quint64> &bytes) {
                if (bytes)
                    call->answer({qulonglong(*bytes)});
                else
                    call->fail(bytes.error());
            });
        });
    return {};
}

QString HistoryService::RestoreDatabase(const QDBusUnixFileDescriptor &file)
{
    if (const auto call = m_calls.admit(m_context))
        m_calls.authorize(call, [this, call, file] {
            if (!m_repair.restore)
                return call->fail(noRepair());
            m_repair.restore(file.fileDescriptor(),
                             [call, file](const Result<QString> &moved) { call->finish(moved); });
        });
    return {};
}

QString HistoryService::StartAfresh()
{
    if (const auto call = m_calls.admit(m_context))
        m_calls.authorize(call, [this, call] {
            if (!m_repair.startAfresh)
                return call->fail(noRepair());
            m_repair.startAfresh([call](const Result<QString> &moved) { call->finish(moved); });
        });
    return {};
}

} // namespace weir
