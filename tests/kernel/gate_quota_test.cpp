// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/gate_lab.h"

#include "helper/kernel/bpf_call.h"

#include <QTest>

#include <arpa/inet.h>
#include <sys/socket.h>

using namespace weir;
using namespace weir::test;

namespace {

constexpr quint64 kIn = received4(100);
constexpr quint64 kOut = sent4(100);
constexpr quint64 kDroppedIn = kIn + 14; // a whole frame

void apply(Gate &gate, const GateWish &wish)
{
    const auto applied = gate.apply(wish);
    if (!applied)
        qFatal("%s", qPrintable(applied.error().message));
}

/// Packets with so much behind their IP header, of a protocol for experiments (RFC 3692).
void sendRaw(const Netns &from, const char *to, int count, size_t size)
{
    sockaddr_in target{};
    target.sin_family = AF_INET;
    inet_pton(AF_INET, to, &target.sin_addr);
    const std::vector<char> payload(size, 'w');
    from.run([&] {
        const FileDescriptor raw(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 253));
        for (int i = 0; i < count; ++i) {
            if (sendto(raw.get(), payload.data(), size, 0, reinterpret_cast<sockaddr *>(&target),
                       sizeof target)
                != ssize_t(size))
                qFatal("cannot send a raw packet");
        }
    });
}

QuotaReading reading(Gate &gate)
{
    const auto read = gate.read();
    if (!read || read->quotas.size() != 1)
        qFatal("not one quota to be read");
    return read->quotas[0];
}

} // namespace

/// What the kernel does by itself at the line of a quota.
class GateQuotaTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_lab = std::make_unique<GateLab>();
        m_gate = m_lab->started();
    }
    void cleanup()
    {
        m_gate.reset();
        m_lab.reset();
    }

    void whatWouldCrossTheLineIsDropped();
    void laterFragmentsCountAndAreDroppedToo();
    void pastTheLineTheSlowClassTakesOver();
    void whereAQuotaOnlyCountsPacketsStayWhereTheyAre();
    void eachDirectionCanHaveTheLineForItself();
    void aDirectionThatDoesNotCountIsNotDropped();
    void whatIsOverDropsFromTheFirstPacketInBothDirections();
    void localPacketsPassByAnInternetQuota();
    void localPrefixesOfTheWishAreLocalToo();
    void exemptPacketsPassPastTheLine();
    void exemptPortsOfAWholeLinkPassPastTheLine();
    void aLinksQuotaCountsFragmentsAndAllProtocols();
    void aMovedLineKeepsWhatWasConsumed();
    void aNewEpochCountsFromZero();
    void aQuotaThatComesBackCountsFromZero();
    void theCrossingIsTold();
    void linesBeyondTheKernelsAreNone();

private:
    std::unique_ptr<GateLab> m_lab;
    std::unique_ptr<Gate> m_gate;
};

void GateQuotaTest::whatWouldCrossTheLineIsDropped()
{
    GateWish wish = m_lab->wish();
    addQuota(wish, 10 * kIn);
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 4), 4);
    QCOMPARE(reading(*m_gate), (QuotaReading{5, {}, {4 * kIn, 0}, 0, 0}));
    // To the byte: over means more than the line.
    QCOMPARE(m_lab->arriving(9000, 20), 6);
    QCOMPARE(m_lab->departing(9000, 3), 0);
    QCOMPARE(m_lab->arriving(9001, 3), 3);
    QCOMPARE(reading(*m_gate), (QuotaReading{5, {}, {10 * kIn, 0}, 14 * kDroppedIn, 3 * kOut}));
}

void GateQuotaTest::laterFragmentsCountAndAreDroppedToo()
{
    GateWish wish = m_lab->wish();
    // 8,008 bytes in six fragments, each with an IP header.
    constexpr quint64 datagram4 = 8008 + 6 * 20;
    constexpr quint64 datagram6 = 8008 + 6 * 48;
    addQuota(wish, 3 * datagram4 + 2 * datagram6);
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 3, 8000), 3);
    QCOMPARE(reading(*m_gate).consumed[0], 3 * datagram4);
    QCOMPARE(m_lab->arriving6(9000, 3, 8000), 2);
    QCOMPARE(m_lab->arriving(9000, 2, 8000), 0);
    QCOMPARE(reading(*m_gate).droppedRxBytes, datagram6 + 2 * datagram4 + 3 * 6 * 14);
}

