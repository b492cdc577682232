// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/output_file.h"

#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

namespace weir::cli {

namespace {

QString alreadyThere(const QString &path)
{
    return QStringLiteral("%1 exists; --force replaces it").arg(path);
}

} // namespace

std::expected<OutputFile, QString> OutputFile::open(const QString &path, Existing existing, Readers readers)
{
    OutputFile file(existing);
    const QFileInfo present(path);
    const bool special = present.exists() && !present.isFile() && !present.isDir();
    if (present.isFile() && existing == Existing::Keep)
        return std::unexpected(alreadyThere(path));
    if (special)
        file.m_file = std::make_unique<QFile>(path);
    else
        file.m_file = std::make_unique<QSaveFile>(path);
    if (!file.m_file->open(QIODevice::WriteOnly | QIODevice::Unbuffered))
        return std::unexpected(file.trouble());
    if (!special && readers == Readers::OwnerOnly)
        file.m_file->setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    return file;
}

QString OutputFile::trouble() const
{
    return QStringLiteral("cannot write %1: %2").arg(m_file->fileName(), m_file->errorString());
}

std::expected<void, QString> OutputFile::write(const QByteArray &bytes)
{
    if (m_file->write(bytes) != bytes.size())
        return std::unexpected(trouble());
    return {};
}

std::expected<void, QString> OutputFile::commit()
{
    auto *file = qobject_cast<QSaveFile *>(m_file.get());
    if (!file)
        return {};
    if (m_existing == Existing::Keep && QFileInfo::exists(file->fileName()))
        return std::unexpected(alreadyThere(file->fileName())); // somebody made it meanwhile
    if (!file->commit())
        return std::unexpected(trouble());
    return {};
}

} // namespace weir::cli
