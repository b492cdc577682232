// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/links_parse.h"
#include "helper/kernel/netlink.h"

#include <QTest>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

using namespace weir;

namespace {

/// A link message as the kernel would send it, attribute by attribute.
class LinkBuilder
{
public:
    explicit LinkBuilder(const char *name, unsigned short type = ARPHRD_ETHER,
                         unsigned flags = IFF_UP | IFF_RUNNING)
    {
        ifinfomsg header{};
        header.ifi_type = type;
        header.ifi_index = 7;
        header.ifi_flags = flags;
        m_message = netlinkMessage(RTM_NEWLINK, header);
        nla_put_string(get(), IFLA_IFNAME, name);
    }
    LinkBuilder &kind(const char *kind)
    {
        nlattr *info = nla_nest_start(get(), IFLA_LINKINFO);
        nla_put_string(get(), IFLA_INFO_KIND, kind);
        nla_nest_end(get(), info);
        return *this;
    }
    LinkBuilder &number(int attribute, quint32 value)
    {
        nla_put_u32(get(), attribute, value);
        return *this;
    }
    LinkBuilder &text(int attribute, const char *value)
    {
        nla_put_string(get(), attribute, value);
        return *this;
    }
    LinkBuilder &bytes(int attribute, const QByteArray &value)
    {
        nla_put(get(), attribute, int(value.size()), value.constData());
        return *this;
    }
    Link link() { return rtnetlink::parseLink(nlmsg_hdr(get()))->link; }
    nlmsghdr *message() { return nlmsg_hdr(get()); }

private:
    nl_msg *get() { return m_message.get(); }
    NetlinkMessage m_message;
};

const QByteArray kMac = QByteArray::fromHex("021122334455");

NetlinkMessage routeMessage(quint8 length, const QByteArray &destination, unsigned char type = RTN_UNICAST,
                            unsigned char table = RT_TABLE_MAIN)
{
    rtmsg header{};
    header.rtm_family = AF_INET;
    header.rtm_dst_len = length;
    header.rtm_table = table;
    header.rtm_type = type;
    NetlinkMessage message = netlinkMessage(RTM_NEWROUTE, header);
    if (!destination.isEmpty())
        nla_put(message.get(), RTA_DST, int(destination.size()), destination.constData());
    return message;
}

const QByteArray kGateway = QByteArray::fromHex("c0000201");

} // namespace

class LinksParseTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aNicHasADeviceBelowIt()
    {
        const Link link =
            LinkBuilder("eth0").bytes(IFLA_ADDRESS, kMac).text(IFLA_PARENT_DEV_NAME, "0000:00:03.0").link();
        QCOMPARE(link.index, 7);
        QCOMPARE(link.name, QStringLiteral("eth0"));
        QCOMPARE(link.kind, LinkKind::Ethernet);
        QCOMPARE(link.hardware, true);
        QCOMPARE(link.ethernet, true);
        QCOMPARE(link.up, true);
        QCOMPARE(link.hardwareAddress, kMac);
    }

    void aVlanStandsOnItsParent()
    {
        const Link link = LinkBuilder("eth0.5").kind("vlan").number(IFLA_LINK, 2).link();
        QCOMPARE(link.kind, LinkKind::Vlan);
        QCOMPARE(link.lower, 2);
        QCOMPARE(link.hardware, false);
    }

    void aMacvlanWhoseParentIsInAnotherNamespaceStandsOnNothingHere()
    {
        QCOMPARE(
            LinkBuilder("m0").kind("macvlan").number(IFLA_LINK, 2).number(IFLA_LINK_NETNSID, 0).link().lower,
            0);
        QCOMPARE(LinkBuilder("m0").kind("macvlan").number(IFLA_LINK, 2).link().lower, 2);
    }

    void aVethsPeerAndATunnelsPathAreNotBelowIt()
    {
        QCOMPARE(LinkBuilder("v0").kind("veth").number(IFLA_LINK, 8).link().lower, 0);
        QCOMPARE(LinkBuilder("vx0").kind("vxlan").number(IFLA_LINK, 2).link().lower, 0);
    }

    void bondPortsKeepTheirPermanentAddress()
    {
        const QByteArray bondMac = QByteArray::fromHex("02aaaaaaaaaa");
        const Link port = LinkBuilder("eth1")
                              .number(IFLA_MASTER, 9)
                              .bytes(IFLA_ADDRESS, bondMac)
                              .bytes(IFLA_PERM_ADDRESS, kMac)
                              .text(IFLA_PARENT_DEV_NAME, "virtio1")
                              .link();
        QCOMPARE(port.master, 9);
        QCOMPARE(port.hardwareAddress, kMac);
        QCOMPARE(LinkBuilder("bond0").kind("bond").link().kind, LinkKind::Bond);
        QCOMPARE(LinkBuilder("team0").kind("team").link().kind, LinkKind::Bond);
    }

    void linksWithoutEthernetHeaderAreKnownByTheirHardwareType_data()
    {
        QTest::addColumn<QByteArray>("kind");
        QTest::addColumn<int>("type");
        QTest::addColumn<LinkKind>("expected");
        QTest::addColumn<bool>("ethernet");
        QTest::newRow("tun") << QByteArray("tun") << int(ARPHRD_NONE) << LinkKind::Tun << false;
        QTest::newRow("tap") << QByteArray("tun") << int(ARPHRD_ETHER) << LinkKind::Tun << true;
        QTest::newRow("wireguard") << QByteArray("wireguard") << int(ARPHRD_NONE) << LinkKind::Wireguard
                                   << false;
        QTest::newRow("pppd") << QByteArray("ppp") << int(ARPHRD_PPP) << LinkKind::Ppp << false;
        QTest::newRow("old pppd") << QByteArray() << int(ARPHRD_PPP) << LinkKind::Ppp << false;
        QTest::newRow("loopback") << QByteArray() << int(ARPHRD_LOOPBACK) << LinkKind::Loopback << true;
        QTest::newRow("raw IP modem") << QByteArray() << int(ARPHRD_RAWIP) << LinkKind::Other << false;
        QTest::newRow("ifb") << QByteArray("ifb") << int(ARPHRD_ETHER) << LinkKind::Other << true;
    }

    void linksWithoutEthernetHeaderAreKnownByTheirHardwareType()
    {
        QFETCH(QByteArray, kind);
        QFETCH(int, type);
        QFETCH(LinkKind, expected);
        QFETCH(bool, ethernet);
        LinkBuilder builder("x0", static_cast<unsigned short>(type));
        if (!kind.isEmpty())
            builder.kind(kind);
        QCOMPARE(builder.link().kind, expected);
        QCOMPARE(builder.link().ethernet, ethernet);
    }

    void aLinkWithoutCarrierIsDown() { QCOMPARE(LinkBuilder("eth0", ARPHRD_ETHER, IFF_UP).link().up, false); }

    void newsOfAWirelessScanAreToldApart()
    {
        QCOMPARE(
            rtnetlink::parseLink(LinkBuilder("wlan0").bytes(IFLA_WIRELESS, "event").message())->scanResult,
            true);
        QCOMPARE(rtnetlink::parseLink(LinkBuilder("wlan0").message())->scanResult, false);
    }

    void countersAre64BitsWide()
    {
        if_stats_msg header{};
        header.ifindex = 7;
        const NetlinkMessage message = netlinkMessage(RTM_NEWSTATS, header);
        rtnl_link_stats64 stats{};
        stats.rx_bytes = 5'000'000'000'000;
        stats.tx_bytes = 6'000'000'000'000;
        stats.rx_packets = 7'000'000'000;
        stats.tx_packets = 8'000'000'000;
        nla_put(message.get(), IFLA_STATS_LINK_64, sizeof stats, &stats);
        const auto counters = rtnetlink::parseCounters(nlmsg_hdr(message.get()));
        QVERIFY(counters);
        QCOMPARE(counters->first, 7);
        QCOMPARE(counters->second,
                 (Traffic{5'000'000'000'000, 6'000'000'000'000, 7'000'000'000, 8'000'000'000}));
    }

    void theNetworkOfAPointToPointAddressIsTheOtherEnds()
    {
        ifaddrmsg header{};
        header.ifa_family = AF_INET;
        header.ifa_prefixlen = 32;
        header.ifa_index = 7;
        const NetlinkMessage message = netlinkMessage(RTM_NEWADDR, header);
        const QByteArray own = QByteArray::fromHex("cb007105");   // 203.0.113.5
        const QByteArray other = QByteArray::fromHex("cb007101"); // 203.0.113.1
        nla_put(message.get(), IFA_LOCAL, 4, own.constData());
        nla_put(message.get(), IFA_ADDRESS, 4, other.constData());
        const auto address = rtnetlink::parseAddress(nlmsg_hdr(message.get()));
        QVERIFY(address);
        QCOMPARE(toString(address->address), QStringLiteral("203.0.113.5"));
        QCOMPARE(toString(address->network), QStringLiteral("203.0.113.1/32"));
    }

    void eachHopOfAMultipathDefaultRouteIsSeen()
    {
        const NetlinkMessage message = routeMessage(0, {});
        nlattr *hops = nla_nest_start(message.get(), RTA_MULTIPATH);
        for (const int link : {2, 3}) {
            auto *hop =
                static_cast<rtnexthop *>(nlmsg_reserve(message.get(), sizeof(rtnexthop), NLMSG_ALIGNTO));
            *hop = {};
            hop->rtnh_ifindex = link;
            if (link == 2)
                nla_put(message.get(), RTA_GATEWAY, 4, kGateway.constData());
            const auto *end = static_cast<char *>(nlmsg_tail(nlmsg_hdr(message.get())));
            hop->rtnh_len = static_cast<unsigned short>(end - reinterpret_cast<char *>(hop));
        }
        nla_nest_end(message.get(), hops);
        const auto route = rtnetlink::parseRoute(nlmsg_hdr(message.get()));
        QVERIFY(route);
        QVERIFY(route->isDefault());
        QCOMPARE(route->hops.size(), size_t(2));
        QCOMPARE(route->hops[0].link, 2);
        QCOMPARE(route->hops[0].gateway, true);
        QCOMPARE(route->hops[1].link, 3);
        QCOMPARE(route->hops[1].gateway, false);
    }

    void aRouteThroughAGatewayHasNoHopOnTheLink()
    {
        const NetlinkMessage message = routeMessage(8, QByteArray::fromHex("0a000000"));
        nla_put_u32(message.get(), RTA_OIF, 2);
        nla_put(message.get(), RTA_GATEWAY, 4, kGateway.constData());
        QCOMPARE(rtnetlink::parseRoute(nlmsg_hdr(message.get()))->hasOnLinkHop(), false);
    }

    void routesOfOtherTablesAndKindsAreNotOurs()
    {
        const QByteArray net = QByteArray::fromHex("0a000000");
        QVERIFY(!rtnetlink::parseRoute(nlmsg_hdr(routeMessage(8, net, RTN_BLACKHOLE).get())));
        QVERIFY(!rtnetlink::parseRoute(nlmsg_hdr(routeMessage(8, net, RTN_UNICAST, RT_TABLE_LOCAL).get())));
        QVERIFY(rtnetlink::parseRoute(nlmsg_hdr(routeMessage(8, net).get())));
        QVERIFY(!rtnetlink::parseRoute(nlmsg_hdr(routeMessage(33, net).get())));
        QVERIFY(!rtnetlink::parseRoute(nlmsg_hdr(routeMessage(8, {}).get())));
    }

    void aMessageCutAnywhereIsReadWithoutHarm()
    {
        LinkBuilder builder("eth0");
        builder.kind("vlan").number(IFLA_LINK, 2).number(IFLA_MASTER, 3).bytes(IFLA_ADDRESS, kMac);
        const nlmsghdr *whole = builder.message();
        for (quint32 length = sizeof(nlmsghdr); length <= whole->nlmsg_len; ++length) {
            // Memory of exactly this size, so that a sanitizer sees each byte too far.
            std::unique_ptr<char[]> cut(new char[length]);
            memcpy(cut.get(), whole, length);
            auto *message = reinterpret_cast<nlmsghdr *>(cut.get());
            message->nlmsg_len = length;
            const auto link = rtnetlink::parseLink(message);
            QVERIFY(!link || link->link.index == 7);
            for (const quint16 type : {RTM_NEWADDR, RTM_NEWROUTE, RTM_NEWSTATS}) {
                message->nlmsg_type = type; // as something that it is not
                rtnetlink::parseAddress(message);
                rtnetlink::parseRoute(message);
                rtnetlink::parseCounters(message);
            }
        }
    }
};

QTEST_GUILESS_MAIN(LinksParseTest)
#include "links_parse_test.moc"
