// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a year of history costs: charts, sums and rankings out of a database with a year of 100 watches and
// two links that moved something in every quarter of an hour; a flush of all of them; the start; the file;
// memory.
//
//     weir_history_bench [WATCHES]    a database of fewer watches
//
// A year by the minute is 54 million rows: the store writes the last two days, minute after minute. What is
// older is written straight in SQL, in the order of time, as the tidier leaves it: quarters, days, addresses
// by the hour and then by the day. The store's own check says whether the tables are what it takes for sound.
//
// Of four watches two are used over the internet only, one from the local network only and one from both;
// each has 10 remote addresses in an hour and 20 in a day.

#include "helper/engine/civil_time.h"
#include "helper/store/connection.h"
#include "helper/store/database.h"
#include "helper/store/store.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <random>
#include <type_traits>

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

using namespace weir;

namespace {

constexpr int kLinks = 2;
constexpr int kRemotesAnHour = 10;
constexpr int kRemotesADay = 20;
constexpr SeriesKey kWatch{SeriesKind::Watch, 1};

/// The flushes that are measured take place in these last minutes of the year.
constexpr qint64 kFlushesS = 30 * kMinuteS;

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values.at(values.size() / 2);
}

double milliseconds(const std::function<void()> &work)
{
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

template <typename T>
T must(Result<T> result)
{
    if (!result)
        qFatal("%s", qPrintable(result.error().message));
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

/// What the store answers, as the helper gets it: from the other thread, by the event loop.
template <typename T>
T answerOf(const std::function<void(std::function<void(Result<T>)>)> &ask)
{
    QEventLoop loop;
    std::optional<Result<T>> answer;
    ask([&](Result<T> given) {
        answer = std::move(given);
        loop.quit();
    });
    loop.exec();
    return must(std::move(*answer));
}

/// A calendar year, with days of 23 and 25 hours in it.
struct Year {
    CivilZone zone = must(CivilZone::named(u"Europe/Berlin"));
    QDate firstDay = QDate(2025, 1, 1);
    QDate lastDay = QDate(2025, 12, 31);
    qint64 fromS = zone.startOfDay(firstDay);
    qint64 toS = zone.startOfDay(lastDay.addDays(1));
    qint64 nowS = toS - kFlushesS; ///< up to here it is there before anything is measured

    QByteArray zoneName() const { return zone.name().toUtf8(); }
    /// From here on the store writes itself: a little longer than it keeps minutes.
    qint64 minutesFromS() const { return nowS - Retention().minuteDays * 86400 - 2 * kHourS; }
};

/// Watches and links that move something every minute: what the helper hands to the store.
class Machine
{
public:
    explicit Machine(int watches)
    {
        for (int id = 1; id <= watches; ++id) {
            WatchRecord watch;
            watch.id = id;
            watch.spec.name = QStringLiteral("watch-%1").arg(id);
            watch.spec.ports = {{quint16(20000 + id), quint16(20000 + id)}};
            watch.baseline.bootId = m_bootId;
            watch.baseline.generation = 1;
            m_watches.push_back(watch);
        }
        for (int id = 1; id <= kLinks; ++id) {
            LinkRecord link;
            link.id = id;
            link.name = QStringLiteral("eth%1").arg(id);
            link.hardwareAddress = QByteArrayLiteral("\x02\x00\x00\x00\x00\x01");
            link.kind = LinkKind::Ethernet;
            link.baseline.bootId = m_bootId;
            link.baseline.generation = 1;
            m_links.push_back(link);
        }
    }

    /// A flush in which every series has grown, each with `remotes` addresses.
    StateChange flush(const Year &year, qint64 minuteS, int remotes)
    {
        StateChange change;
        change.history.zone = year.zoneName();
        change.history.savedS = minuteS + kMinuteS - 1;
        for (WatchRecord &watch : m_watches) {
            const HistoryTraffic grown =
                traffic(watch.id % 4 != 3, watch.id % 4 == 3 || watch.id % 4 == 0, false);
            watch.total += grown.scoped;
            watch.baseline.raw = watch.total;
            add(change.history, {SeriesKind::Watch, watch.id}, minuteS, grown, remotes);
        }
        for (LinkRecord &link : m_links) {
            const HistoryTraffic grown = traffic(true, true, true);
            link.total += grown.scoped;
            link.totalOther += grown.rest;
            link.baseline.raw = link.total;
            add(change.history, {SeriesKind::Link, link.id}, minuteS, grown, remotes);
        }
        change.watches = m_watches;
        change.links = m_links;
        return change;
    }

    int series() const { return int(m_watches.size() + m_links.size()); }

private:
    HistoryTraffic traffic(bool internet, bool local, bool rest)
    {
        const quint64 rx = 60'000 + m_random() % 13'000'000;
        HistoryTraffic traffic;
        if (internet)
            traffic.scoped.internet = {rx, rx / 20, rx / 1000, rx / 1500};
        if (local)
            traffic.scoped.local = {rx / 4, rx / 30, rx / 4000, rx / 5000};
        if (rest)
            traffic.rest = {rx / 5000, rx / 6000, rx / 300'000, rx / 400'000};
        return traffic;
    }

    static void add(HistoryChange &history, SeriesKey series, qint64 minuteS, const HistoryTraffic &traffic,
                    int remotes)
    {
        history.rows.push_back({series, minuteS, traffic});
        for (int i = 0; i < remotes; ++i) {
            const qint64 hour = minuteS / kHourS;
            const qint64 number = (minuteS / kMinuteS + i) % kRemotesAnHour;
            const Address remote{false,
                                 {quint8(number + 1), quint8(hour >> 8), quint8(hour), quint8(series.id)}};
            history.remotes.push_back({series, hour * kHourS, remote, 5000, 500});
        }
    }

    const QString m_bootId = QStringLiteral("01234567-89ab-cdef-0123-456789abcdef");
    std::vector<WatchRecord> m_watches;
    std::vector<LinkRecord> m_links;
    std::minstd_rand m_random{1};
};

/// 0 or 1 for the internet, the local network and the rest, as Machine has them.
QString scopesOfSeries()
{
    return QStringLiteral("kind = 'link' OR id % 4 <> 3, kind = 'link' OR id % 4 IN (0, 3), kind = 'link'");
}

/// One local day of the past up to `toS`, in the order in which a helper writes it.
void writeDay(Connection &connection, qint64 zone, qint64 fromS, qint64 toS)
{
    const QString columns = Counters::columns().join(QLatin1String(", "));
    const QString sums =
        QStringLiteral("sum(") + Counters::columns().join(QLatin1String("), sum(")) + QLatin1Char(')');
    must(connection.execute(
        QStringLiteral(
            "WITH RECURSIVE time(at) AS (SELECT %1 UNION ALL SELECT at + 900 FROM time WHERE at + 900 < %2), "
            "passed(number, at, i, l, r, rx) AS (SELECT number, at, %3, "
            "1000000 + ((number * 7919 + at / 900) * 2654435761) % 200000000 FROM time CROSS JOIN series) "
            "INSERT OR IGNORE INTO quarter (series, start_s, %4) SELECT number, at, "
            "i * rx, i * (rx / 20), i * (rx / 1000), i * (rx / 1500), "
            "l * (rx / 4), l * (rx / 30), l * (rx / 4000), l * (rx / 5000), "
            "r * (rx / 5000), r * (rx / 6000), r * (rx / 300000), r * (rx / 400000) FROM passed")
            .arg(fromS)
            .arg(toS)
            .arg(scopesOfSeries(), columns)));
    must(connection.execute(
        QStringLiteral(
            "INSERT OR REPLACE INTO day (series, start_s, zone, %1) SELECT number, %2, %3, %4 FROM series "
            "CROSS JOIN quarter ON series = number AND start_s >= %2 AND start_s < %5 GROUP BY number")
            .arg(columns)
            .arg(fromS)
            .arg(zone)
            .arg(sums)
            .arg(toS)));
}

/// Remote addresses of one local day, by the day or by the hour.
void writeRemotes(Connection &connection, qint64 fromS, qint64 toS, bool byDay)
{
    const QString remote = QStringLiteral("randomblob(iif(n % 3 = 0, 16, 4)), 50000000 + n, 2000000 + n");
    const QString count =
        QStringLiteral("WITH RECURSIVE each(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM each WHERE n < %1) ");
    if (byDay)
        must(connection.execute(
            count.arg(kRemotesADay)
            + QStringLiteral("INSERT INTO remote_day SELECT number, %1, %2 FROM series CROSS JOIN each")
                  .arg(fromS)
                  .arg(remote)));
    for (qint64 hourS = fromS; !byDay && hourS < toS; hourS += kHourS)
        must(connection.execute(
            count.arg(kRemotesAnHour)
            + QStringLiteral("INSERT INTO remote_hour SELECT number, %1, %2 FROM series CROSS JOIN each")
                  .arg(hourS / kHourS)
                  .arg(remote)));
}

void writePast(const QString &path, const Year &year)
{
    Connection connection(path);
    must(connection.open(Connection::Access::ReadWrite));
    must(connection.execute(QStringLiteral("PRAGMA synchronous = OFF")));
    const qint64 zone = must(connection.number(QStringLiteral("SELECT number FROM zone")));
    const qint64 hoursFromS = year.zone.startOfBucket(Step::Day, year.nowS - Retention().remoteDays * 86400);
    for (QDate day = year.firstDay; day <= year.lastDay; day = day.addDays(1)) {
        const qint64 fromS = year.zone.startOfDay(day);
        const qint64 toS = std::min(year.zone.startOfDay(day.addDays(1)), year.minutesFromS());
        if (fromS < toS)
            must(connection.transaction([&]() -> Result<void> {
                writeDay(connection, zone, fromS, toS);
                writeRemotes(connection, fromS, toS, fromS < hoursFromS);
                return {};
            }));
    }
}

/// What a helper that ran for a year would have left.
void writeYear(const QString &path, const Year &year, Machine &machine)
{
    {
        Database database(path);
        must(database.open());
        must(database.write(machine.flush(year, year.fromS, 0))); // names the series and the zone
    }
    writePast(path, year);
    Database database(path);
    must(database.open());
    for (qint64 minuteS = year.minutesFromS(); minuteS < year.nowS; minuteS += kMinuteS)
        must(database.write(machine.flush(year, minuteS, 1)));
    while (must(database.tidy())) { }
}

/// A chart as people ask for it: in as many questions as its points need.
std::vector<HistoryQuery> chart(SeriesKey series, const CivilZone &zone, Step step, qint64 fromS, qint64 toS)
{
    const bool byDays = step == Step::Day || step == Step::Month;
    if (auto bounds = bucketBoundaries(zone, step, fromS, toS))
        return {{series, std::move(*bounds), zone.name().toUtf8(), byDays}};
    const qint64 middleS = zone.startOfBucket(Step::Day, fromS + (toS - fromS) / 2);
    auto parts = chart(series, zone, step, fromS, middleS);
    std::ranges::copy(chart(series, zone, step, middleS, toS), std::back_inserter(parts));
    return parts;
}

/// As Engine::ranking() asks: whole days, and what is left at both ends.
std::vector<HistoryQuery> rankingOf(const Year &year, int watches, qint64 fromS, qint64 toS)
{
    const qint64 firstDayS = year.zone.endOfBucket(Step::Day, fromS);
    const qint64 lastDayS = year.zone.startOfBucket(Step::Day, toS);
    std::vector<HistoryQuery> queries;
    for (int id = 1; id <= watches; ++id) {
        const SeriesKey series{SeriesKind::Watch, id};
        queries.push_back({series, {firstDayS, lastDayS}, year.zoneName(), true});
        queries.push_back({series, {fromS, firstDayS}, year.zoneName(), false});
        queries.push_back({series, {lastDayS, toS}, year.zoneName(), false});
    }
    return queries;
}

/// As GetSums asks: this day, month and year of everything.
std::vector<HistoryQuery> sumsOf(const Year &year, int watches)
{
    const QDate today = year.zone.dayOf(year.nowS);
    std::vector<HistoryQuery> queries;
    const auto add = [&](SeriesKey series) {
        for (const qint64 fromS :
             {year.zone.startOfDay(today), year.zone.startOfMonth(today), year.zone.startOfYear(today)})
            queries.push_back({series, {fromS, year.toS}, year.zoneName(), true});
    };
    for (int id = 1; id <= watches; ++id)
        add({SeriesKind::Watch, id});
    for (int id = 1; id <= kLinks; ++id)
        add({SeriesKind::Link, id});
    return queries;
}

/// The next reading of a file comes from the disk.
void forgetPages(const QString &path)
{
    const int file = open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC);
    if (file < 0 || fsync(file) != 0 || posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) != 0)
        qFatal("cannot drop %s from the cache", qPrintable(path));
    close(file);
}

