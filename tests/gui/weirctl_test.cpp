// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/names.h"
#include "tests/gui/weirctl_runner.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTest>
#include <QTimer>

#include <algorithm>
#include <memory>

using namespace weir;
using namespace weir::test;

/// weirctl as people and scripts run it: what each verb prints and asks of the helper.
class WeirctlTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_weirctl.reset(); }

    void linksShowsWhatPassesAndWhyALinkIsNotMetered();
    void everyReadHasOneDocumentOfRows_data();
    void everyReadHasOneDocumentOfRows();
    void emptyTablesSayWhatToDo();
    void flowsHandsItsQueryOver();
    void aFilterThatTheHelperDoesNotUnderstandIsWrongUsage();
    void statusExitsWith3WhenThereAreProblems();
    void problemsShowTheRemedy();
    void topPrintsOneObjectALine();
    void topOfOneLinkShowsNothingElse();
    void topOfALinkThatIsNotThereFails();
    void topGoesOnWhenTheHelperIsBack();
    void settingsAreShownReadAndSet();
    void anUnknownSettingIsRefusedWithTheKnownOnes();
    void cleanSaysWhatItDid();
    void watchAddEchoesWhatWasUnderstood();
    void watchAddFromAListMakesAllInOneStep();
    void aNameInUseExitsWith1();
    void watchEditSendsTheRevisionItRead();
    void pauseResumeRemoveAndRestoreTakeNames();
    void theHintThatUndoesARemovalCanBeTypedAsItStands();
    void oneUnknownNameDoesNotStopTheOthers();

private:
    /// The rows of the one document that `weirctl LINE --json` prints.
    QJsonArray rows(const char *line);

    std::unique_ptr<WeirctlRunner> m_weirctl;
};

void WeirctlTest::init()
{
    m_weirctl = std::make_unique<WeirctlRunner>();
    QVERIFY2(!m_weirctl->bus.address().isEmpty(), "dbus-daemon must be there");
}

QJsonArray WeirctlTest::rows(const char *line)
{
    const Run run = (*m_weirctl)(words(line) << QStringLiteral("--json"));
    const auto document = QJsonDocument::fromJson(run.out.toUtf8());
    const QString verb = words(line).first();
    if (!document.isObject() || document.object().keys() != QStringList{verb})
        return {};
    return document.object().value(verb).toArray();
}

void WeirctlTest::linksShowsWhatPassesAndWhyALinkIsNotMetered()
{
    const Run run = (*m_weirctl)("links");
    QCOMPARE(run.exit, 0);
    QVERIFY2(run.err.isEmpty(), qPrintable(run.err));
    const QStringList lines = run.out.split(QLatin1Char('\n'));
    QCOMPARE(lines.at(0).simplified(),
             QStringLiteral("LINK KIND STATE DOWN UP TOTAL DOWN TOTAL UP SPEED ADDRESS METERED"));
    QCOMPARE(lines.at(1).simplified(),
             QStringLiteral("eth0 ethernet up 1.00 Mbit/s 0 bit/s 9.01 PB 2 B — yes"));
    QCOMPARE(lines.at(2).simplified(),
             QStringLiteral("eth1 ethernet up 1.00 Mbit/s 0 bit/s 9.01 PB 2 B — no: part of bridge br0"));
    QVERIFY((*m_weirctl)("--json links").out.contains(QLatin1String("\"rx_bytes\":9007199254740993,")));
}

void WeirctlTest::everyReadHasOneDocumentOfRows_data()
{
    QTest::addColumn<int>("count");
    QTest::newRow("links") << 2;
    QTest::newRow("watches") << 1;
    QTest::newRow("flows") << 3;
    QTest::newRow("status") << 1;
    QTest::newRow("problems") << 2;
    QTest::newRow("settings") << 1;
    QTest::newRow("settings get flush_interval_s") << 1;
}

