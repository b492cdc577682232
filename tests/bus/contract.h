// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QMap>
#include <QStringList>

namespace weir::test {

/// A method or signal as the XML has it.
struct ContractMember {
    QString interface; ///< last word: "Watches"
    QString name;
    QString in;     ///< signature of what is sent to a method
    QString out;    ///< signature of its reply, or of a signal
    QString action; ///< of a method: annotation org.weir.Action
    bool isSignal = false;
    QStringList arguments; ///< "in revision u", in their order

    bool operator==(const ContractMember &) const = default;
};

/// Every member in a document of introspection; what else is in it, such as comments, counts for nothing.
QList<ContractMember> readMembers(const QByteArray &xml);

/// Every member in dbus/*.xml.
QList<ContractMember> readContract();

/// The action ids of polkit/org.weir.policy with the texts and annotations that each has: "description",
/// "description zh_CN", "message", "annotate org.freedesktop.policykit.owner", "allow_active" ….
QMap<QString, QMap<QString, QString>> readPolicy();

} // namespace weir::test
