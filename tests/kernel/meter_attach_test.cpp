// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/bpf_call.h"
#include "tests/kernel/meter_lab.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTest>

#include <bpf/bpf.h>

#include <linux/bpf.h>
#include <unistd.h>

using namespace weir;
using namespace weir::test;

namespace {

QStringList pinsBelow(const QString &directory)
{
    QStringList pins;
    QDirIterator all(directory, QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot,
                     QDirIterator::Subdirectories);
    while (all.hasNext())
        pins.append(all.next());
    pins.sort();
    return pins;
}

} // namespace

/// How the meter hangs on links beside others, comes back, and goes without a trace.
class MeterAttachTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data();
    void init();
    void cleanup() { m_lab.reset(); }

    void aFilterOfOthersThatEndsTheChainHidesNothing();
    void aProgramOfOthersThatWasThereBeforeHidesNothing();
    void anIngressQdiscOfOthersIsSharedOrToldOf();
    void aFilterOfOthersThatMustComeFirstIsToldOf();
    void removalLeavesWhatWasThere();
    void aQdiscThatOthersUseMeanwhileStays();
    void anAttachmentThatOthersTookAwayIsPutBack();
    void aLinkThatVanishesLeavesItsCountersAndNoPins();
    void anOrdinaryUserWithTwoCapabilitiesIsEnough();
    void withoutCapabilitiesOrBpffsItSaysSo();

private:
    std::unique_ptr<MeterLab> m_lab;
};

void MeterAttachTest::initTestCase_data()
{
    QTest::addColumn<Meter::Attach>("attach");
    QTest::newRow("tcx") << Meter::Attach::Tcx;
    QTest::newRow("clsact") << Meter::Attach::Clsact;
}

void MeterAttachTest::init()
{
    QFETCH_GLOBAL(Meter::Attach, attach);
    m_lab = std::make_unique<MeterLab>(attach);
}

void MeterAttachTest::aFilterOfOthersThatEndsTheChainHidesNothing()
{
    m_lab->tc(QStringLiteral("qdisc add dev s0 clsact"));
    for (const QLatin1String direction : {QLatin1String("ingress"), QLatin1String("egress")}) {
        // A program of one instruction that says TC_ACT_OK, with the first priority, and a u32 filter that
        // matches all.
        m_lab->here.command(
            QStringLiteral("tc"),
            QStringList{QStringLiteral("filter"), QStringLiteral("add"), QStringLiteral("dev"),
                        QStringLiteral("s0"), direction, QStringLiteral("pref"), QStringLiteral("1"),
                        QStringLiteral("protocol"), QStringLiteral("all"), QStringLiteral("bpf"),
                        QStringLiteral("da"), QStringLiteral("bytecode"), QStringLiteral("1,6 0 0 0")});
        m_lab->tc(QStringLiteral("filter add dev s0 %1 pref 5 protocol all u32 match u32 0 0 flowid 1:1")
                      .arg(direction));
    }
    const QByteArray before = m_lab->trafficControl();
    const auto meter = m_lab->started();
    meter->setTargets({target("s0")});
    QVERIFY(meter->problems().empty());
    QVERIFY(meter->setAtoms({udpAtom(1, {{8000, 8000}})}));
    m_lab->exchange(10, 100);
    const quint64 bytes = 10 * (kUdp4 + 100) + 10 * (kUdp6 + 100);
    QCOMPARE(sampleOf(*meter).atoms.at(1).internet, (Traffic{bytes, bytes, 20, 20}));
    QVERIFY(meter->removeEverything());
    QCOMPARE(m_lab->trafficControl(), before);
}