void WeirctlTest::everyReadHasOneDocumentOfRows()
{
    m_weirctl->helper.watches = {portWatch("web", "80")};
    m_weirctl->helper.flows = {{}, {}, {}};
    m_weirctl->helper.problems = {{}, {}};
    QFETCH(int, count);
    const QJsonArray array = rows(QTest::currentDataTag());
    QCOMPARE(array.size(), count);
    QVERIFY(array.first().isObject());
}

void WeirctlTest::emptyTablesSayWhatToDo()
{
    QCOMPARE((*m_weirctl)("watches").out,
             QStringLiteral("No watches yet. Add one: weirctl watch add web --ports 80,443\n"));
    QCOMPARE((*m_weirctl)("problems").out, QStringLiteral("No problems.\n"));
    QCOMPARE((*m_weirctl)("flows").out, QStringLiteral("No connections right now.\n"));
    m_weirctl->helper.flowsTotal = 12;
    QCOMPARE((*m_weirctl)("flows --filter port:9").out,
             QStringLiteral("No connection matches 'port:9'; there are 12.\n"));
    QCOMPARE((*m_weirctl)("watches --json").out, QStringLiteral("{\"watches\":[]}\n"));
}

void WeirctlTest::flowsHandsItsQueryOver()
{
    QCOMPARE(
        (*m_weirctl)("flows --filter 'port:8000 state:established' --sort rx --limit=20 --ascending --closed")
            .exit,
        0);
    QCOMPARE(m_weirctl->helper.calls.last().method, QStringLiteral("GetFlows"));
    QCOMPARE(qdbus_cast<QVariantMap>(m_weirctl->helper.calls.last().arguments.at(0)),
             (QVariantMap{{QStringLiteral("filter"), QStringLiteral("port:8000 state:established")},
                          {QStringLiteral("sort"), QStringLiteral("rx")},
                          {QStringLiteral("limit"), 20U},
                          {QStringLiteral("ascending"), true},
                          {QStringLiteral("closed"), true}}));
}

void WeirctlTest::aFilterThatTheHelperDoesNotUnderstandIsWrongUsage()
{
    m_weirctl->helper.fail(QStringLiteral("GetFlows"), dbus::error::kInvalidArgument,
                           QStringLiteral("filter: 'prt:80' has an unknown key"));
    const Run run = (*m_weirctl)("flows --filter prt:80");
    QCOMPARE(run.exit, 2);
    QCOMPARE(run.err,
             QStringLiteral("weirctl: cannot read the connections: filter: 'prt:80' has an unknown key\n"));
}

void WeirctlTest::statusExitsWith3WhenThereAreProblems()
{
    const Run well = (*m_weirctl)("status");
    QCOMPARE(well.exit, 0);
    QVERIFY2(well.out.startsWith(QLatin1String("Weir 0.1.0 is working.\n")), qPrintable(well.out));
    QVERIFY2(well.out.contains(QLatin1String("Metered links:   eth0\n")), qPrintable(well.out));
    m_weirctl->helper.problems = {{QStringLiteral("shaper-missing"), QStringLiteral("warning"), QString(),
                                   QStringLiteral("No limits."), QStringLiteral("Load sch_htb."), 0}};
    const Run ill = (*m_weirctl)("status");
    QCOMPARE(ill.exit, 3);
    QVERIFY2(ill.out.contains(QLatin1String("warning: No limits.\n    To do: Load sch_htb.\n")),
             qPrintable(ill.out));
    const Run json = (*m_weirctl)("status --json");
    QCOMPARE(json.exit, 3);
    QVERIFY2(json.out.contains(QLatin1String("\"unattributed_bytes\":9007199254740993")),
             qPrintable(json.out));
}

