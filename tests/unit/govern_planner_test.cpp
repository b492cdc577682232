// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/govern_planner.h"

#include <QTest>

#include <algorithm>
#include <bitset>
#include <random>

using namespace Qt::StringLiterals;

namespace weir {

namespace {

constexpr quint64 kMbit = 1'000'000;
constexpr int kEth0 = 2;
constexpr int kEth1 = 3;
using Rate = std::optional<quint64>;

GovernedWatch onPorts(qint64 id, PortRanges ports, Rate down, Rate up = {},
                      Protocols protocols = Protocols::Both)
{
    GovernedWatch watch;
    watch.id = id;
    watch.ports = std::move(ports);
    watch.protocols = protocols;
    watch.downBitsPerSecond = down;
    watch.upBitsPerSecond = up;
    return watch;
}

GovernedWatch onLink(qint64 id, int link, Rate down, Rate up = {})
{
    GovernedWatch watch = onPorts(id, {}, down, up);
    watch.kind = WatchKind::Link;
    watch.link = link;
    return watch;
}

GovernedWatch onService(qint64 id, const QString &service, Rate down, Rate up = {})
{
    GovernedWatch watch = onPorts(id, {}, down, up);
    watch.kind = WatchKind::Service;
    watch.service = service;
    return watch;
}

GovernedWatch withBlock(GovernedWatch watch)
{
    watch.quota = QuotaGate{};
    watch.quota->watch = watch.id;
    watch.quota->remaining[0] = 1000;
    return watch;
}

GovernedWatch withSlow(GovernedWatch watch, quint64 bitsPerSecond)
{
    watch = withBlock(watch);
    watch.quota->then = QuotaGate::Then::Slow;
    watch.quotaThrottleBitsPerSecond = bitsPerSecond;
    return watch;
}

ClassKey down(qint64 watch)
{
    return {watch, FlowDirection::Down, false};
}

ClassKey up(qint64 watch)
{
    return {watch, FlowDirection::Up, false};
}

ClassKey slowDown(qint64 watch)
{
    return {watch, FlowDirection::Down, true};
}

ClassKey slowUp(qint64 watch)
{
    return {watch, FlowDirection::Up, true};
}

GovernPlan planOf(const std::vector<GovernedWatch> &watches, const std::set<int> &links = {kEth0})
{
    return planGovernment(watches, links).plan;
}

/// What is told of one class: none where there is no such class.
std::optional<ShaperClass> classOf(const GovernPlan &plan, const ClassKey &key)
{
    const auto found = std::ranges::find(plan.classes, key, &ShaperClass::key);
    return found == plan.classes.end() ? std::nullopt : std::optional(*found);
}

std::optional<ClassKey> parentOf(const GovernPlan &plan, const ClassKey &key)
{
    return classOf(plan, key).value().parent;
}

GovernedPorts governedAt(const GovernPlan &plan, quint16 port, Transport transport = Transport::Tcp)
{
    GovernedPorts found;
    for (const GovernedPorts &ports : plan.ports)
        if (contains(transport == Transport::Tcp ? ports.tcp : ports.udp, port)) {
            if (found.id != 0)
                qFatal("port %d lies in two atoms", port);
            found = ports;
        }
    return found;
}

QuotaGate quotaOf(const GovernPlan &plan, qint64 watch)
{
    return *std::ranges::find(plan.quotas, watch, &QuotaGate::watch);
}

using Ids = std::vector<qint64>;
using Crossings = std::vector<CrossingLimits>;

} // namespace

class GovernPlannerTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void withoutGovernedWatchesThePlanIsEmpty();
    void theExampleOfTheDesign();
    void idsAreThoseOfTheSameWatches();

    void nestedLimitsAreParentAndChild();
    void ofTheSamePortsTheOlderWatchIsTheParent();
    void nestingIsWorkedOutForEachDirection();
    void tcpAloneLiesWithinBoth();
    void whereLimitsCrossTheLowerHolds();
    void ofEqualRatesThatCrossTheOlderHolds();
    void aLimitIsAsLowAsWhatHoldsIt();
    void betweenTwoParentsThatCrossTheLowerIsChosen();
    void aCommonPartWithALimitOfItsOwnIsToldToCrossToo();

    void aQuotaAloneHasPathsWithoutAClass();
    void quotasOfAllWatchesAreMetInTheOrderOfIds();
    void quotasThatDropAreMetBeforeThoseThatSlow();
    void aSlowClassHasTheParentOfItsOwn();
    void aQuotaOnlyCountsWhatIsHeldLower();
    void aSlowClassIsSlowerThanAllOfItsLinkOrService();
    void aQuotaThatIsOverKeepsItsSlowClass();
    void aSlowClassThatIsNoSlowerIsLeftOut();
    void aSlowClassNeedsNoLimitBesideIt();

    void theOnlyLinkHoldsAll();
    void severalWatchesOfALinkHoldEachOther();
    void aLinkThatIsNotMeteredIsLeftOut();
    void ofSeveralLinksTheLowerOfLinkAndPortsHolds();
    void aLinksQuotasAreItsOwn();

    void aServiceIsPolicedDownAndShapedUp();
    void portsGiveWayToSlowerServices();
    void linksGiveWayToTheServicesTheyHold();
    void ofSeveralLinksOneGivesWayToSlowerServicesOnly();
    void watchesOfOneServiceHoldEachOther();
    void aServicesQuotaHasASlowClassUpAndPolicesDown();

