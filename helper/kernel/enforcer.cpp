// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/enforcer.h"

#include "helper/engine/service_name.h"
#include "helper/kernel/cgroup_tree.h"

#include <QFile>

#include <algorithm>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>

namespace weir {

using namespace std::chrono;

namespace {

/// Events come in bursts: a flushed ruleset is one for each rule.
constexpr auto kMendDelay = 20ms;
constexpr auto kMendAgain = 500ms;
/// How often it is looked whether the queues of classes that are not wanted are empty.
constexpr auto kRetireInterval = 100ms;
/// So long a disturbance that was mended is told.
constexpr auto kTellDisturbance = 3600s;

int depthOf(const QString &path)
{
    return path == QLatin1String("/") ? 0 : int(path.count(QLatin1Char('/')));
}

/// Depth of a cgroup's directory below where the tree is mounted.
int levelOfRoot(const QString &root)
{
    QFile mountinfo(QStringLiteral("/proc/self/mountinfo"));
    if (!mountinfo.open(QIODevice::ReadOnly))
        return 0;
    const QString mount = cgroupRootIn(mountinfo.readAll());
    return root.startsWith(mount + QLatin1Char('/')) ? depthOf(root.mid(mount.size())) : 0;
}

/// Which device an event is about; 0 for what is of no concern.
int deviceOf(const nlmsghdr *message)
{
    switch (message->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
        return static_cast<const ifinfomsg *>(nlmsg_data(message))->ifi_index;
    case RTM_NEWQDISC:
    case RTM_DELQDISC:
    case RTM_NEWTCLASS:
    case RTM_DELTCLASS:
        return static_cast<const tcmsg *>(nlmsg_data(message))->tcm_ifindex;
    default:
        return 0;
    }
}

} // namespace

Enforcer::Enforcer(QString cgroupRoot) : m_cgroupRoot(std::move(cgroupRoot))
{ }

Enforcer::~Enforcer() = default;

void Enforcer::start()
{
    m_isStarted = true;
    m_retiring = std::make_unique<QTimer>();
    m_retiring->setInterval(kRetireInterval);
    QObject::connect(m_retiring.get(), &QTimer::timeout, [this] { retire(); });
    m_mending = std::make_unique<QTimer>();
    m_mending->setSingleShot(true);
    QObject::connect(m_mending.get(), &QTimer::timeout, [this] { mend(); });
    m_rootLevel = m_cgroupRoot.isEmpty() ? 0 : levelOfRoot(m_cgroupRoot);
    if (const auto gate = m_gate.start(); !gate)
        m_gateFailed = gate.error().message;
    if (const auto shaper = m_shaper.start(); !shaper)
        m_shaperFailed = shaper.error().message;
    m_gate.onEvent([this](GateEvent event) {
        if (event == GateEvent::Crossed)
            return m_onCrossing ? m_onCrossing() : void();
        m_isDisturbed = true;
        mendSoon();
    });
    auto events = NetlinkSocket::listen({RTNLGRP_LINK, RTNLGRP_TC});
    if (!events)
        return; // what is lost is then found by governed(), within a second
    m_events.emplace(std::move(*events));
    m_notifier = std::make_unique<QSocketNotifier>(m_events->descriptor(), QSocketNotifier::Read);
    QObject::connect(m_notifier.get(), &QSocketNotifier::activated, [this] { takeEvents(); });
}

GovernSupport Enforcer::support() const
{
    GovernSupport support;
    support.noGate = m_gateFailed ? m_gateFailed : m_gate.unsupported();
    support.noShaper = m_shaperFailed ? m_shaperFailed : m_shaper.unsupported();
    support.noService = m_cgroupRoot.isEmpty()
        ? QStringLiteral("there are no cgroups of version 2, which services are told apart by")
        : m_gate.serviceUnsupported();
    return support;
}

std::vector<KernelProblem> Enforcer::problems() const
{
    std::vector<KernelProblem> problems;
    const GovernSupport what = support();
    const auto lacks = [&problems](const QString &id, const std::optional<QString> &why, const QString &cost,
                                   const QString &remedy) {
        if (why)
            problems.push_back({id, QStringLiteral("info"), QStringLiteral("limits"), cost + *why, remedy});
    };
    if (m_isStarted) {
        lacks(QStringLiteral("no-gate"), what.noGate,
              QStringLiteral("Limits and quotas can be set but not enforced: "),
              QStringLiteral("They need Linux 5.16 or later with nftables."));
        lacks(QStringLiteral("no-shaper"), what.noShaper, QStringLiteral("Rates cannot be limited: "),
              QStringLiteral("Load the modules ifb and sch_htb."));
    }
    if (m_unmended)
        problems.push_back({QStringLiteral("limits-not-restored"), QStringLiteral("error"),
                            QStringLiteral("limits"),
                            QStringLiteral("Limits and quotas were taken away and could not be put back: ")
                                + m_unmended->message,
                            QStringLiteral("It is tried again twice a second.")});
    else if (m_disturbed && steady_clock::now() - *m_disturbed < kTellDisturbance)
        problems.push_back(
            {QStringLiteral("limits-disturbed"), QStringLiteral("info"), QStringLiteral("limits"),
             QStringLiteral("Somebody took rules or classes of Weir away (%1 ×); they were put back at once. "
                            "Totals are not affected")
                 .arg(m_disturbances),
             QStringLiteral("Does a script run 'nft flush ruleset' or set up queues anew? Tables and devices "
                            "named weir, weir0 are Weir's.")});
    return problems;
}

void Enforcer::setLinks(const std::vector<Link> &links)
{
    std::map<int, QString> names;
    for (const Link &link : links)
        names[link.index] = link.name;
    const auto before = std::exchange(m_linkNames, std::move(names));
    const bool isAsItWas = std::ranges::all_of(m_plan.links, [&](int index) {
        const auto was = before.find(index);
        const auto is = m_linkNames.find(index);
        return (was == before.end()) == (is == m_linkNames.end())
            && (is == m_linkNames.end() || was->second == is->second);
    });
    if (!isAsItWas && !m_plan.isEmpty())
        mendSoon();
}

Result<void> Enforcer::setLocalPrefixes(const std::vector<Prefix> &prefixes)
{
    m_wish.localPrefixes = prefixes;
    return m_plan.isEmpty() ? Result<void>() : tellGate(m_plan);
}

Result<void> Enforcer::govern(const GovernPlan &plan)
{
    const GovernPlan before = std::exchange(m_plan, plan);
    auto enforced = enforce(plan);
    if (enforced || before == plan)
        return enforced;
    m_plan = before;
    (void)enforce(before); // as far as the kernel lets it; the error is that of the plan that was asked for
    return enforced;
}

Result<void> Enforcer::enforce(const GovernPlan &plan)
{
    if (!m_gateFailed && !m_gate.unsupported()) {
        const bool canShape = !m_shaperFailed && !m_shaper.unsupported();
        const auto toPrepare = std::pair(plan.classes, plan.links);
        if (canShape && m_prepared != toPrepare) {
            m_prepared.reset();
            auto priorities = m_shaper.prepare(plan.classes, plan.links);
            if (!priorities) {
                m_wish.shaperDevice = m_shaper.deviceIndex();
                if (m_wish.shaperDevice == 0)
                    (void)tellGate(plan); // what has nowhere to go must pass; what is blocked stays so
                return std::unexpected(priorities.error());
            }
            m_prepared = toPrepare;
            m_wish.priorities = std::move(*priorities);
        }
        m_wish.shaperDevice = m_shaper.deviceIndex();
        if (auto told = tellGate(plan); !told)
            return told;
        if (canShape)
            retire();
    }
    // What this kernel lacks is told by problems(), and new limits are refused; what it can do is done.
    return {};
}

Result<void> Enforcer::tellGate(const GovernPlan &plan)
{
    if (plan.services.empty())
        m_cgroups.reset();
    else if (!m_cgroups && !m_cgroupRoot.isEmpty()) {
        m_cgroups = std::make_unique<CgroupTree>(m_cgroupRoot);
        m_cgroups->onMade([this] {
            // a unit that starts is limited before it has moved much
            if (followCgroups() && !tellGate(m_plan))
                mendSoon();
        });
    }
    m_wish.plan = plan;
    m_wish.linkNames = m_linkNames;
    m_wish.cgroups = cgroupsOf(plan);
    return m_gate.apply(m_wish);
}

std::map<QString, std::vector<CgroupPlace>> Enforcer::cgroupsOf(const GovernPlan &plan)
{
    std::map<QString, std::vector<CgroupPlace>> places;
    for (const GovernedService &service : plan.services)
        places[service.service];
    if (!m_cgroups)
        return places;
    m_cgroups->update({0}); // no cgroup's id: what was missed is read again
    m_cgroups->prune({});
    m_cgroups->each([&](quint64 id, const QString &path) {
        const auto found = places.find(serviceName(path).name);
        if (found != places.end() && m_cgroups->exists(id))
            found->second.push_back({id, depthOf(path) + m_rootLevel});
    });
    for (auto &[service, list] : places)
        std::ranges::sort(list);
    return places;
}

/// True when cgroups of governed services came or went.
bool Enforcer::followCgroups()
{
    return m_cgroups && cgroupsOf(m_plan) != m_wish.cgroups;
}

void Enforcer::retire()
{
    const auto done = m_shaper.retire();
    if (done && *done) {
        m_retiring->stop();
        if (m_plan.classes.empty())
            m_prepared.reset(); // the device has gone with the last class
    } else if (!m_retiring->isActive()) {
        m_retiring->start();
    }
}

void Enforcer::takeEvents()
{
    const int device = m_shaper.deviceIndex();
    // of the links whose packets come, too: the largest of them must get through
    const auto matters = [&](const nlmsghdr *message) {
        const int about = deviceOf(message);
        return about != 0
            && (about == device || (message->nlmsg_type == RTM_NEWLINK && m_plan.links.contains(about)));
    };
    bool concerns = false;
    const auto events = m_events->receive([&](nlmsghdr *message) {
        const bool isOurs = message->nlmsg_pid == m_shaper.portId();
        concerns |= !isOurs && matters(message);
    });
    if ((!concerns && events != NetlinkSocket::Events::Lost) || m_plan.classes.empty())
        return;
    const auto inPlace = m_shaper.verify();
    if (inPlace && *inPlace)
        return;
    m_isDisturbed = true;
    mend(); // packets are sent nowhere until the device is back
}

/// Puts everything back that is not as it was asked for.
void Enforcer::mend()
{
    if (std::exchange(m_isDisturbed, false)) {
        ++m_disturbances;
        m_disturbed = steady_clock::now();
    }
    if (!m_plan.classes.empty()) {
        const auto inPlace = m_shaper.verify();
        if (!inPlace || !*inPlace)
            m_prepared.reset();
    }
    const auto mended = enforce(m_plan);
    m_unmended = mended ? std::nullopt : std::optional(mended.error());
    if (!mended)
        m_mending->start(kMendAgain);
    else if (m_onCrossing && !m_plan.quotas.empty())
        m_onCrossing(); // objects that were made anew are to be armed with what is left
}

void Enforcer::mendSoon()
{
    if (!m_mending->isActive() || m_mending->remainingTimeAsDuration() > kMendDelay)
        m_mending->start(kMendDelay);
}

Result<GovernReading> Enforcer::governed()
{
    GovernReading reading;
    if (m_plan.isEmpty())
        return reading;
    if (followCgroups() && !tellGate(m_plan))
        mendSoon();
    auto gate = m_gate.read();
    if (!gate)
        return std::unexpected(gate.error());
    reading.generation = gate->generation;
    reading.quotas = std::move(gate->quotas);
    reading.policed = std::move(gate->policed);
    if (m_plan.classes.empty() || m_shaper.unsupported())
        return reading;
    auto classes = m_shaper.read();
    if (!classes) {
        m_isDisturbed = true;
        mendSoon();
        return std::unexpected(classes.error());
    }
    reading.classes = std::move(*classes);
    if (reading.classes.size() < m_plan.classes.size()) { // an event was missed
        m_isDisturbed = true;
        mendSoon();
    }
    return reading;
}

Result<void> Enforcer::removeEverything()
{
    m_plan = {};
    m_prepared.reset();
    m_cgroups.reset();
    m_unmended.reset();
    if (!m_isStarted)
        start();
    m_retiring->stop();
    m_mending->stop();
    // rules first: without the device they would send packets nowhere
    if (auto gate = m_gate.removeEverything(); !gate)
        return gate;
    return m_shaper.removeEverything();
}

} // namespace weir
