// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/names.h"
#include "helper/service/limit_requests.h"
#include "tests/bus/polkit_stand_in.h"
#include "tests/bus/service_under_test.h"

#include <QTest>

using namespace weir;
using namespace weir::test;

namespace {

QVariantMap with(QVariantMap fields, const char *key, const QVariant &value)
{
    fields.insert(QLatin1String(key), value);
    return fields;
}

QVariantMap without(QVariantMap fields, const char *key)
{
    fields.remove(QLatin1String(key));
    return fields;
}

QVariant t(quint64 number)
{
    return QVariant::fromValue(qulonglong(number));
}

QString s(const char *text)
{
    return QString::fromUtf8(text);
}

QStringList list(std::initializer_list<const char *> words)
{
    QStringList list;
    for (const char *word : words)
        list << s(word);
    return list;
}

// Right in every respect: what a row changes of them is what is wrong.
const QVariantMap kLimit{{s("down_bits_per_s"), t(20'000'000)}, {s("up_bits_per_s"), t(5'000'000)}};
const QVariantMap kQuota{{s("size_bytes"), t(100'000'000'000)}};
const QVariantMap kBurst{{s("trigger_bits_per_s"), t(50'000'000)},
                         {s("throttle_bits_per_s"), t(5'000'000)},
                         {s("window_s"), 900u},
                         {s("hold_s"), 1800u}};

const QStringList kRates = list({"64000", "100000000000"});

} // namespace

/// Nonsense about limits, quotas and burst guards is refused by its right name, in words that name the field
/// and the range, before anybody is asked for a password, and changes nothing.
class LimitsBadInputTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();

    void theFieldsThatTheRowsChangeAreRight();
    void wrongFieldsDoNotReachTheEngine_data();
    void wrongFieldsDoNotReachTheEngine();
    void whatDoesNotFitTheStateOfNowIsRefusedWithoutAsking_data();
    void whatDoesNotFitTheStateOfNowIsRefusedWithoutAsking();
    void whoMayNotLookIsNotToldWhatThereIs();
    void aZeroThatEndsATextIsNotTheEndOfIt();
    void percentsThatComeTwiceCountOnce();

private:
    std::unique_ptr<SystemBus> m_bus;
    std::unique_ptr<PolkitStandIn> m_polkit;
    std::unique_ptr<ServiceUnderTest> m_service;
    std::unique_ptr<Client> m_client;
};

void LimitsBadInputTest::initTestCase()
{
    m_bus = std::make_unique<SystemBus>();
    QVERIFY(!m_bus->address().isEmpty());
    m_polkit = std::make_unique<PolkitStandIn>(m_bus->connection());
    m_service = std::make_unique<ServiceUnderTest>(*m_bus);
    QCOMPARE(m_service->failure(), QString());
    m_client = std::make_unique<Client>(*m_bus);

    // "web" has nothing, "full" has everything; both at revisions that the rows give
    for (const auto &[name, port] : {std::pair("web", "80"), std::pair("full", "81")})
        QCOMPARE(m_client->call("Watches", "AddWatch", {s(name), QVariantMap{{s("ports"), s(port)}}})
                     .errorMessage(),
                 QString());
    QCOMPARE(m_client->call("Limits", "SetLimit", {1u, s("full"), kLimit}).errorMessage(), QString());
    QCOMPARE(m_client->call("Limits", "SetQuota", {2u, s("full"), kQuota}).errorMessage(), QString());
    QCOMPARE(m_client->call("Limits", "SetBurst", {3u, s("full"), kBurst}).errorMessage(), QString());
}

void LimitsBadInputTest::cleanupTestCase()
{
    m_client.reset();
    m_service.reset();
    m_polkit.reset();
    m_bus.reset();
}

void LimitsBadInputTest::theFieldsThatTheRowsChangeAreRight()
{
    QVERIFY(readLimit(kLimit).has_value());
    QVERIFY(readQuota(kQuota).has_value());
    QVERIFY(readBurst(kBurst).has_value());
}

void LimitsBadInputTest::wrongFieldsDoNotReachTheEngine_data()
{
    QTest::addColumn<QByteArray>("member");
    QTest::addColumn<QVariantMap>("fields");
    QTest::addColumn<QStringList>("words");
    const auto limit = [](const char *title, const QVariantMap &fields, const QStringList &words) {
        QTest::newRow(title) << QByteArray("SetLimit") << fields << words;
    };
    const auto quota = [](const char *title, const QVariantMap &fields, const QStringList &words) {
        QTest::newRow(title) << QByteArray("SetQuota") << fields << words;
    };
    const auto burst = [](const char *title, const QVariantMap &fields, const QStringList &words) {
        QTest::newRow(title) << QByteArray("SetBurst") << fields << words;
    };

    for (const char *key : {"down_bits_per_s", "up_bits_per_s"}) {
        const auto wrong = [&](const char *title, const QVariant &value, const QStringList &words) {
            limit(qPrintable(s(key) + s(": ") + s(title)), with(kLimit, key, value),
                  kRates + words + QStringList(s(key)));
        };
        wrong("0", t(0), {});
        wrong("1", t(1), {});
        wrong("63999", t(63'999), {s("63999")});
        wrong("100000000001", t(100'000'000'001), {s("100000000001")});
        wrong("2^64-1", t(UINT64_MAX), {s("18446744073709551615")});
        wrong("negative (x)", QVariant::fromValue(qlonglong(-64'000)), {s("(t)")});
        wrong("a number (i)", 64'000, {s("(t)")});
        wrong("a number (u)", 64'000u, {s("(t)")});
        wrong("a number (d)", 64'000.0, {s("(t)")});
        wrong("a text (s)", s("20mbit"), {s("(t)")});
        wrong("a list", QStringList{s("64000")}, {s("(t)")});
    }
    limit("neither direction", {{s("when"), s("daily 08:00-18:00")}},
          kRates + list({"down_bits_per_s", "up_bits_per_s"}));
    limit("no fields", {}, kRates + list({"down_bits_per_s", "up_bits_per_s"}));
    limit("an unknown key", with(kLimit, "colour", s("red")), list({"'colour'", "known are", "when"}));
    limit("a misspelt key", {{s("down_bit_per_s"), t(64'000)}},
          list({"'down_bit_per_s'", "down_bits_per_s"}));
    limit("a key of a quota", with(kLimit, "size_bytes", t(1)), list({"'size_bytes'", "known are"}));
    limit("an unknown key of 10 kB", with(kLimit, QByteArray(10240, 'k').constData(), t(1)),
          list({"kkk", "known are"}));
    for (const char *when :
         {"nonsense", "mon", "mon-fri", "mon 25:00-26:00", "mon 08:60-09:00", "24:00-08:00",
          "someday 08:00-18:00", ";", "mon 08:00", "08:00-18:00 mon", "mon 8-18", "\x1b[2J"})
        limit(qPrintable(s("when: ") + s(when)), with(kLimit, "when", s(when)),
              list({"when", "mon-fri 08:00-18:00"}));
    limit("when of 1001 characters", with(kLimit, "when", QString(1001, u' ')),
          list({"when", "1001", "1000"}));
    limit("when of 17 spans", with(kLimit, "when", QStringList(17, s("daily 08:00-09:00")).join(u';')),
          list({"when", "16"}));
    limit("when of a wrong type", with(kLimit, "when", 8u), list({"when", "(s)"}));
    limit("enabled of a wrong type", with(kLimit, "enabled", s("yes")), list({"enabled", "(b)"}));

    const QStringList sizes = list({"size_bytes", "1", "9223372036854775807"});
    quota("no size", without(kQuota, "size_bytes"), sizes);
    quota("a size of 0", with(kQuota, "size_bytes", t(0)), sizes);
    quota("a size of 2^63", with(kQuota, "size_bytes", t(quint64(1) << 63)), sizes);
    quota("a negative size", with(kQuota, "size_bytes", QVariant::fromValue(qlonglong(-1))),
          sizes + list({"(t)"}));
    quota("a size as text", with(kQuota, "size_bytes", s("100GB")), sizes + list({"(t)"}));
    for (const char *day : {"0", "32", "Last ", "Last", "", "-1", "1.5", "+1", "١"})
        quota(qPrintable(s("reset_day: ") + s(day)), with(kQuota, "reset_day", s(day)),
              list({"reset_day", "1 to 31", "last"}));
    quota("a day as a number", with(kQuota, "reset_day", 1u), list({"reset_day", "(s)"}));
    for (const char *factor : {"0", "0.001", "0.009", "100.001", "101", "1e3", "", "-1", "1,5", "nan", "0x1",
                               "1.0001", "99999999999999999999"})
        quota(qPrintable(s("factor: ") + s(factor)), with(kQuota, "factor", s(factor)),
              list({"factor", "0.01 to 100"}));
    quota("a factor as a number", with(kQuota, "factor", 1.5), list({"factor", "(s)"}));
    for (const char *alerts : {"0", "1001", "-1", "50%", "50,", ",", "1e2", "99999999999999999999"})
        quota(qPrintable(s("alerts: ") + s(alerts)), with(kQuota, "alerts", s(alerts)),
              list({"alerts", "1 to 1000"}));
    quota("eleven alerts", with(kQuota, "alerts", s("1,2,3,4,5,6,7,8,9,10,11")), list({"alerts", "10"}));
    quota("billing unknown", with(kQuota, "billing", s("both")), list({"billing", "in, out, sum"}));
    quota("scope unknown", with(kQuota, "scope", s("local")), list({"scope", "all", "internet"}));
    quota("overflow unknown", with(kQuota, "overflow", s("drop")),
          list({"overflow", "drop", "notify, throttle, block"}));

    const QVariantMap throttle = with(kQuota, "overflow", s("throttle"));
    const QStringList throttles = kRates + list({"throttle_bits_per_s"});
    quota("no throttle with overflow throttle", throttle, throttles);
    quota("a throttle of 63999", with(throttle, "throttle_bits_per_s", t(63'999)), throttles);
    quota("a throttle of 100000000001", with(throttle, "throttle_bits_per_s", t(100'000'000'001)), throttles);
    quota("a throttle with overflow notify", with(kQuota, "throttle_bits_per_s", t(64'000)),
          list({"throttle_bits_per_s", "64000", "overflow", "notify"}));
    const QVariantMap block = with(kQuota, "overflow", s("block"));
    quota("a throttle with overflow block", with(block, "throttle_bits_per_s", t(64'000)),
          list({"throttle_bits_per_s", "64000", "overflow", "block"}));
    quota("exempt with overflow notify", with(kQuota, "exempt", s("local,22")),
          list({"exempt", "local,22", "overflow", "block"}));
    for (const char *exempt : {"0", "65536", "22-21", "ssh", "Local", "local;22", "-1", "1-", "22\x1b[2J"})
        quota(qPrintable(s("exempt: ") + s(exempt)), with(block, "exempt", s(exempt)),
              list({"exempt", "local", "1 to 65535"}));
    quota("exempt of 1001 characters", with(block, "exempt", QString(1001, u'1')),
          list({"exempt", "1001", "1000"}));
    quota("an unknown key of a quota", with(kQuota, "used_bytes", t(1)), list({"'used_bytes'", "known are"}));

    for (const char *key : {"trigger_bits_per_s", "throttle_bits_per_s"}) {
        const QStringList words = kRates + QStringList(s(key));
        burst(qPrintable(s("no ") + s(key)), without(kBurst, key), words);
        for (const quint64 rate : std::initializer_list<quint64>{0, 63'999, 100'000'000'001, UINT64_MAX})
            burst(qPrintable(s(key) + QStringLiteral(": %1").arg(rate)), with(kBurst, key, t(rate)), words);
        burst(qPrintable(s(key) + s(" (i)")), with(kBurst, key, 64'000), words + list({"(t)"}));
    }
    burst("a throttle above the trigger", with(kBurst, "throttle_bits_per_s", t(50'000'001)),
          list({"throttle_bits_per_s", "50000001", "trigger_bits_per_s", "50000000"}));
    const QStringList windows = list({"window_s", "5", "86400"});
    const QStringList holds = list({"hold_s", "1", "604800"});
    burst("no window", without(kBurst, "window_s"), windows);
    burst("a window of 4 s", with(kBurst, "window_s", 4u), windows);
    burst("a window of 86401 s", with(kBurst, "window_s", 86401u), windows);
    burst("a window (t)", with(kBurst, "window_s", t(900)), windows + list({"(u)"}));
    burst("a window as text", with(kBurst, "window_s", s("15min")), windows + list({"(u)"}));
    burst("no hold", without(kBurst, "hold_s"), holds);
    burst("a hold of 0", with(kBurst, "hold_s", 0u), holds);
    burst("a hold of 604801 s", with(kBurst, "hold_s", 604801u), holds);
    burst("a hold of 2^32-1 s", with(kBurst, "hold_s", UINT32_MAX), holds);
    burst("a negative hold", with(kBurst, "hold_s", -1), holds + list({"(u)"}));
    burst("direction unknown", with(kBurst, "direction", s("in")), list({"direction", "sum, down, up"}));
    burst("a misspelt trigger", with(without(kBurst, "trigger_bits_per_s"), "trigger", t(64'000)),
          list({"'trigger'", "trigger_bits_per_s"}));
}

void LimitsBadInputTest::wrongFieldsDoNotReachTheEngine()
{
    QFETCH(const QByteArray, member);
    QFETCH(const QVariantMap, fields);
    QFETCH(const QStringList, words);
    const auto errorOf = [](const auto &read) {
        return read ? std::optional<Error>() : std::optional<Error>(read.error());
    };
    // the reader alone knows no engine
    const std::optional<Error> alone = member == "SetLimit" ? errorOf(readLimit(fields))
        : member == "SetQuota"                              ? errorOf(readQuota(fields))
                                                            : errorOf(readBurst(fields));
    QVERIFY(alone.has_value());
    QCOMPARE(alone->kind, ErrorKind::InvalidArgument);
    for (const QString &word : words)
        QVERIFY2(alone->message.contains(word), qPrintable(alone->message));
    QVERIFY2(alone->message.size() < 500, qPrintable(alone->message));
    QVERIFY(!alone->message.contains(QChar(0x1b)));

    m_polkit->forget();
    const QByteArray before = m_service->stored();
    const GovernPlan plan = m_service->machine().governPlan();
    const auto refused = [&](const char *method, const QVariantList &arguments) {
        const QDBusMessage reply =
            answerOf(m_client->send("Limits", method, arguments, Client::Interaction::Allowed));
        QCOMPARE(reply.errorName(), dbus::error::kInvalidArgument);
        QCOMPARE(reply.errorMessage(), alone->message);
    };
    refused(member.constData(), {4u, s("full"), fields});
    refused(member.constData(), {1u, s("nobody"), fields});
    if (member == "SetQuota")
        refused("PreviewQuota", {s("full"), fields});
    if (member == "SetBurst")
        refused("PreviewBurst", {s("full"), fields, m_service->engine().nowS() - 3600});
    QVERIFY(m_polkit->questions().isEmpty());
    QCOMPARE(m_service->stored(), before);
    QVERIFY(m_service->machine().governPlan() == plan);
}

void LimitsBadInputTest::whatDoesNotFitTheStateOfNowIsRefusedWithoutAsking_data()
{
    QTest::addColumn<QByteArray>("member");
    QTest::addColumn<QVariantList>("arguments");
    QTest::addColumn<QString>("error");
    QTest::addColumn<QStringList>("words");
    const QString invalid = dbus::error::kInvalidArgument;
    const QString notFound = dbus::error::kNotFound;
    const QString conflict = dbus::error::kConflict;
    const auto row = [](const QString &title, const char *member, const QVariantList &arguments,
                        const QString &error, const QStringList &words) {
        QTest::newRow(qPrintable(title)) << QByteArray(member) << arguments << error << words;
    };
    const QString limit = s("limit");

    const std::pair<const char *, QVariantList> edits[] = {{"SetLimit", {kLimit}},
                                                           {"SetQuota", {kQuota}},
                                                           {"SetBurst", {kBurst}},
                                                           {"SwitchPolicy", {limit, false}},
                                                           {"RemovePolicy", {limit}},
                                                           {"Calibrate", {t(1)}},
                                                           {"UndoCalibrate", QVariantList{}},
                                                           {"BeginPeriod", QVariantList{}},
                                                           {"UndoBeginPeriod", QVariantList{}}};
    for (const auto &[member, more] : edits) {
        row(s(member) + s(" of a stale revision"), member, QVariantList{3u, s("full")} + more, conflict,
            list({"revision", "3", "4"}));
        row(s(member) + s(" of a watch that is not there"), member, QVariantList{1u, s("nobody")} + more,
            notFound, list({"name", "nobody"}));
    }
    for (const char *policy : {"limit", "quota", "burst"}) {
        row(s("a switch of no ") + s(policy), "SwitchPolicy", {1u, s("web"), s(policy), true}, notFound,
            list({"web", policy}));
        row(s("a removal of no ") + s(policy), "RemovePolicy", {1u, s("web"), s(policy)}, notFound,
            list({"web", policy}));
    }
    for (const char *policy : {"", "Limit", "limits", "burst guard", "\x1b[2J"}) {
        const QStringList words = list({"policy", "limit, quota, burst"});
        row(s("a switch of ") + s(policy), "SwitchPolicy", {4u, s("full"), s(policy), true}, invalid, words);
        row(s("a removal of ") + s(policy), "RemovePolicy", {4u, s("full"), s(policy)}, invalid, words);
    }

    row(s("more used than 10^18"), "Calibrate", {4u, s("full"), t(1'000'000'000'000'000'001)}, invalid,
        list({"used_bytes", "1000000000000000001", "1000000000000000000"}));
    row(s("2^64-1 bytes used"), "Calibrate", {4u, s("full"), t(UINT64_MAX)}, invalid, list({"used_bytes"}));
    for (const char *member : {"UndoCalibrate", "BeginPeriod", "UndoBeginPeriod"})
        row(s(member) + s(" without a quota"), member, {1u, s("web")}, notFound, list({"web", "no quota"}));
    row(s("Calibrate without a quota"), "Calibrate", {1u, s("web"), t(1)}, notFound,
        list({"web", "no quota"}));
    row(s("nothing was calibrated"), "UndoCalibrate", {4u, s("full")}, notFound,
        list({"full", "no calibration"}));
    row(s("no period was begun by hand"), "UndoBeginPeriod", {4u, s("full")}, notFound, list({"by hand"}));

    row(s("an end without a guard"), "EndBurst", {s("web")}, notFound, list({"web", "no burst guard"}));
    row(s("an end of what does not run"), "EndBurst", {s("full")}, conflict,
        list({"full", "throttles nothing"}));
    row(s("an end of no watch"), "EndBurst", {s("nobody")}, notFound, list({"nobody"}));

    const qlonglong now = m_service->engine().nowS();
    for (const qlonglong from :
         std::initializer_list<qlonglong>{now + 3600, now - 32 * 86400, 0, -1, INT64_MIN, INT64_MAX})
        row(s("a preview from ") + QString::number(from), "PreviewBurst", {s("full"), kBurst, from}, invalid,
            {s("from_s"), QString::number(from), s("31 days")});
    row(s("a preview of a guard of no watch"), "PreviewBurst", {s("nobody"), kBurst, now - 60}, notFound,
        list({"nobody"}));
    row(s("a preview of a quota of no watch"), "PreviewQuota", {s("nobody"), kQuota}, notFound,
        list({"nobody"}));
    row(s("a preview of a watch with a name of 10 kB"), "PreviewQuota", {QString(10240, u'n'), kQuota},
        notFound, {});

    const QString unknown = s("org.freedesktop.DBus.Error.UnknownMethod");
    row(s("too few arguments"), "SetLimit", {4u, s("full")}, unknown, {});
    row(s("a revision of a wrong type"), "SetLimit", {4, s("full"), kLimit}, unknown, {});
    row(s("enabled of a wrong type"), "SwitchPolicy", {4u, s("full"), limit, 1u}, unknown, {});
    row(s("used bytes of a wrong type"), "Calibrate", {4u, s("full"), qlonglong(-1)}, unknown, {});
}

void LimitsBadInputTest::whatDoesNotFitTheStateOfNowIsRefusedWithoutAsking()
{
    QFETCH(const QByteArray, member);
    QFETCH(const QVariantList, arguments);
    QFETCH(const QString, error);
    QFETCH(const QStringList, words);
    m_polkit->forget();
    const QByteArray before = m_service->stored();
    const GovernPlan plan = m_service->machine().governPlan();

    const QDBusMessage reply =
        answerOf(m_client->send("Limits", member.constData(), arguments, Client::Interaction::Allowed));
    QCOMPARE(reply.errorName(), error);
    for (const QString &word : words)
        QVERIFY2(reply.errorMessage().contains(word), qPrintable(reply.errorMessage()));
    QVERIFY2(reply.errorMessage().size() < 500, qPrintable(reply.errorMessage()));
    // nobody is asked for a password; whether the caller may see what there is may be asked silently
    for (const auto &question : m_polkit->questions()) {
        QCOMPARE(question.action, dbus::action::kMonitor);
        QVERIFY(!question.interactive);
    }
    QCOMPARE(m_service->stored(), before);
    QVERIFY(m_service->machine().governPlan() == plan);
}

void LimitsBadInputTest::whoMayNotLookIsNotToldWhatThereIs()
{
    m_polkit->setRule([](const auto &) { return PolkitStandIn::Answer::No; });
    for (const QString &name : {s("web"), s("nobody")}) {
        for (const auto &[member, arguments] :
             {std::pair("SetLimit", QVariantList{77u, name, kLimit}),
              std::pair("RemovePolicy", QVariantList{1u, name, s("limit")}),
              std::pair("EndBurst", QVariantList{name}),
              std::pair("PreviewQuota", QVariantList{name, kQuota}),
              std::pair("PreviewBurst", QVariantList{name, kBurst, m_service->engine().nowS() - 60})})
            QCOMPARE(m_client->call("Limits", member, arguments).errorName(), dbus::error::kNotAuthorized);
    }
    m_polkit->setRule([](const auto &) { return PolkitStandIn::Answer::Yes; });
}

/// QtDBus ends a text at a zero when it sends it, so another client is played here.
void LimitsBadInputTest::aZeroThatEndsATextIsNotTheEndOfIt()
{
    const QString zero = QString(QChar(0));
    QVERIFY(!readLimit(with(kLimit, "when", s("mon 08:00-18:00") + zero + s("x"))));
    QVERIFY(!readLimit(with(kLimit, "when", s("mon") + zero + s(" 08:00-18:00"))));
    QVERIFY(!readQuota(with(kQuota, "reset_day", s("last") + zero)));
    QVERIFY(!readQuota(with(with(kQuota, "overflow", s("block")), "exempt", s("22") + zero)));
    QVERIFY(!readSwitch(s("limit") + zero, true));
}

void LimitsBadInputTest::percentsThatComeTwiceCountOnce()
{
    const auto quota = readQuota(with(kQuota, "alerts", s("80,30,80,30,30,80,30,80,30,80,30,80")));
    QVERIFY(quota.has_value());
    QCOMPARE(quota->alertPercents, (std::vector<int>{30, 80}));
}

QTEST_GUILESS_MAIN(LimitsBadInputTest)
#include "limits_bad_input_test.moc"