void GateQuotaTest::pastTheLineTheSlowClassTakesOver()
{
    GateWish wish = m_lab->wish();
    QuotaGate &quota = addQuota(wish, 10 * kIn);
    quota.then = QuotaGate::Then::Slow;
    quota.slowDown = kSlowDown;
    quota.slowUp = kSlowUp;
    wish.plan.ports[0].down.shaped = kDown;
    wish.plan.ports[0].up.shaped = kUp;
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 15), 15);
    QCOMPARE(m_lab->departing(9000, 4), 4);
    QCOMPARE(m_lab->packets(kDown), quint64(10));
    QCOMPARE(m_lab->packets(kSlowDown), quint64(5));
    QCOMPARE(m_lab->packets(kUp), quint64(0));
    QCOMPARE(m_lab->packets(kSlowUp), quint64(4));
}

void GateQuotaTest::whereAQuotaOnlyCountsPacketsStayWhereTheyAre()
{
    GateWish wish = m_lab->wish();
    QuotaGate &quota = addQuota(wish, 10 * received4(100));
    quota.then = QuotaGate::Then::Slow;
    quota.slowDown = kSlowDown;
    wish.plan.ports.front().down.countedBy = std::exchange(wish.plan.ports.front().down.quotas, {});
    wish.plan.ports.front().down.shaped = kDown;
    QVERIFY(m_gate->apply(wish));
    QCOMPARE(m_lab->arriving(9000, 15), 15);
    QCOMPARE(m_lab->packets(kSlowDown), quint64(0));
    QCOMPARE(m_lab->packets(kDown), quint64(15));
    // the kernel tells no more than the line
    QCOMPARE(m_gate->read().value().quotas.front().consumed[0], 10 * received4(100));
}

void GateQuotaTest::eachDirectionCanHaveTheLineForItself()
{
    GateWish wish = m_lab->wish();
    QuotaGate &quota = addQuota(wish, 0);
    quota.apart = true;
    quota.remaining[0] = 3 * kIn;
    quota.remaining[1] = 5 * kOut;
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 10), 3);
    QCOMPARE(m_lab->departing(9000, 10), 5);
    QCOMPARE(reading(*m_gate), (QuotaReading{5, {}, {3 * kIn, 5 * kOut}, 7 * kDroppedIn, 5 * kOut}));
}

void GateQuotaTest::aDirectionThatDoesNotCountIsNotDropped()
{
    GateWish wish = m_lab->wish();
    addQuota(wish, 3 * kOut).countsDown = false;
    apply(*m_gate, wish);
    QCOMPARE(m_lab->departing(9000, 10), 3);
    QCOMPARE(m_lab->arriving(9000, 10), 10);
    QCOMPARE(reading(*m_gate), (QuotaReading{5, {}, {3 * kOut, 0}, 0, 7 * kOut}));
}

void GateQuotaTest::whatIsOverDropsFromTheFirstPacketInBothDirections()
{
    GateWish wish = m_lab->wish();
    QuotaGate &quota = addQuota(wish, 1'000'000);
    quota.countsDown = false;
    quota.isOver = true;
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 2), 0);
    QCOMPARE(m_lab->departing(9000, 3), 0);
    QCOMPARE(reading(*m_gate), (QuotaReading{5, {}, {0, 0}, 2 * kDroppedIn, 3 * kOut}));
    wish.plan.quotas[0].isOver = false;
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 2), 2);
}

void GateQuotaTest::localPacketsPassByAnInternetQuota()
{
    GateWish wish = m_lab->wish();
    addQuota(wish, 3 * kIn).internetOnly = true;
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arrivingLocally(9000, 10), 10);
    QCOMPARE(m_lab->departingLocally(9000, 10), 10);
    QCOMPARE(reading(*m_gate).consumed[0], quint64(0));
    QCOMPARE(m_lab->arriving(9000, 10), 3);
    QCOMPARE(m_lab->departing(9000, 10), 0);
    QCOMPARE(m_lab->arriving6(9000, 10), 0);
    QCOMPARE(m_lab->arrivingLocally(9000, 10), 10);
    // Over by the plan: the same packets pass by.
    wish.plan.quotas[0].isOver = true;
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arrivingLocally(9000, 10), 10);
    QCOMPARE(m_lab->arriving(9000, 10), 0);
}

