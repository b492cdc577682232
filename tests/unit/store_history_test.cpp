// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/civil_time.h"
#include "helper/store/database.h"
#include "helper/store/schema.h"
#include "tests/unit/store_rig.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <map>
#include <random>

namespace weir {

namespace {

constexpr SeriesKey kWeb{SeriesKind::Watch, 1};
constexpr SeriesKey kLine{SeriesKind::Link, 1};
constexpr qint64 kDay = 86400;
constexpr qint64 kMost = 0x7fff'ffff'ffff'ffff;

// 2026-03-01 00:00 UTC
constexpr qint64 kMarch = 1'772'323'200;
// midnights in Berlin around 2026-03-29, when clocks go from 2:00 to 3:00: 23 hours apart
constexpr qint64 kShortDay = 1'774'738'800;
constexpr qint64 kAfterShortDay = kShortDay + 23 * 3600;

HistoryTraffic bytes(quint64 rx)
{
    HistoryTraffic traffic;
    traffic.scoped.internet.rxBytes = rx;
    return traffic;
}

HistoryChange changeOf(std::vector<HistoryRow> rows, qint64 savedS, const QByteArray &zone = "UTC")
{
    HistoryChange change;
    change.rows = std::move(rows);
    change.zone = zone;
    change.savedS = savedS;
    return change;
}

Result<void> write(Database &database, HistoryChange history)
{
    StateChange change;
    change.history = std::move(history);
    return database.write(change);
}

std::vector<quint64> received(Database &database, SeriesKey series, std::vector<qint64> bounds,
                              bool byDays = false)
{
    const auto answers = database.points({{series, std::move(bounds), "UTC", byDays}});
    std::vector<quint64> values;
    if (answers)
        for (const HistoryPoint &point : answers->front())
            values.push_back(point.traffic.scoped.internet.rxBytes);
    return values;
}

void tidyAll(Database &database)
{
    for (int step = 0; step < 100'000; ++step) {
        const auto more = database.tidy();
        QVERIFY2(more, qPrintable(more ? QString() : more.error().message));
        if (!*more)
            return;
    }
    QFAIL("there is always more to tidy");
}

qint64 rowsOf(const QString &path, const QString &table)
{
    return numberIn(path, QStringLiteral("SELECT count(*) FROM ") + table);
}

using Values = std::vector<quint64>;

} // namespace

class StoreHistoryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_directory = std::make_unique<QTemporaryDir>();
        m_path = m_directory->filePath(QStringLiteral("weir.db"));
        m_database = std::make_unique<Database>(m_path);
        QVERIFY(m_database->open());
    }
    void cleanup()
    {
        m_database.reset();
        m_directory.reset();
    }

    void rowsAddUpInTheirMinuteQuarterAndDay();
    void aHistoryThatFailsLeavesTheTotalsAsTheyWere();
    void aLocalDayHas23HoursWhenClocksGoForward();
    void everySpanSumsToTheLedgerWhateverTheZones_data();
    void everySpanSumsToTheLedgerWhateverTheZones();
    void sumsStayAtTheLargestNumberInsteadOfTurningNegative();
    void whatWasKnownOfTimeIsReadBack();
    void rowsOfTheFutureAreFoldedIntoTheMomentTheyWereSaved();
    void partsOfAQuarterAndADayBehindTheFoldAreMovedToo();
    void oldMinutesAndQuartersGoButTheirDaysStay();
    void nothingGoesWhileTheClockIsSuspected();
    void spansInWhichNoHelperCountedAreMarked();
    void seriesAreListedWithTheirRangeAndTotals();
    void theLargestRemotesAreNamedAndTheRestIsOther();
    void hoursKeepTheirFiftyLargestRemotesAndTurnIntoDays();
    void wholeDaysAreForgottenInAllTables();
    void aForgottenWatchLeavesNoHistory();
    void boundsThatDoNotAscendAreRefused();

private:
    std::unique_ptr<QTemporaryDir> m_directory;
    QString m_path;
    std::unique_ptr<Database> m_database;
};

