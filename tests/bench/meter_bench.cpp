// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a packet costs: the meter at 1 to 65,535 watches and 1 to 100,000 flows, beside no meter at all, a
// rule per port and nft sets with counters; and how long the counters take to read. One run, in turns, so
// that the ratios hold on a noisy machine.
//
//     weir_meter_bench [PART OF A NAME]    only the variants whose name has it, and no reading

#include "helper/kernel/meter.h"
#include "tests/bench/bpf_programs.h"
#include "tests/bench/packet_blaster.h"
#include "tests/support/netns.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryFile>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

using namespace weir;

namespace {

constexpr quint16 kFirstPort = 1;

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values.at(values.size() / 2);
}

/// `count` watches: each its own port, so each its own atom.
std::vector<Atom> atomsOf(int count)
{
    std::vector<Atom> atoms;
    for (int i = 0; i < count; ++i) {
        const auto port = quint16(kFirstPort + i);
        atoms.push_back({quint32(i + 1), {{port, port}}, {{port, port}}});
    }
    return atoms;
}

class Bench
{
public:
    Bench()
    {
        cpu_set_t first;
        CPU_ZERO(&first);
        CPU_SET(0, &first);
        sched_setaffinity(0, sizeof first, &first);
        test::joinByVeth({m_server, QStringLiteral("s0"), {QStringLiteral("10.9.0.1/8")}},
                         {m_client, QStringLiteral("c0"), {QStringLiteral("10.9.0.2/8")}});
        m_server.enter();
        // What arrives ends here, in every variant alike: no socket, no ICMP error, just the way up to the
        // stack.
        nft("add table inet sink; add chain inet sink in { type filter hook prerouting priority -300; }; "
            "add rule inet sink in udp dport 1-65535 drop");
        m_meter = std::make_unique<Meter>(Meter::Options{m_bpffs.pinDirectory(), Meter::Attach::Automatic});
        bench::withRightsOfTheHelper([this] {
            if (const auto started = m_meter->start(); !started)
                qFatal("cannot start the meter: %s", qPrintable(started.error().message));
        });
    }

    /// By a file: 65,535 elements are more than an argument may hold.
    void nft(const QByteArray &commands)
    {
        QTemporaryFile file;
        if (!file.open() || file.write(commands) != commands.size() || !file.flush())
            qFatal("cannot write nft's commands");
        m_server.command(QStringLiteral("nft"), {QStringLiteral("-f"), file.fileName()});
    }

    void meter(bool on)
    {
        if (on)
            m_meter->setTargets({{int(if_nametoindex("s0")), QStringLiteral("s0"), true}});
        else
            m_meter->setTargets({});
    }

    void emptyProgram(bool on)
    {
        if (on)
            m_empty.emplace(int(if_nametoindex("s0")));
        else
            m_empty.reset();
    }

    void watches(int count)
    {
        if (const auto set = m_meter->setAtoms(atomsOf(count)); !set)
            qFatal("cannot set atoms: %s", qPrintable(set.error().message));
    }

    /// Nanoseconds per packet of the whole path, as it is for everybody, and of the meter alone where it ran:
    /// by the kernel's statistics, which slow the path down and are on for a pass of their own.
    struct Cost {
        double path = 0;
        std::optional<double> meter;
    };

    Cost cost(const bench::Load &load, int packets)
    {
        bench::Load filled = load;
        const QByteArray mac =
            m_server.ip(QStringLiteral("-br link show s0")).simplified().split(' ').value(2);
        const QList<QByteArray> octets = mac.split(':');
        for (int i = 0; i < 6; ++i)
            filled.destinationMac[size_t(i)] = quint8(octets.value(i).toUInt(nullptr, 16));
        inet_pton(AF_INET, "10.9.0.1", &filled.server);
        Cost result;
        m_client.run([&] {
            bench::PacketBlaster blaster(QStringLiteral("c0"), filled);
            blaster.send(std::max(packets / 5, std::min(filled.flows * filled.train, packets)));
            result.path = blaster.send(packets);
            const int statistics = bpf_enable_stats(BPF_STATS_RUN_TIME);
            const bench::RunTime before = bench::ownRunTime();
            blaster.send(packets);
            const bench::RunTime after = bench::ownRunTime();
            close(statistics);
            if (after.runs > before.runs)
                result.meter =
                    double(after.nanoseconds - before.nanoseconds) / double(after.runs - before.runs);
        });
        return result;
    }

