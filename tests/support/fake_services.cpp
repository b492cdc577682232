// SPDX-License-Identifier: GPL-3.0-or-later
// Cgroups and their counters on the machine in memory.
#include "tests/support/fake_kernel.h"

namespace weir::test {

void FakeMachine::passService(const QString &path, const ServiceTraffic &traffic)
{
    const std::lock_guard lock(m_mutex);
    quint64 &cgroup = m_cgroups[path];
    if (cgroup == 0)
        cgroup = ++m_nextCgroup;
    countService(cgroup, path, traffic);
}

void FakeMachine::removeCgroup(const QString &path)
{
    const std::lock_guard lock(m_mutex);
    m_cgroups.erase(path);
}

void FakeMachine::setServicePlaces(size_t places)
{
    const std::lock_guard lock(m_mutex);
    m_servicePlaces = places;
}

size_t FakeMachine::serviceCounters() const
{
    const std::lock_guard lock(m_mutex);
    return m_counters.services.size();
}

void FakeMachine::countService(quint64 cgroup, const QString &path, const ServiceTraffic &traffic)
{
    if (!isMeterLoaded())
        return;
    auto counter = m_counters.services.find(cgroup);
    if (counter == m_counters.services.end()) {
        if (m_counters.services.size() >= m_servicePlaces) {
            m_counters.serviceOverflow += traffic;
            return;
        }
        counter =
            m_counters.services.emplace(cgroup, ServiceCounter{{cgroup, m_nextBeginning++}, path, false, {}})
                .first;
    }
    counter->second.traffic += traffic;
}

ServiceSample FakeMachine::servicesOf(const Counters &counters) const
{
    ServiceSample sample;
    sample.generation = counters.generation;
    sample.taken = now();
    sample.capacity = m_servicePlaces;
    sample.overflow = counters.serviceOverflow;
    for (const auto &[cgroup, counter] : counters.services) {
        sample.counters.push_back(counter);
        const auto there = m_cgroups.find(counter.path);
        sample.counters.back().gone = there == m_cgroups.end() || there->second != cgroup;
    }
    return sample;
}

Result<ServiceSample> FakeKernel::services()
{
    const std::lock_guard lock(m_machine->m_mutex);
    if (auto allowed = m_machine->outcome(FakeMachine::Call::Services); !allowed)
        return std::unexpected(allowed.error());
    return m_machine->servicesOf(m_machine->m_counters);
}

std::vector<ServiceCounter> FakeKernel::takeServices(const std::vector<ServiceKey> &keys)
{
    const std::lock_guard lock(m_machine->m_mutex);
    std::vector<ServiceCounter> taken;
    for (const ServiceKey &key : keys) {
        const auto found = m_machine->m_counters.services.find(key.cgroup);
        if (found == m_machine->m_counters.services.end() || found->second.key != key)
            continue;
        taken.push_back(found->second);
        m_machine->m_counters.services.erase(found);
    }
    return taken;
}

std::vector<ServiceSample> FakeKernel::serviceLeftovers()
{
    const std::lock_guard lock(m_machine->m_mutex);
    std::vector<ServiceSample> samples;
    for (const FakeMachine::Counters &counters : m_machine->m_leftovers)
        samples.push_back(m_machine->servicesOf(counters));
    return samples;
}

} // namespace weir::test