    void randomWatchesMatchALookAtEachPort();
    void aThousandWatchesArePlannedFast_data();
    void aThousandWatchesArePlannedFast();
};

void GovernPlannerTest::withoutGovernedWatchesThePlanIsEmpty()
{
    const PlannedGovernment made =
        planGovernment({onPorts(1, {{80, 80}}, {}), onLink(2, kEth0, {})}, {kEth0});
    QVERIFY(made.plan.isEmpty());
    QVERIFY(made.plan.ports.empty());
    QVERIFY(made.plan.onLinks.empty());
    QVERIFY(made.plan.links == std::set<int>({kEth0}));
    QVERIFY(planOf({}).isEmpty());
}

void GovernPlannerTest::theExampleOfTheDesign()
{
    // A limited to 100 with a quota, B = 8080 limited to 10, C = tcp 8090-8200 with a block quota
    const PlannedGovernment made =
        planGovernment({withBlock(onPorts(1, {{8000, 8099}}, 100 * kMbit, 100 * kMbit)),
                        onPorts(2, {{8080, 8080}}, 10 * kMbit, 10 * kMbit),
                        withBlock(onPorts(3, {{8090, 8200}}, {}, {}, Protocols::Tcp))},
                       {kEth0});
    const GovernPlan &plan = made.plan;
    QCOMPARE(plan.ports.size(), size_t(4));
    QVERIFY(made.crossings.empty());

    const GovernedPorts a = governedAt(plan, 8000);
    QVERIFY(a.tcp == PortRanges({{8000, 8079}, {8081, 8089}}));
    QVERIFY(a.udp == PortRanges({{8000, 8079}, {8081, 8099}}));
    QVERIFY(a.down.quotas == Ids({1}));
    QVERIFY(a.down.shaped == down(1));
    QVERIFY(a.up.shaped == up(1));

    // 8080 is held to 10 and counts towards A's 100
    const GovernedPorts b = governedAt(plan, 8080);
    QVERIFY(b.tcp == PortRanges({{8080, 8080}}) && b.udp == b.tcp);
    QVERIFY(b.down.quotas == Ids({1}));
    QVERIFY(b.down.shaped == down(2));
    QVERIFY(b.up.shaped == up(2));
    QVERIFY(parentOf(plan, down(2)) == down(1));
    QVERIFY(parentOf(plan, up(2)) == up(1));
    QVERIFY(!parentOf(plan, down(1)));

    // tcp 8095 obeys A's limit and both quotas
    const GovernedPorts both = governedAt(plan, 8095);
    QVERIFY(both.tcp == PortRanges({{8090, 8099}}) && both.udp.empty());
    QVERIFY(both.down.quotas == Ids({1, 3}));
    QVERIFY(both.down.shaped == down(1));

    const GovernedPorts c = governedAt(plan, 8150);
    QVERIFY(c.tcp == PortRanges({{8100, 8200}}) && c.udp.empty());
    QVERIFY(c.down.quotas == Ids({3}) && c.up.quotas == Ids({3}));
    QVERIFY(!c.down.shaped && !c.up.shaped);

    QCOMPARE(plan.classes.size(), size_t(4));
    QCOMPARE(plan.quotas.size(), size_t(2));
    QCOMPARE(quotaOf(plan, 1).remaining[0], quint64(1000));
}

void GovernPlannerTest::idsAreThoseOfTheSameWatches()
{
    const GovernedWatch a = onPorts(1, {{80, 90}}, kMbit);
    const GovernedWatch b = onPorts(2, {{85, 85}}, kMbit);
    const GovernPlan plan = planOf({a, b});
    QVERIFY(planOf({b, a}) == plan);
    const GovernPlan elsewhere = planOf({onPorts(1, {{180, 190}}, 5 * kMbit), onPorts(2, {{185, 185}}, kMbit),
                                         onPorts(3, {{99, 99}}, kMbit), onPorts(4, {{7, 7}}, {})});
    QCOMPARE(governedAt(elsewhere, 185).id, governedAt(plan, 85).id);
    QCOMPARE(governedAt(elsewhere, 180).id, governedAt(plan, 80).id);
    QVERIFY(std::ranges::is_sorted(plan.ports, {}, &GovernedPorts::id));
}

void GovernPlannerTest::nestedLimitsAreParentAndChild()
{
    // given inside out, with a quota between that is no limit
    const GovernPlan plan =
        planOf({onPorts(1, {{85, 85}}, 50 * kMbit), onPorts(2, {{80, 90}}, 10 * kMbit),
                withBlock(onPorts(3, {{70, 95}}, {})), onPorts(4, {{1, 65535}}, 100 * kMbit)});
    QVERIFY(parentOf(plan, down(1)) == down(2));
    QVERIFY(parentOf(plan, down(2)) == down(4));
    QVERIFY(!parentOf(plan, down(4)));
    QCOMPARE(classOf(plan, down(1))->bitsPerSecond, 50 * kMbit);
    QVERIFY(governedAt(plan, 85).down.shaped == down(1));
    QVERIFY(governedAt(plan, 80).down.shaped == down(2));
    QVERIFY(governedAt(plan, 70).down.shaped == down(4));
    QVERIFY(plan.classes.front().key == down(4));
    QVERIFY(plan.classes.back().key == down(1));
}

