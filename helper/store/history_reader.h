// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/store/history_tables.h"

#include <vector>

namespace weir {

/// Answers questions about what was stored. Reads only; on the connection's thread.
class HistoryReader
{
public:
    HistoryReader(Connection &connection, const HistoryTables &tables)
        : m_connection(connection), m_tables(tables)
    { }

    /// One point for each span of the query; zeros where nothing is stored. InvalidArgument when bounds do
    /// not ascend.
    Result<std::vector<HistoryPoint>> points(const HistoryQuery &query);
    Result<std::vector<SeriesInfo>> series();
    Result<RemoteRanking> remotes(const RemoteQuery &query);

private:
    enum class Tier { Minute, Quarter, Day };
    /// [fromS, toS), which one table answers.
    struct Piece {
        Tier tier;
        qint64 fromS;
        qint64 toS;
    };
    std::vector<Piece> piecesOf(qint64 fromS, qint64 toS, bool byDays) const;
    void addFine(std::vector<Piece> &pieces, qint64 fromS, qint64 toS) const;
    Result<void> sumPiece(qint64 series, const Piece &piece, std::vector<HistoryPoint> &points);
    Result<void> sumRows(qint64 series, const Piece &piece, std::vector<HistoryPoint> &points);
    Result<bool> sumAtOnce(QSqlQuery &query, const Piece &piece, HistoryPoint &point);
    Result<void> markAway(std::vector<HistoryPoint> &points);
    Result<std::map<Address, RemoteTotal>> remoteSums(qint64 series, qint64 fromS, qint64 toS);
    Result<void> addRanges(std::vector<SeriesInfo> &found);

    Connection &m_connection;
    const HistoryTables &m_tables;
};

} // namespace weir
