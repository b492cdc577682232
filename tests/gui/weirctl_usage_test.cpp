// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"
#include "dbus/names.h"
#include "tests/gui/weirctl_runner.h"

#include <QFile>
#include <QTest>

#include <memory>

using namespace weir;
using namespace weir::test;

/// How weirctl explains itself, and how each verb fails: wrongly used, helper away, not allowed.
class WeirctlUsageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_weirctl.reset(); }

    void helpNamesEveryVerbAndEachVerbHasItsOwn();
    void versionIsPrinted();
    void wrongUsageExitsWith2AndSaysWhatIsWrong_data();
    void wrongUsageExitsWith2AndSaysWhatIsWrong();
    void everyVerbExitsWith1WhenTheHelperIsAway_data();
    void everyVerbExitsWith1WhenTheHelperIsAway();
    void everyVerbExitsWith4WhenItIsNotAllowed_data();
    void everyVerbExitsWith4WhenItIsNotAllowed();
    void withoutABusItSaysSoAndExitsWith1();
    void completionAndManualKnowEveryVerbAndOption();

private:
    std::unique_ptr<WeirctlRunner> m_weirctl;
};

void WeirctlUsageTest::init()
{
    m_weirctl = std::make_unique<WeirctlRunner>();
    QVERIFY2(!m_weirctl->bus.address().isEmpty(), "dbus-daemon must be there");
}

void WeirctlUsageTest::helpNamesEveryVerbAndEachVerbHasItsOwn()
{
    const Run all = (*m_weirctl)("--help");
    QCOMPARE(all.exit, 0);
    QVERIFY(all.err.isEmpty());
    for (const cli::Verb &verb : cli::verbs()) {
        QVERIFY2(all.out.contains(QStringLiteral("\n  %1 ").arg(verb.name)), qPrintable(verb.name));
        const Run own = (*m_weirctl)(verb.name.split(QLatin1Char(' ')) << QStringLiteral("--help"));
        QCOMPARE(own.exit, 0);
        QVERIFY2(own.out.startsWith(QStringLiteral("Usage: weirctl ") + verb.name), qPrintable(own.out));
        QVERIFY2(own.out.contains(QLatin1String("\nExamples:\n")), qPrintable(verb.name));
        for (const cli::Option &option : verb.options) {
            QVERIFY2(own.out.contains(QStringLiteral("\n  --%1 ").arg(option.name)),
                     qPrintable(verb.name + option.name));
            QVERIFY2(verb.synopsis.contains(QStringLiteral("--%1").arg(option.name)),
                     qPrintable(verb.name + option.name));
        }
    }
    QVERIFY((*m_weirctl)("watch --help").out.contains(QLatin1String("\n  watch resume ")));
    QCOMPARE((*m_weirctl)("help flows").out, (*m_weirctl)("flows -h").out);
    QCOMPARE(m_weirctl->helper.calls.size(), 0);
}

void WeirctlUsageTest::versionIsPrinted()
{
    const Run run = (*m_weirctl)("--version");
    QCOMPARE(run.exit, 0);
    QCOMPARE(run.out, QStringLiteral("weirctl " WEIR_VERSION "\n"));
}