void GovernPlannerTest::ofTheSamePortsTheOlderWatchIsTheParent()
{
    const PlannedGovernment made = planGovernment(
        {onPorts(7, {{80, 90}}, kMbit), onPorts(5, {{80, 90}}, 2 * kMbit), onPorts(9, {{80, 90}}, 3 * kMbit)},
        {kEth0});
    QVERIFY(!parentOf(made.plan, down(5)));
    QVERIFY(parentOf(made.plan, down(7)) == down(5));
    QVERIFY(parentOf(made.plan, down(9)) == down(7));
    QVERIFY(governedAt(made.plan, 80).down.shaped == down(9));
    QVERIFY(made.crossings.empty());
}

void GovernPlannerTest::nestingIsWorkedOutForEachDirection()
{
    const GovernPlan plan =
        planOf({onPorts(1, {{1, 100}}, 9 * kMbit, 9 * kMbit), onPorts(2, {{1, 50}}, {}, 5 * kMbit),
                onPorts(3, {{1, 10}}, kMbit, kMbit)});
    QVERIFY(parentOf(plan, down(3)) == down(1));
    QVERIFY(parentOf(plan, up(3)) == up(2));
    QVERIFY(!classOf(plan, down(2)));
    QVERIFY(governedAt(plan, 20).down.shaped == down(1));
    QVERIFY(governedAt(plan, 20).up.shaped == up(2));
}

void GovernPlannerTest::tcpAloneLiesWithinBoth()
{
    const PlannedGovernment made =
        planGovernment({onPorts(1, {{80, 90}}, kMbit), onPorts(2, {{80, 90}}, 2 * kMbit, {}, Protocols::Tcp),
                        onPorts(3, {{85, 85}}, 3 * kMbit, {}, Protocols::Udp)},
                       {kEth0});
    QVERIFY(parentOf(made.plan, down(2)) == down(1));
    QVERIFY(parentOf(made.plan, down(3)) == down(1));
    QVERIFY(governedAt(made.plan, 85, Transport::Tcp).down.shaped == down(2));
    QVERIFY(governedAt(made.plan, 85, Transport::Udp).down.shaped == down(3));
    QVERIFY(governedAt(made.plan, 80, Transport::Udp).down.shaped == down(1));
    QVERIFY(made.crossings.empty());
}

void GovernPlannerTest::whereLimitsCrossTheLowerHolds()
{
    // down the second is lower, up the first; a third crosses neither
    const PlannedGovernment made =
        planGovernment({onPorts(1, {{80, 90}}, 9 * kMbit, kMbit),
                        onPorts(2, {{85, 95}}, 2 * kMbit, 2 * kMbit), onPorts(3, {{96, 99}}, kMbit, kMbit)},
                       {kEth0});
    QVERIFY(governedAt(made.plan, 80).down.shaped == down(1));
    QVERIFY(governedAt(made.plan, 87).down.shaped == down(2));
    QVERIFY(governedAt(made.plan, 87).up.shaped == up(1));
    QVERIFY(governedAt(made.plan, 95).up.shaped == up(2));
    QVERIFY(!parentOf(made.plan, down(1)) && !parentOf(made.plan, down(2)));
    QVERIFY(made.crossings == Crossings({{1, 2}}));
}

void GovernPlannerTest::ofEqualRatesThatCrossTheOlderHolds()
{
    const PlannedGovernment made =
        planGovernment({onPorts(8, {{80, 90}}, kMbit), onPorts(4, {{85, 95}}, kMbit)}, {kEth0});
    QVERIFY(governedAt(made.plan, 87).down.shaped == down(4));
    QVERIFY(made.crossings == Crossings({{4, 8}}));
}

void GovernPlannerTest::aLimitIsAsLowAsWhatHoldsIt()
{
    // on 85-90 the first has 50, but lies within a third that has 10: lower than the second's 20
    const GovernPlan plan = planOf({onPorts(1, {{80, 90}}, 50 * kMbit), onPorts(2, {{85, 95}}, 20 * kMbit),
                                    onPorts(3, {{70, 90}}, 10 * kMbit)});
    QVERIFY(parentOf(plan, down(1)) == down(3));
    QVERIFY(governedAt(plan, 87).down.shaped == down(1));
    // both within the third: their own rates decide
    const GovernPlan within = planOf({onPorts(1, {{80, 90}}, 50 * kMbit), onPorts(2, {{85, 95}}, 20 * kMbit),
                                      onPorts(3, {{70, 99}}, 10 * kMbit)});
    QVERIFY(governedAt(within, 87).down.shaped == down(2));
}

void GovernPlannerTest::betweenTwoParentsThatCrossTheLowerIsChosen()
{
    const PlannedGovernment made =
        planGovernment({onPorts(1, {{80, 90}}, 9 * kMbit, 3 * kMbit),
                        onPorts(2, {{85, 95}}, 8 * kMbit, 4 * kMbit), onPorts(3, {{87, 88}}, kMbit, kMbit)},
                       {kEth0});
    QVERIFY(parentOf(made.plan, down(3)) == down(2));
    QVERIFY(parentOf(made.plan, up(3)) == up(1));
    QVERIFY(governedAt(made.plan, 87).down.shaped == down(3));
    QVERIFY(made.crossings == Crossings({{1, 2}}));
}

