// SPDX-License-Identifier: GPL-3.0-or-later

// The composition root of weir-helper: the only place that knows all parts.

#include "dbus/names.h"
#include "helper/engine/engine.h"
#include "helper/engine/settings.h"
#include "helper/kernel/real_kernel.h"
#include "helper/log.h"
#include "helper/options.h"
#include "helper/service/polkit_authorizer.h"
#include "helper/service/service.h"
#include "helper/service_manager.h"
#include "helper/signals.h"
#include "helper/store/state_lock.h"
#include "helper/store/store.h"

#include <QCoreApplication>
#include <QDBusConnection>
#include <QDBusConnectionInterface>
#include <QDBusError>
#include <QDBusMessage>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QSet>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <unistd.h>
#include <vector>

namespace {

using namespace weir;

Q_LOGGING_CATEGORY(lcHelper, "weir.helper", QtInfoMsg)

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

QDBusConnection connectBus(const QString &bus)
{
    const QString name = QStringLiteral("weir-helper");
    if (bus == QLatin1String("system"))
        return QDBusConnection::connectToBus(QDBusConnection::SystemBus, name);
    if (bus == QLatin1String("session"))
        return QDBusConnection::connectToBus(QDBusConnection::SessionBus, name);
    return QDBusConnection::connectToBus(bus, name);
}

std::unique_ptr<RealKernel> makeKernel(const Options &options)
{
    return std::make_unique<RealKernel>(options.meter, Drift::kWindow, options.cgroupRoot);
}

/// The parts of a running helper, in the order in which they stand on each other.
class Helper : public QObject
{
    Q_OBJECT
public:
    enum class End { Stopped, Failed, Reload };

    explicit Helper(const Options &options) : m_options(options) { }

    Result<void> start();

    /// How it ended; after the event loop has ended.
    End end() const { return m_end; }

private Q_SLOTS:
    void busLost();

private:
    /// Stores everything and ends the event loop; `done`, if any, hears how it went first.
    void stop(Engine::Leave leave, End end, Reply<void> done = {});
    void finish(End end, const Result<void> &result, const Reply<void> &done);
    void logProblems();
    Repair repair();
    void beginAnew();

