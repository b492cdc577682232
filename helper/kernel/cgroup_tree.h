// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/bpf_call.h"

#include <QHash>
#include <QSocketNotifier>
#include <QString>

#include <functional>
#include <memory>
#include <optional>

namespace weir {

/// Where the tree of cgroups (version 2) is mounted, from the text of /proc/self/mountinfo; empty when it is
/// not. Of several mounts the one that shows the most of the tree.
QString cgroupRootIn(const QByteArray &mountinfo);

/// Names of cgroups by id, below one directory.
///
/// Kernel thread, with an event loop. A cgroup's id is the inode of its directory. New directories are
/// noticed as they are made, so that a cgroup's name is known also when it is gone by the time anybody asks.
class CgroupTree
{
public:
    /// Reads the tree below `root` and follows it. What cannot be followed (too many directories to watch) is
    /// read anew when an unknown id is asked for.
    explicit CgroupTree(QString root);
    ~CgroupTree();

    const QString &root() const { return m_root; }

    /// Path from the root, "/" for the root itself; of a removed cgroup the path that it had. Nothing when it
    /// was never seen.
    std::optional<QString> path(quint64 cgroup);

    /// Whether that cgroup is there now; false for one that was never seen.
    bool exists(quint64 cgroup) const;

    /// Takes in what happened, for asking after it. Reads the whole tree again when `missing` is one that is
    /// not known.
    void update(const std::vector<quint64> &missing);

    /// Visits all that are known, also removed ones that were not forgotten yet.
    void each(const std::function<void(quint64 cgroup, const QString &path)> &visit) const;

    /// `callback` is called from the event loop when cgroups were made.
    void onMade(std::function<void()> callback) { m_onMade = std::move(callback); }

    /// Forgets removed cgroups that are not among `needed`.
    void prune(const std::vector<quint64> &needed);

private:
    void readEvents();
    void add(const QString &path);
    void watch(const QString &path);
    QString absolute(const QString &path) const;

    const QString m_root;
    QHash<quint64, QString> m_paths;
    QHash<int, QString> m_watches; // path by watch descriptor
    FileDescriptor m_events;
    std::unique_ptr<QSocketNotifier> m_notifier;
    std::function<void()> m_onMade;
    bool m_missedSomething = false; // events were dropped, or a directory is not watched
};

} // namespace weir
