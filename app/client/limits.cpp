// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/limits.h"

#include "app/client/bus.h"
#include "app/client/reply.h"
#include "dbus/names.h"

namespace weir::client {

QString nameOfPolicy(Policy policy)
{
    switch (policy) {
    case Policy::Limit:
        return QStringLiteral("limit");
    case Policy::Quota:
        return QStringLiteral("quota");
    case Policy::Burst:
        return QStringLiteral("burst");
    }
    Q_UNREACHABLE();
}

void Limits::change(const QString &method, const QVariantList &arguments, QObject *context,
                    OnAnswer<uint> done) const
{
    m_client.m_bus->call(dbus::kLimitsInterface, method, arguments, CallKind::Guarded,
                         answering(context, std::move(done)));
}

void Limits::limits(QObject *context, OnAnswer<dbus::LimitRows> done) const
{
    m_client.m_bus->call(dbus::kLimitsInterface, QStringLiteral("GetLimits"), {}, CallKind::Read,
                         answering(context, std::move(done)));
}

void Limits::set(Policy policy, uint revision, const QString &name, const QVariantMap &fields,
                 QObject *context, OnAnswer<uint> done) const
{
    const auto method = [policy] {
        switch (policy) {
        case Policy::Limit:
            return QStringLiteral("SetLimit");
        case Policy::Quota:
            return QStringLiteral("SetQuota");
        case Policy::Burst:
            return QStringLiteral("SetBurst");
        }
        Q_UNREACHABLE();
    };
    change(method(), {revision, name, fields}, context, std::move(done));
}

void Limits::enable(Policy policy, uint revision, const QString &name, bool enabled, QObject *context,
                    OnAnswer<uint> done) const
{
    change(QStringLiteral("SwitchPolicy"), {revision, name, nameOfPolicy(policy), enabled}, context,
           std::move(done));
}

void Limits::remove(Policy policy, uint revision, const QString &name, QObject *context,
                    OnAnswer<uint> done) const
{
    change(QStringLiteral("RemovePolicy"), {revision, name, nameOfPolicy(policy)}, context, std::move(done));
}

void Limits::calibrate(uint revision, const QString &name, quint64 usedBytes, QObject *context,
                       OnAnswer<uint> done) const
{
    change(QStringLiteral("Calibrate"), {revision, name, qulonglong(usedBytes)}, context, std::move(done));
}

void Limits::undoCalibrate(uint revision, const QString &name, QObject *context, OnAnswer<uint> done) const
{
    change(QStringLiteral("UndoCalibrate"), {revision, name}, context, std::move(done));
}

void Limits::beginPeriod(uint revision, const QString &name, QObject *context, OnAnswer<uint> done) const
{
    change(QStringLiteral("BeginPeriod"), {revision, name}, context, std::move(done));
}

void Limits::undoBeginPeriod(uint revision, const QString &name, QObject *context, OnAnswer<uint> done) const
{
    change(QStringLiteral("UndoBeginPeriod"), {revision, name}, context, std::move(done));
}

void Limits::endBurst(const QString &name, QObject *context, OnAnswer<void> done) const
{
    m_client.m_bus->call(dbus::kLimitsInterface, QStringLiteral("EndBurst"), {name}, CallKind::Guarded,
                         answering(context, std::move(done)));
}

void Limits::previewBurst(const QString &name, const QVariantMap &fields, qint64 from, QObject *context,
                          OnAnswer<BurstPreview> done) const
{
    m_client.m_bus->call(
        dbus::kLimitsInterface, QStringLiteral("PreviewBurst"), {name, fields, qlonglong(from)},
        CallKind::Read,
        answering(context, std::move(done), unpackAs<BurstPreview, qlonglong, uint, dbus::TriggerRows>));
}

void Limits::previewQuota(const QString &name, const QVariantMap &fields, QObject *context,
                          OnAnswer<dbus::QuotaState> done) const
{
    m_client.m_bus->call(dbus::kLimitsInterface, QStringLiteral("PreviewQuota"), {name, fields},
                         CallKind::Read, answering(context, std::move(done)));
}

QVariantMap fieldsOf(const dbus::LimitState &limit)
{
    QVariantMap fields{{QStringLiteral("when"), limit.when}, {QStringLiteral("enabled"), limit.enabled}};
    if (limit.downBitsPerSecond != 0)
        fields.insert(QStringLiteral("down_bits_per_s"), limit.downBitsPerSecond);
    if (limit.upBitsPerSecond != 0)
        fields.insert(QStringLiteral("up_bits_per_s"), limit.upBitsPerSecond);
    return fields;
}

QVariantMap fieldsOf(const dbus::QuotaState &quota)
{
    QVariantMap fields{
        {QStringLiteral("size_bytes"), quota.sizeBytes}, {QStringLiteral("reset_day"), quota.resetDay},
        {QStringLiteral("billing"), quota.billing},      {QStringLiteral("factor"), quota.factor},
        {QStringLiteral("scope"), quota.scope},          {QStringLiteral("alerts"), quota.alerts},
        {QStringLiteral("overflow"), quota.overflow},    {QStringLiteral("enabled"), quota.enabled}};
    if (quota.overflow == QLatin1String("throttle"))
        fields.insert(QStringLiteral("throttle_bits_per_s"), quota.throttleBitsPerSecond);
    if (quota.overflow == QLatin1String("block"))
        fields.insert(QStringLiteral("exempt"), quota.exempt);
    return fields;
}

QVariantMap fieldsOf(const dbus::BurstState &burst)
{
    return {{QStringLiteral("trigger_bits_per_s"), burst.triggerBitsPerSecond},
            {QStringLiteral("direction"), burst.direction},
            {QStringLiteral("window_s"), burst.windowS},
            {QStringLiteral("throttle_bits_per_s"), burst.throttleBitsPerSecond},
            {QStringLiteral("hold_s"), burst.holdS},
            {QStringLiteral("enabled"), burst.enabled}};
}

} // namespace weir::client
