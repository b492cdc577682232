// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/client.h"
#include "dbus/names.h"
#include "tests/support/private_bus.h"
#include "tests/support/stub_helper.h"

#include <QSignalSpy>
#include <QTest>

#include <memory>
#include <optional>

using namespace std::chrono_literals;
using namespace weir;
using client::Client;

namespace {

dbus::LinkRow link(const QString &name, qulonglong rxBytes)
{
    dbus::LinkRow row;
    row.name = name;
    row.total.rxBytes = rxBytes;
    return row;
}

dbus::FlowRow flow(qulonglong id)
{
    dbus::FlowRow row;
    row.id = id;
    return row;
}

/// The answer of a call, waited for; fails the test after five seconds.
template <typename T, typename Call>
client::Answer<T> answerOf(Call call)
{
    std::optional<client::Answer<T>> result;
    call([&result](client::Answer<T> answer) { result = std::move(answer); });
    if (!QTest::qWaitFor([&] { return result.has_value(); }))
        return std::unexpected(client::CallError{QStringLiteral("test"), QStringLiteral("no answer came")});
    return *result;
}

} // namespace

/// Subscriptions beside a helper that comes, goes and refuses.
class ClientSubscriptionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void theFirstFrameIsAResetAndTheNextCarryChangesOnly();
    void aFrameThatOvertakesItsSubscriptionIsNotLost();
    void aSubscriptionRenewsItselfWhenTheHelperIsBack();
    void aLostHelperIsNotStartedByItsSubscribers();
    void aSubscriptionWaitsForAHelperThatIsNotThereYet();
    void aSubscriptionThatPolkitEndsTellsWhyAndTriesAgain();
    void aStoppedSubscriptionIsGivenBack();
    void aSubscriptionStoppedBeforeItsReplyIsGivenBack();
    void aNewQueryStartsAnewWithAReset();
    void queriesThatChangeDuringTheReplyEndAtTheLastOne();
    void aQueryThatIsRefusedTellsWhyAndTheNextOneWorks();
    void framesToOtherSubscriptionsAreNotOurs();
    void problemsThatChangedAreTold();
    void aBusThatGoesAwayIsOpenedAgain();

private:
    void present();

    std::unique_ptr<test::PrivateBus> m_bus;
    std::unique_ptr<test::StubHelper> m_helper;
    std::unique_ptr<Client> m_client;
};

void ClientSubscriptionTest::init()
{
    m_bus = std::make_unique<test::PrivateBus>();
    QVERIFY2(!m_bus->address().isEmpty(), "dbus-daemon must be there");
    m_helper = std::make_unique<test::StubHelper>(m_bus->connection());
    m_client = std::make_unique<Client>(m_bus->connection());
}

void ClientSubscriptionTest::cleanup()
{
    m_client.reset();
    m_helper.reset();
    m_bus.reset();
}

void ClientSubscriptionTest::present()
{
    m_helper->appear();
    QTRY_VERIFY(m_client->helperPresent());
}

void ClientSubscriptionTest::theFirstFrameIsAResetAndTheNextCarryChangesOnly()
{
    present();
    m_helper->links = {link(QStringLiteral("eth0"), 1), link(QStringLiteral("wlan0"), 2)};
    client::LinkSubscription links(*m_client, 1000);
    QSignalSpy frames(&links, &client::LinkSubscription::frame);
    links.start();
    QVERIFY(links.active());
    QTRY_COMPARE(frames.size(), 1);
    QCOMPARE(frames.at(0).at(0).toBool(), true);
    QCOMPARE(frames.at(0).at(2).value<dbus::LinkRows>(), m_helper->links);

    m_helper->links = {link(QStringLiteral("wlan0"), 30)};
    m_helper->publish();
    QTRY_COMPARE(frames.size(), 2);
    QCOMPARE(frames.at(1).at(0).toBool(), false);
    QCOMPARE(frames.at(1).at(1).toLongLong(), 1'700'000'001'000);
    QCOMPARE(frames.at(1).at(2).value<dbus::LinkRows>(), m_helper->links);
    QCOMPARE(frames.at(1).at(3).toStringList(), QStringList{QStringLiteral("eth0")});
}

void ClientSubscriptionTest::aFrameThatOvertakesItsSubscriptionIsNotLost()
{
    present();
    m_helper->frameBeforeReply = true;
    m_helper->watches = {{}};
    client::WatchSubscription watches(*m_client, 1000);
    QSignalSpy frames(&watches, &client::WatchSubscription::frame);
    watches.start();
    QTRY_COMPARE(frames.size(), 1);
    QCOMPARE(frames.at(0).at(0).toBool(), true);
    QCOMPARE(frames.at(0).at(2).value<dbus::WatchRows>().size(), 1);
}

