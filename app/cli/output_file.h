// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFileDevice>
#include <QString>

#include <expected>
#include <memory>

namespace weir::cli {

/// A file that appears under its name whole or not at all.
///
/// What is written goes into a file beside it, which takes the name when all is there. A pipe or device that
/// has the name is written to as it is. Errors are English and name the path.
class OutputFile
{
public:
    enum class Existing { Keep, Replace };
    enum class Readers { Anybody, OwnerOnly }; ///< of a new file; the umask holds, too

    /// Opens for writing; refuses a file that exists unless it may be replaced.
    static std::expected<OutputFile, QString> open(const QString &path, Existing existing,
                                                   Readers readers = Readers::Anybody);

    int descriptor() const { return m_file->handle(); }
    std::expected<void, QString> write(const QByteArray &bytes);
    /// On the disk, under its name. Without it nothing is left behind.
    std::expected<void, QString> commit();

private:
    explicit OutputFile(Existing existing) : m_existing(existing) { }
    QString trouble() const;

    std::unique_ptr<QFileDevice> m_file;
    Existing m_existing;
};

} // namespace weir::cli
