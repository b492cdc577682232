// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/civil_time.h"

#include <QDateTime>
#include <QTest>

using namespace Qt::StringLiterals;

namespace weir {

namespace {

qint64 at(const QString &isoUtc)
{
    return QDateTime::fromString(isoUtc, Qt::ISODate).toSecsSinceEpoch();
}

QString iso(qint64 instantS)
{
    return QDateTime::fromSecsSinceEpoch(instantS, Qt::UTC).toString(Qt::ISODate);
}

CivilZone zoned(const char *name)
{
    return CivilZone::named(QString::fromLatin1(name)).value();
}

template <typename T>
QString refusal(const Result<T> &result)
{
    return result                                           ? u"accepted"_s
        : result.error().kind == ErrorKind::InvalidArgument ? result.error().message
                                                            : u"wrong kind"_s;
}

QStringList boundaries(const char *zone, Step step, const char *from, const char *to)
{
    QStringList texts;
    const auto bounds =
        bucketBoundaries(zoned(zone), step, at(QString::fromLatin1(from)), at(QString::fromLatin1(to)));
    for (const qint64 bound : bounds.value())
        texts += iso(bound);
    return texts;
}

} // namespace

class CivilTimeTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void stepsReadBack();
    void anUnknownStepIsNamed();
    void zonesOfTheDatabaseAreFound_data();
    void zonesOfTheDatabaseAreFound();
    void whatIsNoZoneIsRefusedByName_data();
    void whatIsNoZoneIsRefusedByName();
    void anEmptyNameIsTheMachinesZone();

    void offsetsFollowTheRulesOfEachYear_data();
    void offsetsFollowTheRulesOfEachYear();
    void daysBeginAtTheirFirstInstant_data();
    void daysBeginAtTheirFirstInstant();
    void anInstantBelongsToTheDayThatBeganLast();
    void monthsAndYearsBeginOnTheirFirstDay();

    void minutesAndQuartersAreThoseOfUtc();
    void hoursOfAHalfHourZoneBeginAtHalfPastInUtc();
    void theSpringNightHas23HoursAndTheAutumnNight25();
    void aChangeByHalfAnHourMakesAShortHour();
    void daysOf23And25HoursAreWholeBuckets();
    void aDayThatAZoneSkippedHasNoBucket();
    void monthsFollowTheCalendar();
    void bucketsJoinWithoutGapInEveryStep_data();
    void bucketsJoinWithoutGapInEveryStep();
    void exactlyFiveThousandBucketsAreAllowed();
    void tooManyBucketsAndBadRangesAreRefusedByName();

    void timesAreReadOnTheClocksOfTheZone_data();
    void timesAreReadOnTheClocksOfTheZone();
    void timesRelativeToNowAreRead_data();
    void timesRelativeToNowAreRead();
    void whatDoesNotExistIsRefusedWithTheReason_data();
    void whatDoesNotExistIsRefusedWithTheReason();
};

void CivilTimeTest::stepsReadBack()
{
    for (const Step step : {Step::Minute, Step::Quarter, Step::Hour, Step::Day, Step::Month})
        QVERIFY(parseStep(toString(step)).value() == step);
    QVERIFY(parseStep(u"quarter").value() == Step::Quarter);
}

void CivilTimeTest::anUnknownStepIsNamed()
{
    QCOMPARE(refusal(parseStep(u"week")), u"step: \"week\" is none of minute, quarter, hour, day, month"_s);
    QCOMPARE(refusal(parseStep(u"")), u"step: \"\" is none of minute, quarter, hour, day, month"_s);
}

