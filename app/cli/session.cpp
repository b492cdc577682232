// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"

#include "dbus/names.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace weir::cli {

namespace {

void writeError(const QString &text)
{
    const QByteArray bytes = text.toUtf8() + '\n';
    std::fwrite(bytes.constData(), 1, size_t(bytes.size()), stderr);
    std::fflush(stderr);
}

QString remedyFor(const client::CallError &error, Purpose purpose)
{
    if (error.name == QDBusError::errorString(QDBusError::Disconnected)
        || error.name == QDBusError::errorString(QDBusError::NoServer))
        return QStringLiteral(
            "The system bus cannot be reached. Is dbus running? In a container, start one first.");
    if (error.helperAway())
        return QStringLiteral(
            "Weir's helper is not running and was not started. Start it: sudo systemctl start weir\n"
            "Why it ended: journalctl -u weir");
    if (error.notAuthorized() && purpose == Purpose::Read)
        return QStringLiteral(
            "Reading is for those who are logged in at the machine and for members of group weir:\n"
            "sudo usermod -aG weir USER, then log in again. Or repeat it with sudo.");
    if (error.notAuthorized())
        return QStringLiteral("Changes are for administrators: repeat it with sudo.");
    if (error.name == dbus::error::kConflict && error.message.contains(QLatin1String("revision")))
        return QStringLiteral("Somebody else changed it in the same moment. Look at it and repeat.");
    return {};
}

} // namespace

Session::Session() : m_client(QDBusConnection::systemBus())
{ }

void Session::writeOutput(const QByteArray &bytes)
{
    if (m_outputError != 0)
        return;
    const bool written =
        std::fwrite(bytes.constData(), 1, size_t(bytes.size()), stdout) == size_t(bytes.size());
    if (!written || std::fflush(stdout) != 0)
        m_outputError = errno;
}

void Session::print(const QString &line)
{
    writeOutput(line.toUtf8() + '\n');
}

void Session::print(const Table &table)
{
    print(table.lines().join(QLatin1Char('\n')));
}

void Session::printBytes(const QByteArray &bytes)
{
    writeOutput(bytes);
}

void Session::printDocument(const QString &verb, const QJsonArray &rows)
{
    printObject({{verb, rows}});
}

void Session::printObject(const QJsonObject &object)
{
    print(QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact)));
}

void Session::complain(const QString &text, const QString &remedy)
{
    writeError(QStringLiteral("weirctl: ") + printable(text));
    if (!remedy.isEmpty())
        writeError(remedy);
}

void Session::complain(const client::CallError &error, const QString &doing, Purpose purpose)
{
    complain(QStringLiteral("%1: %2").arg(doing, error.message), remedyFor(error, purpose));
}

Exit Session::exitOf(const client::CallError &error)
{
    if (error.name == dbus::error::kInvalidArgument)
        return Exit::Usage; // only the helper can tell, but what was typed is as wrong as an unknown option
    return error.notAuthorized() ? Exit::Denied : Exit::Failed;
}

void Session::fail(const client::CallError &error, const QString &doing, Purpose purpose)
{
    complain(error, doing, purpose);
    finish(exitOf(error));
}

void Session::finish(Exit exit)
{
    if (m_outputError != 0) {
        complain(QStringLiteral("cannot write to standard output: %1; what is there is not all")
                     .arg(QString::fromLocal8Bit(std::strerror(m_outputError))));
        m_outputError = 0;
        exit = Exit::Failed;
    }
    QMetaObject::invokeMethod(
        qApp, [exit] { QCoreApplication::exit(int(exit)); }, Qt::QueuedConnection);
}

} // namespace weir::cli
