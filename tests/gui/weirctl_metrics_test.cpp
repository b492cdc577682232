// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/metrics.h"
#include "dbus/names.h"
#include "tests/gui/weirctl_runner.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace weir;
using namespace weir::test;

/// weirctl metrics: what Prometheus gets to read.
class WeirctlMetricsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_weirctl.reset(); }

    void eachScopeAndDirectionIsASeriesOfItsOwn();
    void theScopesOfAWatchOfALinkAddUpToItsTotal();
    void namesCannotBreakOutOfTheirLabel();
    void everyNameIsExplainedOnceAheadOfItsSamples();
    void linksAndWatchesAreOfOneMoment();
    void problemsAreCountedBySeverity();
    void aHelperThatIsAwayIsDown();
    void aRefusalWritesNothing();
    void theFileIsReplacedInOneStep();
    void aFileThatCannotBeWrittenIsTold();
    void promtoolFindsNothingWrong();
    void aRealPrometheusReadsTheFigures();

private:
    QByteArray outputOf(const QString &program, const QStringList &arguments, const QByteArray &input = {});
    void setRows();

    std::unique_ptr<WeirctlRunner> m_weirctl;
    QTemporaryDir m_directory;
};

void WeirctlMetricsTest::init()
{
    m_weirctl = std::make_unique<WeirctlRunner>();
    QVERIFY2(!m_weirctl->bus.address().isEmpty(), "dbus-daemon must be there");
    setRows();
}

