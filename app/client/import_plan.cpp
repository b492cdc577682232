// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/import_plan.h"

#include "dbus/names.h"
#include "dbus/port_list.h"

#include <QHash>
#include <QSet>

#include <algorithm>

namespace weir::client {

namespace {

bool hasNoPlace(uint character)
{
    switch (QChar::category(character)) {
    case QChar::Other_Control:
    case QChar::Other_Format:
    case QChar::Other_Surrogate:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return true;
    default:
        return character == QChar::ReplacementCharacter;
    }
}

/// A name that nobody has: the remark, "port 8000", "port 8000 (2)".
QString freeName(const ImportedWatch &watch, const QSet<QString> &taken)
{
    if (isWatchName(watch.remark) && !taken.contains(watch.remark))
        return watch.remark;
    const bool isOne = !watch.ports.contains(QLatin1Char(',')) && !watch.ports.contains(QLatin1Char('-'));
    constexpr qsizetype kRoom = dbus::kMaxNameLength - 12; // for the words around the ports
    const QString ports =
        watch.ports.size() > kRoom ? watch.ports.left(kRoom) + QStringLiteral("…") : watch.ports;
    const QString name = (isOne ? QStringLiteral("port ") : QStringLiteral("ports ")) + ports;
    QString free = name;
    for (int i = 2; taken.contains(free); ++i)
        free = QStringLiteral("%1 (%2)").arg(name).arg(i);
    return free;
}

/// The remark as a note, where it may be one.
QString noteOf(const QString &remark)
{
    const bool isNote = remark.isValidUtf16() && remark.size() <= dbus::kMaxNoteLength
        && std::ranges::none_of(remark.toUcs4(), hasNoPlace);
    return isNote ? remark : QString();
}

/// What is to be set of one policy; a watch that has one keeps it.
QVariantMap unlessSet(bool isSet, const QVariantMap &fields, const char *policy, QStringList &kept)
{
    if (!isSet || fields.isEmpty())
        return fields;
    kept << QLatin1String(policy);
    return {};
}

} // namespace

bool isWatchName(const QString &name)
{
    const QList<uint> characters = name.toUcs4();
    return name.isValidUtf16() && !name.isEmpty() && characters.size() <= dbus::kMaxNameLength
        && !name.startsWith(QLatin1Char('#')) && name == name.trimmed()
        && std::ranges::none_of(characters, hasNoPlace);
}

QList<ImportStep> planImport(const Imported &imported, const dbus::WatchRows &watches)
{
    QSet<QString> taken;
    QHash<QString, const dbus::WatchRow *> byPorts;
    for (const dbus::WatchRow &watch : watches) {
        taken.insert(watch.name);
        if (const auto ports = dbus::parsePortList(watch.ports);
            ports && watch.protocol == QLatin1String("both"))
            byPorts.insert(dbus::formatPortList(*ports), &watch);
    }
    QList<ImportStep> steps;
    for (const ImportedWatch &watch : imported.watches) {
        ImportStep step{{}, true, {}, watch.limit, watch.quota, watch.burst, {}};
        if (const dbus::WatchRow *there = byPorts.value(watch.ports)) {
            step.name = there->name;
            step.isNew = false;
            step.limit = unlessSet(there->limit.set, watch.limit, "limit", step.kept);
            step.quota = unlessSet(there->quota.set, watch.quota, "quota", step.kept);
            step.burst = unlessSet(there->burst.set, watch.burst, "burst", step.kept);
        } else {
            step.name = freeName(watch, taken);
            step.fields = {{QStringLiteral("ports"), watch.ports}};
            if (const QString note = noteOf(watch.remark); !note.isEmpty() && note != step.name)
                step.fields.insert(QStringLiteral("note"), note);
            if (!watch.enabled)
                step.fields.insert(QStringLiteral("enabled"), false);
        }
        taken.insert(step.name);
        steps.append(step);
    }
    return steps;
}

} // namespace weir::client
