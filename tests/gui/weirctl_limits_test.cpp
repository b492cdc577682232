// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/policy_texts.h"
#include "app/cli/ssh_session.h"
#include "app/cli/views.h"
#include "dbus/names.h"
#include "tests/gui/weirctl_runner.h"

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <QProcess>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace weir;
using namespace weir::test;

namespace {

constexpr qint64 kNovemberFirst = 1'793'487'600; // 2026-11-01 00:00 in Berlin, UTC+1
constexpr qint64 kDecemberFirst = 1'796'079'600; // 2026-12-01 00:00
constexpr qint64 kNow = kNovemberFirst + 86'400;

dbus::WatchRow limited(quint64 down, quint64 up)
{
    dbus::WatchRow row = portWatch("web", "80");
    row.limit.set = row.limit.enabled = true;
    row.limit.downBitsPerSecond = row.limit.downInForceBitsPerSecond = down;
    row.limit.upBitsPerSecond = row.limit.upInForceBitsPerSecond = up;
    row.limit.downReason = down ? QStringLiteral("limit") : QString();
    row.limit.upReason = up ? QStringLiteral("limit") : QString();
    return row;
}

dbus::WatchRow withQuota(const char *overflow)
{
    dbus::WatchRow row = portWatch("web", "80");
    row.quota.set = row.quota.enabled = true;
    row.quota.sizeBytes = 100'000'000'000;
    row.quota.resetDay = QStringLiteral("1");
    row.quota.billing = QStringLiteral("sum");
    row.quota.factor = QStringLiteral("1");
    row.quota.scope = QStringLiteral("all");
    row.quota.alerts = QStringLiteral("30,50,80,100");
    row.quota.overflow = QLatin1String(overflow);
    row.quota.periodStart = kNovemberFirst;
    row.quota.periodEnd = kDecemberFirst;
    row.quota.usedBytes = 12'300'000'000;
    row.quota.remainingBytes = 87'700'000'000;
    row.quota.state = QStringLiteral("counting");
    return row;
}

dbus::WatchRow guarded()
{
    dbus::WatchRow row = portWatch("web", "80");
    row.burst.set = row.burst.enabled = true;
    row.burst.triggerBitsPerSecond = 50'000'000;
    row.burst.direction = QStringLiteral("sum");
    row.burst.windowS = 900;
    row.burst.throttleBitsPerSecond = 5'000'000;
    row.burst.holdS = 1800;
    row.burst.state = QStringLiteral("armed");
    row.burst.averageBitsPerSecond = 3'200'000;
    return row;
}

dbus::WatchRow throttledByItsGuard()
{
    dbus::WatchRow row = guarded();
    row.limit = limited(50'000'000, 0).limit;
    row.limit.downInForceBitsPerSecond = row.limit.upInForceBitsPerSecond = 5'000'000;
    row.limit.downReason = row.limit.upReason = QStringLiteral("burst");
    row.burst.state = QStringLiteral("throttled");
    row.burst.throttledSince = kNow - 1040;
    row.burst.throttledUntil = kNow + 760;
    return row;
}

} // namespace

/// Limits, quotas and burst guards on the command line: what is asked of the helper, and what is said.
class WeirctlLimitsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("TZ", "Europe/Berlin");
        qunsetenv("SSH_CONNECTION");
        QLocale::setDefault(QLocale::c());
    }
    void init();
    void cleanup() { m_weirctl.reset(); }

    void limitsShowsWhatIsHeldAndWhy();
    void limitEchoesWhatWasUnderstood();
    void whatIsNotGivenStaysAsItIsSet();
    void aLimitThatIsOffStaysOffWhenItChanges();
    void aLimitOfNoRateIsRefused();
    void limitIsSwitchedAndTakenAway();
    void whatIsInForceIsToldWithItsReason();
    void aLimitAboveTheLinksSpeedIsToldAndSet();
    void somebodyElsesChangeIsToldAndNotRepeated();
    void aWatchThatIsNotThereOrHasNoneSaysWhatToType_data();
    void aWatchThatIsNotThereOrHasNoneSaysWhatToType();
    void everyStateIsPrintedAsJson();

    void quotaEchoesItsPeriodInOneSentence();
    void aNewQuotaSendsOnlyWhatWasTyped();
    void aChangedQuotaKeepsTheRest();
    void usedIsSentWithTheRevisionOfTheChangeBefore();
    void periodsAndCorrectionsAreBegunAndTakenBack();
    void blockingSaysWhatItCuts();
    void blockingTheSshConnectionIsRefusedUnlessItIsExempt_data();
    void blockingTheSshConnectionIsRefusedUnlessItIsExempt();
    void theSshConnectionIsFoundBehindSudo();
    void quotaStatesReadAsSentences();

    void burstEchoesAndPreviews();
    void aBurstGuardNeedsAllOfItsValues();
    void restoreNowEndsAThrottle();
    void aShortHistoryIsToldBesideThePreview();

    void policiesHaveColumnsOnlyWhereThereAreSome();
    void cellsMarkWhatElseIsInForce();
    void countdownsShowMinutesAndSeconds();