/// A line "name: number" of a file of this process in /proc.
double ownNumber(const char *fileName, const QByteArray &name)
{
    QFile file(QStringLiteral("/proc/self/") + QLatin1String(fileName));
    if (file.open(QIODevice::ReadOnly))
        for (const QByteArray &line : file.readAll().split('\n'))
            if (line.startsWith(name + ':'))
                return line.mid(name.size() + 1).simplified().split(' ').first().toDouble();
    qFatal("no %s in /proc/self/%s", name.constData(), fileName);
}

/// The high-water mark of memory begins anew: what filling the database took is not the store's.
void beginMemoryMark()
{
    malloc_trim(0);
    QFile file(QStringLiteral("/proc/self/clear_refs"));
    if (!file.open(QIODevice::WriteOnly) || file.write("5") != 1 || !file.flush())
        qFatal("cannot reset the high-water mark of memory");
}

class Bench
{
public:
    explicit Bench(int watches) : m_watches(watches), m_machine(watches)
    {
        const double fillMs = milliseconds([this] { writeYear(m_path, m_year, m_machine); });
        std::fprintf(stderr, "a year of %d watches and %d links written in %.0f s\n", watches, kLinks,
                     fillMs / 1000);
        beginMemoryMark();
    }

    QJsonArray measure()
    {
        row(QStringLiteral("start"), start(false), "ms", {});
        row(QStringLiteral("start, nothing of the file cached"), start(true), "ms", {});
        m_store = std::make_unique<Store>(m_directory.path());
        must(m_store->open());
        charts();
        overviews();
        flushes();
        row(QStringLiteral("memory at its highest, the store alone"), ownNumber("status", "VmHWM") / 1024,
            "MiB", 40);
        check();
        m_store.reset();
        sizes();
        return m_rows;
    }

private:
    void row(const QString &what, double value, const char *unit, std::optional<double> budget)
    {
        m_rows.append(QJsonObject{{QStringLiteral("what"), what},
                                  {QStringLiteral("value"), value},
                                  {QStringLiteral("unit"), QLatin1String(unit)},
                                  {QStringLiteral("budget"), budget ? QJsonValue(*budget) : QJsonValue()}});
    }