void GateQuotaTest::localPrefixesOfTheWishAreLocalToo()
{
    GateWish wish = m_lab->wish();
    addQuota(wish, 0).internetOnly = true;
    // Overlapping, adjacent, within those of everywhere, and at the end of all addresses.
    for (const char *text : {"203.0.113.0/25", "203.0.112.0/23", "10.1.0.0/16", "11.0.0.0/8", "255.0.0.0/8",
                             "2001:db8::/64", "2001:db8::/48", "ffff::/16"})
        wish.localPrefixes.push_back(parsePrefix(QString::fromLatin1(text)).value());
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 3), 3);
    QCOMPARE(m_lab->departing6(9000, 3), 3);
    // Taken back, step by step.
    wish.localPrefixes.erase(wish.localPrefixes.begin() + 1);
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 3), 3);
    wish.localPrefixes.clear();
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 3), 0);
    QCOMPARE(m_lab->departing6(9000, 3), 0);
    QCOMPARE(m_lab->arrivingLocally(9000, 3), 3);
}

void GateQuotaTest::exemptPacketsPassPastTheLine()
{
    GateWish wish = m_lab->wish();
    QuotaGate &quota = addQuota(wish, 2 * kIn);
    quota.exemptLocal = true;
    quota.exemptPorts = {{9002, 9003}};
    wish.plan.ports[0].udp = {{9000, 9003}};
    apply(*m_gate, wish);
    // They count all the same.
    QCOMPARE(m_lab->arrivingLocally(9000, 10), 10);
    QCOMPARE(m_lab->arriving(9002, 10), 10);
    QCOMPARE(m_lab->arriving6(9003, 10), 10);
    QCOMPARE(m_lab->departing(9003, 10), 10);
    QCOMPARE(m_lab->departing6(9002, 10), 10);
    QCOMPARE(m_lab->arriving(9001, 10), 0);
    QCOMPARE(m_lab->departing(9001, 10), 0);
    QCOMPARE(m_lab->arriving6(9001, 10), 0);
    wish.plan.quotas[0].isOver = true;
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9002, 10), 10);
    QCOMPARE(m_lab->arriving(9001, 10), 0);
    wish.plan.quotas[0].exemptPorts = {};
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9002, 10), 0);
    QCOMPARE(m_lab->departingLocally(9002, 10), 10);
}

void GateQuotaTest::exemptPortsOfAWholeLinkPassPastTheLine()
{
    GateWish wish = m_lab->wish();
    QuotaGate &quota = addQuota(wish, 0);
    quota.isOver = true;
    quota.exemptPorts = {{22, 22}};
    wish.plan.ports.clear();
    GovernedLink link{m_lab->link(), {}, {}};
    link.down.quotas = link.up.quotas = {5};
    wish.plan.onLinks = {link};
    apply(*m_gate, wish);
    // Neighbours have to be found again.
    m_lab->here.ip(QStringLiteral("neigh del 2001:db8::2 dev s0"));
    m_lab->there.ip(QStringLiteral("neigh del 2001:db8::1 dev c0"));
    QTRY_COMPARE(m_lab->departing6(22, 3), 3);
    const Socket listener = Socket::listener(m_lab->here, endpoint("203.0.113.1", 22));
    const Socket asking =
        Socket::connection(m_lab->there, endpoint("203.0.113.2", 0), endpoint("203.0.113.1", 22));
    listener.accept();
    QCOMPARE(m_lab->arriving6(22, 3), 3);
    QCOMPARE(m_lab->departing6(22, 3), 3);
    QCOMPARE(m_lab->arriving(23, 3), 0);
    QCOMPARE(m_lab->departing6(23, 3), 0);
    // The first fragment has the port, the others what looks like one.
    QCOMPARE(m_lab->arriving(22, 3, 8000), 0);
}

