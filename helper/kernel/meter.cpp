// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/meter.h"

#include "helper/kernel/meter_attachments.h"
#include "helper/kernel/meter_counters.h"
#include "helper/kernel/meter_flows.h"
#include "helper/kernel/meter_object.h"
#include "helper/kernel/meter_pins.h"
#include "helper/kernel/meter_problems.h"
#include "helper/kernel/meter_settings.h"
#include "helper/kernel/meter_uppers.h"

#include <bpf/libbpf.h>

#include <algorithm>

namespace weir {

using namespace meter_problems;

struct Meter::Private {
    explicit Private(Options chosen)
        : options(std::move(chosen)), pins(options.pinDirectory), attachments(pins.linksDirectory())
    { }

    /// The meter in the kernel; all of it or nothing.
    struct Running {
        MeterObject object;
        MeterCounters counters;
        FlowMap flows4;
        FlowMap flows6;
        MeterAttachments::Mode mode;
    };

    Options options;
    MeterPins pins;
    MeterAttachments attachments;
    std::optional<Running> running;
    Generation emptyGeneration = 1; // of the samples of a meter that does not run
    std::vector<Atom> atoms;
    std::map<QString, MeterCounters> leftovers; // by their directory
    QStringList readLeftovers;                  // directories of those that were handed out
    std::vector<KernelProblem> startProblems;
    std::vector<KernelProblem> linkProblems;
    std::vector<KernelProblem> tableProblems;
    quint64 overlapsMissed = 0; // since the plan was made: an edit makes room
    quint64 overlapsMissedByThen = 0;

