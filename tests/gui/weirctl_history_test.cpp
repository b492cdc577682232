// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/history_views.h"
#include "dbus/names.h"
#include "tests/gui/weirctl_runner.h"

#include <QDateTime>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace weir;
using namespace weir::test;

namespace {

constexpr qint64 kMarchFirst = 1'772'319'600; // 2026-03-01 00:00 in Berlin, UTC+1

dbus::SeriesRow seriesRow(const char *series, const char *name, qint64 removed = 0)
{
    dbus::SeriesRow row;
    row.series = QString::fromUtf8(series);
    row.kind = row.series.section(QLatin1Char(':'), 0, 0);
    row.name = QString::fromUtf8(name);
    row.since = kMarchFirst;
    row.removed = removed;
    row.first = kMarchFirst;
    row.last = kMarchFirst + 86'400;
    row.total = {3'000, 1'000, 30, 10};
    row.internet = {1'000, 0, 10, 0};
    row.local = {2'000, 1'000, 20, 10};
    return row;
}

dbus::HistoryRow point(qint64 start, qint64 seconds, qulonglong rxBytes, qulonglong txBytes,
                       qulonglong internet)
{
    dbus::HistoryRow row;
    row.start = start;
    row.end = start + seconds;
    row.total = {rxBytes, txBytes, 1, 1};
    row.internet = {internet, 0, 1, 0};
    row.local = {rxBytes - internet, txBytes, 0, 1};
    return row;
}

} // namespace

/// weirctl history, and what keeps it: tables, files, deletion.
class WeirctlHistoryTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { qputenv("TZ", "Europe/Berlin"); }
    void init();
    void cleanup() { m_weirctl.reset(); }

    void withoutANameAllThatHasAHistoryIsListed();
    void hoursAreShownWithASumThatIsThatOfTheRows();
    void stepsWithoutAWholeHelperAreMarkedAndExplained();
    void theHourThatComesTwiceShowsItsOffset();
    void aSpanWithoutTrafficSaysSoAndWhatThereIs();
    void aDocumentHasTheNamesOfTheApi();
    void valuesSeparatedByCommasHaveTheNamesOfTheApi();
    void whatIsAskedOfTheHelper_data();
    void whatIsAskedOfTheHelper();
    void aNameOfBothALinkAndAWatchIsAskedBack();
    void aRemovedWatchIsFoundByItsName();
    void remotesEndWithAllOthers();
    void rankingsNeedNoName();

    void badInputIsRefusedByNameAndRange_data();
    void badInputIsRefusedByNameAndRange();
    void whatHasNoHistoryIsWrongUsage();
    void aZoneThatOnlyTheHelperDoesNotKnowIsWrongUsage();

    void anExportIsWholeOrNotThere();
    void anExportDoesNotReplaceAFileUnlessForced();
    void anExportToStandardOutputIsNothingElse();
    void deletionNeedsAYesWhereNobodyCanBeAsked();
    void deletionTellsHowManyRows();
    void aWatchIsRemovedWithItsHistory();
    void ofARemovedWatchWhoseHistoryRemainsIsToldHowToDeleteIt();
    void withoutTheFlagTheHistoryStays();

    void checkExitsWith3WhenTheDatabaseIsDamaged();
    void aBackupIsForItsOwnersEyes();
    void restoreHandsTheFileOverAndTellsWhereTheOldOneIs();
    void startAfreshTellsWhereTheOldOneIs();

private:
    QString path(const char *name) const { return m_directory.filePath(QLatin1String(name)); }

    std::unique_ptr<WeirctlRunner> m_weirctl;
    QTemporaryDir m_directory;
};

void WeirctlHistoryTest::init()
{
    m_weirctl = std::make_unique<WeirctlRunner>();
    QVERIFY2(!m_weirctl->bus.address().isEmpty(), "dbus-daemon must be there");
    m_weirctl->helper.series = {seriesRow("link:eth0", "eth0"), seriesRow("watch:web", "web")};
}