    Meter &reader() { return *m_meter; }

private:
    test::PrivateBpffs m_bpffs;
    test::Netns m_server;
    test::Netns m_client;
    std::unique_ptr<Meter> m_meter;
    std::optional<bench::EmptyProgram> m_empty;
};

std::vector<quint16> portsUpTo(int count)
{
    std::vector<quint16> ports;
    for (int i = 0; i < count; ++i)
        ports.push_back(quint16(kFirstPort + i));
    // A fixed shuffle: neither the first rule nor the last is favoured.
    for (size_t i = ports.size(); i > 1; --i)
        std::swap(ports[i - 1], ports[(i * 2654435761u) % i]);
    return ports;
}

QByteArray rulePerPort(int count)
{
    QByteArray commands =
        "add table inet rules; add chain inet rules in { type filter hook prerouting priority -400; };";
    for (int i = 0; i < count; ++i) {
        const QByteArray port = QByteArray::number(kFirstPort + i);
        commands += "add rule inet rules in tcp dport " + port + " counter;add rule inet rules in udp dport "
            + port + " counter;";
    }
    return commands;
}

QByteArray setWithCounters(int count)
{
    QByteArray commands =
        "add table inet rules; add set inet rules ports { type inet_proto . inet_service; counter; };"
        "add chain inet rules in { type filter hook prerouting priority -400; };"
        "add rule inet rules in meta l4proto . th dport @ports;";
    for (int first = 0; first < count; first += 1000) {
        commands += "add element inet rules ports { ";
        for (int i = first; i < std::min(count, first + 1000); ++i)
            commands += "tcp . " + QByteArray::number(kFirstPort + i) + ", udp . "
                + QByteArray::number(kFirstPort + i) + ", ";
        commands += " };";
    }
    return commands;
}

struct Variant {
    QString name;
    int ports;
    int flows;
    int train;
    int packets;
    std::function<void(Bench &)> begin;
    std::function<void(Bench &)> end;
    double budgetNanoseconds = 0; ///< of the meter alone; 0 for none
    std::vector<double> path = {};
    std::vector<double> meter = {};
};

std::vector<Variant> variants()
{
    const auto nothing = [](Bench &) {};
    const auto meterOff = [](Bench &bench) { bench.meter(false); };
    const auto watching = [](int count) {
        return [count](Bench &bench) {
            bench.watches(count);
            bench.meter(true);
        };
    };
    const auto noRules = [](Bench &bench) { bench.nft("delete table inet rules"); };
    const auto rules = [](QByteArray commands) { return [commands](Bench &bench) { bench.nft(commands); }; };
    const int many = 200000;
    return {
        {QStringLiteral("nothing, 1 port"), 1, 1, 1, many, nothing, nothing},
        {QStringLiteral("nothing, 1,000 ports"), 1000, 1, 1, many, nothing, nothing},
        {QStringLiteral("an empty program: what the statistics cost themselves"), 1, 1, 1, many,
         [](Bench &bench) { bench.emptyProgram(true); }, [](Bench &bench) { bench.emptyProgram(false); }},
        {QStringLiteral("meter, 1 watch, 1 flow"), 1, 1, 1, many, watching(1), meterOff, 250},
        {QStringLiteral("meter, 1,000 watches, 1 flow"), 1, 1, 1, many, watching(1000), meterOff, 250},
        {QStringLiteral("meter, 65,535 watches, 1 flow"), 1, 1, 1, many, watching(65535), meterOff, 250},
        {QStringLiteral("meter, 1,000 watches, 1,000 ports in turn"), 1000, 1, 1, many, watching(1000),
         meterOff},
        {QStringLiteral("meter, 1 watch, 100,000 flows, trains of 16"), 1, 100000, 16, 1600000, watching(1),
         meterOff, 300},
        {QStringLiteral("meter, 65,535 watches, 100,000 flows, trains of 16"), 1, 100000, 16, 1600000,
         watching(65535), meterOff, 300},
        {QStringLiteral("meter, 65,535 watches, 100,000 flows, one packet each"), 1, 100000, 1, many,
         watching(65535), meterOff, 500},
        {QStringLiteral("nft rule per port, 100 ports"), 100, 1, 1, 50000, rules(rulePerPort(100)), noRules},
        {QStringLiteral("nft rule per port, 1,000 ports"), 1000, 1, 1, 10000, rules(rulePerPort(1000)),
         noRules},
        {QStringLiteral("nft set with counters, 1,000 ports"), 1000, 1, 1, many, rules(setWithCounters(1000)),
         noRules},
        {QStringLiteral("nft set with counters, 65,535 ports"), 1000, 1, 1, many,
         rules(setWithCounters(65535)), noRules},
    };
}

