// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/names.h"
#include "dbus/types.h"
#include "helper/service/limit_rows.h"
#include "tests/bus/listener.h"
#include "tests/bus/polkit_stand_in.h"
#include "tests/bus/service_under_test.h"

#include <QRegularExpression>
#include <QTest>

#include <algorithm>

#include <unistd.h>

using namespace weir;
using namespace weir::test;

using Answer = PolkitStandIn::Answer;
using Question = PolkitStandIn::Question;

namespace {

QString s(const char *text)
{
    return QString::fromUtf8(text);
}

QVariant t(quint64 number)
{
    return QVariant::fromValue(qulonglong(number));
}

/// The row of a watch; default-made when it is not there.
dbus::WatchRow named(const QString &name, const dbus::WatchRows &rows)
{
    const auto row = std::ranges::find(rows, name, &dbus::WatchRow::name);
    return row == rows.end() ? dbus::WatchRow{} : *row;
}

const QVariantMap kLimit{{s("down_bits_per_s"), t(20'000'000)}, {s("up_bits_per_s"), t(5'000'000)}};
const QVariantMap kQuota{{s("size_bytes"), t(1'000'000'000)}};
const QVariantMap kBurst{{s("trigger_bits_per_s"), t(64'000)},
                         {s("throttle_bits_per_s"), t(64'000)},
                         {s("window_s"), 5u},
                         {s("hold_s"), 3600u}};

} // namespace

/// Limits, quotas and burst guards as a client sees them: who may set them, what is told of them and when.
class LimitsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void readersMayLookAndNotChange();
    void everyChangeIsLoggedWithWhatWasDone();
    void whatIsSetIsReadBackInOneForm();
    void aRowForEachDirectionThatIsHeld();
    void aPreviewOfAQuotaSaysHowItWouldStandAndChangesNothing();
    void anEndedHoldIsGoneFromTheRow();
    void aChangeIsSentAtOnceWhateverTheInterval();
    void usedBytesAreSentWhileTheyGrowAndOfNobodyElse();
    void aProjectionDoesNotMoveARowEachSecond();

private:
    QDBusMessage set(const char *member, const QVariantList &more);
    dbus::WatchRow row(const QString &name);
    void receive(quint16 port, quint64 bytes);

    std::unique_ptr<SystemBus> m_bus;
    std::unique_ptr<PolkitStandIn> m_polkit;
    std::unique_ptr<ServiceUnderTest> m_service;
    std::unique_ptr<Client> m_client;
};

void LimitsTest::init()
{
    m_bus = std::make_unique<SystemBus>();
    QVERIFY(!m_bus->address().isEmpty());
    m_polkit = std::make_unique<PolkitStandIn>(m_bus->connection());
    m_service = std::make_unique<ServiceUnderTest>(*m_bus);
    QCOMPARE(m_service->failure(), QString());
    m_client = std::make_unique<Client>(*m_bus);
    for (const auto &[name, port] : {std::pair("web", "8000"), std::pair("quiet", "9000")})
        QCOMPARE(m_client->call("Watches", "AddWatch", {s(name), QVariantMap{{s("ports"), s(port)}}})
                     .errorMessage(),
                 QString());
}

void LimitsTest::cleanup()
{
    m_client.reset();
    m_service.reset();
    m_polkit.reset();
    m_bus.reset();
}

/// Calls a method of Limits on "web", as it is now.
QDBusMessage LimitsTest::set(const char *member, const QVariantList &more)
{
    return m_client->call("Limits", member, QVariantList{row(s("web")).revision, s("web")} + more);
}

dbus::WatchRow LimitsTest::row(const QString &name)
{
    return named(name, argument<dbus::WatchRows>(m_client->call("Watches", "GetWatches"), 0));
}

void LimitsTest::receive(quint16 port, quint64 bytes)
{
    Packets packets;
    packets.link = m_service->nic();
    packets.localPort = port;
    packets.remote = *parseAddress(u"198.51.100.1");
    packets.bytes = bytes;
    m_service->machine().pass(packets);
}

void LimitsTest::readersMayLookAndNotChange()
{
    QCOMPARE(set("SetLimit", {kLimit}).errorMessage(), QString());
    QCOMPARE(set("SetQuota", {kQuota}).errorMessage(), QString());
    m_polkit->setRule([](const Question &question) {
        return question.action == dbus::action::kMonitor ? Answer::Yes : Answer::No;
    });
    const qlonglong from = m_service->engine().nowS() - 60;
    QCOMPARE(m_client->call("Limits", "GetLimits").errorMessage(), QString());
    QCOMPARE(m_client->call("Limits", "PreviewBurst", {s("web"), kBurst, from}).errorMessage(), QString());
    QCOMPARE(m_client->call("Limits", "PreviewQuota", {s("web"), kQuota}).errorMessage(), QString());

    const QByteArray before = m_service->stored();
    const GovernPlan plan = m_service->machine().governPlan();
    const std::pair<const char *, QVariantList> changes[] = {
        {"SetLimit", {kLimit}},         {"SetQuota", {kQuota}},
        {"SetBurst", {kBurst}},         {"SwitchPolicy", {s("limit"), false}},
        {"RemovePolicy", {s("limit")}}, {"BeginPeriod", QVariantList{}}};
    for (const auto &[member, more] : changes) {
        const QDBusMessage reply = set(member, more);
        QCOMPARE(reply.errorName(), dbus::error::kNotAuthorized);
        QVERIFY2(reply.errorMessage().contains(dbus::action::kConfigure), qPrintable(reply.errorMessage()));
    }
    QCOMPARE(m_service->stored(), before);
    QVERIFY(m_service->machine().governPlan() == plan);
}

void LimitsTest::everyChangeIsLoggedWithWhatWasDone()
{
    const std::tuple<const char *, QVariantList, const char *> changes[] = {
        {"SetLimit", {kLimit}, "limit: down_bits_per_s 20000000, up_bits_per_s 5000000"},
        {"SetQuota", {kQuota}, "quota: size_bytes 1000000000"},
        {"SetBurst",
         {kBurst},
         "burst: hold_s 3600, throttle_bits_per_s 64000, trigger_bits_per_s 64000, window_s 5"},
        {"SwitchPolicy", {s("limit"), false}, "limit off"},
        {"SwitchPolicy", {s("limit"), true}, "limit on"},
        {"RemovePolicy", {s("limit")}, "no limit"},
        {"BeginPeriod", QVariantList{}, "period begins now"},
        {"UndoBeginPeriod", QVariantList{}, "period as it was"},
        {"Calibrate", {t(412)}, "412 bytes are used"},
        {"UndoCalibrate", QVariantList{}, "no calibration"}};
    for (const auto &[member, more, what] : changes) {
        QTest::ignoreMessage(QtInfoMsg,
                             QRegularExpression(QStringLiteral("^uid %1 \\(.*\\): %2 'web' \\(%3\\): done$")
                                                    .arg(getuid())
                                                    .arg(QLatin1String(member), QLatin1String(what))));
        QCOMPARE(set(member, more).errorMessage(), QString());
    }
    m_polkit->setRule([](const Question &) { return Answer::No; });
    QTest::ignoreMessage(
        QtInfoMsg,
        QRegularExpression(
            QStringLiteral(
                "^uid %1 .*SetLimit 'web' \\(limit: .* when 'daily\\\\u000a 08:00-18:00'\\): NotAuthorized: ")
                .arg(getuid())));
    QVariantMap limit = kLimit;
    limit.insert(s("when"), s("daily\n 08:00-18:00")); // must not begin a line of its own in the log
    const uint revision = m_service->engine().watches().back().record.revision;
    QCOMPARE(m_client->call("Limits", "SetLimit", {revision, s("web"), limit}).errorName(),
             dbus::error::kNotAuthorized);
}

void LimitsTest::whatIsSetIsReadBackInOneForm()
{
    QVariantMap limit = kLimit;
    limit.insert(s("when"), s("MON - fri  8:00-18:00"));
    limit.insert(s("enabled"), false);
    QCOMPARE(set("SetLimit", {limit}).errorMessage(), QString());
    const QVariantMap quota{{s("size_bytes"), t(500)},   {s("reset_day"), s("31")},
                            {s("billing"), s("max")},    {s("factor"), s("01.500")},
                            {s("scope"), s("internet")}, {s("alerts"), s(" 80,50 ,80")},
                            {s("overflow"), s("block")}, {s("exempt"), s("8010,22 local,8000-8009")}};
    QCOMPARE(set("SetQuota", {quota}).errorMessage(), QString());
    QVariantMap burst = kBurst;
    burst.insert(s("direction"), s("up"));
    QCOMPARE(set("SetBurst", {burst}).errorMessage(), QString());

    const dbus::WatchRow web = row(s("web"));
    QCOMPARE(web.revision, 4u);
    QVERIFY(web.limit.set);
    QVERIFY(!web.limit.enabled);
    QCOMPARE(web.limit.downBitsPerSecond, 20'000'000u);
    QCOMPARE(web.limit.upBitsPerSecond, 5'000'000u);
    QCOMPARE(web.limit.when, s("mon-fri 08:00-18:00"));
    QCOMPARE(web.limit.downInForceBitsPerSecond, 0u);
    QCOMPARE(web.limit.downReason, QString());
    QVERIFY(web.quota.set && web.quota.enabled);
    QCOMPARE(web.quota.sizeBytes, 500u);
    QCOMPARE(web.quota.resetDay, s("31"));
    QCOMPARE(web.quota.billing, s("max"));
    QCOMPARE(web.quota.factor, s("1.5"));
    QCOMPARE(web.quota.scope, s("internet"));
    QCOMPARE(web.quota.alerts, s("50,80"));
    QCOMPARE(web.quota.overflow, s("block"));
    QCOMPARE(web.quota.throttleBitsPerSecond, 0u);
    QCOMPARE(web.quota.exempt, s("local,22,8000-8010"));
    QVERIFY(web.burst.set && web.burst.enabled);
    QCOMPARE(web.burst.direction, s("up"));
    QCOMPARE(web.burst.windowS, 5u);
    QCOMPARE(web.burst.holdS, 3600u);
    QCOMPARE(web.burst.state, s("armed"));
    QCOMPARE(row(s("quiet")).limit, dbus::LimitState{});
    QCOMPARE(row(s("quiet")).quota, dbus::QuotaState{});
    QCOMPARE(row(s("quiet")).burst, dbus::BurstState{});
}

void LimitsTest::aRowForEachDirectionThatIsHeld()
{
    const auto limits = [this] {
        return argument<dbus::LimitRows>(m_client->call("Limits", "GetLimits"), 0);
    };
    QVERIFY(limits().isEmpty());
    QCOMPARE(set("SetLimit", {kLimit}).errorMessage(), QString());
    receive(8000, 1500);
    const auto rows = limits();
    QCOMPARE(rows.size(), 2);
    QCOMPARE(names(rows), QStringList({s("web"), s("web")}));
    QCOMPARE(rows.at(0).direction, s("down"));
    QCOMPARE(rows.at(0).bitsPerSecond, 20'000'000u);
    QCOMPARE(rows.at(0).reason, s("limit"));
    QCOMPARE(rows.at(0).bytes, 1486u); // the gate does not see the Ethernet header
    QCOMPARE(rows.at(0).packets, 1u);
    QCOMPARE(rows.at(1).direction, s("up"));
    QCOMPARE(rows.at(1).bitsPerSecond, 5'000'000u);
    QCOMPARE(rows.at(1).bytes, 0u);
    QCOMPARE(set("SwitchPolicy", {s("limit"), false}).errorMessage(), QString());
    QVERIFY(limits().isEmpty());
}

void LimitsTest::aPreviewOfAQuotaSaysHowItWouldStandAndChangesNothing()
{
    receive(8000, 900);
    QTRY_COMPARE_WITH_TIMEOUT(row(s("web")).total.rxBytes, 900u, kPatienceMs);
    const QByteArray before = m_service->stored();
    const auto preview = [this](const QVariantMap &fields) {
        return argument<dbus::QuotaState>(m_client->call("Limits", "PreviewQuota", {s("web"), fields}), 0);
    };
    const auto blocked = preview({{s("size_bytes"), t(500)}, {s("overflow"), s("block")}});
    QVERIFY(blocked.set);
    QCOMPARE(blocked.usedBytes, 900u);
    QCOMPARE(blocked.remainingBytes, 0u);
    QCOMPARE(blocked.state, s("blocked"));
    const auto counting = preview({{s("size_bytes"), t(2000)}, {s("factor"), s("2")}});
    QCOMPARE(counting.usedBytes, 1800u);
    QCOMPARE(counting.remainingBytes, 200u);
    QCOMPARE(counting.state, s("counting"));
    QCOMPARE(row(s("web")).quota, dbus::QuotaState{});
    QCOMPARE(row(s("web")).revision, 1u);
    QCOMPARE(m_service->stored(), before);
}

void LimitsTest::anEndedHoldIsGoneFromTheRow()
{
    QCOMPARE(set("SetBurst", {kBurst}).errorMessage(), QString());
    receive(8000, 1'000'000); // 8 Mbit within 5 s are above 64 kbit/s
    QTRY_COMPARE_WITH_TIMEOUT(row(s("web")).burst.state, s("throttled"), kPatienceMs);
    const dbus::WatchRow held = row(s("web"));
    QCOMPARE(held.limit.downInForceBitsPerSecond, 64'000u);
    QCOMPARE(held.limit.downReason, s("burst"));
    QVERIFY(!held.limit.set);
    QCOMPARE(held.burst.throttledUntil - held.burst.throttledSince, 3600);

    const Listener listener(*m_client);
    QCOMPARE(m_client->call("Live", "Subscribe", {s("watches"), 60000u, QVariantMap()}).errorMessage(),
             QString());
    QTRY_COMPARE_WITH_TIMEOUT(listener.of("WatchesFrame").size(), 1, kPatienceMs);
    QTest::ignoreMessage(QtInfoMsg, QRegularExpression(QStringLiteral("EndBurst 'web': done$")));
    QCOMPARE(m_client->call("Limits", "EndBurst", {s("web")}).errorMessage(), QString());
    QTRY_COMPARE_WITH_TIMEOUT(listener.of("WatchesFrame").size(), 2, kPatienceMs);
    const auto web = named(s("web"), argument<dbus::WatchRows>(listener.of("WatchesFrame").constLast(), 2));
    QCOMPARE(web.name, s("web"));
    QCOMPARE(web.burst.state, s("armed"));
    QCOMPARE(web.burst.throttledUntil, 0);
    QCOMPARE(web.limit.downInForceBitsPerSecond, 0u);
}

void LimitsTest::aChangeIsSentAtOnceWhateverTheInterval()
{
    const Listener listener(*m_client);
    QCOMPARE(m_client->call("Live", "Subscribe", {s("watches"), 60000u, QVariantMap()}).errorMessage(),
             QString());
    QTRY_COMPARE_WITH_TIMEOUT(listener.of("WatchesFrame").size(), 1, kPatienceMs);
    dbus::WatchRow web;
    const auto changed = [&](const char *member, const QVariantList &more) {
        const qsizetype frames = listener.of("WatchesFrame").size();
        if (set(member, more).type() != QDBusMessage::ReplyMessage
            || !QTest::qWaitFor([&] { return listener.of("WatchesFrame").size() > frames; }, kPatienceMs))
            return false;
        // others may be in the frame, too: their first rate is news
        web = named(s("web"), argument<dbus::WatchRows>(listener.of("WatchesFrame").at(frames), 2));
        return !web.name.isEmpty();
    };
    QVERIFY(changed("SetLimit", {kLimit}));
    QVERIFY(web.limit.set);
    QCOMPARE(web.limit.downInForceBitsPerSecond, 20'000'000u);
    QCOMPARE(web.limit.upReason, s("limit"));
    QVERIFY(changed("SetQuota", {kQuota}));
    QCOMPARE(web.quota.sizeBytes, 1'000'000'000u);
    QCOMPARE(web.quota.state, s("counting"));
    QVERIFY(changed("SetBurst", {kBurst}));
    QCOMPARE(web.burst.state, s("armed"));
    QVERIFY(changed("SwitchPolicy", {s("limit"), false}));
    QVERIFY(web.limit.set && !web.limit.enabled);
    QCOMPARE(web.limit.downInForceBitsPerSecond, 0u);
    QVERIFY(changed("BeginPeriod", {}));
    QVERIFY(web.quota.begunByHand);
    QVERIFY(changed("RemovePolicy", {s("quota")}));
    QCOMPARE(web.quota, dbus::QuotaState{});
    QVERIFY(web.limit.set && web.burst.set);
}

void LimitsTest::usedBytesAreSentWhileTheyGrowAndOfNobodyElse()
{
    QCOMPARE(set("SetQuota", {kQuota}).errorMessage(), QString());
    QCOMPARE(m_client->call("Limits", "SetLimit", {1u, s("quiet"), kLimit}).errorMessage(), QString());
    QCOMPARE(m_client->call("Limits", "SetQuota", {2u, s("quiet"), kQuota}).errorMessage(), QString());
    QCOMPARE(m_client->call("Limits", "SetBurst", {3u, s("quiet"), kBurst}).errorMessage(), QString());
    receive(9000, 700);
    const Listener listener(*m_client);
    QCOMPARE(m_client->call("Live", "Subscribe", {s("watches"), 1000u, QVariantMap()}).errorMessage(),
             QString());
    const auto last = [&] {
        const auto frames = listener.of("WatchesFrame");
        return frames.isEmpty() ? dbus::WatchRows(1) : argument<dbus::WatchRows>(frames.constLast(), 2);
    };
    // quiet when its traffic has left its rate and the guard's window
    const auto isQuiet = [&] {
        const dbus::WatchRow quiet = row(s("quiet"));
        return quiet.burst.averageBitsPerSecond == 0 && quiet.quota.usedBytes == 700 && last().isEmpty();
    };
    QTRY_VERIFY_WITH_TIMEOUT(isQuiet(), kPatienceMs);
    qsizetype frames = listener.of("WatchesFrame").size();
    QList<qulonglong> used;
    for (const quint64 bytes : {1500, 2500, 4000}) {
        receive(8000, bytes);
        const auto arrived = [&] {
            for (const auto all = listener.of("WatchesFrame"); frames < all.size(); ++frames) {
                for (const dbus::WatchRow &row : argument<dbus::WatchRows>(all.at(frames), 2)) {
                    if (row.name != s("web"))
                        return qWarning("%s is sent", qPrintable(row.name)), false;
                    if (used.value(used.size() - 1) != row.quota.usedBytes)
                        used << row.quota.usedBytes;
                }
            }
            return !used.isEmpty() && used.constLast() == row(s("web")).quota.usedBytes;
        };
        const qsizetype before = used.size();
        QTRY_VERIFY_WITH_TIMEOUT(arrived() && used.size() > before, kPatienceMs);
    }
    QCOMPARE(used, QList<qulonglong>({1500, 4000, 8000}));
}

void LimitsTest::aProjectionDoesNotMoveARowEachSecond()
{
    // 1,234,567 bytes within the first ten of thirty days
    QuotaPolicy quota;
    quota.sizeBytes = 10'000'000;
    HistoryTraffic passed;
    passed.scoped.internet.rxBytes = 1'234'567;
    const CivilZone utc = CivilZone::named(u"UTC").value();
    const qint64 start = 1'748'736'000; // 2025-06-01
    const auto at = [&](qint64 nowS) {
        WatchStatus status;
        status.record.spec.policies.quota = quota;
        status.policy.quota = standingOf(quota, utc, passed, start, nowS);
        return toQuotaState(status);
    };
    const qint64 tenDays = start + 10 * 86400;
    QCOMPARE(at(tenDays).projectedBytes, 3'700'000u); // 3,703,701
    for (qint64 nowS = tenDays; nowS < tenDays + 600; ++nowS)
        QCOMPARE(at(nowS), at(tenDays));
    // never less than what is used already
    QCOMPARE(at(start + 30 * 86400 - 1).projectedBytes, 1'234'567u);
    QCOMPARE(at(start + 60).projectedBytes, 0u);
}

QTEST_GUILESS_MAIN(LimitsTest)
#include "limits_test.moc"
