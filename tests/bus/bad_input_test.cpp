// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/names.h"
#include "dbus/types.h"
#include "tests/bus/polkit_stand_in.h"
#include "tests/bus/service_under_test.h"

#include <QDBusVariant>
#include <QTest>

using namespace weir;
using namespace weir::test;

namespace {

QVariantMap field(const char *key, const QVariant &value)
{
    return {{QLatin1String(key), value}};
}

QVariantMap ports(const QString &list)
{
    return field("ports", list);
}

QVariantMap with(QVariantMap fields, const char *key, const QVariant &value)
{
    fields.insert(QLatin1String(key), value);
    return fields;
}

} // namespace

/// Nonsense is refused by its right name, in words that name the argument and the range, before anybody is
/// asked for a password, and changes nothing.
class BadInputTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();

    void isRefusedWithoutAskingAndChangesNothing_data();
    void isRefusedWithoutAskingAndChangesNothing();
    void whoMayNotLookIsNotToldWhatThereIs_data();
    void whoMayNotLookIsNotToldWhatThereIs();
    void anOverlongNameIsNotEchoedWhole();

private:
    std::unique_ptr<SystemBus> m_bus;
    std::unique_ptr<PolkitStandIn> m_polkit;
    std::unique_ptr<ServiceUnderTest> m_service;
    std::unique_ptr<Client> m_client;
};

void BadInputTest::initTestCase()
{
    m_bus = std::make_unique<SystemBus>();
    QVERIFY(!m_bus->address().isEmpty());
    m_polkit = std::make_unique<PolkitStandIn>(m_bus->connection());
    m_service = std::make_unique<ServiceUnderTest>(*m_bus);
    QCOMPARE(m_service->failure(), QString());

    Link bridge = FakeMachine::ethernet(QStringLiteral("br0"), {});
    bridge.kind = LinkKind::Bridge;
    const int bridgeIndex = m_service->machine().addLink(bridge);
    Link port = FakeMachine::ethernet(QStringLiteral("eth1"), {});
    port.hardware = true;
    port.master = bridgeIndex;
    m_service->machine().addLink(port);

    m_client = std::make_unique<Client>(*m_bus);
    QCOMPARE(m_client->call("Watches", "AddWatch", {QStringLiteral("web"), ports(QStringLiteral("80"))})
                 .errorMessage(),
             QString());
    QCOMPARE(
        m_client->call("Watches", "AddWatch", {QStringLiteral("nic"), field("link", QStringLiteral("eth0"))})
            .errorMessage(),
        QString());
    QTRY_VERIFY_WITH_TIMEOUT(m_service->engine().links().size() == 3, kPatienceMs);
}

void BadInputTest::cleanupTestCase()
{
    m_client.reset();
    m_service.reset();
    m_polkit.reset();
    m_bus.reset();
}

