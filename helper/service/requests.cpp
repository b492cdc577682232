// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/requests.h"

#include "dbus/names.h"
#include "dbus/port_list.h"
#include "helper/service/field_reader.h"
#include "helper/service/frames.h"

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

/// The engine checks its characters; one that was never seen may be watched.
std::optional<QString> readService(FieldReader &reader)
{
    return reader.text(QLatin1String("service"), kMaxServiceNameLength);
}

Result<WatchSpec> readNewWatch(const QString &name, const QVariantMap &fields, const QString &subject)
{
    FieldReader reader(fields, subject);
    WatchSpec spec;
    spec.name = name; // the engine checks names: they must be right for the other watches, too
    const auto ports = readPorts(reader);
    const auto link = readLink(reader);
    const auto service = readService(reader);
    const int kinds = reader.has(QLatin1String("ports")) + reader.has(QLatin1String("link"))
        + reader.has(QLatin1String("service"));
    if (ports)
        spec.ports = *ports;
    if (reader.has(QLatin1String("link")))
        spec.kind = WatchKind::Link;
    else if (reader.has(QLatin1String("service")))
        spec.kind = WatchKind::Service;
    spec.link = link.value_or(QString());
    spec.service = service.value_or(QString());
    spec.protocols = readProtocol(reader).value_or(Protocols::Both);
    spec.note = reader.text(QLatin1String("note"), dbus::kMaxNoteLength).value_or(QString());
    spec.enabled = reader.flag(QLatin1String("enabled")).value_or(true);
    // unknown keys first: a mistyped "port" is one
    if (const auto good = reader.finish(); !good)
        return std::unexpected(good.error());
    if (kinds != 1)
        reader.refuse(QStringLiteral("ports, link, service: give one of them, not several and not none"));
    else if (spec.kind != WatchKind::Ports && reader.has(QLatin1String("protocol")))
        reader.refuse(QStringLiteral("protocol: goes with ports only; a link or a service is counted whole"));
    if (const auto good = reader.finish(); !good)
        return std::unexpected(good.error());
    return spec;
}

} // namespace

Result<WatchSpec> readNewWatch(const QString &name, const QVariantMap &fields)
{
    return readNewWatch(name, fields, {});
}

qsizetype batchBytes(const dbus::NewWatches &watches)
{
    qsizetype bytes = 0;
    for (const dbus::NewWatch &watch : watches) {
        bytes += wireSize(watch.name);
        for (auto field = watch.fields.begin(); field != watch.fields.end(); ++field)
            bytes += wireSize(field.key()) + wireSize(field.value().toString());
    }
    return bytes;
}

Result<std::vector<WatchSpec>> readNewWatches(const dbus::NewWatches &watches)
{
    if (watches.isEmpty() || watches.size() > dbus::kMaxWatches)
        return failure(ErrorKind::InvalidArgument,
                       QStringLiteral("watches: %1 are given; 1 to %2 are allowed in one call")
                           .arg(watches.size())
                           .arg(dbus::kMaxWatches));
    if (const qsizetype bytes = batchBytes(watches); bytes > dbus::kMaxBatchBytes)
        return failure(ErrorKind::InvalidArgument,
                       QStringLiteral("watches: %1 bytes are given; %2 are allowed in one call")
                           .arg(bytes)
                           .arg(dbus::kMaxBatchBytes));
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
    edit.service = readService(reader);
    edit.protocols = readProtocol(reader);
    edit.note = reader.text(QLatin1String("note"), dbus::kMaxNoteLength);
    edit.enabled = reader.flag(QLatin1String("enabled"));
    if (fields.isEmpty())
        reader.refuse(QStringLiteral(
            "fields: none is given; give one of name, ports, protocol, link, service, note, enabled"));
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
    reader.number(QLatin1String("keep_minutes_days"), dbus::kMinKeepMinutesDays, dbus::kMaxKeepMinutesDays);
    reader.number(QLatin1String("keep_quarters_days"), dbus::kMinKeepQuartersDays,
                  dbus::kMaxKeepQuartersDays);
    reader.number(QLatin1String("keep_remotes_days"), dbus::kMinKeepRemotesDays, dbus::kMaxKeepRemotesDays);
    if (settings.isEmpty())
        reader.refuse(QStringLiteral(
            "settings: none is given; give one of metered_links, local_prefixes, flush_interval_s, "
            "keep_minutes_days, keep_quarters_days, keep_remotes_days"));
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
