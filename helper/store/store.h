// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/records.h"

#include <QObject>
#include <QString>
#include <QStringList>

#include <functional>
#include <memory>

namespace weir {

/// The SQLite file that remembers watches, totals and settings: `weir.db` in the state directory.
///
/// One writer thread owns the connection; the object itself lives on the main thread. WAL,
/// synchronous=NORMAL, each write() one transaction. A file that is damaged or from a newer version is
/// refused and not touched.
class Store : public QObject
{
    Q_OBJECT
public:
    explicit Store(const QString &stateDirectory, QObject *parent = nullptr);
    ~Store() override; ///< waits until what was written is on its way to the disk

    /// Opens or makes the file, brings its schema up to date and reads everything. Waits for the disk: called
    /// once, at start. Errors: StorageFailed (unreadable, damaged, newer, no room), naming the file and what
    /// to do.
    Result<State> open();

    QString path() const;

    /// Queues one transaction; `done` is called on the main thread. After a failed open() every write fails.
    void write(StateChange change, std::function<void(Result<void>)> done);

    /// How long the tables by time are kept. What is past its time goes in small steps after changes, at most
    /// once a minute.
    void setRetention(const Retention &retention);

    /// Questions, each behind the changes that were queued before it; for as long as the store lives.
    Archive archive();

    // What follows works on a thread of its own, also after a failed open(), one call at a time: Conflict
    // while another runs.

    /// What is wrong with the database, a line each; nothing when all is well.
    void check(std::function<void(Result<QStringList>)> done);

    /// Writes a copy, of one moment, into the caller's file: a regular one or a pipe. Takes over `file`, a
    /// descriptor. Gives the number of bytes. Errors: InvalidArgument (file: also when nobody reads the pipe
    /// for 30 s), StorageFailed.
    void backUp(int file, std::function<void(Result<quint64>)> done);

    /// Puts the caller's file in the place of the database, once it is proved to be one, and gives where the
    /// former one is; empty when there was none. Takes over `file`, a descriptor. Everything fails from then
    /// on: a new helper reads the new file. Errors: InvalidArgument (file: not a regular file, not a database
    /// of Weir, damaged, newer, larger than 4 GiB), StorageFailed; then nothing has changed.
    void restore(int file, std::function<void(Result<QString>)> done);

    /// Moves the database aside and gives where it is. Everything fails from then on: a new helper makes a
    /// new file.
    void startAfresh(std::function<void(Result<QString>)> done);

    /// Waits until every queued write is done.
    void drain();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace weir
