// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/govern_plan.h"
#include "helper/engine/link.h"
#include "helper/engine/ports.h"
#include "helper/engine/service_sample.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace weir {

/// Which incarnation of the meter's maps a value came from; never 0. Maps of a new generation began at zero.
using Generation = quint64;

/// What the meter saw on one link since the link was first metered in this generation.
struct LinkMeter {
    int index = 0;
    ScopedTraffic v4; ///< wire bytes: merged packets as their segments
    ScopedTraffic v6;
    Traffic other; ///< not IP
    Traffic plain; ///< all of it as the stack held it, merged packets as one: compares with Link::counters
    bool operator==(const LinkMeter &) const = default;

    ScopedTraffic ip() const
    {
        ScopedTraffic both = v4;
        return both += v6;
    }
    Traffic total() const { return ip().total() + other; }
};

/// Packets that two atoms counted: forwarded between two metered links, received under a port of `received`
/// and sent on under a port of `sent`. A watch that holds both atoms counts such a packet once: subtract
/// this.
struct AtomOverlap {
    quint32 received = 0;
    quint32 sent = 0;
    ScopedTraffic traffic; ///< in the tx members: the second sighting is the sent one
    bool operator==(const AtomOverlap &) const = default;
};

/// All counters of the meter at one moment, cumulative within the generation.
struct MeterSample {
    Generation generation = 0;
    std::chrono::steady_clock::time_point taken;
    std::vector<LinkMeter> links;           ///< links that were metered in this generation
    std::map<quint32, ScopedTraffic> atoms; ///< by Atom::id, for the atoms that are set
    std::vector<AtomOverlap> overlaps;
    quint64 unattributedBytes = 0; ///< of packets that the flow table could not hold
};

/// The same instant under the old atoms and under the new ones: what an edit needs to lose nothing.
struct AtomChange {
    MeterSample before;
    MeterSample after;
};

enum class FlowState : quint8 { Opening, Established, Closing, Closed, Stateless };

struct FlowKey {
    int link = 0;
    quint8 protocol = 0; ///< IP protocol number, of the payload behind IPv6 extension headers
    Address local;
    quint16 localPort = 0; ///< 0 where the protocol has no ports
    Address remote;
    quint16 remotePort = 0;
    auto operator<=>(const FlowKey &) const = default;
};

struct Flow {
    FlowKey key;
    Traffic traffic;
    FlowState state = FlowState::Stateless; ///< TCP as seen on the wire; Stateless for all else
    bool internet = false;
    std::chrono::steady_clock::time_point first;
    std::chrono::steady_clock::time_point last;
};

struct FlowTable {
    std::chrono::steady_clock::time_point taken;
    std::vector<Flow> flows;
    size_t capacity = 0;
};

/// A part of the kernel side that is missing or refused.
struct KernelProblem {
    QString id; ///< stable: "meter-not-permitted", "bpffs-missing", "link-not-metered", "meter-drift" …
    QString severity; ///< "error", "warning", "info"
    QString subject;  ///< link name or part
    QString text;     ///< what is wrong and what it costs
    QString remedy;
    bool operator==(const KernelProblem &) const = default;
};

/// The port to the kernel: links, meter, gate and shaper.
///
/// All calls come from one thread (the kernel thread). Two implementations: the real one (helper/kernel) and
/// the fake (tests/support); tests/kernel runs the same contract test on both.
///
/// What it puts into the kernel outlives the object: a destructor closes handles and leaves everything in
/// place, so a crash and a destructor look the same from outside. Only removeEverything() takes things out.
class Kernel
{
public:
    virtual ~Kernel() = default;

    /// Loads the meter, or adopts the one that an earlier helper left. Without the rights or the means for a
    /// meter it still succeeds: links() works and problems() says what is missing.
    /// Error: KernelRefused when not even links can be read.
    virtual Result<void> start() = 0;

    /// "tcx", "clsact" or "none".
    virtual QString meterMode() const = 0;

    /// /proc/sys/kernel/random/boot_id.
    virtual QString bootId() const = 0;

    virtual std::vector<KernelProblem> problems() const = 0;

    /// Called from the kernel thread whenever links(), their addresses or routes may have changed, or when a
    /// part of ours was removed by others. Events are merged; read again.
    virtual void onChange(std::function<void()> callback) = 0;

    /// All links of this network namespace now, with counters, sorted by index.
    virtual Result<std::vector<Link>> links() = 0;

    /// Meters exactly these links (by index): attaches, detaches, and attaches anew where somebody took ours
    /// away. Counters of a link whose metering ends stay readable in the generation. A link that cannot be
    /// metered is a problem(), not an error.
    virtual Result<void> setMeteredLinks(const std::set<int> &links) = 0;

    /// The prefixes that count as local besides the fixed ones of the design. Takes effect for the next
    /// packet, also of known flows.
    virtual Result<void> setLocalPrefixes(const std::vector<Prefix> &prefixes) = 0;

    /// Replaces the atoms. Counting of ports does not stop meanwhile; both samples are of the same instant.
    virtual Result<AtomChange> setAtoms(const std::vector<Atom> &atoms) = 0;

    virtual Result<MeterSample> sample() = 0;

    /// Flows now; ended and idle ones (60 s after the last packet) are forgotten by this call after it has
    /// returned them once.
    virtual Result<FlowTable> flows() = 0;

    /// Final counters of generations that an earlier helper with another layout left, under the atoms given:
    /// call between start() and the first sample(), credit, store, then discardLeftovers().
    virtual std::vector<MeterSample> leftovers(const std::vector<Atom> &atoms) = 0;

    /// What the sockets of each cgroup moved: every IP protocol, of every network namespace, also of
    /// processes that have ended. Generation 0 and nothing else where services are not counted: problems()
    /// says why.
    virtual Result<ServiceSample> services() = 0;

    /// Takes counters out, to make room, and returns them as they were in the end. For cgroups that are gone:
    /// should sockets of theirs go on, they get a new counter. Keys of which there is no counter are left
    /// out.
    virtual std::vector<ServiceCounter> takeServices(const std::vector<ServiceKey> &keys) = 0;

    /// As leftovers(), of the counters of services.
    virtual std::vector<ServiceSample> serviceLeftovers() = 0;

    /// Both kinds of leftovers.
    virtual void discardLeftovers() = 0;

    /// What limits and quotas can be enforced with. Known after start().
    virtual GovernSupport governSupport() const = 0;

    /// Makes the kernel enforce exactly this plan, from the next packet on; the one before is replaced
    /// without a gap, and its queues empty themselves in order. Parts that somebody else takes away come back
    /// within a second without another call. An empty plan leaves nothing of it in the kernel.
    /// Errors: Unsupported, LimitReached (more classes than the shaper has room for), KernelRefused; what was
    /// enforced before is then enforced on as far as the kernel lets it.
    virtual Result<void> govern(const GovernPlan &plan) = 0;

    /// What the plan in force did. Read ahead of sample(): bytes that pass between the two are then rather
    /// the meter's than the quota's.
    virtual Result<GovernReading> governed() = 0;

    /// Called from the kernel thread when packets met the line of a quota: what passed is to be read and the
    /// quota armed anew.
    virtual void onCrossing(std::function<void()> callback) = 0;

    /// Takes everything of Weir out of the kernel; nothing that others own is touched.
    virtual Result<void> removeEverything() = 0;
};

} // namespace weir
