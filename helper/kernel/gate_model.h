// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/nft_batch.h"
#include "helper/kernel/nft_expressions.h"

#include <QByteArray>
#include <QList>

#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

/// The gate's tables as values: what is to be in the kernel, and what was put there, to be compared.
namespace weir {

inline constexpr char kGateTable[] = "weir";

/// Where packets enter a chain by themselves.
struct GateHook {
    quint32 number = 0; ///< NF_NETDEV_… or NF_INET_…
    QByteArray device;  ///< in the netdev table: its name
    bool operator==(const GateHook &) const = default;
};

struct GateChain {
    std::optional<GateHook> hook = {};
    QList<nft::Rule> rules = {}; ///< a copy is the same list until one of them is changed
    QByteArray recipe = {}; ///< all that they were made of; the same rules for the same, where there is one
    bool operator==(const GateChain &) const = default;
};

/// A key of a set. In a set of intervals each begins with one and ends before another.
struct GateKey {
    QByteArray bytes;
    bool endsInterval = false;
    bool operator==(const GateKey &) const = default;
    bool operator<(const GateKey &other) const
    {
        return std::tie(bytes, endsInterval) < std::tie(other.bytes, other.endsInterval);
    }
};

/// What a set is made for; the same for a name in all plans.
struct GateSetKind {
    quint32 flags = 0;     ///< NFT_SET_…
    quint32 keyType = 0;   ///< as the command nft numbers types, for its lists
    quint32 keyLength = 0; ///< bytes
    quint32 dataType = 0;
    quint32 dataLength = 0; ///< bytes; 0 unless it is a map to values
    quint32 size = 0;       ///< elements at most; 0: no bound
    quint64 timeoutMs = 0;  ///< of what packets put in
    bool operator==(const GateSetKind &) const = default;
};

struct GateSet {
    GateSetKind kind;
    std::map<GateKey, QByteArray> elements; ///< to the chain to jump to, in a map of verdicts
    bool operator==(const GateSet &) const = default;
};

/// Which atom each port is of, in the map from protocol and port to the atom's chain.
struct GatePorts {
    std::vector<quint32> atoms; ///< ids, of TCP ports from 0 on, of UDP ports from 65536 on; 0: of none
    QByteArray ending;          ///< of the chains' names; the same for a map in all plans
    bool operator==(const GatePorts &) const = default;

    QByteArray chain(quint32 atom) const { return 'a' + QByteArray::number(atom) + ending; }
};
inline constexpr size_t kGatePortIndexes = 2 * 65536;

struct GateTable {
    std::map<QByteArray, GateChain> chains;
    std::map<QByteArray, GateSet> sets;
    std::map<QByteArray, GatePorts> ports; ///< elements of sets that have no others
    std::map<QByteArray, quint64> quotas;  ///< to the line, in bytes
    std::set<QByteArray> counters;
    bool operator==(const GateTable &) const = default;
};

/// The tables that there are to be.
using GateModel = std::map<NftFamily, GateTable>;

/// Adds what makes the table of `before` (none: it is not there) that of `after` to the batch, in an order
/// that the kernel takes. Quotas that stay keep what they consumed.
void addChanges(NftFamily family, const GateTable *before, const GateTable *after, NftBatch &batch);

/// Removes a table, there or not, in the batch.
void addRemoval(NftFamily family, NftBatch &batch);

} // namespace weir