double milliseconds(const std::function<void()> &work)
{
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

QJsonArray readTimes(Bench &bench)
{
    bench.watches(65535);
    bench.meter(true);
    bench.cost({{}, 0, {kFirstPort}, 100000, 1}, 300000);
    std::vector<double> atoms, flows;
    size_t flowCount = 0;
    for (int round = 0; round < 7; ++round) {
        atoms.push_back(milliseconds([&] { (void)bench.reader().sample(); }));
        flows.push_back(milliseconds([&] { flowCount = bench.reader().flows()->flows.size(); }));
    }
    bench.meter(false);
    return {QJsonObject{{QStringLiteral("what"), QStringLiteral("read 65,535 atoms")},
                        {QStringLiteral("ms"), median(atoms)},
                        {QStringLiteral("budget_ms"), 50}},
            QJsonObject{{QStringLiteral("what"), QStringLiteral("read the flow table")},
                        {QStringLiteral("flows"), qint64(flowCount)},
                        {QStringLiteral("ms"), median(flows)},
                        {QStringLiteral("budget_ms"), 100}}};
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const int rounds = qEnvironmentVariableIntValue("WEIR_BENCH_ROUNDS")
        ? qEnvironmentVariableIntValue("WEIR_BENCH_ROUNDS")
        : 5;
    Bench bench;
    // The table grows to need; let it, before anything is measured.
    bench.watches(1);
    bench.meter(true);
    for (int pass = 0; pass < 8; ++pass) {
        bench.cost({{}, 0, {kFirstPort}, 100000, 1}, 200000);
        (void)bench.reader().flows();
    }
    bench.meter(false);

    std::vector<Variant> all = variants();
    const QString only = application.arguments().value(1);
    std::erase_if(all, [&](const Variant &variant) {
        return !variant.name.startsWith(QLatin1String("nothing")) && !variant.name.contains(only);
    });
    for (int round = 0; round < rounds; ++round) {
        for (Variant &variant : all) {
            variant.begin(bench);
            const Bench::Cost cost =
                bench.cost({{}, 0, portsUpTo(variant.ports), variant.flows, variant.train}, variant.packets);
            variant.end(bench);
            variant.path.push_back(cost.path);
            if (cost.meter)
                variant.meter.push_back(*cost.meter);
        }
    }
    QJsonArray rows;
    for (const Variant &variant : all) {
        const double base = median(all.at(variant.ports == 1 ? 0 : 1).path);
        QJsonObject row{{QStringLiteral("what"), variant.name},
                        {QStringLiteral("path_ns"), median(variant.path)},
                        {QStringLiteral("added_ns"), median(variant.path) - base}};
        if (!variant.meter.empty())
            row[QStringLiteral("meter_ns")] = median(variant.meter);
        if (variant.budgetNanoseconds > 0)
            row[QStringLiteral("budget_ns")] = variant.budgetNanoseconds;
        rows.append(row);
    }
    QJsonObject result{{QStringLiteral("meter"), rows}};
    if (only.isEmpty())
        result[QStringLiteral("reads")] = readTimes(bench);
    std::puts(QJsonDocument(result).toJson(QJsonDocument::Compact).constData());
    return 0;
}
