// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/port_list.h"

#include "dbus/names.h"

#include <QStringList>

#include <algorithm>

namespace weir::dbus {

namespace {

bool separates(QChar c)
{
    return c == QLatin1Char(',') || c.isSpace();
}

std::expected<quint16, PortListError::Kind> parsePort(QStringView digits)
{
    if (digits.isEmpty()
        || !std::all_of(digits.begin(), digits.end(), [](QChar c) { return c >= u'0' && c <= u'9'; }))
        return std::unexpected(PortListError::Kind::NotANumber);
    bool fits = false;
    const uint port = digits.toUInt(&fits);
    if (!fits || port < 1 || port > 65535)
        return std::unexpected(PortListError::Kind::OutOfRange);
    return quint16(port);
}

std::expected<PortRange, PortListError::Kind> parseRange(QStringView piece)
{
    const qsizetype dash = piece.indexOf(u'-');
    const auto first = parsePort(dash < 0 ? piece : piece.first(dash));
    if (!first)
        return std::unexpected(first.error());
    const auto last = dash < 0 ? first : parsePort(piece.sliced(dash + 1));
    if (!last)
        return std::unexpected(last.error());
    if (*last < *first)
        return std::unexpected(PortListError::Kind::Reversed);
    return PortRange{*first, *last};
}

QList<PortRange> merged(QList<PortRange> ranges)
{
    std::sort(ranges.begin(), ranges.end(), [](auto a, auto b) { return a.first < b.first; });
    QList<PortRange> result;
    for (const PortRange &range : std::as_const(ranges)) {
        if (!result.isEmpty() && range.first <= result.last().last + 1)
            result.last().last = std::max(result.last().last, range.last);
        else
            result.append(range);
    }
    return result;
}

} // namespace

QString PortListError::message() const
{
    switch (kind) {
    case Kind::Empty:
        return QStringLiteral("ports: empty; give ports or ranges from 1 to 65535, such as 8000,9000-9100");
    case Kind::NotANumber:
        return QStringLiteral("ports: '%1' is not a port; give ports or ranges from 1 to 65535, "
                              "such as 8000,9000-9100")
            .arg(part);
    case Kind::OutOfRange:
        return QStringLiteral("ports: '%1' is out of range; ports are 1 to 65535").arg(part);
    case Kind::Reversed:
        return QStringLiteral("ports: '%1' runs backwards; write the lower port first").arg(part);
    case Kind::TooMany:
        return QStringLiteral("ports: more than %1 ranges in one list").arg(kMaxPortRanges);
    }
    Q_UNREACHABLE();
}

std::expected<QList<PortRange>, PortListError> parsePortList(const QString &text)
{
    QList<PortRange> ranges;
    for (qsizetype begin = 0; begin < text.size();) {
        if (separates(text.at(begin))) {
            ++begin;
            continue;
        }
        qsizetype end = begin;
        while (end < text.size() && !separates(text.at(end)))
            ++end;
        const QStringView piece = QStringView(text).sliced(begin, end - begin);
        const auto range = parseRange(piece);
        if (!range)
            return std::unexpected(PortListError{range.error(), piece.left(40).toString(), begin});
        if (ranges.size() == kMaxPortRanges)
            return std::unexpected(PortListError{PortListError::Kind::TooMany, {}, begin});
        ranges.append(*range);
        begin = end;
    }
    if (ranges.isEmpty())
        return std::unexpected(PortListError{PortListError::Kind::Empty, {}, 0});
    return merged(std::move(ranges));
}

QString formatPortList(const QList<PortRange> &ranges)
{
    QStringList pieces;
    for (const PortRange &range : ranges)
        pieces << (range.first == range.last ? QString::number(range.first)
                                             : QStringLiteral("%1-%2").arg(range.first).arg(range.last));
    return pieces.join(QLatin1Char(','));
}

} // namespace weir::dbus
