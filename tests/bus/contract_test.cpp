// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/names.h"
#include "dbus/types.h"
#include "tests/bus/contract.h"
#include "tests/bus/polkit_stand_in.h"
#include "tests/bus/service_under_test.h"

#include <QDBusUnixFileDescriptor>
#include <QSet>
#include <QTest>

#include <sys/mman.h>
#include <unistd.h>

using namespace weir;
using namespace weir::test;

namespace {

/// A call that is right in every respect, for each method of the contract.
struct GoodCall {
    const char *interface;
    const char *member;
    QVariantList arguments;
};

QVariantMap ports(const QString &list)
{
    return {{QStringLiteral("ports"), list}};
}

const QVariantMap kLimit{{QStringLiteral("down_bits_per_s"), qulonglong(20'000'000)}};
const QVariantMap kQuota{{QStringLiteral("size_bytes"), qulonglong(1'000'000'000'000)}};
const QVariantMap kBurst{{QStringLiteral("trigger_bits_per_s"), qulonglong(64'000)},
                         {QStringLiteral("throttle_bits_per_s"), qulonglong(64'000)},
                         {QStringLiteral("window_s"), 5u},
                         {QStringLiteral("hold_s"), 3600u}};

} // namespace

/// What the XML, the policy and the object on the bus say must be one thing.
class ContractTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void everyMethodNamesAnActionThatThePolicyHas();
    void everyActionIsOwnedByTheHelpersUserAndSpeaksBothLanguages();
    void theObjectOnTheBusIntrospectsAsTheContract();
    void everyMethodAsksForItsOwnActionAboutItsOwnCaller();
    void everyMethodAnswersWithTheSignatureOfTheContract();
    void aCallWithoutItsInterfaceIsNotServed();

private:
    uint revision(const QString &name) const;
    bool edit(const char *member, const QString &name, const QVariantList &more);
    bool prepareLimits();
    QList<GoodCall> goodCalls();

    std::unique_ptr<SystemBus> m_bus;
    std::unique_ptr<PolkitStandIn> m_polkit;
    std::unique_ptr<ServiceUnderTest> m_service;
    std::unique_ptr<Client> m_client;
};

void ContractTest::init()
{
    m_bus = std::make_unique<SystemBus>();
    QVERIFY(!m_bus->address().isEmpty());
    m_polkit = std::make_unique<PolkitStandIn>(m_bus->connection());
    m_service = std::make_unique<ServiceUnderTest>(*m_bus);
    QCOMPARE(m_service->failure(), QString());
    m_client = std::make_unique<Client>(*m_bus);
}

void ContractTest::cleanup()
{
    m_client.reset();
    m_service.reset();
    m_polkit.reset();
    m_bus.reset();
}

uint ContractTest::revision(const QString &name) const
{
    for (const WatchStatus &watch : m_service->engine().watches())
        if (watch.record.spec.name == name)
            return watch.record.revision;
    return 0;
}

/// Calls a method of Limits that takes a revision, again while it is too early for it.
bool ContractTest::edit(const char *member, const QString &name, const QVariantList &more)
{
    return QTest::qWaitFor(
        [&] {
            const QVariantList arguments = QVariantList{revision(name), name} + more;
            return m_client->call("Limits", member, arguments).type() == QDBusMessage::ReplyMessage;
        },
        kPatienceMs);
}

/// Makes watches in all the states that the calls of Limits need, each named after its call: a call that
/// changes one must not get in the way of another.
bool ContractTest::prepareLimits()
{
    quint16 port = 9000;
    for (const char *name : {"SetLimit", "SetQuota", "SetBurst", "SwitchPolicy", "RemovePolicy", "Calibrate",
                             "UndoCalibrate", "BeginPeriod", "UndoBeginPeriod", "EndBurst"}) {
        const auto added =
            m_client->call("Watches", "AddWatch", {QLatin1String(name), ports(QString::number(++port))});
        if (added.type() != QDBusMessage::ReplyMessage)
            return false;
    }
    const QString ended = QStringLiteral("EndBurst");
    bool isReady = edit("SetLimit", QStringLiteral("SwitchPolicy"), {kLimit})
        && edit("SetLimit", QStringLiteral("RemovePolicy"), {kLimit}) && edit("SetBurst", ended, {kBurst});
    for (const char *name : {"Calibrate", "UndoCalibrate", "BeginPeriod", "UndoBeginPeriod"})
        isReady = isReady && edit("SetQuota", QLatin1String(name), {kQuota});
    isReady = isReady && edit("Calibrate", QStringLiteral("Calibrate"), {qulonglong(1)})
        && edit("Calibrate", QStringLiteral("UndoCalibrate"), {qulonglong(1)})
        && edit("BeginPeriod", QStringLiteral("UndoBeginPeriod"), {});
    Packets burst;
    burst.link = m_service->nic();
    burst.localPort = port;
    burst.remote = *parseAddress(u"198.51.100.1");
    burst.bytes = 1'000'000; // 8 Mbit within 5 s are above 64 kbit/s
    m_service->machine().pass(burst);
    return isReady
        && QTest::qWaitFor([&] { return m_service->engine().checkEndBurst(ended).has_value(); }, kPatienceMs);
}

/// Makes the watches and the subscription that they speak of. Clean comes last: it ends the service.
QList<GoodCall> ContractTest::goodCalls()
{
    if (!prepareLimits())
        qWarning("the watches that Limits needs could not be made");
    const auto limits = [this](const char *member, const QVariantList &more = {}) {
        const QString name = QLatin1String(member);
        return GoodCall{"Limits", member, QVariantList{revision(name), name} + more};
    };
    m_client->call("Watches", "AddWatch", {QStringLiteral("web"), ports(QStringLiteral("80,443"))});
    m_client->call("Watches", "AddWatch", {QStringLiteral("mail"), ports(QStringLiteral("25"))});
    const uint gone =
        m_client->call("Watches", "AddWatch", {QStringLiteral("gone"), ports(QStringLiteral("70"))})
            .arguments()
            .value(0)
            .toUInt();
    m_client->call("Watches", "RemoveWatch", {gone, QStringLiteral("gone")});
    const uint subscription =
        m_client->call("Live", "Subscribe", {QStringLiteral("links"), 1000u, QVariantMap()})
            .arguments()
            .value(0)
            .toUInt();
    const QString link = QStringLiteral("link:eth0");
    const qlonglong from = 1'700'000'000;
    const qlonglong to = from + 86'400;
    const auto file = [] {
        const int descriptor = memfd_create("weir-test", MFD_CLOEXEC);
        const QDBusUnixFileDescriptor handed(descriptor); // has a copy of its own
        close(descriptor);
        return QVariant::fromValue(handed);
    };
    dbus::NewWatches two{{QStringLiteral("a"), ports(QStringLiteral("1"))},
                         {QStringLiteral("b"), ports(QStringLiteral("2"))}};
    return {
        {"Manager", "GetStatus", {}},
        {"Manager", "GetProblems", {}},
        {"Manager", "GetSettings", {}},
        {"Manager",
         "SetSettings",
         {m_service->engine().settingsRevision(), QVariantMap{{QStringLiteral("flush_interval_s"), 60u}}}},
        {"Live", "GetLinks", {}},
        {"Live", "GetFlows", {QVariantMap()}},
        {"Live", "GetSamples", {QStringLiteral("link"), QStringLiteral("eth0")}},
        {"Live", "Subscribe", {QStringLiteral("watches"), 1000u, QVariantMap()}},
        {"Live", "Unsubscribe", {subscription}},
        {"Watches", "GetWatches", {}},
        {"Watches", "AddWatch", {QStringLiteral("new"), ports(QStringLiteral("8000-8099"))}},
        {"Watches", "AddWatches", {QVariant::fromValue(two)}},
        {"Watches",
         "EditWatch",
         {1u, QStringLiteral("web"), QVariantMap{{QStringLiteral("note"), QStringLiteral("x")}}}},
        {"Watches", "RemoveWatch", {1u, QStringLiteral("mail")}},
        {"Watches", "RestoreWatch", {QStringLiteral("gone")}},
        {"Live", "GetServices", {}},
        {"Limits", "GetLimits", {}},
        {"Limits", "PreviewBurst", {QStringLiteral("web"), kBurst, m_service->engine().nowS() - 3600}},
        {"Limits", "PreviewQuota", {QStringLiteral("web"), kQuota}},
        limits("SetLimit", {kLimit}),
        limits("SetQuota", {kQuota}),
        limits("SetBurst", {kBurst}),
        limits("SwitchPolicy", {QStringLiteral("limit"), false}),
        limits("RemovePolicy", {QStringLiteral("limit")}),
        limits("Calibrate", {qulonglong(412'000'000'000)}),
        limits("UndoCalibrate"),
        limits("BeginPeriod"),
        limits("UndoBeginPeriod"),
        {"Limits", "EndBurst", {QStringLiteral("EndBurst")}},
        {"History", "ListSeries", {}},
        {"History", "GetHistory", {link, from, to, QStringLiteral("hour"), QString()}},
        {"History", "GetSums", {QStringList{link}, QString()}},
        {"History", "GetRemotes", {link, from, to, 10u}},
        {"History", "GetRanking", {QStringLiteral("watch"), from, to, 10u}},
        {"History",
         "Export",
         {file(), QStringList{link}, from, to, QStringLiteral("hour"), QString(), QStringLiteral("csv")}},
        {"History", "DeleteHistory", {link, from, to}},
        {"History", "CheckDatabase", {}},
        {"History", "BackupDatabase", {file()}},
        {"History", "RestoreDatabase", {file()}},
        {"History", "StartAfresh", {}},
        {"Manager", "Clean", {}},
    };
}

void ContractTest::everyMethodNamesAnActionThatThePolicyHas()
{
    const auto policy = readPolicy();
    int methods = 0;
    for (const ContractMember &member : readContract()) {
        if (member.isSignal)
            continue;
        ++methods;
        QVERIFY2(policy.contains(member.action),
                 qPrintable(member.name + QStringLiteral(" needs '") + member.action + QLatin1Char('\'')));
    }
    QVERIFY(methods >= 41);
}

void ContractTest::everyActionIsOwnedByTheHelpersUserAndSpeaksBothLanguages()
{
    const auto policy = readPolicy();
    QCOMPARE(policy.keys(),
             QStringList({dbus::action::kConfigure, dbus::action::kDeleteHistory, dbus::action::kMonitor,
                          dbus::action::kMonitorAll}));
    for (const auto &action : policy) {
        QCOMPARE(action.value(QStringLiteral("annotate org.freedesktop.policykit.owner")),
                 QStringLiteral("unix-user:weir"));
        for (const char *text : {"description", "description zh_CN", "message", "message zh_CN"})
            QVERIFY2(!action.value(QLatin1String(text)).isEmpty(), text);
    }
}

void ContractTest::theObjectOnTheBusIntrospectsAsTheContract()
{
    QDBusMessage introspect = QDBusMessage::createMethodCall(
        dbus::kService, dbus::kPath, QStringLiteral("org.freedesktop.DBus.Introspectable"),
        QStringLiteral("Introspect"));
    const QString text =
        answerOf(m_client->connection().asyncCall(introspect)).arguments().value(0).toString();
    const QList<ContractMember> contract = readContract();
    for (const ContractMember &member : contract)
        QVERIFY2(readMembers(text.toUtf8()).contains(member),
                 qPrintable(member.interface + QLatin1Char('.') + member.name));
    QSet<QString> interfaces;
    for (const ContractMember &member : contract)
        interfaces.insert(member.interface);
    QCOMPARE(interfaces.size(), 5);
    const auto members = readMembers(text.toUtf8());
    QCOMPARE(std::ranges::count_if(members,
                                   [&](const auto &member) { return interfaces.contains(member.interface); }),
             contract.size());
}

void ContractTest::everyMethodAsksForItsOwnActionAboutItsOwnCaller()
{
    const QList<GoodCall> calls = goodCalls();
    const QByteArray before = m_service->stored();
    m_polkit->setRule([](const auto &) { return PolkitStandIn::Answer::No; });
    QSet<QString> called;
    QMap<QString, QString> actions;
    for (const ContractMember &member : readContract())
        actions.insert(member.interface + member.name, member.isSignal ? QString() : member.action);

    for (const GoodCall &call : calls) {
        m_polkit->forget();
        const QDBusMessage reply = m_client->call(call.interface, call.member, call.arguments);
        QCOMPARE(reply.errorName(), dbus::error::kNotAuthorized);
        QCOMPARE(m_polkit->questions().size(), 1);
        const auto question = m_polkit->questions().constFirst();
        const QString key = QLatin1String(call.interface) + QLatin1String(call.member);
        QCOMPARE(question.action, actions.value(key));
        QCOMPARE(question.subjectKind, QStringLiteral("system-bus-name"));
        QCOMPARE(question.sender, m_client->name());
        called.insert(key);
    }
    for (auto action = actions.begin(); action != actions.end(); ++action)
        QVERIFY2(action->isEmpty() || called.contains(action.key()),
                 qPrintable(action.key() + QStringLiteral(" is not tried")));
    QCOMPARE(m_service->stored(), before);
    QVERIFY(!m_service->isEnded());
}

void ContractTest::everyMethodAnswersWithTheSignatureOfTheContract()
{
    const QList<ContractMember> contract = readContract();
    for (const GoodCall &call : goodCalls()) {
        const QDBusMessage reply = m_client->call(call.interface, call.member, call.arguments);
        QVERIFY2(reply.type() == QDBusMessage::ReplyMessage,
                 qPrintable(QLatin1String(call.member) + QLatin1Char(' ') + reply.errorMessage()));
        const auto member =
            std::find_if(contract.begin(), contract.end(), [&](const ContractMember &candidate) {
                return candidate.interface == QLatin1String(call.interface)
                    && candidate.name == QLatin1String(call.member);
            });
        QVERIFY(member != contract.end());
        QVERIFY2(reply.signature() == member->out,
                 qPrintable(member->name + QLatin1Char(' ') + reply.signature()));
    }
    QVERIFY(m_service->isEnded());
}

void ContractTest::aCallWithoutItsInterfaceIsNotServed()
{
    const QDBusMessage call =
        QDBusMessage::createMethodCall(dbus::kService, dbus::kPath, QString(), QStringLiteral("Clean"));
    QCOMPARE(answerOf(m_client->connection().asyncCall(call)).type(), QDBusMessage::ErrorMessage);
    QVERIFY(m_polkit->questions().isEmpty());
    QVERIFY(!m_service->isEnded());
}

QTEST_GUILESS_MAIN(ContractTest)
#include "contract_test.moc"
