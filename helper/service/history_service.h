// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"
#include "helper/engine/civil_time.h"
#include "helper/service/calls.h"
#include "helper/service/repair.h"

#include <QDBusUnixFileDescriptor>

namespace weir {

class ExportJobs;

/// The methods of org.weir.Weir1.History; see the XML for what they promise.
///
/// All replies are delayed: what a method returns here is not sent.
class HistoryService
{
public:
    HistoryService(const QDBusContext &context, Calls &calls, Engine &engine, Repair repair);
    ~HistoryService();

    dbus::SeriesRows ListSeries();
    dbus::HistoryRows GetHistory(const QString &series, qlonglong fromS, qlonglong toS, const QString &step,
                                 const QString &zone);
    dbus::SumRows GetSums(const QStringList &series, const QString &zone);
    dbus::RemoteRows GetRemotes(const QString &series, qlonglong fromS, qlonglong toS, uint limit);
    dbus::RankingRows GetRanking(const QString &kind, qlonglong fromS, qlonglong toS, uint limit);
    qulonglong Export(const QDBusUnixFileDescriptor &file, const QStringList &series, qlonglong fromS,
                      qlonglong toS, const QString &step, const QString &zone, const QString &format);
    qulonglong DeleteHistory(const QString &series, qlonglong fromS, qlonglong toS);
    QStringList CheckDatabase();
    qulonglong BackupDatabase(const QDBusUnixFileDescriptor &file);
    QString RestoreDatabase(const QDBusUnixFileDescriptor &file);
    QString StartAfresh();

private:
    Result<std::vector<SeriesKey>> findAll(const QStringList &series) const;
    void sums(const CallPointer &call, const QStringList &series, const CivilZone &zone);

    const QDBusContext &m_context;
    Calls &m_calls;
    Engine &m_engine;
    const Repair m_repair;
    std::unique_ptr<ExportJobs> m_exports;
};

} // namespace weir