void MeterAttachTest::aProgramOfOthersThatWasThereBeforeHidesNothing()
{
    // Two instructions: r0 = TCX_PASS, which ends the chain; exit.
    const bpf_insn pass[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0}, {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    const FileDescriptor program(bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "others", "GPL", pass, 2, nullptr));
    QVERIFY(program);
    const auto theirs = createTcxLink(program.get(), target("s0").index, Hook::Ingress);
    QVERIFY(theirs);
    const auto meter = m_lab->started();
    meter->setTargets({target("s0")});
    QVERIFY(meter->setAtoms({udpAtom(1, {{8000, 8000}})}));
    m_lab->exchange(10, 100);
    if (m_lab->tcx()) {
        const quint64 bytes = 10 * (kUdp4 + 100) + 10 * (kUdp6 + 100);
        QCOMPARE(sampleOf(*meter).atoms.at(1).internet, (Traffic{bytes, bytes, 20, 20}));
    } else {
        // The kernel asks TCX programs before filters: nothing can be done about it, so TCX is what is used
        // where it is.
        QCOMPARE(sampleOf(*meter).atoms.at(1).internet.rxPackets, quint64(0));
    }
    QVERIFY(meter->removeEverything());
    QCOMPARE(tcxLinkInfo(theirs->get())->interface, target("s0").index);
}

void MeterAttachTest::anIngressQdiscOfOthersIsSharedOrToldOf()
{
    m_lab->tc(QStringLiteral("qdisc add dev s0 ingress"));
    m_lab->tc(QStringLiteral("filter add dev s0 ingress pref 1 protocol all u32 match u32 0 0 flowid 1:1"));
    const QByteArray before = m_lab->trafficControl();
    const auto meter = m_lab->started();
    meter->setTargets({target("s0")});
    QVERIFY(meter->setAtoms({udpAtom(1, {{8000, 8000}})}));
    m_lab->exchange(10, 100);
    const quint64 bytes = 10 * (kUdp4 + 100) + 10 * (kUdp6 + 100);
    if (m_lab->tcx()) {
        QVERIFY(meter->problems().empty());
        QCOMPARE(sampleOf(*meter).atoms.at(1).internet, (Traffic{bytes, bytes, 20, 20}));
    } else {
        QCOMPARE(problemIds(*meter), QStringList{QStringLiteral("link-not-metered")});
        QCOMPARE(meter->problems().at(0).subject, QStringLiteral("s0"));
        QVERIFY(meter->problems().at(0).text.contains(QStringLiteral("ingress qdisc")));
        QCOMPARE(sampleOf(*meter).atoms.at(1), ScopedTraffic{});
        QCOMPARE(m_lab->trafficControl(), before);
        // The owner takes it away: the next look meters.
        m_lab->tc(QStringLiteral("qdisc del dev s0 ingress"));
        meter->setTargets({target("s0")});
        QVERIFY(meter->problems().empty());
        m_lab->exchange(10, 100);
        QCOMPARE(sampleOf(*meter).atoms.at(1).internet, (Traffic{bytes, bytes, 20, 20}));
        return;
    }
    QVERIFY(meter->removeEverything());
    QCOMPARE(m_lab->trafficControl(), before);
}

void MeterAttachTest::aFilterOfOthersThatMustComeFirstIsToldOf()
{
    m_lab->tc(QStringLiteral("qdisc add dev s0 clsact"));
    // Priority 1 is of another kind: no program can share it. This one lets packets go on to the next filter.
    m_lab->tc(QStringLiteral(
        "filter add dev s0 ingress pref 1 protocol all u32 match u32 0xffffffff 0xffffffff at 0 flowid 1:1"));
    const QByteArray before = m_lab->trafficControl();
    const auto meter = m_lab->started();
    meter->setTargets({target("s0")});
    QCOMPARE(problemIds(*meter),
             m_lab->tcx() ? QStringList{} : QStringList{QStringLiteral("link-partly-metered")});
    QVERIFY(meter->setAtoms({udpAtom(1, {{8000, 8000}})}));
    m_lab->exchange(1, 100);
    QCOMPARE(sampleOf(*meter).atoms.at(1).total().rxPackets, quint64(2));
    // Asked again, it stays as it is.
    const QByteArray metered = m_lab->trafficControl();
    meter->setTargets({target("s0")});
    QCOMPARE(m_lab->trafficControl(), metered);
    QVERIFY(meter->removeEverything());
    QCOMPARE(m_lab->trafficControl(), before);
}

