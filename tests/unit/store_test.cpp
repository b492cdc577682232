// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/database.h"
#include "helper/store/schema.h"
#include "helper/store/state_lock.h"
#include "helper/store/store.h"

#include <QFile>
#include <QFileInfo>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include <sys/wait.h>
#include <unistd.h>

#include <ctime>

namespace weir {

namespace {

constexpr quint64 kHigh = 0xfedc'ba98'7654'3210; // more than a signed number holds

WatchRecord watchRecord(qint64 id, const QString &name)
{
    WatchRecord record;
    record.id = id;
    record.spec.name = name;
    record.spec.ports = {{1, 1}, {80, 443}, {65535, 65535}};
    record.spec.protocols = Protocols::Udp;
    record.spec.note = QStringLiteral("a 'quoted'\nnote; with 下行");
    record.spec.enabled = false;
    record.revision = 4'000'000'000;
    record.createdS = 1'700'000'000;
    record.total = {{kHigh, 2, 3, 4}, {5, 6, 7, kHigh}};
    record.totalOther = {9, 10, 11, 12};
    record.baseline.bootId = QStringLiteral("boot");
    record.baseline.generation = kHigh + 1;
    record.baseline.linkIndex = 7;
    record.baseline.raw = {{13, 14, 15, 16}, {17, 18, 19, 20}};
    record.baseline.rawOther = {21, 22, 23, 24};
    return record;
}

LinkRecord linkRecord(qint64 id, const QString &name)
{
    LinkRecord record;
    record.id = id;
    record.name = name;
    record.hardwareAddress = QByteArray::fromHex("020000000001");
    record.kind = LinkKind::Wireguard;
    record.firstSeenS = 1'700'000'001;
    record.total = {{1, 2, 3, 4}, {5, 6, 7, 8}};
    record.totalOther = {9, 10, 11, 12};
    record.totalUnmetered = {13, 14, 15, kHigh};
    record.baseline.bootId = QStringLiteral("boot");
    record.baseline.generation = 8;
    record.baseline.linkIndex = 3;
    record.baseline.raw = {{21, 22, 23, 24}, {25, 26, 27, 28}};
    record.baseline.rawOther = {29, 30, 31, 32};
    record.baseline.rawKernel = {33, 34, 35, 36};
    record.baseline.rawPlain = {37, 38, 39, 40};
    return record;
}

bool same(const WatchRecord &a, const WatchRecord &b)
{
    return a.id == b.id && a.spec == b.spec && a.revision == b.revision && a.createdS == b.createdS
        && a.removedS == b.removedS && a.total == b.total && a.totalOther == b.totalOther
        && a.baseline == b.baseline;
}

bool same(const LinkRecord &a, const LinkRecord &b)
{
    return a.id == b.id && a.name == b.name && a.hardwareAddress == b.hardwareAddress && a.kind == b.kind
        && a.firstSeenS == b.firstSeenS && a.total == b.total && a.totalOther == b.totalOther
        && a.totalUnmetered == b.totalUnmetered && a.baseline == b.baseline;
}

Result<void> write(Store &store, StateChange change)
{
    std::optional<Result<void>> answer;
    store.write(std::move(change), [&](Result<void> result) { answer = std::move(result); });
    if (!QTest::qWaitFor([&] { return answer.has_value(); }, 30000))
        qFatal("no answer of the store");
    return *answer;
}

/// What another program does to the file.
void execute(const QString &path, const QStringList &statements)
{
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("other"));
        database.setDatabaseName(path);
        QVERIFY(database.open());
        QSqlQuery query(database);
        for (const QString &statement : statements)
            QVERIFY2(query.exec(statement), qPrintable(statement));
    }
    QSqlDatabase::removeDatabase(QStringLiteral("other"));
}

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class StoreTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aNewDatabaseIsEmptyAndPrivate();
    void everyFieldIsReadBack();
    void aRecordIsReplacedById();
    void countersAloneAreReplacedToo();
    void countersAreWrittenAfterAChangeThatFailed();
    void aChangeThatFailsLeavesNothingOfItself();
    void namesAreUniqueAmongTheWatchesThatAreThere();
    void settingsAreReplacedWithTheirRevision();
    void aListOfPrefixesCanBeEmptiedAgain();
    void forgottenRecordsAreGone();
    void whatWasWrittenSurvivesAKill();
    void aWriteWithoutAnOpenDatabaseFails();
    void aDamagedFileIsRefusedAndNotTouched_data();
    void aDamagedFileIsRefusedAndNotTouched();
    void anotherProgramsDatabaseIsRefusedAndNotTouched();
    void aNewerDatabaseIsRefusedAndNotTouched();
    void aNewerDatabaseWithALogIsRefusedAndNotTouched();
    void aDirectoryThatCannotBeMadeIsNamedAndTriedAgain();
    void anEmptyFileIsFilled();
    void sixtyFiveThousandWatchesAreWrittenInOneChange();
    void aSecondHelperIsRefusedNamingTheFirst();
    void theLockOfADeadHelperIsFree();
};

