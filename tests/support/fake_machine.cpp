// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fake_machine.h"

#include <algorithm>

using namespace std::chrono_literals;

namespace weir::test {

namespace {

constexpr quint8 kTcp = 6;
constexpr auto kIdle = 60s; // after which a flow is forgotten

Address v4(quint8 a, quint8 b, quint8 c, quint8 d)
{
    return {false, {a, b, c, d}};
}

Address v6(quint8 a, quint8 b, quint8 last = 0)
{
    Address address{true, {a, b}};
    address.bytes[15] = last;
    return address;
}

/// The local prefixes that need not be told, as the design lists them.
const std::vector<Prefix> &fixedPrefixes()
{
    static const std::vector<Prefix> prefixes = {
        {v4(0, 0, 0, 0), 8},      {v4(10, 0, 0, 0), 8},    {v4(100, 64, 0, 0), 10},  {v4(127, 0, 0, 0), 8},
        {v4(169, 254, 0, 0), 16}, {v4(172, 16, 0, 0), 12}, {v4(192, 168, 0, 0), 16}, {v4(224, 0, 0, 0), 4},
        {v4(240, 0, 0, 0), 4},    {v6(0, 0, 0), 128},      {v6(0, 0, 1), 128},       {v6(0xfe, 0x80), 10},
        {v6(0xfc, 0), 7},         {v6(0xff, 0), 8},
    };
    return prefixes;
}

Traffic inDirection(Direction direction, quint64 bytes, quint64 packets)
{
    return direction == Direction::Received ? Traffic{bytes, 0, packets, 0} : Traffic{0, bytes, 0, packets};
}

quint32 atomOf(const std::vector<Atom> &atoms, quint8 protocol, quint16 port)
{
    for (const Atom &atom : atoms) {
        if (contains(protocol == kTcp ? atom.tcp : atom.udp, port))
            return atom.id;
    }
    return 0;
}

} // namespace

Link FakeMachine::ethernet(const QString &name, const QStringList &addresses)
{
    Link link;
    link.name = name;
    link.kind = LinkKind::Ethernet;
    link.up = true;
    link.hardware = true;
    link.ethernet = true;
    link.speedBitsPerSecond = 1'000'000'000;
    for (const QString &text : addresses) {
        const QStringList parts = text.split(QLatin1Char('/'));
        const Address address = parseAddress(parts.at(0)).value();
        const auto length = quint8(parts.at(1).toUInt());
        link.addresses.push_back(address);
        link.prefixLengths.push_back(length);
        link.onLinkPrefixes.push_back(prefixOf(address, length));
    }
    return link;
}

int FakeMachine::addLink(Link link)
{
    const std::lock_guard lock(m_mutex);
    if (link.index == 0)
        link.index = m_nextIndex;
    m_nextIndex = std::max(m_nextIndex, link.index + 1); // like the kernel: an index is not used again
    const int index = link.index;
    if (link.hardwareAddress.isEmpty() && link.ethernet)
        link.hardwareAddress = QByteArray::fromHex("020000000000").append(char(index)).right(6);
    m_links[index] = std::move(link);
    announce();
    return index;
}

void FakeMachine::removeLink(int index)
{
    const std::lock_guard lock(m_mutex);
    m_links.erase(index);
    m_metered.erase(index);
    announce();
}

void FakeMachine::renameLink(int index, const QString &name)
{
    const std::lock_guard lock(m_mutex);
    m_links.at(index).name = name;
    announce();
}

void FakeMachine::setUp(int index, bool up)
{
    const std::lock_guard lock(m_mutex);
    m_links.at(index).up = up;
    announce();
}

void FakeMachine::setLink(const Link &link)
{
    const std::lock_guard lock(m_mutex);
    Link &present = m_links.at(link.index);
    const Traffic counters = present.counters;
    present = link;
    present.counters = counters;
    announce();
}

void FakeMachine::setCounters(int index, const Traffic &counters)
{
    const std::lock_guard lock(m_mutex);
    m_links.at(index).counters = counters;
}

Link FakeMachine::link(int index) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_links.find(index);
    return found == m_links.end() ? Link{} : found->second;
}

