// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/counters.h"

#include <QVariant>

#include <algorithm>

namespace weir {

Counters::Counters(const HistoryTraffic &traffic)
{
    auto next = m_values.begin();
    for (const Traffic &each : {traffic.scoped.internet, traffic.scoped.local, traffic.rest})
        for (const quint64 value : {each.rxBytes, each.txBytes, each.rxPackets, each.txPackets})
            *next++ = std::min(value, kMost);
}

HistoryTraffic Counters::traffic() const
{
    const auto at = [this](size_t first) {
        return Traffic{m_values[first], m_values[first + 1], m_values[first + 2], m_values[first + 3]};
    };
    return {{at(0), at(4)}, at(8)};
}

Counters Counters::from(const QSqlQuery &row, int first)
{
    Counters counters;
    // a negative number is damage, which the check tells of
    for (int i = 0; i < kCount; ++i)
        counters.m_values[size_t(i)] = quint64(std::max<qint64>(row.value(first + i).toLongLong(), 0));
    return counters;
}

void Counters::bind(QSqlQuery &query, int first) const
{
    for (int i = 0; i < kCount; ++i)
        query.bindValue(first + i, qint64(m_values[size_t(i)]));
}

Counters &Counters::operator+=(const Counters &more)
{
    std::ranges::transform(m_values, more.m_values, m_values.begin(), saturatingSum);
    return *this;
}

Counters Counters::take(const Counters &less)
{
    Counters taken;
    for (size_t i = 0; i < kCount; ++i) {
        taken.m_values[i] = std::min(m_values[i], less.m_values[i]);
        m_values[i] -= taken.m_values[i];
    }
    return taken;
}

const QStringList &Counters::columns()
{
    static const QStringList names = [] {
        QStringList all;
        for (const char *scope : {"i", "l", "r"})
            for (const char *member : {"_rx_bytes", "_tx_bytes", "_rx_packets", "_tx_packets"})
                all.append(QLatin1String(scope) + QLatin1String(member));
        return all;
    }();
    return names;
}

} // namespace weir
