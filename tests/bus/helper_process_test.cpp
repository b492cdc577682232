// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/names.h"
#include "dbus/types.h"
#include "tests/bus/polkit_stand_in.h"
#include "tests/bus/system_bus.h"
#include "tests/support/netns.h"

#include <QDBusConnectionInterface>
#include <QDir>
#include <QProcess>
#include <QRegularExpression>
#include <QScopeGuard>
#include <QTest>

#include <csignal>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace weir;
using namespace weir::test;

namespace {

QVariantMap ports(const char *list)
{
    return {{QStringLiteral("ports"), QString::fromLatin1(list)}};
}

} // namespace

/// weir-helper as a program: how it starts, reloads and ends, on a bus, a network namespace and a BPF file
/// system of its own.
class HelperProcessTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void terminatedItLeavesNothingAndRemembersItsWatches();
    void aSecondHelperOnTheSameStateIsRefusedAndNamesTheFirst();
    void aHelperWhoseNameIsTakenIsRefusedBeforeItTouchesTheKernel();
    void reloadedItIsTheSameProcessWithEverythingInPlace();
    void killedItIsAdoptedByTheNext();
    void aLostBusEndsItWithAFailureAndEverythingInPlace();
    void theCallToCleanIsAnsweredAndEndsIt();
    void theOptionToCleanIsRefusedWhileAHelperRuns();
    void theOptionToCleanRemovesWhatAKilledHelperLeft();
    void aDamagedDatabaseIsAProblemAndNotAnEnd();
    void withoutRightsItRunsAndSaysWhatItLacks();
    void wrongUsageIsRefusedWithStatusTwo();
    void theServiceManagerIsToldOfStartReloadAndEnd();
    void inTheJournalEachLineBeginsWithItsPriority();

private:
    using Words = QStringList;

    /// Starts a helper; `before` are words before its path, such as setpriv's.
    void start(QProcess &process, const Words &more = {}, const Words &before = {}) const;
    /// Waits until this very process serves.
    bool isUp(const QProcess &process) const;
    int statusOf(QProcess &process) const;
    int run(const Words &arguments, QByteArray *errors = nullptr) const;
    bool hasPins() const
    {
        return !QDir(m_pins).entryList(QDir::AllEntries | QDir::NoDotAndDotDot).isEmpty();
    }
    QStringList watchNames() const;
    QStringList problemIds() const;

    std::unique_ptr<Netns> m_netns;
    std::unique_ptr<PrivateBpffs> m_bpffs;
    QString m_pins;
    std::unique_ptr<QTemporaryDir> m_state;
    std::unique_ptr<SystemBus> m_bus;
    std::unique_ptr<PolkitStandIn> m_polkit;
    std::unique_ptr<Client> m_client;
};

void HelperProcessTest::initTestCase()
{
    m_bpffs = std::make_unique<PrivateBpffs>();
    m_pins = m_bpffs->pinDirectory();
}

void HelperProcessTest::init()
{
    m_netns = std::make_unique<Netns>();
    m_netns->enter();
    m_netns->ipBatch("link add a0 type veth peer name b0\nlink set a0 up\nlink set b0 up\naddress add "
                     "10.77.0.1/24 dev a0\n"
                     "route add default via 10.77.0.2\n");
    m_state = std::make_unique<QTemporaryDir>();
    m_bus = std::make_unique<SystemBus>();
    QVERIFY(!m_bus->address().isEmpty());
    m_polkit = std::make_unique<PolkitStandIn>(m_bus->connection());
    m_client = std::make_unique<Client>(*m_bus);
}

void HelperProcessTest::cleanup()
{
    m_client.reset();
    m_polkit.reset();
    m_bus.reset();
    run({QStringLiteral("--clean")});
    m_state.reset();
}

void HelperProcessTest::start(QProcess &process, const Words &more, const Words &before) const
{
    const Words words = before
        + Words{QStringLiteral(WEIR_HELPER),
                QStringLiteral("--bus"),
                m_bus->address(),
                QStringLiteral("--state-dir"),
                m_state->path(),
                QStringLiteral("--bpf-dir"),
                m_pins}
        + more;
    process.start(words.first(), words.mid(1));
}