    double repeated(const std::function<void()> &work) const
    {
        std::vector<double> times;
        for (int round = 0; round < m_rounds; ++round)
            times.push_back(milliseconds(work));
        return median(times);
    }

    double start(bool cold) const
    {
        std::vector<double> times;
        for (int round = 0; round < m_rounds; ++round) {
            if (cold)
                forgetPages(m_path);
            Store store(m_directory.path());
            times.push_back(milliseconds([&] { must(store.open()); }));
        }
        return median(times);
    }

    std::vector<std::vector<HistoryPoint>> points(const std::vector<HistoryQuery> &queries) const
    {
        return answerOf<std::vector<std::vector<HistoryPoint>>>(
            [&](auto answer) { m_store->archive().points(queries, answer); });
    }

    /// Gives the bytes of all points.
    quint64 chartRow(const QString &what, const std::vector<HistoryQuery> &queries,
                     std::optional<double> budget)
    {
        quint64 bytes = 0;
        size_t count = 0;
        row(what, repeated([&] { points(queries); }), "ms", budget);
        for (const auto &answer : points(queries)) {
            count += answer.size();
            for (const HistoryPoint &point : answer)
                bytes += point.traffic.total().rxBytes;
        }
        if (bytes == 0 || count < 12)
            qFatal("%s: %zu points, %llu bytes", qPrintable(what), count,
                   static_cast<unsigned long long>(bytes));
        return bytes;
    }

