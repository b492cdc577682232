// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/names.h"
#include "tests/bus/polkit_stand_in.h"
#include "tests/bus/service_under_test.h"

#include <QTest>

using namespace weir;
using namespace weir::test;

namespace {

QString s(const char *text)
{
    return QString::fromUtf8(text);
}

const QVariantMap kLimit{{s("down_bits_per_s"), QVariant::fromValue(qulonglong(20'000'000))}};
const QVariantMap kQuota{{s("size_bytes"), QVariant::fromValue(qulonglong(1'000'000))}};

} // namespace

/// Limits that are right in themselves, on a machine that cannot have them.
class LimitsRefusalTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void whatThisKernelLacksIsToldBeforeAnybodyIsAsked();
    void whatOnlyCountsNeedsNothingOfTheKernel();
    void whatTheKernelRefusesIsNotKept();
    void aLimitThatWentWhileItsOwnerWasAskedIsNotSwitched();
    void oneWatchMoreThanMayBeGovernedIsRefused();

private:
    QDBusMessage call(const char *member, const QVariantList &arguments);
    WatchRecord web() const;
    void restart(const ServiceUnderTest::Options &options);

    std::unique_ptr<SystemBus> m_bus;
    std::unique_ptr<PolkitStandIn> m_polkit;
    std::unique_ptr<ServiceUnderTest> m_service;
    std::unique_ptr<Client> m_client;
};

void LimitsRefusalTest::init()
{
    m_bus = std::make_unique<SystemBus>();
    QVERIFY(!m_bus->address().isEmpty());
    m_polkit = std::make_unique<PolkitStandIn>(m_bus->connection());
    m_client = std::make_unique<Client>(*m_bus);
    restart({});
}

void LimitsRefusalTest::restart(const ServiceUnderTest::Options &options)
{
    m_service.reset();
    m_service = std::make_unique<ServiceUnderTest>(*m_bus, options);
    QCOMPARE(m_service->failure(), QString());
    const QVariantMap ports{{s("ports"), s("80")}};
    QCOMPARE(m_client->call("Watches", "AddWatch", {s("web"), ports}).errorMessage(), QString());
    m_polkit->forget();
}

void LimitsRefusalTest::cleanup()
{
    m_client.reset();
    m_service.reset();
    m_polkit.reset();
    m_bus.reset();
}

QDBusMessage LimitsRefusalTest::call(const char *member, const QVariantList &arguments)
{
    return answerOf(m_client->send("Limits", member, arguments, Client::Interaction::Allowed));
}

WatchRecord LimitsRefusalTest::web() const
{
    for (const WatchStatus &watch : m_service->engine().watches())
        if (watch.record.spec.name == s("web"))
            return watch.record;
    return {};
}

void LimitsRefusalTest::whatThisKernelLacksIsToldBeforeAnybodyIsAsked()
{
    ServiceUnderTest::Options options;
    options.support.noShaper = s("ifb is not in this kernel");
    restart(options);
    const QDBusMessage reply = call("SetLimit", {1u, s("web"), kLimit});
    QCOMPARE(reply.errorName(), dbus::error::kUnsupported);
    QVERIFY2(reply.errorMessage().contains(s("ifb is not in this kernel")), qPrintable(reply.errorMessage()));
    QCOMPARE(m_polkit->questions().constLast().action, dbus::action::kMonitor);
    QVERIFY(!m_polkit->questions().constLast().interactive);
}

void LimitsRefusalTest::whatOnlyCountsNeedsNothingOfTheKernel()
{
    m_service->machine().fail(
        FakeMachine::Call::Govern,
        {ErrorKind::KernelRefused, s("cannot load the rules: Operation not supported")});
    QCOMPARE(call("SetQuota", {1u, s("web"), kQuota}).errorMessage(), QString());
    QVERIFY(web().spec.policies.quota.has_value());
}

void LimitsRefusalTest::whatTheKernelRefusesIsNotKept()
{
    const QByteArray before = m_service->stored();
    m_service->machine().fail(
        FakeMachine::Call::Govern,
        {ErrorKind::KernelRefused, s("cannot load the rules: Operation not supported")});
    const QDBusMessage reply = call("SetLimit", {1u, s("web"), kLimit});
    QCOMPARE(reply.errorName(), dbus::error::kKernelRefused);
    QVERIFY2(reply.errorMessage().contains(s("Operation not supported")), qPrintable(reply.errorMessage()));
    QCOMPARE(m_service->stored(), before);
    QVERIFY(!web().spec.policies.limit);
    QCOMPARE(web().revision, 1u);

    m_service->machine().succeed(FakeMachine::Call::Govern);
    QCOMPARE(call("SetLimit", {1u, s("web"), kLimit}).errorMessage(), QString());
    QCOMPARE(web().revision, 2u);
}

void LimitsRefusalTest::aLimitThatWentWhileItsOwnerWasAskedIsNotSwitched()
{
    QCOMPARE(call("SetLimit", {1u, s("web"), kLimit}).errorMessage(), QString());
    m_polkit->setRule([](const auto &) { return PolkitStandIn::Answer::Later; });
    m_polkit->forget();
    const auto waiting = m_client->send("Limits", "SwitchPolicy", {2u, s("web"), s("limit"), false});
    QTRY_COMPARE_WITH_TIMEOUT(m_polkit->questions().size(), 1, kPatienceMs);
    m_polkit->setRule([](const auto &) { return PolkitStandIn::Answer::Yes; });
    const auto asked = m_polkit->questions().constFirst();
    QCOMPARE(call("RemovePolicy", {2u, s("web"), s("limit")}).errorMessage(), QString());
    m_polkit->answer(asked, PolkitStandIn::Answer::Yes);
    QCOMPARE(answerOf(waiting).errorName(), dbus::error::kConflict);
    QVERIFY(!web().spec.policies.limit);
}

void LimitsRefusalTest::oneWatchMoreThanMayBeGovernedIsRefused()
{
    std::vector<WatchSpec> specs(size_t(dbus::kMaxGovernedWatches));
    for (size_t i = 0; i < specs.size(); ++i) {
        const auto port = quint16(1000 + i);
        specs[i].name = QStringLiteral("watch %1").arg(port);
        specs[i].ports = {{port, port}};
        specs[i].policies.quota.emplace().sizeBytes = 1;
    }
    std::optional<Result<quint32>> added;
    m_service->engine().addWatches(specs, [&](const Result<quint32> &result) { added = result; });
    QTRY_VERIFY_WITH_TIMEOUT(added.has_value(), kPatienceMs);
    QVERIFY(*added);
    const QDBusMessage reply = call("SetQuota", {1u, s("web"), kQuota});
    QCOMPARE(reply.errorName(), dbus::error::kLimitReached);
    QVERIFY2(reply.errorMessage().contains(s("1000")), qPrintable(reply.errorMessage()));
    QVERIFY(!m_polkit->questions().constLast().interactive);
    // one of them may be changed
    QCOMPARE(call("SetLimit", {1u, s("watch 1000"), kLimit}).errorMessage(), QString());
}

QTEST_GUILESS_MAIN(LimitsRefusalTest)
#include "limits_refusal_test.moc"