void MeterAttachTest::removalLeavesWhatWasThere()
{
    const QByteArray before = m_lab->trafficControl();
    const QStringList pinsBefore = pinsBelow(QFileInfo(m_lab->pins()).path());
    {
        const auto meter = m_lab->started();
        meter->setTargets({target("s0"), target("s1")});
        m_lab->exchange(1, 10);
        QVERIFY(meter->sample());
    }
    QVERIFY(pinsBelow(QFileInfo(m_lab->pins()).path()) != pinsBefore);
    // By a process that never started it.
    Meter cleaner(Meter::Options{m_lab->pins(), m_lab->attach});
    QVERIFY(cleaner.removeEverything());
    QCOMPARE(m_lab->trafficControl(), before);
    QCOMPARE(pinsBelow(QFileInfo(m_lab->pins()).path()), pinsBefore);
    QVERIFY(cleaner.removeEverything());

    // Pins lost: what hangs on links is found all the same, or went with its pin.
    {
        const auto meter = m_lab->started();
        meter->setTargets({target("s0")});
    }
    QVERIFY(QDir(m_lab->pins()).removeRecursively());
    QVERIFY(cleaner.removeEverything());
    const QByteArray after = m_lab->tc(QStringLiteral("filter show dev s0 ingress"))
        + m_lab->tc(QStringLiteral("filter show dev s0 egress"));
    QVERIFY2(!after.contains("weir"), after.constData());
}

void MeterAttachTest::aQdiscThatOthersUseMeanwhileStays()
{
    const auto meter = m_lab->started();
    meter->setTargets({target("s0")});
    if (m_lab->tcx())
        m_lab->tc(QStringLiteral("qdisc add dev s0 clsact"));
    m_lab->tc(QStringLiteral("filter add dev s0 egress pref 5 protocol all u32 match u32 0 0 flowid 1:1"));
    QVERIFY(meter->removeEverything());
    QVERIFY(m_lab->tc(QStringLiteral("qdisc show dev s0")).contains("clsact"));
    QVERIFY(m_lab->tc(QStringLiteral("filter show dev s0 egress")).contains("u32"));
    QVERIFY(!m_lab->tc(QStringLiteral("filter show dev s0 ingress")).contains("weir"));
}

void MeterAttachTest::anAttachmentThatOthersTookAwayIsPutBack()
{
    const auto meter = m_lab->started();
    meter->setTargets({target("s0")});
    QVERIFY(meter->setAtoms({udpAtom(1, {{8000, 8000}})}));
    m_lab->exchange(1, 100);
    const QString ingress = QStringLiteral("%1/links/%2-ingress").arg(m_lab->pins()).arg(target("s0").index);
    if (m_lab->tcx()) {
        const auto link = openPinned(ingress);
        QVERIFY(link);
        QCOMPARE(bpf_link_detach(link->get()), 0);
    } else {
        m_lab->tc(QStringLiteral("qdisc del dev s0 clsact"));
    }
    m_lab->exchange(1, 100);
    meter->setTargets({target("s0")});
    QVERIFY(meter->problems().empty());
    m_lab->exchange(1, 100);
    QCOMPARE(sampleOf(*meter).atoms.at(1).internet.rxPackets, quint64(4));

    // The pins alone are gone: the helper still holds the links and pins them again.
    if (m_lab->tcx()) {
        QVERIFY(QFile::remove(ingress));
        meter->setTargets({target("s0")});
        QVERIFY(openPinned(ingress));
        m_lab->exchange(1, 100);
        QCOMPARE(sampleOf(*meter).atoms.at(1).internet.rxPackets, quint64(6));
    }
}

