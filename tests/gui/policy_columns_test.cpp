// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/language.h"
#include "app/gui/policy_columns.h"
#include "app/gui/policy_sentences.h"
#include "app/gui/policy_texts.h"
#include "app/gui/quantity_edit.h"
#include "app/gui/watch_model.h"
#include "tests/gui/policy_rows.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace weir;
using namespace weir::gui;
using namespace weir::test;

namespace {

QStringList names(const QAbstractItemModel &model)
{
    QStringList texts;
    for (int row = 0; row < model.rowCount(); ++row)
        texts.append(model.index(row, WatchModel::Name).data().toString());
    return texts;
}

} // namespace

/// What the table of watches says of limits, quotas and burst guards; and the sentences of their editors.
class PolicyColumnsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();

    void limitsShowTheRateInForceAndWhy_data();
    void limitsShowTheRateInForceAndWhy();
    void aLimitThatRestsSaysWhy_data();
    void aLimitThatRestsSaysWhy();
    void quotasShowWhatIsUsedAndWhatHappened_data();
    void quotasShowWhatIsUsedAndWhatHappened();
    void theTipOfAQuotaTellsWhatItsBarCannot();
    void burstGuardsCountDownByTheHelpersClock();
    void aProblemOfALimitIsMarkedAndTold();
    void columnsSortByWhatTheyMean_data();
    void columnsSortByWhatTheyMean();
    void onlyLimitsAreEditedInPlace();
    void figuresOfThePastAreGreyAndStandStill();
    void theFullestQuotasComeFirst();

    void quantitiesAreEchoedOrRefusedWithTheirRange_data();
    void quantitiesAreEchoedOrRefusedWithTheirRange();
    void aQuotaIsSaidInASentence_data();
    void aQuotaIsSaidInASentence();
    void thePastOfABurstGuardIsSaidInASentence();
};

void PolicyColumnsTest::initTestCase()
{
    qputenv("TZ", "UTC");
    initResources();
    QVERIFY(setLanguage(QLocale(QLocale::English, QLocale::UnitedStates)));
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
}

void PolicyColumnsTest::limitsShowTheRateInForceAndWhy_data()
{
    QTest::addColumn<qulonglong>("own");
    QTest::addColumn<bool>("enabled");
    QTest::addColumn<qulonglong>("inForce");
    QTest::addColumn<QString>("reason");
    QTest::addColumn<QString>("shown");
    QTest::addColumn<QVariant>("box");
    QTest::addColumn<bool>("marked");
    QTest::addColumn<QString>("tip");
    QTest::addColumn<QString>("spoken");
    QTest::addRow("none") << 0ULL << false << 0ULL << ""
                          << "—" << QVariant() << false << "What “web” receives is not limited."
                          << "Limit down: none";
    QTest::addRow("in force") << 20 * kMega << true << 20 * kMega << "limit"
                              << "20 Mbit/s" << QVariant(Qt::Checked) << false
                              << "What “web” receives is held to 20 Mbit/s."
                              << "Limit down: 20 Mbit/s";
    QTest::addRow("switched off") << 20 * kMega << false << 0ULL << ""
                                  << "20 Mbit/s" << QVariant(Qt::Unchecked) << false
                                  << "20 Mbit/s, switched off."
                                  << "Limit down: 20 Mbit/s, switched off";
    QTest::addRow("burst guard") << 50 * kMega << true << 5 * kMega << "burst"
                                 << "5 Mbit/s" << QVariant(Qt::Checked) << true
                                 << "5 Mbit/s: burst guard, 12:40 left; your own limit is 50 Mbit/s."
                                 << "Limit down: 5 Mbit/s by the burst guard";
    QTest::addRow("burst guard alone")
        << 0ULL << false << 5 * kMega << "burst"
        << "5 Mbit/s" << QVariant() << true << "5 Mbit/s: burst guard, 12:40 left."
        << "Limit down: 5 Mbit/s by the burst guard";
    QTest::addRow("quota") << 50 * kMega << true << kMega << "quota"
                           << "1 Mbit/s" << QVariant(Qt::Checked) << true
                           << "1 Mbit/s: the quota is used up, until 1 Dec; your own limit is 50 Mbit/s."
                           << "Limit down: 1 Mbit/s by the quota";
}

