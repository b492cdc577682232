// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"
#include "helper/service/calls.h"
#include "helper/service/subscriptions.h"

namespace weir {

/// The methods of org.weir.Weir1.Live; see the XML for what they promise.
///
/// All replies are delayed: what a method returns here is not sent.
class LiveService
{
public:
    LiveService(const QDBusContext &context, Calls &calls, Engine &engine, Subscriptions &subscriptions);

    dbus::LinkRows GetLinks();
    dbus::ServiceRows GetServices();
    uint GetFlows(const QVariantMap &query, uint &total, dbus::FlowRows &flows);
    qlonglong GetSamples(const QString &kind, const QString &name, dbus::Samples &rx, dbus::Samples &tx);
    uint Subscribe(const QString &topic, uint intervalMs, const QVariantMap &query);
    void Unsubscribe(uint subscription);

private:
    Result<SampleSeries> samples(SampleKind kind, const QString &name) const;

    const QDBusContext &m_context;
    Calls &m_calls;
    Engine &m_engine;
    Subscriptions &m_subscriptions;
};

} // namespace weir
