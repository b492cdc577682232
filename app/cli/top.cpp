// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/top.h"

#include "app/cli/handlers.h"
#include "app/cli/views.h"
#include "app/client/format.h"
#include "app/client/json.h"
#include "dbus/names.h"

#include <QDateTime>
#include <QJsonObject>

#include <algorithm>
#include <utility>

namespace weir::cli {

namespace {

constexpr uint kMaxFlows = 50;

template <typename Row, typename Key, typename KeyOf>
void apply(QMap<Key, Row> &rows, bool reset, const QList<Row> &changed, const QList<Key> &removed,
           KeyOf keyOf)
{
    if (reset)
        rows.clear();
    for (const Key &key : removed)
        rows.remove(key);
    for (const Row &row : changed)
        rows.insert(keyOf(row), row);
}

double speed(const dbus::Rate &rate)
{
    return rate.known ? rate.rxBytesPerSecond + rate.txBytesPerSecond : 0;
}

template <typename Row>
QList<Row> busiestFirst(QList<Row> rows)
{
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row &a, const Row &b) { return speed(a.rate) > speed(b.rate); });
    return rows;
}

} // namespace

Top::Top(Session &session, Options options)
    : QObject(&session), m_session(session), m_options(std::move(options)),
      m_linkTopic(session.client(), m_options.intervalMs),
      m_watchTopic(session.client(), m_options.intervalMs),
      m_flowTopic(session.client(), m_options.intervalMs)
{
    m_late.setSingleShot(true);
    m_late.setInterval(m_options.intervalMs + m_options.intervalMs / 2);
    connect(&m_late, &QTimer::timeout, this, &Top::give);
    connect(&m_linkTopic, &client::LinkSubscription::frame, this,
            [this](bool reset, qint64 timeMs, const auto &changed, const auto &removed) {
                apply(m_links, reset, changed, removed, [](const dbus::LinkRow &row) { return row.name; });
                onFrame(m_linksTime, timeMs);
            });
    connect(&m_watchTopic, &client::WatchSubscription::frame, this,
            [this](bool reset, qint64 timeMs, const auto &changed, const auto &removed) {
                apply(m_watches, reset, changed, removed, [](const dbus::WatchRow &row) { return row.name; });
                onFrame(m_watchesTime, timeMs);
            });
    connect(&m_flowTopic, &client::FlowSubscription::frame, this,
            [this](bool reset, qint64 timeMs, uint matching, uint total, const auto &changed,
                   const auto &removed) {
                apply(m_flows, reset, changed, removed, [](const dbus::FlowRow &row) { return row.id; });
                m_matching = matching;
                m_total = total;
                onFrame(m_flowsTime, timeMs);
            });
    for (client::Subscription *topic :
         std::initializer_list<client::Subscription *>{&m_linkTopic, &m_watchTopic, &m_flowTopic})
        connect(topic, &client::Subscription::failed, this, &Top::onFailed);
    connect(&session.client(), &client::Client::helperPresentChanged, this, &Top::onPresence);
}

void Top::run()
{
    QVariantMap query{{QStringLiteral("limit"), kMaxFlows}};
    if (m_options.link)
        query.insert(QStringLiteral("filter"), QStringLiteral("link:") + *m_options.link);
    m_flowTopic.setQuery(query);
    m_linkTopic.start();
    m_watchTopic.start();
    m_flowTopic.start();
}

void Top::onFrame(qint64 &timeOfTopic, qint64 timeMs)
{
    timeOfTopic = timeMs;
    m_trouble.clear();
    if (m_linksTime == 0 || m_watchesTime == 0 || m_flowsTime == 0)
        return;
    if (m_linksTime == m_watchesTime && m_watchesTime == m_flowsTime)
        give();
    else if (!m_late.isActive())
        m_late.start();
}

void Top::onFailed(const client::CallError &error)
{
    if (m_given == 0) {
        if (!std::exchange(m_ended, true)) // each topic tells it
            m_session.fail(error, QStringLiteral("cannot watch the traffic"), Purpose::Read);
        return;
    }
    m_trouble = error.message;
    if (m_terminal)
        m_terminal->show(screen());
    else
        m_session.complain(error, QStringLiteral("waiting"), Purpose::Read);
}

void Top::onPresence(bool present)
{
    if (present || m_given == 0)
        return;
    m_late.stop();
    m_trouble =
        QStringLiteral("the helper went away; these are the last figures, waiting for it to come back");
    if (m_terminal)
        m_terminal->show(screen());
    else
        m_session.complain(m_trouble);
}

