// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/atoms.h"

#include <QTest>

#include <algorithm>
#include <ctime>
#include <limits>
#include <random>
#include <set>

namespace weir {

namespace {

Atom only(const ReadingPlan &plan, quint16 tcpPort)
{
    for (const Atom &atom : plan.atoms())
        if (contains(atom.tcp, tcpPort))
            return atom;
    return {};
}

ScopedTraffic bytes(quint64 rx, quint64 tx = 0)
{
    return {{rx, tx, rx ? 1u : 0u, tx ? 1u : 0u}, {}};
}

std::vector<PortWatch> singlePortsAndWideRanges()
{
    std::vector<PortWatch> watches;
    for (int port = 1; port <= 65535; ++port)
        watches.push_back({port, {{quint16(port), quint16(port)}}, Protocols::Both});
    watches[0].ports = {{1, 65535}};
    watches[1].ports = {{1000, 40000}};
    watches[2].ports = {{30000, 65535}};
    return watches;
}

} // namespace

class AtomsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theExampleOfTheDesignHasFourAtoms();
    void anAtomHasTcpAndUdpPortsOfTheSameWatches();
    void idsAreTheSameAfterARestartAndNeverZero();
    void idsOfATakenHashDifferAndDoNotDependOnOrder();
    void atomsOfRandomWatchesMatchALookAtEachPort();
    void sumsMatchALookAtEachPort();
    void aPacketOfTwoAtomsIsSubtractedWhereAWatchHoldsBoth();
    void aPacketReceivedAndSentUnderOneAtomIsCountedOnce();
    void theIndexFindsTheWatchesOfAPort();
    void manyNestedRangesNeedNoMemoryForEachPair();
    void costGrowsWithTheNumberOfWatchesNotWithItsSquare();
};

void AtomsTest::theExampleOfTheDesignHasFourAtoms()
{
    const ReadingPlan plan({{1, {{8000, 8099}}, Protocols::Both},
                            {2, {{8080, 8080}}, Protocols::Both},
                            {3, {{8090, 8200}}, Protocols::Tcp}});
    QCOMPARE(plan.atoms().size(), size_t(4));
    QCOMPARE(only(plan, 8080).tcp, PortRanges({{8080, 8080}}));
    QCOMPARE(only(plan, 8080).udp, PortRanges({{8080, 8080}}));
    QCOMPARE(only(plan, 8095).tcp, PortRanges({{8090, 8099}}));
    QCOMPARE(only(plan, 8095).udp, PortRanges());
    QCOMPARE(only(plan, 8000).tcp, PortRanges({{8000, 8079}, {8081, 8089}}));
    QCOMPARE(only(plan, 8000).udp, PortRanges({{8000, 8079}, {8081, 8099}}));
    QCOMPARE(only(plan, 8150).tcp, PortRanges({{8100, 8200}}));
}

void AtomsTest::anAtomHasTcpAndUdpPortsOfTheSameWatches()
{
    const ReadingPlan plan({{1, {{1, 65535}}, Protocols::Both}});
    QCOMPARE(plan.atoms().size(), size_t(1));
    QCOMPARE(plan.atoms()[0].tcp, PortRanges({{1, 65535}}));
    QCOMPARE(plan.atoms()[0].udp, PortRanges({{1, 65535}}));
    QVERIFY(ReadingPlan().atoms().empty());
    QVERIFY(ReadingPlan().sum({}).empty());
}

void AtomsTest::idsAreTheSameAfterARestartAndNeverZero()
{
    const PortWatch a{1, {{80, 90}}, Protocols::Both};
    const PortWatch b{2, {{85, 85}}, Protocols::Both};
    const ReadingPlan before({a, b});
    const ReadingPlan after({b, a});
    QCOMPARE(before.atoms(), after.atoms());
    // the same watches over other ports: the same id
    const ReadingPlan elsewhere({{1, {{180, 190}}, Protocols::Both}, {2, {{185, 185}}, Protocols::Both}});
    QCOMPARE(only(elsewhere, 185).id, only(before, 85).id);
    QCOMPARE(only(elsewhere, 180).id, only(before, 80).id);
    for (const Atom &atom : before.atoms())
        QVERIFY(atom.id != 0);
}

