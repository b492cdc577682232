// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/schedule.h"

#include <QDateTime>
#include <QTest>
#include <QTimeZone>

#include <random>

using namespace Qt::StringLiterals;

namespace weir {

namespace {

qint64 at(const QString &isoUtc)
{
    return QDateTime::fromString(isoUtc, Qt::ISODate).toSecsSinceEpoch();
}

Schedule schedule(const QString &text)
{
    return Schedule::parse(text).value();
}

QString refusal(const QString &text)
{
    const auto result = Schedule::parse(text);
    return result                                           ? u"accepted"_s
        : result.error().kind == ErrorKind::InvalidArgument ? result.error().message
                                                            : u"wrong kind"_s;
}

} // namespace

class ScheduleTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatPeopleWriteHasOneForm_data();
    void whatPeopleWriteHasOneForm();
    void theOneFormReadsBackAsItself();
    void theSpansAreWhatWasWritten();
    void withoutASpanItHoldsAlways();
    void whatIsNotUnderstoodIsNamedWithAnExample_data();
    void whatIsNotUnderstoodIsNamedWithAnExample();
    void sixteenSpansAreAllowedAndNoMore();
    void hugeTextIsRefusedUnread();
    void itHoldsFromItsBeginningToJustBeforeItsEnd_data();
    void itHoldsFromItsBeginningToJustBeforeItsEnd();
    void itHoldsWhereverAnyOfItsSpansDoes();
    void itFollowsTheClocksOfRandomSchedulesAcrossTheirChanges_data();
    void itFollowsTheClocksOfRandomSchedulesAcrossTheirChanges();
};

void ScheduleTest::whatPeopleWriteHasOneForm_data()
{
    QTest::addColumn<QString>("written");
    QTest::addColumn<QString>("form");
    const auto row = [](const char *written, const char *form) {
        QTest::newRow(written) << QString::fromLatin1(written) << QString::fromLatin1(form);
    };
    row("mon-fri 08:00-18:00", "mon-fri 08:00-18:00");
    row("mon-fri 08:00-18:00; sat 10:00-12:00", "mon-fri 08:00-18:00; sat 10:00-12:00");
    row("MON-Fri 8:00-18:00;SAT 10:00-12:00", "mon-fri 08:00-18:00; sat 10:00-12:00");
    row("  mon - fri\t08:00 - 18:00  ", "mon-fri 08:00-18:00");
    row("sat, sun 10:00-24:00", "sat,sun 10:00-24:00");
    row("sun,sat 10:00-24:00", "sat,sun 10:00-24:00");
    row("sat-sun 10:00-24:00", "sat,sun 10:00-24:00");
    row("daily 22:00-06:00", "daily 22:00-06:00");
    row("22:00-06:00", "daily 22:00-06:00");
    row("mon-sun 22:00-06:00", "daily 22:00-06:00");
    row("wed-tue 22:00-06:00", "daily 22:00-06:00");
    row("fri-mon 22:00-06:00", "fri-mon 22:00-06:00");
    row("sun-mon 22:00-06:00", "sun,mon 22:00-06:00");
    row("mon,wed,fri 00:00-12:00", "mon,wed,fri 00:00-12:00");
    row("mon,mon,tue-thu,wed 00:00-12:00", "mon-thu 00:00-12:00");
    row("thu,sun-tue 00:00-12:00", "thu,sun-tue 00:00-12:00");
    row("tue-tue 01:00-02:00", "tue 01:00-02:00");
    row("mon 12:00-00:00", "mon 12:00-24:00");
    row("mon 00:00-00:00", "mon 00:00-24:00");
    row("mon 08:00-08:00", "mon 08:00-08:00");
    row("", "");
    row("  ", "");
}

void ScheduleTest::whatPeopleWriteHasOneForm()
{
    QFETCH(QString, written);
    QFETCH(QString, form);
    QCOMPARE(schedule(written).text(), form);
}

void ScheduleTest::theOneFormReadsBackAsItself()
{
    // every set of days
    for (int days = 1; days < 128; ++days) {
        QStringList names;
        for (int day = 0; day < 7; ++day)
            if (days >> day & 1)
                names +=
                    QStringList{u"mon"_s, u"tue"_s, u"wed"_s, u"thu"_s, u"fri"_s, u"sat"_s, u"sun"_s}[day];
        const Schedule written = schedule(names.join(u',') + u" 08:00-07:59"_s);
        QCOMPARE(written.spans()[0].days, quint8(days));
        QCOMPARE(schedule(written.text()), written);
    }
}