void ClientSubscriptionTest::aSubscriptionRenewsItselfWhenTheHelperIsBack()
{
    present();
    m_helper->links = {link(QStringLiteral("eth0"), 1)};
    client::LinkSubscription links(*m_client, 1000);
    QSignalSpy frames(&links, &client::LinkSubscription::frame);
    links.start();
    QTRY_COMPARE(frames.size(), 1);
    m_helper->vanish();
    QTRY_VERIFY(!m_client->helperPresent());
    QVERIFY(links.active());
    m_helper->appear();
    QTRY_COMPARE(frames.size(), 2);
    QCOMPARE(frames.at(1).at(0).toBool(), true);
    QCOMPARE(m_helper->subscriptionsTo(QStringLiteral("links")), 1);
}

void ClientSubscriptionTest::aLostHelperIsNotStartedByItsSubscribers()
{
    present();
    client::LinkSubscription links(*m_client, 1000);
    QSignalSpy frames(&links, &client::LinkSubscription::frame);
    QSignalSpy failures(&links, &client::Subscription::failed);
    links.start();
    QTRY_COMPARE(frames.size(), 1);
    m_helper->vanish();
    QTRY_VERIFY(!m_client->helperPresent());
    // A call that did try would have failed by the time this one does.
    QVERIFY(!answerOf<QVariantMap>([&](auto done) { m_client->status(this, done); }).has_value());
    QCOMPARE(failures.size(), 0);
}

void ClientSubscriptionTest::aSubscriptionWaitsForAHelperThatIsNotThereYet()
{
    client::LinkSubscription links(*m_client, 1000);
    QSignalSpy frames(&links, &client::LinkSubscription::frame);
    QSignalSpy failures(&links, &client::Subscription::failed);
    links.start();
    QTRY_COMPARE(failures.size(), 1);
    QVERIFY(failures.at(0).at(0).value<client::CallError>().helperAway());
    m_helper->appear();
    QTRY_COMPARE(frames.size(), 1);
    QCOMPARE(failures.size(), 1);
}

void ClientSubscriptionTest::aSubscriptionThatPolkitEndsTellsWhyAndTriesAgain()
{
    present();
    client::LinkSubscription links(*m_client, 1000);
    QSignalSpy frames(&links, &client::LinkSubscription::frame);
    QSignalSpy failures(&links, &client::Subscription::failed);
    links.start();
    QTRY_COMPARE(frames.size(), 1);
    m_helper->endSubscriptions(QStringLiteral("the session is no longer active"));
    QTRY_COMPARE(failures.size(), 1);
    QVERIFY(failures.at(0).at(0).value<client::CallError>().notAuthorized());
    QCOMPARE(failures.at(0).at(0).value<client::CallError>().message,
             QStringLiteral("the session is no longer active"));
    QTRY_COMPARE(frames.size(), 2);
    QCOMPARE(frames.at(1).at(0).toBool(), true);
}

void ClientSubscriptionTest::aStoppedSubscriptionIsGivenBack()
{
    present();
    {
        client::LinkSubscription links(*m_client, 1000);
        client::WatchSubscription watches(*m_client, 1000);
        links.start();
        watches.start();
        QSignalSpy linkFrames(&links, &client::LinkSubscription::frame);
        QSignalSpy watchFrames(&watches, &client::WatchSubscription::frame);
        QTRY_VERIFY(linkFrames.size() == 1 && watchFrames.size() == 1);
        links.stop();
        QVERIFY(!links.active());
        QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("links")), 0);
        QCOMPARE(m_helper->subscriptionsTo(QStringLiteral("watches")), 1);
    }
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("watches")), 0);
}

void ClientSubscriptionTest::aSubscriptionStoppedBeforeItsReplyIsGivenBack()
{
    present();
    m_helper->hold(QStringLiteral("Subscribe"));
    auto links = std::make_unique<client::LinkSubscription>(*m_client, 1000);
    links->start();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("Subscribe")), 1);
    links.reset();
    m_helper->release(QStringLiteral("Subscribe"));
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("Unsubscribe")), 1);
    QCOMPARE(m_helper->subscriptionsTo(QStringLiteral("links")), 0);
}

void ClientSubscriptionTest::aNewQueryStartsAnewWithAReset()
{
    present();
    m_helper->flows = {flow(1)};
    client::FlowSubscription flows(*m_client, 1000);
    QSignalSpy frames(&flows, &client::FlowSubscription::frame);
    const QVariantMap first{{QStringLiteral("filter"), QStringLiteral("port:80")}};
    const QVariantMap second{{QStringLiteral("filter"), QStringLiteral("port:81")}};
    flows.setQuery(first);
    QCOMPARE(m_helper->calls.size(), 0);
    flows.start();
    QTRY_COMPARE(frames.size(), 1);
    QCOMPARE(m_helper->flowQuery(), first);

    m_helper->flows = {flow(2), flow(18'446'744'073'709'551'615ULL)};
    flows.setQuery(second);
    QTRY_COMPARE(frames.size(), 2);
    QCOMPARE(frames.at(1).at(0).toBool(), true);
    QCOMPARE(frames.at(1).at(4).value<dbus::FlowRows>(), m_helper->flows);
    QCOMPARE(m_helper->flowQuery(), second);
    QCOMPARE(m_helper->subscriptionsTo(QStringLiteral("flows")), 1);

    m_helper->flows = {};
    m_helper->publish();
    QTRY_COMPARE(frames.size(), 3);
    QCOMPARE(frames.at(2).at(5).value<QList<qulonglong>>(),
             (QList<qulonglong>{2, 18'446'744'073'709'551'615ULL}));

    flows.setQuery(second);
    m_helper->publish();
    QVERIFY(answerOf<QVariantMap>([&](auto done) { m_client->status(this, done); }).has_value());
    QCOMPARE(m_helper->callsOf(QStringLiteral("Subscribe")), 2);
}