private:
    Run run(const char *line) { return (*m_weirctl)(line); }
    QVariantList sent(const char *method) const { return m_weirctl->helper.argumentsOfLast(method); }
    QVariantMap fields(const char *method) const { return qdbus_cast<QVariantMap>(sent(method).value(2)); }

    std::unique_ptr<WeirctlRunner> m_weirctl;
};

void WeirctlLimitsTest::init()
{
    m_weirctl = std::make_unique<WeirctlRunner>();
    QVERIFY2(!m_weirctl->bus.address().isEmpty(), "dbus-daemon must be there");
    m_weirctl->helper.watches = {portWatch("web", "80")};
}

void WeirctlLimitsTest::limitsShowsWhatIsHeldAndWhy()
{
    QCOMPARE(
        run("limits").out,
        QStringLiteral("Nothing is held to a rate now. Hold a watch: weirctl limit web --down 20mbit\n"));
    m_weirctl->helper.limits = {
        {QStringLiteral("web"), QStringLiteral("down"), 20'000'000, QStringLiteral("limit"), 1'500'000, 1000,
         12, 30'000, 12.4},
        {QStringLiteral("web"), QStringLiteral("up"), 5'000'000, QStringLiteral("burst"), 0, 0, 0, 0, 0}};
    const QStringList lines = run("limits").out.split(QLatin1Char('\n'));
    QCOMPARE(lines.at(0).simplified(), QStringLiteral("WATCH DIRECTION RATE WHY SENT DROPPED WAITING DELAY"));
    QCOMPARE(lines.at(1).simplified(),
             QStringLiteral("web down 20 Mbit/s limit 1.50 MB 12 packets 30.0 kB 12 ms"));
    QCOMPARE(lines.at(2).simplified(), QStringLiteral("web up 5 Mbit/s burst guard — 0 packets 0 B 0.0 ms"));
    QVERIFY(
        run("limits --json")
            .out.startsWith(QLatin1String("{\"limits\":[{\"backlog_bytes\":30000,\"bits_per_s\":20000000,")));
}

void WeirctlLimitsTest::limitEchoesWhatWasUnderstood()
{
    const Run done = run("limit web --down 20mbit");
    QCOMPARE(done.err, QString());
    QCOMPARE(done.out, QStringLiteral("web is held to 20 Mbit/s down; up is not limited.\n"));
    QCOMPARE(done.exit, 0);
    QCOMPARE(sent("SetLimit").at(0).toUInt(), 7U);
    QCOMPARE(fields("SetLimit"), (QVariantMap{{QStringLiteral("down_bits_per_s"), 20'000'000ULL}}));
    QVERIFY(m_weirctl->helper.calls.at(1).interactive);
}

void WeirctlLimitsTest::whatIsNotGivenStaysAsItIsSet()
{
    m_weirctl->helper.watches = {limited(20'000'000, 0)};
    QCOMPARE(run("limit web --up 2.5MB/s --when 'mon-fri 08:00-18:00'").out,
             QStringLiteral("web is held to 20 Mbit/s down and up (mon-fri 08:00-18:00).\n"));
    QCOMPARE(fields("SetLimit").value(QStringLiteral("down_bits_per_s")).toULongLong(), 20'000'000ULL);
    QCOMPARE(run("limit web --down none --when always").out,
             QStringLiteral("web is held to 20 Mbit/s up; down is not limited.\n"));
    QCOMPARE(sent("SetLimit").at(0).toUInt(), 8U);
    QVERIFY(!fields("SetLimit").contains(QStringLiteral("down_bits_per_s")));
}

void WeirctlLimitsTest::aLimitThatIsOffStaysOffWhenItChanges()
{
    m_weirctl->helper.watches = {limited(20'000'000, 0)};
    m_weirctl->helper.watches[0].limit.enabled = false;
    QCOMPARE(run("limit web --down 10M").out,
             QStringLiteral("The limit of web is off; it keeps 10 Mbit/s down; up is not limited.\n"));
    QCOMPARE(fields("SetLimit").value(QStringLiteral("enabled")), QVariant(false));
}

void WeirctlLimitsTest::aLimitOfNoRateIsRefused()
{
    m_weirctl->helper.watches = {limited(20'000'000, 0)};
    const Run none = run("limit web --down none");
    QCOMPARE(none.exit, 2);
    QCOMPARE(none.err,
             QStringLiteral("weirctl: no rate is left to hold 'web' to\n"
                            "To take its limit away: weirctl limit web --remove\n"));
    QCOMPARE(m_weirctl->helper.callsOf(QStringLiteral("SetLimit")), 0);
}

void WeirctlLimitsTest::limitIsSwitchedAndTakenAway()
{
    m_weirctl->helper.watches = {limited(20'000'000, 5'000'000)};
    QCOMPARE(run("limit web --off").out,
             QStringLiteral("The limit of web is off; it keeps 20 Mbit/s down and 5 Mbit/s up.\n"));
    QCOMPARE(sent("SwitchPolicy").value(3), QVariant(false));
    QCOMPARE(run("limit web --on").out, QStringLiteral("web is held to 20 Mbit/s down and 5 Mbit/s up.\n"));
    QCOMPARE(run("limit web --remove").out, QStringLiteral("web has no limit of its own.\n"));
    QCOMPARE(sent("RemovePolicy").value(0).toUInt(), 9U);
}

void WeirctlLimitsTest::whatIsInForceIsToldWithItsReason()
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

void WeirctlLimitsTest::aLimitAboveTheLinksSpeedIsToldAndSet()
{
    dbus::WatchRow uplink = portWatch("uplink", "");
    uplink.kind = QStringLiteral("link");
    uplink.link = QStringLiteral("eth0");
    m_weirctl->helper.watches = {uplink};
    m_weirctl->helper.links[0].speedBitsPerSecond = 100'000'000;
    const Run done = run("limit uplink --down 200mbit");
    QCOMPARE(done.exit, 0);
    QCOMPARE(done.out,
             QStringLiteral("uplink is held to 200 Mbit/s down; up is not limited.\n"
                            "Link eth0 carries 100 Mbit/s: a limit of 200 Mbit/s is above that.\n"));
    QVERIFY(!run("limit uplink --down 100mbit").out.contains(QLatin1String("carries")));
}

void WeirctlLimitsTest::somebodyElsesChangeIsToldAndNotRepeated()
{
    m_weirctl->helper.fail(QStringLiteral("SetLimit"), dbus::error::kConflict,
                           QStringLiteral("revision: the watch was changed meanwhile"));
    const Run late = run("limit web --down 20mbit");
    QCOMPARE(late.exit, 1);
    QCOMPARE(late.err,
             QStringLiteral("weirctl: cannot limit 'web': revision: the watch was changed meanwhile\n"
                            "Somebody else changed it in the same moment. Look at it and repeat.\n"));
    QCOMPARE(m_weirctl->helper.callsOf(QStringLiteral("SetLimit")), 1);
}

void WeirctlLimitsTest::aWatchThatIsNotThereOrHasNoneSaysWhatToType_data()
{
    QTest::addColumn<QString>("error");
    const auto row = [](const char *line, const char *error) {
        QTest::newRow(line) << QString::fromUtf8(error);
    };
    row("limit wbe --down 1mbit", "there is no watch 'wbe'\nSee which there are: weirctl watches\n");
    row("quota wbe", "there is no watch 'wbe'\nSee which there are: weirctl watches\n");
    row("limit web --on", "watch 'web' has no limit\nSet one: weirctl limit web --down 20mbit\n");
    row("quota web --remove", "watch 'web' has no quota\nSet one: weirctl quota web --size 100GB\n");
    row("quota web --used 5GB", "watch 'web' has no quota\nSet one: weirctl quota web --size 100GB\n");
    row("quota web --restart-period", "watch 'web' has no quota\nSet one: weirctl quota web --size 100GB\n");
    row("burst web --restore-now",
        "watch 'web' has no burst guard\n"
        "Set one: weirctl burst web --trigger 50mbit --window 15min --throttle 5mbit --hold 30min\n");
}

void WeirctlLimitsTest::aWatchThatIsNotThereOrHasNoneSaysWhatToType()
{
    QFETCH(QString, error);
    const Run none = run(QTest::currentDataTag());
    QCOMPARE(none.exit, 1);
    QCOMPARE(none.err, QStringLiteral("weirctl: ") + error);
    QCOMPARE(m_weirctl->helper.calls.size(), 1);
}

void WeirctlLimitsTest::everyStateIsPrintedAsJson()
{
    m_weirctl->helper.watches = {throttledByItsGuard()};
    const auto document = [this](const char *line) {
        return QJsonDocument::fromJson(run(line).out.toUtf8()).object();
    };
    const QJsonObject burst =
        document("burst web --json").value(QStringLiteral("burst")).toArray().at(0).toObject();
    QCOMPARE(burst.value(QStringLiteral("window_s")).toInt(), 900);
    QCOMPARE(burst.value(QStringLiteral("name")).toString(), QStringLiteral("web"));
    const QJsonObject watch =
        document("watches --json").value(QStringLiteral("watches")).toArray().at(0).toObject();
    QCOMPARE(watch.value(QStringLiteral("limit")).toObject().value(QStringLiteral("down_reason")).toString(),
             QStringLiteral("burst"));
    QVERIFY(watch.value(QStringLiteral("quota")).isNull());
    QVERIFY(watch.contains(QStringLiteral("quota")));
    // what a quota holds it to stands in limit, although no limit is set
    m_weirctl->helper.watches[0].limit.set = false;
    QVERIFY(document("watches --json")
                .value(QStringLiteral("watches"))
                .toArray()
                .at(0)
                .toObject()
                .value(QStringLiteral("limit"))
                .isObject());
}

void WeirctlLimitsTest::quotaEchoesItsPeriodInOneSentence()
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

void WeirctlLimitsTest::aNewQuotaSendsOnlyWhatWasTyped()
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

void WeirctlLimitsTest::aChangedQuotaKeepsTheRest()
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

void WeirctlLimitsTest::usedIsSentWithTheRevisionOfTheChangeBefore()
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

void WeirctlLimitsTest::periodsAndCorrectionsAreBegunAndTakenBack()
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

void WeirctlLimitsTest::blockingSaysWhatItCuts()
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

void WeirctlLimitsTest::blockingTheSshConnectionIsRefusedUnlessItIsExempt_data()
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

void WeirctlLimitsTest::blockingTheSshConnectionIsRefusedUnlessItIsExempt()
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

void WeirctlLimitsTest::theSshConnectionIsFoundBehindSudo()
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

void WeirctlLimitsTest::quotaStatesReadAsSentences()
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

void WeirctlLimitsTest::burstEchoesAndPreviews()
{
    m_weirctl->helper.previewTriggers = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    const Run done = run("burst web --trigger 50mbit --window 15min --throttle 5mbit --hold 30min");
    QCOMPARE(done.err, QString());
    QCOMPARE(done.out,
             QStringLiteral(
                 "When web is above 50 Mbit/s (down and up together) on average over 15 min, it is held to "
                 "5 Mbit/s down and up for 30 min.\n"
                 "It is armed; the average is 0 bit/s now.\n"
                 "It would have throttled 3 times in the last 7 days.\n"));
    QCOMPARE(fields("SetBurst"),
             (QVariantMap{{QStringLiteral("trigger_bits_per_s"), 50'000'000ULL},
                          {QStringLiteral("window_s"), 900U},
                          {QStringLiteral("throttle_bits_per_s"), 5'000'000ULL},
                          {QStringLiteral("hold_s"), 1800U}}));
    QCOMPARE(run("burst web --direction up").out.section(QLatin1Char('\n'), 0, 0),
             QStringLiteral("When web is above 50 Mbit/s (up) on average over 15 min, it is held to 5 Mbit/s "
                            "up for 30 min."));
    const qint64 from = sent("PreviewBurst").at(2).toLongLong();
    QVERIFY(std::abs(QDateTime::currentSecsSinceEpoch() - 7 * 86'400 - from) < 60);
}

void WeirctlLimitsTest::aBurstGuardNeedsAllOfItsValues()
{
    const Run done = run("burst web --trigger 50mbit --hold 30min");
    QCOMPARE(done.exit, 2);
    QCOMPARE(
        done.err,
        QStringLiteral(
            "weirctl: watch 'web' has no burst guard yet; one also needs --window TIME, --throttle RATE\n"));
}

void WeirctlLimitsTest::restoreNowEndsAThrottle()
{
    m_weirctl->helper.watches = {throttledByItsGuard()};
    QVERIFY(run("burst web").out.contains(QLatin1String("To end that: weirctl burst web --restore-now\n")));
    QVERIFY(run("burst web --restore-now")
                .out.contains(QLatin1String("It is armed; the average is 3.20 Mbit/s now.\n")));
    QCOMPARE(sent("EndBurst").at(0).toString(), QStringLiteral("web"));
}

void WeirctlLimitsTest::aShortHistoryIsToldBesideThePreview()
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

void WeirctlLimitsTest::policiesHaveColumnsOnlyWhereThereAreSome()
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

void WeirctlLimitsTest::cellsMarkWhatElseIsInForce()
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

void WeirctlLimitsTest::countdownsShowMinutesAndSeconds()
{
    QCOMPARE(cli::countdown(760), QStringLiteral("12:40"));
    QCOMPARE(cli::countdown(5), QStringLiteral("0:05"));
    QCOMPARE(cli::countdown(3723), QStringLiteral("1:02:03"));
    QCOMPARE(cli::countdown(-1), QStringLiteral("0:00"));
}

QTEST_GUILESS_MAIN(WeirctlLimitsTest)
#include "weirctl_limits_test.moc"
