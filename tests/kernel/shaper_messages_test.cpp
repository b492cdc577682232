// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/shaper_messages.h"
#include "helper/kernel/shaper_reading.h"

#include <QTest>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <cstring>
#include <vector>

using namespace weir;
using namespace weir::shaper;

namespace {

nlattr *option(const NetlinkMessage &message, int type)
{
    nlattr *options = nlmsg_find_attr(nlmsg_hdr(message.get()), sizeof(tcmsg), TCA_OPTIONS);
    return options ? nla_find(static_cast<nlattr *>(nla_data(options)), nla_len(options), type) : nullptr;
}

} // namespace

/// The kernel answers in the form in which it is asked; also about kinds of queues that this kernel lacks.
class ShaperMessagesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void classesAreReadAsTheyAreWritten()
    {
        Class made;
        made.parent = 0x8011;
        made.bytesPerSecond = 12'500;
        made.ceilingBytesPerSecond = 12'500'000'000;
        made.burstTicks = 15'625;
        made.ceilingBurstTicks = 78'125;
        made.quantum = 6151;
        const NetlinkMessage message = putClass(999, 0x8010, made);
        const auto found = parseClass(nlmsg_hdr(message.get()));
        QVERIFY(found);
        QCOMPARE(found->minor, quint16(0x8010));
        QVERIFY(found->values == made);
    }

    void queuesAreReadAsTheyAreWritten()
    {
        for (const Leaf &leaf : {Leaf{LeafKind::Fifo, 1'250'000, 0}, Leaf{LeafKind::Splitting, 12'500, 1600},
                                 Leaf{LeafKind::FairQueue, 2'500'000, 0}}) {
            const NetlinkMessage message = putLeaf(999, 0x8010, 12'500'000, leaf, LeafKind::None);
            const auto found = parseQdisc(nlmsg_hdr(message.get()));
            QVERIFY(found);
            QCOMPARE(found->device, 999);
            QCOMPARE(found->parent, 0x77658010U);
            QVERIFY(found->leaf == leaf);
            QVERIFY(!found->isOurRoot);
        }
    }

    void theRootIsKnownAgain()
    {
        const NetlinkMessage message = makeRoot(999);
        const auto found = parseQdisc(nlmsg_hdr(message.get()));
        QVERIFY(found && found->isOurRoot);
    }

    void aFairQueueIsToldItsNumberOfFlowsOnlyAtFirst()
    {
        const Leaf leaf{LeafKind::FairQueue, 2'500'000, 0};
        QVERIFY(option(putLeaf(999, 0x10, 12'500'000, leaf, LeafKind::None), TCA_FQ_CODEL_FLOWS));
        QVERIFY(!option(putLeaf(999, 0x10, 12'500'000, leaf, LeafKind::FairQueue), TCA_FQ_CODEL_FLOWS));
    }

    void aFairQueueWaitsForTwoPacketsAtLeast()
    {
        const auto targetAt = [](quint64 bytesPerSecond) {
            const Leaf leaf{LeafKind::FairQueue, 320'000, 0};
            return nla_get_u32(
                option(putLeaf(999, 0x10, bytesPerSecond, leaf, LeafKind::None), TCA_FQ_CODEL_TARGET));
        };
        QCOMPARE(targetAt(12'500'000), 5'000U);
        QCOMPARE(targetAt(125'000), 24'224U); // 3,028 bytes at 1 Mbit/s
    }

    void aMessageThatIsCutShortGivesNothingWrong()
    {
        Class made;
        made.bytesPerSecond = made.ceilingBytesPerSecond = 125'000;
        const NetlinkMessage messages[] = {
            putClass(999, 0x10, made), makeRoot(999), makeDevice("weir0", 999),
            putLeaf(999, 0x10, 125'000, {LeafKind::Splitting, 12'500, 1600}, LeafKind::None)};
        for (const NetlinkMessage &message : messages) {
            const nlmsghdr *whole = nlmsg_hdr(message.get());
            for (quint32 length = sizeof(nlmsghdr); length < whole->nlmsg_len; ++length) {
                // Of exactly that size, so that a tool that watches memory sees what is read behind it.
                std::vector<char> part(length);
                std::memcpy(part.data(), whole, length);
                auto *header = reinterpret_cast<nlmsghdr *>(part.data());
                header->nlmsg_len = length;
                const auto device = parseDevice(header);
                QVERIFY(!device || device->index == 999);
                const auto entry = parseClass(header);
                QVERIFY(!entry || entry->minor == 0x10);
                const auto qdisc = parseQdisc(header);
                QVERIFY(!qdisc || qdisc->device == 999);
            }
        }
    }
};

QTEST_APPLESS_MAIN(ShaperMessagesTest)
#include "shaper_messages_test.moc"