std::set<int> FakeMachine::meteredLinks() const
{
    const std::lock_guard lock(m_mutex);
    return m_metered;
}

void FakeMachine::pass(const Packets &packets)
{
    const std::lock_guard lock(m_mutex);
    // the meter stands before the gate where packets come in, behind it where they go out
    if (packets.direction == Direction::Received) {
        count(packets);
        gated(packets);
    } else if (const Packets passed = gated(packets); passed.packets > 0) {
        count(passed);
    }
}

Packets FakeMachine::gated(const Packets &packets)
{
    if (m_gate.plan().isEmpty() || packets.packets == 0)
        return packets;
    constexpr quint64 kEthernetHeader = 14; // that received packets have lost at the gate
    const bool received = packets.direction == Direction::Received;
    FakeGate::Packet packet;
    packet.link = packets.link;
    packet.direction = received ? FlowDirection::Down : FlowDirection::Up;
    packet.protocol = packets.protocol;
    packet.localPort = packets.localPort;
    packet.internet = isInternet(localAddress(packets), packets.remote);
    const Traffic plain =
        packets.plain.value_or(inDirection(packets.direction, packets.bytes, packets.packets));
    const quint64 count = received ? plain.rxPackets : plain.txPackets;
    const quint64 bytes = received ? plain.rxBytes - kEthernetHeader * count : plain.txBytes;
    quint64 passed = 0;
    for (quint64 i = 0; i < count; ++i) {
        packet.bytes = bytes / count;
        passed += m_gate.meet(packet) == FakeGate::Fate::Passed ? 1 : 0;
    }
    if (m_gate.takeCrossing())
        call(m_crossingListeners);
    Packets left = packets;
    left.bytes = packets.bytes * passed / count;
    left.packets = packets.packets * passed / count;
    if (left.plain)
        left.plain = inDirection(packets.direction, bytes * passed / count, passed);
    return left;
}

GovernPlan FakeMachine::governPlan() const
{
    const std::lock_guard lock(m_mutex);
    return m_gate.plan();
}

GovernReading FakeMachine::governReading() const
{
    const std::lock_guard lock(m_mutex);
    return m_gate.read();
}

int FakeMachine::governCalls() const
{
    const std::lock_guard lock(m_mutex);
    return m_governCalls;
}

int FakeMachine::governReads() const
{
    const std::lock_guard lock(m_mutex);
    return m_governReads;
}

void FakeMachine::setGovernSupport(const GovernSupport &support)
{
    const std::lock_guard lock(m_mutex);
    m_governSupport = support;
}

void FakeMachine::disturbGate()
{
    const std::lock_guard lock(m_mutex);
    m_gate.rebuild();
}

void FakeMachine::passOther(int link, Direction direction, quint64 bytes, quint64 packets)
{
    const std::lock_guard lock(m_mutex);
    const Traffic traffic = inDirection(direction, bytes, packets);
    m_links.at(link).counters += traffic;
    if (!m_metered.contains(link))
        return;
    LinkMeter &meter = m_counters.links[link];
    meter.other += traffic;
    meter.plain += traffic;
}

void FakeMachine::forward(const Forwarded &packets)
{
    const std::lock_guard lock(m_mutex);
    Packets in;
    in.link = packets.from;
    in.direction = Direction::Received;
    in.protocol = packets.protocol;
    in.local = packets.destination;
    in.localPort = packets.destinationPort;
    in.remote = packets.source;
    in.remotePort = packets.sourcePort;
    in.bytes = packets.bytes;
    in.packets = packets.packets;
    Packets out = in;
    out.link = packets.to;
    out.direction = Direction::Sent;
    std::swap(*out.local, out.remote);
    std::swap(out.localPort, out.remotePort);
    count(in);
    count(out);
    if (!m_metered.contains(packets.from) || !m_metered.contains(packets.to))
        return;
    // as the real one, which has room for pairs of atoms only
    if (atomOf(m_atoms, packets.protocol, packets.destinationPort) == 0
        || atomOf(m_atoms, packets.protocol, packets.sourcePort) == 0)
        return;
    ScopedTraffic &overlap =
        m_counters.overlaps[{packets.protocol, packets.destinationPort, packets.sourcePort}];
    const bool internet = isInternet(packets.source, packets.destination);
    (internet ? overlap.internet : overlap.local) +=
        inDirection(Direction::Sent, packets.bytes, packets.packets);
}

