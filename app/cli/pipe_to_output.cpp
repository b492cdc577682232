// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/pipe_to_output.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace weir::cli {

namespace {

QString lastError()
{
    return QString::fromLocal8Bit(std::strerror(errno));
}

} // namespace

std::expected<std::unique_ptr<PipeToOutput>, QString> PipeToOutput::make()
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return std::unexpected(QStringLiteral("cannot make a pipe: ") + lastError());
    std::unique_ptr<PipeToOutput> pipe(new PipeToOutput);
    pipe->m_read.open(ends[0], QIODevice::ReadOnly | QIODevice::Unbuffered, QFileDevice::AutoCloseHandle);
    pipe->m_write.open(ends[1], QIODevice::WriteOnly | QIODevice::Unbuffered, QFileDevice::AutoCloseHandle);
    // only this end: what the helper writes into waits for us
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
        return std::unexpected(QStringLiteral("cannot make a pipe: ") + lastError());
    pipe->m_readable = std::make_unique<QSocketNotifier>(ends[0], QSocketNotifier::Read);
    QObject::connect(pipe->m_readable.get(), &QSocketNotifier::activated, pipe->m_readable.get(),
                     [pipe = pipe.get()] { pipe->copy(); });
    return pipe;
}

void PipeToOutput::copy()
{
    std::array<char, 65536> bytes;
    for (;;) {
        const ssize_t count = read(m_read.handle(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return;
        // read on when nobody takes it, so that the helper does not wait for ever
        if (m_trouble.isEmpty() && std::fwrite(bytes.data(), 1, size_t(count), stdout) != size_t(count))
            m_trouble = lastError();
    }
}

std::expected<void, QString> PipeToOutput::finish()
{
    m_readable->setEnabled(false);
    copy();
    if (std::fflush(stdout) != 0 && m_trouble.isEmpty())
        m_trouble = lastError();
    if (!m_trouble.isEmpty())
        return std::unexpected(QStringLiteral("cannot write to standard output: ") + m_trouble);
    return {};
}

} // namespace weir::cli
