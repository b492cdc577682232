// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/quantities.h"

#include <QRandomGenerator>
#include <QTest>

#include <limits>

using namespace weir::client;

namespace {

using Parse = Understood<quint64> (*)(QStringView);
using Text = QString (*)(quint64);

constexpr quint64 kLargest = std::numeric_limits<quint64>::max();

/// Of every magnitude, also round ones as people set them.
quint64 anyValue(QRandomGenerator &random)
{
    quint64 value = random.generate64() >> random.bounded(64);
    static constexpr quint64 kRound[]{1, 1, 1000, 1'000'000, 1024, 1 << 20, 500'000, 60, 3600};
    const quint64 unit = kRound[random.bounded(9)];
    return value <= kLargest / unit ? value * unit : value;
}

} // namespace

/// What people type for rates, sizes and durations, and what is refused because nobody knows what it means.
class QuantitiesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ratesAreUnderstood_data();
    void ratesAreUnderstood();
    void sizesAreUnderstood_data();
    void sizesAreUnderstood();
    void durationsAreUnderstood_data();
    void durationsAreUnderstood();
    void whatIsNotUnderstoodIsRefusedWithAnExample_data();
    void whatIsNotUnderstoodIsRefusedWithAnExample();
    void hugeTextIsRefusedAndNotRepeated();
    void textsAreShortAndExact();
    void everyTextIsReadBackAsTheSameValue();
};