void GovernPlannerTest::aCommonPartWithALimitOfItsOwnIsToldToCrossToo()
{
    // all that the first two have in common is the third's
    const PlannedGovernment made = planGovernment(
        {onPorts(1, {{80, 90}}, 9 * kMbit), onPorts(2, {{85, 95}}, 8 * kMbit), onPorts(3, {{85, 90}}, kMbit)},
        {kEth0});
    QVERIFY(parentOf(made.plan, down(3)) == down(2));
    QVERIFY(made.crossings == Crossings({{1, 2}}));
}

void GovernPlannerTest::aQuotaAloneHasPathsWithoutAClass()
{
    const GovernPlan plan = planOf({withBlock(onPorts(1, {{80, 80}}, {}))});
    QVERIFY(!plan.isEmpty());
    QVERIFY(plan.classes.empty());
    QVERIFY(governedAt(plan, 80).down == governedAt(plan, 80).up);
    QVERIFY(governedAt(plan, 80).down.quotas == Ids({1}));
    QVERIFY(!governedAt(plan, 80).down.shaped);
    QVERIFY(!quotaOf(plan, 1).slowDown);
}

void GovernPlannerTest::quotasOfAllWatchesAreMetInTheOrderOfIds()
{
    // crossing and nested alike
    const GovernPlan plan =
        planOf({withBlock(onPorts(9, {{1, 50}}, {})), withBlock(onPorts(2, {{10, 20}}, kMbit)),
                withBlock(onPorts(5, {{15, 99}}, {})), onPorts(3, {{1, 99}}, kMbit)});
    QVERIFY(governedAt(plan, 17).down.quotas == Ids({2, 5, 9}));
    QVERIFY(governedAt(plan, 17).up.quotas == Ids({2, 5, 9}));
    QVERIFY(governedAt(plan, 60).up.quotas == Ids({5}));
    QCOMPARE(plan.quotas.size(), size_t(3));
    QVERIFY(std::ranges::is_sorted(plan.quotas, {}, &QuotaGate::watch));
}

void GovernPlannerTest::quotasThatDropAreMetBeforeThoseThatSlow()
{
    // a packet that leaves for a slower class meets nothing behind it
    const auto plan = [](const auto &make) {
        return planOf({withSlow(make(1), 2 * kMbit), withBlock(make(2)), withSlow(make(3), kMbit)});
    };
    const Ids order{2, 3, 1};
    const GovernPlan ports = plan([](qint64 id) { return onPorts(id, {{80, 80}}, {}); });
    QVERIFY(governedAt(ports, 80).down.quotas == order && governedAt(ports, 80).up.quotas == order);
    const GovernPlan link = plan([](qint64 id) { return onLink(id, kEth0, {}); });
    QVERIFY(link.onLinks.front().down.quotas == order && link.onLinks.front().up.quotas == order);
    const GovernPlan service = plan([](qint64 id) { return onService(id, u"a.service"_s, {}); });
    QVERIFY(service.services.front().quotas == order);
}

void GovernPlannerTest::aQuotaOnlyCountsWhatIsHeldLower()
{
    // 5 is slower than all but port 80, which is held to 2, and 81, to as much
    const GovernPlan plan =
        planOf({withSlow(onPorts(1, {{80, 89}}, {}, 20 * kMbit), 5 * kMbit),
                onPorts(2, {{80, 80}}, 2 * kMbit, 9 * kMbit), onPorts(3, {{81, 81}}, 5 * kMbit)});
    QVERIFY(quotaOf(plan, 1).slowDown && quotaOf(plan, 1).slowUp);
    for (const quint16 port : {80, 81}) {
        QVERIFY(governedAt(plan, port).down.countedBy == Ids({1}));
        QVERIFY(governedAt(plan, port).down.quotas.empty());
        QVERIFY(governedAt(plan, port).up.quotas == Ids({1}));
        QVERIFY(governedAt(plan, port).up.countedBy.empty());
    }
    QVERIFY(governedAt(plan, 82).down.quotas == Ids({1}));
    QVERIFY(governedAt(plan, 82).down.countedBy.empty());
}

void GovernPlannerTest::aSlowClassIsSlowerThanAllOfItsLinkOrService()
{
    // the one made later holds the same packets to less
    const GovernPlan link =
        planOf({withSlow(onLink(1, kEth0, 9 * kMbit), 5 * kMbit), onLink(2, kEth0, 2 * kMbit)});
    QVERIFY(!classOf(link, slowDown(1)) && !quotaOf(link, 1).slowDown);
    QVERIFY(classOf(link, slowUp(1)));
    const GovernPlan service = planOf({withSlow(onService(1, u"a.service"_s, {}, 9 * kMbit), 5 * kMbit),
                                       onService(2, u"a.service"_s, {}, 2 * kMbit)});
    QVERIFY(!classOf(service, slowUp(1)) && !quotaOf(service, 1).slowUp);
}

void GovernPlannerTest::aSlowClassHasTheParentOfItsOwn()
{
    const GovernPlan plan = planOf(
        {onPorts(1, {{1, 99}}, 50 * kMbit), withSlow(onPorts(2, {{10, 20}}, 10 * kMbit, 5 * kMbit), kMbit)});
    QVERIFY(classOf(plan, slowDown(2)) == ShaperClass({slowDown(2), down(1), kMbit}));
    QVERIFY(classOf(plan, slowUp(2)) == ShaperClass({slowUp(2), {}, kMbit}));
    QVERIFY(quotaOf(plan, 2).slowDown == slowDown(2));
    QVERIFY(quotaOf(plan, 2).slowUp == slowUp(2));
    QVERIFY(governedAt(plan, 15).down.shaped == down(2));
}

