// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/client.h"
#include "app/gui/burst_dialog.h"
#include "app/gui/language.h"
#include "app/gui/limit_dialog.h"
#include "app/gui/live_data.h"
#include "app/gui/policy_actions.h"
#include "app/gui/quota_dialog.h"
#include "dbus/names.h"
#include "tests/gui/policy_rows.h"
#include "tests/support/private_bus.h"
#include "tests/support/stub_helper.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDateTime>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace weir;
using namespace weir::test;

/// The editors of limits, quotas and burst guards: what they say while one types, what they send, and what
/// becomes of the helper's refusals.
class PolicyDialogTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void aLimitIsCheckedAsOneTypes_data();
    void aLimitIsCheckedAsOneTypes();
    void aLimitIsSentWithItsScheduleInOneForm();
    void aRateAboveTheLinksSpeedIsAWarning();
    void aQuotaIsCheckedAsOneTypes_data();
    void aQuotaIsCheckedAsOneTypes();
    void aQuotaIsSentWithAllItsFields();
    void aBlockOffersTheWayInAndSaysWhatItCuts();
    void aQuotaShowsHowItWouldStand();
    void aQuotaIsCorrectedAndThatIsTakenBack();
    void aPeriodIsBegunByHandAndThatIsTakenBack();
    void aBurstGuardIsCheckedAsOneTypes_data();
    void aBurstGuardIsCheckedAsOneTypes();
    void aBurstGuardShowsWhatItWouldHaveDone();
    void nothingIsPreviewedWhileOneTypes();
    void aPreviewOfOtherValuesIsDropped();
    void aPreviewThatFailsSaysWhy();
    void aRefusalIsShownAndWhatWasTypedStays();
    void aStaleEditShowsTheWatchAsItIsNow();
    void aSwitchedOffPolicyKeepsItsValues();
    void aPausedWatchIsMentioned();
    void removingAsksTheHelper();
    void everyFieldHasANameForScreenReaders();

private:
    template <typename Dialog>
    std::unique_ptr<Dialog> open(const char *watch)
    {
        auto dialog =
            std::make_unique<Dialog>(*m_live, *m_actions, *m_live->watches().watch(QLatin1String(watch)));
        dialog->show();
        return dialog;
    }
    template <typename Widget>
    static Widget *named(const QDialog &dialog, const char *name)
    {
        for (Widget *widget : dialog.findChildren<Widget *>())
            if (widget->accessibleName() == QString::fromUtf8(name))
                return widget;
        return nullptr;
    }
    static void type(const QDialog &dialog, const char *field, const QString &text)
    {
        named<QLineEdit>(dialog, field)->setText(text);
    }
    static QAbstractButton *button(const QDialog &dialog, const char *text)
    {
        for (QAbstractButton *each : dialog.findChildren<QAbstractButton *>())
            if (each->text() == QString::fromUtf8(text))
                return each;
        return nullptr;
    }
    static bool shows(const QDialog &dialog, const QString &text)
    {
        const auto labels = dialog.findChildren<QLabel *>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel *label) {
            return label->isVisible() && label->text().contains(text);
        });
    }
    QVariantMap fieldsOfLast(const char *method, int at = 2) const
    {
        return qdbus_cast<QVariantMap>(m_helper->argumentsOfLast(method).value(at));
    }

    std::unique_ptr<PrivateBus> m_bus;
    std::unique_ptr<StubHelper> m_helper;
    std::unique_ptr<client::Client> m_client;
    std::unique_ptr<gui::LiveData> m_live;
    std::unique_ptr<gui::PolicyActions> m_actions;
};

void PolicyDialogTest::initTestCase()
{
    qputenv("TZ", "UTC");
    dbus::registerTypes();
    gui::initResources();
    QVERIFY(gui::setLanguage(QLocale(QLocale::English, QLocale::UnitedStates)));
}