void ClientSubscriptionTest::queriesThatChangeDuringTheReplyEndAtTheLastOne()
{
    present();
    client::FlowSubscription flows(*m_client, 1000);
    QSignalSpy frames(&flows, &client::FlowSubscription::frame);
    m_helper->hold(QStringLiteral("Subscribe"));
    flows.start();
    const auto query = [](int port) {
        return QVariantMap{{QStringLiteral("filter"), QStringLiteral("port:%1").arg(port)}};
    };
    for (int port = 1; port <= 20; ++port)
        flows.setQuery(query(port));
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("Subscribe")), 1);
    m_helper->release(QStringLiteral("Subscribe"));
    QTRY_COMPARE(frames.size(), 1);
    QCOMPARE(m_helper->flowQuery(), query(20));
    QCOMPARE(m_helper->callsOf(QStringLiteral("Subscribe")), 2);
    QTRY_COMPARE(m_helper->subscriptionsTo(QStringLiteral("flows")), 1);
}

void ClientSubscriptionTest::aQueryThatIsRefusedTellsWhyAndTheNextOneWorks()
{
    present();
    client::FlowSubscription flows(*m_client, 1000);
    QSignalSpy frames(&flows, &client::FlowSubscription::frame);
    QSignalSpy failures(&flows, &client::Subscription::failed);
    m_helper->fail(QStringLiteral("Subscribe"), dbus::error::kInvalidArgument,
                   QStringLiteral("filter: 'prt:80'"));
    flows.setQuery({{QStringLiteral("filter"), QStringLiteral("prt:80")}});
    flows.start();
    QTRY_COMPARE(failures.size(), 1);
    QCOMPARE(failures.at(0).at(0).value<client::CallError>().message, QStringLiteral("filter: 'prt:80'"));
    m_helper->heal();
    flows.setQuery({{QStringLiteral("filter"), QStringLiteral("port:80")}});
    QTRY_COMPARE(frames.size(), 1);
}

void ClientSubscriptionTest::framesToOtherSubscriptionsAreNotOurs()
{
    present();
    client::FlowSubscription one(*m_client, 1000);
    client::FlowSubscription two(*m_client, 1000);
    QSignalSpy framesOfOne(&one, &client::FlowSubscription::frame);
    QSignalSpy framesOfTwo(&two, &client::FlowSubscription::frame);
    two.setQuery({{QStringLiteral("limit"), 5U}});
    one.start();
    two.start();
    QTRY_VERIFY(framesOfOne.size() == 1 && framesOfTwo.size() == 1);
    m_helper->flows = {flow(1)};
    m_helper->publish();
    QTRY_VERIFY(framesOfOne.size() == 2 && framesOfTwo.size() == 2);
}

void ClientSubscriptionTest::problemsThatChangedAreTold()
{
    present();
    QSignalSpy changes(m_client.get(), &Client::problemsChanged);
    client::LinkSubscription links(*m_client, 1000);
    QSignalSpy frames(&links, &client::LinkSubscription::frame);
    links.start();
    QTRY_COMPARE(frames.size(), 1);
    m_helper->publishProblems();
    QTRY_COMPARE(changes.size(), 1);
}

void ClientSubscriptionTest::aBusThatGoesAwayIsOpenedAgain()
{
    Client client(client::OpenBus([this] { return m_bus->connection(); }));
    m_helper->links = {link(QStringLiteral("eth0"), 1)};
    client::LinkSubscription links(client, 1000);
    QSignalSpy frames(&links, &client::LinkSubscription::frame);
    m_helper->appear();
    QTRY_VERIFY(client.helperPresent());
    links.start();
    QTRY_COMPARE(frames.size(), 1);

    m_bus->stop();
    QTRY_VERIFY(!client.helperPresent());
    const auto answer = answerOf<QVariantMap>([&](auto done) { client.status(this, done); });
    QVERIFY(!answer.has_value());
    QVERIFY2(answer.error().helperAway(), qPrintable(answer.error().name));

    QVERIFY(m_bus->start());
    m_helper = std::make_unique<test::StubHelper>(m_bus->connection());
    m_helper->appear();
    // the bus is tried again with growing pauses
    QTRY_VERIFY_WITH_TIMEOUT(client.helperPresent(), 60'000);
    QTRY_COMPARE_WITH_TIMEOUT(frames.size(), 2, 60'000);
    QCOMPARE(frames.at(1).at(0).toBool(), true);
}

QTEST_GUILESS_MAIN(ClientSubscriptionTest)
#include "client_subscription_test.moc"
