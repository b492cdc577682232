// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/quantities.h"

#include <QStringList>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <span>

namespace weir::client {

namespace {

__extension__ using Wide = unsigned __int128; // a fraction of 18 digits times a unit of 10^18

constexpr qsizetype kMaxText = 64; ///< longer text is no quantity that anybody typed
constexpr qsizetype kMaxDecimals = 18;
constexpr quint64 kLargest = std::numeric_limits<quint64>::max();

struct Unit {
    const char *name;
    quint64 size;
};

/// Largest first.
constexpr std::array kRateUnits{Unit{"Tbit/s", 1'000'000'000'000}, Unit{"Gbit/s", 1'000'000'000},
                                Unit{"Mbit/s", 1'000'000}, Unit{"kbit/s", 1000}, Unit{"bit/s", 1}};
constexpr std::array kDecimalSizes{Unit{"EB", 1'000'000'000'000'000'000},
                                   Unit{"PB", 1'000'000'000'000'000},
                                   Unit{"TB", 1'000'000'000'000},
                                   Unit{"GB", 1'000'000'000},
                                   Unit{"MB", 1'000'000},
                                   Unit{"kB", 1000},
                                   Unit{"B", 1}};
constexpr std::array kBinarySizes{Unit{"EiB", 1ULL << 60}, Unit{"PiB", 1ULL << 50}, Unit{"TiB", 1ULL << 40},
                                  Unit{"GiB", 1ULL << 30}, Unit{"MiB", 1ULL << 20}, Unit{"KiB", 1ULL << 10}};
constexpr std::array kDurationUnits{Unit{"d", 86'400}, Unit{"h", 3600}, Unit{"min", 60}, Unit{"s", 1}};

constexpr auto kRateExample = "write 20mbit or 2.5MB/s";
constexpr auto kSizeExample = "write 100GB or 500MiB";
constexpr auto kDurationExample = "write 90s, 15min or 1h30min";

bool isDigit(QChar c)
{
    return c >= QLatin1Char('0') && c <= QLatin1Char('9');
}

bool isMark(QChar c)
{
    return c == QLatin1Char('.') || c == QLatin1Char(',');
}

bool is(QStringView text, const char *word)
{
    return text.compare(QLatin1String(word), Qt::CaseInsensitive) == 0;
}

bool isOneOf(QStringView text, std::initializer_list<const char *> words)
{
    return std::ranges::any_of(words, [text](const char *word) { return is(text, word); });
}

/// "'TEXT' PROBLEM: EXAMPLE"
std::unexpected<QString> wrong(QStringView text, const char *problem, const char *example)
{
    const QString shown =
        (text.size() > 40 ? text.left(40).toString() + QStringLiteral("…") : text.toString());
    return std::unexpected(
        QStringLiteral("'%1' %2: %3").arg(shown, QLatin1String(problem), QLatin1String(example)));
}

/// A decimal number: `whole` and a fraction of `decimals` digits.
struct Number {
    quint64 whole = 0;
    quint64 fraction = 0;
    quint64 scale = 1; ///< ten to the count of the fraction's digits
};

/// Takes a number and the white space behind it off the front of `rest`; the error is what is wrong with it.
std::expected<Number, const char *> takeNumber(QStringView &rest)
{
    const auto end = std::ranges::find_if_not(rest, [](QChar c) { return isDigit(c) || isMark(c); });
    const QStringView text = rest.first(end - rest.begin());
    rest = rest.sliced(text.size()).trimmed();
    const auto mark = std::ranges::find_if(text, isMark) - text.begin();
    const QStringView whole = text.first(mark);
    const QStringView fraction = mark < text.size() ? text.sliced(mark + 1) : QStringView();
    if (text.isEmpty())
        return std::unexpected("does not begin with a number");
    if ((whole.isEmpty() && fraction.isEmpty()) || (mark < text.size() && fraction.isEmpty())
        || std::ranges::any_of(fraction, isMark))
        return std::unexpected("has no number that can be read");
    // 1,000 is a thousand to some and one to others.
    if (mark < text.size() && text[mark] == QLatin1Char(',') && fraction.size() == 3
        && !std::ranges::all_of(whole, [](QChar c) { return c == QLatin1Char('0'); }))
        return std::unexpected("can be read in two ways, with a comma before three digits");
    if (fraction.size() > kMaxDecimals)
        return std::unexpected("has too many decimals");
    Number number;
    for (const QChar c : whole) {
        const auto digit = quint64(c.unicode() - u'0');
        if (number.whole > (kLargest - digit) / 10)
            return std::unexpected("is too much");
        number.whole = number.whole * 10 + digit;
    }
    for (const QChar c : fraction) {
        number.fraction = number.fraction * 10 + quint64(c.unicode() - u'0');
        number.scale *= 10;
    }
    return number;
}

/// `number` of units of `size`. A decimal fraction of a power of two is hardly ever whole: to the nearest
/// then.
std::expected<quint64, const char *> multiplied(const Number &number, quint64 size)
{
    const Wide part = Wide(number.fraction) * size;
    const bool isBinary = size > 8 && std::has_single_bit(size);
    if (part % number.scale != 0 && !isBinary)
        return std::unexpected("is finer than can be counted");
    const Wide value = Wide(number.whole) * size + (part + number.scale / 2) / number.scale;
    if (value > kLargest)
        return std::unexpected("is too much");
    if (value == 0 && number.fraction != 0)
        return std::unexpected("is finer than can be counted");
    return quint64(value);
}

/// One number with a unit, whose size `sizeOf` knows.
template <typename SizeOf>
Understood<quint64> parse(QStringView typed, const char *example, SizeOf sizeOf)
{
    const QStringView text = typed.trimmed();
    if (text.isEmpty())
        return std::unexpected(QStringLiteral("nothing is given: %1").arg(QLatin1String(example)));
    if (text.startsWith(QLatin1Char('-')))
        return wrong(text, "is below nothing", example);
    if (text.size() > kMaxText)
        return wrong(text, "is too long", example);
    QStringView unit = text;
    const auto number = takeNumber(unit);
    if (!number)
        return wrong(text, number.error(), example);
    if (unit.isEmpty())
        return wrong(text, "has no unit", example);
    const Understood<quint64> size = sizeOf(text, unit);
    if (!size)
        return size;
    const auto value = multiplied(*number, *size);
    return value ? Understood<quint64>(*value) : wrong(text, value.error(), example);
}

/// Takes "k", "Mi" and their like off the front of `unit`; 1 when there is none.
quint64 takePrefix(QStringView &unit)
{
    static constexpr std::array kPrefixes{'k', 'm', 'g', 't', 'p', 'e'};
    if (unit.isEmpty())
        return 1;
    const auto found = std::ranges::find(kPrefixes, unit.front().toLower().toLatin1());
    if (found == kPrefixes.end())
        return 1;
    const auto power = found - kPrefixes.begin() + 1;
    // "bit" has an i of its own, but no prefix ends before it.
    const bool isBinary = unit.size() > 1 && unit[1].toLower() == QLatin1Char('i');
    unit = unit.sliced(isBinary ? 2 : 1);
    quint64 size = 1;
    for (auto i = 0; i < power; ++i)
        size *= isBinary ? 1024 : 1000;
    return size;
}

/// Bits per second of a unit of a line's speed.
Understood<quint64> rateUnit(QStringView text, QStringView unit)
{
    QStringView rest = unit;
    const quint64 prefix = takePrefix(rest);
    const QStringView prefixText = unit.first(unit.size() - rest.size());
    // Lines are sold as "20M"; 20Mi is nobody's word for a rate.
    if (rest.isEmpty() && prefixText.size() == 1)
        return prefix;
    if (isOneOf(rest, {"bit", "bits", "bit/s", "bits/s", "bit/sec", "bits/sec"}))
        return prefix;
    if (isOneOf(rest, {"byte", "bytes", "byte/s", "bytes/s", "byte/sec", "bytes/sec"}))
        return prefix * 8;
    if (!isOneOf(rest, {"b", "b/s", "b/sec", "bps"}))
        return wrong(text, "has a unit that is not known", kRateExample);
    const bool isCapital = rest.front() == QLatin1Char('B');
    const bool isPs = is(rest, "bps");
    if (isCapital && !(isPs && rest.back() == QLatin1Char('S'))) // MBPS is only loud
        return prefix * 8;
    // Who writes Mb and not mb tells bits from bytes; kb is written for both.
    const bool isDeliberate = !prefixText.isEmpty() && prefixText.front().isUpper()
        && (prefixText.size() == 2 || prefixText.front() != QLatin1Char('K'));
    if (!isCapital && (isDeliberate || isPs))
        return prefix;
    const QString number = text.first(text.size() - unit.size()).trimmed().toString();
    return wrong(
        text, "may mean bits or bytes",
        qPrintable(QStringLiteral("write %1%2bit or %1%3B/s")
                       .arg(number, prefixText.toString().toLower(), prefixText.toString().toUpper())));
}

Understood<quint64> sizeUnit(QStringView text, QStringView unit)
{
    QStringView rest = unit;
    const quint64 prefix = takePrefix(rest);
    const bool hasPrefix = rest.size() < unit.size();
    if ((rest.isEmpty() && hasPrefix) || isOneOf(rest, {"b", "byte", "bytes"}))
        return prefix;
    if (isOneOf(rest, {"bit", "bits"}))
        return wrong(text, "counts bits, and a size is in bytes", kSizeExample);
    return wrong(text, "has a unit that is not known", kSizeExample);
}

/// Seconds; nothing when the unit is not known.
quint64 durationUnit(QStringView unit)
{
    if (isOneOf(unit, {"s", "sec", "secs", "second", "seconds"}))
        return 1;
    if (isOneOf(unit, {"m", "min", "mins", "minute", "minutes"}))
        return 60;
    if (isOneOf(unit, {"h", "hour", "hours"}))
        return 3600;
    if (isOneOf(unit, {"d", "day", "days"}))
        return 86'400;
    return 0;
}

/// `value` in `unit`, every digit; empty when it needs more than `maxDecimals`.
QString exactly(quint64 value, const Unit &unit, int maxDecimals)
{
    QString text = QString::number(value / unit.size);
    quint64 rest = value % unit.size;
    for (int decimals = 0; rest != 0; ++decimals) {
        if (decimals == maxDecimals)
            return {};
        if (decimals == 0)
            text += QLatin1Char('.');
        const Wide next = Wide(rest) * 10;
        text += QLatin1Char(char('0' + int(next / unit.size)));
        rest = quint64(next % unit.size);
    }
    return text + QLatin1Char(' ') + QLatin1String(unit.name);
}

/// The shortest of the exact texts in these units, the one of the larger unit when they are as short.
QString shortest(quint64 value, std::span<const Unit> units, int maxDecimals)
{
    QString best;
    for (const Unit &unit : units) {
        if (value < unit.size)
            continue;
        const QString text = exactly(value, unit, maxDecimals);
        if (!text.isEmpty() && (best.isEmpty() || text.size() < best.size()))
            best = text;
    }
    return best;
}

} // namespace

Understood<quint64> parseRate(QStringView text)
{
    return parse(text, kRateExample, rateUnit);
}

QString rateText(quint64 bitsPerSecond)
{
    const auto unit = std::ranges::find_if(
        kRateUnits, [bitsPerSecond](const Unit &unit) { return bitsPerSecond >= unit.size; });
    return exactly(bitsPerSecond, unit == kRateUnits.end() ? kRateUnits.back() : *unit, kMaxDecimals);
}

Understood<quint64> parseSize(QStringView text)
{
    return parse(text, kSizeExample, sizeUnit);
}

QString sizeText(quint64 bytes)
{
    if (bytes == 0)
        return QStringLiteral("0 B");
    const QString decimal = shortest(bytes, kDecimalSizes, kMaxDecimals);
    const QString binary = shortest(bytes, kBinarySizes, 2);
    return !binary.isEmpty() && binary.size() < decimal.size() ? binary : decimal;
}

Understood<quint64> parseDuration(QStringView typed)
{
    const QStringView text = typed.trimmed();
    if (text.size() > kMaxText)
        return wrong(text, "is too long", kDurationExample);
    quint64 total = 0;
    quint64 smallest = kLargest;
    QStringView rest = text;
    do {
        const auto end =
            std::ranges::adjacent_find(rest, [](QChar a, QChar b) { return a.isLetter() && !b.isLetter(); });
        const auto length = end == rest.end() ? rest.size() : end - rest.begin() + 1;
        quint64 size = 0;
        const auto part = parse(rest.first(length), kDurationExample,
                                [&size](QStringView all, QStringView unit) -> Understood<quint64> {
                                    size = durationUnit(unit);
                                    if (size == 0)
                                        return wrong(all, "has a unit that is not known", kDurationExample);
                                    return size;
                                });
        if (!part)
            return part;
        if (size >= smallest)
            return wrong(text, "has its units in no order", kDurationExample);
        if (*part > kLargest - total)
            return wrong(text, "is too much", kDurationExample);
        smallest = size;
        total += *part;
        rest = rest.sliced(length).trimmed();
    } while (!rest.isEmpty());
    return total;
}

QString durationText(quint64 seconds)
{
    QStringList parts;
    for (const Unit &unit : kDurationUnits) {
        if (const quint64 count = seconds / unit.size; count != 0)
            parts << QStringLiteral("%1 %2").arg(count).arg(QLatin1String(unit.name));
        seconds %= unit.size;
    }
    return parts.isEmpty() ? QStringLiteral("0 s") : parts.join(QLatin1Char(' '));
}

} // namespace weir::client
