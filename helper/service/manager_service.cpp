// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/manager_service.h"

#include "dbus/names.h"
#include "helper/engine/settings.h"
#include "helper/service/field_reader.h"
#include "helper/service/requests.h"
#include "helper/service/rows.h"

#include <QCoreApplication>
#include <QSysInfo>

namespace weir {

namespace {

/// "flush_interval_s=60, metered_links='eth0'", for the audit log.
QString described(const QMap<QString, QVariant> &settings)
{
    QStringList pairs;
    for (auto setting = settings.begin(); setting != settings.end(); ++setting)
        pairs << QStringLiteral("%1=%2").arg(setting.key(), quoted(setting.value().toString()));
    return pairs.join(QStringLiteral(", "));
}

} // namespace

ManagerService::ManagerService(const QDBusContext &context, Calls &calls, Engine &engine,
                               const QString &database, Ender ender)
    : m_context(context), m_calls(calls), m_engine(engine), m_database(database), m_end(std::move(ender))
{ }

QVariantMap ManagerService::GetStatus()
{
    if (const auto call = m_calls.admit(m_context))
        m_calls.authorize(call, [this, call] {
            m_engine.lookAtFlows([this, call](const Result<void> &) { call->answer({status()}); });
        });
    return {};
}

dbus::ProblemRows ManagerService::GetProblems()
{
    if (const auto call = m_calls.admit(m_context))
        m_calls.authorize(call,
                          [this, call] { call->answer({QVariant::fromValue(toRows(m_engine.problems()))}); });
    return {};
}

uint ManagerService::GetSettings(QVariantMap &)
{
    if (const auto call = m_calls.admit(m_context))
        m_calls.authorize(call, [this, call] {
            call->answer({m_engine.settingsRevision(), QVariantMap(m_engine.settings())});
        });
    return {};
}

uint ManagerService::SetSettings(uint revision, const QVariantMap &settings)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    const auto changes = readSettings(settings);
    if (!changes)
        return call->fail(changes.error()), 0;
    call->describe(described(*changes));
    m_engine.lookForLinks(linksOf(*changes), [=, this] {
        if (const auto good = m_engine.checkSettings(revision, *changes); !good)
            return m_calls.failForReaders(call, good.error());
        m_calls.authorize(call, [=, this] {
            m_engine.setSettings(revision, *changes,
                                 [call](const Result<quint32> &result) { call->finish(result); });
        });
    });
    return {};
}

void ManagerService::Clean()
{
    if (const auto call = m_calls.admit(m_context))
        m_calls.authorize(call, [this, call] {
            m_calls.close();
            m_end([call](const Result<void> &result) { call->finish(result); });
        });
}

QVariantMap ManagerService::status() const
{
    const EngineStatus status = m_engine.status();
    return {
        {QStringLiteral("version"), QStringLiteral(WEIR_VERSION)},
        {QStringLiteral("api_version"), dbus::kApiVersion},
        {QStringLiteral("kernel"), QSysInfo::kernelVersion()},
        {QStringLiteral("boot_id"), status.bootId},
        {QStringLiteral("pid"), uint(QCoreApplication::applicationPid())},
        {QStringLiteral("started_s"), qlonglong(status.startedS)},
        {QStringLiteral("meter"), status.meterMode},
        {QStringLiteral("metered_links"), status.meteredLinks},
        {QStringLiteral("watches"), status.watches},
        {QStringLiteral("flows"), status.flows},
        {QStringLiteral("flow_capacity"), status.flowCapacity},
        {QStringLiteral("unattributed_bytes"), qulonglong(status.unattributedBytes)},
        {QStringLiteral("database"), m_database},
        {QStringLiteral("problems"), uint(m_engine.problems().size())},
    };
}

} // namespace weir
