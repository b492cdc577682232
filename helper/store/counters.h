// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/history.h"

#include <QSqlQuery>
#include <QStringList>

#include <array>

/// Traffic as the twelve columns of the tables by time.
namespace weir {

/// In the order of the columns. Sums stay at the largest number that SQLite has instead of turning negative.
class Counters
{
public:
    static constexpr int kCount = 12;
    static constexpr quint64 kMost = 0x7fff'ffff'ffff'ffff;

    Counters() = default;
    explicit Counters(const HistoryTraffic &traffic);
    HistoryTraffic traffic() const;

    /// Reads twelve columns from `first` on.
    static Counters from(const QSqlQuery &row, int first);
    /// Binds twelve values from `first` on.
    void bind(QSqlQuery &query, int first) const;

    Counters &operator+=(const Counters &more);
    /// Takes away as much of `less` as there is, counter by counter; gives what was taken.
    Counters take(const Counters &less);
    bool isZero() const { return m_values == decltype(m_values){}; }
    bool operator==(const Counters &) const = default;

    static const QStringList &columns();

private:
    std::array<quint64, kCount> m_values{};
};

/// a + b, or Counters::kMost.
inline quint64 saturatingSum(quint64 a, quint64 b)
{
    return a >= Counters::kMost || b >= Counters::kMost - a ? Counters::kMost : a + b;
}

} // namespace weir
