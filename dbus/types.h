// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusArgument>
#include <QList>
#include <QMetaType>
#include <QString>
#include <QStringList>
#include <QVariantMap>

#include <tuple>

/// Rows as they travel on the bus.
///
/// Each row lists its members once, with the name that JSON and scripts use; the order is the order on
/// the wire. Bytes are wire bytes: whole frames without FCS, merged packets counted as their segments.
namespace weir::dbus {

template <typename Row, typename Value>
struct Member {
    const char *name;
    Value Row::*pointer;
};
template <typename Row, typename Value>
Member(const char *, Value Row::*) -> Member<Row, Value>; // clang deduces aggregates by themselves from 17 on

/// A row that most rows do not have: it takes no room on the wire while it is as it was made.
template <typename Row>
struct Sparse : Row {
    Sparse() = default;
    Sparse(Row row) : Row(std::move(row)) { }
    bool isEmpty() const { return static_cast<const Row &>(*this) == Row(); }
};

/// What crossed the wire since counting began: received and sent.
struct Traffic {
    qulonglong rxBytes = 0;
    qulonglong txBytes = 0;
    qulonglong rxPackets = 0;
    qulonglong txPackets = 0;

    bool operator==(const Traffic &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"rx_bytes", &Traffic::rxBytes}, Member{"tx_bytes", &Traffic::txBytes},
                          Member{"rx_packets", &Traffic::rxPackets},
                          Member{"tx_packets", &Traffic::txPackets}};
    }
};

/// Bytes per second now. Not known until two samples were taken, and after a counter restarted.
struct Rate {
    bool known = false;
    double rxBytesPerSecond = 0;
    double txBytesPerSecond = 0;

    bool operator==(const Rate &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"known", &Rate::known}, Member{"rx_bytes_per_s", &Rate::rxBytesPerSecond},
                          Member{"tx_bytes_per_s", &Rate::txBytesPerSecond}};
    }
};

/// A network interface.
struct LinkRow {
    QString name;
    uint index = 0;
    QString kind;  ///< "ethernet", "wifi", "ppp", "tun", "wireguard", "bridge", "bond", "vlan", "veth",
                   ///< "loopback", "other"
    QString state; ///< "up", "down"
    bool metered = false;
    QString reason;                    ///< why it is not metered, English; empty when it is
    qulonglong speedBitsPerSecond = 0; ///< 0 when the link does not tell
    QStringList addresses;             ///< "192.0.2.1/24", "2001:db8::1/64"
    qlonglong since = 0;               ///< UTC seconds: when the totals began
    Traffic total;                     ///< internet + local + other + unmetered
    Traffic internet;
    Traffic local;
    Traffic other;     ///< not IP
    Traffic unmetered; ///< passed while no meter was there, from the link's own counters
    Rate rate;

    bool operator==(const LinkRow &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"name", &LinkRow::name},
                          Member{"index", &LinkRow::index},
                          Member{"kind", &LinkRow::kind},
                          Member{"state", &LinkRow::state},
                          Member{"metered", &LinkRow::metered},
                          Member{"reason", &LinkRow::reason},
                          Member{"speed_bits_per_s", &LinkRow::speedBitsPerSecond},
                          Member{"addresses", &LinkRow::addresses},
                          Member{"since_s", &LinkRow::since},
                          Member{"total", &LinkRow::total},
                          Member{"internet", &LinkRow::internet},
                          Member{"local", &LinkRow::local},
                          Member{"other", &LinkRow::other},
                          Member{"unmetered", &LinkRow::unmetered},
                          Member{"rate", &LinkRow::rate}};
    }
};

