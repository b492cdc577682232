// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/stub_helper.h"

#include "dbus/names.h"

#include <QDBusUnixFileDescriptor>
#include <QFile>

#include <algorithm>

namespace weir::test {

namespace {

template <typename T>
T argument(const QDBusMessage &message, qsizetype index)
{
    return qdbus_cast<T>(message.arguments().at(index));
}

} // namespace

bool StubHelper::answerHistory(const QDBusMessage &message)
{
    const QString method = message.member();
    const auto is = [&method](const char *name) { return method == QLatin1String(name); };
    if (is("ListSeries"))
        reply(message, {QVariant::fromValue(series)});
    else if (is("GetHistory"))
        getHistory(message);
    else if (is("GetSums"))
        reply(message, {QVariant::fromValue(sums)});
    else if (is("GetRemotes"))
        reply(message, {QVariant::fromValue(remotes.value(argument<QString>(message, 0)))});
    else if (is("GetRanking"))
        reply(message, {QVariant::fromValue(ranking.value(argument<QString>(message, 0)))});
    else if (is("Export"))
        writeInto(message, exportedRows);
    else if (is("BackupDatabase"))
        writeInto(message, qulonglong(exported.size()));
    else if (is("DeleteHistory"))
        deleteHistory(message);
    else if (is("CheckDatabase"))
        reply(message, {findings});
    else if (is("RestoreDatabase"))
        restoreDatabase(message);
    else if (is("StartAfresh"))
        reply(message, {movedTo});
    else
        return false;
    return true;
}

bool StubHelper::hasSeries(const QString &name) const
{
    return std::any_of(series.begin(), series.end(), [&](const auto &row) { return row.series == name; });
}

void StubHelper::getHistory(const QDBusMessage &message)
{
    const auto name = argument<QString>(message, 0);
    if (!hasSeries(name))
        return refuse(message, dbus::error::kNotFound, QStringLiteral("series: no such series"));
    const qint64 from = argument<qlonglong>(message, 1);
    const qint64 to = argument<qlonglong>(message, 2);
    dbus::HistoryRows points;
    for (const dbus::HistoryRow &point : history.value(name)) {
        if (point.end > from && point.start < to)
            points.append(point);
    }
    reply(message, {QVariant::fromValue(points)});
}

void StubHelper::deleteHistory(const QDBusMessage &message)
{
    const auto name = argument<QString>(message, 0);
    if (!hasSeries(name))
        return refuse(message, dbus::error::kNotFound, QStringLiteral("series: no such series"));
    const qint64 from = argument<qlonglong>(message, 1);
    const qint64 to = argument<qlonglong>(message, 2);
    const auto deleted = history[name].removeIf([&](const dbus::HistoryRow &point) {
        return (from == 0 || point.start >= from) && (to == 0 || point.end <= to);
    });
    reply(message, {qulonglong(deleted)});
}

void StubHelper::writeInto(const QDBusMessage &message, qulonglong count)
{
    const auto file = argument<QDBusUnixFileDescriptor>(message, 0);
    QFile out;
    if (!out.open(file.fileDescriptor(), QIODevice::WriteOnly | QIODevice::Unbuffered)
        || out.write(exported) != exported.size())
        return refuse(message, dbus::error::kInvalidArgument, QStringLiteral("file: not writable"));
    reply(message, {count});
}

void StubHelper::restoreDatabase(const QDBusMessage &message)
{
    const auto file = argument<QDBusUnixFileDescriptor>(message, 0);
    QFile in;
    if (!in.open(file.fileDescriptor(), QIODevice::ReadOnly))
        return refuse(message, dbus::error::kInvalidArgument, QStringLiteral("file: not readable"));
    restored = in.readAll();
    reply(message, {movedTo});
}

void StubHelper::markSeriesRemoved(const QString &watch)
{
    for (dbus::SeriesRow &row : series) {
        if (row.series != QStringLiteral("watch:") + watch)
            continue;
        const QString removed = QStringLiteral("watch:#%1").arg(++m_lastRemoved);
        history.insert(removed, history.take(row.series));
        row.series = removed;
        row.removed = timeMs / 1000;
    }
}

} // namespace weir::test