void PolicyDialogTest::init()
{
    m_bus = std::make_unique<PrivateBus>();
    QVERIFY2(!m_bus->address().isEmpty(), "dbus-daemon must be there");
    m_helper = std::make_unique<StubHelper>(m_bus->connection());
    m_helper->links = {linkRow(QStringLiteral("eth0"))};
    m_helper->links[0].speedBitsPerSecond = kGiga;
    m_helper->watches = {
        watchRow(QStringLiteral("web")), limitedRow(QStringLiteral("limited"), 50 * kMega, 0),
        quotaRow(QStringLiteral("quota"), 100 * kGiga, 12'300 * kMega), guardedRow(QStringLiteral("guard"))};
    m_helper->watches[0].connections = 12;
    m_helper->appear();
    m_client = std::make_unique<client::Client>(m_bus->connection());
    m_live = std::make_unique<gui::LiveData>(*m_client);
    m_live->want(true, true);
    QTRY_COMPARE(m_live->watches().entryCount(), 4);
    QTRY_COMPARE(m_live->links().rows().size(), 1);
    m_actions = std::make_unique<gui::PolicyActions>(*m_live, nullptr);
}

void PolicyDialogTest::cleanup()
{
    m_actions.reset();
    m_live.reset();
    m_client.reset();
    m_helper.reset();
    m_bus.reset();
}

void PolicyDialogTest::aLimitIsCheckedAsOneTypes_data()
{
    QTest::addColumn<QString>("down");
    QTest::addColumn<QString>("up");
    QTest::addColumn<QString>("when");
    QTest::addColumn<QString>("reason"); // empty: it can be saved
    QTest::addColumn<QString>("sentence");
    QTest::addRow("both")
        << "20mbit"
        << "2.5 MB/s"
        << ""
        << ""
        << "What “web” receives is held to 20 Mbit/s, what it sends to 20 Mbit/s. Connections "
           "live on.";
    QTest::addRow("down") << "20mbit"
                          << ""
                          << "Mon-Fri 8:00-18:00"
                          << ""
                          << "What “web” receives is held to 20 Mbit/s; what it sends is not limited. This "
                             "holds mon-fri 08:00-18:00. Connections live on.";
    QTest::addRow("up") << "none"
                        << "64 kbit"
                        << ""
                        << ""
                        << "What “web” sends is held to 64 kbit/s; what it receives is not limited. "
                           "Connections live on.";
    QTest::addRow("neither") << ""
                             << ""
                             << ""
                             << "It cannot be saved yet: type a rate for at least one direction."
                             << "";
    QTest::addRow("too slow") << "1 kbit"
                              << ""
                              << ""
                              << "It cannot be saved yet: Down: It must be 64 kbit/s to 100 Gbit/s."
                              << "";
    QTest::addRow("too fast") << ""
                              << "200 Gbit"
                              << ""
                              << "It cannot be saved yet: Up: It must be 64 kbit/s to 100 Gbit/s."
                              << "";
    QTest::addRow("no schedule") << "1 Mbit"
                                 << ""
                                 << "sometimes"
                                 << "It cannot be saved yet: When: the days and times are not understood."
                                 << "";
}

void PolicyDialogTest::aLimitIsCheckedAsOneTypes()
{
    QFETCH(QString, down);
    QFETCH(QString, up);
    QFETCH(QString, when);
    QFETCH(QString, reason);
    const auto dialog = open<gui::LimitDialog>("web");
    type(*dialog, "Down", down);
    type(*dialog, "Up", up);
    named<QComboBox>(*dialog, "When")->setEditText(when);
    QCOMPARE(dialog->reason(), reason);
    QCOMPARE(button(*dialog, "Save")->isEnabled(), reason.isEmpty());
    QCOMPARE(shows(*dialog, reason), true);
    if (reason.isEmpty())
        QTEST(dialog->sentence(), "sentence");
}

void PolicyDialogTest::aLimitIsSentWithItsScheduleInOneForm()
{
    const auto dialog = open<gui::LimitDialog>("limited");
    type(*dialog, "Down", {});
    type(*dialog, "Up", QStringLiteral("5mbit"));
    named<QComboBox>(*dialog, "When")->setEditText(QStringLiteral("Mon-Fri 8:00-18:00"));
    button(*dialog, "Save")->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SetLimit")), 1);
    const QVariantMap expected{{QStringLiteral("up_bits_per_s"), 5 * kMega},
                               {QStringLiteral("when"), QStringLiteral("mon-fri 08:00-18:00")},
                               {QStringLiteral("enabled"), true}};
    QCOMPARE(fieldsOfLast("SetLimit"), expected);
    QTRY_VERIFY(!dialog->isVisible());
    QVERIFY(m_actions->canUndo());
}

void PolicyDialogTest::aRateAboveTheLinksSpeedIsAWarning()
{
    const auto dialog = open<gui::LimitDialog>("web");
    type(*dialog, "Down", QStringLiteral("2 Gbit"));
    QVERIFY(
        shows(*dialog, QStringLiteral("= 2 Gbit/s · faster than eth0 (1 Gbit/s), so it holds nothing back")));
    QVERIFY(button(*dialog, "Save")->isEnabled());
    type(*dialog, "Down", QStringLiteral("1 Gbit"));
    QVERIFY(!shows(*dialog, QStringLiteral("faster than")));
}

void PolicyDialogTest::aQuotaIsCheckedAsOneTypes_data()
{
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("reason");
    QTest::addRow("size") << "Size"
                          << "1.5TB"
                          << "";
    QTest::addRow("no size")
        << "Size"
        << ""
        << "It cannot be saved yet: Size: Type a number with its unit, such as 100 GB or "
           "1.5 TB.";
    QTest::addRow("size without unit") << "Size"
                                       << "100"
                                       << "It cannot be saved yet: Size: “100” has no unit: write it such as "
                                          "100 GB or 1.5 TB.";
    QTest::addRow("size of nothing") << "Size"
                                     << "0 B"
                                     << "It cannot be saved yet: Size: At least 1 byte and at most 9 EB.";
    QTest::addRow("factor") << "Factor"
                            << "1,5"
                            << "";
    QTest::addRow("least factor") << "Factor"
                                  << "0.01"
                                  << "";
    QTest::addRow("no factor") << "Factor"
                               << "0"
                               << "It cannot be saved yet: The factor must be a number from 0.01 to 100.";
    QTest::addRow("large factor") << "Factor"
                                  << "100.1"
                                  << "It cannot be saved yet: The factor must be a number from 0.01 to 100.";
    QTest::addRow("no alerts") << "Alerts"
                               << ""
                               << "";
    QTest::addRow("alerts") << "Alerts"
                            << "90 %, 50"
                            << "";
    QTest::addRow("too many alerts")
        << "Alerts"
        << "1,2,3,4,5,6,7,8,9,10,11"
        << "It cannot be saved yet: Alerts are at most 10 percents from 1 to 1000.";
    QTest::addRow("alert of nothing")
        << "Alerts"
        << "0"
        << "It cannot be saved yet: Alerts are at most 10 percents from 1 to 1000.";
}

void PolicyDialogTest::aQuotaIsCheckedAsOneTypes()
{
    QFETCH(QString, field);
    QFETCH(QString, typed);
    QFETCH(QString, reason);
    const auto dialog = open<gui::QuotaDialog>("web");
    type(*dialog, "Size", QStringLiteral("1 GB"));
    type(*dialog, field.toLatin1().constData(), typed);
    QCOMPARE(dialog->reason(), reason);
    QCOMPARE(button(*dialog, "Save")->isEnabled(), reason.isEmpty());
    if (!reason.isEmpty())
        QVERIFY(shows(*dialog, reason));
}

void PolicyDialogTest::aQuotaIsSentWithAllItsFields()
{
    const auto dialog = open<gui::QuotaDialog>("web");
    type(*dialog, "Size", QStringLiteral("100GB"));
    const auto choose = [&](const char *box, const char *data) {
        auto *combo = named<QComboBox>(*dialog, box);
        combo->setCurrentIndex(combo->findData(QString::fromLatin1(data)));
    };
    choose("Directions that count", "max");
    choose("Traffic that counts", "internet");
    choose("Reset day", "last");
    type(*dialog, "Factor", QStringLiteral("1,5"));
    type(*dialog, "Alerts", QStringLiteral("90, 50 50"));
    button(*dialog, "Throttle")->click();
    QVERIFY(!button(*dialog, "Save")->isEnabled());
    type(*dialog, "Throttle to", QStringLiteral("1mbit"));
    QCOMPARE(
        dialog->sentence(),
        QStringLiteral("When “web” has moved more than 100 GB, in or out, whichever is more, with the "
                       "internet, between the last day of a month and the next, it is held to 1 Mbit/s in "
                       "each direction until then. Each byte counts 1.5 times. It tells at 50, 90 %."));
    button(*dialog, "Save")->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SetQuota")), 1);
    const QVariantMap expected{{QStringLiteral("size_bytes"), 100 * kGiga},
                               {QStringLiteral("reset_day"), QStringLiteral("last")},
                               {QStringLiteral("billing"), QStringLiteral("max")},
                               {QStringLiteral("factor"), QStringLiteral("1.5")},
                               {QStringLiteral("scope"), QStringLiteral("internet")},
                               {QStringLiteral("alerts"), QStringLiteral("50,90")},
                               {QStringLiteral("overflow"), QStringLiteral("throttle")},
                               {QStringLiteral("throttle_bits_per_s"), kMega},
                               {QStringLiteral("enabled"), true}};
    QCOMPARE(fieldsOfLast("SetQuota"), expected);
}

void PolicyDialogTest::aBlockOffersTheWayInAndSaysWhatItCuts()
{
    const auto dialog = open<gui::QuotaDialog>("web");
    type(*dialog, "Size", QStringLiteral("100GB"));
    button(*dialog, "Block")->click();
    QVERIFY(
        shows(*dialog, QStringLiteral("Blocking cuts what is open then; now that would be 12 connections.")));
    QVERIFY(
        dialog->sentence().contains(QStringLiteral("blocked until then, except local traffic and port 22.")));
    type(*dialog, "Other ports that are let through", QStringLiteral("8000-8010 http"));
    QVERIFY(!button(*dialog, "Save")->isEnabled());
    QVERIFY(shows(*dialog, QStringLiteral("“http” is not a port or a range")));
    type(*dialog, "Other ports that are let through", QStringLiteral("8005-8010, 8000-8004"));
    button(*dialog, "Local traffic")->click();
    QVERIFY(dialog->sentence().contains(QStringLiteral("except ports 22, 8000–8010.")));
    button(*dialog, "Save")->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SetQuota")), 1);
    QCOMPARE(fieldsOfLast("SetQuota").value(QStringLiteral("exempt")).toString(),
             QStringLiteral("22,8000-8010"));
}

void PolicyDialogTest::aQuotaShowsHowItWouldStand()
{
    m_helper->watches[0].quota.usedBytes = 30 * kGiga; // what the history knows of a watch without a quota
    m_helper->watches[0].quota.periodStart = 1'698'796'800;
    m_helper->watches[0].quota.periodEnd = 1'701'388'800;
    m_helper->watches[0].quota.projectedBytes = 62 * kGiga;
    const auto dialog = open<gui::QuotaDialog>("web");
    type(*dialog, "Size", QStringLiteral("20 GB"));
    QTRY_COMPARE(dialog->previewText(),
                 QStringLiteral("So far 30.0 of 20.0 GB since 1 Nov, 150.0 %. Resets 1 Dec · 62.0 GB at this "
                                "pace."));
    QCOMPARE(fieldsOfLast("PreviewQuota", 1).value(QStringLiteral("size_bytes")).toULongLong(), 20 * kGiga);
    button(*dialog, "Block")->click();
    QTRY_VERIFY(
        shows(*dialog, QStringLiteral("It is used up already: saving this cuts 12 connections at once.")));
    type(*dialog, "Size", QStringLiteral("20"));
    QCOMPARE(dialog->previewText(), QString());
}

void PolicyDialogTest::aQuotaIsCorrectedAndThatIsTakenBack()
{
    const auto dialog = open<gui::QuotaDialog>("quota");
    QVERIFY(!button(*dialog, "Correct it")->isEnabled());
    QVERIFY(!button(*dialog, "Take the correction back")->isVisible());
    type(*dialog, "Size", QStringLiteral("200 GB")); // typed, not saved
    type(*dialog, "My provider says", QStringLiteral("41.2 GB"));
    button(*dialog, "Correct it")->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("Calibrate")), 1);
    QCOMPARE(m_helper->argumentsOfLast("Calibrate").at(2).toULongLong(), 41'200 * kMega);
    QTRY_VERIFY(button(*dialog, "Take the correction back")->isVisible());
    QVERIFY(dialog->isVisible());
    QCOMPARE(named<QLineEdit>(*dialog, "Size")->text(), QStringLiteral("200 GB"));
    button(*dialog, "Take the correction back")->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("UndoCalibrate")), 1);
    QCOMPARE(m_helper->argumentsOfLast("UndoCalibrate").at(0).toUInt(), 2); // the revision that followed
    QTRY_VERIFY(!button(*dialog, "Take the correction back")->isVisible());
    m_actions->undo();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("Calibrate")), 2);
}

