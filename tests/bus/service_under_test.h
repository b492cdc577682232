// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/engine.h"
#include "helper/service/polkit_authorizer.h"
#include "helper/service/service.h"
#include "helper/store/store.h"
#include "tests/bus/system_bus.h"
#include "tests/support/fake_kernel.h"

#include <QTemporaryDir>

namespace weir::test {

/// The real service, engine and store on a test's bus, over a fake kernel with one NIC, eth0.
class ServiceUnderTest
{
public:
    struct Options {
        PolkitAuthorizer::Patience patience;
        std::chrono::milliseconds recheckInterval = std::chrono::minutes(3);
        GovernSupport support = {}; ///< what the kernel lacks
    };

    explicit ServiceUnderTest(SystemBus &bus);
    ServiceUnderTest(SystemBus &bus, const Options &options);
    ~ServiceUnderTest();

    /// Why it does not run; empty when it does. Check first thing in a test.
    QString failure() const { return m_failure; }

    FakeMachine &machine() { return *m_machine; }
    int nic() const { return m_nic; }
    Engine &engine() { return *m_engine; }
    bool isEnded() const { return m_isEnded; } ///< by Clean

    /// Everything in the database but the counters' moments, as text: equal texts, equal state.
    QByteArray stored();

private:
    static Repair repair();

    QTemporaryDir m_directory;
    std::shared_ptr<FakeMachine> m_machine;
    int m_nic = 0;
    Clock m_clock;
    Store m_store;
    std::unique_ptr<KernelThread> m_kernel;
    std::unique_ptr<Engine> m_engine;
    std::unique_ptr<PolkitAuthorizer> m_authorizer;
    std::unique_ptr<Service> m_service;
    QString m_failure;
    bool m_isEnded = false;
};

} // namespace weir::test
