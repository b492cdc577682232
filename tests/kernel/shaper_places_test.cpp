// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/shaper_places.h"

#include <QTest>

#include <set>

using namespace weir;
using namespace weir::shaper;

namespace {

constexpr quint64 kMegabit = 1'000'000;

ClassKey down(qint64 watch)
{
    return {watch, FlowDirection::Down, false};
}

ShaperClass limit(qint64 watch, quint64 bitsPerSecond = kMegabit, std::optional<qint64> parent = std::nullopt)
{
    return {down(watch), parent ? std::optional(down(*parent)) : std::nullopt, bitsPerSecond};
}

const LeafChoice kAllLeaves = {true, true, 1600};

Arrangement arranged(const std::vector<ShaperClass> &classes, const Places &before = {},
                     const Tree &present = {})
{
    auto result = arrange(classes, before, present, kAllLeaves);
    if (!result)
        qFatal("%s", qPrintable(result.error().message));
    return *std::move(result);
}

quint16 minorOf(const Arrangement &arrangement, qint64 watch)
{
    return arrangement.places.at(down(watch)).packets;
}

} // namespace

class ShaperPlacesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aMinorTellsDirectionSpeedAndWatch()
    {
        const auto result = arrange({{{5, FlowDirection::Up, false}, std::nullopt, kMegabit},
                                     {{5, FlowDirection::Up, true}, std::nullopt, kMegabit},
                                     {{5, FlowDirection::Down, false}, std::nullopt, kMegabit},
                                     {{5, FlowDirection::Down, true}, std::nullopt, kMegabit}},
                                    {}, {}, kAllLeaves);
        QVERIFY(result);
        std::set<quint16> minors;
        for (const auto &[minor, made] : result->tree)
            minors.insert(minor);
        QCOMPARE(minors, (std::set<quint16>{0x0050, 0x4050, 0x8050, 0xc050}));
    }

    void watchesThatWantTheSameSlotGetDifferentOnes()
    {
        const Arrangement result = arranged({limit(1), limit(1024), limit(2047), limit(2)});
        std::set<quint16> minors;
        for (const auto &[key, place] : result.places)
            minors.insert(place.packets);
        QCOMPARE(minors, (std::set<quint16>{0x8010, 0x8020, 0x8030, 0x8040}));
    }

    void anotherHelperFindsEachWatchInItsSlot()
    {
        // Not in the order in which they were made, and one of them is gone.
        const Arrangement first = arranged({limit(1), limit(1024), limit(2047), limit(2)});
        const Arrangement second = arranged({limit(2), limit(2047), limit(1024)}, {}, first.tree);
        for (const qint64 watch : {2, 1024, 2047})
            QCOMPARE(minorOf(second, watch), minorOf(first, watch));
        // A new one does not get the slot of the one that is gone while that has something there.
        const Arrangement third = arranged({limit(3070), limit(2)}, {}, first.tree);
        QVERIFY(!first.tree.contains(minorOf(third, 3070)));
    }

    void allSlotsCanBeUsedAndOneMoreIsRefused()
    {
        std::vector<ShaperClass> classes;
        for (qint64 watch = 1; watch <= kSlots; ++watch)
            classes.push_back(limit(watch * 31));
        const Arrangement full = arranged(classes);
        QCOMPARE(full.tree.size(), size_t(kSlots));
        classes.push_back(limit(1'000'000));
        const auto refused = arrange(classes, full.places, full.tree, kAllLeaves);
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::LimitReached);
    }

    void aDrainingClassIsNotTakenAgain()
    {
        const Arrangement first = arranged({limit(7)});
        const Tree draining = drained(first.tree, {});
        const Arrangement second = arranged({limit(7)}, {}, draining);
        QCOMPARE(minorOf(first, 7), quint16(0x8070));
        QCOMPARE(minorOf(second, 7), quint16(0x8078));
        // As often as its slot has numbers.
        Tree present = draining;
        for (int time = 1; time < 9; ++time)
            present.merge(drained(arranged({limit(7)}, {}, present).tree, {}));
        QCOMPARE(present.size(), size_t(9));
        QVERIFY(!arrange({limit(7)}, {}, present, kAllLeaves));
    }

    void aParentHasAClassForItsOwnPackets()
    {
        const Arrangement result = arranged({limit(1, 8 * kMegabit), limit(2, kMegabit, 1)});
        const Place parent = result.places.at(down(1));
        QCOMPARE(parent.inner, quint16(0x8011));
        QCOMPARE(parent.packets, quint16(0x8010));
        QCOMPARE(result.tree.at(0x8010).parent, quint16(0x8011));
        QCOMPARE(result.tree.at(0x8020).parent, quint16(0x8011));
        QCOMPARE(result.tree.at(0x8011).parent, quint16(0));
        QCOMPARE(result.tree.at(0x8011).leaf.kind, LeafKind::None);
        QCOMPARE(result.tree.at(0x8011).ceilingBytesPerSecond, 1'000'000U);
        QCOMPARE(result.tree.at(0x8011).bytesPerSecond, 1'000'000U);
        QCOMPARE(result.tree.at(0x8010).ceilingBytesPerSecond, 1'000'000U);
        QCOMPARE(result.tree.at(0x8020).ceilingBytesPerSecond, 125'000U);
    }

    void allChildrensGuaranteesFitIntoTheirParent()
    {
        std::vector<ShaperClass> classes = {limit(1, 64'000)};
        for (qint64 watch = 2; watch <= kSlots; ++watch)
            classes.push_back(limit(watch, 64'000, 1));
        quint64 sum = 0;
        for (const auto &[minor, made] : arranged(classes).tree) {
            if (made.parent)
                sum += made.bytesPerSecond;
        }
        QVERIFY2(sum <= 8000, qPrintable(QString::number(sum)));
    }

    void whatIsRetiredBelowALimitDrainsWithoutStarvingTheOthers()
    {
        const Arrangement first = arranged({limit(1, 8 * kMegabit), limit(2, kMegabit, 1), limit(3)});
        const Arrangement second = arranged({limit(1, 8 * kMegabit)}, first.places, first.tree);
        const Tree draining = drained(first.tree, second.tree);
        QCOMPARE(draining.size(), size_t(2));
        QCOMPARE(draining.at(0x8020).bytesPerSecond, 8'000'000U); // 8 × the parent's
        QCOMPARE(draining.at(0x8030).bytesPerSecond, kDrainBytesPerSecond);
    }

    void siblingsShareEvenly()
    {
        const Arrangement result =
            arranged({limit(1, 1000 * kMegabit), limit(2, kMegabit, 1), limit(508, 900 * kMegabit, 1)});
        const double one = result.tree.at(minorOf(result, 2)).quantum;
        const double other = result.tree.at(minorOf(result, 508)).quantum;
        QVERIFY2(one / other > 0.9 && one / other < 1.1, qPrintable(QString::number(one / other)));
        QVERIFY(one >= 1514);
    }

    void queuesAreOfATenthOfASecond_data()
    {
        QTest::addColumn<quint64>("bytesPerSecond");
        QTest::addColumn<bool>("hasFairQueue");
        QTest::addColumn<int>("kind");
        QTest::addColumn<quint32>("limitBytes");
        QTest::newRow("64 kbit/s: three packets")
            << quint64(8'000) << false << int(LeafKind::Splitting) << 4'800U;
        QTest::newRow("1 Mbit/s") << quint64(125'000) << true << int(LeafKind::Splitting) << 12'500U;
        QTest::newRow("100 Mbit/s") << quint64(12'500'000) << false << int(LeafKind::Fifo) << 1'250'000U;
        QTest::newRow("100 Mbit/s, fair")
            << quint64(12'500'000) << true << int(LeafKind::FairQueue) << 2'500'000U;
        QTest::newRow("100 Gbit/s") << quint64(12'500'000'000) << false << int(LeafKind::Fifo) << 32'000'000U;
    }

    void queuesAreOfATenthOfASecond()
    {
        QFETCH(quint64, bytesPerSecond);
        QFETCH(bool, hasFairQueue);
        QFETCH(int, kind);
        QFETCH(quint32, limitBytes);
        const Leaf leaf = leafFor(bytesPerSecond, {}, {true, hasFairQueue, 1600});
        QCOMPARE(int(leaf.kind), kind);
        QCOMPARE(leaf.limitBytes, limitBytes);
    }

    void withoutSplittingAMergedPacketStillFits()
    {
        const Leaf leaf = leafFor(125'000, {}, {false, false, 1600});
        QCOMPARE(leaf.kind, LeafKind::Fifo);
        QVERIFY(leaf.limitBytes >= 122 * (536 + 66));
    }

    void burstsAreShort()
    {
        QCOMPARE(burstTicks(8'000), 3'906'250U);    // 2,000 bytes: 250 ms
        QCOMPARE(burstTicks(12'500'000), 15'625U);  // 1 ms
        QCOMPARE(burstTicks(125'000'000), 78'125U); // 5 ms
        QCOMPARE(burstTicks(1), 15'625'000U);       // not 2,000 s
    }
};

QTEST_APPLESS_MAIN(ShaperPlacesTest)
#include "shaper_places_test.moc"
