// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/names.h"
#include "tests/gui/weirctl_policy_rows.h"

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <memory>

using namespace weir;
using namespace weir::test;

/// limits, limit and burst on the command line: what is asked of the helper, and what is said.
class WeirctlLimitsTest : public QObject
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

    void limitsShowsWhatIsHeldAndWhy();
    void limitEchoesWhatWasUnderstood();
    void whatIsNotGivenStaysAsItIsSet();
    void aLimitThatIsOffStaysOffWhenItChanges();
    void aLimitOfNoRateIsRefused();
    void limitIsSwitchedAndTakenAway();
    void aLimitAboveTheLinksSpeedIsToldAndSet();
    void somebodyElsesChangeIsToldAndNotRepeated();
    void aWatchThatIsNotThereOrHasNoneSaysWhatToType_data();
    void aWatchThatIsNotThereOrHasNoneSaysWhatToType();
    void everyStateIsPrintedAsJson();
    void burstEchoesAndPreviews();
    void aBurstGuardNeedsAllOfItsValues();
    void restoreNowEndsAThrottle();

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

QTEST_GUILESS_MAIN(WeirctlLimitsTest)
#include "weirctl_limits_test.moc"
