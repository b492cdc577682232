// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/engine_rig.h"

#include <QEventLoop>
#include <QSignalSpy>
#include <QTimer>

#include <algorithm>

namespace weir::test {

namespace {

constexpr int kPatienceMs = 30'000;

/// Runs the event loop until `ask` has called what it was given.
template <typename T>
Result<T> answerOf(const std::function<void(Reply<T>)> &ask)
{
    QEventLoop loop;
    std::optional<Result<T>> answer;
    ask([&](Result<T> result) {
        answer = std::move(result);
        loop.quit();
    });
    QTimer::singleShot(kPatienceMs, &loop, [] { qFatal("no reply came"); });
    if (!answer)
        loop.exec();
    return *answer;
}

} // namespace

EngineRig::EngineRig()
{
    machine->freeze(); // how long the test itself takes must not show in rates
    eth0 = machine->addLink(FakeMachine::ethernet(QStringLiteral("eth0")));
}

EngineRig::~EngineRig()
{
    kill();
}

Result<void> EngineRig::start()
{
    store = std::make_unique<Store>(directory.path());
    auto state = store->open();
    if (!state)
        return std::unexpected(state.error());
    kernel = std::make_unique<KernelThread>(std::make_unique<FakeKernel>(machine));
    const Persist persist = [this](StateChange change, std::function<void(Result<void>)> done) {
        ++writes;
        if (onWrite)
            onWrite();
        if (storeFails)
            done(failure(ErrorKind::StorageFailed, QStringLiteral("no space left on device")));
        else
            store->write(std::move(change), std::move(done));
    };
    Archive archive = store->archive();
    archive.points = [this, points = archive.points](std::vector<HistoryQuery> queries, auto answer) {
        if (archiveFails)
            answer(failure(ErrorKind::StorageFailed, QStringLiteral("disk I/O error")));
        else if (archiveWaits)
            m_waiting.push_back([points, queries, answer] { points(queries, answer); });
        else
            points(std::move(queries), std::move(answer));
    };
    engine = std::make_unique<Engine>(*kernel, std::move(*state), persist, clock, std::move(archive));
    engine->driveByHand();
    auto started = engine->start();
    if (started)
        store->drain(); // what start() stored is there when somebody kills this helper
    return started;
}

void EngineRig::kill()
{
    engine.reset();
    kernel.reset();
    store.reset();
}

Result<void> EngineRig::stop(Engine::Leave leave)
{
    auto result = answerOf<void>([&](const auto &reply) { engine->stop(leave, reply); });
    kill();
    return result;
}

void EngineRig::second(std::chrono::milliseconds time)
{
    clock.skip(time);
    machine->skip(time);
    QSignalSpy sampled(engine.get(), &Engine::sampled);
    engine->tick();
    QVERIFY2(!sampled.isEmpty() || sampled.wait(kPatienceMs), "no sample was taken");
    // what the sample led to, such as new local prefixes, is in the kernel before the test goes on
    const auto settled = answerOf<void>([&](const Reply<void> &reply) {
        kernel->call(
            engine.get(), [](Kernel &) { return true; }, [reply](bool) { reply({}); });
    });
    QVERIFY(settled);
    store->drain();
}

Result<quint32> EngineRig::add(const std::vector<WatchSpec> &watches)
{
    return answerOf<quint32>([&](const auto &reply) { engine->addWatches(watches, reply); });
}

Result<quint32> EngineRig::edit(const QString &name, const WatchEdit &change)
{
    return edit(watch(name).record.revision, name, change);
}

Result<quint32> EngineRig::edit(quint32 revision, const QString &name, const WatchEdit &change)
{
    return answerOf<quint32>([&](const auto &reply) { engine->editWatch(revision, name, change, reply); });
}

Result<void> EngineRig::remove(const QString &name)
{
    return remove(watch(name).record.revision, name);
}

Result<void> EngineRig::remove(quint32 revision, const QString &name)
{
    return answerOf<void>([&](const auto &reply) { engine->removeWatch(revision, name, reply); });
}

Result<quint32> EngineRig::restore(const QString &name)
{
    return answerOf<quint32>([&](const auto &reply) { engine->restoreWatch(name, reply); });
}

Result<quint32> EngineRig::set(const QMap<QString, QVariant> &settings)
{
    return answerOf<quint32>(
        [&](const auto &reply) { engine->setSettings(engine->settingsRevision(), settings, reply); });
}

std::vector<HistoryPoint> EngineRig::history(const HistoryQuery &query)
{
    using Points = std::vector<std::vector<HistoryPoint>>;
    return answerOf<Points>([&](const auto &reply) { engine->history({query}, reply); }).value().front();
}

RemoteRanking EngineRig::remotes(const RemoteQuery &query)
{
    return answerOf<RemoteRanking>([&](const auto &reply) { engine->remotes(query, reply); }).value();
}

std::vector<SeriesShare> EngineRig::ranking(SeriesKind kind, qint64 fromS, qint64 toS, size_t limit)
{
    using Shares = std::vector<SeriesShare>;
    return answerOf<Shares>([&](const auto &reply) { engine->ranking(kind, fromS, toS, limit, reply); })
        .value();
}

FlowPage EngineRig::flows(const QString &filter, bool closed)
{
    FlowQuery query;
    query.filter = FlowFilter::parse(filter).value();
    query.closed = closed;
    query.limit = 5000;
    return answerOf<FlowPage>([&](const auto &reply) { engine->flows(query, reply); }).value();
}

Result<void> EngineRig::endBurst(const QString &name)
{
    return answerOf<void>([&](const auto &reply) { engine->endBurst(name, reply); });
}

std::vector<LimitStatus> EngineRig::limits()
{
    return answerOf<std::vector<LimitStatus>>([&](const auto &reply) { engine->limits(reply); }).value();
}

Result<BurstPreview> EngineRig::previewBurst(const QString &name, const BurstPolicy &burst, qint64 fromS)
{
    return answerOf<BurstPreview>(
        [&](const auto &reply) { engine->previewBurst(name, burst, fromS, reply); });
}

Result<Engine::QuotaPreview> EngineRig::previewQuota(const QString &name, const QuotaPolicy &quota)
{
    return answerOf<Engine::QuotaPreview>(
        [&](const auto &reply) { engine->previewQuota(name, quota, reply); });
}

void EngineRig::letArchiveAnswer()
{
    archiveWaits = false;
    for (const auto &ask : std::exchange(m_waiting, {}))
        ask();
}

void EngineRig::settle()
{
    // an event leads to a reading, that to questions to the store, these to a plan
    for (int trip = 0; trip < 6; ++trip) {
        const auto there = answerOf<void>([&](const Reply<void> &reply) {
            kernel->call(
                engine.get(), [](Kernel &) { return true; }, [reply](bool) { reply({}); });
        });
        QVERIFY(there);
        store->drain();
        QCoreApplication::processEvents();
    }
}

WatchStatus EngineRig::watch(const QString &name) const
{
    for (const WatchStatus &row : engine->watches())
        if (row.record.spec.name == name)
            return row;
    return {};
}

LinkStatus EngineRig::link(const QString &name) const
{
    for (const LinkStatus &row : engine->links())
        if (row.link.name == name)
            return row;
    return {};
}

bool EngineRig::hasProblem(const QString &id) const
{
    return std::ranges::any_of(engine->problems(),
                               [&](const Problem &problem) { return problem.what.id == id; });
}

QStringList EngineRig::names() const
{
    QStringList names;
    for (const WatchStatus &row : engine->watches())
        names.append(row.record.spec.name);
    return names;
}

void EngineRig::pass(quint16 port, quint64 rxBytes, quint64 txBytes, int on, quint8 protocol)
{
    Packets packets;
    packets.link = on ? on : eth0;
    packets.protocol = protocol;
    packets.localPort = port;
    packets.remote = parseAddress(u"198.51.100.7").value();
    packets.bytes = rxBytes;
    if (rxBytes)
        machine->pass(packets);
    packets.direction = Direction::Sent;
    packets.bytes = txBytes;
    if (txBytes)
        machine->pass(packets);
}

WatchSpec EngineRig::ports(const QString &name, const PortRanges &ranges, Protocols protocols)
{
    WatchSpec spec;
    spec.name = name;
    spec.ports = ranges;
    spec.protocols = protocols;
    return spec;
}

WatchSpec EngineRig::onLink(const QString &name, const QString &link)
{
    WatchSpec spec;
    spec.name = name;
    spec.kind = WatchKind::Link;
    spec.link = link;
    return spec;
}

} // namespace weir::test
