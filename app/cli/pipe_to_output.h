// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFile>
#include <QSocketNotifier>

#include <expected>
#include <memory>

namespace weir::cli {

/// Copies to standard output what another process writes into a pipe, while the event loop turns: the helper
/// gets the pipe, never this terminal or socket.
class PipeToOutput
{
public:
    static std::expected<std::unique_ptr<PipeToOutput>, QString> make();

    /// To be handed over.
    int descriptor() const { return m_write.handle(); }

    /// The other process said that it has written all: copies what is left. The error tells, in English, why
    /// standard output did not take it.
    std::expected<void, QString> finish();

private:
    PipeToOutput() = default;
    void copy();

    QFile m_read;
    QFile m_write;
    std::unique_ptr<QSocketNotifier> m_readable;
    QString m_trouble;
};

} // namespace weir::cli
