// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bus/system_bus.h"

#include <QDBusArgument>
#include <QObject>
#include <QStringList>

namespace weir::test {

/// Collects the signals of the service that reach one client.
class Listener : public QObject
{
    Q_OBJECT
public:
    explicit Listener(const Client &client);

    /// Those named `signal`, in the order in which they came.
    QList<QDBusMessage> of(const char *signal) const;

    qsizetype count() const { return m_messages.size(); }

private Q_SLOTS:
    void take(const QDBusMessage &message) { m_messages << message; }

private:
    QList<QDBusMessage> m_messages;
};

template <typename T>
T argument(const QDBusMessage &message, int index)
{
    return qdbus_cast<T>(message.arguments().at(index));
}

QStringList names(const auto &rows)
{
    QStringList names;
    for (const auto &row : rows)
        names << row.name;
    return names;
}

} // namespace weir::test