void WeirctlTest::problemsShowTheRemedy()
{
    m_weirctl->helper.problems = {{QStringLiteral("meter-refused"), QStringLiteral("error"),
                                   QStringLiteral("eth0"), QStringLiteral("Packets are not counted."),
                                   QStringLiteral("Give CAP_BPF."), 0}};
    const Run run = (*m_weirctl)("problems");
    QCOMPARE(run.exit, 0);
    QVERIFY2(
        run.out.startsWith(QLatin1String(
            "error: eth0: Packets are not counted.\n    To do: Give CAP_BPF.\n    meter-refused, since ")),
        qPrintable(run.out));
    QCOMPARE(rows("problems").first().toObject().value(QStringLiteral("id")).toString(),
             QStringLiteral("meter-refused"));
}

void WeirctlTest::topPrintsOneObjectALine()
{
    m_weirctl->helper.watches = {portWatch("web", "80")};
    QTimer second; // the helper's own
    connect(&second, &QTimer::timeout, this, [this] {
        m_weirctl->helper.links[0].total.rxBytes += 1;
        m_weirctl->helper.publish();
    });
    second.start(50);
    const Run run = (*m_weirctl)("top --json --count 3 --interval 0.2");
    QCOMPARE(run.exit, 0);
    const QStringList lines = run.out.trimmed().split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), 3);
    qint64 time = 0;
    qint64 bytes = 9'007'199'254'740'992;
    for (const QString &line : lines) {
        const QJsonObject picture = QJsonDocument::fromJson(line.toUtf8()).object();
        QVERIFY(picture.value(QStringLiteral("time_ms")).toInteger() > time);
        time = picture.value(QStringLiteral("time_ms")).toInteger();
        QCOMPARE(picture.value(QStringLiteral("links")).toArray().size(), 2);
        QCOMPARE(picture.value(QStringLiteral("watches")).toArray().size(), 1);
        const qint64 now = picture.value(QStringLiteral("links"))
                               .toArray()
                               .first()
                               .toObject()
                               .value(QStringLiteral("rx_bytes"))
                               .toInteger();
        QVERIFY(now > bytes);
        bytes = now;
    }
}

void WeirctlTest::topOfOneLinkShowsNothingElse()
{
    dbus::WatchRow uplink;
    uplink.name = QStringLiteral("uplink");
    uplink.kind = QStringLiteral("link");
    uplink.link = QStringLiteral("eth1");
    m_weirctl->helper.watches = {uplink, portWatch("web", "80")};
    const Run run = (*m_weirctl)("top --link eth1 --count 1");
    QCOMPARE(run.exit, 0);
    const QJsonObject picture = QJsonDocument::fromJson(run.out.toUtf8()).object();
    QCOMPARE(picture.value(QStringLiteral("links")).toArray().size(), 1);
    QCOMPARE(picture.value(QStringLiteral("links"))
                 .toArray()
                 .first()
                 .toObject()
                 .value(QStringLiteral("name"))
                 .toString(),
             QStringLiteral("eth1"));
    QCOMPARE(picture.value(QStringLiteral("watches")).toArray().size(), 1);
    QCOMPARE(m_weirctl->helper.callsOf(QStringLiteral("Subscribe")), 3);
    const auto query =
        std::find_if(m_weirctl->helper.calls.begin(), m_weirctl->helper.calls.end(), [](const auto &call) {
            return call.method == QLatin1String("Subscribe")
                && call.arguments.at(0).toString() == QLatin1String("flows");
        });
    QCOMPARE(qdbus_cast<QVariantMap>(query->arguments.at(2)).value(QStringLiteral("filter")).toString(),
             QStringLiteral("link:eth1"));
}

void WeirctlTest::topOfALinkThatIsNotThereFails()
{
    const Run run = (*m_weirctl)("top --link ppp9 --count 1");
    QCOMPARE(run.exit, 1);
    QCOMPARE(run.err, QStringLiteral("weirctl: there is no link 'ppp9'; there are: eth0, eth1\n"));
}

