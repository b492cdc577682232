// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/database.h"
#include "helper/store/repair.h"
#include "helper/store/schema.h"
#include "tests/unit/store_rig.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/resource.h>

#include <csignal>

namespace weir {

namespace {

QString problemOf(const auto &result)
{
    return result ? QString() : result.error().message;
}

Result<void> write(Database &database, std::vector<WatchRecord> watches)
{
    StateChange change;
    change.watches = std::move(watches);
    return database.write(change);
}

/// The statements of a file; each ends with a semicolon at the end of a line.
QStringList statementsOf(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("cannot read %s", qPrintable(path));
    QStringList found;
    QString statement;
    for (const QString &line : QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'))) {
        if (line.startsWith(QLatin1String("--")) || (statement.isEmpty() && line.isEmpty()))
            continue;
        statement += line + QLatin1Char('\n');
        if (line.endsWith(QLatin1Char(';')))
            found.append(std::exchange(statement, {}));
    }
    return found;
}

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// No file can grow while it lives: each write past what is there fails, as on a full disk.
class NoRoom
{
public:
    NoRoom()
    {
        std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit none{0, m_before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &none);
    }
    ~NoRoom() { setrlimit(RLIMIT_FSIZE, &m_before); }
    NoRoom(const NoRoom &) = delete;
    NoRoom &operator=(const NoRoom &) = delete;

private:
    rlimit m_before{};
};

Policies aLimit()
{
    LimitPolicy limit;
    limit.downBitsPerSecond = kMinRateBits;
    return {limit, {}, {}};
}

} // namespace

class StoreMigrationTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void aDatabaseOfSchemaThreeKeepsItsTotalsAndHasNoPolicies();
    void aDatabaseOfSchemaFiveIsRefused();
    void aMigrationOntoAFullDiskLeavesTheOldFile();
    void aDatabaseThatCannotBeMigratedYetIsReadAndMigratedLater();

private:
    State reopened()
    {
        m_database = std::make_unique<Database>(m_path);
        auto state = m_database->open();
        if (!state)
            qFatal("%s", qPrintable(state.error().message));
        return std::move(*state);
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    QString m_path;
    std::unique_ptr<Database> m_database;
};

/// A file as a helper of schema 3 left it, and nobody has open.
void StoreMigrationTest::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_path = m_directory->filePath(QStringLiteral("weir.db"));
    executeIn(m_path,
              QStringList{QStringLiteral("BEGIN")} + statementsOf(QFINDTESTDATA("data/schema_003.sql"))
                  + QStringList{QStringLiteral("COMMIT")});
    QCOMPARE(numberIn(m_path, QStringLiteral("PRAGMA user_version")), 3);
}

void StoreMigrationTest::cleanup()
{
    m_database.reset();
    m_directory.reset();
}