    void charts()
    {
        const auto year = [&](const CivilZone &zone, Step step) {
            return chart(kWatch, zone, step, m_year.fromS, m_year.toS);
        };
        const CivilZone elsewhere = must(CivilZone::named(u"America/New_York"));
        const quint64 bytes =
            chartRow(QStringLiteral("a year of one watch by day"), year(m_year.zone, Step::Day), 20);
        const std::vector<quint64> others{
            chartRow(QStringLiteral("a year of one watch by month"), year(m_year.zone, Step::Month), 20),
            chartRow(QStringLiteral("a year of one watch by day of another zone"), year(elsewhere, Step::Day),
                     20),
            chartRow(QStringLiteral("a year of one watch by month of another zone"),
                     year(elsewhere, Step::Month), 20),
            chartRow(QStringLiteral("a year of one watch by hour, in questions of at most 5,000 points"),
                     year(m_year.zone, Step::Hour), {}),
            chartRow(QStringLiteral("a year of one watch by quarter, in questions of at most 5,000 points"),
                     year(m_year.zone, Step::Quarter), {}),
        };
        for (const quint64 other : others)
            if (other != bytes)
                qFatal("a year's charts differ: %llu and %llu bytes", static_cast<unsigned long long>(bytes),
                       static_cast<unsigned long long>(other));
        chartRow(QStringLiteral("24 hours of one watch by minute"),
                 chart(kWatch, m_year.zone, Step::Minute, m_year.nowS - 86400, m_year.nowS), {});
    }

