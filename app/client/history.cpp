// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/history.h"

#include "app/client/bus.h"
#include "app/client/reply.h"
#include "dbus/names.h"

#include <QDBusUnixFileDescriptor>

#include <array>
#include <utility>

namespace weir::client {

namespace {

constexpr std::array kSteps{
    std::pair{Step::Minute, QLatin1String("minute")}, std::pair{Step::Quarter, QLatin1String("quarter")},
    std::pair{Step::Hour, QLatin1String("hour")},     std::pair{Step::Day, QLatin1String("day")},
    std::pair{Step::Month, QLatin1String("month")},
};

/// A descriptor as an argument: QtDBus takes a copy.
QVariant descriptor(int file)
{
    return QVariant::fromValue(QDBusUnixFileDescriptor(file));
}

} // namespace

QString nameOfStep(Step step)
{
    return kSteps.at(size_t(step)).second;
}

std::optional<Step> stepFromName(const QString &name)
{
    for (const auto &[step, known] : kSteps)
        if (name == known)
            return step;
    return std::nullopt;
}

void History::series(QObject *context, OnAnswer<dbus::SeriesRows> done) const
{
    m_client.m_bus->call(dbus::kHistoryInterface, QStringLiteral("ListSeries"), {}, CallKind::Read,
                         answering(context, std::move(done)));
}

void History::points(const QString &series, const HistorySpan &span, QObject *context,
                     OnAnswer<dbus::HistoryRows> done) const
{
    m_client.m_bus->call(dbus::kHistoryInterface, QStringLiteral("GetHistory"),
                         {series, qlonglong(span.from), qlonglong(span.to), nameOfStep(span.step), span.zone},
                         CallKind::Read, answering(context, std::move(done)));
}

void History::sums(const QStringList &series, const QString &zone, QObject *context,
                   OnAnswer<dbus::SumRows> done) const
{
    m_client.m_bus->call(dbus::kHistoryInterface, QStringLiteral("GetSums"), {series, zone}, CallKind::Read,
                         answering(context, std::move(done)));
}

void History::remotes(const QString &series, qint64 from, qint64 to, uint limit, QObject *context,
                      OnAnswer<dbus::RemoteRows> done) const
{
    m_client.m_bus->call(dbus::kHistoryInterface, QStringLiteral("GetRemotes"),
                         {series, qlonglong(from), qlonglong(to), limit}, CallKind::Read,
                         answering(context, std::move(done)));
}

void History::ranking(const QString &kind, qint64 from, qint64 to, uint limit, QObject *context,
                      OnAnswer<dbus::RankingRows> done) const
{
    m_client.m_bus->call(dbus::kHistoryInterface, QStringLiteral("GetRanking"),
                         {kind, qlonglong(from), qlonglong(to), limit}, CallKind::Read,
                         answering(context, std::move(done)));
}

void History::exportTo(int file, const QStringList &series, const HistorySpan &span, ExportFormat format,
                       QObject *context, OnAnswer<qulonglong> done) const
{
    const QString words = format == ExportFormat::Csv ? QStringLiteral("csv") : QStringLiteral("json");
    m_client.m_bus->call(dbus::kHistoryInterface, QStringLiteral("Export"),
                         {descriptor(file), series, qlonglong(span.from), qlonglong(span.to),
                          nameOfStep(span.step), span.zone, words},
                         CallKind::Guarded, answering(context, std::move(done)));
}

void History::remove(const QString &series, qint64 from, qint64 to, QObject *context,
                     OnAnswer<qulonglong> done) const
{
    m_client.m_bus->call(dbus::kHistoryInterface, QStringLiteral("DeleteHistory"),
                         {series, qlonglong(from), qlonglong(to)}, CallKind::Guarded,
                         answering(context, std::move(done)));
}

void History::check(QObject *context, OnAnswer<QStringList> done) const
{
    m_client.m_bus->call(dbus::kHistoryInterface, QStringLiteral("CheckDatabase"), {}, CallKind::Guarded,
                         answering(context, std::move(done)));
}

void History::backup(int file, QObject *context, OnAnswer<qulonglong> done) const
{
    m_client.m_bus->call(dbus::kHistoryInterface, QStringLiteral("BackupDatabase"), {descriptor(file)},
                         CallKind::Guarded, answering(context, std::move(done)));
}

void History::restore(int file, QObject *context, OnAnswer<QString> done) const
{
    m_client.m_bus->call(dbus::kHistoryInterface, QStringLiteral("RestoreDatabase"), {descriptor(file)},
                         CallKind::Guarded, answering(context, std::move(done)));
}

void History::startAfresh(QObject *context, OnAnswer<QString> done) const
{
    m_client.m_bus->call(dbus::kHistoryInterface, QStringLiteral("StartAfresh"), {}, CallKind::Guarded,
                         answering(context, std::move(done)));
}

} // namespace weir::client
