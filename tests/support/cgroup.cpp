// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cgroup.h"

#include <QDir>
#include <QFile>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir::test {

namespace {

QString machineRoot()
{
    QFile file(QStringLiteral("/proc/self/mountinfo"));
    if (file.open(QIODevice::ReadOnly)) {
        for (const QByteArray &line : file.readAll().split('\n')) {
            if (line.contains(" - cgroup2 "))
                return QString::fromLocal8Bit(line.split(' ').value(4));
        }
    }
    qFatal("no cgroup version 2 is mounted");
}

void join(const QString &cgroup)
{
    QFile file(cgroup + QStringLiteral("/cgroup.procs"));
    if (!file.open(QIODevice::WriteOnly) || file.write("0") != 1 || !file.flush())
        qFatal("cannot join the cgroup %s: %s", qPrintable(cgroup), qPrintable(file.errorString()));
}

/// The kernel removes none that has others below it.
void removeTree(const QString &path)
{
    const QStringList names = QDir(path).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString &name : names)
        removeTree(path + QLatin1Char('/') + name);
    if (rmdir(QFile::encodeName(path).constData()) != 0 && errno != ENOENT)
        qFatal("cannot remove the cgroup %s: %s", qPrintable(path), std::strerror(errno));
}

} // namespace

TestCgroup::TestCgroup() : m_machine(machineRoot())
{
    static int next = 0;
    m_root = QStringLiteral("%1/weir-test-%2-%3").arg(m_machine).arg(getpid()).arg(next++);
    make({});
}

TestCgroup::~TestCgroup()
{
    removeTree(m_root);
}

quint64 TestCgroup::make(const QString &path) const
{
    struct stat status { };
    if (!QDir().mkpath(m_root + path) || stat(QFile::encodeName(m_root + path).constData(), &status) != 0)
        qFatal("cannot make the cgroup %s: %s", qPrintable(path), std::strerror(errno));
    return status.st_ino;
}

void TestCgroup::remove(const QString &path) const
{
    removeTree(m_root + path);
}

void TestCgroup::run(const QString &path, const std::function<void()> &inside) const
{
    make(path);
    join(m_root + path);
    inside();
    join(m_machine);
}

} // namespace weir::test