void PolicyDialogTest::aPeriodIsBegunByHandAndThatIsTakenBack()
{
    const auto dialog = open<gui::QuotaDialog>("quota");
    button(*dialog, "Begin the period now")->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("BeginPeriod")), 1);
    QTRY_VERIFY(button(*dialog, "Take the beginning back")->isVisible());
    button(*dialog, "Take the beginning back")->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("UndoBeginPeriod")), 1);
    QTRY_VERIFY(!button(*dialog, "Take the beginning back")->isVisible());
    QVERIFY(!m_helper->watches.at(2).quota.begunByHand);
}

void PolicyDialogTest::aBurstGuardIsCheckedAsOneTypes_data()
{
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("reason");
    const QString rates = QStringLiteral("It must be 64 kbit/s to 100 Gbit/s.");
    const QString cannot = QStringLiteral("It cannot be saved yet: ");
    QTest::addRow("as it was") << "Above"
                               << "50mbit"
                               << "";
    QTest::addRow("trigger") << "Above"
                             << "1 kbit" << cannot + QStringLiteral("Above: ") + rates;
    QTest::addRow("shortest window") << "On average over"
                                     << "5s"
                                     << "";
    QTest::addRow("short window") << "On average over"
                                  << "4s"
                                  << cannot + QStringLiteral("On average over: It must be 5 s to 1 d.");
    QTest::addRow("long window") << "On average over"
                                 << "25h"
                                 << cannot + QStringLiteral("On average over: It must be 5 s to 1 d.");
    QTest::addRow("throttle") << "Throttle to"
                              << "fast"
                              << cannot
            + QStringLiteral("Throttle: “fast” is not understood: write a number with its unit, such as 20 "
                             "Mbit/s or 2.5 MB/s.");
    QTest::addRow("throttle above the trigger")
        << "Throttle to"
        << "51mbit" << cannot + QStringLiteral("The throttle must not be above what triggers it, 50 Mbit/s.");
    QTest::addRow("throttle as the trigger") << "Throttle to"
                                             << "50mbit"
                                             << "";
    QTest::addRow("no hold") << "For"
                             << "0s" << cannot + QStringLiteral("For: It must be 1 s to 7 d.");
    QTest::addRow("long hold") << "For"
                               << "8d" << cannot + QStringLiteral("For: It must be 1 s to 7 d.");
}