void StoreTest::aNewDatabaseIsEmptyAndPrivate()
{
    QTemporaryDir directory;
    Store store(directory.filePath(QStringLiteral("state")));
    const auto state = store.open();
    QVERIFY2(state, qPrintable(state ? QString() : state.error().message));
    QVERIFY(state->watches.empty() && state->links.empty() && state->settings.isEmpty());
    QCOMPARE(state->settingsRevision, 1u);
    QVERIFY(write(store, {{watchRecord(1, QStringLiteral("web"))}, {}, {}, {}, {}, 0, {}}));
    const auto onlyOwner = QFile::ReadOwner | QFile::WriteOwner | QFile::ReadUser | QFile::WriteUser;
    for (const char *suffix : {"", "-wal", "-shm"})
        QCOMPARE(QFile(store.path() + QLatin1String(suffix)).permissions(), onlyOwner);
}

void StoreTest::everyFieldIsReadBack()
{
    QTemporaryDir directory;
    WatchRecord removed = watchRecord(2, QStringLiteral("gone"));
    removed.removedS = 1'700'000'500;
    WatchRecord onLink = watchRecord(3, QStringLiteral("line"));
    onLink.spec.kind = WatchKind::Link;
    onLink.spec.ports = {};
    onLink.spec.link = QStringLiteral("eth0");
    onLink.spec.enabled = true;
    LinkRecord noAddress = linkRecord(2, QStringLiteral("tun0"));
    noAddress.hardwareAddress.clear();
    const std::vector<WatchRecord> watches{watchRecord(1, QStringLiteral("web")), removed, onLink};
    const std::vector<LinkRecord> links{linkRecord(1, QStringLiteral("wg0")), noAddress};
    {
        Store store(directory.path());
        QVERIFY(store.open());
        QVERIFY(write(store, {watches, links, {}, {}, {}, 0, {}}));
    }
    Store store(directory.path());
    const auto state = store.open();
    QVERIFY(state);
    QCOMPARE(state->watches.size(), watches.size());
    for (size_t i = 0; i < watches.size(); ++i)
        QVERIFY(same(state->watches[i], watches[i]));
    QCOMPARE(state->links.size(), links.size());
    for (size_t i = 0; i < links.size(); ++i)
        QVERIFY(same(state->links[i], links[i]));
}

void StoreTest::aRecordIsReplacedById()
{
    QTemporaryDir directory;
    Store store(directory.path());
    QVERIFY(store.open());
    WatchRecord record = watchRecord(1, QStringLiteral("web"));
    QVERIFY(write(store, {{record}, {}, {}, {}, {}, 0, {}}));
    record.spec.name = QStringLiteral("other");
    record.total.internet.rxBytes = 77;
    QVERIFY(write(store, {{record}, {}, {}, {}, {}, 0, {}}));
    const auto state = Store(directory.path()).open();
    QCOMPARE(state->watches.size(), size_t(1));
    QVERIFY(same(state->watches[0], record));
}

void StoreTest::countersAloneAreReplacedToo()
{
    QTemporaryDir directory;
    WatchRecord record = watchRecord(1, QStringLiteral("web"));
    WatchRecord onLink = watchRecord(2, QStringLiteral("line"));
    onLink.spec.kind = WatchKind::Link;
    onLink.spec.ports = {};
    for (int restart = 0; restart < 2; ++restart) {
        Store store(directory.path());
        QVERIFY(store.open());
        for (int flush = 0; flush < 3; ++flush) {
            for (WatchRecord *each : {&record, &onLink}) {
                each->total.internet.rxBytes += 1000;
                each->total.local.txPackets += 1;
                ++each->baseline.generation;
                each->baseline.bootId += QLatin1Char('x');
                each->baseline.raw.internet.txBytes += 5;
                each->baseline.raw.local.rxPackets += 6;
            }
            ++onLink.totalOther.rxBytes;
            ++onLink.baseline.linkIndex;
            QVERIFY(write(store, {{record, onLink}, {}, {}, {}, {}, 0, {}}));
        }
        const auto state = Store(directory.path()).open();
        QVERIFY(same(state->watches[0], record));
        QVERIFY(same(state->watches[1], onLink));
    }
}

