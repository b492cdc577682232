// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/requests.h"

#include "dbus/names.h"
#include "dbus/port_list.h"
#include "helper/service/field_reader.h"

namespace weir {

namespace {

constexpr int kMaxLinkNameLength = 15; // IFNAMSIZ without its end

std::optional<PortRanges> readPorts(FieldReader &reader)
{
    // Length is bounded by the number of ranges, "65535-65535, " each.
    const auto text = reader.text(QLatin1String("ports"), dbus::kMaxPortRanges * 13);
    if (!text)
        return {};
    const auto list = dbus::parsePortList(*text);
    if (!list) {
        reader.refuse(list.error().message());
        return {};
    }
    PortRanges ranges;
    for (const dbus::PortRange &range : *list)
        ranges.push_back({range.first, range.last});
    return ranges;
}

std::optional<Protocols> readProtocol(FieldReader &reader)
{
    constexpr Protocols kProtocols[] = {Protocols::Tcp, Protocols::Udp, Protocols::Both};
    const auto choice = reader.choice(QLatin1String("protocol"),
                                      {QStringLiteral("tcp"), QStringLiteral("udp"), QStringLiteral("both")});
    if (!choice)
        return {};
    return kProtocols[*choice];
}

/// The engine says whether there is such a link.
std::optional<QString> readLink(FieldReader &reader)
{
    const auto link = reader.text(QLatin1String("link"), kMaxLinkNameLength);
    if (link && link->isEmpty()) {
        reader.refuse(QStringLiteral("link: is empty; give the name of an interface (1-%1 characters)")
                          .arg(kMaxLinkNameLength));
        return {};
    }
    return link;
}

Result<WatchSpec> readNewWatch(const QString &name, const QVariantMap &fields, const QString &subject)
{
    FieldReader reader(fields, subject);
    WatchSpec spec;
    spec.name = name; // the engine checks names: they must be right for the other watches, too
    const auto ports = readPorts(reader);
    const auto link = readLink(reader);
    if (reader.has(QLatin1String("ports")) == reader.has(QLatin1String("link")))
        reader.refuse(QStringLiteral("ports, link: give one of them, not both and not none"));
    if (ports)
        spec.ports = *ports;
    if (reader.has(QLatin1String("link"))) {
        spec.kind = WatchKind::Link;
        if (reader.has(QLatin1String("protocol")))
            reader.refuse(QStringLiteral("protocol: goes with ports only; a link is counted whole"));
    }
    spec.link = link.value_or(QString());
    spec.protocols = readProtocol(reader).value_or(Protocols::Both);
    spec.note = reader.text(QLatin1String("note"), dbus::kMaxNoteLength).value_or(QString());
    spec.enabled = reader.flag(QLatin1String("enabled")).value_or(true);
    if (const auto good = reader.finish(); !good)
        return std::unexpected(good.error());
    return spec;
}

} // namespace

Result<WatchSpec> readNewWatch(const QString &name, const QVariantMap &fields)
{
    return readNewWatch(name, fields, {});
}

Result<std::vector<WatchSpec>> readNewWatches(const dbus::NewWatches &watches)
{
    if (watches.isEmpty() || watches.size() > dbus::kMaxWatches)
        return failure(ErrorKind::InvalidArgument,
                       QStringLiteral("watches: %1 are given; 1 to %2 are allowed in one call")
                           .arg(watches.size())
                           .arg(dbus::kMaxWatches));
    std::vector<WatchSpec> specs;
    specs.reserve(size_t(watches.size()));
    for (const dbus::NewWatch &watch : watches) {
        auto spec = readNewWatch(watch.name, watch.fields, QStringLiteral("watch ") + quoted(watch.name));
        if (!spec)
            return std::unexpected(spec.error());
        specs.push_back(std::move(*spec));
    }
    return specs;
}

Result<WatchEdit> readWatchEdit(const QVariantMap &fields)
{
    FieldReader reader(fields);
    WatchEdit edit;
    edit.name = reader.text(QLatin1String("name"), dbus::kMaxNameLength);
    edit.ports = readPorts(reader);
    edit.link = readLink(reader);
    edit.protocols = readProtocol(reader);
    edit.note = reader.text(QLatin1String("note"), dbus::kMaxNoteLength);
    edit.enabled = reader.flag(QLatin1String("enabled"));
    if (fields.isEmpty())
        reader.refuse(
            QStringLiteral("fields: none is given; give one of name, ports, protocol, link, note, enabled"));
    if (const auto good = reader.finish(); !good)
        return std::unexpected(good.error());
    return edit;
}

Result<QMap<QString, QVariant>> readSettings(const QVariantMap &settings)
{
    FieldReader reader(settings);
    reader.text(QLatin1String("metered_links"), dbus::kMaxSettingLength);
    reader.text(QLatin1String("local_prefixes"), dbus::kMaxSettingLength);
    reader.number(QLatin1String("flush_interval_s"), dbus::kMinFlushIntervalS, dbus::kMaxFlushIntervalS);
    if (settings.isEmpty())
        reader.refuse(QStringLiteral(
            "settings: none is given; give one of metered_links, local_prefixes, flush_interval_s"));
    if (const auto good = reader.finish(); !good)
        return std::unexpected(good.error());
    return settings;
}

Result<FlowQuery> readFlowQuery(const QVariantMap &query)
{
    constexpr FlowSort kSorts[] = {FlowSort::Rate,   FlowSort::Rx,    FlowSort::Tx,    FlowSort::Total,
                                   FlowSort::Remote, FlowSort::Local, FlowSort::State, FlowSort::Age};
    FieldReader reader(query);
    FlowQuery result;
    if (const auto line = reader.text(QLatin1String("filter"), dbus::kMaxFilterLength)) {
        auto filter = FlowFilter::parse(*line);
        if (filter)
            result.filter = *filter;
        else
            reader.refuse(filter.error().message);
    }
    const auto sort = reader.choice(
        QLatin1String("sort"),
        {QStringLiteral("rate"), QStringLiteral("rx"), QStringLiteral("tx"), QStringLiteral("total"),
         QStringLiteral("remote"), QStringLiteral("local"), QStringLiteral("state"), QStringLiteral("age")});
    result.sort = kSorts[sort.value_or(0)];
    result.ascending = reader.flag(QLatin1String("ascending")).value_or(false);
    result.limit = reader.number(QLatin1String("limit"), 1, dbus::kMaxFlowRows).value_or(100);
    result.offset = reader.number(QLatin1String("offset"), 0, UINT32_MAX).value_or(0);
    result.closed = reader.flag(QLatin1String("closed")).value_or(false);
    if (const auto good = reader.finish(); !good)
        return std::unexpected(good.error());
    return result;
}

Result<SubscriptionRequest> readSubscription(const QString &topic, uint intervalMs, const QVariantMap &query)
{
    const QStringList topics{QStringLiteral("links"), QStringLiteral("watches"), QStringLiteral("flows")};
    const qsizetype index = topics.indexOf(topic);
    if (index < 0)
        return failure(ErrorKind::InvalidArgument,
                       QStringLiteral("topic: %1 is not one of %2")
                           .arg(quoted(topic), topics.join(QStringLiteral(", "))));
    if (intervalMs < uint(dbus::kMinIntervalMs) || intervalMs > uint(dbus::kMaxIntervalMs))
        return failure(ErrorKind::InvalidArgument,
                       QStringLiteral("interval_ms: %1 is out of range; give a number from %2 to %3")
                           .arg(intervalMs)
                           .arg(dbus::kMinIntervalMs)
                           .arg(dbus::kMaxIntervalMs));
    SubscriptionRequest request;
    request.topic = Topic(index);
    request.interval = std::chrono::milliseconds(intervalMs);
    if (request.topic == Topic::Flows) {
        auto flows = readFlowQuery(query);
        if (!flows)
            return std::unexpected(flows.error());
        request.query = std::move(*flows);
    } else if (!query.isEmpty()) {
        return failure(
            ErrorKind::InvalidArgument,
            QStringLiteral("query: must be empty for the topic %1; only flows have one").arg(topic));
    }
    return request;
}

Result<SampleKind> readSampleKind(const QString &kind)
{
    if (kind == QLatin1String("link"))
        return SampleKind::Link;
    if (kind == QLatin1String("watch"))
        return SampleKind::Watch;
    return failure(ErrorKind::InvalidArgument,
                   QStringLiteral("kind: %1 is not one of link, watch").arg(quoted(kind)));
}

} // namespace weir
