// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/gate_probe.h"

#include "helper/kernel/gate_headers.h"
#include "helper/kernel/gate_model.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

namespace weir {

namespace {

using namespace nft;

constexpr char kProbe[] = "probe";

GateTable onLinks()
{
    GateTable table;
    table.quotas[kProbe] = 0;
    table.counters.insert(kProbe);
    table.sets[kProbe].kind = {
        NFT_SET_MAP | NFT_SET_EVAL | NFT_SET_TIMEOUT, kTypeMark, 4, kTypeMark, 4, 1, 1000};
    table.sets["probes"].kind = {NFT_SET_INTERVAL, kTypeIp4, 4};
    table.chains[kProbe] = {
        GateHook{NF_NETDEV_EGRESS, "lo"},
        {
            rule({hasFragmentHeader(), equals(QByteArray(1, '\1'))}),
            rule({loadNetworkHeader(kIp4Id, 2), mask(networkOrder16(1)), differs(networkOrder16(0))}),
            rule({loadMeta(NFT_META_PRIORITY), remember(kProbe, Reg0, Reg0)}),
            rule({isOver(kProbe), count(kProbe), drop()}),
            rule({immediate(hostOrder(1)), setMeta(NFT_META_PRIORITY), forward()}),
        }};
    return table;
}

GateTable onServices()
{
    GateTable table;
    table.chains[kProbe] = {GateHook{NF_INET_LOCAL_IN, {}},
                            {rule({loadCgroup(1), equals(hostOrder64(1)), exceeds(1, 1), drop()})}};
    return table;
}

} // namespace

GateSupport probeGate(NftSocket &socket)
{
    NftBatch batch;
    const GateTable links = onLinks();
    addChanges(NftFamily::Netdev, nullptr, &links, batch);
    const size_t firstOfServices = batch.messages();
    const GateTable services = onServices();
    addChanges(NftFamily::Inet, nullptr, &services, batch);
    // There is no such table, so the kernel takes back all of it.
    const size_t impossible = batch.messages();
    batch.add(NFT_MSG_DELTABLE, NftFamily::Netdev, 0, "delete table", "weir-probe",
              [](nlmsghdr *m) { mnl_attr_put_strz(m, NFTA_TABLE_NAME, "weir-probe"); });

    const auto refusals = socket.tryOut(batch);
    if (!refusals)
        return {refusals.error().message, refusals.error().message};
    GateSupport support;
    for (const NftRefusal &refusal : *refusals) {
        if (refusal.message == impossible)
            continue;
        const QString reason = batch.explain(refusal).message;
        if (refusal.message < firstOfServices && !support.noGate)
            support.noGate = reason;
        if (refusal.message >= firstOfServices && !support.noService)
            support.noService = reason;
        if (refusal.message > impossible && !support.noGate)
            support.noGate = reason;
    }
    if (support.noGate && !support.noService)
        support.noService = support.noGate; // what services send could not get to the shaper
    return support;
}

} // namespace weir
