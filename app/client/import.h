// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QStringList>
#include <QVariantMap>

#include <expected>

/// What other tools were set to, read from their files.
///
/// Pure values of a file that somebody else wrote: whatever is in it, nothing but these values comes of it,
/// and what is not understood is told and not guessed.
namespace weir::client {

/// One port or group of ports that the other tool looked after.
struct ImportedWatch {
    QString ports;       ///< as dbus::formatPortList() writes them; TCP and UDP
    QString remark;      ///< may be empty, or no name that a watch can have
    bool enabled = true; ///< false: the other tool did not look after it at present
    QVariantMap limit;   ///< fields of Limits.SetLimit, SetQuota and SetBurst; empty where there is none
    QVariantMap quota;
    QVariantMap burst;

    bool operator==(const ImportedWatch &) const = default;
};

struct Imported {
    QList<ImportedWatch> watches; ///< in the order of the file, ports apart
    QStringList notUnderstood;    ///< a line each, English, of text from the file at most 60 characters
    QStringList notImported;      ///< understood, but of no use here: secrets by name, never their values

    bool operator==(const Imported &) const = default;
};

/// Largest file that is read.
inline constexpr qint64 kMaxImportSize = 64 * 1024 * 1024;

/// Reads a file of the port-monitor scripts: config.db, a SQLite database, or the older config.json. The file
/// is not changed, not even touched. The error is English: what is wrong with the file as a whole.
///
/// Their quotas block, so they block here; GB in config.json are 2^30 bytes, as those scripts have it.
/// Billing "single" is what is sent, "double" both directions, "relay" both directions twice.
std::expected<Imported, QString> readImport(const QString &path);

/// The two formats by themselves. `path` names a SQLite database.
std::expected<Imported, QString> readImportDatabase(const QString &path);
std::expected<Imported, QString> readImportJson(const QByteArray &document);

} // namespace weir::client
