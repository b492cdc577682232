// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/client.h"

namespace weir::client {

enum class Policy { Limit, Quota, Burst };

/// "limit", "quota", "burst".
QString nameOfPolicy(Policy policy);

struct BurstPreview {
    qint64 knownFrom = 0; ///< UTC seconds: from when on there is history
    uint stepS = 0;
    dbus::TriggerRows triggers;
};

/// The interface org.weir.Weir1.Limits, asynchronously, as Client does it: answers come later on the client's
/// thread, and none when `context` is gone. `fields` are those of the interface's SetLimit, SetQuota and
/// SetBurst; what changes something takes the watch's revision and answers the new one.
class Limits
{
public:
    /// `client` outlives this.
    explicit Limits(Client &client) : m_client(client) { }

    void limits(QObject *context, OnAnswer<dbus::LimitRows> done) const;

    void set(Policy policy, uint revision, const QString &name, const QVariantMap &fields, QObject *context,
             OnAnswer<uint> done) const;
    void enable(Policy policy, uint revision, const QString &name, bool enabled, QObject *context,
                OnAnswer<uint> done) const;
    void remove(Policy policy, uint revision, const QString &name, QObject *context,
                OnAnswer<uint> done) const;

    void calibrate(uint revision, const QString &name, quint64 usedBytes, QObject *context,
                   OnAnswer<uint> done) const;
    void undoCalibrate(uint revision, const QString &name, QObject *context, OnAnswer<uint> done) const;
    void beginPeriod(uint revision, const QString &name, QObject *context, OnAnswer<uint> done) const;
    void undoBeginPeriod(uint revision, const QString &name, QObject *context, OnAnswer<uint> done) const;

    /// Ends the throttle of a burst guard now.
    void endBurst(const QString &name, QObject *context, OnAnswer<void> done) const;

    void previewBurst(const QString &name, const QVariantMap &fields, qint64 from, QObject *context,
                      OnAnswer<BurstPreview> done) const;
    void previewQuota(const QString &name, const QVariantMap &fields, QObject *context,
                      OnAnswer<dbus::QuotaState> done) const;

private:
    void change(const QString &method, const QVariantList &arguments, QObject *context,
                OnAnswer<uint> done) const;

    Client &m_client;
};

/// The fields that SetLimit, SetQuota and SetBurst take, as they are set now: for changing some of them.
QVariantMap fieldsOf(const dbus::LimitState &limit);
QVariantMap fieldsOf(const dbus::QuotaState &quota);
QVariantMap fieldsOf(const dbus::BurstState &burst);

} // namespace weir::client
