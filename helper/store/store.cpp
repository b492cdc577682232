// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/store.h"

#include "helper/store/database.h"

#include <QDir>
#include <QThread>

namespace weir {

struct Store::Private {
    QString path;
    QThread thread;
    QObject context;                        // lives on the thread
    std::unique_ptr<Database> database;     // used on the thread only
};

Store::Store(const QString &stateDirectory, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
    d->path = QDir(stateDirectory).filePath(QStringLiteral("weir.db"));
    d->database = std::make_unique<Database>(d->path);
    d->thread.setObjectName(QStringLiteral("weir-store"));
    d->context.moveToThread(&d->thread);
    d->thread.start();
}

Store::~Store()
{
    // behind all writes; a connection must end on the thread that opened it
    QMetaObject::invokeMethod(
        &d->context,
        [this] {
            d->database.reset();
            d->thread.quit();
        },
        Qt::QueuedConnection);
    d->thread.wait();
}

QString Store::path() const
{
    return d->path;
}

Result<State> Store::open()
{
    Result<State> state;
    QMetaObject::invokeMethod(
        &d->context, [&] { state = d->database->open(); }, Qt::BlockingQueuedConnection);
    return state;
}

void Store::write(StateChange change, std::function<void(Result<void>)> done)
{
    QMetaObject::invokeMethod(
        &d->context,
        [this, change = std::move(change), done = std::move(done)]() mutable {
            auto written = d->database->write(change);
            QMetaObject::invokeMethod(
                this, [written = std::move(written), done = std::move(done)] { done(written); }, Qt::QueuedConnection);
        },
        Qt::QueuedConnection);
}

void Store::drain()
{
    QMetaObject::invokeMethod(&d->context, [] {}, Qt::BlockingQueuedConnection);
}

} // namespace weir
