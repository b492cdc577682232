// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/import_plan.h"

#include <QFile>
#include <QFileInfo>
#include <QRandomGenerator>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace weir;
using namespace weir::client;

namespace {

/// What the scripts make, with columns in an order of their own and more than are known.
const QStringList kScripts{
    QStringLiteral(
        "CREATE TABLE ports (remark TEXT, port TEXT PRIMARY KEY, billing_mode TEXT, created_at TEXT)"),
    QStringLiteral("CREATE TABLE quotas (port TEXT, reset_day INTEGER, limit_bytes INTEGER)"),
    QStringLiteral("CREATE TABLE bandwidth_limits (port TEXT, rate_kbps INTEGER)"),
    QStringLiteral("CREATE TABLE burst_protection (port TEXT, enabled INTEGER, burst_rate_kbps INTEGER, "
                   "burst_window INTEGER, "
                   "throttle_rate_kbps INTEGER, throttle_duration INTEGER)"),
    QStringLiteral("CREATE TABLE config (key TEXT, value TEXT)")};

QVariantMap quotaFields(quint64 bytes, const char *day, const char *billing, const char *factor)
{
    return {{QStringLiteral("size_bytes"), bytes},
            {QStringLiteral("reset_day"), QLatin1String(day)},
            {QStringLiteral("billing"), QLatin1String(billing)},
            {QStringLiteral("factor"), QLatin1String(factor)},
            {QStringLiteral("overflow"), QStringLiteral("block")},
            {QStringLiteral("enabled"), true}};
}

QVariantMap limitFields(quint64 bits, bool enabled = true)
{
    return {{QStringLiteral("down_bits_per_s"), bits},
            {QStringLiteral("up_bits_per_s"), bits},
            {QStringLiteral("enabled"), enabled}};
}

} // namespace

/// What other tools' files are read as, honest ones and hostile ones.
class ImportTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aDatabaseIsReadWhole();
    void tablesAndColumnsMayBeMissing();
    void whatADatabaseDoesNotTellIsListedAndNotGuessed();
    void secretsAreNamedAndNeverShown();
    void theFileIsNotTouched();
    void viewsVirtualTablesAndGeneratedColumnsAreNotRun();
    void cellsOfAnyTypeAreRead();
    void aDatabaseOfSomebodyElseIsRefused();
    void damagedDatabasesAreRefusedOrReadInPart();

    void jsonIsReadAsTheScriptsDo();
    void whatJsonDoesNotTellIsListedAndNotGuessed();
    void whatIsNoConfigurationIsRefused_data();
    void whatIsNoConfigurationIsRefused();

    void watchesAreNamedByTheirRemarkWhereThatIsFree();
    void aWatchOfTheSamePortsIsUsedAgainAndKeepsWhatItHas();

private:
    /// A SQLite file that these statements made.
    QString made(const QStringList &statements);
    QString written(const QByteArray &bytes);
    Imported read(const QString &path);

    QTemporaryDir m_directory;
    int m_count = 0;
};

QString ImportTest::made(const QStringList &statements)
{
    const QString path = m_directory.filePath(QStringLiteral("config %1?#.db").arg(++m_count));
    {
        auto database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("made"));
        database.setDatabaseName(path);
        if (!database.open())
            qFatal("cannot make a database");
        database.transaction(); // one write to the disk, not one for each row
        for (const QString &statement : statements) {
            QSqlQuery query(database);
            if (!query.exec(statement))
                qFatal("%s: %s", qPrintable(statement.left(200)), qPrintable(query.lastError().text()));
        }
        database.commit();
        database.close();
    }
    QSqlDatabase::removeDatabase(QStringLiteral("made"));
    return path;
}

QString ImportTest::written(const QByteArray &bytes)
{
    const QString path = m_directory.filePath(QStringLiteral("file-%1").arg(++m_count));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write");
    return path;
}

Imported ImportTest::read(const QString &path)
{
    const auto imported = readImport(path);
    if (!imported)
        qWarning("%s", qPrintable(imported.error()));
    return imported.value_or(Imported{});
}

