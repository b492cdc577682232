// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/accounting.h"
#include "helper/engine/address.h"
#include "helper/engine/ports.h"
#include "helper/engine/rates.h"
#include "helper/engine/settings.h"
#include "helper/engine/watch_rules.h"
#include "helper/store/port_text.h"

#include <QTest>

#include <cmath>

using namespace std::chrono_literals;

namespace weir {

namespace {

const QString kBoot = QStringLiteral("boot-1");

ScopedTraffic internet(quint64 rx, quint64 tx)
{
    return {{rx, tx, 0, 0}, {}};
}

WatchSpec named(const QString &name)
{
    WatchSpec spec;
    spec.name = name;
    spec.ports = {{80, 80}};
    return spec;
}

bool refused(const Result<void> &result, const char *part)
{
    return !result && result.error().kind == ErrorKind::InvalidArgument
        && result.error().message.contains(QLatin1String(part));
}

} // namespace

class ValuesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void addressesAreReadAndWrittenInTheirShortestForm();
    void whatIsNoAddressIsRefused_data();
    void whatIsNoAddressIsRefused();
    void hostBitsOfAPrefixAreCleared();
    void prefixesOfOddLengthsHoldTheirAddresses();
    void prefixLengthsOutOfRangeAreNamed();
    void portRangesAreMergedWhereTheyTouch();
    void portsAtBothEndsAreFound();
    void portTextReadsBack();
    void textThatIsNoPortListIsRefused_data();
    void textThatIsNoPortListIsRefused();

    void growthIsCreditedWithinAGeneration();
    void aNewGenerationOrBootOrLinkIsCreditedWhole();
    void aBaselineThatWasNeverSetBeginsNow();
    void aValueThatDipsAndRecoversIsCreditedOnce();
    void countersWithTheirHighestBitSetStillGrow();
    void aLinkCounterThatIsLowerBeganAgain();
    void unmeteredIsWhatNeitherWayOfCountingExplains();

    void twoSamplesMakeARate();
    void aGapOverFiveSecondsOrANewGenerationMakesNoRate();
    void anIdleTrackHoldsNoMemory();
    void aTrackRemembersHolesAndTraffic();
    void aMissedSecondIsAHole();

    void namesHaveOneToSixtyFourCharacters();
    void namesWithControlOrFormatCharactersAreRefused_data();
    void namesWithControlOrFormatCharactersAreRefused();
    void notesMayHaveLineBreaksAndAThousandCharacters();
    void aWatchNeedsPortsOrALinkButNotBoth();
    void anEditCannotChangeTheKind();

    void settingsAreEchoedInCanonicalForm();
    void settingsOutOfRangeNameKeyAndRange_data();
    void settingsOutOfRangeNameKeyAndRange();
    void storedSettingsThatAreNotUnderstoodLeaveTheDefaults();
};

void ValuesTest::addressesAreReadAndWrittenInTheirShortestForm()
{
    QCOMPARE(toString(parseAddress(u"192.0.2.1").value()), QStringLiteral("192.0.2.1"));
    QCOMPARE(toString(parseAddress(u"2001:0db8:0000:0000:0000:0000:0000:0001").value()),
             QStringLiteral("2001:db8::1"));
    QVERIFY(!parseAddress(u"0.0.0.0")->v6);
    QVERIFY(parseAddress(u"::")->v6);
}

void ValuesTest::whatIsNoAddressIsRefused_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : {"", "192.0.2", "192.0.2.256", "192.0.2.1 ", "1:2", "2001:db8::g", "localhost",
                             "192.0.2.1/32", "::1%lo"})
        QTest::newRow(text) << QString::fromLatin1(text);
    QTest::newRow("zero byte") << QStringLiteral("192.0.2.1") + QChar(0) + QStringLiteral("x");
    QTest::newRow("10 kB") << QString(10000, QLatin1Char('1'));
}

void ValuesTest::whatIsNoAddressIsRefused()
{
    QFETCH(QString, text);
    QVERIFY(!parseAddress(text));
}

