// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/polkit_authorizer.h"

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

Authorizer::Verdict verdictOf(const Authorizer::Question &question, const AuthorizationResult &result)
{
    if (result.isAuthorized)
        return {true, {}};
    if (result.details.contains(QStringLiteral("polkit.dismissed")))
        return {false, QStringLiteral("%1: the question for a password was dismissed").arg(question.action)};
    if (!result.isChallenge)
        return {false,
                QStringLiteral("%1: the system's policy does not allow this to you").arg(question.action)};
    if (!question.interactive)
        return {false,
                QStringLiteral("%1 needs a password, and this call did not allow to ask for one; "
                               "ask an administrator, or be root")
                    .arg(question.action)};
    return {
        false,
        QStringLiteral("%1 needs a password, and nobody could ask you for one: this session has no polkit "
                       "agent; use a desktop session, pkttyagent, or be root")
            .arg(question.action)};
}

Authorizer::Verdict verdictOf(const Authorizer::Question &question, const QDBusError &error)
{
    if (error.type() == QDBusError::ServiceUnknown
        || error.name().startsWith(QLatin1String("org.freedesktop.DBus.Error.Spawn.")))
        return {false,
                QStringLiteral("%1: polkit is not running, so nobody can be authorized; "
                               "install it or start it (systemctl start polkit)")
                    .arg(question.action)};
    if (error.type() == QDBusError::NoReply)
        return {false,
                QStringLiteral("%1: polkit did not answer in time, so you are not authorized; "
                               "see that polkit.service works")
                    .arg(question.action)};
    return {false,
            QStringLiteral("%1: polkit could not decide (%2: %3); see that polkit.service works")
                .arg(question.action, error.name(), error.message())};
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

bool PolkitAuthorizer::hasRoom(const Question &question) const
{
    const Load &load = question.interactive ? m_interactive : m_silent;
    const auto own = load.bySender.find(question.sender);
    return load.all < (question.interactive ? kMaxInteractive : kMaxSilent)
        && (own == load.bySender.end()
            || own->second < (question.interactive ? kMaxInteractivePerSender : kMaxSilentPerSender));
}

void PolkitAuthorizer::sendWhatHasRoom()
{
    for (auto pending = m_waiting.begin(); pending != m_waiting.end();) {
        if (!hasRoom(pending->question)) {
            ++pending;
            continue;
        }
        const auto [place, isNew] = m_underWay.emplace(pending->ticket, std::move(*pending));
        Q_ASSERT(isNew);
        pending = m_waiting.erase(pending);
        send(place->second);
    }
}

void PolkitAuthorizer::send(Pending &pending)
{
    const Question &question = pending.question;
    Load &load = question.interactive ? m_interactive : m_silent;
    ++load.all;
    ++load.bySender[question.sender];

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
    Load &load = question.interactive ? m_interactive : m_silent;
    --load.all;
    const auto own = load.bySender.find(question.sender);
    if (--own->second == 0)
        load.bySender.erase(own);
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
