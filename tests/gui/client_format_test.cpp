// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/format.h"
#include "app/client/json.h"

#include <QJsonDocument>
#include <QLocale>
#include <QTest>

#include <limits>

using namespace weir;

/// How figures read, for people and for scripts.
class ClientFormatTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { QLocale::setDefault(QLocale::c()); }

    void bytesHaveThreeDigitsAndPowersOfThousand_data();
    void bytesHaveThreeDigitsAndPowersOfThousand();
    void exactBytesShowEveryDigitAsTheLocaleGroupsThem();
    void ratesAreBitsPerSecond_data();
    void ratesAreBitsPerSecond();
    void aRateThatIsNotKnownIsADash();
    void figuresFollowTheLocale();
    void durationsShowTwoUnitsAtMost_data();
    void durationsShowTwoUnitsAtMost();

    void aWatchHasTheShapeOfTheApi();
    void whatAWatchIsHeldToIsAnObjectOfItsOwn();
    void numbersAboveTwoToThe53AreExact();
    void aRateThatIsNotKnownIsNull();
    void listsAndMapsStayListsAndMaps();
};

void ClientFormatTest::bytesHaveThreeDigitsAndPowersOfThousand_data()
{
    QTest::addColumn<quint64>("bytes");
    QTest::addColumn<QString>("shown");
    const auto row = [](quint64 bytes, const char *shown) {
        QTest::newRow(shown) << bytes << QString::fromLatin1(shown);
    };
    row(0, "0 B");
    row(999, "999 B");
    row(1000, "1.00 kB");
    row(9994, "9.99 kB");
    row(9996, "10.0 kB");
    row(12'345'678, "12.3 MB");
    row(99'960'000, "100 MB");
    row(999'499, "999 kB");
    row(999'600, "1.00 MB");
    row(412'000'000'000, "412 GB");
    row(5'000'000'000'000, "5.00 TB");
    row(18'446'744'073'709'551'615ULL, "18.4 EB");
}

void ClientFormatTest::bytesHaveThreeDigitsAndPowersOfThousand()
{
    QFETCH(quint64, bytes);
    QTEST(client::formatBytes(bytes), "shown");
}

void ClientFormatTest::exactBytesShowEveryDigitAsTheLocaleGroupsThem()
{
    QCOMPARE(client::formatBytesExact(1'234'567), QStringLiteral("1234567 B"));
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    QCOMPARE(client::formatBytesExact(1'234'567), QStringLiteral("1,234,567 B"));
    QCOMPARE(client::formatBytesExact(18'446'744'073'709'551'615ULL),
             QStringLiteral("18,446,744,073,709,551,615 B"));
}

void ClientFormatTest::ratesAreBitsPerSecond_data()
{
    QTest::addColumn<double>("bytesPerSecond");
    QTest::addColumn<QString>("shown");
    QTest::newRow("nothing") << 0.0 << QStringLiteral("0 bit/s");
    QTest::newRow("part of a bit") << 0.01 << QStringLiteral("0 bit/s");
    QTest::newRow("just below a kilobit") << 124.9 << QStringLiteral("999 bit/s");
    QTest::newRow("a kilobyte") << 1000.0 << QStringLiteral("8.00 kbit/s");
    QTest::newRow("megabits") << 11'912'500.0 << QStringLiteral("95.3 Mbit/s");
    QTest::newRow("a gigabit") << 125'000'000.0 << QStringLiteral("1.00 Gbit/s");
}

void ClientFormatTest::ratesAreBitsPerSecond()
{
    QFETCH(double, bytesPerSecond);
    QTEST(client::formatRate(bytesPerSecond), "shown");
}

void ClientFormatTest::aRateThatIsNotKnownIsADash()
{
    QCOMPARE(client::formatRate(false, 1000.0), QStringLiteral("—"));
    QCOMPARE(client::formatRate(true, 1000.0), QStringLiteral("8.00 kbit/s"));
}

void ClientFormatTest::figuresFollowTheLocale()
{
    QLocale::setDefault(QLocale(QLocale::German, QLocale::Germany));
    QCOMPARE(client::formatBytes(1'234'567), QStringLiteral("1,23 MB"));
    QCOMPARE(client::formatBytesExact(1'234'567), QStringLiteral("1.234.567 B"));
}

void ClientFormatTest::durationsShowTwoUnitsAtMost_data()
{
    QTest::addColumn<qint64>("seconds");
    QTest::addColumn<QString>("shown");
    const auto row = [](qint64 seconds, const char *shown) {
        QTest::newRow(shown) << seconds << QString::fromLatin1(shown);
    };
    row(-1, "0 s");
    row(59, "59 s");
    row(60, "1 min");
    row(3599, "59 min");
    row(2 * 3600 + 5 * 60, "2 h 05 min");
    row(86399, "23 h 59 min");
    row(3 * 86400 + 4 * 3600 + 59 * 60, "3 d 4 h");
}

void ClientFormatTest::durationsShowTwoUnitsAtMost()
{
    QFETCH(qint64, seconds);
    QTEST(client::formatDuration(seconds), "shown");
}

void ClientFormatTest::aWatchHasTheShapeOfTheApi()
{
    dbus::WatchRow row;
    row.name = QStringLiteral("web");
    row.revision = 3;
    row.kind = QStringLiteral("ports");
    row.ports = QStringLiteral("8000,9000-9100");
    row.protocol = QStringLiteral("both");
    row.note = QStringLiteral("a \"note\"\n下行");
    row.since = 1'700'000'000;
    row.total = {30, 40, 3, 4};
    row.internet = {10, 20, 1, 2};
    row.local = {20, 20, 2, 2};
    row.rate = {true, 1.5, 0};
    row.connections = 7;
    row.owner = QStringLiteral("nginx.service");
    row.ownerState = QStringLiteral("active");
    const auto expected =
        QJsonDocument::fromJson(R"({"name": "web", "revision": 3, "kind": "ports", "ports": "8000,9000-9100",
        "protocol": "both", "link": "", "service": "", "note": "a \"note\"\n下行", "enabled": true, "since_s": 1700000000,
        "rx_bytes": 30, "tx_bytes": 40, "rx_packets": 3, "tx_packets": 4,
        "internet": {"rx_bytes": 10, "tx_bytes": 20, "rx_packets": 1, "tx_packets": 2},
        "local": {"rx_bytes": 20, "tx_bytes": 20, "rx_packets": 2, "tx_packets": 2},
        "rx_bytes_per_s": 1.5, "tx_bytes_per_s": 0, "connections": 7, "owner": "nginx.service", "owner_state": "active",
        "limit": null, "quota": null, "burst": null})");
    QVERIFY(expected.isObject());
    QCOMPARE(client::toJson(row), expected.object());
}

void ClientFormatTest::whatAWatchIsHeldToIsAnObjectOfItsOwn()
{
    dbus::WatchRow row;
    row.burst.set = true;
    row.burst.windowS = 900;
    row.limit.downInForceBitsPerSecond = 5'000'000; // by the burst guard: no limit is set
    const QJsonObject object = client::toJson(row);
    QCOMPARE(object.value(QStringLiteral("burst")).toObject().value(QStringLiteral("window_s")).toInt(), 900);
    QCOMPARE(object.value(QStringLiteral("limit")).toObject().value(QStringLiteral("set")),
             QJsonValue(false));
    QVERIFY(object.value(QStringLiteral("quota")).isNull());
}

void ClientFormatTest::numbersAboveTwoToThe53AreExact()
{
    dbus::LinkRow row;
    row.total.rxBytes = 9'007'199'254'740'993;     // 2^53 + 1: a double would lose the 1
    row.total.txBytes = 9'223'372'036'854'775'807; // 2^63 - 1
    const QByteArray text = QJsonDocument(client::toJson(row)).toJson(QJsonDocument::Compact);
    QVERIFY2(text.contains("\"rx_bytes\":9007199254740993,"), text.constData());
    QVERIFY2(text.contains("\"tx_bytes\":9223372036854775807,"), text.constData());

    dbus::FlowRow flow;
    flow.id = 18'446'744'073'709'551'615ULL; // 2^64 - 1: no number of QJsonValue
    QVERIFY(QJsonDocument(client::toJson(flow))
                .toJson(QJsonDocument::Compact)
                .contains("\"id\":\"18446744073709551615\""));
}

void ClientFormatTest::aRateThatIsNotKnownIsNull()
{
    const QJsonObject object = client::toJson(dbus::LinkRow());
    QVERIFY(object.contains(QStringLiteral("rx_bytes_per_s")));
    QVERIFY(object.value(QStringLiteral("rx_bytes_per_s")).isNull());
    QVERIFY(object.value(QStringLiteral("tx_bytes_per_s")).isNull());
    QVERIFY(!object.contains(QStringLiteral("known")));
    QCOMPARE(client::toJson(QVariant(std::numeric_limits<double>::quiet_NaN())),
             QJsonValue(QJsonValue::Null));
}

void ClientFormatTest::listsAndMapsStayListsAndMaps()
{
    const QVariantMap status{
        {QStringLiteral("metered_links"), QStringList{QStringLiteral("eth0"), QStringLiteral("wlan0")}},
        {QStringLiteral("flows"), 12U},
        {QStringLiteral("unattributed_bytes"), qulonglong(9'007'199'254'740'993)},
        {QStringLiteral("version"), QStringLiteral("1")}};
    QCOMPARE(
        QJsonDocument(client::toJson(status)).toJson(QJsonDocument::Compact),
        QByteArray(
            R"({"flows":12,"metered_links":["eth0","wlan0"],"unattributed_bytes":9007199254740993,"version":"1"})"));
}

QTEST_GUILESS_MAIN(ClientFormatTest)
#include "client_format_test.moc"
