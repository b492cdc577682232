// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/field_reader.h"

#include <algorithm>

namespace weir {

QString quoted(const QString &text)
{
    constexpr qsizetype kShown = 40;
    QString shown;
    for (const QChar c : QStringView(text).left(kShown)) {
        if (c.isPrint() && !c.isSurrogate())
            shown += c;
        else
            shown += QStringLiteral("\\u%1").arg(uint(c.unicode()), 4, 16, QLatin1Char('0'));
    }
    return QLatin1Char('\'') + shown + (text.size() > kShown ? QStringLiteral("…'") : QStringLiteral("'"));
}

qsizetype characters(const QString &text)
{
    return text.size() - std::count_if(text.begin(), text.end(), [](QChar c) { return c.isLowSurrogate(); });
}

FieldReader::FieldReader(const QVariantMap &fields, QString subject)
    : m_fields(fields), m_subject(std::move(subject))
{ }

template <typename T>
std::optional<T> FieldReader::value(QLatin1String key, const QString &type)
{
    m_known << key;
    const auto field = m_fields.find(key);
    if (field == m_fields.end())
        return {};
    if (field->metaType() != QMetaType::fromType<T>()) {
        refuse(QStringLiteral("%1: must be %2").arg(key, type));
        return {};
    }
    return field->template value<T>();
}

std::optional<QString> FieldReader::text(QLatin1String key, int maxLength)
{
    auto text = value<QString>(key, QStringLiteral("a text (s) of at most %1 characters").arg(maxLength));
    if (text && characters(*text) > maxLength) {
        refuse(QStringLiteral("%1: has %2 characters; at most %3 are allowed")
                   .arg(key)
                   .arg(characters(*text))
                   .arg(maxLength));
        return {};
    }
    return text;
}

std::optional<int> FieldReader::choice(QLatin1String key, const QStringList &allowed)
{
    const QString range = QStringLiteral("one of %1").arg(allowed.join(QStringLiteral(", ")));
    const auto text = value<QString>(key, QStringLiteral("a text (s), ") + range);
    if (!text)
        return {};
    const qsizetype index = allowed.indexOf(*text);
    if (index < 0) {
        refuse(QStringLiteral("%1: %2 is not %3").arg(key, quoted(*text), range));
        return {};
    }
    return int(index);
}

template <typename T>
std::optional<T> FieldReader::ranged(QLatin1String key, char type, T min, T max, Presence presence)
{
    const QString range = QStringLiteral("from %1 to %2").arg(min).arg(max);
    const auto number = value<T>(key, QStringLiteral("a number (%1) %2").arg(QLatin1Char(type)).arg(range));
    if (number && (*number < min || *number > max)) {
        refuse(QStringLiteral("%1: %2 is out of range; give a number %3").arg(key).arg(*number).arg(range));
        return {};
    }
    if (presence == Presence::Required && !has(key) && m_missing.isEmpty())
        m_missing = QStringLiteral("%1: must be given, a number %2").arg(key, range);
    return number;
}

std::optional<quint32> FieldReader::number(QLatin1String key, quint32 min, quint32 max, Presence presence)
{
    return ranged<quint32>(key, 'u', min, max, presence);
}

std::optional<quint64> FieldReader::quantity(QLatin1String key, quint64 min, quint64 max, Presence presence)
{
    return ranged<qulonglong>(key, 't', min, max, presence);
}

std::optional<bool> FieldReader::flag(QLatin1String key)
{
    return value<bool>(key, QStringLiteral("true or false (b)"));
}

void FieldReader::refuse(const QString &message)
{
    if (m_wrong.isEmpty())
        m_wrong = m_subject.isEmpty() ? message : m_subject + QStringLiteral(": ") + message;
}

Result<void> FieldReader::finish() const
{
    if (!m_wrong.isEmpty())
        return failure(ErrorKind::InvalidArgument, m_wrong);
    const QString subject = m_subject.isEmpty() ? QString() : m_subject + QStringLiteral(": ");
    for (auto field = m_fields.begin(); field != m_fields.end(); ++field) {
        if (!m_known.contains(field.key()))
            return failure(ErrorKind::InvalidArgument,
                           QStringLiteral("%1%2: unknown field; known are %3")
                               .arg(subject, quoted(field.key()), m_known.join(QStringLiteral(", "))));
    }
    if (!m_missing.isEmpty())
        return failure(ErrorKind::InvalidArgument, subject + m_missing);
    return {};
}

} // namespace weir
