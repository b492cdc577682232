// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/views.h"
#include "app/cli/watch_list.h"
#include "app/client/table.h"

#include <QBuffer>
#include <QLocale>
#include <QTest>

using namespace weir;
using client::Table;

/// What weirctl puts on a terminal and reads from a file.
class WeirctlTableTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { QLocale::setDefault(QLocale::c()); }

    void columnsAreAlignedAndEndWithoutSpaces();
    void wideCharactersTakeTwoColumns();
    void longCellsAreElidedToTheirColumn();
    void textFromOutsideCannotDriveTheTerminal();
    void aWatchReadsAsPeopleSayIt();
    void aPausedWatchShowsNoRate();
    void ipv6EndpointsStandInBrackets();

    void aListOfWatchesHasOneALine();
    void whatIsWrongInAListNamesItsLine_data();
    void whatIsWrongInAListNamesItsLine();
};

void WeirctlTableTest::columnsAreAlignedAndEndWithoutSpaces()
{
    Table table(
        {{QStringLiteral("NAME")}, {QStringLiteral("DOWN"), Table::Align::Right}, {QStringLiteral("NOTE")}});
    table.add({QStringLiteral("web"), QStringLiteral("12.3 MB"), QString()});
    table.add({QStringLiteral("a longer name"), QStringLiteral("0 B"), QStringLiteral("x")});
    QCOMPARE(
        table.lines(),
        (QStringList{QStringLiteral("NAME              DOWN  NOTE"), QStringLiteral("web            12.3 MB"),
                     QStringLiteral("a longer name      0 B  x")}));
}

void WeirctlTableTest::wideCharactersTakeTwoColumns()
{
    QCOMPARE(client::displayWidth(QStringLiteral("下行a")), 5);
    QCOMPARE(client::displayWidth(QStringLiteral("e\u0301")), 1); // e with a combining accent
    QCOMPARE(client::displayWidth(QStringLiteral("𠀀")), 2);      // beyond 16 bits
    Table table({{QStringLiteral("N")}, {QStringLiteral("M")}});
    table.add({QStringLiteral("网站"), QStringLiteral("1")});
    table.add({QStringLiteral("web"), QStringLiteral("2")});
    QCOMPARE(table.lines(),
             (QStringList{QStringLiteral("N     M"), QStringLiteral("网站  1"), QStringLiteral("web   2")}));
}

void WeirctlTableTest::longCellsAreElidedToTheirColumn()
{
    QCOMPARE(client::elided(QStringLiteral("abcdef"), 6), QStringLiteral("abcdef"));
    QCOMPARE(client::elided(QStringLiteral("abcdef"), 5), QStringLiteral("abcd…"));
    QCOMPARE(client::elided(QStringLiteral("网站网站"), 6), QStringLiteral("网站…"));
    Table table({{QStringLiteral("N"), Table::Align::Left, 4}});
    table.add({QStringLiteral("abcdef")});
    QCOMPARE(table.lines().at(1), QStringLiteral("abc…"));
}

void WeirctlTableTest::textFromOutsideCannotDriveTheTerminal()
{
    QCOMPARE(client::printable(QStringLiteral("a\033[2Jb\nc\u202Ed\u2028e")), QStringLiteral("a [2Jb cd e"));
}

void WeirctlTableTest::aWatchReadsAsPeopleSayIt()
{
    const auto read = [](const char *ports, const char *protocol, const char *link = "",
                         const char *service = "") {
        dbus::WatchRow watch;
        watch.ports = QLatin1String(ports);
        watch.protocol = QLatin1String(protocol);
        watch.link = QLatin1String(link);
        watch.service = QLatin1String(service);
        return cli::whatIsWatched(watch);
    };
    QCOMPARE(read("8000,9000-9100", ""), QStringLiteral("ports 8000, 9000-9100 (TCP and UDP)"));
    QCOMPARE(read("53", "udp"), QStringLiteral("port 53 (UDP)"));
    QCOMPARE(read("80,443", "tcp"), QStringLiteral("ports 80, 443 (TCP)"));
    QCOMPARE(read("", "", "eth0"), QStringLiteral("link eth0"));
    QCOMPARE(read("", "", "", "nginx.service"), QStringLiteral("service nginx.service"));
    // what is understood, not what was typed
    QCOMPARE(read("85-100, 80-90 080", "tcp"), QStringLiteral("ports 80-100 (TCP)"));
}

