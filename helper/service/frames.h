// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <type_traits>
#include <utility>
#include <vector>

/// Keeps messages below what the bus takes: a system bus throws whoever sends more than 32 MiB off.
namespace weir {

inline constexpr qsizetype kMaxFrameSize =
    8 * 1024 * 1024; ///< bytes of rows in one frame; more go into further ones
inline constexpr qsizetype kMaxReplySize = 24 * 1024 * 1024; ///< bytes of rows in one reply; more are refused

/// Bytes that a value takes in a message, with all the padding that it may need.
template <typename Number>
requires std::is_arithmetic_v<Number> qsizetype wireSize(Number)
{
    return 8;
}

inline qsizetype wireSize(const QString &text)
{
    qsizetype bytes = 8; // length, final zero and padding
    for (const QChar c : text)
        bytes += c.unicode() < 0x80 ? 1 : c.unicode() < 0x800 || c.isSurrogate() ? 2 : 3;
    return bytes;
}

template <dbus::WireRow Row>
qsizetype wireSize(const Row &row);

template <dbus::WireRow Row>
qsizetype wireSize(const dbus::Sparse<Row> &row)
{
    return 8 + (row.isEmpty() ? 0 : wireSize(static_cast<const Row &>(row)));
}

template <typename Value>
qsizetype wireSize(const QList<Value> &values)
{
    qsizetype bytes = 8;
    for (const Value &value : values)
        bytes += wireSize(value);
    return bytes;
}

template <dbus::WireRow Row>
qsizetype wireSize(const Row &row)
{
    return std::apply([&](const auto &...member) { return (wireSize(row.*member.pointer) + ... + 8); },
                      Row::members());
}

/// Parts of a delta (see SentRows) that fit into one frame each, in its order; one when it is empty.
template <typename Delta>
std::vector<Delta> split(Delta delta, qsizetype maxSize = kMaxFrameSize)
{
    const auto size = wireSize(delta.changed) + wireSize(delta.removed);
    std::vector<Delta> parts(1);
    if (size <= maxSize) {
        parts.front() = std::move(delta);
        return parts;
    }
    qsizetype used = 0;
    const auto place = [&](auto &values, auto list) {
        for (auto &value : values) {
            const qsizetype bytes = wireSize(value);
            if (used > 0 && used + bytes > maxSize) {
                parts.emplace_back();
                used = 0;
            }
            used += bytes;
            (parts.back().*list).append(std::move(value));
        }
    };
    place(delta.changed, &Delta::changed);
    place(delta.removed, &Delta::removed);
    return parts;
}

} // namespace weir
