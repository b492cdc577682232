// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/names.h"
#include "tests/bus/polkit_stand_in.h"
#include "tests/bus/service_under_test.h"

#include <QDBusPendingCallWatcher>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QSet>
#include <QTest>
#include <QTimer>

#include <unistd.h>

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

using Answer = PolkitStandIn::Answer;
using Question = PolkitStandIn::Question;

namespace {

QVariantList newWatch(const QString &name)
{
    return {name, QVariantMap{{QStringLiteral("ports"), QStringLiteral("8000")}}};
}

} // namespace

/// The service before a polkit that says what the test wants, when it wants.
class AuthorizationTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void aDeniedCallerIsToldSoAndNothingChanges();
    void aCallerIsAskedForAPasswordOnlyWhenItsMessageAllowsThat();
    void withoutAnAgentTheErrorSaysThatNobodyCouldBeAsked();
    void withoutPolkitTheErrorSaysHowToGetIt();
    void aPolkitThatDoesNotAnswerInTimeDeniesAndItsQuestionIsWithdrawn();
    void aSlowVerdictHoldsUpNobodyElse();
    void crossedVerdictsGoToTheirOwnCallers();
    void aHundredParallelCallsGetEachItsOwnVerdict();
    void oneVerdictLetsInOneCall();
    void whatWasRightWhenAskedIsCheckedAgainWhenAllowed();
    void aCallerThatLeavesWithdrawsItsQuestionAndChangesNothing();
    void aCallerWithTooManyWaitingCallsIsRefusedAtOnceAndOthersAreServed();
    void theWaitingCallsOfAUserAreBoundedOnAllConnectionsTogether();
    void aTightLoopOfOneCallerDoesNotStarveAnother();
    void everyChangeAndEveryRefusalIsLoggedWithTheCallersUid();

private:
    void restart(const ServiceUnderTest::Options &options);
    QStringList watchNames() const;

    std::unique_ptr<SystemBus> m_bus;
    std::unique_ptr<PolkitStandIn> m_polkit;
    std::unique_ptr<ServiceUnderTest> m_service;
};

void AuthorizationTest::init()
{
    m_bus = std::make_unique<SystemBus>();
    QVERIFY(!m_bus->address().isEmpty());
    m_polkit = std::make_unique<PolkitStandIn>(m_bus->connection());
    restart({});
}

void AuthorizationTest::cleanup()
{
    m_service.reset();
    m_polkit.reset();
    m_bus.reset();
}

void AuthorizationTest::restart(const ServiceUnderTest::Options &options)
{
    m_service.reset();
    m_service = std::make_unique<ServiceUnderTest>(*m_bus, options);
    QCOMPARE(m_service->failure(), QString());
}

QStringList AuthorizationTest::watchNames() const
{
    QStringList names;
    for (const WatchStatus &watch : m_service->engine().watches())
        names << watch.record.spec.name;
    return names;
}

void AuthorizationTest::aDeniedCallerIsToldSoAndNothingChanges()
{
    const Client client(*m_bus);
    m_polkit->setRule([](const Question &) { return Answer::No; });
    const QByteArray before = m_service->stored();
    const QDBusMessage reply = client.call("Watches", "AddWatch", newWatch(QStringLiteral("web")));
    QCOMPARE(reply.errorName(), dbus::error::kNotAuthorized);
    QVERIFY(reply.errorMessage().contains(dbus::action::kConfigure));
    QCOMPARE(watchNames(), QStringList());
    QCOMPARE(m_service->stored(), before);
}

void AuthorizationTest::aCallerIsAskedForAPasswordOnlyWhenItsMessageAllowsThat()
{
    const Client client(*m_bus);
    answerOf(client.send("Manager", "GetStatus", {}, Client::Interaction::Silent));
    answerOf(client.send("Manager", "GetStatus", {}, Client::Interaction::Allowed));
    QCOMPARE(m_polkit->questions().size(), 2);
    QVERIFY(!m_polkit->questions().at(0).interactive);
    QVERIFY(m_polkit->questions().at(1).interactive);
    QVERIFY(m_polkit->questions().at(0).cancellationId != m_polkit->questions().at(1).cancellationId);
}

