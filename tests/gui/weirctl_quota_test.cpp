// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/ssh_session.h"
#include "tests/gui/weirctl_policy_rows.h"

#include <QProcess>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace weir;
using namespace weir::test;

/// quota on the command line, and that nobody blocks the line that he types on.
class WeirctlQuotaTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("TZ", "Europe/Berlin");
        qunsetenv("SSH_CONNECTION");
    }
    void init();
    void cleanup() { m_weirctl.reset(); }

    void aNewQuotaSendsOnlyWhatWasTyped();
    void aChangedQuotaKeepsTheRest();
    void usedIsSentWithTheRevisionOfTheChangeBefore();
    void periodsAndCorrectionsAreBegunAndTakenBack();
    void blockingSaysWhatItCuts();
    void blockingTheSshConnectionIsRefusedUnlessItIsExempt_data();
    void blockingTheSshConnectionIsRefusedUnlessItIsExempt();
    void theSshConnectionIsFoundBehindSudo();

private:
    Run run(const char *line) { return (*m_weirctl)(line); }
    QVariantList sent(const char *method) const { return m_weirctl->helper.argumentsOfLast(method); }
    QVariantMap fields(const char *method) const { return qdbus_cast<QVariantMap>(sent(method).value(2)); }

    std::unique_ptr<WeirctlRunner> m_weirctl;
};

void WeirctlQuotaTest::init()
{
    m_weirctl = std::make_unique<WeirctlRunner>();
    QVERIFY2(!m_weirctl->bus.address().isEmpty(), "dbus-daemon must be there");
    m_weirctl->helper.watches = {portWatch("web", "80")};
}

void WeirctlQuotaTest::aNewQuotaSendsOnlyWhatWasTyped()
{
    const Run done =
        run("quota web --size 1.5TB --reset-day last --alert none --overflow throttle --throttle 1mbit");
    QCOMPARE(done.err, QString());
    QCOMPARE(fields("SetQuota"),
             (QVariantMap{{QStringLiteral("size_bytes"), 1'500'000'000'000ULL},
                          {QStringLiteral("reset_day"), QStringLiteral("last")},
                          {QStringLiteral("alerts"), QString()},
                          {QStringLiteral("overflow"), QStringLiteral("throttle")},
                          {QStringLiteral("throttle_bits_per_s"), 1'000'000ULL}}));
    QVERIFY2(done.out.contains(QLatin1String("web is held to 1 Mbit/s, down and up; used so far 0 B")),
             qPrintable(done.out));
}

