// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/shaper.h"
#include "tests/support/netns.h"
#include "tests/support/sockets.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <linux/rtnetlink.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <numeric>

using namespace weir;
using namespace weir::test;

namespace {

constexpr quint64 kKilobit = 1'000;
constexpr quint64 kMegabit = 1'000'000;
constexpr quint64 kDrainBytes = 125'000'000'000;

ClassKey up(qint64 watch)
{
    return {watch, FlowDirection::Up, false};
}

ShaperClass limit(qint64 watch, quint64 bitsPerSecond, std::optional<qint64> parent = std::nullopt)
{
    return {up(watch), parent ? std::optional(up(*parent)) : std::nullopt, bitsPerSecond};
}

template <typename Value>
Value valueOf(Result<Value> result)
{
    if (!result)
        qFatal("%s", qPrintable(result.error().message));
    return *std::move(result);
}

/// "7765:70", as tc writes it.
QString handle(quint32 priority)
{
    return QStringLiteral("%1:%2").arg(QString::number(priority >> 16, 16),
                                       QString::number(priority & 0xffff, 16));
}

/// A shaper in a namespace of its own, seen from a thread that stays there, and a neighbour that receives
/// what is sent through its classes.
struct Lab {
    Netns here;
    Netns there;
    Shaper shaper;
    std::map<ClassKey, quint32> priorities;

    Lab()
    {
        here.enter();
        joinByVeth({here, QStringLiteral("a0"), {QStringLiteral("10.9.0.1/24")}},
                   {there, QStringLiteral("b0"), {QStringLiteral("10.9.0.2/24")}});
        start(shaper);
    }

    static void start(Shaper &shaper)
    {
        if (const auto started = shaper.start(); !started)
            qFatal("%s", qPrintable(started.error().message));
    }