void WeirctlMetricsTest::setRows()
{
    test::StubHelper &helper = m_weirctl->helper;
    helper.status.insert(QStringLiteral("watches"), 1U);
    helper.status.insert(QStringLiteral("flows"), 12U);
    helper.status.insert(QStringLiteral("flow_capacity"), 65'536U);
    helper.status.insert(QStringLiteral("started_s"), qlonglong(1'700'000'000));
    dbus::LinkRow &link = helper.links[0];
    link.internet = {9'007'199'254'740'993, 20, 3, 4};
    link.local = {5, 6, 7, 8};
    link.other = {9, 10, 11, 12};
    link.unmetered = {13, 14, 15, 16};
    dbus::WatchRow watch = portWatch("a \"quoted\" \\ name\nof two lines", "80");
    watch.internet = {1'000, 2'000, 1, 1};
    watch.local = {500, 500, 0, 1};
    watch.connections = 3;
    helper.watches = {watch};
}

QByteArray WeirctlMetricsTest::outputOf(const QString &program, const QStringList &arguments,
                                        const QByteArray &input)
{
    QProcess process;
    process.start(program, arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished(240'000) || process.exitCode() != 0)
        return program.toUtf8() + ": " + process.readAllStandardOutput() + process.readAllStandardError()
            + process.errorString().toUtf8();
    return process.readAllStandardOutput() + process.readAllStandardError();
}

void WeirctlMetricsTest::eachScopeAndDirectionIsASeriesOfItsOwn()
{
    const Run run = (*m_weirctl)("metrics");
    QCOMPARE(run.exit, 0);
    QVERIFY2(run.err.isEmpty(), qPrintable(run.err));
    for (const char *line :
         {"weir_up 1", "weir_info{version=\"0.1.0\",meter=\"tcx\",kernel=\"\",database=\"\"} 1",
          "weir_start_time_seconds 1700000000", "weir_sample_time_seconds 1700000000.000",
          "weir_connections 12", "weir_connections_capacity 65536",
          "weir_unattributed_bytes_total 9007199254740993",
          "weir_link_bytes_total{link=\"eth0\",direction=\"rx\",scope=\"internet\"} 9007199254740993",
          "weir_link_bytes_total{link=\"eth0\",direction=\"tx\",scope=\"local\"} 6",
          "weir_link_bytes_total{link=\"eth0\",direction=\"rx\",scope=\"other\"} 9",
          "weir_link_bytes_total{link=\"eth0\",direction=\"tx\",scope=\"unmetered\"} 14",
          "weir_link_packets_total{link=\"eth0\",direction=\"rx\",scope=\"internet\"} 3",
          "weir_link_metered{link=\"eth0\"} 1", "weir_link_metered{link=\"eth1\"} 0"})
        QVERIFY2(run.out.contains(QStringLiteral("\n%1\n").arg(QLatin1String(line)))
                     || run.out.startsWith(QLatin1String(line)),
                 line);
}

void WeirctlMetricsTest::theScopesOfAWatchOfALinkAddUpToItsTotal()
{
    cli::MetricsMoment moment;
    dbus::WatchRow watch;
    watch.name = QStringLiteral("uplink");
    watch.kind = QStringLiteral("link");
    watch.total = {100, 50, 10, 5};
    watch.internet = {60, 30, 6, 3};
    watch.local = {30, 15, 3, 1};
    moment.watches = {watch};
    const QByteArray text = cli::metricsText(moment);
    QVERIFY(text.contains("weir_watch_bytes_total{watch=\"uplink\",direction=\"rx\",scope=\"other\"} 10\n"));
    QVERIFY(text.contains("weir_watch_bytes_total{watch=\"uplink\",direction=\"tx\",scope=\"other\"} 5\n"));
    QVERIFY(text.contains("weir_watch_packets_total{watch=\"uplink\",direction=\"tx\",scope=\"other\"} 1\n"));
}

void WeirctlMetricsTest::namesCannotBreakOutOfTheirLabel()
{
    const Run run = (*m_weirctl)("metrics");
    QVERIFY2(run.out.contains(QLatin1String(
                 "\nweir_watch_connections{watch=\"a \\\"quoted\\\" \\\\ name\\nof two lines\"} 3\n")),
             qPrintable(run.out));
}

void WeirctlMetricsTest::everyNameIsExplainedOnceAheadOfItsSamples()
{
    const Run run = (*m_weirctl)("metrics");
    QVERIFY(run.out.endsWith(QLatin1Char('\n')));
    QVERIFY(!run.out.contains(QLatin1String("# EOF")));
    QFile page(QStringLiteral(WEIR_RESOURCES "/man/weirctl.1"));
    QVERIFY(page.open(QIODevice::ReadOnly));
    const QByteArray manual = page.readAll();
    QStringList explained;
    QString current;
    for (const QString &line : run.out.trimmed().split(QLatin1Char('\n'))) {
        const QStringList parts = line.split(QLatin1Char(' '));
        if (line.startsWith(QLatin1String("# HELP "))) {
            current = parts.at(2);
            QVERIFY2(!explained.contains(current), qPrintable(current));
            explained << current;
            QVERIFY2(manual.contains(current.toLatin1()), qPrintable(current));
        } else if (line.startsWith(QLatin1String("# TYPE "))) {
            QCOMPARE(parts.at(2), current);
            QCOMPARE(parts.at(3),
                     current.endsWith(QLatin1String("_total")) ? QStringLiteral("counter")
                                                               : QStringLiteral("gauge"));
        } else {
            QVERIFY2(line.startsWith(current + QLatin1Char('{'))
                         || line.startsWith(current + QLatin1Char(' ')),
                     qPrintable(line));
        }
    }
    QCOMPARE(explained.size(), 17);
}

void WeirctlMetricsTest::linksAndWatchesAreOfOneMoment()
{
    // a second passes between the two subscriptions
    m_weirctl->helper.hold(QStringLiteral("Subscribe"));
    QProcess process;
    process.setProcessEnvironment(m_weirctl->environment());
    process.start(QStringLiteral(WEIRCTL), {QStringLiteral("metrics")});
    QTRY_COMPARE(m_weirctl->helper.callsOf(QStringLiteral("Subscribe")), 2);
    m_weirctl->helper.releaseOne(QStringLiteral("Subscribe"));
    m_weirctl->helper.publish();
    m_weirctl->helper.links[0].other.rxBytes = 77;
    m_weirctl->helper.timeMs += 1000;
    m_weirctl->helper.release(QStringLiteral("Subscribe"));
    QTRY_COMPARE(m_weirctl->helper.subscriptionsTo(QStringLiteral("watches")), 1);
    m_weirctl->helper.publish();
    QTRY_COMPARE(process.state(), QProcess::NotRunning);
    const QByteArray text = process.readAllStandardOutput();
    QVERIFY2(text.contains("weir_sample_time_seconds 1700000003.000\n"), text.constData());
    QVERIFY2(text.contains("weir_link_bytes_total{link=\"eth0\",direction=\"rx\",scope=\"other\"} 77\n"),
             text.constData());
}

void WeirctlMetricsTest::problemsAreCountedBySeverity()
{
    dbus::ProblemRow warning;
    warning.severity = QStringLiteral("warning");
    m_weirctl->helper.problems = {warning, warning};
    const Run run = (*m_weirctl)("metrics");
    QCOMPARE(run.exit, 0);
    QVERIFY(run.out.contains(
        QLatin1String("\nweir_problems{severity=\"error\"} 0\nweir_problems{severity=\"warning\"} 2\n")));
}

void WeirctlMetricsTest::aHelperThatIsAwayIsDown()
{
    m_weirctl->helper.vanish();
    const Run run = (*m_weirctl)("metrics");
    QCOMPARE(run.exit, 1);
    QCOMPARE(run.out,
             QStringLiteral("# HELP weir_up 1 when the helper answered.\n# TYPE weir_up gauge\nweir_up 0\n"));
    QVERIFY2(run.err.startsWith(QLatin1String("weirctl: cannot read the figures: ")), qPrintable(run.err));
}

void WeirctlMetricsTest::aRefusalWritesNothing()
{
    const QString path = m_directory.filePath(QStringLiteral("refused.prom"));
    for (const char *method : {"Subscribe", "GetStatus", "GetProblems"}) {
        m_weirctl->helper.fail(QLatin1String(method), dbus::error::kNotAuthorized,
                               QStringLiteral("polkit refuses"));
        const Run run =
            (*m_weirctl)(QStringList{QStringLiteral("metrics"), QStringLiteral("--output"), path});
        QCOMPARE(run.exit, 4);
        QVERIFY(!QFile::exists(path));
        m_weirctl->helper.heal();
    }
}

void WeirctlMetricsTest::theFileIsReplacedInOneStep()
{
    const QString path = m_directory.filePath(QStringLiteral("weir.prom"));
    QFile before(path);
    QVERIFY(before.open(QIODevice::ReadWrite));
    before.write("old");
    before.flush();
    const Run run = (*m_weirctl)(QStringList{QStringLiteral("metrics"), QStringLiteral("--output"), path});
    QCOMPARE(run.exit, 0);
    QVERIFY(run.out.isEmpty());
    QFile after(path);
    QVERIFY(after.open(QIODevice::ReadOnly));
    QVERIFY(after.readAll().startsWith("# HELP weir_up"));
    // who has the old one open reads it to its end
    before.seek(0);
    QCOMPARE(before.readAll(), QByteArray("old"));
}

void WeirctlMetricsTest::aFileThatCannotBeWrittenIsTold()
{
    const Run run = (*m_weirctl)("metrics --output /nonexistent/weir.prom");
    QCOMPARE(run.exit, 1);
    QVERIFY2(run.err.startsWith(QLatin1String("weirctl: cannot write /nonexistent/weir.prom: ")),
             qPrintable(run.err));
}

void WeirctlMetricsTest::promtoolFindsNothingWrong()
{
    const Run run = (*m_weirctl)("metrics");
    QCOMPARE(outputOf(QStringLiteral("promtool"), {QStringLiteral("check"), QStringLiteral("metrics")},
                      run.out.toUtf8()),
             QByteArray());
}

void WeirctlMetricsTest::aRealPrometheusReadsTheFigures()
{
    const QString path = m_directory.filePath(QStringLiteral("metrics.txt"));
    QCOMPARE((*m_weirctl)(QStringList{QStringLiteral("metrics"), QStringLiteral("--output"), path}).exit, 0);
    const QByteArray answers =
        outputOf(QStringLiteral("/usr/bin/python3"),
                 {QStringLiteral(WEIR_SCRAPE), path,
                  QStringLiteral("weir_link_bytes_total{link=\"eth0\",scope=\"local\"}"),
                  QStringLiteral("sum(weir_watch_bytes_total) by (direction)"),
                  QStringLiteral("weir_watch_connections"), QStringLiteral("weir_connections")});
    const QList<QByteArray> lines = answers.split('\n');
    QCOMPARE(lines.size(), 5);
    QCOMPARE(lines.at(0),
             QByteArray("[[{'direction': 'rx', 'link': 'eth0', 'scope': 'local'}, '5'], "
                        "[{'direction': 'tx', 'link': 'eth0', 'scope': 'local'}, '6']]")
                 .replace('\'', '"'));
    QCOMPARE(lines.at(1),
             QByteArray("[[{'direction': 'rx'}, '1500'], [{'direction': 'tx'}, '2500']]").replace('\'', '"'));
    QCOMPARE(lines.at(2),
             QByteArray("[[{\"watch\": \"a \\\"quoted\\\" \\\\ name\\nof two lines\"}, \"3\"]]"));
    QCOMPARE(lines.at(3), QByteArray("[[{}, \"12\"]]"));
}

QTEST_GUILESS_MAIN(WeirctlMetricsTest)
#include "weirctl_metrics_test.moc"
