// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/private_bus.h"
#include "tests/support/stub_helper.h"

#include <QProcessEnvironment>
#include <QStringList>

namespace weir::test {

/// What a run of weirctl gave.
struct Run {
    int exit = -1;
    QString out;
    QString err;
};

/// Splits as a shell does: white space separates, single quotes hold together.
QStringList words(const char *line);

/// weirctl as a process of its own, beside a helper that the test scripts.
class WeirctlRunner
{
public:
    /// The helper is on its bus, with the links eth0 (metered) and eth1 (not metered).
    WeirctlRunner();

    PrivateBus bus;
    StubHelper helper;

    /// Where the process finds the bus.
    QProcessEnvironment environment() const;

    /// Waits for the end, the event loop turning; exit -1 when it does not come within 20 s.
    Run operator()(const QStringList &arguments, const QByteArray &input = {});
    Run operator()(const char *line, const QByteArray &input = {}) { return (*this)(words(line), input); }
};

/// "not there" when there is no such file.
QByteArray contentOf(const QString &path);

/// A watch "NAME" of `ports`, TCP and UDP, revision 7, with 1,500 B received and 2,500 B sent.
dbus::WatchRow portWatch(const char *name, const char *ports);

} // namespace weir::test