/// A watch's own limit, and the rate in force. Rates are wire bits per second, 0 where there is none.
struct LimitState {
    bool set = false;
    bool enabled = false;
    qulonglong downBitsPerSecond = 0; ///< as it was set
    qulonglong upBitsPerSecond = 0;
    QString when;                            ///< schedule; empty: always
    qulonglong downInForceBitsPerSecond = 0; ///< the lowest of all that apply now
    qulonglong upInForceBitsPerSecond = 0;
    QString downReason; ///< "limit", "quota", "burst"; empty where no rate is in force
    QString upReason;
    QString problem; ///< why it is not in force as it was set, English; empty when it is

    bool operator==(const LimitState &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"set", &LimitState::set},
                          Member{"enabled", &LimitState::enabled},
                          Member{"down_bits_per_s", &LimitState::downBitsPerSecond},
                          Member{"up_bits_per_s", &LimitState::upBitsPerSecond},
                          Member{"when", &LimitState::when},
                          Member{"down_in_force_bits_per_s", &LimitState::downInForceBitsPerSecond},
                          Member{"up_in_force_bits_per_s", &LimitState::upInForceBitsPerSecond},
                          Member{"down_reason", &LimitState::downReason},
                          Member{"up_reason", &LimitState::upReason},
                          Member{"problem", &LimitState::problem}};
    }
};

/// A watch's quota and how much of it is used.
struct QuotaState {
    bool set = false;
    bool enabled = false;
    qulonglong sizeBytes = 0;
    QString resetDay;                     ///< "1" to "31", "last"
    QString billing;                      ///< "in", "out", "sum", "max"
    QString factor;                       ///< what a byte counts: "1", "1.5"
    QString scope;                        ///< "all", "internet"
    QString alerts;                       ///< percents: "30,50,80,100"
    QString overflow;                     ///< "notify", "throttle", "block"
    qulonglong throttleBitsPerSecond = 0; ///< with overflow "throttle"
    QString exempt;                       ///< with overflow "block": "local,22"
    qlonglong periodStart = 0;            ///< UTC seconds
    qlonglong periodEnd = 0;
    bool begunByHand = false;
    bool calibrated = false; ///< used_bytes was corrected in this period
    qulonglong usedBytes = 0;
    qulonglong remainingBytes = 0;
    qulonglong projectedBytes =
        0; ///< at the period's end, if it goes on so, to three digits; 0 while not known
    qulonglong droppedRxBytes = 0; ///< by the quota in this period; received ones are in used_bytes too
    qulonglong droppedTxBytes = 0;
    QString state; ///< "off", "counting", "over" (nothing else happens), "throttled", "blocked"

    bool operator==(const QuotaState &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"set", &QuotaState::set},
                          Member{"enabled", &QuotaState::enabled},
                          Member{"size_bytes", &QuotaState::sizeBytes},
                          Member{"reset_day", &QuotaState::resetDay},
                          Member{"billing", &QuotaState::billing},
                          Member{"factor", &QuotaState::factor},
                          Member{"scope", &QuotaState::scope},
                          Member{"alerts", &QuotaState::alerts},
                          Member{"overflow", &QuotaState::overflow},
                          Member{"throttle_bits_per_s", &QuotaState::throttleBitsPerSecond},
                          Member{"exempt", &QuotaState::exempt},
                          Member{"period_start_s", &QuotaState::periodStart},
                          Member{"period_end_s", &QuotaState::periodEnd},
                          Member{"begun_by_hand", &QuotaState::begunByHand},
                          Member{"calibrated", &QuotaState::calibrated},
                          Member{"used_bytes", &QuotaState::usedBytes},
                          Member{"remaining_bytes", &QuotaState::remainingBytes},
                          Member{"projected_bytes", &QuotaState::projectedBytes},
                          Member{"dropped_rx_bytes", &QuotaState::droppedRxBytes},
                          Member{"dropped_tx_bytes", &QuotaState::droppedTxBytes},
                          Member{"state", &QuotaState::state}};
    }
};