void PolicyDialogTest::aBurstGuardIsCheckedAsOneTypes()
{
    QFETCH(QString, field);
    QFETCH(QString, typed);
    QFETCH(QString, reason);
    const auto dialog = open<gui::BurstDialog>("guard");
    type(*dialog, field.toLatin1().constData(), typed);
    QCOMPARE(dialog->reason(), reason);
    QCOMPARE(button(*dialog, "Save")->isEnabled(), reason.isEmpty());
}

void PolicyDialogTest::aBurstGuardShowsWhatItWouldHaveDone()
{
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    m_helper->previewKnownFrom = now - 2 * 86'400;
    m_helper->previewTriggers = {{now - 7200, now - 5400, 61 * kMega}, {now - 3600, now - 1800, 58 * kMega}};
    const auto dialog = open<gui::BurstDialog>("web");
    type(*dialog, "Above", QStringLiteral("50mbit"));
    type(*dialog, "Throttle to", QStringLiteral("5mbit"));
    QTRY_VERIFY(dialog->previewText().startsWith(
        QStringLiteral("In the last 7 days it would have throttled 2 times: ")));
    QVERIFY(dialog->previewText().endsWith(QStringLiteral("The history reaches back only 2 days.")));
    QCOMPARE(
        dialog->sentence(),
        QStringLiteral("When “web” moves more than 50 Mbit/s, both directions together, on average over 15 "
                       "min, each direction is held to 5 Mbit/s for 30 min; then exactly what was before "
                       "applies again."));
    const QVariantMap expected{{QStringLiteral("trigger_bits_per_s"), 50 * kMega},
                               {QStringLiteral("direction"), QStringLiteral("sum")},
                               {QStringLiteral("window_s"), 900U},
                               {QStringLiteral("throttle_bits_per_s"), 5 * kMega},
                               {QStringLiteral("hold_s"), 1800U},
                               {QStringLiteral("enabled"), true}};
    QCOMPARE(fieldsOfLast("PreviewBurst", 1), expected);
    const qint64 from = m_helper->argumentsOfLast("PreviewBurst").at(2).toLongLong();
    QVERIFY(from >= now - 7 * 86'400 && from <= QDateTime::currentSecsSinceEpoch() - 7 * 86'400);
    button(*dialog, "Save")->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SetBurst")), 1);
    QCOMPARE(fieldsOfLast("SetBurst"), expected);
}