bool HelperProcessTest::isUp(const QProcess &process) const
{
    const auto pid = [this] {
        return m_client->connection().interface()->servicePid(dbus::kService).value();
    };
    return QTest::qWaitFor(
               [&] { return pid() == process.processId() || process.state() == QProcess::NotRunning; },
               kPatienceMs)
        && pid() == process.processId();
}

int HelperProcessTest::statusOf(QProcess &process) const
{
    if (!QTest::qWaitFor([&] { return process.state() == QProcess::NotRunning; }, kPatienceMs))
        return -1;
    return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
}

int HelperProcessTest::run(const Words &arguments, QByteArray *errors) const
{
    QProcess process;
    process.start(QStringLiteral(WEIR_HELPER),
                  Words{QStringLiteral("--state-dir"), m_state->path(), QStringLiteral("--bpf-dir"), m_pins}
                      + arguments);
    process.waitForFinished();
    if (errors)
        *errors = process.readAllStandardError();
    return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
}

QStringList HelperProcessTest::watchNames() const
{
    QStringList names;
    for (const dbus::WatchRow &row :
         qdbus_cast<dbus::WatchRows>(m_client->call("Watches", "GetWatches").arguments().value(0)))
        names << row.name;
    return names;
}

QStringList HelperProcessTest::problemIds() const
{
    QStringList ids;
    for (const dbus::ProblemRow &row :
         qdbus_cast<dbus::ProblemRows>(m_client->call("Manager", "GetProblems").arguments().value(0)))
        ids << row.id;
    return ids;
}

void HelperProcessTest::terminatedItLeavesNothingAndRemembersItsWatches()
{
    QProcess helper;
    start(helper);
    QVERIFY2(isUp(helper), helper.readAllStandardError());
    QCOMPARE(m_client->call("Watches", "AddWatch", {QStringLiteral("web"), ports("80")}).errorMessage(),
             QString());
    QVERIFY(hasPins());
    helper.terminate();
    QCOMPARE(statusOf(helper), 0);
    QVERIFY(!hasPins());
    QProcess next;
    start(next);
    QVERIFY(isUp(next));
    QCOMPARE(watchNames(), QStringList(QStringLiteral("web")));
    next.terminate();
    QCOMPARE(statusOf(next), 0);
}

void HelperProcessTest::aSecondHelperOnTheSameStateIsRefusedAndNamesTheFirst()
{
    QProcess first;
    start(first);
    QVERIFY(isUp(first));
    QProcess second;
    start(second);
    QCOMPARE(statusOf(second), 1);
    const QByteArray errors = second.readAllStandardError();
    QVERIFY2(errors.contains(QByteArray::number(first.processId())), errors);
    QVERIFY(isUp(first));
    first.terminate();
    QCOMPARE(statusOf(first), 0);
}

void HelperProcessTest::aHelperWhoseNameIsTakenIsRefusedBeforeItTouchesTheKernel()
{
    m_client->connection().registerService(dbus::kService);
    QProcess helper;
    start(helper);
    QCOMPARE(statusOf(helper), 1);
    const QByteArray errors = helper.readAllStandardError();
    QVERIFY2(errors.contains(QByteArray::number(QCoreApplication::applicationPid())), errors);
    QVERIFY(!hasPins());
}

void HelperProcessTest::reloadedItIsTheSameProcessWithEverythingInPlace()
{
    QProcess helper;
    start(helper);
    QVERIFY(isUp(helper));
    QCOMPARE(m_client->call("Watches", "AddWatch", {QStringLiteral("web"), ports("80")}).errorMessage(),
             QString());
    const auto owner = [this] {
        return m_client->connection().interface()->serviceOwner(dbus::kService).value();
    };
    const QString before = owner();
    // one look at the bus: asked twice, the name can go between "not the old owner" and "an owner"
    const auto hasAnotherOwner = [&] {
        const QString now = owner();
        return !now.isEmpty() && now != before;
    };
    QCOMPARE(kill(pid_t(helper.processId()), SIGHUP), 0);
    QTRY_VERIFY_WITH_TIMEOUT(hasAnotherOwner(), kPatienceMs);
    QVERIFY(isUp(helper));
    QVERIFY(hasPins());
    QCOMPARE(watchNames(), QStringList(QStringLiteral("web")));
    helper.terminate();
    QCOMPARE(statusOf(helper), 0);
    QVERIFY(!hasPins());
}