    std::expected<Running, MeterObject::Failure> adopt();
    std::expected<Running, MeterObject::Failure> create();
    Result<void> supersede(const QStringList &directories);
    void meter(const Target &target);
    std::map<quint32, int> links() const;
    weir_stats stats() const;
    void keepFlowsInBounds();
    void growFlows();
    MeterSample emptySample() const;
};

std::expected<Meter::Private::Running, MeterObject::Failure> Meter::Private::adopt()
{
    const QString directory = pins.layoutDirectory();
    auto object = MeterObject::adopt(directory);
    if (!object)
        return std::unexpected(object.error());
    auto counters = MeterCounters::of(*object);
    auto flows4 = FlowMap::adopt(FlowMap::Version::V4, object->map(MeterMap::Flows4), directory);
    auto flows6 = FlowMap::adopt(FlowMap::Version::V6, object->map(MeterMap::Flows6), directory);
    if (!counters)
        return std::unexpected(MeterObject::Failure{counters.error()});
    if (!flows4)
        return std::unexpected(MeterObject::Failure{flows4.error()});
    if (!flows6)
        return std::unexpected(MeterObject::Failure{flows6.error()});
    return Running{std::move(*object), std::move(*counters), std::move(*flows4), std::move(*flows6),
                   MeterAttachments::Mode::Tcx};
}

std::expected<Meter::Private::Running, MeterObject::Failure> Meter::Private::create()
{
    const QString directory = pins.layoutDirectory();
    auto object = MeterObject::load();
    if (!object)
        return std::unexpected(object.error());
    auto counters = MeterCounters::of(*object);
    auto flows4 = FlowMap::create(FlowMap::Version::V4, object->map(MeterMap::Flows4));
    auto flows6 = FlowMap::create(FlowMap::Version::V6, object->map(MeterMap::Flows6));
    if (!counters)
        return std::unexpected(MeterObject::Failure{counters.error()});
    if (!flows4)
        return std::unexpected(MeterObject::Failure{flows4.error()});
    if (!flows6)
        return std::unexpected(MeterObject::Failure{flows6.error()});

    auto pinned = makeDirectory(directory);
    if (pinned)
        pinned = flows4->pinIn(directory);
    if (pinned)
        pinned = flows6->pinIn(directory);
    if (pinned)
        pinned = object->pinMaps(directory);
    if (!pinned)
        return std::unexpected(MeterObject::Failure{pinned.error()});
    return Running{std::move(*object), std::move(*counters), std::move(*flows4), std::move(*flows6),
                   MeterAttachments::Mode::Tcx};
}

/// Takes over from other layouts: readies the new maps for their links, lets the programs change places under
/// traffic, and sets what has then become final aside.
Result<void> Meter::Private::supersede(const QStringList &directories)
{
    for (const QString &directory : directories) {
        const auto counters = MeterCounters::at(directory);
        const auto slots = counters ? counters->slots() : std::unexpected(counters.error());
        if (!slots)
            return std::unexpected(slots.error());
        for (const MeterCounters::Slot &slot : *slots) {
            if (auto written =
                    meter_settings::writeLink(running->object, slot.index, slot.metered, slot.ethernet);
                !written)
                return written;
        }
    }
    attachments.takeOver();
    for (const QString &directory : directories) {
        if (auto aside = pins.setAside(directory); !aside)
            return aside;
    }
    return {};
}

Meter::Meter(Options options) : d(std::make_unique<Private>(std::move(options)))
{ }

Meter::~Meter() = default;

Result<void> Meter::start()
{
    d->startProblems.clear();
    if (auto prepared = d->pins.prepare(); !prepared) {
        d->startProblems.push_back(noBpffs(prepared.error(), d->options.pinDirectory));
        return {};
    }
    const MeterPins::Found found = d->pins.find();
    auto running = found.adoptable ? d->adopt() : d->create();
    if (!running && found.adoptable && !running.error().notPermitted) {
        // What is pinned does not fit this build: begin anew, and read it out like that of another layout.
        d->pins.setAside(d->pins.layoutDirectory());
        running = d->create();
    }
    if (!running) {
        const MeterObject::Failure &failed = running.error();
        d->startProblems.push_back(failed.notPermitted ? notPermitted(failed.error)
                                                       : notLoaded(failed.error));
        return {};
    }
    d->running.emplace(std::move(*running));

    const MeterAttachments::Programs programs{d->running->object.program(Hook::Ingress),
                                              d->running->object.program(Hook::Egress)};
    const bool tcx = d->options.attach == Attach::Tcx
        || (d->options.attach == Attach::Automatic && hasTcx(programs.ingress));
    d->running->mode = tcx ? MeterAttachments::Mode::Tcx : MeterAttachments::Mode::Clsact;
    d->attachments.use(d->running->mode, programs);

    auto superseded = d->supersede(found.superseded);
    if (!superseded) {
        // Left as they are, the old programs go on counting.
        d->startProblems.push_back(notLoaded(superseded.error()));
        d->running.reset();
        return {};
    }
    const QStringList leftovers = d->pins.leftovers();
    for (const QString &directory : leftovers) {
        if (auto counters = MeterCounters::at(directory))
            d->leftovers.emplace(directory, std::move(*counters));
    }
    return {};
}

QString Meter::mode() const
{
    if (!d->running)
        return QStringLiteral("none");
    return d->running->mode == MeterAttachments::Mode::Tcx ? QStringLiteral("tcx") : QStringLiteral("clsact");
}

std::vector<KernelProblem> Meter::problems() const
{
    std::vector<KernelProblem> all = d->startProblems;
    all.insert(all.end(), d->linkProblems.begin(), d->linkProblems.end());
    all.insert(all.end(), d->tableProblems.begin(), d->tableProblems.end());
    if (d->overlapsMissed)
        all.push_back(overlapsMissed(d->overlapsMissed));
    return all;
}

/// Meters one link, or says why not.
void Meter::Private::meter(const Target &target)
{
    auto written = meter_settings::writeLink(running->object, target.index, true, target.ethernet);
    if (!written && written.error().kind == ErrorKind::LimitReached) {
        // Links that come and go by the thousand, such as dialled ones: the oldest makes room. Its flows go
        // before its number is used again.
        written = meter_settings::forgetUnmeteredLink(running->object);
        for (FlowMap *flows : {&running->flows4, &running->flows6}) {
            if (written)
                written = flows->read(links(), std::chrono::steady_clock::now(), nullptr);
        }
        if (written)
            written = meter_settings::writeLink(running->object, target.index, true, target.ethernet);
    }
    if (!written) {
        linkProblems.push_back(linkNotMetered(target.name, written.error()));
        return;
    }
    const auto attached = attachments.attach(target.index);
    if (!attached) {
        meter_settings::writeLink(running->object, target.index, false, target.ethernet);
        linkProblems.push_back(linkNotMetered(target.name, attached.error()));
    } else if (!attached->isEmpty()) {
        linkProblems.push_back(linkPartlyMetered(target.name, *attached));
    }
}

void Meter::setTargets(const std::vector<Target> &targets, const std::vector<Link> &links)
{
    d->linkProblems.clear();
    if (!d->running)
        return;
    const auto isTarget = [&](int index) {
        return std::any_of(targets.begin(), targets.end(),
                           [&](const Target &target) { return target.index == index; });
    };
    for (const int index : d->attachments.attached()) {
        if (!isTarget(index))
            d->attachments.detach(index);
    }
    if (const auto slots = d->running->counters.slots()) {
        for (const MeterCounters::Slot &slot : *slots) {
            if (slot.metered && !isTarget(slot.index))
                meter_settings::writeLink(d->running->object, slot.index, false, slot.ethernet);
        }
    }
    for (const Target &target : targets)
        d->meter(target);
    if (const auto slots = d->running->counters.slots()) {
        std::set<int> metered;
        for (const MeterCounters::Slot &slot : *slots) {
            if (slot.metered)
                metered.insert(slot.index);
        }
        const auto written = meter_settings::writeUppers(d->running->object, uppersOf(links, metered));
        if (!written)
            d->linkProblems.push_back(uppersUnknown(written.error()));
    }
}

Result<void> Meter::setLocalPrefixes(const std::vector<Prefix> &prefixes)
{
    if (!d->running)
        return {};
    return meter_settings::writeLocalPrefixes(d->running->object, prefixes);
}

MeterSample Meter::Private::emptySample() const
{
    MeterSample sample;
    sample.generation = emptyGeneration;
    sample.taken = std::chrono::steady_clock::now();
    for (const Atom &atom : atoms)
        sample.atoms[atom.id] = {};
    return sample;
}

Result<AtomChange> Meter::setAtoms(const std::vector<Atom> &atoms)
{
    if (!d->running) {
        AtomChange change;
        change.before = d->emptySample();
        d->atoms = atoms;
        change.after = d->emptySample();
        return change;
    }
    auto change = d->running->counters.sample(d->atoms, atoms);
    if (!change)
        return change;
    if (auto written = meter_settings::writePortSet(d->running->object, atoms); !written)
        return std::unexpected(written.error());
    // The pairs of the plan before stay: it comes back when the edit is not stored.
    meter_settings::forgetOverlaps(d->running->object, d->atoms, atoms);
    d->overlapsMissed = 0;
    d->overlapsMissedByThen = d->stats().overlaps_missed;
    d->atoms = atoms;
    return change;
}

std::map<quint32, int> Meter::Private::links() const
{
    std::map<quint32, int> links;
    if (const auto slots = running->counters.slots()) {
        for (const MeterCounters::Slot &slot : *slots)
            links[slot.number] = slot.index;
    }
    return links;
}

weir_stats Meter::Private::stats() const
{
    const int processors = std::max(1, libbpf_num_possible_cpus());
    std::vector<weir_stats> each{size_t(processors)};
    const quint32 zero = 0;
    weir_stats sum{};
    if (!lookupElement(running->object.map(MeterMap::Stats), &zero, each.data()))
        return sum;
    for (const weir_stats &one : each) {
        sum.overlaps_missed += one.overlaps_missed;
        sum.flows4_created += one.flows4_created;
        sum.flows6_created += one.flows6_created;
    }
    return sum;
}

void Meter::Private::growFlows()
{
    tableProblems.clear();
    for (FlowMap *flows : {&running->flows4, &running->flows6}) {
        const auto grown = flows->grow();
        if (!grown || flows->full())
            tableProblems.push_back(
                flowTableFull(flows->capacity(), grown ? QString() : grown.error().message));
    }
}

/// Looks at the flow tables when so many flows were created that they may be too full.
void Meter::Private::keepFlowsInBounds()
{
    const weir_stats now = stats();
    bool looked = false;
    const std::pair<FlowMap &, quint64> tables[] = {{running->flows4, now.flows4_created},
                                                    {running->flows6, now.flows6_created}};
    for (const auto &[flows, created] : tables) {
        if (!flows.wantsLook(created))
            continue;
        if (flows.read(links(), std::chrono::steady_clock::now(), nullptr))
            flows.looked(created);
        looked = true;
    }
    if (looked)
        growFlows();
    overlapsMissed = now.overlaps_missed - overlapsMissedByThen;
}

Result<MeterSample> Meter::sample()
{
    if (!d->running)
        return d->emptySample();
    d->keepFlowsInBounds();
    return d->running->counters.sample(d->atoms);
}

Result<FlowTable> Meter::flows()
{
    FlowTable table;
    table.taken = std::chrono::steady_clock::now();
    if (d->running) {
        const weir_stats now = d->stats();
        const std::map<quint32, int> links = d->links();
        for (FlowMap *flows : {&d->running->flows4, &d->running->flows6}) {
            if (auto read = flows->read(links, table.taken, &table.flows); !read)
                return std::unexpected(read.error());
        }
        d->running->flows4.looked(now.flows4_created);
        d->running->flows6.looked(now.flows6_created);
        d->growFlows();
        table.capacity = d->running->flows4.capacity() + d->running->flows6.capacity();
    }
    return table;
}

std::vector<MeterSample> Meter::leftovers(const std::vector<Atom> &atoms)
{
    std::vector<MeterSample> samples;
    d->readLeftovers.clear();
    for (auto &[directory, counters] : d->leftovers) {
        auto sample = counters.sample(atoms);
        if (!sample)
            continue; // stays, for the next helper to try
        samples.push_back(std::move(*sample));
        d->readLeftovers.append(directory);
    }
    return samples;
}

void Meter::discardLeftovers()
{
    for (const QString &directory : std::exchange(d->readLeftovers, {})) {
        d->leftovers.erase(directory);
        removePins(directory);
    }
}

Result<void> Meter::removeEverything()
{
    d->attachments.detachAll();
    d->leftovers.clear();
    d->running.reset();
    d->linkProblems.clear();
    d->tableProblems.clear();
    d->overlapsMissed = 0;
    return d->pins.removeAll();
}

} // namespace weir
