// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/kernel.h"
#include "tests/support/fake_gate.h"

#include <QObject>

#include <mutex>
#include <optional>

namespace weir::test {

enum class Direction { Received, Sent };

/// Packets of one conversation in one direction, as FakeMachine::pass() takes them.
struct Packets {
    int link = 0;
    Direction direction = Direction::Received;
    quint8 protocol = 6;   ///< IP protocol number: 6 TCP, 17 UDP, 1 ICMP …
    quint16 localPort = 0; ///< 0 where the protocol has no ports
    Address remote;
    quint16 remotePort = 40000;
    quint64 bytes = 0; ///< wire bytes of all of them
    quint64 packets = 1;
    FlowState state = FlowState::Established; ///< of the flow from now on; only TCP has one
    std::optional<Address> local =
        {}; ///< without it: the link's first address of the family, or a private one
    std::optional<Traffic> plain =
        {}; ///< as the stack held them, where packets were merged; without it: as on the wire
};

/// What FakeKernel keeps "in the kernel": links, counters of ports, flows. It outlives the kernels that look
/// at it, as a real machine outlives a helper that crashed, and is the tests' hand on them.
///
/// Any thread. A change of links makes each FakeKernel call its onChange callback on its own thread.
class FakeMachine
{
public:
    /// The calls of Kernel that can be made to fail.
    enum class Call {
        Start,
        Links,
        SetMeteredLinks,
        SetLocalPrefixes,
        SetAtoms,
        Sample,
        Flows,
        Services,
        Govern,
        Governed,
        RemoveEverything
    };

    /// An Ethernet NIC that is up and has `addresses` ("192.168.1.2/24"), without an index yet.
    static Link ethernet(const QString &name,
                         const QStringList &addresses = {QStringLiteral("192.168.1.2/24")});

    /// Adds a link and returns its index: `link.index`, or the next free one when that is 0.
    int addLink(Link link);
    void removeLink(int index);
    void renameLink(int index, const QString &name);
    void setUp(int index, bool up);
    /// Replaces the link's description; its counters stay.
    void setLink(const Link &link);
    /// Sets the link's own counters, which the meter does not follow: what passed while no helper was there,
    /// or past the meter.
    void setCounters(int index, const Traffic &counters);
    Link link(int index) const; ///< default-made when there is none
    std::set<int> meteredLinks() const;

    /// Packets cross the link: its own counters grow, and when it is metered the meter's, the port's and the
    /// flow's too.
    void pass(const Packets &packets);
    /// Frames that are not IP.
    void passOther(int link, Direction direction, quint64 bytes, quint64 packets = 1);
    /// Packets from `source`:`sourcePort` to `destination`:`destinationPort` cross the machine: received on
    /// `from`, sent on `to`.
    struct Forwarded {
        int from = 0;
        int to = 0;
        quint8 protocol = 6;
        Address source;
        quint16 sourcePort = 0;
        Address destination;
        quint16 destinationPort = 0;
        quint64 bytes = 0;
        quint64 packets = 1;
    };
    void forward(const Forwarded &packets);

    /// The cgroup at `path` is made, if it is not there, and its sockets move so much.
    void passService(const QString &path, const ServiceTraffic &traffic);
    /// Directories and all; the counters stay. One that is made there again has another id.
    void removeCgroup(const QString &path);
    void setServicePlaces(size_t places); ///< cgroups that have counters; what others move overflows
    size_t serviceCounters() const;

    /// What is enforced now.
    GovernPlan governPlan() const;
    GovernReading governReading() const;
    /// How often a plan was told and its counts were read, successful or not.
    int governCalls() const;
    int governReads() const;
    void setGovernSupport(const GovernSupport &support);
    /// Somebody flushed the rules, and they were put back.
    void disturbGate();

    /// Packets that the flow table could not hold: counted everywhere but in flows.
    void addUnattributed(quint64 bytes);
    void setFlowCapacity(size_t capacity);
    /// Moves the clock of samples and flows forward.
    void skip(std::chrono::milliseconds time);
    /// From now on that clock moves by skip() alone, not with the real one.
    void freeze();

