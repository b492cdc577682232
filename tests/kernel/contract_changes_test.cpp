// SPDX-License-Identifier: GPL-3.0-or-later

// What every Kernel promises of links that change, of flows, of forwarding, and of what outlives the helper.
// Compiled against the fake, and against the real one with each way of attaching.

#include "tests/kernel/contract_watcher.h"

using namespace weir;
using namespace weir::test;

class ContractChangesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void linksThatComeGoAndChangeAreAnnounced()
    {
        Watcher watcher;
        const QString extra = QStringLiteral("extra0");
        watcher.changes = 0;
        watcher.lab->addLink(extra);
        QTRY_VERIFY(watcher.changes > 0);
        QTRY_VERIFY(watcher.link(extra)->up);
        const int index = watcher.link(extra)->index;

        watcher.changes = 0;
        watcher.lab->setUp(extra, false);
        QTRY_VERIFY(watcher.changes > 0);
        QCOMPARE(watcher.link(extra)->up, false);

        watcher.changes = 0;
        watcher.lab->setUp(extra, true);
        QTRY_VERIFY(watcher.link(extra)->up);
        QTRY_VERIFY(watcher.changes > 0);

        watcher.changes = 0;
        watcher.lab->renameLink(extra, QStringLiteral("other0"));
        QTRY_VERIFY(watcher.changes > 0);
        QVERIFY(!watcher.link(extra));
        QCOMPARE(watcher.link(QStringLiteral("other0"))->index, index);

        watcher.changes = 0;
        watcher.lab->removeLink(QStringLiteral("other0"));
        QTRY_VERIFY(watcher.changes > 0);
        QVERIFY(!watcher.link(QStringLiteral("other0")));
    }

    void aMeteredLinkThatVanishesHarmsNoOther()
    {
        Watcher watcher;
        watcher.lab->addLink(QStringLiteral("extra0"));
        watcher.meter({"wan0", "extra0"});
        watcher.watch({atom(1, {{8000, 8000}})});
        watcher.changes = 0;
        watcher.lab->removeLink(QStringLiteral("extra0"));
        QTRY_VERIFY(watcher.changes > 0);
        watcher.lab->receiveDatagrams({Family::V4, 8000}, 100, 10);
        QCOMPARE(watcher.atomGrowth(1).total(), received(Family::V4, 100, 10));
        watcher.meter({"wan0"});
        watcher.lab->receiveDatagrams({Family::V4, 8000}, 100, 10);
        QCOMPARE(watcher.atomGrowth(1).total(), received(Family::V4, 100, 20));
    }

    void meteringOutlivesDownUpAndRename()
    {
        Watcher watcher;
        watcher.lab->addLink(QStringLiteral("extra0"));
        watcher.meter({"wan0", "extra0"});
        watcher.watch({atom(1, {{8000, 8000}})});
        watcher.lab->renameLink(QStringLiteral("extra0"), QStringLiteral("other0"));
        watcher.lab->setUp(QStringLiteral("other0"), false);
        watcher.lab->setUp(QStringLiteral("other0"), true);
        QTRY_VERIFY(watcher.link(QStringLiteral("other0"))->up);
        QCOMPARE(watcher.kernel->problems(), std::vector<KernelProblem>{});
        watcher.lab->receiveDatagrams({Family::V4, 8000}, 100, 10);
        QCOMPARE(watcher.atomGrowth(1).total(), received(Family::V4, 100, 10));
    }

    void throughABridgeOverAMeteredLinkEachPacketCountsOnce()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        watcher.watch({atom(1, {{8000, 8000}})});
        watcher.changes = 0;
        watcher.lab->addBridge(QStringLiteral("br0"), QStringLiteral("wan0"));
        QTRY_VERIFY(watcher.changes > 0);
        QTRY_VERIFY(watcher.link(QStringLiteral("br0"))->up);
        QCOMPARE(watcher.link(QStringLiteral("wan0"))->master, watcher.index("br0"));
        QCOMPARE(watcher.link(QStringLiteral("br0"))->kind, LinkKind::Bridge);

        watcher.lab->receiveDatagrams({Family::V4, 8000}, 400, 25);
        watcher.lab->sendDatagrams({Family::V4, 8000}, 400, 15);
        QCOMPARE(watcher.atomGrowth(1).total(), received(Family::V4, 400, 25) + sent(Family::V4, 400, 15));
    }

    void datagramFlowsAreListed()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        for (const Family family : {Family::V4, Family::V6}) {
            const ContractLab::Conversation conversation{family, 8000, 40123};
            watcher.lab->receiveDatagrams(conversation, 100, 7);
            watcher.lab->sendDatagrams(conversation, 50, 3);
            const std::optional<Flow> flow = watcher.flow(conversation, kUdp);
            QVERIFY(flow);
            QCOMPARE(flow->traffic, received(family, 100, 7) + sent(family, 50, 3));
            QCOMPARE(flow->state, FlowState::Stateless);
            QCOMPARE(flow->key.link, watcher.index("wan0"));
            QCOMPARE(toString(flow->key.local),
                     family == Family::V4 ? QStringLiteral("10.9.0.1") : QStringLiteral("2001:db8:9::1"));
            QCOMPARE(toString(flow->key.remote),
                     family == Family::V4 ? QStringLiteral("10.9.0.2") : QStringLiteral("2001:db8:9::2"));
            QVERIFY(flow->first <= flow->last);
        }
        QVERIFY(Watcher::must(watcher.kernel->flows()).capacity >= 2);
    }

    void connectionsHaveTheStateThatTheWireShows()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        const ContractLab::Conversation conversation{Family::V4, 8443, 40999};
        const auto connection = watcher.lab->connect(conversation);
        connection->receive(3, 500);
        QCOMPARE(watcher.flow(conversation, kTcp)->state, FlowState::Established);

        connection->close();
        QCOMPARE(watcher.flow(conversation, kTcp)->state, FlowState::Closed);
        QTRY_COMPARE(watcher.flow(conversation, kTcp)->traffic, connection->wire());
    }

    void forwardedPacketsThatOneWatchHoldsTwiceAreTold_data()
    {
        QTest::addColumn<Family>("family");
        QTest::addColumn<quint16>("sourcePort");
        QTest::addColumn<quint16>("destinationPort");
        QTest::newRow("v4") << Family::V4 << quint16(5000) << quint16(6000);
        QTest::newRow("v6") << Family::V6 << quint16(5000) << quint16(6000);
        QTest::newRow("the same port at both ends") << Family::V4 << quint16(5000) << quint16(5000);
    }

    void forwardedPacketsThatOneWatchHoldsTwiceAreTold()
    {
        QFETCH(Family, family);
        QFETCH(quint16, sourcePort);
        QFETCH(quint16, destinationPort);
        Watcher watcher;
        watcher.meter({"wan0", "lan0"});
        const quint32 sentAtom = sourcePort == destinationPort ? 1 : 2;
        std::vector<Atom> atoms = {atom(1, {{destinationPort, destinationPort}})};
        if (sentAtom == 2)
            atoms.push_back(atom(2, {{sourcePort, sourcePort}}));
        watcher.watch(atoms);

        watcher.lab->forwardDatagrams(family, sourcePort, destinationPort, 600, 50);

        // Received on wan0 under the destination port, sent on lan0 under the source port.
        const Traffic in = received(family, 600, 50);
        const Traffic out = sent(family, 600, 50);
        Traffic sum = watcher.atomGrowth(1).total();
        if (sentAtom == 2) {
            QCOMPARE(sum, in);
            QCOMPARE(watcher.atomGrowth(2).total(), out);
            sum += watcher.atomGrowth(2).total();
        }
        QCOMPARE(sum, in + out);
        QCOMPARE(watcher.overlapGrowth(1, sentAtom), out);
        // So a watch of both ports counts fifty packets, not a hundred.
        QCOMPARE(sum.rxPackets + sum.txPackets - watcher.overlapGrowth(1, sentAtom).txPackets, quint64(50));
    }

    void forwardingWithOneMeteredLinkCountsOnce()
    {
        Watcher watcher;
        watcher.meter({"lan0"});
        watcher.watch({atom(1, {{5000, 6000}})});
        watcher.lab->forwardDatagrams(Family::V4, 5000, 6000, 600, 50);
        QCOMPARE(watcher.atomGrowth(1).total(), sent(Family::V4, 600, 50));
        QCOMPARE(watcher.overlapGrowth(1, 1), Traffic{});
    }

    void whatPassesWhileTheHelperIsDeadIsCountedOnce()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        const std::vector<Atom> atoms = {atom(1, {{8000, 8000}})};
        watcher.watch(atoms);
        const Generation generation = watcher.base.generation;
        watcher.lab->receiveDatagrams({Family::V4, 8000}, 100, 10);

        watcher.kernel.reset();
        watcher.lab->receiveDatagrams({Family::V4, 8000}, 100, 10);
        watcher.restart();
        const MeterSample after = Watcher::must(watcher.kernel->setAtoms(atoms)).after;

        QCOMPARE(after.generation, generation);
        QCOMPARE(growth(watcher.base.atoms.at(1).total(), after.atoms.at(1).total()),
                 received(Family::V4, 100, 20));
        watcher.meter({"wan0"});
        watcher.lab->receiveDatagrams({Family::V4, 8000}, 100, 10);
        QCOMPARE(watcher.atomGrowth(1).total(), received(Family::V4, 100, 30));
        QVERIFY(watcher.kernel->leftovers(atoms).empty());
    }

    void removingEverythingLeavesNoTrace()
    {
        Watcher watcher;
        QVERIFY(!watcher.lab->traces().isEmpty() || watcher.kernel->meterMode() == QLatin1String("none"));
        watcher.meter({"wan0", "lan0"});
        watcher.watch({atom(1, {{1, 65535}})});
        watcher.lab->receiveDatagrams({Family::V4, 8000}, 100, 10);
        QVERIFY(!watcher.lab->traces().isEmpty());

        Watcher::must(watcher.kernel->removeEverything());
        QCOMPARE(watcher.lab->traces(), QStringList{});
        watcher.changes = 0;
        watcher.lab->addLink(QStringLiteral("extra0"));
        QTRY_VERIFY(watcher.changes > 0);
        QCOMPARE(watcher.lab->traces(), QStringList{}); // nor does an event bring anything back
    }

    void removingEverythingWorksForAHelperThatDidNotStart()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        watcher.kernel.reset();
        watcher.kernel = watcher.lab->kernel();
        Watcher::must(watcher.kernel->removeEverything());
        QCOMPARE(watcher.lab->traces(), QStringList{});
    }

    void afterRemovalANewGenerationBegins()
    {
        Watcher watcher;
        watcher.meter({"wan0"});
        watcher.watch({atom(1, {{8000, 8000}})});
        watcher.lab->receiveDatagrams({Family::V4, 8000}, 100, 10);
        const Generation generation = watcher.base.generation;
        Watcher::must(watcher.kernel->removeEverything());
        watcher.restart();
        watcher.watch({atom(1, {{8000, 8000}})});
        QVERIFY(watcher.base.generation != generation);
        QCOMPARE(watcher.base.atoms.at(1), ScopedTraffic{});
    }

    void theBootIsNamed()
    {
        Watcher watcher;
        QCOMPARE(watcher.kernel->bootId().size(), 36);
        const QString boot = watcher.kernel->bootId();
        watcher.restart();
        QCOMPARE(watcher.kernel->bootId(), boot);
    }
};

QTEST_GUILESS_MAIN(ContractChangesTest)
#include "contract_changes_test.moc"
