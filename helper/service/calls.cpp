// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/calls.h"

#include "dbus/names.h"
#include "helper/service/field_reader.h"

#include <QLoggingCategory>

namespace weir {

namespace {

Q_LOGGING_CATEGORY(lcAudit, "weir.audit", QtInfoMsg)

QString errorName(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::InvalidArgument:
        return dbus::error::kInvalidArgument;
    case ErrorKind::NotFound:
        return dbus::error::kNotFound;
    case ErrorKind::Conflict:
        return dbus::error::kConflict;
    case ErrorKind::LimitReached:
        return dbus::error::kLimitReached;
    case ErrorKind::KernelRefused:
        return dbus::error::kKernelRefused;
    case ErrorKind::Unsupported:
        return dbus::error::kUnsupported;
    case ErrorKind::StorageFailed:
        return dbus::error::kStorageFailed;
    }
    Q_UNREACHABLE();
}

} // namespace

Call::Call(Calls &calls, const QDBusConnection &bus, const QDBusMessage &message, const QString &action)
    : m_calls(&calls), m_bus(bus), m_message(message), m_action(action)
{ }

Call::~Call()
{
    if (!m_isSettled)
        fail({ErrorKind::Conflict,
              QStringLiteral("%1: the helper is ending; call again when it is back").arg(member())});
}

void Call::send(const QDBusConnection &bus, const QDBusMessage &call, const QDBusMessage &reply)
{
    if (call.isReplyRequired()) // an answer that nobody asked for is refused by the bus, with a line in its
                                // log
        bus.send(reply);
}

void Call::answer(const QVariantList &values)
{
    send(m_bus, m_message, m_message.createReply(values));
    settle(QStringLiteral("done"));
}

void Call::fail(const Error &error)
{
    answerError(errorName(error.kind), error.message);
}

void Call::refuse(const QString &reason)
{
    answerError(dbus::error::kNotAuthorized, reason);
}

void Call::finish(const Result<void> &result)
{
    if (result)
        answer();
    else
        fail(result.error());
}

void Call::answerError(const QString &name, const QString &text)
{
    send(m_bus, m_message, m_message.createErrorReply(name, text));
    settle(name.section(QLatin1Char('.'), -1) + QStringLiteral(": ") + text);
}

void Call::settle(const QString &outcome)
{
    Q_ASSERT(!m_isSettled);
    m_isSettled = true;
    if (m_calls)
        m_calls->end(*this, outcome);
}

Calls::Calls(Clients &clients, Authorizer &authorizer, const ActionTable &actions, QObject *parent)
    : QObject(parent), m_clients(clients), m_authorizer(authorizer), m_actions(actions)
{
    connect(&m_clients, &Clients::left, this, &Calls::abandon);
}

CallPointer Calls::admit(const QDBusContext &context)
{
    const QDBusMessage message = context.message();
    context.setDelayedReply(true);
    const QDBusConnection bus = context.connection();
    const auto refuse = [&](QLatin1String error, const QString &text) {
        Call::send(bus, message, message.createErrorReply(error, text));
        return CallPointer();
    };
    if (m_isClosed)
        return refuse(
            dbus::error::kConflict,
            QStringLiteral("%1: the helper is ending; call again when it is back").arg(message.member()));
    const QString action = m_actions.action(message.interface(), message.member());
    if (action.isEmpty())
        return refuse(dbus::error::kNotAuthorized,
                      QStringLiteral("%1: call it with its interface, such as %2")
                          .arg(message.member(), dbus::kManagerInterface));

    m_clients.meet(message.service());
    int &pending = m_clients.pendingCalls(message.service());
    if (pending >= dbus::kMaxPendingCallsPerClient)
        return refuse(
            dbus::error::kLimitReached,
            QStringLiteral("%1: %2 of your calls are waiting already, more are not taken; wait for answers")
                .arg(message.member())
                .arg(pending));
    ++pending;
    auto call = std::make_shared<Call>(*this, bus, message, action);
    m_bySender.insert(call->sender(), call.get());
    return call;
}

void Calls::authorize(const CallPointer &call, std::function<void()> apply)
{
    call->m_wasAsked = true;
    call->m_ticket = m_authorizer.ask(
        {call->sender(), call->action(), call->isInteractive()},
        [this, call, apply = std::move(apply)](const Authorizer::Verdict &verdict) {
            call->m_ticket = 0;
            // Taken now, because the client may leave before the engine is done.
            m_clients.withUid(call->sender(), [call](std::optional<uint> uid) { call->m_uid = uid; });
            if (verdict.allowed)
                apply();
            else
                call->refuse(verdict.reason);
        });
}

void Calls::end(Call &call, const QString &outcome)
{
    if (m_bySender.remove(call.sender(), &call) > 0)
        --m_clients.pendingCalls(call.sender());
    // Nonsense is not worth a line that anybody could fill the journal with.
    if (!call.m_wasAsked || call.action() == dbus::action::kMonitor
        || call.action() == dbus::action::kMonitorAll)
        return;
    const QString what =
        call.m_subject.isEmpty() ? call.member() : call.member() + QLatin1Char(' ') + call.m_subject;
    const auto log = [what, outcome, sender = call.sender()](std::optional<uint> uid) {
        const QString who = uid ? QStringLiteral("uid %1").arg(*uid) : QStringLiteral("somebody who left");
        qCInfo(lcAudit, "%s (%s): %s: %s", qUtf8Printable(who), qUtf8Printable(sender), qUtf8Printable(what),
               qUtf8Printable(outcome));
    };
    if (call.m_uid)
        log(call.m_uid);
    else
        m_clients.withUid(call.sender(), log);
}

void Calls::abandon(const QString &sender)
{
    // Those that wait for polkit are let go; those that the engine works on are finished by it, unheard.
    const QList<Call *> calls = m_bySender.values(sender);
    m_bySender.remove(sender);
    for (Call *call : calls) {
        if (call->m_ticket == 0)
            continue;
        call->m_isSettled = true; // nobody is there to be answered
        m_authorizer.cancel(call->m_ticket);
    }
}

} // namespace weir
