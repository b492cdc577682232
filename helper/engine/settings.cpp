// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/settings.h"

#include "helper/engine/link_choice.h"

#include <algorithm>

namespace weir {

namespace {

constexpr QLatin1String kMeteredLinks("metered_links");
constexpr QLatin1String kLocalPrefixes("local_prefixes");
constexpr QLatin1String kFlushInterval("flush_interval_s");

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

Result<std::vector<Prefix>> parsePrefixes(const QString &list)
{
    std::vector<Prefix> prefixes;
    if (list.trimmed().isEmpty())
        return prefixes;
    const QStringList parts = list.split(QLatin1Char(','));
    if (parts.size() > kMaxLocalPrefixes)
        return wrong(QStringLiteral("local_prefixes: %1 prefixes, 0-%2 are allowed").arg(parts.size()).arg(kMaxLocalPrefixes));
    for (const QString &part : parts) {
        const auto prefix = parsePrefix(QStringView(part).trimmed());
        if (!prefix)
            return wrong(QStringLiteral("local_prefixes: ") + prefix.error().message.left(200));
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
    if (key == kFlushInterval) {
        if (value.typeId() != QMetaType::UInt)
            return wrong(QStringLiteral("flush_interval_s: must be an unsigned integer (u), %1-%2")
                             .arg(kMinFlushSeconds)
                             .arg(kMaxFlushSeconds));
        const uint seconds = value.toUInt();
        if (seconds < kMinFlushSeconds || seconds > kMaxFlushSeconds)
            return wrong(QStringLiteral("flush_interval_s: %1 is out of range, %2-%3 is allowed")
                             .arg(seconds)
                             .arg(kMinFlushSeconds)
                             .arg(kMaxFlushSeconds));
        settings.flushInterval = std::chrono::seconds(seconds);
        return {};
    }
    return wrong(QStringLiteral("settings: there is no key \"%1\"; known are metered_links, local_prefixes, flush_interval_s")
                     .arg(key.left(60)));
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

QMap<QString, QVariant> Settings::toMap() const
{
    QStringList prefixes;
    for (const Prefix &prefix : localPrefixes)
        prefixes.append(toString(prefix));
    const QString links = meteredLinks.isEmpty() ? QStringLiteral("auto") : meteredLinks.join(QLatin1Char(','));
    return {{kMeteredLinks, links},
            {kLocalPrefixes, prefixes.join(QLatin1Char(','))},
            {kFlushInterval, uint(flushInterval.count())}};
}

} // namespace weir