/// A watch's burst guard.
struct BurstState {
    bool set = false;
    bool enabled = false;
    qulonglong triggerBitsPerSecond = 0;
    QString direction; ///< "sum", "down", "up"
    uint windowS = 0;
    qulonglong throttleBitsPerSecond = 0;
    uint holdS = 0;
    QString state;                       ///< "off", "armed", "throttled"
    qulonglong averageBitsPerSecond = 0; ///< over the window that ends now
    qlonglong throttledSince = 0;        ///< UTC seconds; 0 unless throttled
    qlonglong throttledUntil = 0;

    bool operator==(const BurstState &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"set", &BurstState::set},
                          Member{"enabled", &BurstState::enabled},
                          Member{"trigger_bits_per_s", &BurstState::triggerBitsPerSecond},
                          Member{"direction", &BurstState::direction},
                          Member{"window_s", &BurstState::windowS},
                          Member{"throttle_bits_per_s", &BurstState::throttleBitsPerSecond},
                          Member{"hold_s", &BurstState::holdS},
                          Member{"state", &BurstState::state},
                          Member{"average_bits_per_s", &BurstState::averageBitsPerSecond},
                          Member{"throttled_since_s", &BurstState::throttledSince},
                          Member{"throttled_until_s", &BurstState::throttledUntil}};
    }
};

/// A watch with its configuration, totals and state of now.
struct WatchRow {
    QString name;
    uint revision = 0; ///< grows with each edit of this watch
    QString kind;      ///< "ports", "link", "service"
    QString ports;     ///< "8000,9000-9100"; empty unless kind is "ports"
    QString protocol;  ///< "tcp", "udp", "both"; empty unless kind is "ports"
    QString link;      ///< interface name; empty unless kind is "link"
    QString service;   ///< name of the service; empty unless kind is "service"
    QString note;
    bool enabled = true; ///< false while paused: nothing is counted
    qlonglong since = 0; ///< UTC seconds: when the watch was created
    Traffic total;       ///< internet + local (+ other, for a link)
    Traffic internet;
    Traffic local;
    Rate rate;
    uint connections = 0; ///< active flows now
    QString owner;        ///< unit or program that listens on the ports; empty when nobody or not known
    QString ownerState;
    Sparse<LimitState> limit;
    Sparse<QuotaState> quota;
    Sparse<BurstState> burst;

    bool operator==(const WatchRow &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"name", &WatchRow::name},
                          Member{"revision", &WatchRow::revision},
                          Member{"kind", &WatchRow::kind},
                          Member{"ports", &WatchRow::ports},
                          Member{"protocol", &WatchRow::protocol},
                          Member{"link", &WatchRow::link},
                          Member{"service", &WatchRow::service},
                          Member{"note", &WatchRow::note},
                          Member{"enabled", &WatchRow::enabled},
                          Member{"since_s", &WatchRow::since},
                          Member{"total", &WatchRow::total},
                          Member{"internet", &WatchRow::internet},
                          Member{"local", &WatchRow::local},
                          Member{"rate", &WatchRow::rate},
                          Member{"connections", &WatchRow::connections},
                          Member{"owner", &WatchRow::owner},
                          Member{"owner_state", &WatchRow::ownerState},
                          Member{"limit", &WatchRow::limit},
                          Member{"quota", &WatchRow::quota},
                          Member{"burst", &WatchRow::burst}};
    }
};

/// A service and what its sockets moved.
struct ServiceRow {
    QString name;        ///< "nginx.service", "user-1000/firefox", "docker-0123456789ab"
    QString kind;        ///< "unit", "application", "session", "container", "machine", "other"
    uint cgroups = 0;    ///< that are there now and have moved something
    qlonglong since = 0; ///< UTC seconds: when it was first seen
    Traffic total;       ///< internet + local
    Traffic internet;
    Traffic local;
    Traffic loopback; ///< within this machine; not in total
    Rate rate;        ///< of total

