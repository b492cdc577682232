// SPDX-License-Identifier: GPL-3.0-or-later

// What only the real kernel can show: others who take things away, rights that are missing, a drift.

#include "helper/kernel/real_kernel.h"
#include "tests/support/netns.h"
#include "tests/support/sockets.h"

#include <QTest>

#include <linux/capability.h>
#include <optional>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

struct Lab {
    PrivateBpffs bpffs;
    Netns here;
    Netns there;
    std::optional<Socket> ours;
    std::optional<Socket> theirs;
    int changes = 0;

    Lab()
    {
        joinByVeth({here, QStringLiteral("wan0"), {QStringLiteral("10.9.0.1/24")}},
                   {there, QStringLiteral("eth0"), {QStringLiteral("10.9.0.2/24")}});
        ours = Socket::udp(here, endpoint("10.9.0.1", 8000));
        theirs = Socket::udp(there, endpoint("10.9.0.2", 9000));
        here.enter();
    }

    std::unique_ptr<RealKernel> kernel(Meter::Attach attach,
                                       std::chrono::milliseconds driftWindow = Drift::kWindow)
    {
        auto kernel = std::make_unique<RealKernel>(Meter::Options{bpffs.pinDirectory(), attach}, driftWindow);
        kernel->onChange([this] { ++changes; });
        return kernel;
    }

    void tc(const char *arguments) const
    {
        here.command(QStringLiteral("tc"), QString::fromLatin1(arguments).split(QLatin1Char(' ')));
    }

    /// Datagrams of 1000 bytes and their headers' 42, received under port 8000.
    void receive(int count) const
    {
        for (int left = count; left > 0; left -= 32) {
            theirs->sendTo(endpoint("10.9.0.1", 8000), 1000, std::min(left, 32));
            ours->receive(std::min(left, 32));
        }
    }
};

int indexOf(Kernel &kernel, const char *name)
{
    const auto links = kernel.links();
    for (const Link &link : links.value()) {
        if (link.name == QLatin1String(name))
            return link.index;
    }
    return 0;
}

std::vector<Atom> port8000()
{
    Atom atom;
    atom.id = 1;
    atom.udp = {{8000, 8000}};
    return {atom};
}

quint64 receivedBytes(Kernel &kernel)
{
    return kernel.sample()->atoms.at(1).total().rxBytes;
}

bool hasProblem(const Kernel &kernel, const char *id)
{
    return std::ranges::any_of(kernel.problems(),
                               [&](const KernelProblem &problem) { return problem.id == QLatin1String(id); });
}

/// Takes all capabilities from this thread alone; the user stays.
void dropCapabilities()
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct none[2] = {};
    if (syscall(SYS_capset, &header, none) != 0)
        qFatal("cannot drop capabilities");
}

} // namespace

class LinksRealKernelTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aQdiscThatSomebodyDeletedComesBack()
    {
        Lab lab;
        const auto kernel = lab.kernel(Meter::Attach::Clsact);
        QVERIFY(kernel->start());
        QCOMPARE(kernel->meterMode(), QStringLiteral("clsact"));
        QVERIFY(kernel->setMeteredLinks({indexOf(*kernel, "wan0")}));
        QVERIFY(kernel->setAtoms(port8000()));
        lab.receive(10);
        QCOMPARE(receivedBytes(*kernel), quint64(10 * 1042));

        lab.here.ip(QStringLiteral("link set lo mtu 60000"));
        QTRY_VERIFY(lab.changes > 0); // events come in order: those of the set-up are behind us
        lab.changes = 0;
        lab.tc("qdisc del dev wan0 clsact");
        QTRY_VERIFY(lab.changes > 0);
        lab.receive(10);
        QCOMPARE(receivedBytes(*kernel), quint64(20 * 1042));
        QVERIFY(kernel->removeEverything());
    }

    void ourOwnAttachingIsNotAnEventThatNeverEnds_data()
    {
        QTest::addColumn<Meter::Attach>("attach");
        QTest::newRow("tcx") << Meter::Attach::Tcx;
        QTest::newRow("clsact") << Meter::Attach::Clsact;
    }

    void ourOwnAttachingIsNotAnEventThatNeverEnds()
    {
        QFETCH(Meter::Attach, attach);
        Lab lab;
        const auto kernel = lab.kernel(attach);
        QVERIFY(kernel->start());
        QVERIFY(kernel->setMeteredLinks({indexOf(*kernel, "wan0")}));
        lab.here.ip(QStringLiteral("link set lo mtu 60000"));
        QTRY_VERIFY(lab.changes > 0);
        // Events come in order: behind this one there are none of ours left, and each further one is told
        // once.
        lab.changes = 0;
        for (int i = 1; i <= 5; ++i) {
            lab.here.ip(QStringLiteral("link set lo mtu %1").arg(60000 + i));
            QTRY_COMPARE(lab.changes, i);
        }
        QVERIFY(kernel->removeEverything());
    }

    void withoutRightsLinksAreReadAndTheProblemIsSaid()
    {
        Lab lab;
        std::thread([&] {
            dropCapabilities();
            RealKernel kernel({lab.bpffs.pinDirectory(), Meter::Attach::Automatic});
            QVERIFY(kernel.start());
            QCOMPARE(kernel.meterMode(), QStringLiteral("none"));
            QVERIFY(hasProblem(kernel, "meter-not-permitted"));
            QVERIFY(indexOf(kernel, "wan0") != 0);
            const Traffic before = kernel.links()->at(1).counters;
            lab.receive(10);
            QCOMPARE(growth(before, kernel.links()->at(1).counters).rxBytes >= 10 * 1042, true);
            QVERIFY(kernel.setMeteredLinks({indexOf(kernel, "wan0")}));
            QVERIFY(kernel.setAtoms(port8000()));
            QCOMPARE(receivedBytes(kernel), quint64(0));
        }).join();
    }

    void packetsThatPassTheMeterByAreADrift()
    {
        Lab lab;
        const auto kernel = lab.kernel(Meter::Attach::Clsact, 0ms);
        QVERIFY(kernel->start());
        QVERIFY(kernel->setMeteredLinks({indexOf(*kernel, "wan0")}));
        QVERIFY(kernel->sample());
        lab.receive(1500);
        QVERIFY(kernel->sample());
        for (int window = 1; window <= Drift::kWindows; ++window) {
            QVERIFY(!hasProblem(*kernel, "meter-drift"));
            lab.tc("qdisc del dev wan0 clsact"); // this loop hears no events: the next sample puts it back
            lab.receive(1500);                   // 1.56 MB
            QVERIFY(kernel->sample());
        }
        QVERIFY(hasProblem(*kernel, "meter-drift"));

        lab.receive(1500);
        QVERIFY(kernel->sample());
        QVERIFY(!hasProblem(*kernel, "meter-drift"));
        QVERIFY(kernel->removeEverything());
    }

    void aSecondOfAnIdleHelperCostsLittle()
    {
        Lab lab;
        const auto kernel = lab.kernel(Meter::Attach::Automatic);
        QVERIFY(kernel->start());
        QVERIFY(kernel->setMeteredLinks({indexOf(*kernel, "wan0")}));
        QVERIFY(kernel->setAtoms(port8000()));
        QBENCHMARK
        {
            QVERIFY(kernel->links());
            QVERIFY(kernel->sample());
        }
        QVERIFY(kernel->removeEverything());
    }
};

QTEST_GUILESS_MAIN(LinksRealKernelTest)
#include "links_real_kernel_test.moc"