void AtomsTest::idsOfATakenHashDifferAndDoNotDependOnOrder()
{
    // among 65,535 hashes of 32 bits some are alike in every other plan
    auto watches = singlePortsAndWideRanges();
    const ReadingPlan plan(watches);
    std::set<quint32> ids;
    for (const Atom &atom : plan.atoms())
        ids.insert(atom.id);
    QCOMPARE(ids.size(), plan.atoms().size());
    QVERIFY(!ids.contains(0));
    QVERIFY(std::ranges::is_sorted(plan.atoms(), {}, &Atom::id));
    std::ranges::reverse(watches);
    QVERIFY(ReadingPlan(watches).atoms() == plan.atoms());
}

namespace {

struct Random {
    std::mt19937 engine;
    int pick(int from, int to) { return std::uniform_int_distribution(from, to)(engine); }

    std::vector<PortWatch> watches(int count)
    {
        std::vector<PortWatch> made;
        for (int i = 0; i < count; ++i) {
            PortRanges ranges;
            for (int n = pick(1, 4); n > 0; --n) {
                const int first = pick(1, 300);
                ranges.push_back({quint16(first), quint16(pick(first, 300))});
            }
            made.push_back({i + 1, normalized(ranges), Protocols(pick(1, 3))});
        }
        return made;
    }
};

std::set<qint64> covering(const std::vector<PortWatch> &watches, Transport transport, quint16 port)
{
    std::set<qint64> ids;
    for (const PortWatch &watch : watches)
        if (includes(watch.protocols, transport) && contains(watch.ports, port))
            ids.insert(watch.id);
    return ids;
}

} // namespace

void AtomsTest::atomsOfRandomWatchesMatchALookAtEachPort()
{
    Random random{std::mt19937(1)};
    for (int round = 0; round < 20; ++round) {
        const auto watches = random.watches(random.pick(1, 12));
        const ReadingPlan plan(watches);
        std::map<std::set<qint64>, quint32> atomOf;
        size_t covered = 0;
        for (const Transport transport : {Transport::Tcp, Transport::Udp}) {
            for (quint16 port = 1; port <= 310; ++port) {
                const auto ids = covering(watches, transport, port);
                quint32 found = 0;
                for (const Atom &atom : plan.atoms())
                    if (contains(transport == Transport::Tcp ? atom.tcp : atom.udp, port)) {
                        QCOMPARE(found, 0u);
                        found = atom.id;
                    }
                QCOMPARE(found == 0, ids.empty());
                if (ids.empty())
                    continue;
                ++covered;
                const auto [known, fresh] = atomOf.emplace(ids, found);
                QCOMPARE(known->second, found);
            }
        }
        QCOMPARE(plan.atoms().size(), atomOf.size());
        QVERIFY(covered > 0);
    }
}

void AtomsTest::sumsMatchALookAtEachPort()
{
    Random random{std::mt19937(2)};
    for (int round = 0; round < 20; ++round) {
        const auto watches = random.watches(random.pick(1, 12));
        const ReadingPlan plan(watches);
        std::vector<ScopedTraffic> expected(watches.size());
        MeterSample sample;
        std::vector<quint32> counts(kPortPositions);
        std::vector<quint32> expectedCounts(watches.size());
        for (int i = 0; i < 100; ++i) {
            const Transport transport = random.pick(0, 1) ? Transport::Tcp : Transport::Udp;
            const auto port = quint16(random.pick(1, 300));
            const ScopedTraffic traffic = bytes(quint64(random.pick(0, 1000)), quint64(random.pick(0, 1000)));
            ++counts[portPosition(transport, port)];
            for (const Atom &atom : plan.atoms())
                if (contains(transport == Transport::Tcp ? atom.tcp : atom.udp, port))
                    sample.atoms[atom.id] += traffic;
            for (size_t w = 0; w < watches.size(); ++w)
                if (includes(watches[w].protocols, transport) && contains(watches[w].ports, port)) {
                    expected[w] += traffic;
                    ++expectedCounts[w];
                }
        }
        QVERIFY(plan.sum(sample) == expected);
        QVERIFY(plan.sumPositions(counts) == expectedCounts);
    }
}