void StoreTest::countersAreWrittenAfterAChangeThatFailed()
{
    QTemporaryDir directory;
    Store store(directory.path());
    QVERIFY(store.open());
    execute(store.path(), {QStringLiteral("ALTER TABLE link RENAME TO gone")});
    WatchRecord record = watchRecord(1, QStringLiteral("web"));
    QVERIFY(!write(store, {{record}, {linkRecord(1, QStringLiteral("wg0"))}, {}, {}, {}, 0, {}}));
    execute(store.path(), {QStringLiteral("ALTER TABLE gone RENAME TO link")});
    ++record.total.internet.rxBytes;
    QVERIFY(write(store, {{record}, {}, {}, {}, {}, 0, {}}));
    const auto state = Store(directory.path()).open();
    QCOMPARE(state->watches.size(), size_t(1));
    QVERIFY(same(state->watches[0], record));
}

void StoreTest::aChangeThatFailsLeavesNothingOfItself()
{
    QTemporaryDir directory;
    Store store(directory.path());
    QVERIFY(store.open());
    execute(store.path(), {QStringLiteral("DROP TABLE link")});
    const auto failed = write(
        store,
        {{watchRecord(1, QStringLiteral("web"))}, {linkRecord(1, QStringLiteral("wg0"))}, {}, {}, {}, 0, {}});
    QVERIFY(!failed);
    QCOMPARE(failed.error().kind, ErrorKind::StorageFailed);
    QVERIFY(failed.error().message.contains(store.path()));
    // and the next one works
    QVERIFY(write(store, {{watchRecord(2, QStringLiteral("dns"))}, {}, {}, {}, {}, 0, {}}));
    store.drain();
    QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("look"))
        .setDatabaseName(store.path());
    {
        QSqlQuery query(QSqlDatabase::database(QStringLiteral("look")));
        QVERIFY(query.exec(QStringLiteral("SELECT group_concat(id) FROM watch")) && query.next());
        QCOMPARE(query.value(0).toString(), QStringLiteral("2"));
    }
    QSqlDatabase::removeDatabase(QStringLiteral("look"));
}

void StoreTest::namesAreUniqueAmongTheWatchesThatAreThere()
{
    QTemporaryDir directory;
    Store store(directory.path());
    QVERIFY(store.open());
    QVERIFY(write(store, {{watchRecord(1, QStringLiteral("web"))}, {}, {}, {}, {}, 0, {}}));
    QVERIFY(!write(store, {{watchRecord(2, QStringLiteral("web"))}, {}, {}, {}, {}, 0, {}}));
    WatchRecord removed = watchRecord(1, QStringLiteral("web"));
    removed.removedS = 5;
    QVERIFY(write(store, {{watchRecord(2, QStringLiteral("web")), removed}, {}, {}, {}, {}, 0, {}}));
}

void StoreTest::settingsAreReplacedWithTheirRevision()
{
    QTemporaryDir directory;
    Store store(directory.path());
    QVERIFY(store.open());
    const QMap<QString, QVariant> settings{{QStringLiteral("metered_links"), QStringLiteral("eth0,eth1")},
                                           {QStringLiteral("flush_interval_s"), 60u}};
    QVERIFY(write(
        store,
        {{}, {}, {}, {}, QMap<QString, QVariant>{{QStringLiteral("gone"), QStringLiteral("x")}}, 2, {}}));
    QVERIFY(write(store, {{}, {}, {}, {}, settings, 3, {}}));
    QVERIFY(write(store,
                  {{watchRecord(1, QStringLiteral("web"))}, {}, {}, {}, {}, 0, {}})); // touches no settings
    const auto state = Store(directory.path()).open();
    QCOMPARE(state->settings, settings);
    QCOMPARE(state->settings.value(QStringLiteral("flush_interval_s")).typeId(), int(QMetaType::UInt));
    QCOMPARE(state->settingsRevision, 3u);
}

void StoreTest::aListOfPrefixesCanBeEmptiedAgain()
{
    QTemporaryDir directory;
    Store store(directory.path());
    QVERIFY(store.open());
    const QString empty = QStringList().join(QLatin1Char(','));
    QVERIFY(empty.isNull());
    QVERIFY(write(
        store, {{}, {}, {}, {}, QMap<QString, QVariant>{{QStringLiteral("local_prefixes"), empty}}, 2, {}}));
    const auto state = Store(directory.path()).open();
    QCOMPARE(state->settings.value(QStringLiteral("local_prefixes")).toString(), QString());
    QCOMPARE(state->settings.size(), 1);
}

