// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/civil_time.h"
#include "dbus/names.h"
#include "tests/gui/weirctl_runner.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSysInfo>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace weir;
using namespace weir::test;

namespace {

constexpr qint64 kMarchFirst = 1'772'319'600; // 2026-03-01 00:00 in Berlin, UTC+1
constexpr qint64 kDay = 86'400;

dbus::HistoryRow day(qint64 start, qulonglong rxBytes, qulonglong txBytes)
{
    dbus::HistoryRow row;
    row.start = start;
    row.end = start + kDay;
    row.total = {rxBytes, txBytes, 1, 1};
    row.local = row.total;
    return row;
}

/// A socket of this process that listens on a port of the loopback.
class ListeningSocket
{
public:
    ListeningSocket() : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof(address);
        auto *generic = reinterpret_cast<sockaddr *>(&address);
        if (::bind(m_socket, generic, length) == 0 && ::listen(m_socket, 1) == 0
            && ::getsockname(m_socket, generic, &length) == 0)
            m_port = ntohs(address.sin_port);
    }
    ~ListeningSocket() { ::close(m_socket); }
    Q_DISABLE_COPY_MOVE(ListeningSocket)

    int port() const { return m_port; }

private:
    int m_socket;
    int m_port = 0; ///< 0 when it does not listen
};

} // namespace

/// weirctl report: what it asks, what it writes where, and how it fails.
class WeirctlReportTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { qputenv("TZ", "Europe/Berlin"); }
    void init();
    void cleanup() { m_weirctl.reset(); }

    void theTextHasEverySection();
    void withoutAPeriodItIsThisMonthSoFar();
    void whatIsAskedOfTheHelper_data();
    void whatIsAskedOfTheHelper();
    void onlyMeteredLinksWithAHistoryAreAskedAbout();
    void aHistoryThatIsGoneMeanwhileIsEmpty();
    void whoListensOnAWatchedPortIsToldByProgram();
    void aDocumentHasSumsOfTheSteps();
    void aTableOfValuesHasASectionForEachLink();

    void inADirectoryTheFileIsNamedByTheTime_data();
    void inADirectoryTheFileIsNamedByTheTime();
    void theFormatFollowsTheNameOfTheFile();
    void aFileIsNotReplacedUnlessForced();
    void whatCannotBeWrittenExitsWith1AndSaysWhere();
    void badInputIsRefusedByNameAndRange_data();
    void badInputIsRefusedByNameAndRange();
    void withoutTheRightToReadItExitsWith4AndWritesNothing_data();
    void withoutTheRightToReadItExitsWith4AndWritesNothing();
    void withoutAHelperItExitsWith1();

private:
    QStringList files() const { return QDir(m_directory->path()).entryList(QDir::Files); }
    QString path(const char *name) const { return m_directory->filePath(QLatin1String(name)); }

    std::unique_ptr<WeirctlRunner> m_weirctl;
    std::unique_ptr<QTemporaryDir> m_directory;
};

void WeirctlReportTest::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_weirctl = std::make_unique<WeirctlRunner>();
    QVERIFY2(!m_weirctl->bus.address().isEmpty(), "dbus-daemon must be there");
    StubHelper &helper = m_weirctl->helper;
    dbus::SeriesRow series;
    series.series = QStringLiteral("link:eth0");
    series.kind = QStringLiteral("link");
    series.name = QStringLiteral("eth0");
    helper.series = {series};
    helper.history.insert(series.series,
                          {day(kMarchFirst, 600'000, 200'000), day(kMarchFirst + kDay, 100'000, 100'000)});
    helper.remotes.insert(series.series,
                          {{QStringLiteral("2001:db8::1"), 600'000, 100'000}, {QString(), 100'000, 200'000}});
    helper.ranking.insert(QStringLiteral("watch"),
                          {{QStringLiteral("watch:web"), QStringLiteral("web"), {3, 1, 0, 0}, {}}});
    helper.ranking.insert(
        QStringLiteral("service"),
        {{QStringLiteral("service:nginx.service"), QStringLiteral("nginx.service"), {5, 0, 0, 0}, {}}});
    helper.watches = {portWatch("web", "80,443")};
    helper.watches[0].connections = 17;
    helper.problems = {{QStringLiteral("meter-drift"), QStringLiteral("warning"), QStringLiteral("eth0"),
                        QStringLiteral("it drifts"), QStringLiteral("switch it off"), kMarchFirst}};
}

