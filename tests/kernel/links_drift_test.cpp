// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/links_drift.h"

#include <QTest>

using namespace weir;
using namespace std::chrono_literals;

namespace {

constexpr int kLink = 3;

/// Counters that grow by the same amounts in each window of ten seconds.
class Windows
{
public:
    /// Received bytes of one window: as the link, the stack and the wire count them.
    void pass(quint64 link, quint64 plain, quint64 total, int windows)
    {
        for (int i = 0; i < windows; ++i) {
            m_reading.link.rxBytes += link;
            m_reading.plain.rxBytes += plain;
            m_reading.total.rxBytes += total;
            m_reading.total.rxPackets += total / 1514;
            read();
        }
    }
    void read()
    {
        m_now += 10s;
        drift.add(m_now, {{kLink, m_reading}});
    }
    void restartLinkCounters()
    {
        m_reading.link = {};
        read();
    }
    Drift drift;

private:
    Drift::Time m_now;
    Drift::Reading m_reading;
};

const std::map<int, Drift::Kind> kNone;
const std::map<int, Drift::Kind> kMissed = {{kLink, Drift::Kind::Missed}};
const std::map<int, Drift::Kind> kDropped = {{kLink, Drift::Kind::Dropped}};

} // namespace

class LinksDriftTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aLinkMayCountMergedPacketsOrWireBytesOrChecksums_data()
    {
        QTest::addColumn<quint64>("link");
        // 100 MB as the stack held them are 105 MB on the wire, in 69,352 packets of 1514 bytes.
        QTest::newRow("merged, as a veth") << quint64(100'000'000);
        QTest::newRow("wire bytes, as a NIC") << quint64(105'000'000);
        QTest::newRow("with checksums") << quint64(105'000'000 + 4 * 69'352);
        QTest::newRow("a little apart") << quint64(98'100'000);
        QTest::newRow("a little above") << quint64(107'000'000);
    }

    void aLinkMayCountMergedPacketsOrWireBytesOrChecksums()
    {
        QFETCH(quint64, link);
        Windows windows;
        windows.read();
        windows.pass(link, 100'000'000, 105'000'000, 10);
        QCOMPARE(windows.drift.drifting(), kNone);
    }

    void bytesThatPassTheMeterByAreADriftAfterThreeWindows()
    {
        Windows windows;
        windows.read();
        windows.pass(120'000'000, 100'000'000, 105'000'000, 2);
        QCOMPARE(windows.drift.drifting(), kNone);
        windows.pass(120'000'000, 100'000'000, 105'000'000, 1);
        QCOMPARE(windows.drift.drifting(), kMissed);
    }

    void aMeterThatSeesNothingDriftsToo()
    {
        Windows windows;
        windows.read();
        windows.pass(2'000'000, 0, 0, 3);
        QCOMPARE(windows.drift.drifting(), kMissed);
    }

    void bytesThatTheQueueDropsAreADrift()
    {
        Windows windows;
        windows.read();
        windows.pass(50'000'000, 100'000'000, 100'000'000, 3);
        QCOMPARE(windows.drift.drifting(), kDropped);
    }

    void lessThanAMegabyteSaysNothing()
    {
        Windows windows;
        windows.read();
        windows.pass(999'000, 0, 0, 10);
        QCOMPARE(windows.drift.drifting(), kNone);
    }

    void aQuietWindowDoesNotEndADriftButAGoodOneDoes()
    {
        Windows windows;
        windows.read();
        windows.pass(120'000'000, 100'000'000, 100'000'000, 3);
        windows.pass(1'000, 1'000, 1'000, 5);
        QCOMPARE(windows.drift.drifting(), kMissed);
        windows.pass(100'000'000, 100'000'000, 100'000'000, 1);
        QCOMPARE(windows.drift.drifting(), kNone);
    }

    void aGoodWindowBetweenBreaksTheRow()
    {
        Windows windows;
        windows.read();
        windows.pass(120'000'000, 100'000'000, 100'000'000, 2);
        windows.pass(100'000'000, 100'000'000, 100'000'000, 1);
        windows.pass(120'000'000, 100'000'000, 100'000'000, 2);
        QCOMPARE(windows.drift.drifting(), kNone);
    }

    void countersThatBeginAnewAreNoDrift()
    {
        Windows windows;
        windows.read();
        windows.pass(100'000'000, 100'000'000, 100'000'000, 1);
        for (int i = 0; i < 3; ++i) {
            windows.restartLinkCounters();
            windows.pass(100'000'000, 100'000'000, 100'000'000, 1);
        }
        QCOMPARE(windows.drift.drifting(), kNone);
    }

    void aLinkThatIsGoneIsForgotten()
    {
        Windows windows;
        windows.read();
        windows.pass(2'000'000, 0, 0, 3);
        windows.drift.add(Drift::Time(1h), {});
        QCOMPARE(windows.drift.drifting(), kNone);
    }

    void readingsAreWantedEveryTenSeconds()
    {
        Drift drift;
        const Drift::Time begin(100s);
        QVERIFY(drift.isDue(begin));
        drift.add(begin, {});
        QVERIFY(!drift.isDue(begin + 9s));
        QVERIFY(drift.isDue(begin + 10s));
        drift.clear();
        QVERIFY(drift.isDue(begin + 1s));
    }
};

QTEST_GUILESS_MAIN(LinksDriftTest)
#include "links_drift_test.moc"
