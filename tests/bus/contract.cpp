// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bus/contract.h"

#include <QDir>
#include <QFile>
#include <QXmlStreamReader>

namespace weir::test {

QList<ContractMember> readMembers(const QByteArray &document)
{
    QList<ContractMember> members;
    QXmlStreamReader xml(document);
    QString interface;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        const auto value = [&xml](const char *attribute) {
            return xml.attributes().value(QLatin1String(attribute)).toString();
        };
        if (xml.name() == QLatin1String("interface")) {
            interface = value("name").section(QLatin1Char('.'), -1);
        } else if (xml.name() == QLatin1String("method") || xml.name() == QLatin1String("signal")) {
            ContractMember member;
            member.interface = interface;
            member.name = value("name");
            member.isSignal = xml.name() == QLatin1String("signal");
            members << member;
        } else if (xml.name() == QLatin1String("arg")) {
            QString &signature =
                value("direction") == QLatin1String("in") ? members.last().in : members.last().out;
            signature += value("type");
            members.last().arguments << QStringList{value("direction"), value("name"), value("type")}.join(
                u' ');
        } else if (xml.name() == QLatin1String("annotation")
                   && value("name") == QLatin1String("org.weir.Action")) {
            members.last().action = value("value");
        }
    }
    return members;
}

QList<ContractMember> readContract()
{
    QList<ContractMember> members;
    const QDir directory(QStringLiteral(WEIR_SOURCE_DIR "/dbus"));
    for (const QString &name : directory.entryList({QStringLiteral("*.xml")})) {
        QFile file(directory.filePath(name));
        if (file.open(QIODevice::ReadOnly))
            members += readMembers(file.readAll());
    }
    return members;
}

QMap<QString, QMap<QString, QString>> readPolicy()
{
    QMap<QString, QMap<QString, QString>> actions;
    QFile file(QStringLiteral(WEIR_SOURCE_DIR "/polkit/org.weir.policy"));
    if (!file.open(QIODevice::ReadOnly))
        return actions;
    QXmlStreamReader xml(&file);
    QString action;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        QString what = xml.name().toString();
        if (what == QLatin1String("action")) {
            action = xml.attributes().value(QLatin1String("id")).toString();
        } else if (!action.isEmpty() && what != QLatin1String("defaults")) {
            for (const QXmlStreamAttribute &attribute : xml.attributes())
                what += QLatin1Char(' ') + attribute.value().toString();
            actions[action].insert(what, xml.readElementText());
        }
    }
    return actions;
}

} // namespace weir::test