void StoreTest::forgottenRecordsAreGone()
{
    QTemporaryDir directory;
    Store store(directory.path());
    QVERIFY(store.open());
    QVERIFY(write(store,
                  {{watchRecord(1, QStringLiteral("a")), watchRecord(2, QStringLiteral("b"))},
                   {linkRecord(1, QStringLiteral("a")), linkRecord(2, QStringLiteral("b"))},
                   {},
                   {},
                   {},
                   0,
                   {}}));
    QVERIFY(write(store, {{}, {}, {1}, {2}, {}, 0, {}}));
    const auto state = Store(directory.path()).open();
    QCOMPARE(state->watches.size(), size_t(1));
    QCOMPARE(state->watches[0].id, 2);
    QCOMPARE(state->links.size(), size_t(1));
    QCOMPARE(state->links[0].id, 1);
}

void StoreTest::whatWasWrittenSurvivesAKill()
{
    QTemporaryDir directory;
    Store store(directory.path());
    QVERIFY(store.open());
    QVERIFY(write(store, {{watchRecord(1, QStringLiteral("web"))}, {}, {}, {}, {}, 0, {}}));
    // the files as a process that dies now leaves them: the log was never put into the database
    QTemporaryDir copy;
    QVERIFY(QFileInfo(store.path() + QStringLiteral("-wal")).size() > 0);
    for (const char *suffix : {"", "-wal"})
        QVERIFY(QFile::copy(store.path() + QLatin1String(suffix),
                            copy.filePath(QStringLiteral("weir.db") + QLatin1String(suffix))));
    const auto state = Store(copy.path()).open();
    QVERIFY(state);
    QCOMPARE(state->watches.size(), size_t(1));
    QVERIFY(same(state->watches[0], watchRecord(1, QStringLiteral("web"))));
}

void StoreTest::aWriteWithoutAnOpenDatabaseFails()
{
    QTemporaryDir directory;
    Store store(directory.path());
    QCOMPARE(write(store, {}).error().kind, ErrorKind::StorageFailed);
}

void StoreTest::aDamagedFileIsRefusedAndNotTouched_data()
{
    QTest::addColumn<int>("offset");
    QTest::addColumn<int>("cut");
    QTest::newRow("header") << 0 << 0;
    QTest::newRow("schema") << 104 << 0;
    QTest::newRow("data") << 6000 << 0;
    QTest::newRow("cut short") << -1 << 5000;
    QTest::newRow("a few bytes left") << -1 << 50;
}

void StoreTest::aDamagedFileIsRefusedAndNotTouched()
{
    QFETCH(int, offset);
    QFETCH(int, cut);
    QTemporaryDir directory;
    QString path;
    {
        Store store(directory.path());
        QVERIFY(store.open());
        path = store.path();
        StateChange change;
        for (int i = 1; i <= 100; ++i)
            change.watches.push_back(watchRecord(i, QStringLiteral("watch %1").arg(i)));
        QVERIFY(write(store, change));
    }
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadWrite));
        if (cut)
            QVERIFY(file.resize(cut));
        else
            QVERIFY(file.seek(offset) && file.write(QByteArray(3000, char(0x5a))) == 3000);
    }
    const QByteArray before = contents(path);
    const auto refused = Store(directory.path()).open();
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, ErrorKind::StorageFailed);
    QVERIFY2(refused.error().message.contains(path)
                 && refused.error().message.contains(QStringLiteral("move it away")),
             qPrintable(refused.error().message));
    QCOMPARE(contents(path), before);
    QCOMPARE(QDir(directory.path()).entryList(QDir::Files), QStringList{QStringLiteral("weir.db")});
}

void StoreTest::anotherProgramsDatabaseIsRefusedAndNotTouched()
{
    QTemporaryDir directory;
    const QString path = directory.filePath(QStringLiteral("weir.db"));
    execute(path, {QStringLiteral("CREATE TABLE recipe (name TEXT)")});
    const QByteArray before = contents(path);
    const auto refused = Store(directory.path()).open();
    QVERIFY(!refused && refused.error().message.contains(QStringLiteral("not a database of Weir")));
    QCOMPARE(contents(path), before);
    QCOMPARE(QDir(directory.path()).entryList(QDir::Files), QStringList{QStringLiteral("weir.db")});
}

