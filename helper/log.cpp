// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/log.h"

#include <QLoggingCategory>
#include <QTime>

#include <algorithm>
#include <cstdio>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::log {

namespace {

struct Priority {
    int number; // of syslog
    const char *name;
};

Priority priorityOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return {7, "debug"};
    case QtInfoMsg:
        return {6, "info"};
    case QtWarningMsg:
        return {4, "warning"};
    case QtCriticalMsg:
        return {3, "error"};
    case QtFatalMsg:
        return {2, "fatal"};
    }
    Q_UNREACHABLE();
}

/// JOURNAL_STREAM names the device and inode of the journal's stream; standard error may have been redirected
/// since.
bool isJournal(int descriptor)
{
    struct stat file = {};
    if (fstat(descriptor, &file) != 0)
        return false;
    return qgetenv("JOURNAL_STREAM")
        == QByteArray::number(quint64(file.st_dev)) + ':' + QByteArray::number(quint64(file.st_ino));
}

void write(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    static const bool toJournal = isJournal(STDERR_FILENO);
    const Priority priority = priorityOf(type);
    QByteArray line = toJournal
        ? '<' + QByteArray::number(priority.number) + '>'
        : QTime::currentTime().toString(QStringLiteral("HH:mm:ss.zzz ")).toLatin1() + priority.name + ' ';
    line += QByteArray(context.category ? context.category : "default") + ": ";
    QString oneLine = text; // of many sources: none may begin a line or move the cursor
    std::replace_if(
        oneLine.begin(), oneLine.end(), [](QChar c) { return c.category() == QChar::Other_Control; },
        QChar(QChar::ReplacementCharacter));
    line += oneLine.toUtf8() + '\n';
    fwrite(line.constData(), 1, size_t(line.size()), stderr); // one write: lines of two threads do not mix
}

} // namespace

std::optional<Level> parseLevel(const QString &text)
{
    const QStringList names{QStringLiteral("debug"), QStringLiteral("info"), QStringLiteral("warning"),
                            QStringLiteral("error")};
    const qsizetype index = names.indexOf(text);
    if (index < 0)
        return {};
    return Level(index);
}

void install(Level level)
{
    QString rules;
    const auto set = [&rules](const char *type, bool enabled) {
        rules += QStringLiteral("*.%1=%2\n")
                     .arg(QLatin1String(type), enabled ? QStringLiteral("true") : QStringLiteral("false"));
    };
    set("debug", false); // Qt's own categories would flood
    set("info", level <= Level::Info);
    set("warning", level <= Level::Warning);
    rules += QStringLiteral("weir.*.debug=%1\nweir.audit.info=true\n")
                 .arg(level == Level::Debug ? QStringLiteral("true") : QStringLiteral("false"));
    QLoggingCategory::setFilterRules(rules);
    qInstallMessageHandler(write);
}

} // namespace weir::log