void WeirctlUsageTest::wrongUsageExitsWith2AndSaysWhatIsWrong_data()
{
    QTest::addColumn<QString>("message");
    const auto row = [](const char *line, const char *message) {
        QTest::newRow(line) << QString::fromUtf8(message);
    };
    row("",
        "say what to do: links, watches, services, flows, top, status, problems, history, report, metrics, "
        "check, backup, restore, start-afresh, settings, clean, watch, limits, limit, quota, burst, import");
    row("frobnicate",
        "unknown verb 'frobnicate'; known are: links, watches, services, flows, top, status, problems, "
        "history, report, "
        "metrics, check, backup, restore, start-afresh, settings, clean, watch, limits, limit, quota, burst, "
        "import");
    row("links extra", "'links' does not understand 'extra'");
    row("links --colour", "'links' has no option --colour");
    row("links -x", "'links' has no option -x");
    row("links --json=yes", "--json takes no value");
    row("flows --filter", "--filter needs a value: --filter TEXT");
    row("flows --filter --json", "--filter needs a value: --filter TEXT");
    row("flows --limit 1 --limit 2", "--limit is given twice");
    row("flows --limit 0", "--limit: '0' is not a number from 1 to 5000");
    row("flows --limit 5001", "--limit: '5001' is not a number from 1 to 5000");
    row("flows --sort colour", "--sort: 'colour' is none of rate, rx, tx, total, remote, local, state, age");
    row("top --interval 0.1", "--interval: '0.1' is not a number of seconds from 0.2 to 60");
    row("top --interval nan", "--interval: 'nan' is not a number of seconds from 0.2 to 60");
    row("top --count 0", "--count: '0' is not a number from 1");
    row("settings set flush_interval_s", "'settings set' needs more: weirctl settings set KEY VALUE");
    row("watch", "'watch' needs one of: add, edit, pause, resume, remove, restore");
    row("watch frobnicate", "'watch' needs one of: add, edit, pause, resume, remove, restore");
    row("watch add", "say how to call it: weirctl watch add NAME --ports LIST");
    row("watch add web", "say what to count: --ports LIST, --link IF or --service UNIT");
    row("watch add web --ports 0", "ports: '0' is out of range; ports are 1 to 65535");
    row("watch add web --ports 65536", "ports: '65536' is out of range; ports are 1 to 65535");
    row("watch add web --ports 80-79", "ports: '80-79' runs backwards; write the lower port first");
    row("watch add web --ports http",
        "ports: 'http' is not a port; give ports or ranges from 1 to 65535, such as 8000,9000-9100");
    row("watch add web --ports ''",
        "ports: empty; give ports or ranges from 1 to 65535, such as 8000,9000-9100");
    row("watch add web --ports 80 --protocol sctp", "--protocol: 'sctp' is none of tcp, udp, both");
    row("watch add web --ports 80 --link eth0",
        "--link counts all of a link; it does not go with --ports or --protocol");
    row("watch add web --service nginx --link eth0",
        "--service counts all of a service; it does not go with --link, --ports or --protocol");
    row("watch add web --from -", "--from stands alone: names, ports and notes are in the file");
    row("watch add --from /nonexistent", "cannot read /nonexistent: No such file or directory");
    row("watch edit web", "say what to change: --name, --ports, --protocol, --link, --service or --note");
    row("watch remove", "'watch remove' needs more: weirctl watch remove NAME… [--with-history]");
    row("watch restore a b", "'watch restore' does not understand 'b'");
    row("limit",
        "'limit' needs more: weirctl limit NAME [--down RATE|none] [--up RATE|none] [--when TEXT|always] "
        "[--json]");
    row("limit web --down 20", "--down: '20' has no unit: write 20mbit or 2.5MB/s");
    row("limit web --up 20mb/s", "--up: '20mb/s' may mean bits or bytes: write 20mbit or 20MB/s");
    row("limit web --down 0mbit", "--down: nothing would pass; for no limit write none");
    row("limit web --off --down 20mbit", "--off stands alone: nothing else goes with it");
    row("limit web --on --off", "--on stands alone: nothing else goes with it");
    row("limit web --down 20mbit --json", "--json shows how it stands; it does not go with a change");
    row("quota web --size 100", "--size: '100' has no unit: write 100GB or 500MiB");
    row("quota web --used 5Gbit",
        "--used: '5Gbit' counts bits, and a size is in bytes: write 100GB or 500MiB");
    row("quota web --billing both", "--billing: 'both' is none of in, out, sum, max");
    row("quota web --overflow stop", "--overflow: 'stop' is none of notify, throttle, block");
    row("quota web --scope lan", "--scope: 'lan' is none of all, internet");
    row("quota web --restart-period --used 5GB", "--restart-period stands alone: nothing else goes with it");
    row("burst web --window 15", "--window: '15' has no unit: write 90s, 15min or 1h30min");
    row("burst web --hold 1000000d", "--hold: '1000000d' is too long");
    row("burst web --direction both", "--direction: 'both' is none of sum, down, up");
    row("import", "'import' needs more: weirctl import FILE [--dry-run] [--yes]");
    row("import /nonexistent --dry-run", "cannot import /nonexistent: No such file or directory");
    row("import /dev/null --dry-run", "cannot import /dev/null: it is no file");
    row("burst web --restore-now --off", "--restore-now stands alone: nothing else goes with it");
}

void WeirctlUsageTest::wrongUsageExitsWith2AndSaysWhatIsWrong()
{
    QFETCH(QString, message);
    const Run run = (*m_weirctl)(QTest::currentDataTag());
    QCOMPARE(run.exit, 2);
    QVERIFY(run.out.isEmpty());
    QCOMPARE(run.err.section(QLatin1Char('\n'), 0, 0), QStringLiteral("weirctl: ") + message);
    QVERIFY2(run.err.contains(QLatin1String("\nSee: weirctl")), qPrintable(run.err));
    QCOMPARE(m_weirctl->helper.calls.size(), 0);
}

void WeirctlUsageTest::everyVerbExitsWith1WhenTheHelperIsAway_data()
{
    QTest::addColumn<QString>("line");
    for (const char *line : {"links",
                             "links --json",
                             "watches",
                             "services",
                             "report",
                             "check",
                             "flows",
                             "status",
                             "problems",
                             "top --count 1",
                             "settings",
                             "settings get metered_links",
                             "settings set flush_interval_s 60",
                             "clean",
                             "watch add web --ports 80",
                             "watch edit web --note x",
                             "watch pause web",
                             "watch resume web",
                             "watch remove web",
                             "watch restore web",
                             "limits",
                             "limit web",
                             "limit web --down 20mbit",
                             "quota web --size 100GB",
                             "burst web"})
        QTest::newRow(line) << QString::fromLatin1(line);
}

