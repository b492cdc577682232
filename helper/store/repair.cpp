// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/repair.h"

#include "helper/store/caller_file.h"
#include "helper/store/database.h"
#include "helper/store/schema.h"

#include <fcntl.h>
#include <unistd.h>

#include <QDateTime>
#include <QFile>
#include <QFileInfo>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace weir::repair {

namespace {

const char *const kBackupSuffix = ".backup";
const char *const kIncomingSuffix = ".incoming";
constexpr std::array kPartSuffixes{"", "-wal", "-shm", "-journal"};

std::unexpected<Error> storageFailed(const QString &path, const QString &what, int error)
{
    return failure(ErrorKind::StorageFailed,
                   QStringLiteral("%1: %2: %3").arg(path, what, qt_error_string(error)));
}

std::unexpected<Error> refused(const QString &why)
{
    return failure(ErrorKind::InvalidArgument, QStringLiteral("file: ") + why);
}

/// A temporary database that is removed in the end, whatever happens.
class Temporary
{
public:
    explicit Temporary(QString path) : m_path(std::move(path)) { remove(m_path); }
    ~Temporary()
    {
        if (!m_path.isEmpty())
            remove(m_path);
    }
    Temporary(const Temporary &) = delete;
    Temporary &operator=(const Temporary &) = delete;
    const QString &path() const { return m_path; }
    void keep() { m_path.clear(); }
    static void remove(const QString &path)
    {
        for (const char *suffix : kPartSuffixes)
            QFile::remove(path + QLatin1String(suffix));
    }
    Result<OpenFile> make() const
    {
        OpenFile file(::open(QFile::encodeName(m_path).constData(),
                             O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!file)
            return storageFailed(m_path, QStringLiteral("cannot make it"), errno);
        return file;
    }

private:
    QString m_path;
};

quint32 bigEndian(const std::array<quint8, 100> &header, size_t offset)
{
    return quint32(header[offset]) << 24 | quint32(header[offset + 1]) << 16
        | quint32(header[offset + 2]) << 8 | quint32(header[offset + 3]);
}

/// What the first bytes tell, before anything is copied.
Result<void> checkHeader(int file)
{
    std::array<quint8, 100> header{};
    if (pread(file, header.data(), header.size(), 0) != ssize_t(header.size())
        || std::memcmp(header.data(), "SQLite format 3", 16) != 0)
        return refused(QStringLiteral("it is not a database"));
    constexpr size_t kVersionAt = 60;
    constexpr size_t kApplicationAt = 68;
    if (bigEndian(header, kApplicationAt) != quint32(schema::kApplicationId))
        return refused(QStringLiteral("it is not a database of Weir"));
    const quint32 version = bigEndian(header, kVersionAt);
    if (version < 1 || version > quint32(schema::newestVersion()))
        return refused(
            QStringLiteral("it was written by a newer version of Weir (schema %1, this one knows %2)")
                .arg(version)
                .arg(schema::newestVersion()));
    return {};
}

/// Reads all of a copy before anything of it is believed: its schema first, which must be ours word for word.
Result<void> examine(const QString &copy)
{
    const auto withoutPath = [&](const Error &error) {
        return refused(QString(error.message).replace(copy + QLatin1String(": "), QString()));
    };
    {
        Connection reader(copy);
        if (auto opened = reader.open(Connection::Access::ReadOnly); !opened)
            return withoutPath(opened.error());
        for (const auto step : {&schema::identify, &schema::compare, &schema::checkAll})
            if (auto fit = step(reader); !fit)
                return withoutPath(fit.error());
    }
    // as the next start will read it
    if (auto opened = Database(copy).open(); !opened)
        return withoutPath(opened.error());
    return {};
}

Result<void> syncDirectory(const QString &path)
{
    const QString directory = QFileInfo(path).absolutePath();
    const OpenFile file(::open(QFile::encodeName(directory).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!file || fsync(file.get()) != 0)
        return storageFailed(directory, QStringLiteral("cannot write it to the disk"), errno);
    return {};
}

/// Never over another file. 0, or errno.
int renameFree(const QString &from, const QString &to)
{
    return renameat2(AT_FDCWD, QFile::encodeName(from).constData(), AT_FDCWD,
                     QFile::encodeName(to).constData(), RENAME_NOREPLACE)
            == 0
        ? 0
        : errno;
}

/// A second name for a file, never over another; where the disk knows no second names, another one. 0, or
/// errno.
int nameAlso(const QString &from, const QString &to)
{
    if (link(QFile::encodeName(from).constData(), QFile::encodeName(to).constData()) == 0)
        return 0;
    return errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK ? renameFree(from, to) : errno;
}

/// Gives a database and its log further names, that of the file first: whatever happens then, all of it is
/// there. Gives the file's; empty when there was none.
Result<QString> nameAside(const QString &path, const QString &why)
{
    if (!QFileInfo::exists(path))
        return QString();
    const QString stamp =
        QStringLiteral("%1.%2-%3")
            .arg(path, why, QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd_HHmmss")));
    constexpr int kMostNames = 1000;
    for (int attempt = 1; attempt <= kMostNames; ++attempt) {
        const QString name = attempt == 1 ? stamp : QStringLiteral("%1-%2").arg(stamp).arg(attempt);
        // a log under that name would become the file's own
        if (QFileInfo::exists(name + QLatin1String("-wal"))
            || QFileInfo::exists(name + QLatin1String("-shm")))
            continue;
        const int error = nameAlso(path, name);
        if (error == EEXIST)
            continue;
        if (error != 0)
            return storageFailed(path, QStringLiteral("cannot move it to ") + name, error);
        const QString log = path + QLatin1String("-wal");
        if (QFileInfo::exists(log))
            if (const int logError = nameAlso(log, name + QLatin1String("-wal")))
                return storageFailed(log, QStringLiteral("cannot move it to ") + name, logError);
        if (auto synced = syncDirectory(path); !synced)
            return std::unexpected(synced.error());
        return name;
    }
    return storageFailed(path, QStringLiteral("cannot move it to ") + stamp, EEXIST);
}

/// What belongs to a file under its old name. Ahead of another file in its place, which SQLite would take it
/// for a part of.
void removeLog(const QString &path)
{
    for (const char *suffix : {"-shm", "-wal"})
        QFile::remove(path + QLatin1String(suffix));
}

} // namespace

Result<quint64> backUp(const QString &path, InUse inUse, int file, std::chrono::milliseconds patience,
                       const std::atomic<bool> &isCancelled)
{
    if (auto fit = caller_file::checkWritable(file); !fit)
        return std::unexpected(fit.error());
    if (!QFileInfo::exists(path))
        return failure(ErrorKind::StorageFailed,
                       QStringLiteral("%1: there is no database to copy").arg(path));
    const Temporary copy(path + QLatin1String(kBackupSuffix));
    const auto made = copy.make();
    if (!made)
        return std::unexpected(made.error());
    {
        Connection reader(path);
        if (auto opened = reader.open(inUse == InUse::Yes ? Connection::Access::ReadBeside
                                                          : Connection::Access::ReadOnly);
            !opened)
            return std::unexpected(opened.error());
        QString quoted = copy.path();
        quoted.replace(QLatin1Char('\''), QLatin1String("''"));
        if (auto copied = reader.execute(QStringLiteral("VACUUM INTO '%1'").arg(quoted)); !copied)
            return std::unexpected(copied.error());
    }
    return caller_file::send(made->get(), file, patience, isCancelled);
}

Result<QString> fetch(const QString &path, int file, const std::atomic<bool> &isCancelled)
{
    if (auto fit = caller_file::checkReadable(file); !fit)
        return std::unexpected(fit.error());
    if (auto fit = checkHeader(file); !fit)
        return std::unexpected(fit.error());
    Temporary copy(path + QLatin1String(kIncomingSuffix));
    {
        const auto made = copy.make();
        if (!made)
            return std::unexpected(made.error());
        if (auto received = caller_file::receive(file, made->get(), isCancelled); !received)
            return std::unexpected(received.error());
    }
    if (auto fit = examine(copy.path()); !fit)
        return std::unexpected(fit.error());
    const QString fetched = copy.path();
    copy.keep();
    return fetched;
}

Result<QString> moveAside(const QString &path, const QString &why)
{
    const auto aside = nameAside(path, why);
    if (!aside)
        return aside;
    removeLog(path);
    QFile::remove(path);
    return aside;
}

Result<QString> replace(const QString &path, const QString &copy)
{
    const auto former = nameAside(path, QStringLiteral("before-restore"));
    if (!former)
        return former;
    removeLog(path);
    if (rename(QFile::encodeName(copy).constData(), QFile::encodeName(path).constData()) != 0)
        return storageFailed(copy, QStringLiteral("cannot move it into place"), errno);
    if (auto synced = syncDirectory(path); !synced)
        return std::unexpected(synced.error());
    return former;
}

void removeLeftovers(const QString &path)
{
    for (const char *suffix : {kBackupSuffix, kIncomingSuffix})
        Temporary::remove(path + QLatin1String(suffix));
}

} // namespace weir::repair