void PolicyColumnsTest::limitsShowTheRateInForceAndWhy()
{
    QFETCH(qulonglong, own);
    QFETCH(bool, enabled);
    QFETCH(qulonglong, inForce);
    QFETCH(QString, reason);
    dbus::WatchRow row = watchRow(QStringLiteral("web"));
    row.limit.set = own != 0;
    row.limit.enabled = enabled;
    row.limit.downBitsPerSecond = own;
    row.limit.downInForceBitsPerSecond = inForce;
    row.limit.downReason = reason;
    row.quota.periodEnd = 1'701'388'800;
    row.burst.throttledUntil = 1'700'000'000 + 760;
    WatchModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.applyFrame(true, 1'700'000'000'000, {row}, {});
    model.setStale(true); // the clock stands still
    const QModelIndex cell = model.index(0, WatchModel::LimitDown);
    QTEST(cell.data().toString(), "shown");
    QFETCH(QVariant, box);
    QCOMPARE(cell.data(Qt::CheckStateRole).isValid(), box.isValid());
    QCOMPARE(cell.data(Qt::CheckStateRole).toInt(), box.toInt());
    QTEST(cell.data(Qt::DecorationRole).isValid(), "marked");
    QTEST(cell.data(Qt::ToolTipRole).toString().section(QLatin1Char('\n'), 0, 0), "tip");
    QCOMPARE(cell.data(Qt::AccessibleDescriptionRole), cell.data(Qt::ToolTipRole));
    QTEST(cell.data(Qt::AccessibleTextRole).toString(), "spoken");
    QCOMPARE(cell.data(kRawRole).toULongLong(), own);
    QCOMPARE(model.index(0, WatchModel::LimitUp).data().toString(), QStringLiteral("—"));
}

void PolicyColumnsTest::aLimitThatRestsSaysWhy_data()
{
    QTest::addColumn<bool>("counting");
    QTest::addColumn<QString>("when");
    QTest::addColumn<QString>("tip");
    QTest::addRow("schedule") << true << "mon-fri 08:00-18:00"
                              << "5 Mbit/s, not in force now: it holds mon-fri 08:00-18:00.";
    QTest::addRow("paused") << false << ""
                            << "5 Mbit/s, not in force: the watch is paused.";
}

void PolicyColumnsTest::aLimitThatRestsSaysWhy()
{
    QFETCH(bool, counting);
    QFETCH(QString, when);
    dbus::WatchRow row = limitedRow(QStringLiteral("web"), 0, 5 * kMega);
    row.limit.upInForceBitsPerSecond = 0;
    row.limit.upReason.clear();
    row.limit.when = when;
    row.enabled = counting;
    WatchModel model;
    model.applyFrame(true, 1000, {row}, {});
    const QModelIndex cell = model.index(0, WatchModel::LimitUp);
    QCOMPARE(cell.data().toString(), QStringLiteral("5 Mbit/s"));
    QVERIFY(cell.data(Qt::DecorationRole).isValid());
    QTEST(cell.data(Qt::ToolTipRole).toString().section(QLatin1Char('\n'), 0, 0), "tip");
    QCOMPARE(cell.data(Qt::AccessibleTextRole).toString(),
             QStringLiteral("Limit up: 5 Mbit/s, not in force now"));
}

