// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/gate.h"

/// The parts of rules that the table for links and that for services have in common.
namespace weir {

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

/// What a packet of that direction meets of the quota; nothing when it passes by.
std::optional<nft::Rule> meeting(const QuotaGate &quota, FlowDirection direction);

bool needsLocalPrefixes(const QuotaGate &quota);

} // namespace weir
