// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"
#include "app/cli/verb.h"

#include <QCoreApplication>

#include <clocale>
#include <cstdio>
#include <langinfo.h>

using namespace weir::cli;

namespace {

int refuse(const UsageError &error)
{
    std::fprintf(stderr, "weirctl: %s\nSee: %s\n", qPrintable(printable(error.text)),
                 qPrintable(error.seeAlso));
    return int(Exit::Usage);
}

int show(const QString &text)
{
    if (std::fputs(text.toUtf8().constData(), stdout) >= 0 && std::fflush(stdout) == 0)
        return int(Exit::Ok);
    std::perror("weirctl: cannot write to standard output");
    return int(Exit::Failed);
}

} // namespace

int main(int argc, char **argv)
{
    // Qt would complain on standard error about the locale of cron jobs and bare containers.
    std::setlocale(LC_ALL, "");
    if (qstrcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        qputenv("LC_ALL", "C.UTF-8");
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("weirctl"));
    const auto request = parseCommandLine(QCoreApplication::arguments().sliced(1));
    if (!request)
        return refuse(request.error());
    switch (request->kind) {
    case Request::Kind::Version:
        return show(QStringLiteral("weirctl " WEIR_VERSION "\n"));
    case Request::Kind::Help:
        if (request->verb)
            return show(helpText(*request->verb));
        return show(request->group.isEmpty() ? helpText() : helpText(request->group));
    case Request::Kind::Run:
        break;
    }
    const auto job = request->verb->prepare(request->arguments);
    if (!job)
        return refuse({job.error(), QStringLiteral("weirctl %1 --help").arg(request->verb->name)});
    Session session;
    (*job)(session);
    return QCoreApplication::exec();
}
