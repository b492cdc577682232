// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/error.h"

#include <QByteArray>

#include <functional>
#include <memory>

namespace weir {

/// Writes into a file or pipe that a caller opened, on a thread of its own: whoever reads slowly or not at
/// all holds up nobody else.
///
/// Main thread. A reader that takes nothing for 30 s is an error.
class FileWriter
{
public:
    /// Takes a copy of the descriptor. InvalidArgument (file: not open for writing, neither a file nor a
    /// pipe).
    static Result<std::unique_ptr<FileWriter>> open(int descriptor);
    ~FileWriter();

    /// Writes all of it, then calls `done` on the main thread, never after this object's end. One at a time.
    void write(QByteArray data, std::function<void(Result<void>)> done);

private:
    struct Shared;
    explicit FileWriter(std::shared_ptr<Shared> shared);
    std::shared_ptr<Shared> m_shared;
};

} // namespace weir
