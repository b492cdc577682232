// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/gate_lab.h"
#include "tests/support/cgroup.h"

#include <QElapsedTimer>
#include <QTest>

#include <netinet/in.h>
#include <sys/socket.h>

using namespace weir;
using namespace weir::test;

namespace {

constexpr int kLevel = 2; // the test's own cgroup lies directly below the root
constexpr quint64 kDatagram = 20 + 8 + 1000;

} // namespace

/// What the gate does to the packets of a service's sockets.
class GateServiceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_lab = std::make_unique<GateLab>();
        m_cgroup = std::make_unique<TestCgroup>();
        m_gate = m_lab->started();
        QVERIFY(!m_gate->serviceUnsupported());
    }
    void cleanup()
    {
        m_gate.reset();
        m_cgroup.reset();
        m_lab.reset();
    }

    void whatAServiceSendsGoesToItsClass();
    void aServicesClassGoesBeforeThePortsThatYieldToIt();
    void whatAServiceReceivesIsPoliced();
    void aServicesQuotaIsSharedByBothDirections();
    void pastItsLineAServiceSendsThroughTheSlowClass();
    void pastItsLineWhatAServiceReceivesIsPoliced();
    void cgroupsComeAndGoAndTheQuotaGoesOn();
    void theLoopbackIsNotGoverned();

