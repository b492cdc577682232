// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/watch_list.h"

#include "dbus/names.h"
#include "dbus/port_list.h"

#include <QProcess>

namespace weir::cli {

std::expected<void, QString> checkPorts(const QString &text)
{
    if (const auto list = dbus::parsePortList(text); !list)
        return std::unexpected(list.error().message());
    return {};
}

bool isProtocol(const QString &text)
{
    return text == QLatin1String("tcp") || text == QLatin1String("udp") || text == QLatin1String("both");
}

std::expected<dbus::NewWatches, QString> readWatchList(QIODevice &device)
{
    dbus::NewWatches watches;
    for (int number = 1;; ++number) {
        const QByteArray bytes = device.readLine();
        if (bytes.isEmpty())
            break;
        const QString line = QString::fromUtf8(bytes).trimmed();
        if (line.isEmpty() || line.startsWith(QLatin1Char('#')))
            continue;
        const auto wrong = [number](const QString &text) {
            return std::unexpected(QStringLiteral("line %1: %2").arg(number).arg(text));
        };
        QStringList words = QProcess::splitCommand(line);
        if (words.size() < 2)
            return wrong(QStringLiteral("a name and ports are needed, such as: web 80,443"));
        const QString name = words.takeFirst();
        const QString ports = words.takeFirst();
        if (const auto good = checkPorts(ports); !good)
            return wrong(good.error());
        QVariantMap fields{{QStringLiteral("ports"), ports}};
        if (!words.isEmpty() && isProtocol(words.first()))
            fields.insert(QStringLiteral("protocol"), words.takeFirst());
        if (!words.isEmpty())
            fields.insert(QStringLiteral("note"), words.join(QLatin1Char(' ')));
        watches.append({name, fields});
        if (watches.size() > dbus::kMaxWatches)
            return wrong(QStringLiteral("more than %1 watches").arg(dbus::kMaxWatches));
    }
    return watches;
}

} // namespace weir::cli