void StoreHistoryTest::rowsAddUpInTheirMinuteQuarterAndDay()
{
    QVERIFY(
        write(*m_database,
              changeOf({{kWeb, kMarch, bytes(1)}, {kWeb, kMarch, bytes(2)}, {kWeb, kMarch + 60, bytes(10)}},
                       kMarch + 90)));
    QVERIFY(write(
        *m_database,
        changeOf(
            {{kWeb, kMarch + 60, bytes(100)}, {kWeb, kMarch + 900, bytes(1000)}, {kLine, kMarch, bytes(7)}},
            kMarch + 960)));
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + 60, kMarch + 120, kMarch + 180}),
             (Values{3, 110, 0}));
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + 900, kMarch + 1800}), (Values{113, 1000}));
    QCOMPARE(received(*m_database, kWeb, {kMarch - kDay, kMarch, kMarch + kDay, kMarch + 2 * kDay}, true),
             (Values{0, 1113, 0}));
    QCOMPARE(received(*m_database, kLine, {kMarch, kMarch + kDay}), (Values{7}));
    QCOMPARE(received(*m_database, {SeriesKind::Service, 1}, {kMarch, kMarch + kDay}), (Values{0}));
    QCOMPARE(rowsOf(m_path, QStringLiteral("minute")), 4);
    QCOMPARE(rowsOf(m_path, QStringLiteral("quarter")), 3);
    QCOMPARE(rowsOf(m_path, QStringLiteral("day")), 2);
}

void StoreHistoryTest::aHistoryThatFailsLeavesTheTotalsAsTheyWere()
{
    LinkRecord link;
    link.id = 1;
    link.name = QStringLiteral("eth0");
    link.total.internet.rxBytes = 5;
    QVERIFY(m_database->write({{}, {link}, {}, {}, {}, 0, changeOf({{kLine, kMarch, bytes(5)}}, kMarch)}));
    executeIn(m_path, {QStringLiteral("ALTER TABLE day RENAME TO gone")});
    link.total.internet.rxBytes = 12;
    const StateChange second{{},
                             {link},
                             {},
                             {},
                             {},
                             0,
                             changeOf({{kLine, kMarch, bytes(7)}, {kWeb, kMarch, bytes(1)}}, kMarch + 30)};
    QVERIFY(!m_database->write(second));
    executeIn(m_path, {QStringLiteral("ALTER TABLE gone RENAME TO day")});
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT internet_rx_bytes FROM link")), 5);
    QCOMPARE(received(*m_database, kLine, {kMarch, kMarch + 60}), (Values{5}));
    QVERIFY(m_database->write(second));
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT internet_rx_bytes FROM link")), 12);
    QCOMPARE(received(*m_database, kLine, {kMarch, kMarch + 60}), (Values{12}));
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + 60}), (Values{1}));
}

void StoreHistoryTest::aLocalDayHas23HoursWhenClocksGoForward()
{
    QVERIFY(write(*m_database,
                  changeOf({{kWeb, kShortDay - 60, bytes(1)},
                            {kWeb, kShortDay, bytes(10)},
                            {kWeb, kAfterShortDay - 60, bytes(100)},
                            {kWeb, kAfterShortDay, bytes(1000)}},
                           kAfterShortDay + 60, "Europe/Berlin")));
    QCOMPARE(rowsOf(m_path, QStringLiteral("day")), 3);
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT i_rx_bytes FROM day WHERE start_s = %1").arg(kShortDay)),
             110);
    QCOMPARE(received(*m_database, kWeb, {kShortDay - kDay, kShortDay, kAfterShortDay, kAfterShortDay + kDay},
                      true),
             (Values{1, 110, 1000}));
    // by days of another zone, from quarters
    QCOMPARE(received(*m_database, kWeb, {kMarch + 27 * kDay, kMarch + 28 * kDay, kMarch + 29 * kDay}, true),
             (Values{11, 1100}));
}

