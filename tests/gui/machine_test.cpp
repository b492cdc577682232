// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/machine.h"
#include "app/client/machine_listeners.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStorageInfo>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

#include <unistd.h>

using namespace weir;
using namespace weir::client;

/// What is read of the machine, from files as its kernel would write them.
class MachineTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_directory = std::make_unique<QTemporaryDir>(); }

    void theMachineIsReadFromProcAndOsRelease();
    void whatCannotBeReadIsEmpty();
    void boardsWithoutAModelNameTellTheirModel();
    void disksAreThoseOfThisMachineEachOnce();
    void ofListenersThePortAndTheProgramAreFound();
    void aWatchTellsWhoListensOnItsPorts_data();
    void aWatchTellsWhoListensOnItsPorts();

private:
    void write(const char *path, const QByteArray &content);
    QString root() const { return m_directory->path(); }

    std::unique_ptr<QTemporaryDir> m_directory;
};

void MachineTest::write(const char *path, const QByteArray &content)
{
    const QString whole = m_directory->filePath(QLatin1String(path));
    QVERIFY(QDir().mkpath(QFileInfo(whole).path()));
    QFile file(whole);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

void MachineTest::theMachineIsReadFromProcAndOsRelease()
{
    write("proc/sys/kernel/hostname", "proxy-1\n");
    write("proc/sys/kernel/ostype", "Linux\n");
    write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    write("proc/uptime", "93784.52 170000.10\n");
    write("proc/loadavg", "0.52 1.04 2.00 3/312 4711\n");
    write("proc/cpuinfo",
          "processor\t: 0\ncpu family\t: 6\nmodel name\t: Some  CPU @ 2.00GHz\n\n"
          "processor\t: 1\ncpu family\t: 6\nmodel name\t: Some  CPU @ 2.00GHz\n");
    write("proc/meminfo",
          "MemTotal:        2048 kB\nMemFree:          100 kB\nMemAvailable:    1024 kB\n"
          "SwapTotal:        512 kB\nSwapFree:         500 kB\n");
    write("etc/os-release", "NAME=\"Debian\"\nPRETTY_NAME=\"Debian \\\"GNU\\\" 12\"\n");
    const Machine machine = Machine::read(root());
    QCOMPARE(machine.hostName, QStringLiteral("proxy-1"));
    QCOMPARE(machine.kernel, QStringLiteral("Linux 6.1.0-18-amd64"));
    QCOMPARE(machine.system, QStringLiteral("Debian \"GNU\" 12"));
    QCOMPARE(machine.uptimeSeconds, 93'784);
    QVERIFY(machine.load.has_value());
    QCOMPARE(machine.load->at(1), 1.04);
    QCOMPARE(machine.processor, QStringLiteral("Some CPU @ 2.00GHz"));
    QCOMPARE(machine.processors, 2);
    QCOMPARE(machine.memoryBytes, quint64(2'097'152));
    QCOMPARE(machine.memoryAvailableBytes, quint64(1'048'576));
    QCOMPARE(machine.swapBytes, quint64(524'288));
    QCOMPARE(machine.swapFreeBytes, quint64(512'000));
}

void MachineTest::whatCannotBeReadIsEmpty()
{
    write("proc/loadavg", "none\n");
    write("usr/lib/os-release", "NAME=Minimal\n");
    const Machine machine = Machine::read(root());
    QCOMPARE(machine.hostName, QString());
    QCOMPARE(machine.kernel, QString());
    QCOMPARE(machine.system, QStringLiteral("Minimal"));
    QVERIFY(!machine.load);
    QCOMPARE(machine.processors, 0);
    QVERIFY(machine.disks.isEmpty());
}

void MachineTest::boardsWithoutAModelNameTellTheirModel()
{
    write("proc/cpuinfo",
          "processor\t: 0\nBogoMIPS\t: 108.00\n\nModel\t\t: Raspberry Pi 4 Model B Rev 1.4\n");
    QCOMPARE(Machine::read(root()).processor, QStringLiteral("Raspberry Pi 4 Model B Rev 1.4"));
}

void MachineTest::disksAreThoseOfThisMachineEachOnce()
{
    QVERIFY(QDir(root()).mkpath(QStringLiteral("mnt/my data")));
    QVERIFY(QDir(root()).mkpath(QStringLiteral("nas")));
    QVERIFY(QDir(root()).mkpath(QStringLiteral("snap")));
    write("proc/mounts",
          "proc /proc proc rw 0 0\n/dev/vda1 / ext4 rw 0 0\n/dev/vda1 /mnt ext4 rw 0 0\n"
          "/dev/mapper/a\\134b /mnt/my\\040data xfs rw 0 0\nnas:/export /nas nfs4 rw 0 0\n"
          "/dev/loop0 /snap squashfs ro 0 0\n/dev/vdc1 /not-there ext4 rw 0 0\n");
    const auto disks = Machine::read(root()).disks;
    QCOMPARE(disks.size(), 2);
    QCOMPARE(disks.at(0).mountPoint, QStringLiteral("/"));
    QCOMPARE(disks.at(0).device, QStringLiteral("/dev/vda1"));
    QCOMPARE(disks.at(0).fileSystem, QStringLiteral("ext4"));
    QCOMPARE(disks.at(0).sizeBytes, quint64(QStorageInfo(root()).bytesTotal()));
    QVERIFY(disks.at(0).usedBytes <= disks.at(0).sizeBytes);
    QCOMPARE(disks.at(1).mountPoint, QStringLiteral("/mnt/my data"));
    QCOMPARE(disks.at(1).device, QStringLiteral("/dev/mapper/a\\b"));
}

void MachineTest::ofListenersThePortAndTheProgramAreFound()
{
    const QByteArray head =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
    // port 80 waits; 8080 is a conversation
    write("proc/net/tcp",
          head
              + "   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
                "1001 1 0 100 0 0 10 0\n"
                "   1: 0100007F:1F90 0100007F:C000 01 00000000:00000000 00:00000000 00000000     0        0 "
                "1002 1 0 100 0 0 10 "
                "0\n");
    write("proc/net/tcp6",
          head
              + "   0: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A "
                "00000000:00000000 "
                "00:00000000 "
                "00000000     0        0 1003 1 0 100 0 0 10 0\n");
    write("proc/net/udp",
          head
              + "  12: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 "
                "1004 2 0 0\n");
    write("proc/42/comm", "nginx\n");
    QVERIFY(QDir(root()).mkpath(QStringLiteral("proc/42/fd")));
    const auto link = [this](const char *target, const char *name) {
        return ::symlink(target, QFile::encodeName(m_directory->filePath(QLatin1String(name))).constData())
            == 0;
    };
    QVERIFY(link("/dev/null", "proc/42/fd/0"));
    QVERIFY(link("socket:[1001]", "proc/42/fd/3"));
    QVERIFY(link("socket:[1003]", "proc/42/fd/4"));
    const Listeners listeners = Listeners::read(root());
    QVERIFY(listeners.known());
    using Protocol = Listener::Protocol;
    const QList<Listener> expected{{Protocol::Tcp, 80, QStringLiteral("nginx")},
                                   {Protocol::Tcp, 443, QStringLiteral("nginx")},
                                   {Protocol::Udp, 53, QString()}}; // of somebody else
    QCOMPARE(listeners.all(), expected);
    QVERIFY(!Listeners::read(m_directory->filePath(QStringLiteral("nowhere"))).known());
}

void MachineTest::aWatchTellsWhoListensOnItsPorts_data()
{
    QTest::addColumn<QString>("ports");
    QTest::addColumn<QString>("protocol");
    QTest::addColumn<QString>("owner");
    QTest::addColumn<QString>("state");
    const auto row = [](const char *name, const char *ports, const char *protocol, const char *owner,
                        const char *state) {
        QTest::newRow(name) << QString::fromLatin1(ports) << QString::fromLatin1(protocol)
                            << QString::fromLatin1(owner) << QString::fromLatin1(state);
    };
    row("one program", "80", "tcp", "nginx", "listening");
    row("several, each once", "1-1000", "both", "nginx, sshd, unknown", "listening");
    row("the other protocol", "80", "udp", "", "no listener");
    row("nobody", "2000-3000", "both", "", "no listener");
    row("not for the eyes of who asks", "53", "both", "unknown", "listening");
}

void MachineTest::aWatchTellsWhoListensOnItsPorts()
{
    QFETCH(QString, ports);
    QFETCH(QString, protocol);
    QFETCH(QString, owner);
    QFETCH(QString, state);
    using Protocol = Listener::Protocol;
    const Listeners listeners({{Protocol::Tcp, 80, QStringLiteral("nginx")},
                               {Protocol::Tcp, 443, QStringLiteral("nginx")},
                               {Protocol::Tcp, 22, QStringLiteral("sshd")},
                               {Protocol::Udp, 53, QString()}});
    dbus::WatchRow watch;
    watch.kind = QStringLiteral("ports");
    watch.ports = ports;
    watch.protocol = protocol;
    dbus::WatchRow unseen = watch;
    listeners.describe(watch);
    QCOMPARE(watch.owner, owner);
    QCOMPARE(watch.ownerState, state);
    Listeners().describe(unseen);
    QCOMPARE(unseen.owner, QStringLiteral("unknown"));
    QCOMPARE(unseen.ownerState, QStringLiteral("unknown"));
}

QTEST_GUILESS_MAIN(MachineTest)
#include "machine_test.moc"
