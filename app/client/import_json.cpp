// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/import_values.h"

#include "app/client/quantities.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <array>

namespace weir::client {

namespace {

QJsonObject objectIn(const QJsonObject &object, const char *key)
{
    return object.value(QLatin1String(key)).toObject();
}

QVariant valueIn(const QJsonObject &object, const char *key)
{
    const QJsonValue value = object.value(QLatin1String(key));
    return value.isNull() ? QVariant() : value.toVariant();
}

/// "100GB" as the scripts read it: whole numbers, powers of 1024.
std::optional<quint64> sizeOf(const QVariant &value)
{
    static constexpr std::array kUnits{std::pair("tb", 40), std::pair("gb", 30), std::pair("mb", 20),
                                       std::pair("t", 40),  std::pair("g", 30),  std::pair("m", 20)};
    const QString text = textOf(value).value_or(QString()).trimmed().toLower();
    for (const auto &[unit, power] : kUnits) {
        if (text.endsWith(QLatin1String(unit)))
            return times(wholeOf(text.chopped(qsizetype(qstrlen(unit)))), 1ULL << power);
    }
    return {};
}

/// "20Mbps" as the scripts read it: bits, whatever its case.
std::optional<quint64> rateOf(const QVariant &value)
{
    const auto rate = parseRate(textOf(value).value_or(QString()).toLower());
    return rate ? std::optional(*rate) : std::nullopt;
}

void readPort(ImportCollector &collector, const QString &port, const QJsonObject &settings)
{
    ImportedWatch *watch = collector.newWatch(port);
    if (!watch)
        return;
    watch->remark = textOf(valueIn(settings, "remark")).value_or(QString()).trimmed();
    watch->enabled = truthOf(valueIn(settings, "enabled")).value_or(true);
    const QJsonObject quota = objectIn(settings, "quota");
    if (const QVariant size = valueIn(quota, "monthly_limit"); !saysNothing(size)) {
        QVariant billing = valueIn(settings, "billing_mode");
        if (billing.isNull())
            billing = QStringLiteral("single"); // what the scripts take then
        collector.setQuota(*watch, sizeOf(size), valueIn(quota, "reset_day"), billing,
                           truthOf(valueIn(quota, "enabled")).value_or(true));
    }
    const QJsonObject limit = objectIn(settings, "bandwidth_limit");
    if (const QVariant rate = valueIn(limit, "rate"); !saysNothing(rate))
        collector.setLimit(*watch, rateOf(rate), truthOf(valueIn(limit, "enabled")).value_or(false));
    static const QStringList known{QStringLiteral("name"),         QStringLiteral("enabled"),
                                   QStringLiteral("billing_mode"), QStringLiteral("bandwidth_limit"),
                                   QStringLiteral("quota"),        QStringLiteral("remark"),
                                   QStringLiteral("created_at")};
    for (const QString &key : settings.keys()) {
        if (!known.contains(key))
            collector.notUnderstood(QStringLiteral("'%1' of port %2").arg(shown(key), shown(port)));
    }
}

} // namespace

std::expected<Imported, QString> readImportJson(const QByteArray &document)
{
    QJsonParseError error{};
    const QJsonObject settings = QJsonDocument::fromJson(document, &error).object();
    if (error.error != QJsonParseError::NoError)
        return std::unexpected(
            QStringLiteral("no JSON: %1 at byte %2").arg(error.errorString()).arg(error.offset));
    if (!settings.value(QStringLiteral("ports")).isObject())
        return std::unexpected(
            QStringLiteral("JSON, but no config.json of the port-monitor scripts: it has no \"ports\""));
    ImportCollector collector;
    const QJsonObject ports = objectIn(settings, "ports");
    for (auto port = ports.begin(); port != ports.end(); ++port) {
        if (port->isObject())
            readPort(collector, port.key(), port->toObject());
        else
            collector.notUnderstood(QStringLiteral("port %1: no settings").arg(shown(port.key())));
    }
    for (const QString &key : settings.keys()) {
        if (key == QLatin1String("ports") || key == QLatin1String("global")
            || key == QLatin1String("nftables"))
            continue; // a default for new ports, and the scripts' own table
        if (key == QLatin1String("notifications"))
            for (const QString &channel : objectIn(settings, "notifications").keys())
                collector.notImported(
                    QStringLiteral("notifications by %1, with their secrets").arg(shown(channel)));
        else if (isSecret(key))
            collector.notImported(QStringLiteral("%1, with its secrets").arg(shown(key)));
        else
            collector.notUnderstood(QStringLiteral("'%1'").arg(shown(key)));
    }
    return collector.take();
}

} // namespace weir::client
