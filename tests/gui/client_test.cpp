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

/// Calls of the client beside a helper that comes, goes, refuses and answers oddly.
class ClientTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void theHelpersComingAndGoingIsTold();
    void rowsArriveAsTheyWereSent();
    void severalOutArgumentsBecomeOneAnswer();
    void guardedCallsLetPolkitAskAndReadsDoNot();
    void anErrorOfTheHelperKeepsItsNameAndText();
    void aCallToNobodySaysThatTheHelperIsAway();
    void aHelperThatEndsDuringACallIsAway();
    void aHelperThatDoesNotAnswerIsGivenUpAfterTheTimeout();
    void anAnswerOfAnotherVersionIsRefused();
    void aCallWhoseContextIsGoneIsNotAnswered();
    void aClientThatIsGoneAnswersNothing();
    void aBusThatIsNotThereYetIsOpenedWhenItIs();

private:
    void present();

    std::unique_ptr<test::PrivateBus> m_bus;
    std::unique_ptr<test::StubHelper> m_helper;
    std::unique_ptr<Client> m_client;
};

void ClientTest::init()
{
    m_bus = std::make_unique<test::PrivateBus>();
    QVERIFY2(!m_bus->address().isEmpty(), "dbus-daemon must be there");
    m_helper = std::make_unique<test::StubHelper>(m_bus->connection());
    m_client = std::make_unique<Client>(m_bus->connection());
}

void ClientTest::cleanup()
{
    m_client.reset();
    m_helper.reset();
    m_bus.reset();
}

void ClientTest::present()
{
    m_helper->appear();
    QTRY_VERIFY(m_client->helperPresent());
}

void ClientTest::theHelpersComingAndGoingIsTold()
{
    QSignalSpy presence(m_client.get(), &Client::helperPresentChanged);
    QVERIFY(!m_client->helperPresent());
    m_helper->appear();
    QTRY_COMPARE(presence.size(), 1);
    QVERIFY(m_client->helperPresent());
    m_helper->vanish();
    QTRY_COMPARE(presence.size(), 2);
    QVERIFY(!m_client->helperPresent());
    m_helper->appear();
    QTRY_COMPARE(presence.size(), 3);
    QCOMPARE(presence.at(2).at(0).toBool(), true);
}