    bool operator==(const ServiceRow &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"name", &ServiceRow::name},       Member{"kind", &ServiceRow::kind},
                          Member{"cgroups", &ServiceRow::cgroups}, Member{"since_s", &ServiceRow::since},
                          Member{"total", &ServiceRow::total},     Member{"internet", &ServiceRow::internet},
                          Member{"local", &ServiceRow::local},     Member{"loopback", &ServiceRow::loopback},
                          Member{"rate", &ServiceRow::rate}};
    }
};

/// One conversation, seen from this machine.
struct FlowRow {
    qulonglong id = 0; ///< the same for the life of the flow
    QString protocol;  ///< "tcp", "udp", "icmp", "icmpv6", "sctp", … or the number
    QString link;
    QString localAddress;
    uint localPort = 0; ///< 0 where the protocol has no ports
    QString remoteAddress;
    uint remotePort = 0;
    QString state; ///< TCP: "opening", "established", "closing", "closed"; others: "active", "idle"
    QString scope; ///< "internet", "local"
    Traffic total;
    Rate rate;
    qlonglong firstMs = 0; ///< UTC milliseconds: first and last packet
    qlonglong lastMs = 0;
    QStringList watches; ///< names of the watches that count it, sorted; 16 of them when there are more

    bool operator==(const FlowRow &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"id", &FlowRow::id},
                          Member{"protocol", &FlowRow::protocol},
                          Member{"link", &FlowRow::link},
                          Member{"local_address", &FlowRow::localAddress},
                          Member{"local_port", &FlowRow::localPort},
                          Member{"remote_address", &FlowRow::remoteAddress},
                          Member{"remote_port", &FlowRow::remotePort},
                          Member{"state", &FlowRow::state},
                          Member{"scope", &FlowRow::scope},
                          Member{"total", &FlowRow::total},
                          Member{"rate", &FlowRow::rate},
                          Member{"first_ms", &FlowRow::firstMs},
                          Member{"last_ms", &FlowRow::lastMs},
                          Member{"watches", &FlowRow::watches}};
    }
};

/// Something that is wrong or missing, with what it costs and how to mend it.
struct ProblemRow {
    QString id;          ///< stable, for scripts: "meter-not-permitted"
    QString severity;    ///< "error", "warning", "info"
    QString subject;     ///< link, file or part that it is about; may be empty
    QString text;        ///< what is wrong and what it costs, English
    QString remedy;      ///< what to do, English
    qlonglong since = 0; ///< UTC seconds

    bool operator==(const ProblemRow &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"id", &ProblemRow::id},           Member{"severity", &ProblemRow::severity},
                          Member{"subject", &ProblemRow::subject}, Member{"text", &ProblemRow::text},
                          Member{"remedy", &ProblemRow::remedy},   Member{"since_s", &ProblemRow::since}};
    }
};

/// A watch to be made: its name and the fields of Watches.AddWatch.
struct NewWatch {
    QString name;
    QVariantMap fields;

    static constexpr auto members()
    {
        return std::tuple{Member{"name", &NewWatch::name}, Member{"fields", &NewWatch::fields}};
    }
};

/// Whose history is kept.
struct SeriesRow {
    QString series; ///< to ask with: "link:eth0", "watch:web", "watch:#12" (removed), "service:nginx.service"
    QString kind;   ///< "link", "watch", "service"
    QString name;
    qlonglong since = 0;   ///< UTC seconds: when counting began
    qlonglong removed = 0; ///< UTC seconds; 0 while it is there
    qlonglong first = 0;   ///< UTC seconds: first and last stored minute or day; 0 when nothing is stored
    qlonglong last = 0;
    Traffic total; ///< internet + local + rest
    Traffic internet;
    Traffic local;
    Traffic rest; ///< links: not IP, or without a meter; services: over the loopback