void AtomsTest::aPacketOfTwoAtomsIsSubtractedWhereAWatchHoldsBoth()
{
    // received under 443, sent on under 50000
    const ReadingPlan plan({{1, {{443, 443}}, Protocols::Both},
                            {2, {{50000, 50000}}, Protocols::Both},
                            {3, {{443, 443}, {50000, 50000}}, Protocols::Both},
                            {4, {{1, 65535}}, Protocols::Udp}});
    MeterSample sample;
    const quint32 server = only(plan, 443).id;
    const quint32 client = only(plan, 50000).id;
    sample.atoms[server] = bytes(700, 40);
    sample.atoms[client] = bytes(0, 700);
    sample.overlaps.push_back({server, client, bytes(0, 700)});
    sample.overlaps.push_back({server, 12345, bytes(0, 5)}); // of an atom that is no more
    const auto sums = plan.sum(sample);
    QCOMPARE(sums[0], bytes(700, 40));
    QCOMPARE(sums[1], bytes(0, 700));
    QCOMPARE(sums[2].internet, Traffic({700, 40, 1, 1}));
    QCOMPARE(sums[3], bytes(0));
}

void AtomsTest::aPacketReceivedAndSentUnderOneAtomIsCountedOnce()
{
    const ReadingPlan plan({{1, {{1, 65535}}, Protocols::Both}});
    MeterSample sample;
    const quint32 all = plan.atoms()[0].id;
    sample.atoms[all] = {{1000, 1300, 10, 13}, {}};
    sample.overlaps.push_back({all, all, {{0, 1000, 0, 10}, {}}});
    QCOMPARE(plan.sum(sample)[0].internet, Traffic({1000, 300, 10, 3}));
}

void AtomsTest::theIndexFindsTheWatchesOfAPort()
{
    Random random{std::mt19937(3)};
    const auto watches = random.watches(40);
    const PortIndex index(watches);
    for (const Transport transport : {Transport::Tcp, Transport::Udp}) {
        for (const quint16 port : {1, 2, 150, 299, 300, 301, 65535}) {
            std::set<qint64> found;
            bool twice = false;
            index.each(portPosition(transport, port), [&](quint32 watch) {
                twice |= !found.insert(watches[watch].id).second;
                return true;
            });
            QVERIFY(!twice);
            QCOMPARE(found, covering(watches, transport, port));
        }
    }
}

void AtomsTest::manyNestedRangesNeedNoMemoryForEachPair()
{
    // 30,000 ranges, each inside the one before: a list of watches for each atom would have 900 million
    // entries
    std::vector<PortWatch> watches;
    for (int i = 1; i <= 30000; ++i)
        watches.push_back({i, {{quint16(i), quint16(65535 - i)}}, Protocols::Tcp});
    const ReadingPlan plan(watches);
    QCOMPARE(plan.atoms().size(), size_t(30000));
    MeterSample sample;
    for (const Atom &atom : plan.atoms())
        sample.atoms[atom.id] = bytes(1);
    const auto sums = plan.sum(sample);
    QCOMPARE(sums[0].internet.rxBytes, 30000u);
    QCOMPARE(sums[29999].internet.rxBytes, 1u);
}

void AtomsTest::costGrowsWithTheNumberOfWatchesNotWithItsSquare()
{
    const auto fastest = [](const std::vector<PortWatch> &watches) {
        qint64 best = std::numeric_limits<qint64>::max();
        for (int round = 0; round < 7; ++round) {
            auto copy = watches;
            const std::clock_t before = std::clock(); // of the processor: others may be at work too
            const ReadingPlan plan(std::move(copy));
            best = std::min<qint64>(best, (std::clock() - before) * 1'000'000 / CLOCKS_PER_SEC);
        }
        return best;
    };
    auto watches = singlePortsAndWideRanges();
    const qint64 all = fastest(watches);
    watches.resize(4096);
    const qint64 sixteenth = fastest(watches);
    qInfo("65,535 watches %lld µs, 4,096 watches %lld µs", static_cast<long long>(all),
          static_cast<long long>(sixteenth));
    QVERIFY(all < 64 * sixteenth); // 16 times when it grows with the number, 256 times with its square
}

} // namespace weir

QTEST_GUILESS_MAIN(weir::AtomsTest)
#include "atoms_test.moc"
