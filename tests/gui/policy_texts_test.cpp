// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/policy_texts.h"
#include "app/cli/views.h"
#include "tests/gui/weirctl_policy_rows.h"

#include <QLocale>
#include <QTest>

using namespace weir;
using namespace weir::test;

/// How limits, quotas and burst guards read, as sentences and as cells of a table.
class PolicyTextsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("TZ", "Europe/Berlin");
        QLocale::setDefault(QLocale::c());
    }

    void whatIsInForceIsToldWithItsReason();
    void quotaEchoesItsPeriodInOneSentence();
    void quotaStatesReadAsSentences();
    void aShortHistoryIsToldBesideThePreview();
    void policiesHaveColumnsOnlyWhereThereAreSome();
    void cellsMarkWhatElseIsInForce();
    void countdownsShowMinutesAndSeconds();
};

void PolicyTextsTest::whatIsInForceIsToldWithItsReason()
{
    QCOMPARE(cli::limitLines(throttledByItsGuard(), kNow),
             (QStringList{
                 QStringLiteral("web is held to 50 Mbit/s down; up is not limited."),
                 QStringLiteral("Down 5 Mbit/s now: burst guard, 12:40 left; its own limit is 50 Mbit/s."),
                 QStringLiteral("Up 5 Mbit/s now: burst guard, 12:40 left.")}));
    dbus::WatchRow byQuota = withQuota("throttle");
    byQuota.limit.downInForceBitsPerSecond = byQuota.limit.upInForceBitsPerSecond = 1'000'000;
    byQuota.limit.downReason = byQuota.limit.upReason = QStringLiteral("quota");
    QCOMPARE(cli::limitLines(byQuota, kNow),
             (QStringList{
                 QStringLiteral("web has no limit of its own."),
                 QStringLiteral("Down and up 1 Mbit/s now: its quota is used up, until 2026-12-01 00:00.")}));
    dbus::WatchRow resting = limited(20'000'000, 0);
    resting.limit.downInForceBitsPerSecond = 0;
    resting.limit.when = QStringLiteral("mon-fri 08:00-18:00");
    QCOMPARE(cli::limitLines(resting, kNow).last(),
             QStringLiteral("It is not that time: nothing is held now."));
    resting.limit.problem = QStringLiteral("ifb is not in this kernel");
    QCOMPARE(cli::limitLines(resting, kNow).last(),
             QStringLiteral("It is not in force as it was set: ifb is not in this kernel"));
    resting.enabled = false;
    QCOMPARE(
        cli::limitLines(resting, kNow).last(),
        QStringLiteral("web is paused: nothing of it is counted or held until weirctl watch resume web"));
}

void PolicyTextsTest::quotaEchoesItsPeriodInOneSentence()
{
    dbus::WatchRow row = withQuota("block");
    QCOMPARE(
        cli::quotaLines(row),
        (QStringList{
            QStringLiteral("Past 100 GB between 1 November and 1 December (2026-12-01) web is blocked, down "
                           "and up; used so far 12.3 GB (in and out, x1)."),
            QStringLiteral("87.7 GB are left.")}));
    row.quota.exempt = QStringLiteral("local,22");
    row.quota.billing = QStringLiteral("max");
    row.quota.scope = QStringLiteral("internet");
    row.quota.factor = QStringLiteral("1.5");
    row.quota.calibrated = row.quota.begunByHand = true;
    row.quota.periodStart += 3600 * 14;
    row.quota.projectedBytes = 130'000'000'000;
    QCOMPARE(
        cli::quotaLines(row),
        (QStringList{
            QStringLiteral("Past 100 GB between 1 November 14:00 and 1 December (2026-12-01) web is blocked, "
                           "down and up, all but local, 22; used so far 12.3 GB (the larger of in and out, "
                           "internet only, x1.5, corrected by hand)."),
            QStringLiteral("This period was begun by hand."),
            QStringLiteral("87.7 GB are left; if it goes on so, 130 GB are used at the end.")}));
}

void PolicyTextsTest::quotaStatesReadAsSentences()
{
    const auto last = [](const char *overflow, const char *state) {
        dbus::WatchRow row = withQuota(overflow);
        row.quota.state = QLatin1String(state);
        row.quota.throttleBitsPerSecond = 1'000'000;
        row.quota.enabled = row.quota.state != QLatin1String("off");
        return cli::quotaLines(row).last();
    };
    QCOMPARE(last("notify", "over"), QStringLiteral("It is used up."));
    QCOMPARE(last("throttle", "throttled"),
             QStringLiteral("It is used up: web is held to 1 Mbit/s now, until 2026-12-01 00:00."));
    QCOMPARE(last("block", "blocked"),
             QStringLiteral("It is used up: web is blocked now, until 2026-12-01 00:00."));
    QCOMPARE(last("block", "off"),
             QStringLiteral("It is off: nothing happens. Switch it on: weirctl quota web --on"));
    dbus::WatchRow dropping = withQuota("block");
    dropping.quota.droppedRxBytes = 1'200'000;
    QCOMPARE(cli::quotaLines(dropping).last(),
             QStringLiteral("It kept back 1.20 MB down and 0 B up in this period."));
}