void WeirctlTest::topGoesOnWhenTheHelperIsBack()
{
    QProcess process;
    process.setProcessEnvironment(m_weirctl->environment());
    process.start(QStringLiteral(WEIRCTL), words("top --count 2 --interval 0.2"));
    QTRY_VERIFY(process.bytesAvailable() > 0);
    m_weirctl->helper.vanish();
    QByteArray complaints;
    QTRY_VERIFY((complaints += process.readAllStandardError()).contains("the helper went away"));
    m_weirctl->helper.publish();
    m_weirctl->helper.appear();
    QTRY_COMPARE(process.state(), QProcess::NotRunning);
    QCOMPARE(process.exitCode(), 0);
    QCOMPARE(process.readAllStandardOutput().count('\n'), 2);
}

void WeirctlTest::settingsAreShownReadAndSet()
{
    const Run all = (*m_weirctl)("settings");
    QCOMPARE(all.exit, 0);
    QVERIFY2(all.out.contains(QLatin1String("\nflush_interval_s  30 ")), qPrintable(all.out));
    QCOMPARE((*m_weirctl)("settings get metered_links").out, QStringLiteral("auto\n"));
    const Run set = (*m_weirctl)("settings set flush_interval_s 60");
    QCOMPARE(set.exit, 0);
    QCOMPARE(set.out, QStringLiteral("flush_interval_s is now '60' (it was '30')\n"));
    QCOMPARE(m_weirctl->helper.settings.value(QStringLiteral("flush_interval_s")), QVariant(60U));
    // the call, and then what was understood is read back
    const auto &calls = m_weirctl->helper.calls;
    const auto change =
        std::ranges::find(calls, QStringLiteral("SetSettings"), &test::StubHelper::Call::method);
    QVERIFY(change != calls.end());
    QCOMPARE(change->arguments.at(0).toUInt(), 1U);
    QVERIFY(change->interactive);
    QCOMPARE((*m_weirctl)("settings set local_prefixes ''").exit, 0);
    QCOMPARE((*m_weirctl)("settings --json").out,
             QStringLiteral("{\"settings\":[{\"flush_interval_s\":60,\"local_prefixes\":\"\",\"metered_"
                            "links\":\"auto\",\"revision\":3}]}\n"));
}

void WeirctlTest::anUnknownSettingIsRefusedWithTheKnownOnes()
{
    for (const char *line : {"settings get colour", "settings set colour red"}) {
        const Run run = (*m_weirctl)(line);
        QCOMPARE(run.exit, 2);
        QCOMPARE(run.err,
                 QStringLiteral("weirctl: there is no setting 'colour'; known are: flush_interval_s, "
                                "local_prefixes, metered_links\n"));
    }
    const Run run = (*m_weirctl)("settings set flush_interval_s often");
    QCOMPARE(run.exit, 2);
    QVERIFY2(run.err.startsWith(QLatin1String("weirctl: flush_interval_s: 'often' is not a whole number")),
             qPrintable(run.err));
}

void WeirctlTest::cleanSaysWhatItDid()
{
    const Run run = (*m_weirctl)("clean");
    QCOMPARE(run.exit, 0);
    QVERIFY2(run.out.startsWith(QLatin1String("Everything of Weir is out of the kernel")),
             qPrintable(run.out));
    QCOMPARE(m_weirctl->helper.callsOf(QStringLiteral("Clean")), 1);
    const Run again = (*m_weirctl)("clean");
    QCOMPARE(again.exit, 1);
    QVERIFY2(again.err.contains(QLatin1String("sudo " WEIR_HELPER_PATH " --clean")), qPrintable(again.err));
}

