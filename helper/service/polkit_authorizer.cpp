// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/polkit_authorizer.h"

#include "dbus/names.h"

#include <QDBusArgument>
#include <QDBusError>
#include <QDBusMessage>
#include <QDBusMetaType>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>

#include <utility>

namespace weir {

namespace {

using Details = QMap<QString, QString>;

constexpr QLatin1String kPolkit("org.freedesktop.PolicyKit1");
constexpr QLatin1String kAuthorityPath("/org/freedesktop/PolicyKit1/Authority");
constexpr QLatin1String kAuthority("org.freedesktop.PolicyKit1.Authority");
constexpr uint kAllowUserInteraction = 1;
constexpr uint kRoot = 0;

/// (sa{sv})
struct Subject {
    QString kind;
    QVariantMap details;
};

/// (bba{ss})
struct AuthorizationResult {
    bool isAuthorized = false;
    bool isChallenge = false;
    Details details;
};

QDBusArgument &operator<<(QDBusArgument &argument, const Subject &subject)
{
    argument.beginStructure();
    argument << subject.kind << subject.details;
    argument.endStructure();
    return argument;
}

const QDBusArgument &operator>>(const QDBusArgument &argument, Subject &subject)
{
    argument.beginStructure();
    argument >> subject.kind >> subject.details;
    argument.endStructure();
    return argument;
}

QDBusArgument &operator<<(QDBusArgument &argument, const AuthorizationResult &result)
{
    argument.beginStructure();
    argument << result.isAuthorized << result.isChallenge << result.details;
    argument.endStructure();
    return argument;
}

const QDBusArgument &operator>>(const QDBusArgument &argument, AuthorizationResult &result)
{
    argument.beginStructure();
    argument >> result.isAuthorized >> result.isChallenge >> result.details;
    argument.endStructure();
    return argument;
}

QDBusMessage authorityCall(const QString &method)
{
    return QDBusMessage::createMethodCall(kPolkit, kAuthorityPath, kAuthority, method);
}

QString cancellationId(Authorizer::Ticket ticket)
{
    return QStringLiteral("weir-%1").arg(ticket);
}

/// What was asked for, in words.
QString meaningOf(const QString &action)
{
    if (action == dbus::action::kMonitor)
        return QStringLiteral("seeing this computer's network traffic (%1)").arg(action);
    if (action == dbus::action::kMonitorAll)
        return QStringLiteral("seeing other users' sockets and the names of remote hosts (%1)").arg(action);
    if (action == dbus::action::kConfigure)
        return QStringLiteral("changing watches and settings (%1)").arg(action);
    if (action == dbus::action::kDeleteHistory)
        return QStringLiteral("deleting recorded traffic (%1)").arg(action);
    return action;
}

/// What somebody can do who was denied.
QString remedyFor(const QString &action)
{
    const QString beAsked = QStringLiteral("use a session with a polkit agent (a desktop has one, pkttyagent "
                                           "makes one for a terminal), or sudo");
    return action == dbus::action::kMonitor
        ? QStringLiteral("become a member of group weir (sudo usermod -aG weir USER, then log in again), ")
            + beAsked
        : beAsked;
}

Authorizer::Verdict verdictOf(const Authorizer::Question &question, const AuthorizationResult &result)
{
    if (result.isAuthorized)
        return {true, {}};
    const QString what = meaningOf(question.action);
    if (result.details.contains(QStringLiteral("polkit.dismissed")))
        return {false, QStringLiteral("%1: the question for a password was dismissed").arg(what)};
    if (!result.isChallenge)
        return {false,
                QStringLiteral("%1: the system's policy does not allow this to you; %2")
                    .arg(what, remedyFor(question.action))};
    if (!question.interactive)
        return {false,
                QStringLiteral("%1 needs an administrator's password, and this call did not allow to ask "
                               "for one; %2")
                    .arg(what, remedyFor(question.action))};
    return {false,
            QStringLiteral("%1 needs an administrator's password, and nobody could ask you for one: this "
                           "session has no polkit agent; %2")
                .arg(what, remedyFor(question.action))};
}

Authorizer::Verdict verdictOf(const Authorizer::Question &question, const QDBusError &error)
{
    if (error.type() == QDBusError::ServiceUnknown
        || error.name().startsWith(QLatin1String("org.freedesktop.DBus.Error.Spawn.")))
        return {false,
                QStringLiteral("%1: polkit is not running, so nobody can be authorized; "
                               "install it or start it (systemctl start polkit)")
                    .arg(meaningOf(question.action))};
    if (error.type() == QDBusError::NoReply)
        return {false,
                QStringLiteral("%1: polkit did not answer in time, so you are not authorized; "
                               "see that polkit.service works")
                    .arg(meaningOf(question.action))};
    return {false,
            QStringLiteral("%1: polkit could not decide (%2: %3); see that polkit.service works")
                .arg(meaningOf(question.action), error.name(), error.message())};
}

} // namespace

} // namespace weir