private:
    /// A wish with the service web.service of watch 3, in a cgroup that is made.
    GateWish wish()
    {
        GateWish wish = m_lab->wish();
        GovernedService service;
        service.watch = 3;
        service.service = QStringLiteral("web.service");
        wish.plan.services = {service};
        wish.cgroups[service.service] = {{m_cgroup->make(QStringLiteral("/web.service")), kLevel}};
        return wish;
    }
    void apply(const GateWish &wish)
    {
        const auto applied = m_gate->apply(wish);
        QVERIFY2(applied, applied ? "" : qPrintable(applied.error().message));
    }
    Socket socketOf(const QString &cgroup, const Endpoint &local) const
    {
        std::optional<Socket> socket;
        m_cgroup->run(cgroup, [&] { socket = Socket::udp(m_lab->here, local); });
        return std::move(*socket);
    }
    Socket serviceSocket(const Endpoint &local) const
    {
        return socketOf(QStringLiteral("/web.service"), local);
    }
    /// How many datagrams wait, within some time without one.
    static int arrived(const Socket &socket)
    {
        const timeval patience{0, 300'000};
        setsockopt(socket.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        char payload[2048];
        int count = 0;
        while (recv(socket.descriptor(), payload, sizeof payload, 0) >= 0)
            ++count;
        return count;
    }

    std::unique_ptr<GateLab> m_lab;
    std::unique_ptr<TestCgroup> m_cgroup;
    std::unique_ptr<Gate> m_gate;
};

void GateServiceTest::whatAServiceSendsGoesToItsClass()
{
    GateWish wish = this->wish();
    wish.plan.services[0].shapedUp = kUp;
    apply(wish);
    const Socket there4 = Socket::udp(m_lab->there, endpoint("203.0.113.2", 5000));
    const Socket there6 = Socket::udp(m_lab->there, endpoint("2001:db8::2", 5000));
    const Socket own4 = serviceSocket(endpoint("203.0.113.1", 6000));
    const Socket own6 = serviceSocket(endpoint("2001:db8::1", 6000));
    const Socket foreign = socketOf(QStringLiteral("/other.service"), endpoint("203.0.113.1", 6001));
    own4.sendTo(endpoint("203.0.113.2", 5000), 100, 3);
    own6.sendTo(endpoint("2001:db8::2", 5000), 100, 4);
    foreign.sendTo(endpoint("203.0.113.2", 5000), 100, 5);
    there4.receive(8);
    there6.receive(4);
    QCOMPARE(m_lab->packets(kUp), quint64(7));
    // Six fragments each: they are cut after the class was chosen.
    own4.sendTo(endpoint("203.0.113.2", 5000), 8000, 2);
    own6.sendTo(endpoint("2001:db8::2", 5000), 8000, 2);
    there4.receive(2);
    there6.receive(2);
    QCOMPARE(m_lab->packets(kUp), quint64(7 + 24));
}

void GateServiceTest::aServicesClassGoesBeforeThePortsThatYieldToIt()
{
    GateWish wish = this->wish();
    wish.plan.services[0].shapedUp = kUp;
    wish.plan.ports = {governed(1, {{6000, 6000}}, {}, kOtherUp), governed(2, {{6001, 6001}}, {}, kOtherUp)};
    wish.plan.ports[0].up.yieldsTo = {kUp};
    apply(wish);
    const Socket there = Socket::udp(m_lab->there, endpoint("203.0.113.2", 5000));
    const Socket yielding = serviceSocket(endpoint("203.0.113.1", 6000));
    const Socket other = serviceSocket(endpoint("203.0.113.1", 6001));
    yielding.sendTo(endpoint("203.0.113.2", 5000), 100, 3);
    other.sendTo(endpoint("203.0.113.2", 5000), 100, 4);
    there.receive(7);
    QCOMPARE(m_lab->packets(kUp), quint64(3));
    QCOMPARE(m_lab->packets(kOtherUp), quint64(4));
    // Later fragments have the priority of their socket again when the rule that yields sees them.
    yielding.sendTo(endpoint("203.0.113.2", 5000), 8000, 2);
    there.receive(2);
    QCOMPARE(m_lab->packets(kUp), quint64(3 + 12));
}

void GateServiceTest::whatAServiceReceivesIsPoliced()
{
    GateWish wish = this->wish();
    wish.plan.services[0].policedDownBitsPerSecond = 800'000; // 100 kB/s
    apply(wish);
    const Socket there = Socket::udp(m_lab->there, endpoint("203.0.113.2", 5000));
    const Socket own = serviceSocket(endpoint("203.0.113.1", 6000));
    const Socket foreign = socketOf(QStringLiteral("/other.service"), endpoint("203.0.113.1", 6001));
    QElapsedTimer timer;
    timer.start();
    there.sendTo(endpoint("203.0.113.1", 6000), 1000, 1000);
    there.sendTo(endpoint("203.0.113.1", 6001), 1000, 1000);
    foreign.receive(1000);
    const int passed = arrived(own);
    const double seconds = timer.nsecsElapsed() / 1e9;
    // The bucket holds a second of the rate and the burst.
    const double most = (100'000 * (1 + seconds) + 68'000) / double(kDatagram);
    QVERIFY2(passed >= 90 && passed <= most + 1, qPrintable(QString::number(passed)));
    const auto reading = m_gate->read();
    QVERIFY(reading);
    QCOMPARE(reading->policed.size(), size_t(1));
    QCOMPARE(reading->policed[0].watch, qint64(3));
    QCOMPARE(reading->policed[0].droppedPackets, quint64(1000 - passed));
    QCOMPARE(reading->policed[0].droppedBytes, quint64(1000 - passed) * kDatagram);
}

void GateServiceTest::aServicesQuotaIsSharedByBothDirections()
{
    GateWish wish = this->wish();
    QuotaGate quota;
    quota.watch = 3;
    quota.remaining[0] = 10 * kDatagram;
    quota.exemptPorts = {{6002, 6002}};
    wish.plan.quotas = {quota};
    wish.plan.services[0].quotas = {3};
    apply(wish);
    const Socket there = Socket::udp(m_lab->there, endpoint("203.0.113.2", 5000));
    const Socket own = serviceSocket(endpoint("203.0.113.1", 6000));
    const Socket exempt = serviceSocket(endpoint("203.0.113.1", 6002));
    there.sendTo(endpoint("203.0.113.1", 6000), 1000, 4);
    QCOMPARE(arrived(own), 4);
    for (int i = 0; i < 10; ++i) {
        const std::vector<char> payload(1000, 'w');
        const sockaddr_in target{AF_INET, htons(5000), {htonl(0xcb007102)}, {}};
        // A dropped one is an error to its sender.
        sendto(own.descriptor(), payload.data(), payload.size(), 0,
               reinterpret_cast<const sockaddr *>(&target), sizeof target);
    }
    QCOMPARE(arrived(there), 6);
    there.sendTo(endpoint("203.0.113.1", 6000), 1000, 3);
    QCOMPARE(arrived(own), 0);
    there.sendTo(endpoint("203.0.113.1", 6002), 1000, 3);
    QCOMPARE(arrived(exempt), 3);
    const auto reading = m_gate->read();
    QVERIFY(reading && reading->quotas.size() == 1);
    QCOMPARE(reading->quotas[0],
             (QuotaReading{3, {}, {10 * kDatagram, 0}, 3 * (kDatagram + 14), 4 * (kDatagram + 14)}));
}

void GateServiceTest::pastItsLineAServiceSendsThroughTheSlowClass()
{
    GateWish wish = this->wish();
    QuotaGate quota;
    quota.watch = 3;
    quota.then = QuotaGate::Then::Slow;
    quota.slowUp = kSlowUp;
    quota.remaining[0] = 3 * kDatagram;
    wish.plan.quotas = {quota};
    wish.plan.services[0].quotas = {3};
    wish.plan.services[0].shapedUp = kUp;
    apply(wish);
    const Socket there = Socket::udp(m_lab->there, endpoint("203.0.113.2", 5000));
    const Socket own = serviceSocket(endpoint("203.0.113.1", 6000));
    own.sendTo(endpoint("203.0.113.2", 5000), 1000, 8);
    there.receive(8);
    QCOMPARE(m_lab->packets(kUp), quint64(3));
    QCOMPARE(m_lab->packets(kSlowUp), quint64(5));
}

void GateServiceTest::pastItsLineWhatAServiceReceivesIsPoliced()
{
    GateWish wish = this->wish();
    QuotaGate quota;
    quota.watch = 3;
    quota.then = QuotaGate::Then::Slow;
    quota.policedDownBitsPerSecond = 64'000;
    quota.remaining[0] = 300 * kDatagram;
    wish.plan.quotas = {quota};
    wish.plan.services[0].quotas = {3};
    apply(wish);
    const Socket there = Socket::udp(m_lab->there, endpoint("203.0.113.2", 5000));
    const Socket own = serviceSocket(endpoint("203.0.113.1", 6000));
    for (int i = 0; i < 300; i += 50) {
        there.sendTo(endpoint("203.0.113.1", 6000), 1000, 50);
        QCOMPARE(arrived(own), 50);
    }
    int passed = 0;
    for (int i = 0; i < 300; i += 50) {
        there.sendTo(endpoint("203.0.113.1", 6000), 1000, 50);
        passed += arrived(own);
    }
    // The bucket holds 66 of them, and 8 more come through in a second.
    QVERIFY2(passed >= 60 && passed < 150, qPrintable(QString::number(passed)));
    const auto reading = m_gate->read();
    QVERIFY(reading && reading->policed.size() == 1);
    QCOMPARE(reading->policed[0].watch, qint64(3));
    QCOMPARE(reading->policed[0].droppedPackets, quint64(300 - passed));
}

void GateServiceTest::cgroupsComeAndGoAndTheQuotaGoesOn()
{
    GateWish wish = this->wish();
    QuotaGate quota;
    quota.watch = 3;
    quota.remaining[0] = 5 * kDatagram;
    wish.plan.quotas = {quota};
    wish.plan.services[0].quotas = {3};
    apply(wish);
    const Socket there = Socket::udp(m_lab->there, endpoint("203.0.113.2", 5000));
    {
        const Socket own = serviceSocket(endpoint("203.0.113.1", 6000));
        there.sendTo(endpoint("203.0.113.1", 6000), 1000, 3);
        QCOMPARE(arrived(own), 3);
    }
    // Stopped, and started again deeper in the tree.
    m_cgroup->remove(QStringLiteral("/web.service"));
    wish.cgroups.clear();
    apply(wish);
    QCOMPARE(m_gate->read()->quotas.at(0).consumed[0], 3 * kDatagram);
    wish.cgroups[QStringLiteral("web.service")] = {
        {m_cgroup->make(QStringLiteral("/user.slice/web.service")), kLevel + 1},
        {m_cgroup->make(QStringLiteral("/web.service")), kLevel}};
    apply(wish);
    const Socket deep =
        socketOf(QStringLiteral("/user.slice/web.service/worker"), endpoint("203.0.113.1", 6001));
    there.sendTo(endpoint("203.0.113.1", 6001), 1000, 1);
    QCOMPARE(arrived(deep), 1);
    const Socket own = serviceSocket(endpoint("203.0.113.1", 6000));
    there.sendTo(endpoint("203.0.113.1", 6000), 1000, 5);
    QCOMPARE(arrived(own), 1);
}

void GateServiceTest::theLoopbackIsNotGoverned()
{
    GateWish wish = this->wish();
    QuotaGate quota;
    quota.watch = 3;
    quota.isOver = true;
    wish.plan.quotas = {quota};
    wish.plan.services[0].quotas = {3};
    apply(wish);
    const Socket own = serviceSocket(endpoint("127.0.0.1", 6000));
    const Socket other = serviceSocket(endpoint("127.0.0.1", 6001));
    other.sendTo(endpoint("127.0.0.1", 6000), 1000, 3);
    QCOMPARE(arrived(own), 3);
    QCOMPARE(m_gate->read()->quotas.at(0).droppedRxBytes, quint64(0));
}

QTEST_GUILESS_MAIN(GateServiceTest)
#include "gate_service_test.moc"