void QuantitiesTest::ratesAreUnderstood_data()
{
    QTest::addColumn<quint64>("bits");
    const auto row = [](const char *typed, quint64 bits) { QTest::newRow(typed) << bits; };
    for (const char *typed : {"20mbit",
                              "20Mbit",
                              "20MBIT",
                              "20 mbit/s",
                              "20 Mbit/s",
                              "20Mbits/s",
                              "20mbps",
                              "20Mbps",
                              "20 Mb/s",
                              "20Mb",
                              "20m",
                              "20M",
                              " 20 M ",
                              "20000k",
                              "0.02g",
                              "0,02G",
                              "20000000 bit/s",
                              "20000000bps",
                              "20000000 bit",
                              "20.000 mbit",
                              "020mbit",
                              "2.5MB/s",
                              "2.5 MB",
                              "2,5 MB/s",
                              "2.5MBps",
                              "2500 kB/s",
                              "2500KB/s",
                              "2.5 Mbyte/s",
                              "2500000 B/s",
                              "2500000 bytes/s",
                              "20 Mbit/sec"})
        row(typed, 20'000'000);
    row("64kbit", 64'000);
    row("64 Kbit/s", 64'000);
    row("1.5 Gbit/s", 1'500'000'000);
    row("1T", 1'000'000'000'000);
    row("300 KiB/s", 300 * 1024 * 8);
    row("300 kiB/s", 300 * 1024 * 8);
    row("1 Mibit/s", 1'048'576);
    row("1 Mib/s", 1'048'576);
    row("1 GiB/s", 8'589'934'592);
    row("1.3 KiB/s", 10'650); // 10649.6
    row("1.234567 Mbit/s", 1'234'567);
    row(".5 mbit", 500'000);
    row("0.5 B/s", 4);
    row("0 mbit", 0);
    row("1,5 mbit", 1'500'000);
    row("0,125 mbit", 125'000);
    row("18446744073709551615 bit/s", kLargest);
    row("18446744.073709551615 Tbit/s", kLargest);
}

void QuantitiesTest::ratesAreUnderstood()
{
    QFETCH(quint64, bits);
    const auto read = parseRate(QString::fromUtf8(QTest::currentDataTag()));
    QVERIFY2(read.has_value(), qPrintable(read ? QString() : read.error()));
    QCOMPARE(*read, bits);
}

void QuantitiesTest::sizesAreUnderstood_data()
{
    QTest::addColumn<quint64>("bytes");
    const auto row = [](const char *typed, quint64 bytes) { QTest::newRow(typed) << bytes; };
    for (const char *typed : {"100GB", "100 GB", "100gb", "100Gb", "100G", "100g", "0.1TB", "0,1 T",
                              "100000 MB", "100000000000B", "100000000000 bytes", "100 gbyte"})
        row(typed, 100'000'000'000);
    row("1.5 TB", 1'500'000'000'000);
    row("500 MiB", 524'288'000);
    row("500 mib", 524'288'000);
    row("500Mi", 524'288'000);
    row("1024 B", 1024);
    row("1024 b", 1024);
    row("1 byte", 1);
    row("1.3 GiB", 1'395'864'371); // 1395864371.2
    row("1.7 GiB", 1'825'361'101); // 1825361100.8
    row("0.000000000000000001 EB", 1);
    row("18.446744073709551615 EB", kLargest);
    row("0GB", 0);
}

void QuantitiesTest::sizesAreUnderstood()
{
    QFETCH(quint64, bytes);
    const auto read = parseSize(QString::fromUtf8(QTest::currentDataTag()));
    QVERIFY2(read.has_value(), qPrintable(read ? QString() : read.error()));
    QCOMPARE(*read, bytes);
}

void QuantitiesTest::durationsAreUnderstood_data()
{
    QTest::addColumn<quint64>("seconds");
    const auto row = [](const char *typed, quint64 seconds) { QTest::newRow(typed) << seconds; };
    for (const char *typed : {"15min", "15 min", "15m", "15 M", "900s", "900 sec", "0.25h", "15 minutes"})
        row(typed, 900);
    row("90 s", 90);
    row("2h", 7200);
    row("1h30min", 5400);
    row("1 h 30 min", 5400);
    row("1h30m15s", 5415);
    row("1.5 hours", 5400);
    row("1 d", 86'400);
    row("2d 12h", 216'000);
    row("0s", 0);
    row("18446744073709551615 s", kLargest);
}

void QuantitiesTest::durationsAreUnderstood()
{
    QFETCH(quint64, seconds);
    const auto read = parseDuration(QString::fromUtf8(QTest::currentDataTag()));
    QVERIFY2(read.has_value(), qPrintable(read ? QString() : read.error()));
    QCOMPARE(*read, seconds);
}

void QuantitiesTest::whatIsNotUnderstoodIsRefusedWithAnExample_data()
{
    QTest::addColumn<Parse>("parse");
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("error");
    const auto row = [](Parse parse, const char *typed, const char *error) {
        QTest::addRow("%s %s",
                      parse == parseRate       ? "rate"
                          : parse == parseSize ? "size"
                                               : "duration",
                      typed)
            << parse << QString::fromUtf8(typed) << QString::fromUtf8(error);
    };
    row(parseRate, "", "nothing is given: write 20mbit or 2.5MB/s");
    row(parseRate, "   ", "nothing is given: write 20mbit or 2.5MB/s");
    row(parseRate, "20", "'20' has no unit: write 20mbit or 2.5MB/s");
    row(parseRate, "20mb/s", "'20mb/s' may mean bits or bytes: write 20mbit or 20MB/s");
    row(parseRate, "2.5 mb", "'2.5 mb' may mean bits or bytes: write 2.5mbit or 2.5MB/s");
    row(parseRate, "20kb", "'20kb' may mean bits or bytes: write 20kbit or 20KB/s");
    row(parseRate, "20Kb/s", "'20Kb/s' may mean bits or bytes: write 20kbit or 20KB/s");
    row(parseRate, "20MBPS", "'20MBPS' may mean bits or bytes: write 20mbit or 20MB/s");
    row(parseRate, "20 b/s", "'20 b/s' may mean bits or bytes: write 20bit or 20B/s");
    row(parseRate, "20 M/s", "'20 M/s' has a unit that is not known: write 20mbit or 2.5MB/s");
    row(parseRate, "20 Mi", "'20 Mi' has a unit that is not known: write 20mbit or 2.5MB/s");
    row(parseRate, "20 Mbit/h", "'20 Mbit/h' has a unit that is not known: write 20mbit or 2.5MB/s");
    row(parseRate, "20 µbit", "'20 µbit' has a unit that is not known: write 20mbit or 2.5MB/s");
    row(parseRate, "1e6 bit/s", "'1e6 bit/s' has a unit that is not known: write 20mbit or 2.5MB/s");
    row(parseRate, "-5mbit", "'-5mbit' is below nothing: write 20mbit or 2.5MB/s");
    row(parseRate, "+5mbit", "'+5mbit' does not begin with a number: write 20mbit or 2.5MB/s");
    row(parseRate, "nan", "'nan' does not begin with a number: write 20mbit or 2.5MB/s");
    row(parseRate, "inf mbit", "'inf mbit' does not begin with a number: write 20mbit or 2.5MB/s");
    row(parseRate, "0x20mbit", "'0x20mbit' has a unit that is not known: write 20mbit or 2.5MB/s");
    row(parseRate, "２０mbit", "'２０mbit' does not begin with a number: write 20mbit or 2.5MB/s");
    row(parseRate, "2٠mbit", "'2٠mbit' has a unit that is not known: write 20mbit or 2.5MB/s");
    row(parseRate, ".mbit", "'.mbit' has no number that can be read: write 20mbit or 2.5MB/s");
    row(parseRate, "20.mbit", "'20.mbit' has no number that can be read: write 20mbit or 2.5MB/s");
    row(parseRate, "1.000.000bit", "'1.000.000bit' has no number that can be read: write 20mbit or 2.5MB/s");
    row(parseRate, "1,000 kbit",
        "'1,000 kbit' can be read in two ways, with a comma before three digits: write 20mbit or 2.5MB/s");
    row(parseRate, "20 000 kbit", "'20 000 kbit' has a unit that is not known: write 20mbit or 2.5MB/s");
    row(parseRate, "1.5 bit/s", "'1.5 bit/s' is finer than can be counted: write 20mbit or 2.5MB/s");
    row(parseRate, "0.00001 KiB/s", "'0.00001 KiB/s' is finer than can be counted: write 20mbit or 2.5MB/s");
    row(parseRate, "1.0000000000000000000 mbit",
        "'1.0000000000000000000 mbit' has too many decimals: write 20mbit or 2.5MB/s");
    row(parseRate, "18446744073709551616 bit/s",
        "'18446744073709551616 bit/s' is too much: write 20mbit or 2.5MB/s");
    row(parseRate, "18446744073709551615 kbit",
        "'18446744073709551615 kbit' is too much: write 20mbit or 2.5MB/s");
    row(parseSize, "100", "'100' has no unit: write 100GB or 500MiB");
    row(parseSize, "100 Gbit", "'100 Gbit' counts bits, and a size is in bytes: write 100GB or 500MiB");
    row(parseSize, "100 GB/s", "'100 GB/s' has a unit that is not known: write 100GB or 500MiB");
    row(parseSize, "unlimited", "'unlimited' does not begin with a number: write 100GB or 500MiB");
    row(parseSize, "19 EB", "'19 EB' is too much: write 100GB or 500MiB");
    row(parseSize, "16 EiB", "'16 EiB' is too much: write 100GB or 500MiB");
    row(parseSize, "0.5 B", "'0.5 B' is finer than can be counted: write 100GB or 500MiB");
    row(parseDuration, "", "nothing is given: write 90s, 15min or 1h30min");
    row(parseDuration, "15", "'15' has no unit: write 90s, 15min or 1h30min");
    row(parseDuration, "1h30", "'30' has no unit: write 90s, 15min or 1h30min");
    row(parseDuration, "1:30", "'1:30' has a unit that is not known: write 90s, 15min or 1h30min");
    row(parseDuration, "30min1h", "'30min1h' has its units in no order: write 90s, 15min or 1h30min");
    row(parseDuration, "1h1h", "'1h1h' has its units in no order: write 90s, 15min or 1h30min");
    row(parseDuration, "1h-30min", "'-30min' is below nothing: write 90s, 15min or 1h30min");
    row(parseDuration, "2 fortnights",
        "'2 fortnights' has a unit that is not known: write 90s, 15min or 1h30min");
    row(parseDuration, "1.5 s", "'1.5 s' is finer than can be counted: write 90s, 15min or 1h30min");
    row(parseDuration, "1min 18446744073709551600s",
        "'1min 18446744073709551600s' is too much: write 90s, 15min or 1h30min");
}

void QuantitiesTest::whatIsNotUnderstoodIsRefusedWithAnExample()
{
    QFETCH(Parse, parse);
    QFETCH(QString, typed);
    QFETCH(QString, error);
    const auto read = parse(typed);
    QVERIFY2(!read.has_value(), qPrintable(QString::number(read.value_or(0))));
    QCOMPARE(read.error(), error);
}

void QuantitiesTest::hugeTextIsRefusedAndNotRepeated()
{
    for (const Parse parse : {parseRate, parseSize, parseDuration}) {
        const auto read = parse(QString(10'000'000, QLatin1Char('9')));
        QVERIFY(!read.has_value());
        QVERIFY2(read.error().size() < 100, qPrintable(read.error().left(200)));
    }
}

void QuantitiesTest::textsAreShortAndExact()
{
    QCOMPARE(rateText(20'000'000), QStringLiteral("20 Mbit/s"));
    QCOMPARE(rateText(2'500'000), QStringLiteral("2.5 Mbit/s"));
    QCOMPARE(rateText(64'000), QStringLiteral("64 kbit/s"));
    QCOMPARE(rateText(1'234'567), QStringLiteral("1.234567 Mbit/s"));
    QCOMPARE(rateText(100'000'000'000), QStringLiteral("100 Gbit/s"));
    QCOMPARE(rateText(0), QStringLiteral("0 bit/s"));
    QCOMPARE(sizeText(100'000'000'000), QStringLiteral("100 GB"));
    QCOMPARE(sizeText(1'500'000'000'000), QStringLiteral("1.5 TB"));
    QCOMPARE(sizeText(524'288'000), QStringLiteral("500 MiB"));
    QCOMPARE(sizeText(1'234'567), QStringLiteral("1234567 B"));
    QCOMPARE(sizeText(1000), QStringLiteral("1 kB"));
    QCOMPARE(sizeText(0), QStringLiteral("0 B"));
    QCOMPARE(durationText(900), QStringLiteral("15 min"));
    QCOMPARE(durationText(5400), QStringLiteral("1 h 30 min"));
    QCOMPARE(durationText(90), QStringLiteral("1 min 30 s"));
    QCOMPARE(durationText(86'400), QStringLiteral("1 d"));
    QCOMPARE(durationText(0), QStringLiteral("0 s"));
}

void QuantitiesTest::everyTextIsReadBackAsTheSameValue()
{
    QRandomGenerator random(20'260'301);
    const std::pair<Text, Parse> pairs[]{
        {rateText, parseRate}, {sizeText, parseSize}, {durationText, parseDuration}};
    for (const auto &[text, parse] : pairs) {
        for (int i = 0; i < 20'000; ++i) {
            const quint64 value = i == 0 ? kLargest : anyValue(random);
            const auto read = parse(text(value));
            QVERIFY2(read.has_value(), qPrintable(text(value)));
            QCOMPARE(*read, value);
        }
    }
}

QTEST_GUILESS_MAIN(QuantitiesTest)
#include "quantities_test.moc"
