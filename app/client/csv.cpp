// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/csv.h"

#include <algorithm>

namespace weir::client {

namespace {

bool looksLikeAFormula(const QString &cell)
{
    if (cell.isEmpty() || !QStringLiteral("=+-@\t\r").contains(cell.front()))
        return false;
    bool isNumber = false;
    cell.toDouble(&isNumber);
    return !isNumber;
}

QString quoted(QString cell)
{
    if (looksLikeAFormula(cell))
        cell.prepend(QLatin1Char('\''));
    const bool plain = std::none_of(cell.begin(), cell.end(), [](QChar c) {
        return c == QLatin1Char(',') || c == QLatin1Char('"') || c == QLatin1Char('\n')
            || c == QLatin1Char('\r');
    });
    if (plain)
        return cell;
    return QStringLiteral("\"%1\"").arg(cell.replace(QLatin1Char('"'), QLatin1String("\"\"")));
}

} // namespace

QByteArray csvLine(const QStringList &cells)
{
    QStringList line;
    for (const QString &cell : cells)
        line << quoted(cell);
    return line.join(QLatin1Char(',')).toUtf8() + "\r\n";
}

} // namespace weir::client
