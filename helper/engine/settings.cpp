// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/settings.h"

#include "helper/engine/link_choice.h"

#include <algorithm>

namespace weir {

namespace {

constexpr QLatin1String kMeteredLinks("metered_links");
constexpr QLatin1String kLocalPrefixes("local_prefixes");

/// A setting that is a whole number (u).
struct Number {
    QLatin1String key;
    uint least;
    uint most;
    void (*set)(Settings &, uint);
    uint (*get)(const Settings &);
};

constexpr Number kNumbers[] = {
    {QLatin1String("flush_interval_s"), kMinFlushSeconds, kMaxFlushSeconds,
     [](Settings &settings, uint value) { settings.flushInterval = std::chrono::seconds(value); },
     [](const Settings &settings) { return uint(settings.flushInterval.count()); }},
    {QLatin1String("keep_minutes_days"), kMinKeepMinutesDays, kMaxKeepMinutesDays,
     [](Settings &settings, uint value) { settings.retention.minuteDays = int(value); },
     [](const Settings &settings) { return uint(settings.retention.minuteDays); }},
    {QLatin1String("keep_quarters_days"), kMinKeepQuartersDays, kMaxKeepQuartersDays,
     [](Settings &settings, uint value) { settings.retention.quarterDays = int(value); },
     [](const Settings &settings) { return uint(settings.retention.quarterDays); }},
    {QLatin1String("keep_remotes_days"), kMinKeepRemotesDays, kMaxKeepRemotesDays,
     [](Settings &settings, uint value) { settings.retention.remoteDays = int(value); },
     [](const Settings &settings) { return uint(settings.retention.remoteDays); }},
};

std::unexpected<Error> wrong(const QString &message)
{
    return failure(ErrorKind::InvalidArgument, message);
}

Result<QString> text(const QString &key, const QVariant &value)
{
    if (value.typeId() != QMetaType::QString)
        return wrong(key + QStringLiteral(": must be a string (s)"));
    return value.toString();
}

Result<uint> checked(const Number &number, const QVariant &value)
{
    if (value.typeId() != QMetaType::UInt)
        return wrong(QStringLiteral("%1: must be an unsigned integer (u), %2-%3")
                         .arg(number.key)
                         .arg(number.least)
                         .arg(number.most));
    const uint given = value.toUInt();
    if (given < number.least || given > number.most)
        return wrong(QStringLiteral("%1: %2 is out of range, %3-%4 is allowed")
                         .arg(number.key)
                         .arg(given)
                         .arg(number.least)
                         .arg(number.most));
    return given;
}

Result<std::vector<Prefix>> parsePrefixes(const QString &list)
{
    std::vector<Prefix> prefixes;
    if (list.trimmed().isEmpty())
        return prefixes;
    const QStringList parts = list.split(QLatin1Char(','));
    if (parts.size() > kMaxLocalPrefixes)
        return wrong(QStringLiteral("local_prefixes: %1 prefixes, 0-%2 are allowed")
                         .arg(parts.size())
                         .arg(kMaxLocalPrefixes));
    for (const QString &part : parts) {
        const auto prefix = parsePrefix(QStringView(part).trimmed());
        if (!prefix)
            return wrong(QStringLiteral("local_prefixes: ") + prefix.error().message.left(200));
        // taken as the network it is in, a mistyped length would make half the Internet local
        if (const auto given = parseAddress(QStringView(part).trimmed().split(QLatin1Char('/')).first());
            given != prefix->address)
            return wrong(
                QStringLiteral(
                    "local_prefixes: \"%1\" has bits behind its length; the network that it is in is %2")
                    .arg(part.trimmed(), toString(*prefix)));
        prefixes.push_back(*prefix);
    }
    std::ranges::sort(prefixes);
    prefixes.erase(std::ranges::unique(prefixes).begin(), prefixes.end());
    return prefixes;
}

Result<void> apply(Settings &settings, const QString &key, const QVariant &value)
{
    if (key == kMeteredLinks) {
        const auto setting = text(key, value);
        if (!setting)
            return std::unexpected(setting.error());
        auto names = parseMeteredLinks(*setting);
        if (!names)
            return std::unexpected(names.error());
        settings.meteredLinks = *names;
        return {};
    }
    if (key == kLocalPrefixes) {
        const auto setting = text(key, value);
        if (!setting)
            return std::unexpected(setting.error());
        auto prefixes = parsePrefixes(*setting);
        if (!prefixes)
            return std::unexpected(prefixes.error());
        settings.localPrefixes = std::move(*prefixes);
        return {};
    }
    for (const Number &number : kNumbers) {
        if (key != number.key)
            continue;
        const auto given = checked(number, value);
        if (!given)
            return std::unexpected(given.error());
        number.set(settings, *given);
        return {};
    }
    return wrong(QStringLiteral("settings: there is no key \"%1\"; known are %2")
                     .arg(key.left(60), QStringList(Settings().toMap().keys()).join(QLatin1String(", "))));
}

} // namespace

Settings Settings::fromStored(const QMap<QString, QVariant> &stored)
{
    Settings settings;
    for (auto entry = stored.begin(); entry != stored.end(); ++entry) {
        Settings next = settings;
        if (apply(next, entry.key(), entry.value()))
            settings = next;
    }
    return settings;
}

Result<Settings> Settings::changed(const QMap<QString, QVariant> &changes) const
{
    Settings settings = *this;
    for (auto change = changes.begin(); change != changes.end(); ++change)
        if (auto applied = apply(settings, change.key(), change.value()); !applied)
            return std::unexpected(applied.error());
    return settings;
}

QStringList linksOf(const QMap<QString, QVariant> &changes)
{
    const auto names = parseMeteredLinks(changes.value(kMeteredLinks).toString());
    return names.value_or(QStringList());
}

QMap<QString, QVariant> Settings::toMap() const
{
    QStringList prefixes;
    for (const Prefix &prefix : localPrefixes)
        prefixes.append(toString(prefix));
    const QString links =
        meteredLinks.isEmpty() ? QStringLiteral("auto") : meteredLinks.join(QLatin1Char(','));
    QMap<QString, QVariant> map{{kMeteredLinks, links}, {kLocalPrefixes, prefixes.join(QLatin1Char(','))}};
    for (const Number &number : kNumbers)
        map[number.key] = number.get(*this);
    return map;
}

} // namespace weir