void StoreTest::aNewerDatabaseIsRefusedAndNotTouched()
{
    QTemporaryDir directory;
    const QString path = directory.filePath(QStringLiteral("weir.db"));
    QVERIFY(Store(directory.path()).open());
    execute(path, {QStringLiteral("PRAGMA user_version = %1").arg(schema::newestVersion() + 1)});
    const QByteArray before = contents(path);
    const auto refused = Store(directory.path()).open();
    QVERIFY(!refused && refused.error().message.contains(QStringLiteral("newer version")));
    QCOMPARE(contents(path), before);
    QCOMPARE(QDir(directory.path()).entryList(QDir::Files), QStringList{QStringLiteral("weir.db")});
}

void StoreTest::aNewerDatabaseWithALogIsRefusedAndNotTouched()
{
    QTemporaryDir directory;
    Store newer(directory.path());
    QVERIFY(newer.open());
    // the newer version is only in the log yet, as its helper was killed
    execute(newer.path(), {QStringLiteral("PRAGMA user_version = %1").arg(schema::newestVersion() + 1)});
    QTemporaryDir copy;
    const QString path = copy.filePath(QStringLiteral("weir.db"));
    for (const char *suffix : {"", "-wal"})
        QVERIFY(QFile::copy(newer.path() + QLatin1String(suffix), path + QLatin1String(suffix)));
    const QByteArray before = contents(path);
    const QByteArray log = contents(path + QStringLiteral("-wal"));
    const auto refused = Store(copy.path()).open();
    QVERIFY(!refused && refused.error().message.contains(QStringLiteral("newer version")));
    QCOMPARE(contents(path), before);
    QCOMPARE(contents(path + QStringLiteral("-wal")), log);
}

void StoreTest::aDirectoryThatCannotBeMadeIsNamedAndTriedAgain()
{
    QTemporaryDir directory;
    QFile file(directory.filePath(QStringLiteral("file")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    Store store(directory.filePath(QStringLiteral("file/state")));
    const auto state = store.open();
    QVERIFY(state && state->notWritable);
    QVERIFY(state->notWritable->message.contains(QStringLiteral("file/state/weir.db")));
    const auto refused = write(store, {});
    QVERIFY(!refused && refused.error().message.contains(QStringLiteral("file/state/weir.db")));
    QVERIFY(file.remove());
    QVERIFY(write(store, {}).has_value());
}

void StoreTest::anEmptyFileIsFilled()
{
    QTemporaryDir directory;
    QFile file(directory.filePath(QStringLiteral("weir.db")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    QVERIFY(Store(directory.path()).open());
}

void StoreTest::sixtyFiveThousandWatchesAreWrittenInOneChange()
{
    QTemporaryDir directory;
    Store store(directory.path());
    QVERIFY(store.open());
    StateChange change;
    for (int i = 1; i <= 65535; ++i)
        change.watches.push_back(watchRecord(i, QStringLiteral("watch %1").arg(i)));
    QVERIFY(write(store, change));
    for (WatchRecord &record : change.watches)
        ++record.total.internet.rxBytes;
    const std::clock_t before = std::clock();
    QVERIFY(write(store, change));
    const double seconds = double(std::clock() - before) / CLOCKS_PER_SEC;
    qInfo("a flush of 65,535 changed watches took %.2f s of processor time", seconds);
    const auto state = Store(directory.path()).open();
    QCOMPARE(state->watches.size(), size_t(65535));
    QCOMPARE(state->watches.back().total.internet.rxBytes, kHigh + 1);
}

void StoreTest::aSecondHelperIsRefusedNamingTheFirst()
{
    QTemporaryDir directory;
    const QString path = directory.filePath(QStringLiteral("state"));
    {
        const auto first = StateLock::acquire(path);
        QVERIFY(first);
        const auto second = StateLock::acquire(path);
        QVERIFY(!second);
        QCOMPARE(second.error().kind, ErrorKind::Conflict);
        QVERIFY(second.error().message.contains(path));
        QVERIFY(second.error().message.contains(QStringLiteral("pid %1").arg(getpid())));
    }
    QVERIFY(StateLock::acquire(path));
}

void StoreTest::theLockOfADeadHelperIsFree()
{
    QTemporaryDir directory;
    const pid_t child = fork();
    if (child == 0) {
        const auto lock = StateLock::acquire(directory.path());
        _exit(lock ? 0 : 1); // without giving it back
    }
    int status = 0;
    QCOMPARE(waitpid(child, &status, 0), child);
    QCOMPARE(status, 0);
    QVERIFY(StateLock::acquire(directory.path()));
}

} // namespace weir

QTEST_GUILESS_MAIN(weir::StoreTest)
#include "store_test.moc"