void WeirctlReportTest::theTextHasEverySection()
{
    const Run run = (*m_weirctl)("report --from 2026-03-01 --to 2026-03-03");
    QCOMPARE(run.err, QString());
    QCOMPARE(run.exit, 0);
    QVERIFY2(run.out.startsWith(
                 QStringLiteral(
                     "Traffic report of %1\n2026-03-01 00:00 to 2026-03-03 00:00 (Europe/Berlin), by hour\n")
                     .arg(QSysInfo::machineHostName())),
             qPrintable(run.out));
    for (const char *title :
         {"What passed on eth0, by hour", "Remote addresses with most bytes on eth0",
          "Watches with most bytes in the period", "Services with most bytes in the period", "Watches",
          "Links", "Weir", "Problems", "Machine", "Disks"})
        QVERIFY2(run.out.contains(QStringLiteral("\n\n%1\n--").arg(QLatin1String(title))), title);
    const QString simplified = run.out.simplified();
    QVERIFY(simplified.contains(QLatin1String("Sum 700 kB 300 kB 1.00 MB 0 %")));
    QVERIFY(simplified.contains(QLatin1String("2001:db8::1 600 kB 100 kB 700 kB 70 %")));
    QVERIFY(simplified.contains(QLatin1String("nginx.service 5 B 0 B 5 B 0 %")));
    QVERIFY(simplified.contains(QLatin1String("web 80, 443 counting 17 ")));
    QVERIFY(simplified.contains(QLatin1String("warning 2026-03-01 00:00 eth0 it drifts switch it off")));
    QVERIFY(simplified.contains(QLatin1String("eth1 ethernet up no: part of bridge br0")));
    QVERIFY(simplified.contains(QLatin1String("Version 0.1.0")));
}

void WeirctlReportTest::withoutAPeriodItIsThisMonthSoFar()
{
    const qint64 before = QDateTime::currentSecsSinceEpoch();
    QCOMPARE((*m_weirctl)("report").exit, 0);
    const QVariantList asked = m_weirctl->helper.argumentsOfLast("GetHistory");
    const auto zone = CivilZone::named(u"Europe/Berlin");
    QVERIFY(zone.has_value());
    QCOMPARE(asked.at(1).toLongLong(), zone->startOfMonth(zone->dayOf(before)));
    const qint64 to = asked.at(2).toLongLong();
    QVERIFY(to > before && to <= QDateTime::currentSecsSinceEpoch() + 1);
    QVERIFY(asked.at(3) == QLatin1String("hour") || asked.at(3) == QLatin1String("day"));
    QCOMPARE(asked.at(4).toString(), QStringLiteral("Europe/Berlin"));
}

void WeirctlReportTest::whatIsAskedOfTheHelper_data()
{
    QTest::addColumn<qlonglong>("from");
    QTest::addColumn<qlonglong>("to");
    QTest::addColumn<QString>("step");
    const auto row = [](const char *line, qlonglong from, qlonglong to, const char *step) {
        QTest::newRow(line) << from << to << QString::fromLatin1(step);
    };
    row("--from 2026-03-01 --to 2026-03-02", kMarchFirst, kMarchFirst + kDay, "hour");
    // not finer than hours unless they are asked for
    row("--from 2026-03-01 --to '2026-03-01 01:00'", kMarchFirst, kMarchFirst + 3600, "hour");
    row("--from 2026-03-01 --to '2026-03-01 01:00' --by quarter", kMarchFirst, kMarchFirst + 3600, "quarter");
    row("--from 2026-03-01 --to 2026-03-15", kMarchFirst, kMarchFirst + 14 * kDay, "day");
    row("--from 2026-03-01 --to 2026-03-15 --by hour", kMarchFirst, kMarchFirst + 14 * kDay, "hour");
    row("--from 2026-01-01 --to 2026-03-01", kMarchFirst - 59 * kDay, kMarchFirst, "month");
}

