// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/weirctl_runner.h"

#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QTest>

#include <utility>

namespace weir::test {

namespace {

dbus::LinkRow link(const char *name, bool metered)
{
    dbus::LinkRow row;
    row.name = QString::fromLatin1(name);
    row.kind = QStringLiteral("ethernet");
    row.state = QStringLiteral("up");
    row.metered = metered;
    if (!metered)
        row.reason = QStringLiteral("part of bridge br0");
    row.total = {9'007'199'254'740'993, 2, 3, 4};
    row.rate = {true, 125'000, 0};
    return row;
}

} // namespace

QStringList words(const char *line)
{
    QStringList result;
    bool inWord = false;
    bool quoted = false;
    const QString text = QString::fromUtf8(line);
    for (const QChar c : text) {
        if (c == QLatin1Char(' ') && !quoted) {
            inWord = false;
            continue;
        }
        if (!std::exchange(inWord, true))
            result << QString();
        if (c == QLatin1Char('\''))
            quoted = !quoted;
        else
            result.last() += c;
    }
    return result;
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("not there");
}

dbus::WatchRow portWatch(const char *name, const char *ports)
{
    dbus::WatchRow row;
    row.name = QString::fromUtf8(name);
    row.revision = 7;
    row.kind = QStringLiteral("ports");
    row.ports = QString::fromLatin1(ports);
    row.protocol = QStringLiteral("both");
    row.total = {1'500, 2'500, 1, 2};
    row.rate = {true, 1000, 0};
    return row;
}

WeirctlRunner::WeirctlRunner() : helper(bus.connection())
{
    helper.status = {{QStringLiteral("version"), QStringLiteral("0.1.0")},
                     {QStringLiteral("meter"), QStringLiteral("tcx")},
                     {QStringLiteral("metered_links"), QStringList{QStringLiteral("eth0")}},
                     {QStringLiteral("unattributed_bytes"), qulonglong(9'007'199'254'740'993)}};
    helper.links = {link("eth0", true), link("eth1", false)};
    helper.appear();
}

QProcessEnvironment WeirctlRunner::environment() const
{
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("DBUS_SYSTEM_BUS_ADDRESS"), bus.address());
    return environment;
}

Run WeirctlRunner::operator()(const QStringList &arguments, const QByteArray &input)
{
    QProcess process;
    process.setProcessEnvironment(environment());
    // The helper answers from this thread: the event loop must turn while the process runs.
    QSignalSpy finished(&process, &QProcess::finished);
    process.start(QStringLiteral(WEIRCTL), arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!QTest::qWaitFor([&] { return !finished.isEmpty(); }, 20'000)) {
        process.kill();
        process.waitForFinished();
        return {-1, {}, QStringLiteral("weirctl did not end")};
    }
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

} // namespace weir::test
