// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/import_values.h"

#include "app/client/quantities.h"
#include "app/client/table.h"
#include "dbus/names.h"
#include "dbus/port_list.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace weir::client {

namespace {

constexpr qsizetype kMaxText = 4096;
constexpr qsizetype kMaxShown = 60;
constexpr qsizetype kMaxLines = 1000; ///< of what is not understood: a hostile file has millions

// As the interface Limits has them.
constexpr quint64 kMinRate = 64'000;
constexpr quint64 kMaxRate = 100'000'000'000;
constexpr quint64 kMinWindowS = 5;
constexpr quint64 kMaxWindowS = 86'400;
constexpr quint64 kMaxHoldS = 604'800;

bool isRate(quint64 bits)
{
    return kMinRate <= bits && bits <= kMaxRate;
}

QString portText(const QString &ports)
{
    return QStringLiteral("port %1").arg(shown(ports));
}

/// Billing and factor of the scripts' words.
std::optional<std::pair<QString, QString>> billingOf(const QString &word)
{
    if (word == QLatin1String("single"))
        return std::pair(QStringLiteral("out"), QStringLiteral("1"));
    if (word == QLatin1String("double"))
        return std::pair(QStringLiteral("sum"), QStringLiteral("1"));
    if (word == QLatin1String("relay"))
        return std::pair(QStringLiteral("sum"), QStringLiteral("2"));
    return {};
}

void addLine(QStringList &lines, const QString &line)
{
    if (lines.size() < kMaxLines)
        lines << line;
    else if (lines.size() == kMaxLines)
        lines << QStringLiteral("and more");
}

} // namespace

QString shown(const QString &text)
{
    return text.size() <= kMaxShown ? printable(text)
                                    : printable(text.left(kMaxShown - 1)) + QStringLiteral("…");
}

std::optional<QString> textOf(const QVariant &value)
{
    if (value.isNull())
        return {};
    switch (value.typeId()) {
    case QMetaType::QString: {
        const QString text = value.toString();
        if (text.size() > kMaxText || text.contains(QChar(QChar::Null)))
            return {};
        return text;
    }
    case QMetaType::Int:
    case QMetaType::LongLong:
    case QMetaType::ULongLong:
        return value.toString();
    case QMetaType::Double:
        if (const auto whole = wholeOf(value))
            return QString::number(*whole);
        return {};
    default:
        return {};
    }
}

std::optional<quint64> wholeOf(const QVariant &value)
{
    constexpr double kExact = 9'007'199'254'740'992; // 2^53
    if (value.typeId() == QMetaType::Double) {
        const double number = value.toDouble();
        if (!(number >= 0 && number <= kExact) || number != std::floor(number))
            return {};
        return quint64(number);
    }
    const auto text = textOf(value);
    if (!text)
        return {};
    const QString digits = text->trimmed();
    const auto isDigit = [](QChar c) { return c >= QLatin1Char('0') && c <= QLatin1Char('9'); };
    if (digits.isEmpty() || !std::ranges::all_of(digits, isDigit))
        return {};
    bool fits = false;
    const quint64 number = digits.toULongLong(&fits);
    return fits ? std::optional(number) : std::nullopt;
}

std::optional<bool> truthOf(const QVariant &value)
{
    if (value.typeId() == QMetaType::Bool)
        return value.toBool();
    const QString text = textOf(value).value_or(QString()).trimmed().toLower();
    if (text == QLatin1String("1") || text == QLatin1String("true"))
        return true;
    if (text == QLatin1String("0") || text == QLatin1String("false"))
        return false;
    return {};
}

bool saysNothing(const QVariant &value)
{
    if (value.isNull())
        return true;
    const auto text = textOf(value);
    if (!text)
        return false;
    const QString word = text->trimmed().toLower();
    return word.isEmpty() || word == QLatin1String("0") || word == QLatin1String("unlimited");
}

ImportedWatch *ImportCollector::watch(const QVariant &ports)
{
    const auto text = textOf(ports);
    const auto list = text ? dbus::parsePortList(*text) : dbus::parsePortList(QString());
    if (!list) {
        notUnderstood(text ? QStringLiteral("'%1' is no port").arg(shown(*text))
                           : QStringLiteral("a port that is no text"));
        return nullptr;
    }
    const QString key = dbus::formatPortList(*list);
    const auto found = m_indexes.constFind(key);
    if (found != m_indexes.cend())
        return &m_imported.watches[*found];
    if (m_imported.watches.size() >= dbus::kMaxWatches) {
        notUnderstood(QStringLiteral("more than %1 ports and groups").arg(dbus::kMaxWatches));
        return nullptr;
    }
    m_indexes.insert(key, m_imported.watches.size());
    m_imported.watches.append(ImportedWatch{key, {}, true, {}, {}, {}});
    return &m_imported.watches.last();
}

