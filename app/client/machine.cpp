// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/machine.h"

#include <QFile>
#include <QRegularExpression>
#include <QSet>
#include <QSysInfo>

#include <sys/statvfs.h>

namespace weir::client {

namespace {

/// Empty when it cannot be read.
QString contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QString firstLineOf(const QString &path)
{
    return contentOf(path).section(QLatin1Char('\n'), 0, 0).trimmed();
}

QStringList linesOf(const QString &path)
{
    return contentOf(path).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
}

/// The value of a key in os-release, which is quoted as a shell does it.
QString releaseValue(const QStringList &lines, QLatin1String key)
{
    for (const QString &line : lines) {
        if (line.section(QLatin1Char('='), 0, 0) != key)
            continue;
        QString value = line.section(QLatin1Char('='), 1).trimmed();
        if (value.size() >= 2 && (value.front() == QLatin1Char('"') || value.front() == QLatin1Char('\''))
            && value.back() == value.front())
            value = value.sliced(1, value.size() - 2);
        static const QRegularExpression escaped(QStringLiteral("\\\\([\"'$`\\\\])"));
        return value.replace(escaped, QStringLiteral("\\1"));
    }
    return {};
}

QString systemName(const QString &root)
{
    QStringList lines = linesOf(root + QStringLiteral("etc/os-release"));
    if (lines.isEmpty())
        lines = linesOf(root + QStringLiteral("usr/lib/os-release"));
    const QString pretty = releaseValue(lines, QLatin1String("PRETTY_NAME"));
    return pretty.isEmpty() ? releaseValue(lines, QLatin1String("NAME")) : pretty;
}

void readProcessors(Machine &machine, const QStringList &lines)
{
    // x86 says "model name" for each; ARM boards "Model" once, MIPS "cpu model", POWER "cpu"
    static const QStringList kModel{QStringLiteral("model name"), QStringLiteral("cpu model"),
                                    QStringLiteral("Model"), QStringLiteral("cpu")};
    qsizetype best = kModel.size();
    for (const QString &line : lines) {
        const QString key = line.section(QLatin1Char(':'), 0, 0).trimmed();
        if (key == QLatin1String("processor"))
            ++machine.processors;
        const qsizetype rank = kModel.indexOf(key);
        if (rank >= 0 && rank < best) {
            best = rank;
            machine.processor = line.section(QLatin1Char(':'), 1).simplified();
        }
    }
}

std::optional<std::array<double, 3>> loadOf(const QString &line)
{
    const QStringList words = line.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    std::array<double, 3> load{};
    if (words.size() < qsizetype(load.size()))
        return std::nullopt;
    for (size_t i = 0; i < load.size(); ++i) {
        bool isNumber = false;
        load[i] = words.at(qsizetype(i)).toDouble(&isNumber);
        if (!isNumber)
            return std::nullopt;
    }
    return load;
}

void readMemory(Machine &machine, const QStringList &lines)
{
    const std::array fields{std::pair{QLatin1String("MemTotal"), &Machine::memoryBytes},
                            std::pair{QLatin1String("MemAvailable"), &Machine::memoryAvailableBytes},
                            std::pair{QLatin1String("SwapTotal"), &Machine::swapBytes},
                            std::pair{QLatin1String("SwapFree"), &Machine::swapFreeBytes}};
    for (const QString &line : lines) {
        const QString value = line.section(QLatin1Char(':'), 1).simplified(); // "16384 kB", of 1024 bytes
        for (const auto &[key, member] : fields) {
            if (line.section(QLatin1Char(':'), 0, 0) == key)
                machine.*member = value.section(QLatin1Char(' '), 0, 0).toULongLong() * 1024;
        }
    }
}

/// What the kernel writes as \040 in a table of mounts.
QString unescaped(const QString &field)
{
    QByteArray bytes;
    const QByteArray raw = field.toUtf8();
    for (qsizetype i = 0; i < raw.size(); ++i) {
        bool isOctal = false;
        const int code = raw.at(i) == '\\' ? raw.mid(i + 1, 3).toInt(&isOctal, 8) : 0;
        if (isOctal)
            i += 3;
        bytes += isOctal ? char(code) : raw.at(i);
    }
    return QString::fromUtf8(bytes);
}

/// Whether a line of the table of mounts is of a disk: not of the kernel's own file systems, not of the
/// network, not an image.
bool isDisk(const Disk &disk)
{
    static const QSet<QString> kImages{QStringLiteral("squashfs"), QStringLiteral("iso9660"),
                                       QStringLiteral("erofs"), QStringLiteral("udf")};
    if (kImages.contains(disk.fileSystem))
        return false;
    const bool containersRoot =
        disk.mountPoint == QLatin1String("/") && disk.fileSystem == QLatin1String("overlay");
    return disk.device.startsWith(QLatin1String("/dev/")) || disk.fileSystem == QLatin1String("zfs")
        || containersRoot;
}

QList<Disk> readDisks(const QString &root)
{
    QList<Disk> disks;
    QSet<QString> seen; // a device that is mounted in several places is one disk
    for (const QString &line : linesOf(root + QStringLiteral("proc/mounts"))) {
        const QStringList fields = line.split(QLatin1Char(' '));
        if (fields.size() < 3)
            continue;
        Disk disk{unescaped(fields.at(1)), unescaped(fields.at(0)), fields.at(2)};
        if (!isDisk(disk) || seen.contains(disk.device))
            continue;
        struct statvfs space = {};
        const QString path = root + QString(disk.mountPoint).remove(0, 1); // both have the slash
        if (::statvfs(QFile::encodeName(path).constData(), &space) != 0 || space.f_blocks == 0)
            continue; // not for the eyes of who asks
        disk.sizeBytes = quint64(space.f_blocks) * space.f_frsize;
        disk.usedBytes = quint64(space.f_blocks - space.f_bfree) * space.f_frsize;
        disk.freeBytes = quint64(space.f_bavail) * space.f_frsize;
        seen.insert(disk.device);
        disks.append(disk);
    }
    return disks;
}

} // namespace

Machine Machine::read(const QString &root)
{
    const QString base = root.endsWith(QLatin1Char('/')) ? root : root + QLatin1Char('/');
    const QString proc = base + QStringLiteral("proc/");
    Machine machine;
    machine.hostName = firstLineOf(proc + QStringLiteral("sys/kernel/hostname"));
    machine.system = systemName(base);
    machine.kernel = QStringLiteral("%1 %2")
                         .arg(firstLineOf(proc + QStringLiteral("sys/kernel/ostype")),
                              firstLineOf(proc + QStringLiteral("sys/kernel/osrelease")))
                         .trimmed();
    machine.architecture = QSysInfo::currentCpuArchitecture();
    machine.uptimeSeconds =
        qint64(firstLineOf(proc + QStringLiteral("uptime")).section(QLatin1Char(' '), 0, 0).toDouble());
    readProcessors(machine, linesOf(proc + QStringLiteral("cpuinfo")));
    machine.load = loadOf(firstLineOf(proc + QStringLiteral("loadavg")));
    readMemory(machine, linesOf(proc + QStringLiteral("meminfo")));
    machine.disks = readDisks(base);
    return machine;
}

} // namespace weir::client