void ScheduleTest::theSpansAreWhatWasWritten()
{
    const Schedule::Span workdays{0b0011111, 480, 1080};
    const Schedule::Span nights{0b1110001, 1320, 360};
    const Schedule::Span midnights{0b1111111, 0, 1440};
    QVERIFY(schedule(u"mon-fri 08:00-18:00; fri-mon 22:00-06:00; 00:00-24:00"_s).spans()
            == std::vector({workdays, nights, midnights}));
}

void ScheduleTest::withoutASpanItHoldsAlways()
{
    QVERIFY(Schedule().isAlways());
    QVERIFY(schedule(u""_s).isAlways());
    QVERIFY(Schedule().holdsAt(CivilZone(), at(u"2026-11-26T00:00:00Z"_s)));
    QVERIFY(!schedule(u"mon 08:00-09:00"_s).isAlways());
}

void ScheduleTest::whatIsNotUnderstoodIsNamedWithAnExample_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("why");
    const auto row = [](const QString &text, const QString &why) {
        QTest::newRow(qPrintable(text)) << text << why;
    };
    const QString noTime = u"is no time from 00:00 to 24:00 such as 08:00-18:00"_s;
    const QString noDay = u"is no day of the week (mon to sun, mon-fri, daily)"_s;
    for (const QString &times :
         {u"08:00"_s, u"08:00-"_s, u"-18:00"_s, u"24:00-18:00"_s, u"08:00-24:01"_s, u"08:60-18:00"_s,
          u"8-18"_s, u"008:00-18:00"_s, u"08:0-18:00"_s, u"08:00-18:000"_s, u"25:00-18:00"_s,
          u"08:00-18:00-20:00"_s, u"+8:00-18:00"_s, u"08:00–18:00"_s, u"٠٨:٠٠-١٨:٠٠"_s,
          u"０８:００-１８:００"_s, u"08.00-18.00"_s, u"always"_s, u"mon-fri"_s})
        row(times, u'"' + times + u"\" "_s + noTime);
    row(u"monday 08:00-18:00"_s, u"\"monday\" "_s + noDay);
    row(u"mon-fri-sun 08:00-18:00"_s, u"\"mon-fri-sun\" "_s + noDay);
    row(u"mon, 08:00-18:00"_s, u"\"mon,08:00-18:00\" "_s + noTime);
    row(u"mon fri 08:00-18:00"_s, u"\"mon fri\" "_s + noDay);
    row(u"mon,,fri 08:00-18:00"_s, u"\"\" "_s + noDay);
    row(u"daily,mon 08:00-18:00"_s, u"\"daily\" "_s + noDay);
    row(u"ſat 08:00-18:00"_s, u"\"ſat\" "_s + noDay);
    row(u"fri 08:00-18:00;"_s, u"\"\" "_s + noTime);
    row(u";"_s, u"\"\" "_s + noTime);
    row(u"mon"_s + QChar() + u" 08:00-18:00"_s, u"\"mon?\" "_s + noDay);
    row(u"mon 08:00-18:00"_s + QChar(), u"\"08:00-18:00?\" "_s + noTime);
    row(QString(1, QChar()), u"\"?\" "_s + noTime);
    row(u"mon 08:00-1\x1b[2J8:00"_s, u"\"08:00-1?[2j8:00\" "_s + noTime);
}

void ScheduleTest::whatIsNotUnderstoodIsNamedWithAnExample()
{
    QFETCH(QString, text);
    QFETCH(QString, why);
    QCOMPARE(refusal(text),
             u"when: "_s + why + u"; write for example \"mon-fri 08:00-18:00; sat 10:00-12:00\""_s);
}

void ScheduleTest::sixteenSpansAreAllowedAndNoMore()
{
    QStringList spans;
    for (int i = 0; i < 16; ++i)
        spans += u"mon,tue,wed,thu,fri,sat,sun 08:%1-18:00"_s.arg(i, 2, 10, QLatin1Char('0'));
    QCOMPARE(schedule(spans.join(u"; "_s)).spans().size(), size_t(16));
    spans += u"mon 08:00-18:00"_s;
    QVERIFY(refusal(spans.join(u';')).startsWith(u"when: more than 16 spans; write for example "_s));
}

void ScheduleTest::hugeTextIsRefusedUnread()
{
    QVERIFY(refusal(QString(10'000'000, u';')).startsWith(u"when: 10000000 characters, at most 1000; "_s));
    QVERIFY(refusal(QString(999, u'9'))
                .startsWith(u"when: \"9999999999999999999999999999999999999999…\" is no "_s));
}

