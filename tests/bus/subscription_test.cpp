// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/names.h"
#include "dbus/types.h"
#include "tests/bus/contract.h"
#include "tests/bus/listener.h"
#include "tests/bus/polkit_stand_in.h"
#include "tests/bus/service_under_test.h"

#include <QTest>

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

using Answer = PolkitStandIn::Answer;
using Question = PolkitStandIn::Question;

namespace {

Packets received(int link, quint16 port, quint64 bytes)
{
    Packets packets;
    packets.link = link;
    packets.localPort = port;
    packets.remote = *parseAddress(u"198.51.100.1");
    packets.bytes = bytes;
    return packets;
}

} // namespace

/// Frames: to whom, when, with what.
class SubscriptionTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void theFirstFrameHoldsEveryRowAndLaterOnesOnlyWhatChanged();
    void moreRowsThanTheBusTakesInOneMessageComeInSeveralFrames();
    void anEditedWatchIsSentAtOnceWhateverTheInterval();
    void aRemovedWatchIsNamedOnce();
    void aFlowThatLeavesTheQueryIsNamed();
    void framesGoToTheirSubscriberAlone();
    void aFrameComesNoSoonerThanItsInterval();
    void framesHaveTheSignaturesOfTheContract();
    void aClientMayHaveSixteenAndNotMore();
    void aUserMayHaveThirtyTwoOnAllConnectionsTogether();
    void theFlowRowsOfAUserAreBoundedOnAllConnectionsTogether();
    void anothersSubscriptionCannotBeEnded();
    void anEndedSubscriptionGetsNoMoreFrames();
    void aSubscriptionEndsWithItsOwner();
    void aSubscriptionThatPolkitNoLongerAllowsIsEndedAndSaysWhy();
    void problemsAreAnnouncedToSubscribersAlone();

private:
    uint subscribe(const Client &client, const char *topic, uint intervalMs = 200,
                   const QVariantMap &query = {});
    void addWatch(const char *name, const char *ports);
    void restart(std::chrono::milliseconds recheckInterval);

    std::unique_ptr<SystemBus> m_bus;
    std::unique_ptr<PolkitStandIn> m_polkit;
    std::unique_ptr<ServiceUnderTest> m_service;
};

void SubscriptionTest::init()
{
    m_bus = std::make_unique<SystemBus>();
    QVERIFY(!m_bus->address().isEmpty());
    m_polkit = std::make_unique<PolkitStandIn>(m_bus->connection());
    restart(3min);
}

void SubscriptionTest::cleanup()
{
    m_service.reset();
    m_polkit.reset();
    m_bus.reset();
}

void SubscriptionTest::restart(std::chrono::milliseconds recheckInterval)
{
    m_service.reset();
    m_service = std::make_unique<ServiceUnderTest>(*m_bus, ServiceUnderTest::Options{{}, recheckInterval});
    QCOMPARE(m_service->failure(), QString());
}

uint SubscriptionTest::subscribe(const Client &client, const char *topic, uint intervalMs,
                                 const QVariantMap &query)
{
    const QDBusMessage reply = client.call("Live", "Subscribe", {QLatin1String(topic), intervalMs, query});
    return reply.arguments().value(0).toUInt(); // 0 when refused
}

void SubscriptionTest::addWatch(const char *name, const char *ports)
{
    const Client client(*m_bus);
    const QDBusMessage reply = client.call(
        "Watches", "AddWatch",
        {QString::fromLatin1(name), QVariantMap{{QStringLiteral("ports"), QString::fromLatin1(ports)}}});
    QCOMPARE(reply.errorMessage(), QString());
}

