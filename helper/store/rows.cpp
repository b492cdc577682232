// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/rows.h"

#include "helper/store/port_text.h"
#include "helper/store/row_values.h"

#include <algorithm>
#include <array>

namespace weir::rows {

namespace {

constexpr std::array kLinkKinds{"ethernet", "wifi", "ppp",  "tun",      "wireguard", "bridge",
                                "bond",     "vlan", "veth", "loopback", "other"};
static_assert(kLinkKinds.size() == size_t(LinkKind::Other) + 1);

QStringList originColumns()
{
    return QStringList{QStringLiteral("boot_id"), QStringLiteral("generation"), QStringLiteral("raw_link")}
    + trafficColumns("raw_internet") + trafficColumns("raw_local") + trafficColumns("raw_other");
}

QString protocolText(Protocols protocols)
{
    switch (protocols) {
    case Protocols::Tcp:
        return QStringLiteral("tcp");
    case Protocols::Udp:
        return QStringLiteral("udp");
    case Protocols::Both:
        break;
    }
    return QStringLiteral("both");
}

QString watchKindText(WatchKind kind)
{
    switch (kind) {
    case WatchKind::Ports:
        return QStringLiteral("ports");
    case WatchKind::Link:
        return QStringLiteral("link");
    case WatchKind::Service:
        return QStringLiteral("service");
    }
    Q_UNREACHABLE();
}

std::optional<WatchKind> watchKindFrom(const QString &text)
{
    for (const WatchKind kind : {WatchKind::Ports, WatchKind::Link, WatchKind::Service})
        if (watchKindText(kind) == text)
            return kind;
    return {};
}

std::optional<Protocols> protocolsFrom(const QString &text)
{
    for (const Protocols protocols : {Protocols::Tcp, Protocols::Udp, Protocols::Both})
        if (protocolText(protocols) == text)
            return protocols;
    return {};
}

} // namespace

QStringList watchColumns()
{
    return QStringList{QStringLiteral("id"),       QStringLiteral("name"),      QStringLiteral("kind"),
                       QStringLiteral("ports"),    QStringLiteral("protocol"),  QStringLiteral("link"),
                       QStringLiteral("service"),  QStringLiteral("note"),      QStringLiteral("enabled"),
                       QStringLiteral("revision"), QStringLiteral("created_s"), QStringLiteral("removed_s")}
    + trafficColumns("internet") + trafficColumns("local") + trafficColumns("other") + originColumns();
}

void bind(QSqlQuery &query, const WatchRecord &record)
{
    const WatchSpec &spec = record.spec;
    Writer row(query);
    row.put(QVariant(record.id));
    row.put(spec.name);
    row.put(watchKindText(spec.kind));
    row.put(portText(spec.ports));
    row.put(protocolText(spec.protocols));
    row.put(spec.link);
    row.put(spec.service);
    row.put(spec.note);
    row.put(QVariant(int(spec.enabled)));
    row.put(QVariant(qint64(record.revision)));
    row.put(QVariant(record.createdS));
    row.put(QVariant(record.removedS));
    row.put(record.total);
    row.put(record.totalOther);
    row.putOrigin(record.baseline);
}

QStringList portCounterColumns()
{
    return trafficColumns("internet") + trafficColumns("local")
        + QStringList{QStringLiteral("boot_id"), QStringLiteral("generation")}
    + trafficColumns("raw_internet") + trafficColumns("raw_local");
}

void bindPortCounters(QSqlQuery &query, const WatchRecord &record)
{
    Writer row(query);
    row.put(record.total);
    row.put(record.baseline.bootId);
    row.put(record.baseline.generation);
    row.put(record.baseline.raw);
    row.put(QVariant(record.id));
}

std::expected<WatchRecord, QString> watchFrom(const QSqlQuery &query)
{
    WatchRecord record;
    Reader row(query);
    record.id = row.takeNumber();
    record.spec.name = row.takeText();
    const auto wrong = [&](const QString &what) {
        return std::unexpected(QStringLiteral("watch %1 has %2").arg(QString::number(record.id), what));
    };
    const QString kind = row.takeText();
    const auto known = watchKindFrom(kind);
    if (!known)
        return wrong(QStringLiteral("no kind but \"%1\"").arg(kind.left(80)));
    record.spec.kind = *known;
    const QString ports = row.takeText();
    const auto ranges = parsePortText(ports);
    const QString protocol = row.takeText();
    const auto protocols = protocolsFrom(protocol);
    if (!ranges)
        return wrong(QStringLiteral("no ports but \"%1\"").arg(ports.left(80)));
    if (!protocols)
        return wrong(QStringLiteral("no protocol but \"%1\"").arg(protocol.left(80)));
    record.spec.ports = *ranges;
    record.spec.protocols = *protocols;
    record.spec.link = row.takeText();
    record.spec.service = row.takeText();
    record.spec.note = row.takeText();
    record.spec.enabled = row.takeNumber() != 0;
    record.revision = quint32(row.takeNumber());
    record.createdS = row.takeNumber();
    record.removedS = row.takeNumber();
    row.take(record.total);
    row.take(record.totalOther);
    row.takeOrigin(record.baseline);
    return record;
}

QStringList linkColumns()
{
    return QStringList{QStringLiteral("id"), QStringLiteral("name"), QStringLiteral("hardware_address"),
                       QStringLiteral("kind"), QStringLiteral("first_seen_s")}
    + trafficColumns("internet") + trafficColumns("local") + trafficColumns("other")
        + trafficColumns("unmetered") + originColumns() + trafficColumns("raw_kernel")
        + trafficColumns("raw_plain");
}

void bind(QSqlQuery &query, const LinkRecord &record)
{
    Writer row(query);
    row.put(QVariant(record.id));
    row.put(record.name);
    // a null array would be NULL, and the column holds none
    row.put(QVariant(record.hardwareAddress.isNull() ? QByteArray("") : record.hardwareAddress));
    row.put(QString(QLatin1String(kLinkKinds.at(size_t(record.kind)))));
    row.put(QVariant(record.firstSeenS));
    row.put(record.total);
    row.put(record.totalOther);
    row.put(record.totalUnmetered);
    row.putOrigin(record.baseline);
    row.put(record.baseline.rawKernel);
    row.put(record.baseline.rawPlain);
}

std::expected<LinkRecord, QString> linkFrom(const QSqlQuery &query)
{
    LinkRecord record;
    Reader row(query);
    record.id = row.takeNumber();
    record.name = row.takeText();
    record.hardwareAddress = row.take().toByteArray();
    const QString kind = row.takeText();
    const auto known =
        std::ranges::find_if(kLinkKinds, [&](const char *name) { return kind == QLatin1String(name); });
    if (known == kLinkKinds.end())
        return std::unexpected(
            QStringLiteral("link %1 has no kind but \"%2\"").arg(record.name, kind.left(80)));
    record.kind = LinkKind(known - kLinkKinds.begin());
    record.firstSeenS = row.takeNumber();
    row.take(record.total);
    row.take(record.totalOther);
    row.take(record.totalUnmetered);
    row.takeOrigin(record.baseline);
    row.take(record.baseline.rawKernel);
    row.take(record.baseline.rawPlain);
    return record;
}

} // namespace weir::rows
