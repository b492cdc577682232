// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/flow_view.h"

#include "helper/engine/bounds.h"

#include <QTest>

#include <ctime>
#include <set>

using namespace std::chrono_literals;

namespace weir {

namespace {

const std::chrono::steady_clock::time_point kNow{1h};
const std::chrono::system_clock::time_point kWall{std::chrono::seconds(1'700'000'000)};

Flow flow(quint8 protocol, const char16_t *local, quint16 localPort, const char16_t *remote,
          quint16 remotePort)
{
    Flow made;
    made.key = {2,         protocol, parseAddress(local).value(), localPort, parseAddress(remote).value(),
                remotePort};
    made.state = protocol == 6 ? FlowState::Established : FlowState::Stateless;
    made.first = kNow - 10s;
    made.last = kNow;
    return made;
}

Flow web(quint16 remotePort)
{
    return flow(6, u"10.0.0.2", 443, u"198.51.100.7", remotePort);
}

FlowStatus status(const Flow &made)
{
    FlowStatus row;
    row.flow = made;
    row.linkName = QStringLiteral("eth0");
    row.active = true;
    row.watches = {QStringLiteral("My Web")};
    return row;
}

bool matches(const QString &line, const FlowStatus &row)
{
    const auto filter = FlowFilter::parse(line);
    return filter && filter->matches(row, [&] { return row.watches; });
}

const FlowView::Context kContext{{{2, QStringLiteral("eth0")}}, [](const Flow &made, size_t) {
                                     return made.key.localPort == 443 ? QStringList{QStringLiteral("web")}
                                                                      : QStringList();
                                 }};

FlowQuery sorted(FlowSort sort, bool ascending = false)
{
    FlowQuery query;
    query.sort = sort;
    query.ascending = ascending;
    query.closed = true;
    return query;
}

QList<quint16> remotePorts(const FlowPage &page)
{
    QList<quint16> ports;
    for (const FlowStatus &row : page.rows)
        ports.append(row.flow.key.remotePort);
    return ports;
}

} // namespace

class FlowViewTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void anEmptyFilterMatchesEverything();
    void aFilterMatches_data();
    void aFilterMatches();
    void aWrongFilterNamesItsWord_data();
    void aWrongFilterNamesItsWord();
    void allWordsMustMatch();
    void aFilterOfTooManyCharactersIsRefused();
    void aFilterOfTooManyWordsIsRefused();
    void quotationMarksAndBackslashesInNamesCanBeSearched();
    void protocolsHaveNames();

    void anIdStaysForTheLifeOfAFlow();
    void ratesAreGrowthBetweenTables();
    void aFlowThatBeganInBetweenHasARateAtOnce();
    void oldTablesGiveNoRate();
    void datagramsAreActiveForAMinute();
    void closedConnectionsAreKeptForAMinute();
    void timesOfAFlowStayWhileTheClockDoes();
    void rowsAreSortedByEachColumn();
    void pagesDoNotOverlap();
    void watchesAreNamedAndSearched();
    void namesOfWatchesAreLookedUpOnlyWhenNothingElseDecides_data();
    void namesOfWatchesAreLookedUpOnlyWhenNothingElseDecides();
    void activeFlowsAreCountedByPortAndLink();
    void aHundredThousandFlowsAreCheap();
};

void FlowViewTest::anEmptyFilterMatchesEverything()
{
    QVERIFY(matches({}, status(web(1))));
    QVERIFY(matches(QStringLiteral("   "), status(web(1))));
    QVERIFY(FlowFilter().matches(status(web(1)), [] { return QStringList(); }));
}

void FlowViewTest::aFilterMatches_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<bool>("matching");
    // tcp 10.0.0.2:443 - 198.51.100.7:50123 on eth0, established, internet, watch "My Web"
    const auto row = [](const char *line, bool matching) {
        QTest::newRow(line) << QString::fromUtf8(line) << matching;
    };
    row("port:443", true);
    row("port:50123", true);
    row("port:80", false);
    row("port:400-450", true);
    row("port:444-50122", false);
    row("PORT:443", true);
    row("remote:198.51.100.7", true);
    row("remote:198.51.100.0/24", true);
    row("remote:10.0.0.0/8", false);
    row("local:10.0.0.0/8", true);
    row("local:::/0", false);
    row("protocol:tcp", true);
    row("protocol:6", true);
    row("protocol:udp", false);
    row("state:established", true);
    row("state:ESTABLISHED", true);
    row("state:active", false);
    row("scope:internet", true);
    row("scope:local", false);
    row("link:eth0", true);
    row("link:eth", false);
    row("watch:\"My Web\"", true);
    row("watch:web", false);
    row("\"watch:My Web\"", true);
    row("198.51", true);
    row("10.0.0.2", true);
    row("198.51.100.0/24", true);
    row("192.0.2.0/24", false);
    row("5012", true);
    row("tcp", true);
    row("estab", true);
    row("eth0", true);
    row("my web", true);
    row("MY", true);
    row("udp", false);
    row("2001:db8::1", false);
    row("dead:beef", false);
}

void FlowViewTest::aFilterMatches()
{
    QFETCH(QString, line);
    QFETCH(bool, matching);
    Flow made = web(50123);
    made.internet = true;
    QVERIFY(FlowFilter::parse(line));
    QCOMPARE(matches(line, status(made)), matching);
}

void FlowViewTest::aWrongFilterNamesItsWord_data()
{
    QTest::addColumn<QString>("line");
    for (const char *line : {"port:http", "port:0", "port:65536", "port:90-80", "port:", "port:1-2-3",
                             "port:-1", "remote:office", "local:10.0.0.0/33", "protocol:tpc", "protocol:256",
                             "state:open", "scope:world", "colour:red", "watch:", "\"unclosed"})
        QTest::newRow(line) << QString::fromLatin1(line);
}

void FlowViewTest::aWrongFilterNamesItsWord()
{
    QFETCH(QString, line);
    const auto filter = FlowFilter::parse(QStringLiteral("tcp ") + line);
    QVERIFY(!filter);
    QCOMPARE(filter.error().kind, ErrorKind::InvalidArgument);
    QVERIFY(filter.error().message.startsWith(QStringLiteral("filter: ")));
    if (!line.startsWith(QLatin1Char('"')))
        QVERIFY2(filter.error().message.contains(line), qPrintable(filter.error().message));
}

void FlowViewTest::allWordsMustMatch()
{
    QVERIFY(matches(QStringLiteral("port:443 tcp"), status(web(1))));
    QVERIFY(!matches(QStringLiteral("port:443 udp"), status(web(1))));
}

void FlowViewTest::aFilterOfTooManyCharactersIsRefused()
{
    QVERIFY(FlowFilter::parse(QString(1000, QLatin1Char('x'))));
    QVERIFY(
        FlowFilter::parse(QString(1001, QLatin1Char('x'))).error().message.contains(QStringLiteral("1000")));
}

void FlowViewTest::aFilterOfTooManyWordsIsRefused()
{
    const QString word = QStringLiteral("tcp ");
    QVERIFY(FlowFilter::parse(word.repeated(16)));
    const auto filter = FlowFilter::parse(word.repeated(17));
    QVERIFY(!filter);
    QCOMPARE(filter.error().kind, ErrorKind::InvalidArgument);
    QCOMPARE(filter.error().message, QStringLiteral("filter: has 17 words, at most 16 are allowed"));
}

void FlowViewTest::quotationMarksAndBackslashesInNamesCanBeSearched()
{
    FlowStatus row = status(web(1));
    row.watches = {QStringLiteral("my \"big\" web"), QStringLiteral("back\\slash"),
                   QStringLiteral("ends in \\")};
    QVERIFY(matches(QStringLiteral(R"(watch:"my \"big\" web")"), row));
    QVERIFY(matches(QStringLiteral(R"(watch:"back\\slash")"), row));
    QVERIFY(matches(QStringLiteral(R"(watch:"back\slash")"), row)); // stands for itself before anything else
    QVERIFY(matches(QStringLiteral(R"(watch:back\slash)"), row));
    QVERIFY(matches(QStringLiteral(R"(watch:"ends in \\" tcp)"), row));
    QVERIFY(!FlowFilter::parse(QStringLiteral(R"(watch:"ends in \")")));
}

void FlowViewTest::protocolsHaveNames()
{
    QCOMPARE(protocolName(6), QStringLiteral("tcp"));
    QCOMPARE(protocolName(17), QStringLiteral("udp"));
    QCOMPARE(protocolName(1), QStringLiteral("icmp"));
    QCOMPARE(protocolName(58), QStringLiteral("icmpv6"));
    QCOMPARE(protocolName(132), QStringLiteral("sctp"));
    QCOMPARE(protocolName(253), QStringLiteral("253"));
}

void FlowViewTest::anIdStaysForTheLifeOfAFlow()
{
    Flow made = web(1);
    const quint64 id = flowId(made);
    made.traffic.rxBytes = 5;
    made.last += 1s;
    made.state = FlowState::Closing;
    QCOMPARE(flowId(made), id);
    std::set<quint64> ids{id};
    made.first += 1ns; // the same endpoints once more
    ids.insert(flowId(made));
    ids.insert(flowId(web(2)));
    ids.insert(flowId(flow(17, u"10.0.0.2", 443, u"198.51.100.7", 1)));
    ids.insert(flowId(flow(6, u"198.51.100.7", 1, u"10.0.0.2", 443)));
    QCOMPARE(ids.size(), size_t(5));
    for (const quint64 each : ids)
        QVERIFY2(each < 9'007'199'254'740'992, "a double must hold it");
}

void FlowViewTest::ratesAreGrowthBetweenTables()
{
    FlowView view;
    Flow made = web(1);
    made.traffic = {1000, 100, 1, 1};
    view.update({kNow, {made}, 100}, kWall);
    QVERIFY(!view.page({}, kContext).rows.at(0).rate);
    made.traffic = {5000, 300, 2, 2};
    view.update({kNow + 2s, {made}, 100}, kWall + 2s);
    QCOMPARE(view.page({}, kContext).rows.at(0).rate, Rate({2000, 100}));
    QCOMPARE(view.size(), size_t(1));
    QCOMPARE(view.capacity(), size_t(100));
}

void FlowViewTest::aFlowThatBeganInBetweenHasARateAtOnce()
{
    FlowView view;
    view.update({kNow, {}, 100}, kWall);
    Flow fresh = web(1);
    fresh.first = kNow + 500ms;
    fresh.traffic = {1000, 0, 1, 0};
    Flow known = web(2); // older than the last table, but not in it: its past is not known
    known.traffic = {9999, 0, 1, 0};
    view.update({kNow + 1s, {fresh, known}, 100}, kWall + 1s);
    const auto page = view.page(sorted(FlowSort::Rate), kContext);
    QCOMPARE(page.rows.at(0).rate, Rate({1000, 0}));
    QVERIFY(!page.rows.at(1).rate);
}

void FlowViewTest::oldTablesGiveNoRate()
{
    FlowView view;
    view.update({kNow, {web(1)}, 100}, kWall);
    view.update({kNow + 6s, {web(1)}, 100}, kWall + 6s);
    QVERIFY(!view.page({}, kContext).rows.at(0).rate);
}

void FlowViewTest::datagramsAreActiveForAMinute()
{
    Flow recent = flow(17, u"10.0.0.2", 53, u"198.51.100.7", 1);
    recent.last = kNow - 60s;
    Flow idle = flow(17, u"10.0.0.2", 53, u"198.51.100.7", 2);
    idle.last = kNow - 60s - 1ms;
    Flow quiet = web(3);
    quiet.last = kNow - 2h; // a connection is active until it is closed
    FlowView view;
    view.update({kNow, {recent, idle, quiet}, 100}, kWall);
    QCOMPARE(view.page({}, kContext).total, size_t(2));
    const auto all = view.page(sorted(FlowSort::State, true), kContext);
    QCOMPARE(all.total, size_t(3));
    QCOMPARE(remotePorts(all), QList<quint16>({3, 1, 2}));
    QCOMPARE(stateName(all.rows.at(0)), QStringLiteral("established"));
    QCOMPARE(stateName(all.rows.at(1)), QStringLiteral("active"));
    QCOMPARE(stateName(all.rows.at(2)), QStringLiteral("idle"));
}

void FlowViewTest::closedConnectionsAreKeptForAMinute()
{
    // the kernel returns an ended flow once
    Flow closed = web(1);
    closed.state = FlowState::Closed;
    FlowView view;
    view.update({kNow, {closed, web(2)}, 100}, kWall);
    view.update({kNow + 1s, {web(2)}, 100}, kWall + 1s);
    QCOMPARE(view.page({}, kContext).total, size_t(1));
    QCOMPARE(view.page(sorted(FlowSort::Rate), kContext).total, size_t(2));
    QCOMPARE(view.size(), size_t(1));
    view.update({kNow + 60s, {web(2)}, 100}, kWall + 60s);
    QCOMPARE(view.page(sorted(FlowSort::Rate), kContext).total, size_t(2));
    view.update({kNow + 61s, {web(2)}, 100}, kWall + 61s);
    QCOMPARE(view.page(sorted(FlowSort::Rate), kContext).total, size_t(1));
}

void FlowViewTest::timesOfAFlowStayWhileTheClockDoes()
{
    FlowView view;
    view.update({kNow, {web(1)}, 100}, kWall);
    QCOMPARE(view.page({}, kContext).rows.at(0).firstMs, 1'699'999'990'000);
    QCOMPARE(view.page({}, kContext).rows.at(0).lastMs, 1'700'000'000'000);
    view.update({kNow + 1s, {web(1)}, 100},
                kWall + 1007ms); // the clocks are not read at quite the same moment
    QCOMPARE(view.page({}, kContext).rows.at(0).firstMs, 1'699'999'990'000);
    view.update({kNow + 2s, {web(1)}, 100}, kWall + 3602s); // somebody set the clock
    QCOMPARE(view.page({}, kContext).rows.at(0).firstMs, 1'700'003'590'000);
}

void FlowViewTest::rowsAreSortedByEachColumn()
{
    Flow a = flow(6, u"10.0.0.9", 1, u"198.51.100.1", 10);
    a.traffic = {300, 1, 0, 0};
    a.first = kNow - 30s;
    Flow b = flow(6, u"10.0.0.1", 2, u"198.51.100.9", 20);
    b.traffic = {200, 500, 0, 0};
    b.first = kNow - 20s;
    Flow c = flow(6, u"10.0.0.5", 3, u"198.51.100.5", 30);
    c.traffic = {100, 50, 0, 0};
    c.first = kNow - 40s;
    FlowView view;
    view.update({kNow, {a, b, c}, 100}, kWall);
    const auto order = [&](FlowSort sort) {
        const auto down = remotePorts(view.page(sorted(sort), kContext));
        auto up = remotePorts(view.page(sorted(sort, true), kContext));
        std::ranges::reverse(up);
        return down == up ? down : QList<quint16>();
    };
    using Ports = QList<quint16>;
    QCOMPARE(order(FlowSort::Rx), Ports({10, 20, 30}));
    QCOMPARE(order(FlowSort::Tx), Ports({20, 30, 10}));
    QCOMPARE(order(FlowSort::Total), Ports({20, 10, 30}));
    QCOMPARE(order(FlowSort::Remote), Ports({20, 30, 10}));
    QCOMPARE(order(FlowSort::Local), Ports({10, 30, 20}));
    QCOMPARE(order(FlowSort::Age), Ports({30, 10, 20}));
    a.traffic.rxBytes += 10;
    b.traffic.rxBytes += 30;
    c.traffic.txBytes += 20;
    view.update({kNow + 1s, {a, b, c}, 100}, kWall);
    QCOMPARE(order(FlowSort::Rate), Ports({20, 30, 10}));
}

void FlowViewTest::pagesDoNotOverlap()
{
    std::vector<Flow> flows;
    for (quint16 port = 1; port <= 50; ++port)
        flows.push_back(web(port)); // all alike but for the port
    FlowView view;
    view.update({kNow, flows, 100}, kWall);
    std::set<quint16> seen;
    FlowQuery query;
    query.limit = 20;
    for (const size_t expected : {20u, 20u, 10u, 0u}) {
        const auto page = view.page(query, kContext);
        QCOMPARE(page.rows.size(), expected);
        QCOMPARE(page.matching, size_t(50));
        for (const quint16 port : remotePorts(page))
            QVERIFY(seen.insert(port).second);
        query.offset += 20;
    }
}

void FlowViewTest::watchesAreNamedAndSearched()
{
    FlowView view;
    view.update({kNow, {web(1), flow(17, u"10.0.0.2", 53, u"198.51.100.7", 2)}, 100}, kWall);
    FlowQuery query;
    query.filter = FlowFilter::parse(QStringLiteral("watch:web")).value();
    const auto page = view.page(query, kContext);
    QCOMPARE(page.matching, size_t(1));
    QCOMPARE(page.total, size_t(2));
    QCOMPARE(page.rows.at(0).watches, QStringList{QStringLiteral("web")});
    QCOMPARE(page.rows.at(0).linkName, QStringLiteral("eth0"));
}

void FlowViewTest::namesOfWatchesAreLookedUpOnlyWhenNothingElseDecides_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<int>("lookups");
    const auto row = [](const char *line, int lookups) {
        QTest::newRow(line) << QString::fromUtf8(line) << lookups;
    };
    row("port:443 link:eth0", 0);
    row("198.51.100.7", 0);
    row("443 tcp eth0", 0);
    row("watch:a port:80", 0);
    row("nothing port:80", 0);
    row("watch:b watch:a cc", 1);
    row("nothing", 1);
}

void FlowViewTest::namesOfWatchesAreLookedUpOnlyWhenNothingElseDecides()
{
    QFETCH(QString, line);
    QFETCH(int, lookups);
    int asked = 0;
    FlowFilter::parse(line).value().matches(status(web(1)), [&] {
        ++asked;
        return QStringList{QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("ccc")};
    });
    QCOMPARE(asked, lookups);
}

void FlowViewTest::activeFlowsAreCountedByPortAndLink()
{
    Flow closed = web(3);
    closed.state = FlowState::Closed;
    Flow elsewhere = web(4);
    elsewhere.key.link = 5;
    FlowView view;
    view.update(
        {kNow,
         {web(1), web(2), closed, elsewhere, flow(17, u"10.0.0.2", 443, u"198.51.100.7", 1),
          flow(1, u"10.0.0.2", 0, u"198.51.100.7", 0), flow(132, u"10.0.0.2", 443, u"198.51.100.7", 1)},
         100},
        kWall);
    const auto counts = view.activeByPosition();
    QCOMPARE(counts[portPosition(Transport::Tcp, 443)], 3u);
    QCOMPARE(counts[portPosition(Transport::Udp, 443)], 1u);
    QCOMPARE(counts[portPosition(Transport::Tcp, 0)], 0u);
    QCOMPARE(view.activeByLink(), (std::map<int, quint32>{{2, 5}, {5, 1}}));
}

void FlowViewTest::aHundredThousandFlowsAreCheap()
{
    std::vector<PortWatch> watches;
    for (int port = 1; port <= 65535; ++port)
        watches.push_back({port, {{quint16(port), quint16(port)}}, Protocols::Both});
    const ReadingPlan plan(watches);
    std::vector<Flow> flows;
    for (int i = 0; i < 100'000; ++i) {
        flows.push_back(web(quint16(i % 65535 + 1)));
        flows.back().key.local.bytes[3] = quint8(i / 65535);
        flows.back().key.localPort = quint16(i % 1000 + 1);
    }
    FlowView view;
    view.update({kNow, flows, 131072}, kWall);
    for (Flow &made : flows)
        made.traffic.rxBytes += made.key.remotePort;
    const std::clock_t begin = std::clock();
    view.update({kNow + 1s, flows, 131072}, kWall + 1s);
    const auto connections = plan.sumPositions(view.activeByPosition());
    const std::clock_t counted = std::clock();
    const auto page = view.page(sorted(FlowSort::Rate), kContext);
    const std::clock_t paged = std::clock();
    QCOMPARE(connections[0], 100u);
    QCOMPARE(connections[1000], 0u);
    QCOMPARE(page.rows.size(), size_t(100));
    QCOMPARE(page.rows.front().rate, Rate({65535, 0}));
    qInfo("100,000 flows: taken and counted for 65,535 watches in %ld ms, a page of 100 in %ld ms",
          (counted - begin) * 1000 / CLOCKS_PER_SEC, (paged - counted) * 1000 / CLOCKS_PER_SEC);
}

} // namespace weir

QTEST_GUILESS_MAIN(weir::FlowViewTest)
#include "flow_view_test.moc"