    bool operator==(const SeriesRow &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"series", &SeriesRow::series},     Member{"kind", &SeriesRow::kind},
                          Member{"name", &SeriesRow::name},         Member{"since_s", &SeriesRow::since},
                          Member{"removed_s", &SeriesRow::removed}, Member{"first_s", &SeriesRow::first},
                          Member{"last_s", &SeriesRow::last},       Member{"total", &SeriesRow::total},
                          Member{"internet", &SeriesRow::internet}, Member{"local", &SeriesRow::local},
                          Member{"rest", &SeriesRow::rest}};
    }
};

/// Traffic of one series in one step of time.
struct HistoryRow {
    qlonglong start = 0; ///< UTC seconds
    qlonglong end = 0;
    Traffic total; ///< internet + local + rest
    Traffic internet;
    Traffic local;
    Traffic rest;
    bool away = false; ///< in a part of it no helper counted by the second

    bool operator==(const HistoryRow &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"start_s", &HistoryRow::start}, Member{"end_s", &HistoryRow::end},
                          Member{"total", &HistoryRow::total},   Member{"internet", &HistoryRow::internet},
                          Member{"local", &HistoryRow::local},   Member{"rest", &HistoryRow::rest},
                          Member{"away", &HistoryRow::away}};
    }
};

/// What passed this day, month and year.
struct SumRow {
    QString series;
    Traffic today;
    Traffic month;
    Traffic year;
    Traffic todayInternet;
    Traffic monthInternet;
    Traffic yearInternet;

    bool operator==(const SumRow &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"series", &SumRow::series},
                          Member{"today", &SumRow::today},
                          Member{"month", &SumRow::month},
                          Member{"year", &SumRow::year},
                          Member{"today_internet", &SumRow::todayInternet},
                          Member{"month_internet", &SumRow::monthInternet},
                          Member{"year_internet", &SumRow::yearInternet}};
    }
};

/// A remote address and its share of a series.
struct RemoteRow {
    QString address; ///< empty: all others
    qulonglong rxBytes = 0;
    qulonglong txBytes = 0;

    bool operator==(const RemoteRow &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"address", &RemoteRow::address}, Member{"rx_bytes", &RemoteRow::rxBytes},
                          Member{"tx_bytes", &RemoteRow::txBytes}};
    }
};

/// A series and what it used in a span.
struct RankingRow {
    QString series;
    QString name;
    Traffic total;
    Traffic internet;

    bool operator==(const RankingRow &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"series", &RankingRow::series}, Member{"name", &RankingRow::name},
                          Member{"total", &RankingRow::total}, Member{"internet", &RankingRow::internet}};
    }
};

/// What the shaper or the policer does to one direction of a watch.
struct LimitRow {
    QString name;
    QString direction;            ///< "down", "up"
    qulonglong bitsPerSecond = 0; ///< in force
    QString reason;               ///< "limit", "quota", "burst"
    qulonglong bytes = 0;         ///< sent on since this class was made; 0 where packets are policed
    qulonglong packets = 0;
    qulonglong droppedPackets = 0;
    qulonglong backlogBytes = 0; ///< waiting now
    double delayMs = 0;          ///< how long the last of them waits

    bool operator==(const LimitRow &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"name", &LimitRow::name},
                          Member{"direction", &LimitRow::direction},
                          Member{"bits_per_s", &LimitRow::bitsPerSecond},
                          Member{"reason", &LimitRow::reason},
                          Member{"bytes", &LimitRow::bytes},
                          Member{"packets", &LimitRow::packets},
                          Member{"dropped_packets", &LimitRow::droppedPackets},
                          Member{"backlog_bytes", &LimitRow::backlogBytes},
                          Member{"delay_ms", &LimitRow::delayMs}};
    }
};

/// A time at which a burst guard would have throttled.
struct TriggerRow {
    qlonglong start = 0; ///< UTC seconds
    qlonglong end = 0;
    qulonglong averageBitsPerSecond = 0; ///< that triggered it