void SubscriptionTest::theFirstFrameHoldsEveryRowAndLaterOnesOnlyWhatChanged()
{
    addWatch("busy", "8000");
    addWatch("quiet", "9000");
    const Client client(*m_bus);
    const Listener listener(client);
    const uint id = subscribe(client, "watches");
    QVERIFY(id != 0);
    QTRY_VERIFY_WITH_TIMEOUT(!listener.of("WatchesFrame").isEmpty(), kPatienceMs);
    const QDBusMessage first = listener.of("WatchesFrame").constFirst();
    QCOMPARE(argument<uint>(first, 0), id);
    QCOMPARE(names(argument<dbus::WatchRows>(first, 2)),
             QStringList({QStringLiteral("busy"), QStringLiteral("quiet")}));

    // Rates become known with the second sample; from the frame that tells them on, a quiet watch does not
    // change.
    const auto toldRates = [&] {
        const auto frames = listener.of("WatchesFrame");
        return std::ranges::any_of(frames, [](const QDBusMessage &frame) {
            const auto rows = argument<dbus::WatchRows>(frame, 2);
            return rows.size() == 2 && std::ranges::all_of(rows, &dbus::Rate::known, &dbus::WatchRow::rate);
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(toldRates(), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(argument<dbus::WatchRows>(listener.of("WatchesFrame").constLast(), 2).isEmpty(),
                             kPatienceMs);
    const qsizetype frames = listener.of("WatchesFrame").size();
    m_service->machine().pass(received(m_service->nic(), 8000, 1500));
    const auto framesWithRows = [&] {
        QList<dbus::WatchRows> rows;
        for (const QDBusMessage &frame : listener.of("WatchesFrame").mid(frames)) {
            if (const auto changed = argument<dbus::WatchRows>(frame, 2); !changed.isEmpty())
                rows << changed;
        }
        return rows;
    };
    QTRY_VERIFY_WITH_TIMEOUT(!framesWithRows().isEmpty(), kPatienceMs);
    QCOMPARE(names(framesWithRows().constFirst()), QStringList(QStringLiteral("busy")));
    QCOMPARE(framesWithRows().constFirst().constFirst().total.rxBytes, 1500u);
}

void SubscriptionTest::moreRowsThanTheBusTakesInOneMessageComeInSeveralFrames()
{
    // notes alone: 8,000 times 1,000 characters of 4 bytes, as many as all may have: 31 MiB, more than one
    // message is let be
    std::vector<WatchSpec> specs(8000);
    const char32_t character = 0x1f30a;
    const QString note = QString::fromUcs4(&character, 1).repeated(1000);
    for (size_t i = 0; i < specs.size(); ++i) {
        specs[i].name = QStringLiteral("watch %1").arg(i, 4, 10, QLatin1Char('0'));
        specs[i].ports = {{quint16(i + 1), quint16(i + 1)}};
        specs[i].note = note;
    }
    std::optional<Result<quint32>> added;
    m_service->engine().addWatches(specs, [&](const Result<quint32> &result) { added = result; });
    QTRY_VERIFY_WITH_TIMEOUT(added.has_value(), kPatienceMs);
    QVERIFY(*added);

    const Client client(*m_bus);
    const QDBusMessage all = client.call("Watches", "GetWatches");
    QCOMPARE(all.errorName(), dbus::error::kLimitReached);
    QVERIFY2(all.errorMessage().contains(QStringLiteral("8000")), qPrintable(all.errorMessage()));

    const Listener listener(client);
    QVERIFY(subscribe(client, "watches", 60000) != 0);
    QStringList found;
    qsizetype frames = 0;
    const auto collect = [&] {
        const auto messages = listener.of("WatchesFrame");
        for (; frames < messages.size(); ++frames) {
            const auto rows = argument<dbus::WatchRows>(messages.at(frames), 2);
            if (rows.size() * 4000 > 8 * 1024 * 1024)
                return false;
            found += names(rows);
        }
        return found.size() >= 8000;
    };
    QTRY_VERIFY_WITH_TIMEOUT(collect(), kPatienceMs);
    QCOMPARE(frames, 5); // 8 MiB hold 2,000 of such rows
    QCOMPARE(found.size(), 8000);
    QCOMPARE(found.constFirst(), QStringLiteral("watch 0000"));
    QCOMPARE(found.constLast(), QStringLiteral("watch 7999"));
}

void SubscriptionTest::anEditedWatchIsSentAtOnceWhateverTheInterval()
{
    addWatch("web", "80");
    const Client client(*m_bus);
    const Listener listener(client);
    QVERIFY(subscribe(client, "watches", 60000) != 0);
    QTRY_COMPARE_WITH_TIMEOUT(listener.of("WatchesFrame").size(), 1, kPatienceMs);
    const QDBusMessage edited = client.call(
        "Watches", "EditWatch",
        {1u, QStringLiteral("web"), QVariantMap{{QStringLiteral("note"), QStringLiteral("new")}}});
    QCOMPARE(edited.errorMessage(), QString());
    QTRY_COMPARE_WITH_TIMEOUT(listener.of("WatchesFrame").size(), 2, kPatienceMs);
    const auto rows = argument<dbus::WatchRows>(listener.of("WatchesFrame").constLast(), 2);
    QCOMPARE(names(rows), QStringList{QStringLiteral("web")});
    QCOMPARE(rows.at(0).revision, 2u);
}

void SubscriptionTest::aRemovedWatchIsNamedOnce()
{
    addWatch("web", "80");
    const Client client(*m_bus);
    const Listener listener(client);
    subscribe(client, "watches");
    QTRY_VERIFY_WITH_TIMEOUT(!listener.of("WatchesFrame").isEmpty(), kPatienceMs);
    QCOMPARE(client.call("Watches", "RemoveWatch", {1u, QStringLiteral("web")}).errorMessage(), QString());
    QStringList removed;
    const auto lastRemoved = [&] {
        removed.clear();
        for (const QDBusMessage &frame : listener.of("WatchesFrame"))
            removed += argument<QStringList>(frame, 3);
        return removed;
    };
    QTRY_COMPARE_WITH_TIMEOUT(lastRemoved(), QStringList(QStringLiteral("web")), kPatienceMs);
    const qsizetype frames = listener.of("WatchesFrame").size();
    QTRY_VERIFY_WITH_TIMEOUT(listener.of("WatchesFrame").size() > frames, kPatienceMs);
    QCOMPARE(lastRemoved(), QStringList(QStringLiteral("web")));
}

void SubscriptionTest::aFlowThatLeavesTheQueryIsNamed()
{
    const Client client(*m_bus);
    const Listener listener(client);
    Packets packets = received(m_service->nic(), 8000, 900);
    m_service->machine().pass(packets);
    subscribe(client, "flows", 200, {{QStringLiteral("filter"), QStringLiteral("state:established")}});
    const auto changed = [&] {
        dbus::FlowRows rows;
        for (const QDBusMessage &frame : listener.of("FlowsFrame"))
            rows += argument<dbus::FlowRows>(frame, 4);
        return rows;
    };
    QTRY_VERIFY_WITH_TIMEOUT(!changed().isEmpty(), kPatienceMs);
    const dbus::FlowRow row = changed().constFirst();
    QCOMPARE(row.localPort, 8000u);
    QCOMPARE(row.remoteAddress, QStringLiteral("198.51.100.1"));
    QCOMPARE(row.total.rxBytes, 900u);
    QCOMPARE(row.scope, QStringLiteral("internet"));
    packets.state = FlowState::Closed;
    m_service->machine().pass(packets);
    const auto removed = [&] {
        dbus::FlowIds ids;
        for (const QDBusMessage &frame : listener.of("FlowsFrame"))
            ids += argument<dbus::FlowIds>(frame, 5);
        return ids;
    };
    QTRY_COMPARE_WITH_TIMEOUT(removed(), dbus::FlowIds{row.id}, kPatienceMs);
    QCOMPARE(argument<uint>(listener.of("FlowsFrame").constLast(), 2), 0u); // matching
}

void SubscriptionTest::framesGoToTheirSubscriberAlone()
{
    const Client subscriber(*m_bus);
    const Client bystander(*m_bus);
    const Listener heard(subscriber);
    const Listener overheard(bystander);
    subscribe(subscriber, "links");
    QTRY_VERIFY_WITH_TIMEOUT(heard.of("LinksFrame").size() >= 3, kPatienceMs);
    // What was sent to the bystander before would have arrived before this answer.
    QCOMPARE(bystander.call("Manager", "GetStatus").type(), QDBusMessage::ReplyMessage);
    QCOMPARE(overheard.count(), 0);
}

void SubscriptionTest::aFrameComesNoSoonerThanItsInterval()
{
    const Client client(*m_bus);
    const Listener listener(client);
    const uint often = subscribe(client, "links", 200);
    const uint seldom = subscribe(client, "links", 60000);
    const auto framesOf = [&](uint id) {
        const auto frames = listener.of("LinksFrame");
        return std::count_if(frames.begin(), frames.end(),
                             [id](const auto &frame) { return argument<uint>(frame, 0) == id; });
    };
    QTRY_VERIFY_WITH_TIMEOUT(framesOf(often) >= 4, kPatienceMs);
    QCOMPARE(framesOf(seldom), 1);
}

void SubscriptionTest::framesHaveTheSignaturesOfTheContract()
{
    addWatch("web", "80");
    const Client client(*m_bus);
    const Listener listener(client);
    for (const char *topic : {"links", "watches", "flows"})
        QVERIFY(subscribe(client, topic) != 0);
    for (const ContractMember &member : readContract()) {
        if (!member.isSignal || !member.name.endsWith(QLatin1String("Frame")))
            continue;
        const QByteArray name = member.name.toLatin1();
        QTRY_VERIFY_WITH_TIMEOUT(!listener.of(name).isEmpty(), kPatienceMs);
        QCOMPARE(listener.of(name).constFirst().signature(), member.out);
        QCOMPARE(listener.of(name).constFirst().interface(), dbus::kLiveInterface);
    }
}

void SubscriptionTest::aClientMayHaveSixteenAndNotMore()
{
    const Client client(*m_bus);
    const Client other(*m_bus);
    for (int i = 0; i < dbus::kMaxSubscriptionsPerClient; ++i)
        QVERIFY(subscribe(client, "links") != 0);
    const QDBusMessage refused =
        client.call("Live", "Subscribe", {QStringLiteral("links"), 1000u, QVariantMap()});
    QCOMPARE(refused.errorName(), dbus::error::kLimitReached);
    QVERIFY(refused.errorMessage().contains(QStringLiteral("16")));
    QVERIFY(subscribe(other, "links") != 0);
}

void SubscriptionTest::aUserMayHaveThirtyTwoOnAllConnectionsTogether()
{
    QCOMPARE(dbus::kMaxSubscriptionsPerUser, 32);
    const Client first(*m_bus);
    const Client second(*m_bus);
    const Client third(*m_bus);
    uint id = 0;
    for (int i = 0; i < 16; ++i) {
        QVERIFY(subscribe(first, "links") != 0);
        id = subscribe(second, "links");
        QVERIFY(id != 0);
    }
    const QDBusMessage refused =
        third.call("Live", "Subscribe", {QStringLiteral("links"), 1000u, QVariantMap()});
    QCOMPARE(refused.errorName(), dbus::error::kLimitReached);
    QVERIFY2(refused.errorMessage().contains(QStringLiteral("your user has 32")),
             qPrintable(refused.errorMessage()));

    // what another connection of the user gives up is there for it
    QCOMPARE(second.call("Live", "Unsubscribe", {id}).type(), QDBusMessage::ReplyMessage);
    QVERIFY(subscribe(third, "links") != 0);
}

void SubscriptionTest::theFlowRowsOfAUserAreBoundedOnAllConnectionsTogether()
{
    QCOMPARE(dbus::kMaxFlowRowsPerUser, 20000);
    const Client first(*m_bus);
    const Client second(*m_bus);
    const auto subscribeFlows = [](const Client &client, uint limit) {
        return client.call(
            "Live", "Subscribe",
            {QStringLiteral("flows"), 1000u, QVariantMap{{QStringLiteral("limit"), QVariant(limit)}}});
    };
    for (const Client *client : {&first, &second, &first})
        QCOMPARE(subscribeFlows(*client, 5000).type(), QDBusMessage::ReplyMessage);
    QCOMPARE(subscribeFlows(second, 4999).type(), QDBusMessage::ReplyMessage);
    const QDBusMessage refused = subscribeFlows(first, 2);
    QCOMPARE(refused.errorName(), dbus::error::kLimitReached);
    QVERIFY2(refused.errorMessage().contains(QStringLiteral("20001")), qPrintable(refused.errorMessage()));
    QCOMPARE(subscribeFlows(first, 1).type(), QDBusMessage::ReplyMessage);
}

void SubscriptionTest::anothersSubscriptionCannotBeEnded()
{
    const Client owner(*m_bus);
    const Client other(*m_bus);
    const Listener listener(owner);
    const uint id = subscribe(owner, "links");
    QCOMPARE(other.call("Live", "Unsubscribe", {id}).errorName(), dbus::error::kNotFound);
    const qsizetype frames = listener.of("LinksFrame").size();
    QTRY_VERIFY_WITH_TIMEOUT(listener.of("LinksFrame").size() >= frames + 2, kPatienceMs);
}

void SubscriptionTest::anEndedSubscriptionGetsNoMoreFrames()
{
    const Client client(*m_bus);
    const Listener listener(client);
    const uint ended = subscribe(client, "links");
    const uint other = subscribe(client, "watches");
    QVERIFY(other != 0);
    QTRY_VERIFY_WITH_TIMEOUT(!listener.of("LinksFrame").isEmpty(), kPatienceMs);
    QCOMPARE(client.call("Live", "Unsubscribe", {ended}).errorMessage(), QString());
    const qsizetype links = listener.of("LinksFrame").size();
    const qsizetype watches = listener.of("WatchesFrame").size();
    QTRY_VERIFY_WITH_TIMEOUT(listener.of("WatchesFrame").size() >= watches + 2, kPatienceMs);
    QCOMPARE(listener.of("LinksFrame").size(), links);
    QCOMPARE(client.call("Live", "Unsubscribe", {ended}).errorName(), dbus::error::kNotFound);
}

void SubscriptionTest::aSubscriptionEndsWithItsOwner()
{
    // As long as a subscription lives, polkit is asked about its owner again and again.
    restart(50ms);
    Client leaver(*m_bus);
    const Client stayer(*m_bus);
    const QString gone = leaver.name();
    subscribe(leaver, "flows");
    subscribe(stayer, "links");
    const auto askedAbout = [&](const QString &name) {
        const auto &questions = m_polkit->questions();
        return std::count_if(questions.begin(), questions.end(),
                             [&](const Question &question) { return question.sender == name; });
    };
    QTRY_VERIFY_WITH_TIMEOUT(askedAbout(gone) >= 3, kPatienceMs);
    leaver.leave();
    // A question or two may have been under way.
    QTRY_VERIFY_WITH_TIMEOUT(askedAbout(stayer.name()) >= 6, kPatienceMs);
    const auto before = askedAbout(gone);
    const auto round = askedAbout(stayer.name());
    QTRY_VERIFY_WITH_TIMEOUT(askedAbout(stayer.name()) >= round + 5, kPatienceMs);
    QCOMPARE(askedAbout(gone), before);
}

void SubscriptionTest::aSubscriptionThatPolkitNoLongerAllowsIsEndedAndSaysWhy()
{
    restart(100ms);
    const Client loser(*m_bus);
    const Client keeper(*m_bus);
    const Listener listener(loser);
    const Listener other(keeper);
    const uint id = subscribe(loser, "links");
    subscribe(keeper, "links");
    m_polkit->setRule([&](const Question &question) {
        return question.sender == loser.name() && !question.interactive ? Answer::No : Answer::Yes;
    });
    QTRY_VERIFY_WITH_TIMEOUT(!listener.of("SubscriptionEnded").isEmpty(), kPatienceMs);
    const QDBusMessage ended = listener.of("SubscriptionEnded").constFirst();
    QCOMPARE(argument<uint>(ended, 0), id);
    QVERIFY(argument<QString>(ended, 1).contains(dbus::action::kMonitor));
    const qsizetype frames = listener.of("LinksFrame").size();
    const qsizetype framesOfOther = other.of("LinksFrame").size();
    QTRY_VERIFY_WITH_TIMEOUT(other.of("LinksFrame").size() >= framesOfOther + 2, kPatienceMs);
    QCOMPARE(listener.of("LinksFrame").size(), frames);
    QVERIFY(other.of("SubscriptionEnded").isEmpty());
}

void SubscriptionTest::problemsAreAnnouncedToSubscribersAlone()
{
    const Client subscriber(*m_bus);
    const Client bystander(*m_bus);
    const Listener heard(subscriber);
    const Listener overheard(bystander);
    subscribe(subscriber, "links");
    m_service->engine().setProblem({QStringLiteral("test"), QStringLiteral("warning"), QString(),
                                    QStringLiteral("a test"), QStringLiteral("none")});
    QTRY_VERIFY_WITH_TIMEOUT(!heard.of("ProblemsChanged").isEmpty(), kPatienceMs);
    QCOMPARE(bystander.call("Manager", "GetStatus").type(), QDBusMessage::ReplyMessage);
    QCOMPARE(overheard.count(), 0);
}

QTEST_GUILESS_MAIN(SubscriptionTest)
#include "subscription_test.moc"
