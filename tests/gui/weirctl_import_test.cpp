// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/names.h"
#include "tests/gui/weirctl_runner.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace weir;
using namespace weir::test;

/// weirctl import: what it shows, what it asks of the helper, and how it goes on after a refusal.
class WeirctlImportTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_weirctl.reset(); }

    void aDryRunShowsEverythingAndChangesNothing();
    void anImportGoesWatchByWatch();
    void importingTwiceAddsNothing();
    void afterARefusalTheRestGoesOn();
    void withoutTheRightItEndsAtOnce();
    void withNobodyToAskItWantsYes();
    void theSshConnectionIsExempt();
    void nothingToImportIsSaid();

private:
    QString written(const QByteArray &bytes);
    Run import(const QStringList &more)
    {
        return (*m_weirctl)(QStringList{QStringLiteral("import"), m_path} + more);
    }

    std::unique_ptr<WeirctlRunner> m_weirctl;
    QTemporaryDir m_directory;
    QString m_path;
};

QString WeirctlImportTest::written(const QByteArray &bytes)
{
    m_path = m_directory.filePath(QStringLiteral("config.json"));
    QFile file(m_path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write");
    return m_path;
}

void WeirctlImportTest::init()
{
    qunsetenv("SSH_CONNECTION");
    m_weirctl = std::make_unique<WeirctlRunner>();
    QVERIFY2(!m_weirctl->bus.address().isEmpty(), "dbus-daemon must be there");
    m_weirctl->helper.watches = {portWatch("web", "80")};
    m_weirctl->helper.watches[0].limit.set = true;
    written(R"({"ports": {
        "22": {"remark": "ssh", "billing_mode": "double", "quota": {"enabled": true, "monthly_limit": "100GB", "reset_day": 5}},
        "80": {"remark": "theirs", "bandwidth_limit": {"enabled": true, "rate": "5Mbps"}},
        "8000-8100": {"bandwidth_limit": {"enabled": true, "rate": "20Mbps"}, "billing_mode": "odd",
                      "quota": {"enabled": true, "monthly_limit": "1GB", "reset_day": 1}}},
        "notifications": {"telegram": {"bot_token": "123:hush"}}})");
}

void WeirctlImportTest::aDryRunShowsEverythingAndChangesNothing()
{
    const Run run = import({QStringLiteral("--dry-run")});
    QCOMPARE(run.err, QString());
    QCOMPARE(run.exit, 0);
    QCOMPARE(run.out,
             QStringLiteral("New watch ssh: port 22 (TCP and UDP)\n"
                            "    quota 100 GiB from day 5 on (in and out, x1), blocked past it\n"
                            "Watch that is there web: port 80 (TCP and UDP)\n"
                            "    has a limit, which stays\n"
                            "New watch ports 8000-8100: ports 8000-8100 (TCP and UDP)\n"
                            "    limit 20 Mbit/s down and up\n"
                            "Not understood:\n"
                            "    quota of port 8000-8100: billing mode 'odd' is not known\n"
                            "Not imported:\n"
                            "    notifications by telegram, with their secrets\n"
                            "Nothing was changed: this was a dry run.\n"));
    QCOMPARE(m_weirctl->helper.calls.size(), 1);
}