void GateQuotaTest::aLinksQuotaCountsFragmentsAndAllProtocols()
{
    GateWish wish = m_lab->wish();
    addQuota(wish, 1'000'000).countsUp = false;
    GovernedLink link{m_lab->link(), {}, {}};
    link.down.quotas = link.up.quotas = {5};
    wish.plan.onLinks = {link};
    wish.plan.ports = {governed(1, {{8000, 8000}}, kDown, kUp)};
    m_lab->arriving(9, 1);
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(8000, 2, 8000), 2); // shaped
    QCOMPARE(m_lab->arriving(8001, 2), 2);
    sendRaw(m_lab->there, "203.0.113.1", 3, 64);
    QCOMPARE(reading(*m_gate).consumed[0], 2 * (8008 + 6 * 20) + 2 * kIn + 3 * 84);
    QCOMPARE(m_lab->packets(kDown), quint64(12));
}

void GateQuotaTest::aMovedLineKeepsWhatWasConsumed()
{
    GateWish wish = m_lab->wish();
    addQuota(wish, 10 * kIn);
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 4), 4);
    // Two more may pass from now on.
    QuotaGate &quota = wish.plan.quotas[0];
    quota.consumed[0] = reading(*m_gate).consumed[0];
    quota.generation = m_gate->read()->generation;
    quota.remaining[0] = 2 * kIn;
    apply(*m_gate, wish);
    QCOMPARE(reading(*m_gate).consumed[0], 4 * kIn);
    QCOMPARE(m_lab->arriving(9000, 10), 2);
    // And in another generation what remains is counted from zero.
    quota.generation += 1;
    quota.remaining[0] = 100 * kIn;
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 10), 10);
    QCOMPARE(m_gate->read()->generation, quota.generation - 1);
    // Past the line the kernel counts on what it drops: 4 + 10 came before.
    QCOMPARE(reading(*m_gate).consumed[0], (4 + 10 + 10) * kIn);
}

void GateQuotaTest::aNewEpochCountsFromZero()
{
    GateWish wish = m_lab->wish();
    addQuota(wish, 2 * kIn);
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 5), 2);
    wish.plan.quotas[0].epoch = {1, 1};
    apply(*m_gate, wish);
    QCOMPARE(reading(*m_gate), (QuotaReading{5, {1, 1}, {0, 0}, 3 * kDroppedIn, 0}));
    QCOMPARE(m_lab->arriving(9000, 5), 2);
    QCOMPARE(reading(*m_gate), (QuotaReading{5, {1, 1}, {2 * kIn, 0}, 6 * kDroppedIn, 0}));
}

void GateQuotaTest::aQuotaThatComesBackCountsFromZero()
{
    GateWish wish = m_lab->wish();
    addQuota(wish, 10 * kIn);
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 4), 4);
    GateWish without = wish;
    without.plan.quotas.clear();
    without.plan.ports[0] = governed(77, {{9000, 9000}}, kDown, {});
    apply(*m_gate, without);
    QVERIFY(m_gate->read()->quotas.empty());
    wish.plan.quotas[0].consumed[0] = 4 * kIn;
    wish.plan.quotas[0].generation = m_gate->read()->generation;
    wish.plan.quotas[0].remaining[0] = 3 * kIn;
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 10), 3);
}

void GateQuotaTest::theCrossingIsTold()
{
    std::vector<GateEvent> events;
    m_gate->onEvent([&](GateEvent event) { events.push_back(event); });
    GateWish wish = m_lab->wish();
    addQuota(wish, 2 * kIn);
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 1), 1);
    QCoreApplication::processEvents();
    QVERIFY(events.empty());
    // The line is reached, and told once.
    QCOMPARE(m_lab->arriving(9000, 5), 1);
    QTRY_COMPARE(events, std::vector{GateEvent::Crossed});
    // Moved and crossed again, it is told again.
    wish.plan.quotas[0].remaining[0] = 100 * kIn;
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 5), 5);
    QCoreApplication::processEvents();
    QCOMPARE(events.size(), size_t(1));
    QCOMPARE(m_lab->arriving(9000, 100), 100 - 1 - 5 - 5);
    QTRY_COMPARE(events.size(), size_t(2));
}

void GateQuotaTest::linesBeyondTheKernelsAreNone()
{
    GateWish wish = m_lab->wish();
    addQuota(wish, ~quint64(0));
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 4), 4);
    wish.plan.quotas[0].consumed[0] = 4 * kIn;
    wish.plan.quotas[0].generation = m_gate->read()->generation;
    apply(*m_gate, wish);
    QCOMPARE(m_lab->arriving(9000, 4), 4);
}

QTEST_GUILESS_MAIN(GateQuotaTest)
#include "gate_quota_test.moc"
