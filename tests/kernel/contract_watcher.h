// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/kernel/contract_lab.h"
#include "tests/kernel/show_traffic.h"

#include <QTest>

#include <algorithm>
#include <optional>

namespace weir::test {

using Family = ContractLab::Family;

inline Atom atom(quint32 id, const PortRanges &ports, Protocols protocols = Protocols::Both)
{
    Atom result;
    result.id = id;
    if (includes(protocols, Transport::Tcp))
        result.tcp = ports;
    if (includes(protocols, Transport::Udp))
        result.udp = ports;
    return result;
}

inline quint64 wireBytes(Family family, size_t payload, int count)
{
    return quint64(count) * (payload + ContractLab::headers(family));
}

inline Traffic received(Family family, size_t payload, int count)
{
    return {wireBytes(family, payload, count), 0, quint64(count), 0};
}

inline Traffic sent(Family family, size_t payload, int count)
{
    return {0, wireBytes(family, payload, count), 0, quint64(count)};
}

/// A machine and a helper's view of it: metering wan0 and following it by samples.
struct Watcher {
    std::unique_ptr<ContractLab> lab = ContractLab::make();
    std::unique_ptr<Kernel> kernel;
    MeterSample base;
    int changes = 0;

    Watcher() { restart(); }

    /// As after a crash: a new object on what the old one left.
    void restart()
    {
        kernel.reset();
        kernel = lab->kernel();
        kernel->onChange([this] { ++changes; });
        must(kernel->start());
    }

    template <typename T>
    static T must(Result<T> result)
    {
        if (!result)
            qFatal("%s", qPrintable(result.error().message));
        if constexpr (!std::is_void_v<T>)
            return std::move(*result);
    }

    std::optional<Link> link(const QString &name)
    {
        for (const Link &link : must(kernel->links())) {
            if (link.name == name)
                return link;
        }
        return {};
    }

    int index(const char *name) { return link(QLatin1String(name)).value().index; }

    void meter(std::initializer_list<const char *> names)
    {
        std::set<int> indexes;
        for (const char *name : names)
            indexes.insert(index(name));
        must(kernel->setMeteredLinks(indexes));
    }

    /// Sets the atoms; growth counts from here.
    void watch(const std::vector<Atom> &atoms) { base = must(kernel->setAtoms(atoms)).after; }

    MeterSample now() { return must(kernel->sample()); }

    ScopedTraffic atomGrowth(quint32 id)
    {
        const ScopedTraffic before = base.atoms[id];
        const ScopedTraffic after = now().atoms.at(id);
        return {growth(before.internet, after.internet), growth(before.local, after.local)};
    }

    LinkMeter meterOf(const char *name)
    {
        const int wanted = index(name);
        for (const LinkMeter &meter : now().links) {
            if (meter.index == wanted)
                return meter;
        }
        return {};
    }

    /// What the overlaps of two atoms grew by since watch().
    Traffic overlapGrowth(quint32 receivedAtom, quint32 sentAtom)
    {
        const auto in = [&](const MeterSample &sample) {
            Traffic sum;
            for (const AtomOverlap &overlap : sample.overlaps) {
                if (overlap.received == receivedAtom && overlap.sent == sentAtom)
                    sum += overlap.traffic.total();
            }
            return sum;
        };
        return growth(in(base), in(now()));
    }

    std::optional<Flow> flow(const ContractLab::Conversation &conversation, quint8 protocol)
    {
        for (const Flow &flow : must(kernel->flows()).flows) {
            if (flow.key.localPort == conversation.localPort && flow.key.remotePort == conversation.remotePort
                && flow.key.protocol == protocol && flow.key.local.v6 == (conversation.family == Family::V6))
                return flow;
        }
        return {};
    }
};

inline constexpr quint8 kTcp = 6;
inline constexpr quint8 kUdp = 17;

} // namespace weir::test
