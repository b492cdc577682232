// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/kernel.h"
#include "helper/kernel/enforcer.h"
#include "helper/kernel/links.h"
#include "helper/kernel/links_drift.h"
#include "helper/kernel/meter.h"
#include "helper/kernel/service_meter.h"

#include <optional>

namespace weir {

/// The kernel port made real: links by rtnetlink, the meter by BPF, limits by nftables and HTB. See Kernel
/// for what the functions promise.
///
/// Works in the network namespace in which the thread is that calls start().
class RealKernel : public Kernel
{
public:
    /// `cgroupRoot`: the cgroup whose descendants are counted as services, see ServiceMeter::Options.
    explicit RealKernel(Meter::Options options, std::chrono::milliseconds driftWindow = Drift::kWindow,
                        const QString &cgroupRoot = {});
    ~RealKernel() override;

    Result<void> start() override;
    QString meterMode() const override;
    QString bootId() const override;
    std::vector<KernelProblem> problems() const override;
    void onChange(std::function<void()> callback) override;
    Result<std::vector<Link>> links() override;
    Result<void> setMeteredLinks(const std::set<int> &links) override;
    Result<void> setLocalPrefixes(const std::vector<Prefix> &prefixes) override;
    Result<AtomChange> setAtoms(const std::vector<Atom> &atoms) override;
    Result<MeterSample> sample() override;
    Result<FlowTable> flows() override;
    std::vector<MeterSample> leftovers(const std::vector<Atom> &atoms) override;
    Result<ServiceSample> services() override;
    std::vector<ServiceCounter> takeServices(const std::vector<ServiceKey> &keys) override;
    std::vector<ServiceSample> serviceLeftovers() override;
    void discardLeftovers() override;
    GovernSupport governSupport() const override;
    Result<void> govern(const GovernPlan &plan) override;
    Result<GovernReading> governed() override;
    void onCrossing(std::function<void()> callback) override;
    Result<void> removeEverything() override;

private:
    Result<void> attach();
    void compareWithLinks(const MeterSample &sample);

    Links m_links;
    ServiceMeter m_services;
    Meter m_meter;
    Enforcer m_enforcer;
    Drift m_drift;
    std::function<void()> m_callback;
    std::set<int> m_metered;             // as asked for
    std::map<int, QString> m_names;      // of those of them that exist
    std::optional<Error> m_meterRefused; // why there is no meter at all
};

} // namespace weir
