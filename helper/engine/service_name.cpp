// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/service_name.h"

#include <QHash>
#include <QRegularExpression>
#include <QStringList>

#include <algorithm>
#include <array>
#include <optional>

namespace weir {

namespace {

const QLatin1String kService(".service");
const QLatin1String kScope(".scope");
const QLatin1String kSlice(".slice");

/// Made once: names are asked for one thread at a time, and a pattern is dear to build.
const QRegularExpression &pattern(const char *text)
{
    static QHash<const char *, QRegularExpression> patterns;
    auto found = patterns.find(text);
    if (found == patterns.end())
        found = patterns.insert(text,
                                QRegularExpression(QRegularExpression::anchoredPattern(QLatin1String(text))));
    return *found;
}

bool isUnit(const QString &component)
{
    return component.endsWith(kService) || component.endsWith(kScope);
}

/// systemd writes what is special in names as \x2d.
QString unescaped(const QString &text)
{
    static const QRegularExpression code(QStringLiteral("\\\\x([0-9a-f]{2})"));
    QByteArray bytes;
    qsizetype at = 0;
    for (auto match = code.globalMatch(text); match.hasNext();) {
        const auto found = match.next();
        bytes += text.mid(at, found.capturedStart() - at).toUtf8();
        bytes += char(found.captured(1).toInt(nullptr, 16));
        at = found.capturedEnd();
    }
    return QString::fromUtf8(bytes + text.mid(at).toUtf8());
}

/// "docker-<64 hex>" with what of it people use; nothing when it names no container.
std::optional<QString> container(const QString &name)
{
    static const QRegularExpression id(QStringLiteral("^(?:(.*)[-_.:])?([0-9a-f]{64})(?:[-_.:].*)?$"));
    const auto match = id.match(name);
    if (!match.hasMatch())
        return std::nullopt;
    const QString prefix = match.captured(1).isEmpty() ? QStringLiteral("container") : match.captured(1);
    return prefix + QLatin1Char('-') + match.captured(2).left(12);
}

/// app[-LAUNCHER]-ID-RANDOM as desktops name what they start; `isScope`: the last part is random.
QString application(const QString &name, bool isScope)
{
    QStringList parts = name.section(QLatin1Char('@'), 0, 0).split(QLatin1Char('-'));
    if (isScope && parts.size() > 2)
        parts.removeLast();
    if (parts.size() > 2)
        parts.removeAt(1);
    return unescaped(parts.join(QLatin1Char('-')));
}

/// Ends of names that are another one each time.
QString withoutRandomEnd(const QString &name)
{
    static const QRegularExpression random(
        QStringLiteral("[-_@](?:[0-9]+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?=[a-f]*"
                       "[0-9])[0-9a-f]{8,})$"));
    QString folded = name;
    folded.remove(random);
    return folded;
}

ServiceName scope(const QString &name)
{
    if (const auto id = container(name))
        return {*id, ServiceKind::Container};
    if (pattern("session-.+").match(name).hasMatch())
        return {QStringLiteral("session"), ServiceKind::Session};
    if (pattern("run-.+").match(name).hasMatch())
        return {QStringLiteral("run"), ServiceKind::Unit};
    if (name.startsWith(QLatin1String("app-")))
        return {application(name, true), ServiceKind::Application};
    if (name.startsWith(QLatin1String("machine-"))) {
        QString machine = unescaped(name);
        machine.replace(QRegularExpression(QStringLiteral("^machine-(?:qemu|lxc)-[0-9]+-")),
                        QStringLiteral("machine-"));
        return {machine, ServiceKind::Machine};
    }
    return {withoutRandomEnd(unescaped(name)), ServiceKind::Unit};
}

ServiceName service(const QString &name)
{
    if (pattern("run-(?:[rup][0-9a-f]|[0-9]).*").match(name).hasMatch())
        return {QStringLiteral("run"), ServiceKind::Unit};
    if (const auto id = container(name))
        return {*id, ServiceKind::Container};
    if (name.startsWith(QLatin1String("app-")))
        return {application(name, false), ServiceKind::Application};
    // an instance for each connection or crash: numbers, not a name
    if (const auto instance = pattern("([^@]+@)[0-9]+-(?:[0-9-]+|.*:.*)").match(name); instance.hasMatch())
        return {instance.captured(1) + kService, ServiceKind::Unit};
    if (const auto activated = pattern("dbus-:[0-9.]+-(.+?)(?:@[0-9]+)?").match(name); activated.hasMatch())
        return {QStringLiteral("dbus-") + activated.captured(1) + kService, ServiceKind::Unit};
    return {name + kService, ServiceKind::Unit};
}

ServiceName unit(const QString &component)
{
    return component.endsWith(kScope) ? scope(component.chopped(kScope.size()))
                                      : service(component.chopped(kService.size()));
}

/// Below a user's own service manager, or in a user's slice.
ServiceName ofUser(const QString &user, const ServiceName &name)
{
    return {QStringLiteral("user-%1/%2").arg(user, name.name), name.kind};
}

/// Without any unit on the way: container managers that make cgroups themselves, slices, or something else.
ServiceName withoutUnit(const QStringList &components)
{
    QString named;
    QString slice = QStringLiteral("-.slice");
    for (const QString &component : components) {
        if (const auto id = container(component)) {
            const QString manager =
                named.isEmpty() ? QString() : named.section(QLatin1Char('-'), 0, 0) + QLatin1Char('-');
            return {component.size() == 64 && !manager.isEmpty() ? manager + component.left(12) : *id,
                    ServiceKind::Container};
        }
        if (named.isEmpty() && !component.endsWith(kSlice))
            named = component;
        else if (named.isEmpty())
            slice = component;
    }
    if (named.startsWith(QLatin1String("lxc.payload.")))
        return {named.mid(12), ServiceKind::Machine};
    return {named.isEmpty() ? slice : withoutRandomEnd(unescaped(named)), ServiceKind::Other};
}

ServiceName nameOf(const QStringList &components)
{
    QString user;
    for (qsizetype i = 0; i < components.size(); ++i) {
        const QString &component = components[i];
        if (const auto slice = pattern("user-([0-9]+)\\.slice").match(component);
            slice.hasMatch() && user.isEmpty())
            user = slice.captured(1);
        if (!isUnit(component))
            continue;
        const auto manager = pattern("user@([0-9]+)\\.service").match(component);
        if (!manager.hasMatch())
            return user.isEmpty() ? unit(component) : ofUser(user, unit(component));
        for (const QString &below : components.mid(i + 1)) {
            if (isUnit(below) && below != QLatin1String("init.scope"))
                return ofUser(manager.captured(1), unit(below));
        }
        return {component, ServiceKind::Unit};
    }
    return withoutUnit(components);
}

} // namespace

ServiceName serviceName(const QString &path)
{
    ServiceName name = nameOf(path.split(QLatin1Char('/'), Qt::SkipEmptyParts));
    for (QChar &c : name.name) {
        if (!c.isPrint() && !c.isSurrogate())
            c = QChar::ReplacementCharacter;
    }
    name.name.truncate(kMaxServiceNameLength);
    if (!name.name.isValidUtf16())
        name.name = QString::fromUtf8(name.name.toUtf8());
    return name;
}

namespace {

constexpr std::array kKinds{"unit", "application", "session", "container", "machine", "other"};
static_assert(kKinds.size() == size_t(ServiceKind::Other) + 1);

} // namespace

QString serviceKindName(ServiceKind kind)
{
    return QLatin1String(kKinds.at(size_t(kind)));
}

std::optional<ServiceKind> serviceKindFrom(const QString &text)
{
    const auto known =
        std::ranges::find_if(kKinds, [&](const char *name) { return text == QLatin1String(name); });
    return known == kKinds.end() ? std::nullopt : std::optional(ServiceKind(known - kKinds.begin()));
}

} // namespace weir