void PolicyDialogTest::nothingIsPreviewedWhileOneTypes()
{
    const auto dialog = open<gui::QuotaDialog>("web");
    for (const char *typed :
         {"1 GB", "12 GB", "123 GB"}) // faster than the pause: no event is handled between
        type(*dialog, "Size", QString::fromLatin1(typed));
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("PreviewQuota")), 1);
    QCOMPARE(fieldsOfLast("PreviewQuota", 1).value(QStringLiteral("size_bytes")).toULongLong(), 123 * kGiga);
    QVERIFY(!m_helper->calls.last().interactive); // nobody is asked for a password to look
}

void PolicyDialogTest::aPreviewOfOtherValuesIsDropped()
{
    m_helper->hold(QStringLiteral("PreviewQuota"));
    const auto dialog = open<gui::QuotaDialog>("web");
    type(*dialog, "Size", QStringLiteral("1 GB"));
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("PreviewQuota")), 1);
    type(*dialog, "Size", QStringLiteral("2 GB"));
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("PreviewQuota")), 2);
    m_helper->releaseOne(QStringLiteral("PreviewQuota"));
    bool answered = false;
    m_client->status(this, [&answered](const client::Answer<QVariantMap> &) { answered = true; });
    QTRY_VERIFY(answered);
    QCOMPARE(dialog->previewText(), QString());
    m_helper->release(QStringLiteral("PreviewQuota"));
    QTRY_VERIFY(dialog->previewText().contains(QStringLiteral("of 2.00 GB")));
}