void MeterAttachTest::aLinkThatVanishesLeavesItsCountersAndNoPins()
{
    const auto meter = m_lab->started();
    const Meter::Target gone = target("s0");
    meter->setTargets({gone, target("s1")});
    m_lab->exchange(10, 100);
    const LinkMeter counted = linkOf(*meter, gone.index);
    QVERIFY(counted.v4.internet.rxPackets >= 10);
    m_lab->here.ip(QStringLiteral("link del s0"));
    meter->setTargets({gone, target("s1")});
    QCOMPARE(problemIds(*meter), QStringList{QStringLiteral("link-not-metered")});
    meter->setTargets({target("s1")});
    QVERIFY(meter->problems().empty());
    QVERIFY(linkOf(*meter, gone.index).v4.internet.rxPackets >= 10);
    const QStringList left =
        pinsBelow(m_lab->pins() + QStringLiteral("/links")).filter(QStringLiteral("/%1-").arg(gone.index));
    QVERIFY2(left.isEmpty(), qPrintable(left.join(QLatin1Char(' '))));
}

void MeterAttachTest::anOrdinaryUserWithTwoCapabilitiesIsEnough()
{
    QVERIFY(QDir().mkpath(m_lab->pins()));
    QCOMPARE(chown(QFile::encodeName(m_lab->pins()).constData(), 65534, 65534), 0);
    QFile(QFileInfo(m_lab->pins()).path()).setPermissions(QFile::Permissions(0x7755));
    const QStringList asNobody{QStringLiteral("setpriv"),
                               QStringLiteral("--reuid=65534"),
                               QStringLiteral("--regid=65534"),
                               QStringLiteral("--clear-groups"),
                               QStringLiteral("--no-new-privs"),
                               QStringLiteral("--inh-caps=-all,+net_admin,+bpf"),
                               QStringLiteral("--ambient-caps=-all,+net_admin,+bpf"),
                               QStringLiteral("--bounding-set=-all,+net_admin,+bpf")};
    const QStringList first = m_lab->tool(QStringLiteral("meter_tool"), asNobody);
    QVERIFY2(first.contains(m_lab->mode()), qPrintable(first.join(QLatin1Char('\n'))));
    QVERIFY(first.filter(QStringLiteral("problem")).isEmpty());
    m_lab->exchange(10, 100);
    const QStringList second = m_lab->tool(QStringLiteral("meter_tool"), asNobody);
    QCOMPARE(second.filter(QStringLiteral("generation")), first.filter(QStringLiteral("generation")));
    QVERIFY(second.contains(QStringLiteral("atom %1 20").arg(10 * (kUdp4 + 100) + 10 * (kUdp6 + 100))));
}

void MeterAttachTest::withoutCapabilitiesOrBpffsItSaysSo()
{
    QVERIFY(QDir().mkpath(m_lab->pins()));
    QCOMPARE(chown(QFile::encodeName(m_lab->pins()).constData(), 65534, 65534), 0);
    QFile(QFileInfo(m_lab->pins()).path()).setPermissions(QFile::Permissions(0x7755));
    const QStringList said =
        m_lab->tool(QStringLiteral("meter_tool"),
                    {QStringLiteral("setpriv"), QStringLiteral("--reuid=65534"),
                     QStringLiteral("--regid=65534"), QStringLiteral("--clear-groups"),
                     QStringLiteral("--inh-caps=-all"), QStringLiteral("--bounding-set=-all")});
    QVERIFY(said.contains(QStringLiteral("mode none")));
    QVERIFY2(said.contains(QStringLiteral("problem meter-not-permitted")),
             qPrintable(said.join(QLatin1Char('\n'))));

    QTemporaryDir plain;
    Meter meter(Meter::Options{plain.filePath(QStringLiteral("weir")), m_lab->attach});
    QVERIFY(meter.start());
    QCOMPARE(meter.mode(), QStringLiteral("none"));
    QCOMPARE(problemIds(meter), QStringList{QStringLiteral("bpffs-missing")});
    meter.setTargets({target("s0")});
    QVERIFY(meter.setAtoms({udpAtom(1, {{8000, 8000}})}));
    QCOMPARE(sampleOf(meter).atoms.at(1), ScopedTraffic{});
    QVERIFY(sampleOf(meter).generation != 0);
    QVERIFY(meter.flows());
    QVERIFY(meter.removeEverything());
}

QTEST_GUILESS_MAIN(MeterAttachTest)
#include "meter_attach_test.moc"