void WeirctlQuotaTest::aChangedQuotaKeepsTheRest()
{
    m_weirctl->helper.watches = {withQuota("block")};
    m_weirctl->helper.watches[0].quota.exempt = QStringLiteral("22");
    QCOMPARE(run("quota web --overflow notify --factor 2").exit, 0);
    QCOMPARE(fields("SetQuota").value(QStringLiteral("size_bytes")).toULongLong(), 100'000'000'000ULL);
    QCOMPARE(fields("SetQuota").value(QStringLiteral("factor")).toString(), QStringLiteral("2"));
    QVERIFY(!fields("SetQuota").contains(QStringLiteral("exempt")));
    const auto refused = [this](const char *line, const char *error) {
        const Run wrong = run(line);
        QCOMPARE(wrong.exit, 2);
        QCOMPARE(wrong.err, QStringLiteral("weirctl: ") + QString::fromUtf8(error) + QLatin1Char('\n'));
    };
    refused("quota web --exempt 22", "--exempt goes with --overflow block; it is notify");
    refused("quota web --throttle 1mbit", "--throttle goes with --overflow throttle; it is notify");
    refused("quota web --overflow throttle", "--overflow throttle needs --throttle RATE");
    m_weirctl->helper.watches = {portWatch("web", "80")};
    refused("quota web --factor 2", "watch 'web' has no quota yet; one needs --size SIZE");
}

void WeirctlQuotaTest::usedIsSentWithTheRevisionOfTheChangeBefore()
{
    const Run done = run("quota web --size 100GB --used 41.2GB");
    QCOMPARE(done.exit, 0);
    QCOMPARE(sent("SetQuota").at(0).toUInt(), 7U);
    QCOMPARE(sent("Calibrate").at(0).toUInt(), 8U);
    QCOMPARE(sent("Calibrate").at(2).toULongLong(), 41'200'000'000ULL);
    QVERIFY2(done.out.contains(QLatin1String("used so far 41.2 GB (in and out, x1, corrected by hand)")),
             qPrintable(done.out));
    QCOMPARE(run("quota web --used 50GB").exit, 0);
    QCOMPARE(m_weirctl->helper.callsOf(QStringLiteral("SetQuota")), 1);
    QCOMPARE(sent("Calibrate").at(0).toUInt(), 9U);
}

void WeirctlQuotaTest::periodsAndCorrectionsAreBegunAndTakenBack()
{
    m_weirctl->helper.watches = {withQuota("notify")};
    QVERIFY(
        run("quota web --restart-period").out.contains(QLatin1String("This period was begun by hand.\n")));
    QCOMPARE(run("quota web --undo-restart").exit, 0);
    const Run again = run("quota web --undo-restart");
    QCOMPARE(again.exit, 1);
    QCOMPARE(again.err, QStringLiteral("weirctl: cannot undo the restart of 'web': the watch has none\n"));
    QCOMPARE(run("quota web --used 5GB").exit, 0);
    QCOMPARE(run("quota web --undo-used").exit, 0);
    QCOMPARE(sent("UndoCalibrate").at(0).toUInt(), 10U);
}

void WeirctlQuotaTest::blockingSaysWhatItCuts()
{
    m_weirctl->helper.watches[0].connections = 12;
    const Run done = run("quota web --size 100GB --overflow block");
    QCOMPARE(done.exit, 0);
    QCOMPARE(done.out.section(QLatin1Char('\n'), 0, 0),
             QStringLiteral("When it is used up this cuts 12 active connections of web, as of now."));
    dbus::QuotaState blocked = withQuota("block").quota;
    blocked.state = QStringLiteral("blocked");
    m_weirctl->helper.answerWith(QStringLiteral("PreviewQuota"), {QVariant::fromValue(blocked)});
    QCOMPARE(run("quota web --size 1GB").out.section(QLatin1Char('\n'), 0, 0),
             QStringLiteral("It is used up already: at once this cuts 12 active connections of web."));
}

void WeirctlQuotaTest::blockingTheSshConnectionIsRefusedUnlessItIsExempt_data()
{
    QTest::addColumn<QString>("peer");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("ports");
    QTest::addColumn<QString>("protocol");
    QTest::addColumn<QString>("more");
    QTest::addColumn<bool>("isRefused");
    const auto row = [](const char *name, const char *peer, const char *kind, const char *ports,
                        const char *protocol, const char *more, bool isRefused) {
        QTest::newRow(name) << QString::fromLatin1(peer) << QString::fromLatin1(kind)
                            << QString::fromLatin1(ports) << QString::fromLatin1(protocol)
                            << QString::fromLatin1(more) << isRefused;
    };
    row("its port", "203.0.113.5", "ports", "20-25", "both", "", true);
    row("another port", "203.0.113.5", "ports", "80", "both", "", false);
    row("its port, UDP only", "203.0.113.5", "ports", "22", "udp", "", false);
    row("a link", "203.0.113.5", "link", "", "", "", true);
    row("its service", "203.0.113.5", "service", "", "", "", true);
    row("a link, its port exempt", "203.0.113.5", "link", "", "", "--exempt 443,22", false);
    row("a link, another port exempt", "203.0.113.5", "link", "", "", "--exempt 443", true);
    row("a link, local exempt", "192.168.1.5", "link", "", "", "--exempt local", false);
    row("a link, local exempt, IPv6", "fe80::1%eth0", "link", "", "", "--exempt local", false);
    row("a link, local exempt, from elsewhere", "2001:db8::1", "link", "", "", "--exempt local", true);
    row("a link, sure", "203.0.113.5", "link", "", "", "--yes", false);
}

void WeirctlQuotaTest::blockingTheSshConnectionIsRefusedUnlessItIsExempt()
{
    QFETCH(QString, peer);
    QFETCH(QString, more);
    QFETCH(bool, isRefused);
    dbus::WatchRow &watch = m_weirctl->helper.watches[0];
    QFETCH(QString, kind);
    QFETCH(QString, ports);
    QFETCH(QString, protocol);
    watch.kind = kind;
    watch.ports = ports;
    watch.protocol = protocol;
    watch.link = watch.kind == QLatin1String("link") ? QStringLiteral("eth0") : QString();
    watch.service = watch.kind == QLatin1String("service") ? QStringLiteral("ssh.service") : QString();
    qputenv("SSH_CONNECTION", (peer + QStringLiteral(" 50000 192.0.2.1 22")).toLatin1());
    const Run done = (*m_weirctl)(words("quota web --size 100GB --overflow block")
                                  + more.split(QLatin1Char(' '), Qt::SkipEmptyParts));
    qunsetenv("SSH_CONNECTION");
    QCOMPARE(done.exit, isRefused ? 1 : 0);
    QCOMPARE(m_weirctl->helper.callsOf(QStringLiteral("SetQuota")), isRefused ? 0 : 1);
    if (isRefused) {
        QVERIFY2(done.err.startsWith(
                     QStringLiteral("weirctl: that would cut the SSH connection that you are typing in "
                                    "(port 22, from %1) once the quota is used up\nLet it through: --exempt ")
                         .arg(peer)),
                 qPrintable(done.err));
        QVERIFY2(done.err.contains(QLatin1String("22 (that port)")), qPrintable(done.err));
    }
}

void WeirctlQuotaTest::theSshConnectionIsFoundBehindSudo()
{
    // sudo and its like clear the environment; the shell above still has the variable
    QProcess shell;
    auto environment = m_weirctl->environment();
    environment.insert(QStringLiteral("SSH_CONNECTION"), QStringLiteral("192.168.1.5 50000 192.168.1.1 80"));
    shell.setProcessEnvironment(environment);
    QSignalSpy finished(&shell, &QProcess::finished);
    shell.start(
        QStringLiteral("sh"),
        {QStringLiteral("-c"),
         QStringLiteral("env -u SSH_CONNECTION " WEIRCTL " quota web --size 1GB --overflow block; exit $?")});
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 20'000);
    QCOMPARE(shell.exitCode(), 1);
    const QByteArray error = shell.readAllStandardError();
    QVERIFY2(
        error.contains(
            "--exempt 80 (that port), or --exempt local (local networks)\nTo block it all the same: --yes\n"),
        error.constData());
    QVERIFY(!cli::SshConnection::parse(QStringLiteral("1.2.3.4 5 6.7.8.9")));
    QVERIFY(!cli::SshConnection::parse(QStringLiteral("1.2.3.4 5 6.7.8.9 0")));
    QVERIFY(!cli::SshConnection::parse(QString()));
}

QTEST_GUILESS_MAIN(WeirctlQuotaTest)
#include "weirctl_quota_test.moc"
