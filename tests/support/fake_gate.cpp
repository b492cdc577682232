// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fake_gate.h"

#include <algorithm>

namespace weir::test {

namespace {

constexpr quint8 kTcp = 6;
constexpr quint8 kUdp = 17;

const GovernedPath &way(const auto &governed, FlowDirection direction)
{
    return direction == FlowDirection::Down ? governed.down : governed.up;
}

/// Which of two numbers a direction's packets move.
size_t placeOf(const QuotaGate &gate, FlowDirection direction)
{
    return gate.apart && direction == FlowDirection::Up ? 1 : 0;
}

} // namespace

void FakeGate::apply(const GovernPlan &plan)
{
    m_plan = plan;
    std::erase_if(m_quotas, [&](const auto &entry) {
        return std::ranges::find(plan.quotas, entry.first, &QuotaGate::watch) == plan.quotas.end();
    });
    for (const QuotaGate &gate : plan.quotas) {
        Quota &quota = m_quotas[gate.watch];
        for (const size_t i : {0U, 1U})
            if (quota.epoch[i] != gate.epoch[i])
                quota.consumed[i] = 0;
        quota.epoch = gate.epoch;
        quota.announced = false;
        for (const size_t i : {0U, 1U})
            quota.line[i] = (gate.generation == m_generation ? gate.consumed[i] : 0) + gate.remaining[i];
    }
    std::erase_if(m_classes, [&](const auto &entry) {
        return std::ranges::find(plan.classes, entry.first, &ShaperClass::key) == plan.classes.end();
    });
    for (const ShaperClass &each : plan.classes)
        m_classes[each.key].key = each.key;
    if (plan.isEmpty())
        ++m_generation;
}

void FakeGate::rebuild()
{
    begin(m_plan);
}

void FakeGate::begin(const GovernPlan &plan)
{
    ++m_generation;
    m_quotas.clear();
    m_classes.clear();
    apply(GovernPlan(plan));
}

bool FakeGate::isPast(const QuotaGate &gate, const Packet &packet)
{
    Quota &quota = m_quotas.at(gate.watch);
    if (gate.internetOnly && !packet.internet)
        return false;
    const bool counts = packet.direction == FlowDirection::Down ? gate.countsDown : gate.countsUp;
    if (!gate.isOver && !counts)
        return false;
    if (!gate.isOver) {
        const size_t place = placeOf(gate, packet.direction);
        quota.consumed[place] += packet.bytes;
        if (quota.consumed[place] <= quota.line[place])
            return false;
        if (!std::exchange(quota.announced, true))
            m_crossed = true;
    }
    if (gate.then == QuotaGate::Then::Slow)
        return true;
    const bool exempt = (gate.exemptLocal && !packet.internet)
        || (packet.localPort != 0 && contains(gate.exemptPorts, packet.localPort));
    if (exempt)
        return false;
    quota.dropped[packet.direction == FlowDirection::Down ? 0 : 1] += packet.bytes;
    return true;
}

const GovernedPath *FakeGate::pathOf(const Packet &packet) const
{
    for (const GovernedPorts &ports : m_plan.ports) {
        const bool holds = (packet.protocol == kTcp && contains(ports.tcp, packet.localPort))
            || (packet.protocol == kUdp && contains(ports.udp, packet.localPort));
        if (holds)
            return &way(ports, packet.direction);
    }
    return nullptr;
}

void FakeGate::send(const ClassKey &key, quint64 bytes)
{
    for (std::optional<ClassKey> at = key; at;) {
        ClassReading &reading = m_classes[*at];
        reading.key = *at;
        reading.bytes += bytes;
        ++reading.packets;
        const auto found = std::ranges::find(m_plan.classes, *at, &ShaperClass::key);
        at = found == m_plan.classes.end() ? std::nullopt : found->parent;
    }
}

FakeGate::Fate FakeGate::meet(const Packet &packet)
{
    if (!m_plan.links.contains(packet.link))
        return Fate::Passed;
    const auto onLink = std::ranges::find(m_plan.onLinks, packet.link, &GovernedLink::index);
    const GovernedPath *paths[] = {onLink == m_plan.onLinks.end() ? nullptr : &way(*onLink, packet.direction),
                                   pathOf(packet)};
    for (const GovernedPath *path : paths) {
        for (const qint64 id : path ? path->countedBy : std::vector<qint64>())
            isPast(*std::ranges::find(m_plan.quotas, id, &QuotaGate::watch), packet);
        for (const qint64 id : path ? path->quotas : std::vector<qint64>()) {
            const QuotaGate &gate = *std::ranges::find(m_plan.quotas, id, &QuotaGate::watch);
            if (!isPast(gate, packet))
                continue;
            if (gate.then == QuotaGate::Then::Drop)
                return Fate::Dropped;
            const auto &slow = packet.direction == FlowDirection::Down ? gate.slowDown : gate.slowUp;
            if (!slow)
                continue; // it is held as low already
            send(*slow, packet.bytes);
            return Fate::Passed;
        }
    }
    if (const GovernedPath *path = paths[1]) {
        if (const auto found = path->shapedOnLinks.find(packet.link); found != path->shapedOnLinks.end())
            return send(found->second, packet.bytes), Fate::Passed;
        if (path->shaped)
            return send(*path->shaped, packet.bytes), Fate::Passed;
    }
    if (paths[0] && paths[0]->shaped)
        send(*paths[0]->shaped, packet.bytes);
    return Fate::Passed;
}

GovernReading FakeGate::read() const
{
    GovernReading reading;
    reading.generation = m_generation;
    for (const auto &[key, each] : m_classes)
        reading.classes.push_back(each);
    for (const auto &[watch, quota] : m_quotas) {
        QuotaReading &row = reading.quotas.emplace_back();
        row.watch = watch;
        row.epoch = quota.epoch;
        // as the kernel tells it: never more than the line
        for (const size_t i : {0U, 1U})
            row.consumed[i] = std::min(quota.consumed[i], quota.line[i]);
        row.droppedRxBytes = quota.dropped[0];
        row.droppedTxBytes = quota.dropped[1];
    }
    return reading;
}

} // namespace weir::test
