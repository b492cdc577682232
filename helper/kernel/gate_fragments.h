// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/govern_plan.h"
#include "helper/kernel/gate_model.h"

#include <array>

/// Rules that let the later fragments of a datagram go the way of the first.
///
/// Only the first has ports; what would be read as ports of the others is none. So the first one's atom is
/// remembered by the datagram's addresses and identification, and the others are led to the same chain. No
/// map that packets write can hold a verdict, and the command nft lists no map behind a map: the atom's id
/// gets from the one map to the next by way of the packet's priority. What was there before is remembered
/// with the atom and put back.
namespace weir {

/// The map from atoms' ids to their chains.
QByteArray atomsName(FlowDirection direction);

/// The maps, and a chain for the later fragments of each version of IP.
void addFragmentChains(GateTable &table, FlowDirection direction);

/// Sends later fragments to these chains; they are not to meet any rule about ports.
std::array<nft::Rule, 2> laterFragments(FlowDirection direction);

/// Remembers that atom when the packet is a first fragment.
std::array<nft::Rule, 2> firstFragments(FlowDirection direction, quint32 atom);

} // namespace weir