void WeirctlHistoryTest::withoutANameAllThatHasAHistoryIsListed()
{
    m_weirctl->helper.series.append(seriesRow("watch:#3", "old", kMarchFirst + 3600));
    const Run run = (*m_weirctl)("history");
    QCOMPARE(run.exit, 0);
    const QStringList lines = run.out.split(QLatin1Char('\n'));
    QCOMPARE(lines.at(0).simplified(),
             QStringLiteral("SERIES NAME SINCE FIRST LAST TOTAL DOWN TOTAL UP INTERNET REMOVED"));
    // 1000 of 4000 bytes are internet
    QCOMPARE(lines.at(1).simplified(),
             QStringLiteral(
                 "link:eth0 eth0 2026-03-01 00:00 2026-03-01 00:00 2026-03-02 00:00 3.00 kB 1.00 kB 25 %"));
    QVERIFY2(lines.at(3).endsWith(QLatin1String("25 %  2026-03-01 01:00")), qPrintable(run.out));
    QCOMPARE((*m_weirctl)("history --link").out.count(QLatin1Char('\n')), 2);
    m_weirctl->helper.series.clear();
    QCOMPARE((*m_weirctl)("history").out, QStringLiteral("Nothing has a history yet.\n"));
    QCOMPARE((*m_weirctl)("history --json").out, QStringLiteral("{\"history\":[]}\n"));
}