void ValuesTest::hostBitsOfAPrefixAreCleared()
{
    QCOMPARE(toString(parsePrefix(u"10.1.2.3/8").value()), QStringLiteral("10.0.0.0/8"));
    QCOMPARE(toString(parsePrefix(u"10.1.2.3/31").value()), QStringLiteral("10.1.2.2/31"));
    QCOMPARE(toString(parsePrefix(u"2001:db8:ffff::1/33").value()), QStringLiteral("2001:db8:8000::/33"));
    QCOMPARE(toString(parsePrefix(u"192.0.2.1").value()), QStringLiteral("192.0.2.1/32"));
    QCOMPARE(toString(parsePrefix(u"::1").value()), QStringLiteral("::1/128"));
    QCOMPARE(toString(parsePrefix(u"255.255.255.255/0").value()), QStringLiteral("0.0.0.0/0"));
}

void ValuesTest::prefixesOfOddLengthsHoldTheirAddresses()
{
    const Prefix shared = parsePrefix(u"100.64.0.0/10").value();
    QVERIFY(contains(shared, parseAddress(u"100.127.255.255").value()));
    QVERIFY(!contains(shared, parseAddress(u"100.128.0.0").value()));
    QVERIFY(contains(parsePrefix(u"fe80::/10").value(), parseAddress(u"febf::1").value()));
    QVERIFY(!contains(parsePrefix(u"fe80::/10").value(), parseAddress(u"fec0::1").value()));
    QVERIFY(!contains(parsePrefix(u"::/0").value(), parseAddress(u"192.0.2.1").value()));
}

void ValuesTest::prefixLengthsOutOfRangeAreNamed()
{
    QVERIFY(parsePrefix(u"10.0.0.0/33").error().message.contains(QStringLiteral("0-32")));
    QVERIFY(parsePrefix(u"::/129").error().message.contains(QStringLiteral("0-128")));
    for (const char16_t *text :
         {u"10.0.0.0/", u"10.0.0.0/-1", u"10.0.0.0/+8", u"10.0.0.0/8 ", u"10.0.0.0/8/8", u"/8"})
        QVERIFY(!parsePrefix(QStringView(text)));
}

void ValuesTest::portRangesAreMergedWhereTheyTouch()
{
    QCOMPARE(normalized({{90, 95}, {80, 80}, {81, 85}, {93, 99}}), PortRanges({{80, 85}, {90, 99}}));
    QCOMPARE(normalized({{1, 65535}, {65535, 65535}, {5, 6}}), PortRanges({{1, 65535}}));
    QCOMPARE(normalized({}), PortRanges());
}

void ValuesTest::portsAtBothEndsAreFound()
{
    const PortRanges ranges{{1, 1}, {8000, 8099}, {65535, 65535}};
    for (const quint16 port : {1, 8000, 8099, 65535})
        QVERIFY(contains(ranges, port));
    for (const quint16 port : {0, 2, 7999, 8100, 65534})
        QVERIFY(!contains(ranges, port));
}

void ValuesTest::portTextReadsBack()
{
    const PortRanges ranges{{1, 1}, {80, 81}, {8000, 65535}};
    QCOMPARE(portText(ranges), QStringLiteral("1,80-81,8000-65535"));
    QCOMPARE(parsePortText(portText(ranges)), ranges);
    QCOMPARE(parsePortText(QString()), PortRanges());
}

void ValuesTest::textThatIsNoPortListIsRefused_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : {"0", "65536", "80-79", "http", "80,,81", "80-81-82", ",", "-"})
        QTest::newRow(text) << QString::fromLatin1(text);
}

void ValuesTest::textThatIsNoPortListIsRefused()
{
    QFETCH(QString, text);
    QVERIFY(!parsePortText(text));
}

void ValuesTest::growthIsCreditedWithinAGeneration()
{
    Baseline baseline;
    beginAt(baseline, {kBoot, 7, 0}, internet(100, 10));
    QCOMPARE(credit(baseline, {kBoot, 7, 0}, internet(130, 10)).traffic, internet(30, 0));
    QCOMPARE(credit(baseline, {kBoot, 7, 0}, internet(130, 15)).traffic, internet(0, 5));
}