void ScheduleTest::itHoldsFromItsBeginningToJustBeforeItsEnd_data()
{
    QTest::addColumn<QString>("when");
    QTest::addColumn<QString>("zone");
    QTest::addColumn<QString>("firstUtc");
    QTest::addColumn<QString>("endUtc");
    const auto row = [](const char *name, const QString &when, const QString &zone, const QString &first,
                        const QString &end) { QTest::newRow(name) << when << zone << first << end; };
    row("a working day", u"mon-fri 08:00-18:00"_s, u"UTC"_s, u"2026-11-26T08:00:00Z"_s,
        u"2026-11-26T18:00:00Z"_s);
    row("a day without change of clocks", u"mon 09:00-18:00"_s, u"Asia/Shanghai"_s, u"2026-11-23T01:00:00Z"_s,
        u"2026-11-23T10:00:00Z"_s);
    row("early in the day, which is UTC's day before", u"mon 00:30-07:00"_s, u"Asia/Shanghai"_s,
        u"2026-11-22T16:30:00Z"_s, u"2026-11-22T23:00:00Z"_s);
    row("late in the day, which is UTC's day after", u"mon 20:00-24:00"_s, u"America/New_York"_s,
        u"2026-11-24T01:00:00Z"_s, u"2026-11-24T05:00:00Z"_s);
    row("over midnight", u"fri 22:00-06:00"_s, u"Europe/Berlin"_s, u"2026-11-27T21:00:00Z"_s,
        u"2026-11-28T05:00:00Z"_s);
    row("over the week's end", u"sun 22:00-06:00"_s, u"Europe/Berlin"_s, u"2026-11-29T21:00:00Z"_s,
        u"2026-11-30T05:00:00Z"_s);
    row("24 hours", u"mon 08:00-08:00"_s, u"UTC"_s, u"2026-11-23T08:00:00Z"_s, u"2026-11-24T08:00:00Z"_s);
    row("a whole day", u"sun 00:00-24:00"_s, u"UTC"_s, u"2026-11-29T00:00:00Z"_s, u"2026-11-30T00:00:00Z"_s);
    row("a weekend in one", u"sat,sun 00:00-24:00"_s, u"UTC"_s, u"2026-11-28T00:00:00Z"_s,
        u"2026-11-30T00:00:00Z"_s);
    // 02:00 to 03:00 does not exist on 2026-03-29, from 01:00 UTC on it is 03:00
    row("begins in the gap", u"sun 02:30-04:00"_s, u"Europe/Berlin"_s, u"2026-03-29T01:00:00Z"_s,
        u"2026-03-29T02:00:00Z"_s);
    row("ends in the gap", u"sun 00:00-02:30"_s, u"Europe/Berlin"_s, u"2026-03-28T23:00:00Z"_s,
        u"2026-03-29T01:00:00Z"_s);
    row("over the gap", u"sun 01:00-04:00"_s, u"Europe/Berlin"_s, u"2026-03-29T00:00:00Z"_s,
        u"2026-03-29T02:00:00Z"_s);
    // 02:00 to 03:00 comes twice on 2026-10-25, from 00:00 and from 01:00 UTC on
    row("the doubled hour", u"sun 02:00-03:00"_s, u"Europe/Berlin"_s, u"2026-10-25T00:00:00Z"_s,
        u"2026-10-25T02:00:00Z"_s);
    row("over the doubled hour", u"sat 23:00-08:00"_s, u"Europe/Berlin"_s, u"2026-10-24T21:00:00Z"_s,
        u"2026-10-25T07:00:00Z"_s);
    // 00:00 to 01:00 comes twice on 2026-11-01, from 04:00 and from 05:00 UTC on
    row("the doubled hour after midnight", u"sun 00:00-01:00"_s, u"America/Havana"_s,
        u"2026-11-01T04:00:00Z"_s, u"2026-11-01T06:00:00Z"_s);
    // 23:00 to 24:00 of Saturday came twice on 2018-02-17, from 01:00 and from 02:00 UTC on
    row("the doubled hour before midnight", u"sat 23:00-24:00"_s, u"America/Sao_Paulo"_s,
        u"2018-02-18T01:00:00Z"_s, u"2018-02-18T03:00:00Z"_s);
    // 2018-11-04 began at 01:00, 03:00 UTC
    row("midnight in the gap", u"sun 00:00-02:00"_s, u"America/Sao_Paulo"_s, u"2018-11-04T03:00:00Z"_s,
        u"2018-11-04T04:00:00Z"_s);
    // Friday 2011-12-30 was skipped, Saturday began at 10:00 UTC
    row("over a midnight whose evening was skipped", u"fri 22:00-06:00"_s, u"Pacific/Apia"_s,
        u"2011-12-30T10:00:00Z"_s, u"2011-12-30T16:00:00Z"_s);
}

