// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/bounds.h"
#include "tests/unit/engine_rig.h"

#include <QFile>

#include <QtTest>

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

const QString kWeb = QStringLiteral("/system.slice/web.service");
const QString kName = QStringLiteral("web.service");

/// From and to the Internet.
ServiceTraffic moved(quint64 rxBytes, quint64 txBytes)
{
    return {{{rxBytes, txBytes, rxBytes ? 1U : 0U, txBytes ? 1U : 0U}, {}}, {}};
}

/// An engine that reads services each second.
struct Rig : EngineRig {
    Rig() { begin(); }

    void begin()
    {
        if (const auto started = start(); !started)
            qFatal("%s", qPrintable(started.error().message));
        engine->wantServices(true);
    }

    /// The helper dies, and another begins.
    void crash()
    {
        kill();
        begin();
    }

    void flush() { second(30s); }

    std::optional<ServiceStatus> find(const QString &name = kName) const
    {
        for (const ServiceStatus &row : std::as_const(*engine).services()) {
            if (row.name == name)
                return row;
        }
        return {};
    }

    Traffic internet(const QString &name = kName) const
    {
        const auto row = find(name);
        return row ? row->total.wire.internet : Traffic{};
    }

    quint64 sum() const
    {
        quint64 bytes = 0;
        for (const ServiceStatus &row : std::as_const(*engine).services())
            bytes += row.total.wire.total().rxBytes;
        return bytes;
    }
};

} // namespace