void GovernPlannerTest::aQuotaThatIsOverKeepsItsSlowClass()
{
    GovernedWatch watch = withSlow(onPorts(2, {{10, 20}}, kMbit, kMbit), kMbit / 2);
    watch.quota->isOver = true;
    const GovernPlan plan = planOf({watch});
    QVERIFY(classOf(plan, slowDown(2)) == ShaperClass({slowDown(2), {}, kMbit / 2}));
    QVERIFY(quotaOf(plan, 2).isOver);
    QVERIFY(quotaOf(plan, 2).slowDown == slowDown(2) && quotaOf(plan, 2).slowUp == slowUp(2));
    QVERIFY(governedAt(plan, 15).down.quotas == Ids({2}));
}

void GovernPlannerTest::aSlowClassThatIsNoSlowerIsLeftOut()
{
    // down its own limit is as low, up the limit around it is lower
    const GovernPlan plan =
        planOf({onPorts(1, {{1, 99}}, {}, kMbit), withSlow(onPorts(2, {{10, 20}}, 3 * kMbit), 3 * kMbit)});
    QVERIFY(!classOf(plan, slowDown(2)));
    QVERIFY(!quotaOf(plan, 2).slowDown);
    QVERIFY(!classOf(plan, slowUp(2)));
    QVERIFY(!quotaOf(plan, 2).slowUp);
    // and so is the only link's
    const GovernPlan linked =
        planOf({onLink(1, kEth0, kMbit), withSlow(onPorts(2, {{10, 20}}, {}), 3 * kMbit)});
    QVERIFY(!classOf(linked, slowDown(2)));
    QVERIFY(classOf(linked, slowUp(2)));
}

void GovernPlannerTest::aSlowClassNeedsNoLimitBesideIt()
{
    const GovernPlan plan =
        planOf({onLink(1, kEth0, 9 * kMbit), withSlow(onPorts(2, {{10, 20}}, {}), kMbit)});
    QVERIFY(classOf(plan, slowDown(2)) == ShaperClass({slowDown(2), down(1), kMbit}));
    QVERIFY(classOf(plan, slowUp(2)) == ShaperClass({slowUp(2), {}, kMbit}));
    QVERIFY(!governedAt(plan, 15).down.shaped);
}

void GovernPlannerTest::theOnlyLinkHoldsAll()
{
    const PlannedGovernment made =
        planGovernment({onPorts(1, {{1, 99}}, 50 * kMbit), onPorts(2, {{10, 20}}, 10 * kMbit, 10 * kMbit),
                        onLink(3, kEth0, kMbit, 2 * kMbit), onService(4, u"nginx.service"_s, {}, 5 * kMbit)},
                       {kEth0});
    const GovernPlan &plan = made.plan;
    QVERIFY(!parentOf(plan, down(3)) && !parentOf(plan, up(3)));
    QVERIFY(parentOf(plan, down(1)) == down(3));
    QVERIFY(parentOf(plan, down(2)) == down(1));
    QVERIFY(parentOf(plan, up(2)) == up(3));
    QVERIFY(parentOf(plan, up(4)) == up(3));
    QCOMPARE(plan.onLinks.size(), size_t(1));
    QCOMPARE(plan.onLinks[0].index, kEth0);
    QVERIFY(plan.onLinks[0].down.shaped == down(3));
    QVERIFY(plan.onLinks[0].up.shaped == up(3));
    QVERIFY(governedAt(plan, 15).down.shaped == down(2));
    QVERIFY(governedAt(plan, 15).down.shapedOnLinks.empty());
    QVERIFY(made.crossings.empty());
}

void GovernPlannerTest::severalWatchesOfALinkHoldEachOther()
{
    const GovernPlan plan =
        planOf({onLink(6, kEth0, kMbit), withBlock(onLink(2, kEth0, 2 * kMbit, 2 * kMbit)),
                onPorts(1, {{80, 80}}, kMbit, kMbit)});
    QVERIFY(parentOf(plan, down(6)) == down(2));
    QVERIFY(parentOf(plan, down(1)) == down(6));
    QVERIFY(parentOf(plan, up(1)) == up(2));
    QCOMPARE(plan.onLinks.size(), size_t(1));
    QVERIFY(plan.onLinks[0].down.shaped == down(6));
    QVERIFY(plan.onLinks[0].up.shaped == up(2));
    QVERIFY(plan.onLinks[0].up.quotas == Ids({2}));
}

void GovernPlannerTest::aLinkThatIsNotMeteredIsLeftOut()
{
    const GovernPlan plan = planOf({withBlock(onLink(1, kEth1, kMbit)), onPorts(2, {{80, 80}}, kMbit)});
    QVERIFY(!classOf(plan, down(1)));
    QVERIFY(plan.quotas.empty());
    QVERIFY(plan.onLinks.empty());
    QVERIFY(!parentOf(plan, down(2)));
}