    const Options m_options;
    const Clock m_clock;
    std::unique_ptr<StateLock> m_lock;
    std::unique_ptr<Store> m_store;
    std::unique_ptr<KernelThread> m_kernel;
    std::unique_ptr<Engine> m_engine;
    std::unique_ptr<QDBusConnection> m_bus;
    std::unique_ptr<PolkitAuthorizer> m_authorizer;
    std::unique_ptr<Service> m_service;
    std::unique_ptr<Signals> m_signals;
    QSet<QString> m_loggedProblems;
    End m_end = End::Failed;
    bool m_isStopping = false;
    bool m_canStore = true; // the database was opened, be it for reading only
};

Result<void> Helper::start()
{
    m_signals = std::make_unique<Signals>();
    connect(m_signals.get(), &Signals::terminationRequested, this,
            // a database that was refused leaves nothing that a next helper could adopt
            [this] {
                stop(m_canStore ? Engine::Leave::Nothing : Engine::Leave::NothingEvenUnstored, End::Stopped);
            });
    connect(m_signals.get(), &Signals::reloadRequested, this, [this] {
        if (!m_isStopping)
            service_manager::reloading();
        stop(Engine::Leave::Everything, End::Reload);
    });

    // Nothing of the kernel is touched before it is sure that no other helper is there.
    auto lock = StateLock::acquire(m_options.stateDirectory);
    if (!lock)
        return std::unexpected(lock.error());
    m_lock = std::make_unique<StateLock>(std::move(*lock));

    m_bus = std::make_unique<QDBusConnection>(connectBus(m_options.bus));
    if (!m_bus->isConnected())
        return failure(
            ErrorKind::Unsupported,
            QStringLiteral("cannot reach the bus '%1': %2").arg(m_options.bus, m_bus->lastError().message()));
    if (m_bus->interface()->isServiceRegistered(dbus::kService))
        return failure(ErrorKind::Conflict,
                       QStringLiteral("another program, pid %1, is %2 on this bus already")
                           .arg(m_bus->interface()->servicePid(dbus::kService))
                           .arg(dbus::kService));
    m_bus->connect(QString(), QStringLiteral("/org/freedesktop/DBus/Local"),
                   QStringLiteral("org.freedesktop.DBus.Local"), QStringLiteral("Disconnected"), this,
                   SLOT(busLost()));

    m_store = std::make_unique<Store>(m_options.stateDirectory);
    auto state = m_store->open();
    if (state)
        m_store->setRetention(Settings::fromStored(state->settings).retention);
    m_kernel = std::make_unique<KernelThread>(makeKernel(m_options));
    m_engine = std::make_unique<Engine>(
        *m_kernel, state.value_or(State{}),
        [this](StateChange change, std::function<void(Result<void>)> done) {
            const auto settings = change.settings;
            m_store->write(std::move(change), [this, settings, done = std::move(done)](Result<void> written) {
                if (written && settings)
                    m_store->setRetention(Settings::fromStored(*settings).retention);
                done(std::move(written));
            });
        },
        m_clock, m_store->archive());
    connect(m_engine.get(), &Engine::problemsChanged, this, &Helper::logProblems);
    if (!state)
        m_engine->refuseStorage(
            {QStringLiteral("storage-failed"), QStringLiteral("error"), m_store->path(),
             QStringLiteral("%1; traffic is shown but not remembered, and nothing can be changed")
                 .arg(state.error().message),
             QStringLiteral(
                 "weirctl check says what is wrong with it; weirctl restore FILE puts a backup in its "
                 "place, weirctl start-afresh begins with an empty one; the old file is moved aside, "
                 "never deleted")});
    else if (state->notWritable)
        m_engine->setProblem(
            {QStringLiteral("storage-failed"), QStringLiteral("error"), QStringLiteral("database"),
             QStringLiteral("Totals are not stored and watches cannot be changed: ")
                 + state->notWritable->message,
             QStringLiteral("Make the disk writable, or make room; it is tried again with each flush.")});
    if (state && !state->leftOut.isEmpty())
        m_engine->setProblem(
            {QStringLiteral("policies-left-out"), QStringLiteral("error"), QStringLiteral("database"),
             QStringLiteral("%1 limits, quotas or guards are not in force, first: %2")
                 .arg(QString::number(state->leftOut.size()), state->leftOut.first()),
             QStringLiteral("weirctl check names them; set them again. It is looked at with each start.")});
    m_canStore = state.has_value();
    if (const auto started = m_engine->start(); !started)
        return started;

    m_authorizer = std::make_unique<PolkitAuthorizer>(*m_bus);
    m_service = std::make_unique<Service>(*m_engine, *m_authorizer, *m_bus,
                                          Service::Options{m_store->path(),
                                                           [this](Reply<void> done) {
                                                               stop(Engine::Leave::NothingEvenUnstored,
                                                                    End::Stopped, std::move(done));
                                                           },
                                                           repair()});
    if (const auto published = m_service->publish(); !published)
        return published;
    service_manager::ready();
    qCInfo(lcHelper, "weir-helper %s is up, pid %lld, database %s", WEIR_VERSION, qint64(getpid()),
           qUtf8Printable(m_store->path()));
    return {};
}

Repair Helper::repair()
{
    // the store takes descriptors over, and the caller's is closed with its call
    const auto copyOf = [](int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 0); };
    const auto thenBeginAnew = [this](const Reply<QString> &reply) {
        return [this, reply](const Result<QString> &moved) {
            reply(moved);
            if (moved)
                beginAnew();
        };
    };
    return {
        [this](Reply<QStringList> reply) { m_store->check(std::move(reply)); },
        [this, copyOf](int descriptor, Reply<quint64> reply) {
            m_store->backUp(copyOf(descriptor), std::move(reply));
        },
        [this, copyOf, thenBeginAnew](int descriptor, const Reply<QString> &reply) {
            m_store->restore(copyOf(descriptor), thenBeginAnew(reply));
        },
        [this, thenBeginAnew](const Reply<QString> &reply) { m_store->startAfresh(thenBeginAnew(reply)); },
    };
}

/// Another database is in place: what this engine knows belongs to the one before, and is not written any
/// more. What is in the kernel stays for the next incarnation.
void Helper::beginAnew()
{
    if (std::exchange(m_isStopping, true))
        return;
    service_manager::reloading();
    m_service->close();
    finish(End::Reload, {}, [](const Result<void> &) {});
}

void Helper::busLost()
{
    // Counting in the kernel goes on; a new helper adopts it on a new bus.
    qCCritical(lcHelper, "the bus is gone; ending with everything left in place");
    stop(Engine::Leave::Everything, End::Failed);
}

