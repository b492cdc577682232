// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QString>

#include <utility>

namespace weir {

/// Which polkit action each method of the contract needs.
///
/// Read from the annotation org.weir.Action in the XML itself, which the generated adaptors carry, so that
/// the documented action and the one that is asked for cannot differ.
class ActionTable
{
public:
    /// Reads the adaptors that are children of `object`.
    void read(const QObject &object);

    /// Empty when the method has no action: nobody may call it.
    QString action(const QString &interface, const QString &method) const
    {
        return m_actions.value({interface, method});
    }

private:
    QHash<std::pair<QString, QString>, QString> m_actions;
};

} // namespace weir
