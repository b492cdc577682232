// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/real_kernel.h"

#include <QFile>

namespace weir {

namespace {

KernelProblem unknownLink(int index)
{
    return {QStringLiteral("link-not-metered"), QStringLiteral("warning"), QString::number(index),
            QStringLiteral("Link %1 is not metered: there is no such link.").arg(index),
            QStringLiteral("Choose another link.")};
}

KernelProblem drift(const QString &link, Drift::Kind kind)
{
    switch (kind) {
    case Drift::Kind::Missed:
        return {
            QStringLiteral("meter-drift"), QStringLiteral("warning"), link,
            QStringLiteral(
                "%1 carries more bytes than the meter sees: hardware offload or another network stack moves "
                "packets past it. Watches on this link count too little; the link's total is right.")
                .arg(link),
            QStringLiteral("Turn hardware flow offload off on %1, or meter the link behind it.").arg(link)};
    case Drift::Kind::Dropped:
        return {
            QStringLiteral("meter-drift"), QStringLiteral("warning"), link,
            QStringLiteral(
                "The meter sees more bytes than %1 carries: the link's queue drops packets after they were "
                "counted, or its driver counts otherwise. Watches on this link count too much; the link's "
                "total is right.")
                .arg(link),
            QStringLiteral("Look at the drops of the queue of %1.").arg(link)};
    }
    Q_UNREACHABLE();
}

} // namespace

RealKernel::RealKernel(Meter::Options options, std::chrono::milliseconds driftWindow,
                       const QString &cgroupRoot)
    : m_services({options.pinDirectory, cgroupRoot}), m_meter(std::move(options)), m_enforcer(cgroupRoot),
      m_drift(driftWindow)
{ }

RealKernel::~RealKernel() = default;

Result<void> RealKernel::start()
{
    if (auto links = m_links.start(); !links)
        return links;
    m_meterRefused.reset();
    if (auto meter = m_meter.start(); !meter)
        m_meterRefused = meter.error();
    // Services are pinned where the meter is: without one there is no place for them.
    if (m_meter.mode() != QLatin1String("none"))
        m_services.start();
    m_enforcer.start();
    return {};
}

QString RealKernel::meterMode() const
{
    return m_meter.mode();
}

QString RealKernel::bootId() const
{
    QFile file(QStringLiteral("/proc/sys/kernel/random/boot_id"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QString::fromLatin1(file.readAll().trimmed());
}

std::vector<KernelProblem> RealKernel::problems() const
{
    std::vector<KernelProblem> problems = m_meter.problems();
    const std::vector<KernelProblem> ofServices = m_services.problems();
    problems.insert(problems.end(), ofServices.begin(), ofServices.end());
    const std::vector<KernelProblem> ofLimits = m_enforcer.problems();
    problems.insert(problems.end(), ofLimits.begin(), ofLimits.end());
    if (m_meterRefused) {
        problems.push_back(
            {QStringLiteral("meter-refused"), QStringLiteral("error"), QStringLiteral("meter"),
             QStringLiteral("Nothing is counted by port or connection: %1").arg(m_meterRefused->message),
             QStringLiteral("See the log of the kernel; the meter needs Linux 5.15 or later.")});
    }
    for (const int index : m_metered) {
        if (!m_names.contains(index))
            problems.push_back(unknownLink(index));
    }
    for (const auto &[index, kind] : m_drift.drifting()) {
        const auto name = m_names.find(index);
        if (name != m_names.end())
            problems.push_back(drift(name->second, kind));
    }
    return problems;
}

void RealKernel::onChange(std::function<void()> callback)
{
    m_callback = std::move(callback);
    m_links.onChange([this] {
        // What went with a link, a qdisc or a filter comes back before anybody is told. Links that cannot be
        // read now fail in links() too, and there the error has somebody to hear it.
        (void)attach();
        m_callback();
    });
}

Result<std::vector<Link>> RealKernel::links()
{
    return m_links.read();
}

Result<void> RealKernel::setMeteredLinks(const std::set<int> &links)
{
    if (links != m_metered)
        m_drift.clear();
    m_metered = links;
    return attach();
}

Result<void> RealKernel::attach()
{
    const auto links = m_links.read();
    if (!links)
        return std::unexpected(links.error());
    std::vector<Meter::Target> targets;
    m_names.clear();
    for (const Link &link : *links) {
        if (!m_metered.contains(link.index))
            continue;
        targets.push_back({link.index, link.name, link.ethernet});
        m_names[link.index] = link.name;
    }
    m_meter.setTargets(targets, *links);
    m_enforcer.setLinks(*links);
    return m_services.setLinks(*links);
}

Result<void> RealKernel::setLocalPrefixes(const std::vector<Prefix> &prefixes)
{
    if (auto written = m_meter.setLocalPrefixes(prefixes); !written)
        return written;
    if (auto written = m_services.setLocalPrefixes(prefixes); !written)
        return written;
    return m_enforcer.setLocalPrefixes(prefixes);
}

Result<AtomChange> RealKernel::setAtoms(const std::vector<Atom> &atoms)
{
    return m_meter.setAtoms(atoms);
}

Result<MeterSample> RealKernel::sample()
{
    auto sample = m_meter.sample();
    if (sample && m_drift.isDue(sample->taken))
        compareWithLinks(*sample);
    return sample;
}

void RealKernel::compareWithLinks(const MeterSample &sample)
{
    const auto counters = m_links.counters();
    if (!counters)
        return;
    std::map<int, Drift::Reading> readings;
    for (const LinkMeter &meter : sample.links) {
        const auto own = counters->find(meter.index);
        if (own != counters->end() && m_metered.contains(meter.index))
            readings[meter.index] = {own->second, meter.plain, meter.total()};
    }
    m_drift.add(sample.taken, readings);
    // A TCX link that was detached by force makes no event.
    (void)attach();
}

Result<FlowTable> RealKernel::flows()
{
    return m_meter.flows();
}

std::vector<MeterSample> RealKernel::leftovers(const std::vector<Atom> &atoms)
{
    return m_meter.leftovers(atoms);
}

Result<ServiceSample> RealKernel::services()
{
    return m_services.sample();
}

std::vector<ServiceCounter> RealKernel::takeServices(const std::vector<ServiceKey> &keys)
{
    return m_services.take(keys);
}

std::vector<ServiceSample> RealKernel::serviceLeftovers()
{
    return m_services.leftovers();
}

void RealKernel::discardLeftovers()
{
    m_meter.discardLeftovers();
    m_services.discardLeftovers();
}

GovernSupport RealKernel::governSupport() const
{
    return m_enforcer.support();
}

Result<void> RealKernel::govern(const GovernPlan &plan)
{
    return m_enforcer.govern(plan);
}

Result<GovernReading> RealKernel::governed()
{
    return m_enforcer.governed();
}

void RealKernel::onCrossing(std::function<void()> callback)
{
    m_enforcer.onCrossing(std::move(callback));
}

Result<void> RealKernel::removeEverything()
{
    m_metered.clear(); // or the next event would put things back
    m_names.clear();
    m_drift.clear();
    // what holds packets back goes while it is still counted
    const auto withoutLimits = m_enforcer.removeEverything();
    // The meter ends with the pin directory, which must be empty by then.
    auto withoutServices = m_services.removeEverything();
    auto withoutMeter = m_meter.removeEverything();
    for (const auto &removed : {withoutLimits, withoutServices})
        if (!removed)
            return removed;
    return withoutMeter;
}

} // namespace weir
