// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/civil_time.h"

#include "dbus/quoted.h"

#include <QDateTime>
#include <QFileInfo>
#include <QTimeZone>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

namespace weir {

namespace {

constexpr qint64 kMinute = 60;
constexpr qint64 kQuarter = 900;
constexpr qint64 kHour = 3600;
constexpr qint64 kDay = 86400;

/// A zone is read for a year more at both ends: periods and months reach over the edge.
constexpr qint64 kReadFromS = kFirstInstantS - 366 * kDay;
constexpr qint64 kReadToS = kLastInstantS + 366 * kDay;

/// Farther from UTC is no clock.
constexpr qint64 kLargestOffsetS = 26 * kHour;

constexpr std::array<std::pair<Step, QStringView>, 5> kStepNames{{{Step::Minute, u"minute"},
                                                                  {Step::Quarter, u"quarter"},
                                                                  {Step::Hour, u"hour"},
                                                                  {Step::Day, u"day"},
                                                                  {Step::Month, u"month"}}};

std::unexpected<Error> invalid(const QString &message)
{
    return failure(ErrorKind::InvalidArgument, message);
}

qint64 roundedDown(qint64 value, qint64 unit)
{
    const qint64 over = value % unit;
    return value - (over < 0 ? over + unit : over);
}

/// Seconds since 1970-01-01 00:00 on the clock at the midnight that begins `day`.
qint64 localMidnight(QDate day)
{
    return QDate(1970, 1, 1).daysTo(day) * kDay;
}

QDate localDate(qint64 localS)
{
    return QDate(1970, 1, 1).addDays(roundedDown(localS, kDay) / kDay);
}

QString clockText(qint64 localS)
{
    return QTime(0, 0).addSecs(int(localS - roundedDown(localS, kDay))).toString(QStringLiteral("HH:mm"));
}

/// True for the shape of an IANA id. The name becomes part of a path: nothing in it may lead out of the
/// database, and Qt would take a POSIX rule or any word for a zone.
bool looksLikeZoneId(QStringView name)
{
    constexpr qsizetype kLongest = 64;
    if (name.isEmpty() || name.size() > kLongest || name.startsWith(u"right/") || name.startsWith(u"posix/"))
        return false;
    bool partBegins = true;
    for (const QChar character : name) {
        const char16_t c = character.unicode();
        const bool letter = (c >= u'A' && c <= u'Z') || (c >= u'a' && c <= u'z');
        const bool other = (c >= u'0' && c <= u'9') || c == u'_' || c == u'-' || c == u'+';
        if (partBegins ? !letter : !letter && !other && c != u'/')
            return false;
        partBegins = c == u'/';
    }
    return !partBegins;
}

bool inDatabase(const QByteArray &id)
{
    const QString path = QString::fromLatin1(id);
    return QTimeZone::isTimeZoneIdAvailable(id)
        || QFileInfo(QStringLiteral("/usr/share/zoneinfo/") + path).isFile()
        || QFileInfo(QStringLiteral("/usr/lib/zoneinfo/") + path).isFile();
}

QDateTime utc(qint64 instantS)
{
    return QDateTime::fromSecsSinceEpoch(instantS, Qt::UTC);
}

/// The next change of a zone's clock after an instant. Qt finds none right after the last one of a zone's
/// table, though the rule for all later years goes on: a day further it does.
std::optional<qint64> changeAfter(const QTimeZone &zone, qint64 instantS)
{
    for (const qint64 after : {instantS, instantS + kDay}) {
        const auto next = zone.nextTransition(utc(after));
        if (next.atUtc.isValid())
            return next.atUtc.toSecsSinceEpoch();
    }
    return {};
}

} // namespace

Result<Step> parseStep(QStringView text)
{
    for (const auto &[step, name] : kStepNames)
        if (text == name)
            return step;
    return invalid(
        QStringLiteral("step: %1 is none of minute, quarter, hour, day, month").arg(quotedPart(text)));
}

QString toString(Step step)
{
    return std::ranges::find(kStepNames, step, &std::pair<Step, QStringView>::first)->second.toString();
}

CivilZone::CivilZone()
    : CivilZone(QStringLiteral("UTC"),
                std::make_shared<const Spans>(Spans{{std::numeric_limits<qint64>::min(), 0}}))
{ }

CivilZone::CivilZone(QString name, std::shared_ptr<const Spans> spans)
    : m_name(std::move(name)), m_spans(std::move(spans))
{ }

Result<CivilZone> CivilZone::named(QStringView name)
{
    QByteArray id = name.toLatin1();
    if (name.isEmpty()) {
        id = QTimeZone::systemTimeZoneId();
        if (!looksLikeZoneId(QString::fromLatin1(id)) || !inDatabase(id))
            return CivilZone(); // a machine without a zone is in UTC
    } else if (!looksLikeZoneId(name) || !inDatabase(id)) {
        return invalid(
            QStringLiteral("zone: %1 is no time zone that this machine knows, such as Europe/Berlin")
                .arg(quotedPart(name)));
    }
    const QTimeZone zone(id);
    if (!zone.isValid())
        return invalid(
            QStringLiteral("zone: the time zone %1 cannot be read").arg(quotedPart(QString::fromLatin1(id))));

    auto spans = std::make_shared<Spans>();
    spans->push_back({std::numeric_limits<qint64>::min(), zone.offsetFromUtc(utc(kReadFromS))});
    for (auto change = changeAfter(zone, kReadFromS); change && *change < kReadToS;
         change = changeAfter(zone, *change)) {
        const int offset = zone.offsetFromUtc(utc(*change));
        if (offset != spans->back().offsetS)
            spans->push_back({*change, offset});
    }
    return CivilZone(QString::fromLatin1(id), std::move(spans));
}

CivilZone::Spans::const_iterator CivilZone::spanAt(qint64 instantS) const
{
    return std::prev(std::ranges::upper_bound(*m_spans, instantS, {}, &Span::sinceS));
}

int CivilZone::offsetAt(qint64 instantS) const
{
    return spanAt(instantS)->offsetS;
}

qint64 CivilZone::firstShowing(qint64 localS) const
{
    auto span = spanAt(localS - kLargestOffsetS);
    while (std::next(span) != m_spans->end() && std::next(span)->sinceS + span->offsetS <= localS)
        ++span;
    return std::max(span->sinceS, localS - span->offsetS);
}

qint64 CivilZone::startOfDay(QDate day) const
{
    return firstShowing(localMidnight(day));
}

qint64 CivilZone::startOfMonth(QDate anyDayOfIt) const
{
    return startOfDay(QDate(anyDayOfIt.year(), anyDayOfIt.month(), 1));
}

qint64 CivilZone::startOfYear(QDate anyDayOfIt) const
{
    return startOfDay(QDate(anyDayOfIt.year(), 1, 1));
}

QDate CivilZone::dayOf(qint64 instantS) const
{
    const QDate shown = localDate(instantS + offsetAt(instantS));
    const QDate next = shown.addDays(1);
    return startOfDay(next) <= instantS ? next : shown;
}

qint64 CivilZone::startOfBucket(Step step, qint64 instantS) const
{
    switch (step) {
    case Step::Minute:
        return roundedDown(instantS, kMinute);
    case Step::Quarter:
        return roundedDown(instantS, kQuarter);
    case Step::Hour: {
        const auto span = spanAt(instantS);
        const qint64 fullHour = roundedDown(instantS + span->offsetS, kHour) - span->offsetS;
        const bool shifted =
            span != m_spans->begin() && (span->offsetS - std::prev(span)->offsetS) % kHour != 0;
        return shifted ? std::max(fullHour, span->sinceS) : fullHour;
    }
    case Step::Day:
        return startOfDay(dayOf(instantS));
    case Step::Month:
        return startOfMonth(dayOf(instantS));
    }
    Q_UNREACHABLE();
}

qint64 CivilZone::endOfBucket(Step step, qint64 instantS) const
{
    switch (step) {
    case Step::Minute:
        return roundedDown(instantS, kMinute) + kMinute;
    case Step::Quarter:
        return roundedDown(instantS, kQuarter) + kQuarter;
    case Step::Hour: {
        const auto span = spanAt(instantS);
        const auto next = std::next(span);
        const qint64 fullHour = roundedDown(instantS + span->offsetS, kHour) - span->offsetS + kHour;
        const bool shifts = next != m_spans->end() && (next->offsetS - span->offsetS) % kHour != 0;
        return shifts ? std::min(fullHour, next->sinceS) : fullHour;
    }
    case Step::Day:
        return startOfDay(dayOf(instantS).addDays(1));
    case Step::Month:
        return startOfMonth(dayOf(instantS).addMonths(1));
    }
    Q_UNREACHABLE();
}

Result<std::vector<qint64>> bucketBoundaries(const CivilZone &zone, Step step, qint64 fromS, qint64 toS)
{
    for (const auto &[name, instant] : {std::pair(u"from_s", fromS), std::pair(u"to_s", toS)})
        if (instant < kFirstInstantS || instant > kLastInstantS)
            return invalid(QStringLiteral("%1: %2 is outside %3 to %4 (2000-01-01 to 2100-01-01)")
                               .arg(QStringView(name).toString())
                               .arg(instant)
                               .arg(kFirstInstantS)
                               .arg(kLastInstantS));
    if (fromS >= toS)
        return invalid(QStringLiteral("from_s: %1 is not before to_s, %2").arg(fromS).arg(toS));

    std::vector<qint64> boundaries{zone.startOfBucket(step, fromS)};
    while (boundaries.back() < toS) {
        if (boundaries.size() > kMaxPoints)
            return invalid(QStringLiteral("step: from_s %1 to to_s %2 by the %3 is more than %4 points, take "
                                          "a longer step or a shorter range")
                               .arg(fromS)
                               .arg(toS)
                               .arg(toString(step))
                               .arg(kMaxPoints));
        boundaries.push_back(zone.endOfBucket(step, boundaries.back()));
    }
    return boundaries;
}

namespace {

/// True when `text` has the form of `mask`: 0 stands for a digit, _ for a space or T, all else for itself.
bool hasForm(QStringView text, QStringView mask)
{
    return std::ranges::equal(text, mask, [](QChar c, QChar form) {
        if (form == u'0')
            return c >= u'0' && c <= u'9';
        return form == u'_' ? c == u' ' || c == u'T' : c == form;
    });
}

/// The digits of `text` at `position`; what has no such position is 0.
int numberAt(QStringView text, qsizetype position, qsizetype length)
{
    return position < text.size() ? text.mid(position, length).toInt() : 0;
}

std::unexpected<Error> notThere(QStringView text, const QString &why)
{
    return invalid(QStringLiteral("%1 does not exist: %2").arg(quotedPart(text), why));
}

Result<qint64> inRange(QStringView text, qint64 instantS)
{
    if (instantS < kFirstInstantS || instantS > kLastInstantS)
        return invalid(QStringLiteral("%1 is outside 2000-01-01 to 2100-01-01").arg(quotedPart(text)));
    return instantS;
}

/// Date and time of day as written, checked on their own; the zone has its say afterwards.
struct Written {
    QDate day;
    std::optional<qint64> secondOfDay;
};

Result<Written> readWritten(QStringView text)
{
    const int year = numberAt(text, 0, 4), month = numberAt(text, 5, 2), day = numberAt(text, 8, 2);
    const int hour = numberAt(text, 11, 2), minute = numberAt(text, 14, 2), second = numberAt(text, 17, 2);
    if (year < 2000 || year > 2100)
        return invalid(QStringLiteral("%1 is outside 2000-01-01 to 2100-01-01").arg(quotedPart(text)));
    if (month < 1 || month > 12)
        return notThere(text, QStringLiteral("months are 01 to 12"));
    if (!QDate::isValid(year, month, day))
        return notThere(
            text,
            QStringLiteral("the days of that month are 01 to %1").arg(QDate(year, month, 1).daysInMonth()));
    if (!QTime::isValid(hour, minute, second))
        return notThere(text, QStringLiteral("times of day are 00:00:00 to 23:59:59"));
    Written written{QDate(year, month, day), {}};
    if (text.size() > 10)
        written.secondOfDay = hour * kHour + minute * kMinute + second;
    return written;
}

Result<qint64> instantOf(QStringView text, const Written &written, const CivilZone &zone)
{
    const qint64 localS = localMidnight(written.day) + written.secondOfDay.value_or(0);
    const qint64 instantS = zone.firstShowing(localS);
    const qint64 shownS = instantS + zone.offsetAt(instantS);
    if (!written.secondOfDay && localDate(shownS) != written.day)
        return notThere(text, QStringLiteral("%1 skipped that day").arg(zone.name()));
    if (written.secondOfDay && shownS != localS)
        return notThere(
            text,
            QStringLiteral("in %1 clocks go from %2 to %3 there")
                .arg(zone.name(), clockText(instantS + zone.offsetAt(instantS - 1)), clockText(shownS)));
    return inRange(text, instantS);
}

/// What has a name, counted from `today`.
std::optional<qint64> namedInstant(QStringView text, qint64 nowS, const CivilZone &zone)
{
    const QDate today = zone.dayOf(nowS);
    if (text == u"now")
        return nowS;
    if (text == u"today")
        return zone.startOfDay(today);
    if (text == u"yesterday")
        return zone.startOfDay(zone.dayOf(zone.startOfDay(today) - 1));
    if (text == u"this-month")
        return zone.startOfMonth(today);
    if (text == u"last-month")
        return zone.startOfMonth(today.addMonths(-1));
    if (text == u"this-year")
        return zone.startOfYear(today);
    if (text == u"last-year")
        return zone.startOfYear(today.addYears(-1));
    return {};
}

/// "-24h" and its like; empty for anything else.
std::optional<qint64> relativeInstant(QStringView text, qint64 nowS, const CivilZone &zone)
{
    constexpr qsizetype kMostDigits = 10; // more seconds than a century has; a product of it fits
    const auto isDigit = [](QChar c) { return c >= u'0' && c <= u'9'; };
    if (!text.startsWith(u'-'))
        return {};
    const auto unitBegin = std::find_if_not(text.begin() + 1, text.end(), isDigit);
    const qsizetype digits = unitBegin - text.begin() - 1;
    if (digits < 1 || digits > kMostDigits)
        return {};
    const qint64 number = text.mid(1, digits).toLongLong();
    const QStringView unit = text.mid(1 + digits);
    const auto daysBefore = [&](qint64 days) {
        return zone.firstShowing(nowS + zone.offsetAt(nowS) - days * kDay);
    };
    if (unit == u"s")
        return nowS - number;
    if (unit == u"min")
        return nowS - number * kMinute;
    if (unit == u"h")
        return nowS - number * kHour;
    if (unit == u"d")
        return daysBefore(number);
    if (unit == u"w")
        return daysBefore(number * 7);
    return {};
}

} // namespace

Result<qint64> parseInstant(QStringView text, qint64 nowS, const CivilZone &zone)
{
    if (const auto instant = namedInstant(text, nowS, zone))
        return inRange(text, *instant);
    if (const auto instant = relativeInstant(text, nowS, zone))
        return inRange(text, *instant);

    const bool isUtc = text.endsWith(u'Z');
    const QStringView civil = isUtc ? text.chopped(1) : text;
    if (!hasForm(civil, u"0000-00-00") && !hasForm(civil, u"0000-00-00_00:00")
        && !hasForm(civil, u"0000-00-00_00:00:00"))
        return invalid(
            QStringLiteral(
                "%1 is no time: write 2026-10-25, \"2026-10-25 02:30\", now, today, yesterday, this-month, "
                "last-month, this-year, last-year, or a time before now such as -15min, -24h, -7d, -2w")
                .arg(quotedPart(text)));
    const auto written = readWritten(civil);
    if (!written)
        return std::unexpected(written.error());
    return instantOf(text, *written, isUtc ? CivilZone() : zone);
}

} // namespace weir
