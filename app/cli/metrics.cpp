// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/metrics.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::cli {

namespace {

using Labels = std::initializer_list<std::pair<const char *, QString>>;

QByteArray escaped(const QString &value)
{
    QByteArray text = value.toUtf8();
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    return text;
}

/// Samples of one name after its two lines of explanation.
class Family
{
public:
    Family(QByteArray &text, const char *name, const char *type, const char *help)
        : m_text(text), m_name(name)
    {
        m_text += "# HELP " + m_name + ' ' + help + "\n# TYPE " + m_name + ' ' + type + '\n';
    }

    void add(Labels labels, const QByteArray &value)
    {
        m_text += m_name;
        char before = '{';
        for (const auto &[label, content] : labels) {
            m_text += before + QByteArray(label) + "=\"" + escaped(content) + '"';
            before = ',';
        }
        m_text += (labels.size() > 0 ? "} " : " ") + value + '\n';
    }
    void add(Labels labels, qulonglong value) { add(labels, QByteArray::number(value)); }

private:
    QByteArray &m_text;
    QByteArray m_name;
};

/// A part of a total, by its scope.
struct Scoped {
    const char *scope;
    dbus::Traffic traffic;
};

enum class Unit { Bytes, Packets };

template <size_t Count>
void addScopes(Family &family, Unit unit, const char *label, const QString &name,
               const std::array<Scoped, Count> &parts)
{
    for (const Scoped &part : parts) {
        const QString scope = QLatin1String(part.scope);
        const auto &traffic = part.traffic;
        family.add({{label, name}, {"direction", QStringLiteral("rx")}, {"scope", scope}},
                   unit == Unit::Bytes ? traffic.rxBytes : traffic.rxPackets);
        family.add({{label, name}, {"direction", QStringLiteral("tx")}, {"scope", scope}},
                   unit == Unit::Bytes ? traffic.txBytes : traffic.txPackets);
    }
}

void addLinks(QByteArray &text, const dbus::LinkRows &links)
{
    const auto totals = [&](Family family, Unit unit) {
        for (const dbus::LinkRow &link : links)
            addScopes(family, unit, "link", link.name,
                      std::array{Scoped{"internet", link.internet}, Scoped{"local", link.local},
                                 Scoped{"other", link.other}, Scoped{"unmetered", link.unmetered}});
    };
    totals(Family(text, "weir_link_bytes_total", "counter",
                  "Bytes on the wire since Weir first saw the link; the scopes add up to all of it."),
           Unit::Bytes);
    totals(Family(text, "weir_link_packets_total", "counter",
                  "Packets on the wire since Weir first saw the link."),
           Unit::Packets);
    Family metered(text, "weir_link_metered", "gauge", "1 when the packets of the link are metered now.");
    for (const dbus::LinkRow &link : links)
        metered.add({{"link", link.name}}, qulonglong(link.metered));
}

/// What of a watch's total is neither internet nor local: of a link what is not IP.
dbus::Traffic otherOf(const dbus::WatchRow &watch)
{
    const auto rest = [](qulonglong total, qulonglong internet, qulonglong local) {
        return total - std::min(total, internet + local);
    };
    return {rest(watch.total.rxBytes, watch.internet.rxBytes, watch.local.rxBytes),
            rest(watch.total.txBytes, watch.internet.txBytes, watch.local.txBytes),
            rest(watch.total.rxPackets, watch.internet.rxPackets, watch.local.rxPackets),
            rest(watch.total.txPackets, watch.internet.txPackets, watch.local.txPackets)};
}

void addWatches(QByteArray &text, const dbus::WatchRows &watches)
{
    const auto totals = [&](Family family, Unit unit) {
        for (const dbus::WatchRow &watch : watches)
            addScopes(family, unit, "watch", watch.name,
                      std::array{Scoped{"internet", watch.internet}, Scoped{"local", watch.local},
                                 Scoped{"other", otherOf(watch)}});
    };
    totals(Family(text, "weir_watch_bytes_total", "counter",
                  "Bytes on the wire since the watch was added; watches may overlap."),
           Unit::Bytes);
    totals(
        Family(text, "weir_watch_packets_total", "counter", "Packets on the wire since the watch was added."),
        Unit::Packets);
    Family connections(text, "weir_watch_connections", "gauge", "Active connections that the watch counts.");
    for (const dbus::WatchRow &watch : watches)
        connections.add({{"watch", watch.name}}, watch.connections);
    Family enabled(text, "weir_watch_enabled", "gauge", "0 while the watch is paused.");
    for (const dbus::WatchRow &watch : watches)
        enabled.add({{"watch", watch.name}}, qulonglong(watch.enabled));
}

void addServices(QByteArray &text, const dbus::ServiceRows &services)
{
    const auto totals = [&](Family family, Unit unit) {
        for (const dbus::ServiceRow &service : services)
            addScopes(family, unit, "service", service.name,
                      std::array{Scoped{"internet", service.internet}, Scoped{"local", service.local},
                                 Scoped{"loopback", service.loopback}});
    };
    totals(Family(text, "weir_service_bytes_total", "counter",
                  "Bytes that the sockets of a service moved since Weir first saw it."),
           Unit::Bytes);
    totals(Family(text, "weir_service_packets_total", "counter",
                  "Packets that the sockets of a service moved since Weir first saw it."),
           Unit::Packets);
}

void addHelper(QByteArray &text, const MetricsMoment &moment)
{
    const auto textOf = [&](const char *key) { return moment.status.value(QLatin1String(key)).toString(); };
    const auto numberOf = [&](const char *key) {
        return moment.status.value(QLatin1String(key)).toULongLong();
    };
    Family(text, "weir_info", "gauge", "What is running, in its labels.")
        .add({{"version", textOf("version")},
              {"meter", textOf("meter")},
              {"kernel", textOf("kernel")},
              {"database", textOf("database")}},
             1);
    Family(text, "weir_start_time_seconds", "gauge", "When the helper was started, in seconds since 1970.")
        .add({}, numberOf("started_s"));
    Family(text, "weir_sample_time_seconds", "gauge", "When the figures were taken, in seconds since 1970.")
        .add({}, QByteArray::number(double(moment.timeMs) / 1000, 'f', 3));
    Family(text, "weir_connections", "gauge", "Active connections.").add({}, numberOf("flows"));
    Family(text, "weir_connections_capacity", "gauge", "Connections that there is room for.")
        .add({}, numberOf("flow_capacity"));
    Family(text, "weir_unattributed_bytes_total", "counter", "Bytes of connections that found no room.")
        .add({}, numberOf("unattributed_bytes"));
    Family problems(text, "weir_problems", "gauge", "Problems that weirctl problems explains, by severity.");
    for (const char *severity : {"error", "warning", "info"})
        problems.add({{"severity", QLatin1String(severity)}},
                     qulonglong(std::count_if(
                         moment.problems.begin(), moment.problems.end(),
                         [&](const auto &problem) { return problem.severity == QLatin1String(severity); })));
}

void addUp(QByteArray &text, qulonglong up)
{
    Family(text, "weir_up", "gauge", "1 when the helper answered.").add({}, up);
}

} // namespace

QByteArray metricsText(const MetricsMoment &moment)
{
    QByteArray text;
    addUp(text, 1);
    addHelper(text, moment);
    addLinks(text, moment.links);
    addWatches(text, moment.watches);
    addServices(text, moment.services);
    return text;
}

QByteArray metricsTextWithoutHelper()
{
    QByteArray text;
    addUp(text, 0);
    return text;
}

} // namespace weir::cli
