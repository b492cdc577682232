// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/address.h"
#include "helper/engine/govern_plan.h"
#include "helper/kernel/gate_model.h"

#include <QSocketNotifier>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace weir {

/// A cgroup as rules name it.
struct CgroupPlace {
    quint64 id = 0;
    int level = 0; ///< depth below the root of version 2; of the root's children 1
    auto operator<=>(const CgroupPlace &) const = default;
};

/// All that the gate's rules are made from.
struct GateWish {
    GovernPlan plan;
    /// Of the plan's classes in the shaper: what selects them as a packet's priority. Packets pass by a class
    /// that is missing here.
    std::map<ClassKey, quint32> priorities;
    int shaperDevice = 0;              ///< its index; 0: there is none, so all packets pass by it
    std::vector<Prefix> localPrefixes; ///< besides those that are local everywhere
    std::map<int, QString> linkNames;  ///< of plan.links; one without a name is gone and left out
    /// Of each governed service by name: its cgroups that are there now.
    std::map<QString, std::vector<CgroupPlace>> cgroups;
};

/// What the gate counted.
struct GateReading {
    quint64 generation = 0; ///< changes whenever the tables are built anew; their quotas then begin at zero
    std::vector<QuotaReading> quotas;
    std::vector<PolicedReading> policed;
};

enum class GateEvent {
    Crossed,  ///< the line of a quota was reached
    Disturbed ///< somebody else changed our tables, or that cannot be ruled out; apply() mends it
};

/// Sends packets to the shaper's classes, enforces quotas and blocks: the nftables tables `weir` of the
/// families netdev and inet.
///
/// Kernel thread, with an event loop. Nothing but these two tables is touched. They stay when the object
/// goes, and the helper with it; a new object's first apply() replaces them at once, without a gap.
class Gate
{
public:
    using Wish = GateWish;

    Gate();
    ~Gate();

    /// Opens the sockets in the network namespace of the calling thread and finds out what this kernel can
    /// do, leaving nothing behind. Error: KernelRefused, when there are rules but no events of them.
    Result<void> start();

    /// Why there can be no gate; nothing when there can. Known from start() on.
    std::optional<QString> unsupported() const { return m_unsupported; }
    /// Why services cannot be told apart; they are left out of what is applied.
    std::optional<QString> serviceUnsupported() const { return m_serviceUnsupported; }

    /// Makes the rules those of the wish, all at once: by what differs from the last wish or, when the tables
    /// were disturbed or the kernel refuses that, by building them anew. A plan with nothing to govern
    /// removes them. Error: Unsupported; KernelRefused, naming what failed: the rules are then as they were.
    Result<void> apply(const Wish &wish);

    /// Counts of the last applied wish's quotas and services; what is missing in the kernel is missing here.
    /// Error: KernelRefused.
    Result<GateReading> read();

    /// `callback` is called from this thread's event loop, never from within a call. What apply() does is no
    /// event.
    void onEvent(std::function<void(GateEvent)> callback);

    /// Removes both tables, whoever made them; fine when they are not there. After start(). Error:
    /// KernelRefused.
    Result<void> removeEverything();

private:
    GateModel modelOf(const Wish &wish, const struct GateStanding *standing) const;
    bool change(const Wish &wish);
    Result<void> rebuild(const Wish &wish);
    Result<void> send(NftBatch &batch);
    bool areTablesThere();
    void addRemovals(NftBatch &batch) const;
    void takeEvents();
    void takeEvent(const struct nlmsghdr *message);
    void deliver();

    std::optional<NftSocket> m_socket;
    std::optional<NftEvents> m_events;
    std::unique_ptr<QSocketNotifier> m_notifier;
    std::function<void(GateEvent)> m_callback;
    std::optional<QString> m_unsupported;
    std::optional<QString> m_serviceUnsupported;

    GateModel m_model; // what the kernel has, while m_isInStep
    bool m_isInStep = false;
    std::vector<QuotaGate> m_quotas; // of the last wish, to be read
    std::vector<GovernedService> m_services;
    quint64 m_generation = 0;
    bool m_unheard = false; // events of a large batch's time
    bool m_crossed = false;
    bool m_disturbed = false;
};

} // namespace weir
