// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/live_service.h"

#include "helper/service/requests.h"
#include "helper/service/rows.h"

namespace weir {

namespace {

QVariant toWire(const std::vector<double> &samples)
{
    return QVariant::fromValue(dbus::Samples(samples.begin(), samples.end()));
}

} // namespace

LiveService::LiveService(const QDBusContext &context, Calls &calls, Engine &engine,
                         Subscriptions &subscriptions)
    : m_context(context), m_calls(calls), m_engine(engine), m_subscriptions(subscriptions)
{ }

dbus::LinkRows LiveService::GetLinks()
{
    if (const auto call = m_calls.admit(m_context))
        m_calls.authorize(call,
                          [this, call] { call->answer({QVariant::fromValue(toRows(m_engine.links()))}); });
    return {};
}

dbus::ServiceRows LiveService::GetServices()
{
    if (const auto call = m_calls.admit(m_context))
        m_calls.authorize(call, [this, call] {
            m_engine.services([call](const Result<std::vector<ServiceStatus>> &services) {
                if (services)
                    call->answer({QVariant::fromValue(toRows(*services))});
                else
                    call->fail(services.error());
            });
        });
    return {};
}

uint LiveService::GetFlows(const QVariantMap &query, uint &, dbus::FlowRows &)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    const auto flowQuery = readFlowQuery(query);
    if (!flowQuery)
        return call->fail(flowQuery.error()), 0;
    m_engine.lookForLinks(flowQuery->filter.links(), [=, this] {
        if (const auto good = m_engine.checkFlows(*flowQuery); !good)
            return m_calls.failForReaders(call, good.error());
        m_calls.authorize(call, [=, this] {
            m_engine.flows(*flowQuery, [call](const Result<FlowPage> &page) {
                if (page)
                    call->answer(
                        {uint(page->matching), uint(page->total), QVariant::fromValue(toRows(page->rows))});
                else
                    call->fail(page.error());
            });
        });
    });
    return {};
}

qlonglong LiveService::GetSamples(const QString &kind, const QString &name, dbus::Samples &, dbus::Samples &)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    const auto sampleKind = readSampleKind(kind);
    if (!sampleKind)
        return call->fail(sampleKind.error()), 0;
    if (const auto there = samples(*sampleKind, name); !there)
        return m_calls.failForReaders(call, there.error()), 0;
    m_calls.authorize(call, [=, this] {
        const auto series = samples(*sampleKind, name);
        if (series)
            call->answer({qlonglong(series->endMs), toWire(series->rxBytesPerSecond),
                          toWire(series->txBytesPerSecond)});
        else
            call->fail(series.error());
    });
    return {};
}

uint LiveService::Subscribe(const QString &topic, uint intervalMs, const QVariantMap &query)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    const auto request = readSubscription(topic, intervalMs, query);
    if (!request)
        return call->fail(request.error()), 0;
    m_engine.lookForLinks(request->query.filter.links(), [=, this] {
        if (const auto good = m_engine.checkFlows(request->query); !good)
            return m_calls.failForReaders(call, good.error());
        if (const auto room = m_subscriptions.checkRoom({call->sender(), call->uid()}, *request); !room)
            return call->fail(room.error());
        m_calls.authorize(call, [=, this] {
            call->finish(m_subscriptions.add({call->sender(), call->uid()}, call->action(), *request));
        });
    });
    return {};
}

void LiveService::Unsubscribe(uint subscription)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return;
    if (const auto good = m_subscriptions.checkRemove(call->sender(), subscription); !good)
        return call->fail(good.error());
    m_calls.authorize(call,
                      [=, this] { call->finish(m_subscriptions.remove(call->sender(), subscription)); });
}

Result<SampleSeries> LiveService::samples(SampleKind kind, const QString &name) const
{
    switch (kind) {
    case SampleKind::Link:
        return m_engine.linkSamples(name);
    case SampleKind::Watch:
        return m_engine.watchSamples(name);
    }
    Q_UNREACHABLE();
}

} // namespace weir
