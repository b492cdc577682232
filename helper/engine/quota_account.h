// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/history.h"
#include "helper/engine/policy.h"

#include <array>

namespace weir {

/// How a quota stands at one moment.
struct QuotaStanding {
    BillingPeriod period;
    quint64 usedBytes = 0; ///< billed, and corrected by a calibration of this period
    quint64 remainingBytes = 0;
    bool isCalibrated = false;
    std::optional<Projection> projection;
};

/// `passed` is what crossed the wire since the period that holds `nowS` began, counted since `countedFromS`.
QuotaStanding standingOf(const QuotaPolicy &quota, const CivilZone &zone, const HistoryTraffic &passed,
                         qint64 countedFromS, qint64 nowS);

/// Wire bytes that may still pass until a quota is used up.
struct QuotaRoom {
    bool isApart = false; ///< each direction has its own, down first; else both share the first
    quint64 bytes[2] = {0, 0};
    quint64 least() const { return isApart ? std::min(bytes[0], bytes[1]) : bytes[0]; }
};

QuotaRoom roomOf(const QuotaPolicy &quota, const HistoryTraffic &passed, const QuotaStanding &standing);

/// Wire bytes of the directions and the scope that a quota bills, without its factor: as
/// QuotaReading::consumed.
std::array<quint64, 2> countedBytes(const QuotaPolicy &quota, const HistoryTraffic &passed);

/// How many wire bytes stand behind a byte that the gate counts: it sees merged packets as one, and received
/// ones without their Ethernet header (design §4).
class Expansion
{
public:
    /// Of the same span.
    void observe(quint64 wireBytes, quint64 gateBytes);

    /// What the gate may count while `wireBytes` pass; rather a little less, so that it is reached before the
    /// line and never behind it: what was merged little until now may be merged more from now on.
    quint64 toGate(quint64 wireBytes) const;

private:
    double m_wire = 0;
    double m_gate = 0;
};

} // namespace weir