    Generation generation() const;
    /// The meter's maps were lost and made anew: their counters begin at zero.
    Generation newGeneration();
    /// A helper with another layout takes over: the counters so far become leftovers, new ones begin at zero.
    Generation leaveGenerationBehind();
    /// The machine boots: another boot id, all counters at zero, no leftovers, nothing metered.
    void newBoot();

    /// `call` fails with `error` until succeed().
    void fail(Call call, const Error &error);
    void succeed(Call call);
    /// Without permission start() loads no meter: mode "none", a problem "meter-not-permitted", samples
    /// without links.
    void setMeterPermitted(bool permitted);
    void addProblem(const KernelProblem &problem);
    void clearProblems();

    /// True while anything of Weir is in this kernel.
    bool hasTraces() const;

private:
    // Private functions are called with m_mutex held.
    friend class FakeKernel;

    static constexpr Generation kNoMeter = 1; // of samples without a meter

    using PortKey = std::pair<quint8, quint16>;              // IP protocol, port
    using OverlapKey = std::tuple<quint8, quint16, quint16>; // IP protocol, received and sent port
    struct Counters {
        Generation generation = 0;
        std::map<int, LinkMeter> links;
        std::map<PortKey, ScopedTraffic> ports;
        std::map<OverlapKey, ScopedTraffic> overlaps;
        quint64 unattributedBytes = 0;
        std::map<quint64, ServiceCounter> services; // by cgroup
        ServiceTraffic serviceOverflow;
    };
    struct Listener {
        QObject context; // lives on the kernel's thread
        std::function<void()> callback;
        bool pending = false;
    };

    void announce();
    void call(const std::vector<std::shared_ptr<Listener>> &listeners);
    /// Packets that the gate lets through.
    Packets gated(const Packets &packets);
    Result<void> outcome(Call call) const;
    bool isInternet(const Address &one, const Address &other) const;
    bool isMeterLoaded() const { return m_counters.generation != 0; }
    void beginGeneration();
    /// Overlaps of ports that are not in atoms of the same plan, the one before or this one, are forgotten.
    void followAtoms(const std::vector<Atom> &before, const std::vector<Atom> &atoms);
    void count(const Packets &packets);
    Address localAddress(const Packets &packets) const;
    std::chrono::steady_clock::time_point now() const;
    MeterSample sampled(const Counters &counters, const std::vector<Atom> &atoms) const;
    FlowTable takeFlows();
    void countService(quint64 cgroup, const QString &path, const ServiceTraffic &traffic);
    ServiceSample servicesOf(const Counters &counters) const;

    mutable std::mutex m_mutex;
    std::map<int, Link> m_links;
    int m_nextIndex = 1;
    std::set<int> m_metered;
    std::vector<Atom> m_atoms; // that the kernel was last told
    std::vector<Prefix> m_localPrefixes;
    Counters m_counters;
    std::vector<Counters> m_leftovers;
    std::map<FlowKey, Flow> m_flows;
    size_t m_flowCapacity = 131072;
    std::map<QString, quint64> m_cgroups; // ids by path, of those that are there
    quint64 m_nextCgroup = 1;
    quint64 m_nextBeginning = 1;
    size_t m_servicePlaces = 16384;
    std::optional<std::chrono::steady_clock::time_point> m_frozenAt;
    std::chrono::milliseconds m_skipped{0};
    int m_boots = 1;
    Generation m_lastGeneration = kNoMeter;
    std::map<Call, Error> m_failures;
    bool m_permitted = true;
    std::vector<KernelProblem> m_problems;
    std::vector<std::shared_ptr<Listener>> m_listeners;
    std::vector<std::shared_ptr<Listener>> m_crossingListeners;
    FakeGate m_gate;
    int m_governCalls = 0;
    int m_governReads = 0;
    GovernSupport m_governSupport;
};

} // namespace weir::test
