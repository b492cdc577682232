// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/store.h"

#include "helper/store/caller_file.h"
#include "helper/store/database.h"
#include "helper/store/repair.h"

#include <QDir>
#include <QElapsedTimer>
#include <QThread>

#include <atomic>
#include <functional>

namespace weir {

struct Store::Private {
    QString path;
    QThread thread;
    QObject context;                    // lives on the thread
    std::unique_ptr<Database> database; // used on the thread only

    Retention retention; // used on the thread only
    std::atomic<bool> isOpen = false;
    QThread repairThread;
    QObject repairContext; // lives on that thread
    std::atomic<bool> isCancelled = false;
    bool isRepairing = false; // used on the store's own thread

    /// Runs `work` on the repair thread, and `done` with what it gave on the store's own.
    template <typename T>
    void repair(Store *store, std::function<Result<T>()> work, std::function<void(Result<T>)> done)
    {
        if (std::exchange(isRepairing, true))
            return done(failure(
                ErrorKind::Conflict,
                QStringLiteral(
                    "the database is being checked, copied or restored already; wait until that is done")));
        QMetaObject::invokeMethod(
            &repairContext,
            [this, store, work = std::move(work), done = std::move(done)] {
                QMetaObject::invokeMethod(
                    store,
                    [this, given = work(), done] {
                        isRepairing = false;
                        done(given);
                    },
                    Qt::QueuedConnection);
            },
            Qt::QueuedConnection);
    }

    repair::InUse inUse() const { return isOpen ? repair::InUse::Yes : repair::InUse::No; }

    /// Runs `swap` on the store's thread while the file is closed; from then on there is no database but the
    /// one that a new start opens.
    Result<QString> withClosedFile(const std::function<Result<QString>()> &swap)
    {
        Result<QString> moved;
        QMetaObject::invokeMethod(
            &context,
            [&] {
                const bool wasOpen = isOpen.exchange(false);
                database = std::make_unique<Database>(path);
                database->setRetention(retention);
                moved = swap();
                if (!moved && wasOpen) // nothing has changed: go on with it
                    isOpen = database->open().has_value();
            },
            Qt::BlockingQueuedConnection);
        return moved;
    }

    QElapsedTimer sinceTidied; // used on the thread only

    /// Thins out history step by step: what is queued meanwhile comes between two steps.
    void tidy()
    {
        if (!database) // the store is ending
            return;
        const auto more = database->tidy();
        // an error comes again with the next change, which reports it
        if (more && *more)
            QMetaObject::invokeMethod(
                &context, [this] { tidy(); }, Qt::QueuedConnection);
    }
    void tidyNowAndThen()
    {
        constexpr qint64 kMinuteMs = 60'000;
        if (sinceTidied.isValid() && sinceTidied.elapsed() < kMinuteMs)
            return;
        sinceTidied.start();
        QMetaObject::invokeMethod(
            &context, [this] { tidy(); }, Qt::QueuedConnection);
    }

    /// Runs `question` on the thread, and `answer` with what it gave on the store's own.
    template <typename Question, typename Answer>
    void ask(Store *store, Question question, Answer answer)
    {
        QMetaObject::invokeMethod(
            &context,
            [this, store, question = std::move(question), answer = std::move(answer)]() mutable {
                QMetaObject::invokeMethod(
                    store,
                    [given = std::invoke(question, *database), answer = std::move(answer)]() mutable {
                        answer(std::move(given));
                    },
                    Qt::QueuedConnection);
            },
            Qt::QueuedConnection);
    }
};

Store::Store(const QString &stateDirectory, QObject *parent) : QObject(parent), d(std::make_unique<Private>())
{
    d->path = QDir(stateDirectory).filePath(QStringLiteral("weir.db"));
    d->database = std::make_unique<Database>(d->path);
    d->thread.setObjectName(QStringLiteral("weir-store"));
    d->context.moveToThread(&d->thread);
    d->thread.start();
    d->repairThread.setObjectName(QStringLiteral("weir-repair"));
    d->repairContext.moveToThread(&d->repairThread);
    d->repairThread.start();
}

Store::~Store()
{
    d->isCancelled = true;
    d->repairThread.quit();
    d->repairThread.wait();
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
        &d->context,
        [&] {
            repair::removeLeftovers(d->path);
            state = d->database->open();
            d->isOpen = state.has_value();
        },
        Qt::BlockingQueuedConnection);
    return state;
}

void Store::write(StateChange change, std::function<void(Result<void>)> done)
{
    d->ask(
        this,
        [this, change = std::move(change)](Database &database) {
            d->tidyNowAndThen();
            return database.write(change);
        },
        std::move(done));
}

Archive Store::archive()
{
    Archive archive;
    archive.points = [this](std::vector<HistoryQuery> queries, auto answer) {
        d->ask(
            this, [queries = std::move(queries)](Database &database) { return database.points(queries); },
            std::move(answer));
    };
    archive.series = [this](auto answer) { d->ask(this, &Database::series, std::move(answer)); };
    archive.remotes = [this](const RemoteQuery &query, auto answer) {
        d->ask(
            this, [query](Database &database) { return database.remotes(query); }, std::move(answer));
    };
    archive.forget = [this](SeriesKey series, qint64 fromS, qint64 toS, auto answer) {
        d->ask(
            this, [=](Database &database) { return database.forget(series, fromS, toS); }, std::move(answer));
    };
    return archive;
}

void Store::setRetention(const Retention &retention)
{
    QMetaObject::invokeMethod(
        &d->context,
        [this, retention] {
            d->retention = retention;
            d->database->setRetention(retention);
        },
        Qt::QueuedConnection);
}

void Store::check(std::function<void(Result<QStringList>)> done)
{
    d->repair<QStringList>(
        this, [this] { return repair::check(d->path, d->inUse()); }, std::move(done));
}

void Store::backUp(int file, std::function<void(Result<quint64>)> done)
{
    const auto target = std::make_shared<OpenFile>(file);
    d->repair<quint64>(
        this,
        [this, target] {
            return repair::backUp(d->path, d->inUse(), target->get(), caller_file::kPatience, d->isCancelled);
        },
        std::move(done));
}

void Store::restore(int file, std::function<void(Result<QString>)> done)
{
    const auto source = std::make_shared<OpenFile>(file);
    d->repair<QString>(
        this,
        [this, source]() -> Result<QString> {
            const auto copy = repair::fetch(d->path, source->get(), d->isCancelled);
            if (!copy)
                return copy;
            return d->withClosedFile([&] { return repair::replace(d->path, *copy); });
        },
        std::move(done));
}

void Store::startAfresh(std::function<void(Result<QString>)> done)
{
    d->repair<QString>(
        this,
        [this] {
            return d->withClosedFile([this] { return repair::moveAside(d->path, QStringLiteral("aside")); });
        },
        std::move(done));
}

void Store::drain()
{
    QMetaObject::invokeMethod(
        &d->context, [] {}, Qt::BlockingQueuedConnection);
}

} // namespace weir