    bool operator==(const TriggerRow &) const = default;
    static constexpr auto members()
    {
        return std::tuple{Member{"start_s", &TriggerRow::start}, Member{"end_s", &TriggerRow::end},
                          Member{"average_bits_per_s", &TriggerRow::averageBitsPerSecond}};
    }
};

template <typename Row>
concept WireRow = requires
{
    Row::members();
};

template <WireRow Row>
QDBusArgument &operator<<(QDBusArgument &argument, const Row &row)
{
    argument.beginStructure();
    std::apply([&](const auto &...member) { ((argument << row.*member.pointer), ...); }, Row::members());
    argument.endStructure();
    return argument;
}

template <WireRow Row>
const QDBusArgument &operator>>(const QDBusArgument &argument, Row &row)
{
    argument.beginStructure();
    std::apply([&](const auto &...member) { ((argument >> row.*member.pointer), ...); }, Row::members());
    argument.endStructure();
    return argument;
}

/// As an array of one row, or of none.
template <WireRow Row>
QDBusArgument &operator<<(QDBusArgument &argument, const Sparse<Row> &row)
{
    argument.beginArray(QMetaType::fromType<Row>());
    if (!row.isEmpty())
        argument << static_cast<const Row &>(row);
    argument.endArray();
    return argument;
}

template <WireRow Row>
const QDBusArgument &operator>>(const QDBusArgument &argument, Sparse<Row> &row)
{
    row = {};
    argument.beginArray();
    while (!argument.atEnd())
        argument >> static_cast<Row &>(row);
    argument.endArray();
    return argument;
}

using LinkRows = QList<LinkRow>;
using WatchRows = QList<WatchRow>;
using ServiceRows = QList<ServiceRow>;
using FlowRows = QList<FlowRow>;
using ProblemRows = QList<ProblemRow>;
using NewWatches = QList<NewWatch>;
using SeriesRows = QList<SeriesRow>;
using HistoryRows = QList<HistoryRow>;
using SumRows = QList<SumRow>;
using RemoteRows = QList<RemoteRow>;
using RankingRows = QList<RankingRow>;
using LimitRows = QList<LimitRow>;
using TriggerRows = QList<TriggerRow>;
using FlowIds = QList<qulonglong>;
using Samples = QList<double>;

/// Makes the rows known to QtDBus. Call once in each process before the first call.
void registerTypes();

} // namespace weir::dbus

Q_DECLARE_METATYPE(weir::dbus::Traffic)
Q_DECLARE_METATYPE(weir::dbus::Rate)
Q_DECLARE_METATYPE(weir::dbus::LinkRow)
Q_DECLARE_METATYPE(weir::dbus::WatchRow)
Q_DECLARE_METATYPE(weir::dbus::FlowRow)
Q_DECLARE_METATYPE(weir::dbus::ProblemRow)
Q_DECLARE_METATYPE(weir::dbus::NewWatch)
Q_DECLARE_METATYPE(weir::dbus::SeriesRow)
Q_DECLARE_METATYPE(weir::dbus::HistoryRow)
Q_DECLARE_METATYPE(weir::dbus::SumRow)
Q_DECLARE_METATYPE(weir::dbus::RemoteRow)
Q_DECLARE_METATYPE(weir::dbus::RankingRow)
Q_DECLARE_METATYPE(weir::dbus::Sparse<weir::dbus::LimitState>)
Q_DECLARE_METATYPE(weir::dbus::Sparse<weir::dbus::QuotaState>)
Q_DECLARE_METATYPE(weir::dbus::Sparse<weir::dbus::BurstState>)
Q_DECLARE_METATYPE(weir::dbus::LimitState)
Q_DECLARE_METATYPE(weir::dbus::QuotaState)
Q_DECLARE_METATYPE(weir::dbus::BurstState)
Q_DECLARE_METATYPE(weir::dbus::LimitRow)
Q_DECLARE_METATYPE(weir::dbus::TriggerRow)
