// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/names.h"
#include "dbus/types.h"

#include <QCoreApplication>
#include <QDBusArgument>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QProcess>
#include <QTest>

#include <cstdio>
#include <memory>

using namespace weir;

namespace {

constexpr int kCallsEach = 50;

QDBusMessage addWatch(const QString &name, int port)
{
    QDBusMessage call = QDBusMessage::createMethodCall(dbus::kService, dbus::kPath, dbus::kWatchesInterface,
                                                       QStringLiteral("AddWatch"));
    call << name << QVariantMap{{QStringLiteral("ports"), QString::number(port)}};
    return call;
}

/// Run as one of the lab's users: adds 50 watches with all calls on their way at once, prints how each ended,
/// a line each.
int addMany(const QString &prefix)
{
    const QDBusConnection bus = QDBusConnection::systemBus();
    QList<QDBusPendingCall> calls;
    for (int i = 0; i < kCallsEach; ++i)
        calls << bus.asyncCall(addWatch(QStringLiteral("%1 %2").arg(prefix).arg(i), 20000 + i));
    for (QDBusPendingCall &call : calls) {
        call.waitForFinished();
        const QString error = call.reply().errorName();
        puts(error.isEmpty() ? "done" : qPrintable(error));
    }
    return 0;
}

QStringList watchNames()
{
    const QDBusMessage reply = QDBusConnection::systemBus().call(QDBusMessage::createMethodCall(
        dbus::kService, dbus::kPath, dbus::kWatchesInterface, QStringLiteral("GetWatches")));
    QStringList names;
    for (const dbus::WatchRow &row : qdbus_cast<dbus::WatchRows>(reply.arguments().value(0)))
        names << row.name;
    return names;
}

} // namespace

/// The real helper and the real polkitd, asked by processes of different users.
class RightsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void twoHundredCallsOnTheirWayAtOnceGetEachTheVerdictOfTheirOwnUser();
};

void RightsTest::twoHundredCallsOnTheirWayAtOnceGetEachTheVerdictOfTheirOwnUser()
{
    struct Caller {
        QString user;
        QString prefix;
        QByteArray outcome; // of each of its calls
        std::unique_ptr<QProcess> process = std::make_unique<QProcess>();
    };
    const QString allowed = QStringLiteral("weir-allowed");
    const QString denied = QStringLiteral("weir-denied");
    const QByteArray refusal = QByteArray(dbus::error::kNotAuthorized.data()) + '\n';
    Caller callers[] = {{denied, QStringLiteral("a"), refusal},
                        {allowed, QStringLiteral("b"), "done\n"},
                        {denied, QStringLiteral("c"), refusal},
                        {allowed, QStringLiteral("d"), "done\n"}};
    for (Caller &caller : callers)
        caller.process->start(QStringLiteral("as-user"),
                              {caller.user, QCoreApplication::applicationFilePath(),
                               QStringLiteral("--add-many"), caller.prefix});
    QStringList expected;
    for (Caller &caller : callers) {
        QVERIFY(caller.process->waitForFinished(120000));
        QCOMPARE(caller.process->readAllStandardOutput(), caller.outcome.repeated(kCallsEach));
        for (int i = 0; caller.user == allowed && i < kCallsEach; ++i)
            expected << QStringLiteral("%1 %2").arg(caller.prefix).arg(i);
    }
    expected.sort();
    QCOMPARE(watchNames(), expected);
}

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    dbus::registerTypes();
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.value(1) == QLatin1String("--add-many"))
        return addMany(arguments.value(2));
    RightsTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "rights_test.moc"
