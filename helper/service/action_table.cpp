// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/action_table.h"

#include <QDBusAbstractAdaptor>
#include <QMetaClassInfo>
#include <QXmlStreamReader>

namespace weir {

void ActionTable::read(const QObject &object)
{
    const auto adaptors = object.findChildren<QDBusAbstractAdaptor *>(Qt::FindDirectChildrenOnly);
    for (const QDBusAbstractAdaptor *adaptor : adaptors) {
        const QMetaObject *meta = adaptor->metaObject();
        QXmlStreamReader xml(meta->classInfo(meta->indexOfClassInfo("D-Bus Introspection")).value());
        QString interface;
        QString method;
        while (!xml.atEnd()) {
            if (xml.readNext() != QXmlStreamReader::StartElement)
                continue;
            const auto name = xml.attributes().value(QLatin1String("name")).toString();
            if (xml.name() == QLatin1String("interface"))
                interface = name;
            else if (xml.name() == QLatin1String("method"))
                method = name;
            else if (xml.name() == QLatin1String("annotation") && name == QLatin1String("org.weir.Action"))
                m_actions.insert({interface, method},
                                 xml.attributes().value(QLatin1String("value")).toString());
        }
        Q_ASSERT(!xml.hasError());
    }
}

} // namespace weir
