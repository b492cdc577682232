// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/service_name.h"

#include <QTest>

using namespace weir;

/// Which service a cgroup belongs to, by its path.
class ServiceNameTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pathsFoldToStableNames_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("name");
        QTest::addColumn<ServiceKind>("kind");
        const auto row = [](const char *path, const char *name, ServiceKind kind) {
            QTest::newRow(path) << QString::fromUtf8(path) << QString::fromUtf8(name) << kind;
        };
        const QByteArray id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        using enum ServiceKind;
        row("/system.slice/nginx.service", "nginx.service", Unit);
        row("/system.slice/nginx.service/worker/7", "nginx.service", Unit);
        row("/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", Unit);
        row("/system.slice/postgresql@15-main.service", "postgresql@15-main.service", Unit);
        row("/system.slice/postgresql@main.service", "postgresql@main.service", Unit);
        row("/system.slice/openvpn@2.service", "openvpn@2.service", Unit);
        row("/system.slice/system-sshd.slice/sshd@12-10.0.0.1:22-10.0.0.9:51000.service", "sshd@.service",
            Unit);
        row("/system.slice/systemd-coredump@4-1234-0.service", "systemd-coredump@.service", Unit);
        row("/system.slice/dbus-:1.3-org.example.Thing@0.service", "dbus-org.example.Thing.service", Unit);
        row("/system.slice/run-r4cb1f2d0a9d44d6c9a4a4d4b1c2d3e4f.scope", "run", Unit);
        row("/system.slice/run-u12.service", "run", Unit);
        row("/system.slice/run-p77-i78.service", "run", Unit);
        row("/system.slice/run-parts.service", "run", Unit);
        row("/system.slice/runner.service", "runner.service", Unit);
        row("/init.scope", "init", Unit);
        row("/user.slice/user-1000.slice/session-3.scope", "user-1000/session", Session);
        row("/user.slice/user-1000.slice/session-c1.scope", "user-1000/session", Session);
        row("/user.slice/user-1000.slice/user@1000.service", "user@1000.service", Unit);
        row("/user.slice/user-1000.slice/user@1000.service/init.scope", "user@1000.service", Unit);
        row("/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-1234.scope",
            "user-1000/app-firefox", Application);
        row("/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-org.x.Y-1234.scope",
            "user-1000/app-org.x.Y", Application);
        row("/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-visual\\x2dstudio-77.scope",
            "user-1000/app-visual-studio", Application);
        row("/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.kde.dolphin@1a2b3c.service",
            "user-1000/app-org.kde.dolphin", Application);
        row("/user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service",
            "user-1000/nginx.service", Unit);
        row("/user.slice/user-1001.slice/user@1001.service/app.slice/nginx.service",
            "user-1001/nginx.service", Unit);
        row("/user.slice/user-1000.slice/user@1000.service/app.slice/run-r00ff.scope", "user-1000/run", Unit);
        row("/machine.slice/machine-qemu\\x2d3\\x2dweb.scope", "machine-web", Machine);
        row("/machine.slice/machine-builder.scope/payload/system.slice/ssh.service", "machine-builder",
            Machine);
        row("/lxc.payload.mail/system.slice", "mail", Machine);
        row(("/system.slice/docker-" + id + ".scope").constData(), "docker-0123456789ab", Container);
        row(("/system.slice/docker-" + id + ".scope/system.slice/nginx.service").constData(),
            "docker-0123456789ab", Container);
        row(("/docker/" + id).constData(), "docker-0123456789ab", Container);
        row(("/machine.slice/libpod-" + id + ".scope/container").constData(), "libpod-0123456789ab",
            Container);
        row(("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id + ".scope").constData(),
            "user-1000/libpod-0123456789ab", Container);
        row(("/kubepods.slice/kubepods-pod7.slice/cri-containerd-" + id + ".scope").constData(),
            "cri-containerd-0123456789ab", Container);
        row(("/kubepods/besteffort/pod6d3e/" + id).constData(), "kubepods-0123456789ab", Container);
        row("/system.slice", "system.slice", Other);
        row("/user.slice/user-1000.slice", "user-1000.slice", Other);
        row("/proxy", "proxy", Other);
        row("/jobs/job-1234", "jobs", Other);
        row("/job-1234", "job", Other);
        row("/", "-.slice", Other);
        row("", "-.slice", Other);
    }

    void pathsFoldToStableNames()
    {
        QFETCH(QString, path);
        QFETCH(QString, name);
        QFETCH(ServiceKind, kind);
        QCOMPARE(serviceName(path), (ServiceName{name, kind}));
    }

    void namesArePrintableAndBounded()
    {
        const QString odd = serviceName(QStringLiteral("/a\u001b[31m\nb.service")).name;
        QCOMPARE(odd, QStringLiteral("a\uFFFD[31m\uFFFDb.service"));
        QCOMPARE(serviceName(QLatin1Char('/') + QString(250, QLatin1Char('x')) + QStringLiteral(".service"))
                     .name.size(),
                 kMaxServiceNameLength);
        QVERIFY(serviceName(QLatin1Char('/') + QString(QChar(0xd800)) + QStringLiteral("x.service"))
                    .name.isValidUtf16());
    }
};

QTEST_GUILESS_MAIN(ServiceNameTest)
#include "service_name_test.moc"
