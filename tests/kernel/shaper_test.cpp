// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/shaper_lab.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include <set>

using namespace weir;
using namespace weir::test;

/// What the shaper makes of a plan, and what packets meet there.
class ShaperTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theDeviceIsUpWithOneTreeAndNoDefaultClass()
    {
        Lab lab;
        lab.prepare({limit(7, 100 * kMegabit)});
        const QJsonObject device = lab.device();
        QCOMPARE(device[QLatin1String("ifindex")].toInt(), 999);
        QCOMPARE(lab.shaper.deviceIndex(), 999);
        QCOMPARE(device[QLatin1String("txqlen")].toInt(), 1000);
        QCOMPARE(device[QLatin1String("linkinfo")][QLatin1String("info_kind")].toString(),
                 QStringLiteral("ifb"));
        QVERIFY(device[QLatin1String("flags")].toArray().contains(QLatin1String("UP")));
        const QJsonValue root =
            QJsonDocument::fromJson(lab.tc(QStringLiteral("-j qdisc show dev weir0 root"))).array().at(0);
        QCOMPARE(root[QLatin1String("kind")].toString(), QStringLiteral("htb"));
        QCOMPARE(root[QLatin1String("handle")].toString(), QStringLiteral("7765:"));
        QCOMPARE(root[QLatin1String("options")][QLatin1String("default")].toString(), QStringLiteral("0"));
    }

    void withoutClassesThereIsNoDevice()
    {
        Lab lab;
        lab.prepare({});
        QVERIFY(lab.device().isEmpty());
        QCOMPARE(valueOf(lab.shaper.retire()), true);
        QCOMPARE(lab.verify(), true);
    }

    void eachLimitHasAClassWithItsRate_data()
    {
        QTest::addColumn<quint64>("bits");
        QTest::addColumn<QString>("rate");
        QTest::addColumn<QString>("queue");
        QTest::addColumn<int>("limitBytes"); // of bfifo; tc does not tell tbf's
        QTest::newRow("least") << 64 * kKilobit << "64Kbit"
                               << "tbf" << 0;
        QTest::newRow("1 Mbit/s") << kMegabit << "1Mbit"
                                  << "tbf" << 0;
        QTest::newRow("20 Mbit/s") << 20 * kMegabit << "20Mbit"
                                   << "tbf" << 0;
        QTest::newRow("100 Mbit/s") << 100 * kMegabit << "100Mbit"
                                    << "bfifo" << 1'250'000;
        QTest::newRow("10 Gbit/s") << 10'000 * kMegabit << "10Gbit"
                                   << "bfifo" << 32'000'000;
        QTest::newRow("more than 32 bits") << 100'000 * kMegabit << "100Gbit"
                                           << "bfifo" << 32'000'000;
    }

    void eachLimitHasAClassWithItsRate()
    {
        QFETCH(quint64, bits);
        QFETCH(QString, rate);
        QFETCH(QString, queue);
        QFETCH(int, limitBytes);
        Lab lab;
        lab.prepare({limit(7, bits)});
        QCOMPARE(lab.word(7, "rate"), rate);
        QCOMPARE(lab.word(7, "ceil"), rate);
        QVERIFY(lab.words(lab.priorities.at(up(7))).contains(QLatin1String("root")));
        QCOMPARE(lab.leaf(7)[QLatin1String("kind")].toString(), queue);
        QCOMPARE(lab.leaf(7)[QLatin1String("options")][QLatin1String("limit")].toInt(), limitBytes);
        QVERIFY(lab.verify());
    }

    void prioritiesHaveAZeroNibbleWhileNumbersLast()
    {
        Lab lab;
        lab.prepare({limit(1, kMegabit),
                     limit(2, kMegabit),
                     limit(900, kMegabit),
                     limit(900 + 1023, kMegabit),
                     {{2, FlowDirection::Down, true}, std::nullopt, kMegabit}});
        std::set<quint32> different;
        for (const auto &[key, priority] : lab.priorities) {
            QCOMPARE(priority >> 16, 0x7765U);
            QCOMPARE(priority & 0xf, 0U);
            QVERIFY((priority & 0xffff) != 0);
            different.insert(priority);
        }
        QCOMPARE(different.size(), size_t(5));
    }

    void aRateChangesInPlace()
    {
        Lab lab;
        lab.prepare({limit(7, 64 * kKilobit)});
        lab.steer();
        Stream stream(lab, 7);
        stream.send(40, 114); // 4,560 bytes: 2,000 at once, the others in 320 ms
        const quint32 before = lab.priorities.at(up(7));
        const QString queue = lab.leaf(7)[QLatin1String("handle")].toString();
        lab.prepare({limit(7, 3 * kMegabit)});
        QCOMPARE(lab.priorities.at(up(7)), before);
        QCOMPARE(lab.word(7, "rate"), QStringLiteral("3Mbit"));
        QCOMPARE(lab.leaf(7)[QLatin1String("handle")].toString(), queue);
        QCOMPARE(stream.receive(40), upTo(40));
    }

    void theKindOfQueueStaysNearTheBorder()
    {
        Lab lab;
        const auto kindAt = [&](quint64 bits) {
            lab.prepare({limit(7, bits)});
            return lab.leaf(7)[QLatin1String("kind")].toString();
        };
        QCOMPARE(kindAt(21 * kMegabit), QStringLiteral("bfifo"));
        QCOMPARE(kindAt(20 * kMegabit), QStringLiteral("tbf"));
        QCOMPARE(kindAt(31 * kMegabit), QStringLiteral("tbf"));
        QCOMPARE(kindAt(33 * kMegabit), QStringLiteral("bfifo"));
        QVERIFY(lab.verify());
    }

    void aClassThatIsNotWantedEmptiesBeforeItGoes()
    {
        Lab lab;
        lab.prepare({limit(7, 64 * kKilobit), limit(8, kMegabit)});
        lab.steer();
        Stream stream(lab, 7);
        stream.send(40, 114);
        const quint32 retired = lab.priorities.at(up(7));
        lab.prepare({limit(8, kMegabit)});
        lab.retireAll();
        QVERIFY(lab.words(retired).isEmpty());
        QVERIFY(!lab.words(lab.priorities.at(up(8))).isEmpty());
        QCOMPARE(stream.receive(40), upTo(40));
    }

    void theDeviceGoesWithTheLastClass()
    {
        Lab lab;
        lab.prepare({limit(7, 64 * kKilobit)});
        lab.steer();
        Stream stream(lab, 7);
        stream.send(40, 114);
        lab.prepare({});
        lab.retireAll();
        QVERIFY(lab.device().isEmpty());
        QCOMPARE(lab.shaper.deviceIndex(), 0);
        QCOMPARE(stream.receive(40), upTo(40));
    }

    void aLimitThatComesBackIsInForce()
    {
        Lab lab;
        lab.prepare({limit(7, kMegabit), limit(8, kMegabit)});
        const quint32 retired = lab.priorities.at(up(7));
        lab.prepare({limit(8, kMegabit)});
        QVERIFY(lab.words(retired).contains(QLatin1String("1Tbit"))); // empties at once
        lab.prepare({limit(7, 2 * kMegabit), limit(8, kMegabit)});
        QCOMPARE(lab.word(7, "rate"), QStringLiteral("2Mbit"));
        lab.retireAll();
        QCOMPARE(lab.classCount(), 2);
        QVERIFY(lab.verify());
    }

    void whatIsReadAgreesWithTc()
    {
        Lab lab;
        lab.prepare({limit(7, 64 * kKilobit), limit(8, kMegabit)});
        lab.steer();
        Stream stream(lab, 8);
        stream.send(10, 500);
        stream.receive(10);
        Stream flood(lab, 7);
        flood.send(100, 1000); // 2,000 bytes and one pass, some wait, most are dropped
        QTRY_COMPARE(lab.leaf(7)[QLatin1String("qlen")].toInt(), 0);
        const auto readings = valueOf(lab.shaper.read());
        QCOMPARE(readings.size(), size_t(2));
        QCOMPARE(readings[1].key, up(8));
        QCOMPARE(readings[1].bytes, 5000U);
        QCOMPARE(readings[1].packets, 10U);
        QCOMPARE(readings[1].droppedPackets, 0U);
        const size_t came = flood.arrived().size();
        QVERIFY(came >= 3 && came < 50);
        QCOMPARE(readings[0].packets, quint64(came));
        QCOMPARE(readings[0].droppedPackets, 100 - quint64(came));
        QCOMPARE(readings[0].backlogBytes, 0U);
    }

    void whatIsDroppedOfAMergedPacketIsCounted()
    {
        Lab lab;
        lab.prepare({limit(7, 64 * kKilobit)});
        lab.steer();
        Stream stream(lab, 7);
        stream.sendMerged(20, 1000);
        QTRY_VERIFY(valueOf(lab.shaper.read()).front().packets > 0);
        QTRY_COMPARE(valueOf(lab.shaper.read()).front().backlogBytes, 0U);
        const ClassReading reading = valueOf(lab.shaper.read()).front();
        QVERIFY(reading.droppedPackets > 0);
        QCOMPARE(reading.packets + reading.droppedPackets, 20U);
    }

    void childrenStayBelowTheirParentsCeiling()
    {
        Lab lab;
        lab.prepare({limit(1, 2 * kMegabit), limit(2, 2 * kMegabit, 1), limit(3, kMegabit, 1)});
        lab.retireAll();
        QVERIFY(lab.verify());
        QCOMPARE(lab.word(1, "ceil"), QStringLiteral("2Mbit"));
        QCOMPARE(lab.word(3, "ceil"), QStringLiteral("1Mbit"));
        QCOMPARE(lab.word(1, "parent"), lab.word(2, "parent"));
        lab.steer();
        QElapsedTimer clock;
        clock.start();
        std::vector<Stream> streams;
        for (const int watch : {1, 2, 3})
            streams.emplace_back(lab, watch);
        // Together 2 Mbit/s, which is 250 bytes a millisecond; each kept as full as it can be.
        quint64 came = 0;
        while (came < 150) {
            for (Stream &stream : streams)
                stream.send(2, 1000);
            QTest::qWait(1);
            came = 0;
            for (Stream &stream : streams)
                came += stream.arrived().size();
        }
        // 150,000 bytes less what a burst gives in advance.
        QVERIFY2(clock.elapsed() >= (150'000 - 9'000) / 250, qPrintable(QString::number(clock.elapsed())));
        for (Stream &stream : streams)
            QVERIFY(!stream.arrived().empty());
    }

    void aFirstChildCostsItsParentNoPacket()
    {
        Lab lab;
        lab.prepare({limit(7, 64 * kKilobit)});
        lab.steer();
        Stream stream(lab, 7);
        stream.send(40, 114);
        const quint32 before = lab.priorities.at(up(7));
        lab.prepare({limit(7, 64 * kKilobit), limit(8, 64 * kKilobit, 7)});
        QVERIFY(lab.priorities.at(up(7)) != before);
        lab.steer();
        lab.retireAll();
        QCOMPARE(stream.receive(40), upTo(40));
        QVERIFY(lab.verify());
        // The last child goes, and the parent stays as it is.
        const quint32 with = lab.priorities.at(up(7));
        lab.prepare({limit(7, 64 * kKilobit)});
        QCOMPARE(lab.priorities.at(up(7)), with);
        lab.retireAll();
        QVERIFY(lab.verify());
    }

    void aClassMovesToAnotherParentWithoutLosingItsQueue()
    {
        Lab lab;
        lab.prepare({limit(1, 10 * kMegabit), limit(2, 10 * kMegabit), limit(3, 64 * kKilobit, 1)});
        lab.steer();
        Stream stream(lab, 3);
        stream.send(40, 114);
        lab.prepare({limit(1, 10 * kMegabit), limit(2, 10 * kMegabit), limit(3, 64 * kKilobit, 2)});
        lab.steer();
        lab.retireAll();
        QCOMPARE(stream.receive(40), upTo(40));
        QCOMPARE(lab.word(3, "parent"), lab.word(2, "parent"));
        QVERIFY(lab.word(3, "parent") != lab.word(1, "parent"));
        QVERIFY(lab.verify());
    }

    void limitsNestDeeperThanTheKernelDoes()
    {
        Lab lab;
        std::vector<ShaperClass> classes = {limit(1, 100 * kMegabit)};
        for (int watch = 2; watch <= 12; ++watch)
            classes.push_back(limit(watch, quint64(100 - watch) * kMegabit, watch - 1));
        classes.push_back(limit(13, 99 * kMegabit, 12));
        lab.prepare(classes);
        lab.retireAll();
        QVERIFY(lab.verify());
        QCOMPARE(lab.word(12, "ceil"), QStringLiteral("88Mbit"));
        QCOMPARE(lab.word(13, "ceil"), QStringLiteral("88Mbit"));
    }

    void aThousandLimitsFitAndNoMoreThanTheNumbersAllow()
    {
        Lab lab;
        std::vector<ShaperClass> classes;
        const auto add = [&](qint64 watch) {
            for (const FlowDirection direction : {FlowDirection::Down, FlowDirection::Up}) {
                for (const bool slow : {false, true})
                    classes.push_back(
                        {{watch, direction, slow}, std::nullopt, quint64(watch) * 100 * kKilobit});
            }
        };
        for (qint64 watch = 1; watch <= 1000; ++watch)
            add(watch * 7);
        lab.prepare(classes);
        QCOMPARE(lab.classCount(), 4000);
        QVERIFY(lab.verify());
        QElapsedTimer clock;
        clock.start();
        add(7007);
        lab.prepare(classes);
        qInfo("one limit more took %lld ms", clock.elapsed());
        clock.restart();
        QCOMPARE(valueOf(lab.shaper.read()).size(), size_t(4004));
        qInfo("reading took %lld ms", clock.elapsed());
        Shaper next;
        Lab::start(next);
        QCOMPARE(valueOf(next.prepare(classes)), lab.priorities);
        for (qint64 watch = 1002; watch <= 1024; ++watch)
            add(watch * 7);
        const auto refused = lab.shaper.prepare(classes);
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::LimitReached);
        QCOMPARE(lab.classCount(), 4004);
        clock.restart();
        lab.prepare({});
        lab.retireAll();
        qInfo("removing all took %lld ms", clock.elapsed());
        QVERIFY(lab.device().isEmpty());
    }
};

QTEST_GUILESS_MAIN(ShaperTest)
#include "shaper_test.moc"