void PolicyDialogTest::aPreviewThatFailsSaysWhy()
{
    m_helper->fail(QStringLiteral("PreviewBurst"), dbus::error::kStorageFailed, QStringLiteral("disk"));
    const auto dialog = open<gui::BurstDialog>("guard");
    QTRY_VERIFY(dialog->previewText().startsWith(QStringLiteral("No preview: ")));
    QVERIFY(button(*dialog, "Save")->isEnabled());
}

void PolicyDialogTest::aRefusalIsShownAndWhatWasTypedStays()
{
    m_helper->fail(QStringLiteral("SetLimit"), dbus::error::kUnsupported, QStringLiteral("no HTB"));
    const auto dialog = open<gui::LimitDialog>("web");
    type(*dialog, "Down", QStringLiteral("20mbit"));
    button(*dialog, "Save")->click();
    QTRY_VERIFY(shows(*dialog, QStringLiteral("This machine cannot do that. (The service says: no HTB)")));
    QVERIFY(dialog->isVisible());
    QCOMPARE(named<QLineEdit>(*dialog, "Down")->text(), QStringLiteral("20mbit"));
    QVERIFY(button(*dialog, "Save")->isEnabled());
    QVERIFY(!m_actions->canUndo());
}

void PolicyDialogTest::aStaleEditShowsTheWatchAsItIsNow()
{
    const auto dialog = open<gui::LimitDialog>("limited");
    m_helper->watches[1].limit.downBitsPerSecond = 9 * kMega;
    m_helper->watches[1].revision = 5; // no frame has told of it
    type(*dialog, "Up", QStringLiteral("1mbit"));
    button(*dialog, "Save")->click();
    QTRY_VERIFY(shows(*dialog, QStringLiteral("This watch was changed elsewhere meanwhile.")));
    QCOMPARE(named<QLineEdit>(*dialog, "Down")->text(), QStringLiteral("9 Mbit/s"));
    button(*dialog, "Save")->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SetLimit")), 2);
    QCOMPARE(m_helper->argumentsOfLast("SetLimit").at(0).toUInt(), 5);
}