void StoreHistoryTest::everySpanSumsToTheLedgerWhateverTheZones_data()
{
    QTest::addColumn<QByteArrayList>("zones");
    QTest::newRow("UTC") << QByteArrayList{"UTC"};
    QTest::newRow("Berlin") << QByteArrayList{"Europe/Berlin"};
    QTest::newRow("a quarter of an hour off") << QByteArrayList{"Asia/Kathmandu"};
    QTest::newRow("moved") << QByteArrayList{"Europe/Berlin", "Asia/Kolkata", "America/St_Johns",
                                             "Europe/Berlin"};
    QTest::newRow("to and fro") << QByteArrayList{"Pacific/Auckland", "Pacific/Honolulu", "Pacific/Auckland",
                                                  "Pacific/Honolulu", "UTC"};
}

/// 60 days of random minutes, the zone changed in between at moments that are no midnight; then thinned out
/// to 20 days of quarters.
void StoreHistoryTest::everySpanSumsToTheLedgerWhateverTheZones()
{
    QFETCH(QByteArrayList, zones);
    constexpr int kDays = 60;
    std::mt19937_64 random(42);
    std::map<qint64, HistoryTraffic> ledger;
    std::vector<HistoryRow> rows;
    const auto any = [&](quint64 below) { return quint64(random() % below); };
    qint64 startS = kMarch;
    for (qsizetype i = 0; i < zones.size(); ++i) {
        const qint64 untilS = kMarch + kDays * kDay * (i + 1) / zones.size() + 3600;
        for (; startS < untilS; startS += 60 * qint64(1 + any(30))) {
            const HistoryTraffic traffic{
                {{any(1'000'000), any(5000), any(1000), any(9)}, {any(70), any(80), any(90), 0}},
                {0, any(3), 0, 0}};
            rows.push_back({kWeb, startS, traffic});
            ledger[startS] += traffic;
            if (any(5) == 0 || rows.size() > 200)
                QVERIFY(write(*m_database, changeOf(std::exchange(rows, {}), startS + 30, zones[i])));
        }
        QVERIFY(write(*m_database, changeOf(std::exchange(rows, {}), startS - 1, zones[i])));
    }
    const auto compare = [&](const std::vector<qint64> &bounds, bool byDays) {
        const auto answers = m_database->points({{kWeb, bounds, "UTC", byDays}});
        QVERIFY(answers);
        for (const HistoryPoint &point : answers->front()) {
            HistoryTraffic expected;
            for (auto row = ledger.lower_bound(point.startS); row != ledger.end() && row->first < point.endS;
                 ++row)
                expected += row->second;
            QVERIFY2(
                point.traffic == expected,
                qPrintable(QStringLiteral("%1 to %2").arg(point.startS - kMarch).arg(point.endS - kMarch)));
        }
    };
    const qint64 endS = kMarch + (kDays + 1) * kDay;
    const auto every = [&](qint64 fromS, qint64 stepS) {
        std::vector<qint64> bounds;
        for (qint64 boundS = fromS; boundS <= endS; boundS += stepS)
            bounds.push_back(boundS);
        return bounds;
    };
    for (const qint64 stepS : {qint64(900), qint64(3600), qint64(7 * 3600), 3 * kDay, 30 * kDay})
        compare(every(kMarch, stepS), false);
    compare(every(endS - kDay, 60), false);
    for (const char *zone : {"Europe/Berlin", "Asia/Kolkata", "UTC"}) {
        const auto bounds =
            bucketBoundaries(*CivilZone::named(QString::fromLatin1(zone)), Step::Day, kMarch, endS);
        QVERIFY(bounds);
        compare(*bounds, true);
    }
    m_database->setRetention({2, 20, 8});
    tidyAll(*m_database);
    const qint64 keptS = kMarch + (kDays - 18) * kDay;
    compare(every(keptS, 3600), false);
    compare({kMarch - kDay, keptS, endS}, false);
    compare({kMarch - kDay, endS}, false);
}

