// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/json.h"

#include <QDBusArgument>

#include <cmath>
#include <limits>

namespace weir::client {

namespace {

QJsonValue number(double value)
{
    return std::isfinite(value) ? QJsonValue(value) : QJsonValue(QJsonValue::Null);
}

} // namespace

QJsonValue toJson(const QVariant &value)
{
    switch (value.typeId()) {
    case QMetaType::Bool:
        return value.toBool();
    case QMetaType::UChar:
    case QMetaType::Short:
    case QMetaType::UShort:
    case QMetaType::Int:
    case QMetaType::UInt:
    case QMetaType::LongLong:
        return QJsonValue(qint64(value.toLongLong()));
    case QMetaType::ULongLong: {
        const qulonglong whole = value.toULongLong();
        // JSON values of Qt hold signed numbers. Byte counters do not get there before nine exabytes, but an
        // id may: its digits must stay.
        if (whole > qulonglong(std::numeric_limits<qint64>::max()))
            return QString::number(whole);
        return QJsonValue(qint64(whole));
    }
    case QMetaType::Double:
        return number(value.toDouble());
    case QMetaType::QStringList:
        return QJsonArray::fromStringList(value.toStringList());
    case QMetaType::QVariantMap:
        return toJson(value.toMap());
    default:
        if (value.userType() == qMetaTypeId<QDBusArgument>())
            return toJson(QVariant(qdbus_cast<QStringList>(value)));
        return value.toString();
    }
}

QJsonObject toJson(const QVariantMap &map)
{
    QJsonObject object;
    for (auto entry = map.begin(); entry != map.end(); ++entry)
        object.insert(entry.key(), toJson(entry.value()));
    return object;
}

QJsonObject toJson(const dbus::Rate &rate)
{
    const auto value = [&rate](double perSecond) {
        return rate.known ? number(perSecond) : QJsonValue(QJsonValue::Null);
    };
    return {{QStringLiteral("rx_bytes_per_s"), value(rate.rxBytesPerSecond)},
            {QStringLiteral("tx_bytes_per_s"), value(rate.txBytesPerSecond)}};
}

} // namespace weir::client