void GovernPlannerTest::ofSeveralLinksTheLowerOfLinkAndPortsHolds()
{
    const PlannedGovernment made =
        planGovernment({onLink(1, kEth0, 10 * kMbit, 10 * kMbit), onLink(2, kEth1, 30 * kMbit),
                        onPorts(3, {{80, 80}}, 20 * kMbit), onPorts(4, {{1, 99}}, 25 * kMbit, 10 * kMbit),
                        withBlock(onPorts(5, {{200, 200}}, {}))},
                       {kEth0, kEth1});
    const GovernPlan &plan = made.plan;
    QVERIFY(plan.links == std::set<int>({kEth0, kEth1}));
    QVERIFY(parentOf(plan, down(3)) == down(4));
    QVERIFY(!parentOf(plan, down(4)) && !parentOf(plan, up(4)));
    QVERIFY(governedAt(plan, 80).down.shaped == down(3));
    QVERIFY((governedAt(plan, 80).down.shapedOnLinks == std::map<int, ClassKey>{{kEth0, down(1)}}));
    QVERIFY(governedAt(plan, 80).up.shaped == up(4));
    QVERIFY(governedAt(plan, 80).up.shapedOnLinks.empty()); // the link's is as low, not lower
    // without a limit on ports the link's own path holds
    QVERIFY(governedAt(plan, 200).down.shapedOnLinks.empty());
    QVERIFY(made.crossings == Crossings({{1, 3}, {1, 4}, {2, 3}, {2, 4}}));

    // 40 within 5 is 5: no link is lower
    const GovernPlan held = planOf(
        {onLink(1, kEth0, 10 * kMbit), onPorts(3, {{80, 80}}, 40 * kMbit), onPorts(4, {{1, 99}}, 5 * kMbit)},
        {kEth0, kEth1});
    QVERIFY(governedAt(held, 80).down.shapedOnLinks.empty());
}

void GovernPlannerTest::aLinksQuotasAreItsOwn()
{
    const GovernPlan plan = planOf({withSlow(onLink(1, kEth0, 10 * kMbit), kMbit),
                                    withBlock(onLink(2, kEth1, {})), onPorts(3, {{80, 80}}, kMbit)},
                                   {kEth0, kEth1});
    QVERIFY(governedAt(plan, 80).down.quotas.empty());
    QCOMPARE(plan.onLinks.size(), size_t(2));
    QVERIFY(plan.onLinks[0].down.quotas == Ids({1}) && plan.onLinks[0].up.quotas == Ids({1}));
    QVERIFY(plan.onLinks[1].down.quotas == Ids({2}));
    QVERIFY(!plan.onLinks[1].down.shaped);
    QVERIFY(quotaOf(plan, 1).slowDown == slowDown(1));
    QVERIFY(!parentOf(plan, slowDown(1)));
}

void GovernPlannerTest::aServiceIsPolicedDownAndShapedUp()
{
    const GovernPlan plan = planOf({withBlock(onService(4, u"nginx.service"_s, 3 * kMbit, 2 * kMbit)),
                                    onService(5, u"ssh.service"_s, kMbit)});
    QCOMPARE(plan.classes.size(), size_t(1));
    QVERIFY(plan.classes[0] == ShaperClass({up(4), {}, 2 * kMbit}));
    QVERIFY(plan.services
            == std::vector<GovernedService>(
                {{4, u"nginx.service"_s, {4}, up(4), 3 * kMbit}, {5, u"ssh.service"_s, {}, {}, kMbit}}));
    QVERIFY(plan.ports.empty());
}

void GovernPlannerTest::portsGiveWayToSlowerServices()
{
    const GovernPlan plan =
        planOf({onService(1, u"a.service"_s, {}, 2 * kMbit), onService(2, u"b.service"_s, {}, kMbit),
                withSlow(onService(3, u"c.service"_s, {}, 9 * kMbit), kMbit / 2),
                onPorts(4, {{80, 80}}, kMbit, 2 * kMbit), onPorts(5, {{81, 81}}, kMbit, 5 * kMbit),
                onPorts(6, {{82, 82}}, kMbit), onPorts(7, {{1, 100}}, {}, 3 * kMbit)});
    QVERIFY(governedAt(plan, 80).up.yieldsTo == std::vector({slowUp(3), up(2)}));
    // 5 within 3 is 3
    QVERIFY(governedAt(plan, 81).up.yieldsTo == std::vector({slowUp(3), up(2), up(1)}));
    QVERIFY(governedAt(plan, 82).up.yieldsTo == std::vector({slowUp(3), up(2), up(1)}));
    QVERIFY(governedAt(plan, 80).down.yieldsTo.empty());
}

void GovernPlannerTest::linksGiveWayToTheServicesTheyHold()
{
    const GovernPlan plan =
        planOf({onService(1, u"a.service"_s, {}, 9 * kMbit), onLink(2, kEth0, kMbit, kMbit)});
    QVERIFY(plan.onLinks[0].up.yieldsTo == std::vector({up(1)}));
    QVERIFY(plan.onLinks[0].down.yieldsTo.empty());
    QVERIFY(parentOf(plan, up(1)) == up(2));
}

void GovernPlannerTest::ofSeveralLinksOneGivesWayToSlowerServicesOnly()
{
    const PlannedGovernment made =
        planGovernment({onService(1, u"a.service"_s, {}, 9 * kMbit), onService(2, u"b.service"_s, {}, kMbit),
                        onLink(3, kEth0, kMbit, 5 * kMbit)},
                       {kEth0, kEth1});
    QVERIFY(made.plan.onLinks[0].up.yieldsTo == std::vector({up(2)}));
    QVERIFY(!parentOf(made.plan, up(1)) && !parentOf(made.plan, up(2)));
    QVERIFY(made.crossings == Crossings({{1, 3}, {2, 3}}));
}

