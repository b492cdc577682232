// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"
#include "helper/service/calls.h"

namespace weir {

/// The methods of org.weir.Weir1.Watches; see the XML for what they promise.
///
/// All replies are delayed: what a method returns here is not sent.
class WatchesService
{
public:
    WatchesService(const QDBusContext &context, Calls &calls, Engine &engine);

    dbus::WatchRows GetWatches();
    uint AddWatch(const QString &name, const QVariantMap &fields);
    void AddWatches(const dbus::NewWatches &watches);
    uint EditWatch(uint revision, const QString &name, const QVariantMap &fields);
    void RemoveWatch(uint revision, const QString &name);
    uint RestoreWatch(const QString &name);

private:
    const QDBusContext &m_context;
    Calls &m_calls;
    Engine &m_engine;
};

} // namespace weir