void WeirctlUsageTest::everyVerbExitsWith1WhenTheHelperIsAway()
{
    QFETCH(QString, line);
    m_weirctl->helper.vanish();
    const Run run = (*m_weirctl)(words(qPrintable(line)));
    QCOMPARE(run.exit, 1);
    QVERIFY(run.out.isEmpty());
    QVERIFY2(run.err.startsWith(QLatin1String("weirctl: cannot ")), qPrintable(run.err));
    QVERIFY2(run.err.contains(QLatin1String("Start it: sudo systemctl start weir")), qPrintable(run.err));
    QCOMPARE(run.err.count(QLatin1String("systemctl start")), 1);
}

void WeirctlUsageTest::everyVerbExitsWith4WhenItIsNotAllowed_data()
{
    QTest::addColumn<QString>("method");
    const auto row = [](const char *line, const char *method) {
        QTest::newRow(line) << QString::fromLatin1(method);
    };
    row("links", "GetLinks");
    row("watches", "GetWatches");
    row("services", "GetServices");
    row("report", "GetStatus");
    row("check", "CheckDatabase");
    row("flows", "GetFlows");
    row("status", "GetStatus");
    row("problems", "GetProblems");
    row("top --count 1", "Subscribe");
    row("settings", "GetSettings");
    row("settings set flush_interval_s 60", "SetSettings");
    row("clean", "Clean");
    row("watch add dns --ports 53", "AddWatch");
    row("watch add --from -", "AddWatches");
    row("watch edit web --note x", "EditWatch");
    row("watch pause web", "EditWatch");
    row("watch resume idle", "EditWatch");
    row("watch remove web idle", "RemoveWatch");
    row("watch restore web", "RestoreWatch");
    row("limits", "GetLimits");
    row("limit web", "GetWatches");
    row("limit web --down 20mbit", "SetLimit");
    row("limit idle --off", "SwitchPolicy");
    row("limit idle --remove", "RemovePolicy");
    row("quota web --size 100GB", "SetQuota");
    row("quota idle --used 1GB", "Calibrate");
    row("quota idle --undo-used", "UndoCalibrate");
    row("quota idle --restart-period", "BeginPeriod");
    row("quota idle --undo-restart", "UndoBeginPeriod");
    row("burst web --trigger 50mbit --window 15min --throttle 5mbit --hold 30min", "SetBurst");
    row("burst idle --restore-now", "EndBurst");
}

void WeirctlUsageTest::everyVerbExitsWith4WhenItIsNotAllowed()
{
    QFETCH(QString, method);
    m_weirctl->helper.watches = {portWatch("idle", "81"), portWatch("web", "80")};
    dbus::WatchRow &idle = m_weirctl->helper.watches[0];
    idle.enabled = false;
    idle.limit.set = idle.quota.set = idle.burst.set = true;
    idle.limit.downBitsPerSecond = 20'000'000;
    const dbus::WatchRows before = m_weirctl->helper.watches;
    m_weirctl->helper.fail(method, dbus::error::kNotAuthorized,
                           QStringLiteral("polkit refuses org.weir.configure"));
    const Run run = (*m_weirctl)(words(QTest::currentDataTag()), "a 1\n");
    QCOMPARE(run.exit, 4);
    QVERIFY(run.out.isEmpty());
    QVERIFY2(run.err.contains(QLatin1String("polkit refuses org.weir.configure")), qPrintable(run.err));
    QVERIFY2(run.err.contains(QLatin1String("sudo")), qPrintable(run.err));
    QCOMPARE(m_weirctl->helper.watches, before);
}

void WeirctlUsageTest::withoutABusItSaysSoAndExitsWith1()
{
    m_weirctl->bus.stop();
    const Run run = (*m_weirctl)("links");
    QCOMPARE(run.exit, 1);
    QVERIFY2(run.err.contains(QLatin1String("The system bus cannot be reached")), qPrintable(run.err));
}

void WeirctlUsageTest::completionAndManualKnowEveryVerbAndOption()
{
    QFile file(QStringLiteral(WEIR_RESOURCES "/completions/weirctl"));
    QFile page(QStringLiteral(WEIR_RESOURCES "/man/weirctl.1"));
    QVERIFY(file.open(QIODevice::ReadOnly) && page.open(QIODevice::ReadOnly));
    const QString completion = QString::fromUtf8(file.readAll());
    const QString manual =
        QString::fromUtf8(page.readAll()).replace(QLatin1String("\\-"), QLatin1String("-"));
    for (const cli::Verb &verb : cli::verbs()) {
        for (const QString &word : verb.name.split(QLatin1Char(' ')))
            QVERIFY2(completion.contains(word), qPrintable(word));
        QVERIFY2(manual.contains(verb.name), qPrintable(verb.name));
        for (const cli::Option &option : verb.options) {
            QVERIFY2(completion.contains(QStringLiteral("--") + option.name),
                     qPrintable(verb.name + option.name));
            QVERIFY2(manual.contains(QStringLiteral("--") + option.name),
                     qPrintable(verb.name + option.name));
        }
    }
}

QTEST_GUILESS_MAIN(WeirctlUsageTest)
#include "weirctl_usage_test.moc"
