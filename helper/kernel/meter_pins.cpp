// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/meter_pins.h"

#include "helper/kernel/meter_attachments.h"
#include "helper/kernel/meter_counters.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <stdio.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>

namespace weir {

namespace {

constexpr auto kBpfMagic = 0xcafe4a11;

bool onBpffs(const QString &path)
{
    struct statfs filesystem { };
    return statfs(QFile::encodeName(path).constData(), &filesystem) == 0
        && quint32(filesystem.f_type) == kBpfMagic;
}

} // namespace

Result<void> MeterPins::prepare() const
{
    if (QFileInfo::exists(m_directory)) {
        if (!onBpffs(m_directory))
            return failure(ErrorKind::Unsupported,
                           QStringLiteral("%1 is not on a bpf filesystem").arg(m_directory));
        return {};
    }
    const QString parent = QFileInfo(m_directory).path();
    if (!onBpffs(parent))
        return failure(ErrorKind::Unsupported,
                       QStringLiteral("there is no bpf filesystem at %1").arg(parent));
    return makeDirectory(m_directory + QStringLiteral("/made"));
}

QString MeterPins::layoutDirectory() const
{
    return QStringLiteral("%1/layout-%2").arg(m_directory).arg(WEIR_METER_LAYOUT);
}

QString MeterPins::linksDirectory() const
{
    return m_directory + QStringLiteral("/links");
}

QStringList MeterPins::entries(const QString &pattern) const
{
    QStringList paths;
    const QStringList names =
        QDir(m_directory).entryList({pattern}, QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
    for (const QString &name : names)
        paths.append(m_directory + QLatin1Char('/') + name);
    return paths;
}

MeterPins::Found MeterPins::find() const
{
    std::vector<std::pair<quint64, QString>> complete;
    const QStringList layouts = entries(QStringLiteral("layout-*"));
    for (const QString &directory : layouts) {
        if (const auto counters = MeterCounters::at(directory))
            complete.emplace_back(counters->layout().created_ns, directory);
        else if (!QFileInfo::exists(directory + QStringLiteral("/layout")))
            removePins(directory);
    }
    std::sort(complete.begin(), complete.end());

    Found found;
    for (const auto &[created, directory] : complete) {
        if (directory != layoutDirectory())
            found.superseded.append(directory);
        else if (directory == complete.back().second)
            found.adoptable = true;
        else
            setAside(directory);
    }
    return found;
}

Result<void> MeterPins::setAside(const QString &directory) const
{
    const auto counters = MeterCounters::at(directory);
    if (!counters)
        return std::unexpected(counters.error());
    const QString target = QStringLiteral("%1/old-%2")
                               .arg(m_directory)
                               .arg(counters->layout().generation, 16, 16, QLatin1Char('0'));
    if (rename(QFile::encodeName(directory).constData(), QFile::encodeName(target).constData()) != 0)
        return kernelRefusal(QStringLiteral("rename %1").arg(directory), errno);
    return {};
}

QStringList MeterPins::leftovers() const
{
    return entries(QStringLiteral("old-*"));
}

Result<void> MeterPins::removeAll() const
{
    const bool ours = QFileInfo::exists(m_directory + QStringLiteral("/made"));
    for (const QString &pattern : {QStringLiteral("layout-*"), QStringLiteral("old-*"),
                                   QStringLiteral("links"), QStringLiteral("made")}) {
        const QStringList paths = entries(pattern);
        for (const QString &path : paths) {
            if (!QDir(path).removeRecursively())
                return kernelRefusal(QStringLiteral("remove %1").arg(path), errno);
        }
    }
    if (ours && !QDir().rmdir(m_directory))
        return kernelRefusal(QStringLiteral("remove %1").arg(m_directory), errno);
    return {};
}

} // namespace weir
