// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"
#include "helper/service/calls.h"

namespace weir {

/// The methods of org.weir.Weir1.Limits; see the XML for what they promise.
///
/// All replies are delayed: what a method returns here is not sent.
class LimitsService
{
public:
    LimitsService(const QDBusContext &context, Calls &calls, Engine &engine);

    dbus::LimitRows GetLimits();
    uint SetLimit(uint revision, const QString &name, const QVariantMap &fields);
    uint SetQuota(uint revision, const QString &name, const QVariantMap &fields);
    uint SetBurst(uint revision, const QString &name, const QVariantMap &fields);
    uint SwitchPolicy(uint revision, const QString &name, const QString &policy, bool enabled);
    uint RemovePolicy(uint revision, const QString &name, const QString &policy);
    uint Calibrate(uint revision, const QString &name, qulonglong usedBytes);
    uint UndoCalibrate(uint revision, const QString &name);
    uint BeginPeriod(uint revision, const QString &name);
    uint UndoBeginPeriod(uint revision, const QString &name);
    void EndBurst(const QString &name);
    qlonglong PreviewBurst(const QString &name, const QVariantMap &fields, qlonglong fromS, uint &stepS,
                           dbus::TriggerRows &triggers);
    dbus::QuotaState PreviewQuota(const QString &name, const QVariantMap &fields);

private:
    void edit(const CallPointer &call, uint revision, const QString &name, const QString &what,
              const Result<WatchEdit> &edit);

    const QDBusContext &m_context;
    Calls &m_calls;
    Engine &m_engine;
};

} // namespace weir