void ImportTest::aDatabaseIsReadWhole()
{
    const Imported imported = read(made(
        kScripts
        + QStringList{
            QStringLiteral(
                "INSERT INTO ports VALUES ('web', '8000', 'single', 'x'), ('', '9000-9100', 'double', NULL), "
                "('group', '443, 80,81', 'relay', NULL)"),
            QStringLiteral(
                "INSERT INTO quotas VALUES ('8000', 15, 107374182400), ('443,80,81', 31, 5000000000), "
                "('9000-9100', 1, 0)"),
            QStringLiteral("INSERT INTO bandwidth_limits VALUES ('9000-9100', 20000), ('8000', NULL)"),
            QStringLiteral("INSERT INTO burst_protection VALUES ('8000', 1, 50000, 15, 5000, 30), "
                           "('9000-9100', 0, 0, 0, 0, 0), "
                           "('80-81,443', 0, 50000, 15, 5000, 30)")}));
    QCOMPARE(imported.watches.size(), 3);
    const ImportedWatch &web = imported.watches.at(0);
    QCOMPARE(web.ports, QStringLiteral("8000"));
    QCOMPARE(web.remark, QStringLiteral("web"));
    QCOMPARE(web.quota, quotaFields(107'374'182'400, "15", "out", "1"));
    QVERIFY(web.limit.isEmpty());
    QCOMPARE(web.burst,
             (QVariantMap{{QStringLiteral("trigger_bits_per_s"), 50'000'000ULL},
                          {QStringLiteral("window_s"), 900U},
                          {QStringLiteral("throttle_bits_per_s"), 5'000'000ULL},
                          {QStringLiteral("hold_s"), 1800U},
                          {QStringLiteral("enabled"), true}}));
    const ImportedWatch &range = imported.watches.at(1);
    QCOMPARE(range.ports, QStringLiteral("9000-9100"));
    QCOMPARE(range.limit, limitFields(20'000'000));
    QVERIFY(range.quota.isEmpty() && range.burst.isEmpty());
    const ImportedWatch &group = imported.watches.at(2);
    QCOMPARE(group.ports, QStringLiteral("80-81,443"));
    QCOMPARE(group.quota, quotaFields(5'000'000'000, "31", "sum", "2"));
    QCOMPARE(group.burst.value(QStringLiteral("enabled")), QVariant(false));
    QCOMPARE(imported.notUnderstood, QStringList{QStringLiteral("table ports: columns created_at")});
}

void ImportTest::tablesAndColumnsMayBeMissing()
{
    const Imported imported = read(made({QStringLiteral("CREATE TABLE bandwidth_limits (rate_kbps, port)"),
                                         QStringLiteral("INSERT INTO bandwidth_limits VALUES (1000, 22)")}));
    QCOMPARE(imported,
             (Imported{{{QStringLiteral("22"), {}, true, limitFields(1'000'000), {}, {}}}, {}, {}}));
    const Imported bare = read(made({QStringLiteral("CREATE TABLE ports (port INTEGER)"),
                                     QStringLiteral("CREATE TABLE quotas (foo TEXT)"),
                                     QStringLiteral("INSERT INTO ports VALUES (8000)")}));
    QCOMPARE(bare.watches.size(), 1);
    QCOMPARE(bare.notUnderstood,
             (QStringList{QStringLiteral("table quotas: columns foo"),
                          QStringLiteral("table quotas: it has no column that is known")}));
}

void ImportTest::whatADatabaseDoesNotTellIsListedAndNotGuessed()
{
    const Imported imported = read(made(
        kScripts
        + QStringList{
            QStringLiteral("CREATE TABLE traffic (x)"),
            QStringLiteral(
                "INSERT INTO ports VALUES ('a', '1', 'premium', NULL), ('b', '2', NULL, NULL), ('c', '3', "
                "'single', NULL), "
                "('d', 'http', 'single', NULL), ('e', '0', 'single', NULL), ('f', '03', 'single', NULL)"),
            QStringLiteral("INSERT INTO quotas VALUES ('1', 1, 5), ('2', 1, 5), ('3', NULL, 5), ('3', 32, "
                           "5), ('3', 1, -5), "
                           "('3', 1, 'lots')"),
            QStringLiteral("INSERT INTO bandwidth_limits VALUES ('3', 63), ('3', 100000001), ('3', -1), "
                           "('3', 18446744073709551615)"),
            QStringLiteral("INSERT INTO burst_protection VALUES ('3', 1, 1000, 15, 2000, 30), ('3', 1, 1000, "
                           "0, 1000, 30), "
                           "('3', 1, 1000, 15, 1000, 10081), ('3', 1, NULL, 15, 1000, 30)"),
            QStringLiteral("INSERT INTO config VALUES ('language', 'zh'), ('empty', '')")}));
    QCOMPARE(
        imported.notUnderstood,
        (QStringList{QStringLiteral("table traffic"),
                     QStringLiteral("table ports: columns created_at"),
                     QStringLiteral("'http' is no port"),
                     QStringLiteral("'0' is no port"),
                     QStringLiteral("port 3 is there twice: the first is taken"),
                     QStringLiteral("quota of port 1: billing mode 'premium' is not known"),
                     QStringLiteral("quota of port 2: no billing mode that can be read"),
                     QStringLiteral("quota of port 3: it never begins anew, which is not known here"),
                     QStringLiteral("quota of port 3: its reset day is none from 1 to 31"),
                     QStringLiteral("quota of port 3: no size that can be read"),
                     QStringLiteral("quota of port 3: no size that can be read"),
                     QStringLiteral("limit of port 3: 63 kbit/s is not from 64 kbit/s to 100 Gbit/s"),
                     QStringLiteral("limit of port 3: 100.000001 Gbit/s is not from 64 kbit/s to 100 Gbit/s"),
                     QStringLiteral("limit of port 3: no rate that can be read"),
                     QStringLiteral("limit of port 3: no rate that can be read"),
                     QStringLiteral("burst guard of port 3: it would throttle to more than what triggers it"),
                     QStringLiteral("burst guard of port 3: its window is not from 1 minute to a day"),
                     QStringLiteral("burst guard of port 3: it does not hold from 1 minute to 7 days"),
                     QStringLiteral("burst guard of port 3: its rates are not from 64 kbit/s to 100 Gbit/s"),
                     QStringLiteral("setting language")}));
    QCOMPARE(imported.watches.size(), 3);
    for (const ImportedWatch &watch : imported.watches)
        QVERIFY(watch.limit.isEmpty() && watch.quota.isEmpty() && watch.burst.isEmpty());
}

void ImportTest::secretsAreNamedAndNeverShown()
{
    const Imported imported = read(
        made(kScripts
             + QStringList{QStringLiteral("INSERT INTO config VALUES ('telegram_bot_token', '123:hush'), "
                                          "('telegram_chat_id', '-100hush'), ('smtp_password', 'hush'), "
                                          "('webhook_url', NULL)")}));
    QCOMPARE(imported.notImported,
             (QStringList{QStringLiteral("telegram_bot_token, a secret"),
                          QStringLiteral("telegram_chat_id, a secret"),
                          QStringLiteral("smtp_password, a secret")}));
    const Imported json = read(written(R"({"ports": {}, "telegram": {"bot_token": "123:hush"},
        "notifications": {"telegram": {"bot_token": "123:hush"}, "email": {}}})"));
    QCOMPARE(json.notImported,
             (QStringList{QStringLiteral("notifications by email, with their secrets"),
                          QStringLiteral("notifications by telegram, with their secrets"),
                          QStringLiteral("telegram, with its secrets")}));
    for (const Imported &each : {imported, json})
        QVERIFY(
            !(each.notImported + each.notUnderstood).join(QLatin1Char(' ')).contains(QLatin1String("hush")));
}

void ImportTest::theFileIsNotTouched()
{
    const QString path = made(kScripts);
    QVERIFY(QFile::setPermissions(path, QFile::ReadOwner));
    const QDateTime before = QFileInfo(path).lastModified();
    const QStringList beside = QDir(m_directory.path()).entryList(QDir::Files);
    QVERIFY(readImport(path));
    QCOMPARE(QFileInfo(path).lastModified(), before);
    QCOMPARE(QDir(m_directory.path()).entryList(QDir::Files), beside);

    QFile log(path + QStringLiteral("-wal"));
    QVERIFY(log.open(QIODevice::WriteOnly) && log.write("x") == 1);
    log.close();
    QVERIFY2(read(path).notUnderstood.last().endsWith(QLatin1String("-wal: stop the scripts first")),
             qPrintable(read(path).notUnderstood.join(QLatin1Char('\n'))));
}

void ImportTest::viewsVirtualTablesAndGeneratedColumnsAreNotRun()
{
    // each would reckon for ever
    const QString forEver =
        QStringLiteral("WITH RECURSIVE n(x) AS (VALUES(1) UNION ALL SELECT x FROM n) SELECT max(x) FROM n");
    const Imported view =
        read(made({QStringLiteral("CREATE TABLE bandwidth_limits (port, rate_kbps)"),
                   QStringLiteral("CREATE VIEW ports(port) AS ") + forEver,
                   QStringLiteral("CREATE VIRTUAL TABLE quotas USING fts5(port, limit_bytes, reset_day)")}));
    QVERIFY(view.watches.isEmpty());
    const Imported generated = read(made(
        {QStringLiteral("CREATE TABLE ports (port TEXT, remark TEXT AS ('reckoned'), billing_mode TEXT)"),
         QStringLiteral("INSERT INTO ports VALUES ('8000', 'single')")}));
    QCOMPARE(generated.watches.size(), 1);
    QCOMPARE(generated.watches.first().remark, QString());
}

void ImportTest::cellsOfAnyTypeAreRead()
{
    const Imported imported = read(made(
        {QStringLiteral("CREATE TABLE ports (port, remark, billing_mode)"),
         QStringLiteral("CREATE TABLE quotas (port, limit_bytes, reset_day)"),
         QStringLiteral(
             "INSERT INTO ports VALUES (8000, 5, 'single'), (8001.0, x'00ff', 'single'), (8001.5, '', ''), "
             "(x'38303032', '', ''), (NULL, '', ''), ('8003' || char(0) || 'x', '', ''), "
             "('8004', 'a' || char(0), 'single'), ('8005', CAST(zeroblob(2000000) AS TEXT), 'single'), "
             "('8006', replace(hex(zeroblob(5000)), '0', 'r'), 'single')"),
         QStringLiteral(
             "INSERT INTO quotas VALUES (8000.0, '107374182400', '15'), (8001, 1e11, 2.0), (8004, 1.5, 1), "
             "(8005, 1e300, 1)")}));
    QStringList ports;
    for (const ImportedWatch &watch : imported.watches)
        ports << watch.ports;
    QCOMPARE(ports,
             (QStringList{QStringLiteral("8000"), QStringLiteral("8001"), QStringLiteral("8004"),
                          QStringLiteral("8005"), QStringLiteral("8006")}));
    QCOMPARE(imported.watches.at(0).remark, QStringLiteral("5"));
    QCOMPARE(imported.watches.at(0).quota, quotaFields(107'374'182'400, "15", "out", "1"));
    QCOMPARE(imported.watches.at(1).quota, quotaFields(100'000'000'000, "2", "out", "1"));
    for (int i = 1; i < 5; ++i)
        QCOMPARE(imported.watches.at(i).remark, QString());
    QCOMPARE(imported.notUnderstood.count(QStringLiteral("a port that is no text")), 4);
}

void ImportTest::aDatabaseOfSomebodyElseIsRefused()
{
    const auto foreign = readImport(made({QStringLiteral("CREATE TABLE moz_places (url TEXT)")}));
    QVERIFY(!foreign);
    QVERIFY2(foreign.error().endsWith(QLatin1String(
                 "it is no config.db of the port-monitor scripts: it has no table of their ports")),
             qPrintable(foreign.error()));
}

void ImportTest::damagedDatabasesAreRefusedOrReadInPart()
{
    QStringList statements = kScripts;
    for (int i = 1; i <= 500; ++i)
        statements << QStringLiteral("INSERT INTO ports VALUES ('port %1', '%1', 'single', '')").arg(i);
    QFile good(made(statements));
    QVERIFY(good.open(QIODevice::ReadOnly));
    const QByteArray whole = good.readAll();
    QCOMPARE(readImport(written(whole))->watches.size(), 500);
    QRandomGenerator random(20'260'301);
    int changed = 0;
    for (int round = 0; round < 200; ++round) {
        QByteArray bytes = whole;
        if (round % 4 == 0)
            bytes.truncate(16 + random.bounded(int(bytes.size()) - 16));
        for (int i = 0; i < 40; ++i)
            bytes[16 + random.bounded(int(bytes.size()) - 16)] = char(random.bounded(256));
        const auto imported = readImport(written(bytes));
        changed += !imported || imported->watches.size() != 500 ? 1 : 0;
        QVERIFY(!imported || imported->watches.size() <= dbus::WatchRows::size_type(65'535));
    }
    QVERIFY(changed > 0);
}

void ImportTest::jsonIsReadAsTheScriptsDo()
{
    const Imported imported =
        read(written(R"({"global": {"billing_mode": "single"}, "nftables": {"family": "inet"}, "ports": {
        "8000": {"name": "端口8000", "enabled": true, "remark": "香港", "billing_mode": "double", "created_at": "x",
                 "quota": {"enabled": true, "monthly_limit": "100GB", "reset_day": 5},
                 "bandwidth_limit": {"enabled": true, "rate": "20Mbps"}},
        "8001": {"quota": {"enabled": true, "monthly_limit": "2t", "reset_day": 1}, "bandwidth_limit": {"enabled": false, "rate": "500KBPS"}},
        "9000-9100": {"enabled": false, "billing_mode": "relay", "quota": {"enabled": true, "monthly_limit": "unlimited"},
                      "bandwidth_limit": {"enabled": false, "rate": "unlimited"}}}})"));
    QCOMPARE(imported.notUnderstood, QStringList());
    QCOMPARE(imported.watches,
             (QList<ImportedWatch>{{QStringLiteral("8000"),
                                    QStringLiteral("香港"),
                                    true,
                                    limitFields(20'000'000),
                                    quotaFields(107'374'182'400, "5", "sum", "1"),
                                    {}},
                                   {QStringLiteral("8001"),
                                    QString(),
                                    true,
                                    limitFields(500'000, false),
                                    quotaFields(2'199'023'255'552, "1", "out", "1"),
                                    {}},
                                   {QStringLiteral("9000-9100"), QString(), false, {}, {}, {}}}));
}

void ImportTest::whatJsonDoesNotTellIsListedAndNotGuessed()
{
    const Imported imported = read(written(R"({"ports": {"1": 5, "2": {"quota": {"monthly_limit": "100"}},
        "3": {"quota": {"monthly_limit": "1.5GB", "reset_day": 1}, "bandwidth_limit": {"enabled": true, "rate": "fast"}},
        "4": {"quota": {"monthly_limit": "99999999TB", "reset_day": 1}, "burst": {}},
        "5": {"quota": {"monthly_limit": "1GB", "reset_day": null}}, "\u0000": {}}, "theme": 1})"));
    QCOMPARE(imported.notUnderstood,
             (QStringList{QStringLiteral("a port that is no text"), QStringLiteral("port 1: no settings"),
                          QStringLiteral("quota of port 2: no size that can be read"),
                          QStringLiteral("quota of port 3: no size that can be read"),
                          QStringLiteral("limit of port 3: no rate that can be read"),
                          QStringLiteral("quota of port 4: no size that can be read"),
                          QStringLiteral("'burst' of port 4"),
                          QStringLiteral("quota of port 5: it never begins anew, which is not known here"),
                          QStringLiteral("'theme'")}));
}

void ImportTest::whatIsNoConfigurationIsRefused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("text") << QByteArray("hello");
    QTest::newRow("half a document") << QByteArray(R"({"ports": {"8000")");
    QTest::newRow("an array") << QByteArray("[]");
    QTest::newRow("another document") << QByteArray(R"({"a": 1})");
    QTest::newRow("ports of another kind") << QByteArray(R"({"ports": [8000]})");
    QTest::newRow("a deep document") << QByteArray(100'000, '[');
    QTest::newRow("only the magic of SQLite") << QByteArray("SQLite format 3\0", 16);
    QTest::newRow("SQLite and noise") << QByteArray("SQLite format 3\0", 16) + QByteArray(8192, 'x');
}

void ImportTest::whatIsNoConfigurationIsRefused()
{
    QFETCH(QByteArray, bytes);
    const QString path = written(bytes);
    const auto imported = readImport(path);
    QVERIFY(!imported);
    QVERIFY2(imported.error().startsWith(QStringLiteral("cannot import %1: ").arg(path)),
             qPrintable(imported.error()));
    QVERIFY(!readImport(m_directory.path()));
    const QString pipe = m_directory.filePath(QStringLiteral("pipe-%1").arg(++m_count));
    QCOMPARE(mkfifo(qPrintable(pipe), 0600), 0);
    QCOMPARE(readImport(pipe).error(), QStringLiteral("cannot import %1: it is no file").arg(pipe));
    QVERIFY(!readImport(QStringLiteral("/nonexistent")));
}

void ImportTest::watchesAreNamedByTheirRemarkWhereThatIsFree()
{
    const auto named = [](const char *ports, const QString &remark) {
        return ImportedWatch{QLatin1String(ports), remark, true, {}, {}, {}};
    };
    dbus::WatchRow taken;
    taken.name = QStringLiteral("web");
    taken.kind = QStringLiteral("link");
    dbus::WatchRow port;
    port.name = QStringLiteral("port 3");
    port.ports = QStringLiteral("3");
    port.protocol = QStringLiteral("tcp"); // not the same as TCP and UDP
    const QString manyPorts =
        QStringLiteral("1000,1002,1004,1006,1008,1010,1012,1014,1016,1018,1020,1022,1024,1026");
    const auto steps =
        planImport({{named("1", QStringLiteral("web")), named("2", QStringLiteral("香港")),
                     named("3", QString()), named("4-5", QStringLiteral("香港")),
                     named("6", QStringLiteral("#6")), named("7", QStringLiteral("a\x1b[31m")),
                     named("8", QString(65, QLatin1Char('x'))), named(qPrintable(manyPorts), QString())},
                    {},
                    {}},
                   {taken, port});
    QStringList names;
    for (const ImportStep &step : steps) {
        names << step.name;
        QVERIFY(step.isNew);
        QVERIFY2(isWatchName(step.name), qPrintable(step.name));
    }
    QCOMPARE(names.first(7),
             (QStringList{QStringLiteral("port 1"), QStringLiteral("香港"), QStringLiteral("port 3 (2)"),
                          QStringLiteral("ports 4-5"), QStringLiteral("port 6"), QStringLiteral("port 7"),
                          QStringLiteral("port 8")}));
    QCOMPARE(steps.at(0).fields,
             (QVariantMap{{QStringLiteral("ports"), QStringLiteral("1")},
                          {QStringLiteral("note"), QStringLiteral("web")}}));
    QVERIFY(!steps.at(1).fields.contains(QStringLiteral("note")));
    QVERIFY(!steps.at(5).fields.contains(QStringLiteral("note")));
}

void ImportTest::aWatchOfTheSamePortsIsUsedAgainAndKeepsWhatItHas()
{
    dbus::WatchRow there;
    there.name = QStringLiteral("mine");
    there.ports = QStringLiteral("8000, 8001-8002");
    there.protocol = QStringLiteral("both");
    there.limit.set = true;
    const auto steps = planImport({{{QStringLiteral("8000-8002"),
                                     QStringLiteral("theirs"),
                                     true,
                                     limitFields(1'000'000),
                                     quotaFields(5, "1", "out", "1"),
                                     {}}},
                                   {},
                                   {}},
                                  {there});
    QCOMPARE(steps.size(), 1);
    QCOMPARE(steps.first().name, QStringLiteral("mine"));
    QVERIFY(!steps.first().isNew);
    QVERIFY(steps.first().limit.isEmpty());
    QCOMPARE(steps.first().kept, QStringList{QStringLiteral("limit")});
    QCOMPARE(steps.first().quota, quotaFields(5, "1", "out", "1"));
}

QTEST_GUILESS_MAIN(ImportTest)
#include "import_test.moc"