void HelperProcessTest::killedItIsAdoptedByTheNext()
{
    QProcess killed;
    start(killed);
    QVERIFY(isUp(killed));
    QCOMPARE(m_client->call("Watches", "AddWatch", {QStringLiteral("web"), ports("80")}).errorMessage(),
             QString());
    killed.kill();
    killed.waitForFinished();
    QVERIFY(hasPins());
    QProcess next;
    start(next);
    QVERIFY(isUp(next));
    QCOMPARE(watchNames(), QStringList(QStringLiteral("web")));
    next.terminate();
    QCOMPARE(statusOf(next), 0);
    QVERIFY(!hasPins());
}

void HelperProcessTest::aLostBusEndsItWithAFailureAndEverythingInPlace()
{
    QProcess helper;
    start(helper);
    QVERIFY(isUp(helper));
    m_bus->stop();
    QCOMPARE(statusOf(helper), 1);
    QVERIFY(hasPins());
}

void HelperProcessTest::theCallToCleanIsAnsweredAndEndsIt()
{
    QProcess helper;
    start(helper);
    QVERIFY(isUp(helper));
    const QDBusMessage reply = m_client->call("Manager", "Clean");
    QVERIFY2(reply.type() == QDBusMessage::ReplyMessage, qPrintable(reply.errorMessage()));
    QVERIFY(!hasPins());
    QCOMPARE(statusOf(helper), 0);
}

void HelperProcessTest::theOptionToCleanIsRefusedWhileAHelperRuns()
{
    QProcess helper;
    start(helper);
    QVERIFY(isUp(helper));
    QByteArray errors;
    QCOMPARE(run({QStringLiteral("--clean")}, &errors), 1);
    QVERIFY2(errors.contains(QByteArray::number(helper.processId())), errors);
    QVERIFY2(errors.contains("weirctl clean"), errors);
    QVERIFY(hasPins());
    helper.terminate();
    QCOMPARE(statusOf(helper), 0);
}

void HelperProcessTest::theOptionToCleanRemovesWhatAKilledHelperLeft()
{
    QProcess killed;
    start(killed);
    QVERIFY(isUp(killed));
    killed.kill();
    killed.waitForFinished();
    QVERIFY(hasPins());
    QCOMPARE(run({QStringLiteral("--clean")}), 0);
    QVERIFY(!hasPins());
}

