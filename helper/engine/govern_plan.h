// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/ports.h"

#include <QString>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <vector>

/// What the kernel is to enforce: the shaper's classes, and which packets go where. Plain values; the engine
/// makes a whole plan each time, the kernel side finds what differs.
namespace weir {

enum class FlowDirection : quint8 { Down, Up };

/// Names a class of the shaper in every plan.
struct ClassKey {
    qint64 watch = 0; ///< WatchRecord::id
    FlowDirection direction = FlowDirection::Down;
    bool isSlow = false; ///< the one that a quota's end sends packets to
    auto operator<=>(const ClassKey &) const = default;
};

/// A ceiling on all that is sent to the class and to those below it.
struct ShaperClass {
    ClassKey key;
    std::optional<ClassKey> parent; ///< in the same direction and plan
    quint64 bitsPerSecond = 0;      ///< kMinRateBits … kMaxRateBits of wire bytes
    bool operator==(const ShaperClass &) const = default;
};

/// A quota that the kernel carries out by itself, without a helper.
struct QuotaGate {
    qint64 watch = 0; ///< names it
    bool countsDown = true;
    bool countsUp = true;
    bool apart = false;        ///< each direction has the line for itself (billing max)
    bool internetOnly = false; ///< packets of scope local pass by
    /// Bytes, as the gate counts them, that may pass from `consumed` on (per direction with `apart`, down
    /// first).
    quint64 remaining[2] = {0, 0};
    /// QuotaReading::consumed that `remaining` was worked out from, and the gate's generation; in another
    /// generation `remaining` is from zero.
    quint64 consumed[2] = {0, 0};
    quint64 generation = 0;
    /// Each epoch counts from zero with an object of its own: what the kernel counted of packets that it
    /// dropped past a line cannot be told from what it let through. By direction as `remaining`.
    std::array<quint32, 2> epoch{};
    /// It is over already: what would cross the line is dropped from the first packet on, in both directions.
    bool isOver = false;
    enum class Then : quint8 { Drop, Slow } then = Then::Drop;
    /// With Slow: where packets go that would cross the line. Empty where that is no slower than what holds
    /// the watch already, and for what services receive: they stay where they are.
    std::optional<ClassKey> slowDown;
    std::optional<ClassKey> slowUp;
    /// With Slow, of a service, which has no class for what it receives: what is faster past the line is
    /// dropped. 0 where that is no slower than what holds it already.
    quint64 policedDownBitsPerSecond = 0;
    bool exemptLocal = false; ///< with Drop: these pass all the same, but count
    PortRanges exemptPorts;
    bool operator==(const QuotaGate &) const = default;
};

/// Where packets of one direction go.
struct GovernedPath {
    std::vector<qint64> quotas; ///< QuotaGate::watch, each of them is met in this order
    /// Quotas that only count here, with Then::Slow: packets are held lower already than in the slower class,
    /// and stay where they are.
    std::vector<qint64> countedBy;
    std::optional<ClassKey> shaped;        ///< without it they pass by the shaper
    std::map<int, ClassKey> shapedOnLinks; ///< instead of `shaped`, on these links (by index)
    /// Up only: classes that the service of a packet's socket may have chosen and that go before `shaped`.
    std::vector<ClassKey> yieldsTo;
    bool isEmpty() const { return quotas.empty() && countedBy.empty() && !shaped && shapedOnLinks.empty(); }
    bool operator==(const GovernedPath &) const = default;
};

/// Ports that exactly the same governed watches cover.
struct GovernedPorts {
    quint32 id = 0; ///< never 0; the same watches always have the same
    PortRanges tcp;
    PortRanges udp;
    GovernedPath down;
    GovernedPath up;
    bool operator==(const GovernedPorts &) const = default;
};

/// All IP packets of a link, but for those that a class of ports or of a service took.
struct GovernedLink {
    int index = 0;
    GovernedPath down;
    GovernedPath up;
    bool operator==(const GovernedLink &) const = default;
};

/// All packets of a service's sockets, but over the loopback.
struct GovernedService {
    qint64 watch = 0; ///< of several of one service the one that polices, or the oldest
    QString service;  ///< as serviceName() names it; its cgroups are followed as they come and go
    std::vector<qint64> quotas;
    std::optional<ClassKey> shapedUp;
    quint64 policedDownBitsPerSecond = 0; ///< 0: not limited
    bool operator==(const GovernedService &) const = default;
};

struct GovernPlan {
    std::set<int> links;              ///< where the gate stands: the metered links
    std::vector<ShaperClass> classes; ///< parents before children
    std::vector<QuotaGate> quotas;
    std::vector<GovernedPorts> ports; ///< disjoint
    std::vector<GovernedLink> onLinks;
    std::vector<GovernedService> services;
    bool isEmpty() const { return classes.empty() && quotas.empty() && services.empty(); }
    bool operator==(const GovernPlan &) const = default;
};

/// What a class of the shaper did since it was made; drops and backlog of its own queue.
struct ClassReading {
    ClassKey key;
    quint64 bytes = 0;
    quint64 packets = 0;
    quint64 droppedPackets = 0;
    quint64 backlogBytes = 0;
    bool operator==(const ClassReading &) const = default;
};

/// Bytes as the gate counts them: merged packets as one, without Ethernet headers.
struct QuotaReading {
    qint64 watch = 0;
    std::array<quint32, 2> epoch{};
    quint64 consumed[2] = {0, 0}; ///< down and up with QuotaGate::apart, else all in the first
    quint64 droppedRxBytes = 0;   ///< with Ethernet headers, of merged packets one for all
    quint64 droppedTxBytes = 0;
    bool operator==(const QuotaReading &) const = default;
};

struct PolicedReading {
    qint64 watch = 0;
    quint64 droppedPackets = 0;
    quint64 droppedBytes = 0;
};

struct GovernReading {
    quint64 generation = 0; ///< of the gate: quotas of another generation began at zero
    std::vector<ClassReading> classes;
    std::vector<QuotaReading> quotas;
    std::vector<PolicedReading> policed;
};

/// What this kernel can enforce; a reason, in one English line, for what it cannot.
struct GovernSupport {
    std::optional<QString> noGate;    ///< no rules at all: neither limits nor quotas
    std::optional<QString> noShaper;  ///< no limits; quotas can still block
    std::optional<QString> noService; ///< services cannot be told apart
};

} // namespace weir
