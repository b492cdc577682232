// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/error.h"

#include <atomic>
#include <chrono>
#include <utility>

namespace weir {

/// A descriptor that is closed with its owner.
class OpenFile
{
public:
    OpenFile() = default;
    explicit OpenFile(int descriptor) : m_descriptor(descriptor) { }
    OpenFile(OpenFile &&other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) { }
    OpenFile &operator=(OpenFile &&other) noexcept
    {
        std::swap(m_descriptor, other.m_descriptor);
        return *this;
    }
    ~OpenFile();

    int get() const { return m_descriptor; }
    explicit operator bool() const { return m_descriptor >= 0; }

private:
    int m_descriptor = -1;
};

/// Files that a caller opened and handed over. Whoever is at the other end may be slow, gone or hostile: the
/// functions run on a thread of their own, and give up on one that takes nothing.
namespace caller_file {

inline constexpr std::chrono::seconds kPatience{30};
inline constexpr qint64 kMostBytes = qint64(4) << 30;

/// A regular file or a pipe that can be written. InvalidArgument, naming `file`.
Result<void> checkWritable(int file);

/// A regular file of at most 4 GiB that can be read. InvalidArgument, naming `file`.
Result<void> checkReadable(int file);

/// Copies all of `from`, a regular file of ours, to the caller's file from its position on; gives the number
/// of bytes. Errors: InvalidArgument when it takes no more (full, closed, or nothing for `patience`).
Result<quint64> send(int from, int to, std::chrono::milliseconds patience,
                     const std::atomic<bool> &isCancelled);

/// Copies all of the caller's file, from its beginning, to `to`, a new file of ours. Errors: InvalidArgument
/// (unreadable, changed while it was read), StorageFailed (no room).
Result<void> receive(int from, int to, const std::atomic<bool> &isCancelled);

} // namespace caller_file

} // namespace weir