void FakeMachine::followAtoms(const std::vector<Atom> &before, const std::vector<Atom> &atoms)
{
    m_atoms = atoms;
    const auto reads = [](const std::vector<Atom> &plan, const OverlapKey &key) {
        const auto [protocol, received, sent] = key;
        return atomOf(plan, protocol, received) != 0 && atomOf(plan, protocol, sent) != 0;
    };
    std::erase_if(m_counters.overlaps, [&](const auto &entry) {
        return !reads(before, entry.first) && !reads(atoms, entry.first);
    });
}

void FakeMachine::addUnattributed(quint64 bytes)
{
    const std::lock_guard lock(m_mutex);
    m_counters.unattributedBytes += bytes;
}

void FakeMachine::setFlowCapacity(size_t capacity)
{
    const std::lock_guard lock(m_mutex);
    m_flowCapacity = capacity;
}

void FakeMachine::skip(std::chrono::milliseconds time)
{
    const std::lock_guard lock(m_mutex);
    m_skipped += time;
}

void FakeMachine::freeze()
{
    const std::lock_guard lock(m_mutex);
    m_frozenAt = std::chrono::steady_clock::now();
}

Generation FakeMachine::generation() const
{
    const std::lock_guard lock(m_mutex);
    return m_counters.generation;
}

Generation FakeMachine::newGeneration()
{
    const std::lock_guard lock(m_mutex);
    beginGeneration();
    return m_counters.generation;
}

Generation FakeMachine::leaveGenerationBehind()
{
    const std::lock_guard lock(m_mutex);
    m_leftovers.push_back(m_counters);
    beginGeneration();
    return m_counters.generation;
}

void FakeMachine::newBoot()
{
    const std::lock_guard lock(m_mutex);
    ++m_boots;
    m_metered.clear();
    m_leftovers.clear();
    for (auto &[index, link] : m_links)
        link.counters = {};
    m_flows.clear();
    m_counters = {};
    m_gate.apply({});
    announce();
}

void FakeMachine::fail(Call call, const Error &error)
{
    const std::lock_guard lock(m_mutex);
    m_failures.insert_or_assign(call, error);
}

void FakeMachine::succeed(Call call)
{
    const std::lock_guard lock(m_mutex);
    m_failures.erase(call);
}

void FakeMachine::setMeterPermitted(bool permitted)
{
    const std::lock_guard lock(m_mutex);
    m_permitted = permitted;
}

void FakeMachine::addProblem(const KernelProblem &problem)
{
    const std::lock_guard lock(m_mutex);
    m_problems.push_back(problem);
    announce();
}

void FakeMachine::clearProblems()
{
    const std::lock_guard lock(m_mutex);
    m_problems.clear();
    announce();
}

bool FakeMachine::hasTraces() const
{
    const std::lock_guard lock(m_mutex);
    return m_counters.generation != 0 || !m_leftovers.empty() || !m_metered.empty()
        || !m_gate.plan().isEmpty();
}

void FakeMachine::announce()
{
    call(m_listeners);
}

void FakeMachine::call(const std::vector<std::shared_ptr<Listener>> &listeners)
{
    for (const auto &listener : listeners) {
        if (std::exchange(listener->pending, true))
            continue;
        QMetaObject::invokeMethod(
            &listener->context,
            [this, listener = listener.get()] {
                {
                    const std::lock_guard lock(m_mutex);
                    listener->pending = false;
                }
                listener->callback();
            },
            Qt::QueuedConnection);
    }
}

Result<void> FakeMachine::outcome(Call call) const
{
    const auto failed = m_failures.find(call);
    if (failed != m_failures.end())
        return std::unexpected(failed->second);
    return {};
}

void FakeMachine::beginGeneration()
{
    m_counters = {};
    m_counters.generation = ++m_lastGeneration;
    for (const int index : m_metered)
        m_counters.links[index];
    m_flows.clear();
}