void StoreHistoryTest::sumsStayAtTheLargestNumberInsteadOfTurningNegative()
{
    const quint64 high = quint64(kMost) - 5;
    QVERIFY(write(
        *m_database,
        changeOf(
            {{kWeb, kMarch, bytes(high)}, {kWeb, kMarch, bytes(100)}, {kLine, kMarch, bytes(~quint64(0))}},
            kMarch)));
    QVERIFY(write(*m_database, changeOf({{kWeb, kMarch + 900, bytes(high)}}, kMarch + 900)));
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + 900, kMarch + 1800}),
             (Values{quint64(kMost), high}));
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + 900 * 40}), (Values{quint64(kMost)}));
    QCOMPARE(received(*m_database, kLine, {kMarch, kMarch + kDay}), (Values{quint64(kMost)}));
}

void StoreHistoryTest::whatWasKnownOfTimeIsReadBack()
{
    HistoryChange change =
        changeOf({{kWeb, kMarch + 120, bytes(1)}, {kLine, kMarch + 60, bytes(1)}}, kMarch + 150);
    change.marker = ClockMarker{kMarch, kMarch + 100};
    QVERIFY(write(*m_database, change));
    for (const bool isMarked : {true, false}) {
        m_database = std::make_unique<Database>(m_path);
        const auto state = m_database->open();
        QVERIFY(state);
        QCOMPARE(state->history.savedS, isMarked ? kMarch + 150 : kMarch + 200);
        QCOMPARE(state->history.newestS, kMarch + 120);
        QCOMPARE(state->history.marker.has_value(), isMarked);
        if (isMarked)
            QCOMPARE(*state->history.marker, (ClockMarker{kMarch, kMarch + 100}));
        HistoryChange forget;
        forget.marker = ClockMarker{};
        forget.savedS = kMarch + 200;
        QVERIFY(write(*m_database, forget));
    }
}

void StoreHistoryTest::rowsOfTheFutureAreFoldedIntoTheMomentTheyWereSaved()
{
    const qint64 futureS = kMarch + 400 * kDay;
    QVERIFY(write(*m_database, changeOf({{kWeb, kMarch, bytes(1)}}, kMarch)));
    HistoryChange ahead =
        changeOf({{kWeb, futureS, bytes(10)}, {kLine, futureS + 3600, bytes(20)}}, futureS + 3600);
    ahead.remotes = {{kWeb, futureS, *parseAddress(u"192.0.2.1"), 8, 2}};
    ahead.away = {{futureS, futureS + 600}};
    QVERIFY(write(*m_database, ahead));
    tidyAll(*m_database);
    HistoryChange back = changeOf({{kWeb, kMarch + 120, bytes(100)}}, kMarch + 130);
    back.foldAfterS = kMarch + 130;
    QVERIFY(write(*m_database, back));
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + 900}), (Values{111}));
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + kDay, futureS + 9 * kDay}, true),
             (Values{111, 0}));
    QCOMPARE(received(*m_database, kLine, {kMarch, kMarch + kDay}, true), (Values{20}));
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT max(start_s) FROM day")), kMarch);
    QCOMPARE(rowsOf(m_path, QStringLiteral("away")), 0);
    const auto remotes = m_database->remotes({kWeb, kMarch, kMarch + 3600, 5});
    QVERIFY(remotes);
    QCOMPARE(remotes->remotes.size(), size_t(1));
    QCOMPARE(remotes->remotes[0].rxBytes, 8u);
    // and from then on it goes on as ever
    const qint64 nextS = kMarch + 2 * kDay;
    QVERIFY(write(*m_database, changeOf({{kWeb, nextS, bytes(5)}}, nextS)));
    QCOMPARE(received(*m_database, kWeb, {nextS, nextS + 60, nextS + 900}), (Values{5, 0}));
}

