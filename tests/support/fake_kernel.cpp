// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fake_kernel.h"

#include <algorithm>

namespace weir::test {

using Call = FakeMachine::Call;

FakeKernel::FakeKernel(std::shared_ptr<FakeMachine> machine) : m_machine(std::move(machine))
{ }

FakeKernel::~FakeKernel()
{
    const std::lock_guard lock(m_machine->m_mutex);
    std::erase(m_machine->m_listeners, m_listener);
    std::erase(m_machine->m_crossingListeners, m_crossingListener);
}

Result<void> FakeKernel::start()
{
    const std::lock_guard lock(m_machine->m_mutex);
    if (auto allowed = m_machine->outcome(Call::Start); !allowed)
        return allowed;
    if (m_machine->m_permitted && !m_machine->isMeterLoaded())
        m_machine->beginGeneration();
    return {};
}

QString FakeKernel::meterMode() const
{
    const std::lock_guard lock(m_machine->m_mutex);
    return m_machine->isMeterLoaded() ? QStringLiteral("tcx") : QStringLiteral("none");
}

QString FakeKernel::bootId() const
{
    const std::lock_guard lock(m_machine->m_mutex);
    return QStringLiteral("00000000-0000-4000-8000-%1").arg(m_machine->m_boots, 12, 10, QLatin1Char('0'));
}

std::vector<KernelProblem> FakeKernel::problems() const
{
    const std::lock_guard lock(m_machine->m_mutex);
    std::vector<KernelProblem> problems = m_machine->m_problems;
    if (!m_machine->m_permitted) {
        problems.push_back({QStringLiteral("meter-not-permitted"), QStringLiteral("error"),
                            QStringLiteral("meter"),
                            QStringLiteral("Nothing is counted: the meter may not be loaded."),
                            QStringLiteral("Give the helper CAP_NET_ADMIN and CAP_BPF.")});
    }
    for (const int index : m_wanted) {
        if (!m_machine->m_links.contains(index)) {
            problems.push_back({QStringLiteral("link-not-metered"), QStringLiteral("warning"),
                                QString::number(index),
                                QStringLiteral("Link %1 is not metered: there is no such link.").arg(index),
                                QStringLiteral("Choose another link.")});
        }
    }
    return problems;
}

void FakeKernel::onChange(std::function<void()> callback)
{
    const std::lock_guard lock(m_machine->m_mutex);
    std::erase(m_machine->m_listeners, m_listener);
    m_listener = std::make_shared<FakeMachine::Listener>();
    m_listener->callback = std::move(callback);
    m_machine->m_listeners.push_back(m_listener);
}

Result<std::vector<Link>> FakeKernel::links()
{
    const std::lock_guard lock(m_machine->m_mutex);
    if (auto allowed = m_machine->outcome(Call::Links); !allowed)
        return std::unexpected(allowed.error());
    std::vector<Link> links;
    for (const auto &[index, link] : m_machine->m_links)
        links.push_back(link);
    return links;
}

Result<void> FakeKernel::setMeteredLinks(const std::set<int> &links)
{
    const std::lock_guard lock(m_machine->m_mutex);
    if (auto allowed = m_machine->outcome(Call::SetMeteredLinks); !allowed)
        return allowed;
    m_wanted = links;
    m_machine->m_metered.clear();
    if (!m_machine->isMeterLoaded())
        return {};
    for (const int index : links) {
        if (m_machine->m_links.contains(index)) {
            m_machine->m_metered.insert(index);
            m_machine->m_counters.links[index];
        }
    }
    return {};
}

Result<void> FakeKernel::setLocalPrefixes(const std::vector<Prefix> &prefixes)
{
    const std::lock_guard lock(m_machine->m_mutex);
    if (auto allowed = m_machine->outcome(Call::SetLocalPrefixes); !allowed)
        return allowed;
    m_machine->m_localPrefixes = prefixes;
    return {};
}

Result<AtomChange> FakeKernel::setAtoms(const std::vector<Atom> &atoms)
{
    const std::lock_guard lock(m_machine->m_mutex);
    if (auto allowed = m_machine->outcome(Call::SetAtoms); !allowed)
        return std::unexpected(allowed.error());
    AtomChange change;
    change.before = m_machine->sampled(m_machine->m_counters, m_atoms);
    m_machine->followAtoms(m_atoms, atoms);
    m_atoms = atoms;
    change.after = m_machine->sampled(m_machine->m_counters, m_atoms);
    change.after.taken = change.before.taken;
    return change;
}

Result<MeterSample> FakeKernel::sample()
{
    const std::lock_guard lock(m_machine->m_mutex);
    if (auto allowed = m_machine->outcome(Call::Sample); !allowed)
        return std::unexpected(allowed.error());
    return m_machine->sampled(m_machine->m_counters, m_atoms);
}

Result<FlowTable> FakeKernel::flows()
{
    const std::lock_guard lock(m_machine->m_mutex);
    if (auto allowed = m_machine->outcome(Call::Flows); !allowed)
        return std::unexpected(allowed.error());
    return m_machine->takeFlows();
}

std::vector<MeterSample> FakeKernel::leftovers(const std::vector<Atom> &atoms)
{
    const std::lock_guard lock(m_machine->m_mutex);
    std::vector<MeterSample> samples;
    for (const FakeMachine::Counters &counters : m_machine->m_leftovers)
        samples.push_back(m_machine->sampled(counters, atoms));
    return samples;
}

void FakeKernel::discardLeftovers()
{
    const std::lock_guard lock(m_machine->m_mutex);
    m_machine->m_leftovers.clear();
}

GovernSupport FakeKernel::governSupport() const
{
    const std::lock_guard lock(m_machine->m_mutex);
    return m_machine->m_governSupport;
}

Result<void> FakeKernel::govern(const GovernPlan &plan)
{
    const std::lock_guard lock(m_machine->m_mutex);
    ++m_machine->m_governCalls;
    if (auto allowed = m_machine->outcome(Call::Govern); !allowed)
        return allowed;
    if (std::exchange(m_hasGoverned, true))
        m_machine->m_gate.apply(plan);
    else
        m_machine->m_gate.begin(plan);
    return {};
}

Result<GovernReading> FakeKernel::governed()
{
    const std::lock_guard lock(m_machine->m_mutex);
    ++m_machine->m_governReads;
    if (auto allowed = m_machine->outcome(Call::Governed); !allowed)
        return std::unexpected(allowed.error());
    return m_hasGoverned ? m_machine->m_gate.read() : GovernReading();
}

void FakeKernel::onCrossing(std::function<void()> callback)
{
    const std::lock_guard lock(m_machine->m_mutex);
    std::erase(m_machine->m_crossingListeners, m_crossingListener);
    m_crossingListener = std::make_shared<FakeMachine::Listener>();
    m_crossingListener->callback = std::move(callback);
    m_machine->m_crossingListeners.push_back(m_crossingListener);
}

Result<void> FakeKernel::removeEverything()
{
    const std::lock_guard lock(m_machine->m_mutex);
    if (auto allowed = m_machine->outcome(Call::RemoveEverything); !allowed)
        return allowed;
    m_wanted.clear();
    m_atoms.clear();
    m_machine->m_metered.clear();
    m_machine->m_leftovers.clear();
    m_machine->m_flows.clear();
    m_machine->m_counters = {};
    m_machine->m_gate.apply({});
    return {};
}

} // namespace weir::test