Q_DECLARE_METATYPE(weir::Subject)
Q_DECLARE_METATYPE(weir::AuthorizationResult)

namespace weir {

PolkitAuthorizer::PolkitAuthorizer(const QDBusConnection &bus, Patience patience, QObject *parent)
    : QObject(parent), m_bus(bus), m_patience(patience)
{
    qDBusRegisterMetaType<Details>();
    qDBusRegisterMetaType<Subject>();
    qDBusRegisterMetaType<AuthorizationResult>();
}

PolkitAuthorizer::PolkitAuthorizer(const QDBusConnection &bus, QObject *parent)
    : PolkitAuthorizer(bus, Patience{}, parent)
{ }

PolkitAuthorizer::~PolkitAuthorizer()
{
    for (const auto &[ticket, pending] : m_underWay)
        withdraw(ticket);
}

Authorizer::Ticket PolkitAuthorizer::ask(const Question &question, Answer answer)
{
    const Ticket ticket = ++m_lastTicket;
    m_waiting.push_back({ticket, question, std::move(answer), nullptr});
    sendWhatHasRoom();
    return ticket;
}

void PolkitAuthorizer::cancel(Ticket ticket)
{
    if (auto node = m_underWay.extract(ticket)) {
        delete node.mapped().watcher;
        withdraw(ticket);
        release(node.mapped().question);
        return;
    }
    m_waiting.remove_if([ticket](const Pending &pending) { return pending.ticket == ticket; });
}

std::list<PolkitAuthorizer::Pending>::iterator PolkitAuthorizer::nextInTurn()
{
    auto next = m_waiting.end();
    int fewest = kMaxPerUser;
    for (auto pending = m_waiting.begin(); pending != m_waiting.end(); ++pending) {
        const Question &question = pending->question;
        const Load &load = loadOf(question);
        const int room =
            (question.interactive ? kMaxInteractive : kMaxSilent) - (question.uid == kRoot ? 0 : kMaxPerUser);
        const auto own = load.byUser.find(question.uid);
        const int ofUser = own == load.byUser.end() ? 0 : own->second;
        if (load.all >= room || ofUser >= fewest)
            continue;
        next = pending;
        fewest = ofUser;
    }
    return next;
}

void PolkitAuthorizer::sendWhatHasRoom()
{
    for (auto next = nextInTurn(); next != m_waiting.end(); next = nextInTurn()) {
        const auto [place, isNew] = m_underWay.emplace(next->ticket, std::move(*next));
        Q_ASSERT(isNew);
        m_waiting.erase(next);
        send(place->second);
    }
}

void PolkitAuthorizer::send(Pending &pending)
{
    const Question &question = pending.question;
    Load &load = loadOf(question);
    ++load.all;
    ++load.byUser[question.uid];

    QDBusMessage call = authorityCall(QStringLiteral("CheckAuthorization"));
    const Subject subject{QStringLiteral("system-bus-name"), {{QStringLiteral("name"), question.sender}}};
    call << QVariant::fromValue(subject) << question.action << QVariant::fromValue(Details{})
         << (question.interactive ? kAllowUserInteraction : 0u) << cancellationId(pending.ticket);
    const auto patience = question.interactive ? m_patience.interactive : m_patience.silent;
    pending.watcher = new QDBusPendingCallWatcher(m_bus.asyncCall(call, int(patience.count())), this);
    connect(pending.watcher, &QDBusPendingCallWatcher::finished, this,
            [this, ticket = pending.ticket](QDBusPendingCallWatcher *watcher) { finish(ticket, watcher); });
}

void PolkitAuthorizer::finish(Ticket ticket, QDBusPendingCallWatcher *watcher)
{
    watcher->deleteLater();
    auto node = m_underWay.extract(ticket);
    Q_ASSERT(node);
    release(node.mapped().question);

    const QDBusPendingReply<AuthorizationResult> reply = *watcher;
    if (reply.isError() && reply.error().type() == QDBusError::NoReply)
        withdraw(ticket); // the dialog must not outlive the question
    node.mapped().answer(reply.isError() ? verdictOf(node.mapped().question, reply.error())
                                         : verdictOf(node.mapped().question, reply.value()));
}

void PolkitAuthorizer::release(const Question &question)
{
    Load &load = loadOf(question);
    --load.all;
    const auto own = load.byUser.find(question.uid);
    if (--own->second == 0)
        load.byUser.erase(own);
    sendWhatHasRoom();
}

void PolkitAuthorizer::withdraw(Ticket ticket)
{
    QDBusMessage call = authorityCall(QStringLiteral("CancelCheckAuthorization"));
    call.setAutoStartService(false);
    call << cancellationId(ticket);
    m_bus.send(call);
}

} // namespace weir