void WeirctlHistoryTest::hoursAreShownWithASumThatIsThatOfTheRows()
{
    m_weirctl->helper.history.insert(QStringLiteral("link:eth0"),
                                     {point(kMarchFirst, 3600, 600'000, 200'000, 400'000),
                                      point(kMarchFirst + 3600, 3600, 0, 0, 0),
                                      point(kMarchFirst + 7200, 3600, 100'000, 100'000, 0)});
    const Run run = (*m_weirctl)("history eth0 --from 2026-03-01 --to '2026-03-01 03:00' --by hour");
    QCOMPARE(run.exit, 0);
    const QStringList lines = run.out.split(QLatin1Char('\n'));
    QCOMPARE(lines.at(0),
             QStringLiteral("link eth0, 2026-03-01 00:00 to 2026-03-01 03:00 (Europe/Berlin), by hour"));
    QCOMPARE(lines.at(1).simplified(), QStringLiteral("START DOWN UP TOTAL INTERNET"));
    QCOMPARE(lines.at(2).simplified(),
             QStringLiteral("2026-03-01 00:00 600 kB 200 kB 800 kB 50 % ████████████████████"));
    QCOMPARE(lines.at(3).simplified(), QStringLiteral("2026-03-01 01:00 0 B 0 B 0 B —"));
    QCOMPARE(lines.at(4).simplified(), QStringLiteral("2026-03-01 02:00 100 kB 100 kB 200 kB 0 % █████"));
    QCOMPARE(lines.at(5).simplified(), QStringLiteral("SUM 700 kB 300 kB 1.00 MB 40 %"));
    QCOMPARE(lines.size(), 7); // no footnote, and the end of the last line
}

void WeirctlHistoryTest::stepsWithoutAWholeHelperAreMarkedAndExplained()
{
    auto away = point(kMarchFirst, 3600, 100, 0, 0);
    away.away = true;
    m_weirctl->helper.history.insert(QStringLiteral("link:eth0"), {away});
    const Run run = (*m_weirctl)("history eth0 --from 2026-03-01 --to '2026-03-01 01:00' --by hour");
    const QStringList lines = run.out.split(QLatin1Char('\n'));
    QVERIFY2(lines.at(2).startsWith(QLatin1String("2026-03-01 00:00 *  ")), qPrintable(run.out));
    QVERIFY2(lines.at(4).startsWith(QLatin1String("* In a part of it Weir did not count")),
             qPrintable(run.out));
}

void WeirctlHistoryTest::theHourThatComesTwiceShowsItsOffset()
{
    // 2026-10-25 03:00 CEST, 01:00 UTC, clocks in Berlin go back to 02:00
    constexpr qint64 kTwo = 1'792'886'400; // 00:00 UTC
    m_weirctl->helper.history.insert(QStringLiteral("link:eth0"),
                                     {point(kTwo, 3600, 1, 0, 0), point(kTwo + 3600, 3600, 2, 0, 0)});
    const Run run = (*m_weirctl)("history eth0 --from '2026-10-25 02:00' --to '2026-10-25 03:00' --by hour");
    const QStringList lines = run.out.split(QLatin1Char('\n'));
    QVERIFY2(lines.at(2).startsWith(QLatin1String("2026-10-25 02:00+02:00  ")), qPrintable(run.out));
    QVERIFY2(lines.at(3).startsWith(QLatin1String("2026-10-25 02:00+01:00  ")), qPrintable(run.out));
}

void WeirctlHistoryTest::aSpanWithoutTrafficSaysSoAndWhatThereIs()
{
    m_weirctl->helper.history.insert(QStringLiteral("watch:web"), {point(kMarchFirst, 3600, 0, 0, 0)});
    const Run run = (*m_weirctl)("history web --from 2026-03-01 --to '2026-03-01 01:00' --by hour");
    QCOMPARE(run.exit, 0);
    QCOMPARE(
        run.out,
        QStringLiteral("Nothing passed: watch web, 2026-03-01 00:00 to 2026-03-01 01:00 (Europe/Berlin).\n"
                       "There is history from 2026-03-01 00:00 to 2026-03-02 00:00.\n"));
}

void WeirctlHistoryTest::aDocumentHasTheNamesOfTheApi()
{
    m_weirctl->helper.history.insert(QStringLiteral("link:eth0"),
                                     {point(kMarchFirst, 3600, 9'007'199'254'740'993, 2, 1)});
    const Run run = (*m_weirctl)("history eth0 --from 2026-03-01 --to '2026-03-01 01:00' --json");
    QCOMPARE(run.exit, 0);
    const QJsonArray rows =
        QJsonDocument::fromJson(run.out.toUtf8()).object().value(QStringLiteral("history")).toArray();
    QCOMPARE(rows.size(), 1);
    const QJsonObject row = rows.first().toObject();
    QCOMPARE(row.value(QStringLiteral("start_s")).toInteger(), kMarchFirst);
    QCOMPARE(row.value(QStringLiteral("rx_bytes")).toInteger(), 9'007'199'254'740'993);
    QCOMPARE(row.value(QStringLiteral("internet")).toObject().value(QStringLiteral("rx_bytes")).toInteger(),
             1);
    QCOMPARE(row.value(QStringLiteral("away")), QJsonValue(false));
}

void WeirctlHistoryTest::valuesSeparatedByCommasHaveTheNamesOfTheApi()
{
    m_weirctl->helper.history.insert(QStringLiteral("link:eth0"), {point(kMarchFirst, 3600, 5, 2, 1)});
    const Run run = (*m_weirctl)("history eth0 --from 2026-03-01 --to '2026-03-01 01:00' --csv");
    QCOMPARE(run.out,
             QStringLiteral("start_s,end_s,rx_bytes,tx_bytes,rx_packets,tx_packets,"
                            "internet_rx_bytes,internet_tx_bytes,internet_rx_packets,internet_tx_packets,"
                            "local_rx_bytes,local_tx_bytes,local_rx_packets,local_tx_packets,"
                            "rest_rx_bytes,rest_tx_bytes,rest_rx_packets,rest_tx_packets,away\r\n"
                            "1772319600,1772323200,5,2,1,1,1,0,1,0,4,2,0,1,0,0,0,0,false\r\n"));
    m_weirctl->helper.series = {seriesRow("watch:=cmd|' /c calc'!A1, \"x\"", "=cmd|' /c calc'!A1, \"x\"")};
    const Run list = (*m_weirctl)("history --csv");
    QVERIFY2(list.out.contains(QLatin1String(",\"'=cmd|' /c calc'!A1, \"\"x\"\"\",")), qPrintable(list.out));
}

void WeirctlHistoryTest::whatIsAskedOfTheHelper_data()
{
    QTest::addColumn<qlonglong>("from");
    QTest::addColumn<qlonglong>("to");
    QTest::addColumn<QString>("step");
    QTest::addColumn<QString>("zone");
    const auto row = [](const char *line, qlonglong from, qlonglong to, const char *step, const char *zone) {
        QTest::newRow(line) << from << to << QString::fromLatin1(step) << QString::fromLatin1(zone);
    };
    const qlonglong day = 86'400;
    row("--from 2026-03-01 --to 2026-03-02", kMarchFirst, kMarchFirst + day, "hour", "Europe/Berlin");
    row("--to 2026-03-02", kMarchFirst, kMarchFirst + day, "hour", "Europe/Berlin");
    row("--from 2026-03-01 --to '2026-03-01 01:00'", kMarchFirst, kMarchFirst + 3600, "quarter",
        "Europe/Berlin");
    row("--from 2026-03-01 --to 2026-03-03", kMarchFirst, kMarchFirst + 2 * day, "hour", "Europe/Berlin");
    // March 2026 has the night without 02:00 in Berlin
    row("--from 2026-03-01 --to 2026-04-01", kMarchFirst, kMarchFirst + 31 * day - 3600, "day",
        "Europe/Berlin");
    row("--from 2026-03-01 --to 2026-04-02", kMarchFirst, kMarchFirst + 32 * day - 3600, "month",
        "Europe/Berlin");
    row("--from 2026-03-01 --to 2026-03-02 --by quarter", kMarchFirst, kMarchFirst + day, "quarter",
        "Europe/Berlin");
    // half an hour further than Berlin's four and a half
    row("--from 2026-03-01 --to 2026-03-02 --zone Asia/Kolkata", kMarchFirst - 16'200,
        kMarchFirst - 16'200 + day, "hour", "Asia/Kolkata");
}

void WeirctlHistoryTest::whatIsAskedOfTheHelper()
{
    QFETCH(qlonglong, from);
    QFETCH(qlonglong, to);
    QFETCH(QString, step);
    QFETCH(QString, zone);
    const QByteArray line = QByteArray("history watch:web ") + QTest::currentDataTag();
    const Run run = (*m_weirctl)(line.constData());
    QCOMPARE(run.exit, 0);
    QCOMPARE(m_weirctl->helper.argumentsOfLast("GetHistory"),
             (QVariantList{QStringLiteral("watch:web"), from, to, step, zone}));
}

void WeirctlHistoryTest::aNameOfBothALinkAndAWatchIsAskedBack()
{
    m_weirctl->helper.series.append(seriesRow("watch:eth0", "eth0"));
    const Run run = (*m_weirctl)("history eth0");
    QCOMPARE(run.exit, 2);
    QCOMPARE(run.err,
             QStringLiteral("weirctl: 'eth0' is several: say which of link:eth0, watch:eth0\n"
                            "See which there are: weirctl history\n"));
    QCOMPARE((*m_weirctl)("history eth0 --watch").exit, 0);
    QCOMPARE(m_weirctl->helper.argumentsOfLast("GetHistory").at(0).toString(), QStringLiteral("watch:eth0"));
    QCOMPARE((*m_weirctl)("history link:eth0").exit, 0);
    QCOMPARE(m_weirctl->helper.argumentsOfLast("GetHistory").at(0).toString(), QStringLiteral("link:eth0"));
}

void WeirctlHistoryTest::aRemovedWatchIsFoundByItsName()
{
    m_weirctl->helper.series.append(seriesRow("watch:#3", "old", kMarchFirst));
    m_weirctl->helper.series.append(seriesRow("watch:#4", "web", kMarchFirst));
    QCOMPARE((*m_weirctl)("history old").exit, 0);
    QCOMPARE(m_weirctl->helper.argumentsOfLast("GetHistory").at(0).toString(), QStringLiteral("watch:#3"));
    QCOMPARE((*m_weirctl)("history web").exit, 0); // the one that is there goes first
    QCOMPARE(m_weirctl->helper.argumentsOfLast("GetHistory").at(0).toString(), QStringLiteral("watch:web"));
}

void WeirctlHistoryTest::remotesEndWithAllOthers()
{
    m_weirctl->helper.remotes.insert(QStringLiteral("link:eth0"),
                                     {{QStringLiteral("2001:db8::1"), 600, 100}, {QString(), 200, 100}});
    const Run run = (*m_weirctl)("history eth0 --top remotes --from 2026-03-01 --to 2026-03-02 --limit 7");
    QCOMPARE(run.exit, 0);
    const QStringList lines = run.out.split(QLatin1Char('\n'));
    QCOMPARE(lines.at(1).simplified(), QStringLiteral("2001:db8::1 600 B 100 B 700 B 70 % ██████████████"));
    QCOMPARE(lines.at(2).simplified(), QStringLiteral("all others 200 B 100 B 300 B 30 % ██████"));
    QCOMPARE(m_weirctl->helper.argumentsOfLast("GetRemotes"),
             (QVariantList{QStringLiteral("link:eth0"), qlonglong(kMarchFirst),
                           qlonglong(kMarchFirst + 86'400), 7U}));
}

void WeirctlHistoryTest::rankingsNeedNoName()
{
    m_weirctl->helper.ranking.insert(
        QStringLiteral("watch"),
        {{QStringLiteral("watch:web"), QStringLiteral("web"), {3, 1, 0, 0}, {1, 0, 0, 0}},
         {QStringLiteral("watch:#2"), QStringLiteral("old"), {1, 0, 0, 0}, {}}});
    const Run run = (*m_weirctl)("history --top watches");
    QCOMPARE(run.exit, 0);
    const QStringList lines = run.out.split(QLatin1Char('\n'));
    QCOMPARE(lines.at(1).simplified(), QStringLiteral("web 3 B 1 B 4 B 25 % ████████████████████"));
    QCOMPARE(lines.at(2).simplified(), QStringLiteral("old (removed) 1 B 0 B 1 B 0 % █████"));
    QCOMPARE(m_weirctl->helper.argumentsOfLast("GetRanking").at(0).toString(), QStringLiteral("watch"));
    QCOMPARE((*m_weirctl)("history --top services --json").out, QStringLiteral("{\"history\":[]}\n"));
}

void WeirctlHistoryTest::badInputIsRefusedByNameAndRange_data()
{
    QTest::addColumn<QString>("message");
    const auto row = [](const char *line, const char *message) {
        QTest::newRow(line) << QString::fromUtf8(message);
    };
    row("history web --from 2026-03-02 --to 2026-03-01",
        "--from: 2026-03-02 00:00 is not before --to, 2026-03-01 00:00");
    row("history web --from 2026-03-01 --to 2026-03-01",
        "--from: 2026-03-01 00:00 is not before --to, 2026-03-01 00:00");
    row("history web --from 1026-03-01", "--from: \"1026-03-01\" is outside 2000-01-01 to 2100-01-01");
    row("history web --to 3026-03-01", "--to: \"3026-03-01\" is outside 2000-01-01 to 2100-01-01");
    row("history web --from -9999d", "--from: \"-9999d\" is outside 2000-01-01 to 2100-01-01");
    row("history web --from 2026-04-31",
        "--from: \"2026-04-31\" does not exist: the days of that month are 01 to 30");
    row("history web --from '2026-03-29 02:30' --zone Europe/Berlin",
        "--from: \"2026-03-29 02:30\" does not exist: in Europe/Berlin clocks go from 02:00 to 03:00 there");
    row("history web --from soon",
        "--from: \"soon\" is no time: write 2026-10-25, \"2026-10-25 02:30\", now, today, yesterday, "
        "this-month, "
        "last-month, this-year, last-year, or a time before now such as -15min, -24h, -7d, -2w");
    row("history web --zone Mars/Olympus",
        "--zone: \"Mars/Olympus\" is no time zone that this machine knows, such as Europe/Berlin");
    row("history web --from 2026-01-01 --to 2026-12-31 --by minute",
        "--by: 2026-01-01 00:00 to 2026-12-31 00:00 (Europe/Berlin) is more than 5000 steps of a minute: "
        "take a longer step or a "
        "shorter span, or --export");
    row("history web --by week", "--by: 'week' is none of minute, quarter, hour, day, month");
    row("history web --link --watch", "--link and --watch do not go together");
    row("history web --json --csv", "--json and --csv do not go together");
    row("history --from -24h", "--from does not go with a list of all: say whose, weirctl history NAME");
    row("history --top remotes", "say whose remotes: weirctl history NAME --top remotes");
    row("history --top users", "--top: 'users' is none of remotes, links, watches, services");
    row("history web --top watches", "--top watches is of all of them: it takes no name and no kind");
    row("history web --top remotes --limit 0", "--limit: '0' is not a number from 1 to 1000");
    row("history web --top remotes --limit 1001", "--limit: '1001' is not a number from 1 to 1000");
    row("history web --limit 5", "--limit does not go with a table of the history");
    row("history web --force", "--force does not go with a table of the history");
    row("history --delete --yes", "say whose history to delete: weirctl history NAME --delete");
    row("history web --delete --by day --yes", "--by does not go with --delete");
    row("history web --delete", "this cannot be undone and there is no terminal to ask on: say --yes");
    row("history web --export - --format xml", "--format: 'xml' is none of csv, json");
    row("history web --export - --delete", "--delete does not go with --export");
    row("start-afresh", "this cannot be undone and there is no terminal to ask on: say --yes");
    row("restore /nonexistent --yes", "cannot read /nonexistent: No such file or directory");
}

void WeirctlHistoryTest::badInputIsRefusedByNameAndRange()
{
    QFETCH(QString, message);
    const Run run = (*m_weirctl)(QTest::currentDataTag());
    QCOMPARE(run.err.section(QLatin1Char('\n'), 0, 0), QStringLiteral("weirctl: ") + message);
    QCOMPARE(run.exit, 2);
    QVERIFY(run.out.isEmpty());
    QCOMPARE(m_weirctl->helper.calls.size(), 0);
}

void WeirctlHistoryTest::whatHasNoHistoryIsWrongUsage()
{
    for (const char *line : {"history ppp9", "history ppp9 --top remotes", "history ppp9 --delete --yes",
                             "history ppp9 --export -"}) {
        const Run run = (*m_weirctl)(line);
        QCOMPARE(run.exit, 2);
        QCOMPARE(
            run.err,
            QStringLiteral("weirctl: there is no history of 'ppp9'\nSee which there are: weirctl history\n"));
    }
    QCOMPARE((*m_weirctl)("history eth0 --watch").exit, 2);
}

void WeirctlHistoryTest::aZoneThatOnlyTheHelperDoesNotKnowIsWrongUsage()
{
    m_weirctl->helper.fail(QStringLiteral("GetHistory"), dbus::error::kInvalidArgument,
                           QStringLiteral("zone: not known here"));
    const Run run = (*m_weirctl)("history web");
    QCOMPARE(run.exit, 2);
    QCOMPARE(run.err,
             QStringLiteral("weirctl: cannot read the history of watch:web: zone: not known here\n"));
}

void WeirctlHistoryTest::anExportIsWholeOrNotThere()
{
    m_weirctl->helper.exported = "a,b\r\n1,2\r\n";
    m_weirctl->helper.exportedRows = 1;
    const QStringList command{QStringLiteral("history"), QStringLiteral("--export"),   path("all.json"),
                              QStringLiteral("--from"),  QStringLiteral("2020-01-01"), QStringLiteral("--by"),
                              QStringLiteral("minute")};
    m_weirctl->helper.fail(QStringLiteral("Export"), dbus::error::kStorageFailed,
                           QStringLiteral("the disk is gone"));
    const Run failed = (*m_weirctl)(command);
    QCOMPARE(failed.exit, 1);
    QCOMPARE(QDir(m_directory.path()).entryList(QDir::Files), QStringList{});
    m_weirctl->helper.heal();
    const Run run = (*m_weirctl)(command);
    QCOMPARE(run.exit, 0);
    QCOMPARE(run.out, QStringLiteral("Wrote 1 rows to %1\n").arg(path("all.json")));
    QCOMPARE(contentOf(path("all.json")), QByteArray("a,b\r\n1,2\r\n"));
    const QVariantList arguments = m_weirctl->helper.argumentsOfLast("Export");
    QCOMPARE(arguments.at(1).toStringList(), QStringList{});
    QCOMPARE(arguments.at(4).toString(), QStringLiteral("minute"));
    QCOMPARE(arguments.at(6).toString(), QStringLiteral("json"));
}

void WeirctlHistoryTest::anExportDoesNotReplaceAFileUnlessForced()
{
    m_weirctl->helper.exported = "new";
    QFile file(path("mine.csv"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("mine");
    file.close();
    QStringList command{QStringLiteral("history"), QStringLiteral("web"), QStringLiteral("--export"),
                        path("mine.csv")};
    const Run run = (*m_weirctl)(command);
    QCOMPARE(run.exit, 1);
    QCOMPARE(run.err, QStringLiteral("weirctl: %1 exists; --force replaces it\n").arg(path("mine.csv")));
    QCOMPARE(contentOf(path("mine.csv")), QByteArray("mine"));
    QCOMPARE((*m_weirctl)(command << QStringLiteral("--force")).exit, 0);
    QCOMPARE(contentOf(path("mine.csv")), QByteArray("new"));
    QCOMPARE(m_weirctl->helper.argumentsOfLast("Export").at(1).toStringList(),
             QStringList{QStringLiteral("watch:web")});
}

void WeirctlHistoryTest::anExportToStandardOutputIsNothingElse()
{
    m_weirctl->helper.exported = QByteArray(50'000, 'x'); // a pipe holds 65,536
    const Run run = (*m_weirctl)("history web --export -");
    QCOMPARE(run.exit, 0);
    QCOMPARE(run.out, QString(50'000, QLatin1Char('x')));
    QCOMPARE(m_weirctl->helper.argumentsOfLast("Export").at(6).toString(), QStringLiteral("csv"));
}

void WeirctlHistoryTest::deletionNeedsAYesWhereNobodyCanBeAsked()
{
    m_weirctl->helper.history.insert(QStringLiteral("watch:web"), {point(kMarchFirst, 3600, 1, 1, 0)});
    QCOMPARE((*m_weirctl)("history web --delete", "yes\n").exit, 2);
    QCOMPARE(m_weirctl->helper.history.value(QStringLiteral("watch:web")).size(), 1);
}

void WeirctlHistoryTest::deletionTellsHowManyRows()
{
    m_weirctl->helper.history.insert(
        QStringLiteral("watch:web"),
        {point(kMarchFirst, 3600, 1, 1, 0), point(kMarchFirst + 86'400, 3600, 1, 1, 0)});
    const Run part = (*m_weirctl)("history web --delete --to 2026-03-02 --yes");
    QCOMPARE(part.out, QStringLiteral("Deleted 1 rows of the history of watch web.\n"));
    QCOMPARE(m_weirctl->helper.argumentsOfLast("DeleteHistory"),
             (QVariantList{QStringLiteral("watch:web"), qlonglong(0), qlonglong(kMarchFirst + 86'400)}));
    QVERIFY(m_weirctl->helper.calls.last().interactive);
    const Run all = (*m_weirctl)("history web --delete --yes");
    QCOMPARE(all.out, QStringLiteral("Deleted 1 rows of the history of watch web.\n"));
    QCOMPARE(m_weirctl->helper.argumentsOfLast("DeleteHistory").mid(1),
             (QVariantList{qlonglong(0), qlonglong(0)}));
}

void WeirctlHistoryTest::aWatchIsRemovedWithItsHistory()
{
    m_weirctl->helper.watches = {portWatch("web", "80")};
    m_weirctl->helper.series.append(
        seriesRow("watch:#90", "web", kMarchFirst)); // an older one of that name keeps its own
    m_weirctl->helper.history.insert(QStringLiteral("watch:#90"), {point(kMarchFirst, 60, 1, 1, 0)});
    m_weirctl->helper.history.insert(QStringLiteral("watch:web"),
                                     {point(kMarchFirst, 60, 1, 1, 0), point(kMarchFirst + 60, 60, 1, 1, 0)});
    m_weirctl->helper.timeMs = (kMarchFirst + 86'400) * 1000;
    const Run run = (*m_weirctl)("watch remove web --with-history");
    QCOMPARE(run.exit, 0);
    QCOMPARE(run.out, QStringLiteral("Removed web with 2 rows of its history.\n"));
    QVERIFY(m_weirctl->helper.watches.isEmpty());
    QCOMPARE(m_weirctl->helper.history.value(QStringLiteral("watch:#90")).size(), 1);
}

void WeirctlHistoryTest::ofARemovedWatchWhoseHistoryRemainsIsToldHowToDeleteIt()
{
    m_weirctl->helper.watches = {portWatch("web", "80")};
    m_weirctl->helper.fail(QStringLiteral("DeleteHistory"), dbus::error::kNotAuthorized,
                           QStringLiteral("polkit refuses"));
    const Run run = (*m_weirctl)("watch remove web --with-history");
    QCOMPARE(run.exit, 4);
    QVERIFY(m_weirctl->helper.watches.isEmpty());
    QVERIFY2(run.err.contains(QLatin1String(
                 "the watch is removed, but its history remains: polkit refuses. Delete it: weirctl "
                 "history watch:#1 --delete; or have the watch back: weirctl watch restore web")),
             qPrintable(run.err));
}

void WeirctlHistoryTest::withoutTheFlagTheHistoryStays()
{
    m_weirctl->helper.watches = {portWatch("web", "80")};
    QCOMPARE((*m_weirctl)("watch remove web").exit, 0);
    QCOMPARE(m_weirctl->helper.callsOf(QStringLiteral("DeleteHistory")), 0);
}

void WeirctlHistoryTest::checkExitsWith3WhenTheDatabaseIsDamaged()
{
    const Run well = (*m_weirctl)("check");
    QCOMPARE(well.exit, 0);
    QCOMPARE(well.out, QStringLiteral("The database is whole.\n"));
    m_weirctl->helper.findings = {QStringLiteral("page 7 is \033[31m torn")};
    const Run ill = (*m_weirctl)("check");
    QCOMPARE(ill.exit, 3);
    QCOMPARE(ill.out, QStringLiteral("page 7 is  [31m torn\n"));
    QVERIFY2(ill.err.contains(QLatin1String("weirctl start-afresh")), qPrintable(ill.err));
    QCOMPARE((*m_weirctl)("check --json").out,
             QStringLiteral("{\"check\":[{\"finding\":\"page 7 is \\u001b[31m torn\"}]}\n"));
}

void WeirctlHistoryTest::aBackupIsForItsOwnersEyes()
{
    m_weirctl->helper.exported = "SQLite format 3";
    const Run run = (*m_weirctl)(QStringList{QStringLiteral("backup"), path("weir.db")});
    QCOMPARE(run.exit, 0);
    QCOMPARE(run.out, QStringLiteral("Wrote 15 B (15 B) to %1\n").arg(path("weir.db")));
    QCOMPARE(contentOf(path("weir.db")), QByteArray("SQLite format 3"));
    QCOMPARE(QFile::permissions(path("weir.db")),
             QFile::ReadOwner | QFile::WriteOwner | QFile::ReadUser | QFile::WriteUser);
    QCOMPARE((*m_weirctl)(QStringList{QStringLiteral("backup"), path("weir.db")}).exit, 1);
    QCOMPARE((*m_weirctl)("backup -").out, QStringLiteral("SQLite format 3"));
}

void WeirctlHistoryTest::restoreHandsTheFileOverAndTellsWhereTheOldOneIs()
{
    QFile file(path("copy.db"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("a copy");
    file.close();
    m_weirctl->helper.movedTo = QStringLiteral("/var/lib/weir/weir.db.1");
    const Run run =
        (*m_weirctl)(QStringList{QStringLiteral("restore"), path("copy.db"), QStringLiteral("--yes")});
    QCOMPARE(run.exit, 0);
    QCOMPARE(run.out,
             QStringLiteral("Restored %1.\nThe database that was there is now /var/lib/weir/weir.db.1\n")
                 .arg(path("copy.db")));
    QCOMPARE(m_weirctl->helper.restored, QByteArray("a copy"));
    m_weirctl->helper.fail(QStringLiteral("RestoreDatabase"), dbus::error::kInvalidArgument,
                           QStringLiteral("file: not a database of Weir"));
    QCOMPARE(
        (*m_weirctl)(QStringList{QStringLiteral("restore"), path("copy.db"), QStringLiteral("--yes")}).exit,
        2);
}

void WeirctlHistoryTest::startAfreshTellsWhereTheOldOneIs()
{
    m_weirctl->helper.movedTo = QStringLiteral("/var/lib/weir/weir.db.1");
    const Run run = (*m_weirctl)("start-afresh --yes");
    QCOMPARE(run.exit, 0);
    QCOMPARE(
        run.out,
        QStringLiteral(
            "Weir counts into an empty database. The one that was there is now /var/lib/weir/weir.db.1\n"));
}

QTEST_GUILESS_MAIN(WeirctlHistoryTest)
#include "weirctl_history_test.moc"