void PolicyColumnsTest::quotasShowWhatIsUsedAndWhatHappened_data()
{
    QTest::addColumn<qulonglong>("used");
    QTest::addColumn<QString>("state");
    QTest::addColumn<QString>("shown");
    QTest::addColumn<int>("level");
    QTest::addColumn<bool>("marked");
    QTest::addRow("some") << 12'300 * kMega << "counting"
                          << "12.3 of 100 GB" << int(QuotaLevel::Fine) << false;
    QTest::addRow("another unit") << 999 * kMega << "counting"
                                  << "999 MB of 100 GB" << int(QuotaLevel::Fine) << false;
    QTest::addRow("nearly all") << 80 * kGiga << "counting"
                                << "80.0 of 100 GB" << int(QuotaLevel::Near) << false;
    QTest::addRow("over") << 103 * kGiga << "over"
                          << "Used up, 103 %" << int(QuotaLevel::Over) << true;
    QTest::addRow("throttled") << 100 * kGiga << "throttled"
                               << "Throttled, 100 %" << int(QuotaLevel::Over) << true;
    QTest::addRow("blocked") << 101 * kGiga << "blocked"
                             << "Blocked, 101 %" << int(QuotaLevel::Over) << true;
    QTest::addRow("off") << 101 * kGiga << "off"
                         << "Off, 100 GB" << int(QuotaLevel::Off) << false;
}

void PolicyColumnsTest::quotasShowWhatIsUsedAndWhatHappened()
{
    QFETCH(qulonglong, used);
    QFETCH(QString, state);
    const dbus::WatchRow row = quotaRow(QStringLiteral("web"), 100 * kGiga, used, state);
    WatchModel model;
    model.applyFrame(true, 1000, {row}, {});
    const QModelIndex cell = model.index(0, WatchModel::Quota);
    QTEST(cell.data().toString(), "shown");
    QTEST(int(levelOf(row.quota)), "level");
    QTEST(cell.data(Qt::DecorationRole).isValid(), "marked");
    QCOMPARE(cell.data(Qt::AccessibleTextRole).toString(),
             QStringLiteral("Quota: ") + cell.data().toString());
    QCOMPARE(cell.data(kRawRole).toULongLong(), used);
}