void StoreHistoryTest::partsOfAQuarterAndADayBehindTheFoldAreMovedToo()
{
    // saved at 0:20, ahead by less than a quarter: 0:31 to 0:33, and at 5:00 of the same day
    QVERIFY(write(*m_database,
                  changeOf({{kWeb, kMarch + 1800, bytes(1)},
                            {kWeb, kMarch + 31 * 60, bytes(10)},
                            {kWeb, kMarch + 33 * 60, bytes(100)},
                            {kWeb, kMarch + 5 * 3600, bytes(1000)},
                            {kWeb, kMarch + kDay, bytes(10000)}},
                           kMarch + kDay)));
    HistoryChange back = changeOf({}, kMarch + 1200);
    back.foldAfterS = kMarch + 31 * 60;
    QVERIFY(write(*m_database, back));
    QCOMPARE(received(*m_database, kWeb, {kMarch + 1200, kMarch + 1260}), (Values{11100}));
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + 900, kMarch + 1800, kMarch + 2700}),
             (Values{0, 11100, 11}));
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + kDay, kMarch + 2 * kDay}, true),
             (Values{11111, 0}));
}

void StoreHistoryTest::oldMinutesAndQuartersGoButTheirDaysStay()
{
    std::vector<HistoryRow> rows;
    for (qint64 startS = kMarch; startS < kMarch + 30 * kDay; startS += 900)
        rows.push_back({kWeb, startS, bytes(1)});
    QVERIFY(write(*m_database, changeOf(rows, kMarch + 30 * kDay)));
    m_database->setRetention({2, 10, 8});
    tidyAll(*m_database);
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT min(start_s) FROM minute")), kMarch + 28 * kDay);
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT min(start_s) FROM quarter")), kMarch + 20 * kDay);
    QCOMPARE(rowsOf(m_path, QStringLiteral("day")), 30);
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + kDay, kMarch + 30 * kDay}, true),
             (Values{96, 29 * 96}));
    // a day that is all that is left stands where it began
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + 3600, kMarch + 7200}), (Values{96, 0}));
    // what comes late finds its day only
    QVERIFY(write(*m_database, changeOf({{kWeb, kMarch + 60, bytes(1)}}, kMarch + 30 * kDay)));
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + kDay}, true), (Values{97}));
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT min(start_s) FROM quarter")), kMarch + 20 * kDay);
}

void StoreHistoryTest::nothingGoesWhileTheClockIsSuspected()
{
    QVERIFY(write(*m_database, changeOf({{kWeb, kMarch, bytes(1)}}, kMarch)));
    HistoryChange leap = changeOf({}, kMarch + 1000 * kDay);
    leap.marker = ClockMarker{kMarch + 60, kMarch + 1000 * kDay};
    QVERIFY(write(*m_database, leap));
    tidyAll(*m_database);
    QCOMPARE(rowsOf(m_path, QStringLiteral("minute")), 1);
    HistoryChange sure = changeOf({}, kMarch + 1000 * kDay);
    sure.marker = ClockMarker{};
    QVERIFY(write(*m_database, sure));
    tidyAll(*m_database);
    QCOMPARE(rowsOf(m_path, QStringLiteral("minute")), 0);
}

void StoreHistoryTest::spansInWhichNoHelperCountedAreMarked()
{
    HistoryChange change = changeOf({}, kMarch);
    change.away = {{kMarch + 100, kMarch + 900}};
    QVERIFY(write(*m_database, change));
    const auto answers = m_database->points(
        {{kWeb, {kMarch, kMarch + 60, kMarch + 120, kMarch + 900, kMarch + 960}, "UTC", false}});
    QVERIFY(answers);
    std::vector<bool> away;
    for (const HistoryPoint &point : answers->front())
        away.push_back(point.away);
    QCOMPARE(away, (std::vector<bool>{false, true, true, false}));
}

