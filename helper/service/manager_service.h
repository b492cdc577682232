// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"
#include "helper/service/calls.h"

#include <functional>

namespace weir {

/// The methods of org.weir.Weir1.Manager; see the XML for what they promise.
///
/// All replies are delayed: what a method returns here is not sent.
class ManagerService
{
public:
    /// Ends the helper: takes Weir out of the kernel, stores, says how it went, and quits once that was sent.
    using Ender = std::function<void(Reply<void>)>;

    ManagerService(const QDBusContext &context, Calls &calls, Engine &engine, const QString &database,
                   Ender ender);

    QVariantMap GetStatus();
    dbus::ProblemRows GetProblems();
    uint GetSettings(QVariantMap &settings);
    uint SetSettings(uint revision, const QVariantMap &settings);
    void Clean();

private:
    QVariantMap status() const;

    const QDBusContext &m_context;
    Calls &m_calls;
    Engine &m_engine;
    QString m_database;
    Ender m_end;
};

} // namespace weir