void StoreMigrationTest::aDatabaseOfSchemaThreeKeepsItsTotalsAndHasNoPolicies()
{
    const State state = reopened();
    QVERIFY(!state.notWritable);
    QCOMPARE(numberIn(m_path, QStringLiteral("PRAGMA user_version")), 4);
    QCOMPARE(state.leftOut, QStringList());
    QCOMPARE(state.watches.size(), size_t(4));
    for (const WatchRecord &record : state.watches) {
        QVERIFY(record.spec.policies == Policies{});
        QVERIFY(record.guard == GuardState{});
    }
    QVERIFY(state.watches[0].total
            == (ScopedTraffic{{5'000'000'000, 900'000'000, 4'000'000, 1'500'000}, {70, 60, 2, 1}}));
    QVERIFY(state.watches[0].baseline.raw == (ScopedTraffic{{1000, 2000, 10, 20}, {30, 40, 3, 4}}));
    QVERIFY(state.watches[1].total
            == (ScopedTraffic{{7'000'000'000, 1'200'000'000, 6'000'000, 2'000'000}, {500, 400, 5, 4}}));
    QVERIFY(state.watches[1].totalOther == (Traffic{42, 43, 1, 2}));
    QVERIFY(state.watches[2].total
            == (ScopedTraffic{{100, 200, 3, 4}, {~quint64(0), quint64(1) << 63, 7, 8}}));
    QCOMPARE(state.watches[3].removedS, 1'772'243'200);
    QVERIFY(state.links.at(0).total
            == (ScopedTraffic{{8'000'000'000, 1'300'000'000, 7'000'000, 2'500'000}, {600, 500, 6, 5}}));
    QVERIFY(state.links.at(0).totalUnmetered == (Traffic{62, 63, 4, 5}));
    QVERIFY(state.services.at(0).total
            == (ServiceTraffic{{{100, 200, 3, 4}, {5, 6, 7, 8}}, {9, 10, 11, 12}}));
    QCOMPARE(state.services.at(0).baselines.size(), size_t(1));
    QCOMPARE(state.settings.value(QStringLiteral("flush_interval_s")).toUInt(), 60u);
    QCOMPARE(state.settingsRevision, 4u);
    QCOMPARE(numberIn(m_path, QStringLiteral("SELECT sum(i_rx_bytes) FROM day")), 2900);
    // as it would be had it been made today
    QCOMPARE(repair::check(m_path, repair::InUse::Yes), QStringList());
    // and it takes policies
    WatchRecord record = state.watches[0];
    record.spec.policies = aLimit();
    QVERIFY(write(*m_database, {record}));
    QVERIFY(reopened().watches.at(0).spec.policies == aLimit());
}

void StoreMigrationTest::aDatabaseOfSchemaFiveIsRefused()
{
    executeIn(m_path, {QStringLiteral("PRAGMA user_version = 5")});
    const QByteArray before = contents(m_path);
    const auto refused = Database(m_path).open();
    QVERIFY(!refused);
    QVERIFY2(refused.error().message.contains(QStringLiteral("newer version of Weir (schema 5")),
             qPrintable(refused.error().message));
    QCOMPARE(contents(m_path), before);
}

void StoreMigrationTest::aMigrationOntoAFullDiskLeavesTheOldFile()
{
    const QByteArray before = contents(m_path);
    {
        Connection connection(m_path);
        QVERIFY(connection.open(Connection::Access::ReadWrite));
        const qint64 pages = connection.number(QStringLiteral("PRAGMA page_count")).value_or(0);
        QVERIFY(pages > 0);
        // as many as there are and one more: it ends amid the four tables
        QVERIFY(connection.number(QStringLiteral("PRAGMA max_page_count = %1").arg(pages + 1)));
        const auto migrated = schema::migrate(connection, 4);
        QVERIFY(!migrated);
        QVERIFY2(migrated.error().message.contains(QStringLiteral("disk is full")),
                 qPrintable(migrated.error().message));
    }
    QCOMPARE(contents(m_path), before);
    QCOMPARE(QDir(m_directory->path()).entryList(QDir::Files), QStringList{QStringLiteral("weir.db")});
}

void StoreMigrationTest::aDatabaseThatCannotBeMigratedYetIsReadAndMigratedLater()
{
    const QByteArray before = contents(m_path);
    std::vector<WatchRecord> watches;
    {
        const NoRoom full;
        const State state = reopened();
        QVERIFY(state.notWritable);
        watches = state.watches;
        QCOMPARE(watches.size(), size_t(4));
        QCOMPARE(watches[0].total.internet.rxBytes, 5'000'000'000u);
        QVERIFY(!write(*m_database, watches));
        QCOMPARE(contents(m_path), before);
    }
    watches[0].spec.policies = aLimit();
    const auto written = write(*m_database, watches);
    QVERIFY2(written, qPrintable(problemOf(written)));
    const State state = reopened();
    QVERIFY(state.watches.at(0).spec.policies == aLimit());
    QCOMPARE(state.watches.at(0).total.internet.rxBytes, 5'000'000'000u);
}

} // namespace weir

QTEST_GUILESS_MAIN(weir::StoreMigrationTest)
#include "store_migration_test.moc"
