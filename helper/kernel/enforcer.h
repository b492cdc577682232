// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/kernel.h"
#include "helper/kernel/gate.h"
#include "helper/kernel/shaper.h"

#include <QTimer>

#include <memory>
#include <optional>

namespace weir {

class CgroupTree;

/// Has a plan carried out by shaper and gate, and puts back what others take away.
///
/// Kernel thread, with an event loop. Order matters: a class is there before packets are sent to it, and goes
/// when none is sent to it any more and its queue is empty. What was lost is mended device first: without it
/// the rules send packets nowhere.
class Enforcer
{
public:
    /// `cgroupRoot`: where services are looked for, as for ServiceMeter; empty: they cannot be told apart.
    explicit Enforcer(QString cgroupRoot);
    ~Enforcer();

    /// Opens sockets in the network namespace of the calling thread and finds out what this kernel can do.
    /// What hinders it is told by support().
    void start();
    GovernSupport support() const;
    std::vector<KernelProblem> problems() const;

    /// The links that are there, whenever one came, went or has another name.
    void setLinks(const std::vector<Link> &links);
    Result<void> setLocalPrefixes(const std::vector<Prefix> &prefixes);

    Result<void> govern(const GovernPlan &plan); ///< as Kernel::govern()
    Result<GovernReading> governed();            ///< as Kernel::governed()
    void onCrossing(std::function<void()> callback) { m_onCrossing = std::move(callback); }

    Result<void> removeEverything(); ///< also without start()

private:
    Result<void> enforce(const GovernPlan &plan);
    Result<void> tellGate(const GovernPlan &plan);
    void retire();
    void mend();
    void mendSoon();
    void takeEvents();
    bool followCgroups();
    std::map<QString, std::vector<CgroupPlace>> cgroupsOf(const GovernPlan &plan);

    const QString m_cgroupRoot;
    int m_rootLevel = 0; // of m_cgroupRoot in the tree of all cgroups
    Shaper m_shaper;
    Gate m_gate;
    std::optional<QString> m_gateFailed; // to start
    std::optional<QString> m_shaperFailed;
    bool m_isStarted = false;

    GovernPlan m_plan; // as asked for last
    std::optional<std::pair<std::vector<ShaperClass>, std::set<int>>> m_prepared;
    GateWish m_wish;
    std::map<int, QString> m_linkNames;
    std::unique_ptr<CgroupTree> m_cgroups; // while a service is governed

    std::optional<NetlinkSocket> m_events; // of devices, qdiscs and classes
    std::unique_ptr<QSocketNotifier> m_notifier;
    std::unique_ptr<QTimer> m_retiring; // of the thread that start() is called on
    std::unique_ptr<QTimer> m_mending;
    bool m_isDisturbed = false;
    quint64 m_disturbances = 0;
    std::optional<std::chrono::steady_clock::time_point> m_disturbed; // the last time
    std::optional<Error> m_unmended;
    std::function<void()> m_onCrossing;
};

} // namespace weir
