// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/shaper_lab.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include <linux/rtnetlink.h>

using namespace weir;
using namespace weir::test;

/// What the shaper finds when it starts, what others do to it, and what is left when it goes.
class ShaperSurvivalTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void thisKernelHasAllThatIsNeeded()
    {
        Lab lab;
        QVERIFY2(!lab.shaper.unsupported(), qPrintable(lab.shaper.unsupported().value_or(QString())));
    }

    void lookingWhatThereIsLeavesNothingBehind()
    {
        Lab lab;
        QCOMPARE(lab.linkCount(), 2); // lo and a0
        QCOMPARE(lab.shaper.deviceIndex(), 0);
    }

    void aProbeThatWasInterruptedIsRemoved()
    {
        Lab lab;
        lab.here.ip(QStringLiteral("link add weirprobe0 type ifb"));
        Shaper another;
        Lab::start(another);
        QVERIFY(!another.unsupported());
        QVERIFY(!lab.here.ip(QStringLiteral("-o link show")).contains("weirprobe0"));
    }

    void anIndexThatIsTakenIsPassedOver()
    {
        Lab lab;
        lab.here.ip(QStringLiteral("link add other index 999 type ifb"));
        lab.prepare({limit(7, kMegabit)});
        QCOMPARE(lab.shaper.deviceIndex(), 1000);
        QCOMPARE(lab.device()[QLatin1String("ifindex")].toInt(), 1000);
        Shaper another;
        Lab::start(another);
        QCOMPARE(another.deviceIndex(), 1000);
        // What sends packets to that index must find the device there again.
        lab.here.ip(QStringLiteral("link del other"));
        lab.here.ip(QStringLiteral("link del weir0"));
        QCOMPARE(lab.verify(), false);
        lab.prepare({limit(7, kMegabit)});
        QCOMPARE(lab.device()[QLatin1String("ifindex")].toInt(), 1000);
    }

    void aForeignDeviceOfThatNameIsLeftAlone()
    {
        Lab lab;
        lab.here.ip(QStringLiteral("link add weir0 type bridge"));
        Shaper another;
        const auto started = another.start();
        QVERIFY(!started);
        QVERIFY2(started.error().message.contains(QLatin1String("no ifb")),
                 qPrintable(started.error().message));
        QVERIFY(!lab.shaper.prepare({limit(7, kMegabit)}));
        QVERIFY(!lab.shaper.removeEverything());
        QCOMPARE(lab.device()[QLatin1String("linkinfo")][QLatin1String("info_kind")].toString(),
                 QStringLiteral("bridge"));
    }

    void aRestartedHelperFindsItsClassesAgain()
    {
        Lab lab;
        const std::vector<ShaperClass> classes = {limit(1, 64 * kKilobit), limit(2, 5 * kMegabit, 1),
                                                  limit(1024, kMegabit), limit(2047, 30 * kMegabit)};
        lab.prepare(classes);
        lab.steer();
        Stream stream(lab, 1);
        stream.send(40, 114);
        const QByteArray before = lab.tc(QStringLiteral("qdisc show dev weir0"));
        Shaper next;
        Lab::start(next);
        QCOMPARE(next.deviceIndex(), lab.shaper.deviceIndex());
        QCOMPARE(valueOf(next.prepare(classes)), lab.priorities);
        QCOMPARE(lab.tc(QStringLiteral("qdisc show dev weir0")), before);
        QCOMPARE(valueOf(next.verify()), true);
        QCOMPARE(valueOf(next.retire()), true);
        QCOMPARE(stream.receive(40), upTo(40));
        // What the next one does not want it removes.
        Shaper last;
        Lab::start(last);
        QVERIFY(last.prepare({limit(2047, 30 * kMegabit)}));
        QTRY_COMPARE(valueOf(last.retire()), true);
        QCOMPARE(lab.classCount(), 1);
    }

    void whatSomebodyBreaksIsSeenAndMended_data()
    {
        QTest::addColumn<QString>("commands");
        const auto row = [](const char *name, const char *commands) {
            QTest::newRow(name) << QString::fromLatin1(commands);
        };
        row("device deleted", "ip link del weir0");
        row("device down", "ip link set weir0 down");
        row("another root", "tc qdisc replace dev weir0 root pfifo");
        row("no root", "tc qdisc del dev weir0 root");
        row("another tree", "tc qdisc replace dev weir0 root handle 1: htb");
        row("a default class",
            "tc qdisc del dev weir0 root;tc qdisc add dev weir0 root handle 7765: htb default 70");
        row("class deleted", "tc class del dev weir0 classid 7765:70");
        row("rate changed", "tc class change dev weir0 classid 7765:70 htb rate 9mbit");
        row("ceiling changed",
            "tc class change dev weir0 classid 7765:70 htb rate 1mbit ceil 9mbit burst 2000 cburst 2000");
        row("queue replaced", "tc qdisc replace dev weir0 parent 7765:70 pfifo");
        row("queue changed", "tc qdisc replace dev weir0 parent 7765:80 bfifo limit 100000");
        row("child deleted", "tc class del dev weir0 classid 7765:90");
        row("parent deleted",
            "tc class del dev weir0 classid 7765:90;tc class del dev weir0 classid 7765:a0;"
            "tc class del dev weir0 classid 7765:a1");
    }

    void whatSomebodyBreaksIsSeenAndMended()
    {
        QFETCH(QString, commands);
        Lab lab;
        const std::vector<ShaperClass> classes = {limit(7, kMegabit), limit(8, 50 * kMegabit),
                                                  limit(10, 10 * kMegabit), limit(9, kMegabit, 10)};
        lab.prepare(classes);
        QVERIFY(lab.verify());
        const auto before = lab.priorities;
        for (const QString &command : commands.split(QLatin1Char(';'))) {
            const QStringList words = command.split(QLatin1Char(' '));
            lab.here.command(words.front(), words.sliced(1));
        }
        QCOMPARE(lab.verify(), false);
        lab.prepare(classes);
        QCOMPARE(lab.verify(), true);
        QCOMPARE(lab.priorities, before);
        QCOMPARE(lab.shaper.deviceIndex(), 999);
        QVERIFY(lab.device()[QLatin1String("flags")].toArray().contains(QLatin1String("UP")));
        lab.steer();
        for (const int watch : {7, 8, 9, 10}) {
            Stream stream(lab, watch);
            stream.send(3, 1000);
            QCOMPARE(stream.receive(3), upTo(3));
        }
    }

    void whatWasNotLookedAtIsMendedToo()
    {
        Lab lab;
        lab.prepare({limit(7, kMegabit)});
        lab.here.ip(QStringLiteral("link del weir0"));
        lab.prepare({limit(7, 2 * kMegabit)});
        QCOMPARE(lab.shaper.deviceIndex(), 999);
        QVERIFY(lab.verify());
    }

    void packetsOfLargerLinksPass()
    {
        Lab lab;
        lab.prepare({limit(7, kMegabit)});
        lab.steer();
        QVERIFY(lab.verify());
        lab.here.ip(QStringLiteral("link set a0 mtu 9000"));
        lab.there.ip(QStringLiteral("link set b0 mtu 9000"));
        QCOMPARE(lab.verify(), false);
        lab.prepare({limit(7, kMegabit)});
        QVERIFY(lab.verify());
        Stream stream(lab, 7);
        stream.send(2, 9014);
        QCOMPARE(stream.receive(2), upTo(2));
    }

    void onlyTheLinksThatAreAskedForCount()
    {
        Lab lab;
        lab.here.ip(QStringLiteral("link add large type ifb"));
        lab.here.ip(QStringLiteral("link set large mtu 60000"));
        const auto largest = [&] {
            return lab.leaf(7)[QLatin1String("options")][QLatin1String("burst")].toInt();
        };
        lab.prepare({limit(7, kMegabit)},
                    {lab.here.ip(QStringLiteral("-o link show a0")).split(':')[0].toInt()});
        QVERIFY(largest() < 2000);
        QVERIFY(lab.verify());
        lab.prepare({limit(7, kMegabit)});
        QVERIFY(largest() > 50'000);
        QVERIFY(lab.verify());
    }

    void removingEverythingLeavesNothing()
    {
        Lab lab;
        lab.prepare({limit(7, kMegabit)});
        lab.here.ip(QStringLiteral("link add weirprobe0 type ifb"));
        Shaper cleaner;
        QVERIFY(cleaner.removeEverything());
        QCOMPARE(lab.linkCount(), 2); // lo and a0
        QVERIFY(cleaner.removeEverything());
    }

    void eventsOfOthersCanBeToldApart()
    {
        Lab lab;
        auto events = NetlinkSocket::listen({RTNLGRP_TC});
        QVERIFY(events);
        lab.prepare({limit(7, kMegabit)});
        int own = 0;
        int others = 0;
        const auto take = [&](nlmsghdr *message) {
            ++(message->nlmsg_pid == lab.shaper.portId() ? own : others);
        };
        events->receive(take);
        QVERIFY(own > 0);
        QCOMPARE(others, 0);
        lab.tc(QStringLiteral("class change dev weir0 classid 7765:70 htb rate 9mbit"));
        own = 0;
        events->receive(take);
        QVERIFY(others > 0);
        QCOMPARE(own, 0);
    }
};

QTEST_GUILESS_MAIN(ShaperSurvivalTest)
#include "shaper_survival_test.moc"
