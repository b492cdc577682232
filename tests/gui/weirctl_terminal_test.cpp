// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/private_bus.h"
#include "tests/support/stub_helper.h"

#include <QProcess>
#include <QSocketNotifier>
#include <QTest>

#include <csignal>
#include <memory>
#include <pty.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

using namespace weir;

/// `weirctl top` on a terminal: a pseudo terminal of 100 columns and 20 lines.
class WeirctlTerminalTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void theScreenFitsTheTerminal();
    void qPutsTheTerminalBackAndEnds();
    void aSignalPutsTheTerminalBackAndEnds_data();
    void aSignalPutsTheTerminalBackAndEnds();
    void theLastFiguresStayWhileTheHelperIsAway();

private:
    bool echoes() const;

    std::unique_ptr<test::PrivateBus> m_bus;
    std::unique_ptr<test::StubHelper> m_helper;
    std::unique_ptr<QProcess> m_process;
    std::unique_ptr<QSocketNotifier> m_notifier;
    QByteArray m_screen;
    int m_terminal = -1;
    int m_line = -1;
};

void WeirctlTerminalTest::init()
{
    m_bus = std::make_unique<test::PrivateBus>();
    QVERIFY2(!m_bus->address().isEmpty(), "dbus-daemon must be there");
    m_helper = std::make_unique<test::StubHelper>(m_bus->connection());
    dbus::LinkRow link;
    link.name = QStringLiteral("eth0");
    link.kind = QStringLiteral("ethernet");
    link.state = QStringLiteral("up");
    link.metered = true;
    link.rate = {true, 125'000, 12'500};
    m_helper->links = {link};
    for (int number = 1; number <= 60; ++number) {
        dbus::FlowRow flow;
        flow.id = qulonglong(number);
        flow.protocol = QStringLiteral("tcp");
        flow.localAddress = QStringLiteral("192.0.2.1");
        flow.localPort = uint(number);
        flow.rate = {true, double(number), 0};
        m_helper->flows.append(flow);
    }
    m_helper->appear();

    winsize size{20, 100, 0, 0};
    QCOMPARE(openpty(&m_terminal, &m_line, nullptr, nullptr, &size), 0);
    m_screen.clear();
    m_notifier = std::make_unique<QSocketNotifier>(m_terminal, QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] {
        char bytes[4096];
        const ssize_t count = read(m_terminal, bytes, sizeof bytes);
        if (count > 0)
            m_screen.append(bytes, count);
    });
    m_process = std::make_unique<QProcess>();
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("DBUS_SYSTEM_BUS_ADDRESS"), m_bus->address());
    m_process->setProcessEnvironment(environment);
    m_process->setChildProcessModifier([line = m_line] { login_tty(line); });
    m_process->start(QStringLiteral(WEIRCTL), {QStringLiteral("top")});
    QTRY_VERIFY(m_screen.contains("eth0"));
}

void WeirctlTerminalTest::cleanup()
{
    m_process->kill();
    m_process->waitForFinished();
    m_process.reset();
    m_notifier.reset();
    close(m_terminal);
    close(m_line);
    m_helper.reset();
    m_bus.reset();
}

bool WeirctlTerminalTest::echoes() const
{
    termios mode{};
    return tcgetattr(m_line, &mode) == 0 && (mode.c_lflag & ECHO) != 0;
}

void WeirctlTerminalTest::theScreenFitsTheTerminal()
{
    QVERIFY(!echoes());
    QVERIFY2(m_screen.startsWith("\033[?1049h\033[?25l\033[H"), m_screen.constData());
    QTRY_VERIFY(m_screen.endsWith("\033[J"));
    QVERIFY2(m_screen.contains("down 1.00 Mbit/s   up 100 kbit/s"), m_screen.constData());
    QVERIFY(m_screen.contains("No watches yet."));
    QVERIFY(m_screen.contains("192.0.2.1:60"));   // the busiest one is first
    QVERIFY(!m_screen.contains("192.0.2.1:30 ")); // there is no room for this one
    QCOMPARE(m_screen.count("\r\n"), 19);
    const auto lines =
        QString::fromUtf8(m_screen.mid(m_screen.indexOf("\033[H") + 3)).split(QStringLiteral("\r\n"));
    for (QString line : lines)
        QVERIFY2(line.remove(QStringLiteral("\033[K")).remove(QStringLiteral("\033[J")).size() <= 100,
                 qPrintable(line));
}

void WeirctlTerminalTest::qPutsTheTerminalBackAndEnds()
{
    QCOMPARE(write(m_terminal, "q", 1), 1);
    QTRY_COMPARE(m_process->state(), QProcess::NotRunning);
    QCOMPARE(m_process->exitStatus(), QProcess::NormalExit);
    QCOMPARE(m_process->exitCode(), 0);
    QTRY_VERIFY(m_screen.endsWith("\033[?25h\033[?1049l"));
    QVERIFY(echoes());
}

void WeirctlTerminalTest::aSignalPutsTheTerminalBackAndEnds_data()
{
    QTest::addColumn<int>("number");
    QTest::newRow("Ctrl+C") << SIGINT;
    QTest::newRow("kill") << SIGTERM;
    QTest::newRow("closed terminal") << SIGHUP;
}

void WeirctlTerminalTest::aSignalPutsTheTerminalBackAndEnds()
{
    QFETCH(int, number);
    QCOMPARE(kill(pid_t(m_process->processId()), number), 0);
    QTRY_COMPARE(m_process->state(), QProcess::NotRunning);
    QCOMPARE(m_process->exitStatus(), QProcess::NormalExit);
    QTRY_VERIFY(m_screen.endsWith("\033[?25h\033[?1049l"));
    QVERIFY(echoes());
}

void WeirctlTerminalTest::theLastFiguresStayWhileTheHelperIsAway()
{
    QTRY_VERIFY(m_screen.endsWith("\033[J"));
    m_screen.clear();
    m_helper->vanish();
    QTRY_VERIFY(m_screen.contains("! the helper went away"));
    QVERIFY(m_screen.contains("eth0"));
    m_screen.clear();
    m_helper->links[0].name = QStringLiteral("eth7");
    m_helper->appear();
    QTRY_VERIFY(m_screen.contains("eth7"));
    QVERIFY(!m_screen.contains("went away"));
}

QTEST_GUILESS_MAIN(WeirctlTerminalTest)
#include "weirctl_terminal_test.moc"
