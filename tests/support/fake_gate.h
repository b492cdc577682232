// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/govern_plan.h"

namespace weir::test {

/// What the machine in memory does of a GovernPlan: counts, drops what quotas drop, and says where packets
/// went; it holds nothing back, having no time.
///
/// Services are not told apart: their traffic has no packets here.
class FakeGate
{
public:
    struct Packet {
        int link = 0;
        FlowDirection direction = FlowDirection::Down;
        quint8 protocol = 6; ///< IP protocol number
        quint16 localPort = 0;
        bool internet = false;
        quint64 bytes = 0; ///< as the gate counts them
    };
    enum class Fate { Passed, Dropped };

    void apply(const GovernPlan &plan);
    const GovernPlan &plan() const { return m_plan; }

    Fate meet(const Packet &packet);
    /// True once after packets met the line of a quota.
    bool takeCrossing() { return std::exchange(m_crossed, false); }

    GovernReading read() const;

    /// Somebody took everything away, and it was put back: counters begin at zero.
    void rebuild();
    /// A new helper's first plan replaces what an earlier one left.
    void begin(const GovernPlan &plan);

private:
    struct Quota {
        quint64 consumed[2] = {0, 0}; // with what was dropped past the line
        quint64 line[2] = {0, 0};
        quint64 dropped[2] = {0, 0};
        bool announced = false;
        std::array<quint32, 2> epoch{};
    };
    const GovernedPath *pathOf(const Packet &packet) const;
    bool isPast(const QuotaGate &gate, const Packet &packet);
    void send(const ClassKey &key, quint64 bytes);

    GovernPlan m_plan;
    std::map<qint64, Quota> m_quotas;
    std::map<ClassKey, ClassReading> m_classes;
    quint64 m_generation = 1;
    bool m_crossed = false;
};

} // namespace weir::test
