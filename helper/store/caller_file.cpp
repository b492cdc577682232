// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/caller_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <vector>

namespace weir {

OpenFile::~OpenFile()
{
    if (m_descriptor >= 0)
        close(m_descriptor);
}

namespace caller_file {

namespace {

using namespace std::chrono_literals;

constexpr size_t kChunk = 256 * 1024;

/// Left on our disk for what goes on meanwhile.
constexpr quint64 kReserveBytes = 64 * 1024 * 1024;

std::unexpected<Error> refused(const QString &why)
{
    return failure(ErrorKind::InvalidArgument, QStringLiteral("file: ") + why);
}

Result<struct stat> examine(int file, int forbiddenMode)
{
    struct stat status = {};
    const int flags = fcntl(file, F_GETFL);
    if (flags < 0 || fstat(file, &status) != 0)
        return refused(qt_error_string(errno));
    if ((flags & O_ACCMODE) == forbiddenMode || (flags & O_PATH) != 0)
        return refused(forbiddenMode == O_RDONLY ? QStringLiteral("it is not open for writing")
                                                 : QStringLiteral("it is not open for reading"));
    // a program of the caller would answer each read and write, or never
    struct statfs system = {};
    if (fstatfs(file, &system) == 0 && quint32(system.f_type) == quint32(FUSE_SUPER_MAGIC))
        return refused(QStringLiteral("it lies on a file system in user space; use a pipe or another place"));
    return status;
}

/// While one lives a pipe that nobody reads any more is an error, not a signal.
class NoPipeSignal
{
public:
    NoPipeSignal()
    {
        sigemptyset(&m_pipe);
        sigaddset(&m_pipe, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &m_pipe, &m_before);
    }
    ~NoPipeSignal()
    {
        const timespec now = {};
        if (sigismember(&m_before, SIGPIPE) == 0)
            sigtimedwait(&m_pipe, nullptr, &now);
        pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
    }
    NoPipeSignal(const NoPipeSignal &) = delete;
    NoPipeSignal &operator=(const NoPipeSignal &) = delete;

private:
    sigset_t m_pipe;
    sigset_t m_before;
};

std::unexpected<Error> cancelled()
{
    return failure(ErrorKind::StorageFailed, QStringLiteral("the helper ends"));
}

/// False when nobody took anything for too long.
Result<bool> waitForRoom(int pipe, std::chrono::milliseconds patience, const std::atomic<bool> &isCancelled)
{
    constexpr auto kSlice = 100ms;
    for (auto waited = 0ms; waited < patience; waited += kSlice) {
        if (isCancelled)
            return cancelled();
        pollfd poller{pipe, POLLOUT, 0};
        if (poll(&poller, 1, int(kSlice.count())) > 0)
            return true;
    }
    return false;
}

Result<quint64> sendToPipe(int from, int pipe, std::chrono::milliseconds patience,
                           const std::atomic<bool> &isCancelled)
{
    const NoPipeSignal noSignal;
    loff_t offset = 0;
    for (;;) {
        // without the descriptor's own flag, which the caller shares and could take away
        const ssize_t moved = splice(from, &offset, pipe, nullptr, kChunk, SPLICE_F_NONBLOCK);
        if (moved == 0)
            return quint64(offset);
        if (moved > 0 || errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return refused(qt_error_string(errno));
        const auto room = waitForRoom(pipe, patience, isCancelled);
        if (!room)
            return std::unexpected(room.error());
        if (!*room)
            return refused(
                QStringLiteral("nobody read from it for %1 s").arg(double(patience.count()) / 1000));
    }
}

/// 0 when all was written, else errno.
int writeAll(int file, const char *data, size_t size)
{
    while (size > 0) {
        const ssize_t written = write(file, data, size);
        if (written < 0 && errno != EINTR)
            return errno;
        data += std::max<ssize_t>(written, 0);
        size -= size_t(std::max<ssize_t>(written, 0));
    }
    return 0;
}

} // namespace

Result<void> checkWritable(int file)
{
    const auto status = examine(file, O_RDONLY);
    if (!status)
        return std::unexpected(status.error());
    if (!S_ISREG(status->st_mode) && !S_ISFIFO(status->st_mode))
        return refused(QStringLiteral("it is neither a regular file nor a pipe"));
    return {};
}

Result<void> checkReadable(int file)
{
    const auto status = examine(file, O_WRONLY);
    if (!status)
        return std::unexpected(status.error());
    if (!S_ISREG(status->st_mode))
        return refused(QStringLiteral("it is not a regular file"));
    if (status->st_size > kMostBytes)
        return refused(QStringLiteral("it is larger than 4 GiB"));
    return {};
}

Result<quint64> send(int from, int to, std::chrono::milliseconds patience,
                     const std::atomic<bool> &isCancelled)
{
    struct stat status = {};
    if (fstat(to, &status) == 0 && S_ISFIFO(status.st_mode))
        return sendToPipe(from, to, patience, isCancelled);
    std::vector<char> chunk(kChunk);
    quint64 sent = 0;
    for (;;) {
        if (isCancelled)
            return cancelled();
        const ssize_t size = pread(from, chunk.data(), chunk.size(), off_t(sent));
        if (size < 0)
            return failure(ErrorKind::StorageFailed,
                           QStringLiteral("cannot read the copy: ") + qt_error_string(errno));
        if (size == 0)
            return sent;
        if (const int error = writeAll(to, chunk.data(), size_t(size)))
            return refused(qt_error_string(error));
        sent += quint64(size);
    }
}

Result<void> receive(int from, int to, const std::atomic<bool> &isCancelled)
{
    struct stat status = {};
    struct statvfs disk = {};
    if (fstat(from, &status) != 0)
        return refused(qt_error_string(errno));
    if (fstatvfs(to, &disk) == 0
        && quint64(status.st_size) + kReserveBytes > quint64(disk.f_bavail) * disk.f_frsize)
        return failure(ErrorKind::StorageFailed,
                       QStringLiteral("there is no room for the file in the state directory; make room"));
    std::vector<char> chunk(kChunk);
    off_t offset = 0;
    while (offset < status.st_size) {
        if (isCancelled)
            return cancelled();
        const size_t most = std::min(chunk.size(), size_t(status.st_size - offset));
        const ssize_t size = pread(from, chunk.data(), most, offset);
        if (size <= 0)
            return refused(size < 0 ? qt_error_string(errno)
                                    : QStringLiteral("it became shorter while it was read"));
        if (const int error = writeAll(to, chunk.data(), size_t(size)))
            return failure(ErrorKind::StorageFailed,
                           QStringLiteral("cannot copy the file: ") + qt_error_string(error));
        offset += size;
    }
    if (fsync(to) != 0)
        return failure(ErrorKind::StorageFailed,
                       QStringLiteral("cannot copy the file: ") + qt_error_string(errno));
    return {};
}

} // namespace caller_file

} // namespace weir