void HelperProcessTest::aDamagedDatabaseIsAProblemAndNotAnEnd()
{
    QFile file(m_state->filePath(QStringLiteral("weir.db")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("this is no database, and it has been one for long enough to matter");
    file.close();
    QProcess helper;
    start(helper);
    QVERIFY2(isUp(helper), helper.readAllStandardError());
    QVERIFY(problemIds().contains(QStringLiteral("storage-failed")));
    QVERIFY(!qdbus_cast<dbus::LinkRows>(m_client->call("Live", "GetLinks").arguments().value(0)).isEmpty());
    QCOMPARE(m_client->call("Watches", "AddWatch", {QStringLiteral("web"), ports("80")}).errorName(),
             dbus::error::kStorageFailed);
    QCOMPARE(watchNames(), QStringList());
    helper.terminate();
    QVERIFY(statusOf(helper) >= 0);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.readAll().startsWith("this is no database"));
}

void HelperProcessTest::withoutRightsItRunsAndSaysWhatItLacks()
{
    QProcess helper;
    start(helper, {},
          {QStringLiteral("setpriv"), QStringLiteral("--inh-caps=-all"),
           QStringLiteral("--bounding-set=-all")});
    QVERIFY2(isUp(helper), helper.readAllStandardError());
    QVERIFY2(problemIds().contains(QStringLiteral("meter-not-permitted")),
             qPrintable(problemIds().join(QLatin1Char(' '))));
    QVERIFY(!qdbus_cast<dbus::LinkRows>(m_client->call("Live", "GetLinks").arguments().value(0)).isEmpty());
    helper.terminate();
    QVERIFY(statusOf(helper) >= 0);
}

void HelperProcessTest::wrongUsageIsRefusedWithStatusTwo()
{
    QByteArray errors;
    QCOMPARE(run({QStringLiteral("--colour")}, &errors), 2);
    QVERIFY2(errors.contains("colour"), errors);
    QCOMPARE(run({QStringLiteral("--attach"), QStringLiteral("glue")}, &errors), 2);
    QVERIFY2(errors.contains("auto, tcx, clsact"), errors);
    QCOMPARE(run({QStringLiteral("--log-level"), QStringLiteral("loud")}, &errors), 2);
    QVERIFY2(errors.contains("debug, info, warning, error"), errors);
    QCOMPARE(run({QStringLiteral("everything")}, &errors), 2);
    QCOMPARE(run({QStringLiteral("--help")}), 0);
    QCOMPARE(run({QStringLiteral("--version")}), 0);
}

void HelperProcessTest::theServiceManagerIsToldOfStartReloadAndEnd()
{
    const QByteArray path = m_state->filePath(QStringLiteral("notify")).toLocal8Bit();
    const int listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const auto closing = qScopeGuard([listener] { close(listener); });
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    qstrncpy(address.sun_path, path.constData(), sizeof address.sun_path);
    QCOMPARE(bind(listener, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    QByteArrayList told;
    const auto toldNow = [&] {
        char text[200];
        for (ssize_t size = 0; (size = recv(listener, text, sizeof text, 0)) >= 0;)
            told << QByteArray(text, size).split('\n').constFirst();
        return told;
    };

    QProcess helper;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("NOTIFY_SOCKET"), QString::fromLocal8Bit(path));
    helper.setProcessEnvironment(environment);
    start(helper);
    QTRY_COMPARE_WITH_TIMEOUT(toldNow(), QByteArrayList({"READY=1"}), kPatienceMs);
    QCOMPARE(kill(pid_t(helper.processId()), SIGHUP), 0);
    QTRY_COMPARE_WITH_TIMEOUT(toldNow(), QByteArrayList({"READY=1", "RELOADING=1", "READY=1"}), kPatienceMs);
    helper.terminate();
    QCOMPARE(statusOf(helper), 0);
    QCOMPARE(toldNow(), QByteArrayList({"READY=1", "RELOADING=1", "READY=1", "STOPPING=1"}));
}

void HelperProcessTest::inTheJournalEachLineBeginsWithItsPriority()
{
    QFile log(m_state->filePath(QStringLiteral("log")));
    QVERIFY(log.open(QIODevice::ReadWrite));
    struct stat file = {};
    QCOMPARE(fstat(log.handle(), &file), 0);
    QProcess helper;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("JOURNAL_STREAM"),
                       QStringLiteral("%1:%2").arg(quint64(file.st_dev)).arg(quint64(file.st_ino)));
    helper.setProcessEnvironment(environment);
    helper.setStandardErrorFile(log.fileName(), QIODevice::Append);
    start(helper);
    QVERIFY(isUp(helper));
    QCOMPARE(m_client->call("Watches", "AddWatch", {QStringLiteral("web"), ports("80")}).errorMessage(),
             QString());
    helper.terminate();
    QCOMPARE(statusOf(helper), 0);
    const QByteArrayList lines = log.readAll().trimmed().split('\n');
    QVERIFY(lines.size() >= 2);
    for (const QByteArray &line : lines)
        QVERIFY2(
            QRegularExpression(QStringLiteral("^<[2-7]>weir\\.")).match(QString::fromUtf8(line)).hasMatch(),
            line);
}

QTEST_GUILESS_MAIN(HelperProcessTest)
#include "helper_process_test.moc"
