// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QJsonValue>

#include <type_traits>

/// Rows as JSON, with the names and units of the API, made from Row::members().
///
/// The member "total" stands flat in its row (rx_bytes, tx_bytes, rx_packets, tx_packets), as does "rate"
/// (rx_bytes_per_s, tx_bytes_per_s: null while not known); other traffic is an object of its own: "internet":
/// {"rx_bytes": …}. A quota or burst guard that is not set is null, and so is a limit while no rate is in
/// force either. Whole numbers are exact: above 2^63 - 1 they are a string of digits.
namespace weir::client {

/// What an a{sv} holds: numbers exactly, NaN as null, lists of strings, maps.
QJsonValue toJson(const QVariant &value);
QJsonObject toJson(const QVariantMap &map);
QJsonObject toJson(const dbus::Rate &rate);

template <dbus::WireRow Row>
QJsonObject toJson(const Row &row);

/// Whether there is anything to say about a member that may be missing.
inline bool isThere(const dbus::LimitState &limit)
{
    return limit.set || limit.downInForceBitsPerSecond != 0 || limit.upInForceBitsPerSecond != 0;
}
inline bool isThere(const dbus::QuotaState &quota)
{
    return quota.set;
}
inline bool isThere(const dbus::BurstState &burst)
{
    return burst.set;
}

/// One member, put where the shape wants it.
template <typename Value>
void putJson(QJsonObject &object, const char *name, const Value &value)
{
    const QLatin1String key(name);
    const auto merge = [&object](const QJsonObject &parts) {
        for (auto part = parts.begin(); part != parts.end(); ++part)
            object.insert(part.key(), part.value());
    };
    if constexpr (std::is_same_v<Value, dbus::Rate>) {
        merge(toJson(value));
    } else if constexpr (requires { isThere(value); }) {
        object.insert(key, isThere(value) ? QJsonValue(toJson(value)) : QJsonValue(QJsonValue::Null));
    } else if constexpr (dbus::WireRow<Value>) {
        if (key == QLatin1String("total"))
            merge(toJson(value));
        else
            object.insert(key, toJson(value));
    } else {
        object.insert(key, toJson(QVariant::fromValue(value)));
    }
}

template <dbus::WireRow Row>
QJsonObject toJson(const Row &row)
{
    QJsonObject object;
    std::apply([&](const auto &...member) { (putJson(object, member.name, row.*member.pointer), ...); },
               Row::members());
    return object;
}

template <dbus::WireRow Row>
QJsonArray toJson(const QList<Row> &rows)
{
    QJsonArray array;
    for (const Row &row : rows)
        array.append(toJson(row));
    return array;
}

} // namespace weir::client