void BadInputTest::isRefusedWithoutAskingAndChangesNothing_data()
{
    QTest::addColumn<QByteArray>("interface");
    QTest::addColumn<QByteArray>("member");
    QTest::addColumn<QVariantList>("arguments");
    QTest::addColumn<QString>("error");
    QTest::addColumn<QStringList>("words");

    const QString invalid = dbus::error::kInvalidArgument;
    const QString notFound = dbus::error::kNotFound;
    const QString conflict = dbus::error::kConflict;
    const auto row = [](const char *title, const char *interface, const char *member,
                        const QVariantList &arguments, const QString &error, const QStringList &words) {
        QTest::newRow(title) << QByteArray(interface) << QByteArray(member) << arguments << error << words;
    };
    const auto add = [&](const char *title, const QString &name, const QVariantMap &fields,
                         const QString &error, const QStringList &words) {
        row(title, "Watches", "AddWatch", {name, fields}, error, words);
    };
    const auto s = [](const char *text) { return QString::fromUtf8(text); };
    const uint revision = m_service->engine().settingsRevision();

    add("port 0", s("new"), ports(s("0")), invalid, {s("ports"), s("'0'"), s("1 to 65535")});
    add("port 65536", s("new"), ports(s("65536")), invalid, {s("ports"), s("65536"), s("1 to 65535")});
    add("a number beyond 64 bits", s("new"), ports(s("99999999999999999999999")), invalid,
        {s("ports"), s("1 to 65535")});
    add("a negative port", s("new"), ports(s("-1")), invalid, {s("ports"), s("'-1'")});
    add("80-79", s("new"), ports(s("80-79")), invalid, {s("ports"), s("80-79")});
    add("http", s("new"), ports(s("http")), invalid, {s("ports"), s("http"), s("1 to 65535")});
    add("empty ports", s("new"), ports(QString()), invalid, {s("ports"), s("empty")});
    add("separators only", s("new"), ports(s(" , ,")), invalid, {s("ports"), s("empty")});
    add("a million ranges", s("new"), ports(QStringLiteral("1,").repeated(1'000'000)), invalid,
        {s("ports"), s("at most")});
    add("4097 ranges", s("new"), ports(QStringLiteral("1,").repeated(4097)), invalid,
        {s("ports"), s("4096")});
    add("ports of a wrong type", s("new"), field("ports", 80u), invalid, {s("ports"), s("(s)")});
    add("neither ports nor link", s("new"), {}, invalid, {s("ports"), s("link")});
    add("ports and link", s("new"), with(ports(s("80")), "link", s("eth0")), invalid,
        {s("ports"), s("link")});
    add("a link that is not there", s("new"), field("link", s("eth9")), notFound, {s("eth9")});
    add("an empty link", s("new"), field("link", QString()), invalid, {s("link")});
    add("an overlong link", s("new"), field("link", s("abcdefghijklmnop")), invalid, {s("link"), s("15")});
    add("a protocol with a link", s("new"), with(field("link", s("eth0")), "protocol", s("tcp")), invalid,
        {s("protocol")});
    add("an unknown protocol", s("new"), with(ports(s("80")), "protocol", s("icmp")), invalid,
        {s("protocol"), s("tcp, udp, both")});
    add("a note of 1001 characters", s("new"), with(ports(s("80")), "note", QString(1001, QLatin1Char('x'))),
        invalid, {s("note"), s("1000")});
    add("a note with an escape", s("new"), with(ports(s("80")), "note", s("\x1b[2J")), invalid,
        {s("note"), s("control")});
    add("enabled of a wrong type", s("new"), with(ports(s("80")), "enabled", s("yes")), invalid,
        {s("enabled"), s("(b)")});
    add("an unknown key", s("new"), with(ports(s("80")), "colour", s("red")), invalid,
        {s("colour"), s("known are"), s("protocol")});
    add("a nested variant", s("new"), field("ports", QVariant::fromValue(QDBusVariant(s("80")))), invalid,
        {s("ports"), s("(s)")});

    add("an empty name", QString(), ports(s("80")), invalid, {s("name"), s("64")});
    add("a name of 10 kB", QString(10240, QLatin1Char('n')), ports(s("80")), invalid,
        {s("name"), s("10240"), s("64")});
    add("a name of 65 characters", QString(65, QLatin1Char('n')), ports(s("80")), invalid,
        {s("name"), s("65"), s("64")});
    add("a name with a line end", s("a\nb"), ports(s("80")), invalid, {s("name"), s("control")});
    add("a name with an escape", s("a\x1b[31mb"), ports(s("80")), invalid, {s("name"), s("control")});
    add("a name with a C1 control",
        s("a\xc2\x9b"
          "31mb"),
        ports(s("80")), invalid, {s("name"), s("control")});
    add("a name with white space before it", s(" a"), ports(s("80")), invalid, {s("name"), s("white space")});
    add("a name with white space behind it", s("a\t"), ports(s("80")), invalid, {s("name")});
    add("a name in use", s("web"), ports(s("81")), conflict, {s("web")});

    const auto addMany = [&](const char *title, const dbus::NewWatches &watches, const QString &error,
                             const QStringList &words) {
        row(title, "Watches", "AddWatches", {QVariant::fromValue(watches)}, error, words);
    };
    addMany("no watches", {}, invalid, {s("watches"), s("1 to 65535")});
    addMany("65536 watches", dbus::NewWatches(65536, {s("x"), ports(s("80"))}), invalid,
            {s("watches"), s("65536"), s("65535")});
    addMany("one of two is bad", {{s("good"), ports(s("80"))}, {s("bad"), ports(s("0"))}}, invalid,
            {s("'bad'"), s("ports")});
    addMany("one of two is in use", {{s("good"), ports(s("80"))}, {s("web"), ports(s("81"))}}, conflict,
            {s("web")});
    addMany("the same name twice", {{s("twin"), ports(s("80"))}, {s("twin"), ports(s("81"))}}, conflict,
            {s("twin")});

    const auto edit = [&](const char *title, uint of, const QString &name, const QVariantMap &fields,
                          const QString &error, const QStringList &words) {
        row(title, "Watches", "EditWatch", {of, name, fields}, error, words);
    };
    edit("an edit of a watch that is not there", 1, s("nobody"), field("note", s("x")), notFound,
         {s("nobody")});
    edit("an edit of a stale revision", 7, s("web"), field("note", s("x")), conflict, {s("revision")});
    edit("an edit of nothing", 1, s("web"), {}, invalid, {s("fields")});
    edit("an edit to a bad name", 1, s("web"), field("name", s("a\nb")), invalid, {s("name")});
    edit("an edit to a name of 10 kB", 1, s("web"), field("name", QString(10240, QLatin1Char('n'))), invalid,
         {s("name"), s("64")});
    edit("an edit to a name in use", 1, s("web"), field("name", s("nic")), conflict, {s("nic")});
    edit("an edit to bad ports", 1, s("web"), ports(s("1-70000")), invalid, {s("ports"), s("1-70000")});
    edit("an edit of a link's ports", 1, s("nic"), ports(s("80")), invalid, {s("ports")});
    edit("an edit of ports' link", 1, s("web"), field("link", s("eth0")), invalid, {s("link")});
    edit("an edit of the kind", 1, s("web"), field("kind", s("link")), invalid, {s("kind"), s("known are")});

    row("a removal of what is not there", "Watches", "RemoveWatch", {1u, s("nobody")}, notFound,
        {s("nobody")});
    row("a removal of a stale revision", "Watches", "RemoveWatch", {7u, s("web")}, conflict, {s("revision")});
    row("a restoration of what was not removed", "Watches", "RestoreWatch", {s("web")}, notFound, {s("web")});
    row("a removal by a name of 10 kB", "Watches", "RemoveWatch", {1u, QString(10240, QLatin1Char('n'))},
        notFound, {});

    const auto set = [&](const char *title, uint of, const QVariantMap &settings, const QString &error,
                         const QStringList &words) {
        row(title, "Manager", "SetSettings", {of, settings}, error, words);
    };
    set("no settings", revision, {}, invalid, {s("settings")});
    set("an unknown setting", revision, field("colour", s("red")), invalid,
        {s("colour"), s("flush_interval_s")});
    set("a flush interval of 4 s", revision, field("flush_interval_s", 4u), invalid,
        {s("flush_interval_s"), s("5"), s("900")});
    set("a flush interval of 901 s", revision, field("flush_interval_s", 901u), invalid,
        {s("flush_interval_s"), s("5"), s("900")});
    set("a flush interval as text", revision, field("flush_interval_s", s("30")), invalid,
        {s("flush_interval_s"), s("(u)")});
    set("settings of a stale revision", revision + 5, field("flush_interval_s", 60u), conflict,
        {s("revision")});
    set("a link that is not there to meter", revision, field("metered_links", s("eth9")), notFound,
        {s("eth9")});
    set("a link together with its bridge", revision, field("metered_links", s("eth1,br0")), invalid,
        {s("metered_links"), s("eth1"), s("br0")});
    set("a prefix that is none", revision, field("local_prefixes", s("10.0.0.0/33")), invalid,
        {s("local_prefixes"), s("10.0.0.0/33")});
    set("a setting of 4097 characters", revision, field("local_prefixes", QString(4097, QLatin1Char('1'))),
        invalid, {s("local_prefixes"), s("4096")});

    const auto query = [&](const char *title, const QVariantMap &fields, const QStringList &words) {
        row(title, "Live", "GetFlows", {fields}, invalid, words);
    };
    query("a limit of 0", field("limit", 0u), {s("limit"), s("1"), s("5000")});
    query("a limit of 5001", field("limit", 5001u), {s("limit"), s("1"), s("5000")});
    query("an unknown order", field("sort", s("colour")), {s("sort"), s("rate, rx, tx")});
    query("a filter of 1001 characters", field("filter", QString(1001, QLatin1Char('a'))),
          {s("filter"), s("1000")});
    query("a filter's port out of range", field("filter", s("port:65536")), {s("filter"), s("65536")});
    query("a filter's unknown state", field("filter", s("state:married")), {s("filter"), s("married")});
    query("a query's unknown key", field("order", s("rx")), {s("order"), s("known are")});
    query("a query's wrong type", field("ascending", 1u), {s("ascending"), s("(b)")});

    row("samples of an unknown kind", "Live", "GetSamples", {s("service"), s("x")}, invalid,
        {s("kind"), s("link, watch")});
    row("samples of no link", "Live", "GetSamples", {s("link"), s("eth9")}, notFound, {s("eth9")});
    row("samples of no watch", "Live", "GetSamples", {s("watch"), s("nobody")}, notFound, {s("nobody")});
    row("an unknown topic", "Live", "Subscribe", {s("weather"), 1000u, QVariantMap()}, invalid,
        {s("topic"), s("links, watches, flows")});
    row("an interval of 199 ms", "Live", "Subscribe", {s("links"), 199u, QVariantMap()}, invalid,
        {s("interval_ms"), s("200"), s("60000")});
    row("an interval of 60001 ms", "Live", "Subscribe", {s("links"), 60001u, QVariantMap()}, invalid,
        {s("interval_ms"), s("200"), s("60000")});
    row("a query for links", "Live", "Subscribe", {s("links"), 1000u, field("limit", 1u)}, invalid,
        {s("query")});
    row("a bad query for flows", "Live", "Subscribe", {s("flows"), 1000u, field("limit", 0u)}, invalid,
        {s("limit")});
    row("an end of no subscription", "Live", "Unsubscribe", {77u}, notFound, {s("subscription"), s("77")});

    row("too few arguments", "Watches", "AddWatch", {s("new")}, s("org.freedesktop.DBus.Error.UnknownMethod"),
        {});
    row("arguments of a wrong type", "Watches", "AddWatch", {1u, s("80")},
        s("org.freedesktop.DBus.Error.UnknownMethod"), {});
}

