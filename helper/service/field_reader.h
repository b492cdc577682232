// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/error.h"

#include <QStringList>
#include <QVariantMap>

#include <optional>

namespace weir {

/// `text` fit for an error message or a log line: at most 40 characters of it, control characters as \u001b,
/// in quotes.
QString quoted(const QString &text);

/// Characters of `text` as people count them: a pair of surrogates is one.
qsizetype characters(const QString &text);

/// Reads the a{sv} of a configuration call: each key once, with its type and range.
///
/// The first thing that is wrong is kept and told by finish(); after it the readers give nothing. A key that
/// no reader asked for is wrong too, so that a misspelt field is not silently ignored.
class FieldReader
{
public:
    /// `subject` begins each message when it is not empty: "watch 'web'".
    explicit FieldReader(const QVariantMap &fields, QString subject = {});

    /// A text (s) of at most `maxLength` characters; nothing when the key is not given.
    std::optional<QString> text(QLatin1String key, int maxLength);

    /// One of `allowed` (s), as its index; nothing when the key is not given.
    std::optional<int> choice(QLatin1String key, const QStringList &allowed);

    enum class Presence { Optional, Required };

    /// A number (u) in `min`..`max`.
    std::optional<quint32> number(QLatin1String key, quint32 min, quint32 max,
                                  Presence presence = Presence::Optional);

    /// A large number (t) in `min`..`max`, such as bytes or bits per second.
    std::optional<quint64> quantity(QLatin1String key, quint64 min, quint64 max,
                                    Presence presence = Presence::Optional);

    /// A switch (b).
    std::optional<bool> flag(QLatin1String key);

    /// Was the key given, of whatever type?
    bool has(QLatin1String key) const { return m_fields.contains(key); }

    /// Notes that something is wrong, unless something was already.
    void refuse(const QString &message);

    /// Error: InvalidArgument, the first thing that was wrong, or an unknown key with the known ones, or the
    /// first required key that is missing: in this order, because a misspelt key is one that is missing.
    Result<void> finish() const;

private:
    /// The value of `key` when it is given and is a T; `type` names what it must be.
    template <typename T>
    std::optional<T> value(QLatin1String key, const QString &type);

    /// A T in `min`..`max`; `type` is its letter on the bus.
    template <typename T>
    std::optional<T> ranged(QLatin1String key, char type, T min, T max, Presence presence);

    const QVariantMap &m_fields;
    QString m_subject;
    QStringList m_known;
    QString m_wrong;
    QString m_missing;
};

} // namespace weir
