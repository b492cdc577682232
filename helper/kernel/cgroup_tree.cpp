// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/cgroup_tree.h"

#include <QFile>
#include <QSet>

#include <dirent.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace weir {

namespace {

struct CloseDirectory {
    void operator()(DIR *directory) const { closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

/// mountinfo writes white space in paths as \040 and the like.
QString unescaped(const QByteArray &field)
{
    QByteArray text;
    for (qsizetype i = 0; i < field.size(); ++i) {
        bool isOctal = false;
        const int code = field[i] == '\\' ? field.mid(i + 1, 3).toInt(&isOctal, 8) : 0;
        text += isOctal ? char(code) : field[i];
        i += isOctal ? 3 : 0;
    }
    return QFile::decodeName(text);
}

std::optional<quint64> inodeOf(const QString &path)
{
    struct stat status { };
    if (stat(QFile::encodeName(path).constData(), &status) != 0 || !S_ISDIR(status.st_mode))
        return std::nullopt;
    return status.st_ino;
}

QString below(const QString &path, const QString &name)
{
    return path == QLatin1String("/") ? path + name : path + QLatin1Char('/') + name;
}

} // namespace

QString cgroupRootIn(const QByteArray &mountinfo)
{
    QByteArray bestShown;
    QString best;
    for (const QByteArray &line : mountinfo.split('\n')) {
        // ID PARENT DEVICE ROOT MOUNT-POINT OPTIONS [TAGS…] - TYPE SOURCE OPTIONS
        const QList<QByteArray> fields = line.split(' ');
        const qsizetype dash = fields.indexOf("-");
        if (dash < 6 || fields.value(dash + 1) != "cgroup2")
            continue;
        const QByteArray &shown = fields[3];
        if (best.isEmpty() || shown.size() < bestShown.size()) {
            bestShown = shown;
            best = unescaped(fields[4]);
        }
    }
    return best;
}

CgroupTree::CgroupTree(QString root)
    : m_root(std::move(root)), m_events(inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
{
    if (m_events) {
        m_notifier = std::make_unique<QSocketNotifier>(m_events.get(), QSocketNotifier::Read);
        QObject::connect(m_notifier.get(), &QSocketNotifier::activated, [this] {
            readEvents();
            if (m_onMade)
                m_onMade();
        });
    }
    m_missedSomething = !m_events;
    add(QStringLiteral("/"));
}

CgroupTree::~CgroupTree() = default;

QString CgroupTree::absolute(const QString &path) const
{
    return path == QLatin1String("/") ? m_root : m_root + path;
}

void CgroupTree::watch(const QString &path)
{
    if (!m_events)
        return;
    const int watch = inotify_add_watch(m_events.get(), QFile::encodeName(absolute(path)).constData(),
                                        IN_CREATE | IN_ONLYDIR);
    if (watch >= 0)
        m_watches[watch] = path;
    else if (errno != ENOENT)
        m_missedSomething = true;
}

/// Takes in a directory and what is below it. Watched before it is read: what is made meanwhile is seen by
/// one or the other.
void CgroupTree::add(const QString &path)
{
    const auto inode = inodeOf(absolute(path));
    if (!inode)
        return;
    m_paths[*inode] = path;
    watch(path);
    const Directory directory(opendir(QFile::encodeName(absolute(path)).constData()));
    if (!directory)
        return;
    while (const dirent *entry = readdir(directory.get())) {
        const QByteArray name(entry->d_name);
        if (entry->d_type == DT_DIR && name != "." && name != "..")
            add(below(path, QFile::decodeName(name)));
    }
}

void CgroupTree::readEvents()
{
    alignas(inotify_event) char buffer[16 * 1024];
    ssize_t size = 0;
    while (m_events && (size = ::read(m_events.get(), buffer, sizeof(buffer))) > 0) {
        for (ssize_t at = 0; at < size;) {
            const auto *event = reinterpret_cast<const inotify_event *>(buffer + at);
            at += ssize_t(sizeof(inotify_event) + event->len);
            if (event->mask & IN_Q_OVERFLOW)
                m_missedSomething = true;
            else if (event->mask & IN_IGNORED)
                m_watches.remove(event->wd);
            else if (event->mask & IN_ISDIR)
                add(below(m_watches.value(event->wd, QStringLiteral("/")), QFile::decodeName(event->name)));
        }
    }
}

void CgroupTree::update(const std::vector<quint64> &missing)
{
    readEvents();
    const auto unknown = [this](quint64 cgroup) { return !m_paths.contains(cgroup); };
    if (!m_missedSomething || std::none_of(missing.begin(), missing.end(), unknown))
        return;
    m_missedSomething = !m_events;
    add(QStringLiteral("/"));
}

std::optional<QString> CgroupTree::path(quint64 cgroup)
{
    const auto found = m_paths.constFind(cgroup);
    if (found == m_paths.constEnd())
        return std::nullopt;
    return *found;
}

bool CgroupTree::exists(quint64 cgroup) const
{
    const auto found = m_paths.constFind(cgroup);
    return found != m_paths.constEnd() && inodeOf(absolute(*found)) == cgroup;
}

void CgroupTree::each(const std::function<void(quint64, const QString &)> &visit) const
{
    for (auto cgroup = m_paths.cbegin(); cgroup != m_paths.cend(); ++cgroup)
        visit(cgroup.key(), cgroup.value());
}

void CgroupTree::prune(const std::vector<quint64> &needed)
{
    if (size_t(m_paths.size()) <= 2 * (needed.size() + size_t(m_watches.size())))
        return;
    const QSet<quint64> kept(needed.begin(), needed.end());
    m_paths.removeIf([&](const auto &known) { return !kept.contains(known.key()) && !exists(known.key()); });
}

} // namespace weir
