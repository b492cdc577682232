// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/fake_machine.h"

namespace weir::test {

/// The kernel port over a FakeMachine. Several may look at one machine, one after the other.
class FakeKernel : public Kernel
{
public:
    explicit FakeKernel(std::shared_ptr<FakeMachine> machine);
    ~FakeKernel() override;

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
    const std::shared_ptr<FakeMachine> m_machine;
    std::vector<Atom> m_atoms;
    std::set<int> m_wanted;
    bool m_hasGoverned = false;
    std::shared_ptr<FakeMachine::Listener> m_listener;
    std::shared_ptr<FakeMachine::Listener> m_crossingListener;
};

} // namespace weir::test