void WeirctlImportTest::anImportGoesWatchByWatch()
{
    const Run run = import({QStringLiteral("--yes")});
    QCOMPARE(run.err, QString());
    QCOMPARE(run.exit, 0);
    QVERIFY2(run.out.endsWith(
                 QStringLiteral("    notifications by telegram, with their secrets\n"
                                "Added ssh: port 22 (TCP and UDP)\n"
                                "    ssh: quota 100 GiB from day 5 on (in and out, x1), blocked past it\n"
                                "Added ports 8000-8100: ports 8000-8100 (TCP and UDP)\n"
                                "    ports 8000-8100: limit 20 Mbit/s down and up\n"
                                "4 things were added or set.\n")),
             qPrintable(run.out));
    QCOMPARE(m_weirctl->helper.watches.size(), 3);
    const auto quota = m_weirctl->helper.argumentsOfLast("SetQuota");
    QCOMPARE(quota.at(0).toUInt(), 1U); // the revision of the watch that was just added
    QCOMPARE(qdbus_cast<QVariantMap>(quota.at(2)).value(QStringLiteral("size_bytes")).toULongLong(),
             107'374'182'400ULL);
    QCOMPARE(m_weirctl->helper.callsOf(QStringLiteral("SetLimit")), 1);
}

void WeirctlImportTest::importingTwiceAddsNothing()
{
    QCOMPARE(import({QStringLiteral("--yes")}).exit, 0);
    const auto before = m_weirctl->helper.watches;
    const Run again = import({QStringLiteral("--yes")});
    QCOMPARE(again.exit, 0);
    QVERIFY2(again.out.endsWith(QLatin1String("Everything was there already.\n")), qPrintable(again.out));
    QCOMPARE(m_weirctl->helper.watches, before);
}

void WeirctlImportTest::afterARefusalTheRestGoesOn()
{
    m_weirctl->helper.fail(QStringLiteral("SetQuota"), dbus::error::kUnsupported,
                           QStringLiteral("no quotas in this kernel"));
    const Run run = import({QStringLiteral("--yes")});
    QCOMPARE(run.exit, 1);
    QVERIFY2(run.out.endsWith(QLatin1String("3 things were added or set.\n")), qPrintable(run.out));
    QCOMPARE(
        run.err,
        QStringLiteral(
            "weirctl: cannot give 'ssh' its quota 100 GiB from day 5 on (in and out, x1), blocked past it: "
            "no quotas in this kernel\n"
            "weirctl: not all was imported:\n"
            "    cannot give 'ssh' its quota 100 GiB from day 5 on (in and out, x1), blocked past it\n"));
}

void WeirctlImportTest::withoutTheRightItEndsAtOnce()
{
    m_weirctl->helper.fail(QStringLiteral("AddWatch"), dbus::error::kNotAuthorized,
                           QStringLiteral("polkit refuses org.weir.configure"));
    const Run run = import({QStringLiteral("--yes")});
    QCOMPARE(run.exit, 4);
    QVERIFY2(run.err.contains(QLatin1String("repeat it with sudo")), qPrintable(run.err));
    QCOMPARE(m_weirctl->helper.callsOf(QStringLiteral("AddWatch")), 1);
    QCOMPARE(m_weirctl->helper.callsOf(QStringLiteral("SetLimit")), 0);
}

void WeirctlImportTest::withNobodyToAskItWantsYes()
{
    const Run run = import({});
    QCOMPARE(run.exit, 2);
    QVERIFY2(run.err.startsWith(QLatin1String(
                 "weirctl: there is no terminal to ask on: look with --dry-run, then say --yes\n")),
             qPrintable(run.err));
    QCOMPARE(m_weirctl->helper.calls.size(), 0);
}

void WeirctlImportTest::theSshConnectionIsExempt()
{
    qputenv("SSH_CONNECTION", "203.0.113.5 50000 192.0.2.1 22");
    const Run run = import({QStringLiteral("--yes")});
    QCOMPARE(run.exit, 0);
    QCOMPARE(qdbus_cast<QVariantMap>(m_weirctl->helper.argumentsOfLast("SetQuota").at(2))
                 .value(QStringLiteral("exempt"))
                 .toString(),
             QStringLiteral("22"));
    QVERIFY2(run.out.contains(QLatin1String("blocked past it, all but 22, which you are typing through\n")),
             qPrintable(run.out));
}

void WeirctlImportTest::nothingToImportIsSaid()
{
    written(R"({"ports": {}})");
    const Run run = import({QStringLiteral("--yes")});
    QCOMPARE(run.exit, 0);
    QCOMPARE(run.out, QStringLiteral("There is nothing to import.\n"));
    m_path = QStringLiteral("/nonexistent");
    const Run missing = import({QStringLiteral("--dry-run")});
    QCOMPARE(missing.exit, 2);
    QVERIFY2(missing.err.startsWith(
                 QLatin1String("weirctl: cannot import /nonexistent: No such file or directory\n")),
             qPrintable(missing.err));
}

QTEST_GUILESS_MAIN(WeirctlImportTest)
#include "weirctl_import_test.moc"
