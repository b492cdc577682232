// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/error.h"

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QString>

#include <functional>

namespace weir {

/// One connection to a SQLite file, with errors that name the file and what to do.
///
/// Used on one thread, the one that opens it. Queries must be gone before it is.
class Connection
{
public:
    enum class Access {
        ReadWrite,
        ReadOnly,   ///< leaves no mark on a file that nobody has open: not even a log, when there is none
        ReadBeside, ///< of a file that another connection writes
    };

    explicit Connection(QString path);
    ~Connection();
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    /// Error: StorageFailed.
    Result<void> open(Access access);
    void close();
    const QString &path() const { return m_path; }

    /// Forward only.
    Result<QSqlQuery> prepare(const QString &statement);
    /// Runs a prepared query; `what` names the attempt in the error.
    Result<void> run(QSqlQuery &query, const QString &what);
    Result<void> execute(const QString &statement);
    /// The first value of the first row; 0 when there is no row or it is NULL.
    Result<qint64> number(const QString &statement);
    /// Runs `work` in a transaction that holds the right to write; nothing of it remains when it fails.
    Result<void> transaction(const std::function<Result<void>()> &work);
    /// Sets a pragma and reads it back: SQLite ignores what it cannot do.
    Result<void> pragma(const QString &name, const QString &value, const QString &answer);

    std::unexpected<Error> failed(const QString &what, const QString &why) const;
    /// With what to do against it, where that is known.
    std::unexpected<Error> failed(const QString &what, const QSqlError &error) const;

private:
    const QString m_path;
    const QString m_name;
    QSqlDatabase m_database;
};

} // namespace weir