void GovernPlannerTest::watchesOfOneServiceHoldEachOther()
{
    const GovernPlan plan = planOf({withBlock(onService(3, u"a.service"_s, 5 * kMbit, 9 * kMbit)),
                                    onService(8, u"a.service"_s, 2 * kMbit, kMbit),
                                    withBlock(onService(9, u"a.service"_s, 7 * kMbit))});
    QVERIFY(parentOf(plan, up(8)) == up(3));
    QVERIFY(plan.services == std::vector<GovernedService>({{8, u"a.service"_s, {3, 9}, up(8), 2 * kMbit}}));
}

void GovernPlannerTest::aServicesQuotaHasASlowClassUpAndPolicesDown()
{
    const GovernPlan plan = planOf({onLink(1, kEth0, {}, 9 * kMbit),
                                    withSlow(onService(3, u"a.service"_s, 5 * kMbit, 9 * kMbit), kMbit)});
    QVERIFY(classOf(plan, slowUp(3)) == ShaperClass({slowUp(3), up(1), kMbit}));
    QVERIFY(quotaOf(plan, 3).slowUp == slowUp(3));
    QVERIFY(!quotaOf(plan, 3).slowDown);
    QVERIFY(!classOf(plan, slowDown(3)));
    QCOMPARE(quotaOf(plan, 3).policedDownBitsPerSecond, kMbit);
    const GovernPlan lower = planOf({withSlow(onService(3, u"a.service"_s, kMbit / 2), kMbit),
                                     withBlock(onService(4, u"b.service"_s, {})),
                                     withSlow(onPorts(5, {{80, 80}}, 2 * kMbit), kMbit)});
    for (const qint64 watch : {3, 4, 5})
        QCOMPARE(quotaOf(lower, watch).policedDownBitsPerSecond, quint64(0));
}

namespace {

/// The rules of the plan, port by port and watch by watch.
class Oracle
{
public:
    static constexpr int kPorts = 60;
    using Cover = std::bitset<2 * kPorts>;

    explicit Oracle(const std::vector<GovernedWatch> &watches) : m_watches(watches)
    {
        for (const GovernedWatch &watch : watches) {
            Cover cover;
            for (int port = 1; port < kPorts; ++port)
                for (const Transport transport : {Transport::Tcp, Transport::Udp})
                    cover[place(transport, port)] =
                        includes(watch.protocols, transport) && contains(watch.ports, quint16(port));
            m_covers.push_back(cover);
        }
    }

    std::optional<ClassKey> parent(size_t watch, FlowDirection direction) const
    {
        return key(chosen(limited(direction, [&](size_t other) { return within(watch, other); }), direction),
                   direction);
    }

    std::optional<ClassKey> shaped(Transport transport, int port, FlowDirection direction) const
    {
        const auto covers = [&](size_t watch) { return m_covers[watch][place(transport, port)]; };
        return key(chosen(limited(direction, covers), direction), direction);
    }

    Ids quotas(Transport transport, int port) const
    {
        Ids ids;
        for (size_t i = 0; i < m_watches.size(); ++i)
            if (m_watches[i].quota && m_covers[i][place(transport, port)])
                ids.push_back(m_watches[i].id);
        std::ranges::sort(ids);
        return ids;
    }

    /// Pairs that crossed where chosen() was asked.
    std::set<std::pair<qint64, qint64>> crossed() const { return m_crossed; }

private:
    static size_t place(Transport transport, int port)
    {
        return size_t(transport == Transport::Udp ? kPorts + port : port);
    }

    Rate rate(size_t watch, FlowDirection direction) const
    {
        return direction == FlowDirection::Down ? m_watches[watch].downBitsPerSecond
                                                : m_watches[watch].upBitsPerSecond;
    }

    bool within(size_t inner, size_t outer) const
    {
        if (inner == outer || (m_covers[inner] & ~m_covers[outer]).any())
            return false;
        return m_covers[inner] != m_covers[outer] || m_watches[outer].id < m_watches[inner].id;
    }

    std::vector<size_t> limited(FlowDirection direction, auto matches) const
    {
        std::vector<size_t> found;
        for (size_t i = 0; i < m_watches.size(); ++i)
            if (rate(i, direction) && matches(i))
                found.push_back(i);
        return found;
    }

    quint64 lowest(size_t watch, FlowDirection direction) const
    {
        const auto around =
            chosen(limited(direction, [&](size_t other) { return within(watch, other); }), direction);
        const quint64 own = *rate(watch, direction);
        return around ? std::min(own, lowest(*around, direction)) : own;
    }

    std::optional<size_t> chosen(const std::vector<size_t> &among, FlowDirection direction) const
    {
        std::vector<std::tuple<quint64, quint64, qint64, size_t>> ranked;
        for (const size_t watch : among)
            if (std::ranges::none_of(among, [&](size_t other) { return within(other, watch); }))
                ranked.emplace_back(lowest(watch, direction), *rate(watch, direction), m_watches[watch].id,
                                    watch);
        if (ranked.empty())
            return {};
        std::ranges::sort(ranked);
        const qint64 holding = std::get<2>(ranked[0]);
        for (size_t i = 1; i < ranked.size(); ++i)
            m_crossed.insert(std::minmax(holding, qint64(std::get<2>(ranked[i]))));
        return std::get<3>(ranked[0]);
    }

