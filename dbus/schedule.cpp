// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/schedule.h"

#include "dbus/quoted.h"

#include <QStringList>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace weir {

namespace {

constexpr int kDays = 7;
constexpr quint8 kDaily = 0x7f;
constexpr int kMinutesOfDay = 24 * 60;
constexpr qint64 kDayS = 86400;
constexpr std::array<QStringView, kDays> kDayNames{u"mon", u"tue", u"wed", u"thu", u"fri", u"sat", u"sun"};

/// More than kMaxScheduleSpans spans take that name every day of theirs.
constexpr qsizetype kLongestText = 1000;

std::unexpected<Error> invalid(const QString &why)
{
    return failure(
        ErrorKind::InvalidArgument,
        QStringLiteral("when: %1; write for example \"mon-fri 08:00-18:00; sat 10:00-12:00\"").arg(why));
}

std::optional<int> dayNamed(QStringView text)
{
    const auto found = std::ranges::find(kDayNames, text);
    return found == kDayNames.end() ? std::nullopt : std::optional(int(found - kDayNames.begin()));
}

Result<quint8> parseDays(QStringView text)
{
    if (text == u"daily")
        return kDaily;
    quint8 days = 0;
    for (const QStringView piece : text.split(u',')) {
        const qsizetype dash = piece.indexOf(u'-');
        const auto first = dayNamed(dash < 0 ? piece : piece.first(dash));
        const auto last = dash < 0 ? first : dayNamed(piece.sliced(dash + 1));
        if (!first || !last)
            return invalid(QStringLiteral("%1 is no day of the week (mon to sun, mon-fri, daily)")
                               .arg(quotedPart(piece)));
        const int length = (*last - *first + kDays) % kDays;
        for (int i = 0; i <= length; ++i)
            days |= quint8(1u << ((*first + i) % kDays));
    }
    return days;
}

/// "8:00", "08:00" … "24:00" as minutes of the day.
std::optional<int> parseClock(QStringView text)
{
    const qsizetype colon = text.indexOf(u':');
    const auto isDigit = [](QChar c) { return c >= u'0' && c <= u'9'; };
    if (colon < 1 || colon > 2 || text.size() != colon + 3 || !std::ranges::all_of(text.first(colon), isDigit)
        || !std::ranges::all_of(text.sliced(colon + 1), isDigit))
        return {};
    const int hour = text.first(colon).toInt();
    const int minute = text.sliced(colon + 1).toInt();
    const int total = hour * 60 + minute;
    return minute < 60 && total <= kMinutesOfDay ? std::optional(total) : std::nullopt;
}

Result<Schedule::Span> parseSpan(QStringView text)
{
    const qsizetype space = text.lastIndexOf(u' ');
    const QStringView times = text.sliced(space + 1);
    const qsizetype dash = times.indexOf(u'-');
    const auto from = parseClock(dash < 0 ? QStringView() : times.first(dash));
    const auto to = parseClock(dash < 0 ? QStringView() : times.sliced(dash + 1));
    if (!from || !to || *from == kMinutesOfDay)
        return invalid(
            QStringLiteral("%1 is no time from 00:00 to 24:00 such as 08:00-18:00").arg(quotedPart(times)));
    const auto days = space < 0 ? Result<quint8>(kDaily) : parseDays(text.first(space));
    if (!days)
        return std::unexpected(days.error());
    return Schedule::Span{*days, *from, *to == 0 ? kMinutesOfDay : *to};
}

/// In small letters, with one space where there is white space and none around a comma or a dash.
QString tidied(QStringView text)
{
    QString result = text.toString().toLower().simplified();
    for (const auto joint : {u',', u'-'}) {
        result.replace(QString(u' ') + joint, QString(joint));
        result.replace(QString(joint) + u' ', QString(joint));
    }
    return result;
}

QString daysText(quint8 days)
{
    if (days == kDaily)
        return QStringLiteral("daily");
    const auto has = [days](int day) { return (days >> (day % kDays) & 1) != 0; };
    QStringList pieces;
    for (int day = 0; day < kDays; ++day) {
        if (!has(day) || has(day + kDays - 1))
            continue;
        int last = day;
        while (has(last + 1))
            ++last;
        const QString first = kDayNames[size_t(day)].toString();
        const QString end = kDayNames[size_t(last % kDays)].toString();
        if (last - day > 1)
            pieces.append(first + u'-' + end);
        else
            pieces.append(last == day ? first : first + u',' + end);
    }
    return pieces.join(u',');
}

QString clockText(int minute)
{
    return QStringLiteral("%1:%2")
        .arg(minute / 60, 2, 10, QLatin1Char('0'))
        .arg(minute % 60, 2, 10, QLatin1Char('0'));
}

} // namespace

Result<Schedule> Schedule::parse(QStringView text)
{
    if (text.size() > kLongestText)
        return invalid(QStringLiteral("%1 characters, at most %2").arg(text.size()).arg(kLongestText));
    const QString tidy = tidied(text);
    Schedule schedule;
    if (tidy.isEmpty())
        return schedule;
    for (const QStringView piece : QStringView(tidy).split(u';')) {
        if (schedule.m_spans.size() == kMaxScheduleSpans)
            return invalid(QStringLiteral("more than %1 spans").arg(kMaxScheduleSpans));
        const auto span = parseSpan(piece.trimmed());
        if (!span)
            return std::unexpected(span.error());
        schedule.m_spans.push_back(*span);
    }
    return schedule;
}

QString Schedule::text() const
{
    QStringList pieces;
    for (const Span &span : m_spans)
        pieces.append(QStringLiteral("%1 %2-%3")
                          .arg(daysText(span.days), clockText(span.fromMinute), clockText(span.toMinute)));
    return pieces.join(QStringLiteral("; "));
}

bool Schedule::holdsAt(const CivilZone &zone, qint64 instantS) const
{
    if (isAlways())
        return true;
    // What the clocks show decides, not when it began: so a beginning that they skip is made up for by the
    // first instant after the gap, and an hour that comes twice is the span's both times.
    const qint64 localS = instantS + zone.offsetAt(instantS);
    qint64 secondOfDay = localS % kDayS;
    if (secondOfDay < 0)
        secondOfDay += kDayS;
    const int minute = int(secondOfDay / 60);
    constexpr qint64 kThursday = 3; // 1970-01-01
    const qint64 weekday = ((localS - secondOfDay) / kDayS + kThursday) % kDays;
    const auto today = unsigned(weekday < 0 ? weekday + kDays : weekday);
    const unsigned yesterday = (today + kDays - 1) % kDays;
    return std::ranges::any_of(m_spans, [&](const Span &span) {
        const bool beganToday = span.days >> today & 1;
        const bool beganYesterday = span.days >> yesterday & 1;
        if (span.fromMinute < span.toMinute)
            return beganToday && minute >= span.fromMinute && minute < span.toMinute;
        return (beganToday && minute >= span.fromMinute) || (beganYesterday && minute < span.toMinute);
    });
}

} // namespace weir