void WeirctlReportTest::whatIsAskedOfTheHelper()
{
    QFETCH(qlonglong, from);
    QFETCH(qlonglong, to);
    QFETCH(QString, step);
    const QByteArray line = QByteArray("report ") + QTest::currentDataTag();
    QCOMPARE((*m_weirctl)(line.constData()).exit, 0);
    QCOMPARE(m_weirctl->helper.argumentsOfLast("GetHistory"),
             (QVariantList{QStringLiteral("link:eth0"), from, to, step, QStringLiteral("Europe/Berlin")}));
    QCOMPARE(m_weirctl->helper.argumentsOfLast("GetRemotes"),
             (QVariantList{QStringLiteral("link:eth0"), from, to, 20U}));
    QCOMPARE(m_weirctl->helper.argumentsOfLast("GetRanking"),
             (QVariantList{QStringLiteral("service"), from, to, 100U}));
    QCOMPARE(m_weirctl->helper.callsOf(QStringLiteral("GetRanking")), 2);
}

void WeirctlReportTest::onlyMeteredLinksWithAHistoryAreAskedAbout()
{
    m_weirctl->helper.series.clear(); // eth0 was not there a moment ago
    const Run run = (*m_weirctl)("report --from 2026-03-01 --to 2026-03-03");
    QCOMPARE(run.exit, 0);
    QCOMPARE(m_weirctl->helper.callsOf(QStringLiteral("GetHistory")), 0);
    QVERIFY2(run.out.contains(QLatin1String("This link has no history yet.")), qPrintable(run.out));
    QVERIFY(!run.out.contains(QLatin1String("What passed on eth1")));
}

void WeirctlReportTest::aHistoryThatIsGoneMeanwhileIsEmpty()
{
    m_weirctl->helper.fail(QStringLiteral("GetHistory"), dbus::error::kNotFound,
                           QStringLiteral("series: no such series"));
    const Run run = (*m_weirctl)("report --from 2026-03-01 --to 2026-03-03");
    QCOMPARE(run.exit, 0);
    QVERIFY2(run.out.contains(QLatin1String("This link has no history yet.")), qPrintable(run.out));
}

void WeirctlReportTest::whoListensOnAWatchedPortIsToldByProgram()
{
    const ListeningSocket socket;
    QVERIFY(socket.port() != 0);
    m_weirctl->helper.watches = {portWatch("mine", QByteArray::number(socket.port()).constData())};
    const Run run = (*m_weirctl)("report --json --from 2026-03-01 --to 2026-03-03");
    const QJsonObject report = QJsonDocument::fromJson(run.out.toUtf8())
                                   .object()
                                   .value(QStringLiteral("report"))
                                   .toArray()
                                   .first()
                                   .toObject();
    const QJsonObject watch = report.value(QStringLiteral("watches")).toArray().first().toObject();
    QCOMPARE(watch.value(QStringLiteral("owner_state")).toString(), QStringLiteral("listening"));
    QCOMPARE(watch.value(QStringLiteral("owner")).toString(),
             QString::fromUtf8(contentOf(QStringLiteral("/proc/self/comm")).trimmed()));
}

