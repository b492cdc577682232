// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/gate_fragments.h"

#include "helper/kernel/gate_headers.h"
#include "helper/kernel/gate_rules.h"

namespace weir {

namespace {

using namespace nft;

/// Fragments of a datagram come within milliseconds of each other.
constexpr quint64 kRememberedMs = 2000;
constexpr quint32 kRememberedDatagrams = 65536;

/// How one version of IP is cut into fragments, and the rules for a direction.
struct Version {
    Rule isFirst; ///< and more will come
    Rule isLater;
    Rule key; ///< of the datagram, from the first register on
    GateSetKind kind;
    Register spare; ///< two are free from here on
    QByteArray atoms;
    QByteArray priorities;
    Rule beforeAtom; ///< what remembers a first fragment, but for the atom's id
    Rule behindAtom;
};

Version complete(Version version, FlowDirection direction)
{
    version.atoms += endingOf(direction);
    version.priorities += endingOf(direction);
    // In one rule: nothing is remembered by half, and when there is no room the packet is governed all the
    // same.
    version.beforeAtom = rule({version.isFirst, version.key, loadMeta(NFT_META_PRIORITY, version.spare),
                               remember(version.priorities, Reg0, version.spare)});
    version.behindAtom = remember(version.atoms, Reg0, version.spare);
    return version;
}

GateSetKind rememberedBy(std::initializer_list<quint32> types, quint32 length)
{
    return {NFT_SET_MAP | NFT_SET_EVAL | NFT_SET_TIMEOUT,
            typeOf(types),
            length,
            kTypeMark,
            4,
            kRememberedDatagrams,
            kRememberedMs};
}

Version version4(FlowDirection direction)
{
    const Rule offset = rule({isIp4(), loadNetworkHeader(kIp4FragmentOffset, 2)});
    Version version;
    version.isFirst =
        rule({offset, mask(networkOrder16(kIp4FragmentBits)), equals(networkOrder16(kIp4MoreBit))});
    version.isLater = rule({offset, mask(networkOrder16(kIp4OffsetBits)), differs(networkOrder16(0))});
    version.key = rule({loadNetworkHeader(kIp4Source, 4, Reg0), loadNetworkHeader(kIp4Source + 4, 4, Reg1),
                        loadNetworkHeader(kIp4Protocol, 1, Reg2), loadNetworkHeader(kIp4Id, 2, Reg3)});
    version.kind = rememberedBy({kTypeIp4, kTypeIp4, kTypeProtocol, kTypePort}, 16);
    version.spare = Reg4;
    version.atoms = "fragments4";
    version.priorities = "priorities4";
    return complete(version, direction);
}

Version version6(FlowDirection direction)
{
    const Rule offset = rule({isIp6(), loadFragmentHeader(kIp6FragmentOffset, 2)});
    Version version;
    version.isFirst =
        rule({offset, mask(networkOrder16(kIp6FragmentBits)), equals(networkOrder16(kIp6MoreBit))});
    version.isLater = rule({offset, mask(networkOrder16(kIp6OffsetBits)), differs(networkOrder16(0))});
    version.key = rule({loadNetworkHeader(kIp6Source, 16, Reg0), loadNetworkHeader(kIp6Source + 16, 16, Reg4),
                        loadFragmentHeader(kIp6FragmentId, 4, Reg8)});
    version.kind = rememberedBy({kTypeIp6, kTypeIp6, kTypeMark}, 36);
    version.spare = Reg9;
    version.atoms = "fragments6";
    version.priorities = "priorities6";
    return complete(version, direction);
}

const std::array<Version, 2> &versions(FlowDirection direction)
{
    static const std::array<Version, 2> down{version4(FlowDirection::Down), version6(FlowDirection::Down)};
    static const std::array<Version, 2> up{version4(FlowDirection::Up), version6(FlowDirection::Up)};
    return direction == FlowDirection::Down ? down : up;
}

} // namespace

QByteArray atomsName(FlowDirection direction)
{
    return "atoms" + endingOf(direction);
}

void addFragmentChains(GateTable &table, FlowDirection direction)
{
    for (const Version &version : versions(direction)) {
        table.sets[version.atoms].kind = version.kind;
        table.sets[version.priorities].kind = version.kind;
        const Register id = Register(version.spare + 1);
        table.chains[version.atoms].rules = {
            rule({version.key, look(version.atoms, Reg0, version.spare),
                  setMeta(NFT_META_PRIORITY, version.spare), loadMeta(NFT_META_PRIORITY, id),
                  look(version.priorities, Reg0, version.spare), setMeta(NFT_META_PRIORITY, version.spare),
                  follow(atomsName(direction), id)}),
        };
    }
}

std::array<Rule, 2> laterFragments(FlowDirection direction)
{
    const auto &[v4, v6] = versions(direction);
    return {rule({v4.isLater, goTo(v4.atoms)}), rule({v6.isLater, goTo(v6.atoms)})};
}

std::array<Rule, 2> firstFragments(FlowDirection direction, quint32 atom)
{
    const auto &[v4, v6] = versions(direction);
    const QByteArray id = hostOrder(atom);
    return {rule({v4.beforeAtom, immediate(id, v4.spare), v4.behindAtom}),
            rule({v6.beforeAtom, immediate(id, v6.spare), v6.behindAtom})};
}

} // namespace weir