    std::optional<ClassKey> key(std::optional<size_t> watch, FlowDirection direction) const
    {
        return watch ? std::optional(ClassKey{m_watches[*watch].id, direction, false}) : std::nullopt;
    }

    const std::vector<GovernedWatch> &m_watches;
    std::vector<Cover> m_covers;
    mutable std::set<std::pair<qint64, qint64>> m_crossed;
};

struct Random {
    std::mt19937 engine;
    int pick(int from, int to) { return std::uniform_int_distribution(from, to)(engine); }
    Rate rate() { return pick(0, 3) ? Rate(quint64(pick(1, 6)) * kMbit) : Rate(); }

    /// Few ports and few rates, so that watches nest, cross, and are alike often.
    std::vector<GovernedWatch> watches()
    {
        std::vector<GovernedWatch> made;
        const int most = pick(0, 1) ? 59 : 12;
        const bool limitedAlike = pick(0, 2) == 0;
        for (int id = pick(1, 12); id > 0; --id) {
            PortRanges ranges;
            for (int n = pick(1, 3); n > 0; --n) {
                const int first = pick(1, most);
                ranges.push_back({quint16(first), quint16(pick(first, most))});
            }
            const Rate down = rate();
            const Rate up = limitedAlike ? (down ? Rate(quint64(pick(1, 6)) * kMbit) : Rate()) : rate();
            made.push_back(onPorts(id, normalized(ranges), down, up, Protocols(pick(1, 3))));
            if (pick(0, 2) == 0)
                made.back() = withBlock(made.back());
        }
        std::ranges::shuffle(made, engine);
        return made;
    }
};

} // namespace

void GovernPlannerTest::randomWatchesMatchALookAtEachPort()
{
    Random random{std::mt19937(3)};
    size_t crossings = 0, parents = 0;
    for (int round = 0; round < 400; ++round) {
        const std::vector<GovernedWatch> watches = random.watches();
        const PlannedGovernment made = planGovernment(watches, {kEth0});
        const Oracle oracle(watches);
        for (int port = 1; port < Oracle::kPorts; ++port)
            for (const Transport transport : {Transport::Tcp, Transport::Udp}) {
                const GovernedPorts ports = governedAt(made.plan, quint16(port), transport);
                QVERIFY(ports.down.shaped == oracle.shaped(transport, port, FlowDirection::Down));
                QVERIFY(ports.up.shaped == oracle.shaped(transport, port, FlowDirection::Up));
                QVERIFY(ports.down.quotas == oracle.quotas(transport, port));
                QVERIFY(ports.up.quotas == ports.down.quotas);
            }
        std::set<ClassKey> seen;
        for (const ShaperClass &made : made.plan.classes) {
            const size_t watch =
                size_t(std::ranges::find(watches, made.key.watch, &GovernedWatch::id) - watches.begin());
            QVERIFY(made.parent == oracle.parent(watch, made.key.direction));
            QVERIFY(!made.parent || seen.contains(*made.parent));
            QVERIFY(seen.insert(made.key).second);
            parents += made.parent.has_value();
        }
        std::set<std::pair<qint64, qint64>> crossed;
        for (const CrossingLimits &pair : made.crossings)
            crossed.emplace(pair.one, pair.other);
        QVERIFY(crossed == oracle.crossed());
        QCOMPARE(made.crossings.size(), crossed.size());
        crossings += crossed.size();
        for (const GovernedPorts &ports : made.plan.ports)
            QVERIFY(ports.id != 0 && !(ports.down.isEmpty() && ports.up.isEmpty()));
    }
    QVERIFY(crossings > 100 && parents > 100);
}

void GovernPlannerTest::aThousandWatchesArePlannedFast_data()
{
    QTest::addColumn<int>("shape");
    QTest::newRow("apart") << 0;
    QTest::newRow("nested") << 1;
    QTest::newRow("crossing") << 2;
    QTest::newRow("random") << 3;
}

void GovernPlannerTest::aThousandWatchesArePlannedFast()
{
    QFETCH(int, shape);
    Random random{std::mt19937(4)};
    std::vector<GovernedWatch> watches;
    for (int i = 0; i < 1000; ++i) {
        const PortRange ranges[] = {{quint16(60 * i + 1), quint16(60 * i + 50)},
                                    {quint16(30 * i + 1), quint16(65535 - 30 * i)},
                                    {quint16(30 * i + 1), quint16(30 * i + 30000)},
                                    {quint16(random.pick(1, 30000)), quint16(random.pick(30001, 65535))}};
        watches.push_back(onPorts(i + 1, {ranges[shape]}, quint64(random.pick(1, 1000)) * kMbit,
                                  quint64(random.pick(1, 1000)) * kMbit));
    }
    PlannedGovernment made;
    QBENCHMARK
    {
        made = planGovernment(watches, {kEth0});
    }
    QCOMPARE(made.plan.classes.size(), size_t(2000));
}

} // namespace weir

QTEST_APPLESS_MAIN(weir::GovernPlannerTest)
#include "govern_planner_test.moc"