void WeirctlReportTest::aDocumentHasSumsOfTheSteps()
{
    const Run run = (*m_weirctl)("report --format json --from 2026-03-01 --to 2026-03-03 --by day");
    QCOMPARE(run.exit, 0);
    const QJsonArray reports =
        QJsonDocument::fromJson(run.out.toUtf8()).object().value(QStringLiteral("report")).toArray();
    QCOMPARE(reports.size(), 1);
    const QJsonObject report = reports.first().toObject();
    QCOMPARE(report.value(QStringLiteral("from_s")).toInteger(), kMarchFirst);
    QCOMPARE(report.value(QStringLiteral("step")).toString(), QStringLiteral("day"));
    QCOMPARE(report.value(QStringLiteral("machine")).toObject().value(QStringLiteral("host_name")).toString(),
             QSysInfo::machineHostName());
    QVERIFY(
        report.value(QStringLiteral("machine")).toObject().value(QStringLiteral("memory_bytes")).toInteger()
        > 0);
    const QJsonObject link = report.value(QStringLiteral("traffic")).toArray().first().toObject();
    const QJsonObject sum = link.value(QStringLiteral("sum")).toObject();
    QCOMPARE(sum.value(QStringLiteral("rx_bytes")).toInteger(), 700'000);
    QCOMPARE(sum.value(QStringLiteral("tx_bytes")).toInteger(), 300'000);
    QCOMPARE(link.value(QStringLiteral("history")).toArray().size(), 2);
    QCOMPARE(report.value(QStringLiteral("links"))
                 .toArray()
                 .first()
                 .toObject()
                 .value(QStringLiteral("rx_bytes"))
                 .toInteger(),
             9'007'199'254'740'993);
}

void WeirctlReportTest::aTableOfValuesHasASectionForEachLink()
{
    const Run run = (*m_weirctl)("report --format csv --from 2026-03-01 --to 2026-03-03 --by day");
    QCOMPARE(run.exit, 0);
    QVERIFY(run.out.startsWith(QLatin1String("section,name,field,value\r\n")));
    for (const char *line :
         {"history:eth0,2026-03-01T00:00:00+01:00,rx_bytes,600000", "history:eth0,sum,rx_bytes,700000",
          "remotes:eth0,2001:db8::1,rx_bytes,600000", "remotes:eth0,others,tx_bytes,200000",
          "watch,web,connections,17", "problem,meter-drift eth0,text,it drifts",
          "link,eth0,rx_bytes,9007199254740993", "service_ranking,service:nginx.service,rx_bytes,5"})
        QVERIFY2(run.out.contains(QStringLiteral("\r\n%1\r\n").arg(QLatin1String(line))), line);
}

void WeirctlReportTest::inADirectoryTheFileIsNamedByTheTime_data()
{
    QTest::addColumn<QString>("suffix");
    QTest::addColumn<QByteArray>("beginning");
    QTest::newRow("text") << QStringLiteral("txt") << QByteArray("Traffic report of ");
    QTest::newRow("html") << QStringLiteral("html") << QByteArray("<!DOCTYPE html>\n");
    QTest::newRow("csv") << QStringLiteral("csv") << QByteArray("section,name,field,value\r\n");
    QTest::newRow("json") << QStringLiteral("json") << QByteArray("{\"report\":[{");
}

void WeirctlReportTest::inADirectoryTheFileIsNamedByTheTime()
{
    QFETCH(QString, suffix);
    QFETCH(QByteArray, beginning);
    const Run run = (*m_weirctl)(QStringList{QStringLiteral("report"), QStringLiteral("--format"),
                                             QLatin1String(QTest::currentDataTag()),
                                             QStringLiteral("--output"), m_directory->path()});
    QCOMPARE(run.exit, 0);
    QCOMPARE(files().size(), 1);
    const QString name = files().first();
    static const QRegularExpression pattern(
        QStringLiteral("^traffic_report_20[0-9]{6}_[0-9]{6}\\.([a-z]+)$"));
    QCOMPARE(pattern.match(name).captured(1), suffix);
    QCOMPARE(run.out, QStringLiteral("Wrote the report to %1\n").arg(m_directory->filePath(name)));
    QVERIFY(contentOf(m_directory->filePath(name)).startsWith(beginning));
}

void WeirctlReportTest::theFormatFollowsTheNameOfTheFile()
{
    QCOMPARE(
        (*m_weirctl)(QStringList{QStringLiteral("report"), QStringLiteral("--output"), path("month.html")})
            .exit,
        0);
    QVERIFY(contentOf(path("month.html")).startsWith("<!DOCTYPE html>"));
    QCOMPARE(
        (*m_weirctl)(QStringList{QStringLiteral("report"), QStringLiteral("--output"), path("month")}).exit,
        0);
    QVERIFY(contentOf(path("month")).startsWith("Traffic report of "));
    QVERIFY((*m_weirctl)("report --format csv --output -")
                .out.startsWith(QLatin1String("section,name,field,value\r\n")));
}

void WeirctlReportTest::aFileIsNotReplacedUnlessForced()
{
    QFile file(path("mine.txt"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("mine");
    file.close();
    QStringList command{QStringLiteral("report"), QStringLiteral("--output"), path("mine.txt")};
    const Run run = (*m_weirctl)(command);
    QCOMPARE(run.exit, 1);
    QCOMPARE(run.err,
             QStringLiteral("weirctl: --output: %1 exists; --force replaces it\n").arg(path("mine.txt")));
    QCOMPARE(contentOf(path("mine.txt")), QByteArray("mine"));
    QCOMPARE((*m_weirctl)(command << QStringLiteral("--force")).exit, 0);
    QVERIFY(contentOf(path("mine.txt")).startsWith("Traffic report of "));
}

void WeirctlReportTest::whatCannotBeWrittenExitsWith1AndSaysWhere()
{
    const Run run = (*m_weirctl)("report --output /nonexistent/report.html");
    QCOMPARE(run.exit, 1);
    QCOMPARE(run.out, QString());
    QVERIFY2(run.err.startsWith(QLatin1String("weirctl: --output: cannot write /nonexistent/report.html: ")),
             qPrintable(run.err));
}

void WeirctlReportTest::badInputIsRefusedByNameAndRange_data()
{
    QTest::addColumn<QString>("message");
    const auto row = [](const char *line, const char *message) {
        QTest::newRow(line) << QString::fromUtf8(message);
    };
    row("report --format xml", "--format: 'xml' is none of text, html, csv, json");
    row("report --json --format csv", "--json and --format csv do not go together");
    row("report --from 2026-03-02 --to 2026-03-01",
        "--from: 2026-03-02 00:00 is not before --to, 2026-03-01 00:00");
    row("report --from 1026-03-01", "--from: \"1026-03-01\" is outside 2000-01-01 to 2100-01-01");
    row("report --to 3026-03-01", "--to: \"3026-03-01\" is outside 2000-01-01 to 2100-01-01");
    row("report --by week", "--by: 'week' is none of minute, quarter, hour, day, month");
    row("report --from 2025-01-01 --to 2026-01-01 --by hour",
        "--by: 2025-01-01 00:00 to 2026-01-01 00:00 (Europe/Berlin) by hour is more than 5000 steps: take a "
        "longer step or a "
        "shorter span");
    row("report --zone Mars/Olympus",
        "--zone: \"Mars/Olympus\" is no time zone that this machine knows, such as Europe/Berlin");
    row("report --output ''", "--output: say a file, a directory, or - for standard output");
    row("report eth0", "'report' does not understand 'eth0'");
}

void WeirctlReportTest::badInputIsRefusedByNameAndRange()
{
    QFETCH(QString, message);
    const Run run = (*m_weirctl)(QTest::currentDataTag());
    QCOMPARE(run.err.section(QLatin1Char('\n'), 0, 0), QStringLiteral("weirctl: ") + message);
    QCOMPARE(run.exit, 2);
    QVERIFY(run.out.isEmpty());
    QCOMPARE(m_weirctl->helper.calls.size(), 0);
}

void WeirctlReportTest::withoutTheRightToReadItExitsWith4AndWritesNothing_data()
{
    QTest::addColumn<QString>("method");
    for (const char *method : {"GetStatus", "GetProblems", "GetWatches", "GetRanking", "GetLinks",
                               "ListSeries", "GetHistory", "GetRemotes"})
        QTest::newRow(method) << QString::fromLatin1(method);
}

void WeirctlReportTest::withoutTheRightToReadItExitsWith4AndWritesNothing()
{
    QFETCH(QString, method);
    m_weirctl->helper.fail(method, dbus::error::kNotAuthorized,
                           QStringLiteral("polkit refuses org.weir.monitor"));
    const Run run =
        (*m_weirctl)(QStringList{QStringLiteral("report"), QStringLiteral("--output"), m_directory->path()});
    QCOMPARE(run.exit, 4);
    QVERIFY2(run.err.startsWith(
                 QLatin1String("weirctl: cannot make the report: polkit refuses org.weir.monitor\n")),
             qPrintable(run.err));
    QVERIFY(run.err.contains(QLatin1String("usermod -aG weir")));
    QVERIFY(run.out.isEmpty());
    QVERIFY(files().isEmpty());
}

void WeirctlReportTest::withoutAHelperItExitsWith1()
{
    m_weirctl->helper.vanish();
    const Run run = (*m_weirctl)("report");
    QCOMPARE(run.exit, 1);
    QVERIFY2(run.err.contains(QLatin1String("Start it: sudo systemctl start weir")), qPrintable(run.err));
    QVERIFY(run.out.isEmpty());
}

QTEST_GUILESS_MAIN(WeirctlReportTest)
#include "weirctl_report_test.moc"
