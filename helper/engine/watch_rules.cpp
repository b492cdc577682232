// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/watch_rules.h"

#include "helper/engine/bounds.h"

#include <algorithm>

namespace weir {

namespace {

std::unexpected<Error> wrong(const WatchSpec &spec, const QString &what)
{
    return failure(ErrorKind::InvalidArgument,
                   QStringLiteral("watch %1: %2").arg(quotedName(spec.name), what));
}

bool controls(char32_t c)
{
    switch (QChar::category(c)) {
    case QChar::Other_Control:
    case QChar::Other_Format:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return true;
    default:
        return false;
    }
}

} // namespace

QString quotedName(const QString &name)
{
    QString text = name.left(kMaxNameLength);
    std::ranges::replace_if(
        text, [](QChar c) { return !c.isPrint(); }, QChar(QChar::ReplacementCharacter));
    return QStringLiteral("\"%1\"").arg(text);
}

Result<void> checkSpec(const WatchSpec &spec)
{
    const QList<uint> name = spec.name.toUcs4();
    if (name.isEmpty() || name.size() > kMaxNameLength)
        return wrong(
            spec,
            QStringLiteral("name has %1 characters, 1-%2 are allowed").arg(name.size()).arg(kMaxNameLength));
    // what was no text to begin with comes with replacement characters
    if (!spec.name.isValidUtf16() || !spec.note.isValidUtf16()
        || spec.name.contains(QChar(QChar::ReplacementCharacter)))
        return wrong(spec, QStringLiteral("name and note must be valid Unicode"));
    if (std::ranges::any_of(name, [](uint c) { return controls(c); }))
        return wrong(spec, QStringLiteral("name has a control or format character, none is allowed"));
    if (spec.name.front() == QLatin1Char('#'))
        return wrong(spec,
                     QStringLiteral("name begins with #, which stands for the number of a removed watch"));
    if (QChar::isSpace(name.front()) || QChar::isSpace(name.back()))
        return wrong(spec, QStringLiteral("name begins or ends with white space, neither is allowed"));

    const QList<uint> note = spec.note.toUcs4();
    if (note.size() > kMaxNoteLength)
        return wrong(
            spec,
            QStringLiteral("note has %1 characters, 0-%2 are allowed").arg(note.size()).arg(kMaxNoteLength));
    if (std::ranges::any_of(note,
                            [](uint c) { return c != '\n' && QChar::category(c) == QChar::Other_Control; }))
        return wrong(spec, QStringLiteral("note has a control character, only line breaks are allowed"));

    const auto &[limit, quota, burst] = spec.policies;
    for (const Result<void> &valid :
         {limit ? checkLimit(*limit) : Result<void>(), quota ? checkQuota(*quota) : Result<void>(),
          burst ? checkBurst(*burst) : Result<void>()})
        if (!valid)
            return wrong(spec, valid.error().message);

    if (spec.kind == WatchKind::Service) {
        if (!spec.ports.empty() || !spec.link.isEmpty())
            return wrong(spec, QStringLiteral("ports and link do not belong to a watch of a service"));
        if (spec.service.isEmpty() || spec.service.size() > kMaxServiceNameLength)
            return wrong(spec,
                         QStringLiteral("service has %1 characters, 1-%2 are allowed")
                             .arg(spec.service.size())
                             .arg(kMaxServiceNameLength));
        const QList<uint> service = spec.service.toUcs4();
        if (!spec.service.isValidUtf16() || std::ranges::any_of(service, [](uint c) { return controls(c); })
            || QChar::isSpace(service.front()) || QChar::isSpace(service.back()))
            return wrong(
                spec,
                QStringLiteral("service must be a name such as nginx.service, without control characters, "
                               "and without white space at its ends"));
        return {};
    }
    if (!spec.service.isEmpty())
        return wrong(spec, QStringLiteral("service does not belong to a watch of ports or of a link"));
    if (spec.kind == WatchKind::Link) {
        if (!spec.ports.empty())
            return wrong(spec, QStringLiteral("ports do not belong to a watch of a link"));
        if (spec.link.isEmpty())
            return wrong(spec, QStringLiteral("link must be the name of an interface"));
        return {};
    }
    if (!spec.link.isEmpty())
        return wrong(spec, QStringLiteral("link does not belong to a watch of ports"));
    if (spec.ports.empty() || spec.ports.size() > kMaxPortRanges)
        return wrong(spec,
                     QStringLiteral("ports has %1 ports and ranges, 1-%2 are allowed")
                         .arg(spec.ports.size())
                         .arg(kMaxPortRanges));
    for (const PortRange &range : spec.ports)
        if (range.first < 1 || range.first > range.last)
            return wrong(
                spec,
                QStringLiteral("ports: %1-%2 is no range within 1-65535").arg(range.first).arg(range.last));
    if (quint8(spec.protocols) < quint8(Protocols::Tcp) || quint8(spec.protocols) > quint8(Protocols::Both))
        return wrong(spec, QStringLiteral("protocol must be tcp, udp or both"));
    return {};
}

Result<WatchSpec> edited(const WatchSpec &spec, const WatchEdit &edit)
{
    const auto foreign = [&](const QString &field, const QString &kind) {
        return wrong(spec,
                     QStringLiteral("%1 does not belong to a watch of %2, and the kind cannot change")
                         .arg(field, kind));
    };
    const QString kind = spec.kind == WatchKind::Link ? QStringLiteral("a link")
        : spec.kind == WatchKind::Service             ? QStringLiteral("a service")
                                                      : QStringLiteral("ports");
    if (spec.kind != WatchKind::Ports && (edit.ports || edit.protocols))
        return foreign(edit.ports ? QStringLiteral("ports") : QStringLiteral("protocol"), kind);
    if (spec.kind != WatchKind::Link && edit.link)
        return foreign(QStringLiteral("link"), kind);
    if (spec.kind != WatchKind::Service && edit.service)
        return foreign(QStringLiteral("service"), kind);
    WatchSpec result = spec;
    result.name = edit.name.value_or(spec.name);
    result.ports = edit.ports.value_or(spec.ports);
    result.protocols = edit.protocols.value_or(spec.protocols);
    result.link = edit.link.value_or(spec.link);
    result.service = edit.service.value_or(spec.service);
    result.note = edit.note.value_or(spec.note);
    result.enabled = edit.enabled.value_or(spec.enabled);
    if (auto valid = checkSpec(result); !valid)
        return std::unexpected(valid.error());
    result.ports = normalized(std::move(result.ports));
    return result;
}

QStringList linksOf(const std::vector<WatchSpec> &watches)
{
    QStringList links;
    for (const WatchSpec &spec : watches)
        if (spec.kind == WatchKind::Link && !links.contains(spec.link))
            links.append(spec.link);
    return links;
}

QStringList linksOf(const WatchEdit &edit)
{
    return edit.link ? QStringList{*edit.link} : QStringList();
}

} // namespace weir
