// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/records.h"

#include <QObject>
#include <QString>

#include <functional>
#include <memory>

namespace weir {

/// The SQLite file that remembers watches, totals and settings: `weir.db` in the state directory.
///
/// One writer thread owns the connection; the object itself lives on the main thread. WAL, synchronous=NORMAL, each write() one
/// transaction. A file that is damaged or from a newer version is refused and not touched.
class Store : public QObject
{
    Q_OBJECT
public:
    explicit Store(const QString &stateDirectory, QObject *parent = nullptr);
    ~Store() override;  ///< waits until what was written is on its way to the disk

    /// Opens or makes the file, brings its schema up to date and reads everything. Waits for the disk: called once, at start.
    /// Errors: StorageFailed (unreadable, damaged, newer, no room), naming the file and what to do.
    Result<State> open();

    QString path() const;

    /// Queues one transaction; `done` is called on the main thread. After a failed open() every write fails.
    void write(StateChange change, std::function<void(Result<void>)> done);

    /// Waits until every queued write is done.
    void drain();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace weir
