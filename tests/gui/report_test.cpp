// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/machine_listeners.h"
#include "app/client/report.h"
#include "app/client/report_html.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace weir;
using namespace weir::client;

namespace {

constexpr qint64 kMarchFirst = 1'772'319'600; // 2026-03-01 00:00 in Berlin, UTC+1
constexpr qint64 kDay = 86'400;

/// What nobody should be able to call a watch, and everybody can.
const QString kHostile =
    QStringLiteral("</td><script>alert(1)</script>\" onload=\"x' &amp; \u202Eevil\x1b[31m\n%1 %2");

dbus::HistoryRow step(qint64 start, qulonglong rxBytes, qulonglong txBytes, qulonglong internetRxBytes)
{
    dbus::HistoryRow row;
    row.start = start;
    row.end = start + kDay;
    row.total = {rxBytes, txBytes, 3, 2};
    row.internet = {internetRxBytes, 0, 1, 0};
    row.local = {rxBytes - internetRxBytes, txBytes, 2, 2};
    return row;
}

/// Three days of eth0: 600 + 0 + 100 kB down, 200 + 0 + 100 kB up, of these 400 kB internet.
Report smallReport()
{
    Report report;
    report.made = kMarchFirst + 3 * kDay;
    report.period.zone = *CivilZone::named(u"Europe/Berlin");
    report.period.span = {kMarchFirst, kMarchFirst + 3 * kDay, client::Step::Day,
                          QStringLiteral("Europe/Berlin")};
    report.machine.hostName = QStringLiteral("proxy-1");
    report.status = {{QStringLiteral("version"), QStringLiteral("0.1.0")}};
    report.traffic = {{QStringLiteral("eth0"),
                       {step(kMarchFirst, 600'000, 200'000, 400'000), step(kMarchFirst + kDay, 0, 0, 0),
                        step(kMarchFirst + 2 * kDay, 100'000, 100'000, 0)},
                       {{QStringLiteral("2001:db8::1"), 600'000, 100'000}, {QString(), 100'000, 200'000}}}};
    report.watchRanking = {
        {QStringLiteral("watch:web"), QStringLiteral("web"), {3'000, 1'000, 0, 0}, {1'000, 0, 0, 0}},
        {QStringLiteral("watch:#2"), QStringLiteral("old"), {1'000, 0, 0, 0}, {}}};
    report.serviceRanking = {
        {QStringLiteral("service:nginx.service"), QStringLiteral("nginx.service"), {5, 0, 0, 0}, {}}};
    return report;
}

Report hostileReport()
{
    Report report = smallReport();
    report.machine.hostName = kHostile;
    report.machine.disks = {{kHostile, kHostile, kHostile, 1, 1, 0}};
    report.status = {{QStringLiteral("database"), kHostile},
                     {QStringLiteral("metered_links"), QStringList{kHostile}}};
    dbus::WatchRow watch;
    watch.name = watch.note = watch.owner = watch.ownerState = watch.kind = kHostile;
    report.watches = {watch};
    dbus::LinkRow link;
    link.name = link.reason = link.kind = kHostile;
    link.addresses = {kHostile};
    report.links = {link};
    report.problems = {{kHostile, kHostile, kHostile, kHostile, kHostile, kMarchFirst}};
    report.watchRanking.first().name = kHostile;
    report.serviceRanking.first().name = kHostile;
    report.traffic.first().link = kHostile;
    report.traffic.first().remotes.first().address = kHostile;
    return report;
}

QStringList linesOf(const QByteArray &text)
{
    return QString::fromUtf8(text).split(QLatin1Char('\n'));
}

/// The lines of a section of the text, without its title and the line below it.
QStringList sectionOf(const Report &report, const char *title)
{
    const QStringList lines = linesOf(renderReport(report, ReportFormat::Text));
    const qsizetype begin = lines.indexOf(QLatin1String(title));
    if (begin < 0)
        return {};
    return lines.mid(begin + 2, lines.indexOf(QString(), begin) - begin - 2);
}

/// Records of comma separated values, as RFC 4180 has them.
QList<QStringList> records(const QByteArray &csv)
{
    QList<QStringList> all;
    QStringList record;
    QString cell;
    bool quoted = false;
    const QString text = QString::fromUtf8(csv);
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text.at(i);
        if (quoted && c == QLatin1Char('"') && text.mid(i + 1, 1) == QLatin1String("\"")) {
            cell += c;
            ++i;
        } else if (c == QLatin1Char('"')) {
            quoted = !quoted;
        } else if (!quoted && (c == QLatin1Char(',') || c == QLatin1Char('\r'))) {
            record << cell;
            cell.clear();
        } else if (!quoted && c == QLatin1Char('\n')) {
            all << record;
            record.clear();
        } else {
            cell += c;
        }
    }
    return all;
}

} // namespace

/// What a report tells, and how it is written in each of its formats.
class ReportTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { QLocale::setDefault(QLocale::c()); }

    void whatTheHelperSaysOfAnOwnerStays();
    void whatIsNotKnownOfTheMachineIsToldSo();

    void sumsAreThoseOfTheSteps();
    void theTextShowsStepsAndTheirSum();
    void remotesEndWithAllOthersAndSharesOfAll();
    void removedWatchesAreMarkedInTheRanking();
    void hoursOfTheAutumnNightShowTheirOffset();
    void aTextCannotDriveATerminal();

    void hostileNamesAreNoMarkup();
    void theDocumentNeedsNothingElse();
    void barsAreAsHighAsTheirShareOfTheHighest();
    void manyStepsShareABar();
    void whereNothingPassedThereAreBarsWithoutHeight();

    void everyRecordOfTheTableHasFourFields();
    void hostileNamesAreNoFormulas();
    void theDocumentForProgramsHasExactNumbers();
    void formatsAreKnownByNameAndByFile();
};

void ReportTest::whatTheHelperSaysOfAnOwnerStays()
{
    Report report = smallReport();
    dbus::WatchRow web;
    web.kind = QStringLiteral("ports");
    web.ports = QStringLiteral("80");
    web.protocol = QStringLiteral("tcp");
    web.owner = QStringLiteral("nginx.service");
    web.ownerState = QStringLiteral("active");
    dbus::WatchRow line;
    line.kind = line.link = QStringLiteral("link");
    report.watches = {web, line};
    addMachine(report, {}, Listeners({{Listener::Protocol::Tcp, 80, QStringLiteral("nginx")}}));
    QCOMPARE(report.watches.at(0), web);
    QCOMPARE(report.watches.at(1), line);
}

void ReportTest::whatIsNotKnownOfTheMachineIsToldSo()
{
    Report report = smallReport();
    report.machine = {};
    QVERIFY(sectionOf(report, "Machine").contains(QStringLiteral("Host name  unknown")));
    QVERIFY(renderReport(report, ReportFormat::Text).startsWith("Traffic report of this machine\n"));
}

void ReportTest::sumsAreThoseOfTheSteps()
{
    const ReportSum sum = sumOfSteps(smallReport().traffic.first().steps);
    QCOMPARE(sum.total, (dbus::Traffic{700'000, 300'000, 9, 6}));
    QCOMPARE(sum.internet, (dbus::Traffic{400'000, 0, 3, 0}));
    QCOMPARE(sum.local, (dbus::Traffic{300'000, 300'000, 6, 6}));
    QCOMPARE(sum.rest, dbus::Traffic{});
    QCOMPARE(sumOfSteps({}).total, dbus::Traffic{});
}

void ReportTest::theTextShowsStepsAndTheirSum()
{
    Report report = smallReport();
    report.traffic.first().steps[1].away = true;
    const QStringList head = linesOf(renderReport(report, ReportFormat::Text)).mid(0, 3);
    QCOMPARE(head,
             (QStringList{QStringLiteral("Traffic report of proxy-1"),
                          QStringLiteral("2026-03-01 00:00 to 2026-03-04 00:00 (Europe/Berlin), by day"),
                          QStringLiteral("Made 2026-03-04 00:00")}));
    QStringList lines = sectionOf(report, "What passed on eth0, by day");
    QCOMPARE(lines.size(), 6);
    for (QString &line : lines)
        line = line.simplified();
    QCOMPARE(lines.at(0), QStringLiteral("FROM DOWN UP TOTAL INTERNET"));
    QCOMPARE(lines.at(1), QStringLiteral("2026-03-01 600 kB 200 kB 800 kB 50 %"));
    QCOMPARE(lines.at(2), QStringLiteral("2026-03-02 * 0 B 0 B 0 B —"));
    QCOMPARE(lines.at(3), QStringLiteral("2026-03-03 100 kB 100 kB 200 kB 0 %"));
    QCOMPARE(lines.at(4), QStringLiteral("Sum 700 kB 300 kB 1.00 MB 40 %"));
    QVERIFY(lines.at(5).startsWith(QLatin1String("* In a part of it Weir did not count")));
}

void ReportTest::remotesEndWithAllOthersAndSharesOfAll()
{
    const QStringList lines = sectionOf(smallReport(), "Remote addresses with most bytes on eth0");
    QCOMPARE(lines.at(1).simplified(), QStringLiteral("2001:db8::1 600 kB 100 kB 700 kB 70 %"));
    QCOMPARE(lines.at(2).simplified(), QStringLiteral("all others 100 kB 200 kB 300 kB 30 %"));
}

void ReportTest::removedWatchesAreMarkedInTheRanking()
{
    const QStringList lines = sectionOf(smallReport(), "Watches with most bytes in the period");
    QCOMPARE(lines.at(1).simplified(), QStringLiteral("web 3.00 kB 1.00 kB 4.00 kB 25 %"));
    QCOMPARE(lines.at(2).simplified(), QStringLiteral("old (removed) 1.00 kB 0 B 1.00 kB 0 %"));
}

void ReportTest::hoursOfTheAutumnNightShowTheirOffset()
{
    constexpr qint64 kTwo =
        1'792'886'400; // 2026-10-25 00:00 UTC, 02:00 in Berlin; an hour later it is 02:00 again
    Report report = smallReport();
    report.period.span.step = client::Step::Hour;
    report.traffic.first().steps = {step(kTwo, 1, 0, 0), step(kTwo + 3600, 2, 0, 0)};
    const QStringList lines = sectionOf(report, "What passed on eth0, by hour");
    QVERIFY(lines.at(1).startsWith(QLatin1String("2026-10-25 02:00+02:00 ")));
    QVERIFY(lines.at(2).startsWith(QLatin1String("2026-10-25 02:00+01:00 ")));
    const QByteArray csv = renderReport(report, ReportFormat::Csv);
    QVERIFY(csv.contains("\r\nhistory:eth0,2026-10-25T02:00:00+01:00,rx_bytes,2\r\n"));
}

void ReportTest::aTextCannotDriveATerminal()
{
    const QByteArray text = renderReport(hostileReport(), ReportFormat::Text);
    QVERIFY(!text.contains('\x1b'));
    QVERIFY(!QString::fromUtf8(text).contains(QChar(0x202E)));
    QVERIFY(!text.contains("\n%1 %2"));
}

void ReportTest::hostileNamesAreNoMarkup()
{
    const QString html = QString::fromUtf8(renderReport(hostileReport(), ReportFormat::Html));
    static const QSet<QString> kTags{
        QStringLiteral("!DOCTYPE"), QStringLiteral("html"),   QStringLiteral("head"),
        QStringLiteral("meta"),     QStringLiteral("title"),  QStringLiteral("style"),
        QStringLiteral("body"),     QStringLiteral("header"), QStringLiteral("h1"),
        QStringLiteral("h2"),       QStringLiteral("p"),      QStringLiteral("main"),
        QStringLiteral("section"),  QStringLiteral("div"),    QStringLiteral("table"),
        QStringLiteral("thead"),    QStringLiteral("tbody"),  QStringLiteral("tfoot"),
        QStringLiteral("tr"),       QStringLiteral("th"),     QStringLiteral("td"),
        QStringLiteral("svg"),      QStringLiteral("g"),      QStringLiteral("rect"),
        QStringLiteral("line"),     QStringLiteral("text"),   QStringLiteral("span"),
        QStringLiteral("i")};
    static const QSet<QString> kAttributes{
        QStringLiteral("lang"),    QStringLiteral("charset"),    QStringLiteral("http-equiv"),
        QStringLiteral("content"), QStringLiteral("name"),       QStringLiteral("id"),
        QStringLiteral("class"),   QStringLiteral("scope"),      QStringLiteral("viewBox"),
        QStringLiteral("role"),    QStringLiteral("aria-label"), QStringLiteral("x"),
        QStringLiteral("y"),       QStringLiteral("x1"),         QStringLiteral("x2"),
        QStringLiteral("y1"),      QStringLiteral("y2"),         QStringLiteral("width"),
        QStringLiteral("height"),  QStringLiteral("text-anchor")};
    static const QRegularExpression tag(QStringLiteral("<([^>]*)>"));
    static const QRegularExpression name(QStringLiteral("^/?([^\\s/>]+)"));
    static const QRegularExpression attribute(QStringLiteral("\\s([^\\s=]+)=\"[^\"]*\""));
    for (auto tags = tag.globalMatch(html); tags.hasNext();) {
        const QString inside = tags.next().captured(1);
        const QString tagName = name.match(inside).captured(1);
        QVERIFY2(kTags.contains(tagName), qPrintable(inside));
        for (auto attributes = attribute.globalMatch(inside); attributes.hasNext();) {
            const QString attributeName = attributes.next().captured(1);
            QVERIFY2(kAttributes.contains(attributeName), qPrintable(inside));
        }
    }
    QVERIFY(html.contains(QLatin1String(
        "&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x' &amp;amp; evil")));
    QVERIFY(html.contains(QLatin1String("[31m %1 %2"))); // what looks like a place for an argument stays
    QVERIFY(!html.contains(QChar(0x202E)));
    QVERIFY(!html.contains(QChar(0x1b)));
    QCOMPARE(htmlEscaped(QStringLiteral("<a b=\"c\">&")), QStringLiteral("&lt;a b=&quot;c&quot;&gt;&amp;"));
}

void ReportTest::theDocumentNeedsNothingElse()
{
    const QByteArray html = renderReport(smallReport(), ReportFormat::Html);
    QVERIFY(html.startsWith("<!DOCTYPE html>\n"));
    QVERIFY(html.contains("<meta charset=\"utf-8\">"));
    QVERIFY(html.contains("@media (prefers-color-scheme:dark)"));
    QVERIFY(html.contains("<svg "));
    QVERIFY(html.contains("<title>2026-03-01: 600 kB down, 200 kB up</title>"));
    QVERIFY(html.contains("<tfoot><tr><td>Sum</td><td class=\"n\">700 kB</td>"));
    for (const char *outside :
         {"http://", "https://", "src=", "href=", "url(", "@import", "<script", "<link", "<iframe"})
        QVERIFY2(!html.contains(outside), outside);
}

void ReportTest::barsAreAsHighAsTheirShareOfTheHighest()
{
    // the plot is 184 high: 800 of 800 kB fill it, 600 down and 200 up; 200 kB are a quarter
    const dbus::HistoryRows steps = smallReport().traffic.first().steps;
    const QString svg = historySvg(steps, {QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")},
                                   QStringLiteral("of it"));
    static const QRegularExpression bar(
        QStringLiteral("<rect class=\"(down|up)\"[^>]* height=\"([0-9.]+)\"/>"));
    QStringList heights;
    for (auto bars = bar.globalMatch(svg); bars.hasNext();) {
        const auto match = bars.next();
        heights << match.captured(1) + QLatin1Char(' ') + match.captured(2);
    }
    QCOMPARE(
        heights,
        (QStringList{QStringLiteral("down 138.00"), QStringLiteral("up 46.00"), QStringLiteral("down 0.00"),
                     QStringLiteral("up 0.00"), QStringLiteral("down 23.00"), QStringLiteral("up 23.00")}));
    QVERIFY(svg.contains(QLatin1String("<title>of it</title>")));
    QVERIFY(svg.contains(QLatin1String(">800 kB</text>")));
}

void ReportTest::manyStepsShareABar()
{
    dbus::HistoryRows steps;
    QStringList labels;
    for (int i = 0; i < 5000; ++i) {
        steps.append(step(kMarchFirst + i * 3600, 1, 0, 0));
        labels << QString::number(i);
    }
    const QString svg = historySvg(steps, labels, QStringLiteral("t"));
    // 21 steps a bar: 238 whole ones and one of 2
    QCOMPARE(svg.count(QLatin1String("<g>")), 239);
    QVERIFY(svg.contains(QStringLiteral("<title>0 … 20: 21 B down, 0 B up</title>")));
    QVERIFY(svg.contains(QStringLiteral("<title>4998 … 4999: 2 B down, 0 B up</title>")));
}

void ReportTest::whereNothingPassedThereAreBarsWithoutHeight()
{
    const QString svg = historySvg({step(kMarchFirst, 0, 0, 0)}, {QStringLiteral("a")}, QStringLiteral("t"));
    QVERIFY(svg.contains(QLatin1String("a: 0 B down, 0 B up")));
    QVERIFY(!svg.contains(QLatin1String("nan")));
    QVERIFY(historySvg({}, {}, QStringLiteral("t")).isEmpty());
}

void ReportTest::everyRecordOfTheTableHasFourFields()
{
    for (const Report &report : {smallReport(), hostileReport()}) {
        const auto all = records(renderReport(report, ReportFormat::Csv));
        QCOMPARE(all.first(),
                 (QStringList{QStringLiteral("section"), QStringLiteral("name"), QStringLiteral("field"),
                              QStringLiteral("value")}));
        QVERIFY(all.size() > 50);
        for (const QStringList &record : all)
            QVERIFY2(record.size() == 4, qPrintable(record.join(QLatin1Char('|'))));
    }
    const auto all = records(renderReport(smallReport(), ReportFormat::Csv));
    const auto has = [&all](const char *section, const char *name, const char *field, const char *value) {
        return all.contains(QStringList{QString::fromLatin1(section), QString::fromLatin1(name),
                                        QString::fromLatin1(field), QString::fromLatin1(value)});
    };
    QVERIFY(has("report", "", "from_s", "1772319600"));
    QVERIFY(has("report", "", "step", "day"));
    QVERIFY(has("machine", "", "host_name", "proxy-1"));
    QVERIFY(has("status", "", "version", "0.1.0"));
    QVERIFY(has("history:eth0", "2026-03-01T00:00:00+01:00", "rx_bytes", "600000"));
    QVERIFY(has("history:eth0", "2026-03-01T00:00:00+01:00", "internet_rx_bytes", "400000"));
    QVERIFY(has("history:eth0", "sum", "rx_bytes", "700000"));
    QVERIFY(has("remotes:eth0", "2001:db8::1", "tx_bytes", "100000"));
    QVERIFY(has("remotes:eth0", "others", "rx_bytes", "100000"));
    QVERIFY(has("watch_ranking", "watch:web", "tx_bytes", "1000"));
    QVERIFY(has("service_ranking", "service:nginx.service", "rx_bytes", "5"));
}

void ReportTest::hostileNamesAreNoFormulas()
{
    Report report = smallReport();
    dbus::WatchRow watch;
    watch.name = QStringLiteral("=cmd|' /c calc'!A1, \"x\"");
    watch.note = QStringLiteral("@SUM(1)\nsecond line");
    report.watches = {watch};
    const QByteArray csv = renderReport(report, ReportFormat::Csv);
    QVERIFY(csv.contains("watch,\"'=cmd|' /c calc'!A1, \"\"x\"\"\",note,\"'@SUM(1)\nsecond line\"\r\n"));
    QVERIFY(!csv.contains(",=cmd"));
}

void ReportTest::theDocumentForProgramsHasExactNumbers()
{
    Report report = smallReport();
    report.traffic.first().steps[1].total.rxBytes = 9'007'199'254'740'993; // 2^53 + 1
    report.machine.disks = {
        {QStringLiteral("/"), QStringLiteral("/dev/vda"), QStringLiteral("ext4"), 10, 4, 5}};
    const QByteArray json = renderReport(report, ReportFormat::Json);
    QVERIFY(json.endsWith("}\n"));
    const QJsonArray rows = QJsonDocument::fromJson(json).object().value(QStringLiteral("report")).toArray();
    QCOMPARE(rows.size(), 1);
    const QJsonObject only = rows.first().toObject();
    const QJsonObject link = only.value(QStringLiteral("traffic")).toArray().first().toObject();
    QCOMPARE(link.value(QStringLiteral("series")).toString(), QStringLiteral("link:eth0"));
    // 600,000 + (2^53 + 1) + 100,000
    QCOMPARE(link.value(QStringLiteral("sum")).toObject().value(QStringLiteral("rx_bytes")).toInteger(),
             9'007'199'255'440'993);
    QCOMPARE(link.value(QStringLiteral("history")).toArray().size(), 3);
    QCOMPARE(link.value(QStringLiteral("remotes")).toArray().size(), 2);
    const QJsonObject machine = only.value(QStringLiteral("machine")).toObject();
    QCOMPARE(machine.value(QStringLiteral("load_1min")), QJsonValue(QJsonValue::Null));
    QCOMPARE(machine.value(QStringLiteral("disks"))
                 .toArray()
                 .first()
                 .toObject()
                 .value(QStringLiteral("used_bytes"))
                 .toInteger(),
             4);
    QVERIFY(renderReport(report, ReportFormat::Csv).contains("\r\ndisk,/,used_bytes,4\r\n"));
    QVERIFY(renderReport(report, ReportFormat::Csv).contains("\r\nmachine,,load_1min,\r\n"));
}

void ReportTest::formatsAreKnownByNameAndByFile()
{
    QCOMPARE(reportFormatFromName(QStringLiteral("html")), std::optional(ReportFormat::Html));
    QVERIFY(!reportFormatFromName(QStringLiteral("xml")));
    QVERIFY(!reportFormatFromName(QStringLiteral("txt")));
    QCOMPARE(reportFormatOfFile(QStringLiteral("/tmp/a.csv")), std::optional(ReportFormat::Csv));
    QCOMPARE(reportFormatOfFile(QStringLiteral("a.htm")), std::optional(ReportFormat::Html));
    QVERIFY(!reportFormatOfFile(QStringLiteral("/tmp/html")));
    // the clocks of the report, not of the machine
    QCOMPARE(reportFileName(smallReport(), ReportFormat::Text),
             QStringLiteral("traffic_report_20260304_000000.txt"));
    QCOMPARE(reportFileName(smallReport(), ReportFormat::Json),
             QStringLiteral("traffic_report_20260304_000000.json"));
}

QTEST_GUILESS_MAIN(ReportTest)
#include "report_test.moc"
