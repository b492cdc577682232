// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/import.h"

#include <QFile>
#include <QFileInfo>

namespace weir::client {

std::expected<Imported, QString> readImport(const QString &path)
{
    const QFileInfo info(path);
    const auto failed = [&path](const QString &why) {
        return std::unexpected(QStringLiteral("cannot import %1: %2").arg(path, why));
    };
    if (info.exists() && !info.isFile()) // opening a pipe waits for its other end
        return failed(QStringLiteral("it is no file"));
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return failed(file.errorString());
    if (file.size() > kMaxImportSize)
        return failed(QStringLiteral("it has more than 64 MiB"));
    const bool isDatabase = file.peek(16) == QByteArray("SQLite format 3\0", 16);
    auto imported = isDatabase ? readImportDatabase(path) : readImportJson(file.read(kMaxImportSize));
    if (!imported)
        return failed(imported.error());
    if (isDatabase && QFileInfo(path + QStringLiteral("-wal")).size() > 0)
        imported->notUnderstood.append(
            QStringLiteral("what was changed last and still is in %1-wal: stop the scripts first")
                .arg(info.fileName()));
    return imported;
}

} // namespace weir::client
