// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/stub_helper.h"

#include "dbus/names.h"

#include <QDBusMetaType>
#include <QFile>
#include <QXmlStreamReader>

#include <algorithm>

namespace weir::test {

namespace {

// What the helper keeps its messages below, in rows: a bus throws off whoever sends more than it takes.
constexpr qsizetype kMaxRowsInReply = 30'000;
constexpr qsizetype kMaxRowsInFrame = 10'000;

template <typename T>
T argument(const QDBusMessage &message, qsizetype index)
{
    return qdbus_cast<T>(message.arguments().at(index));
}

void apply(dbus::WatchRow &row, const QVariantMap &fields)
{
    const auto text = [&fields](QLatin1String key, QString &member) {
        member = fields.value(key, member).toString();
    };
    text(QLatin1String("name"), row.name);
    text(QLatin1String("ports"), row.ports);
    text(QLatin1String("protocol"), row.protocol);
    text(QLatin1String("link"), row.link);
    text(QLatin1String("service"), row.service);
    text(QLatin1String("note"), row.note);
    row.enabled = fields.value(QStringLiteral("enabled"), row.enabled).toBool();
}

/// The rows that are not in `sent` as they are, and the keys that are only there; `sent` is brought up to
/// date.
template <typename Row, typename Key, typename KeyOf>
std::pair<QList<Row>, QList<Key>> difference(QMap<Key, Row> &sent, const QList<Row> &rows, KeyOf keyOf)
{
    QList<Row> changed;
    QMap<Key, Row> now;
    for (const Row &row : rows) {
        const Key key = keyOf(row);
        if (!sent.contains(key) || !(sent.value(key) == row))
            changed.append(row);
        now.insert(key, row);
    }
    QList<Key> gone;
    for (const Key &key : sent.keys()) {
        if (!now.contains(key))
            gone.append(key);
    }
    sent = now;
    return {changed, gone};
}

} // namespace

StubHelper::StubHelper(QDBusConnection bus, QObject *parent)
    : QDBusVirtualObject(parent), m_bus(std::move(bus))
{
    dbus::registerTypes();
    readContract();
    settings = {{QStringLiteral("metered_links"), QStringLiteral("auto")},
                {QStringLiteral("local_prefixes"), QString()},
                {QStringLiteral("flush_interval_s"), 30U}};
    m_bus.registerVirtualObject(dbus::kPath, this, QDBusConnection::SingleNode);
}

void StubHelper::readContract()
{
    for (const QLatin1String interface :
         {dbus::kManagerInterface, dbus::kLiveInterface, dbus::kWatchesInterface, dbus::kHistoryInterface,
          dbus::kLimitsInterface}) {
        QFile file(QStringLiteral(WEIR_CONTRACT_DIR "/%1.xml").arg(interface));
        if (!file.open(QIODevice::ReadOnly))
            qFatal("no contract at %s", qPrintable(file.fileName()));
        QString method;
        QString signal;
        for (QXmlStreamReader xml(&file); !xml.atEnd();) {
            if (xml.readNext() != QXmlStreamReader::StartElement)
                continue;
            const auto attribute = [&xml](const char *name) {
                return xml.attributes().value(QLatin1String(name)).toString();
            };
            if (xml.name() == QLatin1String("method")) {
                method = interface + QLatin1Char('.') + attribute("name");
                signal.clear();
                m_methods.insert(method, {});
            } else if (xml.name() == QLatin1String("signal")) {
                signal = interface + QLatin1Char('.') + attribute("name");
                m_signals.insert(signal, {});
            } else if (xml.name() == QLatin1String("arg") && !signal.isEmpty()) {
                m_signals[signal] += attribute("type");
            } else if (xml.name() == QLatin1String("arg")) {
                (attribute("direction") == QLatin1String("out") ? m_methods[method].out
                                                                : m_methods[method].in) += attribute("type");
            }
        }
    }
}

void StubHelper::appear()
{
    if (!m_bus.registerService(dbus::kService))
        qFatal("the test's bus has a helper already");
}

void StubHelper::vanish()
{
    m_subscribers.clear();
    m_bus.unregisterService(dbus::kService);
}

void StubHelper::fail(const QString &method, const QString &error, const QString &message)
{
    m_failures.insert(method, {error, message});
}

void StubHelper::heal()
{
    m_failures.clear();
    m_oddAnswers.clear();
}

void StubHelper::hold(const QString &method)
{
    m_held.insert(method);
}

void StubHelper::release(const QString &method)
{
    m_held.remove(method);
    const auto waiting = std::exchange(m_waiting, {});
    for (const QDBusMessage &message : waiting) {
        if (message.member() == method)
            answer(message);
        else
            m_waiting.append(message);
    }
}

void StubHelper::releaseOne(const QString &method)
{
    const auto first = std::find_if(m_waiting.begin(), m_waiting.end(),
                                    [&](const QDBusMessage &message) { return message.member() == method; });
    if (first == m_waiting.end())
        qFatal("no call of %s is held", qPrintable(method));
    const QDBusMessage message = *first;
    m_waiting.erase(first);
    answer(message);
}

void StubHelper::answerWith(const QString &method, const QVariantList &arguments)
{
    m_oddAnswers.insert(method, arguments);
}

qsizetype StubHelper::callsOf(const QString &method) const
{
    return std::count_if(calls.begin(), calls.end(), [&](const Call &call) { return call.method == method; });
}

QVariantList StubHelper::argumentsOfLast(const char *method) const
{
    const auto call = std::find_if(calls.rbegin(), calls.rend(), [method](const Call &made) {
        return made.method == QLatin1String(method);
    });
    return call == calls.rend() ? QVariantList() : call->arguments;
}

qsizetype StubHelper::subscriptionsTo(const QString &topic) const
{
    return std::count_if(m_subscribers.begin(), m_subscribers.end(),
                         [&](const Subscriber &subscriber) { return subscriber.topic == topic; });
}

QVariantMap StubHelper::flowQuery() const
{
    for (auto subscriber = m_subscribers.end(); subscriber != m_subscribers.begin();) {
        --subscriber;
        if (subscriber->topic == QLatin1String("flows"))
            return subscriber->query;
    }
    return {};
}

QString StubHelper::introspect(const QString &) const
{
    return {};
}

bool StubHelper::handleMessage(const QDBusMessage &message, const QDBusConnection &)
{
    const QString key = message.interface() + QLatin1Char('.') + message.member();
    const auto method = m_methods.constFind(key);
    if (method == m_methods.cend())
        return false;
    calls.append({message.member(), message.arguments(), message.isInteractiveAuthorizationAllowed()});
    if (message.signature() != method->in) {
        m_bus.send(message.createErrorReply(QDBusError::InvalidArgs, message.signature()));
        return true;
    }
    if (m_held.contains(message.member()))
        m_waiting.append(message);
    else
        answer(message);
    return true;
}

void StubHelper::answer(const QDBusMessage &message)
{
    const QString method = message.member();
    if (m_failures.contains(method)) {
        const auto [error, text] = m_failures.value(method);
        m_bus.send(message.createErrorReply(error, text));
        return;
    }
    if (m_oddAnswers.contains(method)) {
        m_bus.send(message.createReply(m_oddAnswers.value(method)));
        return;
    }
    const auto is = [&method](const char *name) { return method == QLatin1String(name); };
    if (is("GetStatus"))
        return reply(message, {status});
    if (is("GetProblems"))
        return reply(message, {QVariant::fromValue(problems)});
    if (is("GetSettings"))
        return reply(message, {settingsRevision, settings});
    if (is("SetSettings"))
        return setSettings(message);
    if (is("Clean")) {
        reply(message, {});
        return vanish();
    }
    if (is("GetLinks"))
        return reply(message, {QVariant::fromValue(links)});
    if (is("GetServices"))
        return reply(message, {QVariant::fromValue(services)});
    if (is("GetFlows"))
        return reply(
            message,
            {uint(flows.size()), std::max(flowsTotal, uint(flows.size())), QVariant::fromValue(flows)});
    if (is("GetSamples"))
        return reply(message, {timeMs, QVariant::fromValue(rxSamples), QVariant::fromValue(txSamples)});
    if (is("Subscribe"))
        return subscribe(message);
    if (is("Unsubscribe"))
        return unsubscribe(message);
    if (is("GetWatches") && watches.size() > kMaxRowsInReply)
        return refuse(message, dbus::error::kLimitReached,
                      QStringLiteral("%1 watches are too large for one message").arg(watches.size()));
    if (is("GetWatches"))
        return reply(message, {QVariant::fromValue(watches)});
    if (is("AddWatch"))
        return addWatches(message, {{argument<QString>(message, 0), argument<QVariantMap>(message, 1)}});
    if (is("AddWatches"))
        return addWatches(message, argument<dbus::NewWatches>(message, 0));
    if (is("EditWatch"))
        return editWatch(message);
    if (is("RemoveWatch"))
        return removeWatch(message);
    if (is("RestoreWatch"))
        return restoreWatch(message);
    if (answerHistory(message) || answerLimits(message))
        return;
    qFatal("the stub helper does not know %s", qPrintable(method));
}

void StubHelper::reply(const QDBusMessage &message, const QVariantList &values)
{
    QString signature;
    for (const QVariant &value : values)
        signature += QLatin1String(QDBusMetaType::typeToSignature(value.metaType()));
    const QString expected = m_methods.value(message.interface() + QLatin1Char('.') + message.member()).out;
    if (signature != expected)
        qFatal("the stub helper answers %s with %s instead of %s", qPrintable(message.member()),
               qPrintable(signature), qPrintable(expected));
    m_bus.send(message.createReply(values));
}

void StubHelper::refuse(const QDBusMessage &message, QLatin1String error, const QString &text)
{
    m_bus.send(message.createErrorReply(QString(error), text));
}

qsizetype StubHelper::indexOf(const QString &watch) const
{
    const auto found =
        std::find_if(watches.begin(), watches.end(), [&](const auto &row) { return row.name == watch; });
    return found == watches.end() ? -1 : found - watches.begin();
}

void StubHelper::addWatches(const QDBusMessage &message, const dbus::NewWatches &added)
{
    for (const dbus::NewWatch &watch : added) {
        if (indexOf(watch.name) >= 0)
            return refuse(message, dbus::error::kConflict,
                          QStringLiteral("name: '%1' is in use").arg(watch.name));
    }
    for (const dbus::NewWatch &watch : added) {
        dbus::WatchRow row;
        row.name = watch.name;
        row.revision = 1;
        row.kind = QStringLiteral("ports");
        for (const char *kind : {"link", "service"})
            if (watch.fields.contains(QLatin1String(kind)))
                row.kind = QLatin1String(kind);
        if (row.kind == QLatin1String("ports"))
            row.protocol = QStringLiteral("both");
        row.since = timeMs / 1000;
        apply(row, watch.fields);
        watches.append(row);
    }
    std::sort(watches.begin(), watches.end(), [](const auto &a, const auto &b) { return a.name < b.name; });
    if (message.member() == QLatin1String("AddWatch"))
        reply(message, {1U});
    else
        reply(message, {});
}

void StubHelper::editWatch(const QDBusMessage &message)
{
    const qsizetype index = indexOf(argument<QString>(message, 1));
    if (index < 0)
        return refuse(message, dbus::error::kNotFound, QStringLiteral("no such watch"));
    dbus::WatchRow &row = watches[index];
    if (row.revision != argument<uint>(message, 0))
        return refuse(message, dbus::error::kConflict,
                      QStringLiteral("revision: the watch was changed meanwhile"));
    const auto fields = argument<QVariantMap>(message, 2);
    const QString renamed = fields.value(QStringLiteral("name"), row.name).toString();
    if (renamed != row.name && indexOf(renamed) >= 0)
        return refuse(message, dbus::error::kConflict, QStringLiteral("name: '%1' is in use").arg(renamed));
    apply(row, fields);
    reply(message, {++row.revision});
}

void StubHelper::removeWatch(const QDBusMessage &message)
{
    const qsizetype index = indexOf(argument<QString>(message, 1));
    if (index < 0)
        return refuse(message, dbus::error::kNotFound, QStringLiteral("no such watch"));
    if (watches.at(index).revision != argument<uint>(message, 0))
        return refuse(message, dbus::error::kConflict,
                      QStringLiteral("revision: the watch was changed meanwhile"));
    m_removed.append(watches.takeAt(index));
    markSeriesRemoved(m_removed.last().name);
    reply(message, {});
}

void StubHelper::restoreWatch(const QDBusMessage &message)
{
    const auto name = argument<QString>(message, 0);
    const auto found =
        std::find_if(m_removed.begin(), m_removed.end(), [&](const auto &row) { return row.name == name; });
    if (found == m_removed.end())
        return refuse(message, dbus::error::kNotFound,
                      QStringLiteral("nothing of that name was removed in the last 10 minutes"));
    if (indexOf(name) >= 0)
        return refuse(message, dbus::error::kConflict, QStringLiteral("name: '%1' is in use").arg(name));
    found->revision++;
    watches.append(*found);
    m_removed.erase(found);
    std::sort(watches.begin(), watches.end(), [](const auto &a, const auto &b) { return a.name < b.name; });
    reply(message, {watches.at(indexOf(name)).revision});
}

void StubHelper::setSettings(const QDBusMessage &message)
{
    if (argument<uint>(message, 0) != settingsRevision)
        return refuse(message, dbus::error::kConflict,
                      QStringLiteral("revision: the settings were changed meanwhile"));
    settings.insert(argument<QVariantMap>(message, 1));
    reply(message, {++settingsRevision});
}

void StubHelper::subscribe(const QDBusMessage &message)
{
    const uint number = ++m_lastSubscription;
    Subscriber subscriber;
    subscriber.owner = message.service();
    subscriber.topic = argument<QString>(message, 0);
    subscriber.query = argument<QVariantMap>(message, 2);
    if (frameBeforeReply)
        sendFrame(number, subscriber);
    reply(message, {number});
    if (!frameBeforeReply)
        sendFrame(number, subscriber);
    m_subscribers.insert(number, subscriber);
}

void StubHelper::unsubscribe(const QDBusMessage &message)
{
    if (m_subscribers.remove(argument<uint>(message, 0)) == 0)
        return refuse(message, dbus::error::kNotFound, QStringLiteral("no such subscription of yours"));
    reply(message, {});
}

void StubHelper::sendFrame(uint subscription, Subscriber &subscriber)
{
    const auto send = [&](const char *name, const QVariantList &values) {
        sendSignal(subscriber.owner, dbus::kLiveInterface, QLatin1String(name),
                   QVariantList{subscription, timeMs} + values);
    };
    if (subscriber.topic == QLatin1String("links")) {
        const auto [changed, gone] =
            difference(subscriber.links, links, [](const auto &row) { return row.name; });
        send("LinksFrame", {QVariant::fromValue(changed), QStringList(gone)});
    } else if (subscriber.topic == QLatin1String("watches")) {
        const auto [changed, gone] =
            difference(subscriber.watches, watches, [](const auto &row) { return row.name; });
        // the removed ones go with the last part, one frame goes out in any case
        qsizetype from = 0;
        for (; changed.size() - from > kMaxRowsInFrame; from += kMaxRowsInFrame)
            send("WatchesFrame", {QVariant::fromValue(changed.sliced(from, kMaxRowsInFrame)), QStringList()});
        send("WatchesFrame", {QVariant::fromValue(changed.sliced(from)), QStringList(gone)});
    } else {
        const auto [changed, gone] =
            difference(subscriber.flows, flows, [](const auto &row) { return row.id; });
        send("FlowsFrame",
             {uint(flows.size()), std::max(flowsTotal, uint(flows.size())), QVariant::fromValue(changed),
              QVariant::fromValue(dbus::FlowIds(gone))});
    }
}

void StubHelper::sendSignal(const QString &owner, QLatin1String interface, const QString &name,
                            const QVariantList &values)
{
    QString signature;
    for (const QVariant &value : values)
        signature += QLatin1String(QDBusMetaType::typeToSignature(value.metaType()));
    if (signature != m_signals.value(interface + QLatin1Char('.') + name))
        qFatal("the stub helper sends %s with %s", qPrintable(name), qPrintable(signature));
    auto message = QDBusMessage::createTargetedSignal(owner, dbus::kPath, interface, name);
    message.setArguments(values);
    m_bus.send(message);
}

void StubHelper::publish()
{
    timeMs += 1000;
    for (auto subscriber = m_subscribers.begin(); subscriber != m_subscribers.end(); ++subscriber)
        sendFrame(subscriber.key(), *subscriber);
}

void StubHelper::publishProblems()
{
    QStringList told;
    for (const Subscriber &subscriber : std::as_const(m_subscribers)) {
        if (!told.contains(subscriber.owner))
            sendSignal(subscriber.owner, dbus::kManagerInterface, QStringLiteral("ProblemsChanged"), {});
        told << subscriber.owner;
    }
}

void StubHelper::endSubscriptions(const QString &reason)
{
    const auto ended = std::exchange(m_subscribers, {});
    for (auto subscriber = ended.begin(); subscriber != ended.end(); ++subscriber)
        sendSignal(subscriber->owner, dbus::kLiveInterface, QStringLiteral("SubscriptionEnded"),
                   {subscriber.key(), reason});
}

} // namespace weir::test
