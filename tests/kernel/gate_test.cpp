// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/gate_lab.h"

#include <QTest>

using namespace weir;
using namespace weir::test;

/// Which packets the gate sends where: to the shaper's classes, or past them.
class GateTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_lab = std::make_unique<GateLab>(); }
    void cleanup() { m_lab.reset(); }

    void startingLeavesNothingBehind();
    void datagramsOfGovernedPortsGoToTheirClass();
    void connectionsGoToTheirClass();
    void laterFragmentsFollowTheFirst();

private:
    std::unique_ptr<GateLab> m_lab;
};

void GateTest::startingLeavesNothingBehind()
{
    const auto gate = m_lab->started();
    QVERIFY(!gate->serviceUnsupported());
    QCOMPARE(m_lab->nft(QStringLiteral("list ruleset")), QByteArray());
}

void GateTest::datagramsOfGovernedPortsGoToTheirClass()
{
    const auto gate = m_lab->started();
    GateWish wish = m_lab->wish();
    wish.plan.ports = {governed(1, {{8000, 8010}}, kDown, kUp), governed(2, {{8100, 8100}}, kOtherDown, {})};
    const auto applied = gate->apply(wish);
    QVERIFY2(applied, applied ? "" : qPrintable(applied.error().message));
    QCOMPARE(m_lab->arriving(8005, 3), 3);
    QCOMPARE(m_lab->arriving6(8010, 4), 4);
    QCOMPARE(m_lab->arriving(8011, 5), 5);
    QCOMPARE(m_lab->packets(kDown), quint64(7));
    QCOMPARE(m_lab->packets(kUp), quint64(0));
    QCOMPARE(m_lab->departing(8000, 3), 3);
    QCOMPARE(m_lab->departing6(8000, 6), 6);
    QCOMPARE(m_lab->departing(7999, 5), 5);
    QCOMPARE(m_lab->packets(kDown), quint64(7));
    QCOMPARE(m_lab->packets(kUp), quint64(9));
    QCOMPARE(m_lab->arriving(8100, 2), 2);
    QCOMPARE(m_lab->departing(8100, 2), 2);
    QCOMPARE(m_lab->packets(kOtherDown), quint64(2));
    QCOMPARE(m_lab->packets(kOtherUp), quint64(0));
}

void GateTest::connectionsGoToTheirClass()
{
    const auto gate = m_lab->started();
    GateWish wish = m_lab->wish();
    wish.plan.ports = {governed(1, {{8000, 8000}}, kDown, kUp)};
    QVERIFY(gate->apply(wish));
    for (const auto &[server, client] :
         {std::pair(endpoint("203.0.113.1", 8000), endpoint("203.0.113.2", 0)),
          std::pair(endpoint("2001:db8::1", 8000), endpoint("2001:db8::2", 0))}) {
        const Socket listener = Socket::listener(m_lab->here, server);
        const Socket asking = Socket::connection(m_lab->there, client, server);
        const Socket answering = listener.accept();
        const quint64 down = m_lab->packets(kDown);
        const quint64 up = m_lab->packets(kUp);
        // Merged packets hold 64 kB at most, and what is sent is acknowledged.
        asking.write(1'000'000);
        answering.read(1'000'000);
        QVERIFY(m_lab->packets(kDown) >= down + 1'000'000 / 65536);
        QVERIFY(m_lab->packets(kUp) > up);
    }
}

void GateTest::laterFragmentsFollowTheFirst()
{
    const auto gate = m_lab->started();
    GateWish wish = m_lab->wish();
    // The payload is all 'w': what would be read as ports of a later fragment is 0x7777.
    wish.plan.ports = {governed(1, {{8000, 8000}}, kDown, kUp),
                       governed(2, {{0x7777, 0x7777}}, kOtherDown, kOtherUp)};
    QVERIFY(gate->apply(wish));
    // 8,008 bytes behind the IP header: by 1,480 (1,448 behind the fragment header of IPv6) six fragments.
    QCOMPARE(m_lab->arriving(8000, 10, 8000), 10);
    QCOMPARE(m_lab->packets(kDown), quint64(60));
    QCOMPARE(m_lab->arriving6(8000, 10, 8000), 10);
    QCOMPARE(m_lab->packets(kDown), quint64(120));
    QCOMPARE(m_lab->departing(8000, 10, 8000), 10);
    QCOMPARE(m_lab->packets(kUp), quint64(60));
    QCOMPARE(m_lab->departing6(8000, 10, 8000), 10);
    QCOMPARE(m_lab->packets(kUp), quint64(120));
    QCOMPARE(m_lab->arriving(8001, 10, 8000), 10);
    QCOMPARE(m_lab->packets(kDown), quint64(120));
    QCOMPARE(m_lab->packets(kOtherDown), quint64(0));
    QCOMPARE(m_lab->packets(kOtherUp), quint64(0));
}

QTEST_GUILESS_MAIN(GateTest)
#include "gate_test.moc"