void AuthorizationTest::withoutAnAgentTheErrorSaysThatNobodyCouldBeAsked()
{
    const Client client(*m_bus);
    m_polkit->setRule([](const Question &) { return Answer::Challenge; });
    const auto silent = answerOf(client.send("Manager", "GetStatus"));
    QCOMPARE(silent.errorName(), dbus::error::kNotAuthorized);
    QVERIFY(silent.errorMessage().contains(QStringLiteral("did not allow to ask")));
    const auto interactive = answerOf(client.send("Manager", "GetStatus", {}, Client::Interaction::Allowed));
    QCOMPARE(interactive.errorName(), dbus::error::kNotAuthorized);
    QVERIFY(interactive.errorMessage().contains(QStringLiteral("no polkit agent")));
}

void AuthorizationTest::withoutPolkitTheErrorSaysHowToGetIt()
{
    m_polkit.reset();
    const Client client(*m_bus);
    const QDBusMessage reply = client.call("Manager", "GetStatus");
    QCOMPARE(reply.errorName(), dbus::error::kNotAuthorized);
    QVERIFY(reply.errorMessage().contains(QStringLiteral("polkit is not running")));
    QVERIFY(reply.errorMessage().contains(QStringLiteral("systemctl start polkit")));
}

void AuthorizationTest::aPolkitThatDoesNotAnswerInTimeDeniesAndItsQuestionIsWithdrawn()
{
    restart({{400ms, 200ms}, 3min});
    const Client client(*m_bus);
    m_polkit->setRule([](const Question &) { return Answer::Later; });
    const QDBusMessage reply = client.call("Watches", "AddWatch", newWatch(QStringLiteral("web")));
    QCOMPARE(reply.errorName(), dbus::error::kNotAuthorized);
    QVERIFY(reply.errorMessage().contains(QStringLiteral("did not answer in time")));
    QTRY_COMPARE_WITH_TIMEOUT(m_polkit->questions().size(), 1, kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(m_polkit->cancelled(),
                              QStringList(m_polkit->questions().constFirst().cancellationId), kPatienceMs);

    m_polkit->answer(m_polkit->questions().constFirst(), Answer::Yes); // too late
    restart({}); // a patience that a busy machine does not exhaust
    m_polkit->setRule([](const Question &) { return Answer::Yes; });
    QCOMPARE(client.call("Watches", "GetWatches").type(), QDBusMessage::ReplyMessage);
    QCOMPARE(watchNames(), QStringList());
}

void AuthorizationTest::aSlowVerdictHoldsUpNobodyElse()
{
    const Client slow(*m_bus);
    const Client quick(*m_bus);
    m_polkit->setRule([&](const Question &question) {
        return question.sender == slow.name() ? Answer::Later : Answer::Yes;
    });
    const QDBusPendingCall waiting = slow.send("Watches", "AddWatch", newWatch(QStringLiteral("slow")));
    QTRY_COMPARE_WITH_TIMEOUT(m_polkit->questions().size(), 1, kPatienceMs);
    QCOMPARE(quick.call("Watches", "AddWatch", newWatch(QStringLiteral("quick"))).type(),
             QDBusMessage::ReplyMessage);
    QVERIFY(!waiting.isFinished());
    QCOMPARE(watchNames(), QStringList(QStringLiteral("quick")));

    m_polkit->answer(m_polkit->questions().constFirst(), Answer::Yes);
    QCOMPARE(answerOf(waiting).type(), QDBusMessage::ReplyMessage);
    QCOMPARE(watchNames(), QStringList({QStringLiteral("quick"), QStringLiteral("slow")}));
}

void AuthorizationTest::crossedVerdictsGoToTheirOwnCallers()
{
    // One is asked about first and denied last, while two others are allowed and denied in between.
    const Client one(*m_bus);
    const Client two(*m_bus);
    const Client three(*m_bus);
    m_polkit->setRule([](const Question &) { return Answer::Later; });
    const QDBusPendingCall ofOne = one.send("Watches", "AddWatch", newWatch(QStringLiteral("one")));
    QTRY_COMPARE_WITH_TIMEOUT(m_polkit->questions().size(), 1, kPatienceMs);
    const QDBusPendingCall ofTwo = two.send("Watches", "AddWatch", newWatch(QStringLiteral("two")));
    QTRY_COMPARE_WITH_TIMEOUT(m_polkit->questions().size(), 2, kPatienceMs);
    const QDBusPendingCall ofThree = three.send("Watches", "AddWatch", newWatch(QStringLiteral("three")));
    QTRY_COMPARE_WITH_TIMEOUT(m_polkit->questions().size(), 3, kPatienceMs);

    m_polkit->answer(m_polkit->questions().at(2), Answer::No);
    m_polkit->answer(m_polkit->questions().at(1), Answer::Yes);
    QCOMPARE(answerOf(ofThree).errorName(), dbus::error::kNotAuthorized);
    QCOMPARE(answerOf(ofTwo).type(), QDBusMessage::ReplyMessage);
    QVERIFY(!ofOne.isFinished());
    m_polkit->answer(m_polkit->questions().at(0), Answer::No);
    QCOMPARE(answerOf(ofOne).errorName(), dbus::error::kNotAuthorized);
    QCOMPARE(watchNames(), QStringList(QStringLiteral("two")));
}

void AuthorizationTest::aHundredParallelCallsGetEachItsOwnVerdict()
{
    constexpr int kClients = 10;
    constexpr int kCallsEach = 10;
    std::vector<std::unique_ptr<Client>> clients;
    QSet<QString> allowed;
    for (int i = 0; i < kClients; ++i) {
        clients.push_back(std::make_unique<Client>(*m_bus));
        if (i % 2 == 0)
            allowed.insert(clients.back()->name());
    }
    // Verdicts come in an order that has nothing to do with that of the questions.
    QRandomGenerator random(1);
    m_polkit->setRule([&](const Question &question) {
        QTimer::singleShot(int(random.bounded(20)), m_polkit.get(), [&, question] {
            m_polkit->answer(question, allowed.contains(question.sender) ? Answer::Yes : Answer::No);
        });
        return Answer::Later;
    });

    struct Sent {
        QString name;
        bool isAllowed;
        QDBusPendingCall call;
    };
    std::vector<Sent> sent;
    for (int call = 0; call < kCallsEach; ++call) {
        for (int client = 0; client < kClients; ++client) {
            const QString name = QStringLiteral("watch-%1-%2").arg(client).arg(call);
            sent.push_back({name, client % 2 == 0,
                            clients[size_t(client)]->send("Watches", "AddWatch", newWatch(name))});
        }
    }
    QStringList expected;
    for (const Sent &each : sent) {
        const QDBusMessage reply = answerOf(each.call);
        QCOMPARE(reply.errorName(), each.isAllowed ? QString() : QString(dbus::error::kNotAuthorized));
        if (each.isAllowed)
            expected << each.name;
    }
    expected.sort();
    QCOMPARE(expected.size(), 50);
    QCOMPARE(watchNames(), expected);
}

void AuthorizationTest::oneVerdictLetsInOneCall()
{
    const Client client(*m_bus);
    int asked = 0;
    m_polkit->setRule([&](const Question &) { return ++asked == 1 ? Answer::Yes : Answer::No; });
    QCOMPARE(client.call("Watches", "AddWatch", newWatch(QStringLiteral("first"))).type(),
             QDBusMessage::ReplyMessage);
    QCOMPARE(client.call("Watches", "AddWatch", newWatch(QStringLiteral("second"))).errorName(),
             dbus::error::kNotAuthorized);
    QCOMPARE(watchNames(), QStringList(QStringLiteral("first")));
}

void AuthorizationTest::whatWasRightWhenAskedIsCheckedAgainWhenAllowed()
{
    const Client one(*m_bus);
    const Client two(*m_bus);
    m_polkit->setRule([](const Question &) { return Answer::Later; });
    const QDBusPendingCall ofOne = one.send("Watches", "AddWatch", newWatch(QStringLiteral("same")));
    QTRY_COMPARE_WITH_TIMEOUT(m_polkit->questions().size(), 1, kPatienceMs);
    const QDBusPendingCall ofTwo = two.send("Watches", "AddWatch", newWatch(QStringLiteral("same")));
    QTRY_COMPARE_WITH_TIMEOUT(m_polkit->questions().size(), 2, kPatienceMs);
    m_polkit->answer(m_polkit->questions().at(1), Answer::Yes);
    QCOMPARE(answerOf(ofTwo).type(), QDBusMessage::ReplyMessage);
    m_polkit->answer(m_polkit->questions().at(0), Answer::Yes);
    QCOMPARE(answerOf(ofOne).errorName(), dbus::error::kConflict);
    QCOMPARE(watchNames(), QStringList(QStringLiteral("same")));
}

void AuthorizationTest::aCallerThatLeavesWithdrawsItsQuestionAndChangesNothing()
{
    Client leaver(*m_bus);
    m_polkit->setRule([](const Question &) { return Answer::Later; });
    leaver.send("Watches", "AddWatch", newWatch(QStringLiteral("left")));
    QTRY_COMPARE_WITH_TIMEOUT(m_polkit->questions().size(), 1, kPatienceMs);
    leaver.leave();
    QTRY_COMPARE_WITH_TIMEOUT(m_polkit->cancelled(),
                              QStringList(m_polkit->questions().constFirst().cancellationId), kPatienceMs);
    m_polkit->answer(m_polkit->questions().constFirst(), Answer::Yes);

    m_polkit->setRule([](const Question &) { return Answer::Yes; });
    const Client other(*m_bus);
    QCOMPARE(other.call("Watches", "GetWatches").type(), QDBusMessage::ReplyMessage);
    QCOMPARE(watchNames(), QStringList());
}

void AuthorizationTest::aCallerWithTooManyWaitingCallsIsRefusedAtOnceAndOthersAreServed()
{
    const Client greedy(*m_bus);
    const Client modest(*m_bus);
    m_polkit->setRule([&](const Question &question) {
        return question.sender == greedy.name() ? Answer::Later : Answer::Yes;
    });
    QList<QDBusPendingCall> waiting;
    for (int i = 0; i < dbus::kMaxPendingCallsPerClient; ++i)
        waiting << greedy.send("Watches", "AddWatch", newWatch(QStringLiteral("greedy-%1").arg(i)),
                               Client::Interaction::Allowed);
    const QDBusMessage refused = greedy.call("Watches", "AddWatch", newWatch(QStringLiteral("one too many")));
    QCOMPARE(refused.errorName(), dbus::error::kLimitReached);
    QVERIFY(refused.errorMessage().contains(QStringLiteral("64")));
    QCOMPARE(modest.call("Watches", "AddWatch", newWatch(QStringLiteral("modest"))).type(),
             QDBusMessage::ReplyMessage);

    m_polkit->setRule([](const Question &) { return Answer::No; });
    for (qsizetype answered = 0; const Question &question : QList(m_polkit->questions())) {
        if (question.sender == greedy.name() && ++answered <= PolkitAuthorizer::kMaxPerUser)
            m_polkit->answer(question, Answer::No);
    }
    for (const QDBusPendingCall &call : waiting)
        QCOMPARE(answerOf(call).errorName(), dbus::error::kNotAuthorized);
    QCOMPARE(watchNames(), QStringList(QStringLiteral("modest")));
    m_polkit->setRule([](const Question &) { return Answer::Yes; });
    QCOMPARE(greedy.call("Watches", "GetWatches").type(), QDBusMessage::ReplyMessage);
}

void AuthorizationTest::theWaitingCallsOfAUserAreBoundedOnAllConnectionsTogether()
{
    QCOMPARE(dbus::kMaxPendingCallsPerUser, 128);
    Client first(*m_bus);
    const Client second(*m_bus);
    const Client third(*m_bus);
    m_polkit->setRule([](const Question &) { return Answer::Later; });
    for (int i = 0; i < 64; ++i) {
        first.send("Watches", "AddWatch", newWatch(QStringLiteral("first-%1").arg(i)));
        second.send("Watches", "AddWatch", newWatch(QStringLiteral("second-%1").arg(i)));
    }
    // messages of several connections reach the helper in any order: one that is refused shows that those
    // sent before it did
    const auto oneTooMany = [](const Client &client) {
        return client.call("Watches", "AddWatch", newWatch(QStringLiteral("one too many")));
    };
    QCOMPARE(oneTooMany(first).errorName(), dbus::error::kLimitReached);
    QCOMPARE(oneTooMany(second).errorName(), dbus::error::kLimitReached);
    const QDBusMessage refused = oneTooMany(third);
    QCOMPARE(refused.errorName(), dbus::error::kLimitReached);
    QVERIFY2(refused.errorMessage().contains(QStringLiteral("128 calls of your user")),
             qPrintable(refused.errorMessage()));

    first.leave();
    m_polkit->setRule([](const Question &) { return Answer::Yes; });
    QTRY_COMPARE_WITH_TIMEOUT(third.call("Live", "GetLinks").type(), QDBusMessage::ReplyMessage, kPatienceMs);
}

void AuthorizationTest::aTightLoopOfOneCallerDoesNotStarveAnother()
{
    // A client that always has 100 calls on their way, more than are let in, whatever it is answered.
    const Client loop(*m_bus);
    const Client other(*m_bus);
    bool goOn = true;
    quint64 answered = 0;
    QObject context;
    std::function<void()> again = [&] {
        auto *watcher = new QDBusPendingCallWatcher(loop.send("Watches", "GetWatches"), &context);
        connect(watcher, &QDBusPendingCallWatcher::finished, &context,
                [&](QDBusPendingCallWatcher *finished) {
                    finished->deleteLater();
                    ++answered;
                    if (goOn)
                        again();
                });
    };
    for (int i = 0; i < 100; ++i)
        again();
    QTRY_VERIFY_WITH_TIMEOUT(answered >= 100, kPatienceMs);
    for (int i = 0; i < 20; ++i) {
        const quint64 before = answered;
        QCOMPARE(other.call("Live", "GetLinks").type(), QDBusMessage::ReplyMessage);
        QVERIFY2(answered - before < 2000, qPrintable(QString::number(answered - before)));
    }
    goOn = false;
}

void AuthorizationTest::everyChangeAndEveryRefusalIsLoggedWithTheCallersUid()
{
    const Client client(*m_bus);
    const QString uid = QString::number(getuid());
    QTest::ignoreMessage(QtInfoMsg,
                         QRegularExpression(QStringLiteral("^uid %1 .*AddWatch 'web': done$").arg(uid)));
    QCOMPARE(client.call("Watches", "AddWatch", newWatch(QStringLiteral("web"))).type(),
             QDBusMessage::ReplyMessage);
    m_polkit->setRule([](const Question &) { return Answer::No; });
    QTest::ignoreMessage(
        QtInfoMsg, QRegularExpression(QStringLiteral("^uid %1 .*AddWatch 'mail': NotAuthorized: ").arg(uid)));
    QCOMPARE(client.call("Watches", "AddWatch", newWatch(QStringLiteral("mail"))).errorName(),
             dbus::error::kNotAuthorized);
}

QTEST_GUILESS_MAIN(AuthorizationTest)
#include "authorization_test.moc"
