// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/cgroup_tree.h"
#include "helper/kernel/meter_settings.h"
#include "helper/kernel/service_meter.h"
#include "helper/kernel/service_object.h"
#include "tests/kernel/meter_lab.h"
#include "tests/kernel/meter_test_bed.h"
#include "tests/kernel/show_traffic.h"
#include "tests/support/cgroup.h"

#include <QDir>
#include <QFile>
#include <QtEndian>
#include <QTest>

#include <bpf/bpf.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

using namespace weir;
using namespace weir::test;

namespace {

constexpr const char *kHere4 = "203.0.113.1";
constexpr const char *kThere4 = "203.0.113.2";
const QString kWeb = QStringLiteral("/system.slice/web.service");

/// Packets of the given bytes on an Ethernet, in both directions.
Traffic both(quint64 bytes, quint64 packets)
{
    return {bytes, bytes, packets, packets};
}

/// A meter of services over a cgroup of its own, in the network of MeterLab.
struct ServiceLab {
    MeterLab network{Meter::Attach::Tcx};
    TestCgroup cgroups;
    std::unique_ptr<ServiceMeter> meter;

    ServiceLab() { restart(); }

    /// As after a crash: a new object on what the old one left.
    void restart()
    {
        meter.reset();
        QDir().mkpath(network.pins());
        meter = std::make_unique<ServiceMeter>(ServiceMeter::Options{network.pins(), cgroups.root()});
        meter->start();
        if (!meter->problems().empty())
            qFatal("%s", qPrintable(meter->problems().front().text));
    }

    ServiceSample sample() const
    {
        auto sample = meter->sample();
        if (!sample)
            qFatal("%s", qPrintable(sample.error().message));
        return *sample;
    }

    /// All counters with that path together.
    ServiceTraffic of(const QString &path) const
    {
        ServiceTraffic sum;
        for (const ServiceCounter &counter : sample().counters) {
            if (counter.path == path)
                sum += counter.traffic;
        }
        return sum;
    }

    /// `count` datagrams each way between a socket in the cgroup and one outside of all that are counted.
    void exchange(const QString &cgroup, size_t size, int count, const char *ours = kHere4,
                  const char *theirs = kThere4) const
    {
        const Socket remote = Socket::udp(network.there, endpoint(theirs, 5000));
        cgroups.run(cgroup, [&] {
            const Socket own = Socket::udp(network.here, endpoint(ours, 8000));
            for (int i = 0; i < count; ++i) {
                remote.sendTo(endpoint(ours, 8000), size);
                own.receive();
                own.sendTo(endpoint(theirs, 5000), size);
                remote.receive();
            }
        });
    }
};

} // namespace

class ServiceMeterTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void datagramsOfACgroupAreCountedToTheByte_data()
    {
        QTest::addColumn<QByteArray>("ours");
        QTest::addColumn<QByteArray>("theirs");
        QTest::addColumn<quint64>("headers");
        QTest::newRow("v4") << QByteArray(kHere4) << QByteArray(kThere4) << kUdp4;
        QTest::newRow("v6") << QByteArray("2001:db8::1") << QByteArray("2001:db8::2") << kUdp6;
    }

    void datagramsOfACgroupAreCountedToTheByte()
    {
        QFETCH(QByteArray, ours);
        QFETCH(QByteArray, theirs);
        QFETCH(quint64, headers);
        ServiceLab lab;
        lab.exchange(kWeb, 300, 10, ours, theirs);
        QCOMPARE(lab.of(kWeb).wire.internet, both(10 * (300 + headers), 10));
        QCOMPARE(lab.of(kWeb).wire.local, Traffic{});
        QCOMPARE(lab.of(kWeb).loopback, Traffic{});
    }

    void cgroupsBesideEachOtherAndBelowEachOtherHaveTheirOwn()
    {
        ServiceLab lab;
        lab.exchange(kWeb, 100, 1);
        lab.exchange(kWeb + QStringLiteral("/worker"), 200, 1);
        lab.exchange(QStringLiteral("/other.service"), 300, 1);
        QCOMPARE(lab.of(kWeb).wire.internet, both(100 + kUdp4, 1));
        QCOMPARE(lab.of(kWeb + QStringLiteral("/worker")).wire.internet, both(200 + kUdp4, 1));
        QCOMPARE(lab.of(QStringLiteral("/other.service")).wire.internet, both(300 + kUdp4, 1));
    }

    void localPrefixesDecideTheScope()
    {
        ServiceLab lab;
        QVERIFY(
            lab.meter->setLocalPrefixes({*parsePrefix(u"203.0.113.0/24"), *parsePrefix(u"2001:db8::/64")}));
        lab.exchange(kWeb, 100, 2);
        lab.exchange(kWeb, 100, 2, "2001:db8::1", "2001:db8::2");
        QCOMPARE(lab.of(kWeb).wire.local, both(2 * (100 + kUdp4) + 2 * (100 + kUdp6), 4));
        QCOMPARE(lab.of(kWeb).wire.internet, Traffic{});

        QVERIFY(lab.meter->setLocalPrefixes({}));
        lab.exchange(kWeb, 100, 1);
        QCOMPARE(lab.of(kWeb).wire.internet, both(100 + kUdp4, 1));
    }

    void whatStaysWithinTheMachineIsLoopback()
    {
        ServiceLab lab;
        // To an own address, too, packets take the loopback device.
        for (const char *address : {"127.0.0.1", kHere4}) {
            const Socket remote = Socket::udp(lab.network.here, endpoint(address, 5000));
            lab.cgroups.run(kWeb, [&] {
                const Socket own = Socket::udp(lab.network.here, endpoint(address, 8000));
                own.sendTo(endpoint(address, 5000), 100);
                remote.receive();
            });
        }
        QCOMPARE(lab.of(kWeb).loopback, (Traffic{0, 2 * (100 + kUdp4), 0, 2}));
        QCOMPARE(lab.of(kWeb).wire, ScopedTraffic{});
    }

    void aConnectionIsWhatTheLinkSawOfIt()
    {
        ServiceLab lab;
        Meter meter({lab.network.pins(), Meter::Attach::Tcx});
        QVERIFY(meter.start());
        meter.setTargets({target("s0")});
        Atom atom = udpAtom(1, {});
        atom.tcp = {{8080, 8080}};
        QVERIFY(meter.setAtoms({atom}));

        std::optional<Socket> listener;
        lab.cgroups.run(kWeb, [&] { listener = Socket::listener(lab.network.here, endpoint(kHere4, 8080)); });
        const Socket theirs =
            Socket::connection(lab.network.there, endpoint(kThere4, 0), endpoint(kHere4, 8080));
        const Socket ours = listener->accept();
        for (int i = 0; i < 50; ++i) { // merged packets: a veth hands them across whole
            ours.write(100'000);
            theirs.read(100'000);
            theirs.write(100'000);
            ours.read(100'000);
        }
        QTRY_COMPARE(lab.of(kWeb).wire.internet, sampleOf(meter).atoms.at(1).total());
        QVERIFY(lab.of(kWeb).wire.internet.txBytes > 5'000'000);
        QVERIFY(meter.removeEverything());
    }

    void echoesAreCountedForWhoAsked()
    {
        ServiceLab lab;
        lab.cgroups.run(kWeb, [&] {
            const FileDescriptor raw(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
            sockaddr_in there{};
            there.sin_family = AF_INET;
            there.sin_addr.s_addr = qToBigEndian(quint32(0xcb007102)); // 203.0.113.2
            icmphdr echo{};
            echo.type = ICMP_ECHO;
            echo.checksum = quint16(~qToBigEndian(quint16(ICMP_ECHO << 8)));
            QCOMPARE(sendto(raw.get(), &echo, sizeof(echo), 0, reinterpret_cast<sockaddr *>(&there),
                            sizeof(there)),
                     ssize_t(sizeof(echo)));
            char answer[64];
            QCOMPARE(recv(raw.get(), answer, sizeof(answer), 0), 28);
        });
        QCOMPARE(lab.of(kWeb).wire.internet, both(14 + 20 + 8, 1));
    }

    void bytesPassedWhileNoHelperRanAreThere()
    {
        ServiceLab lab;
        lab.exchange(kWeb, 100, 3);
        const Generation generation = lab.sample().generation;
        lab.meter.reset();
        lab.exchange(kWeb, 100, 4);
        lab.restart();
        QCOMPARE(lab.sample().generation, generation);
        lab.exchange(kWeb, 100, 5);
        QCOMPARE(lab.of(kWeb).wire.internet, both(12 * (100 + kUdp4), 12));
    }

    void anotherLayoutsCountersAreLeftovers()
    {
        ServiceLab lab;
        lab.exchange(kWeb, 100, 3);
        const Generation generation = lab.sample().generation;
        lab.meter.reset();
        // As if another layout had made it: how its counters lie is described in it.
        QVERIFY(QDir().rename(lab.network.pins() + QStringLiteral("/services-1"),
                              lab.network.pins() + QStringLiteral("/services-0")));
        lab.exchange(kWeb, 100, 4);
        lab.restart();
        lab.exchange(kWeb, 100, 1);
        const std::vector<ServiceSample> leftovers = lab.meter->leftovers();
        QCOMPARE(leftovers.size(), size_t(1));
        QCOMPARE(leftovers[0].generation, generation);
        QCOMPARE(leftovers[0].counters.at(0).path, kWeb);
        QCOMPARE(leftovers[0].counters.at(0).traffic.wire.internet, both(7 * (100 + kUdp4), 7));
        QCOMPARE(lab.of(kWeb).wire.internet, both(100 + kUdp4, 1));
        lab.meter->discardLeftovers();
        QVERIFY(lab.meter->leftovers().empty());
    }

    void nothingStaysAfterRemoval()
    {
        ServiceLab lab;
        lab.exchange(kWeb, 100, 1);
        QVERIFY(lab.meter->removeEverything());
        QCOMPARE(QDir(lab.network.pins()).entryList(QDir::Dirs | QDir::NoDotAndDotDot), QStringList{});
        const FileDescriptor cgroup(
            open(QFile::encodeName(lab.cgroups.root()).constData(), O_RDONLY | O_CLOEXEC));
        for (const bpf_attach_type hook : {BPF_CGROUP_INET_INGRESS, BPF_CGROUP_INET_EGRESS}) {
            quint32 programs = 0;
            // Pins go with the last reference, a moment later.
            QTRY_VERIFY(bpf_prog_query(cgroup.get(), hook, 0, nullptr, nullptr, &programs) == 0
                        && programs == 0);
        }
    }

    void aCgroupThatIsMadeAnewHasAnotherCounterUnderTheSamePath()
    {
        ServiceLab lab;
        lab.exchange(kWeb, 100, 1);
        lab.sample();
        lab.cgroups.remove(kWeb);
        lab.exchange(kWeb, 200, 1);
        const ServiceSample sample = lab.sample();
        QCOMPARE(sample.counters.size(), size_t(2));
        QCOMPARE(int(sample.counters[0].gone) + int(sample.counters[1].gone), 1);
        QCOMPARE(lab.of(kWeb).wire.internet, both(300 + 2 * kUdp4, 2));
    }

    void aCgroupThatWentUnseenIsKnownByTheOnesAbove()
    {
        ServiceLab lab;
        lab.cgroups.make(kWeb);
        lab.restart();
        // Made and removed before the helper can look at it.
        lab.exchange(kWeb + QStringLiteral("/job/step"), 100, 1);
        lab.cgroups.remove(kWeb + QStringLiteral("/job"));
        const ServiceSample sample = lab.sample();
        QCOMPARE(sample.counters.size(), size_t(1));
        QCOMPARE(sample.counters[0].path, kWeb);
        QCOMPARE(sample.counters[0].gone, true);
    }

    void whatIsTakenOutBeginsAnew()
    {
        ServiceLab lab;
        const Socket remote = Socket::udp(lab.network.there, endpoint(kThere4, 5000));
        lab.cgroups.run(kWeb, [&] {
            const Socket own = Socket::udp(lab.network.here, endpoint(kHere4, 8000));
            own.sendTo(endpoint(kThere4, 5000), 100);
            const ServiceKey key = lab.sample().counters.at(0).key;
            QVERIFY(lab.meter->take({{key.cgroup, key.began + 1}}).empty());
            const std::vector<ServiceCounter> taken = lab.meter->take({key});
            QCOMPARE(taken.size(), size_t(1));
            QCOMPARE(taken[0].traffic.wire.internet, (Traffic{0, 100 + kUdp4, 0, 1}));
            QVERIFY(lab.sample().counters.empty());

            own.sendTo(endpoint(kThere4, 5000), 100);
            const ServiceKey next = lab.sample().counters.at(0).key;
            QCOMPARE(next.cgroup, key.cgroup);
            QVERIFY(next.began != key.began);
            QCOMPARE(lab.of(kWeb).wire.internet, (Traffic{0, 100 + kUdp4, 0, 1}));
        });
    }

    void whatFindsNoPlaceIsUnattributedAndSaid()
    {
        ServiceLab lab;
        const auto services = openPinned(lab.network.pins() + QStringLiteral("/services-1/services"));
        const weir_service_counter none{};
        for (quint64 id = 1; id <= WEIR_MAX_SERVICES; ++id)
            QVERIFY(writeMap(services->get(), id << 48, none));
        lab.exchange(kWeb, 100, 3);
        QCOMPARE(lab.of(kWeb).wire, ScopedTraffic{});
        QCOMPARE(lab.sample().overflow.wire.internet, both(3 * (100 + kUdp4), 3));
        QCOMPARE(lab.meter->problems().at(0).id, QStringLiteral("service-table-full"));
    }

    void withoutACgroupThatCanBeOpenedItSaysSo()
    {
        const MeterLab network(Meter::Attach::Tcx);
        QDir().mkpath(network.pins());
        ServiceMeter meter({network.pins(), QStringLiteral("/no/such/cgroup")});
        meter.start();
        QCOMPARE(meter.problems().at(0).id, QStringLiteral("services-not-counted"));
        const auto sample = meter.sample();
        QVERIFY(sample);
        QCOMPARE(sample->generation, Generation(0));
    }

    void segmentsAndLinksHaveTheirHeaders_data()
    {
        using namespace packet;
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<quint32>("segments");
        QTest::addColumn<quint32>("segmentSize");
        QTest::addColumn<bool>("ethernet");
        QTest::addColumn<LinkKind>("kind");
        QTest::addColumn<quint64>("wireBytes");
        QTest::addColumn<quint64>("packets");
        const QByteArray tcp4 = v4Frame({.protocol = Tcp}, tcp(80, 5000, 0x10, 3000, 12));
        const QByteArray udp6 = v6Frame({}, udp(80, 5000, 2500));
        const auto row = [](const char *name, const QByteArray &bytes, quint32 segments, quint32 size,
                            bool ethernet, LinkKind kind, quint64 wire, quint64 packets) {
            QTest::newRow(name) << bytes << segments << size << ethernet << kind << wire << packets;
        };
        row("one packet", tcp4, 0, 0, true, LinkKind::Ethernet, 14 + 20 + 32 + 3000, 1);
        row("TCP in three", tcp4, 3, 1000, true, LinkKind::Ethernet, 3 * (14 + 20 + 32) + 3000, 3);
        row("TCP in three, told by their size alone", tcp4, 0, 1000, true, LinkKind::Ethernet,
            3 * (14 + 20 + 32) + 3000, 3);
        row("UDP over IPv6 in two and a half", udp6, 0, 1000, true, LinkKind::Ethernet,
            3 * (14 + 40 + 8) + 2500, 3);
        row("without link header", tcp4, 3, 1000, false, LinkKind::Tun, 3 * (20 + 32) + 3000, 3);
        row("tagged", tcp4, 3, 1000, true, LinkKind::Vlan, 3 * (18 + 20 + 32) + 3000, 3);
        row("options of IPv4", v4Frame({.protocol = Tcp, .options = zeros(8)}, tcp(80, 5000, 0x10, 2000)), 2,
            1000, true, LinkKind::Ethernet, 2 * (14 + 28 + 20) + 2000, 2);
    }

    void segmentsAndLinksHaveTheirHeaders()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(quint32, segments);
        QFETCH(quint32, segmentSize);
        QFETCH(bool, ethernet);
        QFETCH(LinkKind, kind);
        QFETCH(quint64, wireBytes);
        QFETCH(quint64, packets);
        ServiceLab lab;
        Link link;
        link.index = int(if_nametoindex("s0"));
        link.ethernet = ethernet;
        link.kind = kind;
        QVERIFY(lab.meter->setLinks({link}));
        auto object = ServiceObject::adopt(lab.network.pins() + QStringLiteral("/services-1"));
        QVERIFY(object.has_value());

        lab.cgroups.run(kWeb, [&] {
            __sk_buff context{};
            context.ifindex = quint32(link.index);
            context.gso_segs = segments;
            context.gso_size = segmentSize;
            bpf_test_run_opts options{};
            options.sz = sizeof(options);
            options.data_in = bytes.constData();
            options.data_size_in = quint32(bytes.size());
            options.ctx_in = &context;
            options.ctx_size_in = sizeof(context);
            options.repeat = 1;
            QCOMPARE(bpf_prog_test_run_opts(object->program(Hook::Egress), &options), 0);
            QCOMPARE(options.retval, 1u);
        });
        QCOMPARE(lab.of(kWeb).wire.internet, (Traffic{0, wireBytes, 0, packets}));
    }

    void whateverComesIsLetPass()
    {
        using namespace packet;
        const Netns netns;
        netns.enter();
        auto object = ServiceObject::load();
        QVERIFY(object.has_value());
        for (const QByteArray &bytes :
             {v4Frame({}, {}), v6Frame({}, {}), ethernet(0x0806, zeros(28)), ethernet(0x0800, zeros(20)),
              v4Frame({.protocol = Tcp}, zeros(4)), ethernet(0x86dd, zeros(40))}) {
            for (const Hook hook : {Hook::Ingress, Hook::Egress}) {
                bpf_test_run_opts options{};
                options.sz = sizeof(options);
                options.data_in = bytes.constData();
                options.data_size_in = quint32(bytes.size());
                options.repeat = 1;
                QCOMPARE(bpf_prog_test_run_opts(object->program(hook), &options), 0);
                QCOMPARE(options.retval, 1u);
            }
        }
    }

    void theRootOfCgroupsIsFoundAmongMounts_data()
    {
        QTest::addColumn<QByteArray>("mountinfo");
        QTest::addColumn<QString>("root");
        QTest::newRow("unified") << QByteArray(
            "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n")
                                 << QStringLiteral("/sys/fs/cgroup");
        QTest::newRow("hybrid") << QByteArray("25 0 0:5 / /dev rw - devtmpfs dev rw\n41 30 0:36 / "
                                              "/sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
                                              "42 30 0:37 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n")
                                << QStringLiteral("/sys/fs/cgroup/unified");
        QTest::newRow("a part beside the whole") << QByteArray(
            "42 30 0:37 /a/b /mnt/part rw - cgroup2 x rw\n43 30 0:37 / /mnt/all rw - cgroup2 x rw\n")
                                                 << QStringLiteral("/mnt/all");
        QTest::newRow("white space") << QByteArray("42 30 0:37 / /my\\040cgroups rw - cgroup2 x rw\n")
                                     << QStringLiteral("/my cgroups");
        QTest::newRow("version 1 alone")
            << QByteArray("41 30 0:36 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n") << QString();
        QTest::newRow("nonsense") << QByteArray("- cgroup2\n\n1 2 3") << QString();
    }

    void theRootOfCgroupsIsFoundAmongMounts()
    {
        QFETCH(QByteArray, mountinfo);
        QFETCH(QString, root);
        QCOMPARE(cgroupRootIn(mountinfo), root);
    }
};

QTEST_GUILESS_MAIN(ServiceMeterTest)
#include "service_meter_test.moc"
