// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/records.h"

#include <QSqlQuery>
#include <QStringList>
#include <QVariant>

/// Values of rows, one after the other. Counters are unsigned 64-bit numbers kept in SQLite's signed ones,
/// bit for bit.
namespace weir::rows {

inline QStringList trafficColumns(const char *prefix)
{
    QStringList columns;
    for (const char *member : {"_rx_bytes", "_tx_bytes", "_rx_packets", "_tx_packets"})
        columns.append(QLatin1String(prefix) + QLatin1String(member));
    return columns;
}

/// Binds one value after the other.
class Writer
{
public:
    explicit Writer(QSqlQuery &query) : m_query(query) { }
    void put(const QVariant &value) { m_query.bindValue(m_next++, value); }
    void put(quint64 counter) { put(QVariant(qint64(counter))); }
    void put(const QString &text) { put(QVariant(text.isNull() ? QStringLiteral("") : text)); }
    void put(const Traffic &traffic)
    {
        put(traffic.rxBytes);
        put(traffic.txBytes);
        put(traffic.rxPackets);
        put(traffic.txPackets);
    }
    void put(const ScopedTraffic &traffic)
    {
        put(traffic.internet);
        put(traffic.local);
    }
    void putOrigin(const Baseline &baseline)
    {
        put(baseline.bootId);
        put(baseline.generation);
        put(QVariant(baseline.linkIndex));
        put(baseline.raw);
        put(baseline.rawOther);
    }

private:
    QSqlQuery &m_query;
    int m_next = 0;
};

/// Takes one value after the other.
class Reader
{
public:
    explicit Reader(const QSqlQuery &query) : m_query(query) { }
    QVariant take() { return m_query.value(m_next++); }
    qint64 takeNumber() { return take().toLongLong(); }
    QString takeText() { return take().toString(); }
    void take(Traffic &traffic)
    {
        traffic.rxBytes = quint64(takeNumber());
        traffic.txBytes = quint64(takeNumber());
        traffic.rxPackets = quint64(takeNumber());
        traffic.txPackets = quint64(takeNumber());
    }
    void take(ScopedTraffic &traffic)
    {
        take(traffic.internet);
        take(traffic.local);
    }
    void takeOrigin(Baseline &baseline)
    {
        baseline.bootId = takeText();
        baseline.generation = quint64(takeNumber());
        baseline.linkIndex = int(takeNumber());
        take(baseline.raw);
        take(baseline.rawOther);
    }

private:
    const QSqlQuery &m_query;
    int m_next = 0;
};

} // namespace weir::rows
