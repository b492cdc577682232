// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/caller_file.h"
#include "helper/store/repair.h"
#include "helper/store/schema.h"
#include "helper/store/store.h"
#include "tests/unit/store_rig.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

namespace weir {

namespace {

using namespace std::chrono_literals;

constexpr SeriesKey kLine{SeriesKind::Link, 1};
constexpr qint64 kMarch = 1'772'323'200; // 2026-03-01 00:00 UTC
constexpr qint64 kMinutes = 3000;
const std::atomic<bool> kNotCancelled = false;

template <typename T>
Result<T> answerOf(const std::function<void(std::function<void(Result<T>)>)> &ask)
{
    std::optional<Result<T>> answer;
    ask([&](Result<T> given) { answer = std::move(given); });
    if (!QTest::qWaitFor([&] { return answer.has_value(); }, 120'000))
        qFatal("no answer of the store");
    return *answer;
}

/// A link whose total is the sum of its history.
StateChange lineAt(qint64 minutes)
{
    StateChange change;
    LinkRecord link;
    link.id = 1;
    link.name = QStringLiteral("eth0");
    link.total.internet.rxBytes = quint64(minutes) * 10;
    change.links = {link};
    return change;
}

Result<void> fill(Store &store)
{
    StateChange change = lineAt(kMinutes);
    for (qint64 minute = 0; minute < kMinutes; ++minute) {
        HistoryTraffic traffic;
        traffic.scoped.internet.rxBytes = 10;
        change.history.rows.push_back({kLine, kMarch + minute * 60, traffic});
    }
    change.history.zone = "Europe/Berlin";
    change.history.savedS = kMarch + kMinutes * 60;
    return answerOf<void>([&](auto done) { store.write(change, done); });
}

QString problemOf(const auto &result)
{
    return result ? QString() : result.error().message;
}

int openAt(const QString &path, int flags)
{
    return open(QFile::encodeName(path).constData(), flags | O_CLOEXEC, 0600);
}

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class StoreRepairTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void aWholeDatabaseHasNoFindings();
    void theCheckNamesWhatIsWrong_data();
    void theCheckNamesWhatIsWrong();
    void theCheckOfADamagedFileSaysSo();
    void aBackupIsADatabaseOfThatMoment();
    void aBackupGoesThroughAPipe();
    void aPipeThatNobodyReadsEndsTheBackup();
    void aPipeThatIsClosedEndsTheBackup();
    void filesThatCannotTakeABackupAreNamed_data();
    void filesThatCannotTakeABackupAreNamed();
    void aRestoreBringsBackWhatWasThere();
    void aRestoreOfAnOlderSchemaIsBroughtUpToDate();
    void whatIsNoBackupIsRefusedAndNothingChanges_data();
    void whatIsNoBackupIsRefusedAndNothingChanges();
    void nothingIsWrittenAfterARestore();
    void startingAfreshMovesTheDatabaseAside();
    void startingAfreshNeverOverwritesWhatWasMovedAsideBefore();
    void aNewerDatabaseCanBeMovedAsideAndReplaced();
    void oneRepairAtATime();
    void leftoversOfAKilledHelperAreRemoved();

private:
    QString file(const char *name) const { return m_directory->filePath(QLatin1String(name)); }
    Result<QString> restore(const QString &path, int flags = O_RDONLY)
    {
        const int descriptor = openAt(path, flags);
        return answerOf<QString>([&](auto done) { m_store->restore(descriptor, done); });
    }
    Result<quint64> backUp(int descriptor)
    {
        return answerOf<quint64>([&](auto done) { m_store->backUp(descriptor, done); });
    }
    QString backupFile()
    {
        const QString path = file("copy.db");
        const auto sent = backUp(openAt(path, O_WRONLY | O_CREAT | O_TRUNC));
        return sent ? path : QString();
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    QString m_path;
    std::unique_ptr<Store> m_store;
};

void StoreRepairTest::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    const QString state = file("state");
    m_path = state + QStringLiteral("/weir.db");
    m_store = std::make_unique<Store>(state);
    QVERIFY(m_store->open());
    QVERIFY(fill(*m_store));
}

void StoreRepairTest::cleanup()
{
    m_store.reset();
    m_directory.reset();
}

void StoreRepairTest::aWholeDatabaseHasNoFindings()
{
    const auto findings = answerOf<QStringList>([&](auto done) { m_store->check(done); });
    QVERIFY(findings);
    QCOMPARE(*findings, QStringList());
    m_store.reset();
    QCOMPARE(repair::check(m_path, repair::InUse::No), QStringList());
}

void StoreRepairTest::theCheckNamesWhatIsWrong_data()
{
    QTest::addColumn<QString>("statement");
    QTest::addColumn<QString>("finding");
    QTest::newRow("day") << "UPDATE day SET i_rx_bytes = i_rx_bytes + 1"
                         << "link 1: the sums of tables quarter and day differ";
    QTest::newRow("quarter") << "DELETE FROM quarter WHERE start_s = 1772502300"
                             << "link 1: the sums of tables minute and quarter differ";
    QTest::newRow("negative") << "UPDATE minute SET r_tx_packets = -1 WHERE start_s = 1772502300"
                              << "link 1: table minute has a negative number";
    QTest::newRow("stray") << "DELETE FROM series"
                           << "3 rows of table day belong to no series";
    QTest::newRow("trigger") << "CREATE TRIGGER spy AFTER UPDATE ON link BEGIN DELETE FROM watch; END"
                             << "foreign trigger spy";
}

void StoreRepairTest::theCheckNamesWhatIsWrong()
{
    QFETCH(QString, statement);
    QFETCH(QString, finding);
    executeIn(m_path, {statement});
    const auto findings = answerOf<QStringList>([&](auto done) { m_store->check(done); });
    QVERIFY(findings);
    QVERIFY2(findings->join(QLatin1Char('\n')).contains(finding),
             qPrintable(findings->join(QLatin1Char('\n'))));
}

void StoreRepairTest::theCheckOfADamagedFileSaysSo()
{
    m_store.reset();
    {
        QFile damaged(m_path);
        QVERIFY(damaged.open(QIODevice::ReadWrite) && damaged.seek(8192));
        QVERIFY(damaged.write(QByteArray(60'000, char(0x5a))) == 60'000);
    }
    QVERIFY(!repair::check(m_path, repair::InUse::No).isEmpty());
    QFile::remove(m_path);
    QVERIFY(
        repair::check(m_path, repair::InUse::No).first().contains(QStringLiteral("there is no database")));
}

void StoreRepairTest::aBackupIsADatabaseOfThatMoment()
{
    const QString copy = file("copy.db");
    const auto sent = backUp(openAt(copy, O_WRONLY | O_CREAT));
    QVERIFY2(sent, qPrintable(problemOf(sent)));
    QCOMPARE(qint64(*sent), QFileInfo(copy).size());
    QCOMPARE(repair::check(copy, repair::InUse::No), QStringList());
    QCOMPARE(numberIn(copy, QStringLiteral("SELECT sum(i_rx_bytes) FROM quarter")), kMinutes * 10);
    QVERIFY(!QFileInfo::exists(m_path + QStringLiteral(".backup")));
}

void StoreRepairTest::aBackupGoesThroughAPipe()
{
    std::array<int, 2> ends;
    QCOMPARE(pipe2(ends.data(), O_CLOEXEC), 0);
    QByteArray received;
    std::thread reader([&, end = OpenFile(ends[0])] {
        std::array<char, 65536> chunk;
        for (ssize_t size = 0; (size = read(end.get(), chunk.data(), chunk.size())) > 0;)
            received.append(chunk.data(), size);
    });
    const auto sent = backUp(ends[1]);
    reader.join();
    QVERIFY2(sent, qPrintable(problemOf(sent)));
    QCOMPARE(quint64(received.size()), *sent);
    QVERIFY(received.startsWith("SQLite format 3"));
}

void StoreRepairTest::aPipeThatNobodyReadsEndsTheBackup()
{
    std::array<int, 2> ends;
    QCOMPARE(pipe2(ends.data(), O_CLOEXEC), 0);
    const OpenFile reader(ends[0]);
    const OpenFile writer(ends[1]);
    const auto sent = repair::backUp(m_path, repair::InUse::Yes, writer.get(), 300ms, kNotCancelled);
    QVERIFY(!sent);
    QCOMPARE(sent.error().kind, ErrorKind::InvalidArgument);
    QVERIFY2(sent.error().message.contains(QStringLiteral("nobody read from it for 0.3 s")),
             qPrintable(sent.error().message));
    QVERIFY(!QFileInfo::exists(m_path + QStringLiteral(".backup")));
}

void StoreRepairTest::aPipeThatIsClosedEndsTheBackup()
{
    std::array<int, 2> ends;
    QCOMPARE(pipe2(ends.data(), O_CLOEXEC), 0);
    close(ends[0]);
    const auto sent = backUp(ends[1]);
    QVERIFY(!sent);
    QCOMPARE(sent.error().kind, ErrorKind::InvalidArgument);
}

void StoreRepairTest::filesThatCannotTakeABackupAreNamed_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<int>("flags");
    QTest::addColumn<QString>("why");
    QTest::newRow("read-only") << "/proc/self/exe" << O_RDONLY << "not open for writing";
    QTest::newRow("device") << "/dev/null" << O_WRONLY << "neither a regular file nor a pipe";
    QTest::newRow("full device") << "/dev/full" << O_WRONLY << "neither a regular file nor a pipe";
    QTest::newRow("path only") << "/tmp" << O_PATH << "not open for writing";
    QTest::newRow("closed") << "/nonexistent" << O_WRONLY << "file: ";
}

void StoreRepairTest::filesThatCannotTakeABackupAreNamed()
{
    QFETCH(QString, path);
    QFETCH(int, flags);
    QFETCH(QString, why);
    const auto sent = backUp(openAt(path, flags));
    QVERIFY(!sent);
    QCOMPARE(sent.error().kind, ErrorKind::InvalidArgument);
    QVERIFY2(sent.error().message.startsWith(QStringLiteral("file: ")) && sent.error().message.contains(why),
             qPrintable(sent.error().message));
}

void StoreRepairTest::aRestoreBringsBackWhatWasThere()
{
    const QString copy = backupFile();
    QVERIFY(!copy.isEmpty());
    StateChange later = lineAt(7);
    later.forgottenLinks = {};
    QVERIFY(answerOf<void>([&](auto done) { m_store->write(later, done); }));
    const auto moved = restore(copy);
    QVERIFY2(moved, qPrintable(problemOf(moved)));
    const QRegularExpression name(
        QRegularExpression::anchoredPattern(QStringLiteral(".*/weir\\.db\\.before-restore-\\d{8}_\\d{6}")));
    QVERIFY2(name.match(*moved).hasMatch(), qPrintable(*moved));
    QCOMPARE(numberIn(*moved, QStringLiteral("SELECT internet_rx_bytes FROM link")), 70);
    m_store = std::make_unique<Store>(file("state"));
    const auto state = m_store->open();
    QVERIFY2(state, qPrintable(problemOf(state)));
    QCOMPARE(state->links.at(0).total.internet.rxBytes, quint64(kMinutes * 10));
    QCOMPARE(QFile(m_path).permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
}

void StoreRepairTest::aRestoreOfAnOlderSchemaIsBroughtUpToDate()
{
    const QString old = file("old.db");
    {
        Connection connection(old);
        QVERIFY(connection.open(Connection::Access::ReadWrite));
        QVERIFY(schema::migrate(connection, 1));
        QVERIFY(
            connection.execute(QStringLiteral("INSERT INTO setting VALUES ('metered_links', 's', 'eth0')")));
    }
    const auto moved = restore(old);
    QVERIFY2(moved, qPrintable(problemOf(moved)));
    QCOMPARE(numberIn(m_path, QStringLiteral("PRAGMA user_version")), schema::newestVersion());
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT count(*) FROM setting")), 1);
}

void StoreRepairTest::whatIsNoBackupIsRefusedAndNothingChanges_data()
{
    QTest::addColumn<QByteArrayList>("statements");
    QTest::addColumn<QString>("special");
    QTest::addColumn<QString>("why");
    const QByteArrayList none;
    QTest::newRow("another program's") << none << "foreign"
                                       << "not a database of Weir";
    QTest::newRow("no database") << none << "text"
                                 << "not a database";
    QTest::newRow("empty") << none << "empty"
                           << "not a database";
    QTest::newRow("cut short") << none << "cut"
                               << "";
    QTest::newRow("damaged") << none << "damaged"
                             << "";
    QTest::newRow("directory") << none << "directory"
                               << "not a regular file";
    QTest::newRow("pipe") << none << "pipe"
                          << "not a regular file";
    QTest::newRow("huge") << none << "huge"
                          << "larger than 4 GiB";
    QTest::newRow("not readable") << none << "writeonly"
                                  << "not open for reading";
    QTest::newRow("newer") << QByteArrayList{"PRAGMA user_version = 1000"} << ""
                           << "newer version";
    QTest::newRow("trigger")
        << QByteArrayList{"CREATE TRIGGER spy AFTER UPDATE ON link BEGIN DELETE FROM watch; END"} << ""
        << "foreign trigger spy";
    QTest::newRow("view") << QByteArrayList{"CREATE VIEW spy AS SELECT * FROM link"} << ""
                          << "foreign view spy";
    QTest::newRow("table") << QByteArrayList{"CREATE TABLE spy (a)"} << ""
                           << "foreign table spy";
    QTest::newRow("index") << QByteArrayList{"CREATE INDEX spy ON link (name)"} << ""
                           << "foreign index spy";
    QTest::newRow("column") << QByteArrayList{"ALTER TABLE away ADD COLUMN spy INTEGER"} << ""
                            << "foreign table away";
    QTest::newRow("table missing") << QByteArrayList{"DROP TABLE away"} << ""
                                   << "lacks the table away";
    QTest::newRow("text where a number belongs")
        << QByteArrayList{"PRAGMA writable_schema = ON",
                          "UPDATE sqlite_schema SET sql = replace(sql, "
                          "'STRICT', '') WHERE name = 'away'"}
        << ""
        << "foreign table away";
    QTest::newRow("no ports") << QByteArrayList{"INSERT INTO watch SELECT 1, 'x', 'ports', 'many', 'tcp', "
                                                "'', '', '', 1, 1, 1, 0, 0,0,0,0, 0,0,0,0, "
                                                "0,0,0,0, '', 0, 0, 0,0,0,0, 0,0,0,0, 0,0,0,0"}
                              << ""
                              << "no ports";
}

void StoreRepairTest::whatIsNoBackupIsRefusedAndNothingChanges()
{
    QFETCH(QByteArrayList, statements);
    QFETCH(QString, special);
    QFETCH(QString, why);
    QString path = backupFile();
    QVERIFY(!path.isEmpty());
    int flags = O_RDONLY;
    QStringList texts;
    for (const QByteArray &statement : statements)
        texts.append(QString::fromLatin1(statement));
    if (!texts.isEmpty())
        executeIn(path, texts);
    if (special == QLatin1String("foreign")) {
        path = file("foreign.db");
        executeIn(path, {QStringLiteral("CREATE TABLE recipe (name TEXT)")});
    } else if (special == QLatin1String("text")) {
        QFile text(path);
        QVERIFY(text.open(QIODevice::WriteOnly) && text.write(QByteArray(5000, 'x')) == 5000);
    } else if (special == QLatin1String("empty")) {
        QVERIFY(QFile::resize(path, 0));
    } else if (special == QLatin1String("cut")) {
        QVERIFY(QFile::resize(path, 30'000));
    } else if (special == QLatin1String("damaged")) {
        QFile damaged(path);
        QVERIFY(damaged.open(QIODevice::ReadWrite) && damaged.seek(damaged.size() - 40'000));
        QVERIFY(damaged.write(QByteArray(40'000, char(0x5a))) == 40'000);
    } else if (special == QLatin1String("directory")) {
        path = m_directory->path();
    } else if (special == QLatin1String("pipe")) {
        path = file("fifo");
        QCOMPARE(mkfifo(QFile::encodeName(path).constData(), 0600), 0);
        flags = O_RDONLY | O_NONBLOCK;
    } else if (special == QLatin1String("huge")) {
        QVERIFY(QFile::resize(path, (qint64(4) << 30) + 1));
    } else if (special == QLatin1String("writeonly")) {
        flags = O_WRONLY;
    }
    const auto moved = restore(path, flags);
    QVERIFY(!moved);
    QCOMPARE(moved.error().kind, ErrorKind::InvalidArgument);
    QVERIFY2(moved.error().message.startsWith(QStringLiteral("file: "))
                 && moved.error().message.contains(why),
             qPrintable(moved.error().message));
    QVERIFY(!QFileInfo::exists(m_path + QStringLiteral(".incoming")));
    QCOMPARE(QDir(file("state")).entryList({QStringLiteral("*before*")}).size(), 0);
    // and the store goes on
    const auto written = answerOf<void>([&](auto done) { m_store->write(lineAt(9), done); });
    QVERIFY2(written, qPrintable(problemOf(written)));
}

void StoreRepairTest::nothingIsWrittenAfterARestore()
{
    const QString copy = backupFile();
    QVERIFY(restore(copy));
    const QByteArray before = contents(m_path);
    QCOMPARE(answerOf<void>([&](auto done) { m_store->write(lineAt(1), done); }).error().kind,
             ErrorKind::StorageFailed);
    QVERIFY(!answerOf<std::vector<SeriesInfo>>([&](auto done) { m_store->archive().series(done); }));
    m_store.reset();
    QCOMPARE(contents(m_path), before);
    QVERIFY(!QFileInfo::exists(m_path + QStringLiteral("-wal")));
}

void StoreRepairTest::startingAfreshMovesTheDatabaseAside()
{
    const auto moved = answerOf<QString>([&](auto done) { m_store->startAfresh(done); });
    QVERIFY2(moved, qPrintable(problemOf(moved)));
    QVERIFY(moved->startsWith(m_path + QStringLiteral(".aside-")));
    QCOMPARE(numberIn(*moved, QStringLiteral("SELECT internet_rx_bytes FROM link")), kMinutes * 10);
    m_store = std::make_unique<Store>(file("state"));
    const auto state = m_store->open();
    QVERIFY(state && state->links.empty());
}

void StoreRepairTest::startingAfreshNeverOverwritesWhatWasMovedAsideBefore()
{
    m_store.reset();
    QSet<QString> names;
    for (int i = 0; i < 5; ++i) {
        QFile newer(m_path);
        QVERIFY(newer.open(QIODevice::WriteOnly));
        newer.write(QByteArray::number(i));
        newer.close();
        const auto moved = repair::moveAside(m_path, QStringLiteral("aside"));
        QVERIFY2(moved, qPrintable(problemOf(moved)));
        QCOMPARE(contents(*moved), QByteArray::number(i));
        names.insert(*moved);
    }
    QCOMPARE(names.size(), 5);
    QCOMPARE(*repair::moveAside(m_path, QStringLiteral("aside")), QString());
}

void StoreRepairTest::aNewerDatabaseCanBeMovedAsideAndReplaced()
{
    const QString copy = backupFile();
    executeIn(m_path, {QStringLiteral("PRAGMA user_version = 1000")});
    m_store = std::make_unique<Store>(file("state"));
    QVERIFY(!m_store->open());
    QVERIFY(!answerOf<QStringList>([&](auto done) { m_store->check(done); })->isEmpty());
    const auto moved = restore(copy);
    QVERIFY2(moved, qPrintable(problemOf(moved)));
    QCOMPARE(numberIn(*moved, QStringLiteral("PRAGMA user_version")), 1000);
    m_store = std::make_unique<Store>(file("state"));
    QVERIFY(m_store->open());
}

void StoreRepairTest::oneRepairAtATime()
{
    std::optional<Result<QStringList>> first;
    m_store->check([&](Result<QStringList> findings) { first = std::move(findings); });
    const auto second = answerOf<QStringList>([&](auto done) { m_store->check(done); });
    QVERIFY(!second);
    QCOMPARE(second.error().kind, ErrorKind::Conflict);
    QVERIFY(QTest::qWaitFor([&] { return first.has_value(); }, 60'000));
    QVERIFY(answerOf<QStringList>([&](auto done) { m_store->check(done); }));
}

void StoreRepairTest::leftoversOfAKilledHelperAreRemoved()
{
    m_store.reset();
    for (const char *suffix : {".backup", ".incoming", ".incoming-wal"}) {
        QFile leftover(m_path + QLatin1String(suffix));
        QVERIFY(leftover.open(QIODevice::WriteOnly));
    }
    QVERIFY(Store(file("state")).open());
    QCOMPARE(QDir(file("state")).entryList({QStringLiteral("weir.db.*")}).size(), 0);
}

} // namespace weir

QTEST_GUILESS_MAIN(weir::StoreRepairTest)
#include "store_repair_test.moc"