ImportedWatch *ImportCollector::newWatch(const QVariant &ports)
{
    const auto before = m_imported.watches.size();
    ImportedWatch *made = watch(ports);
    if (!made || m_imported.watches.size() > before)
        return made;
    notUnderstood(QStringLiteral("%1 is there twice: the first is taken").arg(portText(made->ports)));
    return nullptr;
}

void ImportCollector::setLimit(ImportedWatch &watch, std::optional<quint64> bits, bool enabled)
{
    if (!bits || !isRate(*bits)) {
        notUnderstood(
            QStringLiteral("limit of %1: %2")
                .arg(portText(watch.ports),
                     bits ? QStringLiteral("%1 is not from 64 kbit/s to 100 Gbit/s").arg(rateText(*bits))
                          : QStringLiteral("no rate that can be read")));
        return;
    }
    watch.limit = {{QStringLiteral("down_bits_per_s"), qulonglong(*bits)},
                   {QStringLiteral("up_bits_per_s"), qulonglong(*bits)},
                   {QStringLiteral("enabled"), enabled}};
}

void ImportCollector::setQuota(ImportedWatch &watch, std::optional<quint64> sizeBytes,
                               const QVariant &resetDay, const QVariant &billing, bool enabled)
{
    const auto refuse = [&](const QString &why) {
        notUnderstood(QStringLiteral("quota of %1: %2").arg(portText(watch.ports), why));
    };
    if (!sizeBytes || *sizeBytes == 0 || *sizeBytes > quint64(std::numeric_limits<qint64>::max()))
        return refuse(QStringLiteral("no size that can be read"));
    if (saysNothing(resetDay))
        return refuse(QStringLiteral("it never begins anew, which is not known here"));
    const auto day = wholeOf(resetDay);
    if (!day || *day > 31)
        return refuse(QStringLiteral("its reset day is none from 1 to 31"));
    const QString word = textOf(billing).value_or(QString());
    const auto counted = billingOf(word);
    if (!counted)
        return refuse(word.isEmpty() ? QStringLiteral("no billing mode that can be read")
                                     : QStringLiteral("billing mode '%1' is not known").arg(shown(word)));
    watch.quota = {{QStringLiteral("size_bytes"), qulonglong(*sizeBytes)},
                   {QStringLiteral("reset_day"), QString::number(*day)},
                   {QStringLiteral("billing"), counted->first},
                   {QStringLiteral("factor"), counted->second},
                   {QStringLiteral("overflow"), QStringLiteral("block")},
                   {QStringLiteral("enabled"), enabled}};
}

void ImportCollector::setBurst(ImportedWatch &watch, const Burst &burst, bool enabled)
{
    const auto refuse = [&](const char *why) {
        notUnderstood(QStringLiteral("burst guard of %1: %2").arg(portText(watch.ports), QLatin1String(why)));
    };
    if (!burst.triggerBits || !isRate(*burst.triggerBits) || !burst.throttleBits
        || !isRate(*burst.throttleBits))
        return refuse("its rates are not from 64 kbit/s to 100 Gbit/s");
    if (*burst.throttleBits > *burst.triggerBits)
        return refuse("it would throttle to more than what triggers it");
    if (!burst.windowS || *burst.windowS < kMinWindowS || *burst.windowS > kMaxWindowS)
        return refuse("its window is not from 1 minute to a day");
    if (!burst.holdS || *burst.holdS == 0 || *burst.holdS > kMaxHoldS)
        return refuse("it does not hold from 1 minute to 7 days");
    watch.burst = {{QStringLiteral("trigger_bits_per_s"), qulonglong(*burst.triggerBits)},
                   {QStringLiteral("window_s"), uint(*burst.windowS)},
                   {QStringLiteral("throttle_bits_per_s"), qulonglong(*burst.throttleBits)},
                   {QStringLiteral("hold_s"), uint(*burst.holdS)},
                   {QStringLiteral("enabled"), enabled}};
}

void ImportCollector::notUnderstood(const QString &line)
{
    addLine(m_imported.notUnderstood, line);
}

void ImportCollector::notImported(const QString &line)
{
    addLine(m_imported.notImported, line);
}

std::optional<quint64> times(std::optional<quint64> value, quint64 factor)
{
    if (!value || *value > std::numeric_limits<quint64>::max() / factor)
        return {};
    return *value * factor;
}

bool isSecret(const QString &key)
{
    static constexpr std::array kParts{"token", "secret",  "password", "passwd", "chat_id",
                                       "key",   "webhook", "telegram", "wecom",  "mail"};
    return std::ranges::any_of(
        kParts, [&key](const char *part) { return key.contains(QLatin1String(part), Qt::CaseInsensitive); });
}

} // namespace weir::client