    void overviews()
    {
        const qint64 monthAgoS = m_year.nowS - 30 * 86400;
        const auto ranking = rankingOf(m_year, m_watches, monthAgoS, m_year.nowS);
        row(QStringLiteral("ranking of all watches over 30 days"), repeated([&] {
                answerOf<std::vector<SeriesInfo>>([&](auto answer) { m_store->archive().series(answer); });
                points(ranking);
            }),
            "ms", {});
        const auto sums = sumsOf(m_year, m_watches);
        row(QStringLiteral("sums of today, this month and this year of all"), repeated([&] { points(sums); }),
            "ms", {});
        const RemoteQuery remotes{kWatch, m_year.fromS, m_year.toS, 50};
        row(QStringLiteral("remote addresses of one watch over a year"), repeated([&] {
                answerOf<RemoteRanking>([&](auto answer) { m_store->archive().remotes(remotes, answer); });
            }),
            "ms", {});
    }

    /// Each in a minute of its own: a new row of each series for the minute, more in its quarter and its day.
    void flushes()
    {
        qint64 minuteS = m_year.nowS;
        for (const int remotes : {0, kRemotesAnHour}) {
            std::vector<double> times;
            const double before = ownNumber("io", "wchar");
            for (int i = 0; i < kFlushesS / kMinuteS / 2; ++i, minuteS += kMinuteS) {
                StateChange change = m_machine.flush(m_year, minuteS, remotes);
                times.push_back(milliseconds([&] {
                    answerOf<void>([&](auto answer) { m_store->write(std::move(change), answer); });
                }));
                m_store->drain(); // what is thinned out behind it
            }
            QString what = QStringLiteral("a flush, all %1 series changed").arg(m_machine.series());
            if (remotes > 0)
                what += QStringLiteral(", each with %1 addresses").arg(remotes);
            const double written = ownNumber("io", "wchar") - before;
            row(what, median(times), "ms", {});
            row(what + QStringLiteral(", the slowest of %1").arg(times.size()),
                *std::ranges::max_element(times), "ms", {});
            row(what + QStringLiteral(", written on average"), written / 1000 / double(times.size()), "kB",
                {});
        }
    }

    void check()
    {
        QStringList findings;
        const double ms = milliseconds(
            [&] { findings = answerOf<QStringList>([&](auto answer) { m_store->check(answer); }); });
        if (!findings.isEmpty())
            qFatal("the database is not sound: %s", qPrintable(findings.join(QLatin1String("; "))));
        row(QStringLiteral("the check of the whole database"), ms, "ms", {});
    }

    void sizes()
    {
        const double megabytes = double(QFileInfo(m_path).size()) / 1e6;
        row(QStringLiteral("file, %1 watches and %2 links, one year").arg(m_watches).arg(kLinks), megabytes,
            "MB", {});
        // with fewer watches the links, which have traffic of all scopes, weigh too much
        if (m_watches >= 50)
            row(QStringLiteral("file, as many bytes a series, 50 watches and %1 links").arg(kLinks),
                megabytes / m_machine.series() * (50 + kLinks), "MB", 100);
        Connection reader(m_path);
        must(reader.open(Connection::Access::ReadOnly));
        // not every SQLite has this table
        if (const auto remotes = reader.number(
                QStringLiteral("SELECT sum(pgsize) FROM dbstat WHERE name IN ('remote_hour', 'remote_day')")))
            row(QStringLiteral("of it addresses, 50 watches and %1 links").arg(kLinks),
                double(*remotes) / 1e6 / m_machine.series() * (50 + kLinks), "MB", {});
    }

    const int m_watches;
    const int m_rounds = qEnvironmentVariableIntValue("WEIR_BENCH_ROUNDS")
        ? qEnvironmentVariableIntValue("WEIR_BENCH_ROUNDS")
        : 9;
    const Year m_year;
    QTemporaryDir m_directory;
    const QString m_path = m_directory.filePath(QStringLiteral("weir.db"));
    Machine m_machine;
    std::unique_ptr<Store> m_store;
    QJsonArray m_rows;
};

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const QString argument = application.arguments().value(1, QStringLiteral("100"));
    const int watches = argument.toInt();
    if (watches < 1 || watches > 1000) {
        std::fprintf(stderr, "weir_history_bench: %s: a number of watches from 1 to 1000 is needed\n",
                     qPrintable(argument));
        return 2;
    }
    const QJsonObject result{{QStringLiteral("history"), Bench(watches).measure()}};
    std::puts(QJsonDocument(result).toJson(QJsonDocument::Compact).constData());
    return 0;
}
