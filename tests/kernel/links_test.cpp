// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/links.h"
#include "tests/support/netns.h"
#include "tests/support/sockets.h"

#include <QFileInfo>
#include <QTest>

#include <algorithm>

using namespace weir;
using namespace weir::test;

namespace {

/// A Links in a namespace of its own, seen from a thread that stays there.
struct Lab {
    Netns here;
    Netns there;
    Links links;
    int changes = 0;

    explicit Lab(bool withVeth = true)
    {
        here.enter();
        if (withVeth)
            joinByVeth({here, QStringLiteral("a0"), {QStringLiteral("10.9.0.1/24")}},
                       {there, QStringLiteral("b0"), {QStringLiteral("10.9.0.2/24")}});
        links.onChange([this] { ++changes; });
        const auto started = links.start();
        if (!started)
            qFatal("%s", qPrintable(started.error().message));
        settle();
    }

    /// Waits until the events of the set-up are behind us: events come in order, so when a last change of
    /// our own was announced, all before it were.
    void settle()
    {
        if (!QTest::qWaitFor([this] { return !has("a0") || named("a0").up; }))
            qFatal("a0 does not come up");
        changes = 0;
        here.ip(QStringLiteral("link set lo mtu 60000"));
        if (!QTest::qWaitFor([this] { return changes > 0; }))
            qFatal("a change was not announced");
        changes = 0;
    }

    std::vector<Link> read()
    {
        auto result = links.read();
        if (!result)
            qFatal("%s", qPrintable(result.error().message));
        return *result;
    }

    Link named(const char *name)
    {
        for (const Link &link : read()) {
            if (link.name == QLatin1String(name))
                return link;
        }
        return {};
    }

    bool has(const char *name) { return named(name).index != 0; }
};

QStringList prefixes(const Link &link)
{
    QStringList texts;
    for (const Prefix &prefix : link.onLinkPrefixes)
        texts += toString(prefix);
    return texts;
}

bool reaches(const Link &link, const char *prefix)
{
    return prefixes(link).contains(QLatin1String(prefix));
}

} // namespace

class LinksTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QVERIFY(m_home.start()); }

    void kindsAreToldApart()
    {
        Lab lab;
        lab.here.ip(QStringLiteral("link add br0 type bridge"));
        lab.here.ip(QStringLiteral("link add ifb7 type ifb"));
        lab.here.ip(QStringLiteral("tuntap add dev tun7 mode tun"));
        lab.here.ip(QStringLiteral("tuntap add dev tap7 mode tap"));

        QCOMPARE(lab.named("lo").kind, LinkKind::Loopback);
        QCOMPARE(lab.named("a0").kind, LinkKind::Veth);
        QCOMPARE(lab.named("br0").kind, LinkKind::Bridge);
        QCOMPARE(lab.named("ifb7").kind, LinkKind::Other);
        QCOMPARE(lab.named("tun7").kind, LinkKind::Tun);
        QCOMPARE(lab.named("tun7").ethernet, false);
        QCOMPARE(lab.named("tap7").kind, LinkKind::Tun);
        QCOMPARE(lab.named("tap7").ethernet, true);
        for (const Link &link : lab.read())
            QVERIFY2(!link.hardware, qPrintable(link.name));
    }

    void whatHasADeviceBelowItIsHardware()
    {
        // Looks at the links of the namespace in which the test was started, whose sysfs is mounted.
        const auto links = m_home.read();
        QVERIFY(links);
        for (const Link &link : *links) {
            const QString device = QStringLiteral("/sys/class/net/%1/device").arg(link.name);
            QVERIFY2(link.hardware == QFileInfo::exists(device), qPrintable(link.name));
        }
    }

    void aBridgePortKnowsItsMaster()
    {
        Lab lab;
        lab.here.ip(QStringLiteral("link add br0 type bridge"));
        QCOMPARE(lab.named("a0").master, 0);
        lab.here.ip(QStringLiteral("link set a0 master br0"));
        QCOMPARE(lab.named("a0").master, lab.named("br0").index);
        lab.here.ip(QStringLiteral("link set a0 nomaster"));
        QCOMPARE(lab.named("a0").master, 0);
    }

    void aVethsPeerIsNotBelowItWhereverItIs()
    {
        Lab lab;
        lab.here.ip(QStringLiteral("link add v0 type veth peer name v1"));
        QCOMPARE(lab.named("a0").lower, 0);
        QCOMPARE(lab.named("v0").lower, 0);
        QCOMPARE(lab.named("v1").lower, 0);
    }

    void addressesAndTheirNetworksAreFollowed()
    {
        Lab lab;
        QCOMPARE(lab.named("a0").addresses.size(), size_t(1));
        lab.here.ip(QStringLiteral("addr add 198.51.100.7/28 dev a0"));
        lab.here.ip(QStringLiteral("addr add 2001:db8:5::7/56 dev a0 nodad"));
        const Link link = lab.named("a0");
        QVERIFY2(reaches(link, "10.9.0.0/24") && reaches(link, "198.51.100.0/28")
                     && reaches(link, "2001:db8:5::/56"),
                 qPrintable(prefixes(link).join(QLatin1Char(' '))));
        const auto added = std::ranges::find(link.addresses, *parseAddress(u"198.51.100.7"));
        QVERIFY(added != link.addresses.end());
        QCOMPARE(int(link.prefixLengths[size_t(added - link.addresses.begin())]), 28);

        lab.here.ip(QStringLiteral("addr del 2001:db8:5::7/56 dev a0"));
        lab.here.ip(QStringLiteral("addr del 198.51.100.7/28 dev a0"));
        QVERIFY(!reaches(lab.named("a0"), "198.51.100.0/28"));
        QVERIFY(!reaches(lab.named("a0"), "2001:db8:5::/56"));
    }

    void routesWithoutAGatewayAreOnTheLink()
    {
        Lab lab;
        lab.here.ip(QStringLiteral("route add 203.0.113.0/24 dev a0"));
        lab.here.ip(QStringLiteral("route add 192.0.2.0/24 via 10.9.0.2"));
        lab.here.ip(QStringLiteral("-6 route add 2001:db8:7::/48 dev a0"));
        const Link link = lab.named("a0");
        QVERIFY(reaches(link, "203.0.113.0/24"));
        QVERIFY(reaches(link, "2001:db8:7::/48"));
        QVERIFY(!reaches(link, "192.0.2.0/24"));
        QCOMPARE(link.defaultRoute, false);

        lab.here.ip(QStringLiteral("route replace 203.0.113.0/24 via 10.9.0.2"));
        lab.here.ip(QStringLiteral("-6 route del 2001:db8:7::/48 dev a0"));
        QVERIFY(!reaches(lab.named("a0"), "203.0.113.0/24"));
        QVERIFY(!reaches(lab.named("a0"), "2001:db8:7::/48"));
    }

    void aTunnelsRoutesSayNothingAboutNearness()
    {
        Lab lab;
        lab.here.ip(QStringLiteral("tuntap add dev tun7 mode tun"));
        lab.here.ip(QStringLiteral("addr add 10.8.0.2 peer 10.8.0.1 dev tun7"));
        lab.here.ip(QStringLiteral("link set tun7 up"));
        lab.here.ip(QStringLiteral("route add 128.0.0.0/1 dev tun7"));
        QCOMPARE(prefixes(lab.named("tun7")),
                 (QStringList{QStringLiteral("10.8.0.1/32"), QStringLiteral("10.8.0.2/32")}));
    }

    void defaultRoutesOfBothFamiliesAreSeen()
    {
        Lab lab;
        QCOMPARE(lab.named("a0").defaultRoute, false);
        lab.here.ip(QStringLiteral("route add default via 10.9.0.2"));
        QCOMPARE(lab.named("a0").defaultRoute, true);
        QCOMPARE(lab.named("lo").defaultRoute, false);
        QVERIFY(!reaches(lab.named("a0"), "0.0.0.0/0"));
        lab.here.ip(QStringLiteral("route del default"));
        QCOMPARE(lab.named("a0").defaultRoute, false);
        lab.here.ip(QStringLiteral("-6 route add default via fe80::1 dev a0"));
        QCOMPARE(lab.named("a0").defaultRoute, true);
        lab.here.ip(QStringLiteral("-6 route del default"));
        QCOMPARE(lab.named("a0").defaultRoute, false);
    }

    void bothHopsOfAMultipathDefaultRouteCarryIt()
    {
        Lab lab;
        joinByVeth({lab.here, QStringLiteral("c0"), {QStringLiteral("10.10.0.1/24")}},
                   {lab.there, QStringLiteral("d0")});
        lab.here.ip(QStringLiteral("route add default nexthop via 10.9.0.2 nexthop via 10.10.0.2"));
        QCOMPARE(lab.named("a0").defaultRoute, true);
        QCOMPARE(lab.named("c0").defaultRoute, true);
    }

    void aLinkThatGoesDownLosesItsDefaultRoute()
    {
        // The kernel says nothing about IPv4 routes that go with their link.
        Lab lab;
        lab.here.ip(QStringLiteral("route add default via 10.9.0.2"));
        QCOMPARE(lab.named("a0").defaultRoute, true);
        lab.here.ip(QStringLiteral("link set a0 down"));
        QCOMPARE(lab.named("a0").defaultRoute, false);
        QCOMPARE(lab.named("a0").up, false);
    }

    void countersAreTheLinksOwn()
    {
        Lab lab;
        const Socket ours = Socket::udp(lab.here, endpoint("10.9.0.1", 8000));
        const Socket theirs = Socket::udp(lab.there, endpoint("10.9.0.2", 9000));
        theirs.sendTo(endpoint("10.9.0.1", 8000), 1);
        ours.receive(); // the neighbours know each other now
        ours.sendTo(endpoint("10.9.0.2", 9000), 1);
        theirs.receive();

        const Traffic before = lab.named("a0").counters;
        theirs.sendTo(endpoint("10.9.0.1", 8000), 1000, 10);
        ours.receive(10);
        ours.sendTo(endpoint("10.9.0.2", 9000), 200, 5);
        theirs.receive(5);
        // 8 of UDP, 20 of IPv4, 14 of Ethernet around each payload.
        QCOMPARE(growth(before, lab.named("a0").counters), (Traffic{10 * 1042, 5 * 242, 10, 5}));
    }

    void aRenamedLinkKeepsItsIndexAndIsAnnounced()
    {
        Lab lab;
        const int index = lab.named("a0").index;
        lab.here.ip(QStringLiteral("link set a0 down"));
        QTRY_VERIFY(lab.changes > 0);
        lab.changes = 0;
        lab.here.ip(QStringLiteral("link set a0 name wan0"));
        QTRY_VERIFY(lab.changes > 0);
        QCOMPARE(lab.named("wan0").index, index);
        QVERIFY(!lab.has("a0"));
    }

    void everythingThatChangesIsAnnounced_data()
    {
        QTest::addColumn<QString>("command");
        QTest::newRow("link added") << QStringLiteral("link add v0 type veth peer name v1");
        QTest::newRow("link removed") << QStringLiteral("link del a0");
        QTest::newRow("link down") << QStringLiteral("link set a0 down");
        QTest::newRow("address added") << QStringLiteral("addr add 10.77.0.1/24 dev a0");
        QTest::newRow("address removed") << QStringLiteral("addr del 10.9.0.1/24 dev a0");
        QTest::newRow("v6 address added") << QStringLiteral("addr add 2001:db8::1/64 dev a0 nodad");
        QTest::newRow("default route") << QStringLiteral("route add default via 10.9.0.2");
        QTest::newRow("v6 on-link route") << QStringLiteral("-6 route add 2001:db8:7::/48 dev a0");
    }

    void everythingThatChangesIsAnnounced()
    {
        QFETCH(QString, command);
        Lab lab;
        lab.here.ip(command);
        QTRY_VERIFY(lab.changes > 0);
    }

    void aQdiscTakenAwayIsAnnounced()
    {
        Lab lab;
        const QString tc = QStringLiteral("tc");
        lab.here.command(tc, QStringLiteral("qdisc add dev a0 clsact").split(QLatin1Char(' ')));
        lab.here.command(tc, QStringLiteral("qdisc del dev a0 clsact").split(QLatin1Char(' ')));
        QTRY_VERIFY(lab.changes > 0);
    }

    void aBurstOfEventsIsAnnouncedAFewTimesOnly()
    {
        Lab lab;
        QByteArray batch;
        for (int i = 0; i < 250; ++i)
            batch += "addr add 10.77.0." + QByteArray::number(i + 1) + "/32 dev a0\n";
        lab.here.ipBatch(batch);
        QTRY_VERIFY(lab.changes > 0);
        QCOMPARE(lab.named("a0").addresses.size(), size_t(251));
        QVERIFY2(lab.changes < 10, qPrintable(QString::number(lab.changes)));
    }

    void eventsReadByALookAreAnnouncedToo()
    {
        // The look takes the event from the socket before the event loop sees it.
        Lab lab;
        lab.here.ip(QStringLiteral("link add br0 type bridge"));
        QVERIFY(lab.has("br0"));
        QTRY_VERIFY(lab.changes > 0);
    }

    void lostEventsMeanReadAgain()
    {
        // More events than the buffer holds while nobody reads.
        Lab lab;
        QByteArray batch;
        for (int i = 0; i < 30'000; ++i)
            batch += "route add 198.18." + QByteArray::number(i / 250) + '.' + QByteArray::number(i % 250)
                + "/32 via 10.9.0.2\n";
        batch += "addr add 10.78.0.1/24 dev a0\n";
        lab.here.ipBatch(batch);
        QTRY_VERIFY(lab.changes > 0);
        QVERIFY(reaches(lab.named("a0"), "10.78.0.0/24"));
    }

    void twoHundredLinksAreReadInOneLook()
    {
        Lab lab(false);
        QByteArray batch;
        for (int i = 0; i < 100; ++i) {
            const QByteArray number = QByteArray::number(i);
            batch += "link add v" + number + " type veth peer name w" + number + "\n";
        }
        lab.here.ipBatch(batch);
        const std::vector<Link> links = lab.read();
        QCOMPARE(links.size(), size_t(201));
        QVERIFY(std::ranges::is_sorted(links, {}, &Link::index));

        QBENCHMARK
        {
            lab.read();
        }
    }

    void linksThatComeAndGoBetweenLooksAreNeverHalfKnown()
    {
        Lab lab;
        for (int i = 0; i < 20; ++i) {
            lab.here.ip(QStringLiteral("link add v0 type veth peer name v1"));
            QVERIFY(lab.has("v0"));
            lab.here.ip(QStringLiteral("link del v0"));
            QVERIFY(!lab.has("v0"));
        }
    }

private:
    Links m_home;
};

QTEST_GUILESS_MAIN(LinksTest)
#include "links_test.moc"