void ValuesTest::aNewGenerationOrBootOrLinkIsCreditedWhole()
{
    Baseline baseline;
    beginAt(baseline, {kBoot, 7, 2}, internet(100, 10));
    QCOMPARE(credit(baseline, {kBoot, 8, 2}, internet(40, 4)).traffic, internet(40, 4));
    QCOMPARE(credit(baseline, {QStringLiteral("boot-2"), 8, 2}, internet(50, 5)).traffic, internet(50, 5));
    QCOMPARE(credit(baseline, {QStringLiteral("boot-2"), 8, 3}, internet(60, 6)).traffic, internet(60, 6));
    QCOMPARE(credit(baseline, {QStringLiteral("boot-2"), 8, 3}, internet(61, 6)).traffic, internet(1, 0));
}

void ValuesTest::aBaselineThatWasNeverSetBeginsNow()
{
    Baseline baseline;
    QCOMPARE(credit(baseline, {kBoot, 7, 0}, internet(100, 10)).traffic, internet(0, 0));
    QCOMPARE(credit(baseline, {kBoot, 7, 0}, internet(101, 10)).traffic, internet(1, 0));
}

void ValuesTest::aValueThatDipsAndRecoversIsCreditedOnce()
{
    Baseline baseline;
    beginAt(baseline, {kBoot, 7, 0}, internet(100, 0));
    QCOMPARE(credit(baseline, {kBoot, 7, 0}, internet(98, 0)).traffic, internet(0, 0));
    QCOMPARE(credit(baseline, {kBoot, 7, 0}, internet(102, 0)).traffic, internet(2, 0));
}