void BadInputTest::isRefusedWithoutAskingAndChangesNothing()
{
    QFETCH(const QByteArray, interface);
    QFETCH(const QByteArray, member);
    QFETCH(const QVariantList, arguments);
    QFETCH(const QString, error);
    QFETCH(const QStringList, words);
    m_polkit->forget();
    const QByteArray before = m_service->stored();

    const QDBusMessage reply = m_client->call(interface.constData(), member.constData(), arguments);
    QCOMPARE(reply.errorName(), error);
    for (const QString &word : words)
        QVERIFY2(reply.errorMessage().contains(word), qPrintable(reply.errorMessage()));
    // nobody is asked for a password; whether the caller may see what there is may be asked silently
    for (const auto &question : m_polkit->questions()) {
        QCOMPARE(question.action, dbus::action::kMonitor);
        QVERIFY(!question.interactive);
    }
    QCOMPARE(m_service->stored(), before);
}

void BadInputTest::whoMayNotLookIsNotToldWhatThereIs_data()
{
    QTest::addColumn<QByteArray>("member");
    QTest::addColumn<QVariantList>("arguments");
    const QString web = QStringLiteral("web");
    QTest::newRow("a name in use") << QByteArray("AddWatch") << QVariantList{web, ports(QStringLiteral("9"))};
    QTest::newRow("a stale revision")
        << QByteArray("EditWatch") << QVariantList{77u, web, QVariantMap{{QStringLiteral("note"), web}}};
    QTest::newRow("a removal of what is not there")
        << QByteArray("RemoveWatch") << QVariantList{1u, QStringLiteral("nobody")};
    QTest::newRow("a restoration") << QByteArray("RestoreWatch") << QVariantList{QStringLiteral("nobody")};
}

void BadInputTest::whoMayNotLookIsNotToldWhatThereIs()
{
    QFETCH(const QByteArray, member);
    QFETCH(const QVariantList, arguments);
    m_polkit->setRule([](const auto &) { return PolkitStandIn::Answer::No; });
    const QDBusMessage reply = m_client->call("Watches", member.constData(), arguments);
    m_polkit->setRule([](const auto &) { return PolkitStandIn::Answer::Yes; });
    QCOMPARE(reply.errorName(), dbus::error::kNotAuthorized);
}

void BadInputTest::anOverlongNameIsNotEchoedWhole()
{
    const QString name(10240, QLatin1Char('n'));
    for (const QDBusMessage &reply :
         {m_client->call("Watches", "RemoveWatch", {1u, name}),
          m_client->call("Watches", "AddWatch", {name, ports(QStringLiteral("80"))}),
          m_client->call("Live", "GetSamples", {QStringLiteral("watch"), name})})
        QVERIFY2(reply.errorMessage().size() < 300, qPrintable(reply.errorMessage().left(300)));
}

QTEST_GUILESS_MAIN(BadInputTest)
#include "bad_input_test.moc"