void PolicyDialogTest::aSwitchedOffPolicyKeepsItsValues()
{
    const auto dialog = open<gui::BurstDialog>("guard");
    button(*dialog, "Switched on")->click();
    QCOMPARE(dialog->sentence(), QStringLiteral("Switched off: it keeps its values and does nothing."));
    button(*dialog, "Save")->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("SetBurst")), 1);
    QCOMPARE(fieldsOfLast("SetBurst").value(QStringLiteral("enabled")).toBool(), false);
    QCOMPARE(fieldsOfLast("SetBurst").value(QStringLiteral("trigger_bits_per_s")).toULongLong(), 50 * kMega);
}

void PolicyDialogTest::aPausedWatchIsMentioned()
{
    m_helper->watches[3].enabled = false;
    m_helper->publish();
    QTRY_VERIFY(!m_live->watches().watch(QStringLiteral("guard"))->enabled);
    QVERIFY(open<gui::BurstDialog>("guard")->sentence().endsWith(
        QStringLiteral("While the watch is paused, as it is now, nothing is in force.")));
}

void PolicyDialogTest::removingAsksTheHelper()
{
    QVERIFY(!button(*open<gui::QuotaDialog>("web"), "Remove")->isVisible()); // there is none
    const auto dialog = open<gui::QuotaDialog>("quota");
    button(*dialog, "Remove")->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("RemovePolicy")), 1);
    const QVariantList expected{1U, QStringLiteral("quota"), QStringLiteral("quota")};
    QCOMPARE(m_helper->argumentsOfLast("RemovePolicy"), expected);
    QTRY_VERIFY(!dialog->isVisible());
    m_actions->undo();
    QTRY_VERIFY(m_helper->watches.at(2).quota.set);
}

void PolicyDialogTest::everyFieldHasANameForScreenReaders()
{
    const auto check = [](const QDialog &dialog) {
        for (const QLineEdit *line : dialog.findChildren<QLineEdit *>())
            QVERIFY2(!line->accessibleName().isEmpty() || qobject_cast<QComboBox *>(line->parentWidget()),
                     qPrintable(line->placeholderText()));
        for (const QComboBox *box : dialog.findChildren<QComboBox *>())
            QVERIFY(!box->accessibleName().isEmpty());
    };
    check(*open<gui::LimitDialog>("web"));
    check(*open<gui::QuotaDialog>("quota"));
    check(*open<gui::BurstDialog>("guard"));
    const auto dialog = open<gui::LimitDialog>("web");
    type(*dialog, "Down", QStringLiteral("1 kbit"));
    QCOMPARE(named<QLineEdit>(*dialog, "Down")->accessibleDescription(),
             QStringLiteral("It must be 64 kbit/s to 100 Gbit/s."));
}

QTEST_MAIN(PolicyDialogTest)
#include "policy_dialog_test.moc"