bool FakeMachine::isInternet(const Address &one, const Address &other) const
{
    const auto isLocal = [this](const Address &address) {
        const auto holds = [&](const Prefix &prefix) { return contains(prefix, address); };
        return std::ranges::any_of(fixedPrefixes(), holds) || std::ranges::any_of(m_localPrefixes, holds);
    };
    return !isLocal(one) || !isLocal(other);
}

void FakeMachine::count(const Packets &packets)
{
    Link &link = m_links.at(packets.link);
    const Traffic wire = inDirection(packets.direction, packets.bytes, packets.packets);
    const Traffic plain = packets.plain.value_or(wire);
    link.counters += plain;
    if (!m_metered.contains(packets.link))
        return;

    const Address local = localAddress(packets);
    const bool internet = isInternet(local, packets.remote);
    LinkMeter &meter = m_counters.links[packets.link];
    ScopedTraffic &family = packets.remote.v6 ? meter.v6 : meter.v4;
    (internet ? family.internet : family.local) += wire;
    meter.plain += plain;
    if (packets.localPort != 0) {
        ScopedTraffic &port = m_counters.ports[{packets.protocol, packets.localPort}];
        (internet ? port.internet : port.local) += wire;
    }

    const FlowKey key{packets.link,      packets.protocol, local,
                      packets.localPort, packets.remote,   packets.remotePort};
    const bool known = m_flows.contains(key);
    if (!known && m_flows.size() >= m_flowCapacity) {
        m_counters.unattributedBytes += packets.bytes;
        return;
    }
    Flow &flow = m_flows[key];
    flow.key = key;
    flow.traffic += wire;
    flow.state = packets.protocol == kTcp ? packets.state : FlowState::Stateless;
    flow.internet = internet;
    flow.last = now();
    if (!known)
        flow.first = flow.last;
}

Address FakeMachine::localAddress(const Packets &packets) const
{
    if (packets.local)
        return *packets.local;
    for (const Address &address : m_links.at(packets.link).addresses) {
        if (address.v6 == packets.remote.v6)
            return address;
    }
    return packets.remote.v6 ? v6(0xfd, 0, 2) : v4(192, 168, 1, 2);
}

std::chrono::steady_clock::time_point FakeMachine::now() const
{
    return m_frozenAt.value_or(std::chrono::steady_clock::now()) + m_skipped;
}

MeterSample FakeMachine::sampled(const Counters &counters, const std::vector<Atom> &atoms) const
{
    MeterSample sample;
    sample.generation = counters.generation != 0 ? counters.generation : kNoMeter;
    sample.taken = now();
    for (const auto &[index, meter] : counters.links) {
        sample.links.push_back(meter);
        sample.links.back().index = index;
    }
    for (const Atom &atom : atoms)
        sample.atoms[atom.id];
    for (const auto &[port, traffic] : counters.ports) {
        if (const quint32 atom = atomOf(atoms, port.first, port.second))
            sample.atoms[atom] += traffic;
    }
    std::map<std::pair<quint32, quint32>, ScopedTraffic> overlaps;
    for (const auto &[ports, traffic] : counters.overlaps) {
        const auto [protocol, receivedPort, sentPort] = ports;
        const quint32 received = atomOf(atoms, protocol, receivedPort);
        const quint32 sent = atomOf(atoms, protocol, sentPort);
        if (received != 0 && sent != 0)
            overlaps[{received, sent}] += traffic;
    }
    for (const auto &[pair, traffic] : overlaps)
        sample.overlaps.push_back({pair.first, pair.second, traffic});
    sample.unattributedBytes = counters.unattributedBytes;
    return sample;
}

FlowTable FakeMachine::takeFlows()
{
    FlowTable table;
    table.taken = now();
    table.capacity = m_flowCapacity;
    for (const auto &[key, flow] : m_flows)
        table.flows.push_back(flow);
    std::erase_if(m_flows, [&](const auto &entry) {
        const Flow &flow = entry.second;
        const bool connected = flow.state == FlowState::Established || flow.state == FlowState::Closing;
        return !connected && flow.last + kIdle <= table.taken;
    });
    return table;
}

} // namespace weir::test