void WeirctlTest::watchAddEchoesWhatWasUnderstood()
{
    const Run web = (*m_weirctl)("watch add web --ports '8000, 9000-9100' --note 'the site'");
    QCOMPARE(web.exit, 0);
    QCOMPARE(web.out, QStringLiteral("Watching web: ports 8000, 9000-9100 (TCP and UDP)\n"));
    QVERIFY(m_weirctl->helper.calls.last().interactive);
    QCOMPARE(m_weirctl->helper.watches.last().note, QStringLiteral("the site"));
    QCOMPARE((*m_weirctl)("watch add dns --ports 53 --protocol udp").out,
             QStringLiteral("Watching dns: port 53 (UDP)\n"));
    QCOMPARE((*m_weirctl)("watch add uplink --link eth0").out,
             QStringLiteral("Watching uplink: link eth0\n"));
    QCOMPARE((*m_weirctl)("watch add later --ports 1 --paused").out,
             QStringLiteral("Added, paused: later: port 1 (TCP and UDP)\n"));
    QCOMPARE((*m_weirctl)("watch add --ports 2 -- --odd").out,
             QStringLiteral("Watching --odd: port 2 (TCP and UDP)\n"));
    QCOMPARE((*m_weirctl)(QStringList{QStringLiteral("watch"), QStringLiteral("add"), QStringLiteral("网站"),
                                      QStringLiteral("--ports=3")})
                 .exit,
             0);
    QStringList names;
    for (const auto &watch : std::as_const(m_weirctl->helper.watches))
        names << watch.name;
    QCOMPARE(names,
             (QStringList{QStringLiteral("--odd"), QStringLiteral("dns"), QStringLiteral("later"),
                          QStringLiteral("uplink"), QStringLiteral("web"), QStringLiteral("网站")}));
    QCOMPARE(m_weirctl->helper.watches.at(2).enabled, false);
}

