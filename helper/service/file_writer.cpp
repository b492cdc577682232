// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/file_writer.h"

#include <QCoreApplication>

#include <cerrno>
#include <climits>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <poll.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace weir {

namespace {

constexpr int kPatienceMs = 30'000;
constexpr size_t kFileChunk = 1 << 20;

std::unexpected<Error> unfit(const QString &why)
{
    return failure(ErrorKind::InvalidArgument, QStringLiteral("file: ") + why);
}

std::unexpected<Error> notWritten(const QString &why)
{
    return failure(ErrorKind::StorageFailed, QStringLiteral("file: cannot be written: ") + why);
}

} // namespace

struct FileWriter::Shared {
    int descriptor = -1;
    size_t chunk = PIPE_BUF; // a pipe that poll() calls writable takes this much at once
    std::mutex mutex;
    std::condition_variable wake;
    std::optional<QByteArray> data;
    bool ended = false;
    std::function<void(Result<void>)> done; // main thread only

    ~Shared() { close(descriptor); }
    Result<void> writeAll(const QByteArray &bytes) const;
    static void run(const std::shared_ptr<Shared> &shared);
};

Result<void> FileWriter::Shared::writeAll(const QByteArray &bytes) const
{
    for (size_t written = 0; written < size_t(bytes.size());) {
        pollfd waiting{descriptor, POLLOUT, 0};
        const int ready = poll(&waiting, 1, kPatienceMs);
        if (ready == 0)
            return notWritten(QStringLiteral("nobody reads the pipe"));
        if (ready < 0 && errno != EINTR)
            return notWritten(QString::fromLocal8Bit(strerror(errno)));
        if (ready < 0)
            continue;
        const ssize_t part =
            ::write(descriptor, bytes.constData() + written, std::min(chunk, size_t(bytes.size()) - written));
        if (part < 0 && errno != EINTR && errno != EAGAIN)
            return notWritten(QString::fromLocal8Bit(strerror(errno)));
        written += size_t(std::max<ssize_t>(part, 0));
    }
    return {};
}

void FileWriter::Shared::run(const std::shared_ptr<Shared> &shared)
{
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE); // a reader that left is an error of this writing alone
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    for (;;) {
        std::unique_lock lock(shared->mutex);
        shared->wake.wait(lock, [&] { return shared->ended || shared->data; });
        if (shared->ended)
            return;
        const QByteArray data = *std::exchange(shared->data, {});
        lock.unlock();
        auto result = shared->writeAll(data);
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [weak = std::weak_ptr(shared), result = std::move(result)] {
                const auto writer = weak.lock();
                if (writer && writer->done)
                    std::exchange(writer->done, {})(result);
            },
            Qt::QueuedConnection);
    }
}

FileWriter::FileWriter(std::shared_ptr<Shared> shared) : m_shared(std::move(shared))
{
    // detached: a write into a file system that hangs must not hold up the helper's end
    std::thread([shared = m_shared] { Shared::run(shared); }).detach();
}

FileWriter::~FileWriter()
{
    m_shared->done = {};
    const std::lock_guard lock(m_shared->mutex);
    m_shared->ended = true;
    m_shared->wake.notify_one();
}

Result<std::unique_ptr<FileWriter>> FileWriter::open(int descriptor)
{
    struct stat about { };
    const int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fstat(descriptor, &about) != 0)
        return unfit(QStringLiteral("is no open file"));
    if ((flags & O_ACCMODE) == O_RDONLY || (flags & O_PATH))
        return unfit(QStringLiteral("is not open for writing"));
    if (!S_ISREG(about.st_mode) && !S_ISFIFO(about.st_mode))
        return unfit(QStringLiteral("is neither a file nor a pipe"));
    auto shared = std::make_shared<Shared>();
    shared->descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (shared->descriptor < 0)
        return unfit(QString::fromLocal8Bit(strerror(errno)));
    if (S_ISREG(about.st_mode))
        shared->chunk = kFileChunk;
    return std::unique_ptr<FileWriter>(new FileWriter(std::move(shared)));
}

void FileWriter::write(QByteArray data, std::function<void(Result<void>)> done)
{
    m_shared->done = std::move(done);
    const std::lock_guard lock(m_shared->mutex);
    m_shared->data = std::move(data);
    m_shared->wake.notify_one();
}

} // namespace weir