void StoreHistoryTest::seriesAreListedWithTheirRangeAndTotals()
{
    LinkRecord link;
    link.id = 1;
    link.name = QStringLiteral("eth0");
    link.firstSeenS = kMarch - 5;
    link.total.internet.rxBytes = 5;
    link.totalOther.rxBytes = 6;
    link.totalUnmetered.rxBytes = 7;
    WatchRecord watch;
    watch.id = 1;
    watch.spec.name = QStringLiteral("web");
    watch.createdS = kMarch;
    watch.removedS = kMarch + 40 * kDay;
    WatchRecord idle = watch;
    idle.id = 2;
    QVERIFY(m_database->write({{watch, idle},
                               {link},
                               {},
                               {},
                               {},
                               0,
                               changeOf({{kWeb, kMarch + 60, bytes(1)},
                                         {kWeb, kMarch + 30 * kDay + 120, bytes(1)},
                                         {kLine, kMarch + 1200, bytes(5)}},
                                        kMarch + 30 * kDay + 150)}));
    auto series = m_database->series();
    QVERIFY(series);
    QCOMPARE(series->size(), size_t(3));
    QCOMPARE((*series)[0].key, kLine);
    QCOMPARE((*series)[0].createdS, kMarch - 5);
    QCOMPARE((*series)[0].total.rest.rxBytes, 13u);
    QCOMPARE((*series)[0].total.scoped.internet.rxBytes, 5u);
    QCOMPARE((*series)[1].name, QStringLiteral("web"));
    QCOMPARE((*series)[1].removedS, kMarch + 40 * kDay);
    QCOMPARE((*series)[1].firstS, kMarch + 60);
    QCOMPARE((*series)[1].lastS, kMarch + 30 * kDay + 120);
    QCOMPARE((*series)[2].firstS, 0);
    // minutes gone: the quarter is the first that is known; quarters gone: the day
    tidyAll(*m_database);
    series = m_database->series();
    QCOMPARE((*series)[1].firstS, kMarch);
    QCOMPARE((*series)[0].firstS, kMarch + 900);
    m_database->setRetention({2, 10, 8});
    tidyAll(*m_database);
    series = m_database->series();
    QCOMPARE((*series)[0].firstS, kMarch);
    QCOMPARE((*series)[0].lastS, kMarch);
}

void StoreHistoryTest::theLargestRemotesAreNamedAndTheRestIsOther()
{
    const Address v4 = *parseAddress(u"192.0.2.1");
    const Address v6 = *parseAddress(u"2001:db8::1");
    const Address small = *parseAddress(u"192.0.2.9");
    HistoryChange change =
        changeOf({{kWeb, kMarch, bytes(1000)}, {kWeb, kMarch + 3600, bytes(500)}}, kMarch + 3700);
    change.remotes = {{kWeb, kMarch, v4, 100, 0},
                      {kWeb, kMarch, v6, 600, 0},
                      {kWeb, kMarch + 3600, v4, 300, 0},
                      {kWeb, kMarch, small, 1, 0}};
    QVERIFY(write(*m_database, change));
    const auto both = m_database->remotes({kWeb, kMarch + 60, kMarch + 3660, 2});
    QVERIFY(both);
    QCOMPARE(both->fromS, kMarch);
    QCOMPARE(both->toS, kMarch + 7200);
    QCOMPARE(both->remotes.size(), size_t(2));
    QVERIFY(both->remotes[0].remote == v6);
    QCOMPARE(both->remotes[0].rxBytes, 600u);
    QVERIFY(both->remotes[1].remote == v4);
    QCOMPARE(both->remotes[1].rxBytes, 400u);
    QCOMPARE(both->otherRxBytes, 500u);
    const auto first = m_database->remotes({kWeb, kMarch, kMarch + 3600, 50});
    QCOMPARE(first->remotes.size(), size_t(3));
    QCOMPARE(first->otherRxBytes, 299u);
    QVERIFY(!m_database->remotes({kWeb, kMarch + 1, kMarch, 50}));
}

