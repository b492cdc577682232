// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/questions.h"

#include "app/client/table.h"

#include <QFile>

#include <cstdio>
#include <unistd.h>

namespace weir::cli {

std::expected<Question, QString> Question::prepare(const Arguments &arguments)
{
    const bool needed = !arguments.has(QStringLiteral("yes"));
    if (needed && isatty(STDIN_FILENO) == 0)
        return std::unexpected(
            QStringLiteral("this cannot be undone and there is no terminal to ask on: say --yes"));
    return Question(needed);
}

bool Question::agreed(const QString &question) const
{
    if (!m_needed)
        return true;
    std::fputs((client::printable(question) + QStringLiteral(" [yes/no] ")).toUtf8().constData(), stderr);
    QFile input;
    if (!input.open(stdin, QIODevice::ReadOnly))
        return false;
    const QByteArray answer = input.readLine(100).trimmed().toLower();
    return answer == "yes" || answer == "y";
}

} // namespace weir::cli
