// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/gate.h"

/// The parts of rules that the table for links and that for services have in common.
namespace weir {

/// A plan's quotas by watch.
using GateQuotas = std::map<qint64, const QuotaGate *>;

/// Drops what is faster, and counts it as policed of that watch.
nft::Rule policing(qint64 watch, quint64 bitsPerSecond);
/// Gives the packet a class of the shaper, without sending it there.
nft::Rule choiceOf(quint32 priority);
/// Sends the packet to the device.
nft::Rule departureTo(quint32 device);

/// How packets get to the shaper's classes.
struct GateShaping {
    const std::map<ClassKey, quint32> &priorities;
    int device = 0; ///< 0: there is none

    std::optional<quint32> priority(const ClassKey &key) const;
    /// Sets the class, without sending it there; nothing when there is no such class.
    std::optional<nft::Rule> choice(const ClassKey &key) const;
    /// Sends the packet to the device that has its class.
    nft::Rule departure() const;
};

/// Ends of packets' addresses of both families, all local.
void addLocalPrefixes(GateTable &table, const std::vector<Prefix> &prefixes);

/// The quota's objects and chains, for both directions.
void addQuota(GateTable &table, NftFamily family, const QuotaGate &quota, const struct GateStanding *standing,
              const GateShaping &shaping);

/// What a packet of that direction meets of these watches' quotas, in this order.
QList<nft::Rule> meetings(const GateQuotas &quotas, const std::vector<qint64> &watches,
                          FlowDirection direction);

/// As meetings(), of all that the path says; quotas that only count come last.
QList<nft::Rule> meetings(const GateQuotas &quotas, const GovernedPath &path, FlowDirection direction);

bool needsLocalPrefixes(const QuotaGate &quota);

} // namespace weir
