// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/client.h"

#include <QStringList>

#include <optional>

namespace weir::client {

/// Widths of a step as the API names them; what is finer comes first.
enum class Step { Minute, Quarter, Hour, Day, Month };

/// "minute", "quarter", "hour", "day", "month".
QString nameOfStep(Step step);
std::optional<Step> stepFromName(const QString &name);

/// What is asked about: UTC seconds and the zone whose hours, days and months are meant.
struct HistorySpan {
    qint64 from = 0;
    qint64 to = 0;
    Step step = Step::Hour;
    QString zone; ///< an IANA id; empty: the helper's own

    bool operator==(const HistorySpan &) const = default;
};

enum class ExportFormat { Csv, Json };

/// The interface org.weir.Weir1.History, asynchronously, as Client does it: answers come later on the
/// client's thread, and none when `context` is gone. A series is named as series() names it: "link:eth0",
/// "watch:web", "watch:#12", "service:nginx.service". Descriptors stay the caller's.
///
/// Reads wait ten seconds; what may take long (exports, checks, copies) or ask the person waits five minutes.
class History
{
public:
    /// `client` outlives this.
    explicit History(Client &client) : m_client(client) { }

    /// All that has a history, removed watches too; sorted by kind and name.
    void series(QObject *context, OnAnswer<dbus::SeriesRows> done) const;
    /// Steps without holes, at most dbus::kMaxHistoryPoints.
    void points(const QString &series, const HistorySpan &span, QObject *context,
                OnAnswer<dbus::HistoryRows> done) const;
    /// Today, month and year of up to dbus::kMaxSumSeries series; of every link when `series` is empty.
    void sums(const QStringList &series, const QString &zone, QObject *context,
              OnAnswer<dbus::SumRows> done) const;
    /// The largest remotes and, last and without address, all others.
    void remotes(const QString &series, qint64 from, qint64 to, uint limit, QObject *context,
                 OnAnswer<dbus::RemoteRows> done) const;
    /// `kind`: "link", "watch", "service".
    void ranking(const QString &kind, qint64 from, qint64 to, uint limit, QObject *context,
                 OnAnswer<dbus::RankingRows> done) const;

    /// Writes into `file`, which is open for writing; answers how many rows. All series when `series` is
    /// empty.
    void exportTo(int file, const QStringList &series, const HistorySpan &span, ExportFormat format,
                  QObject *context, OnAnswer<qulonglong> done) const;
    /// Deletes whole days; 0 for `from` or `to`: no end there. Answers how many rows.
    void remove(const QString &series, qint64 from, qint64 to, QObject *context,
                OnAnswer<qulonglong> done) const;

    /// What is wrong with the database, a line each.
    void check(QObject *context, OnAnswer<QStringList> done) const;
    /// Writes a copy of the database into `file`; answers how many bytes.
    void backup(int file, QObject *context, OnAnswer<qulonglong> done) const;
    /// Puts the copy in `file`, open for reading, in the place of the database; answers where the one before
    /// lies now.
    void restore(int file, QObject *context, OnAnswer<QString> done) const;
    /// Begins with an empty database; answers where the one before lies now.
    void startAfresh(QObject *context, OnAnswer<QString> done) const;

private:
    Client &m_client;
};

} // namespace weir::client