    void prepare(const std::vector<ShaperClass> &classes, const std::set<int> &links = {})
    {
        priorities = valueOf(shaper.prepare(classes, links));
    }
    bool verify() { return valueOf(shaper.verify()); }
    void retireAll()
    {
        if (!QTest::qWaitFor([this] { return valueOf(shaper.retire()); }, 60'000))
            qFatal("classes do not empty");
    }

    QByteArray tc(const QString &arguments) const
    {
        return here.command(QStringLiteral("tc"), arguments.split(QLatin1Char(' ')));
    }

    QJsonObject device() const
    {
        const auto all = QJsonDocument::fromJson(here.ip(QStringLiteral("-j -d link show"))).array();
        for (const QJsonValue &link : all) {
            if (link[QLatin1String("ifname")] == QLatin1String("weir0"))
                return link.toObject();
        }
        return {};
    }

    /// Words of the line with which `tc class show` describes a class, without its leaf's name; empty when
    /// there is none.
    QStringList words(quint32 priority) const
    {
        const QString head = QStringLiteral("class htb %1 ").arg(handle(priority));
        for (const QString &line :
             QString::fromUtf8(tc(QStringLiteral("class show dev weir0"))).split(QLatin1Char('\n'))) {
            if (line.startsWith(head))
                return line.split(QLatin1Char(' '), Qt::SkipEmptyParts);
        }
        return {};
    }

    QString word(qint64 watch, const char *before) const
    {
        const QStringList all = words(priorities.at(up(watch)));
        const qsizetype place = all.indexOf(QLatin1String(before));
        return place < 0 ? QString() : all.value(place + 1);
    }

    QJsonObject leaf(qint64 watch) const
    {
        const QString parent = handle(priorities.at(up(watch)));
        const auto all = QJsonDocument::fromJson(tc(QStringLiteral("-s -j qdisc show dev weir0"))).array();
        for (const QJsonValue &qdisc : all) {
            if (qdisc[QLatin1String("parent")] == parent)
                return qdisc.toObject();
        }
        return {};
    }

    int classCount() const { return int(tc(QStringLiteral("class show dev weir0")).count("class htb")); }

    /// What a0 sends to UDP port 5000 + watch goes to the class of the watch.
    void steer() const
    {
        QString rules =
            QStringLiteral("table netdev lab\ndelete table netdev lab\ntable netdev lab {\n chain out {\n"
                           "  type filter hook egress device \"a0\" priority 0\n");
        for (const auto &[key, priority] : priorities)
            rules += QStringLiteral("  udp dport %1 meta priority set %2 fwd to \"weir0\"\n")
                         .arg(QString::number(5000 + key.watch), handle(priority));
        nft(rules + QStringLiteral(" }\n}\n"));
    }

    void nft(const QString &rules) const
    {
        here.command(QStringLiteral("nft"), {QStringLiteral("-f"), QStringLiteral("-")}, rules.toUtf8());
    }
};

/// A conversation by UDP from `here` to port 5000 + watch of the neighbour; its datagrams are numbered.
class Stream
{
public:
    Stream(const Lab &lab, qint64 watch)
        : m_sender(Socket::udp(lab.here, endpoint("10.9.0.1", 0))),
          m_receiver(Socket::udp(lab.there, endpoint("10.9.0.2", quint16(5000 + watch))))
    {
        const int room = 4'000'000;
        setsockopt(m_receiver.descriptor(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
        setsockopt(m_sender.descriptor(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(quint16(5000 + watch));
        to.sin_addr.s_addr = htonl(0x0a090002);
        if (connect(m_sender.descriptor(), reinterpret_cast<sockaddr *>(&to), sizeof to) != 0)
            qFatal("cannot connect to the neighbour");
    }

    /// Frames of `size` bytes.
    void send(int count, size_t size)
    {
        QByteArray payload(qsizetype(size) - 42, '\0');
        for (int i = 0; i < count; ++i, ++m_sent) {
            std::memcpy(payload.data(), &m_sent, sizeof m_sent);
            if (::send(m_sender.descriptor(), payload.constData(), size_t(payload.size()), 0) < 0)
                qFatal("cannot send to the neighbour: %s", std::strerror(errno));
        }
    }

    /// `count` frames of `size` bytes which the kernel keeps together as long as it can.
    void sendMerged(int count, int size)
    {
        const int part = size - 42;
        setsockopt(m_sender.descriptor(), IPPROTO_UDP, UDP_SEGMENT, &part, sizeof part);
        const QByteArray payload(qsizetype(count) * part, '\0');
        if (::send(m_sender.descriptor(), payload.constData(), size_t(payload.size()), 0) < 0)
            qFatal("cannot send to the neighbour: %s", std::strerror(errno));
    }

    /// Waits until `count` have come and gives their numbers.
    std::vector<int> receive(size_t count)
    {
        if (!QTest::qWaitFor([&] { return arrived().size() >= count; }, 60'000))
            qFatal("only %zu of %zu datagrams came", m_numbers.size(), count);
        return m_numbers;
    }

    /// Numbers of those that have come.
    const std::vector<int> &arrived()
    {
        char buffer[65536];
        while (recv(m_receiver.descriptor(), buffer, sizeof buffer, MSG_DONTWAIT) > 0) {
            int number = 0;
            std::memcpy(&number, buffer, sizeof number);
            m_numbers.push_back(number);
        }
        return m_numbers;
    }

private:
    Socket m_sender;
    Socket m_receiver;
    int m_sent = 0;
    std::vector<int> m_numbers;
};

std::vector<int> upTo(int count)
{
    std::vector<int> numbers(size_t(count), 0);
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

} // namespace

class ShaperTest : public QObject
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
        const auto links = QJsonDocument::fromJson(lab.here.ip(QStringLiteral("-j link show"))).array();
        QCOMPARE(links.size(), 2); // lo and a0
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
        const auto links = QJsonDocument::fromJson(lab.here.ip(QStringLiteral("-j link show"))).array();
        QCOMPARE(links.size(), 2); // lo and a0
        QVERIFY(cleaner.removeEverything());
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

QTEST_GUILESS_MAIN(ShaperTest)
#include "shaper_test.moc"
