// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/engine.h"
#include "helper/store/store.h"
#include "tests/support/fake_kernel.h"

#include <QTemporaryDir>
#include <QTest>

namespace weir::test {

/// A clock that moves when told.
class ManualClock : public Clock
{
public:
    std::chrono::system_clock::time_point wall() const override { return m_wall; }
    std::chrono::steady_clock::time_point steady() const override { return m_steady; }
    std::chrono::milliseconds sinceBoot() const override
    {
        return std::chrono::duration_cast<std::chrono::milliseconds>(m_steady.time_since_epoch());
    }
    /// Somebody sets the wall clock.
    void leap(std::chrono::milliseconds time) { m_wall += time; }
    /// The machine boots: what counts since then begins at zero.
    void boot() { m_steady = {}; }
    void skip(std::chrono::milliseconds time)
    {
        m_wall += time;
        m_steady += time;
    }

private:
    std::chrono::system_clock::time_point m_wall{std::chrono::seconds(1'700'000'000)};
    std::chrono::steady_clock::time_point m_steady{std::chrono::hours(1)};
};

/// An engine over a fake machine and a real database, with its time in the test's hand. Waits for replies.
class EngineRig
{
public:
    EngineRig();
    ~EngineRig();

    /// A new helper on the same machine and database.
    Result<void> start();
    /// The helper dies: nothing is stored any more, the kernel keeps what it has.
    void kill();
    Result<void> stop(Engine::Leave leave = Engine::Leave::Everything);

    /// Time passes, and a sample is taken.
    void second(std::chrono::milliseconds time = std::chrono::seconds(1));

    Result<quint32> add(const std::vector<WatchSpec> &watches);
    Result<quint32> edit(const QString &name, const WatchEdit &edit); ///< with the revision of now
    Result<quint32> edit(quint32 revision, const QString &name, const WatchEdit &edit);
    Result<void> remove(const QString &name);
    Result<void> remove(quint32 revision, const QString &name);
    Result<quint32> restore(const QString &name);
    Result<quint32> set(const QMap<QString, QVariant> &settings);
    std::vector<HistoryPoint> history(const HistoryQuery &query);
    RemoteRanking remotes(const RemoteQuery &query);
    std::vector<SeriesShare> ranking(SeriesKind kind, qint64 fromS, qint64 toS, size_t limit);
    FlowPage flows(const QString &filter = {}, bool closed = false);

    Result<void> endBurst(const QString &name);
    std::vector<LimitStatus> limits();
    Result<BurstPreview> previewBurst(const QString &name, const BurstPolicy &burst, qint64 fromS);
    Result<Engine::QuotaPreview> previewQuota(const QString &name, const QuotaPolicy &quota);
    void letArchiveAnswer();
    /// The events of what passed are met, and what follows from them.
    void settle();

    WatchStatus watch(const QString &name) const; ///< default-made when there is none
    LinkStatus link(const QString &name) const;
    bool hasProblem(const QString &id) const;
    QStringList names() const;

    /// Bytes received and sent by a TCP port, from and to the Internet, on link `on` (by default the first).
    void pass(quint16 port, quint64 rxBytes, quint64 txBytes, int on = 0, quint8 protocol = 6);

    static WatchSpec ports(const QString &name, const PortRanges &ranges,
                           Protocols protocols = Protocols::Both);
    static WatchSpec onLink(const QString &name, const QString &link);

    std::shared_ptr<FakeMachine> machine = std::make_shared<FakeMachine>();
    ManualClock clock;
    QTemporaryDir directory;
    std::unique_ptr<Store> store;
    std::unique_ptr<KernelThread> kernel;
    std::unique_ptr<Engine> engine;
    int eth0 = 0;
    bool storeFails = false;       ///< each write fails from now on
    bool archiveFails = false;     ///< each question for points fails from now on
    bool archiveWaits = false;     ///< each is asked when letArchiveAnswer() is called
    int writes = 0;                ///< that succeeded or were refused
    std::function<void()> onWrite; ///< called before each

private:
    std::vector<std::function<void()>> m_waiting;
};

} // namespace weir::test