void PolicyTextsTest::aShortHistoryIsToldBesideThePreview()
{
    const qint64 from = kNow - 7 * 86'400;
    const dbus::BurstState burst = guarded().burst;
    QCOMPARE(cli::previewLines({from, 60, {{1, 2, 3}}}, burst, from, kNow),
             QStringList{QStringLiteral("It would have throttled once in the last 7 days.")});
    QCOMPARE(
        cli::previewLines({kNow - 2 * 86'400, 900, {}}, burst, from, kNow),
        (QStringList{
            QStringLiteral(
                "It would have throttled never in the last 7 days; the history reaches back 2 d 0 h only."),
            QStringLiteral(
                "The history is kept by 15 min: a window as short as this is not seen well in it.")}));
}

void PolicyTextsTest::policiesHaveColumnsOnlyWhereThereAreSome()
{
    QCOMPARE(cli::watchTable({portWatch("web", "80")}).lines().at(0).simplified(),
             QStringLiteral("WATCH COUNTS CONNECTIONS DOWN UP TOTAL DOWN TOTAL UP OWNER NOTE"));
    const auto lines = cli::watchTable({portWatch("dns", "53"), limited(20'000'000, 5'000'000)}).lines();
    QCOMPARE(lines.at(0).simplified(),
             QStringLiteral("WATCH COUNTS CONNECTIONS DOWN UP TOTAL DOWN TOTAL UP LIMIT OWNER NOTE"));
    QVERIFY2(lines.at(2).simplified().endsWith(QStringLiteral("↓20M ↑5M")), qPrintable(lines.at(2)));
    QCOMPARE(cli::watchTable({withQuota("block"), guarded()}).lines().at(0).simplified(),
             QStringLiteral("WATCH COUNTS CONNECTIONS DOWN UP TOTAL DOWN TOTAL UP QUOTA BURST OWNER NOTE"));
}

void PolicyTextsTest::cellsMarkWhatElseIsInForce()
{
    QCOMPARE(cli::limitCell(limited(2'500'000, 64'000)), QStringLiteral("↓2.5M ↑64K"));
    QCOMPARE(cli::limitCell(limited(1'234'567, 0)), QStringLiteral("↓1.23M"));
    QCOMPARE(cli::limitCell(throttledByItsGuard()), QStringLiteral("↓50M (now ↓5M ↑5M)"));
    dbus::WatchRow row = limited(20'000'000, 0);
    row.limit.enabled = false;
    row.limit.downInForceBitsPerSecond = 0;
    QCOMPARE(cli::limitCell(row), QStringLiteral("↓20M (off)"));
    row.limit.enabled = true;
    QCOMPARE(cli::limitCell(row), QStringLiteral("↓20M (not now)"));
    QCOMPARE(cli::limitCell(portWatch("web", "80")), QString());

    dbus::QuotaState quota = withQuota("block").quota;
    QCOMPARE(cli::quotaCell(quota), QStringLiteral("12.3 of 100 GB, 12 %"));
    quota.usedBytes = 1'500'000'000'000;
    quota.state = QStringLiteral("blocked");
    QCOMPARE(cli::quotaCell(quota), QStringLiteral("1.50 TB of 100 GB, 1500 %, blocked"));
    QCOMPARE(cli::quotaCell({}), QString());

    QCOMPARE(cli::burstCell(guarded().burst, kNow), QStringLiteral("armed"));
    QCOMPARE(cli::burstCell(throttledByItsGuard().burst, kNow), QStringLiteral("throttled, 12:40 left"));
}

void PolicyTextsTest::countdownsShowMinutesAndSeconds()
{
    QCOMPARE(cli::countdown(760), QStringLiteral("12:40"));
    QCOMPARE(cli::countdown(5), QStringLiteral("0:05"));
    QCOMPARE(cli::countdown(3723), QStringLiteral("1:02:03"));
    QCOMPARE(cli::countdown(-1), QStringLiteral("0:00"));
}

QTEST_GUILESS_MAIN(PolicyTextsTest)
#include "policy_texts_test.moc"