void CivilTimeTest::zonesOfTheDatabaseAreFound_data()
{
    QTest::addColumn<QString>("name");
    for (const char *name : {"UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires",
                             "Asia/Calcutta", "Etc/GMT+3", "America/Port-au-Prince"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

void CivilTimeTest::zonesOfTheDatabaseAreFound()
{
    QFETCH(QString, name);
    QCOMPARE(CivilZone::named(name).value().name(), name);
}

void CivilTimeTest::whatIsNoZoneIsRefusedByName_data()
{
    QTest::addColumn<QString>("name");
    // some of these Qt alone takes for zones: rules, offsets, directories and unknown words
    for (const char *name :
         {"Mars/Olympus", "Foo", "Europe", "europe/berlin", "EST5EDT4,M3.2.0,M11.1.0", "UTC+3", "UTC+03:00",
          "../../../etc/passwd", "/etc/localtime", "Europe/../Europe/Berlin", "Europe//Berlin",
          "Europe/Berlin/", "right/Europe/Berlin", "posix/Europe/Berlin", " Europe/Berlin", "zone.tab",
          "tzdata.zi"})
        QTest::newRow(name) << QString::fromLatin1(name);
    QTest::newRow("not Latin") << u"Europe/Zürich"_s;
    QTest::newRow("nul inside") << QString(u"Europe/Berlin"_s + QChar(0) + u"x"_s);
    QTest::newRow("very long") << QString(100'000, u'A');
}

void CivilTimeTest::whatIsNoZoneIsRefusedByName()
{
    QFETCH(QString, name);
    const QString message = refusal(CivilZone::named(name));
    QVERIFY2(message.startsWith(u"zone: \""_s + name.left(6)), qPrintable(message));
    QVERIFY(message.size() < 120);
}

void CivilTimeTest::anEmptyNameIsTheMachinesZone()
{
    const QByteArray before = qgetenv("TZ");
    qputenv("TZ", "Asia/Kathmandu");
    const auto zone = CivilZone::named(u"");
    before.isNull() ? qunsetenv("TZ") : qputenv("TZ", before);
    QCOMPARE(zone.value().name(), u"Asia/Kathmandu"_s);
}

void CivilTimeTest::offsetsFollowTheRulesOfEachYear_data()
{
    QTest::addColumn<QString>("zone");
    QTest::addColumn<QString>("instant");
    QTest::addColumn<int>("minutes");
    const auto row = [](const char *zone, const char *instant, int minutes) {
        QTest::addRow("%s %s", zone, instant)
            << QString::fromLatin1(zone) << QString::fromLatin1(instant) << minutes;
    };
    row("Europe/Berlin", "2026-03-29T00:59:59Z", 60);
    row("Europe/Berlin", "2026-03-29T01:00:00Z", 120);
    row("Europe/Berlin", "2026-10-25T00:59:59Z", 120);
    row("Europe/Berlin", "2026-10-25T01:00:00Z", 60);
    row("Europe/Berlin", "2037-12-01T00:00:00Z", 60);
    row("Europe/Berlin", "2038-07-01T00:00:00Z", 120); // after the last year of the zone's own table
    row("Europe/Berlin", "2099-07-01T00:00:00Z", 120);
    row("America/New_York", "2006-03-20T12:00:00Z", -300); // until 2006 from April on
    row("America/New_York", "2007-03-20T12:00:00Z", -240); // since 2007 from March on
    row("Asia/Kathmandu", "2026-01-01T00:00:00Z", 345);
    row("Australia/Lord_Howe", "2026-01-01T00:00:00Z", 660);
    row("Australia/Lord_Howe", "2026-07-01T00:00:00Z", 630);
    row("Europe/Moscow", "2012-01-01T00:00:00Z", 240); // changed for good in 2011, and back in 2014
    row("Europe/Moscow", "2026-01-01T00:00:00Z", 180);
}

void CivilTimeTest::offsetsFollowTheRulesOfEachYear()
{
    QFETCH(QString, zone);
    QFETCH(QString, instant);
    QTEST(CivilZone::named(zone).value().offsetAt(at(instant)) / 60, "minutes");
}

void CivilTimeTest::daysBeginAtTheirFirstInstant_data()
{
    QTest::addColumn<QString>("zone");
    QTest::addColumn<QDate>("day");
    QTest::addColumn<QString>("start");
    const auto row = [](const char *zone, QDate day, const char *start) {
        QTest::addRow("%s %s", zone, qPrintable(day.toString(Qt::ISODate)))
            << QString::fromLatin1(zone) << day << QString::fromLatin1(start);
    };
    row("UTC", {2026, 1, 1}, "2026-01-01T00:00:00Z");
    row("Asia/Shanghai", {2026, 1, 1}, "2025-12-31T16:00:00Z");
    row("America/New_York", {2026, 3, 8}, "2026-03-08T05:00:00Z");
    row("America/New_York", {2026, 3, 9}, "2026-03-09T04:00:00Z");
    row("America/Santiago", {2026, 9, 6}, "2026-09-06T04:00:00Z"); // no midnight: the day begins at 01:00
    row("America/Santiago", {2026, 4, 5},
        "2026-04-05T04:00:00Z"); // 24:00 became 23:00 of the 4th: begins at the second midnight
    row("America/Havana", {2026, 11, 1}, "2026-11-01T04:00:00Z"); // midnight comes twice: the first
    row("America/St_Johns", {2010, 11, 7},
        "2010-11-07T02:30:00Z"); // 00:01 became 23:01 of the 6th: began before that
    row("Pacific/Apia", {2011, 12, 30}, "2011-12-30T10:00:00Z"); // skipped whole
    row("Pacific/Apia", {2011, 12, 31}, "2011-12-30T10:00:00Z");
}

void CivilTimeTest::daysBeginAtTheirFirstInstant()
{
    QFETCH(QString, zone);
    QFETCH(QDate, day);
    QTEST(iso(CivilZone::named(zone).value().startOfDay(day)), "start");
}

void CivilTimeTest::anInstantBelongsToTheDayThatBeganLast()
{
    QCOMPARE(zoned("Asia/Kolkata").dayOf(at(u"2026-06-30T18:29:59Z"_s)), QDate(2026, 6, 30));
    QCOMPARE(zoned("Asia/Kolkata").dayOf(at(u"2026-06-30T18:30:00Z"_s)), QDate(2026, 7, 1));
    // clocks show the 6th again, but the 7th has begun
    QCOMPARE(zoned("America/St_Johns").dayOf(at(u"2010-11-07T02:31:00Z"_s)), QDate(2010, 11, 7));
    QCOMPARE(zoned("Pacific/Apia").dayOf(at(u"2011-12-30T09:59:59Z"_s)), QDate(2011, 12, 29));
    QCOMPARE(zoned("Pacific/Apia").dayOf(at(u"2011-12-30T10:00:00Z"_s)), QDate(2011, 12, 31));
}

void CivilTimeTest::monthsAndYearsBeginOnTheirFirstDay()
{
    const CivilZone berlin = zoned("Europe/Berlin");
    QCOMPARE(iso(berlin.startOfMonth({2026, 7, 31})), u"2026-06-30T22:00:00Z"_s);
    QCOMPARE(iso(berlin.startOfYear({2026, 7, 31})), u"2025-12-31T23:00:00Z"_s);
}

void CivilTimeTest::minutesAndQuartersAreThoseOfUtc()
{
    QCOMPARE(boundaries("Asia/Kathmandu", Step::Minute, "2026-01-01T00:00:59Z", "2026-01-01T00:02:01Z"),
             QStringList({u"2026-01-01T00:00:00Z"_s, u"2026-01-01T00:01:00Z"_s, u"2026-01-01T00:02:00Z"_s,
                          u"2026-01-01T00:03:00Z"_s}));
    QCOMPARE(boundaries("Asia/Kathmandu", Step::Quarter, "2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z"),
             QStringList({u"2026-01-01T00:15:00Z"_s, u"2026-01-01T00:30:00Z"_s}));
}

void CivilTimeTest::hoursOfAHalfHourZoneBeginAtHalfPastInUtc()
{
    QCOMPARE(boundaries("Asia/Kolkata", Step::Hour, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"),
             QStringList({u"2025-12-31T23:30:00Z"_s, u"2026-01-01T00:30:00Z"_s, u"2026-01-01T01:30:00Z"_s}));
    QCOMPARE(boundaries("Asia/Kathmandu", Step::Hour, "2026-01-01T00:15:00Z", "2026-01-01T01:15:00Z"),
             QStringList({u"2026-01-01T00:15:00Z"_s, u"2026-01-01T01:15:00Z"_s}));
}

void CivilTimeTest::theSpringNightHas23HoursAndTheAutumnNight25()
{
    const auto hours = [](const char *zone, QDate day) {
        const CivilZone there = zoned(zone);
        return int(bucketBoundaries(there, Step::Hour, there.startOfDay(day),
                                    there.startOfDay(day.addDays(1)))
                       .value()
                       .size())
            - 1;
    };
    QCOMPARE(hours("Europe/Berlin", {2026, 3, 29}), 23);
    QCOMPARE(hours("Europe/Berlin", {2026, 10, 25}), 25);
    QCOMPARE(hours("America/New_York", {2026, 3, 8}), 23);
    QCOMPARE(hours("America/New_York", {2026, 11, 1}), 25);
    QCOMPARE(hours("America/Santiago", {2026, 9, 6}), 23);
    QCOMPARE(hours("Asia/Shanghai", {2026, 3, 29}), 24);
    // 02:00 to 03:00 came twice: each time is a bucket
    QCOMPARE(boundaries("Europe/Berlin", Step::Hour, "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"),
             QStringList({u"2026-10-25T00:00:00Z"_s, u"2026-10-25T01:00:00Z"_s, u"2026-10-25T02:00:00Z"_s}));
}

void CivilTimeTest::aChangeByHalfAnHourMakesAShortHour()
{
    // 4 October 2026: 02:00 became 02:30
    QCOMPARE(boundaries("Australia/Lord_Howe", Step::Hour, "2026-10-03T14:30:00Z", "2026-10-03T17:00:00Z"),
             QStringList({u"2026-10-03T14:30:00Z"_s, u"2026-10-03T15:30:00Z"_s, u"2026-10-03T16:00:00Z"_s,
                          u"2026-10-03T17:00:00Z"_s}));
    // 5 April 2026: 02:00 became 01:30
    QCOMPARE(boundaries("Australia/Lord_Howe", Step::Hour, "2026-04-04T14:00:00Z", "2026-04-04T16:30:00Z"),
             QStringList({u"2026-04-04T14:00:00Z"_s, u"2026-04-04T15:00:00Z"_s, u"2026-04-04T15:30:00Z"_s,
                          u"2026-04-04T16:30:00Z"_s}));
}

void CivilTimeTest::daysOf23And25HoursAreWholeBuckets()
{
    QCOMPARE(boundaries("Europe/Berlin", Step::Day, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
             QStringList({u"2026-03-27T23:00:00Z"_s, u"2026-03-28T23:00:00Z"_s, u"2026-03-29T22:00:00Z"_s,
                          u"2026-03-30T22:00:00Z"_s}));
    QCOMPARE(boundaries("America/New_York", Step::Day, "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
             QStringList({u"2026-11-01T04:00:00Z"_s, u"2026-11-02T05:00:00Z"_s}));
}

void CivilTimeTest::aDayThatAZoneSkippedHasNoBucket()
{
    QCOMPARE(boundaries("Pacific/Apia", Step::Day, "2011-12-29T12:00:00Z", "2011-12-30T12:00:00Z"),
             QStringList({u"2011-12-29T10:00:00Z"_s, u"2011-12-30T10:00:00Z"_s, u"2011-12-31T10:00:00Z"_s}));
}

void CivilTimeTest::monthsFollowTheCalendar()
{
    QCOMPARE(boundaries("Europe/Berlin", Step::Month, "2024-01-31T12:00:00Z", "2024-04-15T00:00:00Z"),
             QStringList({u"2023-12-31T23:00:00Z"_s, u"2024-01-31T23:00:00Z"_s, u"2024-02-29T23:00:00Z"_s,
                          u"2024-03-31T22:00:00Z"_s, u"2024-04-30T22:00:00Z"_s}));
}

void CivilTimeTest::bucketsJoinWithoutGapInEveryStep_data()
{
    QTest::addColumn<QString>("zone");
    for (const char *zone : {"UTC", "Europe/Berlin", "America/New_York", "America/St_Johns",
                             "America/Santiago", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Kathmandu",
                             "Pacific/Apia", "Pacific/Chatham", "Africa/Casablanca", "Asia/Pyongyang"})
        QTest::newRow(zone) << QString::fromLatin1(zone);
}

void CivilTimeTest::bucketsJoinWithoutGapInEveryStep()
{
    QFETCH(QString, zone);
    const CivilZone there = CivilZone::named(zone).value();
    for (const Step step : {Step::Quarter, Step::Hour, Step::Day, Step::Month}) {
        qint64 start = there.startOfBucket(step, at(u"2009-12-31T12:00:00Z"_s));
        const qint64 last = at(step == Step::Quarter ? u"2010-12-31T12:00:00Z"_s : u"2020-01-01T00:00:00Z"_s);
        while (start < last) {
            const qint64 end = there.endOfBucket(step, start);
            QVERIFY(end > start);
            QCOMPARE(end % 900, 0); // whole quarters: that is how they are stored
            QCOMPARE(there.startOfBucket(step, end - 1), start);
            QCOMPARE(there.endOfBucket(step, end - 1), end);
            QCOMPARE(there.startOfBucket(step, end), end);
            start = end;
        }
    }
}

void CivilTimeTest::exactlyFiveThousandBucketsAreAllowed()
{
    const qint64 from = at(u"2026-01-01T00:00:00Z"_s);
    QCOMPARE(bucketBoundaries(zoned("UTC"), Step::Minute, from, from + 5000 * 60).value().size(),
             size_t(5001));
    QCOMPARE(
        refusal(bucketBoundaries(zoned("UTC"), Step::Minute, from, from + 5000 * 60 + 1)),
        u"step: from_s 1767225600 to to_s 1767525601 by the minute is more than 5000 points, take a longer step or a shorter range"_s);
    QVERIFY(bucketBoundaries(zoned("Europe/Berlin"), Step::Month, kFirstInstantS, kLastInstantS).has_value());
}

void CivilTimeTest::tooManyBucketsAndBadRangesAreRefusedByName()
{
    const qint64 now = at(u"2026-01-01T00:00:00Z"_s);
    const auto refused = [](qint64 from, qint64 to) {
        return refusal(bucketBoundaries(CivilZone(), Step::Day, from, to));
    };
    QVERIFY(refused(now, now).startsWith(u"from_s: 1767225600 is not before to_s"));
    QVERIFY(refused(now + 1, now).startsWith(u"from_s: 1767225601 is not before to_s"));
    QVERIFY(
        refused(kFirstInstantS - 1, now).startsWith(u"from_s: 946684799 is outside 946684800 to 4102444800"));
    QVERIFY(refused(now, kLastInstantS + 1).startsWith(u"to_s: 4102444801 is outside"));
    QVERIFY(refused(std::numeric_limits<qint64>::min(), now)
                .startsWith(u"from_s: -9223372036854775808 is outside"));
    QVERIFY(
        refused(now, std::numeric_limits<qint64>::max()).startsWith(u"to_s: 9223372036854775807 is outside"));
    QVERIFY(refused(kFirstInstantS, kLastInstantS).startsWith(u"step: "));
}

void CivilTimeTest::timesAreReadOnTheClocksOfTheZone_data()
{
    QTest::addColumn<QString>("zone");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("instant");
    const auto row = [](const char *zone, const char *text, const char *instant) {
        QTest::addRow("%s %s", zone, text)
            << QString::fromLatin1(zone) << QString::fromLatin1(text) << QString::fromLatin1(instant);
    };
    row("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z");
    row("Europe/Berlin", "2026-10-25 01:59", "2026-10-24T23:59:00Z");
    row("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z"); // twice that night: the first
    row("Europe/Berlin", "2026-10-25 02:30:15", "2026-10-25T00:30:15Z");
    row("Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z");
    row("Europe/Berlin", "2026-10-25T01:30Z", "2026-10-25T01:30:00Z"); // the second 02:30, in UTC
    row("Europe/Berlin", "2026-10-25Z", "2026-10-25T00:00:00Z");
    row("Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00Z");
    row("America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"); // a day without midnight
    row("Asia/Kolkata", "2024-02-29 05:30", "2024-02-29T00:00:00Z");
    row("Asia/Kathmandu", "2026-01-01 00:00", "2025-12-31T18:15:00Z");
    row("UTC", "2000-01-01", "2000-01-01T00:00:00Z");
    row("UTC", "2100-01-01", "2100-01-01T00:00:00Z");
}

void CivilTimeTest::timesAreReadOnTheClocksOfTheZone()
{
    QFETCH(QString, zone);
    QFETCH(QString, text);
    QTEST(iso(parseInstant(text, at(u"2026-07-15T12:00:00Z"_s), CivilZone::named(zone).value()).value()),
          "instant");
}

void CivilTimeTest::timesRelativeToNowAreRead_data()
{
    QTest::addColumn<QString>("zone");
    QTest::addColumn<QString>("now");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("instant");
    const auto row = [](const char *zone, const char *now, const char *text, const char *instant) {
        QTest::addRow("%s %s %s", zone, now, text)
            << QString::fromLatin1(zone) << QString::fromLatin1(now) << QString::fromLatin1(text)
            << QString::fromLatin1(instant);
    };
    row("Asia/Shanghai", "2026-03-01T17:20:30Z", "now", "2026-03-01T17:20:30Z");
    row("Asia/Shanghai", "2026-03-01T17:20:30Z", "today", "2026-03-01T16:00:00Z"); // the 2nd there
    row("Asia/Shanghai", "2026-03-01T17:20:30Z", "yesterday", "2026-02-28T16:00:00Z");
    row("Asia/Shanghai", "2026-03-01T17:20:30Z", "this-month", "2026-02-28T16:00:00Z");
    row("Asia/Shanghai", "2026-03-01T17:20:30Z", "last-month", "2026-01-31T16:00:00Z");
    row("Asia/Shanghai", "2026-03-01T17:20:30Z", "this-year", "2025-12-31T16:00:00Z");
    row("Asia/Shanghai", "2026-03-01T17:20:30Z", "last-year", "2024-12-31T16:00:00Z");
    row("UTC", "2026-03-31T00:00:00Z", "last-month", "2026-02-01T00:00:00Z");
    row("UTC", "2026-01-31T00:00:00Z", "last-month", "2025-12-01T00:00:00Z");
    row("Europe/Berlin", "2026-03-29T12:00:00Z", "-15min", "2026-03-29T11:45:00Z");
    row("Europe/Berlin", "2026-03-29T12:00:00Z", "-30s", "2026-03-29T11:59:30Z");
    row("Europe/Berlin", "2026-03-29T12:00:00Z", "-24h", "2026-03-28T12:00:00Z");
    row("Europe/Berlin", "2026-03-29T12:00:00Z", "-1d", "2026-03-28T13:00:00Z"); // 14:00 on both days
    row("Europe/Berlin", "2026-03-30T00:30:00Z", "-1d",
        "2026-03-29T01:00:00Z"); // 02:30 was skipped: the first after it
    row("Europe/Berlin", "2026-10-26T01:30:00Z", "-1d",
        "2026-10-25T00:30:00Z"); // 02:30 came twice: the first
    row("Europe/Berlin", "2026-03-30T12:00:00Z", "-7d", "2026-03-23T13:00:00Z");
    row("Europe/Berlin", "2026-03-30T12:00:00Z", "-1w", "2026-03-23T13:00:00Z");
    row("UTC", "2026-03-30T12:00:00Z", "-0h", "2026-03-30T12:00:00Z");
    row("America/Santiago", "2026-09-06T12:00:00Z", "today", "2026-09-06T04:00:00Z");
    row("Pacific/Apia", "2011-12-31T00:00:00Z", "yesterday", "2011-12-29T10:00:00Z"); // the 30th was skipped
}

void CivilTimeTest::timesRelativeToNowAreRead()
{
    QFETCH(QString, zone);
    QFETCH(QString, now);
    QFETCH(QString, text);
    QTEST(iso(parseInstant(text, at(now), CivilZone::named(zone).value()).value()), "instant");
}

void CivilTimeTest::whatDoesNotExistIsRefusedWithTheReason_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("message");
    const auto row = [](const char *text, const char *message) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(message);
    };
    row("2026-04-31", "\"2026-04-31\" does not exist: the days of that month are 01 to 30");
    row("2026-02-29", "\"2026-02-29\" does not exist: the days of that month are 01 to 28");
    row("2024-02-30", "\"2024-02-30\" does not exist: the days of that month are 01 to 29");
    row("2026-01-00", "\"2026-01-00\" does not exist: the days of that month are 01 to 31");
    row("2026-13-01", "\"2026-13-01\" does not exist: months are 01 to 12");
    row("2026-01-01 24:00", "\"2026-01-01 24:00\" does not exist: times of day are 00:00:00 to 23:59:59");
    row("2026-01-01 12:60", "\"2026-01-01 12:60\" does not exist: times of day are 00:00:00 to 23:59:59");
    row("2026-03-29 02:30",
        "\"2026-03-29 02:30\" does not exist: in Europe/Berlin clocks go from 02:00 to 03:00 there");
    row("2026-03-29T02:00:00",
        "\"2026-03-29T02:00:00\" does not exist: in Europe/Berlin clocks go from 02:00 to 03:00 there");
    row("1999-12-31", "\"1999-12-31\" is outside 2000-01-01 to 2100-01-01");
    row("0000-01-01", "\"0000-01-01\" is outside 2000-01-01 to 2100-01-01");
    row("2100-01-02", "\"2100-01-02\" is outside 2000-01-01 to 2100-01-01");
    row("-30000d", "\"-30000d\" is outside 2000-01-01 to 2100-01-01");
    row("-9999999999w", "\"-9999999999w\" is outside 2000-01-01 to 2100-01-01");
    for (const char *text : {"",
                             " ",
                             "-",
                             "-h",
                             "24h",
                             "+24h",
                             "-24",
                             "-24m",
                             "-24 h",
                             "-1.5h",
                             "--24h",
                             "-99999999999s",
                             "2026-1-1",
                             "26-01-01",
                             "2026/01/01",
                             "2026-01-01 1:00",
                             "2026-01-01T",
                             "2026-01-01 12",
                             "2026-01-01 12:00:00.5",
                             "2026-01-01_12:00",
                             "2026-01-01 12:00+01:00",
                             "tomorrow",
                             "Now",
                             "1767225600",
                             "2026-01-01ZZ",
                             "２０２６-01-01"})
        QTest::newRow(QByteArray("no time: ") + text)
            << QString::fromUtf8(text)
            << QString(u'"' + QString::fromUtf8(text) + u"\" is no time: write "_s);
    QTest::newRow("control characters are not repeated")
        << u"\x1b[31mred"_s << u"\"?[31mred\" is no time: write "_s;
    QTest::newRow("long text is cut")
        << QString(100'000, u'9') << QString(u'"' + QString(40, u'9') + u"…\" is no time: write "_s);
}

void CivilTimeTest::whatDoesNotExistIsRefusedWithTheReason()
{
    QFETCH(QString, text);
    QFETCH(QString, message);
    const QString refused =
        refusal(parseInstant(text, at(u"2026-07-15T12:00:00Z"_s), zoned("Europe/Berlin")));
    QVERIFY2(refused.startsWith(message), qPrintable(refused));
}

} // namespace weir

QTEST_APPLESS_MAIN(weir::CivilTimeTest)
#include "civil_time_test.moc"
