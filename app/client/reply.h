// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/client.h"

#include <QDBusArgument>
#include <QDBusMessage>
#include <QDBusMetaType>
#include <QPointer>

#include <expected>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

/// From the wire to values, with the form checked first: a helper of another version must not be misread.
namespace weir::client {

using Reply = std::expected<QDBusMessage, CallError>;

/// The D-Bus signature of these types in a row.
template <typename... Values>
QString signatureOf()
{
    QString signature;
    ((signature += QLatin1String(QDBusMetaType::typeToSignature(QMetaType::fromType<Values>()))), ...);
    return signature;
}

/// The arguments of a message; the error InvalidSignature when it carries others.
template <typename... Values>
Answer<std::tuple<Values...>> unpack(const QDBusMessage &message)
{
    if (message.signature() != signatureOf<Values...>())
        return std::unexpected(CallError{
            QDBusError::errorString(QDBusError::InvalidSignature),
            QStringLiteral(
                "The helper speaks another version of the interface: it sent '%1' where '%2' is expected. "
                "Restart the helper, or install both from one release.")
                .arg(message.signature(), signatureOf<Values...>())});
    return [arguments = message.arguments()]<size_t... Index>(std::index_sequence<Index...>)
    {
        return std::tuple<Values...>{qdbus_cast<Values>(arguments.at(qsizetype(Index)))...};
    }
    (std::index_sequence_for<Values...>());
}

template <typename... Values>
Answer<std::tuple<Values...>> unpack(const Reply &reply)
{
    if (!reply)
        return std::unexpected(reply.error());
    return unpack<Values...>(*reply);
}

/// As unpack(), made into a `T` of these members; `void` of none.
template <typename T, typename... Values>
Answer<T> unpackAs(const Reply &reply)
{
    auto values = unpack<Values...>(reply);
    if (!values)
        return std::unexpected(values.error());
    if constexpr (std::is_void_v<T>)
        return {};
    else
        return std::apply([](auto &...value) { return T{std::move(value)...}; }, *values);
}

/// Hands the reply, made into the answer by `convert`, to `done` unless the context is gone.
template <typename T, typename Convert>
std::function<void(const Reply &)> answering(QObject *context, OnAnswer<T> done, Convert convert)
{
    return [context = QPointer<QObject>(context), bound = context != nullptr, done = std::move(done),
            convert](const Reply &reply) {
        if (done && (!bound || context))
            done(convert(reply));
    };
}

/// An answer of one value.
template <typename T>
std::function<void(const Reply &)> answering(QObject *context, OnAnswer<T> done)
{
    return answering<T>(context, std::move(done), [](const Reply &reply) -> Answer<T> {
        if constexpr (std::is_void_v<T>)
            return unpackAs<void>(reply);
        else
            return unpackAs<T, T>(reply);
    });
}

} // namespace weir::client