/// Totals of services, through crashes, reboots and restarts of units: over a machine in memory and a real
/// database.
class ServiceLedgerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cgroupsOfAUnitAddUpUnderItsName()
    {
        Rig rig;
        rig.machine->passService(kWeb, moved(1000, 50));
        rig.machine->passService(kWeb + QStringLiteral("/worker"), moved(200, 7));
        rig.second();
        QCOMPARE(rig.internet(), (Traffic{1200, 57, 2, 2}));
        QCOMPARE(rig.find()->cgroups, 2U);
        QCOMPARE(rig.find()->kind, ServiceKind::Unit);
    }

    void aUnitThatStartsAgainGoesOnUnderItsName()
    {
        Rig rig;
        for (int i = 0; i < 3; ++i) {
            rig.machine->passService(kWeb, moved(1000, 0));
            rig.second();
            rig.machine->removeCgroup(kWeb);
        }
        rig.second();
        QCOMPARE(rig.internet().rxBytes, 3000U);
        QCOMPARE(rig.find()->cgroups, 0U);
    }

    void bytesPassedWhileNoHelperRanAreCountedOnce()
    {
        Rig rig;
        rig.machine->passService(kWeb, moved(1000, 0));
        rig.flush();
        rig.machine->passService(kWeb, moved(200, 0)); // seen, but not stored
        rig.second();
        rig.crash();
        QCOMPARE(rig.internet().rxBytes, 1200U);
        rig.kill();
        rig.machine->passService(kWeb, moved(30, 0));
        rig.machine->removeCgroup(kWeb);
        rig.begin();
        QCOMPARE(rig.internet().rxBytes, 1230U);
    }

    void aCrashRightAfterTheFirstPacketsLosesNothing()
    {
        Rig rig;
        rig.machine->passService(kWeb, moved(1000, 0));
        rig.second();
        rig.crash();
        rig.crash();
        QCOMPARE(rig.internet().rxBytes, 1000U);
    }

    void totalsGoOnAfterAReboot()
    {
        Rig rig;
        rig.machine->passService(kWeb, moved(1000, 0));
        QVERIFY(rig.stop());
        rig.machine->newBoot();
        rig.begin();
        rig.machine->passService(kWeb, moved(300, 0));
        rig.second();
        QCOMPARE(rig.internet().rxBytes, 1300U);
    }

    void stoppingStoresWhatPassedInTheLastMoment()
    {
        Rig rig;
        rig.machine->passService(kWeb, moved(1000, 0));
        QVERIFY(rig.stop(Engine::Leave::Nothing));
        rig.begin();
        QCOMPARE(rig.internet().rxBytes, 1000U);
    }

    void anotherLayoutsCountersAreReadOut()
    {
        Rig rig;
        rig.machine->passService(kWeb, moved(1000, 0));
        rig.flush();
        rig.machine->passService(kWeb, moved(200, 0));
        rig.kill();
        rig.machine->leaveGenerationBehind();
        rig.machine->passService(kWeb, moved(30, 0));
        rig.begin();
        QCOMPARE(rig.internet().rxBytes, 1230U);
        rig.crash();
        QCOMPARE(rig.internet().rxBytes, 1230U);
    }

    void countersOfCgroupsThatAreGoneMakeRoomOnceTheyAreStored()
    {
        Rig rig;
        rig.machine->passService(kWeb, moved(1000, 0));
        rig.machine->passService(QStringLiteral("/other.service"), moved(1, 0));
        rig.second();
        rig.machine->removeCgroup(kWeb);
        for (int i = 0; i < 4; ++i) {
            rig.machine->passService(QStringLiteral("/other.service"), moved(1, 0));
            rig.flush();
        }
        QTRY_COMPARE(rig.machine->serviceCounters(), size_t(1));
        QCOMPARE(rig.internet().rxBytes, 1000U);
        rig.crash();
        QCOMPARE(rig.internet().rxBytes, 1000U);
        rig.machine->passService(kWeb, moved(500, 0));
        rig.second();
        QCOMPARE(rig.internet().rxBytes, 1500U);
    }

    void whatFoundNoPlaceIsUnattributed()
    {
        Rig rig;
        rig.machine->setServicePlaces(1);
        rig.machine->passService(kWeb, moved(1000, 0));
        rig.machine->passService(QStringLiteral("/late.service"), moved(70, 0));
        rig.second();
        rig.machine->passService(QStringLiteral("/late.service"), moved(7, 0));
        rig.second();
        QCOMPARE(rig.internet(QStringLiteral("unattributed")).rxBytes, 77U);
        rig.crash();
        QCOMPARE(rig.internet(QStringLiteral("unattributed")).rxBytes, 77U);
    }

    void anEmptyDatabaseBeginsWithWhatComesFromNowOn()
    {
        Rig rig;
        rig.machine->passService(kWeb, moved(1000, 0));
        rig.flush();
        rig.kill();
        for (const char *part : {"", "-wal", "-shm"})
            QFile::remove(rig.directory.filePath(QStringLiteral("weir.db") + QLatin1String(part)));
        rig.machine->passService(kWeb, moved(200, 0));
        rig.begin();
        QCOMPARE(rig.internet().rxBytes, 0U);
        rig.machine->passService(kWeb, moved(30, 0));
        rig.second();
        QCOMPARE(rig.internet().rxBytes, 30U);
        rig.crash();
        QCOMPARE(rig.internet().rxBytes, 30U);
    }

    void loopbackIsKeptApart()
    {
        Rig rig;
        rig.machine->passService(kWeb, {{}, {5000, 5000, 5, 5}});
        rig.second();
        QCOMPARE(rig.find()->total.loopback, (Traffic{5000, 5000, 5, 5}));
        QCOMPARE(rig.find()->total.wire, ScopedTraffic{});
    }

    void ratesAreOfTheLastSecond()
    {
        Rig rig;
        rig.machine->passService(kWeb, moved(1, 0));
        rig.second();
        rig.second();
        rig.machine->passService(kWeb, moved(4000, 100));
        rig.second(2s);
        const auto rate = rig.find()->rate;
        QVERIFY(rate);
        QCOMPARE(rate->rxBytesPerSecond, 2000.0);
        QCOMPARE(rate->txBytesPerSecond, 50.0);
    }

    void moreNamesThanAreKeptJoinTheOthersAndTheSumStays()
    {
        Rig rig;
        const size_t count = kMaxServices + 20;
        for (size_t i = 0; i < count; ++i) {
            const QString path = QStringLiteral("/s%1.service").arg(i);
            rig.machine->passService(path, moved(10, 0));
            rig.machine->removeCgroup(path);
        }
        for (int i = 0; i < 4; ++i)
            rig.flush();
        QVERIFY(std::as_const(*rig.engine).services().size() <= kMaxServices + 2);
        QCOMPARE(rig.sum(), 10 * count);
        // while none of them was quiet for long, one that is new joins the others
        rig.machine->passService(QStringLiteral("/late.service"), moved(3, 0));
        rig.flush();
        QVERIFY(!rig.find(QStringLiteral("late.service")));
        QCOMPARE(rig.sum(), 10 * count + 3);
        // then the quiet ones make room
        rig.clock.skip(31 * 24h);
        rig.machine->skip(31 * 24h);
        rig.machine->passService(kWeb, moved(5, 0));
        rig.flush();
        rig.crash();
        QCOMPARE(rig.internet().rxBytes, 5U);
        QCOMPARE(rig.sum(), 10 * count + 3 + 5);
    }

    void oneUsersProgramsDoNotTakeTheNamesOfAllOthers()
    {
        Rig rig;
        const QString user =
            QStringLiteral("/user.slice/user-1000.slice/user@1000.service/app.slice/x%1.service");
        for (size_t i = 0; i < kMaxServicesOfUser + 30; ++i)
            rig.machine->passService(user.arg(i), moved(10, 0));
        rig.machine->passService(kWeb, moved(5, 0));
        rig.second();
        QCOMPARE(rig.internet(QStringLiteral("user-1000/other services")).rxBytes, 300U);
        QCOMPARE(rig.internet().rxBytes, 5U);
        QCOMPARE(rig.sum(), 10 * (kMaxServicesOfUser + 30) + 5);
    }

    void aWatchedServiceKeepsItsName()
    {
        Rig rig;
        rig.machine->passService(kWeb, moved(7, 0));
        rig.second();
        WatchSpec spec;
        spec.name = QStringLiteral("watched");
        spec.kind = WatchKind::Service;
        spec.service = kName;
        QVERIFY(rig.add({spec}));
        rig.machine->removeCgroup(kWeb);
        rig.flush();
        rig.flush();
        for (size_t i = 0; i < kMaxServices; ++i) {
            const QString path = QStringLiteral("/s%1.service").arg(i);
            rig.machine->passService(path, moved(10, 0));
            rig.machine->removeCgroup(path);
        }
        rig.flush();
        rig.clock.skip(31 * 24h);
        rig.machine->skip(31 * 24h);
        for (int i = 0; i < 5; ++i)
            rig.machine->passService(QStringLiteral("/new%1.service").arg(i), moved(1, 0));
        rig.flush();
        QVERIFY(rig.find());
        rig.machine->passService(kWeb, moved(20, 0));
        rig.second();
        QCOMPARE(rig.watch(QStringLiteral("watched")).record.total.internet.rxBytes, 20U);
    }

    void whatMakesRoomTakesItsHistoryAlong()
    {
        Rig rig;
        rig.machine->passService(kWeb, moved(40, 0));
        rig.machine->removeCgroup(kWeb);
        for (int i = 0; i < 3; ++i)
            rig.flush();
        const qint64 fromS = rig.engine->nowS() / 86'400 * 86'400;
        for (size_t i = 1; i < kMaxServices; ++i)
            rig.machine->passService(QStringLiteral("/s%1.service").arg(i), moved(10, 0));
        rig.flush();
        rig.clock.skip(31 * 24h);
        rig.machine->skip(31 * 24h);
        for (size_t i = 1; i < kMaxServices; ++i)
            rig.machine->passService(QStringLiteral("/s%1.service").arg(i), moved(1, 0));
        rig.second();
        rig.machine->passService(QStringLiteral("/new.service"), moved(2, 0));
        for (int i = 0; i < 3; ++i)
            rig.flush();
        QVERIFY(!rig.find());
        HistoryQuery query;
        query.series = rig.engine->findSeries(QStringLiteral("service:other services")).value();
        query.bounds = {fromS, fromS + 2 * 86'400, rig.engine->nowS() / 86'400 * 86'400 + 2 * 86'400};
        query.zone = "UTC";
        const auto points = rig.history(query);
        QCOMPARE(points[0].traffic.total().rxBytes, 40U);
        QCOMPARE(points[1].traffic.total().rxBytes, 0U);
    }

    void servicesThatCannotBeReadAreAProblemAndLoseNothing()
    {
        Rig rig;
        rig.machine->passService(kWeb, moved(1000, 0));
        rig.machine->fail(FakeMachine::Call::Services,
                          {ErrorKind::KernelRefused, QStringLiteral("cannot read")});
        rig.second();
        QVERIFY(rig.hasProblem(QStringLiteral("services-not-read")));
        rig.machine->succeed(FakeMachine::Call::Services);
        rig.second();
        QVERIFY(!rig.hasProblem(QStringLiteral("services-not-read")));
        QCOMPARE(rig.internet().rxBytes, 1000U);
    }
};

QTEST_GUILESS_MAIN(ServiceLedgerTest)
#include "service_ledger_test.moc"