void StoreHistoryTest::hoursKeepTheirFiftyLargestRemotesAndTurnIntoDays()
{
    const auto remote = [](int n) {
        Address address;
        address.bytes = {10, 0, quint8(n >> 8), quint8(n)};
        return address;
    };
    for (int hour = 0; hour < 24; ++hour) {
        HistoryChange change =
            changeOf({{kWeb, kMarch + hour * 3600, bytes(100'000)}}, kMarch + hour * 3600 + 60);
        for (int n = 0; n < 80; ++n)
            change.remotes.push_back({kWeb, kMarch + hour * 3600, remote(n), quint64(n), 0});
        QVERIFY(write(*m_database, change));
    }
    QVERIFY(write(*m_database, changeOf({}, kMarch + kDay + 900)));
    tidyAll(*m_database);
    QCOMPARE(rowsOf(m_path, QStringLiteral("remote_hour")), 24 * 50);
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT min(rx_bytes) FROM remote_hour")), 30);
    QVERIFY(write(*m_database, changeOf({{kWeb, kMarch + 9 * kDay, bytes(1)}}, kMarch + 9 * kDay)));
    tidyAll(*m_database);
    QCOMPARE(rowsOf(m_path, QStringLiteral("remote_hour")), 0);
    QCOMPARE(rowsOf(m_path, QStringLiteral("remote_day")), 50);
    // an hour of that day is answered by all of it
    const auto ranking = m_database->remotes({kWeb, kMarch + 3600, kMarch + 7200, 1});
    QVERIFY(ranking);
    QCOMPARE(ranking->fromS, kMarch);
    QCOMPARE(ranking->toS, kMarch + kDay);
    QVERIFY(ranking->remotes[0].remote == remote(79));
    QCOMPARE(ranking->remotes[0].rxBytes, 24u * 79);
    QCOMPARE(ranking->otherRxBytes, 24u * (100'000 - 79));
}

void StoreHistoryTest::wholeDaysAreForgottenInAllTables()
{
    std::vector<HistoryRow> rows;
    for (qint64 startS = kMarch; startS < kMarch + 5 * kDay; startS += 3600)
        rows.push_back({kWeb, startS, bytes(1)});
    HistoryChange change = changeOf(rows, kMarch + 5 * kDay);
    for (int day = 0; day < 5; ++day)
        change.remotes.push_back({kWeb, kMarch + day * kDay, *parseAddress(u"192.0.2.1"), 1, 0});
    QVERIFY(write(*m_database, change));
    // the first day is not whole, nor is the fourth
    const auto rowsGone = m_database->forget(kWeb, kMarch + 3600, kMarch + 3 * kDay + 60);
    QVERIFY(rowsGone);
    QCOMPARE(*rowsGone, quint64(2 * (24 + 24 + 1 + 1)));
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + kDay, kMarch + 3 * kDay, kMarch + 5 * kDay}, true),
             (Values{24, 0, 48}));
    QCOMPARE(received(*m_database, kWeb,
                      {kMarch, kMarch + kDay - 900, kMarch + 3 * kDay + 900, kMarch + 5 * kDay}),
             (Values{24, 1, 47}));
    QCOMPARE(*m_database->forget(kWeb, kMarch + 60, kMarch + 3600), 0u);
    QVERIFY(*m_database->forget(kWeb, 0, 0) > 0);
    QCOMPARE(received(*m_database, kWeb, {kMarch, kMarch + 5 * kDay}), (Values{0}));
    QCOMPARE(*m_database->forget({SeriesKind::Service, 9}, 0, 0), 0u);
}

void StoreHistoryTest::aForgottenWatchLeavesNoHistory()
{
    WatchRecord watch;
    watch.id = 1;
    QVERIFY(m_database->write({{watch},
                               {},
                               {},
                               {},
                               {},
                               0,
                               changeOf({{kWeb, kMarch, bytes(1)}, {kLine, kMarch, bytes(2)}}, kMarch)}));
    QVERIFY(m_database->write({{}, {}, {1}, {}, {}, 0, {}}));
    for (const char *table : {"series", "minute", "quarter", "day"})
        QCOMPARE(rowsOf(m_path, QLatin1String(table)), 1);
    QCOMPARE(received(*m_database, kLine, {kMarch, kMarch + 60}), (Values{2}));
}

void StoreHistoryTest::boundsThatDoNotAscendAreRefused()
{
    const auto refused = m_database->points({{kWeb, {kMarch, kMarch}, "UTC", false}});
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, ErrorKind::InvalidArgument);
    QVERIFY(m_database->points({{kWeb, {}, "UTC", false}})->front().empty());
}

} // namespace weir

QTEST_GUILESS_MAIN(weir::StoreHistoryTest)
#include "store_history_test.moc"