void Top::give()
{
    m_late.stop();
    if (m_options.link && !m_links.contains(*m_options.link)) {
        if (m_given == 0) {
            m_terminal.reset();
            m_session.complain(
                QStringLiteral("there is no link '%1'; there are: %2")
                    .arg(*m_options.link, QStringList(m_links.keys()).join(QStringLiteral(", "))));
            m_session.finish(Exit::Failed);
            return;
        }
        m_trouble = QStringLiteral("link %1 is gone; waiting for it to come back").arg(*m_options.link);
    }
    if (m_options.json) {
        m_session.printObject(picture());
    } else {
        if (!m_terminal) {
            m_terminal = std::make_unique<Terminal>();
            connect(m_terminal.get(), &Terminal::quit, this, [this] { m_session.finish(Exit::Ok); });
        }
        m_terminal->show(screen());
    }
    if (++m_given == m_options.count)
        m_session.finish(Exit::Ok);
}

dbus::LinkRows Top::shownLinks() const
{
    if (!m_options.link)
        return m_links.values();
    return m_links.contains(*m_options.link) ? dbus::LinkRows{m_links.value(*m_options.link)}
                                             : dbus::LinkRows{};
}

dbus::WatchRows Top::shownWatches() const
{
    // Watches of ports count on all links together; beside one link's figures they would mislead.
    dbus::WatchRows rows;
    for (const dbus::WatchRow &watch : m_watches) {
        if (!m_options.link || watch.link == *m_options.link)
            rows.append(watch);
    }
    return busiestFirst(rows);
}

dbus::FlowRows Top::shownFlows() const
{
    return busiestFirst(m_flows.values());
}

QJsonObject Top::picture() const
{
    return {{QStringLiteral("time_ms"), std::max({m_linksTime, m_watchesTime, m_flowsTime})},
            {QStringLiteral("links"), client::toJson(shownLinks())},
            {QStringLiteral("watches"), client::toJson(shownWatches())},
            {QStringLiteral("flows"), client::toJson(shownFlows())},
            {QStringLiteral("flows_matching"), qint64(m_matching)},
            {QStringLiteral("flows_total"), qint64(m_total)}};
}

QStringList Top::screen() const
{
    const int height = Terminal::size().height();
    dbus::Rate sum{true, 0, 0};
    dbus::LinkRows links;
    const auto all = shownLinks();
    for (const dbus::LinkRow &link : all) {
        if (link.metered || m_options.link)
            links.append(link);
        if (link.metered && link.rate.known) {
            sum.rxBytesPerSecond += link.rate.rxBytesPerSecond;
            sum.txBytesPerSecond += link.rate.txBytesPerSecond;
        }
    }
    const QString time = QDateTime::fromMSecsSinceEpoch(m_linksTime).toString(QStringLiteral("HH:mm:ss"));
    QStringList lines{
        QStringLiteral("Weir  %1   down %2   up %3   q quits")
            .arg(time, client::formatRate(sum.rxBytesPerSecond), client::formatRate(sum.txBytesPerSecond))};
    if (!m_trouble.isEmpty())
        lines << printable(QStringLiteral("! ") + m_trouble);
    lines << QString();
    const auto first = [](const QStringList &all, int most) {
        return all.first(std::min<qsizetype>(all.size(), most));
    };
    if (links.isEmpty())
        lines << QStringLiteral("No link is metered; weirctl links tells why.");
    else
        lines << first(linkTable(links).lines(), height / 4 + 1);
    lines << QString();
    const auto watches = shownWatches();
    if (!watches.isEmpty())
        lines << first(watchTable(watches, Room::Screen).lines(), std::max(2, height / 3)) << QString();
    else if (!m_options.link)
        lines << QStringLiteral("No watches yet. Add one: weirctl watch add web --ports 80,443") << QString();
    lines << (m_flows.isEmpty() ? QStringList(QStringLiteral("No connections right now."))
                                : flowTable(shownFlows(), Room::Screen).lines());
    return lines;
}

std::expected<Job, QString> prepareTop(const Arguments &arguments)
{
    Top::Options options;
    options.link = arguments.value(QStringLiteral("link"));
    options.json = arguments.has(QStringLiteral("json")) || !onTerminal();
    if (const auto text = arguments.value(QStringLiteral("interval"))) {
        bool isNumber = false;
        const double seconds = text->toDouble(&isNumber);
        if (!isNumber || !(seconds * 1000 >= dbus::kMinIntervalMs && seconds * 1000 <= dbus::kMaxIntervalMs))
            return std::unexpected(
                QStringLiteral("--interval: '%1' is not a number of seconds from 0.2 to 60").arg(*text));
        options.intervalMs = qRound(seconds * 1000);
    }
    if (const auto text = arguments.value(QStringLiteral("count"))) {
        bool isNumber = false;
        const int count = text->toInt(&isNumber);
        if (!isNumber || count < 1)
            return std::unexpected(QStringLiteral("--count: '%1' is not a number from 1").arg(*text));
        options.count = count;
    }
    return [options](Session &session) { (new Top(session, options))->run(); };
}

} // namespace weir::cli
