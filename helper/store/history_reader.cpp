// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/history_reader.h"

#include <algorithm>
#include <array>

namespace weir {

namespace {

constexpr std::array kTables{"minute", "quarter", "day"};
constexpr std::array<qint64, 3> kRowS{kMinuteS, kQuarterS, 86400};

/// Below this many rows in a span it is quicker to read them than to have them summed.
constexpr qint64 kFewRows = 6;

/// Shorter spans hold no whole day.
constexpr qint64 kShortestDayS = 20 * kHourS;

QString tableOf(size_t tier)
{
    return QLatin1String(kTables.at(tier));
}

} // namespace

/// From minutes where the ends ask for it and they are there, else from quarters.
void HistoryReader::addFine(std::vector<Piece> &pieces, qint64 fromS, qint64 toS) const
{
    const qint64 floorS = m_tables.floors().minuteS;
    const bool wholeQuarters = fromS % kQuarterS == 0 && toS % kQuarterS == 0;
    const qint64 minutesFromS = wholeQuarters ? toS : std::clamp(floorS, fromS, toS);
    if (fromS < minutesFromS)
        pieces.push_back({Tier::Quarter, fromS, minutesFromS});
    if (minutesFromS < toS)
        pieces.push_back({Tier::Minute, minutesFromS, toS});
}

/// Which tables hold a span exactly: days between clean cuts, quarters and minutes around them, and before
/// the quarters' floor days by the instant at which they began.
std::vector<HistoryReader::Piece> HistoryReader::piecesOf(qint64 fromS, qint64 toS, bool byDays) const
{
    std::vector<Piece> pieces;
    const qint64 floorS = m_tables.floors().quarterS;
    if (fromS < floorS)
        pieces.push_back({Tier::Day, fromS, std::min(toS, floorS)});
    fromS = std::max(fromS, floorS);
    if (fromS >= toS)
        return pieces;
    if (toS - fromS < kShortestDayS) {
        addFine(pieces, fromS, toS);
        return pieces;
    }
    const StoredDays &days = m_tables.days();
    if (byDays && days.isCleanCut(fromS) && days.isCleanCut(toS)) {
        pieces.push_back({Tier::Day, fromS, toS});
        return pieces;
    }
    const qint64 daysFromS = days.cutFrom(fromS).value_or(toS);
    const qint64 daysToS = days.cutUntil(toS).value_or(fromS);
    if (daysFromS >= daysToS) {
        addFine(pieces, fromS, toS);
        return pieces;
    }
    if (fromS < daysFromS)
        addFine(pieces, fromS, daysFromS);
    pieces.push_back({Tier::Day, daysFromS, daysToS});
    if (daysToS < toS)
        addFine(pieces, daysToS, toS);
    return pieces;
}

Result<std::vector<HistoryPoint>> HistoryReader::points(const HistoryQuery &query)
{
    std::vector<HistoryPoint> points;
    std::vector<Piece> pieces;
    for (size_t i = 1; i < query.bounds.size(); ++i) {
        const qint64 fromS = query.bounds[i - 1];
        const qint64 toS = query.bounds[i];
        if (fromS >= toS)
            return failure(ErrorKind::InvalidArgument, QStringLiteral("bounds: they must ascend"));
        points.push_back({fromS, toS, {}, false});
        for (const Piece &piece : piecesOf(fromS, toS, query.byDays)) {
            if (!pieces.empty() && pieces.back().tier == piece.tier && pieces.back().toS == piece.fromS)
                pieces.back().toS = piece.toS;
            else
                pieces.push_back(piece);
        }
    }
    if (const auto series = m_tables.numberOf(query.series))
        for (const Piece &piece : pieces)
            if (auto summed = sumPiece(*series, piece, points); !summed)
                return std::unexpected(summed.error());
    if (auto marked = markAway(points); !marked)
        return std::unexpected(marked.error());
    return points;
}

/// By reading rows where a span has a few, by letting the database sum where it has many.
Result<void> HistoryReader::sumPiece(qint64 series, const Piece &piece, std::vector<HistoryPoint> &points)
{
    auto point = std::ranges::upper_bound(points, piece.fromS, {}, &HistoryPoint::endS);
    const qint64 spans = std::ranges::upper_bound(points, piece.toS - 1, {}, &HistoryPoint::startS) - point;
    if ((piece.toS - piece.fromS) / kRowS.at(size_t(piece.tier)) < spans * kFewRows)
        return sumRows(series, piece, points);
    static const QString sums =
        QStringLiteral("sum(") + Counters::columns().join(QLatin1String("), sum(")) + QLatin1Char(')');
    auto query = m_connection.prepare(
        QStringLiteral("SELECT %1 FROM %2 WHERE series = ? AND start_s >= ? AND start_s < ?")
            .arg(sums, tableOf(size_t(piece.tier))));
    if (!query)
        return std::unexpected(query.error());
    query->bindValue(0, series);
    for (; point != points.end() && point->startS < piece.toS; ++point) {
        const Piece part{piece.tier, std::max(piece.fromS, point->startS), std::min(piece.toS, point->endS)};
        const auto summed = sumAtOnce(*query, part, *point);
        if (!summed)
            return std::unexpected(summed.error());
        if (*summed)
            continue;
        if (auto read = sumRows(series, part, points); !read)
            return read;
    }
    return {};
}

/// False when the sum is too large for SQLite, which stops then.
Result<bool> HistoryReader::sumAtOnce(QSqlQuery &query, const Piece &piece, HistoryPoint &point)
{
    query.bindValue(1, piece.fromS);
    query.bindValue(2, piece.toS);
    if (!query.exec() || !query.next()) {
        if (query.lastError().text().contains(QLatin1String("overflow")))
            return false;
        return m_connection.failed(QStringLiteral("cannot read history"), query.lastError());
    }
    point.traffic = (Counters(point.traffic) += Counters::from(query, 0)).traffic();
    return true;
}

Result<void> HistoryReader::sumRows(qint64 series, const Piece &piece, std::vector<HistoryPoint> &points)
{
    auto query = m_connection.prepare(
        QStringLiteral(
            "SELECT start_s, %1 FROM %2 WHERE series = ? AND start_s >= ? AND start_s < ? ORDER BY start_s")
            .arg(Counters::columns().join(QLatin1String(", ")), tableOf(size_t(piece.tier))));
    if (!query)
        return std::unexpected(query.error());
    query->bindValue(0, series);
    query->bindValue(1, piece.fromS);
    query->bindValue(2, piece.toS);
    if (auto ran = m_connection.run(*query, QStringLiteral("cannot read history")); !ran)
        return ran;
    auto point = points.begin();
    while (query->next()) {
        const qint64 startS = query->value(0).toLongLong();
        point = std::ranges::upper_bound(point, points.end(), startS, {}, &HistoryPoint::endS);
        if (point == points.end())
            break;
        point->traffic = (Counters(point->traffic) += Counters::from(*query, 1)).traffic();
    }
    return {};
}

Result<void> HistoryReader::markAway(std::vector<HistoryPoint> &points)
{
    if (points.empty())
        return {};
    auto query =
        m_connection.prepare(QStringLiteral("SELECT from_s, to_s FROM away WHERE from_s < ? AND to_s > ?"));
    if (!query)
        return std::unexpected(query.error());
    query->bindValue(0, points.back().endS);
    query->bindValue(1, points.front().startS);
    if (auto ran = m_connection.run(*query, QStringLiteral("cannot read history")); !ran)
        return ran;
    while (query->next()) {
        const qint64 fromS = query->value(0).toLongLong();
        const qint64 toS = query->value(1).toLongLong();
        auto point = std::ranges::upper_bound(points, fromS, {}, &HistoryPoint::endS);
        for (; point != points.end() && point->startS < toS; ++point)
            point->away = true;
    }
    return {};
}

} // namespace weir
