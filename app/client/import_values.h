// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/import.h"

#include <QHash>
#include <QVariant>

#include <optional>

/// From the words of the port-monitor scripts to fields of Weir; what both of their formats share.
namespace weir::client {

/// Text of the file, as it may be shown: at most 60 characters.
QString shown(const QString &text);

/// Text, or a number as text; nothing of anything else, of text with NULs, or longer than 4096 characters.
std::optional<QString> textOf(const QVariant &value);

/// A whole number from 0 on, also one written as text or as a fraction that is whole.
std::optional<quint64> wholeOf(const QVariant &value);

/// 0 and 1, true and false, as number or text.
std::optional<bool> truthOf(const QVariant &value);

/// Whether a value says that there is nothing: NULL, empty text, 0, "unlimited".
bool saysNothing(const QVariant &value);

/// Collects what a file holds, port by port.
class ImportCollector
{
public:
    /// The watch of these ports, made when it is new; none, and a line, when they are no ports. Valid until
    /// the next call.
    ImportedWatch *watch(const QVariant &ports);
    /// As watch(), for where a file lists what it looks after: the same ports twice are told.
    ImportedWatch *newWatch(const QVariant &ports);

    /// `bits` each way; a line when Weir cannot hold that.
    void setLimit(ImportedWatch &watch, std::optional<quint64> bits, bool enabled);
    /// `billing` is the scripts' word.
    void setQuota(ImportedWatch &watch, std::optional<quint64> sizeBytes, const QVariant &resetDay,
                  const QVariant &billing, bool enabled);
    struct Burst {
        std::optional<quint64> triggerBits;
        std::optional<quint64> windowS;
        std::optional<quint64> throttleBits;
        std::optional<quint64> holdS;
    };
    void setBurst(ImportedWatch &watch, const Burst &burst, bool enabled);

    void notUnderstood(const QString &line);
    void notImported(const QString &line);

    Imported take() { return std::move(m_imported); }

private:
    Imported m_imported;
    QHash<QString, qsizetype> m_indexes; ///< by ports
};

/// `value` times `factor`; nothing when that is too much.
std::optional<quint64> times(std::optional<quint64> value, quint64 factor);

/// Whether a setting of this name is a secret, or leads to somebody.
bool isSecret(const QString &key);

} // namespace weir::client
