// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <expected>

namespace weir {

/// What the contract tells errors apart by; see names.h.
enum class ErrorKind {
    InvalidArgument,
    NotFound,
    Conflict,
    LimitReached,
    KernelRefused,
    Unsupported,
    StorageFailed
};

/// An expected failure: what was attempted, on what, and why it failed, in one English line.
struct Error {
    ErrorKind kind;
    QString message;
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> failure(ErrorKind kind, QString message)
{
    return std::unexpected(Error{kind, std::move(message)});
}

} // namespace weir