void WeirctlTableTest::aPausedWatchShowsNoRate()
{
    dbus::WatchRow row;
    row.name = QStringLiteral("web");
    row.kind = QStringLiteral("ports");
    row.ports = QStringLiteral("80");
    row.protocol = QStringLiteral("tcp");
    row.total.rxBytes = 1500;
    row.enabled = false;
    const QString line = cli::watchTable({row}).lines().at(1);
    QCOMPARE(line.simplified(), QStringLiteral("web tcp 80 0 paused paused 1.50 kB 0 B"));
}

void WeirctlTableTest::ipv6EndpointsStandInBrackets()
{
    dbus::FlowRow row;
    row.protocol = QStringLiteral("tcp");
    row.localAddress = QStringLiteral("2001:db8::1");
    row.localPort = 443;
    row.remoteAddress = QStringLiteral("192.0.2.7");
    row.remotePort = 50000;
    row.state = QStringLiteral("established");
    row.scope = QStringLiteral("internet");
    const QString line = cli::flowTable({row}).lines().at(1).simplified();
    QCOMPARE(line, QStringLiteral("tcp [2001:db8::1]:443 192.0.2.7:50000 established internet — — 0 B 0 B"));
    row.protocol = QStringLiteral("icmpv6");
    row.localPort = 0;
    QVERIFY(cli::flowTable({row}).lines().at(1).contains(QLatin1String("  2001:db8::1  ")));
}

void WeirctlTableTest::aListOfWatchesHasOneALine()
{
    QBuffer file;
    file.setData(
        "# the machine's services\n\nweb 80,443 tcp the public site\n\"game server\" 27000-27050 udp\n"
        "dns\t53\tboth \"the resolver\"\nplain 1\nnoted 2 needed by nobody\n");
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto watches = cli::readWatchList(file);
    QVERIFY2(watches.has_value(), watches ? "" : qPrintable(watches.error()));
    QCOMPARE(watches->size(), 5);
    const auto fields = [](const char *ports, const char *protocol, const char *note) {
        QVariantMap map{{QStringLiteral("ports"), QString::fromLatin1(ports)}};
        if (*protocol != 0)
            map.insert(QStringLiteral("protocol"), QString::fromLatin1(protocol));
        if (*note != 0)
            map.insert(QStringLiteral("note"), QString::fromLatin1(note));
        return map;
    };
    QCOMPARE(watches->at(0).name, QStringLiteral("web"));
    QCOMPARE(watches->at(0).fields, fields("80,443", "tcp", "the public site"));
    QCOMPARE(watches->at(1).name, QStringLiteral("game server"));
    QCOMPARE(watches->at(1).fields, fields("27000-27050", "udp", ""));
    QCOMPARE(watches->at(2).fields, fields("53", "both", "the resolver"));
    QCOMPARE(watches->at(3).fields, fields("1", "", ""));
    QCOMPARE(watches->at(4).fields, fields("2", "", "needed by nobody"));
}

void WeirctlTableTest::whatIsWrongInAListNamesItsLine_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("error");
    QTest::newRow("no ports") << QByteArray("web\n")
                              << QStringLiteral("line 1: a name and ports are needed, such as: web 80,443");
    QTest::newRow("port too high") << QByteArray(
        "# x\nweb 65536\n") << QStringLiteral("line 2: ports: '65536' is out of range; ports are 1 to 65535");
}

void WeirctlTableTest::whatIsWrongInAListNamesItsLine()
{
    QFETCH(QByteArray, text);
    QBuffer file(&text);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto watches = cli::readWatchList(file);
    QVERIFY(!watches.has_value());
    QTEST(watches.error(), "error");
}

QTEST_GUILESS_MAIN(WeirctlTableTest)
#include "weirctl_table_test.moc"