void ScheduleTest::itHoldsFromItsBeginningToJustBeforeItsEnd()
{
    QFETCH(QString, when);
    QFETCH(QString, zone);
    QFETCH(QString, firstUtc);
    QFETCH(QString, endUtc);
    const Schedule held = schedule(when);
    const CivilZone clocks = CivilZone::named(zone).value();
    const qint64 first = at(firstUtc), end = at(endUtc);
    QVERIFY(!held.holdsAt(clocks, first - 1));
    for (qint64 instant = first; instant < end; instant += 60)
        QVERIFY2(held.holdsAt(clocks, instant), qPrintable(QString::number(instant - first)));
    QVERIFY(held.holdsAt(clocks, end - 1));
    QVERIFY(!held.holdsAt(clocks, end));
}

void ScheduleTest::itHoldsWhereverAnyOfItsSpansDoes()
{
    const Schedule held = schedule(u"mon-fri 08:00-18:00; fri 17:00-20:00; sat 10:00-12:00"_s);
    int minutes = 0;
    for (qint64 instant = at(u"2026-11-23T00:00:00Z"_s); instant < at(u"2026-11-30T00:00:00Z"_s);
         instant += 60)
        minutes += held.holdsAt(CivilZone(), instant);
    QCOMPARE(minutes, (5 * 10 + 2 + 2) * 60);
}

void ScheduleTest::itFollowsTheClocksOfRandomSchedulesAcrossTheirChanges_data()
{
    QTest::addColumn<QString>("zone");
    QTest::addColumn<QDate>("from");
    QTest::newRow("spring") << u"Europe/Berlin"_s << QDate(2026, 3, 27);
    QTest::newRow("autumn") << u"America/New_York"_s << QDate(2026, 10, 30);
    QTest::newRow("half an hour") << u"Australia/Lord_Howe"_s << QDate(2026, 4, 3);
    QTest::newRow("none") << u"Asia/Shanghai"_s << QDate(2026, 12, 30);
    QTest::newRow("before 1970") << u"Asia/Kolkata"_s << QDate(1969, 12, 29);
}

void ScheduleTest::itFollowsTheClocksOfRandomSchedulesAcrossTheirChanges()
{
    QFETCH(QString, zone);
    QFETCH(QDate, from);
    const CivilZone clocks = CivilZone::named(zone).value();
    const QTimeZone qtZone(zone.toLatin1());
    std::mt19937 random(7);
    const auto pick = [&](int most) { return int(random() % unsigned(most + 1)); };
    const qint64 first = QDateTime(from, QTime(0, 0), Qt::UTC).toSecsSinceEpoch();
    for (int round = 0; round < 5; ++round) {
        const int days = pick(126) + 1, begin = pick(1439), end = pick(1439) + 1;
        QStringList names;
        for (int day = 0; day < 7; ++day)
            if (days >> day & 1)
                names += QLocale::c().dayName(day + 1, QLocale::ShortFormat);
        const auto clock = [](int minute) {
            return u"%1:%2"_s.arg(minute / 60).arg(minute % 60, 2, 10, QLatin1Char('0'));
        };
        const Schedule held = schedule(names.join(u',') + u' ' + clock(begin) + u'-' + clock(end));
        for (qint64 instant = first; instant < first + 5 * 86400; instant += 300) {
            const QDateTime shown = QDateTime::fromSecsSinceEpoch(instant, qtZone);
            const int minute = shown.time().hour() * 60 + shown.time().minute();
            const bool today = days >> (shown.date().dayOfWeek() - 1) & 1;
            const bool yesterday = days >> (shown.date().addDays(-1).dayOfWeek() - 1) & 1;
            const bool expected = begin < end ? today && minute >= begin && minute < end
                                              : (today && minute >= begin) || (yesterday && minute < end);
            QCOMPARE(held.holdsAt(clocks, instant), expected);
        }
    }
}

} // namespace weir

QTEST_GUILESS_MAIN(weir::ScheduleTest)
#include "schedule_test.moc"
