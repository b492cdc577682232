// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <functional>

namespace weir::test {

/// A cgroup of one's own directly below the machine's root, with what is made in it; goes with the object.
///
/// Needs root. A failure ends the program with its reason.
class TestCgroup
{
public:
    TestCgroup();
    ~TestCgroup();
    Q_DISABLE_COPY_MOVE(TestCgroup)

    const QString &root() const { return m_root; }

    /// Makes the cgroup at `path` ("/web.service"), and those above it; its id.
    quint64 make(const QString &path) const;
    void remove(const QString &path) const;

    /// Runs `inside` with this process in the cgroup at `path`, which is made: sockets that it makes belong
    /// there for good.
    void run(const QString &path, const std::function<void()> &inside) const;

private:
    QString m_machine;
    QString m_root;
};

} // namespace weir::test
