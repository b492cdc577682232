// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <QDir>

#include <cerrno>
#include <utility>

namespace weir {

namespace {

QString systemError(int error)
{
    return qt_error_string(error);
}

} // namespace

QString StateLock::path(const QString &stateDirectory)
{
    return QDir(stateDirectory).filePath(QStringLiteral("weir.lock"));
}

Result<StateLock> StateLock::acquire(const QString &stateDirectory)
{
    const QString path = StateLock::path(stateDirectory);
    if (!QDir().mkpath(stateDirectory))
        return failure(ErrorKind::StorageFailed,
                       QStringLiteral("cannot make the directory ") + stateDirectory);
    StateLock lock(open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    const bool readOnly = lock.m_descriptor < 0 && errno == EROFS;
    if (readOnly)
        lock = lockableOnReadOnlyDisk(path, stateDirectory);
    if (lock.m_descriptor < 0)
        return failure(ErrorKind::StorageFailed,
                       QStringLiteral("cannot open %1: %2").arg(path, systemError(errno)));
    if (flock(lock.m_descriptor, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        char text[32];
        const ssize_t size = pread(lock.m_descriptor, text, sizeof text, 0);
        const QString holder = QString::fromLatin1(text, std::max<ssize_t>(size, 0)).trimmed();
        if (error != EWOULDBLOCK)
            return failure(ErrorKind::StorageFailed,
                           QStringLiteral("cannot lock %1: %2").arg(path, systemError(error)));
        return failure(ErrorKind::Conflict,
                       QStringLiteral("the state directory %1 is in use by the helper with pid %2")
                           .arg(stateDirectory, holder.isEmpty() ? QStringLiteral("?") : holder));
    }
    // the lock is what counts; on a disk that is full or read-only it goes without a name
    const QByteArray pid = QByteArray::number(getpid()) + '\n';
    if (!readOnly && ftruncate(lock.m_descriptor, 0) == 0)
        (void)!pwrite(lock.m_descriptor, pid.constData(), size_t(pid.size()), 0);
    return lock;
}

/// The lock file if it is there, else the directory: what nobody can write can be locked all the same.
StateLock StateLock::lockableOnReadOnlyDisk(const QString &path, const QString &stateDirectory)
{
    StateLock lock(open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC));
    if (lock.m_descriptor < 0)
        lock = StateLock(
            open(QFile::encodeName(stateDirectory).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return lock;
}

StateLock::StateLock(StateLock &&other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1))
{ }

StateLock &StateLock::operator=(StateLock &&other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

StateLock::~StateLock()
{
    if (m_descriptor >= 0)
        close(m_descriptor);
}

} // namespace weir
