// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/error.h"

#include <QString>

namespace weir {

/// Keeps a second helper away from a state directory, for as long as it lives.
///
/// An advisory lock on `weir.lock`: the kernel drops it with the process, however that ends, so it is never
/// stale.
class StateLock
{
public:
    /// The lock's file; there is none where no helper ever ran.
    static QString path(const QString &stateDirectory);

    /// Makes the directory when it is missing. Errors: Conflict, naming the directory and the process that
    /// holds it; StorageFailed when the file cannot be made.
    static Result<StateLock> acquire(const QString &stateDirectory);

    StateLock(StateLock &&other) noexcept;
    StateLock &operator=(StateLock &&other) noexcept;
    ~StateLock();

private:
    static StateLock lockableOnReadOnlyDisk(const QString &path, const QString &stateDirectory);
    explicit StateLock(int descriptor) : m_descriptor(descriptor) { }
    int m_descriptor = -1;
};

} // namespace weir
