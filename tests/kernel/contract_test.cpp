// SPDX-License-Identifier: GPL-3.0-or-later

// What every Kernel promises of counting. Compiled against the fake, and against the real one with each way
// of attaching.

#include "tests/kernel/contract_watcher.h"

#include <atomic>
#include <thread>

using namespace weir;
using namespace weir::test;

class ContractTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void datagramsAreCountedToTheByte_data()
    {
        QTest::addColumn<Family>("family");
        QTest::addColumn<quint16>("port");
        QTest::newRow("v4") << Family::V4 << quint16(8000);
        QTest::newRow("v6") << Family::V6 << quint16(8000);
        QTest::newRow("the first port") << Family::V4 << quint16(1);
        QTest::newRow("the last port") << Family::V6 << quint16(65535);
    }

    void datagramsAreCountedToTheByte()
    {
        QFETCH(Family, family);
        QFETCH(quint16, port);
        Watcher watcher;
        watcher.meter({"wan0"});
        watcher.watch({atom(1, {{port, port}}, Protocols::Udp), atom(2, {{port, port}}, Protocols::Tcp)});

        watcher.lab->receiveDatagrams({family, port}, 700, 30);
        watcher.lab->sendDatagrams({family, port}, 100, 20);

        QCOMPARE(watcher.atomGrowth(1).total(), received(family, 700, 30) + sent(family, 100, 20));
        QCOMPARE(watcher.atomGrowth(2).total(), Traffic{});
    }

    void otherPortsAddNothing()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        watcher.watch({atom(1, {{8000, 8009}})});
        for (const quint16 port : {quint16(7999), quint16(8010)}) {
            watcher.lab->receiveDatagrams({Family::V4, port}, 500, 5);
            watcher.lab->sendDatagrams({Family::V4, port, 8005}, 500, 5); // to port 8005 of the other side
        }
        QCOMPARE(watcher.atomGrowth(1).total(), Traffic{});
    }

    void connectionsAreCountedToTheByte_data()
    {
        QTest::addColumn<Family>("family");
        QTest::newRow("v4") << Family::V4;
        QTest::newRow("v6") << Family::V6;
    }

    void connectionsAreCountedToTheByte()
    {
        QFETCH(Family, family);
        Watcher watcher;
        watcher.meter({"wan0"});
        watcher.watch({atom(1, {{8443, 8443}}, Protocols::Tcp), atom(2, {{8443, 8443}}, Protocols::Udp)});

        const auto connection = watcher.lab->connect({family, 8443});
        connection->receive(20, 1000);
        connection->send(10, 300);
        connection->close();

        QVERIFY(connection->wire().rxBytes > 20 * 1000);
        QVERIFY(connection->wire().txBytes > 10 * 300);
        QTRY_COMPARE(watcher.atomGrowth(1).total(), connection->wire());
        QCOMPARE(watcher.atomGrowth(2).total(), Traffic{});
    }

    void whatTheMeterSawOfALinkIsWhatTheLinkCounted()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        const Traffic meterBefore = watcher.meterOf("wan0").plain;
        const Traffic linkBefore = watcher.link(QStringLiteral("wan0"))->counters;
        watcher.lab->receiveDatagrams({Family::V4, 8000}, 900, 40);
        watcher.lab->sendDatagrams({Family::V6, 8000}, 900, 40);

        // Neighbours may have talked in between: all of it is compared.
        QTRY_COMPARE(growth(meterBefore, watcher.meterOf("wan0").plain),
                     growth(linkBefore, watcher.link(QStringLiteral("wan0"))->counters));
        const LinkMeter meter = watcher.meterOf("wan0");
        QVERIFY(meter.v4.local.rxBytes >= wireBytes(Family::V4, 900, 40));
        QVERIFY(meter.v6.internet.txBytes >= wireBytes(Family::V6, 900, 40));
        QCOMPARE(meter.total(), meter.v4.total() + meter.v6.total() + meter.other);
    }

    void localPrefixesDecideTheScopeAtOnce()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        watcher.watch({atom(1, {{8000, 8000}})});
        const ContractLab::Conversation v6{Family::V6, 8000};
        const auto tenInternet = ScopedTraffic{received(Family::V6, 200, 10), {}};

        watcher.lab->receiveDatagrams(v6, 200, 10);
        QCOMPARE(watcher.atomGrowth(1), tenInternet);
        QCOMPARE(watcher.flow(v6, kUdp)->internet, true);

        Watcher::must(watcher.kernel->setLocalPrefixes({*parsePrefix(u"2001:db8::/32")}));
        watcher.lab->receiveDatagrams(v6, 200, 10); // the same flow
        QCOMPARE(watcher.atomGrowth(1),
                 (ScopedTraffic{received(Family::V6, 200, 10), received(Family::V6, 200, 10)}));
        QCOMPARE(watcher.flow(v6, kUdp)->internet, false);

        Watcher::must(watcher.kernel->setLocalPrefixes({}));
        watcher.lab->receiveDatagrams(v6, 200, 10);
        QCOMPARE(watcher.atomGrowth(1),
                 (ScopedTraffic{received(Family::V6, 200, 20), received(Family::V6, 200, 10)}));
    }

    void privateAddressesAreLocalByThemselves()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        watcher.watch({atom(1, {{8000, 8000}})});
        watcher.lab->receiveDatagrams({Family::V4, 8000}, 200, 10);
        QCOMPARE(watcher.atomGrowth(1), (ScopedTraffic{{}, received(Family::V4, 200, 10)}));
    }

    void editsUnderLoadLoseNothing()
    {
        // A = 8000-8099 all the time; B = 8050 comes and goes, so that A is one atom or two.
        const std::vector<Atom> alone = {atom(1, {{8000, 8099}})};
        const std::vector<Atom> overlapping = {atom(2, {{8000, 8049}, {8051, 8099}}),
                                               atom(3, {{8050, 8050}})};
        Watcher watcher;
        watcher.meter({"wan0"});
        watcher.watch(alone);

        std::atomic<bool> stop = false;
        std::atomic<int> lots = 0;
        std::thread load([&] {
            while (!stop) {
                watcher.lab->receiveDatagrams({Family::V4, 8050}, 300, 16);
                watcher.lab->sendDatagrams({Family::V4, 8010}, 100, 16);
                ++lots;
            }
        });
        Traffic a;
        const auto credit = [&](const MeterSample &before) {
            for (const quint32 id : {1u, 2u, 3u}) {
                if (const auto found = before.atoms.find(id); found != before.atoms.end())
                    a += growth(watcher.base.atoms[id].total(), found->second.total());
            }
        };
        int edits = 0;
        for (; edits < 200 || lots < 20; ++edits) {
            const AtomChange change =
                Watcher::must(watcher.kernel->setAtoms(edits % 2 == 0 ? overlapping : alone));
            credit(change.before);
            watcher.base = change.after;
        }
        stop = true;
        load.join();
        credit(watcher.now());
        QCOMPARE(a, received(Family::V4, 300, lots * 16) + sent(Family::V4, 100, lots * 16));
    }

    void bothSamplesOfAnEditAreOfTheSameInstant()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        watcher.watch({atom(1, {{8000, 8099}})});
        watcher.lab->receiveDatagrams({Family::V4, 8050}, 300, 10);
        const AtomChange change = Watcher::must(
            watcher.kernel->setAtoms({atom(2, {{8000, 8049}, {8051, 8099}}), atom(3, {{8050, 8050}})}));
        QCOMPARE(change.before.generation, change.after.generation);
        QCOMPARE(change.before.links, change.after.links);
        QCOMPARE(change.before.atoms.size(), size_t(1));
        QCOMPARE(change.after.atoms.size(), size_t(2));
        QCOMPARE(change.before.atoms.at(1).total(),
                 change.after.atoms.at(2).total() + change.after.atoms.at(3).total());
    }

    void everyPortCanBeWatched()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        watcher.watch({atom(1, {{1, 65535}})});
        for (const quint16 port : {quint16(1), quint16(1023), quint16(32768), quint16(65535)})
            watcher.lab->receiveDatagrams({Family::V4, port}, 50, 4);
        QCOMPARE(watcher.atomGrowth(1).total(), received(Family::V4, 50, 16));
    }

    void aWatchForEachPort()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        std::vector<Atom> atoms;
        for (quint32 port = 1; port <= 65535; ++port)
            atoms.push_back(atom(port, {{quint16(port), quint16(port)}}));
        watcher.watch(atoms);
        watcher.lab->receiveDatagrams({Family::V4, 1}, 50, 1);
        watcher.lab->receiveDatagrams({Family::V4, 40001}, 60, 2);
        watcher.lab->sendDatagrams({Family::V6, 65535}, 70, 3);

        const MeterSample sample = watcher.now();
        QCOMPARE(sample.atoms.size(), size_t(65535));
        std::map<quint32, Traffic> grown;
        for (const auto &[id, traffic] : sample.atoms) {
            const Traffic more = growth(watcher.base.atoms.at(id).total(), traffic.total());
            if (more != Traffic{})
                grown[id] = more;
        }
        const std::map<quint32, Traffic> expected = {{1, received(Family::V4, 50, 1)},
                                                     {40001, received(Family::V4, 60, 2)},
                                                     {65535, sent(Family::V6, 70, 3)}};
        QCOMPARE(grown, expected);
    }

    void meteringEndsAndBeginsAgain()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        watcher.watch({atom(1, {{8000, 8000}})});
        const ContractLab::Conversation conversation{Family::V4, 8000};

        watcher.lab->receiveDatagrams(conversation, 100, 10);
        const ScopedTraffic v4 = watcher.meterOf("wan0").v4;
        watcher.meter({});
        watcher.lab->receiveDatagrams(conversation, 100, 10);
        QCOMPARE(watcher.atomGrowth(1).total(), received(Family::V4, 100, 10));
        QCOMPARE(watcher.meterOf("wan0").v4, v4); // stays readable
        watcher.meter({"wan0"});
        watcher.lab->receiveDatagrams(conversation, 100, 10);
        QCOMPARE(watcher.atomGrowth(1).total(), received(Family::V4, 100, 20));
    }

    void meteringTwiceCountsOnce()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        watcher.meter({"wan0"});
        watcher.meter({"wan0", "lan0"});
        watcher.watch({atom(1, {{8000, 8000}})});
        watcher.lab->receiveDatagrams({Family::V4, 8000}, 100, 10);
        watcher.lab->receiveDatagrams({Family::V4, 8000, 40000, QStringLiteral("lan0")}, 100, 5);
        QCOMPARE(watcher.atomGrowth(1).total(), received(Family::V4, 100, 15));
    }

    void aLinkThatDoesNotExistIsAProblemNotAnError()
    {
        Watcher watcher;
        Watcher::must(watcher.kernel->setMeteredLinks({watcher.index("wan0"), 4711}));
        const std::vector<KernelProblem> problems = watcher.kernel->problems();
        QVERIFY(std::ranges::any_of(problems, [](const KernelProblem &problem) {
            return problem.id == QLatin1String("link-not-metered")
                && problem.subject == QLatin1String("4711");
        }));
        watcher.watch({atom(1, {{8000, 8000}})});
        watcher.lab->receiveDatagrams({Family::V4, 8000}, 100, 1);
        QCOMPARE(watcher.atomGrowth(1).total(), received(Family::V4, 100, 1));

        watcher.meter({"wan0"});
        QCOMPARE(watcher.kernel->problems(), std::vector<KernelProblem>{});
    }
};

QTEST_GUILESS_MAIN(ContractTest)
#include "contract_test.moc"