void Helper::stop(Engine::Leave leave, End end, Reply<void> done)
{
    if (std::exchange(m_isStopping, true))
        return;
    if (end != End::Reload)
        service_manager::stopping();
    if (!m_service) // a signal while start() still runs is handled after it
        return finish(end, {}, done);
    m_service->close();
    m_engine->stop(leave, [this, end, done](const Result<void> &result) { finish(end, result, done); });
}

void Helper::finish(End end, const Result<void> &result, const Reply<void> &done)
{
    m_store->drain();
    if (!result)
        qCCritical(lcHelper, "%s", qUtf8Printable(result.error().message));
    if (done) {
        done(result);
        // What was sent before is on its way once the bus has answered this.
        m_bus->call(QDBusMessage::createMethodCall(
            QStringLiteral("org.freedesktop.DBus"), QStringLiteral("/org/freedesktop/DBus"),
            QStringLiteral("org.freedesktop.DBus"), QStringLiteral("GetId")));
    }
    m_end = result || end == End::Reload ? end : End::Failed;
    QCoreApplication::quit();
}

void Helper::logProblems()
{
    QSet<QString> now;
    for (const Problem &problem : m_engine->problems()) {
        const KernelProblem &what = problem.what;
        const QString key = what.id + QLatin1Char(' ') + what.subject;
        now.insert(key);
        if (!m_loggedProblems.contains(key))
            qCWarning(lcHelper, "problem %s: %s (remedy: %s)", qUtf8Printable(key), qUtf8Printable(what.text),
                      qUtf8Printable(what.remedy));
    }
    for (const QString &key : std::as_const(m_loggedProblems)) {
        if (!now.contains(key))
            qCInfo(lcHelper, "problem %s is over", qUtf8Printable(key));
    }
    m_loggedProblems = now;
}

/// Takes out what an ended helper left; refuses while one runs, whose counting it would cut off.
Result<void> clean(const Options &options)
{
    std::unique_ptr<StateLock> lock;
    // Where there is no lock no helper is, and one made by root would keep the helper's user out.
    if (QFileInfo::exists(StateLock::path(options.stateDirectory))) {
        auto acquired = StateLock::acquire(options.stateDirectory);
        if (!acquired)
            return failure(acquired.error().kind,
                           acquired.error().message
                               + QStringLiteral("; use 'weirctl clean' while a helper runs"));
        lock = std::make_unique<StateLock>(std::move(*acquired));
    }
    return makeKernel(options)->removeEverything();
}

/// Where this program is, also after a package manager has put a new one there.
QByteArray programPath()
{
    QByteArray path(PATH_MAX, '\0');
    const ssize_t length = readlink("/proc/self/exe", path.data(), size_t(path.size()));
    path.resize(std::max<ssize_t>(length, 0));
    return path;
}

int run(const Options &options, const QByteArray &program, char *argv[])
{
    auto helper = std::make_unique<Helper>(options);
    if (const auto started = helper->start(); !started) {
        qCCritical(lcHelper, "%s", qUtf8Printable(started.error().message));
        return kExitFailed;
    }
    QCoreApplication::exec();
    const Helper::End end = helper->end();
    helper.reset(); // closes the database and lets the lock go
    switch (end) {
    case Helper::End::Stopped:
        return 0;
    case Helper::End::Failed:
        return kExitFailed;
    case Helper::End::Reload:
        execv(program.constData(), argv);
        qCCritical(lcHelper, "cannot execute %s: %s", program.constData(), strerror(errno));
        return kExitFailed;
    }
    Q_UNREACHABLE();
}

} // namespace

int main(int argc, char *argv[])
{
    const QByteArray program = programPath();
    // QCoreApplication takes its own options out of argv; the next incarnation gets all of them.
    std::vector<char *> arguments(argv, argv + argc + 1);
    Signals::block();
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("weir-helper"));

    const auto options = parseOptions(QCoreApplication::arguments());
    if (!options) {
        fprintf(stderr, "weir-helper: %s See weir-helper --help.\n", qUtf8Printable(options.error()));
        return kExitUsage;
    }
    if (!options->text.isEmpty()) {
        fputs(qUtf8Printable(options->text), stdout);
        return 0;
    }
    log::install(options->level);
    if (options->clean) {
        const auto cleaned = clean(*options);
        if (!cleaned)
            fprintf(stderr, "weir-helper --clean: %s\n", qUtf8Printable(cleaned.error().message));
        return cleaned ? 0 : kExitFailed;
    }
    return run(*options, program, arguments.data());
}

#include "main.moc"