void ClientTest::rowsArriveAsTheyWereSent()
{
    present();
    dbus::LinkRow row = link(QStringLiteral("eth0"), 9'007'199'254'740'993);
    row.index = 2;
    row.kind = QStringLiteral("ethernet");
    row.metered = true;
    row.addresses = {QStringLiteral("192.0.2.1/24"), QStringLiteral("2001:db8::1/64")};
    row.internet.txPackets = 7;
    row.rate = {true, 1.5, 2.5};
    m_helper->links = {row};
    const auto answer = answerOf<dbus::LinkRows>([&](auto done) { m_client->links(this, done); });
    QVERIFY(answer.has_value());
    QCOMPARE(*answer, dbus::LinkRows{row});
}

void ClientTest::severalOutArgumentsBecomeOneAnswer()
{
    present();
    m_helper->flows = {flow(1), flow(2)};
    m_helper->flowsTotal = 50;
    const QVariantMap query{{QStringLiteral("filter"), QStringLiteral("port:80")},
                            {QStringLiteral("limit"), 2U}};
    const auto flows = answerOf<client::FlowAnswer>([&](auto done) { m_client->flows(query, this, done); });
    QVERIFY(flows.has_value());
    QCOMPARE(flows->matching, 2U);
    QCOMPARE(flows->total, 50U);
    QCOMPARE(flows->rows, m_helper->flows);
    QCOMPARE(qdbus_cast<QVariantMap>(m_helper->calls.last().arguments.at(0)), query);

    m_helper->rxSamples = {1.0, qQNaN(), 3.0};
    m_helper->txSamples = {4.0, 5.0, 6.0};
    const auto samples = answerOf<client::SampleAnswer>(
        [&](auto done) { m_client->samples(QStringLiteral("link"), QStringLiteral("eth0"), this, done); });
    QVERIFY(samples.has_value());
    QCOMPARE(samples->endMs, 1'700'000'000'000);
    QCOMPARE(samples->rxBytesPerSecond.size(), 3);
    QVERIFY(qIsNaN(samples->rxBytesPerSecond.at(1)));
    QCOMPARE(samples->txBytesPerSecond, m_helper->txSamples);
}

void ClientTest::guardedCallsLetPolkitAskAndReadsDoNot()
{
    present();
    const QVariantMap fields{{QStringLiteral("ports"), QStringLiteral("80")}};
    const QString web = QStringLiteral("web");
    QVERIFY(answerOf<uint>([&](auto done) { m_client->addWatch(web, fields, this, done); }).has_value());
    QVERIFY(m_helper->calls.last().interactive);
    const auto edited = answerOf<uint>([&](auto done) {
        m_client->editWatch(1, web, {{QStringLiteral("note"), QStringLiteral("x")}}, this, done);
    });
    QCOMPARE(edited.value_or(0), 2U);
    QVERIFY(m_helper->calls.last().interactive);
    QVERIFY(answerOf<void>([&](auto done) { m_client->removeWatch(2, web, this, done); }).has_value());
    QVERIFY(m_helper->calls.last().interactive);
    QVERIFY(answerOf<uint>([&](auto done) { m_client->restoreWatch(web, this, done); }).has_value());
    QVERIFY(m_helper->calls.last().interactive);
    const dbus::NewWatches many{{QStringLiteral("a"), fields}, {QStringLiteral("b"), fields}};
    QVERIFY(answerOf<void>([&](auto done) { m_client->addWatches(many, this, done); }).has_value());
    QVERIFY(m_helper->calls.last().interactive);
    QVERIFY(answerOf<uint>([&](auto done) {
                m_client->setSettings(1, {{QStringLiteral("flush_interval_s"), 60U}}, this, done);
            }).has_value());
    QVERIFY(m_helper->calls.last().interactive);

    QCOMPARE(answerOf<dbus::WatchRows>([&](auto done) { m_client->watches(this, done); })->size(), 3);
    QVERIFY(!m_helper->calls.last().interactive);
    QCOMPARE(answerOf<client::SettingsAnswer>([&](auto done) { m_client->settings(this, done); })->revision,
             2U);
    QVERIFY(!m_helper->calls.last().interactive);
}

void ClientTest::anErrorOfTheHelperKeepsItsNameAndText()
{
    present();
    m_helper->fail(QStringLiteral("AddWatch"), dbus::error::kNotAuthorized, QStringLiteral("polkit said no"));
    const auto answer =
        answerOf<uint>([&](auto done) { m_client->addWatch(QStringLiteral("web"), {}, this, done); });
    QVERIFY(!answer.has_value());
    QCOMPARE(answer.error().name, QString(dbus::error::kNotAuthorized));
    QCOMPARE(answer.error().message, QStringLiteral("polkit said no"));
    QVERIFY(answer.error().notAuthorized());
    QVERIFY(!answer.error().helperAway());
}

void ClientTest::aCallToNobodySaysThatTheHelperIsAway()
{
    const auto answer = answerOf<QVariantMap>([&](auto done) { m_client->status(this, done); });
    QVERIFY(!answer.has_value());
    QVERIFY2(answer.error().helperAway(), qPrintable(answer.error().name));
}

void ClientTest::aHelperThatEndsDuringACallIsAway()
{
    QDBusConnection doomed = m_bus->connection();
    auto helper = std::make_unique<test::StubHelper>(doomed);
    helper->hold(QStringLiteral("GetStatus"));
    helper->appear();
    std::optional<client::Answer<QVariantMap>> answer;
    m_client->status(this, [&](auto result) { answer = result; });
    QTRY_COMPARE(helper->callsOf(QStringLiteral("GetStatus")), 1);
    const QString name = doomed.name();
    helper.reset();
    doomed = QDBusConnection(QStringLiteral("none"));
    QDBusConnection::disconnectFromBus(name);
    QTRY_VERIFY(answer.has_value());
    QVERIFY(!answer->has_value());
    QVERIFY2(answer->error().helperAway(), qPrintable(answer->error().name));
}

void ClientTest::aHelperThatDoesNotAnswerIsGivenUpAfterTheTimeout()
{
    present();
    m_client->setTimeouts(100ms, 200ms);
    m_helper->hold(QStringLiteral("GetStatus"));
    m_helper->hold(QStringLiteral("Clean"));
    const auto status = answerOf<QVariantMap>([&](auto done) { m_client->status(this, done); });
    QVERIFY(!status.has_value());
    QVERIFY(!status.error().helperAway());
    QCOMPARE(status.error().message, QStringLiteral("The helper did not answer within 0.1 s."));
    const auto clean = answerOf<void>([&](auto done) { m_client->clean(this, done); });
    QVERIFY(!clean.has_value());
    QCOMPARE(clean.error().message, QStringLiteral("The helper did not answer within 0.2 s."));
}

void ClientTest::anAnswerOfAnotherVersionIsRefused()
{
    present();
    m_helper->answerWith(QStringLiteral("GetLinks"), {QStringList{QStringLiteral("eth0")}});
    const auto answer = answerOf<dbus::LinkRows>([&](auto done) { m_client->links(this, done); });
    QVERIFY(!answer.has_value());
    QVERIFY2(answer.error().message.contains(QLatin1String("another version")),
             qPrintable(answer.error().message));
}

void ClientTest::aCallWhoseContextIsGoneIsNotAnswered()
{
    present();
    bool answered = false;
    auto context = std::make_unique<QObject>();
    m_helper->hold(QStringLiteral("GetStatus"));
    m_client->status(context.get(), [&](auto) { answered = true; });
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("GetStatus")), 1);
    context.reset();
    m_helper->release(QStringLiteral("GetStatus"));
    // The bus keeps the order: when the second answer is there, the first one has been.
    QVERIFY(answerOf<QVariantMap>([&](auto done) { m_client->status(this, done); }).has_value());
    QVERIFY(!answered);
}

void ClientTest::aClientThatIsGoneAnswersNothing()
{
    present();
    bool answered = false;
    m_client->status(this, [&](auto) { answered = true; });
    m_client.reset();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("GetStatus")), 1);
    Client other(m_bus->connection());
    QVERIFY(answerOf<QVariantMap>([&](auto done) { other.status(this, done); }).has_value());
    QVERIFY(!answered);
}

void ClientTest::aBusThatIsNotThereYetIsOpenedWhenItIs()
{
    m_bus->stop();
    Client client(client::OpenBus([this] { return m_bus->connection(); }));
    const auto answer = answerOf<QVariantMap>([&](auto done) { client.status(this, done); });
    QVERIFY(!answer.has_value());
    QVERIFY2(answer.error().helperAway(), qPrintable(answer.error().name));

    QVERIFY(m_bus->start());
    m_helper = std::make_unique<test::StubHelper>(m_bus->connection());
    m_helper->appear();
    QTRY_VERIFY(client.helperPresent());
    QVERIFY(answerOf<QVariantMap>([&](auto done) { client.status(this, done); }).has_value());
}

QTEST_GUILESS_MAIN(ClientTest)
#include "client_test.moc"