void WeirctlTest::watchAddFromAListMakesAllInOneStep()
{
    QByteArray list;
    for (int port = 1; port <= dbus::kMaxWatches; ++port)
        list += "port-" + QByteArray::number(port) + ' ' + QByteArray::number(port) + "\n";
    const Run run = (*m_weirctl)("watch add --from -", list);
    QCOMPARE(run.exit, 0);
    QCOMPARE(run.out, QStringLiteral("Added 65535 watches.\n"));
    QCOMPARE(m_weirctl->helper.watches.size(), 65'535);
    QCOMPARE(m_weirctl->helper.callsOf(QStringLiteral("AddWatches")), 1);
    m_weirctl->helper.status.insert(QStringLiteral("watches"), 65'535U);
    const QJsonArray all = rows("watches"); // too many for one message: in parts
    QCOMPARE(all.size(), 65'535);
    QCOMPARE(all.first().toObject().value(QStringLiteral("name")).toString(), QStringLiteral("port-1"));
    QCOMPARE(all.last().toObject().value(QStringLiteral("name")).toString(), QStringLiteral("port-9999"));

    const Run tooMany = (*m_weirctl)("watch add --from -", list + "one-more 1\n");
    QCOMPARE(tooMany.exit, 2);
    QVERIFY2(tooMany.err.contains(QLatin1String("line 65536: more than 65535 watches")),
             qPrintable(tooMany.err));
    const Run empty = (*m_weirctl)("watch add --from -", "# nothing\n");
    QCOMPARE(empty.exit, 2);
    const Run wrong = (*m_weirctl)("watch add --from -", "web 80\nbad 0\n");
    QCOMPARE(wrong.exit, 2);
    QVERIFY2(wrong.err.contains(QLatin1String("line 2: ports: '0'")), qPrintable(wrong.err));
}

void WeirctlTest::aNameInUseExitsWith1()
{
    m_weirctl->helper.watches = {portWatch("web", "80")};
    const Run run = (*m_weirctl)("watch add web --ports 81");
    QCOMPARE(run.exit, 1);
    QCOMPARE(run.err, QStringLiteral("weirctl: cannot add watch 'web': name: 'web' is in use\n"));
}

void WeirctlTest::watchEditSendsTheRevisionItRead()
{
    m_weirctl->helper.watches = {portWatch("web", "80")};
    const Run run = (*m_weirctl)("watch edit web --ports 80,443 --name site --note ''");
    QCOMPARE(run.exit, 0);
    QCOMPARE(run.out, QStringLiteral("Watching site: ports 80, 443 (TCP and UDP)\n"));
    QCOMPARE(m_weirctl->helper.calls.last().arguments.at(0).toUInt(), 7U);
    QCOMPARE(m_weirctl->helper.watches.first().name, QStringLiteral("site"));
    QCOMPARE(m_weirctl->helper.watches.first().ports, QStringLiteral("80,443"));
    QCOMPARE(m_weirctl->helper.watches.first().total, (dbus::Traffic{1'500, 2'500, 1, 2}));

    m_weirctl->helper.fail(QStringLiteral("EditWatch"), dbus::error::kConflict,
                           QStringLiteral("revision: 8 is stale, it is 9 now"));
    const Run stale = (*m_weirctl)("watch edit site --note y");
    QCOMPARE(stale.exit, 1);
    QVERIFY2(stale.err.contains(QLatin1String("Somebody else changed it")), qPrintable(stale.err));
}

void WeirctlTest::pauseResumeRemoveAndRestoreTakeNames()
{
    m_weirctl->helper.watches = {portWatch("dns", "53"), portWatch("web", "80")};
    QCOMPARE((*m_weirctl)("watch pause web dns").out,
             QStringLiteral("Paused web: port 80 (TCP and UDP); its totals stay\n"
                            "Paused dns: port 53 (TCP and UDP); its totals stay\n"));
    QVERIFY(!m_weirctl->helper.watches.at(0).enabled && !m_weirctl->helper.watches.at(1).enabled);
    QCOMPARE((*m_weirctl)("watch pause web").out, QStringLiteral("web is paused already.\n"));
    QCOMPARE((*m_weirctl)("watch resume web").out,
             QStringLiteral("Watching web again: port 80 (TCP and UDP)\n"));
    QVERIFY(m_weirctl->helper.watches.at(1).enabled);
    QCOMPARE((*m_weirctl)("watch remove web dns").exit, 0);
    QVERIFY(m_weirctl->helper.watches.isEmpty());
    QCOMPARE((*m_weirctl)("watch restore web").out, QStringLiteral("web is back, with its totals.\n"));
    QCOMPARE(m_weirctl->helper.watches.size(), 1);
    QCOMPARE((*m_weirctl)("watch restore nothing").exit, 1);
}

void WeirctlTest::theHintThatUndoesARemovalCanBeTypedAsItStands()
{
    m_weirctl->helper.watches = {portWatch("web", "80"), portWatch("my web", "81"), portWatch("it's", "82")};
    const Run run =
        (*m_weirctl)(QStringList{QStringLiteral("watch"), QStringLiteral("remove"), QStringLiteral("web"),
                                 QStringLiteral("my web"), QStringLiteral("it's")});
    QCOMPARE(run.exit, 0);
    const QStringList lines = run.out.split(QLatin1Char('\n'));
    QVERIFY2(lines.at(0).endsWith(QLatin1String("weirctl watch restore web")), qPrintable(run.out));
    QVERIFY2(lines.at(1).endsWith(QLatin1String("weirctl watch restore 'my web'")), qPrintable(run.out));
    QVERIFY2(lines.at(2).endsWith(QLatin1String("weirctl watch restore 'it'\\''s'")), qPrintable(run.out));
}

void WeirctlTest::oneUnknownNameDoesNotStopTheOthers()
{
    m_weirctl->helper.watches = {portWatch("web", "80")};
    const Run run = (*m_weirctl)("watch remove nothing web");
    QCOMPARE(run.exit, 1);
    QVERIFY2(run.err.startsWith(QLatin1String("weirctl: there is no watch 'nothing'\n")),
             qPrintable(run.err));
    QVERIFY2(run.out.startsWith(QLatin1String("Removed web.")), qPrintable(run.out));
    QVERIFY(m_weirctl->helper.watches.isEmpty());
}

QTEST_GUILESS_MAIN(WeirctlTest)
#include "weirctl_test.moc"