void PolicyColumnsTest::theTipOfAQuotaTellsWhatItsBarCannot()
{
    dbus::WatchRow row = quotaRow(QStringLiteral("web"), 100 * kGiga, 12'300 * kMega);
    row.quota.projectedBytes = 31 * kGiga;
    row.quota.droppedRxBytes = 5 * kMega;
    row.quota.calibrated = row.quota.begunByHand = true;
    const QString tip = text::quotaTip(row);
    for (const char *part :
         {"Used: 12.3 of 100 GB, 12.3 %", "87.7 GB remaining.",
          "Period: 1 Nov 2023 00:00 to 1 Dec 2023 00:00", "This period was begun by hand.",
          "Corrected to what the provider says.", "If it goes on so: 31.0 GB at the end of the period",
          "Dropped by the quota: down 5.00 MB, up 0 B"})
        QVERIFY2(tip.contains(QString::fromUtf8(part)), qPrintable(tip));
    QCOMPARE(text::quotaOutlook(row.quota), QStringLiteral("Resets 1 Dec · 31.0 GB at this pace"));
}

void PolicyColumnsTest::burstGuardsCountDownByTheHelpersClock()
{
    dbus::WatchRow row = guardedRow(QStringLiteral("web"), QStringLiteral("throttled"));
    row.burst.throttledUntil = 1'700'000'000 + 760;
    WatchModel model;
    model.applyFrame(
        true, 1'700'000'000'000,
        {row, guardedRow(QStringLiteral("armed")), guardedRow(QStringLiteral("off"), QStringLiteral("off"))},
        {});
    QVERIFY(model.countsDown());
    model.setStale(true);
    QVERIFY(!model.countsDown());
    model.sort(WatchModel::Burst, Qt::DescendingOrder);
    const auto cell = [&model](int at) { return model.index(at, WatchModel::Burst); };
    QCOMPARE(cell(0).data().toString(), QStringLiteral("Throttled, 12:40 left"));
    QCOMPARE(cell(1).data().toString(), QStringLiteral("Armed"));
    QCOMPARE(cell(2).data().toString(), QStringLiteral("Off"));
    for (int at = 0; at < 3; ++at)
        QVERIFY(cell(at).data(Qt::DecorationRole).isValid());
    QCOMPARE(text::burstCell(row.burst, 1'700'000'000 + 760 - 3723),
             QStringLiteral("Throttled, 1:02:03 left"));
    QCOMPARE(text::burstCell(row.burst, 1'700'009'999), QStringLiteral("Throttled, 0:00 left"));
}

void PolicyColumnsTest::aProblemOfALimitIsMarkedAndTold()
{
    dbus::WatchRow row = limitedRow(QStringLiteral("web"), 5 * kMega, 0);
    row.limit.problem = QStringLiteral("its common ports obey the lower limit of 'b'");
    WatchModel model;
    model.applyFrame(true, 1000, {row}, {});
    const QModelIndex down = model.index(0, WatchModel::LimitDown);
    QVERIFY(down.data(Qt::DecorationRole).isValid());
    QVERIFY(down.data(Qt::ToolTipRole)
                .toString()
                .contains(QStringLiteral(
                    "Not in force as it was set: its common ports obey the lower limit of 'b'")));
    QVERIFY(!model.index(0, WatchModel::LimitUp).data(Qt::DecorationRole).isValid());
}

void PolicyColumnsTest::columnsSortByWhatTheyMean_data()
{
    QTest::addColumn<int>("column");
    QTest::addColumn<QString>("ascending");
    // "b" is throttled to 1 by its quota; "d" has nothing and stands behind every limit.
    QTest::addRow("limit down") << int(WatchModel::LimitDown) << "b a c d";
    QTest::addRow("quota") << int(WatchModel::Quota) << "d c a b";
    QTest::addRow("burst guard") << int(WatchModel::Burst) << "b d c a";
}

void PolicyColumnsTest::columnsSortByWhatTheyMean()
{
    QFETCH(int, column);
    QFETCH(QString, ascending);
    dbus::WatchRow a = limitedRow(QStringLiteral("a"), 5 * kMega, 0);
    a.quota = quotaRow({}, 10 * kGiga, 5 * kGiga).quota;
    a.burst = guardedRow({}, QStringLiteral("throttled")).burst;
    dbus::WatchRow b = limitedRow(QStringLiteral("b"), 50 * kMega, 0);
    b.limit.downInForceBitsPerSecond = kMega;
    b.quota = quotaRow({}, kGiga, kGiga).quota; // less than a's, but all of it
    dbus::WatchRow c = limitedRow(QStringLiteral("c"), 20 * kMega, 0);
    c.quota = quotaRow({}, 1000 * kGiga, 20 * kGiga).quota;
    c.burst = guardedRow({}).burst;
    WatchModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.applyFrame(true, 1000, {a, b, c, watchRow(QStringLiteral("d"))}, {});
    model.sort(column, Qt::AscendingOrder);
    QCOMPARE(names(model).join(QLatin1Char(' ')), ascending);
}

void PolicyColumnsTest::onlyLimitsAreEditedInPlace()
{
    WatchModel model;
    model.applyFrame(true, 1000, {limitedRow(QStringLiteral("web"), 2'500'000, 0)}, {});
    for (int column = 0; column < WatchModel::ColumnCount; ++column)
        QCOMPARE(bool(model.flags(model.index(0, column)) & Qt::ItemIsEditable),
                 column == WatchModel::LimitDown || column == WatchModel::LimitUp);
    QCOMPARE(model.index(0, WatchModel::LimitDown).data(Qt::EditRole).toString(),
             QStringLiteral("2.5 Mbit/s"));
    QCOMPARE(model.index(0, WatchModel::LimitUp).data(Qt::EditRole).toString(), QString());
}

void PolicyColumnsTest::figuresOfThePastAreGreyAndStandStill()
{
    WatchModel model;
    model.applyFrame(true, 1'700'000'000'000,
                     {quotaRow(QStringLiteral("web"), kGiga, 2 * kGiga, QStringLiteral("blocked"))}, {});
    const QModelIndex cell = model.index(0, WatchModel::Quota);
    const QVariant live = cell.data(Qt::ForegroundRole);
    model.setStale(true);
    QVERIFY(cell.data(Qt::ForegroundRole) != live);
    QVERIFY(cell.data(kStaleRole).toBool());
    const qint64 then = model.now();
    QTest::qWait(20);
    QCOMPARE(model.now(), then);
}

void PolicyColumnsTest::theFullestQuotasComeFirst()
{
    WatchModel model;
    model.applyFrame(true, 1000,
                     {quotaRow(QStringLiteral("half"), 100, 50), watchRow(QStringLiteral("none")),
                      quotaRow(QStringLiteral("full"), 10, 11), quotaRow(QStringLiteral("little"), 1000, 60)},
                     {});
    int all = 0;
    const QList<dbus::WatchRow> fullest = model.fullestQuotas(2, all);
    QCOMPARE(all, 3);
    QCOMPARE(fullest.size(), 2);
    QCOMPARE(fullest.at(0).name, QStringLiteral("full"));
    QCOMPARE(fullest.at(1).name, QStringLiteral("half"));
}

void PolicyColumnsTest::quantitiesAreEchoedOrRefusedWithTheirRange_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<bool>("optional");
    QTest::addColumn<QString>("typed");
    QTest::addColumn<bool>("fits");
    QTest::addColumn<qulonglong>("value");
    QTest::addColumn<QString>("told");
    const int rate = int(Quantity::Kind::Rate);
    const int size = int(Quantity::Kind::Size);
    const int time = int(Quantity::Kind::Duration);
    QTest::addRow("rate") << rate << false << "20mbit" << true << 20 * kMega << "= 20 Mbit/s";
    QTest::addRow("bytes") << rate << false << " 2.5 MB/s" << true << 20 * kMega << "= 20 Mbit/s";
    QTest::addRow("least") << rate << false << "64kbit" << true << 64'000ULL << "= 64 kbit/s";
    QTest::addRow("too slow") << rate << false << "63999 bit/s" << false << 0ULL
                              << "It must be 64 kbit/s to 100 Gbit/s.";
    QTest::addRow("most") << rate << false << "100 Gbit/s" << true << 100'000 * kMega << "= 100 Gbit/s";
    QTest::addRow("too fast") << rate << false << "100.1 Gbit/s" << false << 0ULL
                              << "It must be 64 kbit/s to 100 Gbit/s.";
    QTest::addRow("no unit") << rate << false << "20" << false << 0ULL
                             << "“20” has no unit: write it such as 20 Mbit/s or 2.5 MB/s.";
    QTest::addRow("nonsense")
        << rate << false << "fast" << false << 0ULL
        << "“fast” is not understood: write a number with its unit, such as 20 Mbit/s or "
           "2.5 MB/s.";
    QTest::addRow("nothing") << rate << false << "" << false << 0ULL
                             << "Type a number with its unit, such as 20 Mbit/s or 2.5 MB/s.";
    QTest::addRow("nothing, allowed") << rate << true << " " << true << 0ULL << "No limit in this direction";
    QTest::addRow("none, allowed") << rate << true << "None" << true << 0ULL << "No limit in this direction";
    QTest::addRow("size") << size << false << "1.5 TB" << true << 1500 * kGiga << "= 1.5 TB";
    QTest::addRow("no size") << size << false << "0 B" << false << 0ULL
                             << "At least 1 byte and at most 9 EB.";
    QTest::addRow("time") << time << false << "1h30min" << true << 5400ULL << "= 1 h 30 min";
    QTest::addRow("too short") << time << false << "4 s" << false << 0ULL << "It must be 5 s to 1 d.";
}

void PolicyColumnsTest::quantitiesAreEchoedOrRefusedWithTheirRange()
{
    QFETCH(int, kind);
    QFETCH(bool, optional);
    QFETCH(QString, typed);
    QFETCH(qulonglong, value);
    Quantity quantity{Quantity::Kind(kind), kMinRateBits, kMaxRateBits, optional};
    if (quantity.kind == Quantity::Kind::Size)
        quantity = {quantity.kind, 1, kMaxQuotaBytes};
    else if (quantity.kind == Quantity::Kind::Duration)
        quantity = {quantity.kind, 5, 86'400};
    const Reading reading = read(quantity, typed);
    QTEST(reading.told, "told");
    QTEST(reading.fits, "fits");
    QCOMPARE(reading.value.value_or(0), value);
}

void PolicyColumnsTest::aQuotaIsSaidInASentence_data()
{
    QTest::addColumn<QString>("resetDay");
    QTest::addColumn<QString>("billing");
    QTest::addColumn<QString>("overflow");
    QTest::addColumn<QString>("exempt");
    QTest::addColumn<QString>("said");
    QTest::addRow("block")
        << "1"
        << "sum"
        << "block"
        << "local,22"
        << "When “web” has moved more than 100 GB, in and out, between the 1st of a month "
           "and the next, everything it carries is blocked until then, except local traffic "
           "and port 22. It tells at 30, 50, 80, 100 %.";
    QTest::addRow("block all")
        << "22"
        << "in"
        << "block"
        << ""
        << "When “web” has moved more than 100 GB, in, between the 22nd of a month and "
           "the next, everything it carries is blocked until then. It tells at 30, 50, "
           "80, 100 %.";
    QTest::addRow("throttle")
        << "last"
        << "max"
        << "throttle"
        << ""
        << "When “web” has moved more than 100 GB, in or out, whichever is more, between "
           "the last day of a month and the next, it is held to 1 Mbit/s in each "
           "direction until then. It tells at 30, 50, 80, 100 %.";
    QTest::addRow("notify")
        << "13"
        << "out"
        << "notify"
        << ""
        << "When “web” has moved more than 100 GB, out, between the 13th of a month and the "
           "next, you are told, and nothing else happens. It tells at 30, 50, 80, 100 %.";
}

void PolicyColumnsTest::aQuotaIsSaidInASentence()
{
    dbus::QuotaState quota = quotaRow({}, 100 * kGiga, 0).quota;
    QFETCH(QString, resetDay);
    QFETCH(QString, billing);
    QFETCH(QString, overflow);
    QFETCH(QString, exempt);
    quota.resetDay = resetDay;
    quota.billing = billing;
    quota.overflow = overflow;
    quota.exempt = exempt;
    quota.throttleBitsPerSecond = kMega;
    QTEST(text::quotaSentence(QStringLiteral("web"), quota), "said");
}

void PolicyColumnsTest::thePastOfABurstGuardIsSaidInASentence()
{
    constexpr qint64 now = 1'700'000'000; // Tuesday, 14 November 2023, 22:13:20 UTC
    constexpr qint64 from = now - 7 * 86'400;
    client::BurstPreview preview{from, 60, {}};
    QCOMPARE(text::burstPreview(preview, from, now, 900),
             QStringLiteral("In the last 7 days it would have throttled nothing."));
    preview.knownFrom = now - 2 * 86'400;
    QCOMPARE(
        text::burstPreview(preview, from, now, 60),
        QStringLiteral("In the last 7 days it would have throttled nothing. The history reaches back only 2 "
                       "days. The history knows steps of 1 min: a window as short as this is not seen "
                       "well."));
    preview.knownFrom = from;
    preview.triggers = {{now - 86'400, now - 86'400 + 1800, 61 * kMega}};
    QCOMPARE(text::burstPreview(preview, from, now, 900),
             QStringLiteral("In the last 7 days it would have throttled once: Mon 22:13–22:43."));
    preview.triggers = {8, {now - 3600, now + 4 * 3600, 61 * kMega}};
    QCOMPARE(text::burstPreview(preview, from, now, 900).count(QStringLiteral("Tue 21:13–Wed 02:13")), 6);
}

QTEST_MAIN(PolicyColumnsTest)
#include "policy_columns_test.moc"
