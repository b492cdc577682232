// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/limits_service.h"

#include "helper/service/field_reader.h"
#include "helper/service/limit_requests.h"
#include "helper/service/limit_rows.h"
#include "helper/service/rows.h"

namespace weir {

namespace {

/// An edit that sets what was read.
template <typename Policy>
Result<WatchEdit> setting(const Result<Policy> &policy,
                          std::optional<std::optional<Policy>> WatchEdit::*member)
{
    if (!policy)
        return std::unexpected(policy.error());
    WatchEdit edit;
    (edit.*member).emplace(*policy);
    return edit;
}

/// What was set, for the audit log.
QString told(const QString &policy, const QVariantMap &fields)
{
    QStringList parts;
    for (auto field = fields.begin(); field != fields.end(); ++field) {
        const QString value = field->toString();
        parts << QStringLiteral("%1 %2").arg(
            field.key(), field->metaType() == QMetaType::fromType<QString>() ? quoted(value) : value);
    }
    return policy + QStringLiteral(": ") + parts.join(QStringLiteral(", "));
}

/// NotFound where there is no such watch: a preview checks its own state only when it runs.
Result<void> checkWatch(const Engine &engine, const QString &name)
{
    const auto samples = engine.watchSamples(name);
    return samples ? Result<void>() : std::unexpected(samples.error());
}

} // namespace

LimitsService::LimitsService(const QDBusContext &context, Calls &calls, Engine &engine)
    : m_context(context), m_calls(calls), m_engine(engine)
{ }

dbus::LimitRows LimitsService::GetLimits()
{
    if (const auto call = m_calls.admit(m_context))
        m_calls.authorize(call, [this, call] {
            m_engine.limits([call](const Result<std::vector<LimitStatus>> &limits) {
                if (limits)
                    call->answer({QVariant::fromValue(toRows(*limits))});
                else
                    call->fail(limits.error());
            });
        });
    return {};
}

void LimitsService::edit(const CallPointer &call, uint revision, const QString &name, const QString &what,
                         const Result<WatchEdit> &edit)
{
    if (!edit)
        return call->fail(edit.error());
    call->describe(QStringLiteral("%1 (%2)").arg(quoted(name), what));
    if (const auto good = m_engine.checkEdit(revision, name, *edit); !good)
        return m_calls.failForReaders(call, good.error());
    m_calls.authorize(call, [=, this, change = *edit] {
        m_engine.editWatch(revision, name, change,
                           [call](const Result<quint32> &result) { call->finish(result); });
    });
}

uint LimitsService::SetLimit(uint revision, const QString &name, const QVariantMap &fields)
{
    if (const auto call = m_calls.admit(m_context))
        edit(call, revision, name, told(QStringLiteral("limit"), fields),
             setting(readLimit(fields), &WatchEdit::limit));
    return {};
}

uint LimitsService::SetQuota(uint revision, const QString &name, const QVariantMap &fields)
{
    if (const auto call = m_calls.admit(m_context))
        edit(call, revision, name, told(QStringLiteral("quota"), fields),
             setting(readQuota(fields), &WatchEdit::quota));
    return {};
}

uint LimitsService::SetBurst(uint revision, const QString &name, const QVariantMap &fields)
{
    if (const auto call = m_calls.admit(m_context))
        edit(call, revision, name, told(QStringLiteral("burst"), fields),
             setting(readBurst(fields), &WatchEdit::burst));
    return {};
}

uint LimitsService::SwitchPolicy(uint revision, const QString &name, const QString &policy, bool enabled)
{
    if (const auto call = m_calls.admit(m_context))
        edit(call, revision, name, policy + (enabled ? QStringLiteral(" on") : QStringLiteral(" off")),
             readSwitch(policy, enabled));
    return {};
}

uint LimitsService::RemovePolicy(uint revision, const QString &name, const QString &policy)
{
    if (const auto call = m_calls.admit(m_context))
        edit(call, revision, name, QStringLiteral("no ") + policy, readRemoval(policy));
    return {};
}

uint LimitsService::Calibrate(uint revision, const QString &name, qulonglong usedBytes)
{
    if (const auto call = m_calls.admit(m_context))
        edit(call, revision, name, QStringLiteral("%1 bytes are used").arg(usedBytes), readUsed(usedBytes));
    return {};
}

uint LimitsService::UndoCalibrate(uint revision, const QString &name)
{
    WatchEdit undo;
    undo.usedBytes.emplace();
    if (const auto call = m_calls.admit(m_context))
        edit(call, revision, name, QStringLiteral("no calibration"), undo);
    return {};
}

uint LimitsService::BeginPeriod(uint revision, const QString &name)
{
    WatchEdit begin;
    begin.period = WatchEdit::Period::BeginNow;
    if (const auto call = m_calls.admit(m_context))
        edit(call, revision, name, QStringLiteral("period begins now"), begin);
    return {};
}

uint LimitsService::UndoBeginPeriod(uint revision, const QString &name)
{
    WatchEdit undo;
    undo.period = WatchEdit::Period::UndoBegin;
    if (const auto call = m_calls.admit(m_context))
        edit(call, revision, name, QStringLiteral("period as it was"), undo);
    return {};
}

void LimitsService::EndBurst(const QString &name)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return;
    if (const auto good = m_engine.checkEndBurst(name); !good)
        return m_calls.failForReaders(call, good.error());
    call->describe(quoted(name));
    m_calls.authorize(call, [=, this] {
        m_engine.endBurst(name, [call](const Result<void> &result) { call->finish(result); });
    });
}

qlonglong LimitsService::PreviewBurst(const QString &name, const QVariantMap &fields, qlonglong fromS, uint &,
                                      dbus::TriggerRows &)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    const auto burst = readBurst(fields);
    if (!burst)
        return call->fail(burst.error()), 0;
    if (const auto good = checkPreviewFrom(fromS, m_engine.nowS()); !good)
        return call->fail(good.error()), 0;
    if (const auto there = checkWatch(m_engine, name); !there)
        return m_calls.failForReaders(call, there.error()), 0;
    m_calls.authorize(call, [=, this, burst = *burst] {
        m_engine.previewBurst(name, burst, fromS, [call](const Result<BurstPreview> &preview) {
            if (preview)
                call->answer({qlonglong(preview->knownFromS), uint(preview->stepS),
                              QVariant::fromValue(toRows(preview->triggers))});
            else
                call->fail(preview.error());
        });
    });
    return {};
}

dbus::QuotaState LimitsService::PreviewQuota(const QString &name, const QVariantMap &fields)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    const auto quota = readQuota(fields);
    if (!quota)
        return call->fail(quota.error()), dbus::QuotaState{};
    if (const auto there = checkWatch(m_engine, name); !there)
        return m_calls.failForReaders(call, there.error()), dbus::QuotaState{};
    m_calls.authorize(call, [=, this, quota = *quota] {
        m_engine.previewQuota(name, quota, [call](const Result<Engine::QuotaPreview> &preview) {
            if (preview)
                call->answer({QVariant::fromValue(toRow(*preview))});
            else
                call->fail(preview.error());
        });
    });
    return {};
}

} // namespace weir
