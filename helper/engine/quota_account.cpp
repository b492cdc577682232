// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/quota_account.h"

#include <algorithm>
#include <cmath>

namespace weir {

namespace {

/// TCP over IPv6 with segments of 1,500 bytes expands by 6 %. A smaller expansion than that is not relied on:
/// it lasts as long as packets are of the same kind.
constexpr double kLeast = 1.06;
/// A merged packet of the smallest segments expands threefold at most.
constexpr double kMost = 3;
/// Less than this says nothing.
constexpr double kLeastObserved = 256 * 1024;
/// Older traffic counts half as much with each of these.
constexpr double kMemory = 64.0 * 1024 * 1024;
/// The two readings that a ratio is made from are not of quite the same instant.
constexpr double kMargin = 1.002;

quint64 less(quint64 from, quint64 what)
{
    return from > what ? from - what : 0;
}

HistoryTraffic oneWay(const HistoryTraffic &passed, bool down)
{
    HistoryTraffic way = passed;
    for (Traffic *traffic : {&way.scoped.internet, &way.scoped.local, &way.rest})
        (down ? traffic->txBytes : traffic->rxBytes) = 0;
    return way;
}

} // namespace

QuotaStanding standingOf(const QuotaPolicy &quota, const CivilZone &zone, const HistoryTraffic &passed,
                         qint64 countedFromS, qint64 nowS)
{
    const BillingRule rule = quota.rule(zone);
    QuotaStanding standing;
    standing.period = periodAt(rule, nowS);
    standing.usedBytes =
        usedBytes(billedBytes(passed.scoped, rule, passed.rest), standing.period, quota.calibration);
    standing.remainingBytes = less(quota.sizeBytes, standing.usedBytes);
    standing.isCalibrated = quota.calibration && standing.period.contains(quota.calibration->atS);
    // what the provider says stands for the whole period
    const qint64 fromS = standing.isCalibrated ? standing.period.startS : countedFromS;
    standing.projection = project(standing.period, fromS, nowS, standing.usedBytes);
    return standing;
}

QuotaRoom roomOf(const QuotaPolicy &quota, const HistoryTraffic &passed, const QuotaStanding &standing)
{
    QuotaRoom room;
    if (quota.mode != BillingMode::Max) {
        room.bytes[0] = scaled(standing.remainingBytes, 1000, quint64(quota.factorThousandths));
        return room;
    }
    room.isApart = true;
    const BillingRule rule = quota.rule(CivilZone());
    for (const bool down : {true, false}) {
        const HistoryTraffic way = oneWay(passed, down);
        const quint64 used =
            usedBytes(billedBytes(way.scoped, rule, way.rest), standing.period, quota.calibration);
        room.bytes[down ? 0 : 1] =
            scaled(less(quota.sizeBytes, used), 1000, quint64(quota.factorThousandths));
    }
    return room;
}

std::array<quint64, 2> countedBytes(const QuotaPolicy &quota, const HistoryTraffic &passed)
{
    BillingRule rule = quota.rule(CivilZone());
    rule.factorThousandths = 1000;
    if (rule.mode != BillingMode::Max)
        return {billedBytes(passed.scoped, rule, passed.rest), 0};
    const auto counted = [&](BillingMode mode) {
        rule.mode = mode;
        return billedBytes(passed.scoped, rule, passed.rest);
    };
    return {counted(BillingMode::In), counted(BillingMode::Out)};
}

void Expansion::observe(quint64 wireBytes, quint64 gateBytes)
{
    m_wire += double(wireBytes);
    m_gate += double(gateBytes);
    while (m_gate > kMemory) {
        m_wire /= 2;
        m_gate /= 2;
    }
}

quint64 Expansion::toGate(quint64 wireBytes) const
{
    const double observed = m_gate < kLeastObserved ? 0 : m_wire / m_gate;
    const double ratio = std::clamp(observed, kLeast, kMost);
    return quint64(std::floor(double(wireBytes) / (ratio * kMargin)));
}

} // namespace weir