void ValuesTest::countersWithTheirHighestBitSetStillGrow()
{
    Baseline baseline;
    const quint64 high = 0xffff'ffff'ffff'ff00;
    beginAt(baseline, {kBoot, 0xffff'ffff'ffff'ffff, 0}, internet(high, 0));
    QCOMPARE(credit(baseline, {kBoot, 0xffff'ffff'ffff'ffff, 0}, internet(high + 255, 0)).traffic,
             internet(255, 0));
}

void ValuesTest::aLinkCounterThatIsLowerBeganAgain()
{
    QCOMPARE(linkCounterGrowth({100, 200, 1, 2}, {150, 200, 2, 2}), Traffic({50, 0, 1, 0}));
    // sent is lower: the driver was loaded anew, and received began at zero too
    QCOMPARE(linkCounterGrowth({100, 200, 1, 2}, {150, 40, 3, 1}), Traffic({150, 40, 3, 1}));
}

void ValuesTest::unmeteredIsWhatNeitherWayOfCountingExplains()
{
    // a virtual link counts merged packets as the stack does; a NIC counts segments on the wire
    QCOMPARE(unmeteredGrowth({1000, 0, 2, 0}, {1000, 0, 2, 0}, {1040, 0, 3, 0}), Traffic());
    QCOMPARE(unmeteredGrowth({1040, 0, 3, 0}, {1000, 0, 2, 0}, {1040, 0, 3, 0}), Traffic());
    // a driver that counts the FCS: 4 bytes a packet are nobody's
    QCOMPARE(
        unmeteredGrowth({64 * 1000 + 4000, 0, 1000, 0}, {64 * 1000, 0, 1000, 0}, {64 * 1000, 0, 1000, 0}),
        Traffic());
    QCOMPARE(unmeteredGrowth({5000, 10, 9, 1}, {1000, 20, 2, 2}, {1040, 20, 3, 2}), Traffic({3960, 0, 6, 0}));
}

void ValuesTest::twoSamplesMakeARate()
{
    const std::chrono::steady_clock::time_point begin{1h};
    SampleInterval interval;
    interval.advance(begin, kBoot, 1);
    QVERIFY(!interval.rateOf({1000, 500, 0, 0}));
    interval.advance(begin + 2s, kBoot, 1);
    QCOMPARE(interval.rateOf({1000, 500, 0, 0}), Rate({500, 250}));
    interval.advance(begin + 2500ms, kBoot, 1);
    QCOMPARE(interval.rateOf({1000, 0, 0, 0}), Rate({2000, 0}));
    interval.advance(begin + 2500ms, kBoot, 1);
    QVERIFY(!interval.rateOf({1000, 0, 0, 0}));
}

void ValuesTest::aGapOverFiveSecondsOrANewGenerationMakesNoRate()
{
    const std::chrono::steady_clock::time_point begin{1h};
    SampleInterval interval;
    interval.advance(begin, kBoot, 1);
    interval.advance(begin + 5s, kBoot, 1);
    QVERIFY(interval.known());
    interval.advance(begin + 10s + 1ms, kBoot, 1);
    QVERIFY(!interval.known());
    interval.advance(begin + 11s, kBoot, 2);
    QVERIFY(!interval.known());
    interval.advance(begin + 12s, QStringLiteral("boot-2"), 2);
    QVERIFY(!interval.known());
    interval.advance(begin + 13s, QStringLiteral("boot-2"), 2);
    QVERIFY(interval.known());
}

void ValuesTest::anIdleTrackHoldsNoMemory()
{
    std::chrono::steady_clock::time_point now{1h};
    SampleInterval interval;
    SampleTrack track;
    const auto second = [&](quint64 bytes) {
        interval.advance(now += 1s, kBoot, 1);
        track.add(interval, interval.rateOf({bytes, 0, 0, 0}));
    };
    for (int i = 0; i < 10; ++i)
        second(0);
    QVERIFY(!track.holdsMemory());
    second(1);
    QVERIFY(track.holdsMemory());
    for (int i = 0; i < 119; ++i)
        second(0);
    QVERIFY(track.holdsMemory());
    QCOMPARE(track.read(interval).front(), Rate({1, 0}));
    second(0);
    QVERIFY(!track.holdsMemory());
    QCOMPARE(track.read(interval).front(), Rate());
}

void ValuesTest::aTrackRemembersHolesAndTraffic()
{
    std::chrono::steady_clock::time_point now{1h};
    SampleInterval interval;
    SampleTrack track;
    const auto second = [&](std::optional<Rate> rate) {
        interval.advance(now += 1s, kBoot, 1);
        track.add(interval, rate);
    };
    for (const std::optional<Rate> &rate :
         {std::optional<Rate>(), {Rate{}}, {Rate{}}, {Rate{5, 6}}, {}, {Rate{7, 8}}})
        second(rate);
    const auto rates = track.read(interval);
    QCOMPARE(rates.size(), size_t(120));
    QCOMPARE(rates[119], Rate({7, 8}));
    QVERIFY(std::isnan(rates[118].rxBytesPerSecond));
    QCOMPARE(rates[117], Rate({5, 6}));
    QCOMPARE(rates[116], Rate());
    QCOMPARE(rates[115], Rate());
    QVERIFY(std::isnan(rates[114].txBytesPerSecond));
    QVERIFY(std::isnan(rates[0].rxBytesPerSecond));
}

void ValuesTest::aMissedSecondIsAHole()
{
    const std::chrono::steady_clock::time_point begin{1h};
    SampleInterval interval;
    SampleTrack track;
    const auto at = [&](std::chrono::milliseconds time, quint64 bytes) {
        interval.advance(begin + time, kBoot, 1);
        track.add(interval, interval.rateOf({bytes, 0, 0, 0}));
    };
    at(0s, 0);
    at(1s, 10);
    at(1990ms, 99); // a little early and a little late is still a second
    at(3010ms, 102);
    at(6s, 299); // two were missed
    const auto rates = track.read(interval);
    QCOMPARE(std::lround(rates[119].rxBytesPerSecond), 100);
    QVERIFY(std::isnan(rates[118].rxBytesPerSecond));
    QVERIFY(std::isnan(rates[117].rxBytesPerSecond));
    QCOMPARE(std::lround(rates[116].rxBytesPerSecond), 100);
    QCOMPARE(std::lround(rates[115].rxBytesPerSecond), 100);
    QCOMPARE(std::lround(rates[114].rxBytesPerSecond), 10);
}

void ValuesTest::namesHaveOneToSixtyFourCharacters()
{
    QVERIFY(refused(checkSpec(named({})), "0 characters, 1-64"));
    QVERIFY(checkSpec(named(QStringLiteral("x"))));
    QVERIFY(checkSpec(named(QString(64, QLatin1Char('x')))));
    QVERIFY(refused(checkSpec(named(QString(65, QLatin1Char('x')))), "65 characters, 1-64"));
    const Result<void> tenKilobytes = checkSpec(named(QString(10000, QLatin1Char('x'))));
    QVERIFY(refused(tenKilobytes, "10000 characters, 1-64"));
    QVERIFY(tenKilobytes.error().message.size() < 200);
    // 64 characters beyond the basic plane are 128 UTF-16 units
    QVERIFY(checkSpec(named(QStringLiteral(u"\U0001F600").repeated(64))));
    QVERIFY(checkSpec(named(QStringLiteral("下行 office"))));
}

void ValuesTest::namesWithControlOrFormatCharactersAreRefused_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("line break") << QStringLiteral("a\nb");
    QTest::newRow("zero") << QStringLiteral("a") + QChar(0);
    QTest::newRow("escape") << QStringLiteral("\x1b[31mred");
    QTest::newRow("delete") << QStringLiteral("a\x7f");
    QTest::newRow("right-to-left override") << QStringLiteral(u"a\u202eb");
    QTest::newRow("zero width space") << QStringLiteral(u"a\u200bb");
    QTest::newRow("line separator") << QStringLiteral(u"a\u2028b");
    QTest::newRow("half a character") << QStringLiteral("a") + QChar(0xd83d) + QStringLiteral("b");
    QTest::newRow("space before") << QStringLiteral(" a");
    QTest::newRow("space behind") << QStringLiteral("a ");
    QTest::newRow("wide space behind") << QStringLiteral(u"a\u3000");
}

void ValuesTest::namesWithControlOrFormatCharactersAreRefused()
{
    QFETCH(QString, name);
    QVERIFY(refused(checkSpec(named(name)), "name"));
}

void ValuesTest::notesMayHaveLineBreaksAndAThousandCharacters()
{
    WatchSpec spec = named(QStringLiteral("web"));
    spec.note = QStringLiteral("one\ntwo") + QString(993, QLatin1Char('x'));
    QVERIFY(checkSpec(spec));
    spec.note += QLatin1Char('x');
    QVERIFY(refused(checkSpec(spec), "1001 characters, 0-1000"));
    spec.note = QStringLiteral("a\tb");
    QVERIFY(refused(checkSpec(spec), "note"));
}

void ValuesTest::aWatchNeedsPortsOrALinkButNotBoth()
{
    WatchSpec spec = named(QStringLiteral("web"));
    spec.ports = {};
    QVERIFY(refused(checkSpec(spec), "ports has 0"));
    for (const PortRange range : {PortRange{0, 0}, PortRange{0, 80}, PortRange{80, 79}}) {
        spec.ports = {range};
        QVERIFY(refused(checkSpec(spec), "1-65535"));
    }
    spec.ports = PortRanges(4097, PortRange{1, 1});
    QVERIFY(refused(checkSpec(spec), "4097 ports and ranges, 1-4096"));
    spec.ports = {{80, 80}};
    spec.link = QStringLiteral("eth0");
    QVERIFY(refused(checkSpec(spec), "link"));
    spec.kind = WatchKind::Link;
    QVERIFY(refused(checkSpec(spec), "ports"));
    spec.ports = {};
    QVERIFY(checkSpec(spec));
    spec.link.clear();
    QVERIFY(refused(checkSpec(spec), "link"));
}

void ValuesTest::anEditCannotChangeTheKind()
{
    WatchSpec link = named(QStringLiteral("line"));
    link.kind = WatchKind::Link;
    link.ports = {};
    link.link = QStringLiteral("eth0");
    WatchEdit edit;
    edit.ports = PortRanges{{80, 80}};
    QVERIFY(!edited(link, edit));
    edit = {};
    edit.link = QStringLiteral("eth1");
    QVERIFY(!edited(named(QStringLiteral("web")), edit));
    QCOMPARE(edited(link, edit)->link, QStringLiteral("eth1"));
    edit = {};
    edit.ports = PortRanges{{90, 95}, {80, 91}};
    QCOMPARE(edited(named(QStringLiteral("web")), edit)->ports, PortRanges({{80, 95}}));
}

void ValuesTest::settingsAreEchoedInCanonicalForm()
{
    const auto settings = Settings().changed(
        {{QStringLiteral("metered_links"), QStringLiteral(" eth1 , eth0,eth1")},
         {QStringLiteral("local_prefixes"), QStringLiteral("2001:db8::/32, 203.0.113.0/24 ,203.0.113.0/24")},
         {QStringLiteral("flush_interval_s"), 5u}});
    QVERIFY(settings);
    const auto map = settings->toMap();
    QCOMPARE(map.value(QStringLiteral("metered_links")), QVariant(QStringLiteral("eth1,eth0")));
    QCOMPARE(map.value(QStringLiteral("local_prefixes")),
             QVariant(QStringLiteral("203.0.113.0/24,2001:db8::/32")));
    QCOMPARE(map.value(QStringLiteral("flush_interval_s")), QVariant(5u));
    const auto defaults = Settings().toMap();
    QCOMPARE(defaults.value(QStringLiteral("metered_links")), QVariant(QStringLiteral("auto")));
    QCOMPARE(defaults.value(QStringLiteral("local_prefixes")), QVariant(QString()));
    QCOMPARE(defaults.value(QStringLiteral("flush_interval_s")), QVariant(30u));
}

void ValuesTest::settingsOutOfRangeNameKeyAndRange_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QVariant>("value");
    QTest::addColumn<QString>("named");
    const QString flush = QStringLiteral("flush_interval_s");
    QTest::newRow("too often") << flush << QVariant(4u) << QStringLiteral("5-900");
    QTest::newRow("host bits")
        << QStringLiteral("local_prefixes") << QVariant(QStringLiteral("203.0.113.0/24, 10.1.2.3/8"))
        << QStringLiteral(
               "\"10.1.2.3/8\" has bits behind its length; the network that it is in is 10.0.0.0/8");
    QTest::newRow("too seldom") << flush << QVariant(901u) << QStringLiteral("5-900");
    QTest::newRow("wrong type") << flush << QVariant(QStringLiteral("30"))
                                << QStringLiteral("flush_interval_s");
    QTest::newRow("signed") << flush << QVariant(30) << QStringLiteral("flush_interval_s");
    const QString links = QStringLiteral("metered_links");
    QTest::newRow("no link") << links << QVariant(QString()) << links;
    QTest::newRow("empty name") << links << QVariant(QStringLiteral("eth0,,eth1")) << links;
    QTest::newRow("long name") << links << QVariant(QStringLiteral("sixteencharacter"))
                               << QStringLiteral("1-15");
    QTest::newRow("path") << links << QVariant(QStringLiteral("../eth0")) << links;
    QTest::newRow("list") << links << QVariant(QStringList{QStringLiteral("eth0")}) << links;
    const QString prefixes = QStringLiteral("local_prefixes");
    QTest::newRow("no prefix") << prefixes << QVariant(QStringLiteral("office")) << prefixes;
    QTest::newRow("long prefix") << prefixes << QVariant(QStringLiteral("10.0.0.0/40"))
                                 << QStringLiteral("0-32");
    QTest::newRow("many") << prefixes
                          << QVariant(QStringList(257, QStringLiteral("10.0.0.0/8")).join(QLatin1Char(',')))
                          << QStringLiteral("0-256");
    QTest::newRow("unknown") << QStringLiteral("colour") << QVariant(QStringLiteral("red"))
                             << QStringLiteral("colour");
}

void ValuesTest::settingsOutOfRangeNameKeyAndRange()
{
    QFETCH(QString, key);
    QFETCH(QVariant, value);
    QFETCH(QString, named);
    const auto settings = Settings().changed({{key, value}});
    QVERIFY(!settings);
    QCOMPARE(settings.error().kind, ErrorKind::InvalidArgument);
    QVERIFY2(settings.error().message.contains(named), qPrintable(settings.error().message));
}

void ValuesTest::storedSettingsThatAreNotUnderstoodLeaveTheDefaults()
{
    const Settings settings =
        Settings::fromStored({{QStringLiteral("colour"), QStringLiteral("red")},
                              {QStringLiteral("flush_interval_s"), 7777u},
                              {QStringLiteral("metered_links"), QStringLiteral("eth3")}});
    QCOMPARE(settings.flushInterval, 30s);
    QCOMPARE(settings.meteredLinks, QStringList{QStringLiteral("eth3")});
}

} // namespace weir

QTEST_GUILESS_MAIN(weir::ValuesTest)
#include "values_test.moc"
